//! `GET /v1/meetings`: meetings and their runs (Webex reference, section 5).

use axum::{
    extract::{Path, State},
    http::{HeaderMap, Uri},
    response::Response,
};
use rollcall_auth::Caller;
use rollcall_model::{InstanceId, InstanceState, MeetingKind, Timestamp};
use rollcall_store::{InstanceCursor, InstanceQuery, InstanceSpan, StoredInstance};
use rollcall_webex::operations as op;
use rollcall_webex::{extras, meeting::meeting, wire};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::{
    error::{WebexError, WebexResult},
    extract::Query,
    meeting_filter::Filter,
    paging::{Paging, utf8_json},
    planned::show_whole,
    responses::Errors,
    runs::{Place, WINDOW_SECONDS, find_run, find_run_or_latest, unknown_run, window},
    schedules::{Schedule, list_schedules},
};
use crate::state::AppState;

const DEFAULT_PAGE: usize = 10;
const MAX_PAGE: usize = 100;
/// Maximum number of runs that are checked for one page; the link to the next page continues after them.
pub(super) const MAX_SCANNED: usize = 2_000;
/// Runs read at a time if few of them may match.
pub(super) const SCAN_CHUNK: usize = 200;

/// The lists that the response consists of, one after the other.
const LISTS: [(InstanceState, MeetingKind); 4] = [
    (InstanceState::Live, MeetingKind::Meeting),
    (InstanceState::Live, MeetingKind::Webinar),
    (InstanceState::Past, MeetingKind::Meeting),
    (InstanceState::Past, MeetingKind::Webinar),
];

/// Where the response continues: in which list, after which run, within which window.
#[derive(Clone, Copy, Serialize, Deserialize)]
struct Cursor {
    list: usize,
    after: Option<(i64, i64)>,
    from: i64,
    to: i64,
}

/// Lists meetings.
///
/// With `meetingType=meeting`: the runs of the whole account, in progress and ended, as Webex shows them to an
/// administrator. Runs in progress come first; within each group, the latest comes first. Otherwise: imported series,
/// ordered by id. A recurring series is listed from its first meeting to the end of its rule, including gaps.
#[utoipa::path(
    get, path = op::LIST_MEETINGS.path, tag = "Meetings", operation_id = op::LIST_MEETINGS.id,
    params(
        ("meetingType" = Option<String>, Query, description = "`meeting` for runs; `meetingSeries` (default); `scheduledMeeting` for the meetings of series and for single meetings.", example = "meeting"),
        ("state" = Option<String>, Query, description = "Of runs: `lobby`, `inProgress` or `ended`; of series and scheduled meetings: also `active`, `scheduled`, `ready`, `missed` or `expired`. Default: all.", example = "ended"),
        ("scheduledType" = Option<String>, Query, description = "`meeting`, `webinar` or `personalRoomMeeting`. Default: all.", example = "meeting"),
        ("from" = Option<String>, Query, description = "Took place at this time or later. Default: 7 days before `to` for runs, otherwise now.", example = "2019-03-18T09:30:00Z"),
        ("to" = Option<String>, Query, description = "Began before this time. Default: 7 days after `from`; for runs without `from`, now.", example = "2019-03-25T09:30:00Z"),
        ("max" = Option<usize>, Query, description = "Maximum size of a page, at most 100. Default: 10.", example = 100),
        ("hostEmail" = Option<String>, Query, description = "Hosted by the person with this address."),
        ("meetingNumber" = Option<String>, Query, description = "All runs of the meeting with this number; `from`, `to`, `state`, `scheduledType` and `siteUrl` are then ignored."),
        ("webLink" = Option<String>, Query, description = "All runs of the meeting with this link; the same parameters are ignored."),
        ("meetingSeriesId" = Option<String>, Query, description = "Runs of this series; `meetingNumber`, `webLink`, `scheduledType` and `siteUrl` are then ignored."),
        ("siteUrl" = Option<String>, Query, description = "On this site."),
        ("current" = Option<bool>, Query, description = "Applies only to series."),
        ("integrationTag" = Option<String>, Query, description = "With this integration tag."),
        ("roomId" = Option<String>, Query, description = "Of this space, as Webex reported it."),
        ("isModified" = Option<bool>, Query, description = "Scheduled meetings that differ from their series, or do not."),
        ("hasChat" = Option<bool>, Query, description = "Ended runs with or without chats."),
        ("hasRecording" = Option<bool>, Query, description = "Ended runs that were or were not recorded."),
        ("hasTranscription" = Option<bool>, Query, description = "Ended runs with or without transcripts."),
        ("hasSummary" = Option<bool>, Query, description = "Ended runs with or without summaries."),
        ("hasClosedCaption" = Option<bool>, Query, description = "Ended runs with or without closed captions."),
        ("hasPolls" = Option<bool>, Query, description = "Ended runs with or without polls."),
        ("hasQA" = Option<bool>, Query, description = "Ended runs with or without questions and answers."),
        ("hasSlido" = Option<bool>, Query, description = "Ended runs with or without Slido."),
        ("timezone" = Option<String>, Header, description = "IANA name of the time zone of the response. Default: UTC.", example = "UTC"),
    ),
    responses((status = 200, description = "The meetings. A `Link` header points to the next page, which may exist even if a page is not full.", body = wire::Meetings), Errors)
)]
pub(super) async fn list_meetings(
    State(app): State<AppState>,
    caller: Caller,
    uri: Uri,
    headers: HeaderMap,
    query: Query,
) -> WebexResult<Response> {
    let paging = Paging::read(&app, &caller, &uri, DEFAULT_PAGE, MAX_PAGE)?;
    match query.get("meetingType") {
        Some("meeting") => list_runs(&app, &caller, &headers, &query, paging).await,
        None | Some("meetingSeries") => list_schedules(&app, &caller, &headers, &query, paging, Schedule::Series).await,
        Some("scheduledMeeting") => list_schedules(&app, &caller, &headers, &query, paging, Schedule::Scheduled).await,
        Some(_) => {
            let sentence = "'meetingType' must be one of meetingSeries, scheduledMeeting, meeting";
            Err(WebexError::bad_request(sentence))
        }
    }
}

