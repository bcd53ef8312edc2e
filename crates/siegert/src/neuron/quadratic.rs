//! The quadratic integrate-and-fire neuron (QIF): what every neuron of the first class is near the onset of firing.
//!
//! ```text
//! tau_m dV/dt = (V - V_th)^2/(2 Delta_T) + mu - V_th + sigma sqrt(tau_m) xi(t),    spike at V_peak, then V_reset for t_ref
//! v = (V - V_th)/(2 Delta_T),    tau_m v' = v^2 + eta,    eta = (mu - V_th)/(2 Delta_T),    noise sigma/(2 Delta_T)
//! ```
//!
//! Without noise the neuron fires for `mu > V_th`. Spike and reset may be infinite: the potential comes back from minus infinity and reaches infinity in
//! a finite time. The force of an EIF with the same `V_th` and `Delta_T` is, to second order around `V_th`, that of this neuron with `mu + Delta_T` in
//! place of `mu`: see [`same_onset_shift_mv`](crate::neuron::Qif::same_onset_shift_mv).
//!
//! Potentials are counted from `V_th`, where the force is smallest, in the coordinate `V - V_th = s sinh y` with `s` the larger of `sqrt(2 Delta_T |mu - V_th|)`
//! and `(2 Delta_T sigma^2)^(1/3)`: the potentials at which the neuron spends its time, whatever the input. Beyond `|y| = 45` it spends `1e-19` of it.
//!
//! With a mean conductance `G` over what would be the leak, the equation divided by `1 + G` is that of a QIF with `tau_m/(1 + G)`, `(1 + G) Delta_T`, `V_th + G Delta_T`, and a mean
//! of `V_th + G^2 Delta_T/(2 (1 + G))` at the onset of firing.
//!
//! With infinite bounds the density falls as `1/V^2`: there is no variance of the potential. The mean is a principal value (about any
//! potential), as in exact reductions of networks; it exists where both bounds are infinite and `t_ref` is 0, since refractory neurons stay at minus infinity. With one
//! infinite bound there is none. What does not exist is not a number. The derivative of the rate by an infinite reset is 0.
//!
//! Source: Ermentrout and Kopell (1986), SIAM J Appl Math 46:233; Lindner, Longtin and Bulsara (2003), Neural Comput 15:1761 (rate and CV with noise). Solved
//! by `fokker_planck`; the closed form with Airy functions, of infinite bounds, is what the tests hold it against.
//! Range: all inputs, `Delta_T` from 0.001 mV; the rate of 0 without noise up to rheobase is exact.
//! Accuracy: relative error of the rate at most 1e-12 (against 30 digits: Airy functions, and integrals for finite bounds), of that without noise 1e-12
//! (against its closed form), of the principal value 1e-9 of the potential's scale `s` (against Airy functions of complex argument).

use super::flow::{Bounds, Flow};
use super::lif::LogRate;
use super::models::NeuronParameters;
use super::one_dimensional::OneDimensional;
use super::thresholds::Thresholds;
use crate::error::DomainError;

/// Beyond this coordinate nothing takes time that is seen; and none is larger, so that a force remains a number.
const FARTHEST: f64 = 45.0;
const LARGEST: f64 = 300.0;
/// Nearer to 0 than that a hyperbolic sine is more than the difference of two exponentials.
const NEAR_ZERO: f64 = 0.5;
/// From so many `Delta_T` above threshold to the spike it takes `2e-6` of `tau_m`.
const RUN_AWAY: f64 = 1e6;
/// No neuron is known whose spike is sharper.
const SHARPEST_MV: f64 = 1e-3;

/// A quadratic integrate-and-fire neuron whose parameters have been checked.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Qif {
    thresholds: Thresholds,
    Delta_T_mv: f64,
    V_peak_mv: f64,
    /// The mean input at which the smallest force is 0: `V_th`, but for conductances.
    onset_mv: f64,
}

