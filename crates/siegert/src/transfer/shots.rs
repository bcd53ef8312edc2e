//! Shot noise as a transfer: the jumps that a population receives, each kind with its rate, in place of the white noise of the same mean and variance.
//!
//! ```text
//! E = mu - tau_m sum R <J>,    s^2 = sigma^2 - tau_m sum R <J^2>,    T = T_jumps(E, s^2, R) T_filtered/T_white
//! ```
//!
//! `E` and `s^2`, what is left of mean and variance, are a constant input and white noise. Jumps through synapses with a time constant count as jumps of their charge, but for the overshoot
//! past the threshold, by whose mean the threshold is lower, since a current does not jump over it; and the time from release to spike is longer by the factor `T_filtered/T_white` that the same filter has on Gaussian noise of the same variance: by the shift while states are looked for, by the
//! law of threshold crossings where it is asked (`stationary::refine`).
//!
//! Conductances that are open for an instant are jumps whose size depends on the potential. They are in neither `E` nor `s^2`, and `tau_m` is that of the leak alone: mean conductance, noise and how both depend on
//! the potential follow from the jumps.
//!
//! Range: LIF neurons that are all alike, conductances without time constants; at most [`MOST_LAWS`] kinds of jumps a population.

use serde::{Deserialize, Serialize};

use super::{Gradient, Input, Transfer, ln_time};
use crate::input::{JumpKind, Streams, Sum, mean_overshoot_mv};
use crate::network::Law;
use crate::neuron::Model;
use crate::neuron::coloured::FilteredNoises;
use crate::neuron::jumps::{Jump, JumpLaw, MOST_LAWS, ShotNoiseInput, ShotNoiseRate};
use crate::neuron::lif::{Lif, LifParameters, LogRate, MS_PER_S, MembranePotential};

/// Parts of a variance below that are rounding.
const ROUNDING: f64 = 1e-9;

/// What the spikes that a neuron receives are taken for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum InputTheory {
    /// White noise: many small jumps.
    #[default]
    #[serde(rename = "diffusion")]
    Diffusion,
    /// Jumps of the size that they have.
    #[serde(rename = "shot-noise")]
    ShotNoise,
    /// Noise with the spectrum of the neurons heard (`self_consistent`): states start from those in white noise.
    #[serde(rename = "self-consistent")]
    SelfConsistent,
}

impl InputTheory {
    /// Its name.
    pub fn name(self) -> &'static str {
        match self {
            InputTheory::Diffusion => "diffusion",
            InputTheory::ShotNoise => "shot-noise",
            InputTheory::SelfConsistent => "self-consistent",
        }
    }

    /// Whether it is the usual one.
    pub fn is_diffusion(&self) -> bool {
        *self == InputTheory::Diffusion
    }

    /// Whether transfer functions are those in white or filtered Gaussian noise.
    pub(crate) fn has_gaussian_transfer(&self) -> bool {
        *self != InputTheory::ShotNoise
    }
}

/// The jumps that a neuron receives, by their kind.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Jumps {
    kinds: [(JumpKind, f64); MOST_LAWS],
    length: usize,
}

impl Default for Jumps {
    fn default() -> Self {
        Jumps { kinds: [(JumpKind::of_size(Law::Constant { value: 0.0 }), 0.0); MOST_LAWS], length: 0 }
    }
}

impl Jumps {
    /// Adds jumps of a kind that come at a rate per ms; of more kinds than there is room for, and of rates that are not positive, nothing is added.
    pub fn add(&mut self, kind: JumpKind, rate_per_ms: f64) {
        if rate_per_ms > 0.0 && self.length < MOST_LAWS {
            self.kinds[self.length] = (kind, rate_per_ms);
            self.length += 1;
        }
    }

    /// The kinds with their rates.
    pub fn as_slice(&self) -> &[(JumpKind, f64)] {
        &self.kinds[..self.length]
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.length == 0
    }
}

