//! Evolutions of every kind of neuron and input: jumps, conductances, plastic synapses, gates, adaptation and neurons that differ, against stationary states, linear responses and neurons simulated one by one.

#![allow(non_snake_case)] // symbols of the field keep their capitals: V

use std::f64::consts::TAU;

use siegert::evolution::{Evolution, EvolutionOptions, Start, evolve};
use siegert::network::Network;
use siegert::neuron::lif::SynapticFilter;
use siegert::report::ResponseReport;
use siegert::testing::{TestNetwork, open, read};
use siegert::theory::{InputTheory, Theory, TheoryOptions};
use siegert::{Complex64, Work};

const SHIFT: TheoryOptions = TheoryOptions { filter: SynapticFilter::ThresholdShift, input: InputTheory::Diffusion };
const JUMPS: TheoryOptions = TheoryOptions { filter: SynapticFilter::ThresholdShift, input: InputTheory::ShotNoise };

fn options(theory: TheoryOptions) -> EvolutionOptions {
    EvolutionOptions { input: theory.input, filter: theory.filter, dt_ms: 5.0, ..EvolutionOptions::default() }
}

fn evolved(network: &Network, options: &EvolutionOptions) -> Evolution {
    evolve(network, options, &Work::default()).unwrap_or_else(|error| panic!("{error}"))
}

fn states(network: &Network, theory: TheoryOptions) -> Vec<Vec<f64>> {
    let theory = Theory::new(network, &theory).unwrap_or_else(|error| panic!("{error}"));
    theory.states().unwrap().states.iter().map(|state| state.rates_hz()).collect()
}

/// The largest relative difference of the last rates from those of a state.
fn error_at_the_end(found: &Evolution, state: &[f64]) -> f64 {
    let ends = found.rates_hz.iter().map(|rates| *rates.last().unwrap());
    ends.zip(state).map(|(end, state)| (end / state - 1.0).abs()).fold(0.0, f64::max)
}

/// What an evolution over a time at an accuracy ends in, beside a state.
fn must_end_in_its_state(
    name: &str,
    network: &Network,
    theory: TheoryOptions,
    start: Start,
    (duration_ms, accuracy, allowed): (f64, f64, f64),
) {
    let state = &states(network, theory)[0];
    let found = evolved(network, &EvolutionOptions { duration_ms, accuracy, start, ..options(theory) });
    let error = error_at_the_end(&found, state);
    println!("{name} {start:?}: {error:.1e} of {state:.4?} at {accuracy:.0e}, {} steps", found.steps);
    assert!(error < allowed, "{name} {start:?}: {error} from {state:?}: {:?}", found.rates_hz);
    assert!(found.conservation_error < 1e-12, "{name}: {}", found.conservation_error);
    assert!(found.least_mass > -1e-15, "{name}: {}", found.least_mass);
}

/// A Poisson drive of jumps with these weights as the file has them.
fn poisson(rate_hz: f64, weight: &str) -> String {
    format!("kind = \"poisson\"\nrate = \"{rate_hz} Hz\"\nweight = {weight}")
}

/// Neurons that hear jumps of some sizes.
fn jumped(excitation: &str, inhibition: &str) -> TestNetwork {
    TestNetwork::one_population(1000).drive("A", &poisson(1000.0, excitation)).drive("A", &poisson(200.0, inhibition))
}

#[test]
fn jumps_end_in_the_stationary_state_of_shot_noise() {
    let fixed = jumped("\"1 mV\"", "\"-1.5 mV\"");
    let exponential = jumped(
        "{ distribution = \"exponential\", mean = \"0.8 mV\" }",
        "{ distribution = \"exponential\", mean = \"-1 mV\" }",
    );
    let lognormal = jumped("{ distribution = \"lognormal\", mean = \"1 mV\", std = \"0.6 mV\" }", "\"-1.5 mV\"");
    let beside_noise = fixed.clone().noise("A", 1.0, 1.5);
    let beyond = TestNetwork::one_population(1000)
        .neuron("t_ref", "0 ms")
        .current("A", 22.0)
        .drive("A", &poisson(200.0, "\"2 mV\""))
        .drive("A", &poisson(100.0, "\"-1 mV\""));
    for (name, network, allowed) in [
        ("fixed", fixed, 1e-3),
        ("exponential", exponential, 1e-3),
        ("lognormal", lognormal, 2e-3),
        ("beside noise", beside_noise, 1e-3),
        ("driven beyond the threshold", beyond, 2e-3),
    ] {
        must_end_in_its_state(name, &network.read(), JUMPS, Start::Reset, (200.0, 1e-3, allowed));
    }
    let fixed = jumped("\"1 mV\"", "\"-1.5 mV\"").read();
    must_end_in_its_state("fixed", &fixed, JUMPS, Start::State, (20.0, 1e-4, 1e-4));
}

