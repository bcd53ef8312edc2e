//! Neurons that say how their potential moves, and leave the rest to the general solver.
//!
//! A neuron that implements [`OneDimensional`] is a [`WhiteNoiseNeuron`]: rate, CV, density, moments and derivatives follow from its flow (`fokker_planck`).
//! Without noise the time from reset to spike is `tau_m int dV/F`, and infinite where the force has a zero on the way.

use rayon::prelude::*;

use super::coloured::{FilteredNoise, FilteredState, filtered_ln_rate_hz, filtered_state, total_variance_mv2};
use super::flow::{Bounds, Flow};
use super::fokker_planck::{Extent, Occupation, Passage, rounding};
use super::lif::{LogRate, MS_PER_S, MembranePotential, SynapticFilter, check_input};
use super::models::{NeuronParameters, Relaxation, WhiteNoiseNeuron};
use super::thresholds::Thresholds;
use crate::error::DomainError;
use crate::numerics::panel::{PANEL, largest};
use crate::numerics::root::root;

/// Time constants of filtered noise over that of the membrane beyond which neither modes nor memory are enough.
const SLOWEST_FILTER: f64 = 1e3;
/// The relative error of the rate whose mean input is found.
const INVERTED: f64 = 1e-13;
/// The most steps to noise that is strong enough.
const MOST_STEPS: usize = 200;

/// A mean so many times farther from the onset than noise and thresholds reach is out of reach: rates are below exp(-1e12) there.
pub(super) const OUT_OF_REACH: f64 = 1e6;
/// A barrier this much higher than the noise is all that there is to the rate.
pub(super) const HIGHEST_BARRIER: f64 = 1e9;

/// A neuron by its flow, with noise that does not depend on the potential.
pub(crate) trait OneDimensional: Copy + Sync {
    /// Its flow at an input.
    type AtInput: Flow;

    /// The neuron, its parameters checked.
    fn checked(parameters: &NeuronParameters) -> Result<Self, DomainError>;

    /// The flow at a mean input and a variance `sigma^2`.
    fn at(&self, mean_mv: f64, variance_mv2: f64) -> Self::AtInput;

    /// Threshold, reset, refractory time and time constant.
    fn thresholds(&self) -> Thresholds;

    /// The mean input from which the neuron fires without noise.
    fn rheobase_mv(&self) -> f64;

    /// What distances of potentials are measured by: from reset to threshold, where that is finite and not too short.
    fn voltage_scale_mv(&self) -> f64;

    /// Where a spike is counted.
    fn V_peak_mv(&self) -> f64;

    /// The potential from which its flow counts potentials.
    fn origin_mv(&self) -> f64 {
        0.0
    }

    /// `dF/dV_th` at a potential, as its flow counts it.
    fn force_per_threshold(&self, V_mv: f64) -> f64;
}

/// The logarithm of the rate in Hz from that of the time from reset to spike, and the part of this time in the interval.
fn ln_rate(neuron: &impl OneDimensional, ln_time_over_tau: f64) -> (f64, f64) {
    let Thresholds { tau_m_ms, t_ref_ms, .. } = neuron.thresholds();
    let ln_time = ln_time_over_tau + tau_m_ms.ln();
    let refractory = t_ref_ms * (-ln_time).exp();
    if refractory.is_infinite() {
        return ((MS_PER_S / t_ref_ms).ln(), 0.0);
    }
    (MS_PER_S.ln() - ln_time - refractory.ln_1p(), 1.0 / (1.0 + refractory))
}

/// Whether a barrier is low enough for what adds to it to be seen.
fn is_passed(passage: &Passage) -> bool {
    passage.ln_mean < HIGHEST_BARRIER
}

