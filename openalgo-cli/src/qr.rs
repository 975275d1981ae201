//! QR codes for the terminal.

use qrcode::types::QrError;
use qrcode::{Color, EcLevel, QrCode};
use zeroize::Zeroizing;

/// Light modules around the code, without which scanners do not find it.
const QUIET: usize = 4;
/// White on black, whatever the terminal's own colours are: scanners want light ground.
const BEGIN: &str = "\x1b[97;40m";
const END: &str = "\x1b[0m\n";

/// Draws a text as a QR code, two rows of it in one line.
pub(crate) fn half_blocks(text: &str) -> Result<Zeroizing<String>, QrError> {
    let code = QrCode::with_error_correction_level(text, EcLevel::L)?;
    let (width, modules) = (code.width(), code.to_colors());
    let side = width + 2 * QUIET;
    let inside = |at: usize| at.checked_sub(QUIET).filter(|at| *at < width);
    let is_light = |row: usize, column: usize| match (inside(row), inside(column)) {
        (Some(row), Some(column)) => modules.get(row * width + column) == Some(&Color::Light),
        _ => true,
    };
    let mut picture = Zeroizing::new(String::with_capacity(4 * side * side));
    for row in (0..side).step_by(2) {
        picture.push_str(BEGIN);
        picture.extend((0..side).map(|column| {
            let lower = row + 1;
            match (
                is_light(row, column),
                lower < side && is_light(lower, column),
            ) {
                (true, true) => '█',
                (true, false) => '▀',
                (false, true) => '▄',
                (false, false) => ' ',
            }
        }));
        picture.push_str(END);
    }
    Ok(picture)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_module_is_where_it_belongs() {
        let text = "otpauth://totp/OpenAlgo:owner?secret=JBSWY3DPEHPK3PXP&issuer=OpenAlgo";
        let picture = half_blocks(text).unwrap();
        let rows: Vec<Vec<bool>> = picture
            .lines()
            .flat_map(|line| {
                let line = line.strip_prefix(BEGIN).unwrap();
                let line = line.strip_suffix(END.trim_end()).unwrap();
                let half = |light: [char; 2]| {
                    line.chars()
                        .map(|c| light.contains(&c))
                        .collect::<Vec<bool>>()
                };
                [half(['█', '▀']), half(['█', '▄'])]
            })
            .collect();
        let code = QrCode::with_error_correction_level(text, EcLevel::L).unwrap();
        let width = code.width();
        for (number, module) in code.to_colors().iter().enumerate() {
            let (row, column) = (number / width + QUIET, number % width + QUIET);
            assert_eq!(rows[row][column], *module == Color::Light);
        }
        let is_quiet = |row: &[bool]| row.iter().all(|light| *light);
        assert!(rows[..QUIET].iter().all(|row| is_quiet(row)));
        assert!(
            rows.iter()
                .take(width + QUIET)
                .all(|row| is_quiet(&row[..QUIET]))
        );
    }
}
