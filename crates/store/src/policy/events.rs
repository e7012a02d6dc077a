//! Webhook events: reports are stored as a set, and rows are updated to match it.
//!
//! A row also has values of other sources, so it is not recomputed from the reports: the values that follow from them
//! with the new report are compared with those without it, and only differences are changed.

use std::borrow::Cow;

use async_trait::async_trait;
use rollcall_model::{
    AccountId, Event, Instance, InstanceId, InstanceReport, InstanceStage, InstanceState, Joins, Meeting, MeetingKind,
    Participant, ParticipantEvent, ParticipantId, ParticipantUserId, Registration, ReportedInstance, Schedule, Source,
    Text, Timestamp, Trust,
};

use super::{
    Database, Rows, blanking,
    erased::Erased,
    instances, meetings,
    merge::change_fields,
    origin, registrants, schedules,
    story::{self, Known, Story, is_waiting},
};
use crate::{EventStore, Placed, Result, StoredInstance, StoredParticipant};

#[async_trait]
impl<D: Database> EventStore for D {
    async fn put_event(&self, account: AccountId, event: &Event) -> Result<Placed> {
        let event = event.clone();
        self.write_rows(move |tx| put(tx, account, &event)).await
    }

    async fn placed(&self, account: AccountId, instance: InstanceId, user_id: &ParticipantUserId) -> Result<Placed> {
        let user_id = user_id.clone();
        self.read_rows(move |tx| {
            let mut rows = Vec::new();
            if tx.has_instance(account, instance)? {
                rows = tx.attendances(instance, &user_id)?;
                if let Some(erased) = Erased::of(tx, account)?.filter(|_| rows.is_empty()) {
                    rows = tx.attendances(instance, &erased.user_id(&user_id)?)?;
                }
            }
            Ok(Placed { instance, attendances: attendances(&rows) })
        })
        .await
    }

    async fn unfinished_moves(&self, limit: usize) -> Result<Vec<(AccountId, InstanceId, ParticipantUserId)>> {
        self.read_rows(move |tx| tx.moves(limit)).await
    }

    async fn finish_move(&self, account: AccountId, instance: InstanceId, user_id: &ParticipantUserId) -> Result<()> {
        let user_id = user_id.clone();
        self.write_rows(move |tx| {
            tx.delete_move(account, instance, &user_id)?;
            match Erased::of(tx, account)? {
                Some(erased) => tx.delete_move(account, instance, &erased.user_id(&user_id)?),
                None => Ok(()),
            }
        })
        .await
    }

    async fn put_registration(&self, account: AccountId, registration: &Registration) -> Result<()> {
        let registration = registration.clone();
        self.write_rows(move |tx| registrants::put_event(tx, account, &registration)).await
    }

    async fn put_schedule(&self, account: AccountId, schedule: &Schedule) -> Result<()> {
        let schedule = schedule.clone();
        self.write_rows(move |tx| schedules::put(tx, account, &schedule)).await
    }

    async fn change_schedule(&self, account: AccountId, schedule: &Schedule) -> Result<()> {
        let schedule = schedule.clone();
        self.write_rows(move |tx| schedules::change(tx, account, &schedule)).await
    }
}

fn put(tx: &dyn Rows, account: AccountId, event: &Event) -> Result<Placed> {
    let erased = Erased::of(tx, account)?;
    let (instance, end) = put_instance_report(tx, account, erased.as_ref(), event)?;
    let participant = match (&event.participant, &erased) {
        (Some(participant), Some(erased)) => without_erased(tx, erased, instance, participant)?,
        (participant, _) => participant.as_ref().map(Cow::Borrowed),
    };
    let attendances = match participant.as_deref() {
        Some(participant) => {
            let attendances = put_participant_reports(tx, instance, participant, end)?;
            if participant.tells_join() && attendances.len() > 1 {
                tx.add_move(account, instance, &participant.user_id)?;
            }
            attendances
        }
        None => Vec::new(),
    };
    Ok(Placed { instance, attendances })
}

