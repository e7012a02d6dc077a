use rollcall_model::{self as model, Text, Timestamp};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use utoipa::ToSchema;

use super::{EntryError, Paging, lenient, lenient::always, needed, words};

/// A field of the registration form, of which registrants are asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Form {
    /// Its key.
    pub name: &'static str,
    /// The values that may be given when registering; any text if there are none.
    pub words: &'static [&'static str],
}

const fn form(name: &'static str) -> Form {
    Form { name, words: &[] }
}

/// The fields of the registration form, except names, email address and language (Zoom reference 4.1).
pub const FORM_FIELDS: [Form; 13] = [
    form("address"),
    form("city"),
    form("comments"),
    form("country"),
    form("industry"),
    form("job_title"),
    // Vendor quirk: responses have other ranges than requests; both are accepted.
    Form {
        name: "no_of_employees",
        words: &[
            "1-20",
            "21-50",
            "51-100",
            "101-250",
            "101-500",
            "251-500",
            "500-1,000",
            "501-1,000",
            "1,001-5,000",
            "5,001-10,000",
            "More than 10,000",
        ],
    },
    form("org"),
    form("phone"),
    Form {
        name: "purchasing_time_frame",
        words: &["Within a month", "1-3 months", "4-6 months", "More than 6 months", "No timeframe"],
    },
    Form {
        name: "role_in_purchase_process",
        words: &["Decision Maker", "Evaluator/Recommender", "Influencer", "Not involved"],
    },
    form("state"),
    form("zip"),
];

