//! Groups, and their aggregates.

use std::{collections::HashMap, hash::Hash, sync::Arc};

use super::{
    Aggregate, Spec,
    batch::Batch,
    eval::{Identity, Node, Val},
    subject::Subject,
};
use crate::blocks::{ABSENT, People, Run};

/// Memory of a numbered value, in bytes.
const VALUE_BYTES: u64 = 120;
/// Maximum number of keys of groups.
pub(super) const MOST_KEYS: usize = 16;

/// The seconds of a day.
const DAY: i64 = 24 * 60 * 60;

/// The numbers of a group's keys.
type Numbers = [u32; MOST_KEYS];

/// Groups of rows, and their aggregates.
pub(super) struct Groups {
    subject: Subject,
    /// Each row is a group of its own.
    one_by_one: bool,
    keys: Vec<Key>,
    /// Finds a group by its key numbers. Not used when grouping by attendance: an attendance's minutes are adjacent, and
    /// SQLite combines any group that appears twice.
    known: Option<HashMap<Numbers, u32, ahash::RandomState>>,
    /// The numbers of the groups' keys, group by group.
    numbers: Vec<u32>,
    states: Vec<State>,
    count: usize,
    /// The group of the row before, and its keys.
    last: Option<(Numbers, u32)>,
    /// Which rows of a block are counted, and in which groups.
    rows: Vec<u32>,
    group_of: Vec<u32>,
}

/// Assigns numbers to the values of a key.
struct Key {
    node: Node,
    by: By,
    numbers: HashMap<Part, u32, ahash::RandomState>,
    /// By number, if the number is not that of an instance or an attendance.
    values: Vec<Val>,
    /// The last one that was requested.
    last: Option<(Part, u32)>,
}

/// How a key distinguishes rows without building the key's value.
#[derive(Debug, Clone)]
enum By {
    Instance(Identity),
    Attendance(Identity),
    /// Characters of the time in the column at `place`: the time divided by `divisor`, only within the day if the flag
    /// is set.
    Time {
        place: usize,
        divisor: i64,
        of_day: bool,
    },
    Value,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash)]
enum Part {
    Time(i64),
    Null,
    Int(i64),
    Real(u64),
    Text(Arc<str>),
}

/// An aggregate of every group.
enum State {
    Rows(Vec<i64>),
    Count {
        node: Node,
        counts: Vec<i64>,
    },
    /// Of a column's numbers, which are divided at the end.
    SumOfColumn {
        place: usize,
        sums: Vec<i64>,
        counts: Vec<u32>,
    },
    Sum {
        node: Node,
        whole: Vec<i64>,
        real: Vec<f64>,
        is_real: Vec<bool>,
        counts: Vec<u32>,
    },
    /// The minimum or the maximum of a column's numbers.
    BestOfColumn {
        place: usize,
        greatest: bool,
        best: Vec<i64>,
    },
    Best {
        node: Node,
        greatest: bool,
        best: Vec<Val>,
    },
}

impl Groups {
    pub(super) fn of(spec: &Spec) -> Self {
        let keys: Vec<_> = spec.keys.iter().map(|node| Key::of(spec.subject, node)).collect();
        let of_attendances = keys.iter().any(|key| matches!(key.by, By::Attendance(_)));
        Self {
            subject: spec.subject,
            one_by_one: spec.one_by_one,
            keys,
            known: (!of_attendances && !spec.one_by_one).then(HashMap::default),
            numbers: Vec::new(),
            states: spec.aggregates.iter().map(|aggregate| State::of(spec.subject, aggregate)).collect(),
            count: 0,
            last: None,
            rows: Vec::new(),
            group_of: Vec::new(),
        }
    }

    /// Returns the number of groups.
    pub(super) const fn len(&self) -> usize {
        self.count
    }

    /// Returns their approximate memory use.
    pub(super) fn bytes(&self) -> u64 {
        let hashed = if self.known.is_some() { 20 + size_of::<Numbers>() } else { 0 };
        let each = hashed + 4 * self.keys.len() + self.states.iter().map(State::bytes).sum::<usize>();
        let values: usize = self.keys.iter().map(|key| key.values.len()).sum();
        self.count as u64 * each as u64 + values as u64 * VALUE_BYTES
    }

    /// Aggregates the rows of a batch that pass every filter.
    pub(super) fn add(&mut self, spec: &Spec, batch: &Batch<'_>) {
        let (mut rows, mut group_of) = (std::mem::take(&mut self.rows), std::mem::take(&mut self.group_of));
        rows.clear();
        group_of.clear();
        for run in &batch.block.runs {
            for row in run.rows.clone() {
                if spec.filters.iter().all(|filter| filter.holds(batch, row)) {
                    rows.push(row as u32);
                    group_of.push(self.group(batch, run, row));
                }
            }
        }
        for state in &mut self.states {
            state.add(batch, &rows, &group_of, self.count);
        }
        (self.rows, self.group_of) = (rows, group_of);
    }

