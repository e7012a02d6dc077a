//! `/api/v1/collect`: connections, gaps, differences and unknown values.

use rollcall_http::Settings;
use rollcall_model::{ConnectionId, Timestamp};
use rollcall_store::{CollectStore as _, Difference, Gap, NewList, PageDone, WaitingQuery};
use serde_json::{Value, json};

use crate::{api::erasures::ask, common::Server};

const CONNECTIONS: &str = "/api/v1/collect/connections";

async fn world(settings: Settings) -> (Server, String) {
    let server = Server::in_files(settings).await;
    let token = server.token("collect:manage rollcall:sql", None).await;
    (server, token)
}

fn zoom() -> Value {
    json!({
        "vendor": "zoom", "name": "main", "client_id": "client", "client_secret": "clientS3cret",
        "vendor_account": "account", "every_minutes": 60
    })
}

fn with(mut body: Value, key: &str, value: Value) -> Value {
    body[key] = value;
    body
}

#[tokio::test]
async fn a_connection_is_created_changed_and_deleted_and_its_secrets_are_never_told() {
    let (server, token) = world(Settings::default()).await;
    let body = with(zoom(), "refresh_token", json!("refreshT0ken"));
    let (status, created, _) = ask(&server, &token, "POST", CONNECTIONS, Some(body)).await;
    assert_eq!(status, 201, "{created}");
    let expected = json!({
        "id": 1, "vendor": "zoom", "name": "main", "client_id": "client", "vendor_account": "account", "base_url": null,
        "plan": null, "share_percent": 50, "every_minutes": 60, "follows_live": false, "lookback_days": 180,
        "has_secrets": true, "created_at": "2026-09-21T14:13:20Z", "is_running": false, "run_asked_at": null,
        "next_run_at": null, "last_run": null, "progress": [], "gaps": 0
    });
    assert_eq!(created, expected);
    let (_, listed, _) = ask(&server, &token, "GET", CONNECTIONS, None).await;
    assert_eq!(listed["connections"], json!([expected]));
    let scopes = listed["vendors"][0]["scopes"].as_array().unwrap();
    assert!(scopes.iter().any(|scope| scope["scope"] == "dashboard:read:list_meetings:admin"), "{listed}");

    let path = format!("{CONNECTIONS}/1");
    let change = json!({"name": " renamed ", "every_minutes": null, "plan": "business", "client_secret": "newS3cret"});
    let (status, changed, _) = ask(&server, &token, "PATCH", &path, Some(change)).await;
    assert_eq!(
        (status.as_u16(), &changed["name"], &changed["plan"]),
        (200, &json!("renamed"), &json!("business")),
        "{changed}"
    );
    assert_eq!((&changed["every_minutes"], &changed["vendor_account"]), (&json!(null), &json!("account")));
    let secrets = server.store.connection_secrets(server.account, ConnectionId(1)).await.unwrap().unwrap();
    assert_eq!((secrets.client_secret.expose(), secrets.refresh_token.is_some()), ("newS3cret", false));
    let (_, found, _) = ask(&server, &token, "GET", &path, None).await;
    assert_eq!(found, changed);
    for text in [created, listed, changed] {
        let text = text.to_string();
        assert!(!text.contains("S3cret") && !text.contains("T0ken"), "{text}");
    }
    assert_eq!(ask(&server, &token, "DELETE", &path, None).await.0, 204);
    for method in ["GET", "DELETE"] {
        assert_eq!(ask(&server, &token, method, &path, None).await.0, 404);
    }
    assert_eq!(ask(&server, &token, "PATCH", &path, Some(json!({}))).await.0, 404);
}

