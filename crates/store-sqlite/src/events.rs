//! Webhook events: reports are stored as a set, and rows are updated to match it.
//!
//! A row also has values of other sources, so it is not recomputed from the reports: the values that follow from them
//! with the new report are compared with those without it, and only differences are changed.

use std::borrow::Cow;

use async_trait::async_trait;
use rollcall_model::{
    AccountId, Event, Instance, InstanceId, InstanceReport, InstanceStage, InstanceState, InstanceTold, Joins, Meeting,
    MeetingKind, Participant, ParticipantEvent, ParticipantId, ParticipantReport, ParticipantUserId, Registration,
    ReportTime, Schedule, Source, Text, Timestamp, Trust,
};
use rollcall_store::{EventStore, Placed, Result, StoreError, StoredInstance, StoredParticipant};
use rusqlite::{Connection, params};

use self::story::{Known, Story};
use crate::{
    SqliteStore,
    columns::Bound,
    erased::Erased,
    erasures::steps,
    instances, meetings, origin, participants, registrants, schedules,
    sql::{self, Driver},
};

pub(crate) mod story;

const REPORTS: &str = "participant_reports";
/// The time of a report that always applies.
const ALWAYS: i64 = i64::MIN;
/// Values of `is_join`.
const AT: i64 = 0;
const JOINED: i64 = 1;
const BEGAN_TO_WAIT: i64 = 2;
const WAITED: i64 = 3;
/// Number of instances whose reports are deleted at once.
const FORGOTTEN_AT_ONCE: i64 = 100;

#[async_trait]
impl EventStore for SqliteStore {
    async fn put_event(&self, account: AccountId, event: &Event) -> Result<Placed> {
        let event = event.clone();
        self.write(move |db| {
            let erased = Erased::of(db, account)?;
            let (instance, end) = put_instance_report(db, account, erased.as_ref(), &event)?;
            let participant = match (&event.participant, &erased) {
                (Some(participant), Some(erased)) => without_erased(db, erased, instance, participant)?,
                (participant, _) => participant.as_ref().map(Cow::Borrowed),
            };
            let attendances = match participant.as_deref() {
                Some(participant) => {
                    let attendances = put_participant_reports(db, instance, participant, end)?;
                    if participant.tells_join() && attendances.len() > 1 {
                        begin_move(db, account, instance, &participant.user_id)?;
                    }
                    attendances
                }
                None => Vec::new(),
            };
            Ok(Placed { instance, attendances })
        })
        .await
    }

    async fn placed(&self, account: AccountId, instance: InstanceId, user_id: &ParticipantUserId) -> Result<Placed> {
        let user_id = user_id.clone();
        self.read(move |db| {
            let mut rows = participants::of_user(db, account, instance, &user_id)?;
            if let Some(erased) = Erased::of(db, account)?.filter(|_| rows.is_empty()) {
                let name = ParticipantUserId(erased.attendance(&user_id.0)?);
                rows = participants::of_user(db, account, instance, &name)?;
            }
            Ok(Placed { instance, attendances: attendances(&rows) })
        })
        .await
    }

    async fn unfinished_moves(&self, limit: usize) -> Result<Vec<(AccountId, InstanceId, ParticipantUserId)>> {
        self.read(move |db| {
            let sql =
                "SELECT account_id, instance_id, user_id FROM unfinished_moves ORDER BY instance_id, user_id LIMIT ?";
            sql::rows(db, "unfinished_moves", sql, [limit as i64], |columns| {
                Ok((columns.take()?, columns.take()?, ParticipantUserId(columns.take()?)))
            })
        })
        .await
    }

    async fn finish_move(&self, account: AccountId, instance: InstanceId, user_id: &ParticipantUserId) -> Result<()> {
        let user_id = user_id.clone();
        self.write(move |db| {
            let delete = "DELETE FROM unfinished_moves WHERE instance_id = ? AND user_id = ? AND account_id = ?";
            sql::execute(db, delete, params![instance.0, user_id.as_str(), account.0])?;
            if let Some(erased) = Erased::of(db, account)? {
                let name = erased.attendance(&user_id.0)?;
                sql::execute(db, delete, params![instance.0, name.as_str(), account.0])?;
            }
            Ok(())
        })
        .await
    }

