//! Reports about past and planned meetings and webinars (Zoom reference, sections 2.3, 2.4, 2.7 and 2.8 of its second
//! part).

use rollcall_model::{Instance, InstanceState, Meeting, MeetingKind, MeetingNumber, Text, Timestamp, User, UserId};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{
    CustomKey, EntryError, Paging, TrackingField, UserReport, instance_uuid, lenient, lenient::always, listed, needed,
    unlisted,
};

/// A past meeting or webinar in a report.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(as = ZoomMeetingReport)]
pub struct MeetingReport {
    /// UUID of the run.
    #[serde(default, with = "always::text")]
    #[schema(value_type = String, required = true, example = "gm8s9L+PTEC+FG3sFbd1Cw==")]
    pub uuid: Option<Text>,
    /// Number of the meeting or webinar.
    #[serde(default, deserialize_with = "lenient::int", skip_serializing_if = "Option::is_none")]
    #[schema(value_type = i64, required = true, example = 93_201_235_621_i64)]
    pub id: Option<i64>,
    /// Kind of schedule: 1 to 4 and 8 for meetings, 5, 6 and 9 for webinars.
    #[serde(default, rename = "type", deserialize_with = "lenient::int", skip_serializing_if = "Option::is_none")]
    #[schema(value_type = i64, required = true, example = 2)]
    pub schedule_type: Option<i64>,
    /// Title.
    #[serde(default, with = "always::text")]
    #[schema(value_type = String, required = true, example = "Weekly review")]
    pub topic: Option<Text>,
    /// Display name of the host.
    #[serde(default, with = "always::text")]
    #[schema(value_type = String, required = true, example = "Jill Chill")]
    pub user_name: Option<Text>,
    /// Email address of the host.
    #[serde(default, with = "always::text")]
    #[schema(value_type = String, required = true, example = "jchill@example.com")]
    pub user_email: Option<Text>,
    /// Department of the host; in the report of one meeting.
    #[serde(default, deserialize_with = "lenient::text", skip_serializing_if = "Option::is_none")]
    #[schema(value_type = String, example = "Developers")]
    pub dept: Option<Text>,
    /// When it began, in UTC.
    #[serde(default, with = "always::time")]
    #[schema(value_type = String, format = DateTime, required = true, example = "2022-03-01T10:15:14Z")]
    pub start_time: Option<Timestamp>,
    /// When it ended, in UTC.
    #[serde(default, with = "always::time")]
    #[schema(value_type = String, format = DateTime, required = true, example = "2022-03-01T10:17:35Z")]
    pub end_time: Option<Timestamp>,
    /// How long it lasted, in minutes, a begun minute counted whole.
    #[serde(default, with = "always::int")]
    #[schema(value_type = i64, required = true, example = 3)]
    pub duration: Option<i64>,
    /// Minutes of all attendances.
    #[serde(default, with = "always::int")]
    #[schema(value_type = i64, required = true, example = 5)]
    pub total_minutes: Option<i64>,
    /// Number of attendances.
    #[serde(default, with = "always::int")]
    #[schema(value_type = i64, required = true, example = 2)]
    pub participants_count: Option<i64>,
    /// What started it, such as the name of an integration.
    #[serde(default, deserialize_with = "lenient::text", skip_serializing_if = "Option::is_none")]
    #[schema(value_type = String, example = "Zoom")]
    pub source: Option<Text>,
    /// Key of a Video SDK session.
    #[serde(default, deserialize_with = "lenient::text", skip_serializing_if = "Option::is_none")]
    #[schema(value_type = String, example = "ABC36jaBI145")]
    pub session_key: Option<Text>,
    /// Keys that an integration set; absent if there are none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub custom_keys: Option<Vec<CustomKey>>,
    /// The meeting's values of tracking fields; in the report of one meeting.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tracking_fields: Option<Vec<TrackingField>>,
    /// Whether anyone shared content; in a user's list.
    #[serde(default, deserialize_with = "lenient::flag", skip_serializing_if = "Option::is_none")]
    #[schema(value_type = bool, example = false)]
    pub has_screen_share: Option<bool>,
    /// Whether it was recorded; in a user's list.
    #[serde(default, deserialize_with = "lenient::flag", skip_serializing_if = "Option::is_none")]
    #[schema(value_type = bool, example = false)]
    pub has_recording: Option<bool>,
}

