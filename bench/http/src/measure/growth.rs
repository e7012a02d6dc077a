//! Whether a page takes as long with a long history as with a short one.

use std::time::Duration;

use super::Setup;
use crate::{
    Result,
    client::Client,
    report::table,
    statistics::median,
    walk::{ALL_PAGES, Walk},
    world::{GROWN, MONTH, Served, World},
};

const BAR: f64 = 1.2;
/// Meetings of 100 participants before the requested month.
const SHORT: usize = 20;
const LONG: usize = 2_000;

/// A list that is read in both worlds.
struct Listed {
    name: &'static str,
    first: String,
    /// The number of walks per round; more if they are shorter.
    walks: usize,
}

/// The times of the first, middle and last page at each request, in milliseconds.
type Latencies = [Vec<f64>; 3];

pub fn measure(setup: &Setup) -> Result<()> {
    let start = |name, meetings| -> Result<Served> {
        let folder = World::before(name, meetings).folder(&setup.rollcall, &setup.dir)?;
        Served::start(&setup.rollcall, &folder)
    };
    let worlds = [start("short-history", SHORT)?, start("long-history", LONG)?];
    // Both worlds have the same month, so the meeting has the same number in both.
    let number = worlds[0].numbers("meetings", GROWN)?[0];
    let of_meeting = |path: &str| format!("/v2/metrics/meetings/{number}/{path}");
    let lists = [
        Listed {
            name: "participants, 300 a page",
            first: of_meeting("participants?type=past&page_size=300"),
            walks: 8,
        },
        Listed { name: "participants, 30 a page", first: of_meeting("participants?type=past"), walks: 4 },
        Listed { name: "QoS, 10 a page", first: of_meeting("participants/qos?type=past&page_size=10"), walks: 1 },
        Listed { name: "list of meetings, 30 a page", first: format!("/v2/metrics/meetings?{MONTH}"), walks: 40 },
    ];

    let mut clients = [Client::connect(&worlds[0].peer)?, Client::connect(&worlds[1].peer)?];
    let mut rows = Vec::new();
    let mut worst: f64 = 0.0;
    for list in &lists {
        let mut latencies: [Latencies; 2] = Default::default();
        let walk = Walk { first: list.first.clone(), pages: ALL_PAGES };
        for round in 0..=setup.rounds * list.walks {
            let order = if round % 2 == 0 { [0, 1] } else { [1, 0] };
            for world in order {
                let mut times = Vec::new();
                walk.run(&mut clients[world], |_, _, time| times.push(time))?;
                // The first round, in which both warm up, does not count.
                if round > 0 {
                    note(&mut latencies[world], &times);
                }
            }
        }
        let [short, long] = latencies.map(|pages| pages.map(median));
        for (page, (short, long)) in ["first", "middle", "last"].iter().zip(short.into_iter().zip(long)) {
            let ratio = long / short;
            worst = worst.max(ratio);
            let name = format!("{}: {page} page", list.name);
            rows.push([name, format!("{short:.3}"), format!("{long:.3}"), format!("{ratio:.2}")]);
        }
        eprintln!("growth: {} done", list.name);
    }

    let title = format!(
        "growth: a page's latency with {} and with {} participants in the history behind it, medians in ms",
        SHORT * 100,
        LONG * 100
    );
    table(&title, ["", "short history", "long history", "long/short"], &rows);
    let reached = format!("{worst:.2} times at the worst page");
    setup.report.reached("growth", reached, format!("at most {BAR:.2} times"), worst <= BAR);
    Ok(())
}

fn note(latencies: &mut Latencies, walked: &[Duration]) {
    let Some(last) = walked.len().checked_sub(1) else { return };
    for (times, page) in latencies.iter_mut().zip([0, walked.len() / 2, last]) {
        times.push(walked[page].as_secs_f64() * 1e3);
    }
}
