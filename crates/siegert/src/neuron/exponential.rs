//! The exponential integrate-and-fire neuron (EIF): the spike begins by itself, and how sharply is a parameter.
//!
//! ```text
//! tau_m dV/dt = -(V - mu) + Delta_T exp((V - V_th)/Delta_T) + sigma sqrt(tau_m) xi(t),    spike at V_peak, then V_reset for t_ref
//! ```
//!
//! `V_th` is the soft threshold, where the force is smallest: without noise the neuron fires for `mu > V_th - Delta_T`. Beyond `V_th` the potential runs
//! away, so that it hardly matters where the spike is said to be: from `V_peak` to infinity it takes less than
//! `tau_m exp(-(V_peak - V_th)/Delta_T)`. The LIF is the limit `Delta_T -> 0`, slowly approached.
//!
//! A mean conductance `G` over the leak, divided by `1 + G`, leaves an EIF of time constant `tau_m/(1 + G)` and soft threshold `V_th + Delta_T ln(1 + G)`.
//!
//! Synapses with a time constant count as instantaneous here: the boundary layer of the LIF, from which the shift of filtered noise comes, does not exist
//! where spikes begin smoothly, and what a time constant does is of its own order (Fourcaud-Trocme et al. 2003, section "EIF").
//!
//! Source: Fourcaud-Trocme, Hansel, van Vreeswijk and Brunel (2003), J Neurosci 23:11628, equations 1 and 4. Solved by `fokker_planck`.
//! Range: all inputs, `Delta_T` from 0.001 mV; the rate of 0 without noise up to rheobase is exact.
//! Accuracy: relative error of the rate at most 1e-12 (against 25 digits).

use super::flow::{Bounds, Flow};
use super::lif::LogRate;
use super::models::NeuronParameters;
use super::one_dimensional::OneDimensional;
use super::thresholds::Thresholds;
use crate::error::DomainError;

/// From so many `Delta_T` above the soft threshold to the spike it takes `exp(-50)` of `tau_m`: less than rounding.
const RUN_AWAY: f64 = 50.0;
/// A sharper spike, of which no neuron is known, is hidden by the rounding of potentials: it is that of the LIF.
const SHARPEST_MV: f64 = 1e-3;
/// Exponents are not larger, so that a force remains a number; nor smaller, where it is nothing beside a leak, and takes ten times as long.
const LARGEST_EXPONENT: f64 = 600.0;

/// An exponential integrate-and-fire neuron whose parameters have been checked.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Eif {
    thresholds: Thresholds,
    Delta_T_mv: f64,
    V_peak_mv: f64,
}

impl Eif {
    /// `Delta_T exp((V - V_th)/Delta_T)`, in mV.
    fn spike_current_mv(&self, V_mv: f64) -> f64 {
        let exponent = (V_mv - self.thresholds.V_th_mv) / self.Delta_T_mv;
        self.Delta_T_mv * exponent.clamp(-LARGEST_EXPONENT, LARGEST_EXPONENT).exp()
    }

    /// Where the force is smallest on the way to the spike.
    fn slowest_mv(&self) -> f64 {
        self.thresholds.V_th_mv.max(self.thresholds.V_reset_mv).min(self.V_peak_mv)
    }

    /// With a mean conductance over the leak: all but the spike is `1 + G` times as fast, so that its soft threshold is `Delta_T ln(1 + G)` higher.
    pub(super) fn shunted(&self, conductance: f64) -> Self {
        let Thresholds { V_th_mv, tau_m_ms, .. } = self.thresholds;
        let (V_th_mv, tau_m_ms) = (V_th_mv + self.Delta_T_mv * conductance.ln_1p(), tau_m_ms / (1.0 + conductance));
        Eif { thresholds: Thresholds { V_th_mv, tau_m_ms, ..self.thresholds }, ..*self }
    }

    /// The derivative of the logarithm of the rate of [`Eif::shunted`] with the conductance, at the same mean and variance.
    pub(super) fn d_ln_rate_per_conductance(&self, conductance: f64, rate: &LogRate) -> f64 {
        let over = 1.0 + conductance;
        (rate.d_V_th * self.Delta_T_mv - rate.d_tau_m * self.thresholds.tau_m_ms / over) / over
    }

    /// Soft threshold and width of the spike.
    pub(super) fn onset_mv(&self) -> (f64, f64) {
        (self.thresholds.V_th_mv, self.Delta_T_mv)
    }
}

impl OneDimensional for Eif {
    type AtInput = EifFlow;

