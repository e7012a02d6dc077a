//! Members who approve apps in the browser that asked.

use axum::{body::Body, http::Request};
use rollcall_auth::CreatedApp;
use rollcall_http::Settings;
use rollcall_model::{Access, Batch, Role, User};
use rollcall_store::{AuthorizationStore as _, MemberStore as _, OAuthStore as _};
use serde_json::json;

use super::{ask, join, sign_in, tell};
use crate::{
    common::{
        Server,
        authorizing::{BACK, Browser, Seen, form, open, param},
    },
    members::PASSWORD,
};

const ADMINISTRATOR: Access = Access::of(Role::Administrator);
/// What a browser sends with a form of the server's own page.
const OWN: &[(&str, &str)] = &[("sec-fetch-site", "same-origin"), ("origin", "http://localhost")];
const APPROVE: &[(&str, &str)] = &[("decision", "approve")];
const DENY: &[(&str, &str)] = &[("decision", "deny")];

async fn app(server: &Server, scopes: &str) -> CreatedApp {
    server.make_app_with(scopes, &[BACK], false).await
}

async fn begin<'s>(server: &'s Server, app: &CreatedApp) -> Browser<'s> {
    let client_id = app.client_id.as_str();
    let query = form(&[("response_type", "code"), ("client_id", client_id), ("redirect_uri", BACK), ("state", "xyz")]);
    Browser::begin(server, &format!("/oauth/authorize?{query}")).await
}

/// Sends the form of a request's page.
async fn post(server: &Server, page: &str, cookies: &str, headers: &[(&str, &str)], body: &[(&str, &str)]) -> Seen {
    let request = Request::builder().method("POST").uri(page).header("host", "localhost").header("cookie", cookies);
    let request = headers.iter().fold(request, |request, (name, value)| request.header(*name, *value));
    let request = request.header("content-type", "application/x-www-form-urlencoded");
    let (parts, bytes) = server.exchange(request.body(Body::from(form(body))).unwrap()).await;
    let text = |name: &str| parts.headers.get(name).map(|value| value.to_str().unwrap().to_owned());
    Seen {
        status: parts.status.as_u16(),
        location: text("location"),
        cookie: text("set-cookie"),
        html: String::from_utf8(bytes.to_vec()).unwrap(),
        headers: parts.headers,
    }
}

fn both(browser: &Browser<'_>, session: &str) -> String {
    format!("{}; {session}", browser.cookie)
}

async fn is_waiting(browser: &Browser<'_>, server: &Server) -> bool {
    let waiting = server.store.waiting_authorizations(server.account, server.now()).await.unwrap();
    waiting.iter().any(|one| one.request.request_code == browser.request_code())
}

fn cookie_of(seen: &Seen) -> String {
    seen.cookie.as_deref().unwrap().split(';').next().unwrap().to_owned()
}

#[tokio::test]
async fn an_administrator_approves_and_only_their_browser_gets_the_code() {
    let (server, admin) = super::world().await;
    let app = app(&server, "user:read:admin meeting:read:admin").await;
    let browser = begin(&server, &app).await;
    let page = open(&server, &browser.page, Some(&both(&browser, &admin))).await;
    assert_eq!(page.status, 200);
    for shown in ["signed in as Somebody", "Users, with names", "app.example", "value=\"approve\"", "value=\"deny\""] {
        assert!(page.html.contains(shown), "{shown}: {}", page.html);
    }
    assert!(!page.html.contains("http-equiv=\"refresh\""), "what somebody types would be lost");
    // Browsers then say from which origin the form comes.
    assert_eq!(page.headers["referrer-policy"], "same-origin");
    assert!(page.headers["content-security-policy"].to_str().unwrap().contains("frame-ancestors 'none'"));

    let decided = post(&server, &browser.page, &both(&browser, &admin), OWN, APPROVE).await;
    assert_eq!((decided.status, &decided.location), (200, &None), "{}", decided.html);
    assert!(
        decided.html.contains("tests is approved") && decided.html.contains("http-equiv=\"refresh\" content=\"0; url=")
    );
    // The former secret may be planted or leaked.
    let stale = browser.reload().await;
    assert_eq!((stale.status, stale.location), (404, None));
    let own = cookie_of(&decided);
    assert_ne!(own, browser.cookie);
    let back = open(&server, &browser.page, Some(&own)).await;
    let location = back.location.unwrap();
    assert!(back.status == 303 && location.starts_with(BACK) && param(&location, "code").is_some(), "{location}");
    assert_eq!(param(&location, "state").as_deref(), Some("xyz"));
}

