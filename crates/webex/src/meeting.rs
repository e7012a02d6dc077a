//! Converts runs and participants to Webex's shapes and back (Webex reference, sections 4, 5 and 13).

use rollcall_model::{
    Instance, InstanceFacts, InstanceRef, InstanceState, InvalidId, MeetingKind, MeetingNumber, Participant,
    ParticipantFacts, ParticipantId, Text, Timestamp, UserId,
};

use crate::{
    hook, person,
    quality::time_with_fraction,
    run,
    wire::{Meeting, MeetingParticipant, ParticipantDevice},
};

/// Context of a run that is not stored with it.
pub struct Around<'a> {
    /// The account's default site.
    pub site_url: Option<&'a Text>,
    /// Formats instants in the requested time zone.
    pub time: &'a dyn Fn(Timestamp) -> Text,
    /// The name of that time zone.
    pub timezone: &'a str,
}

/// A blank was not reported.
fn told(text: Option<&Text>) -> Option<Text> {
    text.filter(|text| !text.is_empty()).cloned()
}

/// Returns a run as in the list.
#[must_use]
pub fn meeting(instance: &Instance, around: &Around<'_>) -> Meeting {
    let ended = instance.state == InstanceState::Past;
    Meeting {
        id: run::instance_id(instance),
        meeting_series_id: Some(run::series_id(instance)),
        meeting_number: instance.number.filter(|_| !ended).map(|number| number.to_string().into()),
        title: told(instance.topic.as_ref()),
        meeting_type: Some(Text::const_new("meeting")),
        state: Some(Text::const_new(if ended { "ended" } else { "inProgress" })),
        timezone: Some(around.timezone.into()),
        start: instance.start_time.map(around.time),
        end: instance.end_time.filter(|_| ended).map(around.time),
        host_user_id: instance.host_id.as_ref().filter(|id| !id.as_str().is_empty()).map(person::id_of),
        host_display_name: told(instance.host_name.as_ref()),
        host_email: told(instance.host_email.as_ref()),
        site_url: around.site_url.cloned(),
        scheduled_type: Some(Text::const_new(match instance.kind {
            MeetingKind::Meeting => "meeting",
            MeetingKind::Webinar => "webinar",
        })),
        has_recording: instance.has_recording.filter(|_| ended),
        has_polls: instance.has_poll.filter(|_| ended),
        has_qa: instance.has_qa.filter(|_| ended),
    }
}

