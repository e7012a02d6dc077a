//! Errors in descriptions are reported with their place, in bounded time and memory, and nothing makes the reader
//! panic.

use crate::common::{description, hostile};
use proptest::prelude::*;
use rollcall_codegen::{Document, Generator, LANGUAGES, LONGEST_DOCUMENT_BYTES, Style, export};
use serde_json::{Value, json};

fn error(text: &str) -> String {
    Document::read(text).expect_err("it is broken").to_string()
}

/// A description of one operation whose response has this schema, with these components.
fn described(schema: &Value, components: &Value) -> String {
    let content = json!({"application/json": {"schema": schema}});
    let responses = json!({"200": {"description": "", "content": content}});
    let paths = json!({"/a": {"get": {"operationId": "a", "responses": responses}}});
    json!({"openapi": "3.1.0", "info": {"title": "t", "version": "1"}, "paths": paths, "components": {"schemas": components}})
        .to_string()
}

#[test]
fn what_is_wrong_is_said_with_its_place() {
    let root = json!({"$ref": "#/components/schemas/Node"});
    let schema_at = "/paths/~1a/get/responses/200/content/application~1json/schema";
    let collection = |item: Value| json!({"info": {"name": "c"}, "item": [{"name": "f", "item": [item]}]}).to_string();
    for (text, told) in [
        ("", "the document: it is empty"),
        ("{", "line 1, column 1: unexpected end of the document"),
        ("{\"a\": 1,\n  \"b\" 2}", "line 2, column 7: expected `:`"),
        ("\"text\"", "the document: it is neither an OpenAPI description"),
        ("openapi: 3.0.0\npaths: 1\n", "/paths: it must be an object"),
        (r#"{"a": "\u0000"}"#, "a string contains a NUL character"),
        (r#"{"swagger": "1.2"}"#, "/swagger: version `1.2` is not supported; use 2.0, or OpenAPI 3.x"),
        (r#"{"openapi": "4.0.0"}"#, "/openapi: version `4.0.0` is not supported"),
        (r#"{"openapi": "3.1.0"}"#, "/paths: it must be an object"),
        (
            r#"{"openapi": "3.1.0", "paths": {"/a/{b}": {"get": {"responses": {}}}}}"#,
            "/paths/~1a~1{b}/get: the path parameter `b` has no description",
        ),
        (
            r#"{"openapi": "3.1.0", "paths": {"/a": {"get": {"parameters": [{"in": "query"}]}}}}"#,
            "/paths/~1a/get/parameters/0: the parameter has no name",
        ),
        (r#"{"info": {"schema": "https://schema.getpostman.com/json/collection/v1.0.0/"}}"#, "/info/schema: "),
        (r#"{"info": {}, "item": {}}"#, "/item: it must be a list"),
        (&collection(json!({"name": "x"})), "/item/0/item/0/request: the item has no request"),
        (&collection(json!({"request": {"method": "GET"}})), "/item/0/item/0/request/url: the request has no URL"),
        (
            &collection(json!({"request": {"method": "G'T", "url": "http://a/"}})),
            "/request/method: a method consists of",
        ),
        (&described(&root, &json!({"Node": root})), "`$ref` is circular: #/components"),
        (&described(&json!({"$ref": "#/components/schemas/No"}), &json!({})), "does not exist in the document"),
        (&described(&json!({"$ref": "other.json#/a"}), &json!({})), "is in another file"),
        (&described(&json!({"$ref": "other.json#/a"}), &json!({})), schema_at),
        ("curl", "the document: it is neither"),
        ("curl -s", "the curl command, at character 1: the URL is missing"),
        ("curl 'http://a", "the curl command, at character 6: the quote ' is never closed"),
        ("curl http://a/?b=1&c=2", "the curl command, at character 19: `&` outside of quotes ends the command"),
        ("curl --nonsense x http://a", "the curl command, at character 6: unknown option `--nonsense`"),
        ("curl http://a -d", "the curl command, at character 15: `-d` requires a value"),
        ("curl 'http://a/[1-3]'", "curl requests several URLs for `[1-3]`; write one of them"),
        ("curl 'http://a/{b,c}'", "curl requests several URLs for `{b,c}`; write one of them"),
    ] {
        if text == "curl" {
            // Without a space after it, it is neither a curl command nor JSON.
            assert!(error(text).starts_with("line 1, column 1"), "{}", error(text));
            continue;
        }
        assert!(error(text).contains(told), "{text}\n{}\n{told}", error(text));
    }
}

#[test]
fn depth_size_and_growth_are_bounded() {
    let deep = format!("{}1{}", "[".repeat(100_000), "]".repeat(100_000));
    assert!(error(&deep).contains("nested more than 128 levels deep"), "{}", error(&deep));
    let deep = format!("{}1{}", "[".repeat(100), "]".repeat(100));
    assert!(error(&deep).contains("nested more than 64 levels deep"), "{}", error(&deep));

    let long = " ".repeat(LONGEST_DOCUMENT_BYTES + 1);
    assert!(error(&long).contains("the document has 64 MB and exceeds the limit of 64 MB"));

    // Each schema contains the next one twice: forty of them would make a million million fields.
    let mut schemas = serde_json::Map::new();
    for n in 0..40 {
        let next = json!({"$ref": format!("#/components/schemas/S{}", n + 1)});
        schemas.insert(format!("S{n}"), json!({"type": "object", "properties": {"a": next, "b": next}}));
    }
    schemas.insert("S40".to_owned(), json!({"type": "string"}));
    let growing = described(&json!({"$ref": "#/components/schemas/S0"}), &Value::Object(schemas));
    // Fields beyond the limit are read as JSON.
    let document = Document::read(&growing).unwrap();
    assert!(export::json_schema(&document.operations()[0]).unwrap().to_string().len() < 10_000);

    let wide: serde_json::Map<String, Value> = (0..20_000).map(|n| (format!("f{n}"), json!(n))).collect();
    assert!(error(&Value::Object(wide).to_string()).contains("more than 10000 fields"));
}

#[test]
fn a_description_that_is_cut_off_anywhere_is_refused() {
    let text = description("webex");
    for end in (1..text.trim_end().len() - 1).step_by(997).filter(|end| text.is_char_boundary(*end)) {
        let told = error(&text[..end]);
        assert!(told.starts_with("line "), "{told}");
    }
}

#[test]
fn hostile_texts_anywhere_in_a_description_break_nothing() {
    let generator = Generator::new();
    for text in hostile() {
        let schema = json!({"type": "object", "description": text, "properties":
            {&text: {"type": "array", "description": text, "items": {"type": "object", "properties": {&text: {"type": "string"}}}}}});
        let parameter = |place: &str| json!({"name": text, "in": place, "required": true, "description": text, "example": text, "schema": {"type": "string"}});
        let responses = json!({"200": {"description": text, "content": {"application/json": {"schema": schema, "example": {&text: [{&text: text}]}}}}});
        let operation = json!({"operationId": text, "summary": text, "description": text, "responses": responses,
            "parameters": [parameter("query"), parameter("header")],
            "requestBody": {"content": {"application/json": {"example": {&text: text}}}}});
        let document = json!({"openapi": "3.0.3", "info": {"title": text, "version": text}, "servers": [{"url": "https://a/b"}],
            "paths": {"/x": {"post": operation}}});
        let document = Document::read(&document.to_string()).unwrap();
        let operation = &document.operations()[0];
        for language in LANGUAGES {
            for style in [Style::Stdlib, Style::Chilkat].into_iter().filter(|style| language.has(*style)) {
                let program = generator.generate(operation, language, style).unwrap();
                // Go is indented with tabs, even in comments.
                let mut lines = program.split('\n').map(|line| line.trim_start_matches(['\t', '/']));
                assert!(lines.all(|line| !line.contains(char::is_control)), "{}: {program}", language.name);
            }
        }
        let again = Document::read(&export::postman_collection(&document).to_string()).unwrap();
        assert_eq!(again.operations()[0].request.as_ref().unwrap().body, operation.request.as_ref().unwrap().body);
    }
}

/// Any JSON, with the keywords of descriptions.
fn anything() -> impl Strategy<Value = Value> {
    let word = prop::sample::select(vec![
        "openapi",
        "paths",
        "/a/{b}",
        "get",
        "parameters",
        "name",
        "in",
        "query",
        "path",
        "schema",
        "type",
        "object",
        "array",
        "string",
        "integer",
        "properties",
        "items",
        "$ref",
        "#/paths",
        "#",
        "responses",
        "200",
        "content",
        "application/json",
        "example",
        "examples",
        "allOf",
        "oneOf",
        "info",
        "item",
        "request",
        "url",
        "raw",
        "method",
        "response",
        "body",
        "code",
        "auth",
        "header",
        "key",
        "value",
        "servers",
        "3.1.0",
        "GET",
        "required",
        "variable",
    ]);
    let word = word.prop_map(str::to_owned);
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        word.clone().prop_map(Value::from),
        any::<String>().prop_map(Value::from),
    ];
    leaf.prop_recursive(6, 80, 6, move |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..5).prop_map(Value::from),
            prop::collection::vec((word.clone(), inner), 0..6)
                .prop_map(|members| Value::Object(members.into_iter().collect())),
        ]
    })
}

proptest! {
    #[test]
    fn nothing_makes_the_reader_or_a_writer_panic(value in anything(), kind in 0..4) {
        let value = match kind {
            0 => json!({"openapi": "3.1.0", "info": {}, "paths": {"/a/{b}": value}}),
            1 => json!({"info": {}, "item": [value]}),
            2 => json!({"name": "x", "request": value, "response": [{"code": 200, "body": value.to_string()}]}),
            _ => value,
        };
        if let Ok(document) = Document::read(&value.to_string()) {
            let generator = Generator::new();
            for operation in document.operations() {
                for language in LANGUAGES {
                    generator.generate(operation, language, Style::Stdlib).unwrap();
                }
                let _ = (export::curl_line(operation), export::har(operation));
            }
            let _ = (export::postman_collection(&document), export::openapi(&document));
        }
    }

    #[test]
    fn nothing_makes_the_reader_of_curl_lines_panic(line in "curl [-a-zA-Z'\"\\\\ $:/{}=&?%0-9é]{0,60}") {
        let _ = Document::read(&line);
    }
}
