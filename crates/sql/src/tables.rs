//! The tables that a query sees, with the meaning and the unit of every column.
//!
//! A row says where a column's value lies in the database. What is printed by `rollcall sql --schema` and what a query
//! reads come from the same row.

use std::{borrow::Cow, sync::LazyLock};

use rollcall_archive::ColumnKind;
use rollcall_model::{Field, FieldKind, Instance, PERSON_FIELDS, Participant, Timestamp};
use rollcall_quality::Step;
use rollcall_store_sqlite::{INSTANCE_FIELDS, PARTICIPANT_FIELDS};

use crate::{hints, minutes, quality, scores};

/// What a column holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Type {
    /// UTF-8 text.
    Text,
    /// A whole number.
    Integer,
    /// A number with a fraction.
    Real,
    /// 0 or 1.
    Flag,
    /// An instant in UTC as the wire spells it, `2026-10-01T09:00:00Z`, so that texts compare as instants do.
    Time,
    /// A JSON array or object, as text.
    Json,
    /// What `quantile` takes, as a blob.
    Sketch,
}

impl Type {
    /// Its name, for people.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Text => "text",
            Self::Integer => "integer",
            Self::Real => "number",
            Self::Flag => "0 or 1",
            Self::Time => "time, UTC",
            Self::Json => "JSON",
            Self::Sketch => "sketch",
        }
    }
}

/// A table, as a query sees it. NULL is what no source has told, blank what a source told as blank.
#[derive(Debug, Clone)]
pub struct Description {
    /// Its name.
    pub name: &'static str,
    /// What a row is.
    pub meaning: &'static str,
    /// The names of its columns, as on the wire with the unit behind; what each holds, and what it means.
    pub columns: Vec<(&'static str, Type, &'static str)>,
}

/// A column of a [`Table`].
#[derive(Debug)]
pub(crate) struct Column {
    name: &'static str,
    kind: Type,
    meaning: &'static str,
    /// Where its value lies.
    source: Cow<'static, str>,
}

impl Column {
    /// The expression that reads the value.
    fn expression(&self) -> String {
        match self.kind {
            Type::Time => format!("strftime('%Y-%m-%dT%H:%M:%SZ', {} / 1000, 'unixepoch')", self.source),
            _ => self.source.to_string(),
        }
    }
}

/// An instant as the wire spells it.
pub(crate) fn iso_of_millis(millis: i64) -> String {
    Timestamp::from_millis(millis).to_string()
}

/// A table that a query sees: one account's rows of it.
#[derive(Debug)]
pub(crate) struct Table {
    pub(crate) name: &'static str,
    meaning: &'static str,
    columns: Vec<Column>,
    /// The tables of the database that it reads, joined. `$fields` stands for the view of participants.
    from: &'static str,
    /// The column that says whose a row is.
    account: &'static str,
}

impl Table {
    /// The query that answers the table's rows of one account.
    pub(crate) fn select(&self, account: i64) -> String {
        let columns: Vec<_> =
            self.columns.iter().map(|column| format!("{} AS \"{}\"", column.expression(), column.name)).collect();
        format!("SELECT {} FROM {} WHERE {} = {account}", columns.join(", "), self.from, self.account)
    }
}

macro_rules! table {
    ($name:literal, $meaning:literal, $account:literal, $from:literal, [$($column:literal $kind:ident $source:literal $what:literal)+]) => {
        Table {
            name: $name,
            meaning: $meaning,
            account: $account,
            from: $from,
            columns: columns![$($column $kind $source $what)+],
        }
    };
}

macro_rules! columns {
    ($($column:literal $kind:ident $source:literal $what:literal)+) => {
        vec![$(Column { name: $column, kind: Type::$kind, source: Cow::Borrowed($source), meaning: $what }),+]
    };
}

/// The table of attendances.
pub(crate) const PARTICIPANTS: &str = "participants";
/// The table of minutes, which is not in the database.
pub(crate) const QOS_MINUTES: &str = "qos_minutes";
/// The tables of rollups, which are unpacked for a query.
pub(crate) const ROLLUPS: [(&str, Step); 2] = [("quality_hourly", Step::Hour), ("quality_daily", Step::Day)];

