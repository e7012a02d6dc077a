use rollcall_ingest::IngestError;
use rollcall_model::{
    AccountId, Batch, InstanceState::Past, Meeting, MeetingKind, SiteFacts, SiteManager, TrackingCodeMode,
    TrackingSourceFacts,
};
use rollcall_store::{MeetingStore, StoreError, TrackingCodeStore, UserStore};

use crate::{
    facts::{
        NUMBER, PERSON, SITE, UUID, attendance, code, described, details, everything, run, site, source, user, values,
    },
    world::World,
};

#[tokio::test]
async fn an_instance_without_a_number_is_refused_and_nothing_is_written() {
    let world = World::new().await;
    let nothing = world.dump().await;
    let mut batch = everything();
    let mut nameless = run("NobodyKnowsNobodyKnows==", Past, vec![attendance("1", 0, None)]);
    nameless.number = None;
    batch.instances.push(nameless.clone());
    let error = world.try_write(&batch).await.unwrap_err();
    assert!(matches!(&error, IngestError::MissingNumber { uuid } if uuid.as_str() == "NobodyKnowsNobodyKnows=="));
    assert!(error.is_callers_fault() && error.to_string().contains("`number`"), "{error}");
    assert_eq!(world.dump().await, nothing);

    // Known from the same batch, or from the store, counts as reported.
    batch.instances.insert(0, run("NobodyKnowsNobodyKnows==", Past, Vec::new()));
    world.write(&batch).await;
    world.write_instance(nameless).await;
    assert_eq!(world.instance("NobodyKnowsNobodyKnows==").await.unwrap().participants, 1);
}

#[tokio::test]
async fn an_instance_makes_its_meeting_known() {
    let world = World::new().await;
    let meeting = || world.store.find_meeting(world.account, MeetingKind::Meeting, NUMBER);
    world.write_instance(run(UUID, Past, Vec::new())).await;
    // A UUID that no source reported is that of the latest run.
    let known = Meeting { uuid: Some(UUID.into()), ..Meeting::new(MeetingKind::Meeting, NUMBER) };
    assert_eq!(meeting().await.unwrap(), Some(known));
    world.write_instance(described(details(UUID, Past))).await;
    assert_eq!(meeting().await.unwrap().unwrap().topic.as_deref(), Some("Weekly"));
}

#[tokio::test]
async fn an_instance_leaves_a_richer_meeting_alone() {
    let world = World::new().await;
    let rich = Meeting {
        topic: Some("Every week".into()),
        agenda: Some("Talk".into()),
        host_id: Some("ann".into()),
        ..Meeting::new(MeetingKind::Meeting, NUMBER)
    };
    world.write(&Batch { meetings: vec![rich.clone()], ..Batch::default() }).await;
    let mut told = details(UUID, Past);
    told.host_id = Some("bob".into());
    told.host_email = Some("bob@example.com".into());
    world.write_instance(described(told)).await;
    let stored = world.store.find_meeting(world.account, MeetingKind::Meeting, NUMBER).await.unwrap().unwrap();
    let known = Meeting { host_email: Some("bob@example.com".into()), uuid: Some(UUID.into()), ..rich };
    assert_eq!(stored, known);
}

#[tokio::test]
async fn tracking_sources_make_their_webinar_known() {
    let world = World::new().await;
    let batch = Batch {
        tracking_sources: vec![TrackingSourceFacts { number: NUMBER, sources: vec![source("1")] }],
        ..Batch::default()
    };
    let find = || world.store.find_meeting(world.account, MeetingKind::Webinar, NUMBER);
    world.write(&batch).await;
    assert_eq!(find().await.unwrap(), Some(Meeting::new(MeetingKind::Webinar, NUMBER)));

    let rich = Meeting { topic: Some("Launch".into()), ..Meeting::new(MeetingKind::Webinar, NUMBER) };
    world.write(&Batch { meetings: vec![rich.clone()], ..batch.clone() }).await;
    world.write(&batch).await;
    assert_eq!(find().await.unwrap(), Some(rich));
}

#[tokio::test]
async fn tracking_codes_make_their_site_known() {
    let world = World::new().await;
    world.write(&Batch { tracking_codes: vec![code(SITE, "1", "Department")], ..Batch::default() }).await;
    let sites = world.store.sites(world.account).await.unwrap();
    assert_eq!(sites.iter().map(|site| (site.url.as_str(), site.is_default)).collect::<Vec<_>>(), [(SITE, true)]);
}

