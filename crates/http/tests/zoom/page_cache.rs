//! Pages of participants are the same whether they come from the cache or not, and never older than what is stored.

use rollcall_http::Settings;
use rollcall_lifecycle::erasure::Eraser;
use rollcall_model::{
    Identifier, Instance, InstanceId, InstanceState, LocationGrain, MeetingKind, MeetingNumber, Participant, Timestamp,
};
use rollcall_store::{BlankedSoFar, InstancePart, InstanceStore, ParticipantStore, RetentionStore};
use serde_json::{Value, json};

use crate::{
    World,
    common::{NOW, Server},
};

/// The most participants of an instance whose pages are not cached.
const LARGE_INSTANCE: u64 = 300;
const LIST: &str = "/v2/metrics/webinars/123456789/participants?type=past";
const NAME: &str = "Ana \"A\" שרה";

/// A server that keeps so many bytes of pages, and a webinar that ended an hour ago.
struct Webinar {
    world: World,
    instance: InstanceId,
}

impl Webinar {
    async fn new(count: u64, page_cache_bytes: u64) -> Self {
        let settings = Settings { page_cache_bytes, ..Settings::default() };
        let world = World::of(Server::new(settings).await).await;
        let uuid = "gm8s9L+PTEC+FG3sFbd1Cw==".parse().unwrap();
        let instance = Instance {
            end_time: Some(Timestamp::from_seconds(NOW - 3600)),
            ..Instance::new(MeetingKind::Webinar, MeetingNumber(123_456_789), uuid, InstanceState::Past)
        };
        let instance = world.store.put_instance(world.account, &instance).await.unwrap();
        let webinar = Self { world, instance };
        webinar.put((0..count).map(|number| person(number, NAME)).collect()).await;
        webinar
    }

    async fn put(&self, people: Vec<Participant>) {
        self.world.store.put_participants(self.world.account, self.instance, &people).await.unwrap();
    }

    /// All participants, in pages of `size`.
    async fn walk(&self, size: usize) -> Vec<Value> {
        let pages = self.world.walk(&format!("{LIST}&page_size={size}")).await;
        pages.into_iter().flat_map(|mut page| page["participants"].as_array_mut().unwrap().split_off(0)).collect()
    }

    fn cached(&self) -> usize {
        self.world.app.cached_pages()
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
    let count = LARGE_INSTANCE + 25;
    let (cached, uncached) = (Webinar::new(count, 32 << 20).await, Webinar::new(count, 0).await);
    for (size, pages) in [(300, 2), (299, 2), (7, 47)] {
        let before = cached.cached();
        let expected = uncached.walk(size).await;
        assert_eq!(expected.len() as u64, count);
        for _ in 0..3 {
            assert_eq!(cached.walk(size).await, expected);
            assert_eq!(cached.cached() - before, pages, "the first walk fills the cache");
        }
    }
    assert_eq!(uncached.cached(), 0);
}

#[tokio::test]
async fn a_change_shows_at_once() {
    let webinar = Webinar::new(LARGE_INSTANCE + 1, 32 << 20).await;
    for name in ["Bo", "Cy"] {
        webinar.walk(30).await;
        webinar.put(vec![person(3, name)]).await;
        assert_eq!(webinar.walk(30).await[3]["user_name"], name);
    }
    webinar.put(vec![person(LARGE_INSTANCE + 1, NAME)]).await;
    assert_eq!(webinar.walk(30).await.len() as u64, LARGE_INSTANCE + 2);
}

#[tokio::test]
async fn an_erased_person_is_on_no_page() {
    let webinar = Webinar::new(LARGE_INSTANCE + 1, 32 << 20).await;
    let Server { store, clock, account, .. } = &webinar.world.server;
    assert_eq!(webinar.walk(300).await[3]["email"], "3@example.com");
    let eraser = Eraser::new(store.clone(), clock.clone());
    let identifiers = Identifier::of_user("3@example.com").into_iter().collect();
    eraser.begin(*account, &identifiers, [7; 32]).await.unwrap();
    eraser.finish_pending().await.unwrap();
    let people = webinar.walk(300).await;
    assert_eq!((&people[3]["user_name"], &people[3]["email"]), (&json!(""), &json!("")));
    assert_eq!(people[4]["email"], "4@example.com");
}

#[tokio::test]
async fn what_retention_drops_is_on_no_page() {
    let webinar = Webinar::new(LARGE_INSTANCE + 1, 32 << 20).await;
    let Server { store, account, .. } = &webinar.world.server;
    let (instance, now) = (webinar.instance, Timestamp::from_seconds(NOW));
    assert_eq!(webinar.walk(300).await[3]["email"], "3@example.com");
    let mut so_far = Some(BlankedSoFar { after: None, changes: None, rows: 0 });
    while let Some(before) = so_far {
        let blanked = store.blank_identity(*account, instance, LocationGrain::City, now, before, 200).await.unwrap();
        so_far = blanked.1;
    }
    assert!(webinar.walk(300).await.iter().all(|person| person["email"] == ""));
    store.drop_part(*account, instance, InstancePart::Participants, now, now, 100).await.unwrap();
    assert_eq!(webinar.walk(300).await.len() as u64, LARGE_INSTANCE - 99);
}

#[tokio::test]
async fn only_pages_that_every_caller_sees_are_cached() {
    let webinar = Webinar::new(LARGE_INSTANCE + 1, 32 << 20).await;
    let page = webinar.world.ok(&format!("{LIST}&include_fields=registrant_id")).await;
    assert_eq!((&page["participants"][3]["registrant_id"], webinar.cached()), (&json!("r3"), 0));
    assert!(webinar.world.ok(LIST).await["participants"][3].get("registrant_id").is_none());
    assert_eq!(webinar.cached(), 1);
    let other = World::of(webinar.world.server.in_another_account().await).await;
    assert_eq!(other.get(LIST).await.status, 404);

    let small = Webinar::new(LARGE_INSTANCE, 32 << 20).await;
    small.walk(30).await;
    assert_eq!(small.cached(), 0);
}

#[tokio::test]
async fn the_cache_is_bounded() {
    let webinar = Webinar::new(LARGE_INSTANCE + 1, 100_000).await;
    let people = webinar.walk(30).await;
    assert_eq!(webinar.walk(30).await, people);
    assert!((1..=11).contains(&webinar.cached()), "{}", webinar.cached());
    assert_eq!(webinar.walk(300).await, people, "a page that is too large is still served");
}
