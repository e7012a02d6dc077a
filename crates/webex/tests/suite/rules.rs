use rollcall_model::{Service, Site, SiteManager, TrackingCode, TrackingCodeId, TrackingCodeMode};
use rollcall_webex::{
    rules::{CodeDraft, Limits, Violation, Violations, parse_default_site, parse_service, parse_site_url},
    status::Status,
    wire,
};
use serde_json::{Value, json};

use crate::{body_with, body_without, good_body, site};

fn parse(body: &Value, site: &Site) -> Result<TrackingCode, Violations> {
    CodeDraft::parse(body)?.for_site(TrackingCodeId::from("1"), site)
}

fn accepted(body: &Value) -> TrackingCode {
    parse(body, &site()).unwrap_or_else(|violations| panic!("{body} is refused: {violations}"))
}

fn descriptions(body: &Value) -> Vec<String> {
    match parse(body, &site()) {
        Ok(code) => panic!("{body} is accepted as {code:?}"),
        Err(violations) => {
            assert_eq!(violations.status(), Status::BadRequest);
            violations.descriptions().collect()
        }
    }
}

/// Checks that the body is refused for exactly this reason.
#[track_caller]
fn check(body: &Value, description: &str) {
    assert_eq!(descriptions(body), [description], "{body}");
}

/// The types of the five services as they are returned.
#[track_caller]
fn check_schedule(schedule_start_codes: Value, answered: [&str; 5]) {
    let code = accepted(&body_with(json!({"scheduleStartCodes": schedule_start_codes})));
    check_answered(&code, answered);
}

#[track_caller]
fn check_answered(code: &TrackingCode, answered: [&str; 5]) {
    let wire = wire::TrackingCode::from(code);
    let services: Vec<&str> = wire.schedule_start_codes.iter().map(|rule| rule.service.as_str()).collect();
    assert_eq!(services, ["All", "MeetingCenter", "EventCenter", "TrainingCenter", "SupportCenter"]);
    let types: Vec<&str> = wire.schedule_start_codes.iter().map(|rule| rule.code_type.as_str()).collect();
    assert_eq!(types, answered);
}

/// A hundred and twenty letters of two bytes and one more: lengths count characters.
fn too_long() -> String {
    "é".repeat(121)
}

#[test]
fn a_body_that_breaks_no_rule_is_taken_as_it_stands() {
    let answered = serde_json::to_value(wire::TrackingCode::from(&accepted(&good_body()))).unwrap();
    assert_eq!(answered, body_with(json!({"id": "1"})));
}

#[test]
fn an_id_and_unknown_keys_in_the_body_are_let_pass() {
    let code = accepted(&body_with(json!({"id": "77", "createdBy": "an administrator"})));
    assert_eq!(code.id.as_str(), "1");
}

#[test]
fn a_site_is_stored_in_lower_case() {
    assert_eq!(accepted(&body_with(json!({"siteUrl": "Example.Webex.COM"}))).site_url, "example.webex.com");
}

#[test]
fn fields_that_are_needed_are_named_when_they_are_missing_null_or_blank() {
    for field in ["name", "siteUrl", "inputMode", "hostProfileCode"] {
        let description = format!("'{field}' cannot be empty");
        check(&body_without(field), &description);
        for blank in [Value::Null, json!(""), json!("  ")] {
            check(&body_with(json!({field: blank})), &description);
        }
    }
    check(&body_without("scheduleStartCodes"), "'scheduleStartCodes' is missing; send a list, which may be empty");
    check(&body_without("options"), "'options' cannot be empty if 'inputMode' is select");
    for mode in ["editableSelect", "hostProfileSelect"] {
        let mut body = body_with(json!({"inputMode": mode, "scheduleStartCodes": null}));
        body.as_object_mut().unwrap().remove("options");
        check(&body, "'options' is missing; send a list, which may be empty");
    }
}

#[test]
fn fields_of_a_wrong_type_are_named() {
    check(&body_with(json!({"name": 7})), "'name' must be a string, not a number");
    check(&body_with(json!({"siteUrl": ["a"]})), "'siteUrl' must be a string, not a list");
    check(&body_with(json!({"inputMode": true})), "'inputMode' must be a string, not true or false");
    check(&body_with(json!({"options": {"value": "a"}})), "'options' must be a list, not an object");
    check(&body_with(json!({"options": ["a"]})), "'options[0]' must be an object, not a string");
    check(&body_with(json!({"options": [null]})), "'options[0]' must be an object, not null");
    check(
        &body_with(json!({"options": [{"value": "a", "defaultValue": "true"}]})),
        "'options[0].defaultValue' must be true or false, not a string",
    );
    check(&body_with(json!({"options": [{"value": "a"}]})), "'options[0].defaultValue' cannot be empty");
    check(&body_with(json!({"scheduleStartCodes": "All"})), "'scheduleStartCodes' must be a list, not a string");
    check(&body_with(json!({"scheduleStartCodes": [1]})), "'scheduleStartCodes[0]' must be an object, not a number");
    check(
        &body_with(json!({"scheduleStartCodes": [{"service": "All"}]})),
        "'scheduleStartCodes[0].type' cannot be empty",
    );
}

