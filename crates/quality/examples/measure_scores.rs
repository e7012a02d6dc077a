//! What scoring costs: `cargo run --release -p rollcall-quality --example measure_scores`.
//!
//! Nanoseconds a participant-minute, over some minutes of a simulated company: the least of many short rounds, which is
//! what the work itself takes, and the median, which shows how busy the machine was.

#![expect(clippy::print_stdout, reason = "it prints figures")]

use std::{hint::black_box, time::Instant};

use rollcall_model::{Participant, QosMinute};
use rollcall_quality::{AttendanceQuality, Cell, Profile, Rollup, find, score_minute};
use rollcall_sim::{World, WorldConfig};

const ROUNDS: usize = 400;
/// So few that most rounds end before somebody else's turn.
const ATTENDANCES: usize = 60;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let world = World::new(WorldConfig { days: 5, ..WorldConfig::demo() }, "2026-03-26T15:04:05Z".parse()?);
    let attendances: Vec<(Participant, Vec<QosMinute>)> = world
        .batches()
        .flat_map(|labelled| labelled.batch.instances)
        .flat_map(|facts| facts.participants)
        .filter(|one| !one.minutes.is_empty())
        .map(|one| (one.participant, one.minutes))
        .step_by(20)
        .take(ATTENDANCES)
        .collect();
    let minutes: Vec<&QosMinute> = attendances.iter().flat_map(|(_, minutes)| minutes).collect();
    println!("{} participant-minutes of {} attendances", minutes.len(), attendances.len());

    measure("scores and labels", minutes.len(), || {
        let mut quality = AttendanceQuality::default();
        minutes.iter().for_each(|minute| quality.add(&score_minute(minute)));
        black_box(quality);
    });
    measure("health and issues", minutes.len(), || {
        minutes.iter().for_each(|minute| {
            black_box(find(minute, &Profile::ZOOM));
        });
    });
    measure("one cell of a rollup, scores included", minutes.len(), || {
        let mut cell = Cell::default();
        minutes.iter().for_each(|minute| cell.add(minute, &Profile::ZOOM));
        black_box(cell);
    });
    measure("a rollup by hour and six dimensions", minutes.len(), || {
        let mut rollup = Rollup::default();
        for (participant, minutes) in &attendances {
            rollup.add(participant, minutes, &Profile::ZOOM);
        }
        black_box(rollup);
    });

    let mut rollup = Rollup::default();
    for (participant, minutes) in &attendances {
        rollup.add(participant, minutes, &Profile::ZOOM);
    }
    let mut stored = Vec::new();
    rollup.cells().for_each(|(_, cell)| cell.write_to(&mut stored));
    println!("{} cells, {} bytes each", rollup.cells().count(), stored.len() / rollup.cells().count().max(1));
    Ok(())
}

fn measure(what: &str, minutes: usize, mut run: impl FnMut()) {
    let mut nanos: Vec<f64> = (0..ROUNDS)
        .map(|_| {
            let started = Instant::now();
            run();
            started.elapsed().as_nanos() as f64 / minutes as f64
        })
        .collect();
    nanos.sort_by(f64::total_cmp);
    println!("{what}: {:.1} ns a minute, median {:.1}", nanos[0], nanos[ROUNDS / 2]);
}
