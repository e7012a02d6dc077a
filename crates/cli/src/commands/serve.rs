use std::{
    hash::{DefaultHasher, Hash as _, Hasher as _},
    io,
    net::SocketAddr,
    sync::Arc,
    time::Duration,
};

use clap::Args;
use rollcall_backup::Source;
use rollcall_http::{App, PrintAhead, Settings, SystemEntropy, Tls, serve, serve_health};
use rollcall_model::{Clock as _, SystemClock};
use rollcall_sql::Queries;
use rollcall_store::MinuteStore;
use tokio::{net::TcpListener, signal, sync::oneshot};
use tokio_util::{sync::CancellationToken, task::TaskTracker};
use tracing::{error, info, warn};

use super::{Common, print};
use crate::{
    control::{Control, Services},
    demo::Demo,
    failure::Failure,
    logging, process,
};

/// How many questions in SQL run at a time; more wait.
const QUERIES_AT_A_TIME: usize = 2;

/// How long the demo's ended meetings settle at most: short enough to see them sealed.
const DEMO_SETTLE: Duration = Duration::from_secs(60);

/// Runs the server until it is told to stop (Ctrl-C or SIGTERM); running requests may end.
#[derive(Debug, Args)]
pub(crate) struct Serve {
    /// Where to listen; `server.listen` of the settings where it is not named. Port 0 takes a free one
    #[arg(long, value_name = "ADDR")]
    listen: Option<SocketAddr>,
    /// Adds a simulated account whose live meetings move
    #[arg(long)]
    demo: bool,
}

impl Serve {
    pub(super) async fn run(self, common: &Common) -> Result<(), Failure> {
        let config = common.config()?;
        logging::start(&config.log)?;
        process::warn_if_root();
        let address = self.listen.unwrap_or(config.server.listen);
        config.check_listener(address)?;
        let retention = config.retention_settings()?;
        let tls = config.tls_files().map(|(cert, key)| Tls::load(cert, key)).transpose();
        let tls = tls.map_err(|error| Failure::new(error.to_string()))?;
        let data = common.data_dir(&config)?;
        let tiers = data.tiers_to_seal(&config).await?;
        let store = tiers.store.clone();
        let entropy = SystemEntropy;
        let page_token_key = data.page_token_key(&entropy)?;
        let queries = {
            let minutes: Arc<dyn MinuteStore> = tiers.minutes.clone();
            Queries::new(&data.database(), Arc::new(move || Ok(Arc::clone(&minutes))), QUERIES_AT_A_TIME)
                .judged_by(config.profile())
        };
        let app = App::new(
            store.clone(),
            tiers.minutes.clone(),
            Some(queries),
            Arc::new(SystemClock),
            Arc::new(entropy),
            {
                let settings = config.http_settings();
                Settings { max_connections: process::connections_that_fit(settings.max_connections), ..settings }
            },
            page_token_key,
        );

        // Before anybody reads. Should it fail, what is left is mended when the vendor delivers again.
        match app.ingest.finish_moves().await {
            Ok(0) => {}
            Ok(moves) => info!(moves, "minutes were brought to where they belong, after the last run was cut short"),
            Err(error) => warn!(%error, "minutes that the last run was about to move stay where they are for now"),
        }

        let listener = TcpListener::bind(address).await.map_err(|error| cannot_listen(address, &error))?;
        let health_listener = match config.health_listen()? {
            Some(address) => Some(TcpListener::bind(address).await.map_err(|error| cannot_listen(address, &error))?),
            None => None,
        };
        let url = format!("{}://{}", if tls.is_some() { "https" } else { "http" }, listener.local_addr()?);

        let stop = CancellationToken::new();
        let tasks = TaskTracker::new();
        // From here on a signal ends the server in good order, also while the demo is being made.
        tasks.spawn(stop_on_signal(Signals::catch()?, stop.clone()));
        let mut seal_settings = config.seal_settings();
        if self.demo {
            seal_settings.settle = seal_settings.settle.min(DEMO_SETTLE);
            let ingest = Arc::clone(&app.ingest);
            let unfinished = data.demo_unfinished();
            let demo = tokio::select! {
                demo = Demo::prepare(store.as_ref(), ingest, &unfinished) => demo?,
                () = stop.cancelled() => return Ok(()),
            };
            let token = demo.token(store.as_ref()).await?;
            app.offer_demo(demo.account.id);
            announce(&url, Some(token.secret.expose()));
            tasks.spawn(demo.run(stop.clone()));
        } else {
            announce(&url, None);
        }

        match config.print_ahead(seal_settings.settle) {
            Some(settings) => {
                let sheets = data.sheets_path();
                let ahead = PrintAhead::new(&app, &sheets, this_program(), settings)
                    .map_err(|error| Failure::context(sheets.display(), &error))?;
                tasks.spawn(ahead.run(stop.clone()));
            }
            None => {
                if let Err(error) = data.delete_sheets() {
                    warn!(%error, "what was printed ahead before could not be deleted");
                }
            }
        }
        let sealer = tiers.sealer(seal_settings);
        app.observe_sealing(sealer.counters());
        let sweeps = sealer.holds();
        tasks.spawn(apart("sealer", sealer.run(stop.clone()))?);
        let source = Source {
            folder: data.path().to_owned(),
            store: tiers.store.clone(),
            live: tiers.live.clone(),
            archive: tiers.archive.clone(),
            ingest: Some(Arc::clone(&app.ingest)),
            sweeps: Some(sweeps),
            clock: Arc::new(SystemClock),
        };
        match Control::bind(data.path()) {
            Ok(control) => {
                let services = Services { source, backing_up: tokio::sync::Mutex::default() };
                tasks.spawn(control.run(Arc::new(services), stop.clone()));
            }
            Err(error) => warn!(%error, "no control socket: backups have to wait until this server is stopped"),
        }
        let forgetter = tiers.forgetter_beside(Arc::clone(&app.ingest), retention).woken_by(Arc::clone(&app.erasing));
        app.observe_forgetting(forgetter.forgotten(), forgetter.waits());
        let recovery = tiers.live.recovery()?;
        app.minutes_opened(recovery.torn_journals, recovery.lost_minutes);
        tasks.spawn(forgetter.run(stop.clone()));
        if let Some(listener) = health_listener {
            info!(address = %listener.local_addr()?, "serving health and metrics");
            let serving = serve_health(Arc::clone(&app), listener, stop.clone());
            tasks.spawn(async move {
                if let Err(error) = serving.await {
                    error!(%error, "the listener for health and metrics failed");
                }
            });
        }
        serve(app, listener, tls, stop.clone()).await?;
        stop.cancel();
        tasks.close();
        tasks.wait().await;
        info!("stopped");
        Ok(())
    }
}

