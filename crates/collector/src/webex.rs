//! What to ask Webex for, and what follows from its responses (Webex reference, sections 2 to 8).

use rollcall_client::Call;
use rollcall_model::{Operation, Site, Text, Timestamp};
use rollcall_store::NewList;
use rollcall_webex::operations as op;
use serde::Deserialize;

use crate::{
    lists::{
        Days, OfInstance, SETTLE_SECONDS, STEP_INSTANCE, STEP_MEETING, STEP_NAMES, STEP_REPORT, daily, list, windows,
    },
    zoom::time,
};

/// Entries per page: the most that each kind of list allows.
const PER_PAGE: u64 = 100;
const REPORTS_PER_PAGE: u64 = 1_000;
/// A list of runs has at most 10,000, so its windows are short; those of reports may have 30 days.
const MEETING_DAYS: i64 = 7;
const REPORT_DAYS: i64 = 28;
/// Days for which reports, and qualities, have data.
const REPORTS_KEPT_DAYS: i64 = 90;
const QUALITIES_KEPT_DAYS: i64 = 7;
/// Days for which runs and their participants are kept, as far as is known.
const RUNS_KEPT_DAYS: i64 = 360;
/// Days ahead for which scheduled meetings are listed.
const AHEAD_DAYS: i64 = 84;
/// Qualities exist from ten minutes after the start.
const QUALITIES_AFTER_SECONDS: i64 = 600;
const SECONDS_PER_DAY: i64 = 86_400;

/// Returns the first lists of a run. `sites` are the known ones.
pub(crate) fn begin(now: Timestamp, lookback_days: u16, sites: &[Site]) -> Vec<NewList> {
    let mut lists = Vec::new();
    // The list of sites is not read in every run, but what a site has is.
    for site in sites {
        of_site(&site.url, now, lookback_days, &mut lists);
    }
    for operation in [&op::LIST_SITES, &op::LIST_ORGANIZATIONS] {
        lists.push(NewList { version: daily(now), ..list(&call(operation, &[]), STEP_NAMES) });
    }
    lists
}

/// Returns the lists of meetings in progress.
pub(crate) fn live(now: Timestamp) -> Vec<NewList> {
    let call = call(&op::LIST_MEETINGS, &[]).with("meetingType", "meeting").with("state", "inProgress");
    vec![NewList { version: now.as_seconds(), ..paged(&call, STEP_NAMES) }]
}

/// Calls are made of the table of operations, with as many ids as their paths have.
fn call(operation: &'static Operation, ids: &[&str]) -> Call {
    Call::new(operation, ids).expect("the ids fit the operation's path")
}