/// A law of weights in mV as a law of jumps.
fn jump_law(law: Law) -> JumpLaw {
    match law {
        Law::Constant { value } => JumpLaw::Fixed { size_mv: value },
        Law::Normal { mean, std } => JumpLaw::Normal { mean_mv: mean, std_mv: std },
        Law::Lognormal { mean, std } => JumpLaw::Lognormal { mean_mv: mean, std_mv: std },
        Law::Uniform { low, high } => JumpLaw::Uniform { low_mv: low, high_mv: high },
        Law::Exponential { mean } => JumpLaw::Exponential { mean_mv: mean },
        // no law of weights
        Law::Lorentzian { center, .. } => JumpLaw::Fixed { size_mv: center },
    }
}

/// The neuron with its threshold lower by the mean overshoot of the jumps that come through synapses with a time constant: these bring the potential to the threshold without
/// a jump past it.
fn with_no_overshoot(lif: Lif, input: &Input) -> Lif {
    let LifParameters { V_th_mv, V_reset_mv, .. } = lif.parameters();
    let overshoot_mv = overshoot_mv(input, V_th_mv);
    if V_th_mv - overshoot_mv > V_reset_mv { lif.with_higher_threshold(-overshoot_mv) } else { lif }
}

/// That overshoot, where jumps depend on the potential that of those from the threshold.
fn overshoot_mv(input: &Input, V_th_mv: f64) -> f64 {
    if input.filtered_fraction <= 0.0 {
        return 0.0;
    }
    let mut sums = [0.0; 3];
    let mut inhibitory = 0.0;
    for (kind, rate_per_ms) in input.jumps.as_slice() {
        let [first, second, third] = kind.moments_at(V_th_mv);
        match first > 0.0 {
            true => sums.iter_mut().zip([first, second, third]).for_each(|(sum, moment)| *sum += rate_per_ms * moment),
            false => inhibitory += rate_per_ms * second,
        }
    }
    input.filtered_fraction * mean_overshoot_mv(sums, inhibitory, 0.0)
}

/// The derivative of the logarithm of the rate with respect to the threshold, by a difference, where an overshoot moves that.
fn per_mv_of_threshold(lif: &Lif, input: &Input, apart: &Apart, ln_rate_hz: f64) -> Option<f64> {
    let overshoot_mv = overshoot_mv(input, lif.parameters().V_th_mv);
    let step_mv = 0.02 * overshoot_mv;
    let higher = with_no_overshoot(*lif, input).with_higher_threshold(step_mv);
    let by_step = (step_mv > 0.0).then(|| higher.rate_in_shot_noise(&apart.input()).ln_rate_hz - ln_rate_hz)?;
    Some(by_step / step_mv).filter(|per_mv| per_mv.is_finite())
}

/// What the sums do by the overshoot, from what that does.
fn add_overshoot(input: &Input, V_th_mv: f64, per_mv: f64, gradient: &mut Gradient) {
    const STEP: f64 = 1e-5;
    let overshoot = overshoot_mv(input, V_th_mv);
    input.shunt.add_filtered_fraction(input, per_mv * overshoot, gradient);
    for (k, (kind, rate_per_ms)) in input.jumps.as_slice().iter().enumerate() {
        let mut more = *input;
        more.jumps.kinds[k].1 *= 1.0 + STEP;
        let per_rate = (overshoot_mv(&more, V_th_mv) - overshoot) / (STEP * rate_per_ms);
        gradient.add(Sum::JumpRate(*kind), per_mv * per_rate);
    }
}

/// What a neuron receives, with its jumps apart.
struct Apart {
    resting_mv: f64,
    white_variance_mv2: f64,
    jumps: Vec<Jump>,
}

