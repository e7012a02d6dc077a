//! Texts with a closed or a usual set of values, as schemas.
//!
//! The wire types hold plain texts, because undocumented values occur; these say in the API's description which ones to
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
    /// A participant's part in the meeting or webinar. Panelists exist in webinars only.
    Role as "ZoomRole" = ["host", "attendee", "panelist"];
    /// Whether the participant was let in yet.
    ParticipantStatus as "ZoomParticipantStatus" = ["in_meeting", "in_waiting_room"];
    /// The network that the device used; blank where it is not known.
    NetworkType as "ZoomNetworkType" = ["Wired", "Wifi", "PPP", "Cellular", "Others", ""];
    /// How the client reached the data center; blank where it is not known.
    ConnectionType as "ZoomConnectionType" = [
        "UDP", "P2P", "TCP", "Reliable UDP", "SSL", "HTTP", "TCP+Proxy", "UDP+Proxy", "Reliable+Proxy", "SSL+Proxy",
        "HTTP+Proxy", "",
    ];
    /// Quality in one word, from the mean opinion score: good above 4, fair above 3, poor above 2, else bad. Blank where
    /// none was worked out.
    Quality as "ZoomQuality" = ["good", "fair", "poor", "bad", ""];
    /// A stream of a summary, or the processor.
    QosSummaryType as "ZoomQosSummaryType" = [
        "audio_input", "audio_output", "video_input", "video_output", "as_input", "as_output", "cpu_usage",
        "audio_device_from_crc", "audio_device_to_crc", "video_device_from_crc", "video_device_to_crc",
        "as_device_from_crc", "as_device_to_crc", "audio_device_from_rwg", "audio_device_to_rwg",
        "video_device_from_rwg", "video_device_to_rwg", "as_device_from_rwg", "as_device_to_rwg",
    ];
    /// What was agreed about archiving when the participant joined.
    OptionalArchiving as "ZoomOptionalArchiving" =
        ["no optional archiving", "join without archiving", "join with archiving"];
    /// The participant's answer to the notice about AI features.
    AicDisclaimer as "ZoomAicDisclaimer" = ["no disclaimer", "agree", "leave meeting"];
    /// Whether the participant called in or was called.
    CallType as "ZoomCallType" = ["call-in", "call-out"];
    /// How the attendance went as a whole.
    Health as "ZoomHealth" = ["Good", "Warning", "Critical"];
    /// How hard the processor is pressed: about 20, 50, 80 or 100 percent load. Blank where it was not measured.
    CpuPressureLevel as "ZoomCpuPressureLevel" = ["normal", "fair", "serious", "critical", ""];
    /// Whether a user can be used.
    UserStatus as "ZoomUserStatus" = ["active", "inactive", "pending"];
    /// What a telephone number is used for; blank where it is not known.
    PhoneLabel as "ZoomPhoneLabel" = ["Mobile", "Office", "Home", "Fax", ""];
    /// Whether a scheduled meeting is running.
    MeetingStatus as "ZoomMeetingStatus" = ["waiting", "started"];
    /// What a licence is for; blank where it is not known.
    LicenseType as "ZoomLicenseType" = ["MEETING", "ZOOM_WORKPLACE_BUNDLE", ""];
}