    /// Aggregates `count` rows that are equal in all requested columns: the batch's first row and its run.
    pub(super) fn add_alike(&mut self, batch: &Batch<'_>, run: &Run, count: u64) {
        let group = self.group(batch, run, 0);
        for state in &mut self.states {
            state.add_alike(batch, group, count, self.count);
        }
    }

    fn group(&mut self, batch: &Batch<'_>, run: &Run, row: usize) -> u32 {
        let mut numbers = [0; MOST_KEYS];
        for (number, key) in numbers.iter_mut().zip(&mut self.keys) {
            *number = key.number(batch, run, row);
        }
        match self.last {
            Some((last, group)) if last == numbers && !self.one_by_one => return group,
            _ => {}
        }
        let next = self.count as u32;
        let group = match &mut self.known {
            Some(known) => *known.entry(numbers).or_insert(next),
            None => next,
        };
        if group == next {
            self.count += 1;
            self.numbers.extend_from_slice(&numbers[..self.keys.len()]);
        }
        self.last = Some((numbers, group));
        group
    }

    /// Returns the value of a group's column: its keys, then its aggregates.
    pub(super) fn value(&self, people: &People, group: usize, column: usize) -> Val {
        match self.keys.get(column) {
            Some(key) => key.value(people, self.numbers[group * self.keys.len() + column]),
            None => {
                let state = self.states.get(column - self.keys.len());
                state.map_or(Val::Null, |state| state.value(self.subject, group))
            }
        }
    }
}

impl Key {
    fn of(subject: Subject, node: &Node) -> Self {
        let by = match node {
            Node::Identity(identity) if identity.is_of_instance() => By::Instance(*identity),
            Node::Identity(identity) => By::Attendance(*identity),
            Node::Time { place, characters } => {
                let seconds = match characters.end {
                    0..=10 => DAY,
                    11..=13 => 3_600,
                    14..=16 => 60,
                    _ => 1,
                };
                let divisor = (seconds / subject.unit()).max(1);
                By::Time { place: *place, divisor, of_day: characters.start >= 11 }
            }
            _ => By::Value,
        };
        Self { node: node.clone(), by, numbers: HashMap::default(), values: Vec::new(), last: None }
    }

    fn number(&mut self, batch: &Batch<'_>, run: &Run, row: usize) -> u32 {
        let part = match &self.by {
            By::Instance(_) => return run.instance,
            By::Attendance(_) => return run.attendance,
            By::Time { place, divisor, of_day } => match batch.time(*place, row) {
                Some(time) => {
                    let time = if *of_day { time.rem_euclid(DAY / batch.subject.unit()) } else { time };
                    Part::Time(time.div_euclid(*divisor))
                }
                None => Part::Null,
            },
            By::Value => match self.node.value(batch, row) {
                Val::Null => Part::Null,
                Val::Int(number) => Part::Int(number),
                Val::Real(number) => Part::Real(number.to_bits()),
                Val::Text(text) => Part::Text(text),
            },
        };
        match &self.last {
            Some((last, number)) if *last == part => return *number,
            _ => {}
        }
        let next = self.values.len() as u32;
        let number = *self.numbers.entry(part.clone()).or_insert(next);
        if number == next {
            self.values.push(self.node.value(batch, row));
        }
        self.last = Some((part, number));
        number
    }

    fn value(&self, people: &People, number: u32) -> Val {
        match self.by {
            By::Instance(identity) => identity.value(people, number, 0),
            By::Attendance(identity) => identity.value(people, 0, number),
            By::Time { .. } | By::Value => self.values.get(number as usize).cloned().unwrap_or(Val::Null),
        }
    }
}

impl State {
    fn of(subject: Subject, aggregate: &Aggregate) -> Self {
        match aggregate {
            Aggregate::Rows => Self::Rows(Vec::new()),
            Aggregate::Count(node) => Self::Count { node: node.clone(), counts: Vec::new() },
            Aggregate::Sum(Node::Column(place)) => {
                Self::SumOfColumn { place: *place, sums: Vec::new(), counts: Vec::new() }
            }
            Aggregate::Sum(node) => Self::Sum {
                node: node.clone(),
                whole: Vec::new(),
                real: Vec::new(),
                is_real: Vec::new(),
                counts: Vec::new(),
            },
            Aggregate::Least(node) | Aggregate::Greatest(node) => {
                let greatest = matches!(aggregate, Aggregate::Greatest(_));
                match node {
                    Node::Column(place) if !subject.is_text(*place) => {
                        Self::BestOfColumn { place: *place, greatest, best: Vec::new() }
                    }
                    _ => Self::Best { node: node.clone(), greatest, best: Vec::new() },
                }
            }
        }
    }

    /// Returns the memory use per group.
    const fn bytes(&self) -> usize {
        match self {
            Self::Rows(_) | Self::Count { .. } | Self::BestOfColumn { .. } => 8,
            Self::SumOfColumn { .. } => 12,
            Self::Sum { .. } => 21,
            Self::Best { .. } => 64,
        }
    }

