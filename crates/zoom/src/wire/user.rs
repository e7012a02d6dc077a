use rollcall_model::{self as model, Text, Timestamp};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{Paging, lenient, lenient::always, listed, words};

/// One page of users (Zoom reference 2.3).
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, ToSchema)]
#[schema(as = ZoomUsers)]
pub struct Users {
    /// Position of the page in the list.
    #[serde(flatten)]
    pub paging: Paging,
    /// Number of this page: that of `page_number`, otherwise 1, also after a `next_page_token`.
    #[serde(default = "super::first_page")]
    #[schema(value_type = u64, required = true, example = 1)]
    pub page_number: u64,
    /// The users.
    #[serde(default)]
    #[schema(required = true)]
    pub users: Vec<User>,
}

/// Whether a user has this email address.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, ToSchema)]
#[schema(as = ZoomUserEmail)]
pub struct UserEmail {
    /// Whether a user of the account has it.
    #[schema(example = true)]
    pub existed_email: bool,
}

/// Whether a personal meeting room has a name.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, ToSchema)]
#[schema(as = ZoomUserVanityName)]
pub struct UserVanityName {
    /// Whether a room of the account has it.
    #[schema(example = true)]
    pub existed: bool,
}

/// One user in a list.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, ToSchema)]
#[schema(as = ZoomUser)]
pub struct User {
    /// Id of the user.
    #[serde(default, with = "always::text")]
    #[schema(value_type = String, required = true, example = "KDcuGIm1QgePTO8WbOqwIQ")]
    pub id: Option<Text>,
    /// Email address.
    #[serde(default, with = "always::text")]
    #[schema(value_type = String, required = true, example = "jchill@example.com")]
    pub email: Option<Text>,
    /// First name.
    #[serde(default, with = "always::text")]
    #[schema(value_type = String, required = true, example = "Jill", max_length = 64)]
    pub first_name: Option<Text>,
    /// Last name.
    #[serde(default, with = "always::text")]
    #[schema(value_type = String, required = true, example = "Chill", max_length = 64)]
    pub last_name: Option<Text>,
    /// Display name.
    #[serde(default, deserialize_with = "lenient::text", skip_serializing_if = "Option::is_none")]
    #[schema(value_type = String, example = "Jill Chill", max_length = 128)]
    pub display_name: Option<Text>,
    /// Licence for meetings: 1 basic, 2 licensed, 4 unassigned, 99 none.
    #[serde(default, rename = "type", with = "always::int")]
    #[schema(value_type = i64, required = true, example = 2)]
    pub license_type: Option<i64>,
    /// Status of the user.
    #[serde(default, with = "always::text")]
    #[schema(value_type = words::UserStatus, required = true)]
    pub status: Option<Text>,
    /// Number of the personal meeting.
    #[serde(default, deserialize_with = "lenient::int", skip_serializing_if = "Option::is_none")]
    #[schema(value_type = i64, example = 3_542_471_135_i64)]
    pub pmi: Option<i64>,
    /// Time zone, as an IANA name.
    #[serde(default, deserialize_with = "lenient::text", skip_serializing_if = "Option::is_none")]
    #[schema(value_type = String, example = "Asia/Shanghai")]
    pub timezone: Option<Text>,
    /// Whether the email address was verified: 1 or 0.
    #[serde(default, deserialize_with = "lenient::int", skip_serializing_if = "Option::is_none")]
    #[schema(value_type = i64, example = 1)]
    pub verified: Option<i64>,
    /// Department.
    #[serde(default, deserialize_with = "lenient::text", skip_serializing_if = "Option::is_none")]
    #[schema(value_type = String, example = "Developers")]
    pub dept: Option<Text>,
    /// When the user joined the account, in UTC.
    #[serde(default, deserialize_with = "lenient::time", skip_serializing_if = "Option::is_none")]
    #[schema(value_type = String, format = DateTime, example = "2018-10-31T04:32:37Z")]
    pub created_at: Option<Timestamp>,
    /// When the user was created, in UTC.
    #[serde(default, deserialize_with = "lenient::time", skip_serializing_if = "Option::is_none")]
    #[schema(value_type = String, format = DateTime, example = "2018-10-31T04:32:37Z")]
    pub user_created_at: Option<Timestamp>,
    /// When the user last logged in, in UTC; delayed by some days.
    #[serde(default, deserialize_with = "lenient::time", skip_serializing_if = "Option::is_none")]
    #[schema(value_type = String, format = DateTime, example = "2021-05-05T20:40:30Z")]
    pub last_login_time: Option<Timestamp>,
    /// Client of the last login.
    #[serde(default, deserialize_with = "lenient::text", skip_serializing_if = "Option::is_none")]
    #[schema(value_type = String, example = "5.9.6.4993(mac)")]
    pub last_client_version: Option<Text>,
    /// Groups; the first is the primary one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Vec<String>, example = json!(["RSMaSp8sTEGK0_oamiA2_w"]))]
    pub group_ids: Option<Vec<Text>>,
    /// Chat groups.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Vec<String>, example = json!(["t-_-d56CSWG-7BF15LLrOw"]))]
    pub im_group_ids: Option<Vec<Text>>,
    /// Divisions.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Vec<String>, example = json!(["bV2fJQ0KQ5yW1u5lX2dBzA"]))]
    pub division_ids: Option<Vec<Text>>,
    /// Role in the account.
    #[serde(default, deserialize_with = "lenient::text", skip_serializing_if = "Option::is_none")]
    #[schema(value_type = String, example = "0")]
    pub role_id: Option<Text>,
    /// Combined plan, if the user has one.
    #[serde(default, deserialize_with = "lenient::text", skip_serializing_if = "Option::is_none")]
    #[schema(value_type = String, example = "1")]
    pub plan_united_type: Option<Text>,
    /// Id in the company's own directory.
    #[serde(default, deserialize_with = "lenient::text", skip_serializing_if = "Option::is_none")]
    #[schema(value_type = String, example = "HqDyI037Qjili1kNsSIrIg")]
    pub employee_unique_id: Option<Text>,
    /// Host key; with `include_fields=host_key`.
    #[serde(default, deserialize_with = "lenient::text", skip_serializing_if = "Option::is_none")]
    #[schema(value_type = String, example = "299492")]
    pub host_key: Option<Text>,
    /// Custom attributes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Vec<CustomAttribute>)]
    pub custom_attributes: Option<Vec<CustomAttribute>>,
    /// Licences.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Vec<LicenseInfo>)]
    pub license_info_list: Option<Vec<LicenseInfo>>,
}

