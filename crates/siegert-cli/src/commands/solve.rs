//! `siegert solve`: all stationary states of a network.

use crate::arguments::{InputKind, SolveArguments, SolveOptions, TheoryOptions};
use crate::commands::solution::SolutionReport;
use crate::commands::{read, target};
use crate::failure::Failure;
use crate::library::{self, Network, Solution};
use crate::output::clash::Files;
use crate::output::messages::print_warnings;
use crate::output::{FileFormat, deliver};
use crate::plot::{self, PictureFormat};

/// `siegert solve FILE`.
pub(crate) fn run(arguments: &SolveArguments) -> Result<(), Failure> {
    let options = &arguments.options;
    refuse_shot_noise(&options.theory)?;
    if !options.target.is_empty() {
        return target::run(&arguments.file, options);
    }
    FileFormat::of_output(&options.output)?;
    let picture = options.plot.plot.as_deref().map(PictureFormat::of).transpose()?;
    refuse_files(Files::of_network(&arguments.file), options)?;
    let network = read::network(&arguments.file, &options.network)?;
    let solution = solution(&network, options)?;
    let report = SolutionReport { network: &network, solution: &solution, kramers_moyal: options.kramers_moyal };
    if let (Some(path), Some(format)) = (&options.plot.plot, picture) {
        let drawing = plot::of_solution(&network, &solution, &options.theory.options(), options.plot_kind)?;
        plot::write(path, format, &drawing)?;
    }
    deliver(&options.output, &report)?;
    if !options.output.quiet {
        print_warnings(&network.warnings);
        print_warnings(&report.warnings());
    }
    Ok(())
}

/// Refuses files that cannot be written or would be lost.
pub(super) fn refuse_files(files: Files, options: &SolveOptions) -> Result<(), Failure> {
    files.output("--output", options.output.output.as_deref()).output("--plot", options.plot.plot.as_deref()).check()
}

/// All states, or the one near `--start`.
pub(super) fn solution(network: &Network, options: &SolveOptions) -> Result<Solution, Failure> {
    let theory = options.theory.options();
    Ok(match &options.start {
        None => library::search(network, &theory)?,
        Some(start) => library::solve_from(network, &theory, &start.rates_hz(network.populations.len())?)?,
    })
}

/// Shot noise is in the interface but not in this version.
pub(super) fn refuse_shot_noise(theory: &TheoryOptions) -> Result<(), Failure> {
    match theory.input {
        InputKind::Diffusion => Ok(()),
        InputKind::ShotNoise => Err(Failure::Input(
            "--input shot-noise is not computed in this version; --input diffusion (white noise) is".to_string(),
        )),
    }
}
