//! How the model's values are stored in columns: a trait for one value, a macro for a row of them.

use rollcall_model::{
    AccountId, AuthorizationStage, ChallengeMethod, ClientId, ConnectionId, Extras, HookId, HostProfileCode, InputMode,
    InstanceId, InstanceState, InstanceUuid, InvalidId, MeetingKind, MeetingNumber, MemberId, ParticipantId, Role,
    ScopeNames, Scopes, SecretHash, SiteManager, Source, Text, Timestamp, TokenId, TokenKind, TrackingCodeId,
    TrackingCodeMode, UserId, UserStatus, Vendor,
};
use rollcall_store::{ArchiveFileId, ArchiveTable, Pause, Result, StoreError};
use rusqlite::{
    Row, Statement, ToSql,
    types::{ToSqlOutput, Value, ValueRef},
};
use serde::{Serialize, de::DeserializeOwned};

use crate::sql::{Driver, backend};

/// Why a column has no valid value. It is smaller than the values, so it costs successful reads nothing.
pub(crate) type Reason = Box<str>;

/// The result of reading a value. A page has some ten thousand values, so the error is boxed to keep each of them
/// small.
pub(crate) type Read<T> = std::result::Result<T, Box<StoreError>>;

/// A value in one column.
pub(crate) trait Column: Sized {
    /// Reads it; the error says why it is invalid.
    fn read(value: ValueRef<'_>) -> Result<Self, Reason>;

    /// Returns the value to store: NULL if it is absent; an empty list counts as absent.
    fn bind(&self) -> rusqlite::Result<ToSqlOutput<'_>>;

    /// Returns the value to store if the source reported it. It differs from [`Column::bind`] for an empty list.
    fn bind_told(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        self.bind()
    }
}

/// A value that is read from one column or element, possibly borrowed: strings can be.
pub(crate) trait Lent<'r>: Sized {
    /// Reads it; the error says why it is invalid.
    fn lend(value: ValueRef<'r>) -> Result<Self, Reason>;
}

impl<'r, T: Column> Lent<'r> for T {
    #[inline(always)]
    fn lend(value: ValueRef<'r>) -> Result<Self, Reason> {
        Column::read(value)
    }
}

/// Returns the bytes of a string, which was UTF-8 when it was written.
impl<'r> Lent<'r> for &'r [u8] {
    #[inline(always)]
    fn lend(value: ValueRef<'r>) -> Result<Self, Reason> {
        match value {
            ValueRef::Text(bytes) => Ok(bytes),
            _ => unexpected(value, "text"),
        }
    }
}

impl<'r> Lent<'r> for Option<&'r [u8]> {
    #[inline(always)]
    fn lend(value: ValueRef<'r>) -> Result<Self, Reason> {
        match value {
            ValueRef::Null => Ok(None),
            value => <&[u8]>::lend(value).map(Some),
        }
    }
}

/// Lends a value to a statement's parameters.
pub(crate) struct Bound<'v, T>(pub(crate) &'v T);

impl<T: Column> ToSql for Bound<'_, T> {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        self.0.bind()
    }
}

#[cold]
fn unexpected<T>(value: ValueRef<'_>, expected: &str) -> Result<T, Reason> {
    Err(format!("{} instead of {expected}", value.data_type()).into())
}

#[inline(always)]
fn str_of(value: ValueRef<'_>) -> Result<&str, Reason> {
    match value {
        ValueRef::Text(bytes) => std::str::from_utf8(bytes).map_err(|error| error.to_string().into()),
        _ => unexpected(value, "text"),
    }
}

#[expect(clippy::unnecessary_wraps, reason = "the shape of Column::bind")]
fn null() -> rusqlite::Result<ToSqlOutput<'static>> {
    Ok(ToSqlOutput::Owned(Value::Null))
}

#[expect(clippy::unnecessary_wraps, reason = "the shape of Column::bind")]
fn text(text: &str) -> rusqlite::Result<ToSqlOutput<'_>> {
    Ok(ToSqlOutput::Borrowed(ValueRef::Text(text.as_bytes())))
}

