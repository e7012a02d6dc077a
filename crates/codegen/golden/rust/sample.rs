// Reads JSON that is built like the sample
// Reads standard input. With the crate serde_json 1 and its feature arbitrary_precision.

use serde_json::Value;

fn as_text(value: Option<&Value>) -> Option<String> {
    match value? {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        Value::Bool(truth) => Some(truth.to_string()),
        _ => None,
    }
}

fn as_integer(value: Option<&Value>) -> Option<i64> {
    let Value::Number(number) = value? else { return None };
    if let Some(whole) = number.as_i64() {
        return Some(whole);
    }
    match number.as_f64() {
        Some(fraction) if fraction.abs() < 9.2e18 => Some(fraction as i64),
        _ => {
            eprintln!("{number} does not fit in 64 bits");
            std::process::exit(1);
        }
    }
}

fn as_number(value: Option<&Value>) -> Option<f64> {
    value?.as_f64()
}

fn as_boolean(value: Option<&Value>) -> Option<bool> {
    value?.as_bool()
}

/// A value of which the description does not say what it holds: objects and arrays as JSON.
fn as_json(value: Option<&Value>) -> Option<String> {
    match value? {
        Value::Null => None,
        Value::String(text) => Some(text.clone()),
        other => Some(other.to_string()),
    }
}

/// Prints a value on one line; nothing if there is none.
fn show(place: &str, value: Option<impl ToString>) {
    if let Some(value) = value {
        let text = value.to_string();
        println!("{place}: {}", text.replace('\\', "\\\\").replace('\n', "\\n").replace('\r', "\\r"));
    }
}

fn main() {
    let input = std::io::read_to_string(std::io::stdin()).expect("standard input is text");
    let answer: Value = serde_json::from_str(&input).expect("standard input is JSON");
    let id: Option<i64> = as_integer(answer.get("id"));
    show("id", id);
    let field_2nd_name: Option<String> = as_text(answer.get("2nd-name"));
    show("2nd-name", field_2nd_name);
    let class: Option<bool> = as_boolean(answer.get("class"));
    show("class", class);
    let mean: Option<f64> = as_number(answer.get("mean"));
    show("mean", mean);
    if let Some(tags) = answer.get("tags").and_then(Value::as_array) {
        for (tag_index, tag) in tags.iter().enumerate() {
            show(&["tags[", &tag_index.to_string(), "]"].concat(), as_text(Some(tag)));
        }
    }
    if let Some(grid) = answer.get("grid").and_then(Value::as_array) {
        for (grid_item_index, grid_item) in grid.iter().enumerate() {
            if let Some(inner) = Some(grid_item).and_then(Value::as_array) {
                for (inner_item_index, inner_item) in inner.iter().enumerate() {
                    show(&["grid[", &grid_item_index.to_string(), "][", &inner_item_index.to_string(), "]"].concat(), as_integer(Some(inner_item)));
                }
            }
        }
    }
    if let Some(owner) = answer.get("owner").filter(|value| value.is_object()) {
        let owner_id: Option<String> = as_text(owner.get("id"));
        show("owner.id", owner_id);
        let owner_class: Option<String> = as_json(owner.get("class"));
        show("owner.class", owner_class);
    }
    if let Some(rows) = answer.get("rows").and_then(Value::as_array) {
        for (row_index, row) in rows.iter().enumerate() {
            let row_id: Option<i64> = as_integer(row.get("id"));
            show(&["rows[", &row_index.to_string(), "].id"].concat(), row_id);
            let note: Option<String> = as_text(row.get("note"));
            show(&["rows[", &row_index.to_string(), "].note"].concat(), note);
        }
    }
    let user_name: Option<String> = as_text(answer.get("userName"));
    show("userName", user_name);
    let user_name_value: Option<String> = as_text(answer.get("user_name"));
    show("user_name", user_name_value);
}
