//! Neurons whose spikes begin by themselves (EIF, QIF) in filtered noise of any time constants, white noise beside it: the Fokker-Planck equation of the potential
//! and the noise.
//!
//! ```text
//! tau_m dV/dt = F(V) + sum_k y_k + sigma_w sqrt(tau_m) xi_0,    tau_k dy_k/dt = -y_k + sigma_k sqrt(tau_m) xi_k
//! spike at V_peak, then V_reset for t_ref, while the noises go on
//! 1/rate = t_ref + T,    T = int p dV dy    for a flux of 1 that enters at the reset with what the spikes before left of the noise
//! ```
//!
//! The density is expanded in Hermite functions of the noise (`modes`) and polynomials in cells of potentials (`mesh`, `cell`, `element`); a chain of cells is
//! eliminated once (`chain`) for rate, moments, CV and, transposed, all derivatives (`gradient`). The CV is that of one interval, which begins with the
//! law of the noise after a spike; intervals are correlated. Everything is done again with more modes and cells until the rate stays.
//!
//! A current that rises before it decays would be a third dimension. It is taken for an exponential one with the same noise and the same variance of the free
//! membrane, whose time constant is
//!
//! ```text
//! tau' = (tau_m + tau_k)(tau_k + tau_rise)(tau_rise + tau_m)/(tau_m tau_k + tau_k tau_rise + tau_rise tau_m) - tau_m
//! ```
//!
//! (3/2 of `tau_k` for fast alpha functions). That is an approximation, whose error is part of the one that is told.
//!
//! Spikes must begin by themselves: the flux at the spike is what the force carries, and the sharp edge of a density at a threshold, where the noise decides
//! who passes, is not resolved. For the LIF this is no method.
//!
//! Source: Risken (1989), *The Fokker-Planck Equation*, chapter 10 (expansion in Hermite functions); Fourcaud-Trocme et al. (2003), J Neurosci 23:11628 (the
//! EIF in filtered noise).
//! Range: time constants up to ten times that of the membrane; beyond, and where spikes begin sharply beside the noise, the error that is told grows. Rates
//! down to 1e-20 Hz, in slow noise 1e-12 Hz; what is smaller may not be found, and then is not a number.
//! Accuracy: relative error of the rate at most 2e-4 where it stays (against more modes and cells), in white noise, with CV, moments and derivatives, 2e-4
//! (against `fokker_planck`), of derivatives 3e-4 of that by the mean (against difference quotients). Currents that rise: the rate errs by 2e-2 at most (against
//! simulated neurons, `tau_k` from a tenth to one `tau_m`; by 5e-3 up to `tau_m/5`).

mod cell;
mod chain;
mod dense;
mod element;
mod gradient;
mod mesh;
mod modes;
mod solution;

use super::super::one_dimensional::OneDimensional;
use super::FilteredNoise;
use crate::error::DomainError;
use solution::{Input, Solution};

/// Modes and cells, in units of those that usually are enough.
const QUALITIES: [f64; 4] = [0.7, 1.0, 1.4, 2.0];
/// A rate that more modes and cells change by less is good.
const STAYS: f64 = 3e-4;
/// After so many cells, times the third power of the modes, nothing finer is tried, first and later: a bound on the time.
const MOST_WORK: [f64; 3] = [2e7, 1e7, 5e6];
const MOST_WORK_WITHOUT_HOPE: f64 = 1e6;

/// The error of the rate where all noise comes through currents that rise, a bound of those measured.
const OF_RISES: f64 = 2e-2;

