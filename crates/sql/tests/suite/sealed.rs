//! Minutes from files, from the store and from both give the same results, and so do attendances, whether SQLite
//! filters and counts them or this happens before.

#![expect(clippy::unwrap_used, reason = "these are tests")]

use std::sync::Arc;

use rollcall_archive::{Archive, Location};
use rollcall_ingest::Ingest;
use rollcall_lifecycle::seal::{SealSettings, Sealer};
use rollcall_minutes::{LiveStore, TieredMinutes};
use rollcall_model::{AccountId, SystemClock, Timestamp};
use rollcall_sim::{World, WorldConfig};
use rollcall_sql::{Limits, Queries, Value};
use rollcall_store::{Accounts as _, MinuteStore};
use rollcall_store_sqlite::SqliteStore;

use crate::collected::Collected;

const UNTIL: &str = "2026-03-06T18:00:00Z";

pub(crate) struct Company {
    pub(crate) store: Arc<SqliteStore>,
    pub(crate) queries: Queries,
    pub(crate) account: AccountId,
    _folder: tempfile::TempDir,
}

impl Company {
    /// A company whose first days are sealed, and whose last ones are hot.
    pub(crate) async fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("rollcall.db");
        let store = Arc::new(SqliteStore::open(&path).unwrap());
        let live = Arc::new(LiveStore::open(&folder.path().join("minutes")).unwrap());
        let archive = Archive::open(&Location::Folder(folder.path().join("archive"))).unwrap();
        let minutes = Arc::new(TieredMinutes::new(live.clone(), store.clone(), archive.clone()));
        let until: Timestamp = UNTIL.parse().unwrap();
        let account = store.create_account("company", "company", until).await.unwrap().id;
        let config = WorldConfig { people: 12, days: 4, meetings_per_day: 5, ..WorldConfig::demo() };
        let ingest = Ingest::new(store.clone(), minutes.clone());
        let batches: Vec<_> = World::new(config, until).batches().map(|labelled| labelled.batch).collect();
        let (sealed, hot) = batches.split_at(batches.len() * 3 / 4);
        for batch in sealed {
            ingest.write(account, batch).await.unwrap();
        }
        let settings = SealSettings { settle: std::time::Duration::ZERO, ..SealSettings::default() };
        let tiered = TieredMinutes::clone(&minutes);
        let mut sealer = Sealer::new(store.clone(), live, archive, tiered, Arc::new(SystemClock), settings);
        sealer.round().await.unwrap();
        for batch in hot {
            ingest.write(account, batch).await.unwrap();
        }
        let minutes: Arc<dyn MinuteStore> = minutes;
        let queries = Queries::new(&path, Arc::new(move || Ok(Arc::clone(&minutes))), 1);
        Self { store, queries, account, _folder: folder }
    }

    async fn ask(&self, sql: &str, values: &[&str]) -> Vec<Vec<Value>> {
        let values = values.iter().map(|value| Value::Text((*value).to_owned())).collect();
        let limits = Limits { time: std::time::Duration::from_secs(300), ..Limits::default() };
        let asked = self.queries.run(self.account, sql.to_owned(), values, limits, Collected::default()).await;
        asked.unwrap_or_else(|error| panic!("{sql}: {error}")).rows
    }
}

