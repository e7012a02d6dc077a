//! Finds the instance of facts, and caches instances.

use std::{
    hash::{DefaultHasher, Hash, Hasher},
    sync::PoisonError,
};

use rollcall_model::{
    AccountId, Instance, InstanceFacts, InstanceId, InstanceRef, InstanceState, InstanceUuid, Meeting, MeetingNumber,
    QualityLabels, Trust,
};
use rollcall_store::{StoreError, StoredInstance};
use tokio::sync::Mutex;

use crate::{
    Ingest, IngestError,
    generations::Generations,
    times::{Guess, Presence, Times},
    uuid,
};

/// Participants read at a time if an instance's times have to be guessed again.
const PARTICIPANTS_PER_READ: usize = 500;

/// Number of locks: an instance is read, changed and written by one caller at a time.
const LOCKS: usize = 256;

/// Number of cached instances; temporarily up to twice as many.
const REMEMBERED: usize = 4_096;

/// Number of a meeting's past runs that are compared with the start in a report.
const RUNS_OF_A_NUMBER: usize = 1_000;

/// Reports contain starts to the minute.
const SAME_START_MS: i64 = 60_000;

/// Lock stripes for instances.
pub(crate) struct Locks([Mutex<()>; LOCKS]);

impl Default for Locks {
    fn default() -> Self {
        Self(std::array::from_fn(|_| Mutex::new(())))
    }
}

impl Locks {
    fn of(&self, account: AccountId, uuid: &InstanceUuid) -> &Mutex<()> {
        let mut hasher = DefaultHasher::new();
        (account, uuid.as_str()).hash(&mut hasher);
        &self.0[hasher.finish() as usize % LOCKS]
    }
}

/// A cache of recently written instances, as stored, with their meetings. An entry is only read and replaced under the
/// instance's lock, so it is never older than the row; if another way in writes an instance without that lock, it calls
/// [`Instances::outdate`] afterwards.
pub(crate) struct Instances(std::sync::Mutex<Memory>);

struct Memory {
    stored: Generations<(AccountId, InstanceUuid), StoredInstance>,
    /// Counts outdated entries: what was read before an increment is not cached after it.
    outdated: u64,
}

impl Instances {
    pub(crate) fn new() -> Self {
        Self(std::sync::Mutex::new(Memory { stored: Generations::new(REMEMBERED), outdated: 0 }))
    }

    pub(crate) fn get(&self, account: AccountId, uuid: &InstanceUuid) -> Option<StoredInstance> {
        self.lock().stored.get_mut(&(account, uuid.clone())).cloned()
    }

    /// Call it before reading a row that is to be cached.
    fn outdated(&self) -> u64 {
        self.lock().outdated
    }

    fn remember(&self, account: AccountId, stored: StoredInstance, outdated: u64) {
        let mut memory = self.lock();
        if memory.outdated == outdated {
            memory.stored.insert((account, stored.instance.uuid.clone()), stored, |_| false);
        }
    }

    fn forget(&self, account: AccountId, uuid: &InstanceUuid) {
        self.lock().stored.remove(&(account, uuid.clone()));
    }

    /// Removes an instance that was written without this cache, including concurrent reads.
    pub(crate) fn outdate(&self, account: AccountId, uuid: &InstanceUuid) {
        let mut memory = self.lock();
        memory.outdated += 1;
        memory.stored.remove(&(account, uuid.clone()));
    }

