//! Checks a whole batch before anything is written, so that no batch is half-written because of its own errors.

use std::collections::{HashMap, HashSet};

use rollcall_model::{AccountId, Batch, InstanceFacts, InstanceRef, InstanceUuid, Text, TrackingCode, TrackingCodeId};

use crate::{Ingest, IngestError};

impl Ingest {
    pub(crate) async fn check(&self, account: AccountId, batch: &Batch) -> Result<(), IngestError> {
        self.check_numbers(account, &batch.instances).await?;
        self.check_tracking_codes(account, &batch.tracking_codes).await?;
        self.check_user_tracking_codes(account, batch).await
    }

    /// Every instance's number is given or stored.
    async fn check_numbers(&self, account: AccountId, instances: &[InstanceFacts]) -> Result<(), IngestError> {
        let mut known: HashSet<&InstanceUuid> = HashSet::new();
        for facts in instances {
            let uuid = match (&facts.details, &facts.instance) {
                (Some(details), _) => &details.uuid,
                (None, InstanceRef::Uuid(uuid)) => uuid,
                (None, InstanceRef::Latest(_)) => continue,
            };
            let told = facts.details.is_some() || facts.number.is_some() || facts.may_be_unnumbered;
            if !known.contains(uuid)
                && !told
                && self.instances.get(account, uuid).is_none()
                && self.store.instance_by_uuid(account, uuid).await?.is_none()
            {
                return Err(IngestError::MissingNumber { uuid: uuid.clone() });
            }
            known.insert(uuid);
        }
        Ok(())
    }

    /// No code takes the name of another code of its site, in the order of the batch.
    async fn check_tracking_codes(&self, account: AccountId, codes: &[TrackingCode]) -> Result<(), IngestError> {
        let mut ids_by_name: HashMap<&str, HashMap<Text, TrackingCodeId>> = HashMap::new();
        for code in codes {
            if !ids_by_name.contains_key(code.site_url.as_str()) {
                let stored = self.store.tracking_codes(account, &code.site_url).await?;
                ids_by_name.insert(&code.site_url, stored.into_iter().map(|code| (code.name, code.id)).collect());
            }
            let ids = ids_by_name.entry(&code.site_url).or_default();
            if let Some(id) = ids.get(&code.name).filter(|id| **id != code.id) {
                let (site_url, name) = (code.site_url.clone(), code.name.clone());
                return Err(IngestError::TrackingCodeNameTaken { site_url, name, id: id.clone() });
            }
            ids.retain(|_, id| *id != code.id);
            ids.insert(code.name.clone(), code.id.clone());
        }
        Ok(())
    }

    /// Every value belongs to a user, and to a code that is given or stored.
    async fn check_user_tracking_codes(&self, account: AccountId, batch: &Batch) -> Result<(), IngestError> {
        let mut names: HashMap<&str, HashSet<String>> = HashMap::new();
        for facts in &batch.user_tracking_codes {
            if facts.user_ids.is_empty() && facts.email.is_empty() {
                return Err(IngestError::MissingPerson { site_url: facts.site_url.clone() });
            }
            if !names.contains_key(facts.site_url.as_str()) {
                let stored = self.store.tracking_codes(account, &facts.site_url).await?;
                let told = batch.tracking_codes.iter().filter(|code| code.site_url == facts.site_url);
                let known = stored.iter().chain(told).map(|code| code.name.to_string()).collect();
                names.insert(&facts.site_url, known);
            }
            let known = &names[facts.site_url.as_str()];
            if let Some((name, _)) = facts.values.iter().find(|(name, _)| !known.contains(name.as_str())) {
                return Err(IngestError::UnknownTrackingCode { site_url: facts.site_url.clone(), name: name.clone() });
            }
        }
        Ok(())
    }
}
