//! New files.

use std::fs::File;

use parquet::{data_type::ByteArray, file::metadata::KeyValue};
use rollcall_model::{ParticipantKey, QosMinute};

use crate::{
    Archive, ArchiveError, Dataset, FilePath, InstanceKey, Partition, Result,
    encode::Encoder,
    metadata,
    minutes::{COLUMNS, INSTANCE_UUID, JOIN_TIME, KIND, MEETING_ID, USER_ID, kind_name, put_minute},
};

/// A file that stands in the archive.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FileInfo {
    /// Its path.
    pub path: FilePath,
    /// How many rows it has.
    pub rows: u64,
    /// How long it is.
    pub bytes: u64,
}

/// Writes one file of QoS minutes: instances one after another, the participants of each one after another, the
/// minutes of each in ascending order.
///
/// Rows are numbered from 0 in the order in which they are written. What is written goes to a file that nobody sees
/// until [`Self::finish`]; dropping the writer removes it. Memory is bounded by the row group (131,072 rows, or 16 MiB
/// encoded). `write` encodes, and now and then writes to the disk: call it where that may take some milliseconds.
pub struct MinuteWriter {
    archive: Archive,
    path: FilePath,
    encoder: Encoder<File>,
    file: crate::store::Unfinished,
    instance: Option<[ByteArray; 2]>,
    meeting_id: i64,
    participant: Option<(ByteArray, Option<i64>)>,
    last: Option<rollcall_model::Minute>,
}

impl MinuteWriter {
    pub(crate) fn new(archive: Archive, partition: Partition) -> Result<Self> {
        let path = FilePath::unique(Dataset::QosMinutes, partition)
            .map_err(|error| ArchiveError::backend("naming a new file", error.to_string()))?;
        let (file, sink) = archive.begin_file(&path)?;
        let encoder = Encoder::new(sink, path.dataset().as_str(), &COLUMNS)
            .map_err(|error| ArchiveError::backend(format!("writing {path}"), error))?;
        Ok(Self { archive, path, encoder, file, instance: None, meeting_id: 0, participant: None, last: None })
    }

    /// Where the file will stand.
    #[must_use]
    pub const fn path(&self) -> &FilePath {
        &self.path
    }

    /// How many rows are written: the number of the next one.
    #[must_use]
    pub fn rows(&self) -> u64 {
        self.encoder.rows()
    }

    /// Says whose rows come next. Rows of an instance stand together: one that was left is not begun again.
    pub fn begin_instance(&mut self, instance: &InstanceKey) {
        self.instance = Some([ByteArray::from(instance.uuid.as_str()), ByteArray::from(kind_name(instance.kind))]);
        self.meeting_id = instance.number.0;
        self.participant = None;
        self.last = None;
    }

    /// Says whose minutes come next, inside the instance.
    pub fn begin_participant(&mut self, participant: &ParticipantKey) {
        let user_id = ByteArray::from(participant.user_id.as_str());
        self.participant = Some((user_id, participant.join_time.map(rollcall_model::Timestamp::as_millis)));
        self.last = None;
    }

    /// Writes the participant's next minute.
    ///
    /// # Errors
    /// [`ArchiveError::Order`] where the minute is not later than the one before, or nobody's; else what the disk said.
    pub fn write(&mut self, minute: &QosMinute) -> Result<()> {
        let (Some([uuid, kind]), Some((user_id, join_time))) = (&self.instance, &self.participant) else {
            return Err(self.order("a minute without an instance and a participant"));
        };
        if self.last.is_some_and(|last| last >= minute.minute) {
            return Err(self.order("a participant's minutes do not ascend"));
        }
        self.last = Some(minute.minute);
        let block = &mut self.encoder.block;
        block.put_text(INSTANCE_UUID, uuid.clone());
        block.put_text(KIND, kind.clone());
        block.put_i64(MEETING_ID, self.meeting_id);
        block.put_text(USER_ID, user_id.clone());
        if let Some(join_time) = join_time {
            block.put_i64(JOIN_TIME, *join_time);
        }
        put_minute(block, minute);
        block.end_row();
        self.encoder.advance().map_err(|error| ArchiveError::backend(format!("writing {}", self.path), error))
    }

    fn order(&self, reason: &str) -> ArchiveError {
        ArchiveError::Order { file: self.path.to_string(), reason: reason.to_owned() }
    }

    /// Ends the file. When it returns, the file stands in the archive and survives a power cut.
    ///
    /// # Errors
    /// What the disk or the far store said. The file may then stand in the archive, whole, or not.
    pub async fn finish(self) -> Result<FileInfo> {
        let Self { archive, path, encoder, file, .. } = self;
        let rows = encoder.rows();
        let metadata = metadata::entries(&path, rows);
        finish(archive, path, rows, encoder, metadata, file).await
    }
}

pub(crate) async fn finish(
    archive: Archive,
    path: FilePath,
    rows: u64,
    encoder: Encoder<File>,
    metadata: Vec<KeyValue>,
    file: crate::store::Unfinished,
) -> Result<FileInfo> {
    let doing = format!("writing {path}");
    let ended = tokio::task::spawn_blocking(move || encoder.finish(metadata).map(drop)).await;
    ended
        .map_err(|error| ArchiveError::backend(doing.clone(), error))?
        .map_err(|error| ArchiveError::backend(doing, error))?;
    let bytes = archive.publish(&path, file).await?;
    Ok(FileInfo { path, rows, bytes })
}
