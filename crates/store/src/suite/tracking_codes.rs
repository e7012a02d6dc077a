//! Sites, tracking codes, and users' values of them.

use rollcall_model::{AccountId, Site, SiteManager, Text, TrackingCode, TrackingCodeId, TrackingCodeMode};

use super::{
    NO_ACCOUNT, assert_conflict, assert_limit_reached, assert_not_found, one_account,
    samples::{code, site},
    two_accounts,
};
use crate::Store;

const SITE: &str = "example.webex.com";
const OTHER_SITE: &str = "other.webex.com";

async fn two_sites(store: &dyn Store, account: AccountId) {
    for url in [SITE, OTHER_SITE] {
        store.put_site(account, &site(url, false)).await.unwrap();
    }
}

async fn create(store: &dyn Store, account: AccountId, site: &str, name: &str) -> TrackingCodeId {
    store.create_tracking_code(account, &code(site, "", name), 10).await.unwrap().id
}

fn values(pairs: &[(&str, &str)]) -> Vec<(Text, Text)> {
    pairs.iter().map(|&(name, value)| (name.into(), value.into())).collect()
}

/// A user's values as triples of id, name and value.
async fn values_of(store: &dyn Store, account: AccountId, site: &str, person: &str) -> Vec<(String, String, String)> {
    let values = store.user_tracking_codes(account, site, &person.into()).await.unwrap();
    values.into_iter().map(|v| (v.code_id.to_string(), v.name.to_string(), v.value.to_string())).collect()
}

fn triple(id: &str, name: &str, value: &str) -> (String, String, String) {
    (id.to_owned(), name.to_owned(), value.to_owned())
}

pub async fn an_account_has_one_default_site(store: &dyn Store) {
    let account = one_account(store).await;
    for (written, expected) in [
        (site("a", false), &[("a", true)][..]),                         // the first
        (site("b", false), &[("a", true), ("b", false)]),               // a second
        (site("c", true), &[("a", false), ("b", false), ("c", true)]),  // one that replaces it
        (site("c", false), &[("a", false), ("b", false), ("c", true)]), // no other is named
        (site("a", true), &[("a", true), ("b", false), ("c", false)]),
        (site("a", true), &[("a", true), ("b", false), ("c", false)]),
    ] {
        store.put_site(account, &written).await.unwrap();
        let sites = store.sites(account).await.unwrap();
        assert_eq!(sites.iter().map(|site| (&*site.url, site.is_default)).collect::<Vec<_>>(), expected);
    }
}

pub async fn a_site_takes_the_values_given(store: &dyn Store) {
    let account = one_account(store).await;
    for (managed_by, tracking_code_mode) in [
        (SiteManager::SiteAdmin, TrackingCodeMode::Classic),
        (SiteManager::ControlHub, TrackingCodeMode::Mapping),
        (SiteManager::ControlHub, TrackingCodeMode::Mapped),
    ] {
        let site = Site { url: SITE.into(), is_default: true, managed_by, tracking_code_mode };
        store.put_site(account, &site).await.unwrap();
        assert_eq!(store.sites(account).await.unwrap(), [site]);
    }
}

pub async fn a_new_code_takes_the_id_after_the_accounts_highest(store: &dyn Store) {
    let account = one_account(store).await;
    two_sites(store, account).await;
    let made = store.create_tracking_code(account, &code(SITE, "999", "Department"), 10).await.unwrap();
    assert_eq!(made, code(SITE, "1", "Department"));
    assert_eq!(store.find_tracking_code(account, SITE, &made.id).await.unwrap(), Some(made));
    assert_eq!(create(store, account, OTHER_SITE, "Department").await.as_str(), "2");
    store.put_tracking_code(account, &code(OTHER_SITE, "135", "Project")).await.unwrap();
    assert_eq!(create(store, account, SITE, "Project").await.as_str(), "136");
}

