//! `siegert explain`: what makes a number of a state what it is.

use siegert::report::{ExplainError, ExplainQuestion, ExplainReport};

use crate::arguments::ExplainArguments;
use crate::commands::read;
use crate::failure::Failure;
use crate::library::Theory;
use crate::output::clash::Files;
use crate::output::messages::print_warnings;
use crate::output::progress::Progress;
use crate::output::{command, deliver, file_format, stdout_format};
use crate::plot;
use crate::signals::stop_on_signals;

/// `siegert explain FILE --of QUANTITY`.
pub(crate) fn run(arguments: &ExplainArguments) -> Result<(), Failure> {
    file_format(&arguments.output)?;
    let picture = arguments.plot.picture()?;
    Files::of_network(&arguments.file)
        .output("--output", arguments.output.output.as_deref())
        .output("--plot", arguments.plot.plot.as_deref())
        .check(arguments.output.quiet)?;
    let network = read::network(&arguments.file, &arguments.network)?;
    let question = ExplainQuestion {
        of: arguments.of.clone(),
        population: arguments.population.clone(),
        state: arguments.state,
        root: arguments.root,
    };
    question.check(&network)?;
    let work = stop_on_signals()?;
    let theory = Theory::new(&network, &arguments.theory.options())?.watched(&work);
    let found = theory.states()?;
    let _progress = Progress::watching(&work, arguments.output.quiet, stdout_format(&arguments.output).is_some());
    let mut report = ExplainReport::new(&theory, &found.states, &question, &work)?;
    report.provenance.command = command();
    if let Some((path, format)) = picture {
        plot::write(path, format, &plot::of_explain(&report)?)?;
    }
    deliver(&arguments.output, &report, ExplainReport::text)?;
    if !arguments.output.quiet {
        print_warnings(&network.warnings);
        print_warnings(&theory.warnings(&found));
    }
    Ok(())
}

impl From<ExplainError> for Failure {
    fn from(error: ExplainError) -> Self {
        match error {
            ExplainError::Sensitivity(error) if error.is_bad_input() => Failure::Input(error.to_string()),
            ExplainError::Sensitivity(error) => Failure::Work(error.to_string()),
            option => Failure::Input(format!("--{option}")),
        }
    }
}
