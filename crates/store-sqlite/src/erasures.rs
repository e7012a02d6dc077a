//! Erasing persons, step by step.

mod entities;
pub(crate) mod steps;

use std::collections::BTreeSet;

use async_trait::async_trait;
use rollcall_model::{AccountId, Identifier, InstanceId, ParticipantId, Source, Timestamp};
use rollcall_store::{
    ErasedRows, Erasure, ErasureId, ErasureKey, ErasureStep, ErasureStore, LinkingRecord, MOST_PENDING_ERASURES,
    Result, StoreError, StoredParticipant,
};
use rusqlite::{Connection, params};

use crate::{
    SqliteStore, accounts, authorizations,
    columns::Bound,
    connection::{TempStore, keep_temporary_data_in},
    erased::{self, Erased},
    events::story,
    instances, participants,
    retention::kept,
    sql, users,
};

const TABLE: &str = "erasures";
/// Number of rows erased per transaction, which limits how long other writes wait.
const AT_A_TIME: usize = 500;

/// The kinds under which rows are counted.
mod kinds {
    pub(super) const PARTICIPANTS: &str = "participants";
    pub(super) const REPORTS: &str = "webhook_reports";
    pub(super) const INSTANCES: &str = "instances";
    pub(super) const MEETINGS: &str = "meetings";
    pub(super) const REGISTRATIONS: &str = "registrations";
    pub(super) const TOKENS: &str = "tokens";
    pub(super) const TRACKING_CODES: &str = "user_tracking_codes";
    pub(super) const DOCUMENTS: &str = "documents";
    pub(super) const ALIASES: &str = "person_aliases";
    pub(super) const AUDIT: &str = "audit";
    pub(super) const USERS: &str = "users";
    pub(super) const MANAGERS: &str = "users_managers";
}

