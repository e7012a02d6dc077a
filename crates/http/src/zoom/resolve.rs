//! From the id in a path to the instance it names, or to the reason why there is none.

use axum::http::StatusCode;
use rollcall_auth::Caller;
use rollcall_model::{InstanceRef, InstanceState, MeetingKind};
use rollcall_store::StoredInstance;

use super::{
    error::{ZoomError, ZoomResult},
    query::Query,
};
use crate::state::App;

/// Which instances a `type` parameter asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Asked {
    /// In progress.
    Live,
    /// Ended.
    Past,
    /// Ended, with a single attendee.
    PastOne,
}

impl Asked {
    pub(super) const LIVE_OR_PAST: &'static [(&'static str, Self)] = &[("live", Self::Live), ("past", Self::Past)];
    pub(super) const LIVE_PAST_OR_ONE: &'static [(&'static str, Self)] =
        &[("live", Self::Live), ("past", Self::Past), ("pastOne", Self::PastOne)];

    pub(super) const fn state(self) -> InstanceState {
        match self {
            Self::Live => InstanceState::Live,
            Self::Past | Self::PastOne => InstanceState::Past,
        }
    }

    /// Reads the `type` parameter.
    pub(super) fn read(query: &mut Query<'_>, choices: &[(&str, Self)]) -> Self {
        query.choice("type", choices)
    }
}

/// How one operation words its refusals.
#[derive(Debug, Clone, Copy)]
pub(super) struct Wording {
    /// Of an id that names no instance, or one in another state (404, code 3001).
    pub(super) unavailable: &'static str,
}

impl Wording {
    /// The refusal where the instance is there but has no participant of that name.
    pub(super) fn no_participant(self, participant_id: &str) -> ZoomError {
        let hint = format!("It has no participant {participant_id}: use the `user_id` of its participant list.");
        unavailable(self, &hint)
    }
}

/// Reads the id of a path: raw, encoded once or twice.
pub(super) fn parse_instance_ref(kind: MeetingKind, id: &str) -> ZoomResult<InstanceRef> {
    rollcall_zoom::path::decode_id(id).parse().map_err(|_| {
        let message = match kind {
            MeetingKind::Meeting => "Invalid meeting id.",
            MeetingKind::Webinar => "Invalid webinar ID.",
        };
        ZoomError::new(StatusCode::BAD_REQUEST, 300, message)
    })
}

/// Finds the instance that `id` names in the state asked for.
///
/// Forgetting `type=past` is the commonest mistake of clients, so a refusal says in which state the instance is.
pub(super) async fn find_instance(
    app: &App,
    caller: &Caller,
    kind: MeetingKind,
    id: &InstanceRef,
    asked: Asked,
    wording: Wording,
) -> ZoomResult<StoredInstance> {
    let found = app.store.find_instance(caller.account, kind, id, Some(asked.state())).await?;
    let single = |instance: &StoredInstance| attendances(instance) == 1;
    if let Some(instance) = found {
        if asked != Asked::PastOne || single(&instance) {
            return Ok(instance);
        }
        return Err(unavailable(wording, "It had more than one attendee: ask with type=past."));
    }
    let elsewhere = app.store.find_instance(caller.account, kind, id, None).await?;
    Err(match elsewhere.map(|instance| instance.instance.state) {
        Some(InstanceState::Live) => unavailable(wording, "It has not ended yet: ask with type=live."),
        Some(InstanceState::Past) => unavailable(wording, "It is not in progress: ask with type=past."),
        None => unavailable(wording, ""),
    })
}

/// Finds the instance that `id` names, of a number the latest, for an operation that takes no `type`: one in `state`, or
/// in any.
pub(super) async fn find_untyped_instance(
    app: &App,
    caller: &Caller,
    kind: MeetingKind,
    id: &InstanceRef,
    state: Option<InstanceState>,
    wording: Wording,
) -> ZoomResult<StoredInstance> {
    let found = app.store.find_instance(caller.account, kind, id, state).await?;
    found.ok_or_else(|| unavailable(wording, ""))
}

/// How many attendances an instance had: as many as are stored, or as its source stated where those are more.
pub(super) fn attendances(instance: &StoredInstance) -> u64 {
    let stated = instance.instance.stated_participants.and_then(|stated| u64::try_from(stated).ok());
    instance.participants.max(stated.unwrap_or(0))
}

fn unavailable(wording: Wording, hint: &str) -> ZoomError {
    let message = [wording.unavailable, hint].join(" ");
    ZoomError::new(StatusCode::NOT_FOUND, 3001, message.trim_end().to_owned())
}
