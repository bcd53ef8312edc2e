//! Every characteristic root of a network to the right of a line: what it does by itself around a stationary state.
//!
//! ```text
//! f(lambda) = det(diag(renewal) - N(lambda)) = prod renewal_a det(1 - W(lambda)) = 0
//! ```
//!
//! `f` has poles where `u(b) = 0` (`neuron::lif`), which are taken from it where its zeros are counted; others lie far to the left. So its zeros in a rectangle are counted before they are looked for (`numerics::contour`). The rectangle is so high, and so wide to the right, that all outside it is damped: there
//! the largest eigenvalue of the absolute values of `W` stays below 1, so that `W` has no eigenvalue 1. Where nothing is found to the right of the imaginary axis the line moves to the left until something is, so that the slowest mode is told as well.
//!
//! Populations that are alike can differ in a mode of their own, which goes round no loop and decays as the density of an uncoupled neuron does: `f` has these roots, too.
//!
//! Source: Brunel (2000), J Comput Neurosci 8:183, eq. 44; the count is the argument principle.
//! Accuracy: growth and frequency 1e-9 of the modulus (against 12 digits, at 5 % below and above the critical delay).

use num_complex::Complex64;
use serde::{Deserialize, Serialize};

use super::connectivity::{EffectiveConnectivity, Rows};
use crate::numerics::contour::{Rectangle, Zeros, zeros};
use crate::numerics::linear::ComplexMatrix;
use crate::work::{Cancelled, Work};

/// Lines that are tried, in 1/ms, until there is a root to the right of one.
const LINES_PER_MS: [f64; 6] = [0.0, -0.02, -0.05, -0.1, -0.2, -0.4];
/// How far to the left of the imaginary axis a line stands that is meant to be it, so that a fold lies on no edge.
const BESIDE_PER_MS: f64 = 1e-7;
/// The same for lines to the left, as a part of their distance: densities of neurons with round time constants decay at round rates, and an edge does not go through such a root.
const PART_BESIDE: f64 = 0.0043;
/// Where nothing grows, slow modes are looked for up to this angular frequency, 1 kHz: delta synapses make a chain of damped modes at all multiples of the inverse delay.
const SHOWN_PER_MS: f64 = std::f64::consts::TAU;
/// The highest frequency that is looked at, and the least height and width of a rectangle, in 1/ms.
const HIGHEST_PER_MS: f64 = 125.0;
const LEAST_PER_MS: f64 = 1.0;
/// Places in each octave where it is seen whether modulations are damped.
const PER_OCTAVE: i32 = 8;
/// Steps of the power method.
const POWERS: usize = 60;

/// One root.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct CharacteristicRoot {
    /// Growth; negative for decay.
    pub growth_per_s: f64,
    /// Frequency; 0 for a real root.
    pub frequency_hz: f64,
    /// The part that each population has in it: the modulus of its rate's modulation, all together 1.
    pub participation: Vec<f64>,
    /// Phase of that modulation in degrees, relative to the largest.
    pub phase_deg: Vec<f64>,
}

/// The roots of a network to the right of a line, rightmost first; of a pair the one with positive frequency.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct CharacteristicRoots {
    /// The roots.
    pub roots: Vec<CharacteristicRoot>,
    /// The line: all roots that grow faster, and oscillate more slowly than `highest_hz`, are listed.
    pub line_per_s: f64,
    /// The highest frequency of the rectangle in which they were counted.
    pub highest_hz: f64,
    /// The highest frequency up to which modes that grow were counted: beyond it everything is damped, but where all noise comes from the network itself.
    pub growing_up_to_hz: f64,
    /// Whether they are as many as were counted.
    pub complete: bool,
}

impl CharacteristicRoot {
    /// Growth and angular frequency in 1/ms.
    pub fn lambda_per_ms(&self) -> Complex64 {
        Complex64::new(self.growth_per_s, std::f64::consts::TAU * self.frequency_hz) / 1000.0
    }
}

impl CharacteristicRoots {
    /// Of a network in a state.
    ///
    /// # Errors
    ///
    /// `work` was cancelled.
    pub fn of(connectivity: &EffectiveConnectivity, work: &Work) -> Result<Self, Cancelled> {
        Self::down_to(connectivity, f64::NEG_INFINITY, work)
    }

