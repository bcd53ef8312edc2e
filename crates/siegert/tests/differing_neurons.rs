//! Neurons that differ within a population: what the file says, the theory's mean and spread of rates beside the simulator's, and the limits.

use std::convert::Infallible;

use siegert::Work;
use siegert::network::{Differences, DriveKind, Law, Network, ReadOptions, parse};
use siegert::simulation::{PopulationActivity, SimulationOptions, Simulator};
use siegert::testing::{read, solution};

/// A population of so many neurons of one type, and its drives.
fn text(size: u32, neuron: &str, drives: &str) -> String {
    format!("[neurons.n]\n{neuron}\n[populations]\nA = {{ size = {size}, neuron = \"n\" }}\n{drives}")
}

fn lif(laws: &str) -> String {
    let own =
        |key: &str, value: &str| if laws.contains(key) { String::new() } else { format!("{key} = \"{value}\"\n") };
    let shared = "model = \"lif\"\nV_reset = \"10 mV\"\nt_ref = \"2 ms\"\nC_m = \"200 pF\"\n";
    format!("{shared}{}{}{}{laws}", own("tau_m", "20 ms"), own("E_L", "0 mV"), own("V_th", "20 mV"))
}

const NOISE: &str = "[[drives]]\nto = \"A\"\nkind = \"noise\"\nmean = \"0 mV\"\nstd = \"1 mV\"\n";

fn current(value: &str) -> String {
    format!("[[drives]]\nto = \"A\"\nkind = \"current\"\nvalue = {value}\n")
}

fn options(duration_ms: f64, dt_ms: f64, threads: usize) -> SimulationOptions {
    SimulationOptions {
        duration_ms,
        warmup_ms: 300.0,
        dt_ms,
        seed: 5,
        threads: Some(threads),
        ..SimulationOptions::default()
    }
}

/// What the populations did, and all spikes as pairs of step and neuron.
fn simulated(network: &Network, options: &SimulationOptions) -> (Vec<PopulationActivity>, Vec<(u64, u32)>) {
    let running = Work::default();
    let mut simulator = Simulator::build(network, options, &running).expect("it can be simulated");
    let mut spikes = Vec::new();
    let keep = |step: u64, neurons: &[u32]| {
        spikes.extend(neurons.iter().map(|&neuron| (step, neuron)));
        Ok::<(), Infallible>(())
    };
    simulator.advance(u64::MAX, &running, keep).expect("nothing can fail");
    (simulator.result().populations, spikes)
}

/// Mean and spread of the rates by theory and by simulation; neurons fire regularly, so counts add next to nothing to the spread.
fn assert_that_both_agree(name: &str, text: &str) {
    let network = read(text);
    let solution = solution(&network);
    let [state] = &solution.fixed_points[..] else { panic!("{name}: {} states", solution.fixed_points.len()) };
    assert!(!solution.search.complete, "{name}: nothing is proved of neurons that differ");
    let theory = &state.populations[0];
    let spread = &theory.validity.rate_distribution;
    let measured = &simulated(&network, &options(3000.0, 0.05, 1)).0[0];
    let std_hz = measured.rate_distribution.std_hz.expect("rates differ");
    // 3 standard errors of 3000 neurons, and half a step of 0.05 ms at the end of an interval
    let relative = |found: f64, expected: f64| (found / expected - 1.0).abs();
    let allowed = 3.0 * std_hz / measured.rate_hz / 3000f64.sqrt() + 0.005;
    assert!(
        relative(theory.rate_hz, measured.rate_hz) < allowed,
        "{name}: {} Hz, simulated {}",
        theory.rate_hz,
        measured.rate_hz
    );
    // the distribution is that of the closed forms, without what time constants of synapses add to them
    let closed = if text.contains("[synapses") { 0.03 } else { 1e-6 };
    assert!((spread.mean_hz / theory.rate_hz - 1.0).abs() < closed, "{name}: {spread:?} {}", theory.rate_hz);
    assert!(relative(spread.std_hz, std_hz) < 0.05, "{name}: {} Hz apart, simulated {std_hz}", spread.std_hz);
    let [.., at_75, _] = measured.rate_distribution.quantiles_hz;
    assert!(relative(spread.quantiles_hz.q75, at_75) < 0.03, "{name}: {spread:?}, simulated {at_75}");
    if let (Some(cv), Some(own)) = (measured.cv, theory.cv) {
        assert!((cv - own).abs() < 0.03, "{name}: CV {own}, simulated {cv}");
    }
}

