//! Networks written in Rust: the tables of the network file as calls, with its defaults and its checks.

mod names;
mod parts;

use super::mistake::{Mistake, NetworkError, Place};
use super::receptors::Receptors;
use super::{ConnectionRule, Drive, Law, Network, Neuron, Plasticity, Population, Projection, Synapse};
use names::Names;
pub use parts::{Connections, External, Poisson};

/// A network being written down; [`Network::builder`] begins one and [`Builder::build`] checks it.
///
/// The calls are the tables of the network file, with the same names and the same defaults: synapses are "delta", neurons
/// may connect to themselves and more than once, delays are not given. The order of calls does not matter, but for the order
/// of the populations, projections and drives.
///
/// Model A of Brunel (2000), and its stationary state:
///
/// ```
/// # #![allow(non_snake_case)]
/// use siegert::network::{Connections, Differences, External, Network, Neuron, NeuronModel};
/// use siegert::theory::{Theory, TheoryOptions};
///
/// let lif = Neuron {
///     model: NeuronModel::Lif,
///     tau_m_ms: 20.0,
///     C_m_pf: None,
///     E_L_mv: 0.0,
///     V_th_mv: 20.0,
///     V_reset_mv: 10.0,
///     t_ref_ms: 2.0,
///     differences: Differences::NONE,
/// };
/// let network = Network::builder("Brunel (2000), model A")
///     .neuron("lif", lif)
///     .population("E", 10_000, "lif")
///     .population("I", 2_500, "lif")
///     .projection(&["E"], &["E", "I"], Connections::in_degree(1000.0).weight_mv(0.1).delay_ms(1.5))
///     .projection(&["I"], &["E", "I"], Connections::in_degree(250.0).weight_mv(-0.5).delay_ms(1.5))
///     .drive(&["E", "I"], External::poisson_hz(20.0).in_degree(1000.0).weight_mv(0.1))
///     .build()?;
/// let state = Theory::new(&network, &TheoryOptions::default())?.solve()?;
/// assert!((state.rates_hz()[0] - 37.9497).abs() < 1e-4);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// Weights have the unit of their synapse. Values that differ from synapse to synapse are a [`Law`](super::Law):
///
/// ```
/// # #![allow(non_snake_case)]
/// use siegert::network::{Connections, Differences, External, Law, Network, Neuron, NeuronModel, Synapse};
///
/// let neuron = Neuron {
///     model: NeuronModel::Lif,
///     tau_m_ms: 10.0,
///     C_m_pf: Some(250.0),
///     E_L_mv: -65.0,
///     V_th_mv: -50.0,
///     V_reset_mv: -65.0,
///     t_ref_ms: 2.0,
///     differences: Differences::NONE,
/// };
/// let network = Network::builder("currents")
///     .neuron("lif", neuron)
///     .synapse("fast", Synapse::ExponentialCurrent { tau_ms: 0.5 })
///     .population("E", 8000, "lif")
///     .projection(
///         &["E"],
///         &["E"],
///         Connections::probability(0.1)
///             .synapse("fast")
///             .weight_pa(Law::Normal { mean: 87.8, std: 8.8 })
///             .delay_ms(Law::Normal { mean: 1.5, std: 0.75 })
///             .without_autapses(),
///     )
///     .drive(&["E"], External::current_pa(300.0))
///     .drive(&["E"], External::noise_mv(0.0, 5.0))
///     .build()?;
/// assert_eq!(network.projections[0].synapse.weight_unit(), "pA");
/// # Ok::<(), siegert::network::NetworkError>(())
/// ```
#[derive(Clone, Debug, Default)]
pub struct Builder {
    name: String,
    reference: Option<String>,
    description: Option<String>,
    notes: Vec<String>,
    neurons: Vec<(String, Neuron)>,
    synapses: Vec<(String, Receptors)>,
    populations: Vec<(String, u64, String, Option<Law>)>,
    projections: Vec<Call<Connections>>,
    drives: Vec<Call<External>>,
}

/// One call for some populations.
#[derive(Clone, Debug)]
struct Call<T> {
    from: Vec<String>,
    to: Vec<String>,
    what: T,
}

impl Network {
    /// Begins a network of this name; see [`Builder`].
    pub fn builder(name: &str) -> Builder {
        Builder { name: name.to_string(), ..Builder::default() }
    }
}

impl Builder {
    /// The paper that the network is from.
    #[must_use]
    pub fn reference(mut self, reference: &str) -> Self {
        self.reference = Some(reference.to_string());
        self
    }

