//! The shapes of scheduled meetings, their invitees and registration forms.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::CodeValue;

bodies! {
    /// A meeting to create. Other fields of Webex's reference are checked and kept, too.
    CreateMeeting as WebexCreateMeeting {
        /// Title, at most 128 characters. Required.
        title: String = "John's Meeting",
        /// Agenda, at most 1300 characters.
        agenda: String = "John's Agenda",
        /// Password. Default: a random one.
        password: String = "BgJep@43",
        /// When it begins; in `timezone` unless it has an offset. Required.
        start: String = "2030-05-15T20:30:00Z",
        /// When it ends: 10 minutes to 23 hours and 59 minutes later. Required.
        end: String = "2030-05-15T21:30:00Z",
        /// IANA name of the time zone.
        timezone: String = "UTC",
        /// Rule of a recurring meeting (RFC 2445).
        recurrence: String = "FREQ=DAILY;INTERVAL=1;COUNT=20",
        /// `meeting` (default), `webinar` or `personalRoomMeeting`.
        scheduled_type: String = "meeting",
        /// Address of the host, for administrators; required if the access token acts for the account.
        host_email: String = "john.andersen@example.com",
        /// The site. Default: the default site.
        site_url: String = "example.webex.com",
        /// The invitees, at most 1000. Nothing is sent to them.
        invitees: Vec<InviteeFields> => json!([{"email": "brenda.song@example.com", "coHost": false}]),
        /// The registration form.
        registration: RegistrationForm => json!({"autoAcceptRequest": true}),
        /// Keys of an integration, at most 3 of at most 64 characters.
        integration_tags: Vec<String> => json!(["dbaeceebea5c4a63ac9d5ef1edfe36b9"]),
        /// Values of tracking codes. Missing ones take the host's value, or the code's default.
        tracking_codes: Vec<CodeValue> => json!([{"name": "Department", "value": "Engineering"}]),
    }

    /// A change of a meeting. Other fields of Webex's reference are checked and kept, too.
    ChangeMeeting as WebexChangeMeeting {
        /// Title, at most 128 characters.
        title: String = "John's Meeting",
        /// Agenda, at most 1300 characters.
        agenda: String = "John's Agenda",
        /// Password.
        password: String = "BgJep@43",
        /// When it begins; in `timezone` unless it has an offset.
        start: String = "2030-05-15T20:30:00Z",
        /// When it ends: 10 minutes to 23 hours and 59 minutes later.
        end: String = "2030-05-15T21:30:00Z",
        /// IANA name of the time zone.
        timezone: String = "UTC",
        /// Rule of a recurring meeting (RFC 2445).
        recurrence: String = "FREQ=DAILY;INTERVAL=1;COUNT=20",
        /// Address of the host, for administrators.
        host_email: String = "john.andersen@example.com",
        /// Keys of an integration, at most 3 of at most 64 characters.
        integration_tags: Vec<String> => json!(["dbaeceebea5c4a63ac9d5ef1edfe36b9"]),
        /// Values of tracking codes.
        tracking_codes: Vec<CodeValue> => json!([{"name": "Department", "value": "Engineering"}]),
    }

    /// Somebody to invite.
    InviteeFields as WebexInviteeFields {
        /// Address. Required.
        email: String = "brenda.song@example.com",
        /// Name, at most 128 characters.
        display_name: String = "Brenda Song",
        /// Whether the invitee may host.
        co_host: bool = false,
        /// Whether the invitee is a panelist of a webinar.
        panelist: bool = false,
    }

    /// Somebody to invite, and to what.
    InviteeBody as WebexInviteeBody {
        /// Id of the series or the scheduled meeting. Required to create an invitee.
        meeting_id: String = "870f51ff287b41be84648412901e0402",
        /// Address. Required.
        email: String = "brenda.song@example.com",
        /// Name, at most 128 characters.
        display_name: String = "Brenda Song",
        /// Whether the invitee may host.
        co_host: bool = false,
        /// Whether the invitee is a panelist of a webinar.
        panelist: bool = false,
    }

    /// People to invite, and to what.
    InviteesBody as WebexInviteesBody {
        /// Id of the series or the scheduled meeting. Required.
        meeting_id: String = "870f51ff287b41be84648412901e0402",
        /// The people, 1 to 100, each address once.
        items: Vec<InviteeFields> => json!([{"email": "brenda.song@example.com"}]),
    }

    /// Somebody to register.
    RegistrantBody as WebexRegistrantBody {
        /// Given name. Required.
        first_name: String = "Bob",
        /// Family name. Required.
        last_name: String = "Lee",
        /// Address. Required.
        email: String = "bob@example.com",
        /// Title of the position.
        job_title: String = "manager",
        /// Company.
        company_name: String = "Cisco Systems, Inc.",
        /// Address.
        address1["address1"]: String = "address1 string",
        /// Second line of the address.
        address2["address2"]: String = "address2 string",
        /// City.
        city: String = "New York",
        /// State.
        state: String = "New York",
        /// Postal code; a text if a number would lose something.
        zip_code: i64 = 123456,
        /// Country.
        country_region: String = "United States",
        /// Telephone number.
        work_phone: String = "+1 123456",
        /// Fax number.
        fax: String = "123456",
        /// Answers to the questions of the form.
        customized_questions: Vec<RegistrantAnswers> => json!([{"questionId": "330087", "answers": [{"optionId": "1", "answer": "green"}]}]),
    }

    /// People to register.
    RegistrantsBody as WebexRegistrantsBody {
        /// The people, at most 100, each address once.
        items: Vec<RegistrantBody> => json!([{"firstName": "Bob", "lastName": "Lee", "email": "bob@example.com"}]),
    }

    /// Registrants to change.
    RegistrantIds as WebexRegistrantIds {
        /// The registrants, 1 to 100.
        registrants: Vec<RegistrantId> => json!([{"id": "fbd83190-97b2-4bb0-b56b-8fde463d137b"}]),
        /// Has no effect: Rollcall sends no email.
        send_email: bool = true,
    }

    /// A registrant by id.
    RegistrantId as WebexRegistrantId {
        /// The id.
        id: String = "fbd83190-97b2-4bb0-b56b-8fde463d137b",
    }

    /// Which registrants are requested.
    RegistrantsQueryBody as WebexRegistrantsQueryBody {
        /// With one of these addresses, at most 100. Required.
        emails: Vec<String> => json!(["bob@example.com"]),
        /// `approved`, `pending` or `rejected`.
        status: String = "approved",
        /// `ASC` (default) or `DESC`.
        order_type: String = "DESC",
        /// `firstName`, `lastName`, `status` or `email`. Default: the time of the registration.
        order_by: String = "email",
    }
}

