//! `samples.json`: each operation's response to a request in the account of [`world`].

use std::collections::BTreeMap;

use axum::{
    body::Body,
    http::{Request, StatusCode},
};
use rollcall_auth::TokenRequest;
use rollcall_http::Settings;
use rollcall_model::{Batch, MeetingKind, TokenKind};
use rollcall_zoom::{
    kept::{self, Beside, Kept, Owner, Window},
    read::{Request as Answered, read},
};
use serde_json::{Value, json};

use crate::common::{ACCOUNT_ID, Server};
use crate::description::world;

const PATH: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/samples.json");

/// Set to rewrite the file.
const UPDATE: &str = "UPDATE_SAMPLES";

/// The samples collected so far, and the server that returns them.
struct Gathering {
    server: Server,
    token: String,
    samples: BTreeMap<String, Value>,
}

impl Gathering {
    async fn new(batch: &Batch) -> Self {
        let public_url = Some("https://rollcall.example.com".to_owned());
        let server = Server::new(Settings { public_url, ..Settings::default() }).await;
        server.ingest(batch).await;
        let token = server.token("", None).await;
        Self { server, token, samples: BTreeMap::new() }
    }

    /// Records the response to a request as the sample of `operation_id`.
    async fn take(&mut self, operation_id: &str, method: &str, target: &str, body: Option<Value>) {
        let request = Request::builder()
            .method(method)
            .uri(target)
            .header("authorization", format!("Bearer {}", self.token))
            .header("content-type", "application/json");
        let body = body.map_or_else(Body::empty, |body| Body::from(body.to_string()));
        let (parts, bytes) = self.server.exchange(request.body(body).unwrap()).await;
        let answer: Value = serde_json::from_slice(&bytes).unwrap();
        assert!(matches!(parts.status, StatusCode::OK | StatusCode::CREATED), "{operation_id}: {answer}");
        self.samples.insert(operation_id.to_owned(), answer);
    }

    async fn take_dashboard(&mut self, kind: MeetingKind, batch: &Batch) {
        let facts = world::instance(batch, kind);
        let (plural, singular) = match kind {
            MeetingKind::Meeting => ("meetings", "Meeting"),
            MeetingKind::Webinar => ("webinars", "Webinar"),
        };
        let (id, user_id) = (world::path_id(facts), &facts.participants[0].participant.user_id);
        let list = format!("/v2/metrics/{plural}");
        for (operation_id, target) in [
            (format!("dashboard{singular}s"), format!("{list}?type=past&from=2026-03-01&to=2026-03-31")),
            (format!("dashboard{singular}Detail"), format!("{list}/{id}?type=past")),
            (
                format!("dashboard{singular}Participants"),
                format!("{list}/{id}/participants?type=past&page_size=2&include_fields=registrant_id"),
            ),
            // A page with one of two entries, so that a page token is shown.
            (format!("dashboard{singular}ParticipantsQOS"), format!("{list}/{id}/participants/qos?type=past")),
            (
                format!("dashboard{singular}ParticipantsQOSSummary"),
                format!("{list}/{id}/participants/qos_summary?page_size=2"),
            ),
            (format!("dashboard{singular}ParticipantQOS"), format!("{list}/{id}/participants/{user_id}/qos?type=past")),
        ] {
            self.take(&operation_id, "GET", &target, None).await;
        }
    }

