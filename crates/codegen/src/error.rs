//! Errors of a description, and their positions.

use std::fmt;

/// A position in a document, as a JSON pointer: `/paths/~1users/get`. Empty is the document itself.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Pointer(String);

impl Pointer {
    /// Returns the position of a member.
    #[must_use]
    pub fn member(&self, name: &str) -> Self {
        // A hostile name must not fill the message.
        let name: String = name.chars().take(120).collect();
        Self(format!("{}/{}", self.0, name.replace('~', "~0").replace('/', "~1")))
    }

    /// Returns the position of an element.
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
        /// The parser's error.
        reason: String,
    },
    /// The document is JSON with invalid content.
    #[error("{place}: {reason}")]
    Content {
        /// Where.
        place: Pointer,
        /// What is wrong, and how to fix it.
        reason: String,
    },
    /// A part of the document is too large when expanded.
    #[error("{place}: {reason}")]
    Growth {
        /// Where.
        place: Pointer,
        /// What is too large.
        reason: String,
    },
    /// The document is too large.
    #[error("{what} exceeds the limit of {limit}")]
    TooLarge {
        /// What is too large, with its size.
        what: String,
        /// The limit.
        limit: String,
    },
    /// An invalid item of the document, by name.
    #[error("{name}: {error}")]
    Item {
        /// Its name in the document.
        name: String,
        /// What is wrong with it.
        error: Box<ReadError>,
    },
    /// An invalid curl command.
    #[error("the curl command, at character {at}: {reason}")]
    Curl {
        /// Counted from 1.
        at: usize,
        /// What is wrong.
        reason: String,
    },
}

impl ReadError {
    pub(crate) fn content(place: &Pointer, reason: impl Into<String>) -> Self {
        Self::Content { place: place.clone(), reason: reason.into() }
    }

    /// Returns the name of its item, if any.
    #[must_use]
    pub fn item(&self) -> Option<&str> {
        match self {
            Self::Item { name, .. } => Some(name),
            _ => None,
        }
    }

    /// Adds the name of its item to the error.
    pub(crate) fn within(self, name: Option<&str>) -> Self {
        match name {
            // A hostile name must not fill the message.
            Some(name) => Self::Item { name: name.chars().take(120).collect(), error: Box::new(self) },
            None => self,
        }
    }

    /// Returns an error in a curl command, at a character counted from 1.
    pub(crate) fn curl(at: usize, reason: impl Into<String>) -> Self {
        Self::Curl { at, reason: reason.into() }
    }

    /// Returns the error for a description that is too large when expanded.
    pub(crate) fn growth(place: &Pointer, reason: impl Into<String>) -> Self {
        Self::Growth { place: place.clone(), reason: reason.into() }
    }

    pub(crate) fn is_growth(&self) -> bool {
        matches!(self, Self::Growth { .. })
    }

    pub(crate) fn syntax(error: &serde_json::Error) -> Self {
        let whole = error.to_string();
        // serde_json puts the position after its reason; here it comes first.
        let reason = whole.rsplit_once(" at line ").map_or(whole.as_str(), |(reason, _)| reason);
        let reason = match error.classify() {
            serde_json::error::Category::Eof => format!("unexpected end of the document: {reason}"),
            _ if reason.contains("recursion limit") => "nested more than 128 levels deep".to_owned(),
            _ => reason.to_owned(),
        };
        Self::Syntax { line: error.line(), column: error.column(), reason }
    }
}
