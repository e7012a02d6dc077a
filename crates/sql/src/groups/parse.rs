//! Parses the SELECTs that may be rewritten: one block, without subqueries. Anything else is `None`, and runs
//! unchanged.

use std::ops::Range;

use super::tokens::{RESERVED, Token, tokens};

/// A parsed SELECT.
#[derive(Debug, Default)]
pub(super) struct Select {
    pub(super) items: Vec<Item>,
    pub(super) sources: Vec<Source>,
    pub(super) filter: Option<Expr>,
    pub(super) group: Vec<Expr>,
    pub(super) having: Option<Expr>,
    pub(super) order: Vec<Expr>,
    pub(super) limit: Vec<Expr>,
    /// The positions of each `?`.
    pub(super) parameters: Vec<Range<usize>>,
}

/// A column of the answer.
#[derive(Debug)]
pub(super) struct Item {
    pub(super) value: Expr,
    pub(super) alias: Option<String>,
}

/// A table of the FROM clause.
#[derive(Debug)]
pub(super) struct Source {
    pub(super) table: String,
    /// The qualifier of its columns.
    pub(super) alias: String,
    /// The table and its alias.
    pub(super) span: Range<usize>,
    /// Whether rows before it without a match are kept.
    pub(super) optional: bool,
    pub(super) on: Option<Expr>,
    pub(super) using: Vec<String>,
}

/// An expression and its position.
#[derive(Debug, Clone)]
pub(super) struct Expr {
    pub(super) span: Range<usize>,
    pub(super) kind: Kind,
}

#[derive(Debug, Clone)]
pub(super) enum Kind {
    Null,
    Integer(i64),
    Real(f64),
    Text(String),
    /// Counted from 0.
    Parameter(usize),
    Column {
        table: Option<String>,
        name: String,
    },
    Negate(Box<Expr>),
    Not(Box<Expr>),
    Binary(&'static str, Box<Expr>, Box<Expr>),
    Is {
        negated: bool,
        left: Box<Expr>,
        right: Box<Expr>,
    },
    Between {
        negated: bool,
        value: Box<Expr>,
        low: Box<Expr>,
        high: Box<Expr>,
    },
    In {
        negated: bool,
        value: Box<Expr>,
        list: Vec<Expr>,
    },
    Call {
        name: String,
        distinct: bool,
        star: bool,
        arguments: Vec<Expr>,
    },
    Case {
        base: Option<Box<Expr>>,
        arms: Vec<(Expr, Expr)>,
        otherwise: Option<Box<Expr>>,
    },
    /// Any other expression with these operands.
    Other(Vec<Expr>),
}

impl Expr {
    /// Returns its operands.
    pub(super) fn children(&self) -> Vec<&Self> {
        match &self.kind {
            Kind::Null
            | Kind::Integer(_)
            | Kind::Real(_)
            | Kind::Text(_)
            | Kind::Parameter(_)
            | Kind::Column { .. } => Vec::new(),
            Kind::Negate(of) | Kind::Not(of) => vec![of],
            Kind::Binary(_, left, right) | Kind::Is { left, right, .. } => vec![left, right],
            Kind::Between { value, low, high, .. } => vec![value, low, high],
            Kind::In { value, list, .. } => [&**value].into_iter().chain(list).collect(),
            Kind::Call { arguments, .. } => arguments.iter().collect(),
            Kind::Case { base, arms, otherwise } => {
                let arms = arms.iter().flat_map(|(when, then)| [when, then]);
                base.iter().map(|base| &**base).chain(arms).chain(otherwise.iter().map(|other| &**other)).collect()
            }
            Kind::Other(of) => of.iter().collect(),
        }
    }

