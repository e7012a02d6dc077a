//! Hot minutes, and their deletion after they are archived.

use std::sync::Arc;

use async_trait::async_trait;
use rollcall_model::{AccountId, InstanceId, ParticipantId};
use rollcall_store::{HotMinutes, LiveMinutes, MinuteCursor, MinuteRow, MinuteVisitor, Result, Watch, packed};

use crate::{LiveStore, backend, corrupt, key::Key, read, rows::Wanted, tree::View};

/// Number of keys deleted at a time, which limits how long other writes wait.
const DELETED_AT_A_TIME: usize = 2_000;

#[async_trait]
impl LiveMinutes for LiveStore {
    fn snapshot(&self) -> Result<Arc<dyn HotMinutes>> {
        Ok(Arc::new(Moment(Arc::new(self.place.tree()?.view()))))
    }

    async fn hot_instances(
        &self,
        after: Option<(AccountId, InstanceId)>,
        limit: usize,
    ) -> Result<Vec<(AccountId, InstanceId)>> {
        let after = after.map(|(account, instance)| Key::instance(account, instance));
        self.read(move |tree| tree.view().hot_instances(after).take(limit).collect()).await
    }

    async fn watch(&self, account: AccountId, instance: InstanceId) -> Result<Watch> {
        self.writer.watch(account, instance).await
    }

    async fn delete_minutes(&self, watch: &Watch) -> Result<bool> {
        let prefix = Key::instance(watch.account(), watch.instance());
        // Nothing is written to the instance during the deletion, so all keys can be found at once.
        let view = self.read(|tree| Ok(tree.view())).await?;
        if !view.is_hot(prefix)? {
            return Ok(watch.is_clean());
        }
        let mut keys = Box::new(view.keys(prefix)) as Box<dyn Iterator<Item = _> + Send>;
        loop {
            let chunk;
            (keys, chunk) = tokio::task::spawn_blocking(move || {
                let chunk = keys.by_ref().take(DELETED_AT_A_TIME).collect::<Result<Vec<_>>>();
                (keys, chunk)
            })
            .await
            .map_err(backend)?;
            let chunk = chunk?;
            let last = chunk.len() < DELETED_AT_A_TIME;
            if !self.writer.delete(watch, chunk, last).await? {
                return Ok(false);
            }
            if last {
                return Ok(true);
            }
        }
    }
}

/// A snapshot of the store.
struct Moment(Arc<View>);

impl Moment {
    /// Runs a read on a blocking thread.
    async fn read<T: Send + 'static>(&self, read: impl FnOnce(&View) -> Result<T> + Send + 'static) -> Result<T> {
        let view = Arc::clone(&self.0);
        tokio::task::spawn_blocking(move || read(&view)).await.map_err(backend)?
    }
}

#[async_trait]
impl HotMinutes for Moment {
    async fn is_hot(&self, account: AccountId, instance: InstanceId) -> Result<bool> {
        // On this thread, because hot data is small and in memory.
        self.0.is_hot(Key::instance(account, instance))
    }

    async fn visit_minutes(
        &self,
        account: AccountId,
        instance: InstanceId,
        participants: &[ParticipantId],
        after: Option<MinuteCursor>,
        limit: usize,
        mut visitor: Box<dyn MinuteVisitor>,
    ) -> Result<Box<dyn MinuteVisitor>> {
        let page = read::Page::new(account, instance, participants, after, limit);
        self.read(move |view| {
            page.read(view, |participant, minute| visitor.visit(participant, minute))?;
            Ok(visitor)
        })
        .await
    }

    async fn read_minutes(
        &self,
        account: AccountId,
        instance: InstanceId,
        participants: &[ParticipantId],
        after: Option<MinuteCursor>,
        limit: usize,
    ) -> Result<Vec<MinuteRow>> {
        let page = read::Page::new(account, instance, participants, after, limit);
        self.read(move |view| page.rows(view)).await
    }

    async fn scan_minutes(
        &self,
        account: AccountId,
        instance: InstanceId,
        after: Option<MinuteCursor>,
        limit: usize,
    ) -> Result<Vec<MinuteRow>> {
        let prefix = Key::instance(account, instance);
        self.read(move |view| {
            let mut rows = Vec::new();
            if limit > 0 {
                view.each_minute(prefix, Wanted::All, after, |participant, minute, value| {
                    let minute = packed::decode(minute, value).map_err(corrupt)?;
                    rows.push(MinuteRow { participant, minute });
                    Ok(rows.len() < limit)
                })?;
            }
            Ok(rows)
        })
        .await
    }
}
