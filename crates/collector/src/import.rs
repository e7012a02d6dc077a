use std::{io, sync::Arc};

use rollcall_ingest::{Ingest, IngestError, Report};
use rollcall_model::AccountId;
use tokio::{sync::mpsc, task::JoinSet};

use crate::{
    exchange::Exchange,
    recording::{Item, Place, Recording},
};

/// How many exchanges are read ahead of the one that is being written.
const READ_AHEAD: usize = 4;

/// How many deliveries are written at a time: they share commits, and their order means nothing.
const DELIVERIES_AT_A_TIME: usize = 64;

/// Something in a recording that could not be kept, while the rest goes on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// Where in the recording.
    pub place: Place,
    /// What is wrong with it.
    pub reason: String,
}

/// What an import, or several, came to.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Summary {
    /// Exchanges whose facts were written.
    pub exchanges: u64,
    /// Deliveries of webhooks that were taken.
    pub deliveries: u64,
    /// Exchanges and deliveries of other kinds, passed over.
    pub skipped: u64,
    /// Problems that were told.
    pub problems: u64,
    /// What was written.
    pub written: Report,
}

/// Why an import stopped before its end. What was written before stays, and importing again does no harm.
#[derive(Debug, thiserror::Error)]
pub enum ImportError {
    /// The recording cannot be read to its end.
    #[error(transparent)]
    Read(#[from] io::Error),
    /// The facts cannot be written.
    #[error("its facts cannot be written: {0}")]
    Write(#[from] IngestError),
}

/// Imports recordings into one account.
#[derive(Clone)]
pub struct Importer {
    ingest: Arc<Ingest>,
    account: AccountId,
}

impl Importer {
    /// An importer that writes through `ingest`.
    #[must_use]
    pub const fn new(ingest: Arc<Ingest>, account: AccountId) -> Self {
        Self { ingest, account }
    }

    /// Reads `input` as `recording` says and writes what it tells, exchange by exchange. What was written is added to
    /// `summary`, also where the import stops before its end.
    ///
    /// # Errors
    /// [`ImportError`] where the input cannot be read to its end, or the stores fail.
    pub async fn import(
        &self,
        input: impl io::BufRead + Send + 'static,
        recording: Recording,
        summary: &mut Summary,
        tell: &mut (dyn FnMut(Problem) + Send),
    ) -> Result<(), ImportError> {
        let (sender, mut items) = mpsc::channel(READ_AHEAD);
        // Reading and parsing block, so they have a thread of their own; a full channel holds them back.
        let reading = tokio::task::spawn_blocking(move || {
            recording.read(input, &mut |place, item| sender.blocking_send((place, item)).is_ok())
        });
        let mut deliveries = JoinSet::new();
        while let Some((place, item)) = items.recv().await {
            let mut problems = Vec::new();
            if !matches!(item, Item::Delivery(_)) {
                wait_for(&mut deliveries, 0, summary).await?;
            }
            match item {
                Item::Delivery(facts) => {
                    wait_for(&mut deliveries, DELIVERIES_AT_A_TIME - 1, summary).await?;
                    let (ingest, account) = (Arc::clone(&self.ingest), self.account);
                    deliveries.spawn(async move { ingest.take(account, &facts).await });
                }
                Item::Skipped => summary.skipped += 1,
                Item::Broken(reason) => problems.push(reason),
                Item::Exchange(exchange) => {
                    if let Some(written) = self.write(&exchange, &mut problems).await? {
                        summary.exchanges += 1;
                        summary.written += written;
                    }
                }
            }
            summary.problems += problems.len() as u64;
            problems.into_iter().for_each(|reason| tell(Problem { place, reason }));
        }
        wait_for(&mut deliveries, 0, summary).await?;
        Ok(reading.await.map_err(io::Error::other)??)
    }

    /// Writes what an exchange tells, and notes what of it cannot be kept; nothing written where none of it can.
    async fn write(&self, exchange: &Exchange, problems: &mut Vec<String>) -> Result<Option<Report>, ImportError> {
        let (batch, defects) = match exchange.read() {
            Ok(read) => read,
            Err(error) => {
                problems.push(error.to_string());
                return Ok(None);
            }
        };
        problems.extend(defects.iter().map(ToString::to_string));
        match self.ingest.write(self.account, &batch).await {
            Ok(report) => Ok(Some(report)),
            Err(error) if error.is_callers_fault() => {
                problems.push(error.to_string());
                Ok(None)
            }
            Err(error) => Err(error.into()),
        }
    }
}

/// Waits until at most `left` deliveries are still being written, and counts the others.
async fn wait_for(
    deliveries: &mut JoinSet<Result<(), IngestError>>,
    left: usize,
    summary: &mut Summary,
) -> Result<(), ImportError> {
    while deliveries.len() > left {
        if let Some(written) = deliveries.join_next().await {
            written.map_err(io::Error::other)??;
            summary.deliveries += 1;
        }
    }
    Ok(())
}
