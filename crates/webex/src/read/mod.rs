//! Parses response bodies of Webex's API into facts, for `rollcall import` and the collector.
//!
//! A body does not identify its request, so the [`Request`] is a parameter. Bodies are checked against the same rules
//! as callers' requests, except those that depend on the site, because the other server accepted them. An invalid entry
//! of a list is skipped and reported as a [`Defect`]; the others are read.

mod people;
mod planned;
mod reports;
mod request;
mod runs;

use std::collections::BTreeMap;

use rollcall_model::{Batch, Registrant, SiteFacts, Text, TrackingCode, TrackingCodeId, UserId, UserTrackingCodeFacts};
use serde_json::Value;

pub use request::Request;

use crate::rules::{CodeDraft, Findings, MAX_CHARS, Object, Violation, Violations, kind, parse_json};
use crate::{extras::TRACKING_CODE, person, wire};

/// Maximum number of digits of an id: codes are ordered by it as a number.
const MAX_ID_DIGITS: usize = 18;

/// The list of a user's values.
const VALUES: &str = "trackingCodes";

/// The content of a body.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Reading {
    /// The facts.
    pub batch: Batch,
    /// Registrants by the ids of their meetings. Only the store knows the numbers of these.
    pub registrants: BTreeMap<Text, Vec<Registrant>>,
    /// The skipped entries.
    pub defects: Vec<Defect>,
    /// Values that cannot be stored: paths without indices (`items[].newKey`), with the number of entries that have
    /// them.
    pub unkept: BTreeMap<String, u64>,
}

impl Reading {
    /// Records which values of the entry at `path` cannot be stored.
    fn note_unkept(&mut self, path: &str, places: Vec<String>) {
        let list = path.split_once('[').map(|(list, _)| format!("{list}[].")).unwrap_or_default();
        for place in places {
            *self.unkept.entry(format!("{list}{place}")).or_default() += 1;
        }
    }

    /// Records the keys of an object that are not in `known`.
    fn note_unknown(&mut self, path: &str, value: Option<&Value>, known: &[&str]) {
        if let Some(Value::Object(object)) = value {
            let keys = rollcall_extras::unknown_keys(object, known);
            self.note_unkept(path, keys.into_iter().map(str::to_owned).collect());
        }
    }
}

/// An invalid entry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Defect {
    /// Path of the entry in the body: `items[3]`.
    pub path: String,
    /// What is wrong with it.
    pub reason: String,
}

/// Why a body cannot be read at all.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ReadError {
    /// Responses to this request cannot be read.
    #[error("responses to `{request}` cannot be imported. An example of a supported request: `{example}`")]
    UnknownRequest {
        /// The request, shortened to a readable length.
        request: String,
        /// A supported request.
        example: &'static str,
    },
    /// A host's view of tracking codes.
    #[error(
        "responses to GET /v1/meetings/trackingCodes cannot be imported: they show one service, omit the host \
         profile, and mix a host's own value into the options; import those of {}",
        request::EXAMPLE
    )]
    HostView,
    /// The body is an error response.
    #[error("the body is an error response: {message}")]
    ErrorAnswer {
        /// Its sentence.
        message: String,
    },
    /// The body lacks the list of such responses.
    #[error("the body has no list '{field}', which such a response contains")]
    NoList {
        /// The list.
        field: &'static str,
    },
    /// The body is not JSON, not an object, or its only entry breaks the rules.
    #[error(transparent)]
    Invalid(#[from] Violations),
}

