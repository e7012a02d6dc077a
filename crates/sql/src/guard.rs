//! A connection on which a query can read one account's tables, and nothing else can be done.
//!
//! SQLite itself refuses the rest: the file is open for reading alone, and an authorizer is asked about every table,
//! column and function when a statement is prepared. No list of words is looked for in the text.
//!
//! Declaring the tables takes longer than most queries, so that a connection serves one query of its account after the
//! other. Nothing that a query can do outlives it: what would is among what is refused.

use std::{collections::HashSet, sync::Arc};

use rollcall_model::AccountId;
use rusqlite::{
    Connection,
    hooks::{AuthAction, AuthContext, Authorization},
    limits::Limit,
};

use crate::{
    SqlError, attendances, groups,
    idle::open_for_reading,
    minutes, quality,
    source::{Current, Source},
    tables::{PERSON, PERSONS, QOS_MINUTES, ROLLUPS, TABLES},
};

/// The longest text or blob that a query may make or read, in bytes.
const MAX_VALUE_BYTES: i32 = 1024 * 1024;
/// How many columns an answer may have, and any table on the way to it: more than the minutes have.
const MAX_COLUMNS: i32 = 256;
/// The longest query, in bytes.
const MAX_SQL_BYTES: i32 = 64 * 1024;
/// The page cache, in KiB.
const CACHE_KIB: i32 = 4 * 1024;

/// What SQLite itself bounds.
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

/// Functions that look at or change what lies outside of the tables.
const REFUSED_FUNCTIONS: [&str; 3] = ["load_extension", "fts3_tokenizer", "sqlite_compileoption_get"];
/// Tables that SQLite brings along and that make rows of a value.
const HELPERS: [&str; 2] = ["json_each", "json_tree"];
/// How the name of the table of a query's groups ends.
const GROUPS: &str = "groups";
/// The table of attendances with their fields as columns.
const FIELDS: &str = "fields";

/// A connection on which queries see the tables of one account.
pub(crate) struct Guarded {
    pub(crate) db: Connection,
    pub(crate) account: AccountId,
    /// What a query's virtual tables know of it.
    pub(crate) current: Arc<Current>,
    /// What names begin with that are for the views alone.
    secret: Arc<str>,
    not_ours: Arc<HashSet<String>>,
    /// The database's schema for which the tables were declared.
    schema: i64,
}

impl Guarded {
    /// Opens a connection that sees the tables of the source's account.
    pub(crate) fn open(source: Source) -> Result<Self, SqlError> {
        let db = open_for_reading(&source.path)?;
        db.pragma_update(None, "cache_size", -CACHE_KIB)?;
        // Sorts and intermediate tables count towards the memory that a query may take, and write no files.
        db.pragma_update(None, "temp_store", "MEMORY")?;
        db.pragma_update(None, "trusted_schema", false)?;
        let schema = schema_of(&db)?;
        let not_ours = Arc::new(names_besides_tables(&db)?);
        // A view that reads the database is named so that no query can name it, or pass itself off as it: SQLite tells the
        // authorizer which view a read comes from, and takes the name of any subquery for that of a view.
        let secret = secret_prefix()?;
        declare(&db, &source, &secret)?;
        quality::register_functions(&db)?;
        for (limit, value) in LIMITS {
            db.set_limit(limit, value)?;
        }
        let (account, current) = (source.account, source.current);
        let mut guarded = Self { db, account, current, secret: secret.into(), not_ours, schema };
        guarded.lock()?;
        Ok(guarded)
    }

