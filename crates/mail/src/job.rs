//! The job that sends.

use std::{sync::Arc, time::Duration};

use async_trait::async_trait;
use rollcall_lifecycle::{Job, JobError, Next};
use rollcall_model::{Access, Clock, Entropy, Member, SecretHash, Text, Timestamp, draw, draw_secret, drawn_text};
use rollcall_sql::{Ask, Format, Limits, Names, Question, SqlError};
use rollcall_store::{Begun, Mailed, Pause, QuerySource, Store, StoreError, Subscription, SubscriptionChange};
use tokio::sync::Notify;

use crate::{
    message::Letter,
    result::{QueryResult, ask},
    schedule::next_time,
    smtp::{Post, PostError},
    values::{parse_values, resolve},
};

/// Pause between rounds.
const INTERVAL: Duration = Duration::from_secs(20);
/// Mails per round.
const AT_ONCE: usize = 20;
/// Attempts of a mail, with pauses of a minute that quadruple.
const MAX_ATTEMPTS: u32 = 5;
const FIRST_PAUSE_SECONDS: i64 = 60;
/// Attempts of which nobody knows whether the mail arrived.
const MAX_UNKNOWN: u32 = 2;
/// Mails in a row that are given up before a subscription is paused.
const MAX_FAILURES: u32 = 3;
/// How long a mail waits if its member or account got too many.
const POSTPONED_SECONDS: i64 = 600;

/// What a member may see.
pub trait Rights: Send + Sync {
    /// Returns whether a member who may do this sees names in SQL; `None` if they may not use SQL.
    fn names(&self, access: Access) -> Option<Names>;
}

/// What the job needs to know.
#[derive(Debug, Clone)]
pub struct MailSettings {
    /// The base URL of the server, without a trailing slash.
    pub base_url: String,
    /// Limits of a query.
    pub limits: Limits,
}

/// Sends the mails of subscriptions that are due.
pub struct MailJob {
    /// Subscriptions, members and saved queries.
    pub store: Arc<dyn Store>,
    /// Runs the queries.
    pub queries: Arc<dyn Ask>,
    /// Hands over the mails.
    pub post: Arc<dyn Post>,
    /// What members may see.
    pub rights: Arc<dyn Rights>,
    /// The clock.
    pub clock: Arc<dyn Clock>,
    /// Draws the secrets of links.
    pub entropy: Arc<dyn Entropy>,
    /// Begins a round.
    pub wake: Arc<Notify>,
    /// The settings.
    pub settings: MailSettings,
}

/// Why a mail was not sent.
enum Failure {
    /// Nothing more is sent until somebody resumes it.
    Paused(Pause),
    /// This mail is given up.
    GivenUp(String),
    /// Another attempt may succeed. Says whether the attempt that was begun sent nothing, for certain.
    Retry { problem: String, sent_nothing: bool },
    /// The member or the account got too many.
    Postponed,
    /// It was changed meanwhile: the next round looks again.
    Changed,
    /// The store failed.
    Store(StoreError),
}

impl From<StoreError> for Failure {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

impl From<SqlError> for Failure {
    fn from(error: SqlError) -> Self {
        let problem = match &error {
            SqlError::Internal(_) => "the database failed".to_owned(),
            error => format!("the query: {error}"),
        };
        match error {
            SqlError::Internal(_) | SqlError::Unavailable(_) | SqlError::Busy | SqlError::AccountBusy(_) => {
                Self::Retry { problem, sent_nothing: false }
            }
            _ => Self::GivenUp(problem),
        }
    }
}

impl From<PostError> for Failure {
    fn from(error: PostError) -> Self {
        let problem = error.to_string();
        match error {
            PostError::Temporary(_) => Self::Retry { problem, sent_nothing: true },
            PostError::Unknown(_) => Self::Retry { problem, sent_nothing: false },
            PostError::Refused(_) => Self::GivenUp(problem),
        }
    }
}

#[async_trait]
impl Job for MailJob {
    fn name(&self) -> &'static str {
        "mail"
    }

    fn interval(&self) -> Duration {
        INTERVAL
    }

    async fn round(&mut self) -> Result<Next, JobError> {
        let due = self.store.due_subscriptions(self.clock.now(), AT_ONCE).await?;
        for subscription in &due {
            self.mail(subscription).await?;
        }
        Ok(if due.len() == AT_ONCE { Next::Now } else { Next::Later })
    }

    async fn pending(&mut self) -> Result<u64, JobError> {
        Ok(self.store.count_due_subscriptions(self.clock.now()).await?)
    }

    async fn woken(&mut self) {
        self.wake.notified().await;
    }
}

