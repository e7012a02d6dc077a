//! Apps and tokens.

use async_trait::async_trait;
use rollcall_model::{
    Access, AccountId, App, ClientId, MemberId, Role, SecretHash, Timestamp, Token, TokenId, TokenKind,
};
use rollcall_store::{GRANTED_PER_APP, NewToken, OAuthStore, REUSE_GRACE_SECONDS, Result, StoreError};
use rusqlite::{Connection, params};

use crate::{
    SqliteStore, accounts,
    columns::{Bound, Columns, Read},
    sql::{self, Driver},
};

const APPS: &str = "apps";
const TOKENS: &str = "tokens";

fn read_app(columns: &mut Columns<'_>) -> Read<App> {
    Ok(App {
        client_id: columns.take()?,
        account: columns.take()?,
        name: columns.take()?,
        secret_hash: columns.take()?,
        former_secret: Option::zip(columns.take()?, columns.take()?),
        scopes: columns.take()?,
        created_at: columns.take()?,
        revoked_at: columns.take()?,
        redirect_uris: columns.take()?,
        is_public: columns.take()?,
    })
}

fn read_token(columns: &mut Columns<'_>) -> Read<Token> {
    Ok(Token {
        id: columns.take()?,
        account: columns.take()?,
        client_id: columns.take()?,
        user_id: columns.take()?,
        member: read_member(columns)?,
        kind: columns.take()?,
        scopes: columns.take()?,
        created_at: columns.take()?,
        expires_at: columns.take()?,
        revoked_at: columns.take()?,
        is_open: columns.take()?,
        last_used: columns.take()?,
    })
}

fn read_member(columns: &mut Columns<'_>) -> Read<Option<(MemberId, Access)>> {
    let id: Option<MemberId> = columns.take()?;
    let access = Option::zip(columns.take::<Option<Role>>()?, columns.take::<Option<bool>>()?);
    Ok(Option::zip(id, access.and_then(|(role, names_hidden)| Access::new(role, names_hidden))))
}

macro_rules! select_app {
    () => {
        "SELECT client_id, account_id, name, secret_hash, former_secret_hash, former_until_ms, scopes, created_at_ms,
             revoked_at_ms, redirect_uris, is_public
         FROM apps "
    };
}

macro_rules! select_token {
    () => {
        "SELECT id, account_id, client_id, user_id, member_id,
             (SELECT role FROM members AS m WHERE m.id = member_id AND m.removed_at_ms IS NULL),
             (SELECT names_hidden FROM members AS m WHERE m.id = member_id),
             kind, scopes, created_at_ms, expires_at_ms, revoked_at_ms,
             (SELECT suspended_at_ms IS NULL AND deleting_at_ms IS NULL FROM accounts WHERE accounts.id = account_id),
             last_used_ms
         FROM tokens "
    };
}

#[async_trait]
impl OAuthStore for SqliteStore {
    async fn create_app(&self, app: &App) -> Result<()> {
        let app = app.clone();
        self.write(move |db| create_app(db, &app)).await
    }

    async fn apps(&self, account: AccountId) -> Result<Vec<App>> {
        self.read(move |db| {
            let sql = concat!(select_app!(), "WHERE account_id = ? ORDER BY created_at_ms, row");
            sql::rows(db, APPS, sql, [account.0], read_app)
        })
        .await
    }

    async fn find_app(&self, client_id: &ClientId) -> Result<Option<App>> {
        let client_id = client_id.clone();
        self.read(move |db| {
            sql::row(db, APPS, concat!(select_app!(), "WHERE client_id = ?"), [client_id.as_str()], read_app)
        })
        .await
    }

    async fn rotate_app(
        &self,
        account: AccountId,
        client_id: &ClientId,
        secret_hash: SecretHash,
        former_until: Timestamp,
    ) -> Result<bool> {
        let client_id = client_id.clone();
        self.write(move |db| {
            let sql = "UPDATE apps SET former_secret_hash = secret_hash, former_until_ms = ?, secret_hash = ?
                       WHERE client_id = ? AND account_id = ? AND revoked_at_ms IS NULL";
            let params = params![Bound(&former_until), Bound(&secret_hash), client_id.as_str(), account.0];
            Ok(sql::execute(db, sql, params)? > 0)
        })
        .await
    }

