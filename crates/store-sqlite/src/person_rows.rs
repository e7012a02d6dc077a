//! Rows that may name a person, for erasures and the checks of writes against them.

use rollcall_model::{AccountId, Document, InstanceId, ParticipantId, Text, Timestamp};
use rollcall_store::{
    Result, StoredParticipant,
    policy::{NamedRecord, PersonRow, PersonRows},
};
use rusqlite::{ToSql, params};

use crate::{
    SqliteRows,
    columns::{Columns, Read},
    documents, instances, meetings, participants, registrants, sql, users,
};

impl PersonRows for SqliteRows<'_> {
    fn write_document(&self, account: AccountId, document: &Document) -> Result<()> {
        let sql = "INSERT INTO documents (account_id, kind, owner_kind, owner, key, at_ms, body)
                   VALUES (?, ?, ?, ?, ?, ?, ?)
                   ON CONFLICT (account_id, kind, owner_kind, owner, key) DO UPDATE SET
                       at_ms = excluded.at_ms, body = excluded.body
                   WHERE at_ms <> excluded.at_ms OR body <> excluded.body";
        let Document { kind, owner, key, time, json } = document;
        let id = owner.id();
        let at_ms = time.map_or(0, Timestamp::as_millis);
        let params = params![account.0, kind.as_str(), owner.kind(), id.as_str(), key.as_str(), at_ms, json];
        sql::execute(self.0, sql, params).map(drop)
    }

    fn person_of(&self, account: AccountId, alias: &Text) -> Result<Option<Text>> {
        let sql = "SELECT person FROM person_aliases WHERE account_id = ? AND alias = ?";
        sql::value(self.0, "person_aliases", sql, params![account.0, alias.as_str()])
    }

    fn participants(
        &self,
        account: AccountId,
        after: Option<ParticipantId>,
        limit: usize,
    ) -> Result<Vec<(InstanceId, StoredParticipant)>> {
        let sql = "SELECT p.participant_id, p.user_id, p.join_time_ms, p.fields
                   FROM participant_rows AS p CROSS JOIN instances AS i ON i.id = p.instance_id
                   WHERE p.participant_id > ? AND i.account_id = ? ORDER BY p.participant_id LIMIT ?";
        let params = params![after.map_or(i64::MIN, |id| id.0), account.0, sql::limit(limit)];
        let found = participants::select(self.0, sql, params)?;
        Ok(found.into_iter().map(|stored| (participants::instance_of(stored.id), stored)).collect())
    }

    fn each_record(&self, account: AccountId, visit: &mut dyn FnMut(NamedRecord) -> Result<()>) -> Result<()> {
        let mut each = |table, sql: &str, read: fn(&mut Columns<'_>) -> Read<NamedRecord>| {
            sql::each(self.0, table, sql, [account.0], read, &mut *visit)
        };
        let sql = format!(
            "SELECT id, origin, {} FROM instances
             WHERE account_id = ? AND (host_id <> '' OR host_email <> '' OR topic LIKE '%@%' OR extras LIKE '%@%')",
            sql::list(instances::COLUMNS)
        );
        each(instances::TABLE, &sql, |columns| {
            Ok(NamedRecord::Instance(columns.take()?, columns.take()?, instances::read(columns)?))
        })?;
        let sql = format!("SELECT {} FROM meetings WHERE account_id = ?", sql::list(meetings::COLUMNS));
        each(meetings::TABLE, &sql, |columns| meetings::read(columns).map(NamedRecord::Meeting))?;
        let sql = format!("SELECT {} FROM registrants WHERE account_id = ?", registrants::COLUMNS);
        each(registrants::TABLE, &sql, |columns| registrants::read(columns).map(NamedRecord::Registrant))?;
        each(documents::TABLE, "SELECT row, key, body FROM documents WHERE account_id = ?", |columns| {
            Ok(NamedRecord::Document { row: columns.take()?, key: columns.take()?, json: columns.take()? })
        })?;
        each("deliveries", "SELECT row, body FROM deliveries WHERE account_id = ?", |columns| {
            Ok(NamedRecord::Delivery { row: columns.take()?, body: columns.take()? })
        })?;
        each("collect_lists", "SELECT id, target, next FROM collect_lists WHERE account_id = ?", |columns| {
            let row = PersonRow::CollectList(columns.take()?);
            let (target, next): (Text, Option<Text>) = (columns.take()?, columns.take()?);
            Ok(NamedRecord::Collected { row, texts: [target].into_iter().chain(next).collect() })
        })?;
        each("collect_gaps", "SELECT id, request, detail FROM collect_gaps WHERE account_id = ?", |columns| {
            let row = PersonRow::CollectGap(columns.take()?);
            Ok(NamedRecord::Collected { row, texts: vec![columns.take()?, columns.take()?] })
        })?;
        let sql = "SELECT id, first_value, second_value FROM collect_differences WHERE account_id = ?";
        each("collect_differences", sql, |columns| {
            let row = PersonRow::CollectDifference(columns.take()?);
            Ok(NamedRecord::Collected { row, texts: vec![columns.take()?, columns.take()?] })
        })?;
        each("person_aliases", "SELECT alias, person FROM person_aliases WHERE account_id = ?", |columns| {
            Ok(NamedRecord::Alias { alias: columns.take()?, person: columns.take()? })
        })?;
        each("tokens", "SELECT user_id, id FROM tokens WHERE account_id = ? AND user_id <> ''", |columns| {
            Ok(NamedRecord::OfUser { user: columns.take()?, row: PersonRow::Token(columns.take()?), count: 1 })
        })?;
        let sql = "SELECT user_id, count(*) FROM user_tracking_codes WHERE account_id = ? GROUP BY 1";
        each("user_tracking_codes", sql, |columns| read_of_user(columns, PersonRow::TrackingCodes))?;
        let sql = "SELECT user_id, count(*) FROM audit WHERE account_id = ? AND user_id <> '' GROUP BY 1";
        each("audit", sql, |columns| read_of_user(columns, PersonRow::Audit))?;
        let sql = format!("SELECT {} FROM users WHERE account_id = ?", sql::list(users::COLUMNS));
        each(users::TABLE, &sql, |columns| users::read(columns).map(NamedRecord::User))
    }

    fn erase_row(&self, account: AccountId, row: &PersonRow) -> Result<usize> {
        let (change, id): (_, &dyn ToSql) = match row {
            PersonRow::Registrant(id) => ("DELETE FROM registrants WHERE registrant = ?", &id.as_str()),
            PersonRow::Document(row) => ("DELETE FROM documents WHERE row = ?", row),
            PersonRow::Delivery(row) => ("DELETE FROM deliveries WHERE row = ?", row),
            PersonRow::CollectList(row) => ("DELETE FROM collect_lists WHERE id = ?", row),
            PersonRow::CollectGap(row) => ("DELETE FROM collect_gaps WHERE id = ?", row),
            PersonRow::CollectDifference(row) => ("DELETE FROM collect_differences WHERE id = ?", row),
            PersonRow::Alias(alias) => ("DELETE FROM person_aliases WHERE alias = ?", &alias.as_str()),
            PersonRow::Token(id) => ("DELETE FROM tokens WHERE id = ?", &id.0),
            PersonRow::TrackingCodes(user) => ("DELETE FROM user_tracking_codes WHERE user_id = ?", &user.as_str()),
            PersonRow::Audit(user) => ("UPDATE audit SET user_id = '' WHERE user_id = ?", &user.as_str()),
            PersonRow::User(id) => ("DELETE FROM users WHERE id = ?", &id.as_str()),
        };
        sql::execute(self.0, &format!("{change} AND account_id = ?"), params![id, account.0])
    }
}

fn read_of_user(columns: &mut Columns<'_>, row: fn(Text) -> PersonRow) -> Read<NamedRecord> {
    let user: Text = columns.take()?;
    let count: u64 = columns.take()?;
    Ok(NamedRecord::OfUser { row: row(user.clone()), user, count: count as usize })
}
