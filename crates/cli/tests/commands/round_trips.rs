//! Imported responses are returned unchanged: each value, or the import names its key.

use rollcall_model::{Clock as _, SystemClock};
use serde_json::{Value, json};

use crate::folder::Folder;

/// Imports a response, and requests it.
#[track_caller]
fn round_trip(request: &str, response: &Value) -> Value {
    let folder = Folder::begun();
    let pair = json!({"request": request, "response": response});
    let printed = folder.run_with_input(&["import", "-"], &pair.to_string()).good();
    assert!(!printed.contains("not kept"), "{printed}");
    let token = folder.run(&["token", "create"]).good();
    let server = folder.serve();
    let target = request.strip_prefix("GET ").unwrap();
    let (status, body) = server.client.get(target, token.trim());
    server.stop();
    assert_eq!(status, 200, "{body}");
    let mut lost = Vec::new();
    compare(response, &body, "", &mut lost);
    assert!(lost.is_empty(), "{lost:#?}\n{body:#}");
    body
}

fn compare(expected: &Value, found: &Value, place: &str, lost: &mut Vec<String>) {
    match (expected, found) {
        (Value::Object(expected), Value::Object(found)) => {
            for (key, value) in expected {
                compare(value, found.get(key).unwrap_or(&Value::Null), &format!("{place}.{key}"), lost);
            }
        }
        (Value::Array(expected), Value::Array(found)) if expected.len() == found.len() => {
            for (index, (expected, found)) in expected.iter().zip(found).enumerate() {
                compare(expected, found, &format!("{place}[{index}]"), lost);
            }
        }
        (Value::Number(one), Value::Number(other)) if one.as_f64() == other.as_f64() => {}
        (expected, found) if expected == found => {}
        (expected, found) => lost.push(format!("{place}: {expected} came back as {found}")),
    }
}

/// A time yesterday, so that lists of recent days contain it.
fn yesterday(clock: &str) -> String {
    // Yesterday, so that it is certainly past.
    let day = SystemClock.now().minus_seconds(86_400).to_string();
    format!("{}T{clock}", &day[..10])
}

#[test]
fn a_past_meeting() {
    let response = json!({
        "uuid": "pastMeetingAAAAAAAAAAA==", "id": 86_000_000_007_i64, "host_id": "host-1", "type": 8, "topic": "Weekly",
        "user_name": "Ada North", "user_email": "ada@example.com", "start_time": yesterday("10:00:00Z"),
        "end_time": yesterday("10:50:00Z"), "duration": 50, "total_minutes": 95, "participants_count": 2, "dept": "Design",
        "source": "Zoom", "has_meeting_summary": true
    });
    round_trip("GET /v2/past_meetings/pastMeetingAAAAAAAAAAA==", &response);
}

#[test]
fn a_scheduled_meeting_with_its_recurrence() {
    let response = json!({
        "uuid": "recurringMeetingAAAAAA==", "id": 86_000_000_010_i64, "host_id": "host-1", "host_email": "ada@example.com",
        "assistant_id": "assist-1", "topic": "Weekly", "type": 8, "status": "waiting", "start_time": yesterday("10:00:00Z"),
        "duration": 30, "timezone": "UTC", "agenda": "Plan", "created_at": yesterday("09:00:00Z"),
        "join_url": "https://example.zoom.us/j/86000000010", "pmi": "5550001111", "pre_schedule": false,
        "creation_source": "open_api", "tracking_fields": [{"field": "Team", "value": "Design", "visible": true}],
        "recurrence": {"type": 2, "repeat_interval": 1, "weekly_days": "3", "end_times": 10}
    });
    round_trip("GET /v2/meetings/86000000010", &response);
}

#[test]
fn meetings_of_a_host_whose_login_is_not_known() {
    let response = json!({"page_count": 1, "page_size": 30, "total_records": 1, "next_page_token": "", "meetings": [{
        "uuid": "userMeetingAAAAAAAAAAA==", "id": 86_000_000_008_i64, "host_id": "u8AAAAAAAAAAAAAAAAAAAA",
        "topic": "Budget", "type": 2, "start_time": yesterday("10:00:00Z"), "duration": 45, "timezone": "Europe/Paris",
        "created_at": yesterday("09:00:00Z"), "join_url": "https://example.zoom.us/j/86000000008"
    }]});
    round_trip("GET /v2/users/u8AAAAAAAAAAAAAAAAAAAA/meetings", &response);
}

#[test]
fn participants_of_reports_and_past_meetings() {
    let response = json!({"page_count": 1, "page_size": 30, "total_records": 2, "next_page_token": "", "participants": [
        {"id": "", "user_id": "16778240", "name": "Ada", "user_email": "ada@example.com",
         "join_time": yesterday("10:00:00Z"), "leave_time": yesterday("10:30:00Z"), "duration": 1800, "registrant_id": "reg-1",
         "failover": false, "status": "in_meeting", "bo_mtg_id": ""},
        {"id": "", "user_id": "16779264", "name": "Ben", "user_email": "", "join_time": yesterday("10:01:00Z"),
         "leave_time": yesterday("10:02:00Z"), "duration": 60, "registrant_id": "", "failover": false,
         "status": "in_waiting_room", "bo_mtg_id": ""}]});
    for path in ["report/meetings", "report/webinars", "past_meetings", "past_webinars"] {
        let target = format!("GET /v2/{path}/reportRunAAAAAAAAAAAAA==/participants?include_fields=registrant_id");
        round_trip(&target, &response);
    }
}

