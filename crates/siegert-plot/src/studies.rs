//! Series of simulations: deviations and correlations over the in-degree, rates over the time step.

use plotters::prelude::RGBColor;

use super::Drawing;
use super::canvas::{self, Axis, MARGIN, Plane, Scale, Sheet, axes, inside, write_title};
use super::colour::{FAINT, INK, PAPER, lightened, of_populations};
use super::legend::{self, Entry, Sample};
use super::pieces::pieces_between;
use super::shapes::{circle, dashes, line};
use super::simulation::{below_strip, write_remark};
use crate::error::PlotError;
use siegert::comparison::study::{FinerRun, ScaledPopulation as Measured, ScalingFits, ScalingStudy, TimeStepStudy};
use siegert::comparison::{ComparedQuantity, MeasuredValue, PopulationComparison, PowerLaw};
use siegert::report::About;

/// Populations that have points; of more the first ones.
const MOST: usize = 10;
/// Laws that are written above a plane.
const MOST_LAWS: usize = 2;
const RADIUS: i32 = 4;
/// Room beyond the points of a logarithmic axis, in decades.
const ROOM: f64 = 0.15;

/// What of a population shrinks as its in-degree grows.
#[derive(Clone, Debug)]
struct ScaledPopulation {
    /// Its name.
    name: String,
    /// 100 (theory - simulation)/simulation of the rate.
    deviation_percent: OverInDegree,
    /// The same of the CV.
    cv_deviation_percent: OverInDegree,
    /// Mean correlation of spike counts.
    correlation: OverInDegree,
    /// The same in theory.
    theory_correlation: Vec<(f64, f64)>,
}

/// Values over the in-degree, and the law through them.
#[derive(Clone, Debug)]
struct OverInDegree {
    /// In-degree and value, in ascending order; those that are known.
    points: Vec<(f64, MeasuredValue)>,
    /// None where too few values are beyond their errors.
    law: Option<PowerLaw>,
}

/// The values of a population in its colour.
struct Series<'a> {
    name: &'a str,
    colour: RGBColor,
    points: &'a [(f64, MeasuredValue)],
    law: Option<PowerLaw>,
    /// What the theory has in place of the points, if it has.
    theory: &'a [(f64, f64)],
}

/// The same comparison at several time steps.
#[derive(Clone, Debug)]
struct TimeSteps<'a> {
    /// Power of dt with which the grid's share goes to 0.
    power: f64,
    /// The largest step first.
    runs: Vec<TimeStepRun<'a>>,
    /// What the rates tend to.
    limits: Vec<TimeStepLimit<'a>>,
}

/// The comparison at one time step.
#[derive(Clone, Copy, Debug)]
struct TimeStepRun<'a> {
    /// The step.
    dt_ms: f64,
    /// Theory beside simulation.
    populations: &'a [PopulationComparison],
}

/// What the rate of a population tends to without a time step.
#[derive(Clone, Copy, Debug)]
struct TimeStepLimit<'a> {
    /// The population's name.
    population: &'a str,
    /// The rate in theory.
    theory_hz: Option<f64>,
    /// The rate of the simulation.
    extrapolated_hz: Option<MeasuredValue>,
}

/// Draws the deviations of rate and CV and the correlation over K, on logarithmic axes with the lines of `1/K` and `1/sqrt(K)`.
///
/// # Errors
///
/// Only if the drawing library refuses.
pub fn of_scaling(about: About<'_>, study: &ScalingStudy) -> Result<Drawing, PlotError> {
    let of = |(index, fits): (usize, &ScalingFits)| {
        let over = |law: &Option<PowerLaw>, value: fn(&Measured) -> Option<MeasuredValue>| OverInDegree {
            points: study
                .points
                .iter()
                .filter_map(|point| Some((point.in_degree, value(&point.populations[index])?)))
                .collect(),
            law: *law,
        };
        ScaledPopulation {
            name: fits.population.clone(),
            deviation_percent: over(&fits.deviation, |at| at.deviation_percent),
            cv_deviation_percent: over(&fits.cv_deviation, |at| at.cv_deviation_percent),
            correlation: over(&fits.correlation, |at| at.correlation),
            theory_correlation: study
                .points
                .iter()
                .filter_map(|point| Some((point.in_degree, point.populations[index].theory_correlation?)))
                .collect(),
        }
    };
    let populations: Vec<ScaledPopulation> = study.fits.iter().enumerate().map(of).collect();
    draw_scaling(about, &study.sizes, &populations)
}

