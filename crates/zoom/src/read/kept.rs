//! Responses whose entries are kept as they are.

use std::collections::HashMap;

use rollcall_model::{
    DocumentFacts, DocumentOwner, DocumentOwnerRef, InstanceFacts, InstanceRef, InstanceState, Text, Timestamp,
};
use serde_json::{Map, Value as Json};

use super::{
    Facts, ReadError,
    body::{Answer, Entry},
};
use crate::{
    kept::{BESIDE, Beside, Kept, Owner},
    read::Defect,
};

/// Maximum length of an entry. The vendor's longest, a user's settings, have about 20 KB.
const MAX_BYTES: usize = 256 * 1024;

pub(super) fn entries(
    answer: &Answer<'_>,
    kept: &Kept,
    owner: &DocumentOwnerRef,
    facts: &mut Facts,
) -> Result<(), ReadError> {
    let Some(list) = kept.shape.list() else {
        let entry = answer.whole();
        let (_, json) = object(&entry).map_err(|defect| answer.refuse(defect))?;
        facts.batch.documents.push(document(kept, owner.clone(), "", None, json));
        return Ok(());
    };
    let values = answer.values()?;
    let owner = &named_inside(kept, owner, &values);
    facts.batch.instances.extend(instance_of(kept, owner, &values));
    let mut seen: HashMap<String, usize> = HashMap::new();
    for entry in answer.entries(list, values.get(list).copied())? {
        let read = object(&entry).and_then(|(object, json)| {
            let time = match kept.time {
                Some(name) => time(&entry, name, &object)?,
                None => None,
            };
            Ok((kept.key_of(&object), time, json))
        });
        facts.keep(read, |batch, (mut key, time, json)| {
            // Of several entries with the same values, each is kept.
            let before = seen.entry(key.clone()).or_default();
            if *before > 0 {
                key.push_str(&format!("\u{1f}{before}"));
            }
            *before += 1;
            batch.documents.push(document(kept, owner.clone(), &key, time, json));
        });
    }
    let is_kept = |name: &str| kept.beside.iter().any(|(from, value)| *from == Beside::Response && value.name == name);
    let beside: Map<String, Json> = values
        .iter()
        .filter(|(name, _)| is_kept(name))
        .filter_map(|(name, value)| Some((name.clone(), serde_json::from_str(value.get()).ok()?)))
        .collect();
    if !beside.is_empty() {
        facts.batch.documents.push(document(kept, owner.clone(), BESIDE, None, Json::Object(beside).to_string()));
    }
    const OF_PAGES: [&str; 7] =
        ["page_count", "page_size", "page_number", "total_records", "next_page_token", "from", "to"];
    for name in values.keys() {
        let is_known = name == list
            || OF_PAGES.contains(&name.as_str())
            || kept.beside.iter().any(|(_, value)| value.name == name);
        if !is_known {
            facts.note_unkept("", vec![name.clone()]);
        }
    }
    Ok(())
}

/// Returns the documents of an operation's example, with this owner: for demonstrations.
#[must_use]
pub fn examples(kept: &Kept, owner: &DocumentOwner) -> Vec<DocumentFacts> {
    let owner = DocumentOwnerRef::Known(owner.clone());
    let example = kept.example();
    let Some(list) = kept.shape.list() else {
        return vec![document(kept, owner, "", None, example.to_string())];
    };
    let mut beside = Map::new();
    for (_, value) in kept.beside.iter().filter(|(from, _)| *from == Beside::Response) {
        beside.insert(value.name.to_owned(), value.form.example());
    }
    let mut documents = Vec::new();
    for entry in example[list].as_array().into_iter().flatten().filter_map(Json::as_object) {
        let json = Json::Object(entry.clone()).to_string();
        let at = Entry { path: String::new(), text: &json };
        let time = kept.time.and_then(|name| time(&at, name, entry).ok().flatten());
        documents.push(document(kept, owner.clone(), &kept.key_of(entry), time, json.clone()));
    }
    if !beside.is_empty() {
        documents.push(document(kept, owner, BESIDE, None, Json::Object(beside).to_string()));
    }
    documents
}

/// Returns the owner, by the UUID in the response if it has one: a number means the latest instance by now, not that of
/// the response.
fn named_inside(
    kept: &Kept,
    owner: &DocumentOwnerRef,
    values: &std::collections::BTreeMap<String, &serde_json::value::RawValue>,
) -> DocumentOwnerRef {
    let (Owner::Past(kind) | Owner::Instance(kind)) = kept.owner else { return owner.clone() };
    let uuid = kept.beside.iter().find(|(from, _)| *from == Beside::Uuid);
    let uuid = uuid.and_then(|(_, value)| serde_json::from_str::<String>(values.get(value.name)?.get()).ok());
    match uuid.and_then(|uuid| uuid.parse().ok()) {
        Some(uuid) => DocumentOwnerRef::Instance(kind, InstanceRef::Uuid(uuid)),
        None => owner.clone(),
    }
}

