//! `siegert sweep`: the stationary states over a grid of parameters, one row a state.

mod cells;
mod finish;
mod finished;
mod journal;
#[cfg(not(feature = "pictures"))]
#[path = "no_picture.rs"]
mod picture;
#[cfg(feature = "pictures")]
mod picture;
mod printed;
mod unfinished;

use std::path::Path;

use siegert::sweep::Control;

use crate::arguments::{OutputOptions, SweepArguments};
use crate::commands::read;
use crate::commands::solve::refuse_shot_noise;
use crate::failure::Failure;
use crate::library::{Sweep, Work};
use crate::number::count;
use crate::output::FileFormat;
use crate::output::clash::Files;
use crate::output::messages::{print_remark, print_warnings};
use crate::output::progress::Progress;
use crate::signals::stop_on_signals;

use crate::plot::PictureFormat;
use cells::as_csv;
use journal::Fingerprint;
use picture::Picture;
use unfinished::{BESIDE_ROWS, Begin, Start, Unfinished};

/// `siegert sweep FILE`.
pub(crate) fn run(arguments: &SweepArguments) -> Result<(), Failure> {
    refuse_shot_noise(&arguments.theory)?;
    let format = FileFormat::of_output(&arguments.output)?;
    if arguments.output.format.is_some() && format.is_some() {
        let message = "--format is the form of standard output; with --output the ending of PATH says the form";
        return Err(Failure::Input(message.to_string()));
    }
    arguments.plot.plot.as_deref().map(PictureFormat::of).transpose()?;
    Files::of_network(&arguments.file)
        .output_with("--output", arguments.output.output.as_deref(), &BESIDE_ROWS)
        .output("--plot", arguments.plot.plot.as_deref())
        .check()?;
    let (text, source_name) = read::text(&arguments.file)?;
    let sweep = Sweep::new(
        &text,
        &source_name,
        &arguments.network.read_options(),
        arguments.over.clone(),
        &arguments.quantity,
        &arguments.theory.options(),
    )?;
    let picture = Picture::planned(&sweep, arguments)?;
    let work = stop_on_signals()?;
    match (&arguments.output.output, format) {
        (Some(path), Some(format)) => {
            let fingerprint = Fingerprint::new(&text, &sweep, arguments);
            to_file(&sweep, (path, format), &fingerprint, arguments, picture.as_ref(), &work)?;
        }
        _ => printed::print(&sweep, &arguments.output, picture.as_ref(), &work)?,
    }
    if !arguments.output.quiet {
        print_warnings(&sweep.family().own().warnings);
    }
    Ok(())
}

fn control<'a>(threads: Option<u16>, work: &'a Work) -> Control<'a> {
    Control { threads: threads.map(usize::from), work }
}

fn to_file(
    sweep: &Sweep,
    (path, format): (&Path, FileFormat),
    fingerprint: &Fingerprint,
    arguments: &SweepArguments,
    picture: Option<&Picture<'_>>,
    work: &Work,
) -> Result<(), Failure> {
    let begin = match (arguments.resume, arguments.restart) {
        (true, _) => Begin::Resume,
        (_, true) => Begin::Anew,
        _ => Begin::WhereNothingIs,
    };
    let mut unfinished = match Unfinished::start(path, begin, fingerprint, sweep.len())? {
        Start::Unfinished(unfinished) => *unfinished,
        Start::Finished => {
            finished::require(sweep, path, format, work)?;
            if !arguments.output.quiet {
                print_remark(&format!("{} is finished already", path.display()));
            }
            return picture.map_or(Ok(()), |picture| picture.draw_file(path, format));
        }
    };
    write_rows(&mut unfinished, sweep, &arguments.output, work)?;
    // A picture that fails does not keep the rows from their file.
    let drawn = picture.map_or(Ok(()), |picture| picture.draw_file(unfinished.partial(), FileFormat::Csv));
    finish::finish(unfinished, sweep, format)?;
    drawn
}

/// Writes all rows that are not there yet.
fn write_rows(unfinished: &mut Unfinished, sweep: &Sweep, options: &OutputOptions, work: &Work) -> Result<(), Failure> {
    if unfinished.is_empty() {
        unfinished.append(0, cells::csv_header(sweep.columns()).as_bytes())?;
    }
    let mut progress = Progress::new(sweep.len() as usize, options.quiet, false);
    let control = control(options.threads, work);
    let done = sweep.run(unfinished.done(), &control, as_csv, |points, text| {
        unfinished.append(points.end, &text)?;
        progress.reached(points.end as usize);
        Ok::<(), Failure>(())
    })?;
    unfinished.vouch()?;
    drop(progress);
    if done < sweep.len() {
        let (done, all) = (count(done), count(sweep.len()));
        return Err(Failure::Work(format!(
            "stopped after {done} of {all} points; the same command with --resume goes on there"
        )));
    }
    Ok(())
}
