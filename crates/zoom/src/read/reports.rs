//! Reports about past meetings and webinars, and about their hosts.

use rollcall_extras::Kind;
use rollcall_model::MeetingKind;

use super::{Facts, ReadError, body::Answer, instances::described};
use crate::{
    extras::{HISTORY_MEETING, MEETING_REPORT, USER_MEETING_REPORT, USER_REPORT},
    wire,
};

/// What is counted here.
const UNCOUNTED: wire::Counted = wire::Counted { participants: 0, minutes: 0, schedule_type: None };

/// The report of one meeting or webinar.
pub(super) fn one(answer: &Answer<'_>, kind: MeetingKind, facts: &mut Facts) -> Result<(), ReadError> {
    let entry = answer.whole();
    let mut instance = entry
        .parse::<wire::MeetingReport>()
        .and_then(|read| read.into_instance(Some(kind)).map_err(|error| entry.defect(&error)))
        .map_err(|defect| answer.refuse(defect))?;
    let served = wire::MeetingReport::of_one(&instance, UNCOUNTED);
    instance.extras = facts.extras(&MEETING_REPORT, &entry, &served);
    facts.batch.instances.push(described(instance));
    Ok(())
}

/// A page of a user's meetings and webinars.
pub(super) fn of_user(answer: &Answer<'_>, facts: &mut Facts) -> Result<(), ReadError> {
    let values = answer.values()?;
    for entry in answer.entries("meetings", values.get("meetings").copied())? {
        let read = entry.parse::<wire::MeetingReport>();
        let instance = read.and_then(|read| read.into_instance(None).map_err(|error| entry.defect(&error)));
        let instance = instance.map(|mut instance| {
            let served = wire::MeetingReport::of_list(&instance, UNCOUNTED);
            instance.extras = facts.extras(&USER_MEETING_REPORT, &entry, &served);
            instance
        });
        facts.keep(instance, |batch, instance| batch.instances.push(described(instance)));
    }
    Ok(())
}

/// A page of the account's meetings and webinars.
pub(super) fn history(answer: &Answer<'_>, facts: &mut Facts) -> Result<(), ReadError> {
    let values = answer.values()?;
    for entry in answer.entries("history_meetings", values.get("history_meetings").copied())? {
        let read = entry.parse::<wire::HistoryMeeting>();
        let instance = read.and_then(|read| read.into_instance().map_err(|error| entry.defect(&error)));
        let instance = instance.map(|mut instance| {
            let served = wire::HistoryMeeting::new(&instance, UNCOUNTED, None);
            instance.extras = facts.extras(&HISTORY_MEETING, &entry, &served);
            instance
        });
        facts.keep(instance, |batch, instance| batch.instances.push(described(instance)));
    }
    Ok(())
}

/// A page of hosts. What they used is counted here.
pub(super) fn hosts(answer: &Answer<'_>, facts: &mut Facts) -> Result<(), ReadError> {
    let values = answer.values()?;
    for entry in answer.entries("users", values.get("users").copied())? {
        let read = entry.parse::<wire::UserReport>();
        let user = read.and_then(|read| read.into_model().map_err(|error| entry.defect(&error)));
        if let Ok(user) = &user {
            facts.note_differences(&USER_REPORT, &entry, &wire::UserReport::new(user, 0, 0, 0));
        }
        facts.keep(user, |batch, user| batch.users.push(user));
    }
    Ok(())
}

/// Entries of which nothing is kept: each key is named once.
pub(super) fn sums(answer: &Answer<'_>, list: &'static str, facts: &mut Facts) -> Result<(), ReadError> {
    const NOTHING: Kind = Kind { name: "zoom.sums", ignored: &[], whole_keys_only: false };
    let values = answer.values()?;
    for entry in answer.entries(list, values.get(list).copied())? {
        facts.note_differences(&NOTHING, &entry, &serde_json::json!({}));
    }
    Ok(())
}
