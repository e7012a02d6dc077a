//! The parts of a program for the Chilkat library.

use serde::Serialize;

/// Input of a template.
#[derive(Debug, Serialize)]
pub(crate) struct Program {
    pub(super) title: String,
    /// Unsupported parts of the document; safe in comments.
    pub(super) warnings: Vec<String>,
    pub(super) steps: Vec<Step>,
    /// For languages that declare variables first.
    pub(super) variables: Vec<Variable>,
}

#[derive(Debug, Serialize)]
pub(super) struct Variable {
    pub(super) name: String,
    /// A class of Chilkat, or `text`, `integer`, `boolean`.
    pub(super) kind: &'static str,
}

/// One line of a program, or a block of lines.
#[derive(Debug, Serialize)]
#[serde(tag = "op", rename_all = "snake_case")]
pub(super) enum Step {
    Blank,
    Comment {
        text: String,
    },
    New {
        variable: String,
        class: &'static str,
    },
    Call {
        result: Option<String>,
        call: Call,
    },
    Print {
        parts: Vec<Part>,
    },
    /// If a call failed.
    IfCallFalse {
        call: Call,
        body: Vec<Step>,
    },
    /// If a variable says that a call failed.
    IfFalse {
        variable: String,
        body: Vec<Step>,
    },
    /// If the status is an error.
    IfBadStatus {
        variable: String,
        body: Vec<Step>,
    },
    While {
        index: String,
        count: String,
        size: Call,
        put: Call,
        body: Vec<Step>,
    },
    /// Repeats the body while it sets a variable to true.
    Repeat {
        variable: String,
        body: Vec<Step>,
    },
    /// Sets a variable to an argument.
    Set {
        variable: String,
        value: Argument,
    },
    /// Increments a variable.
    Increment {
        variable: String,
    },
    /// If a variable equals a number, otherwise.
    IfEquals {
        variable: String,
        number: i64,
        body: Vec<Step>,
        otherwise: Vec<Step>,
    },
    /// If a string variable is not empty.
    IfText {
        variable: String,
        body: Vec<Step>,
    },
    /// If a variable is true, otherwise.
    IfTrue {
        variable: String,
        body: Vec<Step>,
        otherwise: Vec<Step>,
    },
    /// Waits for the number of seconds in a variable.
    Wait {
        variable: String,
    },
    Delete {
        variable: String,
        class: &'static str,
        on_exit: bool,
    },
    Exit,
}

/// A piece of output.
#[derive(Debug, Serialize)]
pub(super) struct Part {
    pub(super) text: Option<String>,
    pub(super) variable: Option<String>,
    pub(super) call: Option<Call>,
}

#[derive(Debug, Clone, Serialize)]
pub(super) struct Call {
    pub(super) class: &'static str,
    pub(super) object: String,
    pub(super) name: String,
    /// `method`; `get` and `put` for properties; `text` for calls that return a string, which some languages write
    /// differently.
    pub(super) sort: &'static str,
    pub(super) arguments: Vec<Argument>,
}

/// One of these.
#[derive(Debug, Clone, Default, Serialize)]
pub(super) struct Argument {
    pub(super) literal: Option<String>,
    pub(super) integer: Option<i64>,
    pub(super) boolean: Option<bool>,
    pub(super) variable: Option<String>,
}

pub(super) fn call(
    class: &'static str,
    object: &str,
    name: &str,
    sort: &'static str,
    arguments: Vec<Argument>,
) -> Call {
    Call { class, object: object.to_owned(), name: name.to_owned(), sort, arguments }
}

pub(super) fn method(class: &'static str, object: &str, name: &str, arguments: Vec<Argument>) -> Call {
    call(class, object, name, "method", arguments)
}

pub(super) fn get(class: &'static str, object: &str, property: &str) -> Call {
    call(class, object, property, "get", Vec::new())
}

pub(super) fn put(class: &'static str, object: &str, property: &str, value: Argument) -> Call {
    call(class, object, property, "put", vec![value])
}

pub(super) fn text_call(class: &'static str, object: &str, name: &str) -> Call {
    call(class, object, name, "text", Vec::new())
}

pub(super) fn variable(name: &str) -> Argument {
    Argument { variable: Some(name.to_owned()), ..Argument::default() }
}
