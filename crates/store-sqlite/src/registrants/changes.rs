//! Changes of registrants that are made here: registrations, decisions, deletions.

use rollcall_model::{AccountId, MeetingKind, MeetingNumber, Registrant, Text, TrackingSource};
use rollcall_store::{
    NewRegistrant, RegistrantChange, RegistrantQuery, RegistrantRef, Result, StoreError,
    policy::{Precedence, RegistrantRows, schedules::occurrence_ids},
};
use rusqlite::{Connection, params};

use super::{count, find, find_address, matching};
use crate::{SqliteRows, columns::Bound, meetings, sql};

/// Registers people, all of them or nobody.
pub(super) fn register_all(
    db: &Connection,
    account: AccountId,
    change: RegistrantChange,
    people: &[NewRegistrant],
) -> Result<Vec<Registrant>> {
    require_meeting(db, account, change)?;
    people.iter().map(|person| register(db, account, change, person)).collect()
}

/// Sets the status of registrants, of all of them or of nobody.
pub(super) fn set_status(
    db: &Connection,
    account: AccountId,
    change: RegistrantChange,
    people: &[RegistrantRef],
    status: &Text,
) -> Result<()> {
    require_meeting(db, account, change)?;
    let of = (change.kind, change.number);
    for RegistrantRef { id, email } in people {
        let by_id = match id.is_empty() {
            true => None,
            false => find(db, account, of, id)?,
        };
        let found = match by_id {
            Some(found) => Some(found),
            None if id.is_empty() => find_address(db, account, of, email)?,
            None => None,
        };
        let name = if id.is_empty() { email } else { id };
        let found = found.ok_or_else(|| StoreError::NotFound { what: format!("registrant {name}") })?;
        let was_approved = found.status.as_deref() == Some("approved");
        if status == "approved" && !was_approved {
            check_capacity(db, account, change)?;
        }
        let changed = Registrant { id: found.id, status: Some(status.clone()), ..Registrant::default() };
        SqliteRows(db).write_registrant(account, of, &changed, change.now, Precedence::Written)?;
    }
    Ok(())
}

fn require_meeting(db: &Connection, account: AccountId, change: RegistrantChange) -> Result<()> {
    match meetings::find(db, account, change.kind, change.number)? {
        Some(_) => Ok(()),
        None => Err(StoreError::NotFound { what: format!("meeting {}", change.number) }),
    }
}

/// Returns an error if there is no place for another approved registrant.
fn check_capacity(db: &Connection, account: AccountId, change: RegistrantChange) -> Result<()> {
    let Some(capacity) = change.capacity else { return Ok(()) };
    let approved =
        RegistrantQuery { status: Some("approved".into()), ..RegistrantQuery::all(change.kind, change.number) };
    let (matches, params) = matching(account, &approved);
    if count(db, &matches, params)? >= capacity {
        let what = format!("meeting {} has {capacity} approved registrants, which is its limit", change.number);
        return Err(StoreError::LimitReached { what });
    }
    Ok(())
}

fn register(
    db: &Connection,
    account: AccountId,
    change: RegistrantChange,
    person: &NewRegistrant,
) -> Result<Registrant> {
    let NewRegistrant { registrant: new, source_id } = person;
    let of = (change.kind, change.number);
    let existing = find_address(db, account, of, new.email.as_deref().unwrap_or_default())?;
    let registered = match existing {
        Some(existing) if existing.status.as_deref() != Some("cancelled") => {
            let mut ids = existing.occurrence_ids.clone().unwrap_or_default();
            let more = new.occurrence_ids.iter().flatten();
            let more: Vec<Text> = more.filter(|id| !ids.contains(id)).cloned().collect();
            // A registration without occurrences covers all of them.
            if !ids.is_empty() && !more.is_empty() {
                ids.extend(more);
                let wider = Registrant { occurrence_ids: Some(ids), ..existing };
                SqliteRows(db).write_registrant(account, of, &wider, change.now, Precedence::Written)?;
                wider
            } else {
                existing
            }
        }
        cancelled => {
            check_capacity(db, account, change)?;
            let id = cancelled.map_or_else(|| new.id.clone(), |cancelled| cancelled.id);
            let new = Registrant { id, create_time: Some(change.now), ..new.clone() };
            SqliteRows(db).write_registrant(account, of, &new, change.now, Precedence::Written)?;
            new
        }
    };
    if let Some(source) = source_id.as_ref().filter(|_| change.kind == MeetingKind::Webinar) {
        let (source_name, tracking_url) = (Text::default(), Text::default());
        let source =
            TrackingSource { id: source.clone(), source_name, tracking_url, visitor_count: 0, registration_count: 0 };
        SqliteRows(db).count_registration(account, change.number, &registered.id, &source)?;
    }
    Ok(registered)
}

pub(super) fn delete(
    db: &Connection,
    account: AccountId,
    of: (MeetingKind, MeetingNumber),
    id: &str,
    occurrence_id: Option<&str>,
) -> Result<bool> {
    let Some(registrant) = find(db, account, of, id)? else { return Ok(false) };
    let mut rest = Vec::new();
    if let Some(occurrence) = occurrence_id {
        // A registration without occurrences covers all that the meeting has.
        let all = || meetings::find(db, account, of.0, of.1).map(|meeting| meeting.map(|it| occurrence_ids(&it)));
        let covered = match registrant.occurrence_ids.filter(|ids| !ids.is_empty()) {
            Some(ids) => ids,
            None => all()?.unwrap_or_default(),
        };
        rest = covered.iter().filter(|id| *id != occurrence).cloned().collect();
        if rest.len() == covered.len() {
            return Ok(false);
        }
    }
    if !rest.is_empty() {
        let sql = "UPDATE registrants SET occurrence_ids = ?
                   WHERE account_id = ? AND kind = ? AND number = ? AND registrant = ?";
        return Ok(sql::execute(db, sql, params![Bound(&rest), account.0, Bound(&of.0), of.1.0, id])? > 0);
    }
    let sql = "DELETE FROM registrants WHERE account_id = ? AND kind = ? AND number = ? AND registrant = ?";
    Ok(sql::execute(db, sql, params![account.0, Bound(&of.0), of.1.0, id])? > 0)
}
