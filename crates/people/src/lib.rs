//! Who participants are, and how long each person attended. Pure functions over attendances.
//!
//! A person is named by the most reliable identifier of an attendance ([`name_of`]): a login, an address, a registration,
//! or a name on a device. Two attendances with the same name belong to the same person; nothing else joins them, except
//! aliases that people set by hand. So the name of an attendance does not depend on other attendances, and SQL can
//! compute it with the same rule (`sql/src/tables.rs`).

mod attendance;

use std::collections::HashMap;

use rollcall_model::{Identifier, InstanceUuid, Participant, Text};

pub use attendance::{Attendances, Attended, Stay, union_of};

/// Why attendances are regarded as one person's.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Reason {
    /// They have the same login, or an address that belongs to it.
    Login,
    /// They have the same email address.
    Address,
    /// They have the same registration.
    Registration,
    /// They have the same display name on the same device.
    Device,
    /// They have the same display name and network address in one instance.
    Guest,
    /// Somebody said so.
    Alias,
    /// It is a single attendance of which nothing is known.
    Alone,
}

impl Reason {
    /// Returns its name in responses.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Login => "login",
            Self::Address => "address",
            Self::Registration => "registration",
            Self::Device => "device",
            Self::Guest => "guest",
            Self::Alias => "alias",
            Self::Alone => "alone",
        }
    }
}

/// What is known of an account's people beside their attendances.
#[derive(Debug, Clone, Default)]
pub struct Known {
    /// The ids of logins, by address in lower case.
    pub logins: HashMap<Text, Text>,
    /// The person of each alias.
    pub aliases: HashMap<Text, Text>,
}

/// Returns the name of an attendance's person, and why it has that name. Names begin with their kind: `user:`, `email:`,
/// `registrant:` and `device:` name a person everywhere, `guest:` and `alone:` only in the instance.
#[must_use]
pub fn name_of(instance: &InstanceUuid, participant: &Participant, known: &Known) -> (Text, Reason) {
    resolve(own_name_of(instance, participant), known)
}

/// Returns the name of an attendance alone, without what is known of people.
fn own_name_of(instance: &InstanceUuid, participant: &Participant) -> (Text, Reason) {
    if let Some(identifier) = participant.names().next() {
        return (identifier.as_str().into(), reason_of(&identifier));
    }
    let name = participant.user_name.as_deref().unwrap_or_default().trim().to_ascii_lowercase();
    let address = participant.ip_address.as_deref().unwrap_or_default();
    if name.is_empty() || address.is_empty() {
        let join = participant.join_time.map_or(0, rollcall_model::Timestamp::as_millis);
        return (format!("alone:{instance}|{}|{join}", participant.user_id).into(), Reason::Alone);
    }
    (format!("guest:{instance}|{name}|{address}").into(), Reason::Guest)
}

/// Returns the person whom a name stands for: the login with that address, and the person of whom it is an alias.
fn resolve((name, reason): (Text, Reason), known: &Known) -> (Text, Reason) {
    let login = address_in(&name).and_then(|address| known.logins.get(address));
    let (name, reason) = login.map_or((name, reason), |id| (format!("user:{id}").into(), Reason::Login));
    match known.aliases.get(&name) {
        Some(person) => (person.clone(), Reason::Alias),
        None => (name, reason),
    }
}

/// Returns the address in a name. `None` if it is another kind of name.
fn address_in(name: &str) -> Option<&str> {
    name.strip_prefix("email:")
}

fn reason_of(identifier: &Identifier) -> Reason {
    match identifier.kind() {
        "user" => Reason::Login,
        "email" => Reason::Address,
        "registrant" => Reason::Registration,
        _ => Reason::Device,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn participant(change: impl FnOnce(&mut Participant)) -> Participant {
        let mut participant = Participant { user_id: "16778240".into(), ..Participant::default() };
        change(&mut participant);
        participant
    }

    fn name(participant: &Participant, known: &Known) -> (String, Reason) {
        let (name, reason) = name_of(&"a+/b==".parse().unwrap(), participant, known);
        (name.to_string(), reason)
    }

    #[test]
    fn the_most_reliable_identifier_names_the_person() {
        let known = Known::default();
        let all = participant(|who| {
            who.id = Some("u1".into());
            who.email = Some("Ana@Example.com".into());
            who.registrant_id = Some("r1".into());
            who.user_name = Some("Ana".into());
            who.mac_addr = Some("AA:BB".into());
            who.ip_address = Some("192.0.2.1".into());
        });
        type Change = fn(&mut Participant);
        let steps: [(Change, &str, Reason); 6] = [
            (|_| {}, "user:u1", Reason::Login),
            (|who| who.id = None, "email:ana@example.com", Reason::Address),
            (|who| who.email = Some("".into()), "registrant:r1", Reason::Registration),
            (|who| who.registrant_id = None, "device:ana|aa:bb", Reason::Device),
            (|who| who.mac_addr = None, "guest:a+/b==|ana|192.0.2.1", Reason::Guest),
            (|who| who.ip_address = None, "alone:a+/b==|16778240|0", Reason::Alone),
        ];
        let mut who = all;
        for (change, expected, reason) in steps {
            change(&mut who);
            assert_eq!(name(&who, &known), (expected.to_owned(), reason));
        }
    }

    #[test]
    fn an_address_of_a_login_names_the_login_and_an_alias_names_whom_it_stands_for() {
        let mut known = Known::default();
        let who = participant(|who| who.email = Some("ana@example.com".into()));
        known.logins.insert("ana@example.com".into(), "u1".into());
        assert_eq!(name(&who, &known), ("user:u1".to_owned(), Reason::Login));
        known.aliases.insert("user:u1".into(), "email:ana@other.example".into());
        assert_eq!(name(&who, &known), ("email:ana@other.example".to_owned(), Reason::Alias));
    }

    #[test]
    fn a_name_alone_joins_nobody() {
        let known = Known::default();
        let [one, other] = ["1", "2"].map(|user_id| {
            participant(|who| {
                who.user_id = user_id.into();
                who.user_name = Some("iPhone".into());
            })
        });
        assert_ne!(name(&one, &known), name(&other, &known));
    }
}