impl Qif {
    /// With a mean conductance over what would be the leak, divided by `1 + G`: completing the square, a QIF whose force is smallest `G Delta_T` higher.
    pub(super) fn shunted(&self, conductance: f64) -> Self {
        let Thresholds { V_th_mv, tau_m_ms, .. } = self.thresholds;
        let over = 1.0 + conductance;
        let raised_mv = conductance * self.Delta_T_mv;
        let thresholds = Thresholds { V_th_mv: V_th_mv + raised_mv, tau_m_ms: tau_m_ms / over, ..self.thresholds };
        let onset_mv = self.onset_mv + 0.5 * raised_mv * conductance / over;
        Qif { thresholds, Delta_T_mv: over * self.Delta_T_mv, onset_mv, ..*self }
    }

    /// How much higher the force is smallest with a conductance as large as the leak: `Delta_T`.
    pub(super) fn voltage_per_conductance_mv(&self) -> f64 {
        self.Delta_T_mv
    }

    /// The derivative of the logarithm of the rate of [`Qif::shunted`] with the conductance, at the same mean and variance.
    pub(super) fn d_ln_rate_per_conductance(
        &self,
        conductance: f64,
        (mean_mv, std_mv): (f64, f64),
        rate: &LogRate,
    ) -> f64 {
        let own = self.shunted(conductance);
        let over = 1.0 + conductance;
        let per_ln_tau = rate.d_tau_m * own.thresholds.tau_m_ms;
        // a factor of the whole equation changes nothing
        let per_ln_width = per_ln_tau + rate.d_mu * (mean_mv - own.onset_mv) + rate.d_variance * std_mv * std_mv;
        let per_onset = self.Delta_T_mv * conductance * (2.0 + conductance) / (2.0 * over * over);
        (per_ln_width - per_ln_tau) / over + (rate.d_V_th + rate.d_mu) * self.Delta_T_mv - rate.d_mu * per_onset
    }

    /// How much smaller the mean input of an EIF of the same `V_th` and `Delta_T` is that makes the force of this neuron near `V_th`: `Delta_T`.
    ///
    /// The expansion of `-(V - mu) + Delta_T exp((V - V_th)/Delta_T)` around `V_th` is `mu + Delta_T - V_th + (V - V_th)^2/(2 Delta_T)`.
    pub fn same_onset_shift_mv(&self) -> f64 {
        self.Delta_T_mv
    }

    /// The part of the force that grows, `(V - V_th)^2/(2 Delta_T)`, in mV.
    fn rise_mv(&self, from_threshold_mv: f64) -> f64 {
        from_threshold_mv * (from_threshold_mv / (2.0 * self.Delta_T_mv))
    }
}

impl OneDimensional for Qif {
    type AtInput = QifFlow;

    fn checked(parameters: &NeuronParameters) -> Result<Self, DomainError> {
        let NeuronParameters { tau_m_ms, t_ref_ms, V_th_mv, V_reset_mv, Delta_T_mv, V_peak_mv, .. } = *parameters;
        // both below the spike; infinite bounds are as good as any
        let finite = |V_mv: f64, infinity: f64, instead_mv: f64| if V_mv == infinity { instead_mv } else { V_mv };
        let peak_mv = finite(V_peak_mv, f64::INFINITY, f64::MAX);
        for below_mv in [V_th_mv, finite(V_reset_mv, f64::NEG_INFINITY, f64::MIN)] {
            Thresholds { V_th_mv: peak_mv, V_reset_mv: below_mv, t_ref_ms, tau_m_ms }.checked()?;
        }
        if !(Delta_T_mv >= SHARPEST_MV && Delta_T_mv.is_finite()) {
            return Err(DomainError::OutOfRange { name: "Delta_T_mv", value: Delta_T_mv, least: SHARPEST_MV });
        }
        // from a reset that far up it spikes at once, and again
        let highest_mv = V_th_mv + RUN_AWAY * Delta_T_mv;
        if V_reset_mv >= highest_mv {
            return Err(DomainError::ResetNotBelowThreshold { V_reset_mv, V_th_mv: highest_mv });
        }
        let thresholds = Thresholds { V_th_mv, V_reset_mv, t_ref_ms, tau_m_ms };
        Ok(Qif { thresholds, Delta_T_mv, V_peak_mv, onset_mv: V_th_mv })
    }

