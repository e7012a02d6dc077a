//! `POST /api/v1/sql`: access, results, and refused queries.

use std::{io::Read as _, time::Duration};

use axum::{
    body::Body,
    http::{Request, StatusCode},
};
use rollcall_http::Settings;
use rollcall_model::{Batch, Participant};
use rollcall_sql::Limits;
use serde_json::{Value, json};
use tower::ServiceExt as _;

use crate::common::{Server, batch_of, past_instance};

const UUID: &str = "AAAAAAAAAAAAAAAAAAAAAA==";

/// A past meeting with two participants.
fn account() -> Batch {
    let mut instance = past_instance(UUID);
    instance.topic = Some("Crêpes, \"hot\"".into());
    let people = ["1", "2"].map(|user_id| Participant {
        user_id: user_id.into(),
        join_time: Some("2026-09-01T09:00:00Z".parse().unwrap()),
        ..Participant::default()
    });
    batch_of(instance, people)
}

async fn world() -> Server {
    // A busy machine takes longer than the default to reach the limits tested here.
    let sql_limits = Limits { time: Duration::from_secs(120), ..Limits::default() };
    let server = Server::in_files(Settings { sql_limits, ..Settings::default() }).await;
    server.ingest(&account()).await;
    server
}

async fn post(server: &Server, token: Option<&str>, accept: &str, body: String) -> (StatusCode, String, String) {
    let mut request = Request::post("/api/v1/sql").header("content-type", "application/json").header("accept", accept);
    if let Some(token) = token {
        request = request.header("authorization", format!("Bearer {token}"));
    }
    let response = server.router.clone().oneshot(request.body(Body::from(body)).unwrap()).await.unwrap();
    let status = response.status();
    let content_type = response.headers()["content-type"].to_str().unwrap().to_owned();
    let body = axum::body::to_bytes(response.into_body(), usize::MAX).await.unwrap();
    (status, content_type, String::from_utf8(body.into()).unwrap())
}

async fn ask(server: &Server, token: &str, question: Value) -> (StatusCode, Value) {
    let (status, content_type, body) = post(server, Some(token), "*/*", question.to_string()).await;
    assert_eq!(content_type, "application/json");
    (status, serde_json::from_str(&body).unwrap())
}

#[tokio::test]
async fn a_question_is_answered_in_the_form_asked_for() {
    let server = world().await;
    let token = server.token("rollcall:sql", None).await;
    let query = "SELECT i.meeting_id, i.topic, p.user_id, p.email FROM instances AS i
                 JOIN participants AS p ON p.instance_uuid = i.uuid WHERE p.user_id > ? ORDER BY 3";
    let question = json!({"query": query, "values": ["1"]});
    let (status, answer) = ask(&server, &token, question.clone()).await;
    assert_eq!(status, 200, "{answer}");
    assert_eq!(answer["columns"], json!(["meeting_id", "topic", "user_id", "email"]));
    assert_eq!(answer["rows"], json!([[123, "Crêpes, \"hot\"", "2", null]]));

    let (_, content_type, csv) = post(&server, Some(&token), "text/csv", question.to_string()).await;
    assert_eq!(content_type, "text/csv; charset=utf-8");
    assert_eq!(csv, "meeting_id,topic,user_id,email\r\n123,\"Crêpes, \"\"hot\"\"\",2,\r\n");
    let (_, content_type, lines) = post(&server, Some(&token), "application/x-ndjson", question.to_string()).await;
    assert_eq!(content_type, "application/x-ndjson");
    assert_eq!(lines, "{\"meeting_id\":123,\"topic\":\"Crêpes, \\\"hot\\\"\",\"user_id\":\"2\",\"email\":null}\n");
}

#[tokio::test]
async fn a_long_result_is_complete_when_it_is_compressed() {
    let server = world().await;
    let token = server.token("rollcall:sql", None).await;
    let query = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 40000)
                 SELECT i, hex(zeroblob(20)) FROM n";
    let request = Request::post("/api/v1/sql")
        .header("content-type", "application/json")
        .header("accept-encoding", "gzip")
        .header("authorization", format!("Bearer {token}"))
        .body(Body::from(json!({"query": query}).to_string()));
    let response = server.router.clone().oneshot(request.unwrap()).await.unwrap();
    assert_eq!(response.headers()["content-encoding"], "gzip");
    let body = axum::body::to_bytes(response.into_body(), usize::MAX).await.unwrap();
    let mut text = String::new();
    flate2::read::GzDecoder::new(&body[..]).read_to_string(&mut text).unwrap();
    let answer: Value = serde_json::from_str(&text).unwrap();
    assert_eq!(answer["rows"].as_array().unwrap().len(), 40_000);
}

