//! Registrants of meetings and webinars, as events report them, as imports state them, and as people register here.

mod changes;

use std::sync::LazyLock;

use async_trait::async_trait;
use rollcall_model::{AccountId, InstanceId, MeetingKind, MeetingNumber, Registrant, Text, Timestamp, TrackingSource};
use rollcall_store::{
    NewRegistrant, RegistrantChange, RegistrantQuery, RegistrantRef, RegistrantStore, Result,
    policy::{self, Database, Precedence, RegistrantRows},
};
use rusqlite::{Connection, params, types::Value};

use crate::{
    SqliteRows, SqliteStore,
    columns::{Bound, Columns, Read},
    participants::rows_of,
    sql, tracking_sources,
};

pub(crate) const TABLE: &str = "registrants";
pub(crate) const COLUMNS: &str =
    "registrant, email, first_name, last_name, status, occurrence_ids, answers, join_url, language,
    create_time_ms";

pub(crate) fn read(columns: &mut Columns<'_>) -> Read<Registrant> {
    Ok(Registrant {
        id: columns.take()?,
        email: columns.take()?,
        first_name: columns.take()?,
        last_name: columns.take()?,
        status: columns.take()?,
        occurrence_ids: columns.take()?,
        answers_json: columns.take()?,
        join_url: columns.take()?,
        language: columns.take()?,
        create_time: columns.take()?,
    })
}

/// The columns other than the key, with their places in a statement's parameters.
const FIELDS: [(u8, &str); 9] = [
    (5, "email"),
    (6, "first_name"),
    (7, "last_name"),
    (8, "status"),
    (9, "occurrence_ids"),
    (10, "answers"),
    (11, "join_url"),
    (12, "language"),
    (13, "create_time_ms"),
];

const INSERT: &str = "INSERT INTO registrants (account_id, kind, number, registrant, email, first_name, last_name,
        status, occurrence_ids, answers, join_url, language, create_time_ms, at_ms)
    VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14)
    ON CONFLICT (account_id, kind, number, registrant) DO UPDATE SET";

/// Later events override earlier ones; earlier ones fill unknown values. Of several at the same time, the decision that
/// Zoom can only make last takes precedence.
static PUT_EVENT: LazyLock<String> = LazyLock::new(|| {
    let rank = |status: &str| {
        format!("CASE {status} WHEN 'pending' THEN 0 WHEN 'approved' THEN 1 WHEN 'denied' THEN 2 ELSE 3 END")
    };
    let (told, stored) = (rank("?8"), rank("coalesce(status, 'pending')"));
    let is_later = format!("(?14 > at_ms OR ?14 = at_ms AND {told} >= {stored})");
    let fields = FIELDS.map(|(told, field)| {
        format!("{field} = iif({is_later}, coalesce(?{told}, {field}), coalesce({field}, ?{told}))")
    });
    format!("{INSERT} {}, at_ms = max(at_ms, ?14)", fields.join(", "))
});

/// Reported values override stored ones, and reported answers of the form those to the same questions.
static PUT_FACTS: LazyLock<String> = LazyLock::new(|| {
    let fields = FIELDS.map(|(told, field)| match field {
        "answers" => format!(
            "answers = iif(?{told} IS NULL, answers, json_patch(iif(json_valid(answers), answers, '{{}}'), ?{told}))"
        ),
        _ => format!("{field} = coalesce(?{told}, {field})"),
    });
    format!("{INSERT} {}, at_ms = max(at_ms, ?14)", fields.join(", "))
});

/// Reported values override stored ones.
static PUT: LazyLock<String> = LazyLock::new(|| {
    let fields = FIELDS.map(|(told, field)| format!("{field} = coalesce(?{told}, {field})"));
    format!("{INSERT} {}, at_ms = max(at_ms, ?14)", fields.join(", "))
});

