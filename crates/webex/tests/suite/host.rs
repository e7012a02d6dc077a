use rollcall_model::{Service, TrackingCodeId};
use rollcall_webex::{
    rules::{CodeDraft, host_view},
    wire::HostTrackingCode,
};
use serde_json::json;

use crate::{good_body, site};

fn view(service: Service, user_value: Option<&str>) -> HostTrackingCode {
    let code = CodeDraft::parse(&good_body()).unwrap().for_site(TrackingCodeId::from("1"), &site()).unwrap();
    host_view(&code, service, user_value)
}

fn options(view: &HostTrackingCode) -> Vec<(&str, bool)> {
    view.options.iter().map(|option| (option.value.as_str(), option.default_value)).collect()
}

#[test]
fn without_a_value_of_the_hosts_own_the_sites_default_stands() {
    let view = view(Service::MeetingCenter, None);
    assert_eq!(options(&view), [("Engineering", false), ("Design", true), ("Sales", false)]);
    assert_eq!(
        serde_json::to_value(&view).unwrap(),
        json!({
            "id": "1",
            "name": "Department",
            "siteUrl": "example.webex.com",
            "inputMode": "select",
            "options": [
                {"value": "Engineering", "defaultValue": false},
                {"value": "Design", "defaultValue": true},
                {"value": "Sales", "defaultValue": false}
            ],
            "service": "MeetingCenter",
            "type": "required"
        })
    );
}

#[test]
fn a_hosts_own_value_is_the_only_default_and_added_where_it_is_missing() {
    let known = view(Service::All, Some("Sales"));
    assert_eq!(options(&known), [("Engineering", false), ("Design", false), ("Sales", true)]);
    let added = view(Service::All, Some("Legal"));
    assert_eq!(options(&added), [("Engineering", false), ("Design", false), ("Sales", false), ("Legal", true)]);
}

#[test]
fn each_service_has_its_own_type() {
    let types = [Service::All, Service::MeetingCenter, Service::EventCenter, Service::SupportCenter]
        .map(|service| view(service, None).code_type.as_str());
    assert_eq!(types, ["notApplicable", "required", "optional", "notUsed"]);
}
