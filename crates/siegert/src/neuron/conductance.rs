//! The LIF neuron with conductances: noise that depends on the potential, and that is filtered.
//!
//! ```text
//! tau dV/dt = -x + sum_s y_s(t) (E_s - V)/(E_s - mu),    x = V - mu,    tau = tau_eff, mu = mu_eff of `transfer::shunting`
//! n_s(x) = sigma_s^2 (1 - x/(E_s - mu))^2                                the white-noise variance of one noise at a potential
//! rho_s = tau/(tau + tau_s)                                              what a filter leaves of the variance of the free membrane
//! white:     tau dV = -x dt + sqrt(n(x) tau) dW                          (Ito), n = sum n_s
//! filtered:  T = T_add  T_n/T_c
//! ```
//!
//! Instantaneous conductances are white noise whose size depends on the potential, in the sense of Ito, since a spike takes the potential a part of the way to the reversal from
//! where it is: the general solver has the time `T` from reset to spike, to its accuracy. Conductances with a time constant are asked twice. `T_add` takes their
//! noise for what it is at `mu`, and their time constants for what they are: the law of threshold crossings (`coloured`), in which conductances relax while the neuron is refractory. The
//! ratio is what the dependence on the potential makes of it: `T_n` and `T_c` are times in white noise of the variance `sum rho_s n_s(x)` that the free membrane has, as it
//! depends on the potential and as it is at `mu`. As the conductances are smooth, `T_n` is in the sense of Stratonovich: a drift `sum rho_s n_s'(x)/4`, which also is how far
//! fluctuating conductances move the mean potential. CV, mean and standard deviation of the potential are put together in the same way.
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

use super::coloured::{FilteredNoise, FilteredState};
use super::flow::{Bounds, Flow};
use super::fokker_planck::{Extent, Occupation, Passage};
use super::lif::{Lif, LifParameters, MS_PER_S, MembranePotential};

/// What is smaller than this part of the noise at the mean is no noise that depends on the potential.
const NEGLIGIBLE: f64 = 1e-14;

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

/// The neuron as a flow: `-x`, the drift of filtered noise, and noise.
struct Shunted<'a> {
    lif: &'a LifParameters,
    mean_mv: f64,
    noise: NoiseShape,
    /// The part of it that is smooth.
    smooth: NoiseShape,
    beyond_linear_mv: Option<&'a (dyn Fn(f64) -> f64 + Sync)>,
}

impl Flow for Shunted<'_> {
    fn force_mv(&self, V_mv: f64) -> f64 {
        let x = V_mv - self.mean_mv;
        let beyond_mv = self.beyond_linear_mv.map_or(0.0, |beyond_mv| beyond_mv(V_mv));
        0.25 * self.smooth.slope_mv - (1.0 - 0.5 * self.smooth.curvature) * x + beyond_mv
    }

    fn noise_mv2(&self, V_mv: f64) -> f64 {
        self.noise.at(V_mv - self.mean_mv).max(NEGLIGIBLE * self.noise.at_mean_mv2)
    }

    fn bounds(&self) -> Bounds {
        let reversal_mv = self.noise.nowhere_mv().map(|x| x + self.mean_mv);
        let below = reversal_mv.filter(|E_mv| *E_mv < self.lif.V_reset_mv.min(self.mean_mv));
        Bounds { lowest: below.unwrap_or(f64::NEG_INFINITY), reset: self.lif.V_reset_mv, spike: self.lif.V_th_mv }
    }
}

/// What the general solver says of a neuron.
struct Solved {
    ln_time_ms: f64,
    relative_variance: f64,
    /// Of the potential of neurons that are not refractory.
    mean_mv: f64,
    variance_mv2: f64,
}

impl Shunted<'_> {
    fn solved(&self) -> Option<Solved> {
        let passage = Passage::new(self, Extent::All);
        let occupation = Occupation::new(&passage);
        let mean_mv = occupation.mean(|V_mv| V_mv);
        let variance_mv2 = occupation.mean(|V_mv| (V_mv - mean_mv) * (V_mv - mean_mv));
        let ln_time_ms = passage.ln_mean + self.lif.tau_m_ms.ln();
        let relative_variance = passage.relative_variance;
        let all = [ln_time_ms, relative_variance, mean_mv, variance_mv2];
        let found = Solved { ln_time_ms, relative_variance, mean_mv, variance_mv2 };
        all.iter().all(|value| value.is_finite()).then_some(found)
    }

    /// The logarithm of the time from reset to spike alone.
    fn ln_time_ms(&self) -> Option<f64> {
        let ln_time_ms = Passage::new(self, Extent::Mean).ln_mean + self.lif.tau_m_ms.ln();
        Some(ln_time_ms).filter(|ln_time_ms| ln_time_ms.is_finite())
    }
}

