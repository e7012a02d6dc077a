//! A cache of recently written attendances, so that redundant reports do not reach the database.
//!
//! An attendance's row id never changes, with one exception: a report without a join time refers to the attendance of
//! that `user_id` that joined last. A row's content changes with each write, and the last commit counts; if two writes
//! about one `user_id` overlap, their order is unknown here, so nothing is cached.

use std::{
    collections::HashSet,
    hash::RandomState,
    sync::{Mutex, MutexGuard, PoisonError},
};

use rollcall_model::{InstanceId, Participant, ParticipantId, ParticipantKey, ParticipantUserId, Timestamp};
use rollcall_store::PutParticipant;

use crate::{fact_cache::KnownFacts, generations::Generations};

/// Number of cached `user_id`s of instances; temporarily up to twice as many.
const REMEMBERED: usize = 50_000;

/// Cached attendances.
#[derive(Debug)]
pub(crate) struct Roster {
    known: Mutex<Generations<Box<[u8]>, Known>>,
    hasher: RandomState,
}

/// Cached attendances with one `user_id` in one instance.
#[derive(Debug, Default)]
struct Known {
    attendances: Vec<Attendance>,
    /// The one that joined last, which a report without a join time refers to.
    last: Option<ParticipantId>,
    /// Number of current writes about them.
    writers: u32,
    /// Whether several writes overlapped since there was none.
    contended: bool,
}

#[derive(Debug)]
struct Attendance {
    row: ParticipantId,
    /// `None` if no report with a join time was seen.
    join_time: Option<Timestamp>,
    facts: KnownFacts,
}

impl Roster {
    pub(crate) fn new() -> Self {
        Self { known: Mutex::new(Generations::new(REMEMBERED)), hasher: RandomState::new() }
    }

    /// Returns the row ids of participants with redundant reports. A report after a new one about the same `user_id`
    /// counts as new, too: it may differ again.
    pub(crate) fn unchanged<'p>(
        &self,
        instance: InstanceId,
        reports: impl Iterator<Item = &'p Participant>,
    ) -> Vec<Option<ParticipantId>> {
        self.find(instance, reports.map(|report| (report.user_id.as_str(), report.join_time, Some(report))))
    }

    /// Returns the row ids of known attendances, like [`Self::unchanged`] for reports with only the key.
    pub(crate) fn known(&self, instance: InstanceId, keys: &[ParticipantKey]) -> Vec<Option<ParticipantId>> {
        self.find(instance, keys.iter().map(|key| (key.user_id.as_str(), key.join_time, None)))
    }

    fn find<'p>(
        &self,
        instance: InstanceId,
        reports: impl Iterator<Item = (&'p str, Option<Timestamp>, Option<&'p Participant>)>,
    ) -> Vec<Option<ParticipantId>> {
        let mut known = self.lock();
        let mut name = Vec::new();
        let mut changed: HashSet<&'p str> = HashSet::new();
        reports
            .map(|(user_id, join_time, report)| {
                write_name(&mut name, instance, user_id);
                let attendance = known.get_mut(name.as_slice()).and_then(|known| known.find(join_time));
                let says_nothing_new =
                    |attendance: &&Attendance| report.is_none_or(|it| attendance.facts.covers(it, &self.hasher));
                let row = attendance.filter(says_nothing_new).map(|attendance| attendance.row);
                if row.is_none() {
                    changed.insert(user_id);
                }
                row.filter(|_| changed.is_empty() || !changed.contains(user_id))
            })
            .collect()
    }

    /// Records that `reports` are about to be written. Call it before the store, and end it after.
    pub(crate) fn begin<'r>(&'r self, instance: InstanceId, reports: &'r [Participant]) -> Write<'r> {
        let mut names: Vec<Box<[u8]>> = reports
            .iter()
            .map(|report| {
                let mut name = Vec::new();
                write_name(&mut name, instance, &report.user_id);
                name.into_boxed_slice()
            })
            .collect();
        names.sort_unstable();
        names.dedup();
        let mut known = self.lock();
        for name in &names {
            match known.get_mut(name) {
                Some(known) => known.enter(),
                None => {
                    let mut new = Known::default();
                    new.enter();
                    known.insert(name.clone(), new, |known| known.writers > 0);
                }
            }
        }
        Write { roster: self, instance, reports, names, ended: false }
    }

    /// Removes `user_id`, which was written without this cache.
    pub(crate) fn outdate(&self, instance: InstanceId, user_id: &ParticipantUserId) {
        let mut name = Vec::new();
        write_name(&mut name, instance, user_id.as_str());
        if let Some(known) = self.lock().get_mut(name.as_slice()) {
            known.attendances.clear();
            known.last = None;
            known.contended = known.writers > 0;
        }
    }

    /// Removes everybody, including those being written at the moment.
    pub(crate) fn outdate_all(&self) {
        self.lock().retain(|known| {
            known.attendances.clear();
            known.last = None;
            known.contended = known.writers > 0;
            known.writers > 0
        });
    }

    fn lock(&self) -> MutexGuard<'_, Generations<Box<[u8]>, Known>> {
        // A panicking thread leaves a valid map: no entry is half-changed between calls.
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A write in progress. If dropped before it has ended, nothing about its attendances stays cached.
#[derive(Debug)]
pub(crate) struct Write<'r> {
    roster: &'r Roster,
    instance: InstanceId,
    reports: &'r [Participant],
    names: Vec<Box<[u8]>>,
    ended: bool,
}

