//! The modes in which densities relax: on a line of nodes and by the general solver, left and right.

use std::f64::consts::TAU;

use siegert::Complex64;
use siegert::evolution::{modes, relaxation};
use siegert::neuron::{Model, NeuronParameters};

fn neuron(name: &str, t_ref_ms: f64) -> Model {
    let parameters = NeuronParameters {
        tau_m_ms: 20.0,
        t_ref_ms,
        E_L_mv: 0.0,
        V_th_mv: 20.0,
        V_reset_mv: 10.0,
        Delta_T_mv: 2.0,
        V_peak_mv: 40.0,
        adaptation: None,
    };
    Model::named(name, &parameters).unwrap().unwrap()
}

const INPUTS: [(&str, f64, f64, f64); 6] = [
    ("lif", 2.0, 14.0, 4.0),
    ("lif", 2.0, 22.0, 2.0),
    ("lif", 0.0, 15.0, 5.0),
    ("lif", 2.0, 12.0, 2.0),
    ("eif", 2.0, 17.0, 4.0),
    ("qif", 0.0, 22.0, 4.0),
];

/// Mean and standard deviation of the input, `t_ref` in ms, and real and imaginary parts.
type Known<'a> = (f64, f64, f64, &'a [(f64, f64)]);

/// The eigenvalues of the reference file, over `tau_m`: the confluent hypergeometric form with 18 digits.
#[test]
fn the_slowest_eigenvalues_are_those_of_the_reference() {
    let cases: [Known<'_>; 4] = [
        (
            22.0,
            2.0,
            0.0,
            &[(-1.046_278_603_780_785, 3.994_096_695_211_248), (-3.758_909_493_822_019, 8.373_379_267_528_064)],
        ),
        (
            22.0,
            2.0,
            2.0,
            &[(-0.872_918_565_680_654_4, 3.768_133_661_656_334), (-3.111_936_902_434_825, 7.965_308_993_536_563)],
        ),
        (
            14.0,
            4.0,
            2.0,
            &[
                (-1.550_302_264_582_153, 0.0),
                (-2.803_171_219_183_676, 0.0),
                (-3.783_090_209_780_806, 0.0),
                (-5.502_003_963_415_688, 0.0),
            ],
        ),
        // halfway between reset and threshold, without refractory time; the one between them is no whole number
        (15.0, 5.0, 0.0, &[(-2.0, 0.0), (-4.0, 0.0), (-4.575_582_015_226_783, 0.0), (-6.0, 0.0)]),
    ];
    for (mean_mv, std_mv, t_ref_ms, expected) in cases {
        let modes = relaxation(&neuron("lif", t_ref_ms), mean_mv, std_mv, 4).unwrap();
        println!("{mean_mv} {std_mv} {t_ref_ms}: {modes:?}");
        assert_eq!(modes.len(), 4);
        for ((re, im), mode) in expected.iter().zip(&modes) {
            let expected = Complex64::new(*re, *im);
            let found = 0.02 * Complex64::new(mode.growth_per_s, TAU * mode.frequency_hz);
            assert!((found - expected).norm() < 1e-8 * expected.norm(), "{mean_mv} {std_mv}: {found} for {expected}");
        }
    }
    // not known without noise, nor of what is more than its potential, nor without a leak
    assert!(relaxation(&neuron("lif", 2.0), 15.0, 0.0, 4).is_none());
    assert!(relaxation(&neuron("perfect", 2.0), 15.0, 5.0, 4).is_none());
}

#[test]
fn modes_on_a_line_of_nodes_are_those_of_the_general_solver() {
    for (name, t_ref_ms, mean_mv, std_mv) in INPUTS {
        let neuron = neuron(name, t_ref_ms);
        let exact = neuron.relaxation(mean_mv, std_mv, (450.0, 150.0)).unwrap();
        let exact: Vec<Complex64> = exact
            .modes
            .iter()
            .map(|mode| Complex64::new(mode.growth_per_s, TAU * mode.frequency_hz) / 1000.0)
            .collect();
        let error = |accuracy: f64| {
            let found = modes(&neuron, mean_mv, std_mv, 3, accuracy).unwrap();
            assert!(found.len() >= 3 && found[0].eigenvalue_per_ms == Complex64::ZERO, "{name}: {}", found.len());
            let distance = |lambda: Complex64| {
                exact.iter().map(|exact| (lambda - exact).norm() / exact.norm()).fold(f64::INFINITY, f64::min)
            };
            // the slowest is among them
            assert!(
                (found[1].eigenvalue_per_ms - exact[0]).norm() < 0.02 * exact[0].norm(),
                "{name} {mean_mv}: {exact:?}"
            );
            let slow = found[1..].iter().filter(|mode| mode.eigenvalue_per_ms.re > -0.4);
            slow.map(|mode| distance(mode.eigenvalue_per_ms)).fold(0.0, f64::max)
        };
        let errors = [error(4e-4), error(1e-4)];
        println!("{name} {t_ref_ms} {mean_mv} {std_mv}: {errors:?}");
        // of second order in the distances where a spike has a threshold
        let (most, order) = if name == "lif" { (1e-3, 0.3) } else { (5e-3, 1.0) };
        assert!(errors[1] < most && errors[1] < order * errors[0], "{name} {mean_mv} {std_mv}: {errors:?}");
    }
}

/// Left and right modes of different eigenvalues have nothing in common, refractory neurons included, and those of the same 1.
#[test]
fn modes_are_biorthogonal() {
    for (name, t_ref_ms, mean_mv, std_mv) in INPUTS {
        let modes = modes(&neuron(name, t_ref_ms), mean_mv, std_mv, 3, 1e-3).unwrap();
        for (i, one) in modes.iter().enumerate() {
            for (j, other) in modes.iter().enumerate() {
                let masses = other.right_per_mv.iter().zip(&other.width_mv).map(|(p, width)| p * *width);
                let terms: Vec<Complex64> = one.left.iter().zip(masses).map(|(psi, m)| psi * m).collect();
                let by_refractory_ms = (one.eigenvalue_per_ms - other.eigenvalue_per_ms) * t_ref_ms;
                // what is refractory since a time a counts exp(-lambda (t_ref - a)) psi(V_reset)
                let overlap = if i == j || t_ref_ms == 0.0 {
                    Complex64::ONE
                } else {
                    (by_refractory_ms.exp() - 1.0) / by_refractory_ms
                };
                let size: f64 = terms.iter().map(|term| term.norm()).sum();
                let product: Complex64 = terms.iter().sum::<Complex64>() + one.refractory_product * overlap;
                let error = (product - if i == j { 1.0 } else { 0.0 }).norm() / size.max(1.0);
                assert!(error < 1e-9, "{name} {mean_mv} {std_mv} {i} {j}: {product} of {size}");
            }
            let masses = || one.right_per_mv.iter().zip(&one.width_mv).map(|(p, width)| p * *width);
            let all: Complex64 = masses().sum::<Complex64>() + one.refractory;
            let size: f64 = masses().map(|mass| mass.norm()).sum();
            // modes but the stationary one move neurons, and neither make nor lose any
            assert!(i == 0 || all.norm() < 1e-8 * size, "{name} {i}: {all} of {size}");
        }
    }
}
