//! Participants as columns.

use std::sync::LazyLock;

use crate::column::Column;

/// The columns of participants, in the order of the files.
pub(crate) static COLUMNS: LazyLock<Vec<Column>> = LazyLock::new(Vec::new);
