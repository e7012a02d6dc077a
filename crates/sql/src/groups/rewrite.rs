//! Finds the parts of a query that groups can answer, and builds the query over them.

use std::{fmt::Write as _, ops::Range};

use rollcall_model::Minute;
use rusqlite::types::Value;

use super::{
    Aggregate, Spec,
    aggregate::MOST_KEYS,
    compile::{Class, Compiler},
    eval::{Comparison, Identity, Node, Val},
    parse::{Expr, Kind, Select, Source, parse},
    subject::Subject,
    table::{COLUMNS, column_of_key},
};
use crate::{Names, tables::describe};

/// A query over groups.
pub(crate) struct Rewritten {
    pub(crate) sql: String,
    pub(crate) spec: Spec,
}

/// Rewrites a valid query so that it reads `groups`. `None` if it neither aggregates nor filters minutes or
/// attendances, or in a way that is not understood, or if it reads a hidden column.
pub(crate) fn rewrite(sql: &str, parameters: &[Value], names: Names, groups: &str) -> Option<Rewritten> {
    let small = sql.to_ascii_lowercase();
    if !Subject::ALL.iter().any(|subject| small.contains(subject.table())) {
        return None;
    }
    let select = parse(sql)?;
    let mut rewriter = Rewriter::of(sql, &select, parameters, names)?;
    rewriter.select()?;
    rewriter.finish(groups)
}

/// SQLite functions that compute a value from one row's values.
const SCALAR: [&str; 36] = [
    "abs",
    "ceil",
    "ceiling",
    "char",
    "coalesce",
    "concat",
    "date",
    "datetime",
    "floor",
    "format",
    "hex",
    "ifnull",
    "iif",
    "instr",
    "julianday",
    "length",
    "ln",
    "log",
    "lower",
    "ltrim",
    "max",
    "min",
    "nullif",
    "power",
    "printf",
    "quote",
    "replace",
    "round",
    "rtrim",
    "sign",
    "strftime",
    "substr",
    "substring",
    "time",
    "trim",
    "upper",
];

/// The tables whose columns an expression reads.
#[derive(Debug, Clone, Copy, Default)]
struct Reads {
    subject: bool,
    others: bool,
    /// Columns of the answer, by name.
    answer: bool,
}

struct Rewriter<'q> {
    sql: &'q str,
    select: &'q Select,
    compiler: Compiler<'q>,
    /// The index of the table whose rows are counted among the sources.
    place: usize,
    /// That table's name, quoted.
    alias: String,
    /// The names of each source's columns.
    columns: Vec<Vec<&'static str>>,
    aliases: Vec<&'q str>,
    changes: Vec<(Range<usize>, String)>,
    spec: Spec,
    key_names: Vec<Option<&'static str>>,
    /// Whether an aggregate compares values: then columns outside of GROUP BY come from the row that it finds.
    compares: bool,
    /// Whether there is such a column.
    bare: bool,
}

impl<'q> Rewriter<'q> {
    fn of(sql: &'q str, select: &'q Select, parameters: &'q [Value], names: Names) -> Option<Self> {
        let described = describe();
        let mut columns = Vec::new();
        for source in &select.sources {
            let table = described.iter().find(|table| table.name.eq_ignore_ascii_case(&source.table))?;
            columns.push(table.columns.iter().map(|(name, ..)| *name).collect());
        }
        let is = |source: &Source, subject: Subject| source.table.eq_ignore_ascii_case(subject.table());
        let place = |subject| select.sources.iter().position(|source| is(source, subject));
        let (subject, place) = Subject::ALL.into_iter().find_map(|subject| Some((subject, place(subject)?)))?;
        let counted = &select.sources[place];
        if counted.optional || select.sources.iter().filter(|source| is(source, subject)).count() > 1 {
            return None;
        }
        let alias = format!("\"{}\"", counted.alias.replace('"', "\"\""));
        let aliases = select.items.iter().filter_map(|item| item.alias.as_deref()).collect();
        Some(Self {
            sql,
            select,
            compiler: Compiler { subject, parameters, names },
            place,
            alias,
            columns,
            aliases,
            changes: Vec::new(),
            spec: Spec { subject, ..Spec::default() },
            key_names: Vec::new(),
            compares: false,
            bare: false,
        })
    }

