//! A perfect integrate-and-fire neuron with a leak, which is what conductances make of it: that of a LIF neuron, or a small one.
//!
//! ```text
//! tau dV/dt = m - kappa (V - V_reset) + sigma sqrt(tau) xi(t),    spike at V_th, then V_reset for t_ref
//! LIF:    tau/kappa,  mean V_reset + m/kappa,  variance sigma^2/kappa
//! small:  T = tau L/m sum_n k^n c_n(d),    k = kappa L/m,  d = sigma^2/(2 m L),  L = V_th - V_reset
//! c_0 = 1,  c_1 = 1/2 - d,  c_2 = 1/3 - 3d/2 + 3d^2,  c_3 = 1/4 - 2d + 15d^2/2 - 15d^3,  c_4 = 1/5 - 5d/2 + 15d^2 - 105d^3/2 + 105d^4
//! ```
//!
//! The closed form of the LIF loses digits as the leak becomes small, since its mean and its noise become large together; the series takes over there, and ends at the perfect
//! neuron. Its terms follow from the backward equation, `(m - kappa x) T' + sigma^2/2 T'' = -tau`, order by order. Where the drift at reset is not positive the neuron needs noise to
//! spike and is a LIF however small its leak.
//!
//! Source: the series is ours.
//! Range: all leaks. CV, density and potential are those of the perfect neuron where `k` and `k d` are below a millionth, and as good as that.
//! Accuracy: relative error of the rate 1e-12, of its derivative with the leak 1e-8 (against the general solver).

use super::lif::{Lif, LifParameters, LogRate, MS_PER_S, SynapticFilter};
use super::thresholds::Thresholds;

/// A leak that is smaller, as `k` and `k d`, is taken by the series.
const SMALL: f64 = 3e-4;
/// A leak that is smaller has no part in CV, density and potential.
const NO_LEAK: f64 = 1e-6;
/// Most steps to the drift of a rate, and the relative error of that rate.
const MOST_STEPS: usize = 50;
const INVERTED: f64 = 1e-12;

/// The neuron with its leak.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Leaking {
    thresholds: Thresholds,
    leak: f64,
    lif: Lif,
}

/// The rate, with the drift at reset in the place of the mean input.
pub(super) struct RateByDrift {
    pub(super) rate: LogRate,
    pub(super) d_leak: f64,
}

impl Leaking {
    /// A leak that is smaller is none.
    pub(super) const LEAST: f64 = 1e-30;

    /// `None` without a leak.
    pub(super) fn new(thresholds: Thresholds, leak: f64) -> Option<Self> {
        let Thresholds { V_th_mv, V_reset_mv, t_ref_ms, tau_m_ms } = thresholds;
        let of_lif = LifParameters { tau_m_ms: tau_m_ms / leak, t_ref_ms, V_th_mv, V_reset_mv };
        let lif = Lif::new(of_lif).ok().filter(|_| leak > Self::LEAST)?;
        Some(Leaking { thresholds, leak, lif })
    }

    fn width_mv(&self) -> f64 {
        self.thresholds.V_th_mv - self.thresholds.V_reset_mv
    }

    pub(super) fn leak(&self) -> f64 {
        self.leak
    }

    /// The LIF neuron that it is.
    pub(super) fn lif(&self) -> &Lif {
        &self.lif
    }

    /// Its mean input, and the factor of a variance.
    pub(super) fn lif_mean_mv(&self, drift_mv: f64) -> f64 {
        self.thresholds.V_reset_mv + drift_mv / self.leak
    }

    pub(super) fn lif_variance_mv2(&self, variance_mv2: f64) -> f64 {
        variance_mv2 / self.leak
    }

    fn is_below(&self, limit: f64, drift_mv: f64, variance_mv2: f64) -> bool {
        let k = self.leak * self.width_mv() / drift_mv;
        let d = variance_mv2 / (2.0 * drift_mv * self.width_mv());
        drift_mv > 0.0 && k * d.max(1.0) < limit
    }

    /// Whether the series has the rate.
    pub(super) fn is_small(&self, drift_mv: f64, std_mv: f64) -> bool {
        self.is_below(SMALL, drift_mv, std_mv * std_mv)
    }

    /// Whether the leak is too small for CV, density and potential to show it.
    pub(super) fn is_negligible(&self, drift_mv: f64, std_mv: f64) -> bool {
        self.is_below(NO_LEAK, drift_mv, std_mv * std_mv)
    }

    /// Whether the neuron fires without noise.
    pub(super) fn fires_without_noise(&self, drift_mv: f64) -> bool {
        drift_mv > self.leak * self.width_mv()
    }

