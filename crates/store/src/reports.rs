use async_trait::async_trait;
use rollcall_model::{AccountId, InstanceId, Text, Timestamp, User, UserId};

use crate::{Day, Result};

/// How much past meetings and webinars were used.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Usage {
    /// Number of instances.
    pub instances: u64,
    /// Number of attendances.
    pub participants: u64,
    /// Minutes of all attendances, each rounded up. Time in a waiting room does not count.
    pub minutes: u64,
}

/// The usage of a day.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DayUsage {
    /// The day, in UTC.
    pub day: Day,
    /// Number of users whose logins were created on that day.
    pub new_users: u64,
    /// Instances that began on that day.
    pub usage: Usage,
}

/// A filter on usage.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UsageQuery {
    /// Of instances that began at this instant or later.
    pub from: Timestamp,
    /// Of instances that began before this instant.
    pub before: Timestamp,
    /// Of hosts in this group.
    pub group: Option<Text>,
    /// Of users who hosted at least one of them, or of those who hosted none.
    pub active: Option<bool>,
}

/// Sums over past instances. Attended minutes are computed once for each change of an instance.
#[async_trait]
pub trait ReportStore {
    /// Returns the minutes of all attendances of instances of the account, in the order of `instances`; see
    /// [`Usage::minutes`].
    async fn attended_minutes(&self, account: AccountId, instances: &[InstanceId]) -> Result<Vec<u64>>;

    /// Returns the usage of each day of the window that has any, in order.
    async fn usage_by_day(&self, account: AccountId, query: &UsageQuery) -> Result<Vec<DayUsage>>;

    /// Returns users with the usage of what they hosted, ordered by id, after `after`.
    async fn usage_by_host(
        &self,
        account: AccountId,
        query: &UsageQuery,
        after: Option<&UserId>,
        limit: usize,
    ) -> Result<Vec<(User, Usage)>>;

    /// Returns the number of users that [`Self::usage_by_host`] lists, and the sum of their usage.
    async fn usage_of_hosts(&self, account: AccountId, query: &UsageQuery) -> Result<(u64, Usage)>;
}
