//! Summary reports.

use rollcall_http::Settings;
use rollcall_model::{
    AudioCall, Batch, Instance, InstanceFacts, InstanceRef, InstanceState, MeetingKind, MeetingNumber, Participant,
    ParticipantFacts, Timestamp,
};
use serde_json::{Value, json};

use crate::common::{NOW, Server};
use crate::webex::{JOHN, JOHNS_EMAIL, USER_CODES, World, body_with, runs::pages};

const USAGE: &str = "/v1/meetingReports/usage?siteUrl=example.webex.com";
const ATTENDEES: &str = "/v1/meetingReports/attendees?siteUrl=example.webex.com";
const WEBEX: &str = "870f51ff287b41be84648412901e0402_I_167427437874906709";

/// An ended run of 20 minutes that began `hours` ago: somebody who rejoined, and a caller.
pub(crate) fn run(kind: MeetingKind, number: i64, hours: i64) -> InstanceFacts {
    let uuid = format!("Run{number}At{hours}");
    let start = Timestamp::from_seconds(NOW - hours * 3600);
    let mut instance = Instance::new(kind, MeetingNumber(number), uuid.parse().unwrap(), InstanceState::Past);
    instance.topic = Some(format!("Run of {number}").into());
    instance.host_id = Some(JOHN.into());
    instance.host_email = Some(JOHNS_EMAIL.into());
    instance.start_time = Some(start);
    instance.end_time = Some(start.plus_seconds(1_200));
    let mut facts = InstanceFacts::new(kind, InstanceRef::Uuid(uuid.parse().unwrap()));
    facts.state = Some(InstanceState::Past);
    facts.details = Some(instance);
    let person = |user_id: &str, email: &str, from: i64, to: Option<i64>| Participant {
        user_id: user_id.into(),
        user_name: Some(email.split('@').next().unwrap().into()),
        email: Some(email.into()),
        join_time: Some(start.plus_seconds(from)),
        leave_time: to.map(|to| start.plus_seconds(to)),
        ..Participant::default()
    };
    let caller = AudioCall { call_number: None, call_type: Some("call-in".into()), zoom_number: None };
    for participant in [
        Participant { role: Some("host".into()), ..person("1", JOHNS_EMAIL, 0, Some(600)) },
        Participant { role: Some("host".into()), ..person("2", JOHNS_EMAIL, 600, None) },
        Participant { audio_call: Some(vec![caller]), ..person("3", "ann@example.com", 300, Some(900)) },
        Participant { status: Some("in_waiting_room".into()), ..person("4", "ann@example.com", 200, Some(300)) },
    ] {
        facts.participants.push(ParticipantFacts { participant, minutes: Vec::new() });
    }
    facts
}

pub(crate) async fn world() -> World {
    let world = World::new().await;
    let instances = vec![
        run(MeetingKind::Meeting, 123_456_789, 2),
        run(MeetingKind::Webinar, 987_654_321, 3),
        run(MeetingKind::Meeting, 123_456_789, 26),
        run(MeetingKind::Meeting, 555_555_555, 24 * 100),
    ];
    world.ingest(&Batch { instances, ..Batch::default() }).await;
    world
}

fn items(pages: &[Value]) -> Vec<Value> {
    pages.iter().flat_map(|page| page["items"].as_array().unwrap().clone()).collect()
}

