use async_trait::async_trait;
use rollcall_model::{
    AccountId, Connection, ConnectionId, ConnectionSecrets, ConnectionSettings, Secret, Text, Timestamp,
};

use crate::Result;

/// Maximum number of connections of an account.
pub const MAX_CONNECTIONS: usize = 50;

/// The row id of a list.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ListId(pub i64);

/// A list to collect: a request, and the pages that follow from it. A response that is not a list counts as one page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewList {
    /// Path and query, encoded. It identifies the list in its connection.
    pub target: Text,
    /// The operation's id.
    pub operation: Text,
    /// The lane that its calls wait in: the rate label.
    pub lane: Text,
    /// Lists of a lower step come first.
    pub step: u8,
    /// What it is about: the UUID or id of an instance.
    pub about: Option<Text>,
    /// The time that its data is from. Later data come first.
    pub at: Option<Timestamp>,
    /// When the vendor drops the data.
    pub expires_at: Option<Timestamp>,
    /// When the data stop changing. `None` if they never do.
    pub final_at: Option<Timestamp>,
    /// Changes if the list is to be read again although nothing else says so.
    pub version: i64,
    /// How many entries it has, as the response says that it was found in.
    pub expected: Option<u64>,
    /// How many calls it takes, as far as one can tell.
    pub estimate: u32,
}

/// A list that waits to be collected.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WaitingList {
    /// Its row id.
    pub id: ListId,
    /// The list.
    pub list: NewList,
    /// Where it continues: the vendor's token. `None` at its beginning.
    pub next: Option<Text>,
    /// Pages that were read since its beginning.
    pub pages: u32,
    /// Entries of these pages.
    pub entries: u64,
    /// Hashes of its pages when they were last read, by number of the page.
    pub hashes: Vec<u64>,
    /// How often it failed since it last went on.
    pub failures: u32,
}

/// Which lists to return of those that wait.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct WaitingQuery<'q> {
    /// Of this lane.
    pub lane: &'q str,
    /// That wait at this time.
    pub now: Timestamp,
    /// Those that expire before this come first.
    pub expiring_before: Timestamp,
    /// Without these, which are being read.
    pub without: &'q [ListId],
}

impl<'q> WaitingQuery<'q> {
    /// Returns a query for the lists of a lane that wait at `now`, of which none expires soon.
    #[must_use]
    pub const fn of(lane: &'q str, now: Timestamp) -> Self {
        Self { lane, now, expiring_before: now, without: &[] }
    }
}

/// A page of a list that was read and written.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct PageDone {
    /// Where the list continues; `None` if it is complete.
    pub next: Option<Text>,
    /// The hash of the page.
    pub hash: u64,
    /// Entries that it has.
    pub entries: u64,
    /// Lists that follow from it.
    pub follow: Vec<NewList>,
    /// Paths of values that Rollcall does not know, with the number of entries that have them.
    pub unknown: Vec<(Text, u64)>,
}

/// Something that is missing, and why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Gap {
    /// The request, or the template of a path if every request of the operation is refused.
    pub request: Text,
    /// The kind of reason: `scope`, `plan`, `not found`, `too old`, `region`, `request`, `failing`, `content`.
    pub reason: Text,
    /// What the vendor said, or what is wrong with its response.
    pub detail: Text,
    /// What would fill the gap.
    pub remedy: Text,
    /// When it was first found.
    pub first_at: Timestamp,
    /// When it was last found.
    pub last_at: Timestamp,
    /// How often it was found.
    pub times: u64,
    /// Lists that wait for the same reason, in addition to this one.
    pub waiting: u64,
}

/// Two sources that do not agree on an instance.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Difference {
    /// The instance's UUID or id.
    pub about: Text,
    /// What they do not agree on, such as `end_time`.
    pub field: Text,
    /// The sources, each with its value.
    pub sources: [(Text, Text); 2],
    /// When it was last seen.
    pub seen_at: Timestamp,
}

