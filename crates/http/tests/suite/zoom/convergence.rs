//! Events that arrive late, twice and in any order: the API returns the same.

use proptest::{prelude::*, sample::Index};
use rollcall_http::Settings;
use serde_json::{Value, json};

use crate::zoom::{
    World,
    hooks::{UUID, at, ended, event, joined, left, qos, started},
};

/// The actions of two people in a meeting; the first leaves and comes back with the same `user_id`.
fn any_events() -> impl Strategy<Value = Vec<Value>> {
    let user = || prop_oneof![Just("16778240"), Just("16779264")];
    // At few times, so that many coincide: at the boundaries of minutes, and with each other.
    let when =
        || (0_i64..8, prop_oneof![Just(0_i64), Just(5), Just(59)]).prop_map(|(minute, second)| minute * 60 + second);
    let name = || prop_oneof![Just("Ana"), Just("Ana Maria"), Just("")];
    let device = || prop_oneof![Just("WIN"), Just("Mac"), Just("")];
    let latency = prop_oneof![Just("134 ms"), Just("20 ms"), Just(""), Just("soon")];
    let event = prop_oneof![
        1 => Just(started()),
        1 => (300_i64..600).prop_map(ended),
        1 => prop_oneof![Just("Weekly"), Just("Weekly, renamed")]
            .prop_flat_map(move |topic| (Just(topic), 0_i64..3).prop_map(|(topic, seconds)| {
                event("meeting.started", seconds, json!({"topic": topic}))
            })),
        4 => (user(), name(), when()).prop_map(|(user, name, when)| joined(user, name, when)),
        4 => (user(), name(), when()).prop_map(|(user, name, when)| left(user, name, when)),
        4 => (user(), when(), latency).prop_map(|(user, when, latency)| qos(user, when, latency)),
        3 => (user(), when(), device(), device()).prop_map(|(user, when, device, microphone)| {
            let data = json!([{"device": device, "microphone": microphone, "location": "Trento"}]);
            event("meeting.participant_data", when, json!({"participant": {"participant_id": user, "data": data}}))
        }),
        1 => (user(), when(), device()).prop_map(|(user, when, device)| {
            let data = json!([{"device": device, "client": "Zoom Workplace", "data_center": "Germany"}]);
            event("meeting.participant_data_summary", when, json!({"participant": {"participant_id": user, "data": data}}))
        }),
        1 => (user(), name(), when()).prop_map(|(user, name, when)| {
            let feedback = json!({"satisfied": false, "comments": "It broke off."});
            let told = json!({"participant": {"user_id": user, "user_name": name, "feedback": feedback}});
            event("meeting.participant_feedback", when, told)
        }),
        3 => (user(), when(), prop_oneof![
            Just("joined_waiting_room"), Just("admitted"), Just("put_in_waiting_room"), Just("left_waiting_room"),
        ]).prop_map(|(user, when, what)| {
            let told = json!({"participant": {"user_id": user, "participant_uuid": user, "date_time": at(when)}});
            event(&format!("meeting.participant_{what}"), when, told)
        }),
        1 => (user(), when()).prop_map(|(user, when)| {
            let told = json!({"user_id": user, "email": "ana@example.com", "date_time": at(when), "new_role": "host"});
            event("meeting.participant_role_changed", when, json!({ "participant": told }))
        }),
        1 => (user(), name(), when()).prop_map(|(uuid, name, when)| {
            let told = json!({"participant": {"participant_uuid": uuid, "user_name": name, "feedback": {}}});
            event("meeting.participant_feedback", when, told)
        }),
        2 => (user(), name(), when(), prop_oneof![Just("joined"), Just("left")]).prop_map(|(user, name, when, what)| {
            let key = if what == "joined" { "join_time" } else { "leave_time" };
            let mut told = json!({"user_id": format!("7{user}"), "participant_uuid": user, "user_name": name});
            told[key] = at(when).into();
            let told = json!({"breakout_room_uuid": "roomAAAAAAAAAAAAAAAAAA==", "participant": told});
            event(&format!("meeting.participant_{what}_breakout_room"), when, told)
        }),
        1 => when().prop_map(|when| event("meeting.alert", when, json!({"issues": ["Unstable audio quality"]}))),
        1 => (prop_oneof![Just("a"), Just("b")], prop_oneof![Just("1"), Just("2")]).prop_map(|(registrant, source)| {
            let source = json!({"id": source, "source_name": format!("Source {source}"), "tracking_url": ""});
            let registrant = json!({"id": registrant, "email": "r@example.com", "tracking_source": source});
            event("meeting.registration_created", 0, json!({ "registrant": registrant }))
        }),
        1 => (user(), name(), when()).prop_map(|(user, name, when)| {
            let summary = json!({"participant_id": user, "user_name": name, "email": "ana@example.com", "qos": []});
            event("meeting.participant_qos_summary", when, json!({"participant": summary}))
        }),
    ];
    proptest::collection::vec(event, 1..14)
}

/// An event of a meeting or of a webinar: only its name differs.
fn of_kind(kind: &str, event: &Value) -> Value {
    let mut event = event.clone();
    let name = event["event"].as_str().unwrap().replacen("meeting", kind, 1);
    event["event"] = name.into();
    event
}

