use std::{io, sync::Arc, time::Duration};

use axum::Router;
use hyper_util::{
    rt::{TokioIo, TokioTimer},
    server::graceful::GracefulShutdown,
    service::TowerToHyperService,
};
use tokio::{net::TcpListener, sync::Semaphore};
use tokio_util::sync::CancellationToken;

use super::router;
use crate::state::AppState;

/// The longest that a caller may take to send a request's head.
const HEADER_READ_TIMEOUT: Duration = Duration::from_secs(15);
/// How long to wait where the machine has no descriptors left for a further connection.
const ACCEPT_BACKOFF: Duration = Duration::from_millis(100);

/// Serves `app` on `listener` until `stop` is cancelled; then takes no further connection, lets running requests end,
/// and cuts off what has not ended within the drain timeout.
///
/// # Errors
/// Where the listener itself fails.
pub async fn serve(app: AppState, listener: TcpListener, stop: CancellationToken) -> io::Result<()> {
    let service: Router = router(app.clone());
    let permits = Arc::new(Semaphore::new(app.settings.max_connections));
    let graceful = GracefulShutdown::new();
    let mut http = hyper::server::conn::http1::Builder::new();
    http.timer(TokioTimer::new()).header_read_timeout(HEADER_READ_TIMEOUT);

    loop {
        let permit = tokio::select! {
            () = stop.cancelled() => break,
            permit = Arc::clone(&permits).acquire_owned() => permit.expect("the semaphore is never closed"),
        };
        let stream = tokio::select! {
            () = stop.cancelled() => break,
            accepted = listener.accept() => match accepted {
                Ok((stream, _)) => stream,
                Err(error) => {
                    tracing::warn!(error = %error, "a connection was not accepted");
                    tokio::time::sleep(ACCEPT_BACKOFF).await;
                    continue;
                }
            },
        };
        // Answers are written whole; waiting for more to send would only delay them.
        let _ = stream.set_nodelay(true);
        let connection = http.serve_connection(TokioIo::new(stream), TowerToHyperService::new(service.clone()));
        let connection = graceful.watch(connection);
        let open_connections = app.telemetry.connections.clone();
        open_connections.inc();
        tokio::spawn(async move {
            if let Err(error) = connection.await {
                tracing::debug!(error = %error, "a connection ended early");
            }
            open_connections.dec();
            drop(permit);
        });
    }

    drop(listener);
    let open = graceful.count();
    if tokio::time::timeout(app.settings.drain_timeout, graceful.shutdown()).await.is_err() {
        tracing::warn!(open, "requests were still running when the drain timeout ended");
    }
    Ok(())
}
