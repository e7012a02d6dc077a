//! Parses scopes that people type. `auth` decides what they allow; this module only checks that names exist, so that a
//! blank or a typo is an error and never a token that allows everything or nothing.

use std::{collections::BTreeSet, fmt};

use rollcall_model::Scopes;

use crate::auth::{Operation, is_own_scope};

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

/// Returns every operation of every API.
fn operations() -> impl Iterator<Item = &'static Operation> {
    [crate::zoom::operations::ALL, crate::webex::operations::ALL, crate::api::OPERATIONS].into_iter().flatten().copied()
}

/// Returns every scope of any operation.
#[must_use]
pub fn known_scopes() -> BTreeSet<&'static str> {
    operations().flat_map(|operation| operation.scopes.iter().copied()).collect()
}

/// Returns the scopes of operations that only read.
#[must_use]
pub fn read_scopes() -> Scopes {
    Scopes::listed(reading())
}

/// Returns the read scopes that cover only the records of the user that a token acts for.
#[must_use]
pub fn own_read_scopes() -> Scopes {
    Scopes::listed(reading().into_iter().filter(|scope| is_own_scope(scope)))
}

fn reading() -> BTreeSet<&'static str> {
    let mut scopes = known_scopes();
    for operation in operations().filter(|operation| !operation.effect.is_read()) {
        scopes.retain(|scope| !operation.scopes.contains(scope));
    }
    scopes
}

/// Parses scopes separated by commas or white space, or the word `all`.
///
/// # Errors
/// If the text is blank or contains an unknown scope.
pub fn parse_scopes(text: &str) -> Result<Scopes, InvalidScopes> {
    let names: BTreeSet<&str> =
        text.split(|c: char| c == ',' || c.is_whitespace()).filter(|name| !name.is_empty()).collect();
    if names.is_empty() {
        return Err(InvalidScopes::Blank);
    }
    if names.contains(ALL) {
        return if names.len() == 1 { Ok(Scopes::All) } else { Err(InvalidScopes::AllAndOthers) };
    }
    let known = known_scopes();
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_blank_or_an_unknown_scope_is_an_error_that_names_the_nearest() {
        for blank in ["", " ", ",", " , \t", "\n"] {
            assert_eq!(parse_scopes(blank), Err(InvalidScopes::Blank), "{blank:?}");
        }
        for (typo, nearest) in [
            ("dashbord:read:admin", "dashboard:read:admin"),
            ("user:read ,meeting:reed", "meeting:read"),
            ("ingest:writes", "ingest:write"),
            ("erasure:write", "erasures:write"),
        ] {
            let told = parse_scopes(typo).unwrap_err().to_string();
            assert!(told.ends_with(&format!("`{nearest}`")), "{typo}: {told}");
        }
        assert_eq!(parse_scopes("all,user:read"), Err(InvalidScopes::AllAndOthers));
        let told = parse_scopes("\u{1b}[2J").unwrap_err().to_string();
        assert!(!told.contains('\u{1b}'), "{told}");
    }

    #[test]
    fn listed_scopes_open_what_they_name_and_all_opens_everything() {
        assert_eq!(parse_scopes(" all "), Ok(Scopes::All));
        let scopes = parse_scopes("webinar:read, user:read:admin").unwrap();
        assert_eq!(scopes.to_string(), "user:read:admin webinar:read");
        assert!(scopes.contains("webinar:read") && !scopes.contains("webinar:read:admin"));
    }

    #[test]
    fn read_scopes_open_no_operation_that_writes() {
        let read = read_scopes();
        for operation in operations() {
            let is_open = operation.scopes.iter().any(|scope| read.contains(scope));
            assert_eq!(is_open, operation.effect.is_read(), "{}", operation.id);
        }
        let own = own_read_scopes();
        assert!(own.contains("user:read") && own.contains("meeting:schedules_read"));
        for wide in ["user:read:admin", "rollcall:sql", "analytics:read_all", "user:read:list_users:master"] {
            assert!(!own.contains(wide) && read.contains(wide), "{wide}");
        }
    }
}