    /// Returns the conditions that must all hold.
    pub(super) fn conjuncts(&self) -> Vec<&Self> {
        match &self.kind {
            Kind::Binary("AND", left, right) => [left.conjuncts(), right.conjuncts()].concat(),
            _ => vec![self],
        }
    }
}

/// Parses a statement.
pub(super) fn parse(sql: &str) -> Option<Select> {
    let mut parser = Parser { tokens: tokens(sql)?, at: 0, parameters: Vec::new(), depth: 0 };
    let mut select = parser.select()?;
    parser.sign(";");
    select.parameters = parser.parameters;
    (parser.at == parser.tokens.len()).then_some(select)
}

struct Parser {
    tokens: Vec<(Token, Range<usize>)>,
    at: usize,
    parameters: Vec<Range<usize>>,
    depth: usize,
}

/// Maximum depth of expressions.
const DEPTH: usize = 100;

impl Parser {
    fn peek(&self) -> Option<&Token> {
        self.tokens.get(self.at).map(|(token, _)| token)
    }

    fn start(&self) -> usize {
        self.tokens.get(self.at).map_or(usize::MAX, |(_, span)| span.start)
    }

    /// The end of the last token.
    fn end(&self) -> usize {
        self.at.checked_sub(1).map_or(0, |last| self.tokens[last].1.end)
    }

    fn sign(&mut self, sign: &str) -> bool {
        let found = matches!(self.peek(), Some(Token::Sign(next)) if *next == sign);
        self.at += usize::from(found);
        found
    }

    fn is_word(&self, word: &str) -> bool {
        matches!(self.peek(), Some(Token::Word(next)) if next.eq_ignore_ascii_case(word))
    }

    fn word(&mut self, word: &str) -> bool {
        let found = self.is_word(word);
        self.at += usize::from(found);
        found
    }

    fn name(&mut self) -> Option<String> {
        let name = match self.peek()? {
            Token::Word(word) if !RESERVED.iter().any(|reserved| reserved.eq_ignore_ascii_case(word)) => word.clone(),
            Token::Quoted(name) => name.clone(),
            _ => return None,
        };
        self.at += 1;
        Some(name)
    }

    fn select(&mut self) -> Option<Select> {
        let mut select = Select::default();
        if !self.word("SELECT") || self.is_word("DISTINCT") || self.is_word("ALL") {
            return None;
        }
        loop {
            let value = self.expr(0)?;
            let alias = if self.word("AS") { Some(self.name()?) } else { self.name() };
            select.items.push(Item { value, alias });
            if !self.sign(",") {
                break;
            }
        }
        if !self.word("FROM") {
            return None;
        }
        select.sources.push(self.source(false)?);
        loop {
            let optional = if self.sign(",") || self.word("JOIN") {
                false
            } else if self.word("INNER") || self.word("CROSS") {
                self.word("JOIN").then_some(false)?
            } else if self.word("LEFT") {
                self.word("OUTER");
                self.word("JOIN").then_some(true)?
            } else {
                break;
            };
            let source = self.source(optional)?;
            select.sources.push(source);
        }
        if self.word("WHERE") {
            select.filter = Some(self.expr(0)?);
        }
        if self.word("GROUP") {
            select.group = self.word("BY").then(|| self.list())??;
        }
        if self.word("HAVING") {
            select.having = Some(self.expr(0)?);
        }
        if self.word("ORDER") {
            if !self.word("BY") {
                return None;
            }
            loop {
                select.order.push(self.expr(0)?);
                let _ = self.word("ASC") || self.word("DESC");
                if self.word("NULLS") && !self.word("FIRST") && !self.word("LAST") {
                    return None;
                }
                if !self.sign(",") {
                    break;
                }
            }
        }
        if self.word("LIMIT") {
            select.limit.push(self.expr(0)?);
            if self.word("OFFSET") || self.sign(",") {
                select.limit.push(self.expr(0)?);
            }
        }
        Some(select)
    }