#[expect(clippy::unnecessary_wraps, reason = "the shape of Column::bind")]
fn integer(number: i64) -> rusqlite::Result<ToSqlOutput<'static>> {
    Ok(ToSqlOutput::Owned(Value::Integer(number)))
}

impl Column for Text {
    #[inline(always)]
    fn read(value: ValueRef<'_>) -> Result<Self, Reason> {
        str_of(value).map(Self::new)
    }

    fn bind(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        text(self)
    }
}

impl Column for String {
    fn read(value: ValueRef<'_>) -> Result<Self, Reason> {
        str_of(value).map(str::to_owned)
    }

    fn bind(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        text(self)
    }
}

impl Column for i64 {
    #[inline]
    fn read(value: ValueRef<'_>) -> Result<Self, Reason> {
        match value {
            ValueRef::Integer(number) => Ok(number),
            _ => unexpected(value, "a number"),
        }
    }

    fn bind(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        integer(*self)
    }
}

/// A count. A count beyond the column's range is stored as the largest value of the range.
impl Column for u64 {
    fn read(value: ValueRef<'_>) -> Result<Self, Reason> {
        let number = i64::read(value)?;
        number.try_into().map_err(|_| format!("{number} instead of a count").into())
    }

    fn bind(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        integer(i64::try_from(*self).unwrap_or(i64::MAX))
    }
}

impl Column for bool {
    #[inline]
    fn read(value: ValueRef<'_>) -> Result<Self, Reason> {
        match value {
            ValueRef::Integer(0) => Ok(false),
            ValueRef::Integer(1) => Ok(true),
            _ => unexpected(value, "0 or 1"),
        }
    }

    fn bind(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        integer(i64::from(*self))
    }
}

impl Column for Timestamp {
    #[inline]
    fn read(value: ValueRef<'_>) -> Result<Self, Reason> {
        i64::read(value).map(Self::from_millis)
    }

    fn bind(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        integer(self.as_millis())
    }
}

impl<T: Column> Column for Option<T> {
    #[inline(always)]
    fn read(value: ValueRef<'_>) -> Result<Self, Reason> {
        match value {
            ValueRef::Null => Ok(None),
            value => T::read(value).map(Some),
        }
    }

    fn bind(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        match self {
            Some(value) => value.bind_told(),
            None => null(),
        }
    }
}

/// A list, as JSON.
impl<T: Serialize + DeserializeOwned> Column for Vec<T> {
    fn read(value: ValueRef<'_>) -> Result<Self, Reason> {
        match value {
            ValueRef::Null => Ok(Self::new()),
            value => serde_json::from_str(str_of(value)?).map_err(|error| error.to_string().into()),
        }
    }

    fn bind(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        if self.is_empty() { null() } else { self.bind_told() }
    }

    fn bind_told(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        match serde_json::to_string(self) {
            Ok(json) => Ok(ToSqlOutput::Owned(Value::Text(json))),
            Err(error) => Err(rusqlite::Error::ToSqlConversionFailure(error.into())),
        }
    }
}

macro_rules! number_columns {
    ($($type:ident),*) => {
        $(impl Column for $type {
            fn read(value: ValueRef<'_>) -> Result<Self, Reason> {
                i64::read(value).map(Self)
            }

            fn bind(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
                integer(self.0)
            }
        })*
    };
}

number_columns!(
    AccountId,
    ArchiveFileId,
    ConnectionId,
    HookId,
    InstanceId,
    MeetingNumber,
    MemberId,
    ParticipantId,
    TokenId
);

macro_rules! text_columns {
    ($($type:ident),*) => {
        $(impl Column for $type {
            fn read(value: ValueRef<'_>) -> Result<Self, Reason> {
                Text::read(value).map(Self)
            }

            fn bind(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
                text(&self.0)
            }
        })*
    };
}

text_columns!(ClientId, TrackingCodeId, UserId);

impl Column for InstanceUuid {
    fn read(value: ValueRef<'_>) -> Result<Self, Reason> {
        str_of(value)?.parse().map_err(|error: InvalidId| error.to_string().into())
    }