/// `int f(V, 1/F) dV` from reset to spike, for a force that has no zero there.
fn integral_without_noise(flow: &impl Flow, f: impl Fn(f64, f64) -> f64) -> f64 {
    let Bounds { reset, spike, .. } = flow.bounds();
    let mut waiting = vec![(reset, spike)];
    let mut sum = 0.0;
    while let Some((from, to)) = waiting.pop() {
        let (middle, half) = (0.5 * (from + to), 0.5 * (to - from));
        let places = PANEL.x.map(|x| flow.potential(middle + half * x));
        let values = places.map(|(V_mv, stretch)| f(V_mv, 1.0 / flow.force_mv(V_mv)) * stretch);
        // near the onset of firing the force is so small that its rounding shows
        let relative = places.map(|(V_mv, _)| flow.force_rounding_mv(V_mv) / flow.force_mv(V_mv));
        let unseen = ((1e-13 + largest(&relative)) * largest(&values)).max(rounding(
            &values,
            &places.map(|(V_mv, _)| V_mv),
            (from, to),
        ));
        if PANEL.tail(&values) > unseen && half > 1e-12 * (spike - reset) {
            waiting.extend([(middle, to), (from, middle)]);
        } else {
            sum += half * PANEL.integral(&values);
        }
    }
    sum
}

/// `int dV/F` and `int dV/F^2`.
fn without_noise(flow: &impl Flow) -> [f64; 2] {
    [
        integral_without_noise(flow, |_, slowness| slowness),
        integral_without_noise(flow, |_, slowness| slowness * slowness),
    ]
}

/// `int dV/F`, and the same weighted with the distance from a potential and its square.
fn moments_without_noise(flow: &impl Flow, from_mv: f64) -> [f64; 3] {
    [0, 1, 2].map(|power| integral_without_noise(flow, |V_mv, slowness| slowness * (V_mv - from_mv).powi(power)))
}

/// The logarithm of the rate with its derivatives, and what `of_occupation` says of the time that is spent at each potential and of the part of the neurons that is not refractory, where it
/// is known.
fn log_rate_with<N: OneDimensional, T>(
    neuron: &N,
    (mean_mv, std_mv): (f64, f64),
    of_occupation: impl Fn(&Occupation<'_>, f64) -> T,
) -> (LogRate, Option<T>) {
    let Thresholds { tau_m_ms, V_reset_mv, .. } = OneDimensional::thresholds(neuron);
    if check_input(mean_mv, std_mv).is_err() {
        return (LogRate { ln_rate_hz: f64::NAN, ..LogRate::default() }, None);
    }
    let variance_mv2 = std_mv * std_mv;
    if let Some(distance_mv) = neuron.out_of_reach_mv(mean_mv, std_mv) {
        let in_std = distance_mv / std_mv;
        let rate = LogRate {
            ln_rate_hz: -in_std * in_std,
            d_mu: 2.0 * in_std / std_mv,
            d_variance: (in_std / std_mv).powi(2),
            ..LogRate::default()
        };
        return (rate, None);
    }
    let flow = neuron.at(mean_mv, variance_mv2);
    if variance_mv2 == 0.0 {
        return (neuron.log_rate_without_noise(mean_mv), None);
    }
    let passage = Passage::new(&flow, Extent::Occupation);
    if !is_passed(&passage) {
        return (neuron.log_rate_of_a_rest(mean_mv, std_mv), None);
    }
    let occupation = Occupation::new(&passage);
    let (ln_rate_hz, share) = ln_rate(neuron, passage.ln_mean);
    let [d_reset, _] = occupation.d_ln_mean_per_bound();
    let rate = LogRate {
        ln_rate_hz,
        d_mu: -share * occupation.d_ln_mean_per_force(|_| 1.0),
        d_variance: -share * occupation.d_ln_mean_per_ln_noise() / variance_mv2,
        d_shift: 0.0,
        d_tau_m: -share / tau_m_ms,
        d_t_ref: -(ln_rate_hz - MS_PER_S.ln()).exp(),
        d_V_th: -share * occupation.d_ln_mean_per_force(|V_mv| neuron.force_per_threshold(V_mv)),
        d_V_reset: if V_reset_mv.is_finite() { -share * d_reset } else { 0.0 },
    };
    (rate, Some(of_occupation(&occupation, share)))
}

/// The logarithm of the rate with its derivatives, and the mean potential, refractory neurons at `V_reset`, of a neuron of finite bounds; `None` where there is no density, or only
/// one by other means.
pub(super) fn log_rate_and_potential<N: OneDimensional>(
    neuron: &N,
    mean_mv: f64,
    std_mv: f64,
) -> (LogRate, Option<f64>) {
    let from_mv = OneDimensional::thresholds(neuron).V_reset_mv - neuron.origin_mv();
    let mean_of = |occupation: &Occupation<'_>, free: f64| {
        neuron.origin_mv() + from_mv + free * occupation.mean(|V_mv| V_mv - from_mv)
    };
    log_rate_with(neuron, (mean_mv, std_mv), mean_of)
}

