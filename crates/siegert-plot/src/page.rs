//! A comparison as one self-contained page, with the network described as Nordlie et al. (2009) ask for.
//!
//! Source: Nordlie, Gewaltig and Plesser (2009), Towards reproducible descriptions of neuronal network models. PLoS Comput Biol
//! 5:e1000456: the tables A to G.

use maud::{DOCTYPE, Markup, PreEscaped, html};
use siegert::comparison::study::{ScalingStudy, TimeStepStudy};
use siegert::comparison::{MeasuredValue, PowerLaw, QuantityComparison};
use siegert::network::{Network, printable_lines};
use siegert::number::{count, decimals, significant};
use siegert::report::comparison::rows::{self, words};
use siegert::report::{CompareReport, ComparedState, Report, time, trust};
use siegert::theory::Theory;

use super::nordlie;
use super::{Beside, ComparisonPlot, PlotError, of_comparison, of_scaling, of_time_steps};

const STYLE: &str = include_str!("page.css");

/// What the page is about.
#[derive(Clone, Copy)]
struct Subject<'a> {
    report: &'a CompareReport,
    network: &'a Network,
    theory: &'a Theory<'a>,
}

/// A comparison as one page of HTML with its pictures; `open_delay_ms` is the delay where the network gives none.
///
/// # Errors
///
/// A picture that cannot be drawn.
pub fn of_report(
    report: &CompareReport,
    network: &Network,
    theory: &Theory<'_>,
    open_delay_ms: f64,
) -> Result<String, PlotError> {
    let page = page(&Subject { report, network, theory }, open_delay_ms)?.into_string();
    // HTML forbids control characters, and names and remarks may have them.
    Ok(printable_lines(&page).into_owned())
}

fn page(subject: &Subject<'_>, open_delay_ms: f64) -> Result<Markup, PlotError> {
    let Subject { report, network, .. } = *subject;
    let figures = report.states.iter().map(|state| figure(subject, state)).collect::<Result<Vec<_>, _>>()?;
    let dt_figure =
        report.dt_study.as_ref().map(|study| of_time_steps(report.about(), &report.first_run(), study)).transpose()?;
    let scaling_figure = report.scaling.as_ref().map(|study| of_scaling(report.about(), study)).transpose()?;
    Ok(html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                title { (network.name) ": theory beside simulation" }
                style { (PreEscaped(STYLE)) }
            }
            body {
                header {
                    h1 { (network.name) }
                    p.lead { "Mean-field theory beside a simulation of the same network." }
                    @if let Some(description) = &network.description { p { (description) } }
                    @if let Some(reference) = &network.reference { p.source { (reference) } }
                }
                @for (of, figure) in report.states.iter().zip(&figures) { (state(report, of, figure)) }
                @if let (Some(study), Some(figure)) = (&report.dt_study, &dt_figure) { (dt_study(report, study, figure.svg())) }
                @if let (Some(study), Some(figure)) = (&report.scaling, &scaling_figure) { (scaling(study, figure.svg())) }
                (assumptions(report))
                (nordlie::tables(network, &report.states[0].measured, open_delay_ms))
                (provenance(report))
            }
        }
    })
}

fn figure(subject: &Subject<'_>, state: &ComparedState) -> Result<String, PlotError> {
    let (states, map) = (&subject.report.fixed_points[..], subject.theory.map());
    let theory = Beside { states, map, comparison: Some(&state.comparison) };
    let drawing = of_comparison(subject.network, &theory, &state.measured, ComparisonPlot::Story)?;
    Ok(drawing.svg)
}

/// One state: verdict, table, causes, picture.
fn state(report: &CompareReport, of: &ComparedState, figure: &str) -> Markup {
    let comparison = &of.comparison;
    html! {
        section {
            h2 { (report.headline(of)) }
            p.verdict { (comparison.verdict) }
            @if !comparison.causes.is_empty() {
                h3 { "Causes of the deviations, largest first" }
                ol {
                    @for cause in &comparison.causes {
                        li { b { (cause.kind.words()) } " (" (rows::measure(cause, comparison)) "): " (cause.sentence) }
                    }
                }
            }
            figure { (PreEscaped(figure)) figcaption { (caption()) } }
            h3 { "Theory beside simulation" }
            table.numbers {
                thead { tr {
                    @for name in ["population", "quantity", "theory", "on the grid", "corrected", "simulation", "95 % interval", "deviation", "standard errors", "because of"] {
                        th { (name) }
                    }
                } }
                @for population in &comparison.populations {
                    tbody {
                        @for (index, row) in population.quantities.iter().enumerate() { (quantity(&population.name, index, row)) }
                    }
                }
            }
            p.note {
                (rows::legend(true, report.provenance.input))
            }
        }
    }
}

fn caption() -> &'static str {
    "Spikes of some neurons and rates of the populations over time; membrane potentials (dashed: theory), rates over neurons, power spectra \
     (dashed: Poisson neurons); transfer curves with the populations on them, rates and CVs in theory and simulation."
}

fn quantity(population: &str, index: usize, row: &QuantityComparison) -> Markup {
    let error = row.standard_error.map(|error| format!(" ± {}", decimals(Some(error), rows::digits(row))));
    let value = |value: Option<f64>| decimals(value, rows::digits(row));
    let optional = |of: Option<f64>| of.map_or(String::new(), |of| value(Some(of)));
    let interval =
        row.confidence_interval_95.map(|[low, high]| format!("{} to {}", value(Some(low)), value(Some(high))));
    html! {
        tr.deviates[row.deviates] {
            th { @if index == 0 { (population) } }
            td.text { (words(row.quantity)) }
            td { (value(row.theory)) }
            td { (optional(row.theory_on_grid)) }
            td { (optional(row.theory_corrected)) }
            td { (value(row.simulation)) (error.unwrap_or_default()) }
            td { (interval.unwrap_or_default()) }
            td.mark { (rows::deviation(row)) }
            td { (rows::errors(row.z)) }
            td.text { (row.causes.iter().map(|cause| cause.words()).collect::<Vec<_>>().join(", ")) }
        }
    }
}

