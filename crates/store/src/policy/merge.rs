//! Merging what sources report about a participant with what is stored.

use rollcall_model::{Extras, Participant, with_participant_fields};

macro_rules! define_merges {
    ($($field:ident: $type:ident, $reveals:ident, $meaning:literal;)*) => {
        /// Merges `told` over the stored values.
        pub(super) fn merge_fields(stored: &mut Participant, told: &Participant) {
            let extras = stored.extras.take();
            $(if told.$field.is_some() {
                stored.$field.clone_from(&told.$field);
            })*
            stored.extras = extras;
            Extras::merge(&mut stored.extras, told.extras.as_ref());
        }

        /// Changes the combined values of reports from `before` to `after`. A value that is no longer reported is
        /// removed, unless another source has set its own meanwhile.
        pub(super) fn change_fields(stored: &mut Participant, before: &Participant, after: &Participant) {
            $(if before.$field != after.$field && (after.$field.is_some() || stored.$field == before.$field) {
                stored.$field.clone_from(&after.$field);
            })*
        }
    };
}
with_participant_fields!(define_merges);
