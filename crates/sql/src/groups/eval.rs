//! Values and expressions over the rows of a batch, with SQLite's rules.

use std::{cmp::Ordering, ops::Range, sync::Arc};

use super::{batch::Batch, subject::Subject};
use crate::{blocks::People, tables::iso_of_millis};

/// A value in SQLite.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Val {
    Null,
    Int(i64),
    Real(f64),
    Text(Arc<str>),
}

impl Val {
    pub(super) const fn is_null(&self) -> bool {
        matches!(self, Self::Null)
    }

    /// Returns whether a condition with this value holds; `None` if unknown.
    const fn truth(&self) -> Option<bool> {
        match self {
            Self::Null => None,
            Self::Int(number) => Some(*number != 0),
            Self::Real(number) => Some(*number != 0.0),
            // No condition that is a string is compiled.
            Self::Text(_) => Some(false),
        }
    }

    fn of(truth: Option<bool>) -> Self {
        truth.map_or(Self::Null, |truth| Self::Int(truth.into()))
    }

    fn real(&self) -> Option<f64> {
        match self {
            Self::Int(number) => Some(*number as f64),
            Self::Real(number) => Some(*number),
            Self::Null | Self::Text(_) => None,
        }
    }

    /// Compares values: numbers before strings. Neither is NULL.
    pub(super) fn order(&self, other: &Self) -> Ordering {
        match (self, other) {
            (Self::Text(left), Self::Text(right)) => left.cmp(right),
            (Self::Text(_), _) => Ordering::Greater,
            (_, Self::Text(_)) => Ordering::Less,
            (Self::Int(left), Self::Int(right)) => left.cmp(right),
            // Columns of minutes contain no integer that a double cannot represent.
            (left, right) => left.real().partial_cmp(&right.real()).unwrap_or(Ordering::Equal),
        }
    }
}

/// The part of a row's identity that a value is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Identity {
    Uuid,
    Kind,
    Number,
    UserId,
    JoinTime,
}

impl Identity {
    /// Returns whether all minutes of an instance share it.
    pub(super) const fn is_of_instance(self) -> bool {
        matches!(self, Self::Uuid | Self::Kind | Self::Number)
    }
}

