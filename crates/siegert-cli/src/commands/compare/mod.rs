//! `siegert compare`: theory beside simulation, number by number, and why they differ.

mod in_time;
mod saved;

use std::path::Path;

use siegert::comparison::study::{Prediction, ScalingStudy, Simulates, TimeStepStudy, UntilStopped, state_runs};
use siegert::job::{BESIDE_RUNS, BESIDE_SPIKES, Begin, KeptRuns, Resumable};
use siegert::report::{CompareReport, Report};

use crate::arguments::CompareArguments;
use crate::commands::{self, read, simulate};
use crate::failure::Failure;
use crate::library::{Network, Simulation, SimulationOptions, Sizes, Theory, Work};
use crate::output::clash::Files;
use crate::output::messages::{print_remark, print_warnings};
use crate::output::progress::Progress;
use crate::output::{command, deliver, file_format};
use crate::plot::{self, Beside, ComparisonPlot, Drawing, PictureFormat};
use crate::signals::stop_on_signals;

/// `siegert compare FILE`.
pub(crate) fn run(arguments: &CompareArguments) -> Result<(), Failure> {
    if arguments.evolve {
        return in_time::run(arguments);
    }
    file_format(&arguments.output)?;
    let picture = arguments.plot.plot.as_deref().map(PictureFormat::of).transpose()?;
    arguments.spikes.as_deref().map(simulate::refuse_spikes).transpose()?;
    if arguments.saved.is_empty() {
        refuse_missing_study(arguments)?;
    }
    arguments.report.as_deref().map(refuse_page).transpose()?;
    Files::of_network(&arguments.file)
        .output_with("--output", arguments.output.output.as_deref(), &BESIDE_RUNS)
        .output("--plot", arguments.plot.plot.as_deref())
        .output("--report", arguments.report.as_deref())
        .output_with("--spikes", arguments.spikes.as_deref(), &BESIDE_SPIKES)
        .check(arguments.output.quiet)?;
    if let Some((report, network, theory)) = saved::compared(arguments)? {
        return hand_over(arguments, &report, (&network, &theory), picture);
    }
    let network = read::network(&arguments.file, &arguments.network)?;
    let theory = arguments.theory.options();
    let work = stop_on_signals()?;
    let prediction = {
        let _bar = Progress::watching(&work, arguments.output.quiet, false);
        Prediction::of(Theory::new(&network, &theory)?.watched(&work).seeded(arguments.output.seed()))?
    };
    let choices = prediction.choices(arguments.state)?;
    if arguments.spikes.is_some() && choices.len() > 1 {
        return Err(Failure::Input(format!(
            "--spikes takes the spikes of one run, and the network is simulated near {} {}; name one with --state",
            choices.len(),
            if prediction.all_stable(&choices) { "stable states" } else { "states" }
        )));
    }
    let options = arguments.run.options(&arguments.output);
    let sizes = if arguments.fixed_size { Sizes::Stay } else { Sizes::Grow };
    if let Some(in_degrees) = &arguments.scaling {
        ScalingStudy::check(&network, &in_degrees.0, sizes, &options)?;
    }
    let mut kept = kept_runs(arguments, choices.len())?;
    let by = Session { spikes: arguments.spikes.as_deref(), quiet: arguments.output.quiet, work: &work };
    let mut session = Resumable { by, kept: kept.as_mut() };
    let simulated = (&network, &options);
    let (runs, mut stopped) = state_runs(&mut session, simulated, &prediction, &choices)?;
    let mut dt_study = None;
    if arguments.dt_study && stopped.is_none() {
        let (study, message) = TimeStepStudy::new(&mut session, simulated, &prediction, (choices[0], &runs[0]));
        (dt_study, stopped) = (Some(study), message);
    }
    let mut scaling = None;
    if let (Some(in_degrees), None) = (&arguments.scaling, &stopped) {
        let (study, message) = ScalingStudy::new(&mut session, simulated, &theory, (&in_degrees.0, sizes));
        (scaling, stopped) = (Some(study), message);
    }
    let Some(mut report) = CompareReport::new(&network, &prediction, runs, dt_study, scaling) else {
        return Err(Failure::Work("nothing was simulated".to_string()));
    };
    report.provenance.command = command();
    hand_over(arguments, &report, (&network, &prediction.theory), picture)?;
    match (stopped, kept) {
        (None, kept) => Ok(kept.map_or(Ok(()), KeptRuns::remove)?),
        (Some(message), Some(kept)) if !kept.is_empty() => Err(Failure::Work(format!(
            "{message}; the same command with --resume goes on with the runs that are complete"
        ))),
        (Some(message), _) => Err(Failure::Work(message)),
    }
}

