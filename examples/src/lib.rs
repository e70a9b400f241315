//! Code that the examples share: tables for the terminal.

use std::fmt;

/// A table with headings, whose columns fit their widest cell.
///
/// ```
/// use instant_examples::Table;
///
/// let mut table = Table::new(["year", "title"]);
/// table.row(["1815".to_owned(), "Emma".to_owned()]);
/// assert_eq!(table.to_string(), "  year  title\n  ────  ─────\n  1815  Emma\n");
/// ```
#[derive(Debug)]
pub struct Table<const N: usize> {
    rows: Vec<[String; N]>,
}

impl<const N: usize> Table<N> {
    /// Creates a table without rows.
    pub fn new(headings: [&str; N]) -> Self {
        let rule = headings.map(|heading| "─".repeat(heading.chars().count()));
        Self { rows: vec![headings.map(str::to_owned), rule] }
    }

    /// Appends a row.
    pub fn row(&mut self, cells: [String; N]) {
        self.rows.push(cells);
    }
}

impl<const N: usize> fmt::Display for Table<N> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let width =
            |column: usize| self.rows.iter().map(|row| row[column].chars().count()).max().unwrap_or(0);
        for row in &self.rows {
            let cells = row.iter().enumerate().map(|(column, cell)| format!("{cell:0$}", width(column)));
            writeln!(f, "  {}", Vec::from_iter(cells).join("  ").trim_end())?;
        }
        Ok(())
    }
}
