use std::{borrow::Cow, fmt};

use rollcall_model::{Text, TrackingCodeId};

use crate::{status::Status, wire::Word};

/// Where in a body something is wrong, as a path: `name`, `options[3].value`.
pub type Field = Cow<'static, str>;

/// How many violations one answer names: a body of a thousand wrong options is told in a readable length.
const MAX_REPORTED: usize = 20;

/// How much of a caller's text is repeated to it.
const MAX_ECHOED_CHARS: usize = 64;

/// One broken rule. It prints as the description of an error: the field in single quotes, and the fix.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Violation {
    /// The body is not JSON at all, or is nested too deeply.
    #[error("the body cannot be read as JSON: {reason}")]
    NotJson {
        /// What the parser said.
        reason: String,
    },
    /// A body, or an entry of a list, is of another kind than an object.
    #[error("a JSON object is needed, not {found}")]
    NotAnObject {
        /// The kind.
        found: &'static str,
    },
    /// A field that is needed is left out, null, or blank.
    #[error("'{field}' cannot be empty")]
    Empty {
        /// Where.
        field: Field,
    },
    /// A list that is needed is left out.
    #[error("'{field}' is missing; send a list, which may be empty")]
    Missing {
        /// Where.
        field: Field,
    },
    /// A field is of another kind than it should be.
    #[error("'{field}' must be {expected}, not {found}")]
    WrongType {
        /// Where.
        field: Field,
        /// What should stand there.
        expected: &'static str,
        /// What stands there.
        found: &'static str,
    },
    /// A text is too long.
    #[error("'{field}' has {chars} characters; at most {max} are allowed")]
    TooLong {
        /// Where.
        field: Field,
        /// Its length in characters.
        chars: usize,
        /// The limit.
        max: usize,
    },
    /// A list is too long. Its entries are then not looked at.
    #[error("'{field}' has {entries} entries; at most {max} are allowed")]
    TooMany {
        /// Where.
        field: Field,
        /// Its length.
        entries: usize,
        /// The limit.
        max: usize,
    },
    /// A word is not one of those that may stand there.
    #[error("'{field}' cannot be {word}; it must be one of: {allowed}")]
    UnknownWord {
        /// Where.
        field: Field,
        /// What stands there, cut to a readable length.
        word: String,
        /// What may stand there.
        allowed: String,
    },
    /// A site is not named by its host alone.
    #[error("'{field}' must be a host name such as example.webex.com, without a scheme or a path")]
    NotAHostName {
        /// Where.
        field: Field,
    },
    /// A list to choose from is empty.
    #[error("'options' cannot be empty where 'inputMode' is select")]
    OptionsNeeded,
    /// Two options have the same value.
    #[error("'{field}' repeats the option '{value}'; each value can stand once")]
    RepeatedOption {
        /// The later of the two.
        field: Field,
        /// The value.
        value: String,
    },
    /// A second option is the default.
    #[error("'{field}' cannot be true: another option is the default already, and there can be one")]
    SecondDefault {
        /// The later of the two.
        field: Field,
    },
    /// Two entries speak of the same service.
    #[error("'{field}' repeats the service {service}; each service can stand once")]
    RepeatedService {
        /// The later of the two.
        field: Field,
        /// The service.
        service: &'static str,
    },
    /// A code that is for host profiles only has a rule for scheduling.
    #[error("'{field}' must be notUsed where 'inputMode' is hostProfileSelect; or send null as 'scheduleStartCodes'")]
    HostProfileOnly {
        /// Which rule.
        field: Field,
    },
    /// A rule for scheduling does not go with the rule for host profiles.
    #[error(
        "'{field}' cannot be {code_type} where 'hostProfileCode' is {host_profile_code}; it must be one of: {allowed}"
    )]
    TypeAgainstHostProfile {
        /// Which rule.
        field: Field,
        /// Its type.
        code_type: &'static str,
        /// What it does not go with.
        host_profile_code: &'static str,
        /// What would go with it.
        allowed: &'static str,
    },
    /// `notApplicable` stands on a single service.
    #[error("'{field}' cannot be notApplicable for {service}; only the service All can have it")]
    NotApplicableOffAll {
        /// Which rule.
        field: Field,
        /// The service.
        service: &'static str,
    },
    /// A service contradicts the rule for all services.
    #[error("'{field}' must be {all}, as the service All has it, not {code_type}; or send notApplicable for All")]
    AgainstAll {
        /// Which rule.
        field: Field,
        /// Its type.
        code_type: &'static str,
        /// The type of `All`.
        all: &'static str,
    },
    /// A code is required on host profiles of a site that Control Hub manages.
    #[error("'hostProfileCode' cannot be required on a site that is managed by Control Hub; use optional or adminSet")]
    RequiredInControlHub,
    /// The site's codes are mapped from user attributes, or about to be: they can be read only.
    #[error("the tracking codes of site '{site_url}' are mapped to user attributes and cannot be changed here")]
    Mapped {
        /// The site.
        site_url: Text,
    },
    /// The account has no site of that name.
    #[error("'{field}' names no site of this account: '{site_url}'")]
    UnknownSite {
        /// Where it was named.
        field: Field,
        /// What was named, cut to a readable length.
        site_url: String,
    },
    /// Another code of the site has the name.
    #[error("'name' cannot be '{name}': the site has a tracking code of that name")]
    DuplicateName {
        /// The name.
        name: Text,
    },
    /// The site is full.
    #[error("the site has {max} tracking codes, which is as many as it can have; delete one first")]
    SiteFull {
        /// How many codes a site may have.
        max: usize,
    },
    /// The code to be replaced does not exist. Webex answers that with 400.
    #[error("'trackingCodeId' names no tracking code of the site: '{id}'")]
    UnknownCodeId {
        /// What was named, cut to a readable length.
        id: String,
    },
    /// Nobody is named.
    #[error("either 'personId' or 'email' is needed")]
    NobodyNamed,
    /// The site has no code of that name.
    #[error("'{field}' names no tracking code of the site: '{name}'")]
    UnknownCode {
        /// Where it was named.
        field: Field,
        /// What was named.
        name: String,
    },
    /// Two entries give a value of the same code.
    #[error("'{field}' repeats the tracking code '{name}'; each code can stand once")]
    RepeatedCode {
        /// The later of the two.
        field: Field,
        /// The code's name.
        name: String,
    },
    /// The value is not among those to choose from.
    #[error("'{field}' cannot be '{value}': it is not an option of the tracking code '{name}'")]
    NotAnOption {
        /// Where the value stands.
        field: Field,
        /// The code's name.
        name: Text,
        /// The value.
        value: String,
    },
}