    async fn put_registration(&self, account: AccountId, registration: &Registration) -> Result<()> {
        let registration = registration.clone();
        self.write(move |db| registrants::put(db, account, &registration)).await
    }

    async fn put_schedule(&self, account: AccountId, schedule: &Schedule) -> Result<()> {
        let schedule = schedule.clone();
        self.write(move |db| schedules::put(db, account, &schedule)).await
    }

    async fn change_schedule(&self, account: AccountId, schedule: &Schedule) -> Result<()> {
        let schedule = schedule.clone();
        self.write(move |db| schedules::change(db, account, &schedule)).await
    }
}

/// Deletes the reports of some instances that were over before `before`, and returns the number of reports.
pub(crate) fn forget_reports(db: &Connection, before: Timestamp) -> Result<u64> {
    let over = "SELECT DISTINCT instance_id FROM instance_reports JOIN instances ON instances.id = instance_id
                WHERE over_ms < ? LIMIT ?";
    let over: Vec<InstanceId> =
        sql::rows(db, "instance_reports", over, params![Bound(&before), FORGOTTEN_AT_ONCE], |columns| columns.take())?;
    let mut forgotten = 0;
    for instance in over {
        for table in ["participant_uuids", "participant_reports", "instance_reports"] {
            let sql = format!("DELETE FROM {table} WHERE instance_id = ?");
            forgotten += sql::execute(db, &sql, [instance.0])? as u64;
        }
    }
    Ok(forgotten)
}

/// Records that minutes may have to move, because there is a new join.
fn begin_move(db: &Connection, account: AccountId, instance: InstanceId, user_id: &ParticipantUserId) -> Result<()> {
    let insert = "INSERT OR IGNORE INTO unfinished_moves (instance_id, user_id, account_id) VALUES (?, ?, ?)";
    sql::execute(db, insert, params![instance.0, user_id.as_str(), account.0]).map(drop)
}

/// Stores the event's facts about its instance. Returns the instance's row id, and its end if it has ended.
fn put_instance_report(
    db: &Connection,
    account: AccountId,
    erased: Option<&Erased<'_>>,
    event: &Event,
) -> Result<(InstanceId, Option<Timestamp>)> {
    let stored = match instances::by_uuid(db, account, &event.uuid)? {
        Some(stored) if stored.origin.trust() < Trust::Trusted => {
            origin::set_uuid_aside(db, account, &event.uuid)?;
            None
        }
        stored => stored,
    };
    let (id, kind) = match &stored {
        Some(stored) => (stored.id, stored.instance.kind),
        None => {
            let new = Instance::unnumbered(event.kind, event.uuid.clone(), InstanceState::Live);
            (instances::put(db, account, &new, Source::Vendor)?, event.kind)
        }
    };
    let end_before = stored.and_then(end_of);
    let InstanceReport { stage, at, told } = &event.instance;
    let told = match erased {
        Some(erased) => erased.told(id, told)?,
        None => Cow::Borrowed(told),
    };
    let told = serde_json::to_string(&told).map_err(sql::backend)?;
    let at_ms = at.map_or(0, Timestamp::as_millis);
    let insert = "INSERT OR IGNORE INTO instance_reports (instance_id, stage, at_ms, told) VALUES (?, ?, ?, ?)";
    let before = told_by_reports(db, id)?;
    if sql::execute(db, insert, params![id.0, stage_number(*stage), at_ms, told])? == 0 {
        return Ok((id, end_before));
    }
    let after = told_by_reports(db, id)?;
    let ended = *stage == InstanceStage::Ended;
    let state = if ended { InstanceState::Past } else { InstanceState::Live };
    if before == after && !ended {
        return Ok((id, end_before));
    }
    let changed = Instance {
        number: changed(&before.number, &after.number),
        topic: changed(&before.topic, &after.topic),
        host_id: changed(&before.host_id, &after.host_id),
        host_email: changed(&before.host_email, &after.host_email),
        start_time: changed(&before.start_time, &after.start_time),
        end_time: changed(&before.end_time, &after.end_time),
        ..Instance::unnumbered(kind, event.uuid.clone(), state)
    };
    instances::put(db, account, &changed, Source::Vendor)?;
    make_meeting_known(db, account, kind, &before, &after)?;
    let end = instances::by_row(db, account, id)?.and_then(end_of);
    if ended && let Some(end) = end {
        note_end(db, id, end)?;
    }
    if end != end_before {
        end_attendances(db, id, end_before, end)?;
    }
    Ok((id, end))
}