impl Request {
    /// Parses a body that answers this request.
    ///
    /// # Errors
    ///
    /// [`ReadError`] if nothing in the body can be read.
    pub fn read(&self, body: &[u8]) -> Result<Reading, ReadError> {
        let value = parse_json(body)?;
        let object = Object::root(&value)?;
        if let (Some(Value::String(message)), true) = (object.get("message"), object.has("trackingId")) {
            return Err(ReadError::ErrorAnswer { message: message.clone() });
        }
        let mut reading = Reading::default();
        let Reading { batch, defects, .. } = &mut reading;
        match self {
            Self::ListTrackingCodes => batch.tracking_codes = each("items", object, defects, tracking_code)?,
            Self::TrackingCode => batch.tracking_codes.push(tracking_code(&value)?),
            Self::UserTrackingCodes { person_id } => {
                batch.user_tracking_codes.push(user_values(object, person_id.as_ref(), defects)?);
            }
            Self::Qualities => runs::qualities(object, &mut reading)?,
            Self::Participants => runs::participants(object, &mut reading)?,
            Self::Participant => runs::participant(&value, &mut reading),
            Self::Meetings => runs::meetings(object, &mut reading)?,
            Self::Meeting => runs::meeting(&value, &mut reading),
            Self::People => people::people(object, &mut reading)?,
            Self::Person => people::person(&value, &mut reading),
            Self::Organizations => people::organizations(object, &mut reading)?,
            Self::Organization => people::organization(&value, &mut reading),
            Self::UsageReports { site_url } => reports::usage(object, site_url.as_ref(), &mut reading)?,
            Self::Invitees => planned::invitees(object, &mut reading)?,
            Self::Invitee => planned::invitee(&value, &mut reading),
            Self::Registrants { meeting_id } => planned::registrants(object, meeting_id, &mut reading)?,
            Self::Registrant { meeting_id } => planned::registrant(&value, meeting_id, &mut reading),
            Self::Registration { meeting_id } => planned::registration(&value, meeting_id, &mut reading),
            Self::InvitationSources { meeting_id } => planned::sources(object, meeting_id, &mut reading)?,
            Self::Preferences { of_user } => planned::preferences(&value, of_user.as_ref(), &mut reading),
            Self::AttendeeReports => reports::attendees(object, &mut reading)?,
            Self::HostTrackingCodes => return Err(ReadError::HostView),
            Self::ListSites { of_user } => {
                batch.sites = each("sites", object, defects, |entry| site(Object::root(entry)?, *of_user))?;
            }
            Self::DefaultSite { of_user } => batch.sites.push(site(object, *of_user)?),
        }
        self.note_unkept(&value, &mut reading);
        Ok(reading)
    }

    /// Records values that cannot be stored, for responses whose entries have no extras.
    fn note_unkept(&self, value: &Value, reading: &mut Reading) {
        const SITE: &[&str] = &["siteUrl", "default"];
        let entries = |list: &str| value.get(list).and_then(Value::as_array).into_iter().flatten();
        match self {
            Self::ListTrackingCodes => {
                reading.note_unknown("", Some(value), &["items"]);
                for code in reading.batch.tracking_codes.clone() {
                    let entry = entries("items").find(|entry| entry.get("id").is_some_and(|id| is_id(id, &code)));
                    reading.note_code("items[0]", entry, &code);
                }
            }
            Self::TrackingCode => {
                for code in reading.batch.tracking_codes.clone() {
                    reading.note_code("", Some(value), &code);
                }
            }
            Self::UserTrackingCodes { .. } => {
                reading.note_unknown("", Some(value), &["siteUrl", "personId", "email", VALUES]);
                for entry in entries(VALUES) {
                    reading.note_unknown("trackingCodes[0]", Some(entry), &["name", "value"]);
                }
            }
            Self::ListSites { .. } => {
                reading.note_unknown("", Some(value), &["sites"]);
                for entry in entries("sites") {
                    reading.note_unknown("sites[0]", Some(entry), SITE);
                }
            }
            Self::DefaultSite { .. } => reading.note_unknown("", Some(value), SITE),
            Self::People => reading.note_unknown("", Some(value), &["items", "notFoundIds"]),
            Self::Qualities
            | Self::Participants
            | Self::Meetings
            | Self::Organizations
            | Self::UsageReports { .. }
            | Self::AttendeeReports
            | Self::Invitees
            | Self::InvitationSources { .. } => reading.note_unknown("", Some(value), &["items"]),
            Self::Participant
            | Self::Meeting
            | Self::Person
            | Self::Organization
            | Self::Invitee
            | Self::Registration { .. }
            | Self::Preferences { .. }
            | Self::Registrants { .. }
            | Self::Registrant { .. }
            | Self::HostTrackingCodes => {}
        }
    }
}

/// Returns whether an entry's id, a string or a number, is the code's.
fn is_id(id: &Value, code: &TrackingCode) -> bool {
    id.as_str().is_some_and(|id| code.id.0 == id) || id.as_i64().is_some_and(|id| code.id.0.parse() == Ok(id))
}

