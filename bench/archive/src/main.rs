//! Measures the archive with simulated accounts.
//!
//! ```text
//! bench-archive write  --archive DIR [--days N] [--scale N]     a company's days: bytes a minute, minutes a second
//! bench-archive pages  --archive DIR [--files N] [--rounds N]   pages out of one and out of N files of a million
//! minutes
//! ```

mod pages;
mod stage;
mod world;
mod write;

use std::path::PathBuf;

type Result<T> = std::result::Result<T, Box<dyn std::error::Error>>;

/// The measurement and its size.
struct Options {
    archive: PathBuf,
    days: u32,
    scale: u32,
    files: u32,
    rounds: u32,
}

fn main() -> Result<()> {
    let mut options = Options { archive: PathBuf::new(), days: 3, scale: 1, files: 100, rounds: 2_000 };
    let mut command = None;
    let mut arguments = lexopt::Parser::from_env();
    while let Some(argument) = arguments.next()? {
        use lexopt::prelude::*;
        match argument {
            Value(name) if command.is_none() => command = Some(name.string()?),
            Long("archive") => options.archive = arguments.value()?.into(),
            Long("days") => options.days = arguments.value()?.parse()?,
            Long("scale") => options.scale = arguments.value()?.parse()?,
            Long("files") => options.files = arguments.value()?.parse()?,
            Long("rounds") => options.rounds = arguments.value()?.parse()?,
            other => return Err(other.unexpected().into()),
        }
    }
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).build()?;
    runtime.block_on(async {
        match command.as_deref() {
            Some("write") => write::measure(&options).await,
            Some("pages") => pages::measure(&options).await,
            _ => Err("name what to measure: write or pages".into()),
        }
    })
}
