//! `siegert solve`: all stationary states of a network; and `siegert` alone, which solves the bundled default one.

use crate::arguments::{Format, InputKind, SolveArguments, SolveOptions, TheoryOptions};
use crate::commands::solution::SolutionReport;
use crate::commands::{read, target};
use crate::failure::Failure;
use crate::library;
use crate::output::messages::{print_remark, print_warnings};
use crate::output::{FileFormat, deliver, stdout_format};
use crate::plot::{self, PictureFormat};

/// `siegert solve FILE`.
pub(crate) fn run(arguments: &SolveArguments) -> Result<(), Failure> {
    solve(&arguments.file, &arguments.options)
}

/// `siegert`: the main job on the default network, and what to try next.
pub(crate) fn default_network(options: &SolveOptions) -> Result<(), Failure> {
    let name = library::bundled::all().first().map_or("brunel2000", |network| network.name);
    solve(name, options)?;
    if stdout_format(&options.output) == Some(Format::Text) && !options.output.quiet {
        print_remark(&format!(
            "try next:\n  siegert solve {name} --set g=6 --set eta=4   other parameters\n  siegert models                               \
             other networks\n  siegert new mine                             a network of your own\n  siegert --help"
        ));
    }
    Ok(())
}

fn solve(file: &str, options: &SolveOptions) -> Result<(), Failure> {
    refuse_shot_noise(&options.theory)?;
    if !options.target.is_empty() {
        return target::run(file, options);
    }
    FileFormat::of_output(&options.output)?;
    let picture = options.plot.plot.as_deref().map(PictureFormat::of).transpose()?;
    let network = read::network(file, &options.network)?;
    let theory = options.theory.options();
    let solution = match &options.start {
        None => library::search(&network, &theory)?,
        Some(start) => library::solve_from(&network, &theory, &start.rates_hz(network.populations.len())?)?,
    };
    let report = SolutionReport { network: &network, solution: &solution, kramers_moyal: options.kramers_moyal };
    if let (Some(path), Some(format)) = (&options.plot.plot, picture) {
        plot::write(path, format, &plot::of_solution(&network, &solution, &theory, options.plot_kind)?)?;
    }
    deliver(&options.output, &report)?;
    if !options.output.quiet {
        print_warnings(&network.warnings);
        print_warnings(&report.warnings());
    }
    Ok(())
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
