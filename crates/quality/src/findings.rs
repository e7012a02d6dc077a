//! Issues of a minute.

use rollcall_model::{CpuPressureLevel, Media, Percent, QosMinute, STREAMS, StreamState};

use crate::{Codec, Label, Profile, Reason, score::has_too_few_pictures, score_audio, score_picture};

/// Overall health of a minute or an attendance.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Health {
    /// No issues.
    #[default]
    Good,
    /// A limit was exceeded.
    Warning,
    /// By so much that the score is poor or bad, or the CPU is exhausted.
    Critical,
}

impl Health {
    /// Returns its name, as in [`rollcall_model::Participant::health`].
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Good => "Good",
            Self::Warning => "Warning",
            Self::Critical => "Critical",
        }
    }
}

/// Kind of issue.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Issue {
    /// Audio.
    Audio,
    /// Camera video.
    Video,
    /// Shared content.
    ScreenShare,
    /// CPU.
    Cpu,
}

impl Issue {
    /// Every issue, in the order of lists.
    pub const ALL: [Self; 4] = [Self::Audio, Self::Video, Self::ScreenShare, Self::Cpu];

    /// Returns its name, as in [`rollcall_model::Participant::issue_list`].
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Audio => "audio",
            Self::Video => "video",
            Self::ScreenShare => "screen_share",
            Self::Cpu => "cpu",
        }
    }
}

/// The finding for one issue: severity and reason.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Finding {
    /// Severity.
    pub health: Health,
    /// Reason; `None` if there is no issue.
    pub reason: Option<Reason>,
}

/// The issues of one minute.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Findings([Finding; Issue::ALL.len()]);

impl Findings {
    /// Returns the finding for `issue`.
    #[must_use]
    pub const fn of(&self, issue: Issue) -> Finding {
        self.0[issue as usize]
    }

    /// Returns the minute's health: that of its worst issue.
    #[must_use]
    pub fn health(&self) -> Health {
        self.0.iter().map(|finding| finding.health).max().unwrap_or_default()
    }

    /// Returns the issues, in the order of [`Issue::ALL`].
    pub fn issues(&self) -> impl Iterator<Item = Issue> + '_ {
        Issue::ALL.into_iter().filter(|issue| self.of(*issue).health > Health::Good)
    }

    fn note(&mut self, issue: Issue, health: Health, reason: Reason) {
        let finding = &mut self.0[issue as usize];
        if health > finding.health {
            *finding = Finding { health, reason: Some(reason) };
        }
    }
}

/// A CPU that is this busy on average is an issue: the level that browsers call serious.
const BUSY: Percent = Percent(80);
/// At this load it is exhausted.
const EXHAUSTED: Percent = Percent(95);

/// Finds the issues of a minute.
///
/// A stream that exceeds the limits of `profile`, or has too few frames, is an issue of its medium, and a critical one
/// if its score is poor or bad. Only the profile determines whether there is an issue, so a minute within its limits is
/// not scored: this is fast enough to do while a page is printed.
#[must_use]
pub fn find(minute: &QosMinute, profile: &Profile) -> Findings {
    let mut findings = Findings::default();
    for (stream, state) in STREAMS.iter().zip(&minute.streams) {
        let StreamState::Measured(qos) = state else { continue };
        match stream.media {
            Media::Audio => {
                if let Some(reason) = profile.audio.exceeded_by(qos) {
                    let label = score_audio(qos, Codec::Opus).map(|score| score.label());
                    findings.note(Issue::Audio, severity(label), reason);
                }
            }
            media @ (Media::Video | Media::As) => {
                let issue = if media == Media::Video { Issue::Video } else { Issue::ScreenShare };
                let too_few = has_too_few_pictures(media, qos).then_some(Reason::FrameRate);
                if let Some(reason) = too_few.or_else(|| profile.picture.exceeded_by(qos)) {
                    let label = score_picture(media, qos).map(|score| score.label);
                    findings.note(issue, severity(label), reason);
                }
            }
        }
    }
    let usage = minute.cpu_usage.and_then(|usage| usage.client_avg);
    let pressure = minute.cpu_pressure.and_then(|pressure| pressure.avg);
    if usage >= Some(EXHAUSTED) || pressure >= Some(CpuPressureLevel::Critical) {
        findings.note(Issue::Cpu, Health::Critical, Reason::Processor);
    } else if usage >= Some(BUSY) || pressure >= Some(CpuPressureLevel::Serious) {
        findings.note(Issue::Cpu, Health::Warning, Reason::Processor);
    }
    findings
}

fn severity(label: Option<Label>) -> Health {
    match label {
        Some(Label::Poor | Label::Bad) => Health::Critical,
        Some(Label::Fair | Label::Good) | None => Health::Warning,
    }
}