    async fn take_surroundings(&mut self, batch: &Batch) {
        let [meeting, webinar] = [MeetingKind::Meeting, MeetingKind::Webinar].map(|kind| {
            let details = world::instance(batch, kind).details.as_ref().unwrap();
            (details.number.unwrap(), details.host_id.clone().unwrap())
        });
        for (operation_id, target) in [
            ("dashboardQuality", "/v2/metrics/quality?from=2026-03-01&to=2026-03-31&type=participants".to_owned()),
            ("users", "/v2/users?page_size=2".to_owned()),
            ("userEmail", "/v2/users/email?email=jchill@example.com".to_owned()),
            ("userVanityName", "/v2/users/vanity_name?vanity_name=jillchill".to_owned()),
            ("user", format!("/v2/users/{}", meeting.1)),
            ("meetings", format!("/v2/users/{}/meetings", meeting.1)),
            ("webinars", format!("/v2/users/{}/webinars", webinar.1)),
            ("meeting", format!("/v2/meetings/{}", meeting.0)),
            ("webinar", format!("/v2/webinars/{}", webinar.0)),
            ("getTrackingSources", format!("/v2/webinars/{}/tracking_sources", webinar.0)),
            ("reportDaily", "/v2/report/daily?year=2026&month=3".to_owned()),
            ("reportUsers", "/v2/report/users?from=2026-03-01&to=2026-03-31&type=active&page_size=1".to_owned()),
            ("reportMeetings", format!("/v2/report/users/{}/meetings?from=2026-03-01&to=2026-03-31", meeting.1)),
            (
                "gethistorymeetingandwebinarlist",
                "/v2/report/history_meetings?from=2026-03-01&to=2026-03-31&page_size=1".to_owned(),
            ),
            ("reportMeetingDetails", format!("/v2/report/meetings/{}", meeting.0)),
            ("reportWebinarDetails", format!("/v2/report/webinars/{}", webinar.0)),
            ("reportUpcomingEvents", "/v2/report/upcoming_events?from=2026-03-01&to=2026-03-31&page_size=1".to_owned()),
            ("pastMeetings", format!("/v2/past_meetings/{}/instances", meeting.0)),
            ("pastWebinars", format!("/v2/past_webinars/{}/instances", webinar.0)),
            ("pastMeetingDetails", format!("/v2/past_meetings/{}", meeting.0)),
            ("pastMeetingParticipants", format!("/v2/past_meetings/{}/participants?page_size=1", meeting.0)),
            ("listWebinarParticipants", format!("/v2/past_webinars/{}/participants?page_size=1", webinar.0)),
            ("reportMeetingParticipants", format!("/v2/report/meetings/{}/participants?page_size=1", meeting.0)),
            ("reportWebinarParticipants", format!("/v2/report/webinars/{}/participants?page_size=1", webinar.0)),
        ] {
            self.take(operation_id, "GET", &target, None).await;
        }
    }

    /// Entries that are kept as they were: a response made of the examples is imported, then requested.
    async fn take_kept(&mut self, batch: &Batch) {
        for kept in kept::all() {
            let target = kept_target(kept, batch);
            let request = Answered::parse(&format!("GET {target}")).unwrap();
            let mut body = kept.example();
            // The request says which instance it is about.
            for (_, value) in kept.beside.iter().filter(|(from, _)| *from == Beside::Uuid) {
                body.as_object_mut().unwrap().remove(value.name);
            }
            let reading = read(&request, body.to_string().as_bytes()).unwrap();
            self.server.ingest(&reading.batch).await;
            self.take(kept.operation.id, "GET", &target, None).await;
        }
    }

    /// The same run, its people and their quality, as Webex reports them.
    async fn take_webex_runs(&mut self) {
        let list =
            "/v1/meetings?meetingType=meeting&state=ended&scheduledType=meeting&from=2026-03-01&to=2026-03-31&max=1";
        self.take("listMeetings", "GET", list, None).await;
        let id = self.samples["listMeetings"]["items"][0]["id"].as_str().unwrap().to_owned();
        self.take("getMeeting", "GET", &format!("/v1/meetings/{id}"), None).await;
        let participants = format!("/v1/meetingParticipants?meetingId={id}&max=2");
        self.take("listMeetingParticipants", "GET", &participants, None).await;
        let one = self.samples["listMeetingParticipants"]["items"][0]["id"].as_str().unwrap().to_owned();
        self.take("getMeetingParticipant", "GET", &format!("/v1/meetingParticipants/{one}"), None).await;
        let qualities = format!("/v1/meeting/qualities?meetingId={id}&max=1");
        self.take("getMeetingQualities", "GET", &qualities, None).await;
        let email = self.samples["listMeetingParticipants"]["items"][0]["email"].clone();
        let query = format!("/v1/meetingParticipants/query?meetingId={id}");
        self.take("queryMeetingParticipants", "POST", &query, Some(json!({ "emails": [email] }))).await;
        let report = "siteUrl=example.webex.com&from=2026-03-01&to=2026-03-31&max=1";
        self.take("listMeetingUsageReports", "GET", &format!("/v1/meetingReports/usage?{report}"), None).await;
        let attendees = format!("/v1/meetingReports/attendees?{report}&meetingId={id}");
        self.take("listMeetingAttendeeReports", "GET", &attendees, None).await;
    }

