//! Bodies of requests to create or change a meeting (Webex reference, section 5).

use jiff::{civil, tz::TimeZone};
use rollcall_model::{Text, Timestamp};
use serde_json::{Map, Value};

use super::{
    body::{Object, parse_json},
    fields::{Form, Rule, checked, may, must},
    invitees::INVITEE,
    registration::FORM,
    violation::{Findings, Violation, Violations},
};

const SECURITY: &[&str] = &["allowJoin", "allowJoinWithLobby", "blockFromJoin"];
const SHORT: Form = Form::Text(256);

const OPTIONS: &[Rule] = &[
    may("enabledChat", Form::Flag),
    may("enabledVideo", Form::Flag),
    may("enabledPolling", Form::Flag),
    may("enabledNote", Form::Flag),
    may("noteType", Form::Word(&["allowAll", "allowOne"])),
    may("enabledFileTransfer", Form::Flag),
    may("enabledUCFRichMedia", Form::Flag),
];

const PRIVILEGES: &[Rule] = &[
    may("enabledShareContent", Form::Flag),
    may("enabledSaveDocument", Form::Flag),
    may("enabledPrintDocument", Form::Flag),
    may("enabledAnnotate", Form::Flag),
    may("enabledViewParticipantList", Form::Flag),
    may("enabledViewThumbnails", Form::Flag),
    may("enabledRemoteControl", Form::Flag),
    may("enabledViewAnyDocument", Form::Flag),
    may("enabledViewAnyPage", Form::Flag),
    may("enabledContactOperatorPrivately", Form::Flag),
    may("enabledChatHost", Form::Flag),
    may("enabledChatPresenter", Form::Flag),
    may("enabledChatOtherParticipants", Form::Flag),
];

const AUDIO: &[Rule] = &[
    may("audioConnectionType", Form::Word(&["webexAudio", "VoIP", "other", "none"])),
    may("enabledTollFreeCallIn", Form::Flag),
    may("enabledGlobalCallIn", Form::Flag),
    may("enabledAudienceCallBack", Form::Flag),
    may("entryAndExitTone", Form::Word(&["beep", "announceName", "noTone"])),
    may("allowHostToUnmuteParticipants", Form::Flag),
    may("allowAttendeeToUnmuteSelf", Form::Flag),
    may("muteAttendeeUponEntry", Form::Flag),
];

const INTERPRETATION: &[Rule] = &[
    must("enabled", Form::Flag),
    may(
        "interpreters",
        Form::List(
            100,
            &[
                must("languageCode1", Form::Text(20)),
                must("languageCode2", Form::Text(20)),
                may("email", Form::Email),
                may("displayName", Form::Text(128)),
            ],
        ),
    ),
];

const LIVE_STREAM: &[Rule] = &[
    must("destination", SHORT),
    must("rtmpUrl", Form::Text(1_000)),
    must("streamUrl", Form::Text(1_000)),
    may("layoutWithoutSharedContent", Form::Word(&["grid", "stack", "focus"])),
    may("layoutWithSharedContent", Form::Word(&["stack", "focusedContentWithActiveSpeaker", "focusedContent"])),
    may("allowChangeLayoutInMeeting", Form::Flag),
    may("followStageLayoutWhenSynced", Form::Flag),
    may("resolution", Form::Text(20)),
];

const CODE: &[Rule] = &[must("name", Form::Text(120)), must("value", Form::Text(120))];

/// The fields of a meeting that a request may set, and that responses show.
const FIELDS: &[Rule] = &[
    may("title", Form::Text(128)),
    may("agenda", Form::Text(1_300)),
    may("password", Form::Text(64)),
    may("start", Form::Text(40)),
    may("end", Form::Text(40)),
    may("timezone", Form::Text(64)),
    may("recurrence", Form::Text(500)),
    may("enabledAutoRecordMeeting", Form::Flag),
    may("allowAnyUserToBeCoHost", Form::Flag),
    may("enabledJoinBeforeHost", Form::Flag),
    may("enableConnectAudioBeforeHost", Form::Flag),
    may("joinBeforeHostMinutes", Form::Count(0, 60)),
    may("excludePassword", Form::Flag),
    may("publicMeeting", Form::Flag),
    may("reminderTime", Form::Count(0, 100_000)),
    may("unlockedMeetingJoinSecurity", Form::Word(SECURITY)),
    may("sessionTypeId", Form::Count(0, 1_000_000)),
    may("enabledWebcastView", Form::Flag),
    may("panelistPassword", Form::Text(64)),
    may("enableAutomaticLock", Form::Flag),
    may("automaticLockMinutes", Form::Count(0, 1_440)),
    may("allowFirstUserToBeCoHost", Form::Flag),
    may("allowAuthenticatedDevices", Form::Flag),
    may("meetingOptions", Form::Object(OPTIONS)),
    may("attendeePrivileges", Form::Object(PRIVILEGES)),
    may("integrationTags", Form::Texts(3, 64)),
    may("simultaneousInterpretation", Form::Object(INTERPRETATION)),
    may("enabledBreakoutSessions", Form::Flag),
    may("trackingCodes", Form::List(100, CODE)),
    may("enabledAudioWatermark", Form::Flag),
    may("enabledVisualWatermark", Form::Flag),
    may("visualWatermarkOpacity", Form::Count(0, 100)),
    may("audioConnectionOptions", Form::Object(AUDIO)),
    may("requireAttendeeLogin", Form::Flag),
    may("restrictToInvitees", Form::Flag),
    may("enabledLiveStream", Form::Flag),
    may("liveStream", Form::Object(LIVE_STREAM)),
];