impl<N: OneDimensional> WhiteNoiseNeuron for N {
    fn new(parameters: &NeuronParameters) -> Result<Self, DomainError> {
        N::checked(parameters)
    }

    fn thresholds(&self) -> Thresholds {
        OneDimensional::thresholds(self)
    }

    fn voltage_scale_mv(&self) -> f64 {
        OneDimensional::voltage_scale_mv(self)
    }

    fn drift_mv_per_ms(&self, mean_mv: f64, V_mv: f64) -> f64 {
        self.at(mean_mv, 0.0).force_mv(V_mv - self.origin_mv()) / OneDimensional::thresholds(self).tau_m_ms
    }

    fn rheobase_mv(&self) -> f64 {
        OneDimensional::rheobase_mv(self)
    }

    fn has_closed_form(&self) -> bool {
        false
    }

    fn is_silent(&self, mean_mv: f64, variance_mv2: f64) -> bool {
        variance_mv2 == 0.0 && mean_mv <= OneDimensional::rheobase_mv(self)
    }

    fn log_rate(&self, _filter: SynapticFilter, mean_mv: f64, std_mv: f64, _shift: f64) -> LogRate {
        log_rate_with(self, (mean_mv, std_mv), |_, _| ()).0
    }

    fn cv(&self, mean_mv: f64, std_mv: f64, shift: f64) -> Option<f64> {
        self.ln_rate_and_cv(SynapticFilter::Ignore, mean_mv, std_mv, shift).1
    }

    fn ln_rate_and_cv(&self, _filter: SynapticFilter, mean_mv: f64, std_mv: f64, _shift: f64) -> (f64, Option<f64>) {
        if check_input(mean_mv, std_mv).is_err() {
            return (f64::NAN, None);
        }
        if std_mv * std_mv == 0.0 {
            let fires = mean_mv > OneDimensional::rheobase_mv(self);
            return (self.log_rate_without_noise(mean_mv).ln_rate_hz, fires.then_some(0.0));
        }
        if let Some(distance_mv) = self.out_of_reach_mv(mean_mv, std_mv) {
            return (-(distance_mv / std_mv).powi(2), Some(1.0));
        }
        let passage = Passage::new(&self.at(mean_mv, std_mv * std_mv), Extent::Cumulants);
        if !is_passed(&passage) {
            return (self.log_rate_of_a_rest(mean_mv, std_mv).ln_rate_hz, Some(1.0));
        }
        let (ln_rate_hz, share) = ln_rate(self, passage.ln_mean);
        (ln_rate_hz, Some(share * passage.relative_variance.sqrt()))
    }

    fn interval_skewness(&self, mean_mv: f64, std_mv: f64) -> Option<f64> {
        check_input(mean_mv, std_mv).ok()?;
        let variance_mv2 = std_mv * std_mv;
        (variance_mv2 > 0.0).then(|| {
            let passage = Passage::new(&self.at(mean_mv, variance_mv2), Extent::Cumulants);
            passage.relative_third_cumulant / passage.relative_variance.powf(1.5)
        })
    }

    fn has_filtered_theory(&self) -> bool {
        true
    }

    fn in_filtered_noise(
        &self,
        mean_mv: f64,
        white_variance_mv2: f64,
        filtered: &[FilteredNoise],
    ) -> Option<FilteredState> {
        if self.is_beyond_filtered_noise(mean_mv, white_variance_mv2, filtered) {
            return None;
        }
        let state = filtered_state(self, mean_mv, filtered, white_variance_mv2).ok()?.state()?;
        // between infinite bounds the potential has no moments
        let is_bounded = OneDimensional::thresholds(self).V_reset_mv.is_finite() && self.V_peak_mv().is_finite();
        Some(FilteredState { potential: state.potential.filter(|_| is_bounded), ..state })
    }

