//! Zoom's attendance and registration reports as exported by its web portal: CSV with a row for each attendance or
//! registration, after a block about the meeting, beside columns about the meeting, or alone.
//!
//! Column names have changed over the years, and differ between reports and languages, so columns are found by name, and
//! a row of names begins a new table. Times are in the exporter's time zone: the one in the time, the column or the
//! report, else the caller's, else UTC is assumed.

mod attendance;
mod columns;
mod registration;
mod text;
mod times;
mod words;

use std::{
    cell::Cell,
    collections::{BTreeMap, HashMap, HashSet},
    io,
};

use csv::StringRecord;
use rollcall_model::{
    InstanceFacts, InstanceRef, Meeting, MeetingKind, MeetingNumber, ParticipantFacts, Registrant, RegistrantFacts,
};

pub use columns::{ColumnName, InvalidColumnName};
pub(crate) use text::begins_like_csv;
pub use times::{DateOrder, UnknownDateOrder};

use self::{
    attendance::{Described, about, read_meeting, read_participant},
    columns::{Column, Head, column_named, names},
    registration::read_registrant,
    text::{Row, Rows, decode, rows},
    times::Times,
};
use crate::zone::Zone;

/// Maximum number of columns and characters of an unknown header that messages quote.
const QUOTED_COLUMNS: usize = 20;
const QUOTED_CHARS: usize = 40;

/// What a report does not contain.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct CsvSettings {
    /// The time zone of times without one; UTC if `None`.
    pub zone: Option<Zone>,
    /// The order of days and months, if the dates allow both.
    pub date_order: Option<DateOrder>,
    /// Columns whose names are not known.
    pub columns: Vec<ColumnName>,
}

/// The request that a report answers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Subject {
    /// The participants of a run.
    Attendance(MeetingKind, InstanceRef),
    /// The registrants of a meeting.
    Registration(MeetingKind, MeetingNumber),
}

/// Content of a report.
#[derive(Debug, Default)]
pub(crate) struct Report {
    /// The runs, with their participants.
    pub(crate) instances: Vec<InstanceFacts>,
    /// The scheduled meetings.
    pub(crate) meetings: Vec<Meeting>,
    /// The registrants of each meeting.
    pub(crate) registrants: Vec<RegistrantFacts>,
    /// The invalid lines, with the reason.
    pub(crate) defects: Vec<(u64, String)>,
    /// How often each column could not be stored.
    pub(crate) unkept: BTreeMap<String, u64>,
    /// Whether a time was read as UTC because its time zone is unknown.
    pub(crate) assumes_utc: bool,
}

/// Parses a report. `subject` is the request that it answers, if it was given.
///
/// # Errors
/// If it cannot be read, is too large, has no row of known column names, is about another meeting than `subject`, or
/// does not show whether days or months come first.
pub(crate) fn read(input: impl io::Read, subject: Option<&Subject>, settings: &CsvSettings) -> io::Result<Report> {
    let Rows { rows, open_quote, ends_in_row } = rows(decode(input)?, &settings.columns)?;
    let lines = Lines::of(rows, &settings.columns);
    if lines.heads.is_empty() && !lines.rows.is_empty() {
        return Err(unknown_header(&lines.rows));
    }
    let order = match settings.date_order {
        Some(order) => order,
        None => DateOrder::of(lines.times())?,
    };
    let times =
        Times { order, reported: lines.zone.clone(), named: settings.zone.clone(), assumes_utc: Cell::new(false) };
    let mut reader =
        Reader { subject, times, report: Report::default(), current: None, told: HashMap::new(), lost: None };
    let last = lines.rows.len().checked_sub(1).filter(|_| ends_in_row && open_quote.is_none());
    for (at, (head, row)) in lines.rows.iter().enumerate() {
        let Some(head) = head.map(|head| &lines.heads[head]) else { continue };
        let (has, wanted) = (row.cells.len(), head.len());
        if Some(at) == last && has < wanted {
            let reason = format!("the file ends in this row, after {has} of {wanted} columns. Export it again");
            reader.skip(head, row.line, reason);
        } else if let Err(reason) = head.check(&row.cells) {
            reader.skip(head, row.line, reason);
        } else {
            reader.read(head, row)?;
        }
    }
    if let Some((line, column)) = open_quote {
        let reason = format!(
            "the quote before column {column} is never closed: the file is cut off, or a quote is missing. Nothing from \
             this row on was imported. Export the report again"
        );
        reader.report.defects.push((line, reason));
    }
    Ok(reader.finish())
}

