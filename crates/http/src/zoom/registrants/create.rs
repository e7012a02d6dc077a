//! Registering people.

use axum::{
    Json,
    http::StatusCode,
    response::{IntoResponse as _, Response},
};
use rollcall_model::{DocumentOwner, Meeting, MeetingKind, MeetingNumber, Registrant, Text, draw, drawn_text};
use rollcall_store::{NewRegistrant, StoreError};
use rollcall_zoom::wire::{self, FORM_FIELDS, words};
use serde_json::{Map, Value, json};

use super::{
    change::{MAX_BATCH, QUESTIONS},
    find,
    rules::{self, is_available, occurrences, word},
};
use crate::zoom::{
    body::{Body, Fields},
    error::{ZoomError, ZoomResult},
    table::Call,
};

const MAX_NAME: usize = 64;
/// Zoom documents no limit for these.
const MAX_FORM_TEXT: usize = 1_024;
const MAX_ANSWER: usize = 128;
const MAX_ANSWERS: usize = 100;
const MAX_SOURCE: usize = 64;
const PIN_CODE: &str = "participant_pin_code";

/// Registers one person.
pub(super) async fn one(call: Call, kind: MeetingKind) -> ZoomResult<Response> {
    let quoted = |kind: MeetingKind, number: MeetingNumber| match kind {
        MeetingKind::Meeting => format!("Meeting does not exist: {number}."),
        MeetingKind::Webinar => format!("Webinar \"{number}\" not found or has expired."),
    };
    let meeting = find(&call, kind, quoted).await?;
    let rules = rules::open(&call, &meeting).await?;
    let asked = asked(&call, &meeting).await?;
    let body = Body::parse(&call.body)?;
    let fields = body.fields();
    let (mut registrant, source_id) = read(&fields, kind, &asked);
    let auto_approve = kind == MeetingKind::Meeting && fields.flag("auto_approve") == Some(true);
    let mut query = call.query();
    registrant.occurrence_ids = covered(&mut query, &meeting);
    query.finish()?;
    body.finish()?;
    check_host(&call, &meeting, &registrant).await?;

    let person = complete(&call, &meeting, registrant, source_id, rules.approves == Some(true) || auto_approve);
    let full = match kind {
        MeetingKind::Meeting => {
            ZoomError::new(StatusCode::BAD_REQUEST, 3043, "Meeting has reached maximum attendee capacity.")
        }
        MeetingKind::Webinar => ZoomError::new(
            StatusCode::BAD_REQUEST,
            3000,
            "You have reached the limit for the number of attendees you can add. Contact Zoom Support for more \
             information.",
        ),
    };
    let change = rules.change(&call, &meeting);
    let made = call.app.store.register(call.caller.account, change, &[person]).await;
    let made = made.map_err(|error| refused(error, full))?.pop();
    let made = made.ok_or_else(|| StoreError::NotFound { what: "the registration".to_owned() })?;
    Ok((StatusCode::CREATED, Json(registered(&meeting, &made))).into_response())
}

/// Registers several people, all of them or nobody.
pub(super) async fn batch(call: Call, kind: MeetingKind) -> ZoomResult<Response> {
    let plain = |kind: MeetingKind, number: MeetingNumber| format!("{} does not exist: {number}.", word(kind));
    let meeting = find(&call, kind, plain).await?;
    check_type(&meeting)?;
    let rules = rules::open(&call, &meeting).await.map_err(|error| match (kind, error.is(3000)) {
        (MeetingKind::Meeting, true) => {
            let message = format!("Registration has not been enabled for this meeting: {}.", meeting.number);
            ZoomError::new(StatusCode::NOT_FOUND, 404, message)
        }
        _ => error,
    })?;
    let body = Body::parse(&call.body)?;
    let fields = body.fields();
    let approves = rules.approves == Some(true) || fields.flag("auto_approve") == Some(true);
    let mut people: Vec<NewRegistrant> = Vec::new();
    for (place, item) in fields.items("registrants", MAX_BATCH).into_iter().enumerate() {
        let registrant = Registrant {
            email: Some(item.required_email("email")),
            first_name: Some(item.required_text("first_name", MAX_NAME)),
            last_name: item.text("last_name", MAX_NAME),
            ..Registrant::default()
        };
        let same = |other: &NewRegistrant| {
            let [one, other] = [&registrant, &other.registrant].map(|r| r.email.as_deref().unwrap_or_default());
            !one.is_empty() && one.eq_ignore_ascii_case(other)
        };
        if let Some(first) = people.iter().position(same) {
            item.refuse("email", format!("registrants[{first}] has the same address as registrants[{place}]."));
        }
        people.push(complete(&call, &meeting, registrant, None, approves));
    }
    if people.is_empty() && !fields.has("registrants") {
        fields.missing("registrants");
    }
    body.finish()?;
    for person in &people {
        check_host(&call, &meeting, &person.registrant).await?;
    }
    let full = match kind {
        MeetingKind::Meeting => {
            ZoomError::new(StatusCode::BAD_REQUEST, 3043, "Meeting has reached maximum attendee capacity.")
        }
        // Vendor quirk: 404 here, 400 elsewhere.
        MeetingKind::Webinar => {
            ZoomError::new(StatusCode::NOT_FOUND, 3043, "Webinar has reached maximum attendee capacity.")
        }
    };
    let change = rules.change(&call, &meeting);
    let made = call.app.store.register(call.caller.account, change, &people).await;
    let registrants = made.map_err(|error| refused(error, full))?.into_iter().map(|made| {
        let of = registered(&meeting, &made);
        wire::RegisteredInBatch {
            email: made.email.unwrap_or_default(),
            join_url: of.join_url,
            registrant_id: of.registrant_id,
            participant_pin_code: of.participant_pin_code,
        }
    });
    Ok((StatusCode::CREATED, Json(wire::RegisteredBatch { registrants: registrants.collect() })).into_response())
}

