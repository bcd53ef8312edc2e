//! How far to trust a stationary state: the theory's assumptions as measured numbers, and the verdict in words.
//!
//! [`validity`] measures every assumption in one state, population by population; [`findings`] sets each measure against its limit
//! and says in words what a broken assumption does to the rate; [`verdict`] is the word for the whole state.
//!
//! | assumption | measure | limit |
//! | --- | --- | --- |
//! | many events | spikes received within `tau_m` | at least 20 |
//! | small jumps | largest PSP over `V_th - V_reset` | 0.1 |
//! | Gaussian input | skewness of the free membrane | 0.2 |
//! | diffusion | rate with jumps of their size over the rate, minus 1 | 5 % |
//! | fast synapses | `sqrt(tau_syn/tau_m)` | 0.3 |
//! | Poisson inputs | noise at low frequency over the assumed one, minus 1 | 0.5 |
//! | independent inputs | fraction of inputs that two neurons share; where a drive is shared, the correlation of inputs | 0.2 |
//! | stable differences | spectral radius of the random part of the connections | 1 |
//! | equal neurons | spread of `mu` over neurons times `d ln rate/d mu` | 0.5 |
//! | steady adaptation | standard deviation of `w/g_L` over `sigma` | 0.2 |
//! | asynchrony | a mode that grows, or the peak of the power spectrum over that of independent neurons | none; 10 |
//! | below saturation | rate times `t_ref` | 0.9 |
//!
//! Beside them stand, computed at the same input, the rates with and without what makes a synapse more than white noise ([`Effects`]).
//!
//! The limits are rules of thumb. What the numbers behind them are worth is said where each is computed.

mod distribution;
mod effects;
mod findings;
mod measure;
mod random_part;
mod result;

pub use findings::{Finding, Measure, findings, verdict};
pub(crate) use findings::{beyond, short, warnings_about};
pub(crate) use measure::validities;
pub use result::{Asynchrony, Effect, Effects, KramersMoyal, Quantiles, RateDistribution, Trust, Validity, Verdict};

use crate::input::{
    Action, Kinetics, Shots, Stream, shared_drive_variance_mv2, shared_input_fractions_at, shared_variance_mv2, shots,
};
use crate::network::Network;
use crate::neuron::Thresholds;
use crate::neuron::lif::{JumpSize, ShotNoise};
use crate::stationary::{Input, RateMap};
use crate::transfer::{InputTheory, Jumps};
use distribution::rate_distributions;
use effects::Computed;
use random_part::spectral_radius;

const S_PER_MS: f64 = 1e-3;
/// Below this rate nobody sees what single jumps make of it, and it takes long to find out.
const LEAST_HZ: f64 = 1e-6;

/// The assumptions of the theory in one stationary state, one entry a population.
///
/// `map` belongs to `network`; `rates_hz` and `cv`, shape `(populations,)`, are those of the state (`None` for a CV without spikes).
///
/// Cost: 5 microseconds a population where all its neurons are equal, else 40, most of it for the distribution of rates (8 populations:
/// 0.3 ms; 254: 40 ms, and 18 ms for the spectral radius, which grows with their third power). A population with conductances takes two passage times of the
/// general solver besides, one whose jumps count one by one two of its rates, one whose conductances are instantaneous and of one weight each a rate with their jumps (0.3 ms).
pub fn validity(network: &Network, map: &RateMap, rates_hz: &[f64], cv: &[Option<f64>]) -> Vec<Validity> {
    validity_of(network, map, Held { rates_hz, ln_longer: &map.lengthenings_at(rates_hz) }, cv)
}

/// Rates, and what the law of threshold crossings says of them.
#[derive(Clone, Copy)]
pub(crate) struct Held<'a> {
    pub(crate) rates_hz: &'a [f64],
    /// As [`RateMap::lengthenings_at`] has it.
    pub(crate) ln_longer: &'a [f64],
}

