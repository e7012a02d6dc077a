//! Users.

use rollcall_model::{User, UserStatus};

use super::{
    NO_ACCOUNT, assert_not_found, one_account,
    samples::{full_user, user},
    two_accounts, walk,
};
use crate::{Store, UserQuery};

pub async fn what_is_written_is_read(store: &dyn Store) {
    let account = one_account(store).await;
    let users = [full_user("u1"), user("u2")];
    store.put_users(account, &users).await.unwrap();
    for user in users {
        assert_eq!(store.find_user(account, &user.id).await.unwrap(), Some(user));
    }
}

pub async fn writing_the_same_again_changes_nothing(store: &dyn Store) {
    let account = one_account(store).await;
    for _ in 0..2 {
        store.put_users(account, &[full_user("u1"), full_user("u1")]).await.unwrap();
    }
    assert_eq!(store.find_user(account, "u1").await.unwrap(), Some(full_user("u1")));
    let query = UserQuery { status: UserStatus::Inactive, role_id: None };
    assert_eq!(store.count_users(account, &query).await.unwrap(), 1);
}

pub async fn absent_values_keep_what_is_stored(store: &dyn Store) {
    let account = one_account(store).await;
    let stored = full_user("u1");
    store.put_users(account, std::slice::from_ref(&stored)).await.unwrap();
    // The status is always reported.
    let poorer = User { id: "u1".into(), status: UserStatus::Pending, dept: Some("".into()), ..User::default() };
    store.put_users(account, &[poorer]).await.unwrap();
    let expected = User { status: UserStatus::Pending, dept: Some("".into()), ..stored };
    assert_eq!(store.find_user(account, "u1").await.unwrap(), Some(expected));
}

pub async fn told_values_fill_gaps_and_win(store: &dyn Store) {
    let account = one_account(store).await;
    let first = User {
        dept: Some("Chemistry".into()),
        group_ids: vec!["g9".into()],
        has_webinar_license: Some(false),
        ..user("u1")
    };
    store.put_users(account, &[first]).await.unwrap();
    store.put_users(account, &[full_user("u1")]).await.unwrap();
    assert_eq!(store.find_user(account, "u1").await.unwrap(), Some(full_user("u1")));
}

pub async fn a_user_is_found_by_address_in_any_case(store: &dyn Store) {
    let account = one_account(store).await;
    let zoe = User { email: "Zoë@Example.COM".into(), ..user("u1") };
    store.put_users(account, std::slice::from_ref(&zoe)).await.unwrap();
    for address in ["Zoë@Example.COM", "zoë@example.com", "ZOË@EXAMPLE.COM"] {
        assert_eq!(store.find_user(account, address).await.unwrap().as_ref(), Some(&zoe), "{address}");
    }
    assert_eq!(store.find_user(account, "U1").await.unwrap(), None, "an id has a case");
    assert_eq!(store.find_user(account, "").await.unwrap(), None);
}

pub async fn an_address_goes_to_the_user_who_was_given_it_last(store: &dyn Store) {
    let account = one_account(store).await;
    let old = User { email: "ana@example.com".into(), dept: Some("Physics".into()), ..user("old") };
    let new = User { email: "Ana@example.com".into(), ..user("new") };
    store.put_users(account, std::slice::from_ref(&old)).await.unwrap();
    store.put_users(account, std::slice::from_ref(&new)).await.unwrap();
    assert_eq!(store.find_user(account, "ana@example.com").await.unwrap(), Some(new));
    let old = User { email: "".into(), ..old };
    assert_eq!(store.find_user(account, "old").await.unwrap(), Some(old));
}

pub async fn any_number_of_users_may_lack_an_address(store: &dyn Store) {
    let account = one_account(store).await;
    let users = ["u1", "u2"].map(|id| User { email: "".into(), ..user(id) });
    store.put_users(account, &users).await.unwrap();
    assert_eq!(store.list_users(account, &UserQuery::default(), None, 9).await.unwrap(), users);
}

