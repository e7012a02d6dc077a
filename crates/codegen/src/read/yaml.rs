//! Parses YAML descriptions.

use serde_saphyr::{Budget, DuplicateKeyPolicy, NonFiniteFloatPolicy, Options};

use crate::{
    error::ReadError,
    json::{Json, is_big},
};

/// The same maximum depth as for JSON.
const DEEPEST: usize = 128;
/// Maximum number of values in a document; a large description has half a million.
const MOST_VALUES: usize = 2_000_000;
/// Maximum expansion of aliases. Each repeats its anchor's value, and nested aliases repeat that.
const MOST_REPEATED: usize = 1_000_000;

/// Prefix of an integer of more than 64 bits: a private-use character that no document contains.
const MARK: char = '\u{e000}';

/// Returns whether a text that is neither JSON nor a curl command may be a YAML description.
pub(super) fn looks_like(text: &str) -> bool {
    if text.starts_with(['{', '[']) {
        return false;
    }
    let keys = ["openapi", "swagger", "info", "item"];
    text.lines().any(|line| {
        let line = line.trim_end().trim_start_matches(['"', '\'']);
        keys.iter().any(|key| {
            let rest = line.strip_prefix(key).map(|rest| rest.trim_start_matches(['"', '\'']));
            rest.is_some_and(|rest| rest.trim_start().starts_with(':'))
        })
    })
}

/// Parses YAML 1.2: `no` and `on` are strings.
pub(super) fn parse(text: &str) -> Result<Json, ReadError> {
    match with_big_integers_marked(text) {
        Some(marked) => parse_marked(&marked).map(unmarked),
        None => parse_marked(text),
    }
}

fn parse_marked(text: &str) -> Result<Json, ReadError> {
    let mut budget = Budget::default();
    budget.max_depth = DEEPEST;
    budget.flow_nesting_limit = DEEPEST;
    budget.max_nodes = MOST_VALUES;
    budget.max_events = 3 * MOST_VALUES;
    let mut options = Options::default();
    options.budget = Some(budget);
    options.alias_limits.max_total_replayed_events = MOST_REPEATED;
    options.duplicate_keys = DuplicateKeyPolicy::LastWins;
    options.strict_booleans = true;
    options.non_finite_float_policy = NonFiniteFloatPolicy::AsString;
    options.with_snippet = false;
    serde_saphyr::from_str_with_options(text, options).map_err(|error| {
        let at = error.location();
        let place = |number: u64| usize::try_from(number).unwrap_or(usize::MAX);
        ReadError::Syntax {
            line: at.map_or(1, |at| place(at.line())),
            column: at.map_or(1, |at| place(at.column())),
            reason: error.to_string().lines().next().unwrap_or("the YAML is broken").to_owned(),
        }
    })
}

/// Returns the document with [`MARK`] before each integer of more than 64 bits, because the parser would round it.
/// `None` if there is none.
fn with_big_integers_marked(text: &str) -> Option<String> {
    if text.contains(MARK) {
        return None;
    }
    let bytes = text.as_bytes();
    let mut marked = String::new();
    let mut written = 0;
    let mut at = 0;
    while at < bytes.len() {
        if !bytes[at].is_ascii_digit() {
            at += 1;
            continue;
        }
        let minus = at > 0 && bytes[at - 1] == b'-';
        let start = if minus { at - 1 } else { at };
        at += bytes[at..].iter().take_while(|byte| byte.is_ascii_digit()).count();
        let begins = start == 0 || matches!(bytes[start - 1], b' ' | b'\t' | b'\n' | b',' | b'[' | b'{' | b':');
        let ends = bytes.get(at).is_none_or(|byte| matches!(byte, b' ' | b'\t' | b'\r' | b'\n' | b',' | b']' | b'}'));
        if begins && ends && is_big(&text[start..at]) && !text[..start].trim_end().ends_with("!!int") {
            marked.push_str(&text[written..start]);
            marked.push(MARK);
            written = start;
        }
    }
    (!marked.is_empty()).then(|| marked + &text[written..])
}

/// Removes the marks: a marked scalar is a number.
fn unmarked(value: Json) -> Json {
    match value {
        Json::Text(text) => match text.strip_prefix(MARK).filter(|digits| is_big(digits)) {
            Some(digits) => Json::Big(digits.to_owned()),
            None => Json::Text(text.replace(MARK, "")),
        },
        Json::Array(elements) => elements.into_iter().map(unmarked).collect::<Vec<_>>().into(),
        Json::Object(members) => {
            Json::Object(members.into_iter().map(|(name, value)| (name.replace(MARK, ""), unmarked(value))).collect())
        }
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::{Json, parse};

    #[test]
    fn whole_numbers_stay_as_they_are_written() {
        let read = parse(
            "a: 36893488147419103232\nb: [-123456789012345678901234567890, 9007199254740993]\n\
             c: {\"d\":36893488147419103232}\ne: see 36893488147419103232 there\nf: '36893488147419103232'\n\
             g: 36893488147419103232.5\n? 36893488147419103232\n: h\n",
        );
        let json = "{\"a\":36893488147419103232,\"b\":[-123456789012345678901234567890,9007199254740993],\
                    \"c\":{\"d\":36893488147419103232},\"e\":\"see 36893488147419103232 there\",\
                    \"f\":\"36893488147419103232\",\"g\":3.6893488147419103e+19,\"36893488147419103232\":\"h\"}";
        assert_eq!(read.as_ref().map(Json::to_string), Ok(json.to_owned()));
    }
}