fn measured(at: Option<MeasuredValue>, digits: usize) -> String {
    at.map_or("–".to_string(), |at| format!("{:.digits$} ± {:.digits$}", at.value, at.standard_error))
}

fn dt_study(report: &CompareReport, study: &TimeStepStudy, figure: &str) -> Markup {
    let power = if study.power == 1.0 { "dt" } else { "the square root of dt" };
    let steps = std::iter::once(report.simulation.dt_ms).chain(study.finer.iter().map(|run| run.dt_ms));
    let steps: Vec<String> = steps.map(|dt_ms| significant(dt_ms, 6)).collect();
    html! {
        section {
            h2 { "Time steps" }
            p { "Simulated at " (steps.join(", ")) " ms and extrapolated to no time step in " (power) "." }
            figure { (PreEscaped(figure)) }
            table.numbers {
                thead { tr { @for name in ["population", "quantity", "theory", "extrapolated", "deviation", "standard errors"] { th { (name) } } } }
                tbody {
                    @for limit in &study.limits {
                        tr {
                            th { (limit.population) }
                            td.text { (words(limit.quantity)) }
                            td { (decimals(limit.theory, 3)) }
                            td { (measured(limit.extrapolated, 3)) }
                            td { (limit.deviation_percent.map_or("–".to_string(), rows::percent)) }
                            td { (rows::errors(limit.z)) }
                        }
                    }
                }
            }
        }
    }
}

fn scaling(study: &ScalingStudy, figure: &str) -> Markup {
    let law = |law: &Option<PowerLaw>| {
        law.as_ref()
            .map_or("–".to_string(), |law| format!("{:.2} ± {:.2}", law.exponent, law.exponent_standard_error))
    };
    html! {
        section {
            h2 { "Growing in-degree" }
            p { "Weights as 1/√K, sizes " (study.sizes) ". Fitted exponents of K stand below each population." }
            figure { (PreEscaped(figure)) }
            table.numbers {
                thead { tr {
                    @for name in ["population", "K", "neurons", "theory (Hz)", "simulation (Hz)", "deviation (%)", "corrected (%)", "of the CV (%)", "correlation"] {
                        th { (name) }
                    }
                } }
                @for (index, fits) in study.fits.iter().enumerate() {
                    tbody {
                        @for (number, point) in study.points.iter().enumerate() {
                            @let population = &point.populations[index];
                            tr {
                                th { @if number == 0 { (fits.population) } }
                                td { (significant(point.in_degree, 6)) }
                                td { (count(point.neurons)) }
                                td { (decimals(population.theory_rate_hz, 3)) }
                                td { (decimals(population.rate_hz, 3)) }
                                td { (measured(population.deviation_percent, 1)) }
                                td { (measured(population.corrected_deviation_percent, 1)) }
                                td { (measured(population.cv_deviation_percent, 1)) }
                                td { (measured(population.correlation, 5)) }
                            }
                        }
                        tr.fit {
                            th {} td.text { "exponent" } td {} td {} td {}
                            @for fit in [&fits.deviation, &fits.corrected_deviation, &fits.cv_deviation, &fits.correlation] {
                                td { (law(fit)) }
                            }
                        }
                    }
                }
            }
        }
    }
}

/// The trust report of the states, as `siegert solve` has it.
fn assumptions(report: &CompareReport) -> Markup {
    let states = &report.fixed_points;
    html! {
        section {
            h2 { "The assumptions of the theory" }
            @for (index, state) in states.iter().enumerate() {
                h3 { "State " (index + 1) " of " (states.len()) }
                p { (trust::line(state).trim()) }
                pre { (trust::measures(state)) }
            }
            p.note { (trust::LEGEND) }
        }
    }
}

/// How to make this page again.
fn provenance(report: &CompareReport) -> Markup {
    let (warnings, run) = (&report.warnings, &report.simulation);
    html! {
        section {
            h2 { "How this was made" }
            table.plain {
                tr { th { "command" } td { code { (command(report.provenance.command.as_deref().unwrap_or_default())) } } }
                tr { th { "version" } td { "siegert " (env!("CARGO_PKG_VERSION")) } }
                tr { th { "seed" } td { (run.seed) } }
                tr { th { "simulation" } td {
                    (time(run.duration_ms)) " after a warm-up of " (time(run.warmup_ms)) ", dt = " (significant(run.dt_ms, 6)) " ms, "
                    (run.threads) " threads (the result does not depend on them), connections " (run.connectivity)
                } }
                tr { th { "machine" } td { (std::env::consts::ARCH) ", " (std::env::consts::OS) } }
            }
            @if !warnings.is_empty() {
                h3 { "Remarks" }
                ul { @for warning in warnings { li { (warning.sentence) } } }
            }
        }
    }
}

/// What was typed, quoted where a shell needs it.
fn command(words: &[String]) -> String {
    let quoted = |word: &String| {
        let plain = |c: char| c.is_ascii_alphanumeric() || "-_=./,:+%@".contains(c);
        if !word.is_empty() && word.chars().all(plain) {
            word.clone()
        } else {
            format!("'{}'", word.replace('\'', "'\\''"))
        }
    };
    words.iter().map(quoted).collect::<Vec<_>>().join(" ")
}
