//! A neuron with conductances at one input, to be asked at many frequencies how it follows modulations.
//!
//! ```text
//! tau dV = F(V) dt + g(V) sqrt(tau) dW,    F -> F + (f_0 + f_1 x) exp(lambda t),    g^2 -> g^2 + (G_0 + G_1 x + G_2 x^2) exp(lambda t),    x = V - V_n
//! ```
//!
//! with force and noise as `T_n` of `neuron::conductance` has them: noise as large as the free membrane feels it, as it depends on the potential, and the drift of what is smooth. `tau` is such that the
//! neuron has the rate of its state, so that the law of threshold crossings is in it as a membrane that is slower, as it is for neurons in currents. Intervals and their spectrum are those of this neuron.
//!
//! Source: Richardson (2007), Phys Rev E 76:021919 (modulated conductances); the solver is `fokker_planck::modulation`, where also a closed form is.
//! Accuracy: relative error at rest 1e-7 (against difference quotients of the time from reset to spike).

use std::sync::Arc;

use super::super::adaptive::Frozen;
use super::super::flow::Flow;
use super::super::fokker_planck::{Extent, Modulation, Passage};
use super::super::lif::MS_PER_S;
use super::super::modulated::{Adapting, Modulated, Solved};
use super::{ConductanceNoise, Conducting, Depends, HIGHEST_BARRIER, Model, NoiseShape, Question, Thresholds};

/// The modulations of a flow whose neuron has a rate.
struct AtRate<'a> {
    of: &'a Conducting<'a>,
    rate_hz: f64,
}

/// Them, the time constant and the CV of the time from reset to spike.
struct Answer {
    modulation: Modulation,
    tau_ms: f64,
    relative_std: f64,
}

impl Question for AtRate<'_> {
    type Answer = Option<Answer>;

    fn ask(&self, flow: impl Flow + Send + 'static, origin_and_least: (f64, f64)) -> Option<Answer> {
        let t_ref_ms = self.of.neuron.thresholds().t_ref_ms;
        let shunted = self.of.shunted(flow, origin_and_least, Depends::OnThePotential);
        let origin_mv = shunted.noise_at_mv - shunted.origin_mv;
        let passage = Passage::new(&shunted, Extent::Cumulants);
        let tau_ms = (MS_PER_S / self.rate_hz - t_ref_ms) * (-passage.ln_mean).exp();
        let is_found = passage.ln_mean < HIGHEST_BARRIER && tau_ms > 0.0 && tau_ms.is_finite();
        if !is_found {
            return None;
        }
        let modulation = Modulation::new(shunted, t_ref_ms / tau_ms).at_distances_from(origin_mv);
        Some(Answer { modulation, tau_ms, relative_std: passage.relative_variance.sqrt() })
    }
}

impl Conducting<'_> {
    /// The neuron with the rate of its state; it does not respond where that is 0, and where the solver finds nothing.
    pub(crate) fn modulated(&self, rate_hz: f64) -> Modulated {
        let felt_mv2 = self.noise.felt().at_mean_mv2;
        if felt_mv2 <= 0.0 || felt_mv2.is_nan() {
            let least_mv = self.neuron.some_noise_mv(0.0);
            let white = NoiseShape::constant(least_mv * least_mv);
            let noise = &ConductanceNoise { white, ..ConductanceNoise::default() };
            return Conducting { noise, ..*self }.in_noise(rate_hz);
        }
        self.in_noise(rate_hz)
    }

    fn in_noise(&self, rate_hz: f64) -> Modulated {
        let Model::Adex(adex) = self.neuron else { return Modulated::Solved(self.at_rate(rate_hz)) };
        let std_mv = self.noise.felt().at_mean_mv2.sqrt();
        let Frozen { mean_mv, rate_hz: closed_hz, potential_per_mv, potential_per_mv2, per_hz_mv, tau_w_ms } =
            adex.frozen(self.mean_mv, std_mv);
        // the mean of the adaptation is that of the rate, whatever the closed form says
        let mean_mv = mean_mv + per_hz_mv * (closed_hz - rate_hz);
        let frozen = Conducting { neuron: &Model::Eif(*adex.eif()), mean_mv, ..*self }.at_rate(rate_hz);
        Modulated::Adapting(Adapting { frozen, potential_per_mv, potential_per_mv2, per_hz_mv, tau_w_ms })
    }

    fn at_rate(&self, rate_hz: f64) -> Solved {
        let Thresholds { tau_m_ms, t_ref_ms, V_th_mv, V_reset_mv, .. } = self.neuron.thresholds();
        let is_reached = rate_hz > 0.0 && !self.is_out_of_reach(self.noise.felt().at_mean_mv2.sqrt());
        let answer = is_reached.then(|| self.ask(&AtRate { of: self, rate_hz }).flatten()).flatten();
        let beyond = |V_mv: f64| self.beyond_linear_mv.map_or(0.0, |beyond_mv| beyond_mv(V_mv));
        let ConductanceNoise { white, filtered } = *self.noise;
        let mut of = vec![self.mean_mv, self.noise_at_mv, rate_hz, beyond(V_reset_mv), beyond(V_th_mv)];
        of.extend([white, filtered].iter().flat_map(|shape| [shape.at_mean_mv2, shape.slope_mv, shape.curvature]));
        let free = 1.0 - rate_hz * t_ref_ms / MS_PER_S;
        Solved {
            of: (*self.neuron, of),
            tau_m_ms: answer.as_ref().map_or(tau_m_ms, |it| it.tau_ms),
            t_ref_ms,
            variance_mv2: None,
            has_noise: true,
            rate_hz: if answer.is_some() { rate_hz } else { 0.0 },
            cv: answer.as_ref().map_or(0.0, |it| free * it.relative_std),
            modulation: answer.map(|it| Arc::new(it.modulation)),
        }
    }
}

