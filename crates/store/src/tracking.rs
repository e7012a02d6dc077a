use async_trait::async_trait;
use rollcall_model::{
    AccountId, MeetingNumber, Site, Text, Timestamp, TrackingCode, TrackingCodeId, TrackingCodeValue,
    TrackingFieldDefinition, TrackingSource, UserId,
};

use crate::Result;

/// Tracking sources of webinars.
#[async_trait]
pub trait TrackingSourceStore {
    /// Writes a webinar's sources by id; counters take the given value. A blank URL keeps what is stored.
    async fn put_tracking_sources(
        &self,
        account: AccountId,
        webinar: MeetingNumber,
        sources: &[TrackingSource],
    ) -> Result<()>;

    /// Returns a webinar's sources, in the order in which they were first seen. A webinar has a handful.
    async fn tracking_sources(&self, account: AccountId, webinar: MeetingNumber) -> Result<Vec<TrackingSource>>;
}

/// Sites, their tracking codes, and users' values of them.
#[async_trait]
pub trait TrackingCodeStore {
    /// Writes a site by URL. The account's first site becomes the default, until another is written as the default.
    async fn put_site(&self, account: AccountId, site: &Site) -> Result<()>;

    /// Returns the account's sites, in the order of creation.
    async fn sites(&self, account: AccountId) -> Result<Vec<Site>>;

    /// Returns a site's codes, ordered by id as a number.
    async fn tracking_codes(&self, account: AccountId, site_url: &str) -> Result<Vec<TrackingCode>>;

    /// Returns one code of a site.
    async fn find_tracking_code(
        &self,
        account: AccountId,
        site_url: &str,
        id: &TrackingCodeId,
    ) -> Result<Option<TrackingCode>>;

    /// Creates a code with the id after the account's highest (`code.id` is ignored), and returns it.
    ///
    /// [`crate::StoreError::NotFound`] if the account has no such site, [`crate::StoreError::Conflict`] if the site has
    /// a code with that name, [`crate::StoreError::LimitReached`] if it has `max_per_site` codes. All are checked in
    /// the same transaction.
    async fn create_tracking_code(
        &self,
        account: AccountId,
        code: &TrackingCode,
        max_per_site: usize,
    ) -> Result<TrackingCode>;

    /// Replaces the site's code with that id. [`crate::StoreError::NotFound`] if there is none,
    /// [`crate::StoreError::Conflict`] if another code of the site has the name. Users' values stay.
    async fn replace_tracking_code(&self, account: AccountId, code: &TrackingCode) -> Result<()>;

    /// Creates or replaces a code under its own id, for imports. An unknown site is created.
    /// [`crate::StoreError::Conflict`] if another code of the site has the name.
    async fn put_tracking_code(&self, account: AccountId, code: &TrackingCode) -> Result<()>;

    /// Deletes a code with users' values of it. Returns whether it existed.
    async fn delete_tracking_code(&self, account: AccountId, site_url: &str, id: &TrackingCodeId) -> Result<bool>;

    /// Returns a user's values on a site, ordered by the code's id as a number.
    async fn user_tracking_codes(
        &self,
        account: AccountId,
        site_url: &str,
        user_id: &UserId,
    ) -> Result<Vec<TrackingCodeValue>>;

    /// Sets a user's values on a site, by code name, atomically; values of other codes stay.
    /// [`crate::StoreError::NotFound`] if the site has no code with a name.
    async fn put_user_tracking_codes(
        &self,
        account: AccountId,
        site_url: &str,
        user_id: &UserId,
        values: &[(Text, Text)],
    ) -> Result<()>;
}

/// A label that a tracking field has or had. Meetings refer to fields by label, so older values join through it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TrackingFieldLabel {
    /// The field.
    pub field_id: Text,
    /// The label.
    pub label: Text,
    /// When the field got it.
    pub since: Timestamp,
}

/// Tracking fields: labels that an account defines for its meetings.
#[async_trait]
pub trait TrackingFieldStore {
    /// Returns the account's fields, in the order of creation.
    async fn tracking_fields(&self, account: AccountId) -> Result<Vec<TrackingFieldDefinition>>;

    /// Returns the field with that id.
    async fn find_tracking_field(&self, account: AccountId, id: &str) -> Result<Option<TrackingFieldDefinition>>;

    /// Creates a field.
    ///
    /// [`crate::StoreError::Conflict`] if the account has a field with that label, regardless of case, or with that id;
    /// [`crate::StoreError::LimitReached`] if it has `max` fields. Both are checked in the same transaction.
    async fn create_tracking_field(
        &self,
        account: AccountId,
        field: &TrackingFieldDefinition,
        max: usize,
        now: Timestamp,
    ) -> Result<()>;

    /// Replaces the field with that id. A former label stays in its history. [`crate::StoreError::NotFound`] if there is
    /// none, [`crate::StoreError::Conflict`] if another field has the label.
    async fn replace_tracking_field(
        &self,
        account: AccountId,
        field: &TrackingFieldDefinition,
        now: Timestamp,
    ) -> Result<()>;

    /// Creates or replaces fields under their own ids, for imports. Another field with the label is deleted: the vendor
    /// has none by now.
    async fn put_tracking_fields(&self, account: AccountId, fields: &[TrackingFieldDefinition]) -> Result<()>;

    /// Deletes a field; its labels stay in the history, and values stay on meetings. Returns whether it existed.
    async fn delete_tracking_field(&self, account: AccountId, id: &str) -> Result<bool>;

    /// Returns the labels of a field, oldest first, including those of a deleted one.
    async fn tracking_field_labels(&self, account: AccountId, field_id: &str) -> Result<Vec<TrackingFieldLabel>>;
}
