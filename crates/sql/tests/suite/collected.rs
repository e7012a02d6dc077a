//! The rows of a query.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on panics")]

use std::ops::ControlFlow;

use rollcall_sql::{Rows, Value, ValueRef};

#[derive(Default)]
pub(crate) struct Collected {
    pub(crate) names: Vec<String>,
    pub(crate) rows: Vec<Vec<Value>>,
}

impl Rows for Collected {
    fn columns(&mut self, names: &[&str]) {
        self.names = names.iter().map(|name| (*name).to_owned()).collect();
    }

    fn row(&mut self, values: &[ValueRef<'_>]) -> ControlFlow<()> {
        self.rows.push(values.iter().map(|value| Value::try_from(*value).unwrap()).collect());
        ControlFlow::Continue(())
    }
}
