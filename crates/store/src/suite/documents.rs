//! Documents.

use rollcall_model::{Document, DocumentOwner, MeetingKind, MeetingNumber, Timestamp};

use super::{NO_ACCOUNT, assert_not_found, at, one_account, two_accounts};
use crate::{DocumentQuery, Store};

const OWNER: DocumentOwner = DocumentOwner::Meeting(MeetingKind::Webinar, MeetingNumber(92_674_392_836));

fn document(key: &str, time: Option<Timestamp>, json: &str) -> Document {
    Document { kind: "polls".into(), owner: OWNER, key: key.into(), time, json: json.to_owned() }
}

async fn listed(store: &dyn Store, account: rollcall_model::AccountId, query: &DocumentQuery) -> Vec<Document> {
    let mut all = Vec::new();
    let mut after = None;
    loop {
        let page = store.list_documents(account, query, after, 2).await.unwrap();
        after = page.last().map(|(cursor, _)| *cursor);
        all.extend(page.into_iter().map(|(_, document)| document));
        if after.is_none() {
            assert_eq!(store.count_documents(account, query).await.unwrap(), all.len() as u64);
            return all;
        }
    }
}

pub async fn pages_hold_each_document_once_in_the_order_of_time(store: &dyn Store) {
    let account = one_account(store).await;
    let [timeless, late, early, same] = [
        document("timeless", None, "{}"),
        document("late", Some(at(9)), "{}"),
        document("early", Some(at(1)), "{}"),
        document("same", Some(at(1)), "{}"),
    ];
    store.put_documents(account, &[late.clone(), timeless.clone(), early.clone(), same.clone()]).await.unwrap();
    let all = DocumentQuery::all("polls", OWNER);
    assert_eq!(listed(store, account, &all).await, [timeless, early.clone(), same.clone(), late]);
    let window = DocumentQuery { from: Some(at(1)), before: Some(at(9)), ..all.clone() };
    assert_eq!(listed(store, account, &window).await, [early, same]);
    for other in [
        DocumentQuery::all("questions", OWNER),
        DocumentQuery::all("polls", DocumentOwner::Account),
        DocumentQuery::all("polls", DocumentOwner::Meeting(MeetingKind::Meeting, MeetingNumber(92_674_392_836))),
    ] {
        assert_eq!(listed(store, account, &other).await, []);
    }
}

pub async fn a_document_that_is_written_again_is_replaced(store: &dyn Store) {
    let account = one_account(store).await;
    store.put_documents(account, &[document("a", Some(at(1)), r#"{"a":1}"#)]).await.unwrap();
    let again = document("a", Some(at(2)), r#"{"b":2}"#);
    store.put_documents(account, std::slice::from_ref(&again)).await.unwrap();
    assert_eq!(store.find_document(account, "polls", &OWNER, "a").await.unwrap(), Some(again.clone()));
    assert_eq!(listed(store, account, &DocumentQuery::all("polls", OWNER)).await, [again]);
}

pub async fn a_list_keeps_to_values_of_the_entries(store: &dyn Store) {
    let account = one_account(store).await;
    let (one, other) = (document("a", None, r#"{"type":"Sign in"}"#), document("b", None, r#"{"type":"Sign out"}"#));
    store.put_documents(account, &[one.clone(), other]).await.unwrap();
    let with = vec![("type".into(), vec!["Signin".into(), "Sign up".into()])];
    assert_eq!(listed(store, account, &DocumentQuery { with, ..DocumentQuery::all("polls", OWNER) }).await, [one]);
}

pub async fn a_document_is_deleted_once(store: &dyn Store) {
    let account = one_account(store).await;
    store.put_documents(account, &[document("a", None, "{}")]).await.unwrap();
    assert!(store.delete_document(account, "polls", &OWNER, "a").await.unwrap());
    assert!(!store.delete_document(account, "polls", &OWNER, "a").await.unwrap());
    assert_eq!(store.find_document(account, "polls", &OWNER, "a").await.unwrap(), None);
}

pub async fn accounts_do_not_see_each_others(store: &dyn Store) {
    let (one, two) = two_accounts(store).await;
    store.put_documents(one, &[document("a", None, "{}")]).await.unwrap();
    assert_eq!(store.find_document(two, "polls", &OWNER, "a").await.unwrap(), None);
    assert_eq!(listed(store, two, &DocumentQuery::all("polls", OWNER)).await, []);
    assert!(!store.delete_document(two, "polls", &OWNER, "a").await.unwrap());
    assert_not_found(store.put_documents(NO_ACCOUNT, &[document("a", None, "{}")]).await);
}
