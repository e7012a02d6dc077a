//! Instances.

use std::sync::LazyLock;

use async_trait::async_trait;
use rollcall_model::{
    AccountId, Instance, InstanceId, InstanceRef, InstanceState, InstanceUuid, MeetingKind, MeetingNumber,
    QualityLabels, Source, Timestamp, with_instance_fields,
};
use rollcall_store::{
    InstanceCursor, InstanceLife, InstancePerson, InstanceQuery, InstanceSpan, InstanceStore, InstanceVersion,
    LARGE_INSTANCE, LargeInstance, Result, StoreError, StoredInstance,
    policy::{self, Database, InstanceRows},
};
use rusqlite::{Connection, ToSql, params};

use crate::{
    SqliteRows, SqliteStore, accounts,
    columns::{Bound, Columns, Params, Read, column_name, columns},
    sql::{self, Driver},
};

macro_rules! define_columns {
    ($($field:ident: $type:ident, $reveals:ident, $meaning:literal;)*) => {
        columns! {
            Instance in "instances" { uuid, kind, state, $($field as column_name!($type $field),)* }
        }

        /// The columns of an instance's fields, in the order of their table.
        pub const INSTANCE_FIELDS: &[&str] = &[$(column_name!($type $field)),*];
    };
}
with_instance_fields!(define_columns);

fn read_stored(columns: &mut Columns<'_>) -> Read<StoredInstance> {
    Ok(StoredInstance {
        id: columns.take()?,
        participants: columns.take()?,
        scored: QualityLabels { audio: columns.take()?, video: columns.take()?, screen_share: columns.take()? },
        origin: columns.take()?,
        lapsed: columns.take()?,
        end_stated: columns.take()?,
        instance: read(columns)?,
    })
}

/// The columns that [`read_stored`] reads.
static STORED: LazyLock<String> = LazyLock::new(|| {
    let scored = |column| format!("(SELECT q.{column} FROM instance_quality AS q WHERE q.instance_id = instances.id)");
    let scored = ["audio_quality", "video_quality", "screen_share_quality"].map(scored).join(", ");
    format!(
        "id, participants, {scored}, origin, lapsed = 1 AND told_state = 'live', stated_end_ms IS NOT NULL, {}",
        sql::list(COLUMNS)
    )
});

static SELECT: LazyLock<String> = LazyLock::new(|| format!("SELECT {} FROM instances", *STORED));

/// A repeated report of an instance is written only if it changes something; then its counter changes.
static PUT: LazyLock<String> = LazyLock::new(|| {
    // Reported values are stored separately from those that follow if nothing is reported.
    let columns = COLUMNS.iter().map(|column| match *column {
        "state" => "told_state",
        "end_time_ms" => "told_end_ms",
        column => column,
    });
    let columns: Vec<&str> = columns.collect();
    let state = "CASE told_state WHEN 'past' THEN 'past' ELSE excluded.told_state END";
    let told: Vec<_> = columns.iter().copied().filter(|column| !matches!(*column, "uuid" | "told_state")).collect();
    let filled: Vec<_> = told.iter().map(|column| format!("coalesce(excluded.{column}, {column})")).collect();
    format!(
        "INSERT INTO instances (account_id, origin, {}) VALUES ({})
         ON CONFLICT (account_id, uuid) DO UPDATE SET {}, changes = changes + 1
         WHERE (told_state, {}) IS NOT ({state}, {}) RETURNING id",
        sql::list(&columns),
        sql::placeholders(columns.len() + 2),
        sql::fill(&columns, &[("uuid", "uuid"), ("told_state", state)]),
        sql::list(&told),
        filled.join(", "),
    )
});

const VERSION: &str =
    "changes, (SELECT sealed_at_ms FROM archived_instances AS archived WHERE archived.instance_id = instances.id)";

fn read_version(columns: &mut Columns<'_>) -> Read<InstanceVersion> {
    Ok(InstanceVersion { changes: columns.take()?, sealed_at: columns.take()? })
}

/// Contains the number as a literal, as the condition of the index `instances_large` does, so that SQLite uses the index.
static LARGE: LazyLock<String> = LazyLock::new(|| {
    format!(
        "SELECT account_id, id, kind, end_time_ms, participants, {VERSION} FROM instances
         WHERE state = 'past' AND participants > {LARGE_INSTANCE} AND id < ? ORDER BY id DESC LIMIT ?"
    )
});

fn read_large(columns: &mut Columns<'_>) -> Read<LargeInstance> {
    Ok(LargeInstance {
        account: columns.take()?,
        id: columns.take()?,
        kind: columns.take()?,
        end_time: columns.take()?,
        participants: columns.take()?,
        version: read_version(columns)?,
    })
}