#[test]
fn a_webex_participant_with_two_devices() {
    let response = json!({"items": [{
        "id": "aaaabbbbccccddddeeeeffff00001111_I_100000000000000099_p1", "host": false, "coHost": true,
        "spaceModerator": false, "email": "jo@example.com", "displayName": "Jo", "invitee": true, "muted": true,
        "video": "off", "state": "end", "joinedTime": yesterday("10:00:00Z"), "leftTime": yesterday("10:30:00Z"),
        "siteUrl": "example.webex.com", "meetingId": "aaaabbbbccccddddeeeeffff00001111_I_100000000000000099",
        "hostEmail": "ada@example.com", "meetingStartTime": yesterday("09:59:00Z"), "sourceId": "newsletter", "devices": [
            {"correlationId": "c9d98e5f-0000-4000-8000-000000000001", "deviceType": "other", "audioType": "pstn",
             "joinedTime": yesterday("10:00:00.000Z"), "leftTime": yesterday("10:30:00.000Z"), "durationSecond": 1800,
             "callType": "callBack"},
            {"correlationId": "c9d98e5f-0000-4000-8000-000000000002", "deviceType": "iphone", "audioType": "inactive",
             "joinedTime": yesterday("10:05:00.000Z"), "leftTime": yesterday("10:30:00.000Z"), "durationSecond": 1500}]}]});
    let request = "GET /v1/meetingParticipants?meetingId=aaaabbbbccccddddeeeeffff00001111_I_100000000000000099";
    round_trip(request, &response);
}

#[test]
fn a_webex_participant_is_found_by_an_id_of_another_series() {
    let response = json!({
        "id": "dddd0000dddd0000dddd0000dddd0004_7d1f0000-0000-4000-8000-000000000001", "displayName": "Ada",
        "state": "end", "joinedTime": yesterday("10:00:00Z"),
        "meetingId": "cccc0000cccc0000cccc0000cccc0003_I_100000000000000003"
    });
    let request = "GET /v1/meetingParticipants/dddd0000dddd0000dddd0000dddd0004_7d1f0000-0000-4000-8000-000000000001";
    round_trip(request, &response);
}

#[test]
fn a_webex_media_session() {
    let response = json!({"items": [{
        "meetingInstanceId": "eeee0000eeee0000eeee0000eeee0005_I_100000000000000005", "webexUserName": "Ada North",
        "webexUserEmail": "ada@example.com", "joinTime": yesterday("10:00:00.000Z"), "leaveTime": yesterday("10:03:00.000Z"),
        "joinMeetingTime": "3.204", "clientType": "Desktop_Client (Linux)", "clientVersion": "44.1.0.17",
        "osType": "mac", "osVersion": "14.6", "hardwareType": "laptop", "networkType": "wifi", "localIP": "192.0.2.10",
        "publicIP": "198.51.100.10", "maskedLocalIP": "192.0.2.0", "maskedPublicIP": "198.51.100.0",
        "serverRegion": "Frankfurt, Germany", "videoMeshCluster": "Cluster One", "videoMeshServer": "node-1.example.com",
        "participantId": "eeee0000eeee0000eeee0000eeee0005_I_100000000000000005_7",
        "participantSessionId": "1A2B3C4D-0000-4000-8000-00000000ABCD", "audioOut": [{
            "samplingInterval": 60, "startTime": yesterday("10:00:00.000Z"), "endTime": yesterday("10:03:00.000Z"),
            "packetLoss": [0.02, 0.4, 0.15], "latency": [64, 71, 58], "jitter": [12, 9, 6],
            "mediaBitRate": [48_000, 64_000, 52_000], "codec": "Opus", "transportType": "TCP"}]}]});
    let request = "GET /v1/meeting/qualities?meetingId=eeee0000eeee0000eeee0000eeee0005_I_100000000000000005";
    round_trip(request, &response);
}

#[test]
fn a_webex_run() {
    let response = json!({"items": [{
        "id": "ffff0000ffff0000ffff0000ffff0006_I_100000000000000006",
        "meetingSeriesId": "ffff0000ffff0000ffff0000ffff0006",
        "scheduledMeetingId": "ffff0000ffff0000ffff0000ffff0006_20261120T100000Z", "title": "Planning",
        "meetingType": "meeting", "state": "ended", "timezone": "UTC", "start": yesterday("10:00:00Z"),
        "end": yesterday("10:30:00Z"), "hostUserId": "Y2lzY29zcGFyazovL3VzL1BFT1BMRS8x", "hostDisplayName": "Ada North",
        "hostEmail": "ada@example.com", "siteUrl": "example.webex.com",
        "webLink": "https://example.webex.com/example/j.php?MTID=m6", "scheduledType": "meeting", "sessionTypeId": 3,
        "hasChat": true, "hasRecording": true, "hasTranscription": false, "hasSummary": true, "hasClosedCaption": false,
        "hasPolls": false, "hasQA": false, "hasSlido": false}]});
    round_trip("GET /v1/meetings?meetingType=meeting", &response);
    round_trip("GET /v1/meetings?meetingType=meeting&hasChat=true&siteUrl=example.webex.com", &response);
}

