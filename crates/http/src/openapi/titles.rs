//! Titles of operations, and the vendors' prerequisites for an account (Zoom reference, sections 1.1 and 1.8; Webex
//! reference, sections 2 and 5). The titles are those of the vendors' pages; each is unique in its API, because it
//! names the page in the reference.

/// Title and prerequisite of an operation.
pub(super) struct Heading {
    /// The operation's id.
    pub(super) id: &'static str,
    /// Its title.
    pub(super) title: &'static str,
    /// The vendor's prerequisite; blank if there is none.
    pub(super) prerequisites: &'static str,
}

const NOTHING: &str = "";
const MEETING_DASHBOARD: &str = "a Business plan or higher, with the Dashboard feature";
const WEBINAR_DASHBOARD: &str = "a Business, Education or API plan with the Webinar add-on";
const MEETING_QSS: &str =
    "the Quality of Service Subscription, and an app that subscribes to the meeting's summary event";
const WEBINAR_QSS: &str =
    "the Quality of Service Subscription, and an app that subscribes to the webinar's summary event";
const WEBINAR_LICENCE: &str = "a Webinar licence";
const TRACKING_SOURCES: &str = "a Webinar licence, and a webinar that requires registration";
const ADMINISTRATOR: &str = "an administrator's token";
const ANALYTICS: &str =
    "the Pro Pack, and the token of a full or read-only administrator of the organisation that owns the meeting";

macro_rules! headings {
    ($($id:literal: $title:literal, $prerequisites:expr;)+) => {
        &[$(Heading { id: $id, title: $title, prerequisites: $prerequisites }),+]
    };
}

const HEADINGS: &[Heading] = headings! {
    "dashboardMeetings": "List meetings", MEETING_DASHBOARD;
    "dashboardMeetingDetail": "Get meeting details", MEETING_DASHBOARD;
    "dashboardMeetingParticipants": "List meeting participants", MEETING_DASHBOARD;
    "dashboardMeetingParticipantQOS": "Get meeting participant QoS", MEETING_DASHBOARD;
    "dashboardMeetingParticipantsQOS": "List meeting participants QoS", MEETING_DASHBOARD;
    "dashboardMeetingParticipantsQOSSummary": "List meeting participants QoS summary", MEETING_QSS;
    "dashboardWebinars": "List webinars", WEBINAR_DASHBOARD;
    "dashboardWebinarDetail": "Get webinar details", WEBINAR_DASHBOARD;
    "dashboardWebinarParticipants": "Get webinar participants", WEBINAR_DASHBOARD;
    "dashboardWebinarParticipantQOS": "Get webinar participant QoS", WEBINAR_DASHBOARD;
    "dashboardWebinarParticipantsQOS": "List webinar participant QoS", WEBINAR_DASHBOARD;
    "dashboardWebinarParticipantsQOSSummary": "List webinar participants QoS summary", WEBINAR_QSS;
    "dashboardQuality": "Get meeting quality scores", MEETING_DASHBOARD;
    "getTrackingSources": "Get webinar tracking sources", TRACKING_SOURCES;
    "users": "List users", NOTHING;
    "user": "Get a user", NOTHING;
    "userEmail": "Check a user's email", NOTHING;
    "userVanityName": "Check a user's personal meeting room name", NOTHING;
    "meetings": "List a user's meetings", NOTHING;
    "webinars": "List a user's webinars", WEBINAR_LICENCE;
    "meeting": "Get a meeting", NOTHING;
    "webinar": "Get a webinar", WEBINAR_LICENCE;
    "pastMeetings": "List past meeting instances", NOTHING;
    "pastWebinars": "List past webinar instances", WEBINAR_LICENCE;
    "pastMeetingDetails": "Get past meeting details", NOTHING;
    "pastMeetingParticipants": "Get past meeting participants", NOTHING;
    "listWebinarParticipants": "List webinar participants", WEBINAR_LICENCE;
    "reportMeetingParticipants": "Get meeting participant reports", NOTHING;
    "reportWebinarParticipants": "Get webinar participant reports", WEBINAR_LICENCE;
    "createToken": "Get an access token", NOTHING;
    "revokeToken": "Revoke a token", NOTHING;

    "listTrackingCodes": "List tracking codes", ADMINISTRATOR;
    "createTrackingCode": "Create a tracking code", ADMINISTRATOR;
    "getTrackingCode": "Get a tracking code", ADMINISTRATOR;
    "updateTrackingCode": "Update a tracking code", ADMINISTRATOR;
    "deleteTrackingCode": "Delete a tracking code", ADMINISTRATOR;
    "getUserTrackingCodes": "Get user tracking codes", ADMINISTRATOR;
    "updateUserTrackingCodes": "Update user tracking codes", ADMINISTRATOR;
    "listMeetingTrackingCodes": "List meeting tracking codes", NOTHING;
    "getSiteList": "Get site list", NOTHING;
    "updateDefaultSite": "Update default site", NOTHING;
    "listMeetings": "List meetings", NOTHING;
    "getMeeting": "Get a meeting", NOTHING;
    "listMeetingParticipants": "List meeting participants", NOTHING;
    "getMeetingParticipant": "Get participant details", NOTHING;
    "getMeetingQualities": "Get meeting qualities", ANALYTICS;
    "createAccessToken": "Get an access token", NOTHING;

    "askInSql": "Run an SQL query", NOTHING;
    "getSqlSchema": "List SQL tables", NOTHING;
    "previewErasure": "Preview an erasure", NOTHING;
    "erasePerson": "Erase a person", NOTHING;
    "listErasures": "List erasures", NOTHING;
    "getErasure": "Get an erasure", NOTHING;
    "ingestParticipants": "Send participants", NOTHING;
    "ingestQos": "Send quality of service", NOTHING;
    "ingestWebrtc": "Send a page's call statistics", NOTHING;
};

impl Heading {
    /// Returns the title as part of a URL: `Get webinar participants` becomes `get-webinar-participants`.
    pub(super) fn slug(&self) -> String {
        let words = self.title.to_lowercase().replace('\'', "");
        let words = words.split(|c: char| !c.is_ascii_alphanumeric()).filter(|word| !word.is_empty());
        words.collect::<Vec<_>>().join("-")
    }
}

/// Returns the heading of an operation.
pub(super) fn of(operation_id: &str) -> Option<&'static Heading> {
    HEADINGS.iter().find(|heading| heading.id == operation_id)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use crate::{api_document, webex_document, zoom_document};

    use super::*;

    #[test]
    fn each_operation_has_a_title_that_no_other_of_its_surface_has_and_no_title_is_left_over() {
        let mut described = BTreeSet::new();
        for document in [zoom_document(), webex_document(), api_document()] {
            let mut titles = BTreeSet::new();
            let items = document.paths.paths.values();
            for operation in items.flat_map(|item| [&item.get, &item.post, &item.put, &item.delete]).flatten() {
                let id = operation.operation_id.clone().unwrap();
                let heading = of(&id).unwrap_or_else(|| panic!("{id} has no title"));
                assert!(titles.insert(heading.title), "{id}: {}", heading.title);
                described.insert(id);
            }
        }
        assert_eq!(described, HEADINGS.iter().map(|heading| heading.id.to_owned()).collect());
    }
}
