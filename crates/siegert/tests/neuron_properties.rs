//! What must hold for the LIF neuron whatever its parameters: symmetries, monotonicity, limits, sound derivatives.
//!
//! Random cases cover `x_th = (V_th - mu)/sigma` from -1e4 to 60 and `(V_th - V_reset)/sigma` from 1e-6 to 1e4, with and
//! without refractory time; seeds are fixed. Tolerances are multiples of `rounding`: what one rounding of `x_th` does to the
//! logarithm of the rate.

#![allow(non_snake_case)] // symbols of the field keep their capitals

use proptest::prelude::*;
use proptest::test_runner::RngSeed;
use siegert::neuron::lif::{Lif, LifParameters, LogRate, SynapticFilter};
use siegert::testing::integrate_16;

const EPS: f64 = f64::EPSILON;

/// A neuron with its input. `V_reset` is 0, so that `V_th - V_reset` is exact.
#[derive(Clone, Copy, Debug)]
struct Case {
    parameters: LifParameters,
    mu: f64,
    sigma: f64,
}

impl Case {
    fn lif(&self) -> Lif {
        Lif::new(self.parameters).unwrap()
    }

    fn log_rate(&self) -> LogRate {
        self.lif().log_rate(self.mu, self.sigma, 0.0)
    }

    fn rate_hz(&self) -> f64 {
        self.lif().rate_hz(self.mu, self.sigma).unwrap()
    }

    fn cv(&self) -> f64 {
        self.lif().state(self.mu, self.sigma, 0.0).unwrap().cv.unwrap()
    }

    fn x_th(&self) -> f64 {
        (self.parameters.V_th_mv - self.mu) / self.sigma
    }

    fn width(&self) -> f64 {
        (self.parameters.V_th_mv - self.parameters.V_reset_mv) / self.sigma
    }

    /// What rounding does to `ln rate`.
    fn rounding(&self) -> f64 {
        EPS * (8.0 + 2.0 * self.x_th().max(0.0).powi(2) + self.log_rate().ln_rate_hz.abs())
    }

    fn voltages_times(&self, factor: f64) -> Case {
        let p = self.parameters;
        let parameters = LifParameters { V_th_mv: p.V_th_mv * factor, V_reset_mv: p.V_reset_mv * factor, ..p };
        Case { parameters, mu: self.mu * factor, sigma: self.sigma * factor }
    }

    fn times_times(&self, factor: f64) -> Case {
        let p = self.parameters;
        let parameters = LifParameters { tau_m_ms: p.tau_m_ms * factor, t_ref_ms: p.t_ref_ms * factor, ..p };
        Case { parameters, ..*self }
    }
}

fn log_uniform(low: f64, high: f64) -> impl Strategy<Value = f64> {
    (low.log10()..=high.log10()).prop_map(|exponent| 10f64.powf(exponent))
}

fn case(x_th: impl Strategy<Value = f64>, width: impl Strategy<Value = f64>) -> impl Strategy<Value = Case> {
    let t_ref = prop_oneof![1 => Just(0.0), 3 => log_uniform(0.01, 30.0)];
    (x_th, width, log_uniform(1e-3, 5e3), log_uniform(0.1, 300.0), t_ref).prop_map(
        |(x_th, width, sigma, tau_m_ms, t_ref_ms)| {
            let V_th_mv = width * sigma;
            let parameters = LifParameters { tau_m_ms, t_ref_ms, V_th_mv, V_reset_mv: 0.0 };
            Case { parameters, mu: V_th_mv - x_th * sigma, sigma }
        },
    )
}

fn any_x_th() -> impl Strategy<Value = f64> {
    prop_oneof![-4.0..4.0, 4.0..60.0, log_uniform(1.0, 1e4).prop_map(|x| -x), log_uniform(1e-9, 1.0)]
}

fn any_case() -> impl Strategy<Value = Case> {
    case(any_x_th(), log_uniform(1e-6, 1e4))
}

fn cases(cases: u32) -> ProptestConfig {
    ProptestConfig { cases, rng_seed: RngSeed::Fixed(20003), failure_persistence: None, ..ProptestConfig::default() }
}

