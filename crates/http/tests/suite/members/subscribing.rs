//! `/api/v1/subscriptions`, and the links of mails.

use rollcall_auth::{TokenRequest, create_token};
use rollcall_http::Settings;
use rollcall_mail::Rights as _;
use rollcall_model::{Access, Role, Scopes, SecretHash, TokenKind};
use rollcall_sql::Names;
use rollcall_store::{Begun, MemberStore as _, SubscriptionId, SubscriptionStore as _};
use serde_json::{Value, json};

use super::{Answer, ask, id_of, join, of_page, send, tell};
use crate::common::Server;

const PATH: &str = "/api/v1/subscriptions";

/// A server that sends mail, with the cookies of an administrator and of a viewer from whom names are hidden.
async fn world() -> (Server, String, String) {
    let settings = Settings { mail_from: Some("Rollcall <rollcall@example.com>".to_owned()), ..Settings::default() };
    let server = Server::new(settings).await;
    let admin = join(&server, "admin@example.com", Access::of(Role::Administrator)).await;
    let ana = join(&server, "ana@example.com", Access::new(Role::Viewer, true).unwrap()).await;
    (server, admin, ana)
}

fn weekly() -> Value {
    json!({"name": "Quality", "query": "SELECT ?", "values": [{"ago": "7d"}], "view": "/quality?last=7d",
        "every": "week", "weekday": "monday", "hour": 8, "time_zone": "Europe/Paris"})
}

/// The same with other keys.
fn with(changes: &Value) -> Value {
    let mut body = weekly();
    for (key, value) in changes.as_object().unwrap() {
        body[key] = value.clone();
    }
    body
}

async fn subscribe(server: &Server, cookie: &str, body: Value) -> Answer {
    tell(server, "POST", PATH, cookie, body).await
}

#[tokio::test]
async fn a_member_subscribes_changes_pauses_and_deletes() {
    let (server, _, ana) = world().await;
    let made = subscribe(&server, &ana, weekly()).await;
    assert_eq!(made.status, 201, "{}", made.body);
    // A Monday: the time in the tests is 2026-09-21T14:13:20Z.
    assert_eq!((&made.body["next_at"], &made.body["weekday"]), (&json!("2026-09-28T06:00:00Z"), &json!("monday")));
    assert_eq!(made.body["member"]["email"], "ana@example.com");
    assert_eq!((&made.body["values"], &made.body["paused"]), (&json!([{"ago": "7d"}]), &json!(null)));
    let path = format!("{PATH}/{}", made.body["id"]);
    assert_eq!(ask(&server, "GET", &path, &ana).await.body, made.body);
    let listed = ask(&server, "GET", PATH, &ana).await.body;
    assert_eq!(listed, json!({"mail_from": "Rollcall <rollcall@example.com>", "subscriptions": [made.body]}));

    let daily = tell(&server, "PATCH", &path, &ana, json!({"every": "day", "hour": 20})).await.body;
    assert_eq!((&daily["next_at"], &daily["weekday"]), (&json!("2026-09-21T18:00:00Z"), &json!(null)));
    let answer = tell(&server, "PATCH", &path, &ana, json!({"every": "week"})).await;
    assert!(answer.status == 400 && answer.message().contains("`weekday`"), "{}", answer.body);
    let paused = tell(&server, "PATCH", &path, &ana, json!({"paused": true, "name": "Rooms"})).await.body;
    assert_eq!(
        (&paused["paused"], &paused["next_at"], &paused["name"]),
        (&json!("member"), &json!(null), &json!("Rooms"))
    );
    assert_eq!(ask(&server, "POST", &format!("{path}/send"), &ana).await.status, 409);
    let resumed = tell(&server, "PATCH", &path, &ana, json!({"paused": false})).await.body;
    assert_eq!((&resumed["paused"], &resumed["next_at"]), (&json!(null), &json!("2026-09-21T18:00:00Z")));

    let sent = ask(&server, "POST", &format!("{path}/send"), &ana).await;
    assert_eq!((sent.status, &sent.body["next_at"]), (202, &json!("2026-09-21T14:13:20Z")));
    assert_eq!(server.store.due_subscriptions(server.now(), 9).await.unwrap().len(), 1);
    assert_eq!(ask(&server, "DELETE", &path, &ana).await.status, 204);
    assert_eq!(ask(&server, "GET", &path, &ana).await.status, 404);
}

