//! `siegert sweep`: the stationary states over a grid of parameters, one row a state.

#[cfg(not(feature = "pictures"))]
#[path = "no_picture.rs"]
mod picture;
#[cfg(feature = "pictures")]
mod picture;
mod phases;
mod printed;

use siegert::job::{BESIDE_ROWS, Begin, SweepFile, SweepOutcome};
use siegert::report::FileFormat;
use siegert::sweep::{Control, SweepHeader};

use crate::arguments::SweepArguments;
use crate::commands::read;
use crate::failure::Failure;
use crate::library::{Sweep, Work};
use crate::output::clash::Files;
use crate::output::messages::{print_remark, print_warnings};
use crate::output::progress::Progress;
use crate::output::{command, file_format};
use crate::signals::stop_on_signals;
use picture::Picture;

/// `siegert sweep FILE`.
pub(crate) fn run(arguments: &SweepArguments) -> Result<(), Failure> {
    if arguments.phases {
        return phases::run(arguments);
    }
    let format = file_format(&arguments.output)?;
    if arguments.output.format.is_some() && format.is_some() {
        let message = "--format is the form of standard output; with --output the ending of PATH says the form";
        return Err(Failure::Input(message.to_string()));
    }
    arguments.plot.picture()?;
    Files::of_network(&arguments.file)
        .output_with("--output", arguments.output.output.as_deref(), &BESIDE_ROWS)
        .output("--plot", arguments.plot.plot.as_deref())
        .check(arguments.output.quiet || arguments.resume)?;
    let (text, source_name) = read::text(&arguments.file)?;
    let sweep = Sweep::new(
        &text,
        &source_name,
        &arguments.network.read_options(),
        arguments.over.clone(),
        &arguments.quantity,
        &arguments.theory.options(),
    )?;
    let mut header = SweepHeader::new(&sweep);
    header.provenance.command = command();
    let picture = Picture::planned(&sweep, arguments)?;
    let work = stop_on_signals()?;
    match (&arguments.output.output, format) {
        (Some(path), Some(format)) => {
            let begin = match (arguments.resume, arguments.restart) {
                (true, _) => Begin::Resume,
                (_, true) => Begin::Anew,
                _ => Begin::WhereNothingIs,
            };
            let file = SweepFile { path: path.clone(), format, begin };
            to_file((&sweep, &header), &file, arguments, picture.as_ref(), &work)?;
        }
        _ => printed::print(&sweep, &header, &arguments.output, picture.as_ref(), &work)?,
    }
    if !arguments.output.quiet {
        print_warnings(&sweep.family().own().warnings);
    }
    Ok(())
}

fn control(threads: Option<u16>, work: &Work) -> Control<'_> {
    Control { threads: threads.map(usize::from), work }
}

fn to_file(
    sweep: (&Sweep, &SweepHeader),
    file: &SweepFile,
    arguments: &SweepArguments,
    picture: Option<&Picture<'_>>,
    work: &Work,
) -> Result<(), Failure> {
    let progress = Progress::watching(work, arguments.output.quiet, false);
    let outcome = file.fill(sweep, &control(arguments.output.threads, work), |rows| {
        picture.map_or(Ok(()), |picture| picture.draw_file(rows, FileFormat::Csv))
    });
    drop(progress);
    if outcome? == SweepOutcome::Computed {
        return Ok(());
    }
    if !arguments.output.quiet {
        print_remark(&format!("{} is finished already", file.path.display()));
    }
    picture.map_or(Ok(()), |picture| picture.draw_file(&file.path, file.format))
}
