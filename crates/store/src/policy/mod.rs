//! What an entity store does with what it is given, independent of the database: how reports settle into attendances
//! and merge with stored values, what an erasure blanks and deletes, and what identifies the participants of an instance.
//!
//! It is written over typed rows ([`Rows`]), which are all that a backend implements, with the transactions that they
//! are read and written in ([`Database`]). Then [`crate::EventStore`] and [`crate::ErasureStore`] are implemented, and
//! other writes that are checked against erasures are functions here.

mod blanking;
mod collected;
pub mod documents;
mod entities;
mod erased;
mod erasures;
mod events;
pub mod instances;
pub mod meetings;
mod merge;
mod origin;
pub mod participants;
pub mod registrants;
pub mod retention;
mod rows;
pub mod schedules;
mod story;
pub mod users;

pub use collected::ErasedNames;
pub use rows::{
    ErasedPlace, ErasureQuery, ErasureRows, InstanceRows, MeetingRows, NamedRecord, ParticipantRows, ParticipantWriter,
    PersonRow, PersonRows, Precedence, RegistrantRows, ReportRows, RetentionRows, Rows, UserRows,
};

use crate::Result;

/// A database that runs work in transactions.
pub trait Database: Send + Sync {
    /// Reads a consistent state.
    fn read_rows<T: Send + 'static>(
        &self,
        work: impl FnOnce(&dyn Rows) -> Result<T> + Send + 'static,
    ) -> impl Future<Output = Result<T>> + Send;

    /// Changes rows atomically. When it returns, the changes are durable.
    fn write_rows<T: Send + 'static>(
        &self,
        work: impl FnOnce(&dyn Rows) -> Result<T> + Send + 'static,
    ) -> impl Future<Output = Result<T>> + Send;

    /// Removes what deleted rows left in the database's files; see [`crate::ErasureStore::purge`].
    fn remove_free_pages(&self) -> impl Future<Output = Result<()>> + Send;
}
