use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};

use crate::{MeetingKind, Text};

/// A text that is not a valid id.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{text}` is not {expected}")]
pub struct InvalidId {
    /// The text, shortened to a readable length.
    pub text: String,
    /// What was expected.
    pub expected: &'static str,
}

impl InvalidId {
    /// Returns the error that `text` is not `expected`.
    #[must_use]
    pub fn new(text: &str, expected: &'static str) -> Self {
        Self { text: text.chars().take(64).collect(), expected }
    }
}

macro_rules! row_id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        pub struct $name(pub i64);

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }
    };
}

row_id! {
    /// An account's row id. Callers use its public id ([`crate::Account::public_id`]).
    AccountId
}
row_id! {
    /// An instance's row id.
    InstanceId
}
row_id! {
    /// A participant's row id. It increases in the order in which participants were first seen, which makes it the
    /// paging key of an instance's participants: later arrivals are on later pages.
    ParticipantId
}
row_id! {
    /// A token's row id, as in `rollcall token list` and `revoke`.
    TokenId
}

row_id! {
    /// A member's row id, as in `rollcall member list` and `remove`.
    MemberId
}
row_id! {
    /// A webhook secret's row id, as in `rollcall hook list` and `revoke`.
    HookId
}
row_id! {
    /// A connection's row id, as in `rollcall collect status`.
    ConnectionId
}

macro_rules! text_id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(pub Text);

        impl $name {
            /// Returns the id as text.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl From<&str> for $name {
            fn from(text: &str) -> Self {
                Self(text.into())
            }
        }

        impl From<String> for $name {
            fn from(text: String) -> Self {
                Self(text.into())
            }
        }
    };
}

text_id! {
    /// A user's id in Zoom's format: 22 characters of URL-safe base64.
    UserId
}
text_id! {
    /// The id of one attendance within its instance (Zoom's `user_id`). It joins participants with their minutes.
    ParticipantUserId
}
text_id! {
    /// The public half of an app's credentials.
    ClientId
}
text_id! {
    /// A tracking code's id: a decimal number, in a string on the wire. Unique within its site.
    TrackingCodeId
}

/// Prefix of a stand-in for a `user_id`.
const OF_UUID: &str = "uuid:";

impl ParticipantUserId {
    /// Returns a stand-in for the `user_id`s of the participant with this UUID, for events without one. No attendance
    /// has it.
    #[must_use]
    pub fn of_uuid(participant_uuid: &str) -> Self {
        Self(format!("{OF_UUID}{participant_uuid}").into())
    }

    /// Returns the participant's UUID if this is a stand-in.
    #[must_use]
    pub fn stands_for_uuid(&self) -> Option<&str> {
        self.0.strip_prefix(OF_UUID)
    }
}

/// A meeting's number: 9 to 11 digits, reused from run to run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct MeetingNumber(pub i64);

impl fmt::Display for MeetingNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl FromStr for MeetingNumber {
    type Err = InvalidId;

    /// Parses decimal digits; a number has no sign.
    fn from_str(text: &str) -> Result<Self, InvalidId> {
        let digits = !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
        match text.parse::<i64>() {
            Ok(number) if digits => Ok(Self(number)),
            _ => Err(InvalidId::new(text, "a meeting number")),
        }
    }
}

/// The UUID of one run of a meeting: for Zoom 16 bytes in base64 (`gm8s9L+PTEC+FG3sFbd1Cw==`), for Webex
/// `<series>_I_<conference>`. Never empty, never all digits, percent-decoded, at most 128 bytes.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct InstanceUuid(Text);

impl InstanceUuid {
    /// Returns the UUID as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for InstanceUuid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl FromStr for InstanceUuid {
    type Err = InvalidId;

    fn from_str(text: &str) -> Result<Self, InvalidId> {
        let valid = !text.is_empty()
            && text.len() <= 128
            && text.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'+' | b'/' | b'=' | b'-' | b'_'))
            && !text.bytes().all(|b| b.is_ascii_digit());
        if valid { Ok(Self(text.into())) } else { Err(InvalidId::new(text, "an instance UUID")) }
    }
}

impl TryFrom<String> for InstanceUuid {
    type Error = InvalidId;

    fn try_from(text: String) -> Result<Self, InvalidId> {
        text.parse()
    }
}

impl From<InstanceUuid> for String {
    fn from(uuid: InstanceUuid) -> Self {
        uuid.0.into()
    }
}

/// A reference to an instance: its UUID, or its meeting's number, which means the latest instance.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum InstanceRef {
    /// This run.
    Uuid(InstanceUuid),
    /// The meeting's latest run.
    Latest(MeetingNumber),
}

impl FromStr for InstanceRef {
    type Err = InvalidId;

    /// All digits mean a number, anything else a UUID.
    fn from_str(text: &str) -> Result<Self, InvalidId> {
        match text.parse() {
            Ok(number) => Ok(Self::Latest(number)),
            Err(_) => text.parse().map(Self::Uuid).map_err(|_| InvalidId::new(text, "a meeting number or UUID")),
        }
    }
}

impl fmt::Display for InstanceRef {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Uuid(uuid) => uuid.fmt(f),
            Self::Latest(number) => number.fmt(f),
        }
    }
}

impl MeetingKind {
    /// Returns the word in a Zoom path: `meetings` or `webinars`.
    #[must_use]
    pub const fn plural(self) -> &'static str {
        match self {
            Self::Meeting => "meetings",
            Self::Webinar => "webinars",
        }
    }
}
