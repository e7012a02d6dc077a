//! Registrants of meetings and webinars, as events report them.

use std::sync::LazyLock;

use rollcall_model::{AccountId, Identifier, Meeting, MeetingKind, Registrant, Registration};
use rollcall_store::Result;
use rusqlite::{Connection, params};

use crate::{
    accounts,
    columns::Bound,
    erased::Erased,
    meetings,
    sql::{self},
    tracking_sources,
};

/// Later events override earlier ones; earlier ones fill unknown values. Of several at the same time, the decision that
/// Zoom can only make last takes precedence.
static PUT: LazyLock<String> = LazyLock::new(|| {
    let rank = |status: &str| {
        format!("CASE {status} WHEN 'pending' THEN 0 WHEN 'approved' THEN 1 WHEN 'denied' THEN 2 ELSE 3 END")
    };
    let (told, stored) = (rank("?8"), rank("coalesce(status, 'pending')"));
    let is_later = format!("(?11 > at_ms OR ?11 = at_ms AND {told} >= {stored})");
    let fields =
        [(5, "email"), (6, "first_name"), (7, "last_name"), (8, "status"), (9, "occurrence_ids"), (10, "answers")];
    let fields = fields.map(|(told, field)| {
        format!("{field} = iif({is_later}, coalesce(?{told}, {field}), coalesce({field}, ?{told}))")
    });
    format!(
        "INSERT INTO registrants (account_id, kind, number, registrant, email, first_name, last_name, status,
             occurrence_ids, answers, at_ms)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)
         ON CONFLICT (account_id, kind, number, registrant) DO UPDATE SET {}, at_ms = max(at_ms, ?11)",
        fields.join(", ")
    )
});

/// Stores a registration: the registrant, the link that led to it, and the event's facts about the meeting.
pub(crate) fn put(db: &Connection, account: AccountId, registration: &Registration) -> Result<()> {
    accounts::require(db, account)?;
    let Registration { meeting, registrant, at, source } = registration;
    make_meeting_known(db, account, meeting)?;
    if let Some(erased) = Erased::of(db, account)?
        && erased.covers(names(registrant), None)?.is_some()
    {
        return Ok(());
    }
    let Registrant { id, email, first_name, last_name, status, occurrence_ids, answers_json } = registrant;
    let params = params![
        account.0,
        Bound(&meeting.kind),
        meeting.number.0,
        id.as_str(),
        email.as_deref(),
        first_name.as_deref(),
        last_name.as_deref(),
        status.as_deref(),
        Bound(occurrence_ids),
        answers_json,
        Bound(at),
    ];
    sql::execute(db, &PUT, params)?;
    let Some(source) = source.as_ref().filter(|_| meeting.kind == MeetingKind::Webinar) else { return Ok(()) };
    let insert = "INSERT OR IGNORE INTO registrations (account_id, webinar_number, registrant, source_id)
                  VALUES (?, ?, ?, ?)";
    if sql::execute(db, insert, params![account.0, meeting.number.0, id.as_str(), source.id.as_str()])? > 0 {
        tracking_sources::count_registration(db, account, meeting.number, source)?;
    }
    Ok(())
}

/// Returns the identifiers of a registrant.
pub(crate) fn names(registrant: &Registrant) -> impl Iterator<Item = Identifier> {
    let email = registrant.email.as_deref().and_then(Identifier::of_user);
    [Identifier::of_registrant(&registrant.id), email].into_iter().flatten()
}

/// Fills unknown values of the meeting.
fn make_meeting_known(db: &Connection, account: AccountId, told: &Meeting) -> Result<()> {
    let stored = meetings::find(db, account, told.kind, told.number)?;
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
        meetings::put(db, account, &[news])?;
    }
    Ok(())
}
