//! `GET /metrics/meetings` and `/metrics/webinars`: lists.

use rollcall_http::Settings;
use rollcall_model::{Batch, MeetingKind};
use serde_json::json;

use crate::zoom::{
    World, column,
    data::{self, FIRST_RUN, LATEST_RUN, attendance, run},
};

const MEETINGS: &str = "/v2/metrics/meetings";
const WEBINARS: &str = "/v2/metrics/webinars";
const SEPTEMBER: &str = "from=2026-09-01&to=2026-09-30";

/// The start times of the meetings in the list.
async fn starts(world: &World, query: &str) -> Vec<String> {
    let body = world.ok(&format!("{MEETINGS}?{query}")).await;
    column(&body, "meetings", "start_time").into_iter().map(str::to_owned).collect()
}

#[tokio::test]
async fn past_meetings_are_listed_latest_first() {
    let world = World::new().await;
    let body = world.ok(&format!("{MEETINGS}?type=past&{SEPTEMBER}")).await;
    assert_eq!(
        column(&body, "meetings", "start_time"),
        ["2026-09-21T09:00:00Z", "2026-09-14T09:00:00Z", "2026-09-10T08:00:00Z"]
    );
    for (key, value) in [
        ("from", json!("2026-09-01")),
        ("to", json!("2026-09-30")),
        ("page_size", json!(30)),
        ("page_count", json!(1)),
        ("total_records", json!(3)),
        ("next_page_token", json!("")),
    ] {
        assert_eq!(body[key], value, "{key}");
    }
    let first = &body["meetings"][0];
    for (key, value) in [
        ("uuid", json!(LATEST_RUN)),
        ("id", json!(data::MEETING)),
        ("host", json!("Ana")),
        ("email", json!("ana@example.com")),
        ("end_time", json!("2026-09-21T09:33:00Z")),
        ("duration", json!("33:00")),
        ("participants", json!(3)),
    ] {
        assert_eq!(first[key], value, "{key}");
    }
    assert!(first.get("tracking_fields").is_none(), "they must be asked for");
}

#[tokio::test]
async fn the_type_tells_live_from_past_and_those_who_were_alone() {
    let world = World::new().await;
    let lives = ["2026-09-21T14:00:00Z"];
    assert_eq!(starts(&world, SEPTEMBER).await, lives, "live is the default");
    assert_eq!(starts(&world, "type=live&from=2020-01-01&to=2020-01-02").await, lives, "whatever the window");
    assert_eq!(
        starts(&world, &format!("type=pastOne&{SEPTEMBER}")).await,
        ["2026-09-14T09:00:00Z", "2026-09-10T08:00:00Z"]
    );
    let live = world.ok(&format!("{MEETINGS}?{SEPTEMBER}")).await;
    assert_eq!((live["meetings"][0].get("end_time"), &live["meetings"][0]["duration"]), (None, &json!("")));

    let webinars = world.ok(&format!("{WEBINARS}?type=past&{SEPTEMBER}")).await;
    assert_eq!(column(&webinars, "webinars", "uuid"), [data::WEBINAR_RUN]);
    let live = world.ok(&format!("{WEBINARS}?{SEPTEMBER}")).await;
    assert_eq!(live["webinars"][0]["id"], data::LIVE_WEBINAR);

    let message = "Invalid field. Use one of: live, past, pastOne.";
    world.invalid(&format!("{MEETINGS}?type=Past&{SEPTEMBER}"), "type", message).await;
    let message = "Invalid field. Use one of: live, past.";
    world.invalid(&format!("{WEBINARS}?type=pastOne&{SEPTEMBER}"), "type", message).await;
}

#[tokio::test]
async fn both_ends_of_a_window_are_in_it() {
    let world = World::new().await;
    let count = async |from: &str, to: &str| starts(&world, &format!("type=past&from={from}&to={to}")).await.len();
    assert_eq!(count("2026-09-14", "2026-09-14").await, 1, "a day is whole");
    assert_eq!(count("2026-09-15", "2026-09-20").await, 0);
    assert_eq!(count("2026-09-14", "2026-09-21").await, 2);
    assert_eq!(count("2026-09-14%2009:00:00", "2026-09-14+09:00:00").await, 1, "so is a second");
    assert_eq!(count("2026-09-14T09:00:01Z", "2026-09-21T08:59:59Z").await, 0);
    assert_eq!(count("2026-09-14 09:00:00".replace(' ', "%20").as_str(), "2026-09-21").await, 2);
    assert_eq!(count("2026-08-30", "2026-09-30").await, 3, "a month and no more");
    let body = world.ok(&format!("{MEETINGS}?type=past&from=2026-09-14+00:00:00&to=2026-09-15")).await;
    assert_eq!(
        (&body["from"], &body["to"]),
        (&json!("2026-09-14 00:00:00"), &json!("2026-09-15")),
        "as it was asked for"
    );
}

