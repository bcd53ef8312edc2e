//! The network as plain data, after every expression has been evaluated and every check has passed.
//!
//! Everything is in ms, mV, pA, pF, nS; lists of populations (`to = ["E", "I"]`) have been written out, one entry for
//! each pair. The theory and the simulator both start from this description and share nothing else.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::differences::{Differences, number_or_law};
use super::kinds::{NeuronKind, SynapseKind};
use super::{Course, Law, Plasticity, ReadOptions};
use crate::Warning;
use crate::number::significant;

/// A network: who there is, who is connected to whom, and what drives it from outside.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Network {
    /// The network's name, as its file gives it.
    pub name: String,
    /// The paper that the network is from.
    pub reference: Option<String>,
    /// What the network is, in a few sentences.
    pub description: Option<String>,
    /// Remarks, such as the source of each number.
    pub notes: Vec<String>,
    /// The named parameters with the values in force (overrides included), in the order of the file.
    pub parameters: Vec<Parameter>,
    /// The populations, in the order of the file.
    pub populations: Vec<Population>,
    /// One entry for each pair of source and target.
    pub projections: Vec<Projection>,
    /// One entry for each population driven.
    pub drives: Vec<Drive>,
    /// Named sets of parameters, such as the states of a published phase diagram.
    pub cases: Vec<Case>,
    /// Published values that the network is to reproduce.
    pub expectations: Vec<Expectation>,
    /// What is unusual about the file without being wrong.
    #[serde(skip)]
    pub warnings: Vec<Warning>,
    /// The file that it was read from, if it was.
    #[serde(skip)]
    pub read_from: ReadFrom,
}

/// The file that a network was read from. Networks that are described alike are equal, wherever they come from.
#[derive(Clone, Default)]
pub struct ReadFrom(Option<Arc<NetworkFile>>);

/// A network file as it was read.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct NetworkFile {
    /// What messages call it.
    pub name: String,
    /// Its text.
    pub text: String,
    /// What was replaced in it.
    pub options: ReadOptions,
    /// The texts of tables beside it, by their names in it.
    pub tables: BTreeMap<String, String>,
}

impl ReadFrom {
    pub(in crate::network) fn file(
        name: &str,
        text: &str,
        options: &ReadOptions,
        tables: BTreeMap<String, String>,
    ) -> Self {
        let (name, text, options) = (name.to_string(), text.to_string(), options.clone());
        ReadFrom(Some(Arc::new(NetworkFile { name, text, options, tables })))
    }

    /// The file, unless the network was made in code.
    pub fn as_ref(&self) -> Option<&NetworkFile> {
        self.0.as_deref()
    }
}

/// What it was read from makes no difference, and is not shown.
impl fmt::Debug for ReadFrom {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ReadFrom(..)")
    }
}

impl PartialEq for ReadFrom {
    fn eq(&self, _: &Self) -> bool {
        true
    }
}

/// A named quantity of the file's `[parameters]`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Parameter {
    /// Its name.
    pub name: String,
    /// Its value in `unit`.
    pub value: f64,
    /// The unit as a user would write it ("mV", "Hz", "mV/ms"), empty if dimensionless.
    pub unit: String,
}

impl Parameter {
    /// For people: "g = 5", "J = 0.1 mV".
    pub fn shown(&self) -> String {
        format!("{} = {} {}", self.name, significant(self.value, 6), self.unit).trim_end().to_string()
    }
}

impl Network {
    /// The parameters for people, in the order of the file: "g = 5", "J = 0.1 mV".
    pub fn parameter_list(&self) -> Vec<String> {
        self.parameters.iter().map(Parameter::shown).collect()
    }
}

/// A group of neurons of one type.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Population {
    /// Its name.
    pub name: String,
    /// Number of neurons.
    pub size: u64,
    /// Name of the neuron type in the file.
    pub neuron_type: String,
    /// The neuron.
    pub neuron: Neuron,
    /// The law of the potentials (mV) at the start of a simulation or an evolution, if the file gives one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub initial_mv: Option<Law>,
}

