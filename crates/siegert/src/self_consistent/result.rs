//! What is said of states whose input has the spectrum of the neurons heard.

use serde::{Deserialize, Serialize};

/// How a state with a self-consistent input was found.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct SelfConsistentRun {
    /// Iterations: in each, the neurons are simulated in the input that the iteration before has left.
    pub iterations: usize,
    /// Whether rates and CVs stayed within their sampling error at the end.
    pub converged: bool,
    /// Independent replicates, from which the errors come.
    pub replicates: usize,
    /// Time in s for which a neuron of each population was simulated for the numbers stated, all replicates together.
    pub simulated_s: f64,
    /// Seed of the random numbers.
    pub seed: u64,
    /// What became of the fluctuations that all neurons of a population share.
    pub population_fluctuations: PopulationFluctuations,
}

/// Whether the input has the part that neurons share, which a population of finite size makes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum PopulationFluctuations {
    /// It has, by linear response.
    Counted,
    /// The linear theory has an oscillation grow in this state: of its amplitude it knows nothing, and the fluctuations are left out.
    Oscillating,
    /// The linear theory has the network leave this state without oscillating: they are left out.
    Growing,
    /// There is no linear response: they are left out.
    Unknown,
}

impl PopulationFluctuations {
    /// In words, for the end of a sentence.
    pub fn words(self) -> &'static str {
        match self {
            PopulationFluctuations::Counted => "fluctuations of whole populations counted by linear response",
            PopulationFluctuations::Oscillating => "the oscillation that begins in it left out",
            PopulationFluctuations::Growing => "fluctuations of whole populations, which grow in it, left out",
            PopulationFluctuations::Unknown => "fluctuations of whole populations left out",
        }
    }
}

/// What the input of a population is made of while its neurons are simulated.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum SimulatedInput {
    /// Spikes as jumps of the size that they have; what comes beside is Gaussian.
    Jumps,
    /// Gaussian noise.
    Gaussian,
    /// Not simulated: it hardly fires, and has what the Poisson theory says of it.
    None,
}

/// What one population has besides its state.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct SelfConsistentPopulation {
    /// What its input was made of.
    pub input: SimulatedInput,
    /// Standard error of the rate by sampling.
    pub rate_error_hz: f64,
    /// Standard error of the CV by sampling; `None` without a CV.
    pub cv_error: Option<f64>,
    /// Standard error of the mean input by sampling.
    pub mean_input_error_mv: f64,
    /// Standard error of the input's standard deviation by sampling.
    pub std_input_error_mv: f64,
    /// What the theory says of this state with Poisson input.
    pub poisson: PoissonTheory,
    /// Power spectrum of the spikes of one neuron; `None` of a population that was not simulated.
    pub spectrum: Option<SpikeSpectrum>,
}

/// The state from which the iteration started: every source is a Poisson process.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct PoissonTheory {
    /// Rate.
    pub rate_hz: f64,
    /// Mean input.
    pub mean_input_mv: f64,
    /// Standard deviation of the input.
    pub std_input_mv: f64,
    /// CV of the intervals; `None` without spikes.
    pub cv: Option<f64>,
}

/// Power spectrum of the spikes of one neuron, two-sided: the rate for a Poisson process.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct SpikeSpectrum {
    /// Middles of the bands of frequencies, in Hz.
    pub frequency_hz: Vec<f64>,
    /// Mean power over the band, in spikes^2/s.
    pub power_hz: Vec<f64>,
    /// Its standard error by sampling.
    pub error_hz: Vec<f64>,
}