    fn ln_rate_in_filtered_noise(
        &self,
        mean_mv: f64,
        white_variance_mv2: f64,
        filtered: &[FilteredNoise],
    ) -> Option<f64> {
        if self.is_beyond_filtered_noise(mean_mv, white_variance_mv2, filtered) {
            return None;
        }
        let ln_rate_hz = filtered_ln_rate_hz(self, mean_mv, filtered, white_variance_mv2).ok()?;
        ln_rate_hz.is_finite().then_some(ln_rate_hz)
    }

    fn relaxation(&self, mean_mv: f64, std_mv: f64, within: (f64, f64)) -> Option<Relaxation> {
        let variance_mv2 = std_mv * std_mv;
        check_input(mean_mv, std_mv).ok().filter(|()| variance_mv2 > 0.0)?;
        Some(Relaxation::of(&self.at(mean_mv, variance_mv2), OneDimensional::thresholds(self), within))
    }

    fn rates_into(&self, means_mv: &[f64], stds_mv: &[f64], rates_hz: &mut [f64]) -> Result<(), DomainError> {
        let at = |(mean_mv, std_mv): (f64, f64)| {
            check_input(mean_mv, std_mv)?;
            let variance_mv2 = std_mv * std_mv;
            if variance_mv2 == 0.0 {
                return Ok(self.log_rate_without_noise(mean_mv).rate_hz());
            }
            let passage = Passage::new(&self.at(mean_mv, variance_mv2), Extent::Mean);
            // behind a higher barrier no rate is a number
            Ok(if is_passed(&passage) { ln_rate(self, passage.ln_mean).0.exp() } else { 0.0 })
        };
        let inputs = means_mv.par_iter().copied().zip(stds_mv.par_iter().copied());
        rates_hz.par_iter_mut().zip(inputs).try_for_each(|(rate_hz, input)| {
            *rate_hz = at(input)?;
            Ok(())
        })
    }

    fn density_per_mv(&self, mean_mv: f64, std_mv: f64, V_mv: &[f64]) -> Result<Vec<f64>, DomainError> {
        self.check_density(mean_mv, std_mv)?;
        let variance_mv2 = std_mv * std_mv;
        let flow = self.at(mean_mv, variance_mv2);
        let origin_mv = self.origin_mv();
        let Bounds { reset, spike, .. } = flow.bounds();
        if variance_mv2 == 0.0 {
            let [time, _] = without_noise(&flow);
            let (_, share) = ln_rate(self, time.ln());
            let is_passed = |V_mv: f64| (reset..spike).contains(&flow.coordinate(V_mv));
            let at = |V_mv: f64| if is_passed(V_mv) { share / (time * flow.force_mv(V_mv)) } else { 0.0 };
            return Ok(V_mv.iter().map(|V_mv| at(V_mv - origin_mv)).collect());
        }
        let passage = Passage::new(&flow, Extent::Occupation);
        let occupation = Occupation::new(&passage);
        let (_, share) = ln_rate(self, passage.ln_mean);
        let at = |V_mv: f64| share * occupation.density_at(flow.coordinate(V_mv), flow.noise_mv2(V_mv));
        Ok(V_mv.iter().map(|V_mv| at(V_mv - origin_mv)).collect())
    }