impl Apart {
    fn of(input: &Input, tau_m_ms: f64) -> Self {
        let of = |(kind, rate_per_ms): &(JumpKind, f64)| Jump {
            law: jump_law(kind.law),
            rate_per_ms: *rate_per_ms,
            reversal_mv: kind.reversal_mv,
        };
        let jumps: Vec<Jump> = input.jumps.as_slice().iter().map(of).collect();
        // those of conductances are in neither
        let charges = || jumps.iter().filter(|jump| jump.reversal_mv.is_none());
        let sum = |moment: fn(JumpLaw) -> f64| {
            tau_m_ms * charges().map(|jump| jump.rate_per_ms * moment(jump.law)).sum::<f64>()
        };
        let variance = input.std_mv * input.std_mv;
        let (mean_mv, of_currents) = input.shunt.of_currents(input.mean_mv, variance);
        let white = of_currents - sum(JumpLaw::mean_square_mv2);
        let is_some = white > ROUNDING * variance * (1.0 + input.shunt.conductance);
        let white_variance_mv2 = if is_some { white } else { 0.0 };
        Apart { resting_mv: mean_mv - sum(JumpLaw::mean_mv), white_variance_mv2, jumps }
    }

    fn input(&self) -> ShotNoiseInput<'_> {
        let Apart { resting_mv, white_variance_mv2, .. } = *self;
        ShotNoiseInput { resting_mv, white_variance_mv2, jumps: &self.jumps }
    }
}

impl Transfer {
    /// The same neurons with this theory of what they receive; of neurons without a theory of jumps, and of those that differ, the diffusion approximation stays.
    #[must_use]
    pub fn with_input(self, input: InputTheory) -> Self {
        Transfer { input, ..self }
    }

    /// What the input is taken for.
    pub fn input_theory(&self) -> InputTheory {
        self.input
    }

    /// The neuron whose jumps count one by one at an input, if they do.
    pub(super) fn in_shot_noise(&self, input: &Input) -> Option<&Lif> {
        let counts = self.input == InputTheory::ShotNoise && !input.jumps.is_empty() && self.average.is_none();
        self.neuron.lif().filter(|_| counts)
    }

    /// The same in the diffusion approximation.
    pub(super) fn in_diffusion(&self) -> Self {
        Transfer { input: InputTheory::Diffusion, ln_longer: 0.0, ..self.clone() }
    }

    /// The rate at which single jumps count, if they do, with its derivatives in the sums.
    pub(crate) fn rate_of_jumps(&self, input: &Input) -> Option<(LogRate, Gradient)> {
        let lif = self.in_shot_noise(input)?;
        let tau_m_ms = lif.parameters().tau_m_ms;
        let apart = Apart::of(input, tau_m_ms);
        let found = with_no_overshoot(*lif, input).rate_in_shot_noise(&apart.input());
        // the filter's factor on the time, and its derivatives
        let diffusion = self.in_diffusion();
        let t_ref_ms = lif.parameters().t_ref_ms;
        let is_filtered = input.tau_syn_over_tau_m > 0.0 && diffusion.shift(input) > 0.0;
        let factor = is_filtered.then(|| diffusion.factor_of_filter(input)).flatten();
        let (ln_factor, of_factor) = factor.unwrap_or((0.0, Gradient::default()));
        let free = match ln_time(found.ln_rate_hz, t_ref_ms) {
            Some(_) => 1.0 - t_ref_ms * found.ln_rate_hz.exp() / MS_PER_S,
            None => 1.0,
        };
        // the mean of the membrane follows that of the currents by 1/(1 + G)
        let leak = 1.0 + input.shunt.conductance;
        let plain = LogRate { ln_rate_hz: found.ln_rate_hz, d_mu: leak * found.d_resting, ..LogRate::default() };
        let all_longer = ln_factor + self.ln_longer;
        let longer = self.clone().lengthened(all_longer).longer(plain);
        // how the logarithm of the rate follows that of its time
        let ratio = if found.d_resting == 0.0 { 1.0 } else { longer.d_mu / plain.d_mu };
        let per_ln_time = -ratio * free;
        let mut gradient = Gradient::default();
        let ShotNoiseRate { d_resting, d_white_variance, d_rates, .. } = found;
        gradient.add(Sum::Mean, ratio * d_resting);
        gradient.add(Sum::Variance, ratio * d_white_variance);
        let (mut along, mut squares) = (0.0, 0.0);
        for (((kind, _), jump), d_rate) in input.jumps.as_slice().iter().zip(&apart.jumps).zip(d_rates) {
            if kind.reversal_mv.is_some() {
                gradient.add(Sum::JumpRate(*kind), ratio * d_rate);
                continue;
            }
            let (mean, square) = (tau_m_ms * jump.law.mean_mv(), tau_m_ms * jump.law.mean_square_mv2());
            gradient.add(Sum::JumpRate(*kind), ratio * (d_rate - mean * d_resting - square * d_white_variance));
            along += jump.rate_per_ms * (d_rate - mean * d_resting);
            squares += jump.rate_per_ms * square;
        }
        for (sum, per_unit) in of_factor.terms() {
            gradient.add(*sum, per_ln_time * per_unit);
        }
        if let Some(per_mv) = per_mv_of_threshold(lif, input, &apart, found.ln_rate_hz) {
            add_overshoot(input, lif.parameters().V_th_mv, -ratio * per_mv, &mut gradient);
        }
        // what more jumps of all kinds do beyond their mean, per variance that they bring
        let d_variance = if squares > 0.0 { ratio * along / squares } else { 0.0 };
        Some((LogRate { d_variance, ..longer }, gradient))
    }

