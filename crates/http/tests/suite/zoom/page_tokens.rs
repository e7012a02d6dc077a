//! Page tokens: when they are valid, and the error when they are not.

use rollcall_http::Settings;
use rollcall_model::Timestamp;

use crate::common::NOW;
use crate::zoom::{
    World,
    data::{self, CROWDED_RUN, FIRST_RUN, WEBINAR_RUN, crowd},
};

const INSTANCE: &str = "/v2/metrics/webinars/Y3Jvd2RlZC13ZWJpbmFyMQ==";

/// A list that has a second page: `…/participants`, by twos.
fn list(query: &str) -> String {
    format!("{INSTANCE}/participants?type=past&page_size=2{query}")
}

fn refusal(id: &str) -> String {
    format!("Can not access webinar info, {id}. The next page token is either invalid or has expired.")
}

/// An account with a crowd, and a token for the second page of its list.
async fn world() -> (World, String) {
    let world = World::new().await;
    world.ingest(&crowd(5, 1)).await;
    let token = world.ok(&list("")).await["next_page_token"].as_str().unwrap().to_owned();
    assert!(!token.is_empty());
    (world, token)
}

#[tokio::test]
async fn a_token_is_good_for_fifteen_minutes() {
    let (world, token) = world().await;
    let next = list(&format!("&next_page_token={token}"));
    world.clock.advance_seconds(15 * 60 - 1);
    let late = world.ok(&next).await["next_page_token"].as_str().unwrap().to_owned();
    world.clock.advance_seconds(1);
    world.refused(&next, 400, 300, &refusal(CROWDED_RUN)).await;
    world.ok(&list(&format!("&next_page_token={late}"))).await;
}

#[tokio::test]
async fn a_token_can_be_used_again_within_its_time() {
    let (world, token) = world().await;
    let next = list(&format!("&next_page_token={token}"));
    assert_eq!(world.ok(&next).await, world.ok(&next).await);
}

#[tokio::test]
async fn a_token_that_was_altered_is_refused() {
    let (world, token) = world().await;
    let mut altered = vec![
        token[1..].to_owned(),
        token[..token.len() - 1].to_owned(),
        format!("{token}A"),
        format!("{token}%20"),
        token.to_uppercase(),
        "x".to_owned(),
        "%00".to_owned(),
        "A".repeat(10_000),
    ];
    for index in (0..token.len()).step_by(7) {
        let other = if &token[index..=index] == "A" { "B" } else { "A" };
        altered.push(format!("{}{other}{}", &token[..index], &token[index + 1..]));
    }
    for token in altered {
        world.refused(&list(&format!("&next_page_token={token}")), 400, 300, &refusal(CROWDED_RUN)).await;
    }
}

#[tokio::test]
async fn a_token_holds_for_its_own_query_only() {
    let (world, token) = world().await;
    let with = |target: String| format!("{target}&next_page_token={token}");
    for (target, refusal) in [
        (format!("{INSTANCE}/participants?type=past&page_size=3"), refusal(CROWDED_RUN)),
        (format!("{INSTANCE}/participants?type=past"), refusal(CROWDED_RUN)),
        (format!("{INSTANCE}/participants?type=live&page_size=2"), refusal(CROWDED_RUN)),
        (list("&include_fields=registrant_id"), refusal(CROWDED_RUN)),
        (format!("{INSTANCE}/participants/qos?type=past&page_size=2"), refusal(CROWDED_RUN)),
        (format!("/v2/metrics/webinars/{}/participants?type=past&page_size=2", data::WEBINAR), refusal("95000000003")),
        (format!("/v2/metrics/webinars/{WEBINAR_RUN}/participants?type=past&page_size=2"), refusal(WEBINAR_RUN)),
        (
            format!("/v2/metrics/meetings/{FIRST_RUN}/participants?type=past&page_size=2"),
            format!("Can not access webinar info. {FIRST_RUN} or the next page token is either invalid or expired."),
        ),
    ] {
        world.refused(&with(target), 400, 300, &refusal).await;
    }
    let lists = "The next page token is either invalid or has expired.";
    for target in [
        "/v2/metrics/meetings?type=past&from=2026-09-01&to=2026-09-30&page_size=2".to_owned(),
        "/v2/metrics/webinars?type=past&from=2026-09-01&to=2026-09-30&page_size=2".to_owned(),
        "/v2/users?page_size=2".to_owned(),
        format!("/v2/users/{}/meetings?page_size=2", data::ANA),
        format!("/v2/users/{}/webinars?page_size=2", data::ANA),
    ] {
        world.refused(&with(target), 400, 300, lists).await;
    }
    world.ok(&with(format!("{INSTANCE}/participants?page_size=02&unheard=of&type=past"))).await;
}

#[tokio::test]
async fn a_token_holds_for_its_own_account_only() {
    let (world, token) = world().await;
    let other = World::of(world.server.in_another_account().await).await;
    other.ingest(&crowd(5, 1)).await;
    other.refused(&list(&format!("&next_page_token={token}")), 400, 300, &refusal(CROWDED_RUN)).await;
}

#[tokio::test]
async fn a_refusal_can_have_the_status_that_old_documents_print() {
    let world = World::with(Settings { zoom_status_300: true, ..Settings::default() }).await;
    world.ingest(&crowd(5, 1)).await;
    world.refused(&list("&next_page_token=x"), 300, 300, &refusal(CROWDED_RUN)).await;
    let qos = format!("{INSTANCE}/participants/qos?type=past&next_page_token=x");
    world.refused(&qos, 300, 300, &refusal(CROWDED_RUN)).await;
    let message = "Invalid field. Use a whole number from 1 to 300.";
    world.invalid(&format!("{INSTANCE}/participants?page_size=0"), "page_size", message).await;
}

#[tokio::test]
async fn how_long_a_token_is_good_can_be_set() {
    let world = World::with(Settings { page_token_seconds: 60, ..Settings::default() }).await;
    world.ingest(&crowd(5, 1)).await;
    let token = world.ok(&list("")).await["next_page_token"].as_str().unwrap().to_owned();
    world.clock.set(Timestamp::from_seconds(NOW + 60));
    world.refused(&list(&format!("&next_page_token={token}")), 400, 300, &refusal(CROWDED_RUN)).await;
}
