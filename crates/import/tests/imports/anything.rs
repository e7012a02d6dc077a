//! Any recording is read to its end, and its valid entries are kept.

use proptest::{collection::vec, prelude::*, sample::Index, test_runner::Config};

use crate::world::{World, entry, har, line, participants, users};

/// Lines with all sorts of errors, and some valid ones.
fn any_line() -> impl Strategy<Value = Vec<u8>> {
    let request = prop_oneof![
        Just("GET /v2/users".to_owned()),
        Just("GET /v2/metrics/webinars/123456789/participants/qos?type=past".to_owned()),
        Just("GET /v1/meetingPreferences/sites".to_owned()),
        "(GET|PUT) /v[12]/[a-z/]{0,20}",
    ];
    let response = prop_oneof![
        Just(users(&["ann"]).to_string()),
        Just(participants(&["1"]).to_string()),
        Just("{\"users\": [{}, 7, null, {\"id\": \"ann\", \"email\": 7}]}".to_owned()),
        "[\\[\\]{}\",:a-z0-9]{0,30}",
    ];
    prop_oneof![
        vec(any::<u8>(), 0..40),
        (request, response).prop_map(|(request, response)| {
            format!("{{\"request\": \"{request}\", \"response\": {response}}}").into_bytes()
        }),
    ]
}

proptest! {
    #![proptest_config(Config { cases: 24, ..Config::default() })]

    #[test]
    fn a_line_costs_no_more_than_itself(lines in vec(any_line(), 0..8)) {
        // A single bracket at the very beginning is treated as a body without its request.
        let mut text = line("GET /v2/users", &users(&["first"])).into_bytes();
        for line in &lines {
            text.push(b'\n');
            text.extend(line.iter().filter(|byte| **byte != b'\n'));
        }
        text.push(b'\n');
        text.extend(line("GET /v2/users", &users(&["last"])).into_bytes());
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        runtime.block_on(async {
            let world = World::new().await;
            let first = world.import(text.clone()).await;
            assert!(first.stopped.is_none(), "{:?}", first.stopped);
            let users = world.users().await;
            assert!(users.contains(&"first".to_owned()) && users.contains(&"last".to_owned()), "{users:?}");
            let dump = world.dump().await;
            let second = world.import(text).await;
            assert_eq!((second.summary, second.problems), (first.summary, first.problems));
            assert_eq!(world.dump().await, dump);
        });
    }

    #[test]
    fn a_file_cut_anywhere_gives_what_came_before(cut: Index) {
        let content = serde_json::json!({"text": users(&["ann"]).to_string()});
        let entry = entry("GET", "https://api.zoom.us/v2/users", 200, &content);
        let file = har(&vec![entry.clone(); 3]);
        let text = &file.as_bytes()[..cut.index(file.len())];
        let entry = entry.to_string();
        let whole_entries = file.match_indices(&entry).filter(|(at, _)| at + entry.len() <= text.len()).count();
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        runtime.block_on(async {
            let world = World::new().await;
            let imported = world.import(text).await;
            // Without its first key, the rest is not a HAR file.
            assert_eq!(imported.summary.exchanges, whole_entries as u64);
            assert!(imported.stopped.is_some() || !imported.problems.is_empty() || text.is_empty());
        });
    }
}
