//! Configuration of the LSM tree: small in memory, fast to open, fast to scan.

use std::{path::Path, sync::Arc};

use fjall::{
    CompressionType, Database, DatabaseBuilder, KeyspaceCreateOptions,
    compaction::Leveled,
    config::{BlockSizePolicy, CompressionPolicy},
};

/// Size of the block cache, including filters and indexes.
const CACHE_BYTES: u64 = 16 << 20;

/// Size of a memtable before it is flushed; the tree needs about twice as many bytes.
pub(crate) const MEMTABLE_BYTES: u64 = 6 << 20;

/// Number of memtables that may wait for their flush while the next is filled.
pub(crate) const MAX_WAITING_MEMTABLES: usize = 1;

/// The tree's own limit, which should never be reached: it would block the busy thread with the work.
const TREE_MEMTABLE_BYTES: u64 = 4 * MEMTABLE_BYTES;

/// The minimum that the tree allows: opening after a crash has to replay the journal.
const JOURNAL_BYTES: u64 = 64 << 20;

/// With two threads, one of them spins while the other compacts.
const WORKER_THREADS: usize = 1;

/// An hour of a participant's minutes fits into two blocks.
const BLOCK_BYTES: u32 = 4 << 10;

/// Small tables make small compactions. Closing the store waits for a running one.
const TABLE_BYTES: u64 = 8 << 20;

/// Options for opening the folder's database.
pub(crate) fn database(dir: &Path) -> DatabaseBuilder<Database> {
    Database::builder(dir).cache_size(CACHE_BYTES).max_journaling_size(JOURNAL_BYTES).worker_threads(WORKER_THREADS)
}

/// Options for creating the minutes' tree. An existing one keeps its options.
pub(crate) fn keyspace() -> KeyspaceCreateOptions {
    KeyspaceCreateOptions::default()
        .max_memtable_size(TREE_MEMTABLE_BYTES)
        .compaction_strategy(Arc::new(Leveled::default().with_table_target_size(TABLE_BYTES)))
        .data_block_size_policy(BlockSizePolicy::all(BLOCK_BYTES))
        // New tables are soon merged into others, so compressing them would be wasted work.
        .data_block_compression_policy(CompressionPolicy::new([CompressionType::None, CompressionType::Lz4]))
}
