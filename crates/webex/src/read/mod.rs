//! Reading response bodies of Webex's API into facts, for `rollcall import` and the collector.
//!
//! A body does not tell what it answers, so the [`Request`] goes with it. Bodies are laid against the same rules as a
//! caller's requests, but for those that depend on the site: what the other server stored, it stored. An entry of a
//! list that breaks a rule is left out and told as a [`Defect`]; the others are read.

mod request;
mod runs;

use std::collections::BTreeMap;

use rollcall_model::{Batch, SiteFacts, Text, TrackingCode, TrackingCodeId, UserId, UserTrackingCodeFacts};
use serde_json::Value;

pub use request::Request;

use crate::rules::{CodeDraft, Findings, MAX_CHARS, Object, Violation, Violations, kind, parse_json};
use crate::{extras::TRACKING_CODE, person, wire};

/// The most digits of an id: codes are ordered by it as a number.
const MAX_ID_DIGITS: usize = 18;

/// The list of a user's values.
const VALUES: &str = "trackingCodes";

/// What a body told.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Reading {
    /// The facts.
    pub batch: Batch,
    /// The entries that were left out.
    pub defects: Vec<Defect>,
    /// What is not kept since there is no place for it: paths without indices (`items[].newKey`), with how many entries
    /// have them.
    pub unkept: BTreeMap<String, u64>,
}

impl Reading {
    /// Notes what of the entry at `path` is not kept.
    fn note_unkept(&mut self, path: &str, places: Vec<String>) {
        let list = path.split_once('[').map(|(list, _)| format!("{list}[].")).unwrap_or_default();
        for place in places {
            *self.unkept.entry(format!("{list}{place}")).or_default() += 1;
        }
    }

    /// Notes the keys of an object that are not in `known`.
    fn note_unknown(&mut self, path: &str, value: Option<&Value>, known: &[&str]) {
        if let Some(Value::Object(object)) = value {
            let keys = rollcall_extras::unknown_keys(object, known);
            self.note_unkept(path, keys.into_iter().map(str::to_owned).collect());
        }
    }
}

/// An entry that could not be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Defect {
    /// Which entry, as a path into the body: `items[3]`.
    pub path: String,
    /// What is wrong with it.
    pub reason: String,
}

/// Why a body as a whole cannot be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ReadError {
    /// The request is not one whose answers are read.
    #[error("`{request}` is not a request whose answers can be imported; one is `{example}`")]
    UnknownRequest {
        /// The request, cut to a readable length.
        request: String,
        /// A request that is.
        example: &'static str,
    },
    /// A host's view of tracking codes.
    #[error(
        "the answers of GET /v1/meetings/trackingCodes cannot be imported: they show one service, leave out the host \
         profile, and mix a host's own value into the options; import those of {}",
        request::EXAMPLE
    )]
    HostView,
    /// The other server answered with an error.
    #[error("the body is an error that the server answered: {message}")]
    ErrorAnswer {
        /// Its sentence.
        message: String,
    },
    /// The body lacks the list that such answers hold.
    #[error("the body has no list '{field}', which such an answer holds")]
    NoList {
        /// The list.
        field: &'static str,
    },
    /// The body is not JSON, not an object, or the one thing that it holds breaks the rules.
    #[error(transparent)]
    Invalid(#[from] Violations),
}

impl Request {
    /// Reads a body that answers this request.
    ///
    /// # Errors
    ///
    /// [`ReadError`] where nothing at all can be read from the body.
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
            Self::HostTrackingCodes => return Err(ReadError::HostView),
            Self::ListSites { of_user } => {
                batch.sites = each("sites", object, defects, |entry| site(Object::root(entry)?, *of_user))?;
            }
            Self::DefaultSite { of_user } => batch.sites.push(site(object, *of_user)?),
        }
        self.note_unkept(&value, &mut reading);
        Ok(reading)
    }

    /// Notes what is not kept of answers whose entries have no extras.
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
            Self::Qualities | Self::Participants | Self::Meetings => {
                reading.note_unknown("", Some(value), &["items"]);
            }
            Self::Participant | Self::Meeting | Self::HostTrackingCodes => {}
        }
    }
}

/// Whether an entry's id, a text or a number, is the code's.
fn is_id(id: &Value, code: &TrackingCode) -> bool {
    id.as_str().is_some_and(|id| code.id.0 == id) || id.as_i64().is_some_and(|id| code.id.0.parse() == Ok(id))
}

impl Reading {
    /// Notes what of a tracking code is not kept.
    fn note_code(&mut self, path: &str, entry: Option<&Value>, code: &TrackingCode) {
        let Some(entry) = entry else { return };
        let places = rollcall_extras::differences(&TRACKING_CODE, &entry.to_string(), &wire::TrackingCode::from(code));
        self.note_unkept(path, places);
    }
}

/// The entries of `list` that can be read; the others become defects.
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

/// The id: a decimal number, mostly in a string, in some of the reference's samples bare.
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

/// A site. Who manages it and whether its codes are mapped is not on the wire.
///
/// The default of another user (`of_user`) is no news about the account's own.
fn site(object: Object<'_>, of_user: bool) -> Result<SiteFacts, Violations> {
    let mut findings = Findings::default();
    let url = object.host_name("siteUrl", &mut findings);
    let default = object.flag("default", &mut findings);
    let site =
        || Some(SiteFacts { url: url?, is_default: default? && !of_user, managed_by: None, tracking_code_mode: None });
    let site = site();
    findings.finish(site)
}

/// One user's values. The body may leave out who the user is where the request tells it; what neither tells is blank.
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

/// The ids of the user that a person's id may stand for; what is no person's id stands for itself.
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
