//! UUIDs for instances without one.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use rollcall_model::{InstanceState, InstanceUuid, InvalidId, MeetingKind, MeetingNumber};
use sha2::{Digest, Sha256};

/// Returns the UUID of a meeting's latest live or past instance, for sources that only report the meeting's number.
///
/// It is 16 bytes in base64, like Zoom's, derived only from its arguments: repeating an import finds the same instance.
/// The derivation is part of the stored data and must not change.
pub(crate) fn latest(
    account_public_id: &str,
    kind: MeetingKind,
    number: MeetingNumber,
    state: InstanceState,
) -> Result<InstanceUuid, InvalidId> {
    let kind = match kind {
        MeetingKind::Meeting => "meeting",
        MeetingKind::Webinar => "webinar",
    };
    let state = match state {
        InstanceState::Live => "live",
        InstanceState::Past => "past",
    };
    let digest = Sha256::digest(format!("{account_public_id}/{kind}/{number}/latest/{state}"));
    STANDARD.encode(&digest[..16]).parse()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// If this fails, instances named by an earlier program are no longer found.
    #[test]
    fn names_stay_the_same() {
        let name = |kind, state| latest("acct", kind, MeetingNumber(123_456_789), state).unwrap().to_string();
        assert_eq!(name(MeetingKind::Meeting, InstanceState::Live), "4bA71AujA2Mu+zSwOrDUCQ==");
        assert_eq!(name(MeetingKind::Webinar, InstanceState::Past), "3V/oAs2jcrqwUhWKhEXDcw==");
    }
}