#[tokio::test]
async fn windows_of_years_ago_are_answered_unless_zooms_limit_is_enforced() {
    const TOO_OLD: &str = "Invalid field. It must be within the last 6 months.";
    let lists = [
        "/v2/metrics/meetings?type=past&",
        "/v2/metrics/quality?",
        "/v2/report/users?",
        "/v2/report/history_meetings?",
        "/v2/report/activities?",
    ];
    let (open, strict) =
        (World::new().await, World::with(Settings { zoom_report_limits: true, ..Settings::default() }).await);
    for list in lists {
        let target = |window: &str| format!("{list}{window}");
        let old = target("from=2026-03-20&to=2026-04-01");
        open.ok(&old).await;
        strict.ok(&target("from=2026-03-21&to=2026-04-01")).await;
        strict.invalid(&old, "from", TOO_OLD).await;
    }
    for (month, status) in [(2, 400), (3, 200)] {
        let target = format!("/v2/report/daily?year=2026&month={month}");
        assert_eq!(strict.get(&target).await.status, status, "{month}");
        open.ok(&target).await;
    }
    // What has not happened yet has no age.
    strict.ok("/v2/report/upcoming_events?from=2026-01-01&to=2026-01-31").await;
}

#[tokio::test]
async fn a_window_that_is_none_is_refused() {
    let world = World::new().await;
    const FORMS: &str = "Invalid field. Use yyyy-MM-dd or yyyy-MM-dd HH:mm:ss.";
    const MISSING: &str = "Missing field. Use yyyy-MM-dd or yyyy-MM-dd HH:mm:ss.";
    for (query, field, message) in [
        ("to=2026-09-30", "from", MISSING),
        ("from=2026-09-30", "to", MISSING),
        ("from=&to=2026-09-30", "from", MISSING),
        ("from=2026-09-02&to=2026-09-01", "to", "Invalid field. It must not be before `from`."),
        ("from=2026-09-01&to=2026-10-02", "to", "Invalid field. It must be at most one month after `from`."),
        ("from=2026-01-31&to=2026-03-01", "to", "Invalid field. It must be at most one month after `from`."),
        ("from=yesterday&to=2026-09-01", "from", FORMS),
        ("from=2026-09-01&to=2026-09-31", "to", FORMS),
        ("from=2026-02-29&to=2026-03-01", "from", FORMS),
        ("from=2026-09-01&to=2026-09-01T00:00", "to", FORMS),
        ("from=0000-01-01&to=2026-09-01", "from", FORMS),
        ("from=2026-09-01&to=9999-12-31", "to", FORMS),
        ("from=2026-09-01%0A&to=2026-09-01", "from", FORMS),
    ] {
        world.invalid(&format!("{MEETINGS}?{query}&type=past"), field, message).await;
    }
    let all = world.get(&format!("{WEBINARS}?type=other&page_size=0&query_date_type=x&group_id=,")).await;
    assert_eq!(
        column(&all.body, "errors", "field"),
        ["type", "from", "to", "page_size", "query_date_type", "group_id"]
    );
}

#[tokio::test]
async fn a_window_can_be_laid_against_the_end() {
    let world = World::new().await;
    let mut late =
        run(MeetingKind::Meeting, 94_000_000_005, "bGF0ZS1tZWV0aW5nLTAxMg==", "2026-09-14T23:50:00Z", Some(20));
    late.participants = vec![attendance("1", "2026-09-14T23:50:00Z", Some(20))];
    world.ingest(&Batch { instances: vec![late], ..Batch::default() }).await;
    let on = |day: u32, by: &str| format!("type=past&from=2026-09-{day}&to=2026-09-{day}{by}");
    let late = "2026-09-14T23:50:00Z".to_owned();
    assert!(starts(&world, &on(14, "")).await.contains(&late));
    assert!(starts(&world, &on(14, "&query_date_type=start_time")).await.contains(&late));
    assert!(!starts(&world, &on(14, "&query_date_type=end_time")).await.contains(&late));
    assert_eq!(starts(&world, &on(15, "&query_date_type=end_time")).await, [late]);
    let message = "Invalid field. Use one of: start_time, end_time.";
    world.invalid(&format!("{MEETINGS}?{}", on(14, "&query_date_type=day")), "query_date_type", message).await;
}

