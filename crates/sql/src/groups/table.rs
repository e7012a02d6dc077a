//! The table of a query's groups.

#![expect(unsafe_code, reason = "SQLite takes a virtual table's memory for its own structs, which stand first in it")]

use std::{
    borrow::Cow,
    collections::HashMap,
    ffi::{CStr, CString, c_int},
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
    eval::{Identity, Node, Val},
    scan::{self, Part, Parts},
};
use crate::{failed, minutes::Source};

/// How many columns there are, keys and aggregates together.
pub(super) const COLUMNS: usize = 48;
/// How many instances are looked at one by one before all are.
const FEW: usize = 16;
/// What is guessed of how many groups there are.
const GROUPS: f64 = 20_000.0;

/// Groups of a query as they are read.
#[derive(Debug, Default)]
struct Counted {
    /// All, once they are counted.
    all: Option<Arc<Parts>>,
    /// Which of them are of each instance, once that is asked for.
    by_uuid: Option<HashMap<Arc<str>, Places>>,
    /// Those of instances that were asked for one by one.
    few: HashMap<String, Arc<Parts>>,
}

/// Groups: the parts, and the groups in them.
type Places = Arc<[(u32, u32)]>;

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

    /// The groups, and which of them are of the instance if `uuid` is some.
    fn groups(&self, source: &Source, uuid: Option<&str>) -> Result<(Arc<Parts>, Option<Places>)> {
        let mut counted = self.counted.lock().unwrap_or_else(PoisonError::into_inner);
        if let (Some(uuid), None) = (uuid, &counted.all) {
            if let Some(parts) = counted.few.get(uuid) {
                return Ok((Arc::clone(parts), None));
            }
            if counted.few.len() < FEW {
                let parts = Arc::new(scan::count(source, &self.spec, Some(uuid))?);
                counted.few.insert(uuid.to_owned(), Arc::clone(&parts));
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
        let Some(uuid) = uuid else { return Ok((parts, None)) };
        let by_uuid = counted.by_uuid.get_or_insert_with(|| self.by_uuid(&parts));
        Ok((parts, Some(by_uuid.get(uuid).cloned().unwrap_or_default())))
    }

    /// Which groups are of each instance.
    fn by_uuid(&self, parts: &Parts) -> HashMap<Arc<str>, Places> {
        let mut by_uuid: HashMap<Arc<str>, Vec<(u32, u32)>> = HashMap::new();
        let Some(key) = self.spec.keys.iter().position(|key| *key == Node::Identity(Identity::Uuid)) else {
            return HashMap::new();
        };
        for (index, part) in parts.iter().enumerate() {
            for group in 0..part.groups.len() {
                if let Val::Text(uuid) = part.groups.value(&part.people, group, key) {
                    by_uuid.entry(uuid).or_default().push((index as u32, group as u32));
                }
            }
        }
        by_uuid.into_iter().map(|(uuid, places)| (uuid, places.into())).collect()
    }
}

/// Makes groups known to `db` as `name`.
pub(crate) fn register(db: &Connection, name: &str, source: Source) -> Result<()> {
    db.create_module(name, const { &Module::<Table>::eponymous_only_module() }, Some(source))
}

#[repr(C)]
struct Table {
    base: ffi::sqlite3_vtab,
    source: Source,
}

// SAFETY: `repr(C)`, and SQLite's struct stands first.
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
        let names: Vec<_> = (0..COLUMNS).map(|index| format!("c{index}")).collect();
        let declared = CString::new(format!("CREATE TABLE x({})", names.join(", ")))?;
        Ok((Cow::Owned(declared), Self { base: ffi::sqlite3_vtab::default(), source }))
    }

    fn best_index(&self, info: &mut IndexInfo) -> Result<bool> {
        let asked = self.source.asked()?;
        let keys = &asked.spec.keys;
        let mut by_uuid = None;
        let mut narrowed = 1.0;
        for (index, constraint) in info.constraints().enumerate() {
            let is_equal = matches!(
                constraint.operator(),
                IndexConstraintOp::SQLITE_INDEX_CONSTRAINT_EQ | IndexConstraintOp::SQLITE_INDEX_CONSTRAINT_IS
            );
            let key = usize::try_from(constraint.column()).ok().and_then(|column| keys.get(column));
            match key.filter(|_| is_equal && constraint.is_usable()) {
                Some(Node::Identity(Identity::Uuid)) => by_uuid = Some(index),
                Some(Node::Identity(_)) => narrowed *= 4.0,
                _ => {}
            }
        }
        let of_instances = keys.iter().any(|key| matches!(key, Node::Identity(_)));
        let window = &asked.spec.window;
        let all = match (of_instances, window.from.is_some() || window.to.is_some()) {
            (true, false) => GROUPS,
            (true, true) => GROUPS / 10.0,
            (false, _) => 100.0,
        };
        match by_uuid {
            Some(index) => {
                info.constraint_usage(index).set_argv_index(1);
                info.set_idx_num(1);
                info.set_estimated_cost(40.0);
                info.set_estimated_rows((20.0_f64 / narrowed).max(1.0) as i64);
            }
            None => {
                info.set_idx_num(0);
                info.set_estimated_cost(all);
                info.set_estimated_rows(all as i64);
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
            number: 0,
            table: PhantomData,
        })
    }
}

