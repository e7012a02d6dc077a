//! How requests identify a person.

use rollcall_auth::Caller;
use rollcall_model::{Text, User, UserId};
use rollcall_webex::{person, status::Status};

use super::error::{WebexError, WebexResult};
use crate::state::App;

/// A person as shown in Webex's API.
#[derive(Debug, Clone)]
pub(super) struct Person {
    /// Their id in this API.
    pub(super) id: Text,
    /// The id under which their values are stored.
    pub(super) user_id: UserId,
    /// Their email address, if known.
    pub(super) email: Option<Text>,
    /// Whether they are a user of the account; otherwise they exist only through their values.
    pub(super) is_user: bool,
}

impl From<User> for Person {
    fn from(user: User) -> Self {
        let user_id = user.user_id();
        let id = person::id_of(&user_id);
        Self { id, user_id, email: (!user.email.is_empty()).then_some(user.email), is_user: true }
    }
}

/// Returns the person with that id. A person who is not a user of the account can still have values from imported Webex
/// responses.
///
/// An id takes at most three lookups: it encodes the bytes of the user's id ([`person`]).
pub(super) async fn find_by_id(app: &App, caller: &Caller, id: &str) -> WebexResult<Person> {
    let candidates =
        person::user_ids(id).map_err(|_| WebexError::bad_request("'personId' is not the id of a person"))?;
    for candidate in &candidates {
        if let Some(user) = app.store.find_user(caller.account, candidate.as_str()).await? {
            return Ok(user.into());
        }
    }
    Ok(Person { id: id.into(), user_id: id.into(), email: None, is_user: false })
}

/// Returns the user whose email address is in `field`.
pub(super) async fn find_by_email(app: &App, caller: &Caller, field: &str, email: &str) -> WebexResult<Person> {
    match app.store.find_user(caller.account, email).await? {
        Some(user) => Ok(user.into()),
        None => Err(WebexError::new(Status::NotFound, format!("'{field}' is not a user of this account"))),
    }
}

/// The error for an unknown id.
pub(super) fn unknown_id() -> WebexError {
    WebexError::new(Status::NotFound, "'personId' is not a user of this account")
}
