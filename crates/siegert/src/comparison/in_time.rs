//! The simulated network in time, as the evolution of its densities tells it: rates in bins and histograms of the potentials, from time 0 on.
//!
//! An evolution starts at time 0 in what acts before; a simulation has to come to it. So it runs for a while with the drives that act before time 0, and everything that a drive does
//! later is later by that while. Where the rates at time 0 are said (`SimulationOptions::held_rates_hz`), it starts near them. Modulations begin at time 0 there as here: the while is one after which all of them are back where they were, since they count from the start of the run.
//!
//! A neuron that is held at its reset is refractory and in no bin.

use serde::{Deserialize, Serialize};

use crate::network::{Drive, Network};
use crate::numerics::steps;
use crate::simulation::{Chosen, RecordedValue, Recording, SimulationError, SimulationOptions, Simulator, held_ms};
use crate::work::Work;

/// Shortest time before time 0, and the longest in which modulations are looked for to come back.
const BEFORE_MS: f64 = 500.0;
const MOST_BEFORE_MS: f64 = 20_000.0;
/// By how much of a period a modulation may be off then.
const OFF: f64 = 1e-3;
/// Bins of rates over the duration, about; and times of histograms.
const RATES: f64 = 250.0;
const TIMES: f64 = 120.0;
/// Bins of a histogram, and neurons that are looked at in each population, at most.
const BINS: usize = 40;
const MOST_NEURONS: u64 = 20_000;
/// Steps after which what was recorded is counted.
const STEPS_A_LOOK: u64 = 200;

const MS_PER_S: f64 = 1000.0;

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

/// Why a simulation cannot stand beside an evolution.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum InTimeError {
    /// Modulations of which none is where it was when the other is.
    #[error(
        "modulations of {first_hz} Hz and {second_hz} Hz have no common period within {most_s} s, after which the simulation could begin as the density does; choose frequencies that have one"
    )]
    Periods {
        /// One frequency.
        first_hz: f64,
        /// Another.
        second_hz: f64,
        /// How far was looked.
        most_s: f64,
    },
    /// The simulation is refused.
    #[error(transparent)]
    Simulation(#[from] SimulationError),
}

