//! The LSM tree: entries in, merged with what is stored, and ranges out.

use std::{ops::Bound, path::Path, time::Duration};

use fjall::{AbstractTree, Database, Keyspace, PersistMode, Readable, Snapshot, UserKey, UserValue};
use rollcall_model::{AccountId, InstanceId, Minute, ParticipantId, QosMinute};
use rollcall_store::{Result, StoreError, packed};

use crate::{
    backend, corrupt,
    key::{self, Key},
    known::{InstanceName, Instances, Known},
    options,
};

/// A key with its value, as they lie on disk.
pub(crate) type Stored = (UserKey, UserValue);

/// A minute that is to be written.
#[derive(Debug)]
pub(crate) struct Entry {
    pub(crate) instance: InstanceName,
    pub(crate) participant: ParticipantId,
    pub(crate) minute: Minute,
    pub(crate) value: UserValue,
}

impl Entry {
    /// Sorts as the keys do.
    pub(crate) fn order(&self) -> (u64, u64, u64, Minute) {
        let (account, instance) = self.instance;
        (account.0.cast_unsigned(), instance.0.cast_unsigned(), key::rank(self.participant), self.minute)
    }
}

/// How a report is merged with what is stored of the same minute.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Merge {
    /// It is the later one.
    Later,
    /// Nobody knows which is the later one.
    Join,
}

/// What one caller brings, in the order of keys.
pub(crate) type Reports<'j> = (Merge, &'j [Entry]);

/// A flush is waited for by looking again: for ten seconds, then the disk is in trouble.
const FLUSH_WAIT: Duration = Duration::from_millis(2);
const FLUSH_WAITS: u32 = 5000;

/// The tree of an open folder. Clones speak of the same tree; the folder is let go with the last.
#[derive(Clone)]
pub(crate) struct Tree {
    database: Database,
    minutes: Keyspace,
    /// A key for each instance that has minutes: those that have any are found, and those that have none told, without
    /// a look at the minutes, of which many may be deleted and not yet gone.
    instances: Keyspace,
}

/// Stands among the instances once all that have minutes do: a folder that was written before instances were noted
/// lacks it. No instance has this key.
const INSTANCES_ARE_NOTED: [u8; 1] = [0xff];

/// The tree as it was at one moment: a batch is seen whole or not at all.
pub(crate) struct View {
    snapshot: Snapshot,
    minutes: Keyspace,
    instances: Keyspace,
}

impl View {
    /// The entries of `range` in the order of their keys.
    pub(crate) fn range(&self, range: (Bound<Key>, Bound<Key>)) -> impl Iterator<Item = Result<Stored>> + use<> {
        self.snapshot.range(&self.minutes, range).map(|entry| entry.into_inner().map_err(backend))
    }

    /// The keys of the minutes that begin with `prefix`.
    pub(crate) fn keys(&self, prefix: Key) -> impl Iterator<Item = Result<UserKey>> + use<> {
        self.snapshot.prefix(&self.minutes, prefix).map(|entry| entry.key().map_err(backend))
    }

    /// Whether the instance with this key has minutes.
    pub(crate) fn is_hot(&self, instance: Key) -> Result<bool> {
        self.snapshot.contains_key(&self.instances, instance).map_err(backend)
    }

    /// The instances that have minutes, after the one with this key.
    pub(crate) fn hot_instances(
        &self,
        after: Option<Key>,
    ) -> impl Iterator<Item = Result<(AccountId, InstanceId)>> + use<> {
        let after = after.map_or(Bound::Unbounded, Bound::Excluded);
        let keys = self.snapshot.range(&self.instances, (after, Bound::Unbounded));
        keys.map(|entry| entry.key().map_err(backend))
            .filter(|key| !key.as_ref().is_ok_and(|key| **key == INSTANCES_ARE_NOTED))
            .map(|key| key::instance_of(&key?).map_err(corrupt))
    }
}

