use std::{
    fs,
    io::{self, Write as _},
    path::{Path, PathBuf},
    process::ExitCode,
};

use clap::Args;
use rollcall_quality::Profile;
use rollcall_sql::serve_queries;

/// Memory of a worker beyond that of its query: pages of minutes, and the response's next pieces.
const OWN_BYTES: u64 = 128 << 20;
/// Makes the system prefer the server to this process.
const NICE: i32 = 5;

/// Run queries for a server, over standard input and output
#[derive(Debug, Args)]
pub(crate) struct SqlWorker {
    /// Database
    #[arg(long)]
    database: PathBuf,
    /// Limits that make a minute an issue
    #[arg(long)]
    profile: String,
    /// Memory limit of a query, in bytes
    #[arg(long)]
    memory: u64,
}

impl SqlWorker {
    /// Returns the arguments that start a worker.
    pub(super) fn arguments(database: &Path, profile: Profile, memory: u64) -> Vec<std::ffi::OsString> {
        let mut arguments: Vec<std::ffi::OsString> = vec!["sql-worker".into()];
        for (flag, value) in [
            ("--database", database.as_os_str()),
            ("--profile", profile.name.as_ref()),
            ("--memory", memory.to_string().as_ref()),
        ] {
            arguments.push(flag.into());
            arguments.push(value.to_owned());
        }
        arguments
    }

    /// Runs until the server closes the pipe.
    pub(crate) fn run(&self) -> ExitCode {
        match self.serve() {
            Ok(()) => ExitCode::SUCCESS,
            Err(error) => {
                // The worker has no log; the server's log says that it ended.
                let _ = writeln!(io::stderr(), "rollcall sql-worker: {error}");
                ExitCode::FAILURE
            }
        }
    }

    fn serve(&self) -> io::Result<()> {
        // A service manager signals every process of the server; the server ends this one.
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        let _ignored = runtime.block_on(async { ignore_signals() })?;
        confine(self.memory);
        let profile = Profile::named(&self.profile).ok_or_else(|| io::Error::other("no such profile"))?;
        serve_queries(&self.database, profile, io::stdin(), io::stdout(), end)
    }
}

/// Ignores termination signals while the response is being sent.
#[cfg(unix)]
fn ignore_signals() -> io::Result<impl Sized> {
    use tokio::signal::unix::{SignalKind, signal};
    Ok([signal(SignalKind::terminate())?, signal(SignalKind::interrupt())?, signal(SignalKind::hangup())?])
}

#[cfg(not(unix))]
fn ignore_signals() -> io::Result<impl Sized> {
    Ok(())
}

/// Limits the memory of this process from outside, for all allocations, and lowers its priority below the server's. If
/// the system refuses one of these, the others still apply.
fn confine(memory: u64) {
    #[cfg(target_os = "linux")]
    {
        use rustix::process::{Resource, Rlimit, nice, setrlimit};
        if let Some(used) = data_bytes() {
            let most = used.saturating_add(memory).saturating_add(OWN_BYTES);
            let _ = setrlimit(Resource::Data, Rlimit { current: Some(most), maximum: Some(most) });
        }
        let _ = setrlimit(Resource::Core, Rlimit { current: Some(0), maximum: Some(0) });
        let _ = nice(NICE);
        // If the machine runs out of memory, a query ends, not the server.
        let _ = fs::write("/proc/self/oom_score_adj", "1000");
    }
}

/// Returns this process's own writable memory, as the system counts it for the limit.
#[cfg(target_os = "linux")]
fn data_bytes() -> Option<u64> {
    let status = fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmData:"))?;
    let kib: u64 = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
    Some(kib * 1024)
}

/// Ends this process immediately, whatever its other thread is doing.
fn end() {
    #[cfg(unix)]
    {
        use rustix::process::{Signal, getpid, kill_process};
        let _ = kill_process(getpid(), Signal::KILL);
    }
    std::process::exit(1);
}
