//! The sample response of each operation in the API descriptions.
//!
//! `samples.json` is written by a test that sends requests to a server with a fixed small world (`tests/suite/description`),
//! so samples are real responses.

use std::{collections::BTreeMap, sync::LazyLock};

use serde_json::Value;

static SAMPLES: LazyLock<BTreeMap<String, Value>> =
    LazyLock::new(|| serde_json::from_str(include_str!("../samples.json")).expect("samples.json is a JSON object"));

/// Returns the sample response of an operation.
pub(crate) fn of(operation_id: &str) -> Option<Value> {
    SAMPLES.get(operation_id).cloned()
}