#[async_trait]
impl InstanceStore for SqliteStore {
    async fn put_instance_from(
        &self,
        account: AccountId,
        instance: &Instance,
        source: Source,
        states_end: bool,
    ) -> Result<InstanceId> {
        let instance = instance.clone();
        self.write_rows(move |tx| policy::instances::put_from(tx, account, &instance, source, states_end)).await
    }

    async fn find_instance(
        &self,
        account: AccountId,
        kind: MeetingKind,
        instance: &InstanceRef,
        state: Option<InstanceState>,
    ) -> Result<Option<StoredInstance>> {
        let instance = instance.clone();
        self.read(move |db| match &instance {
            InstanceRef::Uuid(uuid) => {
                let found = by_uuid(db, account, uuid)?;
                Ok(found.filter(|stored| {
                    stored.instance.kind == kind && state.is_none_or(|state| stored.instance.state == state)
                }))
            }
            InstanceRef::Latest(number) => match state {
                Some(state) => Ok(latest(db, account, kind, *number, state, 1)?.pop()),
                None => {
                    let mut found = latest(db, account, kind, *number, InstanceState::Live, 1)?;
                    found.extend(latest(db, account, kind, *number, InstanceState::Past, 1)?);
                    Ok(found.into_iter().max_by_key(|stored| (stored.instance.start_time, stored.id)))
                }
            },
        })
        .await
    }

    async fn instance_by_row(&self, account: AccountId, instance: InstanceId) -> Result<Option<StoredInstance>> {
        self.read(move |db| by_row(db, account, instance)).await
    }

    async fn instance_by_uuid(&self, account: AccountId, uuid: &InstanceUuid) -> Result<Option<StoredInstance>> {
        let uuid = uuid.clone();
        self.read(move |db| by_uuid(db, account, &uuid)).await
    }

    async fn latest_of_series(
        &self,
        account: AccountId,
        series_id: &str,
        began: Option<(Timestamp, Timestamp)>,
    ) -> Result<Option<StoredInstance>> {
        // '`' is the character after '_': everything with the prefix is between them.
        let (first, behind) = (format!("{series_id}_I_"), format!("{series_id}_I`"));
        self.read(move |db| {
            let sql = format!(
                "{} WHERE account_id = ?1 AND uuid >= ?2 AND uuid < ?3
                     AND (?4 IS NULL OR start_time_ms > ?4 AND start_time_ms < ?5)
                 ORDER BY start_time_ms DESC, id DESC LIMIT 1",
                *SELECT
            );
            let (after, before) = began.unzip();
            let params = params![account.0, first, behind, Bound(&after), Bound(&before)];
            sql::row(db, TABLE, &sql, params, read_stored)
        })
        .await
    }

    async fn has_instances(&self) -> Result<bool> {
        self.read(|db| Ok(sql::value::<i64>(db, TABLE, "SELECT 1 FROM instances LIMIT 1", [])?.is_some())).await
    }

    async fn list_instances(
        &self,
        account: AccountId,
        query: &InstanceQuery,
        after: Option<InstanceCursor>,
        limit: usize,
    ) -> Result<Vec<StoredInstance>> {
        let query = query.clone();
        self.read(move |db| {
            let span = span_column(query.span);
            let sql = format!("{} WHERE {} ORDER BY {span} DESC, id DESC LIMIT :limit", *SELECT, matches(span, &query));
            let limit = sql::limit(limit);
            with_params(account, &query, after, |params| {
                let params: Vec<_> = params.iter().copied().chain([(":limit", &limit as &dyn ToSql)]).collect();
                sql::rows(db, TABLE, &sql, params.as_slice(), read_stored)
            })
        })
        .await
    }

    async fn instance_version(&self, account: AccountId, instance: InstanceId) -> Result<Option<InstanceVersion>> {
        self.read_here(move |db| {
            let sql = format!("SELECT {VERSION} FROM instances WHERE id = ? AND account_id = ?");
            sql::row(db, TABLE, &sql, [instance.0, account.0], read_version)
        })
        .await
    }

    async fn large_instances(&self, before: Option<InstanceId>, limit: usize) -> Result<Vec<LargeInstance>> {
        self.read(move |db| {
            let params = params![before.map_or(i64::MAX, |id| id.0), sql::limit(limit)];
            sql::rows(db, TABLE, &LARGE, params, read_large)
        })
        .await
    }

    async fn count_instances(&self, account: AccountId, query: &InstanceQuery) -> Result<u64> {
        let query = query.clone();
        self.read(move |db| {
            let sql = format!("SELECT count(*) FROM instances WHERE {}", matches(span_column(query.span), &query));
            with_params(account, &query, None, |params| sql::count(db, TABLE, &sql, params))
        })
        .await
    }

