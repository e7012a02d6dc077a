//! Sums over past instances.

use std::sync::LazyLock;

use async_trait::async_trait;
use rollcall_model::{AccountId, InstanceId, User, UserId};
use rollcall_store::{Day, DayUsage, ReportStore, Result, Usage, UsageQuery};
use rusqlite::{Connection, ToSql, named_params, params};

use crate::{
    SqliteStore,
    columns::{Bound, Columns, Read},
    sql, users,
};

const TABLE: &str = "attended_minutes";
/// Instances whose minutes are computed and stored at a time.
const AT_A_TIME: i64 = 5_000;

/// The minutes of an instance `i`, from its participants.
const COMPUTED: &str = "(SELECT coalesce(sum((max(p.leave_time_ms - p.join_time_ms, 0) + 59999) / 60000), 0)
    FROM participants AS p
    WHERE p.participant_id BETWEEN i.id << 24 AND (i.id + 1 << 24) - 1
        AND coalesce(p.status, '') <> 'in_waiting_room')";

/// The past instances of a window, as `run`, with the host's id and what counts.
static RUNS: LazyLock<String> = LazyLock::new(|| {
    format!(
        "SELECT i.start_time_ms AS start, coalesce(nullif(i.host_id, ''), u.id) AS host,
             max(i.participants, coalesce(i.stated_participants, 0)) AS participants,
             coalesce(a.minutes, {COMPUTED}) AS minutes
         FROM instances AS i
             LEFT JOIN attended_minutes AS a ON a.instance_id = i.id AND a.changes = i.changes
             LEFT JOIN users AS u ON coalesce(i.host_id, '') = '' AND u.account_id = i.account_id
                 AND u.email_lower = lower(i.host_email)
         WHERE i.account_id = :account AND i.kind IN ('meeting', 'webinar') AND i.state = 'past'
             AND i.number IS NOT NULL AND i.start_time_ms >= :from AND i.start_time_ms < :before"
    )
});

/// Users `u` of a query, with their usage.
static HOSTS: LazyLock<String> = LazyLock::new(|| {
    format!(
        "SELECT u.id AS id, coalesce(r.instances, 0) AS instances, coalesce(r.participants, 0) AS participants,
             coalesce(r.minutes, 0) AS minutes
         FROM users AS u LEFT JOIN (
             SELECT host, count(*) AS instances, sum(participants) AS participants, sum(minutes) AS minutes
             FROM ({}) GROUP BY host) AS r ON r.host = u.id
         WHERE u.account_id = :account
             AND (:active IS NULL OR :active = (r.instances IS NOT NULL))
             AND (:group IS NULL OR EXISTS (SELECT 1 FROM json_each(u.group_ids) WHERE value = :group))",
        *RUNS
    )
});

fn read_usage(columns: &mut Columns<'_>) -> Read<Usage> {
    Ok(Usage { instances: columns.take()?, participants: columns.take()?, minutes: columns.take()? })
}

#[async_trait]
impl ReportStore for SqliteStore {
    async fn attended_minutes(&self, account: AccountId, instances: &[InstanceId]) -> Result<Vec<u64>> {
        let wanted: Vec<i64> = instances.iter().map(|id| id.0).collect();
        let found = self
            .read(move |db| {
                let sql = format!(
                    "SELECT i.id, i.state = 'past', i.changes, a.minutes, coalesce(a.minutes, {COMPUTED})
                     FROM json_each(?) AS wanted JOIN instances AS i ON i.id = wanted.value AND i.account_id = ?
                         LEFT JOIN attended_minutes AS a ON a.instance_id = i.id AND a.changes = i.changes"
                );
                sql::rows(db, TABLE, &sql, params![Bound(&wanted), account.0], |columns| {
                    let (id, is_past, changes): (i64, bool, u64) = (columns.take()?, columns.take()?, columns.take()?);
                    let (known, minutes): (Option<u64>, u64) = (columns.take()?, columns.take()?);
                    Ok(((id, changes, minutes), is_past && known.is_none()))
                })
            })
            .await?;
        let new = found.iter().filter(|(_, is_new)| *is_new).map(|(row, _)| *row).collect();
        self.keep_minutes(new).await?;
        let minutes: std::collections::HashMap<i64, u64> =
            found.iter().map(|((id, _, minutes), _)| (*id, *minutes)).collect();
        Ok(instances.iter().map(|id| minutes.get(&id.0).copied().unwrap_or(0)).collect())
    }

