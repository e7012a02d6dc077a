//! Rows about registrations.

use csv::StringRecord;
use rollcall_model::{Registrant, Text};
use serde_json::{Map, Value, json};

use super::{
    attendance::{name_in, time},
    columns::{Column, Head, Part},
    times::Times,
    words,
};

/// Reads a registration; `None` if the row is an attendance of somebody who did not register.
///
/// The report has no ids, so the address identifies the registrant: the store adds the facts to a registration with
/// that address.
pub(super) fn read_registrant(head: &Head, cells: &StringRecord, times: &Times) -> Result<Option<Registrant>, String> {
    let cell = |column| head.cell(cells, Part::Person, column);
    let text = |column| cell(column).map(|cell| cell.map(|cell| Text::from(cell.text)));
    let Some(email) = cell(Column::Email)? else {
        return if head.has_attendances {
            Ok(None)
        } else {
            Err("no email address, which identifies a registrant".to_owned())
        };
    };
    let is_address = |text: &str| text.contains('@') && !text.contains(char::is_whitespace) && !text.starts_with('=');
    if !is_address(email.text) {
        return Err(email.wrong(&format!("`{}` is not an email address", email.text)));
    }
    let create_time = time(head, cells, Part::Person, Column::Registered, times)?;
    let status = match cell(Column::Status)? {
        Some(status) => Some(words::status(status.text).ok_or_else(|| {
            status.wrong(&format!("`{}` is not approved, pending, denied or cancelled", status.text))
        })?),
        None => None,
    };
    // Somebody who attended may appear several times, with the registration in the first row.
    if head.has_attendances && create_time.is_none() && status.is_none() {
        return Ok(None);
    }
    let (mut first_name, last_name) = (text(Column::FirstName)?, text(Column::LastName)?);
    if first_name.is_none() && last_name.is_none() {
        first_name = name_in(head, cells)?;
    }
    let answers = answers(head, cells, text(Column::Source)?);
    let answers_json = (!answers.is_empty()).then(|| Value::Object(answers).to_string());
    if answers_json.as_ref().is_some_and(|answers| answers.len() > Registrant::MAX_ANSWERS_BYTES) {
        return Err(format!("the answers are longer than {} bytes", Registrant::MAX_ANSWERS_BYTES));
    }
    Ok(Some(Registrant {
        id: email.text.to_lowercase().into(),
        email: Some(email.text.into()),
        first_name,
        last_name,
        status: status.map(Text::const_new),
        answers_json,
        create_time,
        ..Registrant::default()
    }))
}

/// Returns the form as Zoom's API reports it: the known fields by their keys, other columns as custom questions.
fn answers(head: &Head, cells: &StringRecord, source: Option<Text>) -> Map<String, Value> {
    let (mut answers, mut questions) = (Map::new(), Vec::new());
    for (key, title, value) in head.answers(cells) {
        match key {
            Some(key) if !answers.contains_key(key) => drop(answers.insert(key.to_owned(), value.into())),
            _ => questions.push(json!({ "title": title, "value": value })),
        }
    }
    if !questions.is_empty() {
        answers.insert("custom_questions".to_owned(), questions.into());
    }
    if let Some(source) = source {
        answers.insert("source_name".to_owned(), source.as_str().into());
    }
    answers
}
