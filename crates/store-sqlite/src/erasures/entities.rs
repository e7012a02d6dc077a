//! Everything except attendances that identifies a person: hosts, registrations, logins.

use std::collections::BTreeSet;

use rollcall_model::{
    Extras, Identifier, InstanceId, Meeting, MeetingKind, MeetingNumber, Registrant, Source, Text, Timestamp, TokenId,
    UserId,
};
use rollcall_store::{ErasedRows, ErasureId, ErasureStep, LinkingRecord, Result};
use rusqlite::{Connection, params};

use super::{add, count, kinds, learn_from_record, of_erasure, steps};
use crate::{
    columns::{Bound, Columns, Read},
    documents,
    erased::{Erased, host_names, user_names},
    instances, meetings, registrants,
    sql::{self, Driver},
    users,
};

/// The rows of a person.
#[derive(Debug, Default)]
pub(super) struct Found {
    /// Instances that the person hosted, or with the person's address in the topic.
    instances: Vec<InstanceId>,
    /// The same for meetings.
    meetings: Vec<(MeetingKind, MeetingNumber)>,
    registrants: Vec<Text>,
    /// Documents that name the person, by their row ids.
    documents: Vec<i64>,
    /// Aliases of the person, or for the person.
    aliases: Vec<Text>,
    tokens: Vec<TokenId>,
    /// Users with values of tracking codes.
    code_users: Vec<Text>,
    /// Users of tokens in the audit log.
    audited: Vec<Text>,
    users: Vec<Text>,
    /// Users whose manager is the person.
    managed: Vec<Text>,
    /// The number of rows of list entries that stand for several.
    registrations: usize,
    codes: usize,
    audits: usize,
    /// The identifiers in each record.
    pub(super) linked: Vec<(BTreeSet<Identifier>, LinkingRecord, Source)>,
}

impl Found {
    /// Adds the identifiers of a record. A record like the previous one is redundant.
    fn add(&mut self, names: BTreeSet<Identifier>, record: impl FnOnce() -> LinkingRecord, source: Source) {
        if !names.is_empty() && self.linked.last().is_none_or(|(last, ..)| *last != names) {
            self.linked.push((names, record(), source));
        }
    }

    /// Returns the number of rows by kind.
    pub(super) fn rows(&self) -> ErasedRows {
        let mut rows = ErasedRows::new();
        for (kind, count) in [
            (kinds::INSTANCES, self.instances.len()),
            (kinds::MEETINGS, self.meetings.len()),
            (kinds::REGISTRATIONS, self.registrations),
            (kinds::DOCUMENTS, self.documents.len()),
            (kinds::ALIASES, self.aliases.len()),
            (kinds::TOKENS, self.tokens.len()),
            (kinds::TRACKING_CODES, self.codes),
            (kinds::AUDIT, self.audits),
            (kinds::USERS, self.users.len()),
            (kinds::MANAGERS, self.managed.len()),
        ] {
            add(&mut rows, kind, count);
        }
        rows
    }

    /// Splits it into parts of at most this many rows; records with other identifiers come before the user.
    pub(super) fn in_parts(self, rows: usize) -> Vec<Self> {
        let Self {
            instances,
            meetings,
            registrants,
            documents,
            aliases,
            tokens,
            code_users,
            audited,
            users,
            managed,
            ..
        } = self;
        let mut parts = Vec::new();
        fn part<T: Clone>(all: &[T], rows: usize, parts: &mut Vec<Found>, fill: impl Fn(&mut Found, Vec<T>)) {
            for some in all.chunks(rows) {
                let mut part = Found::default();
                fill(&mut part, some.to_vec());
                parts.push(part);
            }
        }
        part(&instances, rows, &mut parts, |part, some| part.instances = some);
        part(&meetings, rows, &mut parts, |part, some| part.meetings = some);
        part(&registrants, rows, &mut parts, |part, some| part.registrants = some);
        part(&documents, rows, &mut parts, |part, some| part.documents = some);
        part(&aliases, rows, &mut parts, |part, some| part.aliases = some);
        part(&tokens, rows, &mut parts, |part, some| part.tokens = some);
        part(&code_users, rows, &mut parts, |part, some| part.code_users = some);
        part(&audited, rows, &mut parts, |part, some| part.audited = some);
        part(&managed, rows, &mut parts, |part, some| part.managed = some);
        part(&users, rows, &mut parts, |part, some| part.users = some);
        parts
    }
}

