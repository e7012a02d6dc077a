//! Aggregates groups: rows of archive files and attendances on two threads, the rest through the store.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
    thread,
};

use rusqlite::Connection;

use super::{
    Spec,
    aggregate::Groups,
    batch::Batch,
    eval::{Identity, Node},
    subject::Subject,
};
use crate::{
    SqlError,
    blocks::{
        Attendances, Block, Level, OfInstance, People, Places, Plan, ROWS_PER_BLOCK, Run, StoredReader, Task, Window,
    },
    internal,
    source::Source,
};

/// Approximate number of rows that a thread takes at a time.
const ROWS_PER_TASK: u64 = 65_536;
/// Number of instances whose attendances a thread takes at a time.
const INSTANCES_PER_TASK: usize = 512;
/// Number of decoding threads.
const THREADS: usize = 2;
/// Number of attempts if files are removed meanwhile. Merged files stay for longer than a query may run.
const ATTEMPTS: usize = 3;
/// The groups of a thread may take this fraction of a query's memory: one part in this many.
const MEMORY_SHARE: u64 = 2 * THREADS as u64;

/// Some groups, with the instances and attendances of their minutes.
pub(super) struct Part {
    pub(super) groups: Groups,
    pub(super) people: Arc<People>,
}

impl std::fmt::Debug for Part {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Part").field("groups", &self.groups.len()).finish_non_exhaustive()
    }
}

/// All groups. A group may be in several parts.
pub(super) type Parts = Vec<Part>;

/// Aggregates the groups of a query, for the instance with that UUID or for all.
pub(super) fn count(source: &Source, spec: &Spec, only: Option<&str>) -> rusqlite::Result<Parts> {
    let mut window = spec.window.clone();
    window.uuid = only.map(Into::into).or(window.uuid);
    match spec.subject {
        Subject::Minutes => count_minutes(source, spec, &window),
        Subject::Attendances => count_attendances(source, spec, &window),
    }
}

fn count_minutes(source: &Source, spec: &Spec, window: &Window) -> rusqlite::Result<Parts> {
    let db = source.connect()?;
    let places = places_of(spec);
    let admits = |people: &People, run: &Run, level: Level| admits(source, spec, people, run, level);
    for _ in 0..ATTEMPTS {
        let mut plan = Plan::look(source, &db, window, &places, &admits)?;
        let people = Arc::new(std::mem::take(&mut plan.people));
        let counting = Counting { source, spec, places: &places, plan, people };
        if let Some(parts) = counting.run(&db)? {
            return Ok(parts);
        }
    }
    Err(source.fails(SqlError::Internal("archive files are removed while they are read".to_owned())))
}

fn count_attendances(source: &Source, spec: &Spec, window: &Window) -> rusqlite::Result<Parts> {
    let has = |identity| spec.nodes().any(|node| node.any(&|node| *node == Node::Identity(identity)));
    let wanted = OfInstance { uuid: has(Identity::Uuid), kind: has(Identity::Kind), number: has(Identity::Number) };
    let admits = |people: &People, run: &Run, level: Level| admits(source, spec, people, run, level);
    let found = Attendances::look(source, &*source.connect()?, window, wanted, &admits)?;
    let (people, places) = (&found.people, columns_of(spec));
    let tasks = found.tasks(INSTANCES_PER_TASK);
    let counted = in_parallel(&tasks, |tasks| {
        let db = source.connect().map_err(internal)?;
        let (mut groups, mut block) = (Groups::of(spec), Block::default());
        for task in tasks {
            found.read(&db, task.clone(), &places, ROWS_PER_BLOCK, &mut block, |block| {
                groups.add(spec, &Batch { subject: spec.subject, block, people, profile: source.profile });
                source.stops(MEMORY_SHARE * groups.bytes()).map_or(Ok(()), Err)
            })?;
        }
        Ok(groups)
    });
    let part = |groups: Result<Groups, SqlError>| {
        Ok(Part { groups: groups.map_err(|error| source.fails(error))?, people: Arc::clone(people) })
    };
    counted.into_iter().map(part).collect()
}

/// Runs `work` on two threads, which take tasks one after the other until none is left.
fn in_parallel<T: Sync>(
    tasks: &[T],
    work: impl Fn(&mut dyn Iterator<Item = &T>) -> Result<Groups, SqlError> + Sync,
) -> Vec<Result<Groups, SqlError>> {
    let next = AtomicUsize::new(0);
    let work = || work(&mut std::iter::from_fn(|| tasks.get(next.fetch_add(1, Ordering::Relaxed))));
    thread::scope(|scope| {
        let threads: Vec<_> = (1..THREADS.min(tasks.len())).map(|_| scope.spawn(work)).collect();
        let own = work();
        let joined = threads.into_iter().map(|thread| {
            thread.join().unwrap_or_else(|_| Err(SqlError::Internal("a thread that reads files panicked".to_owned())))
        });
        [own].into_iter().chain(joined).collect()
    })
}

