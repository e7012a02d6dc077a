//! Retention settings.

use std::{collections::BTreeMap, fmt, time::Duration};

use rollcall_model::{LocationGrain, Timestamp};
use rollcall_store::{AgedRows, InstancePart};

use super::Rows;

const SECONDS_A_DAY: i64 = 24 * 3600;

/// A kind of data with its own retention, in the order of deletion.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum DataKind {
    /// Quality of service, minute by minute.
    QosMinutes,
    /// Everything that identifies participants; quality stays.
    Identity,
    /// Participants, with their minutes.
    Participants,
    /// Instances, with all of the above.
    Instances,
    /// Tracking sources of webinars, with their counts of visits and registrations.
    TrackingSources,
    /// Registrations through them.
    Registrations,
    /// Entries of responses that are kept as they were.
    Documents,
    /// Scheduled meetings without any stored instance.
    Meetings,
    /// Hourly and daily quality rollups.
    Rollups,
    /// Webhook reports.
    WebhookReports,
    /// Expired and revoked tokens.
    EndedTokens,
    /// Audit entries.
    Audit,
}

impl DataKind {
    /// All of them, in the order of deletion.
    pub const ALL: [Self; 12] = [
        Self::QosMinutes,
        Self::Identity,
        Self::Participants,
        Self::Instances,
        Self::TrackingSources,
        Self::Registrations,
        Self::Documents,
        Self::Meetings,
        Self::Rollups,
        Self::WebhookReports,
        Self::EndedTokens,
        Self::Audit,
    ];

    /// Returns the setting with its retention.
    #[must_use]
    pub const fn setting(self) -> &'static str {
        match self {
            Self::QosMinutes => "retention.qos_minutes_days",
            Self::Identity => "retention.identity_days",
            Self::Participants => "retention.participants_days",
            Self::Instances => "retention.instances_days",
            Self::TrackingSources => "retention.tracking_sources_days",
            Self::Registrations => "retention.registrations_days",
            Self::Documents => "retention.documents_days",
            Self::Meetings => "retention.meetings_days",
            Self::Rollups => "retention.rollups_days",
            Self::WebhookReports => "retention.webhook_reports_days",
            Self::EndedTokens => "retention.ended_tokens_days",
            Self::Audit => "retention.audit_days",
        }
    }

    /// Describes it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::QosMinutes => "QoS minutes",
            Self::Identity => "identities",
            Self::Participants => "participants",
            Self::Instances => "instances",
            Self::TrackingSources => "tracking sources",
            Self::Registrations => "registrations",
            Self::Documents => "documents",
            Self::Meetings => "meetings",
            Self::Rollups => "rollups",
            Self::WebhookReports => "webhook reports",
            Self::EndedTokens => "ended tokens",
            Self::Audit => "audit entries",
        }
    }

    pub(super) const fn rows(self) -> Rows {
        match self {
            Self::QosMinutes => Rows::Of(InstancePart::Minutes),
            Self::Identity => Rows::Of(InstancePart::Identity),
            Self::Participants => Rows::Of(InstancePart::Participants),
            Self::Instances => Rows::Of(InstancePart::Whole),
            Self::TrackingSources => Rows::Aged(AgedRows::TrackingSources),
            Self::Registrations => Rows::Aged(AgedRows::Registrations),
            Self::Documents => Rows::Aged(AgedRows::Documents),
            Self::Meetings => Rows::Aged(AgedRows::Meetings),
            Self::Rollups => Rows::Aged(AgedRows::Rollups),
            Self::WebhookReports => Rows::Aged(AgedRows::WebhookReports),
            Self::EndedTokens => Rows::Aged(AgedRows::EndedTokens),
            Self::Audit => Rows::Aged(AgedRows::Audit),
        }
    }

    /// Returns what this is deleted with: it cannot be kept longer.
    const fn dropped_with(self) -> &'static [Self] {
        match self {
            Self::QosMinutes | Self::Identity => &[Self::Participants, Self::Instances],
            Self::Participants => &[Self::Instances],
            _ => &[],
        }
    }
}

/// A retention in whole days: from one to a hundred years.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Days(u32);

impl Days {
    /// The maximum.
    pub const MAX: u32 = 36_500;

    /// Creates one. `None` if it is less than one or more than [`Self::MAX`].
    #[must_use]
    pub fn new(days: i64) -> Option<Self> {
        u32::try_from(days).ok().filter(|days| (1..=Self::MAX).contains(days)).map(Self)
    }

    /// Returns the number of days.
    #[must_use]
    pub const fn count(self) -> u32 {
        self.0
    }

