//! How pages identify the meeting: by number or by room name.

use std::fmt;

use rollcall_model::{MeetingNumber, Text};
use serde::{
    Deserialize, Deserializer,
    de::{self, Visitor},
};
use sha2::{Digest as _, Sha256};

/// Maximum length of a room name.
const MAX_NAME_BYTES: usize = 256;

/// The numbers of named rooms are between here and 2^53, which every JSON parser reads exactly. Vendors' numbers have
/// at most eleven digits.
const FIRST_OF_NAMES: u64 = 1_000_000_000_000_000;
const AFTER_NAMES: u64 = 1 << 53;

/// A page's meeting.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Room {
    /// A number, also as text.
    Number(MeetingNumber),
    /// A name, as used by self-hosted conferences.
    Name(Text),
}

impl Room {
    /// Returns the meeting's number. For a name, it is derived only from the name, so that every page and every restart
    /// gets the same one.
    pub(super) fn number(&self) -> MeetingNumber {
        match self {
            Self::Number(number) => *number,
            Self::Name(name) => {
                let digest = Sha256::digest(name.as_bytes());
                let drawn = digest.iter().take(8).fold(0_u64, |drawn, byte| (drawn << 8) | u64::from(*byte));
                MeetingNumber((FIRST_OF_NAMES + drawn % (AFTER_NAMES - FIRST_OF_NAMES)) as i64)
            }
        }
    }

    /// Returns the name.
    pub(super) fn name(&self) -> Option<&Text> {
        match self {
            Self::Number(_) => None,
            Self::Name(name) => Some(name),
        }
    }
}

impl<'de> Deserialize<'de> for Room {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(RoomVisitor)
    }
}

struct RoomVisitor;

impl Visitor<'_> for RoomVisitor {
    type Value = Room;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("the meeting's number or the name of its room")
    }

    fn visit_i64<E: de::Error>(self, number: i64) -> Result<Room, E> {
        if number > 0 {
            Ok(Room::Number(MeetingNumber(number)))
        } else {
            Err(E::invalid_value(de::Unexpected::Signed(number), &self))
        }
    }

    fn visit_u64<E: de::Error>(self, number: u64) -> Result<Room, E> {
        let signed = i64::try_from(number).map_err(|_| E::invalid_value(de::Unexpected::Unsigned(number), &self))?;
        self.visit_i64(signed)
    }

    fn visit_str<E: de::Error>(self, name: &str) -> Result<Room, E> {
        let name = name.trim();
        if name.is_empty() || name.len() > MAX_NAME_BYTES {
            return Err(E::custom(format_args!("the name of a room has 1 to {MAX_NAME_BYTES} bytes")));
        }
        // A number as text; with a sign, a leading zero or too many digits, it is a name.
        match name.parse::<i64>() {
            Ok(number) if number > 0 && name == number.to_string() => self.visit_i64(number),
            _ => Ok(Room::Name(Text::from(name))),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn room(json: &str) -> Result<Room, serde_json::Error> {
        serde_json::from_str(json)
    }

    #[test]
    fn a_number_is_taken_as_a_number_and_as_text() {
        assert_eq!(room("860000031").unwrap().number(), MeetingNumber(860_000_031));
        assert_eq!(room("\"860000031\"").unwrap(), room("860000031").unwrap());
        for wrong in ["0", "-1", "18446744073709551615", "\"\"", "\" \"", "true", "{}"] {
            assert!(room(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn a_word_has_a_number_of_its_own_that_every_reader_takes() {
        let numbers = ["\"room-1\"", "\"room-2\"", "\"007\"", "\"Größe\""].map(|name| room(name).unwrap().number().0);
        for (index, number) in numbers.iter().enumerate() {
            assert!((1_000_000_000_000_000..1 << 53).contains(number), "{number}");
            assert!(!numbers[..index].contains(number));
        }
        assert_eq!(room("\"room-1\"").unwrap().name().unwrap(), "room-1");
    }
}
