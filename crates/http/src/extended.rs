//! Responses with values that the vendor reported beyond Rollcall's fields.

use axum::{
    Json,
    response::{IntoResponse as _, Response},
};
use rollcall_model::Extras;
use serde::Serialize;
use serde_json::Value;

/// A response with one entry.
pub(crate) fn entry(entry: &impl Serialize, kind: &str, extras: Option<&Extras>) -> Response {
    match rollcall_extras::merged(extras, kind, entry) {
        Some(merged) => Json(merged).into_response(),
        None => Json(entry).into_response(),
    }
}

/// A response with a list of entries under `list`, each with its extras.
pub(crate) fn page<'e>(
    page: &impl Serialize,
    list: &str,
    kind: &str,
    extras: impl Iterator<Item = Option<&'e Extras>>,
) -> Response {
    match merged_page(page, list, kind, extras) {
        Some(merged) => Json(merged).into_response(),
        None => Json(page).into_response(),
    }
}

/// Returns the page with extras; `None` if no entry has any.
pub(crate) fn merged_page<'e>(
    page: &impl Serialize,
    list: &str,
    kind: &str,
    extras: impl Iterator<Item = Option<&'e Extras>>,
) -> Option<Value> {
    let extras: Vec<Option<&Extras>> = extras.collect();
    extras.iter().flatten().find_map(|extras| extras.of(kind))?;
    let mut page = serde_json::to_value(page).ok()?;
    if let Some(Value::Array(items)) = page.get_mut(list) {
        for (item, extras) in items.iter_mut().zip(extras) {
            rollcall_extras::apply(extras, kind, item);
        }
    }
    Some(page)
}
