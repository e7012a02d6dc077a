//! Registrants and tracking fields.

use rollcall_model::{MeetingKind, MeetingNumber, Registrant, RegistrantFacts, TrackingFieldDefinition};

use super::{
    Facts, ReadError,
    body::{Answer, Entry},
};
use crate::{read::Defect, wire};

/// Maximum length of an entry, in bytes.
const MAX_BYTES: usize = 64 * 1024;

/// A page of registrants, or one of them.
pub(super) fn read(
    answer: &Answer<'_>,
    kind: MeetingKind,
    number: MeetingNumber,
    is_one: bool,
    facts: &mut Facts,
) -> Result<(), ReadError> {
    let mut registrants = Vec::new();
    if is_one {
        registrants.push(registrant(&answer.whole()).map_err(|defect| answer.refuse(defect))?);
    } else {
        for entry in answer.list_under("registrants")? {
            facts.keep(registrant(&entry), |_, registrant| registrants.push(registrant));
        }
    }
    facts.batch.registrants.push(RegistrantFacts { kind, number, registrants });
    Ok(())
}

fn registrant(entry: &Entry<'_>) -> Result<Registrant, Defect> {
    if entry.text.len() > MAX_BYTES {
        return Err(entry.defect_at(String::new(), format!("longer than {MAX_BYTES} bytes")));
    }
    entry.parse::<wire::Registrant>()?.try_into().map_err(|error| entry.defect(&error))
}

/// The account's tracking fields, or one of them.
pub(super) fn tracking_fields(answer: &Answer<'_>, is_one: bool, facts: &mut Facts) -> Result<(), ReadError> {
    if is_one {
        let field = tracking_field(&answer.whole()).map_err(|defect| answer.refuse(defect))?;
        facts.batch.tracking_fields.push(field);
        return Ok(());
    }
    for entry in answer.list_under("tracking_fields")? {
        facts.keep(tracking_field(&entry), |batch, field| batch.tracking_fields.push(field));
    }
    Ok(())
}

fn tracking_field(entry: &Entry<'_>) -> Result<TrackingFieldDefinition, Defect> {
    entry.parse::<wire::TrackingFieldDefinition>()?.try_into().map_err(|error| entry.defect(&error))
}
