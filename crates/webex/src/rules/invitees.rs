//! Bodies of requests about invitees and invitation sources (second part of the Webex reference, sections 3 and 4).

use std::collections::HashSet;

use serde_json::{Map, Value};

use super::{
    body::{Object, parse_json},
    fields::{Form, Rule, checked, may, must},
    violation::{Findings, Violation, Violations},
};

/// Maximum number of invitees in a request.
pub const MAX_INVITEES: usize = 100;

/// Maximum number of invitation sources in a request.
pub const MAX_SOURCES: usize = 100;

/// The fields of an invitee.
pub(super) const INVITEE: &[Rule] = &[
    must("email", Form::Email),
    may("displayName", Form::Text(128)),
    may("coHost", Form::Flag),
    may("panelist", Form::Flag),
];

/// Fields of requests that are not the invitee's. Nothing is sent: `sendEmail` has no effect.
const AROUND: &[Rule] =
    &[must("meetingId", Form::Text(200)), may("hostEmail", Form::Email), may("sendEmail", Form::Flag)];

const SOURCE: &[Rule] = &[must("sourceId", Form::Text(120)), must("sourceEmail", Form::Email)];

/// Parses one invitee, and returns the meeting's id with it.
///
/// # Errors
///
/// Everything that is wrong with the body.
pub fn invitee(body: &[u8]) -> Result<(String, Map<String, Value>), Violations> {
    let value = parse_json(body)?;
    let object = Object::root(&value)?.map();
    let mut findings = Findings::default();
    let around = checked(object, AROUND, "", &mut findings);
    let invitee = checked(object, INVITEE, "", &mut findings);
    findings.finish(meeting_of(&around).map(|id| (id, invitee)))
}

/// Parses several invitees of a meeting.
///
/// # Errors
///
/// Everything that is wrong with the body.
pub fn invitees(body: &[u8]) -> Result<(String, Vec<Map<String, Value>>), Violations> {
    let value = parse_json(body)?;
    let object = Object::root(&value)?.map();
    let mut findings = Findings::default();
    let around = checked(object, AROUND, "", &mut findings);
    let items = items(object, MAX_INVITEES, INVITEE, &mut findings);
    refuse_repeated(&items, "items", &mut findings);
    findings.finish(meeting_of(&around).map(|id| (id, objects(items))))
}

/// Parses a changed invitee.
///
/// # Errors
///
/// Everything that is wrong with the body.
pub fn invitee_change(body: &[u8]) -> Result<Map<String, Value>, Violations> {
    let value = parse_json(body)?;
    let mut findings = Findings::default();
    let invitee = checked(Object::root(&value)?.map(), INVITEE, "", &mut findings);
    findings.finish(Some(invitee))
}

/// Parses invitation sources.
///
/// # Errors
///
/// Everything that is wrong with the body.
pub fn invitation_sources(body: &[u8]) -> Result<Vec<Map<String, Value>>, Violations> {
    let value = parse_json(body)?;
    let object = Object::root(&value)?.map();
    let mut findings = Findings::default();
    let items = items(object, MAX_SOURCES, SOURCE, &mut findings);
    findings.finish(Some(objects(items)))
}

fn items(object: &Map<String, Value>, max: usize, rules: &'static [Rule], findings: &mut Findings) -> Vec<Value> {
    let list = Rule { key: "items", form: Form::List(max, rules), required: true };
    match checked(object, &[list], "", findings).remove("items") {
        Some(Value::Array(items)) if items.is_empty() => {
            findings.add(Violation::Empty { field: "items".into() });
            items
        }
        Some(Value::Array(items)) => items,
        _ => Vec::new(),
    }
}

fn meeting_of(around: &Map<String, Value>) -> Option<String> {
    around.get("meetingId")?.as_str().map(str::to_owned)
}

fn objects(items: Vec<Value>) -> Vec<Map<String, Value>> {
    items
        .into_iter()
        .filter_map(|item| match item {
            Value::Object(object) => Some(object),
            _ => None,
        })
        .collect()
}

/// Records addresses that appear twice.
pub(super) fn refuse_repeated(invitees: &[Value], list: &str, findings: &mut Findings) {
    let mut seen = HashSet::new();
    for (index, invitee) in invitees.iter().enumerate() {
        let email = invitee["email"].as_str().unwrap_or_default().to_lowercase();
        if !email.is_empty() && !seen.insert(email) {
            findings.add(Violation::rule(format!("'{list}[{index}].email' repeats an address; each can appear once")));
        }
    }
}
