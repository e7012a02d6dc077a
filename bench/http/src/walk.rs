//! Walks lists by their page tokens, on several connections at the same time.

use std::{
    sync::Barrier,
    thread,
    time::{Duration, Instant},
};

use crate::{
    Result,
    client::{Client, Peer, next_page_token},
    fail,
    statistics::quantile,
};

/// More pages than any list has: such a walk ends with the list.
pub const ALL_PAGES: usize = 100_000;

/// A list to walk from its first page.
#[derive(Debug, Clone)]
pub struct Walk {
    /// The first page, with a query to which a token can be added.
    pub first: String,
    /// The maximum number of pages to request.
    pub pages: usize,
}

/// The times of a round of walks.
#[derive(Debug, Clone)]
pub struct Round {
    pub requests: usize,
    pub bytes: u64,
    pub elapsed: Duration,
    /// Of each request, shortest first.
    latencies: Vec<Duration>,
}

impl Round {
    pub fn requests_per_second(&self) -> f64 {
        self.requests as f64 / self.elapsed.as_secs_f64()
    }

    pub fn megabytes_per_second(&self) -> f64 {
        self.bytes as f64 / 1e6 / self.elapsed.as_secs_f64()
    }

    pub fn latency_ms(&self, share: f64) -> f64 {
        quantile(&self.latencies, share).as_secs_f64() * 1e3
    }
}

impl Walk {
    /// Requests page after page, and passes each with its target and time to `seen`.
    pub fn run(&self, client: &mut Client, mut seen: impl FnMut(&str, &[u8], Duration)) -> Result<()> {
        let mut target = self.first.clone();
        for _ in 0..self.pages {
            let asked = Instant::now();
            let body = client.get(&target)?;
            seen(&target, body, asked.elapsed());
            let Some(token) = next_page_token(body) else { break };
            target.truncate(self.first.len());
            target.push_str("&next_page_token=");
            target.push_str(token);
        }
        Ok(())
    }
}

/// Runs every walk on a connection of its own, all at the same time.
pub fn run_all(peer: &Peer, walks: &[Walk]) -> Result<Round> {
    let start = Barrier::new(walks.len() + 1);
    let mut round = Round { requests: 0, bytes: 0, elapsed: Duration::ZERO, latencies: Vec::new() };
    thread::scope(|scope| {
        let running: Vec<_> = walks.iter().map(|walk| scope.spawn(|| run_one(peer, walk, &start))).collect();
        start.wait();
        let started = Instant::now();
        for walk in running {
            let Ok(result) = walk.join() else { return fail("a connection's thread panicked") };
            let (bytes, latencies) = result?;
            round.bytes += bytes;
            round.latencies.extend(latencies);
        }
        round.elapsed = started.elapsed();
        Ok(())
    })?;
    round.requests = round.latencies.len();
    round.latencies.sort_unstable();
    Ok(round)
}

fn run_one(peer: &Peer, walk: &Walk, start: &Barrier) -> Result<(u64, Vec<Duration>)> {
    // A failure before the start must not leave the others waiting.
    let client = Client::connect(peer);
    let mut latencies = Vec::new();
    let mut bytes = 0;
    start.wait();
    walk.run(&mut client?, |_, body, latency| {
        latencies.push(latency);
        bytes += body.len() as u64;
    })?;
    Ok((bytes, latencies))
}
