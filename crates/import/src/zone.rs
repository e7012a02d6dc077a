//! Time zones, as people and reports write them.

use std::str::FromStr;

use jiff::{
    civil::DateTime,
    tz::{Offset, TimeZone},
};
use rollcall_model::Timestamp;

/// The time zone of times without one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Zone(TimeZone);

/// An unknown time zone.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("unknown time zone `{0}`: write an IANA name, such as Europe/Berlin, or an offset, such as +02:00")]
pub struct UnknownZone(String);

/// Time zone names without a slash, with their zone or offset in hours. The first are labels in Zoom's reports: their
/// offsets are those of winter.
const NAMES: [(&str, Named); 18] = [
    ("pacific time", Named::Place("America/Los_Angeles")),
    ("mountain time", Named::Place("America/Denver")),
    ("central time (us", Named::Place("America/Chicago")),
    ("eastern time (us", Named::Place("America/New_York")),
    ("eastern time", Named::Place("America/New_York")),
    ("central time", Named::Place("America/Chicago")),
    ("pst", Named::Hours(-8)),
    ("pdt", Named::Hours(-7)),
    ("mst", Named::Hours(-7)),
    ("mdt", Named::Hours(-6)),
    ("cst", Named::Hours(-6)),
    ("cdt", Named::Hours(-5)),
    ("est", Named::Hours(-5)),
    ("edt", Named::Hours(-4)),
    ("bst", Named::Hours(1)),
    ("cest", Named::Hours(2)),
    ("cet", Named::Hours(1)),
    ("jst", Named::Hours(9)),
];

#[derive(Debug, Clone, Copy)]
enum Named {
    Place(&'static str),
    Hours(i8),
}

impl FromStr for Zone {
    type Err = UnknownZone;

    fn from_str(text: &str) -> Result<Self, UnknownZone> {
        let trimmed = text.trim();
        let zone = offset(trimmed).or_else(|| TimeZone::get(trimmed).ok().map(Self));
        zone.ok_or_else(|| UnknownZone(text.to_owned()))
    }
}

impl Zone {
    /// Coordinated universal time.
    pub const UTC: Self = Self(TimeZone::UTC);

    fn fixed(seconds: i32) -> Option<Self> {
        Offset::from_seconds(seconds).ok().map(|offset| Self(TimeZone::fixed(offset)))
    }

    /// Returns the time zone of a label, such as `(GMT-8:00) Pacific Time (US and Canada)` or `Europe/Berlin`.
    pub(crate) fn of_label(label: &str) -> Option<Self> {
        let lower = label.to_lowercase();
        let is_part = |c: char| c.is_alphanumeric() || matches!(c, '/' | '_' | '-' | '+');
        let place =
            label.split(|c| !is_part(c)).find(|word| word.contains('/') && word.starts_with(char::is_alphabetic));
        if let Some(zone) = place.and_then(|place| TimeZone::get(place).ok()) {
            return Some(Self(zone));
        }
        let is_named = |name: &str| match lower.find(name) {
            Some(at) => {
                let is_edge = |c: Option<char>| c.is_none_or(|c| !c.is_alphanumeric());
                is_edge(lower[..at].chars().next_back()) && is_edge(lower[at + name.len()..].chars().next())
            }
            None => false,
        };
        let named = NAMES.iter().find(|(name, _)| is_named(name)).and_then(|(_, named)| match named {
            Named::Place(place) => TimeZone::get(place).ok().map(Self),
            Named::Hours(hours) => Self::fixed(i32::from(*hours) * 3_600),
        });
        named.or_else(|| {
            let at = ["gmt", "utc"].into_iter().find(|name| is_named(name)).and_then(|name| lower.find(name));
            let rest = at.map(|at| &lower[at..])?;
            let end = rest.find(|c: char| !is_part(c) && c != ':').unwrap_or(rest.len());
            offset(&rest[..end]).or(Some(Self::UTC))
        })
    }

