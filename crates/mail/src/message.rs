//! A mail: its text, its table, its attachment and its headers.

use std::{
    sync::LazyLock,
    time::{Duration, UNIX_EPOCH},
};

use lettre::{
    Message,
    address::Envelope,
    message::{
        Body, Mailbox, MultiPart, SinglePart,
        header::{ContentDisposition, ContentTransferEncoding, ContentType, HeaderName, HeaderValue},
    },
};
use minijinja::{AutoEscape, Environment, UndefinedBehavior, context, syntax::SyntaxConfig};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use rollcall_model::{Member, Secret, Timestamp};
use rollcall_store::{QuerySource, Subscription};

use crate::{result::QueryResult, schedule::zone};

/// Where the links of mails lead to, followed by a secret.
pub const UNSUBSCRIBE_PATH: &str = "/unsubscribe/";
/// Longest path of a view, in bytes.
const MAX_VIEW_BYTES: usize = 4_000;
/// Longest query in a link, in bytes: servers and browsers cut longer addresses.
const MAX_LINKED_QUERY: usize = 1_000;
/// Widest column of the plain table, in characters.
const PLAIN_WIDTH: usize = 24;

static TEMPLATES: LazyLock<Environment<'static>> = LazyLock::new(|| {
    let mut templates = Environment::new();
    let syntax = SyntaxConfig::builder().trim_blocks(true).lstrip_blocks(true).build();
    templates.set_syntax(syntax.expect("the delimiters are the default ones"));
    templates.set_undefined_behavior(UndefinedBehavior::Strict);
    templates.set_auto_escape_callback(
        |name| {
            if name.ends_with(".html") { AutoEscape::Html } else { AutoEscape::None }
        },
    );
    for (name, text) in
        [("mail.txt", include_str!("templates/mail.txt")), ("mail.html", include_str!("templates/mail.html"))]
    {
        templates.add_template(name, text).expect("the templates are valid");
    }
    templates
});

/// A mail that can be sent.
pub struct Mail {
    /// From whom and to whom.
    pub envelope: Envelope,
    /// All of it, as it is sent.
    pub bytes: Vec<u8>,
}

/// What a mail is made of.
pub(crate) struct Letter<'m> {
    pub(crate) subscription: &'m Subscription,
    pub(crate) member: &'m Member,
    pub(crate) result: QueryResult,
    pub(crate) from: &'m Mailbox,
    /// The base URL of the server, without a trailing slash.
    pub(crate) base_url: &'m str,
    pub(crate) secret: &'m Secret,
    /// Random text for the id of the message.
    pub(crate) id: &'m str,
    pub(crate) now: Timestamp,
}

