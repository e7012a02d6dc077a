//! Accounts.

use super::{NO_ACCOUNT, assert_conflict, at};
use crate::Store;

pub async fn an_account_is_found_by_its_row_its_name_and_its_public_id(store: &dyn Store) {
    let one = store.create_account("one", "public-one", at(1)).await.unwrap();
    store.create_account("two", "public-two", at(2)).await.unwrap();
    assert_eq!((&*one.name, &*one.public_id, one.created_at), ("one", "public-one", at(1)));
    assert_eq!(store.account(one.id).await.unwrap().as_ref(), Some(&one));
    assert_eq!(store.find_account("one").await.unwrap().as_ref(), Some(&one));
    assert_eq!(store.find_account("public-one").await.unwrap(), Some(one));
    assert_eq!(store.find_account("three").await.unwrap(), None);
    assert_eq!(store.account(NO_ACCOUNT).await.unwrap(), None);
}

pub async fn accounts_are_listed_oldest_first(store: &dyn Store) {
    let mut made = Vec::new();
    for (name, public_id) in [("zebra", "p3"), ("ant", "p1"), ("mole", "p2")] {
        made.push(store.create_account(name, public_id, at(0)).await.unwrap());
    }
    assert_eq!(store.accounts().await.unwrap(), made);
}

pub async fn a_name_or_public_id_that_is_taken_is_a_conflict(store: &dyn Store) {
    let one = store.create_account("one", "public-one", at(0)).await.unwrap();
    assert_conflict(store.create_account("one", "public-two", at(1)).await);
    assert_conflict(store.create_account("two", "public-one", at(1)).await);
    assert_eq!(store.accounts().await.unwrap(), [one]);
}
