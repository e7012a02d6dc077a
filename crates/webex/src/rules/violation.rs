use std::{borrow::Cow, fmt};

use rollcall_model::{Text, TrackingCodeId};

use crate::{status::Status, wire::Word};

/// Path of an error in a body: `name`, `options[3].value`.
pub type Field = Cow<'static, str>;

/// Maximum number of errors in one response, so that a body with a thousand invalid options gets a readable one.
const MAX_REPORTED: usize = 20;

/// Maximum length of a caller's text in an error.
const MAX_ECHOED_CHARS: usize = 64;

/// One broken rule. It prints as an error description: the field in single quotes, and how to fix it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Violation {
    /// The body is not JSON at all, or is nested too deeply.
    #[error("the body is not valid JSON: {reason}")]
    NotJson {
        /// The parser's error.
        reason: String,
    },
    /// A body, or an entry of a list, is not an object.
    #[error("a JSON object is required, not {found}")]
    NotAnObject {
        /// Its type.
        found: &'static str,
    },
    /// A required field is absent, null, or blank.
    #[error("'{field}' cannot be empty")]
    Empty {
        /// Where.
        field: Field,
    },
    /// A rule that only one field or operation has.
    #[error("{sentence}")]
    Rule {
        /// What is wrong, with the field in single quotes.
        sentence: String,
    },
    /// A required list is absent.
    #[error("'{field}' is missing; send a list, which may be empty")]
    Missing {
        /// Where.
        field: Field,
    },
    /// A field has the wrong type.
    #[error("'{field}' must be {expected}, not {found}")]
    WrongType {
        /// Where.
        field: Field,
        /// The expected type.
        expected: &'static str,
        /// The actual type.
        found: &'static str,
    },
    /// A string is too long.
    #[error("'{field}' has {chars} characters; at most {max} are allowed")]
    TooLong {
        /// Where.
        field: Field,
        /// Its length in characters.
        chars: usize,
        /// The limit.
        max: usize,
    },
    /// A list is too long. Its entries are then not checked.
    #[error("'{field}' has {entries} entries; at most {max} are allowed")]
    TooMany {
        /// Where.
        field: Field,
        /// Its length.
        entries: usize,
        /// The limit.
        max: usize,
    },
    /// A word is not one of those allowed.
    #[error("'{field}' cannot be {word}; it must be one of: {allowed}")]
    UnknownWord {
        /// Where.
        field: Field,
        /// The word, shortened to a readable length.
        word: String,
        /// The allowed words.
        allowed: String,
    },
    /// A site is not a bare host name.
    #[error("'{field}' must be a host name such as example.webex.com, without a scheme or a path")]
    NotAHostName {
        /// Where.
        field: Field,
    },
    /// A list of options is empty.
    #[error("'options' cannot be empty if 'inputMode' is select")]
    OptionsNeeded,
    /// Two options have the same value.
    #[error("'{field}' repeats the option '{value}'; each value can appear once")]
    RepeatedOption {
        /// The later of the two.
        field: Field,
        /// The value.
        value: String,
    },
    /// A second option is the default.
    #[error("'{field}' cannot be true: another option is already the default")]
    SecondDefault {
        /// The later of the two.
        field: Field,
    },
    /// Two entries have the same service.
    #[error("'{field}' repeats the service {service}; each service can appear once")]
    RepeatedService {
        /// The later of the two.
        field: Field,
        /// The service.
        service: &'static str,
    },
    /// A code for host profiles only has a rule for scheduling.
    #[error("'{field}' must be notUsed if 'inputMode' is hostProfileSelect; or send null as 'scheduleStartCodes'")]
    HostProfileOnly {
        /// The rule.
        field: Field,
    },
    /// A rule for scheduling contradicts the rule for host profiles.
    #[error(
        "'{field}' cannot be {code_type} if 'hostProfileCode' is {host_profile_code}; it must be one of: {allowed}"
    )]
    TypeAgainstHostProfile {
        /// The rule.
        field: Field,
        /// Its type.
        code_type: &'static str,
        /// What it contradicts.
        host_profile_code: &'static str,
        /// What is allowed.
        allowed: &'static str,
    },
    /// A single service has `notApplicable`.
    #[error("'{field}' cannot be notApplicable for {service}; only the service All can have it")]
    NotApplicableOffAll {
        /// The rule.
        field: Field,
        /// The service.
        service: &'static str,
    },
    /// A service contradicts the rule for all services.
    #[error("'{field}' must be {all}, as the service All has it, not {code_type}; or send notApplicable for All")]
    AgainstAll {
        /// The rule.
        field: Field,
        /// Its type.
        code_type: &'static str,
        /// The type of `All`.
        all: &'static str,
    },
    /// A code is required on host profiles of a site that Control Hub manages.
    #[error("'hostProfileCode' cannot be required on a site that is managed by Control Hub; use optional or adminSet")]
    RequiredInControlHub,
    /// The site's codes are mapped from user attributes, or about to be: they are read-only.
    #[error("the tracking codes of site '{site_url}' are mapped to user attributes and cannot be changed here")]
    Mapped {
        /// The site.
        site_url: Text,
    },
    /// The account has no such site.
    #[error("'{field}' is not a site of this account: '{site_url}'")]
    UnknownSite {
        /// The field.
        field: Field,
        /// The value, shortened to a readable length.
        site_url: String,
    },
    /// Another code of the site has the name.
    #[error("'name' cannot be '{name}': the site already has a tracking code with that name")]
    DuplicateName {
        /// The name.
        name: Text,
    },
    /// The site has the maximum number of codes.
    #[error("the site already has {max} tracking codes, the maximum; delete one first")]
    SiteFull {
        /// Maximum number of codes of a site.
        max: usize,
    },
    /// The code to replace does not exist. Webex returns 400.
    #[error("'trackingCodeId' is not a tracking code of the site: '{id}'")]
    UnknownCodeId {
        /// The value, shortened to a readable length.
        id: String,
    },
    /// No person is specified.
    #[error("either 'personId' or 'email' is required")]
    NobodyNamed,
    /// The site has no code with that name.
    #[error("'{field}' is not a tracking code of the site: '{name}'")]
    UnknownCode {
        /// The field.
        field: Field,
        /// The value.
        name: String,
    },
    /// Two entries have the same code.
    #[error("'{field}' repeats the tracking code '{name}'; each code can appear once")]
    RepeatedCode {
        /// The later of the two.
        field: Field,
        /// The code's name.
        name: String,
    },
    /// The value is not one of the options.
    #[error("'{field}' cannot be '{value}': it is not an option of the tracking code '{name}'")]
    NotAnOption {
        /// The field.
        field: Field,
        /// The code's name.
        name: Text,
        /// The value.
        value: String,
    },
}

