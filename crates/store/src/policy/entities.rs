//! Everything except attendances that identifies a person: hosts, registrations, logins.

use std::{borrow::Cow, collections::BTreeSet};

use rollcall_model::{Identifier, InstanceId, Meeting, MeetingKind, MeetingNumber, Source, Text, UserId};

use super::{
    ErasedPlace, NamedRecord, PersonRow, Rows, blanking,
    collected::{self, Nobody},
    documents,
    erased::{Erased, host_names, user_names},
    erasures::{Erasing, REPORTS, add},
    registrants,
};
use crate::{ErasedRows, LinkingRecord, Result};

/// A record that identifies a person.
#[derive(Debug, Clone)]
pub(super) enum Record {
    /// An instance that the person hosted, or with the person's address in its texts.
    Instance(InstanceId),
    /// The same for a meeting.
    Meeting(MeetingKind, MeetingNumber),
    /// A user whose manager is the person.
    Managed(Text),
    /// A row that is the person's.
    Row(PersonRow),
}

impl Record {
    /// Returns the kind under which it is counted.
    const fn kind(&self) -> &'static str {
        match self {
            Self::Instance(_) => "instances",
            Self::Meeting(..) => "meetings",
            Self::Managed(_) => "users_managers",
            Self::Row(PersonRow::Registrant(_)) => "registrations",
            Self::Row(PersonRow::Document(_)) => "documents",
            Self::Row(PersonRow::Delivery(_)) => "webhook_deliveries",
            Self::Row(PersonRow::CollectList(_)) => "collect_lists",
            Self::Row(PersonRow::CollectGap(_)) => "collect_gaps",
            Self::Row(PersonRow::CollectDifference(_)) => "collect_differences",
            Self::Row(PersonRow::Alias(_)) => "person_aliases",
            Self::Row(PersonRow::Token(_)) => "tokens",
            Self::Row(PersonRow::TrackingCodes(_)) => "user_tracking_codes",
            Self::Row(PersonRow::Audit(_)) => "audit",
            Self::Row(PersonRow::User(_)) => "users",
        }
    }
}

/// The records of a person.
#[derive(Debug, Default)]
pub(super) struct Found {
    /// In the order in which they are erased: the user last, because other records may have other identifiers.
    pub(super) records: Vec<Record>,
    /// The number of rows by kind.
    pub(super) rows: ErasedRows,
    /// The identifiers in each record.
    pub(super) linked: Vec<(BTreeSet<Identifier>, LinkingRecord, Source)>,
}

impl Found {
    fn push(&mut self, record: Record, rows: usize) {
        add(&mut self.rows, record.kind(), rows);
        self.records.push(record);
    }

    /// Adds the identifiers of a record. A record like the previous one is redundant.
    fn link(&mut self, names: BTreeSet<Identifier>, record: LinkingRecord, source: Source) {
        if !names.is_empty() && self.linked.last().is_none_or(|(last, ..)| *last != names) {
            self.linked.push((names, record, source));
        }
    }
}

/// Searches the whole account for them.
pub(super) fn look(tx: &dyn Rows, erased: &Erased<'_>) -> Result<Found> {
    let mut found = Found::default();
    let nobody = Nobody::default();
    tx.each_record(erased.account, &mut |record| examine(erased, &nobody, record, &mut found))?;
    found.records.sort_by_key(|record| matches!(record, Record::Row(PersonRow::User(_))));
    Ok(found)
}

fn examine(erased: &Erased<'_>, nobody: &Nobody, record: NamedRecord, found: &mut Found) -> Result<()> {
    match record {
        NamedRecord::Instance(id, source, instance) => {
            let (storable, erasure) = erased.instance(Some(id), &instance)?;
            if erasure.is_some() || matches!(storable, Cow::Owned(_)) {
                found.push(Record::Instance(id), 1);
            }
            if erasure.is_some() {
                let names = blanking::names_of_host(&instance).collect();
                found.link(names, LinkingRecord::InstanceHost(instance.uuid), source);
            }
        }
        NamedRecord::Meeting(meeting) => {
            if let Cow::Owned(_) = erased.meeting(&meeting)? {
                let names = names_of_meetings_host(erased, &meeting)?;
                found.link(names, LinkingRecord::MeetingHost(meeting.number), Source::Operator);
                found.push(Record::Meeting(meeting.kind, meeting.number), 1);
            }
        }
        NamedRecord::Registrant(registrant) => {
            if registrants::is_erased(erased, &registrant, registrant.create_time)? {
                found.push(Record::Row(PersonRow::Registrant(registrant.id)), 1);
            }
        }
        NamedRecord::Document { row, key, json } => {
            if erased.covers_name(Identifier::of_user(&key))? || documents::names_erased(erased, &json)? {
                found.push(Record::Row(PersonRow::Document(row)), 1);
            }
        }
        NamedRecord::Delivery { row, body } => {
            if documents::names_erased(erased, &body)? {
                found.push(Record::Row(PersonRow::Delivery(row)), 1);
            }
        }
        NamedRecord::Collected { row, texts } => {
            for text in texts {
                if collected::names_erased(erased, nobody, &text)? {
                    found.push(Record::Row(row), 1);
                    break;
                }
            }
        }
        NamedRecord::Alias { alias, person } => {
            let names = names_of_alias(&alias, &person);
            if erased.covers(names.clone(), None)?.is_some() {
                found.link(names, LinkingRecord::Alias, Source::Operator);
                found.push(Record::Row(PersonRow::Alias(alias)), 1);
            }
        }
        NamedRecord::OfUser { user, row, count } => {
            if erased.covers_name(Identifier::of_user(&user))? {
                found.push(Record::Row(row), count);
            }
        }
        NamedRecord::User(user) => {
            if erased.covers_user(&user)?.is_some() {
                found.link(user_names(&user).collect(), LinkingRecord::User, Source::Operator);
                found.push(Record::Row(PersonRow::User(user.id)), 1);
            } else if let Cow::Owned(_) = erased.user(&user)? {
                found.push(Record::Managed(user.id), 1);
            }
        }
    }
    Ok(())
}

