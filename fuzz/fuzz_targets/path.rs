//! Paths with ids in them: raw, encoded, or neither.

#![no_main]

use libfuzzer_sys::fuzz_target;
use rollcall_zoom::path::{canonical, decode_id, split_instance_path};

fuzz_target!(|path: &str| {
    let _ = decode_id(path);
    let Some(rewritten) = canonical(path) else { return };
    // Once is enough, and the path identifies the same record.
    assert_eq!(canonical(&rewritten), None, "{path}");
    let below = |path: &str| path.trim_start_matches('/').trim_start_matches("v2/").to_owned();
    let (before, after) = (below(path), below(&rewritten));
    let (Some(before), Some(after)) = (split_instance_path(&before), split_instance_path(&after)) else {
        panic!("{path} was rewritten to {rewritten}")
    };
    assert_eq!((before.family, before.tail), (after.family, after.tail), "{path}");
    assert_eq!(decode_id(before.id), decode_id(after.id), "{path}");
});
