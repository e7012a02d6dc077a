//! How long a server takes to start.

use std::time::{Duration, Instant};

use super::Setup;
use crate::{
    Result,
    client::{Client, Peer},
    process::Server,
    report::table,
    statistics::median,
    world::World,
};

const STARTS: usize = 10;
const STARTS_AFTER_A_CRASH: usize = 3;
const BAR_MS: f64 = 100.0;

pub fn measure(setup: &Setup) -> Result<()> {
    let folder = World::million().folder(&setup.rollcall, &setup.dir)?;
    let start = || -> Result<(Server, Duration)> {
        let started = Instant::now();
        let server = Server::rollcall(&setup.rollcall, &folder)?;
        Client::connect(&Peer { address: server.address, token: String::new() })?.get("/readyz")?;
        Ok((server, started.elapsed()))
    };
    // The world may have been written by a process that was killed.
    start()?;

    let mut stopped = Vec::new();
    for _ in 0..STARTS {
        stopped.push(start()?.1);
    }
    let mut crashed = Vec::new();
    for _ in 0..STARTS_AFTER_A_CRASH {
        start()?.0.kill()?;
        crashed.push(start()?.1);
    }

    let figures = |times: &[Duration]| {
        let millis: Vec<f64> = times.iter().map(|time| time.as_secs_f64() * 1e3).collect();
        let most = millis.iter().copied().fold(0.0, f64::max);
        (median(millis), most)
    };
    let row = |name: &str, times: &[Duration]| {
        let (median, most) = figures(times);
        [name.to_owned(), times.len().to_string(), format!("{median:.1}"), format!("{most:.1}")]
    };
    let rows = [row("after a stop", &stopped), row("after kill -9", &crashed)];
    table(
        "start: from exec to the answer of /readyz, a million participants stored",
        ["", "starts", "median ms", "most ms"],
        &rows,
    );
    let (median, _) = figures(&stopped);
    setup.report.reached("start", format!("{median:.1} ms"), format!("under {BAR_MS:.0} ms"), median < BAR_MS);
    Ok(())
}
