//! Sealing: writes settled instances to files.

use std::{
    collections::{BTreeMap, HashMap, VecDeque},
    sync::atomic::Ordering::Relaxed,
};

use rollcall_archive::{FileInfo, InstanceKey, Partition};
use rollcall_model::{AccountId, Instance, InstanceId, InstanceState, Participant, ParticipantId, ParticipantKey};
use rollcall_quality::{DimensionValues, InstanceScorer, Rollup};
use rollcall_store::{
    ArchiveTable, InstanceLife, InstanceScores, MinuteCursor, NewArchiveFile, RollupChange, SealedInstance, Sealing,
    Store, StoreError,
};

use super::{
    Group, SealError, Sealer,
    files::{Files, MinuteOf},
    rollup::day_of,
};

/// Minutes read and written at a time.
const MINUTES_AT_A_TIME: usize = 1_024;
/// Participants read at a time.
const PARTICIPANTS_AT_A_TIME: usize = 500;

/// Files in the archive that are not in the index yet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Written {
    sealing: Sealing,
    /// The number of the watch under which each instance was written.
    watches: BTreeMap<InstanceId, u64>,
}

/// Recorded instances, each with the number of its minutes, which may still be hot.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Recorded {
    account: AccountId,
    /// Each with the number of its watch and of its minutes.
    instances: Vec<(InstanceId, u64, u64)>,
}

impl Recorded {
    /// Returns the number of instances.
    #[must_use]
    pub fn len(&self) -> usize {
        self.instances.len()
    }

    /// Returns whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.instances.is_empty()
    }
}

impl Written {
    /// The number of minutes of each instance.
    fn minutes(&self) -> HashMap<InstanceId, u64> {
        let minutes = |sealed: &SealedInstance| sealed.minutes.iter().map(|(_, rows)| rows).sum();
        self.sealing.instances.iter().map(|sealed| (sealed.instance, minutes(sealed))).collect()
    }

    /// Returns the number of instances.
    #[must_use]
    pub fn len(&self) -> usize {
        self.sealing.instances.len()
    }

    /// Returns whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.sealing.instances.is_empty()
    }
}

impl Sealer {
    /// Writes a group's participants and minutes to files, as many instances as fit into one. `None` if all of them
    /// have changed meanwhile or could not be read.
    ///
    /// # Errors
    /// If a store or the archive failed entirely. An instance that cannot be read is skipped and postponed.
    pub async fn write(&mut self, group: &Group) -> Result<Option<Written>, SealError> {
        let partition = self.partition(group).await?;
        let mut files = Files::new(self.shelf.clone(), group.account, partition);
        let (mut sealed, mut watches) = (Vec::new(), BTreeMap::new());
        for instance in &group.instances {
            if files.minutes_written() >= self.settings.merge.full_rows {
                break;
            }
            let Some((watch, changes)) = self.settling.quiet(group.account, *instance) else {
                self.settling.forget(group.account, *instance);
                continue;
            };
            let life = self.shelf.store.instance_lives(&[(group.account, *instance)]).await?.pop();
            let unchanged =
                life.filter(|life| life.changes == changes && life.stored.instance.state == InstanceState::Past);
            let Some(life) = unchanged else {
                self.settling.forget(group.account, *instance);
                continue;
            };
            let Instance { uuid, kind, number, .. } = &life.stored.instance;
            let key = InstanceKey { uuid: uuid.clone(), kind: *kind, number: *number };
            match self.write_instance(&life, &key, &mut files).await {
                Ok(sealed_instance) => {
                    watches.insert(*instance, watch);
                    sealed.push(sealed_instance);
                }
                Err(error) if is_of_one_instance(&error) => self.put_off(group.account, *instance, &error),
                Err(error) => return Err(error),
            }
        }
        let (minutes_file, participants_file) = files.finish().await?;
        if sealed.is_empty() {
            return Ok(None);
        }
        let known = |table, info: Option<FileInfo>| {
            info.map(|info| NewArchiveFile {
                account: group.account,
                table,
                path: info.path.to_string(),
                bytes: info.bytes,
                rows: info.rows,
            })
        };
        let sealing = Sealing {
            account: group.account,
            minutes_file: known(ArchiveTable::QosMinutes, minutes_file),
            participants_file: known(ArchiveTable::Participants, participants_file),
            instances: sealed,
            at: self.shelf.clock.now(),
        };
        Ok(Some(Written { sealing, watches }))
    }

    /// Records the files, for all instances except those that have changed meanwhile.
    ///
    /// # Errors
    /// If the entity store failed; the files are then swept.
    pub async fn record(&mut self, written: Written) -> Result<Recorded, SealError> {
        let (account, minutes) = (written.sealing.account, written.minutes());
        let instances: Vec<_> = written.sealing.instances.iter().map(|sealed| sealed.instance).collect();
        let recorded = self.shelf.store.record_sealing(written.sealing).await?;
        for changed in instances.iter().filter(|instance| !recorded.contains(instance)) {
            self.settling.forget(account, *changed);
        }
        let counted = |instance| minutes.get(&instance).copied().unwrap_or(0);
        let watched = recorded.into_iter().filter_map(|instance| Some((instance, *written.watches.get(&instance)?)));
        let instances = watched.map(|(instance, watch)| (instance, watch, counted(instance)));
        Ok(Recorded { account, instances: instances.collect() })
    }

