//! A question that is asked for a program, and its answer as it comes.

use async_trait::async_trait;
use bytes::Bytes;
use rollcall_model::AccountId;
use rusqlite::types::Value;
use tokio::sync::mpsc;

use crate::{Format, Limits, SqlError};

/// How many pieces of an answer wait to be taken: the query waits for its reader beyond that.
const PIECES: usize = 2;
/// How large a piece may be before it is passed on.
pub(crate) const PIECE_BYTES: usize = 64 * 1024;

/// A query whose answer is printed.
#[derive(Debug, Clone)]
pub struct Question {
    /// Whose tables are read.
    pub account: AccountId,
    /// One statement.
    pub sql: String,
    /// The values of its `?`.
    pub values: Vec<Value>,
    /// How the answer is printed.
    pub format: Format,
    /// What the query may take.
    pub limits: Limits,
}

/// Answers questions.
#[async_trait]
pub trait Ask: Send + Sync {
    /// Begins to answer a question, once it is its turn. Dropping the answer stops the query.
    ///
    /// # Errors
    /// [`SqlError::AccountBusy`] and [`SqlError::Busy`] if too many wait already; [`SqlError::Internal`] if queries cannot
    /// be run at all. All other errors come in place of the rest of the answer.
    async fn ask(&self, question: Question) -> Result<Answer, SqlError>;
}

/// An answer as it is printed, piece by piece. The query goes on as pieces are taken.
#[derive(Debug)]
pub struct Answer {
    pieces: mpsc::Receiver<Piece>,
    ended: bool,
}

/// A part of an answer.
#[derive(Debug)]
pub(crate) enum Piece {
    Printed(Bytes),
    Failed(SqlError),
    /// All has been printed.
    End,
}

impl Answer {
    /// An answer, and where its pieces are handed in.
    pub(crate) fn channel() -> (mpsc::Sender<Piece>, Self) {
        let (sender, pieces) = mpsc::channel(PIECES);
        (sender, Self { pieces, ended: false })
    }

    /// The next piece; `None` once the answer is complete, or after an error.
    pub async fn next(&mut self) -> Option<Result<Bytes, SqlError>> {
        if self.ended {
            return None;
        }
        let piece = self.pieces.recv().await;
        self.ended = !matches!(piece, Some(Piece::Printed(_)));
        match piece {
            Some(Piece::Printed(bytes)) => Some(Ok(bytes)),
            Some(Piece::End) => None,
            Some(Piece::Failed(error)) => Some(Err(error)),
            None => Some(Err(SqlError::Internal("the query ended without a word".to_owned()))),
        }
    }
}
