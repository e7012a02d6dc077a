//! The limit on failed sign-ins: wrong client secrets, bearer tokens and authorizations.
//!
//! Failures are counted per minute for each address and for each client. After too many, further ones get 429 until the
//! minute is over. Correct credentials still pass, so that a stranger behind the same address, or one who guesses at a
//! client's secret, locks nobody out. Only an address that floods is rejected without a lookup: then only credentials
//! that were correct within the last minutes pass.
//!
//! Passwords can be guessed, so their number is limited: each is counted before it is checked, and beyond the limit of
//! an address or a member none is checked. A member who signed in from the same address within the last minutes is not
//! locked out by strangers elsewhere.

use std::{
    collections::HashMap,
    hash::Hash,
    net::{IpAddr, Ipv6Addr},
    sync::{Mutex, MutexGuard, PoisonError},
};

use rollcall_model::{SecretHash, Timestamp};

/// Maximum number of addresses, clients and correct credentials that are remembered, each.
const REMEMBERED: usize = 16_384;
/// An address floods if its failures exceed the limit this many times.
const FLOOD: u32 = 20;
/// How long failures count, in seconds.
const WINDOW_SECONDS: i64 = 60;
/// Passwords that an address may try, and that may be tried for a member: this part of the limit.
const PASSWORDS: u32 = 3;
/// How long correct credentials pass a flood, in seconds.
const GOOD_SECONDS: i64 = 900;

/// Prefix length of IPv6 addresses: providers assign a /64 to each customer.
const IPV6_CLIENT_BITS: u32 = 64;

/// Returns the unit by which limits count an address: itself, or its /64 network for IPv6.
#[must_use]
pub fn network(ip: IpAddr) -> IpAddr {
    match ip.to_canonical() {
        IpAddr::V6(ip) => IpAddr::V6(Ipv6Addr::from_bits(ip.to_bits() >> IPV6_CLIENT_BITS << IPV6_CLIENT_BITS)),
        ip => ip,
    }
}

/// Kind of credentials.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Attempt {
    /// A bearer token.
    Token,
    /// A client's secret.
    Client,
    /// An authorization: its app, redirect URI, browser or code; and the code of an invitation.
    Authorize,
    /// A member's session, in a cookie.
    Session,
    /// A member's password.
    Password,
    /// A sign-in through a provider.
    Provider,
}

impl Attempt {
    /// All of them, in the order of their values.
    pub const ALL: [Self; 6] =
        [Self::Token, Self::Client, Self::Authorize, Self::Session, Self::Password, Self::Provider];

    /// Its name in metrics and logs.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Token => "token",
            Self::Client => "client",
            Self::Authorize => "authorize",
            Self::Session => "session",
            Self::Password => "password",
            Self::Provider => "provider",
        }
    }
}

/// An attempt to sign in.
#[derive(Debug, Clone, Copy)]
pub struct Knock<'k> {
    /// The kind of credentials.
    pub attempt: Attempt,
    /// The address; `None` if the server does not know it.
    pub address: Option<IpAddr>,
    /// The claimed client id.
    pub client: Option<&'k str>,
    /// The hash of the credentials.
    pub shown: SecretHash,
}

/// Rejected: there were too many failures.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Throttled {
    /// When to retry.
    pub retry_after_seconds: u32,
}

/// Counts failed sign-ins, in bounded memory.
pub(crate) struct Throttle {
    per_minute: u32,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    addresses: Windows<IpAddr>,
    clients: Windows<SecretHash>,
    /// Passwords from each address, and for each member.
    guessers: Windows<IpAddr>,
    guessed: Windows<SecretHash>,
    good: HashMap<SecretHash, i64>,
}

struct Windows<K>(HashMap<K, Window>);

impl<K> Default for Windows<K> {
    fn default() -> Self {
        Self(HashMap::new())
    }
}

#[derive(Clone, Copy)]
struct Window {
    start: i64,
    failures: u32,
}

impl Throttle {
    /// Allows this many failures per minute for each address and for each client.
    pub(crate) fn new(per_minute: u32) -> Self {
        Self { per_minute, state: Mutex::default() }
    }

    /// Called before any lookup. Rejects an address that floods, unless its credentials were correct recently.
    pub(crate) fn admit(&self, knock: Knock<'_>, now: Timestamp) -> Result<(), Throttled> {
        let Some(address) = knock.address.map(network) else { return Ok(()) };
        let now = now.as_seconds();
        let state = self.lock();
        match state.addresses.failures(&address, now) {
            Some(window) if window.failures >= self.per_minute.saturating_mul(FLOOD) => {
                let is_good = state.good.get(&knock.shown).is_some_and(|at| now - at < GOOD_SECONDS);
                if is_good { Ok(()) } else { Err(window.throttled(now)) }
            }
            _ => Ok(()),
        }
    }

