use std::any::Any;

use async_trait::async_trait;
use rollcall_model::{AccountId, InstanceId, Minute, ParticipantId, QosMinute, STREAM_COUNT};

use crate::{Result, SealedFiles, StoreError, packed};

/// A participant's minute.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MinuteRow {
    /// Whose.
    pub participant: ParticipantId,
    /// What was measured.
    pub minute: QosMinute,
}

/// Minutes of one instance, lent to be written.
#[derive(Debug, Clone, Copy)]
pub struct InstanceMinutes<'r> {
    /// Of which instance.
    pub instance: InstanceId,
    /// Whose, and what was measured.
    pub rows: &'r [MinuteRow],
}

/// Minutes of one instance, packed: they wait to be written in an eighth of the memory.
#[derive(Debug, Clone, Default)]
pub struct PackedMinutes {
    bytes: Vec<u8>,
    rows: Vec<PackedRow>,
}

#[derive(Debug, Clone, Copy)]
struct PackedRow {
    place: usize,
    minute: Minute,
    /// Where its value ends; it begins where the one before it ends.
    end: usize,
}

impl PackedMinutes {
    /// Appends a minute of the participant that has this place among those whom the minutes are of.
    pub fn push(&mut self, place: usize, minute: &QosMinute) {
        if self.rows.is_empty() {
            // Most who are told of at all are told of together with others.
            self.bytes.reserve(8 * packed::TYPICAL_LEN);
            self.rows.reserve(8);
        }
        packed::encode_into(&mut self.bytes, minute);
        self.rows.push(PackedRow { place, minute: minute.minute, end: self.bytes.len() });
    }

    /// How many there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.rows.len()
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// Each minute with its participant's place and its value, in the order in which they were appended.
    pub fn iter(&self) -> impl Iterator<Item = (usize, Minute, &[u8])> {
        self.rows.iter().scan(0, |start, row| {
            let value = &self.bytes[*start..row.end];
            *start = row.end;
            Some((row.place, row.minute, value))
        })
    }
}

/// Packed minutes of one instance, lent to be written.
#[derive(Debug, Clone)]
pub struct PackedInstance<'r> {
    /// Of which instance.
    pub instance: InstanceId,
    /// Whose they are, by their places.
    pub participants: Vec<ParticipantId>,
    /// What was measured.
    pub minutes: &'r PackedMinutes,
}

/// Where a read of minutes continues: after this participant's minute.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MinuteCursor {
    /// Whose.
    pub participant: ParticipantId,
    /// Which minute.
    pub minute: Minute,
}

/// A value that a stream has in a minute.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[expect(missing_docs, reason = "named as the fields of StreamQos")]
pub enum StreamField {
    Bitrate,
    Latency,
    Jitter,
    AvgLoss,
    MaxLoss,
    Resolution,
    FrameRate,
}

/// Which values of minutes are wanted; what is not may be absent from what is read, and costs nothing then.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct MinuteFields {
    /// For each stream none, or the bits of its fields above the one that says that its state is wanted.
    streams: [u8; STREAM_COUNT],
    /// The processor's load.
    pub cpu_usage: bool,
    /// The processor's pressure.
    pub cpu_pressure: bool,
    /// The signal of the wireless network.
    pub wifi_rssi: bool,
}

impl MinuteFields {
    /// Every value.
    pub const ALL: Self =
        Self { streams: [u8::MAX; STREAM_COUNT], cpu_usage: true, cpu_pressure: true, wifi_rssi: true };

    /// Wants the state of a stream: whether it was reported, idle or measured.
    pub const fn add_stream(&mut self, stream: usize) {
        self.streams[stream] |= 1;
    }

    /// Wants a field of a stream, and with it the stream's state.
    pub const fn add_field(&mut self, stream: usize, field: StreamField) {
        self.streams[stream] |= 1 | 2 << field as u8;
    }

