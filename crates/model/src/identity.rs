//! Blanks the values of a record that identify persons, and keeps those about quality.
//!
//! Blanking works as at the vendors: a reported value becomes an empty string, so that responses keep their shape. A
//! value that was never reported stays absent. `docs/retention.md` lists all fields.

use serde::{Deserialize, Serialize};

use crate::{AudioCalls, Extras, Instance, Meeting, Participant, ParticipantId, Text, Texts, UserId};

/// Precision of the location that stays known after blanking.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LocationGrain {
    /// Unchanged, i.e. a city.
    #[default]
    City,
    /// Only the country: the text in the last parentheses.
    Country,
    /// None.
    Nothing,
}

impl LocationGrain {
    /// Returns `location` with this precision.
    #[must_use]
    pub fn of(self, location: &str) -> Text {
        match self {
            Self::City => location.into(),
            Self::Country => country(location).unwrap_or_default().into(),
            Self::Nothing => Text::default(),
        }
    }
}

/// Returns the country of a vendor's location (`San Jose (US)`); a country stays.
fn country(location: &str) -> Option<&str> {
    let inside = location.rsplit_once('(').map(|(_, rest)| rest.trim_end_matches(')'));
    let is_code = |text: &&str| text.len() == 2 && text.bytes().all(|byte| byte.is_ascii_uppercase());
    inside.or(Some(location)).map(str::trim).filter(is_code)
}

/// Prefix of a `user_id` that replaces one that identified the person.
const GONE: &str = "gone-";

/// Returns whether a `user_id` identifies nobody: a short number, as Zoom assigns to each attendance, or a replacement.
/// Others may be an email address or a person's id, or contain one, as Webex's do.
#[must_use]
pub fn tells_nobody(user_id: &str) -> bool {
    let is_pseudonym = |rest: &str| (1..=19).contains(&rest.len()) && rest.bytes().all(|byte| byte.is_ascii_hexdigit());
    user_id.strip_prefix(GONE).is_some_and(is_pseudonym)
        || user_id.len() <= 10 && user_id.bytes().all(|byte| byte.is_ascii_digit())
}

/// A value that can be blanked as vendors blank: what was reported becomes empty.
trait Blank {
    fn blank(&mut self);
}

impl Blank for Text {
    fn blank(&mut self) {
        *self = Self::default();
    }
}

impl Blank for UserId {
    fn blank(&mut self) {
        self.0.blank();
    }
}

impl Blank for Texts {
    fn blank(&mut self) {
        self.clear();
    }
}

/// The kind of call and the service's number stay.
impl Blank for AudioCalls {
    fn blank(&mut self) {
        self.iter_mut().filter_map(|call| call.call_number.as_mut()).for_each(Blank::blank);
    }
}

impl Blank for Extras {
    fn blank(&mut self) {
        *self = Self::default();
    }
}

macro_rules! blank_field {
    (Nothing, $value:expr, $grain:ident, $names:ident) => {};
    (Place, $value:expr, $grain:ident, $names:ident) => {
        if let Some(place) = &mut $value {
            *place = $grain.of(place);
        }
    };
    (Leaver, $value:expr, $grain:ident, $names:ident) => {
        if let Some(reason) = &mut $value {
            *reason = reason_alone(reason, &$names);
        }
    };
    ($person_or_device:ident, $value:expr, $grain:ident, $names:ident) => {
        if let Some(value) = &mut $value {
            value.blank();
        }
    };
}

macro_rules! define_blanking {
    ($($field:ident: $type:ident, $reveals:ident, $meaning:literal;)*) => {
        impl Participant {
            /// Blanks each field as far as it reveals who took part. What remains says how good the quality was, from roughly
            /// where, with what kind of device. `anonymous` replaces a `user_id` that identifies somebody. Blanking again
            /// changes nothing.
            pub fn without_identity(&mut self, anonymous: &Text, grain: LocationGrain) {
                if !tells_nobody(&self.user_id) {
                    self.user_id.clone_from(anonymous);
                }
                let names = [self.user_name.clone(), self.email.clone()];
                $(blank_field!($reveals, self.$field, grain, names);)*
            }
        }
    };
}
crate::with_participant_fields!(define_blanking);

/// Returns a replacement for a `user_id` that identified the person, from its row id.
#[must_use]
pub fn anonymous_user_id(row: ParticipantId) -> Text {
    format!("{GONE}{row}").into()
}

/// Returns a replacement for a `user_id` that identified the person, from its hash: always the same, so that repeated
/// reports find it.
#[must_use]
pub fn pseudonym(hash: u64) -> Text {
    format!("{GONE}{hash:016x}").into()
}

/// Returns a reason for leaving without the sentence about who left (`Ana left the meeting. Reason: Host ended the
/// meeting.`).
fn reason_alone(reason: &str, names: &[Option<Text>]) -> Text {
    let alone = reason.find("Reason:").map_or("", |at| &reason[at..]);
    let told = names.iter().flatten().any(|name| !name.is_empty() && alone.contains(name.as_str()));
    if told { Text::default() } else { alone.into() }
}