    fn at(&self, mean_mv: f64, variance_mv2: f64) -> QifFlow {
        let excess_mv = mean_mv - self.onset_mv;
        let width_mv = 2.0 * self.Delta_T_mv;
        let scale_mv = (width_mv.sqrt() * excess_mv.abs().sqrt()).max(width_mv.cbrt() * variance_mv2.cbrt());
        QifFlow {
            neuron: *self,
            excess_mv,
            variance_mv2,
            scale_mv: if scale_mv > 0.0 { scale_mv } else { self.Delta_T_mv },
        }
    }

    fn thresholds(&self) -> Thresholds {
        self.thresholds
    }

    fn rheobase_mv(&self) -> f64 {
        let Thresholds { V_th_mv, V_reset_mv, .. } = self.thresholds;
        // with conductances the spike may come before the force is smallest
        let slowest_mv = 0.0_f64.min(self.V_peak_mv - V_th_mv).max(V_reset_mv - V_th_mv);
        self.onset_mv - self.rise_mv(slowest_mv)
    }

    fn voltage_scale_mv(&self) -> f64 {
        self.thresholds.width_or(2.0 * self.Delta_T_mv)
    }

    fn V_peak_mv(&self) -> f64 {
        self.V_peak_mv
    }

    fn origin_mv(&self) -> f64 {
        self.thresholds.V_th_mv
    }

    fn force_per_threshold(&self, from_threshold_mv: f64) -> f64 {
        -1.0 - from_threshold_mv / self.Delta_T_mv
    }
}

/// The flow of the neuron at an input; potentials are counted from `V_th`.
#[derive(Clone, Copy, Debug)]
pub(crate) struct QifFlow {
    neuron: Qif,
    excess_mv: f64,
    variance_mv2: f64,
    scale_mv: f64,
}

impl Flow for QifFlow {
    fn force_mv(&self, from_threshold_mv: f64) -> f64 {
        self.neuron.rise_mv(from_threshold_mv) + self.excess_mv
    }

    // its two parts are as good as their own digits
    fn force_rounding_mv(&self, _from_threshold_mv: f64) -> f64 {
        0.0
    }

    fn noise_mv2(&self, _from_threshold_mv: f64) -> f64 {
        self.variance_mv2
    }

    fn bounds(&self) -> Bounds {
        let Thresholds { V_th_mv, V_reset_mv, .. } = self.neuron.thresholds;
        let [reset, spike] = [V_reset_mv, self.neuron.V_peak_mv].map(|V_mv| match V_mv.is_infinite() {
            true => FARTHEST * V_mv.signum(),
            false => self.coordinate(V_mv - V_th_mv).clamp(-LARGEST, LARGEST),
        });
        Bounds { lowest: reset.min(-FARTHEST), reset, spike }
    }

    fn potential(&self, y: f64) -> (f64, f64) {
        // one exponential for both, which are most of a rate's time; but near 0, where the difference would lose digits
        let up = y.exp();
        let down = 1.0 / up;
        let sinh = if y.abs() < NEAR_ZERO { y.sinh() } else { 0.5 * (up - down) };
        (self.scale_mv * sinh, self.scale_mv * (0.5 * (up + down)))
    }

    fn coordinate(&self, from_threshold_mv: f64) -> f64 {
        (from_threshold_mv / self.scale_mv).asinh()
    }
}

#[cfg(test)]
mod tests {
    use num_complex::Complex64;

    use super::super::exponential::Eif;
    use super::super::lif::{MS_PER_S, SynapticFilter};
    use super::super::models::WhiteNoiseNeuron;
    use super::*;
    use crate::measured::{Worst, number, table};

    const ACCURACY: f64 = 1e-12;
    const ACCURACY_WITHOUT_NOISE: f64 = 1e-12;
    const ACCURACY_OF_THE_PRINCIPAL_VALUE: f64 = 1e-9;

    const INFINITE: [f64; 2] = [f64::NEG_INFINITY, f64::INFINITY];

    const PARAMETERS: NeuronParameters = NeuronParameters {
        tau_m_ms: 15.0,
        t_ref_ms: 2.0,
        E_L_mv: -65.0,
        V_th_mv: -52.0,
        V_reset_mv: -62.0,
        Delta_T_mv: 2.0,
        V_peak_mv: -30.0,
        adaptation: None,
    };

