//! The correction for jumps of finite size against exact rates, every row of `tests/reference/shot_noise_*.csv`.

#[path = "support/filtered_jumps.rs"]
mod filtered;
mod support;

use filtered::filtered_jumps;
use siegert::input::{Streams, Sums, shots};
use siegert::network::Network;
use siegert::neuron::lif::{JumpSize, Lif, LifParameters};
use siegert::testing::{read, state};
use siegert::theory::PopulationState;
use support::{Row, number, table};

// The numbers that the header of `neuron::lif::shot_noise` states.
const ACCURACY_OF_EXCITATION: f64 = 5e-3;
const ACCURACY_OF_WEAK_INHIBITION: f64 = 1e-2;
const ACCURACY_OF_STRONG_INHIBITION: f64 = 2.5e-2;
const ACCURACY_OF_EXPONENTIAL_LAWS: f64 = 2.5e-2;
const ACCURACY_OF_EXPONENTIAL_CURRENTS: f64 = 3e-2;

/// One neuron that hears the Poisson jumps of a row.
fn network(row: &Row, law: fn(&str) -> String) -> Network {
    let of = |name: &str| row[name].clone();
    let mut text = format!(
        "[neurons.n]\nmodel = \"lif\"\nE_L = \"0 mV\"\ntau_m = \"{} ms\"\nV_th = \"{} mV\"\nV_reset = \"{} mV\"\n\
         t_ref = \"{} ms\"\n[populations]\nA = {{ size = 1, neuron = \"n\" }}\n",
        of("tau_m_ms"),
        of("V_th_mv"),
        of("V_reset_mv"),
        of("t_ref_ms")
    );
    for (rate, weight) in [("R_e_per_ms", "J_e_mv"), ("R_i_per_ms", "J_i_mv")] {
        let (rate_hz, weight) = (1000.0 * number(row, rate), law(&row[weight]));
        text += &format!("[[drives]]\nto = \"A\"\nkind = \"poisson\"\nrate = \"{rate_hz} Hz\"\nweight = {weight}\n");
    }
    read(&text)
}

/// Errors relative to the exact rate: of white noise, and of the corrected rate where one is given.
fn errors(row: &Row, law: fn(&str) -> String) -> (f64, Option<f64>) {
    let network = network(row, law);
    let streams = Streams::new(&network).unwrap();
    let input = Sums::new(&streams, &[]);
    let (mu, variance) = (input.mean().at(0, &[0.0], 1.0), input.variance().at(0, &[0.0], 1.0));
    let of = |name: &str| number(row, name);
    let lif = Lif::new(LifParameters {
        tau_m_ms: of("tau_m_ms"),
        t_ref_ms: of("t_ref_ms"),
        V_th_mv: of("V_th_mv"),
        V_reset_mv: of("V_reset_mv"),
    });
    let lif = lif.unwrap();
    let shots = shots(&network, &streams, &[0.0])[0];
    let jumps = JumpSize {
        overshoot_mv: shots.overshoot_mv(variance),
        skewness: shots.skewness().unwrap(),
        excess_kurtosis: shots.excess_kurtosis().unwrap(),
    };
    let white = lif.rate_hz(mu, variance.sqrt()).unwrap() / of("rate_hz");
    let ratio = lif.shot_noise(mu, variance.sqrt(), 0.0, &jumps).rate_ratio;
    (white - 1.0, ratio.map(|ratio| white * ratio - 1.0))
}

#[test]
fn jumps_of_one_size_are_corrected_to_within_the_stated_errors() {
    let mut given = 0;
    for row in table("shot_noise_fixed") {
        let (white, corrected) = errors(&row, |weight| format!("\"{weight} mV\""));
        println!("white {white:+.4} corrected {corrected:+.4?} {row:?}");
        let Some(corrected) = corrected else {
            assert!(number(&row, "J_e_mv") >= 1.0 && number(&row, "J_i_mv") <= -1.0, "no rate is given: {row:?}");
            continue;
        };
        given += 1;
        let only_excitation = number(&row, "R_i_per_ms") == 0.0;
        let weak = number(&row, "J_e_mv") <= 0.2 && number(&row, "J_i_mv") >= -0.8;
        let largest = if only_excitation {
            ACCURACY_OF_EXCITATION
        } else if weak {
            ACCURACY_OF_WEAK_INHIBITION
        } else {
            ACCURACY_OF_STRONG_INHIBITION
        };
        assert!(corrected.abs() <= largest, "white {white:+.4}, corrected {corrected:+.4}: {row:?}");
    }
    assert!(given >= 34, "only {given} rows are within the range of the series");
}

#[test]
fn jumps_of_an_exponential_law_are_corrected_to_within_the_stated_errors() {
    let mut given = 0;
    for row in table("shot_noise_exponential") {
        let law = |weight: &str| match weight {
            "0.0" => "\"0 mV\"".to_string(),
            _ => format!("{{ distribution = \"exponential\", mean = \"{weight} mV\" }}"),
        };
        let (white, corrected) = errors(&row, law);
        println!("white {white:+.4} corrected {corrected:+.4?} {row:?}");
        if let Some(corrected) = corrected {
            given += 1;
            assert!(
                corrected.abs() <= ACCURACY_OF_EXPONENTIAL_LAWS,
                "white {white:+.4}, corrected {corrected:+.4}: {row:?}"
            );
        }
    }
    assert!(given >= 10, "only {given} rows are within the range of the series");
}

#[test]
fn exponential_currents_are_corrected_as_simulations_say() {
    for row in table("shot_noise_filtered") {
        let of = |name: &str| number(&row, name);
        let network = read(&filtered_jumps(&row));
        let state = state(&network);
        let PopulationState { rate_hz, validity, .. } = &state.populations[0];
        let (simulated, gaussian) = (of("rate_hz"), of("gaussian_rate_hz"));
        // the filter's first order, and the sampling error
        assert!((rate_hz / gaussian - 1.0).abs() < 0.04, "{rate_hz} {row:?}");
        let deviation = simulated / gaussian - 1.0;
        let error = validity.shot_noise_deviation.unwrap() - deviation;
        println!("simulated {deviation:+.3}, predicted {:+.3}", deviation + error);
        assert!(
            error.abs() < ACCURACY_OF_EXPONENTIAL_CURRENTS && (deviation + error) * deviation > 0.0,
            "{error} {row:?}"
        );
    }
}
