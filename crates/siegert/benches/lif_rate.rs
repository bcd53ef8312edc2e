//! What does one rate of the LIF neuron cost, over arrays and alone, in each range of inputs?

use divan::counter::ItemsCount;
use divan::{Bencher, black_box};
use siegert::neuron::lif::{Lif, LifParameters};

mod support;

fn main() {
    divan::main();
}

const POINTS: usize = 100_000;

/// Ranges of mean and noise in mV for a neuron with threshold 20 mV and reset 10 mV.
#[derive(Clone, Copy, Debug)]
enum Range {
    /// mu 0..40, sigma 1..10.
    Moderate,
    /// mu -10..60, sigma 0.5..10.
    Wide,
    /// Rates from 1e-270 to 1e-3 Hz.
    Rare,
    /// Rates below 1e-300 Hz, by their logarithm.
    BelowAllNumbers,
    /// Noise far larger than the distance of reset and threshold.
    NoiseOf5000Mv,
    /// No noise.
    Noiseless,
}

const RANGES: [Range; 6] =
    [Range::Moderate, Range::Wide, Range::Rare, Range::BelowAllNumbers, Range::NoiseOf5000Mv, Range::Noiseless];

fn lif() -> Lif {
    Lif::new(LifParameters { tau_m_ms: 20.0, t_ref_ms: 2.0, V_th_mv: 20.0, V_reset_mv: 10.0 }).unwrap()
}

/// Points of a range.
fn inputs(range: Range) -> (Vec<f64>, Vec<f64>) {
    let (mu, sigma) = match range {
        Range::Moderate => ((0.0, 40.0), (1.0, 10.0)),
        Range::Wide => ((-10.0, 60.0), (0.5, 10.0)),
        Range::Rare => ((-4.0, 15.0), (1.0, 1.5)),
        Range::BelowAllNumbers => ((-100.0, -30.0), (0.5, 1.5)),
        Range::NoiseOf5000Mv => ((-100.0, 5000.0), (4000.0, 6000.0)),
        Range::Noiseless => ((0.0, 40.0), (0.0, 0.0)),
    };
    support::spread(POINTS, mu, sigma)
}

#[divan::bench(args = RANGES)]
fn over_an_array(bencher: Bencher, range: Range) {
    let (lif, (mu, sigma)) = (lif(), inputs(range));
    let mut rates = vec![0.0; POINTS];
    bencher
        .counter(ItemsCount::new(POINTS))
        .bench_local(|| lif.rates_into(black_box(&mu), black_box(&sigma), black_box(&mut rates)).unwrap());
}

#[divan::bench(args = RANGES)]
fn alone(bencher: Bencher, range: Range) {
    let (lif, (mu, sigma)) = (lif(), inputs(range));
    bencher.counter(ItemsCount::new(POINTS)).bench_local(|| {
        mu.iter().zip(&sigma).map(|(&mu, &sigma)| lif.rate_hz(black_box(mu), sigma).unwrap()).sum::<f64>()
    });
}

#[divan::bench(args = RANGES)]
fn logarithm_with_derivatives(bencher: Bencher, range: Range) {
    let (lif, (mu, sigma)) = (lif(), inputs(range));
    bencher.counter(ItemsCount::new(POINTS)).bench_local(|| {
        mu.iter().zip(&sigma).map(|(&mu, &sigma)| lif.log_rate(black_box(mu), sigma, 0.0).d_mu).sum::<f64>()
    });
}

#[divan::bench(args = RANGES)]
fn rate_and_cv(bencher: Bencher, range: Range) {
    let (lif, (mu, sigma)) = (lif(), inputs(range));
    let count = POINTS / 10;
    bencher.counter(ItemsCount::new(count)).bench_local(|| {
        let cv = |(&mu, &sigma)| lif.state(black_box(mu), sigma, 0.0).unwrap().cv.unwrap_or(0.0);
        mu.iter().zip(&sigma).take(count).map(cv).sum::<f64>()
    });
}
