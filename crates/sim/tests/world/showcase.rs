use std::collections::BTreeMap;

use rollcall_model::{
    AudioCall, CpuPressure, CpuUsage, Instance, Meeting, Participant, PhoneNumber, QosMinute, StreamQos, StreamState,
    Text, User, UserAttribute, UserLicense, WifiRssi,
};
use rollcall_sim::{World, WorldConfig};

use crate::now;

/// Whether a value is present: a text that is not blank, a list that is not empty, any other value.
trait Said {
    fn said(&self) -> bool;
}

impl<T: Said> Said for Option<T> {
    fn said(&self) -> bool {
        self.as_ref().is_some_and(Said::said)
    }
}

impl<T: Said> Said for Vec<T> {
    fn said(&self) -> bool {
        self.iter().any(Said::said)
    }
}

impl Said for Text {
    fn said(&self) -> bool {
        !self.is_empty()
    }
}

impl Said for String {
    fn said(&self) -> bool {
        !self.is_empty()
    }
}

impl Said for bool {
    /// A flag that is never set does not count.
    fn said(&self) -> bool {
        *self
    }
}

macro_rules! said_if_present {
    ($($type:ty),* $(,)?) => { $(impl Said for $type { fn said(&self) -> bool { true } })* };
}

said_if_present!(
    i64,
    rollcall_model::Timestamp,
    rollcall_model::MeetingNumber,
    rollcall_model::MeetingKind,
    rollcall_model::InstanceUuid,
    rollcall_model::InstanceState,
    rollcall_model::UserId,
    rollcall_model::UserStatus,
    rollcall_model::KeyValue,
    rollcall_model::Extras,
    AudioCall,
    PhoneNumber,
    UserAttribute,
    UserLicense,
    CpuUsage,
    CpuPressure,
    WifiRssi,
    rollcall_model::Minute,
    rollcall_model::BitrateBps,
    rollcall_model::Millis,
    rollcall_model::LossPermyriad,
    rollcall_model::Resolution,
    rollcall_model::FrameRateCentiFps,
    rollcall_model::Percent,
    rollcall_model::CpuPressureLevel,
    i16,
);

type Tally = BTreeMap<&'static str, bool>;

/// Destructures a value completely, so that a new field of the model has to be considered here.
macro_rules! tally {
    ($tally:expr, $value:expr, $type:ident { $($field:ident),* $(,)? }) => {{
        let $type { $($field),* } = $value;
        $(*$tally.entry(concat!(stringify!($type), ".", stringify!($field))).or_default() |= $field.said();)*
    }};
}

macro_rules! tally_participant {
    ($($field:ident: $type:ident, $reveals:ident, $meaning:literal;)*) => {
        fn participant(tally: &mut Tally, value: &Participant) {
            tally!(tally, value, Participant { user_id, join_time, $($field),* });
            for call in value.audio_call.iter().flatten() {
                tally!(tally, call, AudioCall { call_number, call_type, zoom_number });
            }
        }
    };
}
rollcall_model::with_participant_fields!(tally_participant);

macro_rules! tally_instance {
    ($($field:ident: $type:ident, $reveals:ident, $meaning:literal;)*) => {
        fn instance(tally: &mut Tally, value: &Instance) {
            tally!(tally, value, Instance { uuid, kind, state, $($field),* });
        }
    };
}
rollcall_model::with_instance_fields!(tally_instance);

#[rustfmt::skip]
fn user(tally: &mut Tally, value: &User) {
    tally!(tally, value, User {
        id, email, first_name, last_name, display_name, license_type, status, pmi, use_pmi, timezone, verified, dept,
        created_at, user_created_at, last_login_time, last_client_version, group_ids, im_group_ids, division_ids,
        role_id, role_name, plan_united_type, employee_unique_id, host_key, custom_attributes, license_info_list,
        account_number, cms_user_id, company, jid, job_title, cost_center, language, location, login_types, manager,
        personal_meeting_url, phone_country, phone_number, phone_numbers, pic_url, pronouns, pronouns_option,
        vanity_url, cluster, zoom_one_type, has_webinar_license, extras,
    });
    for number in &value.phone_numbers {
        tally!(tally, number, PhoneNumber { code, country, label, number, verified });
    }
    for attribute in &value.custom_attributes {
        tally!(tally, attribute, UserAttribute { key, name, value });
    }
    for licence in &value.license_info_list {
        tally!(tally, licence, UserLicense { license_type, license_option, subscription_id });
    }
}

#[rustfmt::skip]
fn meeting(tally: &mut Tally, value: &Meeting) {
    tally!(tally, value, Meeting {
        kind, number, uuid, host_id, host_email, topic, schedule_type, status, start_time, duration_minutes, timezone,
        agenda, created_at, join_url, registration_url, is_simulive, tracking_fields, settings_json, occurrences_json,
        series_id, extras, deleted_at,
    });
}

fn minute(tally: &mut Tally, value: &QosMinute, streams: &mut [bool; rollcall_model::STREAM_COUNT]) {
    let QosMinute { minute: _, streams: states, cpu_usage, cpu_pressure, wifi_rssi } = value;
    for (state, seen) in states.iter().zip(streams) {
        if let StreamState::Measured(qos) = state {
            *seen = true;
            tally!(tally, qos, StreamQos { bitrate, latency, jitter, avg_loss, max_loss, resolution, frame_rate });
        }
    }
    if let Some(cpu) = cpu_usage {
        tally!(tally, cpu, CpuUsage { client_min, client_avg, client_max, system_max });
    }
    if let Some(pressure) = cpu_pressure {
        tally!(tally, pressure, CpuPressure { min, avg, max });
    }
    if let Some(rssi) = wifi_rssi {
        tally!(tally, rssi, WifiRssi { min_dbm, avg_dbm, max_dbm });
    }
    for (field, seen) in [
        ("QosMinute.cpu_usage", cpu_usage.is_some()),
        ("QosMinute.cpu_pressure", cpu_pressure.is_some()),
        ("QosMinute.wifi_rssi", wifi_rssi.is_some()),
    ] {
        *tally.entry(field).or_default() |= seen;
    }
}

/// The fields that no world sets: values that vendors report although the API does not document them.
const EXCEPTIONS: [&str; 6] = [
    "Instance.extras",
    "Meeting.deleted_at",
    "Meeting.extras",
    "Meeting.series_id",
    "Participant.extras",
    "User.extras",
];

#[test]
fn the_demo_sets_every_field_at_least_once() {
    let mut tally = Tally::new();
    let mut streams = [false; rollcall_model::STREAM_COUNT];
    for labelled in World::new(WorldConfig::demo(), now()).batches() {
        let batch = labelled.batch;
        batch.users.iter().for_each(|value| user(&mut tally, value));
        batch.meetings.iter().for_each(|value| meeting(&mut tally, value));
        for facts in &batch.instances {
            facts.details.iter().for_each(|value| instance(&mut tally, value));
            for one in &facts.participants {
                participant(&mut tally, &one.participant);
                one.minutes.iter().for_each(|value| minute(&mut tally, value, &mut streams));
            }
        }
    }
    let unset: Vec<&str> = tally.iter().filter(|(_, seen)| !**seen).map(|(field, _)| *field).collect();
    assert_eq!(unset, EXCEPTIONS);
    assert_eq!(streams, [true; rollcall_model::STREAM_COUNT]);
}