/// Whom a participant (`p`) belongs to: the surest of what names the person, by the model's rule; in the place of an address
/// the login that has it, where there is one.
pub(crate) static PERSON: LazyLock<String> = LazyLock::new(|| {
    let email = |text: &str| {
        format!(
            "coalesce((SELECT 'user:' || u.id FROM main.users AS u
                 WHERE u.account_id = $account AND u.email_lower = lower({text})), 'email:' || lower({text}))"
        )
    };
    let names = PERSON_FIELDS.iter().map(|(field, kind)| {
        let (text, address) = (format!("p.{field}"), email(&format!("p.{field}")));
        match *kind {
            "email" => format!("WHEN {text} <> '' THEN {address}"),
            kind => format!("WHEN {text} LIKE '%@%' THEN {address} WHEN {text} <> '' THEN '{kind}:' || {text}"),
        }
    });
    // What a page reports anybody may have written: its persons are apart from everybody else's.
    let page = "WHEN i.origin = 'page' THEN CASE WHEN p.email <> '' THEN 'page:' || lower(p.email) END";
    format!("CASE {page} {} END", names.collect::<Vec<_>>().join(" "))
});

/// Views on the way to persons.
pub(crate) const PERSONS: [(&str, &str); 2] = [
    (
        "attended",
        "SELECT i.account_id, p.instance_id, $person_of AS person, p.email, p.user_name, p.join_time_ms, p.leave_time_ms, p.status
         FROM main.instances AS i JOIN temp.$fields AS p ON p.instance_id = i.id WHERE i.account_id = $account",
    ),
    (
        "people",
        // What was told latest sorts last, behind the time.
        "SELECT account_id, person, CASE WHEN person LIKE 'user:%' THEN substr(person, 6) END AS user_id,
             substr(max(CASE WHEN email <> '' THEN printf('%016d', coalesce(join_time_ms, 0)) || email END), 17) AS email,
             substr(max(CASE WHEN user_name <> '' THEN printf('%016d', coalesce(join_time_ms, 0)) || user_name END), 17)
                 AS user_name,
             min(join_time_ms) AS first_join_time_ms, max(join_time_ms) AS last_join_time_ms,
             count(*) AS participants, count(DISTINCT instance_id) AS instances,
             sum(CASE WHEN status IS NOT 'in_waiting_room' THEN max(leave_time_ms - join_time_ms, 0) END) AS duration_ms
         FROM temp.$attended WHERE person IS NOT NULL GROUP BY account_id, person",
    ),
];

