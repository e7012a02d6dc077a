//! What a program for the Chilkat library consists of.

use serde::Serialize;

/// What a template sees.
#[derive(Debug, Serialize)]
pub(crate) struct Program {
    pub(super) title: String,
    /// What the document asks for and the program does not do; safe in comments.
    pub(super) warnings: Vec<String>,
    pub(super) steps: Vec<Step>,
    /// For languages that declare variables first.
    pub(super) variables: Vec<Variable>,
}

#[derive(Debug, Serialize)]
pub(super) struct Variable {
    pub(super) name: String,
    /// A class of Chilkat's, or `text`, `integer`, `boolean`.
    pub(super) kind: &'static str,
}

/// One line of a program, or a block of them.
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
    /// If a call says that it failed.
    IfCallFalse {
        call: Call,
        body: Vec<Step>,
    },
    /// If a variable says that a call failed.
    IfFalse {
        variable: String,
        body: Vec<Step>,
    },
    /// If the status is one of an error.
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
    /// Repeats the body as long as it sets a variable to true again.
    Repeat {
        variable: String,
        body: Vec<Step>,
    },
    /// Sets a variable to an argument.
    Set {
        variable: String,
        value: Argument,
    },
    /// Adds one to a variable.
    Increment {
        variable: String,
    },
    /// If a variable equals a number, or else.
    IfEquals {
        variable: String,
        number: i64,
        body: Vec<Step>,
        otherwise: Vec<Step>,
    },
    /// If a variable, a text, is not empty.
    IfText {
        variable: String,
        body: Vec<Step>,
    },
    /// If a variable is true, or else.
    IfTrue {
        variable: String,
        body: Vec<Step>,
        otherwise: Vec<Step>,
    },
    /// Waits as many seconds as a variable says.
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

/// A piece of what is printed.
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
    /// `method`; `get` and `put` for properties; `text` for what returns a text, which some languages write apart.
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