impl User {
    /// Returns the user as in a list; the host key only if it was requested.
    #[must_use]
    pub fn new(user: &model::User, include_host_key: bool) -> Self {
        Self {
            id: Some(user.id.clone()),
            email: Some(user.email.clone()),
            first_name: user.first_name.clone(),
            last_name: user.last_name.clone(),
            display_name: user.display_name.clone(),
            license_type: Some(user.license_type.unwrap_or(1)),
            status: Some(Text::const_new(user.status.as_str())),
            pmi: user.pmi.map(|number| number.0),
            timezone: user.timezone.clone(),
            verified: user.verified.map(i64::from),
            dept: user.dept.clone(),
            created_at: user.created_at,
            user_created_at: user.user_created_at,
            last_login_time: user.last_login_time,
            last_client_version: user.last_client_version.clone(),
            group_ids: filled(&user.group_ids),
            im_group_ids: filled(&user.im_group_ids),
            division_ids: filled(&user.division_ids),
            role_id: user.role_id.clone(),
            plan_united_type: user.plan_united_type.clone(),
            employee_unique_id: user.employee_unique_id.clone(),
            host_key: user.host_key.clone().filter(|_| include_host_key),
            custom_attributes: listed(&user.custom_attributes),
            license_info_list: listed(&user.license_info_list),
        }
    }
}

/// Returns a list unchanged. `None` if it is empty, so that its key is omitted.
pub(super) fn filled<T: Clone>(list: &[T]) -> Option<Vec<T>> {
    (!list.is_empty()).then(|| list.to_vec())
}

