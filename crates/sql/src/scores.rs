//! Values computed from a minute: columns after those of the archive.

use rollcall_model::{QosMinute, StreamState};
use rollcall_quality::{Basis, Issue, Label, Profile, Reason, find, score_minute};
use rusqlite::types::Value;

use crate::tables::Type;

/// The columns: name, kind, meaning.
pub(crate) const COLUMNS: [(&str, Type, &str); 11] = [
    (
        "audio_mos",
        Type::Real,
        "mean opinion score of the worst audio stream, 1 to 4.5, by ITU-T G.107; see docs/quality.md",
    ),
    ("audio_rating", Type::Real, "its rating R, 93.2 at best"),
    ("audio_label", Type::Text, "good, fair, poor or bad"),
    ("audio_reason", Type::Text, "main cause of a low score: latency, jitter, loss or codec"),
    (
        "audio_estimated",
        Type::Flag,
        "whether the score is an estimate, because no standard has constants for the codec",
    ),
    ("video_label", Type::Text, "label of the worst camera video: good, fair, poor or bad"),
    ("video_reason", Type::Text, "the rule that decided: latency, jitter, loss or frame_rate; NULL if it is good"),
    ("screen_share_label", Type::Text, "label of shared content: good, fair, poor or bad"),
    ("screen_share_reason", Type::Text, "the rule that decided; NULL if it is good"),
    ("health", Type::Text, "Good, Warning or Critical; NULL if no media flowed"),
    ("issue_list", Type::Json, "what exceeded its limits: audio, video, screen_share, cpu; NULL if no media flowed"),
];

/// Returns the value of a column.
pub(crate) fn value(column: usize, minute: &QosMinute, profile: &Profile) -> Value {
    let word = |word: Option<&str>| word.map_or(Value::Null, |word| Value::Text(word.to_owned()));
    let flowed = || minute.streams.iter().any(|state| matches!(state, StreamState::Measured(_)));
    let scores = || score_minute(minute);
    match column {
        0 => scores().audio.map_or(Value::Null, |score| Value::Real(score.mos)),
        1 => scores().audio.map_or(Value::Null, |score| Value::Real(score.rating)),
        2 => word(scores().audio.map(|score| score.label().as_str())),
        3 => word(scores().audio.and_then(|score| score.reason).map(Reason::as_str)),
        4 => scores().audio.map_or(Value::Null, |score| Value::Integer((score.basis == Basis::Estimated).into())),
        5 => word(scores().video.map(|score| score.label).map(Label::as_str)),
        6 => word(scores().video.and_then(|score| score.reason).map(Reason::as_str)),
        7 => word(scores().share.map(|score| score.label).map(Label::as_str)),
        8 => word(scores().share.and_then(|score| score.reason).map(Reason::as_str)),
        9 if flowed() => Value::Text(find(minute, profile).health().as_str().to_owned()),
        10 if flowed() => {
            let issues: Vec<_> = find(minute, profile).issues().map(Issue::as_str).collect();
            Value::Text(serde_json::json!(issues).to_string())
        }
        _ => Value::Null,
    }
}
