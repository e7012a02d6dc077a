//! `kill -9` of the whole server under load, over and over: webhooks and lines come in while it seals and merges. What was
//! acknowledged is there afterwards, nothing is there twice, and every file opens. `ROLLCALL_TORTURE_ROUNDS` says how
//! often; `make torture` says a thousand times.

use std::{thread, time::Duration};

use crate::{
    folder::Folder,
    load::{Acknowledged, Doors, LOOKED_AT_LAST, SETTINGS, SOURCES, known, newest, problems},
};

const ROUNDS: u64 = 10;
const TORTURE: &str = "ROLLCALL_TORTURE_ROUNDS";

#[test]
fn what_was_acknowledged_survives_kill_9_of_the_server() {
    let rounds = std::env::var(TORTURE).map_or(ROUNDS, |rounds| rounds.parse().unwrap());
    let folder = Folder::new();
    let doors = Doors::make(&folder);
    let acknowledged = Acknowledged::default();

    for round in 0..rounds {
        let server = folder.serve_with(&SETTINGS);
        let stage = doors.of(&server);
        stage.check_latest(acknowledged.now(), &format!("before round {round}"));
        // Knuth's multiplicative hash of the round: moments that look random and are the same in each run.
        let dice = round.wrapping_add(1).wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 32;
        let delay = Duration::from_micros(dice % 1_600_000);
        let (stage, acknowledged) = (&stage, &acknowledged);
        thread::scope(|scope| {
            for source in 0..SOURCES as u64 {
                scope.spawn(move || stage.feed(source, acknowledged, || false));
            }
            thread::sleep(delay);
            server.kill();
        });
        if round % 50 == 49 {
            println!("{} rounds, {:?} requests acknowledged", round + 1, acknowledged.now());
        }
    }
    assert!(acknowledged.now().iter().all(|acknowledged| *acknowledged > 20), "{acknowledged:?}");

    // What each source had on its way comes again, as a vendor delivers again; then all that was told is there.
    let server = folder.serve_with(&SETTINGS);
    let stage = doors.of(&server);
    stage.deliver_again(&acknowledged);
    for (source, acknowledged) in (0..).zip(acknowledged.now()) {
        let newest = newest(source, acknowledged);
        for instance in (0..=newest).step_by((newest / LOOKED_AT_LAST + 1) as usize) {
            stage.check(source, instance, acknowledged, "at the end");
            let told = stage.told(source, instance, "at the end").unwrap_or_default();
            assert_eq!(
                told,
                known(source, instance, acknowledged, stage.start),
                "source {source}, instance {instance}"
            );
        }
    }
    server.stop();

    folder.run(&["archive", "seal"]);
    let listed = folder.json(&["archive", "list", "--json"]);
    assert!(listed.len() > 1, "{listed:?}");
    let verified = folder.run(&["archive", "verify"]).good();
    assert_eq!(verified, format!("{} files are whole, 0 not\n", listed.len()));
    let problems = problems(&folder, &[]);
    assert!(problems.is_empty(), "{problems:#?}");
}
