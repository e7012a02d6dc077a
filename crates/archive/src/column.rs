//! Columns: name, meaning and encoding.

use std::sync::Arc;

use parquet::{
    basic::{Compression, Encoding, LogicalType, Repetition, TimeUnit, Type as PhysicalType},
    errors::Result,
    file::properties::WriterPropertiesBuilder,
    schema::types::{ColumnPath, SchemaDescriptor, Type},
};

/// Type of a column's values.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ColumnKind {
    /// Boolean.
    Boolean,
    /// 32-bit integer.
    Integer,
    /// 64-bit integer.
    Long,
    /// A number with two decimals, at most 999.99.
    Hundredths,
    /// An instant in UTC, to the millisecond.
    Timestamp,
    /// UTF-8 string.
    Text,
    /// JSON string.
    Json,
}

impl ColumnKind {
    /// Returns the Parquet type, in common notation.
    #[must_use]
    pub const fn parquet_name(self) -> &'static str {
        match self {
            Self::Boolean => "BOOLEAN",
            Self::Integer => "INT32",
            Self::Long => "INT64",
            Self::Hundredths => "INT32, DECIMAL(5, 2)",
            Self::Timestamp => "INT64, TIMESTAMP(MILLIS, UTC)",
            Self::Text => "BYTE_ARRAY, STRING",
            Self::Json => "BYTE_ARRAY, JSON",
        }
    }

    pub(crate) const fn physical(self) -> PhysicalType {
        match self {
            Self::Boolean => PhysicalType::BOOLEAN,
            Self::Integer | Self::Hundredths => PhysicalType::INT32,
            Self::Long | Self::Timestamp => PhysicalType::INT64,
            Self::Text | Self::Json => PhysicalType::BYTE_ARRAY,
        }
    }

    fn logical(self) -> Option<LogicalType> {
        match self {
            Self::Boolean | Self::Integer | Self::Long => None,
            Self::Hundredths => Some(LogicalType::decimal(2, 5)),
            Self::Timestamp => Some(LogicalType::timestamp(true, TimeUnit::MILLIS)),
            Self::Text => Some(LogicalType::String),
            Self::Json => Some(LogicalType::Json),
        }
    }
}

/// Encoding of a column's values, chosen by measurement.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Layout {
    /// A dictionary, with indexes of whole bytes: repeated and frequent values compress well.
    Dictionary,
    /// A dictionary, with indexes of as few bits as possible: for noise of few values, whose indexes take a byte and a
    /// half.
    PackedDictionary,
    /// Plain; the compression finds repetitions.
    Plain,
    /// Differences from row to row, for values that change little from minute to minute.
    Delta,
    /// The first bytes of all values, then the second bytes, and so on: noise compresses nearly as well as possible.
    Split,
}

/// A column of a dataset.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Column {
    /// Its name, as in the API, with the unit.
    pub name: String,
    /// Its type.
    pub kind: ColumnKind,
    /// Whether every row has a value.
    pub required: bool,
    /// What it means.
    pub meaning: String,
    pub(crate) layout: Layout,
}

impl Column {
    pub(crate) fn new(name: impl Into<String>, kind: ColumnKind, layout: Layout, meaning: impl Into<String>) -> Self {
        Self { name: name.into(), kind, required: false, meaning: meaning.into(), layout }
    }

    pub(crate) fn required(self) -> Self {
        Self { required: true, ..self }
    }
}

pub(crate) const INSTANCE_UUID: usize = 0;
pub(crate) const KIND: usize = 1;
pub(crate) const MEETING_ID: usize = 2;

/// Returns the first columns of each dataset.
pub(crate) fn instance_columns() -> [Column; 3] {
    use {ColumnKind::*, Layout::*};
    [
        Column::new("instance_uuid", Text, Dictionary, "the instance (run) of the meeting").required(),
        Column::new("kind", Text, Dictionary, "`meeting` or `webinar`").required(),
        Column::new("meeting_id", Long, Dictionary, "the meeting's number; null if not reported"),
    ]
}

/// Returns the schema of a dataset with these columns, all at the top level.
pub(crate) fn schema(name: &str, columns: &[Column]) -> Result<SchemaDescriptor> {
    let fields = columns.iter().map(|column| {
        let repetition = if column.required { Repetition::REQUIRED } else { Repetition::OPTIONAL };
        let mut field = Type::primitive_type_builder(&column.name, column.kind.physical())
            .with_repetition(repetition)
            .with_logical_type(column.kind.logical());
        if column.kind == ColumnKind::Hundredths {
            field = field.with_precision(5).with_scale(2);
        }
        field.build().map(Arc::new)
    });
    let root = Type::group_type_builder(name).with_fields(fields.collect::<Result<_>>()?).build()?;
    Ok(SchemaDescriptor::new(Arc::new(root)))
}

/// Maximum size of a page of strings.
const PAGE_TEXT_BYTES: usize = 1 << 20;

/// Maximum number of values of a page of numbers; for a sparse column, it spans more rows. A page is the unit of
/// reading and decoding, and each has its own header and compression tables: halving it adds a fifth of a byte to each
/// minute, doubling it adds a quarter to the time for reading a few rows.
const PAGE_VALUES: usize = 24 * 1024;

/// Number of dictionary indexes of a page: those of noise take 12 bits each, others far less.
const PAGE_NUMBER_BYTES: usize = PAGE_VALUES * 3 / 2;

/// Sets which columns have a dictionary, and the page sizes. The encoding of values is chosen when pages are compressed
/// ([`crate::page_values`]); the library writes them plain.
pub(crate) fn lay_out(columns: &[Column], properties: WriterPropertiesBuilder) -> WriterPropertiesBuilder {
    let properties = properties.set_encoding(Encoding::PLAIN).set_compression(Compression::UNCOMPRESSED);
    columns.iter().fold(properties, |properties, column| {
        let path = ColumnPath::from(column.name.as_str());
        let has_dictionary = matches!(column.layout, Layout::Dictionary | Layout::PackedDictionary);
        let page_bytes = match column.kind.physical() {
            _ if has_dictionary => PAGE_NUMBER_BYTES,
            PhysicalType::INT32 => PAGE_VALUES * 4,
            PhysicalType::INT64 => PAGE_VALUES * 8,
            _ => PAGE_TEXT_BYTES,
        };
        properties
            .set_column_dictionary_enabled(path.clone(), has_dictionary)
            .set_column_data_page_size_limit(path, page_bytes)
    })
}
