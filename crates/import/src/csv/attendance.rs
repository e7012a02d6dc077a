//! Rows about meetings and attendances.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use csv::StringRecord;
use rollcall_model::{
    Instance, InstanceFacts, InstanceRef, InstanceState, InstanceUuid, InvalidId, Meeting, MeetingKind, MeetingNumber,
    Participant, Text, Timestamp,
};
use sha2::{Digest as _, Sha256};

use super::{
    columns::{Column, Head, Part},
    times::Times,
    words,
};

/// Returns facts about an ended instance.
pub(super) fn about(kind: MeetingKind, reference: InstanceRef) -> InstanceFacts {
    InstanceFacts { state: Some(InstanceState::Past), ..InstanceFacts::new(kind, reference) }
}

/// The meeting of a row.
#[derive(Debug)]
pub(super) struct Described {
    pub(super) kind: MeetingKind,
    pub(super) number: MeetingNumber,
    /// The run; `None` if the row is about the schedule.
    pub(super) run: Option<InstanceFacts>,
    /// The schedule.
    pub(super) meeting: Option<Meeting>,
}

/// Reads a row about a meeting.
pub(super) fn read_meeting(head: &Head, cells: &StringRecord, times: &Times) -> Result<Described, String> {
    let cell = |column| head.cell(cells, Part::Meeting, column);
    let text = |column| cell(column).map(|cell| cell.map(|cell| Text::from(cell.text)));
    let time = |column| time(head, cells, Part::Meeting, column, times);
    let number_cell = cell(Column::Number)?.ok_or_else(|| format!("column {}: no number", head.number_name()))?;
    // Spreadsheets keep `="860 0000 0013"` as text.
    let is_around = |c: &char| c.is_whitespace() || matches!(c, '-' | '=' | '"' | '\'');
    let digits: String = number_cell.text.chars().filter(|c| !is_around(c)).collect();
    let number: MeetingNumber = digits.parse().map_err(|_| {
        number_cell.wrong(&format!(
            "`{}` is not a meeting's number. Spreadsheet programs shorten long numbers: format the column as text",
            number_cell.text
        ))
    })?;
    let is_webinar =
        words::is_webinar(head.number_name()) || cell(Column::Kind)?.is_some_and(|kind| words::is_webinar(kind.text));
    let kind = if is_webinar { MeetingKind::Webinar } else { MeetingKind::Meeting };
    let minutes = || -> Result<Option<i64>, String> {
        Ok(cell(Column::Minutes)?.and_then(|minutes| minutes.text.parse().ok()).filter(|minutes| *minutes > 0))
    };
    let Some(start) = time(Column::Start)? else {
        let scheduled = time(Column::Scheduled)?;
        let meeting = Meeting {
            topic: text(Column::Topic)?,
            start_time: scheduled,
            duration_minutes: minutes()?.filter(|_| scheduled.is_some()),
            ..Meeting::new(kind, number)
        };
        return Ok(Described { kind, number, run: None, meeting: Some(meeting) });
    };
    let uuid = uuid_of(kind, number, start).map_err(|error| error.to_string())?;
    let mut instance = Instance::new(kind, number, uuid.clone(), InstanceState::Past);
    instance.topic = text(Column::Topic)?;
    instance.host_name = match text(Column::Host)? {
        Some(host) => Some(host),
        None => text(Column::Name)?,
    };
    instance.host_email = match text(Column::HostEmail)? {
        Some(host) => Some(host),
        None => text(Column::Email)?,
    };
    instance.start_time = Some(start);
    instance.end_time = match time(Column::End)? {
        Some(end) => Some(end),
        None => minutes()?.map(|minutes| start.plus_seconds(minutes.saturating_mul(60))),
    };
    instance.stated_participants = cell(Column::Participants)?.and_then(|count| count.text.parse().ok());
    let mut facts = about(kind, InstanceRef::Uuid(uuid));
    facts.number = Some(number);
    facts.start_time = Some(start);
    facts.details = Some(instance);
    Ok(Described { kind, number, run: Some(facts), meeting: None })
}

/// Parses the time in a column.
pub(super) fn time(
    head: &Head,
    cells: &StringRecord,
    part: Part,
    column: Column,
    times: &Times,
) -> Result<Option<Timestamp>, String> {
    let Some(cell) = head.cell(cells, part, column)? else { return Ok(None) };
    times.parse(cell.text, head.zone.as_ref()).map(Some).map_err(|reason| cell.wrong(&reason))
}

/// Returns the UUID of a run of which the report has only number and start: always the same, so that a repeated import
/// finds it.
fn uuid_of(kind: MeetingKind, number: MeetingNumber, start: Timestamp) -> Result<InstanceUuid, InvalidId> {
    let digest = Sha256::digest(format!("attendance report/{kind:?}/{number}/{}", start.as_seconds()));
    STANDARD.encode(&digest[..16]).parse()
}

/// Returns the name in a row: the one in the meeting, else the one in the registration.
pub(super) fn name_in(head: &Head, cells: &StringRecord) -> Result<Option<Text>, String> {
    let text = |column| head.cell(cells, Part::Person, column).map(|cell| cell.map(|cell| cell.text));
    if let Some(name) = text(Column::Name)? {
        return Ok(Some(name.into()));
    }
    let names: Vec<&str> = [text(Column::FirstName)?, text(Column::LastName)?].into_iter().flatten().collect();
    Ok((!names.is_empty()).then(|| names.join(" ").into()))
}

/// Reads an attendance; `None` if the row is about somebody who registered and did not attend.
pub(super) fn read_participant(
    head: &Head,
    cells: &StringRecord,
    times: &Times,
) -> Result<Option<Participant>, String> {
    let time = |column| time(head, cells, Part::Person, column, times);
    let (join_time, leave_time) = (time(Column::Join)?, time(Column::Leave)?);
    let may_be_absent = head.has(Column::Join) && (head.has(Column::Attended) || head.has_registrations);
    if join_time.is_none() && leave_time.is_none() && may_be_absent {
        return Ok(None);
    }
    let name = name_in(head, cells)?;
    let email = head.cell(cells, Part::Person, Column::Email)?.map(|cell| cell.text);
    if name.is_none() && email.is_none() {
        return Err("neither a name nor an address".to_owned());
    }
    let waiting = head.cell(cells, Part::Person, Column::Waiting)?;
    let waited = waiting.is_some_and(|cell| words::YES.contains(&words::plain(cell.text).as_str()));
    // The report has no ids: name and address are hashed to ten digits that identify nobody.
    let digest = Sha256::digest(format!("{}\n{}", name.as_deref().unwrap_or_default(), email.unwrap_or_default()));
    let [a, b, c, d, e, f, g, h, ..] = <[u8; 32]>::from(digest);
    let user_id = 1_000_000_000 + u64::from_be_bytes([a, b, c, d, e, f, g, h]) % 9_000_000_000;
    Ok(Some(Participant {
        user_id: user_id.to_string().into(),
        user_name: name,
        email: email.map(Text::from),
        join_time,
        leave_time,
        status: Some(Text::const_new(if waited { "in_waiting_room" } else { "in_meeting" })),
        ..Participant::default()
    }))
}
