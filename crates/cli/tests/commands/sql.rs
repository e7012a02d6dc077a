//! `rollcall sql`: the same question in every format, and what it refuses.

use crate::folder::Folder;

const WORLD: [&str; 9] =
    ["sim", "--seed", "7", "--sized", "meeting:12:5", "--until", "2026-03-06T18:00:00Z", "--truth", "truth.ndjson"];
const QUESTION: &str = "SELECT kind, participants, topic IS NULL AS untitled FROM instances WHERE kind = ?";

#[test]
fn a_question_is_answered_in_every_format() {
    let folder = Folder::new();
    folder.run(&WORLD);
    let ask = |format| folder.run(&["sql", QUESTION, "--value", "meeting", "--format", format]).good();
    assert_eq!(ask("csv"), "kind,participants,untitled\r\nmeeting,12,0\r\n");
    assert_eq!(ask("ndjson"), "{\"kind\":\"meeting\",\"participants\":12,\"untitled\":0}\n");
    assert_eq!(ask("json"), "{\"columns\":[\"kind\",\"participants\",\"untitled\"],\"rows\":[[\"meeting\",12,0]]}\n");
    assert_eq!(ask("table"), "kind     participants  untitled\nmeeting  12            0\n(1 row)\n");
    // Nobody looks at a terminal here.
    assert_eq!(folder.run(&["sql", QUESTION, "--value", "meeting"]).good(), ask("csv"));
}

#[test]
fn what_is_wrong_is_said_and_nothing_is_printed() {
    let folder = Folder::new();
    assert!(folder.run(&["sql", "SELECT 1"]).failed(1).contains("there are no data"));
    folder.run(&WORLD);
    let fails = |query: &str| folder.run(&["sql", query]).failed(1);
    assert!(fails("SELECT titel FROM instances").contains("no such column: titel"));
    assert!(fails("DELETE FROM instances").contains("cannot modify"));
    assert!(fails("SELECT * FROM tokens").contains("only the tables of `--schema`"));
    let endless = "WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n) SELECT max(x) AS m FROM n";
    let stopped = folder.run(&["sql", endless, "--seconds", "1", "--format", "table"]).failed(1);
    assert!(stopped.contains("stopped after 1 seconds"), "{stopped}");
    folder.run(&["sql"]).failed(2);
}

#[test]
fn the_schema_names_every_table() {
    let schema = Folder::new().run(&["sql", "--schema"]).good();
    for table in [
        "meetings: ",
        "instances: ",
        "participants: ",
        "persons: ",
        "qos_minutes: ",
        "quality_hourly: ",
        "quality_daily: ",
        "registrants: ",
        "tracking_sources: ",
        "tracking_codes: ",
    ] {
        assert!(schema.lines().any(|line| line.starts_with(table)), "{table}");
    }
    for column in
        ["duration_seconds", "audio_input_latency_ms", "video_output_bitrate_bps", "as_input_avg_loss_percent"]
    {
        assert!(schema.contains(column), "{column}");
    }
    assert!(schema.contains("audio_output_latency_p95_ms"));
}
