//! The page of a link to unsubscribe from mails.

use serde::Serialize;

use crate::{render::Result, render::View};

/// The page that a mail's link to unsubscribe opens.
#[derive(Debug, Serialize)]
#[serde(tag = "state", rename_all = "lowercase")]
pub enum Unsubscribing {
    /// It asks for a confirmation.
    Ask {
        /// The subject of the mails.
        name: String,
    },
    /// No more mails are sent.
    Done {
        /// The subject of the mails.
        name: String,
    },
    /// The subscription was deleted, or the link is old or wrong.
    Unknown,
}

impl View for Unsubscribing {
    const TEMPLATE: &'static str = "unsubscribe.html";
}

impl Unsubscribing {
    /// Returns the page as HTML.
    ///
    /// # Errors
    /// If the page cannot be rendered.
    pub fn html(&self) -> Result<String> {
        self.render()
    }
}