    /// The account's people, and the account.
    async fn take_webex_directory(&mut self, email: &str) {
        self.take("listPeople", "GET", &format!("/v1/people?email={email}"), None).await;
        let person = self.samples["listPeople"]["items"][0]["id"].as_str().unwrap().to_owned();
        self.take("getPerson", "GET", &format!("/v1/people/{person}"), None).await;
        self.take("getMyOwnDetails", "GET", "/v1/people/me", None).await;
        self.take("listOrganizations", "GET", "/v1/organizations", None).await;
        let organization = self.samples["listOrganizations"]["items"][0]["id"].as_str().unwrap().to_owned();
        self.take("getOrganization", "GET", &format!("/v1/organizations/{organization}"), None).await;
    }

    /// A webinar that is scheduled, with what belongs to it, and a webhook.
    async fn take_webex_schedules(&mut self, email: &str) {
        let webinar = json!({
            "title": "Launch", "start": "2030-05-15T20:30:00Z", "end": "2030-05-15T21:30:00Z",
            "scheduledType": "webinar", "hostEmail": email
        });
        self.take("createMeeting", "POST", "/v1/meetings", Some(webinar)).await;
        let id = self.samples["createMeeting"]["id"].as_str().unwrap().to_owned();
        let number = self.samples["createMeeting"]["meetingNumber"].as_str().unwrap().to_owned();
        let meeting = format!("/v1/meetings/{id}");
        self.take("patchMeeting", "PATCH", &meeting, Some(json!({"agenda": "News"}))).await;
        let whole = json!({"title": "Big launch", "start": "2030-05-15T20:30:00Z", "end": "2030-05-15T21:30:00Z"});
        self.take("updateMeeting", "PUT", &meeting, Some(whole)).await;
        let by_number = format!("/v1/admin/meetings?meetingNumber={number}");
        self.take("adminListMeetings", "GET", &by_number, None).await;
        self.take("adminGetMeetingById", "GET", &format!("/v1/admin/meetings/{id}"), None).await;
        let form = format!("{meeting}/registration");
        self.take("updateMeetingRegistration", "PUT", &form, Some(json!({"autoAcceptRequest": true}))).await;
        self.take("getMeetingRegistration", "GET", &form, None).await;
        let sources = format!("{meeting}/invitationSources");
        let source = json!({"items": [{"sourceId": "cisco", "sourceEmail": "john001@example.com"}]});
        self.take("createInvitationSources", "POST", &sources, Some(source)).await;
        self.take("listInvitationSources", "GET", &sources, None).await;
        let registrants = format!("{meeting}/registrants");
        let bob = json!({"firstName": "Bob", "lastName": "Lee", "email": "bob@example.com", "jobTitle": "manager"});
        self.take("createRegistrant", "POST", &registrants, Some(bob)).await;
        let ann = json!({"items": [{"firstName": "Ann", "lastName": "Lee", "email": "ann@example.com"}]});
        self.take("createRegistrants", "POST", &format!("{registrants}/bulkInsert"), Some(ann)).await;
        let window = "registrationTimeFrom=2026-09-21&registrationTimeTo=2026-09-22";
        self.take("listMeetingRegistrants", "GET", &format!("{registrants}?{window}"), None).await;
        let query = json!({"emails": ["bob@example.com"]});
        self.take("queryMeetingRegistrants", "POST", &format!("{registrants}/query"), Some(query)).await;
        let registrant = self.samples["createRegistrant"]["id"].as_str().unwrap().to_owned();
        self.take("getRegistrant", "GET", &format!("{registrants}/{registrant}"), None).await;
        let invitees = "/v1/meetingInvitees";
        let invitee = json!({"meetingId": id, "email": "brenda.song@example.com", "displayName": "Brenda Song"});
        self.take("createMeetingInvitee", "POST", invitees, Some(invitee)).await;
        let several = json!({"meetingId": id, "items": [{"email": "john.andersen@example.com", "panelist": true}]});
        self.take("createMeetingInvitees", "POST", &format!("{invitees}/bulkInsert"), Some(several)).await;
        self.take("listMeetingInvitees", "GET", &format!("{invitees}?meetingId={id}"), None).await;
        let invitee = self.samples["createMeetingInvitee"]["id"].as_str().unwrap().to_owned();
        let change = json!({"email": "brenda.song@example.com", "coHost": true});
        self.take("updateMeetingInvitee", "PUT", &format!("{invitees}/{invitee}"), Some(change)).await;
        self.take("getMeetingInvitee", "GET", &format!("{invitees}/{invitee}"), None).await;
        let preferences = json!({"sites": [{"siteUrl": "example.webex.com", "default": true}]});
        let request = rollcall_webex::read::Request::parse("GET /v1/meetingPreferences").unwrap();
        let reading = request.read(preferences.to_string().as_bytes()).unwrap();
        self.server.ingest(&reading.batch).await;
        self.take("getMeetingPreferenceDetails", "GET", "/v1/meetingPreferences", None).await;

        let webhook = json!({
            "name": "Ended meetings", "targetUrl": "https://example.com/hook", "resource": "meetings",
            "event": "ended", "ownedBy": "org"
        });
        self.take("createWebhook", "POST", "/v1/webhooks", Some(webhook)).await;
        let id = self.samples["createWebhook"]["id"].as_str().unwrap().to_owned();
        let change = json!({"name": "Ended meetings", "targetUrl": "https://example.com/hooks"});
        self.take("updateWebhook", "PUT", &format!("/v1/webhooks/{id}"), Some(change)).await;
        self.take("getWebhook", "GET", &format!("/v1/webhooks/{id}"), None).await;
        self.take("listWebhooks", "GET", "/v1/webhooks", None).await;
    }