/// Every table of the database.
pub(crate) static TABLES: LazyLock<Vec<Table>> = LazyLock::new(|| {
    vec![
        table!("meetings", "a scheduled meeting or webinar", "m.account_id", "main.meetings AS m", [
            "kind" Text "m.kind" "meeting or webinar"
            "meeting_id" Integer "m.number" "its number"
            "host_id" Text "m.host_id" "the host's user id"
            "host_email" Text "m.host_email" "the host's address"
            "topic" Text "coalesce(nullif(m.topic, ''), (SELECT i.topic FROM main.instances AS i \
                WHERE i.account_id = m.account_id AND i.kind = m.kind AND i.number = m.number AND i.topic <> '' \
                    AND (i.origin IS NOT 'page' OR m.origin IS 'page') \
                ORDER BY i.start_time_ms DESC, i.id DESC LIMIT 1), m.topic)"
                "title; if none was reported for the meeting, that of its latest run"
            "type" Integer "m.type" "the vendor's type: 2 scheduled, 5 webinar, 8 recurring, …"
            "status" Text "m.status" "as the source told it"
            "start_time" Time "m.start_time_ms" "planned start"
            "duration_minutes" Integer "m.duration_minutes" "planned length, in minutes"
            "timezone" Text "m.timezone" "of the planned start"
            "agenda" Text "m.agenda" "description"
            "created_at" Time "m.created_at_ms" "when it was scheduled"
            "join_url" Text "m.join_url" "where attendees join"
            "registration_url" Text "m.registration_url" "where they register"
            "tracking_fields" Json "m.tracking_fields" "account-wide labels, a list of {key, value}"
            "occurrences" Json "m.occurrences" "planned runs of a recurring one"
            "deleted_at" Time "m.deleted_at_ms" "when it was deleted at the vendor; its runs stay"
        ]),
        Table {
            name: "instances",
            meaning: "one run of a meeting or webinar",
            account: "i.account_id",
            from: "main.instances AS i",
            columns: instance_columns(),
        },
        Table {
            name: PARTICIPANTS,
            meaning: "one attendance: one join up to its leave",
            account: "i.account_id",
            from: "main.instances AS i JOIN temp.$fields AS p ON p.instance_id = i.id",
            columns: participant_columns(),
        },
        table!("persons", "whom participants belong to: one login, else one address, else one registration; \
            participants who told none of them are nobody's", "p.account_id", "temp.$people AS p", [
            "person" Text "p.person" "names the person, as in participants"
            "user_id" Text "p.user_id" "the login's user id; NULL for guests"
            "email" Text "p.email" "address, the latest that was told"
            "user_name" Text "p.user_name" "display name, the latest that was told"
            "first_join_time" Time "p.first_join_time_ms" "when they first joined anything"
            "last_join_time" Time "p.last_join_time_ms" "when they last joined anything"
            "participants" Integer "p.participants" "attendances"
            "instances" Integer "p.instances" "runs that they attended"
            "duration_seconds" Integer "p.duration_ms / 1000" "how long they stayed in all, in seconds, as far as is known; the waiting room does not count"
        ]),
        table!("registrants", "one who registered for a meeting or webinar, with the link that brought them; \
            once for each link", "r.account_id",
            "main.registrants AS r LEFT JOIN main.registrations AS l ON r.kind = 'webinar' \
             AND l.account_id = r.account_id AND l.webinar_number = r.number AND l.registrant = r.registrant \
             LEFT JOIN main.tracking_sources AS t \
             ON t.account_id = l.account_id AND t.webinar_number = l.webinar_number AND t.id = l.source_id", [
            "kind" Text "r.kind" "meeting or webinar"
            "meeting_id" Integer "r.number" "the meeting's number"
            "registrant" Text "r.registrant" "the registration's id, as registrant_id in participants, else an address"
            "email" Text "r.email" "address"
            "first_name" Text "r.first_name" "given name"
            "last_name" Text "r.last_name" "family name"
            "status" Text "r.status" "approved, pending, denied or cancelled"
            "occurrence_ids" Json "r.occurrence_ids" "the occurrences of a recurring meeting that it is for"
            "answers" Json "r.answers" "the rest of the form, answers to custom questions included"
            "tracking_source_id" Text "l.source_id" "the link's id; NULL if no link is known"
            "source_name" Text "t.source_name" "the label of the link"
        ]),
        table!("users", "a person with a login", "u.account_id", "main.users AS u", [
            "id" Text "u.id" "the user's id"
            "email" Text "u.email" "address"
            "first_name" Text "u.first_name" "given name"
            "last_name" Text "u.last_name" "family name"
            "display_name" Text "u.display_name" "name as shown"
            "type" Integer "u.type" "licence: 1 basic, 2 licensed"
            "status" Text "u.status" "active, inactive or pending"
            "dept" Text "u.dept" "department"
            "cost_center" Text "u.cost_center" "who pays"
            "role_name" Text "u.role_name" "role"
            "timezone" Text "u.timezone" "time zone"
            "location" Text "u.location" "where they sit"
            "job_title" Text "u.job_title" "job"
            "company" Text "u.company" "company"
            "manager" Text "u.manager" "whom they report to"
            "group_ids" Json "u.group_ids" "groups"
            "created_at" Time "u.created_at_ms" "when the login was made"
            "last_login_time" Time "u.last_login_time_ms" "last login"
        ]),
        table!("tracking_sources", "a named registration link of a webinar, with what came of it", "t.account_id",
            "main.tracking_sources AS t", [
            "meeting_id" Integer "t.webinar_number" "the webinar's number"
            "id" Text "t.id" "the link's id"
            "source_name" Text "t.source_name" "the label the host typed"
            "tracking_url" Text "t.tracking_url" "the link"
            "visitor_count" Integer "t.visitor_count" "visits"
            "registration_count" Integer "t.registration_count" "registrants"
        ]),
        table!("audit", "who asked for, changed, exported or erased what", "a.account_id", "main.audit AS a", [
            "at" Time "a.at_ms" "when; of requests counted together, the first"
            "actor" Text "a.actor" "token, app or operator"
            "token_id" Integer "a.token_id" "the token, as `rollcall token list` shows it"
            "client_id" Text "a.client_id" "the app"
            "user_id" Text "a.user_id" "the user whom the token acts for"
            "address" Text "a.address" "where the request came from"
            "operation" Text "a.operation" "the operation's id, or the command"
            "effect" Text "a.effect" "read, export, ingest, change, erase or grant"
            "target" Text "a.target" "the kind of record it is about"
            "status" Integer "a.status" "HTTP status; NULL for a command"
            "requests" Integer "a.requests" "how many requests within the minute"
        ]),
        table!("sites", "a Webex site", "s.account_id", "main.sites AS s", [
            "site_url" Text "s.url" "host name"
            "is_default" Flag "s.is_default" "meant where none is named"
            "managed_by" Text "s.managed_by" "siteAdmin or controlHub"
            "tracking_code_mode" Text "s.tracking_code_mode" "classic, mapping or mapped"
        ]),
        table!("tracking_codes", "a named label that says who pays", "c.account_id", "main.tracking_codes AS c", [
            "site_url" Text "c.site_url" "the site"
            "id" Text "c.id" "the code's id"
            "name" Text "c.name" "its name"
            "input_mode" Text "c.input_mode" "how a value is given"
            "options" Json "c.options" "allowed values"
            "host_profile_code" Text "c.host_profile_code" "whether hosts must carry a value"
            "schedule_start_codes" Json "c.schedule_start_codes" "whether meetings must carry one, by service"
        ]),
        table!("user_tracking_codes", "a user's value of a tracking code", "v.account_id",
            "main.user_tracking_codes AS v JOIN main.tracking_codes AS c \
             ON c.account_id = v.account_id AND c.site_url = v.site_url AND c.id = v.code_id", [
            "site_url" Text "v.site_url" "the site"
            "user_id" Text "v.user_id" "the user"
            "code_id" Text "v.code_id" "the code's id"
            "name" Text "c.name" "the code's name"
            "value" Text "v.value" "the user's value"
        ]),
    ]
});

