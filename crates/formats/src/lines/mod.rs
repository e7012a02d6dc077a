//! NDJSON: one participant, or one participant's minute, per line. `docs/ingest.md` describes the format.

#[cfg(test)]
mod blocks;
mod mixed;
mod number;
mod participant;
mod qos;
mod quick;
mod read;

use std::borrow::Cow;

use rollcall_model::{
    Instance, InstanceFacts, InstanceRef, InstanceState, InstanceUuid, MeetingKind, MeetingNumber, Source,
};
use serde::Deserialize;

pub use mixed::read_mixed;
use number::Text;
pub use read::{Chunk, Facts, ReadError, Refusal, read};

/// Maximum length of a participant's `user_id`.
const MAX_USER_ID_BYTES: usize = 256;

/// Kind of lines.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Lines {
    /// A participant.
    Participants,
    /// A participant's minute.
    Qos,
}

impl Lines {
    /// Returns the kind of a file that begins with this line. `None` if it is neither.
    #[must_use]
    pub fn of(line: &[u8]) -> Option<Self> {
        /// The keys that distinguish kinds of lines.
        #[derive(Deserialize)]
        struct Keys<'a> {
            #[serde(borrow)]
            user_id: Option<&'a serde_json::value::RawValue>,
            #[serde(borrow)]
            date_time: Option<&'a serde_json::value::RawValue>,
        }
        let keys: Keys<'_> = serde_json::from_slice(line).ok()?;
        keys.user_id.map(|_| if keys.date_time.is_some() { Self::Qos } else { Self::Participants })
    }
}

/// Why a line is rejected: the key, and what is wrong with it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Wrong {
    /// The key; blank for the whole line.
    pub(crate) field: String,
    pub(crate) reason: String,
}

impl Wrong {
    pub(crate) fn new(field: impl Into<String>, reason: impl Into<String>) -> Self {
        Self { field: field.into(), reason: reason.into() }
    }
}

/// A line's instance, as written.
struct Named<'a> {
    instance_uuid: Option<Text<'a>>,
    meeting_id: Option<number::MeetingId>,
    kind: Option<Text<'a>>,
    state: Option<Text<'a>>,
}

/// A line's instance: lines with the same key are grouped.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
struct Key<'a> {
    kind: MeetingKind,
    uuid: Option<Cow<'a, str>>,
    number: Option<MeetingNumber>,
    state: Option<InstanceState>,
}

impl<'a> Named<'a> {
    fn key(self) -> Result<Key<'a>, Wrong> {
        let kind = match self.kind.as_ref().map(|kind| &*kind.0) {
            None | Some("meeting") => MeetingKind::Meeting,
            Some("webinar") => MeetingKind::Webinar,
            Some(_) => return Err(Wrong::new("kind", "neither `meeting` nor `webinar`")),
        };
        let state = match self.state.as_ref().map(|state| &*state.0) {
            None => None,
            Some("live") => Some(InstanceState::Live),
            Some("past") => Some(InstanceState::Past),
            Some(_) => return Err(Wrong::new("state", "neither `live` nor `past`")),
        };
        let number = self.meeting_id.map(|id| MeetingNumber(id.0));
        if self.instance_uuid.is_none() && number.is_none() {
            return Err(Wrong::new("instance_uuid", "missing: name the instance, or its meeting by `meeting_id`"));
        }
        Ok(Key { kind, uuid: self.instance_uuid.map(|uuid| uuid.0), number, state })
    }
}

impl Key<'_> {
    /// Returns facts with only the instance.
    fn facts(&self) -> Result<InstanceFacts, Wrong> {
        let instance = match (&self.uuid, self.number) {
            (Some(uuid), _) => InstanceRef::Uuid(
                uuid.parse::<InstanceUuid>().map_err(|error| Wrong::new("instance_uuid", error.to_string()))?,
            ),
            (None, Some(number)) => InstanceRef::Latest(number),
            (None, None) => return Err(Wrong::new("instance_uuid", "missing")),
        };
        let mut facts = InstanceFacts::new(self.kind, instance);
        (facts.source, facts.number, facts.state) = (Source::Lines, self.number, self.state);
        Ok(facts)
    }
}

/// Adds an instance's title to its facts. It requires the keys that identify the instance and its state.
fn entitle(facts: &mut InstanceFacts, topic: rollcall_model::Text) -> Result<(), Wrong> {
    match (&facts.instance, facts.number, facts.state) {
        (InstanceRef::Uuid(uuid), Some(number), Some(state)) => {
            let details = facts.details.get_or_insert_with(|| Instance::new(facts.kind, number, uuid.clone(), state));
            details.topic = Some(topic);
            Ok(())
        }
        _ => Err(Wrong::new("topic", "a title requires `instance_uuid`, `meeting_id` and `state`")),
    }
}

/// Returns the key of the attendance.
fn check_user_id(user_id: &str) -> Result<(), Wrong> {
    if user_id.is_empty() {
        return Err(Wrong::new("user_id", "blank"));
    }
    if user_id.len() > MAX_USER_ID_BYTES {
        return Err(Wrong::new("user_id", format!("longer than {MAX_USER_ID_BYTES} bytes")));
    }
    Ok(())
}
