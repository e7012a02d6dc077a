//! Blanks attendances and hosts, for an erasure's steps and for writes that identify them.

use rollcall_model::{
    AccountId, Instance, InstanceId, InstanceTold, Joins, ParticipantReport, ParticipantUserId, ReportTime, Source,
    Text, Timestamp, UserId,
};
use rollcall_store::{ErasureId, ErasureStep, Result, StoreError, StoredParticipant};
use rusqlite::{Connection, params};

use super::{count, kinds, learn_from_record, of_erasure};
use crate::{
    erased::{Erased, host_names},
    events::{self, story},
    instances, origin, participants, sql,
};

/// Number of blanked rows.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Blanked {
    pub(crate) rows: usize,
    pub(crate) reports: usize,
}

/// Blanks these participants, in their current state.
pub(super) fn erase_participants(
    db: &Connection,
    erasure: ErasureId,
    found: &[StoredParticipant],
) -> Result<ErasureStep> {
    let mut step = ErasureStep::default();
    let Some(erased) = of_erasure(db, erasure)? else { return Ok(step) };
    let mut blanked = Blanked::default();
    for StoredParticipant { id, participant } in found {
        let instance = participants::instance_of(*id);
        if origin::of_instance(db, instance)?.links_identities() {
            let names = participant.identifiers().collect();
            step.identifiers.extend(learn_from_record(db, &erased, erasure, names)?);
        }
        let of_user = blank_attendances(db, &erased, erasure, instance, &participant.user_id)?;
        blanked.rows += of_user.rows;
        blanked.reports += of_user.reports;
    }
    if blanked.rows > 0 {
        note_begun_files(db, &erased, erasure)?;
    }
    count(db, erasure, &mut step, kinds::PARTICIPANTS, blanked.rows)?;
    count(db, erasure, &mut step, kinds::REPORTS, blanked.reports)?;
    Ok(step)
}

/// Blanks the attendances of a `user_id` that began before the erasure, and their webhook reports; records that they
/// are the person's.
pub(crate) fn blank_attendances(
    db: &Connection,
    erased: &Erased<'_>,
    erasure: ErasureId,
    instance: InstanceId,
    user_id: &Text,
) -> Result<Blanked> {
    let Some(until) = erased.until(erasure)? else { return Ok(Blanked::default()) };
    let is_covered = |join: Option<Timestamp>| join.is_none_or(|join| join <= until);
    let (name, told) = (erased.attendance(user_id)?, ParticipantUserId(user_id.clone()));
    let note = "INSERT INTO erased_attendances (instance_id, user_id, erasure_id) VALUES (?, ?, ?)
                ON CONFLICT (instance_id, user_id) DO UPDATE SET erasure_id = excluded.erasure_id
                WHERE erasure_id < excluded.erasure_id";
    sql::execute(db, note, params![instance.0, name.as_str(), erasure.0])?;

    story::unlink(db, instance, user_id)?;
    let mut blanked = Blanked::default();
    let rows = participants::rows_of_user(db, instance, &told)?;
    let joins: Joins = rows.iter().filter_map(|row| row.participant.join_time).collect();
    for StoredParticipant { id, participant } in rows {
        if is_covered(participant.join_time) {
            let blank = erased.blank(&participant)?;
            if blank != participant {
                participants::replace(db, instance, id, &blank)?;
                blanked.rows += 1;
            }
        }
    }
    for report in events::reports(db, instance, &told)? {
        if is_covered(began(&joins, &report)) {
            let blank = ParticipantReport { time: report.time, told: erased.blank(&report.told)? };
            if name != *user_id || blank.told != report.told {
                events::delete_report(db, instance, user_id, &report)?;
                events::put_report(db, instance, &name, &blank)?;
                blanked.reports += 1;
            }
        }
    }
    if name != *user_id {
        let sql = "UPDATE OR REPLACE unfinished_moves SET user_id = ? WHERE instance_id = ? AND user_id = ?";
        sql::execute(db, sql, params![name.as_str(), instance.0, user_id.as_str()])?;
    }
    if blanked.rows > 0 {
        // The instance has changed, so the sealer rewrites them.
        let sql = "INSERT OR IGNORE INTO erasure_files (erasure_id, path)
                   SELECT ?1, path FROM archived_instances AS a JOIN archive_files AS f
                       ON f.id IN (a.participants_file, a.minutes_file) WHERE a.instance_id = ?2";
        sql::execute(db, sql, [erasure.0, instance.0])?;
    }
    Ok(blanked)
}

/// Returns when the attendance of a report began. `None` if that is unknown.
pub(crate) fn began(joins: &Joins, report: &ParticipantReport) -> Option<Timestamp> {
    match report.time {
        ReportTime::Joined(at) | ReportTime::Waiting(at) => Some(at),
        time => joins.of_report(time, report.told.leave_time.is_some()).flatten(),
    }
}