/// The column of a field; `None` for extras.
fn field_column(field: &Field, name: &'static str, source: impl Into<Cow<'static, str>>) -> Option<Column> {
    let kind = match field.kind {
        FieldKind::Time => Type::Time,
        FieldKind::Text => Type::Text,
        FieldKind::Flag => Type::Flag,
        FieldKind::Number => Type::Integer,
        FieldKind::List => Type::Json,
        FieldKind::Extras => return None,
    };
    Some(Column { name, kind, source: source.into(), meaning: field.meaning })
}

const TOPIC_MEANING: &str = "title at the time; if none was reported for the run, that of its meeting, as in meetings";
const TOPIC: &str = "coalesce(nullif(i.topic, ''), (SELECT m.topic FROM main.meetings AS m \
    WHERE m.account_id = i.account_id AND m.kind = i.kind AND m.number = i.number AND m.topic <> '' \
        AND (m.origin IS NOT 'page' OR i.origin IS 'page')), \
    (SELECT o.topic FROM main.instances AS o \
    WHERE o.account_id = i.account_id AND o.kind = i.kind AND o.number = i.number AND o.topic <> '' \
        AND (o.origin IS NOT 'page' OR i.origin IS 'page') \
    ORDER BY o.start_time_ms DESC, o.id DESC LIMIT 1), i.topic)";

fn instance_columns() -> Vec<Column> {
    let keys = columns![
        "uuid" Text "i.uuid" "names the run"
        "kind" Text "i.kind" "meeting or webinar"
        "state" Text "i.state" "live or past"
        "origin" Text "coalesce(i.origin, 'operator')" "who reported it first: vendor, operator, lines or page"
        "duration_seconds" Integer "(i.end_time_ms - i.start_time_ms) / 1000" "how long it lasted, in seconds"
        "participants" Integer "i.participants" "how many attendances are stored"
    ];
    let fields = Instance::FIELDS.iter().zip(INSTANCE_FIELDS).filter_map(|(field, column)| match field.name {
        "number" => field_column(field, "meeting_id", "i.number"),
        "topic" => field_column(field, "topic", TOPIC).map(|column| Column { meaning: TOPIC_MEANING, ..column }),
        "host_name" => field_column(field, "host", "i.host_name"),
        "host_email" => field_column(field, "email", "i.host_email"),
        "has_third_party_audio" => field_column(field, "has_3rd_party_audio", "i.has_third_party_audio"),
        name => field_column(field, name, format!("i.{column}")),
    });
    keys.into_iter().chain(fields).collect()
}

