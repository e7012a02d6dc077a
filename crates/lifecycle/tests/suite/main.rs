//! Data over time: what is written is read as it was written, whatever is sealed, reopened, merged and swept meanwhile;
//! what has expired or is erased leaves every store; and any step may be the last before a crash.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on panics")]

mod retention;
mod seal;
mod stage;
