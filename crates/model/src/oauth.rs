use std::{collections::BTreeSet, fmt};

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::{AccountId, ClientId, Text, Timestamp, TokenId, UserId};

/// The tenant. Every row belongs to one, every query is limited to one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Account {
    /// Its row.
    pub id: AccountId,
    /// What callers name it by: Zoom's `account_id`, 22 characters of URL-safe base64.
    pub public_id: Text,
    /// What operators name it by; unique.
    pub name: Text,
    /// When it was made.
    pub created_at: Timestamp,
    /// Whether its tokens, apps and webhooks are taken.
    pub state: AccountState,
}

/// Whether an account's tokens, apps and webhooks are taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AccountState {
    /// They are.
    Open,
    /// They are not, since then, until an operator resumes the account.
    Suspended(Timestamp),
    /// They are not, since then, and all rows of the account are being deleted.
    Deleting(Timestamp),
}

/// What a token or an app may do.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Scopes {
    /// Every operation, including those of later versions.
    All,
    /// The listed ones, spelt as the vendor spells them, classic or granular. An empty list grants nothing.
    Listed(ScopeNames),
}

/// Names of scopes, separated by spaces. One text rather than a set: every request reads its token's scopes, and a
/// token may list dozens of which one or two are compared.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct ScopeNames(Text);

impl ScopeNames {
    /// Wraps a text that [`Scopes`] printed earlier.
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
    /// Grants these scopes and no others. Whether a name is a known scope is checked where a person types it.
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

/// A client secret or a token as its owner holds it. It prints only through [`Secret::expose`].
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(String);

impl Secret {
    /// Wraps a secret that came in or was drawn.
    #[must_use]
    pub const fn new(secret: String) -> Self {
        Self(secret)
    }

    /// The secret itself: to show it once, or to send it back to its owner.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }

    /// What is kept of it.
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

/// The SHA-256 of a secret. Secrets are drawn with 256 random bits, so a plain hash cannot be searched backwards.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct SecretHash(pub [u8; 32]);

impl SecretHash {
    /// The hash of `secret`.
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
    /// The account whose data it reaches.
    pub account: AccountId,
    /// What operators call it.
    pub name: Text,
    /// What is kept of the other half.
    pub secret_hash: SecretHash,
    /// What is kept of the secret before, and until when that one is taken too.
    pub former_secret: Option<(SecretHash, Timestamp)>,
    /// What its tokens may do.
    pub scopes: Scopes,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it was withdrawn, with all its tokens.
    pub revoked_at: Option<Timestamp>,
}

/// What a token is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TokenKind {
    /// To call the API.
    Access,
    /// To get the next access token, once.
    Refresh,
}

/// A token, without its secret.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Token {
    /// Its row.
    pub id: TokenId,
    /// The account it opens.
    pub account: AccountId,
    /// The app it was given to; none where an operator made it.
    pub client_id: Option<ClientId>,
    /// The user it acts for; none for an app that acts for the account.
    pub user_id: Option<UserId>,
    /// What it is for.
    pub kind: TokenKind,
    /// What it may do.
    pub scopes: Scopes,
    /// When it was given.
    pub created_at: Timestamp,
    /// When it ends; none for one that an operator made without an end.
    pub expires_at: Option<Timestamp>,
    /// Whether its account is open.
    pub is_open: bool,
    /// The minute in which it was last used.
    pub last_used: Option<Timestamp>,
    /// When it was withdrawn.
    pub revoked_at: Option<Timestamp>,
}
