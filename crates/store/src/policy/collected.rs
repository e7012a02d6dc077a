//! What is known of lists to collect, which may name persons: in a request's path and query, or in a vendor's words.

use std::{cell::RefCell, collections::HashSet};

use rollcall_model::{AccountId, Identifier};

use super::{Rows, erased::Erased};
use crate::Result;

/// Words that are remembered to name nobody: most are parts of every request.
const REMEMBERED: usize = 20_000;
/// How often an id is encoded in a path: a UUID with a slash, twice.
const ENCODED: usize = 2;

/// The erased persons whom texts may name.
pub struct ErasedNames<'t> {
    erased: Erased<'t>,
    nobody: Nobody,
}

impl<'t> ErasedNames<'t> {
    /// Returns those of the account. `None` if nobody was erased in it, as in most accounts.
    ///
    /// # Errors
    /// Those of the backend.
    pub fn of(tx: &'t dyn Rows, account: AccountId) -> Result<Option<Self>> {
        Ok(Erased::of(tx, account)?.map(|erased| Self { erased, nobody: Nobody::default() }))
    }

    /// Returns whether a text contains an id or an address of one of them, encoded or not.
    ///
    /// # Errors
    /// Those of the backend.
    pub fn is_in(&self, text: &str) -> Result<bool> {
        names_erased(&self.erased, &self.nobody, text)
    }
}

/// Words that name no erased person.
#[derive(Debug, Default)]
pub(super) struct Nobody(RefCell<HashSet<String>>);

impl Nobody {
    fn has(&self, word: &str) -> bool {
        self.0.borrow().contains(word)
    }

    fn add(&self, word: &str) {
        let mut words = self.0.borrow_mut();
        if words.len() >= REMEMBERED {
            words.clear();
        }
        words.insert(word.to_owned());
    }
}

/// Returns whether a text contains an id or an address of an erased person, encoded or not.
pub(super) fn names_erased(erased: &Erased<'_>, nobody: &Nobody, text: &str) -> Result<bool> {
    let mut text = text.to_owned();
    for _ in 0..=ENCODED {
        let is_part = |c: char| c.is_alphanumeric() || "@._%+-'=".contains(c);
        let words =
            text.split(|c| !is_part(c)).flat_map(|word| [Some(word), word.split_once('=').map(|(_, value)| value)]);
        for word in words.flatten().map(|word| word.trim_matches(['.', '\''])) {
            if word.is_empty() || nobody.has(word) {
                continue;
            }
            if erased.covers_name(Identifier::of_user(word))? || erased.covers_name(Identifier::of_registrant(word))? {
                return Ok(true);
            }
            nobody.add(word);
        }
        let Some(decoded) = decoded(&text) else { break };
        text = decoded;
    }
    Ok(false)
}

/// Decodes `%` and two digits. `None` if there is none.
fn decoded(text: &str) -> Option<String> {
    let bytes = text.as_bytes();
    let (mut decoded, mut place, mut changed) = (Vec::with_capacity(bytes.len()), 0, false);
    while let Some(&byte) = bytes.get(place) {
        let digits = text.get(place + 1..place + 3).filter(|digits| byte == b'%' && digits.is_ascii());
        match digits.and_then(|digits| u8::from_str_radix(digits, 16).ok()) {
            Some(value) => {
                decoded.push(value);
                (place, changed) = (place + 3, true);
            }
            None => {
                decoded.push(byte);
                place += 1;
            }
        }
    }
    changed.then(|| String::from_utf8_lossy(&decoded).into_owned())
}

#[cfg(test)]
mod tests {
    use super::decoded;

    #[test]
    fn what_is_encoded_is_decoded_once() {
        assert_eq!(decoded("/a%252Fb?c=d%40e").as_deref(), Some("/a%2Fb?c=d@e"));
        for text in ["", "/a/b", "100%", "%4", "%zz", "%é"] {
            assert_eq!(decoded(text), None, "{text}");
        }
    }
}
