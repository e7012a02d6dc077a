//! Reports of minutes, merged with what is stored.

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

/// How a report is merged with what is stored of the same minute.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Merge {
    /// It is the later one.
    Later,
    /// Nobody knows which is the later one.
    Join,
}

/// What one caller brings: minutes that are to be written.
#[derive(Debug)]
pub(crate) struct Reports {
    /// Their values.
    bytes: Vec<u8>,
    reports: Vec<Report>,
}

/// A minute that is to be written, and where its value stands.
#[derive(Debug)]
struct Report {
    instance: InstanceName,
    participant: ParticipantId,
    minute: Minute,
    value: Range<usize>,
}

impl Report {
    /// Sorts as the keys do.
    fn order(&self) -> (u64, u64, u64, Minute) {
        let (account, instance) = self.instance;
        (account.0.cast_unsigned(), instance.0.cast_unsigned(), key::rank(self.participant), self.minute)
    }
}

impl Reports {
    pub(crate) fn with_capacity(len: usize) -> Self {
        Self { bytes: Vec::with_capacity(len * packed::TYPICAL_LEN), reports: Vec::with_capacity(len) }
    }

    /// Appends a minute, whose value `encode` appends to what it is given.
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

    /// Brings the minutes into the order of keys. Of two reports of a minute the later one stays behind.
    pub(crate) fn sort(&mut self) {
        self.reports.sort_by_key(Report::order);
    }

    pub(crate) fn len(&self) -> usize {
        self.reports.len()
    }

    /// The instances, where the minutes are in order.
    pub(crate) fn instances(&self) -> impl Iterator<Item = InstanceName> {
        self.reports.chunk_by(|a, b| a.instance == b.instance).map(|of| of[0].instance)
    }
}

/// A report, and the place of the caller who brings it.
type Brought<'j> = (usize, &'j Report);

impl Tree {
    /// Merges what `jobs` bring, each in the order of keys, with what is stored, all or none, and notes the instances;
    /// answers how many minutes of each job were known already. When it returns, they survive a power cut. Where it
    /// fails, what was `known` of the instances is forgotten.
    pub(crate) fn merge(&self, jobs: &[(Merge, &Reports)], known: &mut Instances) -> Result<Vec<usize>> {
        let mut brought: Vec<Brought<'_>> = jobs
            .iter()
            .enumerate()
            .flat_map(|(job, (_, reports))| reports.reports.iter().map(move |report| (job, report)))
            .collect();
        if jobs.len() > 1 {
            // Stable: reports of the same minute stay in the order in which they came.
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

/// A merge that is under way.
struct Merging<'t> {
    tree: &'t Tree,
    jobs: &'t [(Merge, &'t Reports)],
    batch: OwnedWriteBatch,
    /// What is stored, once somebody has to look there.
    view: Option<View>,
    /// How many minutes of each job were known already.
    repeated: Vec<usize>,
}

impl<'t> Merging<'t> {
    /// Merges what is brought of one instance; what is known of it then.
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

    /// Merges what is brought of participants of one bucket, and answers the minutes of which nothing is stored.
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
                // What is stored is durable already: the batch that brought it was synced before it could be seen.
                (Some(merged), Some(stored)) if *merged != *stored => {
                    self.batch.insert(&self.tree.minutes, key.as_bytes(), &*merged);
                }
                _ => {}
            }
        }
        Ok(new)
    }

    /// What is stored. Nobody writes while this merge is under way.
    fn view(&mut self) -> &View {
        self.view.get_or_insert_with(|| self.tree.view())
    }
}

/// A report merged with what was reported of the same minute before.
fn merge(how: Merge, minute: Minute, report: &[u8], earlier: &[u8]) -> Result<Vec<u8>> {
    let mut merged = packed::decode(minute, report).map_err(corrupt)?;
    let earlier = packed::decode(minute, earlier).map_err(corrupt)?;
    match how {
        Merge::Later => merged.fill_from(&earlier),
        Merge::Join => merged.join(&earlier),
    }
    Ok(packed::encode(&merged))
}
