//! One door for every source: normalise, merge, write.
//!
//! A source hands over a [`Batch`] in the model's words. [`Ingest::write`] checks it, then writes it step by step:
//! what has a name into the entity store, minutes into the minute store. Each step is durable when the next begins and
//! changes nothing when it is repeated, so that a delivery which broke off is mended by delivering it again.

mod check;
mod error;
mod instances;
mod participants;
mod times;
mod tracking;
mod uuid;

use std::sync::Arc;

use rollcall_model::{AccountId, Batch};
use rollcall_store::{MinuteStore, Store};

pub use self::error::IngestError;
use self::instances::Locks;

/// How many users or meetings are written at a time.
const ENTITIES_PER_WRITE: usize = 500;

/// The way in. Any number of callers may write at the same time.
pub struct Ingest {
    store: Arc<dyn Store>,
    minutes: Arc<dyn MinuteStore>,
    locks: Locks,
}

/// How many facts of each kind a batch brought, new or not.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Report {
    /// Users.
    pub users: usize,
    /// Scheduled meetings and webinars, less those that only their instances or tracking sources made known.
    pub meetings: usize,
    /// Instances; one that the batch speaks of twice counts twice.
    pub instances: usize,
    /// Participants.
    pub participants: usize,
    /// QoS minutes.
    pub minutes: usize,
    /// Tracking sources.
    pub tracking_sources: usize,
    /// Sites, less those that only their tracking codes made known.
    pub sites: usize,
    /// Tracking codes.
    pub tracking_codes: usize,
    /// Users' values of tracking codes.
    pub user_tracking_codes: usize,
}

impl std::ops::AddAssign for Report {
    fn add_assign(&mut self, other: Self) {
        self.users += other.users;
        self.meetings += other.meetings;
        self.instances += other.instances;
        self.participants += other.participants;
        self.minutes += other.minutes;
        self.tracking_sources += other.tracking_sources;
        self.sites += other.sites;
        self.tracking_codes += other.tracking_codes;
        self.user_tracking_codes += other.user_tracking_codes;
    }
}

impl Ingest {
    /// A way into these stores.
    #[must_use]
    pub fn new(store: Arc<dyn Store>, minutes: Arc<dyn MinuteStore>) -> Self {
        Self { store, minutes, locks: Locks::default() }
    }

    /// Writes what a source told of `account`. When it returns, all of it is durable.
    ///
    /// # Errors
    /// Nothing was written where the batch itself is at fault ([`IngestError::is_callers_fault`]). Where a store failed,
    /// some of the batch may have been written; deliver it again.
    pub async fn write(&self, account: AccountId, batch: &Batch) -> Result<Report, IngestError> {
        self.check(account, batch).await?;
        for users in batch.users.chunks(ENTITIES_PER_WRITE) {
            self.store.put_users(account, users).await?;
        }
        for meetings in batch.meetings.chunks(ENTITIES_PER_WRITE) {
            self.store.put_meetings(account, meetings).await?;
        }
        let mut report = Report {
            users: batch.users.len(),
            meetings: batch.meetings.len(),
            instances: batch.instances.len(),
            ..Report::default()
        };
        for facts in &batch.instances {
            let instance = self.write_instance(account, facts).await?;
            report.participants += facts.participants.len();
            report.minutes += self.write_participants(account, instance, &facts.participants).await?;
        }
        self.write_tracking(account, batch, &mut report).await?;
        Ok(report)
    }
}
