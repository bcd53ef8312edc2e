//! The plane of two rates: both nullclines `r_a = f_a(mu_a(r), sigma_a(r))`, the states where they cross, and the flow of the
//! rate dynamics `tau_m dr/dt = -r + f`.
//!
//! A nullcline is the line on a grid of nodes where the sign of `f_a - r_a` changes; every vertex is then moved along its
//! edge of the grid onto the root, so that the curves are as exact as the states are.

use plotters::style::text_anchor::{HPos, VPos};

use super::Drawing;
use super::canvas::{
    self, Axis, LABEL_SIZE, Layers, MARGIN, Plane, Scale, Sheet, inside, place_exactly, text, write_text, write_title,
};
use super::colour::{FAINT, FLOW, INK};
use super::contours;
use super::legend::{self, Entry, Sample};
use super::marks;
use super::shapes::{RADIUS, arrow, line, state_mark};
use super::state_kind::StateKind;
use crate::error::PlotError;
use siegert::stationary::Stability;

/// A dynamics of two rates, and its states.
pub(super) struct Flow<'a> {
    pub(super) names: [String; 2],
    pub(super) colours: [plotters::style::RGBColor; 2],
    pub(super) tau_m_ms: [f64; 2],
    pub(super) states: Vec<State>,
    /// The rate in Hz of one of them that its input at these rates would give.
    pub(super) output_rate_hz: &'a dyn Fn(usize, [f64; 2]) -> f64,
}

/// A state in the plane.
#[derive(Clone, Debug)]
pub(super) struct State {
    pub(super) stability: Stability,
    pub(super) rates_hz: [f64; 2],
    /// The rates as they are written: "6.63, 8.1 Hz".
    pub(super) label: String,
}

const SIZE: (u32, u32) = (920, 640);
/// Evenly spaced nodes along an axis.
const NODES: usize = 220;
/// Nodes near zero on a linear axis: so many to a decade, so many decades below the end of the axis.
const NODES_TO_A_DECADE: usize = 6;
const DECADES: usize = 9;
/// Nodes near a state, on both sides, relative to its rate.
const NEAR: [f64; 5] = [0.003, 0.01, 0.03, 0.08, 0.2];
/// Halvings of an edge of the grid.
const HALVINGS: usize = 40;
/// Arrows along an axis, and their length in pixels.
const ARROWS: usize = 21;
const ARROW: f64 = 15.0;
/// Rates below this are silence, in Hz.
const OBSERVABLE: f64 = 1e-3;
/// Observable rates that span more than this ask for logarithmic axes.
const WIDE: f64 = 1e3;

/// Draws the plane.
pub(super) fn draw(title: &str, small_print: &str, flow: &Flow<'_>) -> Result<Drawing, PlotError> {
    let axes = ranges(&flow.states, &flow.names);
    let entries = entries(flow, axes[0].scale);
    canvas::draw_in_layers(SIZE, |sheet| {
        let top = write_title(sheet, title, small_print)?;
        let width = legend::width(sheet, &entries, 260);
        let area = inside(sheet, [top, MARGIN, MARGIN, width + 2 * MARGIN]);
        let mut plane = canvas::axes(&area, &axes[0], &axes[1])?;
        paint_flow(sheet, &plane, flow, &axes)?;
        for which in [0, 1] {
            for curve in nullcline(flow, &axes, which)? {
                line(&mut plane, curve, flow.colours[which], 2)?;
            }
        }
        let labels = mark_states(sheet, &mut plane, flow, &axes)?;
        legend::write(sheet, &entries, (SIZE.0 as i32 - MARGIN - width, top), width)?;
        Ok(Layers { above: labels, ..Layers::default() })
    })
}

fn entries(flow: &Flow<'_>, scale: Scale) -> Vec<Entry> {
    let nullcline =
        |which: usize| Entry::new(Sample::Line(flow.colours[which]), format!("nullcline of {}", flow.names[which]));
    let mut entries = vec![nullcline(0), nullcline(1), Entry::new(Sample::Arrow(FLOW), "rate dynamics")];
    let states: Vec<_> = flow.states.iter().map(|state| (state.stability, state.label.clone())).collect();
    entries.extend(marks::entries(&states));
    let silent = flow.states.iter().any(|state| state.rates_hz.iter().any(|rate| *rate < OBSERVABLE));
    if silent && scale == Scale::Logarithmic {
        entries.push(Entry::new(Sample::None, "at the edge: 10⁻³ Hz or less"));
    }
    entries
}