/// Everything that the API returns about the meeting or webinar, in an order that does not depend on who came first.
async fn answers(world: &World, kind: &str) -> Value {
    let mut answers = Vec::new();
    for state in ["live", "past"] {
        let path = format!("/v2/metrics/{kind}s/{UUID}");
        answers.push(world.get(&format!("{path}?type={state}")).await.body);
        for list in ["participants", "participants/qos"] {
            let mut pages = Vec::new();
            let target = format!("{path}/{list}?type={state}&page_size=10");
            let mut answer = world.get(&target).await.body;
            while let Some(participants) = answer["participants"].as_array() {
                pages.extend(participants.iter().cloned());
                let token = answer["next_page_token"].as_str().unwrap().to_owned();
                if token.is_empty() {
                    break;
                }
                answer = world.get(&format!("{target}&next_page_token={token}")).await.body;
            }
            pages.sort_by_key(|participant| format!("{}{}", participant["user_id"], participant["join_time"]));
            answers.push(json!(pages));
        }
        let today = &at(0)[..10];
        let list = world.ok(&format!("/v2/metrics/{kind}s?type={state}&from={today}&to={today}")).await;
        answers.push(list[format!("{kind}s")].clone());
    }
    let mut sources = world.get("/v2/webinars/98765432101/tracking_sources").await.body;
    if let Some(sources) = sources["tracking_sources"].as_array_mut() {
        sources.sort_by_key(|source| source["source_name"].to_string());
    }
    answers.push(sources);
    json!(answers)
}

async fn told(kind: &str, events: &[&Value]) -> Value {
    let world = World::with_hooks(Settings::default()).await;
    for event in events {
        world.taken(&of_kind(kind, event)).await;
    }
    answers(&world, kind).await
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, max_shrink_iters: 400, ..ProptestConfig::default() })]

    #[test]
    fn events_converge_in_every_order(
        kind in prop_oneof![Just("meeting"), Just("webinar")],
        events in any_events(),
        places in proptest::collection::vec(any::<Index>(), 14),
        repeated in proptest::collection::vec(any::<Index>(), 0..6),
    ) {
        let mut shuffled: Vec<&Value> = events.iter().collect();
        for (place, other) in (1..shuffled.len()).rev().zip(&places) {
            shuffled.swap(place, other.index(place + 1));
        }
        for again in &repeated {
            let event = shuffled[again.index(shuffled.len())];
            shuffled.insert(again.index(shuffled.len() + 1), event);
        }
        let runtime = tokio::runtime::Runtime::new().unwrap();
        let in_order: Vec<&Value> = events.iter().collect();
        prop_assert_eq!(runtime.block_on(told(kind, &in_order)), runtime.block_on(told(kind, &shuffled)));
    }
}

/// All orders of one story: a participant who joins, leaves and comes back, and whose quality was measured throughout.
#[tokio::test]
async fn every_order_of_a_story_tells_it() {
    let story = [
        joined("1", "Ana", 10),
        qos("1", 62, "20 ms"),
        left("1", "Ana", 130),
        joined("1", "Ana", 185),
        qos("1", 245, "30 ms"),
        ended(300),
    ];
    let mut orders = Vec::new();
    permutations(&mut (0..story.len()).collect::<Vec<_>>(), 0, &mut orders);
    let expected = told("meeting", &story.iter().collect::<Vec<_>>()).await;
    let attendances = &expected[6];
    let minutes: Vec<Vec<&str>> = attendances
        .as_array()
        .unwrap()
        .iter()
        .map(|attendance| {
            let minutes = attendance["user_qos"].as_array().unwrap();
            minutes.iter().map(|minute| minute["audio_input"]["latency"].as_str().unwrap()).collect()
        })
        .collect();
    assert_eq!(minutes, [vec!["20 ms"], vec!["30 ms"]], "{attendances}");
    // The end of the meeting ends an attendance without a leave.
    assert_eq!((&attendances[0]["leave_time"], &attendances[1]["leave_time"]), (&json!(at(130)), &json!(at(300))));
    // A selection, evenly spread: each needs a server of its own.
    for order in orders.iter().step_by(25) {
        let events: Vec<&Value> = order.iter().map(|place| &story[*place]).collect();
        assert_eq!(told("meeting", &events).await, expected, "{order:?}");
    }
}

/// A person who is measured, is put in the waiting room and joins in the same second attends once.
#[tokio::test]
async fn a_wait_and_a_join_in_one_second_are_one_attendance_in_every_order() {
    let waits = json!({"participant": {"user_id": "1", "participant_uuid": "1", "date_time": at(65)}});
    let story = [
        qos("1", 62, "20 ms"),
        event("meeting.participant_put_in_waiting_room", 65, waits),
        joined("1", "Ana", 65),
        ended(300),
    ];
    let mut orders = Vec::new();
    permutations(&mut (0..story.len()).collect::<Vec<_>>(), 0, &mut orders);
    let expected = told("meeting", &story.iter().collect::<Vec<_>>()).await;
    assert_eq!(expected[5].as_array().map(Vec::len), Some(1), "{expected}");
    for order in orders {
        let events: Vec<&Value> = order.iter().map(|place| &story[*place]).collect();
        assert_eq!(told("meeting", &events).await, expected, "{order:?}");
    }
}

/// All orders of `items`.
pub(crate) fn permutations(items: &mut [usize], from: usize, all: &mut Vec<Vec<usize>>) {
    if from == items.len() {
        all.push(items.to_vec());
        return;
    }
    for at in from..items.len() {
        items.swap(from, at);
        permutations(items, from + 1, all);
        items.swap(from, at);
    }
}