/// A neuron: the parameters that all models share, and those of its model.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Neuron {
    /// The model, with its further parameters.
    #[serde(flatten)]
    pub model: NeuronModel,
    /// Membrane time constant.
    pub tau_m_ms: f64,
    /// Membrane capacitance, if the file gives it; needed wherever currents in pA or conductances in nS occur.
    pub C_m_pf: Option<f64>,
    /// Leak reversal (resting) potential.
    pub E_L_mv: f64,
    /// Threshold; the soft threshold of `eif`, `qif` and `adex`.
    pub V_th_mv: f64,
    /// Reset potential; minus infinity is possible for `qif`.
    pub V_reset_mv: f64,
    /// Refractory time.
    pub t_ref_ms: f64,
    /// What of all this differs between neurons; the values above are the centres of the laws.
    #[serde(skip_serializing_if = "Differences::is_none")]
    pub differences: Differences,
}

impl Neuron {
    /// Membrane resistance `tau_m / C_m` in mV/pA, if the capacitance is known.
    pub fn resistance_mv_per_pa(&self) -> Option<f64> {
        self.C_m_pf.map(|C_m| self.tau_m_ms / C_m)
    }
}

/// The neuron models of the network file.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
#[serde(rename_all = "lowercase", tag = "model")]
pub enum NeuronModel {
    /// Leaky integrate-and-fire.
    Lif,
    /// Exponential integrate-and-fire.
    Eif {
        /// Sharpness of the spike.
        Delta_T_mv: f64,
        /// Where a spike is counted.
        V_peak_mv: f64,
    },
    /// Quadratic integrate-and-fire.
    Qif {
        /// Sharpness of the spike.
        Delta_T_mv: f64,
        /// Where a spike is counted; infinity is possible.
        V_peak_mv: f64,
    },
    /// Perfect (leakless) integrate-and-fire.
    Perfect,
    /// Adaptive exponential integrate-and-fire.
    Adex {
        /// Sharpness of the spike.
        Delta_T_mv: f64,
        /// Where a spike is counted.
        V_peak_mv: f64,
        /// Subthreshold adaptation.
        a_ns: f64,
        /// Adaptation added at a spike.
        b_pa: f64,
        /// Time constant of the adaptation.
        tau_w_ms: f64,
    },
}

impl NeuronModel {
    /// Which one it is, whatever its parameters.
    pub fn kind(&self) -> NeuronKind {
        match self {
            NeuronModel::Lif => NeuronKind::Lif,
            NeuronModel::Eif { .. } => NeuronKind::Eif,
            NeuronModel::Qif { .. } => NeuronKind::Qif,
            NeuronModel::Perfect => NeuronKind::Perfect,
            NeuronModel::Adex { .. } => NeuronKind::Adex,
        }
    }

    /// The model's name in the network file.
    pub fn name(&self) -> &'static str {
        self.kind().name()
    }
}

/// Connections from one population to another (or to itself).
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Projection {
    /// Index of the source population.
    pub source: usize,
    /// Index of the target population.
    pub target: usize,
    /// How connections are drawn.
    pub rule: ConnectionRule,
    /// Whether a neuron may connect to itself (only where source and target are the same population).
    pub autapses: bool,
    /// Whether a pair of neurons may be connected more than once (never with pairwise probability).
    pub multapses: bool,
    /// Weight in the unit of the synapse: mV (delta), pA (current, peak), nS (conductances).
    pub weight: Law,
    /// Delay in ms, if the file gives one: a stationary state does not depend on it.
    pub delay_ms: Option<Law>,
    /// Name of the synapse type in the file.
    pub synapse_type: String,
    /// The synapse.
    pub synapse: Synapse,
    /// How much of the weight a spike sends, if that depends on the spikes before.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub plasticity: Option<Plasticity>,
}

/// How the connections of a projection are drawn.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
#[serde(rename_all = "snake_case", tag = "rule")]
pub enum ConnectionRule {
    /// Every target neuron has the same number of inputs.
    FixedInDegree {
        /// Inputs of one neuron; the theory takes it as it is, a simulation rounds it.
        in_degree: f64,
    },
    /// Every pair is connected with this probability, independently, at most once.
    PairwiseProbability {
        /// Probability of a connection.
        probability: f64,
    },
    /// A fixed number of connections, each with its source and target drawn at random.
    FixedTotal {
        /// Number of connections; the theory takes it as it is, a simulation rounds it.
        total: f64,
    },
}