#[tokio::test]
async fn an_administrator_denies() {
    let (server, admin) = super::world().await;
    let browser = begin(&server, &app(&server, "user:read:admin").await).await;
    let decided = post(&server, &browser.page, &both(&browser, &admin), OWN, DENY).await;
    assert!(decided.html.contains("tests gets no access"), "{}", decided.html);
    let location = open(&server, &browser.page, Some(&cookie_of(&decided))).await.location.unwrap();
    assert_eq!((param(&location, "error").as_deref(), param(&location, "code")), (Some("access_denied"), None));
}

#[tokio::test]
async fn other_roles_and_other_accounts_only_see_that_it_waits() {
    let (server, admin) = super::world().await;
    let browser = begin(&server, &app(&server, "user:read:admin").await).await;
    let hidden = Access::new(Role::Viewer, true).unwrap();
    for (n, access) in [hidden, Access::of(Role::Viewer), Access::of(Role::Analyst)].into_iter().enumerate() {
        let session = join(&server, &format!("m{n}@example.com"), access).await;
        let page = open(&server, &browser.page, Some(&both(&browser, &session))).await;
        assert!(page.html.contains("Your role cannot approve apps") && !page.html.contains("<form"), "{}", page.html);
        assert!(page.html.contains("http-equiv=\"refresh\""));
        for decision in [APPROVE, DENY] {
            let refused = post(&server, &browser.page, &both(&browser, &session), OWN, decision).await;
            assert_eq!((refused.status, &refused.cookie), (403, &None), "{access:?}");
            assert!(refused.html.contains("Your role does not allow this"), "{}", refused.html);
        }
    }
    let browser_page = browser.page.clone();
    let own_cookie = browser.cookie.clone();
    let code = browser.request_code().to_owned();
    let account = server.account;
    let other = server.in_another_account().await;
    let stranger = join(&other, "other@example.com", ADMINISTRATOR).await;
    for session in ["", "rollcall=forged", &stranger] {
        let cookies = format!("{own_cookie}; {session}");
        let page = open(&other, &browser_page, Some(&cookies)).await;
        let link = format!("/signin?next=%2Foauth%2Fauthorize%2F{code}");
        let html = page.html.replace("&#x2f;", "/");
        assert!(html.contains(&link) && !html.contains("<form") && html.contains(&code), "{html}");
        for decision in [APPROVE, DENY] {
            let refused = post(&other, &browser_page, &cookies, OWN, decision).await;
            assert_eq!((refused.status, &refused.cookie), (403, &None), "{session}");
        }
    }
    let waiting = other.store.waiting_authorizations(account, other.now()).await.unwrap();
    assert_eq!(waiting.len(), 1);
    let decided = post(&other, &browser_page, &format!("{own_cookie}; {admin}"), OWN, APPROVE).await;
    assert_eq!(decided.status, 200);
}

#[tokio::test]
async fn nobody_grants_more_than_their_role_allows() {
    let (server, admin) = super::world().await;
    for scopes in ["", "ingest:write", "user:read:admin ingest:webrtc"] {
        let browser = begin(&server, &app(&server, scopes).await).await;
        let page = open(&server, &browser.page, Some(&both(&browser, &admin))).await;
        assert!(page.html.contains("more than your role allows") && page.html.contains("rollcall app approve"));
        assert!(!page.html.contains("value=\"approve\"") && page.html.contains("value=\"deny\""), "{}", page.html);
        let refused = post(&server, &browser.page, &both(&browser, &admin), OWN, APPROVE).await;
        assert_eq!((refused.status, refused.cookie.is_none()), (403, true), "{scopes}");
        assert!(is_waiting(&browser, &server).await);
        assert_eq!(post(&server, &browser.page, &both(&browser, &admin), OWN, DENY).await.status, 200);
    }
}

