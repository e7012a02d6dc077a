//! What requests and responses about subscriptions contain.

use axum::http::StatusCode;
use rollcall_mail::{check_zone, parse_values, view_path};
use rollcall_model::{Member, Text};
use rollcall_store::{QuerySource, SavedQueryId, Schedule, Subscription};
use serde::{Deserialize, Serialize};
use serde_json::Value as JsonValue;
use utoipa::ToSchema;

use crate::api::ApiError;

/// Maximum length of a name, in characters.
const MAX_NAME_CHARS: usize = 150;
/// Maximum length of a query, in bytes: that of one that runs.
const MAX_QUERY_BYTES: usize = 64 * 1024;

/// How often a mail is sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
#[schema(as = SubscriptionInterval)]
pub(super) enum Every {
    Day,
    Week,
}

impl From<Option<u8>> for Every {
    fn from(weekday: Option<u8>) -> Self {
        if weekday.is_some() { Self::Week } else { Self::Day }
    }
}

/// A day of the week.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
#[schema(as = SubscriptionWeekday)]
pub(super) enum WeekdayName {
    Monday,
    Tuesday,
    Wednesday,
    Thursday,
    Friday,
    Saturday,
    Sunday,
}

impl WeekdayName {
    const ALL: [Self; 7] =
        [Self::Monday, Self::Tuesday, Self::Wednesday, Self::Thursday, Self::Friday, Self::Saturday, Self::Sunday];

    /// Returns the day by its number, 0 for Monday.
    pub(super) fn numbered(number: u8) -> Self {
        Self::ALL[usize::from(number).min(6)]
    }
}

/// Subscriptions.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Subscriptions)]
pub(in crate::api) struct Subscriptions {
    /// The address from which mails come; null if the server sends no mail, because its operator has not set it up.
    #[schema(example = "Rollcall <rollcall@example.com>")]
    pub(super) mail_from: Option<String>,
    pub(super) subscriptions: Vec<Listed>,
}

/// A member who gets mail.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = SubscriptionRecipient)]
struct Recipient {
    #[schema(example = 1)]
    id: i64,
    #[schema(example = "ana@example.com")]
    email: String,
    #[schema(example = "Ana Souza")]
    name: String,
}

/// A query whose result a member gets by mail.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Subscription)]
pub(in crate::api) struct Listed {
    #[schema(example = 1)]
    id: i64,
    /// The subject of its mails.
    #[schema(example = "Quality, last 7 days")]
    name: String,
    /// Who gets the mail; null if they are no longer a member.
    member: Option<Recipient>,
    /// The saved query that is asked, as it is when the mail is sent; null if the subscription has its own.
    #[schema(example = json!(null))]
    saved_query_id: Option<i64>,
    /// Its own query; null if it has a saved one.
    #[schema(example = "SELECT location, count(*) AS joins FROM participants WHERE join_time >= ? GROUP BY 1")]
    query: Option<String>,
    /// The values of the `?`.
    #[schema(value_type = Vec<Object>, example = json!([{"ago": "7d"}]))]
    values: JsonValue,
    /// The path of the dashboard that shows the same.
    #[schema(example = "/quality?last=7d")]
    view: Option<String>,
    every: Every,
    /// The day of the week; null if it is sent every day.
    weekday: Option<WeekdayName>,
    /// The hour of the day.
    #[schema(example = 8)]
    hour: u8,
    #[schema(example = "Europe/Paris")]
    time_zone: String,
    #[schema(example = "2026-10-01T09:00:00Z")]
    created_at: String,
    /// When the next mail, or the next attempt, is due; null if it is paused.
    #[schema(example = "2026-10-05T06:00:00Z")]
    next_at: Option<String>,
    /// Null if no mail has been sent.
    #[schema(example = json!(null))]
    last_sent_at: Option<String>,
    /// Why the last attempt failed; null if it did not.
    #[schema(example = json!(null))]
    problem: Option<String>,
    /// Why nothing is sent: `member` (somebody paused it), `unsubscribed` (by the link in a mail), `member_gone`,
    /// `not_allowed` (the role has no queries), `query_gone` (the saved query was deleted) or `failing` (three mails in a
    /// row were given up); null if it is not paused.
    #[schema(example = json!(null))]
    paused: Option<&'static str>,
}

impl Listed {
    pub(super) fn of(subscription: Subscription, member: Option<&Member>) -> Self {
        let Subscription { id, name, source, view, schedule, created_at, due_at, sent_at, problem, paused, .. } =
            subscription;
        let (saved_query_id, query, values) = match source {
            QuerySource::Saved(id) => (Some(id.0), None, JsonValue::Array(Vec::new())),
            QuerySource::Own { query, values } => {
                let values = serde_json::from_str(&values).unwrap_or_default();
                (None, Some(query.into()), values)
            }
        };
        Self {
            id: id.0,
            name: name.into(),
            member: member.map(|member| Recipient {
                id: member.id.0,
                email: member.email.to_string(),
                name: member.name.to_string(),
            }),
            saved_query_id,
            query,
            values,
            view: view.map(Into::into),
            every: schedule.weekday.into(),
            weekday: schedule.weekday.map(WeekdayName::numbered),
            hour: schedule.hour,
            time_zone: schedule.time_zone.into(),
            created_at: created_at.to_string(),
            next_at: paused.is_none().then(|| due_at.to_string()),
            last_sent_at: sent_at.map(|sent| sent.to_string()),
            problem: problem.map(Into::into),
            paused: paused.map(rollcall_store::Pause::as_str),
        }
    }
}

