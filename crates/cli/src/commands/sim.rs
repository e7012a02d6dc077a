use std::{
    fs::File,
    io::{BufWriter, Write as _},
    path::PathBuf,
    str::FromStr,
    time::Instant,
};

use clap::Args;
use rollcall_model::{Clock as _, MeetingKind, SystemClock, Timestamp};
use rollcall_sim::{SizedInstance, WorldConfig};

use crate::common::Common;
use crate::terminal::print;
use crate::{
    failure::Failure,
    progress,
    work::{self, Offline, Said, Simulation, Task},
};

/// Write a simulated account: by default the demo's company. Also while a server runs
#[derive(Debug, Args)]
pub(crate) struct Sim {
    /// Random seed
    #[arg(long)]
    seed: Option<u64>,
    /// Number of users
    #[arg(long)]
    people: Option<u32>,
    /// Days of history
    #[arg(long)]
    days: Option<u32>,
    /// Meetings per workday
    #[arg(long, value_name = "N")]
    meetings_per_day: Option<u32>,
    /// Webinars per week
    #[arg(long, value_name = "N")]
    webinars_per_week: Option<u32>,
    /// Participants per webinar
    #[arg(long, value_name = "N")]
    webinar_attendees: Option<u32>,
    /// Omit quality of service
    #[arg(long)]
    no_qos: bool,
    /// Omit incidents
    #[arg(long)]
    no_incidents: bool,
    /// Write only an instance of an exact size, such as webinar:50000:60 or meeting:300:60:noqos; repeatable
    #[arg(long, value_name = "KIND:PARTICIPANTS:MINUTES[:noqos]")]
    sized: Vec<Sized>,
    /// End of the simulated time [default: now]
    #[arg(long, value_name = "TIME")]
    until: Option<Timestamp>,
    /// File for the labels: which minutes the incidents affected, as NDJSON
    #[arg(long, value_name = "FILE")]
    truth: Option<PathBuf>,
    /// Account to write to, by name or id [default: the only one]
    #[arg(long)]
    account: Option<String>,
    /// Write to a folder that contains data of real meetings
    #[arg(long)]
    into_existing: bool,
    #[command(flatten)]
    offline: Offline,
}

/// The text form of [`SizedInstance`].
#[derive(Debug, Clone, Copy)]
struct Sized(SizedInstance);

impl FromStr for Sized {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let mut parts = text.split(':');
        let kind = match parts.next() {
            Some("meeting") => MeetingKind::Meeting,
            Some("webinar") => MeetingKind::Webinar,
            _ => return Err("must begin with meeting: or webinar:".to_owned()),
        };
        let mut number = |what| {
            let number = parts.next().and_then(|part| part.parse::<u32>().ok()).filter(|number| *number > 0);
            number.ok_or_else(|| format!("{what} must be a whole number from 1"))
        };
        let (participants, minutes) = (number("PARTICIPANTS")?, number("MINUTES")?);
        let qos = match parts.next() {
            None => true,
            Some("noqos") => false,
            Some(other) => return Err(format!("`{other}` is not `noqos`")),
        };
        match parts.next() {
            None => Ok(Self(SizedInstance { kind, participants, minutes, qos })),
            Some(rest) => Err(format!("unexpected `{rest}` after noqos")),
        }
    }
}

impl Sim {
    pub(super) async fn run(self, common: &Common) -> Result<(), Failure> {
        let config = common.config()?;
        common.start_logging(&config)?;
        let data = common.data_dir(&config)?;
        let mut truth = match &self.truth {
            None => None,
            Some(path) => {
                Some(BufWriter::new(File::create(path).map_err(|error| Failure::context(path.display(), &error))?))
            }
        };
        let simulation = Simulation {
            world: self.world(),
            until: self.until.unwrap_or_else(|| SystemClock.now()),
            account: self.account.clone(),
            into_existing: self.into_existing,
            truth: truth.is_some(),
        };
        let started = Instant::now();
        let progress = progress::spinner();
        let mut written = Ok(());
        let hear = |said| match (said, &mut truth) {
            (Said::Progress(message), _) => progress.set_message(message),
            (Said::Truth(lines), Some(file)) if written.is_ok() => {
                written = lines.iter().try_for_each(|line| writeln!(file, "{line}"));
            }
            (Said::Truth(_) | Said::Collected(_), _) => {}
        };
        let outcome = work::perform(data, &config, self.offline, Task::Simulate(simulation), hear).await;
        progress.finish_and_clear();
        written?;
        if let Some(mut file) = truth {
            file.flush()?;
        }
        print(format_args!("{} in {:.1} s", outcome?.lines.concat(), started.elapsed().as_secs_f64()))
    }

    fn world(&self) -> WorldConfig {
        let mut world = if self.sized.is_empty() {
            WorldConfig::demo()
        } else {
            WorldConfig::of_size(self.sized.iter().map(|sized| sized.0).collect())
        };
        let set = |value: &mut u32, asked: Option<u32>| *value = asked.unwrap_or(*value);
        set(&mut world.people, self.people);
        set(&mut world.days, self.days);
        set(&mut world.meetings_per_day, self.meetings_per_day);
        set(&mut world.webinars_per_week, self.webinars_per_week);
        set(&mut world.webinar_attendees, self.webinar_attendees);
        world.seed = self.seed.unwrap_or(world.seed);
        world.qos &= !self.no_qos;
        world.incidents &= !self.no_incidents;
        world
    }
}
