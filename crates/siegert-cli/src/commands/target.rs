//! `siegert solve FILE --target "E.rate=5 Hz" --vary nu_ext`: the parameter values at which a state is as wanted.

use siegert::report::TargetQuestion;

use crate::arguments::{Format, InputKind, SolveOptions};
use crate::commands::read;
use crate::commands::solve::refuse_files;
use crate::failure::Failure;
use crate::output::clash::Files;
use crate::output::messages::print_warnings;
use crate::output::progress::Progress;
use crate::output::{command, deliver, file_format, stdout_format};
use crate::signals::stop_on_signals;
use siegert::report::FileFormat;

/// Looks for the values of the varied parameters.
pub(super) fn run(file: &str, options: &SolveOptions) -> Result<(), Failure> {
    if options.theory.input == InputKind::SelfConsistent {
        let message = "--input self-consistent is for solve without --target: its rates have an error by sampling, which a search would follow; take --input diffusion or shot-noise";
        return Err(Failure::Input(message.to_string()));
    }
    let format = file_format(&options.output)?;
    refuse_files(Files::of_network(file), options)?;
    let (text, source_name) = read::text(file)?;
    let read = options.network.read_options();
    let question = TargetQuestion::new((&text, &source_name), &read, &options.target, &options.vary)?;
    let to_table = matches!(format, Some(FileFormat::Csv | FileFormat::Parquet));
    if to_table || stdout_format(&options.output) == Some(Format::Csv) {
        question.refuse_columns()?;
    }
    let work = stop_on_signals()?;
    let progress = Progress::watching(&work, options.output.quiet, false);
    let mut report = question.answer(&options.theory.options(), &work)?;
    drop(progress);
    report.provenance.command = command();
    deliver(&options.output, &report, |report| report.text(options.shown()))?;
    if !options.output.quiet {
        print_warnings(&report.all_warnings());
    }
    Ok(())
}
