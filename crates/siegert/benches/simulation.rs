//! What does the simulator's loop cost: membranes and their drives, channels, delivery of spikes, recorders?

use std::convert::Infallible;

use divan::{Bencher, black_box};
use siegert::Work;
use siegert::network::{ReadOptions, parse};
use siegert::simulation::{Chosen, Recording, SimulationOptions, Simulator};

fn main() {
    divan::main();
}

/// Neurons, and steps of 0.1 ms that are timed.
const NEURONS: usize = 2000;
const STEPS: u64 = 1000;

/// What is timed: the model of the neurons with its own parameters, and what they receive.
const NETWORKS: [(&str, &str, &str); 8] = [
    ("lif, noise", "lif", NOISE),
    ("perfect, noise", "perfect", NOISE),
    ("eif, noise", "eif\"\nDelta_T = \"2 mV\"\nV_peak = \"50 mV", NOISE),
    ("qif, noise", "qif\"\nDelta_T = \"2 mV\"\nV_peak = \"inf", NOISE),
    (
        "adex, noise",
        "adex\"\nDelta_T = \"2 mV\"\nV_peak = \"50 mV\"\na = \"2 nS\"\nb = \"40 pA\"\ntau_w = \"100 ms",
        NOISE,
    ),
    ("lif, poisson", "lif", "[[drives]]\nto = \"A\"\nkind = \"poisson\"\nrate = \"11 kHz\"\nweight = \"0.1 mV\"\n"),
    (
        "lif, poisson, exponential",
        "lif",
        "[[drives]]\nto = \"A\"\nkind = \"poisson\"\nrate = \"11 kHz\"\nweight = \"12.5 pA\"\nsynapse = \"exp\"\n",
    ),
    (
        "lif, noise, 200 inputs",
        "lif",
        "[[drives]]\nto = \"A\"\nkind = \"noise\"\nmean = \"25 mV\"\nstd = \"4 mV\"\n[[projections]]\nfrom = \"A\"\nto = \"A\"\n\
         in_degree = 200\nweight = \"-0.1 mV\"\ndelay = \"1.5 ms\"\n",
    ),
];
const NOISE: &str = "[[drives]]\nto = \"A\"\nkind = \"noise\"\nmean = \"19 mV\"\nstd = \"4 mV\"\n";

/// On one thread, after 100 ms.
fn simulator(name: &str, recordings: &[Recording]) -> Simulator {
    let (_, model, more) = NETWORKS.into_iter().find(|(of, ..)| *of == name).unwrap();
    let text = format!(
        "[neurons.n]\nmodel = \"{model}\"\ntau_m = \"20 ms\"\nC_m = \"250 pF\"\nE_L = \"0 mV\"\nV_th = \"20 mV\"\nV_reset = \"10 mV\"\n\
         t_ref = \"2 ms\"\n[synapses.exp]\nkind = \"exponential_current\"\ntau = \"2 ms\"\n\
         [populations]\nA = {{ size = {NEURONS}, neuron = \"n\" }}\n{more}"
    );
    let network = parse(&text, name, &ReadOptions::default()).unwrap();
    let options =
        SimulationOptions { duration_ms: 1e9, warmup_ms: 0.0, threads: Some(1), ..SimulationOptions::default() };
    let mut simulator = Simulator::build(&network, &options, &Work::default()).unwrap();
    simulator.record(recordings).unwrap();
    advance(&mut simulator, 1000);
    simulator
}

fn advance(simulator: &mut Simulator, steps: u64) {
    simulator
        .advance(steps, &Work::default(), |_, spikes| {
            black_box(spikes);
            Ok::<(), Infallible>(())
        })
        .unwrap();
    black_box(simulator.take_recorded());
}

#[divan::bench(args = NETWORKS.map(|(name, ..)| name), sample_count = 40, sample_size = 1)]
fn thousand_steps_of_2000_neurons(bencher: Bencher, name: &str) {
    let mut simulator = simulator(name, &[]);
    bencher.bench_local(|| advance(&mut simulator, STEPS));
}

/// Beside the same network without recordings.
#[divan::bench(args = ["potentials of 100", "inputs of 100", "rates"], sample_count = 40, sample_size = 1)]
fn thousand_steps_recorded(bencher: Bencher, what: &str) {
    let of = Chosen { population: 0, first: 0, last: 99 };
    let recording = match what {
        "rates" => Recording::Rates { population: None, bin_ms: 1.0 },
        "inputs of 100" => Recording::Inputs { of, every_ms: 1.0 },
        _ => Recording::Potentials { of, every_ms: 0.1 },
    };
    let mut simulator = simulator("lif, noise", &[recording]);
    bencher.bench_local(|| advance(&mut simulator, STEPS));
}