pub async fn codes_are_ordered_by_id_as_a_number(store: &dyn Store) {
    let account = one_account(store).await;
    for id in ["10", "9", "100", "2"] {
        store.put_tracking_code(account, &code(SITE, id, &format!("code {id}"))).await.unwrap();
    }
    let codes = store.tracking_codes(account, SITE).await.unwrap();
    assert_eq!(codes.iter().map(|code| code.id.as_str()).collect::<Vec<_>>(), ["2", "9", "10", "100"]);
    assert_eq!(store.tracking_codes(account, OTHER_SITE).await.unwrap(), []);
}

pub async fn a_name_that_the_site_has_is_a_conflict(store: &dyn Store) {
    let account = one_account(store).await;
    two_sites(store, account).await;
    let first = create(store, account, SITE, "Department").await;
    let second = create(store, account, SITE, "Project").await;
    create(store, account, OTHER_SITE, "Department").await;
    let before = store.tracking_codes(account, SITE).await.unwrap();
    assert_conflict(store.create_tracking_code(account, &code(SITE, "", "Department"), 10).await);
    assert_conflict(store.replace_tracking_code(account, &code(SITE, second.as_str(), "Department")).await);
    assert_conflict(store.put_tracking_code(account, &code(SITE, "77", "Department")).await);
    assert_eq!(store.tracking_codes(account, SITE).await.unwrap(), before);
    store.replace_tracking_code(account, &code(SITE, first.as_str(), "Department")).await.unwrap();
}

pub async fn a_full_site_takes_no_further_code(store: &dyn Store) {
    let account = one_account(store).await;
    two_sites(store, account).await;
    for name in ["one", "two"] {
        store.create_tracking_code(account, &code(SITE, "", name), 2).await.unwrap();
    }
    assert_limit_reached(store.create_tracking_code(account, &code(SITE, "", "three"), 2).await);
    // Errors of the request itself are reported first.
    assert_conflict(store.create_tracking_code(account, &code(SITE, "", "two"), 2).await);
    assert_eq!(store.tracking_codes(account, SITE).await.unwrap().len(), 2);
    store.create_tracking_code(account, &code(OTHER_SITE, "", "three"), 2).await.unwrap();
}

pub async fn what_is_not_there_is_not_found(store: &dyn Store) {
    let account = one_account(store).await;
    assert_not_found(store.create_tracking_code(account, &code(SITE, "", "Department"), 10).await);
    two_sites(store, account).await;
    let id = create(store, account, SITE, "Department").await;
    assert_not_found(store.replace_tracking_code(account, &code(SITE, "55", "Department")).await);
    assert_not_found(store.replace_tracking_code(account, &code(OTHER_SITE, id.as_str(), "Department")).await);
    assert_eq!(store.find_tracking_code(account, OTHER_SITE, &id).await.unwrap(), None);
    assert!(!store.delete_tracking_code(account, OTHER_SITE, &id).await.unwrap());
    assert!(store.delete_tracking_code(account, SITE, &id).await.unwrap());
    assert!(!store.delete_tracking_code(account, SITE, &id).await.unwrap());
    assert_eq!(store.find_tracking_code(account, SITE, &id).await.unwrap(), None);
}

pub async fn a_code_that_is_put_is_made_or_replaced(store: &dyn Store) {
    let account = one_account(store).await;
    let first = code(SITE, "5", "Department");
    let second = TrackingCode { name: "Cost centre".into(), options: vec![], ..first.clone() };
    for written in [&first, &first, &second] {
        store.put_tracking_code(account, written).await.unwrap();
        assert_eq!(store.tracking_codes(account, SITE).await.unwrap(), std::slice::from_ref(written));
    }
    let sites = store.sites(account).await.unwrap();
    assert_eq!(sites.iter().map(|site| (&*site.url, site.is_default)).collect::<Vec<_>>(), [(SITE, true)]);
}

pub async fn a_persons_values_merge_by_the_codes_names(store: &dyn Store) {
    let account = one_account(store).await;
    for (id, name) in [("10", "Department"), ("9", "Project"), ("11", "Team")] {
        store.put_tracking_code(account, &code(SITE, id, name)).await.unwrap();
    }
    let put = async |pairs: &[(&str, &str)]| {
        store.put_user_tracking_codes(account, SITE, &"ana".into(), &values(pairs)).await.unwrap();
    };
    put(&[("Department", "Physics"), ("Project", "X")]).await;
    put(&[("Department", "Chemistry")]).await;
    put(&[]).await;
    let expected = [triple("9", "Project", "X"), triple("10", "Department", "Chemistry")];
    assert_eq!(values_of(store, account, SITE, "ana").await, expected);
    assert_eq!(values_of(store, account, SITE, "bob").await, []);
}

