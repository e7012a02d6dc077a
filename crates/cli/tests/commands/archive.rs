//! `rollcall archive` and `rollcall doctor`: their output for an intact and for a damaged archive.

use std::{collections::BTreeMap, fs, path::PathBuf};

use serde_json::Value;

use crate::folder::Folder;

/// Three instances on three days.
const WORLD: [&str; 11] = [
    "sim",
    "--seed",
    "7",
    "--sized",
    "meeting:12:5",
    "--sized",
    "webinar:30:20",
    "--sized",
    "meeting:5:3:noqos",
    "--until",
    "2026-03-06T18:00:00Z",
];
const FIXED_FROM_A_COPY: &str =
    "restore an identical copy of it from a backup; everything else in the archive is served and sealed as usual";

impl Folder {
    /// A folder with a sealed account.
    pub(crate) fn sealed() -> Self {
        let folder = Self::new();
        folder.run(&WORLD);
        assert_eq!(folder.run(&["archive", "seal"]).good(), "3 instances sealed, 660 minutes\n");
        folder
    }

    /// A command's JSON output, line by line.
    pub(crate) fn json(&self, arguments: &[&str]) -> Vec<Value> {
        self.run(arguments).stdout.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
    }

    /// The path relative to the archive, and the full path, of the only file with so many rows.
    pub(crate) fn archived(&self, rows: u64) -> (String, PathBuf) {
        let files = self.json(&["archive", "list", "--json"]);
        let file = files.iter().find(|file| file["rows"] == rows).unwrap_or_else(|| panic!("{files:#?}"));
        let path = file["path"].as_str().unwrap();
        (path.to_owned(), self.path("data/archive").join(path))
    }
}

/// Check, finding and fix of each problem.
fn problems(findings: &[Value]) -> Vec<(&str, &str, &str)> {
    fn text<'f>(finding: &'f Value, key: &str) -> &'f str {
        finding[key].as_str().unwrap()
    }
    let bad = findings.iter().filter(|finding| finding["ok"] == false);
    bad.map(|finding| (text(finding, "check"), text(finding, "found"), text(finding, "fix"))).collect()
}

#[test]
fn files_are_listed_for_people_and_for_programs() {
    let folder = Folder::new();
    assert!(folder.run(&["archive", "list"]).failed(1).contains("no installation"));
    folder.run(&WORLD);
    assert_eq!(folder.run(&["archive", "list", "--json"]).good(), "");
    let folder = Folder::sealed();
    let files = folder.json(&["archive", "list", "--json"]);
    let of = |table: &str| -> BTreeMap<u64, &Value> {
        let files = files.iter().filter(|file| file["table"] == table);
        files.map(|file| (file["rows"].as_u64().unwrap(), file)).collect()
    };
    let (minutes, participants) = (of("qos_minutes"), of("participants"));
    assert_eq!(minutes.keys().collect::<Vec<_>>(), [&60, &600]);
    assert_eq!(participants.keys().collect::<Vec<_>>(), [&5, &12, &30]);
    for file in &files {
        let (path, bytes) = (file["path"].as_str().unwrap(), file["bytes"].as_u64().unwrap());
        assert_eq!(folder.path("data/archive").join(path).metadata().unwrap().len(), bytes);
        let (table, account, day) = (&file["table"], &file["account"], &file["day"]);
        let text = |value: &Value| value.as_str().unwrap().to_owned();
        let partition = format!("{}/account={}/day={}/", text(table), text(account), text(day));
        assert!(path.starts_with(&partition), "{path}: {partition}");
        assert_eq!((&file["instances"], &file["referenced_rows"]), (&Value::from(1), &file["rows"]));
    }

    let table = folder.run(&["archive", "list"]).good();
    let lines: Vec<&str> = table.lines().collect();
    assert_eq!(lines.len(), files.len() + 2, "{table}");
    assert_eq!(lines[0], "      ROWS        SIZE  INSTANCES  FILE");
    for (line, file) in lines[1..].iter().zip(&files) {
        let cells: Vec<_> = line.split("  ").map(str::trim).filter(|cell| !cell.is_empty()).collect();
        assert_eq!([cells[0], cells[2], cells[3]], [&file["rows"].to_string(), "1", file["path"].as_str().unwrap()]);
        assert!(cells[1].ends_with(" KiB"), "{line}");
    }
    assert!(lines.last().unwrap().starts_with("(5 files, "), "{table}");
}

#[test]
fn another_accounts_files_are_left_out() {
    let folder = Folder::sealed();
    folder.run(&["account", "create", "other"]).good();
    let listed = folder.run(&["archive", "list", "--account", "other"]).good();
    assert!(listed.ends_with("(0 files, 0 B)\n"), "{listed}");
    assert_eq!(folder.json(&["archive", "list", "--account", "default", "--json"]).len(), 5);
    let unknown = folder.run(&["archive", "verify", "--account", "nobody"]).failed(1);
    assert!(unknown.contains("no account called nobody"), "{unknown}");
}