impl Tree {
    /// Opens the tree in `dir`, made where it is not there yet.
    pub(crate) fn open(dir: &Path) -> Result<Self> {
        let database = options::database(dir).open().map_err(|error| match error {
            fjall::Error::Locked => StoreError::InUse { path: dir.display().to_string() },
            error => backend(error),
        })?;
        let minutes = database.keyspace("minutes", options::keyspace).map_err(backend)?;
        let instances = database.keyspace("instances", options::keyspace).map_err(backend)?;
        let tree = Self { database, minutes, instances };
        if !tree.instances.contains_key(INSTANCES_ARE_NOTED).map_err(backend)? {
            tree.note_instances()?;
        }
        Ok(tree)
    }

    /// Notes the instances of a folder in which none are noted, by skipping from one to the next.
    fn note_instances(&self) -> Result<()> {
        let view = self.view();
        let mut batch = self.database.batch().durability(Some(PersistMode::SyncData));
        let mut from = Some(Bound::Unbounded);
        while let Some(lower) = from {
            let Some(first) = view.range((lower, Bound::Unbounded)).next() else { break };
            let (account, instance) = key::instance_of(&first?.0).map_err(corrupt)?;
            let key = Key::instance(account, instance);
            batch.insert(&self.instances, key.as_bytes(), []);
            from = key.after_all().map(Bound::Included);
        }
        batch.insert(&self.instances, INSTANCES_ARE_NOTED, []);
        batch.commit().map_err(backend)
    }

    /// The tree as it is now.
    pub(crate) fn view(&self) -> View {
        View { snapshot: self.database.snapshot(), minutes: self.minutes.clone(), instances: self.instances.clone() }
    }

    /// Writes what is in memory to tables; whether all of it is there when this returns. Nobody may write meanwhile.
    pub(crate) fn flush(&self) -> bool {
        self.rotate().is_ok() && self.wait_for_flushes(0)
    }

    /// Hands a full memtable over to be flushed, and waits where too many wait for that already: memory is bounded, and
    /// so is what has to be flushed when the store is closed.
    pub(crate) fn make_room(&self) {
        if self.minutes.tree.active_memtable().size() < options::MEMTABLE_BYTES {
            return;
        }
        if let Err(error) = self.rotate() {
            tracing::error!(%error, "minutes in memory cannot be flushed");
        } else if !self.wait_for_flushes(options::MAX_WAITING_MEMTABLES) {
            tracing::warn!("minutes in memory are flushed slowly");
        }
    }

    /// Hands what is in memory over to be flushed. The instances go along, few as they are: the journal can be shortened
    /// only by what is in tables of both.
    fn rotate(&self) -> fjall::Result<()> {
        self.minutes.rotate_memtable()?;
        self.instances.rotate_memtable().map(drop)
    }

    /// Waits until at most `len` memtables are left to be flushed; whether that came about in good time.
    fn wait_for_flushes(&self, len: usize) -> bool {
        for _ in 0..FLUSH_WAITS {
            if self.minutes.sealed_memtable_count().max(self.instances.sealed_memtable_count()) <= len {
                return true;
            }
            std::thread::sleep(FLUSH_WAIT);
        }
        false
    }

    /// Brings the minutes of these attendances, which come with the first minute that belongs to each, to where they
    /// belong, all or none; answers how many moved.
    pub(crate) fn rehome(&self, instance: Key, attendances: &[(ParticipantId, Minute)]) -> Result<usize> {
        let view = self.view();
        let mut moved: Vec<(Key, QosMinute)> = Vec::new();
        let mut batch = self.database.batch().durability(Some(PersistMode::SyncData));
        for (participant, _) in attendances {
            let of = instance.participant(*participant);
            let all = (Bound::Included(of.minute(Minute(0))), Bound::Included(of.minute(Minute(u32::MAX))));
            for entry in view.range(all) {
                let (key, value) = entry?;
                let minute = key::minute(&key).map_err(corrupt)?;
                let after = attendances.partition_point(|(_, first)| *first <= minute);
                let home = attendances[after.saturating_sub(1)].0;
                if home != *participant {
                    let value = packed::decode(minute, &value).map_err(corrupt)?;
                    moved.push((instance.participant(home).minute(minute), value));
                    batch.remove(&self.minutes, key);
                }
            }
        }
        moved.sort_by(|(a, _), (b, _)| a.as_bytes().cmp(b.as_bytes()));
        for minutes in moved.chunk_by(|(a, _), (b, _)| a.as_bytes() == b.as_bytes()) {
            let (key, mut joined) = minutes[0].clone();
            minutes[1..].iter().for_each(|(_, other)| joined.join(other));
            if let Some(stored) = self.minutes.get(key).map_err(backend)? {
                joined.join(&packed::decode(joined.minute, &stored).map_err(corrupt)?);
            }
            batch.insert(&self.minutes, key.as_bytes(), packed::encode(&joined));
        }
        batch.commit().map_err(backend)?;
        Ok(moved.len())
    }

