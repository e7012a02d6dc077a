//! Sites, their tracking codes, and users' values of them.

use async_trait::async_trait;
use rollcall_model::{
    AccountId, Site, SiteManager, Text, TrackingCode, TrackingCodeId, TrackingCodeMode, TrackingCodeValue, UserId,
};
use rollcall_store::{Result, StoreError, TrackingCodeStore, policy};
use rusqlite::{Connection, params};

use crate::{
    SqliteRows, SqliteStore, accounts,
    columns::{Bound, Columns, Params, Read, columns},
    sql::{self, Driver},
};

columns! {
    TrackingCode in "tracking_codes" {
        site_url,
        id,
        name,
        input_mode,
        options,
        host_profile_code,
        schedule_start_codes,
    }
}

fn read_site(columns: &mut Columns<'_>) -> Read<Site> {
    Ok(Site {
        url: columns.take()?,
        is_default: columns.take()?,
        managed_by: columns.take()?,
        tracking_code_mode: columns.take()?,
    })
}

fn read_value(columns: &mut Columns<'_>) -> Read<TrackingCodeValue> {
    Ok(TrackingCodeValue { code_id: columns.take()?, name: columns.take()?, value: columns.take()? })
}

/// Ids are decimal numbers in strings: 9 comes before 10.
const BY_NUMBER: &str = "CAST(tracking_codes.id AS INTEGER), tracking_codes.id";

#[async_trait]
impl TrackingCodeStore for SqliteStore {
    async fn put_site(&self, account: AccountId, site: &Site) -> Result<()> {
        let site = site.clone();
        self.write(move |db| put_site(db, account, &site)).await
    }

    async fn sites(&self, account: AccountId) -> Result<Vec<Site>> {
        self.read(move |db| {
            let sql = "SELECT url, is_default, managed_by, tracking_code_mode FROM sites
                       WHERE account_id = ? ORDER BY row";
            sql::rows(db, "sites", sql, [account.0], read_site)
        })
        .await
    }

    async fn tracking_codes(&self, account: AccountId, site_url: &str) -> Result<Vec<TrackingCode>> {
        let site_url = site_url.to_owned();
        self.read(move |db| {
            let sql = format!(
                "SELECT {} FROM tracking_codes WHERE account_id = ? AND site_url = ? ORDER BY {BY_NUMBER}",
                sql::list(COLUMNS)
            );
            sql::rows(db, TABLE, &sql, params![account.0, site_url], read)
        })
        .await
    }

    async fn find_tracking_code(
        &self,
        account: AccountId,
        site_url: &str,
        id: &TrackingCodeId,
    ) -> Result<Option<TrackingCode>> {
        let (site_url, id) = (site_url.to_owned(), id.clone());
        self.read(move |db| {
            let sql = format!(
                "SELECT {} FROM tracking_codes WHERE account_id = ? AND site_url = ? AND id = ?",
                sql::list(COLUMNS)
            );
            sql::row(db, TABLE, &sql, params![account.0, site_url, id.as_str()], read)
        })
        .await
    }

    async fn create_tracking_code(
        &self,
        account: AccountId,
        code: &TrackingCode,
        max_per_site: usize,
    ) -> Result<TrackingCode> {
        let code = code.clone();
        self.write(move |db| create(db, account, code, max_per_site)).await
    }

    async fn replace_tracking_code(&self, account: AccountId, code: &TrackingCode) -> Result<()> {
        let code = code.clone();
        self.write(move |db| match replace(db, account, &code)? {
            true => Ok(()),
            false => Err(StoreError::NotFound { what: format!("tracking code {} of {}", code.id, code.site_url) }),
        })
        .await
    }

    async fn put_tracking_code(&self, account: AccountId, code: &TrackingCode) -> Result<()> {
        let code = code.clone();
        self.write(move |db| put(db, account, &code)).await
    }

    async fn delete_tracking_code(&self, account: AccountId, site_url: &str, id: &TrackingCodeId) -> Result<bool> {
        let (site_url, id) = (site_url.to_owned(), id.clone());
        self.write(move |db| {
            // The foreign key deletes users' values of it.
            let sql = "DELETE FROM tracking_codes WHERE account_id = ? AND site_url = ? AND id = ?";
            Ok(sql::execute(db, sql, params![account.0, site_url, id.as_str()])? > 0)
        })
        .await
    }

    async fn user_tracking_codes(
        &self,
        account: AccountId,
        site_url: &str,
        user_id: &UserId,
    ) -> Result<Vec<TrackingCodeValue>> {
        let (site_url, user_id) = (site_url.to_owned(), user_id.clone());
        self.read(move |db| {
            let sql = format!(
                "SELECT code_id, name, value
                 FROM user_tracking_codes JOIN tracking_codes USING (account_id, site_url)
                 WHERE account_id = ? AND site_url = ? AND user_id = ? AND tracking_codes.id = code_id
                 ORDER BY {BY_NUMBER}"
            );
            sql::rows(db, "user_tracking_codes", &sql, params![account.0, site_url, user_id.as_str()], read_value)
        })
        .await
    }

    async fn put_user_tracking_codes(
        &self,
        account: AccountId,
        site_url: &str,
        user_id: &UserId,
        values: &[(Text, Text)],
    ) -> Result<()> {
        let (site_url, user_id, values) = (site_url.to_owned(), user_id.clone(), values.to_vec());
        self.write(move |db| put_values(db, account, &site_url, &user_id, &values)).await
    }
}

