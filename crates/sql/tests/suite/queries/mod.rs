//! What a query can read, what it cannot do, and where it is stopped.

#![expect(clippy::unwrap_used, reason = "these are tests")]

mod kept;
mod world;

use std::time::Duration;

use rollcall_model::{Instance, InstanceState, Meeting, MeetingKind, MeetingNumber, Participant, Timestamp, User};
use rollcall_quality::score_minute;
use rollcall_sql::{Format, Limits, Printer, SqlError, Value, describe};
use rollcall_store::{Accounts as _, InstanceStore as _, MeetingStore as _, ParticipantStore as _, UserStore as _};

use crate::queries::world::{MINUTES, START, World, minute, text};

#[tokio::test]
async fn values_come_as_the_wire_spells_them() {
    let world = World::new().await;
    let rows = world.ask("SELECT uuid, start_time, duration_seconds, participants FROM instances").await.unwrap();
    assert_eq!(
        rows,
        [vec![
            text("AAAAAAAAAAAAAAAAAAAAAA=="),
            text(START),
            Value::Integer(i64::from(MINUTES) * 60),
            Value::Integer(2)
        ]]
    );
    let sql = "SELECT user_id, join_time, duration_seconds, share_desktop, email FROM participants
               WHERE instance_uuid = ? AND join_time >= '2026-10-01' ORDER BY user_id DESC LIMIT 1";
    let answer = world.ask_with(sql, vec![text("AAAAAAAAAAAAAAAAAAAAAA==")], Limits::default()).await.unwrap();
    assert_eq!(answer.names, ["user_id", "join_time", "duration_seconds", "share_desktop", "email"]);
    let joined = text("2026-10-01T09:01:00Z");
    assert_eq!(answer.rows, [vec![text("2"), joined, Value::Integer(120), Value::Integer(1), Value::Null]]);
}

#[tokio::test]
async fn every_column_of_every_table_can_be_read() {
    let world = World::new().await;
    for table in describe() {
        let names: Vec<_> = table.columns.iter().map(|(name, ..)| format!("\"{name}\"")).collect();
        world.ask(&format!("SELECT {} FROM {} LIMIT 10", names.join(", "), table.name)).await.unwrap();
        assert!(!table.meaning.is_empty() && table.columns.iter().all(|(.., meaning)| !meaning.is_empty()));
    }
}

#[tokio::test]
async fn rows_of_other_accounts_do_not_exist() {
    let world = World::new().await;
    let rows = world.ask("SELECT (SELECT count(*) FROM instances), (SELECT count(*) FROM participants)").await.unwrap();
    assert_eq!(rows, [vec![Value::Integer(1), Value::Integer(2)]]);
    for sql in [
        "SELECT * FROM main.instances",
        "SELECT count(*) FROM main.instances",
        "SELECT * FROM participant_rows",
        "SELECT * FROM main.participants",
        "SELECT hash FROM tokens",
        "SELECT * FROM accounts",
        "SELECT count(*) FROM tokens",
        "SELECT count(*) FROM Tokens",
        "SELECT 1 FROM sqlite_master",
        "SELECT * FROM sqlite_master",
        "SELECT * FROM sqlite_temp_schema",
        "SELECT sql FROM temp.sqlite_master",
        "SELECT * FROM pragma_table_list",
        "SELECT * FROM pragma_table_info('tokens')",
        "SELECT * FROM dbstat",
        // A subquery with the name of a view is not that view.
        "WITH instances AS (SELECT * FROM main.instances) SELECT * FROM instances",
        "SELECT * FROM (SELECT * FROM main.instances) AS instances",
        "SELECT * FROM instances WHERE EXISTS (SELECT 1 FROM main.tokens)",
    ] {
        let error = world.ask(sql).await.unwrap_err();
        assert!(matches!(error, SqlError::Refused(_) | SqlError::Invalid(_)), "{sql}: {error:?}");
        assert!(!error.to_string().contains("foreign"), "{sql}: {error}");
    }
}

