//! Writes lines to the stores, and reports each rejected one.

use std::io::Read;

use rollcall_formats::{
    Encoding, decoded,
    lines::{self, Chunk, Facts, Lines, ReadError, Refusal},
};
use rollcall_model::AccountId;
use tokio::sync::mpsc;

use crate::{Ingest, IngestError};

/// Number of chunks that are read ahead of the one being written.
const READ_AHEAD: usize = 1;

/// How many rejections to report.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// Number of rejected lines whose reasons are kept.
    pub reasons: usize,
}

/// Result of processing lines.
#[derive(Debug, Default)]
pub struct Taken {
    /// Number of stored lines. Each is durable.
    pub taken: u64,
    /// Number of these that were merged with an existing participant or minute.
    pub merged: u64,
    /// Number of rejected lines.
    pub refused: u64,
    /// Why the first of them were rejected, in order of lines unless the store rejected them.
    pub reasons: Vec<Refusal>,
    /// How processing ended.
    pub end: End,
}

/// How processing ended.
#[derive(Debug, Default)]
pub enum End {
    /// All lines were processed.
    #[default]
    Whole,
    /// The input was cut off; the lines before that were processed.
    Broken(ReadError),
    /// A store failed. Send the lines that were not stored again; repeating stored ones does no harm.
    Failed(IngestError),
}

/// Processes all lines of `input`, which is decoded and parsed on a separate thread.
pub async fn take(
    ingest: &Ingest,
    account: AccountId,
    lines: Lines,
    input: impl Read + Send + 'static,
    encoding: Encoding,
    limits: Limits,
) -> Taken {
    let (sender, mut chunks) = mpsc::channel(READ_AHEAD);
    let reading = tokio::task::spawn_blocking(move || {
        let input = decoded(input, encoding)?;
        lines::read(lines, input, &mut |chunk| sender.blocking_send(chunk).is_ok())
    });
    let mut taken = Taken::default();
    while let Some(chunk) = chunks.recv().await {
        if let Err(error) = taken.write(ingest, account, lines, chunk, limits).await {
            taken.end = End::Failed(error);
            return taken;
        }
    }
    taken.end = match reading.await {
        Ok(Ok(())) => End::Whole,
        Ok(Err(error)) => End::Broken(error),
        Err(panic) => End::Broken(std::io::Error::other(panic).into()),
    };
    taken
}

impl Taken {
    /// Writes a chunk of `lines`, and adds the result.
    ///
    /// # Errors
    /// If a store failed; nothing of the chunk is counted.
    pub async fn write(
        &mut self,
        ingest: &Ingest,
        account: AccountId,
        lines: Lines,
        chunk: Chunk,
        limits: Limits,
    ) -> Result<(), IngestError> {
        let outcome = match chunk.facts {
            Facts::Participants(facts) => ingest.write_each(account, &facts).await?,
            Facts::Minutes(facts) => ingest.write_minutes_each(account, &facts).await?,
        };
        let mut reasons = chunk.reasons;
        let mut refused = 0;
        for (place, error) in outcome.refused {
            let numbers = &chunk.numbers[place];
            refused += numbers.len() as u64;
            let field = match error {
                IngestError::MissingNumber { .. } => "meeting_id",
                _ => "instance_uuid",
            };
            let room = limits.reasons.saturating_sub(self.reasons.len() + reasons.len());
            let told = numbers.iter().take(room);
            reasons.extend(told.map(|line| Refusal {
                line: *line,
                field: field.to_owned(),
                reason: error.to_string(),
            }));
        }
        reasons.sort_by_key(|refusal| refusal.line);
        reasons.truncate(limits.reasons.saturating_sub(self.reasons.len()));
        self.reasons.append(&mut reasons);
        self.refused += chunk.refused + refused;
        self.taken += chunk.numbers.iter().map(|numbers| numbers.len() as u64).sum::<u64>() - refused;
        let known = match lines {
            Lines::Participants => outcome.known_participants,
            Lines::Qos => outcome.known_minutes,
        };
        self.merged += known as u64;
        Ok(())
    }
}
