//! What is recorded of a run, against its spikes and statistics, for any number of threads and across checkpoints.

use std::convert::Infallible;

use siegert::Work;
use siegert::network::{Network, ReadOptions, parse};
use siegert::simulation::{Chosen, RecordedValue, Recording, SimulationError, SimulationOptions, Simulator};

/// Two populations with delta and exponential synapses; E has 700 neurons, so more than one block.
const TEXT: &str = r#"
[neurons.n]
model = "lif"
tau_m = "20 ms"
C_m = "250 pF"
E_L = "-65 mV"
V_th = "-45 mV"
V_reset = "-55 mV"
t_ref = "2 ms"
[synapses.slow]
kind = "exponential_current"
tau = "2 ms"
[populations]
E = { size = 700, neuron = "n" }
I = { size = 60, neuron = "n" }
[[projections]]
from = ["E", "I"]
to = ["E", "I"]
in_degree = 20
weight = "0.2 mV"
delay = "1.5 ms"
[[drives]]
to = "E"
kind = "poisson"
rate = "10 kHz"
weight = "26 pA"
synapse = "slow"
[[drives]]
to = ["E", "I"]
kind = "noise"
mean = "14 mV"
std = "4 mV"
"#;

fn network() -> Network {
    parse(TEXT, "test.toml", &ReadOptions::default()).unwrap_or_else(|error| panic!("{error}"))
}

fn simulator(threads: usize, recordings: &[Recording]) -> Simulator {
    let options = SimulationOptions {
        duration_ms: 300.0,
        warmup_ms: 100.0,
        threads: Some(threads),
        ..SimulationOptions::default()
    };
    let mut simulator = Simulator::build(&network(), &options, &Work::default()).unwrap();
    simulator.record(recordings).unwrap();
    simulator
}

fn chosen(population: usize, first: u64, last: u64) -> Chosen {
    Chosen { population, first, last }
}

fn everything() -> Vec<Recording> {
    vec![
        Recording::Spikes(chosen(0, 200, 699)),
        Recording::Rates { population: None, bin_ms: 7.0 },
        Recording::Rates { population: Some(1), bin_ms: 0.1 },
        Recording::Potentials { of: chosen(0, 250, 400), every_ms: 0.3 },
        Recording::MeanPotentials { population: None, every_ms: 0.3 },
        Recording::Currents { of: chosen(0, 0, 3), every_ms: 1.0 },
        Recording::Inputs { of: chosen(0, 340, 360), every_ms: 2.0 },
        Recording::Inputs { of: chosen(1, 0, 59), every_ms: 100.0 },
    ]
}

/// Advances by so many steps; appends what is recorded, and returns the spikes.
fn advance(simulator: &mut Simulator, steps: u64, rows: &mut Vec<Vec<RecordedValue>>) -> Vec<(u64, u32)> {
    let mut spikes = Vec::new();
    simulator
        .advance(steps, &Work::default(), |step, neurons| {
            spikes.extend(neurons.iter().map(|&neuron| (step, neuron)));
            Ok::<(), Infallible>(())
        })
        .unwrap();
    let new = simulator.take_recorded();
    rows.resize(new.len(), Vec::new());
    rows.iter_mut().zip(new).for_each(|(rows, mut new)| rows.append(&mut new));
    spikes
}

#[test]
fn recorded_spikes_and_rates_are_those_of_all_spikes() {
    let (mut simulator, mut rows) = (simulator(1, &everything()), Vec::new());
    let spikes = advance(&mut simulator, u64::MAX, &mut rows);
    let expected: Vec<(u64, u32)> = spikes.iter().copied().filter(|spike| (200..700).contains(&spike.1)).collect();
    assert!(expected.len() > 100, "{}", expected.len());
    assert_eq!(rows[0].iter().map(|row| (row.step, row.index)).collect::<Vec<_>>(), expected);
    // 400 ms have 57 bins of 7 ms; what is left is no bin
    assert_eq!(rows[1].len(), 2 * 57);
    for (place, row) in rows[1].iter().enumerate() {
        assert_eq!((row.step, row.index), (70 * (place as u64 / 2 + 1), place as u32 % 2), "bins begin with the run");
        let neurons = if row.index == 0 { 0..700 } else { 700..760 };
        let own = |spike: &&(u64, u32)| neurons.contains(&spike.1) && (row.step - 69..=row.step).contains(&spike.0);
        let expected = spikes.iter().filter(own).count() as f64 / (neurons.len() as f64 * 0.007);
        assert!((row.value - expected).abs() < 1e-9, "{row:?}: {expected}");
    }
    let of_steps: f64 = rows[2].iter().map(|row| row.value * 60.0 * 1e-4).sum();
    assert_eq!((rows[2].len(), of_steps.round()), (4000, spikes.iter().filter(|spike| spike.1 >= 700).count() as f64));
}

#[test]
fn potentials_stay_below_threshold_and_are_at_reset_after_a_spike() {
    let recordings = [Recording::Potentials { of: chosen(0, 250, 400), every_ms: 0.1 }];
    let (mut simulator, mut rows) = (simulator(1, &recordings), Vec::new());
    let spikes = advance(&mut simulator, u64::MAX, &mut rows);
    assert_eq!(rows[0].len(), 151 * 4000);
    assert!(rows[0].iter().all(|row| row.value < -45.0));
    let at = |step: u64, neuron: u32| rows[0][((step - 1) * 151) as usize + (neuron - 250) as usize];
    let mut seen = 0;
    for (step, neuron) in spikes.into_iter().filter(|spike| (250..=400).contains(&spike.1) && spike.0 < 3980) {
        for later in 0..=20 {
            let row = at(step + later, neuron);
            assert_eq!((row.step, row.index, row.value), (step + later, neuron, -55.0));
        }
        seen += 1;
    }
    assert!(seen > 50, "{seen}");
}

