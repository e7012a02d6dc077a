//! Reports to download as CSV.

use std::io::{Cursor, Read};

use axum::{
    body::Body,
    http::{Request, StatusCode},
};
use rollcall_model::{
    Batch, Instance, InstanceFacts, InstanceRef, InstanceState, MeetingKind, MeetingNumber, Timestamp,
};
use serde_json::{Value, json};

use crate::common::NOW;
use crate::webex::{
    World, body_with,
    reports::{run, world},
};

const REPORTS: &str = "/v1/reports";

fn order(template: i64, changes: Value) -> Value {
    let mut order = json!({
        "templateId": template, "startDate": "2026-09-01", "endDate": "2026-09-21", "siteList": "example.webex.com"
    });
    for (key, value) in changes.as_object().unwrap() {
        order[key] = value.clone();
    }
    order
}

/// Creates a report and returns its id.
async fn create(world: &World, order: Value) -> String {
    let answer = world.call("POST", REPORTS, Some(order)).await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.body);
    assert_eq!(answer.body["items"]["id"], answer.body["items"]["Id"]);
    answer.body["items"]["Id"].as_str().unwrap().to_owned()
}

/// Downloads a report. Returns the name of its file, and its rows with their headings.
async fn download(world: &World, id: &str) -> (String, Vec<Vec<String>>) {
    let token = world.token("analytics:read_all", None).await;
    let request = Request::builder()
        .uri(format!("{REPORTS}/{id}/download"))
        .header("authorization", format!("Bearer {token}"))
        .body(Body::empty())
        .unwrap();
    let (parts, bytes) = world.exchange(request).await;
    assert_eq!((parts.status, &parts.headers["content-type"]), (StatusCode::OK, &"application/zip".parse().unwrap()));
    let mut archive = zip::ZipArchive::new(Cursor::new(bytes)).unwrap();
    assert_eq!(archive.len(), 1);
    let mut file = archive.by_index(0).unwrap();
    let mut text = String::new();
    file.read_to_string(&mut text).unwrap();
    let mut reader =
        csv::ReaderBuilder::new().has_headers(false).from_reader(text.strip_prefix('\u{feff}').unwrap().as_bytes());
    let rows = reader.records().map(|row| row.unwrap().iter().map(str::to_owned).collect());
    (file.name().unwrap().into_owned(), rows.collect())
}

/// The values under a heading.
fn column<'a>(rows: &'a [Vec<String>], heading: &str) -> Vec<&'a str> {
    let place = rows[0].iter().position(|name| name == heading).unwrap();
    rows[1..].iter().map(|row| row[place].as_str()).collect()
}

#[tokio::test]
async fn a_report_is_created_listed_and_deleted() {
    let world = world().await;
    let templates = world.get("/v1/report/templates").await.body;
    assert_eq!(templates["numberOfTemplate"], 2);
    assert_eq!(templates["items"][1]["title"], "Meeting Attendees");
    assert_eq!(templates["items"][0]["validations"][1], json!({"field": "siteList", "required": "yes"}));

    let id = create(&world, order(1, json!({"siteList": "example.webex.com, HUB.webex.com"}))).await;
    let details = world.get(&format!("{REPORTS}/{id}")).await.body;
    let base = "http://localhost/";
    let expected = json!({"numberOfReports": 1, "items": [{
        "id": id, "Id": id, "title": "Meeting Usage", "service": "Webex Meetings", "startDate": "2026-09-01",
        "endDate": "2026-09-21", "siteList": "example.webex.com,hub.webex.com", "created": "2026-09-21 14:13:20",
        "scheduleFrom": "api", "status": "done", "downloadDomain": base,
        "downloadURL": format!("{base}v1/reports/{id}/download"),
    }]});
    assert_eq!(details, expected);
    let other = create(&world, order(2, json!({}))).await;
    for (query, found) in [
        ("", vec![&id, &other]),
        (&format!("?reportId={other}"), vec![&other]),
        ("?templateId=1", vec![&id]),
        ("?service=webex%20meetings&from=2026-09-21&to=2026-09-22", vec![&id, &other]),
        ("?service=Teams", vec![]),
        ("?from=2026-09-20&to=2026-09-21", vec![]),
    ] {
        let answer = world.get(&format!("{REPORTS}{query}")).await.body;
        let ids: Vec<&Value> = answer["items"].as_array().unwrap().iter().map(|one| &one["Id"]).collect();
        assert_eq!(ids, found, "{query}");
        assert_eq!(answer["numberOfReports"], found.len());
    }
    assert_eq!(world.call("DELETE", &format!("{REPORTS}/{id}"), None).await.status, StatusCode::NO_CONTENT);
    for (method, path) in [("DELETE", ""), ("GET", ""), ("GET", "/download")] {
        world.refused(method, &format!("{REPORTS}/{id}{path}"), None, 404, &format!("unknown 'reportId': {id}")).await;
    }
}

