// Reads JSON that is built like the sample
// Reads standard input.
// Needs the crates serde 1 (with its feature derive) and serde_json 1 (with arbitrary_precision).

use std::error::Error;

use serde::{Deserialize, Deserializer, de::DeserializeOwned};
use serde_json::{Number, Value};

#[derive(Deserialize)]
#[serde(default)]
struct AnswerRow {
    id: Maybe<Number>,
    note: Maybe<Text>,
}

#[derive(Deserialize)]
#[serde(default)]
struct Owner {
    id: Maybe<Text>,
    #[serde(rename = "class")]
    class: Maybe<Value>,
}

#[derive(Deserialize)]
#[serde(default)]
struct Answer {
    id: Maybe<Number>,
    #[serde(rename = "2nd-name")]
    field_2nd_name: Maybe<Text>,
    #[serde(rename = "class")]
    class: Maybe<bool>,
    mean: Maybe<f64>,
    tags: Maybe<Vec<Maybe<Text>>>,
    grid: Maybe<Vec<Maybe<Vec<Maybe<Number>>>>>,
    owner: Maybe<Owner>,
    rows: Maybe<Vec<Maybe<AnswerRow>>>,
    #[serde(rename = "userName")]
    user_name: Maybe<Text>,
    #[serde(rename = "user_name")]
    user_name_value: Maybe<Text>,
}

/// A value, unless the response has none, null or one of another type.
struct Maybe<T>(Option<T>);

impl<'de, T: DeserializeOwned> Deserialize<'de> for Maybe<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let value = Value::deserialize(deserializer)?;
        Ok(Self(if value.is_null() { None } else { serde_json::from_value(value).ok() }))
    }
}

/// A string, or the text of a number or a boolean.
struct Text(String);

impl<'de> Deserialize<'de> for Text {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        match Value::deserialize(deserializer)? {
            Value::String(text) => Ok(Self(text)),
            Value::Number(number) => Ok(Self(number.to_string())),
            Value::Bool(truth) => Ok(Self(truth.to_string())),
            other => Err(serde::de::Error::custom(format!("not a text: {other}"))),
        }
    }
}

/// Prints a value, or each value in it, on its own line.
trait Show {
    fn show(&self, place: &str);
}

fn print_line(place: &str, text: &str) {
    println!("{place}: {}", text.replace('\\', "\\\\").replace('\n', "\\n").replace('\r', "\\r"));
}

impl<T: Show> Show for Maybe<T> {
    fn show(&self, place: &str) {
        if let Some(value) = &self.0 {
            value.show(place);
        }
    }
}

impl<T: Show> Show for Vec<T> {
    fn show(&self, place: &str) {
        for (index, element) in self.iter().enumerate() {
            element.show(&format!("{place}[{index}]"));
        }
    }
}

impl Show for Text {
    fn show(&self, place: &str) {
        print_line(place, &self.0);
    }
}

impl Show for Number {
    fn show(&self, place: &str) {
        print_line(place, &self.to_string());
    }
}

impl Show for f64 {
    fn show(&self, place: &str) {
        print_line(place, &self.to_string());
    }
}

impl Show for bool {
    fn show(&self, place: &str) {
        print_line(place, &self.to_string());
    }
}

impl Show for Value {
    fn show(&self, place: &str) {
        match self {
            Value::String(text) => print_line(place, text),
            other => print_line(place, &other.to_string()),
        }
    }
}

impl Default for AnswerRow {
    fn default() -> Self {
        Self {
            id: Maybe(None),
            note: Maybe(None),
        }
    }
}

impl Show for AnswerRow {
    fn show(&self, place: &str) {
        self.id.show(&format!("{place}.id"));
        self.note.show(&format!("{place}.note"));
    }
}

impl Default for Owner {
    fn default() -> Self {
        Self {
            id: Maybe(None),
            class: Maybe(None),
        }
    }
}

impl Show for Owner {
    fn show(&self, place: &str) {
        self.id.show(&format!("{place}.id"));
        self.class.show(&[place, ".", "class"].concat());
    }
}

impl Default for Answer {
    fn default() -> Self {
        Self {
            id: Maybe(None),
            field_2nd_name: Maybe(None),
            class: Maybe(None),
            mean: Maybe(None),
            tags: Maybe(None),
            grid: Maybe(None),
            owner: Maybe(None),
            rows: Maybe(None),
            user_name: Maybe(None),
            user_name_value: Maybe(None),
        }
    }
}

impl Show for Answer {
    fn show(&self, _: &str) {
        self.id.show("id");
        self.field_2nd_name.show("2nd-name");
        self.class.show("class");
        self.mean.show("mean");
        self.tags.show("tags");
        self.grid.show("grid");
        self.owner.show("owner");
        self.rows.show("rows");
        self.user_name.show("userName");
        self.user_name_value.show("user_name");
    }
}

fn parse(text: &str) -> Result<Maybe<Answer>, Box<dyn Error>> {
    serde_json::from_str(text).map_err(|error| format!("standard input is not JSON ({error})").into())
}

fn run() -> Result<(), Box<dyn Error>> {
    parse(&std::io::read_to_string(std::io::stdin())?)?.show("");
    Ok(())
}

fn main() {
    if let Err(error) = run() {
        eprintln!("{error}");
        std::process::exit(1);
    }
}
