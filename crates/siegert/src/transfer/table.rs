//! Rates between the nodes of a grid: what a search goes by, of neurons without closed forms.
//!
//! ```text
//! ln(rate tau_m) = -A(q),    A = q + p^2/4,    p = (q + sqrt(q^2 + 4))/2        (q is linear in A where spikes are many, and in sqrt(A) where they are rare)
//! mu = R + sigma sinh x,     sigma = W e^s                                       (R the rheobase, W the scale of voltages)
//! ```
//!
//! `q` is as smooth in `x` and `s` as a function of two variables can be asked to be, from no noise to nothing but noise: on squares of side 0.4 it is cubic
//! along the sides, with values and slopes of the nodes, and with Adini's mixed derivatives inside. A node is computed by the general solver when it
//! is asked for the first time, and whoever asks finds the same there. Inputs beyond the grid, which no state has but a step of a search may have, count as
//! those at its edge; with less noise than there, or no number at a node, there is no rate in the table.
//!
//! Rates by the table are for finding states, which then are found again by the rates themselves: a search asks for the same few hundred nodes a hundred thousand times.
//!
//! Source: Adini and Clough (1961), the rectangle of twelve parameters, here as the mixed derivatives of a bicubic one.
//! Range: neurons whose rates do not depend on the filter of their synapses; `sigma` from `e^-8 W` to `e^5.2 W`, `mu` up to `1500 sigma` from rheobase.
//! Accuracy: `q` to 3e-3 of `1 + |q|` (against the general solver, from a five-hundredth of `W` to forty times it, from silence to saturation).

use std::sync::OnceLock;

use crate::neuron::Model;
use crate::neuron::lif::{LogRate, MS_PER_S, SynapticFilter};

/// Distance of the nodes in `x` and in `s`.
const STEP: f64 = 0.4;
/// The first node and the last, for `x` and for `s`.
const PLACES: [i32; 2] = [-20, 20];
const NOISES: [i32; 2] = [-20, 13];
/// Steps of Newton's method for `q` from `A`.
const MOST_STEPS: usize = 60;

/// `q` at a node, with its slopes over the step of the grid.
#[derive(Clone, Copy, Debug)]
struct Node {
    q: f64,
    per_place: f64,
    per_noise: f64,
}

/// The rates of one neuron.
#[derive(Debug)]
pub(crate) struct Table {
    neuron: Model,
    rheobase_mv: f64,
    scale_mv: f64,
    /// `ln` of the rate in Hz of one spike in `tau_m`.
    ln_unit: f64,
    nodes: Vec<OnceLock<Option<Node>>>,
}

/// `A` and `dA/dq`.
fn exponent(q: f64) -> (f64, f64) {
    let root = (q * q + 4.0).sqrt();
    // what is subtracted below 0 would be nearly as large
    let p = if q > 0.0 { 0.5 * (q + root) } else { 2.0 / (root - q) };
    (q + 0.25 * p * p, 1.0 + 0.5 * p * p / root)
}

/// `q` from `A`.
fn of_exponent(exponent_at_q: f64) -> f64 {
    let mut q = if exponent_at_q > 1.0 { 2.0 * exponent_at_q.sqrt() - 2.0 } else { exponent_at_q };
    for _ in 0..MOST_STEPS {
        let (value, slope) = exponent(q);
        let step = (exponent_at_q - value) / slope;
        q += step;
        if step.abs() <= 1e-14 * (1.0 + q.abs()) {
            break;
        }
    }
    q
}

/// Cubic functions on the interval from 0 to 1 whose value at either end, and whose slope there, is 1 and all else 0; with their slopes.
fn cubic(t: f64) -> ([[f64; 2]; 2], [[f64; 2]; 2]) {
    let u = 1.0 - t;
    let values = [[u * u * (1.0 + 2.0 * t), t * t * (1.0 + 2.0 * u)], [t * u * u, -t * t * u]];
    let slopes = [[-6.0 * t * u, 6.0 * t * u], [u * (1.0 - 3.0 * t), t * (3.0 * t - 2.0)]];
    (values, slopes)
}

impl Table {
    /// The table of a neuron, empty; none of a neuron whose closed forms are faster.
    pub(crate) fn of(neuron: Model) -> Option<Self> {
        if neuron.has_closed_form() {
            return None;
        }
        let count = ((PLACES[1] - PLACES[0] + 1) * (NOISES[1] - NOISES[0] + 1)) as usize;
        Some(Table {
            neuron,
            rheobase_mv: neuron.rheobase_mv(),
            scale_mv: neuron.voltage_scale_mv(),
            ln_unit: (MS_PER_S / neuron.thresholds().tau_m_ms).ln(),
            nodes: (0..count).map(|_| OnceLock::new()).collect(),
        })
    }