    /// The neuron with these bounds, in units of `2 Delta_T` from threshold, that is refractory for this long.
    fn neuron([v_reset, v_peak]: [f64; 2], t_ref_ms: f64) -> Qif {
        let [V_reset_mv, V_peak_mv] = [v_reset, v_peak].map(|v| -52.0 + 4.0 * v);
        Qif::checked(&NeuronParameters { t_ref_ms, V_reset_mv, V_peak_mv, ..PARAMETERS }).unwrap()
    }

    /// `mu` and `sigma` from what has no dimension.
    fn input(eta: f64, sigma: f64) -> (f64, f64) {
        (-52.0 + 4.0 * eta, 4.0 * sigma)
    }

    fn ln_rate(neuron: &Qif, (mean_mv, std_mv): (f64, f64)) -> f64 {
        neuron.log_rate(SynapticFilter::Ignore, mean_mv, std_mv, 0.0).ln_rate_hz
    }

    /// `Ai` and `Ai'`, times a factor of both, by the trapezoidal rule on a way through the saddle: `2 pi i Ai = int exp(t^3/3 - z t) dt`.
    fn airy(z: Complex64) -> [Complex64; 2] {
        let (saddle, third) = (z.sqrt(), 1.0 / 3.0);
        let step = 1.0 / 64.0;
        let mut sums = [Complex64::ZERO; 2];
        for k in -1280..=1280 {
            let u = step * f64::from(k);
            let root = (1.0 + u * u).sqrt();
            let t = saddle + Complex64::new((root - 1.0) / 3f64.sqrt(), u);
            let slope = Complex64::new(u / (root * 3f64.sqrt()), 1.0);
            let value = (t * t * t * third - z * t - (saddle * saddle * third - z) * saddle).exp() * slope;
            sums[0] += value;
            sums[1] -= value * t;
        }
        sums
    }

    #[test]
    fn rates_agree_with_30_digits_for_finite_and_infinite_bounds() {
        let mut worst = Worst::default();
        for row in table("qif_rate") {
            let bounds = [number(&row, "v_reset"), number(&row, "v_spike")];
            let (eta, sigma) = (number(&row, "eta"), number(&row, "sigma"));
            let rate_hz = MS_PER_S / (2.0 + 15.0 * number(&row, "time_over_tau"));
            worst.add((ln_rate(&neuron(bounds, 2.0), input(eta, sigma)) - rate_hz.ln()).abs(), (eta, sigma, bounds));
        }
        worst.must_be_at_most(ACCURACY);
    }

    /// `h = <exp(i k v)>` of the density between infinite bounds obeys `h'' = (eta + i k sigma^2/2) h`, and `h'(0) = i <v> - pi tau_m rate`: Airy functions.
    #[test]
    fn rate_and_principal_value_between_infinite_bounds_are_those_of_airy_functions() {
        let (mut rates, mut means) = (Worst::default(), Worst::default());
        let neuron = neuron(INFINITE, 0.0);
        for sigma in [0.1_f64, 0.3, 1.0, 10.0] {
            let strength = (0.5 * sigma * sigma).cbrt();
            for z in [-6.0, -2.0, -0.5, 0.0, 0.3, 1.0, 4.0, 20.0] {
                let eta = z * strength * strength;
                let [value, slope] = airy(z * Complex64::from_polar(1.0, -std::f64::consts::FRAC_PI_3));
                let order = -strength * Complex64::from_polar(1.0, std::f64::consts::FRAC_PI_6) * slope / value;
                // far below threshold the sum over the way is known to a rounding of the order, not of the rate
                let rate = std::f64::consts::PI * 15.0 / MS_PER_S * ln_rate(&neuron, input(eta, sigma)).exp();
                rates.add((rate - order.re).abs() / order.norm(), (eta, sigma));
                let (mean_mv, std_mv) = input(eta, sigma);
                let found = neuron.membrane_potential(mean_mv, std_mv).unwrap();
                let scale_mv = neuron.at(mean_mv, std_mv * std_mv).scale_mv;
                means.add((found.mean_mv - (-52.0 - 4.0 * order.im)).abs() / scale_mv, (eta, sigma));
                assert!(found.std_mv.is_nan());
            }
        }
        rates.must_be_at_most(ACCURACY);
        means.must_be_at_most(ACCURACY_OF_THE_PRINCIPAL_VALUE);
    }

