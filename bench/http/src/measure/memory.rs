//! A server's memory while a client pages through a large webinar.

use std::thread;

use super::Setup;
use crate::{
    Result,
    client::{Client, Peer},
    fail,
    report::table,
    walk::{ALL_PAGES, Walk},
    world::{LARGE, Served, World},
};

const BAR_MB: f64 = 100.0;

pub fn measure(setup: &Setup) -> Result<()> {
    let folder = World::million().folder(&setup.rollcall, &setup.dir)?;
    let served = Served::start(&setup.rollcall, &folder)?;
    let number = served.numbers("webinars", LARGE)?[0];
    let walk = |path: &str| Walk { first: format!("/v2/metrics/webinars/{number}/{path}"), pages: ALL_PAGES };
    let participants = walk("participants?type=past&page_size=300");
    let qos = walk("participants/qos?type=past&page_size=10");

    let mut rows = Vec::new();
    let mut note = |name: &str, pages: usize| -> Result<f64> {
        let resident = served.server.resident()?;
        let [peak, now] = [resident.peak, resident.now].map(|bytes| bytes as f64 / 1e6);
        rows.push([name.to_owned(), pages.to_string(), format!("{now:.1}"), format!("{peak:.1}")]);
        Ok(peak)
    };
    note("after the start", 0)?;
    let pages = run(&served.peer, &participants)?;
    note("participants", pages)?;
    let pages = run(&served.peer, &qos)?;
    note("QoS", pages)?;
    let pages = thread::scope(|scope| {
        let walks = [&participants, &qos, &participants, &qos];
        let running = walks.map(|walk| scope.spawn(|| run(&served.peer, walk)));
        let mut pages = 0;
        for walk in running {
            let Ok(walked) = walk.join() else { return fail("a walk's thread panicked") };
            pages += walked?;
        }
        Ok(pages)
    })?;
    let peak = note("both, on four connections", pages)?;

    let title = format!("memory: a webinar of {LARGE} participants walked whole, a million stored, in MB");
    table(&title, ["", "pages", "VmRSS", "VmHWM"], &rows);
    setup.report.reached("memory", format!("{peak:.1} MB at most"), format!("under {BAR_MB:.0} MB"), peak < BAR_MB);
    Ok(())
}

fn run(peer: &Peer, walk: &Walk) -> Result<usize> {
    let mut pages = 0;
    walk.run(&mut Client::connect(peer)?, |_, _, _| pages += 1)?;
    Ok(pages)
}
