use rollcall_model::{Instance, InstanceState, MeetingKind, MeetingNumber, Text, Timestamp};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{
    CustomKey, EntryError, Paging, TrackingField, instance_uuid, lenient, lenient::always, listed, unlisted, words,
};
use crate::spell;

/// Optional parts of a list of meetings.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct ListOptions {
    /// Whether `include_fields=tracking_fields` was requested.
    pub tracking_fields: bool,
}

/// One page of meetings (Zoom reference 1.3).
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, ToSchema)]
#[schema(as = ZoomMetricsMeetings)]
pub struct MetricsMeetings {
    /// First day or time of the window, as in the request.
    #[serde(default)]
    #[schema(required = true, example = "2022-03-01")]
    pub from: String,
    /// Last day or time of the window, as in the request.
    #[serde(default)]
    #[schema(required = true, example = "2022-03-31")]
    pub to: String,
    /// Position of the page in the list.
    #[serde(flatten)]
    pub paging: Paging,
    /// The meetings, latest first.
    #[serde(default)]
    #[schema(required = true)]
    pub meetings: Vec<MetricsMeeting>,
}

/// One page of webinars (Zoom reference 1.4).
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, ToSchema)]
#[schema(as = ZoomMetricsWebinars)]
pub struct MetricsWebinars {
    /// First day or time of the window, as in the request.
    #[serde(default)]
    #[schema(required = true, example = "2022-03-01")]
    pub from: String,
    /// Last day or time of the window, as in the request.
    #[serde(default)]
    #[schema(required = true, example = "2022-03-31")]
    pub to: String,
    /// Position of the page in the list.
    #[serde(flatten)]
    pub paging: Paging,
    /// The webinars, latest first.
    #[serde(default)]
    #[schema(required = true)]
    pub webinars: Vec<MetricsWebinar>,
}

