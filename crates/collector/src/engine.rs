//! Reads lists: which next, page by page, and what is stored of each.

use std::{
    collections::{BTreeMap, BTreeSet, HashSet, VecDeque},
    sync::{Arc, Mutex, PoisonError, atomic::Ordering::Relaxed},
    time::Duration,
};

use rollcall_client::{Answer, Call, CallError, Next, Refusal, RefusalKind};
use rollcall_import::{Exchange, Request, Summary, Written};
use rollcall_model::{Operation, RateLabel, Text, Timestamp, Vendor};
use rollcall_store::{ListId, NewList, PageDone, Unread, WaitingList, WaitingQuery};
use serde::de::IgnoredAny;
use serde_json::value::RawValue;
use sha2::{Digest as _, Sha256};
use tokio::{sync::Notify, task::JoinSet};
use tokio_util::sync::CancellationToken;

use crate::{
    compare,
    gaps::{self, Meaning},
    lists::{ONE_LANE, STEP_MEETING},
    run::{CollectError, Run, ended},
    webex, zoom,
};

/// Lists of a lane that are read at the same time, and that are fetched at once.
const AT_ONCE: usize = 64;
const FETCHED: usize = 128;
/// What the vendor drops within this time comes before anything else.
const SOON_SECONDS: i64 = 7 * 86_400;
/// How long a list waits after it failed, doubled each time, and at most.
const FAILED_PAUSE_SECONDS: i64 = 600;
const LONGEST_PAUSE_SECONDS: i64 = 6 * 3_600;
/// How long a list waits for what it refers to, and how often.
const EARLY_PAUSE_SECONDS: i64 = 2;
const EARLY_TRIES: u32 = 5;
/// A run waits for lists that are due this soon.
const PATIENCE_SECONDS: i64 = 15;
/// A record that the vendor does not have may come until the data are this old.
const RECENT_SECONDS: i64 = 86_400;
/// How often a list is begun again because its page token was not valid.
const RESTARTS: u32 = 3;
/// Interval in which what is in progress is read.
const LIVE_EVERY: Duration = Duration::from_secs(60);

/// The result of reading every list that could be read.
#[derive(Debug, Default)]
pub(crate) struct Drained {
    /// When the first pool that is used up is filled again.
    pub(crate) used_up_until: Option<Timestamp>,
    refused: BTreeSet<&'static str>,
}

impl Drained {
    /// Returns whether every request of the operation is refused.
    pub(crate) fn refuses(&self, operation: &Operation) -> bool {
        self.refused.contains(operation.id)
    }
}

/// What the lists of a run share.
#[derive(Default)]
struct Shared {
    /// Lists may have been planned.
    planned: Notify,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    /// Successes and refusals of each operation.
    outcomes: BTreeMap<&'static str, (u64, u32)>,
    refused: BTreeSet<&'static str>,
}

/// How a list ended.
enum Outcome {
    /// It was read, refused, or will be tried later.
    Dealt,
    /// Its lane stops until then.
    UsedUp(Timestamp),
}

/// A lane's lists.
#[derive(Default)]
struct Lane {
    queue: VecDeque<WaitingList>,
    in_flight: HashSet<ListId>,
    /// Whether the store may have more.
    is_open: bool,
    stopped_until: Option<Timestamp>,
}

/// Reads the lists that wait until there are none, up to a step if it is given.
pub(crate) async fn drain(
    run: &Arc<Run>,
    stop: &CancellationToken,
    max_step: Option<u8>,
) -> Result<Drained, CollectError> {
    let shared = Arc::new(Shared::default());
    let names: Vec<&'static str> = match run.connection.settings.vendor {
        // What names others comes first where several lanes compete for a pool.
        Vendor::Zoom => [RateLabel::ResourceIntensive, RateLabel::Medium, RateLabel::Light, RateLabel::Heavy]
            .map(RateLabel::as_str)
            .into(),
        Vendor::Webex => vec![ONE_LANE],
    };
    let mut lanes: BTreeMap<&'static str, Lane> =
        names.iter().map(|name| (*name, Lane { is_open: true, ..Lane::default() })).collect();
    // Each list has a task of its own, which goes on while this one waits for the store.
    let mut reading = JoinSet::new();
    let mut live = tokio::time::interval(LIVE_EVERY);
    live.reset();
    loop {
        for name in &names {
            let Some(lane) = lanes.get_mut(name) else { continue };
            lane.fill(run, name, max_step).await?;
            while lane.in_flight.len() < AT_ONCE
                && let Some(list) = lane.queue.pop_front()
            {
                lane.in_flight.insert(list.id);
                let (name, id) = (*name, list.id);
                let (run, shared) = (Arc::clone(run), Arc::clone(&shared));
                reading.spawn(async move { Ok((name, id, read(&run, &shared, list).await?)) });
            }
        }
        if reading.is_empty() {
            match wait_for_due(run, &mut lanes, max_step, stop).await? {
                true => continue,
                false => break,
            }
        }
        tokio::select! {
            Some(read) = reading.join_next() => {
                let (name, id, outcome) = ended(read)?;
                let Some(lane) = lanes.get_mut(name) else { continue };
                lane.in_flight.remove(&id);
                lane.is_open = true;
                if let Outcome::UsedUp(until) = outcome {
                    lane.stopped_until = Some(until);
                    lane.queue.clear();
                }
            }
            () = shared.planned.notified() => lanes.values_mut().for_each(|lane| lane.is_open = true),
            _ = live.tick(), if run.connection.settings.follows_live && max_step.is_none() => {
                run.plan_live().await?;
                shared.planned.notify_one();
            }
            () = stop.cancelled() => break,
        }
        if stop.is_cancelled() {
            break;
        }
    }
    let used_up_until = lanes.values().filter_map(|lane| lane.stopped_until).min();
    let refused = std::mem::take(&mut shared.state.lock().unwrap_or_else(PoisonError::into_inner).refused);
    Ok(Drained { used_up_until, refused })
}

