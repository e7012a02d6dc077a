//! Writing scheduled meetings and webinars.

use std::borrow::Cow;

use rollcall_model::{AccountId, Meeting};

use super::{Rows, erased::Erased};
use crate::Result;

/// Writes meetings that a trusted source reported.
///
/// # Errors
/// Those of the backend; [`crate::StoreError::NotFound`] if there is no such account.
pub fn put_all(tx: &dyn Rows, account: AccountId, meetings: &[Meeting]) -> Result<()> {
    tx.require_account(account)?;
    let erased = Erased::of(tx, account)?;
    for meeting in meetings {
        tx.take_number_from_pages(account, meeting.kind, meeting.number)?;
        match &erased {
            Some(erased) => tx.write_meeting(account, &*erased.meeting(meeting)?)?,
            None => tx.write_meeting(account, meeting)?,
        }
    }
    Ok(())
}

pub(super) fn put(tx: &dyn Rows, account: AccountId, meeting: &Meeting) -> Result<()> {
    put_all(tx, account, std::slice::from_ref(meeting))
}

/// Returns a meeting as it may be stored: without erased persons.
///
/// # Errors
/// Those of the backend.
pub fn storable<'m>(tx: &dyn Rows, account: AccountId, meeting: &'m Meeting) -> Result<Cow<'m, Meeting>> {
    match Erased::of(tx, account)? {
        Some(erased) => erased.meeting(meeting),
        None => Ok(Cow::Borrowed(meeting)),
    }
}
