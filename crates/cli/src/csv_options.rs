//! Options of imports about CSV reports.

use std::str::FromStr;

use clap::Args;
use rollcall_import::{ColumnName, CsvSettings, DateOrder, Zone};
use serde::{Deserialize, Serialize};

/// What CSV reports do not contain, as given: a server may have to parse it again.
#[derive(Debug, Clone, Default, Args, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct CsvOptions {
    /// Time zone of times without one in CSV reports, such as America/New_York or +02:00 [default: UTC]
    #[arg(long, value_name = "ZONE", value_parser = checked::<Zone>)]
    time_zone: Option<String>,
    /// Order of days and months in CSV reports whose dates allow both: month-first or day-first
    #[arg(long, value_name = "ORDER", value_parser = checked::<DateOrder>)]
    date_order: Option<String>,
    /// Column of CSV reports whose header is unknown, such as email="E-Mail"; repeatable
    #[arg(long = "column", value_name = "NAME=HEADER", value_parser = checked::<ColumnName>)]
    columns: Vec<String>,
}

impl CsvOptions {
    /// Returns the parsed options, which were checked before.
    pub(crate) fn settings(&self) -> CsvSettings {
        let parse = |text: &String| text.parse().ok();
        CsvSettings {
            zone: self.time_zone.as_ref().and_then(|zone| zone.parse().ok()),
            date_order: self.date_order.as_ref().and_then(|order| order.parse().ok()),
            columns: self.columns.iter().filter_map(parse).collect(),
        }
    }
}

/// A valid value, as given: a server may have to parse it again.
pub(crate) fn checked<T: FromStr>(text: &str) -> Result<String, T::Err> {
    text.parse::<T>().map(|_| text.to_owned())
}
