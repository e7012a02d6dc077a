//! Blanks attendances and hosts, for an erasure's steps and for writes that identify them.

use rollcall_model::{
    AccountId, Identifier, Instance, InstanceId, Joins, ParticipantReport, ParticipantUserId, ReportTime,
    ReportedInstance, Source, Timestamp, UserId,
};

use super::{
    ErasedPlace, Rows,
    erased::{Erased, host_names},
};
use crate::{ErasureId, Result, StoredParticipant};

/// Number of blanked rows.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Blanked {
    pub(super) rows: usize,
    pub(super) reports: usize,
}

/// Blanks the attendances of a `user_id` that began before the erasure, and their webhook reports; records that they
/// are the person's.
pub(super) fn blank_attendances(
    tx: &dyn Rows,
    erased: &Erased<'_>,
    erasure: ErasureId,
    instance: InstanceId,
    user_id: &ParticipantUserId,
) -> Result<Blanked> {
    let Some(until) = erased.until(erasure)? else { return Ok(Blanked::default()) };
    let is_covered = |join: Option<Timestamp>| join.is_none_or(|join| join <= until);
    let name = erased.user_id(user_id)?;
    tx.add_erased_place(erased.account, ErasedPlace::Attendance(instance, &name), erasure)?;
    tx.delete_uuids(instance, user_id)?;
    let mut blanked = Blanked::default();
    let rows = tx.attendances(instance, user_id)?;
    let joins: Joins = rows.iter().filter_map(|row| row.participant.join_time).collect();
    for StoredParticipant { id, participant } in rows {
        if is_covered(participant.join_time) {
            let blank = erased.blank(&participant)?;
            if blank != participant {
                tx.replace_participant(instance, id, &blank)?;
                blanked.rows += 1;
            }
        }
    }
    for report in tx.participant_reports(instance, user_id)? {
        if is_covered(began(&joins, &report)) {
            let blank = ParticipantReport { time: report.time, told: erased.blank(&report.told)? };
            if name != *user_id || blank.told != report.told {
                tx.delete_participant_report(instance, user_id, &report)?;
                tx.add_participant_report(instance, &name, &blank)?;
                blanked.reports += 1;
            }
        }
    }
    if name != *user_id {
        tx.rename_move(instance, user_id, &name)?;
    }
    if blanked.rows > 0 {
        // The instance has changed, so the sealer rewrites them.
        tx.add_erasure_files(erasure, instance)?;
    }
    Ok(blanked)
}

/// Returns when the attendance of a report began. `None` if that is unknown.
pub(super) fn began(joins: &Joins, report: &ParticipantReport) -> Option<Timestamp> {
    match report.time {
        ReportTime::Joined(at) | ReportTime::Waiting(at) => Some(at),
        time => joins.of_report(time, report.told.leave_time.is_some()).flatten(),
    }
}

/// Blanks an instance's host, and its webhook reports; records that it is the person's.
pub(super) fn blank_host(
    tx: &dyn Rows,
    account: AccountId,
    erasure: ErasureId,
    instance: InstanceId,
) -> Result<Blanked> {
    tx.add_erased_place(account, ErasedPlace::Host(instance), erasure)?;
    let without =
        |told: &ReportedInstance| ReportedInstance { host_id: None, host_email: None, topic: None, ..told.clone() };
    let reports = tx.change_instance_reports(instance, &|told| Ok(Some(without(told))))?;
    let Some(stored) = tx.instance(account, instance)? else { return Ok(Blanked::default()) };
    let told = stored.as_told();
    let mut blank = told.clone();
    blank.without_host();
    let rows = usize::from(put_changed(tx, account, &told, &blank)?);
    Ok(Blanked { rows, reports })
}

/// Removes addresses of erased persons from an instance's topic and extras.
pub(super) fn scrub_topic(tx: &dyn Rows, erased: &Erased<'_>, instance: InstanceId) -> Result<Blanked> {
    let reports = tx.change_instance_reports(instance, &|told| {
        let topic = erased.scrubbed_topic(told.topic.as_ref())?;
        Ok(topic.map(|topic| ReportedInstance { topic: Some(topic), ..told.clone() }))
    })?;
    let Some(stored) = tx.instance(erased.account, instance)? else { return Ok(Blanked::default()) };
    let told = stored.as_told();
    let mut blank = told.clone();
    if let Some(topic) = erased.scrubbed_topic(blank.topic.as_ref())? {
        blank.topic = Some(topic);
    }
    if let Some(extras) = erased.scrubbed_extras(blank.extras.as_ref())? {
        blank.extras = Some(extras);
    }
    let rows = usize::from(put_changed(tx, erased.account, &told, &blank)?);
    Ok(Blanked { rows, reports })
}

fn put_changed(tx: &dyn Rows, account: AccountId, stored: &Instance, blank: &Instance) -> Result<bool> {
    if blank != stored {
        tx.write_instance(account, blank, Source::Operator)?;
    }
    Ok(blank != stored)
}

/// Returns the identifiers of an instance's host.
pub(super) fn names_of_host(instance: &Instance) -> impl Iterator<Item = Identifier> {
    host_names([instance.host_id.as_ref().map(UserId::as_str), instance.host_email.as_deref()])
}
