//! Writing instances.

use rollcall_model::{AccountId, Instance, InstanceId, InstanceState, Source};

use super::{Rows, blanking, erased::Erased, events, origin};
use crate::Result;

/// Does what [`crate::InstanceStore::put_instance_from`] promises.
///
/// # Errors
/// Those of the backend, and of that method.
pub fn put_from(
    tx: &dyn Rows,
    account: AccountId,
    instance: &Instance,
    source: Source,
    states_end: bool,
) -> Result<InstanceId> {
    let id = put(tx, account, instance, source)?;
    if let Some(end) = instance.end_time.filter(|_| states_end && instance.state == InstanceState::Past) {
        events::state_end(tx, id, end)?;
    }
    Ok(id)
}

pub(super) fn put(tx: &dyn Rows, account: AccountId, instance: &Instance, source: Source) -> Result<InstanceId> {
    tx.require_account(account)?;
    origin::guard(tx, account, instance, source)?;
    let Some(erased) = Erased::of(tx, account)? else { return tx.write_instance(account, instance, source) };
    let stored = tx.instance_by_uuid(account, &instance.uuid)?;
    let (blank, erasure) = erased.instance(stored.map(|stored| stored.id), instance)?;
    let id = tx.write_instance(account, &blank, source)?;
    if let Some(erasure) = erasure {
        // The earlier report may not have identified its host.
        blanking::blank_host(tx, account, erasure, id)?;
    }
    Ok(id)
}
