//! Isolation of what pages report: a separate namespace without trusted records.

use rollcall_model::{AccountId, Instance, InstanceUuid, Source, Trust};

use super::Rows;
use crate::{Result, StoreError};

/// UUID prefix of a page's instance whose original UUID was taken over by a trusted source. No page may choose such a
/// UUID.
const SET_ASIDE: &str = "page-";

/// Keeps an instance that is about to be written in its source's namespace.
pub(super) fn guard(tx: &dyn Rows, account: AccountId, instance: &Instance, source: Source) -> Result<()> {
    let Instance { uuid, kind, number, .. } = instance;
    match source.trust() {
        Trust::Trusted => {
            set_uuid_aside(tx, account, uuid)?;
            number.map_or(Ok(()), |number| tx.take_number_from_pages(account, *kind, number))
        }
        Trust::Public => {
            refuse_foreign_uuid(tx, account, uuid)?;
            let Some(number) = *number else { return Ok(()) };
            match tx.claim_number(account, *kind, number, instance.topic.as_ref())? {
                true => Ok(()),
                false => Err(StoreError::Foreign { what: format!("meeting {number}") }),
            }
        }
    }
}

/// Renames a page's instance, because a trusted source uses its UUID.
pub(super) fn set_uuid_aside(tx: &dyn Rows, account: AccountId, uuid: &InstanceUuid) -> Result<()> {
    // The row id is never reused, and no page may choose such a name.
    tx.rename_of_page(account, uuid, SET_ASIDE)
}

fn refuse_foreign_uuid(tx: &dyn Rows, account: AccountId, uuid: &InstanceUuid) -> Result<()> {
    let stored = tx.instance_by_uuid(account, uuid)?;
    let is_foreign = stored.as_ref().map(|stored| stored.origin.trust() > Trust::Public);
    if is_foreign == Some(true) || is_foreign.is_none() && uuid.as_str().starts_with(SET_ASIDE) {
        return Err(StoreError::Foreign { what: format!("instance {uuid}") });
    }
    Ok(())
}