    fn source(&mut self, optional: bool) -> Option<Source> {
        let start = self.start();
        let table = self.name()?;
        let alias = if self.word("AS") { Some(self.name()?) } else { self.name() };
        let span = start..self.end();
        let (mut on, mut using) = (None, Vec::new());
        if self.word("ON") {
            on = Some(self.expr(0)?);
        } else if self.word("USING") {
            if !self.sign("(") {
                return None;
            }
            loop {
                using.push(self.name()?);
                if !self.sign(",") {
                    break;
                }
            }
            self.sign(")").then_some(())?;
        }
        let alias = alias.unwrap_or_else(|| table.clone());
        Some(Source { table, alias, span, optional, on, using })
    }

    fn list(&mut self) -> Option<Vec<Expr>> {
        let mut list = vec![self.expr(0)?];
        while self.sign(",") {
            list.push(self.expr(0)?);
        }
        Some(list)
    }

    /// Parses an expression whose operators bind at least as tightly as `least`.
    fn expr(&mut self, least: u8) -> Option<Expr> {
        self.depth += 1;
        if self.depth > DEPTH {
            return None;
        }
        let read = self.expr_at(least);
        self.depth -= 1;
        read
    }

    fn expr_at(&mut self, least: u8) -> Option<Expr> {
        let start = self.start();
        let mut left = if least <= 3 && self.word("NOT") {
            let of = Box::new(self.expr(3)?);
            self.spanned(start, Kind::Not(of))
        } else {
            self.unary()?
        };
        loop {
            let kind = match self.peek().cloned() {
                Some(Token::Word(word)) => {
                    let word = word.to_ascii_uppercase();
                    match word.as_str() {
                        "OR" if least <= 1 => self.binary("OR", left, 2)?,
                        "AND" if least <= 2 => self.binary("AND", left, 3)?,
                        "IS" if least <= 4 => {
                            self.at += 1;
                            let mut negated = self.word("NOT");
                            if self.word("DISTINCT") {
                                self.word("FROM").then_some(())?;
                                negated = !negated;
                            }
                            let right = Box::new(self.expr(5)?);
                            Kind::Is { negated, left: Box::new(left), right }
                        }
                        "ISNULL" | "NOTNULL" if least <= 4 => {
                            self.at += 1;
                            let null = Expr { span: self.end()..self.end(), kind: Kind::Null };
                            Kind::Is { negated: word == "NOTNULL", left: Box::new(left), right: Box::new(null) }
                        }
                        "NOT" | "BETWEEN" | "IN" | "LIKE" | "GLOB" if least <= 4 => self.tested(left)?,
                        _ => return Some(left),
                    }
                }
                Some(Token::Sign(sign)) => {
                    let (operator, level) = match sign {
                        "=" | "==" => ("=", 4),
                        "<>" | "!=" => ("<>", 4),
                        "<" => ("<", 5),
                        "<=" => ("<=", 5),
                        ">" => (">", 5),
                        ">=" => (">=", 5),
                        "+" => ("+", 7),
                        "-" => ("-", 7),
                        "*" => ("*", 8),
                        "/" => ("/", 8),
                        "%" => ("%", 8),
                        "||" => ("||", 9),
                        _ => return Some(left),
                    };
                    if level < least {
                        return Some(left);
                    }
                    self.binary(operator, left, level + 1)?
                }
                _ => return Some(left),
            };
            left = self.spanned(start, kind);
        }
    }

    fn spanned(&self, start: usize, kind: Kind) -> Expr {
        Expr { span: start..self.end(), kind }
    }

    fn binary(&mut self, operator: &'static str, left: Expr, level: u8) -> Option<Kind> {
        self.at += 1;
        Some(Kind::Binary(operator, Box::new(left), Box::new(self.expr(level)?)))
    }