fn paged(call: &Call, step: u8) -> NewList {
    list(&call.clone().with("max", &PER_PAGE.to_string()), step)
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Sites {
    sites: Vec<ListedSite>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct ListedSite {
    site_url: Option<Text>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Page {
    items: Vec<Listed>,
}

/// An entry of a list of people or meetings.
#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct Listed {
    id: Option<Text>,
    meeting_type: Option<Text>,
    scheduled_type: Option<Text>,
    state: Option<Text>,
    start: Option<Text>,
    end: Option<Text>,
    site_url: Option<Text>,
    meeting_series_id: Option<Text>,
    #[serde(alias = "registration")]
    registration: Option<serde_json::Value>,
}

/// Returns the lists that follow from a response. `sites` are the known ones.
pub(crate) fn follow(call: &Call, body: &[u8], now: Timestamp, lookback_days: u16, sites: &[Site]) -> Vec<NewList> {
    let mut lists = Vec::new();
    match call.operation().id {
        id if id == op::LIST_SITES.id => {
            let sites = serde_json::from_slice::<Sites>(body).unwrap_or_default().sites;
            for site in sites.iter().filter_map(|site| site.site_url.as_deref()) {
                of_site(site, now, lookback_days, &mut lists);
            }
            // After the sites, of each of which a person has values.
            lists.push(NewList { version: daily(now), ..paged(&self::call(&op::LIST_PEOPLE, &[]), STEP_NAMES) });
        }
        id if id == op::LIST_PEOPLE.id => {
            let people = serde_json::from_slice::<Page>(body).unwrap_or_default().items;
            for person in people.iter().filter_map(|person| person.id.as_deref()) {
                let codes = self::call(&op::GET_USER_TRACKING_CODES, &[]).with("personId", person);
                for site in sites {
                    // After the sites' codes, which a person's values refer to.
                    let codes = codes.clone().with("siteUrl", &site.url);
                    lists.push(NewList { version: daily(now), ..list(&codes, STEP_MEETING) });
                }
            }
        }
        id if id == op::LIST_MEETINGS.id => {
            let meetings = serde_json::from_slice::<Page>(body).unwrap_or_default().items;
            for meeting in &meetings {
                match meeting.meeting_type.as_deref() {
                    Some("meeting") => of_run(meeting, now, &mut lists),
                    Some("meetingSeries" | "scheduledMeeting") => of_planned(meeting, now, lookback_days, &mut lists),
                    _ => {}
                }
            }
        }
        _ => {}
    }
    lists
}

/// A site's codes, meetings and usage.
fn of_site(site: &str, now: Timestamp, lookback_days: u16, lists: &mut Vec<NewList>) {
    let codes = call(&op::LIST_TRACKING_CODES, &[]).with("siteUrl", site);
    lists.push(NewList { version: daily(now), ..list(&codes, STEP_NAMES) });
    let lookback = i64::from(lookback_days);
    for days in windows(now, lookback, MEETING_DAYS) {
        let runs = call(&op::LIST_MEETINGS, &[]).with("siteUrl", site).with("meetingType", "meeting");
        lists.push(of_window(&runs.with("state", "ended").with("max", "100"), days, now));
    }
    for days in windows(now, lookback.min(REPORTS_KEPT_DAYS - 1), REPORT_DAYS) {
        let usage = call(&op::LIST_USAGE_REPORTS, &[]).with("siteUrl", site);
        lists.push(of_window(&usage.with("max", &REPORTS_PER_PAGE.to_string()), days, now));
    }
    let ahead = now.plus_seconds(AHEAD_DAYS * SECONDS_PER_DAY);
    for days in windows(ahead, AHEAD_DAYS + lookback, REPORT_DAYS) {
        for kind in ["meetingSeries", "scheduledMeeting"] {
            let planned = call(&op::LIST_MEETINGS, &[]).with("siteUrl", site).with("meetingType", kind);
            lists.push(NewList { version: daily(now), ..of_window(&planned.with("max", "100"), days, now) });
        }
    }
}

/// A list of a window. It is read in every run until some time after the window is over.
fn of_window(call: &Call, days: Days, now: Timestamp) -> NewList {
    let call = call.clone().with("from", &days.start().to_string()).with("to", &days.end().to_string());
    let final_at = days.end().plus_seconds(SETTLE_SECONDS);
    NewList {
        at: Some(days.start()),
        final_at: Some(final_at),
        version: if now < final_at { now.as_millis() } else { 0 },
        ..list(&call, STEP_NAMES)
    }
}

/// The lists of a run.
fn of_run(meeting: &Listed, now: Timestamp, lists: &mut Vec<NewList>) {
    let Some(id) = meeting.id.as_ref().filter(|id| !id.is_empty()) else { return };
    let is_live = meeting.state.as_deref() == Some("inProgress");
    let (begins, ends) = (time(meeting.start.as_deref()), time(meeting.end.as_deref()));
    let instance = |kept_days| OfInstance {
        about: id.clone(),
        at: begins,
        ended_at: ends.filter(|_| !is_live),
        kept_days,
        version: if is_live { now.as_seconds() } else { ends.map_or(0, Timestamp::as_millis) },
    };
    let mut participants = call(&op::LIST_MEETING_PARTICIPANTS, &[]).with("meetingId", id);
    // Without a window, only those who joined in the last week are listed.
    if let Some(begins) = begins {
        let until = ends.unwrap_or(now).max(begins);
        participants = participants
            .with("joinTimeFrom", &begins.minus_seconds(SECONDS_PER_DAY).to_string())
            .with("joinTimeTo", &until.plus_seconds(SECONDS_PER_DAY).to_string());
    }
    let participants = participants.with("max", &PER_PAGE.to_string());
    lists.push(instance(RUNS_KEPT_DAYS).list(&participants, STEP_INSTANCE, None, PER_PAGE));
    let oldest_report = now.minus_seconds((REPORTS_KEPT_DAYS - 1) * SECONDS_PER_DAY);
    if let (Some(site), Some(begins), false) = (&meeting.site_url, begins, is_live)
        && begins >= oldest_report
    {
        let attendees = call(&op::LIST_ATTENDEE_REPORTS, &[])
            .with("siteUrl", site)
            .with("meetingId", id)
            .with("from", &begins.minus_seconds(SECONDS_PER_DAY).max(oldest_report).to_string())
            .with("to", &ends.unwrap_or(begins).plus_seconds(SECONDS_PER_DAY).to_string())
            .with("max", &REPORTS_PER_PAGE.to_string());
        lists.push(instance(REPORTS_KEPT_DAYS).list(&attendees, STEP_REPORT, None, REPORTS_PER_PAGE));
    }
}

/// The qualities of a run, whose sessions are recognized as attendances once all participants are known.
pub(crate) fn after_participants(participants: &NewList, now: Timestamp) -> Option<NewList> {
    let id = participants.about.as_ref()?;
    if participants.at.is_some_and(|begins| begins.plus_seconds(QUALITIES_AFTER_SECONDS) > now) {
        return None;
    }
    let qualities = call(&op::LIST_QUALITIES, &[]).with("meetingId", id).with("max", &REPORTS_PER_PAGE.to_string());
    let ended_at = participants.final_at.map(|at| at.minus_seconds(SETTLE_SECONDS));
    Some(NewList {
        about: Some(id.clone()),
        at: participants.at,
        expires_at: ended_at.map(|at| at.plus_seconds(QUALITIES_KEPT_DAYS * SECONDS_PER_DAY)),
        final_at: participants.final_at,
        version: participants.version,
        ..list(&qualities, STEP_INSTANCE)
    })
}

/// What belongs to a series or a scheduled meeting.
fn of_planned(meeting: &Listed, now: Timestamp, lookback_days: u16, lists: &mut Vec<NewList>) {
    let Some(id) = meeting.id.as_deref() else { return };
    let begins = time(meeting.start.as_deref());
    let planned = |call: &Call| NewList { at: begins, version: daily(now), ..list(call, STEP_MEETING) };
    let invitees = call(&op::LIST_INVITEES, &[]).with("meetingId", id).with("max", &PER_PAGE.to_string());
    lists.push(planned(&invitees));
    let is_webinar = meeting.scheduled_type.as_deref() == Some("webinar");
    if is_webinar && meeting.meeting_type.as_deref() == Some("scheduledMeeting") {
        lists.push(planned(&call(&op::LIST_INVITATION_SOURCES, &[id])));
    }
    // A form and registrants belong to a series.
    if meeting.meeting_type.as_deref() == Some("meetingSeries") && (is_webinar || meeting.registration.is_some()) {
        lists.push(planned(&call(&op::GET_REGISTRATION, &[id])));
        for days in windows(now, i64::from(lookback_days), REPORT_DAYS) {
            let registrants = call(&op::LIST_REGISTRANTS, &[id])
                .with("registrationTimeFrom", &days.start().to_string())
                .with("registrationTimeTo", &days.end().to_string())
                .with("max", &PER_PAGE.to_string());
            lists.push(NewList { at: Some(days.start()), ..planned(&registrants) });
        }
    }
    // The series itself, which the registrants refer to.
    if let Some(series) = meeting.meeting_series_id.as_deref().filter(|series| *series != id) {
        lists.push(NewList { step: STEP_NAMES, ..planned(&call(&op::GET_MEETING, &[series])) });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn now() -> Timestamp {
        "2026-11-30T12:00:00Z".parse().unwrap()
    }

    #[test]
    fn a_run_has_participants_qualities_and_a_report() {
        let list = call(&op::LIST_MEETINGS, &[]).with("meetingType", "meeting");
        let body = br#"{"items":[{"id":"a_I_1","meetingType":"meeting","state":"ended","siteUrl":"example.webex.com",
            "start":"2026-11-29T10:00:00Z","end":"2026-11-29T11:00:00Z"}]}"#;
        let lists = follow(&list, body, now(), 30, &[]);
        let targets: Vec<_> = lists.iter().map(|list| list.target.split('?').next().unwrap()).collect();
        assert_eq!(targets, ["/v1/meetingParticipants", "/v1/meetingReports/attendees"]);
        let qualities = after_participants(&lists[0], now()).unwrap();
        assert!(qualities.target.starts_with("/v1/meeting/qualities?meetingId=a_I_1"), "{}", qualities.target);
        assert!(lists[0].target.contains("joinTimeFrom=2026-11-28T10%3A00%3A00Z"), "{}", lists[0].target);
        assert_eq!(qualities.expires_at, Some("2026-12-06T11:00:00Z".parse().unwrap()));
    }

    #[test]
    fn a_site_has_codes_meetings_and_usage() {
        let body = br#"{"sites":[{"siteUrl":"example.webex.com","default":true}]}"#;
        let lists = follow(&call(&op::LIST_SITES, &[]), body, now(), 30, &[]);
        let of = |operation: &Operation| lists.iter().filter(|list| list.operation == operation.id).count();
        assert_eq!(of(&op::LIST_TRACKING_CODES), 1);
        assert!(of(&op::LIST_USAGE_REPORTS) >= 2 && of(&op::LIST_MEETINGS) > 8);
    }
}
