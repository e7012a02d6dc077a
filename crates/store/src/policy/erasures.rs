//! Erasing persons, step by step.

use std::collections::BTreeSet;

use async_trait::async_trait;
use rollcall_model::{
    AccountId, Identifier, InstanceId, Participant, ParticipantId, ParticipantUserId, Source, Timestamp,
};

use super::{
    Database, Rows,
    blanking::{self, Blanked},
    entities,
    erased::{self, Erased},
    rows::ErasureQuery,
};
use crate::{
    ErasedRows, Erasure, ErasureId, ErasureKey, ErasureStep, ErasureStore, LinkingRecord, MOST_PENDING_ERASURES,
    Result, StoreError, StoredParticipant,
};

/// Number of rows erased per transaction, which limits how long other writes wait.
const AT_A_TIME: usize = 500;

/// Kinds under which rows are counted; [`entities`] has the others.
const PARTICIPANTS: &str = "participants";
pub(super) const REPORTS: &str = "webhook_reports";

#[async_trait]
impl<D: Database> ErasureStore for D {
    async fn look_for_participants(
        &self,
        account: AccountId,
        identifiers: &BTreeSet<Identifier>,
        at: Timestamp,
        after: Option<ParticipantId>,
        limit: usize,
    ) -> Result<ErasureStep> {
        let asked = identifiers.clone();
        self.read_rows(move |tx| {
            let erased = Erased::asked(tx, account, asked.clone(), at);
            let Looked { found, last, .. } = look(tx, &erased, after, limit)?;
            let mut step = ErasureStep { last, ..ErasureStep::default() };
            let mut names = BTreeSet::new();
            let mut attended: Option<(InstanceId, LinkingRecord, Source)> = None;
            for (instance, StoredParticipant { participant, .. }) in &found {
                let (_, record, source) = match &attended {
                    Some(known) if known.0 == *instance => known,
                    _ => attended.insert(record_of(tx, account, *instance)?),
                };
                if source.links_identities() {
                    step.link(&asked, participant.identifiers(), record, *source);
                    step.logins.extend(participant.logins());
                }
                names.insert((*instance, ParticipantUserId(participant.user_id.clone())));
            }
            add(&mut step.rows, PARTICIPANTS, found.len());
            for (instance, user_id) in names {
                add(&mut step.rows, REPORTS, tx.participant_reports(instance, &user_id)?.len());
            }
            Ok(step)
        })
        .await
    }

    async fn look_for_entities(
        &self,
        account: AccountId,
        identifiers: &BTreeSet<Identifier>,
        at: Timestamp,
    ) -> Result<ErasureStep> {
        let identifiers = identifiers.clone();
        self.read_rows(move |tx| {
            let mut step = ErasureStep::default();
            for identifier in &identifiers {
                let names = names_of_user(tx, account, identifier)?;
                step.logins.extend(names.first().cloned());
                step.link(&identifiers, names, &LinkingRecord::User, Source::Operator);
            }
            let found = entities::look(tx, &Erased::asked(tx, account, identifiers.clone(), at))?;
            step.rows = found.rows;
            for (names, record, source) in found.linked {
                step.logins.extend(names.iter().filter(|name| name.is_user()).cloned());
                step.link(&identifiers, names, &record, source);
            }
            Ok(step)
        })
        .await
    }

    async fn begin_erasure(
        &self,
        account: AccountId,
        identifiers: &BTreeSet<Identifier>,
        key: ErasureKey,
        at: Timestamp,
    ) -> Result<ErasureId> {
        let identifiers = identifiers.clone();
        self.write_rows(move |tx| {
            tx.require_account(account)?;
            let pending = tx.pending_erasures(account)?;
            if pending >= MOST_PENDING_ERASURES as u64 {
                let what = format!("{pending} erasures of this account are not finished yet: wait for one of them");
                return Err(StoreError::LimitReached { what });
            }
            let id = tx.add_erasure(account, at)?;
            let erased = erased::begin(tx, account, &key)?;
            // It may be the person's, which cannot be determined any more.
            tx.delete_short_lived(account)?;
            learn(tx, &erased, id, identifiers)?;
            Ok(id)
        })
        .await
    }

    async fn erase_participants(
        &self,
        erasure: ErasureId,
        after: Option<ParticipantId>,
        limit: usize,
    ) -> Result<ErasureStep> {
        // Examined concurrently with other writes, and erased in separate transactions.
        let looked = self.read_rows(move |tx| match of_erasure(tx, erasure)? {
            Some(erased) => look(tx, &erased, after, limit),
            None => Ok(Looked::default()),
        });
        let Looked { found, naming, last } = looked.await?;
        let mut step = ErasureStep { last, ..ErasureStep::default() };
        in_parts(self, erasure, &mut step, &found, erase_participants).await?;
        in_parts(self, erasure, &mut step, &naming, scrub_extras).await?;
        Ok(step)
    }