impl RegistrantRows for SqliteRows<'_> {
    fn write_registrant(
        &self,
        account: AccountId,
        (kind, number): (MeetingKind, MeetingNumber),
        registrant: &Registrant,
        at: Timestamp,
        precedence: Precedence,
    ) -> Result<()> {
        let statement = match precedence {
            Precedence::Written => &PUT,
            Precedence::Merged => &PUT_FACTS,
            Precedence::Later => &PUT_EVENT,
        };
        let Registrant {
            id,
            email,
            first_name,
            last_name,
            status,
            occurrence_ids,
            answers_json,
            join_url,
            language,
            create_time,
        } = registrant;
        let params = params![
            account.0,
            Bound(&kind),
            number.0,
            id.as_str(),
            email.as_deref(),
            first_name.as_deref(),
            last_name.as_deref(),
            status.as_deref(),
            Bound(occurrence_ids),
            answers_json,
            join_url.as_deref(),
            language.as_deref(),
            Bound(create_time),
            Bound(&at),
        ];
        sql::execute(self.0, statement, params).map(drop)
    }

    fn registrant(
        &self,
        account: AccountId,
        meeting: (MeetingKind, MeetingNumber),
        id: &str,
    ) -> Result<Option<Registrant>> {
        find(self.0, account, meeting, id)
    }

    fn registrant_with_address(
        &self,
        account: AccountId,
        meeting: (MeetingKind, MeetingNumber),
        email: &str,
    ) -> Result<Option<Registrant>> {
        find_address(self.0, account, meeting, email)
    }

    fn rename_registrant(
        &self,
        account: AccountId,
        (kind, number): (MeetingKind, MeetingNumber),
        from: &str,
        to: &Text,
    ) -> Result<()> {
        let rename = "UPDATE registrants SET registrant = ?
                      WHERE account_id = ? AND kind = ? AND number = ? AND registrant = ?";
        sql::execute(self.0, rename, params![to.as_str(), account.0, Bound(&kind), number.0, from])?;
        if kind == MeetingKind::Webinar {
            let rename = "UPDATE OR IGNORE registrations SET registrant = ?
                          WHERE account_id = ? AND webinar_number = ? AND registrant = ?";
            sql::execute(self.0, rename, params![to.as_str(), account.0, number.0, from])?;
        }
        Ok(())
    }

    fn count_registration(
        &self,
        account: AccountId,
        webinar: MeetingNumber,
        registrant: &Text,
        source: &TrackingSource,
    ) -> Result<()> {
        let insert = "INSERT OR IGNORE INTO registrations (account_id, webinar_number, registrant, source_id)
                      VALUES (?, ?, ?, ?)";
        let params = params![account.0, webinar.0, registrant.as_str(), source.id.as_str()];
        match sql::execute(self.0, insert, params)? {
            0 => Ok(()),
            _ => tracking_sources::count_registration(self.0, account, webinar, source),
        }
    }
}

#[async_trait]
impl RegistrantStore for SqliteStore {
    async fn put_registrants(
        &self,
        account: AccountId,
        kind: MeetingKind,
        number: MeetingNumber,
        registrants: &[Registrant],
    ) -> Result<()> {
        let registrants = registrants.to_vec();
        self.write_rows(move |tx| policy::registrants::put_all(tx, account, kind, number, &registrants)).await
    }

    async fn find_registrant(
        &self,
        account: AccountId,
        kind: MeetingKind,
        number: MeetingNumber,
        id: &str,
    ) -> Result<Option<Registrant>> {
        let id = id.to_owned();
        self.read(move |db| find(db, account, (kind, number), &id)).await
    }

    async fn list_registrants(
        &self,
        account: AccountId,
        query: &RegistrantQuery,
        after: Option<&Text>,
        limit: usize,
    ) -> Result<Vec<Registrant>> {
        let (query, after) = (query.clone(), after.cloned());
        self.read(move |db| {
            let (matches, params) = matching(account, &query);
            page(db, &matches, params, after, limit)
        })
        .await
    }

    async fn count_registrants(&self, account: AccountId, query: &RegistrantQuery) -> Result<u64> {
        let query = query.clone();
        self.read(move |db| {
            let (matches, params) = matching(account, &query);
            count(db, &matches, params)
        })
        .await
    }

    async fn register(
        &self,
        account: AccountId,
        change: RegistrantChange,
        people: &[NewRegistrant],
    ) -> Result<Vec<Registrant>> {
        let people = people.to_vec();
        self.write(move |db| changes::register_all(db, account, change, &people)).await
    }

    async fn set_registrant_status(
        &self,
        account: AccountId,
        change: RegistrantChange,
        people: &[RegistrantRef],
        status: &str,
    ) -> Result<()> {
        let (people, status) = (people.to_vec(), Text::from(status));
        self.write(move |db| changes::set_status(db, account, change, &people, &status)).await
    }

    async fn delete_registrant(
        &self,
        account: AccountId,
        kind: MeetingKind,
        number: MeetingNumber,
        id: &str,
        occurrence_id: Option<&str>,
    ) -> Result<bool> {
        let (id, occurrence_id) = (id.to_owned(), occurrence_id.map(str::to_owned));
        self.write(move |db| changes::delete(db, account, (kind, number), &id, occurrence_id.as_deref())).await
    }