/// Stores the event's facts about its instance. Returns the instance's row id, and its end if it has ended.
fn put_instance_report(
    tx: &dyn Rows,
    account: AccountId,
    erased: Option<&Erased<'_>>,
    event: &Event,
) -> Result<(InstanceId, Option<Timestamp>)> {
    let stored = match tx.instance_by_uuid(account, &event.uuid)? {
        Some(stored) if stored.origin.trust() < Trust::Trusted => {
            origin::set_uuid_aside(tx, account, &event.uuid)?;
            None
        }
        stored => stored,
    };
    let (id, kind) = match &stored {
        Some(stored) => (stored.id, stored.instance.kind),
        None => {
            let new = Instance::unnumbered(event.kind, event.uuid.clone(), InstanceState::Live);
            (instances::put(tx, account, &new, Source::Vendor)?, event.kind)
        }
    };
    let end_before = stored.and_then(end_of);
    let InstanceReport { stage, at, told } = &event.instance;
    let told = match erased {
        Some(erased) => erased.told(id, told)?,
        None => Cow::Borrowed(told),
    };
    let report = InstanceReport { stage: *stage, at: *at, told: told.into_owned() };
    let before = told_by_reports(tx, id)?;
    if !tx.add_instance_report(id, &report)? {
        return Ok((id, end_before));
    }
    let after = told_by_reports(tx, id)?;
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
    instances::put(tx, account, &changed, Source::Vendor)?;
    make_meeting_known(tx, account, kind, &before, &after)?;
    let end = tx.instance(account, id)?.and_then(end_of);
    if ended && let Some(end) = end {
        tx.set_stated_end(id, end)?;
    }
    if end != end_before {
        end_attendances(tx, id, end_before, end)?;
    }
    Ok((id, end))
}

/// Ends the attendances of an instance whose source, other than events, stated its end. Later ones end, too
/// ([`end_users`]).
pub(super) fn state_end(tx: &dyn Rows, instance: InstanceId, end: Timestamp) -> Result<()> {
    let before = tx.stated_end(instance)?;
    if before == Some(end) {
        return Ok(());
    }
    tx.set_stated_end(instance, end)?;
    end_attendances(tx, instance, before, Some(end))
}

/// Ends open attendances of these users.
pub(super) fn end_users(
    tx: &dyn Rows,
    instance: InstanceId,
    users: impl IntoIterator<Item = ParticipantUserId>,
    end_before: Option<Timestamp>,
    end: Option<Timestamp>,
) -> Result<()> {
    for user_id in users {
        let before = Known::of(tx, instance, &user_id, end_before)?;
        let after = before.clone().ended(end);
        let rows = tx.attendances(instance, &user_id)?;
        settle(tx, instance, &user_id, rows, (&before, &after), false)?;
    }
    Ok(())
}

/// Returns when the instance ended, if a source reported it.
fn end_of(stored: StoredInstance) -> Option<Timestamp> {
    let told = stored.as_told();
    told.end_time.filter(|_| told.state == InstanceState::Past)
}

/// Returns the combined values of the instance's reports.
fn told_by_reports(tx: &dyn Rows, instance: InstanceId) -> Result<ReportedInstance> {
    let mut told = ReportedInstance::default();
    for report in tx.instance_reports(instance)? {
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
    tx: &dyn Rows,
    account: AccountId,
    kind: MeetingKind,
    before: &ReportedInstance,
    after: &ReportedInstance,
) -> Result<()> {
    let Some(number) = after.number else { return Ok(()) };
    let stored = tx.meeting(account, kind, number)?;
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
        meetings::put(tx, account, &meeting)?;
    }
    Ok(())
}

