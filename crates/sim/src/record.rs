//! Runs and scheduled meetings as the model's instances and meetings.

use std::collections::BTreeSet;

use rollcall_model::{Instance, InstanceState, KeyValue, Meeting, MeetingKind, MeetingNumber, Text, Timestamp, UserId};

use crate::{
    attendance::Who,
    config::WorldConfig,
    dice::{Dice, Tag, mix},
    equipment::Endpoint,
    people::{DEPARTMENTS, People},
    places::CITIES,
    run::Run,
    schedule::{Flavour, Listing, Plan},
    webinars::Registration,
};

/// Random properties of a run.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Traits {
    pub(crate) recording: bool,
    pub(crate) archiving: bool,
    pub(crate) summary: bool,
    manual_captions: bool,
    automated_captions: bool,
    poll: bool,
    qa: bool,
    survey: bool,
    third_party_audio: bool,
}

impl Run {
    pub(crate) fn traits(&self, config: &WorldConfig) -> Traits {
        let mut dice = self.dice(config, Tag::Record);
        let webinar = self.plan.kind == MeetingKind::Webinar;
        let mut often = |meeting: u64, in_webinar: u64| dice.chance(if webinar { in_webinar } else { meeting });
        Traits {
            recording: often(180, 800),
            archiving: often(150, 150),
            summary: often(300, 0),
            manual_captions: often(20, 100),
            automated_captions: often(350, 600),
            poll: often(60, 500),
            qa: often(10, 850),
            survey: often(30, 400),
            third_party_audio: often(15, 10),
        }
    }

    /// Number of people in a Zoom Room.
    pub(crate) fn people_in(&self, config: &WorldConfig, room: u8) -> i64 {
        1 + (mix(config.seed, self.plan.start.cast_unsigned(), room.into()) % 8).cast_signed()
    }

    /// Returns the instance after its end, or as far as it is known while live.
    pub(crate) fn instance(&self, config: &WorldConfig, people: &People, state: InstanceState) -> Instance {
        let plan = &self.plan;
        let past = state == InstanceState::Past;
        let sdk = plan.flavour == Flavour::Sdk;
        let webinar = plan.kind == MeetingKind::Webinar;
        let host = people.get(plan.host);
        let traits = self.traits(config);
        let mut dice = self.dice(config, Tag::Record);
        // Skips the part of the sequence that the traits used.
        for _ in 0..16 {
            dice.bits();
        }
        let any = |endpoint: Endpoint| {
            // Rooms and telephones are few and fixed: no need to examine everybody's setup.
            self.attendances.iter().any(|one| {
                one.endpoint == Some(endpoint)
                    || matches!((one.who, endpoint), (Who::Room(room), Endpoint::RoomSystem) if room % 2 == 1)
            })
        };
        let rooms: BTreeSet<u8> = self
            .attendances
            .iter()
            .filter_map(|one| match one.who {
                Who::Room(room) if room % 2 == 0 => Some(room),
                _ => None,
            })
            .collect();
        let guests = self.attendances.iter().any(|one| matches!(one.who, Who::Guest(_)));
        let joined: Vec<i64> = self.attendances.iter().map(|one| one.join_cost_ms.into()).collect();
        let average = joined.iter().sum::<i64>() / (joined.len() as i64).max(1);
        let licence = if host.webinar_license { "Licensed|Webinar500" } else { "Licensed" };
        let integration = dice.pick(&["", "Google Calendar", "Outlook add-in", "Chat app"]);
        let tagged = dice.chance(120);
        let key = dice.below(1 << 48);
        let mut label = |used: bool| {
            let word = ["good", "fair", "poor", "bad"][dice.weighted(&[80, 14, 5, 1])];
            past.then(|| Text::from(if used { word } else { "" }))
        };
        let video = self.agenda.any_camera();
        let share = !self.agenda.shares.is_empty();
        Instance {
            uuid: self.uuid.clone(),
            kind: plan.kind,
            number: Some(MeetingNumber(plan.number)),
            state,
            topic: Some(plan.topic.clone()),
            host_id: Some(UserId(host.user_id.clone())),
            host_name: Some(host.name.clone()),
            host_email: Some(host.email.clone()),
            dept: Some(DEPARTMENTS[usize::from(host.dept)].into()),
            user_type: Some(licence.into()),
            start_time: Some(Timestamp::from_seconds(plan.start)),
            end_time: past.then(|| Timestamp::from_seconds(plan.end)),
            stated_participants: past.then_some(self.attendances.len() as i64),
            in_room_participants: (!webinar).then(|| rooms.iter().map(|&room| self.people_in(config, room)).sum()),
            has_pstn: Some(any(Endpoint::Pstn)),
            has_voip: Some(true),
            has_third_party_audio: Some(traits.third_party_audio),
            has_video: Some(video),
            has_screen_share: Some(share),
            has_recording: Some(traits.recording),
            has_sip: Some(any(Endpoint::RoomSystem)),
            has_archiving: Some(traits.archiving),
            has_manual_captions: Some(traits.manual_captions),
            has_automated_captions: Some(traits.automated_captions),
            has_poll: Some(traits.poll),
            has_qa: Some(traits.qa),
            has_survey: Some(traits.survey),
            has_external_participant: Some(guests),
            has_meeting_summary: Some(traits.summary),
            audio_quality: label(true),
            video_quality: label(video),
            screen_share_quality: label(share),
            custom_keys: if sdk || tagged {
                vec![KeyValue { key: "crm_case".into(), value: format!("C-{:05}", key % 100_000).into() }]
            } else {
                Vec::new()
            },
            tracking_fields: tracking_fields(people, plan.host),
            session_key: sdk.then(|| format!("ABC{key:012x}").into()),
            avg_join_time_ms: (past && !webinar).then_some(average),
            source: Some((*integration).into()),
            extras: None,
        }
    }
}

