//! What the tests of this crate share, its unit tests and those in `tests/` alike: small networks, and the theory's answers to them. No part of
//! its interface.
//!
//! A test says what it is about and no more: [`TestNetwork`] spells out the rest. Whatever is wrong with a network of a test ends the test with
//! the words that a user would read.

use crate::network::{
    ConnectionRule, Differences, Drive, DriveKind, Law, Network, Neuron, NeuronModel, Population, Projection,
    ReadOptions, Synapse,
};
use crate::neuron::lif::SynapticFilter;
use crate::theory::{FixedPoint, Solution, Theory, TheoryOptions};

pub use crate::numerics::quadrature::integrate_16;

/// The neuron of Brunel (2000).
pub const BRUNEL: Neuron = Neuron {
    model: NeuronModel::Lif,
    tau_m_ms: 20.0,
    C_m_pf: None,
    E_L_mv: 0.0,
    V_th_mv: 20.0,
    V_reset_mv: 10.0,
    t_ref_ms: 2.0,
    differences: Differences::NONE,
};

/// Reads the text of a network file.
pub fn read(text: &str) -> Network {
    crate::network::parse(text, "test", &ReadOptions::default()).unwrap_or_else(|error| panic!("{error}\n{text}"))
}

/// A bundled network or a file, with a case of it and changed parameters.
pub fn open(name: &str, case: Option<&str>, set: &[(&str, &str)]) -> Network {
    let overrides = set.iter().map(|(name, value)| (name.to_string(), value.to_string())).collect();
    let options = ReadOptions { overrides, case: case.map(str::to_string) };
    crate::network::open(name, &options).unwrap_or_else(|error| panic!("{error}"))
}

/// Model A of Brunel (2000) with changed parameters: `g`, `eta`, `J`, `K_E`, `N_E` and others.
pub fn brunel(set: &[(&str, &str)]) -> Network {
    open("brunel2000", None, set)
}

/// A network of `tests/networks/cases` with changed parameters.
pub fn case(name: &str, set: &[(&str, &str)]) -> Network {
    open(&format!("{}/tests/networks/cases/{name}.toml", env!("CARGO_MANIFEST_DIR")), None, set)
}

/// All states, and how they were searched.
pub fn solution(network: &Network) -> Solution {
    theory(network).solution().unwrap_or_else(|error| panic!("{}: {error}", network.name))
}

/// The state that is found first.
pub fn state(network: &Network) -> FixedPoint {
    let theory = theory(network);
    let state = theory.solve().unwrap_or_else(|error| panic!("{}: {error}", network.name));
    theory.fixed_point(&state)
}

/// The state that is reached from these rates.
pub fn state_from(network: &Network, rates_hz: &[f64]) -> FixedPoint {
    let theory = theory(network);
    let state = theory.solve_from(rates_hz).unwrap_or_else(|error| panic!("{}: {error}", network.name));
    theory.fixed_point(&state)
}

/// The theory with its options as they are if nothing is said.
pub fn theory(network: &Network) -> Theory<'_> {
    Theory::new(network, &TheoryOptions::default()).unwrap_or_else(|error| panic!("{}: {error}", network.name))
}

/// The theory by closed forms, on which the proof that there is no other state rests.
pub fn theory_by_shift(network: &Network) -> Theory<'_> {
    let options = TheoryOptions::from(SynapticFilter::ThresholdShift);
    Theory::new(network, &options).unwrap_or_else(|error| panic!("{}: {error}", network.name))
}

/// A network file that is put together: neurons of Brunel (2000), all of one type, and what is said of the rest.
///
/// Projections and drives are written in the lines of a network file, without the populations that they join.
#[derive(Clone, Debug)]
pub struct TestNetwork {
    neuron: Vec<(String, String)>,
    synapses: String,
    populations: Vec<(String, u64)>,
    projections: String,
    drives: String,
}

impl TestNetwork {
    /// One population, `A`.
    pub fn one_population(size: u64) -> Self {
        Self::of(&[("A", size)])
    }

    /// Two populations, `E` and `I`.
    pub fn two_populations(sizes: [u64; 2]) -> Self {
        Self::of(&[("E", sizes[0]), ("I", sizes[1])])
    }

    /// Any populations, by name and size.
    pub fn of(populations: &[(&str, u64)]) -> Self {
        let neuron = [
            ("model", "lif"),
            ("tau_m", "20 ms"),
            ("E_L", "0 mV"),
            ("V_th", "20 mV"),
            ("V_reset", "10 mV"),
            ("t_ref", "2 ms"),
        ];
        TestNetwork {
            neuron: neuron.map(|(key, value)| (key.to_string(), value.to_string())).to_vec(),
            synapses: String::new(),
            populations: populations.iter().map(|(name, size)| (name.to_string(), *size)).collect(),
            projections: String::new(),
            drives: String::new(),
        }
    }

