//! Where the nodes of a density are put: as dense as it changes, for all inputs that are foreseen.
//!
//! Nodes are a part of `sigma` apart (of the smallest that is foreseen), closer at the spike, where the density has a boundary layer after a step, and at the reset, where it
//! has a kink. Where a spike begins by itself its width counts, `F/F'`. They reach down to where the density has fallen below what is asked for, and up to the spike or to where the
//! rest of the way takes no time.

use super::line::Line;
use crate::neuron::{Bounds, Flow, Model};

/// Distance of nodes over `sigma`, and over the width of a spike, for an accuracy of 1e-3.
const APART: f64 = 0.06;
/// The nodes that a line has at most.
const MOST_NODES: f64 = 20_000.0;
/// Places at which the density of nodes is looked at, in each of two parts of the line.
const PLACES: usize = 2000;
/// Steps down, over `sigma` or in the coordinate of a flow.
const STEP: f64 = 0.02;
/// Steps to the ends at most.
const MOST_STEPS: usize = 100_000;

/// A line of nodes for a neuron at inputs (mean and standard deviation in mV); `None` of a neuron that is more than its potential, and without inputs with noise.
pub(super) fn line(neuron: &Model, inputs: &[(f64, f64)], accuracy: f64) -> Option<Line> {
    let std_mv = inputs.iter().map(|input| input.1).filter(|std_mv| *std_mv > 0.0).min_by(f64::total_cmp)?;
    let (mean_mv, _) = inputs.first()?;
    let (flow, origin_mv) = neuron.flow(*mean_mv, std_mv * std_mv)?;
    let tau_m_ms = neuron.thresholds().tau_m_ms;
    let place = Place { neuron, flow: flow.as_ref(), origin_mv, tau_m_ms, std_mv, inputs };
    let (lowest, reset, highest) = place.ends(accuracy);
    let apart = APART * (accuracy / 1e-3).sqrt();
    let dense = |y: f64| place.nodes_per_unit(y, (reset, highest)) / apart;
    let below = if lowest < reset { spread(lowest, reset, dense) } else { Vec::new() };
    let mut nodes = below;
    let reset_node = nodes.len();
    nodes.extend(spread(reset, highest, dense));
    let is_rising =
        nodes.len() > reset_node && nodes.iter().all(|y| y.is_finite()) && nodes.windows(2).all(|y| y[0] < y[1]);
    if !is_rising {
        return None;
    }
    let (V_mv, stretch): (Vec<f64>, Vec<f64>) = nodes.iter().map(|y| place.potential(*y)).unzip();
    let end_mv = place.potential(highest).0;
    let n = nodes.len();
    let next = |i: usize| nodes.get(i + 1).copied().unwrap_or(highest);
    let before = |i: usize| if i == 0 { nodes[0] } else { nodes[i - 1] };
    Some(Line {
        width_mv: (0..n).map(|i| stretch[i] * 0.5 * (next(i) - before(i))).collect(),
        distance_mv: (0..n).map(|i| V_mv.get(i + 1).unwrap_or(&end_mv) - V_mv[i]).collect(),
        force_mv: V_mv.iter().chain([&end_mv]).map(|V_mv| place.force_mv(*V_mv, 0.0)).collect(),
        V_mv,
        reset: reset_node,
        tau_m_ms,
    })
    .filter(|line| {
        let finite = |values: &[f64]| values.iter().all(|value| value.is_finite());
        let positive = |values: &[f64]| values.iter().all(|value| *value > 0.0);
        finite(&line.V_mv) && finite(&line.force_mv) && positive(&line.width_mv) && positive(&line.distance_mv)
    })
}

/// Adds nodes below, where the density has come to the end of a line that was not made for it; returns how many.
pub(super) fn extend_below(line: &mut Line, neuron: &Model) -> usize {
    const MORE: usize = 16;
    let Some((&lowest_mv, &step_mv)) = line.V_mv.first().zip(line.distance_mv.first()) else { return 0 };
    let step_mv = step_mv.max(line.distance_mv.iter().copied().fold(0.0, f64::max));
    let added = |k: usize| lowest_mv - step_mv * (MORE - k) as f64;
    line.width_mv[0] += 0.5 * step_mv;
    line.V_mv.splice(0..0, (0..MORE).map(added));
    line.distance_mv.splice(0..0, [step_mv; MORE]);
    let width = |k: usize| if k == 0 { 0.5 * step_mv } else { step_mv };
    line.width_mv.splice(0..0, (0..MORE).map(width));
    let force = |k: usize| neuron.drift_mv_per_ms(0.0, added(k)) * line.tau_m_ms;
    line.force_mv.splice(0..0, (0..MORE).map(force));
    line.reset += MORE;
    MORE
}

struct Place<'a> {
    neuron: &'a Model,
    flow: &'a dyn Flow,
    origin_mv: f64,
    tau_m_ms: f64,
    std_mv: f64,
    inputs: &'a [(f64, f64)],
}

