//! Rollups in SQL: queries return the stored values, in the columns' units.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on panics")]

use std::sync::Arc;

use rollcall_model::{
    AccountId, LossPermyriad, Millis, Minute, Participant, QosMinute, StreamQos, StreamState, Timestamp,
};
use rollcall_quality::{Cell, CellKey, Dimension, Measure, Profile, Rollup, Step};
use rollcall_sql::{Limits, Queries, SqlError, Value};
use rollcall_store::{Accounts as _, Day, RollupDay, RollupStore as _};
use rollcall_store_sqlite::SqliteStore;

use crate::collected::Collected;

/// 2026-03-01.
const DAY: i32 = 20_513;
/// More than are read at a time.
const HOURS: u32 = 700;
const PLACES: [&str; 3] = ["Lima (PE)", "Oslo (NO)", ""];

struct World {
    _folder: tempfile::TempDir,
    queries: Queries,
    account: AccountId,
    /// The totals of all days' files.
    whole: Rollup,
}

/// Three minutes of every hour, of one participant at each location.
fn counted(hours: std::ops::Range<u32>) -> Rollup {
    let mut rollup = Rollup::default();
    for (index, place) in PLACES.iter().enumerate() {
        let participant = Participant { location: Some((*place).into()), ..Participant::default() };
        let minutes = hours.clone().flat_map(|hour| (0..3).map(move |minute| (hour, minute)));
        let minutes: Vec<_> = minutes
            .map(|(hour, minute)| {
                let mut qos = QosMinute::new(Minute((DAY as u32 * 24 + hour) * 60 + minute));
                let latency = Some(Millis(10 * (index as u32 + 1) + hour % 7 + minute));
                let avg_loss = Some(LossPermyriad(125));
                qos.streams[1] = StreamState::Measured(StreamQos { latency, avg_loss, ..StreamQos::default() });
                qos
            })
            .collect();
        rollup.add(&participant, &minutes, &Profile::default());
    }
    rollup
}

impl World {
    /// An account with two days' rollups that share an hour, and another account with one.
    async fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("rollcall.db");
        let store = SqliteStore::open(&path).unwrap();
        let now: Timestamp = "2026-04-01T00:00:00Z".parse().unwrap();
        let account = store.create_account("own", "own", now).await.unwrap().id;
        let foreign = store.create_account("foreign", "foreign", now).await.unwrap().id;
        let mut whole = Rollup::default();
        for (of, day, hours) in [(account, DAY, 0..26), (account, DAY + 1, 25..HOURS), (foreign, DAY, 0..5)] {
            let rollup = counted(hours);
            if of == account {
                whole.merge(&rollup);
            }
            let day = RollupDay { account: of, day: Day(day), rules: None, kept: false, changes: 0 };
            assert!(store.replace_rollup(day, 1, rollup).await.unwrap());
        }
        let queries = Queries::new(&path, Arc::new(|| Err("no minutes here".to_owned())), 1);
        Self { _folder: folder, queries, account, whole }
    }

    async fn ask(&self, sql: &str) -> Result<Vec<Vec<Value>>, SqlError> {
        let asked = self.queries.run(self.account, sql.to_owned(), Vec::new(), Limits::default(), Collected::default());
        Ok(asked.await?.rows)
    }
}

fn integer(number: u64) -> Value {
    Value::Integer(number.try_into().unwrap())
}

fn expected((key, cell): (&CellKey, &Cell)) -> Vec<Value> {
    let time = Timestamp::from_seconds(i64::from(key.hour) * 3600).to_string();
    let sketch = |measure| cell.sketch(measure).unwrap();
    use rollcall_model::{Direction::Output, Media::Audio};
    let (latency, loss) = (sketch(Measure::Latency(Audio, Output)), sketch(Measure::Loss(Audio, Output)));
    vec![
        Value::Text(time),
        Value::Text(key.value.to_string()),
        integer(cell.minutes),
        integer(cell.counts()[10]),
        integer(latency.count()),
        integer(latency.sum()),
        Value::Real(latency.mean().unwrap()),
        integer(latency.quantile(0.95).unwrap()),
        integer(latency.quantile(0.5).unwrap()),
        Value::Real(loss.mean().unwrap() / 100.0),
        Value::Null,
    ]
}

