use crate::{InstanceRef, InstanceUuid, MeetingKind, MeetingNumber, Text, Timestamp};

/// An entry of a vendor's response that is kept as it was, because Rollcall only gives it back: an answer to a poll, a
/// sign-in, an invoice.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Document {
    /// The list that it belongs to, such as `polls`. A surface has a table of them.
    pub kind: Text,
    /// What it belongs to.
    pub owner: DocumentOwner,
    /// Identifies it in the owner's list.
    pub key: Text,
    /// Its time; `None` if it has none. Lists are in the order of time.
    pub time: Option<Timestamp>,
    /// The entry: a JSON object.
    pub json: String,
}

/// What a [`Document`] belongs to.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum DocumentOwner {
    /// The account.
    Account,
    /// An instance.
    Instance(InstanceUuid),
    /// A meeting or webinar.
    Meeting(MeetingKind, MeetingNumber),
    /// A record of a vendor without a type of its own, by its id: a user, a group, an invoice.
    Record(Text),
}

impl DocumentOwner {
    /// Returns the kind of owner, as it is stored.
    #[must_use]
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::Account => "account",
            Self::Instance(_) => "instance",
            Self::Meeting(MeetingKind::Meeting, _) => "meeting",
            Self::Meeting(MeetingKind::Webinar, _) => "webinar",
            Self::Record(_) => "record",
        }
    }

    /// Returns its id, as it is stored; blank for the account.
    #[must_use]
    pub fn id(&self) -> Text {
        match self {
            Self::Account => Text::default(),
            Self::Instance(uuid) => uuid.as_str().into(),
            Self::Meeting(_, number) => number.to_string().into(),
            Self::Record(id) => id.clone(),
        }
    }

    /// Returns the owner with that kind and id. `None` if there is no such kind, or the id is not one of the kind.
    #[must_use]
    pub fn parse(kind: &str, id: &str) -> Option<Self> {
        let number = || id.parse().ok();
        Some(match kind {
            "account" if id.is_empty() => Self::Account,
            "instance" => Self::Instance(id.parse().ok()?),
            "meeting" => Self::Meeting(MeetingKind::Meeting, number()?),
            "webinar" => Self::Meeting(MeetingKind::Webinar, number()?),
            "record" => Self::Record(id.into()),
            _ => return None,
        })
    }
}

/// A [`Document`] as a source reported it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DocumentFacts {
    /// Its owner, as the source named it.
    pub owner: DocumentOwnerRef,
    /// See [`Document::kind`].
    pub kind: Text,
    /// See [`Document::key`].
    pub key: Text,
    /// See [`Document::time`].
    pub time: Option<Timestamp>,
    /// See [`Document::json`].
    pub json: String,
}

/// The owner of a document as a source names it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DocumentOwnerRef {
    /// A known one.
    Known(DocumentOwner),
    /// An instance, perhaps by its meeting's number, which means the latest past one. It is created if it is unknown.
    Instance(MeetingKind, InstanceRef),
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn owners_are_read_as_they_are_stored() {
        for owner in [
            DocumentOwner::Account,
            DocumentOwner::Instance("a+/b==".parse().unwrap()),
            DocumentOwner::Meeting(MeetingKind::Webinar, MeetingNumber(123)),
            DocumentOwner::Record("z8yCx".into()),
        ] {
            assert_eq!(DocumentOwner::parse(owner.kind(), &owner.id()), Some(owner));
        }
        for (kind, id) in [("account", "x"), ("meeting", "x"), ("nothing", "")] {
            assert_eq!(DocumentOwner::parse(kind, id), None, "{kind}");
        }
    }
}
