//! Merges reports of minutes with stored ones.

use std::{borrow::Cow, ops::Range};

use fjall::{OwnedWriteBatch, PersistMode, UserValue};
use rollcall_model::{Minute, ParticipantId};
use rollcall_store::{Result, packed};

use crate::{
    backend, corrupt,
    key::{self, Key},
    known::{InstanceName, Instances, Known},
    rows::Row,
    runs::{self, NewRow},
    tree::{Tree, View},
};

/// How a report is merged with the stored one of the same minute.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Merge {
    /// The report is the later one.
    Later,
    /// It is unknown which is the later one.
    Join,
}

/// One caller's minutes to write.
#[derive(Debug)]
pub(crate) struct Reports {
    /// Their encoded values.
    bytes: Vec<u8>,
    reports: Vec<Report>,
}

/// A minute to write, and the position of its value.
#[derive(Debug)]
struct Report {
    instance: InstanceName,
    participant: ParticipantId,
    minute: Minute,
    value: Range<usize>,
}

impl Report {
    /// Sorts like the keys.
    fn order(&self) -> (u64, u64, u64, Minute) {
        let (account, instance) = self.instance;
        (account.0.cast_unsigned(), instance.0.cast_unsigned(), key::rank(self.participant), self.minute)
    }
}

impl Reports {
    pub(crate) fn with_capacity(len: usize) -> Self {
        Self { bytes: Vec::with_capacity(len * packed::TYPICAL_LEN), reports: Vec::with_capacity(len) }
    }

    /// Appends a minute; `encode` appends its value to the buffer.
    pub(crate) fn push(
        &mut self,
        instance: InstanceName,
        participant: ParticipantId,
        minute: Minute,
        encode: impl FnOnce(&mut Vec<u8>),
    ) {
        let start = self.bytes.len();
        encode(&mut self.bytes);
        self.reports.push(Report { instance, participant, minute, value: start..self.bytes.len() });
    }

    /// Sorts the minutes by key. Of two reports of a minute, the later one comes last.
    pub(crate) fn sort(&mut self) {
        self.reports.sort_by_key(Report::order);
    }

    pub(crate) fn len(&self) -> usize {
        self.reports.len()
    }

    /// Returns the instances, if the minutes are sorted.
    pub(crate) fn instances(&self) -> impl Iterator<Item = InstanceName> {
        self.reports.chunk_by(|a, b| a.instance == b.instance).map(|of| of[0].instance)
    }
}

/// A report, and the index of its caller.
type Brought<'j> = (usize, &'j Report);

impl Tree {
    /// Merges the minutes of `jobs`, each sorted by key, with stored ones, atomically, and records the instances.
    /// Returns how many minutes of each job existed already. When it returns, they survive a power cut. If it fails,
    /// the `known` entries of the instances are evicted.
    pub(crate) fn merge(&self, jobs: &[(Merge, &Reports)], known: &mut Instances) -> Result<Vec<usize>> {
        let mut brought: Vec<Brought<'_>> = jobs
            .iter()
            .enumerate()
            .flat_map(|(job, (_, reports))| reports.reports.iter().map(move |report| (job, report)))
            .collect();
        if jobs.len() > 1 {
            // Stable: reports of the same minute stay in order of arrival.
            brought.sort_by_key(|(_, report)| report.order());
        }
        let mut merging = Merging {
            tree: self,
            jobs,
            batch: self.database.batch().durability(Some(PersistMode::SyncData)),
            view: None,
            repeated: vec![0; jobs.len()],
        };
        let mut instances = Vec::new();
        for brought in brought.chunk_by(|(_, a), (_, b)| a.instance == b.instance) {
            let name = brought[0].1.instance;
            instances.push((name, merging.instance(name, known.take(name), brought)?));
        }
        let Merging { batch, repeated, .. } = merging;
        self.commit(batch, brought.len())?;
        instances.into_iter().for_each(|(name, instance)| known.put(name, instance));
        Ok(repeated)
    }
}

/// A merge in progress.
struct Merging<'t> {
    tree: &'t Tree,
    jobs: &'t [(Merge, &'t Reports)],
    batch: OwnedWriteBatch,
    /// The stored minutes, opened on the first lookup.
    view: Option<View>,
    /// How many minutes of each job existed already.
    repeated: Vec<usize>,
}