    fn select(&mut self) -> Option<()> {
        let select = self.select;
        let counts = select.items.iter().any(|item| is_aggregated(&item.value));
        self.spec.one_by_one = !counts && select.group.is_empty();
        for source in &select.sources {
            if let Some(on) = &source.on {
                // The condition of a LEFT JOIN keeps every row before it.
                if source.optional {
                    self.spec.alternatives |= has_alternatives(on);
                    self.outer(on)?;
                } else {
                    self.conditions(on)?;
                }
            }
            for name in &source.using {
                let name = self.columns[self.place].iter().find(|column| column.eq_ignore_ascii_case(name));
                if let Some(name) = name {
                    self.key(self.compiler.column(name)?.0, Some(name))?;
                }
            }
        }
        if let Some(filter) = &select.filter {
            self.conditions(filter)?;
        }
        for expr in &select.group {
            self.outer(expr)?;
        }
        let outside = select.items.iter().map(|item| &item.value).chain(&select.having).chain(&select.order);
        for expr in outside {
            self.bare |= !self.is_grouped(expr);
            self.outer(expr)?;
        }
        select.limit.iter().try_for_each(|expr| self.outer(expr))?;
        if self.compares && self.bare {
            return None;
        }
        if self.spec.one_by_one {
            return self.spec.filters.iter().any(|filter| self.is_selective(filter)).then_some(());
        }
        // A group for every minute of every attendance saves nothing.
        let has = |is: fn(&Node) -> bool| self.spec.keys.iter().any(is);
        let of_attendance = has(|key| matches!(key, Node::Identity(identity) if !identity.is_of_instance()));
        let of_minute = has(|key| matches!(key, Node::Time { characters, .. } if characters.end > 13));
        (!of_attendance || !of_minute).then_some(())
    }

    /// Returns whether a filter restricts rows beyond what the table's own scan uses.
    fn is_selective(&self, filter: &Node) -> bool {
        filter.any(&|node| match node {
            Node::Column(_) | Node::Score(_) => true,
            Node::Time { .. } | Node::Within { .. } => self.compiler.subject == Subject::Attendances,
            _ => false,
        })
    }

    /// Returns whether the query groups by everything that an expression reads outside of aggregates.
    fn is_grouped(&self, expr: &Expr) -> bool {
        let text = |expr: &Expr| normal(&self.sql[expr.span.clone()]);
        let is_named = |group: &Expr| match &group.kind {
            Kind::Integer(number) => {
                let item = usize::try_from(*number - 1).ok().and_then(|index| self.select.items.get(index));
                item.is_some_and(|item| text(&item.value) == text(expr))
            }
            Kind::Column { table: None, name } => self.select.items.iter().any(|item| {
                item.alias.as_ref().is_some_and(|alias| alias.eq_ignore_ascii_case(name))
                    && text(&item.value) == text(expr)
            }),
            _ => false,
        };
        if self.select.group.iter().any(|group| text(group) == text(expr) || is_named(group)) {
            return true;
        }
        match &expr.kind {
            Kind::Call { .. } if is_aggregate(expr) => true,
            Kind::Column { table, name } => self.reads_column(table.as_deref(), name).is_some_and(|reads| reads.answer),
            _ => expr.children().into_iter().all(|child| self.is_grouped(child)),
        }
    }

    /// Returns conditions that must all hold.
    fn conditions(&mut self, expr: &Expr) -> Option<()> {
        for condition in expr.conjuncts() {
            let reads = self.reads(condition)?;
            if reads.answer || is_aggregated(condition) {
                return None;
            }
            let compiled = (reads.subject && !reads.others).then(|| self.compiler.compile(condition)).flatten();
            match compiled {
                Some((node, class)) if class != Class::Text => {
                    self.bound(&node);
                    self.spec.filters.push(node);
                    self.changes.push((condition.span.clone(), "1".to_owned()));
                }
                _ => {
                    self.spec.alternatives |= has_alternatives(condition);
                    self.outer(condition)?;
                }
            }
        }
        Some(())
    }

    /// Records the bounds that a filter sets on minutes and instances.
    fn bound(&mut self, filter: &Node) {
        match filter {
            Node::Within { times, .. } if self.compiler.subject == Subject::Minutes => {
                let minute = |minute: i64| u32::try_from(minute).ok().map(Minute);
                let window = &mut self.spec.window;
                window.from = window.from.max(minute(times.start));
                let last = minute(times.end.saturating_sub(1));
                window.to = window.to.into_iter().chain(last).min();
            }
            Node::And(left, right) => {
                self.bound(left);
                self.bound(right);
            }
            Node::Compare(Comparison::Equal, left, right) => match (&**left, &**right) {
                (Node::Identity(Identity::Uuid), Node::Constant(Val::Text(uuid)))
                | (Node::Constant(Val::Text(uuid)), Node::Identity(Identity::Uuid)) => {
                    self.spec.window.uuid = Some(uuid.clone());
                }
                _ => {}
            },
            _ => {}
        }
    }

