//! Neurons with conductances: noise that depends on the potential, and that is filtered.
//!
//! ```text
//! tau dV/dt = F(V) + sum_s y_s(t) (E_s - V)/(E_s - V_n),    x = V - V_n,    tau = tau_eff; of the LIF F = mu - V, V_n = mu = mu_eff of `transfer::shunting`
//! n_s(x) = sigma_s^2 (1 - x/(E_s - V_n))^2                               the white-noise variance of one noise at a potential
//! rho_s = tau/(tau + tau_s)                                              what a filter leaves of the variance of the free membrane
//! white:     tau dV = F(V) dt + sqrt(n(x) tau) dW                        (Ito), n = sum n_s
//! filtered:  T = T_add  T_n/T_c
//! ```
//!
//! Instantaneous conductances are white noise whose size depends on the potential, in the sense of Ito, since a spike takes the potential a part of the way to the reversal from
//! where it is: the general solver has the time `T` from reset to spike, to its accuracy. Conductances with a time constant are asked twice. `T_add` takes their
//! noise for what it is at `V_n`, and their time constants for what they are: the law of threshold crossings, or the equation of potential and noise (`coloured`), in which conductances relax while the neuron is refractory. The
//! ratio is what the dependence on the potential makes of it: `T_n` and `T_c` are times in white noise of the variance `sum rho_s n_s(x)` that the free membrane has, as it
//! depends on the potential and as it is at `V_n`. As the conductances are smooth, `T_n` is in the sense of Stratonovich: a drift `sum rho_s n_s'(x)/4`, which also is how far
//! fluctuating conductances move the mean potential. CV, mean and standard deviation of the potential are put together in the same way.
//!
//! `F` and `V_n` are those of any neuron with its mean conductance (`shunted`). The mean of an adaptation (AdEx) is closed with rate and mean potential as they come out.
//!
//! What NMDA conductances drive beyond their linear form at the mean potential is a part of `T_n`, so that the general solver has it as it is.
//!
//! The method for filtered conductances is ours. It neglects that their dependence on the potential and their time constants act together.
//!
//! Source: Richardson (2004), Phys Rev E 69:051918, eqs. 8 to 11 (drift and noise of conductances); Johannesma (1968), in *Neural Networks* (Caianiello, ed.), for
//! instantaneous ones; Fourcaud and Brunel (2002), Neural Comput 14:2057.
//! Range: thresholds on this side of all excitatory reversal potentials. Where a solver finds nothing there is no state. Where conductances are both 30 times the
//! leak and as slow as the membrane, with a mean far below threshold, rates are a tenth too low (the case `high` of `kuhn2004`).
//! Accuracy: relative error of the rate 1e-11 where noise is the same at all potentials (against the closed form). Beside simulated neurons 2e-2 of the rate, or four of its sampling errors, 3e-2
//! of the CV and 5e-2 of the standard deviation of the potential (rates of 2 to 120 Hz, mean conductances of 1.2 to 13 over the leak, time constants of 0 to 2 `tau_eff`).

mod modulated;

use std::sync::Arc;

use super::coloured::{FilteredNoise, FilteredState};
use super::flow::{Bounds, Flow, Leaky};
use super::fokker_planck::{Extent, Occupation, Passage};
use super::lif::{MS_PER_S, MembranePotential};
use super::models::Model;
use super::one_dimensional::{HIGHEST_BARRIER, OUT_OF_REACH, OneDimensional};
use super::thresholds::Thresholds;

/// What is smaller than this part of the noise at the mean is no noise that depends on the potential.
const NEGLIGIBLE: f64 = 1e-14;
/// The same of neurons whose spikes begin by themselves, which pass reversal potentials in the course of a spike.
const HARDLY_ANY: f64 = 1e-4;

/// White noise that depends on the potential as a quadratic: `at_mean + slope x + curvature x^2` at a distance `x` from the mean.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct NoiseShape {
    /// Variance at the mean, in mV^2.
    pub at_mean_mv2: f64,
    /// Its slope there, in mV.
    pub slope_mv: f64,
    /// Half of its second derivative.
    pub curvature: f64,
}

