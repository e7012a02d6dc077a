//! Reports of webhooks, and minutes that have to move because of them.

use rollcall_model::{
    AccountId, InstanceId, InstanceReport, InstanceStage, ParticipantReport, ParticipantUserId, ReportTime,
    ReportedInstance, Text, Timestamp,
};
use rollcall_store::{LentParticipant, Result, StoreError, policy::ReportRows};
use rusqlite::{Connection, params};

use crate::{
    SqliteRows,
    columns::Bound,
    participants,
    sql::{self, Driver},
};

const INSTANCE_REPORTS: &str = "instance_reports";
const REPORTS: &str = "participant_reports";
const UUIDS: &str = "participant_uuids";
/// The time of a report that always applies.
const ALWAYS: i64 = i64::MIN;
/// Values of `is_join`.
const AT: i64 = 0;
const JOINED: i64 = 1;
const BEGAN_TO_WAIT: i64 = 2;
const WAITED: i64 = 3;
/// Number of instances whose reports are deleted at once.
const FORGOTTEN_AT_ONCE: i64 = 100;

impl ReportRows for SqliteRows<'_> {
    fn instance_reports(&self, instance: InstanceId) -> Result<Vec<ReportedInstance>> {
        let sql = "SELECT told FROM instance_reports WHERE instance_id = ? ORDER BY stage, at_ms, told";
        let reports = sql::rows(self.0, INSTANCE_REPORTS, sql, [instance.0], |columns| columns.take::<String>())?;
        reports.iter().map(|report| read_told(report)).collect()
    }

    fn add_instance_report(&self, instance: InstanceId, report: &InstanceReport) -> Result<bool> {
        // By precedence.
        let stage = match report.stage {
            InstanceStage::Mentioned => 0,
            InstanceStage::Started => 1,
            InstanceStage::Ended => 2,
        };
        let told = serde_json::to_string(&report.told).map_err(sql::backend)?;
        let at_ms = report.at.map_or(0, Timestamp::as_millis);
        let sql = "INSERT OR IGNORE INTO instance_reports (instance_id, stage, at_ms, told) VALUES (?, ?, ?, ?)";
        Ok(sql::execute(self.0, sql, params![instance.0, stage, at_ms, told])? > 0)
    }

    fn change_instance_reports(
        &self,
        instance: InstanceId,
        change: &dyn Fn(&ReportedInstance) -> Result<Option<ReportedInstance>>,
    ) -> Result<usize> {
        let sql = "SELECT stage, at_ms, told FROM instance_reports WHERE instance_id = ?";
        let reports: Vec<(i64, i64, String)> = sql::rows(self.0, INSTANCE_REPORTS, sql, [instance.0], |columns| {
            Ok((columns.take()?, columns.take()?, columns.take()?))
        })?;
        let mut changed = 0;
        for (stage, at_ms, text) in reports {
            let Some(told) = change(&read_told(&text)?)? else { continue };
            let told = serde_json::to_string(&told).map_err(sql::backend)?;
            if told != text {
                let sql = "UPDATE OR REPLACE instance_reports SET told = ?1
                           WHERE instance_id = ?2 AND stage = ?3 AND at_ms = ?4 AND told = ?5";
                changed += sql::execute(self.0, sql, params![told, instance.0, stage, at_ms, text])?;
            }
        }
        Ok(changed)
    }

    fn participant_reports(&self, instance: InstanceId, user_id: &ParticipantUserId) -> Result<Vec<ParticipantReport>> {
        let sql = "SELECT at_ms, is_join, fields FROM participant_reports WHERE instance_id = ? AND user_id = ?
                   ORDER BY at_ms, is_join, fields";
        sql::rows(self.0, REPORTS, sql, params![instance.0, user_id.as_str()], |columns| {
            let (at_ms, is_join): (i64, i64) = (columns.take()?, columns.take()?);
            let at = Timestamp::from_millis(at_ms);
            let time = match (at_ms, is_join) {
                (ALWAYS, _) => ReportTime::Always,
                (_, JOINED) => ReportTime::Joined(at),
                (_, BEGAN_TO_WAIT) => ReportTime::Waiting(at),
                (_, WAITED) => ReportTime::Waited(at),
                _ => ReportTime::At(at),
            };
            let mut told = LentParticipant::default();
            columns.take_array(|array| participants::read_fields(array, &mut told))?;
            Ok(ParticipantReport { time, told: participants::owned(&told).map_err(Box::new)? })
        })
    }

    fn add_participant_report(
        &self,
        instance: InstanceId,
        user_id: &ParticipantUserId,
        report: &ParticipantReport,
    ) -> Result<bool> {
        let insert = "INSERT OR IGNORE INTO participant_reports (instance_id, user_id, at_ms, is_join, fields)
                      VALUES (?, ?, ?, ?, ?)";
        change_report(self.0, insert, instance, user_id, report)
    }

    fn delete_participant_report(
        &self,
        instance: InstanceId,
        user_id: &ParticipantUserId,
        report: &ParticipantReport,
    ) -> Result<()> {
        let delete = "DELETE FROM participant_reports
                      WHERE instance_id = ? AND user_id = ? AND at_ms = ? AND is_join = ? AND fields = ?";
        change_report(self.0, delete, instance, user_id, report).map(drop)
    }

    fn same_participant(
        &self,
        instance: InstanceId,
        user_id: &ParticipantUserId,
        uuids: &[&Text],
    ) -> Result<Vec<ParticipantUserId>> {
        let sql = "SELECT user_id FROM participant_uuids WHERE instance_id = ?1 AND uuid IN (
                       SELECT uuid FROM participant_uuids WHERE instance_id = ?1 AND user_id = ?2
                       UNION ALL SELECT value FROM json_each(?3))
                   GROUP BY 1 ORDER BY 1";
        let uuids: Vec<Text> = uuids.iter().copied().cloned().collect();
        let params = params![instance.0, user_id.as_str(), Bound(&uuids)];
        sql::rows(self.0, UUIDS, sql, params, |columns| columns.take().map(ParticipantUserId))
    }

    fn add_uuid(&self, instance: InstanceId, user_id: &ParticipantUserId, uuid: &Text) -> Result<bool> {
        let insert = "INSERT OR IGNORE INTO participant_uuids (instance_id, uuid, user_id) VALUES (?, ?, ?)";
        Ok(sql::execute(self.0, insert, params![instance.0, uuid.as_str(), user_id.as_str()])? > 0)
    }

    fn delete_uuids(&self, instance: InstanceId, user_id: &ParticipantUserId) -> Result<()> {
        for sql in [
            "DELETE FROM participant_reports WHERE instance_id = ?1 AND user_id IN (
                 SELECT 'uuid:' || uuid FROM participant_uuids WHERE instance_id = ?1 AND user_id = ?2)",
            "DELETE FROM participant_uuids WHERE instance_id = ?1 AND uuid IN (
                 SELECT uuid FROM participant_uuids WHERE instance_id = ?1 AND user_id = ?2)",
        ] {
            sql::execute(self.0, sql, params![instance.0, user_id.as_str()])?;
        }
        Ok(())
    }

    fn users_without_id(&self, account: AccountId) -> Result<Vec<(InstanceId, ParticipantUserId)>> {
        let sql = "SELECT DISTINCT r.instance_id, r.user_id FROM participant_reports AS r
                   JOIN instances AS i ON i.id = r.instance_id
                   WHERE i.account_id = ? AND r.user_id >= 'uuid:' AND r.user_id < 'uuid;'";
        sql::rows(self.0, REPORTS, sql, [account.0], |columns| {
            Ok((columns.take()?, ParticipantUserId(columns.take()?)))
        })
    }

    fn delete_user_reports(&self, instance: InstanceId, user_id: &ParticipantUserId) -> Result<()> {
        for table in [REPORTS, UUIDS] {
            let delete = format!("DELETE FROM {table} WHERE instance_id = ? AND user_id = ?");
            sql::execute(self.0, &delete, params![instance.0, user_id.as_str()])?;
        }
        Ok(())
    }

    fn add_move(&self, account: AccountId, instance: InstanceId, user_id: &ParticipantUserId) -> Result<()> {
        let insert = "INSERT OR IGNORE INTO unfinished_moves (instance_id, user_id, account_id) VALUES (?, ?, ?)";
        sql::execute(self.0, insert, params![instance.0, user_id.as_str(), account.0]).map(drop)
    }

    fn rename_move(&self, instance: InstanceId, from: &ParticipantUserId, to: &ParticipantUserId) -> Result<()> {
        let sql = "UPDATE OR REPLACE unfinished_moves SET user_id = ? WHERE instance_id = ? AND user_id = ?";
        sql::execute(self.0, sql, params![to.as_str(), instance.0, from.as_str()]).map(drop)
    }

    fn moves(&self, limit: usize) -> Result<Vec<(AccountId, InstanceId, ParticipantUserId)>> {
        let sql = "SELECT account_id, instance_id, user_id FROM unfinished_moves ORDER BY instance_id, user_id LIMIT ?";
        sql::rows(self.0, "unfinished_moves", sql, [sql::limit(limit)], |columns| {
            Ok((columns.take()?, columns.take()?, ParticipantUserId(columns.take()?)))
        })
    }

    fn delete_move(&self, account: AccountId, instance: InstanceId, user_id: &ParticipantUserId) -> Result<()> {
        let delete = "DELETE FROM unfinished_moves WHERE instance_id = ? AND user_id = ? AND account_id = ?";
        sql::execute(self.0, delete, params![instance.0, user_id.as_str(), account.0]).map(drop)
    }
}