/// Ends the attendances of an instance whose source, other than events, stated its end. Later ones end, too
/// ([`end_open`]).
pub(crate) fn state_end(db: &Connection, instance: InstanceId, end: Timestamp) -> Result<()> {
    let before = stated_end(db, instance)?;
    if before == Some(end) {
        return Ok(());
    }
    note_end(db, instance, end)?;
    end_attendances(db, instance, before, Some(end))
}

/// Ends open attendances of these users, which were just written.
pub(crate) fn end_open<'u>(
    db: &Connection,
    instance: InstanceId,
    users: impl Iterator<Item = &'u Text>,
    end: Timestamp,
) -> Result<()> {
    for user_id in users.cloned().map(ParticipantUserId) {
        let before = Known::of(db, instance, &user_id, None)?;
        let after = before.clone().ended(Some(end));
        let rows = participants::rows_of_user(db, instance, &user_id)?;
        settle(db, instance, &user_id, rows, (&before, &after), false)?;
    }
    Ok(())
}

/// Returns when the instance ended, if a source stated that.
fn stated_end(db: &Connection, instance: InstanceId) -> Result<Option<Timestamp>> {
    sql::value(db, "instances", "SELECT stated_end_ms FROM instances WHERE id = ?", [instance.0]).map(Option::flatten)
}

fn note_end(db: &Connection, instance: InstanceId, end: Timestamp) -> Result<()> {
    let update = "UPDATE instances SET stated_end_ms = ? WHERE id = ?";
    sql::execute(db, update, params![Bound(&end), instance.0]).map(drop)
}

/// Returns when the instance ended, if a source reported it.
fn end_of(stored: StoredInstance) -> Option<Timestamp> {
    let told = stored.as_told();
    told.end_time.filter(|_| told.state == InstanceState::Past)
}

/// Returns the combined values of the instance's reports.
fn told_by_reports(db: &Connection, instance: InstanceId) -> Result<InstanceTold> {
    let sql = "SELECT told FROM instance_reports WHERE instance_id = ? ORDER BY stage, at_ms, told";
    let reports: Vec<String> = sql::rows(db, "instance_reports", sql, [instance.0], |columns| columns.take())?;
    let mut told = InstanceTold::default();
    for report in reports {
        let report = serde_json::from_str(&report)
            .map_err(|error| StoreError::Corrupt { table: "instance_reports", reason: error.to_string() })?;
        told.overlay(&report);
    }
    Ok(told)
}

fn changed<T: PartialEq + Clone>(before: &Option<T>, after: &Option<T>) -> Option<T> {
    if before == after { None } else { after.clone() }
}

