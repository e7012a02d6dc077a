//! The page of an authorization request: what an app asks for, and who approves it.

use serde::Serialize;

use crate::{render::Result, render::View};

/// What the page shows.
#[derive(Debug, Serialize)]
#[serde(tag = "state", rename_all = "lowercase")]
pub enum Approval {
    /// Nobody has decided.
    Waiting(Box<WaitingApproval>),
    /// A member has decided here. The browser continues at the page of the request: not by a redirect, because the
    /// policy of a form's page also applies to where its redirects lead.
    Decided {
        /// The decision, in a few words.
        outcome: String,
        /// The path of the request's page.
        page: String,
    },
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

/// The person in the browser of a request that waits.
#[derive(Debug, Serialize)]
#[serde(tag = "may", rename_all = "lowercase")]
pub enum Approver {
    /// Nobody who is signed in to the app's account.
    Nobody {
        /// The address of the sign-in page, which leads back.
        sign_in: String,
    },
    /// A member whose role does not allow a decision.
    Nothing {
        /// The member's name.
        name: String,
    },
    /// A member who may deny the request.
    Deny {
        /// The member's name.
        name: String,
    },
    /// A member who may approve or deny the request.
    Decide {
        /// The member's name.
        name: String,
    },
}

/// A request that waits for a decision.
#[derive(Debug, Serialize)]
pub struct WaitingApproval {
    /// The app's name.
    pub app: String,
    /// The vendor whose API the app uses.
    pub vendor: &'static str,
    /// The code of the request.
    pub code: String,
    /// Whether a user has to be named.
    pub needs_user: bool,
    /// The person in the browser.
    pub approver: Approver,
    /// What was wrong with the person's decision.
    pub problem: Option<String>,
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
    /// Seconds until the page loads again; `None` if somebody may type into it.
    pub reload_seconds: Option<u32>,
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
