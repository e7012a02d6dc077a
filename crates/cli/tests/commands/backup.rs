//! Backups: created under load, verified, restored, pruned.

use std::{
    fs,
    os::unix::fs::PermissionsExt as _,
    path::Path,
    sync::atomic::{AtomicBool, Ordering},
    thread,
    time::Duration,
};

use crate::{
    folder::Folder,
    load::{Acknowledged, Doors, SETTINGS, SOURCES, problems},
};

const COPIES: u64 = 3;
/// How many copies are made and restored; `make torture` makes ten.
const TORTURE: &str = "ROLLCALL_TORTURE_COPIES";

#[test]
fn a_copy_made_under_load_has_all_that_was_acknowledged_before_it() {
    let copies = std::env::var(TORTURE).map_or(COPIES, |copies| copies.parse().unwrap());
    let folder = Folder::new();
    let doors = Doors::make(&folder);
    let acknowledged = Acknowledged::default();
    let server = folder.serve_with(&SETTINGS);
    let stage = doors.of(&server);
    let stop = AtomicBool::new(false);
    let mut made = Vec::new();
    thread::scope(|scope| {
        let (stage, acknowledged, stop) = (&stage, &acknowledged, &stop);
        for source in 0..SOURCES as u64 {
            scope.spawn(move || stage.feed(source, acknowledged, || stop.load(Ordering::SeqCst)));
        }
        let backups = (0..copies).map(|copy| {
            // Sealing, merging and sweeping continue meanwhile.
            thread::sleep(Duration::from_millis(700 + copy * 311 % 900));
            let before = acknowledged.now();
            (before, folder.run(&["backup", "copies", "--verify", "--json"]))
        });
        made.extend(backups);
        stop.store(true, Ordering::SeqCst);
    });
    server.stop();

    let mut names = Vec::new();
    for (copy, (before, output)) in (0..).zip(made) {
        let summary: serde_json::Value = serde_json::from_str(&output.good()).unwrap();
        assert_eq!((&summary["verified"], &summary["missing"]), (&true.into(), &serde_json::json!([])));
        let name = summary["name"].as_str().unwrap().to_owned();
        let restored = Folder::new();
        let from = folder.path("copies").display().to_string();
        let said = restored.run(&["restore", &from, "--backup", &name]).good();
        assert!(said.starts_with(&format!("restored backup {name} to data")), "{said}");
        let problems = problems(&restored, &["--deep"]);
        assert!(problems.is_empty(), "{problems:#?}");
        let server = restored.serve_with(&SETTINGS);
        doors.of(&server).check_least(before, &format!("copy {copy}"));
        server.stop();
        println!("copy {copy}: {before:?} requests acknowledged before it, all there");
        names.push(name);
    }
    let listed = folder.json(&["backups", "list", "copies", "--json"]);
    assert_eq!(listed.iter().map(|backup| backup["name"].as_str().unwrap()).collect::<Vec<_>>(), names);
}

fn mode(path: &Path) -> u32 {
    fs::metadata(path).unwrap().permissions().mode() & 0o777
}

fn modes_are_private(folder: &Path) {
    assert_eq!(mode(folder), 0o700, "{}", folder.display());
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            modes_are_private(&path);
        } else {
            assert_eq!(mode(&path), 0o600, "{}", path.display());
        }
    }
}

#[test]
fn backups_share_the_archive_and_old_ones_are_pruned() {
    let folder = Folder::with_past_company();
    let first = folder.json(&["backup", "copies", "--json"]).remove(0);
    assert!(first["copied_files"].as_u64().unwrap() > 0, "{first}");
    assert_eq!(first["copied_files"], first["archive_files"]);
    let second = folder.json(&["backup", "copies", "--json", "--keep", "2"]).remove(0);
    assert_eq!((&second["copied_files"], &second["pruned"]), (&0.into(), &serde_json::json!([])));
    assert_eq!(second["archive_files"], first["archive_files"]);
    // A different set of files: all are merged into one of each kind.
    let compact = [("ROLLCALL_ARCHIVE_FULL_ROWS", "100000000")];
    let mut command = folder.command(&["archive", "compact"]);
    command.envs(compact);
    assert!(command.output().unwrap().status.success());
    let third = folder.json(&["backup", "copies", "--json", "--keep", "1", "--verify"]).remove(0);
    assert_eq!(third["pruned"], serde_json::json!([first["name"], second["name"]]));
    let verified = folder.run(&["backups", "verify", "copies"]).good();
    assert_eq!(verified, format!("backup {} is complete and intact\n", third["name"].as_str().unwrap()));
    modes_are_private(&folder.path("copies"));

    let restored = Folder::new();
    let from = folder.path("copies").display().to_string();
    restored.run(&["restore", &from]).good();
    modes_are_private(&restored.path("data"));
    assert!(!restored.path("data.restoring").exists());
    for query in [
        "SELECT count(*), sum(audio_output_bitrate_bps) FROM qos_minutes",
        "SELECT count(*), count(DISTINCT user_name) FROM participants",
    ] {
        let ask = |folder: &Folder| folder.run(&["sql", query]).good();
        assert_eq!(ask(&restored), ask(&folder), "{query}");
    }
    let said = restored.run(&["restore", &from]).failed(1);
    assert!(said.contains("data is not empty"), "{said}");
}

