//! Writing registrants, as events report them and as imports state them.

use rollcall_model::{
    AccountId, Identifier, Meeting, MeetingKind, MeetingNumber, Registrant, Registration, Text, Timestamp,
};

use super::{Precedence, Rows, erased::Erased, meetings};
use crate::Result;

/// Does what [`crate::RegistrantStore::put_registrants`] promises.
///
/// # Errors
/// Those of the backend, and of that method.
pub fn put_all(
    tx: &dyn Rows,
    account: AccountId,
    kind: MeetingKind,
    number: MeetingNumber,
    registrants: &[Registrant],
) -> Result<()> {
    tx.require_account(account)?;
    make_meeting_known(tx, account, &Meeting::new(kind, number))?;
    let erased = Erased::of(tx, account)?;
    for registrant in registrants {
        if let Some(erased) = &erased
            && is_erased(erased, registrant, registrant.create_time)?
        {
            continue;
        }
        let id = known_id(tx, account, (kind, number), registrant)?;
        let registrant = Registrant { id, ..registrant.clone() };
        tx.write_registrant(account, (kind, number), &registrant, Timestamp::from_millis(0), Precedence::Merged)?;
    }
    Ok(())
}

/// Stores an event's registration: the registrant, the link that led to it, and the event's facts about the meeting.
pub(super) fn put_event(tx: &dyn Rows, account: AccountId, registration: &Registration) -> Result<()> {
    tx.require_account(account)?;
    let Registration { meeting, registrant, at, source } = registration;
    make_meeting_known(tx, account, meeting)?;
    if let Some(erased) = Erased::of(tx, account)?
        && is_erased(&erased, registrant, None)?
    {
        return Ok(());
    }
    let id = known_id(tx, account, (meeting.kind, meeting.number), registrant)?;
    let registrant = Registrant { id, ..registrant.clone() };
    tx.write_registrant(account, (meeting.kind, meeting.number), &registrant, *at, Precedence::Later)?;
    match source {
        Some(source) if meeting.kind == MeetingKind::Webinar => {
            tx.count_registration(account, meeting.number, &registrant.id, source)
        }
        _ => Ok(()),
    }
}

/// Returns the id under which a registrant is stored. An address as id means that the source has no ids: it is the
/// registration with that address. A registration that is stored under its address gets its id as soon as it is known.
fn known_id(tx: &dyn Rows, account: AccountId, of: (MeetingKind, MeetingNumber), told: &Registrant) -> Result<Text> {
    let Some(email) = told.email.as_deref().filter(|email| !email.is_empty()) else { return Ok(told.id.clone()) };
    if tx.registrant(account, of, &told.id)?.is_some() {
        return Ok(told.id.clone());
    }
    if told.id.to_lowercase() == email.to_lowercase() {
        let known = tx.registrant_with_address(account, of, email)?;
        return Ok(known.map_or_else(|| told.id.clone(), |known| known.id));
    }
    for address in [email, email.to_lowercase().as_str()] {
        if tx.registrant(account, of, address)?.is_some() {
            tx.rename_registrant(account, of, address, &told.id)?;
            break;
        }
    }
    Ok(told.id.clone())
}

/// Returns whether a registration at that time is of a person who was erased since.
pub(super) fn is_erased(erased: &Erased<'_>, registrant: &Registrant, time: Option<Timestamp>) -> Result<bool> {
    let in_form = match &registrant.answers_json {
        Some(answers) => erased.scrub(answers)?.is_some(),
        None => false,
    };
    Ok(in_form || erased.covers(names(registrant), time)?.is_some())
}

/// Returns the identifiers of a registrant.
pub(super) fn names(registrant: &Registrant) -> impl Iterator<Item = Identifier> {
    let email = registrant.email.as_deref().and_then(Identifier::of_user);
    [Identifier::of_registrant(&registrant.id), email].into_iter().flatten()
}

/// Fills unknown values of the meeting.
fn make_meeting_known(tx: &dyn Rows, account: AccountId, told: &Meeting) -> Result<()> {
    let stored = tx.meeting(account, told.kind, told.number)?;
    fn lacking<T: Clone>(stored: Option<&Option<T>>, told: &Option<T>) -> Option<T> {
        told.clone().filter(|_| stored.is_none_or(Option::is_none))
    }
    macro_rules! lacking {
        ($($field:ident)*) => {
            Meeting {
                $($field: lacking(stored.as_ref().map(|meeting| &meeting.$field), &told.$field),)*
                ..Meeting::new(told.kind, told.number)
            }
        };
    }
    let news = lacking!(host_id topic schedule_type start_time duration_minutes timezone occurrences_json);
    if stored.is_none() || news != Meeting::new(told.kind, told.number) {
        meetings::put(tx, account, &news)?;
    }
    Ok(())
}