#[tokio::test]
async fn nothing_can_be_changed_loaded_or_attached() {
    let world = World::new().await;
    for sql in [
        "DELETE FROM instances",
        "UPDATE main.instances SET topic = 'x'",
        "INSERT INTO main.accounts VALUES (9, 'x', 'x', 0)",
        "CREATE TABLE t (x)",
        "CREATE TEMP TABLE t (x)",
        "CREATE TEMP VIEW v AS SELECT * FROM main.tokens",
        "CREATE VIRTUAL TABLE temp.t USING fts5(x)",
        "DROP VIEW temp.instances",
        "ATTACH '/tmp/other.db' AS other",
        "PRAGMA writable_schema = 1",
        "PRAGMA journal_mode",
        "VACUUM INTO '/tmp/copy.db'",
        "SELECT load_extension('/tmp/evil.so')",
        "BEGIN IMMEDIATE",
        "SAVEPOINT s",
        "ANALYZE",
        "REINDEX",
    ] {
        let error = world.ask(sql).await.unwrap_err();
        assert!(matches!(error, SqlError::Refused(_) | SqlError::Invalid(_)), "{sql}: {error:?}");
    }
    let left = world.store.accounts().await.unwrap().len();
    assert_eq!(left, 2);
}

#[tokio::test]
async fn what_is_no_query_is_told_so() {
    let world = World::new().await;
    for (sql, told) in [
        ("", "is empty"),
        ("-- nothing", "is empty"),
        ("SELECT 1; SELECT 2", "several statements"),
        ("SELECT 1; DROP TABLE x", "several statements"),
        ("SELEKT 1", "SELEKT"),
        ("SELECT nothing FROM instances", "nothing"),
        ("SELECT * FROM nowhere", "nowhere"),
        ("SELECT ?", "the query has 1 `?`"),
        ("SELECT abs(-9223372036854775808)", "integer overflow"),
    ] {
        let error = world.ask(sql).await.unwrap_err();
        assert!(error.to_string().contains(told), "{sql}: {error}");
    }
    assert_eq!(world.ask("SELECT 1;  -- and a remark").await.unwrap(), [vec![Value::Integer(1)]]);
}

#[tokio::test]
async fn what_takes_too_much_is_stopped_and_harms_nobody() {
    let world = World::new().await;
    let endless = "WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n) SELECT";
    let limits = Limits { time: Duration::from_millis(200), rows: 1000, bytes: 100_000, ..Limits::default() };
    for (sql, stopped) in [
        (format!("{endless} count(*) FROM n"), "seconds"),
        (format!("{endless} x FROM n ORDER BY -x"), "seconds"),
        (format!("{endless} x FROM n"), "1000 rows"),
        (format!("{endless} zeroblob(5000) FROM n"), "100000 bytes"),
        (
            format!(
                "{} group_concat(printf('%.*c', 9000, 'x')) FROM n",
                endless.replace(" FROM n)", " FROM n LIMIT 1000)")
            ),
            "too",
        ),
        ("SELECT length(zeroblob(1000000000))".to_owned(), "too"),
        (format!("SELECT 1{}", "+1".repeat(1000)), "too large"),
        (format!("SELECT '{}'", "x".repeat(100_000)), "too"),
    ] {
        let shown = &sql[..sql.len().min(100)];
        let Err(error) = world.ask_with(&sql, Vec::new(), limits).await else { panic!("{shown} is not stopped") };
        assert!(error.to_string().contains(stopped), "{shown}: {error}");
    }
    assert_eq!(world.ask("SELECT count(*) FROM instances").await.unwrap(), [vec![Value::Integer(1)]]);
}

