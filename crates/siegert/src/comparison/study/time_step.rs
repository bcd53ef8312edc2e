//! The same comparison at dt, dt/2 and dt/4, and what the simulation tends to without a time step.

use serde::{Deserialize, Serialize};

use super::runs::{Prediction, Simulates, StateChoice, StateRun, UntilStopped, run_until_stopped};
use crate::Warning;
use crate::comparison::{
    ComparedQuantity, MeasuredValue, Outcome, PopulationComparison, QuantityComparison, StateComparison, grid_power,
    without_grid,
};
use crate::network::Network;
use crate::number::significant;
use crate::simulation::{Run, SimulationOptions};

/// Runs at smaller time steps, and the limit of all.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct TimeStepStudy {
    /// Power of dt with which the grid's share goes to 0.
    pub power: f64,
    /// At dt/2 and dt/4; fewer if the study was stopped.
    pub finer: Vec<FinerRun>,
    /// What the quantities tend to.
    pub limits: Vec<TimeStepLimit>,
}

/// The comparison at one time step.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct FinerRun {
    /// The step.
    pub dt_ms: f64,
    /// Number of the state, from 1.
    pub state: usize,
    /// Where the simulation was.
    #[serde(flatten)]
    pub outcome: Outcome,
    /// Theory beside simulation.
    pub populations: Vec<PopulationComparison>,
    /// What was rounded or assumed.
    pub warnings: Vec<Warning>,
}

/// What a quantity of a population tends to.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct TimeStepLimit {
    /// The population.
    pub population: String,
    /// The quantity.
    pub quantity: ComparedQuantity,
    /// In theory.
    pub theory: Option<f64>,
    /// As simulated, without a time step.
    pub extrapolated: Option<MeasuredValue>,
    /// 100 (theory - extrapolated) / extrapolated.
    pub deviation_percent: Option<f64>,
    /// The same in standard errors.
    pub z: Option<f64>,
}

/// Quantities that are extrapolated.
const EXTRAPOLATED: [ComparedQuantity; 2] = [ComparedQuantity::Rate, ComparedQuantity::Cv];

impl FinerRun {
    /// A comparison with the run that it is with, and what is to be said of that.
    pub fn new(comparison: &StateComparison, run: &Run, warnings: &[Warning]) -> Self {
        FinerRun {
            dt_ms: run.dt_ms,
            state: comparison.state,
            outcome: comparison.outcome,
            populations: comparison.populations.clone(),
            warnings: warnings.to_vec(),
        }
    }
}

impl From<&StateRun> for FinerRun {
    fn from(run: &StateRun) -> Self {
        FinerRun::new(&run.comparison, &run.simulation.run, &run.simulation.warnings)
    }
}

impl TimeStepStudy {
    /// Runs the two finer steps; what fails ends the study, and keeps what is done. The message is there if it was stopped.
    pub fn new<S: Simulates>(
        by: &mut S,
        (network, options): (&Network, &SimulationOptions),
        prediction: &Prediction,
        (choice, first): (StateChoice, &StateRun),
    ) -> UntilStopped<Self> {
        let mut finer = Vec::new();
        let mut stopped = None;
        for parts in [2.0, 4.0] {
            if stopped.is_some() {
                break;
            }
            let dt_ms = options.dt_ms / parts;
            let place = format!("dt = {} ms", significant(dt_ms, 6));
            by.remark(&format!("simulating with {place}"));
            let options = SimulationOptions { dt_ms, ..options.clone() };
            match run_until_stopped(by, (network, &options), prediction, choice) {
                Ok((run, None)) => finer.extend(run.as_ref().map(FinerRun::from)),
                Ok((_, message)) => stopped = message,
                Err(error) => stopped = Some(format!("{place}: {error}")),
            }
        }
        let power = grid_power(prediction.theory.map(), &first.comparison.fixed_point.rates_hz());
        (TimeStepStudy::of(&first.into(), finer, power), stopped)
    }

    /// The limit of runs that are there.
    pub fn of(first: &FinerRun, finer: Vec<FinerRun>, power: f64) -> Self {
        let limits = limits(first, &finer, power);
        TimeStepStudy { power, finer, limits }
    }
}

/// Of the theory from a value, in percent of it where it is beyond its own error, and in standard errors.
pub(crate) fn deviation(theory: Option<f64>, simulation: Option<MeasuredValue>) -> (Option<f64>, Option<f64>) {
    let Some((theory, at)) = theory.zip(simulation) else { return (None, None) };
    let difference = theory - at.value;
    let told = at.value.abs() > at.standard_error;
    let z = (at.standard_error > 0.0).then(|| difference / at.standard_error);
    (told.then(|| 100.0 * difference / at.value.abs()), z)
}

/// A quantity of a population in a run.
pub(crate) fn row<'a>(
    run: &'a FinerRun,
    population: &str,
    quantity: ComparedQuantity,
) -> Option<&'a QuantityComparison> {
    run.populations.iter().find(|of| of.name == population)?.row(quantity)
}

fn limits(first: &FinerRun, finer: &[FinerRun], power: f64) -> Vec<TimeStepLimit> {
    let populations = first.populations.iter();
    let each = populations.flat_map(|population| EXTRAPOLATED.map(|quantity| (population, quantity)));
    each.map(|(population, quantity)| {
        let measured = |run: &FinerRun| {
            let row = row(run, &population.name, quantity)?;
            let (value, standard_error) = (row.simulation?, row.standard_error?);
            Some((run.dt_ms, MeasuredValue { value, standard_error }))
        };
        let points: Vec<(f64, MeasuredValue)> = std::iter::once(first).chain(finer).filter_map(measured).collect();
        let theory = row(first, &population.name, quantity).and_then(|row| row.theory);
        let extrapolated = without_grid(&points, power);
        let (deviation_percent, z) = deviation(theory, extrapolated);
        TimeStepLimit { population: population.name.clone(), quantity, theory, extrapolated, deviation_percent, z }
    })
    .collect()
}