    /// The same without looking for modes that decay faster than this growth, per s: quicker where it is known that nothing grows.
    ///
    /// # Errors
    ///
    /// `work` was cancelled.
    pub fn down_to(connectivity: &EffectiveConnectivity, least_per_s: f64, work: &Work) -> Result<Self, Cancelled> {
        let least = connectivity.least_growth_per_ms().max(1e-3 * least_per_s);
        let mut found = None;
        let mut growing_up_to_hz = 0.0;
        for line in LINES_PER_MS.into_iter().filter(|line| *line >= least) {
            let mut here = match line < 0.0 {
                true => Self::right_of(connectivity, line, SHOWN_PER_MS, work),
                false => Self::growing(connectivity, work),
            };
            if line == 0.0 {
                growing_up_to_hz = here.highest_hz;
            }
            here.growing_up_to_hz = growing_up_to_hz;
            work.check()?;
            let ends = !here.complete || !here.roots.is_empty();
            // what cannot be followed farther to the left does not take back what was seen
            if here.complete || found.is_none() {
                found = Some(here);
            }
            if ends {
                break;
            }
        }
        Ok(found.unwrap_or_else(|| Self::right_of(connectivity, 0.0, HIGHEST_PER_MS, work)))
    }

    /// Those that grow alone.
    pub(super) fn growing(connectivity: &EffectiveConnectivity, work: &Work) -> Self {
        let all = Self::right_of(connectivity, 0.0, HIGHEST_PER_MS, work);
        // where all noise comes from the network, the chain that delta synapses make comes ever nearer to the line
        if all.complete { all } else { Self::growing_slowly(connectivity, work) }
    }

    /// Those of them that oscillate at up to 1 kHz.
    pub(super) fn growing_slowly(connectivity: &EffectiveConnectivity, work: &Work) -> Self {
        Self::right_of(connectivity, 0.0, SHOWN_PER_MS, work)
    }

    /// To the right of a line in 1/ms.
    fn right_of(connectivity: &EffectiveConnectivity, line_per_ms: f64, highest_per_ms: f64, work: &Work) -> Self {
        let left = line_per_ms * (1.0 + PART_BESIDE) - BESIDE_PER_MS;
        let along =
            |place: fn(f64, f64) -> Complex64| damped_from(|by| largest(&connectivity.coupling(place(left, by))));
        let top = along(Complex64::new).min(highest_per_ms);
        let right = along(|left, by| Complex64::new(left + by, 0.0));
        let rectangle = Rectangle { left, right: left + right, top, steps: connectivity.steps_per_ms() };
        // who has stopped waits for nothing: no number ends every search at once
        let f = |lambda: Complex64| match work.is_cancelled() {
            true => Complex64::new(f64::NAN, f64::NAN),
            false => characteristic(&connectivity.rows(lambda)).determinant(),
        };
        let counted = |lambda: Complex64| f(lambda) * connectivity.direction(lambda);
        let Zeros { values, complete } = zeros(&counted, &f, rectangle, &[]);
        let root = |lambda: &Complex64| {
            let mode = characteristic(&connectivity.rows(*lambda)).nearly_null();
            let all: f64 = mode.iter().map(|x| x.norm()).sum();
            CharacteristicRoot {
                growth_per_s: 1000.0 * lambda.re,
                frequency_hz: 1000.0 * lambda.im / std::f64::consts::TAU,
                participation: mode.iter().map(|x| x.norm() / all).collect(),
                phase_deg: mode.iter().map(|x| x.arg().to_degrees()).collect(),
            }
        };
        CharacteristicRoots {
            roots: values.iter().map(root).collect(),
            line_per_s: 1000.0 * line_per_ms,
            highest_hz: 1000.0 * top / std::f64::consts::TAU,
            growing_up_to_hz: 1000.0 * top / std::f64::consts::TAU,
            complete,
        }
    }

    /// Whether nothing grows; `None` where not all roots were found.
    pub fn stable(&self) -> Option<bool> {
        let grows = self.roots.first().is_some_and(|root| root.growth_per_s >= 0.0);
        if grows { Some(false) } else { self.complete.then_some(true) }
    }

