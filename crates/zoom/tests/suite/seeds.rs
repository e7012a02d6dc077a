//! The published sample bodies are read and serialised unchanged.
//!
//! The samples are next to the checkout, in `../shared/seeds`; without them, there is nothing to compare.

#![expect(clippy::print_stdout, clippy::unwrap_used, reason = "helpers of tests")]

use std::{fs, path::Path};

use rollcall_model::{Batch, MeetingKind, MeetingNumber};
use rollcall_zoom::{
    page::{PageKeys, QosForm, QosWriter, View, write_participants_page},
    read::{Request, read},
    wire::TrackingSources,
};
use serde_json::Value;

/// Returns the first sample body in the seed whose name begins with `number`. `None` if the seeds do not exist.
fn sample(number: &str) -> Option<String> {
    let seeds = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/seeds");
    let Ok(entries) = fs::read_dir(&seeds) else {
        println!("skipped: {} does not exist", seeds.display());
        return None;
    };
    let seed = entries
        .map(|entry| entry.unwrap().path())
        .find(|path| path.file_name().is_some_and(|name| name.to_string_lossy().starts_with(number)))
        .unwrap();
    let text = fs::read_to_string(seed).unwrap();
    text.match_indices("\"body\": ")
        .filter_map(|(at, key)| {
            serde_json::Deserializer::from_str(&text[at + key.len()..]).into_iter::<String>().next()?.ok()
        })
        .find(|body| !body.is_empty())
}

fn read_whole(request: &str, body: &str) -> Batch {
    let rollcall_zoom::read::Reading { batch, defects, .. } =
        read(&Request::parse(request).unwrap(), body.as_bytes()).unwrap();
    assert_eq!(defects, []);
    batch
}

/// Both without the keys of paging, and `printed` without fields that were added after the sample.
fn assert_same(sample: &str, printed: &[u8]) {
    let mut sample: Value = serde_json::from_str(sample).unwrap();
    let mut printed: Value = serde_json::from_slice(printed).unwrap();
    for key in ["page_count", "page_size", "total_records", "next_page_token"] {
        sample.as_object_mut().unwrap().remove(key);
        printed.as_object_mut().unwrap().remove(key);
    }
    for key in ["meeting_number", "webinar_number"] {
        printed.as_object_mut().unwrap().remove(key);
    }
    for source in printed.get_mut("tracking_sources").and_then(Value::as_array_mut).into_iter().flatten() {
        source.as_object_mut().unwrap().remove("registration_count");
    }
    assert_eq!(printed, sample);
}

const KEYS: PageKeys<'static> = PageKeys { next_page_token: "", page_count: 1, page_size: 30, total_records: 1 };

#[test]
fn tracking_sources_of_seed_000() {
    let Some(body) = sample("000") else { return };
    let batch = read_whole("GET /v2/webinars/68423085/tracking_sources", &body);
    assert_same(&body, &serde_json::to_vec(&TrackingSources::new(&batch.tracking_sources[0].sources)).unwrap());
}

#[test]
fn quality_of_seed_001() {
    let Some(body) = sample("001") else { return };
    let batch = read_whole("GET /v2/metrics/webinars/68423085/participants/qos?type=live&page_size=1", &body);
    let mut out = Vec::new();
    let mut writer = QosWriter::new(View::new(MeetingKind::Webinar, MeetingNumber(68_423_085)));
    writer.begin_page(&mut out, &KEYS);
    for facts in &batch.instances[0].participants {
        writer.begin_participant(&mut out, &facts.participant, QosForm::ListItem);
        for minute in &facts.minutes {
            writer.minute(&mut out, minute);
        }
        writer.end_participant(&mut out);
    }
    writer.end_page(&mut out);
    assert_same(&body, &out);
}

fn participants_of(seed: &str, kind: MeetingKind) {
    let Some(body) = sample(seed) else { return };
    let batch = read_whole(&format!("GET /v2/metrics/{}/68423085/participants?type=live", kind.plural()), &body);
    let participants = batch.instances[0].participants.iter().map(|facts| &facts.participant);
    let mut out = Vec::new();
    write_participants_page(&mut out, &KEYS, &View::new(kind, MeetingNumber(68_423_085)), participants);
    assert_same(&body, &out);
}

#[test]
fn webinar_participants_of_seed_002() {
    participants_of("002", MeetingKind::Webinar);
}

#[test]
fn meeting_participants_of_seed_003() {
    participants_of("003", MeetingKind::Meeting);
}
