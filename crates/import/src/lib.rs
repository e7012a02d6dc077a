//! Brings in what vendors answered: recorded responses from files.
//!
//! A response alone does not tell what it answers, so a recording is a list of *exchanges*, each a request with its
//! response: one body with its request named apart, NDJSON with a pair on each line, or a HAR file as browsers and
//! proxies write it. NDJSON may hold deliveries of webhooks too, which say by themselves what they are. Exchanges are read one at a time, turned into facts by the vendor's crate, and handed to
//! [`rollcall_ingest`].

mod csv;
mod delivery;
mod exchange;
mod har;
mod import;
mod recording;
mod zone;

pub use exchange::{Exchange, ExchangeError, Request};
pub use import::{ImportError, Importer, Problem, Summary};
pub use recording::{Place, Recording};
pub use zone::{UnknownZone, Zone};
