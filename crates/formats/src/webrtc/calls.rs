//! Ongoing calls, and the facts that each report of a page adds.

use std::{
    collections::HashMap,
    sync::{Mutex, PoisonError},
};

use rollcall_model::{
    AccountId, Instance, InstanceFacts, InstanceRef, InstanceState, Minute, Participant, ParticipantFacts, Source,
    Text, Timestamp,
};

use super::{Report, WrongReport, call::Call, instant};

/// Maximum numbers of remembered pages. A page that is evicted continues with its next sample but one.
#[derive(Debug, Clone, Copy)]
pub struct CallLimits {
    /// Per account.
    pub pages_per_account: usize,
    /// Memory of one account's pages.
    pub bytes_per_account: usize,
    /// Memory of all accounts' pages.
    pub bytes: usize,
}

impl Default for CallLimits {
    fn default() -> Self {
        Self { pages_per_account: 10_000, bytes_per_account: 16 << 20, bytes: 64 << 20 }
    }
}

/// Ongoing calls. Each page and each account uses bounded memory. An account that exceeds its share evicts only its own
/// pages.
#[derive(Debug, Default)]
pub struct Calls {
    limits: CallLimits,
    accounts: Mutex<HashMap<AccountId, Pages>>,
}

/// The pages of one account.
#[derive(Debug, Default)]
struct Pages {
    calls: HashMap<Key, Remembered>,
    bytes: usize,
}

/// Pages of different sources are separate, so that nobody adds to a trusted page's counters.
type Key = (Source, Text, Text);

#[derive(Debug)]
struct Remembered {
    call: Call,
    /// The page's clock offset as first measured: the keys of its facts must not change.
    clock_offset: i64,
    used_at: Timestamp,
    bytes: usize,
}

impl Calls {
    /// Creates a cache of pages with these limits.
    #[must_use]
    pub fn new(limits: CallLimits) -> Self {
        Self { limits, accounts: Mutex::default() }
    }

    /// Returns what a page's report adds: the participant, and the minutes known so far. Writing them again, or
    /// receiving the report again, does no harm.
    ///
    /// # Errors
    /// Contains the invalid field; nothing of the report was added then.
    pub fn take(
        &self,
        account: AccountId,
        source: Source,
        report: &Report<'_>,
        now: Timestamp,
    ) -> Result<InstanceFacts, WrongReport> {
        let key = (source, Text::from(report.instance_uuid.as_str()), report.page.clone());
        let mut accounts = self.accounts.lock().unwrap_or_else(PoisonError::into_inner);
        let known = accounts.get(&account).and_then(|pages| pages.calls.get(&key));
        let offset = known.map_or_else(|| report.clock_offset(now), |remembered| remembered.clock_offset);
        let time = |field: &str, at: f64| instant(field, at, offset, now);
        let mut samples = Vec::with_capacity(report.samples.len());
        for (index, sample) in report.samples.iter().enumerate() {
            samples.push((time(&format!("samples[{index}].at"), sample.at)?, sample));
        }
        samples.sort_by_key(|(at, _)| *at);
        // A call may have begun more than an hour ago.
        let joined = Timestamp::from_millis((report.joined_at as i64).saturating_add(offset));
        if !(report.joined_at.is_finite() && joined.as_millis() > 0 && joined <= now.plus_seconds(60)) {
            return Err(WrongReport::new("joined_at", "not a time before now, in milliseconds since 1970"));
        }
        let join_time = Timestamp::from_seconds(joined.as_seconds());
        let leave_time = report.left_at.map(|at| time("left_at", at)).transpose()?;

        let mut call = accounts.get_mut(&account).and_then(|pages| pages.forget(&key)).unwrap_or_default();
        let mut changed: Vec<Minute> = samples.iter().flat_map(|(at, sample)| call.add(*at, sample)).collect();
        changed.sort_unstable();
        changed.dedup();
        let minutes = changed.iter().filter_map(|minute| call.minute(*minute)).collect();
        if leave_time.is_none() {
            let bytes = size_of::<(Key, Remembered)>() + key.1.len() + key.2.len() + call.heap_bytes();
            let remembered = Remembered { call, clock_offset: offset, used_at: now, bytes };
            accounts.entry(account).or_default().remember(key, remembered);
            self.make_room(&mut accounts, account);
        }
        drop(accounts);

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
        (facts.source, facts.number, facts.state) = (source, report.number(), Some(state));
        if let (Some(number), Some(topic)) = (report.number(), report.topic()) {
            let mut details = Instance::new(report.kind, number, report.instance_uuid.clone(), state);
            details.topic = Some(topic.clone());
            facts.details = Some(details);
        }
        facts.participants.push(ParticipantFacts { participant, minutes });
        Ok(facts)
    }