#[test]
fn unknown_words_are_answered_with_the_known_ones() {
    check(
        &body_with(json!({"inputMode": "Select"})),
        "'inputMode' cannot be Select; it must be one of: text, select, editableSelect, hostProfileSelect",
    );
    check(
        &body_with(json!({"hostProfileCode": "notApplicable"})),
        "'hostProfileCode' cannot be notApplicable; it must be one of: optional, required, adminSet, notUsed",
    );
    check(
        &body_with(json!({"scheduleStartCodes": [{"service": "all", "type": "optional"}]})),
        "'scheduleStartCodes[0].service' cannot be all; it must be one of: All, MeetingCenter, EventCenter, \
         TrainingCenter, SupportCenter",
    );
    check(
        &body_with(json!({"scheduleStartCodes": [{"service": "All", "type": "off"}]})),
        "'scheduleStartCodes[0].type' cannot be off; it must be one of: optional, required, adminSet, notUsed, \
         notApplicable",
    );
}

#[test]
fn a_body_that_is_no_object_is_refused() {
    for (body, found) in
        [(json!(null), "null"), (json!([]), "a list"), (json!("x"), "a string"), (json!(1), "a number")]
    {
        check(&body, &format!("a JSON object is required, not {found}"));
    }
    for body in [&b""[..], b"{", b"name=Department", b"\xff\xfe", &b"[".repeat(100_000)] {
        let violations = CodeDraft::from_slice(body).unwrap_err();
        assert!(matches!(violations.iter().next(), Some(Violation::NotJson { .. })), "{violations}");
    }
}

#[test]
fn everything_that_is_wrong_is_told_at_once() {
    let body = body_with(json!({"name": "", "siteUrl": null, "options": [{"value": "", "defaultValue": 1}]}));
    assert_eq!(
        descriptions(&body),
        [
            "'name' cannot be empty",
            "'siteUrl' cannot be empty",
            "'options[0].value' cannot be empty",
            "'options[0].defaultValue' must be true or false, not a number",
        ]
    );
    let many: Vec<Value> = (0..500).map(|_| json!({"value": 1, "defaultValue": 1})).collect();
    assert_eq!(descriptions(&body_with(json!({"options": many}))).len(), 20);
}

#[test]
fn a_site_is_a_host_name_alone() {
    for site_url in ["https://example.webex.com", "example.webex.com/", "example webex com", "a@b", &"a".repeat(254)] {
        check(
            &body_with(json!({"siteUrl": site_url})),
            "'siteUrl' must be a host name such as example.webex.com, without a scheme or a path",
        );
    }
}

#[test]
fn rule_1_a_name_has_1_to_120_characters() {
    check(&body_with(json!({"name": too_long()})), "'name' has 121 characters; at most 120 are allowed");
    assert_eq!(accepted(&body_with(json!({"name": "é".repeat(120)}))).name.chars().count(), 120);
}

#[test]
fn rule_2_options_are_at_most_500_of_1_to_120_characters() {
    let options = |count: usize| -> Vec<Value> {
        (0..count).map(|index| json!({"value": format!("v{index}"), "defaultValue": false})).collect()
    };
    assert_eq!(accepted(&body_with(json!({"options": options(500)}))).options.len(), 500);
    check(&body_with(json!({"options": options(501)})), "'options' has 501 entries; at most 500 are allowed");
    check(&body_with(json!({"options": options(10_000)})), "'options' has 10000 entries; at most 500 are allowed");
    check(
        &body_with(json!({"options": [{"value": too_long(), "defaultValue": false}]})),
        "'options[0].value' has 121 characters; at most 120 are allowed",
    );
}

#[test]
fn rule_3_schedule_rules_are_at_most_5() {
    let mut rules = good_body()["scheduleStartCodes"].as_array().unwrap().clone();
    rules.push(json!({"service": "All", "type": "notApplicable"}));
    check(
        &body_with(json!({"scheduleStartCodes": rules})),
        "'scheduleStartCodes' has 6 entries; at most 5 are allowed",
    );
}

