//! The page for a person who could not sign in through a provider.

use serde::Serialize;

use crate::render::{Result, View};

/// Why somebody is not signed in.
#[derive(Debug, Serialize)]
pub struct SignInFailure {
    /// What is wrong, and what the person can do.
    pub problem: String,
    /// The address of the sign-in page.
    pub back: String,
}

impl View for SignInFailure {
    const TEMPLATE: &'static str = "sign_in.html";
}

impl SignInFailure {
    /// Returns the page as HTML.
    ///
    /// # Errors
    /// If the page cannot be rendered.
    pub fn html(&self) -> Result<String> {
        self.render()
    }
}
