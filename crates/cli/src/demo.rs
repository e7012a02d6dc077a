//! The simulated account of `serve --demo`, and the writing of simulated worlds.

use std::{
    collections::{HashSet, VecDeque},
    fs::File,
    iter::{Fuse, Peekable},
    path::Path,
    sync::Arc,
};

use rollcall_auth::{CreatedToken, TokenRequest, create_token};
use rollcall_ingest::{Ingest, IngestError, Report};
use rollcall_model::{
    Account, AccountId, Batch, Clock, DocumentFacts, DocumentOwner, DocumentOwnerRef, InstanceState, MeetingKind,
    MeetingNumber, Scopes, SystemClock, SystemEntropy, Timestamp, TokenKind,
};
use rollcall_sim::{Labelled, Truth, World, WorldConfig};
use rollcall_store::{InstanceQuery, InstanceSpan, Store, UserQuery};
use rollcall_webex::documents::PREFERENCES;
use rollcall_zoom::{
    kept::{self, Owner},
    read,
};
use serde_json::json;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;
use tracing::{error, info};

use crate::{data::create_account, failure::Failure};

/// Name of the demo's account.
pub(crate) const ACCOUNT_NAME: &str = "demo";
/// Lifetime of a demo token.
const TOKEN_SECONDS: i64 = 24 * 3600;

/// The demo's account with its history and live meetings.
pub(crate) struct Demo {
    pub(crate) account: Account,
    ingest: Arc<Ingest>,
    world: World,
    now: Timestamp,
}

impl Demo {
    /// Creates the account if it does not exist, and writes what happened since the last run.
    ///
    /// The file `unfinished` exists while history is being written. If a previous run left it behind, an unknown part
    /// is missing, so everything is written again.
    pub(crate) async fn prepare(store: &dyn Store, ingest: Arc<Ingest>, unfinished: &Path) -> Result<Self, Failure> {
        let clock = SystemClock;
        let account = match store.find_account(ACCOUNT_NAME).await? {
            Some(account) => account,
            None => create_account(store, &clock, &SystemEntropy, ACCOUNT_NAME).await?,
        };
        let now = clock.now();
        let world = World::new(WorldConfig::demo(), now);
        let written_until = if unfinished.exists() { None } else { latest_end(store, account.id, now).await? };
        let in_context = |error: std::io::Error| Failure::context(unfinished.display(), &error);
        File::create(unfinished).map_err(in_context)?;
        match written_until {
            None => {
                info!("creating five weeks of demo history; this takes some seconds");
                Writes::new(&ingest, account.id, world.batches()).finish().await?;
            }
            Some(end) => Writes::new(&ingest, account.id, world.batches_since(end)).finish().await?,
        }
        write_documents(store, &ingest, &account).await?;
        std::fs::remove_file(unfinished).map_err(in_context)?;
        ingest.write(account.id, &world.live_at(now).so_far()).await?;
        Ok(Self { account, ingest, world, now })
    }

    /// Creates a token for the account, valid for a day.
    pub(crate) async fn token(&self, store: &dyn Store) -> Result<CreatedToken, Failure> {
        let request = TokenRequest {
            account: self.account.id,
            client_id: None,
            user_id: None,
            kind: TokenKind::Access,
            scopes: Scopes::All,
            expires_at: Some(SystemClock.now().plus_seconds(TOKEN_SECONDS)),
        };
        Ok(create_token(store, &SystemClock, &SystemEntropy, request).await?)
    }

    /// Writes the events of the live meetings, minute by minute, until `stop` is cancelled.
    pub(crate) async fn run(self, stop: CancellationToken) {
        let mut feed = self.world.live_at(self.now);
        let mut minute = feed.first_minute();
        loop {
            let over = minute.next().start();
            let wait = u64::try_from(over.millis_since(SystemClock.now())).unwrap_or(0);
            tokio::select! {
                () = stop.cancelled() => return,
                () = tokio::time::sleep(std::time::Duration::from_millis(wait)) => {}
            }
            if let Err(error) = self.ingest.write(self.account.id, &feed.tick(minute)).await {
                error!(error = %error, "could not write a minute of the demo");
            }
            minute = minute.next();
        }
    }
}

