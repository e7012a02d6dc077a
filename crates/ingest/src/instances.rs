//! Which instance facts speak of, and what is known of it.

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

/// How many participants are read at a time where an instance's times have to be guessed anew.
const PARTICIPANTS_PER_READ: usize = 500;

/// Instances are read, changed and written by one caller at a time; this many can be at once.
const LOCKS: usize = 256;

/// How many instances are remembered; up to twice as many while room is made.
const REMEMBERED: usize = 4_096;

/// How many past runs of a meeting are looked at for the one that a report names by its start.
const RUNS_OF_A_NUMBER: usize = 1_000;

/// Reports give starts by the minute.
const SAME_START_MS: i64 = 60_000;

/// One lock for every so many instances.
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

/// The instances that were written lately, as they are stored, with their meetings. An entry is read and replaced under
/// the instance's lock alone, so it is never older than the row; where another way in writes an instance without that
/// lock, it says so afterwards ([`Instances::outdate`]).
pub(crate) struct Instances(std::sync::Mutex<Memory>);

struct Memory {
    stored: Generations<(AccountId, InstanceUuid), StoredInstance>,
    /// How often something was outdated: what was read before that is not remembered after it.
    outdated: u64,
}

impl Instances {
    pub(crate) fn new() -> Self {
        Self(std::sync::Mutex::new(Memory { stored: Generations::new(REMEMBERED), outdated: 0 }))
    }

    pub(crate) fn get(&self, account: AccountId, uuid: &InstanceUuid) -> Option<StoredInstance> {
        self.lock().stored.get_mut(&(account, uuid.clone())).cloned()
    }

    /// To be asked before a row is read that is to be remembered.
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

    /// Forgets an instance that was written past this, and whatever is being read of it now.
    pub(crate) fn outdate(&self, account: AccountId, uuid: &InstanceUuid) {
        let mut memory = self.lock();
        memory.outdated += 1;
        memory.stored.remove(&(account, uuid.clone()));
    }

    /// Forgets all instances, and whatever is being read of them now.
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
    /// Makes the instance and its meeting known, and answers the instance's row. Facts that say nothing new of an
    /// instance that is remembered touch no database.
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
            // The store sets the page's record aside.
            Some(stored) if !is_public && stored.origin.trust() < Trust::Trusted => None,
            stored => stored,
        };
        let mut instance = self.merged(account, facts, presence, uuid, number, stored.as_ref()).await?;
        // What these facts alone say counts, not what was known before: else the order would matter.
        let states_end = !is_public
            && facts.details.as_ref().is_some_and(|told| told.state == InstanceState::Past && told.end_time.is_some());
        let end_stated = states_end || stored.as_ref().is_some_and(|stored| stored.end_stated);
        if let Some(stored) = &stored {
            instance.fill_from(&stored.instance);
            if is_remembered && instance == stored.instance && stored.end_stated == end_stated {
                return Ok(stored.id);
            }
        }
        // A write that is broken off here may be committed all the same: until it has ended, nothing is remembered.
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
        // The store makes a page's meeting known itself, if no other source has one of that number. What it sets aside
        // for a trusted source is gone by now.
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

    /// Lets facts that name a run by number and start be about the run that is known of them.
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

    /// The UUID of the instance that the facts speak of, and its meeting's number where they tell it.
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

    /// The instance that a number stands for: the latest one in the state told, else the latest one, else a new one.
    ///
    /// A record of the past never speaks of a run that is still live, nor one of a live run of a run that had ended
    /// before anybody in the record joined.
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
        // Base64 of sixteen bytes is a UUID, whatever the bytes.
        uuid.map_err(|error| StoreError::Corrupt { table: "instances", reason: error.to_string() }.into())
    }

    /// The instance as it is to be written: what the facts tell over what is stored, and times that nobody told
    /// guessed from who was there.
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
                // A record that tells no state is of the past: nothing would ever end a live instance made from it.
                let state = facts.state.unwrap_or(InstanceState::Past);
                match number {
                    Some(number) => Instance::new(facts.kind, number, uuid, state),
                    // A recording may have the participants before the meeting, as webhooks do.
                    None if facts.may_be_unnumbered => Instance::unnumbered(facts.kind, uuid, state),
                    None => return Err(IngestError::MissingNumber { uuid }),
                }
            }
        };
        // What stands for a number that a description does not tell.
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

    /// Writes the meeting where it is not stored, or what the instance tells and the stored meeting lacks.
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

/// Whether a run that has ended can be meant: not where all who are told of joined after its end.
fn may_hold(past: &Instance, presence: Presence) -> bool {
    !matches!((presence.first_join, past.end_time), (Some(join), Some(end)) if join > end)
}