/// [`validity`] of rates of which it is known what the law of threshold crossings says of them.
pub(crate) fn validity_of(network: &Network, map: &RateMap, held: Held<'_>, cv: &[Option<f64>]) -> Vec<Validity> {
    let rates_hz = held.rates_hz;
    let effects = Computed::new(map, held);
    let with_conductances = map;
    // the measures are those of currents, as which conductances act near the mean potential
    let map = &*map.linearised_at(rates_hz);
    let inputs = map.inputs(rates_hz);
    let random_part_spectral_radius = spectral_radius(map, &inputs);
    let state = State { map, rates_hz, cv, inputs, random_part_spectral_radius };
    let shots = shots(network, &map.streams, rates_hz);
    let shared = shared_inputs(network, map, rates_hz);
    let distributions = rate_distributions(network, map, rates_hz);
    let each = shots.iter().zip(shared).zip(distributions).enumerate();
    let of = |(a, ((shots, shared), distribution))| {
        let mut validity = state.population(a, shots, shared, distribution);
        if let Some(rate_hz) = with_jumps_of_conductances(with_conductances, a, effects.input(a), rates_hz) {
            validity.shot_noise_corrected_rate_hz = Some(rate_hz);
            validity.shot_noise_deviation = Some(rate_hz / rates_hz[a] - 1.0);
        }
        validity.effects = effects.of_population(a, &validity);
        validity.conductance_std_over_mean =
            conductance_std_over_mean(with_conductances, a, effects.input(a), rates_hz);
        validity.warnings = warnings_about(&network.populations[a].name, &validity, rates_hz[a]);
        validity
    };
    each.map(of).collect()
}

/// The rate of a population whose conductances are open for an instant with the jumps that these make, each as large as it is where the potential is, at the input of the state; `None` where the state has
/// it, of populations that hear other synapses too, or hardly fire.
fn with_jumps_of_conductances(map: &RateMap, a: usize, input: &Input, rates_hz: &[f64]) -> Option<f64> {
    let transfer = &map.transfers[a];
    let mut own = map.streams.streams.iter().filter(|stream| stream.target == a);
    let is_instantaneous = own.all(|stream| stream.kinetics == Kinetics::Delta && stream.sent.is_rate());
    if !is_instantaneous || transfer.input_theory() == InputTheory::ShotNoise || rates_hz[a] < LEAST_HZ {
        return None;
    }
    let jumps = Jumps::of_population(&map.streams, a, rates_hz)?;
    Some(transfer.ln_rate_of_instantaneous_conductances(input, jumps)?.exp())
}

/// How much the total conductance of a population varies, over its mean: each conductance by `K r (w/g_L)^2 tau_syn/2`, one that the potential blocks as it is near the mean potential.
fn conductance_std_over_mean(map: &RateMap, a: usize, input: &Input, rates_hz: &[f64]) -> Option<f64> {
    if !map.transfers[a].has_conductances() {
        return None;
    }
    let shunt = &input.shunt;
    let variance_of = |stream: &Stream| {
        let (Action::Conductance { parts, block, .. }, Kinetics::Exponential { tau_ms, .. }) =
            (stream.action, stream.kinetics)
        else {
            return None;
        };
        let let_through = block.map_or(1.0, |block| block.at(shunt.mean_potential_mv()).slope);
        let noise_hz = stream.sent.noise(stream.source_hz(rates_hz)).value;
        Some(
            stream.events_per_hz() * noise_hz * parts[1] * let_through * let_through * stream.tau_m_ms / (2.0 * tau_ms),
        )
    };
    let own = map.streams.streams.iter().filter(|stream| stream.target == a);
    let each: Vec<f64> = own.filter_map(variance_of).collect();
    let std = each.iter().sum::<f64>().sqrt();
    (!each.is_empty()).then(|| std / (1.0 + shunt.conductance)).filter(|ratio| ratio.is_finite())
}

