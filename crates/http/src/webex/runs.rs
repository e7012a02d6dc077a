//! How requests specify runs of meetings, time zones and time windows.

use std::ops::Range;

use axum::http::HeaderMap;
use rollcall_auth::Caller;
use rollcall_model::{AccountId, InstanceRef, InstanceState, Text, Timestamp};
use rollcall_store::{InstanceQuery, InstanceSpan, StoredInstance};
use rollcall_webex::{meeting::Around, run, status::Status};

use super::{
    error::{WebexError, WebexResult},
    extract::Query,
};
use crate::state::App;

/// Returns the run with that id. `None` if there is none.
pub(super) async fn find_run(app: &App, caller: &Caller, id: &str) -> WebexResult<Option<StoredInstance>> {
    for uuid in run::uuids(id) {
        let found = app.store.instance_by_uuid(caller.account, &uuid).await?;
        if let Some(found) = found.filter(|found| run::instance_id(&found.instance) == id) {
            return Ok(Some(found));
        }
    }
    Ok(None)
}

/// Returns the run with that id, or the latest run of the series with that id. If `began` is set, the series' run began
/// after the first instant and before the second.
pub(super) async fn find_run_or_latest(
    app: &App,
    caller: &Caller,
    id: &str,
    began: Option<(Timestamp, Timestamp)>,
) -> WebexResult<Option<StoredInstance>> {
    if let Some(found) = find_run(app, caller, id).await? {
        return Ok(Some(found));
    }
    let Some((kind, number)) = run::meeting_of(id) else {
        return Ok(app.store.latest_of_series(caller.account, id, began).await?);
    };
    let Some((after, before)) = began else {
        return Ok(app.store.find_instance(caller.account, kind, &InstanceRef::Latest(number), None).await?);
    };
    let mut latest: Option<StoredInstance> = None;
    for state in [InstanceState::Live, InstanceState::Past] {
        let query = InstanceQuery {
            kind,
            state,
            number: Some(number),
            max_participants: None,
            min_participants: None,
            span: InstanceSpan::Start,
            from: Timestamp::from_millis(after.as_millis().saturating_add(1)),
            before,
            groups: None,
            unnumbered: false,
            person: None,
        };
        latest = latest
            .into_iter()
            .chain(app.store.list_instances(caller.account, &query, None, 1).await?)
            .max_by_key(|run| run.instance.start_time);
    }
    Ok(latest)
}

/// The error for an unknown run.
pub(super) fn unknown_run(id: &str) -> WebexError {
    WebexError::new(Status::NotFound, format!("unknown 'meetingId': {id}"))
}

/// What the runs of a response share.
pub(super) struct Place {
    site_url: Option<Text>,
    timezone: String,
    zone: Option<jiff::tz::TimeZone>,
}

impl Place {
    /// Returns the account's default site, and the time zone of the header `timezone`.
    pub(super) async fn of(app: &App, caller: &Caller, headers: &HeaderMap) -> WebexResult<Self> {
        let named = headers.get("timezone").and_then(|value| value.to_str().ok()).map(str::trim);
        Self::in_zone(app, caller.account, named).await
    }

    /// Returns the account's default site, and UTC.
    pub(super) async fn utc(app: &App, account: AccountId) -> WebexResult<Self> {
        Self::in_zone(app, account, None).await
    }

    /// Returns the account's default site, and a time zone: UTC if it is `None` or blank.
    pub(super) async fn in_zone(app: &App, account: AccountId, named: Option<&str>) -> WebexResult<Self> {
        let sites = app.store.sites(account).await?;
        let site_url = sites.into_iter().find(|site| site.is_default).map(|site| site.url);
        let (timezone, zone) = match named.filter(|zone| !zone.is_empty() && *zone != "UTC") {
            None => ("UTC".to_owned(), None),
            Some(name) => match jiff::tz::TimeZone::get(name) {
                Ok(zone) => (name.to_owned(), Some(zone)),
                Err(_) => {
                    let sentence = "the header 'timezone' must be the IANA name of a time zone, such as Asia/Shanghai";
                    return Err(WebexError::bad_request(sentence));
                }
            },
        };
        Ok(Self { site_url, timezone, zone })
    }

    /// Returns it for printing runs.
    pub(super) fn show<T>(&self, print: impl FnOnce(&Around<'_>) -> T) -> T {
        let time = |time: Timestamp| self.time(time);
        print(&Around { site_url: self.site_url.as_ref(), time: &time, timezone: &self.timezone })
    }

    /// Returns an instant in whole seconds, in the requested time zone.
    fn time(&self, time: Timestamp) -> Text {
        let whole = Timestamp::from_seconds(time.as_seconds());
        match &self.zone {
            None => whole.to_string().into(),
            Some(zone) => {
                let zoned = whole.to_jiff().to_zoned_datetime(zone.clone());
                zoned.strftime("%Y-%m-%dT%H:%M:%S%:z").to_string().into()
            }
        }
    }
}

/// Length of a window with only one end.
pub(super) const WINDOW_SECONDS: i64 = 7 * 24 * 3600;

/// Returns the window from the parameter `from` (inclusive) to `to` (exclusive): seven days long if only one of them is
/// given, `None` if neither is.
pub(super) fn window(query: &Query, from: &str, to: &str) -> WebexResult<Option<Range<Timestamp>>> {
    let window = match (instant(query, from)?, instant(query, to)?) {
        (None, None) => return Ok(None),
        (Some(start), None) => start..start.plus_seconds(WINDOW_SECONDS),
        (None, Some(end)) => end.minus_seconds(WINDOW_SECONDS)..end,
        (Some(start), Some(end)) => start..end,
    };
    if window.start >= window.end {
        return Err(WebexError::bad_request(format!("'{from}' must be before '{to}'")));
    }
    Ok(Some(window))
}

/// Parses the parameter `name` as an instant: any ISO 8601 form, with or without an offset, or a date alone.
pub(super) fn instant(query: &Query, name: &str) -> WebexResult<Option<Timestamp>> {
    let Some(text) = query.get(name) else { return Ok(None) };
    let civil = || {
        let datetime = text.parse::<jiff::civil::DateTime>().ok()?;
        datetime.to_zoned_datetime(jiff::tz::TimeZone::UTC).ok().map(|time| time.timestamp().as_millisecond())
    };
    match text.parse::<Timestamp>().ok().or_else(|| civil().map(Timestamp::from_millis)) {
        Some(time) => Ok(Some(time)),
        None => Err(WebexError::bad_request(format!("'{name}' must be a time such as 2019-11-01T12:12:15Z"))),
    }
}