/// Writes an example of everything that is kept as the vendor sent it: about the latest meeting and webinar, the first
/// user and the account.
async fn write_documents(store: &dyn Store, ingest: &Ingest, account: &Account) -> Result<(), Failure> {
    let users = store.list_users(account.id, &UserQuery::default(), None, 1).await?;
    let latest = async |kind| {
        let rows = store.list_instances(account.id, &past(kind), None, 1).await?;
        Ok::<_, Failure>(rows.into_iter().next().map(|row| row.instance))
    };
    let latest = [latest(MeetingKind::Meeting).await?, latest(MeetingKind::Webinar).await?];
    for kept in kept::all() {
        let owner = match kept.owner {
            Owner::Account => DocumentOwner::Account,
            Owner::Past(kind) | Owner::Instance(kind) => {
                let Some(instance) = latest.iter().flatten().find(|latest| latest.kind == kind) else { continue };
                DocumentOwner::Instance(instance.uuid.clone())
            }
            Owner::Meeting(kind) => {
                let latest = latest.iter().flatten().find(|latest| latest.kind == kind);
                let Some(number) = latest.and_then(|latest| latest.number) else { continue };
                DocumentOwner::Meeting(kind, number)
            }
            Owner::User => match users.first() {
                Some(user) => DocumentOwner::Record(user.id.clone()),
                None => continue,
            },
            Owner::Record("account") => DocumentOwner::Record(account.public_id.as_str().into()),
            Owner::Record("group") => DocumentOwner::Record(GROUP.into()),
            Owner::Record("room") => DocumentOwner::Record(ROOM.into()),
            Owner::Record(_) => DocumentOwner::Record(FEEDBACK.into()),
            Owner::Parameter(_) => DocumentOwner::Record(BILL.into()),
        };
        let documents = read::examples(kept, &owner);
        ingest.write(account.id, &Batch { documents, ..Batch::default() }).await?;
    }
    let sites = store.sites(account.id).await?;
    let sites: Vec<_> = sites.iter().map(|site| json!({"siteUrl": site.url, "default": site.is_default})).collect();
    let preferences = DocumentFacts {
        owner: DocumentOwnerRef::Known(DocumentOwner::Account),
        kind: PREFERENCES.into(),
        key: "".into(),
        time: None,
        json: json!({ "sites": sites }).to_string(),
    };
    ingest.write(account.id, &Batch { documents: vec![preferences], ..Batch::default() }).await?;
    Ok(())
}

/// The ids of the records in the examples.
const GROUP: &str = "z8yCxjabcdEFGHfp8uQ";
const ROOM: &str = "35QLhffMSfqUJJ9gCszciw";
const FEEDBACK: &str = "1";
const BILL: &str = "indfhgfhfho";

fn past(kind: MeetingKind) -> InstanceQuery {
    InstanceQuery {
        kind,
        state: InstanceState::Past,
        min_participants: None,
        number: None,
        max_participants: None,
        span: InstanceSpan::Start,
        from: Timestamp::from_seconds(0),
        before: Timestamp::from_millis(i64::MAX),
        groups: None,
        unnumbered: false,
        person: None,
    }
}

/// Returns when the account's latest ended instance ended.
async fn latest_end(store: &dyn Store, account: AccountId, now: Timestamp) -> Result<Option<Timestamp>, Failure> {
    let mut latest = None;
    for kind in [MeetingKind::Meeting, MeetingKind::Webinar] {
        let query = InstanceQuery { span: InstanceSpan::End, before: now, ..past(kind) };
        let rows = store.list_instances(account, &query, None, 1).await?;
        latest = latest.max(rows.first().and_then(|row| row.instance.end_time));
    }
    Ok(latest)
}

/// How many batches are written concurrently. Each waits for the disk several times, and those that wait together share
/// a sync.
const BATCHES_AT_A_TIME: usize = 8;

/// What makes the order of two batches matter. `None` if a batch has other content, on which later ones may depend.
type About = Option<HashSet<(MeetingKind, Shared)>>;

/// A key by which the order of writing becomes visible.
#[derive(Debug, PartialEq, Eq, Hash)]
enum Shared {
    /// Instances of one meeting are merged one after the other.
    Number(MeetingNumber),
    /// Instances with the same start are listed in the order of writing.
    Start(Timestamp),
    /// So are instances with the same end.
    End(Timestamp),
}

/// A batch that is being written.
struct Writing {
    about: About,
    truth: Vec<Truth>,
    report: JoinHandle<Result<Report, IngestError>>,
}

impl Writing {
    fn start(ingest: &Arc<Ingest>, account: AccountId, labelled: Labelled) -> Self {
        let Labelled { batch, truth } = labelled;
        let about = about(&batch);
        let ingest = Arc::clone(ingest);
        let report = tokio::spawn(async move { ingest.write(account, &batch).await });
        Self { about, truth, report }
    }
}

/// Returns whether a batch about `after` has to wait for one about `before`.
fn waits_for(after: &About, before: &About) -> bool {
    match (after, before) {
        (Some(after), Some(before)) => !after.is_disjoint(before),
        _ => true,
    }
}

fn about(batch: &Batch) -> About {
    if batch.instances.is_empty() {
        return None;
    }
    let mut about = HashSet::new();
    for facts in &batch.instances {
        let (start, end) =
            facts.details.as_ref().map_or((None, None), |details| (details.start_time, details.end_time));
        let shared = [start.map(Shared::Start), end.map(Shared::End), Some(Shared::Number(facts.number?))];
        about.extend(shared.into_iter().flatten().map(|shared| (facts.kind, shared)));
    }
    Some(about)
}

/// Writes a world's batches, concurrently if they are independent.
pub(crate) struct Writes<I: Iterator<Item = Labelled>> {
    ingest: Arc<Ingest>,
    account: AccountId,
    batches: Peekable<Fuse<I>>,
    writing: VecDeque<Writing>,
}

