//! Advice about a query that SQLite rejects: the nearest names, and SQLite's equivalents of other databases' syntax.

use crate::tables::{Description, describe};

/// Minimum similarity of a suggested name, from 0 to 1.
const ALIKE: f64 = 0.75;
/// Maximum number of suggested names.
const SUGGESTED: usize = 3;

/// SQLite's equivalents of other databases' functions.
const FUNCTIONS: &[(&[&str], &str)] = &[
    (
        &["now", "getdate", "sysdate", "localtimestamp", "current_timestamp", "utcnow", "today"],
        "Use strftime('%Y-%m-%dT%H:%M:%SZ', 'now'), and for a week ago strftime('%Y-%m-%dT%H:%M:%SZ', 'now', '-7 days').",
    ),
    (
        &["date_trunc", "datetrunc", "time_bucket", "date_bin", "trunc_date", "timestamp_trunc"],
        "Times are text: substr(date_time, 1, 7) is the month, substr(date_time, 1, 10) the day, substr(date_time, 1, 13) the hour.",
    ),
    (
        &["extract", "date_part", "datepart", "year", "month", "day", "hour", "minute", "dayofweek", "weekday", "week"],
        "Use strftime with %Y, %m, %d, %H, %M, %w (day of the week, Sunday is 0) or %W (week), as in strftime('%H', date_time).",
    ),
    (
        &["date_add", "date_sub", "dateadd", "adddate", "timestamp_add", "timestampadd", "interval"],
        "Use a modifier: strftime('%Y-%m-%dT%H:%M:%SZ', date_time, '-7 days').",
    ),
    (
        &["datediff", "date_diff", "age", "timestampdiff", "timediff"],
        "Use (unixepoch(later) - unixepoch(earlier)) for seconds, divided by 60 for minutes or by 86400 for days.",
    ),
    (
        &["to_char", "date_format", "format_date", "to_date", "to_timestamp", "parse_date", "str_to_date"],
        "Use strftime(format, time), as in strftime('%Y-%m', date_time). Times are text in UTC already.",
    ),
    (
        &["from_unixtime", "make_timestamp", "to_unixtime", "unix_timestamp", "epoch", "epoch_ms"],
        "Use unixepoch(date_time) for seconds since 1970, and strftime('%Y-%m-%dT%H:%M:%SZ', seconds, 'unixepoch') for the way back.",
    ),
    (&["len", "char_length", "character_length", "strlen"], "Use length(text)."),
    (
        &["left", "right", "mid", "split_part"],
        "Use substr(text, first, count) with instr(text, part); a negative first counts from the end.",
    ),
    (
        &["strpos", "position", "charindex", "locate", "contains"],
        "Use instr(text, part), which is 0 if the text does not contain the part.",
    ),
    (&["nvl", "isnull", "zeroifnull"], "Use coalesce(value, other)."),
    (&["greatest", "least"], "Use max(a, b) or min(a, b) with several values."),
    (
        &["regexp", "regexp_matches", "regexp_like", "regexp_replace", "regexp_extract", "rlike", "similar"],
        "There are no regular expressions. Use LIKE with % and _, or GLOB with * and ?.",
    ),
    (
        &["array_agg", "list", "json_agg", "collect_list", "array_to_string", "listagg"],
        "Use json_group_array(value), or group_concat(value, ', ').",
    ),
    (
        &["unnest", "flatten", "json_array_elements", "explode"],
        "Use the table json_each(column), whose column value is an element.",
    ),
    (&["array_length", "cardinality"], "Use json_array_length(column)."),
    (&["count_if", "countif", "sum_if"], "Use sum(condition), or sum(CASE WHEN condition THEN value END)."),
    (
        &["bool_or", "bool_and", "every", "any_value", "arg_max", "arg_min", "first", "last"],
        "Use max(condition) or min(condition).",
    ),
    (
        &[
            "median",
            "percentile",
            "percentile_cont",
            "percentile_disc",
            "approx_quantile",
            "quantile_cont",
            "quantile_disc",
            "approx_percentile",
        ],
        "Use quantile(audio_output_latency_sketch, 0.95) over quality_hourly or quality_daily.",
    ),
    (
        &["stddev", "stddev_pop", "stddev_samp", "variance", "var_pop", "var_samp"],
        "Use sqrt(avg(x * x) - avg(x) * avg(x)).",
    ),
];