#[repr(C)]
struct Cursor<'t> {
    base: ffi::sqlite3_vtab_cursor,
    source: Source,
    parts: Arc<Parts>,
    /// Those that are shown, if not all are.
    of: Option<Places>,
    /// The part, and the group in it; the number of those that are shown, if not all are.
    at: (usize, usize),
    number: i64,
    table: PhantomData<&'t Table>,
}

impl Cursor<'_> {
    /// Goes on to the next part that has groups.
    fn settle(&mut self) {
        while self.of.is_none() && self.parts.get(self.at.0).is_some_and(|part| self.at.1 >= part.groups.len()) {
            self.at = (self.at.0 + 1, 0);
        }
    }

    fn group(&self) -> Option<(&Part, usize)> {
        let (part, group) = match &self.of {
            Some(of) => of.get(self.at.1).map(|(part, group)| (*part as usize, *group as usize))?,
            None => self.at,
        };
        self.parts.get(part).map(|part| (part, group))
    }
}

// SAFETY: `repr(C)`, and SQLite's struct stands first.
unsafe impl VTabCursor for Cursor<'_> {
    fn filter(&mut self, plan: c_int, _: Option<&str>, arguments: &Filters<'_>) -> Result<()> {
        let asked = self.source.asked()?;
        (self.parts, self.of, self.at, self.number) = (Arc::default(), None, (0, 0), 0);
        let uuid = if plan == 1 { arguments.iter().next() } else { None };
        let uuid = match uuid {
            None => None,
            Some(ValueRef::Text(text)) => Some(String::from_utf8_lossy(text).into_owned()),
            // No UUID is anything else than a text.
            Some(_) => return Ok(()),
        };
        let found = asked.groups(&self.source, uuid.as_deref());
        (self.parts, self.of) = found.map_err(|error| self.source.breaks(error))?;
        self.settle();
        Ok(())
    }

    fn next(&mut self) -> Result<()> {
        self.at.1 += 1;
        self.number += 1;
        self.settle();
        Ok(())
    }

    fn eof(&self) -> bool {
        self.group().is_none()
    }

    fn column(&self, context: &mut Context, column: c_int) -> Result<()> {
        let value = usize::try_from(column).ok().zip(self.group());
        let value = value.map(|(column, (part, group))| part.groups.value(&part.people, group, column));
        match value {
            None | Some(Val::Null) => context.set_result(Null),
            Some(Val::Int(number)) => context.set_result(number),
            Some(Val::Real(number)) => context.set_result(number),
            Some(Val::Text(text)) => context.set_result(&*text),
        }
    }

    fn rowid(&self) -> Result<i64> {
        Ok(self.number)
    }
}