#[test]
fn rates_and_their_spread_are_those_of_simulated_lif_neurons() {
    let cases = [
        ("currents", lif(""), current("{ mean = \"23 mV\", std = \"1.5 mV\" }") + NOISE),
        (
            "currents in pA",
            lif(""),
            current("{ distribution = \"uniform\", low = \"210 pA\", high = \"260 pA\" }") + NOISE,
        ),
        ("thresholds", lif("V_th = { mean = \"20 mV\", std = \"1.5 mV\" }"), current("\"24 mV\"") + NOISE),
        ("resting potentials", lif("E_L = { mean = \"0 mV\", std = \"1 mV\" }"), current("\"24 mV\"") + NOISE),
        (
            "time constants",
            lif("tau_m = { distribution = \"lognormal\", mean = \"20 ms\", std = \"4 ms\" }"),
            current("\"24 mV\"") + NOISE,
        ),
        (
            "time constants and resistances",
            lif("tau_m = { mean = \"20 ms\", std = \"2 ms\" }\nI_e = \"260 pA\""),
            NOISE.to_string(),
        ),
        (
            "thresholds and currents",
            lif("V_th = { mean = \"20 mV\", std = \"1 mV\" }\nI_e = { mean = \"25 mV\", std = \"1 mV\" }"),
            NOISE.to_string(),
        ),
    ];
    for (name, neuron, drives) in cases {
        assert_that_both_agree(name, &text(3000, &neuron, &drives));
    }
}

#[test]
fn spikes_that_arrive_move_a_neuron_of_a_longer_time_constant_further() {
    let poisson = |synapse: &str, weight: &str| {
        format!(
            "[[drives]]\nto = \"A\"\nkind = \"poisson\"\nrate = \"13 Hz\"\nin_degree = 1000\nweight = \"{weight}\"\nsynapse = \"{synapse}\"\n"
        )
    };
    let neuron = lif("tau_m = { mean = \"20 ms\", std = \"1.5 ms\" }");
    assert_that_both_agree(
        "currents of synapses",
        &(text(3000, &neuron, &poisson("s", "20 pA"))
            + "[synapses.s]\nkind = \"exponential_current\"\ntau = \"1 ms\"\n"),
    );
    // of a jump of 0.02 mV, since larger ones have a grid
    let many = poisson("delta", "0.02 mV").replace("in_degree = 1000", "in_degree = 5000");
    assert_that_both_agree("jumps", &text(3000, &neuron, &many));
}

#[test]
fn rates_and_their_spread_are_those_of_simulated_neurons_of_other_models() {
    let spiking = |model: &str, more: &str| {
        format!(
            "model = \"{model}\"\ntau_m = \"10 ms\"\nC_m = \"200 pF\"\nE_L = \"0 mV\"\nV_reset = \"5 mV\"\nt_ref = \"2 ms\"\nDelta_T = \"2 mV\"\nV_peak = \"40 mV\"\n{more}"
        )
    };
    let perfect = "model = \"perfect\"\ntau_m = { mean = \"20 ms\", std = \"2 ms\" }\nV_reset = \"0 mV\"\nt_ref = \"2 ms\"\nV_th = { mean = \"20 mV\", std = \"2 mV\" }\n";
    let cases = [
        // without noise, in which a rate of these takes a thousand times as long
        ("eif", spiking("eif", "V_th = { mean = \"15 mV\", std = \"0.7 mV\" }"), current("\"19 mV\"")),
        ("qif", spiking("qif", "V_th = \"15 mV\""), current("{ mean = \"19 mV\", std = \"1 mV\" }")),
        ("perfect", perfect.to_string(), current("\"30 mV\"") + NOISE),
    ];
    for (name, neuron, drives) in cases {
        assert_that_both_agree(name, &text(3000, &neuron, &drives));
    }
}