    /// What the network is, in a few sentences.
    #[must_use]
    pub fn description(mut self, description: &str) -> Self {
        self.description = Some(description.to_string());
        self
    }

    /// Adds a remark, such as the source of a number.
    #[must_use]
    pub fn note(mut self, note: &str) -> Self {
        self.notes.push(note.to_string());
        self
    }

    /// Adds a type of neuron, `[neurons.NAME]`.
    #[must_use]
    pub fn neuron(mut self, name: &str, neuron: Neuron) -> Self {
        self.neurons.push((name.to_string(), neuron));
        self
    }

    /// Adds a type of synapse, `[synapses.NAME]`; "delta" needs no entry.
    #[must_use]
    pub fn synapse(mut self, name: &str, synapse: Synapse) -> Self {
        self.synapses.push((name.to_string(), synapse.into()));
        self
    }

    /// Adds a type of synapse whose time constant has a law, `[synapses.NAME]` with `receptors`: `kind` makes a synapse of a time constant in ms.
    ///
    /// Each projection over it is divided evenly among the receptors.
    #[must_use]
    pub fn receptors(mut self, name: &str, tau_ms: Law, receptors: usize, kind: impl Fn(f64) -> Synapse) -> Self {
        self.synapses.push((name.to_string(), Receptors::of_law(tau_ms, receptors, kind)));
        self
    }

    /// Adds a type of synapse with short-term plasticity, `plasticity` of `[synapses.NAME]`.
    #[must_use]
    pub fn plastic_synapse(mut self, name: &str, synapse: Synapse, plasticity: Plasticity) -> Self {
        self.synapses.push((name.to_string(), Receptors::from(synapse).with_plasticity(Some(plasticity))));
        self
    }

    /// Adds a population of `size` neurons of a type, `[populations.NAME]`.
    #[must_use]
    pub fn population(mut self, name: &str, size: u64, neuron_type: &str) -> Self {
        self.populations.push((name.to_string(), size, neuron_type.to_string(), None));
        self
    }

    /// The same with the potential at the start, in mV: a number, or a [`Law`] from which every neuron draws once.
    #[must_use]
    pub fn population_from(mut self, name: &str, size: u64, neuron_type: &str, initial_mv: impl Into<Law>) -> Self {
        self.populations.push((name.to_string(), size, neuron_type.to_string(), Some(initial_mv.into())));
        self
    }

    /// Connects each of the populations `from` to each of `to`, `[[projections]]`.
    #[must_use]
    pub fn projection(mut self, from: &[&str], to: &[&str], connections: Connections) -> Self {
        self.projections.push(Call { from: owned(from), to: owned(to), what: connections });
        self
    }

    /// Drives each of the populations `to` from outside, `[[drives]]`.
    #[must_use]
    pub fn drive(mut self, to: &[&str], external: impl Into<External>) -> Self {
        self.drives.push(Call { from: Vec::new(), to: owned(to), what: external.into() });
        self
    }

    /// The network.
    ///
    /// # Errors
    ///
    /// Every mistake in names, types and units; if there is none, every mistake that [`Network::validate`] finds. More
    /// connections than pairs of neurons are one unless [`Connections::with_multapses`] asks for them, as in a file.
    pub fn build(&self) -> Result<Network, NetworkError> {
        let mut found = NetworkError { mistakes: Vec::new(), omitted: 0 };
        let names = Names::new(self, &mut found);
        let populations = self.built_populations(&names, &mut found);
        let projections = self.built_projections(&names, &populations, &mut found);
        let drives = self.built_drives(&names, &populations, &mut found);
        found.into_result()?;
        let (projections, of_projections): (Vec<_>, Vec<usize>) = projections.into_iter().unzip();
        let (drives, of_drives): (Vec<_>, Vec<usize>) = drives.into_iter().unzip();
        let network = Network {
            name: self.name.clone(),
            reference: self.reference.clone(),
            description: self.description.clone(),
            notes: self.notes.clone(),
            populations,
            projections,
            drives,
            ..Network::default()
        };
        let said = |index: usize| self.projections[of_projections[index]].what.multapses;
        network.check_as_said(said).map_err(|error| of_calls(error, &of_projections, &of_drives))?;
        Ok(network)
    }