fn participant_columns() -> Vec<Column> {
    let keys = columns![
        "instance_uuid" Text "i.uuid" "the run attended"
        "kind" Text "i.kind" "meeting or webinar"
        "meeting_id" Integer "i.number" "the meeting's number"
        "user_id" Text "p.user_id" "names the attendance inside the run"
        "person" Text "$person_of" "whom it belongs to, as in persons; NULL where nothing tells"
        "join_time" Time "p.join_time_ms" "when the attendance began; NULL if unknown"
        "duration_seconds" Integer "(p.leave_time_ms - p.join_time_ms) / 1000" "how long it lasted, in seconds"
    ];
    let fields = Participant::FIELDS.iter().zip(PARTICIPANT_FIELDS);
    let fields = fields.filter_map(|(field, column)| field_column(field, field.name, format!("p.{column}")));
    keys.into_iter().chain(fields).collect()
}

/// Where the value of a column of a table of the database lies, and what kind it is.
pub(crate) fn source_of(table: &str, column: &str) -> Option<(&'static str, Type)> {
    let table = TABLES.iter().find(|known| known.name == table)?;
    let found = table.columns.iter().find(|known| known.name.eq_ignore_ascii_case(column))?;
    Some((&*found.source, found.kind))
}

/// No table has that name.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("no such table: {name}. {hint}")]
pub struct NoSuchTable {
    name: String,
    hint: String,
}

/// Describes the table of that name.
///
/// # Errors
/// If there is none.
pub fn describe_table(name: &str) -> Result<Description, NoSuchTable> {
    let found = describe().into_iter().find(|table| table.name.eq_ignore_ascii_case(name));
    found.ok_or_else(|| NoSuchTable { name: name.to_owned(), hint: hints::of_table(name) })
}

/// Every table that a query sees.
#[must_use]
pub fn describe() -> Vec<Description> {
    let stored = TABLES.iter().map(|table| Description {
        name: table.name,
        meaning: table.meaning,
        columns: table.columns.iter().map(|column| (column.name, column.kind, column.meaning)).collect(),
    });
    let minutes = Description {
        name: QOS_MINUTES,
        meaning: "one participant's measurements for one minute; name an instance or a window of time",
        columns: minutes::COLUMNS
            .iter()
            .map(|column| {
                let kind = match column.kind {
                    ColumnKind::Boolean => Type::Flag,
                    ColumnKind::Integer | ColumnKind::Long => Type::Integer,
                    ColumnKind::Hundredths => Type::Real,
                    ColumnKind::Timestamp => Type::Time,
                    ColumnKind::Text => Type::Text,
                    ColumnKind::Json => Type::Json,
                };
                (column.name.as_str(), kind, column.meaning.as_str())
            })
            .chain(scores::COLUMNS)
            .collect(),
    };
    let rollups = ROLLUPS.map(|(name, step)| Description {
        name,
        meaning: match step {
            Step::Hour => "quality by the hour, for each value of what participants differ in; of sealed instances",
            Step::Day => "the same by the day, for trends over months and years",
        },
        columns: quality::COLUMNS
            .iter()
            .map(|column| (column.name.as_str(), column.kind, column.meaning.as_str()))
            .collect(),
    });
    stored.chain([minutes]).chain(rollups).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_field_of_the_model_has_a_column() {
        for (table, fields) in [("instances", Instance::FIELDS), (PARTICIPANTS, Participant::FIELDS)] {
            let columns = describe_table(table).unwrap().columns;
            for field in fields.iter().filter(|field| field.kind != FieldKind::Extras) {
                let listed = columns.iter().any(|(name, _, meaning)| *name == field.name || *meaning == field.meaning);
                assert!(listed, "{table} lacks {}", field.name);
            }
        }
    }
}
