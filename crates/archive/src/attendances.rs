//! Reads participants: the key of each row, and some of its strings.

use std::ops::Range;

use parquet::{data_type::ByteArray, errors::ParquetError};
use rollcall_model::{ParticipantKey, ParticipantUserId, Text, Timestamp};

use crate::{
    Archive, ArchiveError, Dataset, FilePath, Result,
    column::Column as Described,
    decode::Column,
    minutes::each,
    participants::{COLUMNS, JOIN_TIME, USER_ID},
    projection::Projection,
    store::blocking,
};

/// A row of a file of participants.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attendance {
    /// Its key within the instance.
    pub key: ParticipantKey,
    /// The requested strings, in order; `None` if a value is absent.
    pub texts: Vec<Option<Text>>,
}

impl Archive {
    /// Reads `rows` of a file of participants: their keys, and the strings in the columns `names`. Other columns are
    /// not decoded. The whole result is in memory: request many rows piece by piece.
    ///
    /// # Errors
    /// [`ArchiveError::Missing`], [`ArchiveError::Corrupt`], [`ArchiveError::Version`], [`ArchiveError::NoSuchRow`],
    /// [`ArchiveError::Order`] if the file contains no participants or has no such column, and errors of the disk or
    /// the remote store.
    pub async fn read_attendances(&self, file: &FilePath, rows: Range<u64>, names: &[&str]) -> Result<Vec<Attendance>> {
        let order = |reason: String| ArchiveError::Order { file: file.to_string(), reason };
        if file.dataset() != Dataset::Participants {
            return Err(order("it contains no participants".to_owned()));
        }
        let place = |name: &&str| {
            let place = COLUMNS.iter().position(|column: &Described| column.name == *name);
            place.ok_or_else(|| order(format!("there is no column {name}")))
        };
        let columns = names.iter().map(place).collect::<Result<Vec<_>>>()?;
        let keys = Projection::NONE.with(USER_ID).with(JOIN_TIME);
        let projection = columns.iter().fold(keys, |projection, place| projection.with(*place));
        let fetched = self.fetch(file, std::slice::from_ref(&rows), projection).await?;
        blocking("reading participants", move || {
            let mut attendances: Vec<Attendance> = Vec::new();
            fetched.visit_batches(|_, count, batch| {
                let first = attendances.len();
                let blank = ParticipantKey { user_id: ParticipantUserId(Text::default()), join_time: None };
                let blank = Attendance { key: blank, texts: vec![None; columns.len()] };
                attendances.resize(first + count, blank);
                let of_batch = &mut attendances[first..];
                each(batch, USER_ID, Column::each_text, |row, value| {
                    of_batch[row].key.user_id = ParticipantUserId(text(&value)?);
                    Ok(())
                })?;
                each(batch, JOIN_TIME, Column::each_i64, |row, millis| {
                    of_batch[row].key.join_time = Some(Timestamp::from_millis(millis));
                    Ok(())
                })?;
                for (index, place) in columns.iter().enumerate() {
                    each(batch, *place, Column::each_text, |row, value| {
                        of_batch[row].texts[index] = Some(text(&value)?);
                        Ok(())
                    })?;
                }
                Ok(())
            })?;
            Ok(attendances)
        })
        .await
    }
}

fn text(value: &ByteArray) -> Result<Text, ParquetError> {
    Text::from_utf8(value.data()).map_err(|_| ParquetError::General("text that is not UTF-8".to_owned()))
}