    fn bind(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        text(self.as_str())
    }
}

impl Column for SecretHash {
    fn read(value: ValueRef<'_>) -> Result<Self, Reason> {
        match value {
            ValueRef::Blob(bytes) => {
                bytes.try_into().map(Self).map_err(|_| format!("a hash of {} bytes", bytes.len()).into())
            }
            _ => unexpected(value, "a hash"),
        }
    }

    fn bind(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(ToSqlOutput::Borrowed(ValueRef::Blob(&self.0)))
    }
}

/// Bytes that are opaque to the database.
pub(crate) struct Bytes(pub(crate) Vec<u8>);

impl Column for Bytes {
    fn read(value: ValueRef<'_>) -> Result<Self, Reason> {
        match value {
            ValueRef::Blob(bytes) => Ok(Self(bytes.to_vec())),
            _ => unexpected(value, "bytes"),
        }
    }

    fn bind(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(ToSqlOutput::Borrowed(ValueRef::Blob(&self.0)))
    }
}

/// NULL is from before sources were stored.
impl Column for Source {
    fn read(value: ValueRef<'_>) -> Result<Self, Reason> {
        match value {
            ValueRef::Null => Ok(Self::Operator),
            value => str_of(value)?.parse().map_err(|error: InvalidId| error.to_string().into()),
        }
    }

    fn bind(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        text(self.as_str())
    }
}

impl Column for Extras {
    fn read(value: ValueRef<'_>) -> Result<Self, Reason> {
        serde_json::from_str(str_of(value)?).map_err(|error| error.to_string().into())
    }

    fn bind(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        match serde_json::to_string(self) {
            Ok(json) => Ok(ToSqlOutput::Owned(Value::Text(json))),
            Err(error) => Err(rusqlite::Error::ToSqlConversionFailure(error.into())),
        }
    }
}

/// NULL grants everything; a text lists the granted scopes, and an empty one grants nothing.
impl Column for Scopes {
    fn read(value: ValueRef<'_>) -> Result<Self, Reason> {
        match value {
            ValueRef::Null => Ok(Self::All),
            value => Ok(Self::Listed(ScopeNames::stored(str_of(value)?))),
        }
    }

    fn bind(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        match self {
            Self::All => null(),
            Self::Listed(_) => Ok(ToSqlOutput::Owned(Value::Text(self.to_string()))),
        }
    }
}

macro_rules! word_columns {
    ($($type:ident { $($variant:ident = $word:literal),* })*) => {
        $(impl Column for $type {
            fn read(value: ValueRef<'_>) -> Result<Self, Reason> {
                match str_of(value)? {
                    $($word => Ok(Self::$variant),)*
                    other => Err(format!("the unknown word `{other}`").into()),
                }
            }

            fn bind(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
                match self {
                    $(Self::$variant => text($word),)*
                }
            }
        })*
    };
}

word_columns! {
    ArchiveTable { QosMinutes = "qos_minutes", Participants = "participants" }
    MeetingKind { Meeting = "meeting", Webinar = "webinar" }
    InstanceState { Live = "live", Past = "past" }
    UserStatus { Active = "active", Inactive = "inactive", Pending = "pending" }
    Vendor { Zoom = "zoom", Webex = "webex" }
    ChallengeMethod { S256 = "S256", Plain = "plain" }
    AuthorizationStage {
        Waiting = "waiting", Approved = "approved", Denied = "denied", Issued = "issued", Redeemed = "redeemed"
    }
    TokenKind { Access = "access", Refresh = "refresh", Session = "session" }
    Pause {
        Member = "member", Unsubscribed = "unsubscribed", MemberGone = "member_gone", NotAllowed = "not_allowed",
        QueryGone = "query_gone", Failing = "failing"
    }
    Role { Viewer = "viewer", Analyst = "analyst", Administrator = "administrator" }
    SiteManager { SiteAdmin = "siteAdmin", ControlHub = "controlHub" }
    TrackingCodeMode { Classic = "classic", Mapping = "mapping", Mapped = "mapped" }
    InputMode {
        Text = "text", Select = "select", EditableSelect = "editableSelect", HostProfileSelect = "hostProfileSelect"
    }
    HostProfileCode { Optional = "optional", Required = "required", AdminSet = "adminSet", NotUsed = "notUsed" }
}

