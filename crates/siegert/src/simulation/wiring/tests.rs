//! The laws of the connections that the rules promise, by chi-square.

use super::*;
use crate::network::{ReadOptions, parse};
use crate::simulation::SimulationOptions;

/// The plan of one projection between A and B (or within A).
fn plan(rule: &str, sources: u32, targets: u32, within: bool, seed: u64) -> Plan {
    let to = if within { "A" } else { "B" };
    let (weight, delay) = ("weight = \"1 mV\"", "delay = \"1 ms\"");
    let weight = if rule.contains("weight") { "" } else { weight };
    let delay = if rule.contains("delay") { "" } else { delay };
    let text = format!(
        "name = \"test\"
[neurons.lif]
model = \"lif\"
tau_m = \"20 ms\"
E_L = \"0 mV\"
V_th = \"20 mV\"
V_reset = \"10 mV\"
t_ref = \"2 ms\"
[populations]
A = {{ size = {sources}, neuron = \"lif\" }}
B = {{ size = {targets}, neuron = \"lif\" }}
[[projections]]
from = \"A\"
to = \"{to}\"
{weight}
{delay}
{rule}
"
    );
    let network = parse(&text, "test", &ReadOptions::default()).unwrap_or_else(|error| panic!("{error}"));
    Plan::new(&network, &SimulationOptions { seed, ..SimulationOptions::default() })
        .expect("the network can be planned")
}

/// All its connections (source, target), drawn row by row.
fn connections(rule: &str, sources: u32, targets: u32, within: bool, seed: u64) -> Vec<(u32, u32)> {
    let mut all = Vec::new();
    each_row(&plan(rule, sources, targets, within, seed), |source, first, row| {
        all.extend(row.targets.iter().map(|&target| (source, first + u32::from(target))));
    });
    all
}

/// Draws the rows of the only projection: source, first neuron of the block, and row.
fn each_row(plan: &Plan, mut take: impl FnMut(u32, u32, &Row)) {
    let connection = &plan.connections[0];
    let strength = plan.parts[0][0].strength;
    let blocks = plan.populations[connection.target].blocks.clone();
    let totals = totals_of_blocks(plan, connection);
    let mut row = Row::default();
    for (index, block) in blocks.enumerate() {
        let table = Table::new(plan, connection, block, totals.get(index).copied().unwrap_or(0));
        for source in 0..plan.populations[connection.source].size {
            draw(&table, connection, strength, source, &mut row);
            take(source, plan.blocks[block].first, &row);
        }
    }
}

/// Number of connections of each neuron.
fn degrees(of: impl Iterator<Item = u32>, neurons: u32) -> Vec<u32> {
    let mut degrees = vec![0; neurons as usize];
    of.for_each(|neuron| degrees[neuron as usize] += 1);
    degrees
}

/// Chi square of observed degrees against a binomial law of n trials with probability p, in classes of at least 10
/// expected; with the number of degrees of freedom.
fn binomial_chi_square(degrees: &[u32], n: f64, p: f64) -> (f64, f64) {
    let count = degrees.len() as f64;
    let (mut probability, mut k) = ((1.0 - p).powf(n), 0.0);
    let (mut chi_square, mut classes) = (0.0, 0.0);
    let (mut expected, mut observed, mut seen, mut observed_before) = (0.0, 0.0, 0.0, 0.0);
    while k <= n {
        expected += count * probability;
        observed += degrees.iter().filter(|&&degree| f64::from(degree) == k).count() as f64;
        if expected >= 10.0 && count - seen - expected >= 10.0 {
            chi_square += (observed - expected).powi(2) / expected;
            classes += 1.0;
            seen += expected;
            observed_before += observed;
            (expected, observed) = (0.0, 0.0);
        }
        probability *= (n - k) / (k + 1.0) * p / (1.0 - p);
        k += 1.0;
    }
    // the last class is all that is left; the total is given, so it is no degree of freedom
    let left = count - seen;
    chi_square += (count - observed_before - left).powi(2) / left;
    (chi_square, classes)
}

/// A chi-square number this large has a probability of about 1e-4 (Wilson and Hilferty 1931).
fn limit(freedom: f64) -> f64 {
    let z = 3.719;
    freedom * (1.0 - 2.0 / (9.0 * freedom) + z * (2.0 / (9.0 * freedom)).sqrt()).powi(3)
}

fn assert_binomial(what: &str, degrees: &[u32], n: f64, p: f64) {
    // where nearly all are connected, count those that are not
    let missing = || degrees.iter().map(|degree| n as u32 - degree).collect::<Vec<_>>();
    let (chi_square, freedom) =
        if p > 0.5 { binomial_chi_square(&missing(), n, 1.0 - p) } else { binomial_chi_square(degrees, n, p) };
    assert!(freedom >= 5.0, "{what}: {freedom} classes are too few to tell");
    assert!(chi_square < limit(freedom), "{what}: chi square {chi_square}, {freedom} degrees of freedom");
}

/// Pairs by how often they are connected: as many as if connections fell on pairs at random, or never twice.
fn assert_pairs(what: &str, connections: &[(u32, u32)], pairs: f64, multapses: bool) {
    let mut sorted = connections.to_vec();
    sorted.sort_unstable();
    let repeated = sorted.windows(2).filter(|pair| pair[0] == pair[1]).count() as f64;
    if !multapses {
        assert_eq!(repeated, 0.0, "{what}");
        return;
    }
    // expected number of coincidences: connections less distinct pairs
    let n = connections.len() as f64;
    let expected = n - pairs * -(-n / pairs).exp_m1();
    assert!((repeated - expected).abs() < 5.0 * expected.sqrt() + 0.02 * expected, "{what}: {repeated} for {expected}");
}

#[test]
fn fixed_in_degrees_are_fixed_and_their_out_degrees_binomial() {
    for (in_degree, sources, targets, within) in [(50, 2000, 3000, false), (40, 3000, 3000, true), (3, 900, 700, false)]
    {
        for options in ["", "autapses = false", "multapses = false", "autapses = false\nmultapses = false"] {
            let what = format!("in-degree {in_degree} {within} {options:?}");
            let all = connections(&format!("in_degree = {in_degree}\n{options}"), sources, targets, within, 1);
            assert!(degrees(all.iter().map(|it| it.1), targets).iter().all(|&degree| degree == in_degree), "{what}");
            let out = degrees(all.iter().map(|it| it.0), sources);
            // without repetition every target draws a source with probability K / N, else K times with 1 / N
            let (n, p) = if options.contains("multapses") {
                (f64::from(targets), f64::from(in_degree) / f64::from(sources))
            } else {
                (f64::from(targets * in_degree), 1.0 / f64::from(sources))
            };
            assert_binomial(&what, &out, n, p);
            assert_pairs(&what, &all, f64::from(sources) * f64::from(targets), !options.contains("multapses"));
            let autapses = all.iter().filter(|it| it.0 == it.1).count();
            if within {
                assert_eq!(autapses == 0, options.contains("autapses"), "{what}: {autapses} autapses");
            }
        }
    }
}

#[test]
fn fixed_totals_are_exact_and_their_degrees_binomial() {
    for options in ["", "autapses = false", "multapses = false", "autapses = false\nmultapses = false"] {
        let (total, neurons) = (60_000, 2000);
        let all = connections(&format!("total = {total}\n{options}"), neurons, neurons, true, 2);
        let what = format!("total {options:?}");
        assert_eq!(all.len(), total, "{what}");
        for degrees in [degrees(all.iter().map(|it| it.0), neurons), degrees(all.iter().map(|it| it.1), neurons)] {
            let (n, p) = if options.contains("multapses") {
                (f64::from(neurons), total as f64 / f64::from(neurons).powi(2))
            } else {
                (total as f64, 1.0 / f64::from(neurons))
            };
            assert_binomial(&what, &degrees, n, p);
        }
        assert_pairs(&what, &all, f64::from(neurons).powi(2), !options.contains("multapses"));
        let autapses = all.iter().filter(|it| it.0 == it.1).count();
        assert_eq!(autapses == 0, options.contains("autapses"), "{what}: {autapses} autapses");
    }
}

#[test]
fn pairwise_probabilities_give_binomial_degrees_and_no_pair_twice() {
    for (p, options) in [(0.02, ""), (0.02, "autapses = false"), (0.98, "")] {
        let neurons = 2000;
        let all = connections(&format!("probability = {p}\n{options}"), neurons, neurons, true, 3);
        let what = format!("probability {p} {options:?}");
        for degrees in [degrees(all.iter().map(|it| it.0), neurons), degrees(all.iter().map(|it| it.1), neurons)] {
            let itself = f64::from(u8::from(!options.is_empty()));
            assert_binomial(&what, &degrees, f64::from(neurons) - itself, p);
        }
        assert_pairs(&what, &all, f64::from(neurons).powi(2), false);
        let autapses = all.iter().filter(|it| it.0 == it.1).count();
        assert_eq!(autapses == 0, options.contains("autapses"), "{what}: {autapses} autapses");
    }
}

#[test]
fn certain_and_impossible_connections_are_just_that() {
    assert_eq!(connections("probability = 1", 30, 20, false, 1).len(), 600);
    let all = connections("probability = 1\nautapses = false", 30, 30, true, 1);
    assert_eq!(all.len(), 870);
    assert!(all.iter().all(|it| it.0 != it.1));
    assert_eq!(connections("in_degree = 30\nmultapses = false", 30, 20, false, 1).len(), 600);
    assert_eq!(connections("total = 870\nmultapses = false\nautapses = false", 30, 30, true, 1).len(), 870);
}

#[test]
fn sources_of_a_target_are_independent_of_each_other() {
    // Two neighbouring targets, and two neighbouring sources, share as many partners as chance gives them.
    let (neurons, in_degree) = (1500u32, 60u32);
    let all = connections(&format!("in_degree = {in_degree}"), neurons, neurons, true, 5);
    let mut matrix = vec![0u8; (neurons * neurons) as usize];
    for (source, target) in &all {
        matrix[(source * neurons + target) as usize] += 1;
    }
    let at = |source: u32, target: u32| f64::from(matrix[(source * neurons + target) as usize]);
    let (mut by_target, mut by_source) = (0.0, 0.0);
    for first in 0..neurons - 1 {
        for other in 0..neurons {
            by_target += at(other, first) * at(other, first + 1);
            by_source += at(first, other) * at(first + 1, other);
        }
    }
    let expected = f64::from(neurons - 1) * f64::from(in_degree * in_degree) / f64::from(neurons);
    for (what, found) in [("targets", by_target), ("sources", by_source)] {
        assert!((found - expected).abs() < 5.0 * expected.sqrt(), "{what}: {found} shared partners for {expected}");
    }
}

#[test]
fn weights_in_sixteen_bits_and_delays_in_steps_keep_the_moments_of_their_laws() {
    for (law, mean, std) in [
        ("{ mean = \"-0.5 mV\", std = \"0.05 mV\" }", -0.5, 0.05),
        ("{ mean = \"0.1 mV\", std = \"0.3 mV\" }", 0.1, 0.3),
        ("{ distribution = \"exponential\", mean = \"0.4 mV\" }", 0.4, 0.4),
        ("{ distribution = \"uniform\", low = \"-1 mV\", high = \"2 mV\" }", 0.5, 0.75f64.sqrt()),
        ("{ distribution = \"lognormal\", mean = \"0.3 mV\", std = \"0.2 mV\" }", 0.3, 0.2),
    ] {
        let rule = format!("in_degree = 100\nweight = {law}\ndelay = {{ mean = \"3 ms\", std = \"0.5 ms\" }}");
        let plan = plan(&rule, 2000, 2000, true, 7);
        let Strength::Multiples(unit) = plan.parts[0][0].strength else { panic!("{law}: the weights vary") };
        let (mut weights, mut delays) = (Vec::new(), Vec::new());
        each_row(&plan, |_, _, row| {
            weights.extend(row.weights.iter().map(|&weight| f64::from(unit) * f64::from(weight)));
            delays.extend(row.delays.iter().map(|&delay| 0.1 * f64::from(delay)));
        });
        assert_eq!((weights.len(), delays.len()), (200_000, 200_000), "{law}");
        // rounding to steps adds their variance, dt^2 / 12; errors as for a normal law, tripled for those with long tails
        let rounding = 0.01f64 / 12.0;
        for (what, values, mean, std, tail) in
            [("weights", weights, mean, std, 3.0), ("delays", delays, 3.0, (0.25 + rounding).sqrt(), 1.0)]
        {
            let n = values.len() as f64;
            let found = values.iter().sum::<f64>() / n;
            let spread = (values.iter().map(|value| (value - found).powi(2)).sum::<f64>() / n).sqrt();
            assert!((found - mean).abs() < 4.0 * std / n.sqrt(), "{law}: mean of the {what} {found}");
            assert!((spread - std).abs() < 4.0 * tail * std / (2.0 * n).sqrt(), "{law}: std of the {what} {spread}");
        }
    }
}
