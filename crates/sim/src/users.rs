//! The account's people as users.

use rollcall_model::{MeetingNumber, PhoneNumber, Text, Timestamp, User, UserAttribute, UserLicense, UserStatus};

use crate::{
    config::WorldConfig,
    dice::{Dice, Tag},
    equipment,
    numbers::{self, Numbers},
    people::{DEPARTMENTS, People, Person, group_id, random_id},
    places::CITIES,
};

const JOBS: [&str; 8] = [
    "Engineer",
    "Account executive",
    "Designer",
    "Controller",
    "Chargé d'affaires",
    "Support specialist",
    "Team lead",
    "Head of \"Special\" Projects",
];
const PRONOUNS: [&str; 4] = ["she/her", "he/him", "they/them", "ella"];

/// The person at `index` as a user, as known at `now`.
pub(crate) fn user(config: &WorldConfig, people: &People, index: u32, now: Timestamp) -> User {
    let person = people.get(index);
    let city = &CITIES[usize::from(person.city)];
    let seed = config.seed;
    let mut dice = Dice::new(seed, Tag::Profile, index.into(), 0);
    let pmi = MeetingNumber(numbers::number(seed, Numbers::Personal, index.into()));
    // Hired between 2019 and 2024.
    let created = Timestamp::from_seconds(1_546_300_800 + dice.range(0, 2_190 * 86_400));
    let active = person.status == UserStatus::Active;
    let licensed = person.webinar_license || dice.chance(800);
    let last_login = now.as_seconds() - dice.range(600, if active { 3 * 86_400 } else { 200 * 86_400 });
    let (role_id, role_name) = match index {
        0 => ("0", "Owner"),
        1 | 2 => ("1", "Admin"),
        _ => ("2", "Member"),
    };
    let cost_center = format!("CC-{}", 1000 + u32::from(person.dept) * 10);
    let name_slug = person.email.split('@').next().unwrap_or_default();
    User {
        id: person.user_id.clone(),
        email: person.email.clone(),
        first_name: Some(person.first_name.clone()),
        last_name: Some(person.last_name.clone()),
        display_name: Some(person.name.clone()),
        license_type: Some(if licensed { 2 } else { 1 }),
        status: person.status,
        pmi: Some(pmi),
        use_pmi: Some(dice.chance(150)),
        timezone: Some(city.timezone.into()),
        verified: Some(person.status != UserStatus::Pending),
        dept: Some(DEPARTMENTS[usize::from(person.dept)].into()),
        created_at: Some(created),
        user_created_at: Some(created),
        last_login_time: (person.status != UserStatus::Pending).then(|| Timestamp::from_seconds(last_login)),
        last_client_version: active.then(|| {
            let suffix = if person.endpoint == equipment::Endpoint::Mac { "mac" } else { "win" };
            format!("{}({suffix})", equipment::ordinary_version(person.endpoint, now.as_seconds(), person.hash)).into()
        }),
        group_ids: groups(seed, person),
        im_group_ids: if index.is_multiple_of(3) { vec![random_group(seed, 40)] } else { Vec::new() },
        division_ids: if index.is_multiple_of(2) { vec![random_group(seed, 50)] } else { Vec::new() },
        role_id: Some(role_id.into()),
        role_name: Some(role_name.into()),
        plan_united_type: licensed.then(|| Text::const_new("1")),
        employee_unique_id: Some(format!("E{:05}", 10_000 + index).into()),
        host_key: Some(format!("{:06}", dice.below(1_000_000)).into()),
        custom_attributes: if index.is_multiple_of(4) {
            vec![UserAttribute { key: "cbf_badge".into(), name: "Badge".into(), value: format!("B-{index}").into() }]
        } else {
            Vec::new()
        },
        license_info_list: licenses(person, licensed),
        account_number: Some(100_000_001),
        cms_user_id: index.is_multiple_of(5).then(|| format!("cms-{index}").into()),
        company: Some("Example Corp".into()),
        jid: Some(format!("{}@xmpp.example.com", person.user_id.to_lowercase()).into()),
        job_title: Some((*dice.pick(&JOBS)).into()),
        cost_center: Some(cost_center.into()),
        language: Some(city.language.into()),
        location: Some(city.name.into()),
        login_types: if index.is_multiple_of(2) { vec![101] } else { vec![1, 100] },
        manager: (index > 0).then(|| people.get(dice.below(index.min(8).into()) as u32).email.clone()),
        personal_meeting_url: Some(format!("https://rollcall.example.com/j/{pmi}").into()),
        phone_country: Some(city.country.into()),
        phone_number: Some(format!("{} 555 01{:02}", city.dial_code, index % 100).into()),
        phone_numbers: vec![PhoneNumber {
            code: city.dial_code.into(),
            country: city.country.into(),
            label: if index.is_multiple_of(2) { "Office".into() } else { "Mobile".into() },
            number: format!("55501{:02}", index % 100).into(),
            verified: index.is_multiple_of(2),
        }],
        pic_url: index.is_multiple_of(3).then(|| format!("https://rollcall.example.com/p/{index}.jpg").into()),
        pronouns: index.is_multiple_of(4).then(|| (*dice.pick(&PRONOUNS)).into()),
        pronouns_option: Some(if index.is_multiple_of(4) { 2 } else { 3 }),
        vanity_url: index.is_multiple_of(6).then(|| format!("https://rollcall.example.com/my/{name_slug}").into()),
        cluster: Some(city.site.get(..4).unwrap_or(city.site).to_lowercase().into()),
        zoom_one_type: licensed.then_some(16),
        has_webinar_license: Some(person.webinar_license),
        extras: None,
    }
}

/// The department's group, and for some a second one that spans departments.
fn groups(seed: u64, person: &Person) -> Vec<Text> {
    let mut groups = vec![group_id(seed, person.dept)];
    if person.hash.is_multiple_of(5) {
        groups.push(random_group(seed, 60));
    }
    groups
}

fn random_group(seed: u64, number: u64) -> Text {
    random_id(&mut Dice::new(seed, Tag::Group, number, 1))
}

fn licenses(person: &Person, licensed: bool) -> Vec<UserLicense> {
    let mut licenses = Vec::new();
    if licensed {
        licenses.push(UserLicense {
            license_type: "MEETING".into(),
            license_option: 2,
            subscription_id: "S-100200".into(),
        });
    }
    if person.webinar_license {
        licenses.push(UserLicense {
            license_type: "ZOOM_WORKPLACE_BUNDLE".into(),
            license_option: 8,
            subscription_id: "S-100300".into(),
        });
    }
    licenses
}