    async fn erase_entities(&self, erasure: ErasureId) -> Result<ErasureStep> {
        let found = self.read_rows(move |tx| match of_erasure(tx, erasure)? {
            Some(erased) => Ok(entities::look(tx, &erased)?.records),
            None => Ok(Vec::new()),
        });
        let mut step = ErasureStep::default();
        in_parts(self, erasure, &mut step, &found.await?, entities::erase).await?;
        in_parts(self, erasure, &mut step, &[()], |erasing, _| entities::forget_nameless(erasing)).await?;
        Ok(step)
    }

    async fn finish_erasure(&self, erasure: ErasureId, at: Timestamp) -> Result<()> {
        self.write_rows(move |tx| tx.finish_erasure(erasure, at)).await
    }

    async fn erasures(&self, account: Option<AccountId>, after: ErasureId, limit: usize) -> Result<Vec<Erasure>> {
        self.read_rows(move |tx| tx.erasures(ErasureQuery::After { account, after, limit })).await
    }

    async fn find_erasure(&self, account: AccountId, erasure: ErasureId) -> Result<Option<Erasure>> {
        self.read_rows(move |tx| Ok(tx.erasures(ErasureQuery::One(account, erasure))?.pop())).await
    }

    async fn pending_erasures(&self) -> Result<Vec<Erasure>> {
        self.read_rows(|tx| tx.erasures(ErasureQuery::Pending)).await
    }

    async fn lift_erasure(&self, account: AccountId, identifiers: &BTreeSet<Identifier>) -> Result<u64> {
        let identifiers = identifiers.clone();
        self.write_rows(move |tx| {
            let Some(erased) = Erased::of(tx, account)? else { return Ok(0) };
            let mut lifted = 0;
            for identifier in &identifiers {
                lifted += u64::from(erased.forget(identifier)?);
            }
            Ok(lifted)
        })
        .await
    }

    async fn purge(&self) -> Result<()> {
        self.remove_free_pages().await
    }
}

/// A step of an erasure, in one transaction.
pub(super) struct Erasing<'t> {
    pub(super) tx: &'t dyn Rows,
    pub(super) erased: Erased<'t>,
    pub(super) erasure: ErasureId,
    step: ErasureStep,
}

impl Erasing<'_> {
    /// Counts erased rows of a kind.
    pub(super) fn count(&mut self, kind: &str, rows: usize) {
        add(&mut self.step.rows, kind, rows);
    }

    /// Records the identifiers in a record.
    ///
    /// It never spreads to another user of the account: the erasure's logins were confirmed when it began, and a record
    /// that arrives later may link any two.
    pub(super) fn learn(&mut self, identifiers: impl IntoIterator<Item = Identifier>) -> Result<()> {
        let mut own = BTreeSet::new();
        for identifier in identifiers {
            let names = names_of_user(self.tx, self.erased.account, &identifier)?;
            if names.is_empty() || self.erased.covers(names, None)?.is_some() {
                own.insert(identifier);
            }
        }
        self.step.identifiers.extend(learn(self.tx, &self.erased, self.erasure, own)?);
        Ok(())
    }
}

/// Erases what was found, some of it per transaction, and adds up the steps.
async fn in_parts<T: Clone + Send + Sync + 'static>(
    database: &impl Database,
    erasure: ErasureId,
    step: &mut ErasureStep,
    found: &[T],
    erase: fn(&mut Erasing<'_>, &[T]) -> Result<()>,
) -> Result<()> {
    for part in found.chunks(AT_A_TIME) {
        let part = part.to_vec();
        let erased = database.write_rows(move |tx| {
            let Some(erased) = of_erasure(tx, erasure)? else { return Ok(ErasureStep::default()) };
            let mut erasing = Erasing { tx, erased, erasure, step: ErasureStep::default() };
            erase(&mut erasing, &part)?;
            // Also counted in the erasure's own row.
            for (kind, rows) in &erasing.step.rows {
                tx.add_erased_rows(erasure, kind, *rows)?;
            }
            Ok(erasing.step)
        });
        let ErasureStep { rows, identifiers, .. } = erased.await?;
        for (kind, rows) in rows {
            *step.rows.entry(kind).or_default() += rows;
        }
        step.identifiers.extend(identifiers);
    }
    Ok(())
}

