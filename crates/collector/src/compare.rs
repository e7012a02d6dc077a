//! What the sources of an instance do not agree on: webhooks, dashboards and reports.

use rollcall_model::{InstanceUuid, Text, Timestamp};
use rollcall_store::{Difference, Result, Store, StoredInstance};
use rollcall_zoom::operations as zoom;
use serde::Deserialize;

use crate::{run::Run, zoom::time};

/// What was stored before, of all sources.
const STORED: &str = "stored";

/// The name of the source that an operation reads. `None` if it says nothing to compare.
fn source(operation: &str) -> Option<&'static str> {
    let sources: [(&[&rollcall_model::Operation], &str); 3] = [
        (&[&zoom::DASHBOARD_MEETING_PARTICIPANTS, &zoom::DASHBOARD_WEBINAR_PARTICIPANTS], "dashboard participants"),
        (&[&zoom::REPORT_MEETING_PARTICIPANTS, &zoom::REPORT_WEBINAR_PARTICIPANTS], "report participants"),
        (&[&zoom::REPORT_MEETING, &zoom::REPORT_WEBINAR], "report"),
    ];
    sources.iter().find(|(operations, _)| operations.iter().any(|known| known.id == operation)).map(|(_, name)| *name)
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Report {
    start_time: Option<Text>,
    end_time: Option<Text>,
}

/// Returns the instance as it is stored, if the response is to be compared with it.
pub(crate) async fn before(run: &Run, operation: &str, about: Option<&Text>) -> Result<Option<StoredInstance>> {
    match (source(operation), about) {
        (Some("report"), Some(about)) => stored(run, about).await,
        _ => Ok(None),
    }
}

async fn stored(run: &Run, about: &Text) -> Result<Option<StoredInstance>> {
    let Ok(uuid) = about.parse::<InstanceUuid>() else { return Ok(None) };
    run.store().instance_by_uuid(run.account(), &uuid).await
}

/// Compares a report with what was stored before.
pub(crate) async fn times(run: &Run, about: &Text, body: &[u8], before: &StoredInstance, now: Timestamp) -> Result<()> {
    let report = serde_json::from_slice::<Report>(body).unwrap_or_default();
    let instance = &before.instance;
    let times = [
        ("start_time", instance.start_time, time(report.start_time.as_deref())),
        ("end_time", instance.end_time, time(report.end_time.as_deref())),
    ];
    for (field, stored, reported) in times {
        if let (Some(stored), Some(reported)) = (stored, reported) {
            // Reports have whole seconds.
            let agree = stored.as_seconds() == reported.as_seconds();
            let sources = [(STORED, stored.to_string()), ("report", reported.to_string())];
            put(run, about, field, sources, agree, now).await?;
        }
    }
    Ok(())
}

/// Compares the number of entries of a complete list with the number that its instance was listed with, and with the
/// stored attendances.
pub(crate) async fn counts(
    run: &Run,
    operation: &str,
    about: &Text,
    expected: Option<u64>,
    entries: u64,
    now: Timestamp,
) -> Result<()> {
    let Some(source) = source(operation).filter(|source| *source != "report") else { return Ok(()) };
    if let Some(expected) = expected {
        let sources = [("list of instances", expected.to_string()), (source, entries.to_string())];
        put(run, about, "participants", sources, expected == entries, now).await?;
    }
    if let Some(stored) = stored(run, about).await? {
        let sources = [(STORED, stored.participants.to_string()), (source, entries.to_string())];
        put(run, about, "participants", sources, stored.participants == entries, now).await?;
    }
    Ok(())
}

async fn put(
    run: &Run,
    about: &Text,
    field: &str,
    [first, second]: [(&str, String); 2],
    agree: bool,
    now: Timestamp,
) -> Result<()> {
    let difference = Difference {
        about: about.clone(),
        field: field.into(),
        sources: [(first.0.into(), first.1.as_str().into()), (second.0.into(), second.1.as_str().into())],
        seen_at: now,
    };
    let store: &dyn Store = run.store();
    store.put_comparison(run.account(), run.connection_id(), &difference, agree).await
}
