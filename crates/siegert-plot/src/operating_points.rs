//! Where the populations are on their transfer curves: rate over mean input, simulated and in theory.

use plotters::prelude::RGBColor;

use super::beside::Beside;
use super::canvas::{Axis, Scale, Sheet, axes};
use super::colour::{PAPER, lightened};
use super::pieces::pieces_between;
use super::scale::Span;
use super::shapes::{circle, line};
use super::simulation::{Subject, below_strip, write_remark};
use crate::error::PlotError;
use siegert::stationary::{Input, Interpolated, RateMap};

/// Points of a curve.
const POINTS: usize = 240;
/// How far curves go beyond the points, in units of the spread of the points and of `sigma`.
const BEYOND: f64 = 0.6;
/// Height of a linear axis over the highest rate.
const ROOM_ABOVE: f64 = 1.3;
const RADIUS: i32 = 5;
/// Decades of rates beyond which the axis is logarithmic.
const DECADES: f64 = 2.0;

/// A population: the noise that was simulated, and mean input and rate, simulated and in theory.
struct Point {
    index: usize,
    colour: RGBColor,
    sigma_mv: f64,
    simulated: (f64, f64),
    theory: Option<(f64, f64)>,
}

/// Draws, for every population that has a curve, its rate over `mu` at the `sigma` simulated.
pub(super) fn paint(area: &Sheet<'_>, subject: &Subject<'_>, theory: &Beside<'_>) -> Result<(), PlotError> {
    let points = points(subject, theory);
    let all = || points.iter().flat_map(|point| [Some(point.simulated), point.theory]).flatten();
    let sigma = points.iter().map(|point| point.sigma_mv).fold(0.0, f64::max);
    let (least, most) =
        all().map(|at| at.0).fold((f64::INFINITY, f64::NEG_INFINITY), |(p, q), mu| (p.min(mu), q.max(mu)));
    let distance = theory.map.transfers().first().map(|transfer| transfer.voltage_scale_mv());
    let room = BEYOND * (most - least).max(sigma).max(0.3 * distance.unwrap_or(1.0));
    let (from, to) = if least <= most && room > 0.0 { (least - room, most + room) } else { (0.0, 1.0) };
    let x = Axis { name: "mean input (mV)".to_string(), from, to, scale: Scale::Linear };
    let mut span = Span::of("rate (Hz)", all().map(|at| at.1), DECADES).with_room(0.08, 0.25);
    if span.axis.scale == Scale::Linear {
        span.axis = Axis::of_rates("rate (Hz)".to_string(), ROOM_ABOVE * span.axis.to.max(1e-3), all().map(|at| at.1));
    }
    let y = &span.axis;
    let plot_area = below_strip(area);
    let mut plane = axes(&plot_area, &x, y)?;
    let inputs = theory.rates_hz().map(|rates| theory.map.inputs(&rates)).unwrap_or_default();
    for point in points.iter().rev() {
        let Some(input) = inputs.get(point.index) else { continue };
        let curve = curve(theory.map, point, input, (from, to));
        let curve: Vec<(f64, f64)> = curve.into_iter().map(|(mu, rate)| (mu, span.beyond(rate))).collect();
        let width = subject.curve_width(point.index);
        for piece in pieces_between(&curve, y.from, y.to) {
            line(&mut plane, piece, lightened(point.colour, 0.35), width)?;
        }
    }
    for point in &points {
        if let Some((mu, rate)) = point.theory {
            circle(&mut plane, (mu, span.place(rate)), RADIUS, PAPER, Some(point.colour))?;
        }
        let (mu, rate) = point.simulated;
        circle(&mut plane, (mu, span.place(rate)), RADIUS, point.colour, Some(point.colour))?;
    }
    let remark = "full: simulated; open: theory; curves: theory at the sigma simulated";
    write_remark(area, &plane, remark, points.is_empty().then_some("no inputs"))
}

/// Rates over mean inputs at the noise simulated; where the law of threshold crossings says more than the closed forms, as it has them.
fn curve(map: &RateMap, point: &Point, input: &Input, (from, to): (f64, f64)) -> Vec<(f64, f64)> {
    let mean_mv = |place: f64| from + (to - from) * place;
    let at = |place: f64| Input { mean_mv: mean_mv(place), std_mv: point.sigma_mv, ..*input };
    let closed = |place: f64| map.ln_output_hz(point.index, &at(place));
    let places: Vec<f64> = (0..=POINTS).map(|k| k as f64 / POINTS as f64).collect();
    let known = map.is_refined().then(|| {
        let t_ref_ms = map.transfers()[point.index].thresholds().t_ref_ms;
        let both = |place: &[f64]| Some((closed(place[0]), map.refined_ln_output_hz(point.index, &at(place[0]))?));
        let first = [0.0, 0.02, 0.35, 0.65, 0.98, 1.0].map(|place| vec![place]).to_vec();
        Interpolated::along(t_ref_ms, first, both, |_| places.iter().map(|place| vec![*place]).collect())
    });
    let rate_hz = |place: f64| match &known {
        Some(known) => known.ln_rate_hz(&[place], closed(place)).exp(),
        None => closed(place).exp(),
    };
    places.iter().map(|&place| (mean_mv(place), rate_hz(place))).collect()
}

fn points(subject: &Subject<'_>, theory: &Beside<'_>) -> Vec<Point> {
    let each = subject.with_curves().enumerate();
    let point = each.filter_map(|(index, (population, colour))| {
        let input = population.input.as_ref()?;
        let state = theory.state().and_then(|state| state.populations.get(index));
        let finite = input.mean_mv.is_finite() && input.std_mv.is_finite();
        finite.then(|| Point {
            index,
            colour,
            sigma_mv: input.std_mv,
            simulated: (input.mean_mv, population.rate_hz),
            theory: state.map(|state| (state.mean_input_mv, state.rate_hz)),
        })
    });
    point.collect()
}