/// Writes the meeting if it is not stored, and the instance's values if the meeting has no others than those of the
/// instance before.
fn make_meeting_known(
    db: &Connection,
    account: AccountId,
    kind: MeetingKind,
    before: &InstanceTold,
    after: &InstanceTold,
) -> Result<()> {
    let Some(number) = after.number else { return Ok(()) };
    let stored = meetings::find(db, account, kind, number)?;
    let is_known = stored.is_some();
    let stored = stored.unwrap_or_else(|| Meeting::new(kind, number));
    fn told<T: PartialEq + Clone>(stored: &Option<T>, before: &Option<T>, after: &Option<T>) -> Option<T> {
        let is_own = stored.is_none() || stored == before;
        after.clone().filter(|_| is_own && stored != after)
    }
    let (before, after) = (before.meeting(kind, number), after.meeting(kind, number));
    let meeting = Meeting {
        topic: told(&stored.topic, &before.topic, &after.topic),
        host_id: told(&stored.host_id, &before.host_id, &after.host_id),
        host_email: told(&stored.host_email, &before.host_email, &after.host_email),
        schedule_type: told(&stored.schedule_type, &before.schedule_type, &after.schedule_type),
        duration_minutes: told(&stored.duration_minutes, &before.duration_minutes, &after.duration_minutes),
        timezone: told(&stored.timezone, &before.timezone, &after.timezone),
        ..Meeting::new(kind, number)
    };
    if !is_known || meeting != Meeting::new(kind, number) {
        meetings::put(db, account, &[meeting])?;
    }
    Ok(())
}

/// Returns the precedence of the stage.
const fn stage_number(stage: InstanceStage) -> i64 {
    match stage {
        InstanceStage::Mentioned => 0,
        InstanceStage::Started => 1,
        InstanceStage::Ended => 2,
    }
}

/// Records a report, and returns whether it is new.
pub(crate) fn put_report(
    db: &Connection,
    instance: InstanceId,
    user_id: &Text,
    report: &ParticipantReport,
) -> Result<bool> {
    let insert = "INSERT OR IGNORE INTO participant_reports (instance_id, user_id, at_ms, is_join, fields)
                  VALUES (?, ?, ?, ?, ?)";
    change_report(db, insert, instance, user_id, report)
}

/// Deletes a report.
pub(crate) fn delete_report(
    db: &Connection,
    instance: InstanceId,
    user_id: &Text,
    report: &ParticipantReport,
) -> Result<bool> {
    let delete = "DELETE FROM participant_reports
                  WHERE instance_id = ? AND user_id = ? AND at_ms = ? AND is_join = ? AND fields = ?";
    change_report(db, delete, instance, user_id, report)
}

fn change_report(
    db: &Connection,
    sql: &str,
    instance: InstanceId,
    user_id: &Text,
    ParticipantReport { time, told }: &ParticipantReport,
) -> Result<bool> {
    let (at_ms, is_join) = match time {
        ReportTime::Always => (ALWAYS, AT),
        ReportTime::Joined(at) => (at.as_millis(), JOINED),
        ReportTime::At(at) => (at.as_millis(), AT),
        ReportTime::Waiting(at) => (at.as_millis(), BEGAN_TO_WAIT),
        ReportTime::Waited(at) => (at.as_millis(), WAITED),
    };
    let fields = participants::write_fields(told).driver()?;
    Ok(sql::execute(db, sql, params![instance.0, user_id.as_str(), at_ms, is_join, fields])? > 0)
}

/// Returns the event's facts about its participant, as they may be stored: blank if that is an erased person, `None` if
/// nothing may be. Also blanks the stored attendance, because the person may be known only now.
fn without_erased<'e>(
    db: &Connection,
    erased: &Erased<'_>,
    instance: InstanceId,
    event: &'e ParticipantEvent,
) -> Result<Option<Cow<'e, ParticipantEvent>>> {
    if event.user_id.stands_for_uuid().is_some() {
        let names = event.reports.iter().flat_map(|report| report.told.identifiers());
        let is_erased = erased.covers(names, None)?.is_some();
        return Ok(Some(Cow::Borrowed(event)).filter(|_| !is_erased));
    }
    let mut stored = participants::rows_of_user(db, instance, &event.user_id)?;
    let name = erased.attendance(&event.user_id.0)?;
    if stored.is_empty() {
        stored = participants::rows_of_user(db, instance, &ParticipantUserId(name.clone()))?;
    }
    let known: Joins = stored.iter().filter_map(|row| row.participant.join_time).collect();
    let mut blank = Cow::Borrowed(event);
    for (place, report) in event.reports.iter().enumerate() {
        let told = Participant { user_id: event.user_id.0.clone(), ..report.told.clone() };
        if let Some(erasure) = erased.covers_attendance(instance, &told, steps::began(&known, report))? {
            steps::blank_attendances(db, erased, erasure, instance, &event.user_id.0)?;
            let blank = blank.to_mut();
            blank.user_id = ParticipantUserId(name.clone());
            blank.reports[place].told = erased.blank(&report.told)?;
        }
    }
    Ok(Some(blank))
}

