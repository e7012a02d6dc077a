//! Programs for the Chilkat library make the same calls as those in the vendors' documents, one by one.
//!
//! The documents are next to the checkout, in `../shared/seeds`, or in `ROLLCALL_SEEDS`; without them, there
//! is nothing to compare.

#![expect(clippy::unwrap_used, clippy::print_stdout, reason = "these are tests")]

use std::{collections::BTreeSet, env, fs, path::PathBuf};

use rollcall_codegen::{Document, Generator, Language, Style};

/// The document whose name begins with this number.
fn document(number: &str) -> Option<String> {
    let beside = || PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../../shared/seeds");
    let seeds = env::var_os("ROLLCALL_SEEDS").map_or_else(beside, PathBuf::from);
    let Ok(entries) = fs::read_dir(&seeds) else {
        println!("skipped: {} does not exist", seeds.display());
        return None;
    };
    let path = entries
        .map(|entry| entry.unwrap().path())
        .find(|path| path.file_name().is_some_and(|name| name.to_string_lossy().starts_with(number)))
        .unwrap();
    Some(fs::read_to_string(path).unwrap())
}

/// The program in a document.
fn printed_program(document: &str) -> &str {
    document.split_once("Back to Collection Items").unwrap().1.split_once("Curl Command").unwrap().0
}

/// The Postman item in a document.
fn printed_item(document: &str) -> &str {
    document.split_once("Postman Collection Item JSON").unwrap().1
}

fn generated(item: &str, language: &str) -> String {
    let mut document = Document::read(item).unwrap();
    document.set_base_url("https://api.zoom.us/v2");
    Generator::new().generate(&document.operations()[0], Language::find(language).unwrap(), Style::Chilkat).unwrap()
}

/// The lines of a program that call the library, without the assignment of their results.
fn calls(program: &str, calls: impl Fn(&str) -> bool) -> Vec<String> {
    let lines = program.lines().map(str::trim).filter(|line| !line.starts_with(['#', '/']) && calls(line));
    // In the documents' Tcl, `[i]` would be executed as a command, which is another of their defects.
    lines.map(|line| target(line).map_or(line, |(_, call)| call).replace("\\[", "[").replace("\\]", "]")).collect()
}

/// The target of an assignment, and its value.
fn target(line: &str) -> Option<(&str, &str)> {
    if let Some(assignment) = line.strip_prefix("set ") {
        return assignment.split_once(' ');
    }
    let (name, value) = line.split_once(" := ").or_else(|| line.split_once(" = "))?;
    name.chars().all(|c| c.is_ascii_alphanumeric() || "$_".contains(c)).then_some((name, value))
}

fn check(number: &str, language: &str, is_call: impl Fn(&str) -> bool + Copy) {
    let Some(document) = document(number) else { return };
    let program = generated(printed_item(&document), language);
    let (printed, generated) = (calls(printed_program(&document), is_call), calls(&program, is_call));
    assert!(printed.len() > 30, "{printed:#?}");
    assert_eq!(generated, printed);
    // In the document, some fields share a variable; here each has its own.
    let reads = program.lines().map(str::trim).filter(|line| line.contains("Of") && !line.contains("SizeOfArray"));
    let mut variables = BTreeSet::new();
    for (name, _) in reads.filter_map(target) {
        assert!(variables.insert(name.to_lowercase()), "two fields are read into {name}");
    }
    assert!(variables.len() > 25);
}

#[test]
fn quality_of_a_webinar_in_tcl() {
    check("001", "tcl", |line| line.contains("Ck"));
}

#[test]
fn participants_of_a_webinar_in_php() {
    check("002", "php", |line| line.contains("->") || line.contains("new Ck"));
}

#[test]
fn participants_of_a_meeting_in_delphi() {
    check("003", "pascal", |line| line.contains("Ck") && !line.contains(": HCk"));
}

/// The text of this document lacks its address and its closing braces.
#[test]
fn tracking_sources_of_a_webinar_in_tcl_as_far_as_its_text_goes() {
    let Some(document) = document("000") else { return };
    let body = document.rsplit_once("\"body\": ").unwrap().1.trim();
    let body = serde_json::Deserializer::from_str(body).into_iter::<String>().next().unwrap().unwrap();
    let item = serde_json::json!({
        "name": "Get webinar tracking sources",
        "request": {
            "auth": {"type": "oauth2"},
            "method": "GET",
            "url": {
                "raw": "{{baseUrl}}/webinars/:webinarId/tracking_sources",
                "variable": [{"key": "webinarId", "value": "68423085"}],
            },
        },
        "response": [{"code": 200, "body": body}],
    });
    let address = "\"https://api.zoom.us/v2/webinars/68423085/tracking_sources\"";
    let program = generated(&item.to_string(), "tcl");
    assert!(program.contains(address));
    let without_address = program.replace(address, "\"\"");
    let is_call = |line: &str| line.contains("Ck");
    assert_eq!(calls(&without_address, is_call), calls(printed_program(&document), is_call));
}
