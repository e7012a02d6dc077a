//! The result of recorded webhooks, read in SQL.

use serde_json::{Value, json};

use crate::folder::Folder;

macro_rules! recording {
    ($name:literal) => {
        include_str!(concat!("../recordings/", $name, ".ndjson"))
    };
}

/// Imports deliveries into a separate folder, and runs a query.
#[track_caller]
fn query(deliveries: &str, sql: &str) -> String {
    let folder = Folder::begun();
    folder.run_with_input(&["import", "-"], deliveries).good();
    folder.run(&["sql", sql]).good().replace("\r\n", "\n")
}

/// The same with the deliveries in reverse order.
#[track_caller]
fn query_in_any_order(deliveries: &str, sql: &str) -> String {
    let rows = query(deliveries, sql);
    let backwards: Vec<&str> = deliveries.lines().rev().collect();
    assert_eq!(query(&backwards.join("\n"), sql), rows);
    let twice = format!("{deliveries}\n{deliveries}");
    assert_eq!(query(&twice, sql), rows);
    rows
}

/// An event at a time of 2026-11-20.
fn zoom(event: &str, at: &str, participant: Value) -> String {
    let mut object = json!({"uuid": "waitingAAAAAAAAAAAAAAA==", "id": "86000000030", "topic": "Clinic", "type": 1});
    if participant.is_object() {
        object["participant"] = participant;
    }
    let number = |place: std::ops::Range<usize>| at[place].parse::<i64>().unwrap();
    let seconds = 1_795_132_800 + number(11..13) * 3600 + number(14..16) * 60 + number(17..19);
    json!({"event": event, "event_ts": seconds * 1000, "payload": {"account_id": "a", "object": object}}).to_string()
}

#[test]
fn a_run_that_has_ended_leaves_no_attendance_open() {
    let rows =
        query_in_any_order(recording!("ended-without-leave"), "SELECT leave_time, duration_seconds FROM participants");
    assert_eq!(rows, "leave_time,duration_seconds\n2026-11-20T18:40:00Z,599\n");
}

#[test]
fn a_leave_reported_after_the_end_replaces_the_end() {
    let person = |key: &str, at: &str| json!({"user_id": "1", "user_name": "Ana", key: at});
    let events = [
        zoom("meeting.participant_joined", "2026-11-20T10:00:00Z", person("join_time", "2026-11-20T10:00:00Z")),
        zoom("meeting.ended", "2026-11-20T11:00:00Z", Value::Null),
        zoom("meeting.participant_left", "2026-11-20T10:20:00Z", person("leave_time", "2026-11-20T10:20:00Z")),
    ];
    let rows = query_in_any_order(&events.join("\n"), "SELECT duration_seconds FROM participants");
    assert_eq!(rows, "duration_seconds\n1200\n");
}

#[test]
fn a_registration_keeps_the_registrant_and_the_webinar() {
    let events = recording!("registration-twice");
    let sql = "SELECT topic, type, host_id, (SELECT count(*) FROM registrants) AS registrants FROM meetings";
    assert_eq!(query_in_any_order(events, sql), "topic,type,host_id,registrants\nWeekly demo,9,host-2,1\n");
    let sql = "SELECT first_name, last_name, email, status, source_name, occurrence_ids FROM registrants";
    let rows = query_in_any_order(events, sql);
    let row = rows.lines().nth(1).unwrap();
    assert!(row.starts_with("Kim,Doe,kim.doe+fall@example.com,approved,Blog & News,"), "{row}");
    assert!(row.contains("1796140800000") && row.contains("1796745600000"), "{row}");
}

#[test]
fn time_in_breakout_rooms_counts_and_moving_is_not_leaving() {
    let events = recording!("breakout-room");
    let rows = query_in_any_order(events, "SELECT email, duration_seconds FROM persons");
    assert_eq!(rows, "email,duration_seconds\nhana@example.com,3600\n");
    let rows = query_in_any_order(events, "SELECT leave_reason, bo_mtg_id FROM participants ORDER BY join_time");
    let reasons: Vec<&str> = rows.lines().skip(1).collect();
    assert_eq!(
        reasons,
        [
            "Join breakout room.,",
            "Hana left breakout room to return to main meeting.,roomOneAAAAAAAAAAAAAAA==",
            "Hana left the meeting.,"
        ]
    );
}

#[test]
fn a_change_of_role_is_kept() {
    let rows = query_in_any_order(recording!("role-changed"), "SELECT role, email FROM participants");
    assert_eq!(rows, "role,email\nhost,lee@example.com\n");
}

#[test]
fn records_of_zooms_webhook_log_are_read() {
    let log = recording!("log-envelope");
    assert_eq!(query_in_any_order(log, "SELECT user_name FROM participants"), "user_name\nMo\n");
    let mut record: Value = serde_json::from_str(log).unwrap();
    record["requestBody"] = Value::String(record["requestBody"].to_string());
    assert_eq!(query(&record.to_string(), "SELECT user_name FROM participants"), "user_name\nMo\n");
}

