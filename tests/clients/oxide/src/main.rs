//! Reads lines of `{"type": NAME, "body": …}` and decodes each body as the published client `zoom-api` does. Prints as JSON
//! how many of each type were decoded, and why others were not.

use std::{collections::BTreeMap, io};

use serde_json::{Value, json};
use zoom_api::types;

/// The types of the operations that Rollcall serves, by name.
macro_rules! decoders {
    ($($name:ident)*) => {
        fn decode(name: &str, body: Value) -> Result<(), String> {
            match name {
                $(stringify!($name) => {
                    serde_json::from_value::<types::$name>(body).map(drop).map_err(|error| error.to_string())
                })*
                _ => Err("no such type".to_owned()),
            }
        }
    };
}

decoders! {
    DashboardMeetingParticipantsResponseAllOf
    DashboardMeetingsResponseAllOf
    DashboardWebinarParticipantsResponseAllOf
    DashboardWebinarsResponseAllOf
    Domains
    GetTrackingSourcesResponse
    MeetingMetric
    MeetingResponseAllOf
    Metrics
    ParticipantQos
    Participants
    PastMeetingDetailsResponse
    PastMeetingParticipantsResponseAllOf
    ReportMeetingParticipantsResponseAllOf
    ReportWebinarParticipantsResponseAllOf
    UserEmailResponse
    UserResponseAllOf
    UserVanityNameResponse
    UsersResponse
    WebinarResponseAllOf
    Webinars
}

fn main() -> io::Result<()> {
    let mut decoded: BTreeMap<String, u64> = BTreeMap::new();
    let mut failures: BTreeMap<String, Value> = BTreeMap::new();
    for line in io::stdin().lines() {
        let mut line: Value = serde_json::from_str(&line?)?;
        let (name, body) = (line["type"].as_str().unwrap_or_default().to_owned(), line["body"].take());
        match decode(&name, body.clone()) {
            Ok(()) => *decoded.entry(name).or_default() += 1,
            Err(error) => drop(failures.entry(format!("{name}: {error}")).or_insert(body)),
        }
    }
    println!("{}", json!({ "decoded": decoded, "failures": failures }));
    Ok(())
}