/// What to mail, to whom and when.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = NewSubscription)]
pub(in crate::api) struct Subscribing {
    /// The subject of its mails.
    #[schema(example = "Quality, last 7 days", min_length = 1, max_length = 150)]
    pub(super) name: String,
    /// The address of the member who gets the mail [default: the caller's].
    #[schema(example = "ana@example.com")]
    pub(super) email: Option<String>,
    /// A saved query, or else `query`.
    #[schema(example = json!(null))]
    pub(super) saved_query_id: Option<i64>,
    /// The SQL, or else `saved_query_id`. It is checked when it is run.
    #[schema(example = "SELECT location, count(*) AS joins FROM participants WHERE join_time >= ? GROUP BY 1")]
    pub(super) query: Option<String>,
    /// Values for the `?` of `query`, in order: strings, numbers, nulls, and times before the mail. `{"ago": "7d"}` is
    /// seven days before, in the calendar of the time zone; `h`, `d` and `m` are hours, days and months. With
    /// `"round": "day"` or `"hour"` it is rounded down in UTC.
    #[serde(default)]
    #[schema(value_type = Vec<Object>, example = json!([{"ago": "7d"}]))]
    pub(super) values: Vec<JsonValue>,
    /// The path of the dashboard that shows the same, for the link in the mail.
    #[schema(example = "/quality?last=7d", max_length = 4000)]
    pub(super) view: Option<String>,
    pub(super) every: Every,
    /// The day of the week, if it is sent every week.
    pub(super) weekday: Option<WeekdayName>,
    /// The hour of the day.
    #[schema(example = 8, minimum = 0, maximum = 23)]
    pub(super) hour: u8,
    /// Its IANA name.
    #[schema(example = "Europe/Paris")]
    pub(super) time_zone: String,
}

/// What to change of a subscription.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = SubscriptionChange)]
pub(in crate::api) struct Changing {
    /// The subject of its mails.
    #[schema(example = "Quality, last 7 days", min_length = 1, max_length = 150)]
    pub(super) name: Option<String>,
    pub(super) every: Option<Every>,
    /// The day of the week, if it is sent every week.
    pub(super) weekday: Option<WeekdayName>,
    /// The hour of the day.
    #[schema(example = 8, minimum = 0, maximum = 23)]
    pub(super) hour: Option<u8>,
    /// Its IANA name.
    #[schema(example = "Europe/Paris")]
    pub(super) time_zone: Option<String>,
    /// Pauses it, or resumes it whatever it was paused for.
    #[schema(example = false)]
    pub(super) paused: Option<bool>,
}

fn bad(problem: impl Into<String>) -> ApiError {
    ApiError::new(StatusCode::BAD_REQUEST, problem)
}

/// Returns a name that fits into a subject.
pub(super) fn checked_name(name: &str) -> Result<&str, ApiError> {
    let name = name.trim();
    let fits = (1..=MAX_NAME_CHARS).contains(&name.chars().count()) && !name.chars().any(char::is_control);
    fits.then_some(name).ok_or_else(|| bad(format!("`name` is 1 to {MAX_NAME_CHARS} characters in one line.")))
}

pub(super) fn schedule(
    every: Every,
    weekday: Option<WeekdayName>,
    hour: u8,
    time_zone: &str,
) -> Result<Schedule, ApiError> {
    if hour > 23 {
        return Err(bad("`hour` is 0 to 23."));
    }
    check_zone(time_zone).map_err(|error| bad(format!("`time_zone`: {error}.")))?;
    let weekday = match (every, weekday) {
        (Every::Day, _) => None,
        (Every::Week, Some(day)) => Some(day as u8),
        (Every::Week, None) => return Err(bad("`weekday` is missing: say on which day a weekly mail is sent.")),
    };
    Ok(Schedule { weekday, hour, time_zone: time_zone.into() })
}

pub(super) fn source(
    saved_query_id: Option<i64>,
    query: Option<&str>,
    values: &[JsonValue],
) -> Result<QuerySource, ApiError> {
    match (saved_query_id, query.map(str::trim)) {
        (Some(_), Some(_)) => Err(bad("`query` and `saved_query_id` exclude each other.")),
        (None, None) => Err(bad("`query` is missing: send SQL, or the id of a saved query as `saved_query_id`.")),
        (Some(_), None) if !values.is_empty() => Err(bad("`values` are for `query`: a saved query has none.")),
        (Some(id), None) => Ok(QuerySource::Saved(SavedQueryId(id))),
        (None, Some(query)) if (1..=MAX_QUERY_BYTES).contains(&query.len()) => {
            let values = JsonValue::from(values.to_vec()).to_string();
            let values = serde_json::to_string(&parse_values(&values).map_err(|error| bad(error.to_string()))?);
            let values = values.map_err(|error| bad(format!("`values`: {error}.")))?;
            Ok(QuerySource::Own { query: query.into(), values: values.into() })
        }
        (None, Some(_)) => Err(bad(format!("`query` is 1 to {MAX_QUERY_BYTES} bytes."))),
    }
}

pub(super) fn view(view: Option<&str>) -> Result<Option<Text>, ApiError> {
    let is_path = view.is_none_or(view_path);
    let problem = "`view` is a path of the dashboard with at most 4000 characters, such as /quality?last=7d.";
    is_path.then(|| view.map(Into::into)).ok_or_else(|| bad(problem))
}
