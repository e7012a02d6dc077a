//! What is wrong with a description, and where.

use std::fmt;

/// Where something stands in a document, as a JSON pointer: `/paths/~1users/get`. Empty is the document itself.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Pointer(String);

impl Pointer {
    /// The place of a member of what stands here.
    #[must_use]
    pub fn member(&self, name: &str) -> Self {
        // A hostile name must not fill the message.
        let name: String = name.chars().take(120).collect();
        Self(format!("{}/{}", self.0, name.replace('~', "~0").replace('/', "~1")))
    }

    /// The place of an element of what stands here.
    #[must_use]
    pub fn element(&self, index: usize) -> Self {
        Self(format!("{}/{index}", self.0))
    }
}

impl fmt::Display for Pointer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0.is_empty() { f.write_str("the document") } else { f.write_str(&self.0) }
    }
}

/// Why a document could not be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ReadError {
    /// The text is not JSON, is cut off, or is nested too deeply.
    #[error("line {line}, column {column}: {reason}")]
    Syntax {
        /// Counted from 1.
        line: usize,
        /// Counted from 1, in bytes.
        column: usize,
        /// What is wrong there.
        reason: String,
    },
    /// The document is JSON, but something in it is not what it should be.
    #[error("{place}: {reason}")]
    Content {
        /// Where.
        place: Pointer,
        /// What is wrong, and the fix.
        reason: String,
    },
    /// What a part of the document grows to is more than is read.
    #[error("{place}: {reason}")]
    Growth {
        /// Where.
        place: Pointer,
        /// What there is too much of.
        reason: String,
    },
    /// The document is larger than is read.
    #[error("{what} is more than the {limit} that are read")]
    TooLarge {
        /// What there is too much of, with the amount.
        what: String,
        /// How much is read.
        limit: String,
    },
    /// An item of the document that cannot be read, by its name.
    #[error("{name}: {error}")]
    Item {
        /// What the document calls it.
        name: String,
        /// What is wrong with it.
        error: Box<ReadError>,
    },
    /// A curl line that cannot be understood.
    #[error("the curl line, at character {at}: {reason}")]
    Curl {
        /// Counted from 1.
        at: usize,
        /// What is wrong there.
        reason: String,
    },
}

impl ReadError {
    pub(crate) fn content(place: &Pointer, reason: impl Into<String>) -> Self {
        Self::Content { place: place.clone(), reason: reason.into() }
    }

    /// The name of the item that it is about, if it is about one.
    #[must_use]
    pub fn item(&self) -> Option<&str> {
        match self {
            Self::Item { name, .. } => Some(name),
            _ => None,
        }
    }

    /// The error with the name of the item that it is in.
    pub(crate) fn within(self, name: Option<&str>) -> Self {
        match name {
            // A hostile name must not fill the message.
            Some(name) => Self::Item { name: name.chars().take(120).collect(), error: Box::new(self) },
            None => self,
        }
    }

    /// What is wrong with a line that runs curl, at a character counted from 1.
    pub(crate) fn curl(at: usize, reason: impl Into<String>) -> Self {
        Self::Curl { at, reason: reason.into() }
    }

    /// What a description grows to is more than is read.
    pub(crate) fn growth(place: &Pointer, reason: impl Into<String>) -> Self {
        Self::Growth { place: place.clone(), reason: reason.into() }
    }

    pub(crate) fn is_growth(&self) -> bool {
        matches!(self, Self::Growth { .. })
    }

    pub(crate) fn syntax(error: &serde_json::Error) -> Self {
        let whole = error.to_string();
        // serde_json says the place behind its reason; here it stands before it.
        let reason = whole.rsplit_once(" at line ").map_or(whole.as_str(), |(reason, _)| reason);
        let reason = match error.classify() {
            serde_json::error::Category::Eof => format!("the document ends too early: {reason}"),
            _ if reason.contains("recursion limit") => "nested more than 128 deep".to_owned(),
            _ => reason.to_owned(),
        };
        Self::Syntax { line: error.line(), column: error.column(), reason }
    }
}
