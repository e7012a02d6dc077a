//! A year of a simulated company, archived as after sealing and merging: a file per day.

use std::{
    collections::BTreeSet,
    time::{Duration, Instant},
};

use futures::future::try_join_all;
use jiff::civil::Date;
use rollcall_archive::{FileInfo, InstanceKey, MinuteWriter, ParticipantWriter, Partition};
use rollcall_lifecycle::seal::{Rebuilt, Rollups, SealSettings, date_of};
use rollcall_model::{InstanceFacts, InstanceId, InstanceState, ParticipantFacts, ParticipantId, Timestamp};
use rollcall_sim::{World, WorldConfig};
use rollcall_store::{
    ArchiveIndex as _, ArchiveTable, InstanceStore as _, NewArchiveFile, ParticipantStore as _, RollupChange,
    RollupStore as _,    RowRange, SealedInstance, Sealing,
};

use crate::{Options, Result, Stores};

/// The end of the year.
const END: &str = "2026-03-01T00:00:00Z";
const DAYS: u32 = 365;
/// About as many minutes a day as a company of the demo's size has.
const MINUTES_A_DAY: u64 = 3_450;
/// The number of instances written to the database at a time, so that they share a sync.
const INSTANCES_AT_A_TIME: usize = 128;

/// Writes it, or resumes after an interruption: the world is the same each time, and archived days are skipped.
pub(crate) async fn year(options: &Options) -> Result<()> {
    let stores = Stores::open(options).await?;
    let demo = WorldConfig::demo();
    let scale = u32::try_from(options.minutes.div_ceil(u64::from(DAYS) * MINUTES_A_DAY))?.max(1);
    let config = WorldConfig {
        people: demo.people * scale,
        days: DAYS,
        meetings_per_day: demo.meetings_per_day * scale,
        webinars_per_week: demo.webinars_per_week * scale,
        ..demo
    };
    let begun = Instant::now();
    let archived = archived_days(&stores).await?;
    println!("{} days are archived already", archived.len());
    let mut day: Option<OpenDay> = None;
    let mut minutes = 0;
    for labelled in World::new(config, END.parse()?).batches() {
        for facts in labelled.batch.instances {
            // Of an instance of more than one batch only the first is archived, which is enough for the measurement.
            let Some((key, date)) = key(&facts).filter(|(_, date)| !archived.contains(date)) else { continue };
            if day.as_ref().is_none_or(|open| open.date != date) {
                if let Some(open) = day.take() {
                    minutes += open.close(&stores).await?;
                }
                day = Some(OpenDay::begin(&stores, date).await?);
            }
            if let Some(open) = &mut day {
                open.waiting.push((key, facts));
                if open.waiting.len() == INSTANCES_AT_A_TIME {
                    open.write(&stores).await?;
                }
            }
        }
    }
    if let Some(open) = day {
        minutes += open.close(&stores).await?;
    }
    println!("minutes archived: {minutes}, simulated and written in {:.0} s", begun.elapsed().as_secs_f64());
    Ok(())
}

async fn archived_days(stores: &Stores) -> Result<BTreeSet<Date>> {
    let (mut dates, mut after) = (BTreeSet::new(), None);
    loop {
        let days = stores.store.list_rollup_days(after, 500).await?;
        let Some(last) = days.last() else { return Ok(dates) };
        after = Some((last.account, last.day));
        dates.extend(days.iter().map(|day| date_of(day.day)));
    }
}

/// Builds all rollups from the archive, and prints the speed.
pub(crate) async fn rebuild(options: &Options) -> Result<()> {
    let stores = Stores::open(options).await?;
    let rollups = Rollups::new(stores.store.clone(), stores.archive.clone(), SealSettings::default().profile);
    let (mut counted, mut busy, mut after) = (0, Duration::ZERO, None);
    loop {
        let days = rollups.days(after).await?;
        let Some(last) = days.last() else { break };
        after = Some((last.account, last.day));
        for day in days {
            let begun = Instant::now();
            if let Rebuilt::Done { minutes, .. } = rollups.rebuild(day.account, day.day).await? {
                counted += minutes;
            }
            busy += begun.elapsed();
        }
    }
    let rate = counted as f64 / busy.as_secs_f64();
    println!("rollups built: {counted} minutes in {:.0} s, {rate:.0} a second", busy.as_secs_f64());
    Ok(())
}

