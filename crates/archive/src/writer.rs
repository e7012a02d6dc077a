//! Writes new files.

use std::{fs::File, ops::Range, slice};

use parquet::{data_type::ByteArray, errors::ParquetError};
use rollcall_model::{Minute, Participant, ParticipantKey, QosMinute, Timestamp};

use crate::{
    Archive, ArchiveError, Dataset, FilePath, InstanceKey, Partition, Result,
    column::{INSTANCE_UUID, KIND, MEETING_ID},
    encode::{Block, Encoder},
    metadata,
    minutes::{JOIN_TIME, USER_ID, kind_name, put_minute},
    participants::put_participant,
    projection::Projection,
    store::{Unfinished, blocking},
    tail,
};

/// A file in the archive.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FileInfo {
    /// Its path.
    pub path: FilePath,
    /// Number of rows.
    pub rows: u64,
    /// Its length.
    pub bytes: u64,
}

/// A file that is being written, for any dataset.
struct FileWriter {
    archive: Archive,
    path: FilePath,
    encoder: Encoder<File>,
    file: Unfinished,
    instance: Option<Instance>,
}

/// The instance of rows, in the form of its columns.
struct Instance {
    uuid: ByteArray,
    kind: ByteArray,
    meeting_id: Option<i64>,
}

impl FileWriter {
    fn new(archive: Archive, dataset: Dataset, partition: Partition) -> Result<Self> {
        let path = FilePath::unique(dataset, partition)
            .map_err(|error| ArchiveError::backend("naming a new file", error.to_string()))?;
        let (file, sink) = archive.begin_file(&path)?;
        let encoder =
            Encoder::new(sink, dataset.as_str(), metadata::columns(dataset)).map_err(|error| failed(&path, error))?;
        Ok(Self { archive, path, encoder, file, instance: None })
    }

    fn begin_instance(&mut self, instance: &InstanceKey) {
        self.instance = Some(Instance {
            uuid: ByteArray::from(instance.uuid.as_str()),
            kind: ByteArray::from(kind_name(instance.kind)),
            meeting_id: instance.number.map(|number| number.0),
        });
    }

    /// Writes a row: the instance's columns, and those that `put` adds.
    fn write(&mut self, put: impl FnOnce(&mut Block)) -> Result<()> {
        let Some(instance) = &self.instance else { return Err(self.order("a row without an instance")) };
        let block = &mut self.encoder.block;
        block.put_text(INSTANCE_UUID, instance.uuid.clone());
        block.put_text(KIND, instance.kind.clone());
        if let Some(meeting_id) = instance.meeting_id {
            block.put_i64(MEETING_ID, meeting_id);
        }
        put(block);
        block.end_row();
        self.encoder.advance().map_err(|error| failed(&self.path, error))
    }

    fn order(&self, reason: &str) -> ArchiveError {
        ArchiveError::Order { file: self.path.to_string(), reason: reason.to_owned() }
    }

    /// Copies rows of another file of the dataset, one row group in memory at a time.
    async fn copy(mut self, file: &FilePath, rows: Range<u64>) -> Result<Self> {
        if file.dataset() != self.path.dataset() || file.partition() != self.path.partition() {
            return Err(self.order(&format!("rows of {file} belong to another account or day")));
        }
        self.instance = None;
        let archive = self.archive.clone();
        for part in archive.group_ranges(file, slice::from_ref(&rows)).await? {
            let fetched = archive.fetch(file, &part, Projection::ALL).await?;
            self = blocking("copying rows", move || {
                let mut failure = None;
                fetched.visit_batches(|_, count, batch| {
                    // A write error is not damage of the file being read.
                    if failure.is_none() {
                        failure = self.encoder.copy(batch, count).err();
                    }
                    Ok(())
                })?;
                match failure {
                    Some(error) => Err(failed(&self.path, error)),
                    None => Ok(self),
                }
            })
            .await?;
        }
        Ok(self)
    }

    async fn finish(self) -> Result<FileInfo> {
        let Self { archive, path, encoder, file, .. } = self;
        let rows = encoder.rows();
        let metadata = metadata::entries(&path, rows);
        let (path, file) = blocking("ending a file", move || {
            let ended = encoder.finish(metadata).and_then(|(mut sink, tail)| tail::seal(&mut sink, tail));
            ended.map_err(|error| failed(&path, error))?;
            Ok((path, file))
        })
        .await?;
        let bytes = archive.publish(&path, file).await?;
        Ok(FileInfo { path, rows, bytes })
    }
}

fn failed(path: &FilePath, error: ParquetError) -> ArchiveError {
    ArchiveError::backend(format!("writing {path}"), error)
}