#[test]
fn feedback_without_a_user_id_belongs_to_the_participant_with_the_uuid() {
    let feedback = recording!("participant-feedback");
    assert_eq!(query_in_any_order(feedback, "SELECT count(*) AS n FROM participants"), "n\n0\n");
    let joined = json!({"event": "meeting.participant_joined", "event_ts": 1_795_172_400_000_i64, "payload": {"object": {
        "id": "86000000026", "uuid": "meetingFeedbackAAAAAAA==",
        "participant": {"user_id": "7", "participant_uuid": "1A2B3C4D-0000-4000-8000-000000000026"}}}});
    let sql = "SELECT user_id, user_name, participant_user_id FROM participants";
    let rows = query_in_any_order(&format!("{}\n{joined}", feedback.trim_end()), sql);
    assert_eq!(rows, "user_id,user_name,participant_user_id\n7,Noor,user-26\n");
}

#[test]
fn waiting_is_an_attendance_of_its_own_that_counts_for_nothing() {
    let person = |id: &str, more: Value| {
        let mut person =
            json!({"user_id": id, "user_name": "Ana", "email": "ana@example.com", "participant_uuid": "P"});
        person.as_object_mut().unwrap().append(&mut more.as_object().unwrap().clone());
        person
    };
    for in_meeting in ["1", "2"] {
        let events = [
            zoom(
                "meeting.participant_joined_waiting_room",
                "2026-11-20T10:00:00Z",
                person("1", json!({"date_time": "2026-11-20T10:00:00Z"})),
            ),
            zoom(
                "meeting.participant_admitted",
                "2026-11-20T10:05:00Z",
                person("1", json!({"date_time": "2026-11-20T10:05:00Z"})),
            ),
            zoom(
                "meeting.participant_joined",
                "2026-11-20T10:05:00Z",
                person(in_meeting, json!({"join_time": "2026-11-20T10:05:00Z"})),
            ),
            zoom(
                "meeting.participant_put_in_waiting_room",
                "2026-11-20T10:25:00Z",
                person(in_meeting, json!({"date_time": "2026-11-20T10:25:00Z"})),
            ),
            zoom("meeting.ended", "2026-11-20T10:30:00Z", Value::Null),
        ]
        .join("\n");
        let sql = "SELECT status, duration_seconds AS s FROM participants ORDER BY join_time";
        let rows = query_in_any_order(&events, sql);
        assert_eq!(rows, "status,s\nin_waiting_room,300\n,1200\nin_waiting_room,300\n", "{in_meeting}");
        let rows = query_in_any_order(&events, "SELECT duration_seconds AS s FROM persons");
        assert_eq!(rows, "s\n1200\n", "{in_meeting}");
    }
}

#[test]
fn who_waits_for_the_host_needs_no_user_id() {
    let person = json!({"id": "u1", "user_name": "Ana", "participant_user_id": "u1"});
    let events = [
        zoom("meeting.participant_jbh_waiting", "2026-11-20T10:00:00Z", person.clone()),
        zoom("meeting.participant_jbh_waiting_left", "2026-11-20T10:02:00Z", person),
    ];
    let sql = "SELECT user_name, status, duration_seconds AS s FROM participants";
    assert_eq!(query_in_any_order(&events.join("\n"), sql), "user_name,status,s\nAna,in_waiting_room,120\n");
}

#[test]
fn what_is_shared_is_kept() {
    let person = json!({"user_id": "1", "user_name": "Ana", "sharing_details": {"content": "desktop"}});
    let events = [zoom("meeting.sharing_started", "2026-11-20T10:00:00Z", person)];
    let sql = "SELECT share_desktop, share_whiteboard FROM participants";
    assert_eq!(query_in_any_order(&events.join("\n"), sql), "share_desktop,share_whiteboard\n1,\n");
}

/// `registration_approved` and `registration_cancelled` may overtake each other: the latest event counts.
#[test]
fn the_latest_decision_on_a_registration_stands() {
    let decided = |what: &str, event_ts: i64, status: Value| {
        let registrant = json!({"id": "r1", "email": "kim@example.com", "first_name": "Kim", "status": status});
        json!({"event": format!("webinar.registration_{what}"), "event_ts": event_ts, "payload": {"account_id": "a",
            "object": {"id": "86000000031", "registrant": registrant}}})
        .to_string()
    };
    let (none, pending, approved) = (Value::Null, json!("pending"), json!("approved"));
    for (story, expected) in [
        (
            [
                decided("created", 1, pending),
                decided("approved", 2, none.clone()),
                decided("cancelled", 3, none.clone()),
            ],
            "cancelled",
        ),
        (
            [
                decided("created", 1, none.clone()),
                decided("cancelled", 2, none.clone()),
                decided("approved", 3, none.clone()),
            ],
            "approved",
        ),
        // Within one millisecond, and with the former status.
        (
            [
                decided("created", 1, approved.clone()),
                decided("approved", 1, none.clone()),
                decided("cancelled", 2, approved),
            ],
            "cancelled",
        ),
        (
            [decided("created", 1, none.clone()), decided("denied", 1, none.clone()), decided("approved", 1, none)],
            "denied",
        ),
    ] {
        let rows = query_in_any_order(&story.join("\n"), "SELECT status, first_name FROM registrants");
        assert_eq!(rows, format!("status,first_name\n{expected},Kim\n"));
    }
}

