//! Every derivative beside finite differences of the whole computation: a network with the parameter changed, solved again.

use num_complex::Complex64;

use super::super::{CharacteristicRoots, EffectiveConnectivity};
use super::*;
use crate::network::{ConnectionRule, DriveKind, Synapse};
use crate::neuron::lif::SynapticFilter;
use crate::numerics::stencil::slopes;
use crate::theory::{Theory, TheoryOptions};

/// The network with one parameter times a factor.
fn changed(network: &Network, place: Place, parameter: ConnectionParameter, factor: f64) -> Network {
    let mut other = network.clone();
    let slower = |synapse: &mut Synapse| match synapse {
        Synapse::ExponentialCurrent { tau_ms } | Synapse::ExponentialConductance { tau_ms, .. } => *tau_ms *= factor,
        other => panic!("{other:?}"),
    };
    match place {
        Place::Projection(k) => {
            let projection = &mut other.projections[k];
            match parameter {
                ConnectionParameter::Weight => projection.weight = projection.weight.times(factor),
                ConnectionParameter::Delay => projection.delay_ms = projection.delay_ms.map(|law| law.times(factor)),
                ConnectionParameter::TauSyn => slower(&mut projection.synapse),
                ConnectionParameter::InDegree => match &mut projection.rule {
                    ConnectionRule::FixedInDegree { in_degree } => *in_degree *= factor,
                    ConnectionRule::FixedTotal { total } => *total *= factor,
                    ConnectionRule::PairwiseProbability { probability } => *probability *= factor,
                },
                other => panic!("{other:?}"),
            }
        }
        Place::Drive(k) => match (&mut other.drives[k].kind, parameter) {
            (DriveKind::Poisson { rate_hz, .. }, ConnectionParameter::Rate) => *rate_hz *= factor,
            (DriveKind::Poisson { in_degree, .. }, ConnectionParameter::InDegree) => *in_degree *= factor,
            (DriveKind::Poisson { weight, .. }, ConnectionParameter::Weight) => *weight = weight.times(factor),
            (DriveKind::Poisson { synapse, .. }, ConnectionParameter::TauSyn) => slower(synapse),
            (DriveKind::Noise { mean_mv, .. }, ConnectionParameter::Mean) => *mean_mv *= factor,
            (DriveKind::Noise { std_mv, .. }, ConnectionParameter::Std) => *std_mv *= factor,
            (kind, parameter) => panic!("{kind:?} {parameter:?}"),
        },
    }
    other
}

/// The worst error of the derivatives of a number, every so many of them, relative to the largest.
fn worst(network: &Network, options: TheoryOptions, number: Differentiated, every: usize, step: f64) -> f64 {
    let theory = Theory::new(network, &options).unwrap();
    let state = theory.solve().unwrap();
    let found = Sensitivities::of(network, theory.map(), &state, number, &Work::default()).unwrap();
    let rates_hz = state.rates_hz();
    let value = |network: &Network| {
        let theory = Theory::new(network, &options).unwrap();
        let state = theory.solve_from(&rates_hz).unwrap();
        let population = |a: usize| theory.fixed_point(&state).populations[a].clone();
        match number {
            Differentiated::Rate(a) => state.rates_hz()[a].into(),
            Differentiated::MeanInput(a) => population(a).mean_input_mv.into(),
            Differentiated::StdInput(a) => population(a).std_input_mv.into(),
            Differentiated::Cv(a) => population(a).cv.unwrap().into(),
            Differentiated::PeakFrequency(a) | Differentiated::PeakPower(a) => {
                let fluctuations = theory.fluctuations(&state).unwrap();
                let peak = Peak::of(&fluctuations, a, &Work::default()).unwrap().unwrap();
                match number {
                    Differentiated::PeakPower(_) => peak.power_hz.into(),
                    _ => peak.frequency_hz.into(),
                }
            }
            Differentiated::Root(_) => {
                let connectivity = EffectiveConnectivity::new(network, theory.map(), &state).unwrap();
                Mode::near(&connectivity, found.value).unwrap().lambda_per_ms
            }
        }
    };
    assert!((value(network) - found.value).norm() < 1e-9 * found.value.norm(), "{number:?}");
    let size = |derivative: &Derivative| derivative.per_relative.norm();
    let largest = found.derivatives.iter().map(size).fold(0.0, f64::max);
    let mut worst = 0.0f64;
    for Derivative { place, parameter, per_relative, .. } in found.derivatives.iter().step_by(every) {
        let at = |by: f64| [value(&changed(network, *place, *parameter, 1.0 + by))];
        let [expected]: [Complex64; 1] = slopes(step, at);
        let error = (per_relative - expected).norm() / largest;
        if std::env::var_os("SIEGERT_SHOW").is_some() {
            println!("{number:?} {place:?} {parameter:?} {per_relative:.9} {expected:.9} {error:.1e}");
        }
        worst = worst.max(error);
    }
    println!("{} {number:?}: {worst:.1e} of {} derivatives", network.name, found.derivatives.len().div_ceil(every));
    worst
}

