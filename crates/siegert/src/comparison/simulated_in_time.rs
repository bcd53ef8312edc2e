//! The simulated network in time, as the evolution of its densities tells it: rates in bins and histograms of the potentials, from time 0 on.
//!
//! It starts as an evolution does: see `in_time`.
//!
//! A neuron that is held at its reset is refractory and in no bin.

use serde::{Deserialize, Serialize};

use super::in_time::{InTimeError, simulated_like};
use crate::evolution::EvolutionOptions;
use crate::network::Network;
use crate::numerics::steps;
use crate::simulation::{Chosen, RecordedValue, Recording, SimulationError, SimulationOptions, Simulator};
use crate::work::Work;

/// Bins of rates over the duration, about; and times of histograms.
const RATES: f64 = 250.0;
const TIMES: f64 = 120.0;
/// Bins of a histogram, and neurons that are looked at in each population, at most.
const BINS: usize = 40;
const MOST_NEURONS: u64 = 20_000;
/// Steps after which what was recorded is counted.
const STEPS_A_LOOK: u64 = 200;

/// What the simulated neurons of a population did in time.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct SimulatedInTime {
    /// How many neurons there are.
    pub neurons: u64,
    /// The width of the bins of the rates, the first of which begins at time 0.
    pub bin_ms: f64,
    /// The rate in each bin.
    pub rate_hz: Vec<f64>,
    /// Times of the histograms, shape `(times,)`.
    pub times_ms: Vec<f64>,
    /// Middles of the bins of the histograms, all of equal width, shape `(bins,)`.
    pub potentials_mv: Vec<f64>,
    /// Of all neurons that were looked at, how many were in a bin over its width, shape `(times, bins)`.
    pub density_per_mv: Vec<Vec<f64>>,
}

/// Simulates the network as it is evolved, from time 0 on; `ranges_mv` are those of the histograms of each population, which may be missing.
///
/// # Errors
///
/// No state to start from; what the simulator refuses; a stop.
pub fn simulated_in_time(
    network: &Network,
    evolution: &EvolutionOptions,
    simulation: &SimulationOptions,
    ranges_mv: &[Option<[f64; 2]>],
    work: &Work,
) -> Result<Vec<SimulatedInTime>, InTimeError> {
    let options = simulated_like(network, evolution, evolution.filter.into(), simulation, work)?;
    let mut simulator = Simulator::build(network, &options, work)?;
    let dt_ms = simulator.dt_ms();
    let before_steps = simulator.steps_total() - steps::half_up(options.duration_ms, dt_ms) as u64;
    let in_steps = |time_ms: f64| (time_ms / dt_ms).ceil().max(1.0) as u64;
    let bin_steps = in_steps(options.duration_ms / RATES);
    let every_steps = in_steps(options.duration_ms / TIMES);
    let every_ms = every_steps as f64 * dt_ms;
    let mut recordings = vec![Recording::Rates { population: None, bin_ms: dt_ms }];
    let mut counted: Vec<Counted> = Vec::new();
    let mut first = 0;
    for (population, of) in network.populations.iter().enumerate() {
        let looked_at = of.size.min(MOST_NEURONS);
        let range_mv = ranges_mv.get(population).copied().flatten().filter(|[from, to]| from < to && looked_at > 0);
        if range_mv.is_some() {
            let of = Chosen { population, first: 0, last: looked_at - 1 };
            recordings.push(Recording::Potentials { of, every_ms });
        }
        counted.push(Counted {
            found: SimulatedInTime { neurons: of.size, bin_ms: bin_steps as f64 * dt_ms, ..SimulatedInTime::default() },
            numbers: first..first + of.size,
            looked_at: looked_at as f64,
            range_mv,
            reset_mv: of.neuron.V_reset_mv,
        });
        first += of.size;
    }
    simulator.record(&recordings)?;
    let times = Times { dt_ms, before_steps, bin_steps };
    while simulator.steps_done() < simulator.steps_total() {
        let done = simulator.steps_done();
        let advanced = simulator.advance(STEPS_A_LOOK, work, |_, _| Ok::<(), std::convert::Infallible>(()));
        let Ok(()) = advanced;
        if work.is_cancelled() || simulator.steps_done() == done {
            return Err(SimulationError::Cancelled.into());
        }
        let mut recorded = simulator.take_recorded().into_iter();
        for row in recorded.next().unwrap_or_default() {
            if let Some(counted) = counted.get_mut(row.index as usize) {
                counted.take_rate(&row, &times);
            }
        }
        let histograms = counted.iter_mut().filter(|counted| counted.range_mv.is_some());
        histograms.zip(recorded).for_each(|(counted, rows)| counted.take_potentials(&rows, &times));
    }
    let bins = (steps::half_up(options.duration_ms, dt_ms) / bin_steps as f64) as usize;
    Ok(counted.into_iter().map(|counted| counted.finished(bins)).collect())
}

/// When is when, in steps of the run.
struct Times {
    dt_ms: f64,
    before_steps: u64,
    bin_steps: u64,
}

/// What has been counted of a population.
struct Counted {
    found: SimulatedInTime,
    /// Counted through all populations.
    numbers: std::ops::Range<u64>,
    looked_at: f64,
    range_mv: Option<[f64; 2]>,
    reset_mv: f64,
}

impl Counted {
    fn take_rate(&mut self, row: &RecordedValue, times: &Times) {
        let Some(after) = row.step.checked_sub(times.before_steps + 1) else { return };
        let bin = (after / times.bin_steps) as usize;
        if self.found.rate_hz.len() <= bin {
            self.found.rate_hz.resize(bin + 1, 0.0);
        }
        self.found.rate_hz[bin] += row.value / times.bin_steps as f64;
    }

    fn take_potentials(&mut self, rows: &[RecordedValue], times: &Times) {
        let Some([from_mv, to_mv]) = self.range_mv else { return };
        let width_mv = (to_mv - from_mv) / BINS as f64;
        let one = 1.0 / (self.looked_at * width_mv);
        for rows in rows.chunk_by(|a, b| a.step == b.step) {
            let Some(after) = rows.first().and_then(|row| row.step.checked_sub(times.before_steps)) else { continue };
            let mut density = vec![0.0; BINS];
            for row in rows.iter().filter(|row| self.numbers.contains(&u64::from(row.index))) {
                let bin = (row.value - from_mv) / width_mv;
                // one that is held at its reset is refractory
                let is_held = (row.value - self.reset_mv).abs() < 1e-9;
                if !is_held && bin >= 0.0 && bin < BINS as f64 {
                    density[bin as usize] += one;
                }
            }
            self.found.times_ms.push(after as f64 * times.dt_ms);
            self.found.density_per_mv.push(density);
        }
    }

    /// So many bins are full.
    fn finished(mut self, bins: usize) -> SimulatedInTime {
        self.found.rate_hz.resize(bins, 0.0);
        if let Some([from_mv, to_mv]) = self.range_mv {
            let width_mv = (to_mv - from_mv) / BINS as f64;
            self.found.potentials_mv = (0..BINS).map(|k| from_mv + (k as f64 + 0.5) * width_mv).collect();
        }
        self.found
    }
}
