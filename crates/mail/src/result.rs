//! The result of a query, as a file and as the first rows for the mail's text.

use rollcall_sql::{Ask, Question, SqlError, formula_guard};

/// Maximum size of an attachment, in bytes.
const MAX_ATTACHMENT: usize = 2 * 1024 * 1024;
/// Rows and columns in the text of the mail.
const SHOWN_ROWS: usize = 20;
const SHOWN_COLUMNS: usize = 8;
/// Maximum length of a value in the text of the mail, in characters.
const SHOWN_CHARS: usize = 40;

/// A result.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct QueryResult {
    /// The names of the first columns.
    pub(crate) columns: Vec<String>,
    /// The first rows, each with the first columns.
    pub(crate) rows: Vec<Vec<String>>,
    /// Columns that are not among the first.
    pub(crate) more_columns: usize,
    /// The number of rows; `None` if the result is too large.
    pub(crate) total: Option<u64>,
    /// All of it as CSV; `None` if it is too large.
    pub(crate) csv: Option<Vec<u8>>,
}

/// Asks, and reads as much of the answer as a mail may have.
pub(crate) async fn ask(queries: &dyn Ask, question: Question) -> Result<QueryResult, SqlError> {
    let mut answer = queries.ask(question).await?;
    let mut csv = Vec::new();
    loop {
        match answer.next().await {
            None => return Ok(QueryResult::of(csv, true)),
            Some(Ok(piece)) => csv.extend_from_slice(&piece),
            // What has arrived is the beginning of a result that is too large.
            Some(Err(SqlError::TooManyRows(_) | SqlError::TooLarge(_))) if !csv.is_empty() => {
                return Ok(QueryResult::of(csv, false));
            }
            Some(Err(error)) => return Err(error),
        }
        if csv.len() > MAX_ATTACHMENT {
            // Dropping the answer stops the query.
            return Ok(QueryResult::of(csv, false));
        }
    }
}

impl QueryResult {
    fn of(csv: Vec<u8>, is_complete: bool) -> Self {
        let mut reader = csv::ReaderBuilder::new().flexible(true).from_reader(&csv[..]);
        let columns = reader.headers().map(shown).unwrap_or_default();
        let more_columns = reader.headers().map_or(0, csv::StringRecord::len).saturating_sub(SHOWN_COLUMNS);
        // The last record of an incomplete result may be cut.
        let mut records = reader.records().map_while(Result::ok);
        let rows: Vec<_> = records.by_ref().take(SHOWN_ROWS).map(|record| shown(&record)).collect();
        let total = (rows.len() + records.count()) as u64;
        Self { columns, rows, more_columns, total: is_complete.then_some(total), csv: is_complete.then_some(csv) }
    }
}

fn shown(record: &csv::StringRecord) -> Vec<String> {
    record.iter().take(SHOWN_COLUMNS).map(shown_value).collect()
}

/// Returns a value in one short line. The text of a mail runs no formulas, so it needs no guard against them.
fn shown_value(value: &str) -> String {
    let plain = value.strip_prefix('\'').filter(|rest| !formula_guard(rest).is_empty()).unwrap_or(value);
    let mut chars = plain.chars().map(|char| if char.is_control() { ' ' } else { char });
    let short: String = chars.by_ref().take(SHOWN_CHARS).collect();
    if chars.next().is_some() { format!("{short}…") } else { short }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_rows_are_shown_and_all_are_counted() {
        let csv: String =
            ["name,n\r\n".to_owned()].into_iter().chain((0..30).map(|n| format!("\"a, b\",{n}\r\n"))).collect();
        let result = QueryResult::of(csv.clone().into_bytes(), true);
        assert_eq!((result.total, result.rows.len(), result.more_columns), (Some(30), SHOWN_ROWS, 0));
        assert_eq!(
            (result.columns, &result.rows[1]),
            (vec!["name".to_owned(), "n".to_owned()], &vec!["a, b".into(), "1".into()])
        );
        assert_eq!(result.csv.as_deref(), Some(csv.as_bytes()));
        let cut = QueryResult::of(csv.into_bytes(), false);
        assert_eq!((cut.total, cut.csv), (None, None));
        let wide = QueryResult::of(b"a,b,c,d,e,f,g,h,i,j\r\n".to_vec(), true);
        assert_eq!((wide.columns.len(), wide.more_columns, wide.total), (8, 2, Some(0)));
    }

    #[test]
    fn values_are_shown_in_one_short_line_without_the_guard_of_formulas() {
        assert_eq!(shown_value("'=1+1"), "=1+1");
        assert_eq!(shown_value("'tis"), "'tis");
        assert_eq!(shown_value("a\r\nBcc: b\u{1b}"), "a  Bcc: b ");
        assert_eq!(shown_value(&"x".repeat(41)), "x".repeat(40) + "…");
    }
}