    /// Rewrites an expression outside of aggregates, or with some in it.
    fn outer(&mut self, expr: &Expr) -> Option<()> {
        if is_aggregate(expr) {
            return self.aggregate(expr);
        }
        let reads = self.reads(expr)?;
        let alone = reads.subject && !reads.others && !reads.answer && !is_aggregated(expr);
        if let Some((node, _)) = alone.then(|| self.compiler.compile(expr)).flatten() {
            let name = match &expr.kind {
                Kind::Column { name, .. } => {
                    self.columns[self.place].iter().copied().find(|column| column.eq_ignore_ascii_case(name))
                }
                _ => None,
            };
            let key = self.key(node, name)?;
            self.changes.push((expr.span.clone(), key));
            return Some(());
        }
        match &expr.kind {
            // A column that depends on more than one row.
            Kind::Column { .. } if reads.subject => return None,
            Kind::Call { name, .. } if !SCALAR.contains(&name.to_ascii_lowercase().as_str()) => return None,
            _ => {}
        }
        expr.children().into_iter().try_for_each(|child| self.outer(child))
    }

    fn key(&mut self, node: Node, name: Option<&'static str>) -> Option<String> {
        let known = self.spec.keys.iter().zip(&self.key_names).position(|(key, of)| *key == node && *of == name);
        let index = known.unwrap_or_else(|| {
            self.spec.keys.push(node);
            self.key_names.push(name);
            self.spec.keys.len() - 1
        });
        (index < MOST_KEYS).then(|| format!("{}.\"{}\"", self.alias, key_name(index, name)))
    }

    fn aggregate(&mut self, expr: &Expr) -> Option<()> {
        let Kind::Call { name, distinct, star, arguments } = &expr.kind else { return None };
        let name = name.to_ascii_lowercase();
        let rows = self.aggregated(Aggregate::Rows)?;
        if *star {
            self.changes.push((expr.span.clone(), format!("coalesce(sum({rows}), 0)")));
            return Some(());
        }
        let [argument] = arguments.as_slice() else { return None };
        let reads = self.reads(argument)?;
        if reads.answer || is_aggregated(argument) {
            return None;
        }
        self.compares |= matches!(name.as_str(), "min" | "max");
        if *distinct {
            // Equal values count once, however many rows have them.
            return self.outer(argument);
        }
        if !reads.subject {
            return self.of_others(expr, &name, argument);
        }
        if reads.others {
            return None;
        }
        let (node, class) = self.compiler.compile(argument)?;
        let is_number = class != Class::Text;
        let text = match name.as_str() {
            "count" => format!("coalesce(sum({}), 0)", self.aggregated(Aggregate::Count(node))?),
            "sum" | "total" if is_number => format!("{name}({})", self.aggregated(Aggregate::Sum(node))?),
            "avg" if is_number => {
                let sum = self.aggregated(Aggregate::Sum(node.clone()))?;
                let count = self.aggregated(Aggregate::Count(node))?;
                format!("(1.0 * sum({sum}) / sum({count}))")
            }
            "min" => format!("min({})", self.aggregated(Aggregate::Least(node))?),
            "max" => format!("max({})", self.aggregated(Aggregate::Greatest(node))?),
            _ => return None,
        };
        self.changes.push((expr.span.clone(), text));
        Some(())
    }

    /// Rewrites an aggregate of another table's values, each of which counts for every minute of a group.
    fn of_others(&mut self, expr: &Expr, name: &str, argument: &Expr) -> Option<()> {
        if has_parameters(argument) {
            return None;
        }
        let value = &self.sql[argument.span.clone()];
        let rows = self.aggregated(Aggregate::Rows)?;
        let count = format!("sum(CASE WHEN ({value}) IS NOT NULL THEN {rows} END)");
        let text = match name {
            "count" => format!("coalesce({count}, 0)"),
            "sum" | "total" => format!("{name}(({value}) * {rows})"),
            "avg" => format!("(1.0 * sum(({value}) * {rows}) / {count})"),
            "min" | "max" => return Some(()),
            _ => return None,
        };
        self.changes.push((expr.span.clone(), text));
        Some(())
    }