/// Fields that only the request to create a meeting has.
const ON_CREATION: &[Rule] = &[
    may("scheduledType", Form::Word(&["meeting", "webinar", "personalRoomMeeting"])),
    may("hostEmail", Form::Email),
    may("siteUrl", Form::Text(253)),
    may("invitees", Form::List(1_000, INVITEE)),
    may("registration", Form::Object(FORM)),
];

/// Fields that a change may clear with null.
const CLEARABLE: [&str; 3] = ["agenda", "recurrence", "trackingCodes"];

/// Features that need something that Rollcall has not.
const UNSUPPORTED: [(&str, &str); 4] = [
    ("roomId", "Rollcall has no spaces"),
    ("adhoc", "Rollcall has no spaces"),
    ("templateId", "Rollcall has no templates"),
    ("breakoutSessions", "Rollcall does not plan breakout sessions"),
];

/// The shortest and the longest meeting, in minutes.
const MINUTES: std::ops::RangeInclusive<i64> = 10..=1_439;

/// A new meeting.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct MeetingDraft {
    /// Its fields as responses show them; times are in UTC.
    pub fields: Map<String, Value>,
    /// `meeting`, `webinar` or `personalRoomMeeting`.
    pub scheduled_type: Option<Text>,
    /// Address of the host.
    pub host_email: Option<Text>,
    /// The site.
    pub site_url: Option<Text>,
    /// The invitees.
    pub invitees: Vec<Value>,
    /// The registration form.
    pub registration: Option<Map<String, Value>>,
}

impl MeetingDraft {
    /// Parses a body.
    ///
    /// # Errors
    ///
    /// Everything that is wrong with it.
    pub fn from_slice(body: &[u8], now: Timestamp) -> Result<Self, Violations> {
        let value = parse_json(body)?;
        let object = Object::root(&value)?.map();
        let mut findings = Findings::default();
        refuse_unsupported(object, &mut findings);
        for key in ["title", "start", "end"] {
            if object.get(key).is_none_or(Value::is_null) {
                findings.add(Violation::Empty { field: key.into() });
            }
        }
        let mut fields = checked(object, FIELDS, "", &mut findings);
        let mut others = checked(object, ON_CREATION, "", &mut findings);
        check_times(&mut fields, None, now, &mut findings);
        check_recurrence(&fields, &mut findings);
        let text = |value: Option<Value>| value.and_then(|value| value.as_str().map(Text::from));
        let registration = match others.remove("registration") {
            Some(Value::Object(form)) => super::registration::completed(form, "registration.", &mut findings),
            _ => None,
        };
        let invitees = match others.remove("invitees") {
            Some(Value::Array(invitees)) => invitees,
            _ => Vec::new(),
        };
        super::invitees::refuse_repeated(&invitees, "invitees", &mut findings);
        findings.finish(Some(Self {
            fields,
            scheduled_type: text(others.remove("scheduledType")),
            host_email: text(others.remove("hostEmail")),
            site_url: text(others.remove("siteUrl")).map(|site| site.to_ascii_lowercase()),
            invitees,
            registration,
        }))
    }
}

fn refuse_unsupported(object: &Map<String, Value>, findings: &mut Findings) {
    for (key, why) in UNSUPPORTED {
        if object.get(key).is_some_and(|value| !value.is_null() && *value != false) {
            findings.add(Violation::rule(format!("'{key}' is not supported: {why}")));
        }
    }
}

/// Parses the body of a change. A whole one (PUT) needs title, start and end, and clears the fields that it omits.
///
/// # Errors
///
/// What is wrong with its shape.
pub fn parse_change(body: &[u8]) -> Result<Map<String, Value>, Violations> {
    let value = parse_json(body)?;
    Ok(Object::root(&value)?.map().clone())
}

