//! `rollcall retention`, and what a server deletes automatically.

use std::{thread, time::Duration};

use serde_json::Value;

use crate::folder::Folder;

/// The number that a query returns.
fn count(folder: &Folder, query: &str) -> u64 {
    let answer = folder.run(&["sql", "--format", "csv", query]).good();
    answer.lines().last().unwrap().parse().unwrap()
}

/// What has expired of a dataset.
fn due(folder: &Folder, kind: &str) -> Value {
    let shown = folder.run(&["retention", "show", "--json"]).good();
    let lines: Vec<Value> = shown.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    lines.into_iter().find(|line| line["kind"] == kind).unwrap()
}

#[test]
fn everything_is_kept_where_nothing_is_set() {
    let folder = Folder::with_past_company();
    let shown = folder.run(&["retention", "show"]).good();
    assert!(shown.starts_with("KIND ") && shown.contains("retention.identity_days          forever"), "{shown}");
    let instances = count(&folder, "SELECT count(*) FROM instances");
    assert_eq!(folder.run(&["retention", "run"]).good(), "nothing has expired\n");
    assert_eq!(count(&folder, "SELECT count(*) FROM instances"), instances);
}

#[test]
fn what_is_past_its_time_is_shown_and_dropped() {
    let folder = Folder::with_past_company();
    let instances = count(&folder, "SELECT count(*) FROM instances");
    let participants = count(&folder, "SELECT count(*) FROM participants");
    assert!(instances > 3 && participants > 3);
    folder.write("rollcall.toml", "[retention]\ninstances_days = 100\nidentity_days = 100\n");
    assert_eq!(
        (due(&folder, "instances")["due"].as_u64(), due(&folder, "identities")["days"].as_u64()),
        (Some(instances), Some(100))
    );
    let doctor = folder.run(&["doctor"]);
    assert!(
        doctor
            .stdout
            .contains(&format!("instances are kept for 100 days (retention.instances_days); {instances} expired"))
    );
    let shown = folder.run(&["retention", "run", "--dry-run"]).good();
    assert!(shown.contains(&format!("{participants} of {instances} instances")), "{shown}");
    assert_eq!(count(&folder, "SELECT count(*) FROM instances"), instances, "a dry run");

    let run = folder.run(&["retention", "run"]);
    assert_eq!(run.stdout, format!("deleted: {participants} identities, {instances} instances\n"));
    // Deletions are logged.
    assert_eq!(run.stderr.matches("retention deleted data").count(), 2, "{}", run.stderr);
    assert!(run.stderr.lines().all(|line| line.contains("WARN")), "{}", run.stderr);
    for table in ["instances", "participants", "qos_minutes"] {
        assert_eq!(count(&folder, &format!("SELECT count(*) FROM {table}")), 0, "{table}");
    }
    assert!(count(&folder, "SELECT count(*) FROM users") > 0);
    assert!(folder.run(&["archive", "list"]).good().ends_with("(0 files, 0 B)\n"));
    let doctor = folder.run(&["doctor"]);
    assert_eq!(doctor.status, 0, "{}", doctor.stdout);
    assert_eq!(folder.run(&["retention", "run"]).good(), "nothing has expired\n");
}

/// A server with invalid settings does not start, and so deletes nothing.
#[test]
fn times_that_cannot_be_meant_start_no_server_and_drop_nothing() {
    let folder = Folder::with_past_company();
    let instances = count(&folder, "SELECT count(*) FROM instances");
    for (settings, told) in [
        // Zero, negative, not a number.
        ("instances_days = 0", "`retention.instances_days` is "),
        ("qos_minutes_days = -30", "`retention.qos_minutes_days` is "),
        ("identity_days = 2020-01-01", "`retention.identity_days` is "),
        ("participants_days = \"last year\"", "`retention.participants_days` is "),
        ("instances_days = 1e9", "`retention.instances_days` is "),
        ("instances_days = 99999999999", "`retention.instances_days` is "),
        ("instance_days = 30", "instance_days"),
        ("instances_days = 30\nparticipants_days = 31", "make it 30 days or less"),
        ("round_secs = 0", "`retention.round_secs` must be at least 1"),
        ("identity_location = \"street\"", "street"),
    ] {
        folder.write("rollcall.toml", format!("[retention]\n{settings}\n"));
        for command in [&["serve", "--listen", "127.0.0.1:0"][..], &["retention", "run"], &["retention", "show"]] {
            let said = folder.run(command).failed(1);
            assert!(said.contains(told), "{settings}: {said}");
        }
    }
    folder.write("rollcall.toml", "");
    assert_eq!(count(&folder, "SELECT count(*) FROM instances"), instances);
}

