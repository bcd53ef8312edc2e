//! `siegert response`: what neurons and network follow, and what the network does by itself.

use siegert::report::{CriticalError, CriticalQuestion, ResponseReport, ResponseReportError};
use siegert::response::EndOfSearch;

use crate::arguments::ResponseArguments;
use crate::commands::read;
use crate::commands::solve::refuse_other_input;
use crate::failure::Failure;
use crate::library::{Theory, parse};
use crate::output::command;
use crate::output::destinations::Destinations;
use crate::plot;
use crate::signals::stop_on_signals;

/// `siegert response FILE`.
pub(crate) fn run(arguments: &ResponseArguments) -> Result<(), Failure> {
    refuse_other_input(&arguments.theory)?;
    let destinations = Destinations::checked(&arguments.file, &arguments.plot, &arguments.output)?;
    let (network, question) = match &arguments.critical {
        None => (read::network(&arguments.file, &arguments.network)?, None),
        Some(said) => {
            let (text, source_name) = read::text(&arguments.file)?;
            let options = arguments.network.read_options();
            let question = CriticalQuestion::new((&text, &source_name), &options, said)?;
            (parse(&text, &source_name, &options)?, Some(question))
        }
    };
    let work = stop_on_signals()?;
    let theory = Theory::new(&network, &arguments.theory.options())?.watched(&work);
    let found = theory.states()?;
    let _progress = destinations.progress(&work);
    let mut report =
        ResponseReport::new(&theory, &found.states, arguments.state, &arguments.frequencies.0, &work)?;
    report.provenance.command = command();
    if let Some((question, state)) = question.zip(found.states.get(report.state - 1)) {
        report.critical = Some(question.answer(&network, state, &theory.options(), &work)?);
    }
    destinations.deliver(&report, plot::of_response, ResponseReport::text)?;
    destinations.warn(network.warnings.iter().chain(&theory.warnings(&found)));
    Ok(())
}

impl From<ResponseReportError> for Failure {
    fn from(error: ResponseReportError) -> Self {
        match error {
            ResponseReportError::Cancelled => Failure::Work(error.to_string()),
            ResponseReportError::NoState(_) => Failure::Input(format!("--state: {error}")),
            _ => Failure::Input(error.to_string()),
        }
    }
}

impl From<CriticalError> for Failure {
    fn from(error: CriticalError) -> Self {
        match error {
            CriticalError::NetworkFile(error) => error.into(),
            CriticalError::End(EndOfSearch::Refused(_)) | CriticalError::Parameter { .. } => Failure::Input(format!("--{error}")),
            other => Failure::Work(other.to_string()),
        }
    }
}