/// Stores the event's facts about its participant, and returns the attendances.
fn put_participant_reports(
    db: &Connection,
    instance: InstanceId,
    event: &ParticipantEvent,
    end: Option<Timestamp>,
) -> Result<Vec<(ParticipantId, Option<Timestamp>)>> {
    let user_id = &event.user_id;
    let uuids: Vec<&Text> = event.reports.iter().filter_map(|report| report.told.participant_uuid.as_ref()).collect();
    // Identity from one `user_id` applies to others of the same participant.
    let mut same = story::same_participant(db, instance, user_id, &uuids)?;
    same.retain(|other| other != user_id);
    let mut before = Vec::with_capacity(same.len() + 1);
    for name in same.iter().chain([user_id]) {
        before.push((name, Known::of(db, instance, name, end)?));
    }
    let mut is_news = story::link(db, instance, user_id, &uuids)?;
    for report in &event.reports {
        is_news |= put_report(db, instance, &user_id.0, report)?;
    }
    let rows = participants::rows_of_user(db, instance, user_id)?;
    // A participant in the waiting room has not attended yet; any other report requires an attendance.
    let attends = event.reports.is_empty()
        || !event.minutes.is_empty()
        || event.reports.iter().any(|report| !report.time.is_waiting());
    let placed = attendances(&rows);
    if !is_news && (!attends || !placed.is_empty() || user_id.stands_for_uuid().is_some()) {
        return Ok(placed);
    }
    let mut placed = Vec::new();
    for (name, before) in before {
        if name.stands_for_uuid().is_some() {
            continue;
        }
        let after = Known::of(db, instance, name, end)?;
        let rows = participants::rows_of_user(db, instance, name)?;
        if name == user_id {
            placed = settle(db, instance, name, rows, (&before, &after), attends)?;
        } else if before != after && !rows.is_empty() {
            settle(db, instance, name, rows, (&before, &after), false)?;
        }
    }
    Ok(placed)
}

/// Ends open attendances when the instance ends, or when its end moves.
fn end_attendances(
    db: &Connection,
    instance: InstanceId,
    end_before: Option<Timestamp>,
    end: Option<Timestamp>,
) -> Result<()> {
    // If an end moves, other joins may delimit attendances.
    let sql = "SELECT DISTINCT user_id FROM participants
               WHERE participant_id BETWEEN ? AND ? AND (? OR leave_time_ms IS NULL OR status = ?)";
    let (first, last) = participants::rows_of(instance);
    let params = params![first, last, end_before.is_some(), story::WAITING];
    let open: Vec<Text> = sql::rows(db, "participants", sql, params, |columns| columns.take())?;
    for user_id in open.into_iter().map(ParticipantUserId) {
        let before = Known::of(db, instance, &user_id, end_before)?;
        let after = before.clone().ended(end);
        let rows = participants::rows_of_user(db, instance, &user_id)?;
        settle(db, instance, &user_id, rows, (&before, &after), false)?;
    }
    Ok(())
}

