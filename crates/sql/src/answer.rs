//! A query for a program, and its response as it arrives.

use async_trait::async_trait;
use bytes::Bytes;
use rollcall_model::AccountId;
use rusqlite::types::Value;
use tokio::sync::mpsc;

use crate::{Format, Limits, SqlError};

/// Maximum number of pieces of a response waiting to be read; beyond that, the query waits for its reader.
const PIECES: usize = 2;
/// Maximum size of a piece.
pub(crate) const PIECE_BYTES: usize = 64 * 1024;

/// Whether a caller sees who took part.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub enum Names {
    /// Every column has its value.
    #[default]
    Shown,
    /// Columns that identify a person are NULL.
    Hidden,
}

/// A query whose response is printed.
#[derive(Debug, Clone)]
pub struct Question {
    /// The account whose tables are read.
    pub account: AccountId,
    /// Whether it sees who took part.
    pub names: Names,
    /// One statement.
    pub sql: String,
    /// The values of its `?`.
    pub values: Vec<Value>,
    /// Output format.
    pub format: Format,
    /// Limits of the query.
    pub limits: Limits,
}

/// Answers queries.
#[async_trait]
pub trait Ask: Send + Sync {
    /// Starts to answer a query when its turn comes. Dropping the answer stops the query.
    ///
    /// # Errors
    /// [`SqlError::AccountBusy`] and [`SqlError::Busy`] if too many are waiting; [`SqlError::Internal`] if queries
    /// cannot run at all. All other errors come instead of the rest of the answer.
    async fn ask(&self, question: Question) -> Result<Answer, SqlError>;
}

/// A printed answer, piece by piece. The query continues as pieces are read.
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
    /// Everything has been printed.
    End,
}

impl Answer {
    /// Returns an answer, and the sender of its pieces.
    pub(crate) fn channel() -> (mpsc::Sender<Piece>, Self) {
        let (sender, pieces) = mpsc::channel(PIECES);
        (sender, Self { pieces, ended: false })
    }

    /// Returns the next piece; `None` once the answer is complete, or after an error.
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
            None => Some(Err(SqlError::Internal("the query ended without a result".to_owned()))),
        }
    }
}
