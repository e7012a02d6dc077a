//! Programs from descriptions: to standard output, to a folder, and errors for broken descriptions.

use std::fs;

use crate::folder::Folder;

const ITEM: &str = r#"{"name": "Get user", "request": {"method": "GET", "auth": {"type": "oauth2"}, "url":
    {"raw": "{{baseUrl}}/users/:userId", "variable": [{"key": "userId", "value": "me"}]}},
    "response": [{"code": 200, "body": "{\"id\": \"a\"}"}]}"#;

#[test]
fn one_program_goes_to_standard_output() {
    let folder = Folder::new();
    fs::write(folder.path("item.json"), ITEM).unwrap();
    let arguments = ["generate", "--from", "item.json", "--language", "python", "--operation", "Get_user"];
    let program = folder
        .run(&[&arguments[..], &["--base-url", "https://api.zoom.us/v2", "--set", "userId=ann@example.com"]].concat())
        .good();
    assert!(program.contains(r#"path = "/v2/users/" + encode(user_id)"#), "{program}");
    assert!(program.contains(r#"user_id: str = "ann@example.com""#), "{program}");
    assert!(!folder.path("data").exists());
}

#[test]
fn many_programs_go_to_a_folder() {
    let folder = Folder::new();
    fs::write(folder.path("sample.json"), r#"{"a": [1]}"#).unwrap();
    let told = folder.run(&["generate", "--from", "sample.json", "--out", "programs"]).good();
    assert!(told.starts_with("programs: ") && told.contains(" programs"), "{told}");
    assert!(folder.path("programs/tcl/sample.tcl").exists());
    assert!(folder.path("programs/curl/sample.sh").exists());
}

#[test]
fn languages_are_listed() {
    let listed = Folder::new().run(&["generate", "--list-languages"]).good();
    assert!(listed.lines().any(|line| line.starts_with("pascal ")), "{listed}");
    let objects = Folder::new().json(&["generate", "--list-languages", "--json"]);
    assert_eq!(objects.len() + 1, listed.lines().count());
    assert!(objects.iter().any(|object| object["language"] == "pascal" && object["run_with"].is_string()));
}

#[test]
fn what_is_wrong_with_a_description_is_said_with_its_place() {
    let folder = Folder::new();
    for (description, told) in [
        ("{\"openapi\": \"3.1.0\",\n \"paths\": {", "broken.json: line 2, column 11: unexpected end of the document"),
        (r#"{"openapi": "2.0"}"#, "broken.json: /openapi: version `2.0` is not supported"),
        ("", "it is empty"),
    ] {
        fs::write(folder.path("broken.json"), description).unwrap();
        let stderr = folder.run(&["generate", "--from", "broken.json", "--language", "php"]).failed(1);
        assert!(stderr.contains(told), "{stderr}");
    }
    fs::write(folder.path("item.json"), ITEM).unwrap();
    let generate = ["generate", "--from", "item.json", "--language", "php"];
    for (more, told) in [
        (&["--operation", "GetUser"][..], "no operation `GetUser`. Available operations: Get_user"),
        (&["--operation", "Get_user", "--set", "user=x"], "has no parameter `user`"),
    ] {
        let stderr = folder.run(&[&generate, more].concat()).failed(1);
        assert!(stderr.contains(told), "{stderr}");
    }
    let stderr = folder.run(&["generate", "--from", "item.json", "--language", "cobol"]).failed(2);
    assert!(stderr.contains("must be one of curl, python"), "{stderr}");
}

#[test]
fn other_tools_get_their_files() {
    let folder = Folder::new();
    fs::write(folder.path("item.json"), ITEM).unwrap();
    let generate = |more: &[&str]| folder.run(&[&["generate", "--from", "item.json"], more].concat()).good();
    let line = generate(&["--as", "curl", "--operation", "Get_user"]);
    assert_eq!(line, "curl \"$API_BASE_URL\"'/users/me' \\\n  -H \"Authorization: Bearer $API_TOKEN\"\n");
    for kind in ["postman-item", "postman", "postman-environment", "har", "json-schema", "openapi"] {
        let json: serde_json::Value = serde_json::from_str(&generate(&["--as", kind])).unwrap();
        assert!(json.is_object(), "{kind}");
    }
    let classes = generate(&["--as", "classes", "--language", "python"]);
    assert!(classes.contains("class Answer:"), "{classes}");
}
