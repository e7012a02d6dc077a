//! Writing users, and rows of theirs.

use rollcall_model::{AccountId, Identifier, User, UserId};

use super::{Rows, erased::Erased};
use crate::Result;

/// Does what [`crate::UserStore::put_users`] promises.
///
/// # Errors
/// Those of the backend, and of that method.
pub fn put_all(tx: &dyn Rows, account: AccountId, users: &[User]) -> Result<()> {
    tx.require_account(account)?;
    let erased = Erased::of(tx, account)?;
    for user in users {
        match &erased {
            Some(erased) if erased.covers_user(user)?.is_some() => {}
            Some(erased) => tx.write_user(account, &*erased.user(user)?)?,
            None => tx.write_user(account, user)?,
        }
    }
    Ok(())
}

/// Returns whether data of this user without a time must not be stored, because the person was erased.
///
/// # Errors
/// Those of the backend.
pub fn is_erased(tx: &dyn Rows, account: AccountId, user: &UserId) -> Result<bool> {
    match Erased::of(tx, account)? {
        Some(erased) => erased.covers_name(Identifier::of_user(user.as_str())),
        None => Ok(false),
    }
}
