//! `siegert models`: the bundled published networks.

use std::io::Write;

use siegert::report::ModelsReport;

use crate::arguments::ModelsArguments;
use crate::failure::Failure;
use crate::library::bundled;
use crate::output::{command, deliver, file_format};

/// `siegert models [NAME]`.
pub(crate) fn run(arguments: &ModelsArguments) -> Result<(), Failure> {
    match &arguments.name {
        Some(name) => {
            let mut stdout = std::io::stdout().lock();
            stdout.write_all(text_of(name)?.as_bytes())?;
            Ok(stdout.flush()?)
        }
        None => {
            file_format(&arguments.output)?;
            let mut report = ModelsReport::bundled()?;
            report.provenance.command = command();
            deliver(&arguments.output, &report, ModelsReport::text)
        }
    }
}

/// The file of a bundled network; a name that is none is answered with those that are.
pub(super) fn text_of(name: &str) -> Result<&'static str, Failure> {
    if let Some(network) = bundled::find(name) {
        return Ok(network.text);
    }
    let names: Vec<&str> = bundled::all().iter().map(|network| network.name).collect();
    let closest = names.iter().max_by(|a, b| strsim::jaro(a, name).total_cmp(&strsim::jaro(b, name)));
    let guess = closest.filter(|closest| strsim::jaro(closest, name) > 0.75);
    let guess = guess.map(|closest| format!(" (did you mean {closest}?)")).unwrap_or_default();
    Err(Failure::Input(format!("no bundled network is called \"{name}\"{guess}; there are: {}", names.join(", "))))
}