/// Blanks these participants, in their current state.
fn erase_participants(erasing: &mut Erasing<'_>, found: &[(InstanceId, StoredParticipant)]) -> Result<()> {
    let (tx, erasure) = (erasing.tx, erasing.erasure);
    let mut blanked = Blanked::default();
    for (instance, StoredParticipant { participant, .. }) in found {
        if tx.origin(*instance)?.links_identities() {
            erasing.learn(participant.identifiers())?;
        }
        let user_id = ParticipantUserId(participant.user_id.clone());
        let of_user = blanking::blank_attendances(tx, &erasing.erased, erasure, *instance, &user_id)?;
        blanked.rows += of_user.rows;
        blanked.reports += of_user.reports;
    }
    if blanked.rows > 0 {
        // Files that are currently being written may contain blanked data.
        tx.add_unfinished_files(erasure, erasing.erased.account)?;
    }
    erasing.count(PARTICIPANTS, blanked.rows);
    erasing.count(REPORTS, blanked.reports);
    Ok(())
}

/// Removes addresses of erased persons from the extras of these participants, in their current state.
fn scrub_extras(erasing: &mut Erasing<'_>, naming: &[(InstanceId, StoredParticipant)]) -> Result<()> {
    for (instance, StoredParticipant { participant, .. }) in naming {
        let user_id = ParticipantUserId(participant.user_id.clone());
        for StoredParticipant { id, participant } in erasing.tx.attendances(*instance, &user_id)? {
            if let Some(extras) = erasing.erased.scrubbed_extras(participant.extras.as_ref())? {
                let scrubbed = Participant { extras: Some(extras), ..participant };
                erasing.tx.replace_participant(*instance, id, &scrubbed)?;
            }
        }
    }
    Ok(())
}

/// Returns the erased persons of an erasure's account. `None` if all were lifted meanwhile.
fn of_erasure(tx: &dyn Rows, erasure: ErasureId) -> Result<Option<Erased<'_>>> {
    let found = tx.erasure(erasure)?;
    let (account, _) = found.ok_or_else(|| StoreError::NotFound { what: format!("erasure {}", erasure.0) })?;
    Erased::of(tx, account)
}

/// Records the person's identifiers, with those of the account's users that have one of them. Returns the new ones.
fn learn(
    tx: &dyn Rows,
    erased: &Erased<'_>,
    erasure: ErasureId,
    identifiers: BTreeSet<Identifier>,
) -> Result<BTreeSet<Identifier>> {
    let mut news = erased.learn(erasure, identifiers)?;
    for identifier in news.clone() {
        news.extend(erased.learn(erasure, names_of_user(tx, erased.account, &identifier)?)?);
    }
    Ok(news)
}

/// Returns the identifiers of the user with this identifier, the id first; empty if there is none.
fn names_of_user(tx: &dyn Rows, account: AccountId, identifier: &Identifier) -> Result<Vec<Identifier>> {
    let Some(user) = tx.user(account, identifier.text())? else { return Ok(Vec::new()) };
    // A registration may have the id of a user by coincidence.
    let names: Vec<_> = erased::user_names(&user).collect();
    Ok(if names.contains(identifier) { names } else { Vec::new() })
}

/// Returns the record of attendances in an instance, and who reported it.
fn record_of(tx: &dyn Rows, account: AccountId, id: InstanceId) -> Result<(InstanceId, LinkingRecord, Source)> {
    let stored = tx.instance(account, id)?;
    let stored = stored.ok_or_else(|| StoreError::NotFound { what: format!("instance {id}") })?;
    Ok((id, LinkingRecord::Attendance(stored.instance.uuid), stored.origin))
}

/// Some of an account's participants.
#[derive(Default)]
struct Looked {
    /// Those of erased persons that are not blank.
    found: Vec<(InstanceId, StoredParticipant)>,
    /// Others with addresses of erased persons in their extras.
    naming: Vec<(InstanceId, StoredParticipant)>,
    /// The last that was examined, if there are more.
    last: Option<ParticipantId>,
}

/// Examines the account's participants after `after`, ordered by row id.
fn look(tx: &dyn Rows, erased: &Erased<'_>, after: Option<ParticipantId>, limit: usize) -> Result<Looked> {
    let page = tx.participants(erased.account, after, limit)?;
    let last = page.last().map(|(_, stored)| stored.id).filter(|_| page.len() == limit);
    let mut looked = Looked { last, ..Looked::default() };
    for (instance, stored) in page {
        let participant = &stored.participant;
        if erased.covers_attendance(instance, participant, participant.join_time)?.is_some() {
            if erased.blank(participant)? != *participant {
                looked.found.push((instance, stored));
            }
        } else if erased.scrubbed_extras(participant.extras.as_ref())?.is_some() {
            looked.naming.push((instance, stored));
        }
    }
    Ok(looked)
}

/// Counts rows of a kind.
pub(super) fn add(all: &mut ErasedRows, kind: &str, rows: usize) {
    if rows > 0 {
        *all.entry(kind.to_owned()).or_default() += rows as u64;
    }
}