/// Neurons one by one: the rate in bins of 1 ms after the excitation has gone up, by the exact way between jumps.
fn simulated(neurons: u64, before_per_ms: f64, after_per_ms: f64, bins: usize) -> Vec<f64> {
    let mut state = 0x9e37_79b9_7f4a_7c15_u64;
    let mut uniform = || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        ((state >> 11) as f64 + 0.5) / (1u64 << 53) as f64
    };
    let mut counts = vec![0u64; bins];
    for _ in 0..neurons {
        let (mut time_ms, mut V_mv) = (-120.0, 10.0);
        loop {
            let excitation = if time_ms < 0.0 { before_per_ms } else { after_per_ms };
            let rate = excitation + 0.2;
            let next_ms = time_ms - uniform().ln() / rate;
            if time_ms < 0.0 && next_ms >= 0.0 {
                V_mv *= (time_ms / 20.0).exp();
                time_ms = 0.0;
                continue;
            }
            V_mv *= ((time_ms - next_ms) / 20.0).exp();
            time_ms = next_ms;
            if time_ms >= bins as f64 {
                break;
            }
            V_mv += if uniform() * rate < excitation { 1.0 } else { -1.5 };
            if V_mv >= 20.0 {
                if time_ms >= 0.0 {
                    counts[time_ms as usize] += 1;
                }
                (V_mv, time_ms) = (10.0, time_ms + 2.0);
                // the drive does not wait while it is refractory
            }
        }
    }
    counts.iter().map(|count| *count as f64 / neurons as f64).collect()
}

#[test]
fn a_step_is_answered_as_by_neurons_that_are_simulated_one_by_one() {
    const NEURONS: u64 = 60_000;
    let network = jumped("\"1 mV\"", "\"-1.5 mV\"")
        .drive("A", &format!("{}\nstart = \"0 ms\"", poisson(300.0, "\"1 mV\"")))
        .read();
    let found =
        evolved(&network, &EvolutionOptions { duration_ms: 40.0, dt_ms: 0.25, accuracy: 5e-4, ..options(JUMPS) });
    let simulated = simulated(NEURONS, 1.0, 1.3, 40);
    let (mut square, mut worst) = (0.0, 0.0f64);
    for (k, spikes) in simulated.iter().enumerate() {
        // Simpson's rule over a bin
        let rates = &found.rates_hz[0][4 * k..=4 * k + 4];
        let expected = (rates[0] + 4.0 * rates[1] + 2.0 * rates[2] + 4.0 * rates[3] + rates[4]) / 12.0 / 1000.0;
        let z = (spikes - expected) / (expected / NEURONS as f64).sqrt();
        square += z * z / simulated.len() as f64;
        worst = worst.max(z.abs());
    }
    println!("z^2 {square:.2}, at most {worst:.2}");
    assert!(square < 1.6 && worst < 4.0, "{square} {worst}");
    assert!(found.conservation_error < 1e-12 && found.least_mass > -1e-15);
}

#[test]
fn small_jumps_are_white_noise() {
    // the same mean and variance by jumps that become small: what is left falls with their size
    let network = |size_mv: f64| {
        let rates = [1500.0 / size_mv / size_mv, 300.0 / size_mv / size_mv];
        let mean_mv = 0.02 * (rates[0] - rates[1]) * size_mv;
        TestNetwork::one_population(100)
            .current("A", 14.0 - mean_mv)
            .drive("A", &poisson(rates[0], &format!("\"{size_mv} mV\"")))
            .drive("A", &poisson(rates[1], &format!("\"{} mV\"", -size_mv)))
            .read()
    };
    let white = states(&network(1.0), SHIFT)[0][0];
    let off = |size_mv: f64| {
        let options = EvolutionOptions { duration_ms: 1.0, dt_ms: 1.0, ..options(JUMPS) };
        evolved(&network(size_mv), &options).rates_hz[0][0] / white - 1.0
    };
    let [large, small] = [off(1.0), off(0.5)];
    println!("{white} Hz: {large:.4}, {small:.4}");
    assert!((large / small - 2.0).abs() < 0.3, "{large} {small}");
}

