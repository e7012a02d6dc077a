//! When an instance began and ended, if no source reported it: from its first join to its last leave.
//!
//! The store records whether a source stated the end. Otherwise it is derived from the attendances: a start that equals
//! a join and an end that equals a leave are regarded as guesses, and move with earlier joins and later leaves. Other
//! times were reported and stay. The result does not depend on the order of attendances.

use rollcall_model::{
    Instance, InstanceFacts, InstanceState, Participant, ParticipantFacts, ParticipantKey, Timestamp,
};

/// An instance's known times.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Times {
    pub(crate) start: Option<Timestamp>,
    pub(crate) end: Option<Timestamp>,
}

impl Times {
    pub(crate) fn of(instance: &Instance) -> Self {
        Self { start: instance.start_time, end: instance.end_time }
    }
}

/// When the participants of facts were present.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Presence {
    /// The first join.
    pub(crate) first_join: Option<Timestamp>,
    last_leave: Option<Timestamp>,
}

impl Presence {
    pub(crate) fn of(facts: &[ParticipantFacts]) -> Self {
        Self {
            first_join: facts.iter().filter_map(|facts| facts.participant.join_time).min(),
            last_leave: facts.iter().filter_map(|facts| facts.participant.leave_time).max(),
        }
    }

    pub(crate) fn of_keys(keys: &[ParticipantKey]) -> Self {
        Self { first_join: keys.iter().filter_map(|key| key.join_time).min(), last_leave: None }
    }
}

/// The stored instance, a source's facts about it, and what follows from attendances.
#[derive(Debug)]
pub(crate) struct Guess {
    stored: Times,
    /// Whether a source stated the stored end.
    end_stated: bool,
    told: Times,
    ended: bool,
    first_join: Option<Timestamp>,
    last_leave: Option<Timestamp>,
    /// Whether a stored participant joined at the stored start.
    joined_at_start: bool,
    /// Whether a stored participant left at the stored end.
    left_at_end: bool,
    /// Whether any stored participant left.
    left: bool,
}

impl Guess {
    /// Creates it before the stored participants are read.
    pub(crate) fn new(
        stored: Times,
        end_stated: bool,
        facts: &InstanceFacts,
        presence: Presence,
        state: InstanceState,
    ) -> Self {
        let told = facts.details.as_ref().map(Times::of).unwrap_or_default();
        Self {
            stored,
            end_stated,
            told: Times { start: told.start.or(facts.start_time), end: told.end },
            ended: state == InstanceState::Past,
            first_join: presence.first_join,
            last_leave: presence.last_leave,
            joined_at_start: false,
            left_at_end: false,
            left: false,
        }
    }

    /// Returns whether the stored participants matter, which they do not for most deliveries.
    pub(crate) fn needs_attendances(&self) -> bool {
        self.is_start_in_question() || self.is_end_in_question()
    }

    /// Adds a stored participant.
    pub(crate) fn add_stored(&mut self, participant: &Participant) {
        let (join, leave) = (participant.join_time, participant.leave_time);
        self.joined_at_start |= join.is_some() && join == self.stored.start;
        self.left_at_end |= leave.is_some() && leave == self.stored.end;
        self.left |= leave.is_some();
        self.first_join = earliest(self.first_join, join);
        self.last_leave = self.last_leave.max(leave);
    }

    /// Returns the instance's times.
    pub(crate) fn times(&self) -> Times {
        let start = match (self.told.start, self.stored.start) {
            (Some(told), _) => Some(told),
            (None, Some(stored)) if !self.joined_at_start => Some(stored),
            (None, stored) => earliest(stored, self.first_join),
        };
        let end = match (self.told.end, self.stored.end) {
            (Some(told), _) => Some(told),
            (None, Some(stored)) if !(self.is_end_in_question() && self.is_end_guessed()) => Some(stored),
            (None, None) if !self.ended => None,
            (None, _) => self.last_leave.or(start),
        };
        Times { start, end }
    }

    fn is_start_in_question(&self) -> bool {
        let joined_before = matches!((self.first_join, self.stored.start), (Some(join), Some(start)) if join < start);
        self.told.start.is_none() && joined_before
    }

    fn is_end_in_question(&self) -> bool {
        let left_after = self.last_leave > self.stored.end;
        let start_moves = self.told.start.is_some_and(|told| self.stored.start != Some(told));
        let in_question = self.stored.end.is_none() || left_after || start_moves || self.is_start_in_question();
        self.ended && self.told.end.is_none() && !self.end_stated && in_question
    }

    /// The stored end equals a leave or, if no leave is known, the start.
    fn is_end_guessed(&self) -> bool {
        self.left_at_end || !self.left && self.stored.end == self.stored.start
    }
}

fn earliest(a: Option<Timestamp>, b: Option<Timestamp>) -> Option<Timestamp> {
    a.into_iter().chain(b).min()
}