impl<'t> Merging<'t> {
    /// Merges the minutes of one instance. Returns its new cache entry.
    fn instance(&mut self, name: InstanceName, known: Option<Known>, brought: &[Brought<'t>]) -> Result<Known> {
        let prefix = Key::instance(name.0, name.1);
        let (mut instance, noted) = match known {
            Some(known) => {
                let noted = Some(known.has_runs);
                (known, noted)
            }
            None => match self.tree.noted(prefix)? {
                Some(has_runs) => (Known::noted(has_runs), Some(has_runs)),
                None => (Known::empty(), None),
            },
        };
        for brought in brought.chunk_by(|(_, a), (_, b)| key::bucket(a.participant) == key::bucket(b.participant)) {
            let new = self.bucket(prefix, &mut instance, brought)?;
            if new.len() < runs::MIN_ROWS {
                for (participant, minute, value) in new {
                    let key = prefix.participant(participant).minute(minute);
                    self.batch.insert(&self.tree.minutes, key.as_bytes(), &*value);
                }
                continue;
            }
            instance.has_runs = true;
            for rows in new.chunks(runs::MAX_ROWS) {
                let (participant, minute, _) = rows[0];
                let key = prefix.bucket(key::bucket(participant)).run(participant, minute);
                self.batch.insert(&self.tree.runs, key.as_bytes(), runs::encode(rows));
            }
        }
        if noted != Some(instance.has_runs) {
            self.tree.note(&mut self.batch, prefix, instance.has_runs);
        }
        Ok(instance)
    }

    /// Merges minutes of participants in one bucket, and returns those that are new.
    fn bucket(&mut self, prefix: Key, instance: &mut Known, brought: &[Brought<'t>]) -> Result<Vec<NewRow<'t>>> {
        let mut new: Vec<NewRow<'t>> = Vec::with_capacity(brought.len());
        let mut together: Option<Vec<Row>> = None;
        for reports in brought.chunk_by(|(_, a), (_, b)| (a.participant, a.minute) == (b.participant, b.minute)) {
            let Report { participant, minute, .. } = *reports[0].1;
            let key = prefix.participant(participant).minute(minute);
            let mut stored: Option<UserValue> = None;
            if !instance.add(participant, minute) {
                stored = self.tree.minutes.get(key).map_err(backend)?;
                if stored.is_none() && instance.has_runs {
                    let rows = match &mut together {
                        Some(rows) => rows,
                        None => together.insert(self.view().bucket(prefix, key::bucket(participant), u32::MAX)?),
                    };
                    let at = rows.binary_search_by_key(&(key::rank(participant), minute), Row::order);
                    stored = at.ok().map(|at| rows[at].value().into());
                }
            }
            let mut merged: Option<Cow<'t, [u8]>> = stored.as_ref().map(|stored| Cow::Owned(stored.to_vec()));
            for (job, report) in reports {
                let (how, all) = self.jobs[*job];
                let value = &all.bytes[report.value.clone()];
                merged = Some(match merged {
                    None => Cow::Borrowed(value),
                    Some(earlier) => {
                        self.repeated[*job] += 1;
                        if *earlier == *value { earlier } else { merge(how, minute, value, &earlier)?.into() }
                    }
                });
            }
            match (merged, stored) {
                (Some(merged), None) => new.push((participant, minute, merged)),
                // Stored minutes are durable already: a batch is synced before it becomes visible.
                (Some(merged), Some(stored)) if *merged != *stored => {
                    self.batch.insert(&self.tree.minutes, key.as_bytes(), &*merged);
                }
                _ => {}
            }
        }
        Ok(new)
    }

    /// Returns the stored minutes. Nobody else writes during this merge.
    fn view(&mut self) -> &View {
        self.view.get_or_insert_with(|| self.tree.view())
    }
}

/// Merges a report with an earlier one of the same minute.
fn merge(how: Merge, minute: Minute, report: &[u8], earlier: &[u8]) -> Result<Vec<u8>> {
    let mut merged = packed::decode(minute, report).map_err(corrupt)?;
    let earlier = packed::decode(minute, earlier).map_err(corrupt)?;
    match how {
        Merge::Later => merged.fill_from(&earlier),
        Merge::Join => merged.join(&earlier),
    }
    Ok(packed::encode(&merged))
}
