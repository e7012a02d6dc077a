//! What is sent, to whom, and when.

use rollcall_model::{Access, Role, SecretHash, User};
use rollcall_store::{
    MemberStore as _, NewSubscription, Pause, QuerySource, SavedQueryStore as _, Schedule, SubscriptionStore as _,
    UserStore as _,
};

use crate::World;

/// The lines of a mail's header with this name, unfolded.
fn header(mail: &str, name: &str) -> Vec<String> {
    let (head, _) = mail.split_once("\r\n\r\n").unwrap();
    let head = head.replace("\r\n ", " ");
    let found = head.lines().filter_map(|line| line.split_once(": ")).filter(|(key, _)| *key == name);
    found.map(|(_, value)| value.trim().to_owned()).collect()
}

#[tokio::test]
async fn a_due_mail_is_sent_once_and_the_next_one_at_the_next_hour_of_the_schedule() {
    let mut world = World::new().await;
    let id = world.subscribe("SELECT ? AS since", r#"[{"ago": "1d", "round": "day"}]"#).await;
    world.round().await;
    world.round().await;
    let [mail] = &world.sent()[..] else { panic!("one mail") };
    assert_eq!(header(mail, "Subject"), ["Joins"]);
    // The name is encoded, so that its brackets are no address.
    assert_eq!(header(mail, "To"), ["=?utf-8?b?QW5hIDxiPg==?= <ana@example.com>"]);
    assert_eq!(header(mail, "From"), ["Rollcall <rollcall@example.com>"]);
    assert_eq!(header(mail, "Date"), ["Mon, 30 Nov 2026 07:00:00 +0000"]);
    assert_eq!(header(mail, "List-Unsubscribe-Post"), ["List-Unsubscribe=One-Click"]);
    assert!(mail.contains("2026-11-29T00:00:00Z") && mail.contains("filename=\"joins.csv\""), "{mail}");
    let one = world.stored(id).await;
    assert_eq!(
        (one.due_at.to_string(), one.sent_at.unwrap().to_string()),
        ("2026-12-01T07:00:00Z".into(), "2026-11-30T07:00:00Z".into())
    );

    let [link] = &header(mail, "List-Unsubscribe")[..] else { panic!("{mail}") };
    let secret =
        link.strip_prefix("<https://rollcall.example.com/unsubscribe/").and_then(|rest| rest.strip_suffix('>'));
    let found = world.store.find_subscription(&SecretHash::of(secret.unwrap())).await.unwrap().unwrap();
    assert_eq!(found.id, id);
    world.next(id).await;
    assert_eq!(world.sent().len(), 1);
}

#[tokio::test]
async fn the_query_runs_with_the_rights_that_the_member_has_when_it_is_sent() {
    let mut world = World::new().await;
    let zoe = User { id: "zoe".into(), email: "zoe@example.com".into(), ..User::default() };
    world.store.put_users(world.account, &[zoe]).await.unwrap();
    let id = world.subscribe("SELECT email, 'seen' AS n FROM users", "[]").await;
    world.next(id).await;
    assert!(world.sent()[0].contains("zoe@example.com"));
    let hidden = Access::new(Role::Viewer, true).unwrap();
    world.store.set_access(world.account, world.ana.id, hidden).await.unwrap();
    world.next(id).await;
    let [mail] = &world.sent()[..] else { panic!("one mail") };
    assert!(mail.contains("seen") && !mail.contains("zoe@example.com"), "{mail}");

    *world.roles.barred.lock().unwrap() = Some(Role::Viewer);
    world.next(id).await;
    assert_eq!((world.sent().len(), world.stored(id).await.paused), (0, Some(Pause::NotAllowed)));
}

#[tokio::test]
async fn nobody_gets_mail_who_is_no_member_any_more() {
    let mut world = World::new().await;
    let id = world.subscribe("SELECT 1 AS n", "[]").await;
    world.remove(world.ana.id).await;
    world.round().await;
    let one = world.stored(id).await;
    assert_eq!((world.sent().len(), one.paused, one.failures), (0, Some(Pause::MemberGone), 0));
}

#[tokio::test]
async fn a_saved_query_is_sent_as_it_is_and_not_once_it_is_deleted() {
    let mut world = World::new().await;
    let saved =
        world.store.save_query(world.account, "mine", "SELECT 41 + 1 AS n", world.ana.created_at).await.unwrap();
    let new = NewSubscription {
        member: world.ana.id,
        name: "Mine".into(),
        source: QuerySource::Saved(saved),
        view: None,
        schedule: Schedule { weekday: Some(0), hour: 8, time_zone: "UTC".into() },
        created_at: world.ana.created_at,
        due_at: world.ana.created_at,
    };
    let id = world.store.subscribe(world.account, &new).await.unwrap();
    world.round().await;
    let [mail] = &world.sent()[..] else { panic!("one mail") };
    assert!(
        mail.contains("42") && mail.contains(&format!("https://rollcall.example.com/sql?saved=3D{}", saved.0)),
        "{mail}"
    );
    world.store.delete_query(world.account, saved).await.unwrap();
    world.next(id).await;
    assert_eq!((world.sent().len(), world.stored(id).await.paused), (0, Some(Pause::QueryGone)));
}

#[tokio::test]
async fn text_of_others_adds_no_header_and_no_markup() {
    let mut world = World::new().await;
    let evil = "<script>alert(1)</script>\r\nBcc: eve@example.com";
    let values = serde_json::to_string(&[evil, "=1+1"]).unwrap();
    world.subscribe_as(&format!("Rooms {evil}"), "SELECT ? AS name, ? AS formula", &values).await;
    world.round().await;
    let [mail] = &world.sent()[..] else { panic!("one mail") };
    assert_eq!((header(mail, "Bcc").len(), header(mail, "Subject").len()), (0, 1), "{mail}");
    let html = mail.split("Content-Type: text/html").nth(1).unwrap().split("Content-Type: text/csv").next().unwrap();
    assert!(!html.contains("<script") && html.contains("&lt;script&gt;"), "{html}");
}

#[tokio::test]
async fn a_result_that_is_too_large_is_not_attached_and_the_mail_says_so() {
    let mut world = World::new().await;
    let long = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 30000)
                SELECT i, 'xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx' AS text FROM n";
    world.subscribe(long, "[]").await;
    world.round().await;
    let [mail] = &world.sent()[..] else { panic!("one mail") };
    assert!(mail.len() < 20_000 && !mail.contains("text/csv"), "{} bytes", mail.len());
    assert!(mail.contains("A large result") && mail.contains("not attached"), "{mail}");
}
