//! `GET /metrics/{meetings|webinars}/{id}/participants`.

use std::collections::BTreeSet;

use rollcall_http::{Blanking, Settings};
use rollcall_model::Batch;
use serde_json::{Value, json};

use crate::zoom::{
    World, column,
    data::{self, CROWDED_RUN, LIVE, MEETING, WEBINAR, attendance, crowd},
};

fn meeting(query: &str) -> String {
    format!("/v2/metrics/meetings/{MEETING}/participants?type=past{query}")
}

fn live(query: &str) -> String {
    format!("/v2/metrics/meetings/{LIVE}/participants?type=live{query}")
}

fn crowded(query: &str) -> String {
    format!("/v2/metrics/webinars/{CROWDED_RUN}/participants?type=past{query}")
}

fn user_ids(pages: &[Value]) -> Vec<&str> {
    pages.iter().flat_map(|page| column(page, "participants", "user_id")).collect()
}

/// More attendances in the live meeting.
fn joined(user_ids: &[&str]) -> Batch {
    let mut facts = data::run(rollcall_model::MeetingKind::Meeting, LIVE, data::LIVE_RUN, "2026-09-21T14:00:00Z", None);
    facts.participants = user_ids.iter().map(|id| attendance(id, "2026-09-21T14:05:00Z", None)).collect();
    Batch { instances: vec![facts], ..Batch::default() }
}

#[tokio::test]
async fn who_comes_back_is_a_second_row() {
    let world = World::new().await;
    let body = world.ok(&meeting("")).await;
    assert_eq!(column(&body, "participants", "user_id"), ["16778240", "33554432", "16778240"]);
    assert_eq!(
        column(&body, "participants", "join_time"),
        ["2026-09-21T09:00:05Z", "2026-09-21T09:01:00Z", "2026-09-21T09:20:30Z"]
    );
    assert_eq!((&body["meeting_number"], body.get("webinar_number")), (&json!("93201235621"), None));
    assert_eq!((&body["total_records"], &body["page_count"], &body["page_size"]), (&json!(3), &json!(1), &json!(30)));
    assert_eq!(body["next_page_token"], "", "the key is there on the last page too");
    let webinar = world.ok(&format!("/v2/metrics/webinars/{WEBINAR}/participants?type=past")).await;
    assert_eq!((&webinar["webinar_number"], webinar.get("meeting_number")), (&json!("95000000003"), None));
}

#[tokio::test]
async fn a_walk_gives_each_of_a_thousand_once() {
    let world = World::new().await;
    world.ingest(&crowd(1_000, 0)).await;
    let expected: BTreeSet<String> = (0..1_000).map(|index| (16_778_240 + index).to_string()).collect();
    for (query, size, pages) in [("&page_size=300", 300, 4), ("", 30, 34)] {
        let walked = world.walk(&crowded(query)).await;
        let ids = user_ids(&walked);
        assert_eq!((walked.len(), ids.len()), (pages, 1_000));
        assert_eq!(ids.iter().copied().collect::<BTreeSet<_>>(), expected.iter().map(String::as_str).collect());
        for page in &walked {
            assert_eq!((&page["page_size"], &page["page_count"]), (&json!(size), &json!(pages)));
            assert_eq!(page["total_records"], 1_000);
        }
    }
}

#[tokio::test]
async fn a_page_is_as_large_as_asked_for_within_limits() {
    let world = World::new().await;
    for (given, effective) in
        [("1", 1), ("007", 7), ("300", 300), ("301", 300), ("1000000000", 300), ("2147483647", 300), ("", 30)]
    {
        let body = world.ok(&meeting(&format!("&page_size={given}"))).await;
        assert_eq!(body["page_size"], effective, "{given}");
    }
    for given in ["0", "-1", "abc", "000", "1.5", "1e3", "%2B5", "5%20", "%D9%A3", "2147483648"] {
        let message = "Invalid field. Use a whole number from 1 to 300.";
        world.invalid(&meeting(&format!("&page_size={given}")), "page_size", message).await;
    }
}

#[tokio::test]
async fn who_joins_during_a_walk_comes_at_its_end_and_nobody_twice() {
    let world = World::new().await;
    world.ingest(&joined(&["3", "4"])).await;
    let first = world.ok(&live("&page_size=2")).await;
    assert_eq!(first["total_records"], 4);
    // One participant joins and another leaves while the caller reads the first page.
    world.ingest(&joined(&["5"])).await;
    let mut left = joined(&[]);
    left.instances[0].participants = vec![attendance("16778240", "2026-09-21T14:00:00Z", Some(12))];
    world.ingest(&left).await;

    let mut pages = vec![first];
    loop {
        let token = pages[pages.len() - 1]["next_page_token"].as_str().unwrap();
        if token.is_empty() {
            break;
        }
        let next = world.ok(&live(&format!("&page_size=2&next_page_token={token}"))).await;
        pages.push(next);
    }
    assert_eq!(user_ids(&pages), ["16778240", "33554432", "3", "4", "5"]);
}

#[tokio::test]
async fn who_is_still_there_has_not_left() {
    let world = World::new().await;
    let body = world.ok(&live("")).await;
    let keys = |index: usize| ["leave_time", "leave_reason"].map(|key| body["participants"][index].get(key).is_some());
    assert_eq!((keys(0), keys(1)), ([false, false], [true, true]));
}

#[tokio::test]
async fn registrant_ids_come_when_asked_for_and_the_run_has_ended() {
    let world = World::new().await;
    let registrant = async |target: String| world.ok(&target).await["participants"][0].get("registrant_id").cloned();
    assert_eq!(registrant(meeting("&include_fields=registrant_id")).await, Some(json!("r16778240")));
    assert_eq!(registrant(meeting("&include_fields=device,registrant_id")).await, Some(json!("r16778240")));
    assert_eq!(registrant(meeting("")).await, None);
    assert_eq!(registrant(meeting("&include_fields=registrant")).await, None);
    assert_eq!(registrant(live("&include_fields=registrant_id")).await, None);
}

#[tokio::test]
async fn agreements_on_health_data_hide_what_they_name() {
    let shown = ["Person 16778240", "16778240@example.com", "192.0.2.7", "Oslo (NO)"];
    for (zoom_blanking, expected, internal) in [
        (Blanking::None, shown, true),
        (Blanking::LegacyBaa, ["", "", "", ""], false),
        (Blanking::BaaWithAddendum, [shown[0], shown[1], "", ""], true),
    ] {
        let world = World::with(Settings { zoom_blanking, ..Settings::default() }).await;
        for target in [meeting(""), format!("/v2/metrics/meetings/{MEETING}/participants/qos?type=past")] {
            let body = world.ok(&target).await;
            let participant = &body["participants"][0];
            let told = ["user_name", "email", "ip_address", "location"].map(|key| participant[key].as_str().unwrap());
            assert_eq!(told, expected, "{zoom_blanking:?} {target}");
            assert_eq!(participant.get("internal_ip_addresses").is_some(), internal, "{zoom_blanking:?} {target}");
        }
    }
}

#[tokio::test]
async fn unknown_parameters_and_bodies_are_ignored() {
    let world = World::new().await;
    let plain = world.ok(&meeting("")).await;
    let target = meeting("&meeting_id=1&unheard=of&&=&%FF=%FF&type=live");
    assert_eq!(world.ok(&target).await, plain, "of a repeated one the first counts");
    let mut request = crate::zoom::with_token(&world.token, &meeting(""));
    *request.body_mut() = axum::body::Body::from("{not json");
    assert_eq!(world.send(request).await.body, plain);
}
