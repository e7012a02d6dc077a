//! Columns of reports: what their names mean, and which table a row of names begins.

use std::{collections::HashMap, ops::Range, str::FromStr, sync::LazyLock};

use csv::StringRecord;

use super::words::{self, plain};
use crate::zone::Zone;

/// Meaning of a column.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Column {
    Number,
    /// Meeting or webinar.
    Kind,
    Topic,
    Start,
    End,
    /// When the meeting was to begin.
    Scheduled,
    Created,
    Host,
    HostEmail,
    Name,
    FirstName,
    LastName,
    Email,
    Join,
    Leave,
    Minutes,
    Waiting,
    /// Number of attendances in the report.
    Participants,
    Registered,
    /// Status of the registration.
    Status,
    /// Name of the link that led to the registration.
    Source,
    Zone,
    /// When the report was made.
    Generated,
    Attended,
    Guest,
    Country,
}

impl Column {
    /// Columns that a caller may name, with the name.
    const NAMED: [(&str, Self); 19] = [
        ("name", Self::Name),
        ("first-name", Self::FirstName),
        ("last-name", Self::LastName),
        ("email", Self::Email),
        ("join", Self::Join),
        ("leave", Self::Leave),
        ("minutes", Self::Minutes),
        ("waiting-room", Self::Waiting),
        ("registered", Self::Registered),
        ("status", Self::Status),
        ("source", Self::Source),
        ("meeting-id", Self::Number),
        ("topic", Self::Topic),
        ("start", Self::Start),
        ("end", Self::End),
        ("scheduled", Self::Scheduled),
        ("host", Self::Host),
        ("host-email", Self::HostEmail),
        ("time-zone", Self::Zone),
    ];

    /// Returns whether cells are times.
    const fn is_time(self) -> bool {
        matches!(
            self,
            Self::Start | Self::End | Self::Scheduled | Self::Created | Self::Join | Self::Leave | Self::Registered
        )
    }

    /// Returns whether no field holds its values.
    const fn is_unkept(self) -> bool {
        matches!(self, Self::Guest | Self::Country | Self::Created)
    }
}

/// A column of a report that the caller named: `email=E-Mail`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ColumnName {
    column: Column,
    header: String,
}

/// An invalid [`ColumnName`].
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("write NAME=HEADER, such as email=\"E-Mail\". NAME is one of {}", names())]
pub struct InvalidColumnName;

/// Returns the names of columns that a caller may name.
pub(super) fn names() -> String {
    Column::NAMED.map(|(name, _)| name).join(", ")
}

impl FromStr for ColumnName {
    type Err = InvalidColumnName;

    fn from_str(text: &str) -> Result<Self, InvalidColumnName> {
        let (name, header) = text.split_once('=').ok_or(InvalidColumnName)?;
        let (_, column) =
            Column::NAMED.into_iter().find(|(known, _)| *known == name.trim()).ok_or(InvalidColumnName)?;
        let header = plain(header);
        if header.is_empty() { Err(InvalidColumnName) } else { Ok(Self { column, header }) }
    }
}

/// The words of [`words::COLUMNS`].
static KNOWN: LazyLock<HashMap<&str, Column>> = LazyLock::new(|| words::each(words::COLUMNS).collect());

/// Returns the column with that name.
pub(super) fn column_named(name: &str, named: &[ColumnName]) -> Option<Column> {
    // `Join Time (GMT-08:00)`
    let name = match name.split_once(['(', '（']) {
        Some((name, label)) if Zone::of_label(label).is_some() => name,
        _ => name,
    };
    let name = plain(name);
    if let Some(found) = named.iter().find(|one| one.header == name) {
        return Some(found.column);
    }
    let known = KNOWN.get(name.as_str()).copied();
    // The caller named another column for this.
    known.filter(|known| named.iter().all(|one| one.column != *known))
}

/// A column of a table.
#[derive(Debug, Clone)]
struct Named {
    column: Option<Column>,
    name: String,
    /// The key of the registration form's field.
    form: Option<&'static str>,
}

/// A cell with its column.
#[derive(Debug, Clone, Copy)]
pub(super) struct Cell<'r> {
    /// Number of the column, from 1.
    number: usize,
    name: &'r str,
    pub(super) text: &'r str,
}