impl Lane {
    /// Fetches lists if there are too few.
    async fn fill(&mut self, run: &Run, name: &str, max_step: Option<u8>) -> Result<(), CollectError> {
        let has_enough = self.queue.len() + self.in_flight.len() >= AT_ONCE;
        if self.stopped_until.is_some() || !self.is_open || has_enough {
            return Ok(());
        }
        let now = run.now();
        // A long list, such as the quality of a large webinar, does not keep the next step from beginning.
        let known: Vec<ListId> = self.in_flight.iter().copied().chain(self.queue.iter().map(|list| list.id)).collect();
        let soon = now.plus_seconds(SOON_SECONDS);
        let query = WaitingQuery { lane: name, now, expiring_before: soon, without: &known };
        let found = run.store().waiting_lists(run.connection_id(), query, FETCHED).await?;
        let before = self.queue.len();
        self.queue.extend(found.into_iter().filter(|list| max_step.is_none_or(|max_step| list.list.step <= max_step)));
        self.is_open = self.queue.len() > before;
        Ok(())
    }
}

/// Waits a little for lists that are due soon. Returns whether there are any.
async fn wait_for_due(
    run: &Run,
    lanes: &mut BTreeMap<&'static str, Lane>,
    max_step: Option<u8>,
    stop: &CancellationToken,
) -> Result<bool, CollectError> {
    let later = run.now().plus_seconds(PATIENCE_SECONDS);
    for (name, lane) in lanes.iter_mut().filter(|(_, lane)| lane.stopped_until.is_none()) {
        let due = run.store().waiting_lists(run.connection_id(), WaitingQuery::of(name, later), 1).await?;
        if due.iter().any(|list| max_step.is_none_or(|max_step| list.list.step <= max_step)) {
            lane.is_open = true;
            tokio::select! {
                () = tokio::time::sleep(Duration::from_secs(1)) => {}
                () = stop.cancelled() => return Ok(false),
            }
            return Ok(true);
        }
    }
    Ok(false)
}

/// Reads a list from where it continues to its end.
async fn read(run: &Run, shared: &Shared, mut list: WaitingList) -> Result<Outcome, CollectError> {
    let Ok(first) = Call::parse(run.connection.settings.vendor, &list.list.target) else {
        // It was planned by another version.
        run.store().list_unread(list.id, &Unread::Refused, run.now()).await?;
        return Ok(Outcome::Dealt);
    };
    let mut restarts = 0;
    loop {
        let next = list.next.as_deref().map(|next| Next::parse(run.connection.settings.vendor, next));
        let call = next.as_ref().map_or_else(|| first.clone(), |next| first.at(next));
        if shared.state.lock().unwrap_or_else(PoisonError::into_inner).refused.contains(call.operation().id) {
            run.store().list_unread(list.id, &Unread::Refused, run.now()).await?;
            return Ok(Outcome::Dealt);
        }
        match run.client.send(&call).await {
            Ok(answer) => {
                if shared.note_success(call.operation()) {
                    // What was in the way of all of its requests is not any more.
                    run.store().fill_gap(run.connection_id(), call.operation().path).await?;
                }
                if !take(run, shared, &call, &mut list, answer).await? {
                    return Ok(Outcome::Dealt);
                }
            }
            Err(CallError::UsedUp { until }) => return Ok(Outcome::UsedUp(until)),
            Err(CallError::Token(error)) => return Err(error.into()),
            Err(CallError::Ledger(error)) => return Err(CollectError::Task(error)),
            Err(CallError::Failing { reason, .. }) => {
                let now = run.now();
                put_gap(run, &gaps::failing(&first, &reason, now)).await?;
                put_off(run, &list, FAILED_PAUSE_SECONDS, now).await?;
                return Ok(Outcome::Dealt);
            }
            Err(CallError::Refused(refusal)) => match refused(run, shared, &first, &list, &refusal).await? {
                Some(()) if restarts < RESTARTS => {
                    restarts += 1;
                    run.store().list_unread(list.id, &Unread::Restart, run.now()).await?;
                    (list.next, list.pages, list.entries) = (None, 0, 0);
                }
                Some(()) => {
                    put_off(run, &list, FAILED_PAUSE_SECONDS, run.now()).await?;
                    return Ok(Outcome::Dealt);
                }
                None => return Ok(Outcome::Dealt),
            },
        }
    }
}

