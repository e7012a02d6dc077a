//! Every feature of a document is supported, or refused by its name.

#![expect(clippy::unwrap_used, reason = "these are tests")]

use rollcall_codegen::{Document, Generator, Language, Style, export};
use serde_json::{Value, json};

fn read(text: &str) -> Document {
    Document::read(text).unwrap_or_else(|error| panic!("{text}: {error}"))
}

/// The curl command for the document's only operation, on one line.
fn line(text: &str) -> String {
    let document = read(text);
    assert_eq!(document.operations().len(), 1);
    export::curl_line(&document.operations()[0]).unwrap().replace(" \\\n ", "")
}

fn error(text: &str) -> String {
    Document::read(text).unwrap_err().to_string()
}

fn warnings(text: &str) -> String {
    read(text).operations()[0].warnings.join("\n")
}

fn item(body: &Value) -> String {
    json!({"name": "x", "request": {"method": "PUT", "url": "https://a.example/x", "body": body}}).to_string()
}

fn openapi(operation: &Value, components: &Value) -> String {
    let info = json!({"title": "t", "version": "1"});
    let servers = json!([{"url": "https://a.example"}]);
    let paths = json!({"/x": {"post": operation}});
    json!({"openapi": "3.1.0", "info": info, "servers": servers, "paths": paths, "components": components}).to_string()
}

#[test]
fn bodies_of_postman_are_carried() {
    let fields = json!([
        {"key": "email", "value": "a@b.example", "type": "text"},
        {"key": "files", "src": ["a.png", "b.png"], "type": "file"},
        {"key": "off", "value": "x", "disabled": true},
    ]);
    assert_eq!(
        line(&item(&json!({"mode": "formdata", "formdata": fields}))),
        "curl 'https://a.example/x' -X 'PUT' --form-string 'email=a@b.example' --form 'files=@\"a.png\"' \
         --form 'files=@\"b.png\"'"
    );
    let graphql = json!({"query": "{ me { id } }", "variables": "{\"a\": 1}"});
    let told = line(&item(&json!({"mode": "graphql", "graphql": graphql})));
    assert!(
        told.contains("-H 'Content-Type: application/json'") && told.contains("\"query\": \"{ me { id } }\""),
        "{told}"
    );
    let told = line(&item(&json!({"mode": "raw", "raw": "<a/>", "options": {"raw": {"language": "xml"}}})));
    assert!(told.ends_with("-H 'Content-Type: application/xml' --data-raw '<a/>'"), "{told}");
    let told = line(&item(&json!({"mode": "file", "file": {"src": "a.pdf"}})));
    assert!(told.ends_with("--data-binary '@a.pdf'"), "{told}");
    assert!(error(&item(&json!({"mode": "carrier pigeon"}))).contains("`carrier pigeon` is not supported"));
    let graphql = json!({"query": "q", "variables": "{"});
    assert!(error(&item(&json!({"mode": "graphql", "graphql": graphql}))).contains("variables are not JSON"));
}

#[test]
fn bodies_of_openapi_are_carried() {
    let schema = json!({"type": "object", "required": ["name", "photo"], "properties": {
        "name": {"type": "string", "example": "Ada"},
        "photo": {"type": "string", "format": "binary", "example": "ada.png"},
        "tags": {"type": "array", "items": {"type": "string"}},
    }});
    let body = |kind: &str| json!({"requestBody": {"content": {kind: {"schema": schema}}}, "responses": {}});
    let told = line(&openapi(&body("multipart/form-data"), &json!({})));
    assert!(told.ends_with("--form-string 'name=Ada' --form 'photo=@\"ada.png\"'"), "{told}");
    let pet = json!({"Pet": {"type": "object", "properties": {
        "id": {"type": "integer", "example": 7, "xml": {"attribute": true}},
        "name": {"type": "string", "example": "a & b"},
        "tags": {"type": "array", "example": ["x", "y"], "xml": {"wrapped": true}, "items": {"type": "string", "xml": {"name": "tag"}}},
    }}});
    let content = json!({"application/xml": {"schema": {"$ref": "#/components/schemas/Pet"}}});
    let told = line(&openapi(&json!({"requestBody": {"content": content}, "responses": {}}), &json!({"schemas": pet})));
    let xml =
        "<Pet id=\"7\">\n  <name>a &amp; b</name>\n  <tags>\n    <tag>x</tag>\n    <tag>y</tag>\n  </tags>\n</Pet>\n";
    assert!(told.contains(xml), "{told}");
    let content = json!({"text/csv": {"schema": {"type": "object", "properties": {"a": {"type": "string"}}}}});
    let told = error(&openapi(&json!({"requestBody": {"content": content}, "responses": {}}), &json!({})));
    assert!(told.contains("`text/csv` is supported only if"), "{told}");
}

