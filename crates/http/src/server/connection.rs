use std::{io, net::IpAddr, sync::Arc, time::Duration};

use axum::{
    Router,
    body::Body,
    http::{Request, Version, header},
};
use hyper::{body::Incoming, server::conn::http1};
use hyper_util::{
    rt::{TokioIo, TokioTimer},
    server::graceful::{GracefulShutdown, Watcher},
};
use tokio::{
    io::{AsyncRead, AsyncWrite},
    net::{TcpListener, TcpStream},
    time::Instant,
};
use tokio_util::sync::CancellationToken;
use tower::ServiceExt as _;

use super::{
    paced::Paced,
    slots::{Activity, Slot, Slots},
};
use crate::{
    client::ClientAddress,
    limits::Shares,
    settings::Settings,
    state::AppState,
    surface::{Failure, Surfaces},
    tls::Tls,
};

/// Time limit for the TLS handshake, and for a request's head.
const HEADER_READ_TIMEOUT: Duration = Duration::from_secs(15);
/// Read size of a connection, and maximum length of a request's head. Larger pieces of a body would no longer be in a
/// CPU cache when they are processed.
const MAX_BUFFER_BYTES: usize = 128 * 1024;
/// Size of the kernel's send buffer for a client that does not read. Linux doubles it, and accepts more once a third of
/// it is free.
const SEND_BUFFER_BYTES: u32 = 512 * 1024;
/// Pause if the machine has no descriptors left for another connection.
const ACCEPT_BACKOFF: Duration = Duration::from_millis(100);
/// Maximum number of connections of the listener for health and metrics.
const HEALTH_CONNECTIONS: usize = 64;
/// Minimum interval of log lines about clients with too many connections.
const LOG_EVERY: Duration = Duration::from_secs(60);
/// Response to clients with too many connections, before the connection is closed.
const TOO_MANY: &[u8] =
    b"HTTP/1.1 429 Too Many Requests\r\ncontent-type: text/plain\r\nretry-after: 5\r\ncontent-length: 41\r\n\
connection: close\r\n\r\nToo many connections from this address.\r\n";

/// What every connection of a listener shares.
struct Shared {
    app: AppState,
    service: Router,
    surfaces: Surfaces,
    http: http1::Builder,
    slots: Arc<Slots>,
    /// Requests forwarded by trusted proxies, by the client behind the proxy.
    forwarded: Arc<Shares<IpAddr>>,
}

/// Serves `app` on `listener` until `stop` is cancelled. Then it accepts no more connections, lets running requests
/// finish, and cuts off the rest after the drain timeout. With `tls` it accepts only HTTPS.
///
/// # Errors
/// If the listener itself fails.
pub(crate) async fn serve(
    app: AppState,
    service: Router,
    surfaces: Surfaces,
    listener: TcpListener,
    tls: Option<Arc<Tls>>,
    stop: CancellationToken,
) -> io::Result<()> {
    if let Some(tls) = &tls {
        app.telemetry.observe_certificate(Arc::clone(tls));
        tokio::spawn(Arc::clone(tls).follow_files(stop.clone()));
    }
    let Settings { max_connections, max_connections_per_client, .. } = app.settings;
    let slots = Slots::new(max_connections, max_connections_per_client);
    tokio::spawn({
        let (auth, stop) = (Arc::clone(&app.auth), stop.clone());
        async move { auth.write_audit(stop).await }
    });
    let served = serve_router(app.clone(), (service, surfaces), listener, slots, tls, stop).await;
    app.flush_audit().await;
    served
}

/// Serves only health and metrics on `listener`, over plain HTTP, until `stop` is cancelled.
///
/// # Errors
/// If the listener itself fails.
pub(crate) async fn serve_health(
    app: AppState,
    surfaces: Surfaces,
    listener: TcpListener,
    stop: CancellationToken,
) -> io::Result<()> {
    let service = super::health::listener_router(app.clone());
    let slots = Slots::new(HEALTH_CONNECTIONS, HEALTH_CONNECTIONS);
    serve_router(app, (service, surfaces), listener, slots, None, stop).await
}