#[tokio::test]
async fn an_app_for_one_user_needs_one() {
    let (server, admin) = super::world().await;
    let ann = User { id: "u1".into(), email: "ann@example.com".into(), ..User::default() };
    server.ingest(&Batch { users: vec![ann], ..Batch::default() }).await;
    let app = app(&server, "user:read").await;
    let browser = begin(&server, &app).await;
    let cookies = both(&browser, &admin);
    for (user, told) in [("", "name the user"), ("  ", "name the user"), ("nobody", "no user with this id")] {
        let refused = post(&server, &browser.page, &cookies, OWN, &[("decision", "approve"), ("user", user)]).await;
        assert!(refused.status == 400 && refused.html.contains(told), "{user}: {}", refused.html);
        assert!(refused.html.contains("<form") && refused.cookie.is_none());
    }
    for decision in [&[][..], &[("decision", "maybe")], &[("decision", "deny"), ("decision", "approve")]] {
        assert_eq!(post(&server, &browser.page, &cookies, OWN, decision).await.status, 400);
    }
    assert!(is_waiting(&browser, &server).await);
    let user = &[("decision", "approve"), ("user", " ANN@example.com ")];
    let decided = post(&server, &browser.page, &cookies, OWN, user).await;
    assert_eq!(decided.status, 200, "{}", decided.html);
    let secret = cookie_of(&decided);
    let secret = rollcall_model::SecretHash::of(secret.split_once('=').unwrap().1);
    let found = server.store.find_authorization(&secret, server.now());
    assert_eq!(found.await.unwrap().unwrap().user_id.unwrap().as_str(), "u1");
}

#[tokio::test]
async fn another_site_decides_nothing() {
    let (server, admin) = super::world().await;
    let browser = begin(&server, &app(&server, "user:read:admin").await).await;
    for headers in [
        &[][..],
        &[("origin", "http://evil.example")],
        &[("origin", "null")],
        &[("origin", "https://localhost")],
        &[("sec-fetch-site", "cross-site"), ("origin", "http://localhost")],
        &[("sec-fetch-site", "same-site")],
        &[("sec-fetch-site", "none")],
    ] {
        for decision in [APPROVE, DENY] {
            let refused = post(&server, &browser.page, &both(&browser, &admin), headers, decision).await;
            assert_eq!((refused.status, refused.cookie.is_none()), (403, true), "{headers:?}");
        }
    }
    assert!(is_waiting(&browser, &server).await);
    for method in ["PUT", "PATCH", "DELETE"] {
        let request = Request::builder().method(method).uri(&browser.page).header("cookie", both(&browser, &admin));
        assert_eq!(server.exchange(request.body(Body::empty()).unwrap()).await.0.status, 405);
    }
    let query = format!("{}?decision=approve", browser.page);
    assert_eq!(open(&server, &query, Some(&both(&browser, &admin))).await.status, 200);
    assert_eq!(post(&server, &query, &both(&browser, &admin), OWN, &[]).await.status, 400, "not in the query");
    assert!(is_waiting(&browser, &server).await, "a visit changes nothing");
}

