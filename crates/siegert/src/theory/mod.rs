//! Every question to the theory of one network starts here: a network that was checked, with what its populations receive and the map from rates
//! to rates.
//!
//! [`Theory`] belongs together once and for all, so that nothing has to be passed side by side that must be of the same network. A state that is solved
//! ([`State`]) costs microseconds; what is worth knowing of it beside its rates ([`FixedPoint`]: inputs, CVs, eigenvalues, how far to trust it) is
//! computed when it is asked for.
//!
//! ```
//! use siegert::network::{ReadOptions, open};
//! use siegert::theory::{Theory, TheoryOptions};
//!
//! let network = open("brunel2000", &ReadOptions::default())?;
//! let theory = Theory::new(&network, &TheoryOptions::default())?;
//! let found = theory.states()?;
//! assert!((found.states[0].rates_hz()[0] - 37.9497).abs() < 1e-4);
//! println!("{}", theory.fixed_point(&found.states[0]).verdict.sentence);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod consistency;
mod full_dynamics;
mod result;
mod states;

use std::borrow::Cow;

pub use crate::stationary::{Found, SolveError, State, TheoryOptions};

pub use full_dynamics::{Activity, FullDynamics, StateName};
pub use result::{FixedPoint, PopulationState, STABILITY, ShuntedMembrane, Solution};
pub(crate) use states::conductances;

use crate::input::Streams;
use crate::network::Network;
use crate::neuron::lif::SynapticFilter;
use crate::self_consistent::{Sampling, self_consistent};
use crate::stationary::balance::{self, BalanceState, BalancedLimit};
use crate::stationary::{self, RateMap, Search};
use crate::transfer::Input;
pub use crate::transfer::InputTheory;
use crate::trust::{self, Validity};
use crate::work::Work;
use crate::{Provenance, Warning, WarningKind};

/// The theory of one network, which it borrows: a state takes less time than a copy of what describes the network.
#[derive(Clone, Debug)]
pub struct Theory<'n> {
    network: Cow<'n, Network>,
    map: RateMap,
    /// By how much simulation, with which random numbers, a self-consistent input is found.
    sampling: Sampling,
}

impl<'n> Theory<'n> {
    /// The theory of a network.
    ///
    /// # Errors
    ///
    /// Neuron models and synapses that are not computed yet, by name; parameters that make no neuron.
    pub fn new(network: &'n Network, options: &TheoryOptions) -> Result<Self, SolveError> {
        Ok(Theory {
            map: RateMap::new(network, *options)?,
            network: Cow::Borrowed(network),
            sampling: Sampling::default(),
        })
    }

    /// The theory whose equations are known.
    pub(crate) fn of_map(network: &'n Network, map: RateMap) -> Self {
        Theory { map, network: Cow::Borrowed(network), sampling: Sampling::default() }
    }