impl Shared {
    /// Notes a success. Returns whether it is the operation's first.
    fn note_success(&self, operation: &'static Operation) -> bool {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        let (successes, _) = state.outcomes.entry(operation.id).or_default();
        *successes += 1;
        *successes == 1
    }

    /// Notes a refusal. Returns whether the operation has never succeeded, and was refused often enough to say that it
    /// always is.
    fn note_refusal(&self, operation: &'static Operation) -> bool {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        let (successes, refusals) = state.outcomes.entry(operation.id).or_default();
        *refusals += 1;
        *successes == 0 && *refusals >= gaps::TELLING_REFUSALS
    }
}

/// Deals with a refusal. Returns whether the list is to be begun again.
async fn refused(
    run: &Run,
    shared: &Shared,
    call: &Call,
    list: &WaitingList,
    refusal: &Refusal,
) -> Result<Option<()>, CollectError> {
    let (operation, now) = (call.operation(), run.now());
    match gaps::meaning(operation, refusal) {
        Meaning::Stop => Err(CollectError::TokenRefused(run.connection.settings.vendor)),
        Meaning::Restart => Ok(Some(())),
        Meaning::Nothing => {
            let (account, connection) = (run.account(), run.connection_id());
            run.store().page_done(account, connection, list.id, &PageDone::default(), now).await?;
            Ok(None)
        }
        meaning => {
            let is_telling = refusal.kind == RefusalKind::Scope && shared.note_refusal(operation);
            if meaning == Meaning::OperationGap || is_telling {
                let is_first = {
                    let mut state = shared.state.lock().unwrap_or_else(PoisonError::into_inner);
                    state.refused.insert(operation.id)
                };
                run.store().list_unread(list.id, &Unread::Refused, now).await?;
                if is_first {
                    let waiting = run.store().refuse_operation(run.connection_id(), operation.id, now).await?;
                    put_gap(run, &gaps::operation_refused(operation, refusal, waiting, now)).await?;
                }
                return Ok(None);
            }
            put_gap(run, &gaps::refused(call, refusal, now)).await?;
            let is_recent = list.list.at.is_some_and(|at| at > now.minus_seconds(RECENT_SECONDS));
            if is_recent && refusal.kind == RefusalKind::NotFound {
                put_off(run, list, FAILED_PAUSE_SECONDS, now).await?;
            } else {
                run.store().list_unread(list.id, &Unread::Refused, now).await?;
            }
            Ok(None)
        }
    }
}

async fn put_gap(run: &Run, gap: &rollcall_store::Gap) -> Result<(), CollectError> {
    run.gaps.fetch_add(1, Relaxed);
    tracing::debug!(reason = gap.reason.as_str(), "a gap");
    run.store().put_gap(run.account(), run.connection_id(), gap).await?;
    Ok(())
}

async fn put_off(run: &Run, list: &WaitingList, seconds: i64, now: Timestamp) -> Result<(), CollectError> {
    let seconds = (seconds << list.failures.min(10)).min(LONGEST_PAUSE_SECONDS);
    run.store().list_unread(list.id, &Unread::Later(now.plus_seconds(seconds)), now).await?;
    Ok(())
}

