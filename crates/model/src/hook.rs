use std::{fmt, str::FromStr};

use crate::{AccountId, HookId, InvalidId, Secret, Timestamp};

/// Who delivers webhooks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Vendor {
    /// Zoom.
    Zoom,
    /// Webex.
    Webex,
}

impl Vendor {
    /// The word in paths, tables and commands.
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

/// A secret with which a vendor signs what it delivers to an account.
///
/// An account may have several of one vendor, so that a secret is changed without a delivery being refused: a signature
/// made with any of those that hold is right.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hook {
    /// Its row.
    pub id: HookId,
    /// To whom is delivered.
    pub account: AccountId,
    /// Who delivers.
    pub vendor: Vendor,
    /// The secret itself: a signature is checked by making it again, which takes no less.
    pub secret: Secret,
    /// When it was made known.
    pub created_at: Timestamp,
    /// When it ends, since another has taken its place.
    pub expires_at: Option<Timestamp>,
}
