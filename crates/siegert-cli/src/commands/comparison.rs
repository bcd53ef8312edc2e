//! Theory beside simulation, population by population.

use serde::Serialize;
use siegert::stationary::PopulationState;

use crate::library::{PopulationActivity, Simulation, Solution};
use crate::nearest::nearest_state;
use crate::number::decimals;
use crate::output::text::{Align, aligned};

/// A stationary state beside a simulation.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub(super) struct Comparison {
    /// Number of the state, from 1: the one whose rates are nearest.
    pub(super) state: usize,
    populations: Vec<ComparedPopulation>,
}

#[derive(Clone, Debug, PartialEq, Serialize)]
struct ComparedPopulation {
    name: String,
    quantities: Vec<ComparedQuantity>,
}

/// A number of the theory beside the one measured.
#[derive(Clone, Debug, PartialEq, Serialize)]
struct ComparedQuantity {
    quantity: &'static str,
    theory: Option<f64>,
    simulation: Option<f64>,
    /// Of the simulation.
    standard_error: Option<f64>,
    /// 100 (theory - simulation) / simulation.
    deviation_percent: Option<f64>,
    /// (theory - simulation) / standard error.
    z: Option<f64>,
}

impl Comparison {
    /// The state nearest to the simulation, a stable one if there is one; none where there is no state.
    pub(super) fn new(solution: &Solution, simulation: &Simulation) -> Option<Self> {
        let index = nearest_state(&solution.fixed_points, simulation)?;
        let state = &solution.fixed_points[index];
        let pairs = state.populations.iter().zip(&simulation.populations);
        let populations = pairs.map(|(theory, measured)| ComparedPopulation {
            name: theory.name.clone(),
            quantities: quantities(theory, measured),
        });
        Some(Comparison { state: index + 1, populations: populations.collect() })
    }

    /// The table for people: four lines a population.
    pub(super) fn text(&self) -> String {
        let header = [
            ("population", Align::Left),
            ("quantity", Align::Left),
            ("theory", Align::Right),
            ("simulation", Align::Right),
            ("error", Align::Right),
            ("deviation", Align::Right),
        ];
        let rows = self.populations.iter().flat_map(|population| {
            population.quantities.iter().enumerate().map(|(index, quantity)| {
                let name = if index == 0 { population.name.clone() } else { String::new() };
                quantity.line(name)
            })
        });
        aligned(&header, rows)
    }
}

fn quantities(theory: &PopulationState, measured: &PopulationActivity) -> Vec<ComparedQuantity> {
    let input = measured.input.as_ref();
    // of the mean over neurons, as if they were independent
    let cv_error = measured.cv_std.map(|std| std / (measured.cv_neurons as f64).sqrt());
    vec![
        ComparedQuantity::new(
            "rate_hz",
            Some(theory.rate_hz),
            (measured.size > 0).then_some(measured.rate_hz),
            measured.rate_standard_error_hz,
        ),
        ComparedQuantity::new("cv", theory.cv, measured.cv, cv_error),
        ComparedQuantity::new("mean_input_mv", Some(theory.mean_input_mv), input.map(|input| input.mean_mv), None),
        ComparedQuantity::new("std_input_mv", Some(theory.std_input_mv), input.map(|input| input.std_mv), None),
    ]
}

impl ComparedQuantity {
    fn new(quantity: &'static str, theory: Option<f64>, simulation: Option<f64>, standard_error: Option<f64>) -> Self {
        let difference = theory.zip(simulation).map(|(theory, simulation)| theory - simulation);
        let over = |unit: Option<f64>| {
            difference.zip(unit.filter(|&unit| unit != 0.0)).map(|(difference, unit)| difference / unit)
        };
        ComparedQuantity {
            quantity,
            theory,
            simulation,
            standard_error: standard_error.filter(|_| simulation.is_some()),
            deviation_percent: over(simulation).map(|deviation| 100.0 * deviation),
            z: over(standard_error),
        }
    }

