//! Checks of every write against recorded erasures.

use std::{borrow::Cow, collections::BTreeSet};

use hmac::{Hmac, KeyInit as _, Mac as _};
use rollcall_model::{
    AccountId, Extras, Identifier, Instance, InstanceId, InstanceTold, LocationGrain, Meeting, MeetingKind,
    MeetingNumber, Participant, Text, Timestamp, User, UserId, pseudonym, tells_nobody,
};
use rollcall_store::{ArchiveFileId, ErasureId, Result};
use rusqlite::{Connection, params};
use sha2::Sha256;

use crate::{
    columns::Bound,
    sql::{self, backend},
};

const IDENTIFIERS: &str = "erased_identifiers";
/// Precision of the location that stays known of an erased person.
const GRAIN: LocationGrain = LocationGrain::Country;

/// The erased persons of an account; or those who would be erased, for a preview.
pub(crate) struct Erased<'db> {
    db: &'db Connection,
    pub(crate) account: AccountId,
    known: Known,
}

enum Known {
    /// By hashes in the database, made with this key.
    Hashed(Vec<u8>),
    /// The person with these identifiers would be erased at that time.
    Asked(BTreeSet<Identifier>, Timestamp),
}

impl<'db> Erased<'db> {
    /// Returns those of the account. `None` if nobody was erased in it, as in most accounts.
    pub(crate) fn of(db: &'db Connection, account: AccountId) -> Result<Option<Self>> {
        let sql = "SELECT key FROM erasure_key WHERE EXISTS (SELECT 1 FROM erased_identifiers WHERE account_id = ?)";
        let key = key(db, sql, [account.0])?;
        Ok(key.map(|key| Self { db, account, known: Known::Hashed(key) }))
    }

    /// Returns those of a preview.
    pub(crate) fn asked(
        db: &'db Connection,
        account: AccountId,
        identifiers: BTreeSet<Identifier>,
        at: Timestamp,
    ) -> Self {
        Self { db, account, known: Known::Asked(identifiers, at) }
    }

    /// Returns when the person with `identifier` was erased, and by which erasure.
    fn erasure(&self, identifier: &Identifier) -> Result<Option<(Timestamp, ErasureId)>> {
        match &self.known {
            Known::Asked(identifiers, at) => Ok(identifiers.contains(identifier).then_some((*at, ErasureId(0)))),
            Known::Hashed(key) => {
                let sql = "SELECT at_ms, erasure_id FROM erased_identifiers JOIN erasures ON erasures.id = erasure_id
                           WHERE erased_identifiers.account_id = ? AND hash = ?";
                let params = params![self.account.0, hash(key, self.account, identifier)?];
                sql::row(self.db, IDENTIFIERS, sql, params, |columns| Ok((columns.take()?, ErasureId(columns.take()?))))
            }
        }
    }

    /// Returns the erasure of data that identifies somebody and has this time. Data without a time is erased.
    pub(crate) fn covers(
        &self,
        identifiers: impl IntoIterator<Item = Identifier>,
        time: Option<Timestamp>,
    ) -> Result<Option<ErasureId>> {
        for identifier in identifiers {
            if let Some((at, erasure)) = self.erasure(&identifier)?
                && time.is_none_or(|time| time <= at)
            {
                return Ok(Some(erasure));
            }
        }
        Ok(None)
    }

    /// Returns the erasure in a row of `erased_attendances` or `erased_hosts`, for data with this time.
    fn noted(&self, sql: &str, params: impl rusqlite::Params, time: Option<Timestamp>) -> Result<Option<ErasureId>> {
        let noted: Option<(Timestamp, i64)> =
            sql::row(self.db, IDENTIFIERS, sql, params, |columns| Ok((columns.take()?, columns.take()?)))?;
        Ok(noted.filter(|(at, _)| time.is_none_or(|time| time <= *at)).map(|(_, id)| ErasureId(id)))
    }

    /// Returns the erasure of an attendance that began then: by its identifiers, or because it was attributed to the
    /// person.
    pub(crate) fn covers_attendance(
        &self,
        instance: InstanceId,
        participant: &Participant,
        join: Option<Timestamp>,
    ) -> Result<Option<ErasureId>> {
        if let Some(erasure) = self.covers(participant.identifiers(), join)? {
            return Ok(Some(erasure));
        }
        let Known::Hashed(_) = self.known else { return Ok(None) };
        let sql = "SELECT at_ms, erasure_id FROM erased_attendances JOIN erasures ON erasures.id = erasure_id
                   WHERE instance_id = ? AND user_id = ?";
        self.noted(sql, params![instance.0, self.attendance(&participant.user_id)?.as_str()], join)
    }

