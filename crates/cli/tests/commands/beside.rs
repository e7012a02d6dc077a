//! Commands that need the minutes or the archive work while a server runs: it executes them, with the same output.

use std::fs;

use crate::folder::{Folder, Output};

/// Simulates a company of six with data that ended months ago.
const COMPANY: [&str; 18] = [
    "sim",
    "--people",
    "6",
    "--days",
    "4",
    "--meetings-per-day",
    "3",
    "--webinars-per-week",
    "7",
    "--webinar-attendees",
    "10",
    "--until",
    "2026-03-06T18:00:00Z",
    "--into-existing",
    "--truth",
    "truth.ndjson",
    "--seed",
    "7",
];

/// A command's output and exit status, without its run time and without deleted files: while a
/// server runs, they are deleted later.
fn said(Output { status, stdout, stderr }: Output) -> (i32, String, String) {
    let stdout = match stdout.rsplit_once(" in ") {
        Some((written, _)) => written.to_owned(),
        None => stdout,
    };
    let words = stdout.trim_end().split(", ").filter(|words| !words.ends_with(" deleted"));
    let stdout = words.collect::<Vec<_>>().join(", ");
    // Without a server, the command itself logs what it deletes.
    let stderr: Vec<_> = stderr.lines().filter(|line| !line.contains("WARN")).collect();
    let stderr = stderr.join("\n");
    // At the time when the folder's own data were restored.
    let stderr = match stderr.split_once("restored (").map(|(before, after)| (before, after.split_once(')'))) {
        Some((before, Some((_, after)))) => format!("{before}restored{after}"),
        _ => stderr,
    };
    (status, stdout, stderr)
}

#[test]
fn every_command_works_beside_a_server_with_the_same_output() {
    let (alone, served) = (Folder::begun(), Folder::begun());
    for folder in [&alone, &served] {
        folder.write("rollcall.toml", "[retention]\ninstances_days = 100\n");
    }
    let server = served.serve();
    let mut lines = Vec::new();
    for command in [
        &["archive", "seal"][..],
        &COMPANY,
        &["archive", "seal"],
        &["archive", "seal"],
        &["archive", "reindex"],
        &["retention", "run"],
        &["retention", "undo", "--list", "--json"],
        &["retention", "undo"],
        &["sql", "SELECT count(*) AS n, count(DISTINCT instance_uuid), sum(audio_output_bitrate_bps) FROM qos_minutes"],
        &["sql", "SELECT count(*) AS n, count(DISTINCT user_name), min(join_time) FROM participants"],
        &["retention", "run"],
        &["archive", "seal"],
        &["retention", "confirm", "--yes"],
        &["retention", "run", "--json"],
        &["retention", "run", "--json"],
    ] {
        let [alone, served] = [&alone, &served].map(|folder| said(folder.run(command)));
        assert!(!served.2.contains("stop"), "{command:?}: {}", served.2);
        if !command.contains(&"--list") && !command.contains(&"confirm") {
            assert_eq!(served, alone, "{command:?}");
        }
        lines.push(alone.1);
    }
    assert_eq!(lines[0], "nothing to do");
    assert!(lines[1].contains(" minutes"), "{}", lines[1]);
    assert!(lines[2].contains(" instances sealed"), "{}", lines[2]);
    assert!(lines[5].starts_with("deleted: "), "{}", lines[5]);
    assert!(lines[6].lines().count() > 1 && lines[6].contains("\"kept_until\""), "{}", lines[6]);
    assert!(lines[7].starts_with("restored "), "{}", lines[7]);
    let truth = [&alone, &served].map(|folder| fs::read_to_string(folder.path("truth.ndjson")).unwrap());
    assert_eq!(truth[0], truth[1]);

    for command in [&["archive", "seal", "--offline"][..], &["retention", "undo", "--offline"]] {
        let refused = served.run(command).failed(1);
        assert!(refused.contains("is in use by another rollcall process. Omit --offline"), "{refused}");
    }
    server.stop();
    served.run(&["archive", "seal", "--offline"]).good();
}

/// Files that readers may have looked up are kept until the grace period is over.
#[test]
fn beside_a_server_small_files_are_merged_and_deleted_later() {
    let folder = Folder::begun();
    let server = folder.serve();
    for seed in ["7", "8"] {
        let company = [&COMPANY[..17], &[seed]].concat();
        assert_eq!(folder.run(&company).status, 0);
        folder.run(&["archive", "seal"]).good();
    }
    let minutes = "SELECT count(*) AS n FROM qos_minutes";
    let before = folder.run(&["sql", minutes]).good();
    let merged = folder.run(&["archive", "compact"]).good();
    assert!(merged.contains(" files merged") && !merged.contains("deleted"), "{merged}");
    assert_eq!(folder.run(&["archive", "compact"]).good(), "nothing to do\n");
    assert_eq!(folder.run(&["sql", minutes]).good(), before);
    server.stop();
    assert!(folder.run(&["archive", "compact"]).good().contains(" files deleted"));
    assert_eq!(folder.run(&["sql", minutes]).good(), before);
}
