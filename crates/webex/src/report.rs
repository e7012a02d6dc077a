//! Summary reports of ended runs, from their attendances (Webex reference, section 6).

use std::collections::HashSet;

use rollcall_model::{Instance, InstanceFacts, KeyValue, MeetingKind, Text, Timestamp};

use crate::{
    meeting::{self, Around},
    run,
    wire::{AttendeeReport, CodeValue, Meeting, UsageReport},
};

/// The service that a run belongs to if its source did not say.
pub const MEETING_CENTER: &str = "MeetingCenter";

/// How a participant's telephone was connected.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Call {
    /// The participant called.
    In,
    /// The participant was called.
    Out,
}

/// One attendance, as far as reports need it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Attendance {
    /// What the source calls the participant.
    pub user_id: Text,
    /// The person's name.
    pub name: Option<Text>,
    /// The person's address.
    pub email: Option<Text>,
    /// The person's id, if signed in.
    pub person: Option<Text>,
    /// `host` or another role.
    pub role: Option<Text>,
    /// When it began.
    pub join: Option<Timestamp>,
    /// When it ended.
    pub leave: Option<Timestamp>,
    /// The telephone's connection; the outer `None` if it was not reported.
    pub call: Option<Option<Call>>,
    /// Public IP address.
    pub ip_address: Option<Text>,
    /// Operating system or device.
    pub system: Option<Text>,
    /// Browser or client.
    pub application: Option<Text>,
    /// Whether the person joined with a registration; `None` if unknown.
    pub registered: Option<bool>,
}

impl Attendance {
    /// Returns what is the same for all attendances of a person.
    fn who(&self) -> String {
        let email = self.email.as_deref().map(|email| email.trim().to_lowercase()).filter(|email| !email.is_empty());
        email.or_else(|| self.person.as_ref().map(ToString::to_string)).unwrap_or_else(|| self.user_id.to_string())
    }

    fn millis(&self, end: Option<Timestamp>) -> Option<(i64, i64)> {
        let (join, leave) = (self.join?, self.leave.or(end)?);
        (join <= leave).then(|| (join.as_millis(), leave.as_millis()))
    }
}

/// Sums over the attendances of a run.
#[derive(Debug, Default)]
pub struct Tally {
    people: HashSet<String>,
    callers: [HashSet<String>; 2],
    call_millis: [i64; 2],
    are_calls_known: bool,
    millis: i64,
    /// Joins and leaves with their times.
    steps: Vec<(i64, i32)>,
}

impl Tally {
    /// Adds an attendance of a run that ended at `end`.
    pub fn add(&mut self, attendance: &Attendance, end: Option<Timestamp>) {
        let who = attendance.who();
        let millis = attendance.millis(end);
        let length = millis.map_or(0, |(join, leave)| leave - join);
        self.millis += length;
        if let Some((join, leave)) = millis {
            self.steps.extend([(join, 1), (leave, -1)]);
        }
        self.are_calls_known |= attendance.call.is_some();
        if let Some(call) = attendance.call.flatten() {
            self.callers[call as usize].insert(who.clone());
            self.call_millis[call as usize] += length;
        }
        self.people.insert(who);
    }

    /// Returns the most attendances at a time. One that ends when another begins counts once.
    fn peak(&self) -> i64 {
        let mut steps = self.steps.clone();
        steps.sort_unstable();
        let (mut now, mut peak) = (0_i64, 0);
        for (_, step) in steps {
            now += i64::from(step);
            peak = peak.max(now);
        }
        peak
    }
}

/// Returns whole minutes, rounded.
const fn minutes(millis: i64) -> i64 {
    (millis + 30_000) / 60_000
}

fn count(people: &HashSet<String>) -> i64 {
    i64::try_from(people.len()).unwrap_or(i64::MAX)
}

fn told(text: Option<&Text>) -> Option<String> {
    text.filter(|text| !text.is_empty()).map(ToString::to_string)
}

/// Returns a run's length in minutes.
fn duration(instance: &Instance) -> Option<i64> {
    let (start, end) = instance.start_time.zip(instance.end_time)?;
    Some(minutes(end.millis_since(start).max(0)))
}

const fn scheduled_type(kind: MeetingKind) -> &'static str {
    match kind {
        MeetingKind::Meeting => "meeting",
        MeetingKind::Webinar => "webinar",
    }
}

