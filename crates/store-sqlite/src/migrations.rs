//! The schema, step by step. A database stores the number of applied steps in `user_version`.

use rollcall_store::Result;
use rusqlite::{Connection, Transaction, TransactionBehavior};

use crate::sql::{Driver, backend};

/// The steps in order. A released step is never changed; changes become a new step.
const MIGRATIONS: &[&str] = &[
    include_str!("../migrations/0001_entities.sql"),
    include_str!("../migrations/0002_archive.sql"),
    include_str!("../migrations/0003_events.sql"),
    include_str!("../migrations/0004_quality.sql"),
    include_str!("../migrations/0005_rollups.sql"),
    include_str!("../migrations/0006_large_instances.sql"),
    include_str!("../migrations/0007_moves.sql"),
    include_str!("../migrations/0008_retention.sql"),
    include_str!("../migrations/0009_lapses.sql"),
    include_str!("../migrations/0010_erasures.sql"),
    include_str!("../migrations/0011_retention_guard.sql"),
    include_str!("../migrations/0012_sources.sql"),
    include_str!("../migrations/0013_rotation.sql"),
    include_str!("../migrations/0014_tokens.sql"),
    include_str!("../migrations/0015_audit.sql"),
    include_str!("../migrations/0016_suspension.sql"),
    include_str!("../migrations/0017_registrants.sql"),
    include_str!("../migrations/0018_codes_by_user.sql"),
    include_str!("../migrations/0019_extras.sql"),
    include_str!("../migrations/0020_schedules.sql"),
    include_str!("../migrations/0021_documents.sql"),
    include_str!("../migrations/0022_reports.sql"),
    include_str!("../migrations/0023_person_aliases.sql"),
    include_str!("../migrations/0024_registration.sql"),
    include_str!("../migrations/0025_webhooks.sql"),
    include_str!("../migrations/0026_authorizations.sql"),
    include_str!("../migrations/0027_members.sql"),
    include_str!("../migrations/0028_saved_queries.sql"),
    include_str!("../migrations/0029_collect.sql"),
    include_str!("../migrations/0030_subscriptions.sql"),
    include_str!("../migrations/0031_collect_runs.sql"),
];

/// Applies the missing steps, atomically.
///
/// Fails on a database of a newer program: this one cannot know what its rows mean.
pub(crate) fn run(db: &Connection) -> Result<()> {
    if steps_taken(db)? == MIGRATIONS.len() {
        return Ok(());
    }
    // Another process may be doing the same; whichever gets the lock second has nothing left to do.
    let transaction = Transaction::new_unchecked(db, TransactionBehavior::Immediate).driver()?;
    let taken = steps_taken(&transaction)?;
    let steps = MIGRATIONS.get(taken..).ok_or_else(|| {
        backend(format!(
            "the database was written by a newer Rollcall: its schema is at step {taken}, this program knows {}; \
             use the newer program",
            MIGRATIONS.len(),
        ))
    })?;
    for step in steps {
        transaction.execute_batch(step).driver()?;
    }
    transaction.pragma_update(None, "user_version", sql_count(MIGRATIONS.len())).driver()?;
    transaction.commit().driver()
}

fn steps_taken(db: &Connection) -> Result<usize> {
    db.pragma_query_value(None, "user_version", |row| row.get(0)).driver()
}

fn sql_count(count: usize) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}