/// What a neuron does in filtered noise, with derivatives.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct SmoothState {
    /// Natural logarithm of the rate in Hz.
    pub ln_rate_hz: f64,
    /// The CV of the intervals between spikes.
    pub cv: f64,
    /// Mean of the potential, refractory neurons at `V_reset`.
    pub mean_mv: f64,
    /// Its standard deviation.
    pub std_mv: f64,
    /// `d ln rate/d mu`, in 1/mV.
    pub d_mu: f64,
    /// `d ln rate/d sigma_k^2` for each filtered noise, in 1/mV^2.
    pub d_variance: Vec<f64>,
    /// `d ln rate/d tau_k` at given `sigma_k`, in 1/ms; of a current that rises by that of the exponential one which stands for it.
    pub d_tau: Vec<f64>,
    /// `d ln rate/d sigma_w^2`, in 1/mV^2.
    pub d_white_variance: f64,
    /// `d ln rate/d tau_m`, in 1/ms.
    pub d_tau_m: f64,
    /// `d ln rate/d t_ref`, in 1/ms.
    pub d_t_ref: f64,
    /// `d ln rate/d V_th`, in 1/mV.
    pub d_V_th: f64,
    /// `d ln rate/d V_reset`, in 1/mV.
    pub d_V_reset: f64,
    /// How much the last refinement changed `ln rate`, or, where currents rise, what taking them for exponential ones may change if that is more: an estimate
    /// from above of its error; infinite where nothing was found.
    pub error: f64,
}

/// The state of a neuron in filtered noise, and white noise of variance `sigma_w^2` beside it.
///
/// # Errors
///
/// An input that is not finite, a variance that is negative, a time constant that is not positive, or no noise at all.
pub(crate) fn filtered_state<N: OneDimensional>(
    neuron: &N,
    mean_mv: f64,
    filtered: &[FilteredNoise],
    white_variance_mv2: f64,
) -> Result<SmoothState, DomainError> {
    let exponential = without_rises(filtered, neuron.thresholds().tau_m_ms);
    let input = Input::checked(neuron.thresholds(), mean_mv, &exponential, white_variance_mv2)?;
    let (solution, error) = solved(neuron, mean_mv, &input);
    let rising: f64 = filtered.iter().filter(|noise| noise.tau_rise_ms > 0.0).map(|noise| noise.variance_mv2).sum();
    Ok(solution.state(neuron, &input, error.max(OF_RISES * rising / input.variance_mv2())))
}

/// The logarithm of the rate in Hz alone; not a number where nothing was found.
///
/// # Errors
///
/// As [`filtered_state`].
pub(crate) fn filtered_ln_rate_hz<N: OneDimensional>(
    neuron: &N,
    mean_mv: f64,
    filtered: &[FilteredNoise],
    white_variance_mv2: f64,
) -> Result<f64, DomainError> {
    let exponential = without_rises(filtered, neuron.thresholds().tau_m_ms);
    let input = Input::checked(neuron.thresholds(), mean_mv, &exponential, white_variance_mv2)?;
    Ok(solved(neuron, mean_mv, &input).0.ln_rate_hz(neuron, &input))
}

/// The solution with so many modes and cells that the rate stays, and how much it changed last.
fn solved<N: OneDimensional>(neuron: &N, mean_mv: f64, input: &Input<'_>) -> (Solution, f64) {
    let flow = neuron.at(mean_mv, input.variance_mv2());
    let mut solution = Solution::new(&flow, input, QUALITIES[0]);
    let mut error = f64::INFINITY;
    for (quality, most_work) in QUALITIES[1..].iter().zip(MOST_WORK) {
        // what is not found with few modes and cells is not found with some more
        let most_work = if solution.time.is_nan() { MOST_WORK_WITHOUT_HOPE } else { most_work };
        if solution.work() > most_work {
            break;
        }
        let finer = Solution::new(&flow, input, *quality);
        let change = (finer.time.ln() - solution.time.ln()).abs();
        error = if change.is_finite() { change } else { f64::INFINITY };
        solution = finer;
        if error <= STAYS {
            break;
        }
    }
    (solution, error)
}

/// Exponential noises in place of those that rise.
fn without_rises(filtered: &[FilteredNoise], tau_m_ms: f64) -> Vec<FilteredNoise> {
    filtered.iter().map(|noise| without_rise(noise, tau_m_ms)).collect()
}

/// Exponential noise with the same effect on the free membrane.
fn without_rise(noise: &FilteredNoise, tau_m_ms: f64) -> FilteredNoise {
    let FilteredNoise { variance_mv2, tau_ms: s, tau_rise_ms: r } = *noise;
    let m = tau_m_ms;
    let tau_ms = (m + s) * (s + r) * (r + m) / (m * s + s * r + r * m) - m;
    if r == 0.0 { *noise } else { FilteredNoise::exponential(variance_mv2, tau_ms) }
}

