use std::{
    hash::{DefaultHasher, Hash as _, Hasher as _},
    io,
    net::SocketAddr,
    path::Path,
    sync::{Arc, OnceLock},
    time::{Duration, Instant},
};

use clap::Args;
use rollcall_backup::Source;
use rollcall_collector::{CollectJob, Collector};
use rollcall_http::{
    App, AppState, Lifecycle, PrintAhead, PrintAheadSettings, Settings, Tls, WebhookSender, serve, serve_health,
};
use rollcall_lifecycle::{Job, Jobs, retention::AccountDeletion};
use rollcall_mail::{MailJob, MailSettings, Rights, Smtp};
use rollcall_model::{Clock as _, SystemClock, SystemEntropy};
use rollcall_sql::{Ask, WorkerSettings, Workers};
use rollcall_store::InstanceStore as _;
use tokio::{net::TcpListener, signal, sync::oneshot};
use tokio_util::{sync::CancellationToken, task::TaskTracker};
use tracing::{error, info, warn};

use super::sql_worker::SqlWorker;
use crate::common::Common;
use crate::terminal::print;
use crate::{
    config::Config,
    control::{Control, Services},
    data::DataDir,
    demo::Demo,
    failure::Failure,
    first_start,
    health::Watch,
    process,
    work::Workshop,
};

/// Time for background work to finish after the last request.
const LEAST_NOTICE: Duration = Duration::from_secs(1);
/// How long after the drain timeout a process that still runs is killed.
const OVERTIME: Duration = Duration::from_secs(3);

/// Interval of checks whether the page-token key file has changed.
const KEY_POLL: Duration = Duration::from_secs(2);

/// Maximum settle time of the demo's ended meetings, short enough to see them sealed.
const DEMO_SETTLE: Duration = Duration::from_secs(60);

/// Run the server until Ctrl-C or SIGTERM; running requests may finish
#[derive(Debug, Args)]
pub(crate) struct Serve {
    /// Address to listen on; port 0 picks a free port [default: `server.listen` of the config file]
    #[arg(long, value_name = "ADDR")]
    listen: Option<SocketAddr>,
    /// Add a simulated account with live meetings
    #[arg(long)]
    demo: bool,
}

impl Serve {
    pub(super) async fn run(self, common: &Common) -> Result<(), Failure> {
        let config = common.config()?;
        common.start_logging(&config)?;
        process::warn_if_root();
        let address = self.listen.unwrap_or(config.server.listen);
        config.check_listener(address)?;
        let retention = config.retention_settings()?;
        let tls = config.tls_files().map(|(cert, key)| Tls::load(cert, key)).transpose();
        let tls = tls.map_err(|error| Failure::new(error.to_string()))?;
        let providers = config.providers()?;
        let mail = config.mail()?.map(Smtp::new).transpose().map_err(|error| Failure::new(error.to_string()))?;
        let data = common.data_dir(&config)?;
        let tiers = data.tiers_to_seal(&config).await?;
        let store = tiers.store.clone();
        let entropy = SystemEntropy;
        let page_token_key = data.page_token_key()?;
        let queries = Workers::new(workers(&config, &data.database())?, tiers.minutes.clone());
        let app = App::new(
            store.clone(),
            tiers.minutes.clone(),
            Some(Arc::new(queries.clone()) as Arc<dyn Ask>),
            Arc::new(SystemClock),
            Arc::new(entropy),
            {
                let settings = config.http_settings();
                let max_connections = process::connections_that_fit(settings.max_connections);
                Settings { max_connections, providers, ..settings }
            },
            page_token_key,
        );

        // Before anything is read. If it fails, the vendor's next delivery repairs the rest.
        match app.ingest.finish_moves().await {
            Ok(0) => {}
            Ok(moves) => info!(moves, "completed moves of minutes that the last run left unfinished"),
            Err(error) => warn!(%error, "could not complete the moves of minutes that the last run left unfinished"),
        }

        let listener = TcpListener::bind(address).await.map_err(|error| cannot_listen(address, &error))?;
        let health_listener = match config.health_listen()? {
            Some(address) => Some(TcpListener::bind(address).await.map_err(|error| cannot_listen(address, &error))?),
            None => None,
        };
        let url = format!("{}://{}", if tls.is_some() { "https" } else { "http" }, listener.local_addr()?);

        let base = app.settings.public_url.clone().unwrap_or_else(|| url.clone());

        let stop = CancellationToken::new();
        let tasks = TaskTracker::new();
        let drain_timeout = app.settings.drain_timeout;
        // From here on a signal shuts the server down in order, even while the demo is being created.
        let stopping = stop_on_signal(stop.clone(), drain_timeout)?;
        if let Err(error) = queries.warm_up() {
            warn!(%error, "could not start a process for queries; the first query retries");
        }
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
            first_start::print_links(store.as_ref(), &base, Some(demo.account.id)).await?;
            tasks.spawn(demo.run(stop.clone()));
        } else {
            announce(&url, None);
            first_start::print_links(store.as_ref(), &base, None).await?;
            if !store.has_instances().await? {
                show_ways_in();
            }
        }

