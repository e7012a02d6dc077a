//! The simulated account of `serve --demo`, and the writing of simulated worlds.

use std::sync::Arc;

use rollcall_http::{CreatedToken, SystemEntropy, TokenRequest, create_token};
use rollcall_ingest::{Ingest, Report};
use rollcall_model::{
    Account, AccountId, Clock, InstanceState, MeetingKind, Scopes, SystemClock, Timestamp, TokenKind,
};
use rollcall_sim::{Labelled, Truth, World, WorldConfig};
use rollcall_store::{InstanceQuery, InstanceSpan, Store};
use tokio_util::sync::CancellationToken;
use tracing::{error, info};

use crate::{data::create_account, failure::Failure};

/// What the demo's account is called.
const ACCOUNT_NAME: &str = "demo";
/// How long a demo token is good for.
const TOKEN_SECONDS: i64 = 24 * 3600;

/// The demo's account with all its history, and what goes on in it.
pub(crate) struct Demo {
    pub(crate) account: Account,
    ingest: Arc<Ingest>,
    world: World,
    now: Timestamp,
}

impl Demo {
    /// Makes the account where there is none yet, and writes what it has missed since the last time.
    pub(crate) async fn prepare(store: &dyn Store, ingest: Arc<Ingest>) -> Result<Self, Failure> {
        let clock = SystemClock;
        let account = match store.find_account(ACCOUNT_NAME).await? {
            Some(account) => account,
            None => create_account(store, &clock, &SystemEntropy, ACCOUNT_NAME).await?,
        };
        let now = clock.now();
        let world = World::new(WorldConfig::demo(), now);
        match latest_end(store, account.id, now).await? {
            None => {
                info!("making the demo's five weeks of history; this takes some seconds");
                write_all(&ingest, account.id, world.batches(), |_, _| Ok(())).await?;
            }
            Some(end) => write_all(&ingest, account.id, world.batches_since(end), |_, _| Ok(())).await?,
        }
        ingest.write(account.id, &world.live_at(now).so_far()).await?;
        Ok(Self { account, ingest, world, now })
    }

    /// A token for the account, good for a day.
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

    /// Writes what happens in the live meetings, a minute at a time, until `stop` is cancelled.
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
                error!(error = %error, "a minute of the demo was not written");
            }
            minute = minute.next();
        }
    }
}

/// When the latest ended instance of the account ended.
async fn latest_end(store: &dyn Store, account: AccountId, now: Timestamp) -> Result<Option<Timestamp>, Failure> {
    let mut latest = None;
    for kind in [MeetingKind::Meeting, MeetingKind::Webinar] {
        let query = InstanceQuery {
            kind,
            state: InstanceState::Past,
            min_participants: None,
            max_participants: None,
            span: InstanceSpan::End,
            from: Timestamp::from_seconds(0),
            before: now,
            groups: None,
        };
        let rows = store.list_instances(account, &query, None, 1).await?;
        latest = latest.max(rows.first().and_then(|row| row.instance.end_time));
    }
    Ok(latest)
}

/// Writes a world's batches one after the other and tells of each.
pub(crate) async fn write_all(
    ingest: &Ingest,
    account: AccountId,
    batches: impl Iterator<Item = Labelled>,
    mut tell: impl FnMut(&[Truth], Report) -> std::io::Result<()>,
) -> Result<(), Failure> {
    for labelled in batches {
        let report = ingest.write(account, &labelled.batch).await?;
        tell(&labelled.truth, report)?;
    }
    Ok(())
}
