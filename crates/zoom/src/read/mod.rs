//! Parses response bodies of Zoom's API into facts, as a [`Batch`].
//!
//! A body identifies neither its kind nor its instance: these are in the request, so a body is parsed together with its
//! [`Request`].
//!
//! An error in one entry of a list affects only that entry, and is reported as a [`Defect`]; the others are read. An
//! invalid quality value affects only itself and counts as not measured. A body that does not answer its request is a
//! [`ReadError`].

mod body;
mod entities;
mod instances;
mod kept;
mod participants;
mod registrants;
mod reports;
mod request;

use std::collections::BTreeMap;

use rollcall_extras::{Found, Kind};
use rollcall_model::{Batch, Extras};
use serde::Serialize;

pub(crate) use body::Entry;
pub use kept::examples;
pub use request::{Operation, Request, RequestError};

/// A part of a body that was skipped.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Defect {
    /// Its path, such as `participants[3].join_time`.
    pub path: String,
    /// What is wrong with it.
    pub reason: String,
}

/// The content of a body.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Reading {
    /// The facts.
    pub batch: Batch,
    /// Invalid parts that were skipped.
    pub defects: Vec<Defect>,
    /// Values that cannot be stored: paths without indices (`participants[].new_key`), with the number of entries that
    /// have them.
    pub unkept: BTreeMap<String, u64>,
}

/// Why a body cannot be read at all.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ReadError {
    /// It is not text.
    #[error("the body is not UTF-8; expected {expected}")]
    NotUtf8 {
        /// The expected content.
        expected: &'static str,
    },
    /// Lists and objects are nested too deeply.
    #[error("the body is nested more than {} levels deep; expected {expected}", body::MAX_DEPTH)]
    TooDeep {
        /// The expected content.
        expected: &'static str,
    },
    /// It is not JSON.
    #[error("the body is not JSON ({reason}); expected {expected}")]
    NotJson {
        /// The parser's error.
        reason: String,
        /// The expected content.
        expected: &'static str,
    },
    /// It is an error response. Zoom sends some of them with status 200.
    #[error("the body is an error response: code {code}, {message}")]
    ErrorAnswer {
        /// Zoom's code.
        code: i64,
        /// Zoom's message.
        message: String,
    },
    /// It is JSON with a different shape.
    #[error("the body has an unexpected shape at `{path}` ({reason}); expected {expected}")]
    Shape {
        /// Where the shape differs; `.` for the whole body.
        path: String,
        /// How it differs.
        reason: String,
        /// The expected content.
        expected: &'static str,
    },
}

/// Parses the body that answered `request`.
///
/// # Errors
/// [`ReadError`] if the body does not answer it.
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
        Operation::Registrants(kind, number, is_one) => {
            registrants::read(&answer, *kind, *number, *is_one, &mut facts)?;
        }
        Operation::TrackingFields(is_one) => registrants::tracking_fields(&answer, *is_one, &mut facts)?,
        Operation::Users => entities::users(&answer, &mut facts)?,
        Operation::User(_) => entities::user(&answer, &mut facts)?,
        Operation::UserMeetings(kind, user) => entities::user_meetings(&answer, *kind, user, &mut facts)?,
        Operation::Meeting(kind, _) => entities::meeting(&answer, *kind, &mut facts)?,
        Operation::MeetingReport(kind, _) => reports::one(&answer, *kind, &mut facts)?,
        Operation::UserMeetingReports => reports::of_user(&answer, &mut facts)?,
        Operation::HistoryMeetings => reports::history(&answer, &mut facts)?,
        Operation::UserReports => reports::hosts(&answer, &mut facts)?,
        Operation::Sums(list) => reports::sums(&answer, list, &mut facts)?,
        Operation::Kept(kept, owner) => kept::entries(&answer, kept, owner, &mut facts)?,
    }
    for key in answer.unknown_keys(request.operation.keys()) {
        facts.note_unkept("", vec![key]);
    }
    Ok(facts)
}

/// The facts read so far.
type Facts = Reading;

impl Reading {
    /// Records values of an entry of `list` that cannot be stored.
    fn note_unkept(&mut self, list: &str, places: Vec<String>) {
        for place in places {
            let path = if list.is_empty() { place } else { format!("{list}.{place}") };
            *self.unkept.entry(path).or_default() += 1;
        }
    }

    /// Returns values of an entry to store beyond the fields, by comparing it with what would be served; records the
    /// rest.
    fn extras(&mut self, kind: &Kind, entry: &Entry<'_>, served: &impl Serialize) -> Option<Extras> {
        let Found { extras, unkept } = rollcall_extras::find(kind, entry.text, served);
        self.note_unkept(&entry.list(), unkept);
        extras
    }

    /// Records how an entry differs from what would be served, if none of that is stored.
    fn note_differences(&mut self, kind: &Kind, entry: &Entry<'_>, served: &impl Serialize) {
        let places = rollcall_extras::differences(kind, entry.text, served);
        self.note_unkept(&entry.list(), places);
    }

    /// Adds what was read, or records the error.
    fn keep<T>(&mut self, entry: Result<T, Defect>, keep: impl FnOnce(&mut Batch, T)) {
        match entry {
            Ok(entry) => keep(&mut self.batch, entry),
            Err(defect) => self.defects.push(defect),
        }
    }
}

#[cfg(test)]
mod tests;
