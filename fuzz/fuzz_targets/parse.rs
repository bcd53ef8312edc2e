//! Any text is a network or is refused, and what is accepted satisfies what the theory relies on.
//!
//! `RUSTC_BOOTSTRAP=1 cargo fuzz run parse fuzz/corpus/parse models` (needs `cargo install cargo-fuzz`).

#![no_main]
#![allow(non_snake_case)] // symbols of the field keep their capitals

use libfuzzer_sys::fuzz_target;
use siegert::network::{ConnectionRule, DriveKind, Law, Network, NeuronModel, ReadOptions, parse};

fuzz_target!(|text: &str| {
    match parse(text, "fuzz", &ReadOptions::default()) {
        Ok(network) => check(&network),
        Err(error) => {
            assert!(!error.diagnostics.is_empty() && !error.to_string().is_empty());
            for diagnostic in &error.diagnostics {
                assert!(diagnostic.span().is_none_or(|span| text.get(span).is_some()));
            }
        }
    }
});

fn check(network: &Network) {
    assert!(!network.populations.is_empty());
    for parameter in &network.parameters {
        assert!(parameter.value.is_finite());
    }
    for population in &network.populations {
        let neuron = &population.neuron;
        assert!(neuron.tau_m_ms > 0.0 && neuron.tau_m_ms.is_finite());
        assert!(neuron.t_ref_ms >= 0.0 && neuron.t_ref_ms.is_finite());
        assert!(neuron.C_m_pf.is_none_or(|C_m| C_m > 0.0 && C_m.is_finite()));
        assert!(neuron.E_L_mv.is_finite() && neuron.V_th_mv.is_finite());
        match neuron.model {
            NeuronModel::Lif | NeuronModel::Perfect => {
                assert!(neuron.V_reset_mv.is_finite() && neuron.V_reset_mv < neuron.V_th_mv);
            }
            NeuronModel::Qif { Delta_T_mv, V_peak_mv } => {
                assert!(Delta_T_mv > 0.0 && neuron.V_reset_mv < V_peak_mv && neuron.V_th_mv < V_peak_mv);
            }
            NeuronModel::Eif { Delta_T_mv, V_peak_mv } | NeuronModel::Adex { Delta_T_mv, V_peak_mv, .. } => {
                assert!(Delta_T_mv > 0.0 && V_peak_mv.is_finite() && neuron.V_reset_mv.is_finite());
                assert!(neuron.V_reset_mv < V_peak_mv && neuron.V_th_mv < V_peak_mv);
            }
        }
    }
    let size = |index: usize| network.populations[index].size;
    for projection in &network.projections {
        match projection.rule {
            ConnectionRule::FixedInDegree { in_degree } => {
                assert!(in_degree >= 0.0 && in_degree.is_finite());
                assert!(in_degree == 0.0 || size(projection.source) > 0);
            }
            ConnectionRule::PairwiseProbability { probability } => assert!((0.0..=1.0).contains(&probability)),
            ConnectionRule::FixedTotal { total } => {
                assert!(total >= 0.0 && total.is_finite());
                assert!(total == 0.0 || size(projection.source) > 0 && size(projection.target) > 0);
            }
        }
        check_law(&projection.weight);
        if let Some(delay) = &projection.delay_ms {
            check_law(delay);
            assert!(delay.mean() > 0.0);
        }
    }
    for drive in &network.drives {
        assert!(drive.target < network.populations.len());
        match &drive.kind {
            DriveKind::Poisson { rate_hz, in_degree, weight, .. } => {
                assert!(*rate_hz >= 0.0 && rate_hz.is_finite() && *in_degree >= 0.0 && in_degree.is_finite());
                check_law(weight);
            }
            DriveKind::Current { value_mv } => assert!(value_mv.is_finite()),
            DriveKind::Noise { mean_mv, std_mv } => assert!(mean_mv.is_finite() && *std_mv >= 0.0),
        }
    }
}

fn check_law(law: &Law) {
    assert!(law.moments().iter().all(|moment| moment.is_finite()));
    match *law {
        Law::Normal { std, .. } | Law::Lognormal { std, .. } => assert!(std >= 0.0),
        Law::Uniform { low, high } => assert!(low < high),
        Law::Constant { .. } | Law::Exponential { .. } => {}
    }
}
