use std::{fmt::Debug, path::Path, sync::Arc};

use rollcall_ingest::{Ingest, IngestError, Report};
use rollcall_minutes::LiveStore;
use rollcall_model::{
    AccountId, Batch, DocumentOwner, InstanceFacts, InstanceState, InstanceUuid, MeetingKind, MeetingNumber, Timestamp,
    UserStatus,
};
use rollcall_store::{
    Accounts, DocumentQuery, DocumentStore, InstanceQuery, InstanceSpan, InstanceStore, MeetingStore, MinuteStore,
    ParticipantStore, RegistrantQuery, RegistrantStore, StoredInstance, TrackingCodeStore, TrackingFieldStore,
    TrackingSourceStore, UserQuery, UserStore,
};
use rollcall_store_sqlite::SqliteStore;
use tempfile::TempDir;

use crate::facts::{NUMBERS, PERSON, time};

const KINDS: [MeetingKind; 2] = [MeetingKind::Meeting, MeetingKind::Webinar];
const STATES: [InstanceState; 2] = [InstanceState::Live, InstanceState::Past];

/// Both stores with one account, and [`Ingest`].
pub(crate) struct World {
    pub(crate) store: Arc<SqliteStore>,
    pub(crate) minutes: Arc<LiveStore>,
    pub(crate) ingest: Ingest,
    pub(crate) account: AccountId,
    _dir: Option<TempDir>,
}

impl World {
    /// Stores that are deleted with the world.
    pub(crate) async fn new() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let store = SqliteStore::open_in_memory().unwrap();
        store.create_account("Org", "acct", time(0)).await.unwrap();
        let path = dir.path().to_owned();
        Self::with(store, &path, Some(dir)).await
    }

    /// Stores in a folder, which stay when the world is dropped.
    pub(crate) async fn open(dir: &Path) -> Self {
        let store = SqliteStore::open(&dir.join("rollcall.db")).unwrap();
        if store.accounts().await.unwrap().is_empty() {
            store.create_account("Org", "acct", time(0)).await.unwrap();
        }
        Self::with(store, dir, None).await
    }

    async fn with(store: SqliteStore, dir: &Path, own: Option<TempDir>) -> Self {
        let account = store.accounts().await.unwrap()[0].id;
        let store = Arc::new(store);
        let minutes = Arc::new(LiveStore::open(&dir.join("live")).unwrap());
        let ingest = Ingest::new(store.clone(), minutes.clone());
        Self { store, minutes, ingest, account, _dir: own }
    }

    pub(crate) async fn try_write(&self, batch: &Batch) -> Result<Report, IngestError> {
        self.ingest.write(self.account, batch).await
    }

    pub(crate) async fn write(&self, batch: &Batch) -> Report {
        self.try_write(batch).await.unwrap()
    }

    pub(crate) async fn write_instance(&self, facts: InstanceFacts) -> Report {
        self.write(&Batch { instances: vec![facts], ..Batch::default() }).await
    }

    pub(crate) async fn instance(&self, uuid: &str) -> Option<StoredInstance> {
        let uuid: InstanceUuid = uuid.parse().unwrap();
        self.store.instance_by_uuid(self.account, &uuid).await.unwrap()
    }

    /// All instances of a meeting, latest first.
    pub(crate) async fn instances(&self, number: MeetingNumber) -> Vec<StoredInstance> {
        let mut instances = self.all_instances().await;
        instances.retain(|stored| stored.instance.number == Some(number));
        instances
    }

    async fn all_instances(&self) -> Vec<StoredInstance> {
        let mut instances = Vec::new();
        for (kind, state) in KINDS.iter().flat_map(|kind| STATES.map(|state| (*kind, state))) {
            let query = InstanceQuery {
                kind,
                state,
                number: None,
                max_participants: None,
                min_participants: None,
                span: InstanceSpan::Start,
                from: Timestamp::from_millis(i64::MIN),
                before: Timestamp::from_millis(i64::MAX),
                groups: None,
                unnumbered: false,
                person: None,
            };
            instances.extend(self.store.list_instances(self.account, &query, None, 1000).await.unwrap());
        }
        instances
    }

    /// Everything that is stored, with its rows, in the order in which it is returned.
    pub(crate) async fn dump(&self) -> Vec<String> {
        let mut dump = Dump::default();
        self.dump_entities(&mut dump).await;
        for stored in self.all_instances().await {
            let of = &stored.instance.uuid;
            dump.push(&stored);
            for participant in self.store.list_participants(self.account, stored.id, None, 10_000).await.unwrap() {
                dump.push(&(of, &participant));
                let ids = [participant.id];
                for row in self.minutes.read_minutes(self.account, stored.id, &ids, None, 10_000).await.unwrap() {
                    dump.push(&(of, row));
                }
            }
        }
        dump.0
    }

    /// Everything that is stored, by natural keys, in an order that does not depend on the order of arrival.
    pub(crate) async fn facts(&self) -> Vec<String> {
        let mut dump = Dump::default();
        self.dump_entities(&mut dump).await;
        for stored in self.all_instances().await {
            let of = &stored.instance.uuid;
            dump.push(&(&stored.instance, stored.participants));
            for participant in self.store.list_participants(self.account, stored.id, None, 10_000).await.unwrap() {
                dump.push(&(of, &participant.participant));
                let (key, ids) = (participant.participant.key(), [participant.id]);
                for row in self.minutes.read_minutes(self.account, stored.id, &ids, None, 10_000).await.unwrap() {
                    dump.push(&(of, &key, row.minute));
                }
            }
        }
        dump.0.sort();
        dump.0
    }

    async fn dump_entities(&self, dump: &mut Dump) {
        for status in [UserStatus::Active, UserStatus::Inactive, UserStatus::Pending] {
            let query = UserQuery { status, role_id: None };
            for user in self.store.list_users(self.account, &query, None, 1000).await.unwrap() {
                dump.push(&user);
            }
        }
        let uuid = crate::facts::UUID.parse().unwrap();
        for owner in [DocumentOwner::Account, DocumentOwner::Instance(uuid)] {
            for kind in ["sign_ins", "polls"] {
                let query = DocumentQuery::all(kind, owner.clone());
                for (_, document) in self.store.list_documents(self.account, &query, None, 1000).await.unwrap() {
                    dump.push(&document);
                }
            }
        }
        dump.push(&self.store.tracking_fields(self.account).await.unwrap());
        for number in NUMBERS {
            for kind in KINDS {
                let query = RegistrantQuery::all(kind, number);
                dump.push(&self.store.list_registrants(self.account, &query, None, 1000).await.unwrap());
                dump.push(&self.store.find_meeting(self.account, kind, number).await.unwrap());
            }
            for source in self.store.tracking_sources(self.account, number).await.unwrap() {
                dump.push(&(number, source));
            }
        }
        for site in self.store.sites(self.account).await.unwrap() {
            for code in self.store.tracking_codes(self.account, &site.url).await.unwrap() {
                dump.push(&code);
            }
            dump.push(&self.store.user_tracking_codes(self.account, &site.url, &PERSON.into()).await.unwrap());
            dump.push(&site);
        }
    }
}

#[derive(Default)]
struct Dump(Vec<String>);

impl Dump {
    fn push(&mut self, row: &impl Debug) {
        self.0.push(format!("{row:?}"));
    }
}