#[async_trait]
impl ErasureStore for SqliteStore {
    async fn look_for_participants(
        &self,
        account: AccountId,
        identifiers: &BTreeSet<Identifier>,
        at: Timestamp,
        after: Option<ParticipantId>,
        limit: usize,
    ) -> Result<ErasureStep> {
        let asked = identifiers.clone();
        self.read(move |db| {
            let erased = Erased::asked(db, account, asked.clone(), at);
            let (found, last) = look(db, &erased, after, limit)?;
            let mut step = ErasureStep { last, ..ErasureStep::default() };
            let mut names = BTreeSet::new();
            let mut instance: Option<(InstanceId, LinkingRecord, Source)> = None;
            for StoredParticipant { id, participant } in &found {
                let of = participants::instance_of(*id);
                let (_, record, source) = match &instance {
                    Some(known) if known.0 == of => known,
                    _ => instance.insert(attended(db, account, of)?),
                };
                if source.links_identities() {
                    step.link(&asked, participant.identifiers(), record, *source);
                    step.logins.extend(participant.logins());
                }
                names.insert((participants::instance_of(*id), participant.user_id.clone()));
            }
            add(&mut step.rows, kinds::PARTICIPANTS, found.len());
            for (instance, user_id) in names {
                let sql = "SELECT count(*) FROM participant_reports WHERE instance_id = ? AND user_id = ?";
                let reports = sql::count(db, TABLE, sql, params![instance.0, user_id.as_str()])?;
                add(&mut step.rows, kinds::REPORTS, reports as usize);
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
        self.read(move |db| {
            let mut step = ErasureStep::default();
            for identifier in &identifiers {
                let names = names_of_user(db, account, identifier)?;
                step.logins.extend(names.first().cloned());
                step.link(&identifiers, names, &LinkingRecord::User, Source::Operator);
            }
            let found = entities::look(db, &Erased::asked(db, account, identifiers.clone(), at))?;
            step.rows = found.rows();
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
        self.write(move |db| {
            accounts::require(db, account)?;
            let sql = "SELECT count(*) FROM erasures WHERE account_id = ? AND finished_at_ms IS NULL";
            let pending = sql::count(db, TABLE, sql, [account.0])?;
            if pending >= MOST_PENDING_ERASURES as u64 {
                let what = format!("{pending} erasures of this account are not finished yet: wait for one of them");
                return Err(StoreError::LimitReached { what });
            }
            let sql = "INSERT INTO erasures (account_id, at_ms) VALUES (?, ?) RETURNING id";
            let id: Option<i64> = sql::value(db, TABLE, sql, params![account.0, Bound(&at)])?;
            let id = ErasureId(id.ok_or_else(|| sql::backend("an erasure that was just written is missing"))?);
            let erased = erased::begin(db, account, key)?;
            // Data that retention keeps for a while may be the person's, which cannot be determined any more.
            kept::release_of(db, account)?;
            authorizations::forget_users(db, account)?;
            learn(db, &erased, id, identifiers)?;
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
        let (found, last) = self
            .read(move |db| match of_erasure(db, erasure)? {
                Some(erased) => look(db, &erased, after, limit),
                None => Ok((Vec::new(), None)),
            })
            .await?;
        let mut step = ErasureStep { last, ..ErasureStep::default() };
        for found in found.chunks(AT_A_TIME) {
            let found = found.to_vec();
            merge(&mut step, self.write(move |db| steps::erase_participants(db, erasure, &found)).await?);
        }
        Ok(step)
    }

    async fn erase_entities(&self, erasure: ErasureId) -> Result<ErasureStep> {
        let found = self
            .read(move |db| match of_erasure(db, erasure)? {
                Some(erased) => entities::look(db, &erased),
                None => Ok(entities::Found::default()),
            })
            .await?;
        let mut step = ErasureStep::default();
        for found in found.in_parts(AT_A_TIME) {
            merge(&mut step, self.write(move |db| entities::erase(db, erasure, &found)).await?);
        }
        self.write(move |db| match of_erasure(db, erasure)? {
            Some(erased) => story::forget_erased(db, &erased),
            None => Ok(()),
        })
        .await?;
        let named = self
            .read(move |db| match of_erasure(db, erasure)? {
                Some(erased) => participants::named_in_extras(db, &erased),
                None => Ok(Vec::new()),
            })
            .await?;
        for rows in named.chunks(AT_A_TIME) {
            let rows = rows.to_vec();
            self.write(move |db| match of_erasure(db, erasure)? {
                Some(erased) => participants::scrub_extras(db, &erased, &rows),
                None => Ok(()),
            })
            .await?;
        }
        Ok(step)
    }

    async fn finish_erasure(&self, erasure: ErasureId, at: Timestamp) -> Result<()> {
        self.write(move |db| {
            let sql = "UPDATE erasures SET finished_at_ms = coalesce(finished_at_ms, ?) WHERE id = ?";
            sql::execute(db, sql, params![Bound(&at), erasure.0]).map(drop)
        })
        .await
    }

    async fn erasures(&self, account: Option<AccountId>, after: ErasureId, limit: usize) -> Result<Vec<Erasure>> {
        self.read(move |db| {
            let params = params![account.map(|account| account.0), after.0, sql::limit(limit)];
            select(db, "(?1 IS NULL OR account_id = ?1) AND id > ?2 ORDER BY id LIMIT ?3", params)
        })
        .await
    }

    async fn find_erasure(&self, account: AccountId, erasure: ErasureId) -> Result<Option<Erasure>> {
        self.read(move |db| Ok(select(db, "id = ? AND account_id = ?", params![erasure.0, account.0])?.pop())).await
    }

    async fn pending_erasures(&self) -> Result<Vec<Erasure>> {
        self.read(move |db| select(db, "finished_at_ms IS NULL ORDER BY id", [])).await
    }

    async fn lift_erasure(&self, account: AccountId, identifiers: &BTreeSet<Identifier>) -> Result<u64> {
        let identifiers = identifiers.clone();
        self.write(move |db| {
            let Some(erased) = Erased::of(db, account)? else { return Ok(0) };
            let mut lifted = 0;
            for identifier in &identifiers {
                lifted += u64::from(erased.forget(identifier)?);
            }
            Ok(lifted)
        })
        .await
    }

    async fn purge(&self) -> Result<()> {
        self.shared.writer.run_alone(purge).await
    }
}

/// Returns the erasures that match a condition.
fn select(db: &Connection, condition: &str, params: impl rusqlite::Params) -> Result<Vec<Erasure>> {
    let sql = format!(
        "SELECT id, account_id, at_ms, finished_at_ms,
             (SELECT count(*) FROM erasure_files WHERE erasure_id = erasures.id),
             (SELECT count(*) FROM erasure_files WHERE erasure_id = erasures.id
                 AND path IN (SELECT path FROM archive_files))
         FROM erasures WHERE {condition}"
    );
    let mut all = sql::rows(db, TABLE, &sql, params, |columns| {
        Ok(Erasure {
            id: ErasureId(columns.take()?),
            account: columns.take()?,
            at: columns.take()?,
            finished_at: columns.take()?,
            files: columns.take()?,
            files_left: columns.take()?,
            rows: ErasedRows::new(),
        })
    })?;
    for erasure in &mut all {
        let sql = "SELECT kind, rows FROM erased_rows WHERE erasure_id = ? ORDER BY kind";
        let rows = sql::rows(db, TABLE, sql, [erasure.id.0], |columns| Ok((columns.take()?, columns.take()?)))?;
        erasure.rows = rows.into_iter().collect();
    }
    Ok(all)
}

/// The first step removes data in free pages, the second data in the log, which has to wait until nobody reads from
/// before.
fn purge(db: &Connection) -> Result<()> {
    // The copy may be larger than memory.
    keep_temporary_data_in(TempStore::File, db)?;
    let vacuumed = db.execute_batch("VACUUM").map_err(sql::backend);
    keep_temporary_data_in(TempStore::Memory, db)?;
    vacuumed?;
    let busy: bool = db.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |row| row.get(0)).map_err(sql::backend)?;
    match busy {
        false => Ok(()),
        true => Err(sql::backend("the log could not be emptied, since somebody reads for long: it is tried again")),
    }
}

/// Returns the erased persons of an erasure's account. `None` if all were lifted meanwhile.
fn of_erasure(db: &Connection, erasure: ErasureId) -> Result<Option<Erased<'_>>> {
    let account = sql::value(db, TABLE, "SELECT account_id FROM erasures WHERE id = ?", [erasure.0])?;
    let account = account.ok_or_else(|| StoreError::NotFound { what: format!("erasure {}", erasure.0) })?;
    Erased::of(db, account)
}

/// Records the person's identifiers, and returns the new ones.
fn learn(
    db: &Connection,
    erased: &Erased<'_>,
    erasure: ErasureId,
    identifiers: BTreeSet<Identifier>,
) -> Result<BTreeSet<Identifier>> {
    let mut news = erased.learn(erasure, identifiers)?;
    let users = known_users(db, erased.account, &news)?;
    news.extend(erased.learn(erasure, users)?);
    Ok(news)
}

/// Returns the identifiers of the account's users that have one of these identifiers.
fn known_users(
    db: &Connection,
    account: AccountId,
    identifiers: &BTreeSet<Identifier>,
) -> Result<BTreeSet<Identifier>> {
    let mut known = BTreeSet::new();
    for identifier in identifiers {
        known.extend(names_of_user(db, account, identifier)?);
    }
    Ok(known)
}

/// Returns the identifiers of the user with this identifier, the id first; empty if there is none.
fn names_of_user(db: &Connection, account: AccountId, identifier: &Identifier) -> Result<Vec<Identifier>> {
    let Some(user) = users::find(db, account, identifier.text())? else { return Ok(Vec::new()) };
    // A registration may have the id of a user by coincidence.
    let names: Vec<_> = erased::user_names(&user).collect();
    Ok(if names.contains(identifier) { names } else { Vec::new() })
}

/// Records the identifiers in a record, and returns the new ones.
///
/// It never spreads to another user of the account: the erasure's logins were confirmed when it began, and a record
/// that arrives later may link any two.
fn learn_from_record(
    db: &Connection,
    erased: &Erased<'_>,
    erasure: ErasureId,
    identifiers: BTreeSet<Identifier>,
) -> Result<BTreeSet<Identifier>> {
    let mut own = BTreeSet::new();
    for identifier in identifiers {
        let names = names_of_user(db, erased.account, &identifier)?;
        if names.is_empty() || erased.covers(names, None)?.is_some() {
            own.insert(identifier);
        }
    }
    learn(db, erased, erasure, own)
}

/// Returns the record of attendances in an instance, and who reported it.
fn attended(db: &Connection, account: AccountId, id: InstanceId) -> Result<(InstanceId, LinkingRecord, Source)> {
    let stored = instances::by_row(db, account, id)?;
    let stored = stored.ok_or_else(|| StoreError::NotFound { what: format!("instance {id}") })?;
    Ok((id, LinkingRecord::Attendance(stored.instance.uuid), stored.origin))
}

/// Examines the account's participants after `after`, ordered by row id. Returns the erased ones, and the last that was
/// examined if there are more.
fn look(
    db: &Connection,
    erased: &Erased<'_>,
    after: Option<ParticipantId>,
    limit: usize,
) -> Result<(Vec<StoredParticipant>, Option<ParticipantId>)> {
    let page = participants::of_account(db, erased.account, after, limit)?;
    let last = page.last().map(|stored| stored.id).filter(|_| page.len() == limit);
    let mut found = Vec::new();
    for stored in page {
        let StoredParticipant { id, participant } = &stored;
        let covered = erased.covers_attendance(participants::instance_of(*id), participant, participant.join_time)?;
        if covered.is_some() && erased.blank(participant)? != *participant {
            found.push(stored);
        }
    }
    Ok((found, last))
}

/// Counts erased rows, also in the erasure's own row.
fn count(db: &Connection, erasure: ErasureId, step: &mut ErasureStep, kind: &str, rows: usize) -> Result<()> {
    add(&mut step.rows, kind, rows);
    if rows == 0 {
        return Ok(());
    }
    let sql = "INSERT INTO erased_rows (erasure_id, kind, rows) VALUES (?, ?, ?)
               ON CONFLICT (erasure_id, kind) DO UPDATE SET rows = rows + excluded.rows";
    sql::execute(db, sql, params![erasure.0, kind, Bound(&(rows as u64))]).map(drop)
}

fn add(all: &mut ErasedRows, kind: &str, rows: usize) {
    if rows > 0 {
        *all.entry(kind.to_owned()).or_default() += rows as u64;
    }
}

fn merge(step: &mut ErasureStep, part: ErasureStep) {
    for (kind, rows) in part.rows {
        *step.rows.entry(kind).or_default() += rows;
    }
    step.identifiers.extend(part.identifiers);
    step.logins.extend(part.logins);
    step.links.extend(part.links);
}