    pub(super) fn log_rate(&self, filter: SynapticFilter, drift_mv: f64, std_mv: f64, shift: f64) -> RateByDrift {
        let variance_mv2 = std_mv * std_mv;
        if self.is_below(SMALL, drift_mv, variance_mv2) {
            return self.log_rate_of_a_small_leak(drift_mv, variance_mv2);
        }
        let leak = self.leak;
        let (mean_mv, variance) = (self.lif_mean_mv(drift_mv), self.lif_variance_mv2(variance_mv2));
        let of = self.lif.filtered_log_rate(filter, mean_mv, variance.sqrt(), shift * leak.sqrt());
        let d_tau_m = of.d_tau_m / leak;
        let rate = LogRate {
            d_mu: of.d_mu / leak,
            d_variance: of.d_variance / leak,
            d_shift: of.d_shift * leak.sqrt(),
            d_tau_m,
            d_V_reset: of.d_V_reset + of.d_mu,
            ..of
        };
        let by_inputs =
            of.d_mu * drift_mv / leak + of.d_variance * variance + of.d_tau_m * self.thresholds.tau_m_ms / leak;
        RateByDrift { rate, d_leak: -by_inputs / leak + of.d_shift * shift / (2.0 * leak.sqrt()) }
    }

    fn log_rate_of_a_small_leak(&self, drift_mv: f64, variance_mv2: f64) -> RateByDrift {
        let Thresholds { t_ref_ms, tau_m_ms, .. } = self.thresholds;
        let (m, width_mv) = (drift_mv, self.width_mv());
        let (k, d) = (self.leak * width_mv / m, variance_mv2 / (2.0 * m * width_mv));
        let c = [
            1.0,
            0.5 - d,
            1.0 / 3.0 + d * (-1.5 + 3.0 * d),
            0.25 + d * (-2.0 + d * (7.5 - 15.0 * d)),
            0.2 + d * (-2.5 + d * (15.0 + d * (-52.5 + 105.0 * d))),
        ];
        let c_per_d =
            [0.0, -1.0, -1.5 + 6.0 * d, -2.0 + d * (15.0 - 45.0 * d), -2.5 + d * (30.0 + d * (-157.5 + 420.0 * d))];
        let sum = |of: [f64; 5]| of.iter().rev().fold(0.0, |sum, c| sum * k + c);
        let (whole, per_d) = (sum(c), sum(c_per_d));
        let per_k = sum([c[1], 2.0 * c[2], 3.0 * c[3], 4.0 * c[4], 0.0]);
        let time_ms = tau_m_ms * width_mv / m * whole;
        let interval_ms = t_ref_ms + time_ms;
        let share = time_ms / interval_ms;
        let d_V_th = -share * (1.0 + (per_k * k - per_d * d) / whole) / width_mv;
        let rate = LogRate {
            ln_rate_hz: (MS_PER_S / interval_ms).ln(),
            d_mu: share * (1.0 + (per_k * k + per_d * d) / whole) / m,
            d_variance: -share * per_d / (2.0 * m * width_mv * whole),
            d_shift: 0.0,
            d_tau_m: -share / tau_m_ms,
            d_t_ref: -1.0 / interval_ms,
            d_V_th,
            d_V_reset: -d_V_th,
        };
        RateByDrift { rate, d_leak: -share * per_k * width_mv / (m * whole) }
    }

    /// The drift at reset of a rate, from the one without a leak; `None` where it is not found.
    pub(super) fn drift_for_rate_mv(&self, rate_hz: f64, std_mv: f64, without_leak_mv: f64) -> Option<f64> {
        let lif_std_mv = self.lif_variance_mv2(std_mv * std_mv).sqrt();
        let of_lif = self.lif.mu_for_rate_mv(rate_hz, lif_std_mv).ok();
        let start_mv = of_lif.map_or(without_leak_mv, |mean_mv| self.leak * (mean_mv - self.thresholds.V_reset_mv));
        let mut drift_mv = if self.is_below(SMALL, start_mv, std_mv * std_mv) { without_leak_mv } else { start_mv };
        for _ in 0..MOST_STEPS {
            let rate = self.log_rate(SynapticFilter::Ignore, drift_mv, std_mv, 0.0).rate;
            let excess = rate.ln_rate_hz - rate_hz.ln();
            if excess.abs() <= INVERTED * rate_hz.ln().abs().max(1.0) {
                return Some(drift_mv);
            }
            let next = drift_mv - excess / rate.d_mu;
            if !next.is_finite() || next == drift_mv {
                break;
            }
            drift_mv = next;
        }
        of_lif.map(|_| drift_mv)
    }
}

#[cfg(test)]
mod tests {
    use super::super::flow::{Bounds, Flow};
    use super::super::fokker_planck::{Extent, Occupation, Passage};
    use super::*;
    use crate::measured::Worst;

    const ACCURACY: f64 = 1e-12;
    const ACCURACY_OF_THE_DERIVATIVE: f64 = 1e-8;

    const THRESHOLDS: Thresholds = Thresholds { V_th_mv: -50.0, V_reset_mv: -60.0, t_ref_ms: 2.0, tau_m_ms: 20.0 };

    struct Linear {
        drift_mv: f64,
        leak: f64,
        variance_mv2: f64,
    }

    impl Flow for Linear {
        fn force_mv(&self, V_mv: f64) -> f64 {
            self.drift_mv - self.leak * (V_mv + 60.0)
        }

