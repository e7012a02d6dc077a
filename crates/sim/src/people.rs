//! The account's people, their guests, and rooms that join automatically.

use std::collections::BTreeSet;

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use rollcall_model::{Text, UserStatus};

use crate::{
    config::WorldConfig,
    dice::{Dice, Tag, mix},
    equipment::Endpoint,
    names,
    places::{ACCESS_POINTS, BUILDINGS, CITIES, CITY_WEIGHTS, PROVIDERS_PER_CITY, provider},
};

/// Departments; the last one keeps the round-the-clock meetings going and attends no others.
pub(crate) const DEPARTMENTS: [&str; 7] =
    ["Engineering", "Sales", "Marketing", "Finance", "People & Culture", "Support", "Operations"];

const OPERATIONS: u8 = DEPARTMENTS.len() as u8 - 1;

/// A person or room that attends.
#[derive(Debug, Clone)]
pub(crate) struct Person {
    pub(crate) name: Text,
    pub(crate) email: Text,
    /// Blank for those without a login in the account.
    pub(crate) user_id: Text,
    pub(crate) city: u8,
    /// Building and the nearest access point.
    pub(crate) desk: Option<(u8, u8)>,
    /// At home.
    pub(crate) provider: u16,
    /// Their usual client.
    pub(crate) endpoint: Endpoint,
    pub(crate) dept: u8,
    /// Uniformly distributed; choices about the person are derived from it.
    pub(crate) hash: u64,
    /// Which quarter of the machines gets a new client version.
    pub(crate) ring: u8,
    pub(crate) first_name: Text,
    pub(crate) last_name: Text,
    pub(crate) status: UserStatus,
    pub(crate) webinar_license: bool,
}

impl Person {
    /// Whether the person has a login in the account.
    pub(crate) fn is_member(&self) -> bool {
        !self.user_id.is_empty()
    }
}

/// The account's people.
#[derive(Debug)]
pub(crate) struct People {
    pub(crate) all: Vec<Person>,
    /// Those in ordinary meetings.
    pub(crate) regular: Vec<u32>,
    /// Those in the round-the-clock meetings.
    pub(crate) operations: Vec<u32>,
    /// Those who may host webinars.
    pub(crate) webinar_hosts: Vec<u32>,
    /// By department, of [`Self::regular`].
    pub(crate) departments: Vec<Vec<u32>>,
}

impl People {
    pub(crate) fn new(config: &WorldConfig) -> Self {
        let count = config.people.max(4);
        let mut emails = BTreeSet::new();
        let all: Vec<Person> = (0..count).map(|index| person(config.seed, index, count, &mut emails)).collect();
        let indices = |keep: &dyn Fn(&Person) -> bool| -> Vec<u32> {
            (0..count).filter(|&index| keep(&all[index as usize])).collect()
        };
        let active = |person: &Person| person.status == UserStatus::Active;
        Self {
            regular: indices(&|person| active(person) && person.dept != OPERATIONS),
            operations: indices(&|person| active(person) && person.dept == OPERATIONS),
            webinar_hosts: indices(&|person| active(person) && person.webinar_license && person.dept != OPERATIONS),
            departments: (0..OPERATIONS)
                .map(|dept| indices(&|person| active(person) && person.dept == dept))
                .filter(|members| !members.is_empty())
                .collect(),
            all,
        }
    }

    pub(crate) fn get(&self, index: u32) -> &Person {
        &self.all[index as usize]
    }
}