#[tokio::test]
async fn a_decision_takes_the_browser_that_asked_and_a_session_that_lasts() {
    let (server, admin) = super::world().await;
    let app = app(&server, "user:read:admin").await;
    let (browser, other) = (begin(&server, &app).await, begin(&server, &app).await);
    let forged = format!("authorize-{}=forged", browser.request_code());
    let name_of_other = other.cookie.replace(other.request_code(), browser.request_code());
    for cookies in [admin.clone(), format!("{admin}; {forged}"), format!("{admin}; {name_of_other}")] {
        let seen = post(&server, &browser.page, &cookies, OWN, APPROVE).await;
        assert_eq!((seen.status, &seen.cookie, &seen.location), (200, &None, &None), "{}", seen.html);
        assert!(seen.html.contains("This request was decided"));
    }
    assert!(is_waiting(&browser, &server).await && is_waiting(&other, &server).await);

    // A leaked session is of no use after signing out.
    let again = sign_in(&server, "admin@example.com", PASSWORD).await.cookie();
    assert_eq!(ask(&server, "DELETE", "/api/v1/session", &admin).await.status, 204);
    assert_eq!(post(&server, &browser.page, &both(&browser, &admin), OWN, APPROVE).await.status, 403);
    assert_eq!(post(&server, &browser.page, &both(&browser, &again), OWN, APPROVE).await.status, 200);
    assert!(!is_waiting(&browser, &server).await);
}

#[tokio::test]
async fn a_request_is_decided_once_and_in_time() {
    let (server, admin) = super::world().await;
    let app = app(&server, "user:read:admin").await;
    let browser = begin(&server, &app).await;
    let cookies = both(&browser, &admin);
    let first = post(&server, &browser.page, &cookies, OWN, APPROVE).await;
    for decision in [APPROVE, DENY] {
        let second = post(&server, &browser.page, &cookies, OWN, decision).await;
        assert!(second.status == 200 && second.cookie.is_none() && second.html.contains("was decided"));
        let third = post(&server, &browser.page, &format!("{}; {admin}", cookie_of(&first)), OWN, decision).await;
        assert!(third.status == 200 && third.cookie.is_none(), "{}", third.html);
    }
    let location = open(&server, &browser.page, Some(&cookie_of(&first))).await.location.unwrap();
    assert!(param(&location, "code").is_some());

    let late = begin(&server, &app).await;
    server.clock.advance_seconds(600);
    let seen = post(&server, &late.page, &both(&late, &admin), OWN, APPROVE).await;
    assert!(seen.cookie.is_none() && !seen.html.contains("is approved"), "{}", seen.html);
    let revoked = begin(&server, &app).await;
    server.store.revoke_app(server.account, &app.client_id, server.now()).await.unwrap();
    let seen = post(&server, &revoked.page, &both(&revoked, &admin), OWN, APPROVE).await;
    assert!(seen.cookie.is_none() && !seen.html.contains("is approved"));
}

#[tokio::test]
async fn the_audit_log_names_the_member() {
    let server = Server::in_files(Settings::default()).await;
    let admin = join(&server, "admin@example.com", ADMINISTRATOR).await;
    let app = app(&server, "user:read:admin").await;
    for decision in [APPROVE, DENY] {
        let browser = begin(&server, &app).await;
        assert_eq!(post(&server, &browser.page, &both(&browser, &admin), OWN, decision).await.status, 200);
    }
    let query = "SELECT member, operation, effect, target FROM audit WHERE target = 'app' ORDER BY operation";
    let rows = tell(&server, "POST", "/api/v1/sql", &admin, json!({"query": query})).await.body["rows"].clone();
    let expected =
        json!(
            [["admin@example.com", "approveApp", "grant", "app"], ["admin@example.com", "denyApp", "change", "app"],]
        );
    assert_eq!(rows, expected);
    assert_eq!(server.store.members(server.account).await.unwrap().len(), 1);
}

#[tokio::test]
async fn hostile_addresses_are_shown_as_text() {
    let (server, admin) = super::world().await;
    let page = "/oauth/authorize/%3Cscript%3E%0d%0aX:1";
    let seen = post(&server, page, &admin, OWN, APPROVE).await;
    assert!(!seen.html.contains("<script>X") && !seen.headers.contains_key("x"), "{}", seen.html);
    let app = server.make_app_with("user:read:admin", &[BACK], false).await;
    let browser = begin(&server, &app).await;
    let user = &[("decision", "approve"), ("user", "<script>alert(1)</script>")];
    let seen = post(&server, &browser.page, &both(&browser, &admin), OWN, user).await;
    assert!(seen.status == 400 && !seen.html.contains("<script>alert"), "{}", seen.html);
}
