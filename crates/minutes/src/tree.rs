//! The LSM tree: writing entries, and reading ranges.

use std::{ops::Bound, path::Path, sync::Arc, time::Duration};

use fjall::{AbstractTree, Database, Keyspace, OwnedWriteBatch, PersistMode, Readable, Snapshot, UserKey, UserValue};
use rollcall_model::{AccountId, InstanceId};
use rollcall_store::{Result, StoreError};

use crate::{
    backend, corrupt, journal,
    key::{self, Key},
    loss::{Recovery, Scan},
    marks::{Mark, Marks},
    options,
};

/// The file with the folder's version: it is written after all others.
const VERSION_FILE: &str = "version";

/// A key with its value, as on disk.
pub(crate) type Stored = (UserKey, UserValue);

/// A key of minutes: of a single one, or of a run.
#[derive(Debug, Clone)]
pub(crate) enum MinutesKey {
    Alone(UserKey),
    Run(UserKey),
}

/// A flush is awaited by polling: for ten seconds, then the disk has a problem.
const FLUSH_WAIT: Duration = Duration::from_millis(2);
const FLUSH_WAITS: u32 = 5000;

/// The tree of an open folder. Clones share it; the folder is released with the last one.
#[derive(Clone)]
pub(crate) struct Tree {
    pub(crate) database: Database,
    /// Minutes that are stored alone.
    pub(crate) minutes: Keyspace,
    /// Runs ([`crate::runs`]).
    pub(crate) runs: Keyspace,
    /// A key for each instance with minutes, which answers whether an instance has any without reading minutes, of
    /// which many may be deleted but not compacted. Its value says whether there are runs.
    pub(crate) instances: Keyspace,
    /// Held by every clone and every view.
    users: Arc<()>,
    /// The acknowledged batches; `None` if the file could not be created.
    marks: Option<Arc<Marks>>,
    /// The state of the journals.
    pub(crate) recovery: Recovery,
}

/// An entry among the instances that marks that all instances with minutes are recorded: a folder of an older version
/// lacks it. No instance has this key.
const INSTANCES_ARE_NOTED: [u8; 1] = [0xff];

/// The values for an instance without runs, and for one with runs.
const NO_RUNS: [u8; 0] = [];
const RUNS: [u8; 1] = [1];

/// A snapshot of the tree: a batch is visible completely or not at all.
pub(crate) struct View {
    snapshot: Snapshot,
    minutes: Keyspace,
    runs: Keyspace,
    instances: Keyspace,
    _user: Arc<()>,
}

impl View {
    /// The underlying snapshot.
    pub(crate) const fn snapshot(&self) -> &Snapshot {
        &self.snapshot
    }

    /// The trees: minutes, runs, instances.
    pub(crate) const fn keyspaces(&self) -> [&Keyspace; 3] {
        [&self.minutes, &self.runs, &self.instances]
    }

    /// Returns the entries of `range` ordered by key.
    pub(crate) fn range(&self, range: (Bound<Key>, Bound<Key>)) -> impl Iterator<Item = Result<Stored>> + use<> {
        self.snapshot.range(&self.minutes, range).map(|entry| entry.into_inner().map_err(backend))
    }

    /// Returns the runs whose keys begin with `prefix`, ordered by key.
    pub(crate) fn runs(&self, prefix: Key) -> impl Iterator<Item = Result<Stored>> + use<> {
        self.snapshot.prefix(&self.runs, prefix).map(|entry| entry.into_inner().map_err(backend))
    }

    /// Returns the first bucket of an instance, from `from` on, that has runs.
    pub(crate) fn next_bucket(&self, prefix: Key, from: u64) -> Result<Option<u64>> {
        let end = prefix.after_all().map_or(Bound::Unbounded, Bound::Excluded);
        let mut runs = self.snapshot.range(&self.runs, (Bound::Included(prefix.bucket(from)), end));
        let first = runs.next().map(|run| run.key().map_err(backend)).transpose()?;
        first.map(|key| key::bucket_of(&key, prefix.as_bytes().len()).map_err(corrupt)).transpose()
    }

    /// Returns whether the instance with this key has runs.
    pub(crate) fn has_runs(&self, instance: Key) -> Result<bool> {
        let note = self.snapshot.get(&self.instances, instance).map_err(backend)?;
        Ok(note.is_some_and(|note| *note == RUNS))
    }