#[cfg(test)]
mod tests {
    use super::super::super::exponential::Eif;
    use super::super::super::flow::{Bounds, Flow};
    use super::super::super::lif::SynapticFilter;
    use super::super::super::models::{NeuronParameters, WhiteNoiseNeuron};
    use super::super::super::quadratic::Qif;
    use super::super::super::thresholds::Thresholds;
    use super::*;
    use crate::measured::{Row, Worst, number, table};

    const ACCURACY_OF_THE_RATE: f64 = 2e-4;
    const ACCURACY_IN_WHITE_NOISE: f64 = 2e-4;
    const ACCURACY_OF_DERIVATIVES: f64 = 3e-4;
    const ACCURACY_OF_RISES: f64 = 2e-2;
    const ACCURACY_OF_FAST_RISES: f64 = 5e-3;

    const PARAMETERS: NeuronParameters = NeuronParameters {
        tau_m_ms: 20.0,
        t_ref_ms: 2.0,
        E_L_mv: 0.0,
        V_th_mv: 15.0,
        V_reset_mv: 5.0,
        Delta_T_mv: 2.0,
        V_peak_mv: 40.0,
        adaptation: None,
    };

    /// A neuron without a leak.
    #[derive(Clone, Copy, Debug)]
    struct Leakless(f64);

    impl OneDimensional for Leakless {
        type AtInput = Leakless;

        fn checked(_: &NeuronParameters) -> Result<Self, DomainError> {
            Ok(Leakless(0.0))
        }

        fn at(&self, mean_mv: f64, _variance_mv2: f64) -> Leakless {
            Leakless(mean_mv)
        }

        fn thresholds(&self) -> Thresholds {
            Thresholds { tau_m_ms: 10.0, t_ref_ms: 0.0, V_th_mv: 20.0, V_reset_mv: 0.0 }
        }

        fn rheobase_mv(&self) -> f64 {
            0.0
        }

        fn voltage_scale_mv(&self) -> f64 {
            20.0
        }

        fn V_peak_mv(&self) -> f64 {
            20.0
        }

        fn force_per_threshold(&self, _V_mv: f64) -> f64 {
            0.0
        }
    }

    impl Flow for Leakless {
        fn force_mv(&self, _V_mv: f64) -> f64 {
            self.0
        }

        fn noise_mv2(&self, _V_mv: f64) -> f64 {
            1.0
        }

        fn bounds(&self) -> Bounds {
            Bounds { lowest: f64::NEG_INFINITY, reset: 0.0, spike: 20.0 }
        }
    }

    fn eif() -> Eif {
        Eif::checked(&PARAMETERS).unwrap()
    }

    fn filtered(std_mv: f64, tau_ms: f64) -> FilteredNoise {
        FilteredNoise::exponential(std_mv * std_mv, tau_ms)
    }

    /// The state at a row of the table.
    fn state(row: &Row) -> SmoothState {
        let of = |column: &str| number(row, column);
        let parameters = NeuronParameters {
            tau_m_ms: of("tau_m_ms"),
            t_ref_ms: of("t_ref_ms"),
            E_L_mv: 0.0,
            V_th_mv: of("V_th_mv"),
            V_reset_mv: of("V_reset_mv"),
            Delta_T_mv: of("Delta_T_mv"),
            V_peak_mv: of("V_peak_mv"),
            adaptation: None,
        };
        let mut noises = vec![filtered(of("sigma_1_mv"), of("tau_1_ms"))];
        if !row["tau_2_ms"].is_empty() {
            noises.push(filtered(of("sigma_2_mv"), of("tau_2_ms")));
        }
        let (mean_mv, white_mv2) = (of("mu_mv"), of("sigma_w_mv").powi(2));
        if row["model"] == "qif" {
            filtered_state(&Qif::checked(&parameters).unwrap(), mean_mv, &noises, white_mv2).unwrap()
        } else {
            filtered_state(&Eif::checked(&parameters).unwrap(), mean_mv, &noises, white_mv2).unwrap()
        }
    }

