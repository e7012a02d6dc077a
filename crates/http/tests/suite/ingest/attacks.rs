//! Callers without permission and hostile bodies: refused with a reason, and earlier lines are kept.

use std::{io, time::Duration};

use axum::{body::Body, http::StatusCode};
use bytes::Bytes;
use rollcall_http::Settings;

use crate::ingest::{PARTICIPANTS, QOS, UUID, World, gzip, qos_line};

fn message(answer: &crate::ingest::Answer) -> &str {
    answer.body["message"].as_str().unwrap()
}

#[tokio::test]
async fn without_a_token_for_it_nothing_is_taken() {
    let world = World::new().await;
    let reader = world.server.token("dashboard:read:admin", None).await;
    for path in [QOS, PARTICIPANTS] {
        for (token, status) in [
            (None, StatusCode::UNAUTHORIZED),
            (Some("nonsense"), StatusCode::UNAUTHORIZED),
            (Some(reader.as_str()), StatusCode::FORBIDDEN),
        ] {
            let answer = world.send(token, path, "", qos_line(1, 1, 1)).await;
            assert_eq!(answer.status, status);
            assert!(message(&answer).contains("token"), "{}", answer.body);
        }
    }
    let answer = world.send(Some(&reader), QOS, "", qos_line(1, 1, 1)).await;
    assert!(message(&answer).contains("ingest:write"), "{}", answer.body);
    assert_eq!(world.server.app.store.accounts().await.unwrap().len(), 1);
    assert!(
        world.server.app.store.instance_by_uuid(world.server.account, &UUID.parse().unwrap()).await.unwrap().is_none()
    );
}

#[tokio::test]
async fn another_accounts_token_writes_into_that_account() {
    let world = World::new().await;
    assert_eq!(world.post(QOS, qos_line(1, 1, 1000)).await.counts(), [1, 0, 0]);
    let mine = world.server.account;
    let World { server, .. } = world;
    let server = server.in_another_account().await;
    let token = server.token("ingest:write", None).await;
    let theirs = server.account;
    let world = World { server, token };
    // The same ids belong to a different run there: new, not merged.
    assert_eq!(world.post(QOS, qos_line(1, 1, 2000)).await.counts(), [1, 0, 0]);
    let uuid = UUID.parse().unwrap();
    let store = &world.server.app.store;
    let one = store.instance_by_uuid(mine, &uuid).await.unwrap().unwrap();
    let other = store.instance_by_uuid(theirs, &uuid).await.unwrap().unwrap();
    assert_ne!(one.id, other.id);
    assert_eq!((one.participants, other.participants), (1, 1));
}

#[tokio::test]
async fn a_bomb_is_put_out_and_what_came_before_stays() {
    let world = World::new().await;
    let mut body = (qos_line(1, 1, 1) + "\n").into_bytes();
    body.resize(20 * 1024 * 1024, b'\n');
    for (encoding, bomb) in [("gzip", gzip(&body)), ("zstd", zstd::encode_all(&*body, 1).unwrap())] {
        assert!(bomb.len() < 1024 * 1024);
        let answer = world.post_encoded(QOS, encoding, bomb).await;
        assert_eq!(answer.status, StatusCode::PAYLOAD_TOO_LARGE, "{}", answer.body);
        assert_eq!((answer.body["taken"].as_u64(), answer.body["complete"].as_bool()), (Some(1), Some(false)));
        assert!(message(&answer).contains("decompresses"), "{}", answer.body);
    }
    assert_eq!(world.minutes().await.len(), 1);
}

#[tokio::test]
async fn a_line_without_end_is_cut_off() {
    let world = World::new().await;
    let mut body = (qos_line(1, 1, 1) + "\n").into_bytes();
    body.resize(20 * 1024 * 1024, b'x');
    let answer = world.post(QOS, body).await;
    assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{}", answer.body);
    assert!(message(&answer).contains("line 2 is too long to find its end"), "{}", answer.body);
    assert_eq!(answer.counts(), [1, 0, 1]);
    assert_eq!(world.minutes().await.len(), 1);
}

/// A body of chunks, the last of which may be an error, or never arrive.
fn pieces(pieces: Vec<io::Result<Bytes>>, then_silence: bool) -> Body {
    use futures::StreamExt as _;
    let all = futures::stream::iter(pieces);
    if then_silence { Body::from_stream(all.chain(futures::stream::pending())) } else { Body::from_stream(all) }
}

#[tokio::test]
async fn of_a_body_that_breaks_off_the_whole_lines_are_taken() {
    let world = World::new().await;
    let line = qos_line(1, 2, 2);
    // The line that is cut off happens to be complete JSON, without its line end.
    let first = Bytes::from(format!("{}\n{line}", qos_line(1, 1, 1)));
    let answer = world.post(QOS, pieces(vec![Ok(first), Err(io::ErrorKind::ConnectionReset.into())], false)).await;
    assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{}", answer.body);
    assert_eq!((answer.counts(), answer.body["complete"].as_bool()), ([1, 0, 0], Some(false)));

    let mut cut = gzip(format!("{}\n", qos_line(1, 3, 3)).repeat(10_000).as_bytes());
    cut.truncate(cut.len() - 9);
    let answer = world.post_encoded(QOS, "gzip", cut).await;
    assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{}", answer.body);
    assert!(answer.counts()[0] > 9_000, "{}", answer.body);
    let answer = world.post_encoded(QOS, "gzip", "no gzip").await;
    assert_eq!((answer.status, answer.counts()), (StatusCode::BAD_REQUEST, [0, 0, 0]));
    let answer = world.post_encoded(QOS, "br", qos_line(1, 4, 4)).await;
    assert_eq!(answer.status, StatusCode::UNSUPPORTED_MEDIA_TYPE);
    let minutes: Vec<_> = world.minutes().await.into_iter().map(|(_, minute, _)| minute).collect();
    assert_eq!(minutes, ["2026-09-21T13:01:00Z", "2026-09-21T13:03:00Z"]);
}

#[tokio::test]
async fn who_sends_nothing_for_too_long_is_answered_and_makes_room() {
    let settings =
        Settings { ingest_idle_timeout: Duration::from_millis(200), max_ingest_bodies: 1, ..Settings::default() };
    let world = World::with(settings).await;
    for minute in [1, 2] {
        let first = Bytes::from(qos_line(1, minute, 1) + "\n");
        let answer = world.post(QOS, pieces(vec![Ok(first)], true)).await;
        assert_eq!(answer.status, StatusCode::REQUEST_TIMEOUT, "{}", answer.body);
        assert_eq!(answer.counts(), [1, 0, 0]);
    }
}

#[tokio::test]
async fn numbers_of_reasons_and_depth_of_nesting_are_bounded() {
    let world = World::new().await;
    let answer = world.post(QOS, "{}\n".repeat(10_000)).await;
    assert_eq!((answer.counts(), answer.body["reasons"].as_array().unwrap().len()), ([0, 0, 10_000], 100));
    for path in [QOS, PARTICIPANTS] {
        for deep in ["[".repeat(100_000), r#"{"a":"#.repeat(40_000)] {
            let answer = world.post(path, format!("{deep}\n")).await;
            assert_eq!((answer.status, answer.counts()), (StatusCode::OK, [0, 0, 1]), "{}", answer.body);
        }
    }
}