/// SQLite's equivalents of other databases' syntax.
const SPELLINGS: &[(&[&str], &str)] = &[
    (&["ILIKE"], "Use LIKE, which ignores the case of ASCII letters. ILIKE is not SQLite's."),
    (&["INTERVAL"], "Intervals are modifiers: strftime('%Y-%m-%dT%H:%M:%SZ', 'now', '-7 days') is a week ago."),
    (&["::"], "Use CAST(value AS INTEGER), REAL or TEXT instead of `::`. Times are text and can be compared directly."),
    (&["EXTRACT"], "Use strftime('%H', date_time), with %Y, %m, %d, %H, %M or %w."),
    (&["DATE '", "TIMESTAMP '", "TIMESTAMPTZ '"], "Times are text: write date_time >= '2026-10-01', without a type."),
    (&["QUALIFY"], "Put the window function into a subquery, and filter outside of it."),
    (&["SELECT TOP ", "FETCH FIRST", "FETCH NEXT"], "Use LIMIT at the end of the query."),
    (
        &["SIMILAR TO", "RLIKE", "REGEXP"],
        "There are no regular expressions. Use LIKE with % and _, or GLOB with * and ?.",
    ),
    (&["GROUP BY ALL"], "Name the columns to group by, or their numbers: GROUP BY 1, 2."),
    (&["LATERAL", "UNNEST"], "Use the table json_each(column), whose column value is an element."),
    (&["PIVOT"], "Use one sum(CASE WHEN … THEN … END) for each column."),
    (&["SHOW TABLES", "DESCRIBE", "DESC ", "\\D"], SCHEMA),
];

/// How to list the tables.
const SCHEMA: &str = "`rollcall sql --schema`, or GET /api/v1/sql/schema, lists the tables and their columns.";

/// Returns SQLite's error about a query, with advice.
pub(crate) fn explain(message: &str, sql: &str) -> String {
    match hint(message, sql) {
        Some(hint) => format!("{message}. {hint}"),
        None => message.to_owned(),
    }
}

fn hint(message: &str, sql: &str) -> Option<String> {
    if let Some(name) = message.strip_prefix("no such column: ") {
        return Some(of_column(name, sql));
    }
    if let Some(name) = message.strip_prefix("no such table: ") {
        return Some(of_table(name));
    }
    let function = message
        .strip_prefix("no such function: ")
        .or_else(|| message.strip_prefix("wrong number of arguments to function ")?.strip_suffix("()"));
    if let Some(name) = function {
        return of_function(name);
    }
    let is_syntax = message.contains("syntax error") || message.starts_with("unrecognized token");
    is_syntax.then(|| of_spelling(sql)).flatten()
}

fn of_function(name: &str) -> Option<String> {
    let known = FUNCTIONS.iter().find(|(names, _)| names.iter().any(|known| known.eq_ignore_ascii_case(name)));
    known.map(|(_, hint)| (*hint).to_owned())
}

fn of_spelling(sql: &str) -> Option<String> {
    let sql = without_texts(sql).to_ascii_uppercase();
    let found = |word: &&str| {
        sql.match_indices(*word).any(|(at, _)| {
            let is_name = |char: char| char.is_alphanumeric() || char == '_';
            let before = sql[..at].chars().next_back().is_none_or(|char| !is_name(char));
            let after = sql[at + word.len()..].chars().next().is_none_or(|char| !is_name(char));
            let bounded = word.ends_with(is_name);
            before && (after || !bounded) || *word == "::"
        })
    };
    SPELLINGS.iter().find(|(words, _)| words.iter().any(found)).map(|(_, hint)| (*hint).to_owned())
}

/// Returns the query with empty strings, so that no word is found in one.
fn without_texts(sql: &str) -> String {
    sql.split('\'').step_by(2).collect::<Vec<_>>().join("'")
}

/// Returns the tables that a query uses; all if it uses none.
fn named_in(sql: &str) -> Vec<Description> {
    let is_name = |char: char| char.is_alphanumeric() || char == '_';
    let words: Vec<_> = sql.split(|char| !is_name(char)).map(str::to_ascii_lowercase).collect();
    let (named, others): (Vec<_>, Vec<_>) =
        describe().into_iter().partition(|table| words.iter().any(|word| word == table.name));
    if named.is_empty() { others } else { named }
}

fn of_column(name: &str, sql: &str) -> String {
    // The name may be qualified by its table's alias.
    let name = name.rsplit('.').next().unwrap_or(name);
    let mut tables = named_in(sql);
    let mut near = nearest(name, tables.iter().flat_map(|table| table.columns.iter().map(|(name, ..)| *name)));
    if near.is_empty() {
        // A column of a table that the query does not use.
        let others = describe();
        if let Some(table) =
            others.into_iter().find(|table| table.columns.iter().any(|(column, ..)| column.eq_ignore_ascii_case(name)))
        {
            return format!("{} has it: join that table. {SCHEMA}", table.name);
        }
    }
    tables.retain(|table| near.is_empty() || table.columns.iter().any(|(name, ..)| near.contains(name)));
    near.truncate(SUGGESTED);
    let meant = if near.is_empty() { String::new() } else { format!("Did you mean {}? ", joined(&near)) };
    let shown = tables.first().map_or("TABLE", |table| table.name);
    format!(
        "{meant}`rollcall sql --schema {shown}`, or GET /api/v1/sql/schema?table={shown}, lists the columns of {shown}"
    ) + if tables.len() > 1 { "; it does so for every table." } else { "." }
}

