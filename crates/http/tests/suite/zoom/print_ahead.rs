//! Pages that are printed ahead are the same as those that are printed per request, and never older than what is stored.

use std::time::Duration;

use rollcall_http::{PrintAhead, PrintAheadSettings, Settings};
use rollcall_lifecycle::{Job as _, Next, erasure::Eraser};
use rollcall_model::{
    Identifier, Instance, InstanceId, InstanceState, LocationGrain, MeetingKind, MeetingNumber, Participant, Timestamp,
};
use rollcall_store::{BlankedSoFar, InstancePart, InstanceStore, LARGE_INSTANCE, ParticipantStore, RetentionStore};
use serde_json::{Value, json};

use crate::common::{NOW, Server};
use crate::zoom::World;

const NUMBER: i64 = 123_456_789;
const LIST: &str = "/v2/metrics/webinars/123456789/participants?type=past";

/// A webinar that ended an hour ago, and the job that prints its participants ahead.
struct Printed {
    // Dropped before the folder of its stores.
    ahead: PrintAhead,
    world: World,
    instance: InstanceId,
    dir: tempfile::TempDir,
}

impl Printed {
    async fn new(count: u64, max_bytes: u64) -> Self {
        let world = World::of(Server::new(Settings::default()).await).await;
        let dir = tempfile::tempdir().unwrap();
        let settings =
            PrintAheadSettings { settle: Duration::from_secs(600), round: Duration::from_secs(60), max_bytes };
        let ahead = PrintAhead::new(&world.app, dir.path(), 1, settings).unwrap();
        let uuid = "gm8s9L+PTEC+FG3sFbd1Cw==".parse().unwrap();
        let instance = Instance {
            end_time: Some(Timestamp::from_seconds(NOW - 3600)),
            ..Instance::new(MeetingKind::Webinar, MeetingNumber(NUMBER), uuid, InstanceState::Past)
        };
        let instance = world.store.put_instance(world.account, &instance).await.unwrap();
        let printed = Self { world, ahead, instance, dir };
        printed.put((0..count).map(|number| person(number, "Ana \"A\" שרה")).collect()).await;
        printed
    }

    async fn put(&self, people: Vec<Participant>) {
        self.world.store.put_participants(self.world.account, self.instance, &people).await.unwrap();
    }

    async fn round(&mut self) {
        assert_eq!(self.ahead.round().await.unwrap(), Next::Later);
        assert_eq!(self.ahead.pending().await.unwrap(), 0);
    }

    fn sheets(&self) -> usize {
        std::fs::read_dir(self.dir.path()).unwrap().count()
    }

    /// All participants, in pages of `size`.
    async fn walk(&self, size: usize) -> Vec<Value> {
        let pages = self.world.walk(&format!("{LIST}&page_size={size}")).await;
        pages.into_iter().flat_map(|mut page| page["participants"].as_array_mut().unwrap().split_off(0)).collect()
    }
}

fn person(number: u64, name: &str) -> Participant {
    Participant {
        user_id: number.to_string().into(),
        join_time: Some(Timestamp::from_seconds(NOW - 7200)),
        user_name: Some(name.into()),
        email: Some(format!("{number}@example.com").into()),
        registrant_id: Some(format!("r{number}").into()),
        ..Participant::default()
    }
}

#[tokio::test]
async fn pages_are_the_same_in_every_size() {
    let mut printed = Printed::new(LARGE_INSTANCE + 25, u64::MAX).await;
    let mut walks = Vec::new();
    for ahead in [false, true] {
        if ahead {
            printed.round().await;
        }
        assert_eq!(printed.sheets(), usize::from(ahead));
        let mut pages = Vec::new();
        for size in [300, 299, 7] {
            pages.push(printed.walk(size).await);
        }
        walks.push(pages);
    }
    assert_eq!(walks[0], walks[1]);
    assert_eq!(walks[1][2].len() as u64, LARGE_INSTANCE + 25);
}

#[tokio::test]
async fn a_change_shows_at_once() {
    let mut printed = Printed::new(LARGE_INSTANCE + 1, u64::MAX).await;
    printed.round().await;
    printed.put(vec![person(3, "Another name")]).await;
    assert_eq!(printed.walk(30).await[3]["user_name"], "Another name");
    printed.round().await;
    printed.round().await;
    assert_eq!(printed.sheets(), 1, "the old one is deleted");
    assert_eq!(printed.walk(30).await[3]["user_name"], "Another name");
}

