//! The table of a query's groups.

#![expect(unsafe_code, reason = "SQLite takes a virtual table's memory for its own structs, which come first in it")]

use std::{
    borrow::Cow,
    collections::HashMap,
    ffi::{CStr, c_int},
    marker::PhantomData,
    sync::{Arc, Mutex, PoisonError},
};

use rusqlite::{
    Connection, Result, ffi,
    types::{Null, ValueRef},
    vtab::{Context, Filters, IndexConstraintOp, IndexInfo, Module, VTab, VTabConfig, VTabConnection, VTabCursor},
};

use super::{
    Spec,
    aggregate::MOST_KEYS,
    eval::{Identity, Node, Val},
    scan::{self, Parts},
    subject::{Affinity, Subject},
};
use crate::{
    failed,
    source::{Source, declaration},
};

/// Maximum number of columns, keys and aggregates together.
pub(super) const COLUMNS: usize = 48;
/// Maximum number of instances that are looked up one by one before all are read.
const fn few(subject: Subject) -> usize {
    match subject {
        Subject::Minutes => 16,
        Subject::Attendances => 256,
    }
}

/// Returns the name of the column for the key at `index`. The same key has three columns, because SQLite converts a
/// value that it compares with a column by the column's affinity.
pub(super) fn column_of_key(index: usize, affinity: Affinity) -> String {
    match affinity {
        Affinity::None => format!("c{index}"),
        Affinity::Text => format!("t{index}"),
        Affinity::Integer => format!("i{index}"),
    }
}

/// Returns the position of a column's key or aggregate.
const fn place_of(column: usize) -> usize {
    if column < COLUMNS { column } else { (column - COLUMNS) % MOST_KEYS }
}

/// Estimates of the number of groups.
const GROUPS: f64 = 20_000.0;

/// The groups of a query, as they are read.
#[derive(Debug, Default)]
struct Counted {
    /// All, once they are aggregated.
    all: Option<Arc<Parts>>,
    /// The groups by the value of a key, once that is requested.
    by_key: HashMap<usize, Index>,
    /// The groups of instances that were requested one by one.
    few: HashMap<String, Arc<Parts>>,
}

/// Groups: the parts, and the groups in them.
type Places = Arc<[(u32, u32)]>;

/// Groups by the values of a key.
#[derive(Debug, Default)]
struct Index {
    places: HashMap<Part, Places, ahash::RandomState>,
    texts: bool,
    numbers: bool,
}

impl Index {
    fn of(parts: &Parts, key: usize) -> Self {
        let mut places: HashMap<Part, Vec<(u32, u32)>, ahash::RandomState> = HashMap::default();
        let mut index = Self::default();
        for (at, counted) in parts.iter().enumerate() {
            for group in 0..counted.groups.len() {
                let value = Part::of(counted.groups.value(&counted.people, group, key));
                index.texts |= matches!(value, Part::Text(_));
                index.numbers |= matches!(value, Part::Real(_));
                places.entry(value).or_default().push((at as u32, group as u32));
            }
        }
        index.places = places.into_iter().map(|(value, places)| (value, places.into())).collect();
        index
    }

    /// Returns the groups that may be equal to a value. `None` if all may be, because SQLite converts one of the two.
    fn find(&self, value: &Part) -> Option<Places> {
        let converts = match value {
            Part::Text(_) => self.numbers,
            Part::Real(_) => self.texts,
            Part::Null => false,
        };
        (!converts).then(|| self.places.get(value).cloned().unwrap_or_default())
    }
}

/// What a key must be equal to. Equal numbers are the same.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
enum Part {
    Null,
    Real(u64),
    Text(Arc<str>),
}

impl Part {
    fn of(value: Val) -> Self {
        // Zero has two representations.
        let real = |number: f64| Self::Real(if number == 0.0 { 0 } else { number.to_bits() });
        match value {
            Val::Null => Self::Null,
            Val::Int(number) => real(number as f64),
            Val::Real(number) => real(number),
            Val::Text(text) => Self::Text(text),
        }
    }

    /// Returns `None` if no key can be equal to the value.
    fn of_sqlite(value: ValueRef<'_>) -> Option<Self> {
        Some(match value {
            ValueRef::Null => Self::Null,
            ValueRef::Integer(number) => Self::of(Val::Int(number)),
            ValueRef::Real(number) => Self::of(Val::Real(number)),
            ValueRef::Text(text) => Self::Text(String::from_utf8_lossy(text).into()),
            ValueRef::Blob(_) => return None,
        })
    }
}

