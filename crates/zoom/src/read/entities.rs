//! Users, scheduled meetings and tracking sources.

use rollcall_model::{MeetingKind, MeetingNumber, Text, TrackingSource, TrackingSourceFacts, User, UserId};

use super::{
    Facts, ReadError,
    body::{Answer, Entry, List},
};
use crate::{
    extras::{MEETING, MEETING_ITEM, TRACKING_SOURCE, USER, USER_ITEM},
    read::Defect,
    wire,
};

/// A page of users.
pub(super) fn users(answer: &Answer<'_>, facts: &mut Facts) -> Result<(), ReadError> {
    for entry in answer.list(List::Users)? {
        let user = one_user(&entry).map(|mut user| {
            user.extras = facts.extras(&USER_ITEM, &entry, &wire::User::new(&user, true));
            user
        });
        facts.keep(user, |batch, user| batch.users.push(user));
    }
    Ok(())
}

/// One user.
pub(super) fn user(answer: &Answer<'_>, facts: &mut Facts) -> Result<(), ReadError> {
    let entry = answer.whole();
    let mut user = one_user(&entry).map_err(|defect| answer.refuse(defect))?;
    user.extras = facts.extras(&USER, &entry, &wire::UserDetail::new(&user, "", true));
    facts.batch.users.push(user);
    Ok(())
}

fn one_user(entry: &Entry<'_>) -> Result<User, Defect> {
    entry.parse::<wire::UserDetail>()?.try_into().map_err(|error| entry.defect(&error))
}

/// A page of one user's meetings or webinars. An item without a host is hosted by the user in the path.
pub(super) fn user_meetings(
    answer: &Answer<'_>,
    kind: MeetingKind,
    user: &Text,
    facts: &mut Facts,
) -> Result<(), ReadError> {
    let list = match kind {
        MeetingKind::Meeting => List::Meetings,
        MeetingKind::Webinar => List::Webinars,
    };
    for entry in answer.list(list)? {
        let meeting = one_meeting(&entry, kind).map(|mut meeting| {
            meeting.extras = facts.extras(&MEETING_ITEM, &entry, &wire::MeetingItem::from(&meeting));
            meeting
        });
        facts.keep(meeting, |batch, mut meeting| {
            if meeting.host_id.is_none() && user != "me" {
                if user.contains('@') {
                    meeting.host_email.get_or_insert_with(|| user.clone());
                } else {
                    meeting.host_id = Some(UserId(user.clone()));
                }
            }
            batch.meetings.push(meeting);
        });
    }
    Ok(())
}

/// One scheduled meeting or webinar.
pub(super) fn meeting(answer: &Answer<'_>, kind: MeetingKind, facts: &mut Facts) -> Result<(), ReadError> {
    let entry = answer.whole();
    let mut meeting = one_meeting(&entry, kind).map_err(|defect| answer.refuse(defect))?;
    meeting.extras = facts.extras(&MEETING, &entry, &wire::Meeting::from(&meeting));
    facts.batch.meetings.push(meeting);
    Ok(())
}

fn one_meeting(entry: &Entry<'_>, kind: MeetingKind) -> Result<rollcall_model::Meeting, Defect> {
    entry.parse::<wire::Meeting>()?.into_model(kind).map_err(|error| entry.defect(&error))
}

/// A webinar's tracking sources.
pub(super) fn tracking_sources(answer: &Answer<'_>, number: MeetingNumber, facts: &mut Facts) -> Result<(), ReadError> {
    let mut sources = Vec::new();
    for entry in answer.list(List::TrackingSources)? {
        let source = entry
            .parse::<wire::TrackingSource>()
            .and_then(|source| TrackingSource::try_from(source).map_err(|error| entry.defect(&error)));
        if let Ok(source) = &source {
            facts.note_differences(&TRACKING_SOURCE, &entry, &wire::TrackingSource::from(source));
        }
        facts.keep(source, |_, source| sources.push(source));
    }
    facts.batch.tracking_sources.push(TrackingSourceFacts { number, sources });
    Ok(())
}
