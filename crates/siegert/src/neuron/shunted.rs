//! Neurons of all models as a mean conductance makes them: neurons of the same model with other parameters.
//!
//! ```text
//! tau_m dV/dt = F(V) + mu - G V + noise,    over 1 + G:    tau_eff = tau_m/(1 + G),  mu_eff = mu/(1 + G),  sigma_eff^2 = sigma^2/(1 + G)
//! lif:      nothing else                       eif:   V_th + Delta_T ln(1 + G)
//! qif:      (1 + G) Delta_T, V_th + G Delta_T, and another mean at the onset of firing
//! perfect:  a leak of G/(1 + G)                adex:  as the eif, with a/(1 + G) and b/(1 + G)
//! ```
//!
//! Noise that depends on the potential is taken at one for closed forms: at `mu_eff` by the LIF; by neurons whose spikes begin by themselves where the force is smallest, at the
//! height of what they have to pass; by the perfect neuron at the middle of its way.
//!
//! Accuracy: that of each neuron; derivatives with the conductance 1e-6 (against difference quotients).

use super::lif::{Lif, LifParameters, LogRate, SynapticFilter};
use super::models::Model;
use super::one_dimensional::OneDimensional;
use super::thresholds::Thresholds;

/// Where noise that depends on the potential is taken.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum NoisePotential {
    /// At the mean input.
    Mean,
    /// At one potential.
    Fixed(f64),
    /// At one that rises with the conductance over the leak, up to a highest one.
    Raised { V_mv: f64, per_conductance_mv: f64, most_mv: f64 },
    /// At the soft threshold with a conductance over the leak, `V + width ln(1 + G)`.
    OfSpike { V_mv: f64, width_mv: f64 },
}

/// What a closed form takes of an input.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct AtInput {
    pub(crate) mean_mv: f64,
    pub(crate) std_mv: f64,
    pub(crate) filter: SynapticFilter,
    pub(crate) shift: f64,
}

impl NoisePotential {
    /// The potential, and its derivatives with the mean input and with the conductance.
    pub(crate) fn at(self, mean_mv: f64, conductance: f64) -> (f64, [f64; 2]) {
        match self {
            NoisePotential::Mean => (mean_mv, [1.0, 0.0]),
            NoisePotential::Fixed(V_mv) => (V_mv, [0.0; 2]),
            NoisePotential::Raised { V_mv, per_conductance_mv, most_mv } => {
                let raised_mv = V_mv + conductance * per_conductance_mv;
                if raised_mv < most_mv { (raised_mv, [0.0, per_conductance_mv]) } else { (most_mv, [0.0; 2]) }
            }
            NoisePotential::OfSpike { V_mv, width_mv } => {
                (V_mv + width_mv * conductance.ln_1p(), [0.0, width_mv / (1.0 + conductance)])
            }
        }
    }
}

impl Model {
    /// The neuron with a mean conductance over its leak.
    pub(crate) fn shunted(&self, conductance: f64) -> Model {
        match self {
            Model::Lif(lif) => {
                let parameters = lif.parameters();
                let tau_m_ms = parameters.tau_m_ms / (1.0 + conductance);
                // as it is with a conductance that is no number
                Model::Lif(Lif::new(LifParameters { tau_m_ms, ..parameters }).unwrap_or(*lif))
            }
            Model::Eif(eif) => Model::Eif(eif.shunted(conductance)),
            Model::Qif(qif) => Model::Qif(qif.shunted(conductance)),
            Model::Adex(adex) => Model::Adex(adex.shunted(conductance)),
            Model::Perfect(perfect) => Model::Perfect(perfect.shunted(conductance)),
        }
    }

    /// The derivative of the logarithm of the rate of [`Model::shunted`] with the conductance, at the same mean and variance; `rate` is that rate, perhaps of times that are
    /// longer by a factor, whose derivatives are by `scale` smaller.
    pub(crate) fn d_ln_rate_per_conductance(
        &self,
        conductance: f64,
        at: AtInput,
        rate: &LogRate,
        scale: impl Fn(f64) -> f64,
    ) -> f64 {
        let over = 1.0 + conductance;
        let AtInput { mean_mv, std_mv, .. } = at;
        match self {
            Model::Lif(lif) => -rate.d_tau_m * (lif.parameters().tau_m_ms / over) / over,
            Model::Eif(eif) => eif.d_ln_rate_per_conductance(conductance, rate),
            Model::Qif(qif) => qif.d_ln_rate_per_conductance(conductance, (mean_mv, std_mv), rate),
            Model::Perfect(perfect) => scale(perfect.d_ln_rate_per_conductance(conductance, at)),
            Model::Adex(adex) => scale(adex.d_ln_rate_per_conductance(conductance, (mean_mv, std_mv))),
        }
    }

    /// The leak of the membrane without conductances, over itself: none of the perfect neuron.
    pub(crate) fn own_leak(&self) -> f64 {
        if matches!(self, Model::Perfect(_)) { 0.0 } else { 1.0 }
    }

    /// Whether it spikes at a sharp threshold, which filtered noise moves.
    pub(crate) fn has_sharp_threshold(&self) -> bool {
        matches!(self, Model::Lif(_) | Model::Perfect(_))
    }

    /// Whether its potential has a mean and a variance: not between infinite bounds.
    pub(super) fn has_moments(&self) -> bool {
        match self {
            Model::Qif(qif) => qif.V_peak_mv().is_finite() && self.thresholds().V_reset_mv.is_finite(),
            _ => true,
        }
    }