#[tokio::test]
async fn groups_keep_what_their_members_hosted_or_attended() {
    let world = World::new().await;
    let mut joint =
        run(MeetingKind::Meeting, 94_000_000_005, "am9pbnQtbWVldGluZy0wMQ==", "2026-09-12T10:00:00Z", Some(20));
    joint.participants = vec![attendance("1", "2026-09-12T10:00:00Z", Some(20))];
    joint.participants[0].participant.group_id = Some("operations".into());
    world.ingest(&Batch { instances: vec![joint], ..Batch::default() }).await;
    let of = async |groups: &str| starts(&world, &format!("type=past&{SEPTEMBER}&group_id={groups}")).await;
    let (joint, bens) = ("2026-09-12T10:00:00Z", "2026-09-10T08:00:00Z");
    assert_eq!(of("operations").await, [bens]);
    assert_eq!(of("operations&group_include_participant=true").await, [joint, bens]);
    assert_eq!(of("operations&group_include_participant=false").await, [bens]);
    assert_eq!(of("developers").await.len(), 3);
    assert_eq!(of("nobody").await.len(), 0);
    assert_eq!(of("a,b,c,d,e,f,operations").await, [bens], "seven are taken");

    let message = "Invalid field. Specify 1 to 7 groups, separated by commas.";
    for groups in ["a,b,c,d,e,f,g,operations", ",", "%20"] {
        world.invalid(&format!("{MEETINGS}?type=past&{SEPTEMBER}&group_id={groups}"), "group_id", message).await;
    }
    let message = "Invalid field. Use one of: false, true.";
    let target = format!("{MEETINGS}?type=past&{SEPTEMBER}&group_include_participant=yes");
    world.invalid(&target, "group_include_participant", message).await;
}

#[tokio::test]
async fn tracking_fields_come_when_asked_for() {
    let world = World::new().await;
    let body = world.ok(&format!("{MEETINGS}?type=past&{SEPTEMBER}&include_fields=tracking_fields")).await;
    assert_eq!(body["meetings"][0]["tracking_fields"], json!([{"field": "Region", "value": "EMEA"}]));
    let body = world.ok(&format!("{MEETINGS}?type=past&{SEPTEMBER}&include_fields=registrant_id")).await;
    assert!(body["meetings"][0].get("tracking_fields").is_none());
    let body = world.ok(&format!("{WEBINARS}?type=past&{SEPTEMBER}&include_fields=tracking_fields")).await;
    assert!(body["webinars"][0].get("tracking_fields").is_none(), "webinars have none there");
}

#[tokio::test]
async fn a_list_is_walked_page_by_page() {
    let world = World::new().await;
    // Two begin at the same time, so that the time alone does not define the end of a page.
    let twin = run(MeetingKind::Meeting, 94_000_000_005, "dHdpbi1tZWV0aW5nLTAxMg==", "2026-09-14T09:00:00Z", Some(20));
    world.ingest(&Batch { instances: vec![twin], ..Batch::default() }).await;
    let pages = world.walk(&format!("{MEETINGS}?type=past&{SEPTEMBER}&page_size=1")).await;
    let uuids: Vec<&str> = pages.iter().flat_map(|page| column(page, "meetings", "uuid")).collect();
    assert_eq!(uuids, [LATEST_RUN, "dHdpbi1tZWV0aW5nLTAxMg==", FIRST_RUN, "YWxvbmUtbWVldGluZy0wMQ=="]);
    assert!(pages.iter().all(|page| page["total_records"] == 4 && page["page_count"] == 4 && page["page_size"] == 1));
    let by_end = world.walk(&format!("{MEETINGS}?type=past&{SEPTEMBER}&page_size=3&query_date_type=end_time")).await;
    assert_eq!(by_end.len(), 2);
    assert_eq!(column(&by_end[0], "meetings", "uuid"), [LATEST_RUN, FIRST_RUN, "dHdpbi1tZWV0aW5nLTAxMg=="]);

    let token = by_end[0]["next_page_token"].as_str().unwrap();
    let elsewhere = format!("{MEETINGS}?type=past&{SEPTEMBER}&page_size=3&next_page_token={token}");
    world.refused(&elsewhere, 400, 300, "The next page token is either invalid or has expired.").await;
    let size = world.ok(&format!("{MEETINGS}?type=past&{SEPTEMBER}&page_size=1000")).await;
    assert_eq!(size["page_size"], 300);
}