    fn built_populations(&self, names: &Names<'_>, found: &mut NetworkError) -> Vec<Population> {
        let mut populations = Vec::with_capacity(self.populations.len());
        for (index, (name, size, neuron_type, initial_mv)) in self.populations.iter().enumerate() {
            match names.neuron(neuron_type) {
                Ok(neuron) => populations.push(Population {
                    name: name.clone(),
                    size: *size,
                    neuron_type: neuron_type.clone(),
                    neuron,
                    initial_mv: *initial_mv,
                }),
                Err(problem) => {
                    found.add(Mistake {
                        place: Place::Population { index, name: name.clone() },
                        key: "neuron",
                        problem,
                    });
                }
            }
        }
        populations
    }

    /// Each projection with the number of the call that it is from.
    fn built_projections(
        &self,
        names: &Names<'_>,
        populations: &[Population],
        found: &mut NetworkError,
    ) -> Vec<(Projection, usize)> {
        let mut built = Vec::new();
        for (number, Call { from, to, what }) in self.projections.iter().enumerate() {
            let place = || Place::Projection { index: number, source: from.join(", "), target: to.join(", ") };
            let mut note = |key, problem| found.add(Mistake { place: place(), key, problem });
            let sources = names.populations(from, |problem| note("from", problem));
            let targets = names.populations(to, |problem| note("to", problem));
            let synapse = names.synapse(&what.spikes, note);
            let Some((receptors, weight)) = synapse else { continue };
            let shares = match receptors.of_rule(what.rule) {
                Ok(shares) => shares,
                Err(problem) => {
                    found.add(Mistake { place: place(), key: "", problem });
                    continue;
                }
            };
            for &source in &sources {
                // without populations of known types there are mistakes already
                for &target in targets.iter().filter(|_| populations.len() == self.populations.len()) {
                    let is_probability = matches!(what.rule, ConnectionRule::PairwiseProbability { .. });
                    built.extend(shares.iter().map(|(synapse, rule)| {
                        let projection = Projection {
                            source,
                            target,
                            rule: *rule,
                            autapses: what.autapses,
                            multapses: !is_probability && what.multapses.unwrap_or(true),
                            weight,
                            delay_ms: what.spikes.delay_ms,
                            synapse_type: what.spikes.synapse.clone(),
                            synapse: *synapse,
                            plasticity: receptors.plasticity(),
                        };
                        (projection, number)
                    }));
                }
            }
        }
        built
    }

    /// Each drive with the number of the call that it is from.
    fn built_drives(
        &self,
        names: &Names<'_>,
        populations: &[Population],
        found: &mut NetworkError,
    ) -> Vec<(Drive, usize)> {
        let mut built = Vec::new();
        for (number, Call { to, what, .. }) in self.drives.iter().enumerate() {
            let mut note = |key, problem| {
                found.add(Mistake { place: Place::Drive { index: number, target: to.join(", ") }, key, problem });
            };
            let targets = names.populations(to, |problem| note("to", problem));
            for target in targets {
                let Some(population) = populations.get(target) else { continue };
                // what is wrong for one population is said once
                let Some(kinds) = what.kinds_at(population, names, &mut note) else { break };
                let External { start_ms, stop_ms, modulation, .. } = *what;
                let course = || what.course.clone();
                let drive = |kind| {
                    (Drive { start_ms, stop_ms, modulation, course: course(), ..Drive::new(target, kind) }, number)
                };
                built.extend(kinds.into_iter().map(drive));
            }
        }
        built
    }
}

fn owned(names: &[&str]) -> Vec<String> {
    names.iter().map(|name| (*name).to_string()).collect()
}

/// The mistakes of entries as those of the calls that have made them, each once.
fn of_calls(error: NetworkError, of_projections: &[usize], of_drives: &[usize]) -> NetworkError {
    let mut all = NetworkError { mistakes: Vec::new(), omitted: error.omitted };
    for mut mistake in error.mistakes {
        match &mut mistake.place {
            Place::Projection { index, .. } => *index = of_projections[*index],
            Place::Drive { index, .. } => *index = of_drives[*index],
            _ => {}
        }
        let number = |place: &Place| match place {
            Place::Projection { index, .. } => Some((true, *index)),
            Place::Drive { index, .. } => Some((false, *index)),
            _ => None,
        };
        let same = |other: &Mistake| {
            number(&other.place) == number(&mistake.place)
                && (other.key, &other.problem) == (mistake.key, &mistake.problem)
        };
        if number(&mistake.place).is_none() || !all.mistakes.iter().any(same) {
            all.mistakes.push(mistake);
        }
    }
    all
}
