//! From expressions of a query to those over minutes.

use std::{ops::Range, sync::Arc};

use rollcall_archive::ColumnKind;
use rollcall_model::Minute;
use rusqlite::types::Value;

use super::{
    eval::{Arithmetic, Comparison, Identity, Node, Val},
    parse::{Expr, Kind},
};
use crate::{
    blocks::{DATE_TIME, LAST_MINUTE, time_of},
    minutes::COLUMNS,
    scores,
};

/// What kind of value an expression has, if it is not NULL.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Class {
    Number,
    Text,
    /// It is always NULL.
    Null,
}

impl Class {
    fn and(self, other: Self) -> Option<Self> {
        match (self, other) {
            (Self::Null, other) | (other, Self::Null) => Some(other),
            (left, right) => (left == right).then_some(left),
        }
    }
}

/// Compiles an expression all of whose columns are those of minutes; none if that cannot be done with SQLite's rules.
pub(super) fn compile(expr: &Expr, parameters: &[Value]) -> Option<(Node, Class)> {
    let compile = |expr: &Expr| compile(expr, parameters);
    let number = |expr: &Expr| compile(expr).filter(|(_, class)| *class != Class::Text).map(|(node, _)| Box::new(node));
    let any = |expr: &Expr| compile(expr).map(|(node, _)| Box::new(node));
    let truth = |node| Some((node, Class::Number));
    match &expr.kind {
        Kind::Null => Some((Node::Constant(Val::Null), Class::Null)),
        Kind::Integer(number) => Some((Node::Constant(Val::Int(*number)), Class::Number)),
        Kind::Real(number) => Some((Node::Constant(Val::Real(*number)), Class::Number)),
        Kind::Text(text) => Some((Node::Constant(Val::Text(text.as_str().into())), Class::Text)),
        Kind::Parameter(index) => match parameters.get(*index)? {
            Value::Null => Some((Node::Constant(Val::Null), Class::Null)),
            Value::Integer(number) => Some((Node::Constant(Val::Int(*number)), Class::Number)),
            Value::Real(number) => Some((Node::Constant(Val::Real(*number)), Class::Number)),
            Value::Text(text) => Some((Node::Constant(Val::Text(text.as_str().into())), Class::Text)),
            Value::Blob(_) => None,
        },
        Kind::Column { name, .. } => column(name),
        Kind::Negate(of) => Some((Node::Negate(number(of)?), Class::Number)),
        Kind::Not(of) => truth(Node::Not(number(of)?)),
        Kind::Binary(operator, left, right) => match *operator {
            "AND" => truth(Node::And(number(left)?, number(right)?)),
            "OR" => truth(Node::Or(number(left)?, number(right)?)),
            "+" => Some((Node::Arithmetic(Arithmetic::Add, number(left)?, number(right)?), Class::Number)),
            "-" => Some((Node::Arithmetic(Arithmetic::Subtract, number(left)?, number(right)?), Class::Number)),
            "*" => Some((Node::Arithmetic(Arithmetic::Multiply, number(left)?, number(right)?), Class::Number)),
            "/" => Some((Node::Arithmetic(Arithmetic::Divide, number(left)?, number(right)?), Class::Number)),
            _ => truth(compare(comparison(operator)?, *any(left)?, *any(right)?)),
        },
        Kind::Is { negated, left, right } => {
            truth(Node::Is { negated: *negated, left: any(left)?, right: any(right)? })
        }
        Kind::Between { negated, value, low, high } => {
            let from = compare(Comparison::GreaterOrEqual, *any(value)?, *any(low)?);
            let to = compare(Comparison::LessOrEqual, *any(value)?, *any(high)?);
            let within = Node::And(Box::new(from), Box::new(to));
            truth(if *negated { Node::Not(Box::new(within)) } else { within })
        }
        Kind::In { negated, value, list } => {
            let constant = |expr: &Expr| match compile(expr)?.0 {
                Node::Constant(value) => Some(value),
                _ => None,
            };
            let list = list.iter().map(constant).collect::<Option<_>>()?;
            truth(Node::In { negated: *negated, value: any(value)?, list })
        }
        Kind::Case { base, arms, otherwise } => {
            let mut class = Class::Null;
            let mut compiled = Vec::new();
            for (when, then) in arms {
                let when = match base {
                    Some(base) => compare(Comparison::Equal, *any(base)?, *any(when)?),
                    None => *number(when)?,
                };
                let (then, of) = compile(then)?;
                class = class.and(of)?;
                compiled.push((when, then));
            }
            let (otherwise, of) = match otherwise {
                Some(otherwise) => compile(otherwise)?,
                None => (Node::Constant(Val::Null), Class::Null),
            };
            Some((Node::Case { arms: compiled, otherwise: Box::new(otherwise) }, class.and(of)?))
        }
        Kind::Call { name, distinct: false, star: false, arguments } => call(name, arguments, parameters),
        Kind::Call { .. } | Kind::Other(_) => None,
    }
}