/// Queries that are counted without SQLite. With `(SELECT * FROM qos_minutes)` instead of the table, SQLite counts.
const QUESTIONS: [&str; 28] = [
    "SELECT instance_uuid, min(user_id), max(join_time), count(user_id), count(meeting_id), sum(meeting_id), avg(meeting_id + 0.5),
         count(DISTINCT user_id) FROM qos_minutes GROUP BY 1 ORDER BY 1",
    "SELECT kind, count(*), min(meeting_id), max(kind), count(join_time), sum(1), total(2.5) FROM qos_minutes GROUP BY 1 ORDER BY 1",
    "SELECT instance_uuid, user_id, date_time, audio_output_latency_ms, audio_output_avg_loss_percent FROM qos_minutes
         WHERE audio_output_latency_ms > 80 AND date_time >= '2026-03-03' ORDER BY 1, 2, 3",
    "SELECT p.user_name, q.date_time, q.audio_mos FROM participants AS p JOIN qos_minutes AS q
             ON q.instance_uuid = p.instance_uuid AND q.user_id = p.user_id AND q.join_time IS p.join_time
         WHERE q.health = 'Critical' ORDER BY 1, 2, 3",
    "SELECT count(*) FROM qos_minutes",
    "SELECT count(*), count(audio_output_latency_ms), sum(audio_output_latency_ms), avg(audio_output_latency_ms),
         min(audio_output_latency_ms), max(audio_output_latency_ms), total(video_input_bitrate_bps) FROM qos_minutes AS q",
    "SELECT substr(date_time, 1, 10) AS day, count(*), avg(audio_output_avg_loss_percent),
         max(audio_output_max_loss_percent) FROM qos_minutes GROUP BY 1 ORDER BY 1",
    "SELECT substr(date_time, 12, 2) AS hour, sum(CASE WHEN audio_output_avg_loss_percent > 1 THEN 1 ELSE 0 END),
         sum(video_input_latency_ms > 100), sum(audio_input_jitter_ms / 2), avg(audio_input_jitter_ms * 1.5 - 1)
         FROM qos_minutes WHERE date_time >= '2026-03-04' GROUP BY hour ORDER BY hour",
    "SELECT strftime('%Y-%m-%dT%H', date_time), count(*) FROM qos_minutes GROUP BY 1 ORDER BY 1",
    "SELECT date(date_time), min(date_time), max(q.date_time) FROM qos_minutes q GROUP BY 1 ORDER BY 1",
    "SELECT p.location, count(*), avg(q.audio_output_latency_ms), max(q.audio_output_max_loss_percent)
         FROM participants AS p JOIN qos_minutes AS q
             ON q.instance_uuid = p.instance_uuid AND q.user_id = p.user_id AND q.join_time IS p.join_time
         WHERE q.date_time >= '2026-03-03' AND q.date_time < '2026-03-05T12' GROUP BY 1 ORDER BY 1",
    "SELECT p.user_name, p.email, count(*) AS minutes, avg(q.audio_output_avg_loss_percent) AS loss
         FROM participants AS p JOIN qos_minutes AS q USING (instance_uuid, user_id, join_time)
         GROUP BY 1, 2 HAVING count(*) >= 30 ORDER BY loss DESC, 1, 2 LIMIT 20",
    "SELECT i.topic, count(*), count(DISTINCT q.user_id), count(DISTINCT p.email), sum(p.duration_seconds),
         avg(p.duration_seconds), count(p.email)
         FROM instances AS i, participants AS p, qos_minutes AS q
         WHERE p.instance_uuid = i.uuid AND q.instance_uuid = i.uuid AND q.user_id = p.user_id
             AND q.join_time IS p.join_time AND i.kind = 'meeting'
         GROUP BY i.topic ORDER BY 2 DESC, 1 LIMIT 10",
    "SELECT instance_uuid, count(*) FROM qos_minutes GROUP BY instance_uuid ORDER BY 2 DESC, 1 LIMIT 5",
    "SELECT kind, meeting_id, count(*) FROM qos_minutes GROUP BY 1, 2 ORDER BY 1, 2",
    "SELECT user_id, join_time, count(*), sum(audio_output_bitrate_bps) FROM qos_minutes WHERE kind = 'webinar'
         GROUP BY 1, 2 ORDER BY 1, 2",
    "SELECT round(avg(zoom_avg_cpu_usage_percent), 2), max(system_max_cpu_usage_percent), min(avg_rssi_dbm)
         FROM qos_minutes WHERE zoom_avg_cpu_usage_percent IS NOT NULL",
    "SELECT system_avg_cpu_pressure_level, count(*) FROM qos_minutes GROUP BY 1 ORDER BY 1",
    "SELECT audio_label, count(*), avg(audio_mos), sum(health = 'Critical') FROM qos_minutes GROUP BY 1 ORDER BY 1",
    "SELECT health, issue_list, count(*) FROM qos_minutes WHERE audio_mos < 4 OR health <> 'Good' GROUP BY 1, 2
         ORDER BY 3 DESC, 1, 2",
    "SELECT count(*) FROM qos_minutes WHERE audio_output_latency_ms BETWEEN 20 AND 60 AND NOT audio_input_measured IS NULL",
    "SELECT count(*), sum(as_input_measured) FROM qos_minutes WHERE video_input_resolution_height_px IN (720, 1080, NULL)",
    "SELECT coalesce(video_input_frame_rate_fps, -1) > 10, count(*) FROM qos_minutes GROUP BY 1 ORDER BY 1",
    "SELECT avg(abs(audio_output_latency_ms - 50)), sum(iif(audio_output_latency_ms > 50, 2, 0.5)) FROM qos_minutes
         WHERE date_time BETWEEN '2026-03-03T09' AND '2026-03-03T17'",
    "SELECT count(*), avg(audio_output_latency_ms) FROM qos_minutes WHERE date_time > '2030'",
    "SELECT substr(date_time, 1, 10), count(*) FROM qos_minutes WHERE date_time > '2030' GROUP BY 1",
    "SELECT u.dept, count(*), max(q.audio_output_latency_ms) FROM qos_minutes AS q
         JOIN participants AS p ON p.instance_uuid = q.instance_uuid AND p.user_id = q.user_id AND p.join_time IS q.join_time
         LEFT JOIN users AS u ON u.id = p.id GROUP BY u.dept ORDER BY 1",
    "SELECT 100.0 * sum(audio_output_max_loss_percent >= 2) / count(*) AS share, count(*) * 2, 'x' || count(*)
         FROM qos_minutes WHERE instance_uuid IN (SELECT uuid FROM instances LIMIT 0) OR 1",
];