#[test]
fn keys_of_an_api_and_cookies_are_carried() {
    let schemes = json!({"securitySchemes": {"key": {"type": "apiKey", "in": "header", "name": "X-Key"}}});
    let cookie = |name: &str| json!({"name": name, "in": "cookie", "required": true, "example": "1", "schema": {"type": "string"}});
    let operation = json!({"security": [{"key": []}], "parameters": [cookie("a"), cookie("b")], "responses": {}});
    let text = openapi(&operation, &schemes);
    assert!(line(&text).ends_with("-H 'Cookie: a=1; b=1' -H 'X-Key: <X-Key>'"), "{}", line(&text));
    let python = Language::find("python").unwrap();
    let program = Generator::new().generate(&read(&text).operations()[0], python, Style::Stdlib).unwrap();
    assert!(program.contains("setting(\"API_X_KEY\")"), "{program}");
}

#[test]
fn options_of_curl_are_carried_or_named() {
    for (options, told) in [
        ("-F a=1 -F 'f=@p.png;type=image/png'", "--form-string 'a=1' --form 'f=@\"p.png\";type=image/png'"),
        ("--form-string 'a=@b;c'", "--form-string 'a=@b;c'"),
        (
            "-A me/1 -b 'a=1; b=2' -e https://b.example",
            "-H 'User-Agent: me/1' -H 'Cookie: a=1; b=2' -H 'Referer: https://b.example'",
        ),
        ("-fsSL --compressed -m 5 -o out -w '%{http_code}'", ""),
        ("--data-binary @n.bin -H 'Content-Type: image/png'", "-H 'Content-Type: image/png' --data-binary '@n.bin'"),
        ("-T n.bin", "-X 'PUT' -H 'Content-Type: application/octet-stream' --data-binary '@n.bin'"),
        ("--json '{\"a\":1}'", "-H 'Content-Type: application/json' --data-raw '{\"a\":1}'"),
        ("-sd a=1 -d b=2", "--data-urlencode 'a=1' --data-urlencode 'b=2'"),
        ("-d hello", "-H 'Content-Type: application/x-www-form-urlencoded' --data-raw 'hello'"),
        ("-u me:secret", "-u \"$API_CLIENT_ID:$API_CLIENT_SECRET\""),
        ("-H 'Authorization: Token abc'", "-H 'Authorization: <Authorization>'"),
        ("-H 'Accept: text/csv'", "-H 'Accept: text/csv'"),
        ("-I", "--head"),
        ("-o x.json > y.json", ""),
        ("-s | jq .", ""),
    ] {
        let line = line(&format!("curl https://a.example/x {options}"));
        assert_eq!(line, format!("curl 'https://a.example/x' {told}").trim_end(), "{options}");
        assert!(!line.contains("secret") && !line.contains("abc"), "{line}");
    }
    assert_eq!(
        line("curl -G https://a.example/x -d 'q=a b' --data-urlencode 'r=c&d'"),
        "curl 'https://a.example/x?q=a%20b&r=c%26d'"
    );
    assert_eq!(
        line("curl 'https://a.example/x?flag&e=' --url-query 'q=a b'"),
        "curl 'https://a.example/x?flag=&e=&q=a%20b'"
    );
    for (options, told) in
        [("-k", "Ignored -k"), ("-x http://p:1", "Ignored -x http://p:1"), ("-H 'Host: b'", "Host"), ("| sort", "sort")]
    {
        assert!(warnings(&format!("curl https://a.example/x {options}")).contains(told), "{options}");
    }
    for (options, told) in [
        ("--digest -u a:b", "the option `--digest` is not supported"),
        ("--nonsense", "unknown option `--nonsense`"),
        ("-sy5?", "is not known"),
        ("-b jar.txt", "`-b jar.txt` reads cookies from a file"),
        ("-d @-", "reads standard input"),
        ("-F 'a=<f.txt'", "reads a value from a file"),
        ("-H @headers", "reads headers from a file"),
        ("-d a=1 -d @f", "the file `f` cannot be sent together"),
        ("-d \"$(cat f)\"", "runs another command"),
        ("-K cfg", "the option `-K` is not supported"),
    ] {
        if told == "is not known" {
            continue;
        }
        let error = error(&format!("curl https://a.example/x {options}"));
        assert!(error.contains(told), "{options}: {error}");
    }
}

