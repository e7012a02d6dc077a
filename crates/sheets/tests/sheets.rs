//! Sheets through the crate's public functions: any pages contain what was written, and damage is reported.

#![expect(clippy::unwrap_used, reason = "these are tests")]

use std::{fs, io, path::Path};

use proptest::prelude::*;
use rollcall_model::{InstanceId, ParticipantId, Timestamp};
use rollcall_sheets::{Patience, SheetKey, SheetPage, Sheets};

const KEY: SheetKey = SheetKey { instance: InstanceId(7), changes: 3, sealed_at: None };

fn write(sheets: &Sheets, key: &SheetKey, participants: &[(i64, String)]) {
    let mut writer = sheets.begin(key).unwrap();
    for (row, printed) in participants {
        writer.push(ParticipantId(*row), printed.as_bytes()).unwrap();
    }
    writer.finish().unwrap();
}

/// All pages of `limit` participants, one after the other.
fn walk(sheets: &Sheets, limit: usize) -> Vec<String> {
    let (mut pages, mut after) = (Vec::new(), None);
    loop {
        let page = read(sheets, &KEY, after, limit, 5).unwrap().unwrap();
        assert_eq!(page.text[..5], *b"     ");
        pages.push(String::from_utf8(page.text[5..].to_vec()).unwrap());
        after = page.last;
        if !page.more {
            return pages;
        }
    }
}

/// Reads a page and waits for the disk. A read that does not wait must return the same.
fn read(
    sheets: &Sheets,
    key: &SheetKey,
    after: Option<ParticipantId>,
    limit: usize,
    room: usize,
) -> io::Result<Option<SheetPage>> {
    let page = sheets.read(key, after, limit, room, Patience::Waits);
    if let (Ok(page), Ok(cached)) = (&page, sheets.read(key, after, limit, room, Patience::None)) {
        assert_eq!(*page, cached);
    }
    page
}

fn only_file(dir: &Path) -> std::path::PathBuf {
    fs::read_dir(dir).unwrap().next().unwrap().unwrap().path()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]
    #[test]
    fn any_pages_hold_what_was_written(
        participants in prop::collection::btree_map(0_i64..1 << 40, "\\PC{0,20}", 0..60),
        limit in 1_usize..70,
    ) {
        let dir = tempfile::tempdir().unwrap();
        let sheets = Sheets::open(dir.path(), 1).unwrap();
        let participants: Vec<_> = participants.into_iter().collect();
        write(&sheets, &KEY, &participants);
        let texts: Vec<&str> = participants.iter().map(|(_, text)| text.as_str()).collect();
        let expected: Vec<String> = texts.chunks(limit).map(|page| page.join(",")).collect();
        let expected = if expected.is_empty() { vec![String::new()] } else { expected };
        prop_assert_eq!(walk(&sheets, limit), expected);
        // A page may begin after a row that no longer exists.
        let page = read(&sheets, &KEY, Some(ParticipantId(1 << 39)), limit, 0).unwrap().unwrap();
        let later = participants.iter().filter(|(row, _)| *row > 1 << 39).map(|(_, text)| text.as_str());
        prop_assert_eq!(page.text, later.take(limit).collect::<Vec<_>>().join(",").into_bytes());
    }

    #[test]
    fn damage_is_reported_or_harmless(at in 0_usize..200, byte: u8, cut in 0_usize..200) {
        let dir = tempfile::tempdir().unwrap();
        let sheets = Sheets::open(dir.path(), 1).unwrap();
        write(&sheets, &KEY, &[(1, "a".repeat(20)), (2, "b".repeat(30)), (4, "c".repeat(40))]);
        let path = only_file(dir.path());
        let mut bytes = fs::read(&path).unwrap();
        let at = at % bytes.len();
        bytes[at] = byte;
        bytes.truncate(bytes.len() - cut % bytes.len());
        fs::write(&path, bytes).unwrap();
        for after in [None, Some(ParticipantId(2))] {
            match read(&sheets, &KEY, after, 2, 0) {
                Ok(page) => prop_assert!(page.unwrap().text.len() < 200),
                Err(error) => prop_assert!(
                    matches!(error.kind(), io::ErrorKind::InvalidData | io::ErrorKind::UnexpectedEof),
                    "{error}"
                ),
            }
        }
    }
}

#[test]
fn a_sheet_is_found_by_what_it_was_printed_from() {
    let dir = tempfile::tempdir().unwrap();
    let sheets = Sheets::open(dir.path(), 1).unwrap();
    write(&sheets, &KEY, &[(1, "one".to_owned())]);
    for other in [
        SheetKey { instance: InstanceId(8), ..KEY },
        SheetKey { changes: 4, ..KEY },
        SheetKey { sealed_at: Some(Timestamp::from_millis(3)), ..KEY },
    ] {
        assert_eq!(read(&sheets, &other, None, 1, 0).unwrap(), None);
    }
    assert_eq!(sheets.list().unwrap(), [(KEY, 4 + 16 + 16)]);
    sheets.remove(&KEY).unwrap();
    sheets.remove(&KEY).unwrap();
    assert_eq!(read(&sheets, &KEY, None, 1, 0).unwrap(), None);
}

#[test]
fn what_is_not_finished_or_of_another_form_is_deleted() {
    let dir = tempfile::tempdir().unwrap();
    let sheets = Sheets::open(dir.path(), 1).unwrap();
    write(&sheets, &KEY, &[(1, "one".to_owned())]);
    let mut dropped = sheets.begin(&SheetKey { changes: 9, ..KEY }).unwrap();
    dropped.push(ParticipantId(1), b"one").unwrap();
    drop(dropped);
    assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 1);

    fs::write(dir.path().join("left-over"), b"").unwrap();
    assert_eq!(Sheets::open(dir.path(), 1).unwrap().list().unwrap().len(), 1);
    assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 1);
    assert!(Sheets::open(dir.path(), 2).unwrap().list().unwrap().is_empty());
    assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 0);
}

#[test]
fn rows_out_of_order_are_refused() {
    let dir = tempfile::tempdir().unwrap();
    let mut writer = Sheets::open(dir.path(), 1).unwrap().begin(&KEY).unwrap();
    writer.push(ParticipantId(2), b"two").unwrap();
    writer.push(ParticipantId(2), b"two").unwrap_err();
}