/// The rows of data, each with the table that it belongs to.
struct Lines {
    heads: Vec<Head>,
    rows: Vec<(Option<usize>, Row)>,
    /// The report's time zone.
    zone: Option<Zone>,
    /// When the report was made.
    generated: Option<(u64, String)>,
}

impl Lines {
    fn of(rows: Vec<Row>, named: &[ColumnName]) -> Self {
        let mut lines = Self { heads: Vec::new(), rows: Vec::new(), zone: None, generated: None };
        let mut rows = rows.into_iter().peekable();
        let mut next = rows.peek().and_then(|row| Head::of(&row.cells, named));
        while let Some(row) = rows.next() {
            let head = next.take();
            next = rows.peek().and_then(|row| Head::of(&row.cells, named));
            if let Some(head) = head {
                lines.heads.push(head);
                continue;
            }
            let [name, value] = [0, 1].map(|at| row.cells.get(at).unwrap_or_default().trim());
            match column_named(name, &[]).filter(|_| !value.is_empty()) {
                Some(Column::Zone) => {
                    lines.zone = lines.zone.or_else(|| Zone::of_label(value));
                    continue;
                }
                Some(Column::Generated) => {
                    lines.generated = Some((row.line, value.to_owned()));
                    continue;
                }
                _ => {}
            }
            // The title of the next table.
            if next.is_some() && row.cells.iter().filter(|cell| !cell.trim().is_empty()).count() == 1 {
                continue;
            }
            let table = lines.heads.len().checked_sub(1);
            if let Some(head) = table.and_then(|table| lines.heads.get(table))
                && let Ok(Some(zone)) = head.cell(&row.cells, columns::Part::Meeting, Column::Zone)
            {
                lines.zone = lines.zone.or_else(|| Zone::of_label(zone.text));
            }
            lines.rows.push((table, row));
        }
        lines
    }

    /// Returns all times with their lines.
    fn times(&self) -> impl Iterator<Item = (u64, &str)> {
        let cells = self.rows.iter().filter_map(|(head, row)| Some((self.heads.get((*head)?)?, row)));
        let times = cells.flat_map(|(head, row)| head.times(&row.cells).map(|cell| (row.line, cell.text)));
        times.chain(self.generated.iter().map(|(line, text)| (*line, text.as_str())))
    }
}

/// Returns the error of a file without known column names: what it has instead, and what to do.
fn unknown_header(rows: &[(Option<usize>, Row)]) -> io::Error {
    let (_, row) = rows.iter().max_by_key(|(_, row)| (row.cells.len().min(3), u64::MAX - row.line)).unwrap_or(&rows[0]);
    let quoted = |cell: &str| {
        let short: String = cell.trim().chars().take(QUOTED_CHARS).collect();
        format!("`{short}`")
    };
    let columns: Vec<String> = row.cells.iter().take(QUOTED_COLUMNS).map(quoted).collect();
    let reason = format!(
        "no row has known column names. Line {} has {}. If it is the header, name its columns, such as --column \
         name=\"…\" --column join=\"…\", with {}",
        row.line,
        columns.join(", "),
        names()
    );
    invalid(reason)
}

/// The meeting that rows are about.
struct Current {
    kind: MeetingKind,
    number: Option<MeetingNumber>,
    /// Its run in `Report::instances`.
    run: Option<usize>,
    /// Whether several meetings come before the rows.
    is_one_of_several: bool,
}