        tasks.spawn(follow_page_token_key(data.clone(), Arc::clone(&app), stop.clone()));
        let ahead = print_ahead(&app, &data, config.print_ahead(seal_settings.settle))?;
        let sealer = tiers.sealer(seal_settings);
        let jobs = Jobs::default();
        let (sealing, sweeps, seal_tasks) = (sealer.counters(), sealer.holds(), sealer.tasks());
        tasks.spawn(apart("sealer", {
            let (jobs, stop) = (jobs.clone(), stop.clone());
            async move { jobs.run(Box::new(sealer), stop).await }
        })?);
        let source = Source {
            folder: data.path().to_owned(),
            store: tiers.store.clone(),
            live: tiers.live.clone(),
            archive: tiers.archive.clone(),
            ingest: Some(Arc::clone(&app.ingest)),
            sweeps: Some(sweeps),
            clock: Arc::new(SystemClock),
        };
        let retention = tiers.retention_beside(Arc::clone(&app.ingest), retention);
        let retention = Arc::new(retention.woken_by(Arc::clone(&app.erasing)));
        let collector =
            Collector::new(store.clone(), Arc::clone(&app.ingest), Arc::new(SystemClock), Arc::new(SystemEntropy))
                .private_addresses(app.settings.collect_to_private);
        // No other process has the folder open.
        collector.take_over().await?;
        app.observe_lifecycle(Lifecycle {
            jobs: jobs.clone(),
            sealing,
            retention: Arc::clone(&retention),
            collected: collector.counters(),
        });
        match Control::bind(data.path()) {
            Ok(control) => {
                let services = Services {
                    source,
                    backing_up: tokio::sync::Mutex::default(),
                    queries: Arc::new(queries.clone()),
                    query_memory: config.http_settings().sql_limits.memory,
                    workshop: Workshop {
                        data: data.clone(),
                        tiers: tiers.clone(),
                        ingest: Arc::clone(&app.ingest),
                        sealer: seal_tasks,
                        retention: Arc::clone(&retention),
                        collector: collector.clone(),
                        own_sealer: None,
                    },
                };
                tasks.spawn(control.run(Arc::new(services), stop.clone()));
            }
            Err(error) => warn!(%error, "no control socket: commands cannot use this server, and wait until it stops"),
        }
        let recovery = tiers.live.recovery()?;
        app.minutes_opened(recovery.torn_journals, recovery.lost_minutes);
        let deletion: Box<dyn Job> = Box::new(AccountDeletion(Arc::clone(&retention)));
        let sender: Box<dyn Job> =
            Box::new(WebhookSender::new(Arc::clone(&app)).map_err(|error| Failure::new(error.to_string()))?);
        let collect: Box<dyn Job> =
            Box::new(CollectJob::new(collector, store.clone(), Arc::new(SystemClock), stop.clone()));
        let mail = mail.map(|smtp| mail_job(&app, smtp, Arc::new(queries.clone()), &base));
        for job in [deletion, Box::new(retention), sender, collect].into_iter().chain(ahead).chain(mail) {
            let (jobs, stop) = (jobs.clone(), stop.clone());
            tasks.spawn(async move { jobs.run(job, stop).await });
        }
        if let Some(listener) = health_listener {
            info!(address = %listener.local_addr()?, "serving health and metrics");
            let serving = serve_health(Arc::clone(&app), listener, stop.clone());
            tasks.spawn(async move {
                if let Err(error) = serving.await {
                    error!(%error, "the listener for health and metrics failed");
                }
            });
        }
        let mut watch = Watch::new(&app, &data, store.clone(), tiers.live.clone(), tiers.archive.clone(), &config);
        watch.look_first().await;
        tasks.spawn(watch.run(stop.clone()));
        serve(app, listener, tls, stop.clone()).await?;
        stop.cancel();
        tasks.close();
        // Background work got the stop signal together with the requests.
        let left = drain_timeout.saturating_sub(stopping.elapsed()).max(LEAST_NOTICE);
        if tokio::time::timeout(left, tasks.wait()).await.is_err() {
            warn!("background work was interrupted; the next start continues it");
        }
        info!("stopped");
        Ok(())
    }
}