/// What a report says of an instance beyond the instance itself.
#[derive(Debug, Clone, Copy)]
pub struct Counted {
    /// Number of attendances that are stored.
    pub participants: u64,
    /// Minutes of all attendances.
    pub minutes: u64,
    /// The meeting's kind of schedule.
    pub schedule_type: Option<i64>,
}

impl Counted {
    fn participants_of(self, instance: &Instance) -> i64 {
        instance.stated_participants.unwrap_or(0).max(self.participants.try_into().unwrap_or(i64::MAX))
    }

    fn type_of(self, instance: &Instance) -> i64 {
        self.schedule_type.unwrap_or(match instance.kind {
            MeetingKind::Meeting => 2,
            MeetingKind::Webinar => 5,
        })
    }
}

fn minutes_between(instance: &Instance) -> Option<i64> {
    let (end, start) = instance.end_time.zip(instance.start_time)?;
    Some((end.millis_since(start).max(0) + 59_999) / 60_000)
}

impl MeetingReport {
    /// Returns the report of one meeting or webinar.
    #[must_use]
    pub fn of_one(instance: &Instance, counted: Counted) -> Self {
        Self {
            dept: Some(instance.dept.clone().unwrap_or_default()),
            tracking_fields: Some(instance.tracking_fields.iter().map(TrackingField::from).collect()),
            ..Self::new(instance, counted)
        }
    }

    /// Returns an entry of a user's list.
    #[must_use]
    pub fn of_list(instance: &Instance, counted: Counted) -> Self {
        Self {
            source: Some(instance.source.clone().unwrap_or_default()),
            session_key: instance.session_key.clone(),
            has_screen_share: instance.has_screen_share,
            has_recording: instance.has_recording,
            ..Self::new(instance, counted)
        }
    }

    fn new(instance: &Instance, counted: Counted) -> Self {
        Self {
            uuid: Some(instance.uuid.as_str().into()),
            id: instance.number.map(|number| number.0),
            schedule_type: Some(counted.type_of(instance)),
            topic: instance.topic.clone(),
            user_name: instance.host_name.clone(),
            user_email: instance.host_email.clone(),
            start_time: instance.start_time,
            end_time: instance.end_time,
            duration: minutes_between(instance),
            total_minutes: Some(counted.minutes.try_into().unwrap_or(i64::MAX)),
            participants_count: Some(counted.participants_of(instance)),
            custom_keys: listed(&instance.custom_keys),
            ..Self::default()
        }
    }

    /// Returns the instance that the entry describes. `kind` is that of the request; a user's list has both kinds,
    /// which differ in the kind of schedule.
    ///
    /// # Errors
    /// [`EntryError`] if it has no `id` or no valid `uuid`.
    pub fn into_instance(self, kind: Option<MeetingKind>) -> Result<Instance, EntryError> {
        let kind = kind.unwrap_or(match self.schedule_type {
            Some(5 | 6 | 9) => MeetingKind::Webinar,
            _ => MeetingKind::Meeting,
        });
        let uuid = instance_uuid(self.uuid)?;
        let number = MeetingNumber(self.id.ok_or(EntryError::Missing { field: "id" })?);
        Ok(Instance {
            topic: self.topic,
            host_name: self.user_name,
            host_email: self.user_email,
            dept: self.dept,
            start_time: self.start_time,
            end_time: self.end_time,
            stated_participants: self.participants_count,
            source: self.source,
            session_key: self.session_key,
            custom_keys: unlisted(self.custom_keys),
            tracking_fields: unlisted(self.tracking_fields),
            has_screen_share: self.has_screen_share,
            has_recording: self.has_recording,
            ..Instance::new(kind, number, uuid, InstanceState::Past)
        })
    }
}