#[test]
fn a_deleted_meeting_says_when_and_keeps_its_runs() {
    let about = |event: &str, event_ts: i64| {
        json!({"event": event, "event_ts": event_ts, "payload": {"account_id": "a",
            "object": {"uuid": "waitingAAAAAAAAAAAAAAA==", "id": 86_000_000_030_i64, "host_id": "h", "topic": "Clinic"}}})
        .to_string()
    };
    let events = [
        about("meeting.created", 1_795_132_000_000),
        zoom("meeting.started", "2026-11-20T10:00:00Z", Value::Null),
        about("meeting.deleted", 1_795_170_000_000),
    ];
    let sql = "SELECT topic, deleted_at, (SELECT count(*) FROM instances) AS runs FROM meetings";
    assert_eq!(query_in_any_order(&events.join("\n"), sql), "topic,deleted_at,runs\nClinic,2026-11-20T10:20:00Z,1\n");
}

/// As the corresponding event does.
#[test]
fn the_imported_end_of_a_run_ends_its_attendances() {
    let zoom = [
        json!({"request": "GET /v2/metrics/meetings/endedAAAAAAAAAAAAAAAA%3D%3D/participants?type=past", "response": {
        "participants": [
            {"user_id": "1", "user_name": "Ana", "join_time": "2026-11-20T10:00:00Z"},
            {"user_id": "2", "user_name": "Ben", "join_time": "2026-11-20T10:00:00Z", "leave_time": "2026-11-20T10:30:00Z"},
            {"user_id": "3", "user_name": "Cleo", "join_time": "2026-11-20T10:10:00Z", "leave_time": "2026-11-20T11:05:00Z"}
        ]}}),
        json!({"request": "GET /v2/past_meetings/endedAAAAAAAAAAAAAAAA%3D%3D", "response": {
            "uuid": "endedAAAAAAAAAAAAAAAA==", "id": 86_000_000_032_i64, "topic": "Retro",
            "start_time": "2026-11-20T10:00:00Z", "end_time": "2026-11-20T11:00:00Z"}}),
    ];
    let id = "dddd0000dddd0000dddd0000dddd0032_I_1";
    let webex = [
        json!({"request": format!("GET /v1/meetingParticipants?meetingId={id}"), "response": {"items": [
            {"id": format!("{id}_1"), "meetingId": id, "displayName": "Ana", "email": "ana@example.com",
             "state": "end", "joinedTime": "2026-11-20T10:00:00Z",
             "devices": [{"correlationId": "c", "joinedTime": "2026-11-20T10:00:00Z"}]}]}}),
        json!({"request": format!("GET /v1/meetings/{id}"), "response": {
            "id": id, "meetingNumber": "25500000032", "title": "Retro", "meetingType": "meeting", "state": "ended",
            "start": "2026-11-20T10:00:00Z", "end": "2026-11-20T11:00:00Z"}}),
    ];
    let sql = "SELECT user_name, leave_time, duration_seconds AS s FROM participants ORDER BY join_time, user_name";
    let ends = "SELECT end_time FROM instances";
    for (recording, rows) in [
        (zoom, "Ana,2026-11-20T11:00:00Z,3600\nBen,2026-11-20T10:30:00Z,1800\nCleo,2026-11-20T11:05:00Z,3300\n"),
        (webex, "Ana,2026-11-20T11:00:00Z,3600\n"),
    ] {
        for backwards in [false, true] {
            let mut lines: Vec<String> = recording.iter().map(Value::to_string).collect();
            if backwards {
                lines.reverse();
            }
            let folder = Folder::begun();
            for _ in 0..2 {
                folder.run_with_input(&["import", "-"], &lines.join("\n")).good();
                let found = folder.run(&["sql", sql]).good().replace("\r\n", "\n");
                assert_eq!(found, format!("user_name,leave_time,s\n{rows}"));
                let found = folder.run(&["sql", ends]).good().replace("\r\n", "\n");
                assert_eq!(found, "end_time\n2026-11-20T11:00:00Z\n", "a stated end stays");
            }
        }
    }
}