#[test]
fn a_server_blanks_identity_by_itself_and_still_tells_quality() {
    let folder = Folder::with_past_company();
    let minutes = count(&folder, "SELECT count(*) FROM qos_minutes");
    let of_kind = "SELECT count(*) FROM participants WHERE device <> '' AND network_type <> ''";
    let devices = count(&folder, of_kind);
    folder.write("rollcall.toml", "[retention]\nidentity_days = 100\nidentity_location = \"country\"\n");
    let token = folder.run(&["token", "create"]).good();
    let server = folder.serve();
    let named = "SELECT count(*) FROM participants WHERE user_name <> '' OR email <> '' OR ip_address <> ''";
    for _ in 0..100 {
        if count(&folder, named) == 0 {
            break;
        }
        thread::sleep(Duration::from_millis(100));
    }
    assert_eq!(count(&folder, named), 0);
    assert_eq!(folder.run(&["retention", "run"]).good(), "nothing has expired\n");
    let (_, metrics) = server.client.get("/metrics", "");
    let dropped = |setting: &str| {
        let name = format!("rollcall_retention_dropped_rows_total{{setting=\"retention.{setting}\"}} ");
        let counted = metrics.as_str().unwrap().lines().find_map(|line| line.strip_prefix(&name));
        counted.unwrap_or_else(|| panic!("no {setting}: {metrics}")).parse::<u64>().unwrap()
    };
    assert!(dropped("identity_days") > 0);
    assert_eq!((dropped("instances_days"), dropped("qos_minutes_days")), (0, 0));

    let get = |target: &str| {
        let (status, body) = server.client.get(target, token.trim());
        assert_eq!(status, 200, "{target}: {body}");
        body
    };
    let webinars = get("/v2/metrics/webinars?type=past&from=2026-03-01&to=2026-03-07");
    let number = &webinars["webinars"][0]["id"];
    let page = get(&format!("/v2/metrics/webinars/{number}/participants?type=past&page_size=300"));
    let person = &page["participants"][0];
    assert_eq!((&person["user_name"], &person["ip_address"]), (&Value::from(""), &Value::from("")), "{person}");
    assert!(person["location"].as_str().unwrap().len() == 2 && person["network_type"] != "", "{person}");
    let qos = get(&format!("/v2/metrics/webinars/{number}/participants/qos?type=past&page_size=1"));
    assert!(!qos["participants"][0]["user_qos"].as_array().unwrap().is_empty(), "{qos}");
    server.stop();
    assert_eq!(count(&folder, "SELECT count(*) FROM qos_minutes"), minutes);
    assert_eq!(count(&folder, of_kind), devices);
}

#[test]
fn what_was_dropped_comes_back_until_somebody_is_erased() {
    let folder = Folder::with_past_company();
    folder.write("rollcall.toml", "[retention]\ninstances_days = 100\n");
    let queries = [
        "SELECT count(*), count(DISTINCT instance_uuid), sum(audio_output_bitrate_bps) FROM qos_minutes",
        "SELECT count(*), count(DISTINCT user_name), min(join_time), max(leave_time) FROM participants",
        "SELECT count(*), count(DISTINCT uuid), count(DISTINCT meeting_id) FROM instances",
    ];
    let ask = || queries.map(|query| folder.run(&["sql", query]).good());
    let before = ask();
    assert_eq!(folder.run(&["retention", "run"]).status, 0);
    assert_eq!(count(&folder, "SELECT count(*) FROM instances"), 0);
    let kept = folder.run(&["retention", "undo", "--list"]).good().lines().count();
    assert!(kept > 1);
    let undone = folder.run(&["retention", "undo"]).good();
    assert!(undone.contains("until `rollcall retention confirm`"), "{undone}");
    assert_eq!(ask(), before);

    // Everything has expired, and waits.
    let said = folder.run(&["retention", "run"]);
    assert_eq!(said.status, 1);
    assert!(said.stderr.contains("deleted data was restored"), "{}", said.stderr);
    assert_eq!(ask(), before);
    folder.run(&["archive", "seal"]).good();
    assert_eq!(ask(), before);
    folder.run(&["retention", "confirm", "--yes"]).good();
    assert_eq!(folder.run(&["retention", "run"]).status, 0);
    assert_eq!(count(&folder, "SELECT count(*) FROM instances"), 0);

    // No erased person remains in files that are kept.
    assert!(folder.run(&["retention", "undo", "--list"]).good().lines().count() > 1);
    let email = folder.json(&["sql", "--format", "ndjson", "SELECT email FROM users LIMIT 1"]).remove(0);
    let email = email["email"].as_str().unwrap().to_owned();
    assert_eq!(folder.run(&["erase", "--email", &email, "--yes"]).status, 0);
    assert_eq!(folder.run(&["retention", "undo", "--list"]).good().lines().count(), 1);
    assert!(folder.run(&["doctor"]).stdout.contains("0 replaced ones will be deleted"));
}
