use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// A token, as `POST /oauth/token` answers it (Zoom reference 6).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(as = ZoomAccessToken)]
pub struct AccessToken {
    /// What to send as `Authorization: Bearer …`.
    #[schema(example = "q3Q6m1p0v6d1oQ2n0zq1Yk3i1x9b5s7u0w2y4a6c8e0")]
    pub access_token: String,
    /// `bearer`.
    #[schema(example = "bearer")]
    pub token_type: String,
    /// How long it is good for, in seconds.
    #[schema(example = 3600)]
    pub expires_in: i64,
    /// What to get the next token with, once; absent for apps that act for their account.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub refresh_token: Option<String>,
    /// What was granted, parted by spaces.
    #[schema(example = "dashboard_meetings:read:admin dashboard_webinars:read:admin")]
    pub scope: String,
    /// Where to call the API.
    #[schema(example = "http://127.0.0.1:8480")]
    pub api_url: String,
}

/// What a refused token request is answered with: not the shape of Zoom's other errors.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(as = ZoomOAuthError)]
pub struct OAuthError {
    /// For people.
    #[schema(example = "Invalid client_id or client_secret")]
    pub reason: String,
    /// For programs: `invalid_request`, `invalid_client`, `invalid_grant` or `unsupported_grant_type`.
    #[schema(example = "invalid_client")]
    pub error: String,
}

/// What a withdrawn token is answered with.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(as = ZoomRevoked)]
pub struct Revoked {
    /// `success`.
    #[schema(example = "success")]
    pub status: String,
}
