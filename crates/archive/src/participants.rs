//! Converts participants to columns.

use std::sync::LazyLock;

use parquet::data_type::ByteArray;
use rollcall_model::{Participant, QualityLabels};
use serde::Serialize;

use crate::{
    column::{Column, ColumnKind, Layout, instance_columns},
    encode::Block,
};

/// Strings, in the order of [`put_participant`].
pub(crate) const TEXTS: [(&str, &str); 43] = [
    ("id", "the account user's id; blank for guests"),
    ("participant_user_id", "the participant's user id"),
    ("participant_uuid", "the participant's id across attendances"),
    ("user_name", "display name"),
    ("email", "address"),
    ("registrant_id", "the participant's registration"),
    ("role", "host, attendee, panelist, …"),
    ("status", "`in_meeting` or `in_waiting_room`"),
    ("device", "kind of device"),
    ("os", "operating system"),
    ("os_version", "its version"),
    ("browser_name", "browser"),
    ("browser_version", "its version"),
    ("device_name", "the device's name"),
    ("client", "client"),
    ("version", "the client's version"),
    ("zoom_thin_client_plugin_version", "version of the plugin for virtual desktops"),
    ("ip_address", "public address"),
    ("location", "place, from the public address"),
    ("network_type", "Wired, Wifi, PPP, Cellular, Others, …"),
    ("connection_type", "transport and cipher of the connection"),
    ("video_connection_type", "that of the video"),
    ("as_connection_type", "that of the shared content"),
    ("data_center", "data centre"),
    ("full_data_center", "data centre, with its region"),
    ("leave_reason", "why the participant left"),
    ("pc_name", "the computer's name"),
    ("domain", "the computer's domain"),
    ("mac_addr", "hardware address"),
    ("harddisk_id", "the disk's id"),
    ("microphone", "microphone"),
    ("speaker", "loudspeaker"),
    ("camera", "camera"),
    ("sip_uri", "address of a room system"),
    ("from_sip_uri", "address that called"),
    ("customer_key", "key that an integration set"),
    ("audio_quality", "`good`, `fair`, `poor` or `bad`, as reported"),
    ("video_quality", "`good`, `fair`, `poor` or `bad`, as reported"),
    ("screen_share_quality", "`good`, `fair`, `poor` or `bad`, as reported"),
    ("bo_mtg_id", "the breakout room's instance"),
    ("groupId", "the user's groups"),
    ("optional_archiving", "the choice about archiving"),
    ("aic_disclaimer", "the answer to the disclaimer about AI"),
];
/// Strings of responses about quality.
pub(crate) const QUALITY_TEXTS: [(&str, &str); 2] =
    [("health", "`Good`, `Warning` or `Critical`"), ("rc_reason", "why the quality was poor")];
pub(crate) const FLAGS: [(&str, &str); 5] = [
    ("share_application", "whether an application was shared"),
    ("share_desktop", "whether the desktop was shared"),
    ("share_whiteboard", "whether a whiteboard was shared"),
    ("recording", "whether the participant recorded"),
    ("has_archiving", "whether the participant was archived"),
];
pub(crate) const NUMBERS: [(&str, &str); 2] = [
    ("in_room_participants", "people counted in the room"),
    ("total_jointime_cost_ms", "time that joining took, in milliseconds"),
];
pub(crate) const LISTS: [(&str, &str); 3] = [
    ("internal_ip_addresses", "addresses in the local network; a list of strings"),
    ("audio_call", "telephone legs; a list of objects of `call_number`, `call_type`, `zoom_number`"),
    ("issue_list", "quality issues (`audio`, …); a list of strings"),
];

/// Returns the columns of participants, in the order of the files.
pub(crate) static COLUMNS: LazyLock<Vec<Column>> = LazyLock::new(|| {
    let time = |name, meaning| Column::new(name, ColumnKind::Timestamp, Layout::Delta, meaning);
    let of =
        |kind, layout| move |(name, meaning): &(&'static str, &'static str)| Column::new(*name, kind, layout, *meaning);
    let mut columns = Vec::from(instance_columns());
    columns.push(
        Column::new("user_id", ColumnKind::Text, Layout::Plain, "id of the attendance within the instance").required(),
    );
    columns.push(time("join_time", "when the attendance began; null if unknown"));
    columns.push(time("leave_time", "when it ended; null if unknown"));
    columns.extend(TEXTS.iter().chain(&QUALITY_TEXTS).map(of(ColumnKind::Text, Layout::Dictionary)));
    columns.extend(FLAGS.iter().map(of(ColumnKind::Boolean, Layout::Plain)));
    columns.extend(NUMBERS.iter().map(of(ColumnKind::Long, Layout::Dictionary)));
    columns.extend(LISTS.iter().map(of(ColumnKind::Json, Layout::Dictionary)));
    columns
});