    #[test]
    fn moments_that_do_not_exist_are_no_numbers() {
        let moments = |bounds: [f64; 2], t_ref_ms: f64, (mean_mv, std_mv): (f64, f64)| {
            let found = neuron(bounds, t_ref_ms).membrane_potential(mean_mv, std_mv).unwrap();
            (found.mean_mv, found.std_mv)
        };
        for input in [input(-1.0, 1.0), input(1.0, 0.0)] {
            assert!(moments(INFINITE, 2.0, input).0.is_nan(), "some are at minus infinity");
            for bounds in [[f64::NEG_INFINITY, 5.0], [-2.0, f64::INFINITY]] {
                let (mean, std) = moments(bounds, 0.0, input);
                assert!(mean.is_nan() && std.is_nan(), "{bounds:?}");
            }
            let (mean, std) = moments([-2.0, 5.0], 2.0, input);
            assert!(mean > -60.0 && mean < -32.0 && std > 0.0 && std < 20.0, "{mean} {std}");
        }
        // without noise the density between infinite bounds is a Lorentzian around threshold
        let (mean, _) = moments(INFINITE, 0.0, input(1.0, 0.0));
        assert!((mean + 52.0).abs() < 1e-9, "{mean}");
        let density = neuron(INFINITE, 0.0).density_per_mv(-48.0, 0.0, &[-52.0, -48.0]).unwrap();
        assert!((density[0] * 4.0 * std::f64::consts::PI - 1.0).abs() < 1e-12 && density[1] * 2.0 == density[0]);
    }

    /// `int dv/(v^2 + eta)`: an arctangent, and beyond the saddle-node a logarithm.
    #[test]
    fn without_noise_the_rate_is_that_of_the_closed_form_and_0_up_to_rheobase() {
        let mut worst = Worst::default();
        for bounds in [INFINITE, [-3.0, 6.0], [-3.0, f64::INFINITY], [f64::NEG_INFINITY, 2.0], [2.0, 30.0]] {
            let neuron = neuron(bounds, 0.0);
            let rheobase_mv = WhiteNoiseNeuron::rheobase_mv(&neuron);
            assert_eq!(ln_rate(&neuron, (rheobase_mv, 0.0)), f64::NEG_INFINITY);
            for eta in [-3.5_f64, -0.25, 1e-9, 1e-3, 0.25, 1.0, 50.0, 1e6] {
                let (mean_mv, _) = input(eta, 0.0);
                if mean_mv <= rheobase_mv {
                    continue;
                }
                // the mean in mV is rounded
                let eta = 0.25 * (mean_mv + 52.0);
                let root = eta.abs().sqrt();
                let at = |v: f64| match eta > 0.0 {
                    true => -root.atan2(v) / root, // the arctangent less a constant
                    false if v == f64::INFINITY => 0.0,
                    false => ((v - root) / (v + root)).ln() / (2.0 * root),
                };
                let time_ms = 15.0 * (at(bounds[1]) - at(bounds[0]));
                worst.add((ln_rate(&neuron, (mean_mv, 0.0)) - (MS_PER_S / time_ms).ln()).abs(), (eta, bounds));
            }
        }
        worst.must_be_at_most(ACCURACY_WITHOUT_NOISE);
    }