/// `after` lies above `before` if the derivative promises more than rounding can hide, else not below it beyond rounding.
fn rises(before: &Case, after: &Case, promised: f64) -> Result<(), TestCaseError> {
    let rounding = before.rounding() + after.rounding();
    let (ln_before, ln_after) = (before.log_rate().ln_rate_hz, after.log_rate().ln_rate_hz);
    let (rate_before, rate_after) = (before.rate_hz(), after.rate_hz());
    if promised > 2.0 * rounding {
        prop_assert!(ln_after > ln_before, "ln rate {ln_before} -> {ln_after}, promised {promised:e}");
        if rate_before > 1e-300 {
            prop_assert!(rate_after > rate_before, "rate {rate_before} -> {rate_after}, promised {promised:e}");
        }
    }
    prop_assert!(ln_after >= ln_before - rounding, "ln rate {ln_before} -> {ln_after}");
    prop_assert!(rate_after >= rate_before * (1.0 - rounding), "rate {rate_before} -> {rate_after}");
    Ok(())
}

proptest! {
    #![proptest_config(cases(4000))]

    #[test]
    fn the_rate_rises_with_mu(case in any_case(), step in log_uniform(1e-12, 1.0)) {
        let after = Case { mu: case.mu + step * case.sigma, ..case };
        let slope = case.log_rate().d_mu.min(after.log_rate().d_mu);
        prop_assert!(slope > 0.0);
        rises(&case, &after, slope * (after.mu - case.mu))?;
    }

    #[test]
    fn the_rate_rises_with_sigma(case in any_case(), step in log_uniform(1e-12, 1.0)) {
        let after = Case { sigma: case.sigma * (1.0 + step), ..case };
        let slope = case.log_rate().d_variance.min(after.log_rate().d_variance);
        prop_assert!(slope > 0.0);
        rises(&case, &after, slope * (after.sigma - case.sigma) * (after.sigma + case.sigma))?;
    }

    #[test]
    fn the_rate_stays_below_one_over_t_ref_and_everything_is_finite(case in any_case()) {
        let (found, rate, limit) = (case.log_rate(), case.rate_hz(), case.lif().rate_limit_hz());
        prop_assert!(rate >= 0.0 && rate.is_finite() && rate <= limit * (1.0 + EPS));
        let free = -found.d_tau_m * case.parameters.tau_m_ms;
        prop_assert!(free > 0.0 && free <= 1.0 + EPS);
        if free > 4.0 * EPS && limit.is_finite() {
            prop_assert!(rate < limit, "{rate} {limit}");
        }
        let LogRate { ln_rate_hz, d_mu, d_variance, d_shift, d_tau_m, d_t_ref, d_V_th, d_V_reset } = found;
        for x in [ln_rate_hz, d_mu, d_variance, d_shift, d_tau_m, d_t_ref, d_V_th, d_V_reset] {
            prop_assert!(x.is_finite(), "{found:?}");
        }
        prop_assert!(d_t_ref <= 0.0 && d_V_th < 0.0 && d_V_reset >= 0.0 && d_shift < 0.0, "{found:?}");
        if rate > 1e-300 {
            prop_assert!((rate.ln() - ln_rate_hz).abs() <= case.rounding(), "{} {ln_rate_hz}", rate.ln());
        }
    }

    #[test]
    fn a_constant_added_to_all_voltages_changes_nothing(case in any_case(), n in -(1i64 << 50)..(1i64 << 50)) {
        // all voltages multiples of one power of two, so that every sum is exact: then not even a bit may change
        let p = case.parameters;
        let quantum = (case.mu.abs().max(p.V_th_mv).log2().floor() - 44.0).exp2();
        let on_grid = |V: f64| (V / quantum).round() * quantum;
        let (mu, V_th_mv, constant) = (on_grid(case.mu), on_grid(p.V_th_mv), n as f64 * quantum);
        prop_assume!(V_th_mv > 0.0);
        let grid = Case { mu, parameters: LifParameters { V_th_mv, ..p }, ..case };
        let moved = LifParameters { V_th_mv: V_th_mv + constant, V_reset_mv: constant, ..p };
        let moved = Case { mu: mu + constant, parameters: moved, ..case };
        prop_assert_eq!(grid.log_rate(), moved.log_rate());
        prop_assert_eq!(grid.rate_hz(), moved.rate_hz());
        prop_assert_eq!(grid.cv(), moved.cv());
    }

    #[test]
    fn scaling_all_voltages_by_a_power_of_two_changes_no_bit(case in any_case(), power in -20i32..20) {
        let factor = 2f64.powi(power);
        let scaled = case.voltages_times(factor);
        prop_assert_eq!(case.rate_hz(), scaled.rate_hz());
        prop_assert_eq!(case.cv(), scaled.cv());
        let (before, after) = (case.log_rate(), scaled.log_rate());
        let expected = LogRate {
            d_mu: before.d_mu / factor,
            d_variance: before.d_variance / factor / factor,
            d_V_th: before.d_V_th / factor,
            d_V_reset: before.d_V_reset / factor,
            ..before
        };
        prop_assert_eq!(after, expected);
    }

    #[test]
    fn scaling_all_voltages_changes_the_rate_by_rounding_only(case in any_case(), factor in log_uniform(1e-3, 1e3)) {
        let scaled = case.voltages_times(factor);
        let found = case.log_rate();
        let V_th = case.parameters.V_th_mv;
        let inputs = 2.0 * EPS * (found.d_mu * case.mu.abs() - found.d_V_th * V_th + 2.0 * found.d_variance * case.sigma.powi(2));
        let change = scaled.log_rate().ln_rate_hz - found.ln_rate_hz;
        prop_assert!(change.abs() <= inputs + 2.0 * case.rounding(), "{change:e} {inputs:e} {:e}", case.rounding());
    }

    #[test]
    fn scaling_all_times_scales_the_rate(case in any_case(), factor in log_uniform(1e-3, 1e3)) {
        let scaled = case.times_times(factor);
        let change = scaled.log_rate().ln_rate_hz + factor.ln() - case.log_rate().ln_rate_hz;
        prop_assert!(change.abs() <= 2.0 * case.rounding(), "{change:e}");
        if case.x_th() < 25.0 {
            // beyond, the rate is formed from its logarithm
            prop_assert_eq!(case.times_times(8.0).rate_hz(), case.rate_hz() / 8.0);
        }
        prop_assert_eq!(case.times_times(8.0).cv(), case.cv());
    }

    #[test]
    fn the_derivatives_with_respect_to_all_voltages_sum_to_zero(case in any_case()) {
        let found = case.log_rate();
        let sum = found.d_mu + found.d_V_th + found.d_V_reset;
        prop_assert!(sum.abs() <= 16.0 * EPS * found.d_V_th.abs(), "{sum:e}, {found:?}");
        // homogeneous of degree 0 in all voltages and sigma; V_reset is 0 here
        let terms = [found.d_mu * case.mu, found.d_V_th * case.parameters.V_th_mv, 2.0 * found.d_variance * case.sigma.powi(2)];
        let size: f64 = terms.iter().map(|term| term.abs()).sum();
        prop_assert!(terms.iter().sum::<f64>().abs() <= 16.0 * EPS * size, "{terms:?}");
        // and of degree -1 in the times
        let times = found.d_tau_m * case.parameters.tau_m_ms + found.d_t_ref * case.parameters.t_ref_ms;
        prop_assert!((times + 1.0).abs() <= 8.0 * EPS, "{times}");
    }

    #[test]
    fn above_threshold_the_limit_of_no_noise_is_approached_as_the_variance(
        excess in log_uniform(0.1, 100.0), width in log_uniform(0.01, 1000.0), sigma in log_uniform(1e-12, 1e-3),
        t_ref_ms in prop_oneof![Just(0.0), 0.1..10.0],
    ) {
        let parameters = LifParameters { tau_m_ms: 20.0, t_ref_ms, V_th_mv: 0.0, V_reset_mv: -width };
        let noisy = Case { parameters, mu: excess, sigma };
        let quiet = noisy.lif().log_rate(excess, 0.0, 0.0);
        let found = noisy.log_rate();
        let (first, second) = (quiet.d_variance * sigma * sigma, (sigma / excess).powi(4));
        let change = found.ln_rate_hz - quiet.ln_rate_hz;
        prop_assert!((change - first).abs() <= 10.0 * second + noisy.rounding(), "{change:e}, expected {first:e}");
        let near = |noisy: f64, quiet: f64| (noisy / quiet - 1.0).abs() <= 10.0 * (sigma / excess).powi(2) + 32.0 * EPS;
        prop_assert!(near(found.d_mu, quiet.d_mu) && near(found.d_variance, quiet.d_variance), "{found:?} {quiet:?}");
        prop_assert!(near(found.d_V_th, quiet.d_V_th) && near(found.d_V_reset, quiet.d_V_reset), "{found:?} {quiet:?}");
        prop_assert!(near(found.d_tau_m, quiet.d_tau_m) && near(found.d_t_ref, quiet.d_t_ref), "{found:?} {quiet:?}");
    }

    #[test]
    fn the_inverse_returns_an_input_with_the_rate_asked_for(case in any_case()) {
        let found = case.log_rate();
        let free = -found.d_tau_m * case.parameters.tau_m_ms;
        prop_assume!(free > 1e-12); // else the rate is 1/t_ref to the last digits
        let mu = case.lif().mu_for_log_rate_mv(found.ln_rate_hz, case.sigma).unwrap();
        let again = Case { mu, ..case };
        let mu_rounded = 2.0 * EPS * (mu.abs() + case.parameters.V_th_mv + case.sigma) * found.d_mu.max(again.log_rate().d_mu);
        let change = again.log_rate().ln_rate_hz - found.ln_rate_hz;
        prop_assert!(change.abs() <= 4.0 * case.rounding() + mu_rounded, "{} -> {mu}: {change:e}", case.mu);
    }

    #[test]
    fn the_cv_is_positive_and_no_larger_than_bursts_make_it(case in any_case()) {
        let (cv, rate) = (case.cv(), case.rate_hz());
        let free = -case.log_rate().d_tau_m * case.parameters.tau_m_ms;
        prop_assert!(cv > 0.0 && cv <= free * (1.0 + 1.5 / case.width()).sqrt() * (1.0 + 1e-12), "cv {cv}, rate {rate}");
    }

    #[test]
    fn rare_spikes_have_the_cv_of_a_poisson_process_with_dead_time(
        case in (3.0..60.0f64).prop_flat_map(|x| case(Just(x), (1.0..30.0f64).prop_map(move |more| x + more)))
    ) {
        let per_ms = case.rate_hz() / 1000.0;
        let expected = 1.0 - per_ms * case.parameters.t_ref_ms;
        let correction = 20.0 * per_ms * case.parameters.tau_m_ms;
        prop_assert!((case.cv() / expected - 1.0).abs() <= correction + 1e-13, "{} {expected}", case.cv());
    }

    #[test]
    fn the_first_passage_takes_less_time_from_nearer_the_threshold(case in any_case(), step in log_uniform(1e-9, 1.0)) {
        prop_assume!(case.x_th() < 26.0);
        let V_th = case.parameters.V_th_mv;
        let time = |V: f64| case.lif().mean_first_passage_ms(case.mu, case.sigma, V).unwrap();
        let (far, near) = (time(0.0), time(V_th * step));
        let rounding = 4.0 * EPS * (8.0 + case.x_th().powi(2).min(676.0) + far.ln().abs());
        prop_assert!(near >= 0.0 && near <= far * (1.0 + rounding), "{far} {near}");
        prop_assert_eq!(time(V_th), 0.0);
        if step > 1e-3 && case.x_th() < 0.0 {
            prop_assert!(near < far, "{far} {near}");
        }
        let interval = case.parameters.t_ref_ms + far;
        prop_assert!((1000.0 / interval / case.rate_hz() - 1.0).abs() <= 2.0 * case.rounding());
    }
}