    #[test]
    fn rates_intervals_and_potentials_are_those_of_simulated_neurons() {
        for row in table("filtered_noise_smooth") {
            let of = |column: &str| number(&row, column);
            let state = state(&row);
            let off = (state.ln_rate_hz.exp() - of("rate_hz")).abs();
            assert!(off < 3.0 * of("sem_hz"), "{row:?}: {state:?}");
            assert!((state.cv / of("cv") - 1.0).abs() < 0.015, "{row:?}: {state:?}");
            let width_mv = of("V_th_mv") - of("V_reset_mv");
            assert!((state.mean_mv - of("V_mean_mv")).abs() < 0.002 * width_mv, "{row:?}: {state:?}");
            assert!((state.std_mv / of("V_std_mv") - 1.0).abs() < 0.005, "{row:?}: {state:?}");
        }
    }

    #[test]
    fn currents_that_rise_are_taken_for_exponential_ones_with_an_error_that_is_told() {
        let (mut worst, mut worst_of_fast) = (Worst::default(), Worst::default());
        for row in table("rising_noise").iter().filter(|row| row["model"] != "lif") {
            let of = |column: &str| number(row, column);
            let parameters = NeuronParameters {
                t_ref_ms: of("t_ref_ms"),
                V_th_mv: of("V_th_mv"),
                V_reset_mv: of("V_reset_mv"),
                Delta_T_mv: of("Delta_T_mv"),
                V_peak_mv: of("V_peak_mv"),
                ..PARAMETERS
            };
            let noise = [FilteredNoise {
                variance_mv2: of("sigma_1_mv").powi(2),
                tau_ms: of("tau_1_ms"),
                tau_rise_ms: of("tau_rise_1_ms"),
            }];
            let (mean_mv, white_mv2) = (of("mu_mv"), of("sigma_w_mv").powi(2));
            let state = if row["model"] == "qif" {
                filtered_state(&Qif::checked(&parameters).unwrap(), mean_mv, &noise, white_mv2).unwrap()
            } else {
                filtered_state(&Eif::checked(&parameters).unwrap(), mean_mv, &noise, white_mv2).unwrap()
            };
            // beyond two sampling errors
            let off = (state.ln_rate_hz - of("rate_hz").ln()).abs() - 2.0 * of("standard_error_hz") / of("rate_hz");
            worst.add(off.max(0.0), row);
            if of("tau_1_ms") <= 4.0 {
                worst_of_fast.add(off.max(0.0), row);
            }
            assert!(off < state.error, "{off} {state:?}");
            let width_mv = of("V_th_mv") - of("V_reset_mv");
            assert!((state.mean_mv - of("mean_mv")).abs() < 0.02 * width_mv, "{row:?}: {state:?}");
            assert!((state.std_mv / of("std_mv") - 1.0).abs() < 0.03, "{row:?}: {state:?}");
            assert!((state.cv / of("cv") - 1.0).abs() < 0.1, "{row:?}: {state:?}");
        }
        worst.must_be_at_most(ACCURACY_OF_RISES);
        worst_of_fast.must_be_at_most(ACCURACY_OF_FAST_RISES);
    }

    #[test]
    fn in_white_noise_and_in_noise_that_is_nearly_white_all_is_that_of_the_general_solver() {
        let mut worst = Worst::default();
        let eif = eif();
        for (mean_mv, std_mv) in [(-20.0, 5.0), (5.0, 5.0), (12.0, 1.0), (12.0, 5.0), (16.0, 3.0), (40.0, 8.0)] {
            let expected = eif.log_rate(SynapticFilter::Ignore, mean_mv, std_mv, 0.0);
            let potential = eif.membrane_potential(mean_mv, std_mv).unwrap();
            let cv = eif.cv(mean_mv, std_mv, 0.0).unwrap();
            // 1e-4 ms is 5e-6 of the membrane's time constant, and changes the rate as much
            for (noises, white_mv2) in [(vec![], std_mv * std_mv), (vec![filtered(std_mv, 1e-4)], 0.0)] {
                let found = filtered_state(&eif, mean_mv, &noises, white_mv2).unwrap();
                let at = (mean_mv, std_mv, white_mv2);
                // far below threshold by its exponent
                let scale = 1.0_f64.max(0.03 * expected.ln_rate_hz.abs());
                worst.add((found.ln_rate_hz - expected.ln_rate_hz).abs() / scale, at);
                worst.add((found.cv - cv).abs(), at);
                worst.add((found.mean_mv - potential.mean_mv).abs() / std_mv, at);
                worst.add((found.std_mv - potential.std_mv).abs() / std_mv, at);
                let slope = if noises.is_empty() { found.d_white_variance } else { found.d_variance[0] };
                let scale = std_mv * expected.d_mu.abs();
                worst.add((found.d_mu - expected.d_mu).abs() * std_mv / scale, at);
                worst.add((slope - expected.d_variance).abs() * std_mv * std_mv / scale, at);
            }
        }
        worst.must_be_at_most(ACCURACY_IN_WHITE_NOISE);
    }

