//! Incidents: each week one access point, one provider and one client version.
//!
//! Incidents depend only on the seed and the week, so that history and live agree on them.

use rollcall_model::Text;

use crate::{
    calendar::{self, monday},
    dice::{Dice, Tag, mix},
    equipment::{Setup, faulty_version},
    people::People,
    places::{Access, CITIES, access_point_name, provider_name},
    truth::IncidentKind,
};

/// An incident with its time range.
#[derive(Debug, Clone)]
pub(crate) struct Incident {
    pub(crate) name: Text,
    pub(crate) from: i64,
    pub(crate) to: i64,
    scope: Scope,
}

#[derive(Debug, Clone, Copy)]
enum Scope {
    AccessPoint { building: u8, access_point: u8 },
    Provider(u16),
    Version { week: i64 },
}

impl Incident {
    pub(crate) const fn kind(&self) -> IncidentKind {
        match self.scope {
            Scope::AccessPoint { .. } => IncidentKind::AccessPoint,
            Scope::Provider(_) => IncidentKind::Provider,
            Scope::Version { .. } => IncidentKind::ClientVersion,
        }
    }

    /// Returns the affected seconds of an attendance from `join` to `leave` with `setup`, if any.
    pub(crate) fn touches(&self, setup: &Setup, join: i64, leave: i64) -> Option<(i64, i64)> {
        let hit = match self.scope {
            Scope::AccessPoint { building, access_point } => setup.access == Access::Wifi { building, access_point },
            Scope::Provider(provider) => setup.access.provider() == Some(provider),
            // The version is that of the join, so it affects the whole attendance or none of it.
            Scope::Version { week } => return (setup.faulty_week == Some(week)).then_some((join, leave)),
        };
        let (from, to) = (self.from.max(join), self.to.min(leave));
        (hit && from < to).then_some((from, to))
    }
}

/// Returns the incidents that have an effect between two instants.
pub(crate) fn between(seed: u64, people: &People, from: i64, to: i64) -> Vec<Incident> {
    let first = calendar::week(calendar::utc_day(from)) - 1;
    let last = calendar::week(calendar::utc_day(to)) + 1;
    let mut incidents: Vec<Incident> = (first..=last).flat_map(|week| of_week(seed, people, week)).collect();
    // A faulty version has an effect until the last participant with it leaves.
    incidents.retain(|incident| {
        let slack = if matches!(incident.scope, Scope::Version { .. }) { calendar::DAY } else { 0 };
        incident.from <= to && from <= incident.to + slack
    });
    incidents
}

/// Returns the week whose faulty version a machine of `ring` has if it joins at `join`.
pub(crate) fn faulty_version_week(seed: u64, join: i64, ring: u8) -> Option<i64> {
    let week = calendar::week(calendar::utc_day(join));
    let (from, to) = version_window(week);
    (u64::from(ring) == faulty_ring(seed, week) && (from..to).contains(&join)).then_some(week)
}

/// Tuesday and Wednesday.
const fn version_window(week: i64) -> (i64, i64) {
    ((monday(week) + 1) * calendar::DAY, (monday(week) + 3) * calendar::DAY)
}

fn faulty_ring(seed: u64, week: i64) -> u64 {
    mix(seed, week.cast_unsigned(), 11) % 4
}

fn of_week(seed: u64, people: &People, week: i64) -> Vec<Incident> {
    let mut dice = Dice::new(seed, Tag::Incident, week.cast_unsigned(), 0);
    let mut incidents = Vec::with_capacity(3);
    // Choosing a person instead of a place hits places with people.
    let pick = |dice: &mut Dice, with_desk: bool| {
        let candidates: Vec<u32> =
            people.regular.iter().copied().filter(|&index| !with_desk || people.get(index).desk.is_some()).collect();
        (!candidates.is_empty()).then(|| people.get(*dice.pick(&candidates)))
    };
    if let Some((person, (building, access_point))) =
        pick(&mut dice, true).and_then(|person| Some((person, person.desk?)))
    {
        let from = calendar::at_local(monday(week) + dice.range(0, 2), 7 * 60, &CITIES[usize::from(person.city)]);
        incidents.push(Incident {
            name: format!("access-point {} week {week}", access_point_name(building, access_point)).into(),
            from,
            to: from + dice.range(28, 58) * 3600,
            scope: Scope::AccessPoint { building, access_point },
        });
    }
    if let Some(person) = pick(&mut dice, false) {
        let city = &CITIES[usize::from(person.city)];
        let from = calendar::at_local(monday(week) + dice.range(0, 4), dice.range(8 * 60, 11 * 60), city);
        incidents.push(Incident {
            name: format!("provider {} week {week}", provider_name(person.provider)).into(),
            from,
            to: from + dice.range(7 * 60, 11 * 60) * 60,
            scope: Scope::Provider(person.provider),
        });
    }
    let (from, to) = version_window(week);
    let name = format!("client-version {}", faulty_version(week)).into();
    incidents.push(Incident { name, from, to, scope: Scope::Version { week } });
    incidents
}
