//! Checks of every write against recorded erasures.

use std::{borrow::Cow, collections::BTreeSet};

use hmac::{Hmac, KeyInit as _, Mac as _};
use rollcall_model::{
    AccountId, Extras, Identifier, Instance, InstanceId, LocationGrain, Meeting, MeetingKind, MeetingNumber,
    Participant, ParticipantUserId, ReportedInstance, Text, Timestamp, User, UserId, pseudonym, tells_nobody,
};
use sha2::Sha256;

use super::{ErasedPlace, Rows};
use crate::{ErasureId, ErasureKey, Result, StoreError};

/// Precision of the location that stays known of an erased person.
const GRAIN: LocationGrain = LocationGrain::Country;

/// The erased persons of an account; or those who would be erased, for a preview.
pub(super) struct Erased<'t> {
    tx: &'t dyn Rows,
    pub(super) account: AccountId,
    known: Known,
}

enum Known {
    /// By hashes in the database, made with this key.
    Hashed(Vec<u8>),
    /// The person with these identifiers would be erased at that time.
    Asked(BTreeSet<Identifier>, Timestamp),
}

impl<'t> Erased<'t> {
    /// Returns those of the account. `None` if nobody was erased in it, as in most accounts.
    pub(super) fn of(tx: &'t dyn Rows, account: AccountId) -> Result<Option<Self>> {
        Ok(tx.erasure_key(account)?.map(|key| Self { tx, account, known: Known::Hashed(key) }))
    }

    /// Returns those of a preview.
    pub(super) fn asked(
        tx: &'t dyn Rows,
        account: AccountId,
        identifiers: BTreeSet<Identifier>,
        at: Timestamp,
    ) -> Self {
        Self { tx, account, known: Known::Asked(identifiers, at) }
    }

    /// Returns when the person with `identifier` was erased, and by which erasure.
    fn erasure(&self, identifier: &Identifier) -> Result<Option<(Timestamp, ErasureId)>> {
        match &self.known {
            Known::Asked(identifiers, at) => Ok(identifiers.contains(identifier).then_some((*at, ErasureId(0)))),
            Known::Hashed(key) => self.tx.erased_identifier(self.account, &hash(key, self.account, identifier)?),
        }
    }