#[tokio::test]
async fn a_code_does_not_take_the_name_of_another() {
    let world = World::new().await;
    let codes = |codes: &[(&str, &str)]| {
        let tracking_codes = codes.iter().map(|(id, name)| code(SITE, id, name)).collect();
        Batch { tracking_codes, ..Batch::default() }
    };
    world.write(&codes(&[("1", "Department"), ("2", "Project")])).await;
    let stored = world.dump().await;
    for wrong in [&[("3", "Team"), ("4", "Project")][..], &[("3", "Team"), ("4", "Team")], &[("1", "Project")]] {
        let error = world.try_write(&codes(wrong)).await.unwrap_err();
        assert!(error.is_callers_fault() && error.to_string().contains(", with the id"), "{error}");
        assert_eq!(world.dump().await, stored, "{wrong:?}");
    }
    // A released name can be used again.
    world.write(&codes(&[("2", "Team"), ("3", "Project"), ("1", "Department")])).await;
    let names = world.store.tracking_codes(world.account, SITE).await.unwrap();
    assert_eq!(names.iter().map(|code| code.name.as_str()).collect::<Vec<_>>(), ["Department", "Team", "Project"]);
}

#[tokio::test]
async fn values_need_a_code_and_a_person() {
    let world = World::new().await;
    let nothing = world.dump().await;
    let mut batch = Batch { user_tracking_codes: vec![values(SITE, "Department", "Sales")], ..Batch::default() };
    let error = world.try_write(&batch).await.unwrap_err();
    assert!(matches!(&error, IngestError::UnknownTrackingCode { name, .. } if name == "Department"), "{error}");

    batch.tracking_codes = vec![code(SITE, "1", "Department")];
    batch.user_tracking_codes[0].user_ids.clear();
    batch.user_tracking_codes[0].email = "".into();
    let error = world.try_write(&batch).await.unwrap_err();
    assert!(matches!(&error, IngestError::MissingPerson { .. }), "{error}");
    assert_eq!(world.dump().await, nothing);

    batch.user_tracking_codes[0].user_ids = vec![PERSON.into()];
    world.write(&batch).await;
    let stored = world.store.user_tracking_codes(world.account, SITE, &PERSON.into()).await.unwrap();
    assert_eq!(stored[0].value, "Sales");
}

#[tokio::test]
async fn values_make_their_person_known_where_nobody_has_the_address() {
    let world = World::new().await;
    let batch = Batch {
        tracking_codes: vec![code(SITE, "1", "Department")],
        user_tracking_codes: vec![values(SITE, "Department", "Sales")],
        ..Batch::default()
    };
    world.write(&batch).await;
    let found = world.store.find_user(world.account, "Person@example.com").await.unwrap().unwrap();
    assert_eq!(found.id, PERSON);

    let other = World::new().await;
    let mut known = user("ann");
    known.email = "person@example.com".into();
    other.write(&Batch { users: vec![known.clone()], ..batch }).await;
    assert_eq!(other.store.find_user(other.account, "person@example.com").await.unwrap(), Some(known));
    assert_eq!(other.store.find_user(other.account, PERSON).await.unwrap(), None);
    let values = other.store.user_tracking_codes(other.account, SITE, &"ann".into()).await.unwrap();
    assert_eq!(values[0].value, "Sales", "the values are those of the user who has the address");
}

#[tokio::test]
async fn an_account_that_is_not_there_takes_nothing() {
    let world = World::new().await;
    let error = world.ingest.write(AccountId(77), &everything()).await.unwrap_err();
    assert!(matches!(error, IngestError::Store(StoreError::NotFound { .. })), "{error}");
}

#[tokio::test]
async fn a_list_of_sites_changes_nothing_that_it_does_not_tell() {
    let world = World::new().await;
    let told = SiteFacts {
        managed_by: Some(SiteManager::ControlHub),
        tracking_code_mode: Some(TrackingCodeMode::Mapped),
        ..site(SITE, true)
    };
    world.write(&Batch { sites: vec![told], ..Batch::default() }).await;
    let before = world.store.sites(world.account).await.unwrap();
    let listed = SiteFacts { managed_by: None, tracking_code_mode: None, ..site(SITE, false) };
    world.write(&Batch { sites: vec![listed.clone()], ..Batch::default() }).await;
    assert_eq!(world.store.sites(world.account).await.unwrap(), before);

    let other = SiteFacts { managed_by: None, tracking_code_mode: None, ..site("other.webex.com", true) };
    world.write(&Batch { sites: vec![other, listed], ..Batch::default() }).await;
    let sites = world.store.sites(world.account).await.unwrap();
    assert_eq!(sites.iter().map(|site| site.is_default).collect::<Vec<_>>(), [false, true]);
}
