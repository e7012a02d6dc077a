//! Query parameters of Zoom operations: read one by one, with all errors reported together.

use std::{borrow::Cow, fmt::Write as _};

use jiff::{ToSpan as _, civil};
use rollcall_model::{Text, Timestamp};
use rollcall_zoom::wire::FieldError;

use super::error::{ZoomError, ZoomResult};
use crate::state::App;

/// The parameters of one request. Unknown ones are ignored, as by Zoom; the first of repeated ones counts.
pub(super) struct Query<'a> {
    pairs: Vec<(Cow<'a, str>, Cow<'a, str>)>,
    errors: Vec<FieldError>,
    /// What page tokens are bound to: the operation and each effective value, in the order of reading.
    binding: String,
}

/// A time window, with the ends as written by the caller.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Window {
    pub(super) from_text: String,
    pub(super) to_text: String,
    /// At this instant or later.
    pub(super) from: Timestamp,
    /// Before this instant.
    pub(super) before: Timestamp,
}

/// The greatest age of a window's begin, if Zoom's limit is enforced (Zoom reference, section 1.2).
const MAX_AGE_MONTHS: i32 = 6;

/// Returns the earliest begin of a window of past meetings; `None` if Zoom's limit is not enforced.
pub(super) fn earliest(app: &App) -> Option<Timestamp> {
    let first = day_of(app.now()).checked_sub(MAX_AGE_MONTHS.months()).ok()?;
    app.settings.zoom_report_limits.then(|| start_of(first))
}

/// Returns the day of an instant, in UTC.
pub(super) fn day_of(time: Timestamp) -> civil::Date {
    let days = time.as_millis().div_euclid(86_400_000);
    civil::Date::new(1970, 1, 1).and_then(|epoch| epoch.checked_add(days.days())).unwrap_or_default()
}

/// Returns the first instant of a day, in UTC.
pub(super) fn start_of(day: civil::Date) -> Timestamp {
    let zoned = day.to_datetime(civil::Time::midnight()).to_zoned_datetime(jiff::tz::TimeZone::UTC);
    Timestamp::from_millis(zoned.map_or(0, |zoned| zoned.timestamp().as_millisecond()))
}

impl<'a> Query<'a> {
    /// Returns the parameters of a request to `operation` on the resource in its path.
    pub(super) fn new(raw: Option<&'a str>, operation: &str, path_id: &str) -> Self {
        Self {
            pairs: form_urlencoded::parse(raw.unwrap_or_default().as_bytes()).collect(),
            errors: Vec::new(),
            binding: format!("{operation}\n{path_id}"),
        }
    }

    /// Returns the value of `name`; empty counts as absent.
    pub(super) fn get(&self, name: &str) -> Option<&str> {
        let (_, value) = self.pairs.iter().find(|(key, _)| key == name)?;
        (!value.is_empty()).then_some(value)
    }

    /// Returns the value of `name`, which page tokens are bound to. `None` if it is absent or blank.
    pub(super) fn bound(&mut self, name: &str) -> Option<Text> {
        let value = Text::from(self.get(name)?);
        self.bind(name, &value);
        Some(value)
    }

    /// Returns the required value of `name`. If it is missing, records an error and returns a blank.
    pub(super) fn required(&mut self, name: &str) -> String {
        let Some(value) = self.get(name).map(|value| value.trim().to_owned()).filter(|value| !value.is_empty()) else {
            self.missing(name, "Give a value.");
            return String::new();
        };
        self.bind(name, &value);
        value
    }

    /// Records that `name` is invalid, and how to fix it.
    pub(super) fn refuse(&mut self, name: &str, fix: impl Into<Cow<'static, str>>) {
        let message = format!("Invalid field. {}", fix.into());
        self.errors.push(FieldError { field: name.to_owned(), message });
    }

    fn missing(&mut self, name: &str, fix: &str) {
        self.errors.push(FieldError { field: name.to_owned(), message: format!("Missing field. {fix}") });
    }

    /// Binds page tokens to `value` of `name`.
    pub(super) fn bind(&mut self, name: &str, value: &str) {
        let _ = write!(self.binding, "\n{name}={value}");
    }

    /// Returns the value of `name`, one of `choices`; the first is the default.
    pub(super) fn choice<T: Copy>(&mut self, name: &str, choices: &[(&str, T)]) -> T {
        let (mut word, mut chosen) = choices[0];
        if let Some(given) = self.get(name) {
            match choices.iter().find(|(choice, _)| *choice == given) {
                Some(choice) => (word, chosen) = *choice,
                None => {
                    let words: Vec<&str> = choices.iter().map(|(choice, _)| *choice).collect();
                    self.refuse(name, format!("Use one of: {}.", words.join(", ")));
                }
            }
        }
        self.bind(name, word);
        chosen
    }

