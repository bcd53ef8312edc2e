//! `--report`: the comparison as one self-contained page, with the network described as Nordlie et al. (2009) ask for.
//!
//! Source: Nordlie, Gewaltig and Plesser (2009), Towards reproducible descriptions of neuronal network models. PLoS Comput Biol
//! 5:e1000456: the tables A to G.

mod nordlie;

use std::io::Write;
use std::path::Path;

use maud::{DOCTYPE, Markup, PreEscaped, html};

use super::report::{CompareReport, headline};
use super::rows::{self, words};
use super::{DtStudy, Prediction, ScalingStudy, StateRun};
use crate::commands::simulate::time;
use crate::commands::trust;
use crate::failure::Failure;
use crate::library::{MeasuredValue, PowerLaw, QuantityComparison, printable_lines};
use crate::number::{count, decimals, significant};
use crate::output::file::AtomicFile;
use crate::plot::{self, Beside, ComparisonPlot};

const STYLE: &str = include_str!("page.css");

/// Writes the page, whole or not at all.
pub(super) fn write(
    path: &Path,
    report: &CompareReport<'_>,
    prediction: &Prediction,
    open_delay_ms: f64,
) -> Result<(), Failure> {
    let page = page(report, prediction, open_delay_ms)?.into_string();
    let mut file = AtomicFile::create(path)?;
    // HTML forbids control characters, and names and remarks may have them.
    file.checked(|file| file.write_all(printable_lines(&page).as_bytes()))?;
    file.commit()
}

/// Refuses a name that is not that of a page.
pub(super) fn refuse(path: &Path) -> Result<(), Failure> {
    let ending = path.extension().and_then(std::ffi::OsStr::to_str).map(str::to_ascii_lowercase);
    match ending.as_deref() {
        Some("html" | "htm") => plot::refuse_page(),
        _ => Err(Failure::Input(format!("--report {}: the ending must be .html", path.display()))),
    }
}

fn page(report: &CompareReport<'_>, prediction: &Prediction, open_delay_ms: f64) -> Result<Markup, Failure> {
    let network = report.network;
    let figures = report.runs.iter().map(|run| figure(report, prediction, run)).collect::<Result<Vec<_>, _>>()?;
    let dt_figure = report.dt_study.map(|study| plot::time_steps(network, &report.runs[0], study)).transpose()?;
    let scaling_figure = report.scaling.map(|study| plot::scaling(network, study)).transpose()?;
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
                @for (run, figure) in report.runs.iter().zip(&figures) { (state(report, run, figure)) }
                @if let (Some(study), Some(figure)) = (report.dt_study, &dt_figure) { (dt_study(report, study, figure.svg())) }
                @if let (Some(study), Some(figure)) = (report.scaling, &scaling_figure) { (scaling(study, figure.svg())) }
                (assumptions(report))
                (nordlie::tables(network, &report.runs[0].simulation, open_delay_ms))
                (provenance(report))
            }
        }
    })
}

fn figure(report: &CompareReport<'_>, prediction: &Prediction, run: &StateRun) -> Result<String, Failure> {
    let theory =
        Beside { states: prediction.states(), map: prediction.theory.map(), comparison: Some(&run.comparison) };
    let drawing = plot::of_comparison(report.network, &theory, &run.simulation, ComparisonPlot::Story)?;
    Ok(drawing.svg().to_string())
}

/// One state: verdict, table, causes, picture.
fn state(report: &CompareReport<'_>, run: &StateRun, figure: &str) -> Markup {
    let comparison = &run.comparison;
    html! {
        section {
            h2 { (headline(report.solution, run)) }
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
                (rows::legend(true))
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

fn dt_study(report: &CompareReport<'_>, study: &DtStudy, figure: &str) -> Markup {
    let power = if study.power == 1.0 { "dt" } else { "the square root of dt" };
    let steps = std::iter::once(&report.runs[0]).chain(&study.finer);
    let steps: Vec<String> = steps.map(|run| significant(run.simulation.run.dt_ms, 6)).collect();
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
fn assumptions(report: &CompareReport<'_>) -> Markup {
    let states = &report.solution.fixed_points;
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
fn provenance(report: &CompareReport<'_>) -> Markup {
    let warnings = report.warnings();
    let run = &report.runs[0].simulation.run;
    html! {
        section {
            h2 { "How this was made" }
            table.plain {
                tr { th { "command" } td { code { (command()) } } }
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
                ul { @for warning in &warnings { li { (warning) } } }
            }
        }
    }
}

/// What was typed, quoted where a shell needs it.
fn command() -> String {
    let quoted = |word: String| {
        let plain = |c: char| c.is_ascii_alphanumeric() || "-_=./,:+%@".contains(c);
        if !word.is_empty() && word.chars().all(plain) { word } else { format!("'{}'", word.replace('\'', "'\\''")) }
    };
    let words = std::env::args_os().skip(1).map(|word| quoted(word.to_string_lossy().into_owned()));
    std::iter::once("siegert".to_string()).chain(words).collect::<Vec<_>>().join(" ")
}
