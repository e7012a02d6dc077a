//! Bytes per minute and minutes per second, with a file per day as after merging.

use std::{
    collections::BTreeMap,
    time::{Duration, Instant},
};

use rollcall_archive::{Archive, Location};

use crate::{
    Options, Result,
    world::{key, partition, world},
};

pub(crate) async fn measure(options: &Options) -> Result<()> {
    let archive = Archive::open(&Location::Folder(options.archive.clone()))?;
    let mut writers = BTreeMap::new();
    let mut busy = Duration::ZERO;
    for labelled in world(options.days, options.scale, 0)?.batches() {
        for facts in &labelled.batch.instances {
            let Some((instance, day)) = key(facts) else { continue };
            let writer = match writers.entry(day) {
                std::collections::btree_map::Entry::Occupied(writer) => writer.into_mut(),
                std::collections::btree_map::Entry::Vacant(none) => {
                    none.insert(archive.minute_writer(&partition(day)?).await?)
                }
            };
            let begun = Instant::now();
            writer.begin_instance(&instance);
            for participant in &facts.participants {
                writer.begin_participant(&participant.participant.key());
                for minute in &participant.minutes {
                    writer.write(minute)?;
                }
            }
            busy += begun.elapsed();
        }
    }
    let (mut rows, mut bytes) = (0, 0);
    let files = writers.len();
    for writer in writers.into_values() {
        let begun = Instant::now();
        let info = writer.finish().await?;
        busy += begun.elapsed();
        rows += info.rows;
        bytes += info.bytes;
    }
    println!("minutes: {rows}");
    println!("files: {files}");
    println!("bytes a minute: {:.2}", bytes as f64 / rows as f64);
    println!("minutes a second: {:.0}", rows as f64 / busy.as_secs_f64());
    Ok(())
}
