//! A simulated company whose truth is known.
//!
//! Of 20,000 people, 10 percent have no login: half of these give an address, the others are known by their names only.
//! 5 percent of all use two addresses. Names repeat, some devices are shared, and telephones have no MAC address.

use std::collections::HashMap;

use rollcall_model::{InstanceUuid, Participant, Text, Timestamp};
use rollcall_people::{Known, name_of};

/// Number of people.
pub(crate) const PEOPLE: u64 = 20_000;
/// Number of attendances of each.
pub(crate) const ATTENDANCES: u64 = 8;
const INSTANCES: u64 = 4_000;

/// Random numbers that are the same in each run (SplitMix64).
struct Random(u64);

impl Random {
    fn below(&mut self, end: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut bits = self.0;
        bits = (bits ^ (bits >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        bits = (bits ^ (bits >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (bits ^ (bits >> 31)) % end
    }

    fn percent(&mut self, share: u64) -> bool {
        self.below(100) < share
    }
}

struct Person {
    login: Option<Text>,
    addresses: Vec<Text>,
    name: Text,
    devices: Vec<Text>,
}

fn person(number: u64, random: &mut Random) -> Person {
    let has_login = !random.percent(10);
    let has_address = has_login || random.percent(50);
    let mut addresses = Vec::new();
    if has_address {
        addresses.push(format!("person{number}@example.com").into());
        if random.percent(5) {
            addresses.push(format!("person{number}@home.example").into());
        }
    }
    // 40 given and 800 family names: every name is that of several people somewhere.
    let name = format!("Given{} Family{}", random.below(40), random.below(800)).into();
    // Every fiftieth device is shared by some people.
    let device = |random: &mut Random| {
        let owner = if random.percent(2) { random.below(50) } else { 1_000 + number * 2 + random.below(2) };
        Text::from(format!("{owner:012x}"))
    };
    let devices = (0..2).map(|_| device(random)).collect();
    Person { login: has_login.then(|| format!("login{number}").into()), addresses, name, devices }
}

fn attendance(person: &Person, random: &mut Random) -> Participant {
    let address = (!person.addresses.is_empty()).then(|| {
        let second = person.addresses.len() > 1 && random.percent(30);
        person.addresses[usize::from(second)].clone()
    });
    // People with a login sometimes join without signing in, and enter an address.
    let login = person.login.clone().filter(|_| address.as_ref() == person.addresses.first() && !random.percent(5));
    let is_telephone = random.percent(1);
    let device = person.devices[usize::from(random.percent(10))].clone();
    Participant {
        user_id: random.below(1 << 40).to_string().into(),
        id: login,
        email: address,
        user_name: Some(person.name.clone()),
        mac_addr: (!is_telephone).then_some(device),
        ip_address: Some(format!("192.0.2.{}", random.below(200)).into()),
        join_time: Some(Timestamp::from_seconds(1_790_000_000 + random.below(1_000_000) as i64)),
        ..Participant::default()
    }
}

fn pairs(count: u64) -> u64 {
    count * count.saturating_sub(1) / 2
}

/// An attendance, with the number of its person.
pub(crate) struct Attendance {
    pub(crate) person: usize,
    pub(crate) instance: InstanceUuid,
    pub(crate) participant: Participant,
}

/// Returns all attendances, and what the account knows about its people.
pub(crate) fn simulated() -> (Vec<Attendance>, Known) {
    let mut random = Random(7);
    let people: Vec<Person> = (0..PEOPLE).map(|number| person(number, &mut random)).collect();
    let mut known = Known::default();
    for person in &people {
        if let (Some(login), Some(address)) = (&person.login, person.addresses.first()) {
            known.logins.insert(address.clone(), login.clone());
        }
    }
    let mut attendances = Vec::new();
    for (number, person) in people.iter().enumerate() {
        for _ in 0..ATTENDANCES {
            let instance: InstanceUuid = format!("instance{}==", random.below(INSTANCES)).parse().unwrap();
            let participant = attendance(person, &mut random);
            attendances.push(Attendance { person: number, instance, participant });
        }
    }
    (attendances, known)
}

/// How well persons' names match the truth.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Score {
    /// Share of pairs of attendances with one name that are one person's.
    pub(crate) precision: f64,
    /// Share of the pairs of one person's attendances that have one name.
    pub(crate) recall: f64,
}

/// Names the person of each attendance, and compares the names with the truth.
pub(crate) fn score(attendances: &[Attendance], known: &Known) -> Score {
    let (mut by_name, mut by_both) = (HashMap::<Text, u64>::new(), HashMap::<(Text, usize), u64>::new());
    for Attendance { person, instance, participant } in attendances {
        let (name, _) = name_of(instance, participant, known);
        *by_name.entry(name.clone()).or_default() += 1;
        *by_both.entry((name, *person)).or_default() += 1;
    }
    let claimed: u64 = by_name.values().copied().map(pairs).sum();
    let right: u64 = by_both.values().copied().map(pairs).sum();
    let true_pairs = PEOPLE * pairs(ATTENDANCES);
    Score { precision: right as f64 / claimed as f64, recall: right as f64 / true_pairs as f64 }
}
