//! The link that makes an account's first administrator. It is printed at each start until there is one, and only on
//! standard output, because it gives the account to anybody who reads it.

use rollcall_auth::{InvitationRequest, create_invitation, invitation_link};
use rollcall_model::{Access, AccountId, AccountState, Role, SystemClock, SystemEntropy};
use rollcall_store::Store;

use crate::{data::choose_account, failure::Failure, terminal::print};

/// How many links are printed.
const PRINTED: usize = 3;

/// Prints a link for each account without an administrator, other than the demo's. Each replaces that of the last start.
pub(crate) async fn print_links(store: &dyn Store, base: &str, demo: Option<AccountId>) -> Result<(), Failure> {
    let mut accounts = store.accounts().await?;
    if accounts.is_empty() {
        accounts.push(choose_account(store, &SystemClock, &SystemEntropy, None).await?);
    }
    let mut without = Vec::new();
    for account in &accounts {
        let is_open = account.state == AccountState::Open && Some(account.id) != demo;
        if is_open && !store.has_administrator(Some(account.id)).await? {
            without.push(account);
        }
    }
    for account in without.iter().take(PRINTED) {
        let of = if accounts.len() > 1 { format!(" of {}", account.name) } else { String::new() };
        let access = Access::of(Role::Administrator);
        let request = InvitationRequest { account: account.id, email: None, access, is_first: true };
        let (code, _) = create_invitation(store, &SystemClock, &SystemEntropy, request).await?;
        let link = invitation_link(base, &code);
        // Ignores a closed standard output.
        let _ = print(format_args!("first administrator{of}: {link} (works once, for 7 days)"));
    }
    if let Some(more) = without.len().checked_sub(PRINTED).filter(|more| *more > 0) {
        let _ = print(format_args!("{more} more accounts have no administrator: rollcall member invite"));
    }
    Ok(())
}