    /// Whose rates these are.
    pub(crate) fn neuron(&self) -> &Model {
        &self.neuron
    }

    /// The logarithm of the rate with its derivatives by mean and variance, and no others; `None` where the table has none.
    pub(crate) fn log_rate(&self, mean_mv: f64, std_mv: f64) -> Option<LogRate> {
        let sinh = (mean_mv - self.rheobase_mv) / std_mv;
        let (x, s) = (sinh.asinh() / STEP, (std_mv / self.scale_mv).ln() / STEP);
        if !(x.is_finite() && s.is_finite()) || s < f64::from(NOISES[0]) {
            return None;
        }
        let [x_within, s_within] =
            [(x, PLACES), (s, NOISES)].map(|(x, [first, last])| x.clamp(first.into(), last.into()));
        let (place, noise) =
            (x_within.floor().min(f64::from(PLACES[1] - 1)), s_within.floor().min(f64::from(NOISES[1] - 1)));
        // by place, then by noise
        let corner = |i: i32, j: i32| self.node(place as i32 + i, noise as i32 + j);
        let corners = [[corner(0, 0)?, corner(0, 1)?], [corner(1, 0)?, corner(1, 1)?]];
        let [of_place, of_noise] = [cubic(x_within - place), cubic(s_within - noise)];
        let twist = |i: usize, j: usize| {
            let [[a, b], [c, d]] = corners;
            let along_noise = corners[i][1].per_place - corners[i][0].per_place;
            let along_place = corners[1][j].per_noise - corners[0][j].per_noise;
            along_noise + along_place - (d.q - c.q - b.q + a.q)
        };
        let sum = |in_place: &[[f64; 2]; 2], in_noise: &[[f64; 2]; 2]| {
            let mut sum = 0.0;
            for (i, row) in corners.iter().enumerate() {
                for (j, node) in row.iter().enumerate() {
                    let [p, slope_p] = [in_place[0][i], in_place[1][i]];
                    let [n, slope_n] = [in_noise[0][j], in_noise[1][j]];
                    sum += node.q * p * n
                        + node.per_place * slope_p * n
                        + node.per_noise * p * slope_n
                        + twist(i, j) * slope_p * slope_n;
                }
            }
            sum
        };
        let q = sum(&of_place.0, &of_noise.0);
        let (exponent, per_q) = exponent(q);
        let slope = |sum: f64, is_within: bool| if is_within { -per_q * sum / STEP } else { 0.0 };
        let per_place = slope(sum(&of_place.1, &of_noise.0), x == x_within);
        let per_noise = slope(sum(&of_place.0, &of_noise.1), s == s_within);
        let d_mu = per_place / (std_mv * sinh.hypot(1.0));
        let rate = LogRate {
            ln_rate_hz: self.ln_unit - exponent,
            d_mu,
            d_variance: (per_noise - d_mu * std_mv * sinh) / (2.0 * std_mv * std_mv),
            ..LogRate::default()
        };
        rate.ln_rate_hz.is_finite().then_some(rate)
    }

    fn node(&self, place: i32, noise: i32) -> Option<Node> {
        let index = (place - PLACES[0]) * (NOISES[1] - NOISES[0] + 1) + noise - NOISES[0];
        *self.nodes.get(index as usize)?.get_or_init(|| self.computed(place, noise))
    }

