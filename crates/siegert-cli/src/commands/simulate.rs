//! `siegert simulate`: the spiking network itself, and the statistics of what it does.

use std::path::{Path, PathBuf};

use siegert::Provenance;
use siegert::evolution::{Start, rates_of_start};
use siegert::job::{BESIDE_SPIKES, RecordSpec, SimulationFiles, SimulationOutcome, SpikesFormat};
use siegert::report::SimulationReport;
use siegert::simulation::{StartPotentials, TimeZero};

use crate::arguments::SimulateArguments;
use crate::commands::evolve::kicks_mv;
use crate::commands::read;
use crate::failure::Failure;
use crate::library::{Network, SimulationOptions, TheoryOptions, Work};
use crate::output::clash::Files;
use crate::output::messages::{print_remark, print_warnings};
use crate::output::progress::Progress;
use crate::output::{command, deliver, file_format};
use crate::plot::{self, PictureFormat};
use crate::signals::stop_on_signals;

/// `siegert simulate FILE`.
pub(crate) fn run(arguments: &SimulateArguments) -> Result<(), Failure> {
    let mut files = SimulationFiles {
        spikes: arguments.spikes.clone(),
        records: arguments.records.clone(),
        checkpoint: arguments.checkpoint().map(Path::to_path_buf),
        checkpoint_every_ms: arguments.checkpoint_every_ms(),
        resume: arguments.resume.clone(),
        provenance: Provenance::default(),
    };
    let picture = refuse_files(arguments, &files)?;
    let network = read::network(&arguments.file, &arguments.network)?;
    let work = stop_on_signals()?;
    let options = started(arguments, &network, &work)?;
    files.provenance = of_spikes(&network, &options);
    let outcome = carried_out(&files, &network, &options, (arguments.output.quiet, &work))?;
    let mut report = SimulationReport::new(&network, outcome.simulation);
    report.provenance.command = command();
    let drawn = match (&arguments.plot.plot, picture) {
        (Some(path), Some(format)) => plot::of_simulation(&network, &report.simulation, arguments.plot_kind)
            .and_then(|drawing| plot::write(path, format, &drawing)),
        _ => Ok(()),
    };
    // A picture that fails does not keep the statistics from the user.
    deliver(&arguments.output, &report, SimulationReport::text)?;
    if !arguments.output.quiet {
        print_warnings(&network.warnings);
        print_warnings(&report.simulation.warnings);
    }
    drawn?;
    outcome.stopped.map_or(Ok(()), |message| {
        let way = if files.checkpoint.is_some() { "" } else { "; with --checkpoint PATH a run can be gone on with" };
        Err(Failure::Work(format!("{message}{way}")))
    })
}

/// How the network is to be simulated, from where it is to start: near a state by the rates that the theory has for it.
fn started(arguments: &SimulateArguments, network: &Network, work: &Work) -> Result<SimulationOptions, Failure> {
    let mut options = arguments.options();
    options.kicks_mv = kicks_mv(&arguments.kicks, network)?;
    match arguments.start {
        Start::File => {}
        Start::Reset => options.start = StartPotentials::Reset,
        start @ (Start::State | Start::Numbered(_)) => {
            options.held_rates_hz = rates_of_start(network, start, &TheoryOptions::default(), work)?;
            options.time_zero = TimeZero::Measured;
        }
    }
    Ok(options)
}

/// Simulates for a comparison, without checkpoints; the spikes go to a file if one is named.
pub(super) fn simulated(
    network: &Network,
    options: &SimulationOptions,
    spikes: Option<PathBuf>,
    how: (bool, &Work),
) -> Result<SimulationOutcome, Failure> {
    let provenance = of_spikes(network, options);
    carried_out(&SimulationFiles { spikes, provenance, ..SimulationFiles::default() }, network, options, how)
}

/// What files of spikes and recordings say of themselves: not the command, since a run that was stopped and goes on gives the same bytes.
fn of_spikes(network: &Network, options: &SimulationOptions) -> Provenance {
    let mut provenance = Provenance::new("spikes", network);
    provenance.seed = Some(options.seed);
    provenance
}

/// Simulates with a progress bar, and says what should be known of the files.
fn carried_out(
    files: &SimulationFiles,
    network: &Network,
    options: &SimulationOptions,
    (quiet, work): (bool, &Work),
) -> Result<SimulationOutcome, Failure> {
    let progress = Progress::watching(work, quiet, false);
    let outcome = files.run(network, options, work)?;
    drop(progress);
    if !quiet {
        outcome.remarks.iter().for_each(|remark| print_remark(remark));
    }
    Ok(outcome)
}

/// Refuses a file for spikes that cannot be written.
pub(super) fn refuse_spikes(path: &Path) -> Result<(), Failure> {
    SpikesFormat::of(path)?;
    Ok(())
}

/// Refuses files that cannot be written, or that would be replaced by one another, before anything runs.
fn refuse_files(arguments: &SimulateArguments, run: &SimulationFiles) -> Result<Option<PictureFormat>, Failure> {
    file_format(&arguments.output)?;
    let picture = arguments.plot.plot.as_deref().map(PictureFormat::of).transpose()?;
    arguments.spikes.as_deref().map(refuse_spikes).transpose()?;
    if arguments.checkpoint_every_ms.is_some() && arguments.checkpoint().is_none() {
        let message = "--checkpoint-every needs --checkpoint PATH, the file in which the state is kept";
        return Err(Failure::Input(message.to_string()));
    }
    // A resumed run goes on in its own checkpoint; any other must not be lost.
    let resumed = arguments.resume.as_deref().filter(|_| !run.goes_on_in_its_checkpoint());
    let files = Files::of_network(&arguments.file)
        .input("--resume", resumed)
        .output("--output", arguments.output.output.as_deref())
        .output("--plot", arguments.plot.plot.as_deref())
        .output_with("--spikes", arguments.spikes.as_deref(), &BESIDE_SPIKES)
        .output_with("--checkpoint", arguments.checkpoint(), &[".lock"]);
    let recorded =
        |files: Files, spec: &RecordSpec| files.output_with("--record", Some(spec.to.as_path()), &BESIDE_SPIKES);
    arguments.records.iter().fold(files, recorded).check(arguments.output.quiet)?;
    run.check()?;
    Ok(picture)
}
