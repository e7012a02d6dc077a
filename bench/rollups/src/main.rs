//! Measures trends over a year and SQL over the archive.
//!
//! ```text
//! bench-rollups write   --data DIR [--minutes N]   a simulated company's year, archived
//! bench-rollups rebuild --data DIR                 its rollups, built from the archive
//! bench-rollups ask     --data DIR [--rounds N]    a year's trend by location, and one instance's minutes, in SQL
//! ```
//!
//! `ask` writes the trend's result to `DIR/trend.csv`, for comparison with another engine's result.

mod ask;
mod write;

use std::{path::PathBuf, sync::Arc};

use rollcall_archive::{Archive, Location};
use rollcall_minutes::{LiveStore, TieredMinutes};
use rollcall_model::Account;
use rollcall_store::Accounts as _;
use rollcall_store_sqlite::SqliteStore;

type Result<T> = std::result::Result<T, Box<dyn std::error::Error>>;

/// The measurement and its size.
struct Options {
    data: PathBuf,
    minutes: u64,
    rounds: u32,
}

/// The stores of a data folder.
struct Stores {
    store: Arc<SqliteStore>,
    archive: Archive,
    minutes: Arc<TieredMinutes>,
    account: Account,
}

impl Stores {
    async fn open(options: &Options) -> Result<Self> {
        std::fs::create_dir_all(&options.data)?;
        let store = Arc::new(SqliteStore::open(&options.data.join("rollcall.db"))?);
        let live = Arc::new(LiveStore::open(&options.data.join("minutes"))?);
        let archive = Archive::open(&Location::Folder(options.data.join("archive")))?;
        let minutes = Arc::new(TieredMinutes::new(live, store.clone(), archive.clone()));
        let account = match store.accounts().await?.pop() {
            Some(account) => account,
            None => store.create_account("bench", "q6gBJVO5TzexKYTb_I2rpg", "2026-01-01T00:00:00Z".parse()?).await?,
        };
        Ok(Self { store, archive, minutes, account })
    }
}

fn main() -> Result<()> {
    let mut options = Options { data: PathBuf::new(), minutes: 100_000_000, rounds: 21 };
    let mut command = None;
    let mut arguments = lexopt::Parser::from_env();
    while let Some(argument) = arguments.next()? {
        use lexopt::prelude::*;
        match argument {
            Value(name) if command.is_none() => command = Some(name.string()?),
            Long("data") => options.data = arguments.value()?.into(),
            Long("minutes") => options.minutes = arguments.value()?.parse()?,
            Long("rounds") => options.rounds = arguments.value()?.parse()?,
            other => return Err(other.unexpected().into()),
        }
    }
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build()?;
    runtime.block_on(async {
        match command.as_deref() {
            Some("write") => write::year(&options).await,
            Some("rebuild") => write::rebuild(&options).await,
            Some("ask") => ask::measure(&options).await,
            _ => Err("name what to do: write, rebuild or ask".into()),
        }
    })
}
