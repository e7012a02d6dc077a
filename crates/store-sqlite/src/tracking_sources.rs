//! Tracking sources of webinars.

use async_trait::async_trait;
use rollcall_model::{AccountId, MeetingNumber, TrackingSource};
use rollcall_store::{Result, TrackingSourceStore};
use rusqlite::{Connection, params};

use crate::{
    SqliteStore, accounts,
    columns::{Columns, Read},
    sql,
};

const TABLE: &str = "tracking_sources";

fn read(columns: &mut Columns<'_>) -> Read<TrackingSource> {
    Ok(TrackingSource {
        id: columns.take()?,
        source_name: columns.take()?,
        tracking_url: columns.take()?,
        visitor_count: columns.take()?,
        registration_count: columns.take()?,
    })
}

#[async_trait]
impl TrackingSourceStore for SqliteStore {
    async fn put_tracking_sources(
        &self,
        account: AccountId,
        webinar: MeetingNumber,
        sources: &[TrackingSource],
    ) -> Result<()> {
        let sources = sources.to_vec();
        self.write(move |db| put(db, account, webinar, &sources)).await
    }

    async fn tracking_sources(&self, account: AccountId, webinar: MeetingNumber) -> Result<Vec<TrackingSource>> {
        self.read(move |db| {
            let sql = "SELECT id, source_name, tracking_url, visitor_count, registration_count FROM tracking_sources
                       WHERE account_id = ? AND webinar_number = ? ORDER BY row";
            sql::rows(db, TABLE, sql, [account.0, webinar.0], read)
        })
        .await
    }
}

fn put(db: &Connection, account: AccountId, webinar: MeetingNumber, sources: &[TrackingSource]) -> Result<()> {
    accounts::require(db, account)?;
    for source in sources {
        let TrackingSource { id, source_name, tracking_url, visitor_count, registration_count } = source;
        sql::execute(
            db,
            "INSERT INTO tracking_sources (account_id, webinar_number, id, source_name, tracking_url, visitor_count,
                 registration_count)
             VALUES (?, ?, ?, ?, ?, ?, ?)
             ON CONFLICT (account_id, webinar_number, id) DO UPDATE SET
                 source_name = excluded.source_name,
                 tracking_url = coalesce(nullif(excluded.tracking_url, ''), tracking_url),
                 visitor_count = excluded.visitor_count,
                 registration_count = excluded.registration_count",
            params![
                account.0,
                webinar.0,
                id.as_str(),
                source_name.as_str(),
                tracking_url.as_str(),
                visitor_count,
                registration_count
            ],
        )?;
    }
    Ok(())
}

/// Counts one more registration for a source, which is created if it is unknown.
pub(crate) fn count_registration(
    db: &Connection,
    account: AccountId,
    webinar: MeetingNumber,
    source: &TrackingSource,
) -> Result<()> {
    // Of two spellings of a name, the same one is kept regardless of order.
    let sql = "INSERT INTO tracking_sources (account_id, webinar_number, id, source_name, tracking_url, visitor_count,
                   registration_count)
               VALUES (?, ?, ?, ?, ?, 0, 1)
               ON CONFLICT (account_id, webinar_number, id) DO UPDATE SET
                   source_name = max(source_name, excluded.source_name),
                   tracking_url = max(tracking_url, excluded.tracking_url),
                   registration_count = registration_count + 1";
    let TrackingSource { id, source_name, tracking_url, .. } = source;
    sql::execute(db, sql, params![account.0, webinar.0, id.as_str(), source_name.as_str(), tracking_url.as_str()])?;
    Ok(())
}
