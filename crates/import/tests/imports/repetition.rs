//! The same recording again changes nothing.

use serde_json::{Value, json};

use crate::world::{World, entry, har, line, participants, users};

/// A response to most of the operations that can be imported.
fn exchanges() -> Vec<(&'static str, Value)> {
    let stream =
        json!({"bitrate": "27.15 kbps", "latency": "3 ms", "jitter": "1 ms", "avg_loss": "0.1%", "max_loss": "2%"});
    let minute = |minute: u32| {
        json!({
            "date_time": format!("2026-03-02T09:{minute:02}:00Z"), "audio_input": stream, "audio_output": stream,
            "cpu_usage": {"zoom_min_cpu_usage": "1%", "zoom_avg_cpu_usage": "2%", "zoom_max_cpu_usage": "3%", "system_max_cpu_usage": "40%"}
        })
    };
    let quality = json!({
        "page_size": 1,
        "participants": [{
            "user_id": "1", "user_name": "User 1", "join_time": "2026-03-02T09:00:00Z",
            "leave_time": "2026-03-02T10:00:00Z", "user_qos": (0..5).map(minute).collect::<Vec<_>>()
        }]
    });
    let webinar = json!({
        "uuid": "gm8s9L+PTEC+FG3sFbd1Cw==", "id": 123_456_789, "topic": "Launch", "host": "Ann",
        "email": "ann@example.com", "user_type": "Licensed", "start_time": "2026-03-02T09:00:00Z",
        "end_time": "2026-03-02T10:00:00Z", "duration": "01:00:00", "participants": 2
    });
    let code = json!({
        "id": "1", "name": "Department", "siteUrl": "example.webex.com", "inputMode": "text",
        "hostProfileCode": "optional", "scheduleStartCodes": [{"service": "All", "type": "optional"}]
    });
    vec![
        ("GET /v2/users", users(&["ann", "bob"])),
        ("GET /v2/users/ann", json!({"id": "ann", "email": "ann@example.com", "dept": "Sales", "status": "active"})),
        (
            "GET /v2/webinars/123456789",
            json!({"id": 123_456_789, "uuid": "gm8s9L+PTEC+FG3sFbd1Cw==", "topic": "Launch"}),
        ),
        ("GET /v2/users/ann/meetings", json!({"meetings": [{"id": 987_654_321, "topic": "Weekly", "type": 8}]})),
        ("GET /v2/metrics/webinars?type=past", json!({"webinars": [webinar]})),
        ("GET /v2/metrics/webinars/123456789/participants?type=past", participants(&["1", "2"])),
        ("GET /v2/metrics/webinars/123456789/participants/qos?type=past", quality),
        ("GET /v2/metrics/meetings/987654321/participants?type=past", participants(&["1"])),
        ("GET /v2/metrics/meetings/68423085/participants", participants(&["1"])),
        (
            "GET /v2/past_webinars/123456789/instances",
            json!({"webinars": [{"uuid": "Hm8s9L+PTEC+FG3sFbd1Cw==", "start_time": "2026-02-02T09:00:00Z"}]}),
        ),
        (
            "GET /v2/webinars/123456789/tracking_sources",
            json!({"total_records": 1, "tracking_sources": [
                {"id": "1", "source_name": "news", "tracking_url": "", "visitor_count": 2, "registrationr_count": 1}
            ]}),
        ),
        ("GET /v1/meetingPreferences/sites", json!({"sites": [{"siteUrl": "example.webex.com", "default": true}]})),
        ("GET /v1/admin/meeting/config/trackingCodes?siteUrl=example.webex.com", json!({"items": [code]})),
        (
            "GET /v1/admin/meeting/userconfig/trackingCodes?personId=p1",
            json!({"siteUrl": "example.webex.com", "personId": "p1", "email": "ann@example.com",
                   "trackingCodes": [{"name": "Department", "value": "Sales"}]}),
        ),
    ]
}

#[tokio::test]
async fn lines_and_entries_come_to_the_same_however_often_they_come() {
    let exchanges = exchanges();
    let lines: Vec<String> = exchanges.iter().map(|(request, response)| line(request, response)).collect();
    let entries: Vec<Value> = exchanges
        .iter()
        .map(|(request, response)| {
            let path = request.strip_prefix("GET ").unwrap();
            entry("GET", &format!("https://api.example.com{path}"), 200, &json!({"text": response.to_string()}))
        })
        .collect();
    let world = World::new().await;
    let first = world.import(lines.join("\n")).await.whole();
    assert_eq!(first.exchanges, exchanges.len() as u64);
    assert_eq!((first.written.minutes, first.written.tracking_codes, first.written.user_tracking_codes), (5, 1, 1));
    let dump = world.dump().await;
    assert!(dump.len() > 20);

    assert_eq!(world.import(lines.join("\n")).await.whole(), first);
    assert_eq!(world.dump().await, dump);
    assert_eq!(world.import(har(&entries)).await.whole(), first);
    assert_eq!(world.dump().await, dump);

    for (request, response) in &exchanges {
        world.import_body(request, response.to_string()).await.whole();
        assert_eq!(world.dump().await, dump, "{request}");
    }
}
