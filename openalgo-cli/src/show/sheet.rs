//! A table that fits the terminal it is read at.
//!
//! A number in two lines is misread, so that only words are wrapped, and only between them, and long
//! symbols between their parts; what has no room then is left out, and the line below the table
//! says so.

use super::rupees_signed;
use crate::request::Style;
use comfy_table::presets::NOTHING;
use comfy_table::{Cell, CellAlignment, Color, LineStyle, Table, TableStyle};
use openalgo::core::order::{OrderStatus, Side};
use openalgo::core::value::Money;

/// A line under the names of the columns, and no more: figures need the width of a terminal.
const STYLE: TableStyle = NOTHING.header_separator(LineStyle::none().fill('─'));
/// The room at both sides of a cell.
const PADDING: usize = 2;
/// A word longer than this, such as a path, may stick out: it can still be copied then.
const LONGEST_WORD: usize = 24;
/// A space that holds two words together, where a line is not to end between them.
pub(super) const TIE: char = '\u{a0}';

/// A place at which a symbol may go on in the next line; it takes no room.
pub(super) const BREAK: char = '\u{200b}';

/// A table in the making: columns of text on the left, of numbers on the right.
pub(crate) struct Sheet {
    columns: Vec<Column>,
    rows: Vec<Vec<Entry>>,
    /// What may be left out, the most needed first.
    spare: &'static [&'static str],
    color: bool,
    width: Option<usize>,
}

struct Column {
    name: String,
    is_numeric: bool,
    wrap: Wrap,
}

/// Where what stands in a column may go on in the next line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Wrap {
    Nowhere,
    BetweenWords,
    /// Between the parts of a symbol, before anything that may be left out is.
    BetweenParts,
}

/// What stands in a cell.
pub(crate) struct Entry {
    text: String,
    color: Option<Color>,
}

impl Entry {
    #[expect(
        clippy::needless_pass_by_value,
        reason = "it takes texts and what can be one alike, as a cell of comfy-table does"
    )]
    pub(crate) fn new(text: impl ToString) -> Self {
        Self {
            text: text.to_string(),
            color: None,
        }
    }

    fn painted(text: impl ToString, color: Color) -> Self {
        Self {
            color: Some(color),
            ..Self::new(text)
        }
    }

    pub(crate) fn side(side: Side) -> Self {
        let color = if side == Side::Buy {
            Color::Blue
        } else {
            Color::Red
        };
        Self::painted(side, color)
    }

    pub(crate) fn status(status: OrderStatus) -> Self {
        let color = match status {
            OrderStatus::Complete => Color::Green,
            OrderStatus::Rejected => Color::Red,
            OrderStatus::Pending | OrderStatus::Open | OrderStatus::TriggerPending => Color::Yellow,
            OrderStatus::Cancelled => Color::Grey,
        };
        Self::painted(status, color)
    }

    /// A profit: its sign is written, and its colour only repeats it.
    pub(crate) fn profit(profit: Money) -> Self {
        let text = rupees_signed(profit);
        if profit.is_zero() {
            Self::new(text)
        } else if profit.is_negative() {
            Self::painted(text, Color::Red)
        } else {
            Self::painted(text, Color::Green)
        }
    }
}

impl From<Cell> for Entry {
    fn from(cell: Cell) -> Self {
        Self::new(cell.content())
    }
}

impl Sheet {
    /// A table as wide as what is in it. A `#` before a name means that numbers stand in the
    /// column, a `~` that what stands there may be wrapped between words, a `|` between parts.
    pub(crate) fn new(color: bool, columns: &[&str]) -> Self {
        let columns = columns.iter().map(|name| Column {
            name: name.trim_start_matches(['#', '~', '|']).to_owned(),
            is_numeric: name.contains('#'),
            wrap: match name {
                _ if name.contains('~') => Wrap::BetweenWords,
                _ if name.contains('|') => Wrap::BetweenParts,
                _ => Wrap::Nowhere,
            },
        });
        Self {
            columns: columns.collect(),
            rows: Vec::new(),
            spare: &[],
            color,
            width: None,
        }
    }