/// A neuron that hears excitatory and inhibitory conductances, with a line of its model and more.
fn with_conductances(kind: &str, model: &str, [excitation, inhibition]: [f64; 2], more: &str) -> Network {
    let tau = if kind == "delta_conductance" { "" } else { ", tau = \"3 ms\"" };
    let drive = |rate_hz: f64, weight: f64, synapse: &str| {
        format!(
            "{{ to = \"A\", kind = \"poisson\", rate = \"{rate_hz} Hz\", weight = \"{weight} nS\", synapse = \"{synapse}\" }}"
        )
    };
    read(&format!(
        "drives = [{}, {}{more}]\n[neurons.n]\nmodel = {model}\nC_m = \"250 pF\"\ntau_m = \"15 ms\"\nE_L = \"-65 mV\"\nV_th = \"-50 mV\"\n\
         V_reset = \"-60 mV\"\nt_ref = \"2 ms\"\n[synapses]\ne = {{ kind = \"{kind}\", E_rev = \"0 mV\"{tau} }}\n\
         i = {{ kind = \"{kind}\", E_rev = \"-80 mV\"{tau} }}\n[populations]\nA = {{ size = 100, neuron = \"n\" }}\n",
        drive(8000.0, excitation, "e"),
        drive(1000.0, inhibition, "i"),
    ))
}

const AT_ONCE: (&str, [f64; 2]) = ("delta_conductance", [0.09, 0.4]);
const DECAYING: (&str, [f64; 2]) = ("exponential_conductance", [0.45, 2.0]);
const LIF: &str = "\"lif\"";
const EIF: &str = "\"eif\"\nDelta_T = \"2 mV\"\nV_peak = \"-20 mV\"";
const QIF: &str = "\"qif\"\nDelta_T = \"2 mV\"\nV_peak = \"-20 mV\"";
const ADEX: &str = "\"adex\"\nDelta_T = \"2 mV\"\nV_peak = \"-20 mV\"\na = \"2 nS\"\nb = \"20 pA\"\ntau_w = \"60 ms\"";

#[test]
fn conductances_end_in_the_stationary_state() {
    for (kind, weights) in [AT_ONCE, DECAYING] {
        let fine = with_conductances(kind, LIF, weights, "");
        must_end_in_its_state(kind, &fine, SHIFT, Start::Reset, (150.0, 1e-5, 2e-6));
        for (model, allowed) in [(LIF, 1e-3), (EIF, 1e-3), (QIF, 2e-3), ("\"perfect\"", 1e-3)] {
            let network = with_conductances(kind, model, weights, "");
            must_end_in_its_state(model, &network, SHIFT, Start::Reset, (300.0, 1e-3, allowed));
        }
    }
    let bundled = open("sanzeni2022", None, &[]);
    must_end_in_its_state("sanzeni2022", &bundled, SHIFT, Start::State, (50.0, 1e-3, 1e-3));
}

#[test]
fn jumps_of_conductances_end_in_the_stationary_state_of_shot_noise() {
    let network = with_conductances("delta_conductance", LIF, [0.3, 1.2], "");
    must_end_in_its_state("conductances", &network, JUMPS, Start::Reset, (100.0, 1e-3, 1e-3));
}

/// Amplitude and phase of a rate at a frequency, over its last periods.
fn component(found: &Evolution, frequency_hz: f64, periods: f64) -> Complex64 {
    let end_ms = found.times_ms.last().unwrap();
    let from_ms = end_ms - periods * 1000.0 / frequency_hz;
    let within = found.times_ms.iter().zip(&found.rates_hz[0]).filter(|(time_ms, _)| **time_ms > from_ms + 1e-9);
    let turned =
        |(time_ms, rate_hz): (&f64, &f64)| Complex64::from_polar(*rate_hz, -TAU * frequency_hz * time_ms / 1000.0);
    let values: Vec<Complex64> = within.map(turned).collect();
    2.0 * values.iter().sum::<Complex64>() / values.len() as f64
}

