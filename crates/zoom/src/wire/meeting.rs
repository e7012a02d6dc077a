use rollcall_model::{self as model, MeetingKind, MeetingNumber, Text, Timestamp, UserId};
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use utoipa::ToSchema;

use super::{EntryError, Paging, TrackingField, lenient, lenient::always, listed, unlisted, words};

/// One page of a user's meetings (Zoom reference 2.3).
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, ToSchema)]
#[schema(as = ZoomUserMeetings)]
pub struct UserMeetings {
    /// Position of the page in the list.
    #[serde(flatten)]
    pub paging: Paging,
    /// Number of this page: that of `page_number`, otherwise 1, also after a `next_page_token`.
    #[serde(default = "super::first_page")]
    #[schema(value_type = u64, required = true, example = 1)]
    pub page_number: u64,
    /// The meetings.
    #[serde(default)]
    #[schema(required = true)]
    pub meetings: Vec<MeetingItem>,
}

/// One page of a user's webinars (Zoom reference 2.3).
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, ToSchema)]
#[schema(as = ZoomUserWebinars)]
pub struct UserWebinars {
    /// Position of the page in the list.
    #[serde(flatten)]
    pub paging: Paging,
    /// Number of this page: that of `page_number`, otherwise 1, also after a `next_page_token`.
    #[serde(default = "super::first_page")]
    #[schema(value_type = u64, required = true, example = 1)]
    pub page_number: u64,
    /// The webinars.
    #[serde(default)]
    #[schema(required = true)]
    pub webinars: Vec<MeetingItem>,
}

