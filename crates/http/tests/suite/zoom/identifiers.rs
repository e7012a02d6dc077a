//! How a path identifies an instance, and the response if there is none.

use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::json;

use crate::zoom::{
    World,
    data::{FIRST_RUN, LATEST_RUN, LIVE, LIVE_RUN, LIVE_WEBINAR, MEETING, WEBINAR, WEBINAR_RUN},
};

/// The UUID raw, encoded once, and encoded twice.
fn spellings(uuid: &str) -> [String; 3] {
    let encoded = |text: &str| utf8_percent_encode(text, NON_ALPHANUMERIC).to_string();
    let once = encoded(uuid);
    let twice = encoded(&once);
    [uuid.to_owned(), once, twice]
}

#[tokio::test]
async fn a_number_means_the_latest_run() {
    let world = World::new().await;
    let latest = world.ok(&format!("/v2/metrics/meetings/{MEETING}?type=past")).await;
    assert_eq!((&latest["uuid"], &latest["id"]), (&json!(LATEST_RUN), &json!(MEETING)));
    assert_eq!((&latest["participants"], &latest["duration"]), (&json!(3), &json!("33:00")));
    let live = world.ok(&format!("/v2/metrics/meetings/{LIVE}")).await;
    assert_eq!((&live["uuid"], live.get("end_time")), (&json!(LIVE_RUN), None));
    let past = world.ok(&format!("/v2/past_meetings/{MEETING}")).await;
    assert_eq!(past["uuid"], LATEST_RUN);
}

#[tokio::test]
async fn a_uuid_means_that_run_however_it_is_encoded() {
    let world = World::new().await;
    for (family, uuid, tail) in [
        ("meetings", FIRST_RUN, ""),
        ("meetings", LATEST_RUN, ""),
        ("meetings", LATEST_RUN, "/participants"),
        ("meetings", LATEST_RUN, "/participants/qos"),
        ("meetings", LATEST_RUN, "/participants/16778240/qos"),
        ("webinars", WEBINAR_RUN, ""),
        ("webinars", WEBINAR_RUN, "/participants"),
        ("webinars", WEBINAR_RUN, "/participants/16778240/qos"),
    ] {
        let bodies = spellings(uuid).map(|spelt| format!("/v2/metrics/{family}/{spelt}{tail}?type=past"));
        let first = world.ok(&bodies[0]).await;
        for target in &bodies[1..] {
            // Tokens of the same list are equal, since they are bound to the instance and not to its spelling.
            assert_eq!(world.ok(target).await, first, "{target}");
        }
        if tail.is_empty() {
            assert_eq!(first["uuid"], uuid);
        }
    }
    for spelt in spellings(FIRST_RUN) {
        assert_eq!(world.ok(&format!("/v2/past_meetings/{spelt}")).await["uuid"], FIRST_RUN);
    }
}

#[tokio::test]
async fn a_wrong_type_is_told_with_the_right_one() {
    let world = World::new().await;
    let meeting = "Meeting ID is invalid or the meeting has not ended yet.";
    let webinar = "The webinar has not ended yet or the Webinar ID is not valid.";
    for (path, text) in [
        (format!("meetings/{MEETING}"), meeting),
        (format!("meetings/{MEETING}/participants"), "Meeting ID is invalid or has not ended."),
        (
            format!("meetings/{MEETING}/participants/qos"),
            "The meeting ID is not valid or the meeting has not ended yet.",
        ),
        (
            format!("meetings/{MEETING}/participants/16778240/qos"),
            "This meeting has not ended yet or the Meeting ID is invalid.",
        ),
        (format!("webinars/{WEBINAR}"), webinar),
        (
            format!("webinars/{WEBINAR}/participants"),
            "This webinar's detail information is not available or the ID is not valid.",
        ),
        (
            format!("webinars/{WEBINAR}/participants/qos"),
            "This webinar's detail is not available or the Webinar ID is not valid. This webinar has not ended yet.",
        ),
        (
            format!("webinars/{WEBINAR}/participants/16778240/qos"),
            "This webinar's detail info is not available or ID is not valid.",
        ),
    ] {
        let hint = format!("{text} It is not in progress: ask with type=past.");
        world.refused(&format!("/v2/metrics/{path}"), 404, 3001, &hint).await;
    }
    let hint = format!("{meeting} It has not ended yet: ask with type=live.");
    world.refused(&format!("/v2/metrics/meetings/{LIVE}?type=past"), 404, 3001, &hint).await;
    let hint = format!("{webinar} It has not ended yet: ask with type=live.");
    world.refused(&format!("/v2/metrics/webinars/{LIVE_WEBINAR}?type=past"), 404, 3001, &hint).await;
    let hint = format!("{meeting} It had more than one attendee: ask with type=past.");
    world.refused(&format!("/v2/metrics/meetings/{MEETING}?type=pastOne"), 404, 3001, &hint).await;
    let one = world.ok(&format!("/v2/metrics/meetings/{FIRST_RUN}?type=pastOne")).await;
    assert_eq!(one["participants"], 1);
    let hint = "Meeting does not exist, or it has not ended. It has not ended yet: ask with type=live.";
    world.refused(&format!("/v2/past_meetings/{LIVE}"), 404, 3001, hint).await;
}

#[tokio::test]
async fn what_is_not_there_is_not_found_and_what_is_no_id_is_invalid() {
    let world = World::new().await;
    let meeting = "Meeting ID is invalid or the meeting has not ended yet.";
    for id in ["99999999999", "AAAAAAAAAAAAAAAAAAAAAA==", &WEBINAR.to_string(), WEBINAR_RUN] {
        world.refused(&format!("/v2/metrics/meetings/{id}?type=past"), 404, 3001, meeting).await;
    }
    for id in ["%20", "a%20b", "%C3%A9", "meeting!", &"9".repeat(200), &"a".repeat(129)] {
        world.refused(&format!("/v2/metrics/meetings/{id}?type=past"), 400, 300, "Invalid meeting id.").await;
        world.refused(&format!("/v2/metrics/webinars/{id}"), 400, 300, "Invalid webinar ID.").await;
    }
    for path in ["metrics/meetings/%FF", "metrics/webinars/1/participants/%C3/qos", "webinars/1%FF", "users/%FF"] {
        world.refused(&format!("/v2/{path}"), 400, 300, "The id in the path is not valid UTF-8.").await;
    }
}
