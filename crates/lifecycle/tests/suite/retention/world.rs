//! Two instances, one that ended long ago and one that did not, with participants who have names.

use std::{collections::BTreeMap, fs, path::Path, sync::Arc, time::Duration};

use rollcall_ingest::Ingest;
use rollcall_lifecycle::retention::{DataKind, Days, Retention, RetentionSettings};
use rollcall_model::{
    Instance, InstanceId, InstanceState, InstanceUuid, LocationGrain, MeetingKind, MeetingNumber, Participant,
    ParticipantId, Timestamp,
};
use rollcall_store::{InstanceStore as _, ParticipantStore as _};

use crate::stage::{START, Stage, at_once, row};

pub(crate) const DAY: i64 = 24 * 3600;
/// The retention period in these tests.
pub(crate) const KEPT_DAYS: i64 = 30;

pub(crate) struct World {
    pub(crate) stage: Stage,
    /// The age of an expired instance.
    pub(crate) old: InstanceId,
    pub(crate) young: InstanceId,
    pub(crate) old_people: Vec<ParticipantId>,
    pub(crate) young_people: Vec<ParticipantId>,
}

pub(crate) fn uuid(name: &str) -> InstanceUuid {
    format!("{name}==").parse().unwrap()
}

pub(crate) fn instance(name: &str, over: i64) -> Instance {
    let mut instance = Instance::new(MeetingKind::Meeting, MeetingNumber(over), uuid(name), InstanceState::Past);
    instance.start_time = Some(Timestamp::from_seconds(over - 3600));
    instance.end_time = Some(Timestamp::from_seconds(over));
    instance.host_name = Some(format!("Host-of-{name}").into());
    instance
}

/// A person whose name can be found in any file that contains it.
pub(crate) fn person(name: &str, number: usize) -> Participant {
    Participant {
        user_id: number.to_string().into(),
        user_name: Some(format!("Person-of-{name}-{number}").into()),
        email: Some(format!("person-{number}@{name}.example.com").into()),
        network_type: Some("Wifi".into()),
        ..Participant::default()
    }
}

impl World {
    /// Both sealed, on the day on which the first has expired.
    pub(crate) async fn new() -> Self {
        let mut stage = Stage::new(at_once()).await;
        let mut put = Vec::new();
        for (name, over) in [("old", START), ("young", START + 10 * DAY)] {
            let id = stage.open.store.put_instance(stage.account, &instance(name, over)).await.unwrap();
            let people: Vec<_> = (0..3).map(|number| person(name, number)).collect();
            let people = stage.open.store.put_participants(stage.account, id, &people).await.unwrap();
            let people: Vec<_> = people.into_iter().map(|put| put.id).collect();
            let rows: Vec<_> = people.iter().map(|id| row(*id, 1, Some(60_000), Some(90))).collect();
            stage.put(id, &rows).await;
            put.push((id, people));
        }
        stage.clock.set(Timestamp::from_seconds(START + (KEPT_DAYS + 1) * DAY));
        while stage.open.sealer.round().await.unwrap().sealed > 0 {}
        let (young, young_people) = put.pop().unwrap();
        let (old, old_people) = put.pop().unwrap();
        Self { stage, old, young, old_people, young_people }
    }

    pub(crate) fn restart(self) -> Self {
        Self { stage: self.stage.restart(), ..self }
    }

    /// A retention that keeps these datasets for [`KEPT_DAYS`].
    pub(crate) fn retention(&self, kinds: &[DataKind]) -> Retention {
        let open = &self.stage.open;
        let ingest = Arc::new(Ingest::new(open.store.clone(), Arc::new(open.tiered.clone())));
        self.retention_beside(ingest, kinds)
    }

    pub(crate) fn retention_beside(&self, ingest: Arc<Ingest>, kinds: &[DataKind]) -> Retention {
        let open = &self.stage.open;
        let kept: BTreeMap<_, _> = kinds.iter().map(|kind| (*kind, Days::new(KEPT_DAYS).unwrap())).collect();
        let settings = RetentionSettings::new(kept, LocationGrain::City, Duration::from_secs(1)).unwrap();
        // The clock advances a month at a time; `guard.rs` tests the guard.
        let settings = settings.with_limits(None, None);
        Retention::new(open.store.clone(), open.live.clone(), ingest, self.stage.clock.clone(), settings)
    }

    /// Runs the sealer until it has nothing left to do.
    pub(crate) async fn tidy(&mut self) {
        for _ in 0..12 {
            self.stage.clock.advance_seconds(10);
            self.stage.open.sealer.round().await.unwrap();
        }
    }

    /// Files of the archive that contain `text` literally, whatever the index says about them.
    pub(crate) async fn archived_texts(&self) -> String {
        let mut all = String::new();
        for file in files_below(&self.stage.dir.path().join("archive/participants")) {
            let bytes = fs::read(&file).unwrap();
            all.push_str(&parquet_text(&bytes));
        }
        all
    }
}

/// The uncompressed contents of a Parquet file's pages and footer.
pub(crate) fn parquet_text(bytes: &[u8]) -> String {
    use parquet::{
        file::reader::{FileReader as _, SerializedFileReader},
        record::RowAccessor as _,
    };
    let mut text = String::from_utf8_lossy(bytes).into_owned();
    let reader = SerializedFileReader::new(bytes::Bytes::copy_from_slice(bytes)).unwrap();
    for row in reader.get_row_iter(None).unwrap() {
        let row = row.unwrap();
        for column in 0..row.len() {
            text.push_str(row.get_string(column).map_or("", String::as_str));
            text.push('\n');
        }
    }
    text
}

pub(crate) fn files_below(folder: &Path) -> Vec<std::path::PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).into_iter().flatten() {
        let path = entry.unwrap().path();
        if path.is_dir() { found.extend(files_below(&path)) } else { found.push(path) }
    }
    found
}
