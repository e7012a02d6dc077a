//! Combines minutes to an attendance, and attendances to an instance.
//!
//! One rule for many minutes: a label is the best that nine minutes in ten reach, and an issue counts if a tenth of
//! them have it. A mean would hide the worst tenth, which is what people complain about. Counts are additive, so an
//! instance is labelled by all minutes of all participants, in any order.

use rollcall_model::{ParticipantId, QosMinute, QualityLabels, StreamState, Text};

use crate::{Health, Issue, Label, MinuteScores, Profile, find, score_minute};

/// Returns whether `part` is at least a tenth of `whole`.
const fn is_a_tenth(part: u64, whole: u64) -> bool {
    part > 0 && part * 10 >= whole
}

/// Number of minutes of one medium with each label.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct MediaTally {
    /// By label, in the order of [`Label::ALL`].
    minutes: [u64; Label::ALL.len()],
}

impl MediaTally {
    /// Creates a tally with these numbers of minutes, in the order of [`Label::ALL`].
    #[must_use]
    pub const fn of_minutes(minutes: [u64; Label::ALL.len()]) -> Self {
        Self { minutes }
    }

    /// Counts a minute.
    pub const fn add(&mut self, label: Label) {
        self.minutes[label as usize] += 1;
    }

    /// Adds another tally.
    pub fn merge(&mut self, other: &Self) {
        for (mine, theirs) in self.minutes.iter_mut().zip(other.minutes) {
            *mine += theirs;
        }
    }

    /// Returns the number of minutes with `label`.
    #[must_use]
    pub const fn minutes(&self, label: Label) -> u64 {
        self.minutes[label as usize]
    }

    /// Returns the best label that more than nine minutes in ten reach. `None` if there were no scores.
    #[must_use]
    pub fn label(&self) -> Option<Label> {
        let whole: u64 = self.minutes.iter().sum();
        let mut as_bad = 0;
        Label::ALL.into_iter().find(|label| {
            as_bad += self.minutes(*label);
            is_a_tenth(as_bad, whole)
        })
    }
}

/// The quality of an attendance or of a whole instance.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct AttendanceQuality {
    /// Of audio.
    pub audio: MediaTally,
    /// Of camera video.
    pub video: MediaTally,
    /// Of shared content.
    pub share: MediaTally,
}

impl AttendanceQuality {
    /// Counts a scored minute.
    pub fn add(&mut self, scores: &MinuteScores) {
        let MinuteScores { audio, video, share } = scores;
        let labels = [audio.map(|score| score.label()), video.map(|score| score.label), share.map(|score| score.label)];
        for (tally, label) in [&mut self.audio, &mut self.video, &mut self.share].into_iter().zip(labels) {
            if let Some(label) = label {
                tally.add(label);
            }
        }
    }

    /// Adds another's minutes.
    pub fn merge(&mut self, other: &Self) {
        self.audio.merge(&other.audio);
        self.video.merge(&other.video);
        self.share.merge(&other.share);
    }

    /// Returns the labels. A medium without scores has none.
    #[must_use]
    pub fn labels(&self) -> QualityLabels {
        let word = |tally: &MediaTally| tally.label().map(|label| Text::const_new(label.as_str()));
        QualityLabels { audio: word(&self.audio), video: word(&self.video), screen_share: word(&self.share) }
    }
}

/// Computes labels from all minutes of an instance, which are added participant by participant.
#[derive(Debug, Clone, Default)]
pub struct InstanceScorer {
    instance: AttendanceQuality,
    done: Vec<(ParticipantId, QualityLabels)>,
    open: Option<(ParticipantId, AttendanceQuality)>,
}

impl InstanceScorer {
    /// Adds a minute. Those of one participant must be consecutive.
    pub fn add(&mut self, participant: ParticipantId, minute: &QosMinute) {
        if self.open.is_none_or(|(open, _)| open != participant) {
            self.close();
        }
        let (_, quality) = self.open.get_or_insert_with(|| (participant, AttendanceQuality::default()));
        quality.add(&score_minute(minute));
    }

    fn close(&mut self) {
        if let Some((participant, quality)) = self.open.take() {
            self.instance.merge(&quality);
            self.done.push((participant, quality.labels()));
        }
    }

    /// Returns the labels of the instance, and of each participant with minutes, in the order of adding.
    #[must_use]
    pub fn finish(mut self) -> (QualityLabels, Vec<(ParticipantId, QualityLabels)>) {
        self.close();
        (self.instance.labels(), self.done)
    }
}

/// The health of an attendance, from its minutes.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct AttendanceHealth {
    minutes: u64,
    /// By issue, in the order of [`Issue::ALL`].
    warning: [u64; Issue::ALL.len()],
    /// The critical ones of these.
    critical: [u64; Issue::ALL.len()],
}

impl AttendanceHealth {
    /// Adds a minute. One without media says nothing, and is not counted.
    pub fn add(&mut self, minute: &QosMinute, profile: &Profile) {
        if !minute.streams.iter().any(|state| matches!(state, StreamState::Measured(_))) {
            return;
        }
        self.minutes += 1;
        let findings = find(minute, profile);
        for issue in Issue::ALL {
            match findings.of(issue).health {
                Health::Good => {}
                Health::Warning => self.warning[issue as usize] += 1,
                Health::Critical => {
                    self.warning[issue as usize] += 1;
                    self.critical[issue as usize] += 1;
                }
            }
        }
    }

    /// Returns the number of counted minutes.
    #[must_use]
    pub const fn minutes(&self) -> u64 {
        self.minutes
    }

    /// Returns the health of the attendance. `None` if there are no counted minutes.
    #[must_use]
    pub fn health(&self) -> Option<Health> {
        let any = |counts: &[u64]| counts.iter().any(|count| is_a_tenth(*count, self.minutes));
        if self.minutes == 0 {
            None
        } else if any(&self.critical) {
            Some(Health::Critical)
        } else if any(&self.warning) {
            Some(Health::Warning)
        } else {
            Some(Health::Good)
        }
    }

    /// Returns the issues of at least a tenth of the minutes, in the order of [`Issue::ALL`].
    pub fn issues(&self) -> impl Iterator<Item = Issue> + '_ {
        Issue::ALL.into_iter().filter(|issue| is_a_tenth(self.warning[*issue as usize], self.minutes))
    }
}