impl Cell<'_> {
    /// Says what is wrong with the cell.
    pub(super) fn wrong(&self, reason: &str) -> String {
        format!("column {} ({}): {reason}", self.number, self.name)
    }
}

/// The part of a table that a column belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Part {
    Meeting,
    Person,
}

/// The columns of a table.
#[derive(Debug, Clone)]
pub(super) struct Head {
    columns: Vec<Named>,
    /// Where the columns about the person begin.
    person: usize,
    /// Whether rows are about meetings.
    pub(super) has_meetings: bool,
    /// Whether rows are attendances.
    pub(super) has_attendances: bool,
    /// Whether rows are registrations.
    pub(super) has_registrations: bool,
    /// The time zone in column names.
    pub(super) zone: Option<Zone>,
    /// The fewest cells of a complete row.
    needed: usize,
}

impl Head {
    /// Parses the row as column names; `None` if it is data.
    pub(super) fn of(cells: &StringRecord, named: &[ColumnName]) -> Option<Self> {
        let meanings: Vec<_> = cells.iter().map(|cell| column_named(cell, named)).collect();
        let position = |wanted: Column| meanings.iter().position(|column| *column == Some(wanted));
        let has = |wanted: Column| position(wanted).is_some();
        let has_meetings = has(Column::Number) && has(Column::Topic);
        let has_name = has(Column::Name) || has(Column::FirstName) || has(Column::LastName);
        let has_attendances =
            has_name && (has(Column::Join) || (has(Column::Minutes) && !has_meetings && !has(Column::Scheduled)));
        let has_registrations = has(Column::Email) && (has(Column::Registered) || has(Column::Status));
        if !(has_meetings || has_attendances || has_registrations) {
            return None;
        }
        // In rows with both, the person's columns follow the meeting's, which may have a host's name and address.
        let about_person =
            |column: Option<Column>| matches!(column, Some(Column::Name | Column::FirstName | Column::LastName));
        let first_time = position(Column::Join).or(position(Column::Registered)).unwrap_or(meanings.len());
        let person = match (has_meetings, has_attendances || has_registrations) {
            (true, true) => {
                let before = meanings.get(..first_time).unwrap_or_default();
                let last = before.iter().rposition(|column| about_person(*column)).unwrap_or(0);
                let is_pair =
                    last > 0 && (before[last - 1], before[last]) == (Some(Column::FirstName), Some(Column::LastName));
                last - usize::from(is_pair)
            }
            (true, false) => meanings.len(),
            (false, _) => 0,
        };
        let wanted: &[Column] = match (has_attendances, has_registrations) {
            (true, _) => &[Column::Name, Column::Join, Column::Leave],
            (false, true) => &[Column::Email, Column::Registered, Column::Status],
            (false, false) => &[Column::Number, Column::Start, Column::End],
        };
        let is_wanted = |column: &Option<Column>| column.is_some_and(|column| wanted.contains(&column));
        let needed = meanings.iter().rposition(is_wanted).map_or(0, |at| at + 1);
        let zone = meanings
            .iter()
            .zip(cells)
            .filter(|(column, _)| column.is_some())
            .find_map(|(_, name)| Zone::of_label(name));
        let columns = meanings.into_iter().zip(cells).map(|(column, name)| Named {
            column,
            name: name.trim().to_owned(),
            form: column.is_none().then(|| form_field(name)).flatten(),
        });
        let columns = columns.collect();
        Some(Self { columns, person, has_meetings, has_attendances, has_registrations, zone, needed })
    }

    /// Returns whether the table has that column.
    pub(super) fn has(&self, wanted: Column) -> bool {
        self.columns.iter().any(|column| column.column == Some(wanted))
    }

    fn range(&self, part: Part) -> Range<usize> {
        match part {
            Part::Meeting => 0..self.person,
            Part::Person => self.person..self.columns.len(),
        }
    }

    fn at<'r>(&'r self, cells: &'r StringRecord, at: usize) -> Option<Cell<'r>> {
        let text = cells.get(at)?.trim();
        // Zoom writes hyphens for values that a row does not have.
        let is_blank = text.chars().all(|c| c == '-');
        let Named { name, .. } = self.columns.get(at)?;
        (!is_blank).then_some(Cell { number: at + 1, name, text })
    }