/// Reads a row's columns from left to right.
pub(crate) struct Columns<'r> {
    row: &'r Row<'r>,
    table: &'static str,
    next: usize,
}

impl<'r> Columns<'r> {
    /// Starts at the row's first column.
    pub(crate) fn new(table: &'static str, row: &'r Row<'r>) -> Self {
        Self { row, table, next: 0 }
    }

    /// Returns the next column's value.
    #[inline]
    pub(crate) fn take<T: Lent<'r>>(&mut self) -> Read<T> {
        let index = self.next;
        self.next += 1;
        match self.row.get_ref(index) {
            Ok(value) => T::lend(value).map_err(|reason| self.corrupt(index, &reason)),
            Err(error) => Err(Box::new(backend(error))),
        }
    }

    /// Returns whether there is another column.
    pub(crate) fn has_more(&self) -> bool {
        self.next < self.row.as_ref().column_count()
    }

    /// Reads the next column's array.
    pub(crate) fn take_array(&mut self, read: impl FnOnce(&'r [u8]) -> Result<(), Reason>) -> Read<()> {
        let index = self.next;
        self.next += 1;
        match self.row.get_ref(index) {
            Ok(ValueRef::Blob(array)) => read(array),
            Ok(value) => unexpected(value, "an array"),
            Err(error) => return Err(Box::new(backend(error))),
        }
        .map_err(|reason| self.corrupt(index, &reason))
    }

    #[cold]
    fn corrupt(&self, index: usize, reason: &str) -> Box<StoreError> {
        let name = self.row.as_ref().column_name(index).unwrap_or("?");
        Box::new(StoreError::Corrupt { table: self.table, reason: format!("column {name} holds {reason}") })
    }
}

/// Binds a statement's parameters in order.
pub(crate) struct Params<'s, 'db> {
    statement: &'s mut Statement<'db>,
    next: usize,
}

impl<'s, 'db> Params<'s, 'db> {
    /// Starts at the statement's first parameter.
    pub(crate) fn new(statement: &'s mut Statement<'db>) -> Self {
        Self { statement, next: 1 }
    }

    /// Binds the next parameter.
    pub(crate) fn push(&mut self, value: &impl Column) -> Result<()> {
        self.statement.raw_bind_parameter(self.next, Bound(value)).driver()?;
        self.next += 1;
        Ok(())
    }
}

/// Lays a struct of the model in columns: a field in the column of its name, or in the one after `as`. Every field
/// stands here once; one that is forgotten does not compile.
///
/// Defines `TABLE`, `COLUMNS`, `read` and `bind`, the last three in the same order.
macro_rules! columns {
    ($type:ident in $table:literal { $($field:ident $(as $column:expr)?,)* }) => {
        pub(crate) const TABLE: &str = $table;
        pub(crate) const COLUMNS: &[&str] = &[$(columns!(@name $field $($column)?),)*];

        pub(crate) fn read(columns: &mut $crate::columns::Columns<'_>) -> $crate::columns::Read<$type> {
            Ok($type { $($field: columns.take()?,)* })
        }

        fn bind(value: &$type, params: &mut $crate::columns::Params<'_, '_>) -> ::rollcall_store::Result<()> {
            $(params.push(&value.$field)?;)*
            Ok(())
        }
    };
    (@name $field:ident) => { stringify!($field) };
    (@name $field:ident $column:expr) => { $column };
}
pub(crate) use columns;

/// The column of a field in one of the model's tables of fields.
macro_rules! column_name {
    (Timestamp $field:ident) => {
        concat!(stringify!($field), "_ms")
    };
    ($type:ident $field:ident) => {
        stringify!($field)
    };
}
pub(crate) use column_name;
