//! Theory beside simulation as plain data.

use serde::{Deserialize, Serialize};

use crate::theory::FixedPoint;

/// A stationary state beside a simulation that was started near it, or anywhere.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
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
    /// The same for rates and for CVs alone; one that was measured nowhere has none.
    pub verdicts: Vec<QuantityVerdict>,
    /// The state, its populations that can be exchanged in the order of the simulation.
    pub fixed_point: FixedPoint,
}

/// How one quantity stands, over all populations.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct QuantityVerdict {
    /// Which.
    pub quantity: ComparedQuantity,
    /// Whether it deviates in no population by more than chance and a trifle.
    pub agrees: bool,
    /// In how many populations it deviates.
    pub deviating_populations: usize,
    /// In which most.
    pub worst_population: Option<String>,
    /// By how much there; `None` where it is 0 in the simulation.
    pub worst_deviation_percent: Option<f64>,
    /// What bears on it most there.
    pub cause: Option<CauseKind>,
    /// In a sentence.
    pub sentence: String,
}

/// Where a simulation was when it was measured.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
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
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct PopulationComparison {
    /// Its name.
    pub name: String,
    /// What theory and simulation both know.
    pub quantities: Vec<QuantityComparison>,
    /// What accounts for the deviations in it, largest first.
    pub causes: Vec<Cause>,
    /// The power spectrum of its activity in theory; nothing where that is not computed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub predicted_spectrum: Option<PredictedSpectrum>,
}

/// A power spectrum in theory, at frequencies of the one that was measured.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct PredictedSpectrum {
    /// Frequencies.
    pub frequency_hz: Vec<f64>,
    /// Two-sided power.
    pub power_hz: Vec<f64>,
}

/// A number of the theory beside the one measured.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct QuantityComparison {
    /// What it is.
    pub quantity: ComparedQuantity,
    /// The theory: continuous time, white noise or, with `--input shot-noise`, jumps of their size.
    pub theory: Option<f64>,
    /// The theory for a threshold that is looked at once a time step.
    pub theory_on_grid: Option<f64>,
    /// The theory with all that can be computed beside it: the grid, jumps of their size if it has not got them, sources heard twice.
    pub theory_corrected: Option<f64>,
    /// As measured.
    pub simulation: Option<f64>,
    /// Of the simulation.
    pub standard_error: Option<f64>,
    /// Of the simulation: 1.96 standard errors to either side.
    pub confidence_interval_95: Option<[f64; 2]>,
    /// 100 (theory - simulation) / simulation.
    pub deviation_percent: Option<f64>,
    /// (theory - simulation) / standard error; `None` where nothing varies, so that the error is 0 but for rounding.
    pub z: Option<f64>,
    /// `deviation_percent` of `theory_corrected`.
    pub corrected_deviation_percent: Option<f64>,
    /// Whether the deviation is more than chance and more than a trifle: beyond 3 standard errors, where known, and 1 %; standard deviations
    /// of input and potential: 2 %; mean voltages: 1 % of `V_th - V_reset`; the spread of rates: 1 % of the rate; quantiles of rates: 5 % of the rate or one spike.
    pub deviates: bool,
    /// Causes of the population that bear on this quantity, largest first; empty where it does not deviate.
    pub causes: Vec<CauseKind>,
}

/// Numbers that theory and simulation both know.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum ComparedQuantity {
    /// Rate.
    #[serde(rename = "rate_hz")]
    Rate,
    /// CV of the interspike intervals.
    #[serde(rename = "cv")]
    Cv,
    /// `mu`.
    #[serde(rename = "mean_input_mv")]
    MeanInput,
    /// `sigma`.
    #[serde(rename = "std_input_mv")]
    StdInput,
    /// Mean membrane potential, refractory neurons at `V_reset`.
    #[serde(rename = "membrane_mean_mv")]
    MembraneMean,
    /// Its standard deviation.
    #[serde(rename = "membrane_std_mv")]
    MembraneStd,
    /// Standard deviation of the rates over neurons, the sampling noise of counts taken off.
    #[serde(rename = "rate_std_hz")]
    RateStd,
    /// The rate below which 5 % of the neurons are.
    #[serde(rename = "rate_q05_hz")]
    RateQ05,
    /// The median rate.
    #[serde(rename = "rate_q50_hz")]
    RateQ50,
    /// The rate below which 95 % of the neurons are.
    #[serde(rename = "rate_q95_hz")]
    RateQ95,
    /// Mean Pearson coefficient of spike counts over all pairs of neurons.
    #[serde(rename = "correlation_all_pairs")]
    Correlation,
    /// Variance over mean of the population's spike count.
    #[serde(rename = "fano_factor")]
    FanoFactor,
    /// The same of one neuron's spike count.
    #[serde(rename = "single_neuron_fano_factor")]
    SingleNeuronFanoFactor,
    /// The frequency of the mode that grows, or else at which the power spectrum of the population has a peak.
    #[serde(rename = "oscillation_hz")]
    Oscillation,
}

