//! States over `K` beside the balanced limit: for each population its input, left, and its rate, right.

use plotters::style::RGBColor;
use plotters::style::text_anchor::{HPos, VPos};

use super::Drawing;
use super::canvas::{
    Axis, LABEL_SIZE, MARGIN, Plane, Scale, Sheet, axes, draw as draw_sheet, ends, inside, text, text_width,
    write_text, write_title,
};
use super::colour::{BLUE, FAINT, GREEN, INK, RED, of_population};
use super::pieces::pieces_between;
use super::shapes::{circle, dashes, line, state_mark, stroke};
use super::state_kind::{STATE_KINDS, StateKind};
use crate::error::PlotError;
use siegert::report::{BalancePoint, BalanceReport, Over, Report};
use siegert::stationary::balance::{BalancePopulation, BalanceState, Regime};

const WIDTH: u32 = 1060;
const HEADER: u32 = 152;
const PANEL_HEIGHT: u32 = 290;
/// Populations that are drawn; of more the title says so.
const MOST_POPULATIONS: usize = 12;
/// Points of a curve.
const CURVE_POINTS: usize = 200;

/// What is drawn of the input: its name in the legend, its pen, its size above rest.
type Quantity = (&'static str, Pen, fn(&BalancePopulation, f64) -> f64);

/// A colour and the width of lines.
#[derive(Clone, Copy, Debug)]
struct Pen(RGBColor, u32);

/// Excitation is the widest, so that it is seen on both sides of the inhibition that cancels it.
const QUANTITIES: [Quantity; 4] = [
    ("excitation", Pen(BLUE, 5), |p, _| p.excitatory_mean_mv),
    ("|inhibition|", Pen(RED, 2), |p, _| -p.inhibitory_mean_mv),
    ("|mean − E_L|", Pen(INK, 2), |p, rest_mv| (p.mean_input_mv - rest_mv).abs()),
    ("sigma", Pen(GREEN, 2), |p, _| p.std_input_mv),
];

/// States over a parameter, and the parameter.
struct Approach<'a> {
    report: &'a BalanceReport,
    over: &'a Over,
}

/// All states with their points.
fn states(report: &BalanceReport) -> impl Iterator<Item = (&BalancePoint, &BalanceState)> {
    report.points.iter().flat_map(|point| point.fixed_points.iter().map(move |state| (point, state)))
}

/// Draws the states over the parameter that is varied beside the limit that they approach.
///
/// # Errors
///
/// Nothing is varied; the drawing library refuses.
pub fn of_balance(report: &BalanceReport) -> Result<Drawing, PlotError> {
    let Some(over) = &report.over else { return Err(PlotError::NothingVaried) };
    let approach = &Approach { report, over };
    let count = approach.report.limit.populations.len();
    let shown = count.min(MOST_POPULATIONS);
    let beyond = if count > shown { format!(" (the first {shown} of {count} populations)") } else { String::new() };
    let title = format!("{}: balance over {}{beyond}", report.network, over.name);
    draw_sheet((WIDTH, HEADER + shown as u32 * PANEL_HEIGHT), |sheet| {
        let top = write_title(sheet, &title, &report.about().parameter_list().join(", "))?;
        let top = legend(sheet, top, approach)?;
        let panels = inside(sheet, [top, 0, 0, 0]).split_evenly((shown, 2));
        for (a, pair) in panels.chunks(2).enumerate() {
            let panel = Panel { approach, a };
            panel.paint_input(&inside(&pair[0], [6, 6, MARGIN, 6]))?;
            panel.paint_rate(&inside(&pair[1], [6, 6, 6, MARGIN]))?;
        }
        Ok(())
    })
}