    fn computed(&self, place: i32, noise: i32) -> Option<Node> {
        let (x, s) = (STEP * f64::from(place), STEP * f64::from(noise));
        let std_mv = self.scale_mv * s.exp();
        let mean_mv = self.rheobase_mv + std_mv * x.sinh();
        let rate = self.neuron.log_rate(SynapticFilter::Ignore, mean_mv, std_mv, 0.0);
        let q = of_exponent(self.ln_unit - rate.ln_rate_hz);
        let down = -STEP / exponent(q).1;
        let node = Node {
            q,
            per_place: down * rate.d_mu * std_mv * x.cosh(),
            per_noise: down * (rate.d_mu * std_mv * x.sinh() + 2.0 * rate.d_variance * std_mv * std_mv),
        };
        (node.q.is_finite() && node.per_place.is_finite() && node.per_noise.is_finite()).then_some(node)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::measured::Worst;
    use crate::neuron::{Adaptation, NeuronParameters};

    const ACCURACY: f64 = 3e-3;

    fn neurons() -> Vec<Model> {
        let parameters = NeuronParameters {
            tau_m_ms: 10.0,
            t_ref_ms: 2.0,
            E_L_mv: -65.0,
            V_th_mv: -50.0,
            V_reset_mv: -65.0,
            Delta_T_mv: 2.0,
            V_peak_mv: 0.0,
            adaptation: Some(Adaptation { per_mv: 0.0, per_spike_mv: 2.0, tau_w_ms: 100.0 }),
        };
        let infinite =
            NeuronParameters { V_reset_mv: f64::NEG_INFINITY, V_peak_mv: f64::INFINITY, t_ref_ms: 0.0, ..parameters };
        [("eif", parameters), ("qif", parameters), ("qif", infinite), ("adex", parameters)]
            .map(|(name, parameters)| Model::named(name, &parameters).unwrap().unwrap())
            .to_vec()
    }

    #[test]
    fn rates_between_the_nodes_are_nearly_those_of_the_general_solver() {
        let mut worst = Worst::default();
        for neuron in neurons() {
            let table = Table::of(neuron).unwrap();
            for std_mv in [0.03, 0.2, 1.1, 3.3, 6.0, 11.0, 90.0, 600.0] {
                for z in [-60.0, -20.0, -7.7, -4.1, -2.3, -1.2, -0.45, 0.1, 0.8, 1.9, 5.0, 70.0, 1000.0] {
                    let mean_mv = neuron.rheobase_mv() + z * std_mv;
                    let exact = neuron.log_rate(SynapticFilter::Ignore, mean_mv, std_mv, 0.0);
                    let Some(found) = table.log_rate(mean_mv, std_mv) else { continue };
                    let [q, expected] = [found, exact].map(|rate| of_exponent(table.ln_unit - rate.ln_rate_hz));
                    worst.add((q - expected).abs() / (1.0 + expected.abs()), (neuron, mean_mv, std_mv));
                }
            }
        }
        worst.must_be_at_most(ACCURACY);
    }

    #[test]
    fn derivatives_are_those_of_what_is_between_the_nodes() {
        let table = Table::of(neurons()[0]).unwrap();
        for (mean_mv, std_mv) in [(-70.0, 3.0), (-56.0, 5.0), (-50.0, 1.0), (-20.0, 8.0), (300.0, 60.0)] {
            let at = |mean_mv: f64, variance_mv2: f64| table.log_rate(mean_mv, variance_mv2.sqrt()).unwrap();
            let (here, variance, step) = (at(mean_mv, std_mv * std_mv), std_mv * std_mv, 1e-5);
            let per_mean = (at(mean_mv + step, variance).ln_rate_hz - at(mean_mv - step, variance).ln_rate_hz) / 2e-5;
            assert!((here.d_mu - per_mean).abs() < 1e-6 * (1.0 + per_mean.abs()), "{here:?} {per_mean}");
            let per_variance =
                (at(mean_mv, variance + step).ln_rate_hz - at(mean_mv, variance - step).ln_rate_hz) / 2e-5;
            assert!((here.d_variance - per_variance).abs() < 1e-6 * (1.0 + per_variance.abs()), "{per_variance}");
        }
    }

    #[test]
    fn beyond_the_grid_is_its_edge_and_where_there_is_no_rate_closed_forms_need_no_table() {
        let neurons = neurons();
        let table = Table::of(neurons[0]).unwrap();
        for (mean_mv, std_mv) in [(-60.0, 0.0), (f64::NAN, 1.0), (-60.0, 1e-4), (-60.0, f64::INFINITY)] {
            assert!(table.log_rate(mean_mv, std_mv).is_none(), "{mean_mv} {std_mv}");
        }
        // a saturated neuron, a silent one, and one that hears nothing but noise
        let saturated = table.log_rate(1e13, 1e4).unwrap();
        assert!((saturated.ln_rate_hz - 500f64.ln()).abs() < 1e-2 && saturated.d_mu == 0.0, "{saturated:?}");
        assert!(table.log_rate(-1e13, 5.0).unwrap().ln_rate_hz < -1e5);
        assert!(table.log_rate(0.0, 1e9).unwrap().ln_rate_hz > 0.0);
        assert_eq!(table.neuron(), &neurons[0]);
        assert!(Table::of(Model::Lif(crate::neuron::lif::BRUNEL)).is_none());
    }
}
