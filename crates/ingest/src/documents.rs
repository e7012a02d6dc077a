//! Writes documents: finds the instances that own them.

use rollcall_model::{
    AccountId, Document, DocumentFacts, DocumentOwner, DocumentOwnerRef, InstanceFacts, InstanceState,
};

use crate::{Ingest, IngestError, times::Presence};

/// Documents written at a time.
const DOCUMENTS_PER_WRITE: usize = 500;

impl Ingest {
    /// Writes documents, and returns their number. The instances that own them are created if they are unknown.
    pub(crate) async fn write_documents(
        &self,
        account: AccountId,
        facts: &[DocumentFacts],
    ) -> Result<usize, IngestError> {
        let mut owner: Option<(&DocumentOwnerRef, DocumentOwner)> = None;
        for facts in facts.chunks(DOCUMENTS_PER_WRITE) {
            let mut documents = Vec::with_capacity(facts.len());
            for DocumentFacts { owner: named, kind, key, time, json } in facts {
                // Those of one response come together.
                let found = match owner.take() {
                    Some((last, found)) if last == named => found,
                    _ => self.owner(account, named).await?,
                };
                owner = Some((named, found.clone()));
                let (kind, key, time, json) = (kind.clone(), key.clone(), *time, json.clone());
                documents.push(Document { owner: found, kind, key, time, json });
            }
            self.store.put_documents(account, &documents).await?;
        }
        Ok(facts.len())
    }

    async fn owner(&self, account: AccountId, named: &DocumentOwnerRef) -> Result<DocumentOwner, IngestError> {
        let (kind, instance) = match named {
            DocumentOwnerRef::Known(owner) => return Ok(owner.clone()),
            DocumentOwnerRef::Instance(kind, instance) => (*kind, instance),
        };
        let mut facts = InstanceFacts::new(kind, instance.clone());
        facts.state = Some(InstanceState::Past);
        facts.may_be_unnumbered = true;
        let row = self.write_instance(account, &facts, Presence::of(&[])).await?;
        let stored = self.store.instance_by_row(account, row).await?;
        let stored = stored.ok_or_else(|| rollcall_store::StoreError::NotFound { what: format!("instance {row}") })?;
        Ok(DocumentOwner::Instance(stored.instance.uuid))
    }
}
