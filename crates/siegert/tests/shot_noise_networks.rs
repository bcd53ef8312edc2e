//! Networks in shot noise: against NEST, against simulated neurons with exponential currents, and what is refused.

#[path = "support/filtered_jumps.rs"]
mod filtered;
mod support;

use filtered::filtered_jumps;
use siegert::network::Network;
use siegert::neuron::lif::SynapticFilter;
use siegert::stationary::SolveError;
use siegert::testing::{read, state};
use siegert::theory::{FixedPoint, InputTheory, Theory, TheoryOptions};
use siegert::trust::Measure;
use support::{Row, number, table};

const SHOT_NOISE: TheoryOptions = TheoryOptions { filter: SynapticFilter::Auto, input: InputTheory::ShotNoise };

fn solved(network: &Network, options: &TheoryOptions) -> FixedPoint {
    let theory = Theory::new(network, options).unwrap();
    let found = theory.states().unwrap();
    assert_eq!(found.states.len(), 1, "{}", network.name);
    theory.fixed_point(&found.states[0])
}

const NEURON: &str = "[neurons.n]\nmodel = \"lif\"\nE_L = \"0 mV\"\ntau_m = \"20 ms\"\nV_th = \"20 mV\"\nV_reset = \"10 mV\"\nt_ref = \"2 ms\"\n";

/// A network of `nest_networks.csv` with delta synapses.
fn of_nest(row: &Row) -> Network {
    let of = |name: &str| row[name].clone();
    let projection = |source: &str, in_degree: String, weight: String| {
        format!(
            "[[projections]]\nfrom = \"{source}\"\nto = [\"E\", \"I\"]\nin_degree = {in_degree}\nweight = \"{weight} mV\"\ndelay = \"1.5 ms\"\n"
        )
    };
    read(&format!(
        "{NEURON}[populations]\nE = {{ size = {}, neuron = \"n\" }}\nI = {{ size = {}, neuron = \"n\" }}\n{}{}\
         [[drives]]\nto = [\"E\", \"I\"]\nkind = \"poisson\"\nrate = \"{} Hz\"\nweight = \"{} mV\"\n",
        of("size_E"),
        of("size_I"),
        projection("E", of("in_degree_E"), of("weight_E")),
        projection("I", of("in_degree_I"), of("weight_I")),
        of("external_rate_hz"),
        of("external_weight"),
    ))
}

/// Where NEST's neurons fire about as irregularly as the Poisson trains that the theory takes them for (one of these networks), its rates are right to 3 %. Elsewhere the bounds are
/// those that were found, and the sign of the error that of CV^2 - 1; that this is its cause is not tested here.
#[test]
fn strong_synapses_have_the_rates_of_nest_where_spikes_are_poisson_and_else_err_as_the_cv_says() {
    let statistics = table("nest_statistics");
    let mut compared = 0;
    for row in table("nest_networks").iter().filter(|row| row["tau_syn_ms"].is_empty()) {
        let of_population = |it: &&Row| it["network"] == row["network"] && it["population"] == "E";
        let seeds: Vec<&Row> = statistics.iter().filter(of_population).collect();
        let mean = |name: &str| seeds.iter().map(|seed| number(seed, name)).sum::<f64>() / seeds.len() as f64;
        let (rate_hz, cv) = (mean("rate_hz"), mean("cv"));
        let network = of_nest(row);
        let found = solved(&network, &SHOT_NOISE);
        let error = found.populations[0].rate_hz / rate_hz - 1.0;
        let white = state(&network).populations[0].rate_hz / rate_hz - 1.0;
        println!(
            "{}: NEST {rate_hz:.2} Hz, CV {cv:.2}: shot noise {error:+.3}, white noise {white:+.3}",
            row["network"]
        );
        if (cv - 1.0).abs() < 0.2 {
            assert!(error.abs() < 0.03, "{}: {error}", row["network"]);
            compared += 1;
        } else if cv > 1.2 {
            assert!(error < 0.0 && error > -0.1, "{}: {error}", row["network"]);
        } else {
            assert!(error > 0.0 && error < 0.07, "{}: {error}", row["network"]);
        }
        // and nearer than white noise, where jumps are what it lacks
        if number(row, "weight_E") > 0.15 {
            assert!(error.abs() < 0.7 * white.abs(), "{}: {error} {white}", row["network"]);
        }
    }
    assert!(compared >= 1);
}

