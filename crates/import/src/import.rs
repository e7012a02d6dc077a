use std::{collections::BTreeMap, io, sync::Arc};

use rollcall_formats::{
    detected,
    lines::{Chunk, Lines, Refusal},
};
use rollcall_ingest::{
    Ingest, IngestError, Report,
    lines::{Limits, Taken},
};
use rollcall_model::{AccountId, Batch, RegistrantFacts};
use tokio::{sync::mpsc, task::JoinSet};

use crate::{
    csv::{self, CsvSettings},
    exchange::{Exchange, Reading},
    recording::{Item, Place, Recording},
};

/// Number of exchanges that are read ahead of the one being written.
const READ_AHEAD: usize = 4;

/// Read size of a decoded file.
const READ_BYTES: usize = 64 * 1024;

/// Maximum number of rejected lines that are reported per few thousand; the rest is counted.
const TOLD_PER_CHUNK: usize = 100;

/// Maximum number and size of exchanges that wait for what they refer to.
const MAX_WAITING: usize = 1_000;
const MAX_WAITING_BYTES: usize = 64 * 1024 * 1024;

/// Number of deliveries written concurrently: they share commits, and their order does not matter.
const DELIVERIES_AT_A_TIME: usize = 64;

/// Something in a recording that could not be stored, while the rest continues.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// Where in the recording.
    pub place: Place,
    /// What is wrong with it.
    pub reason: String,
}

/// Result of one or more imports.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Summary {
    /// Exchanges that were written.
    pub exchanges: u64,
    /// Webhook deliveries that were accepted.
    pub deliveries: u64,
    /// Exchanges and deliveries of unsupported kinds, which were skipped.
    pub skipped: u64,
    /// Lines of participants that were stored.
    pub participant_lines: u64,
    /// Lines of minutes that were stored.
    pub minute_lines: u64,
    /// Number of both that were already known.
    pub merged_lines: u64,
    /// Problems that were reported, including counted ones of lines.
    pub problems: u64,
    /// What was written.
    pub written: Report,
    /// Values of responses for which Rollcall has no field: paths without indices, with the number of entries that have
    /// them.
    pub unkept: BTreeMap<String, u64>,
    /// Whether times of a report were read as UTC because their time zone is unknown.
    pub assumes_utc: bool,
}

impl Summary {
    /// Returns whether nothing was imported, not even something already known.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.exchanges == 0 && self.deliveries == 0 && self.participant_lines == 0 && self.minute_lines == 0
    }
}

/// Why an import stopped early. Data written before that stays, and importing again does no harm.
#[derive(Debug, thiserror::Error)]
pub enum ImportError {
    /// The recording cannot be read to its end.
    #[error(transparent)]
    Read(#[from] io::Error),
    /// The facts cannot be written.
    #[error("could not write its facts: {0}")]
    Write(#[from] IngestError),
}

/// Imports recordings into one account.
#[derive(Clone)]
pub struct Importer {
    ingest: Arc<Ingest>,
    account: AccountId,
    csv: CsvSettings,
}

impl Importer {
    /// Creates an importer that writes through `ingest`.
    #[must_use]
    pub const fn new(ingest: Arc<Ingest>, account: AccountId) -> Self {
        Self { ingest, account, csv: CsvSettings { zone: None, date_order: None, columns: Vec::new() } }
    }

    /// Sets what CSV reports do not contain.
    #[must_use]
    pub fn with_csv(self, csv: CsvSettings) -> Self {
        Self { csv, ..self }
    }

    /// Reads `input` as `recording` and writes its facts, exchange by exchange. Adds the results to `summary`, even if
    /// the import stops early.
    ///
    /// # Errors
    /// [`ImportError`] if the input cannot be read to its end, or the stores fail.
    pub async fn import(
        &self,
        input: impl io::BufRead + Send + 'static,
        recording: Recording,
        summary: &mut Summary,
        tell: &mut (dyn FnMut(Problem) + Send),
    ) -> Result<(), ImportError> {
        let (sender, mut items) = mpsc::channel(READ_AHEAD);
        // Reading and parsing block, so they have their own thread; a full channel blocks them.
        let csv = self.csv.clone();
        let reading = tokio::task::spawn_blocking(move || {
            let input = io::BufReader::with_capacity(READ_BYTES, detected(input)?);
            recording.read(&csv, input, &mut |place, item| sender.blocking_send((place, item)).is_ok())
        });
        let mut deliveries = JoinSet::new();
        let (mut waiting, mut waiting_bytes) = (Vec::new(), 0);
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
                Item::Lines(lines, chunk) => self.write_lines(lines, chunk, summary, tell).await?,
                Item::Exchange(exchange) => match self.write_exchange(&exchange, summary, &mut problems).await? {
                    Written::Whole => {}
                    Written::Refused(reason) => problems.push(reason),
                    // What it refers to may come later in the recording.
                    Written::TooEarly(reason) if waiting.len() < MAX_WAITING && waiting_bytes < MAX_WAITING_BYTES => {
                        waiting_bytes += exchange.body.len();
                        waiting.push((place, exchange, reason));
                    }
                    Written::TooEarly(reason) => problems.push(reason),
                },
                Item::Report(report) => self.write_report(report, summary, tell).await?,
            }
            summary.problems += problems.len() as u64;
            problems.into_iter().for_each(|reason| tell(Problem { place, reason }));
        }
        wait_for(&mut deliveries, 0, summary).await?;
        for (place, exchange, _) in waiting {
            let mut problems = Vec::new();
            match self.write_exchange(&exchange, summary, &mut problems).await? {
                Written::Whole => {}
                Written::Refused(reason) | Written::TooEarly(reason) => problems.push(reason),
            }
            summary.problems += problems.len() as u64;
            problems.into_iter().for_each(|reason| tell(Problem { place, reason }));
        }
        Ok(reading.await.map_err(io::Error::other)??)
    }

