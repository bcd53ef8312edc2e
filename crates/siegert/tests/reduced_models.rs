//! Models of a few variables: states and bifurcations that other programs found, by Newton's method on extended equations or by hand.

#![allow(non_snake_case)] // symbols of the field keep their capitals

use siegert::reduced::{
    BifurcationKind, Branch, BranchOptions, LowDimensional, WongWang, branch, qif_inhibitory, qif_with_adaptation,
    saddle_nodes,
};

/// How near states and bifurcations must be: six digits are given.
const STATES: f64 = 1e-6;
const BIFURCATIONS: f64 = 1e-5;

/// The bifurcations of a kind, by their parameter.
fn of_kind(branch: &Branch, is: impl Fn(BifurcationKind) -> bool) -> Vec<(f64, Vec<f64>)> {
    let mut found: Vec<(f64, Vec<f64>)> = branch
        .bifurcations
        .iter()
        .filter(|bifurcation| is(bifurcation.kind))
        .map(|bifurcation| (bifurcation.parameter, bifurcation.y.clone()))
        .collect();
    found.sort_by(|a, b| a.0.total_cmp(&b.0));
    found
}

fn frequencies(branch: &Branch) -> Vec<(f64, f64)> {
    let hopf = |it: &siegert::reduced::Bifurcation| match it.kind {
        BifurcationKind::Hopf { omega } => Some((it.parameter, omega)),
        _ => None,
    };
    let mut found: Vec<(f64, f64)> = branch.bifurcations.iter().filter_map(hopf).collect();
    found.sort_by(|a, b| a.0.total_cmp(&b.0));
    found
}

fn assert_near(found: f64, expected: f64, tolerance: f64, what: &str) {
    assert!((found - expected).abs() <= tolerance * expected.abs().max(1.0), "{what}: {found} for {expected}");
}

#[test]
fn adaptation_of_the_mean_makes_oscillations_between_two_hopf_bifurcations() {
    let family = |eta: f64| qif_with_adaptation(eta, 2.0, 21.213203435596427, 1.0, 1.0, 10.0);
    // far below there is one state, at a low rate
    let (r, v) = (0.09, -2.0 / (2.0 * std::f64::consts::PI * 0.09));
    let found = branch(family, &[r, v, r], [-10.0, 2.0], &BranchOptions::default()).unwrap();
    println!("{} points, {:?}", found.points.len(), found.bifurcations);
    let hopf = frequencies(&found);
    assert_eq!(hopf.len(), 2, "{hopf:?}");
    for ((eta, omega), (expected, frequency)) in hopf.iter().zip([(-3.923353, 0.277239), (-0.38608, 1.385546)]) {
        assert_near(*eta, expected, BIFURCATIONS, "eta");
        assert_near(*omega, frequency, BIFURCATIONS, "omega");
    }
    let folds = of_kind(&found, |kind| kind == BifurcationKind::Fold);
    assert_eq!(folds.len(), 2, "{folds:?}");
    for ((eta, y), (expected, rate)) in folds.iter().zip([(-3.548702, 0.467761), (-3.537497, 0.378015)]) {
        assert_near(*eta, expected, BIFURCATIONS, "eta of the fold");
        assert_near(y[0], rate, BIFURCATIONS, "rate at the fold");
    }
    // between both it is unstable
    let unstable = found.parameters.iter().zip(&found.stable).filter(|(eta, _)| **eta > -3.5 && **eta < -0.4);
    assert!(unstable.clone().count() > 10 && unstable.clone().all(|(_, stable)| !stable));
}

#[test]
fn inhibition_through_synapses_oscillates_between_two_couplings() {
    for (Delta, eta, tau_d, expected, omegas) in [
        (0.05, 1.0, 1.0, [0.858689, 30.988572], Some([1.779, 1.101])),
        (0.05, 1.0, 0.5, [0.732854, 22.845842], None),
        (0.3, 4.0, 1.0, [4.461514, 42.079031], None),
    ] {
        let family = |J: f64| qif_inhibitory(eta, Delta, J, tau_d);
        let R = f64::sqrt(eta) / std::f64::consts::PI;
        let start = [R, -Delta / (2.0 * std::f64::consts::PI * R), R];
        let found = branch(family, &start, [0.0, 60.0], &BranchOptions::default()).unwrap();
        let hopf = frequencies(&found);
        assert_eq!(hopf.len(), 2, "{hopf:?}");
        for (k, (J, omega)) in hopf.iter().enumerate() {
            assert_near(*J, expected[k], BIFURCATIONS, "J");
            if let Some(omegas) = omegas {
                assert_near(*omega, omegas[k], 5e-4, "omega");
            }
        }
        assert_eq!(found.bifurcations.len(), 2);
    }
}

