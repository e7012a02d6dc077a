//! Requests of apps for access, and the codes that follow.

use async_trait::async_trait;
use rollcall_model::{
    AccountId, Authorization, AuthorizationRequest, Challenge, Decision, SecretHash, Text, Timestamp, TokenId,
};
use rollcall_store::{
    AuthorizationStore, Decided, NewToken, REDEEMED_SECONDS, Result, StoreError, WAITING_PER_ADDRESS, WAITING_PER_APP,
};
use rusqlite::{Connection, params};

use crate::{
    SqliteStore, accounts,
    columns::{Bound, Columns, Read},
    oauth::{create_token, end_family, grant_token},
    sql::{self, Driver},
};

const TABLE: &str = "authorizations";

macro_rules! select {
    ($rest:literal) => {
        concat!(
            "SELECT request_code, account_id, client_id, vendor, redirect_uri, state, scopes, challenge_method,
                 challenge, address, created_at_ms, expires_at_ms, stage, user_id, code_expires_at_ms
             FROM authorizations ",
            $rest
        )
    };
}

fn read(columns: &mut Columns<'_>) -> Read<Authorization> {
    Ok(Authorization {
        request: AuthorizationRequest {
            request_code: columns.take()?,
            account: columns.take()?,
            client_id: columns.take()?,
            vendor: columns.take()?,
            redirect_uri: columns.take()?,
            state: columns.take()?,
            scopes: columns.take()?,
            challenge: Option::zip(columns.take()?, columns.take()?).map(|(method, value)| Challenge { method, value }),
            address: columns.take()?,
            created_at: columns.take()?,
            expires_at: columns.take()?,
        },
        stage: columns.take()?,
        user_id: columns.take()?,
        code_expires_at: columns.take()?,
    })
}

#[async_trait]
impl AuthorizationStore for SqliteStore {
    async fn request_authorization(&self, request: &AuthorizationRequest, browser: SecretHash) -> Result<()> {
        let request = request.clone();
        self.write(move |db| {
            delete_expired(db, request.created_at)?;
            make_room(db, &request)?;
            insert(db, &request, &browser)
        })
        .await
    }

    async fn find_authorization(&self, browser: &SecretHash, now: Timestamp) -> Result<Option<Authorization>> {
        let browser = *browser;
        self.read(move |db| {
            let sql = select!("WHERE browser = ? AND expires_at_ms > ?");
            sql::row(db, TABLE, sql, params![Bound(&browser), Bound(&now)], read)
        })
        .await
    }

    async fn waiting_authorizations(&self, account: AccountId, now: Timestamp) -> Result<Vec<Authorization>> {
        self.read(move |db| {
            let sql = select!("WHERE account_id = ? AND stage = 'waiting' AND expires_at_ms > ? ORDER BY id");
            sql::rows(db, TABLE, sql, params![account.0, Bound(&now)], read)
        })
        .await
    }

    async fn decide_authorization(&self, account: AccountId, request_code: &str, decided: &Decided) -> Result<bool> {
        let (request_code, decided) = (Text::new(request_code), decided.clone());
        self.write(move |db| {
            let Decided { decision, at, until, browser } = &decided;
            let (stage, user_id) = match decision {
                Decision::Approve(user_id) => ("approved", user_id.as_ref()),
                Decision::Deny => ("denied", None),
            };
            let sql = "UPDATE authorizations
                       SET stage = ?3, user_id = ?4, expires_at_ms = max(expires_at_ms, ?6),
                           browser = coalesce(?7, browser)
                       WHERE account_id = ?1 AND request_code = ?2 AND stage = 'waiting' AND expires_at_ms > ?5";
            let user_id = user_id.map(|user_id| user_id.as_str());
            let code = request_code.as_str();
            let params = params![account.0, code, stage, user_id, Bound(at), Bound(until), Bound(browser)];
            Ok(sql::execute(db, sql, params)? > 0)
        })
        .await
    }

    async fn issue_code(
        &self,
        browser: &SecretHash,
        code: SecretHash,
        expires_at: Timestamp,
        now: Timestamp,
    ) -> Result<bool> {
        let browser = *browser;
        self.write(move |db| {
            let sql = "UPDATE authorizations
                       SET stage = 'issued', code_hash = ?2, code_expires_at_ms = ?3, expires_at_ms = ?3
                       WHERE browser = ?1 AND stage = 'approved' AND expires_at_ms > ?4";
            let params = params![Bound(&browser), Bound(&code), Bound(&expires_at), Bound(&now)];
            Ok(sql::prepare(db, sql)?.execute(params).conflict(|| "this code".to_owned())? > 0)
        })
        .await
    }

    async fn find_code(&self, code: &SecretHash) -> Result<Option<Authorization>> {
        let code = *code;
        self.read(move |db| sql::row(db, TABLE, select!("WHERE code_hash = ?"), [Bound(&code)], read)).await
    }

