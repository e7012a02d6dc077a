//! Passwords of members: what they must be, and their hashes.

use std::{
    fmt,
    sync::{
        Arc, LazyLock,
        atomic::{AtomicUsize, Ordering::Relaxed},
    },
};

use argon2::{Algorithm, Argon2, Params, PasswordHasher as _, PasswordVerifier as _, Version};
use rollcall_model::{Entropy, PasswordHash, draw};
use tokio::sync::Semaphore;

/// Least number of characters.
pub const MIN_PASSWORD_CHARS: usize = 12;
/// Most bytes.
pub const MAX_PASSWORD_BYTES: usize = 256;

/// Argon2id's parameters: 19 MiB and two passes, as OWASP recommends. A hash takes about 20 ms.
static PARAMS: LazyLock<Params> =
    LazyLock::new(|| Params::new(19 * 1024, 2, 1, None).expect("Argon2 accepts 19 MiB and two passes"));
/// How many hashes are computed at a time: each takes 19 MiB.
const AT_A_TIME: usize = 2;
/// How many may wait.
const WAITING: usize = 64;

/// Why a password is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BadPassword {
    /// It is shorter than [`MIN_PASSWORD_CHARS`].
    TooShort,
    /// It is longer than [`MAX_PASSWORD_BYTES`].
    TooLong,
    /// It is the address to sign in with.
    IsAddress,
}

impl fmt::Display for BadPassword {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::TooShort => write!(f, "Choose a password of at least {MIN_PASSWORD_CHARS} characters."),
            Self::TooLong => write!(f, "Choose a password of at most {MAX_PASSWORD_BYTES} bytes."),
            Self::IsAddress => f.write_str("Choose a password other than your email address."),
        }
    }
}

/// Checks a new password of the member with this address.
///
/// # Errors
/// [`BadPassword`] is the reason.
pub fn check_password(password: &str, email: &str) -> Result<(), BadPassword> {
    if password.chars().count() < MIN_PASSWORD_CHARS {
        Err(BadPassword::TooShort)
    } else if password.len() > MAX_PASSWORD_BYTES {
        Err(BadPassword::TooLong)
    } else if password.trim().to_lowercase() == email.to_lowercase() {
        Err(BadPassword::IsAddress)
    } else {
        Ok(())
    }
}

/// Too many passwords are waiting to be checked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Busy;

/// Hashes passwords on threads that may block, a few at a time.
pub(crate) struct Passwords {
    running: Arc<Semaphore>,
    waiting: AtomicUsize,
    /// The hash of a password that nobody knows.
    nobody: PasswordHash,
}

fn argon2() -> Argon2<'static> {
    Argon2::new(Algorithm::Argon2id, Version::V0x13, PARAMS.clone())
}

impl Passwords {
    pub(crate) fn new() -> Self {
        // Only its parameters matter: they make a check for an unknown address take as long as for a known one.
        let salt = "AAAAAAAAAAAAAAAAAAAAAA";
        let hash = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";
        let (memory, passes) = (PARAMS.m_cost(), PARAMS.t_cost());
        let nobody = PasswordHash(format!("$argon2id$v=19$m={memory},t={passes},p=1${salt}${hash}").into());
        Self { running: Arc::new(Semaphore::new(AT_A_TIME)), waiting: AtomicUsize::new(0), nobody }
    }

    /// Returns the hash of a password, under a salt of its own.
    pub(crate) async fn hash(&self, password: &str, entropy: &dyn Entropy) -> Result<PasswordHash, Busy> {
        let (password, salt) = (password.to_owned(), draw::<16>(entropy));
        self.run(move || argon2().hash_password_with_salt(password.as_bytes(), &salt).ok())
            .await?
            .map(|hash| PasswordHash(hash.to_string().into()))
            .ok_or(Busy)
    }

    /// Returns whether a password has this hash. Takes as long if there is no hash.
    pub(crate) async fn is_right(&self, password: &str, hash: Option<&PasswordHash>) -> Result<bool, Busy> {
        // A password that is too long was never accepted, and must not cost more than others.
        let fits = password.len() <= MAX_PASSWORD_BYTES;
        let password = if fits { password.to_owned() } else { String::new() };
        let known = hash.is_some() && fits;
        let PasswordHash(hash) = hash.unwrap_or(&self.nobody).clone();
        let matches = self.run(move || argon2().verify_password(password.as_bytes(), hash.as_str()).is_ok()).await?;
        Ok(matches && known)
    }

    async fn run<T: Send + 'static>(&self, work: impl FnOnce() -> T + Send + 'static) -> Result<T, Busy> {
        let _counted = Counted::of(&self.waiting)?;
        let permit = Arc::clone(&self.running).acquire_owned().await.map_err(|_| Busy)?;
        let work = tokio::task::spawn_blocking(move || {
            let _permit = permit;
            work()
        });
        work.await.map_err(|_| Busy)
    }
}

/// Counts one that waits, until it is dropped.
struct Counted<'c>(&'c AtomicUsize);

impl<'c> Counted<'c> {
    fn of(waiting: &'c AtomicUsize) -> Result<Self, Busy> {
        let counted = Self(waiting);
        if waiting.fetch_add(1, Relaxed) < WAITING { Ok(counted) } else { Err(Busy) }
    }
}

impl Drop for Counted<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use rollcall_model::SystemEntropy;

    use super::*;

    #[tokio::test]
    async fn a_password_has_the_hash_that_was_made_of_it_and_no_other() {
        let passwords = Passwords::new();
        let hash = passwords.hash("correct horse battery", &SystemEntropy).await.unwrap();
        let again = passwords.hash("correct horse battery", &SystemEntropy).await.unwrap();
        assert!(hash.0.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{}", hash.0);
        assert_ne!(hash, again, "each has a salt of its own");
        assert!(!format!("{hash:?}").contains("argon2"));
        assert_eq!(passwords.is_right("correct horse battery", Some(&hash)).await, Ok(true));
        for wrong in ["", "correct horse batter", "correct horse battery ", &"x".repeat(10_000)] {
            assert_eq!(passwords.is_right(wrong, Some(&hash)).await, Ok(false));
            assert_eq!(passwords.is_right(wrong, None).await, Ok(false));
        }
    }

    #[test]
    fn a_check_for_nobody_computes_a_whole_hash() {
        let PasswordHash(nobody) = Passwords::new().nobody;
        let wrong = argon2().verify_password(b"x", nobody.as_str());
        assert_eq!(wrong, Err(argon2::password_hash::Error::PasswordInvalid), "and not an error about its form");
    }

    #[tokio::test]
    async fn too_many_at_once_are_refused() {
        let passwords = Passwords::new();
        passwords.waiting.store(WAITING, Relaxed);
        assert_eq!(passwords.is_right("x", None).await, Err(Busy));
        assert_eq!(passwords.waiting.load(Relaxed), WAITING);
    }

    #[test]
    fn a_password_is_long_and_is_not_the_address() {
        let check = |password: &str| check_password(password, "ana.maria@example.com");
        assert_eq!(check("elevenchars"), Err(BadPassword::TooShort));
        assert_eq!(check("twelve chars"), Ok(()));
        assert_eq!(check("ååååååååååå"), Err(BadPassword::TooShort), "characters count, not bytes");
        assert_eq!(check(&"x".repeat(257)), Err(BadPassword::TooLong));
        assert_eq!(check("Ana.Maria@example.com"), Err(BadPassword::IsAddress));
    }
}
