//! `siegert new`: a network file to start from.

use std::io::Write;
use std::path::PathBuf;

use crate::arguments::NewArguments;
use crate::commands::models;
use crate::failure::Failure;
use crate::output::messages::print_remark;
use siegert::files::{AtomicFile, Existing};

const TEMPLATE: &str = include_str!("../../assets/template.toml");

/// `siegert new NAME [--from MODEL]`.
pub(crate) fn run(arguments: &NewArguments) -> Result<(), Failure> {
    let path = path_of(&arguments.name)?;
    let text = match &arguments.from {
        Some(model) => models::text_of(model)?,
        None => TEMPLATE,
    };
    if path.exists() && !arguments.force {
        return Err(Failure::Input(format!("{} exists already; --force replaces it", path.display())));
    }
    let mut file = AtomicFile::create(&path)?;
    file.checked(|file| file.write_all(text.as_bytes()))?;
    // Once more here: the file could have come into being since it was looked for.
    file.commit_over(if arguments.force { Existing::Replace } else { Existing::Keep })?;
    if !arguments.quiet {
        print_remark(&format!("wrote {0}; see what follows from it: siegert check {0}", path.display()));
    }
    Ok(())
}

fn path_of(name: &str) -> Result<PathBuf, Failure> {
    if name.is_empty() || name == "-" || name.ends_with(['/', std::path::MAIN_SEPARATOR]) {
        return Err(Failure::Input(format!("\"{name}\" is not the name of a file")));
    }
    if name.ends_with(".toml") { Ok(PathBuf::from(name)) } else { Ok(PathBuf::from(format!("{name}.toml"))) }
}
