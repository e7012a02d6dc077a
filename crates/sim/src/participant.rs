//! Converts an attendance to the model's participant.

use base64::{Engine, engine::general_purpose::STANDARD};
use rollcall_model::{AudioCall, MeetingKind, Participant, QualityLabels, Text, Timestamp};

use crate::{
    agenda::Shared,
    attendance::{Role, Who},
    config::WorldConfig,
    dice::{Dice, Tag, mix},
    equipment::{Endpoint, describe, version},
    people::{group_id, random_id},
    places::{Access, CITIES},
    run::{Attendee, Run},
    truth::IncidentKind,
};

const BLANK: Text = Text::const_new("");

impl Run {
    pub(crate) fn participant(&self, config: &WorldConfig, attendee: &Attendee<'_>) -> Participant {
        let Attendee { index, attendance, person, setup, touches } = attendee;
        let mut dice = self.attendee_dice(config, Tag::Participant, *index);
        let traits = self.traits(config);
        let kind = self.plan.kind;
        let city = &CITIES[usize::from(setup.city)];
        let gear = describe(setup.endpoint, person.hash);
        let phone = setup.endpoint == Endpoint::Pstn;
        // A telephone does not report the caller.
        let is_member = person.is_member() && !phone;
        let is_room = matches!(attendance.who, Who::Room(_));
        // These are blank for people outside the account.
        let own = |text: &str| Some(if is_member || is_room { Text::from(text) } else { BLANK });
        let media = |text: &str| if phone || gear.microphone.is_empty() { Some(BLANK) } else { own(text) };
        let machine = is_member
            && matches!(setup.endpoint, Endpoint::Windows | Endpoint::Mac | Endpoint::Vdi | Endpoint::ZoomRoom);
        let email = if is_member || attendance.registered { person.email.clone() } else { BLANK };
        let connection = connection_type(setup.access, setup.endpoint, &mut dice);
        let worst = touches.iter().map(|touch| touch.kind).min();
        let flagged = worst.filter(|_| person.hash.is_multiple_of(3));
        let name = if phone { format!("1555*****{:02}", person.hash % 100).into() } else { person.name.clone() };
        let share = |what| Some(self.agenda.shared(*index, what));
        let participant_uuid = Some(dashed_uuid(&mut dice));
        let QualityLabels { audio, video, screen_share } = self.labels(attendee, &mut dice);
        Participant {
            user_id: Self::user_id(*index),
            id: Some(if phone { BLANK } else { person.user_id.clone() }),
            participant_user_id: Some(if phone { BLANK } else { person.user_id.clone() }),
            participant_uuid,
            user_name: Some(name.clone()),
            email: Some(email),
            registrant_id: attendance.registered.then(|| {
                random_id(&mut Dice::new(config.seed, Tag::Guest, person.hash, self.plan.number.cast_unsigned()))
            }),
            role: Some(match attendance.role {
                Role::Host => "host".into(),
                Role::Panelist => "panelist".into(),
                Role::Attendee => "attendee".into(),
            }),
            status: (kind == MeetingKind::Meeting)
                .then(|| if attendance.waiting { "in_waiting_room".into() } else { "in_meeting".into() }),
            device: if is_room || phone { Some(gear.device.into()) } else { own(gear.device) },
            os: gear.os.map(Text::from),
            os_version: gear.os_version.map(Text::from),
            browser_name: gear.browser.map(|(name, _)| name.into()),
            browser_version: gear.browser.map(|(_, version)| version.into()),
            device_name: gear.device_name.map(Text::from),
            client: gear.client.map(Text::from),
            version: Some(if phone { BLANK } else { version(setup, attendance.join, person.hash) }),
            zoom_thin_client_plugin_version: (setup.endpoint == Endpoint::Vdi).then(|| "6.5.11.26770".into()),
            ip_address: Some(if phone { BLANK } else { setup.access.ip_address(person.hash) }),
            internal_ip_addresses: (!phone).then(|| setup.access.internal_ip_addresses(person.hash)),
            location: Some(city.location.into()),
            network_type: Some(if phone { "Others".into() } else { setup.access.network_type().into() }),
            connection_type: Some(if phone { BLANK } else { connection.into() }),
            video_connection_type: (!phone).then(|| connection.into()),
            as_connection_type: (!phone).then(|| if connection == "UDP" { "Reliable UDP" } else { connection }.into()),
            data_center: Some(city.data_center.into()),
            full_data_center: Some(full_data_center(setup.endpoint, city.full_data_center, city.site)),
            join_time: Some(Timestamp::from_seconds(attendance.join)),
            leave_time: Some(Timestamp::from_seconds(attendance.leave)),
            leave_reason: Some(attendance.leaving.sentence(&name, kind).into()),
            pc_name: Some(if machine { format!("HW{:07}", person.hash % 10_000_000).into() } else { BLANK }),
            domain: if machine { Some("corp.example.com".into()) } else { Some(BLANK) },
            mac_addr: Some(if machine { mac_address(person.hash) } else { BLANK }),
            harddisk_id: Some(if machine { format!("{:016x}", mix(person.hash, 1, 1)).into() } else { BLANK }),
            microphone: media(gear.microphone),
            speaker: media(gear.speaker),
            camera: if setup.endpoint.has_camera() { media(gear.camera) } else { Some(BLANK) },
            share_application: share(Shared::Application),
            share_desktop: share(Shared::Desktop),
            share_whiteboard: share(Shared::Whiteboard),
            recording: Some(traits.recording && attendance.role == Role::Host),
            sip_uri: (setup.endpoint == Endpoint::RoomSystem)
                .then(|| format!("sip:{}@10.{}.9.4:5061", person.name, 20 + setup.city).into()),
            from_sip_uri: (setup.endpoint == Endpoint::RoomSystem)
                .then(|| format!("sip:{}@rooms.example.com", person.name).into()),
            customer_key: (setup.endpoint == Endpoint::Sdk).then(|| format!("cust-{:010x}", person.hash >> 24).into()),
            audio_quality: audio,
            video_quality: video,
            screen_share_quality: screen_share,
            bo_mtg_id: attendance.breakout.map(|room| self.breakout_id(config, room)),
            audio_call: phone.then(|| audio_call(city.dial_code, &mut dice)),
            in_room_participants: match attendance.who {
                Who::Room(room) if setup.endpoint == Endpoint::ZoomRoom => Some(self.people_in(config, room)),
                _ => None,
            },
            group_id: is_member.then(|| group_id(config.seed, person.dept)),
            has_archiving: Some(traits.archiving),
            optional_archiving: is_member.then(|| match (traits.archiving, person.hash % 8) {
                (false, _) => "no optional archiving".into(),
                (true, 0) => "join without archiving".into(),
                (true, _) => "join with archiving".into(),
            }),
            join_time_cost_ms: (kind == MeetingKind::Meeting && !phone).then_some(attendance.join_cost_ms.into()),
            aic_disclaimer: (traits.summary && kind == MeetingKind::Meeting && !phone)
                .then(|| if is_member { "no disclaimer".into() } else { "agree".into() }),
            health: flagged.map(|kind| match kind {
                IncidentKind::ClientVersion => "Warning".into(),
                IncidentKind::AccessPoint | IncidentKind::Provider => "Critical".into(),
            }),
            issue_list: flagged.map(|kind| match kind {
                IncidentKind::ClientVersion => vec!["audio".into(), "cpu".into()],
                IncidentKind::AccessPoint | IncidentKind::Provider => vec!["audio".into(), "video".into()],
            }),
            rc_reason: flagged.map(|kind| match kind {
                IncidentKind::AccessPoint => "weak wireless signal".into(),
                IncidentKind::Provider => "packet loss on the way".into(),
                IncidentKind::ClientVersion => "processor load".into(),
            }),
            extras: None,
        }
    }