    /// Where closed forms take noise that depends on the potential.
    pub(crate) fn noise_potential(&self) -> NoisePotential {
        let Thresholds { V_th_mv, V_reset_mv, .. } = self.thresholds();
        let of_spike = |(V_mv, width_mv): (f64, f64)| NoisePotential::OfSpike { V_mv, width_mv };
        match self {
            Model::Lif(_) => NoisePotential::Mean,
            Model::Eif(eif) => of_spike(eif.onset_mv()),
            Model::Adex(adex) => of_spike(adex.eif().onset_mv()),
            Model::Qif(qif) => NoisePotential::Raised {
                V_mv: V_th_mv,
                per_conductance_mv: qif.voltage_per_conductance_mv(),
                most_mv: qif.V_peak_mv(),
            },
            Model::Perfect(_) => NoisePotential::Fixed(0.5 * (V_th_mv + V_reset_mv)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::measured::Worst;
    use crate::neuron::lif::SynapticFilter;
    use crate::neuron::{Adaptation, NeuronParameters};

    const ACCURACY: f64 = 1e-6;

    const PARAMETERS: NeuronParameters = NeuronParameters {
        tau_m_ms: 20.0,
        t_ref_ms: 2.0,
        E_L_mv: -65.0,
        V_th_mv: -50.0,
        V_reset_mv: -60.0,
        Delta_T_mv: 2.0,
        V_peak_mv: -30.0,
        adaptation: Some(Adaptation { per_mv: 0.1, per_spike_mv: 2.0, tau_w_ms: 100.0 }),
    };

    fn neuron(name: &str) -> Model {
        Model::named(name, &PARAMETERS).unwrap().unwrap()
    }

    fn ln_rate(neuron: &Model, mean_mv: f64, std_mv: f64) -> LogRate {
        neuron.log_rate(SynapticFilter::Ignore, mean_mv, std_mv, 0.0)
    }

    #[test]
    fn without_conductances_nothing_changes() {
        for name in Model::NAMES {
            let neuron = neuron(name);
            for (mean_mv, std_mv) in [(-55.0, 4.0), (-40.0, 1.0)] {
                let [found, expected] = [neuron.shunted(0.0), neuron].map(|it| ln_rate(&it, mean_mv, std_mv));
                assert_eq!((found.ln_rate_hz, found.d_mu), (expected.ln_rate_hz, expected.d_mu), "{name}");
            }
        }
    }

    /// The force at every potential is that of the neuron and the conductance together.
    #[test]
    fn forces_are_those_of_the_neuron_with_the_conductance() {
        for name in Model::NAMES {
            let neuron = neuron(name);
            // the perfect neuron counts its mean from E_L, and its leak from 0 mV
            for conductance in [0.02, 0.7, 6.0] {
                for V_mv in [-75.0, -60.0, -52.0, -45.0] {
                    let mean_mv = -48.0;
                    let own = neuron.drift_mv_per_ms(mean_mv * (1.0 + conductance), V_mv);
                    let expected = own - conductance * V_mv / 20.0;
                    let found = neuron.shunted(conductance).drift_mv_per_ms(mean_mv, V_mv);
                    assert!(
                        (found - expected).abs() < 1e-9 * expected.abs().max(1.0),
                        "{name} {V_mv}: {found} {expected}"
                    );
                }
            }
        }
    }

    #[test]
    fn derivatives_with_the_conductance_are_difference_quotients() {
        let mut worst = Worst::default();
        for name in Model::NAMES {
            let neuron = neuron(name);
            for conductance in [1e-5, 0.3, 4.0, 20.0] {
                for (mean_mv, std_mv) in [(-55.0, 4.0), (-52.0, 6.0), (-45.0, 2.0)] {
                    let rate = ln_rate(&neuron.shunted(conductance), mean_mv, std_mv);
                    let at = AtInput { mean_mv, std_mv, filter: SynapticFilter::Ignore, shift: 0.0 };
                    let found = neuron.d_ln_rate_per_conductance(conductance, at, &rate, |slope| slope);
                    // of adaptation the mean is known to some digits less
                    let relative = if *name == "adex" { 1e-3 } else { 1e-5 };
                    let step = (relative * (1.0 + conductance)).min(0.5 * conductance);
                    let at = |step: f64| ln_rate(&neuron.shunted(conductance + step), mean_mv, std_mv).ln_rate_hz;
                    let expected = (at(step) - at(-step)) / (2.0 * step);
                    let error = (found - expected).abs() / expected.abs().max(1.0);
                    worst.add(error, (name, conductance, mean_mv, std_mv));
                }
            }
        }
        worst.must_be_at_most(ACCURACY);
    }

    #[test]
    fn potentials_at_which_noise_is_taken_have_their_derivatives() {
        for place in Model::NAMES.iter().map(|name| neuron(name).noise_potential()) {
            for (mean_mv, conductance) in [(-70.0, 0.1), (-50.0, 2.0), (-10.0, 50.0)] {
                let at = |mean_mv: f64, conductance: f64| place.at(mean_mv, conductance).0;
                let step = 1e-4;
                let per_mean = at(mean_mv + step, conductance) - at(mean_mv - step, conductance);
                let per_conductance = at(mean_mv, conductance + step) - at(mean_mv, conductance - step);
                let (_, found) = place.at(mean_mv, conductance);
                let expected = [per_mean, per_conductance].map(|change| change / (2.0 * step));
                let is_near = |k: usize| (found[k] - expected[k]).abs() < 1e-6;
                assert!(is_near(0) && is_near(1), "{place:?}: {found:?} {expected:?}");
            }
        }
    }
}