#[test]
fn a_network_of_neurons_that_differ_is_simulated_at_the_rates_of_the_theory() {
    let coupled = "[synapses.s]\nkind = \"exponential_current\"\ntau = \"3 ms\"\n\
        [[projections]]\nfrom = \"A\"\nto = \"A\"\nin_degree = 100\nweight = \"-2 pA\"\ndelay = \"1.5 ms\"\nsynapse = \"s\"\n";
    let neuron = lif("V_th = { mean = \"20 mV\", std = \"1 mV\" }\nI_e = { mean = \"24 mV\", std = \"0.5 mV\" }");
    let network = read(&(text(2000, &neuron, NOISE) + coupled));
    let solution = solution(&network);
    let theory = &solution.fixed_points[0].populations[0];
    let measured = &simulated(&network, &options(3000.0, 0.05, 1)).0[0];
    assert!((theory.rate_hz / measured.rate_hz - 1.0).abs() < 0.02, "{} {}", theory.rate_hz, measured.rate_hz);
    let (spread, std_hz) = (&theory.validity.rate_distribution, measured.rate_distribution.std_hz.unwrap());
    assert!((spread.std_hz / std_hz - 1.0).abs() < 0.06, "{spread:?} {std_hz}");
}

#[test]
fn a_law_without_width_makes_no_difference_to_the_last_bit() {
    let alike = text(300, &lif(""), &(current("\"23 mV\"") + NOISE));
    let law = text(
        300,
        &lif("V_th = { mean = \"20 mV\", std = \"0 mV\" }\ntau_m = { mean = \"20 ms\", std = \"0 ms\" }"),
        &(current("{ mean = \"23 mV\", std = \"0 mV\" }") + NOISE),
    );
    let [one, other] = [&alike, &law].map(|text| read(text));
    assert_eq!(one.populations[0].neuron.differences, Differences::NONE);
    assert_eq!(one.populations, other.populations);
    let rates = |network: &Network| solution(network).fixed_points[0].populations[0].rate_hz.to_bits();
    assert_eq!(rates(&one), rates(&other));
    assert_eq!(simulated(&one, &options(200.0, 0.1, 1)).1, simulated(&other, &options(200.0, 0.1, 1)).1);
}

#[test]
fn neurons_draw_the_same_parameters_on_any_number_of_threads_and_after_a_checkpoint() {
    let neuron = "model = \"adex\"\ntau_m = { mean = \"10 ms\", std = \"1 ms\" }\nC_m = \"200 pF\"\nE_L = { mean = \"0 mV\", std = \"1 mV\" }\n\
        V_reset = \"5 mV\"\nt_ref = \"2 ms\"\nDelta_T = \"2 mV\"\nV_peak = \"40 mV\"\nV_th = { mean = \"15 mV\", std = \"1 mV\" }\n\
        a = \"2 nS\"\nb = \"10 pA\"\ntau_w = \"100 ms\"\nI_e = { distribution = \"lorentzian\", center = \"400 pA\", half_width = \"10 pA\" }";
    let coupled =
        "[[projections]]\nfrom = \"A\"\nto = \"A\"\nin_degree = 20\nweight = \"0.1 mV\"\ndelay = \"1.5 ms\"\n";
    let network = read(&(text(1500, neuron, NOISE) + coupled));
    let (_, spikes) = simulated(&network, &options(200.0, 0.1, 1));
    assert!(spikes.len() > 1000 && spikes == simulated(&network, &options(200.0, 0.1, 3)).1);
    let (running, options) = (Work::default(), options(200.0, 0.1, 2));
    let mut first = Simulator::build(&network, &options, &running).unwrap();
    let mut found = Vec::new();
    let mut keep = |step: u64, neurons: &[u32]| {
        found.extend(neurons.iter().map(|&neuron| (step, neuron)));
        Ok::<(), Infallible>(())
    };
    first.advance(1700, &running, &mut keep).unwrap();
    let mut saved = Vec::new();
    first.save(&mut saved).unwrap();
    let mut second = Simulator::build(&network, &options, &running).unwrap();
    second.restore(&mut &saved[..]).unwrap();
    second.advance(u64::MAX, &running, &mut keep).unwrap();
    assert!(found == spikes, "{} spikes, {} in one go", found.len(), spikes.len());
}

