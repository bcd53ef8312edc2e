//! The density of a population's potential in time, as JSON within the rates and as rows of their own.

use serde::{Deserialize, Serialize};

use super::EvolutionReport;
use super::table::{Column, Table, Values};
use crate::comparison::{InTimeError, simulated_in_time};
use crate::evolution::{Density, EvolutionOptions};
use crate::network::{Network, Population};
use crate::simulation::SimulationOptions;
use crate::work::Work;

/// The density of the potential of one population in time: `sum density_per_mv dV + refractory + below + above = 1` at every time.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct DensityInTime {
    /// Times, shape `(times,)`, some of those of the rates.
    pub times_ms: Vec<f64>,
    /// Middles of bins of equal width, shape `(potentials,)`.
    pub potentials_mv: Vec<f64>,
    /// Of all neurons, how many are in a bin over its width, shape `(times, potentials)`.
    pub density_per_mv: Vec<Vec<f64>>,
    /// Of all neurons, how many are refractory.
    pub refractory_fraction: Vec<f64>,
    /// Of all neurons, how many are below the first bin.
    pub below_fraction: Vec<f64>,
    /// Of all neurons, how many are above the last one.
    pub above_fraction: Vec<f64>,
    /// The threshold of its neurons, where it is finite.
    pub V_th_mv: Option<f64>,
    /// Where they are reset to, where it is finite.
    pub V_reset_mv: Option<f64>,
}

impl DensityInTime {
    pub(super) fn new(population: &Population, density: Density) -> Self {
        let finite = |V_mv: f64| Some(V_mv).filter(|V_mv| V_mv.is_finite());
        let Density { times_ms, potentials_mv, density_per_mv, refractory_fraction, below_fraction, above_fraction } =
            density;
        DensityInTime {
            times_ms,
            potentials_mv,
            density_per_mv,
            refractory_fraction,
            below_fraction,
            above_fraction,
            V_th_mv: finite(population.neuron.V_th_mv),
            V_reset_mv: finite(population.neuron.V_reset_mv),
        }
    }
}

impl EvolutionReport {
    /// Simulates the same network, which starts as the evolution does, and keeps what its neurons do: rates, and histograms of the potentials where densities are kept.
    ///
    /// # Errors
    ///
    /// As of [`simulated_in_time`].
    pub fn add_simulation(
        &mut self,
        network: &Network,
        options: &EvolutionOptions,
        simulation: &SimulationOptions,
        work: &Work,
    ) -> Result<(), InTimeError> {
        let range = |density: &DensityInTime| {
            let V_mv = &density.potentials_mv;
            let half = 0.5 * (V_mv.get(1)? - V_mv[0]);
            Some([V_mv[0] - half, V_mv.last()? + half])
        };
        let ranges: Vec<_> = self.populations.iter().map(|population| range(population.density.as_ref()?)).collect();
        let filter = self.provenance.synaptic_filter.unwrap_or(options.filter);
        let evolution = EvolutionOptions { filter, ..options.clone() };
        let simulated = simulated_in_time(network, &evolution, simulation, &ranges, work)?;
        for (population, simulated) in self.populations.iter_mut().zip(simulated) {
            population.simulated = Some(simulated);
        }
        self.provenance.seed = Some(simulation.seed);
        Ok(())
    }

    /// All densities of a report as rows, by time and population; no rows where none are kept.
    pub fn densities(&self) -> Table {
        let kept: Vec<(u32, &DensityInTime)> = (0..)
            .zip(&self.populations)
            .filter_map(|(a, population)| Some((a, population.density.as_ref()?)))
            .collect();
        let times = kept.first().map_or(0, |(_, density)| density.times_ms.len());
        let [mut at, mut which, mut V_mv, mut per_mv] = [(); 4].map(|()| Vec::new());
        for k in 0..times {
            for (a, density) in &kept {
                let (Some(time_ms), Some(row)) = (density.times_ms.get(k), density.density_per_mv.get(k)) else {
                    continue;
                };
                at.extend(row.iter().map(|_| *time_ms));
                which.extend(row.iter().map(|_| f64::from(*a)));
                V_mv.extend(density.potentials_mv.iter().take(row.len()));
                per_mv.extend(row);
            }
        }
        let names = self.populations.iter().map(|population| population.name.clone()).collect();
        let which = which.into_iter().map(|a| a as u32).collect();
        let numbers = |name, values: Vec<f64>| Column::numbers(name, values.into_iter().map(Some));
        Table {
            columns: vec![
                numbers("time_ms", at),
                Column::new("population", Values::Names { names, which }),
                numbers("V_mv", V_mv),
                numbers("density_per_mv", per_mv),
            ],
        }
    }
}