#[tokio::test]
async fn only_its_own_account_is_open_to_a_token_and_only_with_the_scope() {
    let server = world().await;
    let question = json!({"query": "SELECT count(*) FROM participants"});
    let (status, _, body) = post(&server, None, "*/*", question.to_string()).await;
    assert_eq!(status, 401, "{body}");
    let narrow = server.token("dashboard:read:admin", None).await;
    let (status, answer) = ask(&server, &narrow, question.clone()).await;
    assert_eq!(status, 403);
    assert!(answer["message"].as_str().unwrap().contains("rollcall:sql"), "{answer}");

    let own = server.token("", None).await;
    assert_eq!(ask(&server, &own, question.clone()).await.1["rows"], json!([[2]]));
    let server = server.in_another_account().await;
    let foreign = server.token("", None).await;
    assert_eq!(ask(&server, &foreign, question).await.1["rows"], json!([[0]]));
}

#[tokio::test]
async fn what_cannot_be_asked_is_told_so_and_harms_nobody() {
    let server = world().await;
    let token = server.token("", None).await;
    let endless = "WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n) SELECT x FROM n";
    for (question, told) in [
        (json!({"query": "DELETE FROM instances"}), "cannot modify"),
        (json!({"query": "SELECT * FROM tokens"}), "only the tables"),
        (json!({"query": "ATTACH 'x' AS y"}), "only the tables"),
        (json!({"query": "SELECT 1; SELECT 2"}), "several statements"),
        (json!({"query": "SELECT titel FROM instances"}), "titel"),
        (json!({"query": "SELECT ?", "values": []}), "the query has 1 `?`"),
        (json!({"query": endless}), "100000 rows"),
        // A gigabyte in one value, and an endless sort.
        (json!({"query": "SELECT length(zeroblob(1000000000))"}), "too big"),
        (json!({"query": format!("{endless} ORDER BY -x")}), "256 MiB of memory"),
        (json!({"query": "SELECT load_extension('x')"}), "not authorized"),
        (json!({"query": "WITH x AS (SELECT 1) INSERT INTO meetings SELECT * FROM x"}), "nothing can be changed"),
        (json!({"query": "PRAGMA hard_heap_limit = 1"}), "only the tables"),
        (json!({"query": "SELECT * FROM pragma_hard_heap_limit(1)"}), "only the tables"),
    ] {
        let (status, answer) = ask(&server, &token, question.clone()).await;
        assert_eq!(status, 400, "{question}: {answer}");
        assert!(answer["message"].as_str().unwrap().contains(told), "{question}: {answer}");
    }
    for (body, told) in [("", "EOF"), ("{\"query\": 1}", "string"), ("{\"query\": \"\", \"limit\": 1}", "limit")] {
        let (status, _, answer) = post(&server, Some(&token), "*/*", body.to_owned()).await;
        assert!(status.is_client_error(), "{body}: {status}");
        assert!(answer.contains(told), "{body}: {answer}");
    }
    let (status, answer) = ask(&server, &token, json!({"query": "SELECT count(*) FROM instances"})).await;
    assert_eq!((status.as_u16(), &answer["rows"]), (200, &json!([[1]])));
}

