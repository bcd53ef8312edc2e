//! The measured assumptions as plain data.

use serde::{Deserialize, Serialize};

use super::Measure;
use crate::Warning;

/// Measured assumptions of the theory for one population in one state, and plain sentences where one fails.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
#[non_exhaustive]
pub struct Validity {
    /// Spikes that a neuron receives within `tau_m`, from the network and from Poisson drives.
    pub events_per_tau_m: f64,
    /// The part of `sigma^2` that comes by spikes; the rest is white noise from outside.
    pub spike_noise_fraction: f64,
    /// Largest peak of the potential that one spike causes, in modulus; for random weights `|mean| + 2 std`.
    pub largest_psp_mv: f64,
    /// That over `V_th - V_reset`; over `2 Delta_T` of a quadratic neuron whose reset is infinite.
    pub psp_over_threshold_distance: f64,
    /// Skewness of the membrane potential without threshold; 0 for a Gaussian. `None` without noise.
    pub skewness: Option<f64>,
    /// Its excess kurtosis; 0 for a Gaussian.
    pub excess_kurtosis: Option<f64>,
    /// `D3/(D2 sigma)`: the first term that diffusion leaves out against the last that it keeps, over a distance of `sigma`.
    pub third_over_second: Option<f64>,
    /// The Kramers-Moyal coefficients.
    pub kramers_moyal: KramersMoyal,
    /// Rate at the same input with jumps of their size: to second order, and where the expansion is of no use jump by jump (`None` for neurons without that theory). Feedback
    /// through the network is not in it.
    pub shot_noise_corrected_rate_hz: Option<f64>,
    /// That over the rate, minus 1.
    pub shot_noise_deviation: Option<f64>,
    /// How far the expansion is from where it is of no use, which is at 1; `None` of a neuron for which there is no such series.
    pub shot_noise_expansion_parameter: Option<f64>,
    /// Synaptic over membrane time constant, noise-weighted; 0 for delta synapses.
    pub tau_syn_over_tau_m: f64,
    /// The part of `sigma^2` that comes through synapses with a time constant.
    pub filtered_fraction: f64,
    /// Whether the law of threshold crossings took the time constants of synapses for what they are; their measures above find no fault then.
    #[serde(default)]
    pub by_threshold_crossings: bool,
    /// Whether the rate counts jumps one by one (`--input shot-noise`): what is said of many small ones finds no fault then.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub by_single_jumps: bool,
    /// Expected fraction of inputs from the network that two neurons of the population share; where a drive is shared, of all spikes.
    pub shared_input_fraction: Option<f64>,
    /// Correlation of the inputs of two neurons that follows from shared sources, were these independent: feedback in the network
    /// cancels most of it.
    pub input_correlation: Option<f64>,
    /// The part of `input_correlation` that shared drives make; `None` without any.
    pub shared_drive_correlation: Option<f64>,
    /// Correlation of the two neurons' spike counts in long windows that follows from it; `None` without spikes.
    pub output_correlation: Option<f64>,
    /// Largest `|CV^2 - 1|` of the populations heard, each times its part of `sigma^2`; `None` if none is heard.
    pub largest_presynaptic_cv2_deviation: Option<f64>,
    /// Sum of `CV^2 - 1` over the populations heard, each times its part of `sigma^2`: noise at low frequency over the noise assumed, minus 1.
    pub low_frequency_noise_deviation: Option<f64>,
    /// Spectral radius of the random part of the connections, the network's: beyond 1 differences between neurons feed on themselves.
    pub random_part_spectral_radius: f64,
    /// Rates over the neurons of the population.
    pub rate_distribution: RateDistribution,
    /// Mean adaptation over the leak conductance, by which the mean input is smaller; `None` of neurons that do not adapt.
    pub mean_adaptation_mv: Option<f64>,
    /// Standard deviation of the adaptation over `sigma`, both as voltages: the theory takes it for 0. `None` without noise, too.
    pub adaptation_std_over_sigma: Option<f64>,
    /// Spikes of a neuron within `tau_w`: the more, the less the adaptation varies.
    pub spikes_per_tau_w: Option<f64>,
    /// Standard deviation of the total conductance over its mean, the leak among it, of conductances with a time constant: the theory takes the time constant of the membrane at the
    /// mean. `None` without any.
    #[serde(default)]
    pub conductance_std_over_mean: Option<f64>,
    /// Whether the population fires asynchronously; `None` where the full dynamics was not asked for, or is not known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub asynchrony: Option<Asynchrony>,
    /// Rate over its limit `1/t_ref`.
    pub rate_times_t_ref: f64,
    /// What makes synapses more than white noise, each with what it does to the rate.
    pub effects: Effects,
    /// Where an assumption is not met.
    pub warnings: Vec<Warning>,
}

/// How far a population is from firing asynchronously: by a mode of the network that grows, or where none does by its power spectrum.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
#[non_exhaustive]
pub struct Asynchrony {
    /// Growth of the fastest growing mode in which it takes part; `None` where none grows.
    pub growth_per_s: Option<f64>,
    /// The frequency of that mode; 0 where it does not oscillate.
    pub frequency_hz: Option<f64>,
    /// The part that the population has in it, of 1 for all populations.
    pub part: Option<f64>,
    /// The highest value of its power spectrum beside that of as many independent neurons; `None` where a mode grows.
    pub peak: Option<f64>,
    /// At which frequency.
    pub peak_hz: Option<f64>,
}

