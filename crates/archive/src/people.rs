//! Reads complete participants.

use std::ops::Range;

use parquet::{
    data_type::ByteArray,
    errors::{ParquetError, Result as Read},
};
use rollcall_model::{InstanceUuid, MeetingKind, MeetingNumber, Participant, Text, Timestamp, with_participant_fields};
use serde::de::DeserializeOwned;

use crate::{
    Archive, ArchiveError, Dataset, FilePath, InstanceKey, Result,
    column::{INSTANCE_UUID, KIND, MEETING_ID},
    decode::{Batch, Column},
    minutes::{each, kind_name},
    participants::{JOIN_TIME, PLACES, USER_ID},
    projection::Projection,
    store::blocking,
};

/// A value of a participant that one column holds.
trait Stored: Sized {
    fn each(batch: &Batch<'_>, place: usize, show: impl FnMut(usize, Self) -> Read<()>) -> Read<()>;
}

impl Stored for Text {
    fn each(batch: &Batch<'_>, place: usize, mut show: impl FnMut(usize, Self) -> Read<()>) -> Read<()> {
        each(batch, place, Column::each_text, |row, value| show(row, text(&value)?))
    }
}

impl Stored for bool {
    fn each(batch: &Batch<'_>, place: usize, show: impl FnMut(usize, Self) -> Read<()>) -> Read<()> {
        each(batch, place, Column::each_bool, show)
    }
}

impl Stored for i64 {
    fn each(batch: &Batch<'_>, place: usize, show: impl FnMut(usize, Self) -> Read<()>) -> Read<()> {
        each(batch, place, Column::each_i64, show)
    }
}

impl Stored for Timestamp {
    fn each(batch: &Batch<'_>, place: usize, mut show: impl FnMut(usize, Self) -> Read<()>) -> Read<()> {
        each(batch, place, Column::each_i64, |row, millis| show(row, Self::from_millis(millis)))
    }
}

impl<V: DeserializeOwned> Stored for Vec<V> {
    fn each(batch: &Batch<'_>, place: usize, mut show: impl FnMut(usize, Self) -> Read<()>) -> Read<()> {
        each(batch, place, Column::each_text, |row, value| show(row, list(&value)?))
    }
}

/// Reads the column at `place` into a field of each row.
fn read<V: Stored>(batch: &Batch<'_>, place: usize, rows: &mut [Row], field: fn(&mut Row) -> &mut V) -> Read<()> {
    V::each(batch, place, |row, value| {
        *field(&mut rows[row]) = value;
        Ok(())
    })
}

/// [`read`], for a field that may be absent.
fn read_field<V: Stored>(
    batch: &Batch<'_>,
    place: usize,
    rows: &mut [Row],
    field: fn(&mut Participant) -> &mut Option<V>,
) -> Read<()> {
    V::each(batch, place, |row, value| {
        *field(&mut rows[row].participant) = Some(value);
        Ok(())
    })
}

macro_rules! read_field {
    (Extras, $field:ident, $batch:ident, $place:ident, $rows:ident) => {
        let _ = $place;
    };
    ($type:ident, $field:ident, $batch:ident, $place:ident, $rows:ident) => {
        read_field($batch, $place, $rows, |participant| &mut participant.$field)?;
    };
}

macro_rules! define_read_fields {
    ($($field:ident: $type:ident, $reveals:ident, $meaning:literal;)*) => {
        /// Reads the columns of all fields but the key's two.
        fn read_fields(batch: &Batch<'_>, rows: &mut [Row]) -> Read<()> {
            let mut places = PLACES.into_iter();
            $(if let Some(place) = places.next() {
                read_field! { $type, $field, batch, place, rows }
            })*
            Ok(())
        }
    };
}
with_participant_fields!(define_read_fields);

/// The content of a row.
#[derive(Clone, Default)]
struct Row {
    uuid: Text,
    kind: Text,
    number: Option<i64>,
    participant: Participant,
}

impl Archive {
    /// Reads `rows` of a file of participants completely. The whole result is in memory: request many rows piece by
    /// piece.
    ///
    /// # Errors
    /// [`ArchiveError::Missing`], [`ArchiveError::Corrupt`], [`ArchiveError::Version`], [`ArchiveError::NoSuchRow`],
    /// [`ArchiveError::Order`] if the file contains no participants, and errors of the disk or the remote store.
    pub async fn read_participants(
        &self,
        file: &FilePath,
        rows: Range<u64>,
    ) -> Result<Vec<(InstanceKey, Participant)>> {
        if file.dataset() != Dataset::Participants {
            let reason = "it contains no participants".to_owned();
            return Err(ArchiveError::Order { file: file.to_string(), reason });
        }
        let fetched = self.fetch(file, std::slice::from_ref(&rows), Projection::ALL).await?;
        let name = file.clone();
        blocking("reading participants", move || {
            let mut all: Vec<Row> = Vec::new();
            fetched.visit_batches(|_, count, batch| {
                let first = all.len();
                all.resize(first + count, Row::default());
                let of_batch = &mut all[first..];
                read(batch, INSTANCE_UUID, of_batch, |row| &mut row.uuid)?;
                read(batch, KIND, of_batch, |row| &mut row.kind)?;
                read(batch, USER_ID, of_batch, |row| &mut row.participant.user_id)?;
                each(batch, MEETING_ID, Column::each_i64, |row, value| {
                    of_batch[row].number = Some(value);
                    Ok(())
                })?;
                read_field(batch, JOIN_TIME, of_batch, |participant| &mut participant.join_time)?;
                read_fields(batch, of_batch)
            })?;
            all.into_iter().map(|row| row.finish(&name)).collect()
        })
        .await
    }
}

impl Row {
    fn finish(self, file: &FilePath) -> Result<(InstanceKey, Participant)> {
        let corrupt = |what: &str| ArchiveError::corrupt(file, what);
        let uuid: InstanceUuid = self.uuid.parse().map_err(|_| corrupt("an instance's UUID cannot be one"))?;
        let mut kinds = [MeetingKind::Meeting, MeetingKind::Webinar].into_iter();
        let kind = kinds.find(|kind| kind_name(*kind) == self.kind.as_str());
        let kind = kind.ok_or_else(|| corrupt("an unknown kind of meeting"))?;
        Ok((InstanceKey { uuid, kind, number: self.number.map(MeetingNumber) }, self.participant))
    }
}

fn text(value: &ByteArray) -> Read<Text> {
    Text::from_utf8(value.data()).map_err(|_| ParquetError::General("text that is not UTF-8".to_owned()))
}

fn list<T: DeserializeOwned>(value: &ByteArray) -> Read<Vec<T>> {
    serde_json::from_slice(value.data()).map_err(|error| ParquetError::General(format!("a list: {error}")))
}
