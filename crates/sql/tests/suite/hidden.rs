//! What a caller sees from whom names are hidden: in every table, and in every way to ask.

#![expect(clippy::unwrap_used, reason = "these are tests")]

use std::collections::{BTreeMap, BTreeSet};

use rollcall_model::{ConnectionSettings, MemberId, Vendor};
use rollcall_sql::{Limits, Names, Value, describe};
use rollcall_store::{AuditActor, AuditEntry, AuditStore as _, AuditedAct, CollectStore as _, Difference, Gap};

use crate::{collected::Collected, sealed::Company};

async fn ask(company: &Company, names: Names, sql: &str, values: &[Value]) -> Collected {
    let limits = Limits { time: std::time::Duration::from_secs(300), bytes: u64::MAX, ..Limits::default() };
    let (account, sql) = (company.account, sql.to_owned());
    let asked = company.queries.run_for(account, names, sql.clone(), values.to_vec(), limits, Collected::default());
    asked.await.unwrap_or_else(|error| panic!("{sql}: {error}"))
}

/// The columns that identify a person, by table.
const PERSONAL: &[(&str, &[&str])] = &[
    ("attendance", &["email", "person", "user_name"]),
    ("audit", &["address", "member", "user_id"]),
    ("collect_differences", &["first_value", "second_value"]),
    ("collect_gaps", &["detail", "request"]),
    ("documents", &["body", "key", "owner"]),
    ("instances", &["email", "host", "host_id"]),
    ("meetings", &["agenda", "host_email", "host_id"]),
    (
        "participants",
        &[
            "audio_call",
            "camera",
            "customer_key",
            "device_name",
            "domain",
            "email",
            "from_sip_uri",
            "harddisk_id",
            "id",
            "internal_ip_addresses",
            "ip_address",
            "leave_reason",
            "mac_addr",
            "microphone",
            "participant_user_id",
            "participant_uuid",
            "pc_name",
            "person",
            "registrant_id",
            "sip_uri",
            "speaker",
            "user_name",
        ],
    ),
    ("persons", &["email", "person", "user_id", "user_name"]),
    ("registrants", &["answers", "email", "first_name", "join_url", "last_name", "registrant"]),
    ("user_tracking_codes", &["user_id"]),
    ("users", &["display_name", "email", "first_name", "id", "job_title", "last_name", "manager"]),
];

async fn company() -> Company {
    let company = Company::new().await;
    let act = AuditedAct {
        actor: AuditActor::Member { member: MemberId(1), session: None },
        address: Some("192.0.2.77".parse().unwrap()),
        operation: "askInSql".into(),
        effect: "export",
        target: "account",
        status: Some(200),
    };
    let entry = AuditEntry { account: company.account, at: "2026-03-06T18:00:00Z".parse().unwrap(), act, requests: 1 };
    company.store.record_audit(&[entry]).await.unwrap();
    collect(&company).await;
    company
}

