//! The theory of conductances at neurons of every model against simulated ones, far reversal potentials against currents, and the perfect neuron against its closed forms.

#![allow(non_snake_case)] // symbols of the field keep their capitals: V

#[path = "support/simulating.rs"]
mod simulating;

use siegert::network::Network;
use siegert::simulation::{Simulation, SimulationOptions};
use siegert::testing::read;
use siegert::theory::{FixedPoint, Theory, TheoryOptions};
use simulating::{advance, built};

const EIF: &str = "model = \"eif\"\nV_th = \"-50 mV\"\nDelta_T = \"2 mV\"\nV_peak = \"-30 mV\"\n";
const QIF: &str = "model = \"qif\"\nV_th = \"-50 mV\"\nDelta_T = \"2 mV\"\nV_peak = \"-20 mV\"\n";
const PERFECT: &str = "model = \"perfect\"\nV_th = \"-50 mV\"\n";
const ADEX: &str = "model = \"adex\"\nV_th = \"-50 mV\"\nDelta_T = \"2 mV\"\nV_peak = \"-30 mV\"\na = \"1 nS\"\nb = \"8 pA\"\ntau_w = \"150 ms\"\n";

/// Neurons with 10 nS of leak (or 20 ms and 200 pF) that two Poisson drives reach: rate in kHz and weight in nS of excitation and inhibition.
fn driven(neuron: &str, kinds: [&str; 2], [excitation, inhibition]: [(f64, f64); 2]) -> Network {
    let [of_excitation, of_inhibition] = kinds;
    let drive = |(rate_khz, weight_ns): (f64, f64), synapse: &str| {
        format!(
            "[[drives]]\nto = \"A\"\nkind = \"poisson\"\nrate = \"{rate_khz} kHz\"\nweight = \"{weight_ns} nS\"\nsynapse = \"{synapse}\"\n"
        )
    };
    read(&format!(
        "[neurons.n]\n{neuron}C_m = \"200 pF\"\ntau_m = \"20 ms\"\nE_L = \"-65 mV\"\nV_reset = \"-60 mV\"\nt_ref = \"2 ms\"\n\
         [synapses]\ne = {{ {of_excitation}, E_rev = \"0 mV\" }}\ni = {{ {of_inhibition}, E_rev = \"-80 mV\" }}\n\
         [populations]\nA = {{ size = 400, neuron = \"n\" }}\n{}{}",
        drive(excitation, "e"),
        drive(inhibition, "i"),
    ))
}

fn solved(network: &Network) -> FixedPoint {
    let found = Theory::new(network, &TheoryOptions::default()).unwrap().solution().unwrap().fixed_points;
    assert_eq!(found.len(), 1, "{found:?}");
    found[0].clone()
}

fn simulated(network: &Network, dt_ms: f64, duration_ms: f64) -> Simulation {
    let options = SimulationOptions { dt_ms, duration_ms, warmup_ms: 300.0, ..SimulationOptions::default() };
    let mut simulator = built(network, &options);
    advance(&mut simulator, u64::MAX);
    simulator.result()
}

/// The rate of the theory is that of the simulation, within 2 % or four standard errors.
fn agree(what: &str, network: &Network, dt_ms: f64, duration_ms: f64) {
    let start = std::time::Instant::now();
    let state = &solved(network).populations[0];
    let solved_in = start.elapsed();
    let run = &simulated(network, dt_ms, duration_ms).populations[0];
    let (found, expected) = (state.rate_hz, run.rate_hz);
    let spikes = expected * 400.0 * duration_ms / 1000.0;
    let relative_error = run.cv.unwrap_or(1.0).max(0.3) / spikes.sqrt();
    println!(
        "{what}: {found:.3} Hz, simulated {expected:.3} ({:+.2} %, error {:.2} %), CV {:?} and {:?}, {solved_in:?} of {:?}",
        100.0 * (found / expected - 1.0),
        100.0 * relative_error,
        state.cv,
        run.cv,
        start.elapsed(),
    );
    let allowed = 0.02_f64.max(4.0 * relative_error);
    assert!((found / expected - 1.0).abs() < allowed, "{what}: {found} Hz, simulated {expected} Hz");
}

const AT_ONCE: [&str; 2] = ["kind = \"delta_conductance\"", "kind = \"delta_conductance\""];
const DECAYING: [&str; 2] =
    ["kind = \"exponential_conductance\", tau = \"2 ms\"", "kind = \"exponential_conductance\", tau = \"5 ms\""];