/// Searches the whole account for them.
pub(super) fn look(db: &Connection, erased: &Erased<'_>) -> Result<Found> {
    let mut found = Found::default();
    look_for_hosts(db, erased, &mut found)?;
    look_for_names(db, erased, &mut found)?;
    look_for_users(db, erased, &mut found)?;
    Ok(found)
}

fn look_for_hosts(db: &Connection, erased: &Erased<'_>, found: &mut Found) -> Result<()> {
    let sql = "SELECT id, uuid, origin, host_id, host_email, coalesce(start_time_ms, end_time_ms), topic,
                   extras
               FROM instances
               WHERE account_id = ? AND (host_id <> '' OR host_email <> '' OR topic LIKE '%@%' OR extras LIKE '%@%')";
    each(db, erased, sql, |columns| {
        let (id, uuid, source) = (columns.take()?, columns.take()?, columns.take()?);
        let (host, email): (Option<Text>, Option<Text>) = (columns.take()?, columns.take()?);
        let (start, topic): (Option<Timestamp>, Option<Text>) = (columns.take()?, columns.take()?);
        let extras: Option<Extras> = columns.take()?;
        let host = [host.as_deref(), email.as_deref()];
        if erased.covers_host(Some(id), host, start).map_err(Box::new)?.is_some() {
            found.add(host_names(host).collect(), || LinkingRecord::InstanceHost(uuid), source);
            found.instances.push(id);
        } else if topic.is_some_and(|topic| matches!(erased.scrub(&topic), Ok(Some(_))))
            || matches!(erased.scrubbed_extras(extras.as_ref()), Ok(Some(_)))
        {
            found.instances.push(id);
        }
        Ok(())
    })?;
    let sql = meetings::select_of_account();
    each(db, erased, &sql, |columns| {
        let meeting = meetings::read(columns)?;
        if *erased.meeting(&meeting).map_err(Box::new)? != meeting {
            let names = names_of_meetings_host(erased, &meeting).map_err(Box::new)?;
            found.add(names, || LinkingRecord::MeetingHost(meeting.number), Source::Operator);
            found.meetings.push((meeting.kind, meeting.number));
        }
        Ok(())
    })
}

/// Returns the identifiers of a meeting's host if that person was erased.
fn names_of_meetings_host(erased: &Erased<'_>, meeting: &Meeting) -> Result<BTreeSet<Identifier>> {
    let host = [meeting.host_id.as_ref().map(UserId::as_str), meeting.host_email.as_deref()];
    let is_host = erased.covers(host_names(host), meeting.created_at.or(meeting.start_time))?.is_some();
    Ok(if is_host { host_names(host).collect() } else { BTreeSet::new() })
}

