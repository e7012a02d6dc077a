//! The tables that queries can read, with the meaning and unit of every column.
//!
//! A row specifies where a column's value is in the database. `rollcall sql --schema` and queries use the same row.

use std::{borrow::Cow, sync::LazyLock};

use rollcall_archive::ColumnKind;
use rollcall_model::{DEVICE_FIELDS, Field, FieldKind, Instance, PERSON_FIELDS, Participant, Reveals, Timestamp};
use rollcall_quality::Step;
use rollcall_store_sqlite::{INSTANCE_FIELDS, PARTICIPANT_FIELDS};

use crate::{Names, hints, minutes, quality, scores};

/// The type of a column.
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
    /// An instant in UTC as on the wire, `2026-10-01T09:00:00Z`, so that text comparison orders instants.
    Time,
    /// A JSON array or object, as text.
    Json,
    /// Input of `quantile`, as a blob.
    Sketch,
}

impl Type {
    /// Returns its name, for people.
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

/// Whether a column is shown to callers from whom names are hidden.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Privacy {
    /// It identifies nobody: measurements, equipment, times, places, titles and labels.
    Open,
    /// It identifies a person: an id, a name or an address, or text that may contain one.
    Personal,
}

impl From<Reveals> for Privacy {
    fn from(reveals: Reveals) -> Self {
        match reveals {
            // A city, and the title of a meeting, are what such callers look for.
            Reveals::Nothing | Reveals::Place | Reveals::Title => Self::Open,
            Reveals::Person | Reveals::Device | Reveals::Leaver => Self::Personal,
        }
    }
}

/// A table that queries can read. NULL: not reported. Empty: reported as empty.
#[derive(Debug, Clone)]
pub struct Description {
    /// Its name.
    pub name: &'static str,
    /// Meaning of a row.
    pub meaning: &'static str,
    /// Its columns: name, as on the wire and followed by the unit; type; meaning.
    pub columns: Vec<(&'static str, Type, &'static str)>,
}

/// A column of a [`Table`].
#[derive(Debug)]
pub(crate) struct Column {
    name: &'static str,
    kind: Type,
    privacy: Privacy,
    meaning: &'static str,
    /// Where its value is.
    source: Cow<'static, str>,
}

impl Column {
    /// Returns the expression that reads the value.
    fn expression(&self) -> String {
        match self.kind {
            Type::Time => format!("strftime('%Y-%m-%dT%H:%M:%SZ', {} / 1000, 'unixepoch')", self.source),
            _ => self.source.to_string(),
        }
    }
}

/// Returns an instant as spelled on the wire.
pub(crate) fn iso_of_millis(millis: i64) -> String {
    Timestamp::from_millis(millis).to_string()
}

/// A table that queries can read: the rows of one account.
#[derive(Debug)]
pub(crate) struct Table {
    pub(crate) name: &'static str,
    meaning: &'static str,
    columns: Vec<Column>,
    /// The joined database tables that it reads. `$fields` is replaced by the view of participants.
    from: &'static str,
    /// The column with the account of a row.
    account: &'static str,
}

impl Table {
    /// Returns the query for the table's rows of one account. Hidden columns are NULL.
    pub(crate) fn select(&self, account: i64, names: Names) -> String {
        let columns = self.columns.iter().map(|column| {
            let hides = names == Names::Hidden && column.privacy == Privacy::Personal;
            let value = if hides { "NULL".to_owned() } else { column.expression() };
            format!("{value} AS \"{}\"", column.name)
        });
        let columns: Vec<_> = columns.collect();
        format!("SELECT {} FROM {} WHERE {} = {account}", columns.join(", "), self.from, self.account)
    }
}

macro_rules! table {
    ($name:literal, $meaning:literal, $account:literal, $from:literal, [$($column:literal $kind:ident $privacy:ident $source:literal $what:literal)+]) => {
        Table {
            name: $name,
            meaning: $meaning,
            account: $account,
            from: $from,
            columns: columns![$($column $kind $privacy $source $what)+],
        }
    };
}

