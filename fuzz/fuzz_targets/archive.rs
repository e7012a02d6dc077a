//! Damaged archive files: any bytes are read, or refused with the file's name, and memory does not grow beyond
//! what the file could contain. The checksum of the tail is corrected, so that the checks after it are reached.

#![no_main]

use std::{fs, path::PathBuf};

use libfuzzer_sys::fuzz_target;
use rollcall_archive::{Archive, Dataset, FilePath, InstanceKey, Location, Partition};
use rollcall_fuzz::runtime;
use rollcall_model::{
    BitrateBps, InstanceUuid, MeetingKind, MeetingNumber, Millis, Minute, Participant, QosMinute, StreamQos,
    StreamState,
};
use tempfile::TempDir;
use tokio::runtime::Runtime;

const ROWS: u32 = 300;
const KEY: &[u8] = b"rollcall.tail";

/// A file of each dataset, undamaged.
struct Files {
    runtime: Runtime,
    folder: TempDir,
    files: Vec<(FilePath, Vec<u8>)>,
}

thread_local! {
    static FILES: Files = Files::write();
}

impl Files {
    fn write() -> Self {
        let runtime = runtime();
        let folder = tempfile::tempdir().expect("there is room for a folder");
        let archive = Archive::open(&Location::Folder(folder.path().to_owned())).expect("a folder is an archive");
        let partition =
            Partition { account: "fuzz".parse().expect("an id"), day: "2026-03-01".parse().expect("a day") };
        let uuid: InstanceUuid = "Fuzzed==".parse().expect("a UUID");
        let instance = InstanceKey { uuid, kind: MeetingKind::Meeting, number: Some(MeetingNumber(7)) };
        let written = runtime.block_on(async {
            let mut minutes = archive.minute_writer(&partition).await.expect("a file begins");
            minutes.begin_instance(&instance);
            for n in 0..ROWS {
                if n % 30 == 0 {
                    minutes.begin_participant(&participant(n).key());
                }
                minutes.write(&minute(n)).expect("a minute is written");
            }
            let mut participants = archive.participant_writer(&partition).await.expect("a file begins");
            participants.begin_instance(&instance);
            for n in 0..ROWS {
                participants.write(&participant(n)).expect("a participant is written");
            }
            let (minutes, participants) = (minutes.finish().await, participants.finish().await);
            [minutes.expect("a file ends").path, participants.expect("a file ends").path]
        });
        let files = written.into_iter().map(|path| {
            let bytes = fs::read(folder.path().join(path.to_string())).expect("a file is there");
            (path, bytes)
        });
        let files = files.collect();
        Self { runtime, folder, files }
    }

    fn place(&self, path: &FilePath) -> PathBuf {
        self.folder.path().join(path.to_string())
    }
}

fn participant(n: u32) -> Participant {
    Participant {
        user_id: format!("u{n}").into(),
        user_name: Some(format!("Name {n}").into()),
        ..Participant::default()
    }
}

fn minute(n: u32) -> QosMinute {
    let mut minute = QosMinute::new(Minute(29_000_000 + n));
    let measured = StreamQos { bitrate: Some(BitrateBps(n * 7)), latency: Some(Millis(n)), ..StreamQos::default() };
    minute.streams[n as usize % 3] = StreamState::Measured(measured);
    minute
}

/// The beginning of the tail, and the position of its checksum.
fn tail(bytes: &[u8]) -> Option<(usize, usize)> {
    let key = bytes.windows(KEY.len()).rposition(|window| window == KEY)?;
    let offset = key + KEY.len() + 2;
    let start = std::str::from_utf8(bytes.get(offset..offset + 16)?).ok()?;
    let start = usize::from_str_radix(start, 16).ok()?;
    (start < offset && offset + 24 <= bytes.len()).then_some((start, offset + 16))
}

fn make_sum_right(bytes: &mut [u8]) {
    let Some((start, sum)) = tail(bytes) else { return };
    bytes[sum..sum + 8].fill(b'0');
    let crc = crc32fast::hash(&bytes[start..]);
    bytes[sum..sum + 8].copy_from_slice(format!("{crc:08x}").as_bytes());
}

// A byte for the file and the position of the damage, then the positions and changes.
fuzz_target!(|data: &[u8]| {
    let Some((choice, patches)) = data.split_first() else { return };
    FILES.with(|files| {
        let (path, whole) = &files.files[usize::from(choice & 1)];
        let mut bytes = whole.clone();
        let from = if choice & 2 == 0 { tail(whole).expect("it is whole").0 } else { 0 };
        for patch in patches.chunks_exact(4) {
            let place = u32::from_le_bytes([patch[0], patch[1], patch[2], 0]) as usize;
            let place = from + place % (bytes.len() - from);
            bytes[place] ^= patch[3];
        }
        if choice & 4 == 0 {
            make_sum_right(&mut bytes);
        }
        fs::write(files.place(path), &bytes).expect("there is room");
        let archive = Archive::open(&Location::Folder(files.folder.path().to_owned())).expect("it was one before");
        files.runtime.block_on(async {
            let verified = archive.verify(path).await;
            if let Err(error) = &verified {
                assert!(error.to_string().contains(&path.to_string()), "{error}");
            }
            if path.dataset() == Dataset::QosMinutes {
                let rows = verified.as_ref().map_or(u64::from(ROWS), |verified| verified.rows.min(1 << 20));
                let count = |count: &mut u64, _, _: &QosMinute| *count += 1;
                match archive.read_minutes(path, &[0..rows], 0_u64, count).await {
                    Ok(read) => assert_eq!(read, rows),
                    Err(error) => assert!(error.to_string().contains(&path.to_string()), "{error}"),
                }
            }
            if bytes == *whole {
                assert_eq!(verified.expect("it is whole").rows, u64::from(ROWS));
            }
        });
    });
});
