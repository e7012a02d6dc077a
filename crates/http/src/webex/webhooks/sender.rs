//! Sends changes to webhooks: a job that turns changes into deliveries and delivers them.

use std::{
    collections::{HashMap, hash_map::Entry},
    sync::Arc,
    time::Duration,
};

use async_trait::async_trait;
use axum::http::{HeaderValue, header};
use rollcall_client::target::{self, Resolver};
use rollcall_lifecycle::{Job, JobError, Next};
use rollcall_model::{AccountId, Change, ChangeSubject, Delivery, ParticipantId, Text, Webhook};
use rollcall_store::{Attempt, MAX_WEBHOOKS};
use rollcall_webex::{
    extras,
    meeting::{meeting, participant},
    person,
    webhook::{MEETINGS, PARTICIPANTS, body, reports, signatures},
};
use serde_json::{Value, json};
use tokio::task::JoinSet;

use super::PRIVATE_TARGETS;
use crate::{
    state::AppState,
    webex::{directory::Ours, planned::show, runs::Place},
};

/// Pause between rounds.
const INTERVAL: Duration = Duration::from_secs(1);
/// Changes per round.
const CHANGES: usize = 200;
/// Deliveries per round, which are sent at the same time; and those of one webhook.
const AT_ONCE: usize = 32;
const AT_ONCE_PER_WEBHOOK: usize = 4;
/// Maximum time for a target to accept.
const TIMEOUT: Duration = Duration::from_secs(10);
/// Attempts of a delivery, with pauses of half a minute that double.
const MAX_ATTEMPTS: u32 = 8;
const FIRST_PAUSE_SECONDS: i64 = 30;

/// The job that sends.
pub struct WebhookSender {
    app: AppState,
    client: reqwest::Client,
}

impl WebhookSender {
    /// Creates the job.
    ///
    /// # Errors
    ///
    /// If no HTTP client can be made.
    pub fn new(app: AppState) -> Result<Self, JobError> {
        // Fails only if there is one already.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let resolver = Resolver { allow_private: app.settings.webex_webhooks_to_private };
        let client = reqwest::Client::builder()
            .dns_resolver(Arc::new(resolver))
            // A proxy would resolve names itself, and a redirect could lead to a private address.
            .no_proxy()
            .redirect(reqwest::redirect::Policy::none())
            .timeout(TIMEOUT)
            .build()?;
        Ok(Self { app, client })
    }

    /// Turns changes into deliveries. Returns whether there may be more.
    async fn queue(&self) -> Result<bool, JobError> {
        let changes = self.app.store.changes(CHANGES).await?;
        let Some(last) = changes.last() else { return Ok(false) };
        let mut accounts = HashMap::new();
        let mut deliveries = Vec::new();
        for change in &changes {
            let subscribed = match accounts.entry(change.account) {
                Entry::Occupied(known) => known.into_mut(),
                Entry::Vacant(new) => new.insert(Subscribed::of(&self.app, change.account).await?),
            };
            if let Some(subscribed) = subscribed {
                subscribed.report(&self.app, change, &mut deliveries).await?;
            }
        }
        let dropped = self.app.store.queue_deliveries(last.row, &deliveries, self.app.now()).await?;
        if dropped > 0 {
            tracing::warn!(dropped, "webhooks have too many undelivered changes; dropped the latest");
        }
        Ok(changes.len() == CHANGES)
    }

    /// Sends deliveries that are due. Returns whether there may be more.
    async fn send(&self) -> Result<bool, JobError> {
        let due = self.app.store.due_deliveries(self.app.now(), AT_ONCE_PER_WEBHOOK, AT_ONCE).await?;
        let is_full = !due.is_empty();
        let mut sending = JoinSet::new();
        for delivery in due {
            let (client, allow_private) = (self.client.clone(), self.app.settings.webex_webhooks_to_private);
            sending.spawn(async move {
                let sent = send(&client, &delivery, allow_private).await;
                (delivery, sent)
            });
        }
        while let Some(done) = sending.join_next().await {
            let (delivery, sent) = done?;
            let now = self.app.now();
            let attempt = match &sent {
                Ok(()) => Attempt::Delivered,
                Err(_) => {
                    let pause = FIRST_PAUSE_SECONDS << delivery.attempts.min(MAX_ATTEMPTS);
                    let is_last = delivery.attempts + 1 >= MAX_ATTEMPTS;
                    Attempt::Failed { retry_at: (!is_last).then(|| now.plus_seconds(pause)) }
                }
            };
            let is_deactivated = self.app.store.record_attempt(delivery.row, attempt, now).await?;
            if let Err(reason) = sent {
                let (account, attempts) = (delivery.webhook.account.0, delivery.attempts + 1);
                tracing::warn!(account, attempts, reason, "could not deliver to a webhook");
            }
            if is_deactivated {
                let webhook = delivery.webhook.id.as_str();
                tracing::warn!(
                    account = delivery.webhook.account.0,
                    webhook,
                    "deactivated a webhook that keeps failing"
                );
            }
        }
        Ok(is_full)
    }
}