    /// Returns the instant before which data has expired.
    #[must_use]
    pub fn before(self, now: Timestamp) -> Timestamp {
        now.minus_seconds(i64::from(self.0) * SECONDS_A_DAY)
    }

    /// Returns when data of that time expires.
    #[must_use]
    pub fn after(self, time: Timestamp) -> Timestamp {
        time.plus_seconds(i64::from(self.0) * SECONDS_A_DAY)
    }
}

impl fmt::Display for Days {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.0, if self.0 == 1 { "day" } else { "days" })
    }
}

/// Contradictory settings.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error(
    "`{}` ({days}) is longer than `{}` ({with_days}), and {} are dropped with {}: make it {with_days} or less, or \
     the other longer",
    kind.setting(), with.setting(), kind.as_str(), with.as_str()
)]
pub struct InvalidRetention {
    /// What is to be kept too long.
    pub kind: DataKind,
    /// Its retention.
    pub days: Days,
    /// What it is deleted with.
    pub with: DataKind,
    /// That one's retention.
    pub with_days: Days,
}

/// Retention settings. The default keeps all reported data forever.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RetentionSettings {
    kept: BTreeMap<DataKind, Days>,
    /// Precision of the location that stays after blanking an identity.
    pub location: LocationGrain,
    /// Pause between rounds.
    pub round: Duration,
    /// A round that comes later than this after the last one waits for a confirmation; `None` never waits.
    pub max_gap: Option<Days>,
    /// How long archive files of deleted data are kept, so that it can be restored; `None` keeps none.
    pub undo: Option<Days>,
}

impl Default for RetentionSettings {
    fn default() -> Self {
        Self {
            // Vendors retry for an hour and a half, and show their deliveries for a week. For a month, a late caller
            // learns that a token has expired, not that it is unknown.
            kept: [
                (DataKind::WebhookReports, Days(7)),
                (DataKind::EndedTokens, Days(30)),
                (DataKind::Audit, Days(365)),
            ]
            .into(),
            location: LocationGrain::default(),
            round: Duration::from_secs(3_600),
            max_gap: Some(Days(7)),
            undo: Some(Days(7)),
        }
    }
}

impl RetentionSettings {
    /// Creates settings from kinds with their retention; others are kept forever.
    ///
    /// # Errors
    /// If a kind is to be kept longer than what it is deleted with.
    pub fn new(
        kept: BTreeMap<DataKind, Days>,
        location: LocationGrain,
        round: Duration,
    ) -> Result<Self, InvalidRetention> {
        for (&kind, &days) in &kept {
            for &with in kind.dropped_with() {
                if let Some(&with_days) = kept.get(&with)
                    && days > with_days
                {
                    return Err(InvalidRetention { kind, days, with, with_days });
                }
            }
        }
        Ok(Self { kept, location, round, ..Self::default() })
    }

    /// Sets the limits on the gap between rounds and on how long deletions can be undone.
    #[must_use]
    pub fn with_limits(self, max_gap: Option<Days>, undo: Option<Days>) -> Self {
        Self { max_gap, undo, ..self }
    }

    /// Returns the retention of the kind; `None` means forever.
    #[must_use]
    pub fn days(&self, kind: DataKind) -> Option<Days> {
        self.kept.get(&kind).copied()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_is_kept_longer_than_what_it_is_dropped_with() {
        let settings = |kept: &[(DataKind, i64)]| {
            let kept = kept.iter().map(|(kind, days)| (*kind, Days::new(*days).unwrap())).collect();
            RetentionSettings::new(kept, LocationGrain::City, Duration::from_secs(1))
        };
        use DataKind::{Identity, Instances, Participants, QosMinutes};
        for good in [&[][..], &[(Instances, 30), (Participants, 30), (QosMinutes, 7)], &[(Identity, 400)]] {
            assert!(settings(good).is_ok(), "{good:?}");
        }
        for (wrong, told) in [
            ([(QosMinutes, 31), (Participants, 30)], "`retention.qos_minutes_days` (31 days) is longer"),
            ([(Participants, 31), (Instances, 1)], "make it 1 day or less"),
            ([(Identity, 2), (Instances, 1)], "`retention.instances_days` (1 day)"),
        ] {
            let problem = settings(&wrong).unwrap_err().to_string();
            assert!(problem.contains(told), "{problem}");
        }
    }

    #[test]
    fn days_are_at_least_one_and_at_most_a_hundred_years() {
        for (days, is_good) in [(0, false), (-1, false), (1, true), (36_500, true), (36_501, false), (i64::MAX, false)]
        {
            assert_eq!(Days::new(days).is_some(), is_good, "{days}");
        }
    }
}
