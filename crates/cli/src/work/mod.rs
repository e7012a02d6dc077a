//! Work that needs the minutes or the archive's sealer.
//!
//! Only one process at a time has them open. If a server runs on the data folder, it does the work; otherwise the
//! command does. Both run the same code, so the output is the same.

mod client;
mod simulate;

use std::{sync::Arc, time::Duration};

use rollcall_collector::Collector;
use rollcall_ingest::Ingest;
use rollcall_lifecycle::{
    retention::Retention,
    seal::{SealSettings, SealTasks},
};
use rollcall_model::{SystemClock, SystemEntropy};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use tokio::sync::mpsc;
use tokio_util::sync::{CancellationToken, DropGuard};

pub(crate) use self::{
    client::{Check, Offline, Worker, ask_or_open, perform, perform_with_spinner},
    simulate::Simulation,
};
use crate::{
    commands::{
        archive,
        collect::{self, Collecting},
        retention,
    },
    config::Config,
    data::{DataDir, Tiers},
    failure::Failure,
};

/// Interval of progress reports.
const REPORT_EVERY: Duration = Duration::from_millis(200);

/// A task.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(tag = "task", rename_all = "snake_case")]
pub(crate) enum Task {
    /// Seal every instance that has ended.
    Seal,
    /// Merge small files of the archive.
    Compact,
    /// Rebuild the index from the archive's files.
    Reindex,
    /// Delete expired data.
    DropDue {
        /// Whether the result is printed as JSON.
        json: bool,
    },
    /// Restore deleted data.
    Undo,
    /// Write a simulated world.
    Simulate(Simulation),
    /// Collect from a vendor.
    Collect(Collecting),
}

/// The result of a task.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Outcome {
    /// Lines for standard output.
    pub(crate) lines: Vec<String>,
    /// What went wrong, although the task ran to its end.
    pub(crate) failure: Option<String>,
}

/// A report while a task runs.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Said {
    /// Progress, as text.
    Progress(String),
    /// Lines of [`Simulation::truth`].
    Truth(Vec<String>),
    /// Progress of a run that collects.
    Collected(rollcall_collector::Progress),
}

/// Where a task reports.
#[derive(Clone)]
pub(crate) struct Reporter(mpsc::Sender<Value>);

/// What tasks work with.
pub(crate) struct Workshop {
    pub(crate) data: DataDir,
    pub(crate) tiers: Tiers,
    pub(crate) ingest: Arc<Ingest>,
    pub(crate) sealer: SealTasks,
    pub(crate) retention: Arc<Retention>,
    pub(crate) collector: Collector,
    /// Cancels the sealer of a command; `None` in a server.
    pub(crate) own_sealer: Option<DropGuard>,
}

impl Outcome {
    /// Returns an outcome that prints this.
    pub(crate) fn line(line: impl Into<String>) -> Self {
        Self { lines: vec![line.into()], failure: None }
    }

    /// Returns the same outcome with a problem.
    pub(crate) fn failing(self, failure: impl Into<String>) -> Self {
        Self { failure: Some(failure.into()), ..self }
    }
}

impl Reporter {
    pub(crate) const fn new(sender: mpsc::Sender<Value>) -> Self {
        Self(sender)
    }

    /// Reports the progress; a slow reader misses some.
    fn progress(&self, message: String) {
        if let Ok(value) = serde_json::to_value(Said::Progress(message)) {
            let _ = self.0.try_send(value);
        }
    }

    /// Reports the progress of a run that collects; a slow reader misses some.
    pub(crate) fn collected(&self, progress: rollcall_collector::Progress) {
        if let Ok(value) = serde_json::to_value(Said::Collected(progress)) {
            let _ = self.0.try_send(value);
        }
    }

    /// Sends what must arrive.
    pub(crate) async fn send(&self, said: Said) -> Result<(), Failure> {
        let value = serde_json::to_value(said).map_err(std::io::Error::from)?;
        self.0.send(value).await.map_err(|_| Failure::new("the client disconnected"))
    }

    /// Runs `work` and reports its progress regularly.
    pub(crate) async fn during<T>(&self, work: impl Future<Output = T>, message: impl Fn() -> String) -> T {
        tokio::pin!(work);
        let mut looks = tokio::time::interval(REPORT_EVERY);
        loop {
            tokio::select! {
                done = &mut work => return done,
                _ = looks.tick() => self.progress(message()),
            }
        }
    }
}

impl Workshop {
    /// Returns the workshop of a command that has the folder to itself.
    fn alone(data: DataDir, tiers: Tiers, config: &Config) -> Result<Self, Failure> {
        let ingest = Arc::new(Ingest::new(tiers.store.clone(), tiers.minutes.clone()));
        // No server reads replaced files.
        let sealer = tiers.sealer(SealSettings { grace: Duration::ZERO, ..config.seal_settings() });
        let (tasks, stop) = (sealer.tasks(), CancellationToken::new());
        tokio::spawn(sealer.run_tasks(stop.clone()));
        let retention = Arc::new(tiers.retention_beside(Arc::clone(&ingest), config.retention_settings()?));
        let collector =
            Collector::new(tiers.store.clone(), Arc::clone(&ingest), Arc::new(SystemClock), Arc::new(SystemEntropy));
        Ok(Self { data, tiers, ingest, sealer: tasks, retention, collector, own_sealer: Some(stop.drop_guard()) })
    }

    /// Performs a task.
    pub(crate) async fn perform(&self, task: Task, reporter: &Reporter) -> Result<Outcome, Failure> {
        match task {
            Task::Seal => archive::seal(self, reporter).await,
            Task::Compact => archive::compact(self, reporter).await,
            Task::Reindex => archive::reindex(self, reporter).await,
            Task::DropDue { json } => retention::drop_due(self, json, reporter).await,
            Task::Undo => retention::undo(self).await,
            Task::Simulate(simulation) => simulation.write(self, reporter).await,
            Task::Collect(collecting) => collect::work(self, collecting, reporter).await,
        }
    }
}
