//! `rollcall app requests`, `approve` and `deny`: the operator decides what apps may do. The commands ask for no proof,
//! because a person who can run them can also create tokens.

use std::sync::Arc;

use rollcall_auth::{CODE_SECONDS, needs_user, redirect_host, typed_request_code};
use rollcall_model::{AccountId, AuthorizationRequest, ClientId, Clock as _, Decision, SystemClock};
use rollcall_store::{AuthorizationStore as _, Decided, OAuthStore as _, UserStore as _};
use rollcall_store_sqlite::SqliteStore;

use super::app::scopes;
use crate::{common::audit, failure::Failure, listing::Listing, terminal::print};

/// Prints the requests that wait.
pub(super) async fn list(store: &Arc<SqliteStore>, account: AccountId, listing: Listing) -> Result<(), Failure> {
    let mut rows = Vec::new();
    for waiting in store.waiting_authorizations(account, SystemClock.now()).await? {
        let request = waiting.request;
        rows.push([
            request.request_code.to_string(),
            app_name(store, &request.client_id).await?,
            redirect_host(&request.redirect_uri).to_owned(),
            request.address.as_deref().unwrap_or_default().to_owned(),
            request.expires_at.to_string(),
            scopes(&request.scopes),
        ]);
    }
    listing.print(["CODE", "APP", "RETURNS TO", "ADDRESS", "EXPIRES", "SCOPES"], &rows)
}

/// Approves a request for a user, or for the account.
pub(super) async fn approve(
    store: &Arc<SqliteStore>,
    account: AccountId,
    code: &str,
    user: Option<&str>,
) -> Result<(), Failure> {
    let request = find(store, account, code).await?;
    let user_id = match user {
        None if needs_user(&request.scopes) => {
            return Err(Failure::new(
                "the app asks only for the records of one user: add --user with an id or email address",
            ));
        }
        None => None,
        Some(user) => {
            let found = store.find_user(account, user).await?;
            Some(found.ok_or_else(|| Failure::new(format!("the account has no user {user}")))?.user_id())
        }
    };
    let acts_for = user_id.as_ref().map_or_else(|| "the account".to_owned(), |user_id| format!("user {user_id}"));
    decide(store, &request, Decision::Approve(user_id)).await?;
    audit(store, account, "app approve", "grant", "app").await?;
    let app = app_name(store, &request.client_id).await?;
    print(format_args!(
        "approved: {app} ({}) acts for {acts_for} and returns to {}",
        request.client_id,
        redirect_host(&request.redirect_uri)
    ))
}

/// Denies a request.
pub(super) async fn deny(store: &Arc<SqliteStore>, account: AccountId, code: &str) -> Result<(), Failure> {
    let request = find(store, account, code).await?;
    decide(store, &request, Decision::Deny).await?;
    audit(store, account, "app deny", "change", "app").await?;
    print(format_args!("denied: {}", app_name(store, &request.client_id).await?))
}

async fn find(store: &SqliteStore, account: AccountId, code: &str) -> Result<AuthorizationRequest, Failure> {
    let typed = typed_request_code(code);
    let waiting = store.waiting_authorizations(account, SystemClock.now()).await?;
    let found = waiting.into_iter().find(|waiting| waiting.request.request_code.as_str() == typed);
    found.map(|found| found.request).ok_or_else(|| not_waiting(code))
}

async fn decide(store: &SqliteStore, request: &AuthorizationRequest, decision: Decision) -> Result<(), Failure> {
    let at = SystemClock.now();
    let decided = Decided { decision, at, until: at.plus_seconds(CODE_SECONDS), browser: None };
    match store.decide_authorization(request.account, &request.request_code, &decided).await? {
        true => Ok(()),
        false => Err(not_waiting(&request.request_code)),
    }
}

fn not_waiting(code: &str) -> Failure {
    Failure::new(format!(
        "no request {code} waits for approval. Requests expire after ten minutes; `rollcall app requests` lists those that wait"
    ))
}

async fn app_name(store: &SqliteStore, client_id: &ClientId) -> Result<String, Failure> {
    Ok(store.find_app(client_id).await?.map(|app| app.name.to_string()).unwrap_or_default())
}
