//! Attendance by person, and aliases of persons.

use rollcall_http::Settings;
use rollcall_model::{Participant, Timestamp, User};
use serde_json::{Value, json};

use crate::api::erasures::ask;
use crate::common::{Server, batch_of, past_instance};

const UUID: &str = "gm8s9L+PTEC/FG3sFbd1Cw==";
const TARGET: &str = "/api/v1/instances/gm8s9L%252BPTEC%252FFG3sFbd1Cw%253D%253D/attendance";

fn at(minutes: i64) -> Timestamp {
    Timestamp::from_seconds(1_789_000_000 + minutes * 60)
}

fn stay(user_id: &str, email: &str, join: i64, leave: i64) -> Participant {
    Participant {
        user_id: user_id.into(),
        email: Some(email.into()),
        user_name: Some("Ana".into()),
        join_time: Some(at(join)),
        leave_time: Some(at(leave)),
        ..Participant::default()
    }
}

/// An instance of an hour: Ana came twice, and once with another address; Bob stayed for the whole of it, in a breakout
/// room for a part; Cho waited.
async fn server() -> (Server, String) {
    let server = Server::in_files(Settings::default()).await;
    let mut instance = past_instance(UUID);
    (instance.start_time, instance.end_time) = (Some(at(0)), Some(at(60)));
    let mut room = stay("5", "bob@example.com", 20, 40);
    room.bo_mtg_id = Some("7".into());
    let mut waiting = stay("9", "cho@example.com", 0, 5);
    waiting.status = Some("in_waiting_room".into());
    let people = [
        stay("1", "ana@example.com", 0, 10),
        stay("2", "ANA@example.com", 5, 30),
        stay("3", "ana@home.example", 40, 50),
        stay("4", "bob@example.com", 0, 20),
        room,
        stay("6", "bob@example.com", 40, 60),
        waiting,
    ];
    server.ingest(&batch_of(instance, people)).await;
    let token = server.token("persons:read persons:write rollcall:sql", None).await;
    (server, token)
}

fn shares(body: &Value) -> Vec<(&str, i64, i64)> {
    let persons = body["persons"].as_array().unwrap();
    let shown = |one: &'_ Value| (one["joins"].as_i64().unwrap(), one["attended_seconds"].as_i64().unwrap() / 60);
    persons.iter().map(|one| (one["person"].as_str().unwrap(), shown(one).0, shown(one).1)).collect()
}

#[tokio::test]
async fn a_persons_stays_are_added_up() {
    let (server, token) = server().await;
    let (status, body, _) = ask(&server, &token, "GET", TARGET, None).await;
    assert_eq!(status, 200, "{body}");
    let expected =
        [("email:ana@example.com", 2, 30), ("email:ana@home.example", 1, 10), ("email:bob@example.com", 2, 60)];
    assert_eq!(shares(&body), expected);
    assert_eq!((&body["persons"][2]["share"], &body["persons"][2]["reasons"]), (&json!(1.0), &json!(["address"])));

    let long = ask(&server, &token, "GET", &format!("{TARGET}?min_share=0.5"), None).await.1;
    assert_eq!(shares(&long).len(), 2);
    let pages = ask(&server, &token, "GET", &format!("{TARGET}?limit=2"), None).await.1;
    assert_eq!((&pages["next"], &pages["persons_count"]), (&json!(2), &json!(3)));
    let rest = ask(&server, &token, "GET", &format!("{TARGET}?limit=2&offset=2"), None).await.1;
    assert_eq!((shares(&rest).len(), &rest["next"]), (1, &Value::Null));
}

#[tokio::test]
async fn sql_tells_the_same() {
    let (server, token) = server().await;
    let sql =
        "SELECT person, joins, attended_seconds, round(share, 3), first_join_time, last_leave_time FROM attendance
               ORDER BY person";
    let (_, answer, _) = ask(&server, &token, "POST", "/api/v1/sql", Some(json!({ "query": sql }))).await;
    let (_, body, _) = ask(&server, &token, "GET", TARGET, None).await;
    let keys = ["person", "joins", "attended_seconds", "share", "first_join_time", "last_leave_time"];
    let mut rows: Vec<Vec<Value>> = body["persons"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| keys.iter().map(|key| one[*key].clone()).collect())
        .collect();
    rows.sort_by_key(|row| row[0].to_string());
    assert_eq!(answer["rows"], json!(rows), "{answer}");
}