    /// Removes all instances, including concurrent reads.
    pub(crate) fn outdate_all(&self) {
        let mut memory = self.lock();
        memory.outdated += 1;
        memory.stored.retain(|_| false);
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Memory> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Ingest {
    /// Stores the instance and its meeting, and returns the instance's row id. Redundant facts about a cached instance
    /// do not reach the database.
    pub(crate) async fn write_instance(
        &self,
        account: AccountId,
        facts: &InstanceFacts,
        presence: Presence,
    ) -> Result<InstanceId, IngestError> {
        let (uuid, number) = self.name(account, facts, presence).await?;
        let _lock = self.locks.of(account, &uuid).lock().await;
        let outdated = self.instances.outdated();
        let is_public = facts.source.trust() < Trust::Trusted;
        let remembered = self.instances.get(account, &uuid);
        let is_remembered = remembered.is_some();
        let stored = match remembered {
            Some(remembered) => Some(remembered),
            None => {
                let stored = self.store.instance_by_uuid(account, &uuid).await?;
                stored.map(|stored| StoredInstance { instance: stored.clone().as_told(), lapsed: false, ..stored })
            }
        };
        let stored = match stored {
            Some(stored) if is_public && stored.origin.trust() == Trust::Trusted => {
                return Err(IngestError::ForeignInstance { uuid });
            }
            // The store renames the page's record.
            Some(stored) if !is_public && stored.origin.trust() < Trust::Trusted => None,
            stored => stored,
        };
        let mut instance = self.merged(account, facts, presence, uuid, number, stored.as_ref()).await?;
        // Only these facts count, not what was known before: otherwise the order would matter.
        let states_end = !is_public
            && facts.details.as_ref().is_some_and(|told| told.state == InstanceState::Past && told.end_time.is_some());
        let end_stated = states_end || stored.as_ref().is_some_and(|stored| stored.end_stated);
        if let Some(stored) = &stored {
            instance.fill_from(&stored.instance);
            if is_remembered && instance == stored.instance && stored.end_stated == end_stated {
                return Ok(stored.id);
            }
        }
        // A write that is cancelled here may be committed anyway: until it has ended, nothing is cached.
        self.instances.forget(account, &instance.uuid);
        let (id, participants, origin) = match stored {
            Some(stored) if stored.instance == instance && stored.end_stated == end_stated => {
                (stored.id, stored.participants, stored.origin)
            }
            stored => {
                let id = self.store.put_instance_from(account, &instance, facts.source, states_end).await?;
                stored.map_or((id, 0, facts.source), |stored| (id, stored.participants, stored.origin))
            }
        };
        // The store creates a page's meeting itself, if no other source has one with that number. Records that it
        // renames for a trusted source are not cached.
        if !is_public {
            self.make_meeting_known(account, &instance).await?;
        }
        self.instances.remember(
            account,
            StoredInstance {
                id,
                participants,
                scored: QualityLabels::default(),
                origin,
                lapsed: false,
                end_stated,
                instance,
            },
            outdated,
        );
        Ok(id)
    }

    /// Resolves facts with a run's number and start to the known run.
    ///
    /// # Errors
    /// If the store fails.
    pub async fn name_known_run(&self, account: AccountId, facts: &mut InstanceFacts) -> Result<(), IngestError> {
        let (Some(number), Some(start)) = (facts.number, facts.start_time) else { return Ok(()) };
        let known = self.store.past_instances(account, facts.kind, number, RUNS_OF_A_NUMBER).await?;
        let is_same =
            |run: &Instance| run.start_time.is_some_and(|time| time.millis_since(start).abs() < SAME_START_MS);
        if let Some(known) = known.into_iter().find(|known| is_same(&known.instance)) {
            facts.instance = InstanceRef::Uuid(known.instance.uuid.clone());
            if let Some(details) = &mut facts.details {
                details.uuid = known.instance.uuid;
            }
        }
        Ok(())
    }

    /// Returns the UUID of the facts' instance, and its meeting's number if they contain it.
    async fn name(
        &self,
        account: AccountId,
        facts: &InstanceFacts,
        presence: Presence,
    ) -> Result<(InstanceUuid, Option<MeetingNumber>), IngestError> {
        if let Some(details) = &facts.details {
            return Ok((details.uuid.clone(), details.number));
        }
        match &facts.instance {
            InstanceRef::Uuid(uuid) => Ok((uuid.clone(), facts.number)),
            InstanceRef::Latest(number) => Ok((self.latest(account, facts, presence, *number).await?, Some(*number))),
        }
    }

    /// Returns the instance for a number: the latest one in the reported state, else the latest one, else a new one.
    ///
    /// A record of the past never refers to a live run, and one of a live run never to a run that had ended before
    /// anybody in the record joined.
    async fn latest(
        &self,
        account: AccountId,
        facts: &InstanceFacts,
        presence: Presence,
        number: MeetingNumber,
    ) -> Result<InstanceUuid, IngestError> {
        let reference = InstanceRef::Latest(number);
        let find = |state| self.store.find_instance(account, facts.kind, &reference, state);
        let found = match facts.state {
            Some(InstanceState::Live) => match find(Some(InstanceState::Live)).await? {
                Some(live) => Some(live),
                None => find(Some(InstanceState::Past)).await?.filter(|past| may_hold(&past.instance, presence)),
            },
            state => find(state).await?,
        };
        if let Some(found) = found.filter(|found| found.origin.trust() >= facts.source.trust()) {
            return Ok(found.instance.uuid);
        }
        let known = self.store.account(account).await?;
        let known = known.ok_or_else(|| StoreError::NotFound { what: format!("account {account}") })?;
        let uuid = uuid::latest(&known.public_id, facts.kind, number, facts.state.unwrap_or(InstanceState::Past));
        // Base64 of any sixteen bytes is a UUID.
        uuid.map_err(|error| StoreError::Corrupt { table: "instances", reason: error.to_string() }.into())
    }

    /// Returns the instance to write: the facts merged over what is stored, with unreported times guessed from the
    /// participants.
    async fn merged(
        &self,
        account: AccountId,
        facts: &InstanceFacts,
        presence: Presence,
        uuid: InstanceUuid,
        number: Option<MeetingNumber>,
        stored: Option<&StoredInstance>,
    ) -> Result<Instance, IngestError> {
        let before = stored.map(|stored| &stored.instance);
        let mut instance = match (&facts.details, before) {
            (Some(details), _) => details.clone(),
            (None, Some(before)) => before.clone(),
            (None, None) => {
                // A record without a state is of the past: nothing would ever end a live instance created from it.
                let state = facts.state.unwrap_or(InstanceState::Past);
                match number {
                    Some(number) => Instance::new(facts.kind, number, uuid, state),
                    // A recording may contain the participants before the meeting, as webhooks do.
                    None if facts.may_be_unnumbered => Instance::unnumbered(facts.kind, uuid, state),
                    None => return Err(IngestError::MissingNumber { uuid }),
                }
            }
        };
        // Default values for a number whose description does not contain them.
        let stored_number = before.and_then(|before| before.number);
        instance.number = instance.number.or(stored_number).or(facts.number);
        let states = [Some(instance.state), facts.state, before.map(|before| before.state)];
        instance.state = states.into_iter().flatten().max().unwrap_or(instance.state);

        let is_stated = stored.is_some_and(|stored| stored.end_stated);
        let before = before.map(Times::of).unwrap_or_default();
        let mut guess = Guess::new(before, is_stated, facts, presence, instance.state);
        if let Some(stored) = stored
            && guess.needs_attendances()
        {
            self.look_at_attendances(account, stored.id, &mut guess).await?;
        }
        let times = guess.times();
        instance.start_time = times.start;
        instance.end_time = times.end;
        Ok(instance)
    }

    /// Reads an instance's participants page by page into the guess.
    async fn look_at_attendances(
        &self,
        account: AccountId,
        instance: InstanceId,
        guess: &mut Guess,
    ) -> Result<(), IngestError> {
        let mut after = None;
        loop {
            let page = self.store.list_participants(account, instance, after, PARTICIPANTS_PER_READ).await?;
            for stored in &page {
                guess.add_stored(&stored.participant);
            }
            match page.last() {
                Some(last) if page.len() == PARTICIPANTS_PER_READ => after = Some(last.id),
                _ => return Ok(()),
            }
        }
    }

    /// Writes the meeting if it is not stored, or values of the instance that the stored meeting lacks.
    async fn make_meeting_known(&self, account: AccountId, instance: &Instance) -> Result<(), IngestError> {
        let Some(number) = instance.number else { return Ok(()) };
        let stored = self.store.find_meeting(account, instance.kind, number).await?;
        let mut meeting = Meeting::new(instance.kind, number);
        let lacks = stored.clone().unwrap_or_else(|| meeting.clone());
        meeting.topic = instance.topic.clone().filter(|_| lacks.topic.is_none());
        meeting.host_id = instance.host_id.clone().filter(|_| lacks.host_id.is_none());
        meeting.host_email = instance.host_email.clone().filter(|_| lacks.host_email.is_none());
        let told = meeting.topic.is_some() || meeting.host_id.is_some() || meeting.host_email.is_some();
        if stored.is_none() || told {
            self.store.put_meetings(account, &[meeting]).await?;
        }
        Ok(())
    }
}

/// Returns whether an ended run may be the right one: not if all reported participants joined after its end.
fn may_hold(past: &Instance, presence: Presence) -> bool {
    !matches!((presence.first_join, past.end_time), (Some(join), Some(end)) if join > end)
}
