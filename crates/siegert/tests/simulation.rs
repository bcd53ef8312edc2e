//! The simulator against closed forms, a direct loop over the equations, and itself (threads, connectivity, checkpoints).

#![allow(non_snake_case)] // symbols of the field keep their capitals: V, C_m

use std::convert::Infallible;
use std::sync::LazyLock;

use siegert::Work;
use siegert::input::{Heterogeneity, Streams};
use siegert::network::Network;
use siegert::simulation::{Connectivity, Simulation, SimulationError, SimulationOptions, Simulator};
use siegert::testing::{TestNetwork, case, read};

static RUNNING: LazyLock<Work> = LazyLock::new(Work::default);

fn options(duration_ms: f64) -> SimulationOptions {
    SimulationOptions { duration_ms, warmup_ms: 0.0, threads: Some(1), ..SimulationOptions::default() }
}

/// All spikes (step, neuron), and the result.
fn run(network: &Network, options: &SimulationOptions) -> (Vec<(u64, u32)>, Simulation) {
    let mut simulator = Simulator::build(network, options, &RUNNING).unwrap_or_else(|error| panic!("{error}"));
    let spikes = advance(&mut simulator, u64::MAX);
    (spikes, simulator.result())
}

fn advance(simulator: &mut Simulator, steps: u64) -> Vec<(u64, u32)> {
    let mut spikes = Vec::new();
    let taken = simulator.advance(steps, &RUNNING, |step, neurons| {
        spikes.extend(neurons.iter().map(|&neuron| (step, neuron)));
        Ok::<(), Infallible>(())
    });
    taken.expect("nothing can go wrong in taking spikes");
    spikes
}

fn steps_of(spikes: &[(u64, u32)], neuron: u32) -> Vec<u64> {
    spikes.iter().filter(|spike| spike.1 == neuron).map(|spike| spike.0).collect()
}

/// LIF neurons as in Brunel (2000).
const LIF: &str = r#"
name = "test"
[neurons.lif]
model = "lif"
tau_m = "20 ms"
C_m = "250 pF"
E_L = "0 mV"
V_th = "20 mV"
V_reset = "10 mV"
t_ref = "2 ms"
[synapses.exp]
kind = "exponential_current"
tau = "2 ms"
"#;