/// Instantaneous conductances of small pulses: a mean over the leak of 20 ms rate w/g_L.
#[test]
fn neurons_with_instantaneous_conductances_fire_as_simulated_ones() {
    agree("eif, noise", &driven(EIF, AT_ONCE, [(62.0, 0.02), (80.0, 0.02)]), 0.05, 1500.0);
    agree("eif, mean", &driven(EIF, AT_ONCE, [(80.0, 0.02), (60.0, 0.03)]), 0.05, 1000.0);
    agree("qif, noise", &driven(QIF, AT_ONCE, [(75.0, 0.02), (80.0, 0.02)]), 0.05, 1500.0);
    agree("qif, mean", &driven(QIF, AT_ONCE, [(60.0, 0.02), (40.0, 0.03)]), 0.05, 1000.0);
}

#[test]
fn perfect_neurons_with_instantaneous_conductances_fire_as_simulated_ones() {
    // a sharp threshold, looked at on a grid
    agree("perfect, noise", &driven(PERFECT, AT_ONCE, [(40.0, 0.02), (65.0, 0.02)]), 0.01, 600.0);
    agree("perfect, mean", &driven(PERFECT, AT_ONCE, [(40.0, 0.02), (20.0, 0.02)]), 0.01, 400.0);
}

#[test]
fn adaptive_neurons_with_instantaneous_conductances_fire_as_simulated_ones() {
    agree("adex, at once", &driven(ADEX, AT_ONCE, [(80.0, 0.02), (60.0, 0.03)]), 0.05, 1500.0);
}

#[test]
fn adaptive_neurons_with_conductances_that_decay_fire_as_simulated_ones() {
    agree("adex, decaying", &driven(ADEX, DECAYING, [(16.0, 0.6), (3.0, 1.0)]), 0.05, 1500.0);
}

#[test]
fn neurons_with_conductances_that_decay_fire_as_simulated_ones() {
    agree("eif, noise", &driven(EIF, DECAYING, [(10.0, 0.6), (3.0, 1.0)]), 0.05, 2000.0);
    agree("eif, mean", &driven(EIF, DECAYING, [(14.0, 0.6), (3.0, 1.0)]), 0.05, 1000.0);
    agree("qif, noise", &driven(QIF, DECAYING, [(11.0, 0.6), (3.0, 1.0)]), 0.05, 2000.0);
    agree("qif, mean", &driven(QIF, DECAYING, [(14.0, 0.6), (3.0, 1.0)]), 0.05, 1000.0);
}

#[test]
fn what_is_not_computed_is_refused_by_name() {
    let refused = |neuron: &str, synapse: &str| {
        let network = read(&format!(
            "[neurons.n]\n{neuron}C_m = \"200 pF\"\ntau_m = \"20 ms\"\nE_L = \"-65 mV\"\nV_reset = \"-60 mV\"\nt_ref = \"2 ms\"\n\
             [synapses]\ns = {{ {synapse}, E_rev = \"0 mV\" }}\n[populations]\nA = {{ size = 100, neuron = \"n\" }}\n\
             [[projections]]\nfrom = \"A\"\nto = \"A\"\nin_degree = 10\nweight = \"1 nS\"\nsynapse = \"s\"\n",
        ));
        Theory::new(&network, &TheoryOptions::default()).map(|_| ()).unwrap_err().to_string()
    };
    let nmda = "kind = \"nmda\", tau_rise = \"2 ms\", tau_decay = \"60 ms\", alpha = \"0.5 /ms\"";
    for (neuron, model) in [(EIF, "eif"), (QIF, "qif"), (PERFECT, "perfect"), (ADEX, "adex")] {
        let error = refused(neuron, nmda);
        assert!(error.contains("population A: synapse 's' is of kind nmda") && error.contains(model), "{error}");
    }
    let differing = PERFECT.replace("\"-50 mV\"", "{ mean = \"-50 mV\", std = \"1 mV\" }");
    let error = refused(&differing, "kind = \"delta_conductance\"");
    assert!(error.contains("these differ"), "{error}");
}

