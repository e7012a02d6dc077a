//! Members: the people who sign in to Rollcall. A vendor's user account is a [`crate::User`].

use std::{cmp::Ordering, fmt, str::FromStr};

use crate::{AccountId, InvalidId, MemberId, Text, Timestamp, TokenId};

/// What a member may do. Later roles include earlier ones.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Role {
    /// Reads. Names may be hidden.
    Viewer,
    /// Reads everything, exports, and saves queries.
    Analyst,
    /// Also changes: members, tokens, apps, tracking codes, persons, erasures.
    Administrator,
}

impl Role {
    /// All of them, in ascending order.
    pub const ALL: [Self; 3] = [Self::Viewer, Self::Analyst, Self::Administrator];

    /// Returns its name on the wire, in tables and on the command line.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Viewer => "viewer",
            Self::Analyst => "analyst",
            Self::Administrator => "administrator",
        }
    }
}

impl fmt::Display for Role {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for Role {
    type Err = InvalidId;

    fn from_str(text: &str) -> Result<Self, InvalidId> {
        let found = Self::ALL.into_iter().find(|role| role.as_str() == text);
        found.ok_or_else(|| InvalidId::new(text, "viewer, analyst or administrator"))
    }
}

/// A role, and whether it sees who took part.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Access {
    role: Role,
    names_hidden: bool,
}

impl Access {
    /// All of them, in ascending order.
    pub const ALL: [Self; 4] = [
        Self { role: Role::Viewer, names_hidden: true },
        Self::of(Role::Viewer),
        Self::of(Role::Analyst),
        Self::of(Role::Administrator),
    ];

    /// The access of a role that sees names.
    #[must_use]
    pub const fn of(role: Role) -> Self {
        Self { role, names_hidden: false }
    }

    /// The access of a role. `None` if names are hidden from a role other than viewer: the others read, export and change
    /// persons.
    #[must_use]
    pub fn new(role: Role, names_hidden: bool) -> Option<Self> {
        (role == Role::Viewer || !names_hidden).then_some(Self { role, names_hidden })
    }

    /// Returns the role.
    #[must_use]
    pub const fn role(self) -> Role {
        self.role
    }

    /// Returns whether names, addresses and other identities of participants are hidden.
    #[must_use]
    pub const fn names_hidden(self) -> bool {
        self.names_hidden
    }
}

impl Ord for Access {
    fn cmp(&self, other: &Self) -> Ordering {
        (self.role, !self.names_hidden).cmp(&(other.role, !other.names_hidden))
    }
}

impl PartialOrd for Access {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

/// A person who can sign in to one account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Member {
    /// Its row id.
    pub id: MemberId,
    /// The account.
    pub account: AccountId,
    /// The address to sign in with, as it was given. Unique on a server, in any case of letters.
    pub email: Text,
    /// The name for other members.
    pub name: Text,
    /// What the member may do.
    pub access: Access,
    /// When the member accepted the invitation.
    pub created_at: Timestamp,
    /// The minute in which the member was last seen.
    pub last_seen: Option<Timestamp>,
    /// The provider that vouches for the member; `None` if the member has a password.
    pub provider: Option<Text>,
}

/// A hash of a password, in PHC format: algorithm, parameters, salt and hash.
#[derive(Clone, PartialEq, Eq)]
pub struct PasswordHash(pub Text);

impl fmt::Debug for PasswordHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PasswordHash(…)")
    }
}

/// How a member proves who they are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Proof {
    /// By a password.
    Password(PasswordHash),
    /// By a provider, which knows the member by `subject`.
    Provider {
        /// The provider's id in the settings.
        provider: Text,
        /// The member's id at the provider.
        subject: Text,
    },
    /// Not at all: the server itself signs the member in, as the viewer of a demo.
    None,
}

/// An invitation to become a member, without its code.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Invitation {
    /// The account.
    pub account: AccountId,
    /// The address that it was made for; `None` if the new member may choose one.
    pub email: Option<Text>,
    /// What the member will be allowed to do.
    pub access: Access,
    /// Whether it makes the account's first administrator. It ends as soon as there is one.
    pub is_first: bool,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it expires.
    pub expires_at: Timestamp,
}

/// The session of a member's browser: a token that only a cookie carries.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Session {
    /// Its row id.
    pub id: TokenId,
    /// The member.
    pub member: MemberId,
    /// When the member signed in.
    pub created_at: Timestamp,
    /// The minute in which it was last used.
    pub last_used: Option<Timestamp>,
    /// When it expires even if it is used.
    pub expires_at: Timestamp,
    /// The address from which the member signed in.
    pub address: Option<Text>,
    /// What the browser says that it is, shortened.
    pub agent: Option<Text>,
}

/// How long a session may be idle, in seconds.
pub const IDLE_SECONDS: i64 = 12 * 3600;
/// How long a session lasts, in seconds.
pub const SESSION_SECONDS: i64 = 7 * 24 * 3600;

/// Returns when a session expires unless it is used.
#[must_use]
pub fn idle_until(created_at: Timestamp, last_used: Option<Timestamp>, expires_at: Timestamp) -> Timestamp {
    // Uses are stored to the minute.
    last_used.unwrap_or(created_at).max(created_at).plus_seconds(IDLE_SECONDS).min(expires_at)
}