/// Queries about attendances that are filtered or counted without SQLite as far as possible.
const QUESTIONS_ON_ATTENDANCES: [&str; 30] = [
    "SELECT count(*), count(p.email), count(p.leave_time), count(DISTINCT p.id), count(DISTINCT p.location) FROM participants AS p",
    "SELECT i.topic, count(DISTINCT i.uuid) AS runs, count(*) AS attendances, sum(p.duration_seconds) / 3600.0 AS hours
         FROM instances AS i JOIN participants AS p ON p.instance_uuid = i.uuid
         GROUP BY 1 ORDER BY hours DESC, 1 LIMIT 20",
    "SELECT c.value AS cost_centre, count(*) AS attendances, sum(p.duration_seconds) / 3600.0 AS hours
         FROM participants AS p JOIN user_tracking_codes AS c ON c.user_id = p.id
         WHERE c.code_id = (SELECT min(code_id) FROM user_tracking_codes) GROUP BY 1 ORDER BY 1",
    "SELECT p.join_time, i.topic, p.duration_seconds, p.location
         FROM participants AS p JOIN instances AS i ON i.uuid = p.instance_uuid
         WHERE p.email = (SELECT max(email) FROM users) ORDER BY 1, 2, 3, 4",
    "SELECT p.join_time, i.topic, p.duration_seconds, p.location
         FROM participants AS p JOIN instances AS i ON i.uuid = p.instance_uuid
         WHERE p.location = 'Munich (DE)' AND p.duration_seconds > 600 ORDER BY 1, 2, 3, 4",
    "SELECT p.user_name, p.email, min(p.join_time) AS joined, max(p.leave_time), count(*) AS joins
         FROM instances AS i JOIN participants AS p ON p.instance_uuid = i.uuid
         WHERE i.kind = 'meeting' GROUP BY 1, 2 ORDER BY 1, 2",
    "SELECT substr(join_time, 1, 10), substr(leave_time, 12, 2), count(*), avg(duration_seconds), min(duration_seconds)
         FROM participants AS p GROUP BY 1, 2 ORDER BY 1, 2",
    "SELECT strftime('%H:%M', join_time), date(leave_time), count(*) FROM participants AS p GROUP BY 1, 2 ORDER BY 1, 2",
    "SELECT network_type, device, os, count(*), max(email), min(user_name) FROM participants AS p GROUP BY 1, 2, 3 ORDER BY 1, 2, 3",
    "SELECT kind, meeting_id, count(*), total(in_room_participants) FROM participants AS p GROUP BY 1, 2 ORDER BY 1, 2",
    "SELECT user_id, join_time, email, role FROM participants AS p WHERE join_time >= '2026-03-04T12' AND join_time < '2026-03-05'
         AND email <> '' ORDER BY 1, 2",
    "SELECT user_id, leave_time FROM participants AS p WHERE leave_time BETWEEN '2026-03-03' AND '2026-03-04' ORDER BY 1, 2",
    "SELECT count(*) FROM participants AS p WHERE leave_time IS NULL OR NOT leave_time > '2026-03-05'",
    "SELECT user_id, join_time FROM participants AS p WHERE leave_time = join_time OR join_time > leave_time
         OR duration_seconds BETWEEN 60 AND 600 ORDER BY 1, 2",
    "SELECT count(*) FROM participants AS p WHERE user_id = 16778240 OR meeting_id = '123' OR kind = 5",
    "SELECT count(*) FROM participants AS p WHERE user_id IN (SELECT CAST(user_id AS INTEGER) FROM participants LIMIT 5)",
    "SELECT count(*) FROM participants AS p WHERE meeting_id > '0' AND user_id > 0 AND id <> 7",
    "SELECT count(*) FROM participants AS p WHERE email IN ('nobody@example.com', NULL)",
    "SELECT i.kind, count(*) FROM participants AS p JOIN instances AS i ON CAST(i.meeting_id AS TEXT) = p.meeting_id GROUP BY 1 ORDER BY 1",
    "SELECT share_desktop, share_application, recording, count(*) FROM participants AS p GROUP BY 1, 2, 3 ORDER BY 1, 2, 3",
    "SELECT sum(share_desktop), sum(CASE WHEN share_desktop THEN duration_seconds END), avg(iif(recording, 1, 0))
         FROM participants AS p WHERE role = 'attendee' OR role IS NULL",
    "SELECT email LIKE '%a%', count(*) FROM participants AS p WHERE email LIKE '%@%' AND user_name IS NOT NULL GROUP BY 1 ORDER BY 1",
    "SELECT u.dept, count(*), sum(p.duration_seconds) FROM participants AS p LEFT JOIN users AS u ON u.id = p.id GROUP BY 1 ORDER BY 1",
    "SELECT coalesce(nullif(p.email, ''), p.user_name) AS who, count(*) FROM participants AS p GROUP BY who HAVING count(*) > 3
         ORDER BY 2 DESC, 1",
    "SELECT instance_uuid, count(*) FROM participants AS p WHERE duration_seconds >= 60 GROUP BY 1 ORDER BY 2 DESC, 1 LIMIT 7",
    "SELECT audio_quality, video_quality, health, issue_list, count(*) FROM participants AS p GROUP BY 1, 2, 3, 4 ORDER BY 1, 2, 3, 4",
    "SELECT internal_ip_addresses, ip_address, count(*) FROM participants AS p WHERE ip_address <> '' GROUP BY 1, 2 ORDER BY 1, 2",
    "SELECT join_time_cost_ms, group_id, bo_mtg_id, count(*) FROM participants AS p GROUP BY 1, 2, 3 ORDER BY 1, 2, 3",
    "SELECT 'x' FROM participants AS p WHERE device = 'Windows'",
    "SELECT email, count(*) FROM participants AS p WHERE instance_uuid = (SELECT max(uuid) FROM instances) GROUP BY 1 ORDER BY 1",
];

