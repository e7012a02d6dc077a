//! What Rollcall requires of a database: traits over the model's types.
//!
//! The server uses two stores. The *entity store* ([`Store`], one trait per aggregate) contains everything with a name:
//! accounts, users, meetings, instances, participants, tracking, credentials. The *minute store* ([`MinuteStore`])
//! contains quality of service, which has a thousand times more rows: the latest in a *live store* ([`LiveMinutes`]),
//! older ones in the archive, whose index is in the entity store ([`ArchiveIndex`]).
//!
//! Rules that hold for every method of every backend:
//! - Every query is limited to one account; a row of another account does not exist.
//! - Writing to an account, an instance or another parent that does not exist is [`StoreError::NotFound`].
//! - When a write returns, it is durable and complete. A failed write has changed nothing.
//! - Writes are idempotent: the same fact again changes nothing, a richer one fills gaps.
//! - Lists are read by keyset, in a stated order, `limit` rows at a time; no method reads more than it returns, except
//!   the `count_…` ones.

/// Defines a trait that consists of others.
macro_rules! combine {
    ($(#[$doc:meta])* pub trait $all:ident: $($part:ident)*) => {
        $(#[$doc])*
        pub trait $all: $($part +)* {}

        impl<T> $all for T where T: $($part +)* {}
    };
}

mod archive;
mod audit;
mod authorizations;
mod collect;
mod deletion;
mod documents;
mod entities;
mod erasure;
mod error;
mod hooks;
mod live;
mod members;
mod minutes;
mod oauth;
pub mod packed;
mod persons;
pub mod policy;
mod presumed_ends;
mod quality;
mod registrants;
mod reports;
mod retention;
mod rollups;
mod saved_queries;
mod sealed_files;
mod subscriptions;
mod tracking;
mod webhooks;

#[cfg(feature = "testing")]
pub mod live_suite;
#[cfg(feature = "testing")]
pub mod minute_suite;
#[cfg(feature = "testing")]
pub mod suite;

pub use archive::{
    ArchiveFile, ArchiveFileId, ArchiveIndex, ArchivePlace, ArchiveTable, ArchivedInstance, ArchivedMinutes,
    InstanceLife, Merge, MergePolicy, MergeablePartition, MovedRows, NewArchiveFile, RowRange, SealedInstance, Sealing,
};
pub use audit::{AuditActor, AuditEntry, AuditStore, AuditedAct};
pub use authorizations::{AuthorizationStore, Decided, REDEEMED_SECONDS, WAITING_PER_ADDRESS, WAITING_PER_APP};
pub use collect::{
    CollectStore, Difference, Gap, LaneProgress, ListId, MAX_CONNECTIONS, NewList, PageDone, TurnRequest, UnknownValue,
    Unread, WaitingList, WaitingQuery,
};
pub use deletion::AccountStates;
pub use documents::{DocumentCursor, DocumentQuery, DocumentStore};
pub use entities::{
    Accounts, GroupFilter, InstanceCursor, InstancePerson, InstanceQuery, InstanceSpan, InstanceStore, InstanceVersion,
    LARGE_INSTANCE, LargeInstance, LentParticipant, MeetingQuery, MeetingStore, MeetingWhen, ParticipantStore,
    ParticipantVisitor, PlannedQuery, PutParticipant, StoredInstance, StoredParticipant, UserQuery, UserStore,
    visit_participants,
};
pub use erasure::{
    ErasedRows, Erasure, ErasureId, ErasureKey, ErasureStep, ErasureStore, IdentityLink, LinkingRecord,
    MOST_PENDING_ERASURES,
};
pub use error::{Result, StoreError};
pub use hooks::{EventStore, HookStore, Placed};
pub use live::{HotMinutes, LiveMinutes, Watch};
pub use members::{MAX_INVITATIONS, MAX_MEMBERS, MAX_SESSIONS, MemberStore, NewMember, NewSession};
pub use minutes::{
    InstanceMinutes, MinuteCursor, MinuteFacts, MinuteRow, MinuteStore, MinuteVisitor, PackedInstance, PackedMinutes,
    visit_minutes,
};
pub use oauth::{GRANTED_PER_APP, NewToken, OAuthStore, REUSE_GRACE_SECONDS};
pub use persons::{PersonAlias, PersonStore};
pub use presumed_ends::{PresumedEndStore, SignsOfLife};
pub use quality::{InstanceScores, LabelCounts, QualityCounts, QualityOf, QualityQuery, QualityStore};
pub use registrants::{NewRegistrant, RegistrantChange, RegistrantQuery, RegistrantRef, RegistrantStore};
pub use reports::{DayUsage, ReportStore, Usage, UsageQuery};
pub use retention::{AgedRows, BlankedSoFar, Dropped, Due, InstancePart, KeptDrop, RetentionState, RetentionStore};
pub use rollups::{ArchivedRows, Day, RollupChange, RollupDay, RollupStore};
pub use saved_queries::{MAX_SAVED_QUERIES, SavedQuery, SavedQueryId, SavedQueryStore};
pub use sealed_files::SealedFiles;
pub use subscriptions::{
    Begun, MAX_MAILS_PER_HOUR, MAX_MAILS_TO_MEMBER_PER_HOUR, MAX_SUBSCRIPTIONS, MAX_SUBSCRIPTIONS_OF_MEMBER, Mailed,
    NewSubscription, Pause, QuerySource, Schedule, Subscription, SubscriptionChange, SubscriptionId, SubscriptionStore,
    UNSUBSCRIBING_MAILS,
};
pub use tracking::{TrackingCodeStore, TrackingFieldLabel, TrackingFieldStore, TrackingSourceStore};
pub use webhooks::{Attempt, FAILURE_WINDOW_SECONDS, MAX_DELIVERIES, MAX_FAILURES, MAX_WEBHOOKS, WebhookStore};

combine! {
    /// The entity store as a whole.
    pub trait Store:
        Accounts UserStore MeetingStore InstanceStore ParticipantStore TrackingSourceStore TrackingCodeStore
        TrackingFieldStore RegistrantStore DocumentStore PersonStore ReportStore OAuthStore AuthorizationStore
        MemberStore ArchiveIndex PresumedEndStore HookStore EventStore QualityStore RollupStore RetentionStore ErasureStore
        AuditStore AccountStates WebhookStore SavedQueryStore CollectStore SubscriptionStore
        Send Sync
}