/// Where complete runs are kept until all are: beside the result, if there are several.
fn kept_runs(arguments: &CompareArguments, states: usize) -> Result<Option<KeptRuns>, Failure> {
    let begin = match (arguments.resume, arguments.restart) {
        (true, _) => Begin::Resume,
        (_, true) => Begin::Anew,
        _ => Begin::WhereNothingIs,
    };
    let several = states > 1 || arguments.dt_study || arguments.scaling.is_some();
    let target = arguments.output.output.as_deref().filter(|_| several);
    Ok(target.map(|target| KeptRuns::start(target, begin)).transpose()?)
}

/// Writes the report, its picture and its page where they are wanted.
fn hand_over(
    arguments: &CompareArguments,
    report: &CompareReport,
    (network, theory): (&Network, &Theory<'_>),
    picture: Option<PictureFormat>,
) -> Result<(), Failure> {
    let drawn = match (&arguments.plot.plot, picture) {
        (Some(path), Some(format)) => drawing(report, network, theory, arguments.plot_kind)
            .and_then(|drawing| plot::write(path, format, &drawing)),
        _ => Ok(()),
    };
    let delay_ms = arguments.run.options(&arguments.output).open_delay_ms;
    let page = |path| plot::write_page(path, report, (network, theory), delay_ms);
    let written = arguments.report.as_deref().map_or(Ok(()), page);
    // A picture or page that fails does not keep the numbers from the user.
    deliver(&arguments.output, report, |report| report.text(arguments.details))?;
    if !arguments.output.quiet {
        print_warnings(&report.warnings);
    }
    drawn?;
    written
}

/// Refuses a name that is not that of a page.
fn refuse_page(path: &Path) -> Result<(), Failure> {
    let ending = path.extension().and_then(std::ffi::OsStr::to_str).map(str::to_ascii_lowercase);
    match ending.as_deref() {
        Some("html" | "htm") => plot::refuse_page(),
        _ => Err(Failure::Input(format!("--report {}: the ending must be .html", path.display()))),
    }
}

/// Simulates as the command does: with a progress bar, until it is stopped, the spikes to a file if one is named.
struct Session<'a> {
    spikes: Option<&'a Path>,
    quiet: bool,
    work: &'a Work,
}

impl Simulates for Session<'_> {
    type Error = Failure;

    fn simulate(
        &mut self,
        network: &Network,
        options: &SimulationOptions,
    ) -> Result<UntilStopped<Simulation>, Failure> {
        let outcome =
            simulate::simulated(network, options, self.spikes.map(Path::to_path_buf), (self.quiet, self.work))?;
        Ok((outcome.simulation, outcome.stopped))
    }

    fn remark(&mut self, what: &str) {
        if !self.quiet {
            print_remark(what);
        }
    }

    fn is_stopped(&self) -> bool {
        self.work.is_cancelled()
    }
}

/// Refuses the picture of a study that is not made.
fn refuse_missing_study(arguments: &CompareArguments) -> Result<(), Failure> {
    let needs = match arguments.plot_kind {
        ComparisonPlot::Scaling if arguments.scaling.is_none() => "scaling needs --scaling K=LIST",
        ComparisonPlot::TimeStep if !arguments.dt_study => "time-step needs --dt-study",
        _ => return Ok(()),
    };
    if commands::saved::is_saved(&arguments.file) {
        return Ok(()); // the report may have it
    }
    Err(Failure::Input(format!("--plot-kind {needs}")))
}

/// The picture of a study, if one is there and no other picture is named; else one of the first state.
pub(super) fn drawing(
    report: &CompareReport,
    network: &Network,
    theory: &Theory<'_>,
    kind: ComparisonPlot,
) -> Result<Drawing, Failure> {
    match (kind, &report.scaling, &report.dt_study) {
        (ComparisonPlot::Scaling | ComparisonPlot::Auto, Some(study), _) => plot::scaling(report.about(), study),
        (ComparisonPlot::TimeStep | ComparisonPlot::Auto, _, Some(study)) => plot::time_steps(report, study),
        _ => {
            let Some(first) = report.states.first() else {
                return Err(Failure::Input("the report has no state to draw".to_string()));
            };
            let (states, map) = (&report.fixed_points[..], theory.map());
            let theory = Beside { states, map, comparison: Some(&report.first) };
            plot::of_comparison(network, &theory, &first.measured, kind)
        }
    }
}