    async fn past_instances(
        &self,
        account: AccountId,
        kind: MeetingKind,
        number: MeetingNumber,
        limit: usize,
    ) -> Result<Vec<StoredInstance>> {
        self.read(move |db| latest(db, account, kind, number, InstanceState::Past, limit)).await
    }
}

impl InstanceRows for SqliteRows<'_> {
    fn require_account(&self, account: AccountId) -> Result<()> {
        accounts::require(self.0, account)
    }

    fn has_instance(&self, account: AccountId, instance: InstanceId) -> Result<bool> {
        let sql = "SELECT 1 FROM instances WHERE id = ? AND account_id = ?";
        Ok(sql::count(self.0, TABLE, sql, [instance.0, account.0])? > 0)
    }

    fn instance(&self, account: AccountId, instance: InstanceId) -> Result<Option<StoredInstance>> {
        by_row(self.0, account, instance)
    }

    fn instance_by_uuid(&self, account: AccountId, uuid: &InstanceUuid) -> Result<Option<StoredInstance>> {
        by_uuid(self.0, account, uuid)
    }

    fn write_instance(&self, account: AccountId, instance: &Instance, source: Source) -> Result<InstanceId> {
        write(self.0, account, instance, source)
    }

    fn origin(&self, instance: InstanceId) -> Result<Source> {
        let origin = sql::value(self.0, TABLE, "SELECT origin FROM instances WHERE id = ?", [instance.0])?;
        Ok(origin.unwrap_or(Source::Operator))
    }

    fn rename_of_page(&self, account: AccountId, uuid: &InstanceUuid, prefix: &str) -> Result<()> {
        let sql = "UPDATE instances SET uuid = ?3 || id, changes = changes + 1
                   WHERE account_id = ?1 AND uuid = ?2 AND origin = 'page'";
        sql::execute(self.0, sql, params![account.0, Bound(uuid), prefix]).map(drop)
    }

    fn stated_end(&self, instance: InstanceId) -> Result<Option<Timestamp>> {
        let sql = "SELECT stated_end_ms FROM instances WHERE id = ?";
        sql::value(self.0, TABLE, sql, [instance.0]).map(Option::flatten)
    }

    fn set_stated_end(&self, instance: InstanceId, end: Timestamp) -> Result<()> {
        let sql = "UPDATE instances SET stated_end_ms = ? WHERE id = ?";
        sql::execute(self.0, sql, params![Bound(&end), instance.0]).map(drop)
    }
}

/// Writes an instance without checking erasures.
pub(crate) fn write(db: &Connection, account: AccountId, instance: &Instance, source: Source) -> Result<InstanceId> {
    let mut put = sql::prepare(db, &PUT)?;
    let mut params = Params::new(&mut put);
    params.push(&account)?;
    params.push(&source)?;
    bind(instance, &mut params)?;
    let mut rows = put.raw_query();
    match rows.next().driver()? {
        Some(row) => Columns::new(TABLE, row).take().map_err(|error| *error),
        None => {
            let sql = "SELECT id FROM instances WHERE account_id = ? AND uuid = ?";
            let unchanged = sql::value(db, TABLE, sql, params![account.0, Bound(&instance.uuid)])?;
            unchanged.ok_or_else(|| StoreError::Corrupt {
                table: TABLE,
                reason: "an instance that was just written is missing".to_owned(),
            })
        }
    }
}

/// Increments the instance's counter: it or its participants have changed.
pub(crate) fn has_changed(db: &Connection, instance: InstanceId) -> Result<()> {
    sql::execute(db, "UPDATE instances SET changes = changes + 1 WHERE id = ?", [instance.0]).map(drop)
}

/// Reads an instance and the state of its record from the columns of [`select_life`].
pub(crate) fn read_life(columns: &mut Columns<'_>) -> Read<InstanceLife> {
    Ok(InstanceLife {
        account: columns.take()?,
        changes: columns.take()?,
        sealed_changes: columns.take()?,
        minutes_dropped: columns.take()?,
        stored: read_stored(columns)?,
    })
}

/// Returns a statement for [`read_life`].
pub(crate) fn select_life(condition: &str) -> String {
    format!(
        "SELECT account_id, changes, sealed_changes, minutes_dropped_ms IS NOT NULL, {} FROM instances WHERE {condition}",
        *STORED
    )
}

fn by_uuid(db: &Connection, account: AccountId, uuid: &InstanceUuid) -> Result<Option<StoredInstance>> {
    let sql = format!("{} WHERE account_id = ? AND uuid = ?", *SELECT);
    sql::row(db, TABLE, &sql, params![account.0, Bound(uuid)], read_stored)
}

pub(crate) fn by_row(db: &Connection, account: AccountId, instance: InstanceId) -> Result<Option<StoredInstance>> {
    let sql = format!("{} WHERE account_id = ? AND id = ?", *SELECT);
    sql::row(db, TABLE, &sql, params![account.0, instance.0], read_stored)
}

