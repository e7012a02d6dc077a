//! Secrets of vendors, as commands are given them.

use std::{
    fs,
    io::{self, IsTerminal as _, Read as _},
    path::{Path, PathBuf},
};

use clap::Args;
use rollcall_model::Secret;

use crate::failure::Failure;

/// Maximum length of a secret: vendors' have some dozens of characters, their tokens some hundreds or more.
const MAX_SECRET_BYTES: u64 = 1024;
const MAX_TOKEN_BYTES: u64 = 8192;

/// Where to read a secret from. It is not an argument, because everybody on the machine can read those.
#[derive(Debug, Args)]
#[group(multiple = false)]
pub(crate) struct SecretSource {
    /// Read the secret from a file instead of standard input
    #[arg(long, value_name = "FILE")]
    secret_file: Option<PathBuf>,
    /// Read the secret from an environment variable instead of standard input
    #[arg(long, value_name = "NAME")]
    secret_env: Option<String>,
}

impl SecretSource {
    /// Returns whether an option names a source.
    pub(crate) const fn is_named(&self) -> bool {
        self.secret_file.is_some() || self.secret_env.is_some()
    }

    /// Reads the secret.
    pub(crate) fn read(&self) -> Result<Secret, Failure> {
        let text = match self {
            Self { secret_file: Some(path), .. } => read_file(path, MAX_SECRET_BYTES)?,
            Self { secret_env: Some(name), .. } => read_variable(name)?,
            _ => read_stdin()?,
        };
        checked(&text)
    }
}

/// Reads a secret from a file, which may be as long as a token.
pub(crate) fn secret_in_file(path: &Path) -> Result<Secret, Failure> {
    checked(&read_file(path, MAX_TOKEN_BYTES)?)
}

/// Reads a secret from an environment variable.
pub(crate) fn secret_in_variable(name: &str) -> Result<Secret, Failure> {
    checked(&read_variable(name)?)
}

fn read_variable(name: &str) -> Result<String, Failure> {
    std::env::var(name).map_err(|_| Failure::new(format!("environment variable {name} is not set or not text")))
}

fn checked(text: &str) -> Result<Secret, Failure> {
    let secret = text.trim();
    if secret.is_empty() {
        return Err(Failure::new("the secret is empty: pass the one that the vendor shows, on standard input"));
    }
    if secret.lines().count() > 1 {
        return Err(Failure::new("the secret has several lines; a vendor's has one"));
    }
    Ok(Secret::new(secret.to_owned()))
}

fn read_file(path: &Path, max_bytes: u64) -> Result<String, Failure> {
    fs::File::open(path)
        .and_then(|file| read(file, max_bytes))
        .map_err(|error| Failure::context(path.display(), &error))
}

#[expect(clippy::print_stderr, reason = "a prompt is not part of the output")]
fn read_stdin() -> Result<String, Failure> {
    let stdin = io::stdin();
    let line = if stdin.is_terminal() {
        eprintln!("Paste the vendor's secret and press Enter:");
        let mut line = String::new();
        stdin.read_line(&mut line).map(|_| line)
    } else {
        read(stdin, MAX_SECRET_BYTES)
    };
    line.map_err(|error| Failure::context("standard input", &error))
}

fn read(input: impl io::Read, max_bytes: u64) -> io::Result<String> {
    let mut text = String::new();
    input.take(max_bytes + 1).read_to_string(&mut text)?;
    if text.len() as u64 > max_bytes {
        return Err(io::Error::new(io::ErrorKind::InvalidData, "the secret is too long"));
    }
    Ok(text)
}