#[cfg(test)]
mod tests {
    use num_complex::Complex64;

    use super::*;
    use crate::measured::Worst;
    use crate::neuron::NeuronParameters;

    const ACCURACY_AT_REST: f64 = 1e-7;

    /// Synapses with reversal potentials at 0 and -75 mV, one of them smooth.
    fn noise(V_n_mv: f64, sizes: [f64; 2]) -> ConductanceNoise {
        let shape = |E_mv: f64, size: f64| {
            let x = E_mv - V_n_mv;
            NoiseShape { at_mean_mv2: size * x * x, slope_mv: -2.0 * size * x, curvature: size }
        };
        ConductanceNoise { white: shape(0.0, sizes[0]), filtered: shape(-75.0, sizes[1]) }
    }

    #[test]
    fn at_rest_responses_are_difference_quotients_of_the_rate() {
        let mut worst = Worst::default();
        let parameters = NeuronParameters {
            tau_m_ms: 6.0,
            t_ref_ms: 2.0,
            E_L_mv: -65.0,
            V_th_mv: -50.0,
            V_reset_mv: -60.0,
            Delta_T_mv: 1.5,
            V_peak_mv: -30.0,
            adaptation: None,
        };
        for name in ["lif", "eif", "qif"] {
            let neuron = Model::named(name, &parameters).unwrap().unwrap();
            for mean_mv in [-58.0, -52.0, -47.0] {
                let own = noise(mean_mv, [5e-3, 0.02]);
                let at = |mean_mv: f64, noise: &ConductanceNoise, beyond: f64| {
                    let drive: super::super::Drive = Arc::new(move |V_mv: f64| beyond * (V_mv + 52.0));
                    let beyond_linear_mv = (beyond != 0.0).then_some(&drive);
                    // QIF potentials are counted from elsewhere
                    Conducting { neuron: &neuron, mean_mv, noise, noise_at_mv: -52.0, filtered: &[], beyond_linear_mv }
                        .ln_rate_hz()
                        .unwrap()
                };
                let rate_hz = at(mean_mv, &own, 0.0).exp();
                let conducting = Conducting {
                    neuron: &neuron,
                    mean_mv,
                    noise: &own,
                    noise_at_mv: -52.0,
                    filtered: &[],
                    beyond_linear_mv: None,
                };
                let Modulated::Solved(solved) = conducting.modulated(rate_hz) else { panic!("{name}") };
                assert!((solved.tau_m_ms / 6.0 - 1.0).abs() < 1e-9, "{name} {}", solved.tau_m_ms);
                let found = Modulated::Solved(solved).response(Complex64::ZERO);
                assert!((found.renewal - 1.0).norm() < 1e-9);
                let quotient =
                    |change: &dyn Fn(f64) -> f64, step: f64| rate_hz * (change(step) - change(-step)) / (2.0 * step);
                let with = |shape: NoiseShape| {
                    let own = &own;
                    move |step: f64| at(mean_mv, &ConductanceNoise { white: own.white.plus(step, shape), ..*own }, 0.0)
                };
                let [one, x, xx] = [[1.0, 0.0, 0.0], [0.0, 1.0, 0.0], [0.0, 0.0, 1.0]]
                    .map(|[at_mean_mv2, slope_mv, curvature]| NoiseShape { at_mean_mv2, slope_mv, curvature });
                let mut expected = vec![
                    (found.hz_per_mv, quotient(&|step| at(mean_mv + step, &own, 0.0), 1e-3)),
                    (found.hz_per_mv2, quotient(&with(one), 1e-3)),
                    (found.by_potential[1], quotient(&with(x), 1e-4)),
                    (found.by_potential[2], quotient(&with(xx), 1e-5)),
                ];
                if name != "qif" {
                    expected.push((found.by_potential[0], quotient(&|step| at(mean_mv, &own, step), 1e-4)));
                }
                for (lane, (found, expected)) in expected.into_iter().enumerate() {
                    let error = (found.re - expected).abs() / expected.abs();
                    worst.add(error, (name, mean_mv, lane, found, expected));
                }
            }
        }
        worst.must_be_at_most(ACCURACY_AT_REST);
    }
}
