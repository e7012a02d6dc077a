//! People's ids: URL-safe base64 without padding of `ciscospark://us/PEOPLE/<uuid>`.
//!
//! A user of Rollcall is keyed by Zoom's user id, which is also a UUID: its 16 bytes in URL-safe base64, 22 characters.
//! So both encode the same 16 bytes and can be converted into each other without a lookup. A user id in another format
//! replaces the UUID unchanged, and a user from Webex, whose user id is already a person's id, keeps it.

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use rollcall_model::{InvalidId, Text, UserId};

const SCHEME: &str = "ciscospark://";
const PEOPLE: &str = "/PEOPLE/";

/// Returns the id of a record: of which kind, and its id within the kind.
pub(crate) fn record_id(kind: &str, local: &str) -> Text {
    URL_SAFE_NO_PAD.encode(format!("{SCHEME}us/{kind}/{local}")).into()
}

/// Returns the user's id in Webex's API.
#[must_use]
pub fn id_of(user: &UserId) -> Text {
    if local_part(user.as_str()).is_some() {
        return user.0.clone();
    }
    let local = uuid_of(user.as_str()).unwrap_or_else(|| user.as_str().to_owned());
    record_id("PEOPLE", &local)
}

/// Returns the id of the organization that an account is: its public id is 16 bytes in URL-safe base64, as a user's is.
#[must_use]
pub fn organization_id(public_id: &str) -> Text {
    let local = uuid_of(public_id).unwrap_or_else(|| public_id.to_owned());
    record_id("ORGANIZATION", &local)
}

/// Returns the user ids that a person's id can stand for, likeliest first, at most three; the last is the person's id
/// itself.
///
/// # Errors
///
/// [`InvalidId`] if it is not a person's id. Padding at its end is accepted, and the region between scheme and kind is
/// ignored.
pub fn user_ids(person_id: &str) -> Result<Vec<UserId>, InvalidId> {
    let person_id = person_id.trim_end_matches('=');
    let local = local_part(person_id).ok_or_else(|| InvalidId::new(person_id, "a person's id"))?;
    let mut ids = Vec::with_capacity(3);
    if let Some(user) = user_of_uuid(&local) {
        ids.push(UserId::from(user));
    }
    ids.push(UserId::from(local));
    ids.push(UserId::from(person_id));
    Ok(ids)
}

/// Returns what follows the kind in a person's id: usually a UUID.
fn local_part(person_id: &str) -> Option<String> {
    let bytes = URL_SAFE_NO_PAD.decode(person_id).ok()?;
    let text = std::str::from_utf8(&bytes).ok()?;
    let (_region, local) = text.strip_prefix(SCHEME)?.split_once(PEOPLE)?;
    (!local.is_empty()).then(|| local.to_owned())
}

/// Converts Zoom's 22 characters to `xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx`.
fn uuid_of(user: &str) -> Option<String> {
    let bytes = URL_SAFE_NO_PAD.decode(user).ok().filter(|bytes| bytes.len() == 16)?;
    let mut uuid = String::with_capacity(36);
    for (index, byte) in bytes.iter().enumerate() {
        if matches!(index, 4 | 6 | 8 | 10) {
            uuid.push('-');
        }
        for digit in [byte >> 4, byte & 0xF] {
            uuid.push(char::from_digit(u32::from(digit), 16).unwrap_or('0'));
        }
    }
    Some(uuid)
}

/// The inverse of [`uuid_of`], case-insensitive.
fn user_of_uuid(uuid: &str) -> Option<String> {
    let dashes = uuid.char_indices().filter(|(_, c)| *c == '-').map(|(index, _)| index);
    if uuid.len() != 36 || !dashes.eq([8, 13, 18, 23]) {
        return None;
    }
    let digits: Option<Vec<u8>> =
        uuid.chars().filter(|c| *c != '-').map(|c| c.to_digit(16).and_then(|digit| u8::try_from(digit).ok())).collect();
    let bytes: Vec<u8> = digits?.chunks_exact(2).map(|pair| pair[0] << 4 | pair[1]).collect();
    Some(URL_SAFE_NO_PAD.encode(bytes))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_zoom_user_and_a_webex_person_are_the_same_sixteen_bytes() {
        let user = UserId::from("GLucwDHGRza6iACZ_TQ_gQ");
        let person = id_of(&user);
        let uri = URL_SAFE_NO_PAD.decode(person.as_str()).unwrap();
        assert_eq!(String::from_utf8(uri).unwrap(), "ciscospark://us/PEOPLE/18bb9cc0-31c6-4736-ba88-0099fd343f81");
        assert_eq!(user_ids(&person).unwrap()[0], user);
    }

    #[test]
    fn another_region_and_upper_case_name_the_same_user() {
        let person =
            URL_SAFE_NO_PAD.encode("ciscospark://urn:TEAM:eu-central-1_k/PEOPLE/18BB9CC0-31C6-4736-BA88-0099FD343F81");
        assert_eq!(user_ids(&person).unwrap()[0], UserId::from("GLucwDHGRza6iACZ_TQ_gQ"));
    }

    #[test]
    fn a_user_that_came_from_webex_keeps_its_id() {
        let person = URL_SAFE_NO_PAD.encode("ciscospark://us/PEOPLE/18bb9cc0-31c6-4736-ba88-0099fd343f81");
        let user = UserId::from(person.as_str());
        assert_eq!(id_of(&user), person);
        assert!(user_ids(&person).unwrap().contains(&user));
    }

    #[test]
    fn what_is_no_person_is_refused() {
        let room = URL_SAFE_NO_PAD.encode("ciscospark://us/ROOM/18bb9cc0-31c6-4736-ba88-0099fd343f81");
        let nobody = URL_SAFE_NO_PAD.encode("ciscospark://us/PEOPLE/");
        for text in ["", "1", "john@example.com", "GLucwDHGRza6iACZ_TQ_gQ", &room, &nobody] {
            assert!(user_ids(text).is_err(), "{text}");
        }
    }

    proptest! {
        #[test]
        fn every_user_is_found_again(id in ".{1,40}") {
            let user = UserId::from(id);
            prop_assert!(user_ids(&id_of(&user)).unwrap().contains(&user));
        }

        #[test]
        fn no_text_panics(text in ".*") {
            let _ = user_ids(&text);
        }
    }
}
