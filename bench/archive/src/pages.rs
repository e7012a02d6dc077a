//! Pages of minutes from one file and from many, in comparison.

use std::time::{Duration, Instant};

use futures::StreamExt as _;
use rollcall_archive::{Archive, Dataset, FileEntry, FilePath, Location};

use crate::{
    Options, Result,
    stage::{Contents, Stage},
    world::{key, partition, world},
};

/// How many minutes each file has.
const FILE_ROWS: u64 = 1_000_000;
/// The number of alternating rounds.
const TURNS: u32 = 10;

pub(crate) async fn measure(options: &Options) -> Result<()> {
    let archive = Archive::open(&Location::Folder(options.archive.clone()))?;
    let mut files = minute_files(&archive).await?;
    if files.is_empty() {
        write_first(&archive).await?;
        files = minute_files(&archive).await?;
    }
    let first = files.first().ok_or("no file was written")?.clone();
    // Every file is a copy of the first under another name, so reads are equally large and equally scattered.
    let folder = options.archive.join(first.to_string());
    for copy in files.len()..options.files as usize {
        std::fs::copy(&folder, folder.with_file_name(format!("copy-{copy}.parquet")))?;
    }
    let mut files = minute_files(&archive).await?;
    files.truncate(options.files as usize);
    let contents = contents(&archive, &first).await?;
    let index = options.archive.with_extension("index");
    let begun = Instant::now();
    let few = Stage::new(&index.join("few"), archive.clone(), &files[..1], &contents).await?;
    let many = Stage::new(&index.join("many"), archive, &files, &contents).await?;
    println!("seconds to fill the index: {:.0}", begun.elapsed().as_secs_f64());

    let mut random = 0x9e37_79b9_7f4a_7c15_u64;
    let mut below = |end: usize| {
        random = random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (random >> 33) as usize % end
    };
    let stages = [&few, &many];
    let mut measured = [Measured::default(), Measured::default()];
    for _ in 0..TURNS {
        for (stage, measured) in stages.iter().zip(&mut measured) {
            for _ in 0..options.rounds / TURNS {
                let page = below(stage.pages());
                let begun = Instant::now();
                measured.minutes += stage.read(page).await?;
                measured.times.push(begun.elapsed());
            }
        }
    }
    for (stage, measured) in stages.iter().zip(&mut measured) {
        measured.times.sort_unstable();
        let minutes = measured.minutes as f64 / measured.times.len() as f64;
        let [median, p90, p99] = [0.5, 0.9, 0.99].map(|share| measured.at(share));
        println!(
            "{} minutes archived, pages of {minutes:.0} minutes, ms: median {median:.2}, p90 {p90:.2}, p99 {p99:.2}",
            stage.rows
        );
    }
    println!("median of many / of few: {:.2}", measured[1].at(0.5) / measured[0].at(0.5));
    Ok(())
}

#[derive(Default)]
struct Measured {
    times: Vec<Duration>,
    minutes: u64,
}

impl Measured {
    /// The time within which that share of pages was read, in milliseconds.
    fn at(&self, share: f64) -> f64 {
        self.times[((self.times.len() - 1) as f64 * share) as usize].as_secs_f64() * 1e3
    }
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

async fn contents(archive: &Archive, file: &FilePath) -> Result<Contents> {
    let rows = archive.verify(file).await?.rows;
    let seen = (Contents::new(), None);
    let (contents, _) = archive
        .read_keyed_minutes(file, std::slice::from_ref(&(0..rows)), seen, |(contents, instance), _, key, _| {
            if let Some(key) = key {
                if instance.as_ref() != Some(&key.instance.uuid) {
                    *instance = Some(key.instance.uuid.clone());
                    contents.push(Vec::new());
                }
                contents.iter_mut().last().into_iter().for_each(|counts| counts.push(0));
            }
            let counts = contents.last_mut().and_then(|counts| counts.last_mut());
            counts.into_iter().for_each(|count| *count += 1);
            Ok(())
        })
        .await?;
    Ok(contents)
}
