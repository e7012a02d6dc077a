//! `GET /api/v1/live`: the live meetings, as a list or as server-sent events.
//!
//! All readers of an account share one feed, which reads the list while somebody listens. So the work does not grow with
//! the number of readers.

use std::{
    collections::{HashMap, HashSet},
    convert::Infallible,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use axum::{
    Extension,
    extract::State,
    http::HeaderMap,
    response::{
        IntoResponse as _, Response,
        sse::{Event, KeepAlive, Sse},
    },
};
use futures::{StreamExt as _, stream};
use rollcall_auth::Caller;
use rollcall_model::{AccountId, Timestamp};
use rollcall_sql::{
    Format, LIVE_INSTANCES, LIVE_MINUTES, LIVE_TROUBLE, MAX_LIVE_INSTANCES, Names, Question, SqlError, Value,
};
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use tokio::sync::watch;
use utoipa::ToSchema;

use super::operations as op;
use super::{ApiError, ErrorBody, accepts, sql::names_for};
use crate::{
    state::{App, AppState},
    surface::json_bytes,
};

/// Interval of reading the list. A change is on a screen within two seconds.
const INTERVAL: Duration = Duration::from_millis(1_500);
/// Interval of the comments that keep an unchanged stream open.
const KEEP_ALIVE: Duration = Duration::from_secs(15);
/// Longest life of a stream. A browser connects again, and its access is checked again.
const MAX_STREAM: Duration = Duration::from_secs(600);
/// Minutes of which the share in trouble is sent.
const TROUBLE_MINUTES: i64 = 30;
/// How old a minute may be that says how it is now: sources report a minute after it is over.
const NOW_SECONDS: i64 = 180;
/// Maximum number of names per instance.
const MAX_NAMES: usize = 3;

/// The live meetings at one time.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct LiveList {
    /// When the list was read.
    #[schema(example = "2026-10-01T09:30:02Z")]
    at: String,
    /// At most 200 of them, the oldest first.
    instances: Vec<LiveInstance>,
}

/// A live meeting or webinar.
#[derive(Debug, PartialEq, Serialize, ToSchema)]
struct LiveInstance {
    #[schema(example = "4444AAAiAAAAAiAiAiiAii==")]
    uuid: String,
    /// `meeting` or `webinar`.
    #[schema(example = "meeting")]
    kind: String,
    /// Its number; null if unknown.
    #[schema(example = 86_599_005_775_i64)]
    meeting_id: Option<i64>,
    #[schema(example = "All hands")]
    topic: Option<String>,
    /// The host's name; null if unknown, or hidden from the caller.
    #[schema(example = "Ana Pereira")]
    host: Option<String>,
    #[schema(example = "2026-10-01T09:00:00Z")]
    start_time: Option<String>,
    /// Participants who have joined and not left, without the waiting room.
    #[schema(example = 42)]
    people: u64,
    /// Participants with a measured minute, in the latest minute that has one; null if none was measured in the last three
    /// minutes.
    #[schema(example = 40)]
    measured: Option<u64>,
    /// How many of them were in trouble: their minute's health was Warning or Critical.
    #[schema(example = 3)]
    poor: Option<u64>,
    /// At most three participants with trouble in the last three minutes, the worst first; null where the name is unknown
    /// or hidden.
    worst: Vec<Option<String>>,
    /// The share of measured participants in trouble, 0 to 1, for each of the last 30 minutes, the oldest first; null for
    /// a minute in which nothing was measured.
    #[schema(example = json!([null, 0.0, 0.05]))]
    trouble: Vec<Option<f64>>,
}

/// Who sees the same list: callers of an account to whom names are shown, or from whom they are hidden.
type Audience = (AccountId, Names);

/// The latest list; `None` until it has been read for the first time.
type Reading = Option<Result<Arc<str>, SqlError>>;

/// The feeds that somebody listens to.
#[derive(Default)]
pub(super) struct Feeds(Mutex<HashMap<Audience, watch::Sender<Reading>>>);