    fn checked(parameters: &NeuronParameters) -> Result<Self, DomainError> {
        let NeuronParameters { tau_m_ms, t_ref_ms, V_th_mv, V_reset_mv, Delta_T_mv, V_peak_mv, .. } = *parameters;
        // reset and soft threshold may lie either way, both below the spike
        for below_mv in [V_th_mv, V_reset_mv] {
            Thresholds { V_th_mv: V_peak_mv, V_reset_mv: below_mv, t_ref_ms, tau_m_ms }.checked()?;
        }
        if !(Delta_T_mv >= SHARPEST_MV && Delta_T_mv.is_finite()) {
            return Err(DomainError::OutOfRange { name: "Delta_T_mv", value: Delta_T_mv, least: SHARPEST_MV });
        }
        // from a reset that far up it spikes at once, and again
        let highest_mv = V_th_mv + RUN_AWAY * Delta_T_mv;
        if V_reset_mv >= highest_mv {
            return Err(DomainError::ResetNotBelowThreshold { V_reset_mv, V_th_mv: highest_mv });
        }
        Ok(Eif { thresholds: Thresholds { V_th_mv, V_reset_mv, t_ref_ms, tau_m_ms }, Delta_T_mv, V_peak_mv })
    }

    fn at(&self, mean_mv: f64, variance_mv2: f64) -> EifFlow {
        EifFlow { neuron: *self, mean_mv, variance_mv2 }
    }

    fn thresholds(&self) -> Thresholds {
        self.thresholds
    }

    fn rheobase_mv(&self) -> f64 {
        let slowest_mv = self.slowest_mv();
        slowest_mv - self.spike_current_mv(slowest_mv)
    }

    fn voltage_scale_mv(&self) -> f64 {
        self.thresholds.width_or(self.Delta_T_mv)
    }

    fn V_peak_mv(&self) -> f64 {
        self.V_peak_mv
    }

    fn force_per_threshold(&self, V_mv: f64) -> f64 {
        -self.spike_current_mv(V_mv) / self.Delta_T_mv
    }
}

/// The flow of the neuron at an input.
#[derive(Clone, Copy, Debug)]
pub(crate) struct EifFlow {
    neuron: Eif,
    mean_mv: f64,
    variance_mv2: f64,
}

impl Flow for EifFlow {
    fn force_mv(&self, V_mv: f64) -> f64 {
        self.mean_mv - V_mv + self.neuron.spike_current_mv(V_mv)
    }

    fn noise_mv2(&self, _V_mv: f64) -> f64 {
        self.variance_mv2
    }

    fn bounds(&self) -> Bounds {
        let reset = self.neuron.thresholds.V_reset_mv;
        let spike = self.neuron.V_peak_mv.min(self.neuron.slowest_mv() + RUN_AWAY * self.neuron.Delta_T_mv);
        Bounds { lowest: f64::NEG_INFINITY, reset, spike }
    }
}

#[cfg(test)]
mod tests {
    use super::super::lif::{Lif, LifParameters, MS_PER_S, SynapticFilter};
    use super::super::models::WhiteNoiseNeuron;
    use super::*;
    use crate::measured::{Worst, number, relative_error, table};

    const ACCURACY: f64 = 1e-12;

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

    /// The neuron of Augustin et al. (2017), doi:10.1371/journal.pcbi.1005545.
    fn augustin() -> Eif {
        Eif::checked(&NeuronParameters {
            tau_m_ms: 20.0,
            t_ref_ms: 0.0,
            E_L_mv: -65.0,
            V_th_mv: -50.0,
            V_reset_mv: -70.0,
            Delta_T_mv: 1.5,
            V_peak_mv: -40.0,
            adaptation: None,
        })
        .unwrap()
    }

    #[test]
    fn rates_agree_with_25_digits() {
        let mut worst = Worst::default();
        for row in table("eif_rate") {
            let neuron = Eif::checked(&NeuronParameters {
                tau_m_ms: number(&row, "tau_m_ms"),
                t_ref_ms: number(&row, "t_ref_ms"),
                E_L_mv: 0.0,
                V_th_mv: number(&row, "V_th_mv"),
                V_reset_mv: number(&row, "V_reset_mv"),
                Delta_T_mv: number(&row, "Delta_T_mv"),
                V_peak_mv: number(&row, "V_peak_mv"),
                adaptation: None,
            });
            let (mean_mv, std_mv) = (number(&row, "mu_mv"), number(&row, "sigma_mv"));
            let rate = neuron.unwrap().log_rate(SynapticFilter::Ignore, mean_mv, std_mv, 0.0);
            worst.add(relative_error(rate.rate_hz(), &row["rate_hz"]), (mean_mv, std_mv));
        }
        worst.must_be_at_most(ACCURACY);
    }

