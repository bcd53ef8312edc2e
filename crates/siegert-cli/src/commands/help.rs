//! `siegert completions`, `siegert man`, `siegert schema`: what other programs want to know of this one.

use std::io::{self, Write};
use std::path::Path;

use clap::CommandFactory;
use clap_mangen::Man;

use crate::arguments::{Arguments, CompletionsArguments, ManArguments};
use crate::failure::Failure;
use crate::library;
use siegert::files::AtomicFile;
use siegert::report::json;

/// `siegert completions SHELL`.
pub(crate) fn completions(arguments: &CompletionsArguments) -> Result<(), Failure> {
    let mut script = Vec::new();
    clap_complete::generate(arguments.shell, &mut Arguments::command(), "siegert", &mut script);
    print(&script)
}

/// `siegert man`: the main page, or with a directory one page a command.
pub(crate) fn man(arguments: &ManArguments) -> Result<(), Failure> {
    let mut command = Arguments::command();
    command.build();
    let Some(directory) = &arguments.output else { return print(&page(command)?) };
    for subcommand in command.get_subcommands().filter(|subcommand| subcommand.get_name() != "help") {
        let name = format!("siegert-{}", subcommand.get_name());
        write_page(directory, &name, subcommand.clone().name(leaked(&name)))?;
    }
    write_page(directory, "siegert", command)
}

/// The schema of the network file.
pub(crate) fn schema() -> Result<(), Failure> {
    let mut text = Vec::new();
    json::write(&mut text, &library::json_schema())?;
    print(&text)
}

/// clap wants names that live as long as the program; there are fewer than ten.
fn leaked(name: &str) -> &'static str {
    Box::leak(name.to_string().into_boxed_str())
}

fn page(command: clap::Command) -> Result<Vec<u8>, Failure> {
    let mut page = Vec::new();
    Man::new(command).render(&mut page)?;
    Ok(page)
}

fn write_page(directory: &Path, name: &str, command: clap::Command) -> Result<(), Failure> {
    let page = page(command)?;
    let mut file = AtomicFile::create(&directory.join(format!("{name}.1")))?;
    file.checked(|file| file.write_all(&page))?;
    Ok(file.commit()?)
}

fn print(bytes: &[u8]) -> Result<(), Failure> {
    let mut stdout = io::stdout().lock();
    stdout.write_all(bytes)?;
    Ok(stdout.flush()?)
}
