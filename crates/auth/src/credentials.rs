//! Creates apps and tokens, for the command line and the demo.

use rollcall_model::{
    AccountId, App, ClientId, Clock, Entropy, Scopes, Secret, Text, Timestamp, TokenId, TokenKind, UserId, draw,
    draw_secret, drawn_text,
};
use rollcall_store::{NewToken, Result, Store};

/// A new app, shown once.
#[derive(Debug)]
pub struct CreatedApp {
    /// The public half of its credentials.
    pub client_id: ClientId,
    /// The other half; `None` for an app that cannot keep a secret.
    pub client_secret: Option<Secret>,
}

/// The properties of an app created by an operator.
#[derive(Debug, Clone)]
pub struct AppRequest {
    /// The account that it can access.
    pub account: AccountId,
    /// Its name for people.
    pub name: Text,
    /// Scopes of its tokens.
    pub scopes: Scopes,
    /// Where it may send people back to, see [`crate::check_redirect`]. Empty if it only acts for its account.
    pub redirect_uris: Vec<Text>,
    /// Whether it cannot keep a secret.
    pub is_public: bool,
}

/// A new token, shown once.
#[derive(Debug)]
pub struct CreatedToken {
    /// Its id in `token list` and `token revoke`.
    pub id: TokenId,
    /// The token itself.
    pub secret: Secret,
}

/// The properties of a token created by an operator.
#[derive(Debug, Clone)]
pub struct TokenRequest {
    /// The account that it can access.
    pub account: AccountId,
    /// The app it belongs to; refresh tokens need one.
    pub client_id: Option<ClientId>,
    /// The user that it acts for.
    pub user_id: Option<UserId>,
    /// Its kind.
    pub kind: TokenKind,
    /// Its scopes.
    pub scopes: Scopes,
    /// Its expiry.
    pub expires_at: Option<Timestamp>,
}

/// Creates an app.
pub async fn create_app(
    store: &dyn Store,
    clock: &dyn Clock,
    entropy: &dyn Entropy,
    request: AppRequest,
) -> Result<CreatedApp> {
    let AppRequest { account, name, scopes, redirect_uris, is_public } = request;
    let client_id = ClientId::from(drawn_text(&draw::<16>(entropy)));
    let client_secret = draw_secret(entropy);
    let app = App {
        client_id: client_id.clone(),
        account,
        name,
        // Nobody knows the secret of an app without one.
        secret_hash: client_secret.hash(),
        former_secret: None,
        scopes,
        created_at: clock.now(),
        revoked_at: None,
        redirect_uris,
        is_public,
    };
    store.create_app(&app).await?;
    Ok(CreatedApp { client_id, client_secret: (!is_public).then_some(client_secret) })
}

/// Creates a token.
pub async fn create_token(
    store: &dyn Store,
    clock: &dyn Clock,
    entropy: &dyn Entropy,
    request: TokenRequest,
) -> Result<CreatedToken> {
    let secret = draw_secret(entropy);
    let token = NewToken {
        hash: secret.hash(),
        account: request.account,
        client_id: request.client_id,
        user_id: request.user_id,
        kind: request.kind,
        scopes: request.scopes,
        created_at: clock.now(),
        expires_at: request.expires_at,
    };
    let ids = store.create_tokens(std::slice::from_ref(&token)).await?;
    Ok(CreatedToken { id: ids[0], secret })
}
