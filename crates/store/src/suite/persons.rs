//! Persons: aliases, and the logins of addresses.

use rollcall_model::{Identifier, User};

use super::{assert_conflict, at, one_account, two_accounts};
use crate::Store;

fn named(text: &str) -> Identifier {
    text.parse().unwrap()
}

pub async fn aliases_lead_to_a_person_in_one_step(store: &dyn Store) {
    let account = one_account(store).await;
    let [a, b, c] = ["email:a@example.com", "email:b@example.com", "user:c"].map(named);
    store.merge_persons(account, &b, &a, at(0)).await.unwrap();
    assert_conflict(store.merge_persons(account, &b, &a, at(1)).await);
    assert_conflict(store.merge_persons(account, &a, &b, at(1)).await);
    // Aliases of b are aliases of c now.
    store.merge_persons(account, &c, &b, at(2)).await.unwrap();
    let names = ["email:a@example.com", "email:b@example.com", "user:c"].map(Into::into);
    let persons = store.persons_of(account, &names).await.unwrap();
    assert_eq!(persons.get("email:a@example.com").map(|text| text.as_str()), Some("user:c"));
    assert_eq!((persons.contains_key("email:b@example.com"), persons.len()), (true, 2));
    assert_eq!(store.person_aliases(account, None, 1).await.unwrap()[0].alias, a);
    assert_eq!(store.person_aliases(account, Some(a.as_str()), 9).await.unwrap()[0].alias, b);
    assert!(store.split_person(account, &a).await.unwrap());
    assert!(!store.split_person(account, &a).await.unwrap());
    assert_eq!(store.persons_of(account, &names).await.unwrap().len(), 1);
}

pub async fn logins_are_found_by_their_addresses(store: &dyn Store) {
    let account = one_account(store).await;
    let user = User { id: "U1".into(), email: "Ana@Example.com".into(), ..User::default() };
    store.put_users(account, &[user]).await.unwrap();
    let asked = ["ana@example.com", "nobody@example.com"].map(Into::into);
    let logins = store.logins_of(account, &asked).await.unwrap();
    assert_eq!(logins.into_iter().collect::<Vec<_>>(), [("ana@example.com".into(), "U1".into())]);
}

pub async fn accounts_do_not_see_each_others(store: &dyn Store) {
    let (one, two) = two_accounts(store).await;
    let [a, b] = ["email:a@example.com", "email:b@example.com"].map(named);
    store.merge_persons(one, &b, &a, at(0)).await.unwrap();
    assert_eq!(store.person_aliases(two, None, 9).await.unwrap(), []);
    assert!(store.persons_of(two, &["email:a@example.com".into()]).await.unwrap().is_empty());
    assert!(!store.split_person(two, &a).await.unwrap());
}