impl<I: Iterator<Item = Labelled>> Writes<I> {
    pub(crate) fn new(ingest: &Arc<Ingest>, account: AccountId, batches: I) -> Self {
        let (ingest, batches) = (Arc::clone(ingest), batches.fuse().peekable());
        Self { ingest, account, batches, writing: VecDeque::with_capacity(BATCHES_AT_A_TIME) }
    }

    /// Waits until the next batch is written and returns it, in the order of the batches. `None` at the end.
    pub(crate) async fn next(&mut self) -> Result<Option<(Vec<Truth>, Report)>, Failure> {
        loop {
            // At the end, wait for everything.
            let about = self.batches.peek().and_then(|labelled| about(&labelled.batch));
            let is_full = self.writing.len() == BATCHES_AT_A_TIME;
            if is_full || self.writing.iter().any(|before| waits_for(&about, &before.about)) {
                let Some(Writing { truth, report, .. }) = self.writing.pop_front() else { continue };
                let report = report.await.map_err(std::io::Error::other)?;
                return Ok(Some((truth, report?)));
            }
            match self.batches.next() {
                Some(labelled) => self.writing.push_back(Writing::start(&self.ingest, self.account, labelled)),
                None => return Ok(None),
            }
        }
    }

    /// Writes all batches.
    async fn finish(mut self) -> Result<(), Failure> {
        while self.next().await?.is_some() {}
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use rollcall_minutes::LiveStore;
    use rollcall_model::{Instance, InstanceFacts, InstanceRef};
    use rollcall_store::Accounts as _;
    use rollcall_store_sqlite::SqliteStore;

    use super::*;

    #[tokio::test]
    async fn all_is_written_and_told_in_order_and_a_failure_ends_it() {
        let dir = tempfile::tempdir().unwrap();
        let store = Arc::new(SqliteStore::open_in_memory().unwrap());
        let ingest = Arc::new(Ingest::new(store.clone(), Arc::new(LiveStore::open(dir.path()).unwrap())));
        let account = store.create_account("main", "id", Timestamp::from_seconds(0)).await.unwrap();
        let config = WorldConfig { people: 8, days: 3, meetings_per_day: 12, qos: false, ..WorldConfig::demo() };
        let world = World::new(config, Timestamp::from_seconds(1_790_000_000));
        let expected: Vec<Report> = world
            .batches()
            .map(|labelled| Report {
                users: labelled.batch.users.len(),
                instances: labelled.batch.instances.len(),
                participants: labelled.batch.instances.iter().map(|facts| facts.participants.len()).sum(),
                ..Report::default()
            })
            .collect();
        let mut told = Vec::new();
        let mut writes = Writes::new(&ingest, account.id, world.batches());
        while let Some((_, Report { users, instances, participants, .. })) = writes.next().await.unwrap() {
            told.push(Report { users, instances, participants, ..Report::default() });
        }
        assert!(told.len() > 20);
        assert_eq!(told, expected);

        // A UUID of an unknown instance.
        let uuid: InstanceRef = "gm8s9L+PTEC+FG3sFbd1Cw==".parse().unwrap();
        let mut wrong = Labelled::default();
        wrong.batch.instances.push(InstanceFacts::new(MeetingKind::Meeting, uuid));
        let batches = world.batches().take(5).chain([wrong]).chain(world.batches());
        let mut writes = Writes::new(&ingest, account.id, batches);
        let mut count = 0;
        while writes.next().await.is_ok_and(|written| written.is_some()) {
            count += 1;
        }
        assert_eq!(count, 5);
    }

    #[test]
    fn batches_of_one_meeting_wait_for_one_another() {
        let of = |numbers: &[i64]| {
            let mut batch = Batch::default();
            for number in numbers {
                let number = MeetingNumber(*number);
                let facts = InstanceFacts::new(MeetingKind::Meeting, InstanceRef::Latest(number));
                batch.instances.push(InstanceFacts { number: Some(number), ..facts });
            }
            about(&batch)
        };
        for (before, after, waits) in
            [(&[1, 2][..], &[3][..], false), (&[1, 2], &[2, 3], true), (&[], &[1], true), (&[1], &[], true)]
        {
            assert_eq!(waits_for(&of(after), &of(before)), waits, "{before:?} {after:?}");
        }
    }

    #[test]
    fn batches_that_are_listed_in_the_order_of_writing_wait_for_one_another() {
        let of = |number: i64, start: i64, end: i64| {
            let (number, uuid) = (MeetingNumber(number), format!("Run{number}=="));
            let mut details = Instance::new(MeetingKind::Meeting, number, uuid.parse().unwrap(), InstanceState::Past);
            details.start_time = Some(Timestamp::from_seconds(start));
            details.end_time = Some(Timestamp::from_seconds(end));
            let mut facts = InstanceFacts::new(details.kind, InstanceRef::Latest(number));
            (facts.number, facts.details) = (Some(number), Some(details));
            about(&Batch { instances: vec![facts], ..Batch::default() })
        };
        for (start, end, waits) in [(60, 120, false), (0, 120, true), (60, 90, true), (90, 120, false)] {
            assert_eq!(waits_for(&of(2, start, end), &of(1, 0, 90)), waits, "{start} {end}");
        }
    }
}