    /// Parses `NOT NULL`, and `BETWEEN`, `IN`, `LIKE` and `GLOB` with or without `NOT`.
    fn tested(&mut self, left: Expr) -> Option<Kind> {
        let negated = self.word("NOT");
        let value = Box::new(left);
        if negated && self.word("NULL") {
            let null = Expr { span: self.end()..self.end(), kind: Kind::Null };
            return Some(Kind::Is { negated: true, left: value, right: Box::new(null) });
        }
        if self.word("BETWEEN") {
            let low = Box::new(self.expr(5)?);
            self.word("AND").then_some(())?;
            let high = Box::new(self.expr(5)?);
            return Some(Kind::Between { negated, value, low, high });
        }
        if self.word("IN") {
            self.sign("(").then_some(())?;
            let list = self.list()?;
            self.sign(")").then_some(())?;
            return Some(Kind::In { negated, value, list });
        }
        (self.word("LIKE") || self.word("GLOB")).then_some(())?;
        let pattern = self.expr(5)?;
        let mut of = vec![*value, pattern];
        if self.word("ESCAPE") {
            of.push(self.expr(5)?);
        }
        Some(Kind::Other(of))
    }

    fn unary(&mut self) -> Option<Expr> {
        let start = self.start();
        if self.sign("-") {
            let of = Box::new(self.expr(10)?);
            return Some(self.spanned(start, Kind::Negate(of)));
        }
        if self.sign("+") {
            return self.expr(10);
        }
        let kind = self.primary()?;
        Some(self.spanned(start, kind))
    }

    fn primary(&mut self) -> Option<Kind> {
        let (token, span) = self.tokens.get(self.at)?.clone();
        self.at += 1;
        match token {
            Token::Number(digits) if digits.contains('.') => digits.parse().ok().map(Kind::Real),
            Token::Number(digits) => digits.parse().ok().map(Kind::Integer),
            Token::Text(text) => Some(Kind::Text(text)),
            Token::Parameter => {
                self.parameters.push(span);
                Some(Kind::Parameter(self.parameters.len() - 1))
            }
            Token::Sign("*") => Some(Kind::Column { table: None, name: "*".to_owned() }),
            Token::Sign("(") => {
                let inner = self.expr(0)?;
                self.sign(")").then_some(inner.kind)
            }
            Token::Word(word) if word.eq_ignore_ascii_case("NULL") => Some(Kind::Null),
            Token::Word(word) if word.eq_ignore_ascii_case("CASE") => self.case(),
            Token::Word(word) if word.eq_ignore_ascii_case("CAST") => {
                self.sign("(").then_some(())?;
                let of = self.expr(0)?;
                self.word("AS").then_some(())?;
                self.name()?;
                self.sign(")").then_some(Kind::Other(vec![of]))
            }
            Token::Word(_) | Token::Quoted(_) => {
                self.at -= 1;
                let quoted = matches!(token, Token::Quoted(_));
                let name = self.name()?;
                if !quoted && self.sign("(") {
                    return self.call(name);
                }
                if self.sign(".") {
                    return Some(Kind::Column { table: Some(name), name: self.name()? });
                }
                Some(Kind::Column { table: None, name })
            }
            Token::Sign(_) => None,
        }
    }

    fn call(&mut self, name: String) -> Option<Kind> {
        if self.sign("*") {
            self.sign(")").then_some(())?;
            return self.no_window(Kind::Call { name, distinct: false, star: true, arguments: Vec::new() });
        }
        let distinct = self.word("DISTINCT");
        let arguments = if self.sign(")") {
            Vec::new()
        } else {
            let list = self.list()?;
            self.sign(")").then_some(list)?
        };
        self.no_window(Kind::Call { name, distinct, star: false, arguments })
    }

    fn no_window(&self, call: Kind) -> Option<Kind> {
        (!self.is_word("OVER") && !self.is_word("FILTER")).then_some(call)
    }

    fn case(&mut self) -> Option<Kind> {
        let base = if self.is_word("WHEN") { None } else { Some(Box::new(self.expr(0)?)) };
        let mut arms = Vec::new();
        while self.word("WHEN") {
            let when = self.expr(0)?;
            self.word("THEN").then_some(())?;
            arms.push((when, self.expr(0)?));
        }
        let otherwise = if self.word("ELSE") { Some(Box::new(self.expr(0)?)) } else { None };
        self.word("END").then_some(Kind::Case { base, arms, otherwise })
    }
}
