//! The table of a participant's fields.

/// Calls a macro with every field of a participant but the two of its key.
///
/// A row is `field: type, what it reveals, "what it means";`:
///
/// - The type is `T` for a text, which may be lent, or [`Timestamp`](crate::Timestamp), `bool`, `i64`,
///   [`Texts`](crate::Texts), [`AudioCalls`](crate::AudioCalls) or [`Extras`](crate::Extras).
/// - What it reveals is a variant of [`Reveals`](crate::Reveals), and decides how an identity is blanked.
/// - The meaning documents the field, the archive's column and SQL's.
///
/// Rows are in the order of the array that the database stores: append, never reorder.
#[macro_export]
macro_rules! with_participant_fields {
    ($callback:ident) => {
        $callback! {
            id: T, Person, "the signed-in user's id; blank for guests";
            participant_user_id: T, Person, "the signed-in user's id under the vendor's newer key";
            participant_uuid: T, Person, "the participant's id across attendances";
            user_name: T, Person, "display name";
            email: T, Person, "email address";
            registrant_id: T, Person, "the registration that the participant joined with";
            role: T, Nothing, "host, attendee, panelist, …";
            status: T, Nothing, "`in_meeting` or `in_waiting_room`";
            device: T, Nothing, "kind of device";
            os: T, Nothing, "operating system";
            os_version: T, Nothing, "version of the operating system";
            browser_name: T, Nothing, "browser";
            browser_version: T, Nothing, "version of the browser";
            device_name: T, Device, "model of the device";
            client: T, Nothing, "client or SDK";
            version: T, Nothing, "version of the client";
            zoom_thin_client_plugin_version: T, Nothing, "version of the plug-in for virtual desktops";
            ip_address: T, Device, "public IP address";
            internal_ip_addresses: Texts, Device, "IP addresses inside the network; a list of texts";
            location: T, Place, "city and country, from the public IP address, or a site";
            network_type: T, Nothing, "Wired, Wifi, PPP, Cellular, Others, …";
            connection_type: T, Nothing, "transport and cipher of the connection: UDP, TCP, P2P, …";
            video_connection_type: T, Nothing, "transport and cipher of the video";
            as_connection_type: T, Nothing, "transport and cipher of shared content";
            data_center: T, Nothing, "the vendor's data centre";
            full_data_center: T, Nothing, "all data centres and gateways on the way";
            leave_time: Timestamp, Nothing, "when the attendance ended; NULL while it lasts or if unknown";
            leave_reason: T, Leaver, "why the participant left";
            pc_name: T, Device, "name of the computer";
            domain: T, Device, "network domain of the computer";
            mac_addr: T, Device, "hardware address";
            harddisk_id: T, Device, "id of the disk";
            // People name their headsets after themselves.
            microphone: T, Device, "microphone";
            speaker: T, Device, "loudspeaker";
            camera: T, Device, "camera";
            share_application: bool, Nothing, "whether the participant shared an application";
            share_desktop: bool, Nothing, "whether the participant shared the desktop";
            share_whiteboard: bool, Nothing, "whether the participant shared a whiteboard";
            recording: bool, Nothing, "whether the participant recorded";
            sip_uri: T, Device, "SIP address of a room system";
            from_sip_uri: T, Device, "SIP address that the call came from";
            customer_key: T, Person, "key that an SDK application set for its user";
            audio_quality: T, Nothing, "`good`, `fair`, `poor` or `bad`";
            video_quality: T, Nothing, "`good`, `fair`, `poor` or `bad`";
            screen_share_quality: T, Nothing, "`good`, `fair`, `poor` or `bad`";
            bo_mtg_id: T, Nothing, "the breakout room's instance";
            audio_call: AudioCalls, Person,
                "telephone legs; a list of objects of `call_number`, `call_type`, `zoom_number`";
            in_room_participants: i64, Nothing, "people counted in the room";
            group_id: T, Nothing, "the user's primary group";
            has_archiving: bool, Nothing, "whether the participant was archived";
            optional_archiving: T, Nothing, "the participant's choice about archiving";
            join_time_cost_ms: i64, Nothing, "time that joining took, in milliseconds";
            aic_disclaimer: T, Nothing, "answer to the notice about AI features";
            health: T, Nothing, "`Good`, `Warning` or `Critical`, with quality of service";
            issue_list: Texts, Nothing, "quality issues (`audio`, …); a list of strings";
            rc_reason: T, Nothing, "cause of the poor quality";
            extras: Extras, Person, "what the vendor reported beyond these fields";
        }
    };
}
