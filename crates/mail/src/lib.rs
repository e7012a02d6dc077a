//! Subscriptions: a query runs at its hour with the rights of the member who gets its result, and the result is mailed.
//!
//! [`MailJob`] finds subscriptions that are due. The query's time and result are bounded, the attempt is recorded before
//! the mail is sent, and a mail of which nobody knows whether it arrived is repeated once.

mod job;
mod message;
mod result;
mod schedule;
mod smtp;
mod values;

pub use job::{MailJob, MailSettings, Rights};
pub use lettre::message::Mailbox;
pub use message::{Mail, UNSUBSCRIBE_PATH, view_path};
pub use schedule::{UnknownZone, check_zone, next_time};
pub use smtp::{Post, PostError, Smtp, SmtpError, SmtpSettings, TlsMode};
pub use values::{InvalidValue, MovingTime, MovingUnit, QueryValue, RoundedTo, parse_values, resolve};
