//! A connection serves one query after the other, and nothing of a query is left for the next.

use std::{sync::Arc, time::Duration};

use rollcall_model::{Participant, User};
use rollcall_sql::{Limits, SqlError, Value};
use rollcall_store::{InstanceStore as _, ParticipantStore as _, UserStore as _};

use crate::queries::world::{World, text};

const ENDLESS: &str = "WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n) SELECT";

/// The views behind the tables read the database; a query plan shows their names.
#[tokio::test]
async fn a_name_that_a_plan_has_shown_is_of_no_use() {
    let world = World::of(100).await;
    let plan = world.ask("EXPLAIN QUERY PLAN SELECT * FROM persons").await.unwrap();
    let words: Vec<String> = plan
        .iter()
        .flatten()
        .filter_map(|value| match value {
            Value::Text(step) => step.split(' ').find(|word| word.ends_with("_people")).map(str::to_owned),
            _ => None,
        })
        .collect();
    let people = words.first().expect("a plan names the views");
    let secret = people.strip_suffix("people").unwrap();
    assert!(secret.len() > 20, "{secret}");
    for secret in [secret.to_owned(), secret.to_uppercase()] {
        for sql in [
            format!("SELECT * FROM \"{secret}fields\""),
            format!("SELECT * FROM temp.\"{secret}fields\""),
            format!("SELECT * FROM [{secret}people]"),
            format!("SELECT * FROM (SELECT * FROM main.tokens) AS \"{secret}people\""),
            format!("WITH `{secret}x` AS (SELECT * FROM main.instances) SELECT * FROM `{secret}x`"),
            format!("SELECT topic FROM (SELECT topic FROM main.instances) AS x{secret}"),
        ] {
            let error = world.ask(&sql).await.err().unwrap_or_else(|| panic!("{sql} is answered"));
            assert!(matches!(error, SqlError::Refused(_) | SqlError::Invalid(_)), "{sql}: {error:?}");
        }
    }
}

#[tokio::test]
async fn accounts_that_ask_in_turn_see_their_own_rows() {
    let world = World::of(100).await;
    for _ in 0..3 {
        for (account, name) in [(world.own, "own"), (world.foreign, "foreign")] {
            for sql in ["SELECT topic FROM instances", "SELECT DISTINCT user_name FROM participants"] {
                let answer = world.ask_in(account, sql, Vec::new(), Limits::default()).await.unwrap();
                assert_eq!(answer.rows, [[text(name)]], "{sql}");
            }
        }
    }
}

#[tokio::test]
async fn what_was_written_meanwhile_is_seen_by_the_next() {
    let world = World::of(100).await;
    assert_eq!(world.ask("SELECT count(*) FROM users").await.unwrap(), [[Value::Integer(0)]]);
    let user = User { id: "U1".into(), email: "ada@example.com".into(), ..User::default() };
    world.store.put_users(world.own, &[user]).await.unwrap();
    assert_eq!(world.ask("SELECT count(*) FROM users").await.unwrap(), [[Value::Integer(1)]]);
}

/// As in a migration by a later version while this server runs.
#[tokio::test]
async fn a_schema_that_changes_meanwhile_is_read_anew() {
    let world = World::of(100).await;
    for (index, change) in ["CREATE INDEX another ON users (job_title)", "VACUUM", "CREATE TABLE another_table (x)"]
        .into_iter()
        .enumerate()
    {
        assert_eq!(world.ask("SELECT count(*) FROM instances").await.unwrap(), [[Value::Integer(1)]]);
        let db = rusqlite::Connection::open(&world.path).unwrap();
        db.execute_batch(change).unwrap();
        for sql in ["SELECT count(*) FROM instances", "SELECT count(*) FROM qos_minutes WHERE instance_uuid = 'x'"] {
            assert!(world.ask(sql).await.is_ok(), "{index}: {sql}");
        }
    }
    let error = world.ask("SELECT x FROM another_table").await.err().unwrap();
    assert!(matches!(error, SqlError::Refused(_) | SqlError::Invalid(_)), "{error:?}");
}

#[tokio::test]
async fn limits_are_those_of_each_query() {
    let world = World::of(100).await;
    let sorted =
        format!("SELECT count(*) FROM (SELECT x FROM ({ENDLESS} x FROM n LIMIT 400000) ORDER BY -x LIMIT 1000000)");
    let little = Limits { memory: 4 * 1024 * 1024, ..Limits::default() };
    for _ in 0..2 {
        let error = world.ask_with(&sorted, Vec::new(), little).await.err().unwrap();
        assert!(error.to_string().contains("4 MiB of memory"), "{error}");
        assert_eq!(world.ask(&sorted).await.unwrap(), [[Value::Integer(400_000)]]);
        let rows = Limits { rows: 3, ..Limits::default() };
        let error = world.ask_with(&format!("{ENDLESS} x FROM n"), Vec::new(), rows).await.err().unwrap();
        assert!(error.to_string().contains("3 rows"), "{error}");
        assert_eq!(world.ask(&format!("{ENDLESS} x FROM n LIMIT 10")).await.unwrap().len(), 10);
    }
}

/// A client that gives up stops only its own query, not the next one on the connection.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn those_who_give_up_stop_nobody_else() {
    let world = Arc::new(World::of(100).await);
    let impatient = {
        let world = Arc::clone(&world);
        tokio::spawn(async move {
            for round in 0..300 {
                let sql = format!("{ENDLESS} x FROM n LIMIT 2000");
                let asked = world.ask_in(world.own, &sql, Vec::new(), Limits::default());
                // Some finish, some do not, and some are stopped at the moment when they finish.
                let _ = tokio::time::timeout(Duration::from_micros(100 * (round % 20)), asked).await;
            }
        })
    };
    let mut answered = 0;
    while !impatient.is_finished() {
        let sql = format!("{ENDLESS} count(*) FROM (SELECT x FROM n LIMIT 20000)");
        let answer = world.ask_in(world.own, &sql, Vec::new(), Limits::default()).await.unwrap();
        assert_eq!(answer.rows, [[Value::Integer(20_000)]]);
        answered += 1;
    }
    impatient.await.unwrap();
    assert!(answered > 0);
}

/// Two scans of minutes in one query use two connections, and return the same as one.
#[tokio::test(flavor = "multi_thread")]
async fn scans_beside_each_other_are_apart() {
    let world = World::of(100).await;
    let uuid = "AAAAAAAAAAAAAAAAAAAAAA==".parse().unwrap();
    let instance = world.store.instance_by_uuid(world.own, &uuid).await.unwrap().unwrap().id;
    let late = Participant { user_id: "3".into(), ..Participant::default() };
    world.store.put_participants(world.own, instance, &[late]).await.unwrap();
    let sql = "SELECT count(*) FROM participants AS p
               JOIN qos_minutes AS one ON one.instance_uuid = p.instance_uuid AND one.user_id = p.user_id
               JOIN qos_minutes AS two ON two.instance_uuid = one.instance_uuid AND two.user_id = one.user_id
                   AND two.date_time = one.date_time
               WHERE one.date_time BETWEEN '2026-10-01T10:00:00Z' AND '2026-10-01T10:19:59Z'";
    for _ in 0..3 {
        assert_eq!(world.ask(sql).await.unwrap(), [[Value::Integer(40)]]);
    }
}
