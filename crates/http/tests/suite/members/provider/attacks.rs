//! Attacks on the way to a provider and back.

use std::time::Duration;

use axum::http::StatusCode;
use rollcall_http::Settings;
use rollcall_model::{Access, Role};
use rollcall_store::MemberStore as _;
use serde_json::json;

use super::{Document, Provider, Seen, Trip, enter, visit, world};
use crate::{
    common::Server,
    members::{join, status_of},
};

#[track_caller]
fn assert_refused(seen: &Seen, status: u16, what: &str) {
    assert_eq!((seen.status, &seen.location, seen.session()), (status, &None, String::new()), "{what}");
    assert!(seen.html.contains("You are not signed in") && seen.html.contains("href=\"/signin?next="), "{what}");
}

#[tokio::test]
async fn a_code_comes_with_the_state_and_the_cookie_of_one_attempt() {
    let provider = Provider::start().await;
    let providers = vec![provider.settings("company"), provider.settings("other")];
    let server = Server::new(Settings { providers, ..Settings::default() }).await;
    let trip = Trip::begin(&server, "company").await;
    let stranger = Trip::begin(&server, "company").await;
    let code = provider.code(&trip, provider.grant(&trip, "ana", &["it"]));
    let back = |state: &str| format!("/auth/company/callback?code={code}&{state}");
    let own = format!("state={}", trip.state);
    for (target, cookie, what) in [
        (back(""), &trip.cookie, "no state"),
        (back("state="), &trip.cookie, "an empty state"),
        (back("state=x"), &trip.cookie, "a forged state"),
        (back(&format!("state={}", stranger.state)), &trip.cookie, "the state of another attempt"),
        (back(&format!("{own}&state=x")), &trip.cookie, "two states"),
        (back(&own), &String::new(), "no cookie"),
        (back(&own), &"rollcall-attempt=".to_owned(), "an empty cookie"),
        (back(&own), &stranger.cookie, "the cookie of another browser"),
        (back(&own), &trip.cookie.replace("rollcall-attempt", "__Host-rollcall-attempt"), "a cookie of HTTPS"),
        (back(&own), &format!("{}x", trip.cookie), "a changed cookie"),
        (back(&own).replace("company", "other"), &trip.cookie, "another provider's address"),
    ] {
        let seen = visit(&server, &target, cookie).await;
        assert_refused(&seen, 400, what);
        assert_eq!(seen.cookies, [""; 0], "{what}: the attempt of this browser goes on");
    }
    assert_eq!(provider.asked("token"), 0, "the code was not used up");
    assert_refused(&visit(&server, "/auth/nobody/callback?code=a&state=b", &trip.cookie).await, 404, "no provider");
    assert_refused(&visit(&server, "/auth/nobody", "").await, 404, "no provider");
    assert_eq!(visit(&server, &back(&own), &trip.cookie).await.status, 303);

    let late = Trip::begin(&server, "company").await;
    let code = provider.code(&late, provider.grant(&late, "ana", &["it"]));
    server.clock.advance_seconds(601);
    assert_refused(&visit(&server, &late.back(&code), &late.cookie).await, 400, "expired");
}

#[tokio::test]
async fn coming_back_twice_signs_in_once() {
    let (server, provider) = world().await;
    let trip = Trip::begin(&server, "company").await;
    let code = provider.code(&trip, provider.grant(&trip, "ana", &["data"]));
    let seen = visit(&server, &trip.back(&code), &trip.cookie).await;
    assert!(seen.status == 303 && seen.cookies.iter().any(|cookie| cookie.starts_with("rollcall-attempt=; ")));
    assert_refused(&visit(&server, &trip.back(&code), &trip.cookie).await, 400, "the same again");
    let another = provider.code(&trip, provider.grant(&trip, "ana", &["data"]));
    assert_refused(&visit(&server, &trip.back(&another), &trip.cookie).await, 400, "another code for the same state");
    assert_eq!(provider.asked("token"), 1);
    assert_eq!(status_of(&server, &seen.session()).await, 200);

    // A code that somebody else has used.
    let (victim, thief) = (Trip::begin(&server, "company").await, Trip::begin(&server, "company").await);
    let code = provider.code(&victim, provider.grant(&victim, "ana", &["data"]));
    assert_refused(&visit(&server, &thief.back(&code), &thief.cookie).await, 502, "PKCE: a code of another browser");
    let (first, second) = (Trip::begin(&server, "company").await, Trip::begin(&server, "company").await);
    let code = provider.code(&first, provider.grant(&first, "ana", &["data"]));
    assert_eq!(visit(&server, &first.back(&code), &first.cookie).await.status, 303);
    assert_refused(&visit(&server, &second.back(&code), &second.cookie).await, 502, "a used code");
}

