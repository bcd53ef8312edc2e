//! Rates in time: the densities of the theory beside simulations, bin by bin.
//!
//! ```text
//! z = (r_sim - r_theory)/SE,    SE^2 = F r_theory/(N S T),    F = <sum_s (n_bs - <n_b>)^2/((S - 1) <n_b>)>
//! ```
//!
//! `n_bs` are the spikes of a population of `N` neurons in the bin `b` of width `T` and the simulation `s` of `S`, each with another seed. `F` is the variance of counts over their mean, on average over all bins with a spike or more:
//! 1 for Poisson neurons, less for regular ones that do not know each other, and much more where the population moves together. A single simulation does not tell it, and 1 is taken.
//! Of `M` bins the largest `|z|` of all is by chance, once in a hundred comparisons, beyond `Phi^-1(1 - 0.005/M)` (Bonferroni); it holds where there are spikes enough in a bin for a normal law.
//!
//! Simulation and theory start alike: with the same potentials at time 0, or in a state, near which the neurons are held for a while and then let go for the warm-up, with the drives that act
//! before time 0.

use crate::Warning;
use crate::evolution::{EvolutionError, EvolutionOptions, Start, evolve, rates_of_start};
use crate::network::{Law, Network};
use crate::numerics::normal;
use crate::numerics::steps;
use crate::simulation::{SimulationError, SimulationOptions, Simulator, StartPotentials, TimeZero};
use crate::theory::TheoryOptions;
use crate::work::Work;

/// A comparison of which one in so many finds a larger `|z|` by chance.
const ONE_IN: f64 = 100.0;
/// Degrees of freedom from which the variance of counts is taken from the simulations.
const LEAST_FREEDOM: usize = 20;
const MS_PER_S: f64 = 1000.0;

/// How rates in time are compared.
#[derive(Clone, Debug, PartialEq)]
pub struct InTimeOptions {
    /// The theory, with what is compared: how long, from where, what kicks; `dt_ms` is the width of a bin.
    pub evolution: EvolutionOptions,
    /// How it is simulated; durations, start and kicks are those of the theory, the warm-up is for a start from a state.
    pub simulation: SimulationOptions,
    /// Simulations, each with another seed.
    pub simulations: usize,
}

/// Rates in time, of theory and simulations.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct InTime {
    /// Ends of the bins; the first begins at time 0.
    pub to_ms: Vec<f64>,
    /// Simulations.
    pub simulations: usize,
    /// The largest `|z|` of all bins that chance makes once in a hundred comparisons.
    pub limit_z: f64,
    /// One entry a population.
    pub populations: Vec<PopulationInTime>,
    /// What the theory leaves out, and what was rounded in the simulation.
    pub warnings: Vec<Warning>,
}

/// The rates of one population.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct PopulationInTime {
    /// Mean rate of the theory in each bin.
    pub theory_hz: Vec<f64>,
    /// The same of all simulations.
    pub simulation_hz: Vec<f64>,
    /// Its standard error if the theory is right.
    pub standard_error_hz: Vec<f64>,
    /// Variance over mean of counts, if the simulations tell.
    pub fano_factor: Option<f64>,
}

impl PopulationInTime {
    /// How far apart the two are in a bin, in standard errors.
    pub fn z(&self, bin: usize) -> f64 {
        (self.simulation_hz[bin] - self.theory_hz[bin]) / self.standard_error_hz[bin]
    }

    /// The same of all bins.
    pub fn all_z(&self) -> impl Iterator<Item = f64> + '_ {
        (0..self.theory_hz.len()).map(|bin| self.z(bin))
    }
}

/// Why rates in time are not compared.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum InTimeError {
    /// The theory has none.
    #[error(transparent)]
    Evolution(#[from] EvolutionError),
    /// It cannot be simulated.
    #[error(transparent)]
    Simulation(#[from] SimulationError),
    /// Bins that are no steps, or of which none ends before the end.
    #[error("a bin of {bin_ms} ms: {right}")]
    Bin {
        /// Its width.
        bin_ms: f64,
        /// What would do.
        right: String,
    },
    /// Theory and simulation are of networks with other populations.
    #[error("theory and simulation have other populations")]
    OtherPopulations,
    /// A population without neurons.
    #[error(
        "population {population} has no neurons, and so no rate in a simulation; give it a size above 0, or leave it out"
    )]
    Empty {
        /// Its name.
        population: String,
    },
    /// Nothing is simulated.
    #[error("at least one simulation is needed")]
    NoSimulation,
}