pub async fn values_are_set_all_or_none(store: &dyn Store) {
    let account = one_account(store).await;
    two_sites(store, account).await;
    create(store, account, SITE, "Department").await;
    create(store, account, OTHER_SITE, "Project").await;
    let pairs = values(&[("Department", "Physics"), ("Project", "X")]);
    assert_not_found(store.put_user_tracking_codes(account, SITE, &"ana".into(), &pairs).await);
    assert_eq!(values_of(store, account, SITE, "ana").await, []);
}

pub async fn values_stay_when_a_code_is_replaced_and_go_when_it_is_deleted(store: &dyn Store) {
    let account = one_account(store).await;
    two_sites(store, account).await;
    let department = create(store, account, SITE, "Department").await;
    create(store, account, SITE, "Project").await;
    let pairs = values(&[("Department", "Physics"), ("Project", "X")]);
    store.put_user_tracking_codes(account, SITE, &"ana".into(), &pairs).await.unwrap();
    for name in ["Faculty", "Institute"] {
        store.replace_tracking_code(account, &code(SITE, department.as_str(), name)).await.unwrap();
        let expected = [triple("1", name, "Physics"), triple("2", "Project", "X")];
        assert_eq!(values_of(store, account, SITE, "ana").await, expected);
    }
    store.put_tracking_code(account, &code(SITE, department.as_str(), "Department")).await.unwrap();
    let expected = [triple("1", "Department", "Physics"), triple("2", "Project", "X")];
    assert_eq!(values_of(store, account, SITE, "ana").await, expected);
    store.delete_tracking_code(account, SITE, &department).await.unwrap();
    assert_eq!(values_of(store, account, SITE, "ana").await, [triple("2", "Project", "X")]);
    store.put_tracking_code(account, &code(SITE, department.as_str(), "Department")).await.unwrap();
    assert_eq!(values_of(store, account, SITE, "ana").await.len(), 1, "an old value does not come back");
}

pub async fn accounts_do_not_see_each_others(store: &dyn Store) {
    let (one, two) = two_accounts(store).await;
    store.put_site(one, &site(SITE, true)).await.unwrap();
    let id = create(store, one, SITE, "Department").await;
    let pairs = values(&[("Department", "Physics")]);
    store.put_user_tracking_codes(one, SITE, &"ana".into(), &pairs).await.unwrap();

    assert_eq!(store.sites(two).await.unwrap(), []);
    assert_eq!(store.tracking_codes(two, SITE).await.unwrap(), []);
    assert_eq!(store.find_tracking_code(two, SITE, &id).await.unwrap(), None);
    assert_eq!(values_of(store, two, SITE, "ana").await, []);
    assert_not_found(store.create_tracking_code(two, &code(SITE, "", "Project"), 10).await);
    assert_not_found(store.replace_tracking_code(two, &code(SITE, id.as_str(), "Stolen")).await);
    assert!(!store.delete_tracking_code(two, SITE, &id).await.unwrap());
    assert_not_found(store.put_user_tracking_codes(two, SITE, &"ana".into(), &pairs).await);

    store.put_site(two, &site(SITE, true)).await.unwrap();
    let theirs = store.create_tracking_code(two, &code(SITE, "", "Department"), 10).await.unwrap();
    assert_eq!(theirs.id.as_str(), "1", "each account counts its own");
    assert!(store.delete_tracking_code(two, SITE, &theirs.id).await.unwrap());
    assert_eq!(values_of(store, one, SITE, "ana").await, [triple("1", "Department", "Physics")]);
    assert_not_found(store.put_site(NO_ACCOUNT, &site(SITE, true)).await);
    assert_not_found(store.put_tracking_code(NO_ACCOUNT, &code(SITE, "1", "Department")).await);
}
