//! Queries that run in this process.

use std::{
    io,
    ops::Range,
    path::{Path, PathBuf},
    sync::{
        Arc, OnceLock,
        atomic::{AtomicBool, Ordering},
    },
};

use async_trait::async_trait;
use bytes::Bytes;
use rollcall_model::{AccountId, InstanceId};
use rollcall_quality::Profile;
use rollcall_store::{MinuteRow, MinuteStore};
use rusqlite::types::Value;
use tokio::{
    runtime::Handle,
    sync::{Semaphore, mpsc},
};

use crate::{
    Answer, Ask, Limits, Names, OpenMinutes, Printer, Question, Rows, SqlError,
    answer::{PIECE_BYTES, Piece},
    engine::{Engine, Heap, Run},
    internal,
    source::{ReadMinutes, Wanted},
};

/// Connections kept between queries, for each concurrent query: of the accounts that queried last, and of the virtual
/// tables.
const KEPT_FOR_EACH: usize = 2;

/// Runs queries in this process: for commands that end with their query, and for tests.
///
/// A query that exceeds its time is abandoned, but its thread continues until SQLite has finished the current function,
/// which may take minutes. A server therefore runs queries in [`crate::Workers`].
#[derive(Clone)]
pub struct Queries {
    path: PathBuf,
    profile: Profile,
    heap: Heap,
    kept: usize,
    open: Arc<OpenMinutes>,
    /// Created by the first query.
    engine: Arc<OnceLock<(Engine, Arc<dyn ReadMinutes>)>>,
    /// Held by each running query.
    running: Arc<Semaphore>,
}

impl Queries {
    /// Runs queries of the database at `path` and of `minutes`, at most `at_a_time` concurrently; others wait.
    #[must_use]
    pub fn new(path: &Path, minutes: Arc<OpenMinutes>, at_a_time: usize) -> Self {
        Self {
            path: path.to_owned(),
            profile: Profile::default(),
            heap: Heap::Shared,
            kept: at_a_time.saturating_mul(KEPT_FOR_EACH),
            open: minutes,
            engine: Arc::default(),
            running: Arc::new(Semaphore::new(at_a_time)),
        }
    }

    /// Sets the limits of `profile`. Call it before any query.
    #[must_use]
    pub fn judged_by(self, profile: Profile) -> Self {
        Self { profile, ..self }
    }

    /// For a process that runs one query and then ends: SQLite limits the memory itself. Call it before any query.
    #[must_use]
    pub fn alone(self) -> Self {
        Self { heap: Heap::Own, ..self }
    }

    /// Runs `sql` over the tables of `account` with all their values, with `parameters` for its `?`, and returns `rows`
    /// with the results. Dropping the future stops the query.
    ///
    /// # Errors
    /// [`SqlError`], after as many rows as had been read.
    pub async fn run<R: Rows + 'static>(
        &self,
        account: AccountId,
        sql: String,
        parameters: Vec<Value>,
        limits: Limits,
        rows: R,
    ) -> Result<R, SqlError> {
        self.run_for(account, Names::Shown, sql, parameters, limits, rows).await
    }

    /// Does the same for a caller from whom names may be hidden.
    ///
    /// # Errors
    /// Those of [`Self::run`].
    pub async fn run_for<R: Rows + 'static>(
        &self,
        account: AccountId,
        names: Names,
        sql: String,
        parameters: Vec<Value>,
        limits: Limits,
        rows: R,
    ) -> Result<R, SqlError> {
        let permit = Arc::clone(&self.running).acquire_owned().await.map_err(internal)?;
        let stopped = Arc::new(AtomicBool::new(false));
        let stop = StopOnDrop(Arc::clone(&stopped));
        let (queries, runtime) = (self.clone(), Handle::current());
        let query = tokio::task::spawn_blocking(move || {
            let _permit = permit;
            let (engine, minutes) = queries.engine.get_or_init(|| {
                let minutes = Stored { open: Arc::clone(&queries.open), opened: OnceLock::new(), runtime };
                (Engine::new(&queries.path, queries.profile, queries.heap, queries.kept), Arc::new(minutes))
            });
            engine.run(minutes, Run { account, names, sql: &sql, parameters: &parameters, limits }, rows, stopped)
        });
        let answer = tokio::time::timeout(limits.time, query).await;
        drop(stop);
        match answer {
            Ok(answer) => answer.map_err(internal)?,
            Err(_) => Err(SqlError::TooLong(limits.time)),
        }
    }
}

