//! The colours of the house: E is blue, I is red; everyone else takes from a palette that colour-blind readers can tell apart.

use plotters::style::RGBColor;

pub(super) const BLUE: RGBColor = RGBColor(31, 98, 178);
pub(super) const RED: RGBColor = RGBColor(206, 45, 40);
pub(super) const GREEN: RGBColor = RGBColor(0, 158, 115);
pub(super) const PAPER: RGBColor = RGBColor(255, 255, 255);
pub(super) const INK: RGBColor = RGBColor(35, 35, 40);
pub(super) const FAINT: RGBColor = RGBColor(105, 105, 112);
pub(super) const GRID: RGBColor = RGBColor(226, 226, 230);
pub(super) const FLOW: RGBColor = RGBColor(178, 178, 186);
/// Where there is no value.
pub(super) const MISSING: RGBColor = RGBColor(200, 200, 204);
pub(super) const LIGHT_GRID: RGBColor = RGBColor(241, 241, 243);

/// Okabe and Ito's palette without its blue, vermilion and yellow.
pub(super) const OTHERS: [RGBColor; 5] =
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

/// Colours of curves from the first to the last, dark to light: viridis without its lightest end, hard to see on white.
pub(super) fn of_curve(index: usize, count: usize) -> RGBColor {
    if count <= 1 {
        return BLUE;
    }
    let colour = colorous::VIRIDIS.eval_continuous(0.9 * index as f64 / (count - 1) as f64);
    RGBColor(colour.r, colour.g, colour.b)
}

/// Colours of populations drawn beside each other: several of one kind differ in lightness.
pub(super) fn of_populations(names: &[String]) -> Vec<RGBColor> {
    let base: Vec<RGBColor> = names.iter().enumerate().map(|(index, name)| of_population(name, index)).collect();
    let shade = |index: usize| {
        let same = |range: std::ops::Range<usize>| base[range].iter().filter(|colour| **colour == base[index]).count();
        let (before, all) = (same(0..index), same(0..base.len()));
        lightened(base[index], if all > 1 { 0.65 * before as f64 / (all - 1) as f64 } else { 0.0 })
    };
    (0..names.len()).map(shade).collect()
}

/// The colour mixed with so much white.
pub(super) fn lightened(colour: RGBColor, white: f64) -> RGBColor {
    let mix = |part: u8| (f64::from(part) + (255.0 - f64::from(part)) * white).round() as u8;
    RGBColor(mix(colour.0), mix(colour.1), mix(colour.2))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn populations_of_one_kind_differ_in_lightness() {
        let names = ["L23E", "L23I", "L4E", "L4I", "thalamus"].map(str::to_string);
        let colours = of_populations(&names);
        assert_eq!((colours[0], colours[1]), (BLUE, RED));
        for index in 0..5 {
            assert_eq!(colours.iter().filter(|colour| **colour == colours[index]).count(), 1, "{index}");
        }
    }

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
