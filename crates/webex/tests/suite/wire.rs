use rollcall_model::{Timestamp, TrackingCodeValue};
use rollcall_webex::{
    rules::{CodeDraft, UserValuesDraft, host_view},
    status::{Status, TrackingId},
    wire::{
        AccessToken, CodeType, Error, HostProfileCode, HostTrackingCode, HostTrackingCodes, InputMode, Service, Site,
        Sites, TrackingCode, TrackingCodeBody, TrackingCodes, UserTrackingCode, UserTrackingCodes,
        UserTrackingCodesBody, Word,
    },
};
use serde::{Serialize, de::DeserializeOwned};
use serde_json::{Value, json};

use crate::{body_with, site};

/// Checks that `sample` is read and serialised unchanged.
#[track_caller]
fn check<T: Serialize + DeserializeOwned>(sample: Value) {
    let value: T = serde_json::from_value(sample.clone()).unwrap();
    assert_eq!(serde_json::to_value(value).unwrap(), sample);
}

#[test]
fn every_shape_reads_and_prints_the_same() {
    let code = body_with(json!({"id": "1"}));
    check::<TrackingCode>(code.clone());
    check::<TrackingCodes>(json!({"items": [code]}));
    let mut host = code;
    for key in ["hostProfileCode", "scheduleStartCodes"] {
        host.as_object_mut().unwrap().remove(key);
    }
    host["service"] = json!("MeetingCenter");
    host["type"] = json!("optional");
    check::<HostTrackingCode>(host.clone());
    check::<HostTrackingCodes>(json!({"items": [host]}));
    check::<UserTrackingCodes>(json!({
        "personId": "Y2lz",
        "email": "john.andersen@example.com",
        "siteUrl": "example.webex.com",
        "trackingCodes": [{"id": "1", "name": "Department", "value": "Engineering"}]
    }));
    check::<Sites>(json!({"sites": [{"siteUrl": "site1-example.webex.com", "default": false}]}));
    check::<AccessToken>(json!({"access_token": "a", "expires_in": 9, "token_type": "Bearer", "scope": ""}));
    check::<Error>(json!({"message": "m", "errors": [{"description": "d"}], "trackingId": "t"}));
}

#[test]
fn what_is_absent_is_left_out() {
    let user = UserTrackingCodes {
        person_id: None,
        email: None,
        site_url: "example.webex.com".into(),
        tracking_codes: Vec::new(),
    };
    assert_eq!(serde_json::to_value(user).unwrap(), json!({"siteUrl": "example.webex.com", "trackingCodes": []}));
}

#[test]
fn words_are_spelt_in_one_place() {
    fn check<W: Word + PartialEq + std::fmt::Debug + Serialize>() {
        for (word, value) in W::WORDS {
            assert_eq!(W::parse(word), Some(*value));
            assert_eq!(serde_json::to_value(value).unwrap(), json!(word));
            assert_eq!(W::parse(&word.to_uppercase()), None);
        }
    }
    check::<InputMode>();
    check::<HostProfileCode>();
    check::<Service>();
    check::<CodeType>();
}

#[test]
fn an_error_always_has_a_description() {
    let id = TrackingId::new([0xAB; 16], Timestamp::from_millis(1_572_666_592_909));
    let told = Error::new(Status::BadRequest, vec!["'siteUrl' cannot be empty".to_owned()], &id);
    assert_eq!(
        serde_json::to_value(told).unwrap(),
        json!({
            "message": Status::BadRequest.message(),
            "errors": [{"description": "'siteUrl' cannot be empty"}],
            "trackingId": "ABABABABABABABABABABABABABABABAB_1572666592909"
        })
    );
    let untold = Error::new(Status::Unauthorized, Vec::new(), &id);
    assert_eq!(untold.message, Status::Unauthorized.message());
    assert_eq!(untold.errors[0].description, untold.message);
}

#[test]
fn the_model_becomes_the_wire() {
    let value = TrackingCodeValue { code_id: "2".into(), name: "Division".into(), value: "Full-time".into() };
    let expected = UserTrackingCode { id: "2".into(), name: "Division".into(), value: "Full-time".into() };
    assert_eq!(UserTrackingCode::from(&value), expected);
    assert_eq!(Site::from(&site()), Site { site_url: "example.webex.com".into(), default: true });
}

/// The sample of a type in the API description.
fn sample<T: utoipa::PartialSchema>() -> Value {
    let schema = serde_json::to_value(T::schema()).unwrap();
    schema["example"].clone()
}

#[test]
fn the_samples_of_the_description_are_true() {
    let site = site();
    let body = sample::<TrackingCodeBody>();
    let code = CodeDraft::parse(&body).unwrap().for_site("1".into(), &site).unwrap();
    assert_eq!(serde_json::to_value(TrackingCode::from(&code)).unwrap(), sample::<TrackingCode>());
    let view = host_view(&code, Service::MeetingCenter.into(), None);
    assert_eq!(serde_json::to_value(view).unwrap(), sample::<HostTrackingCode>());
    assert!(UserValuesDraft::parse(&sample::<UserTrackingCodesBody>()).unwrap().for_site(&site, &[code]).is_ok());
    check::<UserTrackingCodes>(sample::<UserTrackingCodes>());
    check::<Sites>(sample::<Sites>());
}
