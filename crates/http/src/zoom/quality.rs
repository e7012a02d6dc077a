//! `GET /metrics/quality`: numbers of meetings, or participants, by quality.

use axum::{
    Json,
    extract::{RawQuery, State},
};
use rollcall_auth::Caller;
use rollcall_model::MeetingKind;
use rollcall_store::{LabelCounts, QualityOf, QualityQuery};
use rollcall_zoom::operations as op;
use rollcall_zoom::wire;

use super::{
    error::{ZoomError, ZoomResult},
    query::{Query, earliest},
    responses::Errors,
};
use crate::state::AppState;

/// Counts ended meetings, or their participants, by quality: as reported, or as computed from minutes.
#[utoipa::path(
    get, path = op::DASHBOARD_QUALITY.path, tag = "Dashboards", operation_id = op::DASHBOARD_QUALITY.id,
    params(
        ("from" = String, Query, description = "First day (`yyyy-MM-dd`) on which meetings began, in UTC.", example = "2026-10-01"),
        ("to" = String, Query, description = "Last day, included; at most one month after `from`.", example = "2026-10-31"),
        ("type" = Option<String>, Query, description = "What is counted: each `meeting` (default) once, or each of the meetings' `participants`."),
    ),
    responses((status = 200, description = "The counts.", body = wire::MetricsQuality), Errors)
)]
pub(super) async fn get_quality(
    State(app): State<AppState>,
    caller: Caller,
    RawQuery(query): RawQuery,
) -> ZoomResult<Json<wire::MetricsQuality>> {
    let mut query = Query::new(query.as_deref(), op::DASHBOARD_QUALITY.id, "");
    let window = query.window(earliest(&app));
    let of = query.choice("type", &[("meeting", QualityOf::Instances), ("participants", QualityOf::Participants)]);
    query.finish()?;
    // An invalid window was reported together with other errors.
    let window = window.ok_or_else(ZoomError::unrecognized)?;
    let query = QualityQuery { kind: MeetingKind::Meeting, from: window.from, before: window.before, of };
    let counted = app.store.count_quality(caller.account, &query).await?;
    let counts = |LabelCounts { good, fair, poor, bad }: LabelCounts| wire::LabelCounts { good, fair, poor, bad };
    Ok(Json(wire::MetricsQuality {
        from: window.from_text.into(),
        to: window.to_text.into(),
        quality: wire::QualityByMedium {
            audio: counts(counted.audio),
            video: counts(counted.video),
            screen_share: counts(counted.screen_share),
        },
    }))
}