#[tokio::test(flavor = "multi_thread")]
async fn rows_are_the_stored_cells() {
    let world = World::new().await;
    for (table, step) in [("quality_hourly", Step::Hour), ("quality_daily", Step::Day)] {
        let sql = format!(
            "SELECT date_time, value, minutes, audio_good_minutes, audio_output_latency_count, audio_output_latency_sum_ms,
                 audio_output_latency_mean_ms, audio_output_latency_p95_ms, quantile(audio_output_latency_sketch, 0.5),
                 audio_output_avg_loss_mean_percent, audio_input_latency_p50_ms
             FROM {table} WHERE dimension = 'location' GROUP BY date_time, value ORDER BY 1, 2"
        );
        let rollup = world.whole.by(step);
        let cells = rollup.cells().filter(|(key, _)| key.dimension == Dimension::Location);
        let cells: Vec<_> = cells.map(expected).collect();
        assert_eq!(world.ask(&sql).await.unwrap(), cells, "{table}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn sketches_of_many_hours_are_merged() {
    let world = World::new().await;
    let mut total = Cell::default();
    world.whole.cells().filter(|(key, _)| key.dimension == Dimension::Device).for_each(|(_, cell)| total.merge(cell));
    use rollcall_model::{Direction::Output, Media::Audio};
    let latency = total.sketch(Measure::Latency(Audio, Output)).unwrap();
    for table in ["quality_hourly", "quality_daily"] {
        let sql = format!(
            "SELECT sum(minutes), sum(audio_output_latency_count), quantile(audio_output_latency_sketch, 0.95),
                 quantile(audio_output_avg_loss_sketch, 0.5), quantile(audio_input_latency_sketch, 0.5)
             FROM {table} WHERE dimension = 'device'"
        );
        let loss = Value::Real(1.25);
        let row = vec![
            integer(total.minutes),
            integer(latency.count()),
            integer(latency.quantile(0.95).unwrap()),
            loss,
            Value::Null,
        ];
        assert_eq!(world.ask(&sql).await.unwrap(), [row], "{table}");
    }
    for (sql, told) in [
        ("SELECT quantile(minutes, 0.5) FROM quality_daily", "a column such as"),
        ("SELECT quantile(x'0001ff', 0.5)", "a column such as"),
        ("SELECT quantile(audio_mos_sketch, 2) FROM quality_daily", "between 0 and 1"),
        (
            "SELECT quantile(s, 0.5) FROM (SELECT audio_mos_sketch AS s FROM quality_daily
             UNION ALL SELECT audio_output_latency_sketch FROM quality_daily)",
            "the same unit",
        ),
    ] {
        let error = world.ask(sql).await.unwrap_err();
        assert!(error.to_string().contains(told), "{sql}: {error}");
    }
}

/// The same query is written so that SQLite has to filter every row itself.
#[tokio::test(flavor = "multi_thread")]
async fn what_bounds_a_scan_changes_no_answer() {
    let world = World::new().await;
    for table in ["quality_hourly", "quality_daily"] {
        for window in [
            "date_time >= '2026-03-02'",
            "date_time = '2026-03-03T00:00:00Z'",
            "date_time BETWEEN '2026-03-02T01' AND '2026-03-04T12:30:00Z'",
            "date_time < '2026-03-01T00:00:00Z'",
            "date_time > 'soon'",
            "date_time <= 7",
        ] {
            for place in ["value = 'Oslo (NO)'", "value = ''", "value = 'Rome'", "dimension = 'nothing'", "1"] {
                let count = async |window: &str, place: &str| {
                    let sql = format!(
                        "SELECT count(*), sum(minutes), sum(audio_output_latency_sum_ms) FROM {table}
                         WHERE {window} AND {place} AND dimension <> 'device'"
                    );
                    world.ask(&sql).await.unwrap()
                };
                let (any_time, any_place) =
                    (window.replace("date_time", "(date_time || '')"), place.replace(" =", "||'' ="));
                let unbounded = count(&any_time, &any_place).await;
                assert_eq!(count(window, place).await, unbounded, "{table}: {window}, {place}");
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn rollups_are_read_through_their_tables_alone() {
    let world = World::new().await;
    for sql in ["SELECT * FROM quality_parts", "SELECT * FROM main.quality_days", "DELETE FROM quality_hourly"] {
        let error = world.ask(sql).await.unwrap_err();
        assert!(matches!(error, SqlError::Refused(_) | SqlError::Invalid(_)), "{sql}: {error:?}");
    }
    let joined = "SELECT count(*) FROM quality_daily AS d JOIN quality_hourly AS h
         ON h.dimension = d.dimension AND h.value = d.value AND substr(h.date_time, 1, 10) = substr(d.date_time, 1, 10)
         WHERE d.dimension = 'location'";
    assert_eq!(world.ask(joined).await.unwrap(), [[integer(u64::from(HOURS) * 3)]]);
}
