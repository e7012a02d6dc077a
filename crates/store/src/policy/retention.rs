//! Blanking everything that identifies participants, some time after an instance was over.

use rollcall_model::{AccountId, InstanceId, LocationGrain, Source, anonymous_user_id};

use super::Rows;
use crate::{BlankedSoFar, Result};

/// Does what [`crate::RetentionStore::blank_identity`] promises for an instance that was over.
///
/// # Errors
/// Those of the backend.
pub fn blank_identity(
    tx: &dyn Rows,
    account: AccountId,
    instance: InstanceId,
    grain: LocationGrain,
    so_far: BlankedSoFar,
    limit: usize,
) -> Result<(u64, Option<BlankedSoFar>)> {
    let before = tx.changes(instance)?;
    let undisturbed = so_far.changes.is_none_or(|changes| changes == before);
    let page = tx.participants_of(instance, so_far.after, limit)?;
    let mut rows = so_far.rows;
    for stored in &page {
        let mut blank = stored.participant.clone();
        blank.without_identity(&anonymous_user_id(stored.id), grain);
        if blank != stored.participant {
            tx.replace_participant(instance, stored.id, &blank)?;
            rows += 1;
        }
    }
    // A participant who was added meanwhile has not been examined.
    if !undisturbed {
        return Ok((rows, None));
    }
    if page.len() == limit {
        let after = page.last().map(|stored| stored.id);
        return Ok((rows, Some(BlankedSoFar { after, changes: Some(tx.changes(instance)?), rows })));
    }
    tx.delete_reports(instance)?;
    if let Some(stored) = tx.instance(account, instance)? {
        let mut blank = stored.as_told();
        blank.without_identity();
        tx.write_instance(account, &blank, Source::Operator)?;
    }
    tx.set_blank(instance)?;
    Ok((rows, None))
}