    /// Deletes the minutes of sealed instances from the live store. Those of an instance that was written to stay.
    ///
    /// # Errors
    /// If the live store failed; the rest is sealed again.
    pub async fn delete(&mut self, recorded: Recorded) -> Result<(), SealError> {
        let Recorded { account, instances } = recorded;
        for (instance, watch, minutes) in instances {
            let Some(watch) = self.settling.end(account, instance, watch) else { continue };
            self.live.delete_minutes(&watch).await?;
            self.counters.sealed_instances.fetch_add(1, Relaxed);
            self.counters.sealed_minutes.fetch_add(minutes, Relaxed);
        }
        Ok(())
    }

    async fn partition(&self, group: &Group) -> Result<Partition, SealError> {
        let account = group.account;
        let wrong = |reason: String| SealError::Account { account, reason };
        let found = self.shelf.store.account(account).await?;
        let found = found.ok_or_else(|| wrong("unknown account".to_owned()))?;
        let public_id = found.public_id.parse().map_err(|error: rollcall_model::InvalidId| wrong(error.to_string()))?;
        Ok(Partition { account: public_id, day: group.day })
    }

    async fn write_instance(
        &self,
        life: &InstanceLife,
        key: &InstanceKey,
        files: &mut Files,
    ) -> Result<SealedInstance, SealError> {
        let (account, instance) = (life.account, life.stored.id);
        // Taken after the watch began: any later write stops the deletion.
        let hot = self.live.snapshot()?;
        let mut people = People::new(account, instance);
        let mut minutes: Vec<(ParticipantId, u64)> = Vec::new();
        let mut scorer = InstanceScorer::default();
        let mut rollup = Rollup::default();
        let first_minute = files.minutes_written();
        let mut after: Option<MinuteCursor> = None;
        loop {
            let page = self.tiered.scan_minutes(hot.as_ref(), account, instance, after, MINUTES_AT_A_TIME).await?;
            let last = page.len() < MINUTES_AT_A_TIME;
            after = page.last().map(|row| MinuteCursor { participant: row.participant, minute: row.minute.minute });
            let begins = minutes.is_empty();
            let mut rows: Vec<MinuteOf> = Vec::with_capacity(page.len());
            for row in page {
                scorer.add(row.participant, &row.minute);
                let begun = match minutes.last_mut() {
                    Some((participant, count)) if *participant == row.participant => {
                        *count += 1;
                        None
                    }
                    _ => {
                        minutes.push((row.participant, 1));
                        let (key, values) = people.find(&*self.shelf.store, row.participant).await?;
                        rollup.begin(values);
                        Some(key)
                    }
                };
                rollup.count(&row.minute, &self.settings.profile);
                rows.push((begun, row.minute));
            }
            if !rows.is_empty() {
                files.write_minutes(key, begins, rows).await?;
            }
            if last {
                break;
            }
        }
        // Every minute is read here once the instance has settled, and again whenever it has changed, so labels are
        // computed now instead of for each page. If minutes were deleted by retention, the earlier labels stay.
        if !life.minutes_dropped {
            let (labels, of_participants) = scorer.finish();
            let scores = InstanceScores { instance: labels, participants: of_participants };
            self.shelf.store.put_scores(account, instance, &scores).await?;
        }
        let participants = files.write_participants(life, key).await?;
        // The counts of the last sealing are read from its files again: they exist until this one is recorded.
        let removed = self.rollups.of_instance(account, instance).await?;
        let added = (!minutes.is_empty()).then(|| (day_of(files.day()), rollup.finish().pack()));
        let removed = removed.map(|(day, rollup)| (day, rollup.pack()));
        let rollup = RollupChange { rules: self.rollups.rules(), added, removed };
        Ok(SealedInstance { instance, changes: life.changes, first_minute, minutes, participants, rollup })
    }
}

/// Returns whether others can still be sealed.
const fn is_of_one_instance(error: &SealError) -> bool {
    matches!(error, SealError::Store(StoreError::Corrupt { .. }) | SealError::UnknownParticipant { .. })
}

/// An instance's participants, page by page, ordered by row id.
pub(super) struct People {
    account: AccountId,
    instance: InstanceId,
    page: VecDeque<(ParticipantId, (ParticipantKey, DimensionValues))>,
    after: Option<ParticipantId>,
}

impl People {
    fn new(account: AccountId, instance: InstanceId) -> Self {
        Self { account, instance, page: VecDeque::new(), after: None }
    }

    /// Returns the key of a participant after all previous ones, and its dimension values.
    async fn find(
        &mut self,
        store: &dyn Store,
        wanted: ParticipantId,
    ) -> Result<(ParticipantKey, DimensionValues), SealError> {
        loop {
            while let Some((id, key)) = self.page.pop_front() {
                if id == wanted {
                    return Ok(key);
                }
                if id > wanted {
                    self.page.push_front((id, key));
                    break;
                }
            }
            let unknown = SealError::UnknownParticipant { instance: self.instance, participant: wanted };
            if !self.page.is_empty() {
                return Err(unknown);
            }
            // Few of many may have minutes: those before the requested one need not be read.
            let after = self.after.max(Some(ParticipantId(wanted.0 - 1)));
            let page = store.list_participants(self.account, self.instance, after, PARTICIPANTS_AT_A_TIME).await?;
            self.after = page.last().map(|stored| stored.id);
            let names = |one: &Participant| (one.key(), DimensionValues::of(one));
            self.page = page.into_iter().map(|stored| (stored.id, names(&stored.participant))).collect();
            if self.page.is_empty() {
                return Err(unknown);
            }
        }
    }
}