impl Violation {
    /// Returns the status of the violation.
    #[must_use]
    pub const fn status(&self) -> Status {
        match self {
            Self::Mapped { .. } => Status::Forbidden,
            Self::DuplicateName { .. } => Status::Conflict,
            _ => Status::BadRequest,
        }
    }

    /// Returns the status whose sentence begins the response. It is [`Self::status`], except for an unknown code to
    /// replace: Webex returns 400 with the sentence of 404.
    #[must_use]
    pub const fn sentence(&self) -> &'static str {
        match self {
            Self::UnknownCodeId { .. } => Status::NotFound.message(),
            _ => self.status().message(),
        }
    }

    /// Returns the violation for a `word` that is not one of `W`.
    pub(super) fn unknown_word<W: Word>(field: Field, word: &str) -> Self {
        let allowed: Vec<&str> = W::WORDS.iter().map(|(word, _)| *word).collect();
        Self::UnknownWord { field, word: echo(word), allowed: allowed.join(", ") }
    }

    /// Returns the violation of a rule that only one field or operation has.
    #[must_use]
    pub fn rule(sentence: impl Into<String>) -> Self {
        Self::Rule { sentence: sentence.into() }
    }

    /// Returns the violation for an unknown code id.
    #[must_use]
    pub fn unknown_code_id(id: &TrackingCodeId) -> Self {
        Self::UnknownCodeId { id: echo(id.as_str()) }
    }

    /// Returns the violation for an unknown site in `field`.
    #[must_use]
    pub fn unknown_site(field: &'static str, site_url: &str) -> Self {
        Self::UnknownSite { field: field.into(), site_url: echo(site_url) }
    }
}

/// All errors of a request: at least one, at most twenty.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Violations(Vec<Violation>);

impl Violations {
    /// Returns the violations in the order of the fields in the reference.
    pub fn iter(&self) -> std::slice::Iter<'_, Violation> {
        self.0.iter()
    }

    /// Returns the status of the response: that of the first violation.
    #[must_use]
    pub fn status(&self) -> Status {
        self.0.first().map_or(Status::BadRequest, Violation::status)
    }

    /// Returns the first sentence of the response: that of the first violation.
    #[must_use]
    pub fn sentence(&self) -> &'static str {
        self.0.first().map_or(Status::BadRequest.message(), Violation::sentence)
    }

    /// Returns one description for each violation.
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
    /// Prints the descriptions, separated by `; also `, because some contain a semicolon.
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

/// Collects violations while a body is read.
#[derive(Debug, Default)]
pub(crate) struct Findings(Vec<Violation>);

impl Findings {
    /// Records a violation, up to the maximum of a response.
    pub(crate) fn add(&mut self, violation: Violation) {
        if self.0.len() < MAX_REPORTED {
            self.0.push(violation);
        }
    }

    /// Returns `value` if no violations were found. A reader returns `None` only after it has recorded why.
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

/// Returns a caller's text, shortened to a readable length.
pub(super) fn echo(text: &str) -> String {
    match text.char_indices().nth(MAX_ECHOED_CHARS) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}
