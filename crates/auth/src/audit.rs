//! Audit: who requested, changed, exported or erased what.
//!
//! Reads and ingested lines are counted per minute and written in batches, so that no request waits for them. An export
//! is queued individually. A change or an erasure is written before the response. The queue is bounded; entries that do
//! not fit are counted in `rollcall_audit_dropped_total`.

use std::{
    collections::HashMap,
    mem,
    net::IpAddr,
    sync::{Mutex, MutexGuard, PoisonError, atomic::Ordering::Relaxed},
    time::Duration,
};

use rollcall_model::{AccountId, ClientId, Effect, Member, Operation, Text, Timestamp, TokenId};
use rollcall_store::{AuditActor, AuditEntry, AuditedAct};
use tokio_util::sync::CancellationToken;

use crate::{Auth, Caller};

/// Interval of writing pending entries.
const FLUSH: Duration = Duration::from_secs(5);
/// Maximum number of acts counted at a time, and of entries queued individually.
const PENDING: usize = 8_192;
/// Entries written per transaction.
const AT_A_TIME: usize = 1_000;

/// How a member comes in.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Entrance {
    /// By proving who they are.
    SignIn,
    /// By accepting an invitation.
    Invitation,
    /// As a new member whom a provider vouches for.
    Provider,
    /// With another role than before, which a provider says.
    Role,
}

/// Pending entries.
#[derive(Default)]
pub(crate) struct Audit(Mutex<Pending>);

#[derive(Default)]
struct Pending {
    /// Counted acts, with the minute's first time and the count.
    counted: HashMap<(AccountId, i64, AuditedAct), (Timestamp, u64)>,
    alone: Vec<AuditEntry>,
}

impl Audit {
    fn lock(&self) -> MutexGuard<'_, Pending> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Counts an act. Returns false if there is no room.
    fn count(&self, account: AccountId, act: AuditedAct, at: Timestamp) -> bool {
        let mut pending = self.lock();
        let key = (account, at.as_seconds().div_euclid(60), act);
        if let Some((_, requests)) = pending.counted.get_mut(&key) {
            *requests += 1;
            return true;
        }
        let has_room = pending.counted.len() < PENDING;
        if has_room {
            pending.counted.insert(key, (at, 1));
        }
        has_room
    }

    /// Queues an entry. Returns false if there is no room.
    fn queue(&self, entry: AuditEntry) -> bool {
        let mut pending = self.lock();
        let has_room = pending.alone.len() < PENDING;
        if has_room {
            pending.alone.push(entry);
        }
        has_room
    }

    /// Takes pending entries; of counted acts, only those of minutes before `minute`.
    fn take(&self, minute: i64) -> Vec<AuditEntry> {
        let mut pending = self.lock();
        let mut entries = mem::take(&mut pending.alone);
        let over = pending.counted.extract_if(|(_, counted, _), _| *counted < minute);
        entries.extend(over.map(|((account, _, act), (at, requests))| AuditEntry { account, at, act, requests }));
        entries
    }
}

impl Auth {
    /// Records what a caller did, and the response's status. When it returns, a change or an erasure is on disk.
    pub async fn audit(&self, operation: &Operation, caller: &Caller, address: Option<IpAddr>, status: u16) {
        let actor = match caller.member {
            Some((member, _)) => AuditActor::Member { member, session: Some(caller.token) },
            None => AuditActor::Token { token: caller.token, client: caller.client.clone(), user: caller.user.clone() },
        };
        let act = AuditedAct {
            actor,
            address,
            operation: Text::const_new(operation.id),
            effect: operation.effect.as_str(),
            target: operation.target(),
            status: Some(status),
        };
        let (account, at) = (caller.account, self.now());
        let is_done = status < 400;
        let noted = match operation.effect {
            Effect::Change | Effect::Erase if is_done => {
                self.write_entry(AuditEntry { account, at, act, requests: 1 }).await
            }
            Effect::Export if is_done => self.audit.queue(AuditEntry { account, at, act, requests: 1 }),
            // A rejected request changed nothing, and its sender must not be able to cause database writes.
            _ => self.audit.count(account, act, at),
        };
        if !noted {
            self.drop_audit(1);
        }
    }

    /// Records that a member came in, or could not: the latter counts only, because anybody can cause it.
    pub(crate) async fn audit_sign_in(
        &self,
        member: &Member,
        session: Option<TokenId>,
        entrance: Entrance,
        address: Option<IpAddr>,
        status: u16,
    ) {
        let (operation, target) = match entrance {
            Entrance::SignIn => ("signIn", "session"),
            Entrance::Invitation => ("acceptInvitation", "member"),
            Entrance::Provider => ("joinThroughProvider", "member"),
            Entrance::Role => ("changeRoleThroughProvider", "member"),
        };
        let actor = AuditActor::Member { member: member.id, session };
        let operation = Text::const_new(operation);
        let act = AuditedAct { actor, address, operation, effect: "grant", target, status: Some(status) };
        let (account, at) = (member.account, self.now());
        let noted = if status < 400 {
            self.write_entry(AuditEntry { account, at, act, requests: 1 }).await
        } else {
            self.audit.count(account, act, at)
        };
        if !noted {
            self.drop_audit(1);
        }
    }

    /// Records that a member decided about an app.
    pub(crate) async fn audit_decision(
        &self,
        member: &Member,
        session: TokenId,
        approve: bool,
        address: Option<IpAddr>,
    ) {
        let (operation, effect) = if approve { ("approveApp", "grant") } else { ("denyApp", "change") };
        let actor = AuditActor::Member { member: member.id, session: Some(session) };
        let operation = Text::const_new(operation);
        let act = AuditedAct { actor, address, operation, effect, target: "app", status: Some(200) };
        let entry = AuditEntry { account: member.account, at: self.now(), act, requests: 1 };
        if !self.write_entry(entry).await {
            self.drop_audit(1);
        }
    }

    /// Writes an entry now. Returns false if that failed.
    async fn write_entry(&self, entry: AuditEntry) -> bool {
        let written = self.store.record_audit(&[entry]).await;
        written.inspect_err(|error| tracing::error!(%error, "could not write an audit entry")).is_ok()
    }

    /// Counts an app's sign-in.
    pub(crate) fn audit_grant(&self, account: AccountId, client: ClientId, address: Option<IpAddr>) {
        let (actor, operation, status) = (AuditActor::App(client), Text::const_new("createToken"), Some(200));
        let act = AuditedAct { actor, address, operation, effect: "grant", target: "token", status };
        if !self.audit.count(account, act, self.now()) {
            self.drop_audit(1);
        }
    }

    /// Writes pending entries: all if `all`, otherwise those of past minutes.
    pub async fn flush_audit(&self, all: bool) {
        let minute = if all { i64::MAX } else { self.now().as_seconds().div_euclid(60) };
        for entries in self.audit.take(minute).chunks(AT_A_TIME) {
            if let Err(error) = self.store.record_audit(entries).await {
                tracing::error!(%error, entries = entries.len(), "could not write audit entries");
                self.drop_audit(entries.len() as u64);
            }
        }
    }

    /// Writes pending entries until `stop` is cancelled; the caller then writes the rest.
    pub async fn write_audit(&self, stop: CancellationToken) {
        loop {
            tokio::select! {
                () = stop.cancelled() => return,
                () = tokio::time::sleep(FLUSH) => self.flush_audit(false).await,
            }
        }
    }

    fn drop_audit(&self, entries: u64) {
        self.counts.dropped_audit.fetch_add(entries, Relaxed);
    }
}