#[test]
fn whole_files_are_found_whole() {
    let folder = Folder::sealed();
    assert_eq!(folder.run(&["archive", "verify"]).good(), "5 files are intact, 0 damaged\n");
    let files = folder.json(&["archive", "verify", "--json"]);
    assert!(files.len() == 5 && files.iter().all(|file| file["whole"] == true && file["problem"].is_null()));
    assert_eq!(folder.run(&["archive", "seal"]).good(), "nothing to do\n");
    assert_eq!(folder.run(&["archive", "compact"]).good(), "nothing to do\n");
}

#[test]
fn a_damaged_and_a_missing_file_are_named_with_their_mend() {
    let folder = Folder::sealed();
    let ((damaged, file), (missing, gone)) = (folder.archived(600), folder.archived(12));
    let whole = fs::read(&file).unwrap();
    let mut bytes = whole.clone();
    bytes[whole.len() / 2] ^= 1;
    fs::write(&file, &bytes).unwrap();
    let aside = folder.path("aside");
    fs::rename(&gone, &aside).unwrap();

    let verified = folder.run(&["archive", "verify"]);
    assert_eq!(verified.status, 1);
    assert!(verified.stdout.contains(&format!("the archive's file {damaged} is damaged: ")), "{}", verified.stdout);
    assert!(verified.stdout.contains(&format!("the archive has no file {missing}\n")), "{}", verified.stdout);
    assert!(verified.stdout.ends_with("3 files are intact, 2 damaged\n"), "{}", verified.stdout);
    assert_eq!(verified.stderr, format!("rollcall: 2 files are damaged or missing: {FIXED_FROM_A_COPY}\n"));
    let verified = folder.run(&["archive", "verify", "--json"]);
    assert_eq!((verified.status, verified.stderr.as_str()), (1, ""));
    let told = folder.json(&["archive", "verify", "--json"]);
    let bad: Vec<_> = told.iter().filter(|file| file["whole"] == false).map(|file| file["path"].as_str()).collect();
    assert_eq!(bad.len(), 2);
    assert!(bad.contains(&Some(damaged.as_str())) && bad.contains(&Some(missing.as_str())), "{bad:?}");

    // A quick check finds missing files; only reading finds a flipped bit.
    let shallow = folder.json(&["doctor", "--json"]);
    let missed = format!("{missing} is missing");
    assert_eq!(problems(&shallow), [("archive's files", missed.as_str(), FIXED_FROM_A_COPY)]);
    let deep = folder.run(&["doctor", "--deep"]);
    assert_eq!((deep.status, deep.stderr.as_str()), (1, "rollcall: 2 problems found\n"));
    let named = deep.stdout.lines().filter(|line| line.starts_with("PROBLEM archive's files: "));
    assert_eq!(named.count(), 2, "{}", deep.stdout);
    assert_eq!(deep.stdout.matches(&format!("        fix: {FIXED_FROM_A_COPY}\n")).count(), 2, "{}", deep.stdout);

    // After the fix, no problem is left.
    fs::write(&file, &whole).unwrap();
    fs::rename(&aside, &gone).unwrap();
    assert!(folder.run(&["doctor", "--deep"]).good().contains("ok      archive's files: 5 files are intact; "));
}

#[test]
fn small_files_are_merged_and_damage_stops_only_its_own_folder() {
    let folder = Folder::new();
    // Accounts whose instances begin on the same days, sealed one after the other.
    for seed in ["1", "2"] {
        let world = |sized| ["sim", "--seed", seed, "--sized", sized, "--until", "2026-03-06T18:00:00Z"];
        folder.run(&world("meeting:4:3"));
        folder.run(&["archive", "seal"]).good();
        folder.run(&world("webinar:6:4"));
        folder.run(&["archive", "seal"]).good();
    }
    let listed = folder.json(&["archive", "list", "--json"]);
    let folder_of = |file: &Value| file["path"].as_str().unwrap().rsplit_once('/').unwrap().0.to_owned();
    let mut by_folder: BTreeMap<String, usize> = BTreeMap::new();
    listed.iter().for_each(|file| *by_folder.entry(folder_of(file)).or_default() += 1);
    let shared = by_folder.values().filter(|files| **files > 1).count();
    assert!(shared > 1, "{by_folder:?}");
    let (_, damaged) = folder.archived(24);
    let whole = fs::read(&damaged).unwrap();
    let mut bytes = whole.clone();
    bytes[whole.len() / 3] ^= 1;
    fs::write(&damaged, &bytes).unwrap();

    let compacted = folder.run(&["archive", "compact"]);
    assert_eq!(compacted.status, 1, "{compacted:?}");
    assert!(compacted.stdout.contains("files merged"), "{compacted:?}");
    let told = "rollcall: 1 folder could not be compacted: run `rollcall archive verify` to find the damaged files\n";
    assert!(compacted.stderr.ends_with(told), "{compacted:?}");

    fs::write(&damaged, &whole).unwrap();
    assert!(folder.run(&["archive", "compact"]).good().contains("files merged"));
    assert_eq!(folder.json(&["archive", "list", "--json"]).len(), by_folder.len());
    assert_eq!(folder.run(&["archive", "compact"]).good(), "nothing to do\n");
    let verified = format!("{} files are intact, 0 damaged\n", by_folder.len());
    assert_eq!(folder.run(&["archive", "verify"]).good(), verified);
}