/// Runs background work that goes through much memory on threads of its own, and ends when it does.
///
/// Spread over all threads that may wait, each of them would keep what such work has needed at most.
fn apart(
    name: &str,
    work: impl Future<Output = ()> + Send + 'static,
) -> io::Result<impl Future<Output = ()> + Send + 'static> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().max_blocking_threads(1).build()?;
    let (working, ended) = oneshot::channel::<()>();
    std::thread::Builder::new().name(name.to_owned()).spawn(move || {
        runtime.block_on(work);
        // Waits for what it had begun on the other thread.
        drop(runtime);
        drop(working);
    })?;
    Ok(async {
        // Nothing is sent: it ends with the thread, also where that panicked.
        let _ = ended.await;
    })
}

/// A number that is another where another program runs, as far as the file tells that it is one.
fn this_program() -> u64 {
    let mut hasher = DefaultHasher::new();
    let file = std::env::current_exe().and_then(std::fs::metadata);
    (env!("CARGO_PKG_VERSION"), file.map(|file| (file.len(), file.modified().ok())).ok()).hash(&mut hasher);
    hasher.finish()
}

fn cannot_listen(address: SocketAddr, error: &io::Error) -> Failure {
    let hint = match error.kind() {
        io::ErrorKind::AddrInUse => ": another server runs there; name another address with --listen",
        _ => "",
    };
    Failure::new(format!("cannot listen on {address}: {error}{hint}"))
}

/// Tells where the server is, and how to ask it for something. It runs all the same where nobody reads that.
fn announce(url: &str, token: Option<&str>) {
    let _ = print(format_args!("listening on {url}"));
    let _ = print(format_args!("reference: {url}/reference"));
    if let Some(token) = token {
        let today = today();
        let _ = print(format_args!("token: {token}"));
        let _ = print(format_args!(
            "try: curl -H 'Authorization: Bearer {token}' '{url}/v2/metrics/meetings?type=live&from={today}&to={today}'"
        ));
    }
}

/// Today in UTC, as a window's `from` and `to` take it.
fn today() -> String {
    let now = SystemClock.now().to_string();
    now.chars().take_while(|c| *c != 'T').collect()
}

/// Cancels `stop` at the first signal; a second one ends the process at once.
async fn stop_on_signal(mut signals: Signals, stop: CancellationToken) {
    tokio::select! {
        () = stop.cancelled() => return,
        () = signals.next() => {}
    }
    info!("stopping: running requests may end; a second signal ends them");
    stop.cancel();
    tokio::spawn(async move {
        signals.next().await;
        std::process::exit(1);
    });
}

/// Ctrl-C and, on Unix, SIGTERM.
struct Signals {
    #[cfg(unix)]
    interrupt: signal::unix::Signal,
    #[cfg(unix)]
    terminate: signal::unix::Signal,
}

impl Signals {
    /// Takes them from now on, so that they no longer end the process.
    fn catch() -> io::Result<Self> {
        #[cfg(unix)]
        {
            use signal::unix::{SignalKind, signal};
            Ok(Self { interrupt: signal(SignalKind::interrupt())?, terminate: signal(SignalKind::terminate())? })
        }
        #[cfg(not(unix))]
        Ok(Self {})
    }

    /// Waits for the next one.
    async fn next(&mut self) {
        #[cfg(unix)]
        tokio::select! {
            _ = self.interrupt.recv() => {}
            _ = self.terminate.recv() => {}
        }
        #[cfg(not(unix))]
        if signal::ctrl_c().await.is_err() {
            std::future::pending().await
        }
    }
}