/// Registrations, tokens and values of tracking codes, which contain a person's id or address themselves.
fn look_for_names(db: &Connection, erased: &Erased<'_>, found: &mut Found) -> Result<()> {
    let sql = "SELECT registrant, email, answers, create_time_ms FROM registrants WHERE account_id = ?";
    each(db, erased, sql, |columns| {
        let (id, email, answers_json) = (columns.take()?, columns.take()?, columns.take()?);
        let registrant = Registrant { id, email, answers_json, ..Registrant::default() };
        if registrants::is_erased(erased, &registrant, columns.take()?).map_err(Box::new)? {
            found.registrations += 1;
            found.registrants.push(registrant.id);
        }
        Ok(())
    })?;
    let sql = "SELECT row, key, body FROM documents WHERE account_id = ?";
    each(db, erased, sql, |columns| {
        let (row, key, body): (_, Text, String) = (columns.take()?, columns.take()?, columns.take()?);
        if documents::names_erased(erased, &key, &body).map_err(Box::new)? {
            found.documents.push(row);
        }
        Ok(())
    })?;
    let sql = "SELECT alias, person FROM person_aliases WHERE account_id = ?";
    each(db, erased, sql, |columns| {
        let (alias, person): (Text, Text) = (columns.take()?, columns.take()?);
        let names: BTreeSet<Identifier> = [&alias, &person].into_iter().filter_map(|name| name.parse().ok()).collect();
        if erased.covers(names.clone(), None).map_err(Box::new)?.is_some() {
            found.add(names, || LinkingRecord::Alias, Source::Operator);
            found.aliases.push(alias);
        }
        Ok(())
    })?;
    let sql = "SELECT id, user_id FROM tokens WHERE account_id = ? AND user_id <> ''";
    each(db, erased, sql, |columns| {
        let (id, user_id): (_, Text) = (columns.take()?, columns.take()?);
        if erased.covers_name(Identifier::of_user(&user_id)).map_err(Box::new)? {
            found.tokens.push(id);
        }
        Ok(())
    })?;
    let sql = "SELECT user_id, count(*) FROM user_tracking_codes WHERE account_id = ? GROUP BY 1";
    each(db, erased, sql, |columns| {
        let (user_id, rows): (Text, u64) = (columns.take()?, columns.take()?);
        if erased.covers_name(Identifier::of_user(&user_id)).map_err(Box::new)? {
            found.codes += rows as usize;
            found.code_users.push(user_id);
        }
        Ok(())
    })?;
    let sql = "SELECT user_id, count(*) FROM audit WHERE account_id = ? AND user_id <> '' GROUP BY 1";
    each(db, erased, sql, |columns| {
        let (user_id, rows): (Text, u64) = (columns.take()?, columns.take()?);
        if erased.covers_name(Identifier::of_user(&user_id)).map_err(Box::new)? {
            found.audits += rows as usize;
            found.audited.push(user_id);
        }
        Ok(())
    })
}

fn look_for_users(db: &Connection, erased: &Erased<'_>, found: &mut Found) -> Result<()> {
    each(db, erased, &users::select_of_account(), |columns| {
        let user = users::read(columns)?;
        if erased.covers_user(&user).map_err(Box::new)?.is_some() {
            found.add(user_names(&user).collect(), || LinkingRecord::User, Source::Operator);
            found.users.push(user.id);
        } else if *erased.user(&user).map_err(Box::new)? != user {
            found.managed.push(user.id);
        }
        Ok(())
    })
}