impl ComparedQuantity {
    /// Its name in results.
    pub fn name(self) -> &'static str {
        match self {
            ComparedQuantity::Rate => "rate_hz",
            ComparedQuantity::Cv => "cv",
            ComparedQuantity::MeanInput => "mean_input_mv",
            ComparedQuantity::StdInput => "std_input_mv",
            ComparedQuantity::MembraneMean => "membrane_mean_mv",
            ComparedQuantity::MembraneStd => "membrane_std_mv",
            ComparedQuantity::RateStd => "rate_std_hz",
            ComparedQuantity::RateQ05 => "rate_q05_hz",
            ComparedQuantity::RateQ50 => "rate_q50_hz",
            ComparedQuantity::RateQ95 => "rate_q95_hz",
            ComparedQuantity::Correlation => "correlation_all_pairs",
            ComparedQuantity::FanoFactor => "fano_factor",
            ComparedQuantity::SingleNeuronFanoFactor => "single_neuron_fano_factor",
            ComparedQuantity::Oscillation => "oscillation_hz",
        }
    }

    /// Whether it is a mean voltage: its size depends on where 0 mV is, and deviations are to be read in mV.
    pub fn is_mean_voltage(self) -> bool {
        matches!(self, ComparedQuantity::MeanInput | ComparedQuantity::MembraneMean)
    }
}

impl PopulationComparison {
    /// The row of a quantity; `None` where it is not compared.
    pub fn row(&self, quantity: ComparedQuantity) -> Option<&QuantityComparison> {
        self.quantities.iter().find(|row| row.quantity == quantity)
    }
}

/// Something that moves the simulation away from the theory.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Cause {
    /// What it is.
    pub kind: CauseKind,
    /// Where it acts.
    pub population: String,
    /// Its measure over the limit beyond which it counts.
    pub severity: f64,
    /// Its part of `100 (theory - simulation)/simulation` of the rate, where it can be computed.
    pub share_percent: Option<f64>,
    /// What decides about its place: its parts of all deviations, those of the rate first; for a state the sum over populations.
    pub weight: f64,
    /// With numbers.
    pub sentence: String,
}

/// Kinds of causes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CauseKind {
    /// The simulation is not at this state.
    OtherState,
    /// The state is a saddle, or unstable without oscillating.
    Instability,
    /// A drive changes in time.
    ChangingDrive,
    /// An oscillation grows under the rate dynamics, which decides nothing.
    RateOscillation,
    /// The populations' rates oscillate or fluctuate together.
    CommonFluctuations,
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
    /// The adaptation varies.
    Adaptation,
    /// The total conductance fluctuates.
    ConductanceFluctuations,
    /// Rates of populations that are heard deviate.
    OtherRates,
}

impl CauseKind {
    /// Its name in results.
    pub fn name(self) -> &'static str {
        match self {
            CauseKind::OtherState => "other_state",
            CauseKind::Instability => "instability",
            CauseKind::ChangingDrive => "changing_drive",
            CauseKind::RateOscillation => "rate_oscillation",
            CauseKind::CommonFluctuations => "common_fluctuations",
            CauseKind::RandomPart => "random_part",
            CauseKind::TimeGrid => "time_grid",
            CauseKind::ShotNoise => "shot_noise",
            CauseKind::Multapses => "multapses",
            CauseKind::SynapticTime => "synaptic_time",
            CauseKind::PresynapticIrregularity => "presynaptic_irregularity",
            CauseKind::SharedInput => "shared_input",
            CauseKind::RateSpread => "rate_spread",
            CauseKind::Saturation => "saturation",
            CauseKind::Adaptation => "adaptation",
            CauseKind::ConductanceFluctuations => "conductance_fluctuations",
            CauseKind::OtherRates => "other_rates",
        }
    }

    /// For a column of a table.
    pub fn words(self) -> &'static str {
        match self {
            CauseKind::OtherState => "another state",
            CauseKind::Instability => "unstable state",
            CauseKind::ChangingDrive => "drive that changes in time",
            CauseKind::RateOscillation => "oscillation of the rate dynamics",
            CauseKind::CommonFluctuations => "common fluctuations",
            CauseKind::RandomPart => "random part of the connections",
            CauseKind::TimeGrid => "time grid",
            CauseKind::ShotNoise => "size of jumps",
            CauseKind::Multapses => "multapses",
            CauseKind::SynapticTime => "synaptic time constants",
            CauseKind::PresynapticIrregularity => "input that is not Poisson",
            CauseKind::SharedInput => "shared input",
            CauseKind::RateSpread => "spread of rates",
            CauseKind::Saturation => "saturation",
            CauseKind::Adaptation => "variance of the adaptation",
            CauseKind::ConductanceFluctuations => "fluctuations of the conductance",
            CauseKind::OtherRates => "rates that deviate",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::quantities::Named;

    #[test]
    fn names_are_those_of_the_json() {
        use ComparedQuantity::{
            Cv, MeanInput, MembraneMean, MembraneStd, Rate, RateQ05, RateQ50, RateQ95, RateStd, StdInput,
        };
        for quantity in [Rate, Cv, MeanInput, StdInput, MembraneMean, MembraneStd, RateStd, RateQ05, RateQ50, RateQ95] {
            assert_eq!(serde_json::to_value(quantity).unwrap(), quantity.name());
            assert!(Named::find(quantity.name()).is_some_and(|named| named.name == quantity.name()), "{quantity:?}");
        }
        use CauseKind::{
            Adaptation, ChangingDrive, CommonFluctuations, ConductanceFluctuations, Instability, Multapses, OtherRates,
            OtherState, PresynapticIrregularity, RandomPart, RateOscillation, RateSpread, Saturation, SharedInput,
            ShotNoise, SynapticTime, TimeGrid,
        };
        let kinds = [
            Adaptation,
            ConductanceFluctuations,
            ChangingDrive,
            CommonFluctuations,
            Instability,
            Multapses,
            OtherRates,
            OtherState,
            PresynapticIrregularity,
            RandomPart,
            RateOscillation,
            RateSpread,
            Saturation,
            SharedInput,
            ShotNoise,
            SynapticTime,
            TimeGrid,
        ];
        for kind in kinds {
            assert_eq!(serde_json::to_value(kind).unwrap(), kind.name());
        }
    }
}