/// Returns advice about an unknown table.
pub(crate) fn of_table(name: &str) -> String {
    let name = name.rsplit('.').next().unwrap_or(name);
    let tables = describe();
    let mut near = nearest(name, tables.iter().map(|table| table.name));
    near.truncate(SUGGESTED);
    let meant = if near.is_empty() {
        let names: Vec<_> = tables.iter().map(|table| table.name).collect();
        format!("The tables are {}. ", names.join(", "))
    } else {
        format!("Did you mean {}? ", joined(&near))
    };
    meant + SCHEMA
}

/// Returns the names most similar to this one, best first.
fn nearest<'n>(name: &str, names: impl Iterator<Item = &'n str>) -> Vec<&'n str> {
    let name = name.to_ascii_lowercase();
    let words: Vec<_> = name.split('_').filter(|word| word.len() > 2).collect();
    let mut alike: Vec<(f64, &str)> = Vec::new();
    for other in names {
        let parts: Vec<_> = other.split('_').collect();
        // Common words count more than letters: `loss_percent` is similar to `audio_input_avg_loss_percent`.
        let common = words.iter().filter(|word| parts.contains(word)).count();
        let share = if words.is_empty() { 0.0 } else { common as f64 / words.len() as f64 };
        let likeness = strsim::jaro_winkler(&name, other).max(0.7 * share + 0.3 * strsim::jaro_winkler(&name, other));
        if likeness >= ALIKE && alike.iter().all(|(_, known)| *known != other) {
            alike.push((likeness, other));
        }
    }
    alike.sort_by(|(left, _), (right, _)| right.total_cmp(left));
    alike.into_iter().map(|(_, name)| name).collect()
}

fn joined(names: &[&str]) -> String {
    match names {
        [] => String::new(),
        [one] => (*one).to_owned(),
        [rest @ .., last] => format!("{} or {last}", rest.join(", ")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wrong_column_is_answered_with_the_nearest_of_the_tables_named() {
        let told =
            explain("no such column: q.audio_output_latency", "SELECT q.audio_output_latency FROM qos_minutes AS q");
        assert!(told.contains("Did you mean audio_output_latency_ms"), "{told}");
        assert!(told.contains("--schema qos_minutes"), "{told}");
        let told = explain("no such column: mail", "SELECT mail FROM users");
        assert!(told.contains("email") && told.contains("--schema users"), "{told}");
        let told = explain("no such column: leave_reason", "SELECT leave_reason FROM sites");
        assert!(told.contains("participants has it"), "{told}");
        let told = explain("no such column: zzzzzz", "SELECT zzzzzz FROM sites");
        assert!(told.contains("--schema sites") && !told.contains("mean"), "{told}");
    }

    #[test]
    fn a_wrong_table_is_answered_with_the_nearest() {
        let told = explain("no such table: participant", "SELECT * FROM participant");
        assert!(told.contains("Did you mean participants") && told.contains("--schema"), "{told}");
        assert!(explain("no such table: xyz", "SELECT * FROM xyz").contains("qos_minutes"));
    }

    #[test]
    fn what_other_databases_have_is_answered_with_sqlites_way() {
        for (message, sql, hint) in [
            ("no such function: now", "SELECT now()", "strftime"),
            ("no such function: date_trunc", "SELECT date_trunc('day', x)", "substr(date_time, 1, 10)"),
            ("near \"'7 days'\": syntax error", "SELECT 1 WHERE a > b - INTERVAL '7 days'", "-7 days"),
            ("near \"ilike\": syntax error", "SELECT 1 FROM users WHERE email ilike 'a%'", "LIKE"),
            ("unrecognized token: \":\"", "SELECT date_time::date FROM qos_minutes", "CAST"),
            ("near \"FROM\": syntax error", "SELECT extract(hour FROM date_time) FROM qos_minutes", "strftime('%H'"),
            ("near \"'2026-10-01'\": syntax error", "SELECT date '2026-10-01'", "without a type"),
            ("near \"5\": syntax error", "SELECT TOP 5 * FROM users", "LIMIT"),
        ] {
            let told = explain(message, sql);
            assert!(told.starts_with(message) && told.contains(hint), "{told}");
        }
    }

    #[test]
    fn words_in_texts_and_names_say_nothing() {
        let message = "near \"FORM\": syntax error";
        assert_eq!(explain(message, "SELECT 'ilike' FORM users"), message);
        assert_eq!(explain(message, "SELECT my_interval FORM users"), message);
    }
}
