//! Imports recorded responses of vendors from files.
//!
//! A response alone does not identify its request, so a recording is a list of *exchanges*, each a request with its
//! response: one body with a separate request, NDJSON with a pair on each line, or a HAR file as written by browsers
//! and proxies. NDJSON may also contain webhook deliveries, which are self-describing. Exchanges are read one at a
//! time, turned into facts by the vendor's crate, and passed to [`rollcall_ingest`].

mod csv;
mod delivery;
mod exchange;
mod har;
mod import;
mod recording;
mod zone;

pub use csv::{ColumnName, CsvSettings, DateOrder, InvalidColumnName, UnknownDateOrder};
pub use exchange::{Exchange, ExchangeError, Request};
pub use import::{ImportError, Importer, Problem, Summary, Written};
pub use recording::{Place, Recording};
pub use zone::{UnknownZone, Zone};