/// Writes a participant's values to the block's current row, after those of its instance.
pub(crate) fn put_participant<T: AsRef<[u8]>>(block: &mut Block, participant: &Participant<T>) {
    let Participant {
        user_id,
        id,
        participant_user_id,
        participant_uuid,
        user_name,
        email,
        registrant_id,
        role,
        status,
        device,
        os,
        os_version,
        browser_name,
        browser_version,
        device_name,
        client,
        version,
        zoom_thin_client_plugin_version,
        ip_address,
        internal_ip_addresses,
        location,
        network_type,
        connection_type,
        video_connection_type,
        as_connection_type,
        data_center,
        full_data_center,
        join_time,
        leave_time,
        leave_reason,
        pc_name,
        domain,
        mac_addr,
        harddisk_id,
        microphone,
        speaker,
        camera,
        share_application,
        share_desktop,
        share_whiteboard,
        recording,
        sip_uri,
        from_sip_uri,
        customer_key,
        quality: QualityLabels { audio, video, screen_share },
        bo_mtg_id,
        audio_call,
        in_room_participants,
        group_id,
        has_archiving,
        optional_archiving,
        join_time_cost_ms,
        aic_disclaimer,
        health,
        issue_list,
        rc_reason,
        // They stay in the database.
        extras: _,
    } = participant;
    let texts: [_; TEXTS.len()] = [
        id,
        participant_user_id,
        participant_uuid,
        user_name,
        email,
        registrant_id,
        role,
        status,
        device,
        os,
        os_version,
        browser_name,
        browser_version,
        device_name,
        client,
        version,
        zoom_thin_client_plugin_version,
        ip_address,
        location,
        network_type,
        connection_type,
        video_connection_type,
        as_connection_type,
        data_center,
        full_data_center,
        leave_reason,
        pc_name,
        domain,
        mac_addr,
        harddisk_id,
        microphone,
        speaker,
        camera,
        sip_uri,
        from_sip_uri,
        customer_key,
        audio,
        video,
        screen_share,
        bo_mtg_id,
        group_id,
        optional_archiving,
        aic_disclaimer,
    ];
    let quality_texts: [_; QUALITY_TEXTS.len()] = [health, rc_reason];
    let flags: [_; FLAGS.len()] = [share_application, share_desktop, share_whiteboard, recording, has_archiving];
    let numbers: [_; NUMBERS.len()] = [in_room_participants, join_time_cost_ms];
    let lists: [_; LISTS.len()] = [json(internal_ip_addresses), json(audio_call), json(issue_list)];

    let mut columns = instance_columns().len()..;
    let mut next = || columns.next().unwrap_or_default();
    block.put_text(next(), text(user_id));
    for time in [join_time, leave_time] {
        let column = next();
        if let Some(time) = time {
            block.put_i64(column, time.as_millis());
        }
    }
    for value in texts.into_iter().chain(quality_texts) {
        let column = next();
        if let Some(value) = value {
            block.put_text(column, text(value));
        }
    }
    for value in flags {
        let column = next();
        if let Some(value) = value {
            block.put_bool(column, *value);
        }
    }
    for value in numbers {
        let column = next();
        if let Some(value) = value {
            block.put_i64(column, *value);
        }
    }
    for value in lists {
        let column = next();
        if let Some(value) = value {
            block.put_text(column, value);
        }
    }
}

fn text(bytes: &impl AsRef<[u8]>) -> ByteArray {
    ByteArray::from(&*String::from_utf8_lossy(bytes.as_ref()))
}

fn json(list: &Option<Vec<impl Serialize>>) -> Option<ByteArray> {
    // Lists of strings and of structs of strings, which can always be serialised.
    list.as_ref().and_then(|list| serde_json::to_vec(list).ok()).map(ByteArray::from)
}
