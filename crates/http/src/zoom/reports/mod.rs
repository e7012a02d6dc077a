//! Reports: `/report/…` about usage, past and planned meetings, and participants.

pub(super) mod history;
pub(super) mod participants;
pub(super) mod usage;
