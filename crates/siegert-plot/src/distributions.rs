//! Distributions in a population as outlines of histograms: rates and CVs over the neurons, potentials over time.

use plotters::style::text_anchor::{HPos, VPos};

use super::beside::Beside;
use super::canvas::{self, Axis, Plane, SMALL_SIZE, Scale, Sheet, axes, text, text_width, write_text};
use super::colour::{FAINT, lightened};
use super::scale::Span;
use super::shapes::{dashes, line};
use super::simulation::{Subject, below_strip, write_remark};
use super::spread::spread;
use crate::error::PlotError;
use siegert::comparison::expected_density_per_mv;
use siegert::number::significant;
use siegert::simulation::{Histogram, PopulationActivity};

/// Marks of threshold and reset that get a label; of more only the lines are drawn.
const MOST_LABELS: usize = 4;
/// A first bin with so many times the counts of the second holds what lies below it.
const HEAP: u64 = 5;
/// Points of a density.
const DENSITY_POINTS: usize = 300;

/// What is distributed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Quantity {
    Rate,
    Cv,
    Potential,
}

impl Quantity {
    fn histogram(self, population: &PopulationActivity) -> Option<&Histogram> {
        let histogram = match self {
            Quantity::Rate => Some(&population.rate_distribution.histogram),
            Quantity::Cv => population.cv_distribution.as_ref(),
            Quantity::Potential => population.membrane.as_ref().map(|membrane| &membrane.histogram),
        };
        let drawable = |h: &&Histogram| h.low.is_finite() && h.width.is_finite() && h.width > 0.0;
        histogram.filter(drawable).filter(|histogram| histogram.counts.iter().any(|count| *count > 0))
    }

    fn axis_name(self) -> &'static str {
        match self {
            Quantity::Rate => "rate of a neuron (Hz)",
            Quantity::Cv => "CV of a neuron",
            Quantity::Potential => "V (mV)",
        }
    }

    fn nothing(self) -> &'static str {
        match self {
            Quantity::Rate => "no rates",
            Quantity::Cv => "too few spikes for a CV",
            Quantity::Potential => "no potentials",
        }
    }

    /// What counts as nothing at the ends of a histogram, relative to its highest bin: potentials have long thin tails.
    fn negligible(self) -> f64 {
        if self == Quantity::Potential { 1e-3 } else { 0.0 }
    }

    /// Room below the lowest value, relative to all: there may be a mark.
    fn room(self) -> f64 {
        if self == Quantity::Potential { 0.04 } else { 0.0 }
    }

    /// The part of the values that lies below the range of a histogram of potentials, whose first bin holds them, too; 0 if it is no heap.
    fn heap(self, histogram: &Histogram) -> f64 {
        let [first, second, ..] = histogram.counts[..] else { return 0.0 };
        if self != Quantity::Potential || first <= HEAP * second.max(1) {
            return 0.0;
        }
        first as f64 / histogram.counts.iter().sum::<u64>() as f64
    }

    /// The name of the vertical axis, and what is said of the bins.
    fn heights(self, width: Option<f64>) -> (String, String) {
        let unit = if self == Quantity::Rate { " Hz" } else { "" };
        match (self, width) {
            (Quantity::Potential, _) => ("p(V) (1/mV)".to_string(), String::new()),
            (_, Some(width)) => {
                ("fraction of neurons".to_string(), format!("in bins of {}{unit}", significant(width, 3)))
            }
            (Quantity::Rate, None) => ("fraction of neurons per Hz".to_string(), String::new()),
            (Quantity::Cv, None) => ("fraction of neurons per 1 of CV".to_string(), String::new()),
        }
    }
}

/// Draws the distributions of all populations that have curves.
pub(super) fn paint(area: &Sheet<'_>, subject: &Subject<'_>, quantity: Quantity) -> Result<(), PlotError> {
    paint_beside(area, subject, quantity, None)
}