    /// The frequency at which the network begins to oscillate: of the fastest growing root, if that is none of a real root.
    pub fn oscillation_hz(&self) -> Option<f64> {
        let first = self.roots.first().filter(|root| root.growth_per_s >= 0.0)?;
        (first.frequency_hz > 0.0).then_some(first.frequency_hz)
    }
}

/// `diag(renewal) - N`.
pub(super) fn characteristic(rows: &Rows) -> ComplexMatrix {
    let Rows { renewals, numerators } = rows;
    let n = renewals.len();
    let mut matrix = ComplexMatrix::zeros(n);
    for a in 0..n {
        for b in 0..n {
            matrix[(a, b)] = if a == b { renewals[a] } else { Complex64::ZERO } - numerators[(a, b)];
        }
    }
    matrix
}

/// The largest eigenvalue of the absolute values of a matrix, which none of its own exceeds.
fn largest(matrix: &ComplexMatrix) -> f64 {
    let n = matrix.len();
    let sizes: Vec<Vec<f64>> = (0..n).map(|a| (0..n).map(|b| matrix[(a, b)].norm()).collect()).collect();
    let mut x = vec![1.0; n];
    let mut largest = 0.0;
    for _ in 0..POWERS {
        let next: Vec<f64> = sizes.iter().map(|row| row.iter().zip(&x).map(|(a, x)| a * x).sum()).collect();
        let size = next.iter().copied().fold(0.0, f64::max);
        if size == 0.0 {
            return 0.0;
        }
        let before = std::mem::replace(&mut largest, size);
        x = next.iter().map(|next| next / size).collect();
        if (largest - before).abs() < 1e-3 * largest {
            break;
        }
    }
    // a bound from the last step but one, had it not ended
    largest * 1.01
}

