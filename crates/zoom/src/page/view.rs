use std::ops::Deref;

use rollcall_model::{MeetingKind, MeetingNumber, Participant, Text};

/// What an account's business associate agreement hides in dashboard responses (Zoom reference 9).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub enum Blanking {
    /// Nothing.
    #[default]
    None,
    /// An agreement from before November 2020 without the addendum: names, addresses and locations are blank, and local
    /// addresses are omitted.
    LegacyBaa,
    /// An agreement with the addendum: locations and public addresses are blank.
    BaaWithAddendum,
}

/// How to show an instance's participants.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct View {
    /// Meeting or webinar, which determines the key of the number.
    pub kind: MeetingKind,
    /// The number, which is a string on the page; omitted if unknown.
    pub number: Option<MeetingNumber>,
    /// Whether the instance is in progress; registrant ids are then omitted.
    pub live: bool,
    /// Whether the caller requested registrant ids.
    pub include_registrant_id: bool,
    /// What is hidden.
    pub blanking: Blanking,
}

impl View {
    /// Returns a view of a past instance that hides nothing.
    #[must_use]
    pub fn new(kind: MeetingKind, number: impl Into<Option<MeetingNumber>>) -> Self {
        Self { kind, number: number.into(), live: false, include_registrant_id: false, blanking: Blanking::None }
    }

    /// Returns the participant's name, or a blank if it is hidden.
    pub(crate) fn user_name<'p, T: Deref>(&self, participant: &'p Participant<T>) -> Option<&'p T::Target>
    where
        &'p T::Target: Default,
    {
        unless(self.blanking == Blanking::LegacyBaa, participant.user_name.as_ref())
    }

    /// Returns the participant's email address, or a blank if it is hidden.
    pub(crate) fn email<'p, T: Deref>(&self, participant: &'p Participant<T>) -> Option<&'p T::Target>
    where
        &'p T::Target: Default,
    {
        unless(self.blanking == Blanking::LegacyBaa, participant.email.as_ref())
    }

    /// Returns the participant's IP address, or a blank if it is hidden.
    pub(crate) fn ip_address<'p, T: Deref>(&self, participant: &'p Participant<T>) -> Option<&'p T::Target>
    where
        &'p T::Target: Default,
    {
        unless(self.blanking != Blanking::None, participant.ip_address.as_ref())
    }

    /// Returns the participant's location, or a blank if it is hidden.
    pub(crate) fn location<'p, T: Deref>(&self, participant: &'p Participant<T>) -> Option<&'p T::Target>
    where
        &'p T::Target: Default,
    {
        unless(self.blanking != Blanking::None, participant.location.as_ref())
    }

    /// Returns the participant's local addresses, unless they are hidden.
    pub(crate) fn internal_ip_addresses<'p, T>(&self, participant: &'p Participant<T>) -> Option<&'p [Text]> {
        participant.internal_ip_addresses.as_deref().filter(|_| self.blanking != Blanking::LegacyBaa)
    }

    /// Returns the participant's registrant id, if it was requested and the instance has ended.
    pub(crate) fn registrant_id<'p, T: Deref>(&self, participant: &'p Participant<T>) -> Option<&'p T::Target> {
        participant.registrant_id.as_deref().filter(|_| self.include_registrant_id && !self.live)
    }
}

fn unless<'t, T: Deref>(hidden: bool, text: Option<&'t T>) -> Option<&'t T::Target>
where
    &'t T::Target: Default,
{
    text.map(|text| if hidden { Default::default() } else { &**text })
}