#[test]
fn exponential_currents_have_the_rates_of_simulated_neurons() {
    for row in table("shot_noise_filtered") {
        let of = |name: &str| number(&row, name);
        let rate_hz = solved(&read(&filtered_jumps(&row)), &SHOT_NOISE).populations[0].rate_hz;
        let error = rate_hz / of("rate_hz") - 1.0;
        println!(
            "tau_syn {}: {rate_hz:.3} Hz, {error:+.4} of the simulated rate, {:.4} its error",
            of("tau_syn_ms"),
            of("sem_hz") / of("rate_hz")
        );
        // a filter makes the noise less skewed, which the theory leaves out: large inhibitory jumps reach a little too far
        assert!(error.abs() < 0.035, "{error} {row:?}");
        if of("J_i_mv") < -2.0 * of("J_e_mv") {
            assert!(error < 0.0, "{error} {row:?}");
        }
    }
}

/// Two kinds of jumps of 2 mV, mean 10 mV and noise 5 mV.
fn large_jumps() -> Network {
    let drive = |rate: &str, weight: &str| {
        format!("[[drives]]\nto = \"A\"\nkind = \"poisson\"\nrate = \"{rate} Hz\"\nweight = \"{weight} mV\"\n")
    };
    read(&format!(
        "{NEURON}[populations]\nA = {{ size = 1, neuron = \"n\" }}\n{}{}",
        drive("281.25", "2"),
        drive("31.25", "-2")
    ))
}

#[test]
fn where_the_expansion_is_of_no_use_the_verdict_has_the_exact_rate() {
    // the exact rate of `shot_noise_fixed.csv`
    let exact_hz = 1.4786983353422944;
    let white = state(&large_jumps());
    let validity = &white.populations[0].validity;
    assert!(validity.shot_noise_expansion_parameter.unwrap() > 1.0);
    assert!((validity.shot_noise_corrected_rate_hz.unwrap() / exact_hz - 1.0).abs() < 1e-6, "{validity:?}");
    assert_eq!(white.verdict.measure, Some(Measure::ShotNoise));
    assert!(white.verdict.sentence.contains("more by a factor of 1.68"), "{}", white.verdict.sentence);
    let shots = solved(&large_jumps(), &SHOT_NOISE);
    assert!((shots.populations[0].rate_hz / exact_hz - 1.0).abs() < 1e-6);
    assert_ne!(shots.verdict.measure, Some(Measure::ShotNoise));
}

#[test]
fn a_state_in_shot_noise_is_a_fixed_point_and_is_said_to_be_searched_and_not_proved() {
    let network = read(&format!(
        "{NEURON}[populations]\nE = {{ size = 400, neuron = \"n\" }}\n\
         [[projections]]\nfrom = \"E\"\nto = \"E\"\nin_degree = 20\nweight = {{ distribution = \"exponential\", mean = \"-0.5 mV\" }}\ndelay = \"1.5 ms\"\n\
         [[drives]]\nto = \"E\"\nkind = \"poisson\"\nrate = \"1500 Hz\"\nweight = {{ distribution = \"exponential\", mean = \"0.8 mV\" }}\n"
    ));
    let theory = Theory::new(&network, &SHOT_NOISE).unwrap();
    let found = theory.states().unwrap();
    assert!(found.states.len() == 1 && !found.search.complete);
    let rates = found.states[0].rates_hz();
    let again = theory.map().output_rates_hz(&rates);
    assert!((again[0] / rates[0] - 1.0).abs() < 1e-9, "{rates:?} {again:?}");
    assert!(found.states[0].stable && found.states[0].index == 1);
}

#[test]
fn what_has_no_theory_of_single_jumps_is_refused_by_name() {
    let of = |text: &str| Theory::new(&read(text), &SHOT_NOISE).err().unwrap();
    let eif = "[neurons.n]\nmodel = \"eif\"\nE_L = \"0 mV\"\ntau_m = \"20 ms\"\nV_th = \"15 mV\"\nDelta_T = \"1 mV\"\nV_peak = \"30 mV\"\nV_reset = \"10 mV\"\nt_ref = \"2 ms\"\n[populations]\nA = { size = 1, neuron = \"n\" }\n";
    let error = of(eif);
    assert!(matches!(error, SolveError::JumpsOfModel { .. }) && error.to_string().contains("eif"), "{error}");
    let differing = NEURON.replace("V_th = \"20 mV\"", "V_th = { mean = \"20 mV\", std = \"1 mV\" }");
    let error = of(&format!("{differing}[populations]\nA = {{ size = 10, neuron = \"n\" }}\n"));
    assert!(matches!(error, SolveError::JumpsOfDifferingNeurons { .. }), "{error}");
    let drive =
        |k: u32| format!("[[drives]]\nto = \"A\"\nkind = \"poisson\"\nrate = \"9 Hz\"\nweight = \"0.{k} mV\"\n");
    let many: String = (1..=9).map(drive).collect();
    let error = of(&format!("{NEURON}[populations]\nA = {{ size = 10, neuron = \"n\" }}\n{many}"));
    assert!(matches!(error, SolveError::LawsOfJumps { laws: 9, .. }), "{error}");
}
