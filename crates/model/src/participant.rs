use serde::{Deserialize, Serialize};

use crate::{Extras, ParticipantUserId, QualityLabels, Text, Timestamp};

/// A telephone call of an attendance.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct AudioCall {
    /// The participant's number.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub call_number: Option<Text>,
    /// `call-in` or `call-out`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub call_type: Option<Text>,
    /// The service's number.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub zoom_number: Option<Text>,
}

/// The key of an attendance within one instance.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ParticipantKey {
    /// The `user_id`.
    pub user_id: ParticipantUserId,
    /// When it began; vendors reuse a `user_id` when a participant rejoins, and each rejoin is a second attendance.
    pub join_time: Option<Timestamp>,
}

/// A list of texts.
pub type Texts = Vec<Text>;

/// The telephone legs of an attendance.
pub type AudioCalls = Vec<AudioCall>;

/// What a field reveals about who took part; the model's `identity.rs` blanks it accordingly.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reveals {
    /// Nobody: it is about quality, equipment in general, or the course of the attendance.
    Nothing,
    /// The person: it is an id, a name or an address, or may contain one.
    Person,
    /// The person's device, machine or network.
    Device,
    /// Where the person was.
    Place,
    /// Who left, in a sentence that also gives the reason.
    Leaver,
}

/// What kind of value a field holds. The archive's files have the columns of participants in this order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum FieldKind {
    /// A time.
    Time,
    /// A text.
    Text,
    /// Boolean.
    Flag,
    /// A whole number.
    Number,
    /// A list, as JSON if it is one value.
    List,
    /// [`Extras`].
    Extras,
}

/// A row of the table of fields, see [`with_participant_fields`](crate::with_participant_fields).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ParticipantField {
    /// Its name in [`Participant`].
    pub name: &'static str,
    /// Its content.
    pub kind: FieldKind,
    /// What it reveals about who took part.
    pub reveals: Reveals,
    /// What it means, for documents.
    pub meaning: &'static str,
}

macro_rules! kind_of {
    (T) => {
        FieldKind::Text
    };
    (Timestamp) => {
        FieldKind::Time
    };
    (bool) => {
        FieldKind::Flag
    };
    (i64) => {
        FieldKind::Number
    };
    (Extras) => {
        FieldKind::Extras
    };
    ($list:ident) => {
        FieldKind::List
    };
}

macro_rules! map_text {
    (T, $value:expr, $map:ident) => {
        $value.as_ref().map(&mut $map)
    };
    ($other:ident, $value:expr, $map:ident) => {
        Clone::clone(&$value)
    };
}

macro_rules! define_participant {
    ($($field:ident: $type:ident, $reveals:ident, $meaning:literal;)*) => {
        /// One attendance: one join up to its leave. Its texts are its own, or lent (`T`) by the source they were read from.
        ///
        /// A field is `None` if no source reported it, and an empty text if a source reported it as blank. Texts whose
        /// values the vendors treat as an open set (device, network type, role, …) stay texts: undocumented values occur.
        #[derive(Debug, Clone, Default, PartialEq)]
        pub struct Participant<T = Text> {
            /// The `user_id`.
            pub user_id: T,
            /// When the attendance began.
            pub join_time: Option<Timestamp>,
            $(#[doc = $meaning] pub $field: Option<$type>,)*
        }

        impl Participant {
            /// All fields but the key's two, in the order of their table.
            pub const FIELDS: &[ParticipantField] = &[$(ParticipantField {
                name: stringify!($field),
                kind: kind_of!($type),
                reveals: Reveals::$reveals,
                meaning: $meaning,
            }),*];
        }

        impl<T> Participant<T> {
            /// Returns the same participant with each text as `map` makes it.
            pub fn map_texts<U>(&self, mut map: impl FnMut(&T) -> U) -> Participant<U> {
                Participant {
                    user_id: map(&self.user_id),
                    join_time: self.join_time,
                    $($field: map_text!($type, self.$field, map),)*
                }
            }
        }
    };
}
crate::with_participant_fields!(define_participant);

impl<T> Participant<T> {
    /// Returns the quality that the source reported, in words.
    #[must_use]
    pub fn labels(&self) -> QualityLabels<&T> {
        QualityLabels {
            audio: self.audio_quality.as_ref(),
            video: self.video_quality.as_ref(),
            screen_share: self.screen_share_quality.as_ref(),
        }
    }

    /// Returns the participant with this quality.
    #[must_use]
    pub fn with_labels(self, labels: QualityLabels<T>) -> Self {
        let QualityLabels { audio, video, screen_share } = labels;
        Self { audio_quality: audio, video_quality: video, screen_share_quality: screen_share, ..self }
    }
}

impl Participant {
    /// Returns the key of this attendance.
    #[must_use]
    pub fn key(&self) -> ParticipantKey {
        ParticipantKey { user_id: ParticipantUserId(self.user_id.clone()), join_time: self.join_time }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The rows of the document about the handling of a participant's fields when an identity is blanked.
    const DOCUMENT: &str = include_str!("../../../docs/retention.md");

    #[test]
    fn the_document_lists_each_field_by_what_becomes_of_it() {
        for field in Participant::FIELDS {
            let fate = match field.reveals {
                Reveals::Nothing => "| kept |",
                Reveals::Person | Reveals::Device => "| blanked |",
                Reveals::Place | Reveals::Leaver => "| shortened |",
            };
            let row = DOCUMENT.lines().find(|line| line.starts_with(fate)).unwrap();
            let listed = row.contains(&format!("`{}`", field.name));
            assert!(listed, "{} is not in the row {fate} of docs/retention.md", field.name);
        }
    }
}
