//! Shell completions and man pages, generated from the command line's own description.

use std::{fs, io, path::PathBuf};

use clap::Args;
use clap_complete::Shell;

use super::describe;
use crate::terminal::print;
use crate::{failure::Failure, terminal::written};

/// Print completions for a shell: rollcall completions bash > /etc/bash_completion.d/rollcall
#[derive(Debug, Args)]
pub(crate) struct Completions {
    /// Shell
    shell: Shell,
}

impl Completions {
    pub(super) fn run(self) -> Result<(), Failure> {
        let mut text = Vec::new();
        clap_complete::generate(self.shell, &mut describe(), "rollcall", &mut text);
        written(io::Write::write_all(&mut io::stdout(), &text))
    }
}

/// Write the man pages to a folder: rollcall man /usr/local/share/man/man1
#[derive(Debug, Args)]
pub(crate) struct Man {
    /// Folder, created if it does not exist
    folder: PathBuf,
}

impl Man {
    pub(super) fn run(self) -> Result<(), Failure> {
        let in_context = |error: io::Error| Failure::context(self.folder.display(), &error);
        fs::create_dir_all(&self.folder).map_err(in_context)?;
        clap_mangen::generate_to(describe(), &self.folder).map_err(in_context)?;
        print(format_args!("man pages written to {}", self.folder.display()))
    }
}