fn read_told(json: &str) -> Result<ReportedInstance> {
    serde_json::from_str(json)
        .map_err(|error| StoreError::Corrupt { table: INSTANCE_REPORTS, reason: error.to_string() })
}

fn change_report(
    db: &Connection,
    sql: &str,
    instance: InstanceId,
    user_id: &ParticipantUserId,
    ParticipantReport { time, told }: &ParticipantReport,
) -> Result<bool> {
    let (at_ms, is_join) = match time {
        ReportTime::Always => (ALWAYS, AT),
        ReportTime::Joined(at) => (at.as_millis(), JOINED),
        ReportTime::At(at) => (at.as_millis(), AT),
        ReportTime::Waiting(at) => (at.as_millis(), BEGAN_TO_WAIT),
        ReportTime::Waited(at) => (at.as_millis(), WAITED),
    };
    let fields = participants::write_fields(told).driver()?;
    Ok(sql::execute(db, sql, params![instance.0, user_id.as_str(), at_ms, is_join, fields])? > 0)
}

/// Deletes the reports of some instances that were over before `before`, and returns the number of reports.
pub(crate) fn forget(db: &Connection, before: Timestamp) -> Result<u64> {
    let over = "SELECT DISTINCT instance_id FROM instance_reports JOIN instances ON instances.id = instance_id
                WHERE over_ms < ? LIMIT ?";
    let params = params![Bound(&before), FORGOTTEN_AT_ONCE];
    let over: Vec<InstanceId> = sql::rows(db, INSTANCE_REPORTS, over, params, |columns| columns.take())?;
    let mut forgotten = 0;
    for instance in over {
        for table in [UUIDS, REPORTS, INSTANCE_REPORTS] {
            let sql = format!("DELETE FROM {table} WHERE instance_id = ?");
            forgotten += sql::execute(db, &sql, [instance.0])? as u64;
        }
    }
    Ok(forgotten)
}
