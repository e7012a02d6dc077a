//! Postman collections that run from top to bottom: each request uses values from earlier responses.
//!
//! The generator makes the items, with samples and errors; this module adds an order, variables that replace values of
//! the description, and scripts that check a response and save values for later requests.

use rollcall_codegen::{Content, Document, Json, Operation, export};

use crate::{catalog::Catalog, examples::Examples};

/// One request of a run.
struct Step {
    /// The operation's id.
    id: &'static str,
    /// Parameters, whose values may contain variables.
    set: &'static [(&'static str, &'static str)],
    /// The body, if it differs from that of the description.
    body: Option<&'static str>,
    /// Variables, with the paths of their values in the response, which scripts call `body`.
    keep: &'static [(&'static str, &'static str)],
}

const STEP: Step = Step { id: "", set: &[], body: None, keep: &[] };

const PAST: (&str, &str) = ("type", "past");
const FROM: (&str, &str) = ("from", "{{from}}");
const TO: (&str, &str) = ("to", "{{to}}");
const MEETING: (&str, &str) = ("meetingId", "{{meetingUuid}}");
const WEBINAR: (&str, &str) = ("webinarId", "{{webinarUuid}}");
const MEETING_NUMBER: (&str, &str) = ("meetingId", "{{meetingNumber}}");
const WEBINAR_NUMBER: (&str, &str) = ("webinarId", "{{webinarNumber}}");
const USER: (&str, &str) = ("userId", "{{userId}}");