fn person(seed: u64, index: u32, count: u32, emails: &mut BTreeSet<String>) -> Person {
    let mut dice = Dice::new(seed, Tag::Person, index.into(), 0);
    let name = names::full_name(&mut dice);
    let city = dice.weighted(&CITY_WEIGHTS) as u8;
    let mut mailbox = name.mailbox;
    if !emails.insert(mailbox.clone()) {
        mailbox = format!("{mailbox}{index}");
        emails.insert(mailbox.clone());
    }
    // The first ones are active, so that even the smallest world has meetings and webinars; the last ones run the
    // round-the-clock meetings.
    let dept = if index + (count / 8).max(1) >= count { OPERATIONS } else { dice.below(OPERATIONS.into()) as u8 };
    let status = match dice.below(100) {
        0..=4 if index > 3 && dept != OPERATIONS => UserStatus::Inactive,
        5..=8 if index > 3 && dept != OPERATIONS => UserStatus::Pending,
        _ => UserStatus::Active,
    };
    let buildings: Vec<u8> =
        (0..BUILDINGS.len() as u8).filter(|&building| BUILDINGS[usize::from(building)].city == city).collect();
    let remote = dice.chance(220) || buildings.is_empty();
    let desk = (!remote).then(|| (*dice.pick(&buildings), dice.below(ACCESS_POINTS.into()) as u8));
    Person {
        name: name.display.into(),
        email: format!("{mailbox}@example.com").into(),
        user_id: random_id(&mut dice),
        city,
        desk,
        provider: provider(city, dice.below(PROVIDERS_PER_CITY as u64) as u8),
        endpoint: [Endpoint::Windows, Endpoint::Mac, Endpoint::Vdi][dice.weighted(&[58, 37, 5])],
        dept,
        hash: dice.bits(),
        ring: (index % 4) as u8,
        first_name: name.first.into(),
        last_name: name.last.into(),
        status,
        // Operations hosts the round-the-clock webinars.
        webinar_license: dice.chance(120) || index == 0 || dept == OPERATIONS,
    }
}

/// Returns a guest. The same number is the same guest everywhere.
pub(crate) fn guest(seed: u64, number: u64) -> Person {
    let mut dice = Dice::new(seed, Tag::Guest, number, 0);
    let name = names::guest_name(&mut dice);
    let city = dice.below(CITIES.len() as u64) as u8;
    let endpoints = [Endpoint::Windows, Endpoint::Mac, Endpoint::Ios, Endpoint::Android, Endpoint::Browser];
    Person {
        name: name.display.into(),
        email: format!("{}{}@example.org", name.mailbox, number % 10_000).into(),
        user_id: Text::const_new(""),
        city,
        desk: None,
        provider: provider(city, dice.below(PROVIDERS_PER_CITY as u64) as u8),
        endpoint: endpoints[dice.weighted(&[40, 22, 14, 8, 16])],
        dept: 0,
        hash: dice.bits(),
        ring: 0,
        first_name: name.first.into(),
        last_name: name.last.into(),
        status: UserStatus::Active,
        webinar_license: false,
    }
}

/// Returns a room that joins automatically: each building has a Zoom Room and an H.323/SIP system, even and odd.
pub(crate) fn room(seed: u64, number: u8) -> Person {
    let building = number / 2 % BUILDINGS.len() as u8;
    let place = &BUILDINGS[usize::from(building)];
    let mut dice = Dice::new(seed, Tag::Person, u64::from(number), 1);
    let (name, endpoint, user_id) = if number.is_multiple_of(2) {
        (format!("{} Board Room", place.name), Endpoint::ZoomRoom, random_id(&mut dice))
    } else {
        (format!("{}-polycom", place.code), Endpoint::RoomSystem, Text::const_new(""))
    };
    Person {
        email: if user_id.is_empty() {
            Text::const_new("")
        } else {
            format!("{}-board-room@example.com", place.code).into()
        },
        first_name: Text::const_new(""),
        last_name: Text::const_new(""),
        name: name.into(),
        user_id,
        city: place.city,
        desk: Some((building, 0)),
        provider: provider(place.city, 0),
        endpoint,
        dept: 0,
        hash: dice.bits(),
        ring: 0,
        status: UserStatus::Active,
        webinar_license: false,
    }
}

/// 16 random bytes in the format of Zoom's ids: 22 characters of URL-safe base64.
pub(crate) fn random_id(dice: &mut Dice) -> Text {
    URL_SAFE_NO_PAD.encode(dice.bytes::<16>()).into()
}

/// The id of a department's group.
pub(crate) fn group_id(seed: u64, dept: u8) -> Text {
    random_id(&mut Dice::new(seed, Tag::Group, dept.into(), 0))
}

/// Returns a person outside of the account's numbers, uniformly distributed.
pub(crate) fn guest_number(seed: u64, a: u64, b: u64) -> u64 {
    mix(seed, a, b) >> 16
}
