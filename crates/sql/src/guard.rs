//! A connection on which a query can only read one account's tables.
//!
//! SQLite itself rejects the rest: the file is opened read-only, and an authorizer decides about every table, column
//! and function when a statement is prepared. No word list is searched for in the text.
//!
//! Declaring the tables takes longer than most queries, so a connection serves several queries of its account. Nothing
//! that a query does outlives it: anything that would is rejected.

use std::{collections::HashSet, sync::Arc};

use rollcall_model::AccountId;
use rusqlite::{
    Connection,
    hooks::{AuthAction, AuthContext, Authorization},
    limits::Limit,
};

use crate::{
    Names, SqlError, attendances, groups,
    idle::open_for_reading,
    minutes, quality,
    source::{Current, Source},
    tables::{GUEST, PERSON, PERSONS, QOS_MINUTES, ROLLUPS, TABLES},
};

/// Maximum length of a string or blob that a query may create or read, in bytes.
const MAX_VALUE_BYTES: i32 = 1024 * 1024;
/// Maximum number of columns of an answer, and of any intermediate table: more than the minutes have.
const MAX_COLUMNS: i32 = 256;
/// Maximum length of a query, in bytes.
const MAX_SQL_BYTES: i32 = 64 * 1024;
/// The page cache, in KiB.
const CACHE_KIB: i32 = 4 * 1024;

/// SQLite's own limits.
const LIMITS: [(Limit, i32); 9] = [
    (Limit::SQLITE_LIMIT_LENGTH, MAX_VALUE_BYTES),
    (Limit::SQLITE_LIMIT_SQL_LENGTH, MAX_SQL_BYTES),
    (Limit::SQLITE_LIMIT_COLUMN, MAX_COLUMNS),
    (Limit::SQLITE_LIMIT_ATTACHED, 0),
    (Limit::SQLITE_LIMIT_COMPOUND_SELECT, 50),
    (Limit::SQLITE_LIMIT_EXPR_DEPTH, 200),
    (Limit::SQLITE_LIMIT_LIKE_PATTERN_LENGTH, 1_000),
    (Limit::SQLITE_LIMIT_VDBE_OP, 100_000),
    (Limit::SQLITE_LIMIT_WORKER_THREADS, 0),
];

/// Functions that look at or change things outside of the tables.
const REFUSED_FUNCTIONS: [&str; 3] = ["load_extension", "fts3_tokenizer", "sqlite_compileoption_get"];
/// SQLite's built-in tables that make rows from a value.
const HELPERS: [&str; 2] = ["json_each", "json_tree"];
/// The suffix of the name of the table of a query's groups.
const GROUPS: &str = "groups";
/// The table of attendances with their fields as columns.
const FIELDS: &str = "fields";

/// A connection on which queries can read the tables of one account.
pub(crate) struct Guarded {
    pub(crate) db: Connection,
    pub(crate) account: AccountId,
    /// Whether its queries see who took part.
    pub(crate) names: Names,
    /// What a query's virtual tables know about it.
    pub(crate) current: Arc<Current>,
    /// The prefix of names that only views may use.
    secret: Arc<str>,
    not_ours: Arc<HashSet<String>>,
    /// The database's schema version for which the tables were declared.
    schema: i64,
}

impl Guarded {
    /// Opens a connection for the tables of the source's account.
    pub(crate) fn open(source: Source, names: Names) -> Result<Self, SqlError> {
        let db = open_for_reading(&source.path)?;
        db.pragma_update(None, "cache_size", -CACHE_KIB)?;
        // Sorts and intermediate tables count towards the memory of a query, and write no files.
        db.pragma_update(None, "temp_store", "MEMORY")?;
        db.pragma_update(None, "trusted_schema", false)?;
        let schema = schema_of(&db)?;
        let not_ours = Arc::new(names_besides_tables(&db)?);
        // A view that reads the database has a name that no query can use or imitate: SQLite tells the authorizer which
        // view a read comes from, and uses a subquery's name as if it were a view's.
        let secret = secret_prefix()?;
        declare(&db, &source, names, &secret)?;
        quality::register_functions(&db)?;
        for (limit, value) in LIMITS {
            db.set_limit(limit, value)?;
        }
        let (account, current) = (source.account, source.current);
        let mut guarded = Self { db, account, names, current, secret: secret.into(), not_ours, schema };
        guarded.lock()?;
        Ok(guarded)
    }

