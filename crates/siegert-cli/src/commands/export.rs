//! `siegert export`: the network as a script for another simulator.

use std::ffi::OsStr;
use std::io::Write;
use std::path::Path;

use crate::arguments::{ExportArguments, TargetKind};
use crate::commands::read;
use crate::failure::Failure;
use crate::library;
use crate::output::clash::Files;
use crate::output::messages::{print_remark, print_warnings};
use crate::output::print_text;
use siegert::files::AtomicFile;

/// `siegert export nest|brian2 FILE`.
pub(crate) fn run(arguments: &ExportArguments) -> Result<(), Failure> {
    if arguments.target == TargetKind::Brian2 && arguments.threads.is_some() {
        let message = "--threads is only for NEST: Brian2 runs on one thread; leave it out";
        return Err(Failure::Input(message.to_string()));
    }
    arguments.output.as_deref().map_or(Ok(()), require_python)?;
    Files::of_network(&arguments.file).output("--output", arguments.output.as_deref()).check(arguments.quiet)?;
    let network = read::network(&arguments.file, &arguments.network)?;
    let script = library::script(&network, arguments.target.into(), &arguments.options())?;
    match &arguments.output {
        None => print_text(&script.text)?,
        Some(path) => {
            let mut file = AtomicFile::create(path)?;
            file.checked(|file| file.write_all(script.text.as_bytes()))?;
            file.commit()?;
            if !arguments.quiet {
                print_remark(&format!("wrote {0}; its options: python3 {0} --help", path.display()));
            }
        }
    }
    if !arguments.quiet {
        print_warnings(&network.warnings);
        print_warnings(&script.warnings);
    }
    Ok(())
}

fn require_python(path: &Path) -> Result<(), Failure> {
    if path.extension().and_then(OsStr::to_str) == Some("py") {
        return Ok(());
    }
    Err(Failure::Input(format!("--output {}: the ending must be .py", path.display())))
}