    async fn redeem_code(
        &self,
        code: &SecretHash,
        refresh: &NewToken,
        access: &NewToken,
        now: Timestamp,
    ) -> Result<bool> {
        let (code, refresh, access) = (*code, refresh.clone(), access.clone());
        self.write(move |db| redeem(db, &code, &refresh, &access, now)).await
    }

    async fn revoke_token_family(&self, account: AccountId, id: TokenId, now: Timestamp) -> Result<bool> {
        self.write(move |db| {
            let sql = "SELECT coalesce(family, id) FROM tokens WHERE id = ? AND account_id = ?";
            let family: Option<i64> = sql::value(db, "tokens", sql, params![id.0, account.0])?;
            family.map_or(Ok(false), |family| Ok(end_family(db, family, now)? > 0))
        })
        .await
    }

    async fn delete_expired_authorizations(&self, now: Timestamp) -> Result<u64> {
        self.write(move |db| delete_expired(db, now)).await
    }
}

/// Deletes authorizations for users that no code was redeemed for. An erased person must not be named by them, and apps
/// can ask again.
pub(crate) fn forget_users(db: &Connection, account: AccountId) -> Result<()> {
    sql::execute(db, "DELETE FROM authorizations WHERE account_id = ? AND user_id IS NOT NULL", [account.0])?;
    Ok(())
}

fn delete_expired(db: &Connection, now: Timestamp) -> Result<u64> {
    Ok(sql::execute(db, "DELETE FROM authorizations WHERE expires_at_ms <= ?", [Bound(&now)])? as u64)
}

/// Deletes the oldest waiting requests from the same address, or fails if the app has too many from others.
fn make_room(db: &Connection, request: &AuthorizationRequest) -> Result<()> {
    let client_id = request.client_id.as_str();
    if let Some(address) = &request.address {
        let sql = "DELETE FROM authorizations WHERE id IN (
                       SELECT id FROM authorizations WHERE client_id = ? AND address = ? AND stage = 'waiting'
                       ORDER BY id DESC LIMIT -1 OFFSET ?)";
        sql::execute(db, sql, params![client_id, address.as_str(), sql::limit(WAITING_PER_ADDRESS - 1)])?;
    }
    let sql = "SELECT count(*) FROM authorizations WHERE client_id = ? AND stage = 'waiting'";
    if sql::count(db, TABLE, sql, [client_id])? >= WAITING_PER_APP as u64 {
        let what = format!("{WAITING_PER_APP} requests of the app are already waiting for approval");
        return Err(StoreError::LimitReached { what });
    }
    Ok(())
}

fn insert(db: &Connection, request: &AuthorizationRequest, browser: &SecretHash) -> Result<()> {
    accounts::require(db, request.account)?;
    let challenge = request.challenge.as_ref();
    let mut insert = sql::prepare(
        db,
        "INSERT INTO authorizations (account_id, client_id, request_code, browser, vendor, redirect_uri, state, scopes,
             challenge_method, challenge, address, created_at_ms, expires_at_ms, stage)
         VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 'waiting')",
    )?;
    let params = params![
        request.account.0,
        request.client_id.as_str(),
        request.request_code.as_str(),
        Bound(browser),
        Bound(&request.vendor),
        request.redirect_uri.as_str(),
        Bound(&request.state),
        Bound(&request.scopes),
        challenge.map(|challenge| challenge.method.as_str()),
        challenge.map(|challenge| challenge.value.as_str()),
        Bound(&request.address),
        Bound(&request.created_at),
        Bound(&request.expires_at),
    ];
    insert.execute(params).conflict(|| format!("the request {}", request.request_code))?;
    Ok(())
}

/// Uses up a code. What describes a person is deleted with it: only the second use must still be noticed.
fn redeem(db: &Connection, code: &SecretHash, refresh: &NewToken, access: &NewToken, now: Timestamp) -> Result<bool> {
    let sql = "UPDATE authorizations
               SET stage = 'redeemed', expires_at_ms = ?3, state = NULL, address = NULL, user_id = NULL
               WHERE code_hash = ?1 AND stage = 'issued' AND code_expires_at_ms > ?2";
    let until = now.plus_seconds(REDEEMED_SECONDS);
    if sql::execute(db, sql, params![Bound(code), Bound(&now), Bound(&until)])? == 0 {
        let sql = "SELECT family FROM authorizations WHERE code_hash = ? AND stage = 'redeemed'";
        if let Some(Some(family)) = sql::value::<Option<i64>>(db, TABLE, sql, [Bound(code)])? {
            let revoked = end_family(db, family, now)?;
            if revoked > 0 {
                tracing::warn!(revoked, "an authorization code was used twice: revoked all its tokens");
            }
        }
        return Ok(false);
    }
    let family = create_token(db, refresh, None, true)?.0;
    grant_token(db, access, Some(family))?;
    sql::execute(db, "UPDATE authorizations SET family = ? WHERE code_hash = ?", params![family, Bound(code)])?;
    Ok(true)
}