#[tokio::test]
async fn usage_is_computed_from_attendances() {
    let world = world().await;
    world.create(body_with(json!({}))).await;
    let values = json!({"siteUrl": "example.webex.com", "email": JOHNS_EMAIL, "trackingCodes": [{"name": "Department", "value": "Sales"}]});
    world.call("PUT", USER_CODES, Some(values)).await;

    let reports = items(&pages(&world, &format!("{USAGE}&max=1")).await);
    assert_eq!(
        reports.iter().map(|one| &one["meetingNumber"]).collect::<Vec<_>>(),
        ["123456789", "987654321", "123456789"]
    );
    let first = &reports[0];
    assert_eq!(
        *first,
        json!({
            "meetingId": first["meetingId"], "meetingNumber": "123456789", "meetingTitle": "Run of 123456789",
            "start": "2026-09-21T12:13:20Z", "end": "2026-09-21T12:33:20Z", "duration": 20,
            "scheduledType": "meeting", "hostEmail": JOHNS_EMAIL, "totalPeopleMinutes": 30,
            "totalCallInMinutes": 10, "totalParticipants": 2, "totalParticipantsCallIn": 1,
            "totalParticipantsCallOut": 0, "peakAttendee": 2, "serviceType": "MeetingCenter",
            "trackingCodes": [{"name": "Department", "value": "Sales"}]
        })
    );
    assert_eq!(reports[1]["scheduledType"], "webinar");
    // On another site there was none, and of another service neither.
    for other in ["siteUrl=hub.webex.com", "siteUrl=example.webex.com&serviceType=EventCenter"] {
        let answer = world.get(&format!("/v1/meetingReports/usage?{other}")).await;
        assert_eq!(answer.body, json!({"items": []}), "{other}");
    }
}

#[tokio::test]
async fn attendees_are_grouped_by_run_and_the_last_join_is_first() {
    let world = world().await;
    let all = items(&pages(&world, &format!("{ATTENDEES}&meetingNumber=123456789&max=2")).await);
    let joins: Vec<&str> = all.iter().map(|one| one["joinedTime"].as_str().unwrap()).collect();
    assert_eq!(
        joins,
        [
            "2026-09-21T12:23:20Z",
            "2026-09-21T12:18:20Z",
            "2026-09-21T12:13:20Z",
            "2026-09-20T12:23:20Z",
            "2026-09-20T12:18:20Z",
            "2026-09-20T12:13:20Z"
        ]
    );
    // Who did not leave stayed until the end.
    assert_eq!((&all[0]["leftTime"], &all[0]["duration"]), (&json!("2026-09-21T12:33:20Z"), &json!(10)));
    assert_eq!((&all[0]["participantType"], &all[1]["participantType"]), (&json!("host"), &Value::Null));
    let (id, series) = (all[0]["meetingId"].as_str().unwrap(), all[0]["meetingId"].as_str().unwrap()[..32].to_owned());
    for (parameter, number) in [
        (format!("meetingId={id}"), 3),
        (format!("meetingId={series}"), 6),
        (format!("meetingId={id}&meetingNumber=1"), 3),
        ("meetingTitle=run%20of%20987654321".to_owned(), 3),
        ("meetingTitle=run".to_owned(), 0),
        (format!("meetingId={id}&from=2026-09-01&to=2026-09-10"), 0),
    ] {
        let found = items(&pages(&world, &format!("{ATTENDEES}&max=5&{parameter}")).await);
        assert_eq!(found.len(), number, "{parameter}");
    }
}

#[tokio::test]
async fn windows_and_parameters_are_checked() {
    let world = world().await;
    for (target, description) in [
        ("/v1/meetingReports/usage".to_owned(), "'siteUrl' cannot be empty"),
        (
            "/v1/meetingReports/usage?siteUrl=no.webex.com".to_owned(),
            "'siteUrl' is not a site of this account: 'no.webex.com'",
        ),
        (
            format!("{USAGE}&serviceType=Any"),
            "'serviceType' must be one of MeetingCenter, EventCenter, SupportCenter, TrainingCenter",
        ),
        (format!("{USAGE}&from=2026-01-01&to=2026-02-01"), "'to' must be at most 30 days after 'from'"),
        (format!("{USAGE}&from=2026-01-02&to=2026-01-01"), "'from' must be before 'to'"),
        (ATTENDEES.to_owned(), "one of 'meetingId', 'meetingNumber' and 'meetingTitle' is required"),
        (format!("{ATTENDEES}&meetingNumber=a"), "'meetingNumber' must be a number such as 123456789"),
    ] {
        world.refused("GET", &target, None, 400, description).await;
    }
    world.refused("GET", &format!("{ATTENDEES}&meetingId=a_I_1"), None, 404, "unknown 'meetingId': a_I_1").await;
    // Rollcall keeps what Webex deletes, unless its limit is enforced.
    let old = format!("{USAGE}&from=2026-06-10&to=2026-06-20");
    assert_eq!(world.get(&old).await.body["items"][0]["meetingNumber"], "555555555");
    let strict = World(Server::new(Settings { webex_report_limits: true, ..Settings::default() }).await);
    strict.refused("GET", &old, None, 400, "'from' must be at most 90 days ago").await;
}