/// Writes a page and stores the cursor behind it. Returns whether the list goes on.
async fn take(
    run: &Run,
    shared: &Shared,
    call: &Call,
    list: &mut WaitingList,
    answer: Answer,
) -> Result<bool, CollectError> {
    let now = run.now();
    let entries = entries_of(&answer.body);
    let hash = hash_of(&answer);
    let place = usize::try_from(list.pages).unwrap_or(usize::MAX);
    let mut page = PageDone {
        next: answer.next.as_ref().map(|next| next.as_str().into()),
        hash,
        entries,
        follow: Vec::new(),
        unknown: Vec::new(),
    };
    let mut problems = Vec::new();
    // A page that is as it was has been written.
    if list.hashes.get(place) != Some(&hash) {
        let before = compare::before(run, call.operation().id, list.list.about.as_ref()).await?;
        match write(run, call, &answer, &mut page, &mut problems).await? {
            Written::Whole => {}
            Written::TooEarly(_) if list.failures < EARLY_TRIES => {
                let later = Unread::Later(now.plus_seconds(EARLY_PAUSE_SECONDS));
                run.store().list_unread(list.id, &later, now).await?;
                return Ok(false);
            }
            Written::Refused(reason) | Written::TooEarly(reason) => problems.push(reason),
        }
        if let (Some(before), Some(about)) = (before, &list.list.about) {
            compare::times(run, about, &answer.body, &before, now).await?;
        }
        if !problems.is_empty() {
            page.hash = 0;
        }
    }
    if list.list.step <= STEP_MEETING {
        page.follow = follow(run, call, &answer.body).await?;
    } else if page.next.is_none() && call.operation().id == rollcall_webex::operations::LIST_MEETING_PARTICIPANTS.id {
        page.follow.extend(webex::after_participants(&list.list, run.began_at()));
    }
    run.store().page_done(run.account(), run.connection_id(), list.id, &page, now).await?;
    run.entries.fetch_add(entries, Relaxed);
    if !page.follow.is_empty() {
        shared.planned.notify_one();
    }
    if !problems.is_empty() {
        put_gap(run, &gaps::unreadable(call, &problems, now)).await?;
    }
    (list.next, list.pages, list.entries) = (page.next, list.pages + 1, list.entries + entries);
    if list.next.is_some() {
        return Ok(true);
    }
    if let Some(about) = &list.list.about {
        let operation = call.operation().id;
        compare::counts(run, operation, about, list.list.expected, list.entries, now).await?;
    }
    Ok(false)
}

/// Writes the facts of a response.
async fn write(
    run: &Run,
    call: &Call,
    answer: &Answer,
    page: &mut PageDone,
    problems: &mut Vec<String>,
) -> Result<Written, CollectError> {
    let request: Request = match call.to_string().parse() {
        Ok(request) => request,
        Err(error) => return Ok(Written::Refused(error.to_string())),
    };
    let exchange = Exchange { request, body: answer.body.to_vec() };
    let mut summary = Summary::default();
    let written = run.importer.write_exchange(&exchange, &mut summary, problems).await?;
    page.unknown = summary.unkept.iter().map(|(path, count)| (Text::from(path.as_str()), *count)).collect();
    Ok(written)
}

/// Returns the lists that follow from a response.
async fn follow(run: &Run, call: &Call, body: &[u8]) -> Result<Vec<NewList>, CollectError> {
    let (began_at, lookback_days) = (run.began_at(), run.connection.settings.lookback_days);
    Ok(match run.connection.settings.vendor {
        Vendor::Zoom => zoom::follow(call, body, began_at, lookback_days, run.listing()),
        Vendor::Webex => {
            let sites = run.store().sites(run.account()).await?;
            webex::follow(call, body, began_at, lookback_days, &sites)
        }
    })
}

/// Returns the number of entries of a response: of its longest list, or one.
fn entries_of(body: &[u8]) -> u64 {
    let Ok(values) = serde_json::from_slice::<BTreeMap<String, &RawValue>>(body) else { return 0 };
    let lists = values.values().filter(|value| value.get().starts_with('['));
    let lengths = lists.filter_map(|list| serde_json::from_str::<Vec<IgnoredAny>>(list.get()).ok());
    lengths.map(|list| list.len() as u64).max().unwrap_or(1)
}

/// Returns a hash of a response without its page token, which is new each time.
fn hash_of(answer: &Answer) -> u64 {
    let mut hash = Sha256::new();
    match &answer.next {
        Some(Next::Token(token)) => {
            let text = String::from_utf8_lossy(&answer.body);
            text.split(token.as_str()).for_each(|part| hash.update(part.as_bytes()));
        }
        _ => hash.update(&answer.body),
    }
    let bytes: [u8; 32] = hash.finalize().into();
    bytes.first_chunk().map_or(0, |first| u64::from_le_bytes(*first)).max(1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pages_hash_does_not_depend_on_its_token() {
        let answer = |token: &str, topic: &str| Answer {
            body: format!(r#"{{"next_page_token":"{token}","meetings":[{{"topic":"{topic}"}}]}}"#).into(),
            next: Some(Next::Token(token.to_owned())),
        };
        assert_eq!(hash_of(&answer("a1", "x")), hash_of(&answer("b2", "x")));
        assert_ne!(hash_of(&answer("a1", "x")), hash_of(&answer("a1", "y")));
    }

    #[test]
    fn entries_are_those_of_the_longest_list() {
        assert_eq!(entries_of(br#"{"a":[1,2],"b":[1,{"c":[1,2,3]},3],"d":1}"#), 3);
        assert_eq!(entries_of(br#"{"id":1}"#), 1);
        assert_eq!(entries_of(br#"{"users":[]}"#), 0);
    }
}
