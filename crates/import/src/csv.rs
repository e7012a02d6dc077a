//! Zoom's attendance reports as exported by its web portal: CSV with a row for each attendance, after a block about the
//! meeting, or alone.
//!
//! Column names have changed over the years and differ between reports, so columns are found by name, and a row of
//! names begins a new table. Times are in the exporter's time zone: the one in the time, the column or the report, else
//! the caller's, else UTC is assumed.

use std::{
    cell::Cell,
    collections::BTreeMap,
    io::{self, Read as _},
};

use base64::{Engine as _, engine::general_purpose::STANDARD};
use jiff::civil::{Date, DateTime, Time};
use rollcall_model::{
    Instance, InstanceFacts, InstanceRef, InstanceState, MeetingKind, MeetingNumber, Participant, ParticipantFacts,
    Text, Timestamp,
};
use sha2::{Digest as _, Sha256};

use crate::zone::{self, Zone};

/// Maximum size: a report is read completely, because only all of its dates together show whether days or months come
/// first.
const MAX_BYTES: u64 = 64 * 1024 * 1024;

/// Meaning of a column.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Column {
    Number,
    Topic,
    Start,
    End,
    Host,
    Name,
    Email,
    Join,
    Leave,
    Minutes,
    Waiting,
    /// Number of attendances in the report.
    Participants,
    Zone,
}

impl Column {
    /// Returns the column with that name, in the table about meetings or in that of participants.
    fn named(name: &str) -> Option<Self> {
        // `Join Time (GMT-08:00)`
        let name = match name.split_once('(') {
            Some((name, label)) if Zone::of_label(label).is_some() => name,
            _ => name,
        };
        let name: String = name.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect();
        Some(match name.as_str() {
            "meetingid" | "webinarid" | "id" => Self::Number,
            "topic" => Self::Topic,
            "starttime" | "actualstarttime" => Self::Start,
            "endtime" => Self::End,
            "hostname" => Self::Host,
            "name" | "nameoriginalname" | "username" | "usernameoriginalname" => Self::Name,
            "useremail" | "email" | "hostemail" => Self::Email,
            "jointime" => Self::Join,
            "leavetime" => Self::Leave,
            "durationminutes" | "totaldurationminutes" | "timeinsessionminutes" | "actualdurationminutes" => {
                Self::Minutes
            }
            "inwaitingroom" => Self::Waiting,
            "participants" | "totalparticipants" => Self::Participants,
            "timezone" => Self::Zone,
            _ => return None,
        })
    }
}

/// Subject of a table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Table {
    Meetings,
    Participants,
}

/// The columns of a table.
struct Head {
    table: Table,
    columns: Vec<(Option<Column>, String)>,
    /// The time zone in column names.
    zone: Option<Zone>,
}

impl Head {
    /// Parses the row as column names; `None` if it is data.
    fn of(cells: &[&str]) -> Option<Self> {
        let columns: Vec<_> = cells.iter().map(|cell| (Column::named(cell), (*cell).to_owned())).collect();
        let has = |wanted: Column| columns.iter().any(|(column, _)| *column == Some(wanted));
        let table = if has(Column::Number) && has(Column::Topic) {
            Table::Meetings
        } else if has(Column::Name) && (has(Column::Join) || has(Column::Minutes)) {
            Table::Participants
        } else {
            return None;
        };
        let zone = columns.iter().filter(|(column, _)| column.is_some()).find_map(|(_, name)| Zone::of_label(name));
        Some(Self { table, columns, zone })
    }

    fn cell<'r>(&self, cells: &[&'r str], wanted: Column) -> Option<&'r str> {
        let at = self.columns.iter().position(|(column, _)| *column == Some(wanted))?;
        cells.get(at).copied().map(str::trim).filter(|cell| !cell.is_empty())
    }
}

