//! What webhooks tell: reports are kept as a set, and rows are made to say what follows from it.
//!
//! A row also holds what other sources told, so it is not written anew from the reports: what follows from them with
//! the new one is laid against what followed without it, and only what differs is changed.

use std::borrow::Cow;

use async_trait::async_trait;
use rollcall_model::{
    AccountId, Event, Identifier, Instance, InstanceId, InstanceReport, InstanceStage, InstanceState, InstanceTold,
    Joins, Meeting, MeetingKind, Participant, ParticipantEvent, ParticipantId, ParticipantReport, ParticipantUserId,
    Registration, ReportTime, Source, Text, Timestamp, Trust,
};
use rollcall_store::{EventStore, Placed, Result, StoreError, StoredParticipant};
use rusqlite::{Connection, params};

use crate::{
    SqliteStore, accounts,
    columns::Bound,
    erased::Erased,
    erasures::steps,
    instances, meetings, origin, participants,
    sql::{self, Driver},
    tracking_sources,
};

const REPORTS: &str = "participant_reports";
/// The time of a report that is always true.
const ALWAYS: i64 = i64::MIN;
/// How many instances' reports are forgotten in one go.
const FORGOTTEN_AT_ONCE: i64 = 100;

#[async_trait]
impl EventStore for SqliteStore {
    async fn put_event(&self, account: AccountId, event: &Event) -> Result<Placed> {
        let event = event.clone();
        self.write(move |db| {
            let erased = Erased::of(db, account)?;
            let instance = put_instance_report(db, account, erased.as_ref(), &event)?;
            let attendances = match &event.participant {
                Some(participant) => {
                    let participant = &*match &erased {
                        Some(erased) => without_erased(db, erased, instance, participant)?,
                        None => Cow::Borrowed(participant),
                    };
                    let attendances = put_participant_reports(db, instance, participant)?;
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
        self.write(move |db| put_registration(db, account, &registration)).await
    }
}

/// Forgets the reports of some instances that were over before `before`, and answers of how many reports.
pub(crate) fn forget_reports(db: &Connection, before: Timestamp) -> Result<u64> {
    let over = "SELECT DISTINCT instance_id FROM instance_reports JOIN instances ON instances.id = instance_id
                WHERE over_ms < ? LIMIT ?";
    let over: Vec<InstanceId> =
        sql::rows(db, "instance_reports", over, params![Bound(&before), FORGOTTEN_AT_ONCE], |columns| columns.take())?;
    let mut forgotten = 0;
    for instance in over {
        for table in ["participant_reports", "instance_reports"] {
            let sql = format!("DELETE FROM {table} WHERE instance_id = ?");
            forgotten += sql::execute(db, &sql, [instance.0])? as u64;
        }
    }
    Ok(forgotten)
}

/// Takes down that minutes may have to move, now that there is another join.
fn begin_move(db: &Connection, account: AccountId, instance: InstanceId, user_id: &ParticipantUserId) -> Result<()> {
    let insert = "INSERT OR IGNORE INTO unfinished_moves (instance_id, user_id, account_id) VALUES (?, ?, ?)";
    sql::execute(db, insert, params![instance.0, user_id.as_str(), account.0]).map(drop)
}

/// Takes down what the event tells of its instance, and answers the instance's row.
fn put_instance_report(
    db: &Connection,
    account: AccountId,
    erased: Option<&Erased<'_>>,
    event: &Event,
) -> Result<InstanceId> {
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
        return Ok(id);
    }
    let after = told_by_reports(db, id)?;
    let ended = *stage == InstanceStage::Ended;
    let state = if ended { InstanceState::Past } else { InstanceState::Live };
    if before != after || ended {
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
    }
    Ok(id)
}

/// What the instance's reports tell together.
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

/// Writes the meeting where it is not stored, and what its instance tells where the meeting has nothing else than what
/// the instance told before.
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
    let meeting = Meeting {
        topic: told(&stored.topic, &before.topic, &after.topic),
        host_id: told(&stored.host_id, &before.host_id, &after.host_id),
        host_email: told(&stored.host_email, &before.host_email, &after.host_email),
        ..Meeting::new(kind, number)
    };
    if !is_known || meeting.topic.is_some() || meeting.host_id.is_some() || meeting.host_email.is_some() {
        meetings::put(db, account, &[meeting])?;
    }
    Ok(())
}

/// The stage's place in the order of what stands over what.
const fn stage_number(stage: InstanceStage) -> i64 {
    match stage {
        InstanceStage::Mentioned => 0,
        InstanceStage::Started => 1,
        InstanceStage::Ended => 2,
    }
}

/// Takes down a report, and answers whether it is news.
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

/// Forgets a report.
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
        ReportTime::Always => (ALWAYS, false),
        ReportTime::Joined(at) => (at.as_millis(), true),
        ReportTime::At(at) => (at.as_millis(), false),
    };
    let fields = participants::write_fields(told).driver()?;
    Ok(sql::execute(db, sql, params![instance.0, user_id.as_str(), at_ms, is_join, fields])? > 0)
}

/// What the event tells of its participant, as it may be stored: blank, where that is who was erased. What is stored of
/// the attendance is blanked too: whose it is may be known only now.
fn without_erased<'e>(
    db: &Connection,
    erased: &Erased<'_>,
    instance: InstanceId,
    event: &'e ParticipantEvent,
) -> Result<Cow<'e, ParticipantEvent>> {
    let mut stored = participants::rows_of_user(db, instance, &event.user_id)?;
    let name = erased.attendance(&event.user_id.0)?;
    if stored.is_empty() {
        stored = participants::rows_of_user(db, instance, &ParticipantUserId(name.clone()))?;
    }
    let known: Joins = joins(&stored).collect();
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
    Ok(blank)
}