/// Draws rates against the theory without a grid, over the power of the time step in which they approach it; `first` is the run with the largest.
///
/// # Errors
///
/// Only if the drawing library refuses.
pub fn of_time_steps(about: About<'_>, first: &FinerRun, study: &TimeStepStudy) -> Result<Drawing, PlotError> {
    fn at(run: &FinerRun) -> TimeStepRun<'_> {
        TimeStepRun { dt_ms: run.dt_ms, populations: &run.populations }
    }
    let limits = study.limits.iter().filter(|limit| limit.quantity == ComparedQuantity::Rate);
    let study = TimeSteps {
        power: study.power,
        runs: std::iter::once(first).chain(&study.finer).map(at).collect(),
        limits: limits
            .map(|limit| TimeStepLimit {
                population: &limit.population,
                theory_hz: limit.theory,
                extrapolated_hz: limit.extrapolated,
            })
            .collect(),
    };
    draw_time_steps(about, &study)
}

/// `sizes` says in a word what happens to the sizes of the populations.
fn draw_scaling(about: About<'_>, sizes: &str, populations: &[ScaledPopulation]) -> Result<Drawing, PlotError> {
    let populations = &populations[..populations.len().min(MOST)];
    let names: Vec<String> = populations.iter().map(|population| population.name.clone()).collect();
    let colours = of_populations(&names);
    let series = |which: usize| -> Vec<Series<'_>> {
        let each = populations.iter().zip(&colours);
        each.map(|(population, colour)| {
            let over = match which {
                0 => &population.deviation_percent,
                1 => &population.cv_deviation_percent,
                _ => &population.correlation,
            };
            let theory = if which == 2 { &population.theory_correlation[..] } else { &[] };
            Series { name: &population.name, colour: *colour, points: &over.points, law: over.law, theory }
        })
        .collect()
    };
    let small = format!("weights as 1/sqrt(K), sizes {}, {}", sizes, about.parameter_list().join(", "));
    canvas::draw((1240, 520), |sheet| {
        let top = write_title(sheet, about.network, &small)?;
        let mut entries: Vec<Entry> = names
            .iter()
            .zip(&colours)
            .map(|(name, colour)| Entry::new(Sample::Filled(*colour), name.as_str()))
            .collect();
        entries.push(Entry::new(Sample::Dashes(FAINT), "1/sqrt(K), 1/K"));
        if populations.iter().any(|population| !population.theory_correlation.is_empty()) {
            entries.push(Entry::new(Sample::Filled(lightened(INK, 0.6)), "wide: theory"));
        }
        let width = legend::width(sheet, &entries, 240);
        legend::write(sheet, &entries, (canvas::size(sheet).0 - MARGIN - width, top + 24), width)?;
        let panels = inside(sheet, [top, MARGIN, MARGIN, width + 2 * MARGIN]).split_evenly((1, 3));
        let names = ["deviation of the rate (%)", "deviation of the CV (%)", "correlation of counts"];
        for (which, (panel, name)) in panels.iter().zip(names).enumerate() {
            paint_law(&inside(panel, [0, 0, 4, 8]), name, &series(which))?;
        }
        Ok(())
    })
}

/// Moduli over K, both logarithmic.
fn paint_law(area: &Sheet<'_>, name: &str, series: &[Series<'_>]) -> Result<(), PlotError> {
    let told = |at: &MeasuredValue| at.value != 0.0 && at.value.is_finite();
    let points = || series.iter().flat_map(|series| series.points).filter(|(_, at)| told(at));
    let span = |values: &mut dyn Iterator<Item = f64>| {
        let (least, most) = values.fold((f64::INFINITY, f64::NEG_INFINITY), |(p, q), x| (p.min(x), q.max(x)));
        if least <= most { (least - ROOM, most + ROOM) } else { (0.0, 1.0) }
    };
    let (x_from, x_to) = span(&mut points().map(|(K, _)| K.log10()));
    let (y_from, y_to) = span(&mut points().map(|(_, at)| at.value.abs().log10()));
    let axis = |name: &str, from, to| Axis { name: name.to_string(), from, to, scale: Scale::Logarithmic };
    let (x, y) = (axis("in-degree K", x_from, x_to), axis(name, y_from, y_to));
    let plot_area = below_strip(area);
    let mut plane = axes(&plot_area, &x, &y)?;
    let mut remarks: Vec<String> = Vec::new();
    if let Some((K, at)) = points().next() {
        for exponent in [-0.5, -1.0] {
            let height = |log10_K: f64| at.value.abs().log10() + exponent * (log10_K - K.log10());
            segment(&mut plane, [x_from, x_to].map(|x| (x, height(x))), (y_from, y_to), |plane, ends| {
                dashes(plane, ends.to_vec(), FAINT, 1)
            })?;
        }
    }
    for series in series {
        let known = series.theory.iter().map(|(K, value)| (K.log10(), value.abs().log10()));
        let theory: Vec<(f64, f64)> = known.filter(|(_, y)| (y_from..=y_to).contains(y)).collect();
        line(&mut plane, theory, lightened(series.colour, 0.6), 6)?;
        if let Some(law) = series.law {
            let height = |log10_K: f64| law.factor.log10() + law.exponent * log10_K;
            segment(&mut plane, [x_from, x_to].map(|x| (x, height(x))), (y_from, y_to), |plane, ends| {
                line(plane, ends.to_vec(), series.colour, 2)
            })?;
            remarks.push(format!("{}: K^{:.2} ± {:.2}", series.name, law.exponent, law.exponent_standard_error));
        }
        for (K, at) in series.points.iter().filter(|(_, at)| told(at)) {
            let (x, size) = (K.log10(), at.value.abs());
            let bar = [(size - at.standard_error).max(10f64.powf(y_from)), size + at.standard_error];
            let bar = bar.map(|end| (x, end.log10().clamp(y_from, y_to)));
            line(&mut plane, bar.to_vec(), series.colour, 1)?;
            circle(&mut plane, (x, size.log10()), RADIUS, series.colour, None)?;
        }
    }
    // of many the table has them
    let remark = if series.len() > MOST_LAWS { String::new() } else { remarks.join("; ") };
    write_remark(area, &plane, &remark, points().next().is_none().then_some("no values"))
}

