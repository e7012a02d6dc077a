//! Converts registrants to Webex's shape and back (second part of the Webex reference, section 2).
//!
//! Fields that both vendors have are stored under Zoom's keys, so that either API shows a registrant of the other.

use rollcall_model::{Registrant, Text, Timestamp};
use serde_json::{Map, Value};

/// Fields of the form: Webex's key, and the key under which it is stored.
const FORM: [(&str, &str); 12] = [
    ("jobTitle", "job_title"),
    ("companyName", "org"),
    ("address1", "address"),
    ("address2", "address2"),
    ("city", "city"),
    ("state", "state"),
    ("zipCode", "zip"),
    ("countryRegion", "country"),
    ("workPhone", "phone"),
    ("fax", "fax"),
    ("customizedQuestions", "customizedQuestions"),
    ("sourceId", "sourceId"),
];

/// Statuses: Webex's, and the one that is stored.
const STATUSES: [(&str, &str); 4] =
    [("approved", "approved"), ("pending", "pending"), ("rejected", "denied"), ("cancelled", "cancelled")];

/// Returns the id of a new registrant from 16 random bytes: a UUID.
#[must_use]
pub fn id(random: [u8; 16]) -> Text {
    let hex = data_encoding::HEXLOWER.encode(&random);
    [&hex[..8], &hex[8..12], &hex[12..16], &hex[16..20], &hex[20..]].join("-").into()
}

/// Returns the status as it is stored.
#[must_use]
pub fn stored_status(status: &str) -> Option<&'static str> {
    STATUSES.iter().find(|(webex, _)| *webex == status).map(|(_, stored)| *stored)
}

fn answers(registrant: &Registrant) -> Map<String, Value> {
    registrant.answers_json.as_deref().and_then(|json| serde_json::from_str(json).ok()).unwrap_or_default()
}

/// Returns a registrant as it is shown.
#[must_use]
pub fn shown(registrant: &Registrant) -> Value {
    let answers = answers(registrant);
    let mut shown = Map::new();
    let mut set = |key: &str, value: Option<Value>| {
        if let Some(value) = value {
            shown.insert(key.to_owned(), value);
        }
    };
    let text = |text: &Option<Text>| text.as_deref().filter(|text| !text.is_empty()).map(Value::from);
    set("id", Some(registrant.id.as_str().into()));
    let status = registrant.status.as_deref();
    let status =
        status.map(|status| STATUSES.iter().find(|(_, stored)| *stored == status).map_or(status, |(webex, _)| webex));
    set("status", status.map(Value::from));
    set("firstName", text(&registrant.first_name));
    set("lastName", text(&registrant.last_name));
    set("email", text(&registrant.email));
    for (webex, stored) in FORM {
        let value = answers.get(stored).filter(|value| !value.is_null() && **value != "");
        set(webex, value.map(|value| if webex == "zipCode" { zip_code(value) } else { value.clone() }));
    }
    // Unlike elsewhere, with an offset.
    let time = |time: Timestamp| time.to_jiff().strftime("%Y-%m-%dT%H:%M:%S+00:00").to_string();
    set("registrationTime", registrant.create_time.map(|at| time(at).into()));
    shown.into()
}

/// Returns a postal code as a number, unless that would lose something.
fn zip_code(value: &Value) -> Value {
    let number = value.as_str().filter(|text| !text.starts_with('0')).and_then(|text| text.parse::<u64>().ok());
    number.map_or_else(|| value.clone(), Value::from)
}

/// Returns the registrant of a checked body.
#[must_use]
pub fn registrant(mut body: Map<String, Value>, id: Text, status: &'static str, now: Timestamp) -> Registrant {
    let mut take = |key: &str| body.remove(key).and_then(|value| value.as_str().map(Text::from));
    let (email, first_name, last_name) = (take("email"), take("firstName"), take("lastName"));
    let answers: Map<String, Value> =
        FORM.into_iter().filter_map(|(webex, stored)| Some((stored.to_owned(), body.remove(webex)?))).collect();
    Registrant {
        id,
        email,
        first_name,
        last_name,
        status: Some(Text::const_new(status)),
        answers_json: (!answers.is_empty()).then(|| Value::Object(answers).to_string()),
        create_time: Some(now),
        ..Registrant::default()
    }
}

/// The keys of a registrant that are not fields of the form.
const KEYS: [&str; 6] = ["id", "status", "firstName", "lastName", "email", "registrationTime"];

