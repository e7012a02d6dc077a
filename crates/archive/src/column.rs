//! Columns: what each is called, what it means, and how it lies in a file.

use std::sync::Arc;

use parquet::{
    basic::{Compression, Encoding, LogicalType, Repetition, TimeUnit, Type as PhysicalType},
    errors::Result,
    file::properties::WriterPropertiesBuilder,
    schema::types::{ColumnPath, SchemaDescriptor, Type},
};

/// What kind of value a column holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ColumnKind {
    /// True or false.
    Boolean,
    /// A whole number of 32 bits.
    Integer,
    /// A whole number of 64 bits.
    Long,
    /// A number with two digits after the point, at most 999.99.
    Hundredths,
    /// An instant in UTC, to the millisecond.
    Timestamp,
    /// Text in UTF-8.
    Text,
    /// Text that is JSON.
    Json,
}

impl ColumnKind {
    /// The Parquet type, as people who read the files call it.
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

/// How a column's values are laid down, chosen by measurement.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Layout {
    /// Each distinct value once, and a number for each row, in whole bytes: what comes again, or comes often, packs well.
    Dictionary,
    /// Each distinct value once, and a number for each row, in as few bits as they take: for noise of few values, whose
    /// numbers take a byte and a half.
    PackedDictionary,
    /// As they are; the compression finds what repeats.
    Plain,
    /// Differences from row to row, for what is near to what it was a minute before.
    Delta,
    /// The first bytes of all values, then the second ones, and so on: what is noise packs nearly as small as it can.
    Split,
}

/// A column of a dataset.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Column {
    /// As the API names it, with the unit.
    pub name: String,
    /// What kind of value it holds.
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

/// The columns that each dataset begins with.
pub(crate) fn instance_columns() -> [Column; 3] {
    use {ColumnKind::*, Layout::*};
    [
        Column::new("instance_uuid", Text, Dictionary, "the instance (run) of the meeting").required(),
        Column::new("kind", Text, Dictionary, "`meeting` or `webinar`").required(),
        Column::new("meeting_id", Long, Dictionary, "the meeting's number; null if not reported"),
    ]
}

/// The schema of a dataset with these columns, each at the top.
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

/// How long a page of texts gets.
const PAGE_TEXT_BYTES: usize = 1 << 20;

/// How many values a page of numbers holds at most; of a column that most rows have no value of, it spans more rows. A page
/// is the least that is read and unpacked, and each has a header and tables of its own for unpacking: halving it adds a
/// fifth of a byte to each minute, doubling it adds a quarter to the time that reading a few rows takes.
const PAGE_VALUES: usize = 24 * 1024;

/// The numbers of a page of a dictionary's values: those of noise take 12 bits each, and others far less.
const PAGE_NUMBER_BYTES: usize = PAGE_VALUES * 3 / 2;

/// Says which columns have a dictionary and how large pages get. How values lie in pages is decided when those are
/// packed ([`crate::page_values`]); the library leaves them plain.
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