/// Returns instances with that number and state, latest start first. An unknown start counts as the earliest.
fn latest(
    db: &Connection,
    account: AccountId,
    kind: MeetingKind,
    number: MeetingNumber,
    state: InstanceState,
    limit: usize,
) -> Result<Vec<StoredInstance>> {
    let sql = format!(
        "{} WHERE account_id = ? AND kind = ? AND number = ? AND state = ?
         ORDER BY start_time_ms DESC, id DESC LIMIT ?",
        *SELECT
    );
    let params = params![account.0, Bound(&kind), number.0, Bound(&state), sql::limit(limit)];
    sql::rows(db, TABLE, &sql, params, read_stored)
}

const fn span_column(span: InstanceSpan) -> &'static str {
    match span {
        InstanceSpan::Start => "start_time_ms",
        InstanceSpan::End => "end_time_ms",
    }
}

/// Returns the condition of a list, with the time in the column `span`. The window's end and the cursor are one bound,
/// so that a later page begins where the previous one ended, not at the window's end.
fn matches(span: &str, query: &InstanceQuery) -> String {
    let number = match query.number {
        Some(_) => "number = :number",
        None if query.unnumbered => "1",
        None => "number IS NOT NULL",
    };
    let person = match query.person {
        None => "",
        Some(InstancePerson::Host { .. }) => {
            " AND (host_id = :person AND host_id <> '' OR coalesce(host_id, '') = '' AND lower(host_email) = :email AND host_email <> '')"
        }
        Some(InstancePerson::Participant { .. }) => {
            " AND EXISTS (SELECT 1 FROM participants AS p
                 WHERE p.participant_id BETWEEN instances.id << 24 AND (instances.id + 1 << 24) - 1
                     AND (p.id = :person AND p.id <> '' OR lower(p.email) = :email AND p.email <> ''))"
        }
    };
    format!(
        "account_id = :account AND kind = :kind AND state = :state AND {number}{person}
         AND {span} >= :from AND ({span}, id) < (:before, :before_id)
         AND max(participants, coalesce(stated_participants, 0)) BETWEEN :min AND :max
         AND (:groups IS NULL
             OR EXISTS (
                 SELECT 1 FROM users
                 WHERE users.account_id = instances.account_id AND users.id = instances.host_id
                     AND users.group_ids ->> 0 IN (SELECT value FROM json_each(:groups)))
             OR :include_participants AND EXISTS (
                 SELECT 1 FROM participants
                     LEFT JOIN users ON users.account_id = instances.account_id AND users.id = participants.id
                 WHERE participants.participant_id BETWEEN instances.id << 24 AND (instances.id + 1 << 24) - 1
                     AND coalesce(participants.group_id, users.group_ids ->> 0)
                         IN (SELECT value FROM json_each(:groups))))"
    )
}

/// Runs `query` with the parameters of [`matches`].
fn with_params<T>(
    account: AccountId,
    query: &InstanceQuery,
    after: Option<InstanceCursor>,
    run: impl FnOnce(&[(&str, &dyn ToSql)]) -> Result<T>,
) -> Result<T> {
    let window_end = (query.before, i64::MIN);
    let (before, before_id) = after.map_or(window_end, |cursor| window_end.min((cursor.time, cursor.id.0)));
    let groups = query.groups.as_ref();
    let group_ids = groups.map(|filter| filter.group_ids.clone());
    let number = query.number.map(|number| number.0);
    let number = number.as_ref().map(|number| (":number", number as &dyn ToSql));
    let (kind, state, from) = (Bound(&query.kind), Bound(&query.state), Bound(&query.from));
    let before = Bound(&before);
    let (min, max) = (query.min_participants.unwrap_or(0), query.max_participants.unwrap_or(u64::MAX));
    let (min, max) = (Bound(&min), Bound(&max));
    let group_ids = Bound(&group_ids);
    let include_participants = groups.is_some_and(|filter| filter.include_participants);
    let params: [(&str, &dyn ToSql); 10] = [
        (":account", &account.0),
        (":kind", &kind),
        (":state", &state),
        (":from", &from),
        (":before", &before),
        (":before_id", &before_id),
        (":min", &min),
        (":max", &max),
        (":groups", &group_ids),
        (":include_participants", &include_participants),
    ];
    let person = query.person.as_ref().map(|person| match person {
        InstancePerson::Host { id, email } | InstancePerson::Participant { id, email } => {
            (id.to_string(), email.as_str().to_lowercase())
        }
    });
    let person = person.as_ref().map(|(id, email)| [(":person", id as &dyn ToSql), (":email", email as &dyn ToSql)]);
    run(&params.into_iter().chain(number).chain(person.into_iter().flatten()).collect::<Vec<_>>())
}