/// Content of a report.
#[derive(Debug, Default)]
pub(crate) struct Report {
    /// The runs, with their participants.
    pub(crate) instances: Vec<InstanceFacts>,
    /// The invalid lines, with the reason.
    pub(crate) defects: Vec<(u64, String)>,
    /// How often each column could not be stored.
    pub(crate) unkept: BTreeMap<String, u64>,
    /// Whether a time was read as UTC because its time zone is unknown.
    pub(crate) assumes_utc: bool,
}

/// How to parse times.
struct Times {
    order: DateOrder,
    /// The report's time zone.
    reported: Option<Zone>,
    /// The caller's time zone.
    named: Option<Zone>,
    assumes_utc: Cell<bool>,
}

impl Times {
    /// Parses the times of a row; `zone` is that of its own table.
    fn parse(&self, text: &str, zone: Option<&Zone>) -> Result<Timestamp, String> {
        if let Ok(time) = text.parse::<Timestamp>() {
            return Ok(time);
        }
        let (time, own) = zone::split(text);
        let civil = self.order.civil(time).ok_or_else(|| format!("`{text}` is not a date with a time"))?;
        let zone = own.as_ref().or(zone).or(self.reported.as_ref()).or(self.named.as_ref());
        if zone.is_none() {
            self.assumes_utc.set(true);
        }
        zone.unwrap_or(&Zone::UTC).instant(civil).ok_or_else(|| format!("`{text}` is out of range"))
    }
}

/// Returns whether a text begins like such a report.
pub(crate) fn begins_like_csv(beginning: &[u8]) -> bool {
    let text = beginning.utf8_chunks().next().map_or("", |chunk| chunk.valid());
    text.lines().take(20).any(|line| {
        let cells: Vec<&str> = line.split(delimiter(line)).map(|cell| cell.trim().trim_matches('"')).collect();
        cells.len() > 1 && Head::of(&cells).is_some()
    })
}

fn delimiter(line: &str) -> char {
    [',', ';', '\t'].into_iter().max_by_key(|delimiter| line.matches(*delimiter).count()).unwrap_or(',')
}

/// Parses a report. `meeting` is its meeting, and `zone` its time zone, if it does not contain them.
///
/// # Errors
/// If it cannot be read, or is too large.
pub(crate) fn read(
    input: impl io::Read,
    meeting: Option<(MeetingKind, InstanceRef)>,
    zone: Option<Zone>,
) -> io::Result<Report> {
    let mut text = String::new();
    input.take(MAX_BYTES + 1).read_to_string(&mut text)?;
    if text.len() as u64 > MAX_BYTES {
        return Err(io::Error::new(io::ErrorKind::InvalidData, format!("the report is longer than {MAX_BYTES} bytes")));
    }
    let text = text.trim_start_matches('\u{feff}');
    let named = text.lines().find(|line| line.split(delimiter(line)).nth(1).is_some());
    let delimiter = u8::try_from(named.map_or(',', delimiter)).unwrap_or(b',');
    let mut rows =
        csv::ReaderBuilder::new().has_headers(false).flexible(true).delimiter(delimiter).from_reader(text.as_bytes());
    let rows: Vec<csv::StringRecord> = rows.records().collect::<Result<_, _>>().map_err(io::Error::other)?;
    let order = DateOrder::of(rows.iter().flat_map(csv::StringRecord::iter));
    let mut times = Times { order, reported: None, named: zone, assumes_utc: Cell::new(false) };
    let mut report = Report::default();
    let mut head: Option<Head> = None;
    let mut current = meeting.map(|(kind, reference)| about(kind, reference));
    for row in &rows {
        let line = row.position().map_or(0, csv::Position::line);
        let cells: Vec<&str> = row.iter().collect();
        if cells.iter().all(|cell| cell.trim().is_empty()) {
            continue;
        }
        if let Some(found) = Head::of(&cells) {
            head = Some(found);
            continue;
        }
        if let [name, value, ..] = cells[..]
            && Column::named(name) == Some(Column::Zone)
        {
            times.reported = Zone::of_label(value);
            continue;
        }
        let Some(head) = &head else { continue };
        if let Some(zone) = head.cell(&cells, Column::Zone).and_then(Zone::of_label) {
            times.reported = Some(zone);
        }
        match head.table {
            Table::Meetings => match read_meeting(head, &cells, &times) {
                Ok(facts) => report.instances.extend(current.replace(facts)),
                Err(reason) => report.defects.push((line, reason)),
            },
            Table::Participants => match (&mut current, read_participant(head, &cells, &times)) {
                (Some(facts), Ok(participant)) => {
                    facts.participants.push(ParticipantFacts { participant, minutes: Vec::new() });
                }
                (None, _) => {
                    let reason = "the report does not say which meeting it is about. Import it with --request 'GET \
                                  /v2/report/meetings/ID/participants'";
                    report.defects.push((line, reason.to_owned()));
                    return Ok(report);
                }
                (_, Err(reason)) => report.defects.push((line, reason)),
            },
        }
        for ((column, name), cell) in head.columns.iter().zip(&cells) {
            if column.is_none() && !cell.trim().is_empty() && !name.trim().is_empty() {
                *report.unkept.entry(name.trim().to_owned()).or_default() += 1;
            }
        }
    }
    report.instances.extend(current);
    report.assumes_utc = times.assumes_utc.get();
    Ok(report)
}