#[test]
fn derivatives_in_the_network_of_brunel_are_those_of_networks_solved_again() {
    for set in [&[("g", "6"), ("eta", "4")][..], &[("g", "4.5"), ("eta", "0.9")], &[]] {
        let network = crate::testing::brunel(set);
        for number in [
            Differentiated::Rate(0),
            Differentiated::MeanInput(1),
            Differentiated::StdInput(0),
            Differentiated::Cv(1),
            Differentiated::Root(0),
        ] {
            assert!(worst(&network, TheoryOptions::default(), number, 1, 1e-4) < 1e-7, "{set:?} {number:?}");
        }
    }
}

/// By closed forms all of them; with time constants as they are, where each rate takes a thousand times as long, some.
#[test]
fn derivatives_in_the_microcircuit_are_those_of_networks_solved_again() {
    let network = crate::testing::open("potjans_diesmann2014", None, &[]);
    let shift = SynapticFilter::ThresholdShift;
    for number in [Differentiated::Rate(2), Differentiated::Cv(5), Differentiated::Root(0)] {
        assert!(worst(&network, shift.into(), number, 5, 1e-4) < 1e-7, "{number:?}");
    }
    for number in [Differentiated::Rate(2), Differentiated::Root(0)] {
        assert!(worst(&network, TheoryOptions::default(), number, 53, 1e-3) < 1e-5, "{number:?}");
    }
}

#[test]
fn derivatives_of_peaks_are_those_of_networks_solved_again() {
    for set in [&[("g", "5"), ("eta", "2")][..], &[("g", "4.5"), ("eta", "1.2")]] {
        let network = crate::testing::brunel(set);
        for number in [Differentiated::PeakFrequency(0), Differentiated::PeakPower(1)] {
            assert!(worst(&network, TheoryOptions::default(), number, 1, 1e-4) < 1e-6, "{set:?} {number:?}");
        }
    }
    let microcircuit = crate::testing::open("potjans_diesmann2014", None, &[]);
    for number in [Differentiated::PeakFrequency(3), Differentiated::PeakPower(1)] {
        let shift = SynapticFilter::ThresholdShift;
        assert!(worst(&microcircuit, shift.into(), number, 17, 1e-4) < 1e-6, "{number:?}");
    }
}

/// What conductances do to a mode and to a peak follows the state, too.
#[test]
fn derivatives_with_conductances_are_those_of_networks_solved_again() {
    let network = crate::testing::open("sanzeni2022", None, &[]);
    for (number, every) in [(Differentiated::Root(0), 2), (Differentiated::PeakPower(0), 5)] {
        assert!(worst(&network, TheoryOptions::default(), number, every, 1e-3) < 1e-5, "{number:?}");
    }
}

#[test]
fn a_root_is_made_by_the_loops_all_together() {
    let network = crate::testing::brunel(&[("g", "6"), ("eta", "4")]);
    let theory = Theory::new(&network, &TheoryOptions::default()).unwrap();
    let state = theory.solve().unwrap();
    let of = |which| Sensitivities::of(&network, theory.map(), &state, Differentiated::Root(which), &Work::default());
    let found = of(0).unwrap();
    let sum: Complex64 = found.parts.unwrap().iter().flatten().sum();
    assert!((sum - 1.0).norm() < 1e-10, "{sum}");
    let connectivity = EffectiveConnectivity::new(&network, theory.map(), &state).unwrap();
    let roots = CharacteristicRoots::of(&connectivity, &Work::default()).unwrap();
    assert!((roots.roots[0].lambda_per_ms() - found.value).norm() < 1e-9 * found.value.norm());
    assert!(matches!(of(99), Err(SensitivityError::NoRoot { asked: 100, .. })));
}
