//! Participants.

use std::sync::LazyLock;

use async_trait::async_trait;
use rollcall_model::{AccountId, InstanceId, Participant, ParticipantId, ParticipantUserId, QualityLabels, Timestamp};
use rollcall_store::{ParticipantStore, Result, StoreError, StoredParticipant};
use rusqlite::{CachedStatement, Connection, params};

use crate::{
    SqliteStore,
    columns::{Columns, Params, columns},
    sql::{self, Driver},
};

columns! {
    Participant in "participants" {
        user_id,
        id,
        participant_user_id,
        participant_uuid,
        user_name,
        email,
        registrant_id,
        role,
        status,
        device,
        os,
        os_version,
        browser_name,
        browser_version,
        device_name,
        client,
        version,
        zoom_thin_client_plugin_version,
        ip_address,
        internal_ip_addresses,
        location,
        network_type,
        connection_type,
        video_connection_type,
        as_connection_type,
        data_center,
        full_data_center,
        join_time as "join_time_ms",
        leave_time as "leave_time_ms",
        leave_reason,
        pc_name,
        domain,
        mac_addr,
        harddisk_id,
        microphone,
        speaker,
        camera,
        share_application,
        share_desktop,
        share_whiteboard,
        recording,
        sip_uri,
        from_sip_uri,
        customer_key,
        bo_mtg_id,
        audio_call,
        in_room_participants,
        group_id,
        has_archiving,
        optional_archiving,
        join_time_cost_ms,
        aic_disclaimer,
        health,
        issue_list,
        rc_reason,
    }
    quality: QualityLabels {
        audio as "audio_quality",
        video as "video_quality",
        screen_share as "screen_share_quality",
    }
}

fn read_stored(columns: &mut Columns<'_>) -> Result<StoredParticipant> {
    Ok(StoredParticipant { id: columns.take()?, participant: read(columns)? })
}

/// How many bits of a participant's row are its number inside the instance.
const NUMBER_BITS: u32 = 24;

/// The rows that an instance's participants lie in; the first is never used.
const fn rows_of(instance: InstanceId) -> (i64, i64) {
    (instance.0 << NUMBER_BITS, ((instance.0 + 1) << NUMBER_BITS) - 1)
}

/// The condition under which an instance is the account's; SQLite tests it once, before the first row.
const IS_OF_ACCOUNT: &str = "EXISTS (SELECT 1 FROM instances WHERE instances.id = ?1 AND account_id = ?2)";

static LIST: LazyLock<String> = LazyLock::new(|| {
    format!(
        "SELECT participant_id, {} FROM participants
         WHERE {IS_OF_ACCOUNT} AND participant_id > ?3 AND participant_id <= ?4 ORDER BY participant_id LIMIT ?5",
        sql::list(COLUMNS)
    )
});

static FIND: LazyLock<String> = LazyLock::new(|| {
    format!(
        "SELECT participant_id, {} FROM participants
         WHERE {IS_OF_ACCOUNT} AND instance_id = ?1 AND user_id = ?3
         ORDER BY join_time_ms DESC, participant_id DESC LIMIT 1",
        sql::list(COLUMNS)
    )
});

static INSERT: LazyLock<String> = LazyLock::new(|| {
    format!(
        "INSERT INTO participants (participant_id, instance_id, {}) VALUES ({})",
        sql::list(COLUMNS),
        sql::placeholders(COLUMNS.len() + 2)
    )
});

/// The key's columns are last to change, in a statement of their own, so that this one leaves their index alone.
static FILL: LazyLock<String> = LazyLock::new(|| {
    let assignments: Vec<_> = COLUMNS
        .iter()
        .enumerate()
        .filter(|(_, column)| !matches!(**column, "user_id" | "join_time_ms"))
        .map(|(index, column)| format!("{column} = coalesce(?{}, {column})", index + 1))
        .collect();
    format!("UPDATE participants SET {} WHERE participant_id = ?{}", assignments.join(", "), COLUMNS.len() + 1)
});

#[async_trait]
impl ParticipantStore for SqliteStore {
    async fn put_participants(
        &self,
        account: AccountId,
        instance: InstanceId,
        participants: &[Participant],
    ) -> Result<Vec<ParticipantId>> {
        let participants = participants.to_vec();
        self.write(move |db| put(db, account, instance, &participants)).await
    }

    async fn list_participants(
        &self,
        account: AccountId,
        instance: InstanceId,
        after: Option<ParticipantId>,
        limit: usize,
    ) -> Result<Vec<StoredParticipant>> {
        self.read(move |db| {
            let (first, last) = rows_of(instance);
            let after = after.map_or(first, |id| id.0.max(first));
            let params = params![instance.0, account.0, after, last, sql::limit(limit)];
            sql::rows(db, TABLE, &LIST, params, read_stored)
        })
        .await
    }