/// Both axes contain all states; logarithmic if observable rates span decades.
pub(super) fn ranges(states: &[State], names: &[String; 2]) -> [Axis; 2] {
    let observable =
        |which: usize| states.iter().map(move |state| state.rates_hz[which]).filter(|rate| *rate >= OBSERVABLE);
    let highest = [0, 1].map(|which| observable(which).fold(0.0, f64::max));
    let lowest = observable(0).chain(observable(1)).fold(f64::INFINITY, f64::min);
    let of_both = highest[0].max(highest[1]);
    let logarithmic = of_both / lowest > WIDE;
    [0, 1].map(|which| {
        let other = if of_both > 0.0 { of_both } else { 60.0 };
        let to = 1.6 * if highest[which] > 0.0 { highest[which] } else { other };
        let name = format!("rate of {} (Hz)", names[which]);
        if logarithmic {
            Axis { name, from: OBSERVABLE.log10(), to: (2.0 * to).log10(), scale: Scale::Logarithmic }
        } else {
            Axis::of_rates(name, to, states.iter().map(|state| state.rates_hz[which]))
        }
    })
}

/// From a place on an axis to a rate.
fn rate_at(axis: &Axis, place: f64) -> f64 {
    if axis.scale == Scale::Linear { place } else { 10f64.powf(place) }
}

/// From a rate to the nearest place on an axis.
fn place_of(axis: &Axis, rate: f64) -> f64 {
    if axis.scale == Scale::Linear { rate.min(axis.to) } else { rate.log10().clamp(axis.from, axis.to) }
}

/// Places of the nodes: even, dense near zero and near states.
fn nodes(axis: &Axis, states: &[State], which: usize) -> Vec<f64> {
    let from = if axis.scale == Scale::Linear { 0.0 } else { axis.from };
    let even = (0..NODES).map(|k| from + (axis.to - from) * k as f64 / (NODES - 1) as f64);
    let small = (1..=DECADES * NODES_TO_A_DECADE).map(|k| axis.to * 10f64.powf(-(k as f64) / NODES_TO_A_DECADE as f64));
    let small = small.filter(|_| axis.scale == Scale::Linear);
    let near = states
        .iter()
        .flat_map(|state| NEAR.iter().flat_map(|x| [1.0 - x, 1.0 + x]).map(move |x| x * state.rates_hz[which]));
    let near = near.filter(|rate| *rate >= OBSERVABLE).map(|rate| place_of(axis, rate));
    let mut nodes: Vec<f64> = even.chain(small).chain(near).collect();
    nodes.sort_by(f64::total_cmp);
    nodes.dedup_by(|p, q| (*p - *q).abs() <= 1e-12 * axis.to.abs());
    nodes
}

/// The nullcline of one population, in places of the axes.
fn nullcline(flow: &Flow<'_>, axes: &[Axis; 2], which: usize) -> Result<Vec<Vec<(f64, f64)>>, PlotError> {
    let (x, y) = (nodes(&axes[0], &flow.states, 0), nodes(&axes[1], &flow.states, 1));
    let excess = |x: f64, y: f64| {
        let rates = [rate_at(&axes[0], x), rate_at(&axes[1], y)];
        (flow.output_rate_hz)(which, rates) - rates[which]
    };
    let values: Vec<f64> = y.iter().flat_map(|&y| x.iter().map(move |&x| (x, y))).map(|(x, y)| excess(x, y)).collect();
    let lines = contours::lines(&values, x.len(), 0.0)?;
    Ok(lines.into_iter().map(|line| line.into_iter().map(|at| polished(at, &x, &y, &excess)).collect()).collect())
}

/// Rates along the line where `excess` changes its sign, from a grid of so many nodes an axis.
pub(super) fn rough(
    axes: &[Axis; 2],
    count: usize,
    excess: &dyn Fn([f64; 2]) -> f64,
) -> Result<Vec<[f64; 2]>, PlotError> {
    let nodes = |axis: &Axis| {
        let from = if axis.scale == Scale::Linear { 0.0 } else { axis.from };
        // on a linear axis denser towards zero
        let power = if axis.scale == Scale::Linear { 3 } else { 1 };
        let along = |k: usize| (k as f64 / (count - 1) as f64).powi(power);
        (0..count).map(|k| from + (axis.to - from) * along(k)).collect::<Vec<f64>>()
    };
    let (x, y) = (nodes(&axes[0]), nodes(&axes[1]));
    let at = |x: f64, y: f64| [rate_at(&axes[0], x), rate_at(&axes[1], y)];
    let values: Vec<f64> =
        y.iter().flat_map(|&y| x.iter().map(move |&x| (x, y))).map(|(x, y)| excess(at(x, y))).collect();
    let lines = contours::lines(&values, x.len(), 0.0)?;
    Ok(lines.into_iter().flatten().map(|(i, j)| at(contours::at(&x, i), contours::at(&y, j))).collect())
}