/// A value in responses that Rollcall does not know.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnknownValue {
    /// The operation's id.
    pub operation: Text,
    /// The path in its responses, without indices.
    pub path: Text,
    /// Entries that have it.
    pub entries: u64,
    /// When it was first seen.
    pub first_at: Timestamp,
    /// When it was last seen.
    pub last_at: Timestamp,
}

/// How far a connection's lists are.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct LaneProgress {
    /// The lane.
    pub lane: Text,
    /// Lists that wait.
    pub waiting: u64,
    /// Calls that they take, as far as one can tell.
    pub waiting_calls: u64,
    /// Lists that are complete.
    pub done: u64,
    /// Lists that were refused.
    pub refused: u64,
    /// Entries of lists.
    pub entries: u64,
}

/// A request for turns of a vendor's account: at most `want`, `spacing_micros` apart, none before `now_micros`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TurnRequest {
    /// The lane.
    pub lane: Text,
    /// The pause between turns, in microseconds.
    pub spacing_micros: i64,
    /// The day's pool by name, with its limit and the number of the day.
    pub pool: Option<(Text, u32, i64)>,
    /// The time, in microseconds since 1970.
    pub now_micros: i64,
    /// How many are wanted.
    pub want: u32,
}

/// What a run does with lists that it does not read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Unread {
    /// They wait until then.
    Later(Timestamp),
    /// They are read from their beginning again.
    Restart,
    /// They are refused until a later run asks again.
    Refused,
}

/// Connections to vendors, and how far their data has been collected.
///
/// A run holds the connection's lease. Its lists, with a cursor each, are all that it knows: a run that was interrupted
/// anywhere is continued by any other.
#[async_trait]
pub trait CollectStore {
    /// Returns the account's connections, oldest first.
    async fn connections(&self, account: AccountId) -> Result<Vec<Connection>>;

    /// Returns a connection of the account.
    async fn connection(&self, account: AccountId, id: ConnectionId) -> Result<Option<Connection>>;

    /// Returns every connection that is due: those that somebody asked for, and those whose time has come. A connection
    /// that runs, or whose secrets are not stored, is not due.
    async fn due_connections(&self, now: Timestamp) -> Result<Vec<Connection>>;

    /// Stores a connection. [`crate::StoreError::Conflict`] if the name is taken, [`crate::StoreError::LimitReached`] if
    /// the account has [`MAX_CONNECTIONS`].
    async fn create_connection(
        &self,
        account: AccountId,
        settings: &ConnectionSettings,
        secrets: Option<&ConnectionSecrets>,
        now: Timestamp,
    ) -> Result<ConnectionId>;

    /// Changes a connection, and its secrets unless they are `None`. Its vendor stays. It is due at once if the server
    /// runs it. Returns whether it exists. [`crate::StoreError::Conflict`] if the name is taken.
    async fn change_connection(
        &self,
        account: AccountId,
        id: ConnectionId,
        settings: &ConnectionSettings,
        secrets: Option<&ConnectionSecrets>,
        now: Timestamp,
    ) -> Result<bool>;

    /// Keeps the refresh token that the secrets `former` were exchanged for. Returns whether it is kept: not if these are
    /// not the stored secrets any more, or never were.
    async fn keep_refresh_token(
        &self,
        account: AccountId,
        id: ConnectionId,
        former: &ConnectionSecrets,
        refresh_token: &Secret,
    ) -> Result<bool>;

    /// Makes a connection due, also one that has no schedule. If it runs, it runs again after that. Returns whether it exists.
    async fn run_soon(&self, account: AccountId, id: ConnectionId, now: Timestamp) -> Result<bool>;

    /// Deletes a connection and what is known of its lists. Collected data stay. Returns whether it existed.
    async fn delete_connection(&self, account: AccountId, id: ConnectionId) -> Result<bool>;

    /// Returns a connection's secrets.
    async fn connection_secrets(&self, account: AccountId, id: ConnectionId) -> Result<Option<ConnectionSecrets>>;

    /// Takes the lease of a connection for `owner` until then, or extends it. Returns when the run began: before `now` if
    /// it continues one that was not complete. `None` if another owner has the lease.
    async fn lease_connection(
        &self,
        id: ConnectionId,
        owner: &str,
        now: Timestamp,
        until: Timestamp,
    ) -> Result<Option<Timestamp>>;

