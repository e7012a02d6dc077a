//! How the LSM tree is set: small in memory, quick to open, quick to scan.

use std::{path::Path, sync::Arc};

use fjall::{
    CompressionType, Database, DatabaseBuilder, KeyspaceCreateOptions,
    compaction::Leveled,
    config::{BlockSizePolicy, CompressionPolicy},
};

/// Blocks held in memory, filters and indexes among them.
const CACHE_BYTES: u64 = 16 << 20;

/// Minutes held in memory before they are flushed to a table; with what the tree takes for itself, twice as many bytes.
pub(crate) const MEMTABLE_BYTES: u64 = 6 << 20;

/// How many such may wait for their flush while the next is filled.
pub(crate) const MAX_WAITING_MEMTABLES: usize = 1;

/// The tree's own limit, which nothing should reach: it would hand the work to the one thread that is busy.
const TREE_MEMTABLE_BYTES: u64 = 4 * MEMTABLE_BYTES;

/// The least that the tree allows: the journal is what opening has to read again after a crash.
const JOURNAL_BYTES: u64 = 64 << 20;

/// With two, one of them spins for as long as the other compacts.
const WORKER_THREADS: usize = 1;

/// An hour of a participant's minutes comes to two blocks.
const BLOCK_BYTES: u32 = 4 << 10;

/// Small tables make small compactions. Whoever closes the store waits for the one that is running.
const TABLE_BYTES: u64 = 8 << 20;

/// How the folder's database is opened.
pub(crate) fn database(dir: &Path) -> DatabaseBuilder<Database> {
    Database::builder(dir).cache_size(CACHE_BYTES).max_journaling_size(JOURNAL_BYTES).worker_threads(WORKER_THREADS)
}

/// How the minutes' tree is made. An existing one keeps what it was made with.
pub(crate) fn keyspace() -> KeyspaceCreateOptions {
    KeyspaceCreateOptions::default()
        .max_memtable_size(TREE_MEMTABLE_BYTES)
        .compaction_strategy(Arc::new(Leveled::default().with_table_target_size(TABLE_BYTES)))
        .data_block_size_policy(BlockSizePolicy::all(BLOCK_BYTES))
        // Tables fresh out of memory are soon merged into others: compressing them would be done twice.
        .data_block_compression_policy(CompressionPolicy::new([CompressionType::None, CompressionType::Lz4]))
}