proptest! {
    #![proptest_config(cases(1000))]

    #[test]
    fn the_density_is_never_negative_and_sums_to_the_time_outside_of_the_refractory_period(
        case in case(-20.0..15.0f64, log_uniform(0.01, 30.0))
    ) {
        let (th, reset) = (case.x_th(), case.x_th() - case.width());
        let low = -(reset.min(0.0).powi(2) + 45.0).sqrt(); // below, the density has fallen by exp(-45)
        let (lif, mut found) = (case.lif(), 0.0);
        for (from, to) in [(low, reset), (reset, th)] {
            let panels = ((to - from) * 4.0).ceil();
            let h = (to - from) / panels;
            for i in 0..panels as usize {
                let start = from + h * i as f64;
                found += integrate_16(start, start + h, |x| {
                    let V = case.mu + x * case.sigma;
                    let density = lif.density_per_mv(case.mu, case.sigma, 0.0, &[V]).unwrap()[0];
                    assert!(density >= 0.0, "{density} at {V} mV"); // a NaN fails, too
                    density * case.sigma
                });
            }
        }
        let free = -case.log_rate().d_tau_m * case.parameters.tau_m_ms;
        // each potential is rounded, which the nodes nearest to reset and threshold feel
        let voltages = EPS * (case.mu.abs() + case.parameters.V_th_mv) / case.sigma;
        let allowed = 1e-13 + 4.0 * EPS * th.powi(2) + 4.0 * voltages * (1.0 + 1.0 / case.width() + th.abs());
        prop_assert!((found / free - 1.0).abs() <= allowed, "{found} {free}: {:e} > {allowed:e}", found / free - 1.0);
    }
}

