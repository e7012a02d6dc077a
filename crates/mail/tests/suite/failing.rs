//! Servers that refuse, and processes that end.

use rollcall_mail::PostError;
use rollcall_model::Clock as _;
use rollcall_store::{Begun, Pause, SubscriptionChange, SubscriptionStore as _};

use crate::World;

fn busy() -> PostError {
    PostError::Temporary("the mail server: 451 busy".into())
}

fn refused() -> PostError {
    PostError::Refused("the mail server: 550 no such user".into())
}

fn lost() -> PostError {
    PostError::Unknown("the mail server: connection lost".into())
}

#[tokio::test]
async fn a_busy_server_is_tried_again_with_growing_pauses_and_then_given_up() {
    let mut world = World::new().await;
    let id = world.subscribe("SELECT 1 AS n", "[]").await;
    world.answer([busy(), busy(), busy(), busy(), busy()]);
    for pause in [60, 240, 960, 3840] {
        world.next(id).await;
        let one = world.stored(id).await;
        assert_eq!(one.due_at.as_seconds(), world.clock.now().as_seconds() + pause);
        assert_eq!((one.problem.as_deref(), one.failures), (Some("the mail server: 451 busy"), 0));
    }
    world.next(id).await;
    let one = world.stored(id).await;
    assert_eq!((one.failures, one.attempts, one.due_at.to_string()), (1, 0, "2026-12-01T07:00:00Z".into()));
    assert_eq!(one.problem.as_deref(), Some("the mail server: 451 busy; given up after 5 attempts"));
    world.next(id).await;
    let one = world.stored(id).await;
    assert_eq!((world.sent().len(), one.failures, one.problem), (1, 0, None));
}

#[tokio::test]
async fn a_refused_mail_is_not_repeated_and_the_third_in_a_row_pauses() {
    let mut world = World::new().await;
    let id = world.subscribe("SELECT 1 AS n", "[]").await;
    world.answer([refused(), refused(), refused()]);
    for failures in [1, 2, 3] {
        world.next(id).await;
        assert_eq!(world.stored(id).await.failures, failures);
    }
    let one = world.stored(id).await;
    assert_eq!((one.paused, one.problem.as_deref()), (Some(Pause::Failing), Some("the mail server: 550 no such user")));
    world.next(id).await;
    assert_eq!(world.sent().len(), 0);
}

#[tokio::test]
async fn a_mail_that_may_have_arrived_is_repeated_once() {
    let mut world = World::new().await;
    let id = world.subscribe("SELECT 1 AS n", "[]").await;
    world.answer([lost(), lost()]);
    world.next(id).await;
    world.next(id).await;
    assert_eq!((world.stored(id).await.unknown, world.stored(id).await.failures), (2, 0));
    // The server would take it now, but it is not asked.
    world.next(id).await;
    let one = world.stored(id).await;
    assert_eq!((world.sent().len(), one.failures, one.unknown), (0, 1, 0));
    assert!(one.problem.unwrap().contains("may have arrived"));
}

#[tokio::test]
async fn a_process_that_ends_while_it_sends_repeats_the_mail_once() {
    let mut world = World::new().await;
    let id = world.subscribe("SELECT 1 AS n", "[]").await;
    // Two processes recorded the attempt, and nothing more.
    assert_eq!(world.begin(id, "first").await, Begun::Yes);
    world.round().await;
    assert_eq!(world.sent().len(), 1);
    world.clock.set(world.stored(id).await.due_at);
    assert_eq!((world.begin(id, "second").await, world.begin(id, "third").await), (Begun::Yes, Begun::Yes));
    world.round().await;
    assert_eq!((world.sent().len(), world.stored(id).await.failures), (0, 1));
}

#[tokio::test]
async fn a_query_that_fails_sends_nothing_and_says_why() {
    let mut world = World::new().await;
    let id = world.subscribe("SELECT 1 FROM nowhere", "[]").await;
    world.round().await;
    let one = world.stored(id).await;
    assert_eq!((world.sent().len(), one.failures), (0, 1));
    assert!(one.problem.unwrap().contains("nowhere"));
}

#[tokio::test]
async fn too_many_mails_in_an_hour_wait() {
    let mut world = World::new().await;
    let id = world.subscribe("SELECT 1 AS n", "[]").await;
    let again = SubscriptionChange { due_at: Some(world.clock.now()), ..SubscriptionChange::default() };
    for _ in 0..21 {
        world.store.change_subscription(world.account, id, &again).await.unwrap();
        world.round().await;
    }
    let one = world.stored(id).await;
    assert_eq!((world.sent().len(), one.due_at.as_seconds()), (20, world.clock.now().as_seconds() + 600));
    world.clock.set(world.clock.now().plus_seconds(3600));
    world.round().await;
    assert_eq!(world.sent().len(), 1);
}
