//! Instances without an end event.

use async_trait::async_trait;
use rollcall_model::{AccountId, InstanceId, Timestamp};
use rollcall_store::{InstanceLife, PresumedEndStore, Result, SignsOfLife};
use rusqlite::params;

use crate::{
    SqliteStore,
    columns::Bound,
    instances::{read_life, select_life},
    participants::rows_of,
    sql,
};

const TABLE: &str = "instances";

#[async_trait]
impl PresumedEndStore for SqliteStore {
    async fn silent_instances(&self, before: Timestamp, limit: usize) -> Result<Vec<InstanceLife>> {
        self.read(move |db| {
            // The same as the condition of the index.
            let silent = select_life(
                "told_state = 'live' AND lapsed = 0 AND coalesce(alive_ms, start_time_ms, 0) < ?
                 ORDER BY coalesce(alive_ms, start_time_ms, 0) LIMIT ?",
            );
            sql::rows(db, TABLE, &silent, params![Bound(&before), sql::limit(limit)], read_life)
        })
        .await
    }

    async fn signs_of_life(&self, account: AccountId, instance: InstanceId, now: Timestamp) -> Result<SignsOfLife> {
        let (first, last) = rows_of(instance);
        self.read(move |db| {
            let sql = "SELECT alive_ms, (SELECT max(sign) FROM (
                     SELECT i.start_time_ms AS sign
                     UNION ALL
                     SELECT join_time_ms FROM participants WHERE participant_id BETWEEN ?4 AND ?5
                     UNION ALL
                     SELECT leave_time_ms FROM participants WHERE participant_id BETWEEN ?4 AND ?5)
                 WHERE sign <= ?3) FROM instances AS i WHERE id = ?1 AND account_id = ?2";
            let params = params![instance.0, account.0, Bound(&now), first, last];
            let found = sql::row(db, TABLE, sql, params, |columns| {
                Ok(SignsOfLife { noted: columns.take()?, told: columns.take()? })
            })?;
            Ok(found.unwrap_or_default())
        })
        .await
    }

    async fn note_sign(&self, account: AccountId, instance: InstanceId, sign: Timestamp, lapses: bool) -> Result<()> {
        self.write(move |db| {
            let sql = "UPDATE instances SET alive_ms = ?3, lapsed = ?4,
                     changes = changes + (lapsed IS NOT ?4 OR (?4 AND alive_ms IS NOT ?3))
                 WHERE id = ?1 AND account_id = ?2 AND told_state = 'live' AND (alive_ms, lapsed) IS NOT (?3, ?4)";
            sql::execute(db, sql, params![instance.0, account.0, Bound(&sign), lapses]).map(drop)
        })
        .await
    }

    async fn count_lapsed(&self) -> Result<u64> {
        self.read(|db| {
            sql::count(db, TABLE, "SELECT count(*) FROM instances WHERE told_state = 'live' AND lapsed = 1", [])
        })
        .await
    }
}