#[tokio::test]
async fn a_long_answer_is_sent_while_it_is_read_and_one_that_fails_is_broken_off() {
    let server = world().await;
    let token = server.token("rollcall:sql", None).await;
    let numbers = "WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n) SELECT zeroblob(100000) FROM n";
    let (status, answer) = ask(&server, &token, json!({"query": format!("{numbers} LIMIT 50")})).await;
    assert_eq!((status.as_u16(), answer["rows"].as_array().unwrap().len()), (200, 50));

    let request = Request::post("/api/v1/sql").header("content-type", "application/json");
    let request = request.header("authorization", format!("Bearer {token}"));
    let request = request.body(Body::from(json!({"query": numbers}).to_string())).unwrap();
    let response = server.router.clone().oneshot(request).await.unwrap();
    assert_eq!(response.status(), 200);
    let error = axum::body::to_bytes(response.into_body(), usize::MAX).await.unwrap_err();
    assert!(format!("{error:?}").contains("16777216"), "{error:?}");
    // An abandoned response frees its worker for the next query.
    for _ in 0..4 {
        let request = Request::post("/api/v1/sql").header("content-type", "application/json");
        let request = request.header("authorization", format!("Bearer {token}"));
        let request = request.body(Body::from(json!({"query": numbers}).to_string())).unwrap();
        drop(server.router.clone().oneshot(request).await.unwrap());
    }
    let (status, answer) = ask(&server, &token, json!({"query": "SELECT 1"})).await;
    assert_eq!((status.as_u16(), &answer["rows"]), (200, &json!([[1]])));
}

#[tokio::test]
async fn formulas_are_text_in_csv_unless_asked_for() {
    let server = world().await;
    let token = server.token("rollcall:sql", None).await;
    for (path, row) in [("/api/v1/sql", "'=1+1,-1,'-x,'＝1"), ("/api/v1/sql?raw_csv=true", "=1+1,-1,-x,＝1")] {
        let request = Request::post(path).header("content-type", "application/json").header("accept", "text/csv");
        let request = request.header("authorization", format!("Bearer {token}"));
        let question = json!({"query": "SELECT '=1+1' AS a, -1 AS b, '-x' AS c, '＝1' AS d"});
        let (_, body) = server.exchange(request.body(Body::from(question.to_string())).unwrap()).await;
        assert_eq!(std::str::from_utf8(&body).unwrap(), format!("a,b,c,d\r\n{row}\r\n"));
    }
}

#[tokio::test]
async fn the_tables_are_described() {
    let server = world().await;
    let token = server.token("rollcall:sql", None).await;
    let get = async |path: &str| {
        let request = Request::get(path).header("authorization", format!("Bearer {token}"));
        let (parts, body) = server.exchange(request.body(Body::empty()).unwrap()).await;
        (parts.status.as_u16(), serde_json::from_slice::<Value>(&body).unwrap())
    };
    let (status, all) = get("/api/v1/sql/schema").await;
    assert_eq!(status, 200);
    let names: Vec<_> = all["tables"].as_array().unwrap().iter().map(|table| table["name"].as_str().unwrap()).collect();
    assert!(names.contains(&"instances") && names.contains(&"qos_minutes"), "{names:?}");
    let (status, one) = get("/api/v1/sql/schema?table=qos_minutes").await;
    assert_eq!((status, one["tables"].as_array().unwrap().len()), (200, 1));
    let column = json!({"name": "date_time", "type": "time, UTC", "meaning": "the beginning of the minute"});
    assert!(one["tables"][0]["columns"].as_array().unwrap().contains(&column), "{one}");
    let (status, wrong) = get("/api/v1/sql/schema?table=minutes").await;
    assert_eq!(status, 404);
    assert!(wrong["message"].as_str().unwrap().contains("qos_minutes"), "{wrong}");
    assert_eq!(get("/api/v1/sql/schema?tabel=x").await.0, 400);
}

#[tokio::test]
async fn a_wrong_key_of_the_body_is_named() {
    let server = world().await;
    let token = server.token("rollcall:sql", None).await;
    for (body, told) in [
        (json!({"sql": "SELECT 1"}), "Unknown key `sql`"),
        (json!({"query": "SELECT ?", "parameters": [1]}), "Unknown key `parameters`"),
        (json!({"values": [1]}), "`query` is missing"),
        (json!({"query": ["SELECT 1"]}), "`query` must be a string, not a list"),
        (json!({"query": "SELECT ?", "values": "1"}), "`values` must be a list, not a string"),
        (json!({"query": "SELECT ?, ?", "values": [1, {"a": 1}]}), "`values[1]`"),
        (json!("SELECT 1"), "`query`"),
    ] {
        let (status, answer) = ask(&server, &token, body.clone()).await;
        assert_eq!(status, 400, "{body}: {answer}");
        assert!(answer["message"].as_str().unwrap().contains(told), "{body}: {answer}");
    }
}