/// Passes on each row that a statement about an account finds.
fn each(
    db: &Connection,
    erased: &Erased<'_>,
    sql: &str,
    mut visit: impl FnMut(&mut Columns<'_>) -> Read<()>,
) -> Result<()> {
    let mut statement = sql::prepare(db, sql)?;
    let mut rows = statement.query([erased.account.0]).driver()?;
    while let Some(row) = rows.next().driver()? {
        visit(&mut Columns::new("erasures", row)).map_err(|error| *error)?;
    }
    Ok(())
}

/// Erases what was found, in its current state.
pub(super) fn erase(db: &Connection, erasure: ErasureId, found: &Found) -> Result<ErasureStep> {
    let mut step = ErasureStep::default();
    let Some(erased) = of_erasure(db, erasure)? else { return Ok(step) };
    erase_hosts(db, &erased, erasure, found, &mut step)?;
    let account = erased.account.0;
    for (kind, names, delete) in [
        (kinds::REGISTRATIONS, &found.registrants, "DELETE FROM registrants WHERE account_id = ? AND registrant = ?"),
        (
            kinds::TRACKING_CODES,
            &found.code_users,
            "DELETE FROM user_tracking_codes WHERE account_id = ? AND user_id = ?",
        ),
        // The act itself stays in the log.
        (kinds::AUDIT, &found.audited, "UPDATE audit SET user_id = '' WHERE account_id = ? AND user_id = ?"),
    ] {
        let mut rows = 0;
        for name in names {
            rows += sql::execute(db, delete, params![account, name.as_str()])?;
        }
        count(db, erasure, &mut step, kind, rows)?;
    }
    let mut rows = 0;
    for row in &found.documents {
        rows += sql::execute(db, "DELETE FROM documents WHERE account_id = ? AND row = ?", params![account, row])?;
    }
    count(db, erasure, &mut step, kinds::DOCUMENTS, rows)?;
    let mut rows = 0;
    for token in &found.tokens {
        rows += sql::execute(db, "DELETE FROM tokens WHERE account_id = ? AND id = ?", params![account, token.0])?;
    }
    count(db, erasure, &mut step, kinds::TOKENS, rows)?;
    let mut rows = 0;
    for alias in &found.aliases {
        let sql = "SELECT person FROM person_aliases WHERE account_id = ? AND alias = ?";
        let person: Option<Text> = sql::value(db, "person_aliases", sql, params![account, alias.as_str()])?;
        let names = [Some(alias), person.as_ref()].into_iter().flatten().filter_map(|name| name.parse().ok()).collect();
        step.identifiers.extend(learn_from_record(db, &erased, erasure, names)?);
        let sql = "DELETE FROM person_aliases WHERE account_id = ? AND alias = ?";
        rows += sql::execute(db, sql, params![account, alias.as_str()])?;
    }
    count(db, erasure, &mut step, kinds::ALIASES, rows)?;
    let (mut gone, mut managed) = (0, 0);
    for id in &found.managed {
        let Some(user) = users::find(db, erased.account, id.as_str())? else { continue };
        let blank = erased.user(&user)?;
        let sql = "UPDATE users SET manager = ?, extras = ? WHERE account_id = ? AND id = ?";
        let params = params![Bound(&blank.manager), Bound(&blank.extras), account, id.as_str()];
        managed += sql::execute(db, sql, params)?;
    }
    for id in &found.users {
        let Some(user) = users::find(db, erased.account, id.as_str())? else { continue };
        step.identifiers.extend(learn_from_record(db, &erased, erasure, user_names(&user).collect())?);
        gone += sql::execute(db, "DELETE FROM users WHERE account_id = ? AND id = ?", params![account, id.as_str()])?;
    }
    count(db, erasure, &mut step, kinds::USERS, gone)?;
    count(db, erasure, &mut step, kinds::MANAGERS, managed)?;
    Ok(step)
}

fn erase_hosts(
    db: &Connection,
    erased: &Erased<'_>,
    erasure: ErasureId,
    found: &Found,
    step: &mut ErasureStep,
) -> Result<()> {
    let (mut hosted, mut reports) = (0, 0);
    for id in &found.instances {
        let Some(stored) = instances::by_row(db, erased.account, *id)? else { continue };
        let blanked = match erased.instance(Some(*id), &stored.instance)?.1 {
            Some(_) => {
                let names = steps::names_of_host(&stored.instance).collect();
                step.identifiers.extend(learn_from_record(db, erased, erasure, names)?);
                steps::blank_host(db, erased.account, erasure, *id)?
            }
            None => steps::scrub_topic(db, erased, *id)?,
        };
        hosted += blanked.rows;
        reports += blanked.reports;
    }
    count(db, erasure, step, kinds::INSTANCES, hosted)?;
    count(db, erasure, step, kinds::REPORTS, reports)?;
    let mut scheduled = 0;
    for (kind, number) in &found.meetings {
        let Some(meeting) = meetings::find(db, erased.account, *kind, *number)? else { continue };
        let names = names_of_meetings_host(erased, &meeting)?;
        let blank = erased.meeting(&meeting)?.into_owned();
        if !names.is_empty() {
            let note = "INSERT INTO erased_meetings (account_id, kind, number, erasure_id) VALUES (?, ?, ?, ?)
                        ON CONFLICT (account_id, kind, number) DO UPDATE SET erasure_id = excluded.erasure_id
                        WHERE erasure_id < excluded.erasure_id";
            sql::execute(db, note, params![erased.account.0, Bound(kind), number.0, erasure.0])?;
            step.identifiers.extend(learn_from_record(db, erased, erasure, names)?);
        }
        if blank != meeting {
            meetings::put_as_it_is(db, erased.account, &[blank])?;
            scheduled += 1;
        }
    }
    count(db, erasure, step, kinds::MEETINGS, scheduled)
}