#[tokio::test]
async fn providers_are_not_mixed_up() {
    let (good, evil) = (Provider::start().await, Provider::start().await);
    good.script().more = json!({"authorization_response_iss_parameter_supported": true});
    let providers = vec![good.settings("good"), evil.settings("evil")];
    let server = Server::new(Settings { providers, ..Settings::default() }).await;

    // The person begins at the evil provider, which sends them to the good one: that one sends the browser to its own
    // address, to which the state does not belong.
    let trip = Trip::begin(&server, "evil").await;
    let code = good.code(&trip, good.grant(&trip, "ana", &["it"]));
    let target = trip.back(&code).replace("/auth/evil/", "/auth/good/");
    assert_refused(&visit(&server, &target, &trip.cookie).await, 400, "the address of another provider");
    assert_eq!(evil.asked("token"), 0, "the code is not sent to the evil provider");
    // A code of one provider at the address of the other.
    let trip = Trip::begin(&server, "evil").await;
    let code = good.code(&trip, good.grant(&trip, "ana", &["it"]));
    assert_refused(&visit(&server, &trip.back(&code), &trip.cookie).await, 502, "a code of another provider");

    // RFC 9207.
    for (issuer, status, what) in [
        (String::new(), 502, "no issuer, which the provider promises"),
        (format!("&iss={}", evil.issuer), 502, "another issuer"),
        (format!("&iss={}/", good.issuer), 502, "nearly the issuer"),
        (format!("&iss={0}&iss={0}", good.issuer), 502, "two issuers"),
        (format!("&iss={}", good.issuer), 303, "the issuer"),
    ] {
        let trip = Trip::begin(&server, "good").await;
        let code = good.code(&trip, good.grant(&trip, "ana", &["it"]));
        let asked = good.asked("token");
        let seen = visit(&server, &(trip.back(&code) + &issuer), &trip.cookie).await;
        assert_eq!((seen.status, good.asked("token") - asked), (status, usize::from(status == 303)), "{what}");
    }
    let trip = Trip::begin(&server, "evil").await;
    let code = evil.code(&trip, evil.grant(&trip, "ana", &["it"]));
    let seen = visit(&server, &(trip.back(&code) + "&iss=" + &good.issuer), &trip.cookie).await;
    assert_refused(&seen, 502, "an issuer that nobody promised has to be right, too");

    // One provider's subjects are not another's.
    let seen = enter(&server, &evil, "evil", "ana", &["it"]).await;
    assert_eq!(seen.status, 409, "the address belongs to the good provider's member");
}

#[tokio::test]
async fn signing_in_leads_to_own_pages_only() {
    let (server, provider) = world().await;
    for (next, leads_to) in [
        ("/meetings?last=all", "/meetings?last=all"),
        ("/oauth/authorize/BCDF-GHJK", "/oauth/authorize/BCDF-GHJK"),
        ("", "/"),
        ("//evil.example", "/"),
        ("/\\evil.example", "/"),
        ("\\/evil.example", "/"),
        ("https://evil.example/", "/"),
        ("/\t/evil.example", "/"),
        ("javascript:alert(1)", "/"),
        ("/a\r\nlocation: //evil.example", "/"),
        ("/auth/company", "/"),
    ] {
        let trip = Trip::begin_for(&server, "company", next).await;
        let code = provider.code(&trip, provider.grant(&trip, "ana", &["data"]));
        let seen = visit(&server, &trip.back(&code), &trip.cookie).await;
        assert_eq!(seen.location.as_deref(), Some(leads_to), "{next:?}");
        let target = format!("{}&next=//evil.example", trip.back("x"));
        let seen = visit(&server, &target, &trip.cookie).await;
        assert_refused(&seen, 400, "a parameter on the way back");
        assert!(!seen.html.contains("evil.example"));
    }
}

#[tokio::test]
async fn a_session_that_the_browser_had_ends() {
    let (server, provider) = world().await;
    let former = join(&server, "bob@example.com", Access::of(Role::Administrator)).await;
    for planted in [former.as_str(), "rollcall=planted"] {
        let trip = Trip::begin(&server, "company").await;
        let code = provider.code(&trip, provider.grant(&trip, "ana", &["data"]));
        let seen = visit(&server, &trip.back(&code), &format!("{planted}; {}", trip.cookie)).await;
        let session = seen.session();
        assert!(seen.status == 303 && session != planted && !session.is_empty());
        assert_eq!((status_of(&server, planted).await, status_of(&server, &session).await), (401, 200));
    }
}

#[tokio::test]
async fn what_a_provider_says_of_a_failure_is_not_shown() {
    let (server, provider) = world().await;
    for error in ["access_denied", "%3Cscript%3Ealert(1)%3C/script%3E"] {
        let trip = Trip::begin(&server, "company").await;
        let target = format!("/auth/company/callback?error={error}&error_description=%3Cb%3E&state={}", trip.state);
        let seen = visit(&server, &target, &trip.cookie).await;
        assert_refused(&seen, 403, error);
        assert!(!seen.html.contains("script>alert") && !seen.html.contains("<b>"), "{}", seen.html);
    }
    let trip = Trip::begin(&server, "company").await;
    let both = format!("{}&error=access_denied", trip.back("x"));
    assert_refused(&visit(&server, &both, &trip.cookie).await, 403, "a code and an error");
    let trip = Trip::begin(&server, "company").await;
    let neither = format!("/auth/company/callback?state={}", trip.state);
    assert_refused(&visit(&server, &neither, &trip.cookie).await, 502, "neither");
    assert_eq!(provider.asked("token"), 0);
}

