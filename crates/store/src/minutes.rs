use std::any::Any;

use async_trait::async_trait;
use rollcall_model::{
    AccountId, InstanceFacts, InstanceId, Minute, MinuteFields, ParticipantId, ParticipantKey, QosMinute,
};

use crate::{Result, SealedFiles, StoreError, packed};

/// A participant's minute.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MinuteRow {
    /// The participant.
    pub participant: ParticipantId,
    /// The measurements.
    pub minute: QosMinute,
}

/// Minutes of one instance to write, borrowed.
#[derive(Debug, Clone, Copy)]
pub struct InstanceMinutes<'r> {
    /// The instance.
    pub instance: InstanceId,
    /// Participants and measurements.
    pub rows: &'r [MinuteRow],
}

/// Minutes of one instance, from a source that only reports their participants.
#[derive(Debug, Clone)]
pub struct MinuteFacts {
    /// The instance, without participants.
    pub instance: InstanceFacts,
    /// The participants of these minutes.
    pub attendances: Vec<ParticipantKey>,
    /// Each with its attendance's index; of reports of one minute, the later one comes later.
    pub minutes: PackedMinutes,
}

/// Packed minutes of one instance, which wait to be written in an eighth of the memory.
#[derive(Debug, Clone, Default)]
pub struct PackedMinutes {
    bytes: Vec<u8>,
    rows: Vec<PackedRow>,
}

#[derive(Debug, Clone, Copy)]
struct PackedRow {
    place: usize,
    minute: Minute,
    /// The end of its value; it begins at the end of the previous one.
    end: usize,
}

impl PackedMinutes {
    /// Appends a minute of the participant with this index.
    pub fn push(&mut self, place: usize, minute: &QosMinute) {
        if self.rows.is_empty() {
            // Most reports contain several participants.
            self.bytes.reserve(8 * packed::TYPICAL_LEN);
            self.rows.reserve(8);
        }
        packed::encode_into(&mut self.bytes, minute);
        self.rows.push(PackedRow { place, minute: minute.minute, end: self.bytes.len() });
    }

    /// Returns the number of minutes.
    #[must_use]
    pub fn len(&self) -> usize {
        self.rows.len()
    }

    /// Returns whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// Returns each minute with its participant's index and its value, in the order of appending.
    pub fn iter(&self) -> impl Iterator<Item = (usize, Minute, &[u8])> {
        self.rows.iter().scan(0, |start, row| {
            let value = &self.bytes[*start..row.end];
            *start = row.end;
            Some((row.place, row.minute, value))
        })
    }
}

/// Packed minutes of one instance to write, borrowed.
#[derive(Debug, Clone)]
pub struct PackedInstance<'r> {
    /// The instance.
    pub instance: InstanceId,
    /// The participants, by index.
    pub participants: Vec<ParticipantId>,
    /// The measurements.
    pub minutes: &'r PackedMinutes,
}

/// Where a read of minutes continues: after this participant's minute.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MinuteCursor {
    /// The participant.
    pub participant: ParticipantId,
    /// The minute.
    pub minute: Minute,
}

/// Receives minutes one by one as they are read, on a thread that may block for the duration of a page.
pub trait MinuteVisitor: Any + Send {
    /// Receives the next minute.
    fn visit(&mut self, participant: ParticipantId, minute: &QosMinute);
}

