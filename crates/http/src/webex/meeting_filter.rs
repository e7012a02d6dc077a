//! Filters of `GET /v1/meetings` for runs (Webex reference, section 5). Each documented parameter either filters or is
//! rejected; none is ignored.

use rollcall_model::{InstanceState, MeetingKind, MeetingNumber};
use rollcall_store::StoredInstance;
use rollcall_webex::{run, wire};

use super::{
    error::{WebexError, WebexResult},
    extract::Query,
};

/// Facts about ended runs that can be filtered by.
const FLAGS: [&str; 8] =
    ["hasChat", "hasRecording", "hasTranscription", "hasSummary", "hasClosedCaption", "hasPolls", "hasQA", "hasSlido"];

/// The filter of a request for runs.
#[derive(Debug, Default)]
pub(super) struct Filter {
    /// In one of these states; the list is empty for states that no stored run can have.
    pub(super) states: Vec<InstanceState>,
    /// Of these kinds.
    pub(super) kinds: Vec<MeetingKind>,
    /// Of the meeting with this number.
    pub(super) number: Option<MeetingNumber>,
    /// Whether the time window applies. It does not if a number or a link specifies the meeting.
    pub(super) is_within_window: bool,
    host_email: Option<String>,
    series_id: Option<String>,
    web_link: Option<String>,
    site_url: Option<String>,
    room_id: Option<String>,
    integration_tag: Option<String>,
    flags: Vec<(&'static str, bool)>,
}

impl Filter {
    /// Reads the parameters of a list of runs.
    pub(super) fn read(query: &Query) -> WebexResult<Self> {
        let refuse = |sentence: String| Err(WebexError::bad_request(sentence));
        let flags = flags(query)?;
        if query.get("isModified").is_some() {
            return refuse("'isModified' is not supported: it applies only to scheduled meetings".to_owned());
        }
        let series_id = query.get("meetingSeriesId").map(str::to_owned);
        refuse_two_names(query)?;
        let mut filter = Self {
            states: vec![InstanceState::Live, InstanceState::Past],
            kinds: vec![MeetingKind::Meeting, MeetingKind::Webinar],
            is_within_window: true,
            host_email: query.get("hostEmail").map(str::to_lowercase),
            flags,
            room_id: query.get("roomId").map(str::to_owned),
            integration_tag: query.get("integrationTag").map(str::to_owned),
            ..Self::default()
        };
        if series_id.is_some() {
            filter.series_id = series_id;
        } else {
            filter.number = number(query)?;
            filter.web_link = query.get("webLink").map(str::to_owned);
            filter.is_within_window = filter.number.is_none() && filter.web_link.is_none();
            if filter.is_within_window {
                filter.site_url = query.get("siteUrl").map(str::to_lowercase);
                filter.kinds = kinds(query)?;
            }
        }
        if filter.is_within_window {
            filter.states = states(query)?;
        }
        if !filter.flags.is_empty() {
            // They are facts of ended runs.
            filter.states.retain(|state| *state == InstanceState::Past);
        }
        Ok(filter)
    }

    /// Returns whether the filter omits runs that the store found.
    pub(super) fn is_selective(&self) -> bool {
        self.host_email.is_some()
            || self.series_id.is_some()
            || self.web_link.is_some()
            || self.site_url.is_some()
            || self.room_id.is_some()
            || self.integration_tag.is_some()
            || !self.flags.is_empty()
    }