    /// Returns the groups' name for an aggregate.
    fn aggregated(&mut self, aggregate: Aggregate) -> Option<String> {
        let aggregates = &mut self.spec.aggregates;
        let index = aggregates.iter().position(|known| *known == aggregate).unwrap_or_else(|| {
            aggregates.push(aggregate);
            aggregates.len() - 1
        });
        (index + MOST_KEYS < COLUMNS).then(|| format!("{}.\"a{index}\"", self.alias))
    }

    /// Returns the tables whose columns an expression reads; `None` if it refers to an unknown or ambiguous column.
    fn reads(&self, expr: &Expr) -> Option<Reads> {
        if let Kind::Column { table, name } = &expr.kind {
            return self.reads_column(table.as_deref(), name);
        }
        expr.children().into_iter().try_fold(Reads::default(), |all, child| {
            let Reads { subject, others, answer } = self.reads(child)?;
            Some(Reads { subject: all.subject | subject, others: all.others | others, answer: all.answer | answer })
        })
    }

    fn reads_column(&self, table: Option<&str>, name: &str) -> Option<Reads> {
        let has = |place: &usize| self.columns[*place].iter().any(|column| column.eq_ignore_ascii_case(name));
        let places = 0..self.select.sources.len();
        let found: Vec<usize> = match table {
            Some(table) => {
                let is = |place: &usize| self.select.sources[*place].alias.eq_ignore_ascii_case(table);
                places.filter(is).filter(has).collect()
            }
            None => places.filter(has).collect(),
        };
        let is_answer = table.is_none() && self.aliases.iter().any(|alias| alias.eq_ignore_ascii_case(name));
        let of = |place: usize| Reads { subject: place == self.place, others: place != self.place, answer: false };
        match found.as_slice() {
            [] if is_answer => Some(Reads { answer: true, ..Reads::default() }),
            // An alias that is also a column's name: its meaning depends on its position.
            [_] if is_answer => None,
            [place] => Some(of(*place)),
            // Joined by USING: the values are the same.
            [_, _]
                if self.select.sources.iter().any(|source| {
                    source.using.iter().any(|using| using.eq_ignore_ascii_case(name)) && !source.optional
                }) =>
            {
                Some(Reads { others: true, ..Reads::default() })
            }
            _ => None,
        }
    }

    fn finish(mut self, groups: &str) -> Option<Rewritten> {
        let counted = &self.select.sources[self.place];
        let mut columns = String::new();
        for (index, name) in self.key_names.iter().enumerate() {
            let column = column_of_key(index, self.compiler.subject.affinity(&self.spec.keys[index]));
            let _ = write!(columns, "{column} AS \"{}\", ", key_name(index, *name));
        }
        for index in 0..self.spec.aggregates.len() {
            let _ = write!(columns, "c{} AS \"a{index}\", ", index + self.spec.keys.len());
        }
        let columns = columns.trim_end_matches(", ");
        if columns.is_empty() {
            return None;
        }
        self.changes.push((counted.span.clone(), format!("(SELECT {columns} FROM {groups}) AS {}", self.alias)));
        for (index, span) in self.select.parameters.iter().enumerate() {
            let inside = |(changed, _): &(Range<usize>, String)| changed.start <= span.start && span.end <= changed.end;
            if !self.changes.iter().any(inside) {
                self.changes.push((span.clone(), format!("?{}", index + 1)));
            }
        }
        self.changes.sort_by_key(|(span, _)| span.start);
        let mut sql = String::with_capacity(self.sql.len() * 2);
        let mut at = 0;
        for (span, text) in &self.changes {
            // Two changes of the same text would contradict each other.
            sql.push_str(self.sql.get(at..span.start)?);
            sql.push_str(text);
            at = span.end;
        }
        sql.push_str(&self.sql[at..]);
        Some(Rewritten { sql, spec: self.spec })
    }
}

fn key_name(index: usize, name: Option<&str>) -> String {
    name.map_or_else(|| format!("k{index}"), str::to_owned)
}

