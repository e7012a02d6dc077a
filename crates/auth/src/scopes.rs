//! Parses scopes that people type. `auth` decides what they allow; this module only checks that names exist, so that a
//! blank or a typo is an error and never a token that allows everything or nothing.

use std::{collections::BTreeSet, fmt};

use rollcall_model::{Operation, Scopes};

use crate::is_own_scope;

/// The operations of all surfaces.
type Operations<'o> = &'o [&'static Operation];

/// The word that grants every scope, also those of later versions.
const ALL: &str = "all";

/// Why a text is not a list of scopes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum InvalidScopes {
    /// The text is blank.
    Blank,
    /// `all` is listed beside other names.
    AllAndOthers,
    /// No operation has this scope; `nearest` is the most similar known one.
    Unknown {
        /// The name as typed, shortened to a readable length.
        name: String,
        /// The most similar known scope.
        nearest: &'static str,
    },
}

impl fmt::Display for InvalidScopes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Blank => f.write_str("no scope given. List scopes separated by commas, or write `all`"),
            Self::AllAndOthers => f.write_str("`all` grants every scope. Write `all` alone, or only the other names"),
            Self::Unknown { name, nearest } => {
                write!(f, "unknown scope `{}`. The nearest known scope is `{nearest}`", name.escape_debug())
            }
        }
    }
}

impl std::error::Error for InvalidScopes {}

/// Returns every scope of any operation.
#[must_use]
pub fn known_scopes(operations: Operations<'_>) -> BTreeSet<&'static str> {
    operations.iter().flat_map(|operation| operation.scopes.iter().copied()).collect()
}

/// Returns the scopes of operations that only read.
#[must_use]
pub fn read_scopes(operations: Operations<'_>) -> Scopes {
    Scopes::listed(reading(operations))
}

/// Returns the read scopes that cover only the records of the user that a token acts for.
#[must_use]
pub fn own_read_scopes(operations: Operations<'_>) -> Scopes {
    Scopes::listed(reading(operations).into_iter().filter(|scope| is_own_scope(scope)))
}

fn reading(operations: Operations<'_>) -> BTreeSet<&'static str> {
    let mut scopes = known_scopes(operations);
    for operation in operations.iter().filter(|operation| !operation.effect.is_read()) {
        scopes.retain(|scope| !operation.scopes.contains(scope));
    }
    scopes
}

/// Parses scopes separated by commas or white space, or the word `all`.
///
/// # Errors
/// If the text is blank or contains an unknown scope.
pub fn parse_scopes(text: &str, operations: Operations<'_>) -> Result<Scopes, InvalidScopes> {
    let names: BTreeSet<&str> =
        text.split(|c: char| c == ',' || c.is_whitespace()).filter(|name| !name.is_empty()).collect();
    if names.is_empty() {
        return Err(InvalidScopes::Blank);
    }
    if names.contains(ALL) {
        return if names.len() == 1 { Ok(Scopes::All) } else { Err(InvalidScopes::AllAndOthers) };
    }
    let known = known_scopes(operations);
    match names.iter().find(|name| !known.contains(*name)) {
        None => Ok(Scopes::listed(names)),
        Some(name) => {
            let name: String = name.chars().take(64).collect();
            let likeness = |scope: &&str| strsim::jaro_winkler(scope, &name);
            let nearest = known.iter().copied().max_by(|a, b| likeness(a).total_cmp(&likeness(b)));
            Err(InvalidScopes::Unknown { name, nearest: nearest.unwrap_or(ALL) })
        }
    }
}
