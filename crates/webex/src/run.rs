//! Ids in Webex's API for runs, series and attendances that did not come from Webex.
//!
//! In Webex, a run's id is `<series>_I_<decimal>`, a series' id has 32 hex digits, and an attendance's id is that of
//! its run and a UUID. The ids are derived from stored values and can be converted back without a table. Data from
//! Webex keeps its own ids.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use data_encoding::{HEXLOWER, HEXLOWER_PERMISSIVE};
use rollcall_model::{Instance, InstanceUuid, MeetingKind, MeetingNumber, Participant, ParticipantId, Text};
use sha2::{Digest as _, Sha256};

/// Separates a run's series from its conference.
const RUN: &str = "_I_";

/// Prefixes of series ids that stand for a meeting's number, in hex: `rollcal` and the kind.
const SERIES_TAG: &[u8; 7] = b"rollcal";

/// Returns the run's id.
#[must_use]
pub fn instance_id(instance: &Instance) -> Text {
    let uuid = instance.uuid.as_str();
    if uuid.contains(RUN) {
        return uuid.into();
    }
    let conference = match sixteen_bytes(uuid) {
        Some(bytes) => u128::from_be_bytes(bytes).to_string(),
        // No decimal number begins with 0.
        None => format!("0{}", HEXLOWER.encode(uuid.as_bytes())),
    };
    format!("{}{RUN}{conference}", series_id(instance)).into()
}

/// Returns the id of the run's series.
#[must_use]
pub fn series_id(instance: &Instance) -> Text {
    if let Some((series, _)) = instance.uuid.as_str().split_once(RUN) {
        return series.into();
    }
    match instance.number {
        Some(number) => series_of(instance.kind, number),
        None => HEXLOWER.encode(&Sha256::digest(instance.uuid.as_str())[..16]).into(),
    }
}

/// Returns the id of the series of a meeting that did not come from Webex.
#[must_use]
pub fn series_of(kind: MeetingKind, number: MeetingNumber) -> Text {
    let kind = match kind {
        MeetingKind::Meeting => b'm',
        MeetingKind::Webinar => b'w',
    };
    HEXLOWER.encode(&[&SERIES_TAG[..], &[kind], &number.0.to_be_bytes()[..]].concat()).into()
}

/// Returns the meeting whose series has this id. `None` if it has another origin.
#[must_use]
pub fn meeting_of(series_id: &str) -> Option<(MeetingKind, MeetingNumber)> {
    let bytes = HEXLOWER_PERMISSIVE.decode(series_id.as_bytes()).ok()?;
    let (kind, number) = bytes.strip_prefix(SERIES_TAG)?.split_first()?;
    let kind = match kind {
        b'm' => MeetingKind::Meeting,
        b'w' => MeetingKind::Webinar,
        _ => return None,
    };
    Some((kind, MeetingNumber(i64::from_be_bytes(number.try_into().ok()?))))
}

/// Returns the UUIDs that a run's id can stand for, likeliest first. The caller compares the id of the run that it
/// finds.
#[must_use]
pub fn uuids(instance_id: &str) -> Vec<InstanceUuid> {
    let Some((_, conference)) = instance_id.split_once(RUN) else { return Vec::new() };
    let ours = match conference.strip_prefix('0').filter(|digits| !digits.is_empty()) {
        Some(digits) => {
            HEXLOWER_PERMISSIVE.decode(digits.as_bytes()).ok().and_then(|bytes| String::from_utf8(bytes).ok())
        }
        None => conference.parse::<u128>().ok().map(|number| STANDARD.encode(number.to_be_bytes())),
    };
    [Some(instance_id.to_owned()), ours].into_iter().flatten().filter_map(|uuid| uuid.parse().ok()).collect()
}

/// Returns the attendance's id.
#[must_use]
pub fn participant_id(instance: &Instance, row: ParticipantId, participant: &Participant) -> Text {
    if has_webex_id(instance, participant) {
        return participant.user_id.clone();
    }
    format!("{}_{}", instance_id(instance), uuid_of(row)).into()
}