    /// What a neuron without a leak sums up on the way to its spikes has the mean of the input, if it never turns back: spikes change the law of the noise at
    /// the reset, and not the rate.
    #[test]
    fn noise_that_never_turns_a_neuron_without_a_leak_does_not_change_its_rate() {
        for (std_mv, tau_ms) in [(1.0, 1.0), (3.0, 10.0), (3.0, 50.0)] {
            let noise = filtered(std_mv * f64::sqrt(2.0 * tau_ms / 10.0), tau_ms);
            let state = filtered_state(&Leakless(0.0), 20.0, &[noise], 0.0).unwrap();
            assert!((state.ln_rate_hz.exp() - 100.0).abs() < 1e-10, "{std_mv} {tau_ms}: {state:?}");
            assert!(
                (state.d_mu - 1.0 / 20.0).abs() < 1e-12 && (state.d_V_reset - 1.0 / 20.0).abs() < 1e-10,
                "{state:?}"
            );
            assert!(state.d_variance[0].abs() < 1e-12 && state.d_tau[0].abs() < 1e-12, "{state:?}");
            // the variance of the summed noise over the distance, for little noise
            let passed = 10.0 / tau_ms;
            let variance = 2.0 * (std_mv / 20.0).powi(2) * (passed - 1.0 + (-passed).exp()) / (passed * passed);
            assert!((state.cv / variance.sqrt() - 1.0).abs() < 2.0 * variance.max(1e-3), "{state:?} {variance}");
        }
    }

    #[test]
    fn a_noise_far_slower_than_the_membrane_is_a_spread_of_mean_inputs() {
        let eif = eif();
        // with white noise beside it, so that the rate is smooth in the mean input: Gauss-Hermite points for z
        let points = [
            (0.0, 8.0 / 15.0),
            (1.355_626_179_974_266, 0.222_075_922_005_612_6),
            (2.856_970_013_872_806, 0.011_257_411_327_720_69),
        ];
        let rate = |z: f64| eif.log_rate(SynapticFilter::Ignore, 12.0 + 0.5 * z, 4.0, 0.0).ln_rate_hz.exp();
        let expected: f64 = points
            .iter()
            .map(|&(z, weight)| if z == 0.0 { weight * rate(z) } else { weight * (rate(z) + rate(-z)) })
            .sum();
        let mut off = Vec::new();
        for tau_ms in [400.0, 800.0] {
            let std_mv = 0.5 * f64::sqrt(2.0 * tau_ms / 20.0);
            let found = filtered_state(&eif, 12.0, &[filtered(std_mv, tau_ms)], 16.0).unwrap();
            off.push(found.ln_rate_hz.exp() / expected - 1.0);
        }
        // what is left is of first order in the ratio of time constants
        assert!(off[0].abs() < 3e-3 && (off[1] / off[0] - 0.5).abs() < 0.1, "{off:?}");
    }

    /// Noises with the same time constant are one, also where one of them is nothing.
    #[test]
    fn two_noises_with_one_time_constant_are_one_of_the_summed_variance() {
        let eif = eif();
        let one = filtered_state(&eif, 12.0, &[filtered(5.0, 5.0)], 0.0).unwrap();
        for parts in [[4.0, 3.0], [5.0, 0.0]] {
            let two = filtered_state(&eif, 12.0, &parts.map(|std_mv| filtered(std_mv, 5.0)), 0.0).unwrap();
            assert!((two.ln_rate_hz - one.ln_rate_hz).abs() < ACCURACY_OF_THE_RATE, "{two:?} {one:?}");
            assert!((two.cv / one.cv - 1.0).abs() < ACCURACY_OF_THE_RATE, "{two:?} {one:?}");
            for d_variance in &two.d_variance {
                assert!((d_variance / one.d_variance[0] - 1.0).abs() < 3e-3, "{two:?} {one:?}");
            }
        }
    }