#[test]
fn nothing_is_ever_not_a_number_from_silence_to_saturation() {
    let sigmas = [0.0, 5e-324, 1e-300, 1e-200, 1e-160, 1e-150, 1e-149, 1e-100, 1e-60, 1e-30, 1e-12, 1e-9, 1e-6, 1e-4]
        .into_iter()
        .chain((-30..=37).map(|i| 10f64.powf(f64::from(i) / 10.0)));
    let distances = [0.0, 1e-300, 1e-150, 1e-60, 1e-15, 1e-9, 1e-6, 1e-3]
        .into_iter()
        .chain((-20..=60).map(|i| 10f64.powf(f64::from(i) / 10.0)))
        .chain([1e12, 1e100]);
    let distances: Vec<f64> = distances.collect();
    let mut points = 0;
    for (t_ref_ms, V_reset_mv) in [(0.0, -10.0), (2.0, -10.0), (2.0, -1e-6), (0.5, -1e4)] {
        let lif = Lif::new(LifParameters { tau_m_ms: 20.0, t_ref_ms, V_th_mv: 0.0, V_reset_mv }).unwrap();
        for sigma in sigmas.clone() {
            for mu in distances.iter().flat_map(|&d| [d, -d]) {
                no_number_is_missing(&lif, mu, sigma);
                points += 1;
            }
        }
    }
    println!("{points} points");
}

