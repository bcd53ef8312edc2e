//! The coefficients of a rate equation at one input, from the operator of the density there.
//!
//! ```text
//! spectral:  chi(s) = chi(0) + s (alpha + D H s)/(1 + T s + D s^2) + R s/(s + l),    R = chi(oo) - chi(0) - H
//!            T = -1/lambda_1 - 1/lambda_2,  D = 1/(lambda_1 lambda_2),  H = h_1 + h_2,  alpha = -h_1/lambda_1 - h_2/lambda_2,  h_n = (residue of chi at lambda_n)/lambda_n
//! cascade:   chi_mu(s) = chi_mu(0) (1 + tau s)/(1 + T s + D s^2),  D = tau^2/(1 + x),  T = 2 tau/(1 + x),    x = (omega tau)^2:  the filter exp(-t/tau) cos(omega t)
//!            chi_var(s) = chi_var(0) [w + (1 - w)/(1 + tau_var s)],    w = chi_var(oo)/chi_var(0), between 0 and 3
//! ```
//!
//! Two modes have their own eigenvalues and weights: the pair, or the two real ones, of the slowest few with which the response is met best. All that are faster are one decay `l`, for the mean and for the variance, which is fitted to the response, as
//! `tau`, `x` and `tau_var` are: least squares over frequencies equally spaced in their logarithm, from `2 pi f tau_m = 0.13` to `130`, 1 to 1000 Hz for 20 ms. At rest responses are exact, and at high frequencies
//! that to the mean vanishes and that to the variance is `rate/sigma^2` of neurons with a sharp threshold, as it must be.
//!
//! Source: Mattia and Del Giudice (2002), Phys Rev E 66:051917, and Augustin, Ladenbauer, Baumann and Obermayer (2017), PLoS Comput Biol 13:e1005545, for two modes; there the others are left out, and the
//! rate jumps with its mean input. Ostojic and Brunel (2011), PLoS Comput Biol 7:e1001056, and Augustin et al. (2017) for the cascade and the form of its filter.
//! Accuracy: what is left of the response is computed with the coefficients ([`Misfit`]): 2 to 10 % of its largest value for a leaky neuron that fires by noise.

use num_complex::Complex64;

use super::super::operator::Operator;
use super::RateEquation;
use crate::neuron::Model;
use crate::neuron::lif::SynapticFilter;

/// The accuracy of the nodes.
const NODES: f64 = 1e-3;
/// Eigenvalues among which the two are chosen.
const EIGENVALUES: usize = 5;
/// Frequencies of the fits.
const FREQUENCIES: usize = 13;
/// The first of them and the last, as `omega tau_m`.
const FROM: f64 = 0.126;
const TO: f64 = 126.0;
/// The fastest decay and the longest filter, over `tau_m`.
const FASTEST: f64 = 1e3;
const LONGEST: f64 = 10.0;
/// The largest part of a variance that the cascade takes at once; beyond 1 what is too much is taken back in time.
const MOST_AT_ONCE: f64 = 3.0;
/// Rates whose logarithm (in Hz) is below are as good as none.
const LEAST_LN_RATE: f64 = -200.0;
/// Places of a search by one variable, and how often its interval is cut after that.
const PLACES: usize = 24;
const CUTS: usize = 24;

/// What a rate equation needs at an input besides the stationary rate, without units: times are over `tau_m`, responses to the mean times `sigma/rate` and to the variance times `sigma^2/rate`.
///
/// Names are by place, so that all can be interpolated alike: see [`Spectral`] and [`Cascade`].
pub(super) type Coefficients = [f64; 9];

/// The coefficients of the spectral equation.
#[derive(Clone, Copy, Debug)]
pub(super) struct Spectral {
    pub(super) T_ms: f64,
    pub(super) D_ms2: f64,
    /// `H`, for the mean and for the variance, over the rate.
    pub(super) jump: [f64; 2],
    /// `alpha` likewise.
    pub(super) drift_ms: [f64; 2],
    /// `l` likewise.
    pub(super) decay_per_ms: [f64; 2],
    /// `chi_var(0)` over the rate.
    pub(super) variance_at_rest: f64,
}

/// The coefficients of the cascade.
#[derive(Clone, Copy, Debug)]
pub(super) struct Cascade {
    pub(super) tau_ms: f64,
    pub(super) T_ms: f64,
    pub(super) D_ms2: f64,
    pub(super) tau_variance_ms: f64,
    pub(super) at_once: f64,
}

impl Spectral {
    pub(super) fn of(of: &Coefficients, tau_m_ms: f64, std_mv: f64) -> Self {
        let [ln_T, ln_D, jump, drift, jump_v, drift_v, ln_l, ln_l_v, rest_v] = *of;
        let (per_mv, per_mv2) = (1.0 / std_mv, 1.0 / (std_mv * std_mv));
        Spectral {
            T_ms: ln_T.exp() * tau_m_ms,
            D_ms2: ln_D.exp() * tau_m_ms * tau_m_ms,
            jump: [jump * per_mv, jump_v * per_mv2],
            drift_ms: [drift * per_mv * tau_m_ms, drift_v * per_mv2 * tau_m_ms],
            decay_per_ms: [ln_l, ln_l_v].map(|ln_l| ln_l.exp() / tau_m_ms),
            variance_at_rest: rest_v * per_mv2,
        }
    }
}

