//! People and organizations.

use rollcall_model::{DocumentFacts, DocumentOwner, DocumentOwnerRef, Text};
use serde_json::Value;

use super::{
    ReadError, Reading,
    runs::{Entry, Wrong, each, one, parse},
};
use crate::{documents::ORGANIZATIONS, extras::PERSON, people as convert, rules::Object, wire};

/// A list of people.
pub(super) fn people(object: Object<'_>, reading: &mut Reading) -> Result<(), ReadError> {
    each(object, reading, read_person)
}

/// One person.
pub(super) fn person(value: &Value, reading: &mut Reading) {
    one(value, reading, read_person);
}

fn read_person(entry: &Value, path: &str, reading: &mut Reading) -> Result<Entry, Wrong> {
    let mut entry = entry.clone();
    // The reference types them as texts, but the service sends booleans.
    for key in ["invitePending", "loginEnabled"] {
        if let Some(flag) = entry.get(key).and_then(Value::as_str).and_then(|text| text.parse::<bool>().ok()) {
            entry[key] = flag.into();
        }
    }
    let read: wire::Person = parse(&entry)?;
    let mut user = convert::user(&read)?;
    let served = convert::person(&user, "");
    user.extras = reading.extras(&PERSON, path, &entry, &served);
    Ok(Entry::User(Box::new(user)))
}

/// A list of organizations.
pub(super) fn organizations(object: Object<'_>, reading: &mut Reading) -> Result<(), ReadError> {
    each(object, reading, read_organization)
}

/// One organization.
pub(super) fn organization(value: &Value, reading: &mut Reading) {
    one(value, reading, read_organization);
}

fn read_organization(entry: &Value, _: &str, _: &mut Reading) -> Result<Entry, Wrong> {
    let read: wire::Organization = parse(entry)?;
    let key = read.id.filter(|id| !id.trim().is_empty());
    let key = key.ok_or_else(|| ("id".to_owned(), "missing or blank".to_owned()))?;
    Ok(Entry::Document(DocumentFacts {
        owner: DocumentOwnerRef::Known(DocumentOwner::Account),
        kind: Text::const_new(ORGANIZATIONS),
        key: key.into(),
        time: None,
        json: entry.to_string(),
    }))
}
