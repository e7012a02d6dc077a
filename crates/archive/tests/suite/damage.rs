//! Damaged files: whichever byte is wrong, the error names the file, nothing panics, and no wrong value is returned.

use std::sync::{LazyLock, Mutex, PoisonError};

use proptest::prelude::*;
use rollcall_archive::{Archive, ArchiveError, FileInfo, Location};
use rollcall_model::QosMinute;
use tempfile::TempDir;
use tokio::runtime::Runtime;

use crate::world::{archive, numbered, read, write_numbered};

const ROWS: u32 = 3_000;

fn runtime() -> Runtime {
    tokio::runtime::Builder::new_current_thread().build().unwrap()
}

/// A file and its contents before any damage.
struct Undamaged {
    _folder: TempDir,
    archive: Archive,
    info: FileInfo,
    bytes: Vec<u8>,
}

impl Undamaged {
    async fn new() -> Self {
        let (folder, archive) = archive();
        let info = write_numbered(&archive, "a==", 0..ROWS).await;
        let bytes = std::fs::read(folder.path().join(info.path.to_string())).unwrap();
        Self { _folder: folder, archive, info, bytes }
    }

    /// The outcome of reading and of verifying the file after `damage`.
    async fn after(
        &self,
        damage: impl FnOnce(&mut Vec<u8>),
    ) -> (Result<Vec<QosMinute>, ArchiveError>, Result<u64, ArchiveError>) {
        let mut bytes = self.bytes.clone();
        damage(&mut bytes);
        let Location::Folder(folder) = self.archive.location() else { panic!("a folder") };
        std::fs::write(folder.join(self.info.path.to_string()), bytes).unwrap();
        // Opened again, since footers that were read once are cached.
        let archive = Archive::open(self.archive.location()).unwrap();
        let FileInfo { path, rows, .. } = &self.info;
        let push = |read: &mut Vec<QosMinute>, _, minute: &QosMinute| read.push(minute.clone());
        let read = archive.read_minutes(path, std::slice::from_ref(&(0..*rows)), Vec::new(), push).await;
        let verified = archive.verify(path).await.map(|verified| verified.rows);
        for error in [read.as_ref().err(), verified.as_ref().err()].into_iter().flatten() {
            assert!(error.to_string().contains(&path.to_string()), "{error}");
        }
        (read, verified)
    }
}

#[test]
fn an_undamaged_file_is_whole() {
    runtime().block_on(async {
        let (read, verified) = Undamaged::new().await.after(|_| ()).await;
        assert!(read.unwrap().into_iter().eq((0..ROWS).map(numbered)));
        assert_eq!(verified.unwrap(), u64::from(ROWS));
    });
}

#[test]
fn a_file_cut_short_is_refused() {
    runtime().block_on(async {
        let file = Undamaged::new().await;
        for keep in [0, 1, 4, 8, 100, 10_000] {
            let (read, verified) = file.after(|bytes| bytes.truncate(keep)).await;
            assert!(matches!(read, Err(ArchiveError::Corrupt { .. })), "{keep}");
            assert!(matches!(verified, Err(ArchiveError::Corrupt { .. })), "{keep}");
        }
        let (read, verified) = file.after(|bytes| bytes.truncate(bytes.len() - 1)).await;
        assert!(read.is_err() && verified.is_err());
    });
}

#[tokio::test]
async fn damage_elsewhere_in_a_file_does_not_keep_rows_from_being_read() {
    const ROWS: u64 = 40_000;
    let (folder, archive) = archive();
    let info = write_numbered(&archive, "a==", 0..ROWS as u32).await;
    let file = folder.path().join(info.path.to_string());
    let whole = std::fs::read(&file).unwrap();
    // Among the first column's pages, its dictionary, and other columns' pages: some are needed for all rows, some are
    // not.
    let mut readable = 0;
    for part in 1..12 {
        let mut bytes = whole.clone();
        bytes[whole.len() * part / 16] ^= 0xff;
        std::fs::write(&file, bytes).unwrap();
        assert!(archive.verify(&info.path).await.is_err());
        for first in (0..ROWS).step_by(8_192) {
            let rows = first..(first + 10).min(ROWS);
            let push = |read: &mut Vec<_>, _, minute: &QosMinute| read.push(minute.clone());
            let read = archive.read_minutes(&info.path, std::slice::from_ref(&rows), Vec::new(), push).await;
            if let Ok(read) = read {
                assert!(read.into_iter().eq(rows.map(|row| numbered(row as u32))));
                readable += 1;
            }
        }
    }
    assert!(readable > 0);
    let undamaged = write_numbered(&archive, "b==", 0..10).await;
    assert_eq!(read(&archive, &undamaged.path, std::slice::from_ref(&(0..10))).await.len(), 10);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, max_shrink_iters: 50, ..ProptestConfig::default() })]

    /// Pages and the footer have checksums; the bytes between them (page headers) are compared with the footer.
    #[test]
    fn no_wrong_byte_goes_unseen(at in any::<prop::sample::Index>(), by in 1_u8.., end in any::<bool>()) {
        static FILE: LazyLock<(Mutex<Undamaged>, Runtime)> = LazyLock::new(|| {
            let runtime = runtime();
            (Mutex::new(runtime.block_on(Undamaged::new())), runtime)
        });
        let (file, runtime) = &*FILE;
        let file = file.lock().unwrap_or_else(PoisonError::into_inner);
        runtime.block_on(async {
            let (read, verified) = file.after(|bytes| {
                // Half of the damage is in the footer, which is a small part of most files.
                let from = if end { bytes.len().saturating_sub(20_000) } else { 0 };
                let at = from + at.index(bytes.len() - from);
                bytes[at] ^= by;
            })
            .await;
            if let Ok(read) = read {
                prop_assert!(verified.is_err() || read.into_iter().eq((0..ROWS).map(numbered)));
            }
            Ok(())
        })?;
    }
}
