use std::{
    io::{self, BufWriter, IsTerminal as _, Read as _, Write as _},
    num::NonZeroU32,
    ops::ControlFlow,
    sync::Arc,
    time::Duration,
};

use base64::{Engine as _, engine::general_purpose::STANDARD};
use clap::{Args, ValueEnum};
use rollcall_model::AccountId;
use rollcall_sql::{Description, Limits, Printer, Queries, Rows, Value, ValueRef, describe, describe_table, plain};
use rollcall_store::MinuteStore;
use serde_json::json;

use crate::common::Common;
use crate::listing::counted;
use crate::terminal::{print, print_data};
use crate::{
    control::{self, Request, SqlFormat, SqlRequest},
    data::DataDir,
    failure::Failure,
    terminal::{Output, visible_line, written},
};

/// Maximum length of a query from standard input.
const MAX_QUERY_BYTES: u64 = 64 * 1024;
/// Maximum number of rows in a table for people.
const TABLE_ROWS: usize = 1_000;
/// Maximum width of a value in a table.
const TABLE_CELL: usize = 60;

/// Memory for sorting and grouping in a query.
const MEMORY_BYTES: u64 = 1024 * 1024 * 1024;

/// Run a read-only SQL query over one account's meetings, instances, participants, tracking codes, …
#[derive(Debug, Args)]
pub(crate) struct Sql {
    /// Query, or `-` to read it from standard input
    #[arg(required_unless_present = "schema")]
    query: Option<String>,
    /// Value of the next `?` in the query; repeatable
    #[arg(long = "value", value_name = "VALUE")]
    values: Vec<String>,
    /// Output format [default: table on a terminal, otherwise csv]
    #[arg(long, value_enum)]
    format: Option<Format>,
    /// Leave text in CSV as stored, even if a spreadsheet would run it as a formula
    #[arg(long)]
    raw_csv: bool,
    /// Maximum run time
    #[arg(long, value_name = "SECONDS", default_value = "60")]
    seconds: NonZeroU32,
    /// Print the columns of a table, or of every table, with types and meanings
    #[arg(long, value_name = "TABLE", num_args = 0..=1, conflicts_with_all = ["query", "values", "format"])]
    schema: Option<Option<String>>,
    /// With --schema: print JSON objects, one per column
    #[arg(long, requires = "schema")]
    json: bool,
    /// Account, by name or id [default: the only one]
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
        let Some(query) = self.query else { return print_schema(self.schema.flatten().as_deref(), self.json) };
        let query = if query == "-" { read_query()? } else { query };
        let (_, account) = common.existing_account(self.account.as_deref()).await?;
        let data = common.existing_data()?;
        let format = self.format.unwrap_or(if io::stdout().is_terminal() { Format::Table } else { Format::Csv });
        let printed = match format {
            Format::Table => None,
            Format::Csv if self.raw_csv => Some(SqlFormat::RawCsv),
            Format::Csv => Some(SqlFormat::Csv),
            Format::Json => Some(SqlFormat::Json),
            Format::Ndjson => Some(SqlFormat::Ndjson),
        };
        // A table for people is made from JSON.
        let request = Request::Sql(SqlRequest {
            account: account.id.0,
            query: query.clone(),
            values: self.values.clone(),
            format: printed.unwrap_or(SqlFormat::Json),
            seconds: self.seconds.get(),
        });
        // A server that runs on the folder has the minutes open.
        let asked = match printed {
            Some(_) => print_remote(&data, &request).await?,
            None => print_remote_table(&data, &request).await?,
        };
        if asked {
            return Ok(());
        }
        let database = data.database();
        // Opened if the query needs minutes.
        let config = common.config()?;
        let profile = config.profile();
        let minutes = move || match data.tiers(&config) {
            Ok(tiers) => Ok(tiers.minutes as Arc<dyn MinuteStore>),
            Err(failure) => Err(failure.into_message()),
        };
        let queries = Queries::new(&database, Arc::new(minutes), 1).judged_by(profile).alone();
        let values = self.values.into_iter().map(Value::Text).collect();
        let time = Duration::from_secs(self.seconds.get().into());
        let asked = Asked { queries, account: account.id, query, values, time };
        match printed {
            None => asked.print_table().await,
            Some(format) => asked.print(format.into()).await,
        }
    }
}

/// Prints the response of the server on the folder. Returns whether one runs.
async fn print_remote(data: &DataDir, request: &Request) -> Result<bool, Failure> {
    let mut out = BufWriter::new(Output::new());
    let mut printed = Ok(());
    let answered =
        control::ask_until(data, request, |piece| match decoded(&piece).and_then(|text| out.write_all(&text)) {
            Ok(()) => ControlFlow::Continue(()),
            Err(error) => {
                printed = Err(error);
                ControlFlow::Break(())
            }
        });
    let answered = answered.await?;
    written(printed.and_then(|()| out.flush()))?;
    Ok(answered.is_some())
}