/// As [`paint`]; potentials with the density that the theory expects, dashed.
pub(super) fn paint_beside(
    area: &Sheet<'_>,
    subject: &Subject<'_>,
    quantity: Quantity,
    theory: Option<&Beside<'_>>,
) -> Result<(), PlotError> {
    let histograms: Vec<Option<&Histogram>> =
        subject.with_curves().map(|(population, _)| quantity.histogram(population)).collect();
    let width = common_width(&histograms).filter(|_| quantity != Quantity::Potential);
    let heaps: Vec<f64> = histograms.iter().map(|histogram| histogram.map_or(0.0, |of| quantity.heap(of))).collect();
    let outline = |(histogram, heap): (&Option<&Histogram>, &f64)| match histogram {
        Some(histogram) if *heap > 0.0 => {
            let mut above = (*histogram).clone();
            above.counts[0] = 0;
            let curve = outline(&above, quantity.negligible(), width);
            curve.into_iter().map(|(x, height)| (x, (1.0 - heap) * height)).collect()
        }
        Some(histogram) => outline(histogram, quantity.negligible(), width),
        None => Vec::new(),
    };
    let curves: Vec<Vec<(f64, f64)>> = histograms.iter().zip(&heaps).map(outline).collect();
    let marks = if quantity == Quantity::Potential { potentials(subject) } else { Vec::new() };
    let expected: Vec<Vec<(f64, f64)>> = match theory.filter(|_| quantity == Quantity::Potential) {
        Some(theory) => (0..curves.len()).map(|index| expected_potential(theory, index, &curves[index])).collect(),
        None => Vec::new(),
    };
    let points = || curves.iter().chain(&expected).flatten();
    let ends = points().map(|at| at.0).chain(marks.iter().map(|mark| mark.1));
    let x = Span::of(quantity.axis_name(), ends, f64::INFINITY).with_room(quantity.room(), 0.04).axis;
    let (name, mut remark) = quantity.heights(width);
    let heap = heaps.iter().copied().fold(0.0, f64::max);
    if heap > 0.0 {
        remark = format!("up to {:.0} % lie below", 100.0 * heap);
    }
    let highest = points().map(|at| at.1).fold(0.0, f64::max);
    let y = Axis { name, from: 0.0, to: if highest > 0.0 { 1.06 * highest } else { 1.0 }, scale: Scale::Linear };
    let plot_area = below_strip(area);
    let mut plane = axes(&plot_area, &x, &y)?;
    for (_, potential) in &marks {
        dashes(&mut plane, vec![(*potential, y.from), (*potential, y.to)], FAINT, 1)?;
    }
    for (index, (curve, colour)) in curves.iter().zip(&subject.colours).enumerate() {
        let colour = if expected.is_empty() { *colour } else { lightened(*colour, 0.45) };
        line(&mut plane, curve.clone(), colour, subject.curve_width(index))?;
    }
    for (curve, colour) in expected.iter().zip(&subject.colours) {
        dashes(&mut plane, curve.clone(), *colour, 2)?;
    }
    if heap == 0.0 {
        write_labels(area, &plane, &marks)?;
    }
    write_remark(area, &plane, &remark, curves.iter().all(Vec::is_empty).then(|| quantity.nothing()))
}

/// The density of neurons that are not refractory, from where the simulated one begins to where it ends.
fn expected_potential(theory: &Beside<'_>, index: usize, simulated: &[(f64, f64)]) -> Vec<(f64, f64)> {
    let (Some(rates), Some((from, _)), Some((to, _))) = (theory.rates_hz(), simulated.first(), simulated.last()) else {
        return Vec::new();
    };
    let (Some(input), Some(transfer)) =
        (theory.map.inputs(&rates).get(index).copied(), theory.map.transfers().get(index))
    else {
        return Vec::new();
    };
    let V: Vec<f64> = (0..=DENSITY_POINTS).map(|k| from + (to - from) * k as f64 / DENSITY_POINTS as f64).collect();
    let free = 1.0 - rates[index] * transfer.thresholds().t_ref_ms * 1e-3;
    match expected_density_per_mv(transfer, &input, rates[index], &V) {
        Some(density) => V.into_iter().zip(density.into_iter().map(|density| density / free)).collect(),
        None => Vec::new(),
    }
}

/// The width of the bins, if all have the same.
fn common_width(histograms: &[Option<&Histogram>]) -> Option<f64> {
    let mut widths = histograms.iter().flatten().map(|histogram| histogram.width);
    let first = widths.next()?;
    widths.all(|width| (width - first).abs() <= 1e-9 * first).then_some(first)
}

/// The outline of a histogram from its first bin that counts to the last one: fractions of all for bins of the width that
/// all histograms share, and else densities.
fn outline(histogram: &Histogram, negligible: f64, width: Option<f64>) -> Vec<(f64, f64)> {
    let counts = || histogram.counts.iter().map(|count| *count as f64);
    let (total, highest) = (counts().sum::<f64>(), counts().fold(0.0, f64::max));
    let counted = |count: f64| count > negligible * highest;
    let (Some(first), Some(last)) =
        (counts().position(counted), (0..histogram.counts.len()).rev().find(|&k| counted(histogram.counts[k] as f64)))
    else {
        return Vec::new();
    };
    let edge = |bin: usize| histogram.low + histogram.width * bin as f64;
    let unit = if width.is_some() { total } else { total * histogram.width };
    let bins = (first..=last).flat_map(|bin| {
        let height = histogram.counts[bin] as f64 / unit;
        [(edge(bin), height), (edge(bin + 1), height)]
    });
    [(edge(first), 0.0)].into_iter().chain(bins).chain([(edge(last + 1), 0.0)]).collect()
}

