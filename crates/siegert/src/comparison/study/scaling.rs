//! The same comparison at growing in-degree with J ~ 1/sqrt(K), and how deviations and correlations shrink.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};

use super::runs::{Prediction, RunError, Simulates, StateChoice, StateRun, UntilStopped, run_until_stopped};
use super::time_step::FinerRun;
use crate::comparison::{ComparedQuantity, MeasuredValue, PowerLaw, power_law};
use crate::network::Network;
use crate::number::significant;
use crate::simulation::{PopulationActivity, Run, SimulationError, SimulationOptions, accept};
use crate::stationary::TheoryOptions;
use crate::stationary::balance::{Sizes, largest_in_degree, with_in_degree};

/// Runs at several in-degrees, and the laws through them.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct ScalingStudy {
    /// Whether sizes "grow" with the in-degree or "stay".
    pub sizes: Cow<'static, str>,
    /// Ascending; fewer than asked for if the study was stopped.
    pub points: Vec<ScalingPoint>,
    /// One a population.
    pub fits: Vec<ScalingFits>,
}

/// The comparison at one in-degree.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct ScalingPoint {
    /// The largest in-degree.
    pub in_degree: f64,
    /// Neurons in all.
    pub neurons: u64,
    /// Number of the state compared, from 1: the first that the network may stay at.
    pub state: usize,
    /// What is followed over in-degrees.
    pub populations: Vec<ScaledPopulation>,
    /// The whole comparison.
    pub compared: FinerRun,
}

/// One population at one in-degree.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct ScaledPopulation {
    /// Its name.
    pub name: String,
    /// Rate in theory.
    pub theory_rate_hz: Option<f64>,
    /// Rate as simulated.
    pub rate_hz: Option<f64>,
    /// 100 (theory - simulation)/simulation of the rate.
    pub deviation_percent: Option<MeasuredValue>,
    /// The same of the theory with all corrections.
    pub corrected_deviation_percent: Option<MeasuredValue>,
    /// 100 (theory - simulation)/simulation of the CV.
    pub cv_deviation_percent: Option<MeasuredValue>,
    /// Mean correlation of spike counts in bins of 50 ms over all pairs.
    pub correlation: Option<MeasuredValue>,
    /// The same in theory, where the response of the neurons is computed.
    #[serde(default)]
    pub theory_correlation: Option<f64>,
}

/// Power laws in K of a population, their signs left aside; `None` where fewer than two values are beyond their errors.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct ScalingFits {
    /// The population.
    pub population: String,
    /// Of the rate's deviation.
    pub deviation: Option<PowerLaw>,
    /// Of the same with all corrections.
    pub corrected_deviation: Option<PowerLaw>,
    /// Of the CV's deviation.
    pub cv_deviation: Option<PowerLaw>,
    /// Of the correlation.
    pub correlation: Option<PowerLaw>,
}

/// Why in-degrees cannot be gone through.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum ScalingError {
    /// Nothing to scale.
    #[error("the network has no projections to scale")]
    NoProjections,
    /// An in-degree that the network cannot have.
    #[error("K = {}: the network cannot be scaled so far", significant(*.in_degree, 6))]
    TooFar {
        /// The in-degree.
        in_degree: f64,
    },
    /// An in-degree at which the network cannot be simulated.
    #[error("K = {}: {error}", significant(*.in_degree, 6))]
    Simulation {
        /// The in-degree.
        in_degree: f64,
        /// Why.
        error: SimulationError,
    },
}

impl ScalingStudy {
    /// Refuses in-degrees at which the network cannot be simulated, before anything runs.
    ///
    /// # Errors
    ///
    /// The first of them, and why.
    pub fn check(
        network: &Network,
        in_degrees: &[f64],
        sizes: Sizes,
        options: &SimulationOptions,
    ) -> Result<(), ScalingError> {
        if largest_in_degree(network) <= 0.0 {
            return Err(ScalingError::NoProjections);
        }
        for &in_degree in in_degrees {
            let scaled = with_in_degree(network, in_degree, sizes).ok_or(ScalingError::TooFar { in_degree })?;
            accept(&scaled, options).map_err(|error| ScalingError::Simulation { in_degree, error })?;
        }
        Ok(())
    }

