//! Tracking sources, sites, tracking codes, registrants and tracking fields.

use std::collections::HashMap;

use rollcall_model::{
    AccountId, Batch, Meeting, MeetingKind, MeetingNumber, RegistrantFacts, Site, SiteManager, Text, TrackingCodeMode,
    User, UserId, UserTrackingCodeFacts,
};

use crate::{Ingest, IngestError, Report};

impl Ingest {
    pub(crate) async fn write_tracking(
        &self,
        account: AccountId,
        batch: &Batch,
        report: &mut Report,
    ) -> Result<(), IngestError> {
        for facts in &batch.tracking_sources {
            self.make_webinar_known(account, facts.number).await?;
            self.store.put_tracking_sources(account, facts.number, &facts.sources).await?;
            report.tracking_sources += facts.sources.len();
        }
        self.write_sites(account, batch).await?;
        report.sites += batch.sites.len();
        for code in &batch.tracking_codes {
            self.store.put_tracking_code(account, code).await?;
            report.tracking_codes += 1;
        }
        for facts in &batch.user_tracking_codes {
            let user = self.find_or_make_user(account, facts).await?;
            self.store.put_user_tracking_codes(account, &facts.site_url, &user, &facts.values).await?;
            report.user_tracking_codes += facts.values.len();
        }
        for RegistrantFacts { kind, number, registrants } in &batch.registrants {
            self.store.put_registrants(account, *kind, *number, registrants).await?;
            report.registrants += registrants.len();
        }
        if !batch.tracking_fields.is_empty() {
            self.store.put_tracking_fields(account, &batch.tracking_fields).await?;
            report.tracking_fields += batch.tracking_fields.len();
        }
        Ok(())
    }

    /// Returns kind and number of the meeting with this series id of Webex. `None` if it is unknown.
    ///
    /// # Errors
    /// If the store fails.
    pub async fn find_series(
        &self,
        account: AccountId,
        series_id: &str,
    ) -> Result<Option<(MeetingKind, MeetingNumber)>, IngestError> {
        let found = self.store.find_series_ever(account, series_id).await?;
        Ok(found.map(|meeting| (meeting.kind, meeting.number)))
    }

    /// Writes a webinar that only its tracking sources mention, so that they can be found by its number.
    async fn make_webinar_known(&self, account: AccountId, number: MeetingNumber) -> Result<(), IngestError> {
        if self.store.find_meeting(account, MeetingKind::Webinar, number).await?.is_none() {
            self.store.put_meetings(account, &[Meeting::new(MeetingKind::Webinar, number)]).await?;
        }
        Ok(())
    }

    /// Writes the reported sites, and those that only tracking codes mention.
    async fn write_sites(&self, account: AccountId, batch: &Batch) -> Result<(), IngestError> {
        let codes = batch.tracking_codes.iter().map(|code| &code.site_url);
        let mentioned: Vec<&Text> =
            codes.chain(batch.user_tracking_codes.iter().map(|facts| &facts.site_url)).collect();
        if mentioned.is_empty() && batch.sites.is_empty() {
            return Ok(());
        }
        let stored = self.store.sites(account).await?;
        let mut known: HashMap<Text, Site> = stored.into_iter().map(|site| (site.url.clone(), site)).collect();
        for facts in &batch.sites {
            let site = known.entry(facts.url.clone()).or_insert_with(|| new_site(&facts.url));
            // Only another site that becomes the default replaces this one.
            let other_default = batch.sites.iter().any(|other| other.is_default && other.url != facts.url);
            site.is_default = facts.is_default || site.is_default && !other_default;
            site.managed_by = facts.managed_by.unwrap_or(site.managed_by);
            site.tracking_code_mode = facts.tracking_code_mode.unwrap_or(site.tracking_code_mode);
            self.store.put_site(account, site).await?;
        }
        for url in mentioned {
            if !known.contains_key(url) {
                let site = new_site(url);
                self.store.put_site(account, &site).await?;
                known.insert(url.clone(), site);
            }
        }
        Ok(())
    }

    /// Returns the user of values: by email address, then by id. An unknown user's values get a new id.
    async fn find_or_make_user(
        &self,
        account: AccountId,
        facts: &UserTrackingCodeFacts,
    ) -> Result<UserId, IngestError> {
        let names = [facts.email.as_str()].into_iter().chain(facts.user_ids.iter().map(UserId::as_str));
        for name in names.filter(|name| !name.is_empty()) {
            if let Some(user) = self.store.find_user(account, name).await? {
                return Ok(user.user_id());
            }
        }
        let id = facts.user_ids.last().cloned().unwrap_or_else(|| UserId(facts.email.clone()));
        // Without an address there is no user to list; the values can be found by the id alone.
        if !facts.email.is_empty() {
            let user = User { id: id.0.clone(), email: facts.email.clone(), ..User::default() };
            self.store.put_users(account, &[user]).await?;
        }
        Ok(id)
    }
}

/// Creates a site with only its URL.
fn new_site(url: &Text) -> Site {
    Site {
        url: url.clone(),
        is_default: false,
        managed_by: SiteManager::default(),
        tracking_code_mode: TrackingCodeMode::default(),
    }
}
