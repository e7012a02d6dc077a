//! Minutes of files, of the store and of both answer alike, whether SQLite counts them or they are counted before.

#![expect(clippy::unwrap_used, reason = "these are tests")]

use std::{ops::ControlFlow, sync::Arc};

use rollcall_archive::{Archive, Location, TieredMinutes};
use rollcall_ingest::{
    Ingest,
    seal::{SealSettings, Sealer},
};
use rollcall_model::{AccountId, SystemClock, Timestamp};
use rollcall_sim::{World, WorldConfig};
use rollcall_sql::{Limits, Queries, Rows, Value, ValueRef};
use rollcall_store::{Accounts as _, MinuteStore};
use rollcall_store_live::LiveStore;
use rollcall_store_sqlite::SqliteStore;

const UNTIL: &str = "2026-03-06T18:00:00Z";

#[derive(Default)]
struct Collected(Vec<Vec<Value>>);

impl Rows for Collected {
    fn columns(&mut self, _: &[&str]) {}

    fn row(&mut self, values: &[ValueRef<'_>]) -> ControlFlow<()> {
        self.0.push(values.iter().map(|value| Value::try_from(*value).unwrap()).collect());
        ControlFlow::Continue(())
    }
}

struct Company {
    queries: Queries,
    account: AccountId,
    _folder: tempfile::TempDir,
}

impl Company {
    /// A company whose first days are sealed, and whose last ones are hot.
    async fn new() -> Self {
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
        let mut sealer = Sealer::new(store, live, archive, tiered, Arc::new(SystemClock), settings);
        sealer.round().await.unwrap();
        for batch in hot {
            ingest.write(account, batch).await.unwrap();
        }
        let minutes: Arc<dyn MinuteStore> = minutes;
        let queries = Queries::new(&path, Arc::new(move || Ok(Arc::clone(&minutes))), 1);
        Self { queries, account, _folder: folder }
    }

    async fn ask(&self, sql: &str, values: &[&str]) -> Vec<Vec<Value>> {
        let values = values.iter().map(|value| Value::Text((*value).to_owned())).collect();
        let limits = Limits { time: std::time::Duration::from_secs(300), ..Limits::default() };
        let asked = self.queries.run(self.account, sql.to_owned(), values, limits, Collected::default()).await;
        asked.unwrap_or_else(|error| panic!("{sql}: {error}")).0
    }
}

/// Questions that are counted without SQLite. With `(SELECT * FROM qos_minutes)` in the place of the table, SQLite counts.
const QUESTIONS: [&str; 24] = [
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

/// The question as the rewriting does not understand it.
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

/// Whether answers are the same, but for what the order of adding makes of fractions.
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
    let documentation = include_str!("../../../docs/sql.md");
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
