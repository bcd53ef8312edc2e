//! `siegert solve`: all stationary states of a network.

use siegert::report::ShownInText;

use crate::arguments::{InputKind, SolveArguments, SolveEquation, SolveOptions, TheoryArguments};
use crate::commands::{read, reduced, target};
use crate::failure::Failure;
use crate::library::{InputTheory, Solution, Theory};
use crate::output::clash::Files;
use crate::output::messages::print_warnings;
use crate::output::progress::Progress;
use crate::output::{command, deliver, file_format};
use crate::plot;
use crate::signals::stop_on_signals;
use siegert::Work;

/// `siegert solve FILE`.
pub(crate) fn run(arguments: &SolveArguments) -> Result<(), Failure> {
    let options = &arguments.options;
    if arguments.equation == SolveEquation::Reduced {
        return reduced::run(arguments);
    }
    if !options.target.is_empty() {
        return target::run(&arguments.file, options);
    }
    file_format(&options.output)?;
    let picture = options.plot.picture()?;
    refuse_files(Files::of_network(&arguments.file), options)?;
    let network = read::network(&arguments.file, &options.network)?;
    let work = stop_on_signals()?;
    let theory = Theory::new(&network, &options.theory.options())?.watched(&work).seeded(options.output.seed());
    let mut solution = {
        let prints = options.output.output.is_none();
        let _bar = Progress::watching(&work, options.output.quiet, prints);
        solution(&theory, options, &work)?
    };
    solution.provenance.command = command();
    if let Some((path, format)) = picture {
        let drawing = plot::of_solution(&theory, &solution, options.plot_kind)?;
        plot::write(path, format, &drawing)?;
    }
    deliver(&options.output, &solution, |solution| solution.text(options.shown()))?;
    if !options.output.quiet {
        print_warnings(&network.warnings);
        print_warnings(&solution.all_warnings());
    }
    match work.is_cancelled() {
        true => Err(Failure::Work("stopped before what the network does around its states was known".to_string())),
        false => Ok(()),
    }
}

impl SolveOptions {
    /// What the text has beside the answer itself.
    pub(super) fn shown(&self) -> ShownInText {
        ShownInText { details: self.details, kramers_moyal: self.kramers_moyal }
    }
}

/// Refuses files that cannot be written or would be lost.
pub(super) fn refuse_files(files: Files, options: &SolveOptions) -> Result<(), Failure> {
    files
        .output("--output", options.output.output.as_deref())
        .output("--plot", options.plot.plot.as_deref())
        .check(options.output.quiet)
}

/// All states, or the one near `--start`, with what the network does around each.
pub(super) fn solution(theory: &Theory, options: &SolveOptions, work: &Work) -> Result<Solution, Failure> {
    let start = options.start.as_ref().map(|start| start.rates_hz(theory.map().len())).transpose()?;
    if theory.input() == InputTheory::SelfConsistent {
        return Ok(match start {
            None => theory.solution()?,
            Some(rates_hz) => theory.solution_from(&rates_hz)?,
        });
    }
    let (solution, states) = match start {
        None => {
            let found = theory.states()?;
            (theory.describe(&found), found.states)
        }
        Some(rates_hz) => {
            let state = theory.solve_from(&rates_hz)?;
            (theory.describe_one(&state), vec![state])
        }
    };
    Ok(theory.with_full_dynamics(solution, &states, work))
}

/// Refuses other input than white noise where the command has only the diffusion approximation.
pub(super) fn refuse_other_input(theory: &TheoryArguments) -> Result<(), Failure> {
    let refused = |which: &str| {
        Err(Failure::Input(format!("--input {which}; this command takes --input diffusion (white noise)")))
    };
    match theory.input {
        InputKind::Diffusion => Ok(()),
        InputKind::ShotNoise => refused("shot-noise is for solve, solve --target, compare and sweep"),
        InputKind::SelfConsistent => refused("self-consistent is for solve, compare and sweep"),
    }
}
