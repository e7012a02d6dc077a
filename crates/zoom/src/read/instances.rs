//! Runs of meetings and webinars.

use rollcall_model::{Instance, InstanceFacts, InstanceRef, InstanceState, MeetingKind};

use super::{
    Defect, Facts, ReadError,
    body::{Answer, Entry, List},
};
use crate::wire::{self, EntryError};

/// A page of meetings or webinars of the dashboards.
pub(super) fn metrics_list(
    answer: &Answer<'_>,
    kind: MeetingKind,
    state: InstanceState,
    facts: &mut Facts,
) -> Result<(), ReadError> {
    for entry in answer.list(list_of(kind))? {
        let instance = metrics_entry(&entry, kind, state);
        facts.keep(instance, |batch, instance| batch.instances.push(described(instance)));
    }
    Ok(())
}

/// One meeting or webinar of the dashboards.
pub(super) fn metrics_detail(
    answer: &Answer<'_>,
    kind: MeetingKind,
    state: InstanceState,
    facts: &mut Facts,
) -> Result<(), ReadError> {
    let instance = metrics_entry(&answer.whole(), kind, state).map_err(|defect| answer.refuse(defect))?;
    facts.batch.instances.push(described(instance));
    Ok(())
}

fn metrics_entry(entry: &Entry<'_>, kind: MeetingKind, state: InstanceState) -> Result<Instance, Defect> {
    entry.parse::<wire::MetricsAny>()?.into_instance(kind, state).map_err(|error| entry.defect(&error))
}

/// A meeting's past runs, of which only name and start are told.
pub(super) fn past_list(
    answer: &Answer<'_>,
    kind: MeetingKind,
    meeting: &InstanceRef,
    facts: &mut Facts,
) -> Result<(), ReadError> {
    let number = match meeting {
        InstanceRef::Latest(number) => Some(*number),
        InstanceRef::Uuid(_) => None,
    };
    for entry in answer.list(list_of(kind))? {
        let instance = entry.parse::<wire::PastInstance>().and_then(|read| {
            let uuid = read.uuid.unwrap_or_default();
            let uuid = uuid.parse().map_err(|source| entry.defect(&EntryError::Id { field: "uuid", source }))?;
            Ok(InstanceFacts {
                state: Some(InstanceState::Past),
                number,
                start_time: read.start_time,
                ..InstanceFacts::new(kind, InstanceRef::Uuid(uuid))
            })
        });
        facts.keep(instance, |batch, instance| batch.instances.push(instance));
    }
    Ok(())
}

/// One past run.
pub(super) fn past_detail(answer: &Answer<'_>, facts: &mut Facts) -> Result<(), ReadError> {
    let entry = answer.whole();
    let instance = entry
        .parse::<wire::PastMeeting>()
        .and_then(|read| read.into_instance().map_err(|error| entry.defect(&error)))
        .map_err(|defect| answer.refuse(defect))?;
    facts.batch.instances.push(described(instance));
    Ok(())
}

const fn list_of(kind: MeetingKind) -> List {
    match kind {
        MeetingKind::Meeting => List::Meetings,
        MeetingKind::Webinar => List::Webinars,
    }
}

/// Facts that consist of the instance itself.
fn described(instance: Instance) -> InstanceFacts {
    let mut facts = InstanceFacts {
        state: Some(instance.state),
        number: instance.number,
        ..InstanceFacts::new(instance.kind, InstanceRef::Uuid(instance.uuid.clone()))
    };
    facts.details = Some(instance);
    facts
}
