//! Counts groups: what the archive's files hold on two threads, the rest through the store.

use std::{
    collections::HashSet,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicUsize, Ordering},
    },
    thread,
};

use rollcall_model::InstanceId;
use rusqlite::Connection;

use super::{Spec, aggregate::Groups, batch::Batch, eval::Node};
use crate::{
    SqlError,
    blocks::{Block, DATE_TIME, Level, People, Places, Plan, Run, StoredReader, Task},
    minutes::{COLUMNS, Source},
};

/// How many rows of a file are decoded at a time.
const ROWS_PER_BLOCK: usize = 4_096;
/// How many rows a thread takes at a time, more or less.
const ROWS_PER_TASK: u64 = 65_536;
/// How many threads decode.
const THREADS: usize = 2;
/// Of the memory that a query may take, the groups of a thread may take one part in so many.
const MEMORY_SHARE: u64 = 2 * THREADS as u64;

/// Some groups, and whose minutes they are of.
pub(super) struct Part {
    pub(super) groups: Groups,
    pub(super) people: Arc<People>,
}

impl std::fmt::Debug for Part {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Part").field("groups", &self.groups.len()).finish_non_exhaustive()
    }
}

/// All groups. One may be in several parts.
pub(super) type Parts = Vec<Part>;

/// Counts the groups of a query, of the instance of that UUID or of all.
pub(super) fn count(source: &Source, spec: &Spec, only: Option<&str>) -> rusqlite::Result<Parts> {
    let db = source.connect()?;
    let places = places_of(spec);
    let mut window = spec.window.clone();
    window.uuid = only.map(Into::into).or(window.uuid);
    let admits = |people: &People, run: &Run, level: Level| admits(source, spec, people, run, level);
    let mut plan = Plan::look(source, &db, &window, &places, &admits)?;
    let people = Arc::new(std::mem::take(&mut plan.people));
    Counting { source, spec, places, plan, people }.run(&db)
}

/// What the expressions ask for of minutes.
fn places_of(spec: &Spec) -> Places {
    let any = |is: &dyn Fn(&Node) -> bool| spec.nodes().any(|node| node.any(is));
    let whole = any(&|node| matches!(node, Node::Score(_)));
    let times = any(&|node| matches!(node, Node::Time(_) | Node::Within(_)));
    let places = (DATE_TIME..COLUMNS.len())
        .filter(|place| if *place == DATE_TIME { times } else { any(&|node| *node == Node::Column(*place)) });
    let attendances = any(&|node| matches!(node, Node::Identity(identity) if !identity.is_of_instance()));
    Places::of(places, whole, attendances)
}

/// Whether the filters that are known of an instance or an attendance as a whole let it through.
fn admits(source: &Source, spec: &Spec, people: &People, run: &Run, level: Level) -> bool {
    let varies = |node: &Node| match node {
        Node::Identity(identity) => level == Level::Instance && !identity.is_of_instance(),
        Node::Column(_) | Node::Score(_) | Node::Time(_) | Node::Within(_) => true,
        _ => false,
    };
    let mut known = spec.filters.iter().filter(|filter| !filter.any(&varies)).peekable();
    if known.peek().is_none() {
        return true;
    }
    let block = Block::of_run(Run { rows: 0..1, ..run.clone() });
    let batch = Batch { block: &block, people, profile: source.profile };
    known.all(|filter| filter.holds(&batch, 0))
}

struct Counting<'c> {
    source: &'c Source,
    spec: &'c Spec,
    places: Places,
    plan: Plan,
    /// Those of the plan.
    people: Arc<People>,
}

impl Counting<'_> {
    fn run(&self, db: &Connection) -> rusqlite::Result<Parts> {
        let mut parts = self.count_stored(db, &self.plan.stored)?;
        if self.places.columns.is_empty() {
            parts.push(self.count_runs());
            return Ok(parts);
        }
        let tasks = self.plan.tasks(ROWS_PER_TASK);
        let next = AtomicUsize::new(0);
        // Instances whose file was deleted during the query: they are read through the store instead.
        let gone = Mutex::new(HashSet::new());
        let work = || self.count_tasks(&tasks, &next, &gone);
        let counted: Vec<_> = thread::scope(|scope| {
            let threads: Vec<_> = (1..THREADS.min(tasks.len())).map(|_| scope.spawn(work)).collect();
            let own = work();
            let joined = threads.into_iter().map(|thread| {
                thread.join().unwrap_or_else(|_| Err(SqlError::Internal("a thread that reads files ended".to_owned())))
            });
            [own].into_iter().chain(joined).collect()
        });
        for counted in counted {
            let groups = counted.map_err(|error| self.source.fails(error))?;
            parts.push(Part { groups, people: Arc::clone(&self.people) });
        }
        let gone: Vec<_> = gone.into_inner().unwrap_or_else(PoisonError::into_inner).into_iter().collect();
        parts.extend(self.count_stored(db, &gone)?);
        Ok(parts)
    }

    /// Counts rows of which nothing but whose they are is asked for: the index knows how many there are.
    fn count_runs(&self) -> Part {
        let mut groups = Groups::of(self.spec);
        let block = Block::default();
        let batch = Batch { block: &block, people: &self.people, profile: self.source.profile };
        for (run, count) in self.plan.runs() {
            groups.add_rows(&batch, &run, count);
        }
        Part { groups, people: Arc::clone(&self.people) }
    }

    /// Counts tasks until none is left.
    fn count_tasks(
        &self,
        tasks: &[Task],
        next: &AtomicUsize,
        gone: &Mutex<HashSet<InstanceId>>,
    ) -> Result<Groups, SqlError> {
        let mut groups = Groups::of(self.spec);
        let mut block = Block::default();
        while let Some(task) = tasks.get(next.fetch_add(1, Ordering::Relaxed)) {
            let missed = self.plan.read(self.source, task, &self.places, ROWS_PER_BLOCK, &mut block, |block| {
                groups.add(self.spec, &Batch { block, people: &self.people, profile: self.source.profile });
                self.source.stops(MEMORY_SHARE * groups.bytes()).map_or(Ok(()), Err)
            })?;
            gone.lock().unwrap_or_else(PoisonError::into_inner).extend(missed);
        }
        Ok(groups)
    }

    /// Counts instances whose minutes the store reads.
    fn count_stored(&self, db: &Connection, instances: &[InstanceId]) -> rusqlite::Result<Parts> {
        let (mut parts, mut bytes) = (Vec::new(), 0);
        let mut block = Block::default();
        let admits = |people: &People, run: &Run, level: Level| admits(self.source, self.spec, people, run, level);
        for &id in instances {
            let mut reader = StoredReader::of(db, id, None, &admits)?;
            let mut groups = Groups::of(self.spec);
            let failed = |error| self.source.fails(error);
            while reader.read(self.source, &self.places, &mut block).map_err(failed)? {
                groups.add(self.spec, &Batch { block: &block, people: &reader.people, profile: self.source.profile });
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