/// Updates the rows of `user_id` from the values of the reports `before` to those of `after`. Returns its attendances,
/// of which there is at least one if it `attends`.
fn settle(
    db: &Connection,
    instance: InstanceId,
    user_id: &ParticipantUserId,
    mut rows: Vec<StoredParticipant>,
    (before, after): (&Known, &Known),
    attends: bool,
) -> Result<Vec<(ParticipantId, Option<Timestamp>)>> {
    let (before, after) = (Story::of(&rows, before), Story::of(&rows, after));
    // A wait that has become a join is the attendance without a known join, if there is one.
    let has_unknown_join = rows.iter().any(|row| row.participant.join_time.is_none() && !is_waiting(&row.participant));
    let is_joined_wait = |row: &StoredParticipant| {
        is_waiting(&row.participant) && row.participant.join_time.is_some_and(|wait| after.has_join(wait))
    };
    if has_unknown_join && let Some(place) = rows.iter().position(is_joined_wait) {
        participants::remove(db, instance, rows.remove(place).id)?;
    }
    let stored: Vec<Timestamp> = rows.iter().filter_map(|row| row.participant.join_time).collect();
    let mut new = after.joins(&stored);
    let mut new_waits = after.waits(&stored);
    let mut settled = Vec::with_capacity(rows.len() + 1);
    for StoredParticipant { id, participant } in rows {
        let mut wanted = participant.clone();
        // The join claims the attendance without a known join.
        let claimed = if is_waiting(&participant) { &mut new_waits } else { &mut new };
        wanted.join_time = participant.join_time.or_else(|| claimed.pop_front());
        let told_before = before.follows(participant.join_time, is_waiting(&participant));
        let told_after = after.follows(wanted.join_time, is_waiting(&participant));
        participants::change_fields(&mut wanted, &told_before.participant, &told_after.participant);
        told_after.end(&mut wanted, told_before.ended);
        if wanted != participant {
            participants::replace(db, instance, id, &wanted)?;
        }
        settled.push((id, wanted.join_time, is_waiting(&wanted)));
    }
    let mut missing: Vec<_> = new.into_iter().map(|join| (Some(join), false)).collect();
    missing.extend(new_waits.into_iter().map(|wait| (Some(wait), true)));
    let is_there = settled.iter().any(|(_, _, waits)| !*waits) || missing.iter().any(|(_, waits)| !*waits);
    if attends && !is_there {
        missing.push((None, false));
    }
    for (join_time, waits) in missing {
        let follows = after.follows(join_time, waits);
        let mut participant = follows.participant.clone();
        participant.user_id = user_id.0.clone();
        participant.join_time = join_time;
        follows.end(&mut participant, None);
        settled.push((participants::add(db, instance, &participant)?, join_time, waits));
    }
    settled.sort_by_key(|(id, join, _)| (*join, *id));
    // There are no measurements in the waiting room.
    Ok(settled.into_iter().filter(|(_, _, waits)| !*waits).map(|(id, join, _)| (id, join)).collect())
}

fn is_waiting(participant: &Participant) -> bool {
    participant.status.as_deref() == Some(story::WAITING)
}

/// Returns where minutes of a `user_id` may belong.
fn attendances(rows: &[StoredParticipant]) -> Vec<(ParticipantId, Option<Timestamp>)> {
    let present = rows.iter().filter(|row| !is_waiting(&row.participant));
    present.map(|row| (row.id, row.participant.join_time)).collect()
}

/// Returns the reports of `user_id`, ordered so that later ones override earlier ones.
pub(crate) fn reports(
    db: &Connection,
    instance: InstanceId,
    user_id: &ParticipantUserId,
) -> Result<Vec<ParticipantReport>> {
    let sql = "SELECT at_ms, is_join, fields FROM participant_reports WHERE instance_id = ? AND user_id = ?
               ORDER BY at_ms, is_join, fields";
    sql::rows(db, REPORTS, sql, params![instance.0, user_id.as_str()], |columns| {
        let (at_ms, is_join): (i64, i64) = (columns.take()?, columns.take()?);
        let at = Timestamp::from_millis(at_ms);
        let time = match (at_ms, is_join) {
            (ALWAYS, _) => ReportTime::Always,
            (_, JOINED) => ReportTime::Joined(at),
            (_, BEGAN_TO_WAIT) => ReportTime::Waiting(at),
            (_, WAITED) => ReportTime::Waited(at),
            _ => ReportTime::At(at),
        };
        let mut told = rollcall_store::LentParticipant::default();
        columns.take_array(|array| participants::read_fields(array, &mut told))?;
        Ok(ParticipantReport { time, told: participants::owned(&told).map_err(Box::new)? })
    })
}
