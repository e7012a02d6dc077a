//! Runs against a vendor that answers from a script.

use std::{sync::Arc, time::Duration};

use axum::{Json, Router, extract::Request};
use rollcall_collector::{Collector, RunOptions};
use rollcall_ingest::Ingest;
use rollcall_minutes::LiveStore;
use rollcall_model::{
    ConnectionSecrets, ConnectionSettings, DEFAULT_SHARE_PERCENT, Secret, SystemClock, SystemEntropy, Timestamp, Vendor,
};
use rollcall_store::{Accounts as _, CollectStore as _, UserStore as _};
use rollcall_store_sqlite::SqliteStore;
use serde_json::{Value, json};
use tokio_util::sync::CancellationToken;

const PERSON: &str = "Y2lzY29zcGFyazovL3VzL1BFT1BMRS83YWZiZjcyZS1hZjJmLTRkYjgtOTQzZC0xZDcyMTQ4YjUyYTU";

/// A Webex organization with a person who has a value of a code that no list has.
async fn without_the_code(request: Request) -> Json<Value> {
    let site = "example.webex.com";
    Json(match request.uri().path() {
        "/v1/meetingPreferences/sites" => json!({"sites": [{"siteUrl": site, "default": true}]}),
        "/v1/people" => json!({"items": [{"id": PERSON, "emails": ["ana@example.com"], "displayName": "Ana"}]}),
        "/v1/admin/meeting/userconfig/trackingCodes" => json!({"siteUrl": site, "personId": PERSON,
            "email": "ana@example.com", "trackingCodes": [{"name": "Department", "value": "Sales"}]}),
        _ => json!({"items": []}),
    })
}

#[tokio::test]
async fn what_refers_to_something_unknown_is_tried_again_and_then_a_gap() {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(async move { axum::serve(listener, Router::new().fallback(without_the_code)).await });

    let folder = tempfile::tempdir().unwrap();
    let store = Arc::new(SqliteStore::open(&folder.path().join("rollcall.db")).unwrap());
    let minutes = Arc::new(LiveStore::open(&folder.path().join("minutes")).unwrap());
    let now = Timestamp::from_seconds(0);
    let account = store.create_account("main", "account-of-the-tests", now).await.unwrap().id;
    let settings = ConnectionSettings {
        vendor: Vendor::Webex,
        name: "main".into(),
        client_id: "token".into(),
        vendor_account: None,
        base_url: Some(url.as_str().into()),
        private_addresses: true,
        plan: Some("none".into()),
        share_percent: DEFAULT_SHARE_PERCENT,
        every_minutes: None,
        follows_live: false,
        lookback_days: 7,
    };
    let id = store.create_connection(account, &settings, None, now).await.unwrap();
    let connection = store.connection(account, id).await.unwrap().unwrap();
    let secrets = ConnectionSecrets { client_secret: Secret::new("token".to_owned()), refresh_token: None };
    let ingest = Arc::new(Ingest::new(store.clone(), minutes));
    let collector = Collector::new(store.clone(), ingest, Arc::new(SystemClock), Arc::new(SystemEntropy));
    let stop = CancellationToken::new();
    let run = collector.run(&connection, &secrets, RunOptions::default(), &stop, &|_| {});
    let ended = tokio::time::timeout(Duration::from_secs(60), run).await.expect("the run ends").unwrap();

    assert_eq!((ended.progress.waiting_lists, ended.progress.gaps), (0, 1), "{:?}", ended.progress);
    let gaps = store.gaps(account, 0, 9).await.unwrap();
    let [(_, _, gap)] = gaps.as_slice() else { panic!("{gaps:?}") };
    assert!(gap.reason == "content" && gap.request.contains("userconfig/trackingCodes"), "{gap:?}");
    assert!(store.find_user(account, "ana@example.com").await.unwrap().is_some(), "the rest was collected");
}
