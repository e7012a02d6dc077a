//! The audit log.

use async_trait::async_trait;
use rollcall_store::{AuditActor, AuditEntry, AuditStore, AuditedAct, Result};
use rusqlite::{Connection, params};

use crate::{SqliteStore, columns::Bound, sql};

#[async_trait]
impl AuditStore for SqliteStore {
    async fn record_audit(&self, entries: &[AuditEntry]) -> Result<()> {
        let entries = entries.to_vec();
        self.write(move |db| entries.iter().try_for_each(|entry| record(db, entry))).await
    }
}

fn record(db: &Connection, AuditEntry { account, at, act, requests }: &AuditEntry) -> Result<()> {
    let AuditedAct { actor, address, operation, effect, target, status } = act;
    let (word, token, client, user, member) = match actor {
        AuditActor::Token { token, client, user } => ("token", Some(*token), client.clone(), user.clone(), None),
        AuditActor::Member { member, session } => ("member", *session, None, None, Some(*member)),
        AuditActor::App(client) => ("app", None, Some(client.clone()), None, None),
        AuditActor::Operator => ("operator", None, None, None, None),
    };
    // An account that was deleted meanwhile has no audit log any more.
    let sql = "INSERT INTO audit (account_id, at_ms, actor, token_id, client_id, user_id, address, operation, effect,
                   target, status, requests, member_id)
               SELECT ?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13
               WHERE EXISTS (SELECT 1 FROM accounts WHERE id = ?1)";
    let params = params![
        account.0,
        Bound(at),
        word,
        token.map(|token| token.0),
        Bound(&client),
        Bound(&user),
        address.map(|address| address.to_string()),
        operation.as_str(),
        effect,
        target,
        status,
        Bound(requests),
        member.map(|member| member.0),
    ];
    sql::execute(db, sql, params)?;
    let minute = at.as_millis().div_euclid(60_000) * 60_000;
    if let Some(token) = token {
        let sql = "UPDATE tokens SET last_used_ms = ?1 WHERE id = ?2 AND coalesce(last_used_ms, -1) < ?1";
        sql::execute(db, sql, params![minute, token.0])?;
        if let Some(member) = member {
            let sql = "UPDATE members SET last_seen_ms = ?1 WHERE id = ?2 AND coalesce(last_seen_ms, -1) < ?1";
            sql::execute(db, sql, params![minute, member.0])?;
        }
    }
    Ok(())
}