    fn line(&self, population: String) -> Vec<String> {
        let name = match self.quantity {
            "rate_hz" => "rate (Hz)",
            "cv" => "CV",
            "mean_input_mv" => "mean input (mV)",
            _ => "std input (mV)",
        };
        let sign = |deviation: f64| format!("{deviation:+.1} %");
        vec![
            population,
            name.to_string(),
            decimals(self.theory, 3),
            decimals(self.simulation, 3),
            self.standard_error.map_or(String::new(), |error| format!("± {}", decimals(Some(error), 3))),
            self.deviation_percent.map_or("-".to_string(), sign),
        ]
    }
}

#[cfg(test)]
mod tests {
    use siegert::stationary::{FixedPoint, Method, Search, Validity};

    use super::*;
    use crate::commands::simulate::made_up::{population, simulation};

    fn state(stable: bool, rates_hz: [f64; 2]) -> FixedPoint {
        let population = |(name, rate_hz): (&str, f64)| PopulationState {
            name: name.to_string(),
            rate_hz,
            log10_rate_hz: Some(rate_hz.log10()),
            mean_input_mv: 21.0,
            std_input_mv: 7.6,
            cv: Some(0.55),
            validity: Validity::default(),
        };
        FixedPoint {
            stable,
            rate_eigenvalues_per_s: Vec::new(),
            index: 1,
            residual: 0.0,
            method: Method::Newton,
            iterations: 1,
            verdict: siegert::trust::Verdict::default(),
            populations: ["E", "I"].into_iter().zip(rates_hz).map(population).collect(),
        }
    }

    fn solution(states: Vec<FixedPoint>) -> Solution {
        Solution {
            network: "made up".to_string(),
            parameters: Vec::new(),
            fixed_points: states,
            search: Search::default(),
            warnings: Vec::new(),
        }
    }

    #[test]
    fn theory_and_simulation_stand_side_by_side() {
        let simulation = simulation(vec![population("E", 100, 40.0), population("I", 25, 0.0)]);
        let comparison = Comparison::new(&solution(vec![state(true, [41.0, 38.0])]), &simulation).unwrap();
        let rows: Vec<Vec<String>> =
            comparison.text().lines().map(|line| line.split_whitespace().map(str::to_string).collect()).collect();
        let line = |number: usize| rows[number].join(" ");
        assert_eq!(line(2), "E rate (Hz) 41.000 40.000 ± 0.250 +2.5 %");
        // error 0.2 / sqrt(100)
        assert_eq!(line(3), "CV 0.550 0.500 ± 0.020 +10.0 %");
        assert_eq!(line(4), "mean input (mV) 21.000 20.000 +5.0 %");
        assert_eq!(line(5), "std input (mV) 7.600 8.000 -5.0 %");
        assert_eq!(line(6), "I rate (Hz) 38.000 0.000 -");
        assert_eq!(line(7), "CV 0.550 - -");
        let json = serde_json::to_value(&comparison).unwrap();
        let rate = &json["populations"][0]["quantities"][0];
        assert_eq!(
            (&rate["quantity"], &rate["z"], &rate["deviation_percent"]),
            (&"rate_hz".into(), &4.0.into(), &2.5.into())
        );
    }

    #[test]
    fn the_simulation_stands_beside_the_nearest_stable_state() {
        let simulation = simulation(vec![population("E", 100, 6.6), population("I", 25, 6.6)]);
        let states = vec![state(true, [1e-9, 1e-9]), state(false, [6.6, 6.6]), state(true, [20.0, 20.0])];
        assert_eq!(Comparison::new(&solution(states.clone()), &simulation).unwrap().state, 3);
        let unstable = states.into_iter().map(|state| FixedPoint { stable: false, ..state }).collect();
        assert_eq!(Comparison::new(&solution(unstable), &simulation).unwrap().state, 2);
        assert_eq!(Comparison::new(&solution(Vec::new()), &simulation), None);
    }
}
