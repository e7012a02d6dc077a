use std::{error::Error, fmt, io, process::ExitCode};

use rollcall_archive::ArchiveError;
use rollcall_backup::BackupError;
use rollcall_ingest::IngestError;
use rollcall_lifecycle::seal::SealError;
use rollcall_sql::SqlError;
use rollcall_store::StoreError;

use crate::terminal::complain;

/// Why a command failed, in words that tell its user what to do.
#[derive(Debug)]
pub(crate) struct Failure {
    message: String,
    /// What has been said already, line by line, and needs no last word.
    silent: bool,
}

impl Failure {
    pub(crate) fn new(message: impl Into<String>) -> Self {
        Self { message: message.into(), silent: false }
    }

    /// A failure whose particulars stand on standard error already.
    pub(crate) fn reported() -> Self {
        Self { message: String::new(), silent: true }
    }

    /// Puts what was being done before what went wrong.
    pub(crate) fn context(what: impl fmt::Display, error: &dyn Error) -> Self {
        Self::new(format!("{what}: {}", chain(error)))
    }

    /// What it says.
    pub(crate) fn into_message(self) -> String {
        self.message
    }

    /// Says it on standard error and answers exit status 1.
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

/// An error with its causes, each said once.
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
