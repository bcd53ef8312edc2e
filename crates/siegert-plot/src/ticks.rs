//! Where the ticks of an axis or a colour bar are, and what is written at them.

use std::ops::Range;

use plotters::coord::ranged1d::{DefaultFormatting, KeyPointHint, Ranged};
use plotters::coord::types::RangedCoordf64;

use super::canvas::{Axis, Scale};
use siegert::number::significant;

/// Ticks of an axis.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Ticks {
    /// Ticks with a label, ascending.
    pub(super) at: Vec<f64>,
    pub(super) labels: Vec<String>,
    /// Ticks without, between powers of ten.
    pub(super) minor: Vec<f64>,
}

impl Ticks {
    /// At most `most` labelled ticks (at least two where the axis has any width).
    pub(super) fn of(axis: &Axis, most: usize) -> Self {
        match axis.scale {
            Scale::Linear => linear(axis.from, axis.to, most),
            Scale::Logarithmic => logarithmic(axis.from, axis.to, most),
        }
    }

    /// The label of the tick nearest to `value`.
    pub(super) fn label(&self, value: f64) -> String {
        let nearest =
            (0..self.at.len()).min_by(|&p, &q| (self.at[p] - value).abs().total_cmp(&(self.at[q] - value).abs()));
        nearest.map_or_else(String::new, |index| self.labels[index].clone())
    }
}

/// A coordinate with these ticks. (The drawing library's own list of key points cannot be labelled by it.)
#[derive(Clone)]
pub(super) struct Along {
    range: RangedCoordf64,
    major: Vec<f64>,
    minor: Vec<f64>,
}

impl Along {
    pub(super) fn new(axis: &Axis, ticks: &Ticks) -> Self {
        Along { range: (axis.from..axis.to).into(), major: ticks.at.clone(), minor: ticks.minor.clone() }
    }
}

impl Ranged for Along {
    type FormatOption = DefaultFormatting;
    type ValueType = f64;

    fn map(&self, value: &f64, limit: (i32, i32)) -> i32 {
        self.range.map(value, limit)
    }

    fn key_points<Hint: KeyPointHint>(&self, hint: Hint) -> Vec<f64> {
        if hint.weight().allow_light_points() { self.minor.clone() } else { self.major.clone() }
    }

    fn range(&self) -> Range<f64> {
        self.range.range()
    }
}

/// Multiples of 1, 2 or 5 times a power of ten.
fn linear(from: f64, to: f64, most: usize) -> Ticks {
    let width = to - from;
    if !(width.is_finite() && width > 0.0) {
        return Ticks::default();
    }
    let rough = width / most.max(2) as f64;
    let power = 10f64.powi(rough.log10().floor() as i32);
    let fits = |step: &f64| (to / step).floor() - (from / step).ceil() + 1.0 <= most.max(2) as f64;
    let step = [1.0, 2.0, 5.0, 10.0, 20.0].map(|factor| factor * power).into_iter().find(fits).unwrap_or(width);
    // A step below the spacing of numbers would never arrive.
    let (first, last) = ((from / step - 1e-9).ceil(), (to / step + 1e-9).floor());
    if !(first.is_finite() && last - first < 1000.0 && first + 1.0 > first) {
        return Ticks::default();
    }
    let count = (last - first) as usize + 1;
    let at: Vec<f64> = (0..count).map(|index| (first + index as f64) * step).collect();
    let largest = at.iter().fold(0.0f64, |most, value| most.max(value.abs()));
    let digits = (largest / step).log10().max(0.0).floor() as usize + 2;
    let labels = at.iter().map(|&value| significant(if value == 0.0 { 0.0 } else { value }, digits)).collect();
    Ticks { at, labels, minor: Vec::new() }
}