impl Feeds {
    /// Returns the feed of an audience, which is started if nobody else listens.
    fn join(self: &Arc<Self>, app: &AppState, audience: Audience) -> watch::Receiver<Reading> {
        let mut feeds = self.lock();
        if let Some(feed) = feeds.get(&audience) {
            return feed.subscribe();
        }
        let (feed, reader) = watch::channel(None);
        feeds.insert(audience, feed.clone());
        tokio::spawn(Arc::clone(self).run(Arc::clone(app), audience, feed));
        reader
    }

    /// Reads the list until nobody listens. Readers get it when it has changed, and from time to time when it has not.
    async fn run(self: Arc<Self>, app: AppState, audience: Audience, feed: watch::Sender<Reading>) {
        let mut sent: Option<(Vec<LiveInstance>, Timestamp)> = None;
        loop {
            let now = app.now();
            match read(&app, audience, now).await {
                Ok(instances) => {
                    let is_due = |at: Timestamp| at.plus_seconds(KEEP_ALIVE.as_secs() as i64) <= now;
                    if sent.as_ref().is_none_or(|(before, at)| *before != instances || is_due(*at)) {
                        let list = LiveList { at: now.to_string(), instances };
                        let json = serde_json::to_string(&list).expect("the list is JSON");
                        sent = Some((list.instances, now));
                        feed.send_replace(Some(Ok(json.into())));
                    }
                }
                // A list that was read before is shown with its time, and the next round tries again.
                Err(error) if sent.is_some() => tracing::warn!(%error, "could not read the live meetings"),
                Err(error) => {
                    feed.send_replace(Some(Err(error)));
                }
            }
            tokio::time::sleep(INTERVAL).await;
            let mut feeds = self.lock();
            if feed.receiver_count() == 0 {
                feeds.remove(&audience);
                return;
            }
        }
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<Audience, watch::Sender<Reading>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Lists the live meetings and webinars, or follows them.
///
/// With `Accept: text/event-stream`, as a browser's `EventSource` sends it, the response is a stream of server-sent events
/// named `live`. The data of each is the whole list: at once, after each change, but at most every two seconds, and every
/// 15 seconds if nothing changes. The stream ends after ten minutes; connect again. Otherwise, the response is the list.
#[utoipa::path(
    get, path = op::LIVE.path, tag = "Live", operation_id = op::LIVE.id,
    responses(
        (status = 200, description = "The list, or the stream.", body = LiveList),
        (status = 401, description = "The access token is missing, invalid or expired.", body = ErrorBody),
        (status = 403, description = "The token lacks the scope.", body = ErrorBody),
        (status = 429, description = "The account has too many queries waiting.", body = ErrorBody),
        (status = 503, description = "Too many queries are waiting.", body = ErrorBody),
    )
)]
pub(super) async fn live(
    State(app): State<AppState>,
    Extension(feeds): Extension<Arc<Feeds>>,
    caller: Caller,
    headers: HeaderMap,
) -> Result<Response, ApiError> {
    let mut feed = feeds.join(&app, (caller.account, names_for(&caller)));
    let first = feed.wait_for(Option::is_some).await.ok().and_then(|reading| reading.clone());
    let first = first.ok_or(SqlError::Busy)??;
    if !accepts(&headers, "text/event-stream") {
        return Ok(json_bytes(first.to_string()));
    }
    let changes = stream::unfold(feed, |mut feed| async {
        feed.changed().await.ok()?;
        let reading = feed.borrow_and_update().clone();
        Some((reading, feed))
    });
    let changes = changes.filter_map(async |reading| reading?.ok());
    let event = |json: Arc<str>| Ok::<_, Infallible>(Event::default().event("live").data(json));
    let events = stream::iter([first]).chain(changes).map(event);
    let end = app.stopping.clone().cancelled_owned();
    let events = events.take_until(Box::pin(tokio::time::timeout(MAX_STREAM, end)));
    Ok(Sse::new(events).keep_alive(KeepAlive::new().interval(KEEP_ALIVE)).into_response())
}