#[test]
fn inputs_and_currents_have_the_means_of_what_drives_the_neurons() {
    let recordings = [
        Recording::Inputs { of: chosen(0, 0, 699), every_ms: 400.0 },
        Recording::Currents { of: chosen(0, 0, 699), every_ms: 1.0 },
    ];
    let (mut simulator, mut rows) = (simulator(2, &recordings), Vec::new());
    let spikes = advance(&mut simulator, u64::MAX, &mut rows);
    let mean = |rows: &[RecordedValue]| rows.iter().map(|row| row.value).sum::<f64>() / rows.len() as f64;
    assert_eq!((rows[0].len(), rows[1].len()), (700, 400 * 700));
    // 26 pA a step, which decay by e^-0.05 in a step, after the first milliseconds; with what arrived at its end
    let current = mean(&rows[1][20 * 700..]);
    let expected = 26.0 / (1.0 - (-0.05_f64).exp());
    assert!((current / expected - 1.0).abs() < 0.003, "{current} pA for {expected} pA");
    // E_L + 14 mV + R I, and 20 ms x 20 x 0.2 mV x the rate of both populations, of what arrives within the run
    let rate_per_ms = |low: u32, high: u32| {
        let own = |spike: &&(u64, u32)| (low..high).contains(&spike.1) && spike.0 <= 4000 - 15;
        spikes.iter().filter(own).count() as f64 / (f64::from(high - low) * 400.0)
    };
    let expected =
        -65.0 + 14.0 + 520.0 * 20.0 / 250.0 + 20.0 * 20.0 * 0.2 * (rate_per_ms(0, 700) + rate_per_ms(700, 760));
    let input = mean(&rows[0]);
    // the noise of a neuron's mean input is 4 mV sqrt(20 ms / 400 ms), of the mean of 700 a 26th of that; Poisson spikes a little
    assert!((input - expected).abs() < 0.25, "{input} mV for {expected} mV");
}

#[test]
fn what_is_recorded_does_not_depend_on_threads_pieces_or_checkpoints_nor_change_the_run() {
    let (mut whole, mut expected) = (simulator(1, &everything()), Vec::new());
    let spikes = advance(&mut whole, u64::MAX, &mut expected);
    assert!(expected.iter().all(|rows| !rows.is_empty()));
    let mut unwatched = simulator(1, &[]);
    assert_eq!(advance(&mut unwatched, u64::MAX, &mut Vec::new()), spikes);
    assert_eq!(unwatched.result().populations, whole.result().populations);
    for (first, threads) in [(1234, 2), (15, 1), (3999, 3)] {
        let (mut before, mut rows) = (simulator(1, &everything()), Vec::new());
        advance(&mut before, first, &mut rows);
        let mut saved = Vec::new();
        before.save(&mut saved).unwrap();
        let mut after = simulator(threads, &everything());
        after.restore(&mut saved.as_slice()).unwrap_or_else(|error| panic!("{error}"));
        while after.steps_done() < after.steps_total() {
            advance(&mut after, 333, &mut rows);
        }
        assert!(rows == expected, "broken after {first} steps");
        let other = simulator(1, &everything()[..3]).restore(&mut saved.as_slice()).unwrap_err();
        assert!(other.to_string().contains("something else is recorded"), "{other}");
    }
}

#[test]
fn recordings_that_the_network_does_not_have_are_refused_with_place_and_remedy() {
    let mut simulator = simulator(1, &[]);
    let mut refused = |recording: Recording| simulator.record(&[recording]).unwrap_err().to_string();
    let text = refused(Recording::Spikes(chosen(0, 0, 700)));
    assert!(text.contains("population E has 700 neurons") && text.contains("below 700"), "{text}");
    assert!(refused(Recording::Spikes(chosen(0, 5, 4))).contains("5-4"));
    assert!(refused(Recording::Spikes(chosen(2, 0, 0))).contains("the network has 2"));
    assert!(refused(Recording::Rates { population: Some(7), bin_ms: 1.0 }).contains("population 7"));
    let text = refused(Recording::Currents { of: chosen(1, 0, 0), every_ms: 1.0 });
    assert!(text.contains("population I has no synaptic currents") && text.contains("record inputs"), "{text}");
    for every_ms in [0.25, 0.0, -1.0, f64::NAN, f64::INFINITY, 1e300] {
        let text = refused(Recording::Potentials { of: chosen(0, 0, 0), every_ms });
        assert!(text.contains("a whole number of steps of 0.1 ms"), "{every_ms}: {text}");
    }
    advance(&mut simulator, 1, &mut Vec::new());
    assert_eq!(simulator.record(&[]), Err(SimulationError::RecordedLate { steps_done: 1 }));
}

#[test]
fn mean_potentials_are_the_means_of_all_potentials() {
    let recordings = [
        Recording::MeanPotentials { population: None, every_ms: 5.0 },
        Recording::MeanPotentials { population: Some(1), every_ms: 5.0 },
        Recording::Potentials { of: chosen(0, 0, 699), every_ms: 5.0 },
    ];
    let (mut simulator, mut rows) = (simulator(2, &recordings), Vec::new());
    advance(&mut simulator, u64::MAX, &mut rows);
    let of = |population: u32| rows[0].iter().filter(move |row| row.index == population);
    assert_eq!((of(0).count(), of(1).copied().collect::<Vec<_>>()), (80, rows[1].clone()));
    for (row, each) in of(0).zip(rows[2].chunks(700)) {
        let mean = each.iter().map(|row| row.value).sum::<f64>() / 700.0;
        assert!(row.step == each[0].step && (row.value - mean).abs() < 1e-9, "{row:?}: {mean}");
    }
}
