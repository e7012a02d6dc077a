//! What webhooks tell: one event at a time, in any order, each perhaps several times.

use std::{
    hash::{DefaultHasher, Hash as _, Hasher as _, RandomState},
    sync::{Mutex, MutexGuard, PoisonError},
};

use rollcall_model::{
    AccountId, Event, EventFacts, InstanceReport, InstanceUuid, Minute, ParticipantEvent, ParticipantUserId, ReportTime,
};
use rollcall_store::{InstanceMinutes, MinuteRow, Placed};
use tokio::sync::RwLock;

use crate::{Ingest, IngestError, fact_cache::KnownFacts, generations::Generations};

/// How many `user_id`s of instances are remembered; up to twice as many while room is made.
const REMEMBERED: usize = 50_000;

/// One who joins is alone among so many.
const LOCKS: usize = 1_024;

/// How many moves that were cut short are looked up at a time.
const MOVES_AT_A_TIME: usize = 100;

/// What names an attendance's user inside an account.
type Name = (AccountId, InstanceUuid, ParticipantUserId);

/// What is known of those whom events were about.
pub(crate) struct Audience {
    known: Mutex<Generations<Name, Known>>,
    /// Held shared from the look at where somebody's attendances are to the end of a write that depends on it, and alone
    /// while they change.
    locks: Box<[RwLock<()>]>,
    hasher: RandomState,
}

/// What is known of one `user_id`.
struct Known {
    placed: Placed,
    /// What is always true of it and has been told.
    facts: KnownFacts,
}

impl Audience {
    pub(crate) fn new() -> Self {
        Self {
            known: Mutex::new(Generations::new(REMEMBERED)),
            locks: (0..LOCKS).map(|_| RwLock::new(())).collect(),
            hasher: RandomState::new(),
        }
    }

    fn lock_of(&self, name: &Name) -> &RwLock<()> {
        let mut hasher = DefaultHasher::new();
        name.hash(&mut hasher);
        &self.locks[hasher.finish() as usize % LOCKS]
    }

    fn known(&self) -> MutexGuard<'_, Generations<Name, Known>> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn outdate_all(&self) {
        self.known().retain(|_| false);
    }

    /// Where the attendances are, if nothing of the event is news but its minutes.
    fn placed(&self, name: &Name, instance: &InstanceReport, event: &ParticipantEvent) -> Option<Placed> {
        if *instance != InstanceReport::default() {
            return None;
        }
        let mut all = self.known();
        let known = all.get_mut(name)?;
        let is_known = |time, facts| time == ReportTime::Always && known.facts.covers(facts, &self.hasher);
        event.reports.iter().all(|report| is_known(report.time, &report.told)).then(|| known.placed.clone())
    }

    fn remember(&self, name: Name, placed: &Placed, event: &ParticipantEvent) {
        let mut all = self.known();
        if placed.attendances.is_empty() {
            // Minutes that come next take an attendance.
            all.remove(&name);
            return;
        }
        let mut facts = all.get_mut(&name).map(|known| std::mem::take(&mut known.facts)).unwrap_or_default();
        for report in event.reports.iter().filter(|report| report.time == ReportTime::Always) {
            facts.add(&report.told, &self.hasher);
        }
        all.insert(name, Known { placed: placed.clone(), facts }, |_| false);
    }
}

impl Ingest {
    /// Forgets what is remembered of what was written: something was written past it.
    pub fn clear_cache(&self) {
        self.instances.outdate_all();
        self.roster.outdate_all();
        self.audience.outdate_all();
    }

    /// Writes what a webhook delivered to `account`. When it returns, all of it is durable.
    ///
    /// What comes of events is the same in whatever order and however often they are delivered (`rollcall_model::event`
    /// says how); what is delivered again after a failure mends what broke off.
    ///
    /// # Errors
    /// Where a store failed; some of it may have been written. Deliver it again.
    pub async fn take(&self, account: AccountId, facts: &EventFacts) -> Result<(), IngestError> {
        self.note_write();
        match facts {
            EventFacts::Nothing => Ok(()),
            EventFacts::Registration(registration) => Ok(self.store.put_registration(account, registration).await?),
            EventFacts::Schedule(schedule) => Ok(self.store.put_schedule(account, schedule).await?),
            EventFacts::Instance(event) => match &event.participant {
                None => self.put_event(account, event).await.map(drop),
                Some(participant) => self.take_participant(account, event, participant).await,
            },
        }
    }

