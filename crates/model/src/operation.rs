use crate::MeetingKind;

/// One operation of an API: its address, title and scopes. An API has one table of them, from which its router, guard,
/// description and importer are built.
#[derive(Debug, PartialEq, Eq)]
pub struct Operation {
    /// Its id in the vendor's documents.
    pub id: &'static str,
    /// The method of its requests.
    pub method: Method,
    /// The template of its path, such as `/v2/users/{userId}`.
    pub path: &'static str,
    /// The title of the vendor's page, unique within the surface.
    pub title: &'static str,
    /// The vendor's prerequisites for an account; Rollcall has none.
    pub prerequisites: Option<&'static str>,
    /// Scopes, any of which is sufficient; errors name the first. Granular names come before classic ones.
    pub scopes: &'static [&'static str],
    /// Its effect on the account's data.
    pub effect: Effect,
    /// What its path identifies: a user-level scope covers it only if it is the caller's own.
    pub subject: Subject,
    /// Its class in the vendor's rate limits. `None` if the vendor has no classes.
    pub label: Option<RateLabel>,
}

/// The method of an operation's requests.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(missing_docs, reason = "each is the method of that name")]
pub enum Method {
    Get,
    Post,
    Put,
    Patch,
    Delete,
}

impl Method {
    /// Returns the method as it is written in a request.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Get => "GET",
            Self::Post => "POST",
            Self::Put => "PUT",
            Self::Patch => "PATCH",
            Self::Delete => "DELETE",
        }
    }
}

/// The effect of an operation on an account's data.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Effect {
    /// Returns some of it.
    Read,
    /// Returns any amount of it, as SQL does.
    Export,
    /// Adds attendance or measurements.
    Ingest,
    /// Changes what people entered.
    Change,
    /// Removes a person.
    Erase,
}

impl Effect {
    /// Returns its name in the audit log.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Read => "read",
            Self::Export => "export",
            Self::Ingest => "ingest",
            Self::Change => "change",
            Self::Erase => "erase",
        }
    }

    /// Returns whether the operation does not change data.
    #[must_use]
    pub const fn is_read(self) -> bool {
        matches!(self, Self::Read | Self::Export)
    }
}

/// What the id in an operation's path identifies.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Subject {
    /// Nothing, or a record of the account: no user-level scope covers it.
    Account,
    /// A user.
    User,
    /// A meeting or webinar, by its number.
    Meeting(MeetingKind),
    /// An instance, by its UUID or its meeting's number.
    Instance(MeetingKind),
    /// Depends on the query: the handler itself checks for the wider scopes if it is not the caller's own.
    Query,
}

/// The class of an operation in Zoom's rate limits, sent in `X-RateLimit-Category` with every response.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum RateLabel {
    /// One object.
    Light,
    /// A list.
    Medium,
    /// A report.
    Heavy,
    /// A report over a month.
    ResourceIntensive,
}

impl RateLabel {
    /// Returns its name on the wire.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Light => "Light",
            Self::Medium => "Medium",
            Self::Heavy => "Heavy",
            Self::ResourceIntensive => "Resource-intensive",
        }
    }
}

impl Operation {
    /// Returns an operation that takes an app's credentials instead of a token.
    #[must_use]
    pub const fn of_app(id: &'static str, path: &'static str, title: &'static str) -> Self {
        Self {
            id,
            method: Method::Post,
            path,
            title,
            prerequisites: None,
            scopes: &[],
            effect: Effect::Change,
            subject: Subject::Account,
            label: None,
        }
    }

    /// Returns the operation of a table that a request belongs to, with the values of its path's parameters. `None` if
    /// the table has none.
    #[must_use]
    pub fn find<'p>(table: &[&'static Self], method: &str, path: &[&'p str]) -> Option<(&'static Self, Vec<&'p str>)> {
        let found = table.iter().filter(|operation| operation.method.as_str() == method);
        // A word in a template takes precedence over a parameter: `users/email` is not a user.
        found
            .filter_map(|operation| Some((*operation, operation.parameters(path)?)))
            .min_by_key(|(_, parameters)| parameters.len())
    }

    /// Returns the kind of record, for the audit log.
    #[must_use]
    pub const fn target(&self) -> &'static str {
        match self.subject {
            Subject::Account | Subject::Query => match self.effect {
                Effect::Erase => "person",
                _ => "account",
            },
            Subject::User => "user",
            Subject::Meeting(_) => "meeting",
            Subject::Instance(_) => "instance",
        }
    }

    /// Returns the title as part of a URL: `Get a meeting` becomes `get-a-meeting`.
    #[must_use]
    pub fn slug(&self) -> String {
        let words = self.title.to_lowercase().replace('\'', "");
        let words = words.split(|c: char| !c.is_ascii_alphanumeric()).filter(|word| !word.is_empty());
        words.collect::<Vec<_>>().join("-")
    }

    /// Returns the segments of `path` in the places of the template's parameters, in order. `None` if the path is not
    /// one of this operation.
    fn parameters<'p>(&self, path: &[&'p str]) -> Option<Vec<&'p str>> {
        let template = self.path.trim_start_matches('/').split('/');
        if template.clone().count() != path.len() {
            return None;
        }
        let mut parameters = Vec::new();
        for (expected, segment) in template.zip(path) {
            if expected.starts_with('{') {
                parameters.push(*segment);
            } else if expected != *segment {
                return None;
            }
        }
        Some(parameters)
    }
}