impl Reading {
    /// Records values of a tracking code that cannot be stored.
    fn note_code(&mut self, path: &str, entry: Option<&Value>, code: &TrackingCode) {
        let Some(entry) = entry else { return };
        let places = rollcall_extras::differences(&TRACKING_CODE, &entry.to_string(), &wire::TrackingCode::from(code));
        self.note_unkept(path, places);
    }
}

/// Returns the valid entries of `list`; the others become defects.
fn each<T>(
    list: &'static str,
    object: Object<'_>,
    defects: &mut Vec<Defect>,
    read: impl Fn(&Value) -> Result<T, Violations>,
) -> Result<Vec<T>, ReadError> {
    let Some(Value::Array(entries)) = object.get(list) else { return Err(ReadError::NoList { field: list }) };
    let mut found = Vec::with_capacity(entries.len());
    for (index, entry) in entries.iter().enumerate() {
        match read(entry) {
            Ok(value) => found.push(value),
            Err(violations) => {
                defects.push(Defect { path: format!("{list}[{index}]"), reason: violations.to_string() });
            }
        }
    }
    Ok(found)
}

fn tracking_code(value: &Value) -> Result<TrackingCode, Violations> {
    let id = id(Object::root(value)?)?;
    Ok(CodeDraft::parse(value)?.with_id(id))
}

/// Parses an id: a decimal number, usually in a string, but a number in some of the reference's samples.
fn id(object: Object<'_>) -> Result<TrackingCodeId, Violations> {
    const EXPECTED: &str = "a decimal number in a string";
    let field = object.field("id");
    let digits = match object.get("id") {
        None => return Err(Violation::Empty { field }.into()),
        Some(Value::String(text)) => text.clone(),
        Some(Value::Number(number)) => number.to_string(),
        Some(other) => return Err(Violation::WrongType { field, expected: EXPECTED, found: kind(other) }.into()),
    };
    let is_number = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
    if !is_number || digits.len() > MAX_ID_DIGITS {
        return Err(Violation::WrongType { field, expected: EXPECTED, found: "another text" }.into());
    }
    Ok(digits.into())
}

/// Parses a site. The wire format has neither its manager nor whether its codes are mapped.
///
/// The default site of another user (`of_user`) says nothing about the account's own.
fn site(object: Object<'_>, of_user: bool) -> Result<SiteFacts, Violations> {
    let mut findings = Findings::default();
    let url = object.host_name("siteUrl", &mut findings);
    let default = object.flag("default", &mut findings);
    let site =
        || Some(SiteFacts { url: url?, is_default: default? && !of_user, managed_by: None, tracking_code_mode: None });
    let site = site();
    findings.finish(site)
}

/// Parses one user's values. The body may omit the user if the request has it; if neither does, it is blank.
fn user_values(
    object: Object<'_>,
    asked_for: Option<&Text>,
    defects: &mut Vec<Defect>,
) -> Result<UserTrackingCodeFacts, ReadError> {
    let mut findings = Findings::default();
    let site_url = object.host_name("siteUrl", &mut findings);
    let person_id = object.optional_text("personId", &mut findings).flatten().or_else(|| asked_for.cloned());
    let email = object.optional_text("email", &mut findings).flatten();
    if person_id.is_none() && email.is_none() {
        findings.add(Violation::NobodyNamed);
    }
    let site_url = findings.finish(site_url)?;
    let values = match object.get(VALUES) {
        Some(_) => each(VALUES, object, defects, name_and_value)?,
        None => Vec::new(),
    };
    Ok(UserTrackingCodeFacts {
        site_url,
        user_ids: person_id.map(|id| user_ids(&id)).unwrap_or_default(),
        email: email.unwrap_or_default(),
        values,
    })
}

/// Returns the user ids that a person's id may stand for; any other id stands for itself.
fn user_ids(person_id: &str) -> Vec<UserId> {
    person::user_ids(person_id).unwrap_or_else(|_| vec![UserId::from(person_id)])
}

fn name_and_value(entry: &Value) -> Result<(Text, Text), Violations> {
    let object = Object::root(entry)?;
    let mut findings = Findings::default();
    let name = object.text("name", MAX_CHARS, &mut findings);
    let value = object.text("value", MAX_CHARS, &mut findings);
    findings.finish(name.zip(value))
}