/// Returns what a response says of its instance: the number and the start beside the list.
fn instance_of(
    kept: &Kept,
    owner: &DocumentOwnerRef,
    values: &std::collections::BTreeMap<String, &serde_json::value::RawValue>,
) -> Option<InstanceFacts> {
    let DocumentOwnerRef::Instance(kind, instance @ InstanceRef::Uuid(_)) = owner else { return None };
    let text = |wanted: Beside| {
        let (_, value) = kept.beside.iter().find(|(from, _)| *from == wanted)?;
        let value: Json = serde_json::from_str(values.get(value.name)?.get()).ok()?;
        Some(value.as_str().map_or_else(|| value.to_string(), str::to_owned))
    };
    let number = text(Beside::Number)?.parse().ok()?;
    Some(InstanceFacts {
        state: (kept.owner == Owner::Past(*kind)).then_some(InstanceState::Past),
        number: Some(number),
        start_time: text(Beside::Start).and_then(|time| time.parse().ok()),
        ..InstanceFacts::new(*kind, instance.clone())
    })
}

fn document(kept: &Kept, owner: DocumentOwnerRef, key: &str, time: Option<Timestamp>, json: String) -> DocumentFacts {
    DocumentFacts { owner, kind: kept.kind.into(), key: Text::from(key), time, json }
}

/// Returns an entry, which must be an object, with its text.
fn object(entry: &Entry<'_>) -> Result<(Map<String, Json>, String), Defect> {
    if entry.text.len() > MAX_BYTES {
        let reason = format!("longer than {MAX_BYTES} bytes");
        return Err(entry.defect_at(String::new(), reason));
    }
    let object: Map<String, Json> = entry.parse()?;
    Ok((object, entry.text.to_owned()))
}

/// Returns the time of an entry: as on the wire elsewhere, a day, or with a colon before the milliseconds.
fn time(entry: &Entry<'_>, name: &str, object: &Map<String, Json>) -> Result<Option<Timestamp>, Defect> {
    let Some(text) = object.get(name).and_then(Json::as_str).filter(|text| !text.is_empty()) else { return Ok(None) };
    let parsed = match text.len() {
        10 => format!("{text}T00:00:00Z").parse(),
        23 if text.as_bytes()[10] == b' ' => format!("{}T{}Z", &text[..10], &text[11..19]).parse(),
        19 if text.as_bytes()[10] == b' ' => format!("{}T{}Z", &text[..10], &text[11..]).parse(),
        _ => text.parse(),
    };
    parsed.map(Some).map_err(|_| entry.defect_at(name.to_owned(), format!("`{text}` is not a time")))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::read::{Request, read};

    fn read_of(request: &str, body: &str) -> super::super::Reading {
        read(&Request::parse(request).unwrap(), body.as_bytes()).unwrap()
    }

    #[test]
    fn each_example_is_read_whole() {
        for kept in crate::kept::all() {
            let mut path = kept.operation.path.to_owned();
            for (parameter, id) in [
                ("{meetingId}", "93201235621"),
                ("{webinarId}", "93201235621"),
                ("{userId}", "me@example.com"),
                ("{groupId}", "g"),
                ("{accountId}", "a"),
                ("{feedbackId}", "1"),
                ("{zoomroomId}", "r"),
            ] {
                path = path.replace(parameter, id);
            }
            let reading = read_of(&format!("GET {path}?billing_id=b&type=past"), &kept.example().to_string());
            assert!(reading.defects.is_empty() && reading.unkept.is_empty(), "{}: {reading:?}", kept.operation.id);
            let documents = &reading.batch.documents;
            assert!(documents.iter().all(|document| document.kind == kept.kind));
            assert_eq!(documents[0].time.is_some(), kept.time.is_some(), "{}", kept.operation.id);
        }
    }

    #[test]
    fn entries_with_the_same_values_are_all_kept() {
        let body = r#"{"activity_logs":[{"email":"a@b","time":"2026-01-01T00:00:00Z"},{"email":"a@b","time":"2026-01-01T00:00:00Z"},{"time":"never"},7]}"#;
        let reading = read_of("GET /v2/report/activities", body);
        let keys: Vec<&str> = reading.batch.documents.iter().map(|document| document.key.as_str()).collect();
        assert_eq!((keys.len(), keys[0] == keys[1]), (2, false));
        assert_eq!(reading.batch.documents[0].owner, DocumentOwnerRef::Known(DocumentOwner::Account));
        let paths: Vec<&str> = reading.defects.iter().map(|defect| defect.path.as_str()).collect();
        assert_eq!(paths, ["activity_logs[2].time", "activity_logs[3]"]);
    }

    #[test]
    fn the_uuid_in_a_response_says_which_run_it_is_about() {
        let reading =
            read_of("report/meetings/123/polls", r#"{"id":123,"uuid":"a+b/c==","questions":[{"name":"A"}],"new":1}"#);
        let expected = DocumentOwnerRef::Instance(rollcall_model::MeetingKind::Meeting, "a+b/c==".parse().unwrap());
        assert_eq!(reading.batch.documents[0].owner, expected);
        assert_eq!(reading.unkept.keys().map(String::as_str).collect::<Vec<_>>(), ["new"]);
    }
}
