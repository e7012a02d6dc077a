//! The test data: created once by `rollcall sim`, and kept for later runs.

use std::{
    fs,
    path::{Path, PathBuf},
    process::{Command, Stdio},
    thread,
    time::{Duration, Instant},
};

use serde::Deserialize;

use crate::{
    Result,
    client::{Client, Peer},
    fail,
    process::Server,
};

/// The end of the month of instances that measurements request; fixed, so that a kept world stays valid.
const MONTH_END: &str = "2026-03-01T00:00:00Z";
const BEFORE_THE_MONTH: &str = "2026-01-31T00:00:00Z";
/// That month as query parameters.
pub const MONTH: &str = "type=past&from=2026-02-01&to=2026-03-01";
/// Short enough that an instance that ends in a month began in it.
const DAYS: &str = "26";

/// The file next to a world's folder that describes it; written last, so that an unfinished world is created again.
const RECIPE: &str = "recipe";

/// Maximum time for a server to print ahead.
const PRINT_WAIT: Duration = Duration::from_secs(60);

/// One run of `rollcall sim`.
struct Sim {
    seed: u32,
    until: &'static str,
    sized: Vec<(&'static str, usize)>,
}

/// The contents of a data folder.
pub struct World {
    name: &'static str,
    sims: Vec<Sim>,
}

/// The number of participants of the webinars of [`World::million`].
pub const LARGE: u64 = 50_000;
pub const WALKED: u64 = 47_500;
pub const WALKED_QOS: u64 = 1_000;
/// The number of participants of the requested meeting of [`World::before`].
pub const GROWN: u64 = 3_000;

impl World {
    /// A million participants in webinars: one of 50,000 with an hour of QoS, four of 1,000 with an hour of QoS, and
    /// the rest without.
    pub fn million() -> Self {
        let sized = vec![("webinar:50000:60", 1), ("webinar:1000:60", 4), ("webinar:47500:60:noqos", 20)];
        Self { name: "million", sims: vec![Sim { seed: 1, until: MONTH_END, sized }] }
    }

    /// The same month of 100 meetings, one of them with 3,000 participants, with `meetings` meetings of 100
    /// participants with ten minutes of QoS each before it.
    pub fn before(name: &'static str, meetings: usize) -> Self {
        let history = Sim { seed: 2, until: BEFORE_THE_MONTH, sized: vec![("meeting:100:10", meetings)] };
        let month = vec![("meeting:3000:60", 1), ("meeting:10:10", 99)];
        Self { name, sims: vec![history, Sim { seed: 1, until: MONTH_END, sized: month }] }
    }

    /// Returns the folder with the world, which is created if it does not exist.
    pub fn folder(&self, rollcall: &Path, dir: &Path) -> Result<PathBuf> {
        let folder = dir.join(self.name);
        let recipe_file = folder.with_extension(RECIPE);
        let recipe = self.recipe();
        if fs::read_to_string(&recipe_file).is_ok_and(|made| made == recipe) {
            return Ok(folder);
        }
        fs::create_dir_all(dir)?;
        if recipe_file.exists() {
            fs::remove_file(&recipe_file)?;
        }
        if folder.exists() {
            fs::remove_dir_all(&folder)?;
        }
        eprintln!("making the world \"{}\" in {}", self.name, folder.display());
        let started = Instant::now();
        for sim in &self.sims {
            let status = sim.command(rollcall, &folder).stdout(Stdio::null()).status()?;
            if !status.success() {
                return fail(format!("`rollcall sim` failed: {status}"));
            }
        }
        eprintln!("made it in {:.0} s", started.elapsed().as_secs_f64());
        fs::write(&recipe_file, recipe)?;
        Ok(folder)
    }

    /// Makes every world in `dir` be recreated when it is next needed.
    pub fn forget_all(dir: &Path) -> Result<()> {
        for entry in fs::read_dir(dir).into_iter().flatten() {
            let path = entry?.path();
            if path.extension().is_some_and(|extension| extension == RECIPE) {
                fs::remove_file(path)?;
            }
        }
        Ok(())
    }

    /// Everything that determines the world's contents.
    fn recipe(&self) -> String {
        let lines = self.sims.iter().map(|sim| format!("{} {} {DAYS} {:?}\n", sim.seed, sim.until, sim.sized));
        lines.collect()
    }
}

impl Sim {
    fn command(&self, rollcall: &Path, folder: &Path) -> Command {
        let mut command = Command::new(rollcall);
        command.arg("sim").arg("--data").arg(folder).args(["--days", DAYS, "--until", self.until]);
        command.arg("--seed").arg(self.seed.to_string());
        for (sized, count) in &self.sized {
            for _ in 0..*count {
                command.args(["--sized", sized]);
            }
        }
        command
    }
}

/// A server on a world, and its token.
pub struct Served {
    pub server: Server,
    pub peer: Peer,
}

impl Served {
    /// Starts a server on `folder`, with a new token for it.
    pub fn start(rollcall: &Path, folder: &Path) -> Result<Self> {
        let token = create_token(rollcall, folder)?;
        let server = Server::rollcall(rollcall, folder)?;
        let peer = Peer { address: server.address, token };
        Ok(Self { server, peer })
    }

    /// Waits until the server has printed all large past instances ahead.
    pub fn wait_until_printed(&self) -> Result<()> {
        let mut client = Client::connect(&self.peer)?;
        let started = Instant::now();
        while started.elapsed() < PRINT_WAIT {
            let metrics = String::from_utf8_lossy(client.get("/metrics")?).into_owned();
            let gauge = |name: &str| {
                metrics.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(' ')?.trim().parse::<u64>().ok())
            };
            if gauge("rollcall_sheets_waiting") == Some(0) && gauge("rollcall_sheets").is_some_and(|count| count > 0) {
                return Ok(());
            }
            thread::sleep(Duration::from_millis(100));
        }
        fail("the server did not print its large instances ahead in time")
    }

    /// The numbers of the month's instances of `kind` (`meetings` or `webinars`) with so many participants.
    pub fn numbers(&self, kind: &str, participants: u64) -> Result<Vec<u64>> {
        let mut client = Client::connect(&self.peer)?;
        let body = client.get(&format!("/v2/metrics/{kind}?{MONTH}&page_size=300"))?;
        let list: List = serde_json::from_slice(body)?;
        let found: Vec<u64> = list.items.iter().filter(|i| i.participants == participants).map(|i| i.id).collect();
        if found.is_empty() {
            return fail(format!("the world has no instance of {participants} participants: recreate it with --fresh"));
        }
        Ok(found)
    }
}

#[derive(Deserialize)]
struct List {
    #[serde(alias = "meetings", alias = "webinars")]
    items: Vec<Item>,
}

#[derive(Deserialize)]
struct Item {
    id: u64,
    participants: u64,
}

/// Creates a token in a data folder; a server may be running on it.
pub fn create_token(rollcall: &Path, folder: &Path) -> Result<String> {
    let output = Command::new(rollcall).args(["token", "create", "--data"]).arg(folder).output()?;
    let token = String::from_utf8(output.stdout)?.trim().to_owned();
    if !output.status.success() || token.is_empty() {
        return fail(format!("`rollcall token create` failed: {}", String::from_utf8_lossy(&output.stderr).trim()));
    }
    Ok(token)
}
