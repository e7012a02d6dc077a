//! One door for every source: normalise, merge, write.
//!
//! A source hands over a [`Batch`] in the model's words. [`Ingest::write`] checks it, then writes it step by step:
//! what has a name into the entity store, minutes into the minute store. Each step is durable when the next begins and
//! changes nothing when it is repeated, so that a delivery which broke off is mended by delivering it again.

mod check;
mod error;
mod events;
mod fact_cache;
mod generations;
mod instances;
mod participants;
mod roster;
mod times;
mod tracking;
mod uuid;

use std::{
    mem,
    sync::{Arc, Mutex, PoisonError},
    task::Poll,
    time::{Duration, Instant},
};

use futures::future::join_all;
use rollcall_model::{AccountId, Batch, InstanceFacts, InstanceId, InstanceRef, ParticipantId, ParticipantKey, Source};
use rollcall_store::{MinuteStore, PackedInstance, PackedMinutes, Store};

pub use self::error::IngestError;
use self::{
    events::Audience,
    instances::{Instances, Locks},
    participants::WrittenParticipants,
    roster::Roster,
    times::Presence,
};

/// How many users or meetings are written at a time.
const ENTITIES_PER_WRITE: usize = 500;

/// How many instances are written at a time where their order does not matter: they share commits.
const INSTANCES_AT_A_TIME: usize = 32;

/// The way in. Any number of callers may write at the same time.
///
/// It remembers the instances and participants that it wrote lately, so that facts which say nothing new of them, as
/// most minutes do, cost the entity store nothing. A process has one for its stores: what is written past it is not
/// seen by it.
pub struct Ingest {
    store: Arc<dyn Store>,
    minutes: Arc<dyn MinuteStore>,
    locks: Locks,
    instances: Instances,
    roster: Roster,
    audience: Audience,
    /// Shared by moves of minutes; held exclusively while copies of both stores begin.
    moves: tokio::sync::RwLock<()>,
    /// When something was last brought here.
    written_at: Mutex<Option<Instant>>,
}

/// How many facts of each kind a batch brought, new or not.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Report {
    /// Users.
    pub users: usize,
    /// Scheduled meetings and webinars, less those that only their instances or tracking sources made known.
    pub meetings: usize,
    /// Instances; one that the batch speaks of twice counts twice.
    pub instances: usize,
    /// Participants.
    pub participants: usize,
    /// QoS minutes.
    pub minutes: usize,
    /// Tracking sources.
    pub tracking_sources: usize,
    /// Sites, less those that only their tracking codes made known.
    pub sites: usize,
    /// Tracking codes.
    pub tracking_codes: usize,
    /// Users' values of tracking codes.
    pub user_tracking_codes: usize,
}

/// Minutes of one instance, from a source that tells nothing but whose they are.
#[derive(Debug, Clone)]
pub struct MinuteFacts {
    /// The instance, without participants.
    pub instance: InstanceFacts,
    /// Whose minutes these are.
    pub attendances: Vec<ParticipantKey>,
    /// Each with its attendance's place; of reports of one minute the later one comes later.
    pub minutes: PackedMinutes,
}

/// What came of facts about many instances that were written each for itself.
#[derive(Debug, Default)]
pub struct Outcome {
    /// The instances that were refused, by their place, with the reason. Nothing was written of them.
    pub refused: Vec<(usize, IngestError)>,
    /// How many of the participants were known before.
    pub known_participants: usize,
    /// How many of the minutes were known before.
    pub known_minutes: usize,
}

impl Outcome {
    /// What was written of the facts at a place; none where they are at fault, which is taken down.
    fn accepted<T>(&mut self, place: usize, written: Result<T, IngestError>) -> Result<Option<T>, IngestError> {
        match written {
            Ok(written) => Ok(Some(written)),
            Err(error) if error.is_callers_fault() => {
                self.refused.push((place, error));
                Ok(None)
            }
            Err(error) => Err(error),
        }
    }
}

impl std::ops::AddAssign for Report {
    fn add_assign(&mut self, other: Self) {
        self.users += other.users;
        self.meetings += other.meetings;
        self.instances += other.instances;
        self.participants += other.participants;
        self.minutes += other.minutes;
        self.tracking_sources += other.tracking_sources;
        self.sites += other.sites;
        self.tracking_codes += other.tracking_codes;
        self.user_tracking_codes += other.user_tracking_codes;
    }
}

impl Ingest {
    /// A way into these stores.
    #[must_use]
    pub fn new(store: Arc<dyn Store>, minutes: Arc<dyn MinuteStore>) -> Self {
        Self {
            store,
            minutes,
            locks: Locks::default(),
            instances: Instances::new(),
            roster: Roster::new(),
            audience: Audience::new(),
            moves: tokio::sync::RwLock::default(),
            written_at: Mutex::default(),
        }
    }

    /// Returns how long ago something was brought here to be written; none if nothing was since the start.
    #[must_use]
    pub fn since_last_write(&self) -> Option<Duration> {
        let written_at = *self.written_at.lock().unwrap_or_else(PoisonError::into_inner);
        written_at.map(|at| at.elapsed())
    }

    fn note_write(&self) {
        *self.written_at.lock().unwrap_or_else(PoisonError::into_inner) = Some(Instant::now());
    }