impl NoiseShape {
    /// Noise that is the same at all potentials.
    pub fn constant(variance_mv2: f64) -> Self {
        NoiseShape { at_mean_mv2: variance_mv2, ..NoiseShape::default() }
    }

    /// `self + factor * other`.
    #[must_use]
    pub fn plus(self, factor: f64, other: NoiseShape) -> Self {
        NoiseShape {
            at_mean_mv2: self.at_mean_mv2 + factor * other.at_mean_mv2,
            slope_mv: self.slope_mv + factor * other.slope_mv,
            curvature: self.curvature + factor * other.curvature,
        }
    }

    /// The variance at a distance from the mean.
    fn at(&self, x_mv: f64) -> f64 {
        self.at_mean_mv2 + x_mv * (self.slope_mv + x_mv * self.curvature)
    }

    /// Where there is no noise: the reversal potential, if all noise has the same.
    fn nowhere_mv(&self) -> Option<f64> {
        let discriminant = self.slope_mv * self.slope_mv - 4.0 * self.curvature * self.at_mean_mv2;
        let is_one = self.curvature > 0.0 && discriminant.abs() <= 1e-9 * self.slope_mv * self.slope_mv;
        is_one.then(|| -0.5 * self.slope_mv / self.curvature)
    }
}

/// How the noise of a neuron depends on its potential.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct ConductanceNoise {
    /// Of what is instantaneous.
    pub white: NoiseShape,
    /// Of what is filtered, each noise times `rho_s`.
    pub filtered: NoiseShape,
}

impl ConductanceNoise {
    /// Adds noise of a time constant, felt by a membrane of another.
    pub fn add_filtered(&mut self, noise: NoiseShape, tau_syn_ms: f64, tau_ms: f64) {
        self.filtered = self.filtered.plus(tau_ms / (tau_ms + tau_syn_ms), noise);
    }

    /// All noise, as large as the free membrane feels it.
    pub(crate) fn felt(&self) -> NoiseShape {
        self.white.plus(1.0, self.filtered)
    }
}

/// A drive in mV at a potential.
pub(crate) type Drive = Arc<dyn Fn(f64) -> f64 + Send + Sync>;

/// A neuron as a flow with the drift of filtered noise, and noise that depends on the potential.
struct Shunted<F> {
    flow: F,
    /// From where the flow counts potentials, and where noise is what it is at the mean.
    origin_mv: f64,
    noise_at_mv: f64,
    noise: NoiseShape,
    /// The part of it that is smooth.
    smooth: NoiseShape,
    /// Noise is not less than this, so that the solver has some where there is none.
    least_mv2: f64,
    beyond_linear_mv: Option<Drive>,
}

impl<F: Flow> Flow for Shunted<F> {
    fn force_mv(&self, V_mv: f64) -> f64 {
        let x = V_mv + self.origin_mv - self.noise_at_mv;
        let beyond_mv = self.beyond_linear_mv.as_ref().map_or(0.0, |beyond_mv| beyond_mv(V_mv));
        self.flow.force_mv(V_mv) + 0.25 * self.smooth.slope_mv + 0.5 * self.smooth.curvature * x + beyond_mv
    }

    fn force_rounding_mv(&self, V_mv: f64) -> f64 {
        self.flow.force_rounding_mv(V_mv)
    }

    fn noise_mv2(&self, V_mv: f64) -> f64 {
        self.noise.at(V_mv + self.origin_mv - self.noise_at_mv).max(self.least_mv2)
    }

    fn bounds(&self) -> Bounds {
        let own = self.flow.bounds();
        let reversal_mv = self.noise.nowhere_mv().map(|x| x + self.noise_at_mv - self.origin_mv);
        // nobody goes below it from where the force leads upwards
        let below =
            reversal_mv.filter(|E_mv| self.flow.coordinate(*E_mv) < own.reset && self.flow.force_mv(*E_mv) > 0.0);
        Bounds { lowest: below.map_or(own.lowest, |E_mv| own.lowest.max(self.flow.coordinate(E_mv))), ..own }
    }