/// Returns the usage report of a run. `tally` is `None` if no attendance is known; `codes` are those of the run or of
/// its host.
#[must_use]
pub fn usage(
    instance: &Instance,
    tally: Option<&Tally>,
    codes: impl IntoIterator<Item = KeyValue>,
    around: &Around<'_>,
) -> UsageReport {
    let time = |time: Option<Timestamp>| time.map(|time| (around.time)(time).to_string());
    let calls = tally.filter(|tally| tally.are_calls_known || instance.has_pstn == Some(false));
    let codes: Vec<CodeValue> = codes
        .into_iter()
        .map(|KeyValue { key, value }| CodeValue { name: Some(key.to_string()), value: Some(value.to_string()) })
        .collect();
    UsageReport {
        meeting_id: Some(run::instance_id(instance).to_string()),
        meeting_number: instance.number.map(|number| number.to_string()),
        meeting_title: told(instance.topic.as_ref()),
        start: time(instance.start_time),
        end: time(instance.end_time),
        duration: duration(instance),
        scheduled_type: Some(scheduled_type(instance.kind).to_owned()),
        host_display_name: told(instance.host_name.as_ref()),
        host_email: told(instance.host_email.as_ref()),
        total_people_minutes: tally.map(|tally| minutes(tally.millis)),
        total_call_in_minutes: calls.map(|tally| minutes(tally.call_millis[Call::In as usize])),
        total_participants: tally.map(|tally| count(&tally.people)),
        total_participants_call_in: calls.map(|tally| count(&tally.callers[Call::In as usize])),
        total_participants_call_out: calls.map(|tally| count(&tally.callers[Call::Out as usize])),
        peak_attendee: tally.map(Tally::peak),
        service_type: Some(MEETING_CENTER.to_owned()),
        tracking_codes: Some(codes),
        ..UsageReport::default()
    }
}

/// Returns the report of an attendance.
#[must_use]
pub fn attendee(instance: &Instance, attendance: &Attendance, around: &Around<'_>) -> AttendeeReport {
    let time = |time: Option<Timestamp>| time.map(|time| (around.time)(time).to_string());
    let leave = attendance.leave.or(instance.end_time);
    let millis = attendance.millis(leave);
    let agent: Vec<&str> =
        [&attendance.system, &attendance.application].into_iter().filter_map(|part| part.as_deref()).collect();
    AttendeeReport {
        meeting_id: Some(run::instance_id(instance).to_string()),
        meeting_number: instance.number.map(|number| number.to_string()),
        meeting_title: told(instance.topic.as_ref()),
        display_name: told(attendance.name.as_ref()),
        email: told(attendance.email.as_ref()),
        joined_time: time(attendance.join),
        left_time: time(leave),
        duration: millis.map(|(join, leave)| minutes(leave - join)),
        participant_type: attendance
            .role
            .as_deref()
            .map(|role| if role == "host" { "host" } else { "attendee" }.to_owned()),
        ip_address: told(attendance.ip_address.as_ref()),
        client_agent: (!agent.is_empty()).then(|| agent.join(",")),
        registered: attendance.registered,
        ..AttendeeReport::default()
    }
}

/// Returns the run of a usage report.
pub(crate) fn usage_facts(read: &UsageReport) -> Result<InstanceFacts, (String, String)> {
    let text = |text: &Option<String>| text.as_deref().map(Text::from);
    let run = Meeting {
        id: text(&read.meeting_id).unwrap_or_default(),
        meeting_number: text(&read.meeting_number),
        title: text(&read.meeting_title),
        state: Some(Text::const_new("ended")),
        start: text(&read.start),
        end: text(&read.end),
        host_display_name: text(&read.host_display_name),
        host_email: text(&read.host_email),
        scheduled_type: text(&read.scheduled_type),
        ..Meeting::default()
    };
    let wrong = || ("meetingId".to_owned(), "not the id of a run (`…_I_…`)".to_owned());
    let mut facts = meeting::meeting_facts(&run)?.ok_or_else(wrong)?;
    if let Some(instance) = &mut facts.details {
        let codes = read.tracking_codes.iter().flatten();
        instance.tracking_fields =
            codes.filter_map(|code| Some(KeyValue { key: text(&code.name)?, value: text(&code.value)? })).collect();
    }
    Ok(facts)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn attendance(email: &str, join: i64, leave: Option<i64>) -> Attendance {
        let email = (!email.is_empty()).then(|| email.into());
        let (join, leave) = (Some(Timestamp::from_seconds(join)), leave.map(Timestamp::from_seconds));
        Attendance { user_id: "1".into(), email, join, leave, ..Attendance::default() }
    }

    #[test]
    fn a_person_who_rejoins_counts_once_and_every_minute_counts() {
        let mut tally = Tally::default();
        let end = Some(Timestamp::from_seconds(600));
        for one in [
            attendance("a@example.com", 0, Some(120)),
            attendance("A@Example.com", 120, None),
            attendance("", 60, Some(90)),
        ] {
            tally.add(&one, end);
        }
        assert_eq!((count(&tally.people), minutes(tally.millis), tally.peak()), (2, 11, 2));
        assert!(!tally.are_calls_known);
        tally.add(&Attendance { call: Some(Some(Call::In)), ..attendance("c@example.com", 0, Some(60)) }, end);
        assert_eq!((count(&tally.callers[0]), minutes(tally.call_millis[0])), (1, 1));
    }
}