    /// Merges what `jobs` bring with what is stored, all or none, and notes the instances; answers how many entries of
    /// each job were known already. When it returns, they survive a power cut. Where it fails, what was `known` of the
    /// instances is forgotten.
    pub(crate) fn merge(&self, jobs: &[Reports<'_>], known: &mut Instances) -> Result<Vec<usize>> {
        let mut repeated = vec![0; jobs.len()];
        let mut entries: Vec<(usize, &Entry)> = jobs
            .iter()
            .enumerate()
            .flat_map(|(job, (_, entries))| entries.iter().map(move |entry| (job, entry)))
            .collect();
        // Stable: reports of the same minute stay in the order in which they came.
        entries.sort_by_key(|(_, entry)| entry.order());
        let mut batch = self.database.batch().durability(Some(PersistMode::SyncData));
        let mut instances = Vec::new();
        for entries in entries.chunk_by(|(_, a), (_, b)| a.instance == b.instance) {
            let name = entries[0].1.instance;
            let prefix = Key::instance(name.0, name.1);
            let mut instance = match known.take(name) {
                Some(known) => known,
                None if self.instances.contains_key(prefix).map_err(backend)? => Known::noted(),
                None => {
                    batch.insert(&self.instances, prefix.as_bytes(), []);
                    Known::empty()
                }
            };
            for reports in entries.chunk_by(|(_, a), (_, b)| (a.participant, a.minute) == (b.participant, b.minute)) {
                let Entry { participant, minute, .. } = *reports[0].1;
                let key = prefix.participant(participant).minute(minute);
                let is_new = instance.add(participant, minute);
                let stored = if is_new { None } else { self.minutes.get(key).map_err(backend)? };
                let mut merged = stored.clone();
                for (job, Entry { value, .. }) in reports {
                    merged = Some(match merged {
                        None => value.clone(),
                        Some(earlier) => {
                            repeated[*job] += 1;
                            if earlier == *value { earlier } else { merge(jobs[*job].0, minute, value, &earlier)? }
                        }
                    });
                }
                // What is stored is durable already: the batch that brought it was synced before it could be seen.
                if let Some(merged) = merged.filter(|merged| stored.as_ref() != Some(merged)) {
                    batch.insert(&self.minutes, key.as_bytes(), merged);
                }
            }
            instances.push((name, instance));
        }
        batch.commit().map_err(backend)?;
        instances.into_iter().for_each(|(name, instance)| known.put(name, instance));
        Ok(repeated)
    }

    /// Deletes minutes and, with the last of an instance's, the note of it, all or none. A crash may undo that.
    pub(crate) fn delete(&self, keys: Vec<UserKey>, emptied: Option<Key>) -> Result<()> {
        let mut batch = self.database.batch();
        for key in keys {
            batch.remove(&self.minutes, key);
        }
        if let Some(instance) = emptied {
            batch.remove(&self.instances, instance.as_bytes());
        }
        batch.commit().map_err(backend)
    }
}

/// A report merged with what was reported of the same minute before.
fn merge(how: Merge, minute: Minute, report: &[u8], earlier: &[u8]) -> Result<UserValue> {
    let mut merged = packed::decode(minute, report).map_err(corrupt)?;
    let earlier = packed::decode(minute, earlier).map_err(corrupt)?;
    match how {
        Merge::Later => merged.fill_from(&earlier),
        Merge::Join => merged.join(&earlier),
    }
    Ok(packed::encode(&merged).into())
}