/// One page of a user's past meetings and webinars.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(as = ZoomUserMeetingReports)]
pub struct UserMeetingReports {
    /// First day of the window, as in the request.
    #[schema(required = true, example = "2022-03-01")]
    pub from: String,
    /// Last day of the window, as in the request.
    #[schema(required = true, example = "2022-03-31")]
    pub to: String,
    /// Position of the page in the list.
    #[serde(flatten)]
    pub paging: Paging,
    /// Always 1: pages are continued with `next_page_token`.
    #[schema(required = true, example = 1)]
    pub page_number: u64,
    /// The meetings and webinars, latest first.
    #[schema(required = true)]
    pub meetings: Vec<MeetingReport>,
}

/// One page of the account's past meetings and webinars.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(as = ZoomHistoryMeetings)]
pub struct HistoryMeetings {
    /// Most entries of a page.
    #[schema(required = true, example = 30)]
    pub page_size: u64,
    /// Token of the next page; blank on the last page.
    #[schema(required = true, example = "Tva2CuIdTgsv8wAnhyAdU3m06Y2HuLQtlh3")]
    pub next_page_token: String,
    /// The meetings and webinars, latest first.
    #[schema(required = true)]
    pub history_meetings: Vec<HistoryMeeting>,
}

/// One of the account's past meetings and webinars.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(as = ZoomHistoryMeeting)]
pub struct HistoryMeeting {
    /// UUID of the run.
    #[serde(default, with = "always::text")]
    #[schema(value_type = String, required = true, example = "gm8s9L+PTEC+FG3sFbd1Cw==")]
    pub meeting_uuid: Option<Text>,
    /// Number of the meeting or webinar.
    #[serde(default, deserialize_with = "lenient::int", skip_serializing_if = "Option::is_none")]
    #[schema(value_type = i64, required = true, example = 93_201_235_621_i64)]
    pub meeting_id: Option<i64>,
    /// `Meeting` or `Webinar`.
    #[serde(default, rename = "type", with = "always::text")]
    #[schema(value_type = String, required = true, example = "Meeting")]
    pub kind: Option<Text>,
    /// Display name of the host.
    #[serde(default, with = "always::text")]
    #[schema(value_type = String, required = true, example = "Jill Chill")]
    pub host_display_name: Option<Text>,
    /// Email address of the host.
    #[serde(default, with = "always::text")]
    #[schema(value_type = String, required = true, example = "jchill@example.com")]
    pub host_email: Option<Text>,
    /// When it began, in UTC.
    #[serde(default, with = "always::time")]
    #[schema(value_type = String, format = DateTime, required = true, example = "2022-03-01T10:15:14Z")]
    pub start_time: Option<Timestamp>,
    /// When it ended, in UTC.
    #[serde(default, with = "always::time")]
    #[schema(value_type = String, format = DateTime, required = true, example = "2022-03-01T10:17:35Z")]
    pub end_time: Option<Timestamp>,
    /// When it was scheduled, in UTC; absent if unknown.
    #[serde(default, deserialize_with = "lenient::time", skip_serializing_if = "Option::is_none")]
    #[schema(value_type = String, format = DateTime, example = "2022-02-01T10:15:14Z")]
    pub create_time: Option<Timestamp>,
    /// Title.
    #[serde(default, with = "always::text")]
    #[schema(value_type = String, required = true, example = "Weekly review")]
    pub topic: Option<Text>,
    /// Number of attendances.
    #[serde(default, with = "always::int")]
    #[schema(value_type = i64, required = true, example = 5)]
    pub participants: Option<i64>,
    /// How long it lasted, in minutes.
    #[serde(default, with = "always::int")]
    #[schema(value_type = i64, required = true, example = 60)]
    pub duration: Option<i64>,
    /// Minutes of all attendances.
    #[serde(default, with = "always::int")]
    #[schema(value_type = i64, required = true, example = 83)]
    pub total_participant_minutes: Option<i64>,
    /// Department of the host.
    #[serde(default, with = "always::text")]
    #[schema(value_type = String, required = true, example = "Developers")]
    pub department: Option<Text>,
    /// What started it, such as the name of an integration.
    #[serde(default, with = "always::text")]
    #[schema(value_type = String, required = true, example = "Zoom")]
    pub source: Option<Text>,
    /// Keys that an integration set; absent if there are none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub custom_fields: Option<Vec<CustomKey>>,
    /// The meeting's values of tracking fields; absent if there are none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tracking_fields: Option<Vec<TrackingField>>,
    /// What was used in it, as far as it is known.
    #[serde(default)]
    #[schema(required = true)]
    pub feature_used: FeaturesUsed,
}