/// Files that are currently being written may contain blanked data.
fn note_begun_files(db: &Connection, erased: &Erased<'_>, erasure: ErasureId) -> Result<()> {
    let sql = "INSERT OR IGNORE INTO erasure_files (erasure_id, path)
               SELECT ?1, path FROM archive_files WHERE account_id = ?2 AND unreferenced_since_ms IS NOT NULL";
    sql::execute(db, sql, [erasure.0, erased.account.0]).map(drop)
}

/// Blanks an instance's host, and its webhook reports; records that it is the person's. Returns whether that changed
/// the instance, and the number of reports.
pub(crate) fn blank_host(
    db: &Connection,
    account: AccountId,
    erasure: ErasureId,
    instance: InstanceId,
) -> Result<Blanked> {
    let note = "INSERT INTO erased_hosts (instance_id, erasure_id) VALUES (?, ?)
                ON CONFLICT (instance_id) DO UPDATE SET erasure_id = excluded.erasure_id
                WHERE erasure_id < excluded.erasure_id";
    sql::execute(db, note, [instance.0, erasure.0])?;
    let without = |told: &InstanceTold| InstanceTold { host_id: None, host_email: None, topic: None, ..told.clone() };
    let reports = change_reports(db, instance, |told| Ok(Some(without(told))))?;
    let Some(stored) = instances::by_row(db, account, instance)? else { return Ok(Blanked::default()) };
    let told = stored.as_told();
    let mut blank = told.clone();
    blank.without_host();
    let rows = usize::from(put_changed(db, account, &told, &blank)?);
    Ok(Blanked { rows, reports })
}

/// Removes addresses of erased persons from an instance's topic and extras.
pub(super) fn scrub_topic(db: &Connection, erased: &Erased<'_>, instance: InstanceId) -> Result<Blanked> {
    let scrubbed = |topic: &Option<Text>| topic.as_deref().map(|topic| erased.scrub(topic)).transpose();
    let reports = change_reports(db, instance, |told| {
        let topic = scrubbed(&told.topic)?.flatten();
        Ok(topic.map(|topic| InstanceTold { topic: Some(topic.into()), ..told.clone() }))
    })?;
    let Some(stored) = instances::by_row(db, erased.account, instance)? else { return Ok(Blanked::default()) };
    let told = stored.as_told();
    let mut blank = told.clone();
    if let Some(topic) = scrubbed(&blank.topic)?.flatten() {
        blank.topic = Some(topic.into());
    }
    if let Some(extras) = erased.scrubbed_extras(blank.extras.as_ref())? {
        blank.extras = Some(extras);
    }
    let rows = usize::from(put_changed(db, erased.account, &told, &blank)?);
    Ok(Blanked { rows, reports })
}

fn put_changed(db: &Connection, account: AccountId, stored: &Instance, blank: &Instance) -> Result<bool> {
    if blank != stored {
        instances::put_as_it_is(db, account, blank, Source::Operator)?;
    }
    Ok(blank != stored)
}

/// Changes an instance's reports, and returns how many changed.
fn change_reports(
    db: &Connection,
    instance: InstanceId,
    change: impl Fn(&InstanceTold) -> Result<Option<InstanceTold>>,
) -> Result<usize> {
    let sql = "SELECT stage, at_ms, told FROM instance_reports WHERE instance_id = ?";
    let reports: Vec<(i64, i64, String)> = sql::rows(db, "instance_reports", sql, [instance.0], |columns| {
        Ok((columns.take()?, columns.take()?, columns.take()?))
    })?;
    let mut changed = 0;
    for (stage, at_ms, text) in reports {
        let told = serde_json::from_str(&text)
            .map_err(|error| StoreError::Corrupt { table: "instance_reports", reason: error.to_string() })?;
        let Some(told) = change(&told)? else { continue };
        let told = serde_json::to_string(&told).map_err(sql::backend)?;
        if told != text {
            // An equal report may exist by now.
            let sql = "UPDATE OR REPLACE instance_reports SET told = ?1
                       WHERE instance_id = ?2 AND stage = ?3 AND at_ms = ?4 AND told = ?5";
            changed += sql::execute(db, sql, params![told, instance.0, stage, at_ms, text])?;
        }
    }
    Ok(changed)
}

/// Returns the identifiers of an instance's host.
pub(super) fn names_of_host(instance: &Instance) -> impl Iterator<Item = rollcall_model::Identifier> {
    host_names([instance.host_id.as_ref().map(UserId::as_str), instance.host_email.as_deref()])
}
