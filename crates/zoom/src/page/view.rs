use std::ops::Deref;

use rollcall_model::{MeetingKind, MeetingNumber, Participant, Text};

/// What an account's agreement on health data hides in dashboard answers (Zoom reference 9).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub enum Blanking {
    /// Nothing.
    #[default]
    None,
    /// An agreement from before November 2020 without the addendum: names, addresses and places are blank, and internal
    /// addresses are left out.
    LegacyBaa,
    /// An agreement with the addendum: places and public addresses are blank.
    BaaWithAddendum,
}

/// How an instance's participants are shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct View {
    /// Meeting or webinar: it names the key of the number.
    pub kind: MeetingKind,
    /// The number, which stands on the page as a text; left out where it is not known.
    pub number: Option<MeetingNumber>,
    /// Whether the instance is in progress; registrant ids are then left out.
    pub live: bool,
    /// Whether the caller asked for registrant ids.
    pub include_registrant_id: bool,
    /// What is hidden.
    pub blanking: Blanking,
}

impl View {
    /// A view of a past instance in which nothing is hidden.
    #[must_use]
    pub fn new(kind: MeetingKind, number: impl Into<Option<MeetingNumber>>) -> Self {
        Self { kind, number: number.into(), live: false, include_registrant_id: false, blanking: Blanking::None }
    }

    /// The participant's name, or blank.
    pub(crate) fn user_name<'p, T: Deref>(&self, participant: &'p Participant<T>) -> Option<&'p T::Target>
    where
        &'p T::Target: Default,
    {
        unless(self.blanking == Blanking::LegacyBaa, participant.user_name.as_ref())
    }

    /// The participant's address, or blank where there is one.
    pub(crate) fn email<'p, T: Deref>(&self, participant: &'p Participant<T>) -> Option<&'p T::Target>
    where
        &'p T::Target: Default,
    {
        unless(self.blanking == Blanking::LegacyBaa, participant.email.as_ref())
    }

    /// The participant's network address, or blank.
    pub(crate) fn ip_address<'p, T: Deref>(&self, participant: &'p Participant<T>) -> Option<&'p T::Target>
    where
        &'p T::Target: Default,
    {
        unless(self.blanking != Blanking::None, participant.ip_address.as_ref())
    }

    /// The participant's place, or blank.
    pub(crate) fn location<'p, T: Deref>(&self, participant: &'p Participant<T>) -> Option<&'p T::Target>
    where
        &'p T::Target: Default,
    {
        unless(self.blanking != Blanking::None, participant.location.as_ref())
    }

    /// The participant's internal addresses, unless they are left out.
    pub(crate) fn internal_ip_addresses<'p, T>(&self, participant: &'p Participant<T>) -> Option<&'p [Text]> {
        participant.internal_ip_addresses.as_deref().filter(|_| self.blanking != Blanking::LegacyBaa)
    }

    /// The participant's registrant id, where it was asked for and the instance has ended.
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