#[tokio::test]
async fn attendances_are_filtered_and_counted_as_sqlite_does_it() {
    let company = Company::new().await;
    let total = company.ask("SELECT count(*) FROM participants", &[]).await;
    assert!(matches!(total[0][0], Value::Integer(attendances) if attendances > 100), "{total:?}");
    for question in QUESTIONS_ON_ATTENDANCES {
        let asked = question.replacen("participants AS p", "(SELECT * FROM participants) AS p", 1);
        assert_ne!(asked, question);
        let by_sqlite = company.ask(&asked, &[]).await;
        let answered = company.ask(question, &[]).await;
        assert!(alike(&answered, &by_sqlite), "{question}:\n{answered:?}\n{by_sqlite:?}");
    }
}

#[tokio::test]
async fn every_column_of_an_attendance_is_what_sqlite_reads() {
    let company = Company::new().await;
    let described = rollcall_sql::describe_table("participants").unwrap();
    let emails =
        company.ask("SELECT email FROM participants WHERE email <> '' GROUP BY 1 ORDER BY count(*) DESC, 1", &[]).await;
    let Value::Text(email) = &emails[0][0] else { panic!("{emails:?}") };
    for (column, ..) in &described.columns {
        for question in [
            format!(
                "SELECT p.{column}, count(*), count(p.{column}), min(p.{column}) FROM participants AS p GROUP BY 1 ORDER BY 1"
            ),
            format!("SELECT p.{column}, p.join_time FROM participants AS p WHERE p.email = ? ORDER BY 1, 2"),
        ] {
            let values: &[&str] = if question.contains('?') { &[email] } else { &[] };
            let asked = question.replace("participants AS p", "(SELECT * FROM participants) AS p");
            let (by_sqlite, answered) = (company.ask(&asked, values).await, company.ask(&question, values).await);
            assert!(!answered.is_empty() && answered == by_sqlite, "{question}:\n{answered:?}\n{by_sqlite:?}");
        }
    }
}

