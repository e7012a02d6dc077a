//! Programs from whatever a reader pastes.

use axum::{
    body::Body,
    http::{Request, StatusCode},
};
use rollcall_codegen::LANGUAGES;
use rollcall_http::Settings;

use crate::{
    common::Server,
    pages::{has_no_foreign_script, text},
};

const CURL: &str = "curl -H 'Authorization: Bearer x' \\\r\n  'https://api.example.com/v2/users?page_size=5'";

struct Tools {
    server: Server,
}

impl Tools {
    async fn new() -> Self {
        Self { server: Server::new(Settings::default()).await }
    }

    /// The page that a form returns.
    async fn make(&self, make: &str, text: &str, operation: &str) -> (StatusCode, String) {
        let form: String = form_urlencoded::Serializer::new(String::new())
            .extend_pairs([("text", text), ("make", make), ("operation", operation)])
            .finish();
        let request = Request::post("/reference/tools").header("content-type", "application/x-www-form-urlencoded");
        let (parts, body) = self.server.exchange(request.body(Body::from(form)).unwrap()).await;
        (parts.status, String::from_utf8(body.to_vec()).unwrap().replace("&#x2f;", "/"))
    }
}

#[tokio::test]
async fn each_kind_of_text_becomes_a_program_in_every_language() {
    let tools = Tools::new().await;
    let postman = r#"{"name": "List users", "request": {"method": "GET", "url": "https://api.example.com/v2/users"}}"#;
    for language in LANGUAGES {
        for (given, expected) in [(CURL, "/v2/users"), (r#"{"user_name": "Ann"}"#, "user_name"), (postman, "/v2/users")]
        {
            let (status, html) = tools.make(language.id, given, "").await;
            assert_eq!(status, StatusCode::OK, "{} {given}: {html}", language.id);
            let (_, result) = html.split_once("id=\"result\"").unwrap();
            assert!(text(result).contains(expected), "{} {given}", language.id);
        }
    }
}

#[tokio::test]
async fn what_else_is_made_is_made() {
    let tools = Tools::new().await;
    for (make, given, expected) in [
        ("python/chilkat", CURL, "chilkat"),
        ("types/python", r#"{"user_name": "Ann"}"#, "user_name"),
        ("postman", CURL, "\"page_size\""),
        ("har", CURL, "\"queryString\""),
        ("json-schema", r#"{"user_name": "Ann"}"#, "\"$schema\""),
        ("openapi", CURL, "\"openapi\": \"3.1"),
        ("curl-line", CURL, "$API_TOKEN"),
    ] {
        let (status, html) = tools.make(make, given, "").await;
        assert_eq!(status, StatusCode::OK, "{make}: {html}");
        assert!(text(html.split_once("id=\"result\"").unwrap().1).contains(expected), "{make}: {html}");
    }
}

#[tokio::test]
async fn one_of_several_operations_is_chosen() {
    let tools = Tools::new().await;
    let request = |path: &str| format!(r#"{{"method": "GET", "url": "https://api.example.com/{path}"}}"#);
    let collection = format!(
        r#"{{"info": {{"name": "x", "schema": "https://schema.getpostman.com/json/collection/v2.1.0/collection.json"}},
            "item": [{{"name": "One", "request": {}}}, {{"name": "Two", "request": {}}}]}}"#,
        request("one"),
        request("two"),
    );
    let (_, html) = tools.make("python", &collection, "").await;
    let id = html
        .split("<option value=\"")
        .filter_map(|rest| rest.split_once('"'))
        .find(|(_, rest)| rest.starts_with(">Two"));
    let (_, html) = tools.make("python", &collection, id.unwrap().0).await;
    let shown = text(html.split_once("id=\"result\"").unwrap().1);
    assert!(shown.contains("\"/two\"") && !shown.contains("\"/one\""), "{shown}");
}

#[tokio::test]
async fn trouble_is_told_with_its_place_and_the_text_stays() {
    let tools = Tools::new().await;
    let openapi = r#"{"openapi": "3.1.0", "paths": {"/users": {"get": "nothing"}}}"#;
    for (make, given, expected) in [
        ("python", "{\"a\": 1,\n \"b\": }", "line 2, column 7"),
        ("python", openapi, "/paths/~1users/get: an operation must be an object"),
        ("python", r#"{"swagger": "1.2"}"#, "/swagger"),
        ("python", "", "it is empty"),
        ("python", "curl 'http://x", "the curl command, at character"),
        ("cobol", CURL, "“cobol”"),
        ("postman", "[1]", "a sample response without a request"),
    ] {
        let (status, html) = tools.make(make, given, "").await;
        assert_eq!(status, StatusCode::BAD_REQUEST, "{make} {given}");
        let shown = text(&html);
        assert!(shown.contains(expected), "{given}: {shown}");
        assert!(shown.contains(&given.replace("\r\n", "\n")), "{given} stays");
    }
}

#[tokio::test]
async fn hostile_text_stays_text_and_large_text_is_refused() {
    let tools = Tools::new().await;
    for given in [
        r#"{"</textarea><script>alert(1)</script>": "</pre><script>alert(1)</script>"}"#.to_owned(),
        "</textarea><script>alert(1)</script>".to_owned(),
        format!("{}1{}", "[".repeat(5000), "]".repeat(5000)),
        "curl 'https://x/</script><script>'".to_owned(),
    ] {
        for make in ["python", "curl", "postman", "</select><script>"] {
            let (status, html) = tools.make(make, &given, "<script>").await;
            assert!(status.is_success() || status == StatusCode::BAD_REQUEST, "{status}");
            assert!(has_no_foreign_script(&html), "{make}: {html}");
        }
    }
    let (status, _) = tools.make("python", &"x".repeat(2 << 20), "").await;
    assert_eq!(status, StatusCode::PAYLOAD_TOO_LARGE);
    // Each of its fields is read by a line that contains its name three times.
    let wide: Vec<String> = (0..4_000).map(|n| format!("\"{n}{}\": 1", "x".repeat(200))).collect();
    let (status, html) = tools.make("pascal", &format!("{{{}}}", wide.join(",")), "").await;
    assert!(status == StatusCode::OK || text(&html).contains("shorter sample"), "{status}");
}
