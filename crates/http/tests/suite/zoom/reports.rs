//! Reports about usage, past and planned meetings.

use rollcall_model::{Meeting, MeetingKind, MeetingNumber};
use serde_json::{Value, json};

use crate::zoom::{World, data};

const WINDOW: &str = "from=2026-09-01&to=2026-09-30";

fn uuids(body: &Value, list: &str, key: &str) -> Vec<String> {
    body[list].as_array().unwrap().iter().map(|entry| entry[key].as_str().unwrap().to_owned()).collect()
}

#[tokio::test]
async fn one_report_says_how_long_a_meeting_was_attended() {
    let world = World::new().await;
    let report = world.ok(&format!("/v2/report/meetings/{}", data::MEETING)).await;
    assert_eq!(report["uuid"], data::LATEST_RUN);
    assert_eq!((&report["participants_count"], &report["duration"]), (&json!(3), &json!(33)));
    // Attendances of 10, 32 and 12 minutes, each begun minute counted.
    let past = world.ok(&format!("/v2/past_meetings/{}", data::MEETING)).await;
    assert_eq!(report["total_minutes"], past["total_minutes"]);
    assert_eq!(report["total_minutes"], json!(54));
    world.refused("/v2/report/meetings/1", 404, 3001, "Meeting not found or has expired.").await;
    let live = format!("/v2/report/meetings/{}", data::LIVE);
    let message = "Meeting not found or has expired. It has not ended yet: ask with type=live.";
    world.refused(&live, 404, 3001, message).await;
}

#[tokio::test]
async fn minutes_follow_what_changes() {
    let world = World::new().await;
    let target = format!("/v2/report/meetings/{}", data::MEETING);
    let before = world.ok(&target).await["total_minutes"].as_i64().unwrap();
    let mut more = data::run(MeetingKind::Meeting, data::MEETING, data::LATEST_RUN, "2026-09-21T09:00:00Z", Some(33));
    more.participants = vec![data::attendance("99", "2026-09-21T09:00:00Z", Some(7))];
    world.ingest(&rollcall_model::Batch { instances: vec![more], ..Default::default() }).await;
    assert_eq!(world.ok(&target).await["total_minutes"], json!(before + 7));
}

#[tokio::test]
async fn a_users_report_lists_what_they_hosted_or_joined() {
    let world = World::new().await;
    let list = |rest: &str| format!("/v2/report/users/{}/meetings?{WINDOW}{rest}", data::ANA);
    let hosted = world.ok(&list("")).await;
    assert_eq!(uuids(&hosted, "meetings", "uuid"), [data::LATEST_RUN], "only those with two or more attendances");
    assert_eq!((&hosted["total_records"], &hosted["page_number"]), (&json!(1), &json!(1)));
    let alone = world.ok(&list("&type=pastOne")).await;
    assert_eq!(uuids(&alone, "meetings", "uuid"), [data::WEBINAR_RUN, data::FIRST_RUN]);
    assert_eq!(alone["meetings"][0]["type"], json!(5), "a webinar");
    let pages = world.ok(&list("&type=pastOne&page_size=1")).await;
    let token = pages["next_page_token"].as_str().unwrap();
    let second = world.ok(&list(&format!("&type=pastOne&page_size=1&next_page_token={token}"))).await;
    assert_eq!(uuids(&second, "meetings", "uuid"), [data::FIRST_RUN]);
    assert_eq!(second["next_page_token"], "");
    world
        .refused(
            "/v2/report/users/nobody/meetings?from=2026-09-01&to=2026-09-30",
            404,
            1001,
            "User does not exist: nobody.",
        )
        .await;
}

#[tokio::test]
async fn the_history_lists_meetings_and_webinars_latest_first() {
    let world = World::new().await;
    let target = |rest: &str| format!("/v2/report/history_meetings?{WINDOW}{rest}");
    let all = world.ok(&target("")).await;
    let found = uuids(&all, "history_meetings", "meeting_uuid");
    assert_eq!(found, [data::LATEST_RUN, data::WEBINAR_RUN, data::FIRST_RUN, "YWxvbmUtbWVldGluZy0wMQ=="]);
    let mut walked = Vec::new();
    let mut token = String::new();
    loop {
        let page = world.ok(&target(&format!("&page_size=1&next_page_token={token}"))).await;
        walked.extend(uuids(&page, "history_meetings", "meeting_uuid"));
        token = page["next_page_token"].as_str().unwrap().to_owned();
        if token.is_empty() {
            break;
        }
    }
    assert_eq!(walked, found);
    let webinars = world.ok(&target("&meeting_type=webinar")).await;
    assert_eq!(uuids(&webinars, "history_meetings", "meeting_uuid"), [data::WEBINAR_RUN]);
    let one = world.ok(&target(&format!("&search_key={}&page_size=1", data::ALONE))).await;
    assert_eq!(uuids(&one, "history_meetings", "meeting_uuid"), ["YWxvbmUtbWVldGluZy0wMQ=="]);
    assert_eq!(uuids(&world.ok(&target("&search_key=nothing")).await, "history_meetings", "meeting_uuid"), [""; 0]);
    let wide = "/v2/report/history_meetings?from=2026-07-01&to=2026-09-30";
    assert_eq!(world.get(wide).await.status, 400);
}