    async fn usage_by_day(&self, account: AccountId, query: &UsageQuery) -> Result<Vec<DayUsage>> {
        self.compute_minutes(account, query).await?;
        let query = query.clone();
        self.read(move |db| {
            let sql = format!(
                "SELECT day, sum(new_users), sum(instances), sum(participants), sum(minutes) FROM (
                     SELECT start / 86400000 AS day, 0 AS new_users, 1 AS instances, participants, minutes
                     FROM ({}) AS run
                     WHERE :group IS NULL OR EXISTS (
                         SELECT 1 FROM users AS u, json_each(u.group_ids) AS g
                         WHERE u.account_id = :account AND u.id = run.host AND g.value = :group)
                     UNION ALL
                     SELECT coalesce(user_created_at_ms, created_at_ms) / 86400000, 1, 0, 0, 0 FROM users AS u
                     WHERE account_id = :account AND coalesce(user_created_at_ms, created_at_ms) >= :from
                         AND coalesce(user_created_at_ms, created_at_ms) < :before
                         AND (:group IS NULL OR EXISTS (SELECT 1 FROM json_each(u.group_ids) WHERE value = :group)))
                 GROUP BY day ORDER BY day",
                *RUNS
            );
            let params = named_params! {
                ":account": account.0, ":from": Bound(&query.from), ":before": Bound(&query.before),
                ":group": Bound(&query.group),
            };
            sql::rows(db, TABLE, &sql, params, |columns| {
                let day: i64 = columns.take()?;
                let new_users = columns.take()?;
                Ok(DayUsage {
                    day: Day(i32::try_from(day).unwrap_or_default()),
                    new_users,
                    usage: read_usage(columns)?,
                })
            })
        })
        .await
    }

    async fn usage_by_host(
        &self,
        account: AccountId,
        query: &UsageQuery,
        after: Option<&UserId>,
        limit: usize,
    ) -> Result<Vec<(User, Usage)>> {
        self.compute_minutes(account, query).await?;
        let (query, after) = (query.clone(), after.map_or_else(String::new, ToString::to_string));
        self.read(move |db| {
            let sql = format!(
                "SELECT instances, participants, minutes, {} FROM ({} AND u.id > :after ORDER BY u.id LIMIT :limit) AS host
                     JOIN users ON users.account_id = :account AND users.id = host.id
                 ORDER BY users.id",
                users::columns_of("users"),
                *HOSTS
            );
            let limit = sql::limit(limit);
            with_params(account, &query, &[(":after", &after), (":limit", &limit)], |params| {
                sql::rows(db, TABLE, &sql, params, |columns| {
                    let usage = read_usage(columns)?;
                    Ok((users::read(columns)?, usage))
                })
            })
        })
        .await
    }

    async fn usage_of_hosts(&self, account: AccountId, query: &UsageQuery) -> Result<(u64, Usage)> {
        self.compute_minutes(account, query).await?;
        let query = query.clone();
        self.read(move |db| {
            let sql = format!(
                "SELECT count(*), coalesce(sum(instances), 0), coalesce(sum(participants), 0), coalesce(sum(minutes), 0)
                 FROM ({})",
                *HOSTS
            );
            let found = with_params(account, &query, &[], |params| {
                sql::row(db, TABLE, &sql, params, |columns| Ok((columns.take()?, read_usage(columns)?)))
            })?;
            Ok(found.unwrap_or_default())
        })
        .await
    }
}

impl SqliteStore {
    /// Stores the minutes of the window's instances for which none are stored, so that later sums need not compute them.
    async fn compute_minutes(&self, account: AccountId, query: &UsageQuery) -> Result<()> {
        let (from, before) = (query.from, query.before);
        loop {
            let new = self.read(move |db| {
                let sql = format!(
                    "SELECT i.id, i.changes, {COMPUTED} FROM instances AS i
                     WHERE i.account_id = ? AND i.kind IN ('meeting', 'webinar') AND i.state = 'past'
                         AND i.start_time_ms >= ? AND i.start_time_ms < ?
                         AND NOT EXISTS (SELECT 1 FROM attended_minutes AS a
                             WHERE a.instance_id = i.id AND a.changes = i.changes)
                     LIMIT ?"
                );
                sql::rows(db, TABLE, &sql, params![account.0, Bound(&from), Bound(&before), AT_A_TIME], |columns| {
                    Ok((columns.take()?, columns.take()?, columns.take()?))
                })
            });
            let new = new.await?;
            let more = new.len() as i64 == AT_A_TIME;
            self.keep_minutes(new).await?;
            if !more {
                return Ok(());
            }
        }
    }

    /// Stores minutes of instances as of their change counters.
    async fn keep_minutes(&self, rows: Vec<(i64, u64, u64)>) -> Result<()> {
        if rows.is_empty() {
            return Ok(());
        }
        self.write(move |db: &Connection| {
            // The instance may have been deleted meanwhile.
            let sql = "INSERT INTO attended_minutes (instance_id, changes, minutes)
                       SELECT id, ?2, ?3 FROM instances WHERE id = ?1
                       ON CONFLICT (instance_id) DO UPDATE SET changes = excluded.changes, minutes = excluded.minutes";
            for (id, changes, minutes) in &rows {
                sql::execute(db, sql, params![id, Bound(changes), Bound(minutes)])?;
            }
            Ok(())
        })
        .await
    }
}

fn with_params<T>(
    account: AccountId,
    query: &UsageQuery,
    more: &[(&str, &dyn ToSql)],
    run: impl FnOnce(&[(&str, &dyn ToSql)]) -> Result<T>,
) -> Result<T> {
    let params: [(&str, &dyn ToSql); 5] = [
        (":account", &account.0),
        (":from", &Bound(&query.from)),
        (":before", &Bound(&query.before)),
        (":group", &Bound(&query.group)),
        (":active", &query.active),
    ];
    let params: Vec<_> = params.into_iter().chain(more.iter().copied()).collect();
    run(&params)
}