/// Takes down what the event tells of its participant, and answers where the attendances are.
fn put_participant_reports(
    db: &Connection,
    instance: InstanceId,
    event: &ParticipantEvent,
) -> Result<Vec<(ParticipantId, Option<Timestamp>)>> {
    let user_id = &event.user_id;
    let before = reports(db, instance, user_id)?;
    let mut is_news = false;
    for report in &event.reports {
        is_news |= put_report(db, instance, &user_id.0, report)?;
    }
    let rows = participants::rows_of_user(db, instance, user_id)?;
    if !is_news && !rows.is_empty() {
        return Ok(attendances(&rows));
    }
    let after = if is_news { reports(db, instance, user_id)? } else { Vec::new() };
    let known: Joins = joins(&rows).collect();
    settle(db, instance, user_id, rows, (&known, &before), &after)
}

/// Lets the rows of `user_id` say what follows from the reports `after`, where they said what followed from other
/// joins and reports.
pub(crate) fn settle(
    db: &Connection,
    instance: InstanceId,
    user_id: &ParticipantUserId,
    rows: Vec<StoredParticipant>,
    (joins_before, before): (&Joins, &[ParticipantReport]),
    after: &[ParticipantReport],
) -> Result<Vec<(ParticipantId, Option<Timestamp>)>> {
    let reported = after.iter().filter_map(|report| match report.time {
        ReportTime::Joined(at) => Some(at),
        _ => None,
    });
    let joins_after: Joins = joins(&rows).chain(reported).collect();
    let stored: Vec<Timestamp> = joins(&rows).collect();
    let mut new_joins = joins_after.as_slice().iter().copied().filter(|join| !stored.contains(join));
    let mut settled = Vec::with_capacity(rows.len() + 1);
    for StoredParticipant { id, participant } in rows {
        let mut wanted = participant.clone();
        // A join claims the attendance of which none was known.
        wanted.join_time = participant.join_time.or_else(|| new_joins.next());
        let told_before = follows(joins_before, before, participant.join_time);
        let told_after = follows(&joins_after, after, wanted.join_time);
        participants::change_fields(&mut wanted, &told_before, &told_after);
        if wanted != participant {
            participants::replace(db, instance, id, &wanted)?;
        }
        settled.push((id, wanted.join_time));
    }
    let mut missing: Vec<Option<Timestamp>> = new_joins.map(Some).collect();
    if settled.is_empty() && missing.is_empty() {
        missing.push(None);
    }
    for join_time in missing {
        let mut participant = follows(&joins_after, after, join_time);
        participant.user_id = user_id.0.clone();
        participant.join_time = join_time;
        settled.push((participants::add(db, instance, &participant)?, join_time));
    }
    settled.sort_by_key(|(id, join)| (*join, *id));
    Ok(settled)
}

/// What the reports, in their order, tell of the attendance that began with `join`.
fn follows(joins: &Joins, reports: &[ParticipantReport], join: Option<Timestamp>) -> Participant {
    let mut told = Participant::default();
    for report in reports {
        let belongs = report.time == ReportTime::Always
            || joins.of_report(report.time, report.told.leave_time.is_some()) == Some(join);
        if belongs {
            participants::merge_fields(&mut told, &report.told);
        }
    }
    told
}

fn joins(rows: &[StoredParticipant]) -> impl Iterator<Item = Timestamp> {
    rows.iter().filter_map(|row| row.participant.join_time)
}

fn attendances(rows: &[StoredParticipant]) -> Vec<(ParticipantId, Option<Timestamp>)> {
    rows.iter().map(|row| (row.id, row.participant.join_time)).collect()
}

/// The reports of `user_id`, in the order in which later ones stand over earlier ones.
pub(crate) fn reports(
    db: &Connection,
    instance: InstanceId,
    user_id: &ParticipantUserId,
) -> Result<Vec<ParticipantReport>> {
    let sql = "SELECT at_ms, is_join, fields FROM participant_reports WHERE instance_id = ? AND user_id = ?
               ORDER BY at_ms, is_join, fields";
    sql::rows(db, REPORTS, sql, params![instance.0, user_id.as_str()], |columns| {
        let (at_ms, is_join): (i64, bool) = (columns.take()?, columns.take()?);
        let time = match (at_ms, is_join) {
            (ALWAYS, _) => ReportTime::Always,
            (at, true) => ReportTime::Joined(Timestamp::from_millis(at)),
            (at, false) => ReportTime::At(Timestamp::from_millis(at)),
        };
        let mut told = rollcall_store::LentParticipant::default();
        columns.take_array(|array| participants::read_fields(array, &mut told))?;
        Ok(ParticipantReport { time, told: participants::owned(&told).map_err(Box::new)? })
    })
}

fn put_registration(db: &Connection, account: AccountId, registration: &Registration) -> Result<()> {
    accounts::require(db, account)?;
    let Registration { number, registrant, source } = registration;
    if meetings::find(db, account, MeetingKind::Webinar, *number)?.is_none() {
        meetings::put(db, account, &[Meeting::new(MeetingKind::Webinar, *number)])?;
    }
    let Some(source) = source else { return Ok(()) };
    if let Some(erased) = Erased::of(db, account)?
        && erased.covers_name(Identifier::of_registrant(registrant))?
    {
        return Ok(());
    }
    let insert = "INSERT OR IGNORE INTO registrations (account_id, webinar_number, registrant, source_id)
                  VALUES (?, ?, ?, ?)";
    let params = params![account.0, number.0, registrant.as_str(), source.id.as_str()];
    if sql::execute(db, insert, params)? > 0 {
        tracking_sources::count_registration(db, account, *number, source)?;
    }
    Ok(())
}
