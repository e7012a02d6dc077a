use std::collections::HashSet;

use proptest::{collection::vec, prelude::*, sample::select};
use rollcall_model::{CodeType, HostProfileCode, InputMode, Service, Site, SiteManager, TrackingCode, TrackingCodeId};
use rollcall_webex::{
    person,
    read::Request,
    rules::{CodeDraft, UserValuesDraft, host_view},
    wire,
};
use serde_json::{Map, Value, json};

use crate::site;

const REQUESTS: [&str; 6] = [
    "GET /v1/admin/meeting/config/trackingCodes",
    "GET /v1/admin/meeting/config/trackingCodes/1",
    "GET /v1/admin/meeting/userconfig/trackingCodes",
    "GET /v1/meetings/trackingCodes",
    "GET /v1/meetingPreferences/sites",
    "PUT /v1/meetingPreferences/sites",
];

/// Any JSON, sometimes with known keys.
fn any_json() -> impl Strategy<Value = Value> {
    let key = prop_oneof![
        select(vec![
            "id",
            "name",
            "siteUrl",
            "inputMode",
            "options",
            "value",
            "defaultValue",
            "hostProfileCode",
            "scheduleStartCodes",
            "service",
            "type",
            "personId",
            "email",
            "trackingCodes",
            "items",
            "sites",
            "default",
            "message",
            "trackingId",
        ])
        .prop_map(str::to_owned),
        ".{0,6}",
    ];
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        ".{0,12}".prop_map(Value::from),
        select(vec!["All", "select", "text", "notUsed", "adminSet", "example.webex.com"]).prop_map(Value::from),
    ];
    leaf.prop_recursive(4, 48, 6, move |inner| {
        prop_oneof![
            vec(inner.clone(), 0..6).prop_map(Value::from),
            vec((key.clone(), inner), 0..8).prop_map(|fields| Value::Object(fields.into_iter().collect::<Map<_, _>>())),
        ]
    })
}

/// A value that is usually valid.
fn mostly(right: impl Strategy<Value = Value> + 'static) -> impl Strategy<Value = Value> {
    prop_oneof![24 => right, 1 => any_json()]
}

fn word(words: &'static [&'static str]) -> impl Strategy<Value = Value> {
    mostly(select(words).prop_map(Value::from))
}

/// Bodies that are valid often enough for the rules to accept some.
fn plausible_body() -> impl Strategy<Value = Value> {
    let option = (
        mostly("[a-zé ]{1,4}".prop_map(Value::from)),
        mostly(prop_oneof![9 => Just(json!(false)), 1 => Just(json!(true))]),
    )
        .prop_map(|(value, default_value)| json!({"value": value, "defaultValue": default_value}));
    let rule = (
        word(&["All", "MeetingCenter", "EventCenter", "TrainingCenter", "SupportCenter"]),
        word(&["notUsed", "notUsed", "notUsed", "optional", "required", "adminSet", "notApplicable"]),
    )
        .prop_map(|(service, code_type)| json!({"service": service, "type": code_type}));
    (
        mostly(".{1,20}".prop_map(Value::from)),
        mostly("[a-zA-Z0-9.-]{1,20}".prop_map(Value::from)),
        word(&["text", "select", "editableSelect", "hostProfileSelect"]),
        mostly(vec(option, 0..5).prop_map(Value::from)),
        word(&["optional", "required", "adminSet", "notUsed"]),
        mostly(prop_oneof![3 => vec(rule, 0..4).prop_map(Value::from), 1 => Just(Value::Null)]),
    )
        .prop_map(|(name, site_url, input_mode, options, host_profile_code, schedule_start_codes)| {
            json!({
                "name": name,
                "siteUrl": site_url,
                "inputMode": input_mode,
                "options": options,
                "hostProfileCode": host_profile_code,
                "scheduleStartCodes": schedule_start_codes
            })
        })
}

