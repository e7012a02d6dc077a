//! The default page, compared with Prism, which returns its one example for the same operation.

use std::{
    fs,
    net::{SocketAddr, TcpListener},
    path::Path,
    process::Command,
};

use super::{
    Setup,
    pages::{alternate, print_rounds},
};
use crate::{
    Result,
    client::{Client, Peer},
    fail,
    process::Server,
    walk::Walk,
    world::{Served, WALKED, World},
};

const CONNECTIONS: usize = 4;
/// Pages of each walk: fewer than the webinars have, so that each page is requested once per round.
const PAGES: usize = 1_000;
const BAR: f64 = 10.0;

pub fn measure(setup: &Setup) -> Result<()> {
    let folder = World::million().folder(&setup.rollcall, &setup.dir)?;
    let served = Served::start(&setup.rollcall, &folder)?;
    let numbers = served.numbers("webinars", WALKED)?;
    let walk = |number| Walk { first: format!("/v2/metrics/webinars/{number}/participants?type=past"), pages: PAGES };
    let walks: Vec<_> = numbers.into_iter().take(CONNECTIONS).map(walk).collect();

    let document = setup.dir.join("zoom.openapi.json");
    fs::write(&document, Client::connect(&served.peer)?.get("/openapi/zoom.json")?)?;
    let prism = start_prism(setup, &document)?;
    let peer = Peer { address: prism.address, token: served.peer.token.clone() };

    let (rollcall, prism) = alternate(setup.rounds, [("rollcall", &served.peer), ("prism", &peer)], &walks)?;
    let title = format!(
        "default pages of 30 participants: up to {} distinct pages a round, {CONNECTIONS} connections, medians of {} \
         rounds",
        CONNECTIONS * PAGES,
        setup.rounds
    );
    let ratio = print_rounds(&title, [("rollcall", &rollcall), ("prism", &prism)]);
    let reached = format!("{ratio:.1} times Prism's requests/s");
    setup.report.reached("default page of 30 participants", reached, format!("at least {BAR:.0} times"), ratio >= BAR);
    Ok(())
}

fn start_prism(setup: &Setup, document: &Path) -> Result<Server> {
    let program = setup.prism.join("node_modules/.bin/prism");
    if !program.exists() {
        return fail(format!("Prism is not installed: run `npm ci` in {}", setup.prism.display()));
    }
    let address = free_address()?;
    let mut command = Command::new(program);
    // Its fastest mode: one process, no log.
    command.env("NODE_ENV", "production").args(["mock", "--multiprocess", "false", "--verboseLevel", "silent"]);
    command.args(["--host", "127.0.0.1", "--port"]).arg(address.port().to_string()).arg(document);
    Server::start_at(&mut command, address)
}

/// An unused address of this machine.
fn free_address() -> Result<SocketAddr> {
    Ok(TcpListener::bind(("127.0.0.1", 0))?.local_addr()?)
}
