//! The measurements, for either SQLite driver.

mod entities;

use std::error::Error;
use std::future::Future;
use std::ops::Range;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

pub use entities::*;
use tokio::runtime::{Builder, Runtime};

pub type Result<T> = std::result::Result<T, Box<dyn Error + Send + Sync>>;
pub type Page = Vec<Participant>;

const INSTANCES: i64 = 200;
const PAGE_ROWS: i64 = 300;
const TASKS: i64 = 2;

/// A measured driver: a pool of connections to one database file.
pub trait Driver: Clone + Send + Sync + 'static {
    /// Opens so many connections in WAL mode, creating the file when missing.
    fn open(path: &Path, synchronous: &str, connections: i64) -> impl Future<Output = Result<Self>>;
    fn close(self) -> impl Future<Output = ()>;
    fn script(&self, sql: &'static str) -> impl Future<Output = Result<()>>;
    fn page(&self, instance: i64, after: i64) -> impl Future<Output = Result<Page>> + Send;
    /// Reads a page for a caller that may block, in the driver's fastest way.
    fn page_blocking(&self, runtime: &Runtime, instance: i64, after: i64) -> Result<Page> {
        runtime.block_on(self.page(instance, after))
    }
    /// Looks up an existing token.
    fn token(&self, hash: [u8; 32]) -> impl Future<Output = Result<Token>>;
    /// Upserts all participants in one transaction.
    fn upsert(&self, batch: Arc<Vec<Participant>>) -> impl Future<Output = Result<()>>;
}

/// Runs one round in the folder named by the first argument, printing `measure<TAB>value` lines.
///
/// The first round creates the database, which all later ones use.
pub fn run<D: Driver>() -> Result<()> {
    let folder = std::env::args().nth(1).ok_or("the folder to work in is missing")?;
    let path = Path::new(&folder).join("read.db");
    let runtime = Builder::new_multi_thread().worker_threads(TASKS as usize).enable_time().build()?;
    if !path.exists() {
        runtime.block_on(fill::<D>(&path))?;
    }

    let driver = runtime.block_on(D::open(&path, "NORMAL", TASKS))?;
    let blocking = median_micros(0..400, |nth| {
        let (instance, after) = nth_page(nth);
        Ok(check(driver.page_blocking(&runtime, instance, after)?))
    });
    println!("page, blocking caller, µs\t{:.0}", blocking?);
    let awaiting = median_micros(0..400, |nth| {
        let (instance, after) = nth_page(nth);
        Ok(check(runtime.block_on(driver.page(instance, after))?))
    });
    println!("page, awaiting caller, µs\t{:.0}", awaiting?);
    println!("pages/s, two tasks\t{:.0}", runtime.block_on(pages_per_second(&driver))?);
    let token =
        median_micros(0..5_000, |nth| runtime.block_on(driver.token(token_hash(1 + nth * 7_919 % TOKENS))).map(drop));
    println!("token, µs\t{:.1}", token?);
    runtime.block_on(driver.close());

    println!("open to first answer, ms\t{:.2}", runtime.block_on(opening::<D>(&path))? / 1e3);
    for synchronous in ["NORMAL", "FULL"] {
        let rate = rows_per_second::<D>(&runtime, synchronous, &folder)?;
        println!("upserted rows/s, {synchronous}\t{rate:.0}");
    }
    Ok(())
}

/// Creates the database: all participants and access tokens.
async fn fill<D: Driver>(path: &Path) -> Result<()> {
    let driver = D::open(path, "NORMAL", 1).await?;
    driver.script(&SCHEMA).await?;
    for instance in 0..INSTANCES {
        driver.upsert(batch(instance, 0)).await?;
    }
    driver.close().await;
    Ok(())
}

/// All participants of an instance, from a position on.
fn batch(instance: i64, first: i64) -> Arc<Vec<Participant>> {
    let places = first..first + PER_INSTANCE;
    Arc::new(places.map(|place| Participant::sample(instance, place)).collect())
}

/// The instance and the id before the nth page to read, spread over the instances.
fn nth_page(nth: i64) -> (i64, i64) {
    let instance = nth * 37 % INSTANCES;
    (instance, instance * PER_INSTANCE + nth % 3 * PAGE_ROWS)
}

fn check(page: Page) {
    assert_eq!(page.len() as i64, PAGE_ROWS);
}

/// The median time of the work, done once for each number.
fn median_micros(numbers: Range<i64>, work: impl Fn(i64) -> Result<()>) -> Result<f64> {
    let mut times = Vec::new();
    for nth in numbers {
        let start = Instant::now();
        work(nth)?;
        times.push(start.elapsed());
    }
    Ok(median(times))
}

/// The median of the times, in microseconds.
fn median(mut times: Vec<Duration>) -> f64 {
    times.sort();
    times[times.len() / 2].as_secs_f64() * 1e6
}

/// The median time from opening the database to its first result, without closing it again.
async fn opening<D: Driver>(path: &Path) -> Result<f64> {
    let mut times = Vec::new();
    for _ in 0..20 {
        let start = Instant::now();
        let driver = D::open(path, "NORMAL", 1).await?;
        driver.token(token_hash(1)).await?;
        times.push(start.elapsed());
        driver.close().await;
    }
    Ok(median(times))
}

/// The number of distinct pages that two tasks together read in a second.
async fn pages_per_second<D: Driver>(driver: &D) -> Result<f64> {
    let start = Instant::now();
    let read_pages = |task| {
        let driver = driver.clone();
        tokio::spawn(async move {
            let mut read = 0;
            while start.elapsed() < Duration::from_secs(1) {
                let (instance, after) = nth_page(read * TASKS + task);
                check(driver.page(instance, after).await?);
                read += 1;
            }
            Result::Ok(read)
        })
    };
    let mut read = 0;
    for task in (0..TASKS).map(read_pages).collect::<Vec<_>>() {
        read += task.await??;
    }
    Ok(read as f64 / start.elapsed().as_secs_f64())
}

/// The rate of the median batch; each repeats the last 200 participants of the one before.
fn rows_per_second<D: Driver>(runtime: &Runtime, synchronous: &str, folder: &str) -> Result<f64> {
    let folder = tempfile::tempdir_in(folder)?;
    let path = folder.path().join("write.db");
    let driver = runtime.block_on(D::open(&path, synchronous, 1))?;
    runtime.block_on(driver.script(&SCHEMA))?;
    let batches: Vec<_> = (0..20).map(|nth| batch(0, nth * 800)).collect();
    let micros = median_micros(0..20, |nth| runtime.block_on(driver.upsert(batches[nth as usize].clone())));
    runtime.block_on(driver.close());
    Ok(PER_INSTANCE as f64 / micros? * 1e6)
}
