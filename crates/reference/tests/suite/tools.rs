//! Programs from whatever a reader pastes.

use rollcall_codegen::LANGUAGES;
use rollcall_reference::Tools;

use crate::pages::{has_no_foreign_script, text};

const CURL: &str = "curl -H 'Authorization: Bearer x' \\\r\n  'https://api.example.com/v2/users?page_size=5'";

/// The page that a form returns, and whether it is rejected.
fn make(make: &str, text: &str, operation: &str) -> (bool, String) {
    let form: String = form_urlencoded::Serializer::new(String::new())
        .extend_pairs([("text", text), ("make", make), ("operation", operation)])
        .finish();
    let tools = Tools::make(form.as_bytes());
    (tools.is_rejected(), tools.html().unwrap().replace("&#x2f;", "/"))
}

#[test]
fn each_kind_of_text_becomes_a_program_in_every_language() {
    let postman = r#"{"name": "List users", "request": {"method": "GET", "url": "https://api.example.com/v2/users"}}"#;
    for language in LANGUAGES {
        for (given, expected) in [(CURL, "/v2/users"), (r#"{"user_name": "Ann"}"#, "user_name"), (postman, "/v2/users")]
        {
            let (is_rejected, html) = make(language.id, given, "");
            assert!(!is_rejected, "{} {given}: {html}", language.id);
            let (_, result) = html.split_once("id=\"result\"").unwrap();
            assert!(text(result).contains(expected), "{} {given}", language.id);
        }
    }
}

#[test]
fn what_else_is_made_is_made() {
    for (output, given, expected) in [
        ("python/chilkat", CURL, "chilkat"),
        ("types/python", r#"{"user_name": "Ann"}"#, "user_name"),
        ("postman", CURL, "\"page_size\""),
        ("har", CURL, "\"queryString\""),
        ("json-schema", r#"{"user_name": "Ann"}"#, "\"$schema\""),
        ("openapi", CURL, "\"openapi\": \"3.1"),
        ("curl-line", CURL, "$API_TOKEN"),
    ] {
        let (is_rejected, html) = make(output, given, "");
        assert!(!is_rejected, "{output}: {html}");
        assert!(text(html.split_once("id=\"result\"").unwrap().1).contains(expected), "{output}: {html}");
    }
}

#[test]
fn one_of_several_operations_is_chosen() {
    let request = |path: &str| format!(r#"{{"method": "GET", "url": "https://api.example.com/{path}"}}"#);
    let collection = format!(
        r#"{{"info": {{"name": "x", "schema": "https://schema.getpostman.com/json/collection/v2.1.0/collection.json"}},
            "item": [{{"name": "One", "request": {}}}, {{"name": "Two", "request": {}}}]}}"#,
        request("one"),
        request("two"),
    );
    let (_, html) = make("python", &collection, "");
    let id = html
        .split("<option value=\"")
        .filter_map(|rest| rest.split_once('"'))
        .find(|(_, rest)| rest.starts_with(">Two"));
    let (_, html) = make("python", &collection, id.unwrap().0);
    let shown = text(html.split_once("id=\"result\"").unwrap().1);
    assert!(shown.contains("\"/two\"") && !shown.contains("\"/one\""), "{shown}");
}

#[test]
fn trouble_is_told_with_its_place_and_the_text_stays() {
    let openapi = r#"{"openapi": "3.1.0", "paths": {"/users": {"get": "nothing"}}}"#;
    for (output, given, expected) in [
        ("python", "{\"a\": 1,\n \"b\": }", "line 2, column 7"),
        ("python", openapi, "/paths/~1users/get: an operation must be an object"),
        ("python", r#"{"swagger": "1.2"}"#, "/swagger"),
        ("python", "", "it is empty"),
        ("python", "curl 'http://x", "the curl command, at character"),
        ("cobol", CURL, "“cobol”"),
        ("postman", "[1]", "a sample response without a request"),
    ] {
        let (is_rejected, html) = make(output, given, "");
        assert!(is_rejected, "{output} {given}");
        let shown = text(&html);
        assert!(shown.contains(expected), "{given}: {shown}");
        assert!(shown.contains(&given.replace("\r\n", "\n")), "{given} stays");
    }
}

#[test]
fn hostile_text_stays_text_and_large_output_is_rejected() {
    for given in [
        r#"{"</textarea><script>alert(1)</script>": "</pre><script>alert(1)</script>"}"#.to_owned(),
        "</textarea><script>alert(1)</script>".to_owned(),
        format!("{}1{}", "[".repeat(5000), "]".repeat(5000)),
        "curl 'https://x/</script><script>'".to_owned(),
    ] {
        for output in ["python", "curl", "postman", "</select><script>"] {
            let (_, html) = make(output, &given, "<script>");
            assert!(has_no_foreign_script(&html), "{output}: {html}");
        }
    }
    // Each of its fields is read by a line that contains its name three times.
    let wide: Vec<String> = (0..4_000).map(|n| format!("\"{n}{}\": 1", "x".repeat(200))).collect();
    let (is_rejected, html) = make("pascal", &format!("{{{}}}", wide.join(",")), "");
    assert!(!is_rejected || text(&html).contains("shorter sample"), "{html}");
}
