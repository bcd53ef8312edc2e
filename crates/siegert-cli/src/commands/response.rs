//! `siegert response`: what neurons and network follow, and what the network does by itself.

use siegert::report::{CriticalError, CriticalQuestion, ResponseReport, ResponseReportError};
use siegert::response::EndOfSearch;

use crate::arguments::ResponseArguments;
use crate::commands::read;
use crate::commands::solve::refuse_other_input;
use crate::failure::Failure;
use crate::library::{Theory, parse};
use crate::output::clash::Files;
use crate::output::messages::print_warnings;
use crate::output::progress::Progress;
use crate::output::{command, deliver, file_format, stdout_format};
use crate::plot;
use crate::signals::stop_on_signals;

/// `siegert response FILE`.
pub(crate) fn run(arguments: &ResponseArguments) -> Result<(), Failure> {
    refuse_other_input(&arguments.theory)?;
    file_format(&arguments.output)?;
    let picture = arguments.plot.picture()?;
    Files::of_network(&arguments.file)
        .output("--output", arguments.output.output.as_deref())
        .output("--plot", arguments.plot.plot.as_deref())
        .check(arguments.output.quiet)?;
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
    let _progress = Progress::watching(&work, arguments.output.quiet, stdout_format(&arguments.output).is_some());
    let mut report =
        ResponseReport::new(&theory, &found.states, arguments.state, &arguments.frequencies.0, &work)?;
    report.provenance.command = command();
    if let Some((question, state)) = question.zip(found.states.get(report.state - 1)) {
        report.critical = Some(question.answer(&network, state, &theory.options(), &work)?);
    }
    if let Some((path, format)) = picture {
        plot::write(path, format, &plot::of_response(&report)?)?;
    }
    deliver(&arguments.output, &report, ResponseReport::text)?;
    if !arguments.output.quiet {
        print_warnings(&network.warnings);
        print_warnings(&theory.warnings(&found));
    }
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