    /// One run an in-degree, up to the first that is stopped or fails; the message is there if one was.
    pub fn new<S: Simulates>(
        by: &mut S,
        (network, options): (&Network, &SimulationOptions),
        theory: &TheoryOptions,
        (in_degrees, sizes): (&[f64], Sizes),
    ) -> UntilStopped<Self> {
        let mut points: Vec<ScalingPoint> = Vec::new();
        let mut stopped = None;
        for &in_degree in in_degrees {
            let place = format!("K = {}", significant(in_degree, 6));
            by.remark(&format!("simulating with {place}"));
            match at_in_degree(by, (network, options), theory, (in_degree, sizes)) {
                Ok((run, None)) => points.extend(run.map(|run| ScalingPoint::new(in_degree, &run))),
                Ok((_, message)) => stopped = message,
                Err(error) => stopped = Some(format!("{place}: {error}")),
            }
            if stopped.is_some() {
                break;
            }
        }
        (ScalingStudy::of(points, sizes), stopped)
    }

    /// The laws through points that are there.
    pub fn of(points: Vec<ScalingPoint>, sizes: Sizes) -> Self {
        let sizes = match sizes {
            Sizes::Grow => "grow",
            Sizes::Stay => "stay",
        };
        let fits = fits(&points);
        ScalingStudy { sizes: sizes.into(), points, fits }
    }
}

impl ScalingPoint {
    /// What is followed of a run at this in-degree.
    pub fn new(in_degree: f64, run: &StateRun) -> Self {
        let neurons = run.simulation.populations.iter().map(|population| population.size).sum();
        let state = run.comparison.state;
        ScalingPoint { in_degree, neurons, state, populations: scaled_populations(run), compared: run.into() }
    }
}

/// Compares a network with another largest in-degree at the first state that it may stay at, or at the nearest.
fn at_in_degree<S: Simulates>(
    by: &mut S,
    (network, options): (&Network, &SimulationOptions),
    theory: &TheoryOptions,
    (in_degree, sizes): (f64, Sizes),
) -> Result<UntilStopped<Option<StateRun>>, RunError<S::Error>> {
    let network = with_in_degree(network, in_degree, sizes).ok_or(RunError::TooFar)?;
    let prediction = Prediction::new(&network, theory)?;
    let choices = prediction.choices(None)?;
    let choice = choices.first().copied().unwrap_or(StateChoice::Nearest);
    run_until_stopped(by, (&network, options), &prediction, choice).map_err(RunError::Simulation)
}

fn scaled_populations(run: &StateRun) -> Vec<ScaledPopulation> {
    let populations = run.comparison.populations.iter().zip(&run.simulation.populations);
    let scaled = populations.map(|(compared, measured)| {
        let rate = compared.row(ComparedQuantity::Rate);
        let deviation = |quantity: ComparedQuantity, corrected: bool| {
            let row = compared.row(quantity)?;
            let value = if corrected { row.corrected_deviation_percent } else { row.deviation_percent }?;
            let (simulation, error) = (row.simulation?, row.standard_error?);
            // the theory has no error, so that of the ratio is that of the simulation
            Some(MeasuredValue { value, standard_error: (100.0 + value).abs() * error / simulation })
        };
        ScaledPopulation {
            name: compared.name.clone(),
            theory_rate_hz: rate.and_then(|row| row.theory),
            rate_hz: rate.and_then(|row| row.simulation),
            deviation_percent: deviation(ComparedQuantity::Rate, false),
            corrected_deviation_percent: deviation(ComparedQuantity::Rate, true),
            cv_deviation_percent: deviation(ComparedQuantity::Cv, false),
            correlation: correlation(measured, &run.simulation.run),
            theory_correlation: compared.row(ComparedQuantity::Correlation).and_then(|row| row.theory),
        }
    });
    scaled.collect()
}

/// Over all pairs; its error is that of a variance from so many bins, `sqrt(2/bins)/neurons` where neurons are nearly independent.
fn correlation(measured: &PopulationActivity, run: &Run) -> Option<MeasuredValue> {
    let bins = (run.duration_ms / run.count_bin_ms).floor().max(1.0);
    let value = measured.correlation_all_pairs?;
    Some(MeasuredValue { value, standard_error: (2.0 / bins).sqrt() * (1.0 / measured.size as f64 + value.abs()) })
}

fn fits(points: &[ScalingPoint]) -> Vec<ScalingFits> {
    let Some(first) = points.first() else { return Vec::new() };
    let of = |index: usize, value: fn(&ScaledPopulation) -> Option<MeasuredValue>| {
        let measured = points.iter().filter_map(|point| Some((point.in_degree, value(&point.populations[index])?)));
        power_law(&measured.collect::<Vec<_>>())
    };
    let each = first.populations.iter().enumerate();
    each.map(|(index, population)| ScalingFits {
        population: population.name.clone(),
        deviation: of(index, |p| p.deviation_percent),
        corrected_deviation: of(index, |p| p.corrected_deviation_percent),
        cv_deviation: of(index, |p| p.cv_deviation_percent),
        correlation: of(index, |p| p.correlation),
    })
    .collect()
}