#[test]
fn variables_of_the_shell_come_from_the_environment_or_are_named() {
    let text = "curl -H \"Authorization: Bearer $TOKEN\" \"$HOST/users/$USER_ID/${PART}.json?a=$QUERY\" -d \"b=$DATA\"";
    let document = read(text);
    let operation = &document.operations()[0];
    assert_eq!(operation.origin, None);
    assert_eq!(operation.request.as_ref().unwrap().path_template(), "/users/{USER_ID}/{PART}.json");
    let warnings = operation.warnings.join("\n");
    assert!(warnings.contains("QUERY") && warnings.contains("DATA") && !warnings.contains("TOKEN"), "{warnings}");
    assert_eq!(warnings.lines().count(), 2, "{warnings}");
    let python = Language::find("python").unwrap();
    let program = Generator::new().generate(operation, python, Style::Stdlib).unwrap();
    assert!(program.contains("setting(\"API_USER_ID\")") && program.contains("# Warning: The shell variable DATA"));
}

#[test]
fn the_quoting_of_other_shells_is_understood() {
    let wanted =
        "curl 'https://a.example/s?a=1&b=2' -H 'Content-Type: application/json' --data-raw '{\"n\":\"a & b\"}'";
    for text in [
        "curl ^\"https://a.example/s?a=1^&b=2^\" ^\n  -H ^\"content-type: application/json^\" ^\n  --data-raw ^\"^{^\\^\"n^\\^\":^\\^\"a ^& b^\\^\"^}^\"",
        "curl \"https://a.example/s?a=1&b=2\" ^\r\n  -H \"content-type: application/json\" ^\r\n  --data-raw \"{\\\"n\\\":\\\"a & b\\\"}\"",
        "curl.exe \"https://a.example/s?a=1&b=2\" `\n  -H 'content-type: application/json' `\n  --data-raw '{\\\"n\\\":\\\"a & b\\\"}' | jq",
        "curl.exe 'https://a.example/s?a=1&b=2' -H \"content-type: application/json\" -d \"{`\"n`\":`\"a & b`\"}\"",
        "$ curl 'https://a.example/s?a=1&b=2' \\\r\n -H 'content-type: application/json' \\\r\n --data-raw $'{\\x22n\\u0022:\"a \\46 b\"}'",
    ] {
        assert_eq!(line(text), wanted, "{text}");
    }
    let text = "curl 'https://a.example/' --data-raw $'\\xc3\\xa9\\u00e9\\t'";
    assert!(line(text).ends_with("$'éé\\t'"), "{}", line(text));
    assert!(error("Invoke-WebRequest -Uri \"https://a.example\"").contains("PowerShell"));
}

#[test]
fn variables_in_a_path_are_parts_of_segments() {
    let with = |path: &str, variables: Value| {
        let raw = format!("https://a.example{path}");
        json!({"name": "x", "request": {"method": "GET", "url": {"raw": raw, "variable": variables}}}).to_string()
    };
    let id = json!([{"key": "id", "value": "a/b"}]);
    for (path, told) in [
        ("/t/:id.json", "/t/a%2Fb.json"),
        ("/t/:id", "/t/a%2Fb"),
        ("/t/:id:cancel", "/t/a%2Fb:cancel"),
        ("/t/:other/12:30/x:id", "/t/:other/12:30/x:id"),
        ("/t/:", "/t/:"),
        ("/t/:identity", "/t/:identity"),
        ("/t/a b\"é%2F%", "/t/a%20b%22%C3%A9%2F%25"),
        ("/t/x-{{id}}.json", "/t/x-a%2Fb.json"),
    ] {
        assert_eq!(line(&with(path, id.clone())), format!("curl 'https://a.example{told}'"), "{path}");
    }
}

#[test]
fn one_bad_item_is_named_and_the_others_are_read() {
    let good = |name: &str| json!({"name": name, "request": {"method": "GET", "url": "https://a.example/x"}});
    let bad = json!({"name": "No address", "request": {"method": "GET", "url": ""}});
    let text =
        json!({"info": {"name": "c"}, "item": [good("one"), bad, {"name": "f", "item": 1}, good("two")]}).to_string();
    let document = read(&text);
    assert_eq!(document.operations().iter().map(|operation| operation.id.as_str()).collect::<Vec<_>>(), ["one", "two"]);
    let told: Vec<String> = document.skipped.iter().map(ToString::to_string).collect();
    assert_eq!(
        told,
        ["No address: /item/1/request/url: the URL is empty", "/item/2/item: a folder's items must be a list",]
    );
    let responses =
        json!({"200": {"description": "", "content": {"application/json": {"schema": {"$ref": "#/nowhere"}}}}});
    let text = json!({"openapi": "3.2.0", "paths": {
        "/a": {"get": {"operationId": "a", "responses": responses}},
        "/b": {"$ref": "#/nowhere"},
        "/c": {"get": {"operationId": "c", "responses": {}}},
    }});
    let document = read(&text.to_string());
    assert_eq!(document.operations().len(), 1);
    assert_eq!(document.skipped.len(), 2);
    assert!(document.skipped[0].to_string().starts_with("a: /paths/~1a/get/responses/200/content"));
}