/// Simulates the network from time 0 on, for `options.duration_ms`, whatever its warm-up; `ranges_mv` are those of the histograms of each population, which may be missing.
///
/// # Errors
///
/// Modulations without a common period; what the simulator refuses; a stop.
pub fn simulated_in_time(
    network: &Network,
    options: &SimulationOptions,
    ranges_mv: &[Option<[f64; 2]>],
    work: &Work,
) -> Result<Vec<SimulatedInTime>, InTimeError> {
    let before_ms = before_ms(network)?;
    // the time in which rates are held is part of it
    let held_ms = if options.held_rates_hz.is_some() {
        steps::half_up(held_ms(network), options.dt_ms) * options.dt_ms
    } else {
        0.0
    };
    let before_ms = if held_ms > before_ms { before_ms * (held_ms / before_ms).ceil() } else { before_ms };
    let options = SimulationOptions { warmup_ms: before_ms - held_ms, ..options.clone() };
    let mut simulator = Simulator::build(&later(network, before_ms), &options, work)?;
    let dt_ms = simulator.dt_ms();
    let before_steps = steps::half_up(before_ms, dt_ms) as u64;
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

/// How long the simulation runs before time 0: until all modulations are back where they were.
fn before_ms(network: &Network) -> Result<f64, InTimeError> {
    let modulations = network.drives.iter().filter_map(|drive| drive.modulation);
    let mut hz: Vec<f64> = modulations.map(|of| of.frequency_hz.abs()).filter(|hz| *hz > 0.0).collect();
    hz.sort_by(f64::total_cmp);
    hz.dedup();
    let Some(&slowest) = hz.first() else { return Ok(BEFORE_MS) };
    let period_ms = MS_PER_S / slowest;
    let is_back = |after_ms: &f64| hz.iter().all(|hz| ((hz * after_ms / MS_PER_S).fract() - 0.5).abs() > 0.5 - OFF);
    let first = (BEFORE_MS / period_ms).ceil().max(1.0);
    let tries = (0..10_000).map(|k| (first + f64::from(k)) * period_ms);
    // one period is always tried, however long
    let found = tries.enumerate().take_while(|(k, ms)| *k == 0 || *ms <= MOST_BEFORE_MS).map(|it| it.1).find(is_back);
    found.ok_or(InTimeError::Periods {
        first_hz: slowest,
        second_hz: hz[hz.len() - 1],
        most_s: MOST_BEFORE_MS / MS_PER_S,
    })
}

/// The network with everything later by so much, but for what acts before time 0, which acts from the start.
fn later(network: &Network, by_ms: f64) -> Network {
    let later = |time_ms: Option<f64>| time_ms.map(|time_ms| time_ms + by_ms);
    let drives = network.drives.iter().filter(|drive| drive.stop_ms.is_none_or(|stop| stop > 0.0)).flat_map(|drive| {
        let start_ms = drive.start_ms.filter(|start| *start >= 0.0);
        let moved = Drive { start_ms: later(start_ms), stop_ms: later(drive.stop_ms), ..drive.clone() };
        match (drive.modulation, start_ms) {
            (Some(_), None) => {
                let before = Drive { modulation: None, stop_ms: Some(by_ms), ..moved.clone() };
                vec![before, Drive { start_ms: Some(by_ms), ..moved }]
            }
            _ => vec![moved],
        }
    });
    Network { drives: drives.collect(), ..network.clone() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::network::{DriveKind, Modulation};

    fn drive(start_ms: Option<f64>, stop_ms: Option<f64>, hz: Option<f64>) -> Drive {
        let kind = DriveKind::Noise { mean_mv: 10.0, std_mv: 1.0 };
        let modulation = hz.map(|frequency_hz| Modulation { amplitude: 0.5, frequency_hz });
        Drive { target: 0, kind, start_ms, stop_ms, modulation }
    }

    fn with(drives: Vec<Drive>) -> Network {
        Network { drives, ..Network::default() }
    }

    #[test]
    fn what_acts_before_time_0_acts_from_the_start_and_the_rest_is_later() {
        let network = with(vec![
            drive(None, None, None),
            drive(Some(0.0), Some(50.0), None),
            drive(Some(-3.0), None, None),
            drive(None, Some(0.0), None),
            drive(None, None, Some(10.0)),
        ]);
        let found = later(&network, 500.0).drives;
        let times: Vec<_> = found.iter().map(|it| (it.start_ms, it.stop_ms, it.modulation.is_some())).collect();
        let expected = [
            (None, None, false),
            (Some(500.0), Some(550.0), false),
            (None, None, false),
            (None, Some(500.0), false),
            (Some(500.0), None, true),
        ];
        assert_eq!(times, expected);
    }

    #[test]
    fn modulations_are_back_where_they_were_at_time_0() {
        assert_eq!(before_ms(&with(vec![drive(None, None, None)])).unwrap(), 500.0);
        for all in [&[10.0][..], &[7.0], &[4.0, 6.0], &[0.2], &[333.0]] {
            let drives = all.iter().map(|hz| drive(None, None, Some(*hz))).collect();
            let before_ms = before_ms(&with(drives)).unwrap();
            for hz in all {
                let periods = hz * before_ms / 1000.0;
                assert!(before_ms >= 500.0 && (periods - periods.round()).abs() < 2e-3, "{hz}: {periods}");
            }
        }
        let drives = vec![drive(None, None, Some(1.0)), drive(None, None, Some(std::f64::consts::SQRT_2 / 100.0))];
        assert!(before_ms(&with(drives)).is_err());
    }
}