#[tokio::test]
async fn what_holds_too_much_is_stopped_and_harms_nobody() {
    let world = World::new().await;
    let limits = Limits { time: Duration::from_secs(60), memory: 32 * 1024 * 1024, ..Limits::default() };
    let numbers = "WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n LIMIT 100000000)";
    let many = (0..250).map(|index| format!("randomblob(1000000 - {index})")).collect::<Vec<_>>().join(", ");
    for (sql, stopped) in [
        // Sorts, groups, materialises, and concatenates too much.
        (format!("{numbers} SELECT x FROM n ORDER BY -x"), "32 MiB of memory"),
        (
            format!("{numbers} SELECT count(*) FROM (SELECT x % 50000000, count(*) FROM n GROUP BY 1)"),
            "32 MiB of memory",
        ),
        (
            "WITH RECURSIVE n(x) AS (SELECT 1 UNION SELECT x + 1 FROM n) SELECT max(x) FROM n".to_owned(),
            "32 MiB of memory",
        ),
        (format!("{numbers} SELECT count(DISTINCT x || 'x') FROM n"), "32 MiB of memory"),
        (format!("{numbers} SELECT {many} FROM n"), "stopped"),
        (format!("SELECT 1{}", ", 1".repeat(300)), "too many columns"),
    ] {
        let shown = &sql[..sql.len().min(100)];
        let Err(error) = world.ask_with(&sql, Vec::new(), limits).await else { panic!("{shown} is not stopped") };
        assert!(error.to_string().contains(stopped), "{shown}: {error}");
    }
    assert_eq!(world.ask("SELECT count(*) FROM instances").await.unwrap(), [vec![Value::Integer(1)]]);
}

/// One person joins from a browser without a login, with a login, and by a registration; two others share a name.
#[tokio::test]
async fn groups_that_take_too_much_memory_are_left_to_sqlite() {
    let world = World::of(1).await;
    let uuid = "CCCCCCCCCCCCCCCCCCCCCA==".parse().unwrap();
    let mut instance = Instance::new(MeetingKind::Meeting, MeetingNumber(5), uuid, InstanceState::Past);
    instance.start_time = Some(START.parse().unwrap());
    let id = world.store.put_instance(world.own, &instance).await.unwrap();
    let people: Vec<_> = (0..20_000)
        .map(|number| Participant {
            user_id: number.to_string().as_str().into(),
            participant_uuid: Some(format!("{number:030}").as_str().into()),
            ..Participant::default()
        })
        .collect();
    for some in people.chunks(5_000) {
        world.store.put_participants(world.own, id, some).await.unwrap();
    }
    let limits = Limits { memory: 12 << 20, ..Limits::default() };
    for sql in [
        "SELECT participant_uuid, count(*) FROM participants WHERE participant_uuid <> '' GROUP BY 1 ORDER BY 1 LIMIT 1",
        "SELECT participant_uuid, 1 FROM participants WHERE participant_uuid <> '' ORDER BY 1 LIMIT 1",
    ] {
        let answer = world.ask_with(sql, Vec::new(), limits).await.unwrap();
        assert_eq!(answer.rows, [[text(&format!("{:030}", 0)), Value::Integer(1)]], "{sql}");
    }
}