#[test]
fn small_modulations_beside_conductances_and_of_adapting_neurons_are_followed_as_the_linear_response_says() {
    const FREQUENCY_HZ: f64 = 20.0;
    const AMPLITUDE_MV: f64 = 0.02;
    for (name, (kind, weights), model) in
        [("at once", AT_ONCE, LIF), ("adapting", AT_ONCE, &ADEX.replace("a = \"2 nS\"", "a = \"0 nS\""))]
    {
        let modulated = format!(
            ", {{ to = \"A\", kind = \"noise\", mean = \"{AMPLITUDE_MV} mV\", std = \"0 mV\", modulation = {{ amplitude = 1, frequency = \"{FREQUENCY_HZ} Hz\" }} }}"
        );
        let network = with_conductances(kind, model, weights, &modulated);
        let theory = Theory::new(&network, &SHIFT).unwrap();
        let states = theory.states().unwrap().states;
        // the response is that to the mean of the membrane with its conductances
        let conductances = theory.fixed_point(&states[0]).populations[0].conductances;
        let leak = 1.0 + conductances.unwrap().conductance_over_leak;
        let response = ResponseReport::new(&theory, &states, None, &[FREQUENCY_HZ], &Work::default()).unwrap();
        let response = &response.populations[0];
        let expected = Complex64::new(response.transfer_re_hz_per_mv[0], response.transfer_im_hz_per_mv[0]);
        let options = EvolutionOptions { duration_ms: 400.0, dt_ms: 0.5, accuracy: 5e-5, ..options(SHIFT) };
        let found = component(&evolved(&network, &options), FREQUENCY_HZ, 2.0) * leak / AMPLITUDE_MV;
        let error = (found - expected).norm() / expected.norm();
        println!("{name}: {found} for {expected}, {error:.1e}");
        assert!(error < 1e-3, "{name}: {found} for {expected}");
    }
}

#[test]
fn plastic_synapses_and_gates_end_in_the_stationary_state() {
    let plastic = |plasticity: &str| {
        read(&format!(
            "[neurons.n]\nmodel = \"lif\"\ntau_m = \"20 ms\"\nE_L = \"0 mV\"\nV_th = \"20 mV\"\nV_reset = \"10 mV\"\nt_ref = \"2 ms\"\n\
             [synapses.p]\nkind = \"delta\"\nplasticity = {plasticity}\n[populations]\nA = {{ size = 1000, neuron = \"n\" }}\n\
             [[projections]]\nfrom = \"A\"\nto = \"A\"\nin_degree = 100\nweight = \"0.2 mV\"\ndelay = \"1.5 ms\"\nsynapse = \"p\"\n\
             [[drives]]\nto = \"A\"\nkind = \"noise\"\nmean = \"15 mV\"\nstd = \"5 mV\"\n"
        ))
    };
    for plasticity in ["{ U = 0.5, tau_rec = \"100 ms\" }", "{ U = 0.2, tau_rec = \"40 ms\", tau_fac = \"100 ms\" }"] {
        let network = plastic(plasticity);
        must_end_in_its_state(plasticity, &network, SHIFT, Start::Reset, (1000.0, 1e-4, 1e-4));
    }
    let held = open("mongillo2008", None, &[]);
    must_end_in_its_state("mongillo2008", &held, SHIFT, Start::State, (50.0, 1e-3, 1e-3));
    let gates = open("brunel_wang2001", None, &[]);
    must_end_in_its_state("brunel_wang2001", &gates, SHIFT, Start::State, (50.0, 1e-3, 1e-3));
}

#[test]
fn adaptation_by_its_mean_ends_in_the_stationary_state() {
    let one = with_conductances(DECAYING.0, ADEX, DECAYING.1, "");
    must_end_in_its_state("adex", &one, SHIFT, Start::Reset, (600.0, 1e-3, 1e-3));
    must_end_in_its_state("adex", &one, SHIFT, Start::State, (20.0, 1e-5, 3e-6));
    let bundled = open("brette_gerstner2005", None, &[]);
    must_end_in_its_state("brette_gerstner2005", &bundled, SHIFT, Start::State, (100.0, 1e-3, 1e-3));
}

