//! The reference: a page for each operation and language, generated from API descriptions by `rollcall-codegen`; files
//! for other tools; programs generated from a reader's input; and one page with JavaScript, with a form to try each
//! operation. All other pages work without JavaScript, and none requests anything from other hosts.
//!
//! [`Reference`] reads the descriptions and makes the pages. It sends nothing: the server adds headers and statuses.

mod approval;
mod assets;
mod catalog;
mod colour;
mod downloads;
mod examples;
mod markdown;
mod pages;
mod postman;
mod render;
mod sign_in;
mod tools;
mod unsubscribing;
mod views;

#[cfg(test)]
#[path = "../tests/suite/described.rs"]
mod described;

pub use approval::{Approval, ApprovalLine, Approver, WaitingApproval};
pub use assets::{COPY_SCRIPT, STYLE, asset, dashboard, try_it};
pub use catalog::PAGE;
pub use examples::Examples;
pub use pages::{Page, Reference, Site};
pub use render::{PageError, Result};
pub use sign_in::SignInFailure;
pub use tools::Tools;
pub use unsubscribing::Unsubscribing;
