//! When an instance began and ended, where no source said so: from its first join to its last leave.
//!
//! Of an end, it is stored whether a source stated it. Otherwise, that is read off the attendances: a start at which somebody
//! joined and an end at which somebody left are taken for guesses, and move as earlier joins and later leaves come in.
//! Others were told and stay. However the attendances are delivered, the same times come of them.

use rollcall_model::{
    Instance, InstanceFacts, InstanceState, Participant, ParticipantFacts, ParticipantKey, Timestamp,
};

/// An instance's times, as far as they are known.
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

/// When those were there whom facts tell of.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Presence {
    /// When the first of them joined.
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

/// What is stored of an instance, what a source tells of it now, and what attendances let guess.
#[derive(Debug)]
pub(crate) struct Guess {
    stored: Times,
    /// A source stated the stored end.
    end_stated: bool,
    told: Times,
    ended: bool,
    first_join: Option<Timestamp>,
    last_leave: Option<Timestamp>,
    /// A stored participant joined at the stored start.
    joined_at_start: bool,
    /// A stored participant left at the stored end.
    left_at_end: bool,
    /// A stored participant left at all.
    left: bool,
}

impl Guess {
    /// What is known before the stored participants are looked at.
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

    /// Whether the stored participants have a say in it, which most deliveries are spared.
    pub(crate) fn needs_attendances(&self) -> bool {
        self.is_start_in_question() || self.is_end_in_question()
    }

    /// Takes a stored participant into account.
    pub(crate) fn add_stored(&mut self, participant: &Participant) {
        let (join, leave) = (participant.join_time, participant.leave_time);
        self.joined_at_start |= join.is_some() && join == self.stored.start;
        self.left_at_end |= leave.is_some() && leave == self.stored.end;
        self.left |= leave.is_some();
        self.first_join = earliest(self.first_join, join);
        self.last_leave = self.last_leave.max(leave);
    }

    /// The instance's times.
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

    /// The stored end is somebody's leave or, where nobody is known to have left, the start.
    fn is_end_guessed(&self) -> bool {
        self.left_at_end || !self.left && self.stored.end == self.stored.start
    }
}

fn earliest(a: Option<Timestamp>, b: Option<Timestamp>) -> Option<Timestamp> {
    a.into_iter().chain(b).min()
}
