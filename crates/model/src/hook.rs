use std::{fmt, str::FromStr};

use crate::{AccountId, HookId, InvalidId, Secret, Timestamp};

/// A vendor that sends webhooks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Vendor {
    /// Zoom.
    Zoom,
    /// Webex.
    Webex,
}

impl Vendor {
    /// Returns its name in paths, tables and commands.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Zoom => "zoom",
            Self::Webex => "webex",
        }
    }
}

impl fmt::Display for Vendor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for Vendor {
    type Err = InvalidId;

    fn from_str(text: &str) -> Result<Self, InvalidId> {
        match text {
            "zoom" => Ok(Self::Zoom),
            "webex" => Ok(Self::Webex),
            _ => Err(InvalidId::new(text, "`zoom` or `webex`")),
        }
    }
}

/// A secret with which a vendor signs webhooks for an account.
///
/// An account may have several of one vendor, so that a secret can be changed without rejecting deliveries: a signature
/// with any valid one is correct.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hook {
    /// Its row id.
    pub id: HookId,
    /// The account.
    pub account: AccountId,
    /// The vendor.
    pub vendor: Vendor,
    /// The secret itself, which is required to check a signature.
    pub secret: Secret,
    /// When it was stored.
    pub created_at: Timestamp,
    /// When it expires, if it was replaced.
    pub expires_at: Option<Timestamp>,
}
