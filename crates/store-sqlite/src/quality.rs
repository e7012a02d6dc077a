//! Labels computed from minutes.

use std::sync::LazyLock;

use async_trait::async_trait;
use rollcall_model::{AccountId, InstanceId, QualityLabels, Text};
use rollcall_store::{
    InstanceScores, LabelCounts, QualityCounts, QualityOf, QualityQuery, QualityStore, Result, StoreError,
};
use rusqlite::{Connection, params};

use crate::{
    SqliteStore,
    columns::{Bound, Columns, Read},
    sql::{self, Driver},
};

const TABLE: &str = "instance_quality";

/// In the order of their numbers, from 1.
const LABELS: [&str; 4] = ["bad", "poor", "fair", "good"];
/// Number of bits of a label.
const LABEL_BITS: u32 = 3;
const MEDIA: [&str; 3] = ["audio", "video", "screen_share"];

/// A participant's labels as stored in `participant_rows.scored`.
fn packed(labels: &QualityLabels) -> i64 {
    let number = |label: &Option<Text>| {
        let index = label.as_deref().and_then(|label| LABELS.iter().position(|one| *one == label));
        index.map_or(0, |index| index as i64 + 1)
    };
    let media = [&labels.audio, &labels.video, &labels.screen_share];
    media.into_iter().rev().fold(0, |packed, label| packed << LABEL_BITS | number(label))
}

/// Returns the labels in `scored`, borrowed like those of a row.
pub(crate) fn unpacked(scored: i64) -> QualityLabels<&'static [u8]> {
    let label = |place: u32| {
        let number = usize::try_from(scored >> (LABEL_BITS * place) & 7).ok()?;
        LABELS.get(number.checked_sub(1)?).map(|label| label.as_bytes())
    };
    QualityLabels { audio: label(0), video: label(1), screen_share: label(2) }
}

/// Counts rows for each medium and label; `of` builds an expression from the medium and its position.
fn sums(of: impl Fn(&str, usize) -> String) -> String {
    let columns = MEDIA.iter().enumerate().flat_map(|(place, medium)| {
        let label = of(medium, place);
        LABELS.iter().rev().map(move |word| format!("coalesce(sum({label} = '{word}'), 0)"))
    });
    columns.collect::<Vec<_>>().join(", ")
}

/// Returns the label of a participant, reported or computed.
fn participants_label(medium: &str, place: usize) -> String {
    let words: Vec<String> =
        LABELS.iter().zip(1..).map(|(word, number)| format!("WHEN {number} THEN '{word}'")).collect();
    let bits = LABEL_BITS as usize * place;
    let words = words.join(" ");
    format!("coalesce(participants.{medium}_quality, CASE participant_rows.scored >> {bits} & 7 {words} END)")
}

/// Counts of an instance's participants, which are stored separately.
static COUNT_PARTICIPANTS: LazyLock<String> = LazyLock::new(|| {
    format!(
        "SELECT {} FROM participants JOIN participant_rows USING (participant_id)
         WHERE participants.participant_id BETWEEN instances.id << 24 AND (instances.id + 1 << 24) - 1",
        sums(participants_label)
    )
});

static PUT: LazyLock<String> = LazyLock::new(|| {
    let counts = COUNT_PARTICIPANTS.replace("SELECT ", "SELECT ?1, ?2, ?3, ?4, ").replace("instances.id", "?1");
    format!("INSERT OR REPLACE INTO instance_quality {counts}")
});

/// Past instances of the account that began in the window.
const WINDOW: &str = "account_id = ?1 AND kind = ?2 AND state = 'past' AND number IS NOT NULL
    AND start_time_ms >= ?3 AND start_time_ms < ?4";

static OF_INSTANCES: LazyLock<String> = LazyLock::new(|| {
    let label = |medium: &str, _| format!("coalesce(instances.{medium}_quality, scored.{medium}_quality)");
    format!(
        "SELECT {} FROM instances LEFT JOIN instance_quality AS scored ON scored.instance_id = instances.id
         WHERE {WINDOW}",
        sums(label)
    )
});

static OF_PARTICIPANTS: LazyLock<String> = LazyLock::new(|| {
    let columns: Vec<String> =
        MEDIA.iter().flat_map(|medium| LABELS.iter().rev().map(move |word| format!("{medium}_{word}"))).collect();
    let totals: Vec<String> = columns.iter().map(|column| format!("coalesce(sum({column}), 0)")).collect();
    let named = sums(participants_label);
    format!(
        "SELECT {} FROM (
             SELECT {columns} FROM instances JOIN instance_quality ON instance_id = instances.id WHERE {WINDOW}
             UNION ALL
             SELECT {named} FROM instances
                 JOIN participants
                     ON participants.participant_id BETWEEN instances.id << 24 AND (instances.id + 1 << 24) - 1
                 JOIN participant_rows USING (participant_id)
             WHERE {WINDOW} AND instances.id NOT IN (SELECT instance_id FROM instance_quality))",
        totals.join(", "),
        columns = columns.join(", "),
    )
});

#[async_trait]
impl QualityStore for SqliteStore {
    async fn put_scores(&self, account: AccountId, instance: InstanceId, scores: &InstanceScores) -> Result<()> {
        let scores = scores.clone();
        self.write(move |db| put(db, account, instance, &scores)).await
    }

    async fn count_quality(&self, account: AccountId, query: &QualityQuery) -> Result<QualityCounts> {
        let query = *query;
        self.read(move |db| {
            let sql = match query.of {
                QualityOf::Instances => &*OF_INSTANCES,
                QualityOf::Participants => &*OF_PARTICIPANTS,
            };
            let params = params![account.0, Bound(&query.kind), query.from.as_millis(), query.before.as_millis()];
            let counted = sql::row(db, TABLE, sql, params, read_counts)?;
            Ok(counted.unwrap_or_default())
        })
        .await
    }
}

fn put(db: &Connection, account: AccountId, instance: InstanceId, scores: &InstanceScores) -> Result<()> {
    let sql = "SELECT count(*) FROM instances WHERE id = ? AND account_id = ?";
    if sql::count(db, "instances", sql, [instance.0, account.0])? == 0 {
        return Err(StoreError::NotFound { what: format!("instance {instance}") });
    }
    let (first, last) = crate::participants::rows_of(instance);
    let forget = "UPDATE participant_rows SET scored = NULL
                  WHERE participant_id BETWEEN ? AND ? AND scored IS NOT NULL";
    sql::execute(db, forget, [first, last])?;
    let mut keep = sql::prepare(db, "UPDATE participant_rows SET scored = ?2 WHERE participant_id = ?1")?;
    for (participant, labels) in &scores.participants {
        if (first..=last).contains(&participant.0) {
            keep.execute([participant.0, packed(labels)]).driver()?;
        }
    }
    let QualityLabels { audio, video, screen_share } = &scores.instance;
    sql::execute(db, &PUT, params![instance.0, audio.as_deref(), video.as_deref(), screen_share.as_deref()])?;
    Ok(())
}

fn read_counts(columns: &mut Columns<'_>) -> Read<QualityCounts> {
    let mut medium = || -> Read<LabelCounts> {
        Ok(LabelCounts { good: columns.take()?, fair: columns.take()?, poor: columns.take()?, bad: columns.take()? })
    };
    Ok(QualityCounts { audio: medium()?, video: medium()?, screen_share: medium()? })
}