#[tokio::test]
async fn a_webex_connection_may_have_a_token_alone() {
    let (server, token) = world(Settings::default()).await;
    let body = json!({"vendor": "webex", "name": "main", "client_secret": "accessT0ken"});
    let (status, created, _) = ask(&server, &token, "POST", CONNECTIONS, Some(body)).await;
    assert_eq!((status.as_u16(), &created["client_id"]), (201, &json!("token")), "{created}");
    let body = json!({"vendor": "webex", "name": "other", "client_secret": "s", "refresh_token": "r"});
    let (status, error, _) = ask(&server, &token, "POST", CONNECTIONS, Some(body)).await;
    assert!(status == 400 && error["message"].as_str().unwrap().starts_with("`client_id`"), "{error}");
}

#[tokio::test]
async fn what_is_wrong_with_a_connection_is_told() {
    let (server, token) = world(Settings::default()).await;
    assert_eq!(ask(&server, &token, "POST", CONNECTIONS, Some(zoom())).await.0, 201);
    let private = "collect.private_addresses";
    for (key, value, told) in [
        ("name", json!(" "), "`name`"),
        ("name", json!("a\u{1b}b"), "`name`"),
        ("client_secret", json!(""), "`client_secret`"),
        ("client_secret", json!("one\ntwo"), "`client_secret`"),
        ("refresh_token", json!("x".repeat(3_000)), "`refresh_token`"),
        ("vendor", json!("teams"), "teams"),
        ("vendor_account", json!(null), "`vendor_account`"),
        ("share_percent", json!(0), "`share_percent`"),
        ("share_percent", json!(101), "`share_percent`"),
        ("every_minutes", json!(0), "`every_minutes`"),
        ("lookback_days", json!(0), "`lookback_days`"),
        ("plan", json!("gold"), "`plan`"),
        ("has_secrets", json!(true), "has_secrets"),
        ("base_url", json!("zoom.example.com"), "`base_url`"),
        ("base_url", json!("http://zoom.example.com"), "https://"),
        ("base_url", json!("https://user:password@zoom.example.com"), "`base_url`"),
        ("base_url", json!("https://zoom.example.com/?a=b"), "query"),
        ("base_url", json!("http://127.0.0.1:8480"), private),
        ("base_url", json!("https://localhost"), private),
        ("base_url", json!("https://10.0.0.1"), private),
        ("base_url", json!("https://169.254.169.254"), private),
        ("base_url", json!("https://[::1]"), private),
    ] {
        let other = with(zoom(), "name", json!("other"));
        let (status, error, _) = ask(&server, &token, "POST", CONNECTIONS, Some(with(other, key, value.clone()))).await;
        let message = error["message"].as_str().unwrap();
        assert!(status == 400 && message.contains(told), "{key} {value}: {message}");
        if !["vendor", "refresh_token", "has_secrets", "vendor_account"].contains(&key) {
            let change = Some(json!({key: value.clone()}));
            assert_eq!(
                ask(&server, &token, "PATCH", &format!("{CONNECTIONS}/1"), change).await.0,
                400,
                "{key} {value}"
            );
        }
    }
    let change = Some(json!({"refresh_token": "r"}));
    assert_eq!(ask(&server, &token, "PATCH", &format!("{CONNECTIONS}/1"), change).await.0, 400);
    assert_eq!(ask(&server, &token, "POST", CONNECTIONS, Some(zoom())).await.0, 409);
    let other = with(zoom(), "name", json!("other"));
    let (status, other, _) = ask(&server, &token, "POST", CONNECTIONS, Some(other)).await;
    assert_eq!(status, 201, "nothing of what was refused is stored: {other}");
    let path = format!("{CONNECTIONS}/{}", other["id"]);
    assert_eq!(ask(&server, &token, "PATCH", &path, Some(json!({"name": "main"}))).await.0, 409);
}