    /// The rate with these jumps as they are over that in white noise of the same mean and variance; `None` where there is no theory of them, or no rate.
    pub fn exact_ratio(&self, input: &Input, jumps: Jumps) -> Option<f64> {
        let input = Input { jumps, ..*input };
        let one_by_one = self.clone().with_input(InputTheory::ShotNoise);
        one_by_one.in_shot_noise(&input)?;
        let white = self.clone().with_input(InputTheory::Diffusion);
        let ratio = (one_by_one.log_rate(&input).ln_rate_hz - white.log_rate(&input).ln_rate_hz).exp();
        ratio.is_finite().then_some(ratio)
    }

    /// Logarithm of the rate at which jumps count one by one, of a neuron with other thresholds, over that in white noise of `ln_white_hz`; `None` where they do not count, minus infinity where
    /// they never make a spike.
    pub(crate) fn ln_ratio_of_jumps(&self, input: &Input, counted: Lif, ln_white_hz: f64) -> Option<f64> {
        self.in_shot_noise(input)?;
        let ln_ratio = self.of_one(Model::Lif(counted)).log_rate(input).ln_rate_hz - ln_white_hz;
        (!ln_ratio.is_nan() && ln_ratio < f64::INFINITY).then_some(ln_ratio)
    }

    /// Logarithm of the factor by which the shift makes the time longer, with its derivatives.
    fn factor_of_filter(&self, input: &Input) -> Option<(f64, Gradient)> {
        let t_ref_ms = self.thresholds().t_ref_ms;
        let white = input.as_if_white();
        let at = |input: &Input| {
            let rate = self.log_rate(input);
            let free = 1.0 - t_ref_ms * rate.rate_hz() / MS_PER_S;
            Some((ln_time(rate.ln_rate_hz, t_ref_ms)?, self.gradient(input, &rate), free))
        };
        let ((filtered, of_filtered, free_filtered), (plain, of_plain, free_plain)) = (at(input)?, at(&white)?);
        let mut gradient = Gradient::default();
        for (sum, per_unit) in of_filtered.terms() {
            gradient.add(*sum, -per_unit / free_filtered);
        }
        for (sum, per_unit) in of_plain.terms() {
            gradient.add(*sum, per_unit / free_plain);
        }
        let ln_factor = filtered - plain;
        ln_factor.is_finite().then_some((ln_factor, gradient))
    }

    /// Mean and standard deviation of the potential of a neuron with conductances whose jumps count one by one; `None` of others, and beside currents with a time constant.
    pub(crate) fn potential_of_jumps(&self, input: &Input) -> Option<MembranePotential> {
        let lif = self.in_shot_noise(input).filter(|_| self.has_conductances() && input.filtered_fraction == 0.0)?;
        lif.potential_in_shot_noise(&Apart::of(input, lif.parameters().tau_m_ms).input())
    }

