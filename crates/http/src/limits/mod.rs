//! Limits that several parts of the server use.

mod flood;
mod shares;

pub(crate) use self::{
    flood::FloodGate,
    shares::{Share, Shares},
};