fn about(kind: MeetingKind, reference: InstanceRef) -> InstanceFacts {
    InstanceFacts { state: Some(InstanceState::Past), ..InstanceFacts::new(kind, reference) }
}

fn read_meeting(head: &Head, cells: &[&str], times: &Times) -> Result<InstanceFacts, String> {
    let number = head.cell(cells, Column::Number).ok_or("the meeting's number is missing")?;
    let digits: String = number.chars().filter(|c| !c.is_whitespace() && *c != '-').collect();
    let number: MeetingNumber = digits.parse().map_err(|error: rollcall_model::InvalidId| error.to_string())?;
    let name = head.columns.iter().find(|(column, _)| *column == Some(Column::Number)).map_or("", |(_, name)| name);
    let kind = if name.to_lowercase().contains("webinar") { MeetingKind::Webinar } else { MeetingKind::Meeting };
    let time = |column| head.cell(cells, column).map(|text| times.parse(text, head.zone.as_ref())).transpose();
    let (start, end) = (time(Column::Start)?, time(Column::End)?);
    let minutes = head.cell(cells, Column::Minutes).and_then(|minutes| minutes.parse::<i64>().ok());
    let Some(start) = start else { return Ok(about(kind, InstanceRef::Latest(number))) };
    let uuid = uuid_of(kind, number, start).map_err(|error| error.to_string())?;
    let mut instance = Instance::new(kind, number, uuid.clone(), InstanceState::Past);
    instance.topic = head.cell(cells, Column::Topic).map(Text::from);
    instance.host_name = head.cell(cells, Column::Host).map(Text::from);
    instance.host_email = head.cell(cells, Column::Email).map(Text::from);
    instance.start_time = Some(start);
    instance.end_time = end.or_else(|| minutes.map(|minutes| start.plus_seconds(minutes * 60)));
    instance.stated_participants = head.cell(cells, Column::Participants).and_then(|count| count.parse().ok());
    let mut facts = about(kind, InstanceRef::Uuid(uuid));
    facts.number = Some(number);
    facts.start_time = Some(start);
    facts.details = Some(instance);
    Ok(facts)
}

/// Returns the UUID of a run of which the report has only number and start: always the same, so that a repeated import
/// finds it.
fn uuid_of(
    kind: MeetingKind,
    number: MeetingNumber,
    start: Timestamp,
) -> Result<rollcall_model::InstanceUuid, rollcall_model::InvalidId> {
    let digest = Sha256::digest(format!("attendance report/{kind:?}/{number}/{}", start.as_seconds()));
    STANDARD.encode(&digest[..16]).parse()
}