    /// Returns the name of an erased person's attendance: the `user_id`, or a replacement if that identifies the
    /// person.
    pub(crate) fn attendance(&self, user_id: &Text) -> Result<Text> {
        match &self.known {
            Known::Hashed(key) if !tells_nobody(user_id) => {
                let [a, b, c, d, e, f, g, h, ..] = mac(key, self.account, user_id.as_bytes())?;
                Ok(pseudonym(u64::from_be_bytes([a, b, c, d, e, f, g, h])))
            }
            Known::Asked(..) if !tells_nobody(user_id) => Ok(pseudonym(0)),
            _ => Ok(user_id.clone()),
        }
    }

    /// Returns an erased person's participant as it may be stored.
    pub(crate) fn blank(&self, participant: &Participant) -> Result<Participant> {
        let mut blank = participant.clone();
        blank.without_identity(&self.attendance(&participant.user_id)?, GRAIN);
        Ok(blank)
    }

    /// Returns the erasure of an instance's host with this name, if the instance began then.
    pub(crate) fn covers_host(
        &self,
        instance: Option<InstanceId>,
        host: [Option<&str>; 2],
        start: Option<Timestamp>,
    ) -> Result<Option<ErasureId>> {
        if let Some(erasure) = self.covers(host_names(host), start)? {
            return Ok(Some(erasure));
        }
        let (Some(instance), Known::Hashed(_)) = (instance, &self.known) else { return Ok(None) };
        let sql = "SELECT at_ms, erasure_id FROM erased_hosts JOIN erasures ON erasures.id = erasure_id
                   WHERE instance_id = ?";
        self.noted(sql, [instance.0], start)
    }

    /// Returns the erasure of a meeting's host with this name; without a name, of the host that the meeting was
    /// attributed to.
    pub(crate) fn covers_meeting(
        &self,
        kind: MeetingKind,
        number: MeetingNumber,
        host: [Option<&str>; 2],
        time: Option<Timestamp>,
    ) -> Result<Option<ErasureId>> {
        if let Some(erasure) = self.covers(host_names(host), time)? {
            return Ok(Some(erasure));
        }
        if host_names(host).next().is_some() || matches!(self.known, Known::Asked(..)) {
            return Ok(None);
        }
        let sql = "SELECT at_ms, erasure_id FROM erased_meetings JOIN erasures ON erasures.id = erasure_id
                   WHERE erased_meetings.account_id = ? AND kind = ? AND number = ?";
        self.noted(sql, params![self.account.0, Bound(&kind), number.0], time)
    }