/// Prints in UTC, without a site.
pub(crate) fn plain<T>(print: impl FnOnce(&Around<'_>) -> T) -> T {
    let time = |time: Timestamp| Text::from(Timestamp::from_seconds(time.as_seconds()).to_string());
    print(&Around { site_url: None, time: &time, timezone: "UTC" })
}

/// Returns the meeting that is shown as `shown`, in UTC. What it does not say about the schedule's number and time zone
/// comes from `earlier`.
///
/// # Errors
///
/// What cannot be stored.
pub fn scheduled(
    shown: &serde_json::Value,
    timezone: Option<Text>,
    earlier: Option<&rollcall_model::Meeting>,
) -> Result<rollcall_model::Meeting, String> {
    let read: Meeting = serde_json::from_value(shown.clone()).map_err(|error| error.to_string())?;
    let mut meeting = series_facts(&read).map_err(|(field, reason)| format!("'{field}': {reason}"))?;
    meeting.timezone = timezone;
    if let Some(earlier) = earlier {
        meeting = rollcall_model::Meeting {
            topic: meeting.topic,
            host_id: meeting.host_id,
            host_email: meeting.host_email,
            start_time: meeting.start_time,
            duration_minutes: meeting.duration_minutes,
            timezone: meeting.timezone.or_else(|| earlier.timezone.clone()),
            ..earlier.clone()
        };
    }
    let served = plain(|around| series(&meeting, around));
    let served = serde_json::to_value(served).map_err(|error| error.to_string())?;
    let found = rollcall_extras::find_in(&crate::extras::SERIES, shown, &served);
    if !found.unkept.is_empty() {
        return Err(format!("the meeting is too large: shorten '{}'", found.unkept.join("', '")));
    }
    meeting.extras = found.extras;
    Ok(meeting)
}

/// Returns a series or a scheduled meeting.
#[must_use]
pub fn series(meeting: &rollcall_model::Meeting, around: &Around<'_>) -> Meeting {
    let end = meeting.start_time.zip(meeting.duration_minutes);
    Meeting {
        id: meeting.series_id.clone().unwrap_or_else(|| run::series_of(meeting.kind, meeting.number)),
        meeting_number: Some(meeting.number.to_string().into()),
        title: told(meeting.topic.as_ref()),
        meeting_type: Some(Text::const_new("meetingSeries")),
        state: Some(Text::const_new("active")),
        timezone: Some(around.timezone.into()),
        start: meeting.start_time.map(around.time),
        end: end.map(|(start, minutes)| (around.time)(start.plus_seconds(minutes.saturating_mul(60)))),
        host_user_id: meeting.host_id.as_ref().filter(|id| !id.as_str().is_empty()).map(person::id_of),
        host_email: told(meeting.host_email.as_ref()),
        site_url: around.site_url.cloned(),
        scheduled_type: Some(Text::const_new(match meeting.kind {
            MeetingKind::Meeting => "meeting",
            MeetingKind::Webinar => "webinar",
        })),
        ..Meeting::default()
    }
}

/// Returns a participant as in the list, with a device for each attendance: the first, and those that joined later.
#[must_use]
pub fn participant(
    instance: &Instance,
    (row, first): (ParticipantId, &Participant),
    others: &[(ParticipantId, &Participant)],
    around: &Around<'_>,
) -> MeetingParticipant {
    let all = || [(row, first)].into_iter().chain(others.iter().copied());
    let present = instance.state == InstanceState::Live && all().any(|(_, device)| device.leave_time.is_none());
    let last = all().max_by_key(|(row, device)| (device.join_time, *row)).map_or(first, |(_, last)| last);
    let waits = last.status.as_deref() == Some("in_waiting_room");
    // The value of their latest report that has one.
    let said =
        |field: fn(&Participant) -> Option<&Text>| all().filter_map(|(_, device)| told(field(device))).next_back();
    let role = said(|device| device.role.as_ref());
    let has_left = all().all(|(_, device)| device.leave_time.is_some());
    let left = all().filter_map(|(_, device)| device.leave_time).max().filter(|_| has_left);
    MeetingParticipant {
        id: run::participant_id(instance, row, first),
        host: role.as_deref().map(|role| role == "host"),
        co_host: role.as_deref().map(|role| role == "co-host"),
        email: said(|device| device.email.as_ref()),
        display_name: said(|device| device.user_name.as_ref()),
        meeting_start_time: instance.start_time.map(around.time),
        state: Some(Text::const_new(match (present, waits) {
            (true, true) => "lobby",
            (true, false) => "joined",
            (false, _) => "end",
        })),
        joined_time: all().filter_map(|(_, device)| device.join_time).min().map(around.time),
        left_time: left.map(around.time),
        site_url: around.site_url.cloned(),
        meeting_id: Some(run::instance_id(instance)),
        host_email: told(instance.host_email.as_ref()),
        devices: all().map(|(row, attendance)| device(row, attendance)).collect(),
    }
}

/// Returns a participant's device.
fn device(row: ParticipantId, participant: &Participant) -> ParticipantDevice {
    let stay = participant.join_time.zip(participant.leave_time);
    let leg = participant.audio_call.as_ref().and_then(|legs| legs.first());
    ParticipantDevice {
        correlation_id: Some(run::uuid_of(row).into()),
        device_type: told(participant.device.as_ref()),
        // Without a telephone call this is unknown: they may have been silent or not connected to the audio at all.
        audio_type: leg.map(|_| Text::const_new("pstn")),
        joined_time: participant.join_time.map(time_with_fraction),
        left_time: participant.leave_time.map(time_with_fraction),
        duration_second: stay.map(|(join, leave)| leave.millis_since(join).max(0) / 1000),
        call_type: leg.and_then(|leg| match leg.call_type.as_deref() {
            Some("call-in") => Some(Text::const_new("callIn")),
            Some("call-out") => Some(Text::const_new("callBack")),
            _ => None,
        }),
    }
}

/// An instant in a response; 1970 means unknown.
fn time(field: &str, text: Option<&Text>) -> Result<Option<Timestamp>, (String, String)> {
    let Some(text) = text.filter(|text| !text.trim().is_empty()) else { return Ok(None) };
    let time: Timestamp =
        text.parse().map_err(|error: rollcall_model::InvalidTime| (field.to_owned(), error.to_string()))?;
    Ok(Some(time).filter(|time| time.as_millis() > 0))
}

fn kind(scheduled_type: Option<&Text>) -> MeetingKind {
    match scheduled_type.map(Text::as_str) {
        Some("webinar") => MeetingKind::Webinar,
        _ => MeetingKind::Meeting,
    }
}

/// Returns the number for a series whose runs did not report theirs: as many digits as an id has, derived from the
/// series. Webex omits the number for ended runs.
fn number(told: Option<&Text>, series: &str) -> MeetingNumber {
    told.and_then(|number| number.parse().ok()).unwrap_or_else(|| {
        let digest = series
            .bytes()
            .fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3));
        // Twelve digits: one more than the numbers that people dial.
        MeetingNumber(100_000_000_000 + (digest % 900_000_000_000) as i64)
    })
}

/// Returns the facts about the run with an id. If its number was not reported, it gets one derived from its series.
pub(crate) fn run_facts(id: &Text, kind: MeetingKind, told: Option<&Text>) -> Result<InstanceFacts, InvalidId> {
    if !id.contains("_I_") {
        return Err(InvalidId::new(id, "the id of a run (`…_I_…`)"));
    }
    let mut facts = InstanceFacts::new(kind, InstanceRef::Uuid(id.parse()?));
    facts.number = Some(number(told, id.split("_I_").next().unwrap_or_default()));
    Ok(facts)
}

