//! How long one response of a neuron takes, and all modes of a network.

use divan::{Bencher, black_box};
use num_complex::Complex64;
use siegert::Work;
use siegert::network::{ReadOptions, open};
use siegert::neuron::lif::{Lif, LifParameters};
use siegert::response::{CharacteristicRoots, EffectiveConnectivity};
use siegert::theory::{Theory, TheoryOptions};

fn main() {
    divan::main();
}

/// To mean and variance, at one frequency in Hz.
#[divan::bench(args = [0.1, 10.0, 60.0, 200.0, 1000.0])]
fn lif_response(bencher: Bencher, frequency_hz: f64) {
    let parameters = LifParameters { tau_m_ms: 20.0, t_ref_ms: 2.0, V_th_mv: 20.0, V_reset_mv: 10.0 };
    let lif = Lif::new(parameters).expect("parameters of Brunel (2000)");
    let lambda = Complex64::new(0.0, std::f64::consts::TAU * frequency_hz / 1000.0);
    bencher.bench_local(|| lif.response(black_box(18.0), black_box(5.0), 0.0, black_box(lambda)));
}

/// The same by the general solver, which has prepared what does not depend on the frequency.
#[divan::bench(args = [0.1, 10.0, 60.0, 200.0, 1000.0])]
fn response_of_eif_neurons_that_are_prepared(bencher: Bencher, frequency_hz: f64) {
    let network = open("augustin2017", &ReadOptions::default()).expect("a bundled network");
    let theory = Theory::new(&network, &TheoryOptions::default()).expect("a theory");
    let state = theory.solve().expect("a state");
    let connectivity = EffectiveConnectivity::new(&network, theory.map(), &state).expect("EIF neurons");
    let lambda = Complex64::new(0.0, std::f64::consts::TAU * frequency_hz / 1000.0);
    bencher.bench_local(|| connectivity.responses(black_box(lambda)));
}

/// All modes that grow, from a state that is known.
#[divan::bench(args = ["brunel2000", "potjans_diesmann2014", "bos2016"])]
fn modes(bencher: Bencher, name: &str) {
    let network = open(name, &ReadOptions::default()).expect("a bundled network");
    let theory = Theory::new(&network, &TheoryOptions::default()).expect("a theory");
    let state = theory.solve().expect("a state");
    let connectivity = EffectiveConnectivity::new(&network, theory.map(), &state).expect("LIF neurons");
    bencher.bench_local(|| CharacteristicRoots::of(&connectivity, &Work::default()));
}
