//! What does one rate in filtered noise cost, with CV and potential, and with derivatives; and a network's state?

use divan::{Bencher, black_box};
use siegert::neuron::coloured::FilteredNoise;
use siegert::neuron::lif::{Lif, LifParameters, SynapticFilter};
use siegert::neuron::{Model, NeuronParameters};
use siegert::testing::open;
use siegert::theory::{Theory, TheoryOptions};

fn main() {
    divan::main();
}

/// Noise of a neuron: variances in mV^2 (white first) and time constants in ms, of a membrane of 20 ms.
#[derive(Clone, Copy, Debug)]
enum Noise {
    Fast,
    Slow,
    FiveTimes,
    FiftyTimes,
    Two,
    BesideWhite,
    TwoBesideWhite,
    Three,
}

const ALL: [Noise; 8] = [
    Noise::Fast,
    Noise::Slow,
    Noise::FiveTimes,
    Noise::FiftyTimes,
    Noise::Two,
    Noise::BesideWhite,
    Noise::TwoBesideWhite,
    Noise::Three,
];

impl Noise {
    fn parts(self) -> (f64, Vec<FilteredNoise>) {
        let (white_mv2, parts) = match self {
            Noise::Fast => (0.0, vec![(25.0, 0.5)]),
            Noise::Slow => (0.0, vec![(25.0, 60.0)]),
            Noise::FiveTimes => (0.0, vec![(25.0, 100.0)]),
            Noise::FiftyTimes => (0.0, vec![(100.0, 1000.0)]),
            Noise::Two => (0.0, vec![(12.0, 8.0), (12.0, 2.0)]),
            Noise::BesideWhite => (4.0, vec![(16.0, 10.0)]),
            Noise::TwoBesideWhite => (4.0, vec![(12.0, 8.0), (12.0, 2.0)]),
            Noise::Three => (0.0, vec![(12.0, 100.0), (12.0, 8.0), (12.0, 2.0)]),
        };
        (
            white_mv2,
            parts.into_iter().map(|(variance_mv2, tau_ms)| FilteredNoise::exponential(variance_mv2, tau_ms)).collect(),
        )
    }
}

fn lif() -> Lif {
    Lif::new(LifParameters { tau_m_ms: 20.0, t_ref_ms: 2.0, V_th_mv: 20.0, V_reset_mv: 10.0 }).unwrap()
}

#[divan::bench(args = ALL)]
fn of_a_lif_neuron(bencher: Bencher, noise: Noise) {
    let (white_mv2, filtered) = noise.parts();
    bencher.bench_local(|| lif().in_filtered_noise(black_box(18.0), white_mv2, &filtered).unwrap().ln_rate_hz);
}

#[divan::bench(args = ALL)]
fn of_a_lif_neuron_with_derivatives(bencher: Bencher, noise: Noise) {
    let (white_mv2, filtered) = noise.parts();
    bencher.bench_local(|| lif().gradient_in_filtered_noise(black_box(18.0), white_mv2, &filtered).unwrap().d_mean);
}

fn smooth() -> NeuronParameters {
    NeuronParameters {
        tau_m_ms: 20.0,
        t_ref_ms: 2.0,
        E_L_mv: 0.0,
        V_th_mv: 20.0,
        V_reset_mv: 10.0,
        Delta_T_mv: 2.0,
        V_peak_mv: 60.0,
        adaptation: None,
    }
}

#[divan::bench(args = ALL)]
fn of_an_eif_neuron(bencher: Bencher, noise: Noise) {
    let Some(Ok(neuron)) = Model::named("eif", &smooth()) else { return };
    let (white_mv2, filtered) = noise.parts();
    bencher.bench_local(|| neuron.in_filtered_noise(black_box(18.0), white_mv2, &filtered).unwrap().ln_rate_hz);
}

#[divan::bench(args = ALL)]
fn of_an_eif_neuron_with_derivatives(bencher: Bencher, noise: Noise) {
    let Some(Ok(Model::Eif(neuron))) = Model::named("eif", &smooth()) else { return };
    let (white_mv2, filtered) = noise.parts();
    bencher.bench_local(|| neuron.filtered_state(black_box(18.0), &filtered, white_mv2).unwrap().d_mu);
}

#[divan::bench(args = ALL)]
fn of_a_qif_neuron_with_derivatives(bencher: Bencher, noise: Noise) {
    let Some(Ok(Model::Qif(neuron))) = Model::named("qif", &smooth()) else { return };
    let (white_mv2, filtered) = noise.parts();
    bencher.bench_local(|| neuron.filtered_state(black_box(20.0), &filtered, white_mv2).unwrap().d_mu);
}

#[divan::bench]
fn state_of_the_microcircuit(bencher: Bencher) {
    let network = open("potjans_diesmann2014", None, &[]);
    let options = TheoryOptions::from(SynapticFilter::Full);
    bencher.bench_local(|| Theory::new(black_box(&network), &options).unwrap().solve().unwrap().rates_hz());
}