    async fn revoke_app(&self, account: AccountId, client_id: &ClientId, now: Timestamp) -> Result<bool> {
        let client_id = client_id.clone();
        self.write(move |db| revoke_app(db, account, &client_id, now)).await
    }

    async fn create_tokens(&self, tokens: &[NewToken]) -> Result<Vec<TokenId>> {
        let tokens = tokens.to_vec();
        self.write(move |db| create_tokens(db, &tokens)).await
    }

    async fn grant_token(&self, token: &NewToken) -> Result<TokenId> {
        let token = token.clone();
        self.write(move |db| grant_token(db, &token, None)).await
    }

    async fn find_token(&self, hash: &SecretHash) -> Result<Option<Token>> {
        let hash = *hash;
        self.read_here(move |db| {
            sql::row(db, TOKENS, concat!(select_token!(), "WHERE hash = ?"), [Bound(&hash)], read_token)
        })
        .await
    }

    async fn exchange_refresh_token(&self, hash: &SecretHash, next: &[NewToken], now: Timestamp) -> Result<bool> {
        let (hash, next) = (*hash, next.to_vec());
        self.write(move |db| {
            let use_up = "UPDATE tokens SET revoked_at_ms = ?2
                          WHERE hash = ?1 AND kind = 'refresh' AND revoked_at_ms IS NULL
                              AND (expires_at_ms IS NULL OR expires_at_ms > ?2) RETURNING coalesce(family, id)";
            let family: Option<i64> = sql::value(db, TOKENS, use_up, params![Bound(&hash), Bound(&now)])?;
            let Some(family) = family else {
                revoke_family(db, &hash, now)?;
                return Ok(false);
            };
            for token in &next {
                match token.kind {
                    TokenKind::Access => grant_token(db, token, Some(family))?,
                    TokenKind::Refresh => create_token(db, token, Some(family), true)?,
                    // Nothing refreshes a session.
                    TokenKind::Session => continue,
                };
            }
            Ok(true)
        })
        .await
    }

    async fn extend_refresh_token(
        &self,
        hash: &SecretHash,
        access: &NewToken,
        expires_at: Timestamp,
        now: Timestamp,
    ) -> Result<bool> {
        let (hash, access) = (*hash, access.clone());
        self.write(move |db| {
            let extend = "UPDATE tokens SET expires_at_ms = max(expires_at_ms, ?3)
                          WHERE hash = ?1 AND kind = 'refresh' AND revoked_at_ms IS NULL
                              AND (expires_at_ms IS NULL OR expires_at_ms > ?2) RETURNING coalesce(family, id)";
            let params = params![Bound(&hash), Bound(&now), Bound(&expires_at)];
            let family: Option<i64> = sql::value(db, TOKENS, extend, params)?;
            let Some(family) = family else { return Ok(false) };
            grant_token(db, &access, Some(family))?;
            Ok(true)
        })
        .await
    }

    async fn tokens(&self, account: AccountId, after: Option<TokenId>, limit: usize) -> Result<Vec<Token>> {
        self.read(move |db| {
            let sql = concat!(
                select_token!(),
                "WHERE account_id = ? AND id < ? AND kind <> 'session' ORDER BY id DESC LIMIT ?"
            );
            let after = after.map_or(i64::MAX, |id| id.0);
            sql::rows(db, TOKENS, sql, params![account.0, after, sql::limit(limit)], read_token)
        })
        .await
    }

    async fn revoke_token(&self, account: AccountId, id: TokenId, now: Timestamp) -> Result<bool> {
        self.write(move |db| {
            let sql = "UPDATE tokens SET revoked_at_ms = ?
                       WHERE id = ? AND account_id = ? AND revoked_at_ms IS NULL AND kind <> 'session'";
            Ok(sql::execute(db, sql, params![Bound(&now), id.0, account.0])? > 0)
        })
        .await
    }
}

fn create_app(db: &Connection, app: &App) -> Result<()> {
    accounts::require(db, app.account)?;
    let App { client_id, account, name, secret_hash, former_secret, scopes, created_at, revoked_at, .. } = app;
    let (former_hash, former_until) = former_secret.unzip();
    let sql = "INSERT INTO apps (client_id, account_id, name, secret_hash, former_secret_hash, former_until_ms, scopes,
                   created_at_ms, revoked_at_ms, redirect_uris, is_public)
               VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)";
    let params = params![
        client_id.as_str(),
        account.0,
        name.as_str(),
        Bound(secret_hash),
        Bound(&former_hash),
        Bound(&former_until),
        Bound(scopes),
        Bound(created_at),
        Bound(revoked_at),
        Bound(&app.redirect_uris),
        Bound(&app.is_public),
    ];
    sql::prepare(db, sql)?.execute(params).conflict(|| format!("an app with the client id `{client_id}`"))?;
    Ok(())
}

