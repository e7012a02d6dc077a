use clap::Subcommand;
use rollcall_auth::{InvitationRequest, check_email, create_invitation, invitation_link};
use rollcall_model::{Access, Account, Clock as _, InvalidId, Member, Role, SystemClock, SystemEntropy, Text};
use rollcall_store::{MemberStore as _, StoreError};

use crate::{
    common::{Common, audit},
    config::Config,
    failure::Failure,
    listing::Listing,
    terminal::print,
};

#[derive(Debug, Subcommand)]
pub(crate) enum MemberCommand {
    /// Invite somebody, and print the link that makes them a member once, within 7 days
    Invite {
        /// Email address that they will sign in with
        #[arg(value_parser = email)]
        email: Text,
        /// What they may do: viewer, analyst or administrator
        #[arg(long, default_value_t = Role::Viewer, value_parser = role)]
        role: Role,
        /// Hide names and addresses of participants, hosts and users from a viewer
        #[arg(long)]
        hide_names: bool,
        /// Account, by name or id [default: the only one]
        #[arg(long)]
        account: Option<String>,
    },
    /// List an account's members
    List {
        /// Account, by name or id [default: the only one]
        #[arg(long)]
        account: Option<String>,
        #[command(flatten)]
        listing: Listing,
    },
    /// Remove a member, and end their sessions
    Remove {
        /// Email address of the member
        email: String,
        /// Account, by name or id [default: the only one]
        #[arg(long)]
        account: Option<String>,
    },
}

fn email(text: &str) -> Result<Text, String> {
    check_email(text).map_err(|_| "write an email address, such as ana@example.com".to_owned())
}

fn role(text: &str) -> Result<Role, InvalidId> {
    text.parse()
}

impl MemberCommand {
    pub(super) async fn run(self, common: &Common) -> Result<(), Failure> {
        match self {
            Self::Invite { email, role, hide_names, account } => {
                let access = Access::new(role, hide_names)
                    .ok_or_else(|| Failure::new("--hide-names: names can be hidden from viewers only"))?;
                let config = common.config()?;
                let (store, account) = common.account(account.as_deref()).await?;
                let request = InvitationRequest { account: account.id, email: Some(email), access, is_first: false };
                let made = create_invitation(store.as_ref(), &SystemClock, &SystemEntropy, request).await;
                let (code, _) = made.map_err(refused)?;
                audit(&store, account.id, "member invite", "change", "member").await?;
                print(invitation_link(&base(&config), &code))?;
            }
            Self::List { account, listing } => {
                let (store, account) = common.existing_account(account.as_deref()).await?;
                let members = store.members(account.id).await?;
                let rows: Vec<_> = members.iter().map(row).collect();
                listing.print(["ID", "EMAIL", "NAME", "ROLE", "NAMES", "JOINED", "LAST SEEN", "PROVIDER"], &rows)?;
            }
            Self::Remove { email, account } => {
                let (store, account) = common.existing_account(account.as_deref()).await?;
                let unknown = || Failure::new(format!("the account has no member {email}"));
                let found = store.find_member(email.trim()).await?;
                let (member, _) = found.filter(|(member, _)| member.account == account.id).ok_or_else(unknown)?;
                if !store
                    .remove_member(account.id, member.id, SystemClock.now())
                    .await
                    .map_err(|error| last(error, &account))?
                {
                    return Err(unknown());
                }
                audit(&store, account.id, "member remove", "change", "member").await?;
            }
        }
        Ok(())
    }
}

/// Returns the address of the server as the settings have it.
fn base(config: &Config) -> String {
    let settings = config.http_settings();
    settings.public_url.unwrap_or_else(|| {
        let scheme = if settings.https { "https" } else { "http" };
        format!("{scheme}://{}", config.server.listen)
    })
}

fn refused(error: StoreError) -> Failure {
    match error {
        StoreError::Conflict { what } => Failure::new(format!("there is already {what}")),
        StoreError::LimitReached { what } => Failure::new(what),
        error => error.into(),
    }
}

fn last(error: StoreError, account: &Account) -> Failure {
    match error {
        StoreError::Conflict { .. } => Failure::new(format!(
            "this is the last administrator of {}. Invite another one first: rollcall member invite EMAIL --role administrator",
            account.name
        )),
        error => error.into(),
    }
}

fn row(member: &Member) -> [String; 8] {
    let Member { id, email, name, access, created_at, last_seen, provider, .. } = member;
    [
        id.to_string(),
        email.to_string(),
        name.to_string(),
        access.role().to_string(),
        if access.names_hidden() { "hidden" } else { "shown" }.to_owned(),
        created_at.to_string(),
        last_seen.map_or_else(|| "never".to_owned(), |seen| seen.to_string()),
        provider.as_ref().map(ToString::to_string).unwrap_or_default(),
    ]
}