impl Violation {
    /// The status that the violation is answered with.
    #[must_use]
    pub const fn status(&self) -> Status {
        match self {
            Self::Mapped { .. } => Status::Forbidden,
            Self::DuplicateName { .. } => Status::Conflict,
            _ => Status::BadRequest,
        }
    }

    /// The status whose sentence opens the answer. It is [`Self::status`], but for a code to be replaced that does not
    /// exist: there Webex answers 400 with the sentence of 404.
    #[must_use]
    pub const fn sentence(&self) -> &'static str {
        match self {
            Self::UnknownCodeId { .. } => Status::NotFound.message(),
            _ => self.status().message(),
        }
    }

    /// `word` is none of the words of `W`.
    pub(super) fn unknown_word<W: Word>(field: Field, word: &str) -> Self {
        let allowed: Vec<&str> = W::WORDS.iter().map(|(word, _)| *word).collect();
        Self::UnknownWord { field, word: echo(word), allowed: allowed.join(", ") }
    }

    /// The code of that id does not exist.
    #[must_use]
    pub fn unknown_code_id(id: &TrackingCodeId) -> Self {
        Self::UnknownCodeId { id: echo(id.as_str()) }
    }

    /// The site that `field` names does not exist.
    #[must_use]
    pub fn unknown_site(field: &'static str, site_url: &str) -> Self {
        Self::UnknownSite { field: field.into(), site_url: echo(site_url) }
    }
}

/// All that is wrong with a request: at least one violation, at most twenty.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Violations(Vec<Violation>);

impl Violations {
    /// The violations in the order of the fields in the reference.
    pub fn iter(&self) -> std::slice::Iter<'_, Violation> {
        self.0.iter()
    }

    /// The status of the answer: that of the first violation.
    #[must_use]
    pub fn status(&self) -> Status {
        self.0.first().map_or(Status::BadRequest, Violation::status)
    }

    /// The sentence that opens the answer: that of the first violation.
    #[must_use]
    pub fn sentence(&self) -> &'static str {
        self.0.first().map_or(Status::BadRequest.message(), Violation::sentence)
    }

    /// One description for each violation.
    pub fn descriptions(&self) -> impl Iterator<Item = String> {
        self.0.iter().map(ToString::to_string)
    }
}

impl From<Violation> for Violations {
    fn from(violation: Violation) -> Self {
        Self(vec![violation])
    }
}

impl<'a> IntoIterator for &'a Violations {
    type Item = &'a Violation;
    type IntoIter = std::slice::Iter<'a, Violation>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

impl fmt::Display for Violations {
    /// The descriptions, parted by `; also `: some hold a semicolon.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, violation) in self.0.iter().enumerate() {
            if index > 0 {
                f.write_str("; also ")?;
            }
            violation.fmt(f)?;
        }
        Ok(())
    }
}

impl std::error::Error for Violations {}

/// Gathers violations while a body is read.
#[derive(Debug, Default)]
pub(crate) struct Findings(Vec<Violation>);

impl Findings {
    /// Takes note of a violation, up to the number that one answer names.
    pub(crate) fn add(&mut self, violation: Violation) {
        if self.0.len() < MAX_REPORTED {
            self.0.push(violation);
        }
    }

    /// Answers `value` where nothing was found. A reader answers none only after it took note of why.
    pub(crate) fn finish<T>(self, value: Option<T>) -> Result<T, Violations> {
        match value {
            Some(value) if self.0.is_empty() => Ok(value),
            _ => {
                debug_assert!(!self.0.is_empty(), "a value is missing for no reason");
                Err(Violations(self.0))
            }
        }
    }
}

/// A caller's text, cut to a readable length.
pub(super) fn echo(text: &str) -> String {
    match text.char_indices().nth(MAX_ECHOED_CHARS) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}
