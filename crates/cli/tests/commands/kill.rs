//! `kill -9` of the whole server under load, again and again: webhooks and lines arrive while it seals and merges.
//! Acknowledged data are stored exactly once, and every file opens. `ROLLCALL_TORTURE_ROUNDS` sets the number of
//! rounds; `make torture` runs a thousand.

use std::{process::Stdio, thread, time::Duration};

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

    // Each source repeats its request in flight, as a vendor retries; then all reported data are stored.
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
    assert_eq!(verified, format!("{} files are intact, 0 damaged\n", listed.len()));
    let problems = problems(&folder, &[]);
    assert!(problems.is_empty(), "{problems:#?}");
}

/// Rounds of a command that takes a few hundred milliseconds.
const SHORT_ROUNDS: u64 = 20;

/// Starts a command and kills it after a time that looks random and is the same in each run. Returns whether it had
/// already ended.
fn kill_early(folder: &Folder, arguments: &[&str], round: u64, most_millis: u64) -> bool {
    let dice = round.wrapping_add(1).wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 32;
    let mut child = folder.command(arguments).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
    thread::sleep(Duration::from_millis(dice % most_millis));
    let ended = child.try_wait().unwrap().is_some_and(|status| status.success());
    let _ = child.kill();
    child.wait().unwrap();
    ended
}

fn short_rounds() -> u64 {
    std::env::var(TORTURE).map_or(SHORT_ROUNDS, |rounds| rounds.parse().unwrap())
}

#[test]
fn backups_and_restores_that_are_killed_leave_nothing_that_counts() {
    let folder = Folder::with_past_company();
    let complete = |folder: &Folder| {
        let listed = folder.json(&["backups", "list", "copies", "--json"]);
        listed.iter().filter(|backup| backup["state"] == "complete").count() as u64
    };
    for round in 0..short_rounds() {
        let before = if round == 0 { 0 } else { complete(&folder) };
        let ended = kill_early(&folder, &["backup", "copies", "--keep", "2"], round, 600);
        let after = complete(&folder);
        // The manifest may exist an instant before the process ends.
        assert!(after >= before.min(2) && after >= u64::from(ended), "round {round}: {before} {after}");
    }
    folder.run(&["backup", "copies", "--keep", "1"]).good();
    folder.run(&["backups", "verify", "copies", "--all"]);
    folder.run(&["backups", "verify", "copies"]).good();
    let left = std::fs::read_dir(folder.path("data")).unwrap();
    assert!(left.flatten().all(|entry| !entry.file_name().to_string_lossy().contains("unfinished")));

    let from = folder.path("copies").display().to_string();
    let people = "SELECT count(*), count(DISTINCT user_name) FROM participants";
    let expected = folder.run(&["sql", people]).good();
    for round in 0..short_rounds() {
        let restored = Folder::new();
        let ended = kill_early(&restored, &["restore", &from], round, 900);
        let is_there = restored.path("data").exists();
        assert!(is_there || !ended, "round {round}");
        if !is_there {
            restored.run(&["restore", &from]).good();
        }
        assert_eq!(restored.run(&["sql", people]).good(), expected, "round {round}");
        assert!(!restored.path("data.restoring").exists(), "round {round}");
    }
}

#[test]
fn retention_that_is_killed_is_finished_by_the_next_round() {
    let folder = Folder::with_past_company();
    folder.write("rollcall.toml", "[retention]\ninstances_days = 100\nidentity_days = 90\n");
    for round in 0..short_rounds() {
        if kill_early(&folder, &["retention", "run"], round, 400) {
            break;
        }
    }
    assert_eq!(folder.run(&["retention", "run"]).status, 0);
    for table in ["instances", "participants", "qos_minutes"] {
        let count = folder.run(&["sql", &format!("SELECT count(*) AS n FROM {table}")]).good();
        assert_eq!(count.lines().nth(1).map(str::trim), Some("0"), "{table}: {count}");
    }
    let problems = problems(&folder, &["--deep"]);
    assert!(problems.is_empty(), "{problems:#?}");
}