#[tokio::test]
async fn participants_belong_to_persons() {
    let world = World::new().await;
    let uuid = "AAAAAAAAAAAAAAAAAAAAAA==".parse().unwrap();
    let instance = world.store.instance_by_uuid(world.own, &uuid).await.unwrap().unwrap().id;
    let user = User { id: "U1".into(), email: "Ada@example.com".into(), ..User::default() };
    world.store.put_users(world.own, &[user]).await.unwrap();
    let start: Timestamp = START.parse().unwrap();
    let person = |number: i64, id: &str, email: &str, registrant: &str, name: &str| Participant {
        user_id: format!("p{number}").into(),
        id: Some(id.into()),
        email: Some(email.into()),
        registrant_id: Some(registrant.into()),
        user_name: Some(name.into()),
        join_time: Some(start.plus_seconds(number * 60)),
        leave_time: Some(start.plus_seconds(number * 60 + 30)),
        ..Participant::default()
    };
    let people = [
        person(3, "U1", "", "", "Ada"),
        person(4, "", "ADA@example.com", "", "Ada L."),
        person(5, "", "bob@example.com", "R1", "Bob"),
        person(6, "", "BOB@example.com", "", ""),
        person(7, "", "", "R2", "Guest"),
        person(8, "", "", "", "Guest"),
    ];
    world.store.put_participants(world.own, instance, &people).await.unwrap();
    let sql = "SELECT person, user_id, email, user_name, first_join_time, participants, instances, duration_seconds
               FROM persons ORDER BY 1";
    let row = |person: &str, user: Option<&str>, email: Option<&str>, name: &str, joined: &str, count: i64| {
        let optional = |value: Option<&str>| value.map_or(Value::Null, text);
        let (count, seconds) = (Value::Integer(count), Value::Integer(count * 30));
        vec![text(person), optional(user), optional(email), text(name), text(joined), count, Value::Integer(1), seconds]
    };
    let persons = [
        row("email:bob@example.com", None, Some("BOB@example.com"), "Bob", "2026-10-01T09:05:00Z", 2),
        row("registrant:R2", None, None, "Guest", "2026-10-01T09:07:00Z", 1),
        row("user:U1", Some("U1"), Some("ADA@example.com"), "Ada L.", "2026-10-01T09:03:00Z", 2),
    ];
    assert_eq!(world.ask(sql).await.unwrap(), persons);
    let sql = "SELECT user_id FROM participants WHERE person = 'user:U1' ORDER BY 1";
    assert_eq!(world.ask(sql).await.unwrap(), [[text("p3")], [text("p4")]]);
    let nobodys = "SELECT count(*) FROM participants WHERE person IS NULL";
    assert_eq!(world.ask(nobodys).await.unwrap(), [[Value::Integer(3)]]);
}

/// A person is identified in one place only.
#[tokio::test]
async fn persons_are_who_the_model_says_they_are() {
    let world = World::new().await;
    let uuid = "AAAAAAAAAAAAAAAAAAAAAA==".parse().unwrap();
    let instance = world.store.instance_by_uuid(world.own, &uuid).await.unwrap().unwrap().id;
    let values = [None, Some(""), Some("x7"), Some("Ana@Example.com")];
    let told = |place: usize, digit: u32| values[place / 4_usize.pow(digit) % 4].map(Into::into);
    let people: Vec<_> = (0..768)
        .map(|place| Participant {
            user_name: (place % 3 > 0).then(|| " Ana Berg".into()),
            mac_addr: (place % 3 == 1).then(|| "AA:BB".into()),
            harddisk_id: (place % 3 == 2).then(|| "7".into()),
            user_id: (1000 + place).to_string().into(),
            id: told(place, 0),
            participant_user_id: told(place, 1),
            email: told(place, 2).filter(|email: &rollcall_model::Text| email != "x7"),
            registrant_id: told(place, 3),
            ..Participant::default()
        })
        .collect();
    world.store.put_participants(world.own, instance, &people).await.unwrap();
    for participant in &people {
        let sql = format!("SELECT person FROM participants WHERE user_id = '{}'", participant.user_id);
        let expected = participant.names().next().map_or(Value::Null, |name| text(name.as_str()));
        assert_eq!(world.ask(&sql).await.unwrap(), [[expected]], "{participant:?}");
    }
}

#[tokio::test]
async fn a_query_that_nobody_waits_for_makes_room_for_the_next() {
    let world = World::new().await;
    let endless = "WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n) SELECT count(*) FROM n";
    for _ in 0..4 {
        let given_up = tokio::time::timeout(Duration::from_millis(100), world.ask(endless)).await;
        assert!(given_up.is_err(), "{given_up:?}");
    }
    let answer = tokio::time::timeout(Duration::from_secs(20), world.ask("SELECT 1")).await.unwrap();
    assert_eq!(answer.unwrap(), [vec![Value::Integer(1)]]);
}

