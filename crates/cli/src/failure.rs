use std::{error::Error, fmt, io, process::ExitCode};

use rollcall_archive::ArchiveError;
use rollcall_backup::BackupError;
use rollcall_ingest::IngestError;
use rollcall_lifecycle::seal::SealError;
use rollcall_sql::SqlError;
use rollcall_store::StoreError;

use crate::terminal::complain;

/// Why a command failed and what to do about it.
#[derive(Debug)]
pub(crate) struct Failure {
    message: String,
    /// Problems that have already been printed, line by line.
    silent: bool,
}

impl Failure {
    pub(crate) fn new(message: impl Into<String>) -> Self {
        Self { message: message.into(), silent: false }
    }

    /// Returns a failure whose details are already on standard error.
    pub(crate) fn reported() -> Self {
        Self { message: String::new(), silent: true }
    }

    /// Prefixes the error with what was being attempted.
    pub(crate) fn context(what: impl fmt::Display, error: &dyn Error) -> Self {
        Self::new(format!("{what}: {}", chain(error)))
    }

    /// Returns its message.
    pub(crate) fn into_message(self) -> String {
        self.message
    }

    /// Prints it on standard error and returns exit status 1.
    pub(crate) fn report(&self) -> ExitCode {
        if !self.silent {
            complain(format_args!("rollcall: {}", self.message));
        }
        ExitCode::from(1)
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

/// An error with its causes, each printed once.
fn chain(error: &dyn Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        let cause_text = cause.to_string();
        if !text.contains(&cause_text) {
            text = format!("{text}: {cause_text}");
        }
        source = cause.source();
    }
    text
}

macro_rules! from_error {
    ($($error:ty),+) => {
        $(impl From<$error> for Failure {
            fn from(error: $error) -> Self {
                Self::new(chain(&error))
            }
        })+
    };
}

from_error!(io::Error, ArchiveError, BackupError, SealError, StoreError, IngestError, SqlError);
