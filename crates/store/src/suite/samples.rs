//! Entities with every field set, to detect a field that a backend omits.

use rollcall_model::{
    AudioCall, CodeType, Extras, HostProfileCode, InputMode, Instance, InstanceState, KeyValue, Meeting, MeetingKind,
    MeetingNumber, Participant, PhoneNumber, ScheduleStartCode, Service, Site, SiteManager, Text, TrackingCode,
    TrackingCodeId, TrackingCodeMode, TrackingCodeOption, TrackingSource, User, UserAttribute, UserId, UserLicense,
    UserStatus,
};

use super::at;

fn some(text: &str) -> Option<Text> {
    Some(text.into())
}

fn extras() -> Option<Extras> {
    Extras::new("zoom.meeting", [("/recurrence".into(), r#"{"type":2}"#.into())].into_iter().collect())
}

fn key_values() -> Vec<KeyValue> {
    vec![KeyValue { key: "cost \"centre\"".into(), value: "Zürich, 会议".into() }]
}

pub(super) fn user(id: &str) -> User {
    User { id: id.into(), email: format!("{id}@example.com").into(), ..User::default() }
}

pub(super) fn full_user(id: &str) -> User {
    User {
        id: id.into(),
        email: format!("{id}@Example.com").into(),
        first_name: some("Zoë"),
        last_name: some("O'Hara"),
        display_name: some("Zoë O'Hara"),
        license_type: Some(2),
        status: UserStatus::Inactive,
        pmi: Some(MeetingNumber(9_876_543_210)),
        use_pmi: Some(false),
        timezone: some("Europe/Zurich"),
        verified: Some(true),
        dept: some("Physics"),
        created_at: Some(at(1)),
        user_created_at: Some(at(2)),
        last_login_time: Some(at(3)),
        last_client_version: some("5.9.1.2581(mac)"),
        group_ids: vec!["g1".into(), "g2".into()],
        im_group_ids: vec!["im1".into()],
        division_ids: vec!["d1".into()],
        role_id: some("0"),
        role_name: some("Admin"),
        plan_united_type: some("1"),
        employee_unique_id: some("e-1"),
        host_key: some("299438"),
        custom_attributes: vec![UserAttribute { key: "k".into(), name: "n".into(), value: "v".into() }],
        license_info_list: vec![UserLicense {
            license_type: "ZOOM_WORKPLACE".into(),
            license_option: 16,
            subscription_id: "s".into(),
        }],
        account_number: Some(10_009_999),
        cms_user_id: some("cms"),
        company: some("Example"),
        jid: some("jid@xmpp.example"),
        job_title: some("Professor"),
        cost_center: some("cc"),
        language: some("en-US"),
        location: some("Zürich"),
        login_types: vec![101, 100],
        manager: some("boss@example.com"),
        personal_meeting_url: some("https://example.com/j/1"),
        phone_country: some("CH"),
        phone_number: some("+41 44 000 00 00"),
        phone_numbers: vec![PhoneNumber {
            code: "+41".into(),
            country: "CH".into(),
            label: "Mobile".into(),
            number: "440000000".into(),
            verified: true,
        }],
        pic_url: some("https://example.com/p.png"),
        pronouns: some("they"),
        pronouns_option: Some(1),
        vanity_url: some("https://example.com/my/zoe"),
        cluster: some("us06"),
        zoom_one_type: Some(4),
        has_webinar_license: Some(true),
        extras: extras(),
    }
}

pub(super) fn meeting(kind: MeetingKind, number: i64, host_id: &str) -> Meeting {
    Meeting { host_id: Some(host_id.into()), ..Meeting::new(kind, MeetingNumber(number)) }
}

pub(super) fn full_meeting(number: i64) -> Meeting {
    Meeting {
        kind: MeetingKind::Webinar,
        number: MeetingNumber(number),
        uuid: some("gm8s9L+PTEC+FG3sFbd1Cw=="),
        host_id: Some(UserId::from("host")),
        host_email: some("host@example.com"),
        topic: some("Quarterly"),
        schedule_type: Some(5),
        status: some("waiting"),
        start_time: Some(at(60)),
        duration_minutes: Some(90),
        timezone: some("Asia/Singapore"),
        agenda: some("Numbers"),
        created_at: Some(at(-60)),
        join_url: some("https://example.com/j/2"),
        registration_url: some("https://example.com/w/register/2"),
        is_simulive: Some(true),
        tracking_fields: key_values(),
        settings_json: Some(r#"{"audio":"both"}"#.to_owned()),
        occurrences_json: Some("[]".to_owned()),
        series_id: some("aaaa0000aaaa0000aaaa0000aaaa0009"),
        extras: extras(),
        // Only events say so.
        deleted_at: None,
    }
}

pub(super) fn instance(uuid: &str, number: i64, state: InstanceState) -> Instance {
    Instance::new(MeetingKind::Meeting, MeetingNumber(number), uuid.parse().unwrap(), state)
}

pub(super) fn full_instance(uuid: &str) -> Instance {
    Instance {
        uuid: uuid.parse().unwrap(),
        kind: MeetingKind::Webinar,
        number: Some(MeetingNumber(93_201_235_621)),
        state: InstanceState::Past,
        topic: some("Quarterly"),
        host_id: Some(UserId::from("host")),
        host_name: some("Zoë O'Hara"),
        host_email: some("host@example.com"),
        dept: some("Physics"),
        user_type: some("Licensed|On-Prem"),
        start_time: Some(at(0)),
        end_time: Some(at(3600)),
        stated_participants: Some(17),
        in_room_participants: Some(3),
        has_pstn: Some(true),
        has_voip: Some(false),
        has_third_party_audio: Some(true),
        has_video: Some(false),
        has_screen_share: Some(true),
        has_recording: Some(false),
        has_sip: Some(true),
        has_archiving: Some(false),
        has_manual_captions: Some(true),
        has_automated_captions: Some(false),
        has_poll: Some(true),
        has_qa: Some(false),
        has_survey: Some(true),
        has_external_participant: Some(false),
        has_meeting_summary: Some(true),
        audio_quality: some("good"),
        video_quality: some(""),
        screen_share_quality: some("bad"),
        custom_keys: key_values(),
        tracking_fields: key_values(),
        session_key: some("ABC36jaBI145"),
        avg_join_time_ms: Some(1250),
        source: some("rollcall"),
        extras: extras(),
    }
}

pub(super) fn participant(user_id: &str, joined: Option<i64>) -> Participant {
    Participant { user_id: user_id.into(), join_time: joined.map(at), ..Participant::default() }
}

pub(super) fn full_participant(user_id: &str) -> Participant {
    Participant {
        user_id: user_id.into(),
        id: some("zJKyaiAyTNC-MWjiWC18KQ"),
        participant_user_id: some("DYHrdpjrS3uaOf7dPkkg8w"),
        participant_uuid: some("55555AAAiAAAAAiAiAiiAii"),
        user_name: some("Ana María 😀"),
        email: some("ana@example.com"),
        registrant_id: some("_f08HhPJS82MIVLuuFaJPg"),
        role: some("host"),
        status: some("in_meeting"),
        device: some("Windows"),
        os: some("windows"),
        os_version: some("10.0.22631"),
        browser_name: some("Chrome"),
        browser_version: some("120"),
        device_name: some("ThinkPad"),
        client: some("Zoom"),
        version: some("5.17.0"),
        zoom_thin_client_plugin_version: some("6.0"),
        ip_address: some("2001:db8::1"),
        internal_ip_addresses: Some(vec!["192.168.1.2".into(), "10.0.0.7".into()]),
        location: some("Zürich"),
        network_type: some("Wifi"),
        connection_type: some("P2P"),
        video_connection_type: some("UDP"),
        as_connection_type: some("SSL"),
        data_center: some("SC"),
        full_data_center: some("SC Top;"),
        join_time: Some(at(5)),
        leave_time: Some(at(65)),
        leave_reason: some("Ana left the meeting.<br>Reason: Host ended the meeting."),
        pc_name: some("pc"),
        domain: some("example"),
        mac_addr: some("00:00:5e:00:53:01"),
        harddisk_id: some("hd"),
        microphone: some("Plantronics BT600"),
        speaker: some("Plantronics"),
        camera: some("FaceTime HD"),
        share_application: Some(true),
        share_desktop: Some(false),
        share_whiteboard: Some(true),
        recording: Some(false),
        sip_uri: some("sip:a@example.com"),
        from_sip_uri: some("sip:b@example.com"),
        customer_key: some("349589LkJyeW"),
        audio_quality: some("good"),
        video_quality: some("fair"),
        screen_share_quality: some(""),
        bo_mtg_id: some("27423d09"),
        audio_call: Some(vec![AudioCall {
            call_number: some("+41440000000"),
            call_type: some("call-in"),
            zoom_number: None,
        }]),
        in_room_participants: Some(4),
        group_id: some("g1"),
        has_archiving: Some(true),
        optional_archiving: some("by_user"),
        join_time_cost_ms: Some(2500),
        aic_disclaimer: some("yes"),
        health: some("Good"),
        issue_list: Some(vec![]),
        rc_reason: some("reason"),
        extras: extras(),
    }
}

pub(super) fn source(id: &str, visitor_count: i64) -> TrackingSource {
    TrackingSource {
        id: id.into(),
        source_name: "https://example.com/?utm=\"a\"".into(),
        tracking_url: format!("https://example.com/register?tk={id}").into(),
        visitor_count,
        registration_count: visitor_count / 2,
    }
}

pub(super) fn site(url: &str, is_default: bool) -> Site {
    Site {
        url: url.into(),
        is_default,
        managed_by: SiteManager::ControlHub,
        tracking_code_mode: TrackingCodeMode::Mapping,
    }
}

pub(super) fn code(site_url: &str, id: &str, name: &str) -> TrackingCode {
    TrackingCode {
        id: TrackingCodeId::from(id),
        name: name.into(),
        site_url: site_url.into(),
        input_mode: InputMode::EditableSelect,
        options: vec![
            TrackingCodeOption { value: "Physics".into(), default_value: true },
            TrackingCodeOption { value: "Chemie, Zürich".into(), default_value: false },
        ],
        host_profile_code: HostProfileCode::AdminSet,
        schedule_start_codes: vec![
            ScheduleStartCode { service: Service::All, code_type: CodeType::NotApplicable },
            ScheduleStartCode { service: Service::EventCenter, code_type: CodeType::Required },
        ],
    }
}
