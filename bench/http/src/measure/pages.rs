//! Full pages, compared with a server that only sends the same bytes.

use std::process::Command;

use super::Setup;
use crate::{
    Result,
    client::{Client, Peer},
    fail,
    process::Server,
    recording,
    report::table,
    statistics::median,
    walk::{ALL_PAGES, Round, Walk, run_all},
    world::{Served, WALKED, WALKED_QOS, World},
};

/// The number of concurrent walks, each on its own connection.
const CONNECTIONS: usize = 4;
const BAR: f64 = 0.30;

pub fn measure(setup: &Setup) -> Result<()> {
    let folder = World::million().folder(&setup.rollcall, &setup.dir)?;
    let served = Served::start(&setup.rollcall, &folder)?;
    served.wait_until_printed()?;
    let walks = |participants, path: &str| -> Result<Vec<Walk>> {
        let numbers = served.numbers("webinars", participants)?;
        let first = |number| format!("/v2/metrics/webinars/{number}/{path}");
        let walks: Vec<_> =
            numbers.into_iter().take(CONNECTIONS).map(|n| Walk { first: first(n), pages: ALL_PAGES }).collect();
        if walks.len() < CONNECTIONS { fail("the world has too few webinars") } else { Ok(walks) }
    };
    let participants = walks(WALKED, "participants?type=past&page_size=300")?;
    compare(setup, &served.peer, "pages of 300 participants", &participants)?;
    let qos = walks(WALKED_QOS, "participants/qos?type=past&page_size=10")?;
    compare(setup, &served.peer, "pages of 10 participants' QoS for an hour", &qos)
}

fn compare(setup: &Setup, rollcall: &Peer, what: &str, walks: &[Walk]) -> Result<()> {
    let file = setup.dir.join("recording");
    let pages = recording::record(&mut Client::connect(rollcall)?, walks, &file)?;
    let server = Server::start(Command::new(std::env::current_exe()?).arg("bare").arg(&file));
    std::fs::remove_file(&file)?;
    let server = server?;
    let bare = Peer { address: server.address, token: rollcall.token.clone() };

    let peers = [("rollcall", rollcall), ("bare hyper", &bare)];
    let (rollcall, bare) = alternate(setup.rounds, peers, walks)?;
    let title = format!(
        "{what}: {pages} distinct pages of {:.0} kB a round, {CONNECTIONS} connections, medians of {} rounds",
        bare[0].bytes as f64 / 1e3 / pages as f64,
        setup.rounds
    );
    let ratio = print_rounds(&title, [("rollcall", &rollcall), ("bare hyper", &bare)]);
    let reached = format!("{:.1} % of bare hyper's throughput", ratio * 100.0);
    setup.report.reached(what, reached, format!("at least {:.0} %", BAR * 100.0), ratio >= BAR);
    Ok(())
}

/// Runs the walks against both servers alternately; the first round, in which both warm up, does not count.
pub fn alternate(rounds: usize, peers: [(&str, &Peer); 2], walks: &[Walk]) -> Result<(Vec<Round>, Vec<Round>)> {
    let mut results = [Vec::new(), Vec::new()];
    for round in 0..=rounds {
        let order = if round % 2 == 0 { [0, 1] } else { [1, 0] };
        for index in order {
            let (name, peer) = peers[index];
            let result = run_all(peer, walks)?;
            eprintln!("round {round} of {rounds}: {name} {:.0} requests/s", result.requests_per_second());
            if round > 0 {
                results[index].push(result);
            }
        }
    }
    let [first, second] = results;
    Ok((first, second))
}

/// Prints both servers' rounds, and returns the median of the ratio of their throughputs.
pub fn print_rounds(title: &str, peers: [(&str, &[Round]); 2]) -> f64 {
    let rows = peers.map(|(name, rounds)| {
        let of = |figure: fn(&Round) -> f64| median(rounds.iter().map(figure));
        [
            name.to_owned(),
            format!("{:.0}", of(Round::requests_per_second)),
            format!("{:.1}", of(Round::megabytes_per_second)),
            format!("{:.3}", of(|round| round.latency_ms(0.5))),
            format!("{:.3}", of(|round| round.latency_ms(0.99))),
        ]
    });
    table(title, ["", "requests/s", "MB/s", "p50 ms", "p99 ms"], &rows);
    let [(_, mine), (_, theirs)] = peers;
    median(mine.iter().zip(theirs).map(|(mine, theirs)| mine.requests_per_second() / theirs.requests_per_second()))
}
