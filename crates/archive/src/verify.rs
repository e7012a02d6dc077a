//! Whether a file is whole.

use std::{collections::HashSet, slice, sync::Arc};

use rollcall_model::{InstanceUuid, Minute, ParticipantKey};

use crate::{
    Archive, ArchiveError, Dataset, FilePath, Result, RowKey, decode::check_chunk, metadata::corrupt_by,
    page_reader::Parts, store::blocking,
};

/// What a file that is whole holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Verified {
    /// How many rows.
    pub rows: u64,
    /// How many instances; for participants not counted, and 0.
    pub instances: u64,
    /// How long it is.
    pub bytes: u64,
}

impl Archive {
    /// Reads a file from end to end: every page's checksum holds and its values decode; rows and absent values are as
    /// many as the footer says; and in QoS minutes, instances and participants stand together and minutes ascend.
    ///
    /// # Errors
    /// [`ArchiveError::Missing`], [`ArchiveError::Corrupt`], [`ArchiveError::Version`], and what the disk or the far
    /// store said.
    pub async fn verify(&self, file: &FilePath) -> Result<Verified> {
        self.forget(file);
        let footer = self.footer(file).await?;
        for (index, group) in footer.groups.iter().enumerate() {
            for (column, chunk) in group.chunks.iter().enumerate() {
                let range = chunk.bytes();
                let bytes = self.ranges(file, std::slice::from_ref(&range)).await?;
                let parts = bytes.into_iter().map(|bytes| (range.start, bytes)).collect();
                let parts = Arc::new(Parts::new(parts).map_err(corrupt_by(file))?);
                let (footer, file) = (Arc::clone(&footer), file.clone());
                blocking("verifying", move || {
                    let (descriptor, group) = (&footer.columns[column], &footer.groups[index]);
                    check_chunk(descriptor, group, column, parts).map_err(corrupt_by(&file))
                })
                .await?;
            }
        }
        let instances = match file.dataset() {
            Dataset::QosMinutes => self.verify_order(file, footer.rows).await?,
            Dataset::Participants => 0,
        };
        Ok(Verified { rows: footer.rows, instances, bytes: footer.bytes })
    }

    async fn verify_order(&self, file: &FilePath, rows: u64) -> Result<u64> {
        let name = file.clone();
        let rows = 0..rows;
        let order =
            self.read_keyed_minutes(file, slice::from_ref(&rows), Order::default(), move |order, row, key, minute| {
                order
                    .take(key, minute.minute)
                    .map_err(|reason| ArchiveError::corrupt(&name, &format!("row {row}: {reason}")))
            });
        Ok(order.await?.instances.len() as u64)
    }
}

/// What has been seen of a file of QoS minutes, as far as its order goes.
#[derive(Default)]
struct Order {
    instances: HashSet<InstanceUuid>,
    instance: Option<InstanceUuid>,
    /// Of the current instance.
    participants: HashSet<ParticipantKey>,
    last: Option<Minute>,
}

impl Order {
    fn take(&mut self, key: Option<&RowKey>, minute: Minute) -> Result<(), &'static str> {
        if let Some(RowKey { instance, participant }) = key {
            if self.instance.as_ref() != Some(&instance.uuid) {
                if !self.instances.insert(instance.uuid.clone()) {
                    return Err("an instance that was left is begun again");
                }
                self.instance = Some(instance.uuid.clone());
                self.participants.clear();
            }
            if !self.participants.insert(participant.clone()) {
                return Err("a participant that was left is begun again");
            }
            self.last = None;
        }
        if self.last.is_some_and(|last| last >= minute) {
            return Err("a participant's minutes do not ascend");
        }
        self.last = Some(minute);
        Ok(())
    }
}
