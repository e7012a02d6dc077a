use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// The response of `POST /oauth/token` (Zoom reference 6).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(as = ZoomAccessToken)]
pub struct AccessToken {
    /// What to send as `Authorization: Bearer …`.
    #[schema(example = "q3Q6m1p0v6d1oQ2n0zq1Yk3i1x9b5s7u0w2y4a6c8e0")]
    pub access_token: String,
    /// `bearer`.
    #[schema(example = "bearer")]
    pub token_type: String,
    /// Lifetime, in seconds.
    #[schema(example = 3600)]
    pub expires_in: i64,
    /// Token to get the next access token with, once; absent for apps that act for their account.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub refresh_token: Option<String>,
    /// Granted scopes, separated by spaces.
    #[schema(example = "dashboard_meetings:read:admin dashboard_webinars:read:admin")]
    pub scope: String,
    /// Base URL of the API.
    #[schema(example = "http://127.0.0.1:8480")]
    pub api_url: String,
}

/// The body of a token error, whose shape differs from Zoom's other errors.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(as = ZoomOAuthError)]
pub struct OAuthError {
    /// Description for people.
    #[schema(example = "Invalid client_id or client_secret")]
    pub reason: String,
    /// Error code: `invalid_request`, `invalid_client`, `invalid_grant` or `unsupported_grant_type`.
    #[schema(example = "invalid_client")]
    pub error: String,
}

/// The response to a revoked token.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(as = ZoomRevoked)]
pub struct Revoked {
    /// `success`.
    #[schema(example = "success")]
    pub status: String,
}