    /// Returns whether the run matches. It is shown as `item`, or as `merged` if there is more to show.
    pub(super) fn admits(
        &self,
        stored: &StoredInstance,
        item: &wire::Meeting,
        merged: Option<&serde_json::Value>,
    ) -> bool {
        let is = |asked: &Option<String>, found: Option<&str>| {
            asked.as_deref().is_none_or(|asked| found.is_some_and(|found| found.eq_ignore_ascii_case(asked)))
        };
        let host = item.host_email.as_deref().map(str::to_lowercase);
        let needs_more = !self.flags.is_empty() || self.web_link.is_some() || self.site_url.is_some();
        let printed = (merged.is_none() && needs_more).then(|| serde_json::to_value(item).unwrap_or_default());
        let shown = merged.or(printed.as_ref()).unwrap_or(&serde_json::Value::Null);
        is(&self.host_email, host.as_deref())
            && is(&self.series_id, Some(run::series_id(&stored.instance).as_str()))
            && is(&self.site_url, shown["siteUrl"].as_str())
            && self.web_link.as_deref().is_none_or(|link| shown["webLink"] == link)
            && self.room_id.as_deref().is_none_or(|room| shown["roomId"] == room)
            && self.integration_tag.as_deref().is_none_or(|tag| has_tag(shown, tag))
            && self.flags.iter().all(|(name, value)| shown[*name] == *value)
    }
}

/// Returns the filter on facts of ended runs.
pub(super) fn flags(query: &Query) -> WebexResult<Vec<(&'static str, bool)>> {
    boolean(query, "current")?;
    let mut flags = Vec::new();
    for name in FLAGS {
        if let Some(value) = boolean(query, name)? {
            flags.push((name, value));
        }
    }
    Ok(flags)
}

/// Returns whether a shown meeting has an integration tag.
pub(super) fn has_tag(shown: &serde_json::Value, tag: &str) -> bool {
    shown["integrationTags"].as_array().is_some_and(|tags| tags.iter().any(|one| one == tag))
}

/// Rejects a request that specifies a meeting by number and by link. A series takes precedence over both.
pub(super) fn refuse_two_names(query: &Query) -> WebexResult<()> {
    let has = |name: &str| query.get(name).is_some();
    if has("meetingNumber") && has("webLink") && !has("meetingSeriesId") {
        let sentence = "'meetingNumber' and 'webLink' exclude each other: specify one of them";
        return Err(WebexError::bad_request(sentence));
    }
    Ok(())
}

pub(super) fn number(query: &Query) -> WebexResult<Option<MeetingNumber>> {
    let Some(text) = query.get("meetingNumber") else { return Ok(None) };
    // People copy the number as printed, in groups.
    let digits: String = text.chars().filter(|c| !c.is_whitespace()).collect();
    match digits.parse() {
        Ok(number) => Ok(Some(number)),
        Err(_) => Err(WebexError::bad_request("'meetingNumber' must be a number such as 123456789")),
    }
}

fn states(query: &Query) -> WebexResult<Vec<InstanceState>> {
    match query.get("state") {
        None => Ok(vec![InstanceState::Live, InstanceState::Past]),
        Some("inProgress") => Ok(vec![InstanceState::Live]),
        Some("ended") => Ok(vec![InstanceState::Past]),
        // A run is known once its host has started it.
        Some("lobby") => Ok(Vec::new()),
        Some(_) => Err(WebexError::bad_request("'state' of runs must be one of lobby, inProgress, ended")),
    }
}

fn kinds(query: &Query) -> WebexResult<Vec<MeetingKind>> {
    match query.get("scheduledType") {
        None => Ok(vec![MeetingKind::Meeting, MeetingKind::Webinar]),
        Some("meeting") => Ok(vec![MeetingKind::Meeting]),
        Some("webinar") => Ok(vec![MeetingKind::Webinar]),
        // Runs in personal rooms count as meetings, as in Webex once they have ended.
        Some("personalRoomMeeting") => Ok(Vec::new()),
        Some(_) => {
            let sentence = "'scheduledType' must be one of meeting, webinar, personalRoomMeeting";
            Err(WebexError::bad_request(sentence))
        }
    }
}

/// Reads a parameter that is `true` or `false`. `None` if it is missing.
pub(super) fn boolean(query: &Query, name: &str) -> WebexResult<Option<bool>> {
    match query.get(name) {
        None => Ok(None),
        Some("true") => Ok(Some(true)),
        Some("false") => Ok(Some(false)),
        Some(_) => Err(WebexError::bad_request(format!("'{name}' must be true or false"))),
    }
}
