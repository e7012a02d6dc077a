//! The two entities that the measurements read and write, and their SQL.

use std::sync::LazyLock;

pub type Int = Option<i64>;
pub type Text = Option<String>;

/// How many participants each instance has.
pub const PER_INSTANCE: i64 = 1_000;
/// How many access tokens there are.
pub const TOKENS: i64 = 10_000;

/// Calls a macro with every column of `participants`, the generated `id` first.
#[macro_export]
macro_rules! participant_columns {
    ($callback:ident) => {
        $callback! {
            id: i64, instance_id: i64, user_id: Text, join_ms: i64, leave_ms: Int, duration_s: Int,
            session_id: Text, user_uuid: Text, registrant_id: Text, name: Text, email: Text,
            role: Text, status: Text, department: Text, groups: Text, customer_key: Text,
            device: Text, client: Text, client_version: Text, os: Text, os_version: Text,
            computer: Text, domain: Text, mac_address: Text, disk_id: Text, ip_address: Text,
            internal_ip: Text, location: Text, network: Text, connection: Text, data_center: Text,
            microphone: Text, speaker: Text, camera: Text, audio_quality: Text,
            video_quality: Text, screen_quality: Text, sip_uri: Text, phone: Text,
            breakout_id: Text, leave_reason: Text, shared_screen: Int, recorded: Int,
            waited_s: Int, updated_ms: Int,
        }
    };
}

macro_rules! define_participant {
    ($($name:ident: $type:ident,)*) => {
        /// One attendance of one person in one instance.
        #[derive(Debug)]
        pub struct Participant { $(pub $name: $type,)* }

        /// The name and type of each field.
        const COLUMNS: &[(&str, &str)] = &[$((stringify!($name), stringify!($type))),*];

        impl Participant {
            /// The nth participant of an instance, always the same.
            pub fn sample(instance_id: i64, place: i64) -> Self {
                let user_id = Some(format!("u{place:07}"));
                let join_ms = 1_760_000_000_000 + place;
                let mut column = 0_i64..;
                let any = Self { $($name: sample!($type, column.next().expect("no end")),)* };
                Self { instance_id, user_id, join_ms, ..any }
            }
        }
    };
}
/// A value for the nth column, by its type; one text in four is missing.
macro_rules! sample {
    (i64, $column:expr) => {
        1_760_000_000_000 + $column
    };
    (Int, $column:expr) => {
        Some(sample!(i64, $column))
    };
    (Text, $column:expr) => {{
        let column: i64 = $column;
        (column % 4 != 0).then(|| TEXTS[column as usize % TEXTS.len()].to_owned())
    }};
}
participant_columns!(define_participant);

const TEXTS: &[&str] = &[
    "Marguerite Exampleton",
    "marguerite@mail.example.org",
    "Wifi",
    "Headset Microphone (Jabra Evolve2 65)",
    "6f0c1d52-77b2-4d0c-8e15-0a1b2c3d4e5f",
    "203.0.113.77",
    "Windows 11 Enterprise",
];

/// The account, user and scopes of an access token, and when it is issued, expires and was revoked.
pub type Token = (i64, Text, Text, i64, i64, Int);

/// The hash of the nth access token.
pub fn token_hash(nth: i64) -> [u8; 32] {
    format!("{nth:032}").into_bytes().try_into().expect("32 digits")
}

/// Creates the tables, and fills the access tokens.
pub static SCHEMA: LazyLock<String> = LazyLock::new(|| {
    let columns = list(&COLUMNS[1..], |(name, of_type)| match of_type {
        "i64" => format!("{name} INTEGER NOT NULL"),
        "Int" => format!("{name} INTEGER"),
        _ => format!("{name} TEXT"),
    });
    format!(
        "CREATE TABLE participants
             (id INTEGER PRIMARY KEY, {columns}, UNIQUE (instance_id, user_id, join_ms));
         CREATE INDEX participants_by_instance ON participants (instance_id, id);
         CREATE TABLE access_tokens (hash BLOB PRIMARY KEY, account_id INTEGER NOT NULL,
             user_id TEXT, scopes TEXT, issued_ms INTEGER NOT NULL, expires_ms INTEGER NOT NULL,
             revoked_ms INTEGER) WITHOUT ROWID;
         WITH RECURSIVE places (n) AS (SELECT 1 UNION SELECT n + 1 FROM places WHERE n < {TOKENS})
         INSERT INTO access_tokens SELECT CAST(printf('%032d', n) AS BLOB), n / 10, 'u0000017',
             'report:read:admin', 1760000000000 + n, 1760003600000 + n, NULL FROM places;"
    )
});

/// Reads one page of an instance's participants after an id.
pub static PAGE: LazyLock<String> = LazyLock::new(|| {
    let columns = list(COLUMNS, |(name, _)| name.to_owned());
    format!("SELECT {columns} FROM participants WHERE instance_id = ? AND id > ? ORDER BY id LIMIT 300")
});

/// Looks an access token up by its hash.
pub const TOKEN: &str = "SELECT account_id, user_id, scopes, issued_ms, expires_ms, revoked_ms
    FROM access_tokens WHERE hash = ?";

/// Inserts a participant (all columns except `id`), or updates the existing one.
pub static UPSERT: LazyLock<String> = LazyLock::new(|| {
    let columns = list(&COLUMNS[1..], |(name, _)| name.to_owned());
    let values = list(&COLUMNS[1..], |_| "?".to_owned());
    let updates = list(&COLUMNS[4..], |(name, _)| format!("{name} = COALESCE(excluded.{name}, {name})"));
    format!(
        "INSERT INTO participants ({columns}) VALUES ({values})
         ON CONFLICT (instance_id, user_id, join_ms) DO UPDATE SET {updates}"
    )
});

/// The text of each column, separated by commas.
fn list(columns: &[(&str, &str)], write: impl Fn((&str, &str)) -> String) -> String {
    columns.iter().map(|&column| write(column)).collect::<Vec<_>>().join(", ")
}
