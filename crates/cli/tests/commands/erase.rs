//! `rollcall erase`: which person is meant, what was erased, and how a server handles it.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Stdio,
    thread,
    time::Duration,
};

use serde_json::Value;

use crate::folder::Folder;

/// A sealed account, and an address in it.
fn world() -> (Folder, String) {
    let folder = Folder::with_past_company();
    // A person with a namesake would be found in the data that stay.
    let query = "SELECT min(email) FROM participants WHERE email <> '' GROUP BY user_name
                 HAVING count(DISTINCT email) = 1 AND max(id) <> '' ORDER BY count(*) DESC LIMIT 1";
    let address = csv(&folder, query);
    (folder, address.trim().to_owned())
}

/// A query's result, without its header.
fn csv(folder: &Folder, query: &str) -> String {
    let answer = folder.run(&["sql", "--format", "csv", query]).good();
    answer.split_once('\n').unwrap().1.to_owned()
}

fn attendances(folder: &Folder, address: &str) -> u64 {
    csv(folder, &format!("SELECT count(*) FROM participants WHERE email = '{address}'")).trim().parse().unwrap()
}

/// The files below a folder that contain one of the texts.
fn files_with(folder: &Path, texts: &[&str]) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(files_with(&path, texts));
        } else {
            let bytes = String::from_utf8_lossy(&fs::read(&path).unwrap()).to_lowercase();
            if texts.iter().any(|text| bytes.contains(&text.to_lowercase())) {
                found.push(path);
            }
        }
    }
    found
}

#[test]
fn a_person_is_shown_and_then_erased_with_a_report() {
    let (folder, address) = world();
    let count = attendances(&folder, &address);
    let person = csv(&folder, &format!("SELECT user_name, user_id FROM persons WHERE email = '{address}'"));
    let (name, id) = person.trim().split_once(',').unwrap();
    let names = [name, id, &address];
    assert!(count > 1 && names.iter().all(|name| !name.is_empty()), "{names:?}");
    let quoted = name.replace('\'', "''");
    let others = [
        format!(
            "SELECT * FROM participants WHERE user_name NOT IN ('', '{quoted}') ORDER BY instance_uuid, user_id, join_time"
        ),
        format!("SELECT * FROM instances WHERE host NOT IN ('', '{quoted}') ORDER BY uuid"),
        format!("SELECT * FROM users WHERE email <> '{address}' AND coalesce(manager, '') <> '{address}' ORDER BY id"),
        format!("SELECT * FROM registrants WHERE registrant <> '{address}' ORDER BY 1, 2, 3"),
        "SELECT * FROM tracking_sources ORDER BY 1, 2".to_owned(),
    ];
    let all = || others.iter().map(|query| csv(&folder, query)).collect::<Vec<_>>();
    let before = all();
    let minutes = csv(&folder, "SELECT count(*) FROM qos_minutes WHERE date_time > '2026-01-01'");

    let shown = folder.run(&["erase", "--email", &address, "--dry-run"]).good();
    assert!(
        shown.starts_with("known as ")
            && shown.contains(&format!("email:{address}"))
            && shown.contains(&format!("user:{id}")),
        "{shown}"
    );
    let refused = folder.run(&["erase", "--email", &address]).failed(1);
    assert!(refused.contains("Nothing erased") && refused.contains("--yes"), "{refused}");
    assert_eq!(attendances(&folder, &address), count);
    assert!(!files_with(&folder.path("data"), &names).is_empty());

    let looked = folder.run(&["erase", "--person", &format!("user:{id}"), "--dry-run", "--json"]).good();
    let looked: Value = serde_json::from_str(&looked).unwrap();
    // No identifier of the person needs to be on the command line.
    let report = folder.run_with_input(&["erase", "--email", "-", "--yes", "--json"], &format!("{address}\n")).good();
    fs::remove_file(folder.path("stdin")).unwrap();
    let report: Value = serde_json::from_str(&report).unwrap();
    assert!(report["erased"]["participants"].as_u64().unwrap() >= count, "{report}");
    assert_eq!(report["erased"], looked["would_be_erased"], "what was shown before");
    assert_eq!((&report["files_left"], &report["complete"]), (&0.into(), &true.into()), "{report}");

    assert_eq!(attendances(&folder, &address), 0);
    assert_eq!(files_with(&folder.path("data"), &names), Vec::<PathBuf>::new());
    assert_eq!(all(), before, "others");
    assert_eq!(csv(&folder, "SELECT count(*) FROM qos_minutes WHERE date_time > '2026-01-01'"), minutes);
    let listed = folder.run(&["erasures", "list"]).good();
    assert!(listed.contains("erased") && names.iter().all(|name| !listed.contains(name)), "{listed}");
    let shown = folder.run(&["erase", "--email", &address, "--dry-run"]).good();
    assert!(shown.contains("nothing of this person is stored"), "{shown}");
    let doctor = folder.run(&["doctor"]);
    assert!(doctor.status == 0 && doctor.stdout.contains("erasures: 1 complete, 0 under way"), "{}", doctor.stdout);

    assert!(folder.run(&["erasures", "lift", "--email", &address]).good().contains("no longer blocked"));
    assert!(folder.run(&["erasures", "lift", "--email", &address]).failed(1).contains("no erasure matches"));
}

