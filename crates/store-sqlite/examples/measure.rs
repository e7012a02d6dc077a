//! Measures the paths that have goals, on a database with a million participants: how long it takes to open, to read a
//! page of 300 participants, to find an instance and a token, and to write 1000 participants.
//!
//! `cargo run --release -p rollcall-store-sqlite --example measure [FILE]`; a file that exists is used as it is.
#![expect(clippy::unwrap_used, clippy::print_stdout, reason = "a measure, not a part of the program")]

use std::{
    path::{Path, PathBuf},
    time::{Duration, Instant},
};

use rollcall_model::{
    AccountId, Instance, InstanceId, InstanceRef, InstanceState, InstanceUuid, MeetingKind, MeetingNumber, Participant,
    Scopes, SecretHash, Timestamp, TokenKind,
};
use rollcall_store::{Accounts, InstanceStore, NewToken, OAuthStore, ParticipantStore};
use rollcall_store_sqlite::SqliteStore;

const INSTANCES: usize = 1000;
const PER_INSTANCE: usize = 1000;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

#[tokio::main]
async fn main() {
    let folder = tempfile::tempdir().unwrap();
    let path = std::env::args().nth(1).map_or_else(|| folder.path().join("rollcall.db"), PathBuf::from);
    if !path.exists() {
        fill(&path).await;
    }

    let begin = Instant::now();
    let store = SqliteStore::open(&path).unwrap();
    let account = store.accounts().await.unwrap()[0].id;
    println!("open and read one row: {:?}", begin.elapsed());

    let mut rounds = Vec::new();
    for number in (0..INSTANCES).cycle().step_by(7).take(2000) {
        let id = InstanceId(number as i64 + 1);
        let begin = Instant::now();
        let page = store.list_participants(account, id, None, 300).await.unwrap();
        rounds.push(begin.elapsed());
        assert_eq!(page.len(), 300);
    }
    report("page of 300 participants", rounds);

    let mut rounds = Vec::new();
    for number in (0..INSTANCES).cycle().step_by(7).take(5000) {
        let instance = InstanceRef::Uuid(uuid(number));
        let begin = Instant::now();
        let found = store.find_instance(account, MeetingKind::Meeting, &instance, None).await.unwrap();
        rounds.push(begin.elapsed());
        assert!(found.is_some());
    }
    report("find_instance by UUID", rounds);

    let hash = SecretHash::of("secret");
    let mut rounds = Vec::new();
    for _ in 0..5000 {
        let begin = Instant::now();
        let found = store.find_token(&hash).await.unwrap();
        rounds.push(begin.elapsed());
        assert!(found.is_some());
    }
    report("find_token", rounds);

    let mut rounds = Vec::new();
    let uuid: InstanceUuid = format!("new{}==", begin.elapsed().as_nanos()).parse().unwrap();
    let instance = Instance::new(MeetingKind::Meeting, MeetingNumber(1), uuid, InstanceState::Live);
    let id = store.put_instance(account, &instance).await.unwrap();
    for round in 0..20 {
        let participants: Vec<_> = (0..1000).map(|number| participant(round * 1000 + number)).collect();
        let begin = Instant::now();
        store.put_participants(account, id, &participants).await.unwrap();
        rounds.push(begin.elapsed());
    }
    report("write 1000 new participants", rounds);

    let mut rounds = Vec::new();
    for round in 0..20 {
        let participants: Vec<_> = (0..1000).map(|number| participant(round * 1000 + number)).collect();
        let begin = Instant::now();
        store.put_participants(account, id, &participants).await.unwrap();
        rounds.push(begin.elapsed());
    }
    report("write the same 1000 again", rounds);

    let mut rounds = Vec::new();
    for round in 0..200 {
        let begin = Instant::now();
        store.put_participants(account, id, &[participant(100_000 + round)]).await.unwrap();
        rounds.push(begin.elapsed());
    }
    report("write one participant", rounds);

    let begin = Instant::now();
    let writers: Vec<_> = (0..64)
        .map(|writer| {
            let store = store.clone();
            tokio::spawn(async move {
                for round in 0..50 {
                    let participant = participant(200_000 + writer * 50 + round);
                    store.put_participants(account, id, &[participant]).await.unwrap();
                }
            })
        })
        .collect();
    for writer in writers {
        writer.await.unwrap();
    }
    println!("64 writers, one participant a write: {:?} a write", begin.elapsed() / 3200);
}

