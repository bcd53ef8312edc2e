//! What a simulated network did, as plain data.

use serde::{Deserialize, Serialize};

use super::SpikeTimes;
use crate::Warning;

/// A simulation: how it was run, what each population did, and what it cost.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Simulation {
    /// How it was run.
    #[serde(rename = "simulation")]
    pub run: Run,
    /// What each population did in the time measured, in the order of the network.
    pub populations: Vec<PopulationActivity>,
    /// What it cost.
    pub performance: Performance,
    /// What was rounded, assumed or left out, as sentences.
    pub warnings: Vec<Warning>,
    /// Spikes of a few neurons in the last stretch of the run, for a picture.
    #[serde(default)]
    pub raster: Raster,
    /// Rates of the populations in that stretch, for a picture.
    #[serde(default)]
    pub rate_trace: RateTrace,
}

/// How a simulation was run.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Run {
    /// Time measured, in ms; less than was asked for if the run was stopped.
    pub duration_ms: f64,
    /// Time before it that was not measured, in ms.
    pub warmup_ms: f64,
    /// Time step, in ms.
    pub dt_ms: f64,
    /// Length of the bins of spike counts, in ms: whole steps, as near to 50 ms as they allow.
    pub count_bin_ms: f64,
    /// When in its step a spike is counted; left out where that is at its end.
    #[serde(default, skip_serializing_if = "SpikeTimes::are_on_grid")]
    pub spike_times: SpikeTimes,
    /// Seed.
    pub seed: u64,
    /// Threads.
    pub threads: usize,
    /// "explicit", "redrawn", or "none" where there are no connections.
    pub connectivity: String,
    /// Whether the time asked for was reached.
    pub complete: bool,
}

/// What a population did. `None` where too few spikes or too short a time leave a quantity undefined.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct PopulationActivity {
    /// Name of the population.
    pub name: String,
    /// Number of neurons.
    pub size: u64,
    /// Number of spikes.
    pub spikes: u64,
    /// Spikes per neuron and second.
    pub rate_hz: f64,
    /// Standard error of `rate_hz` by batch means, in Hz: from the variance between 20 to 40 stretches of time (5 at least),
    /// whole multiples of 50 ms. It contains what neurons do together and what lasts shorter than a stretch, hardly what lasts
    /// longer, and not the variance between networks drawn anew.
    pub rate_standard_error_hz: Option<f64>,
    /// Mean over neurons with at least 10 spikes of the coefficient of variation of their interspike intervals.
    pub cv: Option<f64>,
    /// Standard deviation of the same over neurons.
    pub cv_std: Option<f64>,
    /// Number of neurons with at least 10 spikes.
    pub cv_neurons: u64,
    /// Histogram of the same over neurons.
    pub cv_distribution: Option<Histogram>,
    /// Mean Pearson coefficient of spike counts in whole bins of 50 ms (`count_bin_ms`), over the pairs of a sample of at most 200 neurons. The sample
    /// is drawn before the run, from the seed; neurons that stay silent or whose counts do not vary are then left out.
    pub correlation: Option<f64>,
    /// Standard error of `correlation`, as for independent neurons: 1 / sqrt(pairs x bins).
    pub correlation_standard_error: Option<f64>,
    /// Neurons of the sample whose counts varied.
    pub correlation_neurons: u64,
    /// Mean covariance of the counts of all pairs of neurons over their mean variance, from the variance of the population's
    /// count: of less sampling error than `correlation`, and equal to it only where the neurons are alike.
    pub correlation_all_pairs: Option<f64>,
    /// Variance over mean of the population's spike count in bins of 50 ms (`count_bin_ms`).
    pub fano_factor: Option<f64>,
    /// Mean over neurons that spiked of variance over mean of a neuron's spike count in the same bins; 0 for a regular one.
    pub single_neuron_fano_factor: Option<f64>,
    /// Rates over the neurons.
    pub rate_distribution: RateStatistics,
    /// Power spectrum of the population's activity.
    pub spectrum: Option<Spectrum>,
    /// Membrane potentials; none where they go to infinity, where they have no mean.
    pub membrane: Option<Membrane>,
    /// Input as measured.
    pub input: Option<MeasuredInput>,
}