#[test]
fn a_neuron_under_constant_current_fires_at_the_intervals_of_the_closed_form() {
    for (mu, dt) in [(20.5, 0.1), (25.0, 0.1), (25.0, 0.05), (100.0, 0.1), (1e4, 0.1), (20.001, 0.1)] {
        let text = format!(
            "{LIF}
[populations]
E = {{ size = 3, neuron = \"lif\" }}
[[drives]]
to = \"E\"
kind = \"current\"
value = \"{mu} mV\"
"
        );
        let options = SimulationOptions { dt_ms: dt, ..options(2000.0) };
        let (spikes, _) = run(&read(&text), &options);
        // The first grid point at or after the time of the crossing, and the refractory steps.
        let climb = 20.0 * ((mu - 10.0f64) / (mu - 20.0)).ln();
        let interval = (climb / dt).ceil() as u64 + (2.0 / dt).round() as u64;
        for neuron in 0..3 {
            let steps = steps_of(&spikes, neuron);
            assert!(steps.len() > 4, "mu = {mu}: {} spikes", steps.len());
            for pair in steps.windows(2) {
                assert_eq!(pair[1] - pair[0], interval, "mu = {mu} mV, dt = {dt} ms");
            }
        }
    }
}

#[test]
fn a_neuron_at_threshold_in_the_limit_is_silent() {
    let text = format!(
        "{LIF}
[populations]
E = {{ size = 10, neuron = \"lif\" }}
[[drives]]
to = \"E\"
kind = \"current\"
value = \"19.999 mV\"
"
    );
    let (spikes, result) = run(&read(&text), &options(3000.0));
    assert!(spikes.is_empty());
    assert_eq!(result.populations[0].rate_hz, 0.0);
    assert_eq!(result.populations[0].cv, None);
}

/// One neuron of each population of an all-to-all network without chance, as a direct loop over NEST's order of operations.
///
/// All neurons of a population are in the same state, since a strong current makes all fire in the first step.
struct Direct {
    sizes: Vec<f64>,
    current_mv: Vec<f64>,
    /// Delta weight in mV, exponential weight in pA (tau_syn 2 ms), and delay in steps, from the first index to the second.
    weight: Vec<Vec<(f64, f64, u64)>>,
}

impl Direct {
    fn spikes(&self, steps: u64) -> Vec<Vec<u64>> {
        let (h, tau_m, tau_s, C_m) = (0.1f64, 20.0f64, 2.0f64, 250.0f64);
        let p22 = (-h / tau_m).exp();
        let p20 = 1.0 - p22;
        let p11 = (-h / tau_s).exp();
        // R tau_s / (tau_m - tau_s) (e^(-h/tau_m) - e^(-h/tau_s))
        let p21 = tau_m / C_m * tau_s / (tau_m - tau_s) * (p22 - p11);
        let count = self.sizes.len();
        let mut spikes: Vec<Vec<u64>> = vec![vec![1]; count];
        let (mut V, mut left, mut current) = (vec![10.0; count], vec![20; count], vec![0.0; count]);
        for step in 2..=steps {
            for to in 0..count {
                let (mut delta, mut pulse) = (0.0, 0.0);
                for ((row, fired), size) in self.weight.iter().zip(&spikes).zip(&self.sizes) {
                    let (jump, strength, delay) = row[to];
                    if step > delay && fired.contains(&(step - delay)) {
                        delta += jump * size;
                        pulse += strength * size;
                    }
                }
                if left[to] == 0 {
                    V[to] = p22 * V[to] + p20 * self.current_mv[to] + p21 * current[to] + delta;
                } else {
                    left[to] -= 1;
                }
                current[to] = p11 * current[to] + pulse;
            }
            for population in 0..count {
                if V[population] >= 20.0 {
                    spikes[population].push(step);
                    V[population] = 10.0;
                    left[population] = 20;
                }
            }
        }
        spikes
    }
}

#[test]
fn a_network_without_chance_fires_as_a_direct_loop_in_the_order_of_nest() {
    // weights are sums of powers of two, so that no order of summation rounds
    let direct = Direct {
        sizes: vec![4.0, 8.0, 2.0],
        current_mv: vec![30.0, 24.0, 0.0],
        weight: vec![
            vec![(0.125, 0.0, 1), (0.25, 0.0, 15), (6.0, 0.0, 3)],
            vec![(-0.5, -8.0, 20), (0.0, 4.0, 1), (0.0, 64.0, 7)],
            vec![(0.5, 0.0, 33), (0.0, -16.0, 2), (0.0, 0.0, 1)],
        ],
    };
    let mut text = format!(
        "{LIF}
[populations]
A = {{ size = 4, neuron = \"lif\" }}
B = {{ size = 8, neuron = \"lif\" }}
C = {{ size = 2, neuron = \"lif\" }}
[[drives]]
to = [\"A\", \"B\", \"C\"]
kind = \"current\"
value = \"1e9 mV\"
stop = \"0.1 ms\"
"
    );
    let names = ["A", "B", "C"];
    for (name, current) in names.iter().zip(&direct.current_mv) {
        text += &format!("[[drives]]\nto = \"{name}\"\nkind = \"current\"\nvalue = \"{current} mV\"\n");
    }
    for (from, row) in names.iter().zip(&direct.weight) {
        for (to, (jump, strength, delay)) in names.iter().zip(row) {
            for (weight, unit, synapse) in [(jump, "mV", "delta"), (strength, "pA", "exp")] {
                if *weight != 0.0 {
                    text += &format!(
                        "[[projections]]\nfrom = \"{from}\"\nto = \"{to}\"\nprobability = 1\nweight = \"{weight} {unit}\"\n\
                         delay = \"{} ms\"\nsynapse = \"{synapse}\"\n",
                        *delay as f64 * 0.1
                    );
                }
            }
        }
    }
    let steps = 5000;
    let expected = direct.spikes(steps);
    let (spikes, _) = run(&read(&text), &options(steps as f64 * 0.1));
    let mut first = 0;
    for (population, size) in [4, 8, 2].into_iter().enumerate() {
        assert!(expected[population].len() > 20, "population {population} fires often enough to tell");
        for neuron in first..first + size {
            assert_eq!(steps_of(&spikes, neuron), expected[population], "population {population}");
        }
        first += size;
    }
}

/// Sources that all fire in the first step, and targets that each spike of them makes fire.
fn relay(projection: &str, sources: u32, targets: u32) -> String {
    format!(
        "{LIF}
[populations]
A = {{ size = {sources}, neuron = \"lif\" }}
B = {{ size = {targets}, neuron = \"lif\" }}
[[drives]]
to = \"A\"
kind = \"current\"
value = \"1e9 mV\"
stop = \"0.1 ms\"
[[projections]]
from = \"A\"
to = \"B\"
{projection}
"
    )
}

#[test]
fn spikes_arrive_after_their_delay_to_the_step() {
    for steps in [1u64, 2, 15, 16, 17, 200, 1000] {
        let delay = steps as f64 * 0.1;
        for synapse in ["weight = \"50 mV\"", "weight = \"1e6 pA\"\nsynapse = \"exp\""] {
            let text = relay(&format!("in_degree = 1\ndelay = \"{delay} ms\"\n{synapse}"), 5, 40);
            let (spikes, _) = run(&read(&text), &options(150.0));
            // a current acts on the potential one step later
            let arrival = 1 + steps + u64::from(synapse.contains("exp"));
            let targets: Vec<u64> = spikes.iter().filter(|spike| spike.1 >= 5).map(|spike| spike.0).collect();
            assert!(targets.len() >= 40, "{} targets fired", targets.len());
            assert_eq!(targets[..40], vec![arrival; 40], "delay {steps} steps, {synapse}");
        }
    }
}

#[test]
fn delays_have_their_law() {
    // every target hears one source: its first spike tells the delay
    let text = relay(
        "in_degree = 1\nweight = \"50 mV\"\ndelay = { distribution = \"uniform\", low = \"0.55 ms\", high = \"2.55 ms\" }",
        50,
        20_000,
    );
    let (spikes, _) = run(&read(&text), &options(20.0));
    let mut counts = [0u32; 40];
    for &(step, neuron) in &spikes {
        if neuron >= 50 {
            counts[step as usize - 1] += 1;
        }
    }
    // 0.55 to 2.55 ms: twenty steps, 6 to 25, of the same probability
    let expected = 1000.0;
    let chi_square: f64 = counts[6..26].iter().map(|&count| (f64::from(count) - expected).powi(2) / expected).sum();
    assert_eq!(counts.iter().sum::<u32>(), counts[6..26].iter().sum::<u32>(), "{counts:?}");
    assert!(chi_square < 43.8, "chi square {chi_square} (19 degrees of freedom, p = 0.001): {counts:?}");
}

#[test]
fn a_run_shorter_than_the_delay_delivers_nothing_and_ends() {
    let text = relay("in_degree = 1\nweight = \"50 mV\"\ndelay = \"10 ms\"", 5, 5);
    let (spikes, result) = run(&read(&text), &options(5.0));
    assert_eq!(spikes.len(), 5);
    assert!(result.run.complete);
    let (spikes, _) = run(&read(&text), &SimulationOptions { dt_ms: 0.1, ..options(0.1) });
    assert_eq!(spikes.len(), 5);
}

/// Neurons far from threshold under one drive.
fn driven(drive: &str) -> String {
    format!(
        "name = \"test\"
[neurons.deaf]
model = \"lif\"
tau_m = \"20 ms\"
C_m = \"250 pF\"
E_L = \"-65 mV\"
V_th = \"1e6 mV\"
V_reset = \"-70 mV\"
t_ref = \"2 ms\"
[synapses.exp]
kind = \"exponential_current\"
tau = \"2 ms\"
[populations]
E = {{ size = 1000, neuron = \"deaf\" }}
[[drives]]
to = \"E\"
{drive}
"
    )
}

fn input_of(drive: &str) -> (f64, f64, f64) {
    let options = SimulationOptions { warmup_ms: 200.0, ..options(2000.0) };
    let (_, result) = run(&read(&driven(drive)), &options);
    let input = result.populations[0].input.clone().expect("the input is measured");
    (input.mean_mv, input.std_mv, input.mean_std_over_neurons_mv)
}

#[test]
fn poisson_drives_have_the_mean_and_the_variance_of_their_rate_and_weights() {
    // mu = E_L + tau_m K J nu and sigma^2 = tau_m K <J^2> nu; a current in pA counts as its charge, w tau_syn / C_m.
    for (drive, mean, variance) in [
        ("kind = \"poisson\"\nrate = \"10 Hz\"\nin_degree = 1000\nweight = \"0.1 mV\"", 20.0, 2.0),
        ("kind = \"poisson\"\nrate = \"5 Hz\"\nin_degree = 10\nweight = \"-2 mV\"", -2.0, 4.0),
        ("kind = \"poisson\"\nrate = \"10 Hz\"\nin_degree = 1000\nweight = \"12.5 pA\"\nsynapse = \"exp\"", 20.0, 2.0),
        (
            "kind = \"poisson\"\nrate = \"10 Hz\"\nin_degree = 500\nweight = { mean = \"0.2 mV\", std = \"0.1 mV\" }",
            20.0,
            5.0,
        ),
        (
            "kind = \"poisson\"\nrate = \"10 Hz\"\nin_degree = 500\nweight = { distribution = \"exponential\", mean = \"0.2 mV\" }",
            20.0,
            8.0,
        ),
        // half of the time: cos averages out over 2 s
        (
            "kind = \"poisson\"\nrate = \"10 Hz\"\nin_degree = 1000\nweight = \"0.1 mV\"\nmodulation = { amplitude = 0.5, frequency = \"5 Hz\" }",
            20.0,
            2.0,
        ),
        ("kind = \"poisson\"\nrate = \"10 Hz\"\nin_degree = 1000\nweight = \"0.1 mV\"\nshared = true", 20.0, 2.0),
        ("kind = \"noise\"\nmean = \"15 mV\"\nstd = \"5 mV\"", 15.0, 25.0),
        ("kind = \"current\"\nvalue = \"7 mV\"", 7.0, 0.0),
    ] {
        let (measured, std, _) = input_of(drive);
        let seconds: f64 = 2.0;
        // Error of the mean of 1000 neurons (of one, if they hear the same): sigma sqrt(tau_m / T / n).
        let independent = if drive.contains("shared") { 1.0 } else { 1000.0 };
        let error = (variance * 0.02 / seconds / independent).sqrt();
        // Weights are fixed for a neuron: their variance does not average out over time, only over neurons.
        let quenched = if drive.contains("500") { 0.05 } else { 0.0 };
        assert!((measured + 65.0 - mean).abs() < 4.0 * error + quenched + 1e-9, "{drive}: mean {}", measured + 65.0);
        // modulated: the rate's own variation adds (0.5 K J nu tau)^2 / 2 dt/tau = 0.25 * 400 / 2 * 0.005
        let slow = if drive.contains("modulation") { 0.25 } else { 0.0 };
        assert!((std * std - variance - slow).abs() < 0.02 * variance + 1e-9, "{drive}: variance {}", std * std);
    }
}

#[test]
fn weights_drawn_anew_leave_the_noise_and_take_the_differences_between_neurons_away() {
    // tau_m K <J^2> nu of one source of 2 kHz; exponential: <J^2> = 2 <J>^2
    for (law, mean, variance) in [
        ("{ distribution = \"exponential\", mean = \"0.5 mV\" }", 20.0, 20.0),
        ("{ mean = \"0.5 mV\", std = \"0.4 mV\" }", 20.0, 16.4),
        ("{ distribution = \"uniform\", low = \"0 mV\", high = \"1 mV\" }", 20.0, 40.0 / 3.0),
        ("{ distribution = \"lognormal\", mean = \"-0.5 mV\", std = \"0.5 mV\" }", -20.0, 20.0),
    ] {
        for (more, independent) in [("", 1000.0), ("\nshared = true", 1.0)] {
            let drive = format!("kind = \"poisson\"\nrate = \"2 kHz\"\nweight = {law}{more}\nredraw_weights = true");
            let (measured, std, over_neurons) = input_of(&drive);
            // error of a mean over T = 2 s: sigma sqrt(tau_m/T) for a neuron; trains that all hear do not average out
            let of_a_neuron: f64 = (variance * 0.01_f64).sqrt();
            let error = of_a_neuron / f64::sqrt(independent);
            assert!((measured + 65.0 - mean).abs() < 4.0 * error, "{drive}: mean {}", measured + 65.0);
            assert!((std * std - variance).abs() < 0.03 * variance, "{drive}: variance {}", std * std);
            // sources that kept their weights would differ by 8 mV and more
            assert!(over_neurons < 1.1 * of_a_neuron, "{drive}: neurons differ by {over_neurons} mV");
        }
    }
    let network = |redraw: bool| {
        let law = "{ mean = \"0.5 mV\", std = \"0.4 mV\" }";
        read(&driven(&format!("kind = \"poisson\"\nrate = \"2 kHz\"\nweight = {law}\nredraw_weights = {redraw}")))
    };
    let spread = |redraw: bool| {
        let network = network(redraw);
        let streams = Streams::new(&network).expect("drives are computed");
        Heterogeneity::new(&network, &streams).variances_mv2(&[0.0], &[0.0])[0]
    };
    assert!((spread(false) - 256.0).abs() < 1e-9 && spread(true) == 0.0, "{} {}", spread(false), spread(true));
}

#[test]
fn a_noise_drive_gives_the_free_membrane_half_its_variance() {
    // potentials begin anywhere below the very high threshold
    let options = SimulationOptions { warmup_ms: 1000.0, ..options(2000.0) };
    let (_, result) = run(&read(&driven("kind = \"noise\"\nmean = \"15 mV\"\nstd = \"5 mV\"")), &options);
    let membrane = result.populations[0].membrane.clone().expect("the potential is measured");
    assert!((membrane.mean_mv + 50.0).abs() < 0.05, "{}", membrane.mean_mv);
    assert!((membrane.std_mv - 5.0 / 2f64.sqrt()).abs() < 0.05, "{}", membrane.std_mv);
}

#[test]
fn drives_act_between_start_and_stop_and_arrive_after_their_delay() {
    // One spike a source and step, with weights that make every neuron fire in every step that it hears.
    let text = |times: &str| {
        format!(
            "{}
[populations]
E = {{ size = 20, neuron = \"lif\" }}
[[drives]]
to = \"E\"
kind = \"poisson\"
rate = \"1e6 Hz\"
weight = \"1000 mV\"
{times}
",
            LIF.replace("t_ref = \"2 ms\"", "t_ref = \"0 ms\"")
        )
    };
    for (times, first, last) in [
        ("start = \"10 ms\"\nstop = \"20 ms\"", 101, 200),
        ("start = \"10 ms\"\nstop = \"20 ms\"\ndelay = \"1.5 ms\"", 116, 215),
        ("stop = \"5 ms\"", 1, 50),
    ] {
        let (spikes, _) = run(&read(&text(times)), &options(50.0));
        assert_eq!((spikes[0].0, spikes[spikes.len() - 1].0), (first, last), "{times}");
        assert_eq!(spikes.len() as u64, 20 * (last - first + 1), "{times}: a spike in every step");
    }
}

/// A network with everything: both kinds of synapse, all rules, laws of weights and delays, all drives.
const EVERYTHING: &str = r#"
[populations]
E = { size = 1200, neuron = "lif" }
I = { size = 300, neuron = "lif" }
none = { size = 0, neuron = "lif" }
[[projections]]
from = "E"
to = ["E", "I"]
in_degree = 60
weight = "0.3 mV"
delay = { mean = "1.5 ms", std = "0.7 ms" }
[[projections]]
from = "I"
to = ["E", "I"]
probability = 0.1
weight = { mean = "-20 pA", std = "4 pA" }
delay = "0.8 ms"
synapse = "exp"
autapses = false
[[projections]]
from = "I"
to = "E"
total = 6000
weight = { distribution = "exponential", mean = "-0.3 mV" }
delay = { distribution = "uniform", low = "0.1 ms", high = "3 ms" }
[[projections]]
from = "I"
to = "I"
total = 3000
weight = "-0.4 mV"
delay = "0.1 ms"
multapses = false
autapses = false
[[projections]]
from = "E"
to = "none"
in_degree = 10
weight = "0.1 mV"
delay = "1 ms"
[[drives]]
to = ["E", "I"]
kind = "poisson"
rate = "12 Hz"
in_degree = 400
weight = "0.2 mV"
modulation = { amplitude = 0.3, frequency = "40 Hz" }
[[drives]]
to = "E"
kind = "noise"
mean = "3 mV"
std = "3 mV"
start = "20 ms"
[[drives]]
to = "I"
kind = "poisson"
rate = "100 Hz"
weight = { mean = "40 pA", std = "10 pA" }
in_degree = 20
synapse = "exp"
shared = true
"#;

#[test]
fn spikes_do_not_depend_on_threads_or_on_how_connections_are_held() {
    let network = read(&format!("{LIF}{EVERYTHING}"));
    let (expected, reference) = run(&network, &options(300.0));
    assert!(reference.populations[0].rate_hz > 2.0, "{} Hz", reference.populations[0].rate_hz);
    assert!(reference.populations[1].rate_hz > 2.0, "{} Hz", reference.populations[1].rate_hz);
    for threads in [1, 2, 3, 16] {
        for connectivity in [Connectivity::Explicit, Connectivity::Redrawn] {
            let options = SimulationOptions { threads: Some(threads), connectivity, ..options(300.0) };
            let (spikes, result) = run(&network, &options);
            assert!(spikes == expected, "{threads} threads, {connectivity:?}: {} spikes", spikes.len());
            assert_eq!(result.populations, reference.populations, "{threads} threads, {connectivity:?}");
            assert_eq!(result.performance.synaptic_events, reference.performance.synaptic_events);
            assert_eq!(result.performance.spikes, expected.len() as u64);
        }
    }
    let other_seed = run(&network, &SimulationOptions { seed: 2, ..options(300.0) }).0;
    assert!(other_seed != expected, "another seed gives other spikes");
}

#[test]
fn a_run_that_is_saved_and_taken_up_gives_the_same_spikes_as_an_unbroken_one() {
    let network = read(&format!("{LIF}{EVERYTHING}"));
    let unbroken = SimulationOptions { warmup_ms: 50.0, ..options(200.0) };
    let (expected, reference) = run(&network, &unbroken);
    for (steps, threads) in [(1, 2), (777, 3), (2499, 1)] {
        let mut simulator = Simulator::build(&network, &unbroken, &RUNNING).expect("it was built before");
        let mut spikes = advance(&mut simulator, steps);
        let mut saved = Vec::new();
        simulator.save(&mut saved).expect("memory can be written");
        let other =
            SimulationOptions { threads: Some(threads), connectivity: Connectivity::Redrawn, ..unbroken.clone() };
        let mut later = Simulator::build(&network, &other, &RUNNING).expect("it was built before");
        later.restore(&mut saved.as_slice()).unwrap_or_else(|error| panic!("{error}"));
        assert_eq!(later.steps_done(), steps);
        spikes.extend(advance(&mut later, u64::MAX));
        assert!(spikes == expected, "broken after {steps} steps");
        assert_eq!(later.result().populations, reference.populations, "broken after {steps} steps");
    }
}

#[test]
fn a_state_that_is_damaged_or_of_another_run_is_refused() {
    let network = read(&format!("{LIF}{EVERYTHING}"));
    let mut simulator = Simulator::build(&network, &options(20.0), &RUNNING).expect("it was built before");
    advance(&mut simulator, 50);
    let mut saved = Vec::new();
    simulator.save(&mut saved).expect("memory can be written");
    let refusal = |options: &SimulationOptions, bytes: &[u8]| {
        let mut simulator = Simulator::build(&network, options, &RUNNING).expect("it was built before");
        simulator.restore(&mut &*bytes).err().map(|error| error.to_string()).unwrap_or_default()
    };
    assert_eq!(refusal(&options(20.0), &saved), "");
    assert!(refusal(&SimulationOptions { seed: 9, ..options(20.0) }, &saved).contains("other options"));
    assert!(refusal(&options(20.0), &saved[..saved.len() - 1]).contains("too early"));
    assert!(refusal(&options(20.0), &[]).contains("too early"));
    for place in (0..12).chain((12..saved.len()).step_by(saved.len() / 100)).chain(saved.len() - 8..saved.len()) {
        let (mut damaged, bit) = (saved.clone(), place % 8);
        damaged[place] ^= 1 << bit;
        let refusal = refusal(&options(20.0), &damaged);
        assert!(refusal.contains("is damaged"), "bit {bit} of byte {place}: {refusal}");
    }
}

#[test]
fn silent_saturated_and_empty_populations_are_simulated() {
    let text = format!(
        "{}
[populations]
silent = {{ size = 30, neuron = \"lif\" }}
saturated = {{ size = 30, neuron = \"lif\" }}
empty = {{ size = 0, neuron = \"lif\" }}
[[drives]]
to = [\"saturated\", \"empty\"]
kind = \"current\"
value = \"1e9 mV\"
[[projections]]
from = \"saturated\"
to = [\"saturated\", \"empty\"]
in_degree = 10
weight = \"0.1 mV\"
delay = \"0.1 ms\"
",
        LIF.replace("t_ref = \"2 ms\"", "t_ref = \"0 ms\"")
    );
    for threads in [1, 4] {
        let options = SimulationOptions { threads: Some(threads), ..options(100.0) };
        let (spikes, result) = run(&read(&text), &options);
        assert_eq!(spikes.len(), 30 * 1000);
        let rates: Vec<f64> = result.populations.iter().map(|population| population.rate_hz).collect();
        assert_eq!(rates, [0.0, 10_000.0, 0.0]);
        assert_eq!(result.populations[1].cv, Some(0.0));
        assert_eq!(result.performance.synaptic_events, 30 * 1000 * 10, "every spike reaches its synapses");
    }
    let empty = read(&format!("{LIF}\n[populations]\nE = {{ size = 0, neuron = \"lif\" }}\n"));
    assert!(run(&empty, &options(10.0)).0.is_empty());
}

#[test]
fn what_cannot_be_simulated_is_refused_by_name() {
    let refusal = |text: &str, options: &SimulationOptions| -> SimulationError {
        Simulator::build(&read(text), options, &RUNNING).expect_err("it cannot be simulated")
    };
    let fixed = relay("in_degree = 3\nmultapses = false\nweight = \"1 mV\"\ndelay = \"1 ms\"", 5, 5);
    let redrawn = SimulationOptions { connectivity: Connectivity::Redrawn, ..options(10.0) };
    assert!(matches!(refusal(&fixed, &redrawn), SimulationError::CannotRedraw { .. }));
    run(&read(&fixed), &options(10.0));
    for (dt, duration) in [(0.0, 10.0), (-0.1, 10.0), (f64::NAN, 10.0), (0.1, 0.0), (0.1, f64::INFINITY), (0.1, -5.0)] {
        let options = SimulationOptions { dt_ms: dt, ..options(duration) };
        assert!(matches!(refusal(&fixed, &options), SimulationError::Time { .. }), "dt {dt}, duration {duration}");
    }
    let large = relay("in_degree = 1000000\nmultapses = true\nweight = \"1 mV\"\ndelay = \"1 ms\"", 5, 1_000_000);
    let explicit = SimulationOptions { connectivity: Connectivity::Explicit, ..options(10.0) };
    assert!(matches!(refusal(&large, &explicit), SimulationError::Memory { .. }));
}

#[test]
fn a_cancelled_run_stops_and_keeps_what_it_has_done() {
    let network = read(&format!("{LIF}{EVERYTHING}"));
    let cancelled = Work::default();
    let mut simulator = Simulator::build(&network, &options(1000.0), &cancelled).expect("it was built before");
    let stopped = simulator.advance(u64::MAX, &cancelled, |step, _| if step > 100 { Err(step) } else { Ok(()) });
    assert!(stopped.is_err());
    let done = simulator.steps_done();
    assert!((100..1000).contains(&done), "stopped after {done} steps");
    cancelled.cancel();
    simulator.advance(u64::MAX, &cancelled, |_, _| Ok::<(), Infallible>(())).expect("nothing goes wrong");
    assert!(simulator.steps_done() < 2000);
    assert!(!simulator.result().run.complete);
    assert!(matches!(Simulator::build(&network, &options(1000.0), &cancelled), Err(SimulationError::Cancelled)));
}

/// Excitation among 1,000 neurons that keeps itself up at 119 Hz in theory, and does not begin by itself.
fn two_states() -> Network {
    TestNetwork::one_population(1000)
        .neuron("t_ref", "5 ms")
        .projection("A", "A", "in_degree = 100\nweight = \"0.3 mV\"\ndelay = { mean = \"6 ms\", std = \"3 ms\" }")
        .noise("A", 2.0, 6.0)
        .read()
}

#[test]
fn a_network_started_near_a_state_stays_in_it() {
    let network = two_states();
    let rate = |held: Option<f64>| {
        let options =
            SimulationOptions { warmup_ms: 300.0, held_rates_hz: held.map(|rate| vec![rate]), ..options(500.0) };
        run(&network, &options).1.populations[0].rate_hz
    };
    let (alone, low, high) = (rate(None), rate(Some(0.0)), rate(Some(119.0)));
    assert!(alone < 1.0 && low < 1.0 && (high / 119.0 - 1.0).abs() < 0.05, "{alone} {low} {high} Hz");
}

#[test]
fn while_rates_are_held_the_input_is_theirs_and_none_is_lost_at_the_end() {
    // all that is measured is the first moment of freedom: without the held input it would be silent
    let network = two_states();
    let held = SimulationOptions { warmup_ms: 0.0, held_rates_hz: Some(vec![119.0]), ..options(5.0) };
    let simulation = run(&network, &held).1;
    assert_eq!(simulation.run.warmup_ms, 100.0);
    // 2 mV + 20 ms 100 0.3 mV 119 Hz; regular neurons still remember the common start a little
    let input = simulation.populations[0].input.as_ref().unwrap();
    assert!((input.mean_mv / 73.4 - 1.0).abs() < 0.05, "{input:?}");
    let wrong = SimulationOptions { held_rates_hz: Some(vec![1.0, 2.0]), ..options(5.0) };
    let error = Simulator::build(&network, &wrong, &Work::default()).unwrap_err();
    assert_eq!(error, SimulationError::HeldRates { expected: 1, found: 2 });
}

#[test]
fn delays_between_two_steps_go_to_the_later_one_as_in_nest() {
    // in binary 0.15/0.1 and 0.35/0.1 lie below the tie and 0.25/0.1 on it
    for (delay, steps) in [("0.15 ms", 2), ("0.25 ms", 3), ("0.35 ms", 4), ("0.1 ms + 0.05 ms", 2), ("0.24 ms", 2)] {
        let (spikes, result) = run(&case("delay_ties", &[("d", delay)]), &options(200.0));
        let (driver, target) = (steps_of(&spikes, 0), steps_of(&spikes, 1));
        assert!(driver.len() > 5, "{driver:?}");
        let arrivals: Vec<u64> = driver.iter().map(|step| step + steps).filter(|step| *step <= 2000).collect();
        assert_eq!(target, arrivals, "delay {delay}");
        let said = format!("is simulated as 0.{steps} ms, a multiple of dt");
        assert!(result.warnings.iter().any(|warning| warning.sentence.ends_with(&said)), "{:?}", result.warnings);
    }
}

#[test]
fn refractory_times_between_two_steps_go_up_as_in_nest_and_those_on_the_grid_stay() {
    let interval = |t_ref: &str| {
        let text = format!(
            "{}\n[populations]\nA = {{ size = 1, neuron = \"lif\" }}\n[[drives]]\nto = \"A\"\nkind = \"current\"\nvalue = \"30 mV\"\n",
            LIF.replace("2 ms\"\n[synapses", &format!("{t_ref}\"\n[synapses"))
        );
        let steps = steps_of(&run(&read(&text), &options(200.0)).0, 0);
        steps[2] - steps[1]
    };
    let without = interval("0 ms");
    let cases =
        [("0.3 ms", 3), ("3 * 0.1 ms", 3), ("2 ms", 20), ("10 ms - 9.7 ms", 3), ("0.31 ms", 4), ("2.05 ms", 21)];
    for (t_ref, steps) in cases {
        assert_eq!(interval(t_ref), without + steps, "t_ref = {t_ref}");
    }
}

#[test]
fn independent_neurons_have_their_fano_factor_at_every_time_step() {
    let mut network = case("independent", &[]);
    network.populations[0].size = 2000;
    for (dt_ms, bin_ms) in [(0.3, 50.1), (0.7, 49.7), (3.0, 51.0)] {
        let result = run(&network, &SimulationOptions { dt_ms, warmup_ms: 300.0, ..options(4000.0) }).1;
        let (of, bins) = (&result.populations[0], 4000.0 / bin_ms);
        // 0.19 in the limit of many neurons and bins; the error of a variance from so many bins
        let (fano, error) = (of.fano_factor.expect("spikes"), 0.19 * (2.0f64 / bins).sqrt());
        assert!((fano - 0.19).abs() < 4.0 * error, "dt = {dt_ms} ms: Fano factor {fano}");
        let all_pairs = of.correlation_all_pairs.expect("pairs");
        assert!(all_pairs.abs() < 4.0 * (2.0f64 / bins).sqrt() / 2000.0, "dt = {dt_ms} ms: {all_pairs}");
        assert_eq!(result.run.count_bin_ms, bin_ms);
    }
}

#[test]
fn times_that_are_rounded_and_steps_that_are_too_long_are_remarked_on() {
    let network = case("independent", &[]);
    let warnings = |duration_ms, warmup_ms, dt_ms| {
        let options = SimulationOptions { warmup_ms, dt_ms, ..options(duration_ms) };
        Simulator::build(&network, &options, &RUNNING)
            .expect("a network")
            .result()
            .warnings
            .into_iter()
            .map(|warning| warning.sentence)
            .collect::<Vec<String>>()
    };
    assert_eq!(warnings(1000.0, 300.0, 0.1), [""; 0]);
    let expected = [
        "the run: duration of 1000 ms is simulated as 999.9 ms, a multiple of dt",
        "the run: warm-up of 500 ms is simulated as 500.1 ms, a multiple of dt",
        "population A: t_ref of 2 ms is simulated as 2.1 ms, a multiple of dt",
    ];
    assert_eq!(warnings(1000.0, 500.0, 0.3), expected);
    let long = warnings(1000.0, 500.0, 20.0);
    assert!(long.iter().any(|warning| warning.contains("dt (20 ms) is longer than tau_m (10 ms)")), "{long:?}");
}

#[test]
fn weights_beyond_32_bits_are_refused_by_name() {
    let refused = |weight: &str| {
        let network = read(&relay(&format!("weight = {weight}\ndelay = \"1 ms\"\nin_degree = 1\n"), 1, 1));
        Simulator::build(&network, &options(10.0), &RUNNING).map(drop).unwrap_err().to_string()
    };
    for weight in ["\"1e39 mV\"", "\"-1e40 mV\"", "{ mean = \"1e29 mV\", std = \"1e30 mV\" }"] {
        let error = refused(weight);
        assert!(error.contains("weight") && error.contains("projection") && error.len() < 100, "{error}");
    }
    assert!(refused("\"1e39 mV\"").contains("weight: 1e39; at most 1e30 can be simulated"));
}

#[test]
fn threads_are_not_taken_where_they_gain_nothing() {
    let threads = |network: &Network| {
        let options = SimulationOptions { threads: None, ..options(1.0) };
        Simulator::build(network, &options, &RUNNING).expect("a network").result().run.threads
    };
    // 4,000 neurons that must meet after every step; 50,000 that need not meet
    assert_eq!(threads(&case("cuba", &[])), 1);
    let all = std::thread::available_parallelism().map_or(1, usize::from);
    assert_eq!(threads(&case("independent", &[])), all);
}

#[test]
fn two_threads_are_not_slower_than_one_though_other_processes_run() {
    let network = case("cuba", &[]);
    let seconds = |threads: usize| {
        let options = SimulationOptions { threads: Some(threads), ..options(400.0) };
        let result = run(&network, &options).1;
        assert_eq!(result.run.threads, threads);
        result.performance.simulate_s
    };
    let (busy, all) =
        (std::sync::atomic::AtomicBool::new(true), std::thread::available_parallelism().map_or(1, usize::from));
    let ratios: Vec<f64> = std::thread::scope(|scope| {
        for _ in 0..all {
            scope.spawn(|| {
                while busy.load(std::sync::atomic::Ordering::Relaxed) {
                    std::hint::spin_loop();
                }
            });
        }
        // the system gives one or the other more of a core: one pair in four is fair. Waiting threads made it 5 to 25 in each.
        let ratios = (0..4).map(|_| seconds(2) / seconds(1)).collect();
        busy.store(false, std::sync::atomic::Ordering::Relaxed);
        ratios
    });
    assert!(ratios.iter().any(|ratio| *ratio <= 1.2), "{ratios:?}");
}
