//! Lists and counts, as commands print them.

use clap::Args;
use rollcall_ingest::Report;

use crate::{
    failure::Failure,
    terminal::{print, print_data, visible_line},
};

/// Returns a count with its noun.
pub(crate) fn counted(count: u64, one: &str, several: &str) -> String {
    format!("{count} {}", if count == 1 { one } else { several })
}

/// Returns what was written, kind by kind, without zero counts.
pub(crate) fn in_words(report: &Report) -> String {
    let Report {
        users,
        meetings,
        instances,
        participants,
        minutes,
        tracking_sources,
        sites,
        tracking_codes,
        user_tracking_codes,
        documents,
        registrants,
        tracking_fields,
    } = *report;
    let counts = [
        (users, "user", "users"),
        (meetings, "meeting", "meetings"),
        (instances, "instance", "instances"),
        (participants, "participant", "participants"),
        (minutes, "minute", "minutes"),
        (tracking_sources, "tracking source", "tracking sources"),
        (sites, "site", "sites"),
        (tracking_codes, "tracking code", "tracking codes"),
        (user_tracking_codes, "user's tracking code", "users' tracking codes"),
        (documents, "document", "documents"),
        (registrants, "registrant", "registrants"),
        (tracking_fields, "tracking field", "tracking fields"),
    ];
    listed(counts.map(|(count, one, several)| (count as u64, one, several)), "nothing")
}

/// Returns the counts above zero with their nouns, or `nothing` if there is none.
pub(crate) fn listed<const N: usize>(counts: [(u64, &str, &str); N], nothing: &str) -> String {
    let counts = counts.into_iter().filter(|(count, ..)| *count > 0);
    let words: Vec<String> = counts.map(|(count, one, several)| counted(count, one, several)).collect();
    if words.is_empty() { nothing.to_owned() } else { words.join(", ") }
}

/// How a command prints a list.
#[derive(Debug, Clone, Copy, Args)]
pub(crate) struct Listing {
    /// Print JSON objects, one per line
    #[arg(long)]
    pub(crate) json: bool,
}

impl Listing {
    /// Prints rows under headings: a table for people, or objects whose keys are the headings (`client_id`) and whose
    /// blank cells are null.
    pub(crate) fn print<const N: usize>(self, headings: [&str; N], rows: &[[String; N]]) -> Result<(), Failure> {
        if !self.json {
            return print_table(headings, rows);
        }
        let keys = headings.map(|heading| heading.to_lowercase().replace(' ', "_"));
        rows.iter().try_for_each(|row| {
            let cell = |cell: &String| (!cell.is_empty()).then(|| cell.clone());
            let object: serde_json::Map<_, _> =
                keys.iter().zip(row).map(|(key, text)| (key.clone(), cell(text).into())).collect();
            print_data(serde_json::Value::Object(object))
        })
    }
}

/// Prints rows under headings, in columns as wide as their widest value.
pub(crate) fn print_table<const N: usize>(headings: [&str; N], rows: &[[String; N]]) -> Result<(), Failure> {
    // What is spelled out is wider.
    let rows: Vec<[String; N]> =
        rows.iter().map(|row| row.each_ref().map(|cell| visible_line(cell).into_owned())).collect();
    let width = |column: usize| {
        let cells = rows.iter().map(|row| row[column].as_str()).chain([headings[column]]);
        cells.map(|cell| cell.chars().count()).max().unwrap_or(0)
    };
    let widths: [usize; N] = std::array::from_fn(width);
    let line = |cells: [&str; N]| {
        let padded = cells.iter().zip(widths).map(|(cell, width)| format!("{cell:<width$}"));
        print(padded.collect::<Vec<_>>().join("  ").trim_end())
    };
    line(headings)?;
    rows.iter().try_for_each(|row| line(std::array::from_fn(|column| row[column].as_str())))
}