#[test]
fn the_archive_can_be_looked_at_while_a_server_runs() {
    let folder = Folder::sealed();
    let server = folder.serve();
    folder.run(&["archive", "list"]).good();
    folder.run(&["archive", "verify"]).good();
    assert!(folder.run(&["doctor", "--deep"]).good().contains("ok      minutes: held by a running server\n"));
    server.stop();
}

#[test]
fn the_doctor_names_what_is_wrong_with_an_installation() {
    let folder = Folder::new();
    assert!(folder.run(&["doctor"]).stderr.contains("no installation in data"));
    let folder = Folder::sealed();
    let well = folder.run(&["doctor"]).good();
    assert!(well.lines().all(|line| line.starts_with("ok      ")), "{well}");

    // A clock that was set back: stored times are ahead of it.
    let ahead = r#"{"meetings":[{"uuid":"Ahead==","id":1234567,"topic":"Later","start_time":"2126-01-01T00:00:00Z","participants":0}]}"#;
    folder.write("ahead.json", ahead);
    folder.run(&["import", "--request", "GET /v2/metrics/meetings?type=past", "ahead.json"]).good();
    // A file that is not in the index, a key that others may read, and invalid settings.
    let (path, file) = folder.archived(600);
    let stranger = path.replace(".parquet", "0.parquet");
    fs::copy(&file, folder.path("data/archive").join(&stranger)).unwrap();
    folder.serve().stop();
    #[cfg(unix)]
    {
        let key = folder.path("data/page-token.key");
        fs::set_permissions(key, std::os::unix::fs::PermissionsExt::from_mode(0o644)).unwrap();
    }
    let findings = folder.json(&["doctor", "--json"]);
    let problems = problems(&findings);
    let found = |check: &str| problems.iter().find(|problem| problem.0 == check).unwrap_or_else(|| panic!("{check}"));
    assert!(found("clock").1.contains("instance Ahead== of account default is reported for a later time"));
    assert_eq!(found("clock").2, "correct the clock of this machine or of the source");
    assert!(found("unknown files").1.contains(&stranger), "{problems:?}");
    if cfg!(unix) {
        assert_eq!(found("page-token key").2, "chmod 600 data/page-token.key");
    }
    assert_eq!(folder.run(&["doctor"]).status, 1);
    folder.write("rollcall.toml", "[archive]\nsettle_secs = \"soon\"\n");
    let settings = folder.run(&["doctor"]);
    assert!(settings.status == 1 && settings.stderr.contains("settle_secs"), "{settings:?}");
}

#[test]
fn a_damaged_database_is_named() {
    let folder = Folder::sealed();
    let database = folder.path("data/rollcall.db");
    let mut bytes = fs::read(&database).unwrap();
    // After the first page, which identifies the file as a database.
    bytes[8192..].iter_mut().step_by(97).for_each(|byte| *byte = !*byte);
    fs::write(&database, bytes).unwrap();
    let findings = folder.json(&["doctor", "--json"]);
    let problems = problems(&findings);
    let named = problems.iter().any(|(check, _, fix)| *check == "database" && fix.contains("restore a backup"));
    assert!(named, "{findings:#?}");
    assert_eq!(folder.run(&["doctor", "--json"]).status, 1);
}

#[test]
fn an_archive_that_is_away_gets_no_other_in_its_place() {
    let folder = Folder::sealed();
    let (archive, away) = (folder.path("data/archive"), folder.path("away"));
    fs::rename(&archive, &away).unwrap();
    // First missing, then an empty mount point.
    for mount_point in [false, true] {
        if mount_point {
            fs::create_dir(&archive).unwrap();
        }
        for command in [&["serve", "--listen", "127.0.0.1:0"][..], &["archive", "seal"], &["archive", "verify"]] {
            let told = folder.run(command).failed(1);
            assert!(
                told.contains("the archive folder data/archive is missing, but the index lists files in it"),
                "{told}"
            );
            assert!(told.contains("make sure that its disk is mounted"), "{told}");
        }
        let found = folder.json(&["doctor", "--json"]);
        assert_eq!(problems(&found).iter().map(|problem| problem.0).collect::<Vec<_>>(), ["archive"]);
    }
    assert_eq!(fs::read_dir(&archive).unwrap().count(), 0, "nothing was put there");
    fs::remove_dir(&archive).unwrap();
    fs::rename(&away, &archive).unwrap();
    assert_eq!(folder.run(&["archive", "verify"]).good(), "5 files are intact, 0 damaged\n");
    folder.serve().stop();
}