shapes! {
    /// Somebody who is invited.
    Invitee as WebexInvitee {
        /// Id of the invitee.
        id: String = "870f51ff287b41be84648412901e0402_2628962",
        /// Address.
        email: String = "brenda.song@example.com",
        /// Name.
        display_name: String = "Brenda Song",
        /// Whether the invitee may host.
        co_host: bool = false,
        /// Id of the meeting.
        meeting_id: String = "870f51ff287b41be84648412901e0402",
        /// Whether the invitee is a panelist of a webinar.
        panelist: bool = false,
    }

    /// What people who register are asked for.
    RegistrationForm as WebexRegistrationForm {
        /// Whether registrations are accepted without the host's approval.
        auto_accept_request: bool = true,
        /// Always true.
        require_first_name: bool = true,
        /// Always true.
        require_last_name: bool = true,
        /// Always true.
        require_email: bool = true,
        /// Whether the title of the position is asked for.
        require_job_title: bool = false,
        /// Whether the company is asked for.
        require_company_name: bool = false,
        /// Whether the address is asked for.
        require_address1["requireAddress1"]: bool = false,
        /// Whether the second line of the address is asked for.
        require_address2["requireAddress2"]: bool = false,
        /// Whether the city is asked for.
        require_city: bool = false,
        /// Whether the state is asked for.
        require_state: bool = false,
        /// Whether the postal code is asked for.
        require_zip_code: bool = false,
        /// Whether the country is asked for.
        require_country_region: bool = false,
        /// Whether the telephone number is asked for.
        require_work_phone: bool = false,
        /// Whether the fax number is asked for.
        require_fax: bool = false,
        /// Most registrations.
        max_register_num: i64 = 1000,
        /// Further questions.
        customized_questions: Vec<RegistrationQuestion> => json!([{"question": "How are you", "type": "singleLineTextBox"}]),
        /// Rules that approve or reject by answers to standard questions.
        rules: Vec<RegistrationRule> => json!([{"question": "email", "condition": "endsWith", "value": "@example.com", "result": "approve", "order": 1}]),
    }

    /// A question of a registration form.
    RegistrationQuestion as WebexRegistrationQuestion {
        /// Id of the question, in responses.
        id: i64 = 1,
        /// The question.
        question: String = "How are you",
        /// Whether it must be answered.
        required: bool = false,
        /// `singleLineTextBox`, `multiLineTextBox`, `checkbox`, `dropdownList` or `radioButtons`.
        r#type: String = "singleLineTextBox",
        /// Most characters of an answer, at most 999.
        max_length: i64 = 150,
    }

    /// A rule of a registration form.
    RegistrationRule as WebexRegistrationRule {
        /// The standard question, such as `email`.
        question: String = "email",
        /// `contains`, `notContains`, `beginsWith`, `endsWith`, `equals` or `notEquals`.
        condition: String = "endsWith",
        /// The text to compare the answer with.
        value: String = "@example.com",
        /// `approve` or `reject`.
        result: String = "approve",
        /// Whether case counts.
        match_case: bool = false,
        /// Position among all rules.
        order: i64 = 1,
    }

    /// A source of registrations: somebody who passes on the link to a webinar.
    InvitationSource as WebexInvitationSource {
        /// Id of the source.
        id: String = "1",
        /// Name of the source.
        source_id: String = "cisco",
        /// Address of the person who shares the link.
        source_email: String = "john001@example.com",
        /// The link to join; only if no registration is required.
        join_link: String = "https://example.webex.com/example/j.php?MTID=m6d75f1c875b3e3c5d18c7598036bdd8b",
        /// The link to register; only if registration is required.
        register_link: String = "https://example.webex.com/example/j.php?RGID=rb05b31307b5b820e16594da9d1cfc588",
    }

    /// Somebody who registered.
    Registrant as WebexRegistrant {
        /// Id of the registrant.
        id: String = "fbd83190-97b2-4bb0-b56b-8fde463d137b",
        /// `approved`, `pending` or `rejected`.
        status: String = "approved",
        /// Given name.
        first_name: String = "Bob",
        /// Family name.
        last_name: String = "Lee",
        /// Address.
        email: String = "bob@example.com",
        /// Title of the position.
        job_title: String = "manager",
        /// Company.
        company_name: String = "Cisco Systems, Inc.",
        /// Address.
        address1["address1"]: String = "address1 string",
        /// Second line of the address.
        address2["address2"]: String = "address2 string",
        /// City.
        city: String = "New York",
        /// State.
        state: String = "New York",
        /// Postal code; a text if a number would lose something.
        zip_code: i64 = 123456,
        /// Country.
        country_region: String = "United States",
        /// Telephone number.
        work_phone: String = "+1 123456",
        /// Fax number.
        fax: String = "123456",
        /// Answers to the questions of the form.
        customized_questions: Vec<RegistrantAnswers> => json!([{"questionId": "330087", "answers": [{"optionId": "1", "answer": "green"}]}]),
        /// When the person registered, with an offset.
        registration_time: String = "2021-09-07T09:29:13+08:00",
        /// Name of the invitation source.
        source_id: String = "cisco",
    }

    /// Answers to a question.
    RegistrantAnswers as WebexRegistrantAnswers {
        /// Id of the question.
        question_id: String = "330087",
        /// The answers; only checkboxes may have several.
        answers: Vec<RegistrantAnswer> => json!([{"optionId": "1", "answer": "green"}]),
    }

    /// An answer to a question.
    RegistrantAnswer as WebexRegistrantAnswer {
        /// Id of the option.
        option_id: String = "1",
        /// The answer.
        answer: String = "green",
    }

    /// A user's meeting preferences, as they were imported.
    Preferences as WebexPreferences {
        /// Whether the account's sites are among them.
        sites: Vec<super::Site> => json!([{"siteUrl": "example.webex.com", "default": true}]),
    }
}

/// Sources to create.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, ToSchema)]
#[schema(as = WebexInvitationSourcesBody)]
pub struct InvitationSourcesBody {
    /// The sources, 1 to 100. `sourceId` and `sourceEmail` are required.
    pub items: Vec<InvitationSource>,
}

/// Invitation sources of a webinar.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, ToSchema)]
#[schema(as = WebexInvitationSources)]
pub struct InvitationSources {
    /// The sources.
    pub items: Vec<InvitationSource>,
}

/// Registrants of a meeting.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, ToSchema)]
#[schema(as = WebexRegistrants)]
pub struct Registrants {
    /// The registrants.
    pub items: Vec<Registrant>,
}

/// Invitees of a meeting.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, ToSchema)]
#[schema(as = WebexInvitees)]
pub struct Invitees {
    /// The invitees, ordered by address.
    pub items: Vec<Invitee>,
}
