//! A clock that steps back, by a little or by a day: no caller is locked out, no data is lost, and everything is as before
//! once it is right again.

use rollcall_http::{Plan, Settings};
use rollcall_model::Timestamp;

use crate::common::NOW;
use crate::zoom::{
    World,
    hooks::{SECRET, joined, started},
};

const STEPS: [i64; 3] = [2, 3_600, 86_400];

#[tokio::test]
async fn tokens_pages_and_limits_outlive_it() {
    let settings = Settings { zoom_rate_plan: Some(Plan::Pro), ..Settings::default() };
    let world = World::with(settings).await;
    let first = world.ok("/v2/users?page_size=1").await;
    let next = format!("/v2/users?page_size=1&next_page_token={}", first["next_page_token"].as_str().unwrap());
    let expected = world.ok(&next).await["users"].clone();
    // Uses up the second.
    while world.get("/v2/users?page_size=1").await.status == 200 {}
    for step in STEPS {
        world.clock.set(Timestamp::from_seconds(NOW - step));
        assert_eq!(world.ok(&next).await["users"], expected, "{step}: the page goes on");
        for _ in 0..5 {
            assert_eq!(world.get("/v2/users?page_size=1").await.status, 200, "{step}: the limit is a second's");
        }
    }
    world.clock.set(Timestamp::from_seconds(NOW + 1));
    assert_eq!(world.ok(&next).await["users"], expected);
    assert_eq!(world.get("/v2/users?page_size=1").await.status, 200);
}

#[tokio::test]
async fn deliveries_come_again_and_are_taken_once_the_clock_is_right() {
    let world = World::with_hooks(Settings { hooks_max_per_second: 3, ..Settings::default() }).await;
    // Zoom's clock stays right.
    let deliver = async |body: serde_json::Value| {
        let (body, timestamp) = (body.to_string(), NOW.to_string());
        let signature = rollcall_zoom::hook::sign(SECRET, &timestamp, body.as_bytes());
        world.post("zoom", &body, &[("x-zm-request-timestamp", &timestamp), ("x-zm-signature", &signature)]).await
    };
    for _ in 0..3 {
        assert_eq!(deliver(started()).await.status, 204);
    }
    assert_eq!(deliver(started()).await.status, 503, "the second is full");
    world.clock.set(Timestamp::from_seconds(NOW - 200));
    assert_eq!(deliver(joined("1", "Ana", 10)).await.status, 204, "a little is allowed for, and the second is another");
    for step in [3_600, 86_400] {
        world.clock.set(Timestamp::from_seconds(NOW - step));
        let answer = deliver(joined("2", "Eva", 20)).await;
        assert_eq!((answer.status, answer.header("retry-after")), (503, Some("60")), "so that it is delivered again");
        assert!(answer.body["message"].as_str().unwrap().contains("Check this machine's clock"), "{}", answer.body);
    }
    assert_eq!(world.counted("early").await, 2);
    world.clock.set(Timestamp::from_seconds(NOW));
    assert_eq!(deliver(joined("2", "Eva", 20)).await.status, 204);
    let path = format!("/v2/metrics/meetings/{}/participants?type=live", crate::zoom::hooks::UUID);
    assert_eq!(world.ok(&path).await["total_records"], 2);
}
