//! What members see of names, and what the audit log records of members.

use rollcall_http::Settings;
use rollcall_model::{Access, Participant, Role};
use serde_json::{Value, json};

use super::{PASSWORD, ask, id_of, join, sign_in, tell};
use crate::common::{Server, batch_of, past_instance};

const UUID: &str = "AAAAAAAAAAAAAAAAAAAAAA==";

/// A server with SQL, an administrator and a meeting with one participant; and the administrator's cookie.
async fn world() -> (Server, String) {
    let server = Server::in_files(Settings::default()).await;
    let mut instance = past_instance(UUID);
    instance.topic = Some("Launch".into());
    instance.host_email = Some("host@example.com".into());
    let ada = Participant { user_name: Some("Ada".into()), user_id: "1".into(), ..Participant::default() };
    server.ingest(&batch_of(instance, [ada])).await;
    let admin = join(&server, "admin@example.com", Access::of(Role::Administrator)).await;
    (server, admin)
}

async fn rows(server: &Server, cookie: &str, query: &str) -> Value {
    let answer = tell(server, "POST", "/api/v1/sql", cookie, json!({"query": query})).await;
    assert_eq!(answer.status, 200, "{}", answer.body);
    answer.body["rows"].clone()
}

#[tokio::test]
async fn names_are_hidden_from_a_viewer_and_shown_to_others_on_the_same_connections() {
    let (server, admin) = world().await;
    let hidden = join(&server, "hidden@example.com", Access::new(Role::Viewer, true).unwrap()).await;
    let viewer = join(&server, "viewer@example.com", Access::of(Role::Viewer)).await;
    let query =
        "SELECT p.user_name, i.email, i.topic FROM participants AS p JOIN instances AS i ON i.uuid = p.instance_uuid";
    for _ in 0..3 {
        for (cookie, expected) in [
            (&admin, json!([["Ada", "host@example.com", "Launch"]])),
            (&hidden, json!([[null, null, "Launch"]])),
            (&viewer, json!([["Ada", "host@example.com", "Launch"]])),
        ] {
            assert_eq!(rows(&server, cookie, query).await, expected);
        }
    }
    let found = "SELECT count(*) FROM participants WHERE user_name = 'Ada'";
    assert_eq!(rows(&server, &hidden, found).await, json!([[0]]));
    assert_eq!(ask(&server, "GET", "/api/v1/sql/schema", &hidden).await.status, 200);
    // The same holds for tokens.
    for (scopes, expected) in
        [("rollcall:sql:anonymous", 0), ("rollcall:sql", 1), ("rollcall:sql rollcall:sql:anonymous", 1)]
    {
        let token = server.token(scopes, None).await;
        let mut request = super::of_page("POST", "/api/v1/sql", "", Some(&json!({"query": found})));
        request.headers_mut().insert("authorization", format!("Bearer {token}").parse().unwrap());
        assert_eq!(super::send(&server, request).await.body["rows"], json!([[expected]]), "{scopes}");
    }
}

#[tokio::test]
async fn the_audit_log_says_who_came_in_and_what_they_changed() {
    let (server, admin) = world().await;
    assert_eq!(sign_in(&server, "admin@example.com", "wrong horse battery").await.status, 401);
    let ana = join(&server, "ana@example.com", Access::of(Role::Analyst)).await;
    let id = id_of(&server, "ana@example.com").await;
    assert_eq!(ask(&server, "GET", "/api/v1/members", &ana).await.status, 403);
    assert_eq!(
        tell(&server, "PATCH", &format!("/api/v1/members/{id}"), &admin, json!({"role": "viewer"})).await.status,
        204
    );
    let invitation = json!({"email": "bob@example.com", "role": "viewer"});
    assert_eq!(tell(&server, "POST", "/api/v1/members", &admin, invitation).await.status, 201);
    let ana = sign_in(&server, "ana@example.com", PASSWORD).await.cookie();
    assert_eq!(ask(&server, "DELETE", "/api/v1/session", &ana).await.status, 204);
    assert_eq!(ask(&server, "DELETE", &format!("/api/v1/members/{id}"), &admin).await.status, 204);
    server.app.flush_audit().await;

    let log = rows(
        &server,
        &admin,
        "SELECT member, operation, effect, status, sum(requests) FROM audit WHERE actor = 'member' GROUP BY 1, 2, 3, 4",
    );
    let log = log.await;
    for expected in [
        json!(["admin@example.com", "acceptInvitation", "grant", 201, 1]),
        json!(["admin@example.com", "signIn", "grant", 201, 1]),
        json!(["admin@example.com", "signIn", "grant", 401, 1]),
        json!(["admin@example.com", "changeMember", "change", 204, 1]),
        json!(["admin@example.com", "inviteMember", "change", 201, 1]),
        json!(["admin@example.com", "removeMember", "change", 204, 1]),
        // Removed, and still named.
        json!(["ana@example.com", "signIn", "grant", 201, 2]),
        json!(["ana@example.com", "signOut", "change", 204, 1]),
        json!(["ana@example.com", "listMembers", "read", 403, 1]),
    ] {
        assert!(log.as_array().unwrap().contains(&expected), "{expected} in {log}");
    }
    let hidden = join(&server, "hidden@example.com", Access::new(Role::Viewer, true).unwrap()).await;
    let seen = rows(&server, &hidden, "SELECT DISTINCT member, address FROM audit").await;
    assert_eq!(seen, json!([[null, null]]));
}
