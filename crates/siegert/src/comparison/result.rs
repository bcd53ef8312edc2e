//! Theory beside simulation as plain data.

use serde::Serialize;

/// A stationary state beside a simulation that was started near it, or anywhere.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct StateComparison {
    /// Number of the state, from 1.
    pub state: usize,
    /// Where the simulation was.
    #[serde(flatten)]
    pub outcome: Outcome,
    /// One entry a population, in the order of the network.
    pub populations: Vec<PopulationComparison>,
    /// What accounts for the deviations, over all populations, largest first: each kind once, where it is largest.
    pub causes: Vec<Cause>,
    /// How it stands, in a sentence or two.
    pub verdict: String,
}

/// Where a simulation was when it was measured.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case", tag = "outcome")]
pub enum Outcome {
    /// At this state, or nearer to it than to any other.
    Stayed,
    /// Nearer to another.
    Left {
        /// Number of that state, from 1.
        #[serde(rename = "left_for")]
        to: usize,
    },
    /// Rates are off by more than a factor of 2 from those of every state.
    Elsewhere,
}

/// One population.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct PopulationComparison {
    /// Its name.
    pub name: String,
    /// What theory and simulation both know.
    pub quantities: Vec<QuantityComparison>,
    /// What accounts for the deviations in it, largest first.
    pub causes: Vec<Cause>,
}

/// A number of the theory beside the one measured.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct QuantityComparison {
    /// `rate_hz`, `cv`, `mean_input_mv`, `std_input_mv`, `membrane_mean_mv`, `membrane_std_mv`, `rate_std_hz` (over neurons, the
    /// sampling noise of counts taken off), `rate_q05_hz`, `rate_q50_hz`, `rate_q95_hz`.
    pub quantity: &'static str,
    /// The theory: continuous time, white noise.
    pub theory: Option<f64>,
    /// The theory for a threshold that is looked at once a time step.
    pub theory_on_grid: Option<f64>,
    /// The theory with all that can be computed beside it: the grid, jumps of their size, sources heard twice.
    pub theory_corrected: Option<f64>,
    /// As measured.
    pub simulation: Option<f64>,
    /// Of the simulation.
    pub standard_error: Option<f64>,
    /// Of the simulation: 1.96 standard errors to either side.
    pub confidence_interval_95: Option<[f64; 2]>,
    /// 100 (theory - simulation) / simulation.
    pub deviation_percent: Option<f64>,
    /// (theory - simulation) / standard error.
    pub z: Option<f64>,
    /// `deviation_percent` of `theory_corrected`.
    pub corrected_deviation_percent: Option<f64>,
    /// Whether the deviation is more than chance and more than a trifle: beyond 3 standard errors (where known) and 1 % (mean
    /// voltages: 1 % of `V_th - V_reset`).
    pub deviates: bool,
    /// Causes of the population that bear on this quantity, largest first; empty where it does not deviate.
    pub causes: Vec<CauseKind>,
}

/// Something that moves the simulation away from the theory.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Cause {
    /// What it is.
    pub kind: CauseKind,
    /// Where it acts.
    pub population: String,
    /// Its measure over the limit beyond which it counts.
    pub severity: f64,
    /// Its part of `100 (theory - simulation)/simulation` of the rate, where it can be computed.
    pub share_percent: Option<f64>,
    /// What decides about its place: its parts of all deviations in the population, those of the rate first.
    pub weight: f64,
    /// With numbers.
    pub sentence: String,
}

/// Kinds of causes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum CauseKind {
    /// The simulation is not at this state.
    OtherState,
    /// The state is unstable.
    Instability,
    /// The populations' rates oscillate or fluctuate together.
    Oscillation,
    /// The random part of the connections is unstable.
    RandomPart,
    /// The threshold is looked at once a time step.
    TimeGrid,
    /// Jumps have a size.
    ShotNoise,
    /// Sources are heard more than once.
    Multapses,
    /// Synapses are slow, or of several kinds.
    SynapticTime,
    /// Neurons that are heard are no Poisson processes.
    PresynapticIrregularity,
    /// Neurons share inputs.
    SharedInput,
    /// Neurons differ.
    RateSpread,
    /// Rates are near `1/t_ref`.
    Saturation,
    /// Rates of populations that are heard deviate.
    OtherRates,
}

impl CauseKind {
    /// For a column of a table.
    pub fn words(self) -> &'static str {
        match self {
            CauseKind::OtherState => "another state",
            CauseKind::Instability => "unstable state",
            CauseKind::Oscillation => "common fluctuations",
            CauseKind::RandomPart => "random part of the connections",
            CauseKind::TimeGrid => "time grid",
            CauseKind::ShotNoise => "size of jumps",
            CauseKind::Multapses => "multapses",
            CauseKind::SynapticTime => "synaptic time constants",
            CauseKind::PresynapticIrregularity => "input that is not Poisson",
            CauseKind::SharedInput => "shared input",
            CauseKind::RateSpread => "spread of rates",
            CauseKind::Saturation => "saturation",
            CauseKind::OtherRates => "rates that deviate",
        }
    }
}
