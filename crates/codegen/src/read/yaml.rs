//! YAML, as descriptions are written in it.

use serde_saphyr::{Budget, DuplicateKeyPolicy, NonFiniteFloatPolicy, Options};

use crate::{error::ReadError, json::Json};

/// As deep as JSON may be.
const DEEPEST: usize = 128;
/// How many values a document may have; a large description has half a million.
const MOST_VALUES: usize = 2_000_000;
/// How much may come of aliases. Each repeats what its anchor stands for, and aliases of aliases repeat that.
const MOST_REPEATED: usize = 1_000_000;

/// Whether a text that is neither JSON nor a curl line may be a description in YAML.
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

/// Reads YAML 1.2: `no` and `on` are texts.
pub(super) fn parse(text: &str) -> Result<Json, ReadError> {
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
