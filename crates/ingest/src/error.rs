use rollcall_model::{InstanceUuid, Text, TrackingCodeId};
use rollcall_store::StoreError;

/// Why a batch was not written, or not whole.
#[derive(Debug, thiserror::Error)]
pub enum IngestError {
    /// An instance is named by its UUID alone, and no such instance is stored.
    #[error("instance {uuid} is not known yet: give its meeting's `number`")]
    MissingNumber {
        /// Which instance.
        uuid: InstanceUuid,
    },
    /// A page's report names an instance of a trusted source.
    #[error("instance {uuid} belongs to another source, and a page may not change it: choose another `instance_uuid`")]
    ForeignInstance {
        /// Which instance.
        uuid: InstanceUuid,
    },
    /// Pages of the account have made too many instances lately.
    #[error("too many new instances: try again in a minute")]
    TooManyInstances,
    /// Values of tracking codes belong to nobody.
    #[error("values of tracking codes on {site_url} belong to nobody: give the user's id or address")]
    MissingPerson {
        /// The site of the values.
        site_url: Text,
    },
    /// A value is of a tracking code that neither the site nor the batch has.
    #[error("{site_url} has no tracking code named `{name}`: give the code first")]
    UnknownTrackingCode {
        /// The site.
        site_url: Text,
        /// The code's name.
        name: Text,
    },
    /// A tracking code has the name of another code of its site.
    #[error("{site_url} has a tracking code named `{name}` already, with the id {id}: rename or delete that one first")]
    TrackingCodeNameTaken {
        /// The site.
        site_url: Text,
        /// The name.
        name: Text,
        /// The other code.
        id: TrackingCodeId,
    },
    /// A store failed, or refused what it was given.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl IngestError {
    /// Whether the batch is at fault, so that delivering it again is of no use before it is mended.
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