/// What was used in a meeting. What is not known is absent.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(as = ZoomFeaturesUsed)]
#[serde(default)]
pub struct FeaturesUsed {
    /// Somebody shared content.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = bool)]
    pub screen_sharing: Option<bool>,
    /// Somebody sent video.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = bool)]
    pub video_on: Option<bool>,
    /// There were captions.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = bool)]
    pub closed_caption: Option<bool>,
    /// Somebody called in by telephone.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = bool)]
    pub telephone_usage: Option<bool>,
    /// There was a poll.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = bool)]
    pub poll: Option<bool>,
    /// Somebody joined from a room.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = bool)]
    pub join_by_room: Option<bool>,
    /// A summary was made by machine.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = bool)]
    pub meeting_summary: Option<bool>,
    /// It was recorded.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = bool)]
    pub record_to_cloud: Option<bool>,
}

impl HistoryMeeting {
    /// Returns an entry of the list; `created_at` is when the meeting was scheduled.
    #[must_use]
    pub fn new(instance: &Instance, counted: Counted, created_at: Option<Timestamp>) -> Self {
        let kind = match instance.kind {
            MeetingKind::Meeting => "Meeting",
            MeetingKind::Webinar => "Webinar",
        };
        let captions = [instance.has_manual_captions, instance.has_automated_captions];
        Self {
            meeting_uuid: Some(instance.uuid.as_str().into()),
            meeting_id: instance.number.map(|number| number.0),
            kind: Some(Text::const_new(kind)),
            host_display_name: instance.host_name.clone(),
            host_email: instance.host_email.clone(),
            start_time: instance.start_time,
            end_time: instance.end_time,
            create_time: created_at,
            topic: instance.topic.clone(),
            participants: Some(counted.participants_of(instance)),
            duration: minutes_between(instance),
            total_participant_minutes: Some(counted.minutes.try_into().unwrap_or(i64::MAX)),
            department: instance.dept.clone(),
            source: instance.source.clone(),
            custom_fields: listed(&instance.custom_keys),
            tracking_fields: listed(&instance.tracking_fields),
            feature_used: FeaturesUsed {
                screen_sharing: instance.has_screen_share,
                video_on: instance.has_video,
                closed_caption: captions.into_iter().flatten().reduce(|one, other| one || other),
                telephone_usage: instance.has_pstn,
                poll: instance.has_poll,
                join_by_room: instance.in_room_participants.map(|people| people > 0),
                meeting_summary: instance.has_meeting_summary,
                record_to_cloud: instance.has_recording,
            },
        }
    }