impl Cascade {
    pub(super) fn of(of: &Coefficients, tau_m_ms: f64) -> Self {
        let [ln_tau, ln_x, ln_tau_variance, at_once, ..] = *of;
        let (tau_ms, share) = (ln_tau.exp() * tau_m_ms, 1.0 / (1.0 + ln_x.exp()));
        Cascade {
            tau_ms,
            T_ms: 2.0 * tau_ms * share,
            D_ms2: tau_ms * tau_ms * share,
            tau_variance_ms: ln_tau_variance.exp() * tau_m_ms,
            at_once,
        }
    }
}

/// How far the response of a rate equation is from that of the density, as root mean square over the frequencies, over the largest response.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Misfit {
    /// Of the response to the mean input.
    pub mean: f64,
    /// Of the response to its variance.
    pub variance: f64,
}

/// A fit at an input.
#[derive(Clone, Debug)]
pub(super) struct Fit {
    pub(super) coefficients: Coefficients,
    pub(super) misfit: Misfit,
    /// The slowest eigenvalues that were found.
    pub(super) eigenvalues_per_ms: Vec<Complex64>,
}

/// Responses at the frequencies, all without units.
struct Responses {
    /// `i omega tau_m`.
    s: [Complex64; FREQUENCIES],
    /// To the mean and to the variance.
    exact: [[Complex64; FREQUENCIES]; 2],
    at_rest: [f64; 2],
    at_once: [f64; 2],
}

/// Where a function of one variable is least between two ends.
fn least(from: f64, to: f64, f: impl Fn(f64) -> f64) -> (f64, f64) {
    let step = (to - from) / PLACES as f64;
    let at = |k: usize| from + step * k as f64;
    let best = (0..=PLACES).min_by(|a, b| f(at(*a)).total_cmp(&f(at(*b)))).unwrap_or(0);
    let (mut low, mut high) = (at(best.saturating_sub(1)), at((best + 1).min(PLACES)));
    for _ in 0..CUTS {
        let third = (high - low) / 3.0;
        if f(low + third) < f(high - third) { high -= third } else { low += third }
    }
    let middle = 0.5 * (low + high);
    (middle, f(middle))
}

impl Responses {
    fn new(operator: &Operator, tau_m_ms: f64, std_mv: f64, at_rest: [f64; 2], is_sharp: bool) -> Self {
        let step = (TO / FROM).ln() / (FREQUENCIES - 1) as f64;
        let s = std::array::from_fn(|j| Complex64::new(0.0, FROM * (step * j as f64).exp()));
        let mut exact = [[Complex64::ZERO; FREQUENCIES]; 2];
        for (j, s) in s.iter().enumerate() {
            let [mean, variance] = operator.response(s / tau_m_ms);
            exact[0][j] = mean * (std_mv / operator.rate);
            exact[1][j] = variance * (std_mv * std_mv / operator.rate);
        }
        Responses { s, exact, at_rest, at_once: [0.0, if is_sharp { 1.0 } else { 0.0 }] }
    }

    /// Root mean square of a difference over the largest response.
    fn misfit(&self, k: usize, of: impl Fn(Complex64) -> Complex64) -> f64 {
        let largest = self.exact[k].iter().map(|chi| chi.norm()).fold(self.at_rest[k].abs(), f64::max);
        let squares = self.s.iter().zip(&self.exact[k]).map(|(s, exact)| (of(*s) - exact).norm_sqr());
        (squares.sum::<f64>() / FREQUENCIES as f64).sqrt() / largest.max(f64::MIN_POSITIVE)
    }

    /// With two modes of these eigenvalues (over `tau_m`) and residues.
    fn spectral(&self, lambda: [Complex64; 2], residues: [[Complex64; 2]; 2]) -> (Coefficients, Misfit) {
        let [one, two] = lambda;
        let D = (one * two).inv().re;
        let T = -(one.inv() + two.inv()).re;
        let mut coefficients = [0.0; 9];
        (coefficients[0], coefficients[1], coefficients[8]) = (T.ln(), D.ln(), self.at_rest[1]);
        let [mean, variance] = [0, 1].map(|k| {
            let h = [residues[0][k] / one, residues[1][k] / two];
            let (jump, drift) = ((h[0] + h[1]).re, -(h[0] / one + h[1] / two).re);
            let rest = self.at_once[k] - self.at_rest[k] - jump;
            let of = |s: Complex64, decay: f64| {
                let slow = s * (drift + D * jump * s) / (1.0 + s * (T + D * s));
                self.at_rest[k] + slow + rest * s / (s + decay)
            };
            let (ln_decay, misfit) = least(-1.0, FASTEST.ln(), |ln_decay| self.misfit(k, |s| of(s, ln_decay.exp())));
            (coefficients[2 + 2 * k], coefficients[3 + 2 * k], coefficients[6 + k]) = (jump, drift, ln_decay);
            misfit
        });
        (coefficients, Misfit { mean, variance })
    }