#[test]
fn damaged_and_incomplete_backups_are_refused_by_name() {
    let folder = Folder::with_past_company();
    let made = folder.json(&["backup", "copies", "--json"]).remove(0);
    let name = made["name"].as_str().unwrap();
    let restored = Folder::new();
    let from = folder.path("copies").display().to_string();
    let backup = folder.path("copies").join("backups").join(name);
    let refused = |said: &str| {
        let failed = restored.run(&["restore", &from, "--backup", name]).failed(1);
        assert!(failed.contains(name) && failed.contains(said), "{failed}");
        assert!(!restored.path("data").exists() && !restored.path("data.restoring").exists());
    };
    let file = walk(&folder.path("copies/archive")).remove(0);
    for path in [file, backup.join("database.zst"), backup.join("minutes.zst"), backup.join("manifest.json")] {
        let whole = fs::read(&path).unwrap();
        let mut bytes = whole.clone();
        bytes[whole.len() / 2] ^= 1;
        fs::write(&path, &bytes).unwrap();
        refused("is damaged");
        let said = folder.run(&["backups", "verify", "copies", "--backup", name]).failed(1);
        assert!(said.contains("is damaged"), "{said}");
        fs::write(&path, &whole[..whole.len() - 1]).unwrap();
        refused("is damaged");
        fs::write(&path, &whole).unwrap();
    }
    fs::remove_file(backup.join("manifest.json")).unwrap();
    refused("is incomplete");
    let said = restored.run(&["restore", &from]).failed(1);
    assert!(said.contains("contains no complete backup"), "{said}");
    let said = restored.run(&["restore", &from, "--backup", "20200101T000000Z-00000000"]).failed(1);
    assert!(said.contains("contains no backup 20200101T000000Z-00000000"), "{said}");
}

fn walk(folder: &Path) -> Vec<std::path::PathBuf> {
    let entries = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let mut files: Vec<_> = entries.flat_map(|path| if path.is_dir() { walk(&path) } else { vec![path] }).collect();
    files.sort();
    files
}

#[test]
fn a_file_that_the_archive_lacks_stops_a_backup_unless_it_may_be_missing() {
    let folder = Folder::with_past_company();
    let file = walk(&folder.path("data/archive")).remove(0);
    fs::remove_file(&file).unwrap();
    let said = folder.run(&["backup", "copies"]).failed(1);
    assert!(said.contains("cannot be backed up: it is missing"), "{said}");
    let output = folder.run(&["backup", "copies", "--allow-missing"]);
    assert_eq!(output.status, 1);
    assert!(output.stderr.contains(file.file_name().unwrap().to_str().unwrap()), "{output:?}");
    folder.run(&["backups", "verify", "copies"]).good();
    assert!(
        fs::read_dir(folder.path("data"))
            .unwrap()
            .all(|entry| { !entry.unwrap().file_name().to_string_lossy().contains("unfinished-") })
    );
}

#[test]
fn the_control_socket_is_its_owners_and_goes_with_the_server() {
    let folder = Folder::begun();
    folder.run(&["token", "create"]).good();
    let socket = folder.path("data/control.sock");
    let server = folder.serve();
    while !socket.exists() {
        thread::sleep(Duration::from_millis(10));
    }
    assert_eq!(mode(&socket), 0o600);
    folder.run(&["backup", "copies"]).good();
    // A target inside the data folder would be lost with it.
    let said = folder.run(&["backup", "data/copies"]).failed(1);
    assert!(said.contains("is inside the data folder"), "{said}");
    server.kill();
    // The socket of a killed server has no owner.
    assert!(socket.exists());
    folder.run(&["backup", "copies"]).good();
    let server = folder.serve();
    folder.run(&["backup", "copies"]).good();
    server.stop();
    assert!(!socket.exists());
}

#[test]
fn an_index_is_built_anew_from_the_files_alone() {
    let folder = Folder::with_past_company();
    let queries = [
        "SELECT count(*), count(DISTINCT instance_uuid), sum(audio_output_bitrate_bps) FROM qos_minutes",
        "SELECT count(*), count(DISTINCT user_name), count(DISTINCT email), min(join_time), max(leave_time),
             count(audio_quality), count(internal_ip_addresses) FROM participants",
        "SELECT count(*), count(DISTINCT uuid), count(DISTINCT meeting_id) FROM instances",
    ];
    let ask = || queries.map(|query| folder.run(&["sql", query]).good());
    let before = ask();
    let said = folder.run(&["archive", "reindex"]).failed(1);
    assert!(said.contains("the index already lists files"), "{said}");
    for file in ["rollcall.db", "rollcall.db-wal", "rollcall.db-shm"] {
        let _ = fs::remove_file(folder.path("data").join(file));
    }
    for refused in [&["serve", "--listen", "127.0.0.1:0"][..], &["sim", "--days", "1"], &["archive", "seal"]] {
        let output = folder.run(refused);
        assert_eq!(output.status, 1, "{refused:?}: {}", output.stdout);
        assert!(output.stderr.contains("rollcall archive reindex"), "{refused:?}: {}", output.stderr);
        assert!(output.stderr.contains("rollcall restore"), "{refused:?}: {}", output.stderr);
    }
    let said = folder.run(&["archive", "reindex"]).good();
    assert!(said.contains("instances"), "{said}");
    assert_eq!(ask(), before);
    folder.run(&["archive", "verify"]).good();
    assert_eq!(folder.run(&["archive", "seal"]).good(), "nothing to do\n");
    let problems = problems(&folder, &["--deep"]);
    assert!(problems.is_empty(), "{problems:#?}");
}
