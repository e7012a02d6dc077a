//! The processes that are measured.

use std::{
    fs,
    io::{BufRead as _, BufReader},
    net::{SocketAddr, TcpStream},
    path::Path,
    process::{Child, ChildStdout, Command, Stdio},
    thread,
    time::{Duration, Instant},
};

use rustix::process::{Pid, Signal, kill_process};

use crate::{Result, fail};

/// How long a process may take to end on its own, which for a server means writing pending data.
const STOP_WAIT: Duration = Duration::from_secs(20);
const STOP_POLL: Duration = Duration::from_millis(2);
/// How long a process may take until it listens.
const START_WAIT: Duration = Duration::from_secs(60);
const START_POLL: Duration = Duration::from_millis(50);

/// A process that listens. It is stopped when it is dropped.
pub struct Server {
    child: Child,
    /// Kept open so that the process can continue to print.
    _output: Option<ChildStdout>,
    pub address: SocketAddr,
}

/// A process's memory, in bytes.
#[derive(Debug, Clone, Copy)]
pub struct Resident {
    pub peak: u64,
    pub now: u64,
}

impl Server {
    /// Starts a program that prints `…http://ADDRESS…` in a line of its own once it listens, and waits for that line.
    pub fn start(command: &mut Command) -> Result<Self> {
        let mut child = command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::null()).spawn()?;
        let mut output = BufReader::new(child.stdout.take().ok_or("the output is not piped")?);
        let mut line = String::new();
        loop {
            line.clear();
            if output.read_line(&mut line)? == 0 {
                let _ = child.kill();
                let status = child.wait()?;
                return fail(format!("{command:?} ended before it listened: {status}"));
            }
            let address = line.split_once("http://").and_then(|(_, rest)| rest.split_whitespace().next());
            if let Some(Ok(address)) = address.map(str::parse) {
                return Ok(Self { child, _output: Some(output.into_inner()), address });
            }
        }
    }

    /// Starts a program that does not report when it listens, and waits until it listens on `address`.
    pub fn start_at(command: &mut Command, address: SocketAddr) -> Result<Self> {
        let child = command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).spawn()?;
        let mut server = Self { child, _output: None, address };
        let started = Instant::now();
        while TcpStream::connect(address).is_err() {
            if let Some(status) = server.child.try_wait()? {
                return fail(format!("{command:?} ended before it listened: {status}"));
            }
            if started.elapsed() > START_WAIT {
                return fail(format!("{command:?} does not listen on {address}"));
            }
            thread::sleep(START_POLL);
        }
        Ok(server)
    }

    /// Starts `rollcall serve` on a data folder.
    pub fn rollcall(program: &Path, data: &Path) -> Result<Self> {
        let mut command = Command::new(program);
        command.arg("serve").arg("--data").arg(data).args(["--listen", "127.0.0.1:0"]);
        Self::start(&mut command)
    }

    /// Returns the process's memory.
    pub fn resident(&self) -> Result<Resident> {
        let status = fs::read_to_string(format!("/proc/{}/status", self.child.id()))?;
        let bytes = |key: &str| {
            let line = status.lines().find_map(|line| line.strip_prefix(key));
            let kib = line.and_then(|line| line.trim().strip_suffix(" kB")).and_then(|kib| kib.parse::<u64>().ok());
            kib.map(|kib| kib * 1024).ok_or_else(|| format!("the process has no {key}"))
        };
        Ok(Resident { peak: bytes("VmHWM:")?, now: bytes("VmRSS:")? })
    }

    /// Kills the process, as a crash does.
    pub fn kill(mut self) -> Result<()> {
        self.child.kill()?;
        self.child.wait()?;
        Ok(())
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // After waiting for a process, its id may belong to another process.
        if matches!(self.child.try_wait(), Ok(Some(_))) {
            return;
        }
        let _ = kill_process(Pid::from_child(&self.child), Signal::TERM);
        let asked = Instant::now();
        while asked.elapsed() < STOP_WAIT {
            if !matches!(self.child.try_wait(), Ok(None)) {
                return;
            }
            thread::sleep(STOP_POLL);
        }
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