/// A query's groups.
#[derive(Debug)]
pub(crate) struct Asked {
    spec: Spec,
    counted: Mutex<Counted>,
}

impl Asked {
    pub(crate) fn new(spec: Spec) -> Self {
        Self { spec, counted: Mutex::default() }
    }

    /// The groups, and those that may have the value of a key, unless all are requested.
    fn groups(&self, source: &Source, wanted: Option<(usize, &Part)>) -> Result<(Arc<Parts>, Option<Places>)> {
        let mut counted = self.counted.lock().unwrap_or_else(PoisonError::into_inner);
        // If a row can be found in several ways, all of them must find the same group.
        if let (Some((key, Part::Text(uuid))), None, false) = (wanted, &counted.all, self.spec.alternatives)
            && self.spec.keys.get(key) == Some(&Node::Identity(Identity::Uuid))
        {
            if let Some(parts) = counted.few.get(&**uuid) {
                return Ok((Arc::clone(parts), None));
            }
            if counted.few.len() < few(self.spec.subject) {
                let parts = Arc::new(scan::count(source, &self.spec, Some(uuid))?);
                counted.few.insert(uuid.to_string(), Arc::clone(&parts));
                return Ok((parts, None));
            }
        }
        let parts = match &counted.all {
            Some(parts) => Arc::clone(parts),
            None => {
                let parts = Arc::new(scan::count(source, &self.spec, None)?);
                counted.few.clear();
                counted.all = Some(Arc::clone(&parts));
                parts
            }
        };
        let Some((key, value)) = wanted else { return Ok((parts, None)) };
        let index = counted.by_key.entry(key).or_insert_with(|| Index::of(&parts, key));
        let found = index.find(value);
        Ok((parts, found))
    }
}

/// Registers groups as a table `name` of `db`.
pub(crate) fn register(db: &Connection, name: &str, source: Source) -> Result<()> {
    db.create_module(name, const { &Module::<Table>::eponymous_only_module() }, Some(source))
}

#[repr(C)]
struct Table {
    base: ffi::sqlite3_vtab,
    source: Source,
}

// SAFETY: `repr(C)`, and SQLite's struct is the first field.
unsafe impl<'t> VTab<'t> for Table {
    type Aux = Source;
    type Cursor = Cursor<'t>;

    fn connect(
        db: &mut VTabConnection,
        source: Option<&Source>,
        _: &[u8],
        _: &[u8],
        _: &[u8],
        _: &[&[u8]],
    ) -> Result<(Cow<'static, CStr>, Self)> {
        let source = source.ok_or_else(|| failed("groups without a source"))?.clone();
        db.config(VTabConfig::Innocuous)?;
        let keys =
            |kind: &'static str, affinity| (0..MOST_KEYS).map(move |index| column_of_key(index, affinity) + kind);
        let names = (0..COLUMNS).map(|index| column_of_key(index, Affinity::None));
        let names: Vec<_> =
            names.chain(keys(" TEXT", Affinity::Text)).chain(keys(" INTEGER", Affinity::Integer)).collect();
        Ok((declaration(&names)?, Self { base: ffi::sqlite3_vtab::default(), source }))
    }