/// Zoom's operations: lists before their items, revoking the token last.
const ZOOM: &[Step] = &[
    Step {
        id: "createToken",
        set: &[("grant_type", "account_credentials"), ("account_id", "{{accountId}}")],
        keep: &[("accessToken", "body.access_token")],
        ..STEP
    },
    Step {
        id: "dashboardMeetings",
        set: &[PAST, FROM, TO],
        // A UUID may contain slashes: Zoom requires it to be encoded twice.
        keep: &[
            ("meetingUuid", "encodeURIComponent(encodeURIComponent(body.meetings[0].uuid))"),
            ("meetingNumber", "body.meetings[0].id"),
        ],
        ..STEP
    },
    Step { id: "dashboardMeetingDetail", set: &[MEETING, PAST], ..STEP },
    Step {
        id: "dashboardMeetingParticipants",
        set: &[MEETING, PAST],
        keep: &[("meetingParticipantId", "body.participants[0].user_id")],
        ..STEP
    },
    Step { id: "dashboardMeetingParticipantsQOS", set: &[MEETING, PAST], ..STEP },
    Step { id: "dashboardMeetingParticipantsQOSSummary", set: &[MEETING], ..STEP },
    Step {
        id: "dashboardMeetingParticipantQOS",
        set: &[MEETING, ("participantId", "{{meetingParticipantId}}"), PAST],
        ..STEP
    },
    Step {
        id: "dashboardWebinars",
        set: &[PAST, FROM, TO],
        keep: &[
            ("webinarUuid", "encodeURIComponent(encodeURIComponent(body.webinars[0].uuid))"),
            ("webinarNumber", "body.webinars[0].id"),
            ("webinarHost", "body.webinars[0].email"),
        ],
        ..STEP
    },
    Step { id: "dashboardWebinarDetail", set: &[WEBINAR, PAST], ..STEP },
    Step {
        id: "dashboardWebinarParticipants",
        set: &[WEBINAR, PAST],
        keep: &[("webinarParticipantId", "body.participants[0].user_id")],
        ..STEP
    },
    Step { id: "dashboardWebinarParticipantsQOS", set: &[WEBINAR, PAST], ..STEP },
    Step { id: "dashboardWebinarParticipantsQOSSummary", set: &[WEBINAR], ..STEP },
    Step {
        id: "dashboardWebinarParticipantQOS",
        set: &[WEBINAR, ("participantId", "{{webinarParticipantId}}"), PAST],
        ..STEP
    },
    Step { id: "dashboardQuality", set: &[FROM, TO], ..STEP },
    Step {
        id: "users",
        keep: &[("userId", "body.users[0].id"), ("userEmail", "encodeURIComponent(body.users[0].email)")],
        ..STEP
    },
    Step { id: "userEmail", set: &[("email", "{{userEmail}}")], ..STEP },
    Step { id: "userVanityName", set: &[("vanity_name", "rollcall")], ..STEP },
    Step { id: "user", set: &[USER], ..STEP },
    Step { id: "meetings", set: &[USER], ..STEP },
    Step { id: "meeting", set: &[MEETING_NUMBER], ..STEP },
    Step { id: "pastMeetings", set: &[MEETING_NUMBER], ..STEP },
    Step { id: "pastMeetingDetails", set: &[MEETING], ..STEP },
    Step { id: "pastMeetingParticipants", set: &[MEETING], ..STEP },
    Step { id: "reportMeetingParticipants", set: &[MEETING], ..STEP },
    // Users without a webinar licence are rejected, so this requests those of a host.
    Step { id: "webinars", set: &[("userId", "{{webinarHost}}")], ..STEP },
    Step { id: "webinar", set: &[WEBINAR_NUMBER], ..STEP },
    Step { id: "pastWebinars", set: &[WEBINAR_NUMBER], ..STEP },
    Step { id: "listWebinarParticipants", set: &[WEBINAR], ..STEP },
    Step { id: "reportWebinarParticipants", set: &[WEBINAR], ..STEP },
    Step { id: "webinarAbsentees", set: &[WEBINAR], ..STEP },
    Step { id: "getTrackingSources", set: &[WEBINAR_NUMBER], ..STEP },
    Step { id: "reportDaily", ..STEP },
    Step { id: "reportUsers", set: &[FROM, TO], ..STEP },
    Step { id: "reportMeetings", set: &[USER, FROM, TO], ..STEP },
    Step { id: "gethistorymeetingandwebinarlist", set: &[FROM, TO], ..STEP },
    Step { id: "reportUpcomingEvents", set: &[FROM, TO], ..STEP },
    Step { id: "reportMeetingDetails", set: &[MEETING], ..STEP },
    Step { id: "reportWebinarDetails", set: &[WEBINAR], ..STEP },
    Step { id: "reportMeetingPolls", set: &[MEETING], ..STEP },
    Step { id: "reportMeetingQA", set: &[MEETING], ..STEP },
    Step { id: "reportMeetingSurvey", set: &[MEETING], ..STEP },
    Step { id: "listPastMeetingPolls", set: &[MEETING], ..STEP },
    Step { id: "listPastMeetingQA", set: &[MEETING], ..STEP },
    Step { id: "meetingPolls", set: &[MEETING_NUMBER], ..STEP },
    Step { id: "dashboardMeetingParticipantShare", set: &[MEETING, PAST], ..STEP },
    Step { id: "participantFeedback", set: &[MEETING, PAST], ..STEP },
    Step { id: "reportWebinarPolls", set: &[WEBINAR], ..STEP },
    Step { id: "reportWebinarQA", set: &[WEBINAR], ..STEP },
    Step { id: "reportWebinarSurvey", set: &[WEBINAR], ..STEP },
    Step { id: "listPastWebinarPollResults", set: &[WEBINAR], ..STEP },
    Step { id: "listPastWebinarQA", set: &[WEBINAR], ..STEP },
    Step { id: "webinarPolls", set: &[WEBINAR_NUMBER], ..STEP },
    Step { id: "dashboardWebinarParticipantShare", set: &[WEBINAR, PAST], ..STEP },
    Step { id: "participantWebinarFeedback", set: &[WEBINAR, PAST], ..STEP },
    Step { id: "reportSignInSignOutActivities", set: &[FROM, TO], ..STEP },
    Step { id: "reportOperationLogs", set: &[FROM, TO], ..STEP },
    Step { id: "reportMeetingactivitylogs", set: &[FROM, TO], ..STEP },
    Step { id: "reportTelephone", set: &[FROM, TO], ..STEP },
    Step { id: "reportCloudRecording", set: &[FROM, TO], ..STEP },
    Step { id: "getremotesupportreport", set: &[FROM, TO], ..STEP },
    Step { id: "getBillingReport", keep: &[("billingId", "body.billing_reports[0].id")], ..STEP },
    Step { id: "getBillingInvoicesReports", set: &[("billing_id", "{{billingId}}")], ..STEP },
    Step { id: "dashboardClientFeedback", keep: &[("feedbackId", "body.client_feedbacks[0].feedback_id")], ..STEP },
    Step { id: "dashboardClientFeedbackDetail", set: &[("feedbackId", "{{feedbackId}}"), FROM, TO], ..STEP },
    Step { id: "listMeetingSatisfaction", set: &[FROM, TO], ..STEP },
    Step { id: "getClientVersions", ..STEP },
    Step { id: "dashboardCRC", set: &[FROM, TO], ..STEP },
    Step { id: "dashboardChat", ..STEP },
    Step { id: "dashboardZoomRooms", keep: &[("zoomroomId", "body.zoom_rooms[0].id")], ..STEP },
    Step { id: "dashboardZoomRoomIssue", ..STEP },
    Step { id: "dashboardIssueZoomRoom", ..STEP },
    Step { id: "dashboardIssueDetailZoomRoom", set: &[("zoomroomId", "{{zoomroomId}}"), FROM, TO], ..STEP },
    Step { id: "groups", keep: &[("groupId", "body.groups[0].id")], ..STEP },
    Step { id: "group", set: &[("groupId", "{{groupId}}")], ..STEP },
    Step { id: "groupMembers", set: &[("groupId", "{{groupId}}")], ..STEP },
    Step { id: "roles", ..STEP },
    Step { id: "account", set: &[("accountId", "me")], ..STEP },
    Step { id: "userSettings", set: &[USER], ..STEP },
    Step { id: "userPermission", set: &[USER], ..STEP },
    Step { id: "meetingCreate", set: &[USER], body: Some(SCHEDULE), keep: &[("newMeeting", "body.id")] },
    Step { id: "meetingUpdate", set: &[NEW_MEETING], body: Some(RENAMED), ..STEP },
    Step { id: "listUpcomingMeeting", set: &[USER], ..STEP },
    Step { id: "meetingInvitation", set: &[NEW_MEETING], ..STEP },
    Step { id: "meetingRegistrantQuestionUpdate", set: &[NEW_MEETING], body: Some(QUESTIONS), ..STEP },
    Step { id: "meetingRegistrantsQuestionsGet", set: &[NEW_MEETING], ..STEP },
    Step {
        id: "meetingRegistrantCreate",
        set: &[NEW_MEETING],
        body: Some(REGISTRANT),
        keep: &[("newMeetingRegistrant", "body.registrant_id")],
    },
    Step { id: "addBatchRegistrants", set: &[NEW_MEETING], body: Some(REGISTRANTS), ..STEP },
    Step { id: "meetingRegistrants", set: &[NEW_MEETING], ..STEP },
    Step {
        id: "meetingRegistrantStatus",
        set: &[NEW_MEETING],
        body: Some(r#"{"action": "approve", "registrants": [{"id": "{{newMeetingRegistrant}}"}]}"#),
        ..STEP
    },
    Step { id: "meetingRegistrantGet", set: &[NEW_MEETING, ("registrantId", "{{newMeetingRegistrant}}")], ..STEP },
    Step { id: "meetingregistrantdelete", set: &[NEW_MEETING, ("registrantId", "{{newMeetingRegistrant}}")], ..STEP },
    Step { id: "meetingStatus", set: &[NEW_MEETING], body: Some(END), ..STEP },
    Step { id: "meetingDelete", set: &[NEW_MEETING], ..STEP },
    Step {
        id: "webinarCreate",
        set: &[("userId", "{{webinarHost}}")],
        body: Some(SCHEDULE),
        keep: &[("newWebinar", "body.id")],
    },
    Step { id: "webinarUpdate", set: &[NEW_WEBINAR], body: Some(RENAMED), ..STEP },
    Step { id: "webinarRegistrantQuestionUpdate", set: &[NEW_WEBINAR], body: Some(QUESTIONS), ..STEP },
    Step { id: "webinarRegistrantsQuestionsGet", set: &[NEW_WEBINAR], ..STEP },
    Step {
        id: "webinarRegistrantCreate",
        set: &[NEW_WEBINAR],
        body: Some(REGISTRANT),
        keep: &[("newWebinarRegistrant", "body.registrant_id")],
    },
    Step { id: "addBatchWebinarRegistrants", set: &[NEW_WEBINAR], body: Some(REGISTRANTS), ..STEP },
    Step { id: "webinarRegistrants", set: &[NEW_WEBINAR], ..STEP },
    Step {
        id: "webinarRegistrantStatus",
        set: &[NEW_WEBINAR],
        body: Some(r#"{"action": "approve", "registrants": [{"id": "{{newWebinarRegistrant}}"}]}"#),
        ..STEP
    },
    Step { id: "webinarRegistrantGet", set: &[NEW_WEBINAR, ("registrantId", "{{newWebinarRegistrant}}")], ..STEP },
    Step { id: "deleteWebinarRegistrant", set: &[NEW_WEBINAR, ("registrantId", "{{newWebinarRegistrant}}")], ..STEP },
    Step {
        id: "webinarPanelistCreate",
        set: &[NEW_WEBINAR],
        body: Some(
            r#"{"panelists": [{"email": "paul@example.net", "name": "Paul"}, {"email": "ina@example.net", "name": "Ina"}]}"#,
        ),
        ..STEP
    },
    Step { id: "webinarPanelists", set: &[NEW_WEBINAR], keep: &[("newPanelist", "body.panelists[0].id")], ..STEP },
    Step { id: "webinarPanelistDelete", set: &[NEW_WEBINAR, ("panelistId", "{{newPanelist}}")], ..STEP },
    Step { id: "webinarPanelistsDelete", set: &[NEW_WEBINAR], ..STEP },
    Step { id: "webinarStatus", set: &[NEW_WEBINAR], body: Some(END), ..STEP },
    Step { id: "webinarDelete", set: &[NEW_WEBINAR], ..STEP },
    Step {
        id: "trackingfieldCreate",
        body: Some(r#"{"field": "Postman {{$timestamp}}", "recommended_values": ["4711"]}"#),
        keep: &[("trackingField", "body.id")],
        ..STEP
    },
    Step { id: "trackingfieldList", ..STEP },
    Step { id: "trackingfieldGet", set: &[FIELD], ..STEP },
    Step { id: "trackingfieldUpdate", set: &[FIELD], body: Some(r#"{"visible": true}"#), ..STEP },
    Step { id: "trackingfieldDelete", set: &[FIELD], ..STEP },
    Step { id: "revokeToken", set: &[("token", "{{accessToken}}")], ..STEP },
];

const NEW_MEETING: (&str, &str) = ("meetingId", "{{newMeeting}}");
const NEW_WEBINAR: (&str, &str) = ("webinarId", "{{newWebinar}}");
const FIELD: (&str, &str) = ("fieldId", "{{trackingField}}");
/// The body to schedule something that people register for.
const SCHEDULE: &str =
    r#"{"topic": "Postman", "start_time": "2099-01-01T09:00:00Z", "settings": {"approval_type": 1}}"#;
const END: &str = r#"{"action": "end"}"#;
const RENAMED: &str = r#"{"topic": "Postman {{$timestamp}}"}"#;
const QUESTIONS: &str = r#"{"questions": [{"field_name": "city", "required": false}]}"#;
const REGISTRANT: &str = r#"{"email": "jill@example.net", "first_name": "Jill", "last_name": "Chill"}"#;
const REGISTRANTS: &str = r#"{"registrants": [{"email": "ben@example.net", "first_name": "Ben"}]}"#;

/// The body to create and to replace a tracking code. Its name is unique, so that a run can be repeated.
const CODE: &str = r#"{
  "name": "Postman {{$timestamp}}",
  "siteUrl": "{{siteUrl}}",
  "inputMode": "select",
  "options": [
    {"value": "Engineering", "defaultValue": false},
    {"value": "Design", "defaultValue": true}
  ],
  "hostProfileCode": "optional",
  "scheduleStartCodes": [
    {"service": "All", "type": "optional"}
  ]
}"#;

const RUN: (&str, &str) = ("meetingId", "{{runId}}");
const SITE: (&str, &str) = ("siteUrl", "{{siteUrl}}");
const CODE_ID: (&str, &str) = ("trackingCodeId", "{{trackingCodeId}}");

/// Webex's operations in such an order. Created objects are deleted again.
const WEBEX: &[Step] = &[
    Step {
        id: "createAccessToken",
        set: &[
            ("grant_type", "client_credentials"),
            ("client_id", "{{clientId}}"),
            ("client_secret", "{{clientSecret}}"),
        ],
        keep: &[("accessToken", "body.access_token")],
        ..STEP
    },
    Step {
        id: "listMeetings",
        set: &[("meetingType", "meeting"), ("state", "ended"), FROM, TO],
        keep: &[
            ("runId", "body.items[0].id"),
            ("personId", "body.items[0].hostUserId"),
            ("hostEmail", "body.items[0].hostEmail"),
        ],
        ..STEP
    },
    Step { id: "getMeeting", set: &[RUN], ..STEP },
    Step { id: "listMeetingParticipants", set: &[RUN], keep: &[("participantId", "body.items[0].id")], ..STEP },
    Step { id: "getMeetingParticipant", set: &[("participantId", "{{participantId}}")], ..STEP },
    Step { id: "getMeetingQualities", set: &[RUN], ..STEP },
    Step {
        id: "getSiteList",
        keep: &[("siteUrl", "(body.sites.find((site) => site.default) || body.sites[0]).siteUrl")],
        ..STEP
    },
    Step {
        id: "updateDefaultSite",
        set: &[("defaultSite", "true")],
        body: Some(r#"{"siteUrl": "{{siteUrl}}"}"#),
        ..STEP
    },
    Step { id: "listTrackingCodes", set: &[SITE], ..STEP },
    Step { id: "createTrackingCode", body: Some(CODE), keep: &[("trackingCodeId", "body.id")], ..STEP },
    Step { id: "getTrackingCode", set: &[CODE_ID, SITE], ..STEP },
    Step { id: "updateTrackingCode", set: &[CODE_ID], body: Some(CODE), ..STEP },
    Step { id: "getUserTrackingCodes", set: &[SITE, ("personId", "{{personId}}")], ..STEP },
    Step {
        id: "updateUserTrackingCodes",
        body: Some(r#"{"siteUrl": "{{siteUrl}}", "personId": "{{personId}}", "trackingCodes": []}"#),
        ..STEP
    },
    Step {
        id: "listMeetingTrackingCodes",
        set: &[SITE, ("service", "MeetingCenter"), ("hostEmail", "{{hostEmail}}")],
        ..STEP
    },
    Step { id: "deleteTrackingCode", set: &[CODE_ID, SITE], ..STEP },
];

/// Before each request: the window of lists, unless it was set by the user.
const PREPARE: &[&str] = &[
    "const day = (daysAgo) => new Date(Date.now() - daysAgo * 86400000).toISOString().slice(0, 10);",
    "if (!pm.environment.get(\"from\")) pm.environment.set(\"from\", day(28));",
    "if (!pm.environment.get(\"to\")) pm.environment.set(\"to\", day(0));",
];

/// After each response.
const CHECK: &[&str] = &[
    "pm.test(\"the request succeeds\", () => pm.expect(pm.response.code, pm.response.text()).to.be.within(200, 299));",
];

/// Returns the steps of an API. `None` if it has no collection.
fn steps(catalog: &Catalog) -> Option<&'static [Step]> {
    match catalog.id {
        "zoom" => Some(ZOOM),
        "webex" => Some(WEBEX),
        _ => None,
    }
}

/// Returns the parameters of an operation in a run, whose values may contain variables.
pub(crate) fn values(operation_id: &str) -> &'static [(&'static str, &'static str)] {
    step(operation_id).map_or(&[], |step| step.set)
}

/// Returns the body of an operation in a run, if it differs from that of the description.
pub(crate) fn body_of(operation_id: &str) -> Option<&'static str> {
    step(operation_id)?.body
}

fn step(operation_id: &str) -> Option<&'static Step> {
    ZOOM.iter().chain(WEBEX).find(|step| step.id == operation_id)
}

/// Replaces an operation's body, if it has one.
pub(crate) fn set_body(operation: &mut Operation, text: String) {
    if let Some(body) = operation.request.as_mut().and_then(|request| request.body.as_mut()) {
        body.content = Content::Text(text);
    }
}

/// Returns whether the API has a collection.
pub(crate) fn is_there(catalog: &Catalog) -> bool {
    steps(catalog).is_some()
}

/// Returns the API's collection, with this base URL.
pub(crate) fn collection(catalog: &Catalog, base_url: &str) -> Option<Json> {
    let steps = steps(catalog)?;
    let mut folders: Vec<(&str, Vec<Json>)> = Vec::new();
    for step in steps {
        let operation = catalog.document.operation(step.id)?;
        let (group, item) = (catalog.group(step.id)?, item(operation, step)?);
        match folders.last_mut() {
            Some((last, items)) if *last == group => items.push(item),
            _ => folders.push((group, vec![item])),
        }
    }
    let folders = folders.into_iter().map(|(name, items)| Json::from([("name", name.into()), ("item", items.into())]));
    let mut document = Document { operations: Vec::new(), ..catalog.document.clone() };
    document.set_base_url(base_url);
    let mut collection = export::postman_collection(&document);
    if let Json::Object(members) = &mut collection {
        members.insert("item".to_owned(), folders.collect::<Vec<_>>().into());
        members.insert("event".to_owned(), vec![script("prerequest", PREPARE), script("test", CHECK)].into());
    }
    Some(collection)
}

/// Returns the environment of the API's collection, with this base URL and the demo's values.
pub(crate) fn environment(catalog: &Catalog, base_url: &str, examples: Option<&Examples>) -> Option<Json> {
    steps(catalog)?;
    let mut document = catalog.document.clone();
    document.set_base_url(base_url);
    let mut environment = export::postman_environment(&document);
    let variables = examples.map(|examples| examples.variables(catalog)).unwrap_or_default();
    if let Json::Object(members) = &mut environment
        && let Some(Json::Array(values)) = members.get_mut("values")
    {
        values.extend(variables.into_iter().map(|(name, value)| {
            Json::from([
                ("key", name.into()),
                ("value", value.into()),
                ("type", "default".into()),
                ("enabled", true.into()),
            ])
        }));
    }
    Some(environment)
}

fn item(operation: &Operation, step: &Step) -> Option<Json> {
    let mut operation = operation.clone();
    for (name, value) in step.set {
        operation.set(name, value);
    }
    if let Some(text) = step.body {
        set_body(&mut operation, text.to_owned());
    }
    let mut item = export::postman_item(&operation)?;
    if let (Json::Object(members), false) = (&mut item, step.keep.is_empty()) {
        let mut lines = vec!["const body = pm.response.json();".to_owned()];
        lines.extend(step.keep.iter().map(|(variable, value)| format!("pm.environment.set(\"{variable}\", {value});")));
        members.insert("event".to_owned(), vec![script("test", &lines)].into());
    }
    Some(item)
}

/// Returns a script for an event.
fn script<T: AsRef<str>>(event: &str, lines: &[T]) -> Json {
    let lines: Vec<Json> = lines.iter().map(|line| line.as_ref().into()).collect();
    let script = Json::from([("type", "text/javascript".into()), ("exec", lines.into())]);
    Json::from([("listen", event.into()), ("script", script)])
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::described::reference;

    #[test]
    fn a_run_asks_every_operation_once_and_sets_parameters_that_there_are() {
        for catalog in &reference().catalogs {
            let Some(steps) = steps(catalog) else { continue };
            let asked: Vec<&str> = steps.iter().map(|step| step.id).collect();
            let known: BTreeSet<&str> =
                catalog.document.operations().iter().map(|operation| operation.id.as_str()).collect();
            assert_eq!((asked.iter().copied().collect(), asked.len()), (known.clone(), known.len()));
            for step in steps {
                let mut operation = catalog.document.operation(step.id).unwrap().clone();
                for (name, value) in step.set {
                    assert!(operation.set(name, value), "{} takes {name}", step.id);
                }
                let has_body = operation.request.as_ref().is_some_and(|request| request.body.is_some());
                assert!(step.body.is_none() || has_body, "{} takes a body", step.id);
            }
        }
    }

    #[test]
    fn a_variable_is_kept_before_it_is_used() {
        for catalog in &reference().catalogs {
            let Some(collection) = collection(catalog, "http://localhost") else { continue };
            let environment = environment(catalog, "http://localhost", None).unwrap().to_string();
            let mut known: BTreeSet<String> = ["from", "to", "$timestamp"].map(str::to_owned).into();
            known.extend(
                environment.split("\"key\":\"").skip(1).filter_map(|rest| Some(rest.split_once('"')?.0.to_owned())),
            );
            for folder in collection.get("item").unwrap().as_array().unwrap() {
                for item in folder.get("item").unwrap().as_array().unwrap() {
                    let mut request = item.get("request").unwrap().clone();
                    if let Json::Object(members) = &mut request {
                        members.shift_remove("description");
                    }
                    for used in sent(&request) {
                        assert!(known.contains(&used), "{used} in {}", item.get("name").unwrap());
                    }
                    let events = item.get("event").map(Json::to_string).unwrap_or_default();
                    let kept = events.split("environment.set(\\\"").skip(1);
                    known.extend(kept.filter_map(|rest| Some(rest.split_once('\\')?.0.to_owned())));
                }
            }
        }
    }

    /// Returns the variables in a request.
    fn sent(request: &Json) -> Vec<String> {
        match request {
            Json::Text(text) => {
                text.split("{{").skip(1).filter_map(|rest| Some(rest.split_once("}}")?.0.to_owned())).collect()
            }
            Json::Array(elements) => elements.iter().flat_map(sent).collect(),
            Json::Object(members) if members.get("disabled").is_some() => Vec::new(),
            Json::Object(members) => members.values().flat_map(sent).collect(),
            _ => Vec::new(),
        }
    }
}
