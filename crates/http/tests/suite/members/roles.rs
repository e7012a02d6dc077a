//! Every role and every operation: what is refused, and what is let through to its handler.

use std::{collections::BTreeMap, fmt::Write as _};

use rollcall_http::{api_document, webex_document, zoom_document};
use rollcall_model::{Access, Role};
use serde_json::{Value, json};

use super::{ask, join, of_page, send, tell, world};

/// Ids of nothing: a handler that is reached answers 400 or 404.
fn target(path: &str) -> String {
    let mut target = String::new();
    for segment in path.split('/').skip(1) {
        target.push('/');
        target.push_str(if segment.starts_with('{') { "999999" } else { segment });
    }
    target
}

/// The guarded operations of all surfaces, by method and path.
fn operations() -> Vec<(String, String, bool)> {
    let documents = [zoom_document(), webex_document(), api_document()];
    let mut all = Vec::new();
    for document in documents.map(|document| serde_json::to_value(document).unwrap()) {
        for (path, item) in document["paths"].as_object().unwrap() {
            for (method, operation) in item.as_object().unwrap() {
                // Pages send its token in the body, which is read first.
                if operation.get("x-scopes").is_some() && path != "/ingest/v1/webrtc" {
                    let own = operation["x-scopes"].as_array().unwrap().iter().filter_map(Value::as_str);
                    let all_own = own.clone().all(rollcall_auth::is_own_scope);
                    all.push((method.to_uppercase(), path.clone(), all_own));
                }
            }
        }
    }
    assert!(all.len() > 150, "{}", all.len());
    all
}

#[tokio::test]
async fn each_role_may_do_what_the_table_says_and_nothing_else() {
    let (server, admin) = world().await;
    let viewer = Access::of(Role::Viewer);
    let hidden = Access::new(Role::Viewer, true).unwrap();
    let cookies = [
        ("hidden", join(&server, "hidden@example.com", hidden).await),
        ("viewer", join(&server, "viewer@example.com", viewer).await),
        ("analyst", join(&server, "analyst@example.com", Access::of(Role::Analyst)).await),
        ("administrator", admin),
    ];
    let names = cookies.each_ref().map(|(name, _)| *name);
    let mut table = BTreeMap::new();
    for (method, path, all_own) in operations() {
        let mut allowed = Vec::new();
        for (role, cookie) in &cookies {
            let body = (method != "GET").then(|| json!({}));
            let answer = send(&server, of_page(&method, &target(&path), cookie, body.as_ref())).await;
            match answer.status {
                // No cookie ever sends data in.
                401 | 403 => {}
                _ => allowed.push(*role),
            }
        }
        assert!(!all_own || allowed.is_empty(), "{method} {path}: members have no records of their own");
        // A role may do all that lesser ones may.
        assert!(names.ends_with(&allowed), "{method} {path}: {allowed:?}");
        if path.starts_with("/ingest/") {
            assert_eq!(allowed, [""; 0], "{path}");
        }
        if method != "GET" && !path.starts_with("/api/") && !path.ends_with("/query") {
            assert!(!allowed.contains(&"viewer"), "{method} {path}");
        }
        table.insert(format!("{path} {method}"), allowed);
    }
    let mut text = String::new();
    for (operation, allowed) in &table {
        let least = allowed.first().copied().unwrap_or("nobody");
        writeln!(text, "{operation}: {least}").unwrap();
    }
    insta::assert_snapshot!("roles", text);
}

#[tokio::test]
async fn a_member_is_told_which_role_it_takes() {
    let (server, _) = world().await;
    let hidden = join(&server, "hidden@example.com", Access::new(Role::Viewer, true).unwrap()).await;
    let viewer = join(&server, "viewer@example.com", Access::of(Role::Viewer)).await;
    let told = async |method: &str, target: &str, cookie: &str| {
        let answer = ask(&server, method, target, cookie).await;
        assert_eq!(answer.status, 403, "{target}");
        answer.body.to_string()
    };
    let hides = "Names are hidden from you.";
    for target in ["/v2/users", "/v1/people", "/api/v1/persons/aliases"] {
        let told = told("GET", target, &hidden).await;
        assert!(told.contains(hides), "{target}: {told}");
    }
    assert!(told("GET", "/api/v1/members", &viewer).await.contains("Administrators can"));
    assert!(told("GET", "/api/v1/erasures", &viewer).await.contains("Administrators can"));
}

#[tokio::test]
async fn a_role_that_reads_a_resource_writes_no_webhooks_about_it() {
    let (server, admin) = world().await;
    let analyst = join(&server, "analyst@example.com", Access::of(Role::Analyst)).await;
    let webhook = json!({
        "name": "Out", "targetUrl": "https://evil.example/", "resource": "meetings", "event": "ended", "ownedBy": "org"
    });
    let create = async |cookie: &str| tell(&server, "POST", "/v1/webhooks", cookie, webhook.clone()).await;
    let refused = create(&analyst).await;
    assert_eq!(refused.status, 403, "{}", refused.body);
    assert_ne!(create(&admin).await.status, 403);
}

#[tokio::test]
async fn a_token_may_have_the_scopes_of_a_role() {
    let (server, _) = world().await;
    let token = server.token("members:read", None).await;
    let mut request = of_page("GET", "/api/v1/members", "", None);
    request.headers_mut().insert("authorization", format!("Bearer {token}").parse().unwrap());
    assert_eq!(send(&server, request).await.status, 200);
    let mut request = of_page("DELETE", "/api/v1/members/1", "", None);
    request.headers_mut().insert("authorization", format!("Bearer {token}").parse().unwrap());
    assert_eq!(send(&server, request).await.status, 403);
}