#[tokio::test]
async fn a_setting_allows_private_addresses() {
    let (server, token) = world(Settings { collect_to_private: true, ..Settings::default() }).await;
    for (number, (url, status)) in [
        ("http://127.0.0.1:8480/", 201),
        ("http://localhost:1", 201),
        ("https://10.0.0.1", 201),
        ("http://10.0.0.1", 400),
        ("ftp://127.0.0.1", 400),
    ]
    .into_iter()
    .enumerate()
    {
        let body = with(with(zoom(), "base_url", json!(url)), "name", json!(number.to_string()));
        let (found, answer, _) = ask(&server, &token, "POST", CONNECTIONS, Some(body)).await;
        assert_eq!(found, status, "{url}: {answer}");
    }
    // The server's own setting is asked again when it collects.
    let stored = server.store.connections(server.account).await.unwrap();
    assert!(stored.iter().all(|connection| !connection.settings.private_addresses));
    assert_eq!(stored[0].settings.base_url.as_deref(), Some("http://127.0.0.1:8480"));
}

#[tokio::test]
async fn a_url_of_the_command_line_stays_until_it_is_changed() {
    let (server, token) = world(Settings::default()).await;
    ask(&server, &token, "POST", CONNECTIONS, Some(zoom())).await;
    let stored = async || server.store.connection(server.account, ConnectionId(1)).await.unwrap().unwrap().settings;
    let mut settings = stored().await;
    (settings.base_url, settings.private_addresses) = (Some("http://10.0.0.1".into()), true);
    let now = server.now();
    server.store.change_connection(server.account, ConnectionId(1), &settings, None, now).await.unwrap();
    let path = format!("{CONNECTIONS}/1");
    assert_eq!(ask(&server, &token, "PATCH", &path, Some(json!({"share_percent": 10}))).await.0, 200);
    assert!(stored().await.private_addresses);
    let change = Some(json!({"base_url": "https://zoom.example.com"}));
    assert_eq!(ask(&server, &token, "PATCH", &path, change).await.0, 200);
    assert!(!stored().await.private_addresses);
}

#[tokio::test]
async fn a_run_is_asked_for_and_its_state_is_told() {
    let (server, token) = world(Settings::default()).await;
    let body = with(zoom(), "every_minutes", json!(null));
    ask(&server, &token, "POST", CONNECTIONS, Some(body)).await;
    let (path, id, account) = (format!("{CONNECTIONS}/1"), ConnectionId(1), server.account);
    assert_eq!(ask(&server, &token, "POST", &format!("{path}/run"), None).await.0, 202);
    assert_eq!(ask(&server, &token, "POST", &format!("{CONNECTIONS}/9/run"), None).await.0, 404);
    let due = server.store.due_connections(server.now()).await.unwrap();
    assert_eq!(due.len(), 1, "also without a schedule");
    let (_, asked, _) = ask(&server, &token, "GET", &path, None).await;
    assert_eq!(asked["run_asked_at"], "2026-09-21T14:13:20Z");

    let (now, until) = (server.now(), server.now().plus_seconds(45));
    server.store.lease_connection(id, "run", now, until).await.unwrap();
    let list = |target: &str| NewList {
        target: target.into(),
        operation: "users".into(),
        lane: "Medium".into(),
        step: 0,
        about: None,
        at: None,
        expires_at: None,
        final_at: None,
        version: 0,
        expected: None,
        estimate: 3,
    };
    server.store.plan_lists(account, id, &[list("/v2/users"), list("/v2/groups")], now).await.unwrap();
    let first = server.store.waiting_lists(id, WaitingQuery::of("Medium", now), 1).await.unwrap().remove(0);
    let page = PageDone { next: None, hash: 1, entries: 41, ..PageDone::default() };
    server.store.page_done(account, id, first.id, &page, now).await.unwrap();
    let (_, running, _) = ask(&server, &token, "GET", &path, None).await;
    let lane = json!({
        "lane": "Medium", "waiting_lists": 1, "waiting_calls": 3, "complete_lists": 1, "refused_lists": 0, "entries": 41
    });
    assert_eq!((&running["is_running"], &running["progress"]), (&json!(true), &json!([lane])), "{running}");

    server.store.end_run(id, "run", (now.plus_seconds(1), Some("it was stopped")), None).await.unwrap();
    let (_, ended, _) = ask(&server, &token, "GET", &path, None).await;
    assert_eq!((&ended["is_running"], &ended["run_asked_at"]), (&json!(false), &json!(null)));
    assert_eq!(ended["last_run"], json!({"ended_at": "2026-09-21T14:13:21Z", "stopped_by": "it was stopped"}));

    let bare = server.store.connection(account, id).await.unwrap().unwrap().settings;
    let bare = rollcall_model::ConnectionSettings { name: "bare".into(), ..bare };
    let bare = server.store.create_connection(account, &bare, None, now).await.unwrap();
    let (status, error, _) = ask(&server, &token, "POST", &format!("{CONNECTIONS}/{bare}/run"), None).await;
    assert!(status == 409 && error["message"].as_str().unwrap().contains("client_secret"), "{error}");
}

