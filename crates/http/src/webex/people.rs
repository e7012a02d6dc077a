//! How requests name a person.

use rollcall_auth::Caller;
use rollcall_model::{Text, User, UserId};
use rollcall_webex::{person, status::Status};

use super::error::{WebexError, WebexResult};
use crate::state::App;

/// A person as Webex's surface shows them.
#[derive(Debug, Clone)]
pub(super) struct Person {
    /// Their id on this surface.
    pub(super) id: Text,
    /// The id under which their values are stored.
    pub(super) user_id: UserId,
    /// Their address, where it is known.
    pub(super) email: Option<Text>,
    /// Whether they are a user of the account; otherwise they exist by their values alone.
    pub(super) is_user: bool,
}

impl From<User> for Person {
    fn from(user: User) -> Self {
        let user_id = user.user_id();
        let id = person::id_of(&user_id);
        Self { id, user_id, email: (!user.email.is_empty()).then_some(user.email), is_user: true }
    }
}

/// The person of that id. One that no user of the account has can still have values: those come from imports of Webex's
/// own answers.
///
/// An id takes at most three look-ups: it spells the bytes of the user's id ([`person`]).
pub(super) async fn find_by_id(app: &App, caller: &Caller, id: &str) -> WebexResult<Person> {
    let candidates = person::user_ids(id)
        .map_err(|_| WebexError::new(Status::BadRequest, "'personId' is not the id of a person"))?;
    for candidate in &candidates {
        if let Some(user) = app.store.find_user(caller.account, candidate.as_str()).await? {
            return Ok(user.into());
        }
    }
    Ok(Person { id: id.into(), user_id: id.into(), email: None, is_user: false })
}

/// The user of the address that stands in `field`.
pub(super) async fn find_by_email(app: &App, caller: &Caller, field: &str, email: &str) -> WebexResult<Person> {
    match app.store.find_user(caller.account, email).await? {
        Some(user) => Ok(user.into()),
        None => Err(WebexError::new(Status::NotFound, format!("'{field}' names no user of this account"))),
    }
}

/// The refusal of an id that nobody has.
pub(super) fn unknown_id() -> WebexError {
    WebexError::new(Status::NotFound, "'personId' names no user of this account")
}