fn revoke_app(db: &Connection, account: AccountId, client_id: &ClientId, now: Timestamp) -> Result<bool> {
    let app = "UPDATE apps SET revoked_at_ms = ? WHERE client_id = ? AND account_id = ? AND revoked_at_ms IS NULL";
    if sql::execute(db, app, params![Bound(&now), client_id.as_str(), account.0])? == 0 {
        return Ok(false);
    }
    let tokens = "UPDATE tokens SET revoked_at_ms = ? WHERE client_id = ? AND revoked_at_ms IS NULL";
    sql::execute(db, tokens, params![Bound(&now), client_id.as_str()])?;
    Ok(true)
}

fn create_tokens(db: &Connection, tokens: &[NewToken]) -> Result<Vec<TokenId>> {
    tokens.iter().map(|token| create_token(db, token, None, false)).collect()
}

/// Stores a token that an app requested, and deletes its oldest if it has the maximum number.
pub(crate) fn grant_token(db: &Connection, token: &NewToken, family: Option<i64>) -> Result<TokenId> {
    let id = create_token(db, token, family, true)?;
    if let Some(client_id) = &token.client_id {
        let sql = "DELETE FROM tokens WHERE id IN (
                       SELECT id FROM tokens WHERE client_id = ? AND granted = 1 AND kind = 'access'
                       ORDER BY expires_at_ms > ? AND revoked_at_ms IS NULL DESC, id DESC LIMIT -1 OFFSET ?)";
        let params = params![client_id.as_str(), Bound(&token.created_at), sql::limit(GRANTED_PER_APP)];
        sql::execute(db, sql, params)?;
    }
    Ok(id)
}

/// Revokes all tokens that followed from a used refresh token.
fn revoke_family(db: &Connection, hash: &SecretHash, now: Timestamp) -> Result<()> {
    let sql = "SELECT coalesce(family, id) FROM tokens
               WHERE hash = ? AND kind = 'refresh' AND revoked_at_ms + ? < ?";
    let grace = REUSE_GRACE_SECONDS * 1000;
    let family: Option<i64> = sql::value(db, TOKENS, sql, params![Bound(hash), grace, Bound(&now)])?;
    let Some(family) = family else { return Ok(()) };
    let revoked = end_family(db, family, now)?;
    if revoked > 0 {
        tracing::warn!(revoked, "a refresh token was used twice: revoked all its successors");
    }
    Ok(())
}

/// Revokes the first token of a family and all that followed from it. Returns how many were active.
pub(crate) fn end_family(db: &Connection, family: i64, now: Timestamp) -> Result<usize> {
    let sql = "UPDATE tokens SET revoked_at_ms = ? WHERE (family = ? OR id = ?) AND revoked_at_ms IS NULL";
    sql::execute(db, sql, params![Bound(&now), family, family])
}

pub(crate) fn create_token(db: &Connection, token: &NewToken, family: Option<i64>, granted: bool) -> Result<TokenId> {
    let NewToken { hash, account, client_id, user_id, kind, scopes, created_at, expires_at } = token;
    accounts::require(db, *account)?;
    if let Some(client_id) = client_id {
        // Checked here, in the transaction: an app that is revoked at this moment gets no token that outlives it.
        let sql = "SELECT 1 FROM apps WHERE client_id = ? AND account_id = ? AND revoked_at_ms IS NULL";
        if sql::count(db, APPS, sql, params![client_id.as_str(), account.0])? == 0 {
            return Err(StoreError::NotFound { what: format!("app {client_id}") });
        }
    }
    let mut insert = sql::prepare(
        db,
        "INSERT INTO tokens (hash, account_id, client_id, user_id, kind, scopes, created_at_ms, expires_at_ms, family,
             granted)
         VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
    )?;
    let params = params![
        Bound(hash),
        account.0,
        Bound(client_id),
        Bound(user_id),
        Bound(kind),
        Bound(scopes),
        Bound(created_at),
        Bound(expires_at),
        family,
        granted,
    ];
    insert.insert(params).map(TokenId).conflict(|| "this token".to_owned())
}