    /// Returns the instance that the entry describes.
    ///
    /// # Errors
    /// [`EntryError`] if it has no `meeting_id` or no valid `meeting_uuid`.
    pub fn into_instance(self) -> Result<Instance, EntryError> {
        let kind = match self.kind.as_deref() {
            Some("Webinar") => MeetingKind::Webinar,
            _ => MeetingKind::Meeting,
        };
        let number = MeetingNumber(self.meeting_id.ok_or(EntryError::Missing { field: "meeting_id" })?);
        let uuid = needed("meeting_uuid", self.meeting_uuid)?;
        let uuid = uuid.parse().map_err(|source| EntryError::Id { field: "meeting_uuid", source })?;
        let used = self.feature_used;
        Ok(Instance {
            topic: self.topic,
            host_name: self.host_display_name,
            host_email: self.host_email,
            dept: self.department,
            start_time: self.start_time,
            end_time: self.end_time,
            stated_participants: self.participants,
            source: self.source,
            custom_keys: unlisted(self.custom_fields),
            tracking_fields: unlisted(self.tracking_fields),
            has_screen_share: used.screen_sharing,
            has_video: used.video_on,
            has_pstn: used.telephone_usage,
            has_poll: used.poll,
            has_meeting_summary: used.meeting_summary,
            has_recording: used.record_to_cloud,
            ..Instance::new(kind, number, uuid, InstanceState::Past)
        })
    }
}

/// One page of planned meetings and webinars.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(as = ZoomUpcomingEvents)]
pub struct UpcomingEvents {
    /// First day of the window, as in the request.
    #[schema(required = true, example = "2022-03-01")]
    pub from: String,
    /// Last day of the window, as in the request.
    #[schema(required = true, example = "2022-03-31")]
    pub to: String,
    /// Most entries of a page.
    #[schema(required = true, example = 30)]
    pub page_size: u64,
    /// Token of the next page; blank on the last page.
    #[schema(required = true, example = "Tva2CuIdTgsv8wAnhyAdU3m06Y2HuLQtlh3")]
    pub next_page_token: String,
    /// The planned meetings and webinars, earliest first.
    #[schema(required = true)]
    pub upcoming_events: Vec<UpcomingEvent>,
}

/// One planned meeting or webinar.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(as = ZoomUpcomingEvent)]
pub struct UpcomingEvent {
    /// UUID of the next run; the meeting's number if none is known.
    #[schema(example = "vawMH9zAQLytjCnQiQXSUg==")]
    pub id: String,
    /// Title.
    #[serde(default, with = "always::text")]
    #[schema(value_type = String, required = true, example = "Weekly review")]
    pub topic: Option<Text>,
    /// When it is planned to begin, in UTC.
    #[serde(default, with = "always::time")]
    #[schema(value_type = String, format = DateTime, required = true, example = "2022-03-15T07:40:46Z")]
    pub start_time: Option<Timestamp>,
    /// Id of the host.
    #[serde(default, with = "always::text")]
    #[schema(value_type = String, required = true, example = "KDcuGIm1QgePTO8WbOqwIQ")]
    pub host_id: Option<Text>,
    /// Display name of the host.
    #[serde(default, with = "always::text")]
    #[schema(value_type = String, required = true, example = "Jill Chill")]
    pub host_name: Option<Text>,
    /// Department of the host.
    #[serde(default, with = "always::text")]
    #[schema(value_type = String, required = true, example = "Developers")]
    pub dept: Option<Text>,
}

impl UpcomingEvent {
    /// Returns an entry of the list.
    #[must_use]
    pub fn new(meeting: &Meeting, host: Option<&User>) -> Self {
        let host = host.map(|user| UserReport::new(user, 0, 0, 0)).unwrap_or_default();
        Self {
            id: meeting.uuid.as_ref().map_or_else(|| meeting.number.to_string(), ToString::to_string),
            topic: meeting.topic.clone(),
            start_time: meeting.start_time,
            host_id: meeting.host_id.as_ref().map(|UserId(id)| id.clone()),
            host_name: host.user_name,
            dept: host.dept,
        }
    }
}
