//! `GET /report/daily` and `GET /report/users`.

use axum::{
    Json,
    extract::{RawQuery, State},
    http::StatusCode,
};
use jiff::{ToSpan as _, civil::Date};
use rollcall_auth::Caller;
use rollcall_model::{Text, UserId};
use rollcall_store::UsageQuery;
use rollcall_zoom::operations as op;
use rollcall_zoom::wire;

use crate::{
    state::AppState,
    zoom::{
        describe,
        error::{ZoomError, ZoomResult},
        instances::invalid_token,
        paging::{Continuation, Paging, cut},
        query::{Query, day_of, earliest, start_of},
        responses::Errors,
    },
};

const DEFAULT_PAGE_SIZE: usize = 30;
const MAX_PAGE_SIZE: usize = 300;

/// Reports the usage of a month, day by day.
#[utoipa::path(
    get, path = op::REPORT_DAILY.path, tag = "Reports", operation_id = op::REPORT_DAILY.id,
    params(
        ("year" = Option<i32>, Query, description = "The year; the current one by default.", example = 2026),
        ("month" = Option<i32>, Query, description = "The month, from 1; the current one by default.", minimum = 1, maximum = 12, example = 3),
        ("group_id" = Option<String>, Query, description = "Only what members of this group hosted."),
    ),
    responses((status = 200, description = "The days of the month, up to today.", body = wire::DailyReport), Errors)
)]
pub(in crate::zoom) async fn report_daily(
    State(app): State<AppState>,
    caller: Caller,
    RawQuery(query): RawQuery,
) -> ZoomResult<Json<wire::DailyReport>> {
    let mut query = Query::new(query.as_deref(), op::REPORT_DAILY.id, "");
    let today = day_of(app.now());
    let number = |query: &mut Query<'_>, name: &str, default: i64, most: i64| match query.get(name) {
        None => default,
        Some(text) => text.parse().ok().filter(|number| (1..=most).contains(number)).unwrap_or_else(|| {
            query.refuse(name, format!("Use a whole number from 1 to {most}."));
            default
        }),
    };
    let year = number(&mut query, "year", i64::from(today.year()), 9_998);
    let month = number(&mut query, "month", i64::from(today.month()), 12);
    let group = query.get("group_id").map(Text::from);
    query.finish()?;

    let first = i16::try_from(year).ok().zip(i8::try_from(month).ok());
    let first = first.and_then(|(year, month)| Date::new(year, month, 1).ok()).unwrap_or(today);
    let end = first.checked_add(1.month()).unwrap_or(Date::MAX);
    if earliest(&app).is_some_and(|earliest| start_of(end) <= earliest) {
        let message = "Daily report can only be provided for a month that falls within the recent 6 months.";
        return Err(ZoomError::new(StatusCode::BAD_REQUEST, 300, message));
    }
    let usage = UsageQuery { from: start_of(first), before: start_of(end), group, active: None };
    let known = app.store.usage_by_day(caller.account, &usage).await?;
    let mut dates = Vec::new();
    let mut day = first;
    // Days that have not come yet are left out.
    while day < end && day <= today {
        let found = known.iter().find(|known| start_of(day).as_millis() / 86_400_000 == i64::from(known.day.0));
        let (new_users, usage) = found.map(|found| (found.new_users, found.usage)).unwrap_or_default();
        dates.push(wire::DailyUsage {
            date: day.to_string(),
            new_users,
            meetings: usage.instances,
            participants: usage.participants,
            meeting_minutes: usage.minutes,
        });
        day = day.tomorrow().unwrap_or(Date::MAX);
    }
    Ok(Json(wire::DailyReport { year, month, dates }))
}

/// Reports what users hosted, ordered by their ids.
#[utoipa::path(
    get, path = op::REPORT_USERS.path, tag = "Reports", operation_id = op::REPORT_USERS.id,
    params(
        ("type" = Option<String>, Query, description = "`active` for users who hosted at least one meeting or webinar, `inactive` for the others; everybody by default."),
        ("from" = String, Query, description = "First day or time, in UTC.", example = "2026-10-01"),
        ("to" = String, Query, description = describe::WINDOW_END, example = "2026-10-31"),
        ("page_size" = Option<u32>, Query, description = describe::PAGE_SIZE, minimum = 1),
        ("page_number" = Option<u32>, Query, description = describe::PAGE_NUMBER, minimum = 1),
        ("next_page_token" = Option<String>, Query, description = describe::NEXT_PAGE_TOKEN),
        ("group_id" = Option<String>, Query, description = "Only members of this group."),
    ),
    responses((status = 200, description = "A page of users.", body = wire::UserReports), Errors)
)]
pub(in crate::zoom) async fn report_users(
    State(app): State<AppState>,
    caller: Caller,
    RawQuery(query): RawQuery,
) -> ZoomResult<Json<wire::UserReports>> {
    let mut query = Query::new(query.as_deref(), op::REPORT_USERS.id, "");
    let active = match query.get("type") {
        None => None,
        Some(_) => Some(query.choice("type", &[("active", true), ("inactive", false)])),
    };
    let window = query.window(earliest(&app));
    let size = query.page_size(DEFAULT_PAGE_SIZE, MAX_PAGE_SIZE);
    let page_number = query.page_number();
    let group = query.get("group_id").map(Text::from);
    query.bind("group_id", group.as_deref().unwrap_or_default());
    let token = query.get("next_page_token").map(str::to_owned);
    let paging = Paging::new(&app, &caller, query.finish()?, size);
    // An invalid window was reported together with other errors.
    let window = window.ok_or_else(ZoomError::unrecognized)?;

    let usage = UsageQuery { from: window.from, before: window.before, group, active };
    let (count, total) = app.store.usage_of_hosts(caller.account, &usage).await?;
    let (count, mut after) = match paging.open::<String>(token.as_deref()).map_err(|_| invalid_token())? {
        Some(Continuation { total, cursor }) => (total, Some(UserId::from(cursor))),
        None => (count, None),
    };
    // The legacy numbers have no key to continue at, so the pages before are walked.
    let mut ended = false;
    for _ in 1..if after.is_none() { page_number } else { 1 } {
        let page = app.store.usage_by_host(caller.account, &usage, after.as_ref(), size).await?;
        after = page.last().map(|(user, _)| user.user_id());
        if page.len() < size {
            ended = true;
            break;
        }
    }
    let mut rows = match ended {
        true => Vec::new(),
        false => app.store.usage_by_host(caller.account, &usage, after.as_ref(), size + 1).await?,
    };
    let next_page_token = paging.seal(count, cut(&mut rows, size).map(|(user, _)| user.id.to_string()));
    let users = rows
        .iter()
        .map(|(user, usage)| wire::UserReport::new(user, usage.instances, usage.participants, usage.minutes));
    Ok(Json(wire::UserReports {
        from: window.from_text,
        to: window.to_text,
        paging: (&paging.keys(count, &next_page_token)).into(),
        page_number: page_number as u64,
        total_meetings: total.instances,
        total_participants: total.participants,
        total_meeting_minutes: total.minutes,
        users: users.collect(),
    }))
}
