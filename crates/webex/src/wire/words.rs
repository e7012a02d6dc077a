use rollcall_model as model;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// A closed set of words on the wire.
pub trait Word: Copy + 'static {
    /// Every word with its meaning, in the order of the reference.
    const WORDS: &'static [(&'static str, Self)];

    /// Returns the meaning of `word`, which is case-sensitive.
    fn parse(word: &str) -> Option<Self> {
        Self::WORDS.iter().find(|(known, _)| *known == word).map(|(_, value)| *value)
    }
}

// Words are matched as tokens: utoipa does not see through a `literal` fragment, and would describe the variants' names.
macro_rules! words {
    ($(#[$doc:meta])* $name:ident { $($(#[$variant_doc:meta])* $variant:ident = $word:tt,)+ }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
        pub enum $name {
            $($(#[$variant_doc])* #[serde(rename = $word)] $variant,)+
        }

        impl $name {
            /// Returns its name on the wire.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self {
                    $(Self::$variant => $word,)+
                }
            }
        }

        impl Word for $name {
            const WORDS: &'static [(&'static str, Self)] = &[$(($word, Self::$variant),)+];
        }

        impl From<model::$name> for $name {
            fn from(value: model::$name) -> Self {
                match value {
                    $(model::$name::$variant => Self::$variant,)+
                }
            }
        }

        impl From<$name> for model::$name {
            fn from(value: $name) -> Self {
                match value {
                    $($name::$variant => Self::$variant,)+
                }
            }
        }
    };
}

words! {
    /// How a value of the code is entered: `text` is free text, `select` one of the options, `editableSelect` either of
    /// the two, `hostProfileSelect` one of the options, only on host profile and sign-up pages.
    InputMode {
        /// Free text.
        Text = "text",
        /// One of the options.
        Select = "select",
        /// One of the options, or free text.
        EditableSelect = "editableSelect",
        /// One of the options, only on host profile and sign-up pages.
        HostProfileSelect = "hostProfileSelect",
    }
}

words! {
    /// How the code behaves on the host profile: `optional` may be filled in, `required` must be filled in (only on
    /// sites managed by Site Administration), `adminSet` is filled in by an administrator, `notUsed` is off.
    HostProfileCode {
        /// May be filled in.
        Optional = "optional",
        /// Must be filled in.
        Required = "required",
        /// An administrator fills it in.
        AdminSet = "adminSet",
        /// Off.
        NotUsed = "notUsed",
    }
}

words! {
    /// Kind of event that a rule applies to: meetings (`MeetingCenter`), events (`EventCenter`), training sessions
    /// (`TrainingCenter`), support sessions (`SupportCenter`), or `All` of them.
    Service {
        /// Every service.
        All = "All",
        /// Meetings.
        MeetingCenter = "MeetingCenter",
        /// Events.
        EventCenter = "EventCenter",
        /// Training sessions.
        TrainingCenter = "TrainingCenter",
        /// Support sessions.
        SupportCenter = "SupportCenter",
    }
}

words! {
    /// How the code behaves when an event is scheduled or started: `optional` may be filled in, `required` must be
    /// filled in, `adminSet` is filled in by an administrator (if `hostProfileCode` is `adminSet`, too), `notUsed` is
    /// off. `notApplicable` is only for the service `All` and means that the services differ.
    CodeType {
        /// May be filled in.
        Optional = "optional",
        /// Must be filled in.
        Required = "required",
        /// An administrator fills it in.
        AdminSet = "adminSet",
        /// Off.
        NotUsed = "notUsed",
        /// The services differ: read theirs.
        NotApplicable = "notApplicable",
    }
}
