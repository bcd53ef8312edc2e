//! What does one point of a sweep cost: the network, its equations, its states, its row?

use divan::{Bencher, black_box};
use siegert::Work;
use siegert::network::{Family, Free, ReadOptions, bundled};
use siegert::neuron::lif::SynapticFilter;
use siegert::stationary::{RateMap, states};
use siegert::sweep::{Axis, Range, Spacing, Sweep};
use siegert::theory::TheoryOptions;

fn main() {
    divan::main();
}

/// Points of one visit, as in a sweep.
const POINTS: usize = 1024;

/// A parameter with its unit, and the ends of its range.
type Swept = (Free<'static>, [f64; 2]);

/// A bundled network and two of its parameters.
const SWEPT: [(&str, [Swept; 2]); 2] = [
    ("brunel2000", [(("g", ""), [3.0, 8.0]), (("eta", ""), [0.5, 4.0])]),
    ("potjans_diesmann2014", [(("g", ""), [3.0, 8.0]), (("rate_ext", "Hz"), [4.0, 12.0])]),
];

fn swept(name: &str) -> (Family, Vec<[f64; 2]>) {
    let (_, axes) = SWEPT.into_iter().find(|(swept, _)| *swept == name).unwrap();
    let text = bundled::find(name).unwrap().text;
    let family = Family::open(text, name, &ReadOptions::default(), &axes.map(|(free, _)| free)).unwrap();
    let at = |i: usize| axes.map(|(_, [low, high])| low + (high - low) * (i * 7 % POINTS) as f64 / POINTS as f64);
    (family, (0..POINTS).map(at).collect())
}

#[divan::bench(args = SWEPT.map(|(name, _)| name))]
fn networks_of_1024_points(bencher: Bencher, name: &str) {
    let (family, points) = swept(name);
    bencher.bench_local(|| {
        family.visit(&points, |_, network| {
            black_box(network.unwrap());
        })
    });
}

#[divan::bench(args = SWEPT.map(|(name, _)| name))]
fn equations_of_1024_points(bencher: Bencher, name: &str) {
    let (family, points) = swept(name);
    bencher.bench_local(|| {
        family.visit(&points, |_, network| {
            black_box(RateMap::new(network.unwrap(), SynapticFilter::default()).unwrap());
        });
    });
}

// potjans_diesmann2014 has eight different populations: its states are searched from many starts, which takes milliseconds.
#[divan::bench(args = ["brunel2000"])]
fn states_of_1024_points(bencher: Bencher, name: &str) {
    let (family, points) = swept(name);
    bencher.bench_local(|| {
        family.visit(&points, |_, network| {
            black_box(states(&RateMap::new(network.unwrap(), SynapticFilter::default()).unwrap()).unwrap());
        });
    });
}

#[divan::bench(args = ["brunel2000"])]
fn rows_of_1024_points(bencher: Bencher, name: &str) {
    let (_, [slow, fast]) = SWEPT.into_iter().find(|(swept, _)| *swept == name).unwrap();
    let axis = |((name, unit), [low, high]): Swept| Axis {
        name: name.to_string(),
        unit: unit.to_string(),
        range: Range::new(low, high, 32, Spacing::Linear).unwrap(),
    };
    let (read, text) = (ReadOptions::default(), bundled::find(name).unwrap().text);
    let sweep = Sweep::new(text, name, &read, vec![axis(slow), axis(fast)], &[], &TheoryOptions::default()).unwrap();
    bencher.bench_local(|| black_box(sweep.rows(0..sweep.len(), &Work::default())));
}