/// From where on modulations stay damped: the last place, from low to high, where `largest` is not below 1; at most the highest.
fn damped_from(largest: impl Fn(f64) -> f64) -> f64 {
    let octaves = (HIGHEST_PER_MS / LEAST_PER_MS).log2();
    let places = (octaves * f64::from(PER_OCTAVE)).ceil() as i32;
    let place = |k: i32| LEAST_PER_MS * 2f64.powf(f64::from(k) / f64::from(PER_OCTAVE));
    let last = (0..=places).rev().find(|k| largest(place(*k)) >= 1.0);
    last.map_or(LEAST_PER_MS, |k| place(k + 1).min(HIGHEST_PER_MS))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::measured::{Worst, number, table};
    use crate::testing::TestNetwork;
    use crate::theory::{Theory, TheoryOptions};

    const ACCURACY: f64 = 1e-9;

    /// Halfway between reset and threshold a density decays at -2, -4, -6 ... over its time constant: on the lines themselves.
    #[test]
    fn a_root_on_a_line_is_found() {
        for (tau_m, growth_per_s) in [("20 ms", -100.0), ("10 ms", -200.0), ("40 ms", -50.0)] {
            let network =
                TestNetwork::one_population(100).neuron("t_ref", "0 ms").neuron("tau_m", tau_m).noise("A", 15.0, 5.0);
            let network = network.read();
            let found = roots(&network);
            assert!(found.complete, "{tau_m}: {found:?}");
            assert!((found.roots[0].growth_per_s / growth_per_s - 1.0).abs() < ACCURACY, "{tau_m}: {found:?}");
        }
    }

    /// One inhibitory population at 5 % below and above the delay at which it begins to oscillate.
    #[test]
    fn growth_and_frequency_beside_the_critical_delay_are_those_of_the_reference() {
        let mut worst = Worst::default();
        for row in table("brunel_stability") {
            let text = format!(
                "[neurons.n]\nmodel = \"lif\"\ntau_m = \"{} ms\"\nt_ref = \"{} ms\"\nE_L = \"0 mV\"\nV_th = \"{} mV\"\nV_reset = \"{} mV\"\n\
                 [synapses.d]\nkind = \"delta\"\n[populations.I]\nsize = 10000\nneuron = \"n\"\n\
                 [[projections]]\nfrom = \"I\"\nto = \"I\"\nin_degree = {}\nweight = \"-{} mV\"\nsynapse = \"d\"\ndelay = \"{} ms\"\n\
                 [[drives]]\nto = \"I\"\nkind = \"noise\"\nmean = \"{} mV\"\nstd = \"{} mV\"\n",
                row["tau_m_ms"],
                row["t_ref_ms"],
                row["V_th_mv"],
                row["V_reset_mv"],
                row["in_degree"],
                row["J_mv"],
                row["delay_ms"],
                row["mu_ext_mv"],
                row["sigma_ext_mv"],
            );
            let network = crate::testing::read(&text);
            let found = roots(&network);
            assert!(found.complete, "{row:?}: {found:?}");
            let growth = number(&row, "growth_per_s");
            assert_eq!(found.stable(), Some(growth < 0.0), "{row:?}: {found:?}");
            let expected = Complex64::new(growth, std::f64::consts::TAU * number(&row, "frequency_hz"));
            let distance = |root: &CharacteristicRoot| {
                (Complex64::new(root.growth_per_s, std::f64::consts::TAU * root.frequency_hz) - expected).norm()
            };
            let nearest = found.roots.iter().map(distance).fold(f64::INFINITY, f64::min);
            worst.add(nearest / expected.norm(), &row);
        }
        worst.must_be_at_most(ACCURACY);
    }

    /// By a second program with 25 digits; of the chain that delta synapses make the first is meant.
    #[test]
    fn the_states_of_brunel_have_the_modes_of_the_reference() {
        for (g, eta, growth, frequency) in [
            ("6", "4", 51.497607920624446, 190.20921707058415),
            ("5", "2", -134.8776901326254, 124.27564005005671),
            ("4.5", "0.9", 7.9301870832520445, 28.995501519858937),
        ] {
            let network = crate::testing::brunel(&[("g", g), ("eta", eta)]);
            let found = roots(&network);
            assert!(found.complete && found.stable() == Some(growth < 0.0), "{g} {eta}: {found:?}");
            let first = &found.roots[0];
            assert!((first.growth_per_s / growth - 1.0).abs() < 1e-9, "{g} {eta}: {found:?}");
            assert!((first.frequency_hz / frequency - 1.0).abs() < 1e-10, "{g} {eta}: {found:?}");
        }
        // neurons that fire like clocks, at 327 Hz: a mode at twice their rate, near the inverse of the delay
        let regular = roots(&crate::testing::brunel(&[("g", "3"), ("eta", "2")]));
        assert!(regular.complete && regular.roots.len() == 1, "{regular:?}");
        assert!((regular.roots[0].frequency_hz / 660.6 - 1.0).abs() < 1e-3, "{regular:?}");
    }

    fn connectivity(network: &crate::network::Network) -> EffectiveConnectivity {
        let theory = Theory::new(network, &TheoryOptions::default()).unwrap();
        let state = theory.solve().unwrap();
        EffectiveConnectivity::new(network, theory.map(), &state).unwrap()
    }

    fn roots(network: &crate::network::Network) -> CharacteristicRoots {
        CharacteristicRoots::of(&connectivity(network), &Work::default()).unwrap()
    }

    /// Modes that grow and modes that decay, to the left of poles of the uncoupled neurons as well.
    #[test]
    fn the_general_solver_counts_and_finds_the_same_modes_as_the_closed_form() {
        for (g, eta) in [("6", "4"), ("5", "2"), ("4.5", "0.9")] {
            let network = crate::testing::brunel(&[("g", g), ("eta", eta)]);
            let [closed, solved] = [connectivity(&network), connectivity(&network).by_the_general_solver()]
                .map(|it| CharacteristicRoots::of(&it, &Work::default()).unwrap());
            assert!(solved.complete && solved.roots.len() == closed.roots.len(), "{g} {eta}: {solved:?}");
            for (a, b) in closed.roots.iter().zip(&solved.roots) {
                assert!((a.growth_per_s - b.growth_per_s).abs() < 1e-7, "{a:?} {b:?}");
                assert!((a.frequency_hz - b.frequency_hz).abs() < 1e-7, "{a:?} {b:?}");
            }
        }
    }

    #[test]
    fn networks_of_every_neuron_are_looked_through() {
        for model in ["eif", "qif", "adex", "perfect"] {
            let text = format!(
                "[neurons.n]\nmodel = \"{model}\"\ntau_m = \"20 ms\"\nt_ref = \"2 ms\"\nE_L = \"-65 mV\"\nV_th = \"-50 mV\"\nV_reset = \"-60 mV\"\n{}\
                 [synapses.d]\nkind = \"delta\"\n[populations.I]\nsize = 10000\nneuron = \"n\"\n\
                 [[projections]]\nfrom = \"I\"\nto = \"I\"\nin_degree = 1000\nweight = \"-0.1 mV\"\nsynapse = \"d\"\ndelay = \"2 ms\"\n\
                 [[drives]]\nto = \"I\"\nkind = \"noise\"\nmean = \"60 mV\"\nstd = \"3 mV\"\n",
                match model {
                    "perfect" => "",
                    "adex" =>
                        "Delta_T = \"2 mV\"\nV_peak = \"-30 mV\"\na = \"0 nS\"\nb = \"5 pA\"\ntau_w = \"100 ms\"\nC_m = \"200 pF\"\n",
                    _ => "Delta_T = \"2 mV\"\nV_peak = \"-30 mV\"\n",
                }
            );
            let found = roots(&crate::testing::read(&text));
            assert!(found.complete, "{model}: {found:?}");
        }
    }

    /// Its neurons hear nothing but each other and a constant current, so that modulations of their noise are damped at no frequency.
    #[test]
    fn modes_of_a_network_that_makes_all_its_noise_are_counted_up_to_twenty_kilohertz() {
        let found = roots(&crate::testing::open("ostojic2014", None, &[]));
        assert!(found.complete && found.stable() == Some(true) && found.growing_up_to_hz > 1000.0, "{found:?}");
    }

    #[test]
    fn populations_that_hardly_ever_fire_take_part_in_no_mode() {
        let network = crate::testing::open("brunel2000", Some("bistable"), &[]);
        let theory = Theory::new(&network, &TheoryOptions::default()).unwrap();
        let states = theory.states().unwrap().states;
        let connectivity = EffectiveConnectivity::new(&network, theory.map(), &states[0]).unwrap();
        assert!(states[0].rates_hz()[0] < 1e-6, "{:?}", states[0].rates_hz());
        let found = CharacteristicRoots::of(&connectivity, &Work::default()).unwrap();
        assert!(found.complete && found.stable() == Some(true) && found.roots.is_empty(), "{found:?}");
        let work = Work::default();
        work.cancel();
        assert_eq!(CharacteristicRoots::of(&connectivity, &work), Err(Cancelled));
    }

    /// The determinant turns many times along a long edge: by a whole turn between two places the count would be wrong.
    #[test]
    fn long_delays_hide_no_mode_and_make_none_up() {
        for (delay, growth, frequency) in [("3.557 ms", 0.0, 0.0), ("5.22107 ms", 0.0, 57.6)] {
            let found = roots(&crate::testing::brunel(&[("delay", delay)]));
            assert!(found.complete, "{delay}: {found:?}");
            for root in &found.roots {
                assert!(root.frequency_hz < 1000.0, "{delay}: {found:?}");
            }
            assert_eq!(found.stable(), Some(frequency == 0.0), "{delay}: {found:?}");
            if frequency > 0.0 {
                assert!((found.roots[0].frequency_hz - frequency).abs() < 0.1, "{delay}: {found:?}");
                assert!(found.roots[0].growth_per_s > growth, "{delay}: {found:?}");
            }
        }
    }

    /// Neurons that fire rarely turn the determinant fast at low frequencies.
    #[test]
    fn slow_neurons_make_no_mode_up() {
        for (g, eta) in [("4.45", "1.03"), ("4.4", "1.02"), ("5.67", "0.9")] {
            let found = roots(&crate::testing::brunel(&[("g", g), ("eta", eta)]));
            assert!(found.complete, "{g} {eta}: {found:?}");
        }
    }

    #[test]
    fn neurons_that_hear_nothing_of_each_other_stay_in_their_state() {
        let found = roots(&TestNetwork::one_population(1000).noise("A", 18.0, 5.0).read());
        assert!(found.complete && found.stable() == Some(true), "{found:?}");
    }
}