/// Powers of ten; over less than two decades 1, 2 and 5 times them; over a small part of one whatever is round.
fn logarithmic(from: f64, to: f64, most: usize) -> Ticks {
    let within = |log10: &f64| *log10 >= from - 1e-9 && *log10 <= to + 1e-9;
    let (first, last) = (from.floor() as i32, to.ceil() as i32);
    if !(from.is_finite() && to > from && last - first < 100_000) {
        return Ticks::default();
    }
    let times = |factors: &[f64]| -> Vec<f64> {
        let decade = |power| factors.iter().map(move |factor| f64::from(power) + f64::log10(*factor));
        (first..=last).flat_map(decade).filter(within).collect()
    };
    let fewest = ((last - first + 1) as usize).div_ceil(most.max(2)) as i32;
    let strides = (0..5).flat_map(|power| [1, 2, 5].map(|factor| factor * 10i32.pow(power)));
    let stride = strides.into_iter().find(|stride| *stride >= fewest).unwrap_or(fewest);
    let powers: Vec<f64> =
        (first..=last).filter(|power| power.rem_euclid(stride) == 0).map(f64::from).filter(within).collect();
    let minor = if to - from <= 6.0 { times(&[2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0, 9.0]) } else { Vec::new() };
    let finer = times(&[1.0, 2.0, 5.0]);
    let (at, minor) = match (powers.len(), finer.len()) {
        (3.., _) => (powers, minor),
        (_, fine) if fine >= 2 && fine <= most => (finer, minor),
        (2, _) => (powers, minor),
        _ => {
            let round = linear(10f64.powf(from), 10f64.powf(to), most);
            let at = round.at.iter().map(|value| value.log10()).collect();
            return Ticks { at, ..round };
        }
    };
    let plain = at.iter().all(|log10| (-3.0..=4.0).contains(log10)) && at.iter().any(|log10| log10.fract() != 0.0);
    let labels = at.iter().map(|&log10| if plain { significant(10f64.powf(log10), 2) } else { power_of_ten(log10) });
    Ticks { labels: labels.collect(), at, minor }
}

/// `10⁻³`, `2·10⁵`.
pub(super) fn power_of_ten(log10: f64) -> String {
    let (mut power, mut factor) = ((log10 + 1e-9).floor(), 10f64.powf(log10 - (log10 + 1e-9).floor()).round());
    if factor == 10.0 {
        (power, factor) = (power + 1.0, 1.0);
    }
    let raised = superscript(power as i64);
    if factor == 1.0 { format!("10{raised}") } else { format!("{factor}·10{raised}") }
}

fn superscript(number: i64) -> String {
    let raised = |c: char| match c.to_digit(10) {
        None => '⁻',
        Some(digit) => ['⁰', '¹', '²', '³', '⁴', '⁵', '⁶', '⁷', '⁸', '⁹'][digit as usize],
    };
    number.to_string().chars().map(raised).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn labels(from: f64, to: f64, scale: Scale) -> Vec<String> {
        Ticks::of(&Axis { name: String::new(), from, to, scale }, 9).labels
    }

    #[test]
    fn linear_ticks_are_round_and_tell_neighbours_apart() {
        assert_eq!(labels(0.5, 4.0, Scale::Linear), ["0.5", "1", "1.5", "2", "2.5", "3", "3.5", "4"]);
        assert_eq!(labels(-0.3, 0.3, Scale::Linear), ["-0.3", "-0.2", "-0.1", "0", "0.1", "0.2", "0.3"]);
        assert_eq!(labels(1.0, 1.00002, Scale::Linear)[..2], ["1", "1.000005"]);
        assert_eq!(labels(0.0, 2e-12, Scale::Linear)[1], "5e-13");
        for (from, to) in [(0.0, 0.0), (1.0, 1.0 + 1e-16), (0.0, f64::INFINITY), (f64::NAN, 1.0)] {
            assert!(labels(from, to, Scale::Linear).len() <= 9, "{from} {to}");
        }
    }

    #[test]
    fn logarithmic_ticks_are_powers_of_ten_or_between_them_where_these_are_few() {
        assert_eq!(labels(-3.0, 2.4, Scale::Logarithmic), ["10⁻³", "10⁻²", "10⁻¹", "10⁰", "10¹", "10²"]);
        assert_eq!(labels(0.0, 1.4, Scale::Logarithmic), ["1", "2", "5", "10", "20"]);
        assert_eq!(labels(6.0, 7.0, Scale::Logarithmic), ["10⁶", "2·10⁶", "5·10⁶", "10⁷"]);
        assert_eq!(labels(0.32, 0.36, Scale::Logarithmic)[0], "2.1");
        assert_eq!(labels(-300.0, 2.0, Scale::Logarithmic).len(), 7);
    }
}
