//! A network as large as the multi-area model of macaque visual cortex (254 populations), made here.

use std::fmt::Write;

use siegert::stationary::{RateMap, SolveError};
use siegert::testing::{read, theory, theory_by_shift};
use siegert::{Cancelled, Work};

/// 127 areas of one excitatory and one inhibitory population; each area hears itself and the next three.
fn network() -> String {
    let mut text = "[neurons.lif]\nmodel = \"lif\"\ntau_m = \"10 ms\"\nC_m = \"250 pF\"\nE_L = \"-65 mV\"\nV_th = \"-50 mV\"\n\
                    V_reset = \"-65 mV\"\nt_ref = \"2 ms\"\n[synapses.s]\nkind = \"exponential_current\"\ntau = \"0.5 ms\"\n\
                    [populations]\n"
        .to_string();
    for area in 0..127 {
        let _ = writeln!(
            text,
            "E{area} = {{ size = 8000, neuron = \"lif\" }}\nI{area} = {{ size = 2000, neuron = \"lif\" }}"
        );
    }
    let mut projection = |from: &str, to: &str, in_degree: usize, weight: f64| {
        let _ = writeln!(
            text,
            "[[projections]]\nfrom = \"{from}\"\nto = \"{to}\"\nin_degree = {in_degree}\nweight = \"{weight} pA\"\nsynapse = \"s\""
        );
    };
    for area in 0..127 {
        let (e, i) = (format!("E{area}"), format!("I{area}"));
        for to in [&e, &i] {
            projection(&e, to, 700 + 3 * area, 87.8);
            projection(&i, to, 300, -400.0);
            (1..=3).for_each(|far| projection(&format!("E{}", (area + far) % 127), to, 40 + area % 17, 87.8));
        }
    }
    for area in 0..127 {
        for (name, sources) in [(format!("E{area}"), 1900 + 2 * area), (format!("I{area}"), 1800)] {
            let _ = writeln!(
                text,
                "[[drives]]\nto = \"{name}\"\nkind = \"poisson\"\nrate = \"8 Hz\"\nin_degree = {sources}\nweight = \"87.8 pA\"\n\
                 synapse = \"s\""
            );
        }
    }
    text
}

#[test]
fn a_network_of_254_populations_is_solved_and_searched() {
    let network = read(&network());
    assert_eq!(network.populations.len(), 254);
    let theory = theory_by_shift(&network);
    let state = theory.solve().unwrap();
    let rates = state.rates_hz();
    let again = RateMap::new(&network, theory.filter()).unwrap().output_rates_hz(&rates);
    assert!(rates.iter().zip(&again).all(|(r, f)| (r - f).abs() <= 1e-9 * r), "residual {}", state.residual);
    let found = theory.solution().unwrap();
    assert_eq!((found.search.complete, found.search.effective_populations), (false, 254));
    assert!(found.search.starts > 10 && found.search.index_sum == 1, "{:?}", found.search);
}

/// Whoever asks it to stop is not kept waiting, whatever the search is at.
#[test]
fn a_search_that_is_cancelled_ends_with_an_error() {
    let network = read(&network());
    let work = Work::default();
    let theory = theory(&network).watched(&work);
    let handle = work.clone();
    let stopped = std::thread::scope(|scope| {
        let searching = scope.spawn(|| theory.states().err());
        // at its first start or a later one
        while work.progress().done == 0 && !searching.is_finished() {
            std::thread::yield_now();
        }
        handle.cancel();
        searching.join().unwrap()
    });
    // on a busy machine it may have come to its end before
    assert!(stopped.is_none_or(|error| error == SolveError::Cancelled(Cancelled)));
    assert_eq!(theory.states().err(), Some(SolveError::Cancelled(Cancelled)));
    assert_eq!(theory.solve().err(), Some(SolveError::Cancelled(Cancelled)));
    assert_eq!(theory.solve_from(&[5.0; 254]).err(), Some(SolveError::Cancelled(Cancelled)));
}