#[test]
fn rule_4_a_list_to_choose_from_needs_options() {
    for options in [json!([]), json!(null)] {
        check(&body_with(json!({"options": options})), "'options' cannot be empty if 'inputMode' is select");
        assert_eq!(accepted(&body_with(json!({"options": options, "inputMode": "text"}))).options, []);
    }
    let mut text = body_with(json!({"inputMode": "text"}));
    assert_eq!(accepted(&text).options.len(), 3, "free text keeps options");
    text.as_object_mut().unwrap().remove("options");
    assert_eq!(accepted(&text).options, []);
    assert_eq!(accepted(&body_with(json!({"options": [], "inputMode": "editableSelect"}))).options, []);
}

#[test]
fn rule_5_a_code_for_host_profiles_only_is_not_scheduled() {
    let not_used = ["notUsed"; 5];
    let body = |rules: Value| body_with(json!({"inputMode": "hostProfileSelect", "scheduleStartCodes": rules}));
    check_answered(&accepted(&body(json!(null))), not_used);
    check_answered(&accepted(&body(json!([]))), not_used);
    check_answered(&accepted(&body(json!([{"service": "EventCenter", "type": "notUsed"}]))), not_used);
    let mut without = body_with(json!({"inputMode": "hostProfileSelect"}));
    without.as_object_mut().unwrap().remove("scheduleStartCodes");
    check_answered(&accepted(&without), not_used);
    for code_type in ["optional", "required", "adminSet", "notApplicable"] {
        check(
            &body(json!([{"service": "All", "type": code_type}])),
            "'scheduleStartCodes[0].type' must be notUsed if 'inputMode' is hostProfileSelect; or send null as \
             'scheduleStartCodes'",
        );
    }
}

#[test]
fn rules_6_and_7_schedule_rules_go_with_the_host_profile() {
    for (host_profile_code, code_type, fits) in [
        ("adminSet", "adminSet", true),
        ("adminSet", "notUsed", true),
        ("adminSet", "notApplicable", true),
        ("adminSet", "optional", false),
        ("adminSet", "required", false),
        ("optional", "optional", true),
        ("optional", "required", true),
        ("optional", "notUsed", true),
        ("optional", "notApplicable", true),
        ("optional", "adminSet", false),
        ("required", "adminSet", false),
        ("notUsed", "adminSet", false),
        ("notUsed", "required", true),
    ] {
        let body = body_with(json!({
            "hostProfileCode": host_profile_code,
            "scheduleStartCodes": [{"service": "All", "type": code_type}]
        }));
        if fits {
            accepted(&body);
            continue;
        }
        let allowed = match host_profile_code {
            "adminSet" => "adminSet, notUsed, notApplicable",
            _ => "optional, required, notUsed, notApplicable",
        };
        check(
            &body,
            &format!(
                "'scheduleStartCodes[0].type' cannot be {code_type} if 'hostProfileCode' is {host_profile_code}; \
                 it must be one of: {allowed}"
            ),
        );
    }
}

#[test]
fn rule_8_control_hub_refuses_a_required_host_profile() {
    let body = body_with(json!({"hostProfileCode": "required"}));
    accepted(&body);
    let control_hub = Site { managed_by: SiteManager::ControlHub, ..site() };
    let violations = parse(&body, &control_hub).unwrap_err();
    assert_eq!(violations, Violation::RequiredInControlHub.into());
    assert_eq!(violations.status(), Status::BadRequest);
    assert!(violations.to_string().starts_with("'hostProfileCode' cannot be required"));
    assert!(parse(&good_body(), &control_hub).is_ok());
}

#[test]
fn rule_9_not_applicable_stands_on_all_only() {
    check(
        &body_with(json!({"scheduleStartCodes": [{"service": "EventCenter", "type": "notApplicable"}]})),
        "'scheduleStartCodes[0].type' cannot be notApplicable for EventCenter; only the service All can have it",
    );
}

#[test]
fn rule_10_services_follow_all() {
    check_schedule(json!([{"service": "All", "type": "required"}]), ["required"; 5]);
    check_schedule(
        json!([{"service": "SupportCenter", "type": "optional"}, {"service": "All", "type": "optional"}]),
        ["optional"; 5],
    );
    check(
        &body_with(json!({"scheduleStartCodes": [
            {"service": "EventCenter", "type": "optional"},
            {"service": "All", "type": "required"}
        ]})),
        "'scheduleStartCodes[0].type' must be required, as the service All has it, not optional; or send \
         notApplicable for All",
    );
}

