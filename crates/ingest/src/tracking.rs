//! What brought them, and who pays.

use std::collections::HashSet;

use rollcall_model::{
    AccountId, Batch, Meeting, MeetingKind, MeetingNumber, Site, SiteManager, Text, TrackingCodeMode, User,
    UserTrackingCodeFacts,
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
        for site in &batch.sites {
            self.store.put_site(account, site).await?;
            report.sites += 1;
        }
        self.make_sites_known(account, batch).await?;
        for code in &batch.tracking_codes {
            self.store.put_tracking_code(account, code).await?;
            report.tracking_codes += 1;
        }
        for facts in &batch.user_tracking_codes {
            self.make_person_known(account, facts).await?;
            self.store.put_user_tracking_codes(account, &facts.site_url, &facts.person_id, &facts.values).await?;
            report.user_tracking_codes += facts.values.len();
        }
        Ok(())
    }

    /// Writes a webinar that only its tracking sources mention, so that they are found by its number.
    async fn make_webinar_known(&self, account: AccountId, number: MeetingNumber) -> Result<(), IngestError> {
        if self.store.find_meeting(account, MeetingKind::Webinar, number).await?.is_none() {
            self.store.put_meetings(account, &[Meeting::new(MeetingKind::Webinar, number)]).await?;
        }
        Ok(())
    }

    /// Writes the sites that only tracking codes mention.
    async fn make_sites_known(&self, account: AccountId, batch: &Batch) -> Result<(), IngestError> {
        let codes = batch.tracking_codes.iter().map(|code| &code.site_url);
        let mentioned: Vec<&Text> =
            codes.chain(batch.user_tracking_codes.iter().map(|facts| &facts.site_url)).collect();
        if mentioned.is_empty() {
            return Ok(());
        }
        let mut known: HashSet<Text> = self.store.sites(account).await?.into_iter().map(|site| site.url).collect();
        for url in mentioned {
            if known.insert(url.clone()) {
                let site = Site {
                    url: url.clone(),
                    is_default: false,
                    managed_by: SiteManager::default(),
                    tracking_code_mode: TrackingCodeMode::default(),
                };
                self.store.put_site(account, &site).await?;
            }
        }
        Ok(())
    }

    /// Makes a user of somebody whose address only their values tell, so that their values are found by it.
    async fn make_person_known(&self, account: AccountId, facts: &UserTrackingCodeFacts) -> Result<(), IngestError> {
        if facts.email.is_empty() {
            return Ok(());
        }
        for name in [&facts.person_id, &facts.email] {
            if self.store.find_user(account, name).await?.is_some() {
                return Ok(());
            }
        }
        let user = User { id: facts.person_id.clone(), email: facts.email.clone(), ..User::default() };
        Ok(self.store.put_users(account, &[user]).await?)
    }
}