    /// Evicts pages of an account with too many, or of the largest account if the total is too large.
    fn make_room(&self, accounts: &mut HashMap<AccountId, Pages>, account: AccountId) {
        let CallLimits { pages_per_account, bytes_per_account, bytes } = self.limits;
        if let Some(pages) = accounts.get_mut(&account)
            && (pages.calls.len() > pages_per_account || pages.bytes > bytes_per_account)
        {
            pages.forget_oldest_quarter();
        }
        if accounts.values().map(|pages| pages.bytes).sum::<usize>() > bytes
            && let Some(most) = accounts.values_mut().max_by_key(|pages| pages.bytes)
        {
            most.forget_oldest_quarter();
        }
        accounts.retain(|_, pages| !pages.calls.is_empty());
    }
}

impl Pages {
    fn remember(&mut self, key: Key, remembered: Remembered) {
        self.bytes += remembered.bytes;
        self.calls.insert(key, remembered);
    }

    fn forget(&mut self, key: &Key) -> Option<Call> {
        let forgotten = self.calls.remove(key)?;
        self.bytes -= forgotten.bytes;
        Some(forgotten.call)
    }

    fn forget_oldest_quarter(&mut self) {
        let mut uses: Vec<Timestamp> = self.calls.values().map(|remembered| remembered.used_at).collect();
        uses.sort_unstable();
        let Some(oldest) = uses.get(uses.len() / 4).copied() else { return };
        // Pages used at the same instant are evicted, too, but never all: a flood may arrive within one instant.
        let mut left = self.calls.len() / 4 + 1;
        self.calls.retain(|_, remembered| {
            let goes = left > 0 && remembered.used_at <= oldest;
            left -= usize::from(goes);
            self.bytes -= if goes { remembered.bytes } else { 0 };
            !goes
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn body(page: usize) -> String {
        let stat =
            |id: usize| format!(r#"{{"id":"{id}","type":"inbound-rtp","kind":"video","ssrc":{id},"bytesReceived":1}}"#);
        let reports = (0..250).map(stat).collect::<Vec<_>>().join(",");
        format!(
            r#"{{"sent_at":1000000000000,"page":"{page}","instance_uuid":"a==","user_id":"u","joined_at":1000000000000,
               "samples":[{{"at":1000000000000,"reports":[{reports}]}}]}}"#
        )
    }

    #[test]
    fn a_flood_of_one_account_evicts_no_page_of_another_and_stays_within_its_bytes() {
        let calls = Calls::new(CallLimits { pages_per_account: 50, bytes_per_account: 1 << 20, bytes: 2 << 20 });
        let now = Timestamp::from_seconds(1_000_000_000);
        let take = |account, page| {
            let body = body(page);
            calls.take(AccountId(account), Source::Page, &Report::read(body.as_bytes()).unwrap(), now).unwrap();
        };
        take(1, 0);
        for page in 0..2_000 {
            take(2, page);
        }
        let accounts = calls.accounts.lock().unwrap();
        assert!(accounts[&AccountId(1)].calls.keys().any(|(_, _, page)| page == "0"));
        let flood = &accounts[&AccountId(2)];
        assert!((1..=50).contains(&flood.calls.len()), "{}", flood.calls.len());
        let most = flood.calls.values().map(|remembered| remembered.bytes).max().unwrap();
        assert!(most <= 16 << 10, "a page may take {most} bytes");
    }
}