    /// Returns the quality label, blank for unused media.
    fn labels(&self, attendee: &Attendee<'_>, dice: &mut Dice) -> QualityLabels {
        let touched = !attendee.touches.is_empty();
        let usual = attendee.setup.access.base_condition();
        let mut label = |used: bool| {
            let word = match (used, touched, dice.below(100)) {
                (false, ..) => "",
                (_, true, 0..50) => "bad",
                (_, true, _) => "poor",
                (_, _, 0..12) if usual > 0.15 => "poor",
                (_, _, 0..8) => "fair",
                (_, _, 8..30) if usual > 0.05 => "fair",
                _ => "good",
            };
            Some(Text::from(word))
        };
        QualityLabels {
            audio: label(!attendee.attendance.waiting),
            video: label(self.agenda.any_camera() && attendee.setup.endpoint.has_camera()),
            screen_share: label(!self.agenda.shares.is_empty() && attendee.setup.endpoint.has_camera()),
        }
    }

    /// Returns the id of one of the run's breakout rooms.
    fn breakout_id(&self, config: &WorldConfig, room: u8) -> Text {
        let mut dice = Dice::new(config.seed, Tag::Uuid, self.plan.start.cast_unsigned(), 1 + u64::from(room));
        STANDARD.encode(dice.bytes::<16>()).into()
    }
}

fn connection_type(access: Access, endpoint: Endpoint, dice: &mut Dice) -> &'static str {
    match (access, endpoint, dice.below(20)) {
        (_, Endpoint::Browser, 0..=13) => "UDP",
        (_, Endpoint::Browser, _) => "SSL",
        (Access::Vpn { .. }, _, 0..=8) => "TCP+Proxy",
        (Access::Vpn { .. }, _, _) => "SSL",
        (_, _, 0) => "TCP",
        _ => "UDP",
    }
}

/// Gateways add their own site to the list.
fn full_data_center(endpoint: Endpoint, usual: &str, site: &str) -> Text {
    match endpoint {
        Endpoint::RoomSystem => format!("{usual}({site} CRC);").into(),
        Endpoint::Browser => format!("{usual}({site} RWG);").into(),
        _ => usual.into(),
    }
}

fn audio_call(dial_code: &str, dice: &mut Dice) -> Vec<AudioCall> {
    vec![AudioCall {
        call_number: Some(format!("{dial_code}55501{:02}", dice.below(100)).into()),
        call_type: Some(if dice.chance(800) { "call-in".into() } else { "call-out".into() }),
        zoom_number: Some(format!("{dial_code}5550100").into()),
    }]
}

fn mac_address(hash: u64) -> Text {
    format!("{:04x}-{:04x}-{:04x}", hash >> 4 & 0xFFFF, hash >> 20 & 0xFFFF, hash >> 36 & 0xFFFF).into()
}

fn dashed_uuid(dice: &mut Dice) -> Text {
    let (high, low) = (dice.bits(), dice.bits());
    let group = |bits: u64, shift: u32| bits >> shift & 0xFFFF;
    format!(
        "{:08X}-{:04X}-{:04X}-{:04X}-{:012X}",
        high >> 32,
        group(high, 16),
        group(high, 0),
        group(low, 48),
        low & 0xFFFF_FFFF_FFFF
    )
    .into()
}