#[tokio::test]
async fn aliases_make_one_person_of_two() {
    let (server, token) = server().await;
    let alias = json!({"person": "email:ana@example.com", "alias": "email:ana@home.example"});
    let (status, made, _) = ask(&server, &token, "POST", "/api/v1/persons/aliases", Some(alias.clone())).await;
    assert_eq!((status.as_u16(), &made["alias"]), (200, &alias["alias"]));
    let (status, ..) = ask(&server, &token, "POST", "/api/v1/persons/aliases", Some(alias)).await;
    assert_eq!(status, 409);
    let (_, listed, _) = ask(&server, &token, "GET", "/api/v1/persons/aliases", None).await;
    assert_eq!(listed["aliases"].as_array().unwrap().len(), 1);

    // The next minute, because pages of one walk belong together.
    server.clock.advance_seconds(60);
    let (_, body, _) = ask(&server, &token, "GET", TARGET, None).await;
    assert_eq!(shares(&body), [("email:ana@example.com", 3, 40), ("email:bob@example.com", 2, 60)]);
    assert_eq!(body["persons"][0]["reasons"], json!(["address", "alias"]));
    let query = json!({"query": "SELECT count(*) FROM persons"});
    assert_eq!(ask(&server, &token, "POST", "/api/v1/sql", Some(query.clone())).await.1["rows"], json!([[3]]));

    let (status, ..) = ask(&server, &token, "DELETE", "/api/v1/persons/aliases/email:ana@home.example", None).await;
    assert_eq!(status, 204);
    let (status, ..) = ask(&server, &token, "DELETE", "/api/v1/persons/aliases/email:ana@home.example", None).await;
    assert_eq!(status, 404);
    server.clock.advance_seconds(60);
    assert_eq!(shares(&ask(&server, &token, "GET", TARGET, None).await.1).len(), 3);
}

#[tokio::test]
async fn an_address_of_a_login_is_the_logins() {
    let (server, token) = server().await;
    let user = User { id: "U1".into(), email: "Ana@home.example".into(), ..User::default() };
    server.ingest(&rollcall_model::Batch { users: vec![user], ..Default::default() }).await;
    let (_, body, _) = ask(&server, &token, "GET", TARGET, None).await;
    assert_eq!(shares(&body)[1].0, "user:U1");
}

#[tokio::test]
async fn what_is_wrong_is_refused() {
    let (server, token) = server().await;
    for (target, status) in [
        (format!("{TARGET}?min_share=2"), 400),
        (format!("{TARGET}?limit=0"), 400),
        (format!("{TARGET}?limit=1001"), 400),
        (format!("{TARGET}?none=1"), 400),
        ("/api/v1/instances/123/attendance".to_owned(), 400),
        ("/api/v1/instances/bm9uZQ==/attendance".to_owned(), 404),
    ] {
        assert_eq!(ask(&server, &token, "GET", &target, None).await.0, status, "{target}");
    }
    for body in [json!({"person": "Ana", "alias": "email:a@b"}), json!({"person": "email:a@b"}), json!(7)] {
        assert_eq!(ask(&server, &token, "POST", "/api/v1/persons/aliases", Some(body)).await.0, 400);
    }
    let other = server.in_another_account().await;
    let token = other.token("persons:read persons:write", None).await;
    assert_eq!(ask(&other, &token, "GET", TARGET, None).await.0, 404, "another account's");
    let reader = other.token("persons:read", None).await;
    let alias = json!({"person": "email:a@example.com", "alias": "email:b@example.com"});
    assert_eq!(ask(&other, &reader, "POST", "/api/v1/persons/aliases", Some(alias)).await.0, 403);
}
