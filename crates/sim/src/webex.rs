//! Webex sites, their tracking codes, and people's values.

use rollcall_model::{
    Batch, CodeType, HostProfileCode, InputMode, ScheduleStartCode, Service, SiteFacts, SiteManager, Text,
    TrackingCode, TrackingCodeId, TrackingCodeMode, TrackingCodeOption, UserId, UserTrackingCodeFacts,
};

use crate::{
    config::WorldConfig,
    dice::{Dice, Tag},
    people::{DEPARTMENTS, People},
};

const PROJECTS: [&str; 4] = ["Apollo", "Übergabe 2026", "Project \"Ñandú\"", "星"];

struct Place {
    url: &'static str,
    managed_by: SiteManager,
    mode: TrackingCodeMode,
}

const PLACES: [Place; 3] = [
    Place { url: "example.webex.com", managed_by: SiteManager::SiteAdmin, mode: TrackingCodeMode::Classic },
    Place { url: "example-eu.webex.com", managed_by: SiteManager::ControlHub, mode: TrackingCodeMode::Classic },
    Place { url: "example-apac.webex.com", managed_by: SiteManager::ControlHub, mode: TrackingCodeMode::Mapped },
];

/// The sites, their codes, and the users' values.
pub(crate) fn batch(config: &WorldConfig, people: &People) -> Batch {
    let mut batch = Batch::default();
    for (index, place) in PLACES.iter().enumerate() {
        batch.sites.push(SiteFacts {
            url: place.url.into(),
            is_default: index == 0,
            managed_by: Some(place.managed_by),
            tracking_code_mode: Some(place.mode),
        });
        batch.tracking_codes.extend(codes(place));
    }
    for index in 0..people.all.len() as u32 {
        batch.user_tracking_codes.push(values(config, people, index));
    }
    batch
}

fn codes(place: &Place) -> Vec<TrackingCode> {
    // Only sites of Site Administration can require a code in a host's profile.
    let demanded = match place.managed_by {
        SiteManager::SiteAdmin => HostProfileCode::Required,
        SiteManager::ControlHub => HostProfileCode::Optional,
    };
    let code =
        |id: &str, name: &str, input_mode, options: Vec<TrackingCodeOption>, host_profile_code, rules| TrackingCode {
            id: TrackingCodeId(id.into()),
            name: name.into(),
            site_url: place.url.into(),
            input_mode,
            options,
            host_profile_code,
            schedule_start_codes: rules,
        };
    vec![
        code("1", "Department", InputMode::Select, options(&DEPARTMENTS, Some(0)), demanded, same(CodeType::Required)),
        code(
            "2",
            "Project",
            InputMode::EditableSelect,
            options(&PROJECTS, None),
            HostProfileCode::Optional,
            differing(),
        ),
        code("3", "Cost centre", InputMode::Text, Vec::new(), HostProfileCode::AdminSet, same(CodeType::AdminSet)),
        code(
            "4",
            "Region",
            InputMode::HostProfileSelect,
            options(&["Americas", "EMEA", "APAC"], Some(1)),
            HostProfileCode::Optional,
            same(CodeType::NotUsed),
        ),
    ]
}

fn options(values: &[&str], default: Option<usize>) -> Vec<TrackingCodeOption> {
    let option = |(index, &value): (usize, &&str)| TrackingCodeOption {
        value: value.into(),
        default_value: default == Some(index),
    };
    values.iter().enumerate().map(option).collect()
}

const SERVICES: [Service; 5] =
    [Service::All, Service::MeetingCenter, Service::EventCenter, Service::TrainingCenter, Service::SupportCenter];

/// One rule for every service.
fn same(code_type: CodeType) -> Vec<ScheduleStartCode> {
    SERVICES.map(|service| ScheduleStartCode { service, code_type }).to_vec()
}

/// Rules that differ by service, as the rule for all of them says.
fn differing() -> Vec<ScheduleStartCode> {
    let types =
        [CodeType::NotApplicable, CodeType::Optional, CodeType::Required, CodeType::NotUsed, CodeType::Optional];
    SERVICES.iter().zip(types).map(|(&service, code_type)| ScheduleStartCode { service, code_type }).collect()
}

fn values(config: &WorldConfig, people: &People, index: u32) -> UserTrackingCodeFacts {
    let person = people.get(index);
    let mut dice = Dice::new(config.seed, Tag::WebexPerson, index.into(), 0);
    let mut values: Vec<(Text, Text)> = vec![
        ("Department".into(), DEPARTMENTS[usize::from(person.dept)].into()),
        ("Cost centre".into(), format!("CC-{}", 1000 + u32::from(person.dept) * 10).into()),
    ];
    if dice.chance(600) {
        values.push(("Project".into(), (*dice.pick(&PROJECTS)).into()));
    }
    if dice.chance(500) {
        values.push(("Region".into(), ["Americas", "EMEA", "APAC"][usize::from(region(person.city))].into()));
    }
    UserTrackingCodeFacts {
        site_url: PLACES[usize::from(region(person.city))].url.into(),
        user_ids: vec![UserId(person.user_id.clone())],
        email: person.email.clone(),
        values,
    }
}

/// Returns the site of a city.
const fn region(city: u8) -> u8 {
    match city {
        0 | 1 | 6 => 0,
        2 | 3 | 7 => 1,
        _ => 2,
    }
}
