//! Runs of meetings and webinars.

use rollcall_model::{Extras, Instance, InstanceFacts, InstanceRef, InstanceState, MeetingKind};

use serde_json::Value;

use super::{
    Defect, Facts, ReadError,
    body::{Answer, Entry, List},
};
use crate::{
    extras::{METRICS, METRICS_LIVE, PAST_INSTANCE, PAST_MEETING},
    wire::{self, EntryError},
};

/// A page of meetings or webinars of the dashboards.
pub(super) fn metrics_list(
    answer: &Answer<'_>,
    kind: MeetingKind,
    state: InstanceState,
    facts: &mut Facts,
) -> Result<(), ReadError> {
    for entry in answer.list(list_of(kind))? {
        let instance = metrics_entry(&entry, kind, state).map(|mut instance| {
            instance.extras = metrics_extras(&entry, &instance, facts);
            instance
        });
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
    let entry = answer.whole();
    let mut instance = metrics_entry(&entry, kind, state).map_err(|defect| answer.refuse(defect))?;
    instance.extras = metrics_extras(&entry, &instance, facts);
    facts.batch.instances.push(described(instance));
    Ok(())
}

/// Returns values of a dashboard entry beyond an instance's fields. A list and a detail have different fields, so those
/// of either count as stored.
fn metrics_extras(entry: &Entry<'_>, instance: &Instance, facts: &mut Facts) -> Option<Extras> {
    let served = match instance.kind {
        MeetingKind::Meeting => {
            let options = wire::ListOptions { tracking_fields: true };
            let list = serde_json::to_value(wire::MetricsMeeting::new(instance, 0, options));
            let detail = serde_json::to_value(wire::MetricsMeetingDetail::new(instance, 0));
            match (list, detail) {
                (Ok(Value::Object(mut list)), Ok(Value::Object(mut detail))) => {
                    detail.append(&mut list);
                    Value::Object(detail)
                }
                _ => Value::Null,
            }
        }
        MeetingKind::Webinar => serde_json::to_value(wire::MetricsWebinar::new(instance, 0)).unwrap_or_default(),
    };
    let kind = match instance.state {
        InstanceState::Live => &METRICS_LIVE,
        InstanceState::Past => &METRICS,
    };
    facts.extras(kind, entry, &served)
}

fn metrics_entry(entry: &Entry<'_>, kind: MeetingKind, state: InstanceState) -> Result<Instance, Defect> {
    entry.parse::<wire::MetricsAny>()?.into_instance(kind, state).map_err(|error| entry.defect(&error))
}

/// A meeting's past runs, with only UUID and start.
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
        let read = entry.parse::<wire::PastInstance>();
        if let Ok(read) = &read {
            facts.note_differences(&PAST_INSTANCE, &entry, read);
        }
        let instance = read.and_then(|read| {
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
    let mut instance = entry
        .parse::<wire::PastMeeting>()
        .and_then(|read| read.into_instance().map_err(|error| entry.defect(&error)))
        .map_err(|defect| answer.refuse(defect))?;
    instance.extras = facts.extras(&PAST_MEETING, &entry, &wire::PastMeeting::new(&instance, 0, None, None));
    facts.batch.instances.push(described(instance));
    Ok(())
}

const fn list_of(kind: MeetingKind) -> List {
    match kind {
        MeetingKind::Meeting => List::Meetings,
        MeetingKind::Webinar => List::Webinars,
    }
}

/// Facts that consist only of the instance.
pub(super) fn described(instance: Instance) -> InstanceFacts {
    let mut facts = InstanceFacts {
        state: Some(instance.state),
        number: instance.number,
        ..InstanceFacts::new(instance.kind, InstanceRef::Uuid(instance.uuid.clone()))
    };
    facts.details = Some(instance);
    facts
}