#[tokio::test]
async fn answers_are_printed_for_programs() {
    let world = World::new().await;
    let sql =
        "SELECT 1 AS a, 'x, \"y\"\n' AS b, NULL AS \"c,d\", 1.5 AS e, x'00ff' AS f UNION ALL SELECT 2, '', '', 0, ''";
    let print = async |format| {
        let printer = Printer::new(format, Vec::new());
        let answer = world.queries.run(world.own, sql.to_owned(), Vec::new(), Limits::default(), printer).await;
        String::from_utf8(answer.unwrap().finish().unwrap()).unwrap()
    };
    assert_eq!(
        print(Format::Json).await,
        "{\"columns\":[\"a\",\"b\",\"c,d\",\"e\",\"f\"],\
         \"rows\":[[1,\"x, \\\"y\\\"\\n\",null,1.5,\"00ff\"],\n[2,\"\",\"\",0,\"\"]]}\n"
    );
    assert_eq!(
        print(Format::Ndjson).await,
        "{\"a\":1,\"b\":\"x, \\\"y\\\"\\n\",\"c,d\":null,\"e\":1.5,\"f\":\"00ff\"}\n\
         {\"a\":2,\"b\":\"\",\"c,d\":\"\",\"e\":0,\"f\":\"\"}\n"
    );
    assert_eq!(print(Format::Csv).await, "a,b,\"c,d\",e,f\r\n1,\"x, \"\"y\"\"\n\",,1.5,00ff\r\n2,,,0,\r\n");
}

#[tokio::test(flavor = "multi_thread")]
async fn minutes_are_read_with_their_units() {
    let world = World::new().await;
    let sql = "SELECT instance_uuid, kind, meeting_id, user_id, join_time, date_time, audio_input_measured,
                      audio_input_bitrate_bps, audio_input_latency_ms, audio_input_avg_loss_percent,
                      audio_output_measured, audio_output_latency_ms, video_input_measured,
                      video_input_resolution_width_px
               FROM qos_minutes WHERE user_id = '2' AND date_time = '2026-10-01T09:03:00Z'";
    let row = vec![
        text("AAAAAAAAAAAAAAAAAAAAAA=="),
        text("meeting"),
        Value::Integer(123),
        text("2"),
        text("2026-10-01T09:01:00Z"),
        text("2026-10-01T09:03:00Z"),
        Value::Integer(1),
        Value::Integer(23_000),
        Value::Integer(3),
        Value::Real(1.25),
        Value::Integer(0),
        Value::Null,
        Value::Integer(1),
        Value::Integer(1280),
    ];
    assert_eq!(world.ask(sql).await.unwrap(), [row]);
}

#[tokio::test(flavor = "multi_thread")]
async fn minutes_are_scored_with_their_reasons() {
    let world = World::new().await;
    let sql =
        "SELECT audio_mos, audio_rating, audio_label, audio_reason, audio_estimated, video_label, health, issue_list
               FROM qos_minutes WHERE user_id = '1' AND date_time = ?";
    let start: Timestamp = START.parse().unwrap();
    for (index, reason, health, issues) in [(3, "codec", "Good", "[]"), (600, "latency", "Critical", "[\"audio\"]")] {
        let score = score_minute(&minute(start, index, 0)).audio.unwrap();
        let row = vec![
            Value::Real(score.mos),
            Value::Real(score.rating),
            text(score.label().as_str()),
            text(reason),
            Value::Integer(1),
            Value::Null,
            text(health),
            text(issues),
        ];
        let time = start.plus_seconds(i64::from(index) * 60).to_string();
        let answer = world.ask_with(sql, vec![text(&time)], Limits::default()).await.unwrap();
        assert_eq!(answer.rows, [row], "{time}");
    }
}