/// Draws what of a straight line lies between two heights.
fn segment<'a, 'b>(
    plane: &mut Plane<'a, 'b>,
    ends: [(f64, f64); 2],
    (from, to): (f64, f64),
    draw: impl Fn(&mut Plane<'a, 'b>, [(f64, f64); 2]) -> Result<(), PlotError>,
) -> Result<(), PlotError> {
    match pieces_between(&ends, from, to).first().map(Vec::as_slice) {
        Some([first, .., last]) => draw(plane, [*first, *last]),
        _ => Ok(()),
    }
}

fn draw_time_steps(about: About<'_>, study: &TimeSteps<'_>) -> Result<Drawing, PlotError> {
    let limits: Vec<_> = study.limits.iter().take(MOST).collect();
    let names: Vec<String> = limits.iter().map(|limit| limit.population.to_string()).collect();
    let colours = of_populations(&names);
    let place = |dt_ms: f64| dt_ms.powf(study.power);
    let percent = |value: f64, theory: f64| 100.0 * (value / theory - 1.0);
    let curves: Vec<Curve> = limits
        .iter()
        .zip(&colours)
        .filter_map(|(limit, colour)| {
            let theory = limit.theory_hz.filter(|theory| *theory > 0.0)?;
            let rows = study.runs.iter().filter_map(|run| {
                let population = run.populations.iter().find(|of| of.name == limit.population)?;
                Some((place(run.dt_ms), population.row(ComparedQuantity::Rate)?))
            });
            let rows: Vec<_> = rows.collect();
            let simulated = rows.iter().filter_map(|(x, row)| {
                Some((*x, percent(row.simulation?, theory), 100.0 * row.standard_error? / theory))
            });
            let grid = rows.iter().filter_map(|(x, row)| Some((*x, percent(row.theory_on_grid?, theory))));
            let at = limit.extrapolated_hz;
            let mut grid: Vec<(f64, f64)> = std::iter::once((0.0, 0.0)).chain(grid).collect();
            grid.sort_by(|p, q| p.0.total_cmp(&q.0));
            Some(Curve {
                colour: *colour,
                simulated: simulated.collect(),
                grid,
                limit: at.map(|at| (percent(at.value, theory), 100.0 * at.standard_error / theory)),
            })
        })
        .collect();
    let law = if study.power == 1.0 { "dt (ms)" } else { "sqrt(dt) (sqrt(ms))" };
    canvas::draw((900, 560), |sheet| {
        let top = write_title(sheet, about.network, &about.parameter_list().join(", "))?;
        let mut entries: Vec<Entry> = names
            .iter()
            .zip(&colours)
            .map(|(name, colour)| Entry::new(Sample::Filled(*colour), name.as_str()))
            .collect();
        entries.push(Entry::new(Sample::Open(INK), "extrapolated"));
        entries.push(Entry::new(Sample::Dashes(INK), "theory on the grid"));
        let width = legend::width(sheet, &entries, 240);
        legend::write(sheet, &entries, (canvas::size(sheet).0 - MARGIN - width, top + 24), width)?;
        let area = inside(sheet, [top, MARGIN, MARGIN, width + 2 * MARGIN]);
        paint_steps(&area, law, place(study.runs.first().map_or(1.0, |run| run.dt_ms)), &curves)
    })
}

/// Rates of a population in percent of the theory, over a power of the step.
struct Curve {
    colour: RGBColor,
    /// With their errors.
    simulated: Vec<(f64, f64, f64)>,
    grid: Vec<(f64, f64)>,
    /// Without a step, with its error.
    limit: Option<(f64, f64)>,
}

