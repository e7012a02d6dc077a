//! Test data.

use std::ops::Range;

use futures::TryStreamExt as _;
use rollcall_archive::{Archive, FileInfo, FilePath, InstanceKey, Location, MinuteWriter, Partition};
use rollcall_model::{
    BitrateBps, MeetingKind, MeetingNumber, Millis, Minute, ParticipantKey, QosMinute, StreamQos, StreamState,
    Timestamp,
};
use tempfile::TempDir;

pub(crate) fn archive() -> (TempDir, Archive) {
    let folder = tempfile::tempdir().unwrap();
    let archive = Archive::open(&Location::Folder(folder.path().into())).unwrap();
    (folder, archive)
}

pub(crate) fn partition() -> Partition {
    Partition { account: "q6gBJVO5TzexKYTb_I2rpg".parse().unwrap(), day: "2026-03-01".parse().unwrap() }
}

pub(crate) fn instance(uuid: &str) -> InstanceKey {
    InstanceKey { uuid: uuid.parse().unwrap(), kind: MeetingKind::Webinar, number: Some(MeetingNumber(95_934_104_405)) }
}

pub(crate) fn participant(user_id: &str) -> ParticipantKey {
    ParticipantKey { user_id: user_id.into(), join_time: Some(Timestamp::from_seconds(1_772_366_400)) }
}

pub(crate) fn begin(writer: &mut MinuteWriter, uuid: &str, user_id: &str) {
    writer.begin_instance(&instance(uuid));
    writer.begin_participant(&participant(user_id));
}

/// A minute that contains its position.
pub(crate) fn numbered(n: u32) -> QosMinute {
    let mut minute = QosMinute::new(Minute(29_000_000 + n));
    for (index, state) in minute.streams.iter_mut().enumerate().take(6) {
        *state = match n as usize % (index + 2) {
            0 => StreamState::Idle,
            1 => StreamState::NotReported,
            _ => StreamState::Measured(StreamQos {
                bitrate: Some(BitrateBps(n.wrapping_mul(2_654_435_761))),
                latency: (!n.is_multiple_of(3)).then_some(Millis(n % 300)),
                ..StreamQos::default()
            }),
        };
    }
    minute
}

/// A file of one participant's numbered minutes.
pub(crate) async fn write_numbered(archive: &Archive, uuid: &str, numbers: Range<u32>) -> FileInfo {
    let mut writer = archive.minute_writer(&partition()).await.unwrap();
    begin(&mut writer, uuid, "16778240");
    for n in numbers {
        writer.write(&numbered(n)).unwrap();
    }
    writer.finish().await.unwrap()
}

/// Reads rows of a file, each with its number.
pub(crate) async fn read(archive: &Archive, file: &FilePath, rows: &[Range<u64>]) -> Vec<(u64, QosMinute)> {
    let push = |read: &mut Vec<_>, row, minute: &QosMinute| read.push((row, minute.clone()));
    archive.read_minutes(file, rows, Vec::new(), push).await.unwrap()
}

/// The paths of all files, in order.
pub(crate) async fn list(archive: &Archive) -> Vec<FilePath> {
    let mut files: Vec<_> = archive.list().map_ok(|entry| entry.path).try_collect().await.unwrap();
    files.sort();
    files
}
