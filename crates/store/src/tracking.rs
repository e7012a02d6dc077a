use async_trait::async_trait;
use rollcall_model::{
    AccountId, MeetingNumber, Site, Text, TrackingCode, TrackingCodeId, TrackingCodeValue, TrackingSource, UserId,
};

use crate::Result;

/// What brought registrants to webinars.
#[async_trait]
pub trait TrackingSourceStore {
    /// Writes a webinar's sources by their id; counters take the value given. A blank URL keeps what is stored.
    async fn put_tracking_sources(
        &self,
        account: AccountId,
        webinar: MeetingNumber,
        sources: &[TrackingSource],
    ) -> Result<()>;

    /// A webinar's sources, in the order in which they were first seen. A vendor knows a handful per webinar.
    async fn tracking_sources(&self, account: AccountId, webinar: MeetingNumber) -> Result<Vec<TrackingSource>>;
}

/// Sites, their tracking codes, and users' values of them.
#[async_trait]
pub trait TrackingCodeStore {
    /// Writes a site by its URL. The account's first site becomes the default, and stays it until another is written
    /// as default.
    async fn put_site(&self, account: AccountId, site: &Site) -> Result<()>;

    /// The account's sites, in the order in which they were made.
    async fn sites(&self, account: AccountId) -> Result<Vec<Site>>;

    /// A site's codes, ordered by id as a number.
    async fn tracking_codes(&self, account: AccountId, site_url: &str) -> Result<Vec<TrackingCode>>;

    /// One code of a site.
    async fn find_tracking_code(
        &self,
        account: AccountId,
        site_url: &str,
        id: &TrackingCodeId,
    ) -> Result<Option<TrackingCode>>;

    /// Makes a code, with the id that follows the account's highest (`code.id` is not read), and answers it.
    ///
    /// [`crate::StoreError::NotFound`] where the account has no such site, [`crate::StoreError::Conflict`] where the
    /// site has a code of that name, [`crate::StoreError::LimitReached`] where it has `max_per_site` codes. All are
    /// checked in the same transaction.
    async fn create_tracking_code(
        &self,
        account: AccountId,
        code: &TrackingCode,
        max_per_site: usize,
    ) -> Result<TrackingCode>;

    /// Replaces the site's code of that id. [`crate::StoreError::NotFound`] where there is none,
    /// [`crate::StoreError::Conflict`] where another code of the site has the name. Users' values stay.
    async fn replace_tracking_code(&self, account: AccountId, code: &TrackingCode) -> Result<()>;

    /// Writes a code under its own id, making or replacing it: what an import does. A site that is not known becomes
    /// known. [`crate::StoreError::Conflict`] where another code of the site has the name.
    async fn put_tracking_code(&self, account: AccountId, code: &TrackingCode) -> Result<()>;

    /// Deletes a code with users' values of it; whether there was one.
    async fn delete_tracking_code(&self, account: AccountId, site_url: &str, id: &TrackingCodeId) -> Result<bool>;

    /// A user's values on a site, ordered by the code's id as a number.
    async fn user_tracking_codes(
        &self,
        account: AccountId,
        site_url: &str,
        user_id: &UserId,
    ) -> Result<Vec<TrackingCodeValue>>;

    /// Sets a user's values on a site, by the codes' names; values of codes that are not named stay. All or none:
    /// [`crate::StoreError::NotFound`] where the site has no code of a name.
    async fn put_user_tracking_codes(
        &self,
        account: AccountId,
        site_url: &str,
        user_id: &UserId,
        values: &[(Text, Text)],
    ) -> Result<()>;
}