/// A membrane of time constant `tau_eff` around `mu_eff`, and its noise.
#[derive(Clone, Copy)]
pub(crate) struct Conducting<'a> {
    /// The neuron with `tau_eff`.
    pub(crate) lif: &'a Lif,
    pub(crate) mean_mv: f64,
    pub(crate) noise: &'a ConductanceNoise,
    /// What is filtered, as it is at the mean.
    pub(crate) filtered: &'a [FilteredNoise],
    /// What drives the potential upwards beyond `mu - V`, in mV, of conductances that depend on the potential (NMDA).
    pub(crate) beyond_linear_mv: Option<&'a (dyn Fn(f64) -> f64 + Sync)>,
}

impl Conducting<'_> {
    /// Rate, CV and potential; `None` without noise, and where no solver finds anything.
    pub(crate) fn state(&self) -> Option<FilteredState> {
        let lif = self.lif.parameters();
        let dependent = self.flow(&lif, true)?.solved()?;
        if self.filtered.is_empty() {
            return Some(state(&lif, &dependent, 0.0));
        }
        let constant = self.flow(&lif, false)?.solved()?;
        let white_mv2 = self.noise.white.at_mean_mv2.max(0.0);
        let additive = self.lif.in_filtered_noise(self.mean_mv, white_mv2, self.filtered).ok()?;
        let potential = additive.potential?;
        let refractory = |rate_hz: f64| rate_hz * lif.t_ref_ms / MS_PER_S;
        let free = 1.0 - refractory(additive.ln_rate_hz.exp());
        // of neurons that are not refractory
        let mean_mv = (potential.mean_mv - (1.0 - free) * lif.V_reset_mv) / free;
        let square = |V_mv: f64, about: f64| (V_mv - about) * (V_mv - about);
        let about = potential.mean_mv;
        let variance_mv2 = (potential.std_mv * potential.std_mv - (1.0 - free) * square(lif.V_reset_mv, about)) / free
            - square(mean_mv, about);
        let additive_time_ms = MS_PER_S * (-additive.ln_rate_hz).exp() * free;
        let relative_variance = (additive.cv? / free).powi(2);
        let together = Solved {
            ln_time_ms: additive_time_ms.ln() + dependent.ln_time_ms - constant.ln_time_ms,
            relative_variance: relative_variance * dependent.relative_variance / constant.relative_variance,
            mean_mv: mean_mv + dependent.mean_mv - constant.mean_mv,
            variance_mv2: (variance_mv2 * dependent.variance_mv2 / constant.variance_mv2).max(0.0),
        };
        Some(state(&lif, &together, additive.error)).filter(|state| state.ln_rate_hz.is_finite())
    }

    /// The logarithm of the rate in Hz alone, in less time.
    pub(crate) fn ln_rate_hz(&self) -> Option<f64> {
        let lif = self.lif.parameters();
        let dependent = self.flow(&lif, true)?.ln_time_ms()?;
        if self.filtered.is_empty() {
            return Some(ln_rate_hz(dependent, lif.t_ref_ms));
        }
        let constant = self.flow(&lif, false)?.ln_time_ms()?;
        let white_mv2 = self.noise.white.at_mean_mv2.max(0.0);
        let additive = self.lif.ln_rate_in_filtered_noise(self.mean_mv, white_mv2, self.filtered).ok()?;
        let time_ms = MS_PER_S * (-additive).exp() - lif.t_ref_ms;
        let ln_rate_hz = ln_rate_hz(time_ms.ln() + dependent - constant, lif.t_ref_ms);
        Some(ln_rate_hz).filter(|ln_rate_hz| ln_rate_hz.is_finite())
    }

    /// Logarithm of the factor by which the time from reset to spike is longer because noise depends on the potential: `ln(T_n/T_c)`. `None` without noise, and where no solver
    /// finds anything.
    pub(crate) fn ln_lengthening(&self) -> Option<f64> {
        let lif = self.lif.parameters();
        let ln_longer = self.flow(&lif, true)?.ln_time_ms()? - self.flow(&lif, false)?.ln_time_ms()?;
        Some(ln_longer).filter(|ln_longer| ln_longer.is_finite())
    }

    /// The neuron in the noise that the free membrane feels, as it depends on the potential or as it is at the mean.
    fn flow<'l>(&'l self, lif: &'l LifParameters, depends: bool) -> Option<Shunted<'l>> {
        let noise = self.noise.felt();
        let is_noise = noise.at_mean_mv2 > 0.0 && noise.at_mean_mv2.is_finite() && self.mean_mv.is_finite();
        is_noise.then(|| match depends {
            true => Shunted {
                lif,
                mean_mv: self.mean_mv,
                noise,
                smooth: self.noise.filtered,
                beyond_linear_mv: self.beyond_linear_mv,
            },
            false => {
                let constant = NoiseShape::constant(noise.at_mean_mv2);
                let smooth = NoiseShape::default();
                Shunted { lif, mean_mv: self.mean_mv, noise: constant, smooth, beyond_linear_mv: None }
            }
        })
    }
}

