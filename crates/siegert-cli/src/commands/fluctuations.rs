//! `siegert spectrum` and `siegert correlations`: how the activities of populations of finite size fluctuate, and what pairs of neurons have in common.

use siegert::report::{CorrelationsReport, FluctuationsReportError, Report, SpectrumReport};
use siegert::theory::State;
use siegert::{Provenance, Warning, Work};

use crate::arguments::{CorrelationsArguments, FluctuationArguments, InputKind, SpectrumArguments, TheoryArguments};
use crate::commands::read;
use crate::failure::Failure;
use crate::library::Theory;
use crate::output::clash::Files;
use crate::output::messages::print_warnings;
use crate::output::progress::Progress;
use crate::output::{command, deliver, file_format, stdout_format};
use crate::plot::{self, Drawing};
use crate::signals::stop_on_signals;

/// `siegert spectrum FILE`.
pub(crate) fn spectrum(arguments: &SpectrumArguments) -> Result<(), Failure> {
    let own = &arguments.fluctuations;
    run(own, plot::of_spectrum, |theory, states, work| {
        SpectrumReport::new(theory, states, own.state, &arguments.frequencies.0, own.formula(), work)
    })
}

/// `siegert correlations FILE`.
pub(crate) fn correlations(arguments: &CorrelationsArguments) -> Result<(), Failure> {
    let own = &arguments.fluctuations;
    run(own, plot::of_correlations, |theory, states, work| {
        CorrelationsReport::new(theory, states, own.state, arguments.bin_ms, own.formula(), work)
    })
}

/// What both do with their reports.
trait Fluctuating: Report {
    fn provenance(&mut self) -> &mut Provenance;
    fn warnings(&self) -> &[Warning];
    fn shown(&self) -> String;
}

macro_rules! fluctuating {
    ($($report:ty),*) => {$(
        impl Fluctuating for $report {
            fn provenance(&mut self) -> &mut Provenance {
                &mut self.provenance
            }

            fn warnings(&self) -> &[Warning] {
                &self.warnings
            }

            fn shown(&self) -> String {
                self.text()
            }
        }
    )*};
}
fluctuating!(SpectrumReport, CorrelationsReport);

fn run<R: Fluctuating>(
    arguments: &FluctuationArguments,
    draw: impl Fn(&R) -> Result<Drawing, Failure>,
    report: impl Fn(&Theory<'_>, &[State], &Work) -> Result<R, FluctuationsReportError>,
) -> Result<(), Failure> {
    refuse_single_jumps(&arguments.theory)?;
    file_format(&arguments.output)?;
    let picture = arguments.plot.picture()?;
    Files::of_network(&arguments.file)
        .output("--output", arguments.output.output.as_deref())
        .output("--plot", arguments.plot.plot.as_deref())
        .check(arguments.output.quiet)?;
    let network = read::network(&arguments.file, &arguments.network)?;
    let work = stop_on_signals()?;
    let theory = Theory::new(&network, &arguments.theory.options())?.watched(&work).seeded(arguments.output.seed());
    let found = theory.states()?;
    let progress = Progress::watching(&work, arguments.output.quiet, stdout_format(&arguments.output).is_some());
    let mut report = report(&theory, &found.states, &work)?;
    drop(progress);
    report.provenance().command = command();
    if let Some((path, format)) = picture {
        plot::write(path, format, &draw(&report)?)?;
    }
    deliver(&arguments.output, &report, R::shown)?;
    if !arguments.output.quiet {
        print_warnings(&network.warnings);
        print_warnings(report.warnings());
    }
    Ok(())
}

/// Refuses jumps one by one, of which there is no response.
fn refuse_single_jumps(theory: &TheoryArguments) -> Result<(), Failure> {
    match theory.input {
        InputKind::ShotNoise => Err(Failure::Input(
            "--input shot-noise is for solve, solve --target, compare and sweep; this command takes --input diffusion and self-consistent"
                .to_string(),
        )),
        InputKind::Diffusion | InputKind::SelfConsistent => Ok(()),
    }
}

impl From<FluctuationsReportError> for Failure {
    fn from(error: FluctuationsReportError) -> Self {
        match error {
            FluctuationsReportError::Cancelled | FluctuationsReportError::Counts(_) => Failure::Work(error.to_string()),
            FluctuationsReportError::NoState(_) => Failure::Input(format!("--state: {error}")),
            FluctuationsReportError::Solve(error) => error.into(),
            _ => Failure::Input(error.to_string()),
        }
    }
}