impl Write<'_> {
    /// Records the row ids of the written reports, in order.
    pub(crate) fn end(mut self, written: &[PutParticipant]) {
        let mut known = self.roster.lock();
        let mut name = Vec::new();
        for (report, PutParticipant { id, .. }) in self.reports.iter().zip(written) {
            write_name(&mut name, self.instance, &report.user_id);
            if let Some(known) = known.get_mut(name.as_slice()) {
                known.learn(report, *id, &self.roster.hasher);
            }
        }
        drop(known);
        self.ended = true;
    }
}

impl Drop for Write<'_> {
    fn drop(&mut self) {
        let mut known = self.roster.lock();
        for name in &self.names {
            if let Some(known) = known.get_mut(name) {
                known.leave(self.ended);
            }
        }
    }
}

impl Known {
    /// Returns the attendance for a report with this join time.
    fn find(&self, join_time: Option<Timestamp>) -> Option<&Attendance> {
        self.attendances.iter().find(|attendance| match join_time {
            None => self.last == Some(attendance.row),
            joined => attendance.join_time == joined,
        })
    }

    fn enter(&mut self) {
        self.writers += 1;
        self.contended |= self.writers > 1;
    }

    fn learn(&mut self, report: &Participant, row: ParticipantId, hasher: &RandomState) {
        let at = self.attendances.iter().position(|attendance| attendance.row == row);
        // A new attendance may have joined last.
        let last = if report.join_time.is_none() { Some(row) } else { self.last.filter(|_| at.is_some()) };
        self.last = last.filter(|_| !self.contended);
        let at = at.unwrap_or_else(|| {
            self.attendances.push(Attendance { row, join_time: None, facts: KnownFacts::default() });
            self.attendances.len() - 1
        });
        let attendance = &mut self.attendances[at];
        attendance.join_time = report.join_time.or(attendance.join_time);
        if self.contended {
            attendance.facts = KnownFacts::default();
        } else {
            attendance.facts.add(report, hasher);
        }
    }

    fn leave(&mut self, ended: bool) {
        if !ended {
            // The write may have been committed anyway.
            self.last = None;
            self.attendances.clear();
        }
        self.writers -= 1;
        self.contended &= self.writers > 0;
    }
}

/// The key of reports: their instance's row id and their `user_id`.
fn write_name(name: &mut Vec<u8>, instance: InstanceId, user_id: &str) {
    name.clear();
    name.extend_from_slice(&instance.0.to_be_bytes());
    name.extend_from_slice(user_id.as_bytes());
}
