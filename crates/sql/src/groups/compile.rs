//! Compiles expressions of a query to expressions over the rows that are counted.

use std::ops::Range;

use rusqlite::types::Value;

use super::{
    eval::{Arithmetic, Comparison, Node, Val},
    parse::{Expr, Kind},
    subject::Subject,
};
use crate::{Names, tables::is_personal};

/// The kind of an expression's value, if it is not NULL.
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

/// What expressions are compiled with.
#[derive(Debug, Clone, Copy)]
pub(super) struct Compiler<'q> {
    pub(super) subject: Subject,
    pub(super) parameters: &'q [Value],
    pub(super) names: Names,
}

type Compiled = Option<(Node, Class)>;

impl Compiler<'_> {
    /// Compiles an expression in which all columns are the subject's. `None` if that is not possible with SQLite's
    /// rules.
    pub(super) fn compile(&self, expr: &Expr) -> Compiled {
        let number = |expr: &Expr| self.number(expr);
        let truth = |node| Some((node, Class::Number));
        let arithmetic = |operator, left: &Expr, right: &Expr| {
            Some((Node::Arithmetic(operator, number(left)?, number(right)?), Class::Number))
        };
        match &expr.kind {
            Kind::Null => Some((Node::Constant(Val::Null), Class::Null)),
            Kind::Integer(number) => Some((Node::Constant(Val::Int(*number)), Class::Number)),
            Kind::Real(number) => Some((Node::Constant(Val::Real(*number)), Class::Number)),
            Kind::Text(text) => Some((Node::Constant(Val::Text(text.as_str().into())), Class::Text)),
            Kind::Parameter(index) => match self.parameters.get(*index)? {
                Value::Null => Some((Node::Constant(Val::Null), Class::Null)),
                Value::Integer(number) => Some((Node::Constant(Val::Int(*number)), Class::Number)),
                Value::Real(number) => Some((Node::Constant(Val::Real(*number)), Class::Number)),
                Value::Text(text) => Some((Node::Constant(Val::Text(text.as_str().into())), Class::Text)),
                Value::Blob(_) => None,
            },
            Kind::Column { name, .. } => self.column(name),
            Kind::Negate(of) => Some((Node::Negate(number(of)?), Class::Number)),
            Kind::Not(of) => truth(Node::Not(number(of)?)),
            Kind::Binary(operator, left, right) => match *operator {
                "AND" => truth(Node::And(number(left)?, number(right)?)),
                "OR" => truth(Node::Or(number(left)?, number(right)?)),
                "+" => arithmetic(Arithmetic::Add, left, right),
                "-" => arithmetic(Arithmetic::Subtract, left, right),
                "*" => arithmetic(Arithmetic::Multiply, left, right),
                "/" => arithmetic(Arithmetic::Divide, left, right),
                _ => truth(self.compare(comparison(operator)?, left, right)?),
            },
            Kind::Is { negated, left, right } => {
                let (left, right) = self.alike(left, right)?;
                truth(Node::Is { negated: *negated, left: Box::new(left), right: Box::new(right) })
            }
            Kind::Between { negated, value, low, high } => {
                let from = self.compare(Comparison::GreaterOrEqual, value, low)?;
                let to = self.compare(Comparison::LessOrEqual, value, high)?;
                let within = Node::And(Box::new(from), Box::new(to));
                truth(if *negated { Node::Not(Box::new(within)) } else { within })
            }
            Kind::In { negated, value, list } => {
                let constant = |expr: &Expr| match self.alike(value, expr)?.1 {
                    Node::Constant(value) => Some(value),
                    _ => None,
                };
                let list = list.iter().map(constant).collect::<Option<_>>()?;
                truth(Node::In { negated: *negated, value: Box::new(self.compile(value)?.0), list })
            }
            Kind::Case { base, arms, otherwise } => {
                let mut class = Class::Null;
                let mut compiled = Vec::new();
                for (when, then) in arms {
                    let when = match base {
                        Some(base) => self.compare(Comparison::Equal, base, when)?,
                        None => *number(when)?,
                    };
                    let (then, of) = self.compile(then)?;
                    class = class.and(of)?;
                    compiled.push((when, then));
                }
                let (otherwise, of) = match otherwise {
                    Some(otherwise) => self.compile(otherwise)?,
                    None => (Node::Constant(Val::Null), Class::Null),
                };
                Some((Node::Case { arms: compiled, otherwise: Box::new(otherwise) }, class.and(of)?))
            }
            Kind::Call { name, distinct: false, star: false, arguments } => self.call(name, arguments),
            Kind::Call { .. } | Kind::Other(_) => None,
        }
    }

    /// Returns the value of a column. `None` if it depends on more than a row, or is hidden: then SQLite reads the view, in
    /// which it is NULL.
    pub(super) fn column(&self, name: &str) -> Compiled {
        let hides = self.names == Names::Hidden && is_personal(self.subject.table(), name);
        (!hides).then(|| self.subject.column(name)).flatten()
    }

    fn number(&self, expr: &Expr) -> Option<Box<Node>> {
        self.compile(expr).filter(|(_, class)| *class != Class::Text).map(|(node, _)| Box::new(node))
    }

    /// Two values to compare. Numbers are not compared with strings: SQLite converts one of them for some columns.
    fn alike(&self, left: &Expr, right: &Expr) -> Option<(Node, Node)> {
        let ((left, class), (right, other)) = (self.compile(left)?, self.compile(right)?);
        class.and(other).map(|_| (left, right))
    }

    /// Compiles a comparison; times are compared with a constant as numbers.
    fn compare(&self, comparison: Comparison, left: &Expr, right: &Expr) -> Option<Node> {
        let (left, right) = self.alike(left, right)?;
        let within = match (&left, &right) {
            (Node::Time { place, characters }, Node::Constant(Val::Text(text))) if is_whole(characters) => {
                self.within(*place, comparison, text)
            }
            (Node::Constant(Val::Text(text)), Node::Time { place, characters }) if is_whole(characters) => {
                self.within(*place, turned(comparison), text)
            }
            _ => None,
        };
        Some(within.unwrap_or_else(|| Node::Compare(comparison, Box::new(left), Box::new(right))))
    }

    fn within(&self, place: usize, comparison: Comparison, text: &str) -> Option<Node> {
        // Times sort as text, so each bound is a time.
        let first = |is_before: &dyn Fn(&str) -> bool| {
            let Range { start: mut low, end: mut high } = self.subject.times();
            while low < high {
                let middle = low + (high - low) / 2;
                if is_before(&self.subject.text_of(middle)) { low = middle + 1 } else { high = middle }
            }
            low
        };
        let from = first(&|time| time < text);
        let after = first(&|time| time <= text);
        let times = match comparison {
            Comparison::Equal => from..after,
            Comparison::Less => i64::MIN..from,
            Comparison::LessOrEqual => i64::MIN..after,
            Comparison::Greater => after..i64::MAX,
            Comparison::GreaterOrEqual => from..i64::MAX,
            Comparison::NotEqual => return None,
        };
        Some(Node::Within { place, times })
    }

    fn call(&self, name: &str, arguments: &[Expr]) -> Compiled {
        let whole = |expr: &Expr| match expr.kind {
            Kind::Integer(number) => usize::try_from(number).ok().filter(|number| *number >= 1),
            _ => None,
        };
        // A column of times as a whole.
        let time = |expr: &Expr| match self.compile(expr)?.0 {
            Node::Time { place, characters } if is_whole(&characters) => Some(place),
            _ => None,
        };
        match (name.to_ascii_lowercase().as_str(), arguments) {
            ("substr" | "substring", [of, first, rest @ ..]) if rest.len() <= 1 => {
                let place = time(of)?;
                let first = whole(first)? - 1;
                let length = rest.first().map_or(Some(20), whole)?;
                let characters = first.min(20)..first.saturating_add(length).min(20);
                Some((Node::Time { place, characters }, Class::Text))
            }
            ("date", [of]) => Some((Node::Time { place: time(of)?, characters: 0..10 }, Class::Text)),
            ("strftime", [format, of]) => {
                let place = time(of)?;
                let Kind::Text(format) = &format.kind else { return None };
                Some((Node::Time { place, characters: strftime(format)? }, Class::Text))
            }
            ("coalesce" | "ifnull", of) if of.len() >= 2 => {
                let mut class = Class::Null;
                let mut nodes = Vec::new();
                for one in of {
                    let (node, of) = self.compile(one)?;
                    class = class.and(of)?;
                    nodes.push(node);
                }
                Some((Node::Coalesce(nodes), class))
            }
            ("iif", [when, then, otherwise]) => {
                let when = *self.number(when)?;
                let ((then, one), (otherwise, other)) = (self.compile(then)?, self.compile(otherwise)?);
                Some((Node::Case { arms: vec![(when, then)], otherwise: Box::new(otherwise) }, one.and(other)?))
            }
            ("abs", [of]) => Some((Node::Absolute(self.number(of)?), Class::Number)),
            _ => None,
        }
    }
}

/// Returns whether these are all characters of a time.
fn is_whole(characters: &Range<usize>) -> bool {
    *characters == (0..20)
}

/// Returns the contiguous characters of a time that a format consists of.
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
