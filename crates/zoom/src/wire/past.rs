use rollcall_model::{Instance, InstanceState, MeetingKind, MeetingNumber, Text, Timestamp, UserId};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{EntryError, instance_uuid, lenient, lenient::always};

/// A meeting's past runs (Zoom reference 2.3). Not paged.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(as = ZoomPastMeetingInstances)]
pub struct PastMeetingInstances {
    /// The runs, latest first.
    #[serde(default)]
    #[schema(required = true)]
    pub meetings: Vec<PastInstance>,
}

/// A webinar's past runs (Zoom reference 2.3). Not paged.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(as = ZoomPastWebinarInstances)]
pub struct PastWebinarInstances {
    /// The runs, latest first.
    #[serde(default)]
    #[schema(required = true)]
    pub webinars: Vec<PastInstance>,
}

/// One past run.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(as = ZoomPastInstance)]
pub struct PastInstance {
    /// UUID of the run.
    #[serde(default, with = "always::text")]
    #[schema(value_type = String, required = true, example = "gm8s9L+PTEC+FG3sFbd1Cw==")]
    pub uuid: Option<Text>,
    /// When it began, in UTC.
    #[serde(default, with = "always::time")]
    #[schema(value_type = String, format = DateTime, required = true, example = "2022-03-01T10:15:14Z")]
    pub start_time: Option<Timestamp>,
}

impl From<&Instance> for PastInstance {
    fn from(instance: &Instance) -> Self {
        Self { uuid: Some(instance.uuid.as_str().into()), start_time: instance.start_time }
    }
}

/// One past run in detail (Zoom reference 2.3).
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(as = ZoomPastMeeting)]
pub struct PastMeeting {
    /// UUID of the run.
    #[serde(default, with = "always::text")]
    #[schema(value_type = String, required = true, example = "gm8s9L+PTEC+FG3sFbd1Cw==")]
    pub uuid: Option<Text>,
    /// Number of the meeting.
    #[serde(default, deserialize_with = "lenient::int", skip_serializing_if = "Option::is_none")]
    #[schema(value_type = i64, required = true, example = 93_201_235_621_i64)]
    pub id: Option<i64>,
    /// Id of the host.
    #[serde(default, with = "always::text")]
    #[schema(value_type = String, required = true, example = "KDcuGIm1QgePTO8WbOqwIQ")]
    pub host_id: Option<Text>,
    /// Kind of schedule, see the meeting's details; absent if unknown.
    #[serde(default, rename = "type", deserialize_with = "lenient::int", skip_serializing_if = "Option::is_none")]
    #[schema(value_type = i64, example = 2)]
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
    /// Total minutes of the attendances; absent if they were not added up.
    #[serde(default, deserialize_with = "lenient::int", skip_serializing_if = "Option::is_none")]
    #[schema(value_type = i64, example = 5)]
    pub total_minutes: Option<i64>,
    /// How many attendances there were.
    #[serde(default, with = "always::int")]
    #[schema(value_type = i64, required = true, example = 2)]
    pub participants_count: Option<i64>,
    /// Department of the host.
    #[serde(default, with = "always::text")]
    #[schema(value_type = String, required = true, example = "Developers")]
    pub dept: Option<Text>,
    /// What started it, such as the name of an integration.
    #[serde(default, with = "always::text")]
    #[schema(value_type = String, required = true, example = "Zoom")]
    pub source: Option<Text>,
    /// Whether an AI summary was created.
    #[serde(default, deserialize_with = "lenient::flag", skip_serializing_if = "Option::is_none")]
    #[schema(value_type = bool, example = false)]
    pub has_meeting_summary: Option<bool>,
}

impl PastMeeting {
    /// The run in detail.
    ///
    /// `counted` is how many of its attendances are stored, `total_minutes` their minutes added up where someone did,
    /// and `schedule_type` the meeting's.
    #[must_use]
    pub fn new(instance: &Instance, counted: u64, schedule_type: Option<i64>, total_minutes: Option<i64>) -> Self {
        let lasted = instance.end_time.zip(instance.start_time).map(|(end, start)| end.millis_since(start).max(0));
        Self {
            uuid: Some(instance.uuid.as_str().into()),
            id: instance.number.map(|number| number.0),
            host_id: instance.host_id.as_ref().map(|id| id.0.clone()),
            schedule_type,
            topic: instance.topic.clone(),
            user_name: instance.host_name.clone(),
            user_email: instance.host_email.clone(),
            start_time: instance.start_time,
            end_time: instance.end_time,
            duration: lasted.map(|millis| (millis + 59_999) / 60_000),
            total_minutes,
            participants_count: Some(
                instance.stated_participants.unwrap_or(0).max(counted.try_into().unwrap_or(i64::MAX)),
            ),
            dept: instance.dept.clone(),
            source: instance.source.clone(),
            has_meeting_summary: instance.has_meeting_summary,
        }
    }

    /// The instance that the answer speaks of. A webinar's schedule types tell that it is one: the path does not.
    ///
    /// # Errors
    /// [`EntryError`] if it has no `id` or no valid `uuid`.
    pub fn into_instance(self) -> Result<Instance, EntryError> {
        let kind = match self.schedule_type {
            Some(5 | 6 | 9) => MeetingKind::Webinar,
            _ => MeetingKind::Meeting,
        };
        let uuid = instance_uuid(self.uuid)?;
        let number = MeetingNumber(self.id.ok_or(EntryError::Missing { field: "id" })?);
        Ok(Instance {
            topic: self.topic,
            host_id: self.host_id.filter(|id| !id.is_empty()).map(UserId),
            host_name: self.user_name,
            host_email: self.user_email,
            dept: self.dept,
            start_time: self.start_time,
            end_time: self.end_time,
            stated_participants: self.participants_count,
            has_meeting_summary: self.has_meeting_summary,
            source: self.source,
            ..Instance::new(kind, number, uuid, InstanceState::Past)
        })
    }
}
