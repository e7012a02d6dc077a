use rollcall_model::{self as model, Text, Timestamp};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{EntryError, Paging, lenient, lenient::always, needed};

/// One page of a past instance's participants, in a report or a list.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, ToSchema)]
#[schema(as = ZoomReportParticipantsPage)]
pub struct ReportParticipantsPage {
    /// Position of the page in the list.
    #[serde(flatten)]
    pub paging: Paging,
    /// The attendances, in the order in which they were first seen. Time in the waiting room is an attendance of its own.
    #[serde(default)]
    #[schema(required = true)]
    pub participants: Vec<ReportParticipant>,
}

/// One attendance of a past instance.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(as = ZoomReportParticipant)]
pub struct ReportParticipant {
    /// Id of the user; blank for guests.
    #[serde(default, with = "always::text")]
    #[schema(value_type = String, required = true, example = "z8yCxjabcdEFGHfp8uQ")]
    pub id: Option<Text>,
    /// The same for users of the account.
    #[serde(default, deserialize_with = "lenient::text", skip_serializing_if = "Option::is_none")]
    #[schema(value_type = String, example = "z8yCxjabcdEFGHfp8uQ")]
    pub participant_user_id: Option<Text>,
    /// Id of the attendance within the instance.
    #[serde(default, with = "always::text")]
    #[schema(value_type = String, required = true, example = "27423744")]
    pub user_id: Option<Text>,
    /// Display name.
    #[serde(default, with = "always::text")]
    #[schema(value_type = String, required = true, example = "Jill Chill")]
    pub name: Option<Text>,
    /// Email address; blank if unknown.
    #[serde(default, with = "always::text")]
    #[schema(value_type = String, required = true, example = "jchill@example.com")]
    pub user_email: Option<Text>,
    /// When the attendance began, in UTC.
    #[serde(default, with = "always::time")]
    #[schema(value_type = String, format = DateTime, required = true, example = "2022-03-23T06:58:09Z")]
    pub join_time: Option<Timestamp>,
    /// When it ended, in UTC; absent if unknown.
    #[serde(default, deserialize_with = "lenient::time", skip_serializing_if = "Option::is_none")]
    #[schema(value_type = String, format = DateTime, example = "2022-03-23T07:02:28Z")]
    pub leave_time: Option<Timestamp>,
    /// Duration, in seconds.
    #[serde(default, deserialize_with = "lenient::int", skip_serializing_if = "Option::is_none")]
    #[schema(value_type = i64, example = 259)]
    pub duration: Option<i64>,
    /// Id of the registration, if requested.
    #[serde(default, deserialize_with = "lenient::text", skip_serializing_if = "Option::is_none")]
    #[schema(value_type = String, example = "abcdefghij0-klmnopq23456")]
    pub registrant_id: Option<Text>,
    /// Key that an SDK application set to identify its users.
    #[serde(default, deserialize_with = "lenient::text", skip_serializing_if = "Option::is_none")]
    #[schema(value_type = String, example = "349589LkJyeW", max_length = 35)]
    pub customer_key: Option<Text>,
    /// `in_meeting` or `in_waiting_room`.
    #[serde(default, deserialize_with = "lenient::text", skip_serializing_if = "Option::is_none")]
    #[schema(value_type = String, example = "in_meeting")]
    pub status: Option<Text>,
    /// The breakout room; blank outside of one.
    #[serde(default, deserialize_with = "lenient::text", skip_serializing_if = "Option::is_none")]
    #[schema(value_type = String, example = "27423744")]
    pub bo_mtg_id: Option<Text>,
}

impl ReportParticipant {
    /// Returns the attendance, with the registration only if it was requested.
    #[must_use]
    pub fn new(participant: &model::Participant, include_registrant_id: bool) -> Self {
        let stay = participant.join_time.zip(participant.leave_time);
        Self {
            id: participant.id.clone(),
            participant_user_id: participant.participant_user_id.clone(),
            user_id: Some(participant.user_id.clone()),
            name: participant.user_name.clone(),
            user_email: participant.email.clone(),
            join_time: participant.join_time,
            leave_time: participant.leave_time,
            duration: stay.map(|(join, leave)| leave.millis_since(join).max(0) / 1000),
            registrant_id: participant.registrant_id.clone().filter(|_| include_registrant_id),
            customer_key: participant.customer_key.clone(),
            status: Some(participant.status.clone().unwrap_or(Text::const_new("in_meeting"))),
            bo_mtg_id: participant.bo_mtg_id.clone(),
        }
    }

    /// Returns the attendance that the entry describes.
    ///
    /// # Errors
    /// [`EntryError::Missing`] if it has no `user_id`.
    pub fn into_model(self) -> Result<model::Participant, EntryError> {
        Ok(model::Participant {
            id: self.id,
            participant_user_id: self.participant_user_id,
            user_id: needed("user_id", self.user_id)?,
            user_name: self.name,
            email: self.user_email,
            join_time: self.join_time,
            leave_time: self.leave_time,
            registrant_id: self.registrant_id,
            customer_key: self.customer_key,
            status: self.status,
            bo_mtg_id: self.bo_mtg_id,
            ..model::Participant::default()
        })
    }
}