pub async fn lists_and_counts_keep_to_status_and_role(store: &dyn Store) {
    let account = one_account(store).await;
    let admin = |id| User { role_id: Some("1".into()), ..user(id) };
    let users = [
        admin("a"),
        user("b"),
        User { status: UserStatus::Inactive, ..admin("c") },
        User { status: UserStatus::Pending, ..user("d") },
    ];
    store.put_users(account, &users).await.unwrap();
    for (status, role_id, expected) in [
        (UserStatus::Active, None, &["a", "b"][..]),
        (UserStatus::Active, Some("1"), &["a"]),
        (UserStatus::Inactive, None, &["c"]),
        (UserStatus::Inactive, Some("2"), &[]),
        (UserStatus::Pending, None, &["d"]),
    ] {
        let query = UserQuery { status, role_id: role_id.map(Into::into) };
        let listed = store.list_users(account, &query, None, 9).await.unwrap();
        assert_eq!(listed.iter().map(|user| user.id.as_str()).collect::<Vec<_>>(), expected, "{query:?}");
        assert_eq!(store.count_users(account, &query).await.unwrap(), expected.len() as u64, "{query:?}");
    }
}

pub async fn a_rooms_name_is_known_by_the_end_of_its_address(store: &dyn Store) {
    let account = one_account(store).await;
    let room = User { vanity_url: Some("https://example.zoom.us/my/Jill.Chill_1".into()), ..user("u1") };
    store.put_users(account, &[room, user("u2")]).await.unwrap();
    for (name, is_known) in [("jill.chill_1", true), ("JILL.CHILL_1", true), ("chill_1", false), ("jill.chill%", false)]
    {
        assert_eq!(store.has_vanity_name(account, name).await.unwrap(), is_known, "{name}");
    }
}

pub async fn pages_hold_each_user_once_in_the_order_of_ids(store: &dyn Store) {
    let account = one_account(store).await;
    // An underscore, a dash and both cases: ids are ordered by their bytes, regardless of the locale.
    let mut ids: Vec<_> = ["a", "B", "_", "-", "Z", "z", "0"].map(String::from).into();
    let users: Vec<_> = ids.iter().map(|id| user(id)).collect();
    store.put_users(account, &users).await.unwrap();
    ids.sort_unstable();
    for limit in [1, 3, 7, 8] {
        let query = UserQuery::default();
        let walked =
            walk(User::user_id, async |after| store.list_users(account, &query, after.as_ref(), limit).await).await;
        assert_eq!(walked.iter().map(|user| user.id.as_str()).collect::<Vec<_>>(), ids, "{limit} a page");
    }
}

pub async fn accounts_do_not_see_each_others(store: &dyn Store) {
    let (one, two) = two_accounts(store).await;
    let mine = User { dept: Some("mine".into()), ..user("u1") };
    let theirs = User { dept: Some("theirs".into()), ..user("u1") };
    store.put_users(one, std::slice::from_ref(&mine)).await.unwrap();
    assert_eq!(store.find_user(two, "u1").await.unwrap(), None);
    assert_eq!(store.find_user(two, "u1@example.com").await.unwrap(), None);
    assert_eq!(store.list_users(two, &UserQuery::default(), None, 9).await.unwrap(), []);
    assert_eq!(store.count_users(two, &UserQuery::default()).await.unwrap(), 0);
    store.put_users(two, std::slice::from_ref(&theirs)).await.unwrap();
    assert_eq!(store.find_user(one, "u1@example.com").await.unwrap(), Some(mine));
    assert_eq!(store.find_user(two, "u1@example.com").await.unwrap(), Some(theirs));
    assert_not_found(store.put_users(NO_ACCOUNT, &[user("u1")]).await);
}

pub async fn people_are_found_by_the_beginning_of_their_names(store: &dyn Store) {
    let (account, other) = two_accounts(store).await;
    let name = |text: &str| Some(text.into());
    let users = [
        User { id: "a".into(), display_name: name("John Andersen"), ..User::default() },
        User { id: "b".into(), first_name: name("john"), last_name: name("Burns"), ..User::default() },
        User { id: "c".into(), display_name: name("Mary"), status: UserStatus::Pending, ..User::default() },
        User { id: "d".into(), display_name: name("Not John"), status: UserStatus::Inactive, ..User::default() },
    ];
    store.put_users(account, &users).await.unwrap();
    store.put_users(other, &[User { id: "e".into(), ..users[0].clone() }]).await.unwrap();
    for (prefix, expected) in [
        (None, vec!["a", "b", "c", "d"]),
        (Some("JOHN"), vec!["a", "b"]),
        (Some("john b"), vec!["b"]),
        (Some("%"), vec![]),
    ] {
        let (mut found, mut after) = (Vec::new(), None);
        while let [user] = &store.search_users(account, prefix, after.as_ref(), 1).await.unwrap()[..] {
            found.push(user.id.to_string());
            after = Some(user.user_id());
        }
        assert_eq!(found, expected, "{prefix:?}");
    }
}
