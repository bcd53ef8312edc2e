//! The colours of the house: E is blue, I is red; everyone else takes from a palette that colour-blind readers can tell apart.

use plotters::style::RGBColor;

pub(super) const BLUE: RGBColor = RGBColor(31, 98, 178);
pub(super) const RED: RGBColor = RGBColor(206, 45, 40);
pub(super) const GREEN: RGBColor = RGBColor(0, 158, 115);
pub(super) const PAPER: RGBColor = RGBColor(255, 255, 255);
pub(super) const INK: RGBColor = RGBColor(35, 35, 40);
pub(super) const FAINT: RGBColor = RGBColor(105, 105, 112);
pub(super) const GRID: RGBColor = RGBColor(226, 226, 230);

/// Okabe and Ito's palette without its blue, vermilion and yellow.
const OTHERS: [RGBColor; 5] =
    [GREEN, RGBColor(230, 159, 0), RGBColor(204, 121, 167), RGBColor(86, 180, 233), RGBColor(120, 120, 120)];

/// What a population's name says of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Excitatory,
    Inhibitory,
    Other,
}

/// The colour of a population; `index` tells those apart that are neither E nor I.
pub(super) fn of_population(name: &str, index: usize) -> RGBColor {
    match kind(name) {
        Kind::Excitatory => BLUE,
        Kind::Inhibitory => RED,
        Kind::Other => OTHERS[index % OTHERS.len()],
    }
}

/// "E", "L23E", "4E", "E1", "E_selective", "exc", and the same for I.
fn kind(name: &str) -> Kind {
    let lower = name.to_lowercase();
    if lower.starts_with("exc") || lower.ends_with("exc") {
        return Kind::Excitatory;
    }
    if lower.starts_with("inh") || lower.ends_with("inh") {
        return Kind::Inhibitory;
    }
    let first = name.chars().next().filter(|_| !name.chars().nth(1).is_some_and(char::is_alphabetic));
    match (first, name.chars().last()) {
        (Some('E' | 'e'), _) | (_, Some('E')) => Kind::Excitatory,
        (Some('I' | 'i'), _) | (_, Some('I')) => Kind::Inhibitory,
        _ => Kind::Other,
    }
}

/// Colours of curves from the first to the last, dark to light.
pub(super) fn of_curve(index: usize, count: usize) -> RGBColor {
    if count <= 1 {
        return BLUE;
    }
    // Corners of viridis, without its lightest end, which is hard to see on white.
    let corners =
        [(68.0, 1.0, 84.0), (59.0, 82.0, 139.0), (33.0, 145.0, 140.0), (94.0, 201.0, 98.0), (190.0, 205.0, 40.0)];
    let place = index as f64 / (count - 1) as f64 * (corners.len() - 1) as f64;
    let at = (place as usize).min(corners.len() - 2);
    let (a, b, x) = (corners[at], corners[at + 1], place - at as f64);
    let mix = |a: f64, b: f64| (a + (b - a) * x).round() as u8;
    RGBColor(mix(a.0, b.0), mix(a.1, b.1), mix(a.2, b.2))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn excitatory_populations_are_blue_and_inhibitory_ones_red() {
        for name in ["E", "L23E", "4E", "E1", "E_selective", "exc", "L5_exc", "Excitatory", "e"] {
            assert_eq!(of_population(name, 0), BLUE, "{name}");
        }
        for name in ["I", "L23I", "6I", "I2", "inh", "Inhibitory"] {
            assert_eq!(of_population(name, 0), RED, "{name}");
        }
        for name in ["PV", "Input", "Echo", "thalamus"] {
            assert!(![BLUE, RED].contains(&of_population(name, 0)), "{name}");
        }
    }
}