/// A day's files, being written.
struct OpenDay {
    date: Date,
    minutes: MinuteWriter,
    participants: ParticipantWriter,
    sealed: Vec<SealedInstance>,
    /// Still to be written.
    waiting: Vec<(InstanceKey, InstanceFacts)>,
}

/// An instance that is in the database.
struct Put {
    key: InstanceKey,
    id: InstanceId,
    changes: u64,
    /// In the order of their rows, which is that of the files.
    participants: Vec<(ParticipantId, ParticipantFacts)>,
}

impl Put {
    async fn of(stores: &Stores, key: InstanceKey, facts: InstanceFacts) -> Result<Option<Self>> {
        let Some(mut details) = facts.details else { return Ok(None) };
        details.state = InstanceState::Past;
        let account = stores.account.id;
        let id = stores.store.put_instance(account, &details).await?;
        let told: Vec<_> = facts.participants.iter().map(|one| one.participant.clone()).collect();
        let put = stores.store.put_participants(account, id, &told).await?;
        let mut participants: Vec<_> = put.into_iter().map(|put| put.id).zip(facts.participants).collect();
        participants.sort_by_key(|(id, _)| *id);
        participants.dedup_by_key(|(id, _)| *id);
        let changes = stores.store.instance_lives(&[(account, id)]).await?.pop().map_or(0, |life| life.changes);
        Ok(Some(Self { key, id, changes, participants }))
    }
}

impl OpenDay {
    async fn begin(stores: &Stores, date: Date) -> Result<Self> {
        let partition = Partition { account: stores.account.public_id.parse()?, day: date };
        let minutes = stores.archive.minute_writer(&partition).await?;
        let participants = stores.archive.participant_writer(&partition).await?;
        Ok(Self { date, minutes, participants, sealed: Vec::new(), waiting: Vec::new() })
    }

    /// Writes the pending minutes.
    async fn write(&mut self, stores: &Stores) -> Result<()> {
        let waiting = self.waiting.drain(..).map(|(key, facts)| Put::of(stores, key, facts));
        for put in try_join_all(waiting).await?.into_iter().flatten() {
            self.write_one(put)?;
        }
        Ok(())
    }

    fn write_one(&mut self, Put { key, id, changes, participants }: Put) -> Result<()> {
        let first_minute = self.minutes.rows();
        let first = self.participants.rows();
        self.minutes.begin_instance(&key);
        self.participants.begin_instance(&key);
        let mut counted = Vec::new();
        for (id, facts) in participants {
            self.participants.write(&facts.participant)?;
            if facts.minutes.is_empty() {
                continue;
            }
            self.minutes.begin_participant(&facts.participant.key());
            facts.minutes.iter().try_for_each(|minute| self.minutes.write(minute))?;
            counted.push((id, facts.minutes.len() as u64));
        }
        self.sealed.push(SealedInstance {
            instance: id,
            changes,
            first_minute,
            minutes: counted,
            participants: RowRange { first, rows: self.participants.rows() - first },
            // Built from the archive afterwards.
            rollup: RollupChange::default(),
        });
        Ok(())
    }

    async fn close(mut self, stores: &Stores) -> Result<u64> {
        self.write(stores).await?;
        let account = stores.account.id;
        let known = |table, FileInfo { path, rows, bytes }| NewArchiveFile {
            account,
            table,
            path: path.to_string(),
            bytes,
            rows,
        };
        let minutes = self.minutes.finish().await?;
        let rows = minutes.rows;
        let participants = self.participants.finish().await?;
        let at: Timestamp = END.parse()?;
        let sealing = Sealing {
            account,
            minutes_file: Some(known(ArchiveTable::QosMinutes, minutes)),
            participants_file: Some(known(ArchiveTable::Participants, participants)),
            instances: self.sealed,
            at,
        };
        stores.store.record_sealing(sealing).await?;
        println!("{}: {rows} minutes", self.date);
        Ok(rows)
    }
}

/// An instance's key and day. `None` if it has no start.
fn key(facts: &InstanceFacts) -> Option<(InstanceKey, Date)> {
    let details = facts.details.as_ref()?;
    let day = jiff::tz::Offset::UTC.to_datetime(details.start_time?.to_jiff()).date();
    Some((InstanceKey { uuid: details.uuid.clone(), kind: details.kind, number: details.number }, day))
}
