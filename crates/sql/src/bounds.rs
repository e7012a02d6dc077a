//! How a query bounds a scan of a virtual table.
//!
//! A bound may be wider than the query: SQLite checks each row again.

use std::ffi::c_int;

use rollcall_model::{Minute, Timestamp};
use rusqlite::{
    types::Value,
    vtab::{Filters, IndexConstraintOp, IndexInfo},
};

use IndexConstraintOp::{
    SQLITE_INDEX_CONSTRAINT_EQ as EQ, SQLITE_INDEX_CONSTRAINT_GE as GE, SQLITE_INDEX_CONSTRAINT_GT as GT,
    SQLITE_INDEX_CONSTRAINT_LE as LE, SQLITE_INDEX_CONSTRAINT_LT as LT,
};

/// A column, the operators by which it bounds a scan, and an estimate of how many parts that divides the scan into.
pub(crate) struct Bound {
    pub(crate) column: &'static str,
    pub(crate) operators: &'static [IndexConstraintOp],
    pub(crate) parts: f64,
}

/// A column that must have a value.
pub(crate) const fn equal(column: &'static str, parts: f64) -> Bound {
    Bound { column, operators: &[EQ], parts }
}

/// A column of times that bounds a scan from below and from above: two adjacent bounds.
pub(crate) const fn window(column: &'static str) -> [Bound; 2] {
    [Bound { column, operators: &[EQ, GE, GT], parts: 3.0 }, Bound { column, operators: &[EQ, LE, LT], parts: 3.0 }]
}

/// A bound that shares its argument with the previous one: this many bits above its own.
const SHARED: usize = 8;

/// Tells SQLite which of a query's constraints are used, and the cost of the scan if a full scan costs `all`. The
/// columns of the table are called `names`.
pub(crate) fn choose<'n>(
    info: &mut IndexInfo,
    names: impl Fn(usize) -> Option<&'n str>,
    bounds: &[Bound],
    all: f64,
) -> c_int {
    let mut found = vec![None; bounds.len()];
    for (index, constraint) in info.constraints().enumerate() {
        let name = usize::try_from(constraint.column()).ok().and_then(&names);
        // A query may compare in a way other than by bytes; such a constraint is not used.
        let is_usable = constraint.is_usable() && info.collation(index).is_ok_and(|by| by == "BINARY");
        let Some(name) = name.filter(|_| is_usable) else { continue };
        for (slot, bound) in found.iter_mut().zip(bounds) {
            if bound.column == name && bound.operators.contains(&constraint.operator()) {
                *slot = slot.or(Some(index));
            }
        }
    }
    let (mut plan, mut arguments, mut cost) = (0, 0, all);
    for (bit, constraint) in found.iter().enumerate() {
        let Some(constraint) = *constraint else { continue };
        cost /= bounds[bit].parts;
        // A constraint that bounds time from both sides is one argument for SQLite, and two bounds here.
        if bit > 0 && found[bit - 1] == Some(constraint) {
            plan |= 1 << (bit + SHARED);
            continue;
        }
        plan |= 1 << bit;
        arguments += 1;
        info.constraint_usage(constraint).set_argv_index(arguments);
    }
    info.set_estimated_cost(cost);
    info.set_estimated_rows(cost as i64);
    plan
}

/// Returns the arguments of a plan, bound by bound.
pub(crate) fn arguments<const BOUNDS: usize>(plan: c_int, given: &Filters<'_>) -> [Option<Value>; BOUNDS] {
    let mut values = given.iter().map(|value| Value::try_from(value).unwrap_or(Value::Null));
    let mut last = None;
    std::array::from_fn(|bit| {
        if plan & (1 << bit) != 0 {
            last = values.next();
            last.clone()
        } else if plan & (1 << (bit + SHARED)) != 0 {
            last.clone()
        } else {
            None
        }
    })
}

/// Returns the minutes within a time window, whose ends are optional.
pub(crate) fn minutes(from: Option<&Value>, to: Option<&Value>) -> (Option<Minute>, Option<Minute>) {
    let minute = |minute: i64| u32::try_from(minute).ok().map(Minute);
    (from.and_then(minute_at).map(|at| at.max(0)).and_then(minute), to.and_then(minute_at).and_then(minute))
}

/// Returns the minute that a time begins in. `None` if minutes cannot have this time, so that it is no bound: SQLite
/// compares texts, and decides.
fn minute_at(time: &Value) -> Option<i64> {
    let Value::Text(text) = time else { return None };
    let wire_form = matches!(text.len(), 4 | 7 | 10 | 13 | 16 | 19 | 20)
        && text.bytes().enumerate().all(|(at, byte)| match at {
            4 | 7 => byte == b'-',
            10 => byte == b'T',
            13 | 16 => byte == b':',
            19 => byte == b'Z',
            _ => byte.is_ascii_digit(),
        });
    if !wire_form {
        return None;
    }
    // Text that is shorter than a time sorts before every time that begins with it.
    let rest = "0000-01-01T00:00:00Z".get(text.len()..)?;
    let time: Timestamp = format!("{text}{rest}").parse().ok()?;
    Some(time.as_millis().div_euclid(60_000))
}