fn paint_steps(area: &Sheet<'_>, law: &str, largest: f64, curves: &[Curve]) -> Result<(), PlotError> {
    let heights = curves.iter().flat_map(|curve| {
        let simulated = curve.simulated.iter().flat_map(|(_, y, error)| [y - error, y + error]);
        let limit = curve.limit.iter().flat_map(|(y, error)| [y - error, y + error]);
        simulated.chain(limit).chain(curve.grid.iter().map(|at| at.1)).collect::<Vec<_>>()
    });
    let heights = heights.filter(|y| y.is_finite());
    let (least, most) = heights.fold((0.0f64, 0.0f64), |(p, q), y| (p.min(y), q.max(y)));
    let room = 0.06 * (most - least).max(0.1);
    let linear = |name: &str, from, to| Axis { name: name.to_string(), from, to, scale: Scale::Linear };
    let x = linear(law, -0.04 * largest, 1.06 * largest);
    let y = linear("rate against the theory without a grid (%)", least - room, most + room);
    let plot_area = below_strip(area);
    let mut plane = axes(&plot_area, &x, &y)?;
    for curve in curves {
        dashes(&mut plane, curve.grid.clone(), curve.colour, 1)?;
        for (x, y, error) in &curve.simulated {
            line(&mut plane, vec![(*x, y - error), (*x, y + error)], curve.colour, 1)?;
            circle(&mut plane, (*x, *y), RADIUS, curve.colour, None)?;
        }
        if let Some((y, error)) = curve.limit {
            line(&mut plane, vec![(0.0, y - error), (0.0, y + error)], curve.colour, 1)?;
            circle(&mut plane, (0.0, y), RADIUS, PAPER, Some(curve.colour))?;
        }
    }
    write_remark(area, &plane, "bars: standard errors", curves.is_empty().then_some("no rates"))
}

#[cfg(test)]
mod tests {
    use siegert::comparison::power_law;
    use siegert::report::Provenance;

    use super::*;
    use crate::pictures::{check, off};

    fn over_in_degree(points: &[(f64, f64)]) -> OverInDegree {
        let measured = |&(K, value): &(f64, f64)| (K, MeasuredValue { value, standard_error: 0.05 * value });
        let points: Vec<(f64, MeasuredValue)> = points.iter().map(measured).collect();
        OverInDegree { law: power_law(&points), points }
    }

    #[test]
    fn studies_of_growing_in_degree_and_of_time_steps() {
        for name in ["brunel2000", "potjans_diesmann2014"] {
            let (network, comparisons) = off(name, &[3.0, 2.1, 1.5]);
            let provenance = Provenance::new("compare", &network);
            let about = About { network: &network.name, parameters: &network.parameters, provenance: &provenance };
            let population = |name: &String| ScaledPopulation {
                name: name.clone(),
                deviation_percent: over_in_degree(&[(100.0, 20.0), (400.0, 10.0), (1600.0, 5.0)]),
                cv_deviation_percent: over_in_degree(&[(100.0, -9.0), (400.0, -4.0)]),
                correlation: over_in_degree(&[(100.0, 0.02)]),
                theory_correlation: vec![(100.0, 0.018)],
            };
            let names: Vec<String> = network.populations.iter().map(|population| population.name.clone()).collect();
            let populations: Vec<ScaledPopulation> = names.iter().map(population).collect();
            let law = populations[0].deviation_percent.law.as_ref().unwrap();
            assert!((law.exponent + 0.5).abs() < 0.05, "{law:?}");
            let drawing = draw_scaling(about, "grow", &populations).unwrap();
            assert!(drawing.svg().contains("sizes grow"), "{}", drawing.svg());
            check(&format!("scaling_{name}"), &drawing);
            check(&format!("scaling_{name}_stopped"), &draw_scaling(about, "stay", &[]).unwrap());

            let steps = [0.1, 0.05, 0.025];
            let runs = steps
                .into_iter()
                .zip(&comparisons)
                .map(|(dt_ms, comparison)| TimeStepRun { dt_ms, populations: &comparison.populations });
            let limit = |name| TimeStepLimit {
                population: name,
                theory_hz: Some(5.0),
                extrapolated_hz: Some(MeasuredValue { value: 5.1, standard_error: 0.1 }),
            };
            let limits = names.iter().map(|name| limit(name.as_str())).collect();
            let mut study = TimeSteps { power: 0.5, runs: runs.collect(), limits };
            check(&format!("time_steps_{name}"), &draw_time_steps(about, &study).unwrap());
            study.runs.truncate(1);
            study.limits.iter_mut().for_each(|limit| limit.extrapolated_hz = None);
            check(&format!("time_steps_{name}_stopped"), &draw_time_steps(about, &study).unwrap());
        }
    }
}
