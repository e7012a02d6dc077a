use serde::{Deserialize, Serialize};

use crate::{
    Extras, Field, FieldKind, InstanceUuid, KeyValue, MeetingKind, MeetingNumber, Reveals, Text, Timestamp, UserId,
    field::kind_of,
};

/// Whether an instance is in progress or has ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum InstanceState {
    /// In progress.
    Live,
    /// Ended.
    Past,
}

/// Quality in words (`good`, `fair`, `poor`, `bad`, or blank), as a source reported it, in texts that are kept as `T`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct QualityLabels<T = Text> {
    /// Of the audio.
    pub audio: Option<T>,
    /// Of the video.
    pub video: Option<T>,
    /// Of the shared content.
    pub screen_share: Option<T>,
}

impl<T> QualityLabels<T> {
    /// Returns the same labels with each string mapped by `map`.
    pub fn map_texts<U>(&self, mut map: impl FnMut(&T) -> U) -> QualityLabels<U> {
        let Self { audio, video, screen_share } = self;
        QualityLabels {
            audio: audio.as_ref().map(&mut map),
            video: video.as_ref().map(&mut map),
            screen_share: screen_share.as_ref().map(&mut map),
        }
    }
}

macro_rules! type_of {
    (KeyValues) => {
        Vec<KeyValue>
    };
    ($type:ident) => {
        Option<$type>
    };
}

macro_rules! empty {
    (KeyValues) => {
        Vec::new()
    };
    ($type:ident) => {
        None
    };
}

macro_rules! fill {
    (Extras, $mine:expr, $earlier:expr) => {
        if let Some(earlier) = &$earlier {
            let later = $mine.replace(earlier.clone());
            Extras::merge(&mut $mine, later.as_ref());
        }
    };
    (KeyValues, $mine:expr, $earlier:expr) => {
        if $mine.is_empty() {
            $mine.clone_from(&$earlier);
        }
    };
    ($type:ident, $mine:expr, $earlier:expr) => {
        if $mine.is_none() {
            $mine.clone_from(&$earlier);
        }
    };
}

macro_rules! define_instance {
    ($($field:ident: $type:ident, $reveals:ident, $meaning:literal;)*) => {
        /// One run of a meeting, named by its UUID.
        #[derive(Debug, Clone, PartialEq)]
        pub struct Instance {
            /// The natural key together with the account.
            pub uuid: InstanceUuid,
            /// Meeting or webinar.
            pub kind: MeetingKind,
            /// In progress or ended.
            pub state: InstanceState,
            $(#[doc = $meaning] pub $field: type_of!($type),)*
        }

        impl Instance {
            /// All fields but UUID, kind and state, in the order of their table.
            pub const FIELDS: &[Field] = &[$(Field {
                name: stringify!($field),
                kind: kind_of!($type),
                reveals: Reveals::$reveals,
                meaning: $meaning,
            }),*];

            /// Returns an instance of which only UUID, kind and state are known.
            #[must_use]
            pub const fn unnumbered(kind: MeetingKind, uuid: InstanceUuid, state: InstanceState) -> Self {
                Self { uuid, kind, state, $($field: empty!($type)),* }
            }

            /// Fills what this report lacks from an `earlier` report of the same run, as a store does that holds the
            /// earlier one: what is reported stands, what is absent stays as it was, and a run that has ended stays so.
            pub fn fill_from(&mut self, earlier: &Self) {
                self.state = self.state.max(earlier.state);
                $(fill!($type, self.$field, earlier.$field);)*
            }
        }
    };
}
crate::with_instance_fields!(define_instance);

impl Instance {
    /// Creates an instance with only its UUID, its meeting's number and its state.
    #[must_use]
    pub const fn new(kind: MeetingKind, number: MeetingNumber, uuid: InstanceUuid, state: InstanceState) -> Self {
        let mut instance = Self::unnumbered(kind, uuid, state);
        instance.number = Some(number);
        instance
    }

    /// Returns the quality that the source reported, in words.
    #[must_use]
    pub fn labels(&self) -> QualityLabels {
        QualityLabels {
            audio: self.audio_quality.clone(),
            video: self.video_quality.clone(),
            screen_share: self.screen_share_quality.clone(),
        }
    }

    /// Returns the instance with this quality.
    #[must_use]
    pub fn with_labels(self, labels: QualityLabels) -> Self {
        let QualityLabels { audio, video, screen_share } = labels;
        Self { audio_quality: audio, video_quality: video, screen_share_quality: screen_share, ..self }
    }

    /// Returns when the run was over: at its end, or at its start if no end was reported. One that never ended counts as over two
    /// days after it began: no vendor lets one run for longer than thirty hours.
    #[must_use]
    pub fn over(&self) -> Option<Timestamp> {
        let unended = match self.state {
            InstanceState::Live => 2 * 24 * 3600,
            InstanceState::Past => 0,
        };
        self.end_time.or_else(|| Some(self.start_time?.plus_seconds(unended)))
    }
}
