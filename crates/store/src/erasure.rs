use std::{
    collections::{BTreeMap, BTreeSet},
    fmt,
};

use async_trait::async_trait;
use rollcall_model::{AccountId, Identifier, InstanceUuid, MeetingNumber, ParticipantId, Source, Timestamp};

use crate::Result;

/// An erasure's row id.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ErasureId(pub i64);

/// The random key of a database for hashing identifiers.
pub type ErasureKey = [u8; 32];

/// Maximum number of unfinished erasures of an account.
pub const MOST_PENDING_ERASURES: usize = 16;

/// Number of rows by kind: `users`, `participants`, `meetings`, …
pub type ErasedRows = BTreeMap<String, u64>;

/// One person's erasure. It does not identify the person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Erasure {
    /// Its row id.
    pub id: ErasureId,
    /// The account.
    pub account: AccountId,
    /// When it was requested: data from before that is erased.
    pub at: Timestamp,
    /// When the data stored at that time had been erased from the database; `None` until then.
    pub finished_at: Option<Timestamp>,
    /// Number of erased rows.
    pub rows: ErasedRows,
    /// Number of archive files that contained rows of the person.
    pub files: u64,
    /// Number of these files that remain to be replaced.
    pub files_left: u64,
}

impl Erasure {
    /// Returns whether nothing is left of the person, in the database and in the archive.
    #[must_use]
    pub const fn is_complete(&self) -> bool {
        self.finished_at.is_some() && self.files_left == 0
    }
}

/// What a search for a person has found, or a step of an erasure has erased.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct ErasureStep {
    /// Number of the person's rows by kind. An erasure adds them up in its own row.
    pub rows: ErasedRows,
    /// The identifiers found in them. New ones require a search from the beginning.
    pub identifiers: BTreeSet<Identifier>,
    /// Those of the identifiers that are logins: users of the account, and user ids in attendances and meetings.
    pub logins: BTreeSet<Identifier>,
    /// Why an identifier that was not given is regarded as the person's; at least one link for each.
    pub links: Vec<IdentityLink>,
    /// The last participant that was examined; `None` if there are no more.
    pub last: Option<ParticipantId>,
}

/// A record with two identifiers, which are therefore regarded as one person's.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct IdentityLink {
    /// The identifier that was known before.
    pub known: Identifier,
    /// The identifier that the record adds.
    pub learnt: Identifier,
    /// The record.
    pub record: LinkingRecord,
    /// Who reported the record.
    pub source: Source,
}

/// A record that may contain several identifiers of one person.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum LinkingRecord {
    /// An attendance in this instance.
    Attendance(InstanceUuid),
    /// The host of this instance.
    InstanceHost(InstanceUuid),
    /// The host of this meeting or webinar.
    MeetingHost(MeetingNumber),
    /// A user of the account.
    User,
    /// Somebody declared both to be one person's.
    Alias,
}

impl fmt::Display for LinkingRecord {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Attendance(uuid) => write!(f, "an attendance in instance {uuid}"),
            Self::InstanceHost(uuid) => write!(f, "the host of instance {uuid}"),
            Self::MeetingHost(number) => write!(f, "the host of meeting {number}"),
            Self::User => f.write_str("a user of the account"),
            Self::Alias => f.write_str("an alias set by hand"),
        }
    }
}

impl fmt::Display for IdentityLink {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { known, learnt, record, source } = self;
        write!(f, "{record} carries both {known} and {learnt} (source: {source})")
    }
}

impl ErasureStep {
    /// Adds one record of a trusted source: all its identifiers belong to one person. Links those that are not in
    /// `known` to one that is.
    pub fn link(
        &mut self,
        known: &BTreeSet<Identifier>,
        identifiers: impl IntoIterator<Item = Identifier>,
        record: &LinkingRecord,
        source: Source,
    ) {
        let identifiers: BTreeSet<Identifier> = identifiers.into_iter().collect();
        if let Some(anchor) = identifiers.iter().find(|identifier| known.contains(*identifier)) {
            for learnt in identifiers.difference(known) {
                if !self.identifiers.contains(learnt) {
                    let (known, learnt, record) = (anchor.clone(), learnt.clone(), record.clone());
                    self.links.push(IdentityLink { known, learnt, record, source });
                }
            }
        }
        self.identifiers.extend(identifiers);
    }
}

/// Erasing persons.
///
/// A person is identified by [`Identifier`]s. An erasure first records hashes of them. From then on, every write of
/// this store blanks data that identifies the person and is from before the erasure, or without a time, so that
/// repeated deliveries stay erased, through any process. Stored data is then erased step by step by the same rule,
/// repeatedly if necessary: the steps are idempotent. Identifiers that a step learns are recorded with it.
#[async_trait]
pub trait ErasureStore {
    /// Examines up to `limit` of the account's participants after `after` for attendances that an erasure of these
    /// identifiers at `at` would blank.
    async fn look_for_participants(
        &self,
        account: AccountId,
        identifiers: &BTreeSet<Identifier>,
        at: Timestamp,
        after: Option<ParticipantId>,
        limit: usize,
    ) -> Result<ErasureStep>;

    /// Searches for all other data that such an erasure would affect.
    async fn look_for_entities(
        &self,
        account: AccountId,
        identifiers: &BTreeSet<Identifier>,
        at: Timestamp,
    ) -> Result<ErasureStep>;

    /// Records that the person with these identifiers is erased. `key` is used if the database has none yet. An account
    /// with [`MOST_PENDING_ERASURES`] unfinished erasures gets [`crate::StoreError::LimitReached`].
    async fn begin_erasure(
        &self,
        account: AccountId,
        identifiers: &BTreeSet<Identifier>,
        key: ErasureKey,
        at: Timestamp,
    ) -> Result<ErasureId>;

    /// Examines up to `limit` of the account's participants after `after`, and blanks erased ones: in their rows, and
    /// in webhook reports. Returns the identifiers that were not known before.
    async fn erase_participants(
        &self,
        erasure: ErasureId,
        after: Option<ParticipantId>,
        limit: usize,
    ) -> Result<ErasureStep>;

    /// Erases all other data that identifies the person: hosts of instances and meetings, registrations, tokens, values
    /// of tracking codes, and the user. Returns the identifiers that were not known before.
    async fn erase_entities(&self, erasure: ErasureId) -> Result<ErasureStep>;

    /// Records that all stored data is erased.
    async fn finish_erasure(&self, erasure: ErasureId, at: Timestamp) -> Result<()>;

    /// Returns erasures of one account or of all, after `after`, oldest first.
    async fn erasures(&self, account: Option<AccountId>, after: ErasureId, limit: usize) -> Result<Vec<Erasure>>;

    /// Returns one of the account's erasures.
    async fn find_erasure(&self, account: AccountId, erasure: ErasureId) -> Result<Option<Erasure>>;

    /// Returns unfinished erasures, oldest first.
    async fn pending_erasures(&self) -> Result<Vec<Erasure>>;

    /// Lets data with these identifiers be stored again, and returns how many of them were erased. Erased data stays
    /// erased.
    async fn lift_erasure(&self, account: AccountId, identifiers: &BTreeSet<Identifier>) -> Result<u64>;

    /// Rewrites the database file without free pages, and empties its log, because both may contain deleted rows. Other
    /// writes wait meanwhile.
    async fn purge(&self) -> Result<()>;
}