#[tokio::test]
async fn imported_reports_are_served_as_they_were() {
    let world = World::new().await;
    let usage = json!({
        "meetingId": WEBEX, "meetingNumber": "123456789", "meetingTitle": "John's Meeting",
        "start": "2026-09-21T10:26:30Z", "end": "2026-09-21T10:46:30Z", "duration": 20, "scheduledType": "meeting",
        "hostDisplayName": "John Andersen", "hostEmail": JOHNS_EMAIL, "totalPeopleMinutes": 60,
        "totalCallInMinutes": 60, "totalVoipMinutes": 61, "totalParticipants": 30, "peakAttendee": 30,
        "totalRegistered": 30, "totalInvitee": 30, "serviceType": "MeetingCenter",
        "trackingCodes": [{"name": "Department", "value": "Engineering"}]
    });
    world.import("GET /v1/meetingReports/usage?siteUrl=hub.webex.com", json!({"items": [usage]})).await;
    let hub = "/v1/meetingReports/usage?siteUrl=hub.webex.com";
    assert_eq!(world.get(hub).await.body, json!({"items": [usage]}));
    assert_eq!(world.get(USAGE).await.body, json!({"items": []}));

    let attendee = |name: &str, joined: &str| {
        json!({
            "meetingId": WEBEX, "meetingNumber": 123_456_789, "meetingTitle": "John's Meeting", "displayName": name,
            "email": "a@example.com", "joinedTime": joined, "leftTime": "2026-09-21T10:46:30Z", "duration": 20,
            "participantType": "ATTENDEE", "clientAgent": "WINDOWS,IE", "city": "Milpitas", "registered": true, "new": 1
        })
    };
    let (early, late) = (attendee("A", "2026-09-21T10:26:30Z"), attendee("B", "2026-09-21T10:27:30Z"));
    world.import("GET /v1/meetingReports/attendees?siteUrl=hub.webex.com", json!({"items": [early, late]})).await;
    let target = format!("/v1/meetingReports/attendees?siteUrl=hub.webex.com&meetingId={WEBEX}&max=1");
    assert_eq!(items(&pages(&world, &target).await), [late, early]);
}

#[tokio::test]
async fn participants_are_found_by_address() {
    let world = world().await;
    let id = world.get(&format!("{USAGE}&max=1")).await.body["items"][0]["meetingId"].as_str().unwrap().to_owned();
    let target = format!("/v1/meetingParticipants/query?meetingId={id}");
    let ask = async |body: Value| world.call("POST", &target, Some(body)).await;
    let found = ask(json!({"emails": ["ANN@example.com", "nobody@example.com"]})).await.body;
    let emails: Vec<&Value> = found["items"].as_array().unwrap().iter().map(|one| &one["email"]).collect();
    assert_eq!(emails, ["ann@example.com", "ann@example.com"]);
    let window =
        json!({"emails": [JOHNS_EMAIL], "joinTimeFrom": "2026-09-21T12:20:00", "joinTimeTo": "2026-09-22T00:00:00Z"});
    assert_eq!(ask(window).await.body["items"].as_array().unwrap().len(), 1);
    for (body, description) in [
        (json!({}), "'emails' cannot be empty"),
        (json!({"emails": "a@b"}), "'emails' must be a list, not a string"),
        (json!({"emails": [1]}), "'emails[0]' must be a string, not a number"),
        (
            json!({"emails": ["a@b"], "joinTimeFrom": "never"}),
            "'joinTimeFrom' must be a time such as 2019-11-01T12:12:15Z",
        ),
    ] {
        world.refused("POST", &target, Some(body), 400, description).await;
    }
}