/// Returns the processes that run queries: this program.
fn workers(config: &Config, database: &Path) -> io::Result<WorkerSettings> {
    // The running file, even if another version has replaced it.
    let running = Path::new("/proc/self/exe");
    let program = if running.exists() { running.to_owned() } else { std::env::current_exe()? };
    let arguments = SqlWorker::arguments(database, config.profile(), config.http_settings().sql_limits.memory);
    Ok(WorkerSettings { program, arguments, count: config.sql_workers() })
}

/// Loads a new page-token key when its file changes, as `rollcall key rotate` does.
async fn follow_page_token_key(data: DataDir, app: AppState, stop: CancellationToken) {
    let changed_at = || std::fs::metadata(data.page_token_key_path()).and_then(|file| file.modified()).ok();
    let mut last = changed_at();
    loop {
        tokio::select! {
            () = stop.cancelled() => return,
            () = tokio::time::sleep(KEY_POLL) => {}
        }
        let now = changed_at();
        if now.is_none() || now == last {
            continue;
        }
        last = now;
        match data.page_token_key() {
            Ok(key) => {
                app.set_page_token_key(key);
                info!("loaded a new page-token key");
            }
            Err(error) => warn!(%error, "page-token key rejected; keeping the current one"),
        }
    }
}

/// Runs background work that allocates much memory on its own threads, which end with it.
///
/// On shared threads, each thread would keep the peak memory of such work.
fn apart(
    name: &str,
    work: impl Future<Output = ()> + Send + 'static,
) -> io::Result<impl Future<Output = ()> + Send + 'static> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().max_blocking_threads(1).build()?;
    let (working, ended) = oneshot::channel::<()>();
    std::thread::Builder::new().name(name.to_owned()).spawn(move || {
        runtime.block_on(work);
        // Waits for work that was started on the other thread.
        drop(runtime);
        drop(working);
    })?;
    Ok(async {
        // Nothing is sent: the channel closes with the thread, even if that panics.
        let _ = ended.await;
    })
}

/// Returns the job that sends subscriptions.
fn mail_job(app: &AppState, smtp: Smtp, queries: Arc<dyn Ask>, base: &str) -> Box<dyn Job> {
    Box::new(MailJob {
        store: Arc::clone(&app.store),
        queries,
        post: Arc::new(smtp),
        rights: Arc::clone(app) as Arc<dyn Rights>,
        clock: Arc::clone(&app.clock),
        entropy: Arc::clone(&app.entropy),
        wake: Arc::clone(&app.mailing),
        settings: MailSettings { base_url: base.trim_end_matches('/').to_owned(), limits: app.settings.sql_limits },
    })
}