    fn membrane_potential(&self, mean_mv: f64, std_mv: f64) -> Result<MembranePotential, DomainError> {
        self.check_density(mean_mv, std_mv)?;
        if self.out_of_reach_mv(mean_mv, std_mv).is_some() {
            return Err(DomainError::NoDensity { mu_mv: mean_mv });
        }
        let variance_mv2 = std_mv * std_mv;
        let flow = self.at(mean_mv, variance_mv2);
        let Thresholds { V_reset_mv, t_ref_ms, .. } = OneDimensional::thresholds(self);
        let (has_mean, has_variance) = match (V_reset_mv.is_finite(), self.V_peak_mv().is_finite()) {
            (true, true) => (true, true),
            // between infinite bounds a principal value, if nobody is held at one of them
            (false, false) => (t_ref_ms == 0.0, false),
            _ => (false, false),
        };
        // counted from where the refractory neurons are, or, where there are none, from where the flow counts
        let from_mv = if V_reset_mv.is_finite() { V_reset_mv - self.origin_mv() } else { 0.0 };
        let (ln_time, mean_of_free, square_of_free) = if variance_mv2 == 0.0 {
            let [time, first, second] = moments_without_noise(&flow, from_mv);
            (time.ln(), first / time, second / time)
        } else {
            let passage = Passage::new(&flow, Extent::Occupation);
            let occupation = Occupation::new(&passage);
            let moment = |power| occupation.mean(|V_mv| (V_mv - from_mv).powi(power));
            (passage.ln_mean, moment(1), moment(2))
        };
        let (_, free) = ln_rate(self, ln_time);
        let mean = free * mean_of_free;
        let variance = free * square_of_free - mean * mean;
        let existing = |exists: bool, value: f64| if exists { value } else { f64::NAN };
        Ok(MembranePotential {
            mean_mv: existing(has_mean, self.origin_mv() + from_mv + mean),
            std_mv: existing(has_variance, variance.max(0.0).sqrt()),
        })
    }

    fn mean_for_rate_mv(&self, rate_hz: f64, std_mv: f64) -> Result<f64, DomainError> {
        check_input(0.0, std_mv)?;
        let Thresholds { t_ref_ms, .. } = OneDimensional::thresholds(self);
        let limit_hz = MS_PER_S / t_ref_ms;
        if !(rate_hz > 0.0 && rate_hz < limit_hz && rate_hz.is_finite()) {
            return Err(DomainError::RateOutOfReach { rate_hz, limit_hz });
        }
        let at = |mean_mv: f64| self.log_rate(SynapticFilter::Ignore, mean_mv, std_mv, 0.0);
        let excess_at = |mean_mv: f64| at(mean_mv).ln_rate_hz - rate_hz.ln();
        // a bracket around rheobase
        let start = OneDimensional::rheobase_mv(self);
        let first_step = OneDimensional::voltage_scale_mv(self).max(std_mv).max(1e-3);
        let mut step = first_step;
        let (mut low, mut high) = (start, start);
        while excess_at(low) >= 0.0 {
            low -= step;
            step *= 2.0;
            if !low.is_finite() {
                return Err(DomainError::RateOutOfReach { rate_hz, limit_hz });
            }
        }
        step = first_step;
        while excess_at(high) < 0.0 {
            low = high;
            high += step;
            step *= 2.0;
            if !high.is_finite() {
                return Err(DomainError::RateOutOfReach { rate_hz, limit_hz });
            }
        }
        let excess = |mean_mv: f64| {
            let rate = at(mean_mv);
            (rate.ln_rate_hz - rate_hz.ln(), rate.d_mu)
        };
        Ok(root([low, high], 0.5 * (low + high), INVERTED, |_| 0.0, excess))
    }
}

/// What the neuron does without noise, and what of its input there is no density for.
trait WithoutNoise: OneDimensional {
    /// How far the mean is below the onset, where that is so far beside noise and thresholds that only the order of the logarithm of the rate can be told.
    fn out_of_reach_mv(&self, mean_mv: f64, std_mv: f64) -> Option<f64> {
        let distance_mv = OneDimensional::rheobase_mv(self) - mean_mv;
        let is_far = distance_mv > OUT_OF_REACH * OneDimensional::voltage_scale_mv(self).max(std_mv);
        (std_mv * std_mv > 0.0 && is_far).then_some(distance_mv)
    }

    /// Whether it is that far in noise some of which is filtered, or the filter is so slow that no number of modes resolves it.
    fn is_beyond_filtered_noise(&self, mean_mv: f64, white_variance_mv2: f64, filtered: &[FilteredNoise]) -> bool {
        let std_mv = total_variance_mv2(white_variance_mv2, filtered).sqrt();
        let slowest_ms = SLOWEST_FILTER * OneDimensional::thresholds(self).tau_m_ms;
        self.out_of_reach_mv(mean_mv, std_mv).is_some() || filtered.iter().any(|noise| noise.tau_ms > slowest_ms)
    }

