//! The limit on instances created by pages: everybody who opens a page can read its token.

use std::{
    collections::HashMap,
    sync::{Mutex, PoisonError},
};

use rollcall_model::{AccountId, Timestamp, TokenId};

/// Counts the instances per minute that pages of each account, and with each token, create.
pub(crate) struct NewInstances {
    max_per_minute: u32,
    counted: Mutex<Counted>,
}

#[derive(Default)]
struct Counted {
    minute: i64,
    accounts: HashMap<AccountId, u32>,
    tokens: HashMap<TokenId, u32>,
}

/// How many times the limit of one token an account may use with all its tokens.
const TOKENS_OF_ACCOUNT: u32 = 4;

impl NewInstances {
    pub(crate) fn new(max_per_minute: u32) -> Self {
        Self { max_per_minute, counted: Mutex::default() }
    }

    /// Counts an instance that is about to be created, unless the minute is full.
    pub(crate) fn admit(&self, account: AccountId, token: TokenId, now: Timestamp) -> bool {
        let mut counted = self.counted.lock().unwrap_or_else(PoisonError::into_inner);
        let minute = now.as_seconds().div_euclid(60);
        if counted.minute != minute {
            *counted = Counted { minute, ..Counted::default() };
        }
        let of_token = counted.tokens.get(&token).copied().unwrap_or(0);
        let of_account = counted.accounts.get(&account).copied().unwrap_or(0);
        let admitted =
            of_token < self.max_per_minute && of_account < self.max_per_minute.saturating_mul(TOKENS_OF_ACCOUNT);
        if admitted {
            counted.tokens.insert(token, of_token + 1);
            counted.accounts.insert(account, of_account + 1);
        }
        admitted
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_that_floods_leaves_room_for_another_and_for_the_next_minute() {
        let limit = NewInstances::new(3);
        let at = Timestamp::from_seconds;
        let admitted =
            |account, token, now| (0..100).filter(|_| limit.admit(AccountId(account), TokenId(token), at(now))).count();
        assert_eq!((admitted(1, 1, 0), admitted(1, 2, 59), admitted(2, 9, 59)), (3, 3, 3));
        assert_eq!((3..20).map(|token| admitted(1, token, 59)).sum::<usize>(), 6, "twelve for the account");
        assert_eq!(admitted(1, 1, 60), 3);
    }
}