/// Gaps, a difference and unknown values of a connection.
async fn find(server: &Server, id: ConnectionId) {
    let (account, now) = (server.account, server.now());
    for number in 0..3 {
        let gap = Gap {
            request: format!("/v2/users/user{number}@example.com").as_str().into(),
            reason: "not found".into(),
            detail: "User does not exist: user@example.com.".into(),
            remedy: "Nothing.".into(),
            first_at: now,
            last_at: now,
            times: 1,
            waiting: 2,
        };
        server.store.put_gap(account, id, &gap).await.unwrap();
    }
    let difference = Difference {
        about: "a==".into(),
        field: "participants".into(),
        sources: [("stored".into(), "40".into()), ("report".into(), "41".into())],
        seen_at: now,
    };
    server.store.put_comparison(account, id, &difference, false).await.unwrap();
    let list = NewList {
        target: "/v2/users".into(),
        operation: "users".into(),
        lane: "Medium".into(),
        step: 0,
        about: None,
        at: None,
        expires_at: None,
        final_at: None,
        version: 0,
        expected: None,
        estimate: 1,
    };
    server.store.plan_lists(account, id, &[list], now).await.unwrap();
    let first = server.store.waiting_lists(id, WaitingQuery::of("Medium", now), 1).await.unwrap().remove(0);
    let page = PageDone { hash: 1, unknown: vec![("users.mood".into(), 4)], ..PageDone::default() };
    server.store.page_done(account, id, first.id, &page, now).await.unwrap();
}

