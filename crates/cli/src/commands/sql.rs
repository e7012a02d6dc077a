use std::{
    io::{self, BufWriter, IsTerminal as _, Read as _},
    num::NonZeroU32,
    ops::ControlFlow,
    sync::Arc,
    time::Duration,
};

use clap::{Args, ValueEnum};
use rollcall_model::AccountId;
use rollcall_sql::{Description, Limits, Printer, Queries, Rows, Value, ValueRef, describe, plain};
use rollcall_store::MinuteStore;

use super::{Common, counted, print};
use crate::{
    failure::Failure,
    terminal::{Output, visible_line, written},
};

/// The longest query that is read from standard input.
const MAX_QUERY_BYTES: u64 = 64 * 1024;
/// The most rows that a table for people has.
const TABLE_ROWS: usize = 1_000;
/// The widest that a value is shown in a table.
const TABLE_CELL: usize = 60;

/// How much a query may hold at a time for what it sorts and groups.
const MEMORY_BYTES: u64 = 1024 * 1024 * 1024;

/// Asks in SQL: read-only, over one account's meetings, instances, participants, tracking codes, …
#[derive(Debug, Args)]
pub(crate) struct Sql {
    /// The query; `-` reads it from standard input
    #[arg(required_unless_present = "schema")]
    query: Option<String>,
    /// A value for the next `?` of the query
    #[arg(long = "value", value_name = "VALUE")]
    values: Vec<String>,
    /// How to print the answer: a table on a terminal, CSV elsewhere
    #[arg(long, value_enum)]
    format: Option<Format>,
    /// Leave text in CSV as it is stored, even if a spreadsheet would run it as a formula
    #[arg(long)]
    raw_csv: bool,
    /// How long it may run
    #[arg(long, value_name = "SECONDS", default_value = "60")]
    seconds: NonZeroU32,
    /// Prints every table and column with its meaning
    #[arg(long, conflicts_with_all = ["query", "values", "format"])]
    schema: bool,
    /// The account, by name or id; the only one where it is not named
    #[arg(long)]
    account: Option<String>,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum Format {
    Table,
    Csv,
    Json,
    Ndjson,
}

impl Sql {
    pub(super) async fn run(self, common: &Common) -> Result<(), Failure> {
        let Some(query) = self.query.filter(|_| !self.schema) else { return print_schema() };
        let query = if query == "-" { read_query()? } else { query };
        let (_, account) = common.existing_account(self.account.as_deref()).await?;
        let data = common.existing_data()?;
        let database = data.database();
        // Opened where the query wants minutes: a running server may hold them.
        let config = common.config()?;
        let profile = config.profile();
        let minutes = move || match data.tiers(&config) {
            Ok(tiers) => Ok(tiers.minutes as Arc<dyn MinuteStore>),
            Err(failure) => {
                Err(format!("{} A running server answers the same at POST /api/v1/sql.", failure.into_message()))
            }
        };
        let queries = Queries::new(&database, Arc::new(minutes), 1).judged_by(profile).alone();
        let values = self.values.into_iter().map(Value::Text).collect();
        let time = Duration::from_secs(self.seconds.get().into());
        let asked = Asked { queries, account: account.id, query, values, time };
        let format = self.format.unwrap_or(if io::stdout().is_terminal() { Format::Table } else { Format::Csv });
        match format {
            Format::Table => asked.print_table().await,
            Format::Csv if self.raw_csv => asked.print(rollcall_sql::Format::RawCsv).await,
            Format::Csv => asked.print(rollcall_sql::Format::Csv).await,
            Format::Json => asked.print(rollcall_sql::Format::Json).await,
            Format::Ndjson => asked.print(rollcall_sql::Format::Ndjson).await,
        }
    }
}

struct Asked {
    queries: Queries,
    account: AccountId,
    query: String,
    values: Vec<Value>,
    time: Duration,
}

impl Asked {
    /// Prints rows as they come, however many.
    async fn print(self, format: rollcall_sql::Format) -> Result<(), Failure> {
        let printer = Printer::new(format, BufWriter::new(Output::new()));
        written(self.run(printer).await?.finish().map(drop))
    }

    /// Prints the first rows in columns as wide as their values.
    async fn print_table(self) -> Result<(), Failure> {
        let table = self.run(Table::default()).await?;
        let widths: Vec<usize> = (0..table.names.len())
            .map(|column| {
                let cells = table.rows.iter().map(|row| &row[column]).chain([&table.names[column]]);
                cells.map(|cell| cell.chars().count()).max().unwrap_or(0)
            })
            .collect();
        let line = |cells: &[String]| {
            let padded = cells.iter().zip(&widths).map(|(cell, width)| format!("{cell:<width$}"));
            print(padded.collect::<Vec<_>>().join("  ").trim_end())
        };
        line(&table.names)?;
        table.rows.iter().try_for_each(|row| line(row))?;
        let count = counted(table.rows.len() as u64, "row", "rows");
        let more = if table.more { ", and more: --format csv prints all" } else { "" };
        print(format_args!("({count}{more})"))
    }

    async fn run<R: Rows + 'static>(self, rows: R) -> Result<R, Failure> {
        let limits = Limits { time: self.time, rows: u64::MAX, bytes: u64::MAX, memory: MEMORY_BYTES };
        Ok(self.queries.run(self.account, self.query, self.values, limits, rows).await?)
    }
}

/// The first rows of an answer, as a terminal shows them.
#[derive(Default)]
struct Table {
    names: Vec<String>,
    rows: Vec<Vec<String>>,
    more: bool,
}

impl Rows for Table {
    fn columns(&mut self, names: &[&str]) {
        self.names = names.iter().map(|name| (*name).to_owned()).collect();
    }

    fn row(&mut self, values: &[ValueRef<'_>]) -> ControlFlow<()> {
        if self.rows.len() == TABLE_ROWS {
            self.more = true;
            return ControlFlow::Break(());
        }
        self.rows.push(values.iter().map(cell).collect());
        ControlFlow::Continue(())
    }
}

/// A value on one line, cut where it is long.
fn cell(value: &ValueRef<'_>) -> String {
    let text = plain(value).unwrap_or_else(|| "-".to_owned());
    let text = visible_line(&text);
    let mut shown: String = text.chars().take(TABLE_CELL).collect();
    if text.chars().nth(TABLE_CELL).is_some() {
        shown.pop();
        shown.push('…');
    }
    shown
}

fn read_query() -> Result<String, Failure> {
    let mut query = String::new();
    let read = io::stdin().take(MAX_QUERY_BYTES + 1).read_to_string(&mut query);
    match read {
        Ok(bytes) if bytes as u64 > MAX_QUERY_BYTES => {
            Err(Failure::new(format!("the query is longer than {MAX_QUERY_BYTES} bytes")))
        }
        Ok(_) => Ok(query),
        Err(error) => Err(Failure::context("standard input", &error)),
    }
}

fn print_schema() -> Result<(), Failure> {
    for (index, Description { name, meaning, columns }) in describe().into_iter().enumerate() {
        if index > 0 {
            print("")?;
        }
        print(format_args!("{name}: {meaning}"))?;
        let width = columns.iter().map(|(name, ..)| name.len()).max().unwrap_or(0);
        for (name, kind, meaning) in columns {
            print(format_args!("  {name:<width$}  {:<9}  {meaning}", kind.name()))?;
        }
    }
    Ok(())
}