        fn noise_mv2(&self, _V_mv: f64) -> f64 {
            self.variance_mv2
        }

        fn bounds(&self) -> Bounds {
            Bounds { lowest: f64::NEG_INFINITY, reset: -60.0, spike: -50.0 }
        }
    }

    fn inputs() -> impl Iterator<Item = (f64, f64, f64)> {
        let drifts = [0.5, 3.0, 15.0, 200.0].into_iter();
        let stds = drifts.flat_map(|drift_mv| [0.5, 2.0, 8.0].map(|std_mv| (drift_mv, std_mv)));
        stds.flat_map(|(drift_mv, std_mv)| {
            [1e-9, 1e-7, 1e-5, 1e-4, 1e-3, 0.05, 1.0, 10.0].map(|leak| (leak, drift_mv, std_mv))
        })
        // rates that a solver with a barrier knows as well
        .filter(|(leak, drift_mv, std_mv): &(f64, f64, f64)| 10.0 * leak - drift_mv < 3.0 * std_mv * leak.sqrt())
    }

    #[test]
    fn rate_and_derivative_are_those_of_the_general_solver_whatever_the_leak() {
        let (mut rates, mut derivatives) = (Worst::default(), Worst::default());
        for (leak, drift_mv, std_mv) in inputs() {
            let found = Leaking::new(THRESHOLDS, leak).unwrap().log_rate(SynapticFilter::Ignore, drift_mv, std_mv, 0.0);
            let flow = Linear { drift_mv, leak, variance_mv2: std_mv * std_mv };
            let passage = Passage::new(&flow, Extent::Occupation);
            let time_ms = 20.0 * passage.ln_mean.exp();
            rates.add((found.rate.rate_hz() * (2.0 + time_ms) / MS_PER_S - 1.0).abs(), (leak, drift_mv, std_mv));
            let per_leak = Occupation::new(&passage).d_ln_mean_per_force(|V_mv| -(V_mv + 60.0));
            let expected = -per_leak * time_ms / (2.0 + time_ms);
            let error = (found.d_leak - expected).abs() / expected.abs().max(1e-2);
            derivatives.add(error, (leak, drift_mv, std_mv));
        }
        rates.must_be_at_most(ACCURACY);
        derivatives.must_be_at_most(ACCURACY_OF_THE_DERIVATIVE);
    }

    #[test]
    fn all_derivatives_are_difference_quotients_on_both_sides_of_the_series() {
        for (leak, drift_mv, std_mv) in inputs().filter(|(leak, ..)| *leak > 1e-6) {
            let at = |thresholds: Thresholds, drift_mv: f64, variance: f64| {
                let leaking = Leaking::new(thresholds, leak).unwrap();
                leaking.log_rate(SynapticFilter::Ignore, drift_mv, variance.sqrt(), 0.0).rate
            };
            let variance = std_mv * std_mv;
            let found = at(THRESHOLDS, drift_mv, variance);
            type Change<'a> = &'a dyn Fn(f64) -> LogRate;
            let changes: [(&str, f64, Change<'_>); 5] = [
                ("drift", found.d_mu, &|d| at(THRESHOLDS, drift_mv + d * drift_mv, variance)),
                ("variance", found.d_variance, &|d| at(THRESHOLDS, drift_mv, variance + d * variance)),
                ("tau", found.d_tau_m, &|d| at(Thresholds { tau_m_ms: 20.0 + d, ..THRESHOLDS }, drift_mv, variance)),
                ("V_th", found.d_V_th, &|d| at(Thresholds { V_th_mv: -50.0 + d, ..THRESHOLDS }, drift_mv, variance)),
                ("V_reset", found.d_V_reset, &|d| {
                    at(Thresholds { V_reset_mv: -60.0 + d, ..THRESHOLDS }, drift_mv, variance)
                }),
            ];
            for (name, slope, changed) in changes {
                let unit = if name == "drift" {
                    drift_mv
                } else if name == "variance" {
                    variance
                } else {
                    1.0
                };
                let expected = (changed(1e-4).ln_rate_hz - changed(-1e-4).ln_rate_hz) / (2e-4 * unit);
                let allowed = 1e-6 * expected.abs() + 1e-7 / unit;
                assert!((slope - expected).abs() < allowed, "{name} {leak} {drift_mv} {std_mv}: {slope} {expected}");
            }
        }
    }

    #[test]
    fn the_drift_of_a_rate_is_found_again() {
        for (leak, drift_mv, std_mv) in inputs() {
            let leaking = Leaking::new(THRESHOLDS, leak).unwrap();
            let rate_hz = leaking.log_rate(SynapticFilter::Ignore, drift_mv, std_mv, 0.0).rate.rate_hz();
            let without_mv = 20.0 * 10.0 / (MS_PER_S / rate_hz - 2.0);
            let found_mv = leaking.drift_for_rate_mv(rate_hz, std_mv, without_mv).unwrap();
            assert!((found_mv / drift_mv - 1.0).abs() < 1e-8, "{leak} {drift_mv} {std_mv}: {found_mv}");
        }
    }
}