    /// Whether the tables are still declared as the database has them: another process may have changed its schema.
    pub(crate) fn is_current(&mut self) -> Result<bool, SqlError> {
        self.db.authorizer(None::<fn(AuthContext<'_>) -> Authorization>)?;
        let schema = schema_of(&self.db);
        self.lock()?;
        Ok(schema? == self.schema)
    }

    /// Whether a query names what is for the views alone. A former query may have seen such a name, in a plan or in what
    /// SQLite said of an error. A name stands in a query as it is: nothing in SQL makes one out of parts.
    pub(crate) fn is_named_in(&self, sql: &str) -> bool {
        sql.to_ascii_lowercase().contains(&*self.secret)
    }

    /// What the table of a query's groups is called. No query can name it.
    pub(crate) fn groups_table(&self) -> String {
        format!("\"{}{GROUPS}\"", self.secret)
    }

    /// From now on the tables can be read, and nothing else can be done.
    fn lock(&mut self) -> Result<(), SqlError> {
        let (secret, not_ours) = (Arc::clone(&self.secret), Arc::clone(&self.not_ours));
        let authorizer = move |context: AuthContext<'_>| {
            if allows(&context, &secret, &not_ours) { Authorization::Allow } else { Authorization::Deny }
        };
        Ok(self.db.authorizer(Some(authorizer))?)
    }
}

/// A number that changes with the database's schema.
fn schema_of(db: &Connection) -> Result<i64, SqlError> {
    Ok(db.pragma_query_value(Some("main"), "schema_version", |row| row.get(0))?)
}

/// Declares the tables of the source's account.
fn declare(db: &Connection, source: &Source, secret: &str) -> Result<(), SqlError> {
    let fields = format!("{secret}of_{FIELDS}");
    attendances::register(db, &fields, source.clone())?;
    db.execute_batch(&format!("CREATE TEMP VIEW \"{secret}{FIELDS}\" AS SELECT * FROM \"{fields}\";"))?;
    db.prepare(&format!("SELECT 1 FROM \"{fields}\""))?;
    let account = source.account.0;
    let internal = |select: &str| {
        let select = select.replace("$person_of", &PERSON).replace("$account", &account.to_string());
        select.replace("$fields", &format!("\"{secret}fields\"")).replace("$attended", &format!("\"{secret}attended\""))
    };
    for (name, select) in PERSONS {
        db.execute_batch(&format!("CREATE TEMP VIEW \"{secret}{name}\" AS {};", internal(select)))?;
    }
    for table in &*TABLES {
        let (name, select) = (table.name, internal(&table.select(account)));
        let select = select.replace("$people", &format!("\"{secret}people\""));
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
    // Has the table declared, while that is still allowed. It cannot be read: nothing is counted yet.
    let _ = db.prepare(&format!("SELECT 1 FROM \"{groups}\""));
    Ok(())
}

/// Lets queries see a virtual table.
fn show(db: &Connection, secret: &str, name: &str) -> Result<(), SqlError> {
    db.execute_batch(&format!(
        "CREATE TEMP VIEW \"{secret}{name}\" AS SELECT * FROM \"{secret}of_{name}\";
         CREATE TEMP VIEW \"{name}\" AS SELECT * FROM temp.\"{secret}{name}\";"
    ))?;
    // Has the table declared, while that is still allowed.
    db.prepare(&format!("SELECT 1 FROM {name}"))?;
    Ok(())
}

/// Whether a statement may do that.
fn allows(context: &AuthContext<'_>, secret: &str, not_ours: &HashSet<String>) -> bool {
    match context.action {
        AuthAction::Select | AuthAction::Recursive => true,
        AuthAction::Function { function_name } => {
            !REFUSED_FUNCTIONS.iter().any(|refused| refused.eq_ignore_ascii_case(function_name))
        }
        AuthAction::Read { table_name, column_name } => {
            let is = |name: &str| name.eq_ignore_ascii_case(table_name);
            // Queries that name it are our own.
            let is_groups = table_name.strip_prefix(secret).is_some_and(|name| name == GROUPS);
            let from_own_view = context.accessor.is_some_and(|accessor| accessor.starts_with(secret));
            let mut names = TABLES.iter().map(|table| table.name).chain(ROLLUPS.map(|(name, _)| name));
            let ours = table_name.starts_with(secret) || is(QOS_MINUTES) || names.any(is);
            let allowed = match context.database_name {
                Some("temp") => ours,
                // A table of which no column is used, named without its database; or a subquery, which has none.
                None if column_name.is_empty() => ours || !not_ours.contains(&table_name.to_ascii_lowercase()),
                _ => false,
            };
            allowed || is_groups || from_own_view || HELPERS.iter().any(|helper| is(helper))
        }
        _ => false,
    }
}

/// Every name that stands for something in the database or comes with SQLite, other than those of [`TABLES`], in small
/// letters.
fn names_besides_tables(db: &Connection) -> Result<HashSet<String>, SqlError> {
    let mut names = db.prepare(
        "SELECT lower(name) FROM main.sqlite_schema UNION SELECT lower(name) FROM pragma_module_list
         UNION VALUES ('sqlite_schema'), ('sqlite_master'), ('sqlite_temp_schema'), ('sqlite_temp_master')",
    )?;
    let names = names.query_map([], |row| row.get::<_, String>(0))?;
    Ok(names.collect::<Result<HashSet<_>, _>>()?)
}

/// A prefix that nobody can guess.
fn secret_prefix() -> Result<String, SqlError> {
    let mut bytes = [0; 16];
    getrandom::fill(&mut bytes).map_err(|error| SqlError::Internal(error.to_string()))?;
    Ok(format!("{:032x}_", u128::from_ne_bytes(bytes)))
}