/// Between a reversal potential far away and the potential there is as good as the same distance always: a current. `tau_syn E/C_m` is the jump.
#[test]
fn conductances_with_reversal_potentials_far_away_are_currents() {
    let (far_mv, jump_mv) = (1e7, 1.0);
    for (neuron, mean_mv) in [(EIF, -53.0), (QIF, -52.0), (PERFECT, -62.0), (ADEX, -48.0)] {
        for decays in [false, true] {
            let network = |kind: &str, weight: String| {
                let time = if decays { ", tau = \"4 ms\"" } else { "" };
                read(&format!(
                    "[neurons.n]\n{neuron}C_m = \"200 pF\"\ntau_m = \"20 ms\"\nE_L = \"-65 mV\"\nV_reset = \"-60 mV\"\nt_ref = \"2 ms\"\n\
                     [synapses]\ns = {{ kind = \"{kind}\"{time} }}\n[populations]\nA = {{ size = 100, neuron = \"n\" }}\n\
                     [[drives]]\nto = \"A\"\nkind = \"current\"\nvalue = \"{} mV\"\n\
                     [[drives]]\nto = \"A\"\nkind = \"poisson\"\nrate = \"1 kHz\"\nweight = \"{weight}\"\nsynapse = \"s\"\n",
                    // beside the mean that the drive makes
                    mean_mv + 65.0 - 20.0 * jump_mv,
                ))
            };
            let (conductance, current) = match decays {
                // w tau/C_m E is the jump, from rest on
                true => {
                    ("exponential_conductance", network("exponential_current", format!("{} pA", jump_mv * 200.0 / 4.0)))
                }
                false => ("delta_conductance", network("delta", format!("{jump_mv} mV"))),
            };
            let time_ms = if decays { 4.0 } else { 20.0 };
            let weight_ns = jump_mv * 200.0 / time_ms / far_mv;
            let far = network(&format!("{conductance}\", E_rev = \"{far_mv} mV"), format!("{weight_ns} nS"));
            let [found, expected] = [far, current].map(|network| solved(&network).populations[0].rate_hz);
            assert!(expected > 0.1, "{neuron} {decays}: {expected} Hz");
            assert!((found / expected - 1.0).abs() < 1e-4, "{neuron} {decays}: {found} Hz, not {expected} Hz");
        }
    }
}

/// Without noise that counts, `T = tau/G ln((V_i - V_reset)/(V_i - V_th))`, and, as the conductance vanishes, that of a constant drive.
#[test]
fn perfect_neurons_with_conductances_relax_as_their_closed_form_says() {
    for weight_ns in [1e-3, 1e-1, 1.0] {
        // 20 pulses a ms of 1e-3 of the weight: a conductance of 4 of it over 10 nS, towards 0 mV, beside a current
        let text = format!(
            "[neurons.n]\n{PERFECT}C_m = \"200 pF\"\ntau_m = \"20 ms\"\nE_L = \"-65 mV\"\nV_reset = \"-60 mV\"\nt_ref = \"2 ms\"\n\
             [synapses]\ns = {{ kind = \"delta_conductance\", E_rev = \"0 mV\" }}\n[populations]\nA = {{ size = 100, neuron = \"n\" }}\n\
             [[drives]]\nto = \"A\"\nkind = \"current\"\nvalue = \"3 mV\"\n\
             [[drives]]\nto = \"A\"\nkind = \"poisson\"\nrate = \"20000 kHz\"\nweight = \"{} nS\"\nsynapse = \"s\"\n",
            weight_ns / 1e4,
        );
        let rate_hz = solved(&read(&text)).populations[0].rate_hz;
        let conductance = 20.0 * 20000.0 * -(-weight_ns / 1e5_f64).exp_m1();
        let drift_mv = |V_mv: f64| 3.0 - conductance * V_mv;
        let time_ms = 20.0 / conductance * (drift_mv(-60.0) / drift_mv(-50.0)).ln();
        let expected = 1000.0 / (2.0 + time_ms);
        assert!((rate_hz / expected - 1.0).abs() < 1e-4, "{weight_ns}: {rate_hz} Hz, not {expected} Hz");
    }
}

#[test]
fn perfect_neurons_with_conductances_that_decay_fire_as_simulated_ones() {
    agree("perfect, noise", &driven(PERFECT, DECAYING, [(6.5, 0.6), (3.0, 1.0)]), 0.05, 1000.0);
    agree("perfect, mean", &driven(PERFECT, DECAYING, [(10.0, 0.6), (3.0, 1.0)]), 0.05, 600.0);
}

/// Excitation alone has no noise at its reversal potential, which the neuron passes in the course of a spike.
#[test]
fn a_network_whose_spikes_pass_a_reversal_potential_has_its_state() {
    let state = solved(&read(
        r#"
[neurons.n]
model = "qif"
Delta_T = "2 mV"
V_peak = "20 mV"
V_th = "-50 mV"
C_m = "200 pF"
g_L = "10 nS"
E_L = "-70 mV"
V_reset = "-60 mV"
t_ref = "2 ms"
[synapses]
e = { kind = "delta_conductance", E_rev = "0 mV" }
i = { kind = "delta_conductance", E_rev = "-75 mV" }
[populations]
E = { size = 800, neuron = "n" }
I = { size = 200, neuron = "n" }
[[projections]]
from = "E"
to = ["E", "I"]
in_degree = 80
weight = "0.03 nS"
delay = "1.5 ms"
synapse = "e"
[[projections]]
from = "I"
to = ["E", "I"]
in_degree = 20
weight = "0.3 nS"
delay = "1.5 ms"
synapse = "i"
[[drives]]
to = ["E", "I"]
kind = "poisson"
rate = "18 kHz"
weight = "0.020999999999999998 nS"
synapse = "e"
"#,
    ));
    assert!(state.populations.iter().all(|population| population.rate_hz > 0.1), "{state:?}");
}