/// A vertex of the grid's contour moved onto the root on its edge, by halving.
fn polished(at: (f64, f64), x: &[f64], y: &[f64], excess: &impl Fn(f64, f64) -> f64) -> (f64, f64) {
    let on_row = (at.1 - at.1.round()).abs() < 1e-9;
    let (list, index) = if on_row { (x, at.0) } else { (y, at.1) };
    let other = if on_row { contours::at(y, at.1.round()) } else { contours::at(x, at.0.round()) };
    let point = |along: f64| if on_row { (along, other) } else { (other, along) };
    let above = |along: f64| {
        let (x, y) = point(along);
        excess(x, y) >= 0.0
    };
    let below = (index.floor() as usize).min(list.len() - 2);
    let (mut p, mut q) = (list[below], list[below + 1]);
    let at_p = above(p);
    for _ in 0..HALVINGS {
        let middle = 0.5 * (p + q);
        if above(middle) == at_p { p = middle } else { q = middle }
    }
    point(0.5 * (p + q))
}

/// Arrows of one length along the flow, on a grid.
fn paint_flow(sheet: &Sheet<'_>, plane: &Plane<'_, '_>, flow: &Flow<'_>, axes: &[Axis; 2]) -> Result<(), PlotError> {
    let place = |which: usize, index: usize| {
        let axis: &Axis = &axes[which];
        axis.from + (axis.to - axis.from) * (index as f64 + 0.5) / ARROWS as f64
    };
    let [from, to] = canvas::corners(sheet, plane);
    let pixels = [(to.0 - from.0) / (axes[0].to - axes[0].from), (to.1 - from.1) / (axes[1].to - axes[1].from)];
    for (i, j) in (0..ARROWS * ARROWS).map(|index| (index % ARROWS, index / ARROWS)) {
        let at = [place(0, i), place(1, j)];
        let rates = [rate_at(&axes[0], at[0]), rate_at(&axes[1], at[1])];
        if rates.iter().any(|rate| *rate < 0.0) {
            continue;
        }
        let output = [0, 1].map(|which| (flow.output_rate_hz)(which, rates));
        let speed = |which: usize| {
            let per_ms = (output[which] - rates[which]) / flow.tau_m_ms[which];
            let stretch = if axes[which].scale == Scale::Linear { 1.0 } else { rates[which] };
            per_ms / stretch * pixels[which]
        };
        let (u, v) = (speed(0), speed(1));
        let scale = 0.5 * ARROW / u.hypot(v);
        let (x, y) = place_exactly(sheet, plane, (at[0], at[1]));
        if scale.is_finite() {
            arrow(sheet, (x - scale * u, y - scale * v), (x + scale * u, y + scale * v), FLOW)?;
        }
    }
    Ok(())
}