    /// Returns the instant at which clocks in the time zone show `time`.
    pub(crate) fn instant(&self, time: DateTime) -> Option<Timestamp> {
        let zoned = time.to_zoned_datetime(self.0.clone()).ok()?;
        Some(Timestamp::from_seconds(zoned.timestamp().as_second()))
    }
}

/// Splits a time from the time zone after it: `11/20/2026 10:00 AM GMT+01:00`.
pub(crate) fn split(text: &str) -> (&str, Option<Zone>) {
    let Some(colon) = text.find(':') else { return (text, None) };
    let (head, tail) = text.split_at(colon);
    let sign = tail.find(['+', '-']).filter(|at| tail[at + 1..].starts_with(|c: char| c.is_ascii_digit()));
    let word = tail.match_indices(char::is_alphabetic).map(|(at, _)| at).find(|at| {
        let word: String = tail[*at..].chars().take_while(|c| c.is_alphabetic() || *c == '.').collect();
        let is_half = ["am", "pm", "a.m", "p.m"].contains(&word.to_lowercase().trim_end_matches('.'));
        !is_half && !tail[..*at].ends_with(|c: char| c.is_alphabetic() || c == '.')
    });
    let Some(at) = sign.into_iter().chain(word).min() else { return (text, None) };
    let label = tail[at..].trim();
    match offset(label).or_else(|| Zone::of_label(label)) {
        Some(zone) => (text[..head.len() + at].trim_end_matches(['(', ' ']), Some(zone)),
        None => (text, None),
    }
}

/// Parses an offset from UTC: `Z`, `UTC`, `+2`, `GMT-08:00`, `+0530`.
fn offset(text: &str) -> Option<Zone> {
    let upper = text.trim().to_uppercase();
    let rest = upper.strip_prefix("GMT").or_else(|| upper.strip_prefix("UTC")).unwrap_or(&upper);
    if matches!(rest, "" | "Z") && !upper.is_empty() {
        return Some(Zone::UTC);
    }
    let (sign, digits) = match rest.trim_start().split_at_checked(1)? {
        ("+", digits) => (1, digits),
        ("-", digits) => (-1, digits),
        _ => return None,
    };
    let (hours, minutes) = match digits.split_once(':') {
        Some(parts) => parts,
        None if digits.len() == 4 => digits.split_at_checked(2)?,
        None => (digits, "0"),
    };
    let (hours, minutes): (i32, i32) = (hours.parse().ok()?, minutes.parse().ok()?);
    ((0..=14).contains(&hours) && (0..60).contains(&minutes)).then_some(())?;
    Zone::fixed(sign * (hours * 3_600 + minutes * 60))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn zones_are_found_in_labels_and_behind_times() {
        let noon: DateTime = "2026-07-01T12:00:00".parse().unwrap();
        let hour = |zone: Zone| zone.instant(noon).unwrap().to_string()[11..16].to_owned();
        for (label, utc) in [
            ("(GMT-8:00) Pacific Time (US and Canada)", "19:00"),
            ("America/New_York", "16:00"),
            ("Join Time (Europe/Berlin)", "10:00"),
            ("GMT+05:30", "06:30"),
            ("(UTC)", "12:00"),
            ("(GMT-3:00)", "15:00"),
            ("CEST", "10:00"),
        ] {
            assert_eq!(hour(Zone::of_label(label).unwrap()), utc, "{label}");
        }
        for label in ["Name (Original Name)", "Duration (Minutes)", "Guest", "User Email", "Estimate", ""] {
            assert_eq!(Zone::of_label(label), None, "{label}");
        }
        for (text, time, utc) in [
            ("7/1/2026 12:00 PM GMT+01:00", "7/1/2026 12:00 PM", "11:00"),
            ("01-07-2026 12:00:00 +0200", "01-07-2026 12:00:00", "10:00"),
            ("Jul 1, 2026 12:00:00 PM PDT", "Jul 1, 2026 12:00:00 PM", "19:00"),
            ("2026-07-01 12:00:00 (America/New_York)", "2026-07-01 12:00:00", "16:00"),
        ] {
            let (before, zone) = split(text);
            assert_eq!((before, hour(zone.unwrap()).as_str()), (time, utc), "{text}");
        }
        for text in ["7/1/2026 12:00:00 p.m.", "01-07-2026 12:00", "20.11.2026 22:00", "soon"] {
            assert_eq!(split(text), (text, None), "{text}");
        }
        for text in ["Europe/Berlin", "utc", "+02:00", "GMT-3"] {
            assert!(text.parse::<Zone>().is_ok(), "{text}");
        }
        for text in ["", "Berlin time", "+2500", "Mars/Olympus"] {
            assert!(text.parse::<Zone>().is_err(), "{text}");
        }
    }
}