/// A page of runs, some of which have values that Webex reported beyond the fields.
#[derive(Serialize)]
struct Page {
    items: Vec<Item>,
}

#[derive(Serialize)]
#[serde(untagged)]
enum Item {
    Plain(Box<wire::Meeting>),
    Merged(Value),
}

async fn list_runs(
    app: &AppState,
    caller: &Caller,
    headers: &HeaderMap,
    query: &Query,
    paging: Paging<'_>,
) -> WebexResult<Response> {
    let filter = Filter::read(query)?;
    let cursor = match paging.after::<Cursor>()? {
        Some(cursor) => cursor,
        None => Cursor::first(query, &filter, app.now())?,
    };
    let place = Place::of(app, caller, headers).await?;
    let chunk = if filter.is_selective() { SCAN_CHUNK } else { paging.size + 1 };
    let mut runs = Runs { app, caller, filter: &filter, chunk, cursor, read: Vec::new().into_iter(), is_read: false };
    let mut items = Vec::new();
    let mut last = None;
    let mut scanned = 0;
    let mut has_more = false;
    while let Some(stored) = runs.next().await? {
        let item = place.show(|around| meeting(&stored.instance, around));
        let kept = stored.instance.extras.as_ref();
        let merged = rollcall_extras::merged(kept, extras::MEETING.name, &item);
        let is_admitted = filter.admits(&stored, &item, merged.as_ref());
        if (is_admitted && items.len() == paging.size) || scanned == MAX_SCANNED {
            has_more = true;
            break;
        }
        scanned += 1;
        last = Some(runs.cursor);
        if is_admitted {
            items.push(merged.map_or(Item::Plain(Box::new(item)), Item::Merged));
        }
    }
    Ok(paging.answer(headers, utf8_json(&Page { items }), last.filter(|_| has_more)))
}

/// The runs of all lists that match a filter, one list after the other.
struct Runs<'a> {
    app: &'a AppState,
    caller: &'a Caller,
    filter: &'a Filter,
    /// Runs read at a time.
    chunk: usize,
    /// The last run returned.
    cursor: Cursor,
    /// Runs that were read but not returned yet.
    read: std::vec::IntoIter<StoredInstance>,
    /// Whether the cursor's list was read to its end.
    is_read: bool,
}