async fn serve_router(
    app: AppState,
    (service, surfaces): (Router, Surfaces),
    listener: TcpListener,
    slots: Arc<Slots>,
    tls: Option<Arc<Tls>>,
    stop: CancellationToken,
) -> io::Result<()> {
    let Settings { max_connections, max_connections_per_client, drain_timeout, .. } = app.settings;
    let forwarded = Shares::new(max_connections as u64, max_connections_per_client as u64);
    let mut http = http1::Builder::new();
    http.timer(TokioTimer::new()).header_read_timeout(HEADER_READ_TIMEOUT).max_buf_size(MAX_BUFFER_BYTES);
    let shared = Arc::new(Shared { app, service, surfaces, http, slots, forwarded });
    let graceful = GracefulShutdown::new();
    let mut logged = None;

    loop {
        let accepted = tokio::select! {
            () = stop.cancelled() => break,
            accepted = async { shared.slots.wait_for_room().await; listener.accept().await } => accepted,
        };
        let (stream, peer) = match accepted {
            Ok((stream, peer)) => (stream, peer.ip().to_canonical()),
            Err(error) => {
                tracing::warn!(error = %error, "could not accept a connection");
                tokio::time::sleep(ACCEPT_BACKOFF).await;
                continue;
            }
        };
        let is_proxy = shared.app.settings.trusted_proxies.iter().any(|network| network.contains(&peer));
        let client = ClientAddress { ip: peer, forwarded: false }.key();
        let Ok(slot) = shared.slots.take((!is_proxy).then_some(client)) else {
            shared.app.telemetry.connections_refused.inc();
            if logged.is_none_or(|logged: Instant| logged.elapsed() >= LOG_EVERY) {
                logged = Some(Instant::now());
                tracing::warn!(client = %client, "refused a connection: the client has server.max_connections_per_client");
            }
            // Best effort: the connection is closed in any case.
            let _ = stream.try_write(TOO_MANY);
            continue;
        };
        let connection = Connection { shared: Arc::clone(&shared), peer, slot };
        tokio::spawn(connection.run(stream, tls.as_ref().map(|tls| tls.acceptor()), graceful.watcher()));
    }

    drop(listener);
    shared.app.stopping.cancel();
    let open = graceful.count();
    if tokio::time::timeout(drain_timeout, graceful.shutdown()).await.is_err() {
        tracing::warn!(open, "requests were still running when the drain timeout ended");
    }
    Ok(())
}

/// One connection, with its slot.
struct Connection {
    shared: Arc<Shared>,
    peer: IpAddr,
    slot: Slot,
}

impl Connection {
    /// Answers requests until the connection ends or is evicted.
    async fn run(self, stream: TcpStream, acceptor: Option<tokio_rustls::TlsAcceptor>, watcher: Watcher) {
        let open_connections = self.shared.app.telemetry.connections.clone();
        open_connections.inc();
        // Responses are written whole; waiting for more data would only delay them.
        let _ = stream.set_nodelay(true);
        let _ = socket2::SockRef::from(&stream).set_send_buffer_size(SEND_BUFFER_BYTES as usize);
        let activity = Arc::clone(&self.slot.activity);
        let patience = self.shared.app.settings.write_timeout;
        let stream = Paced::new(stream, patience, self.shared.slots.epoch(), Arc::clone(&activity.last_move));
        let answering = async {
            match acceptor {
                None => self.answer(stream, watcher).await,
                Some(acceptor) => match tokio::time::timeout(HEADER_READ_TIMEOUT, acceptor.accept(stream)).await {
                    Ok(Ok(stream)) => self.answer(stream, watcher).await,
                    Ok(Err(error)) => Err(error.into()),
                    Err(late) => Err(late.into()),
                },
            }
        };
        tokio::select! {
            ended = answering => if let Err(error) = ended {
                tracing::debug!(error = %error, "a connection ended early");
            },
            () = activity.evicted() => {
                self.shared.app.telemetry.connections_evicted.inc();
                tracing::debug!("an idle connection made room for another");
            }
        }
        open_connections.dec();
    }

    /// Answers requests until the connection ends, or until the request that runs when the server stops has finished.
    async fn answer(
        &self,
        stream: impl AsyncRead + AsyncWrite + Unpin + Send + 'static,
        watcher: Watcher,
    ) -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
        let (shared, peer, activity) = (Arc::clone(&self.shared), self.peer, Arc::clone(&self.slot.activity));
        let service = hyper::service::service_fn(move |request: Request<Incoming>| {
            handle(Arc::clone(&shared), peer, Arc::clone(&activity), request.map(Body::new))
        });
        Ok(watcher.watch(self.shared.http.serve_connection(TokioIo::new(stream), service)).await?)
    }
}

/// Handles one request, with the client's address in its extensions.
async fn handle(
    shared: Arc<Shared>,
    peer: IpAddr,
    activity: Arc<Activity>,
    mut request: Request<Body>,
) -> Result<axum::response::Response, std::convert::Infallible> {
    let _handling = activity.handle();
    let client = ClientAddress::read(peer, request.headers(), &shared.app.settings.trusted_proxies);
    let _share = if client.forwarded {
        match shared.forwarded.take(client.key(), 1) {
            Some(share) => Some(share),
            None => {
                shared.app.telemetry.connections_refused.inc();
                return Ok(shared.surfaces.failure(request.uri().path(), Failure::TooManyRequests));
            }
        }
    } else {
        None
    };
    // As required by RFC 9112.
    let names_host = request.headers().contains_key(header::HOST) || request.uri().host().is_some();
    if request.version() == Version::HTTP_11 && !names_host {
        return Ok(shared.surfaces.failure(request.uri().path(), Failure::NoHost));
    }
    request.extensions_mut().insert(client);
    shared.service.clone().oneshot(request).await
}