/// Returns the job that prints ahead; `None` if printing ahead is off. Then earlier sheets are deleted.
fn print_ahead(
    app: &AppState,
    data: &DataDir,
    settings: Option<PrintAheadSettings>,
) -> Result<Option<Box<dyn Job>>, Failure> {
    let Some(settings) = settings else {
        if let Err(error) = data.delete_sheets() {
            warn!(%error, "could not delete what was printed ahead before");
        }
        return Ok(None);
    };
    let sheets = data.sheets_path();
    let ahead = PrintAhead::new(app, &sheets, this_program(), settings)
        .map_err(|error| Failure::context(sheets.display(), &error))?;
    Ok(Some(Box::new(ahead)))
}

/// Returns a number that differs between programs, as far as their files differ in length or time.
fn this_program() -> u64 {
    let mut hasher = DefaultHasher::new();
    let file = std::env::current_exe().and_then(std::fs::metadata);
    (env!("CARGO_PKG_VERSION"), file.map(|file| (file.len(), file.modified().ok())).ok()).hash(&mut hasher);
    hasher.finish()
}

fn cannot_listen(address: SocketAddr, error: &io::Error) -> Failure {
    let hint = match error.kind() {
        io::ErrorKind::AddrInUse => ": the address is in use; choose another with --listen",
        _ => "",
    };
    Failure::new(format!("cannot listen on {address}: {error}{hint}"))
}

/// Prints the server's address and an example request. Ignores a closed standard output.
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

/// Prints how to get data in, if the server has none.
fn show_ways_in() {
    let _ = print(
        "no data yet. To get some in:
  Zoom or Webex        rollcall collect zoom --client-id ID --account-id ID < secret.txt
  webhooks             rollcall hook create zoom < secret.txt    then give Zoom the printed address
  saved responses      rollcall import responses.ndjson          NDJSON, HAR or single bodies
  your own programs    rollcall token create --scopes ingest:write, then POST /ingest/v1/participants and /qos
  a simulated company  rollcall serve --demo",
    );
}

/// Returns today in UTC, in the format of `from` and `to` of a window.
fn today() -> String {
    let now = SystemClock.now().to_string();
    now.chars().take_while(|c| *c != 'T').collect()
}

/// When the first signal came.
#[derive(Clone, Default)]
struct Stopping(Arc<OnceLock<Instant>>);

impl Stopping {
    /// Returns the time since then.
    fn elapsed(&self) -> Duration {
        self.0.get().map_or(Duration::ZERO, Instant::elapsed)
    }
}

/// Cancels `stop` at the first signal. A second signal ends the process immediately, and so does the end of the drain
/// timeout if the process still runs then. It runs on a thread of its own, so that nothing can block it.
fn stop_on_signal(stop: CancellationToken, drain_timeout: Duration) -> io::Result<Stopping> {
    let stopping = Stopping::default();
    let noted = stopping.clone();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let mut signals = {
        let _entered = runtime.enter();
        Signals::catch()?
    };
    std::thread::Builder::new().name("signals".to_owned()).spawn(move || {
        runtime.block_on(async {
            signals.next().await;
            info!("stopping: waiting for running requests; a second signal stops immediately");
            let _ = noted.0.set(Instant::now());
            stop.cancel();
            if tokio::time::timeout(drain_timeout + OVERTIME, signals.next()).await.is_err() {
                error!("the process did not stop within the drain timeout and is killed");
            }
        });
        std::process::exit(1);
    })?;
    Ok(stopping)
}

/// Ctrl-C and, on Unix, SIGTERM.
struct Signals {
    #[cfg(unix)]
    interrupt: signal::unix::Signal,
    #[cfg(unix)]
    terminate: signal::unix::Signal,
}

impl Signals {
    /// Catches these signals from now on, so that they no longer end the process.
    fn catch() -> io::Result<Self> {
        #[cfg(unix)]
        {
            use signal::unix::{SignalKind, signal};
            Ok(Self { interrupt: signal(SignalKind::interrupt())?, terminate: signal(SignalKind::terminate())? })
        }
        #[cfg(not(unix))]
        Ok(Self {})
    }

    /// Waits for the next signal.
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
