use serde::{Deserialize, Serialize};

use crate::{Extras, Field, FieldKind, ParticipantUserId, QualityLabels, Reveals, Text, Timestamp, field::kind_of};

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
            pub const FIELDS: &[Field] = &[$(Field {
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