/// Why no mail can be made.
#[derive(Debug, thiserror::Error)]
pub(crate) enum LetterError {
    #[error("the member's address cannot be written to: {0}")]
    Address(#[from] lettre::address::AddressError),
    #[error("the mail cannot be made: {0}")]
    Message(#[from] lettre::error::Error),
    #[error("the mail cannot be made: {0}")]
    Template(#[from] minijinja::Error),
}

/// Returns whether a text is the path of a view of this server, with its query: never another site's address.
#[must_use]
pub fn view_path(text: &str) -> bool {
    let is_plain = text.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'\\');
    is_plain && text.starts_with('/') && !text.starts_with("//") && text.len() <= MAX_VIEW_BYTES
}

impl Letter<'_> {
    pub(crate) fn print(self) -> Result<Mail, LetterError> {
        let name = one_line(&self.subscription.name);
        let unsubscribe = format!("{}{UNSUBSCRIBE_PATH}{}", self.base_url, self.secret.expose());
        let file = self.result.csv.as_ref().map(|_| format!("{}.csv", file_name(&name)));
        let values = context! {
            name => &name,
            summary => self.summary(),
            table => plain_table(&self.result),
            columns => &self.result.columns,
            rows => &self.result.rows,
            attached => &file,
            link => self.link(),
            email => self.member.email.as_str(),
            settings => format!("{}/settings/subscriptions", self.base_url),
            unsubscribe => &unsubscribe,
        };
        let plain = TEMPLATES.get_template("mail.txt")?.render(&values)?;
        let html = TEMPLATES.get_template("mail.html")?.render(&values)?;
        let bodies = MultiPart::alternative_plain_html(plain, html);
        let Self { member, from, id, now, .. } = self;
        let date = UNIX_EPOCH + Duration::from_secs(u64::try_from(now.as_seconds()).unwrap_or(0));
        let domain = from.email.domain();
        let header = |name, value: &str| HeaderValue::new(HeaderName::new_from_ascii_str(name), value.to_owned());
        let message = Message::builder()
            .from(from.clone())
            .to(Mailbox::new(Some(one_line(&member.name)), member.email.parse()?))
            .subject(name)
            .date(date)
            .message_id(Some(format!("<{id}@{domain}>")))
            .raw_header(header("List-Unsubscribe", &format!("<{unsubscribe}>")))
            .raw_header(header("List-Unsubscribe-Post", "List-Unsubscribe=One-Click"))
            // Machines do not answer it (RFC 3834).
            .raw_header(header("Auto-Submitted", "auto-generated"));
        let message = match (self.result.csv, file) {
            (Some(csv), Some(file)) => {
                // Base64 arrives byte by byte, whatever servers do to lines.
                let csv = Body::new_with_encoding(csv, ContentTransferEncoding::Base64).unwrap_or_else(Body::new);
                let part = SinglePart::builder()
                    .header(ContentType::parse("text/csv; charset=utf-8").unwrap_or(ContentType::TEXT_PLAIN))
                    .header(ContentDisposition::attachment(&file))
                    .body(csv);
                message.multipart(MultiPart::mixed().multipart(bodies).singlepart(part))?
            }
            _ => message.multipart(bodies)?,
        };
        Ok(Mail { envelope: message.envelope().clone(), bytes: message.formatted() })
    }

    fn summary(&self) -> String {
        let QueryResult { rows, more_columns, total, .. } = &self.result;
        let shown = rows.len();
        let count = match total {
            Some(1) => "1 row".to_owned(),
            Some(total) => format!("{total} rows"),
            None => "A large result".to_owned(),
        };
        let first = if *total == Some(shown as u64) { String::new() } else { format!("; the first {shown} are below") };
        let columns = match more_columns {
            0 => String::new(),
            more => format!(", without {more} more columns"),
        };
        let time_zone = &self.subscription.schedule.time_zone;
        let now = self.now.to_jiff().to_zoned_datetime(zone(time_zone)).strftime("%-d %b %Y, %H:%M");
        format!("{count} on {now}, {time_zone}{first}{columns}.")
    }

    /// Returns the address that shows the result.
    fn link(&self) -> String {
        let base = self.base_url;
        match (&self.subscription.view, &self.subscription.source) {
            (Some(view), _) => format!("{base}{view}"),
            (None, QuerySource::Saved(id)) => format!("{base}/sql?saved={}", id.0),
            (None, QuerySource::Own { query, values }) if values == "[]" && query.len() <= MAX_LINKED_QUERY => {
                format!("{base}/sql?query={}", utf8_percent_encode(query, NON_ALPHANUMERIC))
            }
            (None, QuerySource::Own { .. }) => format!("{base}/sql"),
        }
    }
}

/// Returns a text without anything that ends a line of a header.
fn one_line(text: &str) -> String {
    text.chars().map(|char| if char.is_control() { ' ' } else { char }).collect()
}

/// Returns a name in the letters of file names everywhere.
fn file_name(name: &str) -> String {
    let words: Vec<String> = name
        .split(|char: char| !char.is_ascii_alphanumeric())
        .filter(|word| !word.is_empty())
        .map(str::to_ascii_lowercase)
        .collect();
    let name: String = words.join("-").chars().take(60).collect();
    if name.is_empty() { "result".to_owned() } else { name }
}

fn plain_table(QueryResult { columns, rows, .. }: &QueryResult) -> String {
    if rows.is_empty() {
        return String::new();
    }
    let lines = || std::iter::once(columns).chain(rows);
    let width = |at: usize| {
        let longest = lines().filter_map(|line| line.get(at)).map(|value| value.chars().count()).max();
        longest.unwrap_or(0).min(PLAIN_WIDTH)
    };
    let widths: Vec<usize> = (0..columns.len()).map(width).collect();
    let line = |values: &Vec<String>| {
        let cells = values.iter().zip(&widths).map(|(value, width)| {
            let cut: String = value.chars().take(*width).collect();
            format!("{cut:width$}")
        });
        cells.collect::<Vec<_>>().join("  ").trim_end().to_owned()
    };
    lines().map(line).collect::<Vec<_>>().join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_view_is_a_path_of_this_server() {
        for good in ["/quality?last=7d&place=Lyon%2C%20C", "/meetings/a%2Fb", "/"] {
            assert!(view_path(good), "{good}");
        }
        for bad in
            ["", "quality", "//evil.example", "https://evil.example", "/\\evil.example", "/a\r\nBcc: b", "/a b", "/é"]
        {
            assert!(!view_path(bad), "{bad:?}");
        }
        assert!(!view_path(&format!("/{}", "x".repeat(MAX_VIEW_BYTES))));
    }

    #[test]
    fn file_names_have_plain_letters() {
        assert_eq!(file_name("Quality, last 7 days"), "quality-last-7-days");
        assert_eq!(file_name("../../etc/passwd\u{0}"), "etc-passwd");
        assert_eq!(file_name("質"), "result");
    }
}
