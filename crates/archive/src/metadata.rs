//! A file's description of itself, in the key-value metadata of its footer.

use std::sync::OnceLock;

use parquet::{
    file::metadata::{KeyValue, ParquetMetaData},
    schema::types::SchemaDescriptor,
};

use crate::{ArchiveError, Dataset, FilePath, Result, column, minutes, participants};

/// The current version of the layout. Any change of the columns increments it; files of all versions can be read.
pub const FORMAT_VERSION: u32 = 2;

/// Number of versions; they are counted from 1.
const VERSIONS: usize = FORMAT_VERSION as usize;

const VERSION: &str = "rollcall.version";
const DATASET: &str = "rollcall.dataset";
const ACCOUNT: &str = "rollcall.account";
const DAY: &str = "rollcall.day";
const ROWS: &str = "rollcall.rows";
const WRITER: &str = "rollcall.writer";

/// Returns the entries of a file.
pub(crate) fn entries(path: &FilePath, rows: u64) -> Vec<KeyValue> {
    let partition = path.partition();
    [
        (VERSION, FORMAT_VERSION.to_string()),
        (DATASET, path.dataset().to_string()),
        (ACCOUNT, partition.account.to_string()),
        (DAY, partition.day.to_string()),
        (ROWS, rows.to_string()),
        (WRITER, env!("CARGO_PKG_VERSION").to_owned()),
    ]
    .map(|(key, value)| KeyValue::new(key.to_owned(), value))
    .into()
}

/// Returns the columns of a dataset, in the order of its files.
#[must_use]
pub fn columns(dataset: Dataset) -> &'static [column::Column] {
    match dataset {
        Dataset::QosMinutes => &minutes::COLUMNS,
        Dataset::Participants => &participants::COLUMNS,
    }
}

/// Returns Parquet's schema of a dataset, in files of each version.
fn schemas(dataset: Dataset) -> Result<&'static [SchemaDescriptor; VERSIONS]> {
    static SCHEMAS: [OnceLock<[SchemaDescriptor; VERSIONS]>; 2] = [const { OnceLock::new() }; 2];
    let known = &SCHEMAS[dataset as usize];
    if let Some(schemas) = known.get() {
        return Ok(schemas);
    }
    let schema = |columns: &[column::Column]| {
        let made = column::schema(dataset.as_str(), columns);
        made.map_err(|error| ArchiveError::backend(format!("the columns of {dataset}"), error))
    };
    // In version 1, every row had its meeting's number.
    let mut first = columns(dataset).to_vec();
    first[column::MEETING_ID].required = true;
    let made = [schema(&first)?, schema(columns(dataset))?];
    Ok(known.get_or_init(|| made))
}

/// Checks that a footer belongs to the file at `path`: its version, its metadata, its columns and rows. Returns
/// Parquet's schema of its columns.
pub(crate) fn check(path: &FilePath, metadata: &ParquetMetaData) -> Result<&'static SchemaDescriptor> {
    let corrupt = |reason: String| ArchiveError::corrupt(path, &reason);
    let file = metadata.file_metadata();
    let entries = file.key_value_metadata();
    let entry = |key: &str| {
        let entry = entries.iter().flat_map(|entries| entries.iter()).find(|entry| entry.key == key);
        entry.and_then(|entry| entry.value.as_deref()).ok_or_else(|| corrupt(format!("no {key} in its metadata")))
    };
    let version = entry(VERSION)?;
    let schemas = schemas(path.dataset())?;
    let Some((_, schema)) = (1..=FORMAT_VERSION).zip(schemas).find(|(known, _)| known.to_string() == version) else {
        return Err(ArchiveError::Version {
            file: path.to_string(),
            version: version.chars().take(20).collect(),
            known: FORMAT_VERSION,
        });
    };
    let rows: i64 = metadata.row_groups().iter().map(|group| group.num_rows().max(0)).fold(0, i64::saturating_add);
    let partition = path.partition();
    for (key, expected) in [
        (DATASET, path.dataset().to_string()),
        (ACCOUNT, partition.account.to_string()),
        (DAY, partition.day.to_string()),
        (ROWS, rows.to_string()),
    ] {
        let told = entry(key)?;
        if told != expected {
            return Err(corrupt(format!("{key} is {told:?} in its metadata, not {expected}")));
        }
    }
    if file.schema_descr() != schema {
        return Err(corrupt("its columns do not match its version".to_owned()));
    }
    for column in metadata.row_groups().iter().flat_map(|group| group.columns()) {
        // Beyond these, the library panics.
        let offsets =
            [column.compressed_size(), column.data_page_offset(), column.dictionary_page_offset().unwrap_or(0)];
        if offsets.iter().any(|offset| *offset < 0) {
            return Err(corrupt("a column is outside of the file".to_owned()));
        }
    }
    if file.num_rows() != rows {
        return Err(corrupt(format!("{rows} rows in its row groups, {} in its footer", file.num_rows())));
    }
    Ok(schema)
}

/// Returns the error that the file at `path` is damaged, from a read error.
pub(crate) fn corrupt_by<E: std::fmt::Display>(path: &FilePath) -> impl Fn(E) -> ArchiveError {
    move |error| ArchiveError::corrupt(path, &error)
}
