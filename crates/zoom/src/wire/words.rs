//! Schemas of strings with a closed or a usual set of values.
//!
//! The wire types have plain strings, because undocumented values occur; these say in the API description which ones to
//! expect.

use std::borrow::Cow;

use utoipa::{
    PartialSchema, ToSchema,
    openapi::{ObjectBuilder, RefOr, Schema, Type},
};

macro_rules! words {
    ($($(#[doc = $doc:literal])* $name:ident as $schema:literal = [$($word:literal),+ $(,)?];)+) => {$(
        $(#[doc = $doc])*
        #[derive(Debug, Clone, Copy)]
        pub struct $name;

        impl $name {
            /// The values.
            pub const WORDS: &[&str] = &[$($word),+];
        }

        impl PartialSchema for $name {
            fn schema() -> RefOr<Schema> {
                let words = [$($word),+];
                let description = [$($doc),*].map(str::trim).join(" ");
                ObjectBuilder::new()
                    .schema_type(Type::String)
                    .description(Some(description))
                    .enum_values(Some(words))
                    .examples(words.into_iter().find(|word| !word.is_empty()))
                    .into()
            }
        }

        impl ToSchema for $name {
            fn name() -> Cow<'static, str> {
                Cow::Borrowed($schema)
            }
        }
    )+};
}

words! {
    /// A participant's role in the meeting or webinar. Panelists exist only in webinars.
    Role as "ZoomRole" = ["host", "attendee", "panelist"];
    /// Whether the participant was admitted yet.
    ParticipantStatus as "ZoomParticipantStatus" = ["in_meeting", "in_waiting_room"];
    /// Type of the device's network; blank if unknown.
    NetworkType as "ZoomNetworkType" = ["Wired", "Wifi", "PPP", "Cellular", "Others", ""];
    /// Type of the connection to the data center; blank if unknown.
    ConnectionType as "ZoomConnectionType" = [
        "UDP", "P2P", "TCP", "Reliable UDP", "SSL", "HTTP", "TCP+Proxy", "UDP+Proxy", "Reliable+Proxy", "SSL+Proxy",
        "HTTP+Proxy", "",
    ];
    /// Quality label from the mean opinion score: good above 4, fair above 3, poor above 2, otherwise bad. Blank if
    /// there is none.
    Quality as "ZoomQuality" = ["good", "fair", "poor", "bad", ""];
    /// A stream of a summary, or the CPU.
    QosSummaryType as "ZoomQosSummaryType" = [
        "audio_input", "audio_output", "video_input", "video_output", "as_input", "as_output", "cpu_usage",
        "audio_device_from_crc", "audio_device_to_crc", "video_device_from_crc", "video_device_to_crc",
        "as_device_from_crc", "as_device_to_crc", "audio_device_from_rwg", "audio_device_to_rwg",
        "video_device_from_rwg", "video_device_to_rwg", "as_device_from_rwg", "as_device_to_rwg",
    ];
    /// The participant's consent to archiving.
    OptionalArchiving as "ZoomOptionalArchiving" =
        ["no optional archiving", "join without archiving", "join with archiving"];
    /// The participant's response to the notice about AI features.
    AicDisclaimer as "ZoomAicDisclaimer" = ["no disclaimer", "agree", "leave meeting"];
    /// Whether the participant called in or was called.
    CallType as "ZoomCallType" = ["call-in", "call-out"];
    /// Overall health of the attendance.
    Health as "ZoomHealth" = ["Good", "Warning", "Critical"];
    /// CPU pressure: about 20, 50, 80 or 100 percent load. Blank if not measured.
    CpuPressureLevel as "ZoomCpuPressureLevel" = ["normal", "fair", "serious", "critical", ""];
    /// Status of a user.
    UserStatus as "ZoomUserStatus" = ["active", "inactive", "pending"];
    /// Use of a telephone number; blank if unknown.
    PhoneLabel as "ZoomPhoneLabel" = ["Mobile", "Office", "Home", "Fax", ""];
    /// Whether a scheduled meeting is in progress.
    MeetingStatus as "ZoomMeetingStatus" = ["waiting", "started"];
    /// Use of a licence; blank if unknown.
    LicenseType as "ZoomLicenseType" = ["MEETING", "ZOOM_WORKPLACE_BUNDLE", ""];
    /// Whether the host has approved a registration.
    RegistrantStatus as "ZoomRegistrantStatus" = ["approved", "pending", "denied", "cancelled"];
    /// What happens to registrations.
    RegistrantAction as "ZoomRegistrantAction" = ["approve", "deny", "cancel"];
    /// Language of messages to a registrant. Some are spelled as the vendor spells them.
    RegistrantLanguage as "ZoomRegistrantLanguage" = [
        "en-US", "de-DE", "es-ES", "fr-FR", "jp-JP", "pt-PT", "ru-RU", "zh-CN", "zh-TW", "ko-KO", "it-IT", "vi-VN",
        "pl-PL", "Tr-TR",
    ];
    /// How a question is answered: `single` only for meetings, `single_radio`, `single_dropdown` and `multiple` only for
    /// webinars.
    QuestionType as "ZoomQuestionType" = ["short", "single", "single_radio", "single_dropdown", "multiple"];
    /// A field of the registration form.
    FormField as "ZoomFormField" = [
        "last_name", "address", "city", "country", "zip", "state", "phone", "industry", "org", "job_title",
        "purchasing_time_frame", "role_in_purchase_process", "no_of_employees", "comments",
    ];
    /// What happens to a meeting or webinar that is in progress.
    StatusAction as "ZoomStatusAction" = ["end"];
}