#[tokio::test]
async fn findings_are_paged_and_name_nobody_to_those_from_whom_names_are_hidden() {
    let (server, token) = world(Settings::default()).await;
    ask(&server, &token, "POST", CONNECTIONS, Some(zoom())).await;
    find(&server, ConnectionId(1)).await;
    let at = Timestamp::to_string(&server.now());

    let (_, first, _) = ask(&server, &token, "GET", "/api/v1/collect/gaps?limit=2", None).await;
    let gap = json!({
        "id": 1, "connection_id": 1, "request": "/v2/users/user0@example.com", "reason": "not found",
        "detail": "User does not exist: user@example.com.", "remedy": "Nothing.", "waiting_lists": 2, "times": 1,
        "first_at": at, "last_at": at
    });
    assert_eq!((&first["gaps"][0], first["gaps"].as_array().unwrap().len()), (&gap, 2), "{first}");
    let (_, rest, _) =
        ask(&server, &token, "GET", &format!("/api/v1/collect/gaps?after={}", first["next"]), None).await;
    assert_eq!((rest["gaps"].as_array().unwrap().len(), &rest["next"]), (1, &json!(null)));
    let (_, connection, _) = ask(&server, &token, "GET", &format!("{CONNECTIONS}/1"), None).await;
    assert_eq!(connection["gaps"], 3);

    let (_, differences, _) = ask(&server, &token, "GET", "/api/v1/collect/differences", None).await;
    let difference = json!({
        "id": 1, "connection_id": 1, "instance": "a==", "field": "participants", "seen_at": at,
        "sources": [{"source": "stored", "value": "40"}, {"source": "report", "value": "41"}]
    });
    assert_eq!(differences, json!({"differences": [difference], "next": null}));
    let (_, unknown, _) = ask(&server, &token, "GET", "/api/v1/collect/unknown-values", None).await;
    let value = json!({
        "id": 1, "connection_id": 1, "operation": "users", "path": "users.mood", "entries": 4, "first_at": at, "last_at": at
    });
    assert_eq!(unknown, json!({"unknown_values": [value], "next": null}));

    for list in ["gaps", "differences", "unknown-values"] {
        for query in ["limit=0", "limit=301", "after=-1", "page=2"] {
            let path = format!("/api/v1/collect/{list}?{query}");
            assert_eq!(ask(&server, &token, "GET", &path, None).await.0, 400, "{path}");
        }
    }

    let hidden = server.token("collect:read rollcall:sql:anonymous", None).await;
    let (_, gaps, _) = ask(&server, &hidden, "GET", "/api/v1/collect/gaps", None).await;
    assert_eq!((&gaps["gaps"][0]["request"], &gaps["gaps"][0]["detail"]), (&json!(null), &json!(null)));
    let (_, differences, _) = ask(&server, &hidden, "GET", "/api/v1/collect/differences", None).await;
    assert_eq!(differences["differences"][0]["sources"][1], json!({"source": "report", "value": null}));
    assert!(!gaps.to_string().contains("example.com"), "{gaps}");
    let body = Some(json!({"query": "SELECT request, detail, reason FROM collect_gaps LIMIT 1"}));
    let (_, rows, _) = ask(&server, &hidden, "POST", "/api/v1/sql", body).await;
    assert_eq!(rows["rows"], json!([[null, null, "not found"]]), "{rows}");
}

#[tokio::test]
async fn accounts_and_scopes_are_walls() {
    let (server, token) = world(Settings::default()).await;
    ask(&server, &token, "POST", CONNECTIONS, Some(zoom())).await;
    find(&server, ConnectionId(1)).await;
    let reader = server.token("collect:read", None).await;
    let path = format!("{CONNECTIONS}/1");
    assert_eq!(ask(&server, &reader, "GET", &path, None).await.0, 200);
    for (method, path, body) in [
        ("POST", CONNECTIONS.to_owned(), Some(zoom())),
        ("PATCH", path.clone(), Some(json!({"name": "x"}))),
        ("DELETE", path.clone(), None),
        ("POST", format!("{path}/run"), None),
    ] {
        assert_eq!(ask(&server, &reader, method, &path, body).await.0, 403, "{method} {path}");
    }
    let none = server.token("rollcall:sql", None).await;
    for list in ["connections", "gaps", "differences", "unknown-values"] {
        assert_eq!(ask(&server, &none, "GET", &format!("/api/v1/collect/{list}"), None).await.0, 403, "{list}");
    }

    let server = server.in_another_account().await;
    let other = server.token("collect:manage rollcall:sql", None).await;
    for (method, path, body) in [
        ("GET", path.clone(), None),
        ("PATCH", path.clone(), Some(json!({"name": "x"}))),
        ("POST", format!("{path}/run"), None),
        ("DELETE", path.clone(), None),
    ] {
        assert_eq!(ask(&server, &other, method, &path, body).await.0, 404, "{method} {path}");
    }
    for (list, key) in [
        ("connections", "connections"),
        ("gaps", "gaps"),
        ("differences", "differences"),
        ("unknown-values", "unknown_values"),
    ] {
        let (_, found, _) = ask(&server, &other, "GET", &format!("/api/v1/collect/{list}"), None).await;
        assert_eq!(found[key], json!([]), "{list}");
    }
}