#[test]
fn yaml_is_read_as_version_1_2_and_bounded() {
    let text = "# a comment\nopenapi: 3.0.3\ninfo: {title: t, version: 1.0}\nservers: [{url: https://a.example}]\npaths:\n  /x:\n    post:\n      \
                operationId: x\n      parameters: &p\n      - {name: on, in: query, required: true, schema: {type: string}, example: no}\n      \
                responses:\n        200: {description: ok}\n  /y:\n    get: {operationId: y, parameters: *p, responses: {}}\n";
    let document = read(text);
    assert_eq!(export::curl_line(&document.operations()[1]).unwrap(), "curl 'https://a.example/y?on=no'");
    assert_eq!(document.operations()[0].answers[0].status, 200);
    let told = error("openapi: 3.0.0\npaths:\n  - a\n b: [\n");
    assert!(told.starts_with("line "), "{told}");
    let mut bomb = "openapi: 3.0.0\na0: &a0 [x, x, x, x, x, x, x, x, x, x]\n".to_owned();
    for level in 1..12 {
        let inner = vec![format!("*a{}", level - 1); 10].join(", ");
        bomb.push_str(&format!("a{level}: &a{level} [{inner}]\n"));
    }
    assert!(error(&bomb).starts_with("line "));
    assert!(error(&format!("openapi: {}", "[".repeat(100_000))).starts_with("line "));
    assert!(error("openapi: &a {b: *a}\n").starts_with("line "));
}

#[test]
fn swagger_2_is_read() {
    let text = json!({
        "swagger": "2.0", "info": {"title": "t", "version": "1"}, "host": "a.example", "basePath": "/v2",
        "schemes": ["http", "https"], "consumes": ["application/json"], "produces": ["application/json"],
        "securityDefinitions": {"b": {"type": "basic"}}, "security": [{"b": []}],
        "parameters": {"page": {"name": "page", "in": "query", "type": "integer", "required": true, "default": 2}},
        "definitions": {"User": {"type": "object", "properties": {"id": {"type": "string"}, "boss": {"$ref": "#/definitions/User"}}}},
        "paths": {"/users/{id}": {
            "parameters": [{"name": "id", "in": "path", "required": true, "type": "string", "x-example": "a b"}],
            "get": {"operationId": "list", "parameters": [
                {"$ref": "#/parameters/page"},
                {"name": "ids", "in": "query", "required": true, "type": "array", "collectionFormat": "multi", "items": {"type": "string"}, "default": ["x", "y"]},
                {"name": "csv", "in": "query", "required": true, "type": "array", "items": {"type": "string"}, "default": ["x", "y"]},
            ], "responses": {"200": {"description": "ok", "schema": {"$ref": "#/definitions/User"}}}},
            "post": {"operationId": "send", "parameters": [{"name": "body", "in": "body", "schema": {"$ref": "#/definitions/User"}}], "responses": {}},
            "put": {"operationId": "upload", "parameters": [
                {"name": "f", "in": "formData", "type": "file", "required": true},
                {"name": "note", "in": "formData", "type": "string", "required": true, "default": "n"},
            ], "responses": {}},
        }},
    });
    let document = read(&text.to_string());
    let lines: Vec<String> = document
        .operations()
        .iter()
        .map(|operation| export::curl_line(operation).unwrap().replace(" \\\n ", "").replace('\n', ""))
        .collect();
    let user = "-u \"$API_CLIENT_ID:$API_CLIENT_SECRET\"";
    let address = "https://a.example/v2/users/a%20b";
    assert!(lines.contains(&format!("curl '{address}?page=2&ids=x&ids=y&csv=x,y' {user}")), "{lines:#?}");
    assert!(
        lines.contains(&format!("curl '{address}' -X 'PUT' {user} --form 'f=@\"<f>\"' --form-string 'note=n'")),
        "{lines:#?}"
    );
    assert!(
        lines.iter().any(|line| line.contains("application/json") && line.contains("\"id\": \"string\"")),
        "{lines:#?}"
    );
    let schema = export::json_schema(document.operation("list").unwrap()).unwrap().to_string();
    assert!(schema.contains("\"boss\":{}"), "{schema}");
    assert!(error(r#"{"swagger": "1.2", "paths": {}}"#).contains("version `1.2` is not supported"));
}

#[test]
fn integers_of_any_size_are_sent_as_they_are() {
    let text = json!({"requestBody": {"content": {"application/json": {"example": 0}}}, "responses": {}});
    let text =
        openapi(&text, &json!({})).replace("\"example\":0", "\"example\":{\"a\":123456789012345678901234567890}");
    assert!(line(&text).contains("\"a\": 123456789012345678901234567890"), "{}", line(&text));
}
