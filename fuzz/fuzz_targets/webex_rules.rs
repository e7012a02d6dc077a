//! The rules of tracking codes: an accepted code is returned so that it is accepted again.

#![no_main]

use libfuzzer_sys::fuzz_target;
use rollcall_model::{Site, SiteManager, TrackingCodeMode};
use rollcall_webex::{
    read::Request,
    rules::{CodeDraft, UserValuesDraft, Violations, parse_default_site, parse_service, parse_site_url},
    wire,
};

fn told(violations: &Violations) {
    assert!((1..=20).contains(&violations.descriptions().count()));
    assert!(violations.descriptions().all(|description| !description.is_empty()));
}

fuzz_target!(|body: &[u8]| {
    match CodeDraft::from_slice(body) {
        Ok(draft) => {
            let site = Site {
                url: draft.site_url().into(),
                is_default: true,
                managed_by: SiteManager::SiteAdmin,
                tracking_code_mode: TrackingCodeMode::Classic,
            };
            let code = draft.for_site("7".into(), &site).expect("a classic site takes every code");
            let answer = serde_json::to_vec(&wire::TrackingCode::from(&code)).expect("an answer is printed");
            let again = CodeDraft::from_slice(&answer).expect("an answer is taken");
            assert_eq!(again.for_site("7".into(), &site).as_ref().ok(), Some(&code));
            let read = Request::TrackingCode.read(&answer).expect("an answer is read");
            assert_eq!((read.batch.tracking_codes, read.defects), (vec![code], Vec::new()));
        }
        Err(violations) => told(&violations),
    }
    if let Err(violations) = UserValuesDraft::from_slice(body) {
        told(&violations);
    }
    if let Err(violations) = parse_default_site(body) {
        told(&violations);
    }
    for request in [Request::ListTrackingCodes, Request::ListSites { of_user: false }] {
        let _ = request.read(body);
    }
    if let Ok(text) = std::str::from_utf8(body) {
        let _ = (parse_site_url(text), parse_service(text), rollcall_webex::person::user_ids(text));
    }
});