/// Quality of service, keyed by account, instance, participant and minute.
#[async_trait]
pub trait MinuteStore: Send + Sync {
    /// Writes minutes atomically, and returns how many of them existed already. When it returns, they survive `kill -9`
    /// and a power cut.
    ///
    /// An existing minute is merged with [`QosMinute::fill_from`], the stored one being the earlier; so is one that
    /// occurs twice in `batch`, in the order of occurrence.
    async fn put_batch(&self, account: AccountId, batch: &[InstanceMinutes<'_>]) -> Result<usize>;

    /// Writes minutes of one instance, like [`Self::put_batch`].
    async fn put_minutes(&self, account: AccountId, instance: InstanceId, rows: &[MinuteRow]) -> Result<usize> {
        self.put_batch(account, &[InstanceMinutes { instance, rows }]).await
    }

    /// Writes packed minutes, like [`Self::put_batch`].
    async fn put_packed(&self, account: AccountId, batch: &[PackedInstance<'_>]) -> Result<usize> {
        let mut unpacked = Vec::with_capacity(batch.len());
        for PackedInstance { instance, participants, minutes } in batch {
            let rows = minutes.iter().map(|(place, minute, value)| {
                let minute = packed::decode(minute, value).map_err(|error| StoreError::backend("minutes", error))?;
                Ok(MinuteRow { participant: participants[place], minute })
            });
            unpacked.push((*instance, rows.collect::<Result<Vec<_>>>()?));
        }
        let batch: Vec<_> =
            unpacked.iter().map(|(instance, rows)| InstanceMinutes { instance: *instance, rows }).collect();
        self.put_batch(account, &batch).await
    }

    /// Writes minutes like [`Self::put_batch`], but merged with [`QosMinute::join`], which is commutative: the order of
    /// writes does not matter.
    async fn join_batch(&self, account: AccountId, batch: &[InstanceMinutes<'_>]) -> Result<usize>;

    /// Moves the minutes of one person's attendances to where they belong, atomically, and returns how many moved.
    ///
    /// `attendances` are given with the first minute that belongs to each, in order; earlier minutes belong to the
    /// first. A minute that moves to an existing one is merged with it by [`QosMinute::join`].
    async fn rehome_minutes(
        &self,
        account: AccountId,
        instance: InstanceId,
        attendances: &[(ParticipantId, Minute)],
    ) -> Result<usize>;

    /// Reads the minutes of `participants`, in the given order, each in order of time, after `after`, at most `limit`.
    /// Fewer than `limit` rows mean that there are no more. `after` is one of `participants`.
    async fn read_minutes(
        &self,
        account: AccountId,
        instance: InstanceId,
        participants: &[ParticipantId],
        after: Option<MinuteCursor>,
        limit: usize,
    ) -> Result<Vec<MinuteRow>>;

    /// Reads the same as [`Self::read_minutes`], with at least `fields`; others may be omitted.
    async fn read_fields(
        &self,
        account: AccountId,
        instance: InstanceId,
        participants: &[ParticipantId],
        after: Option<MinuteCursor>,
        limit: usize,
        _fields: &MinuteFields,
    ) -> Result<Vec<MinuteRow>> {
        self.read_minutes(account, instance, participants, after, limit).await
    }

    /// Returns the archive files, if the store has an archive whose files can be read directly.
    fn sealed_files(&self) -> Option<&dyn SealedFiles> {
        None
    }

    /// Passes to `visitor` what [`Self::read_minutes`] would return, and returns the visitor. [`visit_minutes`] returns
    /// a visitor of the same type.
    async fn visit_minutes(
        &self,
        account: AccountId,
        instance: InstanceId,
        participants: &[ParticipantId],
        after: Option<MinuteCursor>,
        limit: usize,
        mut visitor: Box<dyn MinuteVisitor>,
    ) -> Result<Box<dyn MinuteVisitor>> {
        for row in self.read_minutes(account, instance, participants, after, limit).await? {
            visitor.visit(row.participant, &row.minute);
        }
        Ok(visitor)
    }
}

/// Does the same as [`MinuteStore::visit_minutes`], with a visitor that keeps its type.
///
/// # Errors
/// Those of the store.
pub async fn visit_minutes<V: MinuteVisitor>(
    store: &(impl MinuteStore + ?Sized),
    account: AccountId,
    instance: InstanceId,
    participants: &[ParticipantId],
    after: Option<MinuteCursor>,
    limit: usize,
    visitor: V,
) -> Result<V> {
    let visitor = store.visit_minutes(account, instance, participants, after, limit, Box::new(visitor)).await?;
    let visitor: Box<dyn Any> = visitor;
    visitor.downcast().map(|visitor| *visitor).map_err(|_| StoreError::backend("store", "another visitor came back"))
}
