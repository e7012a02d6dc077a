//! What to ask Zoom for, and what follows from its responses (Zoom reference, sections 1 and 2).

use rollcall_client::Call;
use rollcall_model::{MeetingKind, Operation, Text, Timestamp};
use rollcall_store::NewList;
use rollcall_zoom::operations as op;
use serde::Deserialize;

use crate::lists::{
    Days, OfInstance, SETTLE_SECONDS, STEP_INSTANCE, STEP_MEETING, STEP_NAMES, STEP_REPORT, daily, list, windows,
};

/// Entries per page: the most that each kind of list allows.
const PER_PAGE: u64 = 300;
const QOS_PER_PAGE: u64 = 10;
/// A window may span a month.
const WINDOW_DAYS: i64 = 28;
/// Days for which the dashboards, and reports, have data.
const DASHBOARD_DAYS: i64 = 180;
const REPORT_DAYS: i64 = 360;

/// Where the meetings of the past are listed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Listing {
    /// The dashboards, which a Business plan has.
    Dashboards,
    /// The account's report, which a Pro plan has.
    History,
    /// The reports of each user.
    Users,
}

/// Returns the first lists of a run.
pub(crate) fn begin(now: Timestamp, lookback_days: u16, listing: Listing) -> Vec<NewList> {
    let mut lists = Vec::new();
    for status in ["active", "inactive", "pending"] {
        let call = call(&op::USERS, &[]).with("status", status);
        lists.push(NewList { version: daily(now), ..paged(&call, STEP_NAMES) });
    }
    for operation in [&op::TRACKING_FIELDS, &op::ROLES, &op::GROUPS] {
        lists.push(NewList { version: daily(now), ..list(&call(operation, &[]), STEP_NAMES) });
    }
    for days in windows(now, i64::from(lookback_days).min(DASHBOARD_DAYS), WINDOW_DAYS) {
        let lists_of_window: &[(&'static Operation, Option<&str>)] = match listing {
            Listing::Dashboards => &[
                (&op::DASHBOARD_MEETINGS, Some("past")),
                (&op::DASHBOARD_MEETINGS, Some("pastOne")),
                (&op::DASHBOARD_WEBINARS, Some("past")),
            ],
            Listing::History => &[(&op::REPORT_HISTORY_MEETINGS, None)],
            Listing::Users => &[],
        };
        for (operation, state) in lists_of_window {
            lists.push(of_window(call(operation, &[]), *state, days, now));
        }
    }
    lists
}

/// Returns the lists of live meetings and webinars.
pub(crate) fn live(now: Timestamp) -> Vec<NewList> {
    let lists = [&op::DASHBOARD_MEETINGS, &op::DASHBOARD_WEBINARS].map(|operation| {
        let call = call(operation, &[]).with("type", "live");
        NewList { version: now.as_seconds(), ..paged(&call, STEP_NAMES) }
    });
    lists.into()
}

/// A list of a window. It is read in every run until some time after the window is over.
fn of_window(call: Call, state: Option<&str>, days: Days, now: Timestamp) -> NewList {
    let mut call = call;
    if let Some(state) = state {
        call = call.with("type", state);
        if call.operation().id == op::DASHBOARD_MEETINGS.id {
            call = call.with("include_fields", "tracking_fields");
        }
    }
    let [from, to] = days.dates();
    let call = call.with("from", &from).with("to", &to);
    let final_at = days.end().plus_seconds(SETTLE_SECONDS);
    NewList {
        at: Some(days.start()),
        final_at: Some(final_at),
        version: if now < final_at { now.as_millis() } else { 0 },
        ..paged(&call, STEP_NAMES)
    }
}

/// Calls are made of the table of operations, with as many ids as their paths have.
fn call(operation: &'static Operation, ids: &[&str]) -> Call {
    Call::new(operation, ids).expect("the ids fit the operation's path")
}

fn paged(call: &Call, step: u8) -> NewList {
    list(&call.clone().with("page_size", &PER_PAGE.to_string()), step)
}

/// An entry of a list of meetings, webinars or instances. Absent values are left to be found out.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Listed {
    #[serde(alias = "meeting_uuid")]
    uuid: Option<Text>,
    #[serde(alias = "meeting_id", deserialize_with = "id_as_text")]
    id: Option<Text>,
    #[serde(rename = "type", deserialize_with = "kind_of_history")]
    kind: Option<MeetingKind>,
    start_time: Option<Text>,
    end_time: Option<Text>,
    #[serde(alias = "participants_count")]
    participants: Option<u64>,
    has_poll: Option<bool>,
    has_qa: Option<bool>,
    has_survey: Option<bool>,
}

