//! `rollcall collect status`, `gaps`, `differences` and `disconnect`.

use clap::Args;
use rollcall_model::ConnectionId;
use rollcall_store::CollectStore as _;

use crate::{
    common::{Common, audit},
    failure::Failure,
    listing::Listing,
    terminal::print,
};

/// Rows read per page.
const PER_READ: usize = 500;

/// Show each connection, how far it is and what its last run said
#[derive(Debug, Args)]
pub(crate) struct Status {
    /// Account, by name or id [default: the only one]
    #[arg(long)]
    account: Option<String>,
    #[command(flatten)]
    listing: Listing,
}

impl Status {
    pub(super) async fn run(self, common: &Common) -> Result<(), Failure> {
        let (store, account) = common.existing_account(self.account.as_deref()).await?;
        let mut rows = Vec::new();
        for connection in store.connections(account.id).await? {
            let lanes = store.collect_progress(connection.id).await?;
            let sum =
                |count: fn(&rollcall_store::LaneProgress) -> u64| lanes.iter().map(count).sum::<u64>().to_string();
            let settings = &connection.settings;
            let (last_run, error) = match connection.last_run {
                Some((at, error)) => (at.to_string(), error.unwrap_or_default().to_string()),
                None => (String::new(), String::new()),
            };
            rows.push([
                connection.id.to_string(),
                settings.vendor.to_string(),
                settings.name.to_string(),
                settings.every_minutes.map_or_else(|| "by command".to_owned(), |minutes| format!("{minutes} min")),
                sum(|lane| lane.done),
                sum(|lane| lane.waiting),
                sum(|lane| lane.waiting_calls),
                sum(|lane| lane.refused),
                sum(|lane| lane.entries),
                last_run,
                error,
            ]);
        }
        let headings = [
            "ID",
            "VENDOR",
            "NAME",
            "RUNS EVERY",
            "COMPLETE",
            "WAITING",
            "CALLS LEFT",
            "REFUSED",
            "ENTRIES",
            "LAST RUN",
            "STOPPED BY",
        ];
        self.listing.print(headings, &rows)
    }
}

/// List what is missing, why, and what would fill the gap
#[derive(Debug, Args)]
pub(crate) struct Gaps {
    /// Account, by name or id [default: the only one]
    #[arg(long)]
    account: Option<String>,
    #[command(flatten)]
    listing: Listing,
}

impl Gaps {
    pub(super) async fn run(self, common: &Common) -> Result<(), Failure> {
        let (store, account) = common.existing_account(self.account.as_deref()).await?;
        let (mut rows, mut after) = (Vec::new(), 0);
        loop {
            let gaps = store.gaps(account.id, after, PER_READ).await?;
            let Some((last, ..)) = gaps.last() else { break };
            after = *last;
            rows.extend(gaps.into_iter().map(|(_, connection, gap)| {
                [
                    connection.to_string(),
                    gap.reason.to_string(),
                    gap.request.to_string(),
                    gap.waiting.to_string(),
                    gap.first_at.to_string(),
                    gap.last_at.to_string(),
                    gap.times.to_string(),
                    gap.detail.to_string(),
                    gap.remedy.to_string(),
                ]
            }));
        }
        let headings =
            ["CONNECTION", "REASON", "REQUEST", "ALSO WAITING", "FIRST", "LAST", "TIMES", "DETAIL", "REMEDY"];
        self.listing.print(headings, &rows)
    }
}

/// List what sources of an instance do not agree on
#[derive(Debug, Args)]
pub(crate) struct Differences {
    /// Account, by name or id [default: the only one]
    #[arg(long)]
    account: Option<String>,
    #[command(flatten)]
    listing: Listing,
}

impl Differences {
    pub(super) async fn run(self, common: &Common) -> Result<(), Failure> {
        let (store, account) = common.existing_account(self.account.as_deref()).await?;
        let (mut rows, mut after) = (Vec::new(), 0);
        loop {
            let differences = store.differences(account.id, after, PER_READ).await?;
            let Some((last, ..)) = differences.last() else { break };
            after = *last;
            rows.extend(differences.into_iter().map(|(_, connection, difference)| {
                let [first, second] = difference.sources;
                [
                    connection.to_string(),
                    difference.about.to_string(),
                    difference.field.to_string(),
                    first.0.to_string(),
                    first.1.to_string(),
                    second.0.to_string(),
                    second.1.to_string(),
                    difference.seen_at.to_string(),
                ]
            }));
        }
        let headings =
            ["CONNECTION", "INSTANCE", "FIELD", "FIRST SOURCE", "FIRST VALUE", "SECOND SOURCE", "SECOND VALUE", "SEEN"];
        self.listing.print(headings, &rows)
    }
}

/// Delete a connection; what was collected stays
#[derive(Debug, Args)]
pub(crate) struct Disconnect {
    /// Id of the connection, as shown by `status`
    id: i64,
    /// Account, by name or id [default: the only one]
    #[arg(long)]
    account: Option<String>,
}

impl Disconnect {
    pub(super) async fn run(self, common: &Common) -> Result<(), Failure> {
        let (store, account) = common.existing_account(self.account.as_deref()).await?;
        if !store.delete_connection(account.id, ConnectionId(self.id)).await? {
            return Err(Failure::new(format!("the account has no connection {}", self.id)));
        }
        audit(&store, account.id, "collect disconnect", "change", "connection").await?;
        print(format_args!("connection {} is deleted", self.id))
    }
}