/// Only those that do not recur take several registrations at once.
fn check_type(meeting: &Meeting) -> ZoomResult<()> {
    let (code, message) = match (meeting.kind, meeting.schedule_type) {
        (MeetingKind::Meeting, None | Some(2)) | (MeetingKind::Webinar, None | Some(5)) => return Ok(()),
        (MeetingKind::Meeting, _) => (303, "This API can only be used for scheduled meeting(meeting type: 2)."),
        (MeetingKind::Webinar, _) => (300, "This API can only be used for scheduled webinars (type 5)."),
    };
    Err(ZoomError::new(StatusCode::BAD_REQUEST, code, message))
}

fn refused(error: StoreError, full: ZoomError) -> ZoomError {
    match error {
        StoreError::LimitReached { .. } => full,
        error => error.into(),
    }
}

/// Returns what registrants are asked.
async fn asked(call: &Call, meeting: &Meeting) -> ZoomResult<wire::RegistrationQuestions> {
    let owner = DocumentOwner::Meeting(meeting.kind, meeting.number);
    let stored = call.app.store.find_document(call.caller.account, QUESTIONS, &owner, "").await?;
    Ok(stored.and_then(|document| serde_json::from_str(&document.json).ok()).unwrap_or_default())
}

/// Reads a registration, and checks that it has what the host asks for.
fn read(fields: &Fields<'_>, kind: MeetingKind, asked: &wire::RegistrationQuestions) -> (Registrant, Option<Text>) {
    let mut answers = Map::new();
    for form in FORM_FIELDS {
        let given = match form.words {
            [] => fields.text(form.name, MAX_FORM_TEXT),
            words => fields.word(form.name, words),
        };
        if let Some(given) = given {
            answers.insert(form.name.to_owned(), given.as_str().into());
        }
    }
    let mut custom = Vec::new();
    for item in fields.items("custom_questions", MAX_ANSWERS) {
        let title = item.required_text("title", MAX_FORM_TEXT);
        let value = item.text("value", MAX_ANSWER).unwrap_or_default();
        custom.push(json!({"title": title.as_str(), "value": value.as_str()}));
    }
    let last_name = fields.text("last_name", MAX_NAME);
    for question in asked.questions.iter().filter(|question| question.required) {
        let name = question.field_name.as_str();
        let is_given = answers.contains_key(name) || name == "last_name" && last_name.is_some();
        if !is_given && fields.text(name, usize::MAX).is_none() {
            fields.missing(name);
        }
    }
    for question in asked.custom_questions.iter().filter(|question| question.required) {
        let is_answered = custom.iter().any(|answer| answer["title"] == *question.title && answer["value"] != "");
        if !is_answered {
            fields.refuse("custom_questions", format!("Answer the question “{}”.", question.title));
        }
    }
    if !custom.is_empty() {
        answers.insert("custom_questions".to_owned(), custom.into());
    }
    let source_id = match kind {
        MeetingKind::Meeting => None,
        MeetingKind::Webinar => fields.text("source_id", MAX_SOURCE),
    };
    let registrant = Registrant {
        email: Some(fields.required_email("email")),
        first_name: Some(fields.required_text("first_name", MAX_NAME)),
        last_name,
        language: fields.word("language", words::RegistrantLanguage::WORDS),
        answers_json: Some(answers).filter(|all| !all.is_empty()).map(|all| Value::Object(all).to_string()),
        ..Registrant::default()
    };
    (registrant, source_id)
}