    async fn find_participant(
        &self,
        account: AccountId,
        instance: InstanceId,
        user_id: &ParticipantUserId,
    ) -> Result<Option<StoredParticipant>> {
        let user_id = user_id.clone();
        self.read(move |db| sql::row(db, TABLE, &FIND, params![instance.0, account.0, user_id.as_str()], read_stored))
            .await
    }
}

fn put(
    db: &Connection,
    account: AccountId,
    instance: InstanceId,
    participants: &[Participant],
) -> Result<Vec<ParticipantId>> {
    let last: Option<i64> = sql::value(
        db,
        "instances",
        "SELECT last_participant FROM instances WHERE id = ? AND account_id = ?",
        [instance.0, account.0],
    )?;
    let Some(last) = last else {
        return Err(StoreError::NotFound { what: format!("instance {instance}") });
    };
    let (first_row, last_row) = rows_of(instance);
    let mut next_row = first_row + last + 1;
    let mut put = Put::prepare(db)?;
    let mut ids = Vec::with_capacity(participants.len());
    for participant in participants {
        let row = match put.find(instance, participant)? {
            Some(row) => {
                put.fill(row, participant)?;
                row
            }
            None if next_row > last_row => {
                return Err(StoreError::LimitReached { what: format!("instance {instance} is full") });
            }
            None => {
                put.insert(next_row, instance, participant)?;
                next_row += 1;
                next_row - 1
            }
        };
        ids.push(ParticipantId(row));
    }
    let added = next_row - first_row - 1 - last;
    if added > 0 {
        sql::execute(
            db,
            "UPDATE instances SET participants = participants + ?1, last_participant = last_participant + ?1
             WHERE id = ?2",
            [added, instance.0],
        )?;
    }
    Ok(ids)
}

/// The statements that a write of many participants runs over and over.
struct Put<'db> {
    find_joined: CachedStatement<'db>,
    find_last: CachedStatement<'db>,
    fill: CachedStatement<'db>,
    claim: CachedStatement<'db>,
    insert: CachedStatement<'db>,
}

impl<'db> Put<'db> {
    fn prepare(db: &'db Connection) -> Result<Self> {
        const OF_NAME: &str = "SELECT participant_id FROM participants WHERE instance_id = ?1 AND user_id = ?2";
        Ok(Self {
            // The same attendance or else, by the second half, the one whose join time is not known yet.
            find_joined: sql::prepare(
                db,
                &format!("{OF_NAME} AND join_time_ms = ?3 UNION ALL {OF_NAME} AND join_time_ms IS NULL LIMIT 1"),
            )?,
            find_last: sql::prepare(db, &format!("{OF_NAME} ORDER BY join_time_ms DESC LIMIT 1"))?,
            fill: sql::prepare(db, &FILL)?,
            claim: sql::prepare(
                db,
                "UPDATE participants SET join_time_ms = ?2 WHERE participant_id = ?1 AND join_time_ms IS NULL",
            )?,
            insert: sql::prepare(db, &INSERT)?,
        })
    }

    /// The row that holds the attendance.
    fn find(&mut self, instance: InstanceId, participant: &Participant) -> Result<Option<i64>> {
        let user_id = participant.user_id.as_str();
        let join_time_ms = participant.join_time.map(Timestamp::as_millis);
        let mut rows = match join_time_ms {
            Some(join_time_ms) => self.find_joined.query(params![instance.0, user_id, join_time_ms]),
            None => self.find_last.query(params![instance.0, user_id]),
        }
        .driver()?;
        rows.next().driver()?.map(|row| Columns::new(TABLE, row).take()).transpose()
    }

    fn fill(&mut self, row: i64, participant: &Participant) -> Result<()> {
        if let Some(join_time) = participant.join_time {
            self.claim.execute([row, join_time.as_millis()]).driver()?;
        }
        let mut params = Params::new(&mut self.fill);
        bind(participant, &mut params)?;
        params.push(&row)?;
        self.fill.raw_execute().driver()?;
        Ok(())
    }

    fn insert(&mut self, row: i64, instance: InstanceId, participant: &Participant) -> Result<()> {
        let mut params = Params::new(&mut self.insert);
        params.push(&row)?;
        params.push(&instance)?;
        bind(participant, &mut params)?;
        self.insert.raw_execute().driver()?;
        Ok(())
    }
}