    #[test]
    fn derivatives_are_difference_quotients() {
        let mut worst = Worst::default();
        let [fast, slow] = [filtered(4.0, 5.0), filtered(3.0, 40.0)];
        for (mean_mv, noises, white_mv2) in
            [(12.0, vec![fast], 0.0), (3.0, vec![fast], 0.0), (16.0, vec![slow], 4.0), (12.0, vec![fast, slow], 1.0)]
        {
            let parameters = PARAMETERS;
            let at = |parameters: &NeuronParameters, mean_mv: f64, noises: &[FilteredNoise], white_mv2: f64| {
                filtered_state(&Eif::checked(parameters).unwrap(), mean_mv, noises, white_mv2).unwrap()
            };
            let state = at(&parameters, mean_mv, &noises, white_mv2);
            let step = 1e-3;
            let quotient = |f: &dyn Fn(f64) -> f64| (f(step) - f(-step)) / (2.0 * step);
            let with = |change: &dyn Fn(&mut NeuronParameters, f64)| {
                quotient(&|h| {
                    let mut changed = parameters;
                    change(&mut changed, h);
                    at(&changed, mean_mv, &noises, white_mv2).ln_rate_hz
                })
            };
            let by_noise = |change: &dyn Fn(&mut FilteredNoise, f64), k: usize| {
                quotient(&|h| {
                    let mut changed = noises.clone();
                    change(&mut changed[k], h);
                    at(&parameters, mean_mv, &changed, white_mv2).ln_rate_hz
                })
            };
            let mut quotients = vec![
                ("mu", state.d_mu, quotient(&|h| at(&parameters, mean_mv + h, &noises, white_mv2).ln_rate_hz)),
                ("V_th", state.d_V_th, with(&|parameters, h| parameters.V_th_mv += h)),
                ("V_reset", state.d_V_reset, with(&|parameters, h| parameters.V_reset_mv += h)),
                ("tau_m", state.d_tau_m, with(&|parameters, h| parameters.tau_m_ms += h)),
                ("t_ref", state.d_t_ref, with(&|parameters, h| parameters.t_ref_ms += h)),
            ];
            for k in 0..noises.len() {
                quotients.push(("variance", state.d_variance[k], by_noise(&|noise, h| noise.variance_mv2 += h, k)));
                quotients.push(("tau", state.d_tau[k], by_noise(&|noise, h| noise.tau_ms += h, k)));
            }
            // one-sided where there is no white noise
            let white = |h: f64| at(&parameters, mean_mv, &noises, white_mv2 + h).ln_rate_hz;
            let of_white = (4.0 * white(step) - 3.0 * white(0.0) - white(2.0 * step)) / (2.0 * step);
            quotients.push(("white", state.d_white_variance, of_white));
            for (name, found, expected) in quotients {
                worst.add((found - expected).abs() / state.d_mu.abs(), (name, mean_mv, white_mv2, found, expected));
            }
        }
        worst.must_be_at_most(ACCURACY_OF_DERIVATIVES);
    }

    /// The error that is told is one, from noise that is nearly white to five time constants of the membrane, and down to rates of 1e-12 Hz.
    #[test]
    fn the_error_that_is_told_is_larger_than_the_error() {
        let mut worst = Worst::default();
        let eif = eif();
        for (mean_mv, std_mv) in [(2.0, 4.0), (8.0, 4.0), (12.0, 1.0), (12.0, 5.0), (16.0, 3.0), (40.0, 8.0)] {
            for tau_ms in [0.01, 1.0, 10.0, 40.0, 100.0] {
                let noises = [filtered(std_mv, tau_ms)];
                let found = filtered_state(&eif, mean_mv, &noises, 0.0).unwrap();
                let input = Input::checked(OneDimensional::thresholds(&eif), mean_mv, &noises, 0.0).unwrap();
                let finest = Solution::new(&eif.at(mean_mv, 0.0), &input, 2.6).state(&eif, &input, 0.0);
                let error = (found.ln_rate_hz - finest.ln_rate_hz).abs();
                assert!(error < found.error.max(1e-5), "{mean_mv} {std_mv} {tau_ms}: {error}, {found:?}");
                if found.error <= STAYS {
                    worst.add(error, (mean_mv, std_mv, tau_ms));
                }
            }
        }
        worst.must_be_at_most(ACCURACY_OF_THE_RATE);
    }

