//! `siegert transfer`: the rate of a neuron at given inputs, row by row.

mod neuron;
mod writer;

use std::io::BufReader;
use std::path::Path;

use siegert::neuron::lif::SynapticFilter;
use siegert::report::Provenance;
use siegert::report::transfer::{Evaluator, Inputs, Points, Remarks, TransferNeuron};

use crate::arguments::{InputKind, TransferArguments};
use crate::failure::Failure;
use crate::output::clash::Files;
use crate::output::messages::print_warnings;
use crate::output::progress::Progress;
use crate::output::{command, file_format, stdout_format};
use crate::plot::transfer::Curves;
use crate::plot;
use siegert::files::open_to_read;

use neuron::Subject;
use writer::Writers;

/// Rows that are computed and written at a time.
const BLOCK: usize = 1 << 16;
/// The most points that a grid may have.
const MAX_GRID: usize = 100_000_000;
/// The most points that are drawn.
const MAX_DRAWN: usize = 1_000_000;

/// `siegert transfer [FILE]`.
pub(crate) fn run(arguments: &TransferArguments) -> Result<(), Failure> {
    let file_format = file_format(&arguments.output)?;
    let picture = arguments.plot.picture()?;
    Files::default()
        .input("FILE", arguments.file.as_deref().map(Path::new))
        .input("--points", arguments.points.as_deref())
        .output("--output", arguments.output.output.as_deref())
        .output("--plot", arguments.plot.plot.as_deref())
        .check(arguments.output.quiet)?;
    let subject = neuron::subject(arguments)?;
    let inputs = inputs_of(arguments, &subject)?;
    refuse_missing_jumps(arguments, &inputs)?;
    if picture.is_some() && inputs.len() > MAX_DRAWN {
        return Err(Failure::Input(format!("--plot draws at most {MAX_DRAWN} points, and there are {}", inputs.len())));
    }
    use_threads(arguments.output.threads);
    let evaluator = Evaluator::new(&inputs, subject.neuron, arguments.theory.filter.into());
    let mut provenance = match &subject.network {
        Some(network) => Provenance::new("transfer", network),
        None => Provenance::program("transfer"),
    };
    provenance = provenance.of_theory(arguments.theory.options());
    provenance.command = command();
    let mut writers = Writers::start(&arguments.output, file_format, (&evaluator.columns(), &provenance))?;
    let mut curves = picture.map(|_| Curves::default());
    let mut remarks = Remarks::default();
    let prints = stdout_format(&arguments.output).is_some();
    let mut progress = Progress::new(inputs.len(), arguments.output.quiet, prints);
    for start in (0..inputs.len()).step_by(BLOCK) {
        let block = evaluator.block(&inputs, start..inputs.len().min(start + BLOCK), &mut remarks);
        if let Some(curves) = &mut curves {
            curves.add(&block);
        }
        writers.write(&block)?;
        progress.reached(start + block.len());
    }
    drop(progress);
    let stdout = writers.finish_file()?;
    if let (Some((path, format)), Some(curves)) = (picture, curves) {
        let drawing = curves.draw(&subject.title, &subject.neuron.description(), arguments.log)?;
        plot::write(path, format, &drawing)?;
    }
    stdout.finish()?;
    if !arguments.output.quiet {
        print_warnings(subject.network.iter().flat_map(|network| &network.warnings));
        print_warnings(&remarks.warnings());
    }
    Ok(())
}

/// Single jumps have a size, which is a column of the points.
fn refuse_missing_jumps(arguments: &TransferArguments, inputs: &Inputs) -> Result<(), Failure> {
    if arguments.theory.input == InputKind::SelfConsistent {
        let message = "--input self-consistent is for networks (solve, compare, sweep): a neuron alone hears nobody";
        return Err(Failure::Input(message.to_string()));
    }
    let has_jumps = inputs.columns().iter().any(|input| input.name() == "jump_mv");
    if arguments.theory.input == InputKind::ShotNoise && !has_jumps {
        let message = "--input shot-noise needs the size of the jumps: --jump, as in --jump \"0 mV:2 mV:41\", or --points with a column jump_mv";
        return Err(Failure::Input(message.to_string()));
    }
    Ok(())
}

/// Reads points; `-` is standard input.
fn points(path: &Path, neuron: &TransferNeuron, filter: SynapticFilter) -> Result<Points, Failure> {
    if path.as_os_str() == "-" {
        return Ok(Points::read(std::io::stdin().lock(), "<standard input>", neuron, filter)?);
    }
    let file = BufReader::with_capacity(1 << 16, open_to_read(path)?);
    Ok(Points::read(file, &path.display().to_string(), neuron, filter)?)
}

fn inputs_of(arguments: &TransferArguments, subject: &Subject) -> Result<Inputs, Failure> {
    match (&arguments.points, arguments.mu, arguments.sigma) {
        (Some(path), ..) => Ok(Inputs::Points(points(path, &subject.neuron, arguments.theory.filter.into())?)),
        (None, Some(mu), Some(sigma)) => {
            if sigma.least() < 0.0 {
                return Err(Failure::Input("--sigma: a noise amplitude must not be negative".to_string()));
            }
            let jump = arguments.jump;
            if let Some(jump) = &jump {
                let reason = subject.neuron.no_jumps_since();
                let reason = reason.or((jump.least() < 0.0).then(|| "a size of jumps must not be negative".to_string()));
                reason.map_or(Ok(()), |reason| Err(Failure::Input(format!("--jump: {reason}"))))?;
            }
            let lengths = [Some(mu.len()), Some(sigma.len()), jump.as_ref().map(|jump| jump.len())];
            let lengths: Vec<usize> = lengths.into_iter().flatten().collect();
            match lengths.iter().try_fold(1usize, |product, length| product.checked_mul(*length)) {
                Some(count) if count <= MAX_GRID => Ok(Inputs::Grid { mu, sigma, jump }),
                _ => {
                    let size = lengths.iter().map(usize::to_string).collect::<Vec<_>>().join(" x ");
                    Err(Failure::Input(format!("a grid of {size} points is too large; at most {MAX_GRID} are")))
                }
            }
        }
        _ => Err(Failure::Input(
            "the inputs are missing: --points CSV, or a grid, as in --mu \"0 mV:40 mV:41\" --sigma \"5 mV\""
                .to_string(),
        )),
    }
}

/// All threads of the machine, unless a number is said.
fn use_threads(threads: Option<u16>) {
    if let Some(threads) = threads {
        // Fails only if there are threads already, and none has been started before this.
        let _ = rayon::ThreadPoolBuilder::new().num_threads(threads.into()).build_global();
    }
}
