//! Recordings of every kind, through the collector into stores.

#![no_main]

use std::{cell::OnceCell, io::Cursor};

use libfuzzer_sys::fuzz_target;
use rollcall_fuzz::{empty_account, runtime};
use rollcall_import::{Importer, Recording, Request, Summary};
use tokio::runtime::Runtime;

thread_local! {
    static IMPORTER: OnceCell<(Runtime, Importer)> = const { OnceCell::new() };
}

/// A first line with a request makes the rest a body; anything else is NDJSON or HAR.
fn recording(data: &[u8]) -> (Recording, &[u8]) {
    let end = data.iter().position(|byte| *byte == b'\n').unwrap_or(0);
    let request = std::str::from_utf8(&data[..end]).ok().and_then(|line| line.parse::<Request>().ok());
    match request {
        Some(request) => (Recording::Body(request), &data[end + 1..]),
        None => (Recording::Exchanges, data),
    }
}

fuzz_target!(|data: &[u8]| {
    IMPORTER.with(|importer| {
        let (runtime, importer) = importer.get_or_init(|| {
            let runtime = runtime();
            let (_, _, ingest, account) = runtime.block_on(empty_account());
            (runtime, Importer::new(ingest, account))
        });
        let import = || {
            let (recording, input) = recording(data);
            let (mut summary, mut problems) = (Summary::default(), Vec::new());
            let mut tell = |problem| problems.push(problem);
            let input = Cursor::new(input.to_vec());
            let outcome = runtime.block_on(importer.import(input, recording, &mut summary, &mut tell));
            // The stores are in memory, so only the recording can cause an error.
            assert!(!matches!(outcome, Err(rollcall_import::ImportError::Write(_))), "{outcome:?}");
            assert_eq!(summary.problems, problems.len() as u64);
            (summary, problems, outcome.map_err(|error| error.to_string()))
        };
        let first = import();
        // An entry may report what an earlier one lacked; after that, the result stays the same.
        let second = import();
        assert!(second.0.problems <= first.0.problems, "{first:?} {second:?}");
        assert_eq!(import(), second);
    });
});
