//! The ids in a path, rejected in Zoom's own format if they are invalid.

use axum::{
    extract::FromRequestParts,
    http::{StatusCode, request::Parts},
};
use serde::de::DeserializeOwned;

use super::error::ZoomError;

/// The ids in a path.
pub(super) struct Path<T>(pub(super) T);

impl<T: DeserializeOwned + Send, S: Send + Sync> FromRequestParts<S> for Path<T> {
    type Rejection = ZoomError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, ZoomError> {
        match axum::extract::Path::from_request_parts(parts, state).await {
            Ok(axum::extract::Path(ids)) => Ok(Self(ids)),
            Err(_) => Err(ZoomError::new(StatusCode::BAD_REQUEST, 300, "The id in the path is not valid UTF-8.")),
        }
    }
}

/// All ids in a path, in order; none if it has none.
pub(super) struct Ids(pub(super) Vec<String>);

impl<S: Send + Sync> FromRequestParts<S> for Ids {
    type Rejection = ZoomError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, ZoomError> {
        match axum::extract::RawPathParams::from_request_parts(parts, state).await {
            Ok(ids) => Ok(Self(ids.iter().map(|(_, id)| id.to_owned()).collect())),
            Err(_) => Err(ZoomError::new(StatusCode::BAD_REQUEST, 300, "The id in the path is not valid UTF-8.")),
        }
    }
}
