//! What a file says of itself, in the key-value metadata of its footer.

use std::sync::OnceLock;

use parquet::{
    file::metadata::{KeyValue, ParquetMetaData},
    schema::types::SchemaDescriptor,
};

use crate::{ArchiveError, Dataset, FilePath, Result, column, minutes, participants};

/// The version of the layout that is written. A column that is added at the end keeps it; anything else moves it.
pub const FORMAT_VERSION: u32 = 1;

const VERSION: &str = "rollcall.version";
const DATASET: &str = "rollcall.dataset";
const ACCOUNT: &str = "rollcall.account";
const DAY: &str = "rollcall.day";
const ROWS: &str = "rollcall.rows";
const WRITER: &str = "rollcall.writer";

/// The entries of a file.
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

/// The columns of a dataset, in the order of its files.
#[must_use]
pub fn columns(dataset: Dataset) -> &'static [column::Column] {
    match dataset {
        Dataset::QosMinutes => &minutes::COLUMNS,
        Dataset::Participants => &participants::COLUMNS,
    }
}

/// What Parquet knows of the columns of a dataset.
pub(crate) fn schema(dataset: Dataset) -> Result<&'static SchemaDescriptor> {
    static SCHEMAS: [OnceLock<SchemaDescriptor>; 2] = [const { OnceLock::new() }; 2];
    let known = &SCHEMAS[dataset as usize];
    if let Some(schema) = known.get() {
        return Ok(schema);
    }
    let made = column::schema(dataset.as_str(), columns(dataset));
    let made = made.map_err(|error| ArchiveError::backend(format!("the columns of {dataset}"), error))?;
    Ok(known.get_or_init(|| made))
}

/// Checks that a footer is that of the file at `path`: its version, what it says of itself, its columns and rows.
pub(crate) fn check(path: &FilePath, metadata: &ParquetMetaData) -> Result<()> {
    let corrupt = |reason: String| ArchiveError::corrupt(path, &reason);
    let file = metadata.file_metadata();
    let entries = file.key_value_metadata();
    let entry = |key: &str| {
        let entry = entries.iter().flat_map(|entries| entries.iter()).find(|entry| entry.key == key);
        entry.and_then(|entry| entry.value.as_deref()).ok_or_else(|| corrupt(format!("no {key} in its metadata")))
    };
    let version = entry(VERSION)?;
    if version != FORMAT_VERSION.to_string() {
        return Err(ArchiveError::Version {
            file: path.to_string(),
            version: version.chars().take(20).collect(),
            known: FORMAT_VERSION,
        });
    }
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
            return Err(corrupt(format!("{key} is {told:?} in its metadata and not {expected}")));
        }
    }
    if file.schema_descr() != schema(path.dataset())? {
        return Err(corrupt("its columns are not those of its version".to_owned()));
    }
    for column in metadata.row_groups().iter().flat_map(|group| group.columns()) {
        // Beyond these the library panics.
        let offsets =
            [column.compressed_size(), column.data_page_offset(), column.dictionary_page_offset().unwrap_or(0)];
        if offsets.iter().any(|offset| *offset < 0) {
            return Err(corrupt("a column lies outside it".to_owned()));
        }
    }
    if file.num_rows() != rows {
        return Err(corrupt(format!("{rows} rows in its row groups, {} in its footer", file.num_rows())));
    }
    Ok(())
}

/// Says of a failure to read `path` that the file is damaged.
pub(crate) fn corrupt_by<E: std::fmt::Display>(path: &FilePath) -> impl Fn(E) -> ArchiveError {
    move |error| ArchiveError::corrupt(path, &error)
}