/// A custom attribute of a user.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(as = ZoomCustomAttribute)]
pub struct CustomAttribute {
    /// Id of the attribute.
    #[serde(default, with = "always::text")]
    #[schema(value_type = String, required = true, example = "cbf_cywdkexrtqc73f97gd4w6g")]
    pub key: Option<Text>,
    /// Name of the attribute.
    #[serde(default, with = "always::text")]
    #[schema(value_type = String, required = true, example = "Office")]
    pub name: Option<Text>,
    /// The user's value.
    #[serde(default, with = "always::text")]
    #[schema(value_type = String, required = true, example = "B2.17")]
    pub value: Option<Text>,
}

impl From<&model::UserAttribute> for CustomAttribute {
    fn from(attribute: &model::UserAttribute) -> Self {
        let model::UserAttribute { key, name, value } = attribute.clone();
        Self { key: Some(key), name: Some(name), value: Some(value) }
    }
}

impl From<CustomAttribute> for model::UserAttribute {
    fn from(read: CustomAttribute) -> Self {
        Self {
            key: read.key.unwrap_or_default(),
            name: read.name.unwrap_or_default(),
            value: read.value.unwrap_or_default(),
        }
    }
}

/// A licence that a user holds.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(as = ZoomLicenseInfo)]
pub struct LicenseInfo {
    /// Use of the licence.
    #[serde(default, with = "always::text")]
    #[schema(value_type = words::LicenseType, required = true)]
    pub license_type: Option<Text>,
    /// Edition, as numbered by Zoom.
    #[serde(default, with = "always::int")]
    #[schema(value_type = i64, required = true, example = 16)]
    pub license_option: Option<i64>,
    /// The subscription that the licence belongs to.
    #[serde(default, deserialize_with = "lenient::text", skip_serializing_if = "Option::is_none")]
    #[schema(value_type = String, example = "SUBREF-000001-000001")]
    pub subscription_id: Option<Text>,
}

impl From<&model::UserLicense> for LicenseInfo {
    fn from(license: &model::UserLicense) -> Self {
        let model::UserLicense { license_type, license_option, subscription_id } = license.clone();
        Self {
            license_type: Some(license_type),
            license_option: Some(license_option),
            subscription_id: Some(subscription_id).filter(|id| !id.is_empty()),
        }
    }
}

impl From<LicenseInfo> for model::UserLicense {
    fn from(read: LicenseInfo) -> Self {
        Self {
            license_type: read.license_type.unwrap_or_default(),
            license_option: read.license_option.unwrap_or_default(),
            subscription_id: read.subscription_id.unwrap_or_default(),
        }
    }
}

/// A telephone number of a user.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(as = ZoomPhoneNumber)]
pub struct PhoneNumber {
    /// Country prefix.
    #[serde(default, with = "always::text")]
    #[schema(value_type = String, required = true, example = "+1")]
    pub code: Option<Text>,
    /// Country, as an ISO code.
    #[serde(default, with = "always::text")]
    #[schema(value_type = String, required = true, example = "US")]
    pub country: Option<Text>,
    /// Use of the number.
    #[serde(default, with = "always::text")]
    #[schema(value_type = words::PhoneLabel, required = true)]
    pub label: Option<Text>,
    /// The number without the prefix.
    #[serde(default, with = "always::text")]
    #[schema(value_type = String, required = true, example = "800000000")]
    pub number: Option<Text>,
    /// Whether the number was verified.
    #[serde(default, with = "always::flag")]
    #[schema(value_type = bool, required = true, example = true)]
    pub verified: Option<bool>,
}

impl From<&model::PhoneNumber> for PhoneNumber {
    fn from(phone: &model::PhoneNumber) -> Self {
        let model::PhoneNumber { code, country, label, number, verified } = phone.clone();
        Self {
            code: Some(code),
            country: Some(country),
            label: Some(label),
            number: Some(number),
            verified: Some(verified),
        }
    }
}

impl From<PhoneNumber> for model::PhoneNumber {
    fn from(read: PhoneNumber) -> Self {
        Self {
            code: read.code.unwrap_or_default(),
            country: read.country.unwrap_or_default(),
            label: read.label.unwrap_or_default(),
            number: read.number.unwrap_or_default(),
            verified: read.verified.unwrap_or_default(),
        }
    }
}