impl Identity {
    /// Returns its value for an instance or an attendance.
    pub(super) fn value(self, people: &People, instance: u32, attendance: u32) -> Val {
        let instance = people.instances.get(instance as usize);
        let attendance = people.attendances.get(attendance as usize);
        let text = |text: &str| Val::Text(text.into());
        match self {
            Self::Uuid => instance.map_or(Val::Null, |one| Val::Text(Arc::clone(&one.uuid))),
            Self::Kind => instance.map_or(Val::Null, |one| text(one.kind)),
            Self::Number => instance.and_then(|one| one.number).map_or(Val::Null, Val::Int),
            Self::UserId => attendance.map_or(Val::Null, |one| text(&one.user_id)),
            Self::JoinTime => {
                attendance.and_then(|one| one.join_time).map_or(Val::Null, |millis| text(&iso_of_millis(millis)))
            }
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Comparison {
    Equal,
    NotEqual,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
}

impl Comparison {
    fn holds(self, order: Ordering) -> bool {
        match self {
            Self::Equal => order.is_eq(),
            Self::NotEqual => order.is_ne(),
            Self::Less => order.is_lt(),
            Self::LessOrEqual => order.is_le(),
            Self::Greater => order.is_gt(),
            Self::GreaterOrEqual => order.is_ge(),
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Arithmetic {
    Add,
    Subtract,
    Multiply,
    Divide,
}

/// An expression over a row.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Node {
    Constant(Val),
    Identity(Identity),
    /// The column at this position, which is neither the identity nor the minute.
    Column(usize),
    /// The score at this position among [`crate::scores::COLUMNS`].
    Score(usize),
    /// These characters of the time in the column at this position, as text.
    Time {
        place: usize,
        characters: Range<usize>,
    },
    /// Whether the time in the column at this position is one of these.
    Within {
        place: usize,
        times: Range<i64>,
    },
    Negate(Box<Self>),
    Not(Box<Self>),
    And(Box<Self>, Box<Self>),
    Or(Box<Self>, Box<Self>),
    Compare(Comparison, Box<Self>, Box<Self>),
    Is {
        negated: bool,
        left: Box<Self>,
        right: Box<Self>,
    },
    In {
        negated: bool,
        value: Box<Self>,
        list: Vec<Val>,
    },
    Arithmetic(Arithmetic, Box<Self>, Box<Self>),
    Case {
        arms: Vec<(Self, Self)>,
        otherwise: Box<Self>,
    },
    /// The first that is not NULL.
    Coalesce(Vec<Self>),
    Absolute(Box<Self>),
}

impl Node {
    /// Returns its operands.
    pub(super) fn children(&self) -> Vec<&Self> {
        match self {
            Self::Constant(_)
            | Self::Identity(_)
            | Self::Column(_)
            | Self::Score(_)
            | Self::Time { .. }
            | Self::Within { .. } => Vec::new(),
            Self::Negate(of) | Self::Not(of) | Self::Absolute(of) | Self::In { value: of, .. } => vec![of],
            Self::And(left, right)
            | Self::Or(left, right)
            | Self::Compare(_, left, right)
            | Self::Is { left, right, .. }
            | Self::Arithmetic(_, left, right) => vec![left, right],
            Self::Case { arms, otherwise } => {
                arms.iter().flat_map(|(when, then)| [when, then]).chain([&**otherwise]).collect()
            }
            Self::Coalesce(of) => of.iter().collect(),
        }
    }

    /// Returns whether it or an operand is of this kind.
    pub(super) fn any(&self, is: &dyn Fn(&Self) -> bool) -> bool {
        is(self) || self.children().into_iter().any(|child| child.any(is))
    }

    /// Returns whether the condition holds for a row.
    pub(super) fn holds(&self, batch: &Batch<'_>, row: usize) -> bool {
        match self {
            Self::Within { place, times } => batch.time(*place, row).is_some_and(|time| times.contains(&time)),
            Self::And(left, right) => left.holds(batch, row) && right.holds(batch, row),
            Self::Compare(comparison, left, right) => match (&**left, &**right) {
                // Nearly every row fails such a filter, so no value is created for it.
                (Self::Column(place), Self::Constant(Val::Text(text))) if batch.subject == Subject::Attendances => {
                    batch.block.text(*place, row).is_some_and(|found| comparison.holds(found.cmp(text)))
                }
                _ => self.value(batch, row).truth() == Some(true),
            },
            _ => self.value(batch, row).truth() == Some(true),
        }
    }

    /// Returns its value for a row.
    pub(super) fn value(&self, batch: &Batch<'_>, row: usize) -> Val {
        match self {
            Self::Constant(value) => value.clone(),
            Self::Identity(identity) => batch.identity(*identity, row),
            Self::Column(place) => batch.value(*place, row),
            Self::Score(place) => batch.score(*place, row),
            Self::Time { place, characters } => batch.time(*place, row).map_or(Val::Null, |time| {
                Val::Text(batch.subject.text_of(time).get(characters.clone()).unwrap_or("").into())
            }),
            Self::Within { place, times } => Val::of(batch.time(*place, row).map(|time| times.contains(&time))),
            Self::Negate(of) => match of.value(batch, row) {
                Val::Int(number) => number.checked_neg().map_or_else(|| Val::Real(-(number as f64)), Val::Int),
                Val::Real(number) => Val::Real(-number),
                other => other,
            },
            Self::Absolute(of) => match of.value(batch, row) {
                Val::Int(number) => Val::Int(number.saturating_abs()),
                Val::Real(number) => Val::Real(number.abs()),
                other => other,
            },
            Self::Not(of) => Val::of(of.value(batch, row).truth().map(|truth| !truth)),
            Self::And(left, right) => {
                let left = left.value(batch, row).truth();
                if left == Some(false) {
                    return Val::Int(0);
                }
                Val::of(match (left, right.value(batch, row).truth()) {
                    (_, Some(false)) => Some(false),
                    (Some(true), Some(true)) => Some(true),
                    _ => None,
                })
            }
            Self::Or(left, right) => {
                let left = left.value(batch, row).truth();
                if left == Some(true) {
                    return Val::Int(1);
                }
                Val::of(match (left, right.value(batch, row).truth()) {
                    (_, Some(true)) => Some(true),
                    (Some(false), Some(false)) => Some(false),
                    _ => None,
                })
            }
            Self::Compare(comparison, left, right) => {
                let (left, right) = (left.value(batch, row), right.value(batch, row));
                Val::of((!left.is_null() && !right.is_null()).then(|| comparison.holds(left.order(&right))))
            }
            Self::Is { negated, left, right } => {
                let (left, right) = (left.value(batch, row), right.value(batch, row));
                let same = match (left.is_null(), right.is_null()) {
                    (false, false) => left.order(&right).is_eq(),
                    (left, right) => left == right,
                };
                Val::Int((same != *negated).into())
            }
            Self::In { negated, value, list } => {
                let value = value.value(batch, row);
                if value.is_null() {
                    return Val::Null;
                }
                let found = list.iter().any(|one| !one.is_null() && one.order(&value).is_eq());
                if !found && list.iter().any(Val::is_null) {
                    return Val::Null;
                }
                Val::Int((found != *negated).into())
            }
            Self::Arithmetic(operator, left, right) => {
                arithmetic(*operator, &left.value(batch, row), &right.value(batch, row))
            }
            Self::Case { arms, otherwise } => {
                let arm = arms.iter().find(|(when, _)| when.holds(batch, row));
                arm.map_or(&**otherwise, |(_, then)| then).value(batch, row)
            }
            Self::Coalesce(of) => {
                of.iter().map(|one| one.value(batch, row)).find(|value| !value.is_null()).unwrap_or(Val::Null)
            }
        }
    }
}

fn arithmetic(operator: Arithmetic, left: &Val, right: &Val) -> Val {
    if let (Val::Int(left), Val::Int(right)) = (left, right) {
        let whole = match operator {
            Arithmetic::Add => left.checked_add(*right),
            Arithmetic::Subtract => left.checked_sub(*right),
            Arithmetic::Multiply => left.checked_mul(*right),
            Arithmetic::Divide if *right == 0 => return Val::Null,
            Arithmetic::Divide => left.checked_div(*right),
        };
        if let Some(whole) = whole {
            return Val::Int(whole);
        }
    }
    let (Some(left), Some(right)) = (left.real(), right.real()) else { return Val::Null };
    let real = match operator {
        Arithmetic::Add => left + right,
        Arithmetic::Subtract => left - right,
        Arithmetic::Multiply => left * right,
        Arithmetic::Divide if right == 0.0 => return Val::Null,
        Arithmetic::Divide => left / right,
    };
    if real.is_nan() { Val::Null } else { Val::Real(real) }
}