/// The limits of a scan must not change the result: the same query is written so that SQLite has to filter
/// every row itself.
#[tokio::test(flavor = "multi_thread")]
async fn what_bounds_a_scan_of_minutes_changes_no_answer() {
    let world = World::new().await;
    let all = i64::from(MINUTES) * 2;
    assert_eq!(world.ask("SELECT count(*) FROM qos_minutes").await.unwrap(), [vec![Value::Integer(all)]]);
    for time in [
        "2026-1",
        "2026-10",
        "2026-10-02",
        "2026-10-02T",
        "2026-10-02T11",
        "2026-10-02T11:30",
        "2026-10-02T11:30:00Z",
        "2026-10-02T11:30:00.5Z",
        "2026-10-02 11:30",
        "2026-10-02T13:30:00+02:00",
        "",
        "now",
        "0001-01-01T00:00:00Z",
    ] {
        for operator in ["=", "<=", ">"] {
            let count = async |column: &str, uuid: &str| {
                let sql = format!(
                    "SELECT count(*), sum(audio_input_latency_ms) FROM qos_minutes
                     WHERE {column} {operator} ? AND {uuid} = 'AAAAAAAAAAAAAAAAAAAAAA=='"
                );
                world.ask_with(&sql, vec![text(time)], Limits::default()).await.unwrap().rows
            };
            let bounded = count("date_time", "instance_uuid").await;
            assert_eq!(bounded, count("(date_time || '')", "(instance_uuid || '')").await, "{operator} {time}");
        }
    }
    let joined = "SELECT count(*) FROM instances AS i JOIN qos_minutes AS q ON q.instance_uuid = i.uuid
                  JOIN participants AS p ON p.instance_uuid = i.uuid AND p.user_id = q.user_id
                  WHERE q.date_time BETWEEN '2026-10-01T10:00:00Z' AND '2026-10-01T10:59:59Z'";
    assert_eq!(world.ask(joined).await.unwrap(), [vec![Value::Integer(120)]]);
}

#[tokio::test]
async fn a_run_and_its_meeting_have_one_topic_unless_both_have_their_own() {
    let world = World::new().await;
    let topics = "SELECT i.topic, m.topic FROM instances AS i JOIN meetings AS m ON m.meeting_id = i.meeting_id
                  AND m.kind = i.kind WHERE i.meeting_id = ? ORDER BY i.start_time";
    let put = async |number: i64, meeting: Option<&str>, runs: &[Option<&str>]| {
        let mut put = Meeting::new(MeetingKind::Meeting, MeetingNumber(number));
        put.topic = meeting.map(Into::into);
        world.store.put_meetings(world.own, &[put]).await.unwrap();
        for (index, topic) in runs.iter().enumerate() {
            let uuid = format!("{number:021}{index}==").parse().unwrap();
            let mut run = Instance::new(MeetingKind::Meeting, MeetingNumber(number), uuid, InstanceState::Past);
            run.topic = topic.map(Into::into);
            run.start_time = Some(START.parse::<Timestamp>().unwrap().plus_seconds(index as i64));
            world.store.put_instance(world.own, &run).await.unwrap();
        }
        let asked = world.ask_with(topics, vec![Value::Integer(number)], Limits::default()).await.unwrap().rows;
        asked
            .into_iter()
            .map(|row| {
                row.into_iter()
                    .map(|topic| match topic {
                        Value::Text(topic) => topic,
                        _ => "-".to_owned(),
                    })
                    .collect::<Vec<_>>()
                    .join("/")
            })
            .collect::<Vec<_>>()
    };
    assert_eq!(
        put(801, Some("Plan"), &[Some("Plan of March"), None, Some("")]).await,
        ["Plan of March/Plan", "Plan/Plan", "Plan/Plan"]
    );
    assert_eq!(put(802, None, &[Some("Old"), Some("New"), None]).await, ["Old/New", "New/New", "New/New"]);
    assert_eq!(put(803, None, &[None]).await, ["-/-"]);
}
