//! A picture of figures in letters.

use crate::request::Style;

/// How high a picture is, in lines; each holds two steps.
const LINES: usize = 14;
/// How wide, where no terminal says.
const WIDTH: usize = 76;
/// The room for the names of the figures at its left.
const LABELS: usize = 14;

/// A picture: one figure a column.
pub(crate) struct Plot {
    figures: Vec<f64>,
    /// Whether the room between figure and zero is filled.
    is_area: bool,
    color: bool,
}

/// What a column is filled with, from step to step.
#[derive(Clone, Copy)]
struct Column {
    from: usize,
    to: usize,
    is_below: bool,
}

impl Plot {
    /// How many columns there are at this terminal.
    pub(crate) fn columns(style: &Style) -> usize {
        let width = style.width.map_or(WIDTH, usize::from);
        width.min(WIDTH).saturating_sub(LABELS + 1).max(20)
    }

    /// Figures as a line of points, spread over the width.
    pub(crate) fn of_line(style: &Style, figures: &[f64]) -> Self {
        let columns = Self::columns(style);
        let last = figures.len().saturating_sub(1);
        let spread = (0..columns).map(|column| {
            let place = (column * last + columns.saturating_sub(1) / 2) / (columns - 1);
            figures.get(place).copied().unwrap_or_default()
        });
        Self {
            figures: spread.collect(),
            is_area: false,
            color: style.color,
        }
    }

    /// Profits above zero and losses below it, one a column.
    pub(crate) fn of_profits(style: &Style, figures: Vec<f64>) -> Self {
        Self {
            figures,
            is_area: true,
            color: style.color,
        }
    }

    /// The picture: `label` names a height, `below` stands under its ends and evenly between them.
    pub(crate) fn draw(&self, label: impl Fn(f64) -> String, below: &[&str]) -> String {
        let (least, most) = self.bounds();
        let steps = LINES * 2 - 1;
        let step = |figure: f64| scaled((figure - least) / (most - least), steps);
        let zero = self.is_area.then(|| step(0.0));
        let columns: Vec<_> = self
            .figures
            .iter()
            .map(|figure| column(step(*figure), zero))
            .collect();
        let mut text = String::new();
        for line in (0..LINES).rev() {
            let is_zero = zero.is_some_and(|zero| zero / 2 == line);
            let name = match line {
                _ if is_zero => label(0.0),
                0 => label(least),
                top if top == LINES - 1 => label(most),
                _ => String::new(),
            };
            let cells = columns.iter().map(|it| self.cell(*it, line, is_zero));
            let cells: String = cells.collect();
            text = format!("{text}{name:>LABELS$} {}\n", cells.trim_end());
        }
        text.push_str(&under(below, columns.len()));
        text
    }

    fn bounds(&self) -> (f64, f64) {
        let zero = if self.is_area { 0.0 } else { f64::NAN };
        let least = self.figures.iter().copied().fold(zero, f64::min);
        let most = self.figures.iter().copied().fold(zero, f64::max);
        if most > least {
            (least, most)
        } else {
            (least - 1.0, most + 1.0)
        }
    }

    fn cell(&self, column: Column, line: usize, is_zero: bool) -> String {
        let holds = |step: usize| (column.from..=column.to).contains(&step);
        let mark = match (holds(line * 2), holds(line * 2 + 1)) {
            (true, true) => "█",
            (true, false) => "▄",
            (false, true) => "▀",
            (false, false) if is_zero => return "─".to_owned(),
            (false, false) => return " ".to_owned(),
        };
        match (self.color && self.is_area, column.is_below) {
            (false, _) => mark.to_owned(),
            (true, true) => format!("\u{1b}[31m{mark}\u{1b}[0m"),
            (true, false) => format!("\u{1b}[32m{mark}\u{1b}[0m"),
        }
    }
}

fn column(step: usize, zero: Option<usize>) -> Column {
    let zero = zero.unwrap_or(step);
    Column {
        from: step.min(zero),
        to: step.max(zero),
        is_below: step < zero,
    }
}

/// A part of a number of steps, to the nearest one.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    clippy::cast_precision_loss,
    reason = "a place in a picture"
)]
fn scaled(part: f64, steps: usize) -> usize {
    ((part * steps as f64).round().max(0.0) as usize).min(steps)
}

/// Names under a picture: at its ends and evenly between them.
fn under(names: &[&str], columns: usize) -> String {
    let mut line = vec![' '; columns];
    let last = names.len().saturating_sub(1).max(1);
    for (number, name) in names.iter().enumerate() {
        let middle = number * columns.saturating_sub(1) / last;
        let from = middle.saturating_sub(name.chars().count() / 2);
        let from = from.min(columns.saturating_sub(name.chars().count()));
        for (cell, letter) in line.iter_mut().skip(from).zip(name.chars()) {
            *cell = letter;
        }
    }
    let line: String = line.into_iter().collect();
    format!("{:LABELS$} {}\n", "", line.trim_end())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn style() -> Style {
        Style {
            color: false,
            width: Some(40),
            program: "openalgo".to_owned(),
        }
    }

    #[test]
    fn profits_stand_on_the_line_of_zero_and_losses_hang_from_it() {
        let figures = (-10..=10).map(f64::from).collect();
        let plot = Plot::of_profits(&style(), figures);
        let text = plot.draw(|height| format!("{height:.0}"), &["a", "b", "c"]);
        let lines: Vec<&str> = text.lines().collect();
        assert_eq!(lines.len(), LINES + 1);
        assert!(lines[0].trim_start().starts_with("10 "), "{text}");
        assert!(lines[0].ends_with('▀') || lines[0].ends_with('█'), "{text}");
        assert!(lines[LINES - 1].contains("-10 "), "{text}");
        assert!(
            lines.iter().any(|line| line.trim_start().starts_with("0 ")),
            "{text}"
        );
        assert!(lines[LINES].trim_start().starts_with('a') && lines[LINES].ends_with('c'));
    }

    #[test]
    fn figures_that_are_all_the_same_make_a_flat_line() {
        let plot = Plot::of_line(&style(), &[12.0, 12.0, 12.0]);
        let text = plot.draw(|height| format!("{height:.0}"), &["a", "b"]);
        let marked = text.lines().filter(|line| line.contains(['▀', '▄', '█']));
        assert_eq!(marked.count(), 1, "{text}");
    }

    #[test]
    fn one_figure_is_enough() {
        let text = Plot::of_line(&style(), &[5.0]).draw(|it| it.to_string(), &["a"]);
        assert!(text.contains('a'));
        Plot::of_line(&style(), &[]).draw(|it| it.to_string(), &[]);
    }
}
