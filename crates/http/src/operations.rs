//! The operations of all APIs, and their scopes.

use std::sync::LazyLock;

use rollcall_auth::InvalidScopes;
use rollcall_model::{Operation, Scopes};

/// Every operation of every API.
pub(crate) static ALL: LazyLock<Vec<&'static Operation>> = LazyLock::new(|| {
    let tables = [rollcall_zoom::operations::ALL, rollcall_webex::operations::ALL, crate::api::operations::ALL];
    tables.into_iter().flatten().copied().collect()
});

/// Returns the scopes of operations that only read.
#[must_use]
pub fn read_scopes() -> Scopes {
    rollcall_auth::read_scopes(&ALL)
}

/// Returns the read scopes that cover only the records of the user that a token acts for.
#[must_use]
pub fn own_read_scopes() -> Scopes {
    rollcall_auth::own_read_scopes(&ALL)
}

/// Parses scopes separated by commas or white space, or the word `all`.
///
/// # Errors
/// If the text is blank or contains an unknown scope.
pub fn parse_scopes(text: &str) -> Result<Scopes, InvalidScopes> {
    rollcall_auth::parse_scopes(text, &ALL)
}

/// Returns whether an operation has this scope.
pub(crate) fn is_scope(name: &str) -> bool {
    ALL.iter().any(|operation| operation.scopes.contains(&name))
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
    fn each_scope_is_described_in_words_as_reading_or_writing() {
        for scope in rollcall_auth::known_scopes(&ALL) {
            let [described] = rollcall_auth::permissions([scope])[..] else { panic!("{scope} has no words") };
            // Webex lets the scope that reads a resource also write webhooks about it.
            let writes = |one: &&&Operation| !one.effect.is_read() && !one.path.starts_with("/v1/webhooks");
            let writing = ALL.iter().filter(|one| one.scopes.contains(&scope)).filter(writes).count();
            assert!(described.is_change || writing == 0, "{scope} is described as reading only");
        }
    }

    #[test]
    fn read_scopes_open_no_operation_that_writes() {
        let read = read_scopes();
        let writes: Vec<&str> =
            ALL.iter().filter(|one| !one.effect.is_read()).flat_map(|one| one.scopes).copied().collect();
        for operation in ALL.iter().filter(|operation| !operation.scopes.is_empty()) {
            // Webex lets the scope that reads a resource also write webhooks about it.
            if operation.effect.is_read() && operation.scopes.iter().all(|scope| writes.contains(scope)) {
                continue;
            }
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