    /// Returns whether the comma-separated list `name` contains `field`.
    pub(super) fn includes(&mut self, name: &str, field: &str) -> bool {
        let asked = self.get(name).is_some_and(|list| list.split(',').any(|item| item.trim() == field));
        if asked {
            self.bind(name, field);
        }
        asked
    }

    /// Returns a flag: `true` or `false`, false if absent.
    pub(super) fn switch(&mut self, name: &str) -> bool {
        self.choice(name, &[("false", false), ("true", true)])
    }

    /// Returns `page_size`: at least 1; more than `max` means `max`, as clients that send 1000 rely on.
    pub(super) fn page_size(&mut self, default: usize, max: usize) -> usize {
        // Described as an `int32`.
        let number = |text: &str| text.parse::<i32>().ok().filter(|_| text.bytes().all(|byte| byte.is_ascii_digit()));
        let asked = self.get("page_size").map(|text| number(text).and_then(|size| usize::try_from(size).ok()));
        let size = match asked {
            None => default,
            Some(Some(size)) if size > 0 => size.min(max),
            Some(_) => {
                self.refuse("page_size", format!("Use a whole number from 1 to {max}."));
                default
            }
        };
        self.bind("page_size", &size.to_string());
        size
    }

    /// Returns `from` and `to`: dates (`2022-01-01`) or times in UTC (`2022-01-01 00:00:00`), both inclusive, at most
    /// one month apart, and not before [`earliest`] if that is set.
    pub(super) fn window(&mut self, earliest: Option<Timestamp>) -> Option<Window> {
        let from = self.moment("from");
        let to = self.moment("to");
        let ((from_text, from, _), (to_text, to, to_whole_day)) = (from?, to?);
        if to < from {
            self.refuse("to", "It must not be before `from`.");
            return None;
        }
        if from.checked_add(1.month()).is_ok_and(|month_later| to > month_later) {
            self.refuse("to", "It must be at most one month after `from`.");
            return None;
        }
        let end = if to_whole_day { to.checked_add(1.day()) } else { to.checked_add(1.second()) };
        let instant = |at: civil::DateTime| at.to_zoned_datetime(jiff::tz::TimeZone::UTC).ok().map(|z| z.timestamp());
        let (Some(from), Some(before)) = (instant(from), end.ok().and_then(instant)) else {
            self.refuse("to", "It is out of range.");
            return None;
        };
        if earliest.is_some_and(|earliest| from.as_millisecond() < earliest.as_millis()) {
            self.refuse("from", format!("It must be within the last {MAX_AGE_MONTHS} months."));
            return None;
        }
        self.bind("from", &from_text);
        self.bind("to", &to_text);
        Some(Window {
            from_text,
            to_text,
            from: Timestamp::from_millis(from.as_millisecond()),
            before: Timestamp::from_millis(before.as_millisecond()),
        })
    }

    /// A date or time, with its text and whether it is a whole day.
    fn moment(&mut self, name: &str) -> Option<(String, civil::DateTime, bool)> {
        const FORMS: &str = "Use yyyy-MM-dd or yyyy-MM-dd HH:mm:ss.";
        let Some(text) = self.get(name).map(str::to_owned) else {
            self.missing(name, FORMS);
            return None;
        };
        let day = |date: &civil::Date| (date.to_datetime(civil::Time::midnight()), true);
        let parsed = match text.len() {
            10 => civil::Date::strptime("%Y-%m-%d", &text).ok().as_ref().map(day),
            _ => civil::DateTime::strptime("%Y-%m-%d %H:%M:%S", &text)
                .or_else(|_| civil::DateTime::strptime("%Y-%m-%dT%H:%M:%SZ", &text))
                .ok()
                .map(|time| (time, false)),
        };
        match parsed {
            Some((time, whole_day)) if (1..=9998).contains(&time.year()) => Some((text, time, whole_day)),
            _ => {
                self.refuse(name, FORMS);
                None
            }
        }
    }

    /// Returns the legacy `page_number`, from 1, which is the default.
    pub(super) fn page_number(&mut self) -> usize {
        let Some(text) = self.get("page_number") else { return 1 };
        match text.parse::<usize>() {
            Ok(number) if (1..=100_000).contains(&number) => number,
            _ => {
                self.refuse("page_number", "Use a whole number from 1 to 100000, or `next_page_token`.");
                1
            }
        }
    }

    /// Returns what page tokens of this request are bound to, once every parameter is read; or all errors.
    pub(super) fn finish(self) -> ZoomResult<String> {
        if self.errors.is_empty() { Ok(self.binding) } else { Err(ZoomError::validation(self.errors)) }
    }
}
