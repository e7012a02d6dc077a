//! What is said of a field apart from its value.

/// What a field reveals about who took part or who hosted; the model's `identity.rs` blanks it accordingly.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reveals {
    /// Nobody: it is about quality, equipment in general, or the course of the attendance.
    Nothing,
    /// The person: it is an id, a name or an address, or may contain one.
    Person,
    /// The person's device, machine or network.
    Device,
    /// Where the person was.
    Place,
    /// Who left, in a sentence that also gives the reason.
    Leaver,
    /// The host, if the title has the host's name in it.
    Title,
}

/// What kind of value a field holds. The archive's files have the columns of participants in this order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum FieldKind {
    /// A time.
    Time,
    /// A text.
    Text,
    /// True or false.
    Flag,
    /// A whole number.
    Number,
    /// A list, as JSON if it is one value.
    List,
    /// [`Extras`](crate::Extras).
    Extras,
}

/// A row of a table of fields: [`with_participant_fields`](crate::with_participant_fields),
/// [`with_instance_fields`](crate::with_instance_fields).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Field {
    /// Its name in the model.
    pub name: &'static str,
    /// What it holds.
    pub kind: FieldKind,
    /// What it reveals about who took part.
    pub reveals: Reveals,
    /// What it means, for documents.
    pub meaning: &'static str,
}

/// The kind of a field by its type, as tables of fields spell it.
macro_rules! kind_of {
    (T) => {
        FieldKind::Text
    };
    (Text) => {
        FieldKind::Text
    };
    (UserId) => {
        FieldKind::Text
    };
    (MeetingNumber) => {
        FieldKind::Number
    };
    (Timestamp) => {
        FieldKind::Time
    };
    (bool) => {
        FieldKind::Flag
    };
    (i64) => {
        FieldKind::Number
    };
    (Extras) => {
        FieldKind::Extras
    };
    ($list:ident) => {
        FieldKind::List
    };
}
pub(crate) use kind_of;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Instance, Participant};

    /// Lists how each field changes when an identity is blanked.
    const DOCUMENT: &str = include_str!("../../../docs/retention.md");

    fn assert_listed(document: &str, field: &Field, fate: &str) {
        let row = document.lines().find(|line| line.starts_with(&format!("| {fate} |"))).unwrap();
        assert!(row.contains(&format!("`{}`", field.name)), "{} is not {fate} in docs/retention.md", field.name);
    }

    #[test]
    fn the_document_lists_each_field_by_what_becomes_of_it() {
        let (participants, instances) = DOCUMENT.split_once("| of an instance |").unwrap();
        for field in Participant::FIELDS {
            match field.reveals {
                Reveals::Nothing => assert_listed(participants, field, "kept"),
                Reveals::Person | Reveals::Device => assert_listed(participants, field, "blanked"),
                Reveals::Place | Reveals::Leaver | Reveals::Title => assert_listed(participants, field, "shortened"),
            }
        }
        for field in Instance::FIELDS.iter().filter(|field| field.reveals != Reveals::Nothing) {
            assert_listed(instances, field, "blanked");
        }
    }
}
