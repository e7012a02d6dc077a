//! Who one person is: the rule for erasure and for `persons` in SQL.

use std::{fmt, str::FromStr};

use crate::{InvalidId, Participant, Text, identity::tells_nobody};

/// An identifier of a person: the id of a login, an email address, a registration, or a display name on a device. An
/// address counts as one in any field, regardless of case; ids are case-sensitive. A name alone identifies nobody.
///
/// Written with its kind as a prefix: `user:ID`, `email:ADDRESS`, `registrant:ID`, `device:NAME|DEVICE`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Identifier(String);

const USER: &str = "user";
const EMAIL: &str = "email";
const REGISTRANT: &str = "registrant";
const DEVICE: &str = "device";

impl Identifier {
    /// Returns the id of a login, or an address in its field. `None` if it is blank.
    #[must_use]
    pub fn of_user(text: &str) -> Option<Self> {
        Self::new(USER, text)
    }

    /// Returns the id of a registration, or an address in its field. `None` if it is blank.
    #[must_use]
    pub fn of_registrant(text: &str) -> Option<Self> {
        Self::new(REGISTRANT, text)
    }

    /// Returns the identifier of a display name on a device, regardless of the case of ASCII letters. `None` if either is
    /// blank.
    #[must_use]
    pub fn of_device(name: &str, device: &str) -> Option<Self> {
        let (name, device) = (name.trim(), device.trim());
        let is_known = !name.is_empty() && !device.is_empty();
        is_known.then(|| Self(format!("{DEVICE}:{name}|{device}").to_ascii_lowercase()))
    }

    fn new(kind: &str, text: &str) -> Option<Self> {
        match text.trim() {
            "" => None,
            device if kind == DEVICE => {
                let (name, device) = device.rsplit_once('|')?;
                Self::of_device(name, device)
            }
            address if kind == EMAIL || address.contains('@') => {
                Some(Self(format!("{EMAIL}:{}", address.to_lowercase())))
            }
            id => Some(Self(format!("{kind}:{id}"))),
        }
    }

    /// Returns it with its kind as a prefix, so that kinds cannot be confused.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Returns whether it is the id of a login.
    #[must_use]
    pub fn is_user(&self) -> bool {
        self.0.starts_with("user:")
    }

    /// Returns whether it is an email address.
    #[must_use]
    pub fn is_address(&self) -> bool {
        self.kind() == EMAIL
    }

    /// Returns its kind: `user`, `email`, `registrant` or `device`.
    #[must_use]
    pub fn kind(&self) -> &str {
        self.0.split_once(':').map_or("", |(kind, _)| kind)
    }

    /// Returns only the address or id.
    #[must_use]
    pub fn text(&self) -> &str {
        self.0.split_once(':').map_or("", |(_, text)| text)
    }
}

impl fmt::Display for Identifier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl FromStr for Identifier {
    type Err = InvalidId;

    fn from_str(text: &str) -> Result<Self, InvalidId> {
        let (kind, rest) = text.split_once(':').unwrap_or_default();
        let identifier = if [USER, EMAIL, REGISTRANT, DEVICE].contains(&kind) { Self::new(kind, rest) } else { None };
        let is_well = |identifier: &Self| kind != EMAIL || identifier.text().contains('@');
        let expected =
            "user:ID, email:ADDRESS, registrant:ID or device:NAME|DEVICE, as `persons` of SQL names somebody";
        identifier.filter(is_well).ok_or_else(|| InvalidId::new(text, expected))
    }
}

macro_rules! person_fields {
    ($($field:ident: $kind:ident,)*) => {
        /// The fields of a participant that identify the person, most reliable first, each with its kind of identifier.
        /// An address in any of them counts as one.
        pub const PERSON_FIELDS: &[(&str, &str)] = &[$((stringify!($field), $kind)),*];

        fn person_fields(participant: &Participant) -> impl Iterator<Item = (&'static str, &Text)> {
            let fields = [$(($kind, participant.$field.as_ref())),*];
            fields.into_iter().filter_map(|(kind, text)| Some((kind, text?)))
        }
    };
}
person_fields! {
    id: USER,
    participant_user_id: USER,
    email: EMAIL,
    registrant_id: REGISTRANT,
}

/// The fields that identify a participant's device, most reliable first.
pub const DEVICE_FIELDS: [&str; 2] = ["mac_addr", "harddisk_id"];

impl Participant {
    /// Returns the identifiers that may name the attendance's person, most reliable first: [`PERSON_FIELDS`], then the
    /// display name on the device ([`DEVICE_FIELDS`]).
    pub fn names(&self) -> impl Iterator<Item = Identifier> {
        let devices = [&self.mac_addr, &self.harddisk_id];
        let device = devices.into_iter().flatten().find(|device| !device.trim().is_empty());
        let device = self.user_name.as_ref().zip(device).and_then(|(name, device)| Identifier::of_device(name, device));
        person_fields(self).filter_map(|(kind, text)| Identifier::new(kind, text)).chain(device)
    }

    /// Returns the identifiers of the attendance's person: [`Self::names`], then a `user_id` that is more than a number
    /// within the instance, which is not listed but can be requested. Two attendances with a common identifier belong to
    /// the same person.
    pub fn identifiers(&self) -> impl Iterator<Item = Identifier> {
        let user_id = Some(&self.user_id).filter(|user_id| !tells_nobody(user_id));
        self.names().chain(user_id.and_then(|user_id| Identifier::new(USER, user_id)))
    }
}

impl Participant {
    /// Returns the logins in the attendance. A `user_id` identifies an attendance, not a login.
    pub fn logins(&self) -> impl Iterator<Item = Identifier> {
        let fields = person_fields(self).filter_map(|(kind, text)| Identifier::new(kind, text));
        fields.filter(Identifier::is_user)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_one_wherever_it_stands_and_ids_are_of_their_kind() {
        let of = Identifier::of_user;
        assert_eq!(of(" Ana@Example.com"), Identifier::of_registrant("ana@example.com"));
        assert_ne!(of("7"), Identifier::of_registrant("7"));
        assert_ne!(of("abC"), of("abc"), "ids are case-sensitive");
        assert_eq!((of(" "), of("").is_none()), (None, true));
        assert_eq!(of("x:y").unwrap().text(), "x:y");
    }

    #[test]
    fn what_is_spelled_reads_back() {
        for text in ["user:x:y", "email:ana@example.com", "registrant:7", "device:ana b|aa:bb"] {
            assert_eq!(text.parse::<Identifier>().unwrap().as_str(), text);
        }
        assert_eq!("email:Ana@Example.com".parse(), "user:ana@example.com".parse::<Identifier>());
        for wrong in ["ana@example.com", "name:Ana", "user:", "email:ana", "device:ana", ":", ""] {
            assert!(wrong.parse::<Identifier>().is_err(), "{wrong}");
        }
    }

    #[test]
    fn a_number_inside_the_instance_names_nobody() {
        let named = |user_id: &str| {
            let participant = Participant { user_id: user_id.into(), email: Some("".into()), ..Participant::default() };
            participant.identifiers().map(|identifier| identifier.to_string()).collect::<Vec<_>>()
        };
        assert_eq!(named("16778240"), [""; 0]);
        assert_eq!(named("gone-81"), [""; 0], "who is blank already");
        assert_eq!(named("Ana@example.com"), ["email:ana@example.com"]);
    }
}