    /// Returns the erasure of data that identifies somebody and has this time. Data without a time is erased.
    pub(super) fn covers(
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

    /// Returns the erasure that a place was recorded for, for data with this time.
    fn noted(&self, place: ErasedPlace<'_>, time: Option<Timestamp>) -> Result<Option<ErasureId>> {
        let noted = match &self.known {
            Known::Hashed(_) => self.tx.erased_place(self.account, place)?,
            Known::Asked(..) => None,
        };
        Ok(noted.filter(|(at, _)| time.is_none_or(|time| time <= *at)).map(|(_, id)| id))
    }

    /// Returns the erasure of an attendance that began then: by its identifiers, or because it was attributed to the
    /// person.
    pub(super) fn covers_attendance(
        &self,
        instance: InstanceId,
        participant: &Participant,
        join: Option<Timestamp>,
    ) -> Result<Option<ErasureId>> {
        if let Some(erasure) = self.covers(participant.identifiers(), join)? {
            return Ok(Some(erasure));
        }
        let name = ParticipantUserId(self.attendance(&participant.user_id)?);
        self.noted(ErasedPlace::Attendance(instance, &name), join)
    }

    /// Returns the name of an erased person's attendance: the `user_id`, or a replacement if that identifies the
    /// person.
    pub(super) fn attendance(&self, user_id: &Text) -> Result<Text> {
        match &self.known {
            Known::Hashed(key) if !tells_nobody(user_id) => {
                let [a, b, c, d, e, f, g, h, ..] = mac(key, self.account, user_id.as_bytes())?;
                Ok(pseudonym(u64::from_be_bytes([a, b, c, d, e, f, g, h])))
            }
            Known::Asked(..) if !tells_nobody(user_id) => Ok(pseudonym(0)),
            _ => Ok(user_id.clone()),
        }
    }

    /// Returns [`Self::attendance`] of a `user_id`.
    pub(super) fn user_id(&self, user_id: &ParticipantUserId) -> Result<ParticipantUserId> {
        self.attendance(&user_id.0).map(ParticipantUserId)
    }

    /// Returns an erased person's participant as it may be stored.
    pub(super) fn blank(&self, participant: &Participant) -> Result<Participant> {
        let mut blank = participant.clone();
        blank.without_identity(&self.attendance(&participant.user_id)?, GRAIN);
        Ok(blank)
    }

    /// Returns the erasure of an instance's host with this name, if the instance began then.
    pub(super) fn covers_host(
        &self,
        instance: Option<InstanceId>,
        host: [Option<&str>; 2],
        start: Option<Timestamp>,
    ) -> Result<Option<ErasureId>> {
        if let Some(erasure) = self.covers(host_names(host), start)? {
            return Ok(Some(erasure));
        }
        instance.map_or(Ok(None), |instance| self.noted(ErasedPlace::Host(instance), start))
    }

    /// Returns the erasure of a meeting's host with this name; without a name, of the host that the meeting was
    /// attributed to.
    pub(super) fn covers_meeting(
        &self,
        kind: MeetingKind,
        number: MeetingNumber,
        host: [Option<&str>; 2],
        time: Option<Timestamp>,
    ) -> Result<Option<ErasureId>> {
        if let Some(erasure) = self.covers(host_names(host), time)? {
            return Ok(Some(erasure));
        }
        match host_names(host).next() {
            Some(_) => Ok(None),
            None => self.noted(ErasedPlace::Meeting(kind, number), time),
        }
    }

    /// Returns an instance as it may be stored, and the erasure of its host.
    pub(super) fn instance<'i>(
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
            if let Some(topic) = self.scrubbed_topic(instance.topic.as_ref())? {
                stored.to_mut().topic = Some(topic);
            }
            if let Some(extras) = self.scrubbed_extras(instance.extras.as_ref())? {
                stored.to_mut().extras = Some(extras);
            }
        }
        Ok((stored, erasure))
    }

    /// Returns a report's facts about an instance as they may be stored.
    pub(super) fn told<'i>(&self, row: InstanceId, told: &'i ReportedInstance) -> Result<Cow<'i, ReportedInstance>> {
        let host = [told.host_id.as_ref().map(UserId::as_str), told.host_email.as_deref()];
        if self.covers_host(Some(row), host, told.start_time.or(told.end_time))?.is_some() {
            return Ok(Cow::Owned(ReportedInstance { host_id: None, host_email: None, topic: None, ..told.clone() }));
        }
        Ok(match self.scrubbed_topic(told.topic.as_ref())? {
            Some(topic) => Cow::Owned(ReportedInstance { topic: Some(topic), ..told.clone() }),
            None => Cow::Borrowed(told),
        })
    }

    /// Returns a meeting as it may be stored: without its host if that person was erased, and without erased addresses
    /// in its texts.
    pub(super) fn meeting<'m>(&self, meeting: &'m Meeting) -> Result<Cow<'m, Meeting>> {
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

    /// Returns a topic without the addresses of erased persons; `None` if it contains none.
    pub(super) fn scrubbed_topic(&self, topic: Option<&Text>) -> Result<Option<Text>> {
        Ok(topic.map(|topic| self.scrub(topic)).transpose()?.flatten().map(Text::from))
    }

    /// Returns extras without the addresses of erased persons; `None` if they contain none.
    pub(super) fn scrubbed_extras(&self, extras: Option<&Extras>) -> Result<Option<Extras>> {
        let Some(extras) = extras.filter(|extras| extras.values().any(|value| value.contains('@'))) else {
            return Ok(None);
        };
        let mut scrubbed = extras.clone();
        scrubbed.change(|value| self.scrub(value))?;
        Ok(Some(scrubbed).filter(|scrubbed| scrubbed != extras))
    }

    /// Returns a text without the addresses of erased persons. `None` if it contains none.
    pub(super) fn scrub(&self, text: &str) -> Result<Option<String>> {
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
    pub(super) fn covers_user(&self, user: &User) -> Result<Option<ErasureId>> {
        self.covers(user_names(user), user.user_created_at.or(user.created_at))
    }

    /// Returns a user as it may be stored. The user is not erased, but the manager may be.
    pub(super) fn user<'u>(&self, user: &'u User) -> Result<Cow<'u, User>> {
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
    pub(super) fn covers_name(&self, name: Option<Identifier>) -> Result<bool> {
        Ok(self.covers(name, None)?.is_some())
    }

    /// Records that the person with these identifiers is erased, and returns those that were not recorded before.
    pub(super) fn learn(
        &self,
        erasure: ErasureId,
        identifiers: impl IntoIterator<Item = Identifier>,
    ) -> Result<BTreeSet<Identifier>> {
        let mut news = BTreeSet::new();
        let Known::Hashed(key) = &self.known else { return Ok(news) };
        for identifier in identifiers {
            if self.tx.add_erased_identifier(self.account, &hash(key, self.account, &identifier)?, erasure)? {
                news.insert(identifier);
            }
        }
        Ok(news)
    }

    /// Lifts an erasure, and returns whether there was one.
    pub(super) fn forget(&self, identifier: &Identifier) -> Result<bool> {
        let Known::Hashed(key) = &self.known else { return Ok(false) };
        self.tx.delete_erased_identifier(self.account, &hash(key, self.account, identifier)?)
    }

    /// Returns until when data with this identifier is covered by that erasure.
    pub(super) fn until(&self, erasure: ErasureId) -> Result<Option<Timestamp>> {
        match &self.known {
            Known::Asked(_, at) => Ok(Some(*at)),
            Known::Hashed(_) => Ok(self.tx.erasure(erasure)?.map(|(_, at)| at)),
        }
    }
}

/// Creates the key for hashing in this database, and returns the erased persons of the account, even if there are none
/// yet.
pub(super) fn begin<'t>(tx: &'t dyn Rows, account: AccountId, key: &ErasureKey) -> Result<Erased<'t>> {
    Ok(Erased { tx, account, known: Known::Hashed(tx.create_erasure_key(key)?) })
}

/// Returns the hash of an identifier.
fn hash(key: &[u8], account: AccountId, identifier: &Identifier) -> Result<Vec<u8>> {
    Ok(mac(key, account, identifier.as_str().as_bytes())?.to_vec())
}

fn mac(key: &[u8], account: AccountId, text: &[u8]) -> Result<[u8; 32]> {
    let mut mac = Hmac::<Sha256>::new_from_slice(key).map_err(|error| StoreError::backend("erasure", error))?;
    mac.update(&account.0.to_be_bytes());
    mac.update(text);
    Ok(mac.finalize().into_bytes().into())
}

/// Returns the identifiers of a host.
pub(super) fn host_names(host: [Option<&str>; 2]) -> impl Iterator<Item = Identifier> {
    host.into_iter().flatten().filter_map(Identifier::of_user)
}

/// Returns the identifiers of a user.
pub(super) fn user_names(user: &User) -> impl Iterator<Item = Identifier> {
    [user.id.as_str(), user.email.as_str()].into_iter().filter_map(Identifier::of_user)
}