    /// A report of the meetings of a month.
    async fn take_webex_reports(&mut self) {
        self.take("listReportTemplates", "GET", "/v1/report/templates", None).await;
        let order = json!({
            "templateId": 1, "startDate": "2026-09-01", "endDate": "2026-09-21", "siteList": "example.webex.com"
        });
        self.take("createReport", "POST", "/v1/reports", Some(order)).await;
        let id = self.samples["createReport"]["items"]["Id"].as_str().unwrap().to_owned();
        self.take("getReportDetails", "GET", &format!("/v1/reports/{id}"), None).await;
        self.take("listReports", "GET", "/v1/reports", None).await;
    }

    /// Tokens come last: they use the last random bytes except for Webex's.
    async fn take_credentials(&mut self) {
        let app = self.server.make_app("dashboard:read:admin webinar:read:admin user:read:admin").await;
        let client =
            json!({"client_id": app.client_id.as_str(), "client_secret": app.client_secret.as_ref().unwrap().expose()});
        let grant = format!("grant_type=account_credentials&account_id={ACCOUNT_ID}");
        self.take("createToken", "POST", &format!("/oauth/token?{grant}"), Some(client.clone())).await;
        self.take("revokeToken", "POST", "/oauth/revoke?token=none", Some(client)).await;

        let app = self.server.make_app("meeting:admin_schedule_read meeting:admin_schedule_write").await;
        let refresh = TokenRequest {
            kind: TokenKind::Refresh,
            client_id: Some(app.client_id.clone()),
            scopes: rollcall_model::Scopes::listed(["meeting:admin_schedule_read", "meeting:admin_schedule_write"]),
            ..self.server.any_token()
        };
        let refresh = self.server.make_token(refresh).await;
        let client =
            format!("client_id={}&client_secret={}", app.client_id, app.client_secret.as_ref().unwrap().expose());
        let grant = format!("grant_type=refresh_token&refresh_token={}", refresh.secret.expose());
        self.take("createAccessToken", "POST", &format!("/v1/access_token?{grant}&{client}"), None).await;
    }

