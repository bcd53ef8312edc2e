//! Rates and coefficients between inputs at which they were computed, each when it is asked for the first time: a network goes along a line through a plane of inputs, and only what lies
//! next to it is ever needed.
//!
//! ```text
//! mu = R + sigma sinh x,   sigma = W e^y        (R the rheobase, W the scale of voltages)
//! ```
//!
//! The logarithm of the rate is cubic along the sides of small squares, with values and slopes at their corners, and with Adini's mixed derivatives inside, so that what stands still is
//! a stationary state of the theory; coefficients are linear along the sides of larger ones.
//!
//! Source: Adini and Clough (1961), the rectangle of twelve parameters, here as the mixed derivatives of a bicubic one.
//! Range: `sigma` from `e^-6 W` to `e^6 W`, the mean up to `e^8/2 sigma` from rheobase; beyond, inputs count as those at the edge.
//! Accuracy: rates 1e-7 where they are above `e^-10/tau_m` (leaky, exponential and quadratic neurons, against the rate itself), errors growing with the logarithm of lower ones.

use std::collections::HashMap;

use super::RateEquation;
use super::fit::{Coefficients, fit};
use crate::neuron::Model;
use crate::neuron::lif::{MS_PER_S, SynapticFilter};

/// Sides of the squares of rates, and those of coefficients, by place and by noise.
const FINE: f64 = 1.0 / 32.0;
const COARSE: [f64; 2] = [0.2, 0.3];
/// The range of both coordinates.
const MOST_PLACE: f64 = 8.0;
const MOST_NOISE: f64 = 6.0;
/// The least logarithm of a rate in 1/ms: as good as none.
const LEAST_LN_RATE: f64 = -700.0;

type Cell = (i32, i32);

/// Values at the corners of squares, by place and then by noise.
#[derive(Clone, Debug)]
struct Corners<T> {
    known: HashMap<Cell, T>,
    last: Option<(Cell, [[T; 2]; 2])>,
}

impl<T: Copy> Corners<T> {
    fn new() -> Self {
        Corners { known: HashMap::new(), last: None }
    }

    /// The corners of a square and where a place lies within it.
    fn around(
        &mut self,
        at: [f64; 2],
        side: [f64; 2],
        mut value: impl FnMut([f64; 2]) -> T,
    ) -> ([[T; 2]; 2], [f64; 2]) {
        let [x, y] = [at[0] / side[0], at[1] / side[1]];
        let cell = (x.floor() as i32, y.floor() as i32);
        let within = [x - x.floor(), y - y.floor()];
        if let Some((_, corners)) = self.last.filter(|(of, _)| *of == cell) {
            return (corners, within);
        }
        let mut corner = |i: i32, j: i32| {
            let (i, j) = (cell.0 + i, cell.1 + j);
            *self.known.entry((i, j)).or_insert_with(|| value([f64::from(i) * side[0], f64::from(j) * side[1]]))
        };
        let corners = [[corner(0, 0), corner(0, 1)], [corner(1, 0), corner(1, 1)]];
        self.last = Some((cell, corners));
        (corners, within)
    }
}

/// `ln` of a rate per ms and its slopes over the sides of a square.
#[derive(Clone, Copy, Debug)]
struct Node {
    ln_rate: f64,
    per_place: f64,
    per_noise: f64,
}

/// What is known of a neuron.
#[derive(Clone, Debug)]
pub(super) struct Chart {
    neuron: Model,
    equation: RateEquation,
    rheobase_mv: f64,
    scale_mv: f64,
    rates: Corners<Node>,
    coefficients: Corners<Coefficients>,
}

/// An input in the coordinates of a chart.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Place {
    pub(super) at: [f64; 2],
    pub(super) std_mv: f64,
}

impl Chart {
    pub(super) fn new(neuron: Model, equation: RateEquation) -> Self {
        Chart {
            rheobase_mv: neuron.rheobase_mv(),
            scale_mv: neuron.voltage_scale_mv(),
            neuron,
            equation,
            rates: Corners::new(),
            coefficients: Corners::new(),
        }
    }

