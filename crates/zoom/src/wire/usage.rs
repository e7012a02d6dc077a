//! Reports about the usage of an account (Zoom reference, sections 2.1 and 2.2 of its second part).

use rollcall_model::{Text, User};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{CustomAttribute, EntryError, Paging, lenient, lenient::always, listed, needed};

/// The usage of a month, day by day.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(as = ZoomDailyReport)]
pub struct DailyReport {
    /// The year.
    #[schema(example = 2022)]
    pub year: i64,
    /// The month, from 1.
    #[schema(example = 3)]
    pub month: i64,
    /// Its days.
    pub dates: Vec<DailyUsage>,
}

/// The usage of one day.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(as = ZoomDailyUsage)]
pub struct DailyUsage {
    /// The day, in UTC.
    #[schema(format = Date, example = "2022-03-01")]
    pub date: String,
    /// Number of users who were added.
    #[schema(example = 3)]
    pub new_users: u64,
    /// Number of meetings and webinars that began.
    #[schema(example = 2)]
    pub meetings: u64,
    /// Number of their attendances.
    #[schema(example = 4)]
    pub participants: u64,
    /// Minutes of all attendances.
    #[schema(example = 34)]
    pub meeting_minutes: u64,
}

/// One page of hosts with their usage.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(as = ZoomUserReports)]
pub struct UserReports {
    /// First day of the window, as in the request.
    #[schema(required = true, example = "2022-03-01")]
    pub from: String,
    /// Last day of the window, as in the request.
    #[schema(required = true, example = "2022-03-31")]
    pub to: String,
    /// Position of the page in the list.
    #[serde(flatten)]
    pub paging: Paging,
    /// Number of the page, from 1.
    #[schema(required = true, example = 1)]
    pub page_number: u64,
    /// Number of meetings and webinars of all users of the list.
    #[schema(required = true, example = 34)]
    pub total_meetings: u64,
    /// Number of their attendances.
    #[schema(required = true, example = 56)]
    pub total_participants: u64,
    /// Minutes of their attendances.
    #[schema(required = true, example = 345)]
    pub total_meeting_minutes: u64,
    /// The users.
    #[schema(required = true)]
    pub users: Vec<UserReport>,
}

/// One host with the usage of what they hosted.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(as = ZoomUserReport)]
pub struct UserReport {
    /// Id of the user.
    #[serde(default, with = "always::text")]
    #[schema(value_type = String, required = true, example = "KDcuGIm1QgePTO8WbOqwIQ")]
    pub id: Option<Text>,
    /// Email address.
    #[serde(default, with = "always::text")]
    #[schema(value_type = String, required = true, example = "jchill@example.com")]
    pub email: Option<Text>,
    /// Display name.
    #[serde(default, with = "always::text")]
    #[schema(value_type = String, required = true, example = "Jill Chill")]
    pub user_name: Option<Text>,
    /// Licence: 1 basic, 2 licensed; absent if unknown.
    #[serde(default, rename = "type", deserialize_with = "lenient::int", skip_serializing_if = "Option::is_none")]
    #[schema(value_type = i64, example = 2)]
    pub license: Option<i64>,
    /// Department.
    #[serde(default, with = "always::text")]
    #[schema(value_type = String, required = true, example = "Developers")]
    pub dept: Option<Text>,
    /// Number of meetings and webinars that the user hosted.
    #[serde(default)]
    #[schema(required = true, example = 45)]
    pub meetings: u64,
    /// Number of their attendances.
    #[serde(default)]
    #[schema(required = true, example = 56)]
    pub participants: u64,
    /// Minutes of their attendances.
    #[serde(default)]
    #[schema(required = true, example = 342)]
    pub meeting_minutes: u64,
    /// The account's own attributes of users; absent if there are none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub custom_attributes: Option<Vec<CustomAttribute>>,
}

impl UserReport {
    /// Returns a host with the usage of what they hosted.
    #[must_use]
    pub fn new(user: &User, meetings: u64, participants: u64, meeting_minutes: u64) -> Self {
        let name = [&user.first_name, &user.last_name].map(|name| name.as_deref().unwrap_or_default()).join(" ");
        let shown = user.display_name.clone().unwrap_or_else(|| name.trim().into());
        Self {
            id: Some(user.id.clone()),
            email: Some(user.email.clone()),
            user_name: Some(shown),
            license: user.license_type,
            dept: user.dept.clone(),
            meetings,
            participants,
            meeting_minutes,
            custom_attributes: listed(&user.custom_attributes),
        }
    }

    /// Returns the user that the entry describes; the usage is counted here.
    ///
    /// # Errors
    /// [`EntryError::Missing`] if it has no `id`.
    pub fn into_model(self) -> Result<User, EntryError> {
        Ok(User {
            id: needed("id", self.id)?,
            email: self.email.unwrap_or_default(),
            display_name: self.user_name.filter(|name| !name.is_empty()),
            license_type: self.license,
            dept: self.dept,
            ..User::default()
        })
    }
}
