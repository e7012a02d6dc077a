//! Tracking fields.

use rollcall_model::TrackingFieldDefinition;

use super::{NO_ACCOUNT, assert_conflict, assert_limit_reached, assert_not_found, at, one_account, two_accounts};
use crate::{Store, TrackingFieldLabel};

fn field(id: &str, label: &str) -> TrackingFieldDefinition {
    TrackingFieldDefinition {
        id: id.into(),
        label: label.into(),
        recommended_values: vec!["Zürich".into(), "会议".into()],
        required: true,
        visible: false,
    }
}

fn label(id: &str, label: &str, since: i64) -> TrackingFieldLabel {
    TrackingFieldLabel { field_id: id.into(), label: label.into(), since: at(since) }
}

pub async fn what_is_written_is_read_in_the_order_of_creation(store: &dyn Store) {
    let account = one_account(store).await;
    let bare = TrackingFieldDefinition { recommended_values: Vec::new(), required: false, ..field("a", "Region") };
    for field in [&field("b", "Cost centre"), &bare] {
        store.create_tracking_field(account, field, 9, at(1)).await.unwrap();
    }
    assert_eq!(store.tracking_fields(account).await.unwrap(), [field("b", "Cost centre"), bare.clone()]);
    assert_eq!(store.find_tracking_field(account, "a").await.unwrap(), Some(bare));
    assert_eq!(store.find_tracking_field(account, "c").await.unwrap(), None);
    assert_not_found(store.create_tracking_field(NO_ACCOUNT, &field("a", "Region"), 9, at(1)).await);
}

pub async fn a_label_that_is_taken_is_a_conflict_in_any_case(store: &dyn Store) {
    let account = one_account(store).await;
    store.create_tracking_field(account, &field("a", "Region"), 9, at(1)).await.unwrap();
    store.create_tracking_field(account, &field("b", "Team"), 9, at(1)).await.unwrap();
    assert_conflict(store.create_tracking_field(account, &field("c", "REGION"), 9, at(1)).await);
    assert_conflict(store.create_tracking_field(account, &field("a", "Other"), 9, at(1)).await);
    assert_conflict(store.replace_tracking_field(account, &field("b", "region"), at(2)).await);
    assert_not_found(store.replace_tracking_field(account, &field("c", "Other"), at(2)).await);
    assert_eq!(store.tracking_fields(account).await.unwrap(), [field("a", "Region"), field("b", "Team")]);
}

pub async fn a_full_account_takes_no_further_field(store: &dyn Store) {
    let account = one_account(store).await;
    store.create_tracking_field(account, &field("a", "Region"), 1, at(1)).await.unwrap();
    assert_limit_reached(store.create_tracking_field(account, &field("b", "Team"), 1, at(1)).await);
}

pub async fn former_labels_stay_in_the_history(store: &dyn Store) {
    let account = one_account(store).await;
    store.create_tracking_field(account, &field("a", "Region"), 9, at(1)).await.unwrap();
    store.replace_tracking_field(account, &field("a", "Area"), at(5)).await.unwrap();
    let expected = [label("a", "Region", 1), label("a", "Area", 5)];
    assert_eq!(store.tracking_field_labels(account, "a").await.unwrap(), expected);
    // The former label is free again.
    store.create_tracking_field(account, &field("b", "Region"), 9, at(6)).await.unwrap();
    assert!(store.delete_tracking_field(account, "a").await.unwrap());
    assert!(!store.delete_tracking_field(account, "a").await.unwrap());
    assert_eq!(store.tracking_field_labels(account, "a").await.unwrap(), expected, "for the meetings of before");
    assert_eq!(store.tracking_fields(account).await.unwrap(), [field("b", "Region")]);
}

pub async fn an_import_takes_the_label_of_another_field(store: &dyn Store) {
    let account = one_account(store).await;
    store.put_tracking_fields(account, &[field("a", "Region"), field("b", "Team")]).await.unwrap();
    let swapped = [field("a", "Team"), field("b", "Region")];
    for _ in 0..2 {
        store.put_tracking_fields(account, &swapped).await.unwrap();
        assert_eq!(store.tracking_fields(account).await.unwrap(), swapped);
    }
}

pub async fn accounts_do_not_see_each_others(store: &dyn Store) {
    let (one, two) = two_accounts(store).await;
    store.create_tracking_field(one, &field("a", "Region"), 1, at(1)).await.unwrap();
    assert_eq!(store.tracking_fields(two).await.unwrap(), []);
    assert_eq!(store.find_tracking_field(two, "a").await.unwrap(), None);
    assert!(!store.delete_tracking_field(two, "a").await.unwrap());
    assert_eq!(store.tracking_field_labels(two, "a").await.unwrap(), []);
    assert_not_found(store.replace_tracking_field(two, &field("a", "Other"), at(2)).await);
    store.create_tracking_field(two, &field("a", "Region"), 1, at(1)).await.unwrap();
}