fn call(name: &str, arguments: &[Expr], parameters: &[Value]) -> Option<(Node, Class)> {
    let whole = |expr: &Expr| match expr.kind {
        Kind::Integer(number) => usize::try_from(number).ok().filter(|number| *number >= 1),
        _ => None,
    };
    let is_time = |expr: &Expr| matches!(compile(expr, parameters), Some((Node::Time(all), _)) if all == (0..20));
    match (name.to_ascii_lowercase().as_str(), arguments) {
        ("substr" | "substring", [time, first, rest @ ..]) if is_time(time) && rest.len() <= 1 => {
            let first = whole(first)? - 1;
            let length = rest.first().map_or(Some(20), whole)?;
            let characters = first.min(20)..first.saturating_add(length).min(20);
            Some((Node::Time(characters), Class::Text))
        }
        ("date", [time]) if is_time(time) => Some((Node::Time(0..10), Class::Text)),
        ("strftime", [format, time]) if is_time(time) => {
            let Kind::Text(format) = &format.kind else { return None };
            let characters = strftime(format)?;
            Some((Node::Time(characters), Class::Text))
        }
        ("coalesce" | "ifnull", of) if of.len() >= 2 => {
            let mut class = Class::Null;
            let mut nodes = Vec::new();
            for one in of {
                let (node, of) = compile(one, parameters)?;
                class = class.and(of)?;
                nodes.push(node);
            }
            Some((Node::Coalesce(nodes), class))
        }
        ("iif", [when, then, otherwise]) => {
            let (when, class) = compile(when, parameters)?;
            let ((then, one), (otherwise, other)) = (compile(then, parameters)?, compile(otherwise, parameters)?);
            if class == Class::Text {
                return None;
            }
            Some((Node::Case { arms: vec![(when, then)], otherwise: Box::new(otherwise) }, one.and(other)?))
        }
        ("abs", [of]) => {
            let (node, class) = compile(of, parameters)?;
            (class != Class::Text).then(|| (Node::Absolute(Box::new(node)), Class::Number))
        }
        _ => None,
    }
}

/// The characters of a time that a format is made of, if they lie side by side there.
fn strftime(format: &str) -> Option<Range<usize>> {
    let fields = [("%Y", "2026"), ("%m", "11"), ("%d", "22"), ("%H", "33"), ("%M", "44"), ("%S", "55")];
    let (mut text, pattern) = (format.replace("%F", "%Y-%m-%d").replace("%T", "%H:%M:%S"), "2026-11-22T33:44:55Z");
    for (field, sample) in fields {
        text = text.replace(field, sample);
    }
    if text.contains('%') || text.is_empty() || format.bytes().any(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let first = pattern.find(&text)?;
    Some(first..first + text.len())
}

/// The column of minutes of this name.
fn column(name: &str) -> Option<(Node, Class)> {
    let is = |other: &str| other.eq_ignore_ascii_case(name);
    if let Some(place) = COLUMNS.iter().position(|column| is(&column.name)) {
        return Some(match place {
            0 => (Node::Identity(Identity::Uuid), Class::Text),
            1 => (Node::Identity(Identity::Kind), Class::Text),
            2 => (Node::Identity(Identity::Number), Class::Number),
            3 => (Node::Identity(Identity::UserId), Class::Text),
            4 => (Node::Identity(Identity::JoinTime), Class::Text),
            DATE_TIME => (Node::Time(0..20), Class::Text),
            _ => {
                let text = matches!(COLUMNS[place].kind, ColumnKind::Text | ColumnKind::Json);
                (Node::Column(place), if text { Class::Text } else { Class::Number })
            }
        });
    }
    let place = scores::COLUMNS.iter().position(|(column, ..)| is(column))?;
    let text = matches!(scores::COLUMNS[place].1, crate::Type::Text | crate::Type::Json);
    Some((Node::Score(place), if text { Class::Text } else { Class::Number }))
}

fn comparison(operator: &str) -> Option<Comparison> {
    Some(match operator {
        "=" => Comparison::Equal,
        "<>" => Comparison::NotEqual,
        "<" => Comparison::Less,
        "<=" => Comparison::LessOrEqual,
        ">" => Comparison::Greater,
        ">=" => Comparison::GreaterOrEqual,
        _ => return None,
    })
}

const fn turned(comparison: Comparison) -> Comparison {
    match comparison {
        Comparison::Less => Comparison::Greater,
        Comparison::LessOrEqual => Comparison::GreaterOrEqual,
        Comparison::Greater => Comparison::Less,
        Comparison::GreaterOrEqual => Comparison::LessOrEqual,
        same => same,
    }
}

/// Compares; times with a constant by their minutes.
fn compare(comparison: Comparison, left: Node, right: Node) -> Node {
    match (&left, &right) {
        (Node::Time(all), Node::Constant(Val::Text(text))) if *all == (0..20) => within(comparison, text)
            .unwrap_or_else(|| Node::Compare(comparison, Box::new(left.clone()), Box::new(right.clone()))),
        (Node::Constant(Val::Text(_)), Node::Time(all)) if *all == (0..20) => compare(turned(comparison), right, left),
        _ => Node::Compare(comparison, Box::new(left), Box::new(right)),
    }
}

fn within(comparison: Comparison, text: &Arc<str>) -> Option<Node> {
    // Texts compare as instants do, so that each bound is a minute.
    let first = |is_before: &dyn Fn(&str) -> bool| {
        let (mut low, mut high) = (0, LAST_MINUTE + 1);
        while low < high {
            let middle = low + (high - low) / 2;
            if is_before(&time_of(Minute(middle))) { low = middle + 1 } else { high = middle }
        }
        low
    };
    let from = first(&|time| time < &**text);
    let after = first(&|time| time <= &**text);
    Some(Node::Within(match comparison {
        Comparison::Equal => from..after,
        Comparison::Less => 0..from,
        Comparison::LessOrEqual => 0..after,
        Comparison::Greater => after..u32::MAX,
        Comparison::GreaterOrEqual => from..u32::MAX,
        Comparison::NotEqual => return None,
    }))
}
