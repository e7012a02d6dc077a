//! Webhook events: one at a time, in any order, possibly repeated.

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

/// Number of cached `user_id`s of instances; temporarily up to twice as many.
const REMEMBERED: usize = 50_000;

/// Number of lock stripes for joins.
const LOCKS: usize = 1_024;

/// Number of interrupted moves that are looked up at a time.
const MOVES_AT_A_TIME: usize = 100;

/// The key of an attendance's user within an account.
type Name = (AccountId, InstanceUuid, ParticipantUserId);

/// A cache of the participants of events.
pub(crate) struct Audience {
    known: Mutex<Generations<Name, Known>>,
    /// Held shared from looking up a participant's attendances to the end of a write that depends on them, and
    /// exclusively while they change.
    locks: Box<[RwLock<()>]>,
    hasher: RandomState,
}

/// Cached facts about one `user_id`.
struct Known {
    placed: Placed,
    /// Facts that always apply and have been reported.
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

    /// Returns the attendances, if nothing in the event is new except its minutes.
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
            // Minutes require an attendance.
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
    /// Clears the cache, because something was written without it.
    pub fn clear_cache(&self) {
        self.instances.outdate_all();
        self.roster.outdate_all();
        self.audience.outdate_all();
    }

    /// Writes a webhook delivery to `account`. When it returns, all of it is durable.
    ///
    /// The result is independent of the order and repetition of events (`rollcall_model::event` says how); a repeated
    /// delivery after a failure completes it.
    ///
    /// # Errors
    /// If a store failed; some of it may have been written. Deliver it again.
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
            // Also if the join is known already: an earlier delivery may have been interrupted here.
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

    /// Writes everything in an event except its minutes.
    async fn put_event(&self, account: AccountId, event: &Event) -> Result<Placed, IngestError> {
        let placed = self.store.put_event(account, event).await;
        // Rows cached by other ways in may be outdated; also if the write failed, because it may have been committed
        // anyway.
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

    /// Moves minutes to the attendances that they now belong to.
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

    /// Completes the moves of minutes that a crash has interrupted, and returns their number. Call it before anything
    /// is read, because moving minutes may be in two places, or in the wrong one.
    ///
    /// # Errors
    /// If a store failed; the rest is completed the next time, or when the vendor delivers again.
    pub async fn finish_moves(&self) -> Result<u64, IngestError> {
        let mut made = 0;
        loop {
            let moves = self.store.unfinished_moves(MOVES_AT_A_TIME).await?;
            for (account, instance, user_id) in &moves {
                let placed = self.store.placed(*account, *instance, user_id).await?;
                self.rehome(*account, &placed, user_id).await?;
                // If there is only one attendance by now, nothing needs to move.
                self.store.finish_move(*account, *instance, user_id).await?;
                made += 1;
            }
            if moves.is_empty() {
                return Ok(made);
            }
        }
    }

    /// Blocks moves of minutes between attendances until the result is dropped, and waits for current ones. A move
    /// changes both stores, so a backup needs copies of both from before it, or of both from after it.
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