    /// The logarithm of the rate with these jumps one by one of a neuron whose conductances are open for an instant and of one weight each, so that it takes no time to find out; `None`
    /// of others.
    pub(crate) fn ln_rate_of_instantaneous_conductances(&self, input: &Input, jumps: Jumps) -> Option<f64> {
        let is_quick = |(kind, _): &(JumpKind, f64)| matches!(kind.law, Law::Constant { .. });
        let is_known = self.has_conductances() && input.filtered_fraction == 0.0 && self.average.is_none();
        if !is_known || !jumps.as_slice().iter().all(is_quick) {
            return None;
        }
        let one_by_one = self.clone().with_input(InputTheory::ShotNoise).lengthened(0.0);
        let ln_rate_hz = one_by_one.rate_of_jumps(&Input { jumps, ..*input })?.0.ln_rate_hz;
        ln_rate_hz.is_finite().then_some(ln_rate_hz)
    }

    /// Logarithm of the factor by which the law of threshold crossings makes the time from release to spike longer, of a neuron with conductances: how noise depends on the potential
    /// is in the jumps, so that of what that law says only the time constants of currents are left.
    pub(super) fn lengthening_beside_jumps(&self, input: &Input) -> f64 {
        if input.filtered_fraction == 0.0 {
            return 0.0;
        }
        let diffusion = self.in_diffusion();
        diffusion.lengthening(input) - diffusion.lengthening(&input.as_if_white())
    }

    /// The CV at which single jumps count, if they do; a filter changes it by the factor that it has on the CV in Gaussian noise.
    pub(super) fn cv_of_jumps(&self, input: &Input) -> Option<f64> {
        let lif = self.in_shot_noise(input)?;
        let lif = with_no_overshoot(*lif, input);
        let cv = lif.cv_in_shot_noise(&Apart::of(input, lif.parameters().tau_m_ms).input())?;
        if input.filtered_fraction == 0.0 {
            return Some(cv);
        }
        let white = input.as_if_white();
        let diffusion = self.in_diffusion();
        let ratio = diffusion.cv(input).zip(diffusion.cv(&white)).map(|(filtered, white)| filtered / white);
        Some(cv * ratio.filter(|ratio| ratio.is_finite()).unwrap_or(1.0))
    }
}

impl Input {
    /// The same where all noise is as if it were white.
    fn as_if_white(&self) -> Self {
        let shunt = self.shunt.without_time_constants();
        let filtered = FilteredNoises::default();
        Input { tau_syn_over_tau_m: 0.0, filtered_fraction: 0.0, filtered, shunt, ..*self }
    }
}

impl Jumps {
    /// All that a population receives at given rates; `None` of more laws than there is room for.
    pub fn of_population(streams: &Streams, population: usize, rates_hz: &[f64]) -> Option<Self> {
        let mut jumps = Jumps::default();
        for stream in streams.streams.iter().filter(|stream| stream.target == population) {
            let rate_per_ms = stream.events_per_hz() / stream.tau_m_ms * stream.sent_hz(rates_hz);
            let kind = stream.jump_kind();
            match jumps.kinds[..jumps.length].iter_mut().find(|(known, _)| *known == kind) {
                Some((_, rate)) => *rate += rate_per_ms,
                None => jumps.add(kind, rate_per_ms),
            }
        }
        (number_of_laws(streams, population) <= MOST_LAWS).then_some(jumps)
    }
}

