//! Precision and recall of persons' names in a simulated company whose truth is known.
//!
//! Of 20,000 people, 10 percent have no login: half of these give an address, the others are known by their names only.
//! 5 percent of all use two addresses. Names repeat, some devices are shared, and telephones have no MAC address.

use std::collections::HashMap;

use rollcall_model::{InstanceUuid, Participant, Text, Timestamp};
use rollcall_people::{Known, name_of};

const PEOPLE: u64 = 20_000;
const ATTENDANCES: u64 = 8;

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

#[test]
fn few_pairs_are_missed_and_hardly_any_is_wrong() {
    let mut random = Random(7);
    let people: Vec<Person> = (0..PEOPLE).map(|number| person(number, &mut random)).collect();
    let mut known = Known::default();
    for person in &people {
        if let (Some(login), Some(address)) = (&person.login, person.addresses.first()) {
            known.logins.insert(address.clone(), login.clone());
        }
    }
    let (mut by_name, mut by_both) = (HashMap::<Text, u64>::new(), HashMap::<(Text, usize), u64>::new());
    for (number, person) in people.iter().enumerate() {
        for _ in 0..ATTENDANCES {
            let instance: InstanceUuid = format!("instance{}==", random.below(4_000)).parse().unwrap();
            let (name, _) = name_of(&instance, &attendance(person, &mut random), &known);
            *by_name.entry(name.clone()).or_default() += 1;
            *by_both.entry((name, number)).or_default() += 1;
        }
    }
    let claimed: u64 = by_name.values().copied().map(pairs).sum();
    let right: u64 = by_both.values().copied().map(pairs).sum();
    let true_pairs = PEOPLE * pairs(ATTENDANCES);
    let (precision, recall) = (right as f64 / claimed as f64, right as f64 / true_pairs as f64);
    println!("precision {precision:.5}, recall {recall:.4}");
    assert!(precision >= 0.999, "{precision}");
    assert!(recall >= 0.95, "{recall}");
}
