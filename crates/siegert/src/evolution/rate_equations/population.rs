//! One population by a rate equation: what it remembers, and how that follows its input.
//!
//! ```text
//! spectral:  r = Phi + b + c_mu + c_var,    D b' = q - T b + D (H_mu mu' + H_var var'),   q' = -b + alpha_mu mu' + alpha_var var'
//!            c_mu' = -l_mu c_mu + R_mu mu',   c_var' = -l_var c_var + R_var var';    with these r does not jump with the mean, and is proportional to a variance that jumps
//! cascade:   r = Phi(x, w var + (1 - w) v),    D x' = q + T (mu - x),   q' = mu - x - (T - tau) mu',    tau_var v' = var - v
//! ```
//!
//! `Phi` is the stationary rate. Coefficients are those at the input; of the cascade those at the filtered input, which is what makes it follow large steps. Linearised at an input these are
//! the responses of `fit`. All is exact in a step whose input stays (matrix exponential); an input that changes is a step at the beginning, to its mean, and one at the end. What a step of the input does is
//! integrated along the line from one input to the other, so that large steps count with the coefficients on their way.
//!
//! Source: as `fit`; that coefficients are those at the filtered input is the adaptive cascade of Ostojic and Brunel (2011), PLoS Comput Biol 7:e1001056.

use super::super::input::Felt;
use super::RateEquation;
use super::chart::{Chart, Place};
use super::fit::{Cascade, Misfit, Spectral, fit};
use crate::neuron::Model;

/// Pieces of the way from one input to another at most.
const MOST_PIECES: f64 = 400.0;

/// A filtered variance is no smaller than this part of the variance.
const LEAST_VARIANCE: f64 = 0.05;

/// `exp(M h)` for `D y' = q - T y`, `q' = -y`.
#[derive(Clone, Copy, Debug, Default)]
struct Through {
    of: [f64; 3],
    matrix: [[f64; 2]; 2],
}

impl Through {
    /// The same as before where nothing has changed.
    fn over(&mut self, h_ms: f64, T_ms: f64, D_ms2: f64) -> [[f64; 2]; 2] {
        if self.of == [h_ms, T_ms, D_ms2] {
            return self.matrix;
        }
        let a = 0.5 * T_ms / D_ms2;
        let square = a * a - 1.0 / D_ms2;
        let root = square.abs().sqrt();
        // both with the factor exp(-a h)
        let (cosine, sine_over_root) = if root * h_ms < 1e-4 {
            let fade = (-a * h_ms).exp();
            (fade, fade * h_ms)
        } else if square > 0.0 {
            let [slow, fast] = [(root - a) * h_ms, -(root + a) * h_ms].map(f64::exp);
            (0.5 * (slow + fast), 0.5 * (slow - fast) / root)
        } else {
            let fade = (-a * h_ms).exp();
            let (sine, cosine) = (root * h_ms).sin_cos();
            (fade * cosine, fade * sine / root)
        };
        let matrix =
            [[cosine - a * sine_over_root, sine_over_root / D_ms2], [-sine_over_root, cosine + a * sine_over_root]];
        *self = Through { of: [h_ms, T_ms, D_ms2], matrix };
        matrix
    }
}

/// An input with the stationary rate per ms there.
#[derive(Clone, Copy, Debug)]
struct Here {
    felt: Felt,
    place: Place,
    rate: f64,
}

/// One population.
#[derive(Clone, Debug)]
pub(super) struct Population {
    chart: Chart,
    equation: RateEquation,
    here: Here,
    /// The coefficients there, of the spectral equation.
    spectral: Spectral,
    /// `b` and `q`, then `c_mu` and `c_var`; of the cascade `x - mu` and `q`, then `v`.
    state: [f64; 4],
    through: Through,
    rate: f64,
    highest: f64,
    /// Steps at whose end the sum was negative.
    pub(super) negative: u64,
}

impl Population {
    /// As it is after a long time at an input.
    pub(super) fn new(neuron: Model, equation: RateEquation, felt: Felt) -> Self {
        let mut chart = Chart::new(neuron, equation);
        let place = chart.place(felt.mean_mv, felt.variance_mv2);
        let rate = chart.rate(&place);
        let t_ref_ms = neuron.thresholds().t_ref_ms;
        let spectral = Spectral::of(&[0.0; 9], neuron.thresholds().tau_m_ms, place.std_mv);
        let mut population = Population {
            chart,
            equation,
            here: Here { felt, place, rate },
            spectral,
            state: [0.0; 4],
            through: Through::default(),
            rate,
            highest: if t_ref_ms > 0.0 { 1.0 / t_ref_ms } else { f64::INFINITY },
            negative: 0,
        };
        match equation {
            RateEquation::Spectral => population.spectral = population.spectral_at(&place),
            RateEquation::Cascade => population.state[2] = felt.variance_mv2,
        }
        population
    }

    /// The rate per ms now.
    pub(super) fn rate(&self) -> f64 {
        self.rate
    }

    /// How far the equation's response is from that of the density at the present input, and the slowest eigenvalues there.
    pub(super) fn misfit(&self) -> (Misfit, Vec<num_complex::Complex64>) {
        let Here { felt, place, .. } = self.here;
        let found = fit(self.chart.neuron(), self.equation, felt.mean_mv, place.std_mv);
        (found.misfit, found.eigenvalues_per_ms)
    }