#[tokio::test]
async fn members_reach_their_own_and_administrators_all() {
    let (server, admin, ana) = world().await;
    let own = subscribe(&server, &ana, weekly()).await.body;
    let others = subscribe(&server, &admin, with(&json!({"email": "ADMIN@example.com"}))).await.body;
    let by_admin = subscribe(&server, &admin, with(&json!({"email": "ana@example.com"}))).await.body;
    assert_eq!(by_admin["member"]["email"], "ana@example.com");
    let count =
        async |cookie: &str| ask(&server, "GET", PATH, cookie).await.body["subscriptions"].as_array().unwrap().len();
    assert_eq!((count(&ana).await, count(&admin).await), (2, 3));
    let path = format!("{PATH}/{}", others["id"]);
    for (method, target) in [("GET", path.clone()), ("DELETE", path.clone()), ("POST", format!("{path}/send"))] {
        assert_eq!(ask(&server, method, &target, &ana).await.status, 404, "{method} {target}");
    }
    assert_eq!(tell(&server, "PATCH", &path, &ana, json!({"paused": true})).await.status, 404);
    let path = format!("{PATH}/{}", own["id"]);
    assert_eq!(tell(&server, "PATCH", &path, &admin, json!({"paused": true})).await.status, 200);
}

#[tokio::test]
async fn mail_goes_to_members_of_the_account_only() {
    let (server, admin, ana) = world().await;
    let analyst = join(&server, "bob@example.com", Access::of(Role::Analyst)).await;
    for email in ["admin@example.com", "stranger@example.com"] {
        let answer = subscribe(&server, &analyst, with(&json!({"email": email}))).await;
        assert_eq!(
            (answer.status, answer.message()),
            (403, "Only administrators can subscribe other members."),
            "{email}"
        );
    }
    for email in ["stranger@example.com", "", "a@b\r\nBcc: eve@example.com"] {
        let answer = subscribe(&server, &admin, with(&json!({"email": email}))).await;
        assert!(answer.status == 400 && answer.message().contains("members only"), "{email}: {}", answer.body);
    }
    let request =
        TokenRequest { scopes: Scopes::listed(["subscriptions:write"]), kind: TokenKind::Access, ..server.any_token() };
    let (store, clock, entropy) = (&*server.app.store, &*server.app.clock, &*server.app.entropy);
    let token = create_token(store, clock, entropy, request).await.unwrap().secret;
    let by_token = async |body: Value| {
        let mut request = of_page("POST", PATH, "", Some(&body));
        request.headers_mut().insert("authorization", format!("Bearer {}", token.expose()).parse().unwrap());
        send(&server, request).await
    };
    assert!(by_token(weekly()).await.message().starts_with("`email` is missing"));
    assert_eq!(by_token(with(&json!({"email": "stranger@example.com"}))).await.status, 400);
    assert_eq!(by_token(with(&json!({"email": "ana@example.com"}))).await.status, 201);

    // A member of another account is a stranger here.
    let other = server.in_another_account().await;
    let boss = join(&other, "boss@example.com", Access::of(Role::Administrator)).await;
    assert_eq!(subscribe(&other, &boss, with(&json!({"email": "ana@example.com"}))).await.status, 400);
    assert_eq!(ask(&other, "GET", PATH, &boss).await.body["subscriptions"], json!([]));
    assert_eq!(ask(&other, "GET", &format!("{PATH}/1"), &boss).await.status, 404);
    assert_eq!(ask(&other, "GET", &format!("{PATH}/1"), &ana).await.status, 200);
}

#[tokio::test]
async fn a_wrong_field_is_named() {
    let (server, _, ana) = world().await;
    for (changes, told) in [
        (json!({"name": " "}), "`name`"),
        (json!({"name": "Rooms\r\nBcc: eve@example.com"}), "`name`"),
        (json!({"name": "x".repeat(151)}), "`name`"),
        (json!({"query": ""}), "`query`"),
        (json!({"query": null}), "`query` is missing"),
        (json!({"saved_query_id": 1}), "exclude each other"),
        (json!({"query": null, "values": [], "saved_query_id": 9}), "`saved_query_id`"),
        (json!({"query": null, "saved_query_id": 9}), "`values`"),
        (json!({"values": [{"ago": "soon"}]}), "`values[0]`"),
        (json!({"values": ["a", true]}), "`values[1]`"),
        (json!({"view": "https://evil.example"}), "`view`"),
        (json!({"view": "//evil.example"}), "`view`"),
        (json!({"every": "month"}), "month"),
        (json!({"weekday": null}), "`weekday`"),
        (json!({"hour": 24}), "`hour`"),
        (json!({"time_zone": "Paris"}), "`time_zone`"),
        (json!({"more": 1}), "more"),
    ] {
        let answer = subscribe(&server, &ana, with(&changes)).await;
        assert!(answer.status == 400 && answer.message().contains(told), "{changes}: {}", answer.body);
    }
}