/// Returns the identifiers of a meeting's host if that person was erased.
fn names_of_meetings_host(erased: &Erased<'_>, meeting: &Meeting) -> Result<BTreeSet<Identifier>> {
    let host = [meeting.host_id.as_ref().map(UserId::as_str), meeting.host_email.as_deref()];
    let is_host = erased.covers(host_names(host), meeting.created_at.or(meeting.start_time))?.is_some();
    Ok(if is_host { host_names(host).collect() } else { BTreeSet::new() })
}

fn names_of_alias(alias: &Text, person: &Text) -> BTreeSet<Identifier> {
    [alias, person].into_iter().filter_map(|name| name.parse().ok()).collect()
}

/// Erases what was found, in its current state.
pub(super) fn erase(erasing: &mut Erasing<'_>, found: &[Record]) -> Result<()> {
    for record in found {
        let rows = match record {
            Record::Instance(id) => erase_host(erasing, *id)?,
            Record::Meeting(kind, number) => erase_meetings_host(erasing, *kind, *number)?,
            Record::Managed(id) => erase_manager(erasing, id)?,
            Record::Row(row) => erase_row(erasing, row)?,
        };
        erasing.count(record.kind(), rows);
    }
    Ok(())
}

fn erase_host(erasing: &mut Erasing<'_>, id: InstanceId) -> Result<usize> {
    let (tx, account) = (erasing.tx, erasing.erased.account);
    let Some(stored) = tx.instance(account, id)? else { return Ok(0) };
    let blanked = match erasing.erased.instance(Some(id), &stored.instance)?.1 {
        Some(_) => {
            erasing.learn(blanking::names_of_host(&stored.instance))?;
            blanking::blank_host(tx, account, erasing.erasure, id)?
        }
        None => blanking::scrub_topic(tx, &erasing.erased, id)?,
    };
    erasing.count(REPORTS, blanked.reports);
    Ok(blanked.rows)
}

fn erase_meetings_host(erasing: &mut Erasing<'_>, kind: MeetingKind, number: MeetingNumber) -> Result<usize> {
    let (tx, account) = (erasing.tx, erasing.erased.account);
    let Some(meeting) = tx.meeting(account, kind, number)? else { return Ok(0) };
    let names = names_of_meetings_host(&erasing.erased, &meeting)?;
    let blank = erasing.erased.meeting(&meeting)?;
    if !names.is_empty() {
        tx.add_erased_place(account, ErasedPlace::Meeting(kind, number), erasing.erasure)?;
        erasing.learn(names)?;
    }
    let Cow::Owned(blank) = blank else { return Ok(0) };
    tx.write_meeting(account, &blank)?;
    Ok(1)
}

fn erase_manager(erasing: &Erasing<'_>, id: &Text) -> Result<usize> {
    let account = erasing.erased.account;
    let Some(user) = erasing.tx.user(account, id)? else { return Ok(0) };
    erasing.tx.write_user(account, &*erasing.erased.user(&user)?)?;
    Ok(1)
}

fn erase_row(erasing: &mut Erasing<'_>, row: &PersonRow) -> Result<usize> {
    let (tx, account) = (erasing.tx, erasing.erased.account);
    match row {
        PersonRow::Alias(alias) => {
            if let Some(person) = tx.person_of(account, alias)? {
                erasing.learn(names_of_alias(alias, &person))?;
            }
        }
        PersonRow::User(id) => {
            if let Some(user) = tx.user(account, id)? {
                erasing.learn(user_names(&user))?;
            }
        }
        _ => {}
    }
    tx.erase_row(account, row)
}

/// Deletes reports about the person without a `user_id`.
pub(super) fn forget_nameless(erasing: &Erasing<'_>) -> Result<()> {
    for (instance, name) in erasing.tx.users_without_id(erasing.erased.account)? {
        let reports = erasing.tx.participant_reports(instance, &name)?;
        let named = reports.iter().flat_map(|report| report.told.identifiers());
        if erasing.erased.covers(named, None)?.is_some() {
            erasing.tx.delete_user_reports(instance, &name)?;
        }
    }
    Ok(())
}