/// Returns the facts in an entry of the meeting list. `None` if it is not a run.
pub(crate) fn meeting_facts(read: &Meeting) -> Result<Option<InstanceFacts>, (String, String)> {
    let state = match read.state.as_deref() {
        Some("inProgress") => InstanceState::Live,
        Some("ended") => InstanceState::Past,
        _ => return Ok(None),
    };
    if !read.id.contains("_I_") {
        return Ok(None);
    }
    let wrong = |error: InvalidId| ("id".to_owned(), error.to_string());
    let mut facts =
        run_facts(&read.id, kind(read.scheduled_type.as_ref()), read.meeting_number.as_ref()).map_err(wrong)?;
    let Some(stand_in) = facts.number else { return Ok(None) };
    let mut instance = Instance::new(facts.kind, stand_in, read.id.parse().map_err(wrong)?, state);
    instance.number = read.meeting_number.as_ref().and_then(|number| number.parse().ok());
    instance.topic = told(read.title.as_ref());
    instance.host_id = read.host_user_id.as_ref().map(user_of);
    instance.host_name = told(read.host_display_name.as_ref());
    instance.host_email = told(read.host_email.as_ref());
    instance.start_time = time("start", read.start.as_ref())?;
    instance.end_time = time("end", read.end.as_ref())?.filter(|_| state == InstanceState::Past);
    instance.has_recording = read.has_recording;
    instance.has_poll = read.has_polls;
    instance.has_qa = read.has_qa;
    facts.state = Some(state);
    facts.details = Some(instance);
    Ok(Some(facts))
}

/// Returns the series or scheduled meeting of an entry.
pub(crate) fn series_facts(read: &Meeting) -> Result<rollcall_model::Meeting, (String, String)> {
    if read.id.trim().is_empty() {
        return Err(("id".to_owned(), "missing or blank".to_owned()));
    }
    let (start, end) = (time("start", read.start.as_ref())?, time("end", read.end.as_ref())?);
    let minutes = start.zip(end).map(|(start, end)| end.millis_since(start) / 60_000);
    // Occurrences share the number of their series, so only a series is keyed by it.
    let is_series = !read.id.contains('_');
    let number = number(read.meeting_number.as_ref().filter(|_| is_series), &read.id);
    Ok(rollcall_model::Meeting {
        series_id: Some(read.id.clone()),
        topic: told(read.title.as_ref()),
        host_id: read.host_user_id.as_ref().map(user_of),
        host_email: told(read.host_email.as_ref()),
        start_time: start,
        duration_minutes: minutes.filter(|minutes| *minutes > 0),
        timezone: told(read.timezone.as_ref()),
        ..rollcall_model::Meeting::new(kind(read.scheduled_type.as_ref()), number)
    })
}

/// Returns the user of a person's id.
pub(crate) fn user_of(person_id: &Text) -> UserId {
    match person::user_ids(person_id) {
        Ok(ids) => ids.into_iter().next().unwrap_or_else(|| UserId(person_id.clone())),
        Err(_) => UserId(person_id.clone()),
    }
}

/// Returns a participant's facts: one attendance for each device, or one without devices.
pub(crate) fn participant_facts(read: &MeetingParticipant) -> Result<InstanceFacts, (String, String)> {
    let meeting = read.meeting_id.as_ref().filter(|id| !id.is_empty());
    let from_id = || read.id.rsplit_once('_').map(|(run, _)| Text::from(run)).filter(|run| run.contains("_I_"));
    let id =
        meeting.cloned().or_else(from_id).ok_or_else(|| ("meetingId".to_owned(), "missing or blank".to_owned()))?;
    let mut facts =
        run_facts(&id, MeetingKind::Meeting, None).map_err(|error| ("meetingId".to_owned(), error.to_string()))?;
    if read.id.trim().is_empty() {
        return Err(("id".to_owned(), "missing or blank".to_owned()));
    }
    let identity = Participant {
        user_id: read.id.clone(),
        user_name: told(read.display_name.as_ref()),
        email: told(read.email.as_ref()),
        role: hook::role(read.host, read.co_host),
        ..Participant::default()
    };
    facts.state = match read.state.as_deref() {
        Some("joined" | "lobby" | "breakoutSession") => Some(InstanceState::Live),
        _ => None,
    };
    facts.start_time = time("meetingStartTime", read.meeting_start_time.as_ref())?;
    let whole = ParticipantDevice {
        joined_time: read.joined_time.clone(),
        left_time: read.left_time.clone(),
        ..ParticipantDevice::default()
    };
    let devices = if read.devices.is_empty() { std::slice::from_ref(&whole) } else { &read.devices };
    for (at, device) in devices.iter().enumerate() {
        let join_time = time(&format!("devices[{at}].joinedTime"), device.joined_time.as_ref())?;
        let leave_time = time(&format!("devices[{at}].leftTime"), device.left_time.as_ref())?;
        let participant =
            Participant { join_time, leave_time, device: told(device.device_type.as_ref()), ..identity.clone() };
        facts.participants.push(ParticipantFacts { participant, minutes: Vec::new() });
    }
    Ok(facts)
}
