//! What applies to every request: connections, limits, logs, metrics, health.

pub(crate) mod bounds;
pub(crate) mod connection;
pub(crate) mod headers;
pub(crate) mod health;
pub(crate) mod observe;
mod paced;
mod slots;

use std::{panic::AssertUnwindSafe, sync::Arc};

use axum::{
    body::Body,
    extract::{Request, State},
    middleware::Next,
    response::Response,
};
use futures::FutureExt as _;

use self::bounds::BytesInFlight;
use crate::{
    client::ClientAddress,
    state::AppState,
    surface::{Failure, Surfaces},
};

/// How much of a body that is too large is read and discarded, so that its caller can read the error.
const MAX_DISCARDED_BYTES: usize = 16 * 1024 * 1024;

/// Reads the body up to the limit, and answers within the time limit. Returns an error in the API's format if either is
/// exceeded or the handler panics.
///
/// Except for streaming operations, the body is read completely before the handler runs.
pub(crate) async fn limit_time_and_size(
    State((app, surfaces, bytes)): State<(AppState, Surfaces, Arc<BytesInFlight>)>,
    request: Request,
    next: Next,
) -> Response {
    let surface = surfaces.of(request.uri().path());
    if surface.streams_body(request.uri().path()) {
        let work = AssertUnwindSafe(next.run(request)).catch_unwind();
        return work.await.unwrap_or_else(|_| surface.failure(Failure::Internal));
    }
    let client = ClientAddress::of(request.extensions());
    let work = async {
        let (parts, body) = request.into_parts();
        let max_body_bytes = app.settings.max_body_bytes;
        let _held = match bytes.of_request(client, &parts.headers, max_body_bytes).await {
            Ok(held) => held,
            Err(failure) => return surface.failure(failure),
        };
        match read_body(body, max_body_bytes).await {
            Ok(body) => next.run(Request::from_parts(parts, body)).await,
            Err(failure) => surface.failure(failure),
        }
    };
    match tokio::time::timeout(app.settings.request_timeout, AssertUnwindSafe(work).catch_unwind()).await {
        Ok(Ok(response)) => response,
        Ok(Err(_)) => surface.failure(Failure::Internal),
        Err(_) => surface.failure(Failure::TimedOut),
    }
}

async fn read_body(mut body: Body, max_bytes: usize) -> Result<Body, Failure> {
    use http_body_util::{BodyExt as _, LengthLimitError, Limited};
    if hyper::body::Body::is_end_stream(&body) {
        return Ok(body);
    }
    match Limited::new(&mut body, max_bytes).collect().await {
        Ok(collected) => Ok(Body::from(collected.to_bytes())),
        Err(error) if error.is::<LengthLimitError>() => {
            discard(body).await;
            Err(Failure::BodyTooLarge { max_bytes })
        }
        Err(_) => Err(Failure::BodyUnreadable),
    }
}

/// Reads and discards the rest: a connection that closes while the caller still sends would lose the response.
async fn discard(mut body: Body) {
    use http_body_util::BodyExt as _;
    let mut left = MAX_DISCARDED_BYTES;
    while let Some(Ok(frame)) = body.frame().await {
        left = left.saturating_sub(frame.data_ref().map_or(0, |data| data.len()));
        if left == 0 {
            return;
        }
    }
}