impl Runs<'_> {
    /// Returns the next run. `None` after the last.
    async fn next(&mut self) -> WebexResult<Option<StoredInstance>> {
        loop {
            if let Some(stored) = self.read.next() {
                self.cursor.after = stored.instance.start_time.map(|start| (start.as_millis(), stored.id.0));
                return Ok(Some(stored));
            }
            let Some((state, kind)) = LISTS.get(self.cursor.list).copied() else { return Ok(None) };
            let is_asked = self.filter.states.contains(&state) && self.filter.kinds.contains(&kind);
            if !is_asked || self.is_read {
                self.cursor = Cursor { list: self.cursor.list + 1, after: None, ..self.cursor };
                self.is_read = false;
                continue;
            }
            let list = InstanceQuery {
                kind,
                state,
                number: self.filter.number,
                max_participants: None,
                min_participants: None,
                span: InstanceSpan::Start,
                from: Timestamp::from_millis(self.cursor.from),
                before: Timestamp::from_millis(self.cursor.to),
                groups: None,
                unnumbered: true,
                person: None,
            };
            let after = self.cursor.after;
            let after =
                after.map(|(time, id)| InstanceCursor { time: Timestamp::from_millis(time), id: InstanceId(id) });
            let found = self.app.store.list_instances(self.caller.account, &list, after, self.chunk).await?;
            self.is_read = found.len() < self.chunk;
            self.read = found.into_iter();
        }
    }
}

impl Cursor {
    /// Returns where a list begins: at the first of its lists, within the requested window.
    fn first(query: &Query, filter: &Filter, now: Timestamp) -> WebexResult<Self> {
        // A run that has begun by now is listed regardless of its source's clock.
        let soon = now.plus_seconds(1);
        let asked = if filter.is_within_window {
            window(query, "from", "to")?.unwrap_or_else(|| soon.minus_seconds(WINDOW_SECONDS)..soon)
        } else {
            Timestamp::from_millis(0)..soon
        };
        Ok(Self { list: 0, after: None, from: asked.start.as_millis(), to: asked.end.as_millis() })
    }
}

/// Gets a run of a meeting, a series, or a scheduled meeting.
///
/// The id of a series that was not imported stands for its latest run.
#[utoipa::path(
    get, path = op::GET_MEETING.path, tag = "Meetings", operation_id = op::GET_MEETING.id,
    params(
        ("meetingId" = String, Path, description = "The id of the run (instance).", example = "870f51ff287b41be84648412901e0402_I_167427437874906709"),
        ("timezone" = Option<String>, Header, description = "IANA name of the time zone of the response. Default: UTC.", example = "UTC"),
    ),
    responses((status = 200, description = "The run.", body = wire::Meeting), Errors)
)]
pub(super) async fn get_meeting(
    State(app): State<AppState>,
    caller: Caller,
    Path(id): Path<String>,
    headers: HeaderMap,
) -> WebexResult<Response> {
    let shown = shown_by_id(&app, &caller, &headers, &id).await?.ok_or_else(|| unknown_run(&id))?;
    Ok(utf8_json(&shown))
}

/// Returns the run, series or scheduled meeting with that id as it is shown. `None` if there is none.
pub(super) async fn shown_by_id(
    app: &AppState,
    caller: &Caller,
    headers: &HeaderMap,
    id: &str,
) -> WebexResult<Option<Value>> {
    let place = Place::of(app, caller, headers).await?;
    let show_run = |run: &StoredInstance| {
        let item = place.show(|around| meeting(&run.instance, around));
        let merged = rollcall_extras::merged(run.instance.extras.as_ref(), extras::MEETING.name, &item);
        merged.unwrap_or_else(|| json!(item))
    };
    if let Some(run) = find_run(app, caller, id).await? {
        return Ok(Some(show_run(&run)));
    }
    if let Some(found) = app.store.find_series(caller.account, id).await? {
        return Ok(Some(show_whole(app, caller, headers, &found).await?));
    }
    Ok(find_run_or_latest(app, caller, id, None).await?.map(|run| show_run(&run)))
}