/// Compares rates in time.
///
/// # Errors
///
/// What theory or simulator refuse; bins that are no whole steps; a stop.
pub fn rates_in_time(network: &Network, options: &InTimeOptions, work: &Work) -> Result<InTime, InTimeError> {
    rates_in_time_beside(network, network, options, work)
}

/// Compares the rates of a theory of one network with simulations of another, which has the same populations: one whose thresholds are lower by what the time step adds to them, say.
///
/// # Errors
///
/// As of [`rates_in_time`].
pub fn rates_in_time_beside(
    theory: &Network,
    network: &Network,
    options: &InTimeOptions,
    work: &Work,
) -> Result<InTime, InTimeError> {
    let names = |of: &Network| of.populations.iter().map(|population| population.name.clone()).collect::<Vec<_>>();
    if names(theory) != names(network) {
        return Err(InTimeError::OtherPopulations);
    }
    if let Some(empty) = network.populations.iter().find(|population| population.size == 0) {
        return Err(InTimeError::Empty { population: empty.name.clone() });
    }
    let (bin_ms, dt_ms) = (options.evolution.dt_ms, options.simulation.dt_ms);
    let wrong = |right: String| InTimeError::Bin { bin_ms, right };
    let bin_steps = steps::half_up(bin_ms, dt_ms);
    if !(bin_steps >= 1.0 && (bin_steps * dt_ms - bin_ms).abs() <= 1e-6 * dt_ms) {
        return Err(wrong(format!("it must be a multiple of the time step, {dt_ms} ms")));
    }
    let bins = (options.evolution.duration_ms / bin_ms * (1.0 + 1e-12)).floor();
    if !(1.0..1e7).contains(&bins) {
        return Err(wrong(format!("from 1 to 1e7 of them must fit into {} ms", options.evolution.duration_ms)));
    }
    if options.simulations == 0 {
        return Err(InTimeError::NoSimulation);
    }
    let evolution = EvolutionOptions { duration_ms: bins * bin_ms, ..options.evolution.clone() };
    let theory = &with_delays(theory, options.simulation.open_delay_ms);
    let found = evolve(theory, &evolution, work)?;
    let simulated = simulated_like(theory, &evolution, found.filter.into(), &options.simulation, work)?;
    let (mut counts, mut warnings) = (Vec::new(), found.warnings);
    for number in 0..options.simulations {
        let seed = simulated.seed.wrapping_add(number as u64);
        let run = SimulationOptions { seed, ..simulated.clone() };
        let (counted, noted) = counted(network, &run, (bins as usize, bin_steps as u64), work)?;
        if number == 0 {
            warnings.extend(noted);
        }
        counts.push(counted);
    }
    let populations = (0..network.populations.len()).map(|a| {
        let theory_hz = found.mean_rates_hz[a][1..].to_vec();
        let counts: Vec<&[u64]> = counts.iter().map(|run| &run[a][..]).collect();
        beside(theory_hz, &counts, network.populations[a].size as f64 * bin_ms / MS_PER_S)
    });
    Ok(InTime {
        to_ms: found.times_ms[1..].to_vec(),
        simulations: options.simulations,
        limit_z: normal::quantile(1.0 - 0.5 / (ONE_IN * bins * network.populations.len() as f64)),
        populations: populations.collect(),
        warnings,
    })
}

/// The network with the delay that a simulation takes where the file gives none.
fn with_delays(network: &Network, open_delay_ms: f64) -> Network {
    let mut network = network.clone();
    let open = Law::Constant { value: open_delay_ms };
    network.projections.iter_mut().for_each(|projection| projection.delay_ms = projection.delay_ms.or(Some(open)));
    network
}

/// The simulation that starts as the evolution does.
pub(super) fn simulated_like(
    network: &Network,
    evolution: &EvolutionOptions,
    theory: TheoryOptions,
    simulation: &SimulationOptions,
    work: &Work,
) -> Result<SimulationOptions, EvolutionError> {
    let EvolutionOptions { duration_ms, start, ref kicks_mv, .. } = *evolution;
    let alike = SimulationOptions { duration_ms, kicks_mv: kicks_mv.clone(), ..simulation.clone() };
    Ok(match start {
        Start::Reset => SimulationOptions { warmup_ms: 0.0, start: StartPotentials::Reset, ..alike },
        Start::File => SimulationOptions { warmup_ms: 0.0, start: StartPotentials::File, ..alike },
        Start::State | Start::Numbered(_) => {
            let held_rates_hz = rates_of_start(network, start, &theory, work)?;
            SimulationOptions { held_rates_hz, time_zero: TimeZero::Measured, ..alike }
        }
    })
}