impl MailJob {
    /// Sends the mail of a subscription, and records the outcome.
    async fn mail(&self, subscription: &Subscription) -> Result<(), StoreError> {
        let failure = match self.try_to(subscription).await {
            Ok(()) => {
                let due_at = self.next(subscription).await?;
                return self.record(subscription, &Mailed::Sent { due_at }).await;
            }
            Err(failure) => failure,
        };
        match failure {
            Failure::Store(error) => Err(error),
            Failure::Changed => Ok(()),
            Failure::Postponed => {
                let due_at = self.clock.now().plus_seconds(POSTPONED_SECONDS);
                self.record(subscription, &Mailed::Postponed { due_at }).await
            }
            Failure::Paused(pause) => {
                let (id, account) = (subscription.id.0, subscription.account.0);
                tracing::info!(id, account, reason = pause.as_str(), "paused a subscription");
                let change = SubscriptionChange { paused: Some(Some(pause)), ..SubscriptionChange::default() };
                self.store.change_subscription(subscription.account, subscription.id, &change).await?;
                Ok(())
            }
            Failure::Retry { problem, sent_nothing } if subscription.attempts + 1 < MAX_ATTEMPTS => {
                let pause = FIRST_PAUSE_SECONDS << (2 * subscription.attempts);
                let due_at = self.clock.now().plus_seconds(pause);
                let retry = Mailed::Retry { due_at, problem: Text::from(problem), sent_nothing };
                self.record(subscription, &retry).await
            }
            Failure::Retry { problem, .. } => {
                self.give_up(subscription, format!("{problem}; given up after {MAX_ATTEMPTS} attempts")).await
            }
            Failure::GivenUp(problem) => self.give_up(subscription, problem).await,
        }
    }

    async fn give_up(&self, subscription: &Subscription, problem: String) -> Result<(), StoreError> {
        let paused = (subscription.failures + 1 >= MAX_FAILURES).then_some(Pause::Failing);
        let (id, account) = (subscription.id.0, subscription.account.0);
        tracing::warn!(id, account, is_paused = paused.is_some(), "gave up a mail; the subscription says why");
        let due_at = self.next(subscription).await?;
        self.record(subscription, &Mailed::GivenUp { due_at, problem: problem.into(), paused }).await
    }

    async fn record(&self, subscription: &Subscription, mailed: &Mailed) -> Result<(), StoreError> {
        self.store.record_mail(subscription.id, mailed, self.clock.now()).await
    }

    /// Returns when the next mail is due, by the schedule that the subscription has now.
    async fn next(&self, subscription: &Subscription) -> Result<Timestamp, StoreError> {
        let current = self.store.subscription(subscription.account, subscription.id).await?;
        let schedule = &current.as_ref().unwrap_or(subscription).schedule;
        Ok(next_time(schedule, self.clock.now()))
    }

    async fn try_to(&self, subscription: &Subscription) -> Result<(), Failure> {
        let member = self.store.member(subscription.account, subscription.member).await?;
        let member = member.ok_or(Failure::Paused(Pause::MemberGone))?;
        let names = self.rights.names(member.access).ok_or(Failure::Paused(Pause::NotAllowed))?;
        if subscription.unknown >= MAX_UNKNOWN {
            let problem = "the connection or the server ended twice during the mail, so it may have arrived";
            return Err(Failure::GivenUp(problem.to_owned()));
        }
        let result = self.result(subscription, names).await?;
        let secret = draw_secret(self.entropy.as_ref());
        let mail = self.letter(subscription, &member, result, &secret)?;
        let hash = SecretHash::of(secret.expose());
        match self.store.begin_mail(subscription, hash, self.clock.now()).await? {
            Begun::Yes => {}
            Begun::Changed => return Err(Failure::Changed),
            Begun::Limited => return Err(Failure::Postponed),
        }
        self.post.send(&mail).await.map_err(|error| {
            let (id, account) = (subscription.id.0, subscription.account.0);
            tracing::warn!(id, account, kind = error.kind(), "could not send a mail; the subscription says why");
            error.into()
        })
    }

    fn letter(
        &self,
        subscription: &Subscription,
        member: &Member,
        result: QueryResult,
        secret: &rollcall_model::Secret,
    ) -> Result<crate::Mail, Failure> {
        let letter = Letter {
            subscription,
            member,
            result,
            from: self.post.from(),
            base_url: &self.settings.base_url,
            secret,
            id: &drawn_text(&draw::<18>(self.entropy.as_ref())),
            now: self.clock.now(),
        };
        letter.print().map_err(|error| Failure::GivenUp(error.to_string()))
    }

    /// Runs the query with the rights of the recipient.
    async fn result(&self, subscription: &Subscription, names: Names) -> Result<QueryResult, Failure> {
        let account = subscription.account;
        let (sql, values) = match &subscription.source {
            QuerySource::Own { query, values } => {
                let values = parse_values(values).map_err(|error| Failure::GivenUp(error.to_string()))?;
                (query.to_string(), resolve(values, self.clock.now(), &subscription.schedule.time_zone))
            }
            QuerySource::Saved(id) => {
                let saved = self.store.saved_queries(account).await?.into_iter().find(|query| query.id == *id);
                (saved.ok_or(Failure::Paused(Pause::QueryGone))?.query.to_string(), Vec::new())
            }
        };
        let question = Question { account, names, sql, values, format: Format::Csv, limits: self.settings.limits };
        Ok(ask(self.queries.as_ref(), question).await?)
    }
}