#[test]
fn wong_and_wangs_populations_decide() {
    let at = |mu0: f64| WongWang { mu0, ..WongWang::default() };
    let rates = |mu0: f64, from: [f64; 2]| {
        let y = at(mu0).fixed_point(&from).unwrap();
        (at(mu0).rates_hz(&y), at(mu0).eigenvalues(&y)[0].re, y)
    };
    let (hz, growth, y) = rates(0.0, [0.1, 0.1]);
    assert!(growth < 0.0);
    assert_near(y[0], 0.102651, STATES, "S");
    assert_near(hz[0], 1.7846, 5e-5, "rate");
    let (_, growth, y) = rates(0.0, [0.0558, 0.3138]);
    assert!(growth > 0.0);
    assert_near(y[0], 0.0558, 5e-5, "S of the saddle");
    assert_near(y[1], 0.3138, 5e-5, "S of the saddle");
    for (mu0, symmetric, decided) in [
        (0.0, None, [20.4275, 0.5139]),
        (20.0, Some(4.4058), [27.4767, 0.6977]),
        (30.0, Some(11.5052), [30.108, 0.8524]),
    ] {
        let (hz, growth, _) = rates(mu0, [0.6, 0.03]);
        assert!(growth < 0.0);
        assert_near(hz[0], decided[0], 5e-5 / 20.0, "rate of the winner");
        assert_near(hz[1], decided[1], 6e-5, "rate of the loser");
        if let Some(symmetric) = symmetric {
            let (hz, growth, _) = rates(mu0, if mu0 < 25.0 { [0.2, 0.2] } else { [0.4, 0.4] });
            assert!(growth > 0.0 && (hz[0] - hz[1]).abs() < 1e-9);
            assert_near(hz[0], symmetric, 5e-5, "rate of the saddle");
        }
    }
    // the symmetric state gives way at a pitchfork
    let found = branch(at, &[0.1, 0.1], [0.0, 30.0], &BranchOptions::default()).unwrap();
    let pitchforks = of_kind(&found, |kind| kind == BifurcationKind::BranchPoint);
    assert_eq!(pitchforks.len(), found.bifurcations.len(), "{:?}", found.bifurcations);
    assert_near(pitchforks[0].0, 10.676806, STATES, "mu0");
    assert_near(pitchforks[0].1[0], 0.144011, BIFURCATIONS, "S");
    // and the states in which one has won begin at a fold
    let found = branch(at, &[0.6, 0.03], [30.0, -20.0], &BranchOptions::default()).unwrap();
    let fold = &found.bifurcations[0];
    assert_eq!(fold.kind, BifurcationKind::Fold);
    assert_near(fold.parameter, -7.731827, STATES, "mu0 of the fold");
    assert_near(fold.y[0], 0.462474, BIFURCATIONS, "S");
    assert_near(fold.y[1], 0.033488, BIFURCATIONS, "S");
}

#[test]
fn folds_on_a_branch_are_the_saddle_nodes_in_closed_form() {
    let family =
        |eta: f64| siegert::reduced::Reduction::dimensionless(eta, 1.0, 1.0).with_coupling([0, 0], 15.0, 0.0, 0.0, 0.0);
    let start = [0.0507, -1.0 / (2.0 * std::f64::consts::PI * 0.0507)];
    let found = branch(family, &start, [-10.0, 5.0], &BranchOptions::default()).unwrap();
    let folds = of_kind(&found, |kind| kind == BifurcationKind::Fold);
    let mut expected: Vec<f64> = saddle_nodes(15.0, 1.0).iter().map(|it| it.eta).collect();
    expected.sort_by(f64::total_cmp);
    assert_eq!((folds.len(), found.bifurcations.len()), (2, 2), "{:?}", found.bifurcations);
    for (fold, eta) in folds.iter().zip(expected) {
        assert_near(fold.0, eta, 1e-9, "eta");
    }
    let no_start = branch(family, &[f64::NAN, 0.0], [-10.0, 5.0], &BranchOptions::default()).unwrap_err();
    assert!(no_start.to_string().contains("no fixed point"), "{no_start}");
    assert!(branch(family, &start, [1.0, 1.0], &BranchOptions::default()).is_err());
}
