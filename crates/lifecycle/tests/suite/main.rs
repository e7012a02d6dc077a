//! The life of data: written data are read back unchanged, whatever is sealed, reopened, merged and swept meanwhile;
//! expired and erased data leave every store; and any step may be the last before a crash.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on panics")]

mod retention;
mod seal;
mod stage;
