//! Recorders of spikes: those of chosen neurons, and rates of populations in bins.

use std::ops::Range;

use serde::{Deserialize, Serialize};

use super::SpikeRecorder;
use super::recording::{RecordedValue, Recording};
use crate::simulation::fired::{StepSpikes, TICKS_PER_STEP};
use crate::simulation::plan::Plan;

const MS_PER_S: f64 = 1000.0;

/// All recordings of a run, and what those of spikes have so far.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(in crate::simulation) struct Recordings {
    pub(in crate::simulation) all: Vec<Recording>,
    spikes: Vec<ChosenSpikes>,
    rates: Vec<BinnedRates>,
}

/// Spikes of neurons with successive numbers.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct ChosenSpikes {
    /// Number of the recording.
    recording: usize,
    /// Counted through all populations.
    neurons: Range<u32>,
    rows: Vec<RecordedValue>,
}

/// Rates of populations in successive bins.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct BinnedRates {
    recording: usize,
    bin_steps: u64,
    populations: Vec<BinnedRate>,
    rows: Vec<RecordedValue>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct BinnedRate {
    index: u32,
    neurons: Range<u32>,
    /// Spikes in the present bin, and the rate that one of them is, in Hz.
    spikes: u64,
    hz_per_spike: f64,
}

impl Recordings {
    /// Before the first step.
    pub(in crate::simulation) fn new(plan: &Plan, all: Vec<Recording>) -> Self {
        let mut recordings = Recordings { all, ..Self::default() };
        for (number, recording) in recordings.all.iter().enumerate() {
            match recording {
                Recording::Spikes(of) => {
                    let first = plan.populations[of.population].first;
                    let neurons = first + of.first as u32..first + of.last as u32 + 1;
                    recordings.spikes.push(ChosenSpikes { recording: number, neurons, rows: Vec::new() });
                }
                Recording::Rates { population, .. } => {
                    let bin_steps = recording.every_steps(plan);
                    let bin_s = bin_steps as f64 * plan.dt_ms / MS_PER_S;
                    let of = |index: usize| {
                        let own = &plan.populations[index];
                        let hz_per_spike = 1.0 / (f64::from(own.size.max(1)) * bin_s);
                        BinnedRate {
                            index: index as u32,
                            neurons: own.first..own.first + own.size,
                            spikes: 0,
                            hz_per_spike,
                        }
                    };
                    let populations = population.map_or(0..plan.populations.len(), |index| index..index + 1);
                    recordings.rates.push(BinnedRates {
                        recording: number,
                        bin_steps,
                        populations: populations.map(of).collect(),
                        rows: Vec::new(),
                    });
                }
                _ => {}
            }
        }
        recordings
    }

    /// Moves the rows so far to the lists of their recordings.
    pub(in crate::simulation) fn take(&mut self, rows: &mut [Vec<RecordedValue>]) {
        let spikes = self.spikes.iter_mut().map(|it| (it.recording, &mut it.rows));
        let rates = self.rates.iter_mut().map(|it| (it.recording, &mut it.rows));
        spikes.chain(rates).for_each(|(recording, own)| rows[recording].append(own));
    }
}

impl SpikeRecorder for Recordings {
    fn observe(&mut self, spikes: StepSpikes<'_>) {
        self.spikes.iter_mut().for_each(|it| it.observe(spikes));
        self.rates.iter_mut().for_each(|it| it.observe(spikes));
    }
}

impl SpikeRecorder for ChosenSpikes {
    fn observe(&mut self, spikes: StepSpikes<'_>) {
        let step = spikes.step();
        self.rows.extend(within(spikes.neurons(), &self.neurons).map(|place| {
            let before = (step * TICKS_PER_STEP - spikes.tick(place)) as f64;
            RecordedValue { step, index: spikes.neurons()[place], value: 1.0 - before / TICKS_PER_STEP as f64 }
        }));
    }
}

impl SpikeRecorder for BinnedRates {
    fn observe(&mut self, spikes: StepSpikes<'_>) {
        let (step, fired) = (spikes.step(), spikes.neurons());
        for population in &mut self.populations {
            population.spikes += within(fired, &population.neurons).len() as u64;
        }
        if step.is_multiple_of(self.bin_steps) {
            for BinnedRate { index, spikes, hz_per_spike, .. } in &mut self.populations {
                let value = std::mem::take(spikes) as f64 * *hz_per_spike;
                self.rows.push(RecordedValue { step, index: *index, value });
            }
        }
    }
}

/// Where the numbers of a range stand among ascending ones.
fn within(fired: &[u32], neurons: &Range<u32>) -> Range<usize> {
    let place = |number: u32| fired.partition_point(|&neuron| neuron < number);
    place(neurons.start)..place(neurons.end)
}
