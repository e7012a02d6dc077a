//! Turns that all collectors of an account share, in the store.

use std::sync::Arc;

use async_trait::async_trait;
use rollcall_client::{Ask, Ledger, LedgerError, Slots};
use rollcall_model::{AccountId, Connection};
use rollcall_store::{Store, TurnRequest};

/// The ledger of a vendor's account.
pub(crate) struct SharedLedger {
    store: Arc<dyn Store>,
    account: AccountId,
    vendor_account: String,
}

impl SharedLedger {
    /// Apps of one vendor account share its limits.
    pub(crate) fn of(store: Arc<dyn Store>, connection: &Connection) -> Self {
        Self { store, account: connection.account, vendor_account: vendor_account(connection) }
    }
}

/// Returns what identifies the vendor's account of a connection.
pub(crate) fn vendor_account(connection: &Connection) -> String {
    let settings = &connection.settings;
    let id = settings.vendor_account.as_ref().unwrap_or(&settings.client_id);
    format!("{}:{id}", settings.vendor)
}

#[async_trait]
impl Ledger for SharedLedger {
    async fn reserve(&self, ask: Ask) -> Result<Slots, LedgerError> {
        let request = TurnRequest {
            lane: ask.lane.into(),
            spacing_micros: ask.spacing_micros,
            pool: ask.pool.map(|pool| (pool.name.into(), pool.limit, pool.day)),
            now_micros: ask.now_micros,
            want: ask.want,
        };
        let reserved = self.store.reserve_turns(self.account, &self.vendor_account, &request).await;
        let (first_micros, count) = reserved.map_err(|error| LedgerError(error.to_string()))?;
        Ok(Slots { first_micros, count })
    }
}