struct Reader<'s> {
    subject: Option<&'s Subject>,
    times: Times,
    report: Report,
    current: Option<Current>,
    /// The meetings of earlier rows: kind, number and start, with their run.
    told: HashMap<(MeetingKind, MeetingNumber, Option<InstanceRef>), Option<usize>>,
    /// Why the last meeting cannot be read. Rows about people cannot be assigned then.
    lost: Option<String>,
}

/// Why a row cannot be read.
enum Wrong {
    /// Others can.
    Row(String),
    /// No row can.
    File(io::Error),
}

impl From<String> for Wrong {
    fn from(reason: String) -> Self {
        Self::Row(reason)
    }
}

impl Reader<'_> {
    /// Reports an invalid row.
    fn skip(&mut self, head: &Head, line: u64, reason: String) {
        if head.has_meetings {
            self.lost = Some(format!("line {line}: {reason}"));
        }
        self.report.defects.push((line, reason));
    }

    fn read(&mut self, head: &Head, row: &Row) -> io::Result<()> {
        match self.read_row(head, &row.cells) {
            Ok(()) => {
                for name in head.unkept(&row.cells) {
                    *self.report.unkept.entry(name.to_owned()).or_default() += 1;
                }
                Ok(())
            }
            Err(Wrong::Row(reason)) => {
                self.skip(head, row.line, reason);
                Ok(())
            }
            Err(Wrong::File(error)) => Err(io::Error::new(error.kind(), format!("line {}: {error}", row.line))),
        }
    }

    fn read_row(&mut self, head: &Head, cells: &StringRecord) -> Result<(), Wrong> {
        let has_people = head.has_attendances || head.has_registrations;
        // Everything is parsed before anything is added, so that an invalid row adds nothing.
        let participant = if head.has_attendances { read_participant(head, cells, &self.times)? } else { None };
        let registrant = if head.has_registrations { read_registrant(head, cells, &self.times)? } else { None };
        if head.has_meetings {
            let described = read_meeting(head, cells, &self.times)?;
            self.begin(described, has_people)?;
        }
        if let Some(participant) = participant {
            let run = self.run()?;
            let facts = ParticipantFacts { participant, minutes: Vec::new() };
            self.report.instances[run].participants.push(facts);
        }
        if let Some(registrant) = registrant {
            self.add_registrant(registrant)?;
        }
        Ok(())
    }

    /// Makes a meeting the one that rows are about.
    fn begin(&mut self, described: Described, is_own_row: bool) -> Result<(), Wrong> {
        let Described { mut kind, number, mut run, meeting } = described;
        match self.subject {
            Some(Subject::Attendance(of, InstanceRef::Latest(asked)) | Subject::Registration(of, asked)) => {
                if *asked != number {
                    return Err(other_meeting(number, *asked));
                }
                kind = *of;
            }
            Some(Subject::Attendance(of, asked @ InstanceRef::Uuid(uuid))) => {
                kind = *of;
                if let Some(run) = &mut run {
                    run.instance = asked.clone();
                    if let Some(details) = &mut run.details {
                        details.uuid = uuid.clone();
                    }
                }
            }
            None => {}
        }
        if let Some(run) = &mut run {
            run.kind = kind;
            if let Some(details) = &mut run.details {
                details.kind = kind;
            }
        }
        let key = (kind, number, run.as_ref().map(|run| run.instance.clone()));
        let is_new = !self.told.contains_key(&key);
        let report = &mut self.report;
        let run = *self.told.entry(key).or_insert_with(|| {
            let mut meeting = meeting;
            if let Some(meeting) = &mut meeting {
                meeting.kind = kind;
            }
            report.meetings.extend(meeting);
            let at = report.instances.len();
            report.instances.extend(run);
            (report.instances.len() > at).then_some(at)
        });
        let is_one_of_several = self.current.is_some() && is_new && !is_own_row;
        self.current = Some(Current { kind, number: Some(number), run, is_one_of_several });
        self.lost = None;
        Ok(())
    }

    /// Returns the run that attendances belong to.
    fn run(&mut self) -> Result<usize, Wrong> {
        self.check_meeting()?;
        match (&mut self.current, self.subject) {
            (Some(Current { is_one_of_several: true, .. }), _) => Err(Wrong::File(invalid(
                "several meetings come before these participants. Export the report of one meeting".to_owned(),
            ))),
            (Some(Current { run: Some(run), .. }), _) => Ok(*run),
            (current, Some(Subject::Attendance(kind, instance))) => {
                let run = self.report.instances.len();
                self.report.instances.push(about(*kind, instance.clone()));
                let number = match instance {
                    InstanceRef::Latest(number) => Some(*number),
                    InstanceRef::Uuid(_) => current.as_ref().and_then(|current| current.number),
                };
                *current = Some(Current { kind: *kind, number, run: Some(run), is_one_of_several: false });
                Ok(run)
            }
            _ => Err(Wrong::File(invalid(
                "the file has participants, but does not say of which run. Import it with --request 'GET \
                 /v2/report/meetings/ID/participants'"
                    .to_owned(),
            ))),
        }
    }

    /// Rejects rows about people after a meeting that cannot be read.
    fn check_meeting(&self) -> Result<(), Wrong> {
        match &self.lost {
            Some(reason) => {
                Err(Wrong::File(invalid(format!("it belongs to the meeting above, which cannot be read: {reason}"))))
            }
            None => Ok(()),
        }
    }

    fn add_registrant(&mut self, registrant: Registrant) -> Result<(), Wrong> {
        self.check_meeting()?;
        let (kind, number) = match (&self.current, self.subject) {
            (Some(Current { is_one_of_several: true, .. }), _) => {
                return Err(Wrong::File(invalid(
                    "several meetings come before these registrants. Export the report of one meeting".to_owned(),
                )));
            }
            (Some(Current { kind, number: Some(number), .. }), _) => (*kind, *number),
            (_, Some(Subject::Registration(kind, number) | Subject::Attendance(kind, InstanceRef::Latest(number)))) => {
                (*kind, *number)
            }
            _ => {
                return Err(Wrong::File(invalid(
                    "the file has registrants, but does not say of which meeting. Import it with --request 'GET \
                     /v2/meetings/ID/registrants' or 'GET /v2/webinars/ID/registrants'"
                        .to_owned(),
                )));
            }
        };
        let of_meeting = |facts: &RegistrantFacts| (facts.kind, facts.number) == (kind, number);
        match self.report.registrants.iter_mut().find(|facts| of_meeting(facts)) {
            Some(facts) => facts.registrants.push(registrant),
            None => self.report.registrants.push(RegistrantFacts { kind, number, registrants: vec![registrant] }),
        }
        Ok(())
    }

    fn finish(self) -> Report {
        let mut report = self.report;
        report.assumes_utc = self.times.assumes_utc.get();
        for facts in &mut report.registrants {
            let mut known = HashSet::new();
            facts.registrants.retain(|registrant| known.insert(registrant.id.clone()));
        }
        report
    }
}

fn invalid(reason: String) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, reason)
}

fn other_meeting(number: MeetingNumber, asked: MeetingNumber) -> Wrong {
    Wrong::File(invalid(format!(
        "the file is about meeting {number}, but --request names {asked}. Import it without --request, or correct the \
         number"
    )))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_has_the_zone_that_is_named_nearest_to_it() {
        let meeting = "Meeting ID,Topic,Start Time,End Time\n86000000013,Algebra,11/20/2026 10:00,11/20/2026 11:00\n";
        let join = |preamble: &str, column: &str, cell: &str, zone: Option<&str>| {
            let text = format!("{preamble}{meeting}\nName,{column},Leave Time\nAda,{cell},\n");
            let settings = CsvSettings { zone: zone.map(|zone| zone.parse().unwrap()), ..CsvSettings::default() };
            let report = read(text.as_bytes(), None, &settings).unwrap();
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
}