    fn potential(&self, y: f64) -> (f64, f64) {
        self.flow.potential(y)
    }

    fn coordinate(&self, V_mv: f64) -> f64 {
        self.flow.coordinate(V_mv)
    }
}

/// The perfect neuron with its leak as a flow.
struct Leaking {
    drift_mv: f64,
    leak: f64,
    V_reset_mv: f64,
    V_th_mv: f64,
}

impl Flow for Leaking {
    fn force_mv(&self, V_mv: f64) -> f64 {
        self.drift_mv - self.leak * (V_mv - self.V_reset_mv)
    }

    // Shunted has the noise
    fn noise_mv2(&self, _V_mv: f64) -> f64 {
        0.0
    }

    fn bounds(&self) -> Bounds {
        Bounds { lowest: f64::NEG_INFINITY, reset: self.V_reset_mv, spike: self.V_th_mv }
    }
}

/// What the general solver says of a neuron; what was not asked is not a number.
#[derive(Clone, Copy)]
struct Solved {
    ln_time_ms: f64,
    relative_variance: f64,
    /// Of the potential of neurons that are not refractory, where it has them.
    mean_mv: f64,
    variance_mv2: f64,
}

/// How noise counts.
#[derive(Clone, Copy, PartialEq)]
enum Depends {
    /// As it depends on the potential.
    OnThePotential,
    /// As it is at the mean.
    OnNothing,
}

/// What is asked of a flow, which counts potentials from an origin and has some part of its noise everywhere.
trait Question {
    type Answer;

    fn ask(&self, flow: impl Flow + Send + 'static, origin_and_least: (f64, f64)) -> Self::Answer;
}

/// Its times and where it is between spikes.
struct Times<'a> {
    of: &'a Conducting<'a>,
    depends: Depends,
    extent: Extent,
}

impl Question for Times<'_> {
    type Answer = Solved;

    fn ask(&self, flow: impl Flow + Send + 'static, origin_and_least: (f64, f64)) -> Solved {
        self.of.solved_by(flow, origin_and_least, self.depends, self.extent)
    }
}

/// A membrane of time constant `tau_eff` around `mu_eff`, and its noise.
#[derive(Clone, Copy)]
pub(crate) struct Conducting<'a> {
    /// The neuron with its mean conductance.
    pub(crate) neuron: &'a Model,
    pub(crate) mean_mv: f64,
    pub(crate) noise: &'a ConductanceNoise,
    /// The potential where noise is `at_mean`.
    pub(crate) noise_at_mv: f64,
    /// What is filtered, as it is there.
    pub(crate) filtered: &'a [FilteredNoise],
    /// What drives the potential upwards beyond `mu - V`, in mV, of conductances that depend on the potential (NMDA).
    pub(crate) beyond_linear_mv: Option<&'a Drive>,
}

