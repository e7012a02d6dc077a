//! Reads complete participants.

use std::ops::Range;

use parquet::{data_type::ByteArray, errors::ParquetError};
use rollcall_model::{InstanceUuid, MeetingKind, MeetingNumber, Participant, Text, Timestamp};
use serde::de::DeserializeOwned;

use crate::{
    Archive, ArchiveError, Dataset, FilePath, InstanceKey, Result,
    column::{INSTANCE_UUID, KIND, MEETING_ID},
    decode::Column,
    minutes::{each, kind_name},
    participants::{FLAGS, NUMBERS, QUALITY_TEXTS, TEXTS},
    projection::Projection,
    store::blocking,
};

/// The participant's field for a column of strings.
type TextField = fn(&mut Participant) -> &mut Option<Text>;

/// The fields of [`TEXTS`] and [`QUALITY_TEXTS`], in their order.
const TEXT_FIELDS: [TextField; TEXTS.len() + QUALITY_TEXTS.len()] = [
    |p| &mut p.id,
    |p| &mut p.participant_user_id,
    |p| &mut p.participant_uuid,
    |p| &mut p.user_name,
    |p| &mut p.email,
    |p| &mut p.registrant_id,
    |p| &mut p.role,
    |p| &mut p.status,
    |p| &mut p.device,
    |p| &mut p.os,
    |p| &mut p.os_version,
    |p| &mut p.browser_name,
    |p| &mut p.browser_version,
    |p| &mut p.device_name,
    |p| &mut p.client,
    |p| &mut p.version,
    |p| &mut p.zoom_thin_client_plugin_version,
    |p| &mut p.ip_address,
    |p| &mut p.location,
    |p| &mut p.network_type,
    |p| &mut p.connection_type,
    |p| &mut p.video_connection_type,
    |p| &mut p.as_connection_type,
    |p| &mut p.data_center,
    |p| &mut p.full_data_center,
    |p| &mut p.leave_reason,
    |p| &mut p.pc_name,
    |p| &mut p.domain,
    |p| &mut p.mac_addr,
    |p| &mut p.harddisk_id,
    |p| &mut p.microphone,
    |p| &mut p.speaker,
    |p| &mut p.camera,
    |p| &mut p.sip_uri,
    |p| &mut p.from_sip_uri,
    |p| &mut p.customer_key,
    |p| &mut p.quality.audio,
    |p| &mut p.quality.video,
    |p| &mut p.quality.screen_share,
    |p| &mut p.bo_mtg_id,
    |p| &mut p.group_id,
    |p| &mut p.optional_archiving,
    |p| &mut p.aic_disclaimer,
    |p| &mut p.health,
    |p| &mut p.rc_reason,
];
/// The fields of [`FLAGS`] and of [`NUMBERS`], in their order.
const FLAG_FIELDS: [fn(&mut Participant) -> &mut Option<bool>; FLAGS.len()] = [
    |p| &mut p.share_application,
    |p| &mut p.share_desktop,
    |p| &mut p.share_whiteboard,
    |p| &mut p.recording,
    |p| &mut p.has_archiving,
];
const NUMBER_FIELDS: [fn(&mut Participant) -> &mut Option<i64>; NUMBERS.len()] =
    [|p| &mut p.in_room_participants, |p| &mut p.join_time_cost_ms];

/// The columns before those of [`TEXTS`]: the instance, the `user_id`, the times.
const USER_ID: usize = 3;
const JOIN_TIME: usize = 4;
const LEAVE_TIME: usize = 5;
const FIRST_TEXT: usize = 6;
const FIRST_FLAG: usize = FIRST_TEXT + TEXT_FIELDS.len();
const FIRST_NUMBER: usize = FIRST_FLAG + FLAG_FIELDS.len();
const FIRST_LIST: usize = FIRST_NUMBER + NUMBER_FIELDS.len();

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
                each(batch, INSTANCE_UUID, Column::each_text, |row, value| {
                    of_batch[row].uuid = text(&value)?;
                    Ok(())
                })?;
                each(batch, KIND, Column::each_text, |row, value| {
                    of_batch[row].kind = text(&value)?;
                    Ok(())
                })?;
                each(batch, MEETING_ID, Column::each_i64, |row, value| {
                    of_batch[row].number = Some(value);
                    Ok(())
                })?;
                each(batch, USER_ID, Column::each_text, |row, value| {
                    of_batch[row].participant.user_id = text(&value)?;
                    Ok(())
                })?;
                each(batch, JOIN_TIME, Column::each_i64, |row, millis| {
                    of_batch[row].participant.join_time = Some(Timestamp::from_millis(millis));
                    Ok(())
                })?;
                each(batch, LEAVE_TIME, Column::each_i64, |row, millis| {
                    of_batch[row].participant.leave_time = Some(Timestamp::from_millis(millis));
                    Ok(())
                })?;
                for (place, field) in (FIRST_TEXT..).zip(TEXT_FIELDS) {
                    each(batch, place, Column::each_text, |row, value| {
                        *field(&mut of_batch[row].participant) = Some(text(&value)?);
                        Ok(())
                    })?;
                }
                for (place, field) in (FIRST_FLAG..).zip(FLAG_FIELDS) {
                    each(batch, place, Column::each_bool, |row, value| {
                        *field(&mut of_batch[row].participant) = Some(value);
                        Ok(())
                    })?;
                }
                for (place, field) in (FIRST_NUMBER..).zip(NUMBER_FIELDS) {
                    each(batch, place, Column::each_i64, |row, value| {
                        *field(&mut of_batch[row].participant) = Some(value);
                        Ok(())
                    })?;
                }
                each(batch, FIRST_LIST, Column::each_text, |row, value| {
                    of_batch[row].participant.internal_ip_addresses = Some(list(&value)?);
                    Ok(())
                })?;
                each(batch, FIRST_LIST + 1, Column::each_text, |row, value| {
                    of_batch[row].participant.audio_call = Some(list(&value)?);
                    Ok(())
                })?;
                each(batch, FIRST_LIST + 2, Column::each_text, |row, value| {
                    of_batch[row].participant.issue_list = Some(list(&value)?);
                    Ok(())
                })
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

fn text(value: &ByteArray) -> parquet::errors::Result<Text> {
    Text::from_utf8(value.data()).map_err(|_| ParquetError::General("text that is not UTF-8".to_owned()))
}

fn list<T: DeserializeOwned>(value: &ByteArray) -> parquet::errors::Result<Vec<T>> {
    serde_json::from_slice(value.data()).map_err(|error| ParquetError::General(format!("a list: {error}")))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        column::instance_columns,
        participants::{COLUMNS, LISTS},
    };

    #[test]
    fn columns_are_where_the_reader_looks_for_them() {
        let place = |name: &str| COLUMNS.iter().position(|column| column.name == name).unwrap();
        assert_eq!(instance_columns().len(), USER_ID);
        assert_eq!((place("user_id"), place("join_time"), place("leave_time")), (USER_ID, JOIN_TIME, LEAVE_TIME));
        assert_eq!(place(TEXTS[0].0), FIRST_TEXT);
        assert_eq!(place(FLAGS[0].0), FIRST_FLAG);
        assert_eq!(place(NUMBERS[0].0), FIRST_NUMBER);
        assert_eq!(place(LISTS[0].0), FIRST_LIST);
    }
}