    async fn take_participant(
        &self,
        account: AccountId,
        event: &Event,
        participant: &ParticipantEvent,
    ) -> Result<(), IngestError> {
        let name = (account, event.uuid.clone(), participant.user_id.clone());
        let lock = self.audience.lock_of(&name);
        if participant.tells_join() {
            let _alone = lock.write().await;
            let placed = self.put_participant_event(account, event, participant, name).await?;
            // Also where the join is known already: the time before, the delivery may have broken off here.
            self.rehome(account, &placed, &participant.user_id).await?;
            return self.join_minutes(account, &placed, participant).await;
        }
        let _shared = lock.read().await;
        let placed = match self.audience.placed(&name, &event.instance, participant) {
            Some(placed) => placed,
            None => self.put_participant_event(account, event, participant, name).await?,
        };
        self.join_minutes(account, &placed, participant).await
    }

    /// Writes all of an event but its minutes.
    async fn put_event(&self, account: AccountId, event: &Event) -> Result<Placed, IngestError> {
        let placed = self.store.put_event(account, event).await;
        // What is remembered of rows by the other ways in may be out of date; where the write failed too, since it may
        // have been committed all the same.
        self.instances.outdate(account, &event.uuid);
        Ok(placed?)
    }

    async fn put_participant_event(
        &self,
        account: AccountId,
        event: &Event,
        participant: &ParticipantEvent,
        name: Name,
    ) -> Result<Placed, IngestError> {
        let placed = self.put_event(account, event).await?;
        self.roster.outdate(placed.instance, &participant.user_id);
        self.audience.remember(name, &placed, participant);
        Ok(placed)
    }

    /// Brings minutes to the attendances whose they are by now.
    async fn rehome(
        &self,
        account: AccountId,
        placed: &Placed,
        user_id: &ParticipantUserId,
    ) -> Result<(), IngestError> {
        if placed.attendances.len() > 1 {
            let first = |join: Option<rollcall_model::Timestamp>| join.map_or(Minute(0), |join| join.minute());
            let attendances: Vec<_> = placed.attendances.iter().map(|(row, join)| (*row, first(*join))).collect();
            let _moving = self.moves.read().await;
            self.minutes.rehome_minutes(account, placed.instance, &attendances).await?;
            self.store.finish_move(account, placed.instance, user_id).await?;
        }
        Ok(())
    }

    /// Makes the moves of minutes that a crash has cut short, and answers how many: to be called before anybody reads.
    /// What is moved lies in two places for a moment, or in one that is not its own.
    ///
    /// # Errors
    /// Where a store failed; what is left is made the next time, or when the vendor delivers again.
    pub async fn finish_moves(&self) -> Result<u64, IngestError> {
        let mut made = 0;
        loop {
            let moves = self.store.unfinished_moves(MOVES_AT_A_TIME).await?;
            for (account, instance, user_id) in &moves {
                let placed = self.store.placed(*account, *instance, user_id).await?;
                self.rehome(*account, &placed, user_id).await?;
                // Of one who has a single attendance by now there is nothing to move.
                self.store.finish_move(*account, *instance, user_id).await?;
                made += 1;
            }
            if moves.is_empty() {
                return Ok(made);
            }
        }
    }

    /// Holds off moves of minutes from one attendance to another until the answer is dropped, and waits for those under
    /// way. A move changes both stores; whoever copies them one after the other needs both before it or both after it.
    pub async fn hold_moves(&self) -> tokio::sync::RwLockWriteGuard<'_, ()> {
        self.moves.write().await
    }

    async fn join_minutes(
        &self,
        account: AccountId,
        placed: &Placed,
        participant: &ParticipantEvent,
    ) -> Result<(), IngestError> {
        let rows: Vec<MinuteRow> = participant
            .minutes
            .iter()
            .filter_map(|minute| {
                Some(MinuteRow { participant: placed.of_minute(minute.minute)?, minute: minute.clone() })
            })
            .collect();
        if !rows.is_empty() {
            let batch = [InstanceMinutes { instance: placed.instance, rows: &rows }];
            self.minutes.join_batch(account, &batch).await?;
        }
        Ok(())
    }
}
