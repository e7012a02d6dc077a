//! Scheduled meetings and webinars, as events report them.
//!
//! What is stored is a function of the set of events: of each field, the latest event with a value counts, independent
//! of order. So the time of that event is stored for each field. Reports of other sources have no such time: they override
//! stored values, and any event overrides them once.

use std::{cmp::Ordering, collections::BTreeMap, fmt::Debug};

use rollcall_model::{AccountId, Extras, Meeting, Schedule, ScheduleChange, Text, Timestamp};
use serde_json::{Map, Value};

use super::{Rows, meetings};
use crate::{Result, StoreError};

const TABLE: &str = "meetings";
/// The names of lists and objects in [`Marks`]; an entry within them is `NAME/KEY`.
const SETTINGS: &str = "settings";
const OCCURRENCES: &str = "occurrences";

/// The time of the latest event for each field, compared with a new event.
struct Marks {
    known: BTreeMap<String, i64>,
    /// The time of the event, in milliseconds.
    at: i64,
}

impl Marks {
    fn of(tx: &dyn Rows, account: AccountId, meeting: &Meeting, at: i64) -> Result<Self> {
        let told = tx.schedule_times(account, meeting.kind, meeting.number)?;
        let known = told.map_or_else(|| Ok(BTreeMap::new()), |told| serde_json::from_str(&told));
        let known = known.map_err(|error| StoreError::Corrupt { table: TABLE, reason: error.to_string() })?;
        Ok(Self { known, at })
    }

    /// Compares the event's time with that of the latest event that had the field, or all of its parent.
    fn compare(&self, name: &str, whole: Option<&str>) -> Ordering {
        let latest = [Some(name), whole].into_iter().flatten().filter_map(|name| self.known.get(name)).max();
        latest.map_or(Ordering::Greater, |latest| self.at.cmp(latest))
    }

    /// Returns whether the event's value overrides the stored one. Of two at the same time, the one that sorts last
    /// does.
    fn wins<T: Debug>(&self, name: &str, whole: Option<&str>, told: &T, stored: Option<&T>) -> bool {
        match self.compare(name, whole) {
            Ordering::Greater => true,
            Ordering::Less => false,
            Ordering::Equal => stored.is_none_or(|stored| format!("{told:?}") > format!("{stored:?}")),
        }
    }

    /// Records that the event has the field.
    fn note(&mut self, name: &str) {
        let latest = self.known.entry(name.to_owned()).or_insert(self.at);
        *latest = self.at.max(*latest);
    }

    /// Returns the event's value if it overrides the stored one.
    fn take<T: Debug + Clone>(&mut self, name: &str, told: Option<&T>, stored: Option<&T>) -> Option<T> {
        let value = told.filter(|told| self.wins(name, None, *told, stored)).cloned();
        if told.is_some() {
            self.note(name);
        }
        value
    }

    /// Merges the keys of an object with those of the event. An event with `all` keys also counts for those that it
    /// omits.
    fn merge_object(&mut self, name: &str, all: bool, told: Option<&str>, stored: Option<&str>) -> Option<String> {
        let told: Map<String, Value> = serde_json::from_str(told?).ok()?;
        let before: Map<String, Value> = stored.and_then(|json| serde_json::from_str(json).ok()).unwrap_or_default();
        let mut merged = before.clone();
        for (key, value) in told {
            let mark = format!("{name}/{key}");
            if self.wins(&mark, Some(name), &value, before.get(&key)) {
                merged.insert(key, value);
            }
            if !all {
                self.note(&mark);
            }
        }
        if all {
            self.note(name);
        }
        (merged != before).then(|| Value::Object(merged).to_string())
    }

    /// Merges the occurrences with those of the event, by id.
    fn merge_occurrences(&mut self, change: ScheduleChange, told: &str, stored: Option<&str>) -> Option<String> {
        let told = occurrences(told)?;
        let before = stored.and_then(occurrences).unwrap_or_default();
        let mut merged = before.clone();
        for (id, mut occurrence) in told {
            if change == ScheduleChange::OccurrencesDeleted {
                occurrence.insert("status".to_owned(), "deleted".into());
            }
            let mark = format!("{OCCURRENCES}/{id}");
            let wins = self.wins(&mark, Some(OCCURRENCES), &occurrence, before.get(&id));
            let own = merged.entry(id).or_default();
            for (key, value) in occurrence {
                if wins {
                    own.insert(key, value);
                } else {
                    own.entry(key).or_insert(value);
                }
            }
            if change != ScheduleChange::Created {
                self.note(&mark);
            }
        }
        if change == ScheduleChange::Created {
            self.note(OCCURRENCES);
        }
        if merged == before {
            return None;
        }
        let mut list: Vec<_> = merged.into_values().collect();
        list.sort_by_key(|occurrence| [text_of(occurrence, "start_time"), text_of(occurrence, "occurrence_id")]);
        serde_json::to_string(&list).ok()
    }
}