/// Defines a type with the fields of the form, and others.
macro_rules! with_form {
    ($(#[$meta:meta])* pub struct $name:ident { $($own:tt)* }) => {
        $(#[$meta])*
        pub struct $name {
            /// Street and number.
            #[serde(default, with = "always::text")]
            #[schema(value_type = String, required = true, example = "1800 Amphibious Blvd.")]
            pub address: Option<Text>,
            /// City.
            #[serde(default, with = "always::text")]
            #[schema(value_type = String, required = true, example = "Mountain View")]
            pub city: Option<Text>,
            /// Questions and comments.
            #[serde(default, with = "always::text")]
            #[schema(value_type = String, required = true, example = "Looking forward to the discussion.")]
            pub comments: Option<Text>,
            /// Country, as a code of two letters.
            #[serde(default, with = "always::text")]
            #[schema(value_type = String, required = true, example = "US")]
            pub country: Option<Text>,
            /// Industry.
            #[serde(default, with = "always::text")]
            #[schema(value_type = String, required = true, example = "Food")]
            pub industry: Option<Text>,
            /// Job title.
            #[serde(default, with = "always::text")]
            #[schema(value_type = String, required = true, example = "Chef")]
            pub job_title: Option<Text>,
            /// Size of the organisation.
            #[serde(default, with = "always::text")]
            #[schema(value_type = String, required = true, example = "1-20")]
            pub no_of_employees: Option<Text>,
            /// Organisation.
            #[serde(default, with = "always::text")]
            #[schema(value_type = String, required = true, example = "Cooking Org")]
            pub org: Option<Text>,
            /// Telephone number.
            #[serde(default, with = "always::text")]
            #[schema(value_type = String, required = true, example = "5550100")]
            pub phone: Option<Text>,
            /// When the registrant means to buy.
            #[serde(default, with = "always::text")]
            #[schema(value_type = String, required = true, example = "1-3 months")]
            pub purchasing_time_frame: Option<Text>,
            /// The registrant's part in that decision.
            #[serde(default, with = "always::text")]
            #[schema(value_type = String, required = true, example = "Influencer")]
            pub role_in_purchase_process: Option<Text>,
            /// State or province.
            #[serde(default, with = "always::text")]
            #[schema(value_type = String, required = true, example = "CA")]
            pub state: Option<Text>,
            /// Postal code.
            #[serde(default, with = "always::text")]
            #[schema(value_type = String, required = true, example = "94045")]
            pub zip: Option<Text>,
            /// Answers to the questions of this meeting or webinar.
            #[serde(default)]
            #[schema(required = true)]
            pub custom_questions: Vec<CustomAnswer>,
            /// Given name.
            #[serde(default, with = "always::text")]
            #[schema(value_type = String, required = true, max_length = 64, example = "Jill")]
            pub first_name: Option<Text>,
            /// Family name.
            #[serde(default, with = "always::text")]
            #[schema(value_type = String, required = true, max_length = 64, example = "Chill")]
            pub last_name: Option<Text>,
            /// Email address.
            #[serde(default, with = "always::text")]
            #[schema(value_type = String, required = true, max_length = 128, example = "jchill@example.com")]
            pub email: Option<Text>,
            $($own)*
        }
    };
}

/// The answer to a question of one meeting or webinar.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(as = ZoomCustomAnswer)]
pub struct CustomAnswer {
    /// The question.
    #[serde(default, with = "always::text")]
    #[schema(value_type = String, required = true, example = "What do you hope to learn from this?")]
    pub title: Option<Text>,
    /// The answer.
    #[serde(default, with = "always::text")]
    #[schema(value_type = String, required = true, max_length = 128, example = "How to come up with recipes")]
    pub value: Option<Text>,
}

with_form! {
    /// A registrant of a meeting or webinar (Zoom reference 4.1).
    #[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, ToSchema)]
    #[schema(as = ZoomRegistrant)]
    pub struct Registrant {
        /// Whether the host has approved the registration.
        #[serde(default, with = "always::text")]
        #[schema(value_type = words::RegistrantStatus, required = true)]
        pub status: Option<Text>,
        /// Language of messages; absent if unknown.
        #[serde(default, deserialize_with = "lenient::text", skip_serializing_if = "Option::is_none")]
        #[schema(value_type = String, example = "en-US")]
        pub language: Option<Text>,
        /// Id of the registration.
        #[serde(default, with = "always::text")]
        #[schema(value_type = String, required = true, example = "9tboDiHUQAeOnbmudzWa5g")]
        pub id: Option<Text>,
        /// When the registration was made, in UTC; absent if unknown.
        #[serde(default, deserialize_with = "lenient::time", skip_serializing_if = "Option::is_none")]
        #[schema(value_type = String, format = DateTime, example = "2026-03-22T05:59:09Z")]
        pub create_time: Option<Timestamp>,
        /// The registrant's own URL to join; absent unless the registration is approved.
        #[serde(default, deserialize_with = "lenient::text", skip_serializing_if = "Option::is_none")]
        #[schema(value_type = String, example = "https://example.com/w/93201235621?tk=9tboDiHUQAeOnbmudzWa5g")]
        pub join_url: Option<Text>,
        /// Other values of the form, as reported.
        #[serde(flatten)]
        #[schema(ignore)]
        pub other: Map<String, Value>,
    }
}

impl From<&model::Registrant> for Registrant {
    fn from(registrant: &model::Registrant) -> Self {
        let answers = registrant.answers_json.as_deref().and_then(|json| serde_json::from_str(json).ok());
        let form: Self = answers.unwrap_or_default();
        let approved = registrant.status.as_deref().is_none_or(|status| status == "approved");
        Self {
            email: registrant.email.clone(),
            first_name: registrant.first_name.clone(),
            last_name: registrant.last_name.clone(),
            status: registrant.status.clone(),
            language: registrant.language.clone(),
            id: Some(registrant.id.clone()),
            create_time: registrant.create_time,
            join_url: registrant.join_url.clone().filter(|_| approved),
            ..form
        }
    }
}

impl TryFrom<Registrant> for model::Registrant {
    type Error = EntryError;

    /// [`EntryError::Missing`] if the registrant has no `id`.
    fn try_from(read: Registrant) -> Result<Self, EntryError> {
        let told = |text: Option<Text>| text.filter(|text| !text.trim().is_empty());
        let form = Registrant {
            email: None,
            first_name: None,
            last_name: None,
            status: None,
            language: None,
            id: None,
            create_time: None,
            join_url: None,
            ..read.clone()
        };
        let mut answers = match serde_json::to_value(form) {
            Ok(Value::Object(answers)) => answers,
            _ => Map::new(),
        };
        answers.retain(|_, answer| !rollcall_extras::is_blank(answer) && *answer != Value::Array(Vec::new()));
        Ok(Self {
            id: needed("id", read.id)?,
            email: told(read.email),
            first_name: told(read.first_name),
            last_name: told(read.last_name),
            status: told(read.status),
            occurrence_ids: None,
            answers_json: Some(answers).filter(|all| !all.is_empty()).map(|all| Value::Object(all).to_string()),
            join_url: told(read.join_url),
            language: told(read.language),
            create_time: read.create_time,
        })
    }
}

/// A page of registrants.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, ToSchema)]
#[schema(as = ZoomRegistrants)]
pub struct RegistrantsPage {
    /// Position of the page in the list.
    #[serde(flatten)]
    pub paging: Paging,
    /// Number of this page: that of `page_number`, otherwise 1, also after a `next_page_token`.
    #[serde(default = "super::first_page")]
    #[schema(value_type = u64, required = true, example = 1)]
    pub page_number: u64,
    /// The registrants.
    #[serde(default)]
    #[schema(required = true)]
    pub registrants: Vec<Registrant>,
}

with_form! {
    /// A registration to make. Only `email` and `first_name` are required.
    #[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, ToSchema)]
    #[schema(as = ZoomNewRegistrant)]
    pub struct NewRegistrant {
        /// Language of messages to the registrant.
        #[serde(default)]
        #[schema(value_type = words::RegistrantLanguage)]
        pub language: Option<Text>,
        /// Webinars: id of the tracking source that led to the registration.
        #[serde(default)]
        #[schema(value_type = String, example = "4816766181770")]
        pub source_id: Option<Text>,
        /// Meetings: approve the registration even if the host decides about others.
        #[serde(default)]
        #[schema(value_type = bool, example = true)]
        pub auto_approve: Option<bool>,
    }
}

/// An occurrence of a recurring meeting or webinar.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(as = ZoomOccurrence)]
pub struct Occurrence {
    /// Its id: when it was planned to begin, in milliseconds since 1970.
    #[serde(default, with = "always::text")]
    #[schema(value_type = String, required = true, example = "1648194360000")]
    pub occurrence_id: Option<Text>,
    /// When it is planned to begin, in UTC.
    #[serde(default, deserialize_with = "lenient::time", skip_serializing_if = "Option::is_none")]
    #[schema(value_type = String, format = DateTime, example = "2026-03-25T07:46:00Z")]
    pub start_time: Option<Timestamp>,
    /// Planned duration, in minutes.
    #[serde(default, deserialize_with = "lenient::int", skip_serializing_if = "Option::is_none")]
    #[schema(value_type = i64, example = 60)]
    pub duration: Option<i64>,
    /// `available` or `deleted`.
    #[serde(default, deserialize_with = "lenient::text", skip_serializing_if = "Option::is_none")]
    #[schema(value_type = String, example = "available")]
    pub status: Option<Text>,
}

/// A registration that was made.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(as = ZoomRegistered)]
pub struct Registered {
    /// Number of the meeting or webinar.
    #[schema(example = 92_674_392_836_i64)]
    pub id: i64,
    /// The registrant's own URL to join; absent unless the registration is approved.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = String, example = "https://example.com/w/92674392836?tk=fdgsfh2ey82fuh")]
    pub join_url: Option<Text>,
    /// Id of the registration.
    #[schema(value_type = String, example = "fdgsfh2ey82fuh")]
    pub registrant_id: Text,
    /// When the meeting or webinar is planned to begin, in UTC.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = String, format = DateTime, example = "2026-07-13T21:44:51Z")]
    pub start_time: Option<Timestamp>,
    /// Its title.
    #[serde(default, with = "always::text")]
    #[schema(value_type = String, required = true, example = "My Webinar")]
    pub topic: Option<Text>,
    /// The occurrences that the registration covers; absent if it does not recur.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schema(required = false)]
    pub occurrences: Vec<Occurrence>,
    /// Meetings: the registrant's code for joining by telephone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = i64, example = 380_303)]
    pub participant_pin_code: Option<i64>,
}

/// A decision about registrations.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(as = ZoomRegistrantDecision)]
pub struct Decision {
    /// What happens to the registrations.
    #[schema(value_type = words::RegistrantAction)]
    pub action: Text,
    /// The registrants, at most 30.
    #[schema(max_items = 30)]
    pub registrants: Vec<DecidedRegistrant>,
}

/// A registrant of a decision, by id or else by address.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(as = ZoomDecidedRegistrant)]
pub struct DecidedRegistrant {
    /// Id of the registration.
    #[serde(default)]
    #[schema(value_type = String, example = "9tboDiHUQAeOnbmudzWa5g")]
    pub id: Option<Text>,
    /// The registrant's address.
    #[serde(default)]
    #[schema(value_type = String, example = "jchill@example.com")]
    pub email: Option<Text>,
}

/// Registrations to make at once.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(as = ZoomRegistrantsBatch)]
pub struct BatchOfRegistrants {
    /// Approve the registrations even if the host decides about others.
    #[serde(default)]
    #[schema(value_type = bool, example = true)]
    pub auto_approve: Option<bool>,
    /// The registrants, at most 30.
    #[schema(max_items = 30)]
    pub registrants: Vec<RegistrantInBatch>,
}

/// One of several registrations to make.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(as = ZoomRegistrantInBatch)]
pub struct RegistrantInBatch {
    /// Email address.
    #[schema(value_type = String, max_length = 128, example = "jchill@example.com")]
    pub email: Text,
    /// Given name.
    #[schema(value_type = String, max_length = 64, example = "Jill")]
    pub first_name: Text,
    /// Family name.
    #[serde(default)]
    #[schema(value_type = String, max_length = 64, example = "Chill")]
    pub last_name: Option<Text>,
}

/// Registrations that were made at once.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(as = ZoomRegisteredBatch)]
pub struct RegisteredBatch {
    /// The registrants, in the order of the request.
    pub registrants: Vec<RegisteredInBatch>,
}

/// One of several registrations that were made.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(as = ZoomRegisteredInBatch)]
pub struct RegisteredInBatch {
    /// The registrant's address.
    #[schema(value_type = String, example = "jchill@example.com")]
    pub email: Text,
    /// The registrant's own URL to join; absent unless the registration is approved.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = String, example = "https://example.com/w/92674392836?tk=fdgsfh2ey82fuh")]
    pub join_url: Option<Text>,
    /// Id of the registration.
    #[schema(value_type = String, example = "9tboDiHUQAeOnbmudzWa5g")]
    pub registrant_id: Text,
    /// Meetings: the registrant's code for joining by telephone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = i64, example = 380_303)]
    pub participant_pin_code: Option<i64>,
}

/// What registrants are asked.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(as = ZoomRegistrationQuestions)]
pub struct RegistrationQuestions {
    /// Questions of this meeting or webinar alone.
    #[serde(default)]
    #[schema(required = true)]
    pub custom_questions: Vec<CustomQuestion>,
    /// Fields of the form that are shown.
    #[serde(default)]
    #[schema(required = true)]
    pub questions: Vec<Question>,
}

/// A question of one meeting or webinar.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(as = ZoomCustomQuestion)]
pub struct CustomQuestion {
    /// The question.
    #[schema(value_type = String, example = "How are you?")]
    pub title: Text,
    /// How it is answered.
    #[serde(rename = "type")]
    #[schema(value_type = words::QuestionType)]
    pub answer_type: Text,
    /// Whether it must be answered.
    #[serde(default)]
    #[schema(required = true, example = true)]
    pub required: bool,
    /// The choices, unless the answer is a text.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schema(value_type = Vec<String>, required = false)]
    pub answers: Vec<Text>,
}

/// A field of the form that is shown.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(as = ZoomRegistrationQuestion)]
pub struct Question {
    /// The field.
    #[schema(value_type = words::FormField)]
    pub field_name: Text,
    /// Whether it must be filled in.
    #[serde(default)]
    #[schema(required = true, example = true)]
    pub required: bool,
}
