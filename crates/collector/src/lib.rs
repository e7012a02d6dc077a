//! Collects what Zoom and Webex hold, inside their limits, and records what is missing.
//!
//! A run works on *lists*: requests with the pages that follow from them. First come the lists that name others (users,
//! the meetings of a month), then the lists of each instance. Every page is written through [`rollcall_import`], like a
//! saved response; then the list's cursor is stored, together with the lists that the page leads to. So nothing is in
//! memory that a later run would miss, and a run that was killed anywhere is continued by any other.
//!
//! What is refused, missing, expired or unreadable becomes a gap ([`rollcall_store::Gap`]); two sources that contradict
//! each other become a difference.

mod compare;
mod counters;
mod engine;
mod gaps;
mod job;
mod ledger;
mod lists;
mod progress;
mod run;
mod scopes;
mod webex;
mod zoom;

pub use self::{
    counters::{Counters, Sums},
    job::CollectJob,
    progress::{Progress, Rate},
    run::{CollectError, Collector, Ended, PRIVATE_ADDRESSES, RunOptions},
    scopes::{NeededScope, needed_scopes},
};