/// Returns occurrences by id; `None` if it is not a list of objects.
fn occurrences(json: &str) -> Option<BTreeMap<String, Map<String, Value>>> {
    let list: Vec<Map<String, Value>> = serde_json::from_str(json).ok()?;
    Some(list.into_iter().map(|occurrence| (text_of(&occurrence, "occurrence_id"), occurrence)).collect())
}

/// Returns the ids of a meeting's occurrences that were not deleted.
pub fn occurrence_ids(meeting: &Meeting) -> Vec<Text> {
    let known = meeting.occurrences_json.as_deref().and_then(occurrences).unwrap_or_default();
    let available = known.into_iter().filter(|(_, occurrence)| text_of(occurrence, "status") != "deleted");
    available.map(|(id, _)| id.into()).collect()
}

/// Returns a value as text, including numbers; blank if there is none.
fn text_of(occurrence: &Map<String, Value>, key: &str) -> String {
    match occurrence.get(key) {
        Some(Value::String(text)) => text.clone(),
        Some(Value::Number(number)) => number.to_string(),
        _ => String::new(),
    }
}

/// Stores an event's values of a scheduled meeting.
pub(super) fn put(tx: &dyn Rows, account: AccountId, schedule: &Schedule) -> Result<()> {
    tx.require_account(account)?;
    let marks = Marks::of(tx, account, &schedule.meeting, schedule.at.as_millis())?;
    merge(tx, account, schedule, marks)
}

/// Stores a change that was made here, which overrides everything that was reported until now: it is later than the
/// latest event, even if that is of the same millisecond or the vendor's clock is ahead.
pub(super) fn change(tx: &dyn Rows, account: AccountId, schedule: &Schedule) -> Result<()> {
    tx.require_account(account)?;
    let mut marks = Marks::of(tx, account, &schedule.meeting, schedule.at.as_millis())?;
    let latest = marks.known.values().max().copied().unwrap_or(i64::MIN);
    marks.at = marks.at.max(latest.saturating_add(1));
    merge(tx, account, schedule, marks)
}

fn merge(tx: &dyn Rows, account: AccountId, schedule: &Schedule, mut marks: Marks) -> Result<()> {
    let Schedule { meeting: told, change, .. } = schedule;
    let stored = tx.meeting(account, told.kind, told.number)?;
    let unknown = Meeting::new(told.kind, told.number);
    let news = news(&mut marks, *change, told, stored.as_ref().unwrap_or(&unknown));
    if stored.is_none() || news != unknown {
        meetings::put(tx, account, &news)?;
    }
    let is_deleted = match change {
        ScheduleChange::Created => Some(false),
        ScheduleChange::Deleted => Some(true),
        ScheduleChange::Updated | ScheduleChange::OccurrencesDeleted => None,
    };
    let was_deleted = stored.as_ref().map(|stored| stored.deleted_at.is_some());
    let deleted = marks.take("deleted", is_deleted.as_ref(), was_deleted.as_ref());
    let uuid = marks.take("uuid", told.uuid.as_ref(), None);
    let known = serde_json::to_string(&marks.known).map_err(|error| StoreError::backend("schedule", error))?;
    let deleted = deleted.map(|deleted| deleted.then(|| Timestamp::from_millis(marks.at)));
    tx.set_schedule(account, (told.kind, told.number), &known, uuid.as_ref(), deleted)
}

/// Returns what to store of an event.
fn news(marks: &mut Marks, change: ScheduleChange, told: &Meeting, stored: &Meeting) -> Meeting {
    let mut news = Meeting::new(told.kind, told.number);
    if let Some(list) = &told.occurrences_json {
        news.occurrences_json = marks.merge_occurrences(change, list, stored.occurrences_json.as_deref());
    }
    if change == ScheduleChange::OccurrencesDeleted {
        // The rest may be about an occurrence.
        return news;
    }
    macro_rules! later {
        ($($field:ident)*) => {
            $(news.$field = marks.take(stringify!($field), told.$field.as_ref(), stored.$field.as_ref());)*
        };
    }
    later!(host_id host_email topic schedule_type status start_time duration_minutes timezone agenda created_at);
    later!(join_url registration_url is_simulive);
    let fields = Some(&told.tracking_fields).filter(|fields| !fields.is_empty());
    news.tracking_fields = marks.take("tracking_fields", fields, Some(&stored.tracking_fields)).unwrap_or_default();
    let is_whole = change == ScheduleChange::Created;
    let (settings, known) = (told.settings_json.as_deref(), stored.settings_json.as_deref());
    news.settings_json = marks.merge_object(SETTINGS, is_whole, settings, known);
    if let Some(extras) = &told.extras {
        let mut merged = extras.clone();
        if !marks.wins("extras", None, extras, stored.extras.as_ref()) {
            merged.overlay(stored.extras.as_ref().unwrap_or(&Extras::default()));
        }
        marks.note("extras");
        news.extras = Some(merged);
    }
    news
}