    fn best_index(&self, info: &mut IndexInfo) -> Result<bool> {
        let asked = self.source.asked()?;
        let keys = &asked.spec.keys;
        // The constraint on the instance, or on any other key, and the key.
        let (mut by_uuid, mut by_key) = (None, None);
        let mut narrowed = 1.0;
        for (index, constraint) in info.constraints().enumerate() {
            let is_equal = matches!(
                constraint.operator(),
                IndexConstraintOp::SQLITE_INDEX_CONSTRAINT_EQ | IndexConstraintOp::SQLITE_INDEX_CONSTRAINT_IS
            );
            let Some(key) = usize::try_from(constraint.column()).ok().map(place_of) else { continue };
            if !is_equal || !constraint.is_usable() || info.collation(index)? != "BINARY" {
                continue;
            }
            match keys.get(key) {
                Some(Node::Identity(Identity::Uuid)) => by_uuid = Some((index, key)),
                Some(Node::Identity(_)) => narrowed *= 4.0,
                Some(_) => by_key = Some((index, key)),
                None => {}
            }
        }
        let of_instances = keys.iter().any(|key| matches!(key, Node::Identity(_)));
        let window = &asked.spec.window;
        // Filters that leave few rows are cheaper to start with than every instance, of which SQLite assumes ten, and
        // more expensive than one instance.
        let (all, rows) = match (asked.spec.one_by_one, of_instances, window.from.is_some() || window.to.is_some()) {
            (true, ..) => (100.0, 5.0),
            (false, true, false) => (GROUPS, GROUPS),
            (false, true, true) => (GROUPS / 10.0, GROUPS / 10.0),
            (false, false, _) => (100.0, 100.0),
        };
        match by_uuid.or(by_key) {
            Some((index, key)) => {
                info.constraint_usage(index).set_argv_index(1);
                info.set_idx_num(1 + key as c_int);
                info.set_estimated_cost(if asked.spec.one_by_one { 60.0 } else { 40.0 });
                info.set_estimated_rows((20.0_f64 / narrowed).max(1.0) as i64);
            }
            None => {
                info.set_idx_num(0);
                info.set_estimated_cost(all);
                info.set_estimated_rows(rows as i64);
            }
        }
        Ok(true)
    }

    fn open(&'t mut self) -> Result<Cursor<'t>> {
        Ok(Cursor {
            base: ffi::sqlite3_vtab_cursor::default(),
            source: self.source.clone(),
            parts: Arc::default(),
            of: None,
            at: (0, 0),
            table: PhantomData,
        })
    }
}

#[repr(C)]
struct Cursor<'t> {
    base: ffi::sqlite3_vtab_cursor,
    source: Source,
    parts: Arc<Parts>,
    /// Those that are returned, unless all are.
    of: Option<Places>,
    /// The part, and the group in it; the index among the returned ones, unless all are.
    at: (usize, usize),
    table: PhantomData<&'t Table>,
}

impl Cursor<'_> {
    /// Continues with the next part that has groups.
    fn settle(&mut self) {
        while self.of.is_none() && self.parts.get(self.at.0).is_some_and(|part| self.at.1 >= part.groups.len()) {
            self.at = (self.at.0 + 1, 0);
        }
    }

    /// The part, and the group in it.
    fn place(&self) -> Option<(usize, usize)> {
        match &self.of {
            Some(of) => of.get(self.at.1).map(|(part, group)| (*part as usize, *group as usize)),
            None => Some(self.at),
        }
    }

    fn group(&self) -> Option<(&scan::Part, usize)> {
        let (part, group) = self.place()?;
        self.parts.get(part).map(|part| (part, group))
    }
}

// SAFETY: `repr(C)`, and SQLite's struct is the first field.
unsafe impl VTabCursor for Cursor<'_> {
    fn filter(&mut self, plan: c_int, _: Option<&str>, arguments: &Filters<'_>) -> Result<()> {
        let asked = self.source.asked()?;
        (self.parts, self.of, self.at) = (Arc::default(), None, (0, 0));
        let wanted = match (usize::try_from(plan - 1), arguments.iter().next()) {
            (Ok(key), Some(value)) => match Part::of_sqlite(value) {
                Some(value) => Some((key, value)),
                None => return Ok(()),
            },
            _ => None,
        };
        let found = asked.groups(&self.source, wanted.as_ref().map(|(key, value)| (*key, value)));
        (self.parts, self.of) = found.map_err(|error| self.source.breaks(error))?;
        self.settle();
        Ok(())
    }

    fn next(&mut self) -> Result<()> {
        self.at.1 += 1;
        self.settle();
        Ok(())
    }

    fn eof(&self) -> bool {
        self.group().is_none()
    }

    fn column(&self, context: &mut Context, column: c_int) -> Result<()> {
        let value = usize::try_from(column).ok().zip(self.group());
        let value = value.map(|(column, (part, group))| part.groups.value(&part.people, group, place_of(column)));
        match value {
            None | Some(Val::Null) => context.set_result(Null),
            Some(Val::Int(number)) => context.set_result(number),
            Some(Val::Real(number)) => context.set_result(number),
            Some(Val::Text(text)) => context.set_result(&*text),
        }
    }

    fn rowid(&self) -> Result<i64> {
        let (part, group) = self.place().unwrap_or_default();
        Ok((part as i64) << 32 | group as i64)
    }
}
