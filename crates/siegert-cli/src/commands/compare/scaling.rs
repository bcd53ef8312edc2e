//! `--scaling`: the same comparison at growing in-degree with J ~ 1/sqrt(K), and how deviations and correlations shrink.

use serde::Serialize;

use super::runs::{Prediction, Session, StateChoice, StateRun};
use crate::failure::Failure;
use crate::library::{
    ComparedQuantity, MeasuredValue, Network, PopulationActivity, PowerLaw, SimulationOptions, SimulationRun, Sizes,
    accept, largest_in_degree, power_law, with_in_degree,
};
use crate::number::{count, decimals, significant};
use crate::output::messages::print_remark;
use crate::output::text::{Align, aligned};

/// Runs at several in-degrees, and the laws through them.
#[derive(Debug, Serialize)]
pub(crate) struct ScalingStudy {
    pub(crate) sizes: &'static str,
    /// Ascending; fewer than asked for if the study was stopped.
    pub(crate) points: Vec<ScalingPoint>,
    /// One a population.
    pub(crate) fits: Vec<Fits>,
}

/// The comparison at one in-degree.
#[derive(Debug, Serialize)]
pub(crate) struct ScalingPoint {
    /// The largest in-degree.
    pub(crate) in_degree: f64,
    pub(crate) neurons: u64,
    /// Number of the state compared, from 1: the first that the network may stay at.
    pub(crate) state: usize,
    pub(crate) populations: Vec<ScaledPopulation>,
    #[serde(skip)]
    pub(crate) run: StateRun,
}

/// One population at one in-degree.
#[derive(Debug, Serialize)]
pub(crate) struct ScaledPopulation {
    pub(crate) name: String,
    pub(crate) theory_rate_hz: Option<f64>,
    pub(crate) rate_hz: Option<f64>,
    /// 100 (theory - simulation)/simulation of the rate.
    pub(crate) deviation_percent: Option<MeasuredValue>,
    /// The same of the theory with all corrections.
    pub(crate) corrected_deviation_percent: Option<MeasuredValue>,
    /// 100 (theory - simulation)/simulation of the CV.
    pub(crate) cv_deviation_percent: Option<MeasuredValue>,
    /// Mean correlation of spike counts in bins of 50 ms over all pairs.
    pub(crate) correlation: Option<MeasuredValue>,
}

/// Power laws in K of a population, their signs left aside; `None` where fewer than two values are beyond their errors.
#[derive(Debug, Serialize)]
pub(crate) struct Fits {
    pub(crate) population: String,
    pub(crate) deviation: Option<PowerLaw>,
    pub(crate) corrected_deviation: Option<PowerLaw>,
    pub(crate) cv_deviation: Option<PowerLaw>,
    pub(crate) correlation: Option<PowerLaw>,
}

/// Refuses in-degrees at which the network cannot be simulated, before anything runs.
pub(super) fn refuse_what_cannot_be(
    network: &Network,
    in_degrees: &[f64],
    sizes: Sizes,
    options: &SimulationOptions,
) -> Result<(), Failure> {
    if largest_in_degree(network) <= 0.0 {
        return Err(Failure::Input("--scaling: the network has no projections to scale".to_string()));
    }
    for &in_degree in in_degrees {
        let place = format!("--scaling K = {}", significant(in_degree, 6));
        let scaled = with_in_degree(network, in_degree, sizes)
            .ok_or_else(|| Failure::Input(format!("{place}: the network cannot be scaled so far")))?;
        accept(&scaled, options).map_err(|error| Failure::from(error).about(&place))?;
    }
    Ok(())
}

impl ScalingStudy {
    /// One run an in-degree, up to the first that is stopped or fails.
    pub(super) fn new(
        session: &Session<'_>,
        network: &Network,
        in_degrees: &[f64],
        sizes: Sizes,
    ) -> (Self, Option<String>) {
        let mut points: Vec<ScalingPoint> = Vec::new();
        let mut stopped = None;
        for &in_degree in in_degrees {
            let place = format!("K = {}", significant(in_degree, 6));
            if !session.quiet {
                print_remark(&format!("simulating with {place}"));
            }
            match session.at_in_degree(network, in_degree, sizes) {
                Ok((run, None)) => points.extend(run.map(|run| ScalingPoint::new(in_degree, run))),
                Ok((_, message)) => stopped = message,
                Err(failure) => stopped = Some(failure.about(&place).to_string()),
            }
            if stopped.is_some() {
                break;
            }
        }
        (ScalingStudy::of(points, sizes), stopped)
    }