#[test]
fn laws_of_neurons_are_read_with_their_units() {
    let neuron = "model = \"lif\"\ntau_m = { distribution = \"lognormal\", mean = \"tau\", std = \"tau / 10\" }\nC_m = \"0.2 nF\"\nE_L = { mean = \"-65 mV\", std = \"1 mV\" }\n\
        V_th = { distribution = \"uniform\", low = \"-52 mV\", high = \"-48 mV\" }\nV_reset = \"-60 mV\"\nt_ref = \"2 ms\"\nI_e = { mean = \"0.2 nA\", std = \"20 pA\" }";
    let drive = current("{ distribution = \"lorentzian\", center = \"-5 mV\", half_width = \"1 mV\" }");
    let network = read(&(text(10, neuron, &drive) + "[parameters]\ntau = \"10 ms\"\n"));
    let own = network.populations[0].neuron;
    assert_eq!((own.tau_m_ms, own.E_L_mv, own.V_th_mv, own.C_m_pf), (10.0, -65.0, -50.0, Some(200.0)));
    let laws = Differences {
        V_th_mv: Some(Law::Uniform { low: -52.0, high: -48.0 }),
        tau_m_ms: Some(Law::Lognormal { mean: 10.0, std: 1.0 }),
        E_L_mv: Some(Law::Normal { mean: -65.0, std: 1.0 }),
    };
    assert_eq!(own.differences, laws);
    let lorentzian = Law::Lorentzian { center: -5.0, half_width: 1.0 };
    assert_eq!(network.drives[0].kind, DriveKind::Current { value_mv: lorentzian, given_in_pa: false });
    // 200 pA through 10 ms/200 pF
    let normal = Law::Normal { mean: 10.0, std: 1.0 };
    assert_eq!(network.drives[1].kind, DriveKind::Current { value_mv: normal, given_in_pa: true });
}

#[test]
fn mistakes_in_laws_of_neurons_are_told_with_a_remedy() {
    let with = |laws: &str| text(10, &lif(laws), "");
    let cases = [
        (with("V_th = { mean = \"20 mV\", std = \"-1 mV\" }"), "std is -1 mV; it must not be negative"),
        (with("V_th = { mean = \"20 mV\", std = \"2 ms\" }"), "std must be a voltage"),
        (with("V_th = { mean = \"8 mV\", std = \"2 mV\" }"), "V_reset (10 mV) must lie below V_th (8 mV)"),
        (with("V_th = { distribution = \"exponential\", mean = \"11 mV\" }"), "of the law of V_th make a neuron"),
        (with("tau_m = { distribution = \"lorentzian\", center = \"20 ms\", half_width = \"1 ms\" }"), "has no mean"),
        (with("tau_m = { mean = \"-20 ms\", std = \"1 ms\" }"), "tau_m is -20 ms"),
        (with("V_th = { distribution = \"lorentzian\", mean = \"20 mV\" }"), "does not belong to"),
        (with("").replace("t_ref = \"2 ms\"", "t_ref = { mean = \"2 ms\", std = \"1 ms\" }"), "t_ref cannot differ"),
        (with("").replace("C_m = \"200 pF\"", "C_m = { mean = \"200 pF\", std = \"1 pF\" }"), "C_m cannot differ"),
        (with("I_e = { mean = \"2 pA\", std = \"1 mV\" }"), "std must be a current"),
        (with("I_e = \"2 Hz\""), "I_e must be"),
        (with("I_e = \"2 pA\"").replace("C_m = \"200 pF\"", ""), "has no capacitance"),
    ];
    for (text, expected) in cases {
        let error = parse(&text, "test", &ReadOptions::default()).expect_err(expected).to_string();
        assert!(error.contains(expected), "{expected}: {error}\n{text}");
    }
    let weight = "[[projections]]\nfrom = \"A\"\nto = \"A\"\nin_degree = 1\nweight = { distribution = \"lorentzian\", center = \"1 mV\", half_width = \"1 mV\" }\n";
    let error = parse(&(with("") + weight), "test", &ReadOptions::default()).expect_err("no moments").to_string();
    assert!(error.contains("no mean"), "{error}");
}
