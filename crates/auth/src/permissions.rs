//! Scopes in plain words, for people who decide about an app.

use std::collections::BTreeSet;

use crate::is_own_scope;

/// One line of what an app may do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Permission {
    /// Whether it may also write. Otherwise it only reads.
    pub is_change: bool,
    /// The kind of records.
    pub subject: Subject,
    /// Whether it covers only the records of one user.
    pub is_own: bool,
}

macro_rules! subjects {
    ($($name:ident = $words:literal,)*) => {
        /// A kind of records, in the order in which people are shown them.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
        pub enum Subject {
            $(#[doc = $words] $name,)*
        }

        impl Subject {
            /// Returns its description.
            #[must_use]
            pub const fn words(self) -> &'static str {
                match self {
                    $(Self::$name => $words,)*
                }
            }
        }
    };
}

subjects! {
    Sql = "All stored data, with SQL queries",
    Anonymous = "Stored data without names and addresses of persons, with SQL queries",
    Queries = "Saved queries",
    Subscriptions = "Subscriptions, by which members get the results of queries by mail",
    Held = "Meetings and webinars that are running or were held, with participants and connection quality",
    Reports = "Reports of attendance, usage, activity and invoices",
    Meetings = "Scheduled meetings, with registrants, invitees, polls and questions",
    Webinars = "Scheduled webinars, with registrants, panelists, polls and tracking sources",
    Participants = "Participants of meetings, with names and addresses",
    Users = "Users, with names, addresses and settings",
    Groups = "Groups and roles of users",
    Account = "The account, its organization and its sites",
    TrackingFields = "Tracking fields",
    Usage = "Usage of rooms, chat and client versions",
    Persons = "Persons, and which logins and addresses are theirs",
    Ingest = "New participants and measurements, which it sends",
    Erasures = "Erasures of persons, and what they erased",
    Members = "Members, who sign in, and their invitations",
    Credentials = "Access tokens and apps",
    Collecting = "Connections to Zoom and Webex, and what of their data is missing",
    System = "The state of the server: intake, archive and retention",
}

impl Subject {
    /// Returns the subject of a scope; `None` if the scope is unknown.
    pub(crate) fn of(scope: &str) -> Option<Self> {
        let mut parts = scope.split(':');
        Some(match (parts.next()?, parts.next()?, parts.next()) {
            (
                "dashboard",
                _,
                Some("chat" | "client_versions" | "crc_port_usage" | "issues_zoomroom" | "list_zoomrooms"),
            )
            | ("dashboard_crc" | "dashboard_home" | "dashboard_im" | "dashboard_zr", ..) => Self::Usage,
            ("dashboard" | "dashboard_meetings" | "dashboard_webinars" | "analytics", ..) => Self::Held,
            ("report", ..) => Self::Reports,
            ("meeting", "admin_participants_read", _) | ("spark-compliance", ..) => Self::Participants,
            ("meeting", "admin_config_read" | "admin_config_write", _)
            | ("meeting", "admin_preferences_read" | "admin_preferences_write", _)
            | ("meeting", "preferences_read" | "preferences_write", _)
            | ("account", ..)
            | ("spark-admin", "organizations_read", _) => Self::Account,
            ("meeting", ..) => Self::Meetings,
            ("webinar", ..) => Self::Webinars,
            ("user", ..) | ("spark" | "spark-admin", "people_read", _) => Self::Users,
            ("group" | "role", ..) => Self::Groups,
            ("tracking_field" | "tracking_fields", ..) => Self::TrackingFields,
            ("persons", ..) => Self::Persons,
            ("rollcall", "sql", Some("anonymous")) => Self::Anonymous,
            ("rollcall", "sql", _) => Self::Sql,
            ("queries", ..) => Self::Queries,
            ("subscriptions", ..) => Self::Subscriptions,
            ("members", ..) => Self::Members,
            ("tokens" | "apps", ..) => Self::Credentials,
            ("collect", ..) => Self::Collecting,
            ("system", ..) => Self::System,
            ("ingest", ..) => Self::Ingest,
            ("erasures", ..) => Self::Erasures,
            _ => return None,
        })
    }
}

impl Permission {
    /// Returns the records that it covers.
    #[must_use]
    pub const fn what(self) -> &'static str {
        match self.subject {
            Subject::Erasures if self.is_change => "Any stored person: it can erase them everywhere",
            Subject::Members if self.is_change => "Members: it can give anybody any role",
            Subject::Collecting if self.is_change => "Connections to Zoom and Webex, and from where they collect",
            Subject::Credentials if self.is_change => "Access tokens and apps: it can pass on any scope that it has",
            subject => subject.words(),
        }
    }

    /// Returns the permission in one line.
    #[must_use]
    pub fn sentence(self) -> String {
        let verb = if self.is_change { "Change" } else { "Read" };
        let whose = if self.is_own { " (one user’s)" } else { "" };
        format!("{verb}: {}{whose}", self.what())
    }
}

/// Returns what `scopes` allow, reading first, each line once. A line about one user's records is left out if the same
/// records of the whole account are listed.
#[must_use]
pub fn permissions<'s>(scopes: impl IntoIterator<Item = &'s str>) -> Vec<Permission> {
    let all: BTreeSet<Permission> = scopes
        .into_iter()
        .filter_map(|scope| {
            let subject = Subject::of(scope)?;
            Some(Permission { is_change: is_change(scope), subject, is_own: is_own_scope(scope) })
        })
        .collect();
    let is_covered = |one: &Permission| one.is_own && all.contains(&Permission { is_own: false, ..*one });
    all.iter().filter(|one| !is_covered(one)).copied().collect()
}

/// Returns whether a scope allows writing, by its name.
pub(crate) fn is_change(scope: &str) -> bool {
    scope.starts_with("ingest:")
        || scope.ends_with("_write")
        || scope.split(':').any(|part| matches!(part, "write" | "update" | "delete" | "manage"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_about_one_user_is_left_out_if_the_account_is_listed() {
        let all = permissions(["meeting:read", "meeting:read:admin", "user:read", "meeting:write", "unknown"]);
        let told: Vec<_> = all.iter().map(|one| (one.is_change, one.subject, one.is_own)).collect();
        let expected =
            [(false, Subject::Meetings, false), (false, Subject::Users, true), (true, Subject::Meetings, true)];
        assert_eq!(told, expected);
    }
}