/// Reads a registrant as it is shown. Adds the keys of values that cannot be stored to `unkept`.
///
/// # Errors
///
/// A key, and what is wrong with its value.
pub(crate) fn read(shown: &Value, unkept: &mut Vec<String>) -> Result<Registrant, (String, String)> {
    let Value::Object(object) = shown else { return Err((String::new(), "not an object".to_owned())) };
    let text = |key: &str| match object.get(key) {
        None | Some(Value::Null) => Ok(None),
        Some(Value::String(text)) => Ok(Some(Text::from(text.trim())).filter(|text| !text.is_empty())),
        Some(_) => Err((key.to_owned(), "not a text".to_owned())),
    };
    let known: Vec<&str> = KEYS.into_iter().chain(FORM.map(|(webex, _)| webex)).collect();
    unkept.extend(rollcall_extras::unknown_keys(object, &known).into_iter().map(str::to_owned));
    let status = match text("status")? {
        Some(status) => Some(stored_status(&status).ok_or_else(|| {
            ("status".to_owned(), format!("`{status}` is not approved, pending, rejected or cancelled"))
        })?),
        None => None,
    };
    let create_time = match text("registrationTime")? {
        Some(time) => Some(
            time.parse()
                .map_err(|error: rollcall_model::InvalidTime| ("registrationTime".to_owned(), error.to_string()))?,
        ),
        None => None,
    };
    let answers: Map<String, Value> = FORM
        .into_iter()
        .filter_map(|(webex, stored)| {
            let value = object.get(webex).filter(|value| !rollcall_extras::is_blank(value))?;
            // Zoom's postal codes are texts.
            let value = if webex == "zipCode" && value.is_number() { value.to_string().into() } else { value.clone() };
            Some((stored.to_owned(), value))
        })
        .collect();
    let answers_json = (!answers.is_empty()).then(|| Value::Object(answers).to_string());
    if answers_json.as_ref().is_some_and(|answers| answers.len() > Registrant::MAX_ANSWERS_BYTES) {
        return Err((String::new(), format!("longer than {} bytes", Registrant::MAX_ANSWERS_BYTES)));
    }
    Ok(Registrant {
        id: text("id")?.ok_or_else(|| ("id".to_owned(), "missing or blank".to_owned()))?,
        email: text("email")?,
        first_name: text("firstName")?,
        last_name: text("lastName")?,
        status: status.map(Text::const_new),
        answers_json,
        create_time,
        ..Registrant::default()
    })
}

/// Returns the status of a new registrant: what the form's first matching rule says, or else whether the form accepts
/// requests automatically.
#[must_use]
pub fn new_status(form: &Value, body: &Map<String, Value>) -> &'static str {
    let mut rules: Vec<&Value> = form["rules"].as_array().into_iter().flatten().collect();
    rules.sort_by_key(|rule| rule["order"].as_i64());
    let matching = rules.into_iter().find(|rule| matches(rule, body));
    match matching.and_then(|rule| rule["result"].as_str()) {
        Some("approve") => "approved",
        Some("reject") => "denied",
        _ if form["autoAcceptRequest"] == true => "approved",
        _ => "pending",
    }
}

fn matches(rule: &Value, body: &Map<String, Value>) -> bool {
    let case = |text: &str| if rule["matchCase"] == true { text.to_owned() } else { text.to_lowercase() };
    let Some(wanted) = rule["value"].as_str().map(case) else { return false };
    let answer = rule["question"].as_str().and_then(|question| body.get(question)?.as_str()).map(case);
    let answer = answer.unwrap_or_default();
    match rule["condition"].as_str() {
        Some("contains") => answer.contains(&wanted),
        Some("notContains") => !answer.contains(&wanted),
        Some("beginsWith") => answer.starts_with(&wanted),
        Some("endsWith") => answer.ends_with(&wanted),
        Some("equals") => answer == wanted,
        Some("notEquals") => answer != wanted,
        _ => false,
    }
}

/// The fields that a form may require, each with the flag that does.
pub const REQUIRED: [(&str, &str); 10] = [
    ("requireJobTitle", "jobTitle"),
    ("requireCompanyName", "companyName"),
    ("requireAddress1", "address1"),
    ("requireAddress2", "address2"),
    ("requireCity", "city"),
    ("requireState", "state"),
    ("requireZipCode", "zipCode"),
    ("requireCountryRegion", "countryRegion"),
    ("requireWorkPhone", "workPhone"),
    ("requireFax", "fax"),
];

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn the_first_matching_rule_decides() {
        let form = json!({"autoAcceptRequest": false, "rules": [
            {"question": "email", "condition": "endsWith", "value": "@Example.com", "result": "approve", "order": 2},
            {"question": "lastName", "condition": "equals", "value": "Doe", "matchCase": true, "result": "reject", "order": 1},
        ]});
        let status = |email: &str, name: &str| {
            let body = json!({"email": email, "lastName": name});
            new_status(&form, body.as_object().unwrap())
        };
        assert_eq!(status("a@example.com", "Smith"), "approved");
        assert_eq!(status("a@example.com", "Doe"), "denied");
        assert_eq!(status("a@elsewhere.com", "doe"), "pending");
    }

    #[test]
    fn a_registrant_is_shown_as_it_was_sent() {
        let body = json!({"email": "a@b", "firstName": "A", "lastName": "B", "jobTitle": "GM", "zipCode": "00501", "fax": "1"});
        let stored = registrant(body.as_object().unwrap().clone(), "1".into(), "denied", Timestamp::from_seconds(0));
        assert!(stored.answers_json.as_deref().is_some_and(|json| json.contains("job_title")));
        let shown = shown(&stored);
        assert_eq!(
            (&shown["jobTitle"], &shown["zipCode"], &shown["status"]),
            (&json!("GM"), &json!("00501"), &json!("rejected"))
        );
        assert_eq!(shown["registrationTime"], "1970-01-01T00:00:00+00:00");
    }
}
