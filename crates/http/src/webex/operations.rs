//! The operations of Webex's surface: what opens each (Webex reference, sections 2.7 and 7).

use crate::auth::Operation;

/// Every operation of the surface.
pub(crate) const ALL: &[&Operation] = &[];
