use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// The response of `POST /v1/access_token` (Webex reference 9).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(as = WebexAccessToken)]
pub struct AccessToken {
    /// What to send as `Authorization: Bearer …`.
    #[schema(example = "q3Q6m1p0v6d1oQ2n0zq1Yk3i1x9b5s7u0w2y4a6c8e0")]
    pub access_token: String,
    /// Lifetime, in seconds.
    #[schema(example = 1_209_600)]
    pub expires_in: i64,
    /// Token to get the next access token with, once.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub refresh_token: Option<String>,
    /// Lifetime of the refresh token, in seconds.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = 7_776_000)]
    pub refresh_token_expires_in: Option<i64>,
    /// `Bearer`.
    #[schema(example = "Bearer")]
    pub token_type: String,
    /// Granted scopes, separated by spaces.
    #[schema(example = "meeting:admin_schedule_read meeting:admin_schedule_write")]
    pub scope: String,
}