    /// Meetings that are scheduled here, which are drawn ids: they come after the tokens.
    async fn take_scheduling(&mut self, batch: &Batch) {
        for kind in [MeetingKind::Meeting, MeetingKind::Webinar] {
            let host = world::instance(batch, kind).details.as_ref().unwrap().host_id.clone().unwrap();
            let (operation_id, kinds, schedule_type) = match kind {
                MeetingKind::Meeting => ("meetingCreate", "meetings", 2),
                MeetingKind::Webinar => ("webinarCreate", "webinars", 5),
            };
            let body = json!({
                "topic": "Launch", "type": schedule_type, "start_time": "2026-10-01T09:00:00",
                "timezone": "Europe/Paris", "settings": {"approval_type": 0},
                "tracking_fields": [{"field": "Cost center", "value": "4711"}],
            });
            self.take(operation_id, "POST", &format!("/v2/users/{host}/{kinds}"), Some(body)).await;
            if kind == MeetingKind::Meeting {
                let target = format!("/v2/users/{host}/upcoming_meetings");
                self.take("listUpcomingMeeting", "GET", &target, None).await;
                let target = format!("/v2/meetings/{}/invitation", self.samples[operation_id]["id"]);
                self.take("meetingInvitation", "GET", &target, None).await;
            }
        }
        let field = json!({
            "field": "Cost center", "recommended_values": ["4711", "4712"], "required": false, "visible": true,
        });
        self.take("trackingfieldCreate", "POST", "/v2/tracking_fields", Some(field)).await;
        let id = self.samples["trackingfieldCreate"]["id"].as_str().unwrap().to_owned();
        self.take("trackingfieldGet", "GET", &format!("/v2/tracking_fields/{id}"), None).await;
        self.take("trackingfieldList", "GET", "/v2/tracking_fields", None).await;
    }

    /// People who register for them.
    async fn take_registration(&mut self, batch: &Batch) {
        let jill = json!({
            "email": "jchill@example.net", "first_name": "Jill", "last_name": "Chill", "city": "Mountain View",
            "country": "US", "org": "Cooking Org", "language": "en-US",
            "custom_questions": [{"title": "What do you hope to learn from this?", "value": "New recipes"}],
        });
        let both = json!({"registrants": [{"email": "ben@example.net", "first_name": "Ben", "last_name": "Nevis"}]});
        for (kinds, made, [create, get, list, batch]) in [
            (
                "meetings",
                "meetingCreate",
                ["meetingRegistrantCreate", "meetingRegistrantGet", "meetingRegistrants", "addBatchRegistrants"],
            ),
            (
                "webinars",
                "webinarCreate",
                ["webinarRegistrantCreate", "webinarRegistrantGet", "webinarRegistrants", "addBatchWebinarRegistrants"],
            ),
        ] {
            let path = format!("/v2/{kinds}/{}", self.samples[made]["id"]);
            self.take(create, "POST", &format!("{path}/registrants"), Some(jill.clone())).await;
            let id = self.samples[create]["registrant_id"].as_str().unwrap().to_owned();
            self.take(get, "GET", &format!("{path}/registrants/{id}"), None).await;
            self.take(batch, "POST", &format!("{path}/batch_registrants"), Some(both.clone())).await;
            self.take(list, "GET", &format!("{path}/registrants?page_size=1"), None).await;
        }
        let path = format!("/v2/webinars/{}", self.samples["webinarCreate"]["id"]);
        let panelists = json!({"panelists": [{"email": "paul@example.net", "name": "Paul"}]});
        self.take("webinarPanelistCreate", "POST", &format!("{path}/panelists"), Some(panelists)).await;
        let number = world::instance(batch, MeetingKind::Webinar).details.as_ref().unwrap().number.unwrap();
        let request = Answered::parse(&format!("GET /v2/webinars/{number}/registrants")).unwrap();
        let body = self.samples["webinarRegistrants"].to_string();
        self.server.ingest(&read(&request, body.as_bytes()).unwrap().batch).await;
        self.take("webinarAbsentees", "GET", &format!("/v2/past_webinars/{number}/absentees"), None).await;
    }