/// Spikes of each population in bins of so many steps, and what the simulator has to say.
fn counted(
    network: &Network,
    options: &SimulationOptions,
    (bins, bin_steps): (usize, u64),
    work: &Work,
) -> Result<(Vec<Vec<u64>>, Vec<Warning>), SimulationError> {
    let mut simulator = Simulator::build(network, options, work)?;
    let total = simulator.steps_total();
    let before = total.saturating_sub(bins as u64 * bin_steps);
    let mut ends = Vec::with_capacity(network.populations.len());
    let mut end = 0u64;
    for population in &network.populations {
        end += population.size;
        ends.push(end);
    }
    let mut counts = vec![vec![0u64; bins]; network.populations.len()];
    let take = |step: u64, neurons: &[u32]| {
        let bin = step.checked_sub(before + 1).map(|since| (since / bin_steps) as usize).filter(|bin| *bin < bins);
        let Some(bin) = bin else { return Ok(()) };
        let mut from = 0;
        for (counts, end) in counts.iter_mut().zip(&ends) {
            let to = neurons.partition_point(|&neuron| u64::from(neuron) < *end);
            counts[bin] += (to - from) as u64;
            from = to;
        }
        Ok::<(), SimulationError>(())
    };
    simulator.advance(total, work, take)?;
    if simulator.steps_done() < total {
        return Err(SimulationError::Cancelled);
    }
    Ok((counts, simulator.result().warnings))
}

/// One population, where one spike in a bin is so much less than 1 Hz.
fn beside(theory_hz: Vec<f64>, counts: &[&[u64]], neurons_s: f64) -> PopulationInTime {
    let (simulations, bins) = (counts.len(), theory_hz.len());
    let mean = |bin: usize| counts.iter().map(|run| run[bin] as f64).sum::<f64>() / simulations as f64;
    let means: Vec<f64> = (0..bins).map(mean).collect();
    // of each bin by itself: in one all neurons may spike together, and counts do not vary at all
    let over_mean = |bin: usize| {
        let squares = counts.iter().map(|run| (run[bin] as f64 - means[bin]).powi(2)).sum::<f64>();
        squares / ((simulations - 1) as f64 * means[bin])
    };
    let telling: Vec<usize> = (0..bins).filter(|bin| means[*bin] >= 1.0).collect();
    let fano_factor = ((simulations - 1) * telling.len() >= LEAST_FREEDOM)
        .then(|| telling.iter().map(|bin| over_mean(*bin)).sum::<f64>() / telling.len() as f64);
    let spikes_per_hz = neurons_s * simulations as f64;
    let error = |hz: &f64| {
        // no less than what one spike is
        let spikes = (hz * spikes_per_hz).max(1.0) * fano_factor.unwrap_or(1.0);
        spikes.max(f64::MIN_POSITIVE).sqrt() / spikes_per_hz
    };
    PopulationInTime {
        standard_error_hz: theory_hz.iter().map(error).collect(),
        simulation_hz: means.iter().map(|spikes| spikes / neurons_s).collect(),
        theory_hz,
        fano_factor,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_variance_of_counts_is_taken_over_simulations() {
        let runs: Vec<Vec<u64>> =
            vec![(0..40).map(|k| 100 + 10 * (k % 2)).collect(), (0..40).map(|k| 110 - 10 * (k % 2)).collect()];
        let counts: Vec<&[u64]> = runs.iter().map(|run| &run[..]).collect();
        let found = beside(vec![10.0; 40], &counts, 10.0);
        // (5^2 + 5^2)/1 over a mean of 105
        assert!((found.fano_factor.unwrap() - 50.0 / 105.0).abs() < 1e-12);
        assert!((found.standard_error_hz[0] - (50.0f64 / 105.0 * 200.0).sqrt() / 20.0).abs() < 1e-12);
        assert!(found.all_z().all(|z| (z - 0.5 / found.standard_error_hz[0]).abs() < 1e-9));
        let one = beside(vec![0.0; 40], &counts[..1], 10.0);
        assert_eq!((one.fano_factor, one.standard_error_hz[3]), (None, 0.1));
    }
}
