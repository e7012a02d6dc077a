use std::{collections::BTreeSet, fmt};

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::{Access, AccountId, ClientId, MemberId, Text, Timestamp, TokenId, UserId};

/// The tenant. Every row belongs to one, every query is limited to one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Account {
    /// Its row id.
    pub id: AccountId,
    /// Its id for callers: Zoom's `account_id`, 22 characters of URL-safe base64.
    pub public_id: Text,
    /// Its name for operators; unique.
    pub name: Text,
    /// When it was created.
    pub created_at: Timestamp,
    /// Whether its tokens, apps and webhooks are accepted.
    pub state: AccountState,
}

/// Whether an account's tokens, apps and webhooks are accepted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AccountState {
    /// Open: they are.
    Open,
    /// Suspended: they are not, since this time, until an operator resumes the account.
    Suspended(Timestamp),
    /// Being deleted: they are not, since this time, and all rows of the account are being deleted.
    Deleting(Timestamp),
}

/// Scopes of a token or an app.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Scopes {
    /// Every operation, including those of later versions.
    All,
    /// The listed scopes, classic or granular, as spelled by the vendor. An empty list grants nothing.
    Listed(ScopeNames),
}

/// Names of scopes, separated by spaces. One string instead of a set: every request reads its token's scopes, and a
/// token may list dozens of which one or two are compared.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct ScopeNames(Text);

impl ScopeNames {
    /// Wraps a string that [`Scopes`] printed earlier.
    #[must_use]
    pub fn stored(text: &str) -> Self {
        Self(text.into())
    }

    /// Iterates over the names.
    pub fn iter(&self) -> impl Iterator<Item = &str> {
        self.0.split_ascii_whitespace()
    }
}

impl Scopes {
    /// Grants only these scopes. Names are checked where a person types them.
    pub fn listed<'n>(names: impl IntoIterator<Item = &'n str>) -> Self {
        let names: BTreeSet<&str> = names.into_iter().collect();
        Self::Listed(ScopeNames(names.into_iter().collect::<Vec<_>>().join(" ").into()))
    }

    /// Returns whether `scope` is granted.
    #[must_use]
    pub fn contains(&self, scope: &str) -> bool {
        match self {
            Self::All => true,
            Self::Listed(names) => names.iter().any(|name| name == scope),
        }
    }
}

impl fmt::Display for Scopes {
    /// Writes the names separated by spaces; nothing for [`Scopes::All`].
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::All => Ok(()),
            Self::Listed(names) => f.write_str(&names.0),
        }
    }
}

/// A client secret or a token in plain text. It prints only through [`Secret::expose`].
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(String);

impl Secret {
    /// Wraps a secret that was received or created.
    #[must_use]
    pub const fn new(secret: String) -> Self {
        Self(secret)
    }

    /// Returns the secret itself: to show it once, or to send it to its owner.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }

    /// Returns its hash for storage.
    #[must_use]
    pub fn hash(&self) -> SecretHash {
        SecretHash::of(&self.0)
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(…)")
    }
}

/// The SHA-256 of a secret. Secrets have 256 random bits, so a plain hash cannot be reversed.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct SecretHash(pub [u8; 32]);

impl SecretHash {
    /// Returns the hash of `secret`.
    #[must_use]
    pub fn of(secret: &str) -> Self {
        Self(Sha256::digest(secret.as_bytes()).into())
    }
}

impl fmt::Debug for SecretHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SecretHash(…)")
    }
}

/// An OAuth client of an account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct App {
    /// The public half of its credentials.
    pub client_id: ClientId,
    /// The account that it can access.
    pub account: AccountId,
    /// Its name for operators.
    pub name: Text,
    /// The hash of its secret.
    pub secret_hash: SecretHash,
    /// The hash of the previous secret, and until when that is accepted.
    pub former_secret: Option<(SecretHash, Timestamp)>,
    /// Scopes of its tokens.
    pub scopes: Scopes,
    /// When it was created.
    pub created_at: Timestamp,
    /// When it was revoked, with all its tokens.
    pub revoked_at: Option<Timestamp>,
    /// Where it may send people back to after an authorization, character by character. Empty if it only acts for its
    /// account.
    pub redirect_uris: Vec<Text>,
    /// Whether it cannot keep a secret, like a program on people's own machines. Such an app has to use PKCE.
    pub is_public: bool,
}

/// Kind of a token.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TokenKind {
    /// For API requests.
    Access,
    /// For getting the next access token, once.
    Refresh,
    /// For a member's browser, in a cookie.
    Session,
}

/// A token, without its secret.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Token {
    /// Its row id.
    pub id: TokenId,
    /// The account that it can access.
    pub account: AccountId,
    /// Its app; `None` if an operator created it.
    pub client_id: Option<ClientId>,
    /// The user that it acts for; `None` for an app that acts for the account.
    pub user_id: Option<UserId>,
    /// The member whose session it is, and what they may do at the moment.
    pub member: Option<(MemberId, Access)>,
    /// Its kind.
    pub kind: TokenKind,
    /// Its scopes. A session has none: the member's role decides.
    pub scopes: Scopes,
    /// When it was issued.
    pub created_at: Timestamp,
    /// When it expires; `None` if never.
    pub expires_at: Option<Timestamp>,
    /// State of its account.
    pub is_open: bool,
    /// The minute in which it was last used.
    pub last_used: Option<Timestamp>,
    /// When it was revoked.
    pub revoked_at: Option<Timestamp>,
}
