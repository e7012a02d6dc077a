//! Users, scheduled meetings and tracking sources.

use rollcall_model::{MeetingKind, MeetingNumber, Text, TrackingSourceFacts, User, UserId};

use super::{
    Facts, ReadError,
    body::{Answer, Entry, List},
};
use crate::{read::Defect, wire};

/// A page of users.
pub(super) fn users(answer: &Answer<'_>, facts: &mut Facts) -> Result<(), ReadError> {
    for entry in answer.list(List::Users)? {
        facts.keep(one_user(&entry), |batch, user| batch.users.push(user));
    }
    Ok(())
}

/// One user.
pub(super) fn user(answer: &Answer<'_>, facts: &mut Facts) -> Result<(), ReadError> {
    let user = one_user(&answer.whole()).map_err(|defect| answer.refuse(defect))?;
    facts.batch.users.push(user);
    Ok(())
}

fn one_user(entry: &Entry<'_>) -> Result<User, Defect> {
    entry.parse::<wire::UserDetail>()?.try_into().map_err(|error| entry.defect(&error))
}

/// A page of one user's meetings or webinars. An item that names no host is hosted by the user of the path.
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
        facts.keep(one_meeting(&entry, kind), |batch, mut meeting| {
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
    let meeting = one_meeting(&answer.whole(), kind).map_err(|defect| answer.refuse(defect))?;
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
            .and_then(|source| source.try_into().map_err(|error| entry.defect(&error)));
        facts.keep(source, |_, source| sources.push(source));
    }
    facts.batch.tracking_sources.push(TrackingSourceFacts { number, sources });
    Ok(())
}