/// The size of the jumps in an input of variance `sigma^2`.
pub(crate) fn jump_size(shots: &Shots, variance_mv2: f64) -> JumpSize {
    JumpSize {
        overshoot_mv: shots.overshoot_mv(variance_mv2),
        skewness: shots.skewness().unwrap_or(0.0),
        excess_kurtosis: shots.excess_kurtosis().unwrap_or(0.0),
    }
}

/// What two neurons of a population have in common.
struct SharedInput {
    fraction: Option<f64>,
    variance_mv2: f64,
    /// The part that shared drives make.
    of_drives_mv2: f64,
}

fn shared_inputs(network: &Network, map: &RateMap, rates_hz: &[f64]) -> Vec<SharedInput> {
    let fractions = shared_input_fractions_at(network, rates_hz);
    let variances = shared_variance_mv2(network, &map.streams, rates_hz);
    let of_drives = shared_drive_variance_mv2(network, &map.streams);
    let each = fractions.into_iter().zip(variances).zip(of_drives);
    each.map(|((fraction, variance_mv2), of_drives_mv2)| SharedInput { fraction, variance_mv2, of_drives_mv2 })
        .collect()
}

struct State<'a> {
    map: &'a RateMap,
    rates_hz: &'a [f64],
    cv: &'a [Option<f64>],
    inputs: Vec<Input>,
    random_part_spectral_radius: f64,
}