/// What a presynaptic spike does.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
#[serde(rename_all = "snake_case", tag = "kind")]
pub enum Synapse {
    /// `V` jumps by the weight (mV).
    Delta,
    /// A current jumps by the weight (pA) and decays.
    ExponentialCurrent {
        /// Decay time.
        tau_ms: f64,
    },
    /// A current that rises and decays with one time constant to a peak of the weight (pA): `(t/tau) e^(1 - t/tau)`.
    AlphaCurrent {
        /// Time from the spike to the peak.
        tau_ms: f64,
    },
    /// A current that rises and decays with two time constants to a peak of the weight (pA).
    DoubleExponentialCurrent {
        /// Rise time, at most the decay time.
        tau_rise_ms: f64,
        /// Decay time.
        tau_decay_ms: f64,
    },
    /// A conductance jumps by the weight (nS) and decays.
    ExponentialConductance {
        /// Decay time.
        tau_ms: f64,
        /// Reversal potential.
        E_rev_mv: f64,
    },
    /// A conductance pulse of area weight times `tau_m` (weight in nS): `V` jumps by `(1 - exp(-weight / g_L)) (E_rev - V)`.
    DeltaConductance {
        /// Reversal potential.
        E_rev_mv: f64,
    },
    /// A conductance `g = w sum s_j` (w in nS) blocked by magnesium: the current is `g (E_rev - V)/(1 + Mg e^(-beta V)/gamma)` (Jahr and Stevens 1990), and the gating
    /// of a source saturates, `s' = -s/tau_decay + alpha x (1 - s)`, `x' = -x/tau_rise + spikes` (Brunel and Wang 2001, J Comput Neurosci 11:63-85, equations 6 and 7).
    Nmda {
        /// Rise time of the gating.
        tau_rise_ms: f64,
        /// Decay time of the gating.
        tau_decay_ms: f64,
        /// Rate at which the gating opens.
        alpha_per_ms: f64,
        /// Reversal potential.
        E_rev_mv: f64,
        /// Concentration of magnesium (mM).
        Mg: f64,
        /// Steepness of the block in the potential.
        beta_per_mv: f64,
        /// Concentration (mM) that blocks half at 0 mV.
        gamma: f64,
    },
}

impl Synapse {
    /// Which kind it is, whatever its parameters.
    pub fn of_kind(&self) -> SynapseKind {
        match self {
            Synapse::Delta => SynapseKind::Delta,
            Synapse::ExponentialCurrent { .. } => SynapseKind::ExponentialCurrent,
            Synapse::AlphaCurrent { .. } => SynapseKind::AlphaCurrent,
            Synapse::DoubleExponentialCurrent { .. } => SynapseKind::DoubleExponentialCurrent,
            Synapse::ExponentialConductance { .. } => SynapseKind::ExponentialConductance,
            Synapse::DeltaConductance { .. } => SynapseKind::DeltaConductance,
            Synapse::Nmda { .. } => SynapseKind::Nmda,
        }
    }

    /// The kind's name in the network file.
    pub fn kind(&self) -> &'static str {
        self.of_kind().name()
    }

    /// Whether a spike acts on a conductance.
    pub fn is_conductance(&self) -> bool {
        matches!(self, Synapse::ExponentialConductance { .. } | Synapse::DeltaConductance { .. } | Synapse::Nmda { .. })
    }

    /// The unit of its weights.
    pub fn weight_unit(&self) -> &'static str {
        match self {
            Synapse::Delta => "mV",
            Synapse::ExponentialCurrent { .. }
            | Synapse::AlphaCurrent { .. }
            | Synapse::DoubleExponentialCurrent { .. } => "pA",
            Synapse::ExponentialConductance { .. } | Synapse::DeltaConductance { .. } | Synapse::Nmda { .. } => "nS",
        }
    }
}

/// Input from outside to one population.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Drive {
    /// Index of the population driven.
    pub target: usize,
    /// What it is.
    #[serde(flatten)]
    pub kind: DriveKind,
    /// It acts from this time on (always, if none).
    pub start_ms: Option<f64>,
    /// It acts until this time (for ever, if none).
    pub stop_ms: Option<f64>,
    /// Sinusoidal modulation of the rate or current.
    pub modulation: Option<Modulation>,
    /// What the rate or current is multiplied by besides, as time goes on.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub course: Option<Course>,
}

