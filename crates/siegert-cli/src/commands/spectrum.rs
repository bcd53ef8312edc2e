//! `siegert spectrum`: how the activities of populations of finite size fluctuate.

use siegert::report::{FluctuationsReportError, SpectrumFormula, SpectrumReport};

use crate::arguments::{InputKind, SpectrumArguments, TheoryArguments};
use crate::commands::read;
use crate::failure::Failure;
use crate::library::Theory;
use crate::output::clash::Files;
use crate::output::messages::print_warnings;
use crate::output::progress::Progress;
use crate::output::{command, deliver, file_format, stdout_format};
use crate::plot;
use crate::signals::stop_on_signals;

/// `siegert spectrum FILE`.
pub(crate) fn run(arguments: &SpectrumArguments) -> Result<(), Failure> {
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
    let _progress = Progress::watching(&work, arguments.output.quiet, stdout_format(&arguments.output).is_some());
    let mut report =
        SpectrumReport::new(&theory, &found.states, arguments.state, &arguments.frequencies.0, formula(arguments.random_part, arguments.published), &work)?;
    report.provenance.command = command();
    if let Some((path, format)) = picture {
        plot::write(path, format, &plot::of_spectrum(&report)?)?;
    }
    deliver(&arguments.output, &report, SpectrumReport::text)?;
    if !arguments.output.quiet {
        print_warnings(&network.warnings);
        print_warnings(&report.warnings);
    }
    Ok(())
}

/// Refuses jumps one by one, of which there is no response.
pub(super) fn refuse_single_jumps(theory: &TheoryArguments) -> Result<(), Failure> {
    match theory.input {
        InputKind::ShotNoise => Err(Failure::Input(
            "--input shot-noise is for solve, solve --target, compare and sweep; this command takes --input diffusion and self-consistent".to_string(),
        )),
        InputKind::Diffusion | InputKind::SelfConsistent => Ok(()),
    }
}

/// What the options ask for.
pub(super) fn formula(random_part: bool, published: bool) -> SpectrumFormula {
    match (random_part, published) {
        (true, _) => SpectrumFormula::RandomPart,
        (_, true) => SpectrumFormula::Published,
        _ => SpectrumFormula::Full,
    }
}

impl From<FluctuationsReportError> for Failure {
    fn from(error: FluctuationsReportError) -> Self {
        match error {
            FluctuationsReportError::Cancelled | FluctuationsReportError::Counts(_) => Failure::Work(error.to_string()),
            FluctuationsReportError::NoState(_) => Failure::Input(format!("--state: {error}")),
            _ => Failure::Input(error.to_string()),
        }
    }
}
