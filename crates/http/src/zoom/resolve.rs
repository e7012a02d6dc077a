//! Finds the instance for the id in a path, or the reason why there is none.

use axum::http::StatusCode;
use rollcall_auth::Caller;
use rollcall_model::{InstanceRef, InstanceState, MeetingKind};
use rollcall_store::StoredInstance;

use super::{
    error::{ZoomError, ZoomResult},
    query::Query,
};
use crate::state::App;

/// Which instances a `type` parameter selects.
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

/// How one operation words its errors.
#[derive(Debug, Clone, Copy)]
pub(super) struct Wording {
    /// For an id without an instance, or with one in another state (404, code 3001).
    pub(super) unavailable: &'static str,
}

impl Wording {
    /// The error if the instance exists but has no such participant.
    pub(super) fn no_participant(self, participant_id: &str) -> ZoomError {
        let hint = format!("It has no participant {participant_id}: use the `user_id` of its participant list.");
        unavailable(self, &hint)
    }
}

/// Parses the id in a path: raw, encoded once or twice.
pub(super) fn parse_instance_ref(kind: MeetingKind, id: &str) -> ZoomResult<InstanceRef> {
    rollcall_zoom::path::decode_id(id).parse().map_err(|_| {
        let message = match kind {
            MeetingKind::Meeting => "Invalid meeting id.",
            MeetingKind::Webinar => "Invalid webinar ID.",
        };
        ZoomError::new(StatusCode::BAD_REQUEST, 300, message)
    })
}

/// Finds the instance with `id` in the requested state.
///
/// Clients often forget `type=past`, so the error says in which state the instance is.
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

/// Finds the instance with `id`, or the latest with that number, for an operation without `type`: one in `state`, or in
/// any state.
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

/// Returns the number of attendances of an instance: those stored, or those stated by its source if these are more.
pub(super) fn attendances(instance: &StoredInstance) -> u64 {
    let stated = instance.instance.stated_participants.and_then(|stated| u64::try_from(stated).ok());
    instance.participants.max(stated.unwrap_or(0))
}

fn unavailable(wording: Wording, hint: &str) -> ZoomError {
    let message = [wording.unavailable, hint].join(" ");
    ZoomError::new(StatusCode::NOT_FOUND, 3001, message.trim_end().to_owned())
}