    /// The wishes as bytes, for another process of the same program.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        let Self { streams, cpu_usage, cpu_pressure, wifi_rssi } = self;
        let extras = u8::from(*cpu_usage) | u8::from(*cpu_pressure) << 1 | u8::from(*wifi_rssi) << 2;
        streams.iter().copied().chain([extras]).collect()
    }

    /// Reads what [`Self::to_bytes`] wrote; `None` if it is something else.
    #[must_use]
    pub fn from_bytes(bytes: &[u8]) -> Option<Self> {
        let (extras, streams) = bytes.split_last()?;
        let has = |bit: u8| extras >> bit & 1 == 1;
        let streams = streams.try_into().ok()?;
        Some(Self { streams, cpu_usage: has(0), cpu_pressure: has(1), wifi_rssi: has(2) })
    }

    /// Whether anything of the stream is wanted.
    #[must_use]
    pub const fn has_stream(&self, stream: usize) -> bool {
        self.streams[stream] != 0
    }

    /// Whether the field of the stream is.
    #[must_use]
    pub const fn has_field(&self, stream: usize, field: StreamField) -> bool {
        self.streams[stream] & 2 << field as u8 != 0
    }
}

/// Takes minutes one by one where they are read, on a thread that may be busy for as long as a page takes.
pub trait MinuteVisitor: Any + Send {
    /// Takes the next minute.
    fn visit(&mut self, participant: ParticipantId, minute: &QosMinute);
}

/// Quality of service, keyed by account, instance, participant and minute.
#[async_trait]
pub trait MinuteStore: Send + Sync {
    /// Writes minutes, all or none, and answers how many of the rows spoke of a minute that was known already. When it
    /// returns, they survive `kill -9` and a power cut.
    ///
    /// A minute that is stored already is merged with [`QosMinute::fill_from`], the stored one being the earlier; so is
    /// one that comes twice in `batch`, in the order in which it comes.
    async fn put_batch(&self, account: AccountId, batch: &[InstanceMinutes<'_>]) -> Result<usize>;

    /// Writes minutes of one instance, as [`Self::put_batch`] does.
    async fn put_minutes(&self, account: AccountId, instance: InstanceId, rows: &[MinuteRow]) -> Result<usize> {
        self.put_batch(account, &[InstanceMinutes { instance, rows }]).await
    }

    /// Writes packed minutes, as [`Self::put_batch`] does.
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

    /// Writes minutes that come in any order, as [`Self::put_batch`] does, but merged with [`QosMinute::join`], so that
    /// the order does not matter.
    async fn join_batch(&self, account: AccountId, batch: &[InstanceMinutes<'_>]) -> Result<usize>;

    /// Brings the minutes of one person's attendances to where they belong, all or nothing, and answers how many moved.
    ///
    /// `attendances` come with the first minute that belongs to each, in the order of these; what is before the first
    /// belongs to the first. A minute that moves to where one is stored is merged with it by [`QosMinute::join`].
    async fn rehome_minutes(
        &self,
        account: AccountId,
        instance: InstanceId,
        attendances: &[(ParticipantId, Minute)],
    ) -> Result<usize>;

    /// Reads the minutes of `participants`, in the order given, each in the order of time, after `after`, at most
    /// `limit`. Fewer than `limit` rows mean that there are no more. `after` names one of `participants`.
    async fn read_minutes(
        &self,
        account: AccountId,
        instance: InstanceId,
        participants: &[ParticipantId],
        after: Option<MinuteCursor>,
        limit: usize,
    ) -> Result<Vec<MinuteRow>>;

    /// Reads what [`Self::read_minutes`] would, with `fields` at least; others may be left out.
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

    /// The archive's files, if the store has an archive whose files can be read as they are.
    fn sealed_files(&self) -> Option<&dyn SealedFiles> {
        None
    }

    /// Shows `visitor` what [`Self::read_minutes`] would answer, and gives it back. [`visit_minutes`] gives a visitor
    /// back with its type.
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

/// [`MinuteStore::visit_minutes`], which see, with a visitor that keeps its type.
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
