//! Isolation of what pages report: a separate namespace without trusted records.

use rollcall_model::{AccountId, Instance, InstanceId, InstanceUuid, MeetingKind, MeetingNumber, Source, Trust};
use rollcall_store::{Result, StoreError};
use rusqlite::{Connection, params};

use crate::{
    columns::Bound,
    sql::{self},
};

/// UUID prefix of a page's instance whose original UUID was taken over by a trusted source. No page may choose such a
/// UUID.
const SET_ASIDE: &str = "page-";

/// Keeps an instance that is about to be written in its source's namespace.
pub(crate) fn guard(db: &Connection, account: AccountId, instance: &Instance, source: Source) -> Result<()> {
    let Instance { uuid, kind, number, .. } = instance;
    match source.trust() {
        Trust::Trusted => {
            set_uuid_aside(db, account, uuid)?;
            number.map_or(Ok(()), |number| set_number_aside(db, account, *kind, number))
        }
        Trust::Public => {
            refuse_foreign_uuid(db, account, uuid)?;
            number.map_or(Ok(()), |number| claim_number(db, account, *kind, number, instance))
        }
    }
}

/// Returns who reported an instance.
pub(crate) fn of_instance(db: &Connection, instance: InstanceId) -> Result<Source> {
    let origin = sql::value(db, "instances", "SELECT origin FROM instances WHERE id = ?", [instance.0])?;
    Ok(origin.unwrap_or(Source::Operator))
}

/// Renames a page's instance, because a trusted source uses its UUID.
pub(crate) fn set_uuid_aside(db: &Connection, account: AccountId, uuid: &InstanceUuid) -> Result<()> {
    // The row id is never reused, and no page may choose such a name.
    let sql = "UPDATE instances SET uuid = ?3 || id, changes = changes + 1
               WHERE account_id = ?1 AND uuid = ?2 AND origin = 'page'";
    sql::execute(db, sql, params![account.0, Bound(uuid), SET_ASIDE]).map(drop)
}

/// Takes a number from the pages that use it, because a trusted source does.
pub(crate) fn set_number_aside(
    db: &Connection,
    account: AccountId,
    kind: MeetingKind,
    number: MeetingNumber,
) -> Result<()> {
    let sql = "UPDATE meetings SET origin = NULL, topic = NULL
               WHERE account_id = ? AND kind = ? AND number = ? AND origin = 'page'";
    let params = params![account.0, Bound(&kind), number.0];
    sql::execute(db, sql, params)?;
    let sql = "UPDATE instances SET number = NULL, changes = changes + 1
               WHERE account_id = ? AND kind = ? AND number = ? AND origin = 'page'";
    sql::execute(db, sql, params).map(drop)
}

fn refuse_foreign_uuid(db: &Connection, account: AccountId, uuid: &InstanceUuid) -> Result<()> {
    let sql = "SELECT coalesce(origin, '') <> 'page' FROM instances WHERE account_id = ? AND uuid = ?";
    let is_foreign: Option<bool> = sql::value(db, "instances", sql, params![account.0, Bound(uuid)])?;
    if is_foreign == Some(true) || is_foreign.is_none() && uuid.as_str().starts_with(SET_ASIDE) {
        return Err(StoreError::Foreign { what: format!("instance {uuid}") });
    }
    Ok(())
}

/// Creates a page's meeting, unless a trusted source has one with that number.
fn claim_number(
    db: &Connection,
    account: AccountId,
    kind: MeetingKind,
    number: MeetingNumber,
    Instance { topic, .. }: &Instance,
) -> Result<()> {
    let sql = "INSERT INTO meetings (account_id, kind, number, topic, origin) VALUES (?1, ?2, ?3, ?4, 'page')
               ON CONFLICT (account_id, kind, number) DO UPDATE SET topic = coalesce(topic, excluded.topic)
               WHERE origin = 'page' RETURNING 1";
    let params = params![account.0, Bound(&kind), number.0, Bound(topic)];
    match sql::value::<i64>(db, "meetings", sql, params)? {
        Some(_) => Ok(()),
        None => Err(StoreError::Foreign { what: format!("meeting {number}") }),
    }
}
