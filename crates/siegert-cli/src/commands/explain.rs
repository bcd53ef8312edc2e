//! `siegert explain`: what makes a number of a state what it is.

use siegert::report::{ExplainError, ExplainQuestion, ExplainReport};

use crate::arguments::ExplainArguments;
use crate::commands::read;
use crate::failure::Failure;
use crate::library::Theory;
use crate::output::command;
use crate::output::destinations::Destinations;
use crate::plot;
use crate::signals::stop_on_signals;

/// `siegert explain FILE --of QUANTITY`.
pub(crate) fn run(arguments: &ExplainArguments) -> Result<(), Failure> {
    let destinations = Destinations::checked(&arguments.file, &arguments.plot, &arguments.output)?;
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
    let _progress = destinations.progress(&work);
    let mut report = ExplainReport::new(&theory, &found.states, &question, &work)?;
    report.provenance.command = command();
    destinations.deliver(&report, plot::of_explain, ExplainReport::text)?;
    destinations.warn(network.warnings.iter().chain(&theory.warnings(&found)));
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