/// Returns whether the attendance has a participant's id from Webex, which one person's devices share.
#[must_use]
pub fn has_webex_id(instance: &Instance, participant: &Participant) -> bool {
    let series = participant.user_id.split_once('_').map_or("", |(series, _)| series);
    instance.uuid.as_str().contains(RUN) && series.len() == 32 && series.bytes().all(|byte| byte.is_ascii_hexdigit())
}

/// The content of an attendance's id.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ParticipantRef<'a> {
    /// The row of an attendance of this run.
    Row(&'a str, ParticipantId),
    /// An attendance of this run that has the whole id from Webex.
    Webex(&'a str),
}

/// Parses an attendance's id. `None` if it does not contain the run.
#[must_use]
pub fn parse_participant_id(id: &str) -> Option<ParticipantRef<'_>> {
    let (run, uuid) = id.rsplit_once('_')?;
    if !run.contains(RUN) {
        return None;
    }
    Some(row_of(uuid).map_or(ParticipantRef::Webex(run), |row| ParticipantRef::Row(run, row)))
}

/// Returns the row id as a UUID: its sixteen hex digits with version and variant in between.
#[must_use]
pub fn uuid_of(row: ParticipantId) -> String {
    let digits = format!("{:016x}", row.0);
    format!("{}-{}-4000-8000-00000000{}", &digits[..8], &digits[8..12], &digits[12..])
}

fn row_of(uuid: &str) -> Option<ParticipantId> {
    if uuid.len() != 36 || !uuid.is_ascii() {
        return None;
    }
    let digits = format!("{}{}{}", &uuid[..8], &uuid[9..13], &uuid[32..]);
    let row = ParticipantId(i64::from_str_radix(&digits, 16).ok()?);
    (uuid_of(row) == uuid.to_ascii_lowercase()).then_some(row)
}

fn sixteen_bytes(uuid: &str) -> Option<[u8; 16]> {
    let bytes: [u8; 16] = STANDARD.decode(uuid).ok()?.try_into().ok()?;
    (STANDARD.encode(bytes) == uuid).then_some(bytes)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use rollcall_model::InstanceState;

    use super::*;

    fn instance(uuid: &str, number: Option<i64>) -> Instance {
        let mut instance =
            Instance::new(MeetingKind::Webinar, MeetingNumber(1), uuid.parse().unwrap(), InstanceState::Past);
        instance.number = number.map(MeetingNumber);
        instance
    }

    proptest! {
        #[test]
        fn ids_lead_back(bytes in any::<[u8; 16]>(), text in "[a-zA-Z0-9+/=-]{1,60}x", number in 1_i64..99_999_999_999, row in 0_i64..) {
            for uuid in [STANDARD.encode(bytes), text, "870f51ff287b41be84648412901e0402_I_167427437874906709".to_owned()] {
                let instance = instance(&uuid, Some(number));
                let id = instance_id(&instance);
                prop_assert!(uuids(&id).contains(&instance.uuid), "{id}");
                let participant = Participant { user_id: "1".into(), ..Participant::default() };
                let participant = participant_id(&instance, ParticipantId(row), &participant);
                prop_assert_eq!(parse_participant_id(&participant), Some(ParticipantRef::Row(&id, ParticipantId(row))));
            }
            let series = series_id(&instance("a==", Some(number)));
            prop_assert_eq!(series.len(), 32);
            prop_assert_eq!(meeting_of(&series), Some((MeetingKind::Webinar, MeetingNumber(number))));
        }
    }

    #[test]
    fn webexs_own_ids_stay() {
        let run = instance("870f51ff287b41be84648412901e0402_I_167427437874906709", None);
        assert_eq!(instance_id(&run), run.uuid.as_str());
        assert_eq!(series_id(&run), "870f51ff287b41be84648412901e0402");
        let user_id = "870f51ff287b41be84648412901e0402_3c2e2338-e950-43bf-b588-573773ee43d1";
        let participant = Participant { user_id: user_id.into(), ..Participant::default() };
        assert_eq!(participant_id(&run, ParticipantId(1), &participant), user_id);
        assert_eq!(meeting_of("870f51ff287b41be84648412901e0402"), None);
    }
}
