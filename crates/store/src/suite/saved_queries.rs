//! Saved SQL queries.

use super::{assert_conflict, assert_limit_reached, at, one_account, two_accounts};
use crate::{MAX_SAVED_QUERIES, Store};

pub async fn a_query_is_saved_listed_by_name_and_deleted(store: &dyn Store) {
    let account = one_account(store).await;
    let second = store.save_query(account, "worst rooms", "a query", at(5)).await.unwrap();
    let first = store.save_query(account, "absentees", "another query", at(6)).await.unwrap();
    assert_conflict(store.save_query(account, "absentees", "a third", at(7)).await);
    let listed = store.saved_queries(account).await.unwrap();
    assert_eq!(listed.iter().map(|query| query.id).collect::<Vec<_>>(), [first, second]);
    assert_eq!((listed[0].name.as_str(), listed[0].query.as_str()), ("absentees", "another query"));
    assert_eq!(listed[0].created_at, at(6));
    assert!(store.delete_query(account, first).await.unwrap());
    assert!(!store.delete_query(account, first).await.unwrap());
    assert_eq!(store.saved_queries(account).await.unwrap().len(), 1);
}

pub async fn an_account_has_a_limited_number(store: &dyn Store) {
    let account = one_account(store).await;
    for number in 0..MAX_SAVED_QUERIES {
        store.save_query(account, &number.to_string(), "another query", at(0)).await.unwrap();
    }
    assert_limit_reached(store.save_query(account, "one more", "another query", at(0)).await);
}

pub async fn accounts_do_not_see_each_others(store: &dyn Store) {
    let (one, two) = two_accounts(store).await;
    let id = store.save_query(one, "mine", "another query", at(0)).await.unwrap();
    assert_eq!(store.saved_queries(two).await.unwrap(), []);
    assert!(!store.delete_query(two, id).await.unwrap());
    store.save_query(two, "mine", "a query", at(0)).await.unwrap();
}
