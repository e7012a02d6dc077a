//! The sample answer of each operation, as the API descriptions show it.
//!
//! `samples.json` is written by a test that asks a server with a fixed small world (`tests/description`), so a sample is
//! what the operation does answer.

use std::{collections::BTreeMap, sync::LazyLock};

use serde_json::Value;

static SAMPLES: LazyLock<BTreeMap<String, Value>> =
    LazyLock::new(|| serde_json::from_str(include_str!("../samples.json")).expect("samples.json is a JSON object"));

/// The sample answer of the operation of that id.
pub(crate) fn of(operation_id: &str) -> Option<Value> {
    SAMPLES.get(operation_id).cloned()
}
