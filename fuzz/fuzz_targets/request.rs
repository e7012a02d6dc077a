//! Request lines, as in recordings and after `--request`.

#![no_main]

use libfuzzer_sys::fuzz_target;
use rollcall_import::Request;

fuzz_target!(|line: &str| {
    match line.parse::<Request>() {
        Ok(request) => {
            // The text around a request on the wire does not change it.
            let version = if line.contains("HTTP/") { "" } else { "HTTP/1.1" };
            let again: Request = format!(" {line} {version} ").parse().expect("the same request");
            assert_eq!(format!("{request:?}"), format!("{again:?}"));
        }
        Err(error) => assert!(!error.to_string().is_empty()),
    }
});