/// A gap and a difference that name a user.
async fn collect(company: &Company) {
    let (store, account, at) = (&company.store, company.account, "2026-03-06T18:00:00Z".parse().unwrap());
    let settings = ConnectionSettings {
        vendor: Vendor::Zoom,
        name: "main".into(),
        client_id: "client".into(),
        vendor_account: None,
        base_url: None,
        private_addresses: false,
        plan: None,
        share_percent: 50,
        every_minutes: None,
        follows_live: false,
        lookback_days: 1,
    };
    let connection = store.create_connection(account, &settings, None, at).await.unwrap();
    let gap = Gap {
        request: "/v2/users/collected@example.com".into(),
        reason: "not found".into(),
        detail: "User collected@example.com does not exist.".into(),
        remedy: "None.".into(),
        first_at: at,
        last_at: at,
        times: 1,
        waiting: 0,
    };
    store.put_gap(account, connection, &gap).await.unwrap();
    let difference = Difference {
        about: "a==".into(),
        field: "host".into(),
        sources: [("stored".into(), "first@example.com".into()), ("report".into(), "second@example.com".into())],
        seen_at: at,
    };
    store.put_comparison(account, connection, &difference, false).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn no_table_shows_what_identifies_a_person() {
    let company = company().await;
    let mut personal: BTreeSet<String> = BTreeSet::new();
    let mut hidden = BTreeMap::new();
    for table in describe() {
        // Names are asked for first, so that their connection is at hand.
        let sql = format!("SELECT * FROM {} LIMIT 400", table.name);
        let (shown, without) =
            (ask(&company, Names::Shown, &sql, &[]).await, ask(&company, Names::Hidden, &sql, &[]).await);
        assert_eq!((&shown.names, shown.rows.len()), (&without.names, without.rows.len()), "{}", table.name);
        let listed = PERSONAL.iter().find(|(name, _)| *name == table.name).map_or(&[][..], |(_, columns)| columns);
        for (index, name) in shown.names.iter().enumerate() {
            let is_listed = listed.contains(&name.as_str());
            for (full, bare) in shown.rows.iter().zip(&without.rows) {
                if is_listed {
                    assert_eq!(bare[index], Value::Null, "{}.{name}", table.name);
                    // Short ones, and jobs, may be parts of anything.
                    let told = words(&full[index]).into_iter().filter(|word| word.len() >= 6 && name != "job_title");
                    personal.extend(told);
                } else {
                    assert_eq!(bare[index], full[index], "{}.{name}", table.name);
                }
            }
        }
        let unknown: Vec<_> = listed.iter().filter(|name| !shown.names.iter().any(|other| other == *name)).collect();
        assert!(unknown.is_empty(), "{}: {unknown:?}", table.name);
        hidden.insert(table.name, without);
    }
    assert!(personal.len() > 50 && personal.iter().any(|word| word.contains('@')), "{personal:?}");
    for (table, Collected { names, rows }) in hidden {
        // Most texts are there many times. A title may contain a name, as the documents say.
        let texts: BTreeSet<(&String, &String)> = rows
            .iter()
            .flat_map(|row| names.iter().zip(row))
            .filter_map(|(name, value)| match value {
                Value::Text(text) if name != "topic" => Some((name, text)),
                _ => None,
            })
            .collect();
        for (name, text) in texts {
            let found = personal.iter().find(|word| text.contains(word.as_str()));
            assert_eq!(found, None, "{table}.{name} shows {text}");
        }
    }
}

fn words(value: &Value) -> Vec<String> {
    match value {
        Value::Text(text) if !text.starts_with(['[', '{']) => vec![text.clone()],
        _ => Vec::new(),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn no_way_to_ask_finds_a_hidden_value() {
    let company = company().await;
    let known = ask(
        &company,
        Names::Shown,
        "SELECT email, user_name, ip_address, instance_uuid FROM participants \
        WHERE email <> '' AND ip_address <> '' LIMIT 1",
        &[],
    )
    .await;
    let [email, name, address, uuid] = &known.rows[0][..] else { panic!("four columns") };
    let Value::Text(text) = email else { panic!("{email:?}") };
    let start = Value::Text(format!("{}%", &text[..3]));
    for (sql, values) in [
        ("SELECT count(*) FROM participants WHERE email = ?", vec![email]),
        ("SELECT count(*) FROM participants WHERE EMAIL = ?", vec![email]),
        ("SELECT count(*) FROM participants WHERE \"email\" LIKE ?", vec![&start]),
        ("SELECT count(*) FROM participants AS p WHERE p.email BETWEEN ? AND ?", vec![email, email]),
        ("SELECT count(*) FROM participants WHERE email IN (?, 'x')", vec![email]),
        ("SELECT count(*) FROM participants WHERE email IS NOT NULL", vec![]),
        ("SELECT count(*) FROM participants WHERE coalesce(email, user_name) <> ''", vec![]),
        ("SELECT count(*) FROM participants WHERE CASE email WHEN ? THEN 1 ELSE 0 END", vec![email]),
        ("SELECT count(*) FROM participants WHERE instance_uuid = ? AND ip_address = ?", vec![uuid, address]),
        ("SELECT count(email) FROM participants", vec![]),
        ("SELECT count(DISTINCT email) FROM participants", vec![]),
        ("SELECT count(DISTINCT person) FROM participants", vec![]),
        ("SELECT count(ip_address), 0 FROM participants WHERE kind = 'meeting'", vec![]),
        ("SELECT coalesce(min(email), 0) FROM participants", vec![]),
        ("SELECT coalesce(max(user_name), 0) FROM participants WHERE join_time > '2026'", vec![]),
        ("SELECT coalesce(max(ip_address), 0) FROM participants GROUP BY kind LIMIT 1", vec![]),
        ("SELECT count(*) FROM (SELECT email FROM participants GROUP BY email)  WHERE email <> ''", vec![]),
        ("SELECT count(*) FROM (SELECT * FROM participants) WHERE user_name = ?", vec![name]),
        ("WITH p AS (SELECT * FROM participants) SELECT count(*) FROM p WHERE user_name = ?", vec![name]),
        ("SELECT count(*) FROM participants JOIN persons USING (person)", vec![]),
        ("SELECT count(*) FROM participants AS p JOIN users AS u ON u.email = p.email", vec![]),
        (
            "SELECT count(*) FROM qos_minutes AS q JOIN participants AS p USING (instance_uuid, user_id) \
            WHERE p.email = ?",
            vec![email],
        ),
        ("SELECT count(p.email) FROM qos_minutes AS q JOIN participants AS p USING (instance_uuid, user_id)", vec![]),
        ("SELECT count(*) FROM persons WHERE email = ?", vec![email]),
        ("SELECT count(*) FROM attendance WHERE email = ?", vec![email]),
        ("SELECT count(*) FROM instances WHERE host LIKE '%'", vec![]),
    ] {
        let values: Vec<Value> = values.into_iter().cloned().collect();
        let found = |table: &Collected| table.rows.first().map(|row| row[0].clone());
        let with = found(&ask(&company, Names::Shown, sql, &values).await);
        assert!(with.is_some_and(|value| value != Value::Integer(0)), "{sql} finds something");
        let without = found(&ask(&company, Names::Hidden, sql, &values).await);
        assert_eq!(without, Some(Value::Integer(0)), "{sql}");
    }
    let grouped = ask(&company, Names::Hidden, "SELECT email, count(*) FROM participants GROUP BY email", &[]).await;
    assert_eq!(grouped.rows.iter().map(|row| &row[0]).collect::<Vec<_>>(), [&Value::Null], "one group of all");
    let ordered = ask(&company, Names::Hidden, "SELECT person FROM persons ORDER BY email DESC LIMIT 3", &[]).await;
    assert_eq!(ordered.rows, vec![vec![Value::Null]; 3]);
}

/// What needs no name is counted as fast as before, and gives the same.
#[tokio::test(flavor = "multi_thread")]
async fn what_names_nobody_is_answered_the_same() {
    let company = company().await;
    for sql in [
        "SELECT kind, count(*), min(join_time), max(duration_seconds) FROM participants GROUP BY 1 ORDER BY 1",
        "SELECT location, count(*) FROM participants GROUP BY 1 ORDER BY 1",
        "SELECT substr(date_time, 1, 10), count(*), avg(audio_output_latency_ms) FROM qos_minutes GROUP BY 1 ORDER BY 1",
        "SELECT p.network_type, count(*) FROM qos_minutes AS q JOIN participants AS p \
            USING (instance_uuid, user_id, join_time) GROUP BY 1 ORDER BY 1",
        "SELECT dimension, value, sum(minutes) FROM quality_daily GROUP BY 1, 2 ORDER BY 1, 2",
        "SELECT topic, participants FROM instances ORDER BY uuid",
    ] {
        let (shown, hidden) =
            (ask(&company, Names::Shown, sql, &[]).await, ask(&company, Names::Hidden, sql, &[]).await);
        assert!(!shown.rows.is_empty(), "{sql}");
        assert_eq!(format!("{:?}", shown.rows), format!("{:?}", hidden.rows), "{sql}");
    }
}