    /// The same theory with a copy of its network, to be kept when the network is gone.
    pub fn into_owned(self) -> Theory<'static> {
        Theory { network: Cow::Owned(self.network.into_owned()), map: self.map, sampling: self.sampling }
    }

    /// The same theory, whose states are looked for until `work` is cancelled.
    pub fn watched(self, work: &Work) -> Self {
        Theory { map: self.map.watched(work), ..self }
    }

    /// The same theory with another seed, on which only a self-consistent input depends: its numbers have an error by sampling.
    #[must_use]
    pub fn seeded(self, seed: u64) -> Self {
        let sampling = Sampling { seed, ..self.sampling };
        self.sampled(sampling)
    }

    /// The same theory with more or less simulation behind a self-consistent input.
    #[must_use]
    pub fn sampled(self, sampling: Sampling) -> Self {
        Theory { sampling, ..self }
    }

    /// The network.
    pub fn network(&self) -> &Network {
        &self.network
    }

    /// What its populations receive, projection by projection and drive by drive.
    pub fn streams(&self) -> &Streams {
        &self.map.streams
    }

    /// The self-consistency equations.
    pub fn map(&self) -> &RateMap {
        &self.map
    }

    /// How synaptic time constants enter the rates.
    pub fn filter(&self) -> SynapticFilter {
        self.map.transfers().first().map_or_else(SynapticFilter::default, |transfer| transfer.filter())
    }

    /// What the spikes that populations receive are taken for.
    pub fn input(&self) -> InputTheory {
        self.map.transfers().first().map_or_else(InputTheory::default, |transfer| transfer.input_theory())
    }

    /// Whether synapses act on conductances anywhere.
    pub fn has_conductances(&self) -> bool {
        self.map.transfers().iter().any(|transfer| transfer.has_conductances())
    }

    /// Both choices.
    pub fn options(&self) -> TheoryOptions {
        TheoryOptions { filter: self.filter(), input: self.input() }
    }

    /// The stationary states, in order of ascending total rate; for up to three effective populations all of them: see [`Search::complete`].
    ///
    /// # Errors
    ///
    /// No state found from any start.
    pub fn states(&self) -> Result<Found, SolveError> {
        stationary::states(&self.map)
    }

    /// One stationary state, the first that is found: faster than all.
    ///
    /// # Errors
    ///
    /// No state found. Never a state that does not satisfy the equations.
    pub fn solve(&self) -> Result<State, SolveError> {
        stationary::solve(&self.map)
    }

    /// The stationary state that Newton's method reaches from rates in Hz, one a population, positive.
    ///
    /// # Errors
    ///
    /// It reaches none; another number of rates than populations.
    pub fn solve_from(&self, rates_hz: &[f64]) -> Result<State, SolveError> {
        stationary::solve_from(&self.map, rates_hz)
    }

    /// The assumptions of the theory in a state as measured numbers, one entry a population.
    pub fn validity(&self, state: &State) -> Vec<Validity> {
        trust::validities(&self.network, &self.map, state)
    }

    /// All about a state: inputs, CVs, eigenvalues, and how far to trust it.
    pub fn fixed_point(&self, state: &State) -> FixedPoint {
        states::fixed_point(&self.network, &self.map, state)
    }

    /// A state with each population in the place of another, `places` by population, that it can be exchanged with.
    pub(crate) fn rearranged(&self, state: &FixedPoint, places: &[usize]) -> FixedPoint {
        states::rearranged(&self.network, &self.map, state, places)
    }

    /// All about all stationary states.
    ///
    /// With [`InputTheory::SelfConsistent`] each state of the Poisson theory is where one with a self-consistent input is looked for; those that are lost, or
    /// become one, are said in warnings.
    ///
    /// # Errors
    ///
    /// No state found from any start; with a self-consistent input, none that is left; the work was stopped.
    pub fn solution(&self) -> Result<Solution, SolveError> {
        let found = self.states()?;
        let solution = self.describe(&found);
        self.made_consistent(&found.states, solution)
    }

    /// All about the state that Newton's method reaches from rates in Hz, one a population, positive.
    ///
    /// # Errors
    ///
    /// It reaches none; another number of rates than populations; as of [`Theory::solution`].
    pub fn solution_from(&self, rates_hz: &[f64]) -> Result<Solution, SolveError> {
        let state = self.solve_from(rates_hz)?;
        self.made_consistent(std::slice::from_ref(&state), self.describe_one(&state))
    }

    /// A state near one of the Poisson theory whose input has the spectrum of the neurons heard: see [`self_consistent`](crate::self_consistent).
    ///
    /// # Errors
    ///
    /// There is none near it; networks that this is not computed for; the work was stopped.
    pub fn self_consistent(&self, state: &State) -> Result<FixedPoint, SolveError> {
        let found = self_consistent(&self.network, &self.map, state, &self.sampling, self.map.work())?;
        Ok(states::self_consistent_point(&self.network, &self.map, state, found))
    }

    /// A solution with what a self-consistent input makes of its states, where that is asked for.
    fn made_consistent(&self, states: &[State], solution: Solution) -> Result<Solution, SolveError> {
        if self.input() != InputTheory::SelfConsistent {
            return Ok(solution);
        }
        let (fixed_points, mut warnings) = self.self_consistent_points(states)?;
        warnings.splice(0..0, solution.warnings);
        let provenance = Provenance { seed: Some(self.sampling.seed), ..solution.provenance };
        Ok(Solution { fixed_points, warnings, provenance, ..solution })
    }

    /// The states near those of the Poisson theory whose input is self-consistent, each once, and what is to be said of them; at least one.
    pub(crate) fn self_consistent_points(
        &self,
        states: &[State],
    ) -> Result<(Vec<FixedPoint>, Vec<Warning>), SolveError> {
        self.map.work().set_progress(0, self.sampling.expected_records() * states.len() as u64);
        let (mut points, mut warnings): (Vec<FixedPoint>, Vec<Warning>) = (Vec::new(), Vec::new());
        let mut first_loss = None;
        for (index, state) in states.iter().enumerate() {
            let point = match self.self_consistent(state) {
                Ok(point) => point,
                Err(error @ SolveError::Cancelled(_)) => return Err(error),
                Err(error) => {
                    warnings.push(consistency::lost(index));
                    first_loss.get_or_insert(error);
                    continue;
                }
            };
            if points.iter().any(|known| consistency::are_one(known, &point)) {
                warnings.push(consistency::merged(index));
            } else {
                warnings.extend(consistency::warnings(&point, points.len()));
                points.push(point);
            }
        }
        match first_loss {
            Some(error) if points.is_empty() => Err(error),
            _ => Ok((points, warnings)),
        }
    }

    /// All about the states that were found.
    pub fn describe(&self, found: &Found) -> Solution {
        self.described(&found.states, found.search, self.warnings(found))
    }

    /// What a user should be told: what was left out or stretched, and whether a state must be missing.
    pub fn warnings(&self, found: &Found) -> Vec<Warning> {
        let mut warnings = self.map.streams.warnings.clone();
        if found.search.lacks_states() {
            let sum = found.search.index_sum;
            let sentence = format!(
                "The indices of the states found add up to {sum}; over all states they would add up to 1: at least one is missing."
            );
            warnings.push(Warning::new(WarningKind::MissingState, sentence).with_value(sum as f64).with_limit(1.0));
        }
        if found.lost > 0 {
            let lost = found.lost;
            let sentence = format!(
                "Near {lost} of the states that a shift of threshold and reset gives there is none by the law of threshold crossings: it ended at a bifurcation between the two."
            );
            warnings.push(Warning::new(WarningKind::MissingState, sentence).with_value(lost as f64));
        }
        warnings
    }

    /// All about one state that was looked for alone.
    pub fn describe_one(&self, state: &State) -> Solution {
        let states = std::slice::from_ref(state);
        let search = Search {
            effective_populations: self.map.len(),
            starts: 1,
            index_sum: stationary::index_sum(states),
            bounded: stationary::is_bounded(&self.map),
            ..Search::default()
        };
        self.described(states, search, self.map.streams.warnings.clone())
    }

    fn described(&self, states: &[State], search: Search, warnings: Vec<Warning>) -> Solution {
        Solution {
            network: self.network.name.clone(),
            parameters: self.network.parameters.clone(),
            fixed_points: states.iter().map(|state| self.fixed_point(state)).collect(),
            search,
            stability: STABILITY.into(),
            full_dynamics_note: None,
            warnings,
            provenance: Provenance::new("solve", &self.network).of_theory(self.options()),
        }
    }

    /// The limit of many weak synapses: see [`balance`].
    pub fn balanced_limit(&self) -> BalancedLimit {
        balance::balanced_limit(&self.network, &self.map)
    }

    /// A state beside that limit.
    pub fn beside_the_limit(&self, state: &State, limit: &BalancedLimit) -> BalanceState {
        balance::beside_the_limit(&self.network, &self.map, state, limit)
    }

    /// The rates in Hz of a population at white noise of these means and standard deviations (mV), each of which broadcasts if it is one number.
    ///
    /// # Errors
    ///
    /// There is no such population; arrays of different lengths; a negative standard deviation, or no number.
    pub fn transfer(
        &self,
        population: usize,
        means_mv: &[f64],
        stds_mv: &[f64],
    ) -> Result<Vec<f64>, TransferCallError> {
        let transfer = self
            .map
            .transfers()
            .get(population)
            .ok_or(TransferCallError::Population { population, populations: self.map.len() })?;
        let length = match (means_mv.len(), stds_mv.len()) {
            (means, 1) => means,
            (1, stds) => stds,
            (means, stds) if means == stds => means,
            (means, stds) => return Err(TransferCallError::Lengths { means, stds }),
        };
        let at = |values: &[f64], i: usize| if values.len() == 1 { values[0] } else { values[i] };
        (0..length)
            .map(|i| {
                let (mean_mv, std_mv) = (at(means_mv, i), at(stds_mv, i));
                if !(mean_mv.is_finite() && std_mv >= 0.0 && std_mv.is_finite()) {
                    return Err(TransferCallError::Value { index: i, mean_mv, std_mv });
                }
                Ok(transfer.log_rate(&Input::white(mean_mv, std_mv)).rate_hz())
            })
            .collect()
    }
}

/// Why a transfer function cannot be evaluated.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum TransferCallError {
    /// No such population.
    #[error("there is no population {population}: the network has {populations}, counted from 0")]
    Population {
        /// Index asked for.
        population: usize,
        /// Populations.
        populations: usize,
    },
    /// Arrays that do not fit together.
    #[error("{means} means and {stds} standard deviations: give as many of the one as of the other, or a single one")]
    Lengths {
        /// Number of means.
        means: usize,
        /// Number of standard deviations.
        stds: usize,
    },
    /// An input that makes no sense.
    #[error(
        "entry {index}: a mean of {mean_mv} mV with a standard deviation of {std_mv} mV; both must be finite, the latter not negative"
    )]
    Value {
        /// Place in the arrays.
        index: usize,
        /// The mean.
        mean_mv: f64,
        /// The standard deviation.
        std_mv: f64,
    },
}
