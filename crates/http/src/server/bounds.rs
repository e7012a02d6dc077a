//! The memory limit for requests and responses, in total and per client.

use std::{
    net::IpAddr,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
    time::Duration,
};

use axum::{
    body::{Body, Bytes, HttpBody},
    extract::{Request, State},
    http::{HeaderMap, header},
    middleware::Next,
    response::Response,
};
use http_body::{Frame, SizeHint};

use crate::{
    client::ClientAddress,
    limits::{Share, Shares},
    settings::Settings,
    state::AppState,
    surface::{BuiltIn, Failure, Surfaces},
};

/// Bodies up to this size are not counted: the number of connections limits them.
const SMALL_BYTES: u64 = 64 * 1024;
/// The share of all bytes that one client may hold.
const CLIENT_PART: u64 = 4;
/// The share of all bytes that may be waiting for room.
const WAITING_PART: u64 = 4;
/// How long a request or a response waits for its client to read earlier ones.
const PATIENCE: Duration = Duration::from_secs(5);

/// The bytes in memory.
pub(crate) struct BytesInFlight {
    held: Arc<Shares<IpAddr>>,
    /// Responses that are ready and wait for room. They also take memory, so their number is limited, too.
    waiting: Arc<Shares<IpAddr>>,
}

impl BytesInFlight {
    pub(crate) fn new(settings: &Settings) -> Self {
        let total = settings.max_bytes_in_flight;
        let waiting = total / WAITING_PART;
        Self { held: Shares::new(total, total / CLIENT_PART), waiting: Shares::new(waiting, waiting / CLIENT_PART) }
    }

    /// Reserves room for a request's body before it is read. `None` for a small one.
    pub(super) async fn of_request(
        &self,
        client: Option<ClientAddress>,
        headers: &HeaderMap,
        max_bytes: usize,
    ) -> Result<Option<Share<IpAddr>>, Failure> {
        let Some(client) = client else { return Ok(None) };
        let told = headers.get(header::CONTENT_LENGTH).and_then(|value| value.to_str().ok()?.parse::<u64>().ok());
        let is_chunked = headers.contains_key(header::TRANSFER_ENCODING);
        let expected = told.unwrap_or(if is_chunked { u64::MAX } else { 0 }).min(max_bytes as u64);
        if expected <= SMALL_BYTES {
            return Ok(None);
        }
        // Nothing is held while it waits: the body is still in transit.
        self.held.take_soon(client.key(), expected, PATIENCE).await.map(Some).ok_or(Failure::TooManyRequests)
    }

    /// Reserves room for a response that is ready.
    async fn of_answer(&self, client: IpAddr, bytes: u64) -> Option<Share<IpAddr>> {
        if let Some(share) = self.held.take(client, bytes) {
            return Some(share);
        }
        let _waits = self.waiting.take(client, bytes)?;
        self.held.take_soon(client, bytes, PATIENCE).await
    }
}

/// Counts a response's bytes until the connection has taken them. Sends a short error instead if its client already
/// holds too much.
pub(crate) async fn bound_answer(
    State((app, surfaces, in_flight)): State<(AppState, Surfaces, Arc<BytesInFlight>)>,
    request: Request,
    next: Next,
) -> Response {
    let client = ClientAddress::of(request.extensions());
    let surface = surfaces.of(request.uri().path());
    let response = next.run(request).await;
    let bytes = response.body().size_hint().lower();
    let Some(client) = client.filter(|_| bytes > SMALL_BYTES) else { return response };
    if response.extensions().get::<BuiltIn>().is_some() {
        return response;
    }
    match in_flight.of_answer(client.key(), bytes).await {
        Some(share) => response.map(|body| Body::new(Held { body, _share: share })),
        None => {
            app.telemetry.answers_refused.inc();
            surface.failure(Failure::TooManyRequests)
        }
    }
}

/// A body whose bytes count until it is dropped.
struct Held {
    body: Body,
    _share: Share<IpAddr>,
}

impl HttpBody for Held {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        Pin::new(&mut self.body).poll_frame(context)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}