#[tokio::test]
async fn the_cookie_of_an_attempt_is_bound_to_the_host_and_short() {
    let provider = Provider::start().await;
    let providers = vec![provider.settings("company")];
    let public_url = Some("https://rollcall.example/".to_owned());
    let server = Server::new(Settings { providers, public_url, ..Settings::default() }).await;
    let seen = visit(&server, "/auth/company", "").await;
    let [cookie] = &seen.cookies[..] else { panic!("{:?}", seen.cookies) };
    assert!(cookie.starts_with("__Host-rollcall-attempt="), "{cookie}");
    assert!(cookie.ends_with("; Path=/; Max-Age=600; HttpOnly; SameSite=Lax; Secure"), "{cookie}");
    let location = seen.location.unwrap();
    let redirect_uri = crate::common::authorizing::param(&location, "redirect_uri");
    assert_eq!(redirect_uri.as_deref(), Some("https://rollcall.example/auth/company/callback"));
    assert!(!location.contains(cookie.split(['=', ';']).nth(1).unwrap()), "the provider does not see it");
}

#[tokio::test]
async fn wrong_codes_from_an_address_are_limited_before_they_reach_the_provider() {
    let (server, provider) = world().await;
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let stop = tokio_util::sync::CancellationToken::new();
    let served = tokio::spawn(rollcall_http::serve(server.app.clone(), listener, None, stop.clone()));
    let browser = reqwest::Client::builder().no_proxy().redirect(reqwest::redirect::Policy::none()).build().unwrap();
    // Attempts with right codes do not count.
    for n in 0..25 {
        let trip = Trip::begin(&server, "company").await;
        let mut grant = provider.grant(&trip, "ana", &["data"]);
        grant.redirect_uri = format!("{url}/auth/company/callback");
        let code = if n < 15 { provider.code(&trip, grant) } else { "wrong".to_owned() };
        let seen = browser.get(url.clone() + &trip.back(&code)).header("cookie", &trip.cookie).send().await.unwrap();
        assert_eq!(seen.status().as_u16(), if n < 15 { 303 } else { 502 }, "{n}");
    }
    let asked = provider.asked("token");
    let trip = Trip::begin(&server, "company").await;
    let seen = browser.get(url + &trip.back("wrong")).header("cookie", &trip.cookie).send().await.unwrap();
    assert_eq!((seen.status().as_u16(), provider.asked("token")), (429, asked));
    assert!(seen.headers().contains_key("retry-after"));
    drop((seen, browser));
    stop.cancel();
    served.await.unwrap().unwrap();
}

#[tokio::test]
async fn a_document_that_is_wrong_is_not_used_and_asked_for_again_after_a_pause() {
    let (server, provider) = world().await;
    let elsewhere = Provider::start().await;
    let text = |text: &str| Document::Text(StatusCode::OK, text.to_owned());
    for (n, document) in [
        Document::Text(StatusCode::INTERNAL_SERVER_ERROR, "{}".to_owned()),
        text("{}"),
        text("<html>"),
        text(&format!("{{\"x\": \"{}\"}}", "x".repeat(300_000))),
        text(
            &json!({"issuer": elsewhere.issuer, "authorization_endpoint": "https://a", "token_endpoint": "https://a",
            "jwks_uri": "https://a", "response_types_supported": [], "subject_types_supported": [],
            "id_token_signing_alg_values_supported": []})
            .to_string(),
        ),
        Document::Elsewhere(format!("{}/.well-known/openid-configuration", elsewhere.issuer)),
    ]
    .into_iter()
    .enumerate()
    {
        provider.script().document = Some(document);
        assert_refused(&visit(&server, "/auth/company", "").await, 502, &n.to_string());
        assert_refused(&visit(&server, "/auth/company", "").await, 502, &n.to_string());
        assert_eq!(provider.asked("document"), n + 1, "the second waits");
        server.clock.advance_seconds(5);
    }
    assert_eq!(elsewhere.asked("document"), 0);
    provider.script().document = None;
    assert_eq!(enter(&server, &provider, "company", "ana", &["data"]).await.status, 303);
    let asked = provider.asked("document");
    server.clock.advance_seconds(3_000);
    assert_eq!(enter(&server, &provider, "company", "ana", &["data"]).await.status, 303);
    assert_eq!(provider.asked("document"), asked, "it is cached");
    assert_eq!(server.store.members(server.account).await.unwrap().len(), 1);
}

#[tokio::test]
async fn a_provider_that_is_silent_is_given_up() {
    let (server, provider) = world().await;
    provider.script().document = Some(Document::Silence);
    tokio::time::pause();
    let begun = tokio::time::Instant::now();
    let seen = visit(&server, "/auth/company", "");
    let seen = tokio::time::timeout(Duration::from_secs(20), seen).await.expect("it gives up");
    assert_refused(&seen, 502, "silence");
    assert!(begun.elapsed() <= Duration::from_secs(11), "{:?}", begun.elapsed());
}
