//! Commands that a running server executes.
//!
//! Only one process at a time may open the minutes and the sealer's files. A command that needs them while a server
//! runs sends a request to that server, which listens on a Unix socket in the data folder that only the folder's owner
//! can open. A client sends one [`Request`] as a line of JSON and receives [`Message`]s, one per line, of which the
//! last is [`Message::Done`] or [`Message::Failed`]. If the client disconnects, its request is cancelled.

mod client;
mod server;
mod stream;

use std::{
    collections::BTreeMap,
    fs::File,
    io,
    os::fd::AsRawFd as _,
    path::{Path, PathBuf},
};

use serde::{Deserialize, Serialize};

use crate::{csv_options::CsvOptions, work::Task};

pub(crate) use self::{
    client::{ask, ask_until, ask_with},
    server::{Control, Services},
    stream::Incoming,
};

/// Name of the socket in the data folder.
const SOCKET: &str = "control.sock";
/// Size of a Unix socket address, including the terminator.
const LONGEST_ADDRESS: usize = 100;
/// Maximum length of a line.
const MAX_LINE_BYTES: u64 = 1 << 20;

/// A request to a server.
#[derive(Debug, Serialize, Deserialize)]
#[serde(tag = "command", rename_all = "snake_case")]
pub(crate) enum Request {
    /// Make a backup.
    Backup(BackupRequest),
    /// Import a file, whose bytes follow the request.
    Import(ImportRequest),
    /// Run a query. The response comes as progress, in pieces of base64 text.
    Sql(SqlRequest),
    /// Run a task that needs the minutes or the archive's sealer.
    Work(Task),
}

/// A query to run.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct SqlRequest {
    /// The account's row id.
    pub(crate) account: i64,
    pub(crate) query: String,
    /// Values of its `?`.
    pub(crate) values: Vec<String>,
    pub(crate) format: SqlFormat,
    pub(crate) seconds: u32,
}

/// Output format of a response.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum SqlFormat {
    Csv,
    RawCsv,
    Json,
    Ndjson,
}

impl From<SqlFormat> for rollcall_sql::Format {
    fn from(format: SqlFormat) -> Self {
        match format {
            SqlFormat::Csv => Self::Csv,
            SqlFormat::RawCsv => Self::RawCsv,
            SqlFormat::Json => Self::Json,
            SqlFormat::Ndjson => Self::Ndjson,
        }
    }
}

/// A file to import.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct ImportRequest {
    /// The account by name or id; the only one if `None`.
    pub(crate) account: Option<String>,
    /// The request that the file answers; a recording if `None`.
    pub(crate) request: Option<String>,
    /// What CSV reports do not contain.
    #[serde(flatten)]
    pub(crate) csv: CsvOptions,
}

/// A backup to make.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct BackupRequest {
    /// An absolute folder, or a bucket.
    pub(crate) target: String,
    /// The client's `AWS_…` variables; they take precedence over the server's own.
    pub(crate) environment: BTreeMap<String, String>,
    /// Number of backups to keep in the target; all if `None`.
    pub(crate) keep: Option<usize>,
    pub(crate) verify: bool,
    pub(crate) allow_missing: bool,
}

impl std::fmt::Debug for BackupRequest {
    /// Without the environment, which holds credentials.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("BackupRequest").field("target", &self.target).finish_non_exhaustive()
    }
}

/// A response of the server.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Message {
    /// Progress; its content depends on the request.
    Progress(serde_json::Value),
    /// Success; its content depends on the request.
    Done(serde_json::Value),
    /// Failure; the message is for the client.
    Failed(String),
}

/// Returns a path that can name a file of `folder` in a socket's address, and what has to stay open meanwhile: a long
/// path is replaced by the folder's descriptor.
fn address(folder: &Path, name: &str) -> io::Result<(PathBuf, Option<File>)> {
    let path = folder.join(name);
    if path.as_os_str().len() <= LONGEST_ADDRESS {
        return Ok((path, None));
    }
    let folder = File::open(folder)?;
    Ok((Path::new("/proc/self/fd").join(folder.as_raw_fd().to_string()).join(name), Some(folder)))
}
