//! Pages of ten participants out of many files.

use std::time::Instant;

use futures::StreamExt as _;
use rollcall_archive::{Archive, Dataset, FileEntry, FilePath, Location};
use rollcall_model::QosMinute;

use crate::{
    Options, Result,
    world::{key, partition, world},
};

/// How many minutes each file has.
const FILE_ROWS: u64 = 1_000_000;
/// Participants of a page: what the API answers at most.
const PARTICIPANTS: usize = 10;

/// Where each participant's rows begin, and the end of the last.
type Starts = Vec<u64>;

pub(crate) async fn measure(options: &Options) -> Result<()> {
    let archive = Archive::open(&Location::Folder(options.archive.clone()))?;
    let mut files = minute_files(&archive).await?;
    if files.is_empty() {
        write_first(&archive).await?;
        files = minute_files(&archive).await?;
    }
    let first = files.first().ok_or("no file was written")?.clone();
    // Every file is a copy of the first, under another name: what is read of them is as much, and as far apart.
    let folder = options.archive.join(first.to_string());
    for copy in files.len()..options.files as usize {
        std::fs::copy(&folder, folder.with_file_name(format!("copy-{copy}.parquet")))?;
    }
    let mut files = minute_files(&archive).await?;
    files.truncate(options.files as usize);
    let starts = participant_starts(&archive, &first).await?;

    let mut random = 0x9e37_79b9_7f4a_7c15_u64;
    let mut below = |end: usize| {
        random = random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (random >> 33) as usize % end
    };
    let mut times = Vec::new();
    let mut rows = 0;
    for _ in 0..options.rounds {
        let file = &files[below(files.len())];
        let participant = below(starts.len() - PARTICIPANTS);
        let range = starts[participant]..starts[participant + PARTICIPANTS];
        let begun = Instant::now();
        let count = |seen: &mut u64, _, minute: &QosMinute| *seen += u64::from(minute.minute.0 > 0);
        let seen = archive.read_minutes(file, std::slice::from_ref(&range), 0, count).await?;
        times.push(begun.elapsed());
        assert_eq!(seen, range.end - range.start);
        rows += seen;
    }
    times.sort_unstable();
    let at = |share: f64| times[((times.len() - 1) as f64 * share) as usize].as_secs_f64() * 1e3;
    println!("minutes archived: {}", files.len() as u64 * (starts.last().copied().unwrap_or(0)));
    println!("minutes a page: {:.0}", rows as f64 / f64::from(options.rounds));
    println!("page, ms: median {:.2}, p90 {:.2}, p99 {:.2}", at(0.5), at(0.9), at(0.99));
    Ok(())
}

async fn minute_files(archive: &Archive) -> Result<Vec<FilePath>> {
    let listed: Vec<_> = archive.list().collect().await;
    let listed = listed.into_iter().collect::<std::result::Result<Vec<FileEntry>, _>>()?;
    let mut files: Vec<_> = listed.into_iter().map(|entry| entry.path).collect();
    files.retain(|file| file.dataset() == Dataset::QosMinutes);
    files.sort();
    Ok(files)
}

/// Writes a file of simulated minutes.
async fn write_first(archive: &Archive) -> Result<()> {
    let mut writer = archive.minute_writer(&partition("2026-03-01".parse()?)?).await?;
    for seed in 0.. {
        for labelled in world(7, 4, seed)?.batches() {
            for facts in &labelled.batch.instances {
                let Some((instance, _)) = key(facts) else { continue };
                writer.begin_instance(&instance);
                for participant in &facts.participants {
                    writer.begin_participant(&participant.participant.key());
                    for minute in &participant.minutes {
                        writer.write(minute)?;
                    }
                }
                if writer.rows() >= FILE_ROWS {
                    writer.finish().await?;
                    return Ok(());
                }
            }
        }
    }
    Ok(())
}

async fn participant_starts(archive: &Archive, file: &FilePath) -> Result<Starts> {
    let rows = archive.verify(file).await?.rows;
    let starts = archive.read_keyed_minutes(file, 0..rows, Starts::new(), |starts, row, key, _| {
        starts.extend(key.map(|_| row));
        Ok(())
    });
    let mut starts = starts.await?;
    starts.push(rows);
    Ok(starts)
}
