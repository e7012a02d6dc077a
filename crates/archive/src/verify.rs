//! Verifies files.

use std::{collections::HashSet, slice, sync::Arc};

use rollcall_model::{InstanceUuid, Minute, ParticipantKey};

use crate::{
    Archive, ArchiveError, Dataset, FilePath, Result, RowKey, decode::check_chunk, metadata::corrupt_by,
    page_reader::Parts, store::blocking,
};

/// Content of an intact file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Verified {
    /// Number of rows.
    pub rows: u64,
    /// Number of instances; 0 for participants, which are not counted.
    pub instances: u64,
    /// Its length.
    pub bytes: u64,
}

impl Archive {
    /// Reads a file completely and checks: checksums and values of every page; numbers of rows and absent values
    /// against the footer; and in QoS minutes, that instances and participants are contiguous and minutes ascending.
    ///
    /// # Errors
    /// [`ArchiveError::Missing`], [`ArchiveError::Corrupt`], [`ArchiveError::Version`], and errors of the disk or the
    /// remote store.
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

/// The state for checking the order of a file of QoS minutes.
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
                    return Err("an instance that is not contiguous");
                }
                self.instance = Some(instance.uuid.clone());
                self.participants.clear();
            }
            if !self.participants.insert(participant.clone()) {
                return Err("a participant that is not contiguous");
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
