use rollcall_model::{InstanceUuid, Text, TrackingCodeId};
use rollcall_store::StoreError;

/// Why a batch was not written, or not completely.
#[derive(Debug, thiserror::Error)]
pub enum IngestError {
    /// An instance is identified only by its UUID, and no such instance is stored.
    #[error("unknown instance {uuid}: add its meeting's `number`")]
    MissingNumber {
        /// The instance.
        uuid: InstanceUuid,
    },
    /// A page's report has the UUID of an instance of a trusted source.
    #[error("instance {uuid} belongs to another source, and a page may not change it: choose another `instance_uuid`")]
    ForeignInstance {
        /// The instance.
        uuid: InstanceUuid,
    },
    /// Pages of the account have created too many instances recently.
    #[error("too many new instances: retry in a minute")]
    TooManyInstances,
    /// Values of tracking codes have no user.
    #[error("values of tracking codes on {site_url} have no user: add the user's id or email address")]
    MissingPerson {
        /// The site of the values.
        site_url: Text,
    },
    /// A value has a tracking code that is neither on the site nor in the batch.
    #[error("{site_url} has no tracking code named `{name}`: add the code first")]
    UnknownTrackingCode {
        /// The site.
        site_url: Text,
        /// The code's name.
        name: Text,
    },
    /// Another code of the site already has the name.
    #[error("{site_url} already has a tracking code named `{name}`, with the id {id}: rename or delete that one first")]
    TrackingCodeNameTaken {
        /// The site.
        site_url: Text,
        /// The name.
        name: Text,
        /// The other code.
        id: TrackingCodeId,
    },
    /// A store failed, or rejected its input.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl IngestError {
    /// Returns whether the batch is at fault, so that delivering it again is useless before it is corrected.
    #[must_use]
    pub const fn is_callers_fault(&self) -> bool {
        match self {
            Self::MissingNumber { .. }
            | Self::ForeignInstance { .. }
            | Self::TooManyInstances
            | Self::MissingPerson { .. }
            | Self::UnknownTrackingCode { .. }
            | Self::TrackingCodeNameTaken { .. } => true,
            Self::Store(error) => matches!(error, StoreError::LimitReached { .. } | StoreError::Foreign { .. }),
        }
    }
}
