//! The scopes that an app needs.

use std::collections::BTreeMap;

use rollcall_model::{Operation, Vendor};
use rollcall_webex::operations as webex;
use rollcall_zoom::operations as zoom;

/// The operations that are called at Zoom.
const ZOOM: &[&Operation] = &[
    &zoom::USERS,
    &zoom::TRACKING_FIELDS,
    &zoom::ROLES,
    &zoom::GROUPS,
    &zoom::DASHBOARD_MEETINGS,
    &zoom::DASHBOARD_WEBINARS,
    &zoom::REPORT_HISTORY_MEETINGS,
    &zoom::MEETING,
    &zoom::WEBINAR,
    &zoom::REPORT_USER_MEETINGS,
    &zoom::USER_MEETINGS,
    &zoom::USER_WEBINARS,
    &zoom::USER,
    &zoom::LIST_TRACKING_SOURCES,
    &zoom::WEBINAR_PANELISTS,
    &zoom::MEETING_REGISTRANTS,
    &zoom::WEBINAR_REGISTRANTS,
    &zoom::DASHBOARD_MEETING_PARTICIPANTS,
    &zoom::DASHBOARD_MEETING_PARTICIPANTS_QOS,
    &zoom::DASHBOARD_WEBINAR_PARTICIPANTS,
    &zoom::DASHBOARD_WEBINAR_PARTICIPANTS_QOS,
    &zoom::DASHBOARD_MEETING_DETAIL,
    &zoom::PAST_MEETING,
    &zoom::REPORT_MEETING,
    &zoom::REPORT_MEETING_PARTICIPANTS,
    &zoom::PAST_MEETING_PARTICIPANTS,
    &zoom::PAST_MEETING_POLLS,
    &zoom::PAST_MEETING_QA,
    &zoom::REPORT_MEETING_SURVEY,
    &zoom::REPORT_WEBINAR,
    &zoom::REPORT_WEBINAR_PARTICIPANTS,
    &zoom::PAST_WEBINAR_PARTICIPANTS,
    &zoom::PAST_WEBINAR_POLLS,
    &zoom::PAST_WEBINAR_QA,
    &zoom::REPORT_WEBINAR_SURVEY,
];

/// The operations that are called at Webex.
const WEBEX: &[&Operation] = &[
    &webex::LIST_SITES,
    &webex::LIST_ORGANIZATIONS,
    &webex::LIST_MEETINGS,
    &webex::LIST_PEOPLE,
    &webex::GET_USER_TRACKING_CODES,
    &webex::LIST_TRACKING_CODES,
    &webex::LIST_USAGE_REPORTS,
    &webex::LIST_MEETING_PARTICIPANTS,
    &webex::LIST_ATTENDEE_REPORTS,
    &webex::LIST_QUALITIES,
    &webex::LIST_INVITEES,
    &webex::LIST_INVITATION_SOURCES,
    &webex::GET_REGISTRATION,
    &webex::LIST_REGISTRANTS,
    &webex::GET_MEETING,
];

/// A scope that an app needs, and what it is needed for.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct NeededScope {
    /// The scope.
    pub scope: &'static str,
    /// The titles of the operations that need it. What they read is missing without it, and nothing else.
    pub operations: Vec<&'static str>,
    /// What these operations also need at the vendor, such as a plan.
    pub prerequisites: Option<&'static str>,
}

/// Returns the scopes that an app needs, in the order of their names. Older scopes of a vendor work as well.
#[must_use]
pub fn needed_scopes(vendor: Vendor) -> Vec<NeededScope> {
    let operations = match vendor {
        Vendor::Zoom => ZOOM,
        Vendor::Webex => WEBEX,
    };
    let mut scopes: BTreeMap<&str, NeededScope> = BTreeMap::new();
    for operation in operations {
        if let Some(scope) = operation.scopes.first() {
            let needed = scopes.entry(scope).or_default();
            needed.scope = scope;
            needed.operations.push(operation.title);
            needed.prerequisites = needed.prerequisites.or(operation.prerequisites);
        }
    }
    scopes.into_values().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The names of the operations that a module calls.
    fn called(source: &str) -> Vec<&str> {
        let code = source.split("#[cfg(test)]").next().unwrap();
        let rest = code.split("op::").skip(1);
        rest.map(|rest| rest.split(|c: char| !c.is_ascii_uppercase() && c != '_').next().unwrap()).collect()
    }

    #[test]
    fn every_operation_that_is_called_is_listed() {
        let listed = include_str!("scopes.rs");
        for (vendor, source) in [("zoom", include_str!("zoom.rs")), ("webex", include_str!("webex.rs"))] {
            let called = called(source);
            assert!(called.len() > 10, "{called:?}");
            for name in called {
                assert!(listed.contains(&format!("    &{vendor}::{name},\n")), "{vendor}::{name}");
            }
        }
    }

    #[test]
    fn scopes_say_what_they_are_for() {
        let scopes = needed_scopes(Vendor::Zoom);
        let scope = scopes.iter().find(|one| one.scope == "dashboard:read:list_meetings:admin").unwrap();
        assert_eq!(scope.operations, [zoom::DASHBOARD_MEETINGS.title]);
        assert!(scope.prerequisites.is_some());
        assert!(needed_scopes(Vendor::Webex).iter().all(|one| !one.operations.is_empty()));
    }
}
