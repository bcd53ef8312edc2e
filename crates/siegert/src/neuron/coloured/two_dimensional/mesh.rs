//! Where the range of potentials is cut: as finely as the density, or the time to the spike, can change.
//!
//! ```text
//! ridge:       r^2 = D/a + sum_k s_k^2 g_k/(g_k + a)^2     (potentials of the same filtered noise; a = |F'|, g_k = tau_m/tau_k)
//! diffusion:   d = D + sum_k s_k^2/(g_k + a)
//! length:      1/sqrt(1/r^2 + F^2/d^2), and where everything is carried to the spike sqrt(r^2 + (F/(a + g))^2)
//! ```
//!
//! The ridge is that of a linear force, whose density is known. The density falls as `exp(-int F/d)` against the force, which also tells where it is
//! negligible. Lengths need only be right within a factor: the caller refines them until the answer stays.

use super::super::super::flow::{Bounds, Flow};
use super::modes::Noise;

/// From where the density is `exp(-25)` of its largest value, it is left out, or is only what comes from the reset.
const NEGLIGIBLE: f64 = 25.0;
/// The step in which lengths are looked at, and the most steps.
const STEP: f64 = 0.15;
const MOST_STEPS: usize = 100_000;
/// Over so many times the length in which the force grows by a factor e, a cell's points see it.
const MOST_GROWTH: f64 = 8.0;
/// The most cells: a bound on the time.
const MOST_CELLS: f64 = 600.0;
/// The steps to the onset of a spike.
const ONSET_STEPS: u32 = 60;
/// A force has no smaller slope, in units of the membrane.
const SMALLEST_SLOPE: f64 = 1e-3;

/// The noise, as cells see it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Spread<'a> {
    pub(super) noises: &'a [Noise],
    /// `D = sigma_w^2/2`.
    pub(super) white_mv2: f64,
}

impl Spread<'_> {
    /// How fast the noise drives potentials apart, at a slope of the force.
    fn diffusion_mv2(&self, slope: f64) -> f64 {
        let one = |noise: &Noise| noise.std_mv * noise.std_mv / (noise.decay + slope);
        self.white_mv2 + self.noises.iter().map(one).sum::<f64>()
    }

    /// How far apart the noise keeps potentials of the same filtered noise.
    fn ridge_mv(&self, slope: f64) -> f64 {
        let one = |noise: &Noise| noise.decay * (noise.std_mv / (noise.decay + slope)).powi(2);
        (self.white_mv2 / slope + self.noises.iter().map(one).sum::<f64>()).sqrt()
    }
}

/// Nodes of the cells, and which of them is the reset.
#[derive(Debug)]
pub(super) struct Mesh {
    pub(super) nodes: Vec<f64>,
    pub(super) reset: usize,
    /// The exponent of the density between its largest value and that at the barrier.
    pub(super) depth: f64,
}

/// The length in the coordinate over which something changes, and the exponent of the density over it.
struct Local {
    length: f64,
    exponent: f64,
    /// No longer step is taken: farther away the length is another one.
    step: f64,
}

/// A way down through the coordinate, with what it measures in lengths.
struct Path {
    places: Vec<(f64, f64)>,
}

impl Path {
    fn new(start: f64) -> Self {
        Path { places: vec![(start, 0.0)] }
    }

    fn end(&self) -> (f64, f64) {
        self.places.last().copied().unwrap_or_default()
    }

    /// A step, not beyond the limit; the part of the length that it was.
    fn step(&mut self, Local { length, step, .. }: &Local, limit: f64) -> f64 {
        let (y, passed) = self.end();
        let step = step.min(y - limit);
        let next = if step < y - limit { y - step } else { limit };
        // a step that rounding hides ends the way
        let next = if next < y { next } else { limit };
        self.places.push((next, passed + step / length));
        step / length
    }

    fn is_over(&self, limit: f64) -> bool {
        self.end().0 <= limit || self.places.len() > MOST_STEPS
    }

    /// Its nodes in equal parts, from the lower end to the upper one.
    fn cut(&self, fineness: f64) -> Vec<f64> {
        let (end, whole) = self.end();
        let count = (whole * fineness).ceil().clamp(1.0, MOST_CELLS);
        let mut nodes = vec![end];
        let mut index = self.places.len() - 1;
        for part in (1..count as usize).rev() {
            let target = whole * part as f64 / count;
            while index > 1 && self.places[index - 1].1 >= target {
                index -= 1;
            }
            let ((from, before), (to, after)) = (self.places[index - 1], self.places[index]);
            nodes.push(from + (to - from) * (target - before) / (after - before));
        }
        if self.places.len() > 1 {
            nodes.push(self.places[0].0);
        }
        nodes
    }
}

/// The slope of the force where it is as large as what the noise drives, on the last way to the spike: how sharply spikes begin.
pub(super) fn onset(flow: &impl Flow, velocity_mv: f64) -> f64 {
    let Bounds { reset, spike, .. } = flow.bounds();
    let (mut below, mut above) = (reset, spike);
    let mut y = spike;
    // down to the first place where it is smaller, by steps that do not miss one
    for k in 1..=ONSET_STEPS {
        y = spike - (spike - reset) * f64::from(k) / f64::from(ONSET_STEPS);
        if flow.force_at_mv(y) < velocity_mv {
            below = y;
            break;
        }
        above = y;
    }
    if below == reset && y <= reset && flow.force_at_mv(reset) >= velocity_mv {
        return 0.0;
    }
    for _ in 0..ONSET_STEPS {
        let middle = 0.5 * (below + above);
        if flow.force_at_mv(middle) < velocity_mv { below = middle } else { above = middle }
    }
    let (V_mv, stretch) = flow.potential(above);
    let reach_mv = 1e-4 * stretch;
    (flow.force_mv(V_mv + reach_mv) - flow.force_mv(V_mv - reach_mv)) / (2.0 * reach_mv)
}