    /// Writes what a source told of `account`. When it returns, all of it is durable.
    ///
    /// # Errors
    /// Nothing was written where the batch itself is at fault ([`IngestError::is_callers_fault`]). Where a store failed,
    /// some of the batch may have been written; deliver it again.
    pub async fn write(&self, account: AccountId, batch: &Batch) -> Result<Report, IngestError> {
        self.note_write();
        self.check(account, batch).await?;
        for users in batch.users.chunks(ENTITIES_PER_WRITE) {
            self.store.put_users(account, users).await?;
        }
        for meetings in batch.meetings.chunks(ENTITIES_PER_WRITE) {
            self.store.put_meetings(account, meetings).await?;
        }
        let mut report = Report {
            users: batch.users.len(),
            meetings: batch.meetings.len(),
            instances: batch.instances.len(),
            ..Report::default()
        };
        for facts in &batch.instances {
            let written = self.write_entities(account, facts).await?;
            report.participants += facts.participants.len();
            report.minutes += written.rows.len();
            self.write_minutes(account, &[written]).await?;
        }
        self.write_tracking(account, batch, &mut report).await?;
        Ok(report)
    }

    /// Writes what a page reported of one instance, into the namespace of pages. When it returns, all of it is durable.
    /// `admit` is asked before an instance is made.
    ///
    /// # Errors
    /// Nothing was written if the report is at fault ([`IngestError::is_callers_fault`]): it names an instance or a meeting
    /// of a trusted source, or would make an instance that is not admitted.
    pub async fn write_page(
        &self,
        account: AccountId,
        facts: InstanceFacts,
        admit: impl FnOnce() -> bool + Send,
    ) -> Result<Report, IngestError> {
        let facts = InstanceFacts { source: Source::Page, ..facts };
        if let InstanceRef::Uuid(uuid) = &facts.instance
            && self.instances.get(account, uuid).is_none()
            && self.store.instance_by_uuid(account, uuid).await?.is_none()
            && !admit()
        {
            return Err(IngestError::TooManyInstances);
        }
        self.write(account, &Batch { instances: vec![facts], ..Batch::default() }).await
    }

    /// Writes facts about many instances side by side, each for itself: one that is at fault is refused, and takes none
    /// of the others along. When it returns, all that was not refused is durable. Facts about one instance belong in
    /// one place, since the order of places means nothing.
    ///
    /// # Errors
    /// Where a store failed; some of the facts may have been written. Deliver them again.
    pub async fn write_each(&self, account: AccountId, facts: &[InstanceFacts]) -> Result<Outcome, IngestError> {
        self.note_write();
        let mut written = Vec::with_capacity(facts.len());
        for facts in facts.chunks(INSTANCES_AT_A_TIME) {
            written.extend(join_all(facts.iter().map(|facts| self.write_entities(account, facts))).await);
        }
        let mut outcome = Outcome::default();
        let mut accepted = Vec::with_capacity(written.len());
        for (place, written) in written.into_iter().enumerate() {
            if let Some(written) = outcome.accepted(place, written)? {
                outcome.known_participants += written.known;
                accepted.push(written);
            }
        }
        outcome.known_minutes = self.write_minutes(account, &accepted).await?;
        Ok(outcome)
    }

    /// Writes minutes of many instances, as [`Self::write_each`] does. Whose minutes they are is made known.
    ///
    /// # Errors
    /// Where a store failed; some of the facts may have been written. Deliver them again.
    pub async fn write_minutes_each(&self, account: AccountId, facts: &[MinuteFacts]) -> Result<Outcome, IngestError> {
        self.note_write();
        let mut outcome = Outcome::default();
        let mut batch = Vec::with_capacity(facts.len());
        let mut take = |place: usize, whose: Result<_, IngestError>| {
            if let Some((instance, participants, known)) = outcome.accepted(place, whose)? {
                outcome.known_participants += known;
                batch.push(PackedInstance { instance, participants, minutes: &facts[place].minutes });
            }
            Ok::<(), IngestError>(())
        };
        let mut waiting = Vec::new();
        for (place, of) in facts.iter().enumerate() {
            let mut writing = Box::pin(self.write_whose(account, of));
            // Most are remembered, and done at once; those that are not wait for the database side by side.
            match futures::poll!(&mut writing) {
                Poll::Ready(whose) => take(place, whose)?,
                Poll::Pending => waiting.push(async move { (place, writing.await) }),
            }
            if waiting.len() == INSTANCES_AT_A_TIME {
                for (place, whose) in join_all(mem::take(&mut waiting)).await {
                    take(place, whose)?;
                }
            }
        }
        for (place, whose) in join_all(waiting).await {
            take(place, whose)?;
        }
        if !batch.is_empty() {
            outcome.known_minutes = self.minutes.put_packed(account, &batch).await?;
        }
        Ok(outcome)
    }

    /// Writes an instance and those whom its minutes are of; their rows, and how many of them were known before.
    async fn write_whose(
        &self,
        account: AccountId,
        facts: &MinuteFacts,
    ) -> Result<(InstanceId, Vec<ParticipantId>, usize), IngestError> {
        let presence = Presence::of_keys(&facts.attendances);
        let instance = self.write_instance(account, &facts.instance, presence).await?;
        let (participants, known) = self.write_attendances(account, instance, &facts.attendances).await?;
        Ok((instance, participants, known))
    }

    /// Writes an instance and its participants; their minutes are written next.
    async fn write_entities(
        &self,
        account: AccountId,
        facts: &InstanceFacts,
    ) -> Result<WrittenParticipants, IngestError> {
        let presence = Presence::of(&facts.participants);
        let instance = self.write_instance(account, facts, presence).await?;
        self.write_participants(account, instance, &facts.participants).await
    }
}
