//! Requests to providers, limited in time and size.

use std::{pin::Pin, time::Duration};

use openidconnect::{AsyncHttpClient, HttpRequest, HttpResponse};
use reqwest::redirect::Policy;

use super::with_cause;

/// Maximum time of a request.
const TIMEOUT: Duration = Duration::from_secs(10);
/// Maximum size of a response.
const MAX_BYTES: usize = 256 * 1024;

/// Why a request failed.
#[derive(Debug, thiserror::Error)]
pub(super) enum FetchError {
    /// It could not be sent, or took too long.
    #[error("{}", with_cause(.0))]
    Failed(#[from] reqwest::Error),
    /// The response is too large.
    #[error("the response is larger than {MAX_BYTES} bytes")]
    TooLarge,
}

/// An HTTP client for providers.
#[derive(Debug, Clone)]
pub(super) struct Fetch(reqwest::Client);

impl Fetch {
    pub(super) fn new() -> Result<Self, FetchError> {
        // Fails only if there is one already.
        let _ = rustls::crypto::ring::default_provider().install_default();
        // A redirect could lead to a server that only this one reaches.
        Ok(Self(reqwest::Client::builder().redirect(Policy::none()).timeout(TIMEOUT).build()?))
    }

    async fn send(&self, request: HttpRequest) -> Result<HttpResponse, FetchError> {
        let mut response = self.0.execute(request.try_into()?).await?;
        let mut body = Vec::new();
        while let Some(chunk) = response.chunk().await? {
            if body.len() + chunk.len() > MAX_BYTES {
                return Err(FetchError::TooLarge);
            }
            body.extend_from_slice(&chunk);
        }
        let (status, headers) = (response.status(), std::mem::take(response.headers_mut()));
        let mut response = HttpResponse::new(body);
        (*response.status_mut(), *response.headers_mut()) = (status, headers);
        Ok(response)
    }
}

impl<'c> AsyncHttpClient<'c> for Fetch {
    type Error = FetchError;
    type Future = Pin<Box<dyn Future<Output = Result<HttpResponse, FetchError>> + Send + 'c>>;

    fn call(&'c self, request: HttpRequest) -> Self::Future {
        Box::pin(self.send(request))
    }
}
