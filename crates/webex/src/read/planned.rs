//! What belongs to scheduled meetings: invitees, registrants, registration forms, invitation sources; and meeting
//! preferences.

use rollcall_model::{DocumentFacts, DocumentOwner, DocumentOwnerRef, Text};
use serde_json::Value;

use super::{
    ReadError, Reading,
    runs::{Entry, Wrong, each, one},
};
use crate::{
    documents::{INVITEES, PREFERENCES, REGISTRATION, SOURCES},
    rules::Object,
};

fn document(kind: &'static str, owner: DocumentOwner, key: &str, entry: &Value) -> Entry {
    Entry::Document(DocumentFacts {
        owner: DocumentOwnerRef::Known(owner),
        kind: Text::const_new(kind),
        key: key.into(),
        time: None,
        json: entry.to_string(),
    })
}

fn text<'e>(entry: &'e Value, key: &str) -> Result<&'e str, Wrong> {
    let text = entry.get(key).and_then(Value::as_str).filter(|text| !text.trim().is_empty());
    text.ok_or_else(|| (key.to_owned(), "missing or blank".to_owned()))
}

/// A list of invitees.
pub(super) fn invitees(object: Object<'_>, reading: &mut Reading) -> Result<(), ReadError> {
    each(object, reading, |entry, _, _| read_invitee(entry))
}

/// One invitee.
pub(super) fn invitee(value: &Value, reading: &mut Reading) {
    one(value, reading, |entry, _, _| read_invitee(entry));
}

fn read_invitee(entry: &Value) -> Result<Entry, Wrong> {
    let (id, meeting) = (text(entry, "id")?, text(entry, "meetingId")?);
    text(entry, "email")?;
    Ok(document(INVITEES, DocumentOwner::Record(meeting.into()), id, entry))
}

/// A registration form.
pub(super) fn registration(value: &Value, meeting_id: &Text, reading: &mut Reading) {
    let owner = DocumentOwner::Record(meeting_id.clone());
    one(value, reading, |entry, _, _| Ok(document(REGISTRATION, owner.clone(), "", entry)));
}

/// A list of registrants.
pub(super) fn registrants(object: Object<'_>, meeting_id: &Text, reading: &mut Reading) -> Result<(), ReadError> {
    each(object, reading, |entry, path, reading| read_registrant(entry, path, meeting_id, reading))
}

/// One registrant.
pub(super) fn registrant(value: &Value, meeting_id: &Text, reading: &mut Reading) {
    one(value, reading, |entry, path, reading| read_registrant(entry, path, meeting_id, reading));
}

fn read_registrant(entry: &Value, path: &str, meeting_id: &Text, reading: &mut Reading) -> Result<Entry, Wrong> {
    let mut unkept = Vec::new();
    let registrant = crate::registrant::read(entry, &mut unkept)?;
    reading.note_unkept(path, unkept);
    Ok(Entry::Registrant(meeting_id.clone(), Box::new(registrant)))
}

/// A list of invitation sources.
pub(super) fn sources(object: Object<'_>, meeting_id: &Text, reading: &mut Reading) -> Result<(), ReadError> {
    let owner = DocumentOwner::Record(meeting_id.clone());
    each(object, reading, |entry, _, _| Ok(document(SOURCES, owner.clone(), text(entry, "id")?, entry)))
}

/// Meeting preferences: those of the user who asked count as the account's.
pub(super) fn preferences(value: &Value, of_user: Option<&Text>, reading: &mut Reading) {
    let owner = of_user.map_or(DocumentOwner::Account, |email| DocumentOwner::Record(email.to_lowercase()));
    one(value, reading, |entry, _, _| Ok(document(PREFERENCES, owner.clone(), "", entry)));
}
