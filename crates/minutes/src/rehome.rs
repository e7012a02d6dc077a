//! Moves minutes to the attendances that they belong to.

use std::collections::{BTreeMap, BTreeSet};

use fjall::PersistMode;
use rollcall_model::{Minute, ParticipantId, QosMinute};
use rollcall_store::{Result, packed};

use crate::{
    backend, corrupt,
    key::{self, Key},
    rows::Wanted,
    tree::Tree,
};

impl Tree {
    /// Moves the minutes of these attendances, which are given with the first minute that belongs to each, to where
    /// they belong, atomically. Returns how many moved.
    pub(crate) fn rehome(&self, instance: Key, attendances: &[(ParticipantId, Minute)]) -> Result<usize> {
        let view = self.view();
        let mut whose: Vec<ParticipantId> = attendances.iter().map(|(participant, _)| *participant).collect();
        whose.sort_unstable_by_key(|participant| key::rank(*participant));
        whose.dedup();
        let mut at_home: BTreeMap<Place, QosMinute> = BTreeMap::new();
        let mut moved: Vec<(Place, Place, QosMinute)> = Vec::new();
        view.each_minute(instance, Wanted::These(&whose), None, |participant, minute, value| {
            let after = attendances.partition_point(|(_, first)| *first <= minute);
            let home = attendances[after.saturating_sub(1)].0;
            let qos = packed::decode(minute, value).map_err(corrupt)?;
            if home == participant {
                at_home.insert(place(participant, minute), qos);
            } else {
                moved.push((place(participant, minute), place(home, minute), qos));
            }
            Ok(true)
        })?;
        let len = moved.len();
        // Each key once: which of two changes of a key in a batch wins is unspecified.
        let mut changed: BTreeMap<Place, Option<Vec<u8>>> = BTreeMap::new();
        let mut batch = self.database.batch().durability(Some(PersistMode::SyncData));
        // Runs are immutable: if a minute leaves a bucket, its runs are split up.
        let left: BTreeSet<u64> =
            moved.iter().map(|((rank, _), ..)| key::bucket(ParticipantId(rank.cast_signed()))).collect();
        for bucket in left {
            for run in view.runs(instance.bucket(bucket)) {
                batch.remove(&self.runs, run?.0);
            }
            for row in view.bucket(instance, bucket, u32::MAX)? {
                let key = instance.participant(row.participant).minute(row.minute);
                if !self.minutes.contains_key(key).map_err(backend)? {
                    changed.insert(place(row.participant, row.minute), Some(row.value().to_vec()));
                }
            }
        }
        for (from, to, qos) in moved {
            changed.insert(from, None);
            let joined = match at_home.remove(&to) {
                Some(mut there) => {
                    there.join(&qos);
                    there
                }
                None => qos,
            };
            changed.insert(to, Some(packed::encode(&joined)));
            at_home.insert(to, joined);
        }
        for ((rank, minute), value) in changed {
            let key = instance.participant(ParticipantId(rank.cast_signed())).minute(minute);
            match value {
                Some(value) => batch.insert(&self.minutes, key.as_bytes(), value),
                None => batch.remove(&self.minutes, key.as_bytes()),
            }
        }
        self.commit(batch, len)?;
        Ok(len)
    }
}

/// The sort position of a minute within its instance.
type Place = (u64, Minute);

const fn place(participant: ParticipantId, minute: Minute) -> Place {
    (key::rank(participant), minute)
}