#[tokio::test]
async fn what_is_counted_before_sqlite_is_what_sqlite_counts() {
    let company = Company::new().await;
    let total = company.ask("SELECT count(*) FROM qos_minutes", &[]).await;
    assert!(matches!(total[0][0], Value::Integer(minutes) if minutes > 1_000), "{total:?}");
    for question in QUESTIONS {
        let by_sqlite = company.ask(&in_sqlite(question), &[]).await;
        let counted = company.ask(question, &[]).await;
        assert!(alike(&counted, &by_sqlite), "{question}:\n{counted:?}\n{by_sqlite:?}");
    }
}

#[tokio::test]
async fn rows_that_are_found_in_two_ways_count_once_and_none_is_lost() {
    let company = Company::new().await;
    let dimensions = company
        .ask("SELECT dimension, value FROM quality_hourly GROUP BY 1, 2 ORDER BY count(*) DESC LIMIT 2", &[])
        .await;
    let found = company
        .ask("SELECT instance_uuid, min(user_id) FROM qos_minutes GROUP BY 1 ORDER BY count(*) DESC, 1 LIMIT 2", &[])
        .await;
    let values: Vec<_> = found
        .iter()
        .chain(&dimensions)
        .flatten()
        .map(|value| match value {
            Value::Text(text) => text.as_str(),
            other => panic!("{other:?}"),
        })
        .collect();
    let [uuid, user, other, another, dimension, value, second, last] = values[..] else { panic!("{values:?}") };
    for (table, columns, pairs) in [
        ("qos_minutes", ["instance_uuid", "user_id"], [uuid, user, other, another]),
        ("participants", ["instance_uuid", "user_id"], [uuid, user, other, another]),
        ("quality_hourly", ["dimension", "value"], [dimension, value, second, last]),
    ] {
        let [one, two] = columns;
        let either = [
            format!("({one} = ? AND {two} = ?) OR ({one} = ? AND {two} = ?)"),
            format!("({one} = ? AND {two} >= ?) OR ({one} = ? AND {two} <> ?)"),
            format!("({one} = ? AND {two} LIKE ?) OR ({one} = ? AND {two} NOT LIKE ?)"),
            format!("({one} = ? AND {two} >= ?) OR {one} = ? OR ({two} = ? AND {one} <> '')"),
        ];
        for condition in either {
            // With a sign before its columns, SQLite compares them row by row.
            let plain = condition.replace(one, &format!("+{one}")).replace(two, &format!("+{two}"));
            let counted = |from: &str, condition: &str| format!("SELECT count(*) FROM {from} AS t WHERE {condition}");
            let expected = company.ask(&counted(&format!("(SELECT * FROM {table})"), &plain), &pairs).await;
            assert_ne!(expected[0][0], Value::Integer(0), "{condition}");
            for from in [table.to_owned(), format!("(SELECT * FROM {table})")] {
                assert_eq!(company.ask(&counted(&from, &condition), &pairs).await, expected, "{from}: {condition}");
            }
        }
    }
}