#[tokio::test]
async fn a_usage_report_has_a_column_for_each_tracking_code() {
    let world = world().await;
    world.create(body_with(json!({}))).await;
    let mut coded = run(MeetingKind::Meeting, 444_444_444, 5);
    if let Some(details) = &mut coded.details {
        details.topic = Some("=HYPERLINK(\"http://evil\")".into());
        details.tracking_fields = [("Department", "Sales"), ("Old", "1")]
            .map(|(key, value)| rollcall_model::KeyValue { key: key.into(), value: value.into() })
            .to_vec();
    }
    world.ingest(&Batch { instances: vec![coded], ..Batch::default() }).await;
    let id = create(&world, order(1, json!({"startDate": "2026-09-20"}))).await;
    let (name, rows) = download(&world, &id).await;
    assert_eq!(name, "meeting-usage.csv");
    assert_eq!(column(&rows, "Meeting Number"), ["123456789", "987654321", "444444444", "123456789"]);
    assert_eq!(column(&rows, "Participants"), ["2", "2", "2", "2"]);
    assert_eq!(column(&rows, "Start Time")[0], "2026-09-21T12:13:20Z");
    assert_eq!(column(&rows, "VoIP Minutes")[0], "");
    assert_eq!(column(&rows, "Tracking Code: Department")[2], "Sales");
    assert_eq!(column(&rows, "Other Tracking Codes")[2], "Old=1");
    // A spreadsheet would run the title.
    assert_eq!(column(&rows, "Meeting Title")[2], "'=HYPERLINK(\"http://evil\")");
    // On another site there were none.
    let id = create(&world, order(1, json!({"siteList": "hub.webex.com"}))).await;
    assert_eq!(download(&world, &id).await.1.len(), 1);
}

#[tokio::test]
async fn days_and_times_are_those_of_the_time_zone() {
    let world = world().await;
    // Of 26 hours ago: 2026-09-20T12:13:20Z is already the 21st on Kiritimati.
    for (zone, day, found) in
        [("UTC", "2026-09-20", 3), ("Pacific/Kiritimati", "2026-09-20", 0), ("Pacific/Kiritimati", "2026-09-21", 3)]
    {
        let id = create(&world, order(2, json!({"startDate": day, "endDate": day, "timeZone": zone}))).await;
        let (name, rows) = download(&world, &id).await;
        assert_eq!((name.as_str(), rows.len() - 1), ("meeting-attendees.csv", found), "{zone} {day}");
        if found > 0 && zone != "UTC" {
            assert_eq!(column(&rows, "Join Time")[0], "2026-09-21T02:23:20+14:00");
            assert_eq!(column(&rows, "Duration (Minutes)"), ["10", "10", "10"]);
        }
    }
}

#[tokio::test]
async fn a_long_report_is_sent_in_pieces() {
    let world = World::new().await;
    let instances: Vec<InstanceFacts> = (0..2_500)
        .map(|index| {
            let uuid = format!("Run{index}");
            let mut instance = Instance::new(
                MeetingKind::Meeting,
                MeetingNumber(123_456_789),
                uuid.parse().unwrap(),
                InstanceState::Past,
            );
            instance.topic = Some(format!("{index} {}", "long ".repeat(30)).into());
            let start = Timestamp::from_seconds(NOW - 3_600 - index * 60);
            instance.start_time = Some(start);
            instance.end_time = Some(start.plus_seconds(60));
            let mut facts = InstanceFacts::new(MeetingKind::Meeting, InstanceRef::Uuid(uuid.parse().unwrap()));
            facts.state = Some(InstanceState::Past);
            facts.details = Some(instance);
            facts
        })
        .collect();
    world.ingest(&Batch { instances, ..Batch::default() }).await;
    let id = create(&world, order(1, json!({}))).await;
    let (_, rows) = download(&world, &id).await;
    let titles = column(&rows, "Meeting Title");
    assert_eq!(titles.len(), 2_500);
    assert!(titles.iter().enumerate().all(|(index, title)| title.starts_with(&format!("{index} "))));
}

#[tokio::test]
async fn wrong_orders_are_answered_with_everything_that_is_wrong() {
    let world = world().await;
    for (changes, description) in [
        (json!({"templateId": null}), "'templateId' cannot be empty"),
        (json!({"templateId": 3}), "'templateId' must be one of 1 (Meeting Usage), 2 (Meeting Attendees)"),
        (json!({"startDate": "21.9.2026"}), "'startDate' must be a date such as 2026-09-21"),
        (json!({"endDate": "2026-02-30"}), "'endDate' must be a date such as 2026-09-21"),
        (json!({"startDate": "2026-09-22"}), "'startDate' must not be after 'endDate'"),
        (json!({"startDate": "2026-08-21"}), "'startDate' to 'endDate' must be at most 31 days"),
        (json!({"siteList": " , "}), "'siteList' must name 1 to 100 sites"),
        (
            json!({"siteList": "https://example.webex.com"}),
            "'siteList' must consist of host names such as example.webex.com, joined with commas",
        ),
        (json!({"siteList": "no.webex.com"}), "'siteList' is not a site of this account: 'no.webex.com'"),
        (json!({"timeZone": "Mars"}), "'timeZone' must be the IANA name of a time zone, such as Asia/Shanghai"),
    ] {
        world.refused("POST", REPORTS, Some(order(1, changes)), 400, description).await;
    }
    world.refused("GET", "/v1/reports?from=2026-09-01", None, 400, "'from' and 'to' must be given together").await;
    world.refused("GET", "/v1/reports?templateId=a", None, 400, "'templateId' must be a whole number").await;
    assert_eq!(world.get(REPORTS).await.body["numberOfReports"], 0);
}

#[tokio::test]
async fn reports_belong_to_an_account_and_require_the_scope() {
    let world = world().await;
    let id = create(&world, order(1, json!({}))).await;
    let token = world.token("meeting:admin_schedule_read", None).await;
    for (method, path) in [("GET", ""), ("GET", "/download"), ("DELETE", "")] {
        let answer = world.call_as(&token, method, &format!("{REPORTS}/{id}{path}"), None).await;
        assert_eq!(answer.status, StatusCode::FORBIDDEN, "{method} {path}");
    }
    let other = World(world.0.in_another_account().await);
    for (method, path) in [("GET", ""), ("GET", "/download"), ("DELETE", "")] {
        let target = format!("{REPORTS}/{id}{path}");
        other.refused(method, &target, None, 404, &format!("unknown 'reportId': {id}")).await;
    }
}