fn is_aggregate(expr: &Expr) -> bool {
    let Kind::Call { name, arguments, star, .. } = &expr.kind else { return false };
    let is = |names: &[&str]| names.iter().any(|other| other.eq_ignore_ascii_case(name));
    *star
        || is(&["count", "sum", "total", "avg", "group_concat", "string_agg", "quantile", "median", "percentile"])
        || is(&["json_group_array", "json_group_object", "jsonb_group_array", "jsonb_group_object"])
        || (is(&["min", "max"]) && arguments.len() == 1)
}

fn is_aggregated(expr: &Expr) -> bool {
    is_aggregate(expr) || expr.children().into_iter().any(is_aggregated)
}

fn has_alternatives(expr: &Expr) -> bool {
    matches!(expr.kind, Kind::Binary("OR", ..)) || expr.children().into_iter().any(has_alternatives)
}

fn has_parameters(expr: &Expr) -> bool {
    matches!(expr.kind, Kind::Parameter(_)) || expr.children().into_iter().any(has_parameters)
}

/// Normalises a text for comparison.
fn normal(text: &str) -> String {
    text.chars().filter(|char| !char.is_whitespace()).collect::<String>().to_ascii_lowercase()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rewritten(sql: &str) -> Option<String> {
        rewrite(sql, &[Value::Text("2026-03-01".to_owned())], Names::Shown, "counted").map(|rewritten| rewritten.sql)
    }

    #[test]
    fn a_query_that_counts_minutes_is_asked_of_groups() {
        let by_day = rewritten(
            "SELECT substr(date_time, 1, 10) AS day, count(*), avg(audio_output_latency_ms) FROM qos_minutes
             WHERE date_time >= ? AND kind = 'meeting' GROUP BY day",
        );
        assert_eq!(
            by_day.unwrap(),
            "SELECT \"qos_minutes\".\"k0\" AS day, coalesce(sum(\"qos_minutes\".\"a0\"), 0), (1.0 * sum(\"qos_minutes\".\"a1\") \
             / sum(\"qos_minutes\".\"a2\")) FROM (SELECT c0 AS \"k0\", c1 AS \"a0\", c2 AS \"a1\", c3 AS \"a2\" FROM counted) AS \
             \"qos_minutes\"\n             WHERE 1 AND 1 GROUP BY day"
        );
    }

    #[test]
    fn what_is_not_understood_stays_as_it_is() {
        for sql in [
            "SELECT count(*) FROM users",
            "SELECT user_name FROM participants",
            "SELECT user_name FROM participants WHERE instance_uuid = 'a'",
            "SELECT * FROM participants WHERE email = 'a'",
            "SELECT user_name, person FROM participants WHERE email = 'a'",
            "SELECT person, count(*) FROM participants GROUP BY 1",
            "SELECT count(*) FROM participants AS p JOIN participants AS q ON q.email = p.email",
            "SELECT date_time, audio_output_latency_ms FROM qos_minutes WHERE date_time > '2026'",
            "SELECT date_time, audio_output_latency_ms FROM qos_minutes",
            "SELECT DISTINCT count(*) FROM qos_minutes",
            "SELECT count(*) FROM qos_minutes AS one, qos_minutes AS two",
            "SELECT count(*) FROM (SELECT * FROM qos_minutes)",
            "WITH q AS (SELECT * FROM qos_minutes) SELECT count(*) FROM q",
            "SELECT count(*) FROM qos_minutes UNION SELECT 1",
            "SELECT count(*) OVER () FROM qos_minutes",
            "SELECT count(*) FILTER (WHERE audio_output_latency_ms > 3) FROM qos_minutes",
            "SELECT group_concat(user_id) FROM qos_minutes",
            "SELECT quantile(audio_output_latency_ms, 0.5) FROM qos_minutes",
            "SELECT max(audio_output_latency_ms), user_id FROM qos_minutes",
            "SELECT count(*) FROM participants AS p LEFT JOIN qos_minutes AS q ON q.user_id = p.user_id",
            "SELECT count(*), random() FROM qos_minutes",
            "SELECT sum(q.audio_output_latency_ms * p.duration_seconds) FROM participants AS p JOIN qos_minutes AS q
                 ON q.instance_uuid = p.instance_uuid",
            "SELECT user_id, date_time, count(*) FROM qos_minutes GROUP BY 1, 2",
            "SELECT sum(user_id) FROM qos_minutes",
            "SELECT count(*) FROM qos_minutes AS p NATURAL JOIN participants",
        ] {
            assert_eq!(rewritten(sql), None, "{sql}");
        }
    }
}