fn report(what: &str, mut rounds: Vec<Duration>) {
    rounds.sort_unstable();
    println!("{what}: median {:?}, 99 of 100 within {:?}", rounds[rounds.len() / 2], rounds[rounds.len() * 99 / 100]);
}

async fn fill(path: &Path) {
    let store = SqliteStore::open(path).unwrap();
    let now = Timestamp::from_seconds(1_700_000_000);
    let account = store.create_account("one", "public", now).await.unwrap().id;
    store.create_tokens(&[token(account, now)]).await.unwrap();
    let mut ids = Vec::new();
    for number in 0..INSTANCES {
        let instance = Instance {
            start_time: Some(now.plus_seconds(number as i64)),
            topic: Some("Physics 101".into()),
            ..Instance::new(MeetingKind::Meeting, MeetingNumber(number as i64), uuid(number), InstanceState::Past)
        };
        ids.push(store.put_instance(account, &instance).await.unwrap());
    }
    // A hundred at a time to each instance in turn, as live meetings arrive.
    let begin = Instant::now();
    for first in (0..PER_INSTANCE).step_by(100) {
        for id in &ids {
            let participants: Vec<_> = (first..first + 100).map(participant).collect();
            store.put_participants(account, *id, &participants).await.unwrap();
        }
    }
    println!("filled with {} participants in {:?}", INSTANCES * PER_INSTANCE, begin.elapsed());
}

fn uuid(number: usize) -> InstanceUuid {
    format!("gm8s9L+PTEC+{number:06}Fbd1Cw==").parse().unwrap()
}

fn token(account: AccountId, now: Timestamp) -> NewToken {
    NewToken {
        hash: SecretHash::of("secret"),
        account,
        client_id: None,
        user_id: None,
        kind: TokenKind::Access,
        scopes: Scopes::All,
        created_at: now,
        expires_at: None,
    }
}

/// A participant as the dashboard API tells it: two in three of the fields.
fn participant(number: usize) -> Participant {
    let joined = Timestamp::from_seconds(1_700_000_000 + number as i64);
    Participant {
        user_id: format!("{}", 16_778_240 + number).into(),
        id: Some("zJKyaiAyTNC-MWjiWC18KQ".into()),
        participant_user_id: Some("DYHrdpjrS3uaOf7dPkkg8w".into()),
        participant_uuid: Some(format!("55555AAAiAAAAAiAi{number:06}").into()),
        user_name: Some(format!("Marguerite Exampleton {number}").into()),
        email: Some(format!("marguerite.{number}@mail.example.org").into()),
        registrant_id: Some("_f08HhPJS82MIVLuuFaJPg".into()),
        role: Some("attendee".into()),
        device: Some("Windows".into()),
        os: Some("windows".into()),
        os_version: Some("10.0.22631".into()),
        client: Some("Zoom".into()),
        version: Some("5.17.5.31030".into()),
        ip_address: Some("203.0.113.77".into()),
        internal_ip_addresses: Some(vec!["192.168.1.20".into()]),
        location: Some("Zurich (Switzerland)".into()),
        network_type: Some("Wifi".into()),
        connection_type: Some("UDP".into()),
        data_center: Some("FR (Frankfurt Top)".into()),
        full_data_center: Some("United States;Frankfurt;".into()),
        join_time: Some(joined),
        leave_time: Some(joined.plus_seconds(3600)),
        leave_reason: Some("Marguerite left the meeting.<br>Reason: Host ended the meeting.".into()),
        pc_name: Some("DESKTOP-1234".into()),
        domain: Some("WORKGROUP".into()),
        mac_addr: Some("00:00:5e:00:53:01".into()),
        harddisk_id: Some("0025_3844_31B1_2345.".into()),
        microphone: Some("Headset Microphone (Jabra Evolve2 65)".into()),
        speaker: Some("Headset Earphone (Jabra Evolve2 65)".into()),
        camera: Some("Integrated Webcam".into()),
        share_application: Some(false),
        share_desktop: Some(true),
        share_whiteboard: Some(false),
        recording: Some(false),
        audio_quality: Some("good".into()),
        video_quality: Some("good".into()),
        screen_share_quality: Some(rollcall_model::Text::default()),
        ..Participant::default()
    }
}
