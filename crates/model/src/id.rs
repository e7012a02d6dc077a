use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};

use crate::{MeetingKind, Text};

/// A text that does not name what it should.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{text}` is not {expected}")]
pub struct InvalidId {
    /// What stood there, cut to a readable length.
    pub text: String,
    /// What should have stood there.
    pub expected: &'static str,
}

impl InvalidId {
    /// Says that `text` is not `expected`.
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
    /// An account's row. Callers name an account by its public id ([`crate::Account::public_id`]).
    AccountId
}
row_id! {
    /// An instance's row.
    InstanceId
}
row_id! {
    /// A participant's row. It grows in the order in which participants were first seen, which makes it the paging key
    /// of an instance's participants: one who arrives later comes on a later page.
    ParticipantId
}
row_id! {
    /// A token's row; what `rollcall token list` shows and `revoke` takes.
    TokenId
}

row_id! {
    /// A webhook secret's row; what `rollcall hook list` shows and `revoke` takes.
    HookId
}

macro_rules! text_id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(pub Text);

        impl $name {
            /// The id as text.
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
    /// A user's id as Zoom spells it: 22 characters of URL-safe base64.
    UserId
}
text_id! {
    /// The name of one attendance inside its instance (Zoom's `user_id`). It joins participants to their minutes.
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

/// What a stand-in for a `user_id` begins with.
const OF_UUID: &str = "uuid:";

impl ParticipantUserId {
    /// A stand-in for the `user_id`s of the participant with this UUID, for events that do not name one. No attendance
    /// has it.
    #[must_use]
    pub fn of_uuid(participant_uuid: &str) -> Self {
        Self(format!("{OF_UUID}{participant_uuid}").into())
    }

    /// The participant's UUID if this is a stand-in.
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

    /// Reads decimal digits; a number is never signed.
    fn from_str(text: &str) -> Result<Self, InvalidId> {
        let digits = !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
        match text.parse::<i64>() {
            Ok(number) if digits => Ok(Self(number)),
            _ => Err(InvalidId::new(text, "a meeting number")),
        }
    }
}

/// The name of one run of a meeting: for Zoom 16 bytes in base64 (`gm8s9L+PTEC+FG3sFbd1Cw==`), for Webex
/// `<series>_I_<conference>`. Never empty, never all digits, already percent-decoded, at most 128 bytes.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct InstanceUuid(Text);

impl InstanceUuid {
    /// The UUID as text.
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

/// How a caller names an instance: by its UUID, or by its meeting's number, which stands for the latest instance.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum InstanceRef {
    /// That very run.
    Uuid(InstanceUuid),
    /// The meeting's latest run.
    Latest(MeetingNumber),
}

impl FromStr for InstanceRef {
    type Err = InvalidId;

    /// All digits means a number, anything else a UUID.
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
    /// The word in a Zoom path: `meetings` or `webinars`.
    #[must_use]
    pub const fn plural(self) -> &'static str {
        match self {
            Self::Meeting => "meetings",
            Self::Webinar => "webinars",
        }
    }
}