    /// Rates of the paper's neuron at three inputs, computed anew to five digits; the paper's own table differs by up to 1.5e-4.
    #[test]
    fn rates_of_a_published_neuron_are_found() {
        for (mean, std, rate_hz) in [(0.5, 3.0, 14.1809), (1.0, 1.5, 25.3933), (1.5, 3.0, 47.3346)] {
            let (mean_mv, std_mv) = (-65.0 + 20.0 * mean, std * f64::sqrt(20.0));
            let found = augustin().log_rate(SynapticFilter::Ignore, mean_mv, std_mv, 0.0).rate_hz();
            assert!((found / rate_hz - 1.0).abs() < 1e-5, "{found} for {rate_hz}");
        }
    }

    #[test]
    fn all_derivatives_are_difference_quotients() {
        let parameters = PARAMETERS;
        for (mean_mv, std_mv) in [(-70.0, 5.0), (-58.0, 2.0), (-52.0, 6.0), (-45.0, 1.0), (-45.0, 0.0), (0.0, 20.0)] {
            let at = |parameters: NeuronParameters, mean_mv: f64, variance: f64| {
                let neuron = Eif::checked(&parameters).unwrap();
                neuron.log_rate(SynapticFilter::Ignore, mean_mv, variance.sqrt(), 0.0)
            };
            let found = at(parameters, mean_mv, std_mv * std_mv);
            type Change<'a> = &'a dyn Fn(f64) -> (NeuronParameters, f64, f64);
            let variance = std_mv * std_mv;
            let changes: [(&str, f64, Change<'_>); 6] = [
                ("mu", found.d_mu, &|d| (parameters, mean_mv + d, variance)),
                ("variance", found.d_variance, &|d| (parameters, mean_mv, (variance + d).abs())),
                ("tau_m", found.d_tau_m, &|d| {
                    (NeuronParameters { tau_m_ms: 15.0 + d, ..parameters }, mean_mv, variance)
                }),
                ("t_ref", found.d_t_ref, &|d| {
                    (NeuronParameters { t_ref_ms: 2.0 + d, ..parameters }, mean_mv, variance)
                }),
                ("V_th", found.d_V_th, &|d| (NeuronParameters { V_th_mv: -52.0 + d, ..parameters }, mean_mv, variance)),
                ("V_reset", found.d_V_reset, &|d| {
                    (NeuronParameters { V_reset_mv: -62.0 + d, ..parameters }, mean_mv, variance)
                }),
            ];
            for (name, found, change) in changes {
                let value = |d: f64| {
                    let (parameters, mean_mv, variance) = change(d);
                    at(parameters, mean_mv, variance).ln_rate_hz
                };
                // a variance of 0 has neighbours on one side only
                let one_sided = name == "variance" && std_mv == 0.0;
                let slope =
                    if one_sided { (value(1e-4) - value(0.0)) / 1e-4 } else { (value(1e-4) - value(-1e-4)) / 2e-4 };
                let allowed = if one_sided { 1e-3 } else { 1e-6 };
                assert!(
                    (found - slope).abs() < allowed * slope.abs() + 1e-9,
                    "{name} at {mean_mv}, {std_mv}: {found} {slope}"
                );
            }
        }
    }

    #[test]
    fn without_noise_it_fires_beyond_the_saddle_node_only_and_little_noise_changes_little() {
        let neuron = augustin();
        let rheobase_mv = WhiteNoiseNeuron::rheobase_mv(&neuron);
        assert_eq!(rheobase_mv, -51.5);
        let rate = |mean_mv: f64, std_mv: f64| neuron.log_rate(SynapticFilter::Ignore, mean_mv, std_mv, 0.0).rate_hz();
        assert_eq!((rate(-51.5, 0.0), rate(-51.5 - 1e-9, 0.0)), (0.0, 0.0));
        // near the saddle-node the interval grows as pi tau_m sqrt(2 Delta_T/(mu - rheobase))
        let interval_ms = std::f64::consts::PI * 20.0 * (2.0 * 1.5 / 1e-8_f64).sqrt();
        assert!((rate(-51.5 + 1e-8, 0.0) * interval_ms / MS_PER_S - 1.0).abs() < 1e-3);
        for std_mv in [1e-80, 1e-9, 1e-3] {
            assert!((rate(-48.0, std_mv) / rate(-48.0, 0.0) - 1.0).abs() < 1e-7, "{std_mv}");
        }
        // below it rates vanish as exp(-barrier/sigma^2), and their logarithm stays a number
        let ln = neuron.log_rate(SynapticFilter::Ignore, -60.0, 1e-3, 0.0).ln_rate_hz;
        assert!(ln < -1e7 && ln.is_finite(), "{ln}");
        // whatever the noise: where its logarithm is no number any more the rate is 0, and nothing is none
        let at = |std_mv: f64| neuron.log_rate(SynapticFilter::Ignore, -60.0, std_mv, 0.0);
        for std_mv in [1e-4, 1e-5, 1e-40] {
            let (found, stronger) = (at(std_mv), at(1e-3));
            let factor = (1e-3 / std_mv).powi(2);
            assert!((found.ln_rate_hz / (factor * stronger.ln_rate_hz) - 1.0).abs() < 1e-5, "{std_mv}: {found:?}");
            assert!((found.d_mu / (factor * stronger.d_mu) - 1.0).abs() < 1e-5, "{std_mv}: {found:?}");
            let slope = -found.ln_rate_hz / (std_mv * std_mv);
            assert!((found.d_variance / slope - 1.0).abs() < 1e-5, "{std_mv}: {found:?}");
        }
        assert_eq!(at(1e-120).ln_rate_hz, f64::NEG_INFINITY);
        let mut rates = [f64::NAN];
        neuron.rates_into(&[-60.0], &[1e-40], &mut rates).unwrap();
        assert_eq!((rates[0], neuron.cv(-60.0, 1e-40, 0.0)), (0.0, Some(1.0)));
    }

    #[test]
    fn the_sharpest_spike_is_that_of_a_lif_and_far_peaks_make_no_difference() {
        let neuron = |Delta_T_mv: f64, V_peak_mv: f64| {
            let parameters = NeuronParameters {
                tau_m_ms: 20.0,
                V_th_mv: -50.0,
                V_reset_mv: -60.0,
                Delta_T_mv,
                V_peak_mv,
                ..PARAMETERS
            };
            move |mean_mv: f64| {
                let neuron = Eif::checked(&parameters).unwrap();
                neuron.log_rate(SynapticFilter::Ignore, mean_mv, 5.0, 0.0).ln_rate_hz
            }
        };
        let lif = Lif::new(LifParameters { tau_m_ms: 20.0, t_ref_ms: 2.0, V_th_mv: -50.0, V_reset_mv: -60.0 }).unwrap();
        for mean_mv in [-80.0, -55.0, -40.0] {
            // exp(900) is no number
            let sharp = neuron(0.1, 40.0)(mean_mv);
            assert!((sharp - neuron(0.1, -40.0)(mean_mv)).abs() < 1e-12, "{sharp}");
            let [error, smaller] = [0.1, 0.01]
                .map(|Delta_T| (neuron(Delta_T, 40.0)(mean_mv) - lif.log_rate(mean_mv, 5.0, 0.0).ln_rate_hz).abs());
            assert!(smaller < 0.3 * error && error < 2.0, "{mean_mv}: {error} {smaller}");
        }
    }

    #[test]
    fn potentials_and_parameters_that_make_no_neuron_are_refused() {
        let parameters = PARAMETERS;
        for wrong in [
            NeuronParameters { V_peak_mv: -55.0, ..parameters },
            NeuronParameters { V_peak_mv: f64::INFINITY, ..parameters },
            NeuronParameters { V_reset_mv: -30.0, ..parameters },
            NeuronParameters { Delta_T_mv: 0.0, ..parameters },
            NeuronParameters { tau_m_ms: -1.0, ..parameters },
            NeuronParameters { t_ref_ms: f64::NAN, ..parameters },
        ] {
            assert!(Eif::checked(&wrong).is_err(), "{wrong:?}");
        }
        // a reset above the soft threshold is a neuron that bursts
        let bursting = Eif::checked(&NeuronParameters { V_reset_mv: -48.0, ..parameters }).unwrap();
        let rheobase_mv = WhiteNoiseNeuron::rheobase_mv(&bursting);
        assert!((rheobase_mv - (-48.0 - 2.0 * f64::exp(2.0))).abs() < 1e-12);
        assert!(bursting.is_silent(rheobase_mv, 0.0) && !bursting.is_silent(rheobase_mv + 1e-9, 0.0));
        assert!(augustin().density_per_mv(-60.0, 0.0, &[-60.0]).is_err());
        assert!(augustin().density_per_mv(-40.0, 0.0, &[-60.0]).unwrap()[0] > 0.0);
    }
}