fn read_participant(head: &Head, cells: &[&str], times: &Times) -> Result<Participant, String> {
    let time = |column| head.cell(cells, column).map(|text| times.parse(text, head.zone.as_ref())).transpose();
    let (join_time, leave_time) = (time(Column::Join)?, time(Column::Leave)?);
    let (name, email) = (head.cell(cells, Column::Name), head.cell(cells, Column::Email));
    if name.is_none() && email.is_none() {
        return Err("neither a name nor an address".to_owned());
    }
    let waited = head.cell(cells, Column::Waiting).is_some_and(|cell| cell.eq_ignore_ascii_case("yes"));
    // The report has no ids: name and address are hashed to ten digits that identify nobody.
    let digest = Sha256::digest(format!("{}\n{}", name.unwrap_or_default(), email.unwrap_or_default()));
    let [a, b, c, d, e, f, g, h, ..] = <[u8; 32]>::from(digest);
    let user_id = 1_000_000_000 + u64::from_be_bytes([a, b, c, d, e, f, g, h]) % 9_000_000_000;
    Ok(Participant {
        user_id: user_id.to_string().into(),
        user_name: name.map(Text::from),
        email: email.map(Text::from),
        join_time,
        leave_time,
        status: Some(Text::const_new(if waited { "in_waiting_room" } else { "in_meeting" })),
        ..Participant::default()
    })
}

/// Whether days or months come first in dates such as 11/10/2026.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum DateOrder {
    MonthFirst,
    DayFirst,
}

impl DateOrder {
    /// Returns the order that all dates of a report match; Zoom's own, months first, if both do.
    fn of<'t>(cells: impl Iterator<Item = &'t str>) -> Self {
        let mut order = Self::MonthFirst;
        for cell in cells {
            let numbers = numbers(cell);
            if let [first, second, year, ..] = numbers[..]
                && year >= 1970
            {
                if first > 12 && second <= 12 {
                    order = Self::DayFirst;
                } else if second > 12 {
                    return Self::MonthFirst;
                }
                // 31.12.2026: only dates with days first use points.
                if cell.contains('.') && !cell.contains('/') && second <= 12 {
                    order = Self::DayFirst;
                }
            }
        }
        order
    }

    /// A time without a time zone.
    fn civil(self, text: &str) -> Option<DateTime> {
        let lower = text.to_lowercase();
        let numbers = numbers(&lower);
        let month = MONTHS.iter().position(|month| lower.contains(month)).map(|at| at as i64 + 1);
        let (year, month, day, clock) = match (month, &numbers[..]) {
            (Some(month), [day, year, clock @ ..]) if *year >= 1970 => (*year, month, *day, clock),
            (None, [year, month, day, clock @ ..]) if *year >= 1970 => (*year, *month, *day, clock),
            (None, [first, second, year, clock @ ..]) => {
                let year = if *year < 100 { year + 2000 } else { *year };
                match self {
                    Self::MonthFirst => (year, *first, *second, clock),
                    Self::DayFirst => (year, *second, *first, clock),
                }
            }
            _ => return None,
        };
        let (hour, minute, second) = match clock {
            [hour, minute, second, ..] => (*hour, *minute, *second),
            [hour, minute] => (*hour, *minute, 0),
            _ => return None,
        };
        let has = |half: &str| lower.trim_end_matches('.').ends_with(half);
        let hour = match hour {
            12 if has("am") || has("a.m") => 0,
            1..=11 if has("pm") || has("p.m") => hour + 12,
            hour => hour,
        };
        let small = |number: i64| i8::try_from(number).ok();
        let date = Date::new(i16::try_from(year).ok()?, small(month)?, small(day)?).ok()?;
        let time = Time::new(small(hour)?, small(minute)?, small(second)?, 0).ok()?;
        Some(DateTime::from_parts(date, time))
    }
}

const MONTHS: [&str; 12] = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];