    /// Returns the keys of minutes that begin with `prefix`.
    pub(crate) fn keys(&self, prefix: Key) -> impl Iterator<Item = Result<MinutesKey>> + use<> {
        let alone = self.snapshot.prefix(&self.minutes, prefix);
        let runs = self.snapshot.prefix(&self.runs, prefix);
        let alone = alone.map(|entry| entry.key().map(MinutesKey::Alone).map_err(backend));
        alone.chain(runs.map(|entry| entry.key().map(MinutesKey::Run).map_err(backend)))
    }

    /// Returns whether the instance with this key has minutes.
    pub(crate) fn is_hot(&self, instance: Key) -> Result<bool> {
        self.snapshot.contains_key(&self.instances, instance).map_err(backend)
    }

    /// Returns the instances with minutes, after the one with this key.
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
    /// Opens the tree in `dir`, and creates it if it does not exist.
    pub(crate) fn open(dir: &Path) -> Result<Self> {
        let journals = look_at_journals(dir)?;
        let database = options::database(dir).open().map_err(|error| match error {
            fjall::Error::Locked => StoreError::InUse { path: dir.display().to_string() },
            fjall::Error::JournalRecovery(reason) => backend(format!(
                "a journal in {} is damaged inside ({reason:?}), not at its end: restore a backup, or move the *.jnl files \
                 away to go on without the minutes that are in them alone",
                dir.display()
            )),
            error => backend(error),
        })?;
        let minutes = database.keyspace("minutes", options::keyspace).map_err(backend)?;
        let runs = database.keyspace("runs", options::keyspace).map_err(backend)?;
        let instances = database.keyspace("instances", options::keyspace).map_err(backend)?;
        let (recovery, mut kept) = journals.map_or_else(Default::default, |(scan, marks)| {
            let persisted = [&minutes, &runs, &instances].map(|of| of.tree.get_highest_persisted_seqno());
            scan.compare(marks.as_deref(), persisted.into_iter().flatten().max())
        });
        recovery.report(dir);
        // The tree continues from the highest sequence number that it finds.
        kept.retain(|mark| mark.end <= database.seqno());
        let marks = match Marks::begin(dir, &kept) {
            Ok(marks) => Some(Arc::new(marks)),
            Err(error) => {
                tracing::warn!(dir = %dir.display(), %error, "a journal that loses its end will not be detected");
                None
            }
        };
        let tree = Self { database, minutes, runs, instances, users: Arc::default(), marks, recovery };
        if !tree.instances.contains_key(INSTANCES_ARE_NOTED).map_err(backend)? {
            tree.note_instances()?;
        }
        Ok(tree)
    }

    /// Records the instances of a folder of an older version, by skipping from one to the next.
    fn note_instances(&self) -> Result<()> {
        let view = self.view();
        let mut batch = self.database.batch().durability(Some(PersistMode::SyncData));
        let mut from = Some(Bound::Unbounded);
        while let Some(lower) = from {
            let Some(first) = view.range((lower, Bound::Unbounded)).next() else { break };
            let (account, instance) = key::instance_of(&first?.0).map_err(corrupt)?;
            let key = Key::instance(account, instance);
            batch.insert(&self.instances, key.as_bytes(), NO_RUNS);
            from = key.after_all().map(Bound::Included);
        }
        batch.insert(&self.instances, INSTANCES_ARE_NOTED, []);
        batch.commit().map_err(backend)
    }

    /// Returns whether the instance with this key has runs. `None` if it has no minutes.
    pub(crate) fn noted(&self, instance: Key) -> Result<Option<bool>> {
        Ok(self.instances.get(instance).map_err(backend)?.map(|note| *note == RUNS))
    }

    /// Returns a snapshot of the tree.
    pub(crate) fn view(&self) -> View {
        View {
            snapshot: self.database.snapshot(),
            minutes: self.minutes.clone(),
            runs: self.runs.clone(),
            instances: self.instances.clone(),
            _user: Arc::clone(&self.users),
        }
    }

    /// Returns whether there is a clone of this, or a view of its content.
    pub(crate) fn is_in_use(&self) -> bool {
        Arc::strong_count(&self.users) > 1
    }

    /// Returns whether it accepts writes: after a failed one it does not.
    fn is_well(&self) -> bool {
        let mut batch = self.database.batch().durability(Some(PersistMode::SyncData));
        batch.insert(&self.instances, INSTANCES_ARE_NOTED, []);
        batch.commit().is_ok()
    }

