//! `--dt-study`: the same comparison at dt, dt/2 and dt/4, and what the simulation tends to without a time step.

use serde::Serialize;

use super::rows;
use super::runs::{Prediction, Session, StateChoice, StateRun};
use crate::library::{
    ComparedQuantity, MeasuredValue, Network, PopulationComparison, QuantityComparison, SimulationOptions, grid_power,
    without_grid,
};
use crate::number::{decimals, significant};
use crate::output::messages::print_remark;
use crate::output::text::{Align, aligned};

/// Runs at smaller time steps, and the limit of all.
#[derive(Debug)]
pub(crate) struct DtStudy {
    /// Power of dt with which the grid's share goes to 0.
    pub(crate) power: f64,
    /// At dt/2 and dt/4; fewer if the study was stopped.
    pub(crate) finer: Vec<StateRun>,
    pub(crate) limits: Vec<Limit>,
}

/// What a quantity of a population tends to.
#[derive(Debug, Serialize)]
pub(crate) struct Limit {
    pub(crate) population: String,
    pub(crate) quantity: ComparedQuantity,
    pub(crate) theory: Option<f64>,
    pub(crate) extrapolated: Option<MeasuredValue>,
    pub(crate) deviation_percent: Option<f64>,
    pub(crate) z: Option<f64>,
}

/// Quantities that are extrapolated.
const EXTRAPOLATED: [ComparedQuantity; 2] = [ComparedQuantity::Rate, ComparedQuantity::Cv];

impl DtStudy {
    /// Runs the two finer steps; what fails ends the study, and keeps what is done.
    pub(super) fn new(
        session: &Session<'_>,
        network: &Network,
        prediction: &Prediction,
        (choice, first): (StateChoice, &StateRun),
    ) -> (Self, Option<String>) {
        let mut finer = Vec::new();
        let mut stopped = None;
        for parts in [2.0, 4.0] {
            if stopped.is_some() {
                break;
            }
            let dt_ms = session.simulation.dt_ms / parts;
            let place = format!("dt = {} ms", significant(dt_ms, 6));
            if !session.quiet {
                print_remark(&format!("simulating with {place}"));
            }
            let options = SimulationOptions { dt_ms, ..session.simulation.clone() };
            let session = Session { simulation: &options, ..*session };
            match session.run_until_stopped(network, prediction, choice) {
                Ok((run, None)) => finer.extend(run),
                Ok((_, message)) => stopped = message,
                Err(failure) => stopped = Some(failure.about(&place).to_string()),
            }
        }
        let state = &first.comparison.fixed_point;
        (DtStudy::of(first, finer, grid_power(prediction.theory.map(), &state.rates_hz())), stopped)
    }

    /// The limit of runs that are there.
    pub(crate) fn of(first: &StateRun, finer: Vec<StateRun>, power: f64) -> Self {
        let limits = limits(first, &finer, power);
        DtStudy { power, finer, limits }
    }

    /// A table with a line a time step.
    pub(super) fn text(&self, first: &StateRun) -> String {
        let header = [
            ("population", Align::Left),
            ("quantity", Align::Left),
            ("dt (ms)", Align::Right),
            ("theory on the grid", Align::Right),
            ("simulation", Align::Right),
            ("deviation", Align::Right),
            ("errors", Align::Right),
        ];
        let mut rows = Vec::new();
        for limit in &self.limits {
            for (index, run) in std::iter::once(first).chain(&self.finer).enumerate() {
                let Some(row) = row(run, &limit.population, limit.quantity) else { continue };
                let name = if index == 0 { limit.population.clone() } else { String::new() };
                let quantity = if index == 0 { rows::words(limit.quantity) } else { "" };
                let simulation = row.simulation.zip(row.standard_error);
                let simulation = simulation.map(|(value, standard_error)| MeasuredValue { value, standard_error });
                let dt = significant(run.simulation.run.dt_ms, 6);
                rows.push(line([name, quantity.to_string(), dt], row.theory_on_grid, simulation));
            }
            let place = [String::new(), String::new(), "to 0".to_string()];
            rows.push(line(place, limit.theory, limit.extrapolated));
        }
        let law = if self.power == 1.0 { "dt" } else { "sqrt(dt)" };
        format!("Time steps, extrapolated to none in {law}\n\n{}", aligned(&header, rows.into_iter()))
    }

    pub(super) fn json(&self) -> impl Serialize {
        #[derive(Serialize)]
        struct Step<'a> {
            dt_ms: f64,
            populations: &'a [PopulationComparison],
        }
        #[derive(Serialize)]
        struct Whole<'a> {
            power: f64,
            finer: Vec<Step<'a>>,
            limits: &'a [Limit],
        }
        Whole {
            power: self.power,
            finer: self
                .finer
                .iter()
                .map(|run| Step { dt_ms: run.simulation.run.dt_ms, populations: &run.comparison.populations })
                .collect(),
            limits: &self.limits,
        }
    }
}

fn line(
    [population, quantity, dt]: [String; 3],
    theory: Option<f64>,
    simulation: Option<MeasuredValue>,
) -> Vec<String> {
    let simulated = simulation.map_or("-".to_string(), |at| {
        format!("{} ± {}", decimals(Some(at.value), 3), decimals(Some(at.standard_error), 3))
    });
    let (percent, z) = deviation(theory, simulation);
    vec![
        population,
        quantity,
        dt,
        decimals(theory, 3),
        simulated,
        percent.map_or("-".to_string(), rows::percent),
        rows::errors(z),
    ]
}

/// Of the theory from a value, in percent of it where it is beyond its own error, and in standard errors.
fn deviation(theory: Option<f64>, simulation: Option<MeasuredValue>) -> (Option<f64>, Option<f64>) {
    let Some((theory, at)) = theory.zip(simulation) else { return (None, None) };
    let difference = theory - at.value;
    let told = at.value.abs() > at.standard_error;
    let z = (at.standard_error > 0.0).then(|| difference / at.standard_error);
    (told.then(|| 100.0 * difference / at.value.abs()), z)
}

fn row<'a>(run: &'a StateRun, population: &str, quantity: ComparedQuantity) -> Option<&'a QuantityComparison> {
    run.comparison.populations.iter().find(|of| of.name == population)?.row(quantity)
}

fn limits(first: &StateRun, finer: &[StateRun], power: f64) -> Vec<Limit> {
    let populations = first.comparison.populations.iter();
    let each = populations.flat_map(|population| EXTRAPOLATED.map(|quantity| (population, quantity)));
    each.map(|(population, quantity)| {
        let measured = |run: &StateRun| {
            let row = row(run, &population.name, quantity)?;
            let (value, standard_error) = (row.simulation?, row.standard_error?);
            Some((run.simulation.run.dt_ms, MeasuredValue { value, standard_error }))
        };
        let points: Vec<(f64, MeasuredValue)> = std::iter::once(first).chain(finer).filter_map(measured).collect();
        let theory = row(first, &population.name, quantity).and_then(|row| row.theory);
        let extrapolated = without_grid(&points, power);
        let (deviation_percent, z) = deviation(theory, extrapolated);
        Limit { population: population.name.clone(), quantity, theory, extrapolated, deviation_percent, z }
    })
    .collect()
}
