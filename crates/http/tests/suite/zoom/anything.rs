//! Every request gets a response in the surface's format.

use std::cell::OnceCell;

use proptest::{prelude::*, test_runner::TestRunner};

use crate::zoom::{World, data};

/// Checks that the server responds to each of many requests with an object and without an internal error.
fn check(target: impl Strategy<Value = String>) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let world = OnceCell::new();
    let world = world.get_or_init(|| runtime.block_on(World::new()));
    let config = ProptestConfig { cases: 512, failure_persistence: None, ..ProptestConfig::default() };
    TestRunner::new(config)
        .run(&target, |target| {
            // Invalid URIs never get through a connection.
            prop_assume!(target.parse::<axum::http::Uri>().is_ok());
            let answer = runtime.block_on(world.get(&target));
            prop_assert!(answer.status < 500, "{}", answer.body);
            Ok(())
        })
        .unwrap();
}

/// Text that may occur in a path or a query.
fn encoded() -> impl Strategy<Value = String> {
    prop_oneof![
        "[ -~]{0,12}".prop_map(|text| text.replace([' ', '#', '?', '"', '<', '>', '`', '{', '}', '\\', '^', '|'], "")),
        "(%[0-9A-Fa-f]{2}){0,6}",
        "\\PC{0,6}".prop_map(|text| form_urlencoded::byte_serialize(text.as_bytes()).collect()),
        "[0-9]{0,25}",
        Just(data::MEETING.to_string()),
        Just(data::LATEST_RUN.to_owned()),
        Just("metrics/meetings".to_owned()),
        Just("participants/qos".to_owned()),
    ]
}

#[test]
fn any_path_is_answered() {
    check(prop::collection::vec(encoded(), 0..6).prop_map(|segments| format!("/v2/{}", segments.join("/"))));
}

#[test]
fn any_query_is_answered() {
    let paths = prop::sample::select(vec![
        "/v2/metrics/meetings".to_owned(),
        "/v2/metrics/webinars".to_owned(),
        format!("/v2/metrics/meetings/{}", data::MEETING),
        format!("/v2/metrics/meetings/{}/participants", data::MEETING),
        format!("/v2/metrics/meetings/{}/participants/qos", data::LIVE),
        format!("/v2/metrics/webinars/{}/participants/16778240/qos", data::WEBINAR),
        "/v2/users".to_owned(),
        format!("/v2/users/{}/meetings", data::ANA),
    ]);
    let names = prop::sample::select(vec![
        "type",
        "from",
        "to",
        "page_size",
        "page_number",
        "next_page_token",
        "query_date_type",
        "group_id",
        "group_include_participant",
        "include_fields",
        "status",
        "role_id",
        "",
    ]);
    let values = prop_oneof![
        encoded(),
        prop::sample::select(vec!["live", "past", "pastOne", "true", "end_time", "tracking_fields", "upcoming"])
            .prop_map(str::to_owned),
        "[0-9]{4}-[01][0-9]-[0-3][0-9]",
        "20[0-9]{2}-0[1-9]-[0-2][0-9]( [0-2][0-9]:[0-5][0-9]:[0-5][0-9])?".prop_map(|time| time.replace(' ', "+")),
    ];
    let pairs = prop::collection::vec((names, values), 0..6);
    check((paths, pairs).prop_map(|(path, pairs)| {
        let query: Vec<String> = pairs.into_iter().map(|(name, value)| format!("{name}={value}")).collect();
        format!("{path}?{}", query.join("&"))
    }));
}
