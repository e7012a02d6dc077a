//! The tables whose rows are counted.

use std::ops::Range;

use rollcall_archive::ColumnKind;
use rollcall_model::Minute;

use super::{
    compile::Class,
    eval::{Arithmetic, Identity, Node, Val},
};
use crate::{
    Type,
    blocks::{ATTENDANCE_COLUMNS, DATE_TIME, LAST_MINUTE, level_of, place_of, time_of},
    minutes::COLUMNS,
    scores,
    tables::{PARTICIPANTS, QOS_MINUTES, iso_of_millis, source_of},
};

/// A table whose rows are counted.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) enum Subject {
    #[default]
    Minutes,
    Attendances,
}

/// How SQLite converts a value that is compared with a column.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Affinity {
    None,
    Text,
    Integer,
}

/// The seconds since 1970 that SQLite can format.
const SECONDS: Range<i64> = -62_167_219_200..253_402_300_800;

impl Subject {
    /// The table to look for first comes first: minutes are counted for each attendance that they are joined with.
    pub(super) const ALL: [Self; 2] = [Self::Minutes, Self::Attendances];

    /// Returns the table's name.
    pub(super) const fn table(self) -> &'static str {
        match self {
            Self::Minutes => QOS_MINUTES,
            Self::Attendances => PARTICIPANTS,
        }
    }

    /// Returns the positions of the columns, without those of the identity.
    pub(super) fn places(self) -> Range<usize> {
        match self {
            Self::Minutes => DATE_TIME..COLUMNS.len(),
            Self::Attendances => 0..ATTENDANCE_COLUMNS,
        }
    }

    /// Returns the value of a column with this name. `None` if it depends on more than a row.
    pub(super) fn column(self, name: &str) -> Option<(Node, Class)> {
        match self {
            Self::Minutes => column_of_minutes(name),
            Self::Attendances => column_of_attendances(name),
        }
    }

    /// Returns the affinity of a column that is not an expression.
    pub(super) fn affinity(self, node: &Node) -> Affinity {
        match (self, node) {
            (Self::Minutes, _) => Affinity::None,
            (Self::Attendances, Node::Identity(Identity::Number)) => Affinity::Integer,
            (Self::Attendances, Node::Identity(_)) => Affinity::Text,
            (Self::Attendances, Node::Column(place)) if Some(*place) == place_of("user_id") => Affinity::Text,
            (Self::Attendances, _) => Affinity::None,
        }
    }

    /// Returns whether the column at `place` may contain strings.
    pub(super) fn is_text(self, place: usize) -> bool {
        match self {
            Self::Minutes => matches!(COLUMNS[place].kind, ColumnKind::Text | ColumnKind::Json),
            Self::Attendances => true,
        }
    }

    /// Returns the value that a column's number stands for.
    pub(super) fn value(self, place: usize, number: i64) -> Val {
        match self {
            Self::Minutes => match COLUMNS[place].kind {
                ColumnKind::Hundredths => Val::Real(number as f64 / 100.0),
                ColumnKind::Text | ColumnKind::Json => {
                    level_of(number).map_or(Val::Null, |level| Val::Text(level.into()))
                }
                _ => Val::Int(number),
            },
            Self::Attendances => Val::Int(number),
        }
    }

    /// Returns the unit of times, in seconds.
    pub(super) const fn unit(self) -> i64 {
        match self {
            Self::Minutes => 60,
            Self::Attendances => 1,
        }
    }

    /// Returns the times that can be formatted, which are compared as text.
    pub(super) fn times(self) -> Range<i64> {
        match self {
            Self::Minutes => 0..i64::from(LAST_MINUTE) + 1,
            Self::Attendances => SECONDS,
        }
    }

    /// Returns the text of a time.
    pub(super) fn text_of(self, time: i64) -> String {
        match self {
            Self::Minutes => time_of(Minute(u32::try_from(time).unwrap_or(0))),
            Self::Attendances => iso_of_millis(time * 1_000),
        }
    }
}

fn column_of_minutes(name: &str) -> Option<(Node, Class)> {
    let is = |other: &str| other.eq_ignore_ascii_case(name);
    if let Some(place) = COLUMNS.iter().position(|column| is(&column.name)) {
        return Some(match place {
            0 => (Node::Identity(Identity::Uuid), Class::Text),
            1 => (Node::Identity(Identity::Kind), Class::Text),
            2 => (Node::Identity(Identity::Number), Class::Number),
            3 => (Node::Identity(Identity::UserId), Class::Text),
            4 => (Node::Identity(Identity::JoinTime), Class::Text),
            DATE_TIME => (Node::Time { place, characters: 0..20 }, Class::Text),
            _ => (Node::Column(place), if Subject::Minutes.is_text(place) { Class::Text } else { Class::Number }),
        });
    }
    let place = scores::COLUMNS.iter().position(|(column, ..)| is(column))?;
    Some((Node::Score(place), class_of(scores::COLUMNS[place].1)))
}

fn column_of_attendances(name: &str) -> Option<(Node, Class)> {
    let (source, kind) = source_of(PARTICIPANTS, name)?;
    let column = |source: &str| source.strip_prefix("p.").and_then(place_of);
    match source {
        "i.uuid" => return Some((Node::Identity(Identity::Uuid), Class::Text)),
        "i.kind" => return Some((Node::Identity(Identity::Kind), Class::Text)),
        "i.number" => return Some((Node::Identity(Identity::Number), Class::Number)),
        _ => {}
    }
    if let Some(place) = column(source) {
        let node = if kind == Type::Time { Node::Time { place, characters: 0..20 } } else { Node::Column(place) };
        return Some((node, class_of(kind)));
    }
    let (later, earlier) = source.strip_prefix('(')?.strip_suffix(") / 1000")?.split_once(" - ")?;
    let of = |operator, left, right| Node::Arithmetic(operator, Box::new(left), Box::new(right));
    let millis = of(Arithmetic::Subtract, Node::Column(column(later)?), Node::Column(column(earlier)?));
    Some((of(Arithmetic::Divide, millis, Node::Constant(Val::Int(1_000))), Class::Number))
}

const fn class_of(kind: Type) -> Class {
    match kind {
        Type::Text | Type::Json | Type::Time => Class::Text,
        Type::Integer | Type::Real | Type::Flag | Type::Sketch => Class::Number,
    }
}
