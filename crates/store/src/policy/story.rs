//! What follows from the reports of one `user_id`: its attendances, the participant, and when each ended.

use std::collections::VecDeque;

use rollcall_model::{
    InstanceId, Joins, Participant, ParticipantReport, ParticipantUserId, ReportTime, Text, Timestamp,
};

use super::{Rows, merge::merge_fields};
use crate::{Result, StoredParticipant};

/// The status of a participant in the waiting room.
pub(super) const WAITING: &str = "in_waiting_room";

/// What is known about one `user_id`.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Known {
    /// Its reports; later ones override earlier ones.
    reports: Vec<ParticipantReport>,
    /// The participant's identity, from any report of the same participant.
    identity: Participant,
    /// When the instance ended.
    end: Option<Timestamp>,
}

impl Known {
    pub(super) fn of(
        tx: &dyn Rows,
        instance: InstanceId,
        user_id: &ParticipantUserId,
        end: Option<Timestamp>,
    ) -> Result<Self> {
        let own = tx.participant_reports(instance, user_id)?;
        let mut all = own.clone();
        for other in tx.same_participant(instance, user_id, &[])? {
            if other != *user_id {
                all.extend(tx.participant_reports(instance, &other)?);
            }
        }
        all.sort_by_key(|report| match report.time {
            ReportTime::Always => None,
            ReportTime::Joined(at) | ReportTime::At(at) | ReportTime::Waiting(at) | ReportTime::Waited(at) => Some(at),
        });
        let mut identity = Participant::default();
        for report in &all {
            merge_fields(&mut identity, &identity_of(&report.told));
        }
        Ok(Self { reports: own, identity, end })
    }

    /// Returns the same for an instance that ended at a different time.
    pub(super) fn ended(self, end: Option<Timestamp>) -> Self {
        Self { end, ..self }
    }
}

/// The fields of the identity, which apply to all attendances of the participant.
fn identity_of(told: &Participant) -> Participant {
    let said = |text: &Option<Text>| text.clone().filter(|text| !text.is_empty());
    Participant {
        id: said(&told.id),
        participant_user_id: said(&told.participant_user_id),
        participant_uuid: said(&told.participant_uuid),
        user_name: said(&told.user_name),
        email: said(&told.email),
        registrant_id: said(&told.registrant_id),
        customer_key: said(&told.customer_key),
        ..Participant::default()
    }
}

/// The attendances that follow from the stored and reported data of one `user_id`.
pub(super) struct Story<'k> {
    known: &'k Known,
    joins: Joins,
    /// When the participant began to wait, except for waits that have become joins.
    waits: Joins,
}

/// The values of one attendance.
pub(super) struct Follows {
    pub(super) participant: Participant,
    /// Its end if no report has one: the end of the instance, or the participant's next join.
    pub(super) ended: Option<Timestamp>,
}

impl Follows {
    /// Ends an attendance without a reported leave. `ended_before` is its previous end.
    pub(super) fn end(&self, wanted: &mut Participant, ended_before: Option<Timestamp>) {
        let is_open = wanted.leave_time.is_none() || wanted.leave_time == ended_before;
        if self.participant.leave_time.is_none() && is_open {
            wanted.leave_time = self.ended;
        }
    }
}

impl<'k> Story<'k> {
    pub(super) fn of(rows: &[StoredParticipant], known: &'k Known) -> Self {
        let reported = |is_wanted: fn(ReportTime) -> Option<Timestamp>| {
            known.reports.iter().filter_map(move |report| is_wanted(report.time))
        };
        let stored = |waiting: bool| {
            let rows = rows.iter().filter(move |row| is_waiting(&row.participant) == waiting);
            rows.filter_map(|row| row.participant.join_time)
        };
        let joined = reported(|time| if let ReportTime::Joined(at) = time { Some(at) } else { None });
        let joins: Joins = stored(false).chain(joined).collect();
        let waited = reported(|time| if let ReportTime::Waiting(at) = time { Some(at) } else { None });
        let waits = stored(true).chain(waited).filter(|wait| !joins.as_slice().contains(wait)).collect();
        Self { known, joins, waits }
    }

    /// Returns whether the participant joined at that time.
    pub(super) fn has_join(&self, at: Timestamp) -> bool {
        self.joins.as_slice().contains(&at)
    }

    /// Returns the joins that are not among those stored.
    pub(super) fn joins(&self, stored: &[Timestamp]) -> VecDeque<Timestamp> {
        self.joins.as_slice().iter().copied().filter(|join| !stored.contains(join)).collect()
    }

    /// Returns the same for waits.
    pub(super) fn waits(&self, stored: &[Timestamp]) -> VecDeque<Timestamp> {
        self.waits.as_slice().iter().copied().filter(|wait| !stored.contains(wait)).collect()
    }

    /// Returns the values of the attendance that began at `join`; `waits` if its row says that the participant was
    /// waiting.
    pub(super) fn follows(&self, join: Option<Timestamp>, waits: bool) -> Follows {
        let waits = match join {
            Some(join) => self.waits.as_slice().contains(&join),
            None => waits,
        };
        let mut participant = self.reported(join, waits);
        let device = participant.device.clone();
        fill_identity(&mut participant, &self.known.identity);
        let end = self.known.end;
        let ended = match join {
            None => end,
            Some(join) if waits => {
                let next = [self.joins.next_after(join), self.waits.next_after(join), end];
                next.into_iter().flatten().min().map(|ended| ended.max(join))
            }
            // A participant who joins with another device may attend twice.
            Some(join) => {
                let next =
                    self.joins.next_after(join).filter(|next| self.reported(Some(*next), false).device == device);
                end.map(|end| next.map_or(end, |next| next.min(end)).max(join))
            }
        };
        Follows { participant, ended }
    }

    /// Returns the combined reports about one attendance.
    fn reported(&self, join: Option<Timestamp>, waits: bool) -> Participant {
        let mut told = Participant::default();
        for ParticipantReport { time, told: report } in &self.known.reports {
            let joins = if time.is_waiting() { &self.waits } else { &self.joins };
            let is_same_kind = time.is_waiting() == waits;
            let belongs = *time == ReportTime::Always
                || is_same_kind && joins.of_report(*time, report.leave_time.is_some()) == Some(join);
            if belongs {
                merge_fields(&mut told, report);
            }
        }
        told
    }
}

/// Fills the participant's identity if the attendance's own reports lack it.
fn fill_identity(participant: &mut Participant, identity: &Participant) {
    let mut filled = identity.clone();
    // A report of the attendance itself takes precedence; a blank one only if no other has more.
    merge_fields(&mut filled, participant);
    *participant = filled;
}

/// Returns whether the attendance is one in the waiting room.
pub(super) fn is_waiting(participant: &Participant) -> bool {
    participant.status.as_deref() == Some(WAITING)
}