#[async_trait]
impl Job for WebhookSender {
    fn name(&self) -> &'static str {
        "webhooks"
    }

    fn interval(&self) -> Duration {
        INTERVAL
    }

    async fn round(&mut self) -> Result<Next, JobError> {
        let queued_all = !self.queue().await?;
        let sent_all = !self.send().await?;
        Ok(if queued_all && sent_all { Next::Later } else { Next::Now })
    }

    async fn pending(&mut self) -> Result<u64, JobError> {
        Ok(self.app.store.pending_deliveries().await?)
    }
}

/// Posts a delivery. The reason of a failure does not name the target, which may contain secrets.
async fn send(client: &reqwest::Client, delivery: &Delivery, allow_private: bool) -> Result<(), String> {
    let url = target::parse(&delivery.webhook.target_url, allow_private, PRIVATE_TARGETS)?;
    let mut request = client.post(url).header(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    if let Some(secret) = &delivery.webhook.secret {
        for (name, value) in signatures(secret.expose(), delivery.body.as_bytes()) {
            request = request.header(name, value);
        }
    }
    let response = request.body(delivery.body.clone()).send().await.map_err(|error| error.without_url().to_string())?;
    match response.status() {
        status if status.is_success() => Ok(()),
        status => Err(format!("it answered {status}")),
    }
}

/// An account's webhooks.
struct Subscribed {
    webhooks: Vec<Webhook>,
    org_id: String,
    place: Place,
}

impl Subscribed {
    /// Returns those of an account. `None` if the account is gone.
    async fn of(app: &AppState, account: AccountId) -> Result<Option<Self>, JobError> {
        let failed = |_| "the account of a change cannot be read";
        if app.store.account(account).await?.is_none() {
            return Ok(None);
        }
        let webhooks = app.store.webhooks(account, None, MAX_WEBHOOKS).await?;
        let org_id = Ours::of(app, account).await.map_err(failed)?.id();
        let place = Place::utc(app, account).await.map_err(failed)?;
        Ok(Some(Self { webhooks, org_id, place }))
    }

    /// Adds the deliveries of a change.
    async fn report(
        &self,
        app: &AppState,
        change: &Change,
        deliveries: &mut Vec<(AccountId, Text, String)>,
    ) -> Result<(), JobError> {
        let resource = match change.subject {
            ChangeSubject::Participant(..) => PARTICIPANTS,
            ChangeSubject::Series(_) | ChangeSubject::Instance(_) => MEETINGS,
        };
        if !self.webhooks.iter().any(|webhook| webhook.is_active && webhook.resource == resource) {
            return Ok(());
        }
        let Some((item, host)) = self.item(app, change).await? else { return Ok(()) };
        for webhook in &self.webhooks {
            if reports(webhook, resource, &change.event, &item, host.as_deref()) {
                let body = body(webhook, &self.org_id, &change.event, &item);
                deliveries.push((change.account, webhook.id.clone(), body));
            }
        }
        Ok(())
    }

    /// Returns what changed as it is shown, and its host's id. `None` if it is gone, or not worth a report.
    async fn item(&self, app: &AppState, change: &Change) -> Result<Option<(Value, Option<String>)>, JobError> {
        let account = change.account;
        let (instance, row) = match &change.subject {
            ChangeSubject::Series(id) => {
                let Some(found) = app.store.find_series_ever(account, id).await? else { return Ok(None) };
                let host = found.host_id.as_ref().map(|host| person::id_of(host).to_string());
                return Ok(Some((show(&self.place, &found), host)));
            }
            ChangeSubject::Instance(instance) => (*instance, None),
            ChangeSubject::Participant(instance, row) => (*instance, Some(*row)),
        };
        let Some(run) = app.store.instance_by_row(account, instance).await? else { return Ok(None) };
        let host = run.instance.host_id.as_ref().map(|host| person::id_of(host).to_string());
        let Some(row) = row else {
            let item = self.place.show(|around| meeting(&run.instance, around));
            let merged = rollcall_extras::merged(run.instance.extras.as_ref(), extras::MEETING.name, &item);
            return Ok(Some((merged.unwrap_or_else(|| json!(item)), host)));
        };
        let before = Some(ParticipantId(row.0 - 1));
        let rows = app.store.list_participants(account, instance, before, 1).await?;
        let found = rows.into_iter().find(|found| found.id == row);
        // A person in the waiting room has not joined.
        let found = found.filter(|found| found.participant.status.as_deref() != Some("in_waiting_room"));
        Ok(found.map(|found| {
            let first = (found.id, &found.participant);
            let mut item = json!(self.place.show(|around| participant(&run.instance, first, &[], around)));
            rollcall_extras::apply(found.participant.extras.as_ref(), extras::PARTICIPANT.name, &mut item);
            (item, host)
        }))
    }
}
