use std::{
    collections::{BTreeMap, BTreeSet},
    fmt,
};

use async_trait::async_trait;
use rollcall_model::{AccountId, Identifier, InstanceUuid, MeetingNumber, ParticipantId, Source, Timestamp};

use crate::Result;

/// An erasure's row.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ErasureId(pub i64);

/// What is drawn once for a database, to hash identifiers with.
pub type ErasureKey = [u8; 32];

/// How many erasures of an account may be unfinished.
pub const MOST_PENDING_ERASURES: usize = 16;

/// How many rows of which kind: `users`, `participants`, `meetings`, …
pub type ErasedRows = BTreeMap<String, u64>;

/// One person's erasure. It does not tell who that was.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Erasure {
    /// Its row.
    pub id: ErasureId,
    /// In which account.
    pub account: AccountId,
    /// When it was asked for: what is from before that is erased.
    pub at: Timestamp,
    /// When all that was stored then was erased from the database; none while that goes on.
    pub finished_at: Option<Timestamp>,
    /// What was erased.
    pub rows: ErasedRows,
    /// How many files of the archive held rows of the person.
    pub files: u64,
    /// How many of these are still to be replaced.
    pub files_left: u64,
}

impl Erasure {
    /// Whether nothing is left of the person, in the database and in the archive.
    #[must_use]
    pub const fn is_complete(&self) -> bool {
        self.finished_at.is_some() && self.files_left == 0
    }
}

/// What a look for a person has found, or a step of an erasure has erased.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct ErasureStep {
    /// How many rows of which kind are the person's. An erasure counts them in its own row.
    pub rows: ErasedRows,
    /// By what the person is named there. What was not known before has to be looked for from the beginning.
    pub identifiers: BTreeSet<Identifier>,
    /// Which of the identifiers are logins: users of the account, and user ids that attendances and meetings carry.
    pub logins: BTreeSet<Identifier>,
    /// Why an identifier that was not asked for is taken for the person's; at least one link for each.
    pub links: Vec<IdentityLink>,
    /// The last participant that was looked at; none where there are no more.
    pub last: Option<ParticipantId>,
}

/// A record that carries two identifiers, so that both are taken for one person's.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct IdentityLink {
    /// The identifier that was known.
    pub known: Identifier,
    /// The identifier that the record adds.
    pub learnt: Identifier,
    /// The record.
    pub record: LinkingRecord,
    /// Who reported the record.
    pub source: Source,
}

/// A record that can carry several identifiers of one person.
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
}

impl fmt::Display for LinkingRecord {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Attendance(uuid) => write!(f, "an attendance in instance {uuid}"),
            Self::InstanceHost(uuid) => write!(f, "the host of instance {uuid}"),
            Self::MeetingHost(number) => write!(f, "the host of meeting {number}"),
            Self::User => f.write_str("a user of the account"),
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
    /// Adds what one record of a trusted source says: all its identifiers name one person. Links those that are not
    /// among `known` to one that is.
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
/// What names a person is an [`Identifier`]. An erasure is begun by noting hashes of them. From then on every write of
/// this store blanks whatever names the person and is from before the erasure, or tells no time, so that what is delivered
/// again stays erased, through whichever process it comes. What was stored before is then erased step by step, by the same
/// rule, as often as it takes: a step that finds nothing changes nothing. What a step learns besides of how the person is
/// named is noted with it.
#[async_trait]
pub trait ErasureStore {
    /// Looks at up to `limit` of the account's participants after `after` for attendances that an erasure at `at` of who
    /// goes by these would blank.
    async fn look_for_participants(
        &self,
        account: AccountId,
        identifiers: &BTreeSet<Identifier>,
        at: Timestamp,
        after: Option<ParticipantId>,
        limit: usize,
    ) -> Result<ErasureStep>;

    /// Looks for all else that such an erasure would touch.
    async fn look_for_entities(
        &self,
        account: AccountId,
        identifiers: &BTreeSet<Identifier>,
        at: Timestamp,
    ) -> Result<ErasureStep>;

    /// Notes that who goes by these is erased. `key` is used where none was drawn yet. An account with
    /// [`MOST_PENDING_ERASURES`] that are not finished gets [`crate::StoreError::LimitReached`].
    async fn begin_erasure(
        &self,
        account: AccountId,
        identifiers: &BTreeSet<Identifier>,
        key: ErasureKey,
        at: Timestamp,
    ) -> Result<ErasureId>;

    /// Looks at up to `limit` of the account's participants after `after`, and blanks those who were erased: in their rows,
    /// and in what webhooks told. The step's identifiers are those that were not known before.
    async fn erase_participants(
        &self,
        erasure: ErasureId,
        after: Option<ParticipantId>,
        limit: usize,
    ) -> Result<ErasureStep>;

    /// Erases whatever else names the person: hosts of instances and meetings, registrations, tokens, values of tracking
    /// codes, and the user. The step's identifiers are those that were not known before.
    async fn erase_entities(&self, erasure: ErasureId) -> Result<ErasureStep>;

    /// Notes that all that was stored is erased.
    async fn finish_erasure(&self, erasure: ErasureId, at: Timestamp) -> Result<()>;

    /// Erasures of one account or of all after `after`, oldest first.
    async fn erasures(&self, account: Option<AccountId>, after: ErasureId, limit: usize) -> Result<Vec<Erasure>>;

    /// One of the account's erasures.
    async fn find_erasure(&self, account: AccountId, erasure: ErasureId) -> Result<Option<Erasure>>;

    /// Those that are not finished, oldest first.
    async fn pending_erasures(&self) -> Result<Vec<Erasure>>;

    /// Lets the person be known again by these identifiers, and answers how many of them were erased. What was erased stays
    /// so.
    async fn lift_erasure(&self, account: AccountId, identifiers: &BTreeSet<Identifier>) -> Result<u64>;

    /// Writes the database anew without what lies in its gaps and in its log, where rows were that are gone. Other writes
    /// wait for as long.
    async fn purge(&self) -> Result<()>;
}