/// A row of strokes with their names, below it what lines and marks mean; returns where the panels begin.
fn legend(sheet: &Sheet<'_>, top: i32, approach: &Approach<'_>) -> Result<i32, PlotError> {
    let y = top + 8;
    let mut left = MARGIN;
    let entries = QUANTITIES.iter().map(|(name, pen, _)| (*name, pen.0));
    for (name, colour) in entries {
        stroke(sheet, &[(left, y), (left + 24, y)], colour, 3)?;
        write_text(sheet, name, (left + 31, y), &text(LABEL_SIZE, INK, HPos::Left, VPos::Center))?;
        left += 31 + text_width(sheet, name, LABEL_SIZE) + 22;
    }
    let lines = match approach.report.limit.limit_rates_hz() {
        Some(_) if approach.report.limit.is_reached() => "dashed: the limit; thin: limit + c/√K; ",
        Some(_) => "dashed: the limit, some populations silent or saturated; ",
        None => "",
    };
    let found: Vec<StateKind> = states(approach.report).map(|(_, state)| StateKind::of(state.stability)).collect();
    let kinds = [
        (StateKind::Stable, "filled: stable"),
        (StateKind::Saddle, "open: saddle"),
        (StateKind::Neither, "diamond: oscillating (neither)"),
    ];
    let kinds: Vec<&str> = kinds.iter().filter(|(kind, _)| found.contains(kind)).map(|(_, words)| *words).collect();
    let rest = format!("{lines}{}", kinds.join(", "));
    let below = y + 22;
    write_text(sheet, &rest, (MARGIN, below), &text(LABEL_SIZE, FAINT, HPos::Left, VPos::Center))?;
    Ok(below + 20)
}

/// The two pictures of one population.
struct Panel<'a> {
    approach: &'a Approach<'a>,
    a: usize,
}