    /// Records correct credentials.
    pub(crate) fn passed(&self, knock: Knock<'_>, now: Timestamp) {
        // Most are already remembered and need only a read.
        let now = now.as_seconds();
        let mut state = self.lock();
        if state.good.get(&knock.shown).is_some_and(|at| now - at < GOOD_SECONDS / 2) {
            return;
        }
        if state.good.len() >= REMEMBERED {
            state.good.retain(|_, at| now - *at < GOOD_SECONDS);
            if state.good.len() >= REMEMBERED {
                state.good.clear();
            }
        }
        state.good.insert(knock.shown, now);
    }

    /// Counts a password that is about to be checked, unless too many were. `knock.client` is the member's address, and
    /// `knock.shown` stands for member and place.
    pub(crate) fn guess(&self, knock: Knock<'_>, now: Timestamp) -> Result<(), Throttled> {
        let (now, limit) = (now.as_seconds(), (self.per_minute / PASSWORDS).max(1));
        let mut state = self.lock();
        let of_address = knock.address.map(|address| state.guessers.count(network(address), now));
        let of_member = knock.client.map(|member| state.guessed.count(SecretHash::of(member), now));
        let is_good = state.good.get(&knock.shown).is_some_and(|at| now - at < GOOD_SECONDS);
        drop(state);
        let is_full = |window: &Window| window.failures > limit;
        match of_address.filter(is_full).or(of_member.filter(|window| is_full(window) && !is_good)) {
            Some(window) => Err(window.throttled(now)),
            None => Ok(()),
        }
    }

    /// Takes back a counted password that was right.
    pub(crate) fn guessed_right(&self, knock: Knock<'_>, now: Timestamp) {
        let mut state = self.lock();
        if let Some(address) = knock.address {
            state.guessers.take_back(&network(address));
        }
        if let Some(member) = knock.client {
            state.guessed.take_back(&SecretHash::of(member));
        }
        drop(state);
        self.passed(knock, now);
    }