#[async_trait]
impl Ask for Queries {
    async fn ask(&self, question: Question) -> Result<Answer, SqlError> {
        let (pieces, answer) = Answer::channel();
        let queries = self.clone();
        tokio::spawn(async move {
            let Question { account, names, sql, values, format, limits } = question;
            let printer = Printer::new(format, Pieces { sender: pieces.clone(), printed: Vec::new() });
            let query = queries.run_for(account, names, sql, values, limits, printer);
            let printed = tokio::select! {
                printed = query => printed,
                () = pieces.closed() => return,
            };
            // The last piece is sent on a thread that may wait for the reader.
            let ended = match printed {
                Ok(printer) => tokio::task::spawn_blocking(|| printer.finish()).await.map_err(internal),
                Err(error) => Err(error),
            };
            let last = match ended {
                Ok(Ok(_)) => Piece::End,
                Ok(Err(error)) => Piece::Failed(internal(error)),
                Err(error) => Piece::Failed(error),
            };
            let _ = pieces.send(last).await;
        });
        Ok(answer)
    }
}

/// Sends what is printed, and waits for the reader.
struct Pieces {
    sender: mpsc::Sender<Piece>,
    printed: Vec<u8>,
}

impl io::Write for Pieces {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.printed.extend_from_slice(bytes);
        if self.printed.len() >= PIECE_BYTES {
            self.flush()?;
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        if self.printed.is_empty() {
            return Ok(());
        }
        let piece = Piece::Printed(Bytes::from(std::mem::take(&mut self.printed)));
        self.sender.blocking_send(piece).map_err(|_| io::ErrorKind::BrokenPipe.into())
    }
}

/// Stops a query that nobody waits for.
struct StopOnDrop(Arc<AtomicBool>);

impl Drop for StopOnDrop {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

/// The minute store of this process, opened by the first query that needs minutes.
struct Stored {
    open: Arc<OpenMinutes>,
    opened: OnceLock<Result<Arc<dyn MinuteStore>, String>>,
    runtime: Handle,
}

impl Stored {
    fn store(&self) -> Result<&Arc<dyn MinuteStore>, SqlError> {
        let store = self.opened.get_or_init(|| (self.open)()).as_ref();
        store.map_err(|reason| SqlError::Unavailable(reason.clone()))
    }
}

impl ReadMinutes for Stored {
    fn read(&self, wanted: &Wanted<'_>) -> Result<Vec<MinuteRow>, SqlError> {
        let Wanted { account, instance, participants, after, limit, fields } = wanted;
        let read = self.store()?.read_fields(*account, *instance, participants, *after, *limit, fields);
        self.runtime.block_on(read).map_err(internal)
    }

    fn hot_instances(&self, account: AccountId) -> Result<Option<Vec<InstanceId>>, SqlError> {
        let Some(files) = self.store()?.sealed_files() else { return Ok(None) };
        self.runtime.block_on(files.hot_instances(account)).map(Some).map_err(internal)
    }

    fn file_end(&self, account: AccountId, path: &str, bytes: u64) -> Result<Option<(Bytes, u64)>, SqlError> {
        let Some(files) = self.store()?.sealed_files() else { return Ok(None) };
        self.runtime.block_on(files.file_end(account, path, bytes)).map_err(internal)
    }

    fn file_ranges(
        &self,
        account: AccountId,
        path: &str,
        ranges: &[Range<u64>],
    ) -> Result<Option<Vec<Bytes>>, SqlError> {
        let Some(files) = self.store()?.sealed_files() else { return Ok(None) };
        self.runtime.block_on(files.file_ranges(account, path, ranges)).map_err(internal)
    }
}
