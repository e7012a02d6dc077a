//! Commands that a running server carries out.
//!
//! One process at a time may open the minutes and the sealer's files. A command that needs them beside a running server
//! asks that server: it listens on a Unix socket in the data folder, which only the folder's owner may open. A client sends
//! one [`Request`] as a line of JSON and receives [`Message`]s, one a line, of which the last is [`Message::Done`] or
//! [`Message::Failed`]. If the client goes away, its request is cancelled.

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

use crate::work::Task;

pub(crate) use self::{
    client::{ask, ask_until, ask_with},
    server::{Control, Services},
    stream::Incoming,
};

/// The socket's name in the data folder.
const SOCKET: &str = "control.sock";
/// The address of a Unix socket has 108 bytes, its end included.
const LONGEST_ADDRESS: usize = 100;
/// No line is longer.
const MAX_LINE_BYTES: u64 = 1 << 20;

/// What a server is asked for.
#[derive(Debug, Serialize, Deserialize)]
#[serde(tag = "command", rename_all = "snake_case")]
pub(crate) enum Request {
    /// Makes a backup.
    Backup(BackupRequest),
    /// Imports a file, whose bytes follow the request.
    Import(ImportRequest),
    /// Runs a query. The answer comes as progress, piece by piece, each as text in base64.
    Sql(SqlRequest),
    /// Does what needs the minutes or the archive's sealer.
    Work(Task),
}

/// A query to be run.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct SqlRequest {
    /// The account's row.
    pub(crate) account: i64,
    pub(crate) query: String,
    /// The values of its `?`.
    pub(crate) values: Vec<String>,
    pub(crate) format: SqlFormat,
    pub(crate) seconds: u32,
}

/// How an answer is printed.
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

/// A file to be imported.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct ImportRequest {
    /// The account by name or id; the only one if `None`.
    pub(crate) account: Option<String>,
    /// The request that the file answers; a recording if `None`.
    pub(crate) request: Option<String>,
    /// The zone of times in reports that name none; UTC if `None`.
    #[serde(default)]
    pub(crate) time_zone: Option<String>,
}

/// A backup to be made.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct BackupRequest {
    /// An absolute folder, or a bucket.
    pub(crate) target: String,
    /// The client's `AWS_…` variables; they take precedence over the server's own.
    pub(crate) environment: BTreeMap<String, String>,
    /// How many backups stay in the target; all if `None`.
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

/// What a server answers.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Message {
    /// How far it is; what is in it depends on the request.
    Progress(serde_json::Value),
    /// It is done; what is in it depends on the request.
    Done(serde_json::Value),
    /// It failed; the message is for the client.
    Failed(String),
}

/// A path by which a file of `folder` can be named in a socket's address, and what has to stay open meanwhile: a long one
/// goes by the folder's descriptor.
fn address(folder: &Path, name: &str) -> io::Result<(PathBuf, Option<File>)> {
    let path = folder.join(name);
    if path.as_os_str().len() <= LONGEST_ADDRESS {
        return Ok((path, None));
    }
    let folder = File::open(folder)?;
    Ok((Path::new("/proc/self/fd").join(folder.as_raw_fd().to_string()).join(name), Some(folder)))
}
