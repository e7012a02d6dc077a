//! The behaviour suite, for both ways of opening a database.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on panics")]

use rollcall_store_sqlite::SqliteStore;

mod in_a_file {
    use super::SqliteStore;

    async fn make_store() -> (SqliteStore, tempfile::TempDir) {
        let folder = tempfile::tempdir().unwrap();
        (SqliteStore::open(&folder.path().join("rollcall.db")).unwrap(), folder)
    }

    rollcall_store::store_test_suite!(make_store);
}

mod in_memory {
    use super::SqliteStore;

    async fn make_store() -> (SqliteStore, ()) {
        (SqliteStore::open_in_memory().unwrap(), ())
    }

    rollcall_store::store_test_suite!(make_store);
}