#[test]
fn rules_11_to_13_missing_services_are_off_and_all_comes_first() {
    check_schedule(json!(null), ["notUsed"; 5]);
    check_schedule(json!([]), ["notUsed"; 5]);
    check_schedule(
        json!([{"service": "EventCenter", "type": "optional"}]),
        ["notApplicable", "notUsed", "optional", "notUsed", "notUsed"],
    );
    check_schedule(
        json!([
            {"service": "SupportCenter", "type": "optional"},
            {"service": "TrainingCenter", "type": "optional"},
            {"service": "EventCenter", "type": "optional"},
            {"service": "MeetingCenter", "type": "optional"}
        ]),
        ["optional"; 5],
    );
    check_schedule(
        json!([{"service": "MeetingCenter", "type": "required"}, {"service": "All", "type": "notApplicable"}]),
        ["notApplicable", "required", "notUsed", "notUsed", "notUsed"],
    );
    check_schedule(
        json!([{"service": "All", "type": "notApplicable"}]),
        ["notApplicable", "notUsed", "notUsed", "notUsed", "notUsed"],
    );
}

#[test]
fn rule_14_mapped_codes_cannot_be_changed() {
    for tracking_code_mode in [TrackingCodeMode::Mapping, TrackingCodeMode::Mapped] {
        let violations = parse(&good_body(), &Site { tracking_code_mode, ..site() }).unwrap_err();
        assert_eq!(violations.status(), Status::Forbidden);
        assert_eq!(violations.sentence(), Status::Forbidden.message());
        assert!(violations.to_string().contains("'example.webex.com'"));
    }
}

#[test]
fn rule_15_a_site_has_ten_codes_unless_told_otherwise() {
    assert_eq!(Limits::default().max_codes_per_site, 10);
    let violation = Violation::SiteFull { max: 10 };
    assert_eq!(violation.status(), Status::BadRequest);
    assert!(violation.to_string().contains("10 tracking codes"));
}

#[test]
fn rule_16_nothing_stands_twice() {
    assert_eq!(Violation::DuplicateName { name: "Department".into() }.status(), Status::Conflict);
    let mut options = good_body()["options"].clone();
    options[2]["value"] = json!("Engineering");
    check(
        &body_with(json!({"options": options})),
        "'options[2].value' repeats the option 'Engineering'; each value can appear once",
    );
    let mut options = good_body()["options"].clone();
    options[2]["defaultValue"] = json!(true);
    check(
        &body_with(json!({"options": options})),
        "'options[2].defaultValue' cannot be true: another option is already the default",
    );
    check(
        &body_with(json!({"scheduleStartCodes": [
            {"service": "All", "type": "optional"},
            {"service": "All", "type": "optional"}
        ]})),
        "'scheduleStartCodes[1].service' repeats the service All; each service can appear once",
    );
}

#[test]
fn a_code_to_be_replaced_that_does_not_exist_is_a_bad_request_in_the_words_of_not_found() {
    let violation = Violation::unknown_code_id(&"10001".into());
    assert_eq!(violation.status(), Status::BadRequest);
    assert_eq!(violation.sentence(), Status::NotFound.message());
    assert_eq!(violation.to_string(), "'trackingCodeId' is not a tracking code of the site: '10001'");
}

#[test]
fn a_callers_text_is_repeated_in_a_readable_length() {
    let violation = Violation::unknown_site("siteUrl", &"é".repeat(10_000));
    assert_eq!(violation.to_string(), format!("'siteUrl' is not a site of this account: '{}…'", "é".repeat(64)));
}

#[test]
fn the_choice_of_a_default_site_needs_a_site() {
    assert_eq!(parse_default_site(br#"{"siteUrl": "Site4-example.webex.com"}"#).unwrap(), "site4-example.webex.com");
    for body in [&b"{}"[..], br#"{"siteUrl": null}"#, br#"{"siteUrl": ""}"#] {
        assert_eq!(parse_default_site(body).unwrap_err().to_string(), "'siteUrl' cannot be empty");
    }
    assert!(parse_default_site(b"[]").is_err());
}

#[test]
fn parameters_are_read_as_fields_are() {
    assert_eq!(parse_site_url("Example.webex.com").unwrap(), "example.webex.com");
    assert_eq!(parse_site_url(" ").unwrap_err().to_string(), "'siteUrl' cannot be empty");
    assert!(matches!(parse_site_url("https://example.webex.com"), Err(Violation::NotAHostName { .. })));
    assert_eq!(parse_service("EventCenter").unwrap(), Service::EventCenter);
    assert_eq!(parse_service("").unwrap_err().to_string(), "'service' cannot be empty");
    assert_eq!(
        parse_service("meetingcenter").unwrap_err().to_string(),
        "'service' cannot be meetingcenter; it must be one of: All, MeetingCenter, EventCenter, TrainingCenter, \
         SupportCenter"
    );
}