/// The number of kinds of jumps that one population receives.
pub fn number_of_laws(streams: &Streams, population: usize) -> usize {
    let mut kinds: Vec<JumpKind> = Vec::new();
    for stream in streams.streams.iter().filter(|stream| stream.target == population) {
        let kind = stream.jump_kind();
        if !kinds.contains(&kind) {
            kinds.push(kind);
        }
    }
    kinds.len()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::neuron::lif::{BRUNEL, SynapticFilter};

    const EXCITATION: JumpKind = JumpKind::of_size(Law::Constant { value: 0.5 });
    const INHIBITION: JumpKind = JumpKind::of_size(Law::Exponential { mean: -1.0 });

    /// Sums of a population: a current, white noise and two kinds of jumps, the second of them through a filter.
    fn input(transfer: &Transfer, [mean, variance, up, down, filter, filtered]: [f64; 6]) -> Input {
        let times = [Sum::JumpRate(EXCITATION), Sum::JumpRate(INHIBITION)];
        transfer.input(&times, |sum| match sum {
            Sum::Mean => mean,
            Sum::Variance => variance,
            Sum::Filter => filter,
            Sum::FilteredVariance => filtered,
            Sum::JumpRate(EXCITATION) => up,
            Sum::JumpRate(_) => down,
            _ => 0.0,
        })
    }

    #[test]
    fn the_gradient_in_all_sums_is_that_of_the_logarithm_of_the_rate() {
        for (filter, allowed) in [(0.0, 1e-4), (2.0, 1e-2)] {
            for white in [0.0, 5.0] {
                let transfer = Transfer::of_lif(BRUNEL, SynapticFilter::ThresholdShift)
                    .with_input(InputTheory::ShotNoise)
                    .lengthened(0.1);
                // tau_m sum R <J^2>
                let filtered = if filter > 0.0 { 12.0 } else { 0.0 };
                let sums = [12.0, 20.0 * (2.0 * 0.25 + 0.3 * 2.0) + white, 2.0, 0.3, filter, filtered];
                let at = |sums| transfer.log_rate(&input(&transfer, sums)).ln_rate_hz;
                let gradient = transfer.gradient(&input(&transfer, sums), &LogRate::default());
                let names = [
                    Sum::Mean,
                    Sum::Variance,
                    Sum::JumpRate(EXCITATION),
                    Sum::JumpRate(INHIBITION),
                    Sum::Filter,
                    Sum::FilteredVariance,
                ];
                for (k, name) in names.into_iter().enumerate() {
                    // without white noise the jumps make the variance, which cannot be changed alone
                    if sums[k] == 0.0 || (white == 0.0 && k > 0 && k < 4) {
                        continue;
                    }
                    let step = 1e-3 * sums[k];
                    let moved = |by: f64| {
                        let mut moved = sums;
                        moved[k] += by;
                        at(moved)
                    };
                    let expected = (moved(step) - moved(-step)) / (2.0 * step);
                    let error = (gradient.per(name) - expected).abs() / expected.abs().max(1e-2);
                    assert!(error < allowed, "{name:?} {white} {filter}: {} {expected}", gradient.per(name));
                }
            }
        }
    }

    #[test]
    fn jumps_that_make_mean_and_variance_give_the_rate_of_the_neuron_in_shot_noise() {
        let transfer = Transfer::of_lif(BRUNEL, SynapticFilter::default()).with_input(InputTheory::ShotNoise);
        let (up, down) = (2.0, 0.3);
        let found =
            input(&transfer, [3.0 + 20.0 * (0.5 * up - down), 20.0 * (0.25 * up + 2.0 * down), up, down, 0.0, 0.0]);
        let jumps = [
            Jump::of_size(JumpLaw::Fixed { size_mv: 0.5 }, up),
            Jump::of_size(JumpLaw::Exponential { mean_mv: -1.0 }, down),
        ];
        let expected = BRUNEL.rate_in_shot_noise(&ShotNoiseInput::of_jumps(3.0, &jumps));
        let rate = transfer.log_rate(&found);
        assert!((rate.ln_rate_hz - expected.ln_rate_hz).abs() < 1e-9, "{rate:?} {expected:?}");
        assert_eq!(transfer.cv(&found), BRUNEL.cv_in_shot_noise(&ShotNoiseInput::of_jumps(3.0, &jumps)));
        // what is not made of jumps is white noise
        let white = Input::white(15.0, 4.0);
        assert_eq!(transfer.log_rate(&white), transfer.in_diffusion().log_rate(&white));
        assert!(transfer.proof().is_none() && transfer.in_diffusion().proof().is_some());
    }
}