macro_rules! columns {
    ($($column:literal $kind:ident $privacy:ident $source:literal $what:literal)+) => {
        vec![$(Column {
            name: $column,
            kind: Type::$kind,
            privacy: Privacy::$privacy,
            source: Cow::Borrowed($source),
            meaning: $what,
        }),+]
    };
}

/// The table of attendances.
pub(crate) const PARTICIPANTS: &str = "participants";
/// The table of minutes, which are not in the database.
pub(crate) const QOS_MINUTES: &str = "qos_minutes";
/// The tables of rollups, which are decoded for a query.
pub(crate) const ROLLUPS: [(&str, Step); 2] = [("quality_hourly", Step::Hour), ("quality_daily", Step::Day)];

/// The person of a participant (`p`): the most reliable identifier, by the model's rule. An address is replaced by the
/// login that has it, if there is one.
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
    // Anybody may have written a page's report, so its persons are separate from all others.
    let page = "WHEN i.origin = 'page' THEN CASE WHEN p.email <> '' THEN 'page:' || lower(p.email) END";
    let device = DEVICE_FIELDS.map(|field| format!("nullif(trim(p.{field}), '')")).join(", ");
    let device = format!(
        "WHEN trim(p.user_name) <> '' AND coalesce({device}) IS NOT NULL
             THEN 'device:' || lower(trim(p.user_name)) || '|' || lower(coalesce({device}))"
    );
    let own = format!("CASE {page} {} {device} END", names.collect::<Vec<_>>().join(" "));
    format!(
        "iif(EXISTS (SELECT 1 FROM main.person_aliases WHERE account_id = $account),
             coalesce((SELECT a.person FROM main.person_aliases AS a WHERE a.account_id = $account AND a.alias = {own}),
                 {own}),
             {own})"
    )
});

/// The person of a participant (`p`) within an instance (`i`): a guest is known there by name and network address
/// (`rollcall_people::name_of`).
pub(crate) static GUEST: &str = "coalesce($person_of, CASE WHEN trim(p.user_name) <> '' AND p.ip_address <> ''
        THEN 'guest:' || i.uuid || '|' || lower(trim(p.user_name)) || '|' || p.ip_address
        ELSE 'alone:' || i.uuid || '|' || p.user_id || '|' || coalesce(p.join_time_ms, 0) END)";

/// Views that persons are built from.
pub(crate) const PERSONS: [(&str, &str); 3] = [
    (
        "attended",
        "SELECT i.account_id, p.instance_id, $person_of AS person, p.email, p.user_name, p.join_time_ms, p.leave_time_ms, p.status
         FROM main.instances AS i JOIN temp.$fields AS p ON p.instance_id = i.id WHERE i.account_id = $account",
    ),
    (
        "people",
        // The latest report sorts last, after its time.
        "SELECT account_id, person, CASE WHEN person LIKE 'user:%' THEN substr(person, 6) END AS user_id,
             substr(max(CASE WHEN email <> '' THEN printf('%016d', coalesce(join_time_ms, 0)) || email END), 17) AS email,
             substr(max(CASE WHEN user_name <> '' THEN printf('%016d', coalesce(join_time_ms, 0)) || user_name END), 17)
                 AS user_name,
             min(join_time_ms) AS first_join_time_ms, max(join_time_ms) AS last_join_time_ms,
             count(*) AS participants, count(DISTINCT instance_id) AS instances,
             sum(CASE WHEN status IS NOT 'in_waiting_room' THEN max(leave_time_ms - join_time_ms, 0) END) AS duration_ms
         FROM temp.$attended WHERE person IS NOT NULL GROUP BY account_id, person",
    ),
    (
        "gathered",
        "SELECT account_id, uuid, kind, number, person, end_time_ms - start_time_ms AS length_ms,
             substr(max(CASE WHEN user_name <> '' THEN printf('%016d', coalesce(join_time_ms, 0)) || user_name END), 17)
                 AS user_name,
             substr(max(CASE WHEN email <> '' THEN printf('%016d', coalesce(join_time_ms, 0)) || email END), 17) AS email,
             min(join_time_ms) AS first_join_time_ms,
             CASE WHEN count(*) = count(left_ms) THEN max(left_ms) END AS last_leave_time_ms,
             max(count(*) FILTER (WHERE coalesce(bo_mtg_id, '') = ''), 1) AS joins,
             union_ms(join_time_ms, left_ms) AS attended_ms
         FROM (SELECT i.account_id, i.uuid, i.kind, i.number, i.start_time_ms, i.end_time_ms, $guest AS person,
                   p.user_name, p.email, p.join_time_ms, coalesce(p.leave_time_ms, i.end_time_ms) AS left_ms, p.bo_mtg_id
               FROM main.instances AS i JOIN temp.$fields AS p ON p.instance_id = i.id
               WHERE i.account_id = $account AND coalesce(p.status, '') <> 'in_waiting_room')
         GROUP BY account_id, uuid, person",
    ),
];