/// Returns the occurrences that a request names; `None` for all of them.
fn covered(query: &mut crate::zoom::query::Query<'_>, meeting: &Meeting) -> Option<Vec<Text>> {
    let asked = query.bound("occurrence_ids")?;
    let known = occurrences(meeting);
    let mut ids: Vec<Text> = Vec::new();
    for id in asked.split(',').map(str::trim).filter(|id| !id.is_empty()) {
        let is_known = known.iter().any(|one| is_available(one) && one.occurrence_id.as_deref() == Some(id));
        if !is_known {
            query.refuse("occurrence_ids", format!("{} has no occurrence {id}.", word(meeting.kind)));
        } else if !ids.iter().any(|known| known == id) {
            ids.push(id.into());
        }
    }
    Some(ids).filter(|ids| !ids.is_empty())
}

async fn check_host(call: &Call, meeting: &Meeting, registrant: &Registrant) -> ZoomResult<()> {
    let email = registrant.email.as_deref().unwrap_or_default().to_lowercase();
    let mut hosts: Vec<Text> = meeting.host_email.iter().map(|email| email.to_lowercase()).collect();
    if let Some(host) = &meeting.host_id {
        let user = call.app.store.find_user(call.caller.account, host.as_str()).await?;
        hosts.extend(user.map(|user| user.email.to_lowercase()));
    }
    if hosts.iter().any(|host| !host.is_empty() && *host == email) {
        return Err(ZoomError::new(StatusCode::BAD_REQUEST, 3027, "Host cannot register."));
    }
    Ok(())
}

/// Gives a registration its id, its URL and its code.
fn complete(
    call: &Call,
    meeting: &Meeting,
    registrant: Registrant,
    source_id: Option<Text>,
    approved: bool,
) -> NewRegistrant {
    let (id, join_url) = id_and_join_url(call, meeting);
    let mut answers_json = registrant.answers_json;
    if meeting.kind == MeetingKind::Meeting {
        let code = 100_000 + u32::from_le_bytes(draw(&*call.app.entropy)) % 900_000;
        let answers = answers_json.and_then(|json| serde_json::from_str::<Map<String, Value>>(&json).ok());
        let mut answers = answers.unwrap_or_default();
        answers.insert(PIN_CODE.to_owned(), code.into());
        answers_json = Some(Value::Object(answers).to_string());
    }
    let status = Text::from(if approved { "approved" } else { "pending" });
    // A pending one has its URL already, and shows it once it is approved.
    let registrant = Registrant { id, status: Some(status), join_url: Some(join_url), answers_json, ..registrant };
    NewRegistrant { registrant, source_id }
}

/// Draws the id of a person who may join a meeting, and the URL with which that person joins.
pub(in crate::zoom) fn id_and_join_url(call: &Call, meeting: &Meeting) -> (Text, Text) {
    let drawn: [u8; 32] = draw(&*call.app.entropy);
    let (id, token) = (drawn_text(&drawn[..16]), drawn_text(&drawn[16..]));
    (id.into(), format!("{}/w/{}?tk={token}", origin(call, meeting), meeting.number).into())
}

/// Returns where a meeting is joined: its vendor's host, or else this server.
fn origin(call: &Call, meeting: &Meeting) -> String {
    let of_vendor = meeting.join_url.as_deref().and_then(|url| {
        let (scheme, rest) = url.split_once("://")?;
        let host = rest.split(['/', '?', '#']).next().filter(|host| !host.is_empty())?;
        Some(format!("{scheme}://{host}"))
    });
    of_vendor.unwrap_or_else(|| call.base_url.clone())
}

/// Returns the response for a registration.
fn registered(meeting: &Meeting, registrant: &Registrant) -> wire::Registered {
    let covers = |occurrence: &wire::Occurrence| {
        let ids = registrant.occurrence_ids.as_deref().unwrap_or_default();
        ids.is_empty() || occurrence.occurrence_id.as_ref().is_some_and(|id| ids.contains(id))
    };
    let answers = registrant.answers_json.as_deref().and_then(|json| serde_json::from_str::<Value>(json).ok());
    wire::Registered {
        id: meeting.number.0,
        join_url: registrant.join_url.clone().filter(|_| registrant.status.as_deref() == Some("approved")),
        registrant_id: registrant.id.clone(),
        start_time: meeting.start_time,
        topic: meeting.topic.clone(),
        occurrences: occurrences(meeting).into_iter().filter(|one| is_available(one) && covers(one)).collect(),
        participant_pin_code: answers.and_then(|answers| answers[PIN_CODE].as_i64()),
    }
}
