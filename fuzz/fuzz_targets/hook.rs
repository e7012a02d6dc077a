//! Webhook deliveries: any bytes are read, or refused with a reason, and minutes are merged in any order.

#![no_main]

use libfuzzer_sys::fuzz_target;
use rollcall_model::{EventFacts, QosMinute};
use rollcall_webex::hook as webex;
use rollcall_zoom::hook::{self as zoom, Delivery};

/// Joining in either order, and repeatedly, gives the same result.
fn check_joining(minutes: &[QosMinute]) {
    for pair in minutes.windows(2) {
        let (mut one, mut other) = (pair[0].clone(), QosMinute { minute: pair[0].minute, ..pair[1].clone() });
        let (a, b) = (one.clone(), other.clone());
        one.join(&b);
        other.join(&a);
        assert_eq!(one, other);
        one.join(&a);
        assert_eq!(one, other);
    }
}

// A byte for the vendor, then the body.
fuzz_target!(|data: &[u8]| {
    let Some((vendor, body)) = data.split_first() else { return };
    if vendor % 2 == 0 {
        match zoom::read(body) {
            Ok(Delivery::Event { facts: EventFacts::Instance(event), .. }) => {
                let Some(participant) = event.participant else { return };
                assert!(!participant.user_id.as_str().is_empty());
                let mut minutes: Vec<_> = participant.minutes.iter().map(|minute| minute.minute).collect();
                minutes.sort_unstable();
                minutes.dedup();
                assert_eq!(minutes.len(), participant.minutes.len(), "each minute once");
                check_joining(&participant.minutes);
            }
            Ok(_) => {}
            Err(error) => assert!(!error.path.is_empty() && !error.reason.is_empty()),
        }
        let signature = String::from_utf8_lossy(body);
        assert!(!zoom::is_signed("secret", "1", b"body", &signature), "nobody guesses a signature");
    } else {
        match webex::read(body) {
            Ok(_) => {}
            Err(error) => assert!(!error.reason.is_empty()),
        }
    }
});
