//! Making apps and tokens: what the command line and the demo do.

use rollcall_model::{
    AccountId, App, ClientId, Clock, Entropy, Scopes, Secret, Timestamp, TokenId, TokenKind, UserId, draw_secret,
    drawn_text,
};
use rollcall_store::{NewToken, Result, Store};

/// An app as it is shown to its maker, once.
#[derive(Debug)]
pub struct CreatedApp {
    /// The public half of its credentials.
    pub client_id: ClientId,
    /// The other half.
    pub client_secret: Secret,
}

/// A token as it is shown to its maker, once.
#[derive(Debug)]
pub struct CreatedToken {
    /// What `token list` and `token revoke` call it.
    pub id: TokenId,
    /// The token itself.
    pub secret: Secret,
}

/// What a token made by an operator is to be.
#[derive(Debug, Clone)]
pub struct TokenRequest {
    /// The account it opens.
    pub account: AccountId,
    /// The app it belongs to; refresh tokens need one.
    pub client_id: Option<ClientId>,
    /// The user it acts for.
    pub user_id: Option<UserId>,
    /// What it is for.
    pub kind: TokenKind,
    /// What it may do.
    pub scopes: Scopes,
    /// When it ends.
    pub expires_at: Option<Timestamp>,
}

/// Makes an app of `account`.
pub async fn create_app(
    store: &dyn Store,
    clock: &dyn Clock,
    entropy: &dyn Entropy,
    account: AccountId,
    name: &str,
    scopes: Scopes,
) -> Result<CreatedApp> {
    let mut id = [0u8; 16];
    entropy.fill(&mut id);
    let client_id = ClientId::from(drawn_text(&id));
    let client_secret = draw_secret(entropy);
    let app = App {
        client_id: client_id.clone(),
        account,
        name: name.into(),
        secret_hash: client_secret.hash(),
        former_secret: None,
        scopes,
        created_at: clock.now(),
        revoked_at: None,
    };
    store.create_app(&app).await?;
    Ok(CreatedApp { client_id, client_secret })
}

/// Makes a token.
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