/// Returns the columns that the expressions read.
fn columns_of(spec: &Spec) -> Vec<usize> {
    let reads = |wanted: usize| {
        move |node: &Node| match node {
            Node::Column(place) | Node::Time { place, .. } | Node::Within { place, .. } => *place == wanted,
            _ => false,
        }
    };
    spec.subject.places().filter(|place| spec.nodes().any(|node| node.any(&reads(*place)))).collect()
}

/// Returns what the expressions need of minutes.
fn places_of(spec: &Spec) -> Places {
    let any = |is: &dyn Fn(&Node) -> bool| spec.nodes().any(|node| node.any(is));
    let whole = any(&|node| matches!(node, Node::Score(_)));
    let attendances = any(&|node| matches!(node, Node::Identity(identity) if !identity.is_of_instance()));
    Places::of(columns_of(spec).into_iter(), whole, attendances)
}

/// Returns whether the filters on instances and attendances accept it.
fn admits(source: &Source, spec: &Spec, people: &People, run: &Run, level: Level) -> bool {
    let varies = |node: &Node| match node {
        Node::Identity(identity) => level == Level::Instance && !identity.is_of_instance(),
        Node::Column(_) | Node::Score(_) | Node::Time { .. } | Node::Within { .. } => true,
        _ => false,
    };
    let mut known = spec.filters.iter().filter(|filter| !filter.any(&varies)).peekable();
    if known.peek().is_none() {
        return true;
    }
    let block = Block::of_run(Run { rows: 0..1, ..run.clone() });
    let batch = Batch { subject: spec.subject, block: &block, people, profile: source.profile };
    known.all(|filter| filter.holds(&batch, 0))
}

struct Counting<'c> {
    source: &'c Source,
    spec: &'c Spec,
    places: &'c Places,
    plan: Plan,
    /// Those of the plan.
    people: Arc<People>,
}

impl Counting<'_> {
    /// Aggregates everything. `None` if a file was removed meanwhile. Its partial result is useless, because it is
    /// unknown which of an instance's minutes it includes.
    fn run(&self, db: &Connection) -> rusqlite::Result<Option<Parts>> {
        let mut parts = self.count_stored(db)?;
        if self.places.columns.is_empty() {
            parts.push(self.count_runs());
            return Ok(Some(parts));
        }
        let is_gone = AtomicBool::new(false);
        let counted = in_parallel(&self.plan.tasks(ROWS_PER_TASK), |tasks| self.count_tasks(tasks, &is_gone));
        for groups in counted {
            let groups = groups.map_err(|error| self.source.fails(error))?;
            parts.push(Part { groups, people: Arc::clone(&self.people) });
        }
        Ok((!is_gone.into_inner()).then_some(parts))
    }

    fn batch<'b>(&'b self, block: &'b Block, people: &'b People) -> Batch<'b> {
        Batch { subject: self.spec.subject, block, people, profile: self.source.profile }
    }

    /// Counts rows if only their instance and attendance matter: the index knows their number.
    fn count_runs(&self) -> Part {
        let mut groups = Groups::of(self.spec);
        for (run, count) in self.plan.runs() {
            let block = Block::of_run(run.clone());
            groups.add_alike(&self.batch(&block, &self.people), &run, count);
        }
        Part { groups, people: Arc::clone(&self.people) }
    }

    /// Aggregates the rows of files, until one of them is missing.
    fn count_tasks(&self, tasks: &mut dyn Iterator<Item = &Task>, is_gone: &AtomicBool) -> Result<Groups, SqlError> {
        let mut groups = Groups::of(self.spec);
        let mut block = Block::default();
        for task in tasks {
            let is_read = self.plan.read(self.source, task, self.places, ROWS_PER_BLOCK, &mut block, |block| {
                groups.add(self.spec, &self.batch(block, &self.people));
                self.source.stops(MEMORY_SHARE * groups.bytes()).map_or(Ok(()), Err)
            })?;
            if !is_read {
                is_gone.store(true, Ordering::Relaxed);
            }
            if is_gone.load(Ordering::Relaxed) {
                break;
            }
        }
        Ok(groups)
    }

    /// Aggregates instances whose minutes are read through the store.
    fn count_stored(&self, db: &Connection) -> rusqlite::Result<Parts> {
        let (mut parts, mut bytes) = (Vec::new(), 0);
        let mut block = Block::default();
        let admits = |people: &People, run: &Run, level: Level| admits(self.source, self.spec, people, run, level);
        for &id in &self.plan.stored {
            let mut reader = StoredReader::of(db, id, None, &admits)?;
            let mut groups = Groups::of(self.spec);
            let failed = |error| self.source.fails(error);
            while reader.read(self.source, self.places, &mut block).map_err(failed)? {
                groups.add(self.spec, &self.batch(&block, &reader.people));
                self.source
                    .stops(MEMORY_SHARE * (bytes + groups.bytes()))
                    .map_or(Ok(()), |error| Err(failed(error)))?;
            }
            bytes += groups.bytes();
            parts.push(Part { groups, people: Arc::new(reader.people) });
        }
        Ok(parts)
    }
}