    async fn take_tracking_codes(&mut self, email: &str) {
        const CODES: &str = "/v1/admin/meeting/config/trackingCodes";
        const USER_CODES: &str = "/v1/admin/meeting/userconfig/trackingCodes";
        const SITES: &str = "/v1/meetingPreferences/sites";
        self.take("createTrackingCode", "POST", CODES, Some(department("optional"))).await;
        self.take("updateTrackingCode", "PUT", &format!("{CODES}/1"), Some(department("required"))).await;
        self.take("getTrackingCode", "GET", &format!("{CODES}/1"), None).await;
        self.take("listTrackingCodes", "GET", CODES, None).await;
        let values = json!({
            "siteUrl": "example.webex.com",
            "email": email,
            "trackingCodes": [{"name": "Department", "value": "Design"}]
        });
        self.take("updateUserTrackingCodes", "PUT", USER_CODES, Some(values)).await;
        let person = self.samples["updateUserTrackingCodes"]["personId"].as_str().unwrap().to_owned();
        self.take("getUserTrackingCodes", "GET", &format!("{USER_CODES}?personId={person}"), None).await;
        let target = format!("/v1/meetings/trackingCodes?service=MeetingCenter&hostEmail={email}");
        self.take("listMeetingTrackingCodes", "GET", &target, None).await;
        let site = json!({"siteUrl": "example.webex.com"});
        self.take("updateDefaultSite", "PUT", &format!("{SITES}?defaultSite=true"), Some(site)).await;
        self.take("getSiteList", "GET", SITES, None).await;
    }
}

/// A request to an operation whose entries are kept, with the ids of the batch.
fn kept_target(kept: &Kept, batch: &Batch) -> String {
    let numbers = [MeetingKind::Meeting, MeetingKind::Webinar]
        .map(|kind| world::instance(batch, kind).details.as_ref().unwrap().number.unwrap().to_string());
    let mut target = kept.operation.path.to_owned();
    for (parameter, id) in [
        ("{meetingId}", numbers[0].as_str()),
        ("{webinarId}", numbers[1].as_str()),
        ("{userId}", batch.users[0].id.as_str()),
        ("{groupId}", "z8yCxjabcdEFGHfp8uQ"),
        ("{accountId}", ACCOUNT_ID),
        ("{feedbackId}", "1"),
        ("{zoomroomId}", "35QLhffMSfqUJJ9gCszciw"),
    ] {
        target = target.replace(parameter, id);
    }
    let mut parameters = Vec::new();
    if kept.window != Window::No {
        parameters.push("from=2026-03-01&to=2026-03-31");
    }
    match kept.owner {
        Owner::Instance(_) => parameters.push("type=past"),
        Owner::Parameter(_) => parameters.push("billing_id=indfhgfhfho"),
        _ => {}
    }
    if parameters.is_empty() { target } else { format!("{target}?{}", parameters.join("&")) }
}

/// A tracking code as a client sends it.
fn department(host_profile_code: &str) -> Value {
    json!({
        "name": "Department",
        "siteUrl": "example.webex.com",
        "inputMode": "select",
        "options": [
            {"value": "Engineering", "defaultValue": true},
            {"value": "Design", "defaultValue": false}
        ],
        "hostProfileCode": host_profile_code,
        "scheduleStartCodes": [{"service": "All", "type": "required"}]
    })
}

#[tokio::test]
async fn every_sample_is_what_the_operation_answers() {
    let batch = world::batch();
    let mut gathering = Gathering::new(&batch).await;
    gathering.take_dashboard(MeetingKind::Meeting, &batch).await;
    gathering.take_dashboard(MeetingKind::Webinar, &batch).await;
    gathering.take_surroundings(&batch).await;
    gathering.take_kept(&batch).await;
    gathering.take_tracking_codes(&batch.users[0].email).await;
    gathering.take_webex_runs().await;
    gathering.take_webex_directory(&batch.users[0].email).await;
    gathering.take_webex_schedules(&batch.users[0].email).await;
    gathering.take_webex_reports().await;
    gathering.take_credentials().await;
    gathering.take_scheduling(&batch).await;
    gathering.take_registration(&batch).await;

    let text = serde_json::to_string_pretty(&gathering.samples).unwrap() + "\n";
    if std::env::var_os(UPDATE).is_some() {
        std::fs::write(PATH, text).unwrap();
        return;
    }
    let kept = std::fs::read_to_string(PATH).unwrap();
    assert!(kept == text, "samples.json is stale: run this test with {UPDATE}=1, then the others of this crate");
}
