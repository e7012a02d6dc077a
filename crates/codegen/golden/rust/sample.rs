// Reads JSON that is built like the sample
// Reads standard input. With the crate serde_json 1.

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
    let value = value?;
    value.as_i64().or_else(|| value.as_f64().map(|number| number as i64))
}

fn as_number(value: Option<&Value>) -> Option<f64> {
    value?.as_f64()
}

fn as_boolean(value: Option<&Value>) -> Option<bool> {
    value?.as_bool()
}

/// Prints a value on one line; nothing where there is none.
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
        // class: the description does not say what it holds
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
