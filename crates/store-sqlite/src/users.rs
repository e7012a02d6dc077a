//! Users.

use std::sync::LazyLock;

use async_trait::async_trait;
use rollcall_model::{AccountId, User, UserId};
use rollcall_store::{
    Result, UserQuery, UserStore,
    policy::{self, Database, UserRows},
};
use rusqlite::params;

use crate::{
    SqliteRows, SqliteStore,
    columns::{Bound, Params, columns},
    sql::{self, Driver},
};

columns! {
    User in "users" {
        id,
        email,
        first_name,
        last_name,
        display_name,
        license_type as "type",
        status,
        pmi,
        use_pmi,
        timezone,
        verified,
        dept,
        created_at as "created_at_ms",
        user_created_at as "user_created_at_ms",
        last_login_time as "last_login_time_ms",
        last_client_version,
        group_ids,
        im_group_ids,
        division_ids,
        role_id,
        role_name,
        plan_united_type,
        employee_unique_id,
        host_key,
        custom_attributes,
        license_info_list,
        account_number,
        cms_user_id,
        company,
        jid,
        job_title,
        cost_center,
        language,
        location,
        login_types,
        manager,
        personal_meeting_url,
        phone_country,
        phone_number,
        phone_numbers,
        pic_url,
        pronouns,
        pronouns_option,
        vanity_url,
        cluster,
        zoom_one_type,
        has_webinar_license,
        extras,
    }
}

static SELECT: LazyLock<String> = LazyLock::new(|| format!("SELECT {} FROM users", sql::list(COLUMNS)));

/// Values that are always reported are replaced, except a blank address, which counts as absent.
static PUT: LazyLock<String> = LazyLock::new(|| {
    let fill = sql::fill(
        COLUMNS,
        &[("email", "coalesce(nullif(excluded.email, ''), email)"), ("id", "id"), ("extras", sql::MERGED_EXTRAS)],
    );
    format!(
        "INSERT INTO users (account_id, email_lower, {}) VALUES ({})
         ON CONFLICT (account_id, id) DO UPDATE SET email_lower = coalesce(excluded.email_lower, email_lower), {fill}",
        sql::list(COLUMNS),
        sql::placeholders(COLUMNS.len() + 2),
    )
});

/// Returns the condition of a list. A role has a condition of its own, and thus an index.
fn matches(query: &UserQuery) -> String {
    let role = if query.role_id.is_some() { "role_id = ?3" } else { "?3 IS NULL" };
    format!("account_id = ?1 AND status = ?2 AND {role}")
}

#[async_trait]
impl UserStore for SqliteStore {
    async fn put_users(&self, account: AccountId, users: &[User]) -> Result<()> {
        let users = users.to_vec();
        self.write_rows(move |tx| policy::users::put_all(tx, account, &users)).await
    }

    async fn find_user(&self, account: AccountId, id_or_email: &str) -> Result<Option<User>> {
        let text = id_or_email.to_owned();
        self.read_rows(move |tx| tx.user(account, &text)).await
    }

    async fn list_users(
        &self,
        account: AccountId,
        query: &UserQuery,
        after: Option<&UserId>,
        limit: usize,
    ) -> Result<Vec<User>> {
        let (query, after) = (query.clone(), after.cloned());
        self.read(move |db| {
            // No id is empty, so all sort after the empty string.
            let after = after.as_ref().map_or("", UserId::as_str);
            let sql = format!("{} WHERE {} AND id > ?4 ORDER BY id LIMIT ?5", *SELECT, matches(&query));
            let params = params![account.0, Bound(&query.status), Bound(&query.role_id), after, sql::limit(limit)];
            sql::rows(db, TABLE, &sql, params, read)
        })
        .await
    }

    async fn search_users(
        &self,
        account: AccountId,
        name: Option<&str>,
        after: Option<&UserId>,
        limit: usize,
    ) -> Result<Vec<User>> {
        const NAME: &str = "lower(coalesce(nullif(display_name, ''), \
            trim(coalesce(first_name, '') || ' ' || coalesce(last_name, ''))))";
        let (name, after) = (name.map(str::to_ascii_lowercase), after.cloned());
        self.read(move |db| {
            let after = after.as_ref().map_or("", UserId::as_str);
            let sql = format!(
                "{} WHERE account_id = ?1 AND id > ?2 AND (?3 IS NULL OR instr({NAME}, ?3) = 1) ORDER BY id LIMIT ?4",
                *SELECT
            );
            sql::rows(db, TABLE, &sql, params![account.0, after, name, sql::limit(limit)], read)
        })
        .await
    }

    async fn has_vanity_name(&self, account: AccountId, name: &str) -> Result<bool> {
        let ending = format!("/{}", name.to_lowercase());
        self.read(move |db| {
            let sql = "SELECT count(*) FROM users
                       WHERE account_id = ?1 AND substr(lower(vanity_url), -length(?2)) = ?2";
            Ok(sql::count(db, TABLE, sql, params![account.0, ending])? > 0)
        })
        .await
    }

    async fn count_users(&self, account: AccountId, query: &UserQuery) -> Result<u64> {
        let query = query.clone();
        self.read(move |db| {
            let sql = format!("SELECT count(*) FROM users WHERE {}", matches(&query));
            sql::count(db, TABLE, &sql, params![account.0, Bound(&query.status), Bound(&query.role_id)])
        })
        .await
    }
}

/// Returns the columns that [`read`] reads, of a table with this name.
pub(crate) fn columns_of(table: &str) -> String {
    COLUMNS.iter().map(|column| format!("{table}.{column}")).collect::<Vec<_>>().join(", ")
}

impl UserRows for SqliteRows<'_> {
    fn write_user(&self, account: AccountId, user: &User) -> Result<()> {
        let email_lower = Some(user.email.as_str().to_lowercase()).filter(|email| !email.is_empty());
        // An address belongs to one user; a user who is created again under a new id keeps it.
        sql::execute(
            self.0,
            "UPDATE users SET email = '', email_lower = NULL WHERE account_id = ? AND email_lower = ? AND id <> ?",
            params![account.0, email_lower, user.id.as_str()],
        )?;
        let mut put = sql::prepare(self.0, &PUT)?;
        let mut params = Params::new(&mut put);
        params.push(&account)?;
        params.push(&email_lower)?;
        bind(user, &mut params)?;
        put.raw_execute().driver().map(drop)
    }

    fn user(&self, account: AccountId, id_or_email: &str) -> Result<Option<User>> {
        let by_id = format!("{} WHERE account_id = ? AND id = ?", *SELECT);
        if let Some(user) = sql::row(self.0, TABLE, &by_id, params![account.0, id_or_email], read)? {
            return Ok(Some(user));
        }
        let by_email = format!("{} WHERE account_id = ? AND email_lower = ?", *SELECT);
        sql::row(self.0, TABLE, &by_email, params![account.0, id_or_email.to_lowercase()], read)
    }
}
