//! Where the numbers of the list `quantities` are taken from: a stationary state of the theory, or a simulated population.
//!
//! ```
//! use siegert::network::{ReadOptions, open};
//! use siegert::report::Quantity;
//! use siegert::theory::{Theory, TheoryOptions};
//!
//! let network = open("brunel2000", &ReadOptions::default())?;
//! let solution = Theory::new(&network, &TheoryOptions::default())?.solution()?;
//! let rate = Quantity::find("rate").unwrap(); // or "rate_hz"
//! assert_eq!((rate.name(), rate.unit()), ("rate_hz", "Hz"));
//! assert!((rate.of_population(&solution.fixed_points[0], 0).unwrap() - 37.9497).abs() < 1e-4);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

use std::cell::OnceCell;

use crate::network::Network;
use crate::quantities::with_all_quantities;
pub use crate::quantities::{NAMED, Named, Scope};
use crate::simulation::PopulationActivity;
use crate::stationary::{Eigenvalue, RateMap, State, TargetQuantity, cv};
use crate::theory::{FixedPoint, ShuntedMembrane, conductances};
use crate::transfer::Input;
use crate::trust::{Validity, validities};

/// The numbers of a stationary state, each computed when it is asked for, if it is not known.
pub trait StateNumbers {
    /// Rate of population `a`; 0 where it underflows.
    fn rate_hz(&self, a: usize) -> f64;
    /// Its decadic logarithm; minus infinity for a rate that is exactly 0.
    fn log10_rate_hz(&self, a: usize) -> f64;
    /// `mu`.
    fn mean_input_mv(&self, a: usize) -> f64;
    /// `sigma`.
    fn std_input_mv(&self, a: usize) -> f64;
    /// CV of the interspike intervals.
    fn cv(&self, a: usize) -> Option<f64>;
    /// `(V_th - mu) / sigma`; `None` without noise.
    fn distance_to_threshold_over_sigma(&self, a: usize) -> Option<f64>;
    /// What conductances make of the membrane; `None` without any.
    fn conductances(&self, a: usize) -> Option<ShuntedMembrane>;
    /// The assumptions of the theory as measured numbers.
    fn validity(&self, a: usize) -> &Validity;
    /// Sign of `det(1 - D Phi)`.
    fn index(&self) -> i8;
    /// Its permutations.
    fn multiplicity(&self) -> u64;
    /// Relative error with which the equations are solved.
    fn residual(&self) -> f64;
    /// The rightmost eigenvalue of the rate dynamics.
    fn rightmost(&self) -> Option<Eigenvalue>;
}

type OfState = fn(&dyn StateNumbers) -> Option<f64>;
type OfPopulation = fn(&dyn StateNumbers, usize) -> Option<f64>;
type Simulated = fn(&PopulationActivity) -> Option<f64>;

/// An entry of the list.
#[derive(Clone, Copy, Debug)]
pub struct Quantity {
    named: &'static Named,
    taken: Taken,
}

/// Where a quantity is taken from.
#[derive(Clone, Copy, Debug)]
struct Taken {
    /// Whether its values are whole numbers.
    whole: bool,
    of_state: Option<OfState>,
    of_population: Option<OfPopulation>,
    simulated: Option<Simulated>,
    target: Option<TargetQuantity>,
}

const NOWHERE: Taken = Taken { whole: false, of_state: None, of_population: None, simulated: None, target: None };

macro_rules! taken {
    ($([$name:literal, $also:tt, $unit:literal, $scope:ident, $words:literal] { $($taken:tt)* })*) => {
        /// In the order of [`NAMED`].
        #[allow(clippy::needless_update, reason = "an entry may say all fields")]
        const TAKEN: &[Taken] = &[$(taken!(@one $($taken)*)),*];
    };
    (@one) => { NOWHERE };
    (@one $($field:ident: $value:expr),+ $(,)?) => { Taken { $($field: $value,)+ ..NOWHERE } };
}
with_all_quantities!(taken);

/// Two quantities are one if their names are.
impl PartialEq for Quantity {
    fn eq(&self, other: &Self) -> bool {
        self.name() == other.name()
    }
}

impl Quantity {
    /// All quantities, in the order of columns.
    pub fn all() -> impl Iterator<Item = Quantity> + Clone {
        NAMED.iter().zip(TAKEN).map(|(named, taken)| Quantity { named, taken: *taken })
    }