fn id_as_text<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<Option<Text>, D::Error> {
    let value = serde_json::Value::deserialize(deserializer)?;
    Ok(match value {
        serde_json::Value::Number(number) => Some(number.to_string().as_str().into()),
        serde_json::Value::String(text) if !text.is_empty() => Some(text.as_str().into()),
        _ => None,
    })
}

/// A number from 5 to 9 other than 8 is a kind of webinar; the history report has words.
fn kind_of_history<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<Option<MeetingKind>, D::Error> {
    let value = serde_json::Value::deserialize(deserializer)?;
    Ok(match (value.as_i64(), value.as_str()) {
        (Some(5 | 6 | 9), _) => Some(MeetingKind::Webinar),
        (Some(_), _) => Some(MeetingKind::Meeting),
        (None, Some(word)) if word.eq_ignore_ascii_case("webinar") => Some(MeetingKind::Webinar),
        (None, Some(word)) if word.eq_ignore_ascii_case("meeting") => Some(MeetingKind::Meeting),
        _ => None,
    })
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Page {
    meetings: Vec<Listed>,
    webinars: Vec<Listed>,
    history_meetings: Vec<Listed>,
    users: Vec<User>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct User {
    #[serde(deserialize_with = "id_as_text")]
    id: Option<Text>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Scheduled {
    settings: ScheduledSettings,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct ScheduledSettings {
    /// 0 and 1 register, 2 does not.
    approval_type: Option<i64>,
}

/// Returns the lists that follow from a response.
pub(crate) fn follow(call: &Call, body: &[u8], now: Timestamp, lookback_days: u16, listing: Listing) -> Vec<NewList> {
    let mut lists = Vec::new();
    let operation = call.operation();
    let segments: Vec<&str> = call.target().split('?').next().unwrap_or_default().split('/').collect();
    if [op::MEETING.id, op::WEBINAR.id].contains(&operation.id) {
        let scheduled = serde_json::from_slice::<Scheduled>(body).unwrap_or_default();
        let kind = if operation.id == op::WEBINAR.id { MeetingKind::Webinar } else { MeetingKind::Meeting };
        if let (Some(number), Some(0 | 1) | None) = (segments.last(), scheduled.settings.approval_type) {
            registration(kind, number, scheduled.settings.approval_type.is_some(), now, &mut lists);
        }
        return lists;
    }
    let Ok(page) = serde_json::from_slice::<Page>(body) else { return lists };
    for user in page.users.iter().filter_map(|user| user.id.as_deref()) {
        if operation.id == op::USERS.id {
            of_user(user, now, lookback_days, listing, &mut lists);
        }
    }
    let entries = page.meetings.iter().map(|entry| (MeetingKind::Meeting, entry));
    let entries = entries.chain(page.webinars.iter().map(|entry| (MeetingKind::Webinar, entry)));
    let entries = entries.chain(page.history_meetings.iter().map(|entry| (MeetingKind::Meeting, entry)));
    for (kind, entry) in entries {
        let kind = entry.kind.unwrap_or(kind);
        match operation.id {
            id if id == op::DASHBOARD_MEETINGS.id || id == op::DASHBOARD_WEBINARS.id => {
                let is_live = call.target().contains("type=live");
                of_dashboard(kind, entry, now, is_live, &mut lists);
                if !is_live {
                    of_meeting(kind, entry, now, &mut lists);
                }
            }
            id if id == op::REPORT_HISTORY_MEETINGS.id || id == op::REPORT_USER_MEETINGS.id => {
                of_report(kind, entry, &mut lists);
                of_meeting(kind, entry, now, &mut lists);
            }
            id if id == op::USER_MEETINGS.id || id == op::USER_WEBINARS.id => of_meeting(kind, entry, now, &mut lists),
            _ => {}
        }
    }
    lists
}

/// What a user has scheduled, and the user's past meetings if nothing else lists them.
fn of_user(user: &str, now: Timestamp, lookback_days: u16, listing: Listing, lists: &mut Vec<NewList>) {
    // A list has no job titles, cost centres and managers.
    lists.push(NewList { version: daily(now), ..list(&call(&op::USER, &[user]), STEP_MEETING) });
    for operation in [&op::USER_MEETINGS, &op::USER_WEBINARS] {
        let call = call(operation, &[user]).with("type", "scheduled");
        lists.push(NewList { version: daily(now), ..paged(&call, STEP_NAMES) });
    }
    if listing == Listing::Users {
        for days in windows(now, i64::from(lookback_days).min(DASHBOARD_DAYS), WINDOW_DAYS) {
            lists.push(of_window(call(&op::REPORT_USER_MEETINGS, &[user]), None, days, now));
        }
    }
}

/// The scheduled meeting or webinar: itself, and what belongs to webinars.
fn of_meeting(kind: MeetingKind, entry: &Listed, now: Timestamp, lists: &mut Vec<NewList>) {
    let Some(number) = entry.id.as_deref() else { return };
    let begins = time(entry.start_time.as_deref());
    let operation = match kind {
        MeetingKind::Meeting => &op::MEETING,
        MeetingKind::Webinar => &op::WEBINAR,
    };
    lists.push(meeting_list(&call(operation, &[number]), begins, now));
    if kind == MeetingKind::Webinar {
        for operation in [&op::LIST_TRACKING_SOURCES, &op::WEBINAR_PANELISTS] {
            lists.push(meeting_list(&call(operation, &[number]), begins, now));
        }
    }
}

/// A list of a meeting may change every day until some time after the meeting. Its number may be used again, so it is not
/// final before that of today's run.
fn meeting_list(call: &Call, begins: Option<Timestamp>, now: Timestamp) -> NewList {
    let final_at = begins.map(|begins| begins.plus_seconds(SETTLE_SECONDS));
    let version = match final_at {
        Some(final_at) if final_at <= now => final_at.as_seconds(),
        _ => daily(now),
    };
    NewList { at: begins, version, ..list(call, STEP_MEETING) }
}

/// The registrants of a meeting, in every state: a list has those of one.
fn registration(kind: MeetingKind, number: &str, is_certain: bool, now: Timestamp, lists: &mut Vec<NewList>) {
    if kind == MeetingKind::Meeting && !is_certain {
        return;
    }
    let operation = match kind {
        MeetingKind::Meeting => &op::MEETING_REGISTRANTS,
        MeetingKind::Webinar => &op::WEBINAR_REGISTRANTS,
    };
    for status in ["approved", "pending", "denied"] {
        let call = call(operation, &[number]).with("status", status);
        lists.push(NewList { version: daily(now), ..paged(&call, STEP_MEETING) });
    }
}

/// The lists of an instance of the dashboards.
fn of_dashboard(kind: MeetingKind, entry: &Listed, now: Timestamp, is_live: bool, lists: &mut Vec<NewList>) {
    let Some(uuid) = entry.uuid.as_ref().filter(|uuid| !uuid.is_empty()) else { return };
    let state = if is_live { "live" } else { "past" };
    let mut instance = of_instance(uuid, entry, DASHBOARD_DAYS);
    if is_live {
        (instance.ended_at, instance.version) = (None, now.as_seconds());
    }
    let (participants, qos) = match kind {
        MeetingKind::Meeting => (&op::DASHBOARD_MEETING_PARTICIPANTS, &op::DASHBOARD_MEETING_PARTICIPANTS_QOS),
        MeetingKind::Webinar => (&op::DASHBOARD_WEBINAR_PARTICIPANTS, &op::DASHBOARD_WEBINAR_PARTICIPANTS_QOS),
    };
    let mut call_participants =
        call(participants, &[uuid]).with("type", state).with("page_size", &PER_PAGE.to_string());
    if !is_live {
        call_participants = call_participants.with("include_fields", "registrant_id");
    }
    lists.push(instance.list(&call_participants, STEP_INSTANCE, entry.participants, PER_PAGE));
    let call_qos = call(qos, &[uuid]).with("type", state).with("page_size", &QOS_PER_PAGE.to_string());
    lists.push(instance.list(&call_qos, STEP_INSTANCE, entry.participants, QOS_PER_PAGE));
    if !is_live {
        if kind == MeetingKind::Meeting {
            // A list has no people in rooms.
            let detail = call(&op::DASHBOARD_MEETING_DETAIL, &[uuid]).with("type", state);
            lists.push(instance.list(&detail, STEP_REPORT, None, PER_PAGE));
        }
        of_report(kind, entry, lists);
    }
}

/// The lists of an instance that the reports have.
fn of_report(kind: MeetingKind, entry: &Listed, lists: &mut Vec<NewList>) {
    let Some(uuid) = entry.uuid.as_ref().filter(|uuid| !uuid.is_empty()) else { return };
    let instance = of_instance(uuid, entry, REPORT_DAYS);
    if kind == MeetingKind::Meeting {
        // The host's id and where it was scheduled; webinars have no such response.
        lists.push(instance.list(&call(&op::PAST_MEETING, &[uuid]), STEP_REPORT, None, PER_PAGE));
    }
    let (report, people, past, polls, qa, survey) = match kind {
        MeetingKind::Meeting => (
            &op::REPORT_MEETING,
            &op::REPORT_MEETING_PARTICIPANTS,
            &op::PAST_MEETING_PARTICIPANTS,
            &op::PAST_MEETING_POLLS,
            &op::PAST_MEETING_QA,
            &op::REPORT_MEETING_SURVEY,
        ),
        MeetingKind::Webinar => (
            &op::REPORT_WEBINAR,
            &op::REPORT_WEBINAR_PARTICIPANTS,
            &op::PAST_WEBINAR_PARTICIPANTS,
            &op::PAST_WEBINAR_POLLS,
            &op::PAST_WEBINAR_QA,
            &op::REPORT_WEBINAR_SURVEY,
        ),
    };
    let mut one = |operation, asked: bool| {
        if asked {
            lists.push(instance.list(&call(operation, &[uuid]), STEP_REPORT, None, PER_PAGE));
        }
    };
    one(report, true);
    // A dashboard that does not say whether there was one says so by leaving it out.
    one(polls, entry.has_poll != Some(false));
    one(qa, entry.has_qa != Some(false));
    one(survey, entry.has_survey == Some(true));
    for operation in [people, past] {
        let mut call = call(operation, &[uuid]).with("page_size", &PER_PAGE.to_string());
        if operation.id == people.id {
            call = call.with("include_fields", "registrant_id");
        }
        lists.push(instance.list(&call, STEP_REPORT, entry.participants, PER_PAGE));
    }
}

fn of_instance(uuid: &Text, entry: &Listed, kept_days: i64) -> OfInstance {
    OfInstance {
        about: uuid.clone(),
        at: time(entry.start_time.as_deref()),
        ended_at: time(entry.end_time.as_deref()),
        kept_days,
        // A meeting that goes on after it seemed to have ended has other values.
        version: time(entry.end_time.as_deref()).map_or(0, Timestamp::as_millis)
            ^ i64::try_from(entry.participants.unwrap_or(0)).unwrap_or(0),
    }
}

pub(crate) fn time(text: Option<&str>) -> Option<Timestamp> {
    text?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn now() -> Timestamp {
        "2026-11-30T12:00:00Z".parse().unwrap()
    }

    fn targets(lists: &[NewList]) -> Vec<&str> {
        lists.iter().map(|list| list.target.as_str()).collect()
    }

    #[test]
    fn a_run_begins_with_what_names_the_rest() {
        let lists = begin(now(), 30, Listing::Dashboards);
        assert!(targets(&lists).contains(&"/v2/users?status=pending&page_size=300"));
        let past: Vec<_> = targets(&lists).into_iter().filter(|target| target.contains("type=past&")).collect();
        assert_eq!(past.len(), 4, "{past:?}");
        assert!(lists.iter().all(|list| list.step == STEP_NAMES));
        assert!(!targets(&begin(now(), 30, Listing::History)).iter().any(|target| target.contains("/metrics/")));
    }

    #[test]
    fn an_instance_has_participants_quality_and_reports() {
        let list = call(&op::DASHBOARD_MEETINGS, &[]).with("type", "past");
        let body = br#"{"meetings":[{"uuid":"/a==","id":123,"start_time":"2026-11-20T10:00:00Z",
            "end_time":"2026-11-20T11:00:00Z","participants":25,"has_poll":false,"has_qa":true}]}"#;
        let lists = follow(&list, body, now(), 30, Listing::Dashboards);
        let expected = [
            "/v2/metrics/meetings/%252Fa%253D%253D/participants?type=past&page_size=300&include_fields=registrant_id",
            "/v2/metrics/meetings/%252Fa%253D%253D/participants/qos?type=past&page_size=10",
            "/v2/metrics/meetings/%252Fa%253D%253D?type=past",
            "/v2/past_meetings/%252Fa%253D%253D",
            "/v2/report/meetings/%252Fa%253D%253D",
            "/v2/past_meetings/%252Fa%253D%253D/qa",
            "/v2/report/meetings/%252Fa%253D%253D/participants?page_size=300&include_fields=registrant_id",
            "/v2/past_meetings/%252Fa%253D%253D/participants?page_size=300",
            "/v2/meetings/123",
        ];
        assert_eq!(targets(&lists), expected);
        assert_eq!((lists[1].expected, lists[1].estimate), (Some(25), 3));
        assert_eq!(lists[0].expires_at, Some("2027-05-19T11:00:00Z".parse().unwrap()));
    }

    #[test]
    fn a_report_of_the_past_names_instances_in_words_of_its_own() {
        let body = br#"{"history_meetings":[{"meeting_uuid":"a==","meeting_id":7,"type":"Webinar","participants":2}]}"#;
        let lists = follow(&call(&op::REPORT_HISTORY_MEETINGS, &[]), body, now(), 30, Listing::History);
        let has = |target: &str| targets(&lists).iter().any(|known| known.starts_with(target));
        assert!(has("/v2/report/webinars/a%3D%3D/participants") && has("/v2/webinars/7"), "{:?}", targets(&lists));
        assert!(!has("/v2/metrics"));
    }

    #[test]
    fn registrants_are_read_where_people_register() {
        let registrants = |operation, body: &str| {
            let lists = follow(&call(operation, &["123"]), body.as_bytes(), now(), 30, Listing::Dashboards);
            lists.len()
        };
        assert_eq!(registrants(&op::MEETING, r#"{"settings":{"approval_type":0}}"#), 3);
        assert_eq!(registrants(&op::MEETING, r#"{"settings":{"approval_type":2}}"#), 0);
        assert_eq!(registrants(&op::MEETING, "{}"), 0);
        assert_eq!(registrants(&op::WEBINAR, "{}"), 3);
    }
}
