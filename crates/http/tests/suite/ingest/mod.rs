//! Rollcall's own surface for sources, `/ingest/v1`, through HTTP: accepted data, and attacks.

#![expect(clippy::unwrap_used, reason = "a test fails where it panics")]

mod attacks;
mod lines;
mod webrtc;

use std::io::Write as _;

use axum::{
    body::Body,
    http::{Request, StatusCode},
};
use rollcall_http::Settings;
use serde_json::Value;

use crate::common::Server;

const QOS: &str = "/ingest/v1/qos";
const PARTICIPANTS: &str = "/ingest/v1/participants";
const UUID: &str = "gm8s9L+PTEC+FG3sFbd1Cw==";

/// A server with a token for ingest.
struct World {
    server: Server,
    token: String,
}

/// A response.
struct Answer {
    status: StatusCode,
    body: Value,
}

impl Answer {
    fn counts(&self) -> [u64; 3] {
        ["taken", "merged", "refused"].map(|key| self.body[key].as_u64().unwrap_or_else(|| panic!("{}", self.body)))
    }
}

impl World {
    async fn new() -> Self {
        Self::with(Settings::default()).await
    }

    async fn with(settings: Settings) -> Self {
        let server = Server::new(settings).await;
        let token = server.token("ingest:write", None).await;
        Self { server, token }
    }

    async fn post(&self, path: &str, body: impl Into<Body>) -> Answer {
        self.post_encoded(path, "", body).await
    }

    async fn post_encoded(&self, path: &str, encoding: &str, body: impl Into<Body>) -> Answer {
        self.send(Some(&self.token), path, encoding, body).await
    }

    async fn send(&self, token: Option<&str>, path: &str, encoding: &str, body: impl Into<Body>) -> Answer {
        let mut request = Request::post(path);
        if let Some(token) = token {
            request = request.header("authorization", format!("Bearer {token}"));
        }
        if !encoding.is_empty() {
            request = request.header("content-encoding", encoding);
        }
        let (parts, body) = self.server.exchange(request.body(body.into()).unwrap()).await;
        Answer { status: parts.status, body: serde_json::from_slice(&body).unwrap() }
    }

    /// The response of Zoom's surface.
    async fn get(&self, path: &str) -> Value {
        let token = self.server.token("", None).await;
        let request = Request::get(path).header("authorization", format!("Bearer {token}"));
        let (parts, body) = self.server.exchange(request.body(Body::empty()).unwrap()).await;
        assert_eq!(parts.status, StatusCode::OK, "{path}: {}", String::from_utf8_lossy(&body));
        serde_json::from_slice(&body).unwrap()
    }

    /// The minutes of the run [`UUID`]: participant, time, and the bitrate of the audio sent.
    async fn minutes(&self) -> Vec<(String, String, String)> {
        let path = format!("/v2/metrics/meetings/{UUID}/participants/qos?type=past&page_size=10");
        let page = self.get(&path).await;
        let participants = page["participants"].as_array().unwrap();
        let mut minutes = Vec::new();
        for participant in participants {
            for minute in participant["user_qos"].as_array().unwrap() {
                let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
                let rate = text(&minute["audio_input"]["bitrate"]);
                minutes.push((text(&participant["user_id"]), text(&minute["date_time"]), rate));
            }
        }
        minutes
    }
}

/// A line of `user`'s `minute`th minute of an hour, with an audio bitrate.
fn qos_line(user: u32, minute: u32, bitrate_bps: u32) -> String {
    format!(
        r#"{{"instance_uuid":"{UUID}","meeting_id":123456789,"user_id":"{user}","join_time":"2026-09-21T13:00:00Z","date_time":"2026-09-21T13:{minute:02}:30Z","audio_input":{{"bitrate_bps":{bitrate_bps}}}}}"#
    )
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}