/// What makes synapses more than white noise of one mean and variance, each with what it does to the rate at the input of the state: feedback through the network is not in it.
///
/// Of each it holds that what stands before it is in both of its rates: time constants act on jumps of their size where the state counts them, and noise that depends on the
/// potential on filtered noise.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
#[non_exhaustive]
pub struct Effects {
    /// Jumps of finite size, which the diffusion approximation takes for white noise: to second order in their size, one by one where that is of no use and where the state counts
    /// them so (`--input shot-noise`). `None` where no spikes arrive, and of neurons without that theory.
    pub jumps: Option<Effect>,
    /// Time constants of synapses, as the state has them (`--filter`), beside instantaneous synapses. `None` where all are, and where the theory leaves them out.
    pub filter: Option<Effect>,
    /// Noise of conductances, which depends on the potential, beside noise that is everywhere what it is at the mean input. `None` without conductances, and where the theory does not
    /// tell their time constants apart (`--filter shift`, `taylor`, `none`).
    pub conductance_noise: Option<Effect>,
}

/// What something does to a rate.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Effect {
    /// The rate with it.
    pub with_hz: f64,
    /// The rate without it, at the same input.
    pub without_hz: f64,
    /// The one over the other.
    pub ratio: f64,
}

impl Effect {
    /// From the logarithms of both rates in Hz; `None` where one of them is 0, or underflows.
    pub(super) fn of(ln_with_hz: f64, ln_without_hz: f64) -> Option<Self> {
        let effect = Effect {
            with_hz: ln_with_hz.exp(),
            without_hz: ln_without_hz.exp(),
            ratio: (ln_with_hz - ln_without_hz).exp(),
        };
        let all = [effect.with_hz, effect.without_hz, effect.ratio];
        all.iter().all(|value| value.is_finite() && *value > 0.0).then_some(effect)
    }
}

/// Coefficients of `dp/dt = sum_n (-d/dV)^n [D_n p]`; `D1` is the drift, `(mu - V)/tau_m` of a leaky neuron below its spike.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct KramersMoyal {
    /// `D1` at the reset potential; `None` where that is infinite.
    pub d1_at_V_reset_mv_per_ms: Option<f64>,
    /// `D1` at threshold; negative where the neuron fires by noise alone.
    pub d1_at_V_th_mv_per_ms: f64,
    /// `D2 = sigma^2/(2 tau_m)`.
    pub d2_mv2_per_ms: f64,
    /// `D3`, which diffusion leaves out.
    pub d3_mv3_per_ms: f64,
    /// `D4`, which diffusion leaves out.
    pub d4_mv4_per_ms: f64,
}

/// Rates over the neurons of a population, whose mean inputs differ since in-degrees, weights and sources do, and which differ themselves where the network says so.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct RateDistribution {
    /// Mean; it differs from the rate of the state, in which all neurons have the same connections.
    pub mean_hz: f64,
    /// Standard deviation; not a number where there is none, of QIF neurons with a Lorentzian law of currents and without refractory time.
    #[serde(with = "crate::provenance::number_or_null")]
    pub std_hz: f64,
    /// Quantiles.
    pub quantiles_hz: Quantiles,
    /// Fraction of neurons below 0.1 Hz.
    pub silent_fraction: f64,
    /// Standard deviation of `mu` over neurons by their connections; laws of the neurons' own currents and parameters are not in it, since the rate of the state is
    /// their mean already.
    pub delta_mv: f64,
    /// That times `d ln rate/d mu`: about the spread of the logarithm of the rate.
    pub delta_dln_rate_dmu: f64,
    /// Whether the rates that the distributions make are those that make the distributions. If not, they are those made by
    /// the rates of the state.
    pub self_consistent: bool,
}

/// Rates below which a part of the neurons lies, in Hz.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Quantiles {
    /// 5 %.
    #[serde(rename = "0.05")]
    pub q05: f64,
    /// 25 %.
    #[serde(rename = "0.25")]
    pub q25: f64,
    /// 50 %: the median.
    #[serde(rename = "0.5")]
    pub q50: f64,
    /// 75 %.
    #[serde(rename = "0.75")]
    pub q75: f64,
    /// 95 %.
    #[serde(rename = "0.95")]
    pub q95: f64,
}

/// How far to trust a state.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Trust {
    /// Every measure is within its limit.
    #[default]
    Good,
    /// The worst measure is beyond its limit by a factor of 2 at most.
    Caution,
    /// The worst measure is farther off.
    Doubtful,
}

/// The verdict on a state.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
#[non_exhaustive]
pub struct Verdict {
    /// In a word.
    pub trust: Trust,
    /// The measure that decides: the farthest beyond its limit, or the nearest to it.
    pub measure: Option<Measure>,
    /// The population in which it does.
    pub population: Option<String>,
    /// The measure over its limit, 1 at the limit.
    pub severity: f64,
    /// In a sentence.
    pub sentence: String,
}
