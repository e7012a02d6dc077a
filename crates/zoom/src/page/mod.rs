//! Writes the two large responses, participants and quality of service, directly from the model's types.
//!
//! Nothing is built in between: keys are copied, values are printed in place. The output equals what the types of
//! [`crate::wire`] would serialise to, key for key; a property test compares them.

mod escape;
mod object;
mod participants;
mod qos;
mod view;

pub use participants::{ParticipantsWriter, write_participants_page};
pub(crate) use qos::section_names;
pub use qos::{QosForm, QosWriter};
pub use view::{Blanking, View};

use escape::push_escaped;
use rollcall_model::MeetingKind;

/// The keys of a page with its position in the list (Zoom reference 4).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct PageKeys<'a> {
    /// Token of the next page; blank on the last page.
    pub next_page_token: &'a str,
    /// Number of pages of the list.
    pub page_count: u64,
    /// Maximum number of records per page.
    pub page_size: u64,
    /// Number of records of the list.
    pub total_records: u64,
}

/// Appends the beginning of a page, up to the bracket that opens its participants.
fn begin_page(out: &mut Vec<u8>, keys: &PageKeys<'_>, view: &View) {
    let mut integer = itoa::Buffer::new();
    out.extend_from_slice(b"{\"page_count\":");
    out.extend_from_slice(integer.format(keys.page_count).as_bytes());
    out.extend_from_slice(b",\"page_size\":");
    out.extend_from_slice(integer.format(keys.page_size).as_bytes());
    out.extend_from_slice(b",\"total_records\":");
    out.extend_from_slice(integer.format(keys.total_records).as_bytes());
    out.extend_from_slice(b",\"next_page_token\":\"");
    push_escaped(out, keys.next_page_token);
    out.push(b'"');
    push_number(out, view);
    out.extend_from_slice(b",\"participants\":[");
}

/// Appends the number, as a string under the key of the kind.
fn push_number(out: &mut Vec<u8>, view: &View) {
    let Some(number) = view.number else { return };
    out.extend_from_slice(match view.kind {
        MeetingKind::Meeting => b",\"meeting_number\":\"",
        MeetingKind::Webinar => b",\"webinar_number\":\"",
    });
    out.extend_from_slice(itoa::Buffer::new().format(number.0).as_bytes());
    out.push(b'"');
}

#[cfg(test)]
pub(crate) mod samples;
#[cfg(test)]
mod tests;
