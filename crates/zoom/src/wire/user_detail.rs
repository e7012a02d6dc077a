use rollcall_model::{self as model, MeetingNumber, Text, Timestamp, UserStatus};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{
    CustomAttribute, EntryError, LicenseInfo, PhoneNumber, lenient, lenient::always, listed, needed, unlisted,
    user::filled, words,
};

/// One user in detail (Zoom reference 2.3).
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, ToSchema)]
#[schema(as = ZoomUserDetail)]
pub struct UserDetail {
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
    /// Id of the account.
    #[serde(default, deserialize_with = "lenient::text", skip_serializing_if = "Option::is_none")]
    #[schema(value_type = String, example = "q6gBJVO5TzexKYTb_I2rpg")]
    pub account_id: Option<Text>,
    /// Number of the account.
    #[serde(default, deserialize_with = "lenient::int", skip_serializing_if = "Option::is_none")]
    #[schema(value_type = i64, example = 10_009_239_i64)]
    pub account_number: Option<i64>,
    /// Whether instant meetings use the personal meeting number.
    #[serde(default, deserialize_with = "lenient::flag", skip_serializing_if = "Option::is_none")]
    #[schema(value_type = bool, example = false)]
    pub use_pmi: Option<bool>,
    /// Name of the role in the account.
    #[serde(default, deserialize_with = "lenient::text", skip_serializing_if = "Option::is_none")]
    #[schema(value_type = String, example = "Admin")]
    pub role_name: Option<Text>,
    /// Id of the user in a content management system (CMS); only if one is connected.
    #[serde(default, deserialize_with = "lenient::text", skip_serializing_if = "Option::is_none")]
    #[schema(value_type = String, example = "KDcuGIm1QgePTO8WbOqwIQ")]
    pub cms_user_id: Option<Text>,
    /// Company.
    #[serde(default, deserialize_with = "lenient::text", skip_serializing_if = "Option::is_none")]
    #[schema(value_type = String, example = "Example Inc.")]
    pub company: Option<Text>,
    /// Chat address (Jabber id).
    #[serde(default, deserialize_with = "lenient::text", skip_serializing_if = "Option::is_none")]
    #[schema(value_type = String, example = "jchill@example.com")]
    pub jid: Option<Text>,
    /// Title.
    #[serde(default, deserialize_with = "lenient::text", skip_serializing_if = "Option::is_none")]
    #[schema(value_type = String, example = "Developer")]
    pub job_title: Option<Text>,
    /// Cost centre.
    #[serde(default, deserialize_with = "lenient::text", skip_serializing_if = "Option::is_none")]
    #[schema(value_type = String, example = "4711")]
    pub cost_center: Option<Text>,
    /// Language of the user interface.
    #[serde(default, deserialize_with = "lenient::text", skip_serializing_if = "Option::is_none")]
    #[schema(value_type = String, example = "en-US")]
    pub language: Option<Text>,
    /// Workplace.
    #[serde(default, deserialize_with = "lenient::text", skip_serializing_if = "Option::is_none")]
    #[schema(value_type = String, example = "Paris")]
    pub location: Option<Text>,
    /// Login methods: 0 Facebook, 1 Google, 11 and 21 to 27 others, 97 mobile, 98 RingCentral, 99 API, 100
    /// Zoom, 101 single sign-on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Vec<i64>, example = json!([101]))]
    pub login_types: Option<Vec<i64>>,
    /// Email address of the manager.
    #[serde(default, deserialize_with = "lenient::text", skip_serializing_if = "Option::is_none")]
    #[schema(value_type = String, example = "thill@example.com")]
    pub manager: Option<Text>,
    /// URL of the personal meeting.
    #[serde(default, deserialize_with = "lenient::text", skip_serializing_if = "Option::is_none")]
    #[schema(value_type = String, example = "https://example.com/j/3542471135")]
    pub personal_meeting_url: Option<Text>,
    /// Country of the telephone number; the older key.
    #[serde(default, deserialize_with = "lenient::text", skip_serializing_if = "Option::is_none")]
    #[schema(value_type = String, example = "US")]
    pub phone_country: Option<Text>,
    /// Telephone number; the older key.
    #[serde(default, deserialize_with = "lenient::text", skip_serializing_if = "Option::is_none")]
    #[schema(value_type = String, example = "+1 800000000")]
    pub phone_number: Option<Text>,
    /// Telephone numbers.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Vec<PhoneNumber>)]
    pub phone_numbers: Option<Vec<PhoneNumber>>,
    /// URL of the picture.
    #[serde(default, deserialize_with = "lenient::text", skip_serializing_if = "Option::is_none")]
    #[schema(value_type = String, example = "https://example.com/p/jchill.png")]
    pub pic_url: Option<Text>,
    /// Pronouns.
    #[serde(default, deserialize_with = "lenient::text", skip_serializing_if = "Option::is_none")]
    #[schema(value_type = String, example = "she/her")]
    pub pronouns: Option<Text>,
    /// Whether pronouns are shown: 1 ask each time, 2 always, 3 never.
    #[serde(default, deserialize_with = "lenient::int", skip_serializing_if = "Option::is_none")]
    #[schema(value_type = i64, example = 1)]
    pub pronouns_option: Option<i64>,
    /// Personal address for meetings.
    #[serde(default, deserialize_with = "lenient::text", skip_serializing_if = "Option::is_none")]
    #[schema(value_type = String, example = "https://example.com/my/jchill")]
    pub vanity_url: Option<Text>,
    /// Cluster that holds the account.
    #[serde(default, deserialize_with = "lenient::text", skip_serializing_if = "Option::is_none")]
    #[schema(value_type = String, example = "us04")]
    pub cluster: Option<Text>,
    /// Kind of the bundled plan, if the user has one.
    #[serde(default, deserialize_with = "lenient::int", skip_serializing_if = "Option::is_none")]
    #[schema(value_type = i64, example = 64)]
    pub zoom_one_type: Option<i64>,
}

