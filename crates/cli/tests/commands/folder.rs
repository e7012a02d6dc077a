use std::{
    fs::{self, File},
    io::{BufRead as _, BufReader, Read as _},
    path::PathBuf,
    process::{Child, ChildStdout, Command, Stdio},
    thread,
    time::{Duration, Instant},
};

use tempfile::TempDir;

use crate::http::Client;

/// How long a process may take to end.
const PATIENCE: Duration = Duration::from_secs(20);

/// A separate folder for each test: the working folder of every command, with the data in `data`.
pub(crate) struct Folder(TempDir);

/// A command's output and exit status.
#[derive(Debug)]
pub(crate) struct Output {
    pub(crate) status: i32,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl Output {
    /// The output of a command that succeeded without warnings.
    #[track_caller]
    pub(crate) fn good(self) -> String {
        assert_eq!((self.status, self.stderr.as_str()), (0, ""), "{}", self.stdout);
        self.stdout
    }

    /// The error of a command that failed with `status` and without output.
    #[track_caller]
    pub(crate) fn failed(self, status: i32) -> String {
        assert_eq!((self.status, self.stdout.as_str()), (status, ""), "{}", self.stderr);
        self.stderr
    }
}

impl Folder {
    pub(crate) fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    /// A folder with an installation: an account, and no data.
    pub(crate) fn begun() -> Self {
        let folder = Self::new();
        folder.begin();
        folder
    }

    /// Creates an installation.
    pub(crate) fn begin(&self) {
        self.run(&["account", "create", "default", "--new"]).good();
    }

    /// A folder with a sealed company of six whose data ended months ago.
    pub(crate) fn with_past_company() -> Self {
        let folder = Self::new();
        let arguments = [
            &["sim", "--seed", "7", "--people", "6", "--days", "4", "--meetings-per-day", "3"][..],
            &["--webinars-per-week", "7", "--until", "2026-03-06T18:00:00Z"],
        ];
        let output = folder.run(&arguments.concat());
        assert_eq!(output.status, 0, "{}", output.stderr);
        folder.run(&["archive", "seal"]).good();
        folder
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    pub(crate) fn write(&self, name: &str, text: impl AsRef<[u8]>) {
        fs::write(self.path(name), text).unwrap();
    }

    /// A command in this folder, without the tests' own environment.
    pub(crate) fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_rollcall"));
        command.args(arguments).current_dir(&self.0).env_clear().stdin(Stdio::null());
        command
    }

    /// Runs a command and waits for its end.
    pub(crate) fn run(&self, arguments: &[&str]) -> Output {
        output(self.command(arguments))
    }

    /// Runs a command that reads `input`.
    pub(crate) fn run_with_input(&self, arguments: &[&str], input: &str) -> Output {
        self.write("stdin", input);
        let mut command = self.command(arguments);
        command.stdin(File::open(self.path("stdin")).unwrap());
        output(command)
    }

    /// Starts a server on these data with the most detailed log.
    pub(crate) fn serve(&self) -> Server {
        self.serve_with(&[])
    }

    /// [`Self::serve`], with settings from the environment.
    pub(crate) fn serve_with(&self, environment: &[(&str, &str)]) -> Server {
        let log = self.path("log");
        let mut command = self.command(&["serve", "--listen", "127.0.0.1:0"]);
        command.env("ROLLCALL_LOG_FILTER", "debug").env("ROLLCALL_LOG_FORMAT", "json");
        command.envs(environment.iter().copied());
        let file = File::options().append(true).create(true).open(&log).unwrap();
        let mut child = command.stdout(Stdio::piped()).stderr(file).spawn().unwrap();
        let mut line = String::new();
        let mut output = BufReader::new(child.stdout.take().unwrap());
        output.read_line(&mut line).unwrap();
        let address = line.trim().strip_prefix("listening on http://");
        let address = address.unwrap_or_else(|| panic!("{line}{}", fs::read_to_string(&log).unwrap()));
        Server { client: Client::new(address.parse().unwrap()), child, output, log }
    }
}

fn output(mut command: Command) -> Output {
    let output = command.output().unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    let stderr = text(output.stderr);
    // Every command that may create an installation says so; `help.rs` tests it.
    let stderr = stderr.strip_prefix("created the data folder data\n").map_or(stderr.clone(), str::to_owned);
    Output { status: output.status.code().unwrap(), stdout: text(output.stdout), stderr }
}

/// Sends SIGTERM to a process.
pub(crate) fn terminate(child: &Child) {
    assert!(Command::new("kill").args(["-TERM", &child.id().to_string()]).status().unwrap().success());
}

/// A running server.
pub(crate) struct Server {
    pub(crate) client: Client,
    child: Child,
    /// What it prints, after the first line.
    output: BufReader<ChildStdout>,
    log: PathBuf,
}

impl Server {
    /// Waits for a line that begins like this, and returns it.
    #[track_caller]
    pub(crate) fn said(&mut self, start: &str) -> String {
        loop {
            let mut line = String::new();
            assert!(self.output.read_line(&mut line).unwrap() > 0, "it prints no {start}");
            if line.starts_with(start) {
                return line;
            }
        }
    }

    /// Returns everything that it prints until it ends.
    pub(crate) fn said_to_the_end(&mut self) -> String {
        let mut rest = String::new();
        self.output.read_to_string(&mut rest).unwrap();
        rest
    }

    /// Sends SIGTERM.
    pub(crate) fn terminate(&self) {
        terminate(&self.child);
    }

    /// Waits for the end, and returns the exit status with the log.
    pub(crate) fn wait(mut self) -> (i32, String) {
        let started = Instant::now();
        let status = loop {
            if let Some(status) = self.child.try_wait().unwrap() {
                break status;
            }
            assert!(started.elapsed() < PATIENCE, "the server did not end");
            thread::sleep(Duration::from_millis(10));
        };
        (status.code().unwrap(), self.logged())
    }

    /// Stops it gracefully, and returns the log.
    #[track_caller]
    pub(crate) fn stop(self) -> String {
        self.terminate();
        let (status, log) = self.wait();
        assert_eq!(status, 0, "{log}");
        log
    }

    /// Sends SIGKILL, and waits for the end.
    pub(crate) fn kill(mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    /// Its peak memory in bytes. `None` if the system does not report it.
    pub(crate) fn most_memory(&self) -> Option<u64> {
        let status = fs::read_to_string(format!("/proc/{}/status", self.child.id())).ok()?;
        let most = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
        Some(most.trim().strip_suffix(" kB")?.parse::<u64>().ok()? << 10)
    }

    pub(crate) fn logged(&self) -> String {
        fs::read_to_string(&self.log).unwrap()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // For failed tests; killing an ended process has no effect.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
