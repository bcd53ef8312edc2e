//! What does one rate by the general solver cost, alone, with all derivatives and over arrays, from below threshold to far above it?

#![allow(non_snake_case)] // as in the library: names of the field

use divan::counter::ItemsCount;
use divan::{Bencher, black_box};
use siegert::neuron::lif::SynapticFilter;
use siegert::neuron::{Model, NeuronParameters};

mod support;

fn main() {
    divan::main();
}

const POINTS: usize = 1000;

/// Means and noise in mV of an EIF neuron with soft threshold -50 mV and reset -60 mV.
#[derive(Clone, Copy, Debug)]
enum Range {
    /// mu -70..-56, sigma 1..4: rare spikes.
    Rare,
    /// mu -56..-48, sigma 2..8: spikes by noise.
    ByNoise,
    /// mu -48..-20, sigma 0.5..4: spikes by the mean.
    ByMean,
}

const RANGES: [Range; 3] = [Range::Rare, Range::ByNoise, Range::ByMean];

fn eif() -> Model {
    let parameters = NeuronParameters {
        tau_m_ms: 20.0,
        t_ref_ms: 2.0,
        E_L_mv: -65.0,
        V_th_mv: -50.0,
        V_reset_mv: -60.0,
        Delta_T_mv: 3.5,
        V_peak_mv: -20.0,
        adaptation: None,
    };
    Model::named("eif", &parameters).unwrap().unwrap()
}

/// Points of a range.
fn inputs(range: Range) -> (Vec<f64>, Vec<f64>) {
    let (mu, sigma) = match range {
        Range::Rare => ((-70.0, -56.0), (1.0, 4.0)),
        Range::ByNoise => ((-56.0, -48.0), (2.0, 8.0)),
        Range::ByMean => ((-48.0, -20.0), (0.5, 4.0)),
    };
    support::spread(POINTS, mu, sigma)
}

#[divan::bench(args = RANGES)]
fn over_an_array_on_all_cores(bencher: Bencher, range: Range) {
    let (neuron, (mu, sigma)) = (eif(), inputs(range));
    let mut rates = vec![0.0; POINTS];
    bencher
        .counter(ItemsCount::new(POINTS))
        .bench_local(|| neuron.rates_into(black_box(&mu), black_box(&sigma), black_box(&mut rates)).unwrap());
}

#[divan::bench(args = RANGES)]
fn alone(bencher: Bencher, range: Range) {
    let (neuron, (mu, sigma)) = (eif(), inputs(range));
    bencher.counter(ItemsCount::new(POINTS)).bench_local(|| {
        let mut rate = [0.0];
        let one = |(&mu, &sigma): (&f64, &f64)| {
            neuron.rates_into(&[black_box(mu)], &[sigma], &mut rate).unwrap();
            rate[0]
        };
        mu.iter().zip(&sigma).map(one).sum::<f64>()
    });
}

#[divan::bench(args = RANGES)]
fn logarithm_with_derivatives(bencher: Bencher, range: Range) {
    let (neuron, (mu, sigma)) = (eif(), inputs(range));
    bencher.counter(ItemsCount::new(POINTS)).bench_local(|| {
        let one = |(&mu, &sigma)| neuron.log_rate(SynapticFilter::Ignore, black_box(mu), sigma, 0.0).d_mu;
        mu.iter().zip(&sigma).map(one).sum::<f64>()
    });
}

#[divan::bench(args = RANGES)]
fn cv(bencher: Bencher, range: Range) {
    let (neuron, (mu, sigma)) = (eif(), inputs(range));
    bencher.counter(ItemsCount::new(POINTS)).bench_local(|| {
        mu.iter().zip(&sigma).filter_map(|(&mu, &sigma)| neuron.cv(black_box(mu), sigma, 0.0)).sum::<f64>()
    });
}

/// Where a QIF neuron has its bounds.
#[derive(Clone, Copy, Debug)]
enum Qif {
    Bounded,
    Infinite,
}

const QIF: [Qif; 2] = [Qif::Bounded, Qif::Infinite];

/// With rates from rare to fast, `mu` -60..-30, sigma 1..6.
fn qif(bounds: Qif) -> (Model, (Vec<f64>, Vec<f64>)) {
    let (V_reset_mv, V_peak_mv) = match bounds {
        Qif::Bounded => (-60.0, -20.0),
        Qif::Infinite => (f64::NEG_INFINITY, f64::INFINITY),
    };
    let parameters = NeuronParameters {
        tau_m_ms: 20.0,
        t_ref_ms: 0.0,
        E_L_mv: -65.0,
        V_th_mv: -50.0,
        V_reset_mv,
        Delta_T_mv: 3.5,
        V_peak_mv,
        adaptation: None,
    };
    let inputs = support::spread(POINTS, (-60.0, -30.0), (1.0, 6.0));
    (Model::named("qif", &parameters).unwrap().unwrap(), inputs)
}

#[divan::bench(args = QIF)]
fn of_a_qif_neuron_over_an_array_on_all_cores(bencher: Bencher, bounds: Qif) {
    let (neuron, (mu, sigma)) = qif(bounds);
    let mut rates = vec![0.0; POINTS];
    bencher
        .counter(ItemsCount::new(POINTS))
        .bench_local(|| neuron.rates_into(black_box(&mu), black_box(&sigma), black_box(&mut rates)).unwrap());
}

#[divan::bench(args = QIF)]
fn of_a_qif_neuron_logarithm_with_derivatives(bencher: Bencher, bounds: Qif) {
    let (neuron, (mu, sigma)) = qif(bounds);
    bencher.counter(ItemsCount::new(POINTS)).bench_local(|| {
        let one = |(&mu, &sigma)| neuron.log_rate(SynapticFilter::Ignore, black_box(mu), sigma, 0.0).d_mu;
        mu.iter().zip(&sigma).map(one).sum::<f64>()
    });
}