    /// Writes an attendance or registration report.
    async fn write_report(
        &self,
        report: csv::Report,
        summary: &mut Summary,
        tell: &mut (dyn FnMut(Problem) + Send),
    ) -> Result<(), ImportError> {
        let csv::Report { instances, meetings, registrants, defects, unkept, assumes_utc } = report;
        summary.assumes_utc |= assumes_utc;
        summary.problems += defects.len() as u64;
        for (line, reason) in defects {
            tell(Problem { place: Place::Line(line), reason });
        }
        for (name, count) in unkept {
            *summary.unkept.entry(name).or_default() += count;
        }
        let mut batch = Batch { instances, meetings, registrants, ..Batch::default() };
        if batch == Batch::default() {
            return Ok(());
        }
        for facts in &mut batch.instances {
            self.ingest.name_known_run(self.account, facts).await?;
        }
        summary.exchanges += 1;
        summary.written += self.ingest.write(self.account, &batch).await?;
        Ok(())
    }

    /// Writes lines, and reports invalid ones.
    async fn write_lines(
        &self,
        lines: Lines,
        chunk: Chunk,
        summary: &mut Summary,
        tell: &mut (dyn FnMut(Problem) + Send),
    ) -> Result<(), ImportError> {
        let mut taken = Taken::default();
        taken.write(&self.ingest, self.account, lines, chunk, Limits { reasons: TOLD_PER_CHUNK }).await?;
        match lines {
            Lines::Participants => summary.participant_lines += taken.taken,
            Lines::Qos => summary.minute_lines += taken.taken,
        }
        summary.merged_lines += taken.merged;
        summary.problems += taken.refused;
        for Refusal { line, field, reason } in taken.reasons {
            let reason = if field.is_empty() { reason } else { format!("{field}: {reason}") };
            tell(Problem { place: Place::Line(line), reason });
        }
        Ok(())
    }

    /// Writes an exchange. Adds what was written to `summary`, and what is wrong with single entries to `problems`.
    ///
    /// # Errors
    /// [`ImportError::Write`] if the stores fail.
    pub async fn write_exchange(
        &self,
        exchange: &Exchange,
        summary: &mut Summary,
        problems: &mut Vec<String>,
    ) -> Result<Written, ImportError> {
        let Reading { mut batch, registrants, defects, unkept } = match exchange.read() {
            Ok(read) => read,
            Err(error) => return Ok(Written::Refused(error.to_string())),
        };
        for (meeting_id, registrants) in registrants {
            let Some((kind, number)) = self.ingest.find_series(self.account, &meeting_id).await? else {
                return Ok(Written::TooEarly(format!(
                    "meeting {meeting_id} is not known yet: import the response to GET /v1/meetings/{meeting_id} as well"
                )));
            };
            batch.registrants.push(RegistrantFacts { kind, number, registrants });
        }
        if batch == Batch::default() && defects.is_empty() && !exchange.is_empty_list() {
            return Ok(Written::Refused("it contains nothing that can be imported".to_owned()));
        }
        if exchange.names_attendances_anew() {
            for facts in &mut batch.instances {
                self.ingest.name_known_attendances(self.account, facts).await?;
            }
        }
        match self.ingest.write(self.account, &batch).await {
            Ok(written) => {
                problems.extend(defects.iter().map(ToString::to_string));
                summary.exchanges += 1;
                summary.written += written;
                for (path, count) in unkept {
                    *summary.unkept.entry(path).or_default() += count;
                }
                Ok(Written::Whole)
            }
            Err(error @ IngestError::UnknownTrackingCode { .. }) => Ok(Written::TooEarly(error.to_string())),
            Err(error) if error.is_callers_fault() => {
                problems.extend(defects.iter().map(ToString::to_string));
                Ok(Written::Refused(error.to_string()))
            }
            Err(error) => Err(error.into()),
        }
    }
}

/// Result of an exchange.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Written {
    /// It was written, except entries that are reported as problems.
    Whole,
    /// It cannot be written, for this reason.
    Refused(String),
    /// It refers to something that is not known yet.
    TooEarly(String),
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