/// Every table of the database.
pub(crate) static TABLES: LazyLock<Vec<Table>> = LazyLock::new(|| {
    vec![
        table!("meetings", "a scheduled meeting or webinar", "m.account_id", "main.meetings AS m", [
            "kind" Text Open "m.kind" "meeting or webinar"
            "meeting_id" Integer Open "m.number" "its number"
            "host_id" Text Personal "m.host_id" "the host's user id"
            "host_email" Text Personal "m.host_email" "the host's address"
            "topic" Text Open "coalesce(nullif(m.topic, ''), (SELECT i.topic FROM main.instances AS i \
                WHERE i.account_id = m.account_id AND i.kind = m.kind AND i.number = m.number AND i.topic <> '' \
                    AND (i.origin IS NOT 'page' OR m.origin IS 'page') \
                ORDER BY i.start_time_ms DESC, i.id DESC LIMIT 1), m.topic)"
                "title; if none was reported for the meeting, that of its latest instance"
            "type" Integer Open "m.type" "the vendor's type: 2 scheduled, 5 webinar, 8 recurring, …"
            "status" Text Open "m.status" "as reported by the source"
            "start_time" Time Open "m.start_time_ms" "planned start"
            "duration_minutes" Integer Open "m.duration_minutes" "planned length, in minutes"
            "timezone" Text Open "m.timezone" "time zone of the planned start"
            "agenda" Text Personal "m.agenda" "description"
            "created_at" Time Open "m.created_at_ms" "when it was scheduled"
            "join_url" Text Open "m.join_url" "where attendees join"
            "registration_url" Text Open "m.registration_url" "where they register"
            "tracking_fields" Json Open "m.tracking_fields" "account-wide labels, as a list of {key, value}"
            "occurrences" Json Open "m.occurrences" "planned occurrences, if it recurs"
            "deleted_at" Time Open "m.deleted_at_ms" "when it was deleted at the vendor; its instances stay"
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
        table!("persons", "a person: one login, else one address, else one registration; \
        participants with none of these have no person", "p.account_id", "temp.$people AS p", [
            "person" Text Personal "p.person" "id of the person, as in participants"
            "user_id" Text Personal "p.user_id" "the login's user id; NULL for guests"
            "email" Text Personal "p.email" "latest reported address"
            "user_name" Text Personal "p.user_name" "latest reported display name"
            "first_join_time" Time Open "p.first_join_time_ms" "when they first joined anything"
            "last_join_time" Time Open "p.last_join_time_ms" "when they last joined anything"
            "participants" Integer Open "p.participants" "attendances"
            "instances" Integer Open "p.instances" "instances attended"
            "duration_seconds" Integer Open "p.duration_ms / 1000" "total known time in meetings, in seconds, without waiting rooms"
        ]),
        table!("attendance", "one person's attendance of one instance: rejoins, devices and breakout rooms together",
            "g.account_id", "temp.$gathered AS g", [
            "instance_uuid" Text Open "g.uuid" "the instance attended"
            "kind" Text Open "g.kind" "meeting or webinar"
            "meeting_id" Integer Open "g.number" "the meeting's number"
            "person" Text Personal "g.person" "the person, as in persons; `guest:` and `alone:` name persons within the instance only"
            "user_name" Text Personal "g.user_name" "latest reported display name"
            "email" Text Personal "g.email" "latest reported address"
            "first_join_time" Time Open "g.first_join_time_ms" "when they first joined"
            "last_leave_time" Time Open "g.last_leave_time_ms" "when they last left"
            "joins" Integer Open "g.joins" "number of joins, without moves to breakout rooms"
            "attended_seconds" Integer Open "g.attended_ms / 1000" "how long they were there, in seconds; several devices at a time count once"
            "share" Real Open "CASE WHEN g.length_ms > 0 THEN min(1.0, g.attended_ms * 1.0 / g.length_ms) END" "attended share of the instance, from 0 to 1"
        ]),
        table!("registrants", "a registration for a meeting or webinar, with the link that led to it; \
        one row per link", "r.account_id",
            "main.registrants AS r LEFT JOIN main.registrations AS l ON r.kind = 'webinar' \
             AND l.account_id = r.account_id AND l.webinar_number = r.number AND l.registrant = r.registrant \
             LEFT JOIN main.tracking_sources AS t \
             ON t.account_id = l.account_id AND t.webinar_number = l.webinar_number AND t.id = l.source_id", [
            "kind" Text Open "r.kind" "meeting or webinar"
            "meeting_id" Integer Open "r.number" "the meeting's number"
            "registrant" Text Personal "r.registrant" "the registration's id, as registrant_id in participants, or else an address"
            "email" Text Personal "r.email" "address"
            "first_name" Text Personal "r.first_name" "given name"
            "last_name" Text Personal "r.last_name" "family name"
            "status" Text Open "r.status" "approved, pending, denied or cancelled"
            "occurrence_ids" Json Open "r.occurrence_ids" "occurrences of a recurring meeting that it covers"
            "answers" Json Personal "r.answers" "the rest of the form, including answers to custom questions"
            "join_url" Text Personal "r.join_url" "the registrant's own URL to join"
            "language" Text Open "r.language" "language of messages to the registrant"
            "create_time" Time Open "r.create_time_ms" "when the registration was made"
            "tracking_source_id" Text Open "l.source_id" "the link's id; NULL if no link is known"
            "source_name" Text Open "coalesce(t.source_name, CASE WHEN json_valid(r.answers) THEN r.answers ->> '$.source_name' END)" "label given by the host; of an imported registration report, even if the link is not known"
        ]),
        table!("documents", "an entry of a vendor's response that is kept as it was, such as an answer to a poll, a \
            sign-in or an invoice", "d.account_id", "main.documents AS d", [
            "kind" Text Open "d.kind" "the list that it belongs to, such as polls"
            "owner_kind" Text Open "d.owner_kind" "account, instance, meeting, webinar or record"
            "owner" Text Personal "d.owner" "UUID of the instance, number of the meeting, or id of the record; blank for the account"
            "key" Text Personal "d.key" "identifies it in its list"
            "time" Time Open "nullif(d.at_ms, 0)" "its time, if it has one"
            "body" Json Personal "d.body" "the entry"
        ]),
        table!("users", "a person with a login", "u.account_id", "main.users AS u", [
            "id" Text Personal "u.id" "the user's id"
            "email" Text Personal "u.email" "address"
            "first_name" Text Personal "u.first_name" "given name"
            "last_name" Text Personal "u.last_name" "family name"
            "display_name" Text Personal "u.display_name" "display name"
            "type" Integer Open "u.type" "licence: 1 basic, 2 licensed"
            "status" Text Open "u.status" "active, inactive or pending"
            "dept" Text Open "u.dept" "department"
            "cost_center" Text Open "u.cost_center" "cost centre"
            "role_name" Text Open "u.role_name" "role"
            "timezone" Text Open "u.timezone" "time zone"
            "location" Text Open "u.location" "workplace"
            "job_title" Text Personal "u.job_title" "job"
            "company" Text Open "u.company" "company"
            "manager" Text Personal "u.manager" "manager"
            "group_ids" Json Open "u.group_ids" "groups"
            "created_at" Time Open "u.created_at_ms" "when the login was created"
            "last_login_time" Time Open "u.last_login_time_ms" "last login"
        ]),
        table!("tracking_sources", "a named registration link of a webinar, with its visits and registrations", "t.account_id",
            "main.tracking_sources AS t", [
            "meeting_id" Integer Open "t.webinar_number" "the webinar's number"
            "id" Text Open "t.id" "the link's id"
            "source_name" Text Open "t.source_name" "label given by the host"
            "tracking_url" Text Open "t.tracking_url" "the link"
            "visitor_count" Integer Open "t.visitor_count" "number of visits"
            "registration_count" Integer Open "t.registration_count" "number of registrations"
        ]),
        table!("tracking_fields", "a label that the account defines for its meetings; one row for each label that a field \
            has or had, because meetings refer to fields by label", "l.account_id",
            "main.tracking_field_labels AS l LEFT JOIN main.tracking_fields AS f \
             ON f.account_id = l.account_id AND f.id = l.field_id", [
            "id" Text Open "l.field_id" "the field's id, which a new label does not change"
            "label" Text Open "l.label" "the label, as key in tracking_fields of meetings and instances"
            "since" Time Open "l.since_ms" "when the field got the label"
            "current_label" Text Open "f.label" "the field's label by now; NULL if the field was deleted"
            "recommended_values" Json Open "f.recommended_values" "suggested values"
            "required" Flag Open "f.required" "whether a meeting must have a value"
            "visible" Flag Open "f.visible" "whether participants see the value"
        ]),
        table!("audit", "who requested, changed, exported or erased what", "a.account_id", "main.audit AS a", [
            "at" Time Open "a.at_ms" "time; if several requests are counted together, that of the first"
            "actor" Text Open "a.actor" "token, member, app or operator"
            "token_id" Integer Open "a.token_id" "the token, as `rollcall token list` shows it; of a member, the session"
            "client_id" Text Open "a.client_id" "the app"
            "user_id" Text Personal "a.user_id" "the user that the token acts for"
            "member_id" Integer Open "a.member_id" "the member"
            "member" Text Personal "(SELECT m.email FROM main.members AS m \
                WHERE m.id = a.member_id AND m.account_id = a.account_id)" "the member's address"
            "address" Text Personal "a.address" "where the request came from"
            "operation" Text Open "a.operation" "operation id, or the command"
            "effect" Text Open "a.effect" "read, export, ingest, change, erase or grant"
            "target" Text Open "a.target" "kind of record"
            "status" Integer Open "a.status" "HTTP status; NULL for a command"
            "requests" Integer Open "a.requests" "number of requests within the minute"
        ]),
        table!("collect_gaps", "something that is missing of a vendor's data, and why", "g.account_id",
            "main.collect_gaps AS g", [
            "connection_id" Integer Open "g.connection_id" "the connection"
            "vendor" Text Open "(SELECT c.vendor FROM main.connections AS c WHERE c.id = g.connection_id)" "zoom or webex"
            "connection" Text Open "(SELECT c.name FROM main.connections AS c WHERE c.id = g.connection_id)" "the connection's name"
            "request" Text Personal "g.request" "the request, or the template of a path if every request of the operation is refused"
            "reason" Text Open "g.reason" "scope, plan, not found, too old, region, request, failing or content"
            "detail" Text Personal "g.detail" "what the vendor said, or what is wrong with its response"
            "remedy" Text Open "g.remedy" "what would fill the gap"
            "waiting_lists" Integer Open "g.waiting" "lists that are missing for the same reason, in addition to this one"
            "times" Integer Open "g.times" "how often it was found"
            "first_at" Time Open "g.first_at_ms" "when it was first found"
            "last_at" Time Open "g.last_at_ms" "when it was last found"
        ]),
        table!("collect_differences", "two sources that do not agree on an instance", "d.account_id",
            "main.collect_differences AS d", [
            "connection_id" Integer Open "d.connection_id" "the connection"
            "vendor" Text Open "(SELECT c.vendor FROM main.connections AS c WHERE c.id = d.connection_id)" "zoom or webex"
            "connection" Text Open "(SELECT c.name FROM main.connections AS c WHERE c.id = d.connection_id)" "the connection's name"
            "instance_uuid" Text Open "d.about" "the instance"
            "field" Text Open "d.field" "what they do not agree on"
            "first_source" Text Open "d.first_source" "a source"
            "first_value" Text Personal "d.first_value" "what it says"
            "second_source" Text Open "d.second_source" "the other source"
            "second_value" Text Personal "d.second_value" "what that says"
            "seen_at" Time Open "d.seen_at_ms" "when it was last seen"
        ]),
        table!("collect_unknown_values", "a value in a vendor's responses that Rollcall does not know, stored as it is",
            "u.account_id", "main.collect_unknown_values AS u", [
            "connection_id" Integer Open "u.connection_id" "the connection"
            "vendor" Text Open "(SELECT c.vendor FROM main.connections AS c WHERE c.id = u.connection_id)" "zoom or webex"
            "connection" Text Open "(SELECT c.name FROM main.connections AS c WHERE c.id = u.connection_id)" "the connection's name"
            "operation" Text Open "u.operation" "the operation's id"
            "path" Text Open "u.path" "the path in its responses, without indices"
            "entries" Integer Open "u.entries" "entries that have it"
            "first_at" Time Open "u.first_at_ms" "when it was first seen"
            "last_at" Time Open "u.last_at_ms" "when it was last seen"
        ]),
        table!("sites", "a Webex site", "s.account_id", "main.sites AS s", [
            "site_url" Text Open "s.url" "host name"
            "is_default" Flag Open "s.is_default" "used if a request specifies no site"
            "managed_by" Text Open "s.managed_by" "siteAdmin or controlHub"
            "tracking_code_mode" Text Open "s.tracking_code_mode" "classic, mapping or mapped"
        ]),
        table!("tracking_codes", "a named label, such as a cost centre", "c.account_id", "main.tracking_codes AS c", [
            "site_url" Text Open "c.site_url" "the site"
            "id" Text Open "c.id" "the code's id"
            "name" Text Open "c.name" "the code's name"
            "input_mode" Text Open "c.input_mode" "how a value is entered"
            "options" Json Open "c.options" "allowed values"
            "host_profile_code" Text Open "c.host_profile_code" "whether hosts must have a value"
            "schedule_start_codes" Json Open "c.schedule_start_codes" "whether meetings must have one, by service"
        ]),
        table!("user_tracking_codes", "a user's value of a tracking code", "v.account_id",
            "main.user_tracking_codes AS v JOIN main.tracking_codes AS c \
             ON c.account_id = v.account_id AND c.site_url = v.site_url AND c.id = v.code_id", [
            "site_url" Text Open "v.site_url" "the site"
            "user_id" Text Personal "v.user_id" "the user"
            "code_id" Text Open "v.code_id" "the code's id"
            "name" Text Open "c.name" "the code's name"
            "value" Text Open "v.value" "the user's value"
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
    Some(Column { name, kind, privacy: field.reveals.into(), source: source.into(), meaning: field.meaning })
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
        "uuid" Text Open "i.uuid" "names the run"
        "kind" Text Open "i.kind" "meeting or webinar"
        "state" Text Open "i.state" "live or past"
        "origin" Text Open "coalesce(i.origin, 'operator')" "who reported it first: vendor, operator, lines or page"
        "duration_seconds" Integer Open "(i.end_time_ms - i.start_time_ms) / 1000" "how long it lasted, in seconds"
        "participants" Integer Open "i.participants" "how many attendances are stored"
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
        "instance_uuid" Text Open "i.uuid" "the instance attended"
        "kind" Text Open "i.kind" "meeting or webinar"
        "meeting_id" Integer Open "i.number" "the meeting's number"
        "user_id" Text Open "p.user_id" "the login's user id; NULL for guests"
        "person" Text Personal "$person_of" "the person, as in persons; NULL if unknown"
        "join_time" Time Open "p.join_time_ms" "when they joined"
        "duration_seconds" Integer Open "(p.leave_time_ms - p.join_time_ms) / 1000" "how long they stayed, in seconds"
    ];
    let fields = Participant::FIELDS.iter().zip(PARTICIPANT_FIELDS);
    let fields = fields.filter_map(|(field, column)| field_column(field, field.name, format!("p.{column}")));
    keys.into_iter().chain(fields).collect()
}

/// Where the value of a database column is, and its type.
pub(crate) fn source_of(table: &str, column: &str) -> Option<(&'static str, Type)> {
    let table = TABLES.iter().find(|known| known.name == table)?;
    let found = table.columns.iter().find(|known| known.name.eq_ignore_ascii_case(column))?;
    Some((&*found.source, found.kind))
}

/// Returns whether a column of a table in the database identifies a person.
pub(crate) fn is_personal(table: &str, column: &str) -> bool {
    let table = TABLES.iter().find(|known| known.name == table);
    let found = table.and_then(|table| table.columns.iter().find(|known| known.name.eq_ignore_ascii_case(column)));
    found.is_some_and(|found| found.privacy == Privacy::Personal)
}

/// No table has this name.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("no such table: {name}. {hint}")]
pub struct NoSuchTable {
    name: String,
    hint: String,
}

/// Describes the table of this name.
///
/// # Errors
/// If there is none.
pub fn describe_table(name: &str) -> Result<Description, NoSuchTable> {
    let found = describe().into_iter().find(|table| table.name.eq_ignore_ascii_case(name));
    found.ok_or_else(|| NoSuchTable { name: name.to_owned(), hint: hints::of_table(name) })
}

/// Returns every table that queries can read.
#[must_use]
pub fn describe() -> Vec<Description> {
    let stored = TABLES.iter().map(|table| Description {
        name: table.name,
        meaning: table.meaning,
        columns: table.columns.iter().map(|column| (column.name, column.kind, column.meaning)).collect(),
    });
    let minutes = Description {
        name: QOS_MINUTES,
        meaning: "one participant's measurements for one minute; filter by an instance or a time range",
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
            Step::Hour => "hourly quality of sealed instances, for each value of each dimension",
            Step::Day => "the same by day, for trends over months and years",
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

    /// Minutes and rollups have no column that identifies a person, so all of theirs are shown.
    #[test]
    fn minutes_and_rollups_identify_nobody() {
        let text = |table: &str| {
            let columns = describe_table(table).unwrap().columns;
            let is_text = |kind: Type| matches!(kind, Type::Text | Type::Json);
            columns.into_iter().filter(|(_, kind, _)| is_text(*kind)).map(|(name, ..)| name).collect::<Vec<_>>()
        };
        for (table, _) in ROLLUPS {
            assert_eq!(text(table), ["dimension", "value"]);
        }
        let scores: Vec<_> = scores::COLUMNS.iter().map(|(name, ..)| *name).collect();
        let known = text(QOS_MINUTES).into_iter().filter(|name| !name.ends_with("_level") && !scores.contains(name));
        let known: Vec<_> = known.filter(|name| !name.ends_with("_resolution")).collect();
        // The id of an attendance, which a vendor counts up in each instance.
        assert_eq!(known, ["instance_uuid", "kind", "user_id"], "decide whether a new column identifies a person");
    }

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
