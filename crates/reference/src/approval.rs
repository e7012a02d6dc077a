//! The page of an authorization request: what an app asks for, and how the operator approves it.

use serde::Serialize;

use crate::{render::Result, render::View};

/// What the page shows.
#[derive(Debug, Serialize)]
#[serde(tag = "state", rename_all = "lowercase")]
pub enum Approval {
    /// The operator has not decided.
    Waiting(Box<WaitingApproval>),
    /// The browser has returned to the app.
    Done {
        /// The app's name.
        app: String,
    },
    /// The request has expired, or belongs to another browser.
    Unknown,
    /// The link that the app made is wrong.
    Refused {
        /// What is wrong.
        problem: String,
    },
}

/// A request that waits for the operator.
#[derive(Debug, Serialize)]
pub struct WaitingApproval {
    /// The app's name.
    pub app: String,
    /// The vendor whose API the app uses.
    pub vendor: &'static str,
    /// The code of the request.
    pub code: String,
    /// Whether the operator has to name a user.
    pub needs_user: bool,
    /// Whether the app gets every scope.
    pub is_everything: bool,
    /// What it may read.
    pub reads: Vec<ApprovalLine>,
    /// What it may change.
    pub changes: Vec<ApprovalLine>,
    /// The host that the browser returns to.
    pub returns_to: String,
    /// Minutes until the request expires, rounded up.
    pub minutes: i64,
    /// Seconds until the page loads again.
    pub reload_seconds: u32,
}

/// A line of what an app may do.
#[derive(Debug, Serialize)]
pub struct ApprovalLine {
    /// The records.
    pub what: &'static str,
    /// Whether they are only those of one user.
    pub is_own: bool,
}

impl View for Approval {
    const TEMPLATE: &'static str = "approval.html";
}

impl Approval {
    /// Returns the page as HTML.
    ///
    /// # Errors
    /// If the page cannot be rendered.
    pub fn html(&self) -> Result<String> {
        self.render()
    }
}