/// Reset and threshold of the populations that have curves, each value once, ascending.
fn potentials(subject: &Subject<'_>) -> Vec<(&'static str, f64)> {
    let neurons = subject.network.populations.iter().take(subject.with_curves().count());
    let both = neurons
        .flat_map(|population| [("reset", population.neuron.V_reset_mv), ("threshold", population.neuron.V_th_mv)]);
    let mut marks: Vec<(&'static str, f64)> = both.filter(|mark| mark.1.is_finite()).collect();
    marks.sort_by(|p, q| p.1.total_cmp(&q.1).then(p.0.cmp(q.0)));
    marks.dedup();
    marks
}

/// Writes what the marks are into the strip above the plane.
fn write_labels(area: &Sheet<'_>, plane: &Plane<'_, '_>, marks: &[(&'static str, f64)]) -> Result<(), PlotError> {
    if marks.len() > MOST_LABELS {
        return write_remark(area, plane, "dashed: resets and thresholds", None);
    }
    let [low, high] = canvas::corners(area, plane);
    let widest = marks.iter().map(|mark| text_width(area, mark.0, SMALL_SIZE)).max().unwrap_or(0);
    let wanted: Vec<f64> = marks.iter().map(|mark| canvas::place_exactly(area, plane, (mark.1, 0.0)).0).collect();
    let half = 0.5 * f64::from(widest);
    let places = spread(&wanted, f64::from(widest) + 6.0, (low.0, high.0 - half + 8.0));
    for (mark, x) in marks.iter().zip(places) {
        let style = text(SMALL_SIZE, FAINT, HPos::Center, VPos::Bottom);
        write_text(area, mark.0, (x as i32, high.1 as i32 - 5), &style)?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::made_up::{made_up, network};

    #[test]
    fn an_outline_has_the_fractions_of_the_bins_from_the_first_that_counts_to_the_last() {
        let histogram = Histogram { low: 1.0, width: 2.0, counts: vec![0, 3, 0, 1, 0] };
        let fractions =
            [(3.0, 0.0), (3.0, 0.75), (5.0, 0.75), (5.0, 0.0), (7.0, 0.0), (7.0, 0.25), (9.0, 0.25), (9.0, 0.0)];
        assert_eq!(outline(&histogram, 0.0, Some(2.0)), fractions);
        let density: Vec<(f64, f64)> = fractions.iter().map(|at| (at.0, at.1 / 2.0)).collect();
        assert_eq!(outline(&histogram, 0.0, None), density);
        assert_eq!(
            outline(&histogram, 0.5, Some(2.0)),
            fractions[..3].iter().copied().chain([(5.0, 0.0)]).collect::<Vec<_>>()
        );
        assert!(outline(&Histogram { counts: vec![0, 0], ..histogram }, 0.0, None).is_empty());
    }

    #[test]
    fn what_lies_below_a_histogram_of_potentials_is_a_heap_in_its_first_bin() {
        let of = |counts: &[u64]| Histogram { low: 0.0, width: 1.0, counts: counts.to_vec() };
        assert_eq!(Quantity::Potential.heap(&of(&[80, 10, 10])), 0.8);
        assert_eq!(Quantity::Potential.heap(&of(&[40, 10, 10])), 0.0, "a falling density");
        assert_eq!(Quantity::Rate.heap(&of(&[80, 10, 10])), 0.0, "many neurons may be silent");
        assert_eq!(Quantity::Potential.heap(&of(&[80])), 0.0);
    }

    #[test]
    fn fractions_are_drawn_only_where_all_bins_are_alike() {
        let of = |width| Histogram { low: 0.0, width, counts: vec![1] };
        let (p, q, r) = (of(0.1), of(0.1), of(0.2));
        assert_eq!(common_width(&[Some(&p), None, Some(&q)]), Some(0.1));
        assert_eq!((common_width(&[Some(&p), Some(&r)]), common_width(&[None])), (None, None));
    }

    #[test]
    fn reset_and_threshold_of_equal_neurons_are_marked_once_and_an_infinite_reset_is_not() {
        let populations = [("E", 10, 5.0), ("I", 10, 5.0)];
        let (mut network, simulation) = (network(&populations), made_up(&populations));
        assert_eq!(potentials(&Subject::new(&network, &simulation)), [("reset", 10.0), ("threshold", 20.0)]);
        network.populations[1].neuron.V_reset_mv = f64::NEG_INFINITY;
        network.populations[1].neuron.V_th_mv = 18.0;
        let marks = potentials(&Subject::new(&network, &simulation));
        assert_eq!(marks, [("reset", 10.0), ("threshold", 18.0), ("threshold", 20.0)]);
    }
}