impl Panel<'_> {
    fn name(&self) -> &str {
        &self.approach.report.limit.populations[self.a].name
    }

    fn x(&self, value: f64) -> f64 {
        if self.approach.over.logarithmic { value.log10() } else { value }
    }

    fn x_axis(&self) -> Axis {
        let unit = self.approach.over.unit.as_str();
        let unit = if unit.is_empty() { String::new() } else { format!(" ({unit})") };
        let scale = if self.approach.over.logarithmic { Scale::Logarithmic } else { Scale::Linear };
        let values = self.approach.report.points.iter().map(|point| self.x(point.value));
        let (from, to) = ends(values).unwrap_or((0.0, 1.0));
        let room = if to > from { 0.03 * (to - from) } else { 0.5 };
        Axis { name: format!("{}{unit}", self.approach.over.name), from: from - room, to: to + room, scale }
    }

    fn paint_input(&self, area: &Sheet<'_>) -> Result<(), PlotError> {
        let a = self.a;
        let value = |quantity: &Quantity, point: &BalancePoint, state: &BalanceState| {
            quantity.2(&state.populations[a], point.rest_mv[a]).log10()
        };
        // inhibition by silent populations may be 1e-100 mV: it does not set the axis
        let framing = [0, 2, 3];
        let framed = framing
            .iter()
            .flat_map(|&q| states(self.approach.report).map(move |(point, state)| value(&QUANTITIES[q], point, state)));
        let (from, to) = ends(framed).unwrap_or((-1.0, 1.0));
        let room = 0.06 * (to - from).max(0.5);
        let y = Axis {
            name: format!("input of {} (mV)", self.name()),
            from: from - room,
            to: to + room,
            scale: Scale::Logarithmic,
        };
        let mut plane = axes(area, &self.x_axis(), &y)?;
        for quantity in &QUANTITIES {
            let of = |point: &BalancePoint, state: &BalanceState| value(quantity, point, state);
            self.paint_states(&mut plane, &y, quantity.1, of)?;
        }
        Ok(())
    }

    fn paint_rate(&self, area: &Sheet<'_>) -> Result<(), PlotError> {
        let (a, limit) = (self.a, &self.approach.report.limit);
        let rate = |_: &BalancePoint, state: &BalanceState| state.populations[a].rate_hz;
        let of_limit = limit.limit_rates_hz().map(|rates| rates[a]);
        let highest =
            states(self.approach.report).map(|(point, state)| rate(point, state)).chain(of_limit).fold(0.0, f64::max);
        let to = if highest > 0.0 { 1.1 * highest } else { 1.0 };
        let y = Axis { name: format!("rate of {} (Hz)", self.name()), from: 0.0, to, scale: Scale::Linear };
        let x = self.x_axis();
        let colour = of_population(self.name(), a);
        let mut plane = axes(area, &x, &y)?;
        if let Some(rate) = of_limit {
            dashes(&mut plane, vec![(x.from, rate), (x.to, rate)], INK, 2)?;
            for piece in pieces_between(&self.first_order(rate), y.from, y.to) {
                line(&mut plane, piece, INK, 1)?;
            }
        }
        self.paint_states(&mut plane, &y, Pen(colour, 2), rate)
    }

    /// The curve of `limit + c / sqrt(K)` between the first value and the last.
    fn first_order(&self, limit: f64) -> Vec<(f64, f64)> {
        let coefficient = self.approach.report.limit.populations[self.a].first_order_coefficient_hz_sqrtK;
        let known: Vec<(f64, f64)> =
            self.approach.report.points.iter().filter_map(|point| Some((point.value, point.in_degree?))).collect();
        let (Some(coefficient), [first, .., last]) = (coefficient, &known[..]) else {
            return Vec::new();
        };
        let at = |index: usize| {
            let part = index as f64 / CURVE_POINTS as f64;
            // both in equal ratios: the in-degree is a power of the value, or the values are those of K
            let between = |from: f64, to: f64| (from.ln() * (1.0 - part) + to.ln() * part).exp();
            let (value, in_degree) = (between(first.0, last.0), between(first.1, last.1));
            (self.x(value), limit + coefficient / in_degree.sqrt())
        };
        (0..=CURVE_POINTS).map(at).filter(|point| point.0.is_finite() && point.1.is_finite()).collect()
    }

    /// Marks for all states, and lines between those that are the only ones of their kind at neighbouring values.
    fn paint_states(
        &self,
        plane: &mut Plane<'_, '_>,
        y: &Axis,
        Pen(colour, width): Pen,
        of: impl Fn(&BalancePoint, &BalanceState) -> f64,
    ) -> Result<(), PlotError> {
        for pair in self.approach.report.points.windows(2) {
            for state in &pair[0].fixed_points {
                let Some(next) = continuation(&pair[0], state, &pair[1]) else { continue };
                let ends = [(self.x(pair[0].value), of(&pair[0], state)), (self.x(pair[1].value), of(&pair[1], next))];
                for piece in pieces_between(&ends, y.from, y.to) {
                    line(plane, piece, colour, width)?;
                }
            }
        }
        let radius = 3 + width as i32 / 2;
        // open marks last: they are the smaller part and would be hidden
        for kind in STATE_KINDS {
            let of_kind = |(_, state): &(&BalancePoint, &BalanceState)| StateKind::of(state.stability) == kind;
            for (point, state) in states(self.approach.report).filter(of_kind) {
                let at = (self.x(point.value), of(point, state));
                match kind {
                    _ if !(y.from..=y.to).contains(&at.1) => {}
                    StateKind::Stable => circle(plane, at, radius, colour, None)?,
                    _ => state_mark(plane, at, kind, (colour, radius))?,
                }
            }
        }
        Ok(())
    }
}

/// The state of the next point that goes on from `state`: the only one of its kind, or simply the only one.
fn continuation<'a>(point: &BalancePoint, state: &BalanceState, next: &'a BalancePoint) -> Option<&'a BalanceState> {
    if let ([_], [only]) = (&point.fixed_points[..], &next.fixed_points[..]) {
        let jumps = |regime| (state.regime == regime) != (only.regime == regime);
        return Some(only).filter(|_| !jumps(Regime::Quiescent) && !jumps(Regime::Saturated));
    }
    only_alike(point, state).and(only_alike(next, state))
}

/// The state of a point that has the regime of `state` and is a saddle if that is one, if there is just one: along a branch an
/// oscillation may begin to grow.
fn only_alike<'a>(point: &'a BalancePoint, state: &BalanceState) -> Option<&'a BalanceState> {
    let mut alike =
        point.fixed_points.iter().filter(|other| (other.regime, other.saddle) == (state.regime, state.saddle));
    let first = alike.next();
    if alike.next().is_none() { first } else { None }
}
