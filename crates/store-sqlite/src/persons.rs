//! Persons: aliases, and the logins of addresses.

use std::collections::HashMap;

use async_trait::async_trait;
use rollcall_model::{AccountId, Identifier, Text, Timestamp};
use rollcall_store::{PersonAlias, PersonStore, Result, StoreError};
use rusqlite::{Connection, params};

use crate::{
    SqliteStore, accounts,
    columns::{Bound, Columns, Read},
    sql,
};

const TABLE: &str = "person_aliases";

fn read(columns: &mut Columns<'_>) -> Read<PersonAlias> {
    let mut identifier = || {
        let text: Text = columns.take()?;
        text.parse::<Identifier>()
            .map_err(|error| Box::new(StoreError::Corrupt { table: TABLE, reason: error.to_string() }))
    };
    Ok(PersonAlias { alias: identifier()?, person: identifier()?, created_at: columns.take()? })
}

#[async_trait]
impl PersonStore for SqliteStore {
    async fn merge_persons(
        &self,
        account: AccountId,
        person: &Identifier,
        alias: &Identifier,
        now: Timestamp,
    ) -> Result<PersonAlias> {
        let (person, alias) = (person.clone(), alias.clone());
        self.write(move |db| merge(db, account, &person, &alias, now)).await
    }

    async fn split_person(&self, account: AccountId, alias: &Identifier) -> Result<bool> {
        let alias = alias.clone();
        self.write(move |db| {
            let sql = "DELETE FROM person_aliases WHERE account_id = ? AND alias = ?";
            Ok(sql::execute(db, sql, params![account.0, alias.as_str()])? > 0)
        })
        .await
    }

    async fn person_aliases(&self, account: AccountId, after: Option<&str>, limit: usize) -> Result<Vec<PersonAlias>> {
        let after = after.unwrap_or_default().to_owned();
        self.read(move |db| {
            let sql = "SELECT alias, person, created_at_ms FROM person_aliases WHERE account_id = ? AND alias > ?
                       ORDER BY alias LIMIT ?";
            sql::rows(db, TABLE, sql, params![account.0, after, sql::limit(limit)], read)
        })
        .await
    }

    async fn persons_of(&self, account: AccountId, names: &[Text]) -> Result<HashMap<Text, Text>> {
        let names = names.to_vec();
        self.read(move |db| {
            let sql = "SELECT alias, person FROM json_each(?) AS name
                           JOIN person_aliases ON account_id = ? AND alias = name.value";
            let pairs = sql::rows(db, TABLE, sql, params![Bound(&names), account.0], |columns| {
                Ok((columns.take()?, columns.take()?))
            })?;
            Ok(pairs.into_iter().collect())
        })
        .await
    }

    async fn logins_of(&self, account: AccountId, addresses: &[Text]) -> Result<HashMap<Text, Text>> {
        let addresses = addresses.to_vec();
        self.read(move |db| {
            let sql = "SELECT users.email_lower, users.id FROM json_each(?) AS address
                           JOIN users ON account_id = ? AND email_lower = address.value";
            let pairs = sql::rows(db, "users", sql, params![Bound(&addresses), account.0], |columns| {
                Ok((columns.take()?, columns.take()?))
            })?;
            Ok(pairs.into_iter().collect())
        })
        .await
    }
}

fn person_of(db: &Connection, account: AccountId, name: &Identifier) -> Result<Identifier> {
    let sql = "SELECT person FROM person_aliases WHERE account_id = ? AND alias = ?";
    let person: Option<Text> = sql::value(db, TABLE, sql, params![account.0, name.as_str()])?;
    Ok(person.and_then(|person| person.parse().ok()).unwrap_or_else(|| name.clone()))
}

fn merge(
    db: &Connection,
    account: AccountId,
    person: &Identifier,
    alias: &Identifier,
    now: Timestamp,
) -> Result<PersonAlias> {
    accounts::require(db, account)?;
    let (person, former) = (person_of(db, account, person)?, person_of(db, account, alias)?);
    if person == former {
        return Err(StoreError::Conflict { what: format!("{alias} as the person {person}") });
    }
    // Aliases lead to a person in one step.
    let sql = "UPDATE person_aliases SET person = ? WHERE account_id = ? AND person = ?";
    sql::execute(db, sql, params![person.as_str(), account.0, former.as_str()])?;
    let sql = "INSERT INTO person_aliases (account_id, alias, person, created_at_ms) VALUES (?, ?, ?, ?)
               ON CONFLICT (account_id, alias) DO UPDATE SET person = excluded.person";
    sql::execute(db, sql, params![account.0, former.as_str(), person.as_str(), Bound(&now)])?;
    Ok(PersonAlias { alias: former, person, created_at: now })
}
