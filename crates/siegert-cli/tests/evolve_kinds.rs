//! `siegert evolve`: every kind of neuron and input, jumps, and what is refused.

mod support;

use support::{json, siegert, siegert_in};

const EIF: &str = "[neurons.n]\nmodel = \"eif\"\ntau_m = \"20 ms\"\nE_L = \"0 mV\"\nV_th = \"20 mV\"\nV_reset = \"10 mV\"\nt_ref = \"2 ms\"\nDelta_T = \"2 mV\"\n\
                   V_peak = \"50 mV\"\n[populations]\nA = { size = 10, neuron = \"n\" }\n[[drives]]\nto = \"A\"\nkind = \"poisson\"\nrate = \"2000 Hz\"\nweight = \"0.5 mV\"\n";

/// The first and the last rate of the first population, in Hz.
fn ends(found: &serde_json::Value) -> [f64; 2] {
    let rates = found["populations"][0]["rate_hz"].as_array().unwrap();
    [rates.first(), rates.last()].map(|rate| rate.unwrap().as_f64().unwrap())
}

#[test]
fn adaptation_conductances_and_plastic_synapses_stay_in_their_states() {
    for name in ["brette_gerstner2005", "sanzeni2022", "mongillo2008"] {
        let found = json(&format!("evolve {name} --duration 10 --format json -q"));
        let solved = json(&format!("solve {name} --filter shift --format json -q"));
        let state = solved["fixed_points"][0]["populations"][0]["rate_hz"].as_f64().unwrap();
        assert_eq!(found["equation"], "density");
        assert!(ends(&found).iter().all(|rate| (rate / state - 1.0).abs() < 2e-3), "{name}: {found} {state}");
    }
}

#[test]
fn jumps_are_told_from_white_noise_and_their_text_says_so() {
    let directory = tempfile::tempdir().unwrap();
    let file = EIF.replace("eif", "lif").replace("Delta_T = \"2 mV\"\nV_peak = \"50 mV\"\n", "");
    std::fs::write(directory.path().join("jumps.toml"), file).unwrap();
    let run = |more: &str| siegert_in(directory.path(), &format!("evolve jumps.toml --duration 10 {more}"), "");
    let text = run("--equation jumps").stdout;
    assert!(text.contains("jumps counted one by one"), "{text}");
    let of = |more: &str| ends(&serde_json::from_str(&run(&format!("{more} --format json -q")).stdout).unwrap())[1];
    let (jumps, white) = (of("--equation jumps"), of(""));
    assert!((jumps / white - 1.0).abs() > 1e-2, "{jumps} {white}");
}

#[test]
fn what_has_no_jumps_and_equations_of_later_versions_are_refused() {
    let directory = tempfile::tempdir().unwrap();
    std::fs::write(directory.path().join("eif.toml"), EIF).unwrap();
    let run = siegert_in(directory.path(), "evolve eif.toml --equation jumps --start reset --duration 5", "");
    assert_eq!(run.status, 2, "{}", run.stderr);
    assert!(run.stderr.contains("population 'A'") && run.stderr.contains("--equation density"), "{}", run.stderr);
    let run = siegert("evolve brunel2000 --input shot-noise");
    assert!(run.status == 2 && run.stderr.contains("--equation jumps"), "{}", run.stderr);
    let run = siegert("evolve brunel2000 --filter full");
    assert_eq!(run.status, 2, "{}", run.stderr);
}
