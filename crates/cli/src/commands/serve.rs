use std::{net::SocketAddr, sync::Arc};

use clap::Args;
use rollcall_http::{App, SystemEntropy, serve};
use rollcall_ingest::Ingest;
use rollcall_model::{Clock as _, SystemClock};
use rollcall_store::OAuthStore as _;
use tokio::{net::TcpListener, signal};
use tokio_util::{sync::CancellationToken, task::TaskTracker};
use tracing::info;

use super::{Common, print};
use crate::{demo::Demo, failure::Failure, logging};

/// How long ended tokens are kept, so that a late caller reads "expired" and not "unknown".
const ENDED_TOKENS_KEPT_SECONDS: i64 = 30 * 24 * 3600;

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
        let data = common.data_dir(&config)?;
        let (store, minutes) = (data.entities()?, data.minutes()?);
        let entropy = SystemEntropy;
        let page_token_key = data.page_token_key(&entropy)?;
        let app = App::new(
            store.clone(),
            minutes.clone(),
            Arc::new(SystemClock),
            Arc::new(entropy),
            config.http_settings(),
            page_token_key,
        );

        let address = self.listen.unwrap_or(config.server.listen);
        let listener = TcpListener::bind(address)
            .await
            .map_err(|error| Failure::context(format_args!("cannot listen on {address}"), &error))?;
        let url = format!("http://{}", listener.local_addr()?);

        let stop = CancellationToken::new();
        let tasks = TaskTracker::new();
        store.delete_ended_tokens(SystemClock.now().minus_seconds(ENDED_TOKENS_KEPT_SECONDS)).await?;
        if self.demo {
            let demo = Demo::prepare(store.as_ref(), Arc::new(Ingest::new(store.clone(), minutes))).await?;
            let token = demo.token(store.as_ref()).await?;
            let token = token.secret.expose();
            print(format_args!("listening on {url}"));
            print(format_args!("token: {token}"));
            print(format_args!(
                "try: curl -H 'Authorization: Bearer {token}' '{url}/v2/metrics/meetings?type=live&from={today}&to={today}'",
                today = today()
            ));
            tasks.spawn(demo.run(stop.clone()));
        } else {
            print(format_args!("listening on {url}"));
        }

        tasks.spawn(stop_on_signal(stop.clone()));
        serve(app, listener, stop.clone()).await?;
        stop.cancel();
        tasks.close();
        tasks.wait().await;
        info!("stopped");
        Ok(())
    }
}

/// Today in UTC, as a window's `from` and `to` take it.
fn today() -> String {
    let now = SystemClock.now().to_string();
    now.chars().take_while(|c| *c != 'T').collect()
}

/// Cancels `stop` at the first signal; a second one ends the process at once.
async fn stop_on_signal(stop: CancellationToken) {
    tokio::select! {
        () = stop.cancelled() => return,
        () = signalled() => {}
    }
    info!("stopping: running requests may end; a second signal ends them");
    stop.cancel();
    tokio::spawn(async {
        signalled().await;
        std::process::exit(1);
    });
}

async fn signalled() {
    let interrupted = async {
        let _ = signal::ctrl_c().await;
    };
    #[cfg(unix)]
    {
        match signal::unix::signal(signal::unix::SignalKind::terminate()) {
            Ok(mut terminated) => tokio::select! {
                () = interrupted => {}
                _ = terminated.recv() => {}
            },
            Err(_) => interrupted.await,
        }
    }
    #[cfg(not(unix))]
    interrupted.await;
}
