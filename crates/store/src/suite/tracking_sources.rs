//! Tracking sources.

use rollcall_model::{MeetingNumber, TrackingSource};

use super::{NO_ACCOUNT, assert_not_found, one_account, samples::source, two_accounts};
use crate::Store;

const WEBINAR: MeetingNumber = MeetingNumber(92_674_392_836);

pub async fn sources_are_read_in_the_order_first_seen(store: &dyn Store) {
    let account = one_account(store).await;
    store.put_tracking_sources(account, WEBINAR, &[source("30", 5), source("4", 8)]).await.unwrap();
    store.put_tracking_sources(account, WEBINAR, &[source("1", 0), source("30", 5)]).await.unwrap();
    let sources = store.tracking_sources(account, WEBINAR).await.unwrap();
    assert_eq!(sources, [source("30", 5), source("4", 8), source("1", 0)]);
    assert_eq!(store.tracking_sources(account, MeetingNumber(1)).await.unwrap(), []);
}

pub async fn counters_take_the_value_given(store: &dyn Store) {
    let account = one_account(store).await;
    for count in [10, 20, 4] {
        store.put_tracking_sources(account, WEBINAR, &[source("1", count)]).await.unwrap();
        assert_eq!(store.tracking_sources(account, WEBINAR).await.unwrap(), [source("1", count)]);
    }
}

pub async fn a_blank_url_keeps_the_one_that_is_stored(store: &dyn Store) {
    let account = one_account(store).await;
    let renamed = TrackingSource { source_name: "renamed".into(), ..source("1", 1) };
    store.put_tracking_sources(account, WEBINAR, &[source("1", 1)]).await.unwrap();
    let without_url = TrackingSource { tracking_url: "".into(), ..renamed.clone() };
    store.put_tracking_sources(account, WEBINAR, &[without_url]).await.unwrap();
    assert_eq!(store.tracking_sources(account, WEBINAR).await.unwrap(), [renamed]);
}

pub async fn webinars_have_their_own(store: &dyn Store) {
    let account = one_account(store).await;
    let other = MeetingNumber(1);
    store.put_tracking_sources(account, WEBINAR, &[source("1", 1)]).await.unwrap();
    store.put_tracking_sources(account, other, &[source("1", 9)]).await.unwrap();
    assert_eq!(store.tracking_sources(account, WEBINAR).await.unwrap(), [source("1", 1)]);
    assert_eq!(store.tracking_sources(account, other).await.unwrap(), [source("1", 9)]);
}

pub async fn accounts_do_not_see_each_others(store: &dyn Store) {
    let (one, two) = two_accounts(store).await;
    store.put_tracking_sources(one, WEBINAR, &[source("1", 1)]).await.unwrap();
    assert_eq!(store.tracking_sources(two, WEBINAR).await.unwrap(), []);
    store.put_tracking_sources(two, WEBINAR, &[source("1", 9)]).await.unwrap();
    assert_eq!(store.tracking_sources(one, WEBINAR).await.unwrap(), [source("1", 1)]);
    assert_not_found(store.put_tracking_sources(NO_ACCOUNT, WEBINAR, &[source("1", 1)]).await);
}