    /// Returns the cell of a column; `None` if it is blank or missing.
    ///
    /// # Errors
    /// If two columns with that meaning differ.
    pub(super) fn cell<'r>(
        &'r self,
        cells: &'r StringRecord,
        part: Part,
        wanted: Column,
    ) -> Result<Option<Cell<'r>>, String> {
        let places = self.range(part).filter(|at| self.columns[*at].column == Some(wanted));
        let mut found: Option<Cell<'r>> = None;
        for cell in places.filter_map(|at| self.at(cells, at)) {
            match found {
                Some(first) if first.text != cell.text => {
                    let name = Column::NAMED.iter().find(|(_, column)| *column == wanted);
                    let choose =
                        name.map_or_else(String::new, |(name, _)| format!(", or choose with --column {name}=…"));
                    return Err(format!(
                        "columns {} ({}) and {} ({}) have the same meaning and differ: delete one of them{choose}",
                        first.number, first.name, cell.number, cell.name
                    ));
                }
                Some(_) => {}
                None => found = Some(cell),
            }
        }
        Ok(found)
    }

    /// Returns the cells of times, whatever their meaning.
    pub(super) fn times<'r>(&'r self, cells: &'r StringRecord) -> impl Iterator<Item = Cell<'r>> {
        let is_time = |at: &usize| self.columns[*at].column.is_some_and(Column::is_time);
        (0..self.columns.len()).filter(is_time).filter_map(|at| self.at(cells, at))
    }

    /// Returns the answers of the registration form, with the field's key if it is not a custom question.
    pub(super) fn answers<'r>(
        &'r self,
        cells: &'r StringRecord,
    ) -> impl Iterator<Item = (Option<&'static str>, &'r str, &'r str)> {
        let person = self.range(Part::Person).filter(|at| self.columns[*at].column.is_none());
        person.filter_map(|at| {
            let (column, cell) = (&self.columns[at], self.at(cells, at)?);
            (!cell.name.is_empty()).then_some((column.form, cell.name, cell.text))
        })
    }

    /// Returns the names of columns whose values in the row no field holds.
    pub(super) fn unkept<'r>(&'r self, cells: &'r StringRecord) -> impl Iterator<Item = &'r str> {
        let is_unkept = |at: &usize| match self.columns[*at].column {
            Some(Column::Minutes) => self.has_attendances && !self.has(Column::Join),
            Some(column) => column.is_unkept(),
            None => *at < self.person || !self.has_registrations,
        };
        let cells = (0..self.columns.len()).filter(is_unkept).filter_map(|at| self.at(cells, at));
        cells.map(|cell| cell.name).filter(|name| !name.is_empty())
    }

    /// Returns the number's column name, which says whether the meeting is a webinar.
    pub(super) fn number_name(&self) -> &str {
        self.columns.iter().find(|column| column.column == Some(Column::Number)).map_or("", |column| &column.name)
    }

    /// Checks that the cells can belong to these columns.
    ///
    /// # Errors
    /// If there are too many or too few.
    pub(super) fn check(&self, cells: &StringRecord) -> Result<(), String> {
        let has_text = |cell: &str| !cell.trim().is_empty();
        if cells.iter().skip(self.columns.len()).any(has_text) {
            return Err(format!(
                "the row has {} cells, but the header names {} columns: put quotes around the cell that contains the \
                 separator",
                cells.len(),
                self.columns.len()
            ));
        }
        if cells.len() < self.needed {
            return Err(format!(
                "the row has {} of {} columns: it is cut off, or a cell contains a line break without quotes",
                cells.len(),
                self.columns.len()
            ));
        }
        Ok(())
    }

    /// Returns the number of columns.
    pub(super) fn len(&self) -> usize {
        self.columns.len()
    }
}

/// Returns the key of a registration form's field.
fn form_field(name: &str) -> Option<&'static str> {
    let name = plain(name);
    words::each(words::FORM).find(|(word, _)| *word == name).map(|(_, key)| key)
}
