//! Runs of meetings, their participants and quality, as Webex's clients request them: of runs that came from Zoom
//! and of runs that came from Webex.

use axum::{
    body::Body,
    http::{Request, StatusCode},
};
use rollcall_http::Settings;
use rollcall_model::{
    Batch, BitrateBps, Instance, InstanceFacts, InstanceRef, InstanceState, MeetingKind, MeetingNumber, Millis, Minute,
    Participant, ParticipantFacts, QosMinute, StreamQos, StreamState, Timestamp,
};
use serde_json::{Value, json};

use crate::common::{NOW, Server};
use crate::webex::World;

const MEETINGS: &str = "/v1/meetings?meetingType=meeting";
/// A run of Zoom's with 12 participants, and a run in progress.
const ZOOM: &str = "gm8s9L+PTEC+FG3sFbd1Cw==";
const LIVE: &str = "LiveRunLiveRunLiveRun1==";
const WEBEX: &str = "870f51ff287b41be84648412901e0402_I_167427437874906709";

fn minute(at: i64, n: u32) -> QosMinute {
    let mut minute = QosMinute::new(Timestamp::from_seconds(at).minute());
    minute.minute = Minute(minute.minute.0 + n);
    minute.streams[0] = StreamState::Measured(StreamQos {
        bitrate: Some(BitrateBps(27_150)),
        latency: Some(Millis(100 + n)),
        ..StreamQos::default()
    });
    minute.streams[1] = StreamState::Measured(StreamQos { latency: Some(Millis(7)), ..StreamQos::default() });
    minute
}

fn run(uuid: &str, number: i64, state: InstanceState, people: u32) -> InstanceFacts {
    let start = Timestamp::from_seconds(NOW - 7_200);
    let mut instance = Instance::new(MeetingKind::Meeting, MeetingNumber(number), uuid.parse().unwrap(), state);
    instance.topic = Some(format!("Run of {number}").into());
    instance.host_email = Some("host@example.com".into());
    instance.start_time = Some(start);
    instance.end_time = (state == InstanceState::Past).then(|| start.plus_seconds(1_800));
    let mut facts = InstanceFacts::new(MeetingKind::Meeting, InstanceRef::Uuid(uuid.parse().unwrap()));
    facts.state = Some(state);
    facts.details = Some(instance);
    for n in 0..people {
        let participant = Participant {
            user_id: format!("{}", 100 + n).into(),
            user_name: Some(format!("Person {n}").into()),
            email: Some(format!("p{n}@example.com").into()),
            role: Some(if n == 0 { "host" } else { "attendee" }.into()),
            device: Some("Mac".into()),
            network_type: Some("Wired".into()),
            join_time: Some(start.plus_seconds(i64::from(n))),
            leave_time: (state == InstanceState::Past).then(|| start.plus_seconds(1_200)),
            ..Participant::default()
        };
        facts
            .participants
            .push(ParticipantFacts { participant, minutes: vec![minute(NOW - 7_200, 0), minute(NOW - 7_200, 1)] });
    }
    facts
}

async fn world_with(settings: Settings) -> World {
    let world = World(Server::new(settings).await);
    let instances =
        vec![run(ZOOM, 123_456_789, InstanceState::Past, 12), run(LIVE, 987_654_321, InstanceState::Live, 1)];
    world.ingest(&Batch { instances, ..Batch::default() }).await;
    world
}

async fn world() -> World {
    world_with(Settings::default()).await
}

/// All pages of a list, followed by their links as clients do, without parameters of their own.
pub(crate) async fn pages(world: &World, target: &str) -> Vec<Value> {
    let mut pages = Vec::new();
    let mut target = target.to_owned();
    loop {
        let answer = world.get(&target).await;
        assert_eq!(answer.status, StatusCode::OK, "{target}: {}", answer.body);
        pages.push(answer.body);
        let Some(link) = answer.headers.get("link") else { return pages };
        let link = link.to_str().unwrap();
        let url = link.strip_prefix('<').and_then(|link| link.strip_suffix(">; rel=\"next\"")).unwrap();
        target = url.strip_prefix("http://localhost").unwrap_or_else(|| panic!("{url}")).to_owned();
    }
}

/// The body of a successful response of any surface.
async fn ask(world: &World, target: &str) -> Value {
    let token = world.token("", None).await;
    let request = Request::get(target).header("authorization", format!("Bearer {token}"));
    let (parts, body) = world.exchange(request.body(Body::empty()).unwrap()).await;
    assert_eq!(parts.status, StatusCode::OK, "{target}: {}", String::from_utf8_lossy(&body));
    serde_json::from_slice(&body).unwrap()
}