    /// Makes room for this many groups.
    fn grow(&mut self, groups: usize) {
        match self {
            Self::Rows(counts) | Self::Count { counts, .. } => counts.resize(groups, 0),
            Self::SumOfColumn { sums, counts, .. } => {
                sums.resize(groups, 0);
                counts.resize(groups, 0);
            }
            Self::Sum { whole, real, is_real, counts, .. } => {
                whole.resize(groups, 0);
                real.resize(groups, 0.0);
                is_real.resize(groups, false);
                counts.resize(groups, 0);
            }
            Self::BestOfColumn { best, .. } => best.resize(groups, ABSENT),
            Self::Best { best, .. } => best.resize(groups, Val::Null),
        }
    }

    fn add(&mut self, batch: &Batch<'_>, rows: &[u32], group_of: &[u32], groups: usize) {
        self.grow(groups);
        let rows = rows.iter().map(|row| *row as usize).zip(group_of.iter().map(|group| *group as usize));
        match self {
            Self::Rows(counts) => rows.for_each(|(_, group)| counts[group] += 1),
            Self::Count { node: Node::Column(place), counts } if batch.subject == Subject::Minutes => {
                let numbers = batch.block.numbers(*place);
                for (row, group) in rows {
                    counts[group] += i64::from(numbers.get(row).is_some_and(|number| *number != ABSENT));
                }
            }
            Self::Count { node, counts } => {
                rows.for_each(|(row, group)| counts[group] += i64::from(!node.value(batch, row).is_null()));
            }
            Self::SumOfColumn { place, sums, counts } => {
                let numbers = batch.block.numbers(*place);
                if numbers.is_empty() {
                    return;
                }
                for (row, group) in rows {
                    if numbers[row] != ABSENT {
                        sums[group] = sums[group].saturating_add(numbers[row]);
                        counts[group] += 1;
                    }
                }
            }
            Self::Sum { node, whole, real, is_real, counts } => {
                for (row, group) in rows {
                    match node.value(batch, row) {
                        Val::Int(number) => whole[group] = whole[group].saturating_add(number),
                        Val::Real(number) => {
                            real[group] += number;
                            is_real[group] = true;
                        }
                        Val::Null | Val::Text(_) => continue,
                    }
                    counts[group] += 1;
                }
            }
            Self::BestOfColumn { place, greatest, best } => {
                let numbers = batch.block.numbers(*place);
                if numbers.is_empty() {
                    return;
                }
                for (row, group) in rows {
                    let number = numbers[row];
                    let is_better = if *greatest { number > best[group] } else { number < best[group] };
                    if number != ABSENT && (is_better || best[group] == ABSENT) {
                        best[group] = number;
                    }
                }
            }
            Self::Best { node, greatest, best } => {
                for (row, group) in rows {
                    let value = node.value(batch, row);
                    let order = value.order(&best[group]);
                    let is_better = if *greatest { order.is_gt() } else { order.is_lt() };
                    if !value.is_null() && (best[group].is_null() || is_better) {
                        best[group] = value;
                    }
                }
            }
        }
    }

    /// Adds the batch's first row to a group, `count` times.
    fn add_alike(&mut self, batch: &Batch<'_>, group: u32, count: u64, groups: usize) {
        let times = i64::try_from(count).unwrap_or(i64::MAX);
        self.grow(groups);
        let at = group as usize;
        match self {
            Self::Rows(counts) => counts[at] += times,
            Self::Count { node, counts } => counts[at] += if node.value(batch, 0).is_null() { 0 } else { times },
            Self::Sum { node, whole, real, is_real, counts } => {
                match node.value(batch, 0) {
                    Val::Int(number) => whole[at] = whole[at].saturating_add(number.saturating_mul(times)),
                    Val::Real(number) => {
                        real[at] += number * times as f64;
                        is_real[at] = true;
                    }
                    Val::Null | Val::Text(_) => return,
                }
                counts[at] = counts[at].saturating_add(u32::try_from(count).unwrap_or(u32::MAX));
            }
            // Rows that are equal in all columns count as one.
            Self::Best { .. } | Self::SumOfColumn { .. } | Self::BestOfColumn { .. } => {
                self.add(batch, &[0], &[group], groups);
            }
        }
    }

    fn value(&self, subject: Subject, group: usize) -> Val {
        match self {
            Self::Rows(counts) | Self::Count { counts, .. } => Val::Int(counts[group]),
            Self::SumOfColumn { counts, .. } | Self::Sum { counts, .. } if counts[group] == 0 => Val::Null,
            Self::SumOfColumn { place, sums, .. } => subject.value(*place, sums[group]),
            Self::Sum { whole, real, is_real, .. } if is_real[group] => Val::Real(whole[group] as f64 + real[group]),
            Self::Sum { whole, .. } => Val::Int(whole[group]),
            Self::BestOfColumn { best, .. } if best[group] == ABSENT => Val::Null,
            Self::BestOfColumn { place, best, .. } => subject.value(*place, best[group]),
            Self::Best { best, .. } => best[group].clone(),
        }
    }
}
