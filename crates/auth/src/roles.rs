//! The table of roles: which scopes a member has.
//!
//! Members have no user-level scopes, which cover the records of a vendor's user.

use std::collections::BTreeSet;

use rollcall_model::{Access, Effect, Operation, Role, Scopes};

use crate::{
    known_scopes,
    permissions::{Subject, is_change},
};

/// Names are hidden from this viewer.
const HIDDEN: Option<Access> = Some(Access::ALL[0]);
const VIEWER: Option<Access> = Some(Access::of(Role::Viewer));
const ANALYST: Option<Access> = Some(Access::of(Role::Analyst));
const ADMINISTRATOR: Option<Access> = Some(Access::of(Role::Administrator));
/// The beginning of the scopes of SQL queries.
const SQL: &str = "rollcall:sql";

/// Only tokens do this.
const NOBODY: Option<Access> = None;

/// Returns the least that a member needs to read and to change records of a kind. `None` if no member may.
const fn row(subject: Subject) -> [Option<Access>; 2] {
    match subject {
        // These return no names of participants, hosts or users.
        Subject::Anonymous | Subject::TrackingFields => [HIDDEN, ADMINISTRATOR],
        Subject::Queries => [HIDDEN, ANALYST],
        // Only their own, unless they administer the account.
        Subject::Subscriptions => [HIDDEN, HIDDEN],
        Subject::Sql
        | Subject::Held
        | Subject::Reports
        | Subject::Meetings
        | Subject::Webinars
        | Subject::Participants
        | Subject::Users
        | Subject::Groups
        | Subject::Account
        | Subject::Usage
        | Subject::Persons => [VIEWER, ADMINISTRATOR],
        Subject::System | Subject::Collecting => [ANALYST, ADMINISTRATOR],
        Subject::Members | Subject::Credentials | Subject::Erasures => [ADMINISTRATOR, ADMINISTRATOR],
        Subject::Ingest => [NOBODY, NOBODY],
    }
}

/// Returns the least that a member needs for a scope.
fn least_for_scope(scope: &str) -> Option<Access> {
    let subject = Subject::of(scope).filter(|_| !crate::is_own_scope(scope))?;
    let [read, change] = row(subject);
    if is_change(scope) { change } else { read }
}

/// Returns the least access that a member needs for an operation; `None` if no member may do it.
#[must_use]
pub fn least_access(operation: &Operation) -> Option<Access> {
    let least = operation.scopes.iter().filter_map(|scope| {
        let least = least_for_scope(scope)?;
        let by_effect = match operation.effect {
            // Every view is an SQL query. A vendor's report is stored, and may be anybody's.
            Effect::Export if !scope.starts_with(SQL) => Role::Analyst,
            Effect::Read | Effect::Export => Role::Viewer,
            // Webex lets the scope that reads a resource also write webhooks about it.
            _ if !is_change(scope) => Role::Administrator,
            _ => Role::Viewer,
        };
        Some(if least.role() < by_effect { Access::of(by_effect) } else { least })
    });
    least.min()
}

/// Returns whether a member may grant these scopes to an app: each covers records that the member's role covers. A
/// scope for one user's records counts like that for everybody's. Nobody grants every scope of later versions.
pub(crate) fn may_grant(access: Access, scopes: &Scopes) -> bool {
    let is_allowed = |scope: &str| {
        let [read, change] = Subject::of(scope).map_or([NOBODY; 2], row);
        let least = if is_change(scope) { change } else { read };
        least.is_some_and(|least| least <= access)
    };
    match scopes {
        Scopes::All => false,
        Scopes::Listed(names) => names.iter().all(is_allowed),
    }
}

/// The scopes of each access.
pub(crate) struct Roles([(Access, Scopes); Access::ALL.len()]);

impl Roles {
    /// Computes the scopes of each access over these operations.
    pub(crate) fn of(operations: &[&'static Operation]) -> Self {
        let known = known_scopes(operations);
        Self(Access::ALL.map(|access| {
            let granted: BTreeSet<&str> = known
                .iter()
                .copied()
                .filter(|scope| least_for_scope(scope).is_some_and(|least| least <= access))
                .collect();
            (access, Scopes::listed(granted))
        }))
    }

    pub(crate) fn scopes(&self, access: Access) -> Scopes {
        let found = self.0.iter().find(|(of, _)| *of == access);
        found.map_or_else(|| Scopes::listed([]), |(_, scopes)| scopes.clone())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_member_grants_at_most_what_the_role_allows() {
        let may = |role, scopes: &[&str]| may_grant(Access::of(role), &Scopes::listed(scopes.iter().copied()));
        assert!(may(Role::Administrator, &["user:read", "user:read:admin", "persons:write", "meeting:schedules_read"]));
        for scope in ["ingest:write", "ingest:webrtc", "unknown"] {
            assert!(!may(Role::Administrator, &["user:read", scope]), "{scope}");
        }
        assert!(!may_grant(Access::of(Role::Administrator), &Scopes::All));
        assert!(may(Role::Viewer, &["user:read"]) && !may(Role::Viewer, &["user:write"]));
    }

    #[test]
    fn names_are_behind_scopes_that_a_viewer_without_names_lacks() {
        let needed = |scope| least_for_scope(scope);
        for scope in ["rollcall:sql:anonymous", "queries:read", "subscriptions:write", "tracking_field:read:admin"] {
            assert_eq!(needed(scope), HIDDEN, "{scope}");
        }
        for scope in ["rollcall:sql", "dashboard:read:admin", "persons:read", "meeting:admin_config_read"] {
            assert_eq!(needed(scope), VIEWER, "{scope}");
        }
        assert_eq!(needed("queries:write"), ANALYST);
        assert_eq!(needed("collect:read"), ANALYST);
        for scope in [
            "persons:write",
            "erasures:read",
            "members:read",
            "tokens:write",
            "collect:manage",
            "meeting:admin_config_write",
        ] {
            assert_eq!(needed(scope), ADMINISTRATOR, "{scope}");
        }
        for scope in ["ingest:write", "ingest:webrtc", "user:read", "meeting:schedules_read", "unknown"] {
            assert_eq!(needed(scope), NOBODY, "{scope}");
        }
    }
}