impl State<'_> {
    fn population(&self, a: usize, shots: &Shots, shared: SharedInput, distribution: RateDistribution) -> Validity {
        let input = &self.inputs[a];
        let transfer = &self.map.transfers[a];
        let variance = input.std_mv * input.std_mv;
        let noisy = variance > 0.0;
        let adaptation = transfer.mean_adaptation(input);
        // sources heard again make sigma larger than the theory's, which could take the correlation beyond 1
        let correlation = |shared_mv2: f64| noisy.then(|| (shared_mv2 / variance).min(1.0));
        let input_correlation = correlation(shared.variance_mv2);
        let ShotNoise { rate_ratio, expansion_parameter } = self.shot_noise(a, shots);
        let (largest_presynaptic_cv2_deviation, low_frequency_noise_deviation) =
            presynaptic_irregularity(self.map, a, self.rates_hz, self.cv);
        Validity {
            events_per_tau_m: shots.events_per_tau_m,
            spike_noise_fraction: if noisy { (shots.jump_sums[1] / variance).min(1.0) } else { 0.0 },
            largest_psp_mv: shots.largest_psp_mv,
            psp_over_threshold_distance: shots.largest_psp_mv / transfer.voltage_scale_mv(),
            skewness: shots.skewness(),
            excess_kurtosis: shots.excess_kurtosis(),
            third_over_second: noisy.then(|| shots.jump_sums[2] / (3.0 * variance * input.std_mv)),
            kramers_moyal: self.kramers_moyal(a, shots),
            shot_noise_corrected_rate_hz: rate_ratio.map(|ratio| ratio * self.rates_hz[a]),
            shot_noise_deviation: rate_ratio.map(|ratio| ratio - 1.0),
            // a series that there is not has no parameter
            shot_noise_expansion_parameter: Some(expansion_parameter).filter(|parameter| !parameter.is_nan()),
            tau_syn_over_tau_m: input.tau_syn_over_tau_m,
            filtered_fraction: input.filtered_fraction,
            by_threshold_crossings: transfer.is_full(input),
            by_single_jumps: transfer.input_theory() == InputTheory::ShotNoise,
            shared_input_fraction: shared.fraction,
            input_correlation,
            shared_drive_correlation: correlation(shared.of_drives_mv2).filter(|correlation| *correlation > 0.0),
            output_correlation: input_correlation.and_then(|rho| self.output_correlation(a, rho)),
            largest_presynaptic_cv2_deviation,
            low_frequency_noise_deviation,
            random_part_spectral_radius: self.random_part_spectral_radius,
            rate_distribution: distribution,
            mean_adaptation_mv: adaptation.map(|adaptation| adaptation.mean_mv),
            adaptation_std_over_sigma: adaptation.filter(|_| noisy).map(|adaptation| adaptation.std_mv / input.std_mv),
            spikes_per_tau_w: adaptation.map(|adaptation| adaptation.spikes_per_tau_w),
            asynchrony: None,
            rate_times_t_ref: self.rates_hz[a] * transfer.thresholds().t_ref_ms * S_PER_MS,
            effects: Effects::default(),
            conductance_std_over_mean: None,
            warnings: Vec::new(),
        }
    }

    fn kramers_moyal(&self, a: usize, shots: &Shots) -> KramersMoyal {
        let transfer = &self.map.transfers[a];
        let Thresholds { V_th_mv, V_reset_mv, tau_m_ms, .. } = transfer.thresholds();
        let Input { mean_mv, std_mv, .. } = self.inputs[a];
        let [_, _, third, fourth] = shots.jump_sums;
        KramersMoyal {
            d1_at_V_reset_mv_per_ms: V_reset_mv.is_finite().then(|| transfer.drift_mv_per_ms(mean_mv, V_reset_mv)),
            d1_at_V_th_mv_per_ms: transfer.drift_mv_per_ms(mean_mv, V_th_mv),
            d2_mv2_per_ms: std_mv * std_mv / (2.0 * tau_m_ms),
            d3_mv3_per_ms: third / (6.0 * tau_m_ms),
            d4_mv4_per_ms: fourth / (24.0 * tau_m_ms),
        }
    }

    fn shot_noise(&self, a: usize, shots: &Shots) -> ShotNoise {
        let input = &self.inputs[a];
        let jumps = jump_size(shots, input.std_mv * input.std_mv);
        let transfer = &self.map.transfers[a];
        let found = transfer.shot_noise(input, &jumps);
        if found.rate_ratio.is_some() || self.rates_hz[a] < LEAST_HZ {
            return found;
        }
        // the expansion is of no use: jump by jump
        let exact = || transfer.exact_ratio(input, Jumps::of_population(&self.map.streams, a, self.rates_hz)?);
        ShotNoise { rate_ratio: exact(), ..found }
    }

    /// `rho sigma^2 tau_m (dr/dmu)^2/(r CV^2)`: white input through the static gain, over the variance of counts.
    ///
    /// Source: de la Rocha et al. (2007), Nature 448:802. Range: long windows, small correlation; neurons that hear the same fire alike.
    fn output_correlation(&self, a: usize, input_correlation: f64) -> Option<f64> {
        let cv = self.cv[a].filter(|cv| *cv > 0.0)?;
        if input_correlation >= 1.0 {
            return Some(1.0);
        }
        let input = &self.inputs[a];
        let tau_m_s = self.map.transfers[a].time_constant_ms() * S_PER_MS;
        let gain = self.map.log_rate(a, input).d_mu * input.std_mv / cv;
        Some((input_correlation * tau_m_s * self.rates_hz[a] * gain * gain).min(1.0))
    }
}

/// Of `share (CV^2 - 1)` over the populations that feed `a`, `share` their part of its noise: the largest modulus, and the sum.
pub(crate) fn presynaptic_irregularity(
    map: &RateMap,
    a: usize,
    rates_hz: &[f64],
    cv: &[Option<f64>],
) -> (Option<f64>, Option<f64>) {
    let variance = map.sums.variance().at(a, rates_hz, 1.0);
    let per_hz = map.sums.variance().per_hz.row(a);
    let deviations = per_hz.iter().zip(rates_hz).zip(cv).filter_map(|((per_hz, rate), cv)| {
        let share = per_hz * rate / variance;
        cv.filter(|_| share > 0.0).map(|cv| share * (cv * cv - 1.0))
    });
    let deviations: Vec<f64> = deviations.collect();
    if deviations.is_empty() {
        return (None, None);
    }
    (Some(deviations.iter().fold(0.0, |largest, x| x.abs().max(largest))), Some(deviations.iter().sum()))
}