    /// Returns whether the declared tables still match the database: another process may have changed its schema.
    pub(crate) fn is_current(&mut self) -> Result<bool, SqlError> {
        self.db.authorizer(None::<fn(AuthContext<'_>) -> Authorization>)?;
        let schema = schema_of(&self.db);
        self.lock()?;
        Ok(schema? == self.schema)
    }

    /// Returns whether a query uses a name that is reserved for views. An earlier query may have seen such a name, in a
    /// plan or in an error of SQLite. A name appears literally in a query: SQL cannot compose names.
    pub(crate) fn is_named_in(&self, sql: &str) -> bool {
        sql.to_ascii_lowercase().contains(&*self.secret)
    }

    /// Returns the name of the table of a query's groups. No query can use it.
    pub(crate) fn groups_table(&self) -> String {
        format!("\"{}{GROUPS}\"", self.secret)
    }

    /// From now on, only reading the tables is allowed.
    fn lock(&mut self) -> Result<(), SqlError> {
        let (secret, not_ours) = (Arc::clone(&self.secret), Arc::clone(&self.not_ours));
        let authorizer = move |context: AuthContext<'_>| {
            if allows(&context, &secret, &not_ours) { Authorization::Allow } else { Authorization::Deny }
        };
        Ok(self.db.authorizer(Some(authorizer))?)
    }
}

/// Returns a number that changes with the database's schema.
fn schema_of(db: &Connection) -> Result<i64, SqlError> {
    Ok(db.pragma_query_value(Some("main"), "schema_version", |row| row.get(0))?)
}

/// Declares the tables of the source's account.
fn declare(db: &Connection, source: &Source, names: Names, secret: &str) -> Result<(), SqlError> {
    let fields = format!("{secret}of_{FIELDS}");
    attendances::register(db, &fields, source.clone())?;
    db.execute_batch(&format!("CREATE TEMP VIEW \"{secret}{FIELDS}\" AS SELECT * FROM \"{fields}\";"))?;
    db.prepare(&format!("SELECT 1 FROM \"{fields}\""))?;
    let account = source.account.0;
    let internal = |select: &str| {
        let select =
            select.replace("$guest", GUEST).replace("$person_of", &PERSON).replace("$account", &account.to_string());
        select.replace("$fields", &format!("\"{secret}fields\"")).replace("$attended", &format!("\"{secret}attended\""))
    };
    for (name, select) in PERSONS {
        db.execute_batch(&format!("CREATE TEMP VIEW \"{secret}{name}\" AS {};", internal(select)))?;
    }
    for table in &*TABLES {
        let (name, select) = (table.name, internal(&table.select(account, names)));
        let select = select.replace("$people", &format!("\"{secret}people\""));
        let select = select.replace("$gathered", &format!("\"{secret}gathered\""));
        db.execute_batch(&format!(
            "CREATE TEMP VIEW \"{secret}{name}\" AS {select};
             CREATE TEMP VIEW \"{name}\" AS SELECT * FROM temp.\"{secret}{name}\";"
        ))?;
    }
    for (name, step) in ROLLUPS {
        quality::register(db, &format!("{secret}of_{name}"), source.clone(), step)?;
        show(db, secret, name)?;
    }
    minutes::register(db, &format!("{secret}of_{QOS_MINUTES}"), source.clone())?;
    show(db, secret, QOS_MINUTES)?;
    let groups = format!("{secret}{GROUPS}");
    groups::register(db, &groups, source.clone())?;
    // Makes SQLite declare the table while that is still allowed. It cannot be read, because nothing is aggregated yet.
    let _ = db.prepare(&format!("SELECT 1 FROM \"{groups}\""));
    Ok(())
}

/// Lets queries see a virtual table.
fn show(db: &Connection, secret: &str, name: &str) -> Result<(), SqlError> {
    db.execute_batch(&format!(
        "CREATE TEMP VIEW \"{secret}{name}\" AS SELECT * FROM \"{secret}of_{name}\";
         CREATE TEMP VIEW \"{name}\" AS SELECT * FROM temp.\"{secret}{name}\";"
    ))?;
    // Makes SQLite declare the table while that is still allowed.
    db.prepare(&format!("SELECT 1 FROM {name}"))?;
    Ok(())
}

/// Returns whether a statement may do this.
fn allows(context: &AuthContext<'_>, secret: &str, not_ours: &HashSet<String>) -> bool {
    match context.action {
        AuthAction::Select | AuthAction::Recursive => true,
        AuthAction::Function { function_name } => {
            !REFUSED_FUNCTIONS.iter().any(|refused| refused.eq_ignore_ascii_case(function_name))
        }
        AuthAction::Read { table_name, column_name } => {
            let is = |name: &str| name.eq_ignore_ascii_case(table_name);
            // Queries that use it are our own.
            let is_groups = table_name.strip_prefix(secret).is_some_and(|name| name == GROUPS);
            let from_own_view = context.accessor.is_some_and(|accessor| accessor.starts_with(secret));
            let mut names = TABLES.iter().map(|table| table.name).chain(ROLLUPS.map(|(name, _)| name));
            let ours = table_name.starts_with(secret) || is(QOS_MINUTES) || names.any(is);
            let allowed = match context.database_name {
                Some("temp") => ours,
                // A table of which no column is used, without its database; or a subquery, which has none.
                None if column_name.is_empty() => ours || !not_ours.contains(&table_name.to_ascii_lowercase()),
                _ => false,
            };
            allowed || is_groups || from_own_view || HELPERS.iter().any(|helper| is(helper))
        }
        _ => false,
    }
}

/// Returns every name of an object in the database or in SQLite, other than those of [`TABLES`], in lower case.
fn names_besides_tables(db: &Connection) -> Result<HashSet<String>, SqlError> {
    let mut names = db.prepare(
        "SELECT lower(name) FROM main.sqlite_schema UNION SELECT lower(name) FROM pragma_module_list
         UNION VALUES ('sqlite_schema'), ('sqlite_master'), ('sqlite_temp_schema'), ('sqlite_temp_master')",
    )?;
    let names = names.query_map([], |row| row.get::<_, String>(0))?;
    Ok(names.collect::<Result<HashSet<_>, _>>()?)
}

/// Creates an unguessable prefix.
fn secret_prefix() -> Result<String, SqlError> {
    let mut bytes = [0; 16];
    getrandom::fill(&mut bytes).map_err(|error| SqlError::Internal(error.to_string()))?;
    Ok(format!("{:032x}_", u128::from_ne_bytes(bytes)))
}
