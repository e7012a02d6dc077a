use rollcall_ingest::Report;
use rollcall_model::{SystemClock, SystemEntropy, Timestamp};
use rollcall_sim::{World, WorldConfig};
use serde::{Deserialize, Serialize};

use super::{Outcome, Reporter, Said, Workshop};
use crate::{data::choose_account, demo::Writes, failure::Failure, listing::in_words, simulated};

/// Lines of truth per message.
const LINES_AT_A_TIME: usize = 200;

/// A simulated world to write.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Simulation {
    pub(crate) world: WorldConfig,
    /// End of the simulated time.
    pub(crate) until: Timestamp,
    /// The account by name or id; the only one if `None`.
    pub(crate) account: Option<String>,
    /// Whether the folder may contain data of real meetings.
    pub(crate) into_existing: bool,
    /// Whether to report which minutes the incidents affected.
    pub(crate) truth: bool,
}

impl Simulation {
    /// Writes the world, and returns what was written.
    pub(super) async fn write(self, workshop: &Workshop, reporter: &Reporter) -> Result<Outcome, Failure> {
        let (data, store) = (&workshop.data, &workshop.tiers.store);
        if !self.into_existing
            && let Some(account) = simulated::real_account(data, store).await?
        {
            return Err(Failure::new(format!(
                "account {account} has data of real meetings: choose another folder with --data, or write to \
                 this one with --into-existing"
            )));
        }
        let account = choose_account(store.as_ref(), &SystemClock, &SystemEntropy, self.account.as_deref()).await?;
        simulated::note(data, &account)?;
        let world = World::new(self.world, self.until);
        let mut written = Report::default();
        let mut writes = Writes::new(&workshop.ingest, account.id, world.batches());
        while let Some((truth, report)) = writes.next().await? {
            written += report;
            if self.truth {
                for lines in truth.chunks(LINES_AT_A_TIME) {
                    let lines = lines.iter().map(serde_json::to_string).collect::<Result<_, _>>();
                    reporter.send(Said::Truth(lines.map_err(std::io::Error::from)?)).await?;
                }
            }
            reporter.progress(format!("{} so far", in_words(&written)));
        }
        Ok(Outcome::line(in_words(&written)))
    }
}
