//! What does one stationary state cost, from the description of a network to its rates, CVs and stability?

use divan::{Bencher, black_box};
use siegert::network::{Network, ReadOptions, bundled, parse};
use siegert::neuron::lif::SynapticFilter;
use siegert::stationary::RateMap;
use siegert::theory::{Theory, TheoryOptions};
use siegert::trust::validity;

fn main() {
    divan::main();
}

const NETWORKS: [&str; 4] = ["brunel2000", "brunel_hakim1999", "potjans_diesmann2014", "ostojic2014"];

fn network(name: &str) -> Network {
    parse(bundled::find(name).unwrap().text, name, &ReadOptions::default()).unwrap()
}

#[divan::bench(args = NETWORKS)]
fn state_from_nothing_known(bencher: Bencher, name: &str) {
    let network = network(name);
    bencher.bench_local(|| {
        Theory::new(black_box(&network), &TheoryOptions::default())
            .and_then(|theory| Ok(theory.describe_one(&theory.solve()?)))
            .unwrap()
    });
}

/// The equations and their state, without the measures of trust.
#[divan::bench(args = NETWORKS)]
fn rates_and_stability_alone(bencher: Bencher, name: &str) {
    let network = network(name);
    bencher.bench_local(|| Theory::new(black_box(&network), &TheoryOptions::default()).unwrap().solve().unwrap());
}

/// The measures of trust alone, part of the first.
#[divan::bench(args = NETWORKS)]
fn how_far_to_trust_it(bencher: Bencher, name: &str) {
    let network = network(name);
    let map = RateMap::new(&network, SynapticFilter::default()).unwrap();
    let state = Theory::new(&network, &TheoryOptions::default())
        .and_then(|theory| Ok(theory.fixed_point(&theory.solve()?)))
        .unwrap();
    let (rates, cv): (Vec<f64>, Vec<_>) = state.populations.iter().map(|p| (p.rate_hz, p.cv)).unzip();
    bencher.bench_local(|| validity(black_box(&network), &map, &rates, &cv));
}

#[divan::bench(args = NETWORKS)]
fn file_to_description(bencher: Bencher, name: &str) {
    let text = bundled::find(name).unwrap().text;
    bencher.bench_local(|| parse(black_box(text), name, &ReadOptions::default()).unwrap());
}

/// The microcircuit with exponential neurons in place of its own.
fn exponential_microcircuit() -> Network {
    let own = bundled::find("potjans_diesmann2014").unwrap().text;
    let text = own.replace("model   = \"lif\"", "model   = \"eif\"\nDelta_T = \"2 mV\"\nV_peak  = \"0 mV\"");
    assert_ne!(text, own, "the file has changed");
    parse(&text, "potjans_diesmann2014", &ReadOptions::default()).unwrap()
}

/// Synapses taken as instantaneous, and for what they are.
const FILTERS: [SynapticFilter; 2] = [SynapticFilter::Ignore, SynapticFilter::Auto];

/// Eight populations of neurons without closed forms: one state.
#[divan::bench(args = FILTERS)]
fn one_state_of_exponential_neurons(bencher: Bencher, filter: SynapticFilter) {
    let (network, options) = (exponential_microcircuit(), TheoryOptions::from(filter));
    bencher.bench_local(|| Theory::new(black_box(&network), &options).unwrap().solve().unwrap().rates_hz());
}

/// With CVs, stability and the measures of trust.
#[divan::bench(args = FILTERS)]
fn one_state_of_exponential_neurons_described(bencher: Bencher, filter: SynapticFilter) {
    let (network, options) = (exponential_microcircuit(), TheoryOptions::from(filter));
    bencher.bench_local(|| {
        Theory::new(black_box(&network), &options).and_then(|theory| Ok(theory.describe_one(&theory.solve()?))).unwrap()
    });
}

/// All states, searched.
#[divan::bench(args = FILTERS, sample_count = 2)]
fn all_states_of_exponential_neurons(bencher: Bencher, filter: SynapticFilter) {
    let (network, options) = (exponential_microcircuit(), TheoryOptions::from(filter));
    bencher.bench_local(|| Theory::new(black_box(&network), &options).unwrap().states().unwrap().states.len());
}
