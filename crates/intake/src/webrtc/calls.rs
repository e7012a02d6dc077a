//! The calls that go on, and the facts that each report of a page adds to them.

use std::{
    collections::HashMap,
    sync::{Mutex, PoisonError},
};

use rollcall_model::{
    AccountId, Instance, InstanceFacts, InstanceRef, InstanceState, Minute, Participant, ParticipantFacts, Text,
    Timestamp,
};

use super::{Report, WrongReport, call::Call, instant};

/// How many pages are remembered. One that is forgotten goes on with its next sample but one.
const REMEMBERED: usize = 10_000;

/// The calls that go on. What is kept of each is bounded, and so is their number.
#[derive(Debug, Default)]
pub struct Calls(Mutex<HashMap<(AccountId, Text, Text), Remembered>>);

#[derive(Debug)]
struct Remembered {
    call: Call,
    /// How far the page's clock is behind, as it was found at first: what it names must not change its name.
    clock_offset: i64,
    used_at: Timestamp,
}

impl Calls {
    /// What a page's report adds: the participant, and the minutes as far as they are known by now. Writing them again
    /// does no harm, nor does the page sending the report again.
    ///
    /// # Errors
    /// Names the field that is wrong; nothing of the report was taken then.
    pub fn take(&self, account: AccountId, report: &Report<'_>, now: Timestamp) -> Result<InstanceFacts, WrongReport> {
        let key = (account, Text::from(report.instance_uuid.as_str()), report.page.clone());
        let mut calls = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let offset = calls.get(&key).map_or_else(|| report.clock_offset(now), |remembered| remembered.clock_offset);
        let time = |field: &str, at: f64| instant(field, at, offset, now);
        let mut samples = Vec::with_capacity(report.samples.len());
        for (index, sample) in report.samples.iter().enumerate() {
            samples.push((time(&format!("samples[{index}].at"), sample.at)?, sample));
        }
        samples.sort_by_key(|(at, _)| *at);
        // A call may have begun before the last hour.
        let joined = Timestamp::from_millis((report.joined_at as i64).saturating_add(offset));
        if !(report.joined_at.is_finite() && joined.as_millis() > 0 && joined <= now.plus_seconds(60)) {
            return Err(WrongReport::new("joined_at", "not a time before now, in milliseconds since 1970"));
        }
        let join_time = Timestamp::from_seconds(joined.as_seconds());
        let leave_time = report.left_at.map(|at| time("left_at", at)).transpose()?;

        if calls.len() >= REMEMBERED && !calls.contains_key(&key) {
            let mut uses: Vec<Timestamp> = calls.values().map(|remembered| remembered.used_at).collect();
            uses.sort_unstable();
            let oldest = uses[uses.len() / 4];
            calls.retain(|_, remembered| remembered.used_at > oldest);
        }
        let remembered = calls.entry(key.clone()).or_insert_with(|| Remembered {
            call: Call::default(),
            clock_offset: offset,
            used_at: now,
        });
        remembered.used_at = now;
        let mut changed: Vec<Minute> =
            samples.iter().flat_map(|(at, sample)| remembered.call.add(*at, sample)).collect();
        changed.sort_unstable();
        changed.dedup();
        let minutes = changed.iter().filter_map(|minute| remembered.call.minute(*minute)).collect();
        if leave_time.is_some() {
            calls.remove(&key);
        }
        drop(calls);

        let participant = Participant {
            user_id: report.user_id.clone(),
            user_name: report.user_name.clone(),
            email: report.email.clone(),
            device: Some(Text::const_new("Web")),
            join_time: Some(join_time),
            leave_time: leave_time.map(|time| Timestamp::from_seconds(time.as_seconds())),
            ..Participant::default()
        };
        let state = if report.ended { InstanceState::Past } else { InstanceState::Live };
        let mut facts = InstanceFacts::new(report.kind, InstanceRef::Uuid(report.instance_uuid.clone()));
        (facts.number, facts.state) = (report.number(), Some(state));
        if let (Some(number), Some(topic)) = (report.number(), &report.topic) {
            let mut details = Instance::new(report.kind, number, report.instance_uuid.clone(), state);
            details.topic = Some(topic.clone());
            facts.details = Some(details);
        }
        facts.participants.push(ParticipantFacts { participant, minutes });
        Ok(facts)
    }
}
