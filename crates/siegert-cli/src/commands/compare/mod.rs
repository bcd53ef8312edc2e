//! `siegert compare`: theory beside simulation, number by number, and why they differ.

mod dt_study;
mod page;
mod report;
pub(crate) mod rows;
mod runs;
mod scaling;

use crate::arguments::CompareArguments;
use crate::commands::read;
use crate::commands::simulate;
use crate::commands::solve::refuse_shot_noise;
use crate::failure::Failure;
use crate::library::Sizes;
use crate::output::FileFormat;
use crate::output::clash::Files;
use crate::output::deliver;
use crate::output::messages::print_warnings;
use crate::plot::{self, Beside, ComparisonPlot, Drawing, PictureFormat};
use crate::signals::stop_on_signals;

pub(crate) use dt_study::DtStudy;
use report::CompareReport;
pub(crate) use runs::StateRun;
use runs::{Prediction, Session};
pub(crate) use scaling::ScalingStudy;
#[cfg(feature = "pictures")]
pub(crate) use scaling::{Fits, ScaledPopulation};

/// `siegert compare FILE`.
pub(crate) fn run(arguments: &CompareArguments) -> Result<(), Failure> {
    refuse_shot_noise(&arguments.theory)?;
    FileFormat::of_output(&arguments.output)?;
    let picture = arguments.plot.plot.as_deref().map(PictureFormat::of).transpose()?;
    arguments.spikes.as_deref().map(simulate::refuse_spikes).transpose()?;
    let plotted = plotted(arguments)?;
    arguments.report.as_deref().map(page::refuse).transpose()?;
    Files::of_network(&arguments.file)
        .output("--output", arguments.output.output.as_deref())
        .output("--plot", arguments.plot.plot.as_deref())
        .output("--report", arguments.report.as_deref())
        .output_with("--spikes", arguments.spikes.as_deref(), &simulate::BESIDE_SPIKES)
        .check()?;
    let network = read::network(&arguments.file, &arguments.network)?;
    let theory = arguments.theory.options();
    let prediction = Prediction::new(&network, &theory)?;
    let choices = prediction.choices(arguments.state)?;
    if arguments.spikes.is_some() && choices.len() > 1 {
        return Err(Failure::Input(format!(
            "--spikes takes the spikes of one run, and the network is simulated near {} {}; name one with --state",
            choices.len(),
            if prediction.all_stable(&choices) { "stable states" } else { "states" }
        )));
    }
    let simulation = arguments.run.options(&arguments.output);
    let sizes = if arguments.fixed_size { Sizes::Stay } else { Sizes::Grow };
    if let Some(in_degrees) = &arguments.scaling {
        scaling::refuse_what_cannot_be(&network, &in_degrees.0, sizes, &simulation)?;
    }
    let work = stop_on_signals()?;
    let session = Session {
        theory: &theory,
        simulation: &simulation,
        spikes: arguments.spikes.as_deref(),
        quiet: arguments.output.quiet,
        work: &work,
    };
    let (runs, mut stopped) = session.runs(&network, &prediction, &choices)?;
    let mut dt_study = None;
    if arguments.dt_study && stopped.is_none() {
        let (study, message) = DtStudy::new(&session, &network, &prediction, (choices[0], &runs[0]));
        (dt_study, stopped) = (Some(study), message);
    }
    let mut scaling = None;
    if let (Some(in_degrees), None) = (&arguments.scaling, &stopped) {
        let (study, message) = ScalingStudy::new(&session, &network, &in_degrees.0, sizes);
        (scaling, stopped) = (Some(study), message);
    }
    let report = CompareReport {
        network: &network,
        solution: &prediction.solution,
        runs: &runs,
        dt_study: dt_study.as_ref(),
        scaling: scaling.as_ref(),
        details: arguments.details,
    };
    let drawn = match (&arguments.plot.plot, picture) {
        (Some(path), Some(format)) => {
            drawing(&report, &prediction, plotted).and_then(|drawing| plot::write(path, format, &drawing))
        }
        _ => Ok(()),
    };
    let written = arguments
        .report
        .as_deref()
        .map_or(Ok(()), |path| page::write(path, &report, &prediction, simulation.open_delay_ms));
    // A picture or page that fails does not keep the numbers from the user.
    deliver(&arguments.output, &report)?;
    if !arguments.output.quiet {
        print_warnings(&report.warnings());
    }
    drawn?;
    written?;
    stopped.map_or(Ok(()), |message| Err(Failure::Work(message)))
}

/// What is to be drawn; a study that is not made cannot be.
fn plotted(arguments: &CompareArguments) -> Result<ComparisonPlot, Failure> {
    match arguments.plot_kind {
        ComparisonPlot::Auto if arguments.scaling.is_some() => Ok(ComparisonPlot::Scaling),
        ComparisonPlot::Auto if arguments.dt_study => Ok(ComparisonPlot::TimeStep),
        ComparisonPlot::Auto => Ok(ComparisonPlot::Story),
        ComparisonPlot::Scaling if arguments.scaling.is_none() => {
            Err(Failure::Input("--plot-kind scaling needs --scaling K=LIST".to_string()))
        }
        ComparisonPlot::TimeStep if !arguments.dt_study => {
            Err(Failure::Input("--plot-kind time-step needs --dt-study".to_string()))
        }
        kind => Ok(kind),
    }
}

/// A picture of the first run, or of a study; the story if the study was stopped before it began.
fn drawing(report: &CompareReport<'_>, prediction: &Prediction, kind: ComparisonPlot) -> Result<Drawing, Failure> {
    let first = &report.runs[0];
    match (kind, report.scaling, report.dt_study) {
        (ComparisonPlot::Scaling, Some(study), _) => plot::scaling(report.network, study),
        (ComparisonPlot::TimeStep, _, Some(study)) => plot::time_steps(report.network, first, study),
        _ => {
            let (states, map) = (prediction.states(), prediction.theory.map());
            let theory = Beside { states, map, comparison: Some(&first.comparison) };
            plot::of_comparison(report.network, &theory, &first.simulation, kind)
        }
    }
}
