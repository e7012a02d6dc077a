//! Clients of Zoom's and Webex's reporting APIs that stay inside the vendors' limits.
//!
//! A [`Call`] names an operation of the vendor's table ([`rollcall_zoom::operations`], [`rollcall_webex::operations`]) and
//! its parameters; [`Client::send`] sends it and [`Client::pages`] follows its pages. The client
//! - gets access tokens and renews them before they expire, one renewal at a time ([`Grant`]);
//! - waits for its turn instead of running into a limit ([`Pace`]), and obeys the vendor if it says to wait;
//! - retries what may succeed later, and says of everything else why it was refused ([`Refusal`]);
//! - takes an error that comes with status 200 for the error it is.
//!
//! Bodies are read with the wire types of the vendors' crates, in which every key is optional and unknown values are kept.
//!
//! ```no_run
//! use futures::TryStreamExt as _;
//! use rollcall_client::{Call, Client, Grant};
//! use rollcall_model::Secret;
//! use rollcall_zoom::{operations, wire::MetricsMeetings};
//!
//! # async fn example() -> Result<(), Box<dyn std::error::Error>> {
//! let client = Client::zoom(Grant::AccountCredentials {
//!     account_id: "q6gBJVO5TzexKYTb_I2rpg".to_owned(),
//!     client_id: "TQbbAbCsRsGdp3v5yOnUXw".to_owned(),
//!     client_secret: Secret::new(std::env::var("ZOOM_CLIENT_SECRET")?),
//! })
//! .build()?;
//! let call = Call::new(&operations::DASHBOARD_MEETINGS, &[])?
//!     .with("type", "past")
//!     .with("from", "2026-11-01")
//!     .with("to", "2026-11-30")
//!     .with("page_size", "300");
//! let mut pages = std::pin::pin!(client.pages(call));
//! while let Some(answer) = pages.try_next().await? {
//!     for meeting in answer.json::<MetricsMeetings>()?.meetings {
//!         println!("{:?} {:?}", meeting.start_time, meeting.topic);
//!     }
//! }
//! # Ok(())
//! # }
//! ```

mod answer;
mod call;
mod client;
mod concurrency;
mod pace;
mod refusal;
pub mod target;
mod token;

pub use self::{
    answer::{Answer, Next},
    call::{Call, InvalidCall},
    client::{CallError, Client, ClientBuilder, Counts},
    pace::{Ask, DailyPool, Ledger, LedgerError, MemoryLedger, Pace, Slots, UsedUp},
    refusal::{Refusal, RefusalKind},
    token::{Grant, KeepRefreshToken, TokenError},
};