    /// The quantity of this name, `rate_hz`, or of which this is another name, `rate`.
    pub fn find(name: &str) -> Option<Quantity> {
        Quantity::all().find(|known| known.named.answers_to(name))
    }

    /// The quantity of this name among those for which `is_wanted` holds.
    ///
    /// # Errors
    ///
    /// What to tell one who asked for another: the nearest name, or all that there are.
    pub fn among(name: &str, is_wanted: impl Fn(&Quantity) -> bool + Clone) -> Result<Quantity, String> {
        Quantity::find(name)
            .filter(&is_wanted)
            .ok_or_else(|| crate::quantities::advice(name, Quantity::all().filter(is_wanted).map(|known| known.named)))
    }

    /// Its name, with the unit at the end: that of its column and of its key in JSON.
    pub fn name(&self) -> &'static str {
        self.named.name
    }

    /// Its unit; empty for plain numbers.
    pub fn unit(&self) -> &'static str {
        self.named.unit
    }

    /// What it is, for the middle of a sentence.
    pub fn words(&self) -> &'static str {
        self.named.words
    }

    /// What has one of it.
    pub fn scope(&self) -> Scope {
        self.named.scope
    }

    /// Whether its values are whole numbers.
    pub fn is_whole(&self) -> bool {
        self.taken.whole
    }

    /// Whether the theory knows it of a state, or of each population in a state.
    pub fn is_of_theory(&self) -> bool {
        self.taken.of_state.is_some() || self.taken.of_population.is_some()
    }

    /// Whether simulations measure it.
    pub fn is_simulated(&self) -> bool {
        self.taken.simulated.is_some()
    }

    /// What parameters can be looked for to make it as wanted (`solve --target`).
    pub fn target(&self) -> Option<TargetQuantity> {
        self.taken.target
    }

    /// Its value in a state; `None` where it is undefined, or belongs to populations.
    pub fn of_state(&self, state: &dyn StateNumbers) -> Option<f64> {
        self.taken.of_state.and_then(|of| of(state))
    }

    /// Its value for population `a` in a state; `None` where it is undefined, or belongs to the whole state.
    pub fn of_population(&self, state: &dyn StateNumbers, a: usize) -> Option<f64> {
        self.taken.of_population.and_then(|of| of(state, a)).filter(|value| !value.is_nan())
    }

    /// Its value as simulated; `None` where it is undefined, or not measured.
    pub fn simulated(&self, population: &PopulationActivity) -> Option<f64> {
        self.taken.simulated.and_then(|of| of(population))
    }
}

impl StateNumbers for FixedPoint {
    fn rate_hz(&self, a: usize) -> f64 {
        self.populations[a].rate_hz
    }

    fn log10_rate_hz(&self, a: usize) -> f64 {
        self.populations[a].log10_rate_hz.unwrap_or(f64::NEG_INFINITY)
    }

    fn mean_input_mv(&self, a: usize) -> f64 {
        self.populations[a].mean_input_mv
    }

    fn std_input_mv(&self, a: usize) -> f64 {
        self.populations[a].std_input_mv
    }

    fn cv(&self, a: usize) -> Option<f64> {
        self.populations[a].cv
    }

    fn distance_to_threshold_over_sigma(&self, a: usize) -> Option<f64> {
        self.populations[a].distance_to_threshold_over_sigma
    }

    fn conductances(&self, a: usize) -> Option<ShuntedMembrane> {
        self.populations[a].conductances
    }

    fn validity(&self, a: usize) -> &Validity {
        &self.populations[a].validity
    }

    fn index(&self) -> i8 {
        self.index
    }

    fn multiplicity(&self) -> u64 {
        self.multiplicity
    }

    fn residual(&self) -> f64 {
        self.residual
    }

    fn rightmost(&self) -> Option<Eigenvalue> {
        self.rate_eigenvalues_per_s.first().copied()
    }
}

/// A state of which the rates are known, and everything else is computed when it is asked for.
pub(crate) struct AsAsked<'a> {
    network: &'a Network,
    map: &'a RateMap,
    state: &'a State,
    rates_hz: Vec<f64>,
    inputs: OnceCell<Vec<Input>>,
    cvs: OnceCell<Vec<Option<f64>>>,
    validities: OnceCell<Vec<Validity>>,
}

impl<'a> AsAsked<'a> {
    pub(crate) fn new(network: &'a Network, map: &'a RateMap, state: &'a State) -> Self {
        let (inputs, cvs, validities) = (OnceCell::new(), OnceCell::new(), OnceCell::new());
        AsAsked { network, map, state, rates_hz: state.rates_hz(), inputs, cvs, validities }
    }

