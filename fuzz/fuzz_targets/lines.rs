//! Lines of participants and minutes, compressed or not, into stores: every line is accepted or refused, and sending
//! all of it again only merges.

#![no_main]

use std::{cell::OnceCell, io::Cursor, sync::Arc};

use libfuzzer_sys::fuzz_target;
use rollcall_formats::{Encoding, lines::Lines};
use rollcall_fuzz::{empty_account, runtime};
use rollcall_ingest::{
    Ingest,
    lines::{End, Limits, take},
};
use rollcall_model::AccountId;
use tokio::runtime::Runtime;

thread_local! {
    static STORES: OnceCell<(Runtime, Arc<Ingest>, AccountId)> = const { OnceCell::new() };
}

fuzz_target!(|data: &[u8]| {
    let Some((kind, body)) = data.split_first() else { return };
    let lines = if kind & 1 == 0 { Lines::Qos } else { Lines::Participants };
    let encoding = [Encoding::Identity, Encoding::Identity, Encoding::Gzip, Encoding::Zstd][usize::from(kind >> 1 & 3)];
    STORES.with(|stores| {
        let (runtime, ingest, account) = stores.get_or_init(|| {
            let runtime = runtime();
            let (_, _, ingest, account) = runtime.block_on(empty_account());
            (runtime, ingest, account)
        });
        let send = || {
            let input = Cursor::new(body.to_vec());
            let taken = runtime.block_on(take(ingest, *account, lines, input, encoding, Limits { reasons: 10 }));
            assert!(!matches!(taken.end, End::Failed(_)), "the stores are in memory: {taken:?}");
            assert!(taken.merged <= taken.taken && taken.reasons.len() as u64 <= taken.refused.min(10), "{taken:?}");
            if encoding == Encoding::Identity && matches!(taken.end, End::Whole) {
                let count = body.split(|byte| *byte == b'\n').filter(|line| !line.trim_ascii().is_empty()).count();
                assert!(taken.taken + taken.refused <= count as u64, "{taken:?}");
            }
            taken
        };
        let first = send();
        let again = send();
        // Another line may have reported what this one lacked.
        assert!(again.taken >= first.taken && again.merged == again.taken, "{first:?} {again:?}");
    });
});