macro_rules! common {
    () => {
        /// Returns the file's future path.
        #[must_use]
        pub const fn path(&self) -> &FilePath {
            &self.file.path
        }

        /// Returns the number of written rows: the number of the next one.
        #[must_use]
        pub fn rows(&self) -> u64 {
            self.file.encoder.rows()
        }

        /// Finishes the file. When it returns, the file is in the archive and survives a power cut.
        ///
        /// # Errors
        /// Errors of the disk or the remote store. The complete file may then be in the archive, or not.
        pub async fn finish(self) -> Result<FileInfo> {
            self.file.finish().await
        }
    };
}

/// Writes one file of QoS minutes: instances one after another, the participants of each one after another, the minutes
/// of each in ascending order.
///
/// Rows are numbered from 0 in the order of writing. The file is invisible until [`Self::finish`]; dropping the writer
/// removes it. Memory is bounded by the row group (131,072 rows, or 16 MiB encoded). `write` encodes, and sometimes
/// writes to the disk: call it from code that may block for some milliseconds.
pub struct MinuteWriter {
    file: FileWriter,
    participant: Option<(ByteArray, Option<i64>)>,
    last: Option<Minute>,
}

impl MinuteWriter {
    common!();

    pub(crate) fn new(archive: Archive, partition: Partition) -> Result<Self> {
        let file = FileWriter::new(archive, Dataset::QosMinutes, partition)?;
        Ok(Self { file, participant: None, last: None })
    }

    /// Starts an instance. Its rows are contiguous: a finished instance cannot be started again.
    pub fn begin_instance(&mut self, instance: &InstanceKey) {
        self.file.begin_instance(instance);
        self.participant = None;
        self.last = None;
    }

    /// Starts a participant of the instance.
    pub fn begin_participant(&mut self, participant: &ParticipantKey) {
        let user_id = ByteArray::from(participant.user_id.as_str());
        self.participant = Some((user_id, participant.join_time.map(Timestamp::as_millis)));
        self.last = None;
    }

    /// Writes the participant's next minute.
    ///
    /// # Errors
    /// [`ArchiveError::Order`] if the minute is not later than the previous one, or has no participant; otherwise
    /// errors of the disk.
    pub fn write(&mut self, minute: &QosMinute) -> Result<()> {
        let Some((user_id, join_time)) = &self.participant else {
            return Err(self.file.order("a minute without a participant"));
        };
        if self.last.is_some_and(|last| last >= minute.minute) {
            return Err(self.file.order("a participant's minutes do not ascend"));
        }
        self.last = Some(minute.minute);
        self.file.write(|block| {
            block.put_text(USER_ID, user_id.clone());
            if let Some(join_time) = join_time {
                block.put_i64(JOIN_TIME, *join_time);
            }
            put_minute(block, minute);
        })
    }

    /// Copies `rows` of another file of the same account and day, in order, as the next rows: their positions in an
    /// index move by `self.rows() - rows.start`. Start an instance and a participant before further writes.
    ///
    /// # Errors
    /// Those of reading that file and writing this one; this file is then dropped.
    pub async fn copy(self, file: &FilePath, rows: Range<u64>) -> Result<Self> {
        Ok(Self { file: self.file.copy(file, rows).await?, participant: None, last: None })
    }
}

/// Writes one file of participants: those of an instance one after another.
///
/// Otherwise like [`MinuteWriter`].
pub struct ParticipantWriter {
    file: FileWriter,
}

impl ParticipantWriter {
    common!();

    pub(crate) fn new(archive: Archive, partition: Partition) -> Result<Self> {
        Ok(Self { file: FileWriter::new(archive, Dataset::Participants, partition)? })
    }

    /// Starts an instance. Its rows are contiguous: a finished instance cannot be started again.
    pub fn begin_instance(&mut self, instance: &InstanceKey) {
        self.file.begin_instance(instance);
    }

    /// Writes the instance's next participant. Its strings may be raw bytes from a store; invalid UTF-8 in them is
    /// replaced.
    ///
    /// # Errors
    /// [`ArchiveError::Order`] if no instance was started; otherwise errors of the disk.
    pub fn write<T: AsRef<[u8]>>(&mut self, participant: &Participant<T>) -> Result<()> {
        self.file.write(|block| put_participant(block, participant))
    }

    /// Copies rows like [`MinuteWriter::copy`].
    ///
    /// # Errors
    /// Those of reading that file and writing this one; this file is then dropped.
    pub async fn copy(self, file: &FilePath, rows: Range<u64>) -> Result<Self> {
        Ok(Self { file: self.file.copy(file, rows).await? })
    }
}