/// Returns the event's facts about its participant, as they may be stored: blank if that is an erased person, `None` if
/// nothing may be. Also blanks the stored attendance, because the person may be known only now.
fn without_erased<'e>(
    tx: &dyn Rows,
    erased: &Erased<'_>,
    instance: InstanceId,
    event: &'e ParticipantEvent,
) -> Result<Option<Cow<'e, ParticipantEvent>>> {
    if event.user_id.stands_for_uuid().is_some() {
        let names = event.reports.iter().flat_map(|report| report.told.identifiers());
        let is_erased = erased.covers(names, None)?.is_some();
        return Ok(Some(Cow::Borrowed(event)).filter(|_| !is_erased));
    }
    let mut stored = tx.attendances(instance, &event.user_id)?;
    let name = erased.user_id(&event.user_id)?;
    if stored.is_empty() {
        stored = tx.attendances(instance, &name)?;
    }
    let known: Joins = stored.iter().filter_map(|row| row.participant.join_time).collect();
    let mut blank = Cow::Borrowed(event);
    for (place, report) in event.reports.iter().enumerate() {
        let told = Participant { user_id: event.user_id.0.clone(), ..report.told.clone() };
        if let Some(erasure) = erased.covers_attendance(instance, &told, blanking::began(&known, report))? {
            blanking::blank_attendances(tx, erased, erasure, instance, &event.user_id)?;
            let blank = blank.to_mut();
            blank.user_id = name.clone();
            blank.reports[place].told = erased.blank(&report.told)?;
        }
    }
    Ok(Some(blank))
}

/// Stores the event's facts about its participant, and returns the attendances.
fn put_participant_reports(
    tx: &dyn Rows,
    instance: InstanceId,
    event: &ParticipantEvent,
    end: Option<Timestamp>,
) -> Result<Vec<(ParticipantId, Option<Timestamp>)>> {
    let user_id = &event.user_id;
    let uuids = event.reports.iter().filter_map(|report| report.told.participant_uuid.as_ref());
    let uuids: Vec<&Text> = uuids.filter(|uuid| !uuid.is_empty()).collect();
    // Identity from one `user_id` applies to others of the same participant.
    let mut same = tx.same_participant(instance, user_id, &uuids)?;
    same.retain(|other| other != user_id);
    let mut before = Vec::with_capacity(same.len() + 1);
    for name in same.iter().chain([user_id]) {
        before.push((name, Known::of(tx, instance, name, end)?));
    }
    let mut is_news = false;
    for uuid in uuids {
        is_news |= tx.add_uuid(instance, user_id, uuid)?;
    }
    for report in &event.reports {
        is_news |= tx.add_participant_report(instance, user_id, report)?;
    }
    let rows = tx.attendances(instance, user_id)?;
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
        let after = Known::of(tx, instance, name, end)?;
        let rows = tx.attendances(instance, name)?;
        if name == user_id {
            placed = settle(tx, instance, name, rows, (&before, &after), attends)?;
        } else if before != after && !rows.is_empty() {
            settle(tx, instance, name, rows, (&before, &after), false)?;
        }
    }
    Ok(placed)
}

/// Ends open attendances when the instance ends, or when its end moves.
fn end_attendances(
    tx: &dyn Rows,
    instance: InstanceId,
    end_before: Option<Timestamp>,
    end: Option<Timestamp>,
) -> Result<()> {
    // If an end moves, other joins may delimit attendances.
    let open = tx.user_ids(instance, end_before.is_some(), story::WAITING)?;
    end_users(tx, instance, open, end_before, end)
}

/// Updates the rows of `user_id` from the values of the reports `before` to those of `after`. Returns its attendances,
/// of which there is at least one if it `attends`.
fn settle(
    tx: &dyn Rows,
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
        tx.remove_participant(instance, rows.remove(place).id)?;
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
        change_fields(&mut wanted, &told_before.participant, &told_after.participant);
        told_after.end(&mut wanted, told_before.ended);
        if wanted != participant {
            tx.replace_participant(instance, id, &wanted)?;
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
        settled.push((tx.add_participant(instance, &participant)?, join_time, waits));
    }
    settled.sort_by_key(|(id, join, _)| (*join, *id));
    // There are no measurements in the waiting room.
    Ok(settled.into_iter().filter(|(_, _, waits)| !*waits).map(|(id, join, _)| (id, join)).collect())
}

/// Returns where minutes of a `user_id` may belong.
fn attendances(rows: &[StoredParticipant]) -> Vec<(ParticipantId, Option<Timestamp>)> {
    let present = rows.iter().filter(|row| !is_waiting(&row.participant));
    present.map(|row| (row.id, row.participant.join_time)).collect()
}