/// How rates vary over the neurons of a population.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct RateStatistics {
    /// Standard deviation over neurons, in Hz; sampling noise of the counts included.
    pub std_hz: Option<f64>,
    /// Fraction of neurons without a spike.
    pub silent_fraction: f64,
    /// The rates, at 5, 25, 50, 75 and 95 % of the neurons, in Hz.
    pub quantiles_hz: [f64; 5],
    /// Number of neurons over rate in Hz, in bins that are a round number of spikes wide.
    pub histogram: Histogram,
}

/// Counts in bins of one width.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Histogram {
    /// Lower edge of the first bin, in the unit of the quantity.
    pub low: f64,
    /// Width of a bin.
    pub width: f64,
    /// Counts.
    pub counts: Vec<u64>,
}

/// Two-sided power spectrum of spikes per neuron and second (Welch's method, Hann window, half-overlapping segments of 1 s
/// whose means are taken off; a time of 0.1 to 1 s is one segment).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Spectrum {
    /// Frequencies (centres of bands of about 5 % width; single frequencies below).
    pub frequency_hz: Vec<f64>,
    /// Power at each; a Poisson process of rate r in each of n neurons has r / n.
    pub power_hz: Vec<f64>,
    /// Number of segments averaged.
    pub segments: u64,
    /// Length of a segment in ms.
    pub segment_ms: f64,
}

/// Membrane potential of a sample of neurons, once a millisecond.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Membrane {
    /// Neurons in the sample.
    pub neurons: u64,
    /// Mean over time and neurons, refractory times (at V_reset) included, in mV.
    pub mean_mv: f64,
    /// Standard deviation, in mV.
    pub std_mv: f64,
    /// Fraction of the time spent refractory.
    pub refractory_fraction: f64,
    /// Potentials outside refractory times, over V in mV; what lies below the first bin is counted in it.
    pub histogram: Histogram,
}

/// Input of a sample of neurons, as it arrived, on the voltage axis.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct MeasuredInput {
    /// Neurons in the sample.
    pub neurons: u64,
    /// Mean input mu, in mV.
    pub mean_mv: f64,
    /// Noise amplitude sigma, from the variance in time of what arrives in one step, averaged over neurons, in mV.
    pub std_mv: f64,
    /// Standard deviation of the mean input over neurons, in mV.
    pub mean_std_over_neurons_mv: f64,
}

/// What a simulation cost.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Performance {
    /// Number of neurons.
    pub neurons: u64,
    /// Number of synapses, those of the drives left out.
    pub synapses: u64,
    /// Spikes, warm-up included.
    pub spikes: u64,
    /// Spikes that arrived at synapses, warm-up included.
    pub synaptic_events: u64,
    /// Time to build, in s.
    pub build_s: f64,
    /// Time to simulate, warm-up included, in s.
    pub simulate_s: f64,
    /// Time to simulate over time simulated.
    pub realtime_factor: f64,
    /// Peak memory of the process, in MB, where the system tells it.
    pub peak_memory_mb: Option<f64>,
}

/// Spikes for a raster.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Raster {
    /// The stretch shown, in ms from the start of the run.
    pub from_ms: f64,
    /// Its end.
    pub to_ms: f64,
    /// Neurons shown of each population; they are its first ones.
    pub neurons: Vec<u64>,
    /// The spikes, in order of time.
    pub spikes: Vec<RasterSpike>,
}

/// A spike of a raster.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct RasterSpike {
    /// Time in ms from the start of the run.
    pub time_ms: f64,
    /// Index of the population.
    pub population: usize,
    /// Index of the neuron in it.
    pub neuron: u64,
}

/// Rates in bins of time.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct RateTrace {
    /// Start of the first bin in ms from the start of the run.
    pub from_ms: f64,
    /// Width of a bin in ms: whole steps, as near to 1 ms as they allow.
    pub bin_ms: f64,
    /// Rates in Hz, one list a population.
    pub rate_hz: Vec<Vec<f64>>,
}