fn ln_rate_hz(ln_time_ms: f64, t_ref_ms: f64) -> f64 {
    MS_PER_S.ln() - ln_time_ms - (t_ref_ms * (-ln_time_ms).exp()).ln_1p()
}

/// With the refractory neurons, at `V_reset`.
fn state(lif: &LifParameters, solved: &Solved, error: f64) -> FilteredState {
    let ln_rate_hz = ln_rate_hz(solved.ln_time_ms, lif.t_ref_ms);
    let refractory = ln_rate_hz.exp() * lif.t_ref_ms / MS_PER_S;
    let free = 1.0 - refractory;
    let away = solved.mean_mv - lif.V_reset_mv;
    let potential = MembranePotential {
        mean_mv: free * solved.mean_mv + refractory * lif.V_reset_mv,
        std_mv: (free * solved.variance_mv2 + free * refractory * away * away).sqrt(),
    };
    FilteredState { ln_rate_hz, cv: Some(free * solved.relative_variance.sqrt()), potential: Some(potential), error }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::measured::{number, table};
    use crate::neuron::lif::JumpSize;

    const ACCURACY_OF_CONSTANT_NOISE: f64 = 1e-11;
    const ACCURACY_OF_THE_RATE: f64 = 2e-2;
    const ACCURACY_OF_THE_CV: f64 = 3e-2;
    const ACCURACY_OF_THE_STD: f64 = 5e-2;
    const STANDARD_ERRORS: f64 = 4.0;

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
            let lif = Lif::new(self.lif).unwrap();
            let (noise, filtered) = (&self.noise, self.filtered.as_slice());
            Conducting { lif: &lif, mean_mv: self.mean_mv, noise, filtered, beyond_linear_mv: None }.state().unwrap()
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
            let lif = Lif::new(simulated.lif).unwrap();
            let (noise, filtered) = (&simulated.noise, simulated.filtered.as_slice());
            let conducting =
                Conducting { lif: &lif, mean_mv: simulated.mean_mv, noise, filtered, beyond_linear_mv: None };
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
            let found = Conducting { lif: &lif, mean_mv, noise: &noise, filtered: &[], beyond_linear_mv: None }
                .state()
                .unwrap();
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
        let found =
            Conducting { lif: &lif, mean_mv, noise: &noise, filtered: &[], beyond_linear_mv: None }.state().unwrap();
        // with a trifle of other noise it ends nowhere
        let other = ConductanceNoise { white: white.plus(1e-6, NoiseShape::constant(1.0)), ..noise };
        let beside =
            Conducting { lif: &lif, mean_mv, noise: &other, filtered: &[], beyond_linear_mv: None }.state().unwrap();
        assert!((found.ln_rate_hz - beside.ln_rate_hz).abs() < 1e-5, "{found:?} {beside:?}");
        assert!(found.ln_rate_hz.exp() > 1.0, "{found:?}");
    }
}