#[tokio::test]
async fn a_server_without_mail_says_what_its_operator_has_to_set() {
    let (server, admin) = super::world().await;
    let answer = subscribe(&server, &admin, weekly()).await;
    assert!(answer.status == 409 && answer.message().contains("`mail.server`"), "{}", answer.body);
    assert_eq!(ask(&server, "GET", PATH, &admin).await.body, json!({"mail_from": null, "subscriptions": []}));
}

#[tokio::test]
async fn a_member_has_a_limited_number() {
    let (server, _, ana) = world().await;
    for _ in 0..20 {
        assert_eq!(subscribe(&server, &ana, weekly()).await.status, 201);
    }
    let answer = subscribe(&server, &ana, weekly()).await;
    assert_eq!((answer.status, answer.message()), (409, "a member has at most 20 subscriptions."));
}

/// Begins a mail of the subscription, as the job does, and returns the path of its link.
async fn begin(server: &Server, id: &Value) -> String {
    let due = server.store.subscription(server.account, SubscriptionId(id.as_i64().unwrap())).await.unwrap().unwrap();
    let begun = server.store.begin_mail(&due, SecretHash::of("s3cret"), server.now()).await.unwrap();
    assert_eq!(begun, Begun::Yes);
    "/unsubscribe/s3cret".to_owned()
}

#[tokio::test]
async fn a_link_unsubscribes_without_a_session_but_not_by_being_opened() {
    let (server, admin, ana) = world().await;
    let made = subscribe(&server, &ana, with(&json!({"name": "Rooms <script>"}))).await.body;
    let path = format!("{PATH}/{}", made["id"]);
    let link = begin(&server, &made["id"]).await;
    // Programs that look at mail open links, also twice.
    for method in ["GET", "HEAD", "GET"] {
        let (parts, page) = server.exchange(of_page(method, &link, "", None)).await;
        let page = String::from_utf8_lossy(&page).into_owned();
        assert_eq!((parts.status.as_u16(), &parts.headers["cache-control"]), (200, &"no-store".parse().unwrap()));
        assert_eq!(parts.headers["referrer-policy"], "no-referrer");
        assert!(
            method == "HEAD" || page.contains("Rooms &lt;script&gt;") && page.contains("method=\"post\""),
            "{page}"
        );
    }
    assert_eq!(ask(&server, "GET", &path, &ana).await.body["paused"], json!(null));

    // As a mail program does by RFC 8058, from no page of this server.
    let one_click = axum::http::Request::builder()
        .method("POST")
        .uri(&link)
        .header("content-type", "application/x-www-form-urlencoded")
        .body("List-Unsubscribe=One-Click".into())
        .unwrap();
    assert_eq!(server.exchange(one_click).await.0.status, 200);
    assert_eq!(ask(&server, "GET", &path, &ana).await.body["paused"], json!("unsubscribed"));
    assert_eq!(ask(&server, "POST", "/unsubscribe/guess", "").await.status, 404);
    assert_eq!(ask(&server, "GET", "/unsubscribe/guess", "").await.status, 404);

    // Nobody but the recipient resumes it.
    let resume = json!({"paused": false});
    assert_eq!(tell(&server, "PATCH", &path, &admin, resume.clone()).await.status, 403);
    assert_eq!(tell(&server, "PATCH", &path, &ana, resume).await.body["paused"], json!(null));
}

#[tokio::test]
async fn sending_now_does_not_forget_a_mail_that_may_have_arrived() {
    let (server, _, ana) = world().await;
    let made = subscribe(&server, &ana, weekly()).await.body;
    begin(&server, &made["id"]).await;
    assert_eq!(ask(&server, "POST", &format!("{PATH}/{}/send", made["id"]), &ana).await.status, 202);
    let [due] = &server.store.due_subscriptions(server.now(), 9).await.unwrap()[..] else { panic!("one is due") };
    assert_eq!(due.unknown, 1);
}

#[tokio::test]
async fn a_recipient_who_is_gone_has_no_name_and_gets_nothing() {
    let (server, admin, ana) = world().await;
    subscribe(&server, &ana, weekly()).await;
    let id = id_of(&server, "ana@example.com").await;
    assert_eq!(ask(&server, "DELETE", &format!("/api/v1/members/{id}"), &admin).await.status, 204);
    let listed = ask(&server, "GET", PATH, &admin).await.body;
    assert_eq!(listed["subscriptions"][0]["member"], json!(null));
}

#[tokio::test]
async fn a_mailed_query_sees_what_the_member_sees() {
    let (server, _, _) = world().await;
    let seen = Access::ALL.map(|access| server.app.names(access));
    assert_eq!(seen, [Some(Names::Hidden), Some(Names::Shown), Some(Names::Shown), Some(Names::Shown)]);
    assert!(server.store.find_member("ana@example.com").await.unwrap().is_some());
}