/// Marks the states; returns their numbers as SVG to lie above everything.
fn mark_states(
    sheet: &Sheet<'_>,
    plane: &mut Plane<'_, '_>,
    flow: &Flow<'_>,
    axes: &[Axis; 2],
) -> Result<String, PlotError> {
    let mut places = Vec::new();
    for state in &flow.states {
        let at = (place_of(&axes[0], state.rates_hz[0]), place_of(&axes[1], state.rates_hz[1]));
        state_mark(plane, at, StateKind::of(state.stability), (INK, RADIUS))?;
        places.push(place_exactly(sheet, plane, at));
    }
    if flow.states.is_empty() {
        let (x, y) = place_exactly(sheet, plane, (axes[0].to, axes[1].to));
        let style = text(LABEL_SIZE, FAINT, HPos::Right, VPos::Top);
        write_text(sheet, "no state", (x as i32 - 8, y as i32 + 8), &style)?;
    }
    Ok(marks::numbers(&places, canvas::corners(sheet, plane)))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Two sigmoids, E exciting both and I inhibiting both, with three crossings.
    fn output([e, i]: [f64; 2]) -> [f64; 2] {
        let sigmoid = |x: f64| 100.0 / (1.0 + (-x).exp());
        [sigmoid(0.12 * e - 0.06 * i - 3.0), sigmoid(0.1 * e - 0.05 * i - 2.5)]
    }

    /// A root near a guess by damped iteration with a numerical Jacobian.
    fn root(mut r: [f64; 2]) -> [f64; 2] {
        for _ in 0..60 {
            let h = |r: [f64; 2]| [output(r)[0] - r[0], output(r)[1] - r[1]];
            let (f, d) = (h(r), 1e-6);
            let (fx, fy) = (h([r[0] + d, r[1]]), h([r[0], r[1] + d]));
            let j = [(fx[0] - f[0]) / d, (fy[0] - f[0]) / d, (fx[1] - f[1]) / d, (fy[1] - f[1]) / d];
            let det = j[0] * j[3] - j[1] * j[2];
            r = [r[0] - (j[3] * f[0] - j[1] * f[1]) / det, r[1] - (j[0] * f[1] - j[2] * f[0]) / det];
        }
        r
    }

    fn flow(states: Vec<State>) -> Flow<'static> {
        let [e, i] = ["E", "I"].map(str::to_string);
        Flow {
            colours: [super::super::colour::BLUE, super::super::colour::RED],
            names: [e, i],
            tau_m_ms: [20.0, 10.0],
            states,
            output_rate_hz: &|which, rates| output(rates)[which],
        }
    }

    fn distance(p: (f64, f64), a: (f64, f64), b: (f64, f64)) -> f64 {
        let (dx, dy) = (b.0 - a.0, b.1 - a.1);
        let t = (((p.0 - a.0) * dx + (p.1 - a.1) * dy) / (dx * dx + dy * dy)).clamp(0.0, 1.0);
        (p.0 - a.0 - t * dx).hypot(p.1 - a.1 - t * dy)
    }

    #[test]
    fn both_nullclines_pass_through_every_state_on_linear_and_logarithmic_axes() {
        let states: Vec<State> = [[6.0, 9.0], [45.0, 45.0], [90.0, 90.0]]
            .map(|guess| State { stability: Stability::Stable, rates_hz: root(guess), label: String::new() })
            .to_vec();
        assert!(states.windows(2).all(|pair| pair[0].rates_hz[0] + 1.0 < pair[1].rates_hz[0]), "{states:?}");
        let flow = flow(states);
        let linear = ranges(&flow.states, &flow.names);
        assert_eq!(linear[0].scale, Scale::Linear);
        let logarithmic = [0, 1].map(|_| Axis { name: String::new(), from: -3.0, to: 2.2, scale: Scale::Logarithmic });
        for axes in [linear, logarithmic] {
            for which in [0, 1] {
                let curves = nullcline(&flow, &axes, which).unwrap();
                for state in &flow.states {
                    let at = (place_of(&axes[0], state.rates_hz[0]), place_of(&axes[1], state.rates_hz[1]));
                    let segments = curves.iter().flat_map(|curve| curve.windows(2));
                    let nearest = segments.map(|pair| distance(at, pair[0], pair[1])).fold(f64::INFINITY, f64::min);
                    // A picture is about 500 pixels wide.
                    assert!(nearest < 2e-4 * (axes[0].to - axes[0].from), "{which} {state:?}: {nearest}");
                }
            }
        }
    }

    #[test]
    fn rates_over_many_decades_have_logarithmic_axes_and_silent_states_do_not_count() {
        let state = |rate: f64| State { stability: Stability::Stable, rates_hz: [rate, rate], label: String::new() };
        let axis = |states: &[State]| ranges(states, &["E", "I"].map(str::to_string))[0].clone();
        assert_eq!(axis(&[state(1e-90), state(5.0)]).scale, Scale::Linear);
        assert_eq!(axis(&[state(5e-3), state(90.0)]).scale, Scale::Logarithmic);
        assert_eq!(axis(&[state(1e-90)]).to, 96.0);
    }

    #[test]
    fn silent_states_and_none_can_be_drawn() {
        draw("none", "", &flow(Vec::new())).unwrap();
        draw(
            "silent",
            "",
            &flow(vec![State { stability: Stability::Stable, rates_hz: [0.0, 1e-200], label: "0".into() }]),
        )
        .unwrap();
    }
}