/// Returns the numbers in a text.
fn numbers(text: &str) -> Vec<i64> {
    text.split(|c: char| !c.is_ascii_digit()).filter_map(|digits| digits.parse().ok()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn times(order: DateOrder) -> Times {
        Times { order, reported: None, named: None, assumes_utc: Cell::new(false) }
    }

    fn parse(order: DateOrder, text: &str) -> String {
        times(order).parse(text, None).unwrap().to_string()
    }

    #[test]
    fn a_time_has_the_zone_that_is_named_nearest_to_it() {
        let meeting = "Meeting ID,Topic,Start Time,End Time\n86000000013,Algebra,11/20/2026 10:00,11/20/2026 11:00\n";
        let join = |preamble: &str, column: &str, cell: &str, zone: Option<&str>| {
            let text = format!("{preamble}{meeting}\nName,{column},Leave Time\nAda,{cell},\n");
            let report = read(text.as_bytes(), None, zone.map(|zone| zone.parse().unwrap())).unwrap();
            assert_eq!(report.defects, []);
            (report.instances[0].participants[0].participant.join_time.unwrap().to_string(), report.assumes_utc)
        };
        let (plain, at) = ("11/20/2026 10:00 AM", |hour: &str| format!("2026-11-20T{hour}:00Z"));
        assert_eq!(join("", "Join Time", plain, None), (at("10:00"), true));
        assert_eq!(join("", "Join Time", plain, Some("Europe/Berlin")), (at("09:00"), false));
        let preamble = "Time Zone,(GMT-8:00) Pacific Time (US and Canada)\n";
        assert_eq!(join(preamble, "Join Time", plain, Some("Europe/Berlin")), (at("18:00"), false));
        assert_eq!(join(preamble, "Join Time (America/New_York)", plain, None), (at("15:00"), false));
        let cell = "11/20/2026 10:00 AM GMT+02:00";
        assert_eq!(join(preamble, "Join Time (America/New_York)", cell, None), (at("08:00"), false));
    }

    #[test]
    fn dates_are_read_in_the_forms_that_reports_have() {
        for text in [
            "11/20/2026 10:00:00 PM",
            "11/20/2026 22:00",
            "2026-11-20 22:00:00",
            "2026-11-20T22:00:00Z",
            "2026/11/20 22:00:00",
            "Nov 20, 2026 10:00:00 PM",
            "November 20, 2026 10:00 p.m.",
            "20 Nov 2026 22:00:00",
            "11/20/26 10:00 pm",
        ] {
            assert_eq!(parse(DateOrder::MonthFirst, text), "2026-11-20T22:00:00Z", "{text}");
        }
        for text in ["20/11/2026 22:00:00", "20.11.2026 22:00", "20-11-2026 10:00:00 PM"] {
            let order = DateOrder::of([text].into_iter());
            assert_eq!((order, parse(order, text).as_str()), (DateOrder::DayFirst, "2026-11-20T22:00:00Z"), "{text}");
        }
        assert_eq!(DateOrder::of(["01/02/2026 10:00", "11/20/2026 10:00"].into_iter()), DateOrder::MonthFirst);
        assert_eq!(parse(DateOrder::MonthFirst, "11/20/2026 12:05:00 AM"), "2026-11-20T00:05:00Z");
        for text in ["", "soon", "13/13/2026 10:00", "11/20/2026"] {
            assert!(times(DateOrder::MonthFirst).parse(text, None).is_err(), "{text}");
        }
    }

    #[test]
    fn a_report_is_told_by_its_names_of_columns() {
        for text in [
            "Meeting ID,Topic,Start Time\n",
            "\"Topic\",\"ID\",\"Host name\"\n",
            "Attendee Report\nReport Generated:,x\nTopic,Webinar ID,Actual Start Time\n",
            "Name (Original Name);User Email;Total Duration (Minutes)\n",
        ] {
            assert!(begins_like_csv(text.as_bytes()), "{text}");
        }
        for text in ["{\"name\": \"a\", \"topic\": 1}\n", "id,topic", "name,email\n", ""] {
            assert_eq!(begins_like_csv(text.as_bytes()), text == "id,topic", "{text}");
        }
    }
}