impl UserDetail {
    /// Returns the user in detail, with the public id of its account; the host key only if it was requested.
    #[must_use]
    pub fn new(user: &model::User, account_id: &str, include_host_key: bool) -> Self {
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
            account_id: Some(account_id.into()),
            account_number: user.account_number,
            use_pmi: user.use_pmi,
            role_name: user.role_name.clone(),
            cms_user_id: user.cms_user_id.clone(),
            company: user.company.clone(),
            jid: user.jid.clone(),
            job_title: user.job_title.clone(),
            cost_center: user.cost_center.clone(),
            language: user.language.clone(),
            location: user.location.clone(),
            login_types: filled(&user.login_types),
            manager: user.manager.clone(),
            personal_meeting_url: user.personal_meeting_url.clone(),
            phone_country: user.phone_country.clone(),
            phone_number: user.phone_number.clone(),
            phone_numbers: listed(&user.phone_numbers),
            pic_url: user.pic_url.clone(),
            pronouns: user.pronouns.clone(),
            pronouns_option: user.pronouns_option,
            vanity_url: user.vanity_url.clone(),
            cluster: user.cluster.clone(),
            zoom_one_type: user.zoom_one_type,
        }
    }
}

/// Parses a status; a user without one is active.
fn status(word: Option<&str>) -> UserStatus {
    [UserStatus::Inactive, UserStatus::Pending]
        .into_iter()
        .find(|status| Some(status.as_str()) == word)
        .unwrap_or(UserStatus::Active)
}

impl TryFrom<UserDetail> for model::User {
    type Error = EntryError;

    /// [`EntryError::Missing`] if the user has no `id`. An item of a list is read as a detail, too.
    fn try_from(read: UserDetail) -> Result<Self, EntryError> {
        Ok(Self {
            id: needed("id", read.id)?,
            email: read.email.unwrap_or_default(),
            first_name: read.first_name,
            last_name: read.last_name,
            display_name: read.display_name,
            license_type: read.license_type,
            status: status(read.status.as_deref()),
            pmi: read.pmi.map(MeetingNumber),
            timezone: read.timezone,
            verified: read.verified.map(|verified| verified != 0),
            dept: read.dept,
            created_at: read.created_at,
            user_created_at: read.user_created_at,
            last_login_time: read.last_login_time,
            last_client_version: read.last_client_version,
            group_ids: read.group_ids.unwrap_or_default(),
            im_group_ids: read.im_group_ids.unwrap_or_default(),
            division_ids: read.division_ids.unwrap_or_default(),
            role_id: read.role_id,
            plan_united_type: read.plan_united_type,
            employee_unique_id: read.employee_unique_id,
            host_key: read.host_key,
            custom_attributes: unlisted(read.custom_attributes),
            license_info_list: unlisted(read.license_info_list),
            account_number: read.account_number,
            use_pmi: read.use_pmi,
            role_name: read.role_name,
            cms_user_id: read.cms_user_id,
            company: read.company,
            jid: read.jid,
            job_title: read.job_title,
            cost_center: read.cost_center,
            language: read.language,
            location: read.location,
            login_types: read.login_types.unwrap_or_default(),
            manager: read.manager,
            personal_meeting_url: read.personal_meeting_url,
            phone_country: read.phone_country,
            phone_number: read.phone_number,
            phone_numbers: unlisted(read.phone_numbers),
            pic_url: read.pic_url,
            pronouns: read.pronouns,
            pronouns_option: read.pronouns_option,
            vanity_url: read.vanity_url,
            cluster: read.cluster,
            zoom_one_type: read.zoom_one_type,
            has_webinar_license: None,
            extras: None,
        })
    }
}