#[test]
fn who_is_meant_has_to_be_said() {
    let folder = Folder::new();
    assert_eq!(folder.run(&["erase", "--yes"]).status, 2);
    folder.run(&["account", "create", "one", "--new"]).good();
    assert!(folder.run(&["erase", "--email", "Ana", "--yes"]).failed(1).contains("`Ana` is not an address"));
    assert!(folder.run(&["erase", "--user-id", " ", "--yes"]).failed(1).contains("must not be empty"));
    assert!(folder.run(&["erase", "--person", "name:Ana", "--yes"]).failed(1).contains("user:ID"));
    assert!(folder.run(&["erase", "--email", "-", "--yes"]).failed(1).contains("is empty"));
    let nobody = folder.run(&["erase", "--email", "nobody@example.com", "--yes"]).good();
    assert!(nobody.contains("no archive file"), "{nobody}");
}

#[test]
fn an_erasure_that_is_killed_is_finished_by_whoever_comes_next() {
    let (folder, address) = world();
    let mut killed = 0;
    for millis in [0, 20, 60, 150, 400, 900] {
        let mut erase = folder.command(&["erase", "--email", &address, "--yes"]);
        let mut erase = erase.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
        thread::sleep(Duration::from_millis(millis));
        erase.kill().unwrap();
        killed += u32::from(!erase.wait().unwrap().success());
    }
    assert!(killed > 0);
    folder.run(&["retention", "run"]).good();
    let listed = folder.run(&["erasures", "list"]).good();
    if listed.lines().count() > 1 {
        assert!(!listed.contains("unfinished") && !listed.contains("still to be replaced"), "{listed}");
        assert_eq!(files_with(&folder.path("data"), &[&address]), Vec::<PathBuf>::new());
    } else {
        // No erasure was noted before the kill.
        assert!(attendances(&folder, &address) > 0);
    }
    assert_eq!(folder.run(&["doctor"]).status, 0);
}

#[test]
fn beside_a_server_the_server_rewrites_the_archive() {
    let (folder, address) = world();
    folder.write("rollcall.toml", "[archive]\nsettle_secs = 0\ngrace_secs = 0\nround_secs = 1\n");
    let server = folder.serve();
    folder.run(&["erase", "--email", &address, "--yes"]).good();
    let left = || {
        let listed = folder.run(&["erasures", "list", "--json"]).good();
        let erasure: Value = serde_json::from_str(listed.lines().last().unwrap()).unwrap();
        erasure["files_left"].as_u64().unwrap()
    };
    for _ in 0..150 {
        if left() == 0 {
            break;
        }
        thread::sleep(Duration::from_millis(100));
    }
    assert_eq!(left(), 0);
    let log = server.stop();
    assert!(!log.contains(&address));
    assert_eq!(attendances(&folder, &address), 0);
    assert_eq!(files_with(&folder.path("data"), &[&address]), Vec::<PathBuf>::new());
}
