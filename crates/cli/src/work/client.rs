use std::{ops::AsyncFnMut, time::Duration};

use clap::Args;
use tokio::sync::mpsc;

use super::{Outcome, Reporter, Said, Task, Workshop};
use crate::{
    config::Config,
    control::{self, Request},
    data::{DataDir, Tiers},
    failure::Failure,
    progress,
    terminal::print,
};

/// Number of attempts to open a data folder in use, and the pause between them.
const IN_USE_TRIES: u32 = 40;
const IN_USE_PAUSE: Duration = Duration::from_millis(250);

/// Whether a server may do the work.
#[derive(Debug, Clone, Copy, Args)]
pub(crate) struct Offline {
    /// Open the data folder directly, even if a server seems to run
    #[arg(long)]
    pub(crate) offline: bool,
}

/// What to check before a folder is opened.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Check {
    Nothing,
    /// The database lists the archive's files.
    Index,
    /// The archive exists, too.
    Archive,
}

/// Who does the work.
pub(crate) enum Worker<T> {
    /// The server has done it.
    Server(T),
    /// This process, which now has the folder open.
    Command(Tiers),
}

/// Sends a request to the server that runs on the folder, or opens the folder if none runs. A server that starts has
/// the minutes open before it listens, and one that stops keeps them open a little longer, so this retries.
pub(crate) async fn ask_or_open<T>(
    data: &DataDir,
    config: &Config,
    Offline { offline }: Offline,
    check: Check,
    mut ask: impl AsyncFnMut() -> Result<Option<T>, Failure>,
) -> Result<Worker<T>, Failure> {
    let folder = data.path().display();
    for _ in 0..IN_USE_TRIES {
        if !offline && let Some(answer) = ask().await? {
            return Ok(Worker::Server(answer));
        }
        let store = data.entities()?;
        match check {
            Check::Nothing => {}
            Check::Index => data.check_index(config, &store).await?,
            Check::Archive => data.check_archive(config, &store).await?,
        }
        if let Some(tiers) = data.tiers_unless_in_use(store, config)? {
            return Ok(Worker::Command(tiers));
        }
        if offline {
            return Err(Failure::new(format!(
                "the data folder {folder} is in use by another rollcall process. Omit --offline to let it do the work"
            )));
        }
        tokio::time::sleep(IN_USE_PAUSE).await;
    }
    Err(Failure::new(format!(
        "the data folder {folder} is in use by another rollcall process that accepts no requests. Retry when it has started or \
         ended"
    )))
}

/// Lets the server that runs on the folder do a task, or does it here if none runs.
pub(crate) async fn perform(
    data: DataDir,
    config: &Config,
    offline: Offline,
    task: Task,
    mut hear: impl FnMut(Said),
) -> Result<Outcome, Failure> {
    let check = if matches!(task, Task::Reindex) { Check::Nothing } else { Check::Archive };
    let mut hear = |value| {
        // A server of another version may report something else.
        if let Ok(said) = serde_json::from_value(value) {
            hear(said);
        }
    };
    let request = Request::Work(task.clone());
    let ask = async || control::ask(&data, &request, &mut hear).await;
    match ask_or_open(&data, config, offline, check, ask).await? {
        Worker::Server(outcome) => Ok(serde_json::from_value(outcome).map_err(std::io::Error::from)?),
        Worker::Command(tiers) => {
            let workshop = Workshop::alone(data, tiers, config)?;
            let (sender, mut said) = mpsc::channel(64);
            let reporter = Reporter::new(sender);
            let work = workshop.perform(task, &reporter);
            tokio::pin!(work);
            let outcome = loop {
                tokio::select! {
                    done = &mut work => break done,
                    Some(value) = said.recv() => hear(value),
                }
            };
            while let Ok(value) = said.try_recv() {
                hear(value);
            }
            outcome
        }
    }
}

/// Does the same as [`perform`], with its progress in a spinner.
pub(crate) async fn perform_with_spinner(
    data: DataDir,
    config: &Config,
    offline: Offline,
    task: Task,
) -> Result<Outcome, Failure> {
    let bar = progress::spinner();
    let hear = |said| {
        if let Said::Progress(message) = said {
            bar.set_message(message);
        }
    };
    let outcome = perform(data, config, offline, task, hear).await;
    bar.finish_and_clear();
    outcome
}

impl Outcome {
    /// Prints its lines, and fails if something went wrong.
    pub(crate) fn print(self) -> Result<(), Failure> {
        self.lines.iter().try_for_each(print)?;
        match self.failure {
            None => Ok(()),
            Some(failure) => Err(Failure::new(failure)),
        }
    }
}