#[test]
fn neurons_that_differ_end_in_the_stationary_state() {
    let differing = |current: &str, tau_m: &str, V_th: &str| {
        read(&format!(
            "[neurons.n]\nmodel = \"lif\"\nC_m = \"250 pF\"\ntau_m = {tau_m}\nE_L = \"0 mV\"\nV_th = {V_th}\nV_reset = \"10 mV\"\nt_ref = \"2 ms\"\n\
             [synapses.s]\nkind = \"exponential_current\"\ntau = \"3 ms\"\n[populations]\nA = {{ size = 100, neuron = \"n\" }}\n\
             [[projections]]\nfrom = \"A\"\nto = \"A\"\nin_degree = 50\nweight = \"-10 pA\"\nsynapse = \"s\"\ndelay = \"1 ms\"\n\
             [[drives]]\nto = \"A\"\nkind = \"current\"\nvalue = {current}\n\
             [[drives]]\nto = \"A\"\nkind = \"noise\"\nmean = \"13 mV\"\nstd = \"4 mV\"\n"
        ))
    };
    for (current, tau_m, V_th) in [
        ("{ mean = \"4 mV\", std = \"3 mV\" }", "\"20 ms\"", "\"20 mV\""),
        ("{ distribution = \"lorentzian\", center = \"3 mV\", half_width = \"0.5 mV\" }", "\"20 ms\"", "\"20 mV\""),
        ("\"50 pA\"", "{ mean = \"20 ms\", std = \"3 ms\" }", "\"20 mV\""),
        ("\"4 mV\"", "\"20 ms\"", "{ distribution = \"uniform\", low = \"18 mV\", high = \"22 mV\" }"),
    ] {
        let network = differing(current, tau_m, V_th);
        let name = format!("{current} {tau_m} {V_th}");
        must_end_in_its_state(&name, &network, SHIFT, Start::Reset, (200.0, 1e-3, 1e-3));
    }
}

#[test]
fn drives_beyond_reason_are_answered_and_not_followed() {
    // a drive that is silent once a period
    let modulated = format!("{}\nmodulation = {{ amplitude = 1, frequency = \"20 Hz\" }}", poisson(800.0, "\"1 mV\""));
    let network = TestNetwork::one_population(100).noise("A", 3.0, 2.0).drive("A", &modulated).read();
    for theory in [SHIFT, JUMPS] {
        let found = evolved(&network, &EvolutionOptions { duration_ms: 100.0, ..options(theory) });
        assert!(found.rates_hz[0].iter().all(|rate| *rate >= 0.0 && rate.is_finite()), "{:?}", found.rates_hz);
        assert!(found.conservation_error < 1e-12 && found.least_mass > -1e-15);
    }
    let refused = |network: &Network, theory: TheoryOptions| {
        let options = EvolutionOptions { start: Start::Reset, duration_ms: 10.0, ..options(theory) };
        evolve(network, &options, &Work::default()).map(|_| ()).unwrap_err().to_string()
    };
    let eif =
        TestNetwork::one_population(10).neuron("model", "eif").neuron("Delta_T", "2 mV").neuron("V_peak", "40 mV");
    let error = refused(&eif.poisson("A", 1000.0, 1, 1.0).read(), JUMPS);
    assert!(error.contains("'A'") && error.contains("other than lif"), "{error}");
    let enormous = TestNetwork::one_population(10).poisson("A", 1e9, 1, 1.0).poisson("A", 1e9, 1, -1.0).read();
    let error = refused(&enormous, JUMPS);
    assert!(error.contains("no grid") || error.contains("--duration"), "{error}");
    let differing = TestNetwork::one_population(10)
        .noise("A", 10.0, 3.0)
        .drive("A", "kind = \"current\"\nvalue = { mean = \"4 mV\", std = \"3 mV\" }\nstart = \"5 ms\"");
    let error = refused(&differing.read(), SHIFT);
    assert!(error.contains("that differ by a current that changes in time"), "{error}");
}

#[test]
fn steps_that_are_longer_than_synapses_lose_nothing() {
    let network = TestNetwork::one_population(1000)
        .neuron("C_m", "250 pF")
        .exponential_synapse("fast", 0.5)
        .projection(
            "A",
            "A",
            "in_degree = 100\nweight = \"-100 pA\"\ndelay = { mean = \"1.5 ms\", std = \"0.7 ms\" }\nsynapse = \"fast\"",
        )
        .noise("A", 20.0, 5.0)
        .drive("A", "kind = \"noise\"\nmean = \"4 mV\"\nstd = \"0 mV\"\nstart = \"0 ms\"")
        .read();
    let found = |accuracy: f64| {
        evolved(&network, &EvolutionOptions { duration_ms: 60.0, dt_ms: 0.5, accuracy, ..options(SHIFT) })
    };
    let [coarse, fine] = [found(1e-3), found(3e-5)];
    let errors = coarse.rates_hz[0].iter().zip(&fine.rates_hz[0]).map(|(coarse, fine)| (coarse / fine - 1.0).abs());
    let error = errors.fold(0.0, f64::max);
    println!("{error:.1e}, {} and {} steps", coarse.steps, fine.steps);
    assert!(error < 1e-3, "{error}");
}