fn tracking_fields(people: &People, host: u32) -> Vec<KeyValue> {
    let dept = people.get(host).dept;
    vec![
        KeyValue { key: "Cost centre".into(), value: format!("CC-{}", 1000 + u32::from(dept) * 10).into() },
        KeyValue { key: "Department".into(), value: DEPARTMENTS[usize::from(dept)].into() },
    ]
}

/// A scheduled meeting or webinar to be listed.
#[derive(Debug, Clone)]
pub(crate) struct Entry {
    pub(crate) kind: MeetingKind,
    pub(crate) flavour: Flavour,
    pub(crate) number: i64,
    pub(crate) topic: Text,
    pub(crate) host: u32,
    pub(crate) listing: Listing,
    /// Of the latest run, or of the next if there was none.
    pub(crate) uuid: Option<Text>,
    /// Whether a run is in progress.
    pub(crate) started: bool,
}

/// Returns the meeting as listed.
pub(crate) fn meeting(config: &WorldConfig, people: &People, entry: &Entry) -> Meeting {
    let host = people.get(entry.host);
    let mut dice = Dice::new(config.seed, Tag::Meeting, entry.number.cast_unsigned(), 0);
    let webinar = entry.kind == MeetingKind::Webinar;
    let created = entry.listing.start - dice.range(2, 60) * 86_400 - dice.range(0, 36_000);
    let approval = if webinar { 0 } else { 2 };
    let waiting = entry.flavour == Flavour::Client;
    let path = if webinar { "w" } else { "j" };
    Meeting {
        kind: entry.kind,
        number: MeetingNumber(entry.number),
        uuid: entry.uuid.clone(),
        host_id: Some(UserId(host.user_id.clone())),
        host_email: Some(host.email.clone()),
        topic: Some(entry.topic.clone()),
        schedule_type: Some(entry.listing.schedule_type),
        status: Some(if entry.started { "started".into() } else { "waiting".into() }),
        start_time: Some(Timestamp::from_seconds(entry.listing.start)),
        duration_minutes: Some(entry.listing.duration_minutes),
        timezone: Some(CITIES[usize::from(host.city)].timezone.into()),
        agenda: Some(if dice.chance(400) {
            format!("Agenda for \"{}\":\n1. News\n2. Questions", entry.topic).into()
        } else {
            Text::const_new("")
        }),
        created_at: Some(Timestamp::from_seconds(created)),
        join_url: Some(format!("https://rollcall.example.com/{path}/{}", entry.number).into()),
        registration_url: webinar.then(|| Registration::url(entry.number, config.seed)),
        is_simulive: webinar.then(|| dice.chance(100)),
        tracking_fields: tracking_fields(people, entry.host),
        settings_json: Some(format!(
            r#"{{"host_video":true,"approval_type":{approval},"registration_type":1,"waiting_room":{waiting},"auto_recording":"none"}}"#
        )),
        occurrences_json: matches!(entry.listing.schedule_type, 8 | 9).then(|| occurrences(&entry.listing)),
        series_id: None,
        extras: None,
        deleted_at: None,
    }
}

/// Returns the meeting of an unscheduled run: an instant one, or one in a personal room. No list contains it.
pub(crate) fn unscheduled(people: &People, plan: &Plan) -> Option<Meeting> {
    let schedule_type = match plan.flavour {
        _ if plan.listing.is_some() || plan.kind == MeetingKind::Webinar => return None,
        Flavour::Sized(_) => return None,
        Flavour::Solo => 4,
        _ => 1,
    };
    let host = people.get(plan.host);
    Some(Meeting {
        host_id: Some(UserId(host.user_id.clone())),
        host_email: Some(host.email.clone()),
        topic: Some(plan.topic.clone()),
        schedule_type: Some(schedule_type),
        ..Meeting::new(plan.kind, MeetingNumber(plan.number))
    })
}

/// The next four weekly occurrences.
fn occurrences(listing: &Listing) -> String {
    let one = |week: i64| {
        let start = listing.start + week * 7 * 86_400;
        format!(
            r#"{{"occurrence_id":"{}","start_time":"{}","duration":{},"status":"available"}}"#,
            start * 1000,
            Timestamp::from_seconds(start),
            listing.duration_minutes
        )
    };
    format!("[{}]", (0..4).map(one).collect::<Vec<_>>().join(","))
}