    pub(super) fn neuron(&self) -> &Model {
        &self.neuron
    }

    /// Where an input is.
    pub(super) fn place(&self, mean_mv: f64, variance_mv2: f64) -> Place {
        let least_mv = self.scale_mv * (-MOST_NOISE).exp();
        let std_mv = variance_mv2.max(least_mv * least_mv).sqrt();
        let x = ((mean_mv - self.rheobase_mv) / std_mv).asinh();
        let y = (std_mv / self.scale_mv).ln();
        Place { at: [x.clamp(-MOST_PLACE, MOST_PLACE), y.clamp(-MOST_NOISE, MOST_NOISE)], std_mv }
    }

    /// How many sides of squares two places are apart.
    pub(super) fn distance(one: &Place, other: &Place) -> f64 {
        (0..2).map(|k| (one.at[k] - other.at[k]).abs() / COARSE[k]).fold(0.0, f64::max)
    }

    /// The stationary rate per ms.
    pub(super) fn rate(&mut self, place: &Place) -> f64 {
        let (neuron, rheobase_mv, scale_mv) = (&self.neuron, self.rheobase_mv, self.scale_mv);
        let (corners, [x, y]) = self.rates.around(place.at, [FINE; 2], |[x, y]| {
            let std_mv = scale_mv * y.exp();
            let mean_mv = rheobase_mv + std_mv * x.sinh();
            let rate = neuron.log_rate(SynapticFilter::Ignore, mean_mv, std_mv, 0.0);
            let ln_rate = rate.ln_rate_hz - MS_PER_S.ln();
            if ln_rate.is_nan() || ln_rate <= LEAST_LN_RATE {
                return Node { ln_rate: LEAST_LN_RATE, per_place: 0.0, per_noise: 0.0 };
            }
            Node {
                ln_rate,
                per_place: FINE * rate.d_mu * std_mv * x.cosh(),
                per_noise: FINE * (rate.d_mu * std_mv * x.sinh() + 2.0 * rate.d_variance * std_mv * std_mv),
            }
        });
        let [[a, b], [c, d]] = corners;
        let twist = |i: usize, j: usize| {
            let along_noise = corners[i][1].per_place - corners[i][0].per_place;
            let along_place = corners[1][j].per_noise - corners[0][j].per_noise;
            along_noise + along_place - (d.ln_rate - c.ln_rate - b.ln_rate + a.ln_rate)
        };
        let ([value_x, slope_x], [value_y, slope_y]) = (cubic(x), cubic(y));
        let mut sum = 0.0;
        for (i, row) in corners.iter().enumerate() {
            for (j, node) in row.iter().enumerate() {
                sum += node.ln_rate * value_x[i] * value_y[j]
                    + node.per_place * slope_x[i] * value_y[j]
                    + node.per_noise * value_x[i] * slope_y[j]
                    + twist(i, j) * slope_x[i] * slope_y[j];
            }
        }
        sum.exp()
    }

    /// The coefficients of the equation.
    pub(super) fn coefficients(&mut self, place: &Place) -> Coefficients {
        let (neuron, equation) = (&self.neuron, self.equation);
        let (rheobase_mv, scale_mv) = (self.rheobase_mv, self.scale_mv);
        let (corners, [x, y]) = self.coefficients.around(place.at, COARSE, |[x, y]| {
            let std_mv = scale_mv * y.exp();
            fit(neuron, equation, rheobase_mv + std_mv * x.sinh(), std_mv).coefficients
        });
        let [[a, b], [c, d]] = corners;
        let along = |low: f64, high: f64, part: f64| low + part * (high - low);
        std::array::from_fn(|k| along(along(a[k], b[k], y), along(c[k], d[k], y), x))
    }
}

/// Cubic functions on the interval from 0 to 1 whose value at either end, and whose slope there, is 1 and all else 0.
fn cubic(t: f64) -> [[f64; 2]; 2] {
    let u = 1.0 - t;
    [[u * u * (1.0 + 2.0 * t), t * t * (1.0 + 2.0 * u)], [t * u * u, -t * t * u]]
}