/// Returns the meeting that is shown as `shown`, with a change. With `whole`, fields that the body omits are cleared.
///
/// # Errors
///
/// Everything that is wrong with the change.
pub fn changed(
    shown: &Map<String, Value>,
    body: &Map<String, Value>,
    whole: bool,
    now: Timestamp,
) -> Result<Map<String, Value>, Violations> {
    let mut findings = Findings::default();
    refuse_unsupported(body, &mut findings);
    let required = ["title", "password", "start", "end"];
    for key in required.into_iter().filter(|key| body.get(*key).is_some_and(Value::is_null)) {
        findings.add(Violation::rule(format!("'{key}' cannot be null; omit it to keep it")));
    }
    let mut fields = checked(body, FIELDS, "", &mut findings);
    let mut next = shown.clone();
    for Rule { key, .. } in FIELDS {
        let is_cleared = CLEARABLE.contains(key) && body.get(*key).is_some_and(Value::is_null);
        if is_cleared || (whole && !required.contains(key) && !fields.contains_key(*key) && *key != "timezone") {
            next.remove(*key);
        }
    }
    check_times(&mut fields, Some(shown), now, &mut findings);
    check_recurrence(&fields, &mut findings);
    next.extend(fields);
    findings.finish(Some(next))
}

/// Checks start, end and time zone, and writes the times in UTC, in whole minutes. A change may omit what is shown.
fn check_times(
    fields: &mut Map<String, Value>,
    shown: Option<&Map<String, Value>>,
    now: Timestamp,
    findings: &mut Findings,
) {
    let zone = match fields.get("timezone").and_then(Value::as_str).map(TimeZone::get) {
        None => TimeZone::UTC,
        Some(Ok(zone)) => zone,
        Some(Err(_)) => {
            let sentence = "'timezone' must be the IANA name of a time zone, such as Asia/Shanghai";
            return findings.add(Violation::rule(sentence));
        }
    };
    let mut times = [None, None];
    for (time, key) in times.iter_mut().zip(["start", "end"]) {
        let Some(text) = fields.get(key).and_then(Value::as_str) else { continue };
        let Some(read) = parse_time(text, &zone) else {
            findings.add(Violation::rule(format!("'{key}' must be a time such as 2019-11-01T12:12:15Z")));
            return;
        };
        let minute = Timestamp::from_seconds(read.as_seconds().div_euclid(60) * 60);
        fields.insert(key.to_owned(), minute.to_string().into());
        *time = Some(minute);
    }
    if times == [None, None] {
        return;
    }
    let known = |key: &str| shown?.get(key)?.as_str()?.parse::<Timestamp>().ok();
    let [start, end] = times;
    let this_minute = now.minus_seconds(60);
    for (key, time) in [("start", start), ("end", end)] {
        if time.is_some_and(|time| time < this_minute) {
            findings.add(Violation::rule(format!("'{key}' cannot be in the past")));
        }
    }
    let (Some(start), Some(end)) = (start.or_else(|| known("start")), end.or_else(|| known("end"))) else { return };
    if !MINUTES.contains(&(end.millis_since(start) / 60_000)) {
        let sentence = "'end' must be after 'start', by at least 10 minutes and at most 23 hours and 59 minutes";
        findings.add(Violation::rule(sentence));
    }
}

/// Parses an ISO 8601 time, which is in `zone` unless it has an offset.
fn parse_time(text: &str, zone: &TimeZone) -> Option<Timestamp> {
    if let Ok(time) = text.parse::<Timestamp>() {
        return Some(time);
    }
    let zoned = text.parse::<civil::DateTime>().ok()?.to_zoned_datetime(zone.clone()).ok()?;
    Some(Timestamp::from_millis(zoned.timestamp().as_millisecond()))
}

/// Checks that a recurrence is a rule with a frequency.
fn check_recurrence(fields: &Map<String, Value>, findings: &mut Findings) {
    const FREQUENCIES: [&str; 4] = ["DAILY", "WEEKLY", "MONTHLY", "YEARLY"];
    let Some(rule) = fields.get("recurrence").and_then(Value::as_str) else { return };
    let rule = rule.strip_prefix("RRULE:").unwrap_or(rule);
    let has_pairs = rule
        .split(';')
        .all(|part| part.split_once('=').is_some_and(|(key, value)| !key.is_empty() && !value.is_empty()));
    let frequency = rule.split(';').find_map(|part| part.strip_prefix("FREQ="));
    if !has_pairs || !frequency.is_some_and(|frequency| FREQUENCIES.contains(&frequency)) {
        let sentence = "'recurrence' must be a rule such as FREQ=DAILY;INTERVAL=1;COUNT=10, with the frequency DAILY, WEEKLY, MONTHLY or YEARLY";
        findings.add(Violation::rule(sentence));
    }
}
