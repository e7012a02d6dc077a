//! Response bodies to facts: what Zoom answered, as a [`Batch`].
//!
//! A body alone does not tell what it is, nor which instance it speaks of: that stands in the request that asked for
//! it, so a body is read together with its [`Request`].
//!
//! What is broken in one entry of a list costs that entry, and is told as a [`Defect`]; the others are read. A value of
//! quality that cannot be read costs only itself and counts as not measured. A body that is no answer to its request is
//! a [`ReadError`].

mod body;
mod entities;
mod instances;
mod participants;
mod request;

use std::collections::BTreeMap;

use rollcall_extras::{Found, Kind};
use rollcall_model::{Batch, Extras};
use serde::Serialize;

pub(crate) use body::Entry;
pub use request::{Operation, Request, RequestError};

/// Something in a body that was left out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Defect {
    /// Where it stands, such as `participants[3].join_time`.
    pub path: String,
    /// What is wrong with it.
    pub reason: String,
}

/// What a body holds.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Reading {
    /// The facts.
    pub batch: Batch,
    /// What was left out since it is broken.
    pub defects: Vec<Defect>,
    /// What is not kept since there is no place for it: paths without indices (`participants[].new_key`), with how many
    /// entries have them.
    pub unkept: BTreeMap<String, u64>,
}

/// Why a body is not read at all.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ReadError {
    /// It is not text.
    #[error("the body is not UTF-8; expected {expected}")]
    NotUtf8 {
        /// What should have stood there.
        expected: &'static str,
    },
    /// Lists and objects are nested deeper than any answer nests them.
    #[error("the body is nested more than {} levels deep; expected {expected}", body::MAX_DEPTH)]
    TooDeep {
        /// What should have stood there.
        expected: &'static str,
    },
    /// It is not JSON.
    #[error("the body is not JSON ({reason}); expected {expected}")]
    NotJson {
        /// Where it stops being JSON.
        reason: String,
        /// What should have stood there.
        expected: &'static str,
    },
    /// It is a refusal. Zoom answers some of them with status 200.
    #[error("this is an error answer: code {code}, {message}")]
    ErrorAnswer {
        /// Zoom's code.
        code: i64,
        /// Zoom's message.
        message: String,
    },
    /// It is JSON of another shape.
    #[error("the body has another shape at `{path}` ({reason}); expected {expected}")]
    Shape {
        /// Where the shape differs; `.` for the whole.
        path: String,
        /// How it differs.
        reason: String,
        /// What should have stood there.
        expected: &'static str,
    },
}

/// Reads the body that answered `request`.
///
/// # Errors
/// [`ReadError`] where the body as a whole is no such answer.
pub fn read(request: &Request, body: &[u8]) -> Result<Reading, ReadError> {
    let answer = body::Answer::open(body, request.operation.expects())?;
    let mut facts = Reading::default();
    match &request.operation {
        Operation::MetricsInstances(kind) => {
            instances::metrics_list(&answer, *kind, request.metrics_state(), &mut facts)?;
        }
        Operation::MetricsInstance(kind, _) => {
            instances::metrics_detail(&answer, *kind, request.metrics_state(), &mut facts)?;
        }
        Operation::PastInstances(kind, meeting) => instances::past_list(&answer, *kind, meeting, &mut facts)?,
        Operation::PastMeeting(_) => instances::past_detail(&answer, &mut facts)?,
        Operation::Participants(kind, instance) => {
            participants::page(&answer, *kind, instance, request.state, &mut facts)?;
        }
        Operation::ReportParticipants(kind, instance) => {
            participants::report_page(&answer, *kind, instance, &mut facts)?;
        }
        Operation::QosList(kind, instance) => {
            participants::qos_page(&answer, *kind, instance, request.state, &mut facts)?;
        }
        Operation::QosParticipant(kind, instance, user_id) => {
            participants::qos_single(&answer, *kind, instance, user_id, request.state, &mut facts)?;
        }
        Operation::TrackingSources(number) => entities::tracking_sources(&answer, *number, &mut facts)?,
        Operation::Users => entities::users(&answer, &mut facts)?,
        Operation::User(_) => entities::user(&answer, &mut facts)?,
        Operation::UserMeetings(kind, user) => entities::user_meetings(&answer, *kind, user, &mut facts)?,
        Operation::Meeting(kind, _) => entities::meeting(&answer, *kind, &mut facts)?,
    }
    for key in answer.unknown_keys(request.operation.keys()) {
        facts.note_unkept("", vec![key]);
    }
    Ok(facts)
}

/// What has been read so far.
type Facts = Reading;

impl Reading {
    /// Notes what of an entry of `list` is not kept.
    fn note_unkept(&mut self, list: &str, places: Vec<String>) {
        for place in places {
            let path = if list.is_empty() { place } else { format!("{list}.{place}") };
            *self.unkept.entry(path).or_default() += 1;
        }
    }

    /// What is kept of an entry beyond the fields, by comparing it with what would be served; the rest is noted.
    fn extras(&mut self, kind: &Kind, entry: &Entry<'_>, served: &impl Serialize) -> Option<Extras> {
        let Found { extras, unkept } = rollcall_extras::find(kind, entry.text, served);
        self.note_unkept(&entry.list(), unkept);
        extras
    }

    /// Notes what of an entry is not what would be served of it, none of which is kept.
    fn note_differences(&mut self, kind: &Kind, entry: &Entry<'_>, served: &impl Serialize) {
        let places = rollcall_extras::differences(kind, entry.text, served);
        self.note_unkept(&entry.list(), places);
    }

    /// Keeps what was read, or says what was wrong with it.
    fn keep<T>(&mut self, entry: Result<T, Defect>, keep: impl FnOnce(&mut Batch, T)) {
        match entry {
            Ok(entry) => keep(&mut self.batch, entry),
            Err(defect) => self.defects.push(defect),
        }
    }
}

#[cfg(test)]
mod tests;