/// Defines the two forms of a scheduled meeting: the keys that both have, and those of one alone.
macro_rules! scheduled {
    ($(#[$meta:meta])* pub struct $name:ident { $($own:tt)* }) => {
        $(#[$meta])*
        pub struct $name {
            /// UUID of the latest run, or of the next if there was none; absent if neither is known.
            #[serde(default, deserialize_with = "lenient::text", skip_serializing_if = "Option::is_none")]
            #[schema(value_type = String, example = "gm8s9L+PTEC+FG3sFbd1Cw==")]
            pub uuid: Option<Text>,
            /// Number of the meeting or webinar.
            #[serde(default, with = "always::int")]
            #[schema(value_type = i64, required = true, example = 93_201_235_621_i64)]
            pub id: Option<i64>,
            /// Id of the user who hosts it.
            #[serde(default, with = "always::text")]
            #[schema(value_type = String, required = true, example = "KDcuGIm1QgePTO8WbOqwIQ")]
            pub host_id: Option<Text>,
            /// Title.
            #[serde(default, with = "always::text")]
            #[schema(value_type = String, required = true, example = "Weekly review")]
            pub topic: Option<Text>,
            /// Kind of schedule. Meetings: 1 instant, 2 scheduled, 3 recurring without fixed time, 8 recurring.
            /// Webinars: 5 single, 6 recurring without fixed time, 9 recurring. Absent if unknown.
            #[serde(default, rename = "type", deserialize_with = "lenient::int", skip_serializing_if = "Option::is_none")]
            #[schema(value_type = i64, example = 2)]
            pub schedule_type: Option<i64>,
            /// Scheduled start, in UTC; absent if there is no fixed time.
            #[serde(default, deserialize_with = "lenient::time", skip_serializing_if = "Option::is_none")]
            #[schema(value_type = String, format = DateTime, example = "2022-03-25T07:29:29Z")]
            pub start_time: Option<Timestamp>,
            /// Scheduled duration, in minutes.
            #[serde(default, deserialize_with = "lenient::int", skip_serializing_if = "Option::is_none")]
            #[schema(value_type = i64, example = 60)]
            pub duration: Option<i64>,
            /// Time zone of the schedule, as an IANA name.
            #[serde(default, deserialize_with = "lenient::text", skip_serializing_if = "Option::is_none")]
            #[schema(value_type = String, example = "Europe/Paris")]
            pub timezone: Option<Text>,
            /// Description.
            #[serde(default, deserialize_with = "lenient::text", skip_serializing_if = "Option::is_none")]
            #[schema(value_type = String, example = "What was done, what is next.")]
            pub agenda: Option<Text>,
            /// When it was scheduled, in UTC.
            #[serde(default, deserialize_with = "lenient::time", skip_serializing_if = "Option::is_none")]
            #[schema(value_type = String, format = DateTime, example = "2022-03-22T05:40:43Z")]
            pub created_at: Option<Timestamp>,
            /// URL to join.
            #[serde(default, deserialize_with = "lenient::text", skip_serializing_if = "Option::is_none")]
            #[schema(value_type = String, example = "https://example.com/j/93201235621")]
            pub join_url: Option<Text>,
            $($own)*
        }

        impl $name {
            /// The keys that both forms have.
            fn shared(meeting: &model::Meeting) -> Self {
                Self {
                    uuid: meeting.uuid.clone(),
                    id: Some(meeting.number.0),
                    host_id: meeting.host_id.as_ref().map(|id| id.0.clone()),
                    topic: meeting.topic.clone(),
                    schedule_type: meeting.schedule_type,
                    start_time: meeting.start_time,
                    duration: meeting.duration_minutes,
                    timezone: meeting.timezone.clone(),
                    agenda: meeting.agenda.clone(),
                    created_at: meeting.created_at,
                    join_url: meeting.join_url.clone(),
                    ..Self::default()
                }
            }
        }
    };
}

scheduled! {
    /// One scheduled meeting or webinar in a user's list.
    #[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, ToSchema)]
    #[schema(as = ZoomMeetingItem)]
    pub struct MeetingItem {
        /// Whether a webinar plays a recording as if it were live.
        #[serde(default, deserialize_with = "lenient::flag", skip_serializing_if = "Option::is_none")]
        #[schema(value_type = bool, example = false)]
        pub is_simulive: Option<bool>,
    }
}

scheduled! {
    /// One scheduled meeting or webinar in detail.
    #[derive(Debug, Clone, Default, Serialize, Deserialize, ToSchema)]
    #[schema(as = ZoomMeeting)]
    pub struct Meeting {
        /// Whether a webinar plays a recording as if it were live.
        #[serde(default, deserialize_with = "lenient::flag", skip_serializing_if = "Option::is_none")]
        #[schema(value_type = bool, example = false)]
        pub is_simulive: Option<bool>,
        /// Email address of the host.
        #[serde(default, deserialize_with = "lenient::text", skip_serializing_if = "Option::is_none")]
        #[schema(value_type = String, example = "jchill@example.com")]
        pub host_email: Option<Text>,
        /// Whether it is in progress.
        #[serde(default, deserialize_with = "lenient::text", skip_serializing_if = "Option::is_none")]
        #[schema(value_type = words::MeetingStatus)]
        pub status: Option<Text>,
        /// URL to register; only if registration is required.
        #[serde(default, deserialize_with = "lenient::text", skip_serializing_if = "Option::is_none")]
        #[schema(value_type = String, example = "https://example.com/webinar/register/WN_abc")]
        pub registration_url: Option<Text>,
        /// Tracking fields of the account, with their values.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[schema(value_type = Vec<TrackingField>)]
        pub tracking_fields: Option<Vec<TrackingField>>,
        /// Occurrences of a recurring meeting, as reported by the source.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[schema(value_type = Vec<Object>)]
        pub occurrences: Option<Box<RawValue>>,
        /// Settings, as reported by the source.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[schema(value_type = Object)]
        pub settings: Option<Box<RawValue>>,
    }
}

impl From<&model::Meeting> for MeetingItem {
    fn from(meeting: &model::Meeting) -> Self {
        Self { is_simulive: meeting.is_simulive, ..Self::shared(meeting) }
    }
}

/// Parses stored JSON. `None` if it is not valid.
fn kept(json: Option<&String>) -> Option<Box<RawValue>> {
    json.and_then(|json| RawValue::from_string(json.clone()).ok())
}

impl From<&model::Meeting> for Meeting {
    fn from(meeting: &model::Meeting) -> Self {
        Self {
            is_simulive: meeting.is_simulive,
            host_email: meeting.host_email.clone(),
            status: meeting.status.clone(),
            registration_url: meeting.registration_url.clone(),
            tracking_fields: listed(&meeting.tracking_fields),
            occurrences: kept(meeting.occurrences_json.as_ref()),
            settings: kept(meeting.settings_json.as_ref()),
            ..Self::shared(meeting)
        }
    }
}

impl Meeting {
    /// Returns the meeting that the response describes. An item of a list is read as a detail, too.
    ///
    /// # Errors
    /// [`EntryError::Missing`] if it has no `id`.
    pub fn into_model(self, kind: MeetingKind) -> Result<model::Meeting, EntryError> {
        let number = MeetingNumber(self.id.ok_or(EntryError::Missing { field: "id" })?);
        let json = |raw: Option<Box<RawValue>>| raw.map(|raw| raw.get().to_owned()).filter(|json| json != "null");
        Ok(model::Meeting {
            uuid: self.uuid.filter(|uuid| !uuid.is_empty()),
            host_id: self.host_id.filter(|id| !id.is_empty()).map(UserId),
            host_email: self.host_email,
            topic: self.topic,
            schedule_type: self.schedule_type,
            status: self.status,
            start_time: self.start_time,
            duration_minutes: self.duration,
            timezone: self.timezone,
            agenda: self.agenda,
            created_at: self.created_at,
            join_url: self.join_url,
            registration_url: self.registration_url,
            is_simulive: self.is_simulive,
            tracking_fields: unlisted(self.tracking_fields),
            settings_json: json(self.settings),
            occurrences_json: json(self.occurrences),
            ..model::Meeting::new(kind, number)
        })
    }
}