    /// The rate, exactly 0 up to rheobase; the derivative by the variance is that of the first order in it, `dT = -(tau_m sigma^2/4) [1/F^2]`.
    fn log_rate_without_noise(&self, mean_mv: f64) -> LogRate {
        if mean_mv <= OneDimensional::rheobase_mv(self) {
            return LogRate { ln_rate_hz: f64::NEG_INFINITY, ..LogRate::default() };
        }
        let Thresholds { tau_m_ms, V_reset_mv, .. } = OneDimensional::thresholds(self);
        let flow = self.at(mean_mv, 0.0);
        let Bounds { reset, spike, .. } = flow.bounds();
        let [time, per_force] = without_noise(&flow);
        let (ln_rate_hz, share) = ln_rate(self, time.ln());
        let slowness = |y: f64| 1.0 / flow.force_at_mv(y);
        let [at_reset, at_spike] = [slowness(reset), slowness(spike)];
        let per_threshold =
            integral_without_noise(&flow, |V_mv, slowness| slowness * slowness * self.force_per_threshold(V_mv));
        LogRate {
            ln_rate_hz,
            d_mu: share * per_force / time,
            d_variance: share * 0.25 * (at_spike * at_spike - at_reset * at_reset) / time,
            d_shift: 0.0,
            d_tau_m: -share / tau_m_ms,
            d_t_ref: -(ln_rate_hz - MS_PER_S.ln()).exp(),
            d_V_th: share * per_threshold / time,
            d_V_reset: if V_reset_mv.is_finite() { share * at_reset / time } else { 0.0 },
        }
    }

    /// The rate where noise is too weak beside the barrier for a sum to hold both: `ln rate` is the barrier over `sigma^2`, found with stronger noise.
    fn log_rate_of_a_rest(&self, mean_mv: f64, std_mv: f64) -> LogRate {
        let silent = LogRate { ln_rate_hz: f64::NEG_INFINITY, ..LogRate::default() };
        // from noise as strong as potentials are far apart down to where the barrier is all, and still seen
        let mut stronger_mv = OneDimensional::voltage_scale_mv(self);
        for _ in 0..MOST_STEPS {
            let passage = Passage::new(&self.at(mean_mv, stronger_mv * stronger_mv), Extent::Mean);
            if passage.ln_mean < 1e-3 * HIGHEST_BARRIER {
                let ratio = passage.ln_mean / (0.1 * HIGHEST_BARRIER);
                stronger_mv *= if passage.ln_mean > 10.0 { ratio.sqrt() } else { 0.1 };
                continue;
            }
            if !is_passed(&passage) {
                stronger_mv *= 3.0;
                continue;
            }
            let found = self.log_rate(SynapticFilter::Ignore, mean_mv, stronger_mv, 0.0);
            let factor = (stronger_mv / std_mv).powi(2);
            let ln_rate_hz = factor * found.ln_rate_hz;
            let d_variance = -ln_rate_hz / (std_mv * std_mv);
            if !(ln_rate_hz.is_finite() && d_variance.is_finite()) {
                return silent;
            }
            return LogRate {
                ln_rate_hz,
                d_mu: factor * found.d_mu,
                d_variance,
                d_V_th: factor * found.d_V_th,
                d_V_reset: factor * found.d_V_reset,
                ..found
            };
        }
        silent
    }

    /// Refuses inputs at which there is no density: no noise, and no force that leads to a spike.
    fn check_density(&self, mean_mv: f64, std_mv: f64) -> Result<(), DomainError> {
        check_input(mean_mv, std_mv)?;
        if std_mv * std_mv > 0.0 || mean_mv > OneDimensional::rheobase_mv(self) {
            return Ok(());
        }
        Err(DomainError::NotPositive { name: "sigma_mv", value: std_mv })
    }
}

impl<N: OneDimensional> WithoutNoise for N {}