    #[test]
    fn a_shift_of_all_potentials_changes_nothing_and_times_scale() {
        let state = |parameters: &NeuronParameters, mean_mv: f64, tau_ms: f64| {
            filtered_state(&Eif::checked(parameters).unwrap(), mean_mv, &[filtered(5.0, tau_ms)], 0.0).unwrap()
        };
        let here = state(&PARAMETERS, 12.0, 5.0);
        let NeuronParameters { V_th_mv, V_reset_mv, V_peak_mv, tau_m_ms, t_ref_ms, .. } = PARAMETERS;
        let shifted = NeuronParameters {
            V_th_mv: V_th_mv - 65.0,
            V_reset_mv: V_reset_mv - 65.0,
            V_peak_mv: V_peak_mv - 65.0,
            ..PARAMETERS
        };
        let there = state(&shifted, 12.0 - 65.0, 5.0);
        assert!((there.ln_rate_hz - here.ln_rate_hz).abs() < 1e-8 && (there.cv - here.cv).abs() < 1e-8, "{there:?}");
        assert!((there.mean_mv + 65.0 - here.mean_mv).abs() < 1e-7 && (there.std_mv - here.std_mv).abs() < 1e-7);
        let slower = NeuronParameters { tau_m_ms: 2.0 * tau_m_ms, t_ref_ms: 2.0 * t_ref_ms, ..PARAMETERS };
        let there = state(&slower, 12.0, 10.0);
        assert!((there.ln_rate_hz + 2f64.ln() - here.ln_rate_hz).abs() < 1e-10, "{there:?} {here:?}");
    }

    #[test]
    fn bounds_of_the_qif_may_be_infinite() {
        let qif = |V_reset_mv: f64, V_peak_mv: f64| {
            let parameters = NeuronParameters { tau_m_ms: 10.0, V_th_mv: 10.0, V_reset_mv, V_peak_mv, ..PARAMETERS };
            filtered_state(&Qif::checked(&parameters).unwrap(), 12.0, &[filtered(3.0, 2.0)], 1.0).unwrap()
        };
        let infinite = qif(f64::NEG_INFINITY, f64::INFINITY);
        let [near, far] = [1e3, 1e4].map(|V_mv| (qif(10.0 - V_mv, 10.0 + V_mv).ln_rate_hz - infinite.ln_rate_hz).abs());
        // twice the time from V to infinity, 2 Delta_T/V, beside a third of a hundred
        assert!(far < 0.15 * near && near < 5e-3, "{near} {far}");
        assert!(infinite.error < STAYS && !infinite.mean_mv.is_finite(), "{infinite:?}");
    }

    #[test]
    fn inputs_that_are_none_are_refused() {
        let eif = eif();
        let noise = filtered(5.0, 5.0);
        for (mean_mv, noises, white_mv2) in [
            (f64::NAN, vec![noise], 0.0),
            (12.0, vec![FilteredNoise { tau_ms: 0.0, ..noise }], 0.0),
            (12.0, vec![FilteredNoise { tau_ms: f64::INFINITY, ..noise }], 0.0),
            (12.0, vec![FilteredNoise { variance_mv2: -1.0, ..noise }], 0.0),
            (12.0, vec![noise], f64::INFINITY),
            (12.0, vec![FilteredNoise { variance_mv2: 0.0, ..noise }], 0.0),
            (12.0, vec![], 0.0),
        ] {
            assert!(eif.filtered_state(mean_mv, &noises, white_mv2).is_err(), "{mean_mv} {noises:?} {white_mv2}");
        }
        assert!(eif.filtered_state(12.0, &[noise], 0.0).is_ok());
    }
}