    /// Another value of a key of the neuron, or one that it lacks: `("C_m", "250 pF")`.
    pub fn neuron(mut self, key: &str, value: &str) -> Self {
        self.neuron.retain(|(known, _)| known != key);
        self.neuron.push((key.to_string(), value.to_string()));
        self
    }

    /// A kind of synapse with exponential currents.
    pub fn exponential_synapse(mut self, name: &str, tau_ms: f64) -> Self {
        self.synapses += &format!("[synapses.{name}]\nkind = \"exponential_current\"\ntau = \"{tau_ms} ms\"\n");
        self
    }

    /// A projection to one population or, separated by commas, to several.
    pub fn projection(mut self, from: &str, to: &str, lines: &str) -> Self {
        self.projections += &format!("[[projections]]\nfrom = \"{from}\"\nto = {}\n{lines}\n", list(to));
        self
    }

    /// A projection of a fixed in-degree, each of whose spikes is a jump of the potential.
    pub fn fixed_in_degree(self, from: &str, to: &str, in_degree: u32, weight_mv: f64) -> Self {
        self.projection(from, to, &format!("in_degree = {in_degree}\nweight = \"{weight_mv} mV\""))
    }

    /// A drive of one population or, separated by commas, of several.
    pub fn drive(mut self, to: &str, lines: &str) -> Self {
        self.drives += &format!("[[drives]]\nto = {}\n{lines}\n", list(to));
        self
    }

    /// A drive of white noise.
    pub fn noise(self, to: &str, mean_mv: f64, std_mv: f64) -> Self {
        self.drive(to, &format!("kind = \"noise\"\nmean = \"{mean_mv} mV\"\nstd = \"{std_mv} mV\""))
    }

    /// A drive by a constant current, in mV.
    pub fn current(self, to: &str, value_mv: f64) -> Self {
        self.drive(to, &format!("kind = \"current\"\nvalue = \"{value_mv} mV\""))
    }

    /// A Poisson drive, each of whose spikes is a jump of the potential.
    pub fn poisson(self, to: &str, rate_hz: f64, in_degree: u32, weight_mv: f64) -> Self {
        let lines = format!("rate = \"{rate_hz} Hz\"\nin_degree = {in_degree}\nweight = \"{weight_mv} mV\"");
        self.drive(to, &format!("kind = \"poisson\"\n{lines}"))
    }

    /// The network file.
    pub fn text(&self) -> String {
        let neuron: String = self.neuron.iter().map(|(key, value)| format!("{key} = \"{value}\"\n")).collect();
        let line = |(name, size): &(String, u64)| format!("{name} = {{ size = {size}, neuron = \"n\" }}\n");
        let populations: String = self.populations.iter().map(line).collect();
        let Self { synapses, projections, drives, .. } = self;
        format!("[neurons.n]\n{neuron}{synapses}[populations]\n{populations}{projections}{drives}")
    }

    /// The network.
    pub fn read(&self) -> Network {
        read(&self.text())
    }
}

/// The names of a comma-separated list as a list of the network file.
fn list(names: &str) -> String {
    let names: Vec<String> = names.split(',').map(|name| format!("\"{}\"", name.trim())).collect();
    format!("[{}]", names.join(", "))
}

/// A network in which each population hears each, for tests that draw their numbers: `weights_mv[target][source]` are jumps of the potential (of
/// the same charge where synapses have a time constant, which takes neurons of 250 pF), `in_degrees[target][source]` fixed.
pub fn coupled(
    neurons: Vec<Neuron>,
    weights_mv: &[Vec<f64>],
    in_degrees: &[Vec<f64>],
    drives: Vec<Option<DriveKind>>,
    tau_syn_ms: Option<f64>,
) -> Network {
    let n = neurons.len();
    let names = |a: usize| if n == 2 { ["E", "I"][a].to_string() } else { format!("P{a}") };
    let population = |(a, neuron): (usize, Neuron)| Population {
        name: names(a),
        size: 10_000,
        neuron_type: format!("n{a}"),
        neuron,
        initial_mv: None,
    };
    let projection = |(source, target): (usize, usize)| {
        let weight_mv = weights_mv[target][source];
        let (synapse, weight) = match tau_syn_ms {
            None => (Synapse::Delta, weight_mv),
            Some(tau_ms) => (Synapse::ExponentialCurrent { tau_ms }, weight_mv * 250.0 / tau_ms),
        };
        Projection {
            source,
            target,
            rule: ConnectionRule::FixedInDegree { in_degree: in_degrees[target][source] },
            autapses: true,
            multapses: true,
            weight: Law::Constant { value: weight },
            delay_ms: None,
            synapse_type: "s".into(),
            synapse,
            plasticity: None,
        }
    };
    let drive = |(target, kind): (usize, Option<DriveKind>)| kind.map(|kind| Drive::new(target, kind));
    Network {
        populations: neurons.into_iter().enumerate().map(population).collect(),
        projections: (0..n * n).map(|pair| projection((pair % n, pair / n))).collect(),
        drives: drives.into_iter().enumerate().filter_map(drive).collect(),
        ..Network::default()
    }
}
