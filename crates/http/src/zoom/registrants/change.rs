//! Decisions about registrations, their deletion, and what registrants are asked.

use axum::{
    http::StatusCode,
    response::{IntoResponse as _, Response},
};
use rollcall_model::{Document, DocumentOwner, MeetingKind, Text};
use rollcall_store::{RegistrantRef, StoreError};
use rollcall_zoom::wire::{self, words};

use super::{
    expired, find, not_found,
    rules::{Rules, word},
};
use crate::zoom::{
    body::{Body, MAX_EMAIL},
    error::{ZoomError, ZoomResult},
    table::Call,
};

/// The most registrants of one request.
pub(super) const MAX_BATCH: usize = 30;
/// The kind of document with what registrants are asked.
pub(super) const QUESTIONS: &str = "registration_questions";
const MAX_ID: usize = 128;
const MAX_QUESTIONS: usize = 100;
const MAX_TITLE: usize = 1_024;
const MAX_CHOICES: usize = 100;

/// Approves, denies or cancels registrations.
pub(super) async fn decide(call: Call, kind: MeetingKind) -> ZoomResult<Response> {
    let meeting = find(&call, kind, expired).await?;
    let body = Body::parse(&call.body)?;
    let fields = body.fields();
    let action = fields.word("action", words::RegistrantAction::WORDS);
    if !fields.has("action") {
        fields.missing("action");
    }
    let mut people = Vec::new();
    for item in fields.items("registrants", MAX_BATCH) {
        let of = |name, max| item.text(name, max).unwrap_or_default();
        let person = RegistrantRef { id: of("id", MAX_ID), email: of("email", MAX_EMAIL) };
        if person.id.is_empty() && person.email.is_empty() {
            item.missing("id");
        }
        people.push(person);
    }
    if !fields.has("registrants") {
        fields.missing("registrants");
    }
    body.finish()?;
    let mut query = call.query();
    let occurrence = query.bound("occurrence_id");
    query.finish()?;
    let (store, account) = (&call.app.store, call.caller.account);
    if let Some(occurrence) = &occurrence {
        for person in &people {
            let found = store.find_registrant(account, kind, meeting.number, &person.id).await?;
            let ids = found.and_then(|found| found.occurrence_ids).unwrap_or_default();
            if !ids.is_empty() && !ids.contains(occurrence) {
                return Err(not_found(StatusCode::BAD_REQUEST, &person.id));
            }
        }
    }
    let status = match action.as_deref() {
        Some("approve") => "approved",
        Some("deny") => "denied",
        _ => "cancelled",
    };
    let change = Rules::of(&meeting).change(&call, &meeting);
    match store.set_registrant_status(account, change, &people, status).await {
        Ok(()) => Ok(StatusCode::NO_CONTENT.into_response()),
        Err(StoreError::LimitReached { .. }) => {
            let code = if kind == MeetingKind::Webinar { 3035 } else { 3043 };
            let message = format!("{} has reached maximum attendee capacity.", word(kind));
            Err(ZoomError::new(StatusCode::BAD_REQUEST, code, message))
        }
        Err(StoreError::NotFound { what }) => {
            let id = what.strip_prefix("registrant ").unwrap_or(&what).to_owned();
            Err(not_found(StatusCode::BAD_REQUEST, &id))
        }
        Err(error) => Err(error.into()),
    }
}

/// Deletes a registrant, or takes an occurrence from the registration.
pub(super) async fn delete(call: Call, kind: MeetingKind) -> ZoomResult<Response> {
    let meeting = find(&call, kind, expired).await?;
    let id = call.second_id();
    if id.trim().is_empty() || id.chars().count() > MAX_ID {
        let message =
            "The value that you entered for the Registrant ID field is invalid. Enter a valid value and try again.";
        return Err(ZoomError::new(StatusCode::BAD_REQUEST, 300, message));
    }
    let mut query = call.query();
    let occurrence = query.bound("occurrence_id");
    query.finish()?;
    let (store, account) = (&call.app.store, call.caller.account);
    if store.delete_registrant(account, kind, meeting.number, id, occurrence.as_deref()).await? {
        return Ok(StatusCode::NO_CONTENT.into_response());
    }
    if Rules::of(&meeting).approves.is_none() {
        let what = word(kind).to_lowercase();
        let message = format!("Registration has not been enabled for this {what}: {}.", meeting.number);
        return Err(ZoomError::new(StatusCode::BAD_REQUEST, 404, message));
    }
    Err(not_found(StatusCode::BAD_REQUEST, id))
}

/// Sets what registrants are asked. A list that is left out stays as it was.
pub(super) async fn questions(call: Call, kind: MeetingKind) -> ZoomResult<Response> {
    let meeting = find(&call, kind, expired).await?;
    let body = Body::parse(&call.body)?;
    let fields = body.fields();
    let types: &[&str] = match kind {
        MeetingKind::Meeting => &["short", "single"],
        MeetingKind::Webinar => &["short", "single_radio", "single_dropdown", "multiple"],
    };
    let mut asked = wire::RegistrationQuestions::default();
    for item in fields.items("custom_questions", MAX_QUESTIONS) {
        let title = item.required_text("title", MAX_TITLE);
        if !title.is_empty() && asked.custom_questions.iter().any(|question| question.title == title) {
            item.refuse("title", "Another question has it.");
        }
        let answer_type = item.word("type", types).unwrap_or_else(|| "short".into());
        let answers = item.texts("answers", MAX_CHOICES, MAX_TITLE);
        if answer_type != "short" && answers.is_empty() {
            item.missing("answers");
        }
        let required = item.flag("required").unwrap_or(false);
        asked.custom_questions.push(wire::CustomQuestion { title, answer_type, required, answers });
    }
    for item in fields.items("questions", MAX_QUESTIONS) {
        let field_name = item.word("field_name", words::FormField::WORDS);
        if !item.has("field_name") {
            item.missing("field_name");
        }
        let Some(field_name) = field_name else { continue };
        if asked.questions.iter().any(|question| question.field_name == field_name) {
            item.refuse("field_name", "It is listed twice.");
        }
        asked.questions.push(wire::Question { field_name, required: item.flag("required").unwrap_or(false) });
    }
    let (has_custom, has_form) = (fields.has("custom_questions"), fields.has("questions"));
    body.finish()?;
    let (store, account) = (&call.app.store, call.caller.account);
    let owner = DocumentOwner::Meeting(kind, meeting.number);
    if !(has_custom && has_form) {
        let stored = store.find_document(account, QUESTIONS, &owner, "").await?;
        let stored: wire::RegistrationQuestions =
            stored.and_then(|document| serde_json::from_str(&document.json).ok()).unwrap_or_default();
        if !has_custom {
            asked.custom_questions = stored.custom_questions;
        }
        if !has_form {
            asked.questions = stored.questions;
        }
    }
    let json = serde_json::to_string(&asked).map_err(|error| ZoomError::from(StoreError::backend("JSON", error)))?;
    let document = Document { kind: QUESTIONS.into(), owner, key: Text::default(), time: None, json };
    store.put_documents(account, &[document]).await?;
    Ok(StatusCode::NO_CONTENT.into_response())
}