/// Defines the responses about one instance: the keys that all have, and those of one alone.
macro_rules! instance_answer {
    ($(#[$meta:meta])* $visibility:vis struct $name:ident { $($own:tt)* }) => {
        $(#[$meta])*
        $visibility struct $name {
            /// UUID of this run; each run of a meeting has its own.
            #[serde(default, with = "always::text")]
            #[schema(value_type = String, required = true, example = "gm8s9L+PTEC+FG3sFbd1Cw==")]
            pub uuid: Option<Text>,
            /// Number of the meeting or webinar, the same for all its runs.
            #[serde(default, deserialize_with = "lenient::int", skip_serializing_if = "Option::is_none")]
            #[schema(value_type = i64, required = true, example = 93_201_235_621_i64)]
            pub id: Option<i64>,
            /// Title.
            #[serde(default, with = "always::text")]
            #[schema(value_type = String, required = true, example = "Weekly review")]
            pub topic: Option<Text>,
            /// Display name of the host.
            #[serde(default, with = "always::text")]
            #[schema(value_type = String, required = true, example = "Jill Chill")]
            pub host: Option<Text>,
            /// Email address of the host.
            #[serde(default, with = "always::text")]
            #[schema(value_type = String, required = true, example = "jchill@example.com")]
            pub email: Option<Text>,
            /// Department of the host.
            #[serde(default, with = "always::text")]
            #[schema(value_type = String, required = true, example = "Developers")]
            pub dept: Option<Text>,
            /// Licences of the host; several are joined with `|`.
            #[serde(default, with = "always::text")]
            #[schema(value_type = String, required = true, example = "Licensed")]
            pub user_type: Option<Text>,
            /// When it began, in UTC.
            #[serde(default, with = "always::time")]
            #[schema(value_type = String, format = DateTime, required = true, example = "2022-03-01T10:15:14Z")]
            pub start_time: Option<Timestamp>,
            /// When it ended, in UTC; absent while live, because clients fail to parse a blank time.
            #[serde(default, deserialize_with = "lenient::time", skip_serializing_if = "Option::is_none")]
            #[schema(value_type = String, format = DateTime, example = "2022-03-01T10:17:35Z")]
            pub end_time: Option<Timestamp>,
            /// Duration, as `mm:ss`, or as `hh:mm:ss` from an hour on; blank while live.
            #[serde(default, with = "always::text")]
            #[schema(value_type = String, required = true, example = "02:21")]
            pub duration: Option<Text>,
            /// Number of attendances; a participant who rejoins counts again.
            #[serde(default, with = "always::int")]
            #[schema(value_type = i64, required = true, example = 2)]
            pub participants: Option<i64>,
            /// Whether anyone joined by telephone.
            #[serde(default, with = "always::flag")]
            #[schema(value_type = bool, required = true, example = false)]
            pub has_pstn: Option<bool>,
            /// Whether anyone used computer audio.
            #[serde(default, with = "always::flag")]
            #[schema(value_type = bool, required = true, example = true)]
            pub has_voip: Option<bool>,
            /// Whether anyone used a third-party audio provider.
            #[serde(default, with = "always::flag")]
            #[schema(value_type = bool, required = true, example = false)]
            pub has_3rd_party_audio: Option<bool>,
            /// Whether video was used.
            #[serde(default, with = "always::flag")]
            #[schema(value_type = bool, required = true, example = true)]
            pub has_video: Option<bool>,
            /// Whether a screen was shared.
            #[serde(default, with = "always::flag")]
            #[schema(value_type = bool, required = true, example = true)]
            pub has_screen_share: Option<bool>,
            /// Whether it was recorded.
            #[serde(default, with = "always::flag", alias = "recording")]
            #[schema(value_type = bool, required = true, example = false)]
            pub has_recording: Option<bool>,
            /// Whether anyone joined by SIP.
            #[serde(default, with = "always::flag")]
            #[schema(value_type = bool, required = true, example = false)]
            pub has_sip: Option<bool>,
            /// Whether it was archived.
            #[serde(default, deserialize_with = "lenient::flag", skip_serializing_if = "Option::is_none")]
            #[schema(value_type = bool, example = false)]
            pub has_archiving: Option<bool>,
            /// Whether manual captions were used.
            #[serde(default, deserialize_with = "lenient::flag", skip_serializing_if = "Option::is_none")]
            #[schema(value_type = bool, example = false)]
            pub has_manual_captions: Option<bool>,
            /// Whether automated captions were used.
            #[serde(default, deserialize_with = "lenient::flag", skip_serializing_if = "Option::is_none")]
            #[schema(value_type = bool, example = true)]
            pub has_automated_captions: Option<bool>,
            /// Whether there was a poll.
            #[serde(default, deserialize_with = "lenient::flag", skip_serializing_if = "Option::is_none")]
            #[schema(value_type = bool, example = false)]
            pub has_poll: Option<bool>,
            /// Whether there was a survey.
            #[serde(default, deserialize_with = "lenient::flag", skip_serializing_if = "Option::is_none")]
            #[schema(value_type = bool, example = false)]
            pub has_survey: Option<bool>,
            /// Whether participants from outside the account took part.
            #[serde(default, deserialize_with = "lenient::flag", skip_serializing_if = "Option::is_none")]
            #[schema(value_type = bool, example = true)]
            pub has_external_participant: Option<bool>,
            /// Custom keys set by an integration.
            #[serde(default, skip_serializing_if = "Option::is_none")]
            #[schema(value_type = Vec<CustomKey>)]
            pub custom_keys: Option<Vec<CustomKey>>,
            $($own)*
        }

        impl $name {
            /// The keys that all responses have.
            #[allow(dead_code, reason = "the form that only reads is never made from an instance")]
            fn shared(instance: &Instance, counted: u64) -> Self {
                Self {
                    uuid: Some(instance.uuid.as_str().into()),
                    id: instance.number.map(|number| number.0),
                    topic: instance.topic.clone(),
                    host: instance.host_name.clone(),
                    email: instance.host_email.clone(),
                    dept: instance.dept.clone(),
                    user_type: instance.user_type.clone(),
                    start_time: instance.start_time,
                    end_time: end_time(instance),
                    duration: duration(instance),
                    participants: Some(participants(instance, counted)),
                    has_pstn: instance.has_pstn,
                    has_voip: instance.has_voip,
                    has_3rd_party_audio: instance.has_third_party_audio,
                    has_video: instance.has_video,
                    has_screen_share: instance.has_screen_share,
                    has_recording: instance.has_recording,
                    has_sip: instance.has_sip,
                    has_archiving: instance.has_archiving,
                    has_manual_captions: instance.has_manual_captions,
                    has_automated_captions: instance.has_automated_captions,
                    has_poll: instance.has_poll,
                    has_survey: instance.has_survey,
                    has_external_participant: instance.has_external_participant,
                    custom_keys: listed(&instance.custom_keys),
                    ..Self::default()
                }
            }
        }
    };
}

instance_answer! {
    /// One meeting in a list (Zoom reference 1.3).
    #[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, ToSchema)]
    #[schema(as = ZoomMetricsMeeting)]
    pub struct MetricsMeeting {
        /// Whether questions and answers were used.
        #[serde(default, deserialize_with = "lenient::flag", skip_serializing_if = "Option::is_none")]
        #[schema(value_type = bool, example = false)]
        pub has_qa: Option<bool>,
        /// Tracking fields, with `include_fields=tracking_fields`.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[schema(value_type = Vec<TrackingField>)]
        pub tracking_fields: Option<Vec<TrackingField>>,
        /// Quality of the audio.
        #[serde(default, deserialize_with = "lenient::text", skip_serializing_if = "Option::is_none")]
        #[schema(value_type = words::Quality)]
        pub audio_quality: Option<Text>,
        /// Quality of the video.
        #[serde(default, deserialize_with = "lenient::text", skip_serializing_if = "Option::is_none")]
        #[schema(value_type = words::Quality)]
        pub video_quality: Option<Text>,
        /// Quality of the shared content.
        #[serde(default, deserialize_with = "lenient::text", skip_serializing_if = "Option::is_none")]
        #[schema(value_type = words::Quality)]
        pub screen_share_quality: Option<Text>,
        /// Key of a Video SDK session.
        #[serde(default, deserialize_with = "lenient::text", skip_serializing_if = "Option::is_none")]
        #[schema(value_type = String, example = "ABC36jaBI145")]
        pub session_key: Option<Text>,
        /// Mean time to join, in seconds.
        #[serde(default, with = "lenient::seconds", skip_serializing_if = "Option::is_none")]
        #[schema(value_type = f64, example = 4.55)]
        pub avg_jointime_cost: Option<i64>,
    }
}

instance_answer! {
    /// One meeting in detail (Zoom reference 1.3).
    #[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, ToSchema)]
    #[schema(as = ZoomMetricsMeetingDetail)]
    pub struct MetricsMeetingDetail {
        /// Whether questions and answers were used.
        #[serde(default, deserialize_with = "lenient::flag", skip_serializing_if = "Option::is_none")]
        #[schema(value_type = bool, example = false)]
        pub has_qa: Option<bool>,
        /// People counted in rooms.
        #[serde(default, with = "always::int")]
        #[schema(value_type = i64, required = true, example = 2)]
        pub in_room_participants: Option<i64>,
        /// Whether an AI summary was created.
        #[serde(default, deserialize_with = "lenient::flag", skip_serializing_if = "Option::is_none")]
        #[schema(value_type = bool, example = false)]
        pub has_meeting_summary: Option<bool>,
        /// Mean time to join, in seconds.
        #[serde(default, with = "lenient::seconds", skip_serializing_if = "Option::is_none")]
        #[schema(value_type = f64, example = 3.98)]
        pub avg_jointime_cost: Option<i64>,
    }
}

instance_answer! {
    /// One webinar, in a list or in detail (Zoom reference 1.4).
    #[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, ToSchema)]
    #[schema(as = ZoomMetricsWebinar)]
    pub struct MetricsWebinar {
        /// Quality of the audio.
        #[serde(default, deserialize_with = "lenient::text", skip_serializing_if = "Option::is_none")]
        #[schema(value_type = words::Quality)]
        pub audio_quality: Option<Text>,
        /// Quality of the video.
        #[serde(default, deserialize_with = "lenient::text", skip_serializing_if = "Option::is_none")]
        #[schema(value_type = words::Quality)]
        pub video_quality: Option<Text>,
        /// Quality of the shared content.
        #[serde(default, deserialize_with = "lenient::text", skip_serializing_if = "Option::is_none")]
        #[schema(value_type = words::Quality)]
        pub screen_share_quality: Option<Text>,
    }
}

instance_answer! {
    /// Keys that any of the responses may have: sources of different years put them in different places.
    #[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, ToSchema)]
    pub(crate) struct MetricsAny {
        /// As in [`MetricsMeeting`].
        #[serde(default, deserialize_with = "lenient::flag")]
        #[schema(value_type = bool)]
        pub(crate) has_qa: Option<bool>,
        /// As in [`MetricsMeeting`].
        #[serde(default)]
        #[schema(value_type = Vec<TrackingField>)]
        pub(crate) tracking_fields: Option<Vec<TrackingField>>,
        /// As in [`MetricsMeeting`].
        #[serde(default, deserialize_with = "lenient::text")]
        #[schema(value_type = String)]
        pub(crate) audio_quality: Option<Text>,
        /// As in [`MetricsMeeting`].
        #[serde(default, deserialize_with = "lenient::text")]
        #[schema(value_type = String)]
        pub(crate) video_quality: Option<Text>,
        /// As in [`MetricsMeeting`].
        #[serde(default, deserialize_with = "lenient::text")]
        #[schema(value_type = String)]
        pub(crate) screen_share_quality: Option<Text>,
        /// As in [`MetricsMeeting`].
        #[serde(default, deserialize_with = "lenient::text")]
        #[schema(value_type = String)]
        pub(crate) session_key: Option<Text>,
        /// As in [`MetricsMeeting`].
        #[serde(default, with = "lenient::seconds")]
        #[schema(value_type = f64)]
        pub(crate) avg_jointime_cost: Option<i64>,
        /// As in [`MetricsMeetingDetail`].
        #[serde(default, deserialize_with = "lenient::int")]
        #[schema(value_type = i64)]
        pub(crate) in_room_participants: Option<i64>,
        /// As in [`MetricsMeetingDetail`].
        #[serde(default, deserialize_with = "lenient::flag")]
        #[schema(value_type = bool)]
        pub(crate) has_meeting_summary: Option<bool>,
    }
}

/// How many attendances to show: what is stored or what a source stated, whichever is more. A source's list is known
/// before the participants themselves are.
fn participants(instance: &Instance, counted: u64) -> i64 {
    instance.stated_participants.unwrap_or(0).max(counted.try_into().unwrap_or(i64::MAX))
}

/// When the instance ended. `None` while it is live, even if an end was reported before.
fn end_time(instance: &Instance) -> Option<Timestamp> {
    instance.end_time.filter(|_| instance.state == InstanceState::Past)
}

/// The duration from start to end, in Zoom's format.
fn duration(instance: &Instance) -> Option<Text> {
    let millis = end_time(instance)?.millis_since(instance.start_time?);
    let mut out = Vec::new();
    spell::print_duration(&mut out, u64::try_from(millis).unwrap_or(0) / 1000);
    std::str::from_utf8(&out).ok().map(Text::from)
}

impl MetricsMeeting {
    /// Returns the meeting as in a list. `counted` is the number of stored attendances.
    #[must_use]
    pub fn new(instance: &Instance, counted: u64, options: ListOptions) -> Self {
        Self {
            has_qa: instance.has_qa,
            tracking_fields: listed(&instance.tracking_fields).filter(|_| options.tracking_fields),
            audio_quality: instance.audio_quality.clone(),
            video_quality: instance.video_quality.clone(),
            screen_share_quality: instance.screen_share_quality.clone(),
            session_key: instance.session_key.clone(),
            avg_jointime_cost: instance.avg_join_time_ms,
            ..Self::shared(instance, counted)
        }
    }
}

impl MetricsMeetingDetail {
    /// Returns the meeting in detail. `counted` is the number of stored attendances.
    #[must_use]
    pub fn new(instance: &Instance, counted: u64) -> Self {
        Self {
            has_qa: instance.has_qa,
            in_room_participants: instance.in_room_participants,
            has_meeting_summary: instance.has_meeting_summary,
            avg_jointime_cost: instance.avg_join_time_ms,
            ..Self::shared(instance, counted)
        }
    }
}

impl MetricsWebinar {
    /// Returns the webinar, in a list or in detail. `counted` is the number of stored attendances.
    #[must_use]
    pub fn new(instance: &Instance, counted: u64) -> Self {
        Self {
            audio_quality: instance.audio_quality.clone(),
            video_quality: instance.video_quality.clone(),
            screen_share_quality: instance.screen_share_quality.clone(),
            ..Self::shared(instance, counted)
        }
    }
}

impl MetricsAny {
    /// Returns the instance that the response describes. The duration is ignored, because it follows from start and end.
    pub(crate) fn into_instance(self, kind: MeetingKind, state: InstanceState) -> Result<Instance, EntryError> {
        let uuid = instance_uuid(self.uuid)?;
        let number = MeetingNumber(self.id.ok_or(EntryError::Missing { field: "id" })?);
        Ok(Instance {
            topic: self.topic,
            host_name: self.host,
            host_email: self.email,
            dept: self.dept,
            user_type: self.user_type,
            start_time: self.start_time,
            end_time: self.end_time,
            stated_participants: self.participants,
            in_room_participants: self.in_room_participants,
            has_pstn: self.has_pstn,
            has_voip: self.has_voip,
            has_third_party_audio: self.has_3rd_party_audio,
            has_video: self.has_video,
            has_screen_share: self.has_screen_share,
            has_recording: self.has_recording,
            has_sip: self.has_sip,
            has_archiving: self.has_archiving,
            has_manual_captions: self.has_manual_captions,
            has_automated_captions: self.has_automated_captions,
            has_poll: self.has_poll,
            has_qa: self.has_qa,
            has_survey: self.has_survey,
            has_external_participant: self.has_external_participant,
            has_meeting_summary: self.has_meeting_summary,
            audio_quality: self.audio_quality,
            video_quality: self.video_quality,
            screen_share_quality: self.screen_share_quality,
            custom_keys: unlisted(self.custom_keys),
            tracking_fields: unlisted(self.tracking_fields),
            session_key: self.session_key,
            avg_join_time_ms: self.avg_jointime_cost,
            ..Instance::new(kind, number, uuid, state)
        })
    }
}
