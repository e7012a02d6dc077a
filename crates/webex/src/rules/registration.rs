//! Registration forms (second part of the Webex reference, section 1).

use serde_json::{Map, Value};

use super::{
    body::{Object, parse_json},
    fields::{Form, Rule, checked, may, must},
    violation::{Findings, Violation, Violations},
};

const CONDITIONS: &[&str] = &["contains", "notContains", "beginsWith", "endsWith", "equals", "notEquals"];
const RESULTS: &[&str] = &["approve", "reject"];
const TYPES: &[&str] = &["singleLineTextBox", "multiLineTextBox", "checkbox", "dropdownList", "radioButtons"];
const STANDARD: &[&str] = &[
    "lastName",
    "email",
    "jobTitle",
    "companyName",
    "address1",
    "address2",
    "city",
    "state",
    "zipCode",
    "countryRegion",
    "workPhone",
    "fax",
];
const MAX_ORDER: i64 = 10_000;

const OPTION: &[Rule] = &[must("value", Form::Text(256))];
const OWN_RULE: &[Rule] = &[
    must("condition", Form::Word(CONDITIONS)),
    must("value", Form::Text(256)),
    must("result", Form::Word(RESULTS)),
    may("matchCase", Form::Flag),
    may("order", Form::Count(1, MAX_ORDER)),
];
const QUESTION: &[Rule] = &[
    must("question", Form::Text(1_000)),
    may("required", Form::Flag),
    must("type", Form::Word(TYPES)),
    may("maxLength", Form::Count(0, 999)),
    may("options", Form::List(100, OPTION)),
    may("rules", Form::List(100, OWN_RULE)),
];
const RULE: &[Rule] = &[
    must("question", Form::Word(STANDARD)),
    must("condition", Form::Word(CONDITIONS)),
    must("value", Form::Text(256)),
    must("result", Form::Word(RESULTS)),
    may("matchCase", Form::Flag),
    must("order", Form::Count(1, MAX_ORDER)),
];

/// The fields of a form.
pub(super) const FORM: &[Rule] = &[
    may("autoAcceptRequest", Form::Flag),
    may("requireFirstName", Form::Flag),
    may("requireLastName", Form::Flag),
    may("requireEmail", Form::Flag),
    may("requireJobTitle", Form::Flag),
    may("requireCompanyName", Form::Flag),
    may("requireAddress1", Form::Flag),
    may("requireAddress2", Form::Flag),
    may("requireCity", Form::Flag),
    may("requireState", Form::Flag),
    may("requireZipCode", Form::Flag),
    may("requireCountryRegion", Form::Flag),
    may("requireWorkPhone", Form::Flag),
    may("requireFax", Form::Flag),
    may("maxRegisterNum", Form::Count(1, 10_000)),
    may("customizedQuestions", Form::List(100, QUESTION)),
    may("rules", Form::List(100, RULE)),
];

/// Parses a form, and completes it as responses show it: every question and option has an id, every flag a value.
///
/// # Errors
///
/// Everything that is wrong with it.
pub fn registration(body: &[u8]) -> Result<Map<String, Value>, Violations> {
    let value = parse_json(body)?;
    let mut findings = Findings::default();
    let form = checked(Object::root(&value)?.map(), FORM, "", &mut findings);
    let form = completed(form, "", &mut findings);
    findings.finish(form)
}

/// Completes a checked form. `None` if it breaks a rule.
pub(super) fn completed(
    mut form: Map<String, Value>,
    path: &str,
    findings: &mut Findings,
) -> Option<Map<String, Value>> {
    let mut is_good = true;
    for Rule { key, .. } in FORM.iter().filter(|rule| matches!(rule.form, Form::Flag)) {
        let must_be = matches!(*key, "requireFirstName" | "requireLastName" | "requireEmail");
        match form.get(*key) {
            Some(Value::Bool(false)) if must_be => {
                findings.add(Violation::rule(format!("'{path}{key}' must be true")));
                is_good = false;
            }
            Some(_) => {}
            None => drop(form.insert((*key).to_owned(), must_be.into())),
        }
    }
    let questions = form.get_mut("customizedQuestions").and_then(Value::as_array_mut);
    for (index, question) in questions.into_iter().flatten().enumerate() {
        let is_choice = matches!(question["type"].as_str(), Some("checkbox" | "dropdownList" | "radioButtons"));
        let has_options = question["options"].as_array().is_some_and(|options| !options.is_empty());
        if is_choice != has_options {
            let field = format!("{path}customizedQuestions[{index}].options");
            let sentence = if is_choice {
                format!("'{field}' cannot be empty if 'type' is checkbox, dropdownList or radioButtons")
            } else {
                format!("'{field}' must be omitted if 'type' is a text box")
            };
            findings.add(Violation::rule(sentence));
            is_good = false;
        }
        question["id"] = (index + 1).into();
        for (number, option) in question["options"].as_array_mut().into_iter().flatten().enumerate() {
            option["id"] = (number + 1).into();
        }
        if question["options"].is_null()
            && let Some(question) = question.as_object_mut()
        {
            question.remove("options");
        }
    }
    is_good.then_some(form)
}