#[test]
fn a_webex_series() {
    let response = json!({
        "id": "aaaa0000aaaa0000aaaa0000aaaa0009", "meetingNumber": "999999999", "title": "All hands",
        "meetingType": "meetingSeries", "state": "active", "timezone": "UTC", "start": yesterday("10:00:00Z"),
        "end": yesterday("11:00:00Z"), "recurrence": "FREQ=WEEKLY;INTERVAL=1;BYDAY=TU", "hostEmail": "ada@example.com",
        "hostDisplayName": "Ada North", "siteUrl": "example.webex.com"
    });
    round_trip("GET /v1/meetings/aaaa0000aaaa0000aaaa0000aaaa0009", &response);
}

#[test]
fn participants_may_come_before_their_meeting() {
    let folder = Folder::begun();
    let participant = json!({"user_id": "1", "user_name": "Ben", "join_time": "2026-11-18T08:00:00Z"});
    let meeting = json!({
        "uuid": "orderGoodAAAAAAAAAAAAA==", "id": 82_000_000_001_i64, "topic": "First",
        "start_time": "2026-11-18T08:00:00Z", "end_time": "2026-11-18T09:00:00Z"
    });
    let pairs = [
        json!({"request": "GET /v2/metrics/meetings/orderGoodAAAAAAAAAAAAA%253D%253D/participants?type=past",
               "response": {"participants": [participant]}}),
        json!({"request": "GET /v2/metrics/meetings?type=past", "response": {"meetings": [meeting]}}),
    ];
    folder.run_with_input(&["import", "-"], &pairs.map(|pair| pair.to_string()).join("\n")).good();
    let sql = "SELECT i.meeting_id, p.user_name FROM participants AS p JOIN instances AS i ON i.uuid = p.instance_uuid";
    assert_eq!(folder.run(&["sql", sql]).good().replace("\r\n", "\n"), "meeting_id,user_name\n82000000001,Ben\n");
}

#[test]
fn what_has_no_place_is_named_and_counted_once_for_each_field() {
    let folder = Folder::begun();
    let minute =
        |n: u8| json!({"date_time": format!("2026-11-18T08:0{n}:00Z"), "audio_input": {"latency": "5 ms", "new": 1}});
    let pair = json!({
        "request": "GET /v2/metrics/meetings/123456789/participants/qos?type=past",
        "response": {"participants": [{"user_id": "1", "user_qos": [minute(1), minute(2)]}], "added": true}
    });
    assert_eq!(
        folder.run_with_input(&["import", "-"], &pair.to_string()).good(),
        "-: 1 answer imported (1 instance, 1 participant, 2 minutes)\n\
         -: not stored: added (1), participants[].user_qos[].audio_input.new (2)\n"
    );
}

#[test]
fn an_answer_of_which_nothing_is_kept_is_an_error() {
    let folder = Folder::begun();
    let pair = json!({"request": "GET /v1/meetings?meetingType=meeting", "response": {"items": [{"id": " "}]}});
    let output = folder.run_with_input(&["import", "-"], &pair.to_string());
    assert_eq!(output.status, 1, "{output:?}");
    let pair = json!({"request": "GET /v2/users", "response": {"users": []}});
    folder.run_with_input(&["import", "-"], &pair.to_string()).good();
}

#[test]
fn an_erasure_reaches_what_has_no_field() {
    let folder = Folder::begun();
    let response = json!({"items": [{
        "id": "aaaabbbbccccddddeeeeffff00001111_I_100000000000000099_p1", "email": "jo@example.com", "displayName": "Jo",
        "state": "end", "joinedTime": yesterday("10:00:00Z"), "nickname": "Jojo the Great", "hostEmail": "ada@example.com",
        "meetingId": "aaaabbbbccccddddeeeeffff00001111_I_100000000000000099"}]});
    let pair = json!({"request": "GET /v1/meetingParticipants?meetingId=x", "response": response});
    folder.run_with_input(&["import", "-"], &pair.to_string()).good();
    for address in ["jo@example.com", "ada@example.com"] {
        let output = folder.run(&["erase", "--email", address, "--yes"]);
        assert_eq!(output.status, 0, "{output:?}");
    }
    let database = std::fs::read(folder.path("data/rollcall.db")).unwrap();
    for gone in ["Jojo the Great", "ada@example.com", "jo@example.com"] {
        let found = database.windows(gone.len()).any(|bytes| bytes == gone.as_bytes());
        assert!(!found, "{gone}");
    }
}
