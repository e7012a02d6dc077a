//! The way in for every source: normalise, merge, write.
//!
//! A source passes a [`Batch`] in the model's terms. [`Ingest::write`] checks it, then writes it step by step: entities
//! to the entity store, minutes to the minute store. Each step is durable before the next begins, and idempotent, so
//! delivering again completes an interrupted delivery.

mod attendances;
mod check;
mod documents;
mod error;
mod events;
mod fact_cache;
mod generations;
mod instances;
pub mod lines;
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
use rollcall_model::{AccountId, Batch, InstanceFacts, InstanceId, InstanceRef, ParticipantId, Source};
use rollcall_store::{MinuteFacts, MinuteStore, PackedInstance, Store};

pub use self::error::IngestError;
use self::{
    events::Audience,
    instances::{Instances, Locks},
    participants::WrittenParticipants,
    roster::Roster,
    times::Presence,
};

/// Users or meetings written at a time.
const ENTITIES_PER_WRITE: usize = 500;

/// Instances written concurrently if their order does not matter: they share commits.
const INSTANCES_AT_A_TIME: usize = 32;

/// The way in. Any number of callers may write concurrently.
///
/// It caches recently written instances and participants, so that redundant facts, which most minutes contain, never
/// reach the entity store. A process has one for its stores: it does not see writes that bypass it.
pub struct Ingest {
    store: Arc<dyn Store>,
    minutes: Arc<dyn MinuteStore>,
    locks: Locks,
    instances: Instances,
    roster: Roster,
    audience: Audience,
    /// Shared by moves of minutes; held exclusively while copies of both stores begin.
    moves: tokio::sync::RwLock<()>,
    /// When something was last received.
    written_at: Mutex<Option<Instant>>,
}

/// Number of facts of each kind in a batch, new or not.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Report {
    /// Users.
    pub users: usize,
    /// Scheduled meetings and webinars, except those known only from their instances or tracking sources.
    pub meetings: usize,
    /// Instances; one that occurs twice in the batch counts twice.
    pub instances: usize,
    /// Participants.
    pub participants: usize,
    /// QoS minutes.
    pub minutes: usize,
    /// Tracking sources.
    pub tracking_sources: usize,
    /// Sites, except those known only from their tracking codes.
    pub sites: usize,
    /// Tracking codes.
    pub tracking_codes: usize,
    /// Users' values of tracking codes.
    pub user_tracking_codes: usize,
    /// Documents.
    pub documents: usize,
    /// Registrants.
    pub registrants: usize,
    /// Tracking fields.
    pub tracking_fields: usize,
}

/// Result of writing facts about many instances independently.
#[derive(Debug, Default)]
pub struct Outcome {
    /// The rejected instances, by index, with the reason. Nothing was written of them.
    pub refused: Vec<(usize, IngestError)>,
    /// Number of participants that existed before.
    pub known_participants: usize,
    /// Number of minutes that existed before.
    pub known_minutes: usize,
}

impl Outcome {
    /// Returns the result for an index. `None` if its facts are at fault, which is recorded.
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
        self.documents += other.documents;
        self.registrants += other.registrants;
        self.tracking_fields += other.tracking_fields;
    }
}

impl Ingest {
    /// Creates a way into these stores.
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

    /// Returns how long ago something was last received; `None` if nothing was since the start.
    #[must_use]
    pub fn since_last_write(&self) -> Option<Duration> {
        let written_at = *self.written_at.lock().unwrap_or_else(PoisonError::into_inner);
        written_at.map(|at| at.elapsed())
    }

    fn note_write(&self) {
        *self.written_at.lock().unwrap_or_else(PoisonError::into_inner) = Some(Instant::now());
    }

    /// Writes a source's batch to `account`. When it returns, all of it is durable.
    ///
    /// # Errors
    /// If the batch itself is at fault ([`IngestError::is_callers_fault`]), nothing was written. If a store failed,
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
        report.documents = self.write_documents(account, &batch.documents).await?;
        Ok(report)
    }

    /// Writes a page's report of one instance to the namespace of pages. When it returns, all of it is durable. `admit`
    /// is called before an instance is created.
    ///
    /// # Errors
    /// Nothing was written if the report is at fault ([`IngestError::is_callers_fault`]): it has the id of an instance
    /// or a meeting of a trusted source, or would create an instance that is not admitted.
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

    /// Writes facts about many instances concurrently and independently: a faulty one is rejected without affecting
    /// others. When it returns, everything that was not rejected is durable. Facts about one instance must be together,
    /// because the order of indexes has no meaning.
    ///
    /// # Errors
    /// If a store failed; some of the facts may have been written. Deliver them again.
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

    /// Writes minutes of many instances, like [`Self::write_each`]. Their participants are created.
    ///
    /// # Errors
    /// If a store failed; some of the facts may have been written. Deliver them again.
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
            // Most are cached and done at once; the others wait for the database concurrently.
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

    /// Writes an instance and the participants of its minutes. Returns their row ids, and how many existed before.
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
