use std::{
    fs, io,
    os::unix::fs::PermissionsExt as _,
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

use base64::{Engine as _, engine::general_purpose::STANDARD};
use rollcall_backup::{Progress, Report, Source};
use rollcall_model::AccountId;
use rollcall_sql::{Ask, Limits, Names, Question, Value};
use tokio::{
    io::{AsyncBufReadExt as _, AsyncReadExt as _, AsyncWriteExt as _, BufReader},
    net::{UnixListener, UnixStream},
    sync::{Mutex, mpsc},
};
use tokio_util::{sync::CancellationToken, task::TaskTracker};
use tracing::{info, warn};

use super::{ImportRequest, MAX_LINE_BYTES, Message, Request, SOCKET, SqlRequest, address, stream};
use crate::{
    commands::{backup, import},
    failure::Failure,
    work::{Reporter, Workshop},
};

/// Time for a client to send its request.
const PATIENCE: Duration = Duration::from_secs(10);
/// Pause after a failed accept.
const PAUSE: Duration = Duration::from_secs(1);

/// What a server process has open, for requests that need it.
pub(crate) struct Services {
    /// What to back up.
    pub(crate) source: Source,
    /// One backup at a time.
    pub(crate) backing_up: Mutex<()>,
    /// Runs queries.
    pub(crate) queries: Arc<dyn Ask>,
    /// Memory limit of a query, in bytes.
    pub(crate) query_memory: u64,
    /// The stores, and the tools that work on them.
    pub(crate) workshop: Workshop,
}

/// The server's end of the socket.
pub(crate) struct Control {
    listener: UnixListener,
    path: PathBuf,
}

impl Control {
    /// Listens in `folder`. The caller has the minutes of the folder open, so an existing socket is a leftover.
    pub(crate) fn bind(folder: &Path) -> io::Result<Self> {
        let path = folder.join(SOCKET);
        // Nobody else may connect before the mode is set, so the socket is created in a private folder.
        let private = tempfile::Builder::new().prefix("control-").tempdir_in(folder)?;
        let (reachable, _folder) = address(private.path(), SOCKET)?;
        let listener = UnixListener::bind(&reachable)?;
        let made = private.path().join(SOCKET);
        fs::set_permissions(&made, fs::Permissions::from_mode(0o600))?;
        fs::rename(&made, &path)?;
        Ok(Self { listener, path })
    }

    /// Executes requests until `stop` is cancelled.
    pub(crate) async fn run(self, services: Arc<Services>, stop: CancellationToken) {
        let clients = TaskTracker::new();
        loop {
            let stream = tokio::select! {
                () = stop.cancelled() => break,
                accepted = self.listener.accept() => match accepted {
                    Ok((stream, _)) => stream,
                    Err(error) => {
                        warn!(%error, "cannot accept on the control socket");
                        tokio::time::sleep(PAUSE).await;
                        continue;
                    }
                },
            };
            let (services, stop) = (Arc::clone(&services), stop.clone());
            clients.spawn(async move {
                if let Err(error) = serve(stream, &services, &stop).await {
                    info!(%error, "a client of the control socket disconnected");
                }
            });
        }
        clients.close();
        clients.wait().await;
        if let Err(error) = fs::remove_file(&self.path) {
            warn!(path = %self.path.display(), %error, "could not remove the control socket");
        }
    }
}

async fn serve(stream: UnixStream, services: &Services, stop: &CancellationToken) -> io::Result<()> {
    let (reader, mut writer) = stream.into_split();
    let mut reader = BufReader::new(reader);
    let mut line = String::new();
    let mut start = (&mut reader).take(MAX_LINE_BYTES);
    let read = start.read_line(&mut line);
    tokio::time::timeout(PATIENCE, read).await.map_err(|_| io::ErrorKind::TimedOut)??;
    let last = match serde_json::from_str::<Request>(&line) {
        Err(error) => Message::Failed(format!(
            "the server does not know this request: {error}. It may run another version: restart it"
        )),
        Ok(Request::Import(request)) => services.take_in(request, &mut reader, &mut writer, stop).await?,
        Ok(request) => {
            let (progress, mut told) = mpsc::channel(64);
            let work = services.carry_out(request, progress);
            tokio::pin!(work);
            let mut rest = [0; 64];
            let last = loop {
                tokio::select! {
                    done = &mut work => break match done {
                        Ok(value) => Message::Done(value),
                        Err(failure) => Message::Failed(failure.into_message()),
                    },
                    Some(value) = told.recv() => send(&mut writer, &Message::Progress(value)).await?,
                    // A client sends nothing more; it can only disconnect.
                    read = reader.read(&mut rest) => if read? == 0 {
                        return Err(io::ErrorKind::UnexpectedEof.into());
                    },
                    () = stop.cancelled() => break Message::Failed("the server is stopping".to_owned()),
                }
            };
            // Progress from before the end is sent before it.
            while let Ok(value) = told.try_recv() {
                send(&mut writer, &Message::Progress(value)).await?;
            }
            last
        }
    };
    send(&mut writer, &last).await
}

async fn send(writer: &mut (impl tokio::io::AsyncWrite + Unpin), message: &Message) -> io::Result<()> {
    let mut line = serde_json::to_vec(message)?;
    line.push(b'\n');
    writer.write_all(&line).await
}

impl Services {
    /// Imports what the client sends, and reports each problem to it.
    async fn take_in(
        &self,
        request: ImportRequest,
        reader: &mut (impl tokio::io::AsyncRead + Unpin),
        writer: &mut (impl tokio::io::AsyncWrite + Unpin),
        stop: &CancellationToken,
    ) -> io::Result<Message> {
        let (outlet, incoming) = stream::pipe();
        let (problems, mut told) = mpsc::unbounded_channel();
        let work = import::take_in(&self.workshop, request, incoming, problems);
        let receiving = stream::receive(reader, outlet);
        tokio::pin!(work, receiving);
        let mut has_all = false;
        loop {
            tokio::select! {
                biased;
                Some(problem) = told.recv() => send(writer, &Message::Progress(problem)).await?,
                done = &mut work => return Ok(match done {
                    Ok(outcome) => {
                        while let Ok(problem) = told.try_recv() {
                            send(writer, &Message::Progress(problem)).await?;
                        }
                        Message::Done(outcome)
                    }
                    Err(failure) => Message::Failed(failure.into_message()),
                }),
                received = &mut receiving, if !has_all => {
                    received?;
                    has_all = true;
                }
                () = stop.cancelled() => return Ok(Message::Failed("the server is stopping".to_owned())),
            }
        }
    }

    async fn carry_out(
        &self,
        request: Request,
        progress: mpsc::Sender<serde_json::Value>,
    ) -> Result<serde_json::Value, Failure> {
        match request {
            Request::Import(_) => Err(Failure::new("the file to import is missing")),
            Request::Backup(request) => {
                let Ok(_alone) = self.backing_up.try_lock() else {
                    return Err(Failure::new("another backup is in progress. Wait until it is complete"));
                };
                let target = request.target.clone();
                info!(target, "backup began");
                let report: Report = Arc::new(move |at: Progress| {
                    // A slow reader misses some.
                    if let Ok(value) = serde_json::to_value(at) {
                        let _ = progress.try_send(value);
                    }
                });
                let made = backup::make(&self.source, request, &report).await;
                match &made {
                    Ok(_) => info!(target, "backup complete"),
                    Err(failure) => warn!(target, error = %failure, "backup failed"),
                }
                Ok(serde_json::to_value(made?).map_err(io::Error::from)?)
            }
            Request::Sql(request) => self.query(request, progress).await,
            Request::Work(task) => {
                info!(?task, "control task started");
                let done = self.workshop.perform(task, &Reporter::new(progress)).await;
                match &done {
                    Ok(_) => info!("control task finished"),
                    Err(failure) => warn!(error = %failure, "control task failed"),
                }
                Ok(serde_json::to_value(done?).map_err(io::Error::from)?)
            }
        }
    }

    async fn query(
        &self,
        request: SqlRequest,
        progress: mpsc::Sender<serde_json::Value>,
    ) -> Result<serde_json::Value, Failure> {
        let SqlRequest { account, query, values, format, seconds } = request;
        let question = Question {
            account: AccountId(account),
            names: Names::Shown,
            sql: query,
            values: values.into_iter().map(Value::Text).collect(),
            format: format.into(),
            limits: Limits {
                time: Duration::from_secs(seconds.into()),
                rows: u64::MAX,
                bytes: u64::MAX,
                memory: self.query_memory,
            },
        };
        let mut answer = self.queries.ask(question).await?;
        while let Some(piece) = answer.next().await {
            // The client has disconnected: its request is cancelled.
            if progress.send(STANDARD.encode(piece?).into()).await.is_err() {
                break;
            }
        }
        Ok(serde_json::Value::Null)
    }
}