fn put_site(db: &Connection, account: AccountId, site: &Site) -> Result<()> {
    accounts::require(db, account)?;
    if site.is_default {
        sql::execute(
            db,
            "UPDATE sites SET is_default = 0 WHERE account_id = ? AND is_default = 1 AND url <> ?",
            params![account.0, site.url.as_str()],
        )?;
    }
    // If no other site is the default, this one is, even if it is not written as such.
    sql::execute(
        db,
        "INSERT INTO sites (account_id, url, is_default, managed_by, tracking_code_mode)
         VALUES (
             ?1, ?2,
             NOT EXISTS (SELECT 1 FROM sites WHERE account_id = ?1 AND is_default = 1 AND url <> ?2),
             ?3, ?4)
         ON CONFLICT (account_id, url) DO UPDATE SET
             is_default = excluded.is_default,
             managed_by = excluded.managed_by,
             tracking_code_mode = excluded.tracking_code_mode",
        params![account.0, site.url.as_str(), Bound(&site.managed_by), Bound(&site.tracking_code_mode)],
    )?;
    Ok(())
}

fn has_site(db: &Connection, account: AccountId, url: &str) -> Result<bool> {
    let sql = "SELECT 1 FROM sites WHERE account_id = ? AND url = ?";
    Ok(sql::count(db, "sites", sql, params![account.0, url])? > 0)
}

fn create(db: &Connection, account: AccountId, mut code: TrackingCode, max_per_site: usize) -> Result<TrackingCode> {
    if !has_site(db, account, &code.site_url)? {
        return Err(StoreError::NotFound { what: format!("site {}", code.site_url) });
    }
    let named = "SELECT count(*) FROM tracking_codes WHERE account_id = ? AND site_url = ? AND name = ?";
    if sql::count(db, TABLE, named, params![account.0, code.site_url.as_str(), code.name.as_str()])? > 0 {
        return Err(taken(&code));
    }
    let all = "SELECT count(*) FROM tracking_codes WHERE account_id = ? AND site_url = ?";
    if sql::count(db, TABLE, all, params![account.0, code.site_url.as_str()])? >= max_per_site as u64 {
        return Err(StoreError::LimitReached {
            what: format!("{} has {max_per_site} tracking codes, which is the most a site can have", code.site_url),
        });
    }
    let highest = "SELECT coalesce(max(CAST(id AS INTEGER)), 0) FROM tracking_codes WHERE account_id = ?";
    let highest: Option<i64> = sql::value(db, TABLE, highest, [account.0])?;
    let next = highest
        .unwrap_or(0)
        .checked_add(1)
        .ok_or_else(|| StoreError::LimitReached { what: "no number left for a tracking code".to_owned() })?;
    code.id = TrackingCodeId(next.to_string().into());
    insert(db, account, &code)?;
    Ok(code)
}

fn put(db: &Connection, account: AccountId, code: &TrackingCode) -> Result<()> {
    accounts::require(db, account)?;
    if !has_site(db, account, &code.site_url)? {
        let site = Site {
            url: code.site_url.clone(),
            is_default: false,
            managed_by: SiteManager::default(),
            tracking_code_mode: TrackingCodeMode::default(),
        };
        put_site(db, account, &site)?;
    }
    if !replace(db, account, code)? {
        insert(db, account, code)?;
    }
    Ok(())
}

fn insert(db: &Connection, account: AccountId, code: &TrackingCode) -> Result<()> {
    let sql = format!(
        "INSERT INTO tracking_codes (account_id, {}) VALUES ({})",
        sql::list(COLUMNS),
        sql::placeholders(COLUMNS.len() + 1)
    );
    let mut insert = sql::prepare(db, &sql)?;
    let mut params = Params::new(&mut insert);
    params.push(&account)?;
    bind(code, &mut params)?;
    insert.raw_execute().conflict(|| what(code))?;
    Ok(())
}

/// Replaces the code with that site and id. Returns whether it existed.
fn replace(db: &Connection, account: AccountId, code: &TrackingCode) -> Result<bool> {
    // Updated in place instead of deleted and recreated, because users' values refer to the row.
    let columns = sql::list(COLUMNS);
    let values = sql::placeholders(COLUMNS.len());
    let sql = format!(
        "UPDATE tracking_codes SET ({columns}) = (SELECT {values}) WHERE account_id = ? AND site_url = ? AND id = ?"
    );
    let mut update = sql::prepare(db, &sql)?;
    let mut params = Params::new(&mut update);
    bind(code, &mut params)?;
    params.push(&account)?;
    params.push(&code.site_url)?;
    params.push(&code.id)?;
    Ok(update.raw_execute().conflict(|| what(code))? > 0)
}

fn what(code: &TrackingCode) -> String {
    format!("a tracking code named `{}`", code.name)
}

fn taken(code: &TrackingCode) -> StoreError {
    StoreError::Conflict { what: what(code) }
}

fn put_values(
    db: &Connection,
    account: AccountId,
    site_url: &str,
    user_id: &UserId,
    values: &[(Text, Text)],
) -> Result<()> {
    if policy::users::is_erased(&SqliteRows(db), account, user_id)? {
        return Ok(());
    }
    for (name, value) in values {
        let id = "SELECT id FROM tracking_codes WHERE account_id = ? AND site_url = ? AND name = ?";
        let id: Option<TrackingCodeId> = sql::value(db, TABLE, id, params![account.0, site_url, name.as_str()])?;
        let Some(id) = id else {
            return Err(StoreError::NotFound { what: format!("a tracking code named `{name}` of {site_url}") });
        };
        sql::execute(
            db,
            "INSERT INTO user_tracking_codes (account_id, site_url, user_id, code_id, value) VALUES (?, ?, ?, ?, ?)
             ON CONFLICT (account_id, site_url, user_id, code_id) DO UPDATE SET value = excluded.value",
            params![account.0, site_url, user_id.as_str(), id.as_str(), value.as_str()],
        )?;
    }
    Ok(())
}