#[tokio::test]
async fn hosts_are_reported_with_the_sums_of_what_they_hosted() {
    let world = World::new().await;
    let target = |rest: &str| format!("/v2/report/users?{WINDOW}{rest}");
    let active = world.ok(&target("&type=active")).await;
    let users: Vec<(&str, i64)> = active["users"]
        .as_array()
        .unwrap()
        .iter()
        .map(|user| (user["id"].as_str().unwrap(), user["meetings"].as_i64().unwrap()))
        .collect();
    assert!(users.contains(&(data::ANA, 3)) && users.contains(&(data::BEN, 1)), "{users:?}");
    assert_eq!(active["total_meetings"], json!(4));
    let minutes: i64 =
        active["users"].as_array().unwrap().iter().map(|user| user["meeting_minutes"].as_i64().unwrap()).sum();
    assert_eq!(active["total_meeting_minutes"], json!(minutes));
    let inactive = world.ok(&target("&type=inactive")).await;
    assert!(inactive["users"].as_array().unwrap().iter().all(|user| user["meetings"] == 0));
    let all = world.ok(&target("")).await;
    let count = |body: &Value| body["total_records"].as_i64().unwrap();
    assert_eq!(count(&all), count(&active) + count(&inactive));
    let second = world.ok(&target("&page_size=1&page_number=2")).await;
    assert_eq!(second["users"][0]["id"], all["users"][1]["id"]);
    world.refused_fields(&target("&type=none"), &["type"]).await;
}

#[tokio::test]
async fn days_add_up_to_the_month() {
    let world = World::new().await;
    let report = world.ok("/v2/report/daily?year=2026&month=9").await;
    let days = report["dates"].as_array().unwrap();
    assert_eq!(days.len(), 21, "days that have not come yet are left out");
    let sum = |key: &str| days.iter().map(|day| day[key].as_i64().unwrap()).sum::<i64>();
    let hosts = world.ok(&format!("/v2/report/users?{WINDOW}")).await;
    assert_eq!(json!(sum("meetings")), hosts["total_meetings"]);
    assert_eq!(json!(sum("participants")), hosts["total_participants"]);
    assert_eq!(json!(sum("meeting_minutes")), hosts["total_meeting_minutes"]);
    assert_eq!(days[20]["date"], "2026-09-21");
    world.refused_fields("/v2/report/daily?month=13", &["month"]).await;
    assert_eq!(world.ok("/v2/report/daily").await["month"], json!(9));
}

#[tokio::test]
async fn what_is_planned_is_listed_earliest_first() {
    let world = World::new().await;
    let unscheduled = Meeting::new(MeetingKind::Meeting, MeetingNumber(1));
    world.ingest(&rollcall_model::Batch { meetings: vec![unscheduled], ..Default::default() }).await;
    let target = |rest: &str| format!("/v2/report/upcoming_events?{WINDOW}{rest}");
    let starts = |body: &Value| uuids(body, "upcoming_events", "start_time");
    let all = starts(&world.ok(&target("")).await);
    assert_eq!(all.len(), 4);
    assert!(all.is_sorted());
    let first = world.ok(&target("&page_size=3")).await;
    let token = first["next_page_token"].as_str().unwrap();
    let rest = world.ok(&target(&format!("&page_size=3&next_page_token={token}"))).await;
    assert_eq!([starts(&first), starts(&rest)].concat(), all);
    assert_eq!(starts(&world.ok(&target("&type=webinar")).await).len(), 2);
}

#[tokio::test]
async fn bodies_of_reports_are_imported() {
    let world = World::new().await;
    let told = json!({
        "from": "2026-08-01", "to": "2026-08-31", "page_size": 30, "next_page_token": "",
        "meetings": [{
            "uuid": "bmV3LXJ1bi1vZi1yZXBvcnRz", "id": 777, "type": 2, "topic": "Imported", "user_name": "Ana",
            "user_email": "ana@example.com", "start_time": "2026-08-03T09:00:00Z", "end_time": "2026-08-03T09:30:00Z",
            "duration": 30, "total_minutes": 55, "participants_count": 2, "has_chat": true
        }]
    });
    let request = format!("GET /v2/report/users/{}/meetings", data::ANA);
    let request = rollcall_zoom::read::Request::parse(&request).unwrap();
    let reading = rollcall_zoom::read::read(&request, told.to_string().as_bytes()).unwrap();
    assert!(reading.defects.is_empty(), "{:?}", reading.defects);
    world.ingest(&reading.batch).await;
    let target = format!("/v2/report/users/{}/meetings?from=2026-08-01&to=2026-08-31&type=past", data::ANA);
    let listed = world.ok(&target).await;
    assert_eq!((&listed["total_records"], &listed["meetings"][0]["has_chat"]), (&json!(1), &json!(true)));
    let report = world.ok("/v2/report/meetings/777").await;
    assert_eq!((&report["topic"], &report["participants_count"]), (&json!("Imported"), &json!(2)));
}