impl Place<'_> {
    fn potential(&self, y: f64) -> (f64, f64) {
        let (V_mv, stretch) = self.flow.potential(y);
        (self.origin_mv + V_mv, stretch)
    }

    fn force_mv(&self, V_mv: f64, mean_mv: f64) -> f64 {
        self.neuron.drift_mv_per_ms(mean_mv, V_mv) * self.tau_m_ms
    }

    /// Whether potentials are stretched, as they must be where they are infinite.
    fn is_stretched(&self) -> bool {
        self.flow.potential(1.0).1 != 1.0
    }

    /// The lowest coordinate, that of the reset and the highest.
    fn ends(&self, accuracy: f64) -> (f64, f64, f64) {
        let Bounds { reset, spike, .. } = self.flow.bounds();
        let unseen = 1e-4 * accuracy;
        let highest = self.highest(reset, spike, unseen);
        let lowest = self.inputs.iter().map(|&input| self.lowest(reset, input, unseen.ln())).fold(reset, f64::min);
        // from an infinite reset the neuron comes back in no time
        match self.is_stretched() && lowest >= reset {
            true => {
                let mirrored = |y: f64| self.flow.potential(-y).1 / self.force_mv(self.potential(-y).0, 0.0).abs();
                let mut at = -reset;
                let mut time = 0.0;
                while at > 1.0 && time < unseen {
                    time += STEP * mirrored(at);
                    at -= STEP;
                }
                (-at, -at, highest)
            }
            false => (lowest, reset, highest),
        }
    }

    /// Where the rest of the way to the spike takes no time, if the spike begins by itself; else the spike.
    fn highest(&self, reset: f64, spike: f64, unseen: f64) -> f64 {
        let (mean_mv, _) = self.inputs.iter().copied().min_by(|a, b| a.0.total_cmp(&b.0)).unwrap_or_default();
        let (mut at, mut time) = (spike, 0.0);
        for _ in 0..MOST_STEPS {
            let (V_mv, stretch) = self.potential(at);
            let force_mv = self.force_mv(V_mv, mean_mv);
            let Some(width_mv) = self.spike_width_mv(V_mv).filter(|_| force_mv > 0.0) else { break };
            let step = 0.1 * width_mv / stretch;
            time += step * stretch / force_mv;
            if time > unseen || at - step <= reset {
                break;
            }
            at -= step;
        }
        at
    }

    /// `F/F'` where it is the force of a spike, `F'` being positive; no less than what noise makes of it where the force is 0.
    fn spike_width_mv(&self, V_mv: f64) -> Option<f64> {
        let (mean_mv, _) = self.inputs.first()?;
        let step_mv = 1e-3 * self.neuron.voltage_scale_mv().min(self.std_mv).max(1e-6 * (V_mv - self.origin_mv).abs());
        let [below, at] = [V_mv - step_mv, V_mv].map(|V_mv| self.force_mv(V_mv, *mean_mv));
        let slope = (at - below) / step_mv;
        // a leak has a negative slope, no leak none beyond rounding
        (slope > 1e-6).then(|| (at.abs() / slope).max(self.std_mv / (1.0 + slope).sqrt()))
    }

    /// Down to where the stationary density has fallen to a part, whose logarithm is given, of what it is where it is highest.
    fn lowest(&self, reset: f64, (mean_mv, std_mv): (f64, f64), ln_part: f64) -> f64 {
        let step = if self.is_stretched() { STEP } else { STEP * std_mv.max(self.std_mv) };
        let (mut at, mut ln_density, mut highest) = (reset, 0.0f64, 0.0f64);
        for _ in 0..MOST_STEPS {
            let (V_mv, stretch) = self.potential(at - 0.5 * step);
            ln_density -=
                2.0 * self.force_mv(V_mv, mean_mv) / (std_mv * std_mv).max(f64::MIN_POSITIVE) * stretch * step;
            highest = highest.max(ln_density);
            if ln_density - highest < ln_part
                || !V_mv.is_finite()
                || (self.is_stretched() && at < self.flow.bounds().lowest)
            {
                break;
            }
            at -= step;
        }
        at
    }

    /// Nodes per unit of the coordinate, where they are as far apart as the density changes.
    fn nodes_per_unit(&self, y: f64, (reset, highest): (f64, f64)) -> f64 {
        let (V_mv, stretch) = self.potential(y);
        let per_std = stretch / self.std_mv;
        if self.is_stretched() {
            let narrow = self.flow.potential(0.0).1 / stretch;
            return 2.0f64.max(per_std * narrow * narrow);
        }
        let near = |to: f64, over: f64| (-(y - to).abs() / (over * self.std_mv)).exp();
        let of_noise = per_std * (1.0 + 3.0 * near(highest, 0.2) + near(reset, 0.3));
        self.spike_width_mv(V_mv).map_or(of_noise, |width_mv| of_noise.max(1.0 / width_mv))
    }
}

/// Nodes from one coordinate to before another, as dense as is said.
fn spread(from: f64, to: f64, dense: impl Fn(f64) -> f64) -> Vec<f64> {
    let step = (to - from) / PLACES as f64;
    let at = |k: usize| from + step * k as f64;
    let mut counted = vec![0.0; PLACES + 1];
    for k in 0..PLACES {
        counted[k + 1] = counted[k] + step * dense(at(k) + 0.5 * step);
    }
    let all = counted[PLACES];
    let n = all.ceil().clamp(8.0, MOST_NODES) as usize;
    let mut k = 0;
    let node = |i: usize| {
        let target = all * i as f64 / n as f64;
        while k + 1 < PLACES && counted[k + 1] < target {
            k += 1;
        }
        at(k) + step * (target - counted[k]) / (counted[k + 1] - counted[k])
    };
    (0..n).map(node).collect()
}
