//! Panelists of webinars (Zoom reference 4.5). Their list is one of the kept ones; these operations change it.

use axum::{
    Json,
    http::StatusCode,
    response::{IntoResponse as _, Response},
};
use rollcall_model::{Document, DocumentOwner, Meeting, MeetingKind, Text};
use rollcall_store::DocumentQuery;
use rollcall_zoom::{operations as op, wire};
use serde_json::{Map, Value};

use super::{
    body::{Body, Fields},
    error::{ZoomError, ZoomResult},
    registrants::{expired, find, id_and_join_url},
    table::{Call, Row, serve},
};
use crate::routes::Route;

/// The kind of document with a panelist.
const KIND: &str = "panelists";
const MAX_BATCH: usize = 30;
/// The most panelists of a webinar.
const MAX_PANELISTS: usize = 500;
const MAX_TEXT: usize = 128;
/// The fields of a panelist, except id, address and URL.
const FIELDS: [&str; 6] =
    ["name", "virtual_background_id", "name_tag_id", "name_tag_name", "name_tag_pronouns", "name_tag_description"];

/// The routes of the operations that change panelists.
pub(super) fn routes() -> impl Iterator<Item = Route> {
    let tag = "Webinars";
    [
        Row::new(
            &op::CREATE_WEBINAR_PANELISTS,
            tag,
            "Adds up to 30 panelists to a webinar. A panelist with the same address is replaced.".to_owned(),
            serve(create),
        )
        .body::<wire::NewPanelists>()
        .answers::<wire::PanelistsAdded>(StatusCode::CREATED, "The panelists were added."),
        Row::new(
            &op::DELETE_WEBINAR_PANELISTS,
            tag,
            "Removes all panelists of a webinar.".to_owned(),
            serve(delete_all),
        ),
        Row::new(&op::DELETE_WEBINAR_PANELIST, tag, "Removes a panelist of a webinar.".to_owned(), serve(delete_one)),
    ]
    .into_iter()
    .map(Row::route)
}

/// Returns the panelists of a webinar.
async fn panelists(call: &Call, webinar: &Meeting) -> ZoomResult<Vec<Document>> {
    let query = DocumentQuery::all(KIND, owner(webinar));
    let found = call.app.store.list_documents(call.caller.account, &query, None, 2 * MAX_PANELISTS).await?;
    Ok(found.into_iter().map(|(_, document)| document).collect())
}

fn owner(webinar: &Meeting) -> DocumentOwner {
    DocumentOwner::Meeting(MeetingKind::Webinar, webinar.number)
}

fn value(document: &Document, name: &str) -> Text {
    let object: Map<String, Value> = serde_json::from_str(&document.json).unwrap_or_default();
    object.get(name).and_then(Value::as_str).unwrap_or_default().into()
}

async fn create(call: Call) -> ZoomResult<Response> {
    let webinar = find(&call, MeetingKind::Webinar, expired).await?;
    let known = panelists(&call, &webinar).await?;
    let body = Body::parse(&call.body)?;
    let fields = body.fields();
    let mut added: Vec<Document> = Vec::new();
    for item in fields.items("panelists", MAX_BATCH) {
        let email = item.required_email("email");
        let same = |document: &&Document| value(document, "email").eq_ignore_ascii_case(&email);
        if !email.is_empty() && added.iter().any(|document| same(&document)) {
            item.refuse("email", "Another entry has this address.");
        }
        added.push(document(&call, &webinar, &item, &email, known.iter().find(same)));
    }
    if !fields.has("panelists") {
        fields.missing("panelists");
    }
    body.finish()?;
    let further = added.iter().filter(|new| known.iter().all(|document| document.key != new.key)).count();
    if known.len() + further > MAX_PANELISTS {
        let message =
            "You have reached the limit for the number of panelists you can add. A webinar takes 500 panelists.";
        return Err(ZoomError::new(StatusCode::BAD_REQUEST, 3000, message));
    }
    call.app.store.put_documents(call.caller.account, &added).await?;
    let answer = wire::PanelistsAdded { id: webinar.number.to_string().into(), updated_at: call.now() };
    Ok((StatusCode::CREATED, Json(answer)).into_response())
}

/// Returns the document of a panelist; a known one keeps its id and its URL.
fn document(call: &Call, webinar: &Meeting, item: &Fields<'_>, email: &Text, known: Option<&Document>) -> Document {
    let (key, id, join_url) = match known {
        Some(known) => (known.key.clone(), value(known, "id"), value(known, "join_url")),
        None => {
            let (id, join_url) = id_and_join_url(call, webinar);
            (email.to_lowercase(), id, join_url)
        }
    };
    let mut object = Map::new();
    object.insert("id".to_owned(), id.as_str().into());
    object.insert("email".to_owned(), email.as_str().into());
    for name in FIELDS {
        if let Some(text) = item.text(name, MAX_TEXT) {
            object.insert(name.to_owned(), text.as_str().into());
        } else if name == "name" {
            item.missing(name);
        }
    }
    object.insert("join_url".to_owned(), join_url.as_str().into());
    Document { kind: KIND.into(), owner: owner(webinar), key, time: None, json: Value::Object(object).to_string() }
}

async fn delete_all(call: Call) -> ZoomResult<Response> {
    let webinar = find(&call, MeetingKind::Webinar, expired).await?;
    let of = owner(&webinar);
    for document in panelists(&call, &webinar).await? {
        call.app.store.delete_document(call.caller.account, KIND, &of, &document.key).await?;
    }
    Ok(StatusCode::NO_CONTENT.into_response())
}

async fn delete_one(call: Call) -> ZoomResult<Response> {
    let webinar = find(&call, MeetingKind::Webinar, expired).await?;
    let id = call.second_id();
    let all = panelists(&call, &webinar).await?;
    let found = all.iter().find(|document| value(document, "id") == id);
    let found =
        found.ok_or_else(|| ZoomError::new(StatusCode::NOT_FOUND, 3000, format!("Panelist {id} was not found.")))?;
    call.app.store.delete_document(call.caller.account, KIND, &owner(&webinar), &found.key).await?;
    Ok(StatusCode::NO_CONTENT.into_response())
}