/// The rules as statements about an accepted code.
fn assert_canonical(code: &TrackingCode) {
    let length = |text: &str| text.chars().count();
    assert!((1..=120).contains(&length(&code.name)));
    assert!(code.options.len() <= 500);
    assert!(code.options.iter().all(|option| (1..=120).contains(&length(&option.value))));
    assert!(code.options.iter().filter(|option| option.default_value).count() <= 1);
    let values: HashSet<&str> = code.options.iter().map(|option| option.value.as_str()).collect();
    assert_eq!(values.len(), code.options.len());
    assert!(code.input_mode != InputMode::Select || !code.options.is_empty());

    let services: Vec<&str> =
        code.schedule_start_codes.iter().map(|rule| wire::Service::from(rule.service).as_str()).collect();
    assert_eq!(services, ["All", "MeetingCenter", "EventCenter", "TrainingCenter", "SupportCenter"]);
    let types: Vec<CodeType> = code.schedule_start_codes.iter().map(|rule| rule.code_type).collect();
    let (all, others) = (types[0], &types[1..]);
    assert!(!others.contains(&CodeType::NotApplicable));
    assert!(all == CodeType::NotApplicable || others.iter().all(|other| *other == all));
    if code.input_mode == InputMode::HostProfileSelect {
        assert!(types.iter().all(|code_type| *code_type == CodeType::NotUsed));
    }
    let admin_set = code.host_profile_code == HostProfileCode::AdminSet;
    for code_type in types {
        match code_type {
            CodeType::AdminSet => assert!(admin_set),
            CodeType::Optional | CodeType::Required => assert!(!admin_set),
            CodeType::NotUsed | CodeType::NotApplicable => {}
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 512, ..ProptestConfig::default() })]

    #[test]
    fn no_json_panics(value in any_json()) {
        for parsed in [CodeDraft::parse(&value).err(), UserValuesDraft::parse(&value).err()] {
            let Some(violations) = parsed else { continue };
            prop_assert!((1..=20).contains(&violations.iter().count()));
            prop_assert!(!violations.to_string().is_empty());
        }
        for request in REQUESTS {
            let _ = Request::parse(request).unwrap().read(value.to_string().as_bytes());
        }
    }

    #[test]
    fn no_bytes_panic(body in vec(any::<u8>(), 0..64), request in ".{0,40}") {
        let _ = CodeDraft::from_slice(&body);
        let _ = UserValuesDraft::from_slice(&body);
        let _ = Request::parse(&request);
    }

    #[test]
    fn what_is_accepted_satisfies_the_rules_and_is_accepted_again_unchanged(body in plausible_body()) {
        let Ok(draft) = CodeDraft::parse(&body) else { return Ok(()) };
        let control_hub = Site { managed_by: SiteManager::ControlHub, ..site() };
        let required = body["hostProfileCode"] == "required";
        prop_assert_eq!(draft.clone().for_site(TrackingCodeId::from("1"), &control_hub).is_err(), required);

        let code = draft.for_site(TrackingCodeId::from("1"), &site()).unwrap();
        assert_canonical(&code);
        let printed = serde_json::to_value(wire::TrackingCode::from(&code)).unwrap();
        let again = CodeDraft::parse(&printed).unwrap().for_site(TrackingCodeId::from("1"), &site()).unwrap();
        prop_assert_eq!(&again, &code);

        let reading = Request::TrackingCode.read(printed.to_string().as_bytes()).unwrap();
        prop_assert_eq!(&reading.batch.tracking_codes, &[code]);
    }

    #[test]
    fn a_host_meets_at_most_one_default(body in plausible_body(), user_value in proptest::option::of("[a-zé ]{1,4}")) {
        let Ok(draft) = CodeDraft::parse(&body) else { return Ok(()) };
        let code = draft.for_site(TrackingCodeId::from("1"), &site()).unwrap();
        let view = host_view(&code, Service::MeetingCenter, user_value.as_deref());
        let defaults: Vec<&str> =
            view.options.iter().filter(|option| option.default_value).map(|option| option.value.as_str()).collect();
        match user_value {
            Some(user_value) => prop_assert_eq!(defaults, [user_value]),
            None => prop_assert!(defaults.len() <= 1),
        }
    }

    #[test]
    fn people_of_different_users_differ(one in "[A-Za-z0-9_-]{21}[AQgw]", other in "[A-Za-z0-9_-]{21}[AQgw]") {
        let ids = [one.as_str(), other.as_str()].map(|id| person::id_of(&id.into()));
        prop_assert_eq!(ids[0] == ids[1], one == other);
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 8, ..ProptestConfig::default() })]

    #[test]
    fn enough_bodies_are_accepted_for_that_to_mean_something(bodies in vec(plausible_body(), 64)) {
        prop_assert!(bodies.iter().any(|body| CodeDraft::parse(body).is_ok()));
    }
}