    /// Ends every lease, of owners that are known to have ended.
    async fn end_leases(&self) -> Result<()>;

    /// Returns the lease, and records the end of a run: when, why it stopped early if it is not complete, and when the
    /// server runs it next. Only what was asked for before it began is done.
    async fn end_run(
        &self,
        id: ConnectionId,
        owner: &str,
        ended: (Timestamp, Option<&str>),
        next_run_at: Option<Timestamp>,
    ) -> Result<()>;

    /// Plans lists. One that exists is read again if it is complete or refused, and its version is new or its data have
    /// become final since. Returns how many of them wait now that did not before.
    async fn plan_lists(
        &self,
        account: AccountId,
        connection: ConnectionId,
        lists: &[NewList],
        now: Timestamp,
    ) -> Result<u64>;

    /// Returns at most `limit` lists of the lowest step that has any: those that expire soon first, soonest first, then the
    /// latest.
    async fn waiting_lists(
        &self,
        connection: ConnectionId,
        query: WaitingQuery<'_>,
        limit: usize,
    ) -> Result<Vec<WaitingList>>;

    /// Records a page of a list and plans what follows from it, in one transaction. The list's gap is filled.
    async fn page_done(
        &self,
        account: AccountId,
        connection: ConnectionId,
        list: ListId,
        page: &PageDone,
        now: Timestamp,
    ) -> Result<()>;

    /// Records that a list was not read.
    async fn list_unread(&self, list: ListId, unread: &Unread, now: Timestamp) -> Result<()>;

    /// Lets lists wait again that were refused before `read_before`. Returns how many.
    async fn retry_refused(&self, connection: ConnectionId, read_before: Timestamp) -> Result<u64>;

    /// Refuses every waiting list of an operation. Returns how many there were.
    async fn refuse_operation(&self, connection: ConnectionId, operation: &str, now: Timestamp) -> Result<u64>;

    /// Records a gap. One that is known counts again.
    async fn put_gap(&self, account: AccountId, connection: ConnectionId, gap: &Gap) -> Result<()>;

    /// Fills a gap.
    async fn fill_gap(&self, connection: ConnectionId, request: &str) -> Result<bool>;

    /// Returns the number of gaps of each of the account's connections that has any.
    async fn gap_counts(&self, account: AccountId) -> Result<Vec<(ConnectionId, u64)>>;

    /// Returns the account's gaps after the row `after`, oldest first, each with its row and connection.
    async fn gaps(&self, account: AccountId, after: i64, limit: usize) -> Result<Vec<(i64, ConnectionId, Gap)>>;

    /// Records what two sources say about a field of an instance: a row if they differ, none if they agree.
    async fn put_comparison(
        &self,
        account: AccountId,
        connection: ConnectionId,
        comparison: &Difference,
        agree: bool,
    ) -> Result<()>;

    /// Returns the account's differences after the row `after`, oldest first.
    async fn differences(
        &self,
        account: AccountId,
        after: i64,
        limit: usize,
    ) -> Result<Vec<(i64, ConnectionId, Difference)>>;

    /// Returns the account's values of responses that Rollcall does not know after the row `after`, oldest first.
    async fn unknown_values(
        &self,
        account: AccountId,
        after: i64,
        limit: usize,
    ) -> Result<Vec<(i64, ConnectionId, UnknownValue)>>;

    /// Returns how far a connection is, by lane.
    async fn collect_progress(&self, connection: ConnectionId) -> Result<Vec<LaneProgress>>;

    /// Returns how many calls each pool of the vendor's account has used on a day.
    async fn pool_use(&self, account: AccountId, vendor_account: &str, day: i64) -> Result<Vec<(Text, u64)>>;

    /// Reserves turns for a vendor's account. Returns when the first is, in microseconds since 1970, and how many there
    /// are.
    async fn reserve_turns(
        &self,
        account: AccountId,
        vendor_account: &str,
        request: &TurnRequest,
    ) -> Result<(i64, u32)>;
}