    /// The same, no wider than the terminal of whoever asks.
    pub(crate) fn fitting(style: &Style, columns: &[&str]) -> Self {
        Self {
            width: style.width.map(usize::from),
            ..Self::new(style.color, columns)
        }
    }

    /// Names the columns that may be left out where there is no room, the most needed first.
    pub(crate) fn spare(mut self, columns: &'static [&'static str]) -> Self {
        self.spare = columns;
        self
    }

    pub(crate) fn row(&mut self, cells: impl IntoIterator<Item = impl Into<Entry>>) {
        self.rows.push(cells.into_iter().map(Into::into).collect());
    }

    /// The table, or a sentence when it has no rows.
    pub(crate) fn or(self, nothing: &str) -> String {
        if self.rows.is_empty() {
            return format!("{nothing}\n");
        }
        let shown = self.shown();
        let mut text = self.draw(&shown);
        let left_out: Vec<_> = (0..)
            .zip(&self.columns)
            .filter(|(at, _)| !shown.contains(at))
            .map(|(_, column)| column.name.as_str())
            .collect();
        if !left_out.is_empty() {
            let names = left_out.join(", ");
            text.push_str("Not shown for want of room: ");
            text.push_str(&names);
            text.push_str(
                "; --json has all.
",
            );
        }
        text
    }

    /// The columns that there is room for, when words are wrapped as often as can be.
    fn shown(&self) -> Vec<usize> {
        let all = 0..self.columns.len();
        let Some(width) = self.width else {
            return all.collect();
        };
        let name = |at: &usize| self.columns.get(*at).map_or("", |it| it.name.as_str());
        let (spare, mut shown): (Vec<usize>, Vec<usize>) =
            all.partition(|at| self.spare.contains(&name(at)));
        // A symbol is not broken to show what may be left out.
        let usual = |at: &usize| match self.wrap(*at) {
            Wrap::BetweenParts => self.full(*at),
            Wrap::Nowhere | Wrap::BetweenWords => self.least(*at),
        };
        let mut taken: usize = shown.iter().map(|at| usual(at) + PADDING).sum();
        for wanted in self.spare {
            let more = spare.iter().find(|at| name(at) == *wanted);
            if let Some(&more) = more
                && taken + self.least(more) + PADDING <= width
            {
                taken += self.least(more) + PADDING;
                shown.push(more);
            }
        }
        shown.sort_unstable();
        shown
    }

    /// How wide each of these columns is: symbols get first what room is left, then the last ones of
    /// words.
    fn widths(&self, shown: &[usize]) -> Vec<usize> {
        let Some(width) = self.width else {
            return shown.iter().map(|at| self.full(*at)).collect();
        };
        let mut widths: Vec<_> = shown.iter().map(|at| self.least(*at)).collect();
        let taken: usize = widths.iter().map(|width| width + PADDING).sum();
        let mut room = width.saturating_sub(taken);
        for first in [true, false] {
            let of_turn = |at: &usize| (self.wrap(*at) == Wrap::BetweenParts) == first;
            let widths = widths.iter_mut().zip(shown).rev();
            for (width, at) in widths.filter(|(_, at)| of_turn(at)) {
                let more = room.min(self.full(*at).saturating_sub(*width));
                *width += more;
                room -= more;
            }
        }
        widths
    }

    fn draw(&self, shown: &[usize]) -> String {
        let widths = self.widths(shown);
        let mut table = Table::new();
        table.load_style(STYLE);
        if self.color {
            table.enforce_styling();
        } else {
            table.force_no_tty();
        }
        let columns: Vec<_> = shown
            .iter()
            .filter_map(|at| self.columns.get(*at))
            .collect();
        table.set_header(columns.iter().map(|column| &column.name));
        for (column, drawn) in columns.iter().zip(table.column_iter_mut()) {
            if column.is_numeric {
                drawn.set_cell_alignment(CellAlignment::Right);
            }
        }
        for row in &self.rows {
            let entries = shown.iter().filter_map(|at| row.get(*at));
            let cells = entries.zip(&columns).zip(&widths);
            table.add_row(
                cells.map(|((entry, column), width)| self.cell(entry, column.wrap, *width)),
            );
        }
        let drawn = table
            .lines()
            .map(|line| format!("{}\n", self.within(&line)));
        drawn.collect()
    }

    fn cell(&self, entry: &Entry, wrap: Wrap, width: usize) -> Cell {
        let width = self.width.map(|_terminal| width);
        let text = match (wrap, width) {
            (Wrap::BetweenWords, Some(width)) => wrapped(&entry.text, (' ', width)),
            (Wrap::BetweenParts, Some(width)) => wrapped(&entry.text, (BREAK, width)),
            (Wrap::Nowhere, _) | (_, None) => entry.text.clone(),
        };
        let cell = Cell::new(text.replace(TIE, " ").replace(BREAK, ""));
        match entry.color.filter(|_color| self.color) {
            Some(color) => cell.fg(color),
            None => cell,
        }
    }

    /// A line without the spaces at its end, and the one under the names as wide as the terminal:
    /// where a path sticks out, the others do not.
    fn within(&self, line: &str) -> String {
        let is_ruler = line.starts_with('─');
        let width = self
            .width
            .filter(|_width| is_ruler)
            .unwrap_or(line.chars().count());
        let line: String = line.chars().take(width).collect();
        line.trim_end().to_owned()
    }

    fn wrap(&self, at: usize) -> Wrap {
        self.columns.get(at).map_or(Wrap::Nowhere, |it| it.wrap)
    }

    /// The least width of a column.
    fn least(&self, at: usize) -> usize {
        let longest = |text: &str, between: [char; 2]| text.split(between).map(length).max();
        match self.wrap(at) {
            Wrap::BetweenWords => {
                let words = |text: &str| longest(text, [' ', '\n']).unwrap_or(0);
                self.widest(at, words).min(LONGEST_WORD).max(self.name(at))
            }
            Wrap::BetweenParts => {
                let parts = |text: &str| longest(text, [BREAK, '\n']).unwrap_or(0);
                self.widest(at, parts).max(self.name(at))
            }
            Wrap::Nowhere => self.full(at),
        }
    }

    /// The width of a column in which nothing is wrapped.
    fn full(&self, at: usize) -> usize {
        let lines = |text: &str| text.lines().map(length).max().unwrap_or(0);
        self.widest(at, lines).max(self.name(at))
    }

    fn name(&self, at: usize) -> usize {
        self.columns
            .get(at)
            .map_or(0, |column| length(&column.name))
    }

    fn widest(&self, at: usize, measure: impl Fn(&str) -> usize) -> usize {
        let entries = self.rows.iter().filter_map(|row| row.get(at));
        entries
            .map(|entry| measure(&entry.text))
            .max()
            .unwrap_or_default()
    }
}

fn length(text: &str) -> usize {
    text.chars().filter(|it| *it != BREAK).count()
}

/// Breaks lines between words, or what else stands between two of these, where they are longer than
/// `width`.
fn wrapped(text: &str, (between, width): (char, usize)) -> String {
    let room = usize::from(between != BREAK);
    let mut wrapped = String::new();
    for line in text.lines() {
        let mut taken = 0;
        for word in line.split(between).filter(|word| !word.is_empty()) {
            let word_length = length(word);
            if taken > 0 && taken + room + word_length > width {
                wrapped.push('\n');
                taken = 0;
            } else if taken > 0 {
                wrapped.push(between);
                taken += room;
            }
            wrapped.push_str(word);
            taken += word_length;
        }
        wrapped.push('\n');
    }
    wrapped.truncate(wrapped.trim_end().len());
    wrapped
}
#[cfg(test)]
mod tests;
