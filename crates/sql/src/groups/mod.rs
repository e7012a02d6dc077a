//! Minutes counted by groups before SQLite sees them.
//!
//! SQLite takes hundreds of nanoseconds for each row of a virtual table that it sorts and groups. A query that counts,
//! adds up or compares minutes is therefore rewritten: minutes are filtered and grouped here, column by column, and
//! SQLite joins and groups what comes of that, a row for each attendance or day instead of one for each minute. What
//! a query asks for outside of that stays in its text: [`rewrite`] replaces the table, the aggregates and the grouping
//! expressions. A query that it does not understand runs unchanged.

mod aggregate;
mod batch;
mod compile;
mod eval;
mod parse;
mod rewrite;
mod scan;
mod table;

pub(crate) use rewrite::{Rewritten, rewrite};
pub(crate) use table::{Asked, register};

use self::eval::Node;
use crate::blocks::Window;

/// What is counted, by what, and of which minutes.
#[derive(Debug, Default)]
pub(crate) struct Spec {
    /// Only minutes for which each is true.
    filters: Vec<Node>,
    /// The grouping expressions.
    keys: Vec<Node>,
    aggregates: Vec<Aggregate>,
    /// What filters say of the minutes and the instance.
    window: Window,
}

/// What is made of a group's minutes.
#[derive(Debug, Clone, PartialEq)]
enum Aggregate {
    /// How many there are.
    Rows,
    /// How many of them have the value.
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