impl Drive {
    /// One that is always the same.
    pub fn new(target: usize, kind: DriveKind) -> Self {
        Drive { target, kind, start_ms: None, stop_ms: None, modulation: None, course: None }
    }
}

/// The kinds of drive.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "lowercase", tag = "kind")]
pub enum DriveKind {
    /// Poisson spike trains.
    Poisson {
        /// Rate of one source.
        rate_hz: f64,
        /// Sources per neuron.
        in_degree: f64,
        /// Weight in the unit of the synapse.
        weight: Law,
        /// Delay in ms, if the file gives one.
        delay_ms: Option<Law>,
        /// Name of the synapse type in the file.
        synapse_type: String,
        /// The synapse.
        synapse: Synapse,
        /// How much of the weight a spike of a source sends, if that depends on its spikes before.
        #[serde(skip_serializing_if = "Option::is_none")]
        plasticity: Option<Plasticity>,
        /// All neurons of the population hear the same trains (else each its own).
        shared: bool,
        /// Each spike draws its weight anew at each neuron (else each source keeps the weight that it has there).
        redraw_weights: bool,
    },
    /// A constant current.
    Current {
        /// `R I`: what the current adds to `mu`. Each neuron draws once from a law, if there is one.
        #[serde(serialize_with = "number_or_law")]
        value_mv: Law,
        /// Whether it is given as a current, so that a neuron with another `tau_m`, and so another `R = tau_m/C_m`, feels another `R I`.
        #[serde(skip_serializing_if = "is_false")]
        given_in_pa: bool,
    },
    /// White noise, independent for each neuron: `mean + std sqrt(tau_m) xi(t)`.
    Noise {
        /// Added to `mu`.
        mean_mv: f64,
        /// Its square is added to `sigma^2`.
        std_mv: f64,
    },
}

/// Whether what is only said where it is true need not be said.
#[expect(clippy::trivially_copy_pass_by_ref, reason = "the signature that serde asks for")]
fn is_false(flag: &bool) -> bool {
    !flag
}

/// `1 + amplitude cos(2 pi frequency t)` as a factor of a drive's rate or current.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Modulation {
    /// Relative amplitude.
    pub amplitude: f64,
    /// Frequency in Hz.
    pub frequency_hz: f64,
}

/// A named set of parameters, `[cases.NAME]` of the file.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Case {
    /// Its name, for instance "AI".
    pub name: String,
    /// Overrides of `[parameters]`: name and expression.
    pub overrides: Vec<(String, String)>,
}

/// A value that the network is to reproduce, `[[expect]]` of the file.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Expectation {
    /// The case that it holds for.
    pub case: Option<String>,
    /// Further overrides of `[parameters]`: name and expression.
    pub overrides: Vec<(String, String)>,
    /// What is compared: "rate", "log10_rate", "mean_input", "std_input", "cv", "states" (their number) ...
    pub quantity: String,
    /// Which stationary state, in order of ascending total rate, from 0; the only one if none is said.
    pub state: Option<usize>,
    /// Value for each population (name and value in the interface's unit: Hz, mV, 1); one unnamed value for a network-wide quantity.
    pub values: Vec<(Option<String>, f64)>,
    /// Relative tolerance.
    pub tolerance: f64,
    /// Where the value comes from: "theory" or "simulation".
    pub kind: ExpectationKind,
    /// How the theory took synaptic time constants.
    pub filter: ExpectationFilter,
    /// Whether a test must reproduce the value; not so for second-hand ones.
    pub gate: bool,
    /// Figure, table or data set.
    pub source: String,
}

/// What produced an expected value.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum ExpectationKind {
    /// The same theory: a correct solver reproduces it to the tolerance.
    Theory,
    /// A spiking simulation: theory need not meet it.
    Simulation,
}

/// How the theory that produced an expected value took synaptic time constants.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum ExpectationFilter {
    /// Threshold and reset moved.
    #[default]
    Shift,
    /// The rate expanded to first order.
    Taylor,
    /// Synapses counted as instantaneous.
    None,
    /// Time constants as they are.
    Full,
    /// As they are where the shift is not good enough.
    Auto,
    /// The theory of Brunel and Wang (2001).
    BrunelWang,
}