    /// The laws through points that are there.
    pub(crate) fn of(points: Vec<ScalingPoint>, sizes: Sizes) -> Self {
        let sizes = match sizes {
            Sizes::Grow => "grow",
            Sizes::Stay => "stay",
        };
        let fits = fits(&points);
        ScalingStudy { sizes, points, fits }
    }

    pub(super) fn text(&self) -> String {
        let header = [
            ("population", Align::Left),
            ("K", Align::Right),
            ("neurons", Align::Right),
            ("theory (Hz)", Align::Right),
            ("simulation (Hz)", Align::Right),
            ("deviation (%)", Align::Right),
            ("corrected (%)", Align::Right),
            ("of the CV (%)", Align::Right),
            ("correlation", Align::Right),
        ];
        let mut rows = Vec::new();
        for (index, fits) in self.fits.iter().enumerate() {
            for (number, point) in self.points.iter().enumerate() {
                let population = &point.populations[index];
                let measured = |at: Option<MeasuredValue>, digits: usize| {
                    let error = |at: MeasuredValue| decimals(Some(at.standard_error), digits);
                    at.map_or("-".to_string(), |at| format!("{:+.digits$} ± {}", at.value, error(at)))
                };
                rows.push(vec![
                    if number == 0 { fits.population.clone() } else { String::new() },
                    significant(point.in_degree, 6),
                    count(point.neurons),
                    decimals(population.theory_rate_hz, 3),
                    decimals(population.rate_hz, 3),
                    measured(population.deviation_percent, 1),
                    measured(population.corrected_deviation_percent, 1),
                    measured(population.cv_deviation_percent, 1),
                    measured(population.correlation, 5),
                ]);
            }
            let law = |law: &Option<PowerLaw>| {
                law.as_ref().map_or("-".to_string(), |law| {
                    format!("K^({:.2} ± {:.2})", law.exponent, law.exponent_standard_error)
                })
            };
            let mut row = vec![String::new(), "~".to_string()];
            row.extend(std::iter::repeat_n(String::new(), 3));
            row.extend([&fits.deviation, &fits.corrected_deviation, &fits.cv_deviation, &fits.correlation].map(law));
            rows.push(row);
        }
        format!("In-degrees, with weights ~ 1/sqrt(K); sizes {}\n\n{}", self.sizes, aligned(&header, rows.into_iter()))
    }
}

impl ScalingPoint {
    pub(crate) fn new(in_degree: f64, run: StateRun) -> Self {
        let neurons = run.simulation.populations.iter().map(|population| population.size).sum();
        let state = run.comparison.state;
        ScalingPoint { in_degree, neurons, state, populations: scaled_populations(&run), run }
    }
}

impl Session<'_> {
    /// Compares a network with another largest in-degree at the first state that it may stay at, or at the nearest.
    fn at_in_degree(
        &self,
        network: &Network,
        in_degree: f64,
        sizes: Sizes,
    ) -> Result<(Option<StateRun>, Option<String>), Failure> {
        let network = with_in_degree(network, in_degree, sizes)
            .ok_or_else(|| Failure::Input("the network cannot be scaled so far".to_string()))?;
        let prediction = Prediction::new(&network, self.theory)?;
        let choices = prediction.choices(None)?;
        self.run_until_stopped(&network, &prediction, choices.first().copied().unwrap_or(StateChoice::Nearest))
    }
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
        }
    });
    scaled.collect()
}

/// Over all pairs; its error is that of a variance from so many bins, `sqrt(2/bins)/neurons` where neurons are nearly independent.
fn correlation(measured: &PopulationActivity, run: &SimulationRun) -> Option<MeasuredValue> {
    let bins = (run.duration_ms / run.count_bin_ms).floor().max(1.0);
    let value = measured.correlation_all_pairs?;
    Some(MeasuredValue { value, standard_error: (2.0 / bins).sqrt() * (1.0 / measured.size as f64 + value.abs()) })
}

fn fits(points: &[ScalingPoint]) -> Vec<Fits> {
    let Some(first) = points.first() else { return Vec::new() };
    let of = |index: usize, value: fn(&ScaledPopulation) -> Option<MeasuredValue>| {
        let measured = points.iter().filter_map(|point| Some((point.in_degree, value(&point.populations[index])?)));
        power_law(&measured.collect::<Vec<_>>())
    };
    let each = first.populations.iter().enumerate();
    each.map(|(index, population)| Fits {
        population: population.name.clone(),
        deviation: of(index, |p| p.deviation_percent),
        corrected_deviation: of(index, |p| p.corrected_deviation_percent),
        cv_deviation: of(index, |p| p.cv_deviation_percent),
        correlation: of(index, |p| p.correlation),
    })
    .collect()
}
