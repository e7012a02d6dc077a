//! Rate limits: labels always, limits if a plan is set.

use rollcall_http::{Plan, Settings};
use rollcall_model::Timestamp;
use serde_json::json;

use crate::common::NOW;
use crate::zoom::{Answer, World, data};

const TOO_FAST: &str = "You have reached the maximum per-second rate limit for this API. Try again later.";
const USED_UP: &str = "You have reached the maximum daily rate limit for this API. Refer to the response header for details \
                       on when you can make another request.";
const MEETINGS: &str = "/v2/metrics/meetings?from=2026-09-01&to=2026-09-30";

async fn world(plan: Plan) -> World {
    World::with(Settings { zoom_rate_plan: Some(plan), ..Settings::default() }).await
}

fn heavy() -> String {
    format!("/v2/metrics/meetings/{}", data::LIVE)
}

fn light() -> String {
    format!("/v2/users/{}", data::ANA)
}

#[track_caller]
fn assert_limited(answer: &Answer, kind: &str, message: &str, retry_after: &str, remaining: Option<&str>) {
    assert_eq!((answer.status, &answer.body), (429, &json!({"code": 429, "message": message})));
    assert_eq!(answer.header("x-ratelimit-type"), Some(kind));
    assert_eq!(answer.header("retry-after"), Some(retry_after));
    assert_eq!(answer.header("x-ratelimit-remaining"), remaining);
}

#[tokio::test]
async fn every_answer_tells_its_label() {
    let world = World::new().await;
    let other_scope = world.token("chat:read", None).await;
    for (target, label) in [
        (MEETINGS.to_owned(), "Resource-intensive"),
        (heavy(), "Heavy"),
        ("/v2/users".to_owned(), "Medium"),
        (light(), "Light"),
        ("/v2/users?page_size=0".to_owned(), "Medium"),
        ("/v2/metrics/meetings/1/participants/2/qos".to_owned(), "Heavy"),
    ] {
        for token in [world.token.as_str(), "unknown", other_scope.as_str()] {
            let answer = world.get_as(token, &target).await;
            assert_eq!(answer.header("x-ratelimit-category"), Some(label), "{} {target}", answer.status);
            assert_eq!(answer.header("x-ratelimit-limit"), None, "no plan, no budget");
        }
    }
}

#[tokio::test]
async fn without_a_plan_nothing_is_limited() {
    let world = World::new().await;
    for _ in 0..200 {
        assert_eq!(world.get(&heavy()).await.status, 200);
    }
}

#[tokio::test]
async fn a_plan_lets_so_many_through_a_second_and_the_next_as_many_again() {
    for (plan, target, burst) in [
        (Plan::Free, light(), 4),
        (Plan::Free, heavy(), 1),
        (Plan::Pro, heavy(), 10),
        (Plan::Pro, "/v2/users".to_owned(), 20),
        (Plan::Business, heavy(), 40),
    ] {
        let world = world(plan).await;
        for _ in 0..2 {
            for _ in 0..burst {
                assert_eq!(world.get(&target).await.status, 200, "{plan:?} {target}");
            }
            let answer = world.get(&target).await;
            assert_eq!(answer.header("x-ratelimit-type"), Some("QPS"), "{plan:?} {target}");
            world.clock.advance_seconds(1);
        }
    }
}

#[tokio::test]
async fn too_fast_is_told_with_the_seconds_to_wait() {
    let world = world(Plan::Pro).await;
    for _ in 0..10 {
        world.ok(MEETINGS).await;
    }
    // The window is the minute that began at 14:13:00.
    assert_limited(&world.get(MEETINGS).await, "QPS", TOO_FAST, "40", Some("29990"));
    assert_eq!(world.get(&heavy()).await.status, 200, "another label has a window of its own");
    world.clock.advance_seconds(40);
    world.ok(MEETINGS).await;
}

#[tokio::test]
async fn a_day_used_up_is_told_with_the_instant_at_which_the_next_begins() {
    let world = world(Plan::Free).await;
    let midnight = Timestamp::from_seconds(NOW.div_euclid(86_400) * 86_400);
    for second in 0..1_000 {
        world.clock.set(midnight.plus_seconds(second));
        let answer = world.get(&heavy()).await;
        assert_eq!(answer.status, 200);
        assert_eq!(answer.header("x-ratelimit-limit"), Some("1000"));
        assert_eq!(answer.header("x-ratelimit-remaining"), Some((999 - second).to_string().as_str()));
    }
    world.clock.advance_seconds(1);
    assert_limited(&world.get(&heavy()).await, "Daily-limit", USED_UP, "2026-09-22T00:00:00Z", Some("0"));
    assert_eq!(world.get(&light()).await.status, 200);
    world.clock.set(midnight.plus_seconds(86_400));
    assert_eq!(world.get(&heavy()).await.status, 200);
}

#[tokio::test]
async fn who_is_turned_away_uses_up_nothing_and_accounts_are_apart() {
    let world = world(Plan::Free).await;
    for token in ["unknown", &world.token("chat:read", None).await] {
        assert!(world.get_as(token, &heavy()).await.status < 429);
    }
    world.ok(&heavy()).await;
    assert_eq!(world.get(&heavy()).await.status, 429);
    let other = World::of(world.server.in_another_account().await).await;
    assert_eq!(other.get(&heavy()).await.status, 404);
}