    /// Flushes memory to tables. Returns whether everything is flushed. Nobody may write meanwhile.
    pub(crate) fn flush(&self) -> bool {
        if self.keyspaces().iter().all(|of| of.tree.active_memtable().size() == 0 && of.sealed_memtable_count() == 0) {
            return true;
        }
        // A broken tree would never finish.
        self.is_well() && self.rotate().is_ok() && self.wait_for_flushes(0)
    }

    /// Queues a full memtable for flushing, and waits if too many are queued: this bounds memory, and the work when the
    /// store is closed.
    pub(crate) fn make_room(&self) {
        if self.keyspaces().iter().map(|of| of.tree.active_memtable().size()).sum::<u64>() < options::MEMTABLE_BYTES {
            return;
        }
        if let Err(error) = self.rotate() {
            tracing::error!(%error, "could not flush minutes");
        } else if !self.wait_for_flushes(options::MAX_WAITING_MEMTABLES) {
            tracing::warn!("flushing minutes is slow");
        }
    }

    /// Queues memory for flushing. This includes the instances, although they are few: the journal can be shortened
    /// only up to data that all trees have flushed.
    fn rotate(&self) -> fjall::Result<()> {
        self.keyspaces().iter().try_for_each(|of| of.rotate_memtable().map(drop))
    }

    /// Returns the trees: minutes, runs, instances.
    pub(crate) const fn keyspaces(&self) -> [&Keyspace; 3] {
        [&self.minutes, &self.runs, &self.instances]
    }

    /// Records in `batch` that the instance with this key has minutes.
    pub(crate) fn note(&self, batch: &mut OwnedWriteBatch, instance: Key, has_runs: bool) {
        if has_runs {
            batch.insert(&self.instances, instance.as_bytes(), RUNS);
        } else {
            batch.insert(&self.instances, instance.as_bytes(), NO_RUNS);
        }
    }

    /// Waits until at most `len` memtables are queued. Returns whether that happened in time.
    fn wait_for_flushes(&self, len: usize) -> bool {
        for _ in 0..FLUSH_WAITS {
            if self.keyspaces().iter().all(|of| of.sealed_memtable_count() <= len) {
                return true;
            }
            std::thread::sleep(FLUSH_WAIT);
        }
        false
    }

    /// Commits a batch with this many minutes, and marks it as acknowledged. The caller is the only writer.
    pub(crate) fn commit(&self, batch: OwnedWriteBatch, minutes: usize) -> Result<()> {
        let is_empty = batch.is_empty();
        let first = self.database.seqno();
        batch.commit().map_err(backend)?;
        if let Some(marks) = &self.marks
            && !is_empty
        {
            marks.note(Mark { first, end: self.database.seqno(), minutes: u32::try_from(minutes).unwrap_or(u32::MAX) });
        }
        Ok(())
    }

    /// Deletes minutes atomically, and the instance's key with the last of them. A crash may undo that.
    pub(crate) fn delete(&self, keys: Vec<MinutesKey>, emptied: Option<Key>) -> Result<()> {
        let mut batch = self.database.batch();
        for key in keys {
            match key {
                MinutesKey::Alone(key) => batch.remove(&self.minutes, key),
                MinutesKey::Run(key) => batch.remove(&self.runs, key),
            }
        }
        if let Some(instance) = emptied {
            batch.remove(&self.instances, instance.as_bytes());
        }
        batch.commit().map_err(backend)
    }
}

/// Returns the content of the journals and the acknowledged batches. `None` if there is nothing yet. Opening then cuts
/// off incomplete ends.
fn look_at_journals(dir: &Path) -> Result<Option<(Scan, Option<Vec<Mark>>)>> {
    if !dir.join(VERSION_FILE).exists() {
        return Ok(None);
    }
    // The holder of the folder writes to its journals.
    match journal::lock(dir) {
        Ok(Some(_held)) => {
            let scan = Scan::of(dir).map_err(backend)?;
            Ok(Some((scan, Marks::read(dir))))
        }
        Ok(None) => Err(StoreError::InUse { path: dir.display().to_string() }),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
            let lock = dir.join(journal::LOCK_FILE);
            Err(backend(format!(
                "{} is missing: the folder was not copied whole. Restore a backup; or, if no server runs on this folder, \
                 make an empty file of that name",
                lock.display()
            )))
        }
        Err(error) => Err(backend(error)),
    }
}
