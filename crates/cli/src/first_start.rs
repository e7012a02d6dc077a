//! The link that makes an account's first administrator. It is printed at each start until there is one, only on
//! standard output: whoever has it gets the account.

use rollcall_auth::new_invitation;
use rollcall_model::draw_secret;
use rollcall_model::{
    Access, Account, AccountId, AccountState, Clock as _, Invitation, Role, SystemClock, SystemEntropy,
};
use rollcall_store::Store;

use crate::{commands::member::link, data::choose_account, failure::Failure, terminal::print};

/// How many links are printed.
const PRINTED: usize = 3;

/// Prints a link for each account without an administrator, other than the demo's. Each replaces that of the last start.
pub(crate) async fn print_links(store: &dyn Store, base: &str, demo: Option<AccountId>) -> Result<(), Failure> {
    if store.accounts().await?.is_empty() {
        choose_account(store, &SystemClock, &SystemEntropy, None).await?;
    }
    let accounts = store.accounts().await?;
    let mut without = Vec::new();
    for account in &accounts {
        let is_open = account.state == AccountState::Open && Some(account.id) != demo;
        if is_open && !store.has_administrator(Some(account.id)).await? {
            without.push(account);
        }
    }
    for account in without.iter().take(PRINTED) {
        let of = if accounts.len() > 1 { format!(" of {}", account.name) } else { String::new() };
        let link = new_link(store, base, account).await?;
        // Ignores a closed standard output.
        let _ = print(format_args!("first administrator{of}: {link} (works once, for 7 days)"));
    }
    if let Some(more) = without.len().checked_sub(PRINTED).filter(|more| *more > 0) {
        let _ = print(format_args!("{more} more accounts have no administrator: rollcall member invite"));
    }
    Ok(())
}

async fn new_link(store: &dyn Store, base: &str, account: &Account) -> Result<String, Failure> {
    let code = draw_secret(&SystemEntropy);
    let invitation = new_invitation(account.id, None, Access::of(Role::Administrator), SystemClock.now());
    store.invite(code.hash(), &Invitation { is_first: true, ..invitation }).await?;
    Ok(link(base, code.expose()))
}
