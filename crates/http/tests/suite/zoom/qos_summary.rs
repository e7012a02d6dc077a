//! `GET /metrics/{meetings|webinars}/{id}/participants/qos_summary`.

use rollcall_model::{CpuUsage, LossPermyriad, Percent, StreamQos, StreamState};
use serde_json::{Value, json};

use crate::zoom::{
    World, column,
    data::{self, CROWDED_RUN, LATEST_RUN, LIVE, LIVE_WEBINAR, MEETING, crowd},
};

fn crowded(query: &str) -> String {
    format!("/v2/metrics/webinars/{CROWDED_RUN}/participants/qos_summary?{query}")
}

#[tokio::test]
async fn each_stream_has_its_lowest_mean_and_highest() {
    let world = World::new().await;
    let mut batch = crowd(2, 3);
    for (index, minute) in batch.instances[0].participants[0].minutes.iter_mut().enumerate() {
        let loss = LossPermyriad(3 * index as u16);
        minute.streams[9] = StreamState::Measured(StreamQos { avg_loss: Some(loss), ..StreamQos::default() });
        minute.cpu_usage = Some(CpuUsage { client_avg: Some(Percent(10)), ..CpuUsage::default() });
    }
    world.ingest(&batch).await;
    let body = world.ok(&crowded("page_size=10")).await;
    let expected = json!({
        "next_page_token": "",
        "page_size": 10,
        "participants": [
            {
                "id": "", "participant_id": "16778240", "user_name": "Person 16778240",
                "email": "16778240@example.com",
                "qos": [
                    {"type": "audio_input", "details": {
                        "min_bitrate": "1 kbps", "avg_bitrate": "2 kbps", "max_bitrate": "3 kbps",
                        "min_latency": "126 ms", "avg_latency": "126 ms", "max_latency": "126 ms"
                    }},
                    {"type": "video_device_to_crc", "details": {
                        "min_loss": "0.0%", "avg_loss": "0.03%", "max_loss": "0.06%"
                    }},
                    {"type": "cpu_usage", "details": {"zoom_avg_cpu_usage": "10%"}}
                ]
            },
            {
                "id": "", "participant_id": "16778241", "user_name": "Person 16778241",
                "email": "16778241@example.com",
                "qos": [{"type": "audio_input", "details": {
                    "min_bitrate": "2 kbps", "avg_bitrate": "3 kbps", "max_bitrate": "4 kbps",
                    "min_latency": "126 ms", "avg_latency": "126 ms", "max_latency": "126 ms"
                }}]
            }
        ]
    });
    assert_eq!(body, expected);
}

#[tokio::test]
async fn one_participant_a_page_and_ten_at_most() {
    let world = World::new().await;
    world.ingest(&crowd(12, 1)).await;
    for (query, size, pages) in [("", 1, 12), ("page_size=10", 10, 2), ("page_size=300", 10, 2)] {
        let walked = world.walk(&crowded(query)).await;
        assert_eq!(walked.len(), pages);
        let told: Vec<&Value> = walked.iter().flat_map(|page| page["participants"].as_array().unwrap()).collect();
        assert_eq!(told.len(), 12);
        for (index, participant) in told.into_iter().enumerate() {
            assert_eq!(participant["participant_id"], (16_778_240 + index).to_string());
            assert_eq!(participant["qos"][0]["details"]["max_bitrate"], format!("{} kbps", index + 1));
        }
        assert!(walked.iter().all(|page| page["page_size"] == size));
    }
    world.invalid(&crowded("page_size=0"), "page_size", "Invalid field. Use a whole number from 1 to 10.").await;
}

#[tokio::test]
async fn an_attendance_longer_than_one_read_is_summarised_whole() {
    let world = World::new().await;
    let mut batch = crowd(3, 0);
    let lengths = [5_000, 3_192, 1];
    for (participant, count) in batch.instances[0].participants.iter_mut().zip(lengths) {
        participant.minutes = data::minutes("2026-09-20T10:00:00Z", count, 1);
    }
    world.ingest(&batch).await;
    let body = world.ok(&crowded("page_size=10")).await;
    for (participant, count) in body["participants"].as_array().unwrap().iter().zip(lengths) {
        assert_eq!(participant["qos"][0]["details"]["max_bitrate"], format!("{count} kbps"));
    }
}

#[tokio::test]
async fn meetings_have_one_once_they_have_ended_and_webinars_at_any_time() {
    let world = World::new().await;
    let of = |kind: &str, id: &str| format!("/v2/metrics/{kind}s/{id}/participants/qos_summary?page_size=10");
    let number = world.ok(&of("meeting", &MEETING.to_string())).await;
    let uuid = world.ok(&of("meeting", &LATEST_RUN.replace('/', "%252F"))).await;
    assert_eq!(column(&number, "participants", "participant_id"), ["16778240", "33554432", "16778240"]);
    assert_eq!(number["participants"], uuid["participants"]);
    assert_eq!(number["participants"][0]["qos"], json!([]), "nothing was measured");
    let live = "This meeting's detail info is not available. The Meeting ID is not valid or the meeting has not ended \
                yet.";
    world.refused(&of("meeting", &LIVE.to_string()), 404, 3001, live).await;
    let webinar = world.ok(&of("webinar", &LIVE_WEBINAR.to_string())).await;
    assert_eq!(column(&webinar, "participants", "participant_id"), ["16778240"]);
    let unknown = "This webinar's detail info is not available. The Webinar ID is not valid or the webinar has not \
                   ended yet.";
    world.refused(&of("webinar", "10000000001"), 404, 3001, unknown).await;
}