    /// Returns an instance as it may be stored, and the erasure of its host.
    pub(crate) fn instance<'i>(
        &self,
        row: Option<InstanceId>,
        instance: &'i Instance,
    ) -> Result<(Cow<'i, Instance>, Option<ErasureId>)> {
        let host = [instance.host_id.as_ref().map(UserId::as_str), instance.host_email.as_deref()];
        let erasure = self.covers_host(row, host, instance.start_time.or(instance.end_time))?;
        let mut stored = Cow::Borrowed(instance);
        if erasure.is_some() {
            stored.to_mut().without_host();
        } else {
            if let Some(topic) = instance.topic.as_deref().map(|topic| self.scrub(topic)).transpose()?.flatten() {
                stored.to_mut().topic = Some(topic.into());
            }
            if let Some(extras) = self.scrubbed_extras(instance.extras.as_ref())? {
                stored.to_mut().extras = Some(extras);
            }
        }
        Ok((stored, erasure))
    }

    /// Returns a report's facts about an instance as they may be stored.
    pub(crate) fn told<'t>(&self, row: InstanceId, told: &'t InstanceTold) -> Result<Cow<'t, InstanceTold>> {
        let host = [told.host_id.as_ref().map(UserId::as_str), told.host_email.as_deref()];
        if self.covers_host(Some(row), host, told.start_time.or(told.end_time))?.is_some() {
            return Ok(Cow::Owned(InstanceTold { host_id: None, host_email: None, topic: None, ..told.clone() }));
        }
        Ok(match told.topic.as_deref().map(|topic| self.scrub(topic)).transpose()?.flatten() {
            Some(topic) => Cow::Owned(InstanceTold { topic: Some(topic.into()), ..told.clone() }),
            None => Cow::Borrowed(told),
        })
    }

    /// Returns a meeting as it may be stored: without its host if that person was erased, and without erased addresses
    /// in its texts.
    pub(crate) fn meeting<'m>(&self, meeting: &'m Meeting) -> Result<Cow<'m, Meeting>> {
        let host = [meeting.host_id.as_ref().map(UserId::as_str), meeting.host_email.as_deref()];
        let mut blank = meeting.clone();
        if self.covers_meeting(meeting.kind, meeting.number, host, meeting.created_at.or(meeting.start_time))?.is_some()
        {
            blank.without_host();
        }
        for text in [&mut blank.topic, &mut blank.agenda].into_iter().flatten() {
            if let Some(scrubbed) = self.scrub(text)? {
                *text = scrubbed.into();
            }
        }
        for text in [&mut blank.settings_json, &mut blank.occurrences_json].into_iter().flatten() {
            if let Some(scrubbed) = self.scrub(text)? {
                *text = scrubbed;
            }
        }
        if let Some(extras) = self.scrubbed_extras(blank.extras.as_ref())? {
            blank.extras = Some(extras);
        }
        Ok(if blank == *meeting { Cow::Borrowed(meeting) } else { Cow::Owned(blank) })
    }

    /// Returns extras without the addresses of erased persons; `None` if they contain none.
    pub(crate) fn scrubbed_extras(&self, extras: Option<&Extras>) -> Result<Option<Extras>> {
        let Some(extras) = extras else { return Ok(None) };
        let mut scrubbed = extras.clone();
        scrubbed.change(|value| self.scrub(value))?;
        Ok(Some(scrubbed).filter(|scrubbed| scrubbed != extras))
    }

    /// Returns a text without the addresses of erased persons. `None` if it contains none.
    pub(crate) fn scrub(&self, text: &str) -> Result<Option<String>> {
        if !text.contains('@') {
            return Ok(None);
        }
        let is_part = |c: char| c.is_alphanumeric() || "@._%+-'".contains(c);
        let (mut scrubbed, mut changed, mut rest) = (String::with_capacity(text.len()), false, text);
        while let Some(start) = rest.find(is_part) {
            let end = rest[start..].find(|c| !is_part(c)).map_or(rest.len(), |len| start + len);
            scrubbed.push_str(&rest[..start]);
            let word = &rest[start..end];
            let address = Identifier::of_user(word.trim_matches(['.', '\''])).filter(|_| word.contains('@'));
            match address {
                Some(address) if self.erasure(&address)?.is_some() => changed = true,
                _ => scrubbed.push_str(word),
            }
            rest = &rest[end..];
        }
        scrubbed.push_str(rest);
        Ok(changed.then_some(scrubbed))
    }

    /// Returns the erasure of a user whose login is not newer than the erasure.
    pub(crate) fn covers_user(&self, user: &User) -> Result<Option<ErasureId>> {
        self.covers(user_names(user), user.user_created_at.or(user.created_at))
    }

    /// Returns a user as it may be stored. The user is not erased, but the manager may be.
    pub(crate) fn user<'u>(&self, user: &'u User) -> Result<Cow<'u, User>> {
        let manager = user.manager.as_deref().and_then(Identifier::of_user);
        let mut stored = Cow::Borrowed(user);
        if self.covers(manager, None)?.is_some() {
            stored.to_mut().manager = Some(Text::default());
        }
        if let Some(extras) = self.scrubbed_extras(user.extras.as_ref())? {
            stored.to_mut().extras = Some(extras);
        }
        Ok(stored)
    }

    /// Returns whether this identifier was ever erased: for data without a time.
    pub(crate) fn covers_name(&self, name: Option<Identifier>) -> Result<bool> {
        Ok(self.covers(name, None)?.is_some())
    }

    /// Records that the person with these identifiers is erased, and returns those that were not recorded before.
    pub(crate) fn learn(
        &self,
        erasure: ErasureId,
        identifiers: impl IntoIterator<Item = Identifier>,
    ) -> Result<BTreeSet<Identifier>> {
        let mut news = BTreeSet::new();
        let Known::Hashed(key) = &self.known else { return Ok(news) };
        for identifier in identifiers {
            // The later erasure covers more.
            let sql = "INSERT INTO erased_identifiers (account_id, hash, erasure_id) VALUES (?, ?, ?)
                       ON CONFLICT (account_id, hash) DO UPDATE SET erasure_id = excluded.erasure_id
                       WHERE erasure_id < excluded.erasure_id";
            let params = params![self.account.0, hash(key, self.account, &identifier)?, erasure.0];
            if sql::execute(self.db, sql, params)? > 0 {
                news.insert(identifier);
            }
        }
        Ok(news)
    }

    /// Lifts an erasure, and returns whether there was one.
    pub(crate) fn forget(&self, identifier: &Identifier) -> Result<bool> {
        let Known::Hashed(key) = &self.known else { return Ok(false) };
        let sql = "DELETE FROM erased_identifiers WHERE account_id = ? AND hash = ?";
        Ok(sql::execute(self.db, sql, params![self.account.0, hash(key, self.account, identifier)?])? > 0)
    }

    /// Returns until when data with this identifier is covered by that erasure.
    pub(crate) fn until(&self, erasure: ErasureId) -> Result<Option<Timestamp>> {
        match &self.known {
            Known::Asked(_, at) => Ok(Some(*at)),
            Known::Hashed(_) => sql::value(self.db, "erasures", "SELECT at_ms FROM erasures WHERE id = ?", [erasure.0]),
        }
    }
}

