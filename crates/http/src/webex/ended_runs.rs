//! The ended runs that a summary report is about, latest first.

use std::ops::Range;

use rollcall_auth::Caller;
use rollcall_model::{InstanceId, InstanceState, MeetingKind, MeetingNumber, Text, Timestamp};
use rollcall_store::{InstanceCursor, InstanceQuery, InstanceSpan, ParticipantVisitor, StoredInstance};
use rollcall_store::{LentParticipant, visit_participants};
use rollcall_webex::{
    extras::MEETING,
    report::{Attendance, Call},
    rules::{Violation, parse_site_url},
};

use super::{
    error::{WebexError, WebexResult},
    extract::Query,
    runs::{WINDOW_SECONDS, window},
};
use crate::state::App;

/// The longest window, as in Webex.
const MAX_WINDOW_DAYS: i64 = 30;
/// The greatest age of a window's begin, if Webex's limits are enforced.
const MAX_AGE_DAYS: i64 = 90;
const DAY_SECONDS: i64 = 24 * 3600;

/// Reads the window of a summary report, which is seven days long by default.
pub(super) fn report_window(app: &App, query: &Query) -> WebexResult<Range<Timestamp>> {
    let now = app.now();
    let window = window(query, "from", "to")?.unwrap_or_else(|| now.minus_seconds(WINDOW_SECONDS)..now);
    let refuse = |sentence: String| Err(WebexError::bad_request(sentence));
    if window.end > window.start.plus_seconds(MAX_WINDOW_DAYS * DAY_SECONDS) {
        return refuse(format!("'to' must be at most {MAX_WINDOW_DAYS} days after 'from'"));
    }
    if app.settings.webex_report_limits && window.start < now.minus_seconds(MAX_AGE_DAYS * DAY_SECONDS) {
        return refuse(format!("'from' must be at most {MAX_AGE_DAYS} days ago"));
    }
    Ok(window)
}

/// The sites of a summary report, and the account's default site.
pub(super) struct ReportSites {
    asked: Vec<Text>,
    default: Option<Text>,
}

impl ReportSites {
    /// Reads `siteUrl`.
    pub(super) async fn read(app: &App, caller: &Caller, query: &Query) -> WebexResult<Self> {
        let asked = parse_site_url(query.get("siteUrl").unwrap_or_default())?;
        Self::check(app, caller, "siteUrl", vec![asked]).await
    }

    /// Checks that the sites in a field are among those of the account, unless it has none.
    pub(super) async fn check(app: &App, caller: &Caller, field: &'static str, asked: Vec<Text>) -> WebexResult<Self> {
        let sites = app.store.sites(caller.account).await?;
        let is_known = |asked: &Text| sites.is_empty() || sites.iter().any(|site| site.url == *asked);
        if let Some(unknown) = asked.iter().find(|asked| !is_known(asked)) {
            return Err(Violation::unknown_site(field, unknown).into());
        }
        let default = sites.into_iter().find(|site| site.is_default).map(|site| site.url);
        Ok(Self { asked, default })
    }

    /// Returns the sites.
    pub(super) fn urls(&self) -> &[Text] {
        &self.asked
    }

    /// Returns the site on which the run took place: as its source said, or else the default site. `None` if it is not
    /// one of the sites. If neither is known, it is the first.
    pub(super) fn of(&self, run: &StoredInstance) -> Option<&str> {
        let told = run.instance.extras.as_ref().and_then(|extras| extras.of(MEETING.name)?.get("/siteUrl").cloned());
        let told = told.and_then(|json| serde_json::from_str::<String>(&json).ok());
        let found = match told.as_deref().or(self.default.as_deref()) {
            Some(site) => self.asked.iter().find(|asked| site.eq_ignore_ascii_case(asked)),
            None => self.asked.first(),
        };
        found.map(Text::as_str)
    }
}

/// A run's place in the list: its start in milliseconds, and its row.
pub(super) type Place = (i64, i64);

/// Returns a run's place.
pub(super) fn place(run: &StoredInstance) -> Place {
    (run.instance.start_time.map_or(i64::MIN, Timestamp::as_millis), run.id.0)
}

/// The list of an account's ended runs that began within a window, meetings and webinars.
pub(super) struct EndedRuns<'a> {
    pub(super) app: &'a App,
    pub(super) caller: &'a Caller,
    pub(super) window: Range<Timestamp>,
    /// Only of the meeting with this number.
    pub(super) number: Option<MeetingNumber>,
}

impl EndedRuns<'_> {
    /// Returns up to `limit` runs after a place, and whether there are more.
    pub(super) async fn read(&self, after: Option<Place>, limit: usize) -> WebexResult<(Vec<StoredInstance>, bool)> {
        let after = after.map(|(time, id)| InstanceCursor { time: Timestamp::from_millis(time), id: InstanceId(id) });
        let (mut runs, mut has_more) = (Vec::new(), false);
        for kind in [MeetingKind::Meeting, MeetingKind::Webinar] {
            let query = InstanceQuery {
                kind,
                state: InstanceState::Past,
                number: self.number,
                max_participants: None,
                min_participants: None,
                span: InstanceSpan::Start,
                from: self.window.start,
                before: self.window.end,
                groups: None,
                unnumbered: true,
                person: None,
            };
            let found = self.app.store.list_instances(self.caller.account, &query, after, limit).await?;
            has_more |= found.len() == limit;
            runs.extend(found);
        }
        runs.sort_by_key(|run| std::cmp::Reverse(place(run)));
        has_more |= runs.len() > limit;
        runs.truncate(limit);
        Ok((runs, has_more))
    }
}

/// The attendances of a run, except those in the waiting room, each with its row.
#[derive(Default)]
pub(super) struct Attendances(pub(super) Vec<(i64, Attendance)>);

impl Attendances {
    /// Reads those of a run.
    pub(super) async fn of(app: &App, caller: &Caller, run: &StoredInstance) -> WebexResult<Self> {
        let limit = usize::try_from(run.participants).unwrap_or(usize::MAX).saturating_add(1);
        Ok(visit_participants(&*app.store, caller.account, run.id, None, limit, Self::default()).await?)
    }
}

impl ParticipantVisitor for Attendances {
    fn visit(&mut self, id: rollcall_model::ParticipantId, participant: &LentParticipant<'_>) {
        if participant.status == Some(b"in_waiting_room") {
            return;
        }
        let text = |bytes: Option<&[u8]>| {
            let text = String::from_utf8_lossy(bytes?);
            (!text.trim().is_empty()).then(|| Text::from(&*text))
        };
        let leg = participant.audio_call.as_ref().map(|legs| {
            let kind = legs.first().and_then(|leg| leg.call_type.as_deref());
            kind.map(|kind| if kind == "call-out" { Call::Out } else { Call::In })
        });
        let attendance = Attendance {
            user_id: text(Some(participant.user_id)).unwrap_or_default(),
            name: text(participant.user_name),
            email: text(participant.email),
            person: text(participant.id),
            role: text(participant.role),
            join: participant.join_time,
            leave: participant.leave_time,
            call: leg,
            ip_address: text(participant.ip_address),
            system: text(participant.os).or_else(|| text(participant.device)),
            application: text(participant.browser_name).or_else(|| text(participant.client)),
            registered: text(participant.registrant_id).map(|_| true),
        };
        self.0.push((id.0, attendance));
    }
}
