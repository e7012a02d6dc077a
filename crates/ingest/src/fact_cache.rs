//! Hashes of an attendance's reported fields, which are enough to recognise redundant reports.

use std::hash::{BuildHasher, Hash, RandomState};

use rollcall_model::{Participant, QualityLabels};

/// For each reported field, its index and the hash of the last reported value; ordered by index.
#[derive(Debug, Clone, Default)]
pub(crate) struct KnownFacts(Vec<(u8, u64)>);

impl KnownFacts {
    /// Returns whether `participant` is redundant.
    pub(crate) fn covers(&self, participant: &Participant, hasher: &RandomState) -> bool {
        let mut covers = true;
        each_field(participant, hasher, |place, hash| {
            covers =
                covers && self.0.binary_search_by_key(&place, |(place, _)| *place).is_ok_and(|at| self.0[at].1 == hash);
        });
        covers
    }

    /// Records the values of `participant`.
    pub(crate) fn add(&mut self, participant: &Participant, hasher: &RandomState) {
        each_field(participant, hasher, |place, hash| match self.0.binary_search_by_key(&place, |(place, _)| *place) {
            Ok(at) => self.0[at].1 = hash,
            Err(at) => self.0.insert(at, (place, hash)),
        });
    }
}

/// Passes on each reported field with its index, except the key's two fields.
fn each_field(participant: &Participant, hasher: &RandomState, mut show: impl FnMut(u8, u64)) {
    macro_rules! each {
        ($participant:ident, $quality:ident: $($field:ident,)*) => {
            // A new field has to be added here.
            let Participant { user_id: _, join_time: _, quality: $quality, $($field,)* } = $participant;
            let QualityLabels { audio: quality_audio, video: quality_video, screen_share: quality_screen_share } = $quality;
            let mut place = 0;
            $(each!(@one place, $field);)*
            each!(@one place, quality_audio);
            each!(@one place, quality_video);
            each!(@one place, quality_screen_share);
            let _ = place;
        };
        (@one $place:ident, $field:ident) => {
            if let Some(value) = $field {
                show($place, hash(hasher, value));
            }
            $place += 1;
        };
    }
    each! {
        participant, quality:
        id,
        participant_user_id,
        participant_uuid,
        user_name,
        email,
        registrant_id,
        role,
        status,
        device,
        os,
        os_version,
        browser_name,
        browser_version,
        device_name,
        client,
        version,
        zoom_thin_client_plugin_version,
        ip_address,
        internal_ip_addresses,
        location,
        network_type,
        connection_type,
        video_connection_type,
        as_connection_type,
        data_center,
        full_data_center,
        leave_time,
        leave_reason,
        pc_name,
        domain,
        mac_addr,
        harddisk_id,
        microphone,
        speaker,
        camera,
        share_application,
        share_desktop,
        share_whiteboard,
        recording,
        sip_uri,
        from_sip_uri,
        customer_key,
        bo_mtg_id,
        audio_call,
        in_room_participants,
        group_id,
        has_archiving,
        optional_archiving,
        join_time_cost_ms,
        aic_disclaimer,
        health,
        issue_list,
        rc_reason,
        extras,
    }
}

fn hash(hasher: &RandomState, value: &impl Hash) -> u64 {
    hasher.hash_one(value)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_told_is_covered_until_it_is_told_otherwise() {
        let hasher = RandomState::new();
        let report = |name: Option<&str>, email: Option<&str>| Participant {
            user_id: "1".into(),
            user_name: name.map(Into::into),
            email: email.map(Into::into),
            ..Participant::default()
        };
        let mut told = KnownFacts::default();
        assert!(told.covers(&report(None, None), &hasher));
        assert!(!told.covers(&report(Some("Ana"), None), &hasher));
        told.add(&report(Some("Ana"), None), &hasher);
        told.add(&report(None, Some("ana@example.com")), &hasher);
        assert!(told.covers(&report(Some("Ana"), Some("ana@example.com")), &hasher));
        assert!(!told.covers(&report(Some("Ana"), Some("")), &hasher), "blank is not absent");
        told.add(&report(Some("Eva"), None), &hasher);
        assert!(!told.covers(&report(Some("Ana"), None), &hasher));
    }
}
