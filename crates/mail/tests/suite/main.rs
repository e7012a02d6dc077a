//! The job, with a mail server in the test's hands.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on panics")]

mod failing;
mod sending;

use std::{
    collections::VecDeque,
    sync::{
        Arc, Mutex,
        atomic::{AtomicU8, Ordering},
    },
};

use async_trait::async_trait;
use rollcall_lifecycle::Job as _;
use rollcall_mail::{Mail, MailJob, MailSettings, Mailbox, Post, PostError, Rights};
use rollcall_minutes::LiveStore;
use rollcall_model::{
    Access, AccountId, Clock as _, Entropy, FixedClock, Member, MemberId, Proof, Role, SecretHash, Timestamp,
};
use rollcall_sql::{Limits, Names, Queries};
use rollcall_store::{
    Accounts as _, Begun, MemberStore as _, MinuteStore, NewMember, NewSubscription, QuerySource, Schedule, Store,
    Subscription, SubscriptionId, SubscriptionStore as _,
};
use rollcall_store_sqlite::SqliteStore;

/// 2026-11-30T07:00:00Z, a Monday.
const NOW: i64 = 1_796_022_000;

/// Bytes that differ each time.
#[derive(Default)]
struct Counting(AtomicU8);

impl Entropy for Counting {
    fn fill(&self, bytes: &mut [u8]) {
        bytes.fill(self.0.fetch_add(1, Ordering::Relaxed));
    }
}

/// Keeps the mails that it is handed, or answers with the next error.
struct Desk {
    from: Mailbox,
    answers: Mutex<VecDeque<PostError>>,
    sent: Mutex<Vec<String>>,
}

#[async_trait]
impl Post for Desk {
    fn from(&self) -> &Mailbox {
        &self.from
    }

    async fn send(&self, mail: &Mail) -> Result<(), PostError> {
        match self.answers.lock().unwrap().pop_front() {
            Some(error) => Err(error),
            None => {
                self.sent.lock().unwrap().push(String::from_utf8(mail.bytes.clone()).unwrap());
                Ok(())
            }
        }
    }
}

/// Hides names from viewers without names, and bars one role from SQL.
struct Roles {
    barred: Mutex<Option<Role>>,
}

impl Rights for Roles {
    fn names(&self, access: Access) -> Option<Names> {
        let is_barred = *self.barred.lock().unwrap() == Some(access.role());
        let names = if access.names_hidden() { Names::Hidden } else { Names::Shown };
        (!is_barred).then_some(names)
    }
}

struct World {
    store: Arc<SqliteStore>,
    account: AccountId,
    ana: Member,
    clock: Arc<FixedClock>,
    desk: Arc<Desk>,
    roles: Arc<Roles>,
    job: MailJob,
    _folder: tempfile::TempDir,
}

impl World {
    async fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("rollcall.db");
        let store = Arc::new(SqliteStore::open(&path).unwrap());
        let account = store.create_account("main", "main", Timestamp::from_seconds(NOW)).await.unwrap().id;
        let ana = NewMember {
            email: "ana@example.com".into(),
            name: "Ana <b>".into(),
            proof: Proof::None,
            created_at: Timestamp::from_seconds(NOW),
        };
        let ana = store.add_member(account, Access::of(Role::Analyst), &ana).await.unwrap();
        let minutes: Arc<dyn MinuteStore> = Arc::new(LiveStore::open(&folder.path().join("minutes")).unwrap());
        let queries = Queries::new(&path, Arc::new(move || Ok(Arc::clone(&minutes))), 2);
        let clock = Arc::new(FixedClock::at(Timestamp::from_seconds(NOW)));
        let from = "Rollcall <rollcall@example.com>".parse().unwrap();
        let desk = Arc::new(Desk { from, answers: Mutex::default(), sent: Mutex::default() });
        let roles = Arc::new(Roles { barred: Mutex::default() });
        let job = MailJob {
            store: Arc::clone(&store) as Arc<dyn Store>,
            queries: Arc::new(queries),
            post: Arc::clone(&desk) as Arc<dyn Post>,
            rights: Arc::clone(&roles) as Arc<dyn Rights>,
            clock: Arc::clone(&clock) as Arc<_>,
            entropy: Arc::new(Counting::default()),
            wake: Arc::default(),
            settings: MailSettings { base_url: "https://rollcall.example.com".into(), limits: Limits::default() },
        };
        Self { store, account, ana, clock, desk, roles, job, _folder: folder }
    }

    /// Subscribes Ana to a query, due now and daily.
    async fn subscribe(&self, query: &str, values: &str) -> SubscriptionId {
        self.subscribe_as("Joins", query, values).await
    }

    async fn subscribe_as(&self, name: &str, query: &str, values: &str) -> SubscriptionId {
        let new = NewSubscription {
            member: self.ana.id,
            name: name.into(),
            source: QuerySource::Own { query: query.into(), values: values.into() },
            view: Some("/quality?last=7d".into()),
            schedule: Schedule { weekday: None, hour: 8, time_zone: "Europe/Paris".into() },
            created_at: self.clock.now(),
            due_at: self.clock.now(),
        };
        self.store.subscribe(self.account, &new).await.unwrap()
    }

    async fn stored(&self, id: SubscriptionId) -> Subscription {
        self.store.subscription(self.account, id).await.unwrap().unwrap()
    }

    async fn round(&mut self) {
        self.job.round().await.unwrap();
    }

    /// Moves the clock to when the subscription is due, and runs a round.
    async fn next(&mut self, id: SubscriptionId) {
        self.clock.set(self.stored(id).await.due_at);
        self.round().await;
    }

    fn answer(&self, answers: impl IntoIterator<Item = PostError>) {
        self.desk.answers.lock().unwrap().extend(answers);
    }

    fn sent(&self) -> Vec<String> {
        std::mem::take(&mut *self.desk.sent.lock().unwrap())
    }

    async fn begin(&self, id: SubscriptionId, hash: &str) -> Begun {
        let due = self.stored(id).await;
        self.store.begin_mail(&due, SecretHash::of(hash), self.clock.now()).await.unwrap()
    }

    async fn remove(&self, member: MemberId) {
        let boss = NewMember {
            email: "boss@example.com".into(),
            name: "Boss".into(),
            proof: Proof::None,
            created_at: self.clock.now(),
        };
        self.store.add_member(self.account, Access::of(Role::Administrator), &boss).await.unwrap();
        self.store.remove_member(self.account, member, self.clock.now()).await.unwrap();
    }
}
