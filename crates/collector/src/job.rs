//! Collecting as a background job of the server.

use std::{collections::HashMap, sync::Arc, time::Duration};

use async_trait::async_trait;
use rollcall_lifecycle::{Job, JobError, Next};
use rollcall_model::{Clock, Connection, ConnectionId, Timestamp};
use rollcall_store::Store;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use crate::run::{CollectError, Collector, RunOptions};

/// Pause between looks for due connections.
const INTERVAL: Duration = Duration::from_secs(10);

/// Runs the connections that are due, each in a task of its own.
pub struct CollectJob {
    collector: Collector,
    store: Arc<dyn Store>,
    clock: Arc<dyn Clock>,
    stop: CancellationToken,
    running: JoinSet<ConnectionId>,
    /// When each connection last began to read everything, and not only what is in progress.
    began: HashMap<ConnectionId, Timestamp>,
}

impl CollectJob {
    /// Creates the job. Runs end when `stop` is cancelled.
    #[must_use]
    pub fn new(collector: Collector, store: Arc<dyn Store>, clock: Arc<dyn Clock>, stop: CancellationToken) -> Self {
        Self { collector, store, clock, stop, running: JoinSet::new(), began: HashMap::new() }
    }

    /// Returns whether only what is in progress is due.
    fn only_live(&mut self, connection: &Connection) -> bool {
        let now = self.clock.now();
        // Somebody who asks for a run wants everything.
        let is_asked = connection.run_asked_at.is_some();
        let Some(minutes) = connection.settings.every_minutes else { return !is_asked };
        let seconds = i64::from(minutes) * 60;
        let began = self.began.get(&connection.id).copied();
        if connection.settings.follows_live && !is_asked && began.is_some_and(|began| began.plus_seconds(seconds) > now)
        {
            return true;
        }
        self.began.insert(connection.id, now);
        false
    }
}

#[async_trait]
impl Job for CollectJob {
    fn name(&self) -> &'static str {
        "collect"
    }

    fn interval(&self) -> Duration {
        INTERVAL
    }

    async fn round(&mut self) -> Result<Next, JobError> {
        while let Some(ended) = self.running.try_join_next() {
            ended?;
        }
        // A connection that runs is leased, and so is not due.
        for connection in self.store.due_connections(self.clock.now()).await? {
            let Some(secrets) = self.store.connection_secrets(connection.account, connection.id).await? else {
                continue;
            };
            let options = RunOptions { live_only: self.only_live(&connection), ..RunOptions::default() };
            let (collector, stop) = (self.collector.clone(), self.stop.clone());
            self.running.spawn(async move {
                let (vendor, name) = (connection.settings.vendor, connection.settings.name.clone());
                match collector.run(&connection, &secrets, options, &stop, &|_| {}).await {
                    Ok(ended) => {
                        let progress = ended.progress;
                        let (calls, entries, gaps) = (progress.calls, progress.entries, progress.gaps);
                        tracing::info!(%vendor, %name, calls, entries, gaps, "collected");
                    }
                    Err(CollectError::Busy) => {}
                    Err(error) => {
                        tracing::warn!(%vendor, %name, %error, "collecting stopped early; the next run continues");
                    }
                }
                connection.id
            });
        }
        Ok(Next::Later)
    }

    async fn pending(&mut self) -> Result<u64, JobError> {
        let mut pending = 0;
        for account in self.store.accounts().await? {
            for connection in self.store.connections(account.id).await? {
                let lanes = self.store.collect_progress(connection.id).await?;
                pending += lanes.iter().map(|lane| lane.waiting).sum::<u64>();
            }
        }
        Ok(pending)
    }
}
