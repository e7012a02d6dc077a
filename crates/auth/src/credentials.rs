//! Creates apps, tokens and invitations, for the command line, the demo and the server.

use rollcall_model::{
    Access, AccountId, App, ClientId, Clock, Entropy, Invitation, Scopes, Secret, Text, Timestamp, TokenId, TokenKind,
    UserId, draw, draw_secret, drawn_text,
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

/// How long an invitation can be accepted, in seconds.
pub const INVITATION_SECONDS: i64 = 7 * 24 * 3600;

/// The properties of an invitation.
#[derive(Debug, Clone)]
pub struct InvitationRequest {
    /// The account.
    pub account: AccountId,
    /// The address that it is for; `None` if the new member may choose one.
    pub email: Option<Text>,
    /// What the member will be allowed to do.
    pub access: Access,
    /// Whether it makes the account's first administrator.
    pub is_first: bool,
}

/// Makes an invitation that can be accepted for [`INVITATION_SECONDS`]. Returns its code, shown once, and when it expires.
///
/// # Errors
/// Those of [`rollcall_store::MemberStore::invite`].
pub async fn create_invitation(
    store: &dyn Store,
    clock: &dyn Clock,
    entropy: &dyn Entropy,
    request: InvitationRequest,
) -> Result<(Secret, Timestamp)> {
    let InvitationRequest { account, email, access, is_first } = request;
    let (created_at, code) = (clock.now(), draw_secret(entropy));
    let expires_at = created_at.plus_seconds(INVITATION_SECONDS);
    let invitation = Invitation { account, email, access, is_first, created_at, expires_at };
    store.invite(code.hash(), &invitation).await?;
    Ok((code, expires_at))
}

/// Returns the link of an invitation. The code is in the fragment, which browsers never send.
#[must_use]
pub fn invitation_link(base_url: &str, code: &Secret) -> String {
    format!("{}/welcome#{}", base_url.trim_end_matches('/'), code.expose())
}
