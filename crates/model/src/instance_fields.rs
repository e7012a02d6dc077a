//! The table of an instance's fields.

/// Calls a macro with every field of an instance but its UUID, kind and state.
///
/// A row is `field: type, what it reveals, "what it means";`. What it reveals is a variant of [`Reveals`](crate::Reveals)
/// about the host. The meaning documents the field and SQL's column.
#[macro_export]
macro_rules! with_instance_fields {
    ($callback:ident) => {
        $callback! {
            number: MeetingNumber, Nothing,
                "the number of the meeting it is a run of; NULL if unknown. No list of Zoom's API shows such a run";
            topic: Text, Title, "title at the time of the run";
            host_id: UserId, Person, "the host's user id";
            host_name: Text, Person, "the host's name";
            host_email: Text, Person, "the host's email address";
            dept: Text, Nothing, "the host's department";
            user_type: Text, Nothing, "the host's licences, separated by `|`";
            start_time: Timestamp, Nothing, "when it began";
            end_time: Timestamp, Nothing, "when it ended; NULL while live";
            stated_participants: i64, Nothing, "how many attendances the source stated";
            in_room_participants: i64, Nothing, "people counted in rooms";
            has_pstn: bool, Nothing, "somebody called in by telephone";
            has_voip: bool, Nothing, "somebody used computer audio";
            has_third_party_audio: bool, Nothing, "somebody used another audio service";
            has_video: bool, Nothing, "somebody sent video";
            has_screen_share: bool, Nothing, "somebody shared content";
            has_recording: bool, Nothing, "it was recorded";
            has_sip: bool, Nothing, "somebody joined by SIP or H.323";
            has_archiving: bool, Nothing, "it was archived";
            has_manual_captions: bool, Nothing, "somebody typed captions";
            has_automated_captions: bool, Nothing, "captions were made by machine";
            has_poll: bool, Nothing, "there was a poll";
            has_qa: bool, Nothing, "there were questions and answers";
            has_survey: bool, Nothing, "there was a survey";
            has_external_participant: bool, Nothing, "somebody from outside the account took part";
            has_meeting_summary: bool, Nothing, "a summary was made by machine";
            audio_quality: Text, Nothing, "`good`, `fair`, `poor` or `bad`";
            video_quality: Text, Nothing, "`good`, `fair`, `poor` or `bad`";
            screen_share_quality: Text, Nothing, "`good`, `fair`, `poor` or `bad`";
            custom_keys: KeyValues, Nothing, "keys that an integration set, a list of {key, value}";
            tracking_fields: KeyValues, Nothing, "account-wide labels, a list of {key, value}";
            session_key: Text, Nothing, "key of a Video SDK session";
            avg_join_time_ms: i64, Nothing, "mean time to join, in milliseconds";
            source: Text, Nothing, "what started it, such as an integration's name";
            extras: Extras, Person, "what the vendor reported beyond these fields";
        }
    };
}