    /// A step through which the input is `mean` on average, and `end` at the end.
    pub(super) fn step(&mut self, mean: Felt, end: Felt, h_ms: f64) {
        match self.equation {
            RateEquation::Spectral => {
                self.move_to(mean);
                self.relax(h_ms);
                self.move_to(end);
                self.rate = self.sum();
            }
            RateEquation::Cascade => self.filter(mean, end, h_ms),
        }
        if self.rate < 0.0 {
            self.negative += 1;
        }
        self.rate = self.rate.clamp(0.0, self.highest);
    }

    fn tau_m_ms(&self) -> f64 {
        self.chart.neuron().thresholds().tau_m_ms
    }

    fn spectral_at(&mut self, place: &Place) -> Spectral {
        let tau_m_ms = self.tau_m_ms();
        Spectral::of(&self.chart.coefficients(place), tau_m_ms, place.std_mv)
    }

    fn here(&mut self, felt: Felt) -> Here {
        let place = self.chart.place(felt.mean_mv, felt.variance_mv2);
        Here { felt, place, rate: self.chart.rate(&place) }
    }

    fn sum(&self) -> f64 {
        let [b, _, of_mean, of_variance] = self.state;
        self.here.rate + b + of_mean + of_variance
    }

    /// The input changes at once.
    fn move_to(&mut self, felt: Felt) {
        if felt == self.here.felt {
            return;
        }
        let goal = self.here(felt);
        let pieces = Chart::distance(&self.here.place, &goal.place).ceil().clamp(1.0, MOST_PIECES);
        let from = self.here.felt;
        for k in 1..=pieces as usize {
            let part = k as f64 / pieces;
            let next = match part < 1.0 {
                true => self.here(Felt {
                    mean_mv: from.mean_mv + part * (felt.mean_mv - from.mean_mv),
                    variance_mv2: from.variance_mv2 + part * (felt.variance_mv2 - from.variance_mv2),
                    ..felt
                }),
                false => goal,
            };
            self.move_piece(next);
        }
    }

    fn move_piece(&mut self, next: Here) {
        let before = (self.here, self.spectral);
        let after = (next, self.spectral_at(&next.place));
        // by the mean of both ends
        let mean = |of: &dyn Fn(&(Here, Spectral)) -> f64| 0.5 * (of(&before) + of(&after));
        let changes = [
            next.felt.mean_mv - self.here.felt.mean_mv,
            // noise below the least counts as that
            next.place.std_mv.powi(2) - self.here.place.std_mv.powi(2),
        ];
        let [mut jump, mut drift] = [0.0; 2];
        for (k, change) in changes.into_iter().enumerate() {
            jump += change * mean(&|(here, of)| here.rate * of.jump[k]);
            drift += change * mean(&|(here, of)| here.rate * of.drift_ms[k]);
        }
        let is_sharp = matches!(self.chart.neuron(), Model::Lif(_) | Model::Perfect(_));
        let per_variance = |here: &Here| if is_sharp { here.rate / here.place.std_mv.powi(2) } else { 0.0 };
        let of_variance = changes[1]
            * mean(&|(here, of)| {
                let per_variance = per_variance(here);
                per_variance - here.rate * (of.variance_at_rest + of.jump[1])
            });
        let at_once = if is_sharp { self.sum().max(0.0) * (changes[1] / self.here.place.std_mv.powi(2)) } else { 0.0 };
        let all = at_once - (next.rate - self.here.rate) - jump;
        self.state[0] += jump;
        self.state[1] += drift;
        self.state[2] += all - of_variance;
        self.state[3] += of_variance;
        (self.here, self.spectral) = after;
    }

    /// A time passes at the input.
    fn relax(&mut self, h_ms: f64) {
        let Spectral { T_ms, D_ms2, decay_per_ms, .. } = self.spectral;
        let matrix = self.through.over(h_ms, T_ms, D_ms2);
        let [b, q, of_mean, of_variance] = self.state;
        self.state = [
            matrix[0][0] * b + matrix[0][1] * q,
            matrix[1][0] * b + matrix[1][1] * q,
            of_mean * (-decay_per_ms[0] * h_ms).exp(),
            of_variance * (-decay_per_ms[1] * h_ms).exp(),
        ];
    }

    /// The cascade over a step.
    fn filter(&mut self, mean: Felt, end: Felt, h_ms: f64) {
        let tau_m_ms = self.tau_m_ms();
        let of = Cascade::of(&self.chart.coefficients(&self.here.place), tau_m_ms);
        let [mut lag, mut q, mut variance_mv2, _] = self.state;
        let mut input_mv = self.here.felt.mean_mv;
        // `here` is the filtered input, and its mean is x
        input_mv -= lag;
        let mut shift = |mean_mv: f64, lag: &mut f64, q: &mut f64| {
            let change = mean_mv - input_mv;
            *lag -= change;
            *q -= (of.T_ms - of.tau_ms) * change;
            input_mv = mean_mv;
        };
        shift(mean.mean_mv, &mut lag, &mut q);
        let matrix = self.through.over(h_ms, of.T_ms, of.D_ms2);
        (lag, q) = (matrix[0][0] * lag + matrix[0][1] * q, matrix[1][0] * lag + matrix[1][1] * q);
        shift(end.mean_mv, &mut lag, &mut q);
        variance_mv2 += (mean.variance_mv2 - variance_mv2) * -(-h_ms / of.tau_variance_ms).exp_m1();
        self.state = [lag, q, variance_mv2, 0.0];
        let felt = Felt {
            mean_mv: end.mean_mv + lag,
            variance_mv2: (of.at_once * end.variance_mv2 + (1.0 - of.at_once) * variance_mv2)
                .max(LEAST_VARIANCE * end.variance_mv2),
            ..end
        };
        if felt != self.here.felt {
            self.here = self.here(felt);
        }
        self.rate = self.here.rate;
    }
}