impl Mesh {
    /// The cells of a flow; `fineness` is how many there are for a length.
    pub(super) fn new(flow: &impl Flow, spread: &Spread<'_>, fineness: f64) -> Self {
        let Bounds { lowest, reset, spike } = flow.bounds();
        let mut above = Path::new(spike);
        let (mut exponent, mut highest) = (0.0_f64, 0.0_f64);
        let (mut is_carried, mut depth) = (true, 0.0_f64);
        while !above.is_over(reset) {
            let (y, _) = above.end();
            let rises = flow.force_at_mv(y) > 0.0;
            if !rises && is_carried {
                (is_carried, exponent, highest) = (false, 0.0, 0.0);
            }
            let local = Local::new(flow, y, spread, is_carried);
            exponent -= local.exponent * above.step(&local, reset);
            highest = highest.max(exponent);
            depth = depth.max(highest);
            // so far below a well that what comes from the reset is all there is
            is_carried |= rises && exponent < highest - NEGLIGIBLE;
        }
        let mut below = Path::new(reset);
        let at_reset = if is_carried { 0.0 } else { exponent };
        (exponent, highest) = (0.0, 0.0);
        while !below.is_over(lowest) && exponent >= highest - NEGLIGIBLE {
            let local = Local::new(flow, below.end().0, spread, false);
            exponent -= local.exponent * below.step(&local, lowest);
            highest = highest.max(exponent);
        }
        depth = depth.max(at_reset + highest);
        let mut nodes = below.cut(fineness);
        let index = nodes.len() - 1;
        nodes.extend(above.cut(fineness).into_iter().skip(1));
        Mesh { nodes, reset: index, depth }
    }
}

impl Local {
    fn new(flow: &impl Flow, y: f64, spread: &Spread<'_>, is_carried: bool) -> Self {
        let (V_mv, stretch) = flow.potential(y);
        let force_mv = flow.force_mv(V_mv);
        // the steepest slope within a length that follows from it; where all is carried the slope itself, beside which a ridge is wide
        let mut reach_mv = 1e-3 * stretch;
        let mut slope = SMALLEST_SLOPE;
        for _ in 0..3 {
            let [below, above] = [V_mv - reach_mv, V_mv + reach_mv].map(|V_mv| flow.force_mv(V_mv));
            let rise = if is_carried {
                0.5 * (above - below).abs()
            } else {
                (above - force_mv).abs().max((force_mv - below).abs())
            };
            slope = (rise / reach_mv).max(SMALLEST_SLOPE);
            reach_mv = (0.5 * spread.ridge_mv(slope)).clamp(1e-9 * stretch, stretch);
        }
        let ridge_mv = spread.ridge_mv(slope);
        let diffusion_mv2 = spread.diffusion_mv2(slope);
        let (length_mv, step_mv) = if is_carried {
            // the faster it goes, the less of what the noise forgets meanwhile there is to see
            let decay = spread.noises.iter().map(|noise| noise.decay).fold(1.0, f64::max);
            let along_mv = force_mv / (slope + decay) * (1.0 + slope / decay).powf(0.25);
            let growth_mv = force_mv / slope;
            let length_mv = ridge_mv.hypot(along_mv.min(MOST_GROWTH * growth_mv));
            (length_mv, STEP * length_mv.min(2.0 * ridge_mv.hypot(growth_mv)))
        } else {
            let length_mv = 1.0 / (1.0 / ridge_mv).hypot(force_mv / diffusion_mv2);
            (length_mv, STEP * length_mv)
        };
        let exponent = force_mv / diffusion_mv2 * length_mv;
        Local { length: length_mv / stretch, exponent, step: step_mv / stretch }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A leak.
    struct Leaky;

    impl Flow for Leaky {
        fn force_mv(&self, V_mv: f64) -> f64 {
            -V_mv
        }

        fn noise_mv2(&self, _V_mv: f64) -> f64 {
            0.0
        }

        fn bounds(&self) -> Bounds {
            Bounds { lowest: f64::NEG_INFINITY, reset: 0.0, spike: 3.0 }
        }
    }

    #[test]
    fn cells_reach_from_where_nothing_is_to_the_spike_and_are_as_fine_as_is_said() {
        let noises = [Noise { decay: 1.0, std_mv: 1.0 }];
        let spread = Spread { noises: &noises, white_mv2: 0.0 };
        let [coarse, fine] = [1.0, 4.0].map(|fineness| Mesh::new(&Leaky, &spread, fineness));
        for Mesh { nodes, reset, .. } in [&coarse, &fine] {
            assert!(
                nodes.is_sorted_by(|a, b| a < b) && nodes[*reset] == 0.0 && nodes.last() == Some(&3.0),
                "{nodes:?}"
            );
            // the variance is 1/2: exp(-V^2)
            assert!((4.5..6.5).contains(&-nodes[0]), "{nodes:?}");
        }
        // to the spike the density falls by exp(-9); up to the lowest place where it is looked at
        assert!((coarse.depth - 9.0).abs() < 1.0, "{}", coarse.depth);
        assert!(fine.nodes.len() > 3 * coarse.nodes.len() && fine.nodes.len() < 5 * coarse.nodes.len());
    }
}
