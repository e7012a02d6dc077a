//! `rollcall quality rebuild`: rebuilt rollups are unchanged, with and without a server.

use crate::folder::Folder;

const WORLD: [&str; 9] =
    ["sim", "--seed", "7", "--sized", "meeting:12:5", "--until", "2026-03-06T18:00:00Z", "--truth", "truth.ndjson"];
const CELLS: &str =
    "SELECT date_time, dimension, value, minutes, audio_mos_mean, hex(audio_output_latency_sketch) AS latency
                     FROM quality_hourly ORDER BY 1, 2, 3";

#[test]
fn rollups_built_again_are_as_they_were() {
    let folder = Folder::new();
    assert!(folder.run(&["quality", "rebuild"]).failed(1).contains("no installation"));
    folder.run(&WORLD);
    let cells = || folder.run(&["sql", CELLS]).good();
    assert_eq!(cells().lines().count(), 1, "what is hot is not rolled up");
    folder.run(&["archive", "seal"]);
    let sealed = cells();
    let days =
        folder.run(&["sql", "SELECT date_time, sum(minutes) AS minutes FROM quality_daily WHERE dimension = 'device'"]);
    assert!(days.good().ends_with("2026-03-06T00:00:00Z,60\r\n"));
    let rebuilt = folder.run(&["quality", "rebuild"]).good();
    assert_eq!(rebuilt, "1 day rebuilt: 1 instance, 60 minutes\n");
    assert_eq!(cells(), sealed);

    let server = folder.serve();
    assert_eq!(folder.run(&["quality", "rebuild"]).good(), rebuilt);
    server.stop();
    assert_eq!(cells(), sealed);
    assert!(folder.run(&["quality", "rebuild", "--account", "nobody"]).failed(1).contains("nobody"));
}

#[test]
fn a_damaged_file_is_in_the_way_of_its_day_alone() {
    let folder = Folder::new();
    folder.run(&WORLD);
    folder.run(&["archive", "seal"]);
    let before = folder.run(&["sql", CELLS]).good();
    let listed = folder.run(&["archive", "list", "--json"]).good();
    let file = listed.lines().find(|line| line.contains("qos_minutes/")).unwrap();
    let file: serde_json::Value = serde_json::from_str(file).unwrap();
    let path = folder.path("data").join("archive").join(file["path"].as_str().unwrap());
    let mut bytes = std::fs::read(&path).unwrap();
    let middle = bytes.len() / 4;
    bytes[4..middle].iter_mut().for_each(|byte| *byte ^= 0x55);
    std::fs::write(&path, bytes).unwrap();
    let output = folder.run(&["quality", "rebuild"]);
    assert_eq!(output.status, 1);
    assert!(output.stdout.contains("2026-03-06: not rebuilt:"), "{}", output.stdout);
    assert!(output.stderr.contains("1 day could not be rebuilt"), "{}", output.stderr);
    assert_eq!(folder.run(&["sql", CELLS]).good(), before);
}