    fn inputs(&self) -> &[Input] {
        self.inputs.get_or_init(|| self.map.inputs(&self.rates_hz))
    }
}

impl StateNumbers for AsAsked<'_> {
    fn rate_hz(&self, a: usize) -> f64 {
        self.rates_hz[a]
    }

    fn log10_rate_hz(&self, a: usize) -> f64 {
        self.state.log10_rate_hz(a)
    }

    fn mean_input_mv(&self, a: usize) -> f64 {
        self.inputs()[a].mean_mv
    }

    fn std_input_mv(&self, a: usize) -> f64 {
        self.inputs()[a].std_mv
    }

    fn cv(&self, a: usize) -> Option<f64> {
        self.cvs.get_or_init(|| cv(self.map, self.inputs()))[a]
    }

    fn distance_to_threshold_over_sigma(&self, a: usize) -> Option<f64> {
        self.inputs()[a].distance_to(self.network.populations[a].neuron.V_th_mv)
    }

    fn conductances(&self, a: usize) -> Option<ShuntedMembrane> {
        conductances(self.map, a, &self.inputs()[a], &self.state.rates_hz())
    }

    fn validity(&self, a: usize) -> &Validity {
        &self.validities.get_or_init(|| validities(self.network, self.map, self.state))[a]
    }

    fn index(&self) -> i8 {
        self.state.index
    }

    fn multiplicity(&self) -> u64 {
        self.state.multiplicity
    }

    fn residual(&self) -> f64 {
        self.state.residual
    }

    fn rightmost(&self) -> Option<Eigenvalue> {
        self.state.rightmost
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::network::{ReadOptions, open};
    use crate::theory::{Theory, TheoryOptions};

    #[test]
    fn what_is_computed_as_asked_is_what_the_described_state_has() {
        for name in ["brunel2000", "potjans_diesmann2014"] {
            let network = open(name, &ReadOptions::default()).unwrap();
            let theory = Theory::new(&network, &TheoryOptions::default()).unwrap();
            let state = theory.solve().unwrap();
            let described = theory.fixed_point(&state);
            let (known, asked) = (described, AsAsked::new(&network, theory.map(), &state));
            for quantity in Quantity::all().filter(Quantity::is_of_theory) {
                match quantity.scope() {
                    Scope::State => {
                        let (one, other) = (quantity.of_state(&known), quantity.of_state(&asked));
                        let close = |(x, y): (f64, f64)| (x - y).abs() <= 1e-12 * x.abs();
                        assert!(one.zip(other).is_some_and(close), "{}: {one:?} {other:?}", quantity.name());
                    }
                    _ => (0..network.populations.len()).for_each(|a| {
                        assert_eq!(
                            quantity.of_population(&known, a),
                            quantity.of_population(&asked, a),
                            "{}",
                            quantity.name()
                        );
                    }),
                }
            }
        }
    }

    #[test]
    fn every_number_of_validity_can_be_asked_for_by_its_place_in_json() {
        let network = open("brunel2000", &ReadOptions::default()).unwrap();
        let state =
            Theory::new(&network, &TheoryOptions::default()).unwrap().solution().unwrap().fixed_points.remove(0);
        let mut numbers = 0;
        let mut check = |name: String, value: &serde_json::Value| {
            if value.is_number() || value.is_null() {
                let quantity = Quantity::find(&name).unwrap_or_else(|| panic!("{name}"));
                assert_eq!(quantity.of_population(&state, 0), value.as_f64(), "{name}");
                numbers += 1;
            }
        };
        let json = serde_json::to_value(&state.populations[0].validity).unwrap();
        for (name, value) in json.as_object().unwrap() {
            check(name.clone(), value);
            for (part, value) in value.as_object().into_iter().flatten() {
                check(format!("{name}.{part}"), value);
                for (deep, value) in value.as_object().into_iter().flatten() {
                    check(format!("{name}.{part}.{deep}"), value);
                }
            }
        }
        assert!(numbers > 30, "{numbers}");
    }

    #[test]
    fn a_name_that_is_not_wanted_here_is_answered_with_those_that_are() {
        let wanted = |known: &Quantity| known.target().is_some();
        assert_eq!(Quantity::among("rate", wanted).unwrap().name(), "rate_hz");
        assert_eq!(
            Quantity::among("fano_factor", wanted).unwrap_err(),
            "there are rate_hz, mean_input_mv, std_input_mv, cv"
        );
    }
}