/// Reads the list.
async fn read(app: &App, audience: Audience, now: Timestamp) -> Result<Vec<LiveInstance>, SqlError> {
    let since = |seconds: i64| Value::Text(now.plus_seconds(-seconds).to_string());
    let limit = Value::Integer(MAX_LIVE_INSTANCES as i64);
    let instances: Vec<InstanceRow> = rows(app, audience, LIVE_INSTANCES, limit).await?;
    let mut minutes: HashMap<String, Vec<MinuteRow>> = HashMap::new();
    let mut worst: HashMap<String, Vec<Option<String>>> = HashMap::new();
    if !instances.is_empty() {
        for (uuid, at, measured, poor) in rows(app, audience, LIVE_MINUTES, since(TROUBLE_MINUTES * 60)).await? {
            minutes.entry(uuid).or_default().push(MinuteRow { at, measured, poor });
        }
        let mut seen = HashSet::new();
        for (uuid, name) in rows::<(String, Option<String>)>(app, audience, LIVE_TROUBLE, since(NOW_SECONDS)).await? {
            // Somebody with two devices is named once.
            let is_new = name.is_none() || seen.insert((uuid.clone(), name.clone()));
            let names = worst.entry(uuid).or_default();
            if is_new && names.len() < MAX_NAMES {
                names.push(name);
            }
        }
    }
    let list = instances.into_iter().map(|row| {
        let minutes = minutes.remove(&row.0).unwrap_or_default();
        let worst = worst.remove(&row.0).unwrap_or_default();
        instance(row, &minutes, worst, now)
    });
    Ok(list.collect())
}

/// `uuid`, `kind`, `meeting_id`, `topic`, `host`, `start_time`, `people`.
type InstanceRow = (String, String, Option<i64>, Option<String>, Option<String>, Option<String>, u64);

/// A minute of an instance.
struct MinuteRow {
    at: Timestamp,
    measured: u64,
    /// `None` if none was measured.
    poor: Option<u64>,
}

fn instance(
    (uuid, kind, meeting_id, topic, host, start_time, people): InstanceRow,
    minutes: &[MinuteRow],
    worst: Vec<Option<String>>,
    now: Timestamp,
) -> LiveInstance {
    let minute_of = |at: Timestamp| at.as_seconds().div_euclid(60);
    let shares: HashMap<i64, f64> = minutes
        .iter()
        .filter_map(|row| Some((minute_of(row.at), row.poor? as f64 / row.measured as f64)))
        .filter(|(_, share)| share.is_finite())
        .collect();
    let latest = minutes.iter().rfind(|row| row.measured > 0 && row.at.plus_seconds(NOW_SECONDS) > now);
    let this_minute = minute_of(now);
    LiveInstance {
        uuid,
        kind,
        meeting_id,
        topic,
        host,
        start_time,
        people,
        measured: latest.map(|row| row.measured),
        poor: latest.and_then(|row| row.poor),
        worst,
        trouble: (this_minute - TROUBLE_MINUTES..this_minute).map(|minute| shares.get(&minute).copied()).collect(),
    }
}

/// Answers a query with one value.
async fn rows<T: DeserializeOwned>(app: &App, audience: Audience, sql: &str, value: Value) -> Result<Vec<T>, SqlError> {
    /// A printed answer.
    #[derive(Deserialize)]
    struct Printed<T> {
        rows: Vec<T>,
    }
    let queries = app.queries.as_ref();
    let queries = queries.ok_or_else(|| SqlError::Unavailable("the database is not a file".to_owned()))?;
    let limits = app.settings.sql_limits;
    let ((account, names), sql, values) = (audience, sql.to_owned(), vec![value]);
    let question = Question { account, names, sql, values, format: Format::Json, limits };
    let mut answer = queries.ask(question).await?;
    let mut printed = Vec::new();
    while let Some(piece) = answer.next().await.transpose()? {
        printed.extend_from_slice(&piece);
    }
    let printed: Printed<T> =
        serde_json::from_slice(&printed).map_err(|error| SqlError::Internal(error.to_string()))?;
    Ok(printed.rows)
}
