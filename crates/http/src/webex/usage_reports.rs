//! `GET /v1/meetingReports/usage`: how ended runs were used (Webex reference, section 6.1).

use std::collections::HashMap;

use axum::{
    extract::State,
    http::{HeaderMap, Uri},
    response::Response,
};
use rollcall_auth::Caller;
use rollcall_model::{Instance, KeyValue, UserId};
use rollcall_store::StoredInstance;
use rollcall_webex::operations as op;
use rollcall_webex::{
    extras::USAGE,
    report::{MEETING_CENTER, Tally, usage},
    wire,
};
use serde_json::{Value, json};

use super::{
    ended_runs::{self, Attendances, EndedRuns, ReportSites, report_window},
    error::{WebexError, WebexResult},
    extract::Query,
    paging::{Paging, utf8_json},
    responses::Errors,
    runs::Place,
};
use crate::state::{App, AppState};

const DEFAULT_PAGE: usize = 10;
const MAX_PAGE: usize = 1_000;
/// Maximum number of runs that are checked for one page.
const MAX_SCANNED: usize = 10_000;
/// Maximum number of attendances that are summed up for one page, except those of its last run.
const MAX_SUMMED: u64 = 50_000;

const SERVICES: [&str; 4] = [MEETING_CENTER, "EventCenter", "SupportCenter", "TrainingCenter"];

/// Lists usage reports.
///
/// One for each ended run, with values of tracking codes: the run's own if they were reported, or else the host's. Values
/// that were imported are shown as they were; others are computed from the stored attendances.
#[utoipa::path(
    get, path = op::LIST_USAGE_REPORTS.path, tag = "Meetings Summary Report", operation_id = op::LIST_USAGE_REPORTS.id,
    params(
        ("siteUrl" = String, Query, description = "The site, as a bare host name.", example = "example.webex.com"),
        ("serviceType" = Option<String>, Query, description = "`MeetingCenter` (default), `EventCenter`, `SupportCenter` or `TrainingCenter`. Runs whose service was not reported belong to the first.", example = "MeetingCenter"),
        ("from" = Option<String>, Query, description = "Began at this time or later. Default: 7 days before `to`.", example = "2023-01-18T10:26:30+08:00"),
        ("to" = Option<String>, Query, description = "Began before this time, at most 30 days after `from`. Default: 7 days after `from`, or now.", example = "2023-01-25T10:26:30+08:00"),
        ("max" = Option<usize>, Query, description = "Maximum size of a page, at most 1000. Default: 10.", example = 100),
        ("timezone" = Option<String>, Header, description = "IANA name of the time zone of the response. Default: UTC.", example = "UTC"),
    ),
    responses((status = 200, description = "The reports. A `Link` header points to the next page, which may exist even if a page is not full.", body = wire::UsageReports), Errors)
)]
pub(super) async fn list_usage_reports(
    State(app): State<AppState>,
    caller: Caller,
    uri: Uri,
    headers: HeaderMap,
    query: Query,
) -> WebexResult<Response> {
    let sites = ReportSites::read(&app, &caller, &query).await?;
    let service = query.get("serviceType").unwrap_or(MEETING_CENTER);
    if !SERVICES.contains(&service) {
        let sentence = format!("'serviceType' must be one of {}", SERVICES.join(", "));
        return Err(WebexError::bad_request(sentence));
    }
    let window = report_window(&app, &query)?;
    let paging = Paging::read(&app, &caller, &uri, DEFAULT_PAGE, MAX_PAGE)?;
    let place = Place::of(&app, &caller, &headers).await?;
    let runs = EndedRuns { app: &app, caller: &caller, window, number: None };
    let mut codes = HostCodes::default();

    let mut after = paging.after::<ended_runs::Place>()?;
    let (mut items, mut scanned, mut summed) = (Vec::new(), 0, 0);
    let has_more = 'pages: loop {
        let (found, more) = runs.read(after, paging.size + 1).await?;
        for run in found {
            if items.len() == paging.size || scanned == MAX_SCANNED || summed > MAX_SUMMED {
                break 'pages true;
            }
            scanned += 1;
            after = Some(ended_runs::place(&run));
            if let Some(site) = sites.of(&run)
                && service_of(&run.instance) == service
            {
                summed += run.participants;
                let codes = codes.of(&app, &caller, site, &run.instance).await?;
                items.push(usage_of(&app, &caller, &run, &place, codes).await?);
            }
        }
        if !more {
            break false;
        }
    };
    Ok(paging.answer(&headers, utf8_json(&json!({ "items": items })), after.filter(|_| has_more)))
}

/// Returns the service of a run.
fn service_of(instance: &Instance) -> String {
    let told = instance.extras.as_ref().and_then(|extras| extras.of(USAGE.name)?.get("/serviceType"));
    told.and_then(|json| serde_json::from_str(json).ok()).unwrap_or_else(|| MEETING_CENTER.to_owned())
}

/// Returns the usage report of a run. `codes` are the values of tracking codes in it.
pub(super) async fn usage_of(
    app: &App,
    caller: &Caller,
    run: &StoredInstance,
    place: &Place,
    codes: Vec<KeyValue>,
) -> WebexResult<Value> {
    let mut tally = None;
    if run.participants > 0 {
        let tally = tally.get_or_insert_with(Tally::default);
        for (_, attendance) in Attendances::of(app, caller, run).await?.0 {
            tally.add(&attendance, run.instance.end_time);
        }
    }
    let item = place.show(|around| usage(&run.instance, tally.as_ref(), codes, around));
    let merged = rollcall_extras::merged(run.instance.extras.as_ref(), USAGE.name, &item);
    Ok(merged.unwrap_or_else(|| json!(item)))
}

/// Hosts' values of sites' tracking codes.
#[derive(Default)]
pub(super) struct HostCodes {
    known: HashMap<(String, UserId), Vec<KeyValue>>,
}

impl HostCodes {
    /// Returns the run's values, or else its host's on that site.
    pub(super) async fn of(
        &mut self,
        app: &App,
        caller: &Caller,
        site: &str,
        instance: &Instance,
    ) -> WebexResult<Vec<KeyValue>> {
        if !instance.tracking_fields.is_empty() {
            return Ok(instance.tracking_fields.clone());
        }
        let Some(host) = host(app, caller, instance).await? else { return Ok(Vec::new()) };
        let key = (site.to_owned(), host);
        if let Some(known) = self.known.get(&key) {
            return Ok(known.clone());
        }
        let values = app.store.user_tracking_codes(caller.account, site, &key.1).await?;
        let values: Vec<KeyValue> =
            values.into_iter().map(|value| KeyValue { key: value.name, value: value.value }).collect();
        self.known.insert(key, values.clone());
        Ok(values)
    }
}

async fn host(app: &App, caller: &Caller, instance: &Instance) -> WebexResult<Option<UserId>> {
    if let Some(id) = instance.host_id.as_ref().filter(|id| !id.as_str().is_empty()) {
        return Ok(Some(id.clone()));
    }
    let Some(email) = instance.host_email.as_deref().filter(|email| !email.is_empty()) else { return Ok(None) };
    Ok(app.store.find_user(caller.account, email).await?.map(|user| user.user_id()))
}
