//! Merges the layers of the settings: the defaults, the file over them, and the environment over both.

use toml::{Table, Value};

use super::DEFAULT;

/// Sections that were renamed: the old name, which still works, and the current one.
const RENAMED: [(&str, &str); 1] = [("intake", "ingest")];

/// Merges `text` and the environment into the defaults. Returns the settings, with a warning for each old name.
pub(super) fn layered(text: &str, env: &dyn Fn(&str) -> Option<String>) -> Result<(Table, Vec<String>), String> {
    let mut table: Table = DEFAULT.parse().map_err(|error| format!("the default settings are broken: {error}"))?;
    let given: Table = text.parse().map_err(|error: toml::de::Error| error.to_string())?;
    let mut warnings = Vec::new();
    for (mut section, keys) in given {
        if let Some((old, current)) = RENAMED.iter().find(|(old, _)| *old == section) {
            warnings.push(format!("[{old}] is now [{current}]: rename the section"));
            section = (*current).to_owned();
        }
        let known = table.get_mut(&section).and_then(Value::as_table_mut);
        let Some(known) = known else {
            return Err(format!("unknown section [{section}]"));
        };
        let Value::Table(keys) = keys else {
            return Err(format!("`{section}` is a section: write [{section}]"));
        };
        for (key, value) in keys {
            if !known.contains_key(&key) {
                return Err(format!("[{section}] has no setting `{key}`"));
            }
            known.insert(key, value);
        }
    }
    for (section, keys) in &mut table {
        for (key, value) in keys.as_table_mut().into_iter().flatten() {
            let variable = |section: &str| format!("ROLLCALL_{section}_{key}").to_uppercase();
            let name = variable(section);
            for (old, _) in RENAMED.iter().filter(|(_, current)| current == section) {
                let old = variable(old);
                if let Some(text) = env(&old) {
                    *value = from_environment(value, &old, &text)?;
                    warnings.push(format!("{old} is now {name}: rename the variable"));
                }
            }
            if let Some(text) = env(&name) {
                *value = from_environment(value, &name, &text)?;
            }
        }
    }
    Ok((table, warnings))
}

/// Parses a variable's text as the type of the setting.
fn from_environment(default: &Value, name: &str, text: &str) -> Result<Value, String> {
    match default {
        Value::Integer(_) => text.parse().map(Value::Integer).map_err(|_| format!("{name} must be a whole number")),
        Value::Boolean(_) => text.parse().map(Value::Boolean).map_err(|_| format!("{name} must be true or false")),
        Value::Array(_) => Err(format!("{name}: a variable cannot hold a list. Set it in the config file")),
        _ => Ok(Value::String(text.to_owned())),
    }
}
