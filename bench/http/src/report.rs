//! The output: a table per measurement, and at the end each figure with its target.

use std::{cell::RefCell, fmt::Display};

/// Collects results.
#[derive(Debug, Default)]
pub struct Report {
    verdicts: RefCell<Vec<[String; 4]>>,
}

impl Report {
    /// Records the result `reached` of `what`, with the target `bar`.
    pub fn reached(&self, what: impl Display, reached: impl Display, bar: impl Display, met: bool) {
        let verdict = if met { "met" } else { "NOT MET" };
        let row = [what.to_string(), reached.to_string(), bar.to_string(), verdict.to_owned()];
        self.verdicts.borrow_mut().push(row);
    }

    /// Prints all results.
    pub fn print(&self) {
        table("Bars", ["what", "reached", "bar", ""], &self.verdicts.borrow());
    }
}

/// Prints rows under headings, with the first column left-aligned and the others right-aligned.
pub fn table<const N: usize>(title: &str, headings: [&str; N], rows: &[[String; N]]) {
    println!("{title}\n");
    let width = |column: usize| {
        let cells = rows.iter().map(|row| row[column].as_str()).chain([headings[column]]);
        cells.map(|cell| cell.chars().count()).max().unwrap_or(0)
    };
    let widths: [usize; N] = std::array::from_fn(width);
    let line = |cells: [&str; N]| {
        let cells = cells.iter().zip(widths).enumerate().map(|(column, (cell, width))| {
            if column == 0 { format!("{cell:<width$}") } else { format!("{cell:>width$}") }
        });
        println!("  {}", cells.collect::<Vec<_>>().join("  ").trim_end());
    };
    line(headings);
    for row in rows {
        line(std::array::from_fn(|column| row[column].as_str()));
    }
    println!();
}