    #[test]
    fn all_derivatives_are_difference_quotients() {
        let infinite = NeuronParameters { V_reset_mv: f64::NEG_INFINITY, V_peak_mv: f64::INFINITY, ..PARAMETERS };
        for parameters in [PARAMETERS, infinite] {
            for (mean_mv, std_mv) in [(-70.0, 8.0), (-56.0, 3.0), (-52.0, 6.0), (-45.0, 1.0), (-45.0, 0.0), (0.0, 20.0)]
            {
                let variance = std_mv * std_mv;
                let at = |parameters: NeuronParameters, mean_mv: f64, variance: f64| {
                    ln_rate(&Qif::checked(&parameters).unwrap(), (mean_mv, variance.sqrt()))
                };
                let neuron = Qif::checked(&parameters).unwrap();
                let found = neuron.log_rate(SynapticFilter::Ignore, mean_mv, std_mv, 0.0);
                let with = |change: fn(&mut NeuronParameters, f64)| {
                    move |d: f64| {
                        let mut changed = parameters;
                        change(&mut changed, d);
                        changed
                    }
                };
                let (tau_m, t_ref) = (with(|p, d| p.tau_m_ms += d), with(|p, d| p.t_ref_ms += d));
                let (V_th, V_reset) = (with(|p, d| p.V_th_mv += d), with(|p, d| p.V_reset_mv += d));
                type Value<'a> = &'a dyn Fn(f64) -> f64;
                let values: [(&str, f64, Value<'_>); 6] = [
                    ("mu", found.d_mu, &|d| at(parameters, mean_mv + d, variance)),
                    ("variance", found.d_variance, &|d| at(parameters, mean_mv, (variance + d).abs())),
                    ("tau_m", found.d_tau_m, &|d| at(tau_m(d), mean_mv, variance)),
                    ("t_ref", found.d_t_ref, &|d| at(t_ref(d), mean_mv, variance)),
                    ("V_th", found.d_V_th, &|d| at(V_th(d), mean_mv, variance)),
                    ("V_reset", found.d_V_reset, &|d| at(V_reset(d), mean_mv, variance)),
                ];
                for (name, found, value) in values {
                    // a variance of 0 has neighbours on one side only
                    let one_sided = name == "variance" && std_mv == 0.0;
                    let (below, width) = if one_sided { (0.0, 1e-4) } else { (-1e-4, 2e-4) };
                    let slope = (value(1e-4) - value(below)) / width;
                    let allowed = if one_sided { 1e-3 } else { 1e-6 };
                    assert!(
                        (found - slope).abs() < allowed * slope.abs() + 1e-8,
                        "{name} at {mean_mv}, {std_mv}: {found} {slope}"
                    );
                }
                if parameters.V_reset_mv.is_infinite() {
                    // nothing is left that tells where the axis of potentials begins
                    assert_eq!(found.d_V_reset, 0.0);
                    assert!((found.d_mu + found.d_V_th).abs() < 1e-10 * found.d_mu, "{mean_mv} {std_mv}");
                }
            }
        }
    }

    /// Far below threshold spikes are rare and independent; the CV at the saddle-node is `1/sqrt 3`; far above, noise is of no account.
    #[test]
    fn the_cv_falls_from_1_below_threshold_over_one_over_the_root_of_three_to_0() {
        let neuron = neuron(INFINITE, 0.0);
        let cv = |eta: f64| {
            let (mean_mv, std_mv) = input(eta, 1.0);
            neuron.cv(mean_mv, std_mv, 0.0).unwrap()
        };
        assert!((cv(-6.0) - 1.0).abs() < 1e-6 && (cv(0.0) - 1.0 / 3f64.sqrt()).abs() < 1e-12 && cv(100.0) < 0.02);
        let skewness = |eta: f64| {
            let (mean_mv, std_mv) = input(eta, 1.0);
            neuron.interval_skewness(mean_mv, std_mv).unwrap()
        };
        assert!((skewness(-6.0) - 2.0).abs() < 1e-5, "{}", skewness(-6.0));
        assert_eq!((neuron.cv(-52.0, 0.0, 0.0), neuron.cv(-51.0, 0.0, 0.0)), (None, Some(0.0)));
    }

    #[test]
    fn the_mean_that_gives_a_rate_is_found_between_infinite_bounds_too() {
        for bounds in [INFINITE, [-2.0, f64::INFINITY], [-2.0, 6.0]] {
            let neuron = neuron(bounds, 2.0);
            for std_mv in [0.0, 2.0, 50.0] {
                for rate_hz in [1e-3, 5.0, 300.0] {
                    let mean_mv = neuron.mean_for_rate_mv(rate_hz, std_mv).unwrap();
                    let again = ln_rate(&neuron, (mean_mv, std_mv)).exp();
                    // a rate of 0.001 Hz without noise hangs on the last digits of the mean
                    assert!((again / rate_hz - 1.0).abs() < 1e-6, "{bounds:?} {std_mv} {rate_hz}: {again}");
                }
            }
        }
        assert_eq!(WhiteNoiseNeuron::voltage_scale_mv(&neuron(INFINITE, 0.0)), 4.0);
        assert_eq!(WhiteNoiseNeuron::voltage_scale_mv(&neuron([-2.5, 6.0], 0.0)), 10.0);
    }

    /// The nearer the mean to rheobase, and the less noise, the more time is spent near the soft threshold, where both forces are alike.
    #[test]
    fn near_its_rheobase_an_eif_fires_as_the_qif_whose_mean_is_larger_by_its_sharpness() {
        let (eif, qif) = (Eif::checked(&PARAMETERS).unwrap(), Qif::checked(&PARAMETERS).unwrap());
        let shift_mv = qif.same_onset_shift_mv();
        assert_eq!(WhiteNoiseNeuron::rheobase_mv(&eif) + shift_mv, WhiteNoiseNeuron::rheobase_mv(&qif));
        let deviation = |excess_mv: f64, std_mv: f64| {
            let mean_mv = -54.0 + excess_mv;
            let eif = eif.log_rate(SynapticFilter::Ignore, mean_mv, std_mv, 0.0).ln_rate_hz;
            (eif - ln_rate(&qif, (mean_mv + shift_mv, std_mv))).abs()
        };
        let [far, near, nearest] = [(5.0, 1.0), (1e-2, 1e-3), (1e-4, 1e-6)].map(|(mean, std)| deviation(mean, std));
        assert!(far > 0.02 && near < 5e-3 && nearest < 0.2 * near, "{far} {near} {nearest}");
    }

    #[test]
    fn parameters_that_make_no_neuron_are_refused_and_extreme_ones_are_numbers() {
        for wrong in [
            NeuronParameters { V_peak_mv: -55.0, ..PARAMETERS },
            NeuronParameters { V_peak_mv: f64::NEG_INFINITY, ..PARAMETERS },
            NeuronParameters { V_peak_mv: f64::NAN, ..PARAMETERS },
            NeuronParameters { V_reset_mv: -30.0, ..PARAMETERS },
            NeuronParameters { V_reset_mv: f64::INFINITY, ..PARAMETERS },
            NeuronParameters { V_reset_mv: f64::NAN, ..PARAMETERS },
            NeuronParameters { V_reset_mv: 1e9, V_peak_mv: f64::INFINITY, ..PARAMETERS },
            NeuronParameters { V_th_mv: f64::NEG_INFINITY, ..PARAMETERS },
            NeuronParameters { Delta_T_mv: 0.0, ..PARAMETERS },
            NeuronParameters { Delta_T_mv: f64::INFINITY, ..PARAMETERS },
            NeuronParameters { tau_m_ms: -1.0, ..PARAMETERS },
            NeuronParameters { t_ref_ms: f64::NAN, ..PARAMETERS },
        ] {
            assert!(Qif::checked(&wrong).is_err(), "{wrong:?}");
        }
        // bounds so far off that they might be infinite make no difference, and noise that is hardly any changes little
        for input in [input(-0.5, 1.0), input(2.0, 0.01), input(2.0, 0.0)] {
            let far = ln_rate(&neuron([-1e30, 1e30], 2.0), input);
            assert!((far - ln_rate(&neuron(INFINITE, 2.0), input)).abs() < 1e-12, "{far}");
        }
        for std_mv in [1e-80, 1e-9, 1e-3] {
            let [with, without] = [std_mv, 0.0].map(|std_mv| ln_rate(&neuron(INFINITE, 2.0), (-51.0, std_mv)));
            assert!((with - without).abs() < 1e-7, "{std_mv}");
        }
        // the logarithm of the rate below threshold is that of the barrier, (4/3) sqrt(2 Delta_T) (V_th - mu)^(3/2)/(sigma^2/2)
        let (barrier, below) = (8.0 / 3.0 * 2.0 / 1e-6, ln_rate(&neuron(INFINITE, 2.0), (-53.0, 1e-3)));
        assert!((-below / barrier - 1.0).abs() < 1e-5, "{below} {barrier}");
        // at threshold the time is that of noise alone
        let at_threshold = |std_mv: f64| ln_rate(&neuron(INFINITE, 0.0), (-52.0, std_mv));
        let slope = (at_threshold(1e-3) - at_threshold(1e-60)) / (57.0 * std::f64::consts::LN_10);
        assert!((slope - 2.0 / 3.0).abs() < 1e-12, "{slope}");
    }
}