/// Prints the first rows of the server's response as a table. Returns whether a server runs.
async fn print_remote_table(data: &DataDir, request: &Request) -> Result<bool, Failure> {
    let mut answer = Vec::new();
    // Rows are separated by line ends, which JSON text does not contain.
    let mut rows = 0;
    let answered = control::ask_until(data, request, |piece| match decoded(&piece) {
        Ok(text) if rows <= TABLE_ROWS => {
            rows += text.iter().filter(|byte| **byte == b'\n').count();
            answer.extend(text);
            ControlFlow::Continue(())
        }
        _ => ControlFlow::Break(()),
    });
    if answered.await?.is_none() {
        return Ok(false);
    }
    let mut table = Table::default();
    let text = String::from_utf8_lossy(&answer);
    let (names, rows) = text.split_once(",\"rows\":[").unwrap_or_default();
    table.names = read_json(names.trim_start_matches("{\"columns\":"))?;
    for row in rows.trim_end().trim_end_matches("]}").split(",\n").filter(|row| !row.is_empty()) {
        if table.rows.len() == TABLE_ROWS {
            table.more = true;
            break;
        }
        let row: Vec<serde_json::Value> = read_json(row)?;
        let shown = row.into_iter().map(|value| match value {
            serde_json::Value::Null => cell("-"),
            serde_json::Value::String(text) => cell(&text),
            other => cell(&other.to_string()),
        });
        table.rows.push(shown.collect());
    }
    table.print()?;
    Ok(true)
}

fn decoded(piece: &serde_json::Value) -> io::Result<Vec<u8>> {
    STANDARD.decode(piece.as_str().unwrap_or_default()).map_err(io::Error::other)
}

fn read_json<T: serde::de::DeserializeOwned>(text: &str) -> Result<T, Failure> {
    serde_json::from_str(text).map_err(|error| Failure::context("the server's response", &error))
}

struct Asked {
    queries: Queries,
    account: AccountId,
    query: String,
    values: Vec<Value>,
    time: Duration,
}

impl Asked {
    /// Prints all rows as they arrive.
    async fn print(self, format: rollcall_sql::Format) -> Result<(), Failure> {
        let printer = Printer::new(format, BufWriter::new(Output::new()));
        written(self.run(printer).await?.finish().map(drop))
    }

    /// Prints the first rows in columns as wide as their values.
    async fn print_table(self) -> Result<(), Failure> {
        self.run(Table::default()).await?.print()
    }

    async fn run<R: Rows + 'static>(self, rows: R) -> Result<R, Failure> {
        let limits = Limits { time: self.time, rows: u64::MAX, bytes: u64::MAX, memory: MEMORY_BYTES };
        Ok(self.queries.run(self.account, self.query, self.values, limits, rows).await?)
    }
}

/// The first rows of a response, as shown on a terminal.
#[derive(Default)]
struct Table {
    names: Vec<String>,
    rows: Vec<Vec<String>>,
    more: bool,
}

impl Table {
    fn print(&self) -> Result<(), Failure> {
        let widths: Vec<usize> = (0..self.names.len())
            .map(|column| {
                let cells = self.rows.iter().map(|row| &row[column]).chain([&self.names[column]]);
                cells.map(|cell| cell.chars().count()).max().unwrap_or(0)
            })
            .collect();
        let line = |cells: &[String]| {
            let padded = cells.iter().zip(&widths).map(|(cell, width)| format!("{cell:<width$}"));
            print(padded.collect::<Vec<_>>().join("  ").trim_end())
        };
        line(&self.names)?;
        self.rows.iter().try_for_each(|row| line(row))?;
        let count = counted(self.rows.len() as u64, "row", "rows");
        let more = if self.more { ", and more: --format csv prints all" } else { "" };
        print(format_args!("({count}{more})"))
    }
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
        let shown = |value| cell(&plain(value).unwrap_or_else(|| "-".to_owned()));
        self.rows.push(values.iter().map(shown).collect());
        ControlFlow::Continue(())
    }
}

/// A value on one line, shortened if it is long.
fn cell(text: &str) -> String {
    let text = visible_line(text);
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

fn print_schema(table: Option<&str>, json: bool) -> Result<(), Failure> {
    let tables = match table {
        Some(name) => vec![describe_table(name).map_err(|error| Failure::new(error.to_string()))?],
        None => describe(),
    };
    if json {
        return tables.into_iter().try_for_each(|Description { name, columns, .. }| {
            columns.into_iter().try_for_each(|(column, kind, meaning)| {
                print_data(json!({ "table": name, "column": column, "type": kind.name(), "meaning": meaning }))
            })
        });
    }
    for (index, Description { name, meaning, columns }) in tables.into_iter().enumerate() {
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
