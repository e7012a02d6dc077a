//! A server's stores over files of minutes: the index in SQLite, an empty live store, the archive.

use std::{path::Path, sync::Arc};

use futures::{StreamExt as _, TryStreamExt as _, stream};
use rollcall_archive::{Archive, FilePath};
use rollcall_minutes::{LiveStore, TieredMinutes};
use rollcall_model::{
    AccountId, Instance, InstanceId, InstanceState, MeetingKind, MeetingNumber, Participant, ParticipantId, QosMinute,
    Timestamp,
};
use rollcall_store::{
    Accounts as _, ArchiveIndex as _, ArchiveTable, InstanceStore as _, MinuteVisitor, NewArchiveFile,
    ParticipantStore as _, RollupChange, RowRange, SealedInstance, Sealing, visit_minutes,
};
use rollcall_store_sqlite::SqliteStore;

use crate::Result;

/// Participants of a page: what the API answers at most.
const PARTICIPANTS: usize = 10;

/// The contents of a file: the number of each participant's minutes, by instance.
pub(crate) type Contents = Vec<Vec<u64>>;

/// Files in the index, and the pages that can be requested.
pub(crate) struct Stage {
    minutes: TieredMinutes,
    account: AccountId,
    pages: Vec<(InstanceId, Vec<ParticipantId>)>,
    pub(crate) rows: u64,
}

impl Stage {
    /// Adds `files`, all with the same contents, to a new index in `folder`.
    pub(crate) async fn new(folder: &Path, archive: Archive, files: &[FilePath], contents: &Contents) -> Result<Self> {
        if folder.exists() {
            std::fs::remove_dir_all(folder)?;
        }
        std::fs::create_dir_all(folder)?;
        let store = Arc::new(SqliteStore::open(&folder.join("entities.db"))?);
        let now: Timestamp = "2026-03-26T23:59:00Z".parse()?;
        let public_id = files.first().ok_or("no files")?.partition().account.to_string();
        let account = store.create_account("bench", &public_id, now).await?.id;
        let (mut pages, mut rows) = (Vec::new(), 0);
        for (number, file) in files.iter().enumerate() {
            let (mut instances, mut minutes_end, mut participants_end) = (Vec::new(), 0, 0);
            // Many at a time, so that they share commits.
            let put = stream::iter(0..contents.len()).map(|index| put(&store, account, number, index, contents));
            let put: Vec<_> = put.buffered(256).try_collect().await?;
            for ((instance, people), counts) in put.into_iter().zip(contents) {
                pages.extend(people.chunks(PARTICIPANTS).map(|page| (instance, page.to_vec())));
                instances.push(SealedInstance {
                    instance,
                    changes: 0,
                    first_minute: minutes_end,
                    minutes: people.iter().copied().zip(counts.iter().copied()).collect(),
                    participants: RowRange { first: participants_end, rows: counts.len() as u64 },
                    rollup: RollupChange::default(),
                });
                minutes_end += counts.iter().sum::<u64>();
                participants_end += counts.len() as u64;
            }
            let of: Vec<_> = instances.iter().map(|sealed| (account, sealed.instance)).collect();
            for (sealed, life) in instances.iter_mut().zip(store.instance_lives(&of).await?) {
                sealed.changes = life.changes;
            }
            let named =
                |table, path: String, rows| Some(NewArchiveFile { account, table, path, bytes: 20 * rows, rows });
            // Pages of minutes do not open the files of participants.
            let participants = file.to_string().replacen("qos_minutes", "participants", 1);
            let sealing = Sealing {
                account,
                minutes_file: named(ArchiveTable::QosMinutes, file.to_string(), minutes_end),
                participants_file: named(ArchiveTable::Participants, participants, participants_end),
                instances,
                at: now,
            };
            store.record_sealing(sealing).await?;
            rows += minutes_end;
        }
        let live = Arc::new(LiveStore::open(&folder.join("minutes"))?);
        Ok(Self { minutes: TieredMinutes::new(live, store, archive), account, pages, rows })
    }

    /// The number of pages.
    pub(crate) fn pages(&self) -> usize {
        self.pages.len()
    }

    /// Reads a page and returns the number of its minutes.
    pub(crate) async fn read(&self, page: usize) -> Result<u64> {
        let (instance, participants) = &self.pages[page];
        let Counter(seen) =
            visit_minutes(&self.minutes, self.account, *instance, participants, None, usize::MAX, Counter(0)).await?;
        Ok(seen)
    }
}

/// Writes an instance and its participants, and returns their rows.
async fn put(
    store: &SqliteStore,
    account: AccountId,
    file: usize,
    index: usize,
    contents: &Contents,
) -> Result<(InstanceId, Vec<ParticipantId>)> {
    let uuid = format!("{file}-{index}==").parse()?;
    let number = MeetingNumber(90_000_000_000 + index as i64);
    let instance = Instance::new(MeetingKind::Meeting, number, uuid, InstanceState::Past);
    let instance = store.put_instance(account, &instance).await?;
    let user = |n| Participant { user_id: format!("{}", 16_778_240 + n).into(), ..Participant::default() };
    let people: Vec<_> = (0..contents[index].len()).map(user).collect();
    let put = store.put_participants(account, instance, &people).await?;
    Ok((instance, put.into_iter().map(|put| put.id).collect()))
}

struct Counter(u64);

impl MinuteVisitor for Counter {
    fn visit(&mut self, _: ParticipantId, minute: &QosMinute) {
        self.0 += u64::from(minute.minute.0 > 0);
    }
}
