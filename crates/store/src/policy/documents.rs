//! Writing documents: entries of vendors' responses that are kept as they were.

use rollcall_model::{AccountId, Document, Identifier};
use serde_json::Value;

use super::{Rows, erased::Erased};
use crate::Result;

/// Does what [`crate::DocumentStore::put_documents`] promises.
///
/// # Errors
/// Those of the backend, and of that method.
pub fn put_all(tx: &dyn Rows, account: AccountId, documents: &[Document]) -> Result<()> {
    tx.require_account(account)?;
    let erased = Erased::of(tx, account)?;
    for document in documents {
        if let Some(erased) = &erased
            && (erased.covers_name(Identifier::of_user(&document.key))? || names_erased(erased, &document.json)?)
        {
            continue;
        }
        tx.write_document(account, document)?;
    }
    Ok(())
}

/// Returns whether JSON names an erased person: with an id or an address, as a value of its own anywhere in it, or with
/// an address inside a text.
pub(super) fn names_erased(erased: &Erased<'_>, json: &str) -> Result<bool> {
    if erased.scrub(json)?.is_some() {
        return Ok(true);
    }
    let Ok(value) = serde_json::from_str::<Value>(json) else { return Ok(false) };
    let mut texts = Vec::new();
    collect_texts(&value, &mut texts);
    Ok(erased.covers(texts.into_iter().filter_map(Identifier::of_user), None)?.is_some())
}

fn collect_texts<'v>(value: &'v Value, texts: &mut Vec<&'v str>) {
    match value {
        Value::String(text) => texts.push(text),
        Value::Array(items) => items.iter().for_each(|item| collect_texts(item, texts)),
        Value::Object(object) => object.values().for_each(|value| collect_texts(value, texts)),
        _ => {}
    }
}