async fn zooms_id(world: &World) -> String {
    let list = world.get(&format!("{MEETINGS}&state=ended")).await.body;
    list["items"][0]["id"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn runs_are_listed_in_webexs_shape() {
    let world = world().await;
    let list = world.get(MEETINGS).await;
    assert_eq!(list.headers["content-type"], "application/json;charset=UTF-8");
    let items = list.body["items"].as_array().unwrap();
    assert_eq!(items.len(), 2);
    let (live, ended) = (&items[0], &items[1]);
    for (item, state) in [(live, "inProgress"), (ended, "ended")] {
        assert_eq!(
            (&item["state"], &item["meetingType"], &item["scheduledType"]),
            (&json!(state), &json!("meeting"), &json!("meeting"))
        );
        let id = item["id"].as_str().unwrap();
        let series = item["meetingSeriesId"].as_str().unwrap();
        assert!(id.starts_with(&format!("{series}_I_")) && series.len() == 32, "{id}");
    }
    // Whole seconds; the end and the number where Webex has them.
    assert_eq!((&ended["start"], &ended["end"]), (&json!("2026-09-21T12:13:20Z"), &json!("2026-09-21T12:43:20Z")));
    assert!(ended.get("meetingNumber").is_none() && live.get("end").is_none());
    assert_eq!(live["meetingNumber"], "987654321");
    let id = ended["id"].as_str().unwrap();
    assert_eq!(world.get(&format!("/v1/meetings/{id}")).await.body, *ended);
    assert_eq!(world.get(&format!("/v1/meetings/{}", ended["meetingSeriesId"].as_str().unwrap())).await.body, *ended);

    let old = world.get(&format!("{MEETINGS}&from=2026-09-01&to=2026-09-10T00:00:00Z")).await.body;
    assert_eq!(old, json!({"items": []}));
}

#[tokio::test]
async fn links_lead_through_all_pages_with_all_parameters() {
    let world = world().await;
    let runs = pages(&world, &format!("{MEETINGS}&max=1&from=2026-09-20T00:00:00Z&state=")).await;
    assert_eq!(runs.iter().map(|page| page["items"].as_array().unwrap().len()).collect::<Vec<_>>(), [1, 1]);
    let id = zooms_id(&world).await;
    for (list, key) in [("meetingParticipants", "displayName"), ("meeting/qualities", "webexUserName")] {
        let pages = pages(&world, &format!("/v1/{list}?max=5&meetingId={id}&unknown=a%20b")).await;
        let names: Vec<&str> = pages
            .iter()
            .flat_map(|page| page["items"].as_array().unwrap())
            .map(|item| item[key].as_str().unwrap())
            .collect();
        let expected: Vec<String> = (0..12).map(|n| format!("Person {n}")).collect();
        assert_eq!((names, pages.len()), (expected.iter().map(String::as_str).collect(), 3), "{list}");
    }
    // A limit above Webex's maximum is lowered to it; an offset skips entries.
    let whole = world.get(&format!("/v1/meeting/qualities?meetingId={id}&max=1000")).await;
    assert!(whole.headers.get("link").is_none());
    let rest = world.get(&format!("/v1/meeting/qualities?meetingId={id}&offset=10")).await.body;
    assert_eq!(rest["items"].as_array().unwrap().len(), 2);
    assert_eq!(world.get(&format!("/v1/meeting/qualities?meetingId={id}&offset=12")).await.body, json!({"items": []}));
}

#[tokio::test]
async fn participants_are_those_of_the_run_and_each_is_there_by_its_id() {
    let world = world().await;
    let id = zooms_id(&world).await;
    let list = world.get(&format!("/v1/meetingParticipants?meetingId={id}&max=2")).await.body;
    let host = &list["items"][0];
    for (key, value) in [
        ("host", json!(true)),
        ("coHost", json!(false)),
        ("email", json!("p0@example.com")),
        ("state", json!("end")),
        ("joinedTime", json!("2026-09-21T12:13:20Z")),
        ("leftTime", json!("2026-09-21T12:33:20Z")),
        ("meetingId", json!(id)),
        ("hostEmail", json!("host@example.com")),
    ] {
        assert_eq!(host[key], value, "{key}");
    }
    assert_eq!(host["devices"][0]["joinedTime"], "2026-09-21T12:13:20.000Z");
    assert_eq!(host["devices"][0]["durationSecond"], 1200);
    // No source reported their audio.
    assert!(host["devices"][0].get("audioType").is_none());
    assert_eq!(world.get(&format!("/v1/meetingParticipants/{}", host["id"].as_str().unwrap())).await.body, *host);
    let window = format!(
        "/v1/meetingParticipants?meetingId={id}&joinTimeFrom=2026-09-21T12:13:22Z&joinTimeTo=2026-09-21T12:13:24Z"
    );
    let names: Vec<Value> = world.get(&window).await.body["items"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| one["displayName"].clone())
        .collect();
    assert_eq!(names, ["Person 2", "Person 3"]);

    let token = world.token("", None).await;
    let request = Request::get(format!("/v1/meetingParticipants?meetingId={id}&max=1"))
        .header("authorization", format!("Bearer {token}"))
        .header("timezone", "Asia/Shanghai");
    let shifted = world.send(request.body(Body::empty()).unwrap()).await.body;
    assert_eq!(shifted["items"][0]["joinedTime"], "2026-09-21T20:13:20+08:00");
    assert_eq!(shifted["items"][0]["devices"][0]["joinedTime"], "2026-09-21T12:13:20.000Z");
}

#[tokio::test]
async fn qualities_cross_the_directions_and_have_parallel_lists() {
    let world = world().await;
    let id = zooms_id(&world).await;
    let list = world.get(&format!("/v1/meeting/qualities?meetingId={id}")).await;
    assert_eq!(list.headers["content-type"], "application/json");
    let session = &list.body["items"][0];
    // What the participant sends (Zoom's input) is `out`.
    assert_eq!(
        session["audioOut"],
        json!([{
            "samplingInterval": 60, "startTime": "2026-09-21T12:13:00.000Z", "endTime": "2026-09-21T12:15:00.000Z",
            "latency": [100, 101], "mediaBitRate": [27150, 27150]
        }])
    );
    assert_eq!(session["audioIn"][0]["latency"], json!([7, 7]));
    assert!(session.get("videoIn").is_none() && session.get("resources").is_none());
    assert_eq!(session["joinTime"], "2026-09-21T12:13:20.000Z");
    assert_eq!((&session["networkType"], &session["webexUserEmail"]), (&json!("ethernet"), &json!("p0@example.com")));
    assert_eq!(session["meetingInstanceId"], id.as_str());
}

#[tokio::test]
async fn the_limits_of_qualities_hold_where_they_are_set() {
    let world = world_with(Settings { webex_quality_limits: true, ..Settings::default() }).await;
    let id = zooms_id(&world).await;
    let target = format!("/v1/meeting/qualities?meetingId={id}&max=5");
    assert_eq!(pages(&world, &target).await.len(), 3, "the pages that follow do not count");
    let again = world.get(&target).await;
    assert_eq!((again.status, &again.headers["retry-after"]), (StatusCode::TOO_MANY_REQUESTS, &"300".parse().unwrap()));
    world.clock.set(Timestamp::from_seconds(NOW + 301));
    assert_eq!(ask(&world, &target).await["items"].as_array().unwrap().len(), 5);
    world.clock.set(Timestamp::from_seconds(NOW + 8 * 24 * 3600));
    assert_eq!(ask(&world, &target).await, json!({"items": []}));
}

#[tokio::test]
async fn series_are_what_is_listed_without_a_type_and_no_run_is_one() {
    let world = world().await;
    for target in
        ["/v1/meetings", "/v1/meetings?meetingType=meetingSeries", "/v1/meetings?meetingType=scheduledMeeting"]
    {
        let list = world.get(target).await;
        assert_eq!((list.status, list.body), (StatusCode::OK, json!({"items": []})), "{target}");
    }
}

/// Imports a response of Webex.
async fn import(world: &World, request: &str, body: &Value) {
    let read = rollcall_webex::read::Request::parse(request).unwrap().read(body.to_string().as_bytes()).unwrap();
    assert_eq!(read.defects, [], "{request}");
    world.ingest(&read.batch).await;
}

/// So many days from now, as Webex writes it.
fn in_days(days: i64) -> String {
    Timestamp::from_seconds(NOW + days * 86_400).to_string()
}

#[tokio::test]
async fn imported_series_and_scheduled_meetings_are_listed_and_filtered() {
    let world = World(Server::new(Settings::default()).await);
    let entry = |id: &str, title: &str, start: i64, more: Value| {
        let mut entry = json!({
            "id": id, "title": title, "meetingType": "meetingSeries", "state": "active", "scheduledType": "meeting",
            "start": in_days(start), "end": in_days(start), "hostEmail": "ana@example.com", "siteUrl": "a.webex.com",
        });
        entry.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        entry
    };
    let items = json!({"items": [
        entry("a1", "Soon", 1, json!({"meetingNumber": "1234567", "webLink": "https://a.webex.com/1"})),
        entry("a2", "Late", 10, json!({"meetingNumber": "1234568", "state": "inProgress"})),
        entry("a3", "Weekly", -30, json!({"recurrence": "FREQ=WEEKLY;BYDAY=MO", "hostEmail": "bob@example.com"})),
        entry("a4", "Was weekly", -30, json!({"recurrence": "FREQ=WEEKLY;UNTIL=20200101T000000Z"})),
        entry("a5", "Show", 2, json!({"scheduledType": "webinar", "siteUrl": "b.webex.com"})),
        entry("a3_20260926T090000Z", "One of weekly", 3, json!({
            "meetingType": "scheduledMeeting", "state": "scheduled", "meetingSeriesId": "a3", "isModified": true,
        })),
    ]});
    import(&world, "GET /v1/meetings", &items).await;
    let titles = async |query: &str| -> Vec<String> {
        let items = pages(&world, &format!("/v1/meetings{query}")).await;
        let items = items.iter().flat_map(|page| page["items"].as_array().unwrap());
        items.map(|item| item["title"].as_str().unwrap().to_owned()).collect()
    };
    let (from, to) = (in_days(9), in_days(11));
    for (query, expected) in [
        ("", &["Soon", "Weekly", "Show"][..]),
        ("?meetingType=meetingSeries&max=1", &["Soon", "Weekly", "Show"]),
        ("?meetingType=scheduledMeeting", &["One of weekly"]),
        ("?meetingType=scheduledMeeting&meetingSeriesId=a3&isModified=true", &["One of weekly"]),
        ("?meetingType=scheduledMeeting&isModified=false", &[]),
        ("?meetingSeriesId=a5", &["Show"]),
        (&format!("?from={from}&to={to}"), &["Late", "Weekly"]),
        (&format!("?from={from}"), &["Late", "Weekly"]),
        (&format!("?to={to}&state=inProgress"), &["Late"]),
        ("?hostEmail=BOB@example.com", &["Weekly"]),
        ("?scheduledType=webinar", &["Show"]),
        ("?scheduledType=personalRoomMeeting", &[]),
        ("?siteUrl=b.webex.com", &["Show"]),
        ("?meetingNumber=1234568&state=expired", &["Late"]),
        ("?webLink=https://a.webex.com/1", &["Soon"]),
    ] {
        assert_eq!(titles(query).await, expected, "{query}");
    }
    for (query, words) in [
        ("?hasChat=true", "'hasChat' requires 'meetingType' meeting"),
        ("?state=lost", "'state' must be one of active"),
        ("?from=2026-10-02&to=2026-10-01", "'from' must be before 'to'"),
        ("?meetingNumber=1234567&webLink=x", "exclude each other"),
    ] {
        let answer = world.get(&format!("/v1/meetings{query}")).await;
        assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{query}");
        assert!(answer.body["errors"][0]["description"].as_str().unwrap().contains(words), "{query}: {}", answer.body);
    }
}

#[tokio::test]
async fn every_filter_of_participants_filters() {
    let world = World(Server::new(Settings::default()).await);
    let series = "870f51ff287b41be84648412901e0402";
    for (conference, start) in [("1", "2026-09-01T10:00:00Z"), ("2", "2026-09-08T10:00:00Z")] {
        let run = format!("{series}_I_{conference}");
        let meetings = json!({"items": [{
            "id": run, "meetingSeriesId": series, "title": "Daily", "meetingType": "meeting", "state": "ended",
            "start": start, "end": start.replace("T10", "T11"), "hostEmail": "ana@example.com",
        }]});
        import(&world, "GET /v1/meetings?meetingType=meeting", &meetings).await;
        let person = |name: &str, joined: &str, more: Value| {
            let joined = start.replace("T10:00", &format!("T10:{joined}"));
            let mut person = json!({
                "id": format!("{run}_3c2e2338-e950-43bf-b588-5737{name}"), "displayName": name, "meetingId": run,
                "joinedTime": joined, "leftTime": start.replace("T10", "T11"), "state": "end",
            });
            person.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
            person
        };
        let people = json!({"items": [
            person("00000001", "00", json!({"breakoutSessionsAttended": [{"id": "room-1", "name": "Room 1"}]})),
            person("00000002", "30", json!({})),
        ]});
        import(&world, "GET /v1/meetingParticipants?meetingId=x", &people).await;
    }
    let found = async |query: &str| -> Vec<String> {
        let items = pages(&world, &format!("/v1/meetingParticipants?meetingId={query}")).await;
        let items = items.iter().flat_map(|page| page["items"].as_array().unwrap());
        let shown = |item: &Value| {
            let (run, name) = (item["meetingId"].as_str().unwrap(), item["displayName"].as_str().unwrap());
            format!("{}/{}", run.rsplit_once('_').unwrap().1, name.trim_start_matches('0'))
        };
        items.map(shown).collect()
    };
    let run = format!("{series}_I_1");
    for (query, expected) in [
        (series.to_owned(), &["2/1", "2/2"][..]),
        (run.clone(), &["1/1", "1/2"]),
        (format!("{run}&hostEmail=Ana@example.com"), &["1/1", "1/2"]),
        (format!("{run}&breakoutSessionId=room-1"), &["1/1"]),
        (format!("{run}&breakoutSessionId=room-2"), &[]),
        (format!("{run}&joinTimeFrom=2026-09-01T10:30:00Z"), &["1/2"]),
        (format!("{run}&joinTimeFrom=2026-08-20"), &[]),
        (format!("{run}&joinTimeTo=2026-09-01T10:30:00Z&max=1"), &["1/1"]),
        (format!("{series}&meetingStartTimeTo=2026-09-08T10:00:00Z"), &["1/1", "1/2"]),
        (format!("{series}&meetingStartTimeFrom=2026-09-01T10:00:00Z"), &["2/1", "2/2"]),
    ] {
        assert_eq!(found(&query).await, expected, "{query}");
    }
    for (query, status) in [
        (format!("{run}&hostEmail=bob@example.com"), StatusCode::NOT_FOUND),
        (format!("{series}&meetingStartTimeFrom=2026-09-08T10:00:00Z"), StatusCode::NOT_FOUND),
        (format!("{run}&joinTimeFrom=2026-01-01&joinTimeTo=2026-09-01"), StatusCode::BAD_REQUEST),
        (format!("{run}&joinTimeFrom=2026-09-02&joinTimeTo=2026-09-01"), StatusCode::BAD_REQUEST),
        (format!("{series}&meetingStartTimeFrom=2030-01-01"), StatusCode::BAD_REQUEST),
    ] {
        let answer = world.get(&format!("/v1/meetingParticipants?meetingId={query}")).await;
        assert_eq!(answer.status, status, "{query}: {}", answer.body);
    }
}

#[tokio::test]
async fn every_filter_of_the_list_filters() {
    let world = world().await;
    let mut recorded = run("RecordedRunRecordedRun==", 555_555_555, InstanceState::Past, 1);
    let details = recorded.details.as_mut().unwrap();
    details.host_email = Some("Ada@Example.com".into());
    (details.has_recording, details.has_qa) = (Some(true), Some(false));
    world.ingest(&Batch { instances: vec![recorded], ..Batch::default() }).await;
    let titles = async |filter: &str| -> Vec<String> {
        let items = pages(&world, &format!("{MEETINGS}{filter}")).await;
        let items = items.iter().flat_map(|page| page["items"].as_array().unwrap());
        items.map(|item| item["title"].as_str().unwrap().trim_start_matches("Run of ").to_owned()).collect()
    };
    let series = world.get(&format!("{MEETINGS}&hostEmail=ada@example.com")).await.body["items"][0]["meetingSeriesId"]
        .as_str()
        .unwrap()
        .to_owned();
    for (filter, expected) in [
        ("", &["987654321", "555555555", "123456789"][..]),
        ("&hostEmail=ada@example.com", &["555555555"]),
        ("&hostEmail=nobody@example.com", &[]),
        ("&meetingNumber=123456789", &["123456789"]),
        ("&meetingNumber=123%20456%20789&from=2020-01-01&to=2020-01-02&state=inProgress", &["123456789"]),
        ("&meetingNumber=1", &[]),
        ("&webLink=https://example.com/1", &[]),
        ("&siteUrl=elsewhere.webex.com", &[]),
        ("&hasRecording=true", &["555555555"]),
        ("&hasRecording=false", &[]),
        ("&hasQA=false", &["555555555"]),
        ("&hasQA=true&state=ended", &[]),
        ("&hasChat=true", &[]),
        ("&hasSlido=false", &[]),
        ("&state=lobby", &[]),
        ("&state=inProgress&max=1", &["987654321"]),
        ("&state=inProgress&hasRecording=true", &[]),
        ("&scheduledType=webinar", &[]),
        ("&scheduledType=personalRoomMeeting", &[]),
        ("&current=false&max=1", &["987654321", "555555555", "123456789"]),
        (&format!("&meetingSeriesId={series}&scheduledType=webinar"), &["555555555"]),
        ("&meetingSeriesId=870f51ff287b41be84648412901e0402", &[]),
    ] {
        assert_eq!(titles(filter).await, expected, "{filter}");
    }
}

#[tokio::test]
async fn what_is_wrong_or_not_there_is_told_in_webexs_shape() {
    let world = world().await;
    let id = zooms_id(&world).await;
    let other = id.replace("_I_", "_I_1");
    for (target, status, words) in [
        ("/v1/meetings?meetingType=call".to_owned(), 400, "'meetingType' must be one of meetingSeries"),
        (format!("{MEETINGS}&state=sleeping"), 400, "'state' of runs must be one of lobby, inProgress, ended"),
        (format!("{MEETINGS}&scheduledType=call"), 400, "'scheduledType' must be one of"),
        (format!("{MEETINGS}&hasRecording=perhaps"), 400, "'hasRecording' must be true or false"),
        (format!("{MEETINGS}&isModified=true"), 400, "'isModified' is not supported"),
        (format!("{MEETINGS}&meetingNumber=x"), 400, "'meetingNumber' must be a number"),
        (format!("{MEETINGS}&meetingNumber=1&webLink=x"), 400, "exclude each other"),
        (format!("{MEETINGS}&from=soon"), 400, "'from' must be a time"),
        (format!("{MEETINGS}&max=0"), 400, "'max' must be a whole number"),
        (format!("{MEETINGS}&after=nonsense"), 400, "'after'"),
        ("/v1/meeting/qualities".to_owned(), 400, "'meetingId' cannot be empty"),
        (format!("/v1/meeting/qualities?meetingId={}", &id[..32]), 404, "unknown 'meetingId'"),
        (format!("/v1/meeting/qualities?meetingId={other}"), 404, "unknown 'meetingId'"),
        (format!("/v1/meeting/qualities?meetingId={id}&offset=-1"), 400, "'offset'"),
        ("/v1/meetingParticipants".to_owned(), 400, "'meetingId' cannot be empty"),
        (format!("/v1/meetingParticipants?meetingId={other}"), 404, "unknown 'meetingId'"),
        (format!("/v1/meetingParticipants/{id}_3c2e2338-e950-43bf-b588-573773ee43d1"), 404, "'participantId'"),
        ("/v1/meetings/870f51ff287b41be84648412901e0402".to_owned(), 404, "unknown 'meetingId'"),
    ] {
        let answer = world.get(&target).await;
        assert_eq!(answer.status.as_u16(), status, "{target}: {}", answer.body);
        assert!(answer.descriptions()[0].contains(words), "{target}: {}", answer.body);
    }
    let reader = world.token("meeting:admin_schedule_read", None).await;
    for target in [format!("/v1/meeting/qualities?meetingId={id}"), format!("/v1/meetingParticipants?meetingId={id}")] {
        assert_eq!(world.call_as(&reader, "GET", &target, None).await.status, StatusCode::FORBIDDEN);
    }
}

#[tokio::test]
async fn another_account_sees_none_of_it() {
    let world = world().await;
    let id = zooms_id(&world).await;
    let list = world.get(&format!("/v1/meetingParticipants?meetingId={id}&max=1")).await;
    let participant = list.body["items"][0]["id"].as_str().unwrap().to_owned();
    let World(server) = world;
    let world = World(server.in_another_account().await);
    assert_eq!(world.get(MEETINGS).await.body, json!({"items": []}));
    for target in [
        format!("/v1/meetings/{id}"),
        format!("/v1/meetingParticipants?meetingId={id}"),
        format!("/v1/meetingParticipants/{participant}"),
        format!("/v1/meeting/qualities?meetingId={id}"),
    ] {
        assert_eq!(world.get(&target).await.status, StatusCode::NOT_FOUND, "{target}");
    }
}

#[tokio::test]
async fn what_webex_answered_is_imported_and_given_back_on_both_surfaces() {
    let world = World(Server::new(Settings::default()).await);
    let meetings = json!({"items": [{
        "id": WEBEX, "meetingSeriesId": "870f51ff287b41be84648412901e0402", "title": "Daily", "meetingType": "meeting",
        "state": "ended", "start": "2026-09-20T12:12:15Z", "end": "2026-09-20T12:51:33Z", "hostEmail": "john@example.com",
        "scheduledType": "meeting", "somethingNew": 1
    }]});
    let person = format!("{WEBEX}_3c2e2338-e950-43bf-b588-573773ee43d1");
    let participants = json!({"items": [{
        "id": person, "host": true, "email": "john@example.com", "displayName": "John", "state": "end",
        "joinedTime": "2026-09-20T12:12:15Z", "leftTime": "2026-09-20T12:51:33Z", "meetingId": WEBEX,
        "devices": [{"deviceType": "mac", "joinedTime": "2026-09-20T12:12:15.000Z", "leftTime": "2026-09-20T12:51:33.000Z"}]
    }]});
    let stream = json!([{
        "samplingInterval": 60, "startTime": "2026-09-20T12:13:00.000Z", "endTime": "2026-09-20T12:15:00.000Z",
        "packetLoss": [0.5, 1.0], "latency": [60, 5], "jitter": [17, 13], "mediaBitRate": [51880, 74519],
        "resolutionHeight": [90, 180], "frameRate": [25.94, 21.04], "codec": "H.264 BP"
    }]);
    let qualities = json!({"items": [{
        "meetingInstanceId": WEBEX, "webexUserName": "John", "webexUserEmail": "john@example.com",
        "joinTime": "2026-09-20T12:12:15.000Z", "leaveTime": "2026-09-20T12:51:33.000Z", "joinMeetingTime": "5.793",
        "participantSessionId": "3324FC76-9E62-4BE3-8B62-ACBE76A9B7A6", "networkType": "wifi", "videoOut": stream
    }]});
    for (request, body) in [
        ("GET /v1/meetings?meetingType=meeting", meetings),
        ("GET /v1/meetingParticipants?meetingId=x", participants),
        ("GET https://analytics.webexapis.com/v1/meeting/qualities?meetingId=x", qualities),
    ] {
        import(&world, request, &body).await;
    }

    let list = world.get(MEETINGS).await.body;
    assert_eq!((&list["items"][0]["id"], &list["items"][0]["title"]), (&json!(WEBEX), &json!("Daily")));
    let one = world.get(&format!("/v1/meetingParticipants/{person}")).await.body;
    assert_eq!((&one["id"], &one["displayName"], &one["host"]), (&json!(person), &json!("John"), &json!(true)));
    let sessions = world.get(&format!("/v1/meeting/qualities?meetingId={WEBEX}")).await.body;
    let session = sessions["items"].as_array().unwrap().iter().find(|one| one.get("videoOut").is_some()).unwrap();
    assert_eq!(session["joinMeetingTime"], "5.793");
    let out = &session["videoOut"][0];
    for key in ["packetLoss", "latency", "jitter", "mediaBitRate", "resolutionHeight", "frameRate"] {
        let numbers = |value: &Value| value.as_array().unwrap().iter().map(|n| n.as_f64().unwrap()).collect::<Vec<_>>();
        assert_eq!(numbers(&out[key]), numbers(&stream[0][key]), "{key}");
    }
    // Zoom's surface returns the same, under its own names.
    let zoom = ask(&world, &format!("/v2/metrics/meetings/{WEBEX}/participants/qos?type=past&page_size=10")).await;
    let minutes: Vec<&Value> =
        zoom["participants"].as_array().unwrap().iter().flat_map(|one| one["user_qos"].as_array().unwrap()).collect();
    assert_eq!(minutes.len(), 2);
    assert_eq!(
        (&minutes[0]["video_input"]["bitrate"], &minutes[0]["video_input"]["avg_loss"]),
        (&json!("51.88 kbps"), &json!("0.5%"))
    );
    assert!(minutes[0].get("video_output").is_none());
}