impl Conducting<'_> {
    /// Rate, CV and potential; `None` without noise, and where no solver finds anything.
    pub(crate) fn state(&self) -> Option<FilteredState> {
        self.at_mean_adaptation(|it| it.own_state())
    }

    /// The logarithm of the rate in Hz alone, in less time.
    pub(crate) fn ln_rate_hz(&self) -> Option<f64> {
        if matches!(self.neuron, Model::Adex(_)) {
            return self.state().map(|state| state.ln_rate_hz);
        }
        let t_ref_ms = self.neuron.thresholds().t_ref_ms;
        let dependent = self.solved(Depends::OnThePotential, Extent::Mean)?.ln_time_ms;
        if self.filtered.is_empty() {
            return Some(ln_rate_hz(dependent, t_ref_ms));
        }
        let constant = self.solved(Depends::OnNothing, Extent::Mean)?.ln_time_ms;
        let additive = self.neuron.ln_rate_in_filtered_noise(self.mean_mv, self.white_mv2(), self.filtered)?;
        let time_ms = MS_PER_S * (-additive).exp() - t_ref_ms;
        let ln_rate_hz = ln_rate_hz(time_ms.ln() + dependent - constant, t_ref_ms);
        Some(ln_rate_hz).filter(|ln_rate_hz| ln_rate_hz.is_finite())
    }

    /// Logarithm of the factor by which the time from reset to spike is longer because noise depends on the potential: `ln(T_n/T_c)`. `None` without noise, and where no solver
    /// finds anything.
    pub(crate) fn ln_lengthening(&self) -> Option<f64> {
        let t_ref_ms = self.neuron.thresholds().t_ref_ms;
        let ln_time_ms = |depends: Depends| match self.neuron {
            Model::Adex(_) => {
                let state = self.at_mean_adaptation(|it| it.white_state(depends))?;
                Some((MS_PER_S * (-state.ln_rate_hz).exp() - t_ref_ms).ln())
            }
            _ => Some(self.solved(depends, Extent::Mean)?.ln_time_ms),
        };
        let ln_longer = ln_time_ms(Depends::OnThePotential)? - ln_time_ms(Depends::OnNothing)?;
        Some(ln_longer).filter(|ln_longer| ln_longer.is_finite())
    }

    fn white_mv2(&self) -> f64 {
        self.noise.white.at_mean_mv2.max(0.0)
    }

    /// A state with the adaptation at its mean, of neurons that have one.
    fn at_mean_adaptation(&self, state: impl Fn(&Conducting<'_>) -> Option<FilteredState>) -> Option<FilteredState> {
        let Model::Adex(adex) = self.neuron else { return state(self) };
        let std_mv = self.noise.felt().at_mean_mv2.max(0.0).sqrt();
        adex.at_mean_adaptation(self.mean_mv, std_mv, |eif, mean_mv| {
            state(&Conducting { neuron: &Model::Eif(*eif), mean_mv, ..*self })
        })
    }

    fn white_state(&self, depends: Depends) -> Option<FilteredState> {
        Some(state(self.neuron.thresholds(), &self.solved(depends, Extent::All)?, 0.0))
    }

    /// The state of a neuron without adaptation.
    fn own_state(&self) -> Option<FilteredState> {
        let thresholds = self.neuron.thresholds();
        let dependent = self.solved(Depends::OnThePotential, Extent::All)?;
        if self.filtered.is_empty() {
            return Some(state(thresholds, &dependent, 0.0));
        }
        let constant = self.solved(Depends::OnNothing, Extent::All)?;
        let additive = self.neuron.in_filtered_noise(self.mean_mv, self.white_mv2(), self.filtered)?;
        let Thresholds { V_reset_mv, t_ref_ms, .. } = thresholds;
        let free = 1.0 - additive.ln_rate_hz.exp() * t_ref_ms / MS_PER_S;
        // of neurons that are not refractory
        let square = |V_mv: f64, about: f64| (V_mv - about) * (V_mv - about);
        let [mean_mv, variance_mv2] = additive.potential.map_or([f64::NAN; 2], |potential| {
            let mean_mv = (potential.mean_mv - (1.0 - free) * V_reset_mv) / free;
            let about = potential.mean_mv;
            let all = potential.std_mv * potential.std_mv - (1.0 - free) * square(V_reset_mv, about);
            [mean_mv, all / free - square(mean_mv, about)]
        });
        let additive_time_ms = MS_PER_S * (-additive.ln_rate_hz).exp() * free;
        let relative_variance = (additive.cv? / free).powi(2);
        let together = Solved {
            ln_time_ms: additive_time_ms.ln() + dependent.ln_time_ms - constant.ln_time_ms,
            relative_variance: relative_variance * dependent.relative_variance / constant.relative_variance,
            mean_mv: mean_mv + dependent.mean_mv - constant.mean_mv,
            variance_mv2: (variance_mv2 * dependent.variance_mv2 / constant.variance_mv2).max(0.0),
        };
        Some(state(thresholds, &together, additive.error)).filter(|state| state.ln_rate_hz.is_finite())
    }

    /// The neuron in the noise that the free membrane feels.
    fn solved(&self, depends: Depends, extent: Extent) -> Option<Solved> {
        let variance_mv2 = self.noise.felt().at_mean_mv2;
        let is_noise = variance_mv2 > 0.0 && variance_mv2.is_finite() && self.mean_mv.is_finite();
        if !is_noise || self.is_out_of_reach(variance_mv2.sqrt()) {
            return None;
        }
        let solved = self.ask(&Times { of: self, depends, extent })?;
        let is_asked = extent != Extent::Mean;
        let is_found = solved.ln_time_ms.is_finite() && (!is_asked || solved.relative_variance.is_finite());
        let is_passed = matches!(self.neuron, Model::Lif(_)) || solved.ln_time_ms < HIGHEST_BARRIER;
        (is_found && is_passed).then_some(solved)
    }

    /// Whether the mean is so far below the onset of firing that nothing is known but the order of the logarithm of the rate.
    fn is_out_of_reach(&self, std_mv: f64) -> bool {
        let scale_mv = self.neuron.voltage_scale_mv().max(std_mv);
        !matches!(self.neuron, Model::Lif(_)) && self.neuron.rheobase_mv() - self.mean_mv > OUT_OF_REACH * scale_mv
    }

    /// Asks the flow of the neuron; none of one that never spikes, and of one with adaptation, which has a flow only at a mean of it.
    fn ask<Q: Question>(&self, question: &Q) -> Option<Q::Answer> {
        let Thresholds { V_th_mv, V_reset_mv, .. } = self.neuron.thresholds();
        let (mean_mv, variance_mv2) = (self.mean_mv, self.noise.felt().at_mean_mv2);
        let answer = match self.neuron {
            Model::Lif(_) => question.ask(Leaky { mean_mv, std_mv: 0.0, V_reset_mv, V_th_mv }, (0.0, NEGLIGIBLE)),
            Model::Eif(eif) => question.ask(eif.at(mean_mv, variance_mv2), (0.0, HARDLY_ANY)),
            Model::Qif(qif) => question.ask(qif.at(mean_mv, variance_mv2), (qif.origin_mv(), HARDLY_ANY)),
            Model::Perfect(perfect) => {
                let (drift_mv, leak) = perfect.drift_and_leak(mean_mv);
                if leak == 0.0 && drift_mv <= 0.0 {
                    return None;
                }
                question.ask(Leaking { drift_mv, leak, V_reset_mv, V_th_mv }, (0.0, NEGLIGIBLE))
            }
            Model::Adex(_) => return None,
        };
        Some(answer)
    }

    /// A flow with noise and drift of the conductances.
    fn shunted<F: Flow>(&self, flow: F, (origin_mv, least): (f64, f64), depends: Depends) -> Shunted<F> {
        let noise = self.noise.felt();
        let (noise, smooth, beyond_linear_mv) = match depends {
            Depends::OnThePotential => (noise, self.noise.filtered, self.beyond_linear_mv.cloned()),
            Depends::OnNothing => (NoiseShape::constant(noise.at_mean_mv2), NoiseShape::default(), None),
        };
        let noise_at_mv = self.noise_at_mv;
        let least_mv2 = least * noise.at_mean_mv2;
        Shunted { flow, origin_mv, noise_at_mv, noise, smooth, least_mv2, beyond_linear_mv }
    }

    fn solved_by(&self, flow: impl Flow, (origin_mv, least): (f64, f64), depends: Depends, extent: Extent) -> Solved {
        let shunted = self.shunted(flow, (origin_mv, least), depends);
        let passage = Passage::new(&shunted, extent);
        let ln_time_ms = passage.ln_mean + self.neuron.thresholds().tau_m_ms.ln();
        if extent == Extent::Mean {
            return Solved { ln_time_ms, relative_variance: f64::NAN, mean_mv: f64::NAN, variance_mv2: f64::NAN };
        }
        let occupation = Occupation::new(&passage);
        let from_origin_mv = occupation.mean(|V_mv| V_mv);
        let variance_mv2 = occupation.mean(|V_mv| (V_mv - from_origin_mv) * (V_mv - from_origin_mv));
        // between infinite bounds the potential has no moments
        let existing = |value: f64| if self.neuron.has_moments() { value } else { f64::NAN };
        Solved {
            ln_time_ms,
            relative_variance: passage.relative_variance,
            mean_mv: existing(origin_mv + from_origin_mv),
            variance_mv2: existing(variance_mv2),
        }
    }
}