/// Creates the key for hashing in this database, and returns the erased persons of the account, even if there are none
/// yet.
pub(crate) fn begin(db: &Connection, account: AccountId, key: [u8; 32]) -> Result<Erased<'_>> {
    sql::execute(db, "INSERT OR IGNORE INTO erasure_key (one, key) VALUES (1, ?)", params![key])?;
    let drawn = self::key(db, "SELECT key FROM erasure_key", [])?;
    Ok(Erased { db, account, known: Known::Hashed(drawn.unwrap_or_else(|| key.to_vec())) })
}

fn key(db: &Connection, sql: &str, params: impl rusqlite::Params) -> Result<Option<Vec<u8>>> {
    let mut statement = sql::prepare(db, sql)?;
    rusqlite::OptionalExtension::optional(statement.query_row(params, |row| row.get(0))).map_err(backend)
}

/// Returns the hash of an identifier.
fn hash(key: &[u8], account: AccountId, identifier: &Identifier) -> Result<Vec<u8>> {
    Ok(mac(key, account, identifier.as_str().as_bytes())?.to_vec())
}

fn mac(key: &[u8], account: AccountId, text: &[u8]) -> Result<[u8; 32]> {
    let mut mac = Hmac::<Sha256>::new_from_slice(key).map_err(backend)?;
    mac.update(&account.0.to_be_bytes());
    mac.update(text);
    Ok(mac.finalize().into_bytes().into())
}

/// Returns the identifiers of a host.
pub(crate) fn host_names(host: [Option<&str>; 2]) -> impl Iterator<Item = Identifier> {
    host.into_iter().flatten().filter_map(Identifier::of_user)
}

/// Returns the identifiers of a user.
pub(crate) fn user_names(user: &User) -> impl Iterator<Item = Identifier> {
    [user.id.as_str(), user.email.as_str()].into_iter().filter_map(Identifier::of_user)
}

/// Records that an archive file may contain rows of the erased person, if an instance of theirs in it has not been
/// sealed again since.
pub(crate) fn note_merged_file(db: &Connection, file: ArchiveFileId) -> Result<()> {
    let sql = "INSERT OR IGNORE INTO erasure_files (erasure_id, path)
               SELECT e.erasure_id, f.path FROM archive_files AS f
                   CROSS JOIN archived_instances AS a
                   JOIN erased_attendances AS e ON e.instance_id = a.instance_id
                   JOIN instances AS i ON i.id = a.instance_id AND i.sealed_changes IS NOT i.changes
               WHERE f.id = ?1 AND (a.minutes_file = ?1 OR a.participants_file = ?1)";
    sql::execute(db, sql, [file.0]).map(drop)
}
