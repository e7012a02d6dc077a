use std::{io, sync::Arc, time::Duration};

use axum::Router;
use hyper::server::conn::http1;
use hyper_util::{
    rt::{TokioIo, TokioTimer},
    server::graceful::{GracefulShutdown, Watcher},
    service::TowerToHyperService,
};
use tokio::{
    io::{AsyncRead, AsyncWrite},
    net::TcpListener,
    sync::Semaphore,
};
use tokio_util::sync::CancellationToken;

use super::{Tls, router};
use crate::state::AppState;

/// The longest that a caller may take to agree on keys, and again to send a request's head.
const HEADER_READ_TIMEOUT: Duration = Duration::from_secs(15);
/// How much of a connection is read at a time, and how long a request's head may be. What is read of a body in larger
/// pieces is in no cache any more when its turn comes.
const MAX_BUFFER_BYTES: usize = 128 * 1024;
/// How long to wait where the machine has no descriptors left for a further connection.
const ACCEPT_BACKOFF: Duration = Duration::from_millis(100);

/// Serves `app` on `listener` until `stop` is cancelled; then takes no further connection, lets running requests end,
/// and cuts off what has not ended within the drain timeout. With `tls` it speaks HTTPS and nothing else.
///
/// # Errors
/// Where the listener itself fails.
pub async fn serve(
    app: AppState,
    listener: TcpListener,
    tls: Option<Arc<Tls>>,
    stop: CancellationToken,
) -> io::Result<()> {
    let service: Router = router(app.clone());
    let permits = Arc::new(Semaphore::new(app.settings.max_connections));
    let graceful = GracefulShutdown::new();
    let mut http = http1::Builder::new();
    http.timer(TokioTimer::new()).header_read_timeout(HEADER_READ_TIMEOUT).max_buf_size(MAX_BUFFER_BYTES);
    if let Some(tls) = &tls {
        tokio::spawn(Arc::clone(tls).follow_files(stop.clone()));
    }

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
        let acceptor = tls.as_ref().map(|tls| tls.acceptor());
        let (http, service, watcher) = (http.clone(), service.clone(), graceful.watcher());
        let open_connections = app.telemetry.connections.clone();
        open_connections.inc();
        tokio::spawn(async move {
            let ended = match acceptor {
                None => serve_connection(&http, stream, service, watcher).await,
                Some(acceptor) => match tokio::time::timeout(HEADER_READ_TIMEOUT, acceptor.accept(stream)).await {
                    Ok(Ok(stream)) => serve_connection(&http, stream, service, watcher).await,
                    Ok(Err(error)) => Err(error.into()),
                    Err(late) => Err(late.into()),
                },
            };
            if let Err(error) = ended {
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

/// Answers a connection's requests until it ends, or until the request that runs when the server stops has ended.
async fn serve_connection(
    http: &http1::Builder,
    stream: impl AsyncRead + AsyncWrite + Unpin + Send + 'static,
    service: Router,
    watcher: Watcher,
) -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
    let connection = http.serve_connection(TokioIo::new(stream), TowerToHyperService::new(service));
    Ok(watcher.watch(connection).await?)
}