fn ln_rate_hz(ln_time_ms: f64, t_ref_ms: f64) -> f64 {
    MS_PER_S.ln() - ln_time_ms - (t_ref_ms * (-ln_time_ms).exp()).ln_1p()
}

/// With the refractory neurons, at `V_reset`.
fn state(thresholds: Thresholds, solved: &Solved, error: f64) -> FilteredState {
    let Thresholds { V_reset_mv, t_ref_ms, .. } = thresholds;
    let ln_rate_hz = ln_rate_hz(solved.ln_time_ms, t_ref_ms);
    let refractory = ln_rate_hz.exp() * t_ref_ms / MS_PER_S;
    let free = 1.0 - refractory;
    let away = solved.mean_mv - V_reset_mv;
    let potential = MembranePotential {
        mean_mv: free * solved.mean_mv + refractory * V_reset_mv,
        std_mv: (free * solved.variance_mv2 + free * refractory * away * away).sqrt(),
    };
    let potential = Some(potential).filter(|potential| potential.mean_mv.is_finite() && potential.std_mv.is_finite());
    FilteredState { ln_rate_hz, cv: Some(free * solved.relative_variance.sqrt()), potential, error }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::measured::{number, table};
    use crate::neuron::lif::{JumpSize, Lif, LifParameters};

    const ACCURACY_OF_CONSTANT_NOISE: f64 = 1e-11;
    const ACCURACY_OF_THE_RATE: f64 = 2e-2;
    const ACCURACY_OF_THE_CV: f64 = 3e-2;
    const ACCURACY_OF_THE_STD: f64 = 5e-2;
    const STANDARD_ERRORS: f64 = 4.0;

    fn conducting<'a>(
        neuron: &'a Model,
        mean_mv: f64,
        noise: &'a ConductanceNoise,
        filtered: &'a [FilteredNoise],
    ) -> Conducting<'a> {
        Conducting { neuron, mean_mv, noise, noise_at_mv: mean_mv, filtered, beyond_linear_mv: None }
    }

    /// A simulated neuron of the reference, and the theory of it.
    struct Simulated {
        lif: LifParameters,
        mean_mv: f64,
        noise: ConductanceNoise,
        filtered: Vec<FilteredNoise>,
        /// Rate in 1/ms and part of the way to the reversal potential of each input.
        inputs: Vec<(f64, f64, f64)>,
    }

    impl Simulated {
        fn new(row: &crate::measured::Row) -> Self {
            let n = |name: &str| number(row, name);
            let tau_m_ms = n("tau_m_ms");
            let each: Vec<[f64; 4]> = ["e", "i"]
                .iter()
                .map(|s| ["rate_khz", "jump", "tau_ms", "E_rev_mv"].map(|name| n(&format!("{name}_{s}"))))
                .collect();
            let part = |[_, jump, tau_ms, _]: &[f64; 4]| match *tau_ms > 0.0 {
                true => jump * tau_ms / tau_m_ms,
                false => -(-jump).exp_m1(),
            };
            let conductance: f64 = each.iter().map(|it| tau_m_ms * it[0] * part(it)).sum();
            let drive: f64 = each.iter().map(|it| tau_m_ms * it[0] * part(it) * it[3]).sum();
            let (leak, mean_mv) = (1.0 + conductance, (n("E_L_mv") + drive) / (1.0 + conductance));
            let lif = LifParameters {
                tau_m_ms: tau_m_ms / leak,
                t_ref_ms: n("t_ref_ms"),
                V_th_mv: n("V_th_mv"),
                V_reset_mv: n("V_reset_mv"),
            };
            let (mut noise, mut filtered) = (ConductanceNoise::default(), Vec::new());
            for it in &each {
                let size = tau_m_ms * it[0] * part(it).powi(2) / leak;
                let distance = it[3] - mean_mv;
                let shape = NoiseShape {
                    at_mean_mv2: size * distance * distance,
                    slope_mv: -2.0 * size * distance,
                    curvature: size,
                };
                match it[2] > 0.0 {
                    true => {
                        noise.add_filtered(shape, it[2], lif.tau_m_ms);
                        filtered.push(FilteredNoise::exponential(shape.at_mean_mv2, it[2]));
                    }
                    false => noise.white = noise.white.plus(1.0, shape),
                }
            }
            let inputs = each.iter().map(|it| (it[0], part(it), it[3])).collect();
            Simulated { lif, mean_mv, noise, filtered, inputs }
        }

        fn state(&self) -> FilteredState {
            let neuron = Model::Lif(Lif::new(self.lif).unwrap());
            conducting(&neuron, self.mean_mv, &self.noise, self.filtered.as_slice()).state().unwrap()
        }

        /// What jumps of their size do to the rate of instantaneous inputs, and the grid of the simulation.
        fn rate_ratio(&self, dt_ms: f64) -> f64 {
            if !self.filtered.is_empty() {
                return 1.0;
            }
            let lif = Lif::new(self.lif).unwrap();
            let jump = |part: f64, E_mv: f64, V_mv: f64| part * (E_mv - V_mv);
            // half way to the threshold, where jumps decide
            let half_way_mv = 0.5 * (self.mean_mv + self.lif.V_th_mv);
            let cumulant = |n: i32| {
                let of = |(rate, part, E_mv): &(f64, f64, f64)| rate * jump(*part, *E_mv, half_way_mv).powi(n);
                self.inputs.iter().map(of).sum::<f64>() * self.lif.tau_m_ms / f64::from(n)
            };
            let up = self.inputs.iter().map(|(_, part, E_mv)| jump(*part, *E_mv, self.lif.V_th_mv)).fold(0.0, f64::max);
            let std_mv = self.noise.white.at_mean_mv2.sqrt();
            // the larger of the overshoots of jumps and grid counts
            let overshoot_mv = (0.42 * up).max(0.5826 * std_mv * (dt_ms / self.lif.tau_m_ms).sqrt());
            let jumps = JumpSize {
                overshoot_mv,
                skewness: cumulant(3) / cumulant(2).powf(1.5),
                excess_kurtosis: cumulant(4) / cumulant(2).powi(2),
            };
            lif.shot_noise(self.mean_mv, std_mv, 0.0, &jumps).rate_ratio.unwrap()
        }
    }

    /// As diffusions the neurons with instantaneous conductances would fire faster than simulated ones, by 2 to 13 %, for the size of their jumps: that is taken into account.
    #[test]
    fn rates_cvs_and_potentials_of_simulated_neurons() {
        for row in table("conductance") {
            let simulated = Simulated::new(&row);
            let found = simulated.state();
            let (rate_hz, standard_error) = (number(&row, "rate_hz"), number(&row, "sem_hz"));
            let rate = found.ln_rate_hz.exp() * simulated.rate_ratio(number(&row, "dt_ms"));
            let off = (rate - rate_hz).abs();
            let allowed = (ACCURACY_OF_THE_RATE * rate_hz).max(STANDARD_ERRORS * standard_error);
            println!("{rate_hz} Hz: {rate}, cv {:?}, {:?}", found.cv, found.potential);
            assert!(off < allowed, "{row:?}: {rate} Hz for {rate_hz} +- {standard_error}");
            if !row["cv"].is_empty() {
                let cv = number(&row, "cv");
                let off = found.cv.unwrap() / cv - 1.0;
                assert!(off.abs() < ACCURACY_OF_THE_CV, "{row:?}: CV {:?} for {cv}", found.cv);
            }
            let mut potential = found.potential.unwrap();
            if number(&row, "clamp") == 0.0 {
                let refractory = found.ln_rate_hz.exp() * simulated.lif.t_ref_ms / MS_PER_S;
                let (V_reset_mv, free) = (simulated.lif.V_reset_mv, 1.0 - refractory);
                let mean_mv = (potential.mean_mv - refractory * V_reset_mv) / free;
                let variance = potential.std_mv.powi(2) - refractory * free * (mean_mv - V_reset_mv).powi(2);
                potential = MembranePotential { mean_mv, std_mv: (variance / free).sqrt() };
            }
            let (mean_mv, std_mv) = (number(&row, "V_mean_mv"), number(&row, "V_std_mv"));
            assert!((potential.std_mv / std_mv - 1.0).abs() < ACCURACY_OF_THE_STD, "{row:?}: {potential:?}");
            assert!((potential.mean_mv - mean_mv).abs() < 0.2, "{row:?}: {potential:?}");
        }
    }

    #[test]
    fn the_rate_alone_is_that_of_the_state() {
        for row in table("conductance") {
            let simulated = Simulated::new(&row);
            let neuron = Model::Lif(Lif::new(simulated.lif).unwrap());
            let conducting = conducting(&neuron, simulated.mean_mv, &simulated.noise, simulated.filtered.as_slice());
            let (alone, state) = (conducting.ln_rate_hz().unwrap(), conducting.state().unwrap());
            assert!((alone - state.ln_rate_hz).abs() < 1e-7, "{alone} {state:?}");
        }
    }

    #[test]
    fn noise_that_does_not_depend_on_the_potential_is_that_of_the_closed_form() {
        let lif = Lif::new(LifParameters { tau_m_ms: 8.0, t_ref_ms: 2.0, V_th_mv: -50.0, V_reset_mv: -60.0 }).unwrap();
        for (mean_mv, std_mv) in [(-55.0, 3.0), (-48.0, 2.0), (-70.0, 4.0)] {
            let noise =
                ConductanceNoise { white: NoiseShape::constant(std_mv * std_mv), ..ConductanceNoise::default() };
            let found = conducting(&Model::Lif(lif), mean_mv, &noise, &[]).state().unwrap();
            let expected = lif.log_rate(mean_mv, std_mv, 0.0).ln_rate_hz;
            assert!(
                (found.ln_rate_hz - expected).abs() < ACCURACY_OF_CONSTANT_NOISE * expected.abs().max(1.0),
                "{found:?} {expected}"
            );
        }
    }

    /// With inhibition alone noise ends at its reversal potential, where the neuron never is.
    #[test]
    fn noise_that_ends_at_one_reversal_potential_is_solved() {
        let lif = Lif::new(LifParameters { tau_m_ms: 8.0, t_ref_ms: 2.0, V_th_mv: -50.0, V_reset_mv: -60.0 }).unwrap();
        let (mean_mv, E_mv, size) = (-52.0, -80.0, 0.02);
        let x = E_mv - mean_mv;
        let white = NoiseShape { at_mean_mv2: size * x * x, slope_mv: -2.0 * size * x, curvature: size };
        let noise = ConductanceNoise { white, ..ConductanceNoise::default() };
        let found = conducting(&Model::Lif(lif), mean_mv, &noise, &[]).state().unwrap();
        // with a trifle of other noise it ends nowhere
        let other = ConductanceNoise { white: white.plus(1e-6, NoiseShape::constant(1.0)), ..noise };
        let beside = conducting(&Model::Lif(lif), mean_mv, &other, &[]).state().unwrap();
        assert!((found.ln_rate_hz - beside.ln_rate_hz).abs() < 1e-5, "{found:?} {beside:?}");
        assert!(found.ln_rate_hz.exp() > 1.0, "{found:?}");
    }
}
