//! SQL queries as in `POST /api/v1/sql` and `rollcall sql`: each on a connection of its own.

use std::{fs, sync::Arc, time::Instant};

use rollcall_model::AccountId;
use rollcall_sql::{Format, Limits, Printer, Queries, Value};
use rollcall_store::MinuteStore;

use crate::{Options, Result, Stores};

/// By month and location: the number of minutes, and the average, median and 95th percentile of the latency.
const TREND: &str = "SELECT substr(date_time, 1, 7) AS month, value AS location, sum(minutes) AS minutes,
        sum(audio_output_latency_count) AS measured,
        1.0 * sum(audio_output_latency_sum_ms) / sum(audio_output_latency_count) AS mean_ms,
        quantile(audio_output_latency_sketch, 0.5) AS p50_ms, quantile(audio_output_latency_sketch, 0.95) AS p95_ms
    FROM $table WHERE dimension = 'location' AND date_time >= '2025-03-01' AND date_time < '2026-03-01'
    GROUP BY 1, 2 ORDER BY 1, 2";

/// One instance, person by person.
const INSTANCE: &str = "SELECT user_id, count(*) AS minutes, avg(audio_output_latency_ms) AS latency_ms,
        max(video_input_avg_loss_percent) AS loss_percent
    FROM qos_minutes WHERE instance_uuid = ? GROUP BY 1 ORDER BY 1";

/// All columns of one instance.
const EVERYTHING: &str = "SELECT * FROM qos_minutes WHERE instance_uuid = ?";

/// The number of queried instances.
const INSTANCES: usize = 300;

struct Asker {
    queries: Queries,
    account: AccountId,
}

impl Asker {
    async fn ask(&self, sql: &str, values: Vec<Value>) -> Result<Vec<u8>> {
        let limits = Limits { rows: u64::MAX, bytes: u64::MAX, ..Limits::default() };
        let printer = Printer::new(Format::Csv, Vec::new());
        Ok(self.queries.run(self.account, sql.to_owned(), values, limits, printer).await?.finish()?)
    }
}

pub(crate) async fn measure(options: &Options) -> Result<()> {
    let stores = Stores::open(options).await?;
    let minutes: Arc<dyn MinuteStore> = stores.minutes.clone();
    let queries = Queries::new(&options.data.join("rollcall.db"), Arc::new(move || Ok(Arc::clone(&minutes))), 1);
    let asker = Asker { queries, account: stores.account.id };

    let size = asker.ask("SELECT sum(minutes), count(*) FROM quality_hourly WHERE dimension = 'location'", vec![]).await?;
    let size = String::from_utf8(size)?;
    println!("participant-minutes, cells by hour and location: {}", size.lines().nth(1).unwrap_or_default());
    for table in ["quality_daily", "quality_hourly"] {
        let sql = TREND.replace("$table", table);
        let mut times = Vec::new();
        let mut answer = Vec::new();
        for _ in 0..options.rounds {
            let begun = Instant::now();
            answer = asker.ask(&sql, vec![]).await?;
            times.push(begun.elapsed().as_secs_f64() * 1e3);
        }
        fs::write(options.data.join("trend.csv"), &answer)?;
        print_times(&format!("a year's trend by location from {table}, ms"), &mut times);
    }

    // Every n-th of all instances, each queried once.
    let uuids = "SELECT uuid FROM instances WHERE participants BETWEEN 5 AND 60 ORDER BY random()";
    let uuids = String::from_utf8(asker.ask(&format!("{uuids} LIMIT {INSTANCES}"), vec![]).await?)?;
    let uuids: Vec<_> = uuids.lines().skip(1).map(str::to_owned).collect();
    for (what, sql) in [("four values of each minute", INSTANCE), ("every column", EVERYTHING)] {
        let mut times = Vec::new();
        let mut bytes = 0;
        for uuid in &uuids {
            let begun = Instant::now();
            bytes += asker.ask(sql, vec![Value::Text(uuid.clone())]).await?.len();
            times.push(begun.elapsed().as_secs_f64() * 1e3);
        }
        print_times(&format!("one instance's minutes in the archive, {what} ({} bytes), ms", bytes / uuids.len()), &mut times);
    }
    Ok(())
}

fn print_times(what: &str, times: &mut [f64]) {
    times.sort_by(f64::total_cmp);
    let at = |share: f64| times[((times.len() - 1) as f64 * share) as usize];
    println!("{what}: median {:.2}, p90 {:.2}, most {:.2}", at(0.5), at(0.9), at(1.0));
}