    /// The cascade.
    fn cascade(&self) -> (Coefficients, Misfit) {
        let mean = |s: Complex64, tau: f64, x: f64| {
            let share = 1.0 / (1.0 + x);
            self.at_rest[0] * (1.0 + tau * s) / (1.0 + s * (2.0 * tau * share + tau * tau * share * s))
        };
        let (shortest, longest) = (-FASTEST.ln(), LONGEST.ln());
        // the best tau of each x, and of these the best
        let best_tau =
            |ln_x: f64| least(shortest, longest, |ln_tau| self.misfit(0, |s| mean(s, ln_tau.exp(), ln_x.exp())));
        let (ln_x, misfit) = least(-9.0, 6.0, |ln_x| best_tau(ln_x).1);
        let at_once =
            if self.at_rest[1] > 0.0 { (self.at_once[1] / self.at_rest[1]).clamp(0.0, MOST_AT_ONCE) } else { 1.0 };
        let variance = |s: Complex64, tau: f64| self.at_rest[1] * (at_once + (1.0 - at_once) / (1.0 + s * tau));
        let (ln_tau_variance, of_variance) =
            least(shortest, longest, |ln_tau| self.misfit(1, |s| variance(s, ln_tau.exp())));
        let coefficients = [best_tau(ln_x).0, ln_x, ln_tau_variance, at_once, 0.0, 0.0, 0.0, 0.0, 0.0];
        (coefficients, Misfit { mean: misfit, variance: of_variance })
    }
}

/// The pair, or two of the real ones, of some eigenvalues with which the response is met best; each with its residues.
fn best_two(responses: &Responses, known: &[(Complex64, [Complex64; 2])]) -> (Coefficients, Misfit) {
    let mut couples = Vec::new();
    for (i, (lambda, residues)) in known.iter().enumerate() {
        if lambda.im > 0.0 {
            couples.push(([*lambda, lambda.conj()], [*residues, residues.map(|residue| residue.conj())]));
            continue;
        }
        let real = known[..i].iter().filter(|(other, _)| other.im == 0.0);
        couples.extend(real.map(|(other, of)| ([*other, *lambda], [*of, *residues])));
    }
    let tried = couples.into_iter().map(|(lambda, residues)| responses.spectral(lambda, residues));
    let size = |misfit: &Misfit| misfit.mean + misfit.variance;
    let best = tried.filter(|(_, misfit)| size(misfit).is_finite()).min_by(|a, b| size(&a.1).total_cmp(&size(&b.1)));
    // without any there is the decay of all together
    let none = || responses.spectral([-1.0, -2.0].map(Complex64::from), [[Complex64::ZERO; 2]; 2]);
    best.unwrap_or_else(none)
}

/// The coefficients of an equation for a neuron at an input.
pub(super) fn fit(neuron: &Model, equation: RateEquation, mean_mv: f64, std_mv: f64) -> Fit {
    let rate = neuron.log_rate(SynapticFilter::Ignore, mean_mv, std_mv, 0.0);
    let tau_m_ms = neuron.thresholds().tau_m_ms;
    let at_rest = [rate.d_mu * std_mv, rate.d_variance * std_mv * std_mv];
    let operator = match rate.ln_rate_hz > LEAST_LN_RATE {
        true => Operator::new(neuron, mean_mv, std_mv, NODES),
        false => None,
    };
    let is_sharp = matches!(neuron, Model::Lif(_) | Model::Perfect(_));
    let Some(operator) = operator else {
        // of a neuron that never fires any will do
        let coefficients = match equation {
            RateEquation::Spectral => [1.5f64.ln(), 0.5f64.ln(), 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, at_rest[1]],
            RateEquation::Cascade => [0.0, -9.0, 0.0, 1.0, 0.0, 0.0, 0.0, 0.0, 0.0],
        };
        return Fit { coefficients, misfit: Misfit::default(), eigenvalues_per_ms: Vec::new() };
    };
    let responses = Responses::new(&operator, tau_m_ms, std_mv, at_rest, is_sharp);
    match equation {
        RateEquation::Spectral => {
            let mut eigenvalues_per_ms = operator.eigenvalues();
            eigenvalues_per_ms.truncate(EIGENVALUES);
            let scale = [std_mv, std_mv * std_mv].map(|unit| unit / operator.rate * tau_m_ms);
            let known = eigenvalues_per_ms.iter().map(|lambda| {
                let [mean, variance] = operator.residues(*lambda);
                (lambda * tau_m_ms, [mean * scale[0], variance * scale[1]])
            });
            let (coefficients, misfit) = best_two(&responses, &known.collect::<Vec<_>>());
            Fit { coefficients, misfit, eigenvalues_per_ms }
        }
        RateEquation::Cascade => {
            let (coefficients, misfit) = responses.cascade();
            Fit { coefficients, misfit, eigenvalues_per_ms: Vec::new() }
        }
    }
}
