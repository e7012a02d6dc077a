use serde::{Deserialize, Serialize};

use crate::{Extras, MeetingNumber, Text, Timestamp, UserId};

/// Status of a user.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum UserStatus {
    /// Active.
    #[default]
    Active,
    /// Deactivated.
    Inactive,
    /// Invited, but not yet joined.
    Pending,
}

impl UserStatus {
    /// Returns its name on the wire.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Active => "active",
            Self::Inactive => "inactive",
            Self::Pending => "pending",
        }
    }
}

/// A telephone number in a user's profile.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
#[derive(Default)]
#[expect(missing_docs, reason = "named as on the wire")]
pub struct PhoneNumber {
    pub code: Text,
    pub country: Text,
    pub label: Text,
    pub number: Text,
    pub verified: bool,
}

/// A custom attribute of a user.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
#[expect(missing_docs, reason = "named as on the wire")]
pub struct UserAttribute {
    pub key: Text,
    pub name: Text,
    pub value: Text,
}

/// A licence that a user holds.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
#[expect(missing_docs, reason = "named as on the wire")]
pub struct UserLicense {
    pub license_type: Text,
    pub license_option: i64,
    #[serde(skip_serializing_if = "Text::is_empty")]
    pub subscription_id: Text,
}

/// A person with a login in the account.
#[derive(Debug, Clone, Default, PartialEq)]
#[expect(missing_docs, reason = "each field is named as on the Zoom wire, except where a comment says otherwise")]
pub struct User {
    /// Zoom's id of the user; the natural key together with the account.
    pub id: Text,
    /// The email address; unique in the account, compared without case.
    pub email: Text,
    pub first_name: Option<Text>,
    pub last_name: Option<Text>,
    pub display_name: Option<Text>,
    /// Wire `type`: 1 basic, 2 licensed, 4 unassigned without meetings, 99 none.
    pub license_type: Option<i64>,
    pub status: UserStatus,
    pub pmi: Option<MeetingNumber>,
    pub use_pmi: Option<bool>,
    pub timezone: Option<Text>,
    /// On the wire 1 or 0.
    pub verified: Option<bool>,
    pub dept: Option<Text>,
    pub created_at: Option<Timestamp>,
    pub user_created_at: Option<Timestamp>,
    pub last_login_time: Option<Timestamp>,
    pub last_client_version: Option<Text>,
    /// The first is the primary group.
    pub group_ids: Vec<Text>,
    pub im_group_ids: Vec<Text>,
    pub division_ids: Vec<Text>,
    pub role_id: Option<Text>,
    pub role_name: Option<Text>,
    pub plan_united_type: Option<Text>,
    pub employee_unique_id: Option<Text>,
    /// Returned only with `include_fields=host_key`.
    pub host_key: Option<Text>,
    pub custom_attributes: Vec<UserAttribute>,
    pub license_info_list: Vec<UserLicense>,
    pub account_number: Option<i64>,
    pub cms_user_id: Option<Text>,
    pub company: Option<Text>,
    pub jid: Option<Text>,
    pub job_title: Option<Text>,
    pub cost_center: Option<Text>,
    pub language: Option<Text>,
    pub location: Option<Text>,
    pub login_types: Vec<i64>,
    pub manager: Option<Text>,
    pub personal_meeting_url: Option<Text>,
    pub phone_country: Option<Text>,
    pub phone_number: Option<Text>,
    pub phone_numbers: Vec<PhoneNumber>,
    pub pic_url: Option<Text>,
    pub pronouns: Option<Text>,
    pub pronouns_option: Option<i64>,
    pub vanity_url: Option<Text>,
    pub cluster: Option<Text>,
    pub zoom_one_type: Option<i64>,
    /// Whether the user may host webinars; `users/{id}/webinars` is rejected only if a source reported that they may
    /// not.
    pub has_webinar_license: Option<bool>,
    /// What the vendor reported beyond these fields.
    pub extras: Option<Extras>,
}

impl User {
    /// Returns the user's id as a type.
    #[must_use]
    pub fn user_id(&self) -> UserId {
        UserId(self.id.clone())
    }
}
