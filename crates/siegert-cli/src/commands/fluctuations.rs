//! `siegert spectrum` and `siegert correlations`: how the activities of populations of finite size fluctuate, and what pairs of neurons have in common.

use siegert::report::{CorrelationsReport, FluctuationsReportError, Report, SpectrumReport};
use siegert::theory::State;
use siegert::{Warning, Work};

use crate::arguments::{CorrelationsArguments, FluctuationArguments, InputKind, SpectrumArguments, TheoryArguments};
use crate::commands::read;
use crate::failure::Failure;
use crate::library::Theory;
use crate::output::command;
use crate::output::destinations::Destinations;
use crate::plot::{self, Drawing};
use crate::signals::stop_on_signals;

/// `siegert spectrum FILE`.
pub(crate) fn spectrum(arguments: &SpectrumArguments) -> Result<(), Failure> {
    let own = &arguments.fluctuations;
    let faces = Faces { draw: plot::of_spectrum, text: SpectrumReport::text, warnings: |report| &report.warnings };
    run(own, &faces, |theory, states, work| {
        let mut report =
            SpectrumReport::new(theory, states, own.state, &arguments.frequencies.0, own.formula(), work)?;
        report.provenance.command = command();
        Ok(report)
    })
}

/// `siegert correlations FILE`.
pub(crate) fn correlations(arguments: &CorrelationsArguments) -> Result<(), Failure> {
    let own = &arguments.fluctuations;
    let faces =
        Faces { draw: plot::of_correlations, text: CorrelationsReport::text, warnings: |report| &report.warnings };
    run(own, &faces, |theory, states, work| {
        let mut report = CorrelationsReport::new(theory, states, own.state, arguments.bin_ms, own.formula(), work)?;
        report.provenance.command = command();
        Ok(report)
    })
}

/// How a report is shown.
struct Faces<R> {
    draw: fn(&R) -> Result<Drawing, Failure>,
    text: fn(&R) -> String,
    warnings: fn(&R) -> &[Warning],
}

fn run<R: Report>(
    arguments: &FluctuationArguments,
    faces: &Faces<R>,
    report: impl Fn(&Theory<'_>, &[State], &Work) -> Result<R, FluctuationsReportError>,
) -> Result<(), Failure> {
    refuse_single_jumps(&arguments.theory)?;
    let destinations = Destinations::checked(&arguments.file, &arguments.plot, &arguments.output)?;
    let network = read::network(&arguments.file, &arguments.network)?;
    let work = stop_on_signals()?;
    let theory = Theory::new(&network, &arguments.theory.options())?.watched(&work).seeded(arguments.output.seed());
    let found = theory.states()?;
    let progress = destinations.progress(&work);
    let report = report(&theory, &found.states, &work)?;
    drop(progress);
    destinations.deliver(&report, faces.draw, faces.text)?;
    destinations.warn(network.warnings.iter().chain((faces.warnings)(&report)));
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