#[tokio::test]
async fn sheets_are_read_and_a_damaged_one_is_harmless() {
    let mut printed = Printed::new(LARGE_INSTANCE + 1, u64::MAX).await;
    printed.round().await;
    let path = std::fs::read_dir(printed.dir.path()).unwrap().next().unwrap().unwrap().path();
    let whole = std::fs::read(&path).unwrap();
    let altered: Vec<u8> = whole.iter().map(|byte| if *byte == b'A' { b'B' } else { *byte }).collect();
    std::fs::write(&path, altered).unwrap();
    assert_eq!(printed.walk(300).await[0]["user_name"], "Bna \"B\" שרה", "pages come from the sheet");
    std::fs::write(&path, &whole[..whole.len() / 2]).unwrap();
    assert_eq!(printed.walk(300).await[0]["user_name"], "Ana \"A\" שרה");
}

#[tokio::test]
async fn only_what_every_caller_sees_is_taken_from_a_sheet() {
    let mut printed = Printed::new(LARGE_INSTANCE + 1, u64::MAX).await;
    printed.round().await;
    let page = printed.world.ok(&format!("{LIST}&include_fields=registrant_id")).await;
    assert_eq!(page["participants"][3]["registrant_id"], "r3");
    assert!(printed.world.ok(LIST).await["participants"][3].get("registrant_id").is_none());

    let Printed { ahead, world, .. } = printed;
    drop(ahead);
    let other = World::of(world.server.in_another_account().await).await;
    assert_eq!(other.get(LIST).await.status, 404);
}

#[tokio::test]
async fn what_is_small_recent_or_too_much_is_not_printed_ahead() {
    let mut small = Printed::new(LARGE_INSTANCE, u64::MAX).await;
    small.round().await;
    assert_eq!(small.sheets(), 0);

    let mut large = Printed::new(LARGE_INSTANCE + 1, 100_000).await;
    large.round().await;
    assert_eq!(large.sheets(), 0);

    let mut recent = Printed::new(LARGE_INSTANCE + 1, u64::MAX).await;
    recent.world.clock.set(Timestamp::from_seconds(NOW - 3600 + 599));
    recent.round().await;
    assert_eq!(recent.sheets(), 0);
    recent.world.clock.set(Timestamp::from_seconds(NOW - 3600 + 600));
    recent.round().await;
    assert_eq!(recent.sheets(), 1);
}

#[tokio::test]
async fn an_erased_person_is_on_no_page() {
    let mut printed = Printed::new(LARGE_INSTANCE + 1, u64::MAX).await;
    printed.round().await;
    let Server { store, clock, account, .. } = &printed.world.server;
    assert_eq!(printed.walk(300).await[3]["email"], "3@example.com");
    let eraser = Eraser::new(store.clone(), clock.clone());
    let identifiers = Identifier::of_user("3@example.com").into_iter().collect();
    eraser.begin(*account, &identifiers, [7; 32]).await.unwrap();
    eraser.finish_pending().await.unwrap();
    let people = printed.walk(300).await;
    assert_eq!((&people[3]["user_name"], &people[3]["email"]), (&json!(""), &json!("")));
    assert_eq!(people[4]["email"], "4@example.com");
}

#[tokio::test]
async fn what_retention_drops_is_on_no_page() {
    let mut printed = Printed::new(LARGE_INSTANCE + 1, u64::MAX).await;
    printed.round().await;
    let Server { store, account, .. } = &printed.world.server;
    let (instance, now) = (printed.instance, Timestamp::from_seconds(NOW));
    assert_eq!(printed.walk(300).await[3]["email"], "3@example.com");
    let mut so_far = Some(BlankedSoFar { after: None, changes: None, rows: 0 });
    while let Some(before) = so_far {
        let blanked = store.blank_identity(*account, instance, LocationGrain::City, now, before, 200).await.unwrap();
        so_far = blanked.1;
    }
    assert!(printed.walk(300).await.iter().all(|person| person["email"] == ""));
    store.drop_part(*account, instance, InstancePart::Participants, now, now, 100).await.unwrap();
    assert_eq!(printed.walk(300).await.len() as u64, LARGE_INSTANCE - 99);
}