/// Asks for everything the neuron tells.
fn no_number_is_missing(lif: &Lif, mu: f64, sigma: f64) {
    let at = format!("mu = {mu:e}, sigma = {sigma:e}, {lif:?}");
    for shift in [0.0, 0.1] {
        let found = lif.log_rate(mu, sigma, shift);
        let LogRate { ln_rate_hz, d_mu, d_variance, d_shift, d_tau_m, d_t_ref, d_V_th, d_V_reset } = found;
        for x in [ln_rate_hz, d_mu, d_variance, d_shift, d_tau_m, d_t_ref, d_V_th, d_V_reset] {
            assert!(!x.is_nan(), "{at}: {found:?}");
        }
        let state = lif.state(mu, sigma, shift).unwrap();
        assert!(state.rate_hz >= 0.0 && state.rate_hz <= lif.rate_limit_hz() * (1.0 + EPS), "{at}: {state:?}");
        if ln_rate_hz == f64::NEG_INFINITY {
            assert_eq!((state.rate_hz, state.log10_rate_hz), (0.0, None), "{at}");
        } else {
            assert!(ln_rate_hz.is_finite() && state.log10_rate_hz.is_some(), "{at}: {state:?}");
            assert!(state.cv.is_some_and(|cv| cv >= 0.0 && cv.is_finite()), "{at}: {state:?}");
        }
    }
    assert_eq!(lif.rates_hz(&[mu], &[sigma]).unwrap(), [lif.rate_hz(mu, sigma).unwrap()], "{at}");
    let taylor = lif.filtered_log_rate(SynapticFilter::TaylorExpansion, mu, sigma, 0.1);
    let base = lif.log_rate(mu, sigma, 0.0);
    if 1.0 + 0.1 * base.d_shift > 0.0 {
        let LogRate { ln_rate_hz, d_mu, d_variance, d_shift, d_tau_m, d_t_ref, d_V_th, d_V_reset } = taylor;
        for x in [ln_rate_hz, d_mu, d_variance, d_shift, d_tau_m, d_t_ref, d_V_th, d_V_reset] {
            assert!(!x.is_nan(), "{at}: {taylor:?}");
        }
    }
    let V = [-1e200, -1e5, -20.0, -10.0, -5.0, -1e-6, -1e-7, -1e-300, 0.0, 3.0];
    if let Ok(density) = lif.density_per_mv(mu, sigma, 0.0, &V) {
        assert!(density.iter().all(|&p| p >= 0.0), "{at}: {density:?}");
    }
    assert!(lif.flux_hz(mu, sigma, &V).unwrap().iter().all(|&flux| flux >= 0.0), "{at}");
    for V in V {
        assert!(lif.mean_first_passage_ms(mu, sigma, V).unwrap() >= 0.0, "{at}: from {V}");
    }
    let potential = lif.membrane_potential(mu, sigma).unwrap();
    assert!(!potential.mean_mv.is_nan() && potential.std_mv >= 0.0, "{at}: {potential:?}");
    if let Ok(mu) = lif.mu_for_log_rate_mv(base.ln_rate_hz, sigma) {
        assert!(!mu.is_nan(), "{at}: inverse {mu}");
    }
}
