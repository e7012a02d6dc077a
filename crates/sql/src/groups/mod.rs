//! Minutes and attendances, filtered and aggregated by groups before SQLite sees them.
//!
//! SQLite takes from hundreds of nanoseconds to microseconds for each row of a virtual table that it sorts and groups.
//! A query that counts, adds up or compares rows of one of these tables is therefore rewritten: they are filtered and
//! grouped here, column by column, and SQLite joins and groups the result, which has a row for each attendance, day or
//! instance instead of one for each row of the table. The rest of the query keeps its text: [`rewrite`] replaces the
//! table, the aggregates and the grouping expressions. If a query does not group but filters by columns without an
//! index, its filters are applied here, and SQLite sees the remaining rows. A query that [`rewrite`] does not
//! understand runs unchanged.

mod aggregate;
mod batch;
mod compile;
mod eval;
mod parse;
mod rewrite;
mod scan;
mod subject;
mod table;
mod tokens;

pub(crate) use rewrite::{Rewritten, rewrite};
pub(crate) use table::{Asked, register};

use self::{eval::Node, subject::Subject};
use crate::blocks::Window;

/// What is aggregated, by what, and over which rows.
#[derive(Debug, Default)]
pub(crate) struct Spec {
    subject: Subject,
    /// Each row is a group of its own: nothing is aggregated.
    one_by_one: bool,
    /// The rest of the query has an `OR`.
    alternatives: bool,
    /// Only rows for which all of these are true.
    filters: Vec<Node>,
    /// The grouping expressions.
    keys: Vec<Node>,
    aggregates: Vec<Aggregate>,
    /// The bounds that filters set on minutes and instances.
    window: Window,
}

/// Aggregates of a group's rows.
#[derive(Debug, Clone, PartialEq)]
enum Aggregate {
    /// Number of rows.
    Rows,
    /// Number of rows with a value.
    Count(Node),
    /// The sum of the values; NULL if there are none.
    Sum(Node),
    Least(Node),
    Greatest(Node),
}

impl Aggregate {
    const fn node(&self) -> Option<&Node> {
        match self {
            Self::Rows => None,
            Self::Count(node) | Self::Sum(node) | Self::Least(node) | Self::Greatest(node) => Some(node),
        }
    }
}

impl Spec {
    fn nodes(&self) -> impl Iterator<Item = &Node> {
        let aggregated = self.aggregates.iter().filter_map(Aggregate::node);
        self.filters.iter().chain(&self.keys).chain(aggregated)
    }
}
