//! Converts users to Webex's people and back.

use rollcall_model::{InvalidTime, PhoneNumber, Text, Timestamp, User, UserStatus};

use crate::{
    meeting::user_of,
    person,
    quality::time_with_fraction,
    wire::{Organization, Person, PersonPhone},
};

/// Labels of telephone numbers in Zoom and in Webex.
const LABELS: [(&str, &str); 3] = [("Mobile", "mobile"), ("Office", "work"), ("Fax", "fax")];

fn told(text: Option<&Text>) -> Option<String> {
    text.filter(|text| !text.trim().is_empty()).map(ToString::to_string)
}

/// Returns the full name: the display name, or both names.
fn full_name(user: &User) -> Option<String> {
    told(user.display_name.as_ref()).or_else(|| {
        let names: Vec<String> =
            [&user.first_name, &user.last_name].into_iter().filter_map(|n| told(n.as_ref())).collect();
        (!names.is_empty()).then(|| names.join(" "))
    })
}

/// Returns a user as a person of an organization.
#[must_use]
pub fn person(user: &User, org_id: &str) -> Person {
    let time = |time: Option<Timestamp>| time.map(|time| time_with_fraction(time).to_string());
    let phones: Vec<PersonPhone> = user.phone_numbers.iter().filter_map(phone).collect();
    Person {
        id: Some(person::id_of(&user.user_id()).to_string()),
        emails: Some(told(Some(&user.email)).into_iter().collect()),
        phone_numbers: (!phones.is_empty()).then_some(phones),
        display_name: full_name(user),
        first_name: told(user.first_name.as_ref()),
        last_name: told(user.last_name.as_ref()),
        avatar: told(user.pic_url.as_ref()),
        org_id: Some(org_id.to_owned()),
        department: told(user.dept.as_ref()),
        manager: told(user.manager.as_ref()),
        title: told(user.job_title.as_ref()),
        created: time(user.created_at.or(user.user_created_at)),
        timezone: told(user.timezone.as_ref()),
        last_activity: time(user.last_login_time),
        invite_pending: Some(user.status == UserStatus::Pending),
        login_enabled: Some(user.status != UserStatus::Inactive),
        r#type: Some("person".to_owned()),
        ..Person::default()
    }
}

fn phone(phone: &PhoneNumber) -> Option<PersonPhone> {
    let value = [phone.code.trim(), phone.number.trim()].into_iter().filter(|part| !part.is_empty());
    let value = value.collect::<Vec<_>>().join(" ");
    let kind = LABELS.iter().find(|(label, _)| *label == phone.label).map_or("work", |(_, kind)| kind);
    (!value.is_empty()).then(|| PersonPhone { r#type: Some(kind.to_owned()), value: Some(value) })
}

/// Returns the organization that an account is.
#[must_use]
pub fn organization(public_id: &str, name: &str, created: Timestamp) -> Organization {
    Organization {
        id: Some(person::organization_id(public_id).to_string()),
        display_name: Some(name.to_owned()),
        created: Some(time_with_fraction(created).to_string()),
    }
}

/// Returns the person that stands for an account: the owner of tokens that act for no user.
#[must_use]
pub fn machine(public_id: &str, name: &str, created: Timestamp) -> Person {
    Person {
        id: Some(person::id_of(&public_id.into()).to_string()),
        emails: Some(Vec::new()),
        display_name: Some(name.to_owned()),
        org_id: Some(person::organization_id(public_id).to_string()),
        created: Some(time_with_fraction(created).to_string()),
        r#type: Some("appuser".to_owned()),
        ..Person::default()
    }
}

/// Returns the user that a person is.
pub(crate) fn user(read: &Person) -> Result<User, (String, String)> {
    let text = |text: &Option<String>| text.as_deref().filter(|text| !text.trim().is_empty()).map(Text::from);
    let Some(id) = text(&read.id) else { return Err(("id".to_owned(), "missing or blank".to_owned())) };
    let time = |field: &str, told: &Option<String>| -> Result<Option<Timestamp>, (String, String)> {
        let told = text(told).map(|text| text.parse::<Timestamp>()).transpose();
        told.map_err(|error: InvalidTime| (field.to_owned(), error.to_string()))
    };
    let phones = read.phone_numbers.iter().flatten().filter_map(|phone| {
        let label = LABELS.iter().find(|(_, kind)| Some(*kind) == phone.r#type.as_deref())?.0;
        Some(PhoneNumber { label: label.into(), number: text(&phone.value)?, ..PhoneNumber::default() })
    });
    Ok(User {
        id: user_of(&id).0,
        email: read.emails.iter().flatten().next().map(|email| email.trim().into()).unwrap_or_default(),
        first_name: text(&read.first_name),
        last_name: text(&read.last_name),
        display_name: text(&read.display_name),
        status: match (read.invite_pending, read.login_enabled) {
            (Some(true), _) => UserStatus::Pending,
            (_, Some(false)) => UserStatus::Inactive,
            _ => UserStatus::Active,
        },
        phone_numbers: phones.collect(),
        pic_url: text(&read.avatar),
        dept: text(&read.department),
        manager: text(&read.manager),
        job_title: text(&read.title),
        created_at: time("created", &read.created)?,
        timezone: text(&read.timezone),
        last_login_time: time("lastActivity", &read.last_activity)?,
        ..User::default()
    })
}
