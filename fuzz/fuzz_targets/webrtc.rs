//! A page's call statistics: never more than allowed, and sending the same again adds nothing.

#![no_main]

use libfuzzer_sys::fuzz_target;
use rollcall_formats::webrtc::{Calls, Report};
use rollcall_model::{AccountId, Source, Timestamp};

fuzz_target!(|body: &[u8]| {
    let now = Timestamp::from_seconds(1_772_820_000);
    let Ok(report) = Report::read(body) else { return };
    let calls = Calls::default();
    let Ok(first) = calls.take(AccountId(1), Source::Page, &report, now) else { return };
    assert_eq!(first.participants.len(), 1);
    for minute in &first.participants[0].minutes {
        assert!((minute.minute.start().as_millis() - now.as_millis()).abs() <= 2 * 3_600_000);
        assert!(minute.cpu_usage.is_none());
    }
    let again = calls.take(AccountId(1), Source::Page, &report, now).expect("what was taken is taken again");
    assert_eq!(again.participants[0].participant, first.participants[0].participant);
});