impl Instance {
    /// Blanks the host, and a topic with the host's name or address, as in the vendors' default topics.
    pub fn without_identity(&mut self) {
        if let Some(topic) = &mut self.topic {
            let told = [self.host_name.as_deref(), self.host_email.as_deref()].into_iter().flatten();
            if told.into_iter().any(|name| names(topic, name)) {
                *topic = Text::default();
            }
        }
        self.blank_host();
    }

    /// Blanks the host, and the host's topic.
    pub fn without_host(&mut self) {
        blank([&mut self.topic]);
        self.blank_host();
    }
}

macro_rules! blank_host_field {
    (Person, $value:expr) => {
        if let Some(value) = &mut $value {
            value.blank();
        }
    };
    ($other:ident, $value:expr) => {};
}

macro_rules! define_blank_host {
    ($($field:ident: $type:ident, $reveals:ident, $meaning:literal;)*) => {
        impl Instance {
            fn blank_host(&mut self) {
                $(blank_host_field!($reveals, self.$field);)*
            }
        }
    };
}
crate::with_instance_fields!(define_blank_host);

impl Meeting {
    /// Blanks the host, and the host's texts and choices: settings may contain a contact, and join URLs the host's
    /// name.
    pub fn without_host(&mut self) {
        self.extras = self.extras.take().map(|_| Extras::default());
        self.host_id = self.host_id.take().map(|_| UserId(Text::default()));
        blank([
            &mut self.host_email,
            &mut self.topic,
            &mut self.agenda,
            &mut self.join_url,
            &mut self.registration_url,
        ]);
        self.settings_json = self.settings_json.take().map(|_| "{}".to_owned());
    }
}

/// Blanks a reported value.
fn blank<const N: usize>(texts: [&mut Option<Text>; N]) {
    texts.into_iter().flatten().for_each(Blank::blank);
}

/// Returns whether `text` contains `name`, regardless of case. No text contains a blank name.
#[must_use]
pub fn names(text: &str, name: &str) -> bool {
    let name = name.trim().to_lowercase();
    !name.is_empty() && text.to_lowercase().contains(&name)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{AudioCall, InstanceState, MeetingKind, MeetingNumber};

    #[test]
    fn places_are_known_as_exactly_as_is_allowed() {
        for (location, country) in
            [("San Jose (US)", "US"), ("Łódź (PL )", "PL"), ("DE", "DE"), ("Paris", ""), ("", ""), ("(x) (y)", "")]
        {
            assert_eq!(LocationGrain::Country.of(location), country, "{location}");
            assert_eq!(LocationGrain::City.of(location), location);
            assert_eq!(LocationGrain::Nothing.of(location), "");
        }
    }

    #[test]
    fn what_tells_who_is_blank_and_what_tells_how_good_stays() {
        let mut participant = Participant {
            user_id: "ana@example.com".into(),
            user_name: Some("Ana".into()),
            email: Some("ana@example.com".into()),
            ip_address: Some("203.0.113.9".into()),
            internal_ip_addresses: Some(vec!["10.0.0.9".into()]),
            location: Some("Porto (PT)".into()),
            network_type: Some("Wifi".into()),
            version: Some("5.17".into()),
            leave_reason: Some("Ana left the meeting. Reason: Host ended the meeting.".into()),
            microphone: Some("Ana's AirPods".into()),
            audio_call: Some(vec![AudioCall { call_number: Some("+351".into()), call_type: None, zoom_number: None }]),
            ..Participant::default()
        };
        participant.without_identity(&anonymous_user_id(ParticipantId(7)), LocationGrain::Country);
        let told = format!("{participant:?}");
        for gone in ["Ana", "ana@", "203.0", "10.0.0", "+351", "Porto"] {
            assert!(!told.contains(gone), "{gone}: {told}");
        }
        assert_eq!(participant.user_id, "gone-7");
        assert_eq!(participant.user_name.as_deref(), Some(""), "blank, as vendors blank");
        assert_eq!(participant.mac_addr, None, "never reported");
        assert_eq!(participant.leave_reason.as_deref(), Some("Reason: Host ended the meeting."));
        for (value, expected) in [(&participant.location, "PT"), (&participant.network_type, "Wifi")] {
            assert_eq!(value.as_deref(), Some(expected));
        }
        let once = participant.clone();
        participant.without_identity(&anonymous_user_id(ParticipantId(7)), LocationGrain::Country);
        assert_eq!(participant, once);
    }

    #[test]
    fn a_number_tells_nobody() {
        for (user_id, expected) in [("16778240", "16778240"), ("4915112345678", "gone-7"), ("6c27_3c2e", "gone-7")] {
            let mut participant = Participant { user_id: user_id.into(), ..Participant::default() };
            participant.without_identity(&anonymous_user_id(ParticipantId(7)), LocationGrain::City);
            assert_eq!(participant.user_id, expected);
        }
    }

    #[test]
    fn a_topic_goes_where_it_names_the_host() {
        for (topic, expected) in [("ANA BERG's Zoom Meeting", ""), ("Budget", "Budget")] {
            let uuid = "a==".parse().unwrap();
            let mut instance = Instance::new(MeetingKind::Meeting, MeetingNumber(1), uuid, InstanceState::Past);
            (instance.topic, instance.host_name) = (Some(topic.into()), Some("Ana Berg".into()));
            instance.without_identity();
            assert_eq!((instance.topic.as_deref(), instance.host_name.as_deref()), (Some(expected), Some("")));
        }
    }
}