#[tokio::test]
async fn a_query_may_compare_without_regard_to_case() {
    let company = Company::new().await;
    let found =
        company.ask("SELECT instance_uuid FROM qos_minutes GROUP BY 1 ORDER BY count(*) DESC, 1 LIMIT 1", &[]).await;
    let Value::Text(uuid) = &found[0][0] else { panic!("{found:?}") };
    for table in ["qos_minutes", "participants"] {
        let exact = company.ask(&format!("SELECT count(*) FROM {table} WHERE instance_uuid = ?"), &[uuid]).await;
        for from in [table.to_owned(), format!("(SELECT * FROM {table})")] {
            let sql = format!("SELECT count(*) FROM {from} AS t WHERE t.instance_uuid = ? COLLATE NOCASE");
            assert_eq!(company.ask(&sql, &[&uuid.to_lowercase()]).await, exact, "{sql}");
        }
    }
}

#[tokio::test]
async fn values_of_a_query_are_bound_where_they_stand() {
    let company = Company::new().await;
    let question = "SELECT p.location, count(*), ? FROM participants AS p JOIN qos_minutes AS q
             ON q.instance_uuid = p.instance_uuid AND q.user_id = p.user_id AND q.join_time IS p.join_time
         WHERE q.date_time >= ? AND p.location <> ? AND q.date_time < ? GROUP BY 1 HAVING count(*) > ? + 0 ORDER BY 1 LIMIT ? + 0";
    let values = ["first", "2026-03-04", "nowhere", "2026-03-05", "1", "3"];
    let counted = company.ask(question, &values).await;
    assert!(!counted.is_empty() && counted[0][2] == Value::Text("first".to_owned()), "{counted:?}");
    assert!(alike(&counted, &company.ask(&in_sqlite(question), &values).await));
}

#[tokio::test]
async fn one_meeting_is_found_by_what_another_table_says_of_it() {
    let company = Company::new().await;
    let topics =
        company.ask("SELECT topic FROM instances WHERE participants > 2 GROUP BY 1 ORDER BY count(*), 1", &[]).await;
    let Value::Text(topic) = &topics[0][0] else { panic!("{topics:?}") };
    let question = "SELECT p.user_name, p.join_time, count(*), avg(q.audio_output_latency_ms)
         FROM instances AS i JOIN participants AS p ON p.instance_uuid = i.uuid
             JOIN qos_minutes AS q ON q.instance_uuid = i.uuid AND q.user_id = p.user_id AND q.join_time IS p.join_time
         WHERE i.topic = ? GROUP BY 1, 2 ORDER BY 1, 2";
    let counted = company.ask(question, &[topic]).await;
    assert!(!counted.is_empty());
    assert!(alike(&counted, &company.ask(&in_sqlite(question), &[topic]).await));
}

/// The query in a form that is not rewritten.
fn in_sqlite(question: &str) -> String {
    let mut asked = question.to_owned();
    for (table, alias) in [("qos_minutes AS q", "q"), ("qos_minutes q", "q"), ("qos_minutes", "qos_minutes")] {
        if asked.contains(table) {
            asked = asked.replacen(table, &format!("(SELECT * FROM qos_minutes) AS {alias}"), 1);
            break;
        }
    }
    asked
}

/// Whether results are equal, except for rounding due to the order of addition.
fn alike(left: &[Vec<Value>], right: &[Vec<Value>]) -> bool {
    let same = |left: &Value, right: &Value| match (left, right) {
        (Value::Real(left), Value::Real(right)) => (left - right).abs() <= 1e-9 * left.abs().max(1.0),
        (left, right) => left == right,
    };
    left.len() == right.len()
        && left
            .iter()
            .zip(right)
            .all(|(left, right)| left.len() == right.len() && left.iter().zip(right).all(|(l, r)| same(l, r)))
}

#[tokio::test]
async fn every_example_of_the_documentation_runs() {
    let company = Company::new().await;
    let documentation = include_str!("../../../../docs/sql.md");
    let examples: Vec<_> = documentation
        .split("```sql\n")
        .skip(1)
        .filter_map(|rest| rest.split_once("\n```").map(|(sql, _)| sql))
        .collect();
    assert!(examples.len() >= 4, "{examples:?}");
    for example in examples {
        company.ask(example, &[]).await;
    }
}
