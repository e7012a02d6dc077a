//! Blanks the values of a record that identify persons, and keeps those about quality.
//!
//! Blanking works as at the vendors: a reported value becomes an empty string, so that responses keep their shape. A
//! value that was never reported stays absent. `docs/retention.md` lists all fields.

use serde::{Deserialize, Serialize};

use crate::{Extras, Instance, Meeting, Participant, ParticipantId, Text, UserId};

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

impl Participant {
    /// Blanks everything that identifies the participant; quality, approximate location and kind of device stay.
    /// `anonymous` replaces a `user_id` that identifies the person. Idempotent.
    pub fn without_identity(&mut self, anonymous: &Text, grain: LocationGrain) {
        // A new field requires a decision here.
        let Self {
            user_id,
            id,
            participant_user_id,
            participant_uuid,
            user_name,
            email,
            registrant_id,
            role: _,
            status: _,
            device: _,
            os: _,
            os_version: _,
            browser_name: _,
            browser_version: _,
            device_name,
            client: _,
            version: _,
            zoom_thin_client_plugin_version: _,
            ip_address,
            internal_ip_addresses,
            location,
            network_type: _,
            connection_type: _,
            video_connection_type: _,
            as_connection_type: _,
            data_center: _,
            full_data_center: _,
            join_time: _,
            leave_time: _,
            leave_reason,
            pc_name,
            domain,
            mac_addr,
            harddisk_id,
            // People name their headsets after themselves.
            microphone,
            speaker,
            camera,
            share_application: _,
            share_desktop: _,
            share_whiteboard: _,
            recording: _,
            sip_uri,
            from_sip_uri,
            customer_key,
            quality: _,
            bo_mtg_id: _,
            audio_call,
            in_room_participants: _,
            group_id: _,
            has_archiving: _,
            optional_archiving: _,
            join_time_cost_ms: _,
            aic_disclaimer: _,
            health: _,
            issue_list: _,
            rc_reason: _,
            extras,
        } = self;
        *extras = extras.take().map(|_| Extras::default());
        if let Some(reason) = leave_reason {
            *reason = reason_alone(reason, [user_name.as_deref(), email.as_deref()]);
        }
        if !tells_nobody(user_id) {
            user_id.clone_from(anonymous);
        }
        let texts = [
            id,
            participant_user_id,
            participant_uuid,
            user_name,
            email,
            registrant_id,
            device_name,
            ip_address,
            pc_name,
            domain,
            mac_addr,
            harddisk_id,
            microphone,
            speaker,
            camera,
            sip_uri,
            from_sip_uri,
            customer_key,
        ];
        texts.into_iter().flatten().for_each(|text| *text = Text::default());
        if let Some(addresses) = internal_ip_addresses {
            addresses.clear();
        }
        if let Some(location) = location {
            *location = grain.of(location);
        }
        for call in audio_call.iter_mut().flatten() {
            if let Some(number) = &mut call.call_number {
                *number = Text::default();
            }
        }
    }
}

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
fn reason_alone(reason: &str, names: [Option<&str>; 2]) -> Text {
    let alone = reason.find("Reason:").map_or("", |at| &reason[at..]);
    let told = names.into_iter().flatten().any(|name| !name.is_empty() && alone.contains(name));
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

    fn blank_host(&mut self) {
        self.extras = self.extras.take().map(|_| Extras::default());
        self.host_id = self.host_id.take().map(|_| UserId(Text::default()));
        blank([&mut self.host_name, &mut self.host_email]);
    }
}

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
    texts.into_iter().flatten().for_each(|text| *text = Text::default());
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