    /// Counts a failure. Returns whether to answer it normally or with a pause.
    pub(crate) fn failed(&self, knock: Knock<'_>, now: Timestamp) -> Result<(), Throttled> {
        let now = now.as_seconds();
        let mut state = self.lock();
        let of_address = knock.address.map(|address| state.addresses.count(network(address), now));
        let of_client = knock.client.map(|client| state.clients.count(SecretHash::of(client), now));
        drop(state);
        let mut verdict = Ok(());
        for (what, window) in [("address", of_address), ("client", of_client)] {
            let Some(window) = window else { continue };
            if window.failures == self.per_minute.saturating_add(1) {
                // Once a minute, without the credentials: a wrong secret may be another system's correct one.
                let address = knock.address.map(tracing::field::display);
                let attempt = knock.attempt.as_str();
                tracing::warn!(by = what, attempt, address, "too many failed sign-ins: throttled for this minute");
            }
            if window.failures > self.per_minute {
                verdict = Err(window.throttled(now));
            }
        }
        verdict
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<K: Hash + Eq + Copy> Windows<K> {
    fn failures(&self, key: &K, now: i64) -> Option<Window> {
        self.0.get(key).copied().filter(|window| window.is_open(now))
    }

    fn take_back(&mut self, key: &K) {
        if let Some(window) = self.0.get_mut(key) {
            window.failures = window.failures.saturating_sub(1);
        }
    }

    fn count(&mut self, key: K, now: i64) -> Window {
        if self.0.len() >= REMEMBERED && !self.0.contains_key(&key) {
            self.0.retain(|_, window| window.is_open(now));
            if self.0.len() >= REMEMBERED {
                // If there are more addresses than can be counted, those with the fewest failures are forgotten.
                let mut failures: Vec<u32> = self.0.values().map(|window| window.failures).collect();
                failures.sort_unstable();
                let least = failures[failures.len() / 2];
                self.0.retain(|_, window| window.failures > least);
            }
        }
        let window = self.0.entry(key).or_insert(Window { start: now, failures: 0 });
        if !window.is_open(now) {
            *window = Window { start: now, failures: 0 };
        }
        window.failures = window.failures.saturating_add(1);
        *window
    }
}

impl Window {
    const fn is_open(self, now: i64) -> bool {
        now < self.start + WINDOW_SECONDS && now >= self.start
    }

    fn throttled(self, now: i64) -> Throttled {
        let left = (self.start + WINDOW_SECONDS - now).clamp(1, WINDOW_SECONDS);
        Throttled { retry_after_seconds: u32::try_from(left).unwrap_or(1) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_seconds(seconds)
    }

    fn knock(address: &str, shown: &str) -> Knock<'static> {
        let address = Some(address.parse().unwrap());
        Knock { attempt: Attempt::Token, address, client: None, shown: SecretHash::of(shown) }
    }

    #[test]
    fn failures_are_throttled_for_the_minute_and_right_credentials_pass() {
        let throttle = Throttle::new(3);
        for _ in 0..3 {
            assert_eq!(throttle.failed(knock("192.0.2.1", "x"), at(10)), Ok(()));
        }
        assert_eq!(throttle.failed(knock("192.0.2.1", "x"), at(20)), Err(Throttled { retry_after_seconds: 50 }));
        assert_eq!(throttle.failed(knock("192.0.2.2", "x"), at(20)), Ok(()), "another address");
        assert_eq!(throttle.admit(knock("192.0.2.1", "right"), at(20)), Ok(()), "looked up, and let in if it is right");
        assert_eq!(throttle.failed(knock("192.0.2.1", "x"), at(70)), Ok(()), "the next minute");
    }

    #[test]
    fn a_flood_is_turned_away_unheard_but_for_who_was_right_before() {
        let throttle = Throttle::new(2);
        throttle.passed(knock("192.0.2.1", "known"), at(0));
        for _ in 0..=2 * FLOOD {
            let _ = throttle.failed(knock("192.0.2.1", "x"), at(0));
        }
        assert!(throttle.admit(knock("192.0.2.1", "unknown"), at(30)).is_err());
        assert_eq!(throttle.admit(knock("192.0.2.1", "known"), at(30)), Ok(()));
        assert_eq!(throttle.admit(knock("192.0.2.9", "unknown"), at(30)), Ok(()));
        assert_eq!(throttle.admit(knock("192.0.2.1", "unknown"), at(60)), Ok(()));
    }

    #[test]
    fn a_client_is_throttled_whatever_the_address_and_a_network_of_ipv6_is_one() {
        let throttle = Throttle::new(1);
        let client = |n: u8| Knock { client: Some("c"), ..knock(&format!("192.0.2.{n}"), "x") };
        assert_eq!(throttle.failed(client(1), at(0)), Ok(()));
        assert!(throttle.failed(client(2), at(0)).is_err());
        assert_eq!(throttle.failed(knock("2001:db8::1", "x"), at(0)), Ok(()));
        assert!(throttle.failed(knock("2001:db8::2", "x"), at(0)).is_err());
        assert_eq!(network("::ffff:192.0.2.1".parse().unwrap()), "192.0.2.1".parse::<IpAddr>().unwrap());
    }

    #[test]
    fn passwords_are_counted_before_they_are_checked_and_a_known_place_is_not_locked_out() {
        let throttle = Throttle::new(9);
        let guess = |address: &str, member: &'static str| Knock {
            attempt: Attempt::Password,
            client: Some(member),
            ..knock(address, &format!("{address} {member}"))
        };
        let ana = guess("192.0.2.1", "ana");
        for _ in 0..50 {
            assert_eq!(throttle.guess(ana, at(0)), Ok(()));
            throttle.guessed_right(ana, at(0));
        }
        for n in 0..3 {
            assert_eq!(throttle.guess(guess("192.0.2.9", ["ana", "bob", "eve"][n]), at(1)), Ok(()));
        }
        assert!(throttle.guess(guess("192.0.2.9", "kim"), at(1)).is_err(), "the address is full");
        for n in 10..20 {
            let _ = throttle.guess(guess(&format!("192.0.2.{n}"), "ana"), at(1));
        }
        assert!(throttle.guess(guess("192.0.2.30", "ana"), at(1)).is_err(), "so is the member, for strangers");
        assert_eq!(throttle.guess(ana, at(1)), Ok(()), "but not where she signed in before");
        for _ in 0..3 {
            let _ = throttle.guess(ana, at(1));
        }
        assert!(throttle.guess(ana, at(1)).is_err(), "where only so many are checked either");
        assert_eq!(throttle.guess(guess("192.0.2.30", "ana"), at(61)), Ok(()), "the next minute");
    }

    #[test]
    fn memory_is_bounded_and_the_worst_stay_known() {
        let throttle = Throttle::new(1);
        for _ in 0..5 {
            let _ = throttle.failed(knock("198.51.100.1", "x"), at(0));
        }
        for n in 0..3 * REMEMBERED as u32 {
            let address = IpAddr::V4((0x0a00_0000 + n).into());
            let _ = throttle.failed(Knock { address: Some(address), ..knock("10.0.0.1", "x") }, at(0));
            throttle.passed(knock("10.0.0.1", &n.to_string()), at(0));
        }
        let state = throttle.lock();
        assert!(state.addresses.0.len() <= REMEMBERED && state.good.len() <= REMEMBERED);
        assert!(state.addresses.0.contains_key(&"198.51.100.1".parse().unwrap()));
    }
}