    async fn list_absentees(
        &self,
        account: AccountId,
        query: &RegistrantQuery,
        instance: InstanceId,
        after: Option<&Text>,
        limit: usize,
    ) -> Result<Vec<Registrant>> {
        let (query, after) = (query.clone(), after.cloned());
        self.read(move |db| {
            let (matches, params) = absent(account, &query, instance);
            page(db, &matches, params, after, limit)
        })
        .await
    }

    async fn count_absentees(&self, account: AccountId, query: &RegistrantQuery, instance: InstanceId) -> Result<u64> {
        let query = query.clone();
        self.read(move |db| {
            let (matches, params) = absent(account, &query, instance);
            count(db, &matches, params)
        })
        .await
    }
}

/// Returns a query's condition with its parameters.
fn matching(account: AccountId, query: &RegistrantQuery) -> (String, Vec<Value>) {
    let RegistrantQuery { kind, number, status, occurrence_id, source_id } = query;
    let kind = if *kind == MeetingKind::Webinar { "webinar" } else { "meeting" };
    let mut sql = "account_id = ? AND kind = ? AND number = ?".to_owned();
    let mut params = vec![account.0.into(), kind.to_owned().into(), number.0.into()];
    if let Some(status) = status {
        sql.push_str(" AND status = ?");
        params.push(status.to_string().into());
    }
    if let Some(occurrence) = occurrence_id {
        sql.push_str(
            " AND (coalesce(occurrence_ids, '[]') = '[]'
                OR EXISTS (SELECT 1 FROM json_each(occurrence_ids) AS o WHERE o.value = ?))",
        );
        params.push(occurrence.to_string().into());
    }
    if let Some(source) = source_id {
        sql.push_str(
            " AND EXISTS (SELECT 1 FROM registrations AS l WHERE l.account_id = registrants.account_id
                AND l.webinar_number = registrants.number AND l.registrant = registrants.registrant
                AND l.source_id = ?)",
        );
        params.push(source.to_string().into());
    }
    (sql, params)
}

/// Returns the condition of those who were absent from an instance, with its parameters.
fn absent(account: AccountId, query: &RegistrantQuery, instance: InstanceId) -> (String, Vec<Value>) {
    let approved = RegistrantQuery { status: Some("approved".into()), ..query.clone() };
    let (mut sql, mut params) = matching(account, &approved);
    let (first, last) = rows_of(instance);
    for (field, of_registrant) in [("registrant_id", "registrant"), ("lower(email)", "lower(coalesce(email, ''))")] {
        sql.push_str(&format!(
            " AND {of_registrant} NOT IN (SELECT {field} FROM participants
                WHERE participant_id BETWEEN ? AND ? AND coalesce({field}, '') <> '')"
        ));
        params.extend([first.into(), last.into()]);
    }
    (sql, params)
}

fn page(
    db: &Connection,
    matches: &str,
    mut params: Vec<Value>,
    after: Option<Text>,
    limit: usize,
) -> Result<Vec<Registrant>> {
    params.extend([after.unwrap_or_default().to_string().into(), sql::limit(limit).into()]);
    let sql =
        format!("SELECT {COLUMNS} FROM registrants WHERE {matches} AND registrant > ? ORDER BY registrant LIMIT ?");
    sql::rows(db, TABLE, &sql, rusqlite::params_from_iter(params), read)
}

fn count(db: &Connection, matches: &str, params: Vec<Value>) -> Result<u64> {
    let sql = format!("SELECT count(*) FROM registrants WHERE {matches}");
    sql::count(db, TABLE, &sql, rusqlite::params_from_iter(params))
}

fn find(
    db: &Connection,
    account: AccountId,
    (kind, number): (MeetingKind, MeetingNumber),
    id: &str,
) -> Result<Option<Registrant>> {
    let sql = format!(
        "SELECT {COLUMNS} FROM registrants WHERE account_id = ? AND kind = ? AND number = ? AND registrant = ?"
    );
    sql::row(db, TABLE, &sql, params![account.0, Bound(&kind), number.0, id], read)
}

/// Returns the registrant with an address: of several, one who is not cancelled.
fn find_address(
    db: &Connection,
    account: AccountId,
    (kind, number): (MeetingKind, MeetingNumber),
    email: &str,
) -> Result<Option<Registrant>> {
    let sql = format!(
        "SELECT {COLUMNS} FROM registrants
         WHERE account_id = ? AND kind = ? AND number = ? AND email <> '' AND lower(email) = lower(?)
         ORDER BY coalesce(status, '') = 'cancelled', registrant LIMIT 1"
    );
    sql::row(db, TABLE, &sql, params![account.0, Bound(&kind), number.0, email], read)
}
