//! Bodies of requests about registrants (second part of the Webex reference, section 2).

use rollcall_model::Text;
use serde_json::{Map, Value};

use super::{
    body::{Object, parse_json},
    fields::{Form, Rule, checked, may, must},
    violation::{Findings, Violation, Violations},
};
use crate::registrant::{REQUIRED, stored_status};

/// Maximum number of registrants in a request.
const MAX_REGISTRANTS: usize = 100;

const SHORT: Form = Form::Text(256);
const ANSWER: &[Rule] = &[may("optionId", Form::Label), must("answer", Form::Text(1_000))];
const QUESTION: &[Rule] = &[must("questionId", Form::Label), may("answers", Form::List(100, ANSWER))];
const REGISTRANT: &[Rule] = &[
    must("firstName", Form::Text(64)),
    must("lastName", Form::Text(64)),
    must("email", Form::Email),
    may("jobTitle", SHORT),
    may("companyName", SHORT),
    may("address1", SHORT),
    may("address2", SHORT),
    may("city", SHORT),
    may("state", SHORT),
    may("zipCode", Form::Label),
    may("countryRegion", SHORT),
    may("workPhone", SHORT),
    may("fax", SHORT),
    may("customizedQuestions", Form::List(100, QUESTION)),
];
const NAMED: &[Rule] = &[must("registrants", Form::List(MAX_REGISTRANTS, &[must("id", SHORT)]))];
const QUERY: &[Rule] = &[
    must("emails", Form::Texts(MAX_REGISTRANTS, 254)),
    may("status", Form::Word(&["approved", "pending", "rejected"])),
    may("orderType", Form::Word(&["ASC", "DESC"])),
    may("orderBy", Form::Word(&["firstName", "lastName", "status", "email"])),
];

/// Which registrants are requested, and in which order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RegistrantsQuery {
    /// With one of these addresses, in lower case.
    pub emails: Vec<String>,
    /// With this status, as it is stored.
    pub status: Option<&'static str>,
    /// Whether the last comes first.
    pub is_descending: bool,
    /// The key that they are ordered by; `registrationTime` by default.
    pub order_by: Text,
}

/// Parses one registrant.
///
/// # Errors
///
/// Everything that is wrong with the body, also according to the registration form.
pub fn registrant(body: &[u8], form: &Value) -> Result<Map<String, Value>, Violations> {
    let value = parse_json(body)?;
    let mut findings = Findings::default();
    let read = checked(Object::root(&value)?.map(), REGISTRANT, "", &mut findings);
    check_form(&read, form, "", &mut findings);
    findings.finish(Some(read))
}

/// Parses several registrants.
///
/// # Errors
///
/// Everything that is wrong with the body, also according to the registration form.
pub fn registrants(body: &[u8], form: &Value) -> Result<Vec<Map<String, Value>>, Violations> {
    let value = parse_json(body)?;
    let mut findings = Findings::default();
    let list = [must("items", Form::List(MAX_REGISTRANTS, REGISTRANT))];
    let mut read = checked(Object::root(&value)?.map(), &list, "", &mut findings);
    let items = read.remove("items").unwrap_or_default();
    let mut all = Vec::new();
    for (index, item) in items.as_array().into_iter().flatten().enumerate() {
        if let Value::Object(item) = item {
            check_form(item, form, &format!("items[{index}]."), &mut findings);
            all.push(item.clone());
        }
    }
    super::invitees::refuse_repeated(items.as_array().map_or(&[], Vec::as_slice), "items", &mut findings);
    findings.finish(Some(all))
}

fn check_form(read: &Map<String, Value>, form: &Value, path: &str, findings: &mut Findings) {
    for (flag, field) in REQUIRED {
        if form[flag] == true && !read.contains_key(field) {
            let sentence = format!("'{path}{field}' cannot be empty: the registration form requires it");
            findings.add(Violation::rule(sentence));
        }
    }
}

/// Parses the ids of registrants.
///
/// # Errors
///
/// Everything that is wrong with the body.
pub fn registrant_ids(body: &[u8]) -> Result<Vec<Text>, Violations> {
    let value = parse_json(body)?;
    let mut findings = Findings::default();
    let read = checked(Object::root(&value)?.map(), NAMED, "", &mut findings);
    let named = read.get("registrants").and_then(Value::as_array).into_iter().flatten();
    let ids: Vec<Text> = named.filter_map(|named| named["id"].as_str().map(Text::from)).collect();
    if ids.is_empty() && read.contains_key("registrants") {
        findings.add(Violation::Empty { field: "registrants".into() });
    }
    findings.finish(Some(ids))
}

/// Parses a query for registrants.
///
/// # Errors
///
/// Everything that is wrong with the body.
pub fn registrants_query(body: &[u8]) -> Result<RegistrantsQuery, Violations> {
    let value = parse_json(body)?;
    let mut findings = Findings::default();
    let read = checked(Object::root(&value)?.map(), QUERY, "", &mut findings);
    let text = |key: &str| read.get(key).and_then(Value::as_str);
    let emails = read.get("emails").and_then(Value::as_array).into_iter().flatten();
    let query = RegistrantsQuery {
        emails: emails.filter_map(|email| email.as_str().map(str::to_lowercase)).collect(),
        status: text("status").and_then(stored_status),
        is_descending: text("orderType") == Some("DESC"),
        order_by: text("orderBy").unwrap_or("registrationTime").into(),
    };
    findings.finish(Some(query))
}
