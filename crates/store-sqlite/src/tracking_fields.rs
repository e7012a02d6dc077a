//! Tracking fields: labels that an account defines for its meetings, with the labels they had.

use async_trait::async_trait;
use rollcall_model::{AccountId, Timestamp, TrackingFieldDefinition};
use rollcall_store::{Result, StoreError, TrackingFieldLabel, TrackingFieldStore};
use rusqlite::{Connection, params};

use crate::{
    SqliteStore, accounts,
    columns::{Bound, Columns, Read},
    sql::{self, Driver},
};

const TABLE: &str = "tracking_fields";
const COLUMNS: &str = "id, label, recommended_values, required, visible";

fn read(columns: &mut Columns<'_>) -> Read<TrackingFieldDefinition> {
    Ok(TrackingFieldDefinition {
        id: columns.take()?,
        label: columns.take()?,
        recommended_values: columns.take()?,
        required: columns.take()?,
        visible: columns.take()?,
    })
}

#[async_trait]
impl TrackingFieldStore for SqliteStore {
    async fn tracking_fields(&self, account: AccountId) -> Result<Vec<TrackingFieldDefinition>> {
        self.read(move |db| {
            let sql = format!("SELECT {COLUMNS} FROM tracking_fields WHERE account_id = ? ORDER BY row");
            sql::rows(db, TABLE, &sql, [account.0], read)
        })
        .await
    }

    async fn find_tracking_field(&self, account: AccountId, id: &str) -> Result<Option<TrackingFieldDefinition>> {
        let id = id.to_owned();
        self.read(move |db| {
            let sql = format!("SELECT {COLUMNS} FROM tracking_fields WHERE account_id = ? AND id = ?");
            sql::row(db, TABLE, &sql, params![account.0, id], read)
        })
        .await
    }

    async fn create_tracking_field(
        &self,
        account: AccountId,
        field: &TrackingFieldDefinition,
        max: usize,
        now: Timestamp,
    ) -> Result<()> {
        let field = field.clone();
        self.write(move |db| {
            accounts::require(db, account)?;
            let all = "SELECT count(*) FROM tracking_fields WHERE account_id = ?";
            if sql::count(db, TABLE, all, [account.0])? >= max as u64 {
                let what = format!("the account has {max} tracking fields, which is the most it can have");
                return Err(StoreError::LimitReached { what });
            }
            insert(db, account, &field)?;
            note_label(db, account, &field, now)
        })
        .await
    }

    async fn replace_tracking_field(
        &self,
        account: AccountId,
        field: &TrackingFieldDefinition,
        now: Timestamp,
    ) -> Result<()> {
        let field = field.clone();
        self.write(move |db| match update(db, account, &field)? {
            true => note_label(db, account, &field, now),
            false => Err(StoreError::NotFound { what: format!("tracking field {}", field.id) }),
        })
        .await
    }

    async fn put_tracking_fields(&self, account: AccountId, fields: &[TrackingFieldDefinition]) -> Result<()> {
        let fields = fields.to_vec();
        self.write(move |db| {
            accounts::require(db, account)?;
            for field in &fields {
                let former = "DELETE FROM tracking_fields
                              WHERE account_id = ? AND lower(label) = lower(?) AND id <> ?";
                sql::execute(db, former, params![account.0, field.label.as_str(), field.id.as_str()])?;
                if !update(db, account, field)? {
                    insert(db, account, field)?;
                }
                // An import does not say since when.
                note_label(db, account, field, Timestamp::from_millis(0))?;
            }
            Ok(())
        })
        .await
    }

    async fn delete_tracking_field(&self, account: AccountId, id: &str) -> Result<bool> {
        let id = id.to_owned();
        self.write(move |db| {
            let sql = "DELETE FROM tracking_fields WHERE account_id = ? AND id = ?";
            Ok(sql::execute(db, sql, params![account.0, id])? > 0)
        })
        .await
    }

    async fn tracking_field_labels(&self, account: AccountId, field_id: &str) -> Result<Vec<TrackingFieldLabel>> {
        let field_id = field_id.to_owned();
        self.read(move |db| {
            let sql = "SELECT field_id, label, since_ms FROM tracking_field_labels
                       WHERE account_id = ? AND field_id = ? ORDER BY since_ms, label";
            sql::rows(db, "tracking_field_labels", sql, params![account.0, field_id], |columns| {
                Ok(TrackingFieldLabel { field_id: columns.take()?, label: columns.take()?, since: columns.take()? })
            })
        })
        .await
    }
}

fn insert(db: &Connection, account: AccountId, field: &TrackingFieldDefinition) -> Result<()> {
    let TrackingFieldDefinition { id, label, recommended_values, required, visible } = field;
    let sql = "INSERT INTO tracking_fields (account_id, id, label, recommended_values, required, visible)
               VALUES (?, ?, ?, ?, ?, ?)";
    sql::prepare(db, sql)?
        .execute(params![account.0, id.as_str(), label.as_str(), Bound(recommended_values), required, visible])
        .conflict(|| format!("tracking field {label}"))
        .map(drop)
}

fn update(db: &Connection, account: AccountId, field: &TrackingFieldDefinition) -> Result<bool> {
    let TrackingFieldDefinition { id, label, recommended_values, required, visible } = field;
    let sql = "UPDATE tracking_fields SET label = ?3, recommended_values = ?4, required = ?5, visible = ?6
               WHERE account_id = ?1 AND id = ?2";
    let changed = sql::prepare(db, sql)?
        .execute(params![account.0, id.as_str(), label.as_str(), Bound(recommended_values), required, visible])
        .conflict(|| format!("tracking field {label}"))?;
    Ok(changed > 0)
}

/// Adds the field's label to its history.
fn note_label(db: &Connection, account: AccountId, field: &TrackingFieldDefinition, since: Timestamp) -> Result<()> {
    let sql = "INSERT OR IGNORE INTO tracking_field_labels (account_id, field_id, label, since_ms)
               VALUES (?, ?, ?, ?)";
    sql::execute(db, sql, params![account.0, field.id.as_str(), field.label.as_str(), since.as_millis()]).map(drop)
}
