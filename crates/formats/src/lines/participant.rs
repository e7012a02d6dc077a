//! A line of one participant: a participant of Zoom's REST API, and the keys of the instance.

use rollcall_model::{Participant, Text as ModelText};
use rollcall_zoom::wire;
use serde::Deserialize;

use super::{
    Key, Named, Wrong, check_user_id,
    number::{MeetingId, Text},
};

/// A participant with the keys of its instance.
pub(super) struct Attendance<'a> {
    pub(super) instance: Key<'a>,
    pub(super) topic: Option<ModelText>,
    pub(super) participant: Participant,
}

/// The keys other than the participant's own.
#[derive(Deserialize)]
struct Beside<'a> {
    #[serde(borrow)]
    instance_uuid: Option<Text<'a>>,
    meeting_id: Option<MeetingId>,
    #[serde(borrow)]
    kind: Option<Text<'a>>,
    #[serde(borrow)]
    state: Option<Text<'a>>,
    #[serde(borrow)]
    topic: Option<Text<'a>>,
}

/// Parses a line.
pub(super) fn read(line: &[u8]) -> Result<Attendance<'_>, Wrong> {
    let beside: Beside<'_> = super::read::parse(line)?;
    let participant: wire::Participant = super::read::parse(line)?;
    let participant =
        Participant::try_from(participant).map_err(|error| Wrong::new(error.field(), error.to_string()))?;
    check_user_id(&participant.user_id)?;
    let topic = beside.topic.map(|topic| ModelText::from(&*topic.0));
    let named = Named {
        instance_uuid: beside.instance_uuid,
        meeting_id: beside.meeting_id,
        kind: beside.kind,
        state: beside.state,
    };
    Ok(Attendance { instance: named.key()?, topic, participant })
}
